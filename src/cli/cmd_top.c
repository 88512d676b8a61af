/*
 * eyas top: what of a trace there is most of, by any key.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/json_writer.h"
#include "cli/command.h"
#include "cli/confine.h"
#include "cli/enter_times.h"
#include "cli/event_filter.h"
#include "cli/note_list.h"
#include "cli/progress.h"
#include "cli/select_option.h"
#include "cli/table.h"
#include "cli/top_table.h"
#include "event/event_io.h"
#include "fields/field.h"
#include "trace/trace.h"

#define DEFAULT_ROWS 10
#define DEFAULT_KEYS 100000
#define MAX_FIELDS   8 /* of a key */

enum { OPT_BY = 256, OPT_SORT, OPT_MAX_KEYS, OPT_JSON };

static const struct option_row rows[] = {
	{ OPT_BY, "by", "KEY",
	  "process, file, connection, container, user, syscall, error, or fields (repeatable)" },
	{ OPT_SORT, "sort", "count|bytes|errors|time",
	  "what the largest is told by (default: count)" },
	{ 'n', "rows", "N", "rows of each table (default: 10; 0: all)" },
	{ OPT_MAX_KEYS, "max-keys", "N",
	  "keys held of each table (default: 100000); beyond, sums are bounds" },
	{ OPT_JSON, "json", NULL, "print a JSON object a line" },
	SELECT_OPTION_ROWS,
	{ 0, NULL, NULL, NULL },
};

static const struct option_spec spec = {
	.usage = "eyas top [OPTION]... TRACE [FILTER]",
	.about =
		"Tells what of a trace there is most of: events, bytes read and written, errors and time in calls, by\n"
		"process, file, connection and so on, or by any fields; of all events, or those for which FILTER,\n"
		"a condition as in rules, is true.",
	.rows = rows,
	.more = "A trace - is standard input. Without --by there is a short table of each kind.",
};

/* The keys that have a name. */
static const struct named_key {
	const char *name, *fields, *condition; /* events it is of; NULL: all */
} named_keys[] = {
	{ "process", "proc.pid,proc.name", NULL },
	{ "file", "fd.name", "fd.type in (file, directory)" },
	{ "connection", "fd.l4proto,fd.name", "fd.type in (ipv4, ipv6) and fd.name contains :" },
	{ "container", "container.id,container.name", NULL },
	{ "user", "user.uid,user.name", NULL },
	{ "syscall", "evt.type", "syscall.type exists" },
	{ "error", "evt.type,evt.res", "evt.failed = true" },
};

static const char *const metric_names[] = { "count", "bytes", "errors", "time" };

struct grouping {
	const char *name; /* as given */
	struct field_ref fields[MAX_FIELDS];
	size_t n_fields;
	struct event_filter *condition; /* or NULL */
	struct top_table top;
};

struct top {
	struct arena options, event_arena;
	VEC(struct grouping) groups;
	VEC(const char *) by;
	struct event_filter *filter; /* or NULL */
	struct replay_select select;
	enum top_metric sort;
	uint64_t rows, max_keys;
	bool json;
	const struct source *file; /* the trace */
	struct progress progress;

	struct enter_times *times;
	struct field_env env;
	struct diag diag;
	size_t told;
	uint64_t events;
	struct strbuf key, text;
};

/* --- the command line ------------------------------------------------------------------------- */

static int add_field(struct top *t, struct grouping *g, const struct option_state *st,
		     struct str word)
{
	struct str arg = { NULL, 0 }, name = word;
	ptrdiff_t at = str_chr(word, '[');
	struct strbuf near = STRBUF_INIT;
	const char *wrong;
	int status;

	if (g->n_fields == MAX_FIELDS)
		return option_usage_error(st, "--by %s: a key has %d fields at most", g->name,
					  MAX_FIELDS);
	if (at >= 0 && word.p[word.n - 1] == ']') {
		name.n = (size_t)at;
		arg = (struct str){ word.p + at + 1, word.n - (size_t)at - 2 };
	}
	wrong = field_resolve(name, arg.p != NULL, arg, &t->options, &g->fields[g->n_fields]);
	if (!wrong) {
		g->fields[g->n_fields].id = (uint32_t)(t->groups.n * MAX_FIELDS + g->n_fields);
		g->n_fields++;
		return 0;
	}
	if (!field_find(name))
		field_nearest(name, &near);
	status = option_usage_error(st, "--by %.*s: %s%s%s", STR_FMT(word), wrong,
				    near.n ? "; near it are: " : "", near.s);
	strbuf_release(&near);
	return status;
}

