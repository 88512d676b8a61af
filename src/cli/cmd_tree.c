/*
 * eyas tree: the processes of a trace over its whole span, as a tree.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/json_writer.h"
#include "cli/command.h"
#include "cli/confine.h"
#include "cli/corpus.h"
#include "cli/look.h"
#include "cli/note_list.h"
#include "cli/progress.h"
#include "cli/select_option.h"
#include "replay/history.h"
#include "trace/trace.h"

/* Deeper ones are shown at this depth with their own in front: lines stay short. */
#define DEEPEST 32

enum { OPT_JSON = 256, OPT_TREE_PID, OPT_RULE, OPT_MARKED };

static const struct option_row rows[] = {
	{ OPT_TREE_PID, "pid", "N",
	  "only this process with its ancestors and descendants (repeatable)" },
	{ 'r', "rules", "PATH",
	  "mark the processes that raise alerts of these rules (repeatable, as in eyas replay)" },
	{ OPT_RULE, "rule", "NAME", "only alerts of rules of this name; * stands for anything" },
	{ OPT_MARKED, "marked", NULL, "only marked processes and their ancestors" },
	{ OPT_JSON, "json", NULL, "print a JSON object a line, with all there is to say" },
	{ 0, NULL, NULL, NULL },
};

static const struct option_spec spec = {
	.usage = "eyas tree [OPTION]... TRACE",
	.about =
		"Prints all processes that were seen in a trace as a tree, each below the process that started it,\n"
		"with when and how it ended, as whom it ran, in which container, and its last command line.",
	.rows = rows,
	.more = "A trace - is standard input.",
};

enum {
	C_PID,
	C_USER,
	C_CONTAINER,
	C_STARTED,
	C_ENDED,
	C_OUTCOME,
	C_ALERT_COUNT,
	C_COMMAND_LINE,
	C_ID,
	C_PARENT,
	C_PPID,
	C_DEPTH,
	C_STATUS,
	C_SIGNAL,
	C_CORE,
	C_UID,
	C_GID,
	C_FIRST_UID,
	C_LOGINUID,
	C_TTY,
	C_CONTAINER_ID,
	C_COMM,
	C_EXEPATH,
	C_IMAGES,
	C_MORE_IMAGES,
	C_EVENTS,
	C_FIRST,
	C_LAST,
	C_ALERTS,
	N_COLUMNS
};

static const struct table_column columns[N_COLUMNS] = {
	[C_PID] = { "PID", "pid", TABLE_RIGHT },
	[C_USER] = { "USER", "user", 0 },
	[C_CONTAINER] = { "CONTAINER", "container", TABLE_OPTIONAL },
	[C_STARTED] = { "STARTED", "started", 0 },
	[C_ENDED] = { "ENDED", "ended", 0 },
	[C_OUTCOME] = { "STATUS", NULL, 0 },
	[C_ALERT_COUNT] = { "ALERTS", "alert_count", TABLE_RIGHT | TABLE_OPTIONAL },
	[C_COMMAND_LINE] = { "COMMAND", "command", TABLE_TREE },
	[C_ID] = { NULL, "id", 0 },
	[C_PARENT] = { NULL, "parent", 0 },
	[C_PPID] = { NULL, "ppid", 0 },
	[C_DEPTH] = { NULL, "depth", 0 },
	[C_STATUS] = { NULL, "status", 0 },
	[C_SIGNAL] = { NULL, "signal", 0 },
	[C_CORE] = { NULL, "core", 0 },
	[C_UID] = { NULL, "uid", 0 },
	[C_GID] = { NULL, "gid", 0 },
	[C_FIRST_UID] = { NULL, "first_uid", 0 },
	[C_LOGINUID] = { NULL, "loginuid", 0 },
	[C_TTY] = { NULL, "tty", 0 },
	[C_CONTAINER_ID] = { NULL, "container_id", 0 },
	[C_COMM] = { NULL, "comm", 0 },
	[C_EXEPATH] = { NULL, "exepath", 0 },
	[C_IMAGES] = { NULL, "images", 0 },
	[C_MORE_IMAGES] = { NULL, "more_images", 0 },
	[C_EVENTS] = { NULL, "events", 0 },
	[C_FIRST] = { NULL, "first_event", 0 },
	[C_LAST] = { NULL, "last_event", 0 },
	[C_ALERTS] = { NULL, "alerts", 0 },
};

