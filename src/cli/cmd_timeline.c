/*
 * eyas timeline: what is worth knowing of a trace, in order.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_writer.h"
#include "base/text.h"
#include "base/timefmt.h"
#include "cli/acts.h"
#include "cli/command.h"
#include "cli/note_list.h"
#include "cli/table.h"

enum { OPT_FORM = 256, OPT_KIND, OPT_JSON };

static const struct option_row rows[] = {
	{ OPT_FORM, "form", "text|timesketch|csv",
	  "lines to read, JSON Lines for Timesketch, or CSV (default: text)" },
	{ OPT_JSON, "json", NULL, "as --form timesketch" },
	{ OPT_KIND, "kind", "KIND", "only acts of this kind (repeatable)" },
	CORPUS_OPTION_ROWS,
	{ 0, NULL, NULL, NULL },
};

static const struct option_spec spec = {
	.usage = "eyas timeline [OPTION]... TRACE",
	.about =
		"Prints what is worth knowing of a trace, in order: logins, listeners, connections, changes of\n"
		"privilege, files written and then executed, places that outlive a reboot, deletions; with rules,\n"
		"their alerts. What one process repeats is printed once, and counted.",
	.rows = rows,
	.more = "A trace - is standard input.",
};

enum form { FORM_TEXT, FORM_TIMESKETCH, FORM_CSV };

/* Kinds, in the words of the option and of timestamp_desc. */
static const struct {
	const char *kind, *description;
} kinds[] = {
	{ "alert", "Rule Alert" },
	{ "connection", "Network Connection" },
	{ "container", "Container Started" },
	{ "crash", "Process Crashed" },
	{ "deletion", "File Deleted" },
	{ "dropped", "Written File Executed" },
	{ "file", "File Mode Changed" },
	{ "injection", "Process Traced" },
	{ "listener", "Listening Started" },
	{ "login", "Logged In" },
	{ "loss", "Events Lost" },
	{ "module", "Kernel Module Loaded" },
	{ "mount", "File System Mounted" },
	{ "namespace", "Namespace Entered" },
	{ "note", "Note" },
	{ "persistence", "Startup Place Written" },
	{ "privilege", "Privilege Changed" },
	{ "program", "Program Executed" },
};
#define N_KINDS (sizeof(kinds) / sizeof(kinds[0]))

struct timeline {
	struct corpus corpus;
	struct corpus_options opt;
	struct strbuf builtin;
	struct acts acts;
	struct note_list notes;
	enum form form;
	VEC(const char *) kinds;
};

static int on_event(struct corpus *c, void *arg)
{
	struct timeline *t = arg;

	acts_notes(&t->acts, &t->notes, c->env.ctx->ev->num, c->env.ctx->ev->ts);
	acts_event(&t->acts, c);
	return 0;
}

static void on_loss(void *arg, const struct loss *loss)
{
	struct timeline *t = arg;

	acts_loss(&t->acts, loss);
}

static void on_section(void *arg, struct state *st)
{
	struct timeline *t = arg;

	acts_section(&t->acts, st);
}

static bool wanted(const struct timeline *t, const struct act *a)
{
	for (size_t i = 0; i < t->kinds.n; i++)
		if (str_eqz(str_of(t->kinds.v[i]), a->kind))
			return true;
	return !t->kinds.n;
}

static const char *description(const struct act *a)
{
	for (size_t i = 0; i < N_KINDS; i++)
		if (str_eqz(str_of(kinds[i].kind), a->kind))
			return kinds[i].description;
	return a->kind;
}

static void message(const struct act *a, struct strbuf *out)
{
	strbuf_reset(out);
	if (a->rule)
		strbuf_addf(out, "%s ", priority_name(a->rule->priority));
	strbuf_addstr(out, a->text); /* what prints it escapes it */
}

enum { C_TIME, C_KIND, C_PID, C_USER, C_CONTAINER, C_COUNT, C_WHAT, N_COLUMNS };

static const struct table_column columns[N_COLUMNS] = {
	[C_TIME] = { "TIME", NULL, 0 },
	[C_KIND] = { "KIND", NULL, 0 },
	[C_PID] = { "PID", NULL, TABLE_RIGHT },
	[C_USER] = { "USER", NULL, TABLE_OPTIONAL },
	[C_CONTAINER] = { "CONTAINER", NULL, TABLE_OPTIONAL },
	[C_COUNT] = { "TIMES", NULL, TABLE_RIGHT | TABLE_OPTIONAL },
	[C_WHAT] = { "WHAT", NULL, 0 },
};