static int add_group(struct top *t, const struct option_state *st, const char *name)
{
	struct grouping g = { .name = name };
	struct str list = str_of(name), word;
	int status = 0;

	for (size_t i = 0; i < sizeof(named_keys) / sizeof(named_keys[0]); i++) {
		if (strcmp(named_keys[i].name, name) != 0)
			continue;
		list = str_of(named_keys[i].fields);
		if (named_keys[i].condition)
			g.condition = event_filter_new(str_of(named_keys[i].condition), &t->diag);
	}
	while (!status && str_split(&list, ',', &word)) {
		word = str_trim(word);
		if (word.n)
			status = add_field(t, &g, st, word);
	}
	if (!status && !g.n_fields)
		status = option_usage_error(st, "--by names no field");
	if (status) {
		event_filter_free(g.condition);
		return status;
	}
	top_init(&g.top, t->sort, (size_t)t->max_keys);
	vec_push(&t->groups, g);
	return 0;
}

static int add_groups(struct top *t, const struct option_state *st)
{
	int status = 0;

	for (size_t i = 0; !status && i < t->by.n; i++)
		status = add_group(t, st, t->by.v[i]);
	for (size_t i = 0; !status && !t->by.n && i < sizeof(named_keys) / sizeof(named_keys[0]);
	     i++)
		status = add_group(t, st, named_keys[i].name);
	return status;
}

static int take_number(const struct option_state *st, uint64_t least, uint64_t most, uint64_t *ret)
{
	unsigned long long v;

	if (!str_to_u64(str_of(st->arg), &v) || v < least || v > most)
		return option_usage_error(st, "'%s' is not a number from %llu to %llu", st->arg,
					  (unsigned long long)least, (unsigned long long)most);
	*ret = v;
	return 0;
}

static int take_sort(struct top *t, const struct option_state *st)
{
	for (int i = 0; i < TOP_N_METRICS; i++) {
		if (strcmp(st->arg, metric_names[i]) == 0) {
			t->sort = (enum top_metric)i;
			return 0;
		}
	}
	return option_usage_error(st, "--sort is one of count, bytes, errors, time");
}

/* Prints what came into the diag since the last call. */
static void tell(struct top *t)
{
	diag_print_new(&t->diag, &t->told, stderr);
}

static int set_filter(struct top *t, const struct option_state *st)
{
	int status = event_filter_of_operands(st, &t->diag, &t->filter);

	tell(t);
	return status;
}

static int parse(struct top *t, struct option_state *st)
{
	int key, status = 0;

	while (!status && (key = option_next(st)) >= 0) {
		switch (key) {
		case OPT_BY:
			vec_push(&t->by, st->arg);
			break;
		case OPT_SORT:
			status = take_sort(t, st);
			break;
		case 'n':
			status = take_number(st, 0, UINT32_MAX, &t->rows);
			break;
		case OPT_MAX_KEYS:
			status = take_number(st, 1, 10000000, &t->max_keys);
			break;
		case OPT_JSON:
			t->json = true;
			break;
		default:
			status = option_select(st, key, &t->select);
		}
	}
	status = option_outcome(key, status);
	if (status)
		return status;
	if (!st->operands.n)
		return option_usage_error(st, "give a trace");
	status = add_groups(t, st);
	return status ? status : set_filter(t, st);
}

/* --- counting --------------------------------------------------------------------------------- */

/* Key of the event in hand into t->key: each value, told apart from a missing one. False: no field
 * has a value. */
static bool make_key(struct top *t, const struct grouping *g)
{
	bool any = false;

	strbuf_reset(&t->key);
	for (size_t i = 0; i < g->n_fields; i++) {
		struct values vals = { .arena = &t->event_arena };

		if (!field_extract(&g->fields[i], &t->env, &vals)) {
			strbuf_add(&t->key, "\0\0", 2);
			continue;
		}
		any = true;
		strbuf_addc(&t->key, '\1');
		strbuf_reset(&t->text);
		values_text(&g->fields[i], &vals, &t->text);
		/* A NUL in a value is none of the ends of values. */
		for (size_t k = 0; k < t->text.n; k++) {
			strbuf_addc(&t->key, t->text.s[k]);
			if (!t->text.s[k])
				strbuf_addc(&t->key, '\1');
		}
		strbuf_add(&t->key, "\0\0", 2);
	}
	return any;
}

/* The values of a key as JSON members, for when it is printed. */
static void key_json(struct top *t, const struct grouping *g, struct strbuf *out)
{
	struct json_writer w;

	strbuf_reset(out);
	json_init(&w, out);
	json_begin_object(&w);
	for (size_t i = 0; i < g->n_fields; i++) {
		struct values vals = { .arena = &t->event_arena };

		if (!field_extract(&g->fields[i], &t->env, &vals))
			continue;
		json_key_str(&w, g->fields[i].text);
		values_json(&g->fields[i], &vals, &w);
	}
	json_end_object(&w);
}

