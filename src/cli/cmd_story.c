/*
 * eyas story: where an alert, a process or a file came from, and what came of it.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/json_writer.h"
#include "base/text.h"
#include "base/timefmt.h"
#include "base/xalloc.h"
#include "cli/command.h"
#include "cli/corpus.h"
#include "cli/note_list.h"
#include "cli/story.h"
#include "cli/table.h"
#include "rules/output_format.h"

#define DEFAULT_LIMIT 150
#define DEFAULT_WIDTH 12

enum { OPT_ALERT = 256, OPT_OF_PID, OPT_FILE, OPT_JSON, OPT_DOT, OPT_LIMIT, OPT_WIDTH };

static const struct option_row rows[] = {
	{ OPT_ALERT, "alert", "N", "from the Nth alert of the rules, as eyas replay prints them" },
	{ OPT_OF_PID, "pid", "P", "from a process; of several with this number, the last" },
	{ OPT_FILE, "file", "F", "from a file (its absolute path), or a peer (ADDRESS:PORT)" },
	{ OPT_LIMIT, "limit", "N", "at most N steps in each direction (default: 150)" },
	{ OPT_WIDTH, "width", "N", "at most N steps below one (default: 12)" },
	{ OPT_JSON, "json", NULL, "print one JSON object" },
	{ OPT_DOT, "dot", NULL, "print a graph for Graphviz" },
	CORPUS_OPTION_ROWS,
	{ 0, NULL, NULL, NULL },
};

static const struct option_spec spec = {
	.usage = "eyas story [OPTION]... (-r RULES --alert N | --pid P | --file F) TRACE",
	.about =
		"Tells where something came from: who started a process, what it ran, who wrote that file, which\n"
		"connection brought it; and what came of it: what was started, written, run, removed, spoken to.\n"
		"Nothing goes against time. What says most is shown when not all can be.",
	.rows = rows,
	.more = "A trace - is standard input.",
};

enum start_kind { START_NONE, START_ALERT, START_PID, START_FILE };

struct found_alert {
	const struct rule *rule;
	uint64_t ts, num;
	uint32_t process; /* HISTORY_NONE: none */
	struct strbuf text;
};

struct teller {
	struct corpus corpus;
	struct corpus_options opt;
	struct lineage lineage;
	struct story story;
	enum start_kind from;
	unsigned long long number; /* of the alert, of the process */
	const char *file;
	bool json, dot;
	int *ids;
	uint64_t alerts, last_ts;
	struct found_alert alert;
	struct note_list notes;
};

static int on_event(struct corpus *c, void *arg)
{
	struct teller *x = arg;
	uint32_t process = lineage_event(&x->lineage, &c->env);

	x->last_ts = c->env.ctx->ev->ts;
	if (x->from != START_ALERT || !program_match(c->run, &c->env, true, x->ids))
		return 0;
	if (++x->alerts != x->number)
		return 0;
	x->alert.rule = ruleset_rule_by_id(c->rules, x->ids[0]);
	x->alert.ts = c->env.ctx->ev->ts;
	x->alert.num = c->env.ctx->ev->num;
	x->alert.process = process;
	output_format_text(x->alert.rule->output, &c->env, &x->alert.text);
	return 0;
}

static void on_section(void *arg, struct state *st)
{
	struct teller *x = arg;

	lineage_snapshot(&x->lineage, st);
}

