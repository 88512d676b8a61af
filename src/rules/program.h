/*
 * program: checked conditions as one predicate graph, specialised per event type, and its
 * evaluation.
 *
 * Layer: rules. All conditions of a ruleset go into one graph; equal predicates and equal
 * sub-expressions are one node (hash-consed). For an event type the graph is folded with what the
 * type decides (evt.type, TYPE-scope fields); conditions that become false are left out. Values of
 * nodes are remembered for the event in hand, THREAD-scope ones with the thread.
 */
#ifndef EYAS_PROGRAM_H
#define EYAS_PROGRAM_H

#include "base/diag.h"
#include "event/event.h"
#include "fields/field.h"
#include "rules/condition.h"

struct program;

/* What is wrong with (or worth saying about) a condition, as the loader reports it. */
struct check_problem {
	bool is_error;
	struct text_pos pos;
	const char *message; /* in the arena given to program_add */
	const char *hint;    /* what to do about it, or NULL */
};

typedef VEC(struct check_problem) check_problems;

struct program *program_new(void);
void program_free(struct program *p);
/* Values given by hand that take the place of fields in what is added from now on; they must
 * outlive the program. */
struct stand_ins;
void program_stand_ins(struct program *p, const struct stand_ins *s);

/* What is added from now on are conditions of rules of this source: only its fields are known. */
void program_source(struct program *p, enum event_source source);

/*
 * Checks a macro-free condition (fields, arguments, operators against types, constants) and adds it
 * to the graph. Returns its number (from 0), or -1 with at least one error in *problems. Warnings
 * are added also on success. The tree may be dropped afterwards, but
 * for those of macros (ast.shared), which are known by their address.
 */
int program_add(struct program *p, const struct ast *cond, struct arena *a,
		check_problems *problems);

/*
 * After all have been added: builds the per-type programs. `enabled` says by condition for events
 * of which sources it takes part, a bit 1 << enum event_source each (NULL: all, for all events);
 * may be called again with another selection.
 */
void program_build(struct program *p, const uint8_t *enabled);

/*
 * Which events a condition of a built program may match, as far as types, system calls, and
 * whether memory sizes and payload are looked at, go. `payload`: by condition, whether what was
 * read or written is looked at when it matches. Borrowed from the program until its next build.
 */
void program_wants(const struct program *p, const bool *payload, struct event_wants *ret);

/*
 * One replay's evaluation state over a program. It remembers values with the threads and interned
 * strings of the struct state it evaluates on: a state belongs to one run, and is not used with
 * another.
 */
struct program_run;
struct program_run *program_run_new(const struct program *p);
void program_run_free(struct program_run *r);

/* Forgets all that was remembered: a test that what is remembered makes no difference. */
void program_forget(struct program_run *r);

/*
 * Evaluates for the event in hand; conditions come in order of their numbers. With `first_only`
 * stops at the first match. Returns the number of matches, written to ret_ids (room for all
 * conditions).
 */
size_t program_match(struct program_run *r, const struct field_env *env, bool first_only,
		     int *ret_ids);
/*
 * Whether a condition may match the event of an open, of which `env` says the arena and the memory;
 * see state_judge_opens(). Between events: the event in hand is none then.
 */
enum open_verdict program_open(struct program_run *r, const struct field_env *env,
			       const struct state_open *o);
/*
 * The same of an event that uses a descriptor; see state_judge_uses(). What was found is remembered
 * for what the descriptor was then.
 */
bool program_use(struct program_run *r, const struct field_env *env, const struct state_use *u);
/* Two conditions of a built program are the same for every type of event: one node of the graph
 * once it is folded. (Others may still be equal in all that can happen.) */
bool program_same(const struct program *p, int a, int b);
/* One condition alone (eyas filter, tests). */
bool program_eval(struct program_run *r, const struct field_env *env, int id);

/*
 * The same in steps: takes the event in hand, then gives any number of conditions' values for it.
 * As program_eval(), each condition with a memory (evt.deltatime) has its own.
 */
void program_begin(struct program_run *r, const struct field_env *env);
bool program_value(struct program_run *r, int id);
/* The condition remembers something from event to event (it has a field such as evt.deltatime). */
bool program_remembers(const struct program *p, int id);
/* The node of a condition: equal ones have the same. */
uint32_t program_node(const struct program *p, int id);

/* Event types a condition can accept, reasoning on evt.type and evt.num only: a bit per type. */
struct event_set {
	uint64_t w[(EVENT_N_TYPES + 63) / 64];
};
static inline bool event_set_has(const struct event_set *s, unsigned type)
{
	return type < EVENT_N_TYPES && (s->w[type / 64] >> (type % 64) & 1);
}
void program_event_set(const struct program *p, int id, struct event_set *ret);
/* The same of a tree. NULL, or why it cannot be said (evt.type under a transformer or compared with
 * a field). */
const char *condition_event_set(const struct ast *cond, struct event_set *ret);
/* A comparison with "<NA>" of a field that never is "<NA>". */
bool condition_unsafe_na(const struct ast *check);
/* Warnings about what compiles but hardly means what was meant: such comparisons, deprecated
 * fields. */
void condition_lint(const struct ast *n, struct arena *a, check_problems *out);
/* A name that evt.type can have: of an event or of a system call. */
bool event_name_known(struct str name);
/* Regular expressions given up because of the match limit. */
uint64_t program_run_given_up(const struct program_run *r);

/* Text for `eyas rules show --compiled|--program`. */
void program_dump_graph(const struct program *p, struct strbuf *out);
void program_dump_type(const struct program *p, unsigned type, struct strbuf *out);

#endif