static int on_event(void *arg, struct event_ctx *ctx)
{
	uint64_t sum[TOP_N_METRICS] = { 1 };
	struct top *t = arg;
	struct event_io io;
	struct top_entry *e;
	int64_t res;
	bool timed, is_new;

	arena_reset(&t->event_arena);
	if (t->filter && !event_filter_match(t->filter, ctx, &t->event_arena))
		return 0;
	t->events++;
	t->env.ctx = ctx;
	if (event_io(ctx->ev, &io))
		sum[TOP_BYTES] = io.bytes;
	sum[TOP_ERRORS] = event_retval(ctx->ev, &res) && res < 0;
	timed = enter_times_last(t->times, &sum[TOP_TIME]);
	for (size_t i = 0; i < t->groups.n; i++) {
		struct grouping *g = &t->groups.v[i];

		if (g->condition && !event_filter_match(g->condition, ctx, &t->event_arena))
			continue;
		if (!make_key(t, g))
			continue;
		e = top_add(&g->top, strbuf_str(&t->key), sum, timed, &is_new);
		if (is_new && t->json) {
			key_json(t, g, &t->text);
			top_text(e, strbuf_str(&t->text));
		}
	}
	return 0;
}

/* --- output ----------------------------------------------------------------------------------- */

/* The next value of a key as text; *rest moves behind it. */
static void next_value(struct str *rest, struct strbuf *out)
{
	size_t i = 0;
	bool missing = rest->n && rest->p[0] == '\0';

	strbuf_reset(out);
	if (missing) {
		strbuf_adds(out, "<NA>");
		*rest = str_from(*rest, 2);
		return;
	}
	for (i = 1; i + 1 < rest->n && !(rest->p[i] == '\0' && rest->p[i + 1] == '\0'); i++) {
		strbuf_addc(out, rest->p[i]);
		if (!rest->p[i])
			i++;
	}
	*rest = str_from(*rest, i + 2);
}

static void seconds(struct strbuf *out, uint64_t ns)
{
	strbuf_addu(out, ns / 1000000000u);
	strbuf_addc(out, '.');
	strbuf_addu_pad(out, ns / 1000 % 1000000u, 6);
}

enum { C_SHARE, C_COUNT, C_BYTES, C_ERRORS, C_TIME, C_MORE, N_FIXED };

static const struct table_column fixed[N_FIXED] = {
	[C_SHARE] = { "%", NULL, TABLE_RIGHT },
	[C_COUNT] = { "COUNT", NULL, TABLE_RIGHT },
	[C_BYTES] = { "BYTES", NULL, TABLE_RIGHT },
	[C_ERRORS] = { "ERRORS", NULL, TABLE_RIGHT },
	[C_TIME] = { "TIME", NULL, TABLE_RIGHT | TABLE_OPTIONAL },
	[C_MORE] = { "AT MOST", NULL, TABLE_RIGHT | TABLE_OPTIONAL },
};

static void add_sums(struct top *t, struct table *tab, const struct top_table *top,
		     const uint64_t sum[TOP_N_METRICS], uint64_t timed, uint64_t error)
{
	uint64_t total = top->total[top->metric];

	strbuf_reset(&t->text);
	strbuf_addf(&t->text, "%.1f",
		    total ? 100.0 * (double)sum[top->metric] / (double)total : 0.0);
	table_text(tab, C_SHARE, strbuf_str(&t->text));
	table_uint(tab, C_COUNT, sum[TOP_COUNT]);
	table_uint(tab, C_BYTES, sum[TOP_BYTES]);
	table_uint(tab, C_ERRORS, sum[TOP_ERRORS]);
	if (timed) {
		strbuf_reset(&t->text);
		seconds(&t->text, sum[TOP_TIME]);
		table_text(tab, C_TIME, strbuf_str(&t->text));
	}
	if (error) {
		strbuf_reset(&t->text);
		if (top->metric == TOP_TIME)
			seconds(&t->text, sum[TOP_TIME] + error);
		else
			strbuf_addu(&t->text, sum[top->metric] + error);
		table_text(tab, C_MORE, strbuf_str(&t->text));
	}
}