/* What one rule said of one process. */
struct mark {
	const struct rule *rule;
	uint64_t count, first_num, first_ts;
};

struct node {
	uint32_t first_child, next_sibling;
	uint64_t alerts;
	bool shown;
	VEC(struct mark) marks;
};

struct tree {
	struct history history;
	VEC(struct node) nodes; /* as the history's records */
	VEC(int64_t) pids;
	bool json, marked;
	/* With rules. */
	struct corpus_options options;
	struct corpus corpus;
	bool has_rules;
	VEC(const char *) rules; /* --rule */
	struct program_run *run;
	struct field_env env;
	struct arena event_arena;
	int *ids;

	struct state *st;
	struct progress progress;
	struct table table;
	struct strbuf text, lead;
};

static struct node *node_of(struct tree *t, uint32_t at)
{
	while (t->nodes.n < t->history.records.n) {
		struct node *n = vec_add(&t->nodes);

		n->first_child = n->next_sibling = HISTORY_NONE;
	}
	return &t->nodes.v[at];
}

static void add_mark(struct node *n, const struct rule *rule, const struct event *ev)
{
	struct mark m = { rule, 1, ev->num, ev->ts };

	n->alerts++;
	for (size_t i = 0; i < n->marks.n; i++) {
		if (n->marks.v[i].rule == rule) {
			n->marks.v[i].count++;
			return;
		}
	}
	vec_push(&n->marks, m);
}

static int on_event(void *arg, struct event_ctx *ctx)
{
	struct tree *t = arg;
	uint32_t at = history_event(&t->history, ctx);
	size_t n;

	if (!t->has_rules)
		return 0;
	arena_reset(&t->event_arena);
	t->env.ctx = ctx;
	n = program_match(t->run, &t->env, false, t->ids);
	if (at == HISTORY_NONE)
		return 0;
	for (size_t i = 0; i < n; i++)
		add_mark(node_of(t, at), ruleset_rule_by_id(t->corpus.rules, t->ids[i]), ctx->ev);
	return 0;
}

static int on_snapshot(void *arg, const struct snapshot *snap)
{
	struct tree *t = arg;

	(void)snap; /* the state has loaded it */
	history_snapshot(&t->history, t->st);
	return 0;
}

/* --- what is shown, in which order ------------------------------------------------------------ */

static const struct process_record *record_of(const struct tree *t, uint32_t at)
{
	return &t->history.records.v[at];
}

struct birth {
	uint64_t ts;
	int64_t pid;
	uint32_t at;
};

static int by_birth(const void *va, const void *vb)
{
	const struct birth *a = va, *b = vb;

	if (a->ts != b->ts)
		return a->ts < b->ts ? -1 : 1;
	if (a->pid != b->pid)
		return a->pid < b->pid ? -1 : 1;
	return a->at < b->at ? -1 : a->at > b->at;
}

/* Links children to parents, the eldest first; returns the first of those without a parent. */
static uint32_t link_all(struct tree *t)
{
	size_t n = t->history.records.n;
	struct birth *v = xcalloc(n + 1, sizeof(*v));
	uint32_t first_root = HISTORY_NONE;

	for (size_t i = 0; i < n; i++) {
		const struct process_record *r = record_of(t, (uint32_t)i);

		v[i] = (struct birth){ r->started, r->pid, (uint32_t)i };
		node_of(t, (uint32_t)i);
	}
	qsort(v, n, sizeof(*v), by_birth);
	for (size_t i = n; i-- > 0;) {
		uint32_t parent = record_of(t, v[i].at)->parent;
		uint32_t *list =
			parent == HISTORY_NONE ? &first_root : &t->nodes.v[parent].first_child;

		t->nodes.v[v[i].at].next_sibling = *list;
		*list = v[i].at;
	}
	free(v);
	return first_root;
}