/* What to start from; false after saying why not. */
static bool find_start(struct teller *x, struct story_start *ret)
{
	const struct lineage *l = &x->lineage;

	*ret = (struct story_start){ .is_process = true, .back_until = x->last_ts };
	if (x->from == START_FILE) {
		ret->is_process = false;
		ret->at = lineage_find(l, str_of(x->file));
		if (ret->at != LINEAGE_NONE)
			return true;
		fprintf(stderr,
			"eyas story: nothing in the trace opens, runs or removes the file '%s'%s\n",
			x->file, x->file[0] == '/' ? "" : ": give its absolute path");
		return false;
	}
	if (x->from == START_ALERT) {
		if (!x->alert.rule) {
			fprintf(stderr,
				"eyas story: the rules raise %llu alerts, there is no alert %llu\n",
				(unsigned long long)x->alerts, x->number);
			return false;
		}
		ret->at = x->alert.process;
		ret->back_until = x->alert.ts;
		if (x->alert.process == HISTORY_NONE) {
			fprintf(stderr, "eyas story: the alert's event has no process\n");
			return false;
		}
		ret->forward_from = l->history.records.v[ret->at].started;
		return true;
	}
	for (size_t i = l->history.records.n; i-- > 0;) {
		const struct process_record *r = &l->history.records.v[i];

		if (r->pid != (int64_t)x->number)
			continue;
		ret->at = (uint32_t)i;
		ret->forward_from = r->started;
		return true;
	}
	fprintf(stderr, "eyas story: there is no process %llu in the trace\n", x->number);
	return false;
}

/* ---- what a step is called ---- */

static void step_name(const struct teller *x, const struct story_step *s, struct strbuf *out)
{
	if (s->is_process) {
		const struct process_record *r = &x->lineage.history.records.v[s->at];

		strbuf_addstr(out, r->command.n ? r->command : r->comm);
		return;
	}
	const struct lineage_object *o = &x->lineage.objects.v[s->at];

	strbuf_addstr(out, o->name);
	if (o->container.n)
		strbuf_addf(out, " (in %.*s)", STR_FMT(o->container));
}

static void step_sentence(const struct teller *x, const struct story_step *s, struct strbuf *out)
{
	if (s->relation[0])
		strbuf_addf(out, "%s ", s->relation);
	step_name(x, s, out);
	if (s->bytes)
		strbuf_addf(out, ", %llu bytes", (unsigned long long)s->bytes);
	if (s->again)
		strbuf_adds(out, " (told at its other place)");
	if (s->left_out)
		strbuf_addf(out, " (%llu more below are left out)",
			    (unsigned long long)s->left_out);
}

/* ---- text ---- */

enum { C_TIME, C_EVENT, C_PID, C_USER, C_WHAT, N_COLUMNS };

static const struct table_column columns[N_COLUMNS] = {
	[C_TIME] = { "TIME", NULL, 0 },
	[C_EVENT] = { "EVENT", NULL, TABLE_RIGHT | TABLE_OPTIONAL },
	[C_PID] = { "PID", NULL, TABLE_RIGHT },
	[C_USER] = { "USER", NULL, TABLE_OPTIONAL },
	[C_WHAT] = { "WHAT", NULL, TABLE_TREE },
};

/* The lines of the tree in front of a step. */
static void set_lead(const story_steps *steps, size_t i, struct strbuf *lead)
{
	const struct story_step *s = &steps->v[i];
	bool last = true;

	if (!s->depth)
		return;
	strbuf_truncate(lead, (size_t)3 * (s->depth - 1));
	for (size_t k = i + 1; k < steps->n && steps->v[k].depth >= s->depth; k++)
		last &= steps->v[k].depth != s->depth;
	strbuf_adds(lead, last ? "`- " : "|- ");
}

static void put_steps(const struct teller *x, const story_steps *steps, struct strbuf *out)
{
	struct strbuf text = STRBUF_INIT, lead = STRBUF_INIT;
	struct table t;

	table_init(&t, columns, N_COLUMNS);
	for (size_t i = 0; i < steps->n; i++) {
		const struct story_step *s = &steps->v[i];

		table_row(&t, STR(""));
		if (s->ts)
			table_time(&t, C_TIME, s->ts);
		if (s->num)
			table_uint(&t, C_EVENT, s->num);
		if (s->is_process) {
			const struct process_record *r = &x->lineage.history.records.v[s->at];

			table_int(&t, C_PID, r->pid);
			if (r->user.n)
				table_text(&t, C_USER, r->user);
		}
		strbuf_reset(&text);
		step_sentence(x, s, &text);
		table_text(&t, C_WHAT, strbuf_str(&text));
		set_lead(steps, i, &lead);
		if (s->depth) {
			table_lead(&t, strbuf_str(&lead));
			/* below it, its own line goes on or is over */
			bool more = lead.s[lead.n - 3] == '|';

			strbuf_truncate(&lead, lead.n - 3);
			strbuf_adds(&lead, more ? "|  " : "   ");
		}
	}
	table_print_text(&t, table_terminal_width(), out);
	table_free(&t);
	strbuf_release(&text);
	strbuf_release(&lead);
}