/* Rows to print, and the sums of all that is not in them. */
static size_t cut(const struct top *t, const struct top_table *top, uint64_t rest[TOP_N_METRICS],
		  uint64_t *ret_timed)
{
	size_t n = top->heap.n;

	if (t->rows && n > t->rows)
		n = (size_t)t->rows;
	memcpy(rest, top->total, sizeof(top->total));
	*ret_timed = top->timed;
	for (size_t i = 0; i < n; i++) {
		for (int m = 0; m < TOP_N_METRICS; m++)
			rest[m] -= top->heap.v[i]->sum[m];
		*ret_timed -= top->heap.v[i]->timed;
	}
	return n;
}

/* Whatever was dropped or is not among the first n cannot be larger than the least of these. */
static bool ranking_is_sure(const struct top_table *top, size_t n)
{
	uint64_t most_other = 0, least;

	if (!top->evicted)
		return true;
	if (!n || n == top->heap.n)
		return false;
	least = top->heap.v[n - 1]->rank;
	for (size_t i = n; i < top->heap.n; i++)
		if (top->heap.v[i]->rank + top->heap.v[i]->error > most_other)
			most_other = top->heap.v[i]->rank + top->heap.v[i]->error;
	return least >= most_other;
}

static void group_text(struct top *t, const struct grouping *g, struct strbuf *out)
{
	struct table_column columns[N_FIXED + MAX_FIELDS];
	char titles[MAX_FIELDS][64];
	uint64_t rest[TOP_N_METRICS], timed;
	size_t n = cut(t, &g->top, rest, &timed);
	struct table tab;

	memcpy(columns, fixed, sizeof(fixed));
	for (size_t i = 0; i < g->n_fields; i++) {
		snprintf(titles[i], sizeof(titles[i]), "%.*s", STR_FMT(g->fields[i].text));
		columns[N_FIXED + i] = (struct table_column){ titles[i], NULL, 0 };
	}
	table_init(&tab, columns, N_FIXED + g->n_fields);
	for (size_t i = 0; i < n; i++) {
		const struct top_entry *e = g->top.heap.v[i];
		struct str key = e->key;

		table_row(&tab, STR(""));
		add_sums(t, &tab, &g->top, e->sum, e->timed, e->error);
		for (size_t k = 0; k < g->n_fields; k++) {
			next_value(&key, &t->text);
			table_text(&tab, N_FIXED + k, strbuf_str(&t->text));
		}
	}
	if (rest[TOP_COUNT]) {
		table_row(&tab, STR(""));
		add_sums(t, &tab, &g->top, rest, timed, 0);
		strbuf_reset(&t->text);
		strbuf_addf(&t->text, "(%s%zu other%s)", g->top.evicted ? "at least " : "",
			    g->top.heap.n - n, g->top.heap.n - n == 1 ? "" : "s");
		table_text(&tab, N_FIXED, strbuf_str(&t->text));
	}
	strbuf_addf(out, "by %s\n", g->name);
	table_print_text(&tab, table_terminal_width(), out);
	if (g->top.evicted)
		strbuf_addf(out, "more than %zu keys: sums are at least what is shown; %s\n",
			    g->top.cap,
			    ranking_is_sure(&g->top, n) ? "these are the largest for sure"
							: "others may be as large (--max-keys)");
	table_free(&tab);
}

static void sums_json(const uint64_t sum[TOP_N_METRICS], uint64_t timed, struct json_writer *w)
{
	json_key(w, "count");
	json_u64(w, sum[TOP_COUNT]);
	json_key(w, "bytes");
	json_u64(w, sum[TOP_BYTES]);
	json_key(w, "errors");
	json_u64(w, sum[TOP_ERRORS]);
	json_key(w, "timed");
	json_u64(w, timed);
	if (timed) {
		json_key(w, "time_ns");
		json_u64(w, sum[TOP_TIME]);
	}
}

static void group_json(struct top *t, const struct grouping *g, struct strbuf *out)
{
	uint64_t rest[TOP_N_METRICS], timed;
	size_t n = cut(t, &g->top, rest, &timed);
	struct json_writer w;

	for (size_t i = 0; i < n; i++) {
		const struct top_entry *e = g->top.heap.v[i];

		json_init(&w, out);
		json_begin_object(&w);
		json_key(&w, "by");
		json_strz(&w, g->name);
		json_key(&w, "key");
		json_raw(&w, e->text);
		sums_json(e->sum, e->timed, &w);
		if (e->error) {
			json_key(&w, "at_most_more");
			json_u64(&w, e->error);
		}
		json_end_object(&w);
		strbuf_addc(out, '\n');
	}
	if (!rest[TOP_COUNT])
		return;
	json_init(&w, out);
	json_begin_object(&w);
	json_key(&w, "by");
	json_strz(&w, g->name);
	json_key(&w, "others");
	json_u64(&w, g->top.heap.n - n);
	json_key(&w, "keys_dropped");
	json_bool(&w, g->top.evicted > 0);
	json_key(&w, "ranking_sure");
	json_bool(&w, ranking_is_sure(&g->top, n));
	sums_json(rest, timed, &w);
	json_end_object(&w);
	strbuf_addc(out, '\n');
}