static void put_text(const struct timeline *t, struct strbuf *out)
{
	struct strbuf text = STRBUF_INIT;
	struct table table;

	table_init(&table, columns, N_COLUMNS);
	for (size_t i = 0; i < t->acts.list.n; i++) {
		const struct act *a = &t->acts.list.v[i];

		if (!wanted(t, a))
			continue;
		table_row(&table, STR(""));
		if (a->ts)
			table_time(&table, C_TIME, a->ts);
		table_text(&table, C_KIND, str_of(a->kind));
		if (a->pid >= 0)
			table_int(&table, C_PID, a->pid);
		if (a->user.n)
			table_text(&table, C_USER, a->user);
		if (a->container.n)
			table_text(&table, C_CONTAINER, a->container);
		if (a->count > 1)
			table_uint(&table, C_COUNT, a->count);
		message(a, &text);
		table_text(&table, C_WHAT, strbuf_str(&text));
	}
	table_print_text(&table, table_terminal_width(), out);
	table_free(&table);
	strbuf_release(&text);
}

/* The three members Timesketch wants of each line, and what else there is to search for. */
static void put_timesketch(const struct act *a, struct strbuf *text, struct strbuf *out)
{
	struct json_writer w;

	json_init(&w, out);
	json_begin_object(&w);
	message(a, text);
	json_key(&w, "message");
	json_str(&w, strbuf_str(text));
	strbuf_reset(text);
	time_iso8601(text, a->ts, "+00:00");
	json_key(&w, "datetime");
	json_str(&w, strbuf_str(text));
	json_key(&w, "timestamp_desc");
	json_strz(&w, description(a));
	json_key(&w, "timestamp");
	json_u64(&w, a->ts / 1000);
	json_key(&w, "data_type");
	json_strz(&w, "eyas:act");
	json_key(&w, "kind");
	json_strz(&w, a->kind);
	if (a->num) {
		json_key(&w, "event");
		json_u64(&w, a->num);
	}
	if (a->count > 1) {
		json_key(&w, "count");
		json_u64(&w, a->count);
		strbuf_reset(text);
		time_iso8601(text, a->last_ts, "+00:00");
		json_key(&w, "last");
		json_str(&w, strbuf_str(text));
	}
	if (a->pid >= 0) {
		json_key(&w, "pid");
		json_i64(&w, a->pid);
	}
	json_optional_str(&w, "process", a->comm);
	json_optional_str(&w, "command", a->command);
	json_optional_str(&w, "user", a->user);
	json_optional_str(&w, "container", a->container);
	if (a->rule) {
		json_optional_str(&w, "rule", a->rule->name);
		json_optional_str(&w, "priority", str_of(priority_name(a->rule->priority)));
		json_key(&w, "tag");
		json_begin_array(&w);
		for (size_t i = 0; i < a->rule->tags.n; i++)
			json_str(&w, a->rule->tags.v[i]);
		json_end_array(&w);
	}
	json_end_object(&w);
	strbuf_addc(out, '\n');
}

/* A field of CSV (RFC 4180), escaped as in all output. One that a spreadsheet would take for a
 * formula gets a quote mark in front: what it holds comes from strangers. */
static void csv(struct strbuf *out, struct str value, char end)
{
	struct strbuf text = STRBUF_INIT;

	text_escape(&text, value);
	strbuf_addc(out, '"');
	if (text.n && strchr("=+-@", text.s[0]))
		strbuf_addc(out, '\'');
	for (size_t i = 0; i < text.n; i++) {
		if (text.s[i] == '"')
			strbuf_addc(out, '"');
		strbuf_addc(out, text.s[i]);
	}
	strbuf_addc(out, '"');
	strbuf_addc(out, end);
	strbuf_release(&text);
}

static void put_csv(const struct act *a, struct strbuf *text, struct strbuf *out)
{
	message(a, text);
	csv(out, strbuf_str(text), ',');
	strbuf_reset(text);
	time_iso8601(text, a->ts, "+00:00");
	csv(out, strbuf_str(text), ',');
	csv(out, str_of(description(a)), ',');
	csv(out, str_of(a->kind), ',');
	strbuf_addf(out, "%llu,%llu,", (unsigned long long)a->num, (unsigned long long)a->count);
	if (a->pid >= 0)
		strbuf_addi(out, a->pid);
	strbuf_addc(out, ',');
	csv(out, a->command, ',');
	csv(out, a->user, ',');
	csv(out, a->container, ',');
	csv(out, a->rule ? a->rule->name : STR(""), ',');
	csv(out, a->rule ? str_of(priority_name(a->rule->priority)) : STR(""), '\n');
}

