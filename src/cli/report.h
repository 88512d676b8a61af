/*
 * report: what `eyas report` tells of a trace, gathered in one pass.
 *
 * Layer: cli. Alerts, notable acts, processes with their files and connections, activity over time,
 * and what info says. Memory grows with the processes, files and connections there are, up to the
 * bounds below, and not with the events; what a bound leaves out is counted, and told in the page.
 */
#ifndef EYAS_REPORT_H
#define EYAS_REPORT_H

#include "cli/activity.h"
#include "cli/acts.h"
#include "cli/connections.h"
#include "cli/note_list.h"
#include "cli/trace_summary.h"
#include "replay/lineage.h"

#define REPORT_ALERTS             20000 /* kept in all, and of one rule */
#define REPORT_ALERTS_OF_RULE     5000
#define REPORT_ACTS               20000 /* shown in all, and of one kind */
#define REPORT_ACTS_OF_KIND       5000
#define REPORT_FILES              400000 /* shown in all, and of one process */
#define REPORT_FILES_OF_ONE       200
#define REPORT_CONNECTIONS_OF_ONE 200

/* Texts belong to the report. */
struct report_alert {
	uint64_t ts, num;
	uint64_t number; /* among all, from 1: as eyas story counts them */
	const struct rule *rule;
	uint32_t process; /* number of a record of the history, or HISTORY_NONE */
	struct str output;
	struct str fields; /* the members of a JSON object */
};

struct report {
	struct corpus *corpus; /* loaded with acts_rules(); borrowed */
	struct trace_summary summary;
	struct note_list notes;
	struct diag diag; /* what was said of the trace */
	struct replay_stats stats;
	struct lineage lineage;
	struct acts acts;
	VEC(uint32_t) act_processes; /* of each act: a record of the history, or HISTORY_NONE */
	VEC(struct report_alert) alerts;
	uint64_t made;   /* alerts, with those that are not kept */
	uint64_t *fired; /* alerts of each rule, by the number of its condition */
	struct connections connections;
	struct activity activity;
	struct arena arena;
	struct strbuf text;
	uint32_t process; /* of the event in hand */
};

/*
 * Reads the trace at `path`. 0; -EBADMSG when it is damaged: what could be read is in the report,
 * or nothing could (summary.trace is NULL then); another -errno: there is none, and `diag` says why
 * if the trace could not be opened. To be freed in any case.
 */
int report_read(struct report *r, struct corpus *c, const char *path);
void report_free(struct report *r);

/* Takes text as it is made; 0 or -errno. */
struct report_output {
	int (*put)(void *arg, struct str text);
	void *arg;
};

/* The report as one JSON object (eyas-report(1)), without a newline; 0, or what `out` returned. */
int report_json(const struct report *r, const struct report_output *out);

#endif