static void put_text(struct teller *x, struct strbuf *out)
{
	if (x->alert.rule) {
		strbuf_addf(out, "alert %llu, at event %llu, ", x->number,
			    (unsigned long long)x->alert.num);
		time_iso8601(out, x->alert.ts, "Z");
		strbuf_addf(out, "\n%s ", priority_name(x->alert.rule->priority));
		text_escape(out, strbuf_str(&x->alert.text));
		strbuf_adds(out, "\n\n");
	}
	strbuf_adds(out, "Where it came from\n\n");
	put_steps(x, &x->story.back, out);
	strbuf_adds(out, "\nWhat came of it\n\n");
	put_steps(x, &x->story.forward, out);
	if (x->notes.notes.v.n)
		strbuf_adds(out, "\nNotes on the trace\n\n");
	note_list_put(&x->notes, UINT64_MAX, UINT64_MAX, false, out);
}

/* ---- JSON ---- */

static void put_step(const struct teller *x, struct json_writer *w, const struct story_step *s,
		     size_t i)
{
	json_begin_object(w);
	json_key(w, "id");
	json_u64(w, i);
	if (s->parent != STORY_NONE) {
		json_key(w, "below");
		json_u64(w, s->parent);
		json_optional_str(w, "relation", str_of(s->relation));
	}
	if (s->is_process) {
		const struct process_record *r = &x->lineage.history.records.v[s->at];

		json_key(w, "kind");
		json_strz(w, "process");
		json_key(w, "pid");
		json_i64(w, r->pid);
		json_optional_str(w, "comm", r->comm);
		json_optional_str(w, "exepath", r->exepath);
		json_optional_str(w, "command", r->command);
		json_optional_str(w, "user", r->user);
		json_optional_str(w, "container", r->container_id);
		json_optional_time(w, "started", r->started);
		json_optional_time(w, "ended", r->ended);
	} else {
		const struct lineage_object *o = &x->lineage.objects.v[s->at];

		json_key(w, "kind");
		json_strz(w, o->is_peer ? "peer" : "file");
		json_optional_str(w, "name", o->name);
		json_optional_str(w, "container", o->container);
	}
	json_optional_time(w, "time", s->ts);
	json_optional_u64(w, "event", s->num);
	json_optional_u64(w, "count", s->count);
	json_optional_u64(w, "bytes", s->bytes);
	if (s->again) {
		json_key(w, "again");
		json_bool(w, true);
	}
	json_optional_u64(w, "left_out", s->left_out);
	json_end_object(w);
}

static void put_json(const struct teller *x, struct strbuf *out)
{
	const story_steps *const lists[] = { &x->story.back, &x->story.forward };
	static const char *const names[] = { "back", "forward" };
	struct json_writer w;

	json_init(&w, out);
	json_begin_object(&w);
	if (x->alert.rule) {
		json_key(&w, "alert");
		json_begin_object(&w);
		json_optional_u64(&w, "number", x->number);
		json_optional_str(&w, "rule", x->alert.rule->name);
		json_optional_str(&w, "priority", str_of(priority_name(x->alert.rule->priority)));
		json_optional_str(&w, "output", strbuf_str(&x->alert.text));
		json_optional_u64(&w, "event", x->alert.num);
		json_optional_time(&w, "time", x->alert.ts);
		json_end_object(&w);
	}
	for (size_t k = 0; k < 2; k++) {
		json_key(&w, names[k]);
		json_begin_array(&w);
		for (size_t i = 0; i < lists[k]->n; i++)
			put_step(x, &w, &lists[k]->v[i], i);
		json_end_array(&w);
	}
	if (x->notes.notes.v.n) {
		json_key(&w, "notes");
		json_begin_array(&w);
		for (size_t i = 0; i < x->notes.notes.v.n; i++)
			note_json(&x->notes.notes.v.v[x->notes.order[i]], &w);
		json_end_array(&w);
	}
	json_key(&w, "complete");
	json_bool(&w, !x->story.cut && !x->lineage.left_out);
	json_end_object(&w);
	strbuf_addc(out, '\n');
}