static bool asked_for(const struct tree *t, int64_t pid)
{
	for (size_t i = 0; i < t->pids.n; i++)
		if (t->pids.v[i] == pid)
			return true;
	return !t->pids.n;
}

static void show_with_ancestors(struct tree *t, uint32_t at)
{
	while (at != HISTORY_NONE && !t->nodes.v[at].shown) {
		t->nodes.v[at].shown = true;
		at = record_of(t, at)->parent;
	}
}

/* A walk over a tree without recursion: fn(node, depth) before its children. */
static void walk(struct tree *t, uint32_t root,
		 void (*fn)(struct tree *t, uint32_t at, unsigned depth))
{
	VEC(uint32_t) stack = { 0 };

	vec_push(&stack, root);
	while (stack.n) {
		uint32_t at = stack.v[stack.n - 1], next;

		if (at == HISTORY_NONE) {
			stack.n--;
			if (stack.n) {
				next = t->nodes.v[stack.v[stack.n - 1]].next_sibling;
				stack.v[stack.n - 1] = stack.n == 1 ? HISTORY_NONE : next;
				if (stack.n == 1)
					break;
			}
			continue;
		}
		fn(t, at, (unsigned)(stack.n - 1));
		next = t->nodes.v[at].first_child;
		vec_push(&stack, next);
	}
	vec_free(&stack);
}

static void show_one(struct tree *t, uint32_t at, unsigned depth)
{
	(void)depth;
	t->nodes.v[at].shown = true;
}

static void choose(struct tree *t)
{
	for (size_t i = 0; i < t->nodes.n; i++) {
		uint32_t at = (uint32_t)i;

		if (t->pids.n && asked_for(t, record_of(t, at)->pid)) {
			walk(t, at, show_one);
			t->nodes.v[at].shown = false;
			show_with_ancestors(t, at);
		} else if (t->marked && t->nodes.v[at].alerts) {
			show_with_ancestors(t, at);
		} else if (!t->pids.n && !t->marked) {
			t->nodes.v[at].shown = true;
		}
	}
}

/* --- rows ------------------------------------------------------------------------------------- */

static void text_if(struct tree *t, size_t column, struct str s)
{
	if (s.n)
		table_text(&t->table, column, s);
}

static void id_if(struct tree *t, size_t column, uint32_t v)
{
	if (v != UINT32_MAX)
		table_uint(&t->table, column, v);
}

static void add_outcome(struct tree *t, const struct process_record *r)
{
	const char *name = signal_name(r->signal);

	strbuf_reset(&t->text);
	if (!r->has_status) {
		strbuf_adds(&t->text, r->ended ? "" : "running");
	} else if (r->signal) {
		if (name)
			strbuf_adds(&t->text, name);
		else
			strbuf_addf(&t->text, "signal %d", r->signal);
		strbuf_adds(&t->text, r->core ? "+core" : "");
		table_text(&t->table, C_SIGNAL, strbuf_str(&t->text));
		table_bool(&t->table, C_CORE, r->core);
	} else {
		strbuf_addi(&t->text, r->status);
		table_int(&t->table, C_STATUS, r->status);
	}
	if (t->text.n)
		table_text(&t->table, C_OUTCOME, strbuf_str(&t->text));
}

