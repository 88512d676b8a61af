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

#define CONTAINER_PLUGIN_VERSION "0.7.1" /* whose fields ours are */
#define LOSS_TITLE               "Falco internal: syscall event drop"

struct replay {
	struct replay_options opt;
	struct diag diag;
	size_t told; /* items of diag already printed */
	struct ruleset *rules;
	struct line_sink *sink, *copy; /* either may be NULL */
	struct strbuf line;
	struct replay_summary summary;
	size_t *position; /* of a condition's rule in the ruleset */
	int *ids;         /* room for all conditions */

	/* Of the trace (or the sequence of traces) in hand. */
	struct program_run *run;
	struct state *state;
	struct arena arena;
	struct field_env env;
	const char *trace;
	uint64_t trace_events, all_events;
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
	struct alert a = { rule, &r->env, r->trace };

	strbuf_reset(&r->line);
	if (r->opt.alert.json)
		alert_json(&a, &r->opt.alert, &r->line);
	else
		alert_text(&a, &r->opt.alert, &r->line);
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
			.trace = r->trace,
		};

		strbuf_reset(&r->line);
		if (r->opt.alert.json)
			internal_alert_json(&a, &r->opt.alert, &r->line);
		else
			internal_alert_text(&a, &r->opt.alert, &r->line);
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
	r->env.ctx = ctx;
	arena_reset(&r->arena);
	n = program_match(r->run, &r->env, !r->opt.match_all, r->ids);
	for (size_t i = 0; i < n; i++)
		raise_alert(r, ruleset_rule_by_id(r->rules, r->ids[i]), r->ids[i]);
	if (r->write_error)
		return r->write_error;
	return r->stop ? 1 : 0;
}

static void on_loss(void *arg, const struct loss *loss)
{
	struct replay *r = arg;
	uint64_t n = loss->count == UINT64_MAX ? 1 : loss->count;

	r->summary.losses_unknown += loss->count == UINT64_MAX;
	r->summary.lost_by_cause[loss->cause < LOSS_N ? loss->cause : LOSS_UNKNOWN] += n;
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

/* Forgets everything that belongs to a trace. */
static void drop_trace_state(struct replay *r)
{
	if (!r->state)
		return;
	program_run_free(r->run);
	field_state_free(r->env.memory);
	state_free(r->state);
	r->run = NULL;
	r->env.memory = NULL;
	r->state = NULL;
}

static void new_trace_state(struct replay *r)
{
	struct state_options so;

	state_options_default(&so);
	r->state = state_new(&so);
	r->run = program_run_new(ruleset_program(r->rules));
	r->env = (struct field_env){ .arena = &r->arena, .memory = field_state_new() };
}

/* One trace from its beginning to its end; an exit_status. */
static int replay_trace(struct replay *r, const char *path, bool last)
{
	struct replay_visitor v = {
		.arg = r,
		.event = on_event,
		.loss = on_loss,
		.progress = on_progress,
	};
	struct replay_stats stats = { 0 };
	struct source *src;
	int e, status = EXIT_DONE;

	e = trace_open(path, &r->diag, &src);
	tell(r);
	if (e)
		return exit_of_trace(e);
	r->trace = path;
	if (!r->state)
		new_trace_state(r);
	e = replay_run(src, r->state, &r->opt.select, &v, &stats);
	clear_progress(r);
	tell(r);
	if (e == -EBADMSG) {
		stats.damaged = true;
		status = EXIT_DAMAGED;
	} else if (e < 0 && !r->write_error) {
		sayf(r, "eyas replay: %s: %s", path, strerror(-e));
		status = EXIT_FAILED;
	}
	if (r->opt.as_one && !last) {
		replay_summary_add(&r->summary, &stats, NULL);
	} else {
		replay_summary_add(&r->summary, &stats, state_stats(r->state));
		drop_trace_state(r);
	}
	source_close(src);
	return status;
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
		/* container.* comes from what the trace carries: what Falco leaves to a plugin. */
		.plugins = { { "container", CONTAINER_PLUGIN_VERSION } },
		.n_plugins = 1,
	};
	int e, failed = 0;

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
	ruleset_build(r->rules, "syscall");
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

/* What went wrong worst: could not do it, then damage, then alerts at or above --fail-on. */
static int worst(int a, int b)
{
	return a > b ? a : b;
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
	for (size_t i = 0; i < o->traces.n && !r->stop && !r->write_error; i++)
		status = worst(status, replay_trace(r, o->traces.v[i], i + 1 == o->traces.n));
	drop_trace_state(r);
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