static int print(struct top *t, const char *path)
{
	struct strbuf out = STRBUF_INIT;
	int status = EXIT_DONE;
	bool first = true;

	for (size_t i = 0; i < t->groups.n; i++) {
		struct grouping *g = &t->groups.v[i];

		top_sort(&g->top);
		/* A kind of which there is nothing is only shown when it was asked for. */
		if (!t->by.n && !g->top.heap.n)
			continue;
		if (t->json) {
			group_json(t, g, &out);
			continue;
		}
		strbuf_adds(&out, first ? "" : "\n");
		group_text(t, g, &out);
		first = false;
	}
	notes_put(path, t->json, &out);
	if ((fwrite(out.s, 1, out.n, stdout) != out.n || fflush(stdout) != 0) && errno != EPIPE) {
		fprintf(stderr, "eyas top: standard output: %s\n", strerror(errno));
		status = EXIT_FAILED;
	}
	strbuf_release(&out);
	return status;
}

static void tell_gaps(const struct top *t, const char *path, const struct replay_stats *stats)
{
	uint64_t timed = 0;

	for (size_t i = 0; i < t->groups.n; i++)
		timed += t->groups.v[i].top.timed;
	if (t->sort == TOP_TIME && !timed)
		fprintf(stderr,
			"eyas top: %s: how long calls took is not known: the trace has no enter events\n",
			path);
	if (stats->lost)
		fprintf(stderr, "eyas top: %s: %llu events were lost in recording\n", path,
			(unsigned long long)stats->lost);
}

static void on_progress(void *arg, const struct source *src, const struct replay_stats *stats)
{
	struct top *t = arg;

	(void)src; /* that which takes the times knows no place in the file */
	progress_visit(&t->progress, t->file, stats->raw);
}

static int run(struct top *t, const char *path)
{
	struct confine_rules rules = { .read = &path, .n_read = strcmp(path, "-") != 0 };
	struct replay_visitor v = { .arg = t, .event = on_event, .progress = on_progress };
	struct replay_stats stats = { 0 };
	struct state_options so;
	struct source *src;
	struct state *st;
	int r, status;

	confine(&rules);
	r = trace_open(path, &t->diag, &src);
	tell(t);
	if (r)
		return exit_of_trace(r);
	t->file = src;
	t->times = enter_times_new(src, &src);
	state_options_default(&so);
	st = state_new(&so);
	t->env = (struct field_env){
		.arena = &t->event_arena,
		.memory = field_state_new(),
		.for_output = true,
	};
	progress_begin(&t->progress);
	r = replay_run(src, st, &t->select, &v, &stats);
	progress_end(&t->progress);
	status = print(t, path);
	tell(t);
	tell_gaps(t, path, &stats);
	if (r < 0 && r != -EBADMSG)
		fprintf(stderr, "eyas top: %s: %s\n", path, strerror(-r));
	/* What filters remember of threads is the state's. */
	event_filter_free(t->filter);
	t->filter = NULL;
	for (size_t i = 0; i < t->groups.n; i++) {
		event_filter_free(t->groups.v[i].condition);
		t->groups.v[i].condition = NULL;
	}
	field_state_free(t->env.memory);
	state_free(st);
	source_close(src);
	return status != EXIT_DONE ? status : exit_of_trace(r);
}

int cmd_top(int argc, char **argv)
{
	struct top t = { .rows = DEFAULT_ROWS,
			 .max_keys = DEFAULT_KEYS,
			 .key = STRBUF_INIT,
			 .text = STRBUF_INIT };
	struct option_state st;
	int status;

	diag_init(&t.diag);
	option_init(&st, &spec, argc, argv);
	status = parse(&t, &st);
	if (!status)
		status = run(&t, st.operands.v[0]);
	event_filter_free(t.filter);
	for (size_t i = 0; i < t.groups.n; i++) {
		event_filter_free(t.groups.v[i].condition);
		top_free(&t.groups.v[i].top);
	}
	vec_free(&t.groups);
	vec_free(&t.by);
	option_free(&st);
	strbuf_release(&t.key);
	strbuf_release(&t.text);
	arena_destroy(&t.options);
	arena_destroy(&t.event_arena);
	diag_free(&t.diag);
	return status < 0 ? EXIT_DONE : status;
}
