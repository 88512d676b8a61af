/* A moment of a trace as a table; see look.h. */
#include "cli/look.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/text.h"
#include "base/timefmt.h"
#include "cli/command.h"
#include "cli/confine.h"
#include "cli/note_list.h"
#include "cli/select_option.h"

static int moment_option(const struct option_state *st, const char *arg, struct moment *ret)
{
	if (moment_parse(str_of(arg), ret))
		return 0;
	return option_usage_error(
		st,
		"'%s' is not a moment: a time such as 2026-11-21T23:00:41.5Z or @1795302041.5, the "
		"number of an event, or end",
		arg);
}

/* --diff takes two words, the second being the next on the command line. */
static int diff_option(struct look *l, struct option_state *st)
{
	const char *second = st->next < st->argc ? st->argv[st->next] : NULL;
	int status;

	if (!second)
		return option_usage_error(st, "--diff needs two moments");
	status = moment_option(st, st->arg, &l->moments[0]);
	if (!status)
		status = moment_option(st, second, &l->moments[1]);
	if (status)
		return status;
	st->next++;
	if (l->moments[0].kind == l->moments[1].kind && l->moments[0].value > l->moments[1].value)
		return option_usage_error(st, "the first moment of --diff is behind the second");
	l->diff = true;
	return 0;
}

int look_port(struct look *l, const struct option_state *st)
{
	unsigned long long port;

	if (!str_to_u64(str_of(st->arg), &port) || port > 65535)
		return option_usage_error(st, "'%s' is not the number of a port", st->arg);
	l->has_port = true;
	l->port = (uint16_t)port;
	return 0;
}

/* Prints what came into the diag since the last call. */
static void tell(struct look *l)
{
	diag_print_new(&l->diag, &l->told, stderr);
}

/* All operands behind the trace, a blank between. */
static int set_filter(struct look *l, const struct option_state *st)
{
	struct strbuf text = STRBUF_INIT;
	int status = event_filter_words(st, &text);

	if (text.n && !l->view->classes) {
		status = option_usage_error(st, "give one trace");
	} else if (text.n) {
		l->filter = event_filter_of_state(strbuf_str(&text), l->view->classes, &l->diag);
		tell(l);
		status = l->filter ? 0 : EXIT_USAGE;
	}
	strbuf_release(&text);
	return status;
}

static int parse(struct look *l, struct option_state *st)
{
	int64_t pid = 0;
	int key, status = 0;

	while (!status && (key = option_next(st)) >= 0) {
		switch (key) {
		case OPT_AT:
			status = moment_option(st, st->arg, &l->moments[0]);
			break;
		case OPT_DIFF:
			status = diff_option(l, st);
			break;
		case OPT_LOOK_JSON:
			l->json = true;
			break;
		case OPT_PID:
			status = option_pid(st, &pid);
			vec_push(&l->pids, pid);
			break;
		case OPT_LOOK_ALL:
			l->all = true;
			break;
		case OPT_USER:
			l->user = st->arg;
			break;
		case OPT_CONTAINER:
			l->container = st->arg;
			break;
		default:
			status = l->view->option(l, st, key);
		}
	}
	status = option_outcome(key, status);
	if (status)
		return status;
	if (!st->operands.n)
		return option_usage_error(st, "give a trace");
	return set_filter(l, st);
}

static void take(void *arg, size_t i, struct state *st, uint64_t ts, enum moment_place place)
{
	struct look *l = arg;

	table_clear(&l->tables[i]);
	l->table = &l->tables[i];
	l->places[i] = place;
	l->shown = true;
	l->st = st;
	l->ts = l->times[i] = ts;
	l->nums[i] = state_last_num(st);
	l->view->fill(l);
}

static void tell_places(const struct look *l, const char *path, const struct replay_stats *stats)
{
	struct strbuf sb = STRBUF_INIT;

	for (int i = 0; i <= l->diff; i++) {
		if (l->places[i] == MOMENT_INSIDE)
			continue;
		strbuf_reset(&sb);
		text_escape(&sb, str_of(path));
		if (l->places[i] == MOMENT_BEFORE) {
			strbuf_adds(&sb, ": the moment is before the first event");
			strbuf_adds(&sb, ": this is what was found when recording began");
		} else if (l->moments[i].kind == MOMENT_EVENT) {
			strbuf_addf(&sb,
				    ": there are %" PRIu64
				    " events only: this is the end of the trace",
				    stats->events);
		} else {
			strbuf_adds(&sb, ": the trace ends at ");
			time_iso8601(&sb, stats->last_ts, "Z");
			strbuf_adds(&sb, ": this is how it was then");
		}
		fprintf(stderr, "%s: %s\n", l->view->command, sb.s);
	}
	strbuf_release(&sb);
	if (stats->lost)
		fprintf(stderr,
			"%s: %s: %" PRIu64
			" events were lost in recording up to there: what they changed is missing\n",
			l->view->command, path, stats->lost);
}

