/*
 * eyas replay: runs rules over traces and prints the alerts.
 *
 * Rules are loaded and compiled first, so that wrong rules are told before a long trace is read.
 * Then the traces are replayed, by replay_parallel_run() or replay_lanes(). Alerts go to a line
 * sink; everything else goes to standard error.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/heap.h"
#include "base/text.h"
#include "base/timefmt.h"
#include "base/xalloc.h"
#include "cli/command.h"
#include "cli/confine.h"
#include "cli/file_kind.h"
#include "cli/replay_impl.h"

static double elapsed(const struct replay *r)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - r->began.tv_sec) +
	       (double)(now.tv_nsec - r->began.tv_nsec) * 1e-9;
}

void replay_say(struct replay *r, struct str text)
{
	struct strbuf out = STRBUF_INIT;
	struct timespec now;
	struct str line;

	progress_end(&r->progress);
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

void replay_sayf(struct replay *r, const char *fmt, ...)
{
	struct strbuf text = STRBUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	strbuf_vaddf(&text, fmt, ap);
	va_end(ap);
	replay_say(r, strbuf_str(&text));
	strbuf_release(&text);
}

static void tell_item(struct replay *r, const struct diag_item *it)
{
	struct strbuf text = STRBUF_INIT;

	if (r->opt.quiet && it->level != DIAG_ERROR)
		return;
	diag_item_text(it, &text);
	replay_say(r, strbuf_str(&text));
	strbuf_release(&text);
}

void replay_tell(struct replay *r)
{
	for (; r->told < r->diag.items.n; r->told++)
		tell_item(r, &r->diag.items.v[r->told]);
}

void replay_tell_all(struct replay *r, const struct diag *diag)
{
	for (size_t i = 0; i < diag->items.n; i++)
		tell_item(r, &diag->items.v[i]);
}

void replay_put(struct replay *r, struct str lines)
{
	progress_end(&r->progress);
	if (r->sink && !r->write_error)
		r->write_error = line_sink_put(r->sink, lines);
	if (r->copy && !r->write_error)
		r->write_error = line_sink_put(r->copy, lines);
}

void replay_show_progress(struct replay *r, const struct source *src, const struct replay_stats *st,
			  uint64_t alerts)
{
	if (r->sink && !r->write_error)
		r->write_error = line_sink_flush(r->sink);
	if (r->copy && !r->write_error)
		r->write_error = line_sink_flush(r->copy);
	if (!progress_due(&r->progress))
		return;
	if (src->size)
		progress_say(&r->progress, "%s: %.1f %%, %llu events, %llu alerts", src->name,
			     100.0 * (double)src->position / (double)src->size,
			     (unsigned long long)st->events, (unsigned long long)alerts);
	else
		progress_say(&r->progress, "%s: %llu events, %llu alerts", src->name,
			     (unsigned long long)st->events, (unsigned long long)alerts);
}

int replay_worst(int a, int b)
{
	return a > b ? a : b;
}

int replay_ended(struct replay *r, const char *trace, int e)
{
	progress_end(&r->progress);
	if (e == -EBADMSG)
		return EXIT_DAMAGED;
	if (e >= 0 || r->write_error)
		return EXIT_DONE;
	replay_sayf(r, "eyas replay: %s: %s", trace, strerror(-e));
	return EXIT_FAILED;
}

/* Without -r: the rules that eyas brings, if they are there. */
static void default_rules(struct replay *r)
{
	struct stat st;

	if (r->opt.rules.n || stat(EYAS_RULES_DIR, &st) < 0)
		return;
	if (!r->opt.quiet)
		replay_sayf(r, "eyas replay: no -r given: using the rules of %s", EYAS_RULES_DIR);
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
		replay_sayf(r,
			    "eyas replay: none of the %zu rules is enabled: there can be no alerts",
			    n);
	else
		replay_sayf(
			r,
			"eyas replay: the files given with -r hold no rules: there can be no alerts");
}

