/*
 * acts: the notable acts of a trace, in order, each once.
 *
 * Layer: cli. What `eyas timeline` shows: logins, listeners, connections, changes of privilege,
 * files that were written and then executed, places that outlive a reboot, deletions, and the
 * alerts of rules. What one event shows is a row of act_list.def, a rule's condition; what takes
 * two is remembered here. Acts that only repeat one are counted with the first.
 */
#ifndef EYAS_ACTS_H
#define EYAS_ACTS_H

#include "base/arena.h"
#include "base/hashmap.h"
#include "base/vec.h"
#include "cli/corpus.h"
#include "replay/history.h"

#define ACTS_MAX 200000 /* different ones that are kept; more are counted */

struct act {
	uint64_t ts, num, count; /* of the first one; how many there were */
	uint64_t last_ts;
	const char *kind; /* "login", "alert" ...: a row's, or one of acts.c */
	struct str text;
	/* Who did it; pid is -1 when it is not known. */
	int64_t pid;
	struct str comm, command, user, container;
	/* Alerts only. */
	const struct rule *rule;
};

struct acts {
	VEC(struct act) list;
	uint64_t more; /* not kept */
	struct arena arena;
	struct strmap known;    /* kind, process and text -> number in list + 1 */
	struct strmap written;  /* path -> who wrote it last */
	struct strmap executed; /* paths that were executed */
	uint64_t unwatched;     /* files and programs beyond what is remembered */
	struct u64map uids;     /* pid -> uid + 1 */
	struct strbuf text, key;
	int *ids;
	/* Takes the alerts, of each event the first as `eyas replay` does; NULL: all of them are
	 * acts as the others. */
	void (*alert)(void *arg, const struct rule *rule);
	void *alert_arg;
};

/* The rules that acts_event() needs, as YAML, to be loaded before others; the caller frees it. */
void acts_rules(struct strbuf *out);
/* How many these are: the first of the ruleset. */
size_t acts_rule_count(void);
void acts_init(struct acts *a, const struct corpus *c);
void acts_free(struct acts *a);
/* A section has begun: who everybody is at its beginning. */
void acts_section(struct acts *a, const struct state *st);
/* The event in hand of the corpus, which was loaded with acts_rules() as `builtin`. */
void acts_event(struct acts *a, struct corpus *c);
/* The notes about something up to event `num` at `ts`; UINT64_MAX, UINT64_MAX: those that are left.
 */
struct note_list;
void acts_notes(struct acts *a, struct note_list *notes, uint64_t num, uint64_t ts);
void acts_loss(struct acts *a, const struct loss *loss);

#endif