static void add_images(struct tree *t, const struct process_record *r)
{
	struct json_writer w;

	if (!r->images.n)
		return;
	strbuf_reset(&t->text);
	json_init(&w, &t->text);
	json_begin_array(&w);
	for (size_t i = 0; i < r->images.n; i++) {
		const struct process_image *im = &r->images.v[i];

		json_begin_object(&w);
		json_member_time(&w, "time", im->ts);
		json_key(&w, "event");
		json_u64(&w, im->num);
		json_key(&w, "command");
		json_str(&w, im->command);
		json_key(&w, "exepath");
		json_str(&w, im->exepath);
		json_end_object(&w);
	}
	json_end_array(&w);
	table_json(&t->table, C_IMAGES, strbuf_str(&t->text));
	if (r->more_images)
		table_uint(&t->table, C_MORE_IMAGES, r->more_images);
}

static void add_alerts(struct tree *t, const struct node *n)
{
	struct json_writer w;

	if (!n->alerts)
		return;
	table_uint(&t->table, C_ALERT_COUNT, n->alerts);
	strbuf_reset(&t->text);
	json_init(&w, &t->text);
	json_begin_array(&w);
	for (size_t i = 0; i < n->marks.n; i++) {
		const struct mark *m = &n->marks.v[i];

		json_begin_object(&w);
		json_key(&w, "rule");
		json_str(&w, m->rule->name);
		json_key(&w, "priority");
		json_strz(&w, priority_name(m->rule->priority));
		json_key(&w, "count");
		json_u64(&w, m->count);
		json_key(&w, "first_event");
		json_u64(&w, m->first_num);
		json_member_time(&w, "first", m->first_ts);
		json_end_object(&w);
	}
	json_end_array(&w);
	table_json(&t->table, C_ALERTS, strbuf_str(&t->text));
}

/* Another child of the same parent that is shown comes behind. */
static bool has_next(const struct tree *t, uint32_t at)
{
	for (at = t->nodes.v[at].next_sibling; at != HISTORY_NONE; at = t->nodes.v[at].next_sibling)
		if (t->nodes.v[at].shown)
			return true;
	return false;
}

/* The lines from the parent: t->lead has three bytes for each ancestor but the root. */
static void set_lead(struct tree *t, uint32_t at, unsigned depth)
{
	bool next = has_next(t, at);

	if (depth > DEEPEST) {
		strbuf_truncate(&t->lead, (size_t)3 * (DEEPEST - 1));
		strbuf_addf(&t->lead, "+%u ", depth - DEEPEST);
		table_lead(&t->table, strbuf_str(&t->lead));
		strbuf_truncate(&t->lead, (size_t)3 * (DEEPEST - 1));
		strbuf_adds(&t->lead, "   ");
		return;
	}
	if (!depth) {
		strbuf_reset(&t->lead);
		return;
	}
	strbuf_truncate(&t->lead, (size_t)3 * (depth - 1));
	strbuf_adds(&t->lead, next ? "|- " : "`- ");
	table_lead(&t->table, strbuf_str(&t->lead));
	strbuf_truncate(&t->lead, (size_t)3 * (depth - 1));
	strbuf_adds(&t->lead, next ? "|  " : "   ");
}

/* A line for each rule, between the process and its children. */
static void add_notes(struct tree *t, uint32_t at, unsigned depth)
{
	const struct node *n = &t->nodes.v[at];
	size_t keep = t->lead.n;
	bool children = false;

	for (uint32_t c = n->first_child; c != HISTORY_NONE && !children;
	     c = t->nodes.v[c].next_sibling)
		children = t->nodes.v[c].shown;
	strbuf_adds(&t->lead, children && depth < DEEPEST ? "|  ! " : "   ! ");
	for (size_t i = 0; i < n->marks.n; i++) {
		const struct mark *m = &n->marks.v[i];

		strbuf_reset(&t->text);
		strbuf_addstr(&t->text, m->rule->name);
		if (m->count > 1)
			strbuf_addf(&t->text, ", %llu times, first", (unsigned long long)m->count);
		strbuf_addf(&t->text, " at event %llu", (unsigned long long)m->first_num);
		table_note(&t->table, strbuf_str(&t->lead), strbuf_str(&t->text));
	}
	strbuf_truncate(&t->lead, keep);
}

