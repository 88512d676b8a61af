/*
 * eyas replay: runs rules over traces and prints the alerts.
 *
 * Rules are loaded and compiled first, so that wrong rules are told before a long trace is read.
 * Then each trace goes through replay_run(), and this file's visitor hands each event to the
 * program. Alerts go to a line sink; everything else goes to standard error.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "base/timefmt.h"
#include "base/xalloc.h"
#include "cli/command.h"
#include "cli/confine.h"
#include "cli/file_kind.h"
#include "cli/replay_options.h"
#include "cli/replay_summary.h"
#include "output/line_sink.h"
#include "trace/trace.h"

#define LOSS_TITLE "Falco internal: syscall event drop"

/* What is read one after the other: traces of one kind. Lanes are merged by time. */
struct lane {
	VEC(const char *) traces;
	VEC(struct source *) open; /* by position in traces: opened early, or NULL */
	size_t next;               /* trace to open next */

	/* Of the trace (or the sequence of traces) in hand. */
	const char *trace;
	struct source *src;
	struct replay_walk *walk;
	struct replay_stats stats;
	struct program_run *run;
	struct state *state;
	struct field_env env;
};

enum { LANE_SYSCALL, LANE_K8S_AUDIT, N_LANES };

struct replay {
	struct replay_options opt;
	struct diag diag;
	size_t told; /* items of diag already printed */
	struct ruleset *rules;
	struct event_wants wants;      /* of the rules */
	struct line_sink *sink, *copy; /* either may be NULL */
	struct strbuf line;
	struct replay_summary summary;
	size_t *position; /* of a condition's rule in the ruleset */
	int *ids;         /* room for all conditions */

	struct lane lanes[N_LANES];
	struct lane *lane;  /* of the event in hand */
	struct arena arena; /* of the event in hand */
	int write_error;
	bool stop, failed_on;

	/* Progress, on a terminal. */
	bool progress, progress_shown;
	struct timespec began;
	double progress_at;
};

static double elapsed(const struct replay *r)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - r->began.tv_sec) +
	       (double)(now.tv_nsec - r->began.tv_nsec) * 1e-9;
}

static void clear_progress(struct replay *r)
{
	if (r->progress_shown)
		fputs("\r\033[K", stderr);
	r->progress_shown = false;
}

/* Lines to standard error, each with the time of day in front if so asked. */
static void say(struct replay *r, struct str text)
{
	struct strbuf out = STRBUF_INIT;
	struct timespec now;
	struct str line;

	clear_progress(r);
	clock_gettime(CLOCK_REALTIME, &now);
	while (str_split(&text, '\n', &line)) {
		if (!line.n && !text.p)
			break;
		if (r->opt.log_time) {
			struct strbuf t = STRBUF_INIT;

			time_iso8601(&t, (uint64_t)now.tv_sec * 1000000000u, "");
			/* Whole seconds: nothing here is worth more digits. */
			strbuf_addf(&out, "%.19s+0000: ", t.s);
			strbuf_release(&t);
		}
		strbuf_addstr(&out, line);
		strbuf_addc(&out, '\n');
	}
	fwrite(out.s, 1, out.n, stderr);
	strbuf_release(&out);
}