/* ---- Graphviz ---- */

static void put_dot_name(struct strbuf *out, struct str name)
{
	struct strbuf text = STRBUF_INIT;

	text_escape(&text, name);
	strbuf_addc(out, '"');
	for (size_t i = 0; i < text.n; i++) {
		if (text.s[i] == '"' || text.s[i] == '\\')
			strbuf_addc(out, '\\');
		strbuf_addc(out, text.s[i]);
	}
	strbuf_addc(out, '"');
	strbuf_release(&text);
}

static void put_dot_id(struct strbuf *out, const struct story_step *s)
{
	strbuf_addf(out, "%c%u", s->is_process ? 'p' : 'f', s->at);
}

static void put_dot(const struct teller *x, struct strbuf *out)
{
	const story_steps *const lists[] = { &x->story.back, &x->story.forward };
	struct strbuf name = STRBUF_INIT;

	strbuf_adds(out, "digraph story {\n\trankdir=LR;\n");
	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < lists[k]->n; i++) {
			const struct story_step *s = &lists[k]->v[i];

			if (s->again || (k && !i))
				continue; /* it has its node */
			strbuf_reset(&name);
			step_name(x, s, &name);
			if (s->is_process)
				strbuf_addf(&name, " (%lld)",
					    (long long)x->lineage.history.records.v[s->at].pid);
			strbuf_addc(out, '\t');
			put_dot_id(out, s);
			strbuf_addf(out, " [shape=%s%s, label=",
				    s->is_process                         ? "box"
				    : x->lineage.objects.v[s->at].is_peer ? "diamond"
									  : "note",
				    i ? "" : ", style=bold");
			put_dot_name(out, strbuf_str(&name));
			strbuf_adds(out, "];\n");
		}
	for (size_t k = 0; k < 2; k++)
		for (size_t i = 1; i < lists[k]->n; i++) {
			const struct story_step *s = &lists[k]->v[i];
			const struct story_step *p = &lists[k]->v[s->parent];

			/* from cause to effect */
			strbuf_addc(out, '\t');
			put_dot_id(out, k ? p : s);
			strbuf_adds(out, " -> ");
			put_dot_id(out, k ? s : p);
			strbuf_adds(out, " [label=");
			put_dot_name(out, str_of(s->relation));
			strbuf_adds(out, "];\n");
		}
	strbuf_adds(out, "}\n");
	strbuf_release(&name);
}

/* ---- the command ---- */

static int print(struct teller *x)
{
	struct strbuf out = STRBUF_INIT;
	struct story_start start;
	int status;

	lineage_end(&x->lineage);
	if (!find_start(x, &start))
		return EXIT_FAILED;
	x->story.lineage = &x->lineage;
	story_tell(&x->story, &start);
	if (x->json)
		put_json(x, &out);
	else if (x->dot)
		put_dot(x, &out);
	else
		put_text(x, &out);
	status = corpus_print(&x->corpus, &out);
	if (x->lineage.left_out)
		fprintf(stderr,
			"eyas story: %llu acts were not followed: more than %d processes' files and peers\n",
			(unsigned long long)x->lineage.left_out, LINEAGE_MAX_LINKS);
	strbuf_release(&out);
	return status;
}