static void add_row(struct tree *t, uint32_t at, unsigned depth)
{
	const struct process_record *r = record_of(t, at);
	const struct node *n = &t->nodes.v[at];
	struct table *tab = &t->table;

	if (!n->shown)
		return;
	table_row(tab, STR(""));
	table_int(tab, C_PID, r->pid);
	strbuf_reset(&t->text);
	strbuf_addu(&t->text, r->uid);
	if (r->user.n)
		table_text(tab, C_USER, r->user);
	else if (r->uid != UINT32_MAX)
		table_text(tab, C_USER, strbuf_str(&t->text));
	text_if(t, C_CONTAINER, r->container);
	if (r->started)
		table_time(tab, C_STARTED, r->started);
	if (r->ended)
		table_time(tab, C_ENDED, r->ended);
	add_outcome(t, r);
	add_alerts(t, n);
	text_if(t, C_COMMAND_LINE, r->command);
	table_uint(tab, C_ID, at);
	if (r->parent != HISTORY_NONE)
		table_uint(tab, C_PARENT, r->parent);
	if (r->ppid >= 0)
		table_int(tab, C_PPID, r->ppid);
	table_uint(tab, C_DEPTH, depth);
	id_if(t, C_UID, r->uid);
	id_if(t, C_GID, r->gid);
	if (r->first_uid != r->uid)
		id_if(t, C_FIRST_UID, r->first_uid);
	id_if(t, C_LOGINUID, r->loginuid);
	strbuf_reset(&t->text);
	if (tty_name(r->tty, &t->text))
		table_text(tab, C_TTY, strbuf_str(&t->text));
	text_if(t, C_CONTAINER_ID, r->container_id);
	text_if(t, C_COMM, r->comm);
	text_if(t, C_EXEPATH, r->exepath);
	add_images(t, r);
	table_uint(tab, C_EVENTS, r->events);
	if (r->first_num) {
		table_uint(tab, C_FIRST, r->first_num);
		table_uint(tab, C_LAST, r->last_num);
	}
	set_lead(t, at, depth);
	add_notes(t, at, depth);
}

static int print_tree(struct tree *t, const char *path)
{
	struct strbuf out = STRBUF_INIT;
	uint32_t root = link_all(t);
	int status = EXIT_DONE;

	choose(t);
	table_init(&t->table, columns, N_COLUMNS);
	for (; root != HISTORY_NONE; root = t->nodes.v[root].next_sibling)
		walk(t, root, add_row);
	if (t->json)
		table_print_json(&t->table, &out);
	else
		table_print_text(&t->table, table_terminal_width(), &out);
	if (!table_rows(&t->table))
		fprintf(stderr, "eyas tree: %s: %s\n", path,
			t->pids.n   ? "there is no such process in it"
			: t->marked ? "no process in it raised an alert"
				    : "there is no process in it");
	table_free(&t->table);
	notes_put(path, t->json, &out);
	if ((fwrite(out.s, 1, out.n, stdout) != out.n || fflush(stdout) != 0) && errno != EPIPE) {
		fprintf(stderr, "eyas tree: standard output: %s\n", strerror(errno));
		status = EXIT_FAILED;
	}
	strbuf_release(&out);
	return status;
}

static void on_progress(void *arg, const struct source *src, const struct replay_stats *stats)
{
	struct tree *t = arg;

	progress_visit(&t->progress, src, stats->raw);
}