/* A typing mistake in a selection leaves rules on or off that should not be. */
static void tell_unmatched(struct replay *r, const struct rule_selection *step)
{
	if (!r->opt.quiet && ruleset_count(r->rules))
		replay_sayf(r, "eyas replay: no rule %s '%.*s', which the options %s",
			    step->match == RULE_MATCH_TAG         ? "has the tag"
			    : step->match == RULE_MATCH_SUBSTRING ? "has in its name"
								  : "is named",
			    (int)step->pattern.n, step->pattern.p,
			    step->enable ? "switch on" : "switch off");
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
		replay_sayf(
			r,
			"eyas replay: no rules: give some with -r (those of eyas are not installed in %s)",
			EYAS_RULES_DIR);
		return EXIT_USAGE;
	}
	for (size_t i = 0; i < o->rules.n; i++) {
		if (file_looks_like_trace(o->rules.v[i])) {
			replay_sayf(r,
				    "eyas replay: %s is a trace, not rules: give traces without -r",
				    o->rules.v[i]);
			return EXIT_USAGE;
		}
		e = ruleset_add_path(r->rules, o->rules.v[i], &r->diag);
		if (e && !failed)
			failed = e;
	}
	if (!failed)
		failed = ruleset_compile(r->rules, &r->diag);
	replay_tell(r);
	if (failed)
		return failed == -EINVAL ? EXIT_USAGE : EXIT_FAILED;
	for (size_t i = 0; i < o->selection.n; i++)
		if (!ruleset_select(r->rules, &o->selection.v[i]) && i >= o->n_configured)
			tell_unmatched(r, &o->selection.v[i]);
	if (o->has_min_priority)
		ruleset_min_priority(r->rules, o->min_priority);
	tell_if_none(r);
	ruleset_build(r->rules, NULL);
	ruleset_wants(r->rules, &r->wants);
	return EXIT_DONE;
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
	replay_say(r, strbuf_str(&text));
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

/* `eyas replay -o TRACE` is not meant. */
static bool is_lost(struct replay *r, const char *path)
{
	const char *kind = path ? file_not_to_replace(path) : NULL;

	if (kind)
		diag_add(&r->diag, DIAG_ERROR, NULL,
			 "alerts are to be written to %s, which is %s: give another name", path,
			 kind);
	return kind;
}

/* Opens where alerts go; false after saying why not. */
static bool open_sinks(struct replay *r)
{
	const struct replay_options *o = &r->opt;
	bool at_once = wants_lines_at_once(o);

	if (is_lost(r, o->output) || is_lost(r, o->copy)) {
		replay_tell(r);
		return false;
	}
	if (o->output)
		r->sink = line_sink_file(o->output, at_once, &r->diag);
	else if (!o->discard)
		r->sink = line_sink_stdout(at_once);
	else if (!o->quiet)
		replay_sayf(
			r,
			"eyas replay: the configuration switches off all outputs that a replay has: "
			"alerts are only counted (-o - prints them)");
	if (o->copy && r->sink)
		r->copy = line_sink_file(o->copy, at_once, &r->diag);
	replay_tell(r);
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
	replay_sayf(r, "eyas replay: cannot write %s: %s", name, strerror(-e));
	return EXIT_FAILED;
}

static int replay(struct replay *r)
{
	const struct replay_options *o = &r->opt;
	struct replay_parallel *parallel;
	int status;

	heap_make_room();
	if (!open_sinks(r))
		return EXIT_FAILED;
	default_rules(r);
	confine_self(o);
	parallel = replay_parallel_new(r);
	status = load_rules(r);
	if (status != EXIT_DONE) {
		replay_parallel_free(parallel);
		line_sink_drop(r->sink);
		line_sink_drop(r->copy);
		return status;
	}
	replay_rules_init(&r->shared, o, r->rules);
	replay_summary_init(&r->summary, r->rules);
	status = parallel ? replay_parallel_run(parallel) : -1;
	replay_parallel_free(parallel);
	if (status < 0)
		status = replay_lanes(r);
	status = replay_worst(status,
			      finish_sink(r, r->sink, o->output ? o->output : "standard output"));
	status = replay_worst(status, finish_sink(r, r->copy, o->copy));
	tell_summary(r);
	if (r->summary.alerts.failed_on)
		status = replay_worst(status, EXIT_TEST_FAILED);
	return status;
}

int cmd_replay(int argc, char **argv)
{
	struct replay r = { 0 };
	bool go;
	int status;

	clock_gettime(CLOCK_MONOTONIC, &r.began);
	diag_init(&r.diag);
	status = replay_options_parse(argc, argv, &r.opt, &go);
	if (go) {
		progress_begin(&r.progress);
		r.progress.on = r.progress.on && !r.opt.quiet;
		status = replay(&r);
	}
	replay_summary_free(&r.summary);
	replay_rules_free(&r.shared);
	if (r.rules)
		ruleset_free(r.rules);
	diag_free(&r.diag);
	replay_options_free(&r.opt);
	return status;
}