/* By time: an alert can be about an interval that began before what came earlier. */
static int cmp_act(const void *x, const void *y)
{
	const struct act *a = x, *b = y;

	if (a->ts != b->ts)
		return a->ts < b->ts ? -1 : 1;
	return a->num < b->num ? -1 : a->num > b->num;
}

static int print(struct timeline *t)
{
	struct strbuf out = STRBUF_INIT, text = STRBUF_INIT;
	int status;

	if (t->acts.list.n)
		qsort(t->acts.list.v, t->acts.list.n, sizeof(*t->acts.list.v), cmp_act);
	if (t->form == FORM_TEXT)
		put_text(t, &out);
	if (t->form == FORM_CSV)
		strbuf_adds(&out,
			    "message,datetime,timestamp_desc,kind,event,count,pid,command,user,"
			    "container,rule,priority\n");
	for (size_t i = 0; t->form != FORM_TEXT && i < t->acts.list.n; i++) {
		const struct act *a = &t->acts.list.v[i];

		if (!wanted(t, a))
			continue;
		if (t->form == FORM_CSV)
			put_csv(a, &text, &out);
		else
			put_timesketch(a, &text, &out);
	}
	status = corpus_print(&t->corpus, &out);
	if (t->acts.more)
		fprintf(stderr, "eyas timeline: %llu more acts are left out: only %d are kept\n",
			(unsigned long long)t->acts.more, ACTS_MAX);
	if (t->acts.unwatched)
		fprintf(stderr,
			"eyas timeline: %llu files were not watched for being executed or removed: too many "
			"were written or executed before\n",
			(unsigned long long)t->acts.unwatched);
	strbuf_release(&out);
	strbuf_release(&text);
	return status;
}

static int run(struct timeline *t, struct option_state *st)
{
	int status, e;

	acts_rules(&t->builtin);
	t->opt.builtin = strbuf_str(&t->builtin);
	corpus_confine(&t->opt, NULL, 0, st->operands.v, 1);
	status = corpus_load(&t->corpus, "eyas timeline", &t->opt, t->opt.rules.v, t->opt.rules.n);
	if (status)
		return status;
	t->corpus.loss = on_loss;
	t->corpus.section = on_section;
	acts_init(&t->acts, &t->corpus);
	note_list_read(&t->notes, st->operands.v[0]);
	status = corpus_walk(&t->corpus, st->operands.v, 1, on_event, t);
	if (!t->opt.select.until && !t->opt.select.last_num)
		acts_notes(&t->acts, &t->notes, UINT64_MAX, UINT64_MAX);
	note_list_free(&t->notes);
	if (status == EXIT_DONE || status == EXIT_DAMAGED) {
		e = print(t);
		status = e > status ? e : status;
	}
	acts_free(&t->acts);
	return status;
}

static int take_option(struct timeline *t, const struct option_state *st, int key)
{
	static const char *const forms[] = { "text", "timesketch", "csv" };
	int status = EXIT_DONE;

	switch (key) {
	case OPT_JSON:
		t->form = FORM_TIMESKETCH;
		return EXIT_DONE;
	case OPT_FORM:
		for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
			if (str_eqz(str_of(st->arg), forms[i])) {
				t->form = (enum form)i;
				return EXIT_DONE;
			}
		return option_usage_error(st, "a form is text, timesketch or csv, not '%s'",
					  st->arg);
	case OPT_KIND:
		for (size_t i = 0; i < N_KINDS; i++)
			if (str_eqz(str_of(st->arg), kinds[i].kind)) {
				vec_push(&t->kinds, kinds[i].kind);
				return EXIT_DONE;
			}
		return option_usage_error(st, "there is no kind '%s': see eyas-timeline(1)",
					  st->arg);
	default:
		corpus_option(&t->opt, st, key, &status);
		return status;
	}
}

int cmd_timeline(int argc, char **argv)
{
	struct timeline t = { .builtin = STRBUF_INIT };
	struct option_state st;
	int key, status = EXIT_DONE;

	option_init(&st, &spec, argc, argv);
	while (!status && (key = option_next(&st)) >= 0)
		status = take_option(&t, &st, key);
	status = option_outcome(key, status);
	if (!status && st.operands.n != 1)
		status = option_usage_error(&st, "give one trace");
	if (!status)
		status = run(&t, &st);
	corpus_free(&t.corpus);
	corpus_options_free(&t.opt);
	strbuf_release(&t.builtin);
	vec_free(&t.kinds);
	option_free(&st);
	return status < 0 ? EXIT_DONE : status;
}