static int run(struct tree *t, const char *path)
{
	struct replay_visitor v = {
		.arg = t, .event = on_event, .snapshot = on_snapshot, .progress = on_progress
	};
	const struct replay_select all = { 0 };
	struct replay_stats stats = { 0 };
	struct state_options so;
	struct source *src;
	struct diag diag;
	int r, status;

	diag_init(&diag);
	r = trace_open(path, &diag, &src);
	if (r) {
		diag_print(&diag, stderr);
		diag_free(&diag);
		return exit_of_trace(r);
	}
	state_options_default(&so);
	t->st = state_new(&so);
	if (t->has_rules) {
		t->run = program_run_new(ruleset_program(t->corpus.rules));
		t->ids = xcalloc(ruleset_count(t->corpus.rules) + 1, sizeof(*t->ids));
		t->env =
			(struct field_env){ .arena = &t->event_arena, .memory = field_state_new() };
	}
	history_init(&t->history);
	progress_begin(&t->progress);
	r = replay_run(src, t->st, &all, &v, &stats);
	progress_end(&t->progress);
	status = print_tree(t, path);
	diag_print(&diag, stderr);
	if (stats.lost)
		fprintf(stderr,
			"eyas tree: %s: %llu events were lost in recording: processes may be missing, "
			"or their ends\n",
			path, (unsigned long long)stats.lost);
	if (r < 0 && r != -EBADMSG)
		fprintf(stderr, "eyas tree: %s: %s\n", path, strerror(-r));
	history_free(&t->history);
	if (t->has_rules) {
		program_run_free(t->run);
		field_state_free(t->env.memory);
		free(t->ids);
	}
	state_free(t->st);
	source_close(src);
	diag_free(&diag);
	return status != EXIT_DONE ? status : exit_of_trace(r);
}

static int take_option(struct tree *t, const struct option_state *st, int key)
{
	struct rule_selection only = { .match = RULE_MATCH_WILDCARD, .pattern = STR("*") };
	int64_t pid = 0;
	int status;

	switch (key) {
	case OPT_TREE_PID:
		status = option_pid(st, &pid);
		vec_push(&t->pids, pid);
		return status;
	case 'r':
		vec_push(&t->options.rules, st->arg);
		return 0;
	case OPT_RULE:
		if (!t->rules.n)
			vec_push(&t->options.selection, only);
		vec_push(&t->rules, st->arg);
		only.enable = true;
		only.pattern = str_of(st->arg);
		vec_push(&t->options.selection, only);
		return 0;
	case OPT_MARKED:
		t->marked = true;
		return 0;
	default:
		t->json = true;
		return 0;
	}
}

static int parse(struct tree *t, struct option_state *st)
{
	int key, status = 0;

	while (!status && (key = option_next(st)) >= 0)
		status = take_option(t, st, key);
	status = option_outcome(key, status);
	if (status)
		return status;
	if (st->operands.n != 1)
		return option_usage_error(st, "give one trace");
	t->has_rules = t->options.rules.n > 0;
	if ((t->marked || t->rules.n) && !t->has_rules)
		return option_usage_error(st, "give the rules that mark processes: -r RULES");
	return 0;
}

int cmd_tree(int argc, char **argv)
{
	struct tree t = { .text = STRBUF_INIT, .lead = STRBUF_INIT };
	struct option_state st;
	int status;

	option_init(&st, &spec, argc, argv);
	status = parse(&t, &st);
	if (!status) {
		corpus_confine(&t.options, NULL, 0, st.operands.v, 1);
		if (t.has_rules)
			status = corpus_load(&t.corpus, "eyas tree", &t.options, t.options.rules.v,
					     t.options.rules.n);
		for (size_t i = 0; !status && i < t.rules.n; i++)
			if (!strchr(t.rules.v[i], '*') && !corpus_rule(&t.corpus, t.rules.v[i]))
				status = EXIT_USAGE;
		if (!status)
			status = run(&t, st.operands.v[0]);
		if (t.has_rules)
			corpus_free(&t.corpus);
	}
	option_free(&st);
	for (size_t i = 0; i < t.nodes.n; i++)
		vec_free(&t.nodes.v[i].marks);
	vec_free(&t.nodes);
	vec_free(&t.pids);
	vec_free(&t.rules);
	corpus_options_free(&t.options);
	strbuf_release(&t.text);
	strbuf_release(&t.lead);
	arena_destroy(&t.event_arena);
	return status < 0 ? EXIT_DONE : status;
}