static void sayf(struct replay *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void sayf(struct replay *r, const char *fmt, ...)
{
	struct strbuf text = STRBUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	strbuf_vaddf(&text, fmt, ap);
	va_end(ap);
	say(r, strbuf_str(&text));
	strbuf_release(&text);
}

/* Prints what came into the diag since the last call; warnings not when quiet. */
static void tell(struct replay *r)
{
	struct strbuf text = STRBUF_INIT;

	for (; r->told < r->diag.items.n; r->told++) {
		const struct diag_item *it = &r->diag.items.v[r->told];

		if (r->opt.quiet && it->level != DIAG_ERROR)
			continue;
		strbuf_reset(&text);
		diag_item_text(it, &text);
		say(r, strbuf_str(&text));
	}
	strbuf_release(&text);
}

static void put_line(struct replay *r)
{
	clear_progress(r);
	if (r->sink && !r->write_error)
		r->write_error = line_sink_put(r->sink, strbuf_str(&r->line));
	if (r->copy && !r->write_error)
		r->write_error = line_sink_put(r->copy, strbuf_str(&r->line));
}

static void raise_alert(struct replay *r, const struct rule *rule, int id)
{
	struct alert a = { rule, &r->lane->env, r->lane->trace };

	strbuf_reset(&r->line);
	alert_line(&a, &r->opt.alert, &r->line);
	put_line(r);
	r->summary.alerts[r->position[id]]++;
	r->summary.by_priority[rule->priority]++;
	r->summary.total++;
	if (r->opt.has_fail_on && rule->priority <= r->opt.fail_on)
		r->failed_on = true;
}

/* Takes the actions of a second that lost too many events. */
static void act_on_loss(struct replay *r, const struct loss_second *sec)
{
	const struct internal_field fields[] = {
		{ "n_drops", sec->lost },
		{ "n_evts", sec->seen },
	};
	struct strbuf text = STRBUF_INIT;

	strbuf_addf(&text, LOSS_TITLE ". %llu system calls dropped in last second.",
		    (unsigned long long)sec->lost);
	if (r->opt.loss.actions & LOSS_ACTION_ALERT) {
		struct internal_alert a = {
			.ts = sec->ts,
			.priority = PRIORITY_DEBUG,
			.rule = STR(LOSS_TITLE),
			.text = strbuf_str(&text),
			.fields = fields,
			.n_fields = sizeof(fields) / sizeof(fields[0]),
			.trace = r->lane->trace,
		};

		strbuf_reset(&r->line);
		internal_alert_line(&a, &r->opt.alert, &r->line);
		put_line(r);
	}
	if (r->opt.loss.actions & LOSS_ACTION_LOG)
		say(r, strbuf_str(&text));
	if (r->opt.loss.actions & LOSS_ACTION_EXIT) {
		sayf(r,
		     "eyas replay: stopped: too many events were lost in a second: %llu (--on-loss exit)",
		     (unsigned long long)sec->lost);
		r->stop = true;
	}
	strbuf_release(&text);
}

static int on_event(void *arg, struct event_ctx *ctx)
{
	struct replay *r = arg;
	struct loss_second sec;
	size_t n;

	if (loss_policy_event(&r->opt.loss, ctx->ev->ts, &sec))
		act_on_loss(r, &sec);
	r->lane->env.ctx = ctx;
	arena_reset(&r->arena);
	n = program_match(r->lane->run, &r->lane->env, !r->opt.match_all, r->ids);
	for (size_t i = 0; i < n; i++)
		raise_alert(r, ruleset_rule_by_id(r->rules, r->ids[i]), r->ids[i]);
	if (r->write_error)
		return r->write_error;
	return r->stop ? 1 : 0;
}

static void on_loss(void *arg, const struct loss *loss)
{
	struct replay *r = arg;

	loss_policy_loss(&r->opt.loss, loss);
}

/*
 * Every few thousand events: hands on the alerts so far, so that little is lost when the replay is
 * interrupted; and, once it takes longer than a second, tells how far it is, five times a second.
 */
static void on_progress(void *arg, const struct source *src, const struct replay_stats *st)
{
	struct replay *r = arg;
	double now;

	if (r->sink && !r->write_error)
		r->write_error = line_sink_flush(r->sink);
	if (r->copy && !r->write_error)
		r->write_error = line_sink_flush(r->copy);
	if (!r->progress)
		return;
	now = elapsed(r);
	if (now < 1 || now - r->progress_at < 0.2)
		return;
	r->progress_at = now;
	fprintf(stderr, "\r\033[K%s: ", src->name);
	if (src->size)
		fprintf(stderr, "%.1f %%, ", 100.0 * (double)src->position / (double)src->size);
	fprintf(stderr, "%llu events, %llu alerts", (unsigned long long)st->events,
		(unsigned long long)r->summary.total);
	fflush(stderr);
	r->progress_shown = true;
}

/* What went wrong worst: could not do it, then damage, then alerts at or above --fail-on. */
static int worst(int a, int b)
{
	return a > b ? a : b;
}

/* Forgets everything that belongs to a trace. */
static void drop_trace_state(struct lane *l)
{
	if (!l->state)
		return;
	program_run_free(l->run);
	field_state_free(l->env.memory);
	state_free(l->state);
	l->run = NULL;
	l->env.memory = NULL;
	l->state = NULL;
}

static void new_trace_state(struct replay *r, struct lane *l)
{
	struct state_options so;

	state_options_default(&so);
	l->state = state_new(&so);
	l->run = program_run_new(ruleset_program(r->rules));
	l->env = (struct field_env){ .arena = &r->arena, .memory = field_state_new() };
}

/* The next trace of a lane that can be opened; false when there is none left. */
static bool open_next(struct replay *r, struct lane *l, int *status)
{
	const struct replay_visitor v = {
		.arg = r,
		/* What is lost is compared with all events of its second. */
		.wants = r->opt.loss.actions ? NULL : &r->wants,
		.event = on_event,
		.loss = on_loss,
		.progress = on_progress,
	};
	int e = -1;

	while (e && l->next < l->traces.n) {
		l->trace = l->traces.v[l->next];
		l->src = l->open.v[l->next];
		l->open.v[l->next++] = NULL;
		e = l->src ? 0 : trace_open(l->trace, &r->diag, &l->src);
		tell(r);
		if (e)
			*status = worst(*status, exit_of_trace(e));
	}
	if (e)
		return false;
	if (!l->state)
		new_trace_state(r, l);
	l->stats = (struct replay_stats){ 0 };
	l->walk = replay_walk_new(l->src, l->state, &r->opt.select, &v, &l->stats);
	return true;
}

/* A trace is at its end, or left; `e` is what ended it. */
static void close_trace(struct replay *r, struct lane *l, int e, int *status)
{
	replay_walk_free(l->walk);
	l->walk = NULL;
	clear_progress(r);
	tell(r);
	if (e == -EBADMSG) {
		*status = worst(*status, EXIT_DAMAGED);
	} else if (e < 0 && !r->write_error) {
		sayf(r, "eyas replay: %s: %s", l->trace, strerror(-e));
		*status = worst(*status, EXIT_FAILED);
	}
	if (r->opt.as_one && l->next < l->traces.n) {
		replay_summary_add(&r->summary, &l->stats, NULL);
	} else {
		replay_summary_add(&r->summary, &l->stats, state_stats(l->state));
		drop_trace_state(l);
	}
	source_close(l->src);
	l->src = NULL;
}

/* The lane's next record is there, *ret_ts is its time; false when all its traces are read. */
static bool lane_peek(struct replay *r, struct lane *l, uint64_t *ret_ts, int *status)
{
	int e;

	for (;;) {
		if (!l->walk && !open_next(r, l, status))
			return false;
		r->lane = l;
		e = replay_walk_peek(l->walk, ret_ts);
		if (e == 1)
			return true;
		close_trace(r, l, e, status);
	}
}

/* Takes the records of all lanes in order of time; of equal times, the first lane's first. */
static int replay_lanes(struct replay *r)
{
	int status = EXIT_DONE, e;

	while (!r->stop && !r->write_error) {
		struct lane *first = NULL;
		uint64_t first_ts = 0, ts;

		for (size_t i = 0; i < N_LANES; i++) {
			if (!lane_peek(r, &r->lanes[i], &ts, &status))
				continue;
			if (!first || ts < first_ts) {
				first = &r->lanes[i];
				first_ts = ts;
			}
		}
		if (!first)
			break;
		r->lane = first;
		e = replay_walk_step(first->walk);
		if (e)
			close_trace(r, first, e < 0 ? e : 0, &status);
	}
	for (size_t i = 0; i < N_LANES; i++)
		if (r->lanes[i].walk)
			close_trace(r, &r->lanes[i], 0, &status);
	return status;
}

/* What is read from it to look at it is gone. */
static bool is_pipe(const char *path)
{
	struct stat st;

	return str_eqz(str_of(path), "-") || (stat(path, &st) == 0 && !S_ISREG(st.st_mode));
}

/*
 * Puts each trace in the lane of its kind. What can be read only once is opened for that, and stays
 * open. With traces of one kind only there is nothing to be merged: no need to look.
 */
static int fill_lanes(struct replay *r)
{
	size_t n = r->opt.traces.n;
	int status = EXIT_DONE, e;

	for (size_t i = 0; i < n; i++) {
		const char *path = r->opt.traces.v[i];
		struct source *src = NULL;
		struct lane *l = &r->lanes[LANE_SYSCALL];

		if (n > 1 && !is_pipe(path)) {
			if (trace_format_of_file(path) == TRACE_K8S_AUDIT)
				l = &r->lanes[LANE_K8S_AUDIT];
		} else if (n > 1) {
			e = trace_open(path, &r->diag, &src);
			tell(r);
			if (e) {
				status = worst(status, exit_of_trace(e));
				continue;
			}
			if (strcmp(src->format, "k8s_audit") == 0)
				l = &r->lanes[LANE_K8S_AUDIT];
		}
		vec_push(&l->traces, path);
		vec_push(&l->open, src);
	}
	return status;
}

static void free_lanes(struct replay *r)
{
	for (size_t i = 0; i < N_LANES; i++) {
		struct lane *l = &r->lanes[i];

		drop_trace_state(l);
		for (size_t k = 0; k < l->open.n; k++)
			source_close(l->open.v[k]);
		vec_free(&l->open);
		vec_free(&l->traces);
	}
}

/* Without -r: the rules that eyas brings, if they are there. */
static void default_rules(struct replay *r)
{
	struct stat st;

	if (r->opt.rules.n || stat(EYAS_RULES_DIR, &st) < 0)
		return;
	if (!r->opt.quiet)
		sayf(r, "eyas replay: no -r given: using the rules of %s", EYAS_RULES_DIR);
	vec_push(&r->opt.rules, EYAS_RULES_DIR);
}

/* From here on, only rules and traces can be read, and nothing can be written but the output. */
static void confine_self(const struct replay_options *o)
{
	VEC(const char *) paths = { 0 };
	struct confine_rules rules;

	for (size_t i = 0; i < o->rules.n; i++)
		vec_push(&paths, o->rules.v[i]);
	for (size_t i = 0; i < o->traces.n; i++)
		vec_push(&paths, o->traces.v[i]);
	rules = (struct confine_rules){ paths.v, paths.n };
	confine(&rules);
	vec_free(&paths);
}

/* A replay without rules is silent: that must not look like a trace without incidents. */
static void tell_if_none(struct replay *r)
{
	size_t n = ruleset_count(r->rules);

	if (r->opt.quiet)
		return;
	for (size_t i = 0; i < n; i++)
		if (ruleset_rule(r->rules, i)->selected)
			return;
	if (n)
		sayf(r, "eyas replay: none of the %zu rules is enabled: there can be no alerts", n);
	else
		sayf(r,
		     "eyas replay: the files given with -r hold no rules: there can be no alerts");
}

/* Loads, checks and selects the rules; an exit_status. */
static int load_rules(struct replay *r)
{
	struct replay_options *o = &r->opt;
	struct ruleset_options ro = {
		.suggested_output = o->suggested_output,
		.appends = o->appends.v,
		.n_appends = o->appends.n,
	};
	int e, failed = 0;

	ruleset_options_known(&ro);
	r->rules = ruleset_new(&ro);
	if (!o->rules.n) {
		sayf(r,
		     "eyas replay: no rules: give some with -r (those of eyas are not installed in %s)",
		     EYAS_RULES_DIR);
		return EXIT_USAGE;
	}
	for (size_t i = 0; i < o->rules.n; i++) {
		if (file_looks_like_trace(o->rules.v[i])) {
			sayf(r, "eyas replay: %s is a trace, not rules: give traces without -r",
			     o->rules.v[i]);
			return EXIT_USAGE;
		}
		e = ruleset_add_path(r->rules, o->rules.v[i], &r->diag);
		if (e && !failed)
			failed = e;
	}
	if (!failed)
		failed = ruleset_compile(r->rules, &r->diag);
	tell(r);
	if (failed)
		return failed == -EINVAL ? EXIT_USAGE : EXIT_FAILED;
	for (size_t i = 0; i < o->selection.n; i++)
		ruleset_select(r->rules, &o->selection.v[i]);
	if (o->has_min_priority)
		ruleset_min_priority(r->rules, o->min_priority);
	tell_if_none(r);
	ruleset_build(r->rules, NULL);
	ruleset_wants(r->rules, &r->wants);
	return EXIT_DONE;
}

static void index_rules(struct replay *r)
{
	size_t n = ruleset_count(r->rules);

	r->position = xcalloc(n + 1, sizeof(*r->position));
	r->ids = xcalloc(n + 1, sizeof(*r->ids));
	for (size_t i = 0; i < n; i++) {
		const struct rule *rule = ruleset_rule(r->rules, i);

		if (rule->id >= 0)
			r->position[rule->id] = i;
	}
}

static void tell_summary(struct replay *r)
{
	const struct loss_policy *policy = r->opt.loss.actions ? &r->opt.loss : NULL;
	struct strbuf text = STRBUF_INIT;

	r->summary.seconds = elapsed(r);
	if (r->opt.quiet || r->opt.summary == SUMMARY_NONE || !r->summary.traces)
		return;
	if (r->opt.summary == SUMMARY_JSON)
		replay_summary_json(&r->summary, policy, &text);
	else
		replay_summary_text(&r->summary, policy, &text);
	say(r, strbuf_str(&text));
	strbuf_release(&text);
}

/* Alerts go out at once when somebody may be waiting for them. */
static bool wants_lines_at_once(const struct replay_options *o)
{
	for (size_t i = 0; i < o->traces.n; i++)
		if (str_eqz(str_of(o->traces.v[i]), "-"))
			return true;
	return !o->output && isatty(STDOUT_FILENO);
}

/* Opens where alerts go; false after saying why not. */
static bool open_sinks(struct replay *r)
{
	const struct replay_options *o = &r->opt;
	bool at_once = wants_lines_at_once(o);

	if (o->output)
		r->sink = line_sink_file(o->output, at_once, &r->diag);
	else if (!o->discard)
		r->sink = line_sink_stdout(at_once);
	else if (!o->quiet)
		sayf(r,
		     "eyas replay: the configuration switches off all outputs that a replay has: "
		     "alerts are only counted (-o - prints them)");
	if (o->copy && r->sink)
		r->copy = line_sink_file(o->copy, at_once, &r->diag);
	tell(r);
	if ((r->sink || o->discard) && (r->copy || !o->copy))
		return true;
	line_sink_drop(r->sink);
	return false;
}

/* Hands on what is left; an exit_status. */
static int finish_sink(struct replay *r, struct line_sink *sink, const char *name)
{
	int e = sink ? line_sink_finish(sink) : 0;

	if (!e)
		return EXIT_DONE;
	sayf(r, "eyas replay: cannot write %s: %s", name, strerror(-e));
	return EXIT_FAILED;
}

static int replay(struct replay *r)
{
	const struct replay_options *o = &r->opt;
	int status;

	if (!open_sinks(r))
		return EXIT_FAILED;
	default_rules(r);
	confine_self(o);
	status = load_rules(r);
	if (status != EXIT_DONE) {
		line_sink_drop(r->sink);
		line_sink_drop(r->copy);
		return status;
	}
	index_rules(r);
	replay_summary_init(&r->summary, r->rules);
	status = fill_lanes(r);
	status = worst(status, replay_lanes(r));
	free_lanes(r);
	status = worst(status, finish_sink(r, r->sink, o->output ? o->output : "standard output"));
	status = worst(status, finish_sink(r, r->copy, o->copy));
	tell_summary(r);
	if (r->failed_on)
		status = worst(status, EXIT_TEST_FAILED);
	return status;
}

int cmd_replay(int argc, char **argv)
{
	struct replay r = { .line = STRBUF_INIT };
	bool go;
	int status;

	clock_gettime(CLOCK_MONOTONIC, &r.began);
	diag_init(&r.diag);
	arena_init(&r.arena);
	status = replay_options_parse(argc, argv, &r.opt, &go);
	if (go) {
		r.progress = !r.opt.quiet && isatty(STDERR_FILENO);
		status = replay(&r);
	}
	replay_summary_free(&r.summary);
	free(r.position);
	free(r.ids);
	strbuf_release(&r.line);
	if (r.rules)
		ruleset_free(r.rules);
	arena_destroy(&r.arena);
	diag_free(&r.diag);
	replay_options_free(&r.opt);
	return status;
}