static int run(struct teller *x, struct option_state *st)
{
	int status = EXIT_DONE, e;

	corpus_confine(&x->opt, NULL, 0, st->operands.v, 1);
	x->corpus.command = "eyas story";
	x->corpus.opt = &x->opt;
	if (x->from == START_ALERT)
		status = corpus_load(&x->corpus, "eyas story", &x->opt, x->opt.rules.v,
				     x->opt.rules.n);
	if (status)
		return status;
	if (x->corpus.rules)
		x->ids = xcalloc(ruleset_count(x->corpus.rules) + 1, sizeof(*x->ids));
	x->corpus.section = on_section;
	lineage_init(&x->lineage);
	status = corpus_walk(&x->corpus, st->operands.v, 1, on_event, x);
	if (status == EXIT_DONE || status == EXIT_DAMAGED) {
		note_list_read(&x->notes, st->operands.v[0]);
		e = print(x);
		status = e > status ? e : status;
		note_list_free(&x->notes);
	}
	story_free(&x->story);
	lineage_free(&x->lineage);
	return status;
}

static int set_start(struct teller *x, const struct option_state *st, enum start_kind kind)
{
	if (x->from)
		return option_usage_error(st, "give one of --alert, --pid and --file");
	x->from = kind;
	if (kind == START_FILE) {
		x->file = st->arg;
		return EXIT_DONE;
	}
	if (str_to_u64(str_of(st->arg), &x->number) && x->number > 0)
		return EXIT_DONE;
	return option_usage_error(st, "'%s' is not the number of %s", st->arg,
				  kind == START_PID ? "a process" : "an alert");
}

static int set_size(size_t *ret, const struct option_state *st)
{
	unsigned long long n;

	if (!str_to_u64(str_of(st->arg), &n) || n < 1 || n > 100000)
		return option_usage_error(st, "'%s' is not a number from 1 to 100000", st->arg);
	*ret = (size_t)n;
	return EXIT_DONE;
}

static int take_option(struct teller *x, const struct option_state *st, int key)
{
	int status = EXIT_DONE;

	switch (key) {
	case OPT_ALERT:
		return set_start(x, st, START_ALERT);
	case OPT_OF_PID:
		return set_start(x, st, START_PID);
	case OPT_FILE:
		return set_start(x, st, START_FILE);
	case OPT_LIMIT:
		return set_size(&x->story.limit, st);
	case OPT_WIDTH:
		return set_size(&x->story.width, st);
	case OPT_JSON:
		x->json = true;
		return EXIT_DONE;
	case OPT_DOT:
		x->dot = true;
		return EXIT_DONE;
	default:
		corpus_option(&x->opt, st, key, &status);
		return status;
	}
}

static int check_usage(const struct teller *x, const struct option_state *st)
{
	if (!x->from)
		return option_usage_error(st, "say what from: --alert, --pid or --file");
	if (x->from == START_ALERT && !x->opt.rules.n)
		return option_usage_error(st, "give the rules that raise the alert: -r RULES");
	if (x->json && x->dot)
		return option_usage_error(st, "give either --json or --dot");
	if (st->operands.n != 1)
		return option_usage_error(st, "give one trace");
	return EXIT_DONE;
}

int cmd_story(int argc, char **argv)
{
	struct teller x = {
		.story = { .limit = DEFAULT_LIMIT, .width = DEFAULT_WIDTH },
		.alert = { .text = STRBUF_INIT },
	};
	struct option_state st;
	int key, status = EXIT_DONE;

	option_init(&st, &spec, argc, argv);
	while (!status && (key = option_next(&st)) >= 0)
		status = take_option(&x, &st, key);
	status = option_outcome(key, status);
	if (!status)
		status = check_usage(&x, &st);
	if (!status)
		status = run(&x, &st);
	strbuf_release(&x.alert.text);
	free(x.ids);
	corpus_free(&x.corpus);
	corpus_options_free(&x.opt);
	option_free(&st);
	return status < 0 ? EXIT_DONE : status;
}