/* An empty table is an answer, but not one that shows what was asked. */
static void tell_nothing(const struct look *l, const char *path, const struct replay_stats *stats)
{
	bool chosen = l->pids.n || l->user || l->container || l->has_port || l->filter;
	struct strbuf sb = STRBUF_INIT;

	if (table_rows(&l->tables[0]) || (l->diff && table_rows(&l->tables[1])))
		return;
	strbuf_adds(&sb, l->view->command);
	strbuf_adds(&sb, ": ");
	text_escape(&sb, str_of(path));
	strbuf_adds(&sb, ": there is nothing to show");
	if (chosen)
		strbuf_adds(&sb, " of what was selected");
	if (l->diff) {
		strbuf_adds(&sb, " at either moment");
	} else if (l->moments[0].kind == MOMENT_END) {
		strbuf_adds(&sb, " at the end of the trace");
		if (stats->events)
			strbuf_adds(&sb, "; --at looks at another moment");
	} else {
		strbuf_adds(&sb, " at that moment");
	}
	fprintf(stderr, "%s\n", sb.s);
	strbuf_release(&sb);
}

/* Notes about the moment, or about what is between the two. */
static void put_notes(const struct look *l, const char *path, struct strbuf *out)
{
	const struct note_span span = { l->nums[0], l->nums[l->diff], l->times[0],
					l->times[l->diff] };
	struct note_list notes;

	note_list_read(&notes, path);
	note_list_put_span(&notes, &span, l->json, out);
	note_list_free(&notes);
}

static int print(struct look *l, const char *path)
{
	struct strbuf out = STRBUF_INIT;
	unsigned width = table_terminal_width();
	int status = EXIT_DONE;

	if (l->diff && l->json)
		table_diff_json(&l->tables[0], &l->tables[1], &out);
	else if (l->diff)
		table_diff_text(&l->tables[0], &l->tables[1], width, &out);
	else if (l->json)
		table_print_json(&l->tables[0], &out);
	else
		table_print_text(&l->tables[0], width, &out);
	put_notes(l, path, &out);
	if ((fwrite(out.s, 1, out.n, stdout) != out.n || fflush(stdout) != 0) && errno != EPIPE) {
		fprintf(stderr, "%s: standard output: %s\n", l->view->command, strerror(errno));
		status = EXIT_FAILED;
	}
	strbuf_release(&out);
	return status;
}

static void on_progress(void *arg, const struct source *src, const struct replay_stats *stats)
{
	struct look *l = arg;

	progress_visit(&l->progress, src, stats->raw);
}

static int look_at(struct look *l, const char *path)
{
	struct confine_rules rules = { .read = &path, .n_read = strcmp(path, "-") != 0 };
	struct replay_stats stats = { 0 };
	int r, status;

	confine(&rules);
	for (int i = 0; i < 2; i++)
		table_init(&l->tables[i], l->view->columns, l->view->n_columns);
	progress_begin(&l->progress);
	r = moment_replay(path, l->moments, l->diff ? 2 : 1, take, on_progress, l, &l->diag,
			  &stats);
	progress_end(&l->progress);
	event_filter_free(l->filter);
	if (!l->shown) {
		tell(l);
		if (!l->told && r < 0)
			fprintf(stderr, "%s: %s: %s\n", l->view->command, path, strerror(-r));
		return exit_of_trace(r);
	}
	status = print(l, path);
	tell(l);
	tell_places(l, path, &stats);
	tell_nothing(l, path, &stats);
	for (int i = 0; i < 2; i++)
		table_free(&l->tables[i]);
	if (r < 0 && r != -EBADMSG)
		fprintf(stderr, "%s: %s: %s\n", l->view->command, path, strerror(-r));
	return status != EXIT_DONE ? status : exit_of_trace(r);
}

int look_main(const struct look_view *view, int argc, char **argv)
{
	struct look l = { .view = view, .text = STRBUF_INIT };
	struct option_state st;
	int status;

	diag_init(&l.diag);
	option_init(&st, view->spec, argc, argv);
	status = parse(&l, &st);
	if (!status)
		status = look_at(&l, st.operands.v[0]);
	else
		event_filter_free(l.filter);
	option_free(&st);
	vec_free(&l.pids);
	strbuf_release(&l.text);
	arena_destroy(&l.event_arena);
	diag_free(&l.diag);
	return status < 0 ? EXIT_DONE : status;
}
