/* How a trace came about; see provenance_text.h. */
#include "cli/provenance_text.h"

#include "base/arena.h"
#include "base/json_tree.h"
#include "base/json_writer.h"
#include "base/text.h"

struct provenance {
	struct json_tree tree;
	const struct json_node *root;
	struct arena arena;
	struct strbuf *out;
};

static void label(struct provenance *p, const char *name)
{
	strbuf_addf(p->out, "  %-11s", name);
}

static const struct json_node *member(const struct provenance *p, const struct json_node *of,
				      const char *key)
{
	return of && of->kind == JSON_KIND_OBJECT ? json_member_of(&p->tree, of, str_of(key))
						  : NULL;
}

/* A string member, or an empty text. */
static struct str text_of(struct provenance *p, const char *key)
{
	const struct json_node *n = member(p, p->root, key);

	return n && n->kind == JSON_KIND_STRING ? json_string_of(n, &p->arena) : STR("");
}

static void put_recorder(struct provenance *p)
{
	struct str host = text_of(p, "hostname"), kernel = text_of(p, "kernel"),
		   machine = text_of(p, "machine"), started = text_of(p, "started");

	label(p, "recorder");
	text_escape(p->out, text_of(p, "recorder"));
	if (host.n) {
		strbuf_adds(p->out, " on ");
		text_escape(p->out, host);
	}
	if (kernel.n) {
		strbuf_adds(p->out, ", Linux ");
		text_escape(p->out, kernel);
		strbuf_addc(p->out, ' ');
		text_escape(p->out, machine);
	}
	if (started.n) {
		strbuf_adds(p->out, ", started ");
		text_escape(p->out, started);
	}
	strbuf_addc(p->out, '\n');
}

/* Options of eyas-capture that say what is recorded. */
static bool selects(struct str word, bool *ret_takes_one)
{
	static const char *const with_argument[] = { "--syscalls", "--pid",       "--comm",
						     "--uid",      "--container", "--packets" };

	*ret_takes_one = false;
	for (size_t i = 0; i < sizeof(with_argument) / sizeof(with_argument[0]); i++) {
		struct str option = str_of(with_argument[i]);

		if (!str_starts(word, option))
			continue;
		*ret_takes_one = word.n == option.n;
		return word.n == option.n || word.p[option.n] == '=';
	}
	return str_eqz(word, "--no-signals");
}

static void put_recorded(struct provenance *p)
{
	const struct json_node *line = member(p, p->root, "command_line"), *kid, *all;
	bool command = false, whole = false, next = false, any = false;
	struct strbuf options = STRBUF_INIT;

	if (!line || line->kind != JSON_KIND_ARRAY)
		return;
	for (kid = json_first(&p->tree, line); kid && !command;
	     kid = json_next(&p->tree, line, kid)) {
		struct str word =
			kid->kind == JSON_KIND_STRING ? json_string_of(kid, &p->arena) : STR("");
		bool takes_one = false;

		command = str_eqz(word, "--");
		whole |= str_eqz(word, "--all");
		if (next || (!command && selects(word, &takes_one))) {
			strbuf_adds(&options, next ? " " : any ? ", " : "");
			text_escape(&options, word);
			any = true;
		}
		next = takes_one;
	}
	label(p, "recorded");
	strbuf_adds(p->out,
		    command && !whole ? "one command and all it started" : "the whole system");
	all = member(p, p->root, "all_syscalls");
	if (all && all->kind == JSON_KIND_FALSE)
		strbuf_adds(p->out, ", some system calls");
	else if (all)
		strbuf_adds(p->out, ", all system calls");
	if (any) {
		strbuf_adds(p->out, "; selected by ");
		strbuf_addstr(p->out, strbuf_str(&options));
	}
	strbuf_addc(p->out, '\n');
	strbuf_release(&options);
}

static void put_left_out(struct provenance *p)
{
	static const char *const kinds[] = { "file", "socket", "other" };
	const struct json_node *lengths = member(p, p->root, "snaplen");

	if (!lengths)
		return;
	label(p, "left out");
	strbuf_adds(p->out, "of what a call reads or writes all but the first");
	for (size_t i = 0; i < 3; i++) {
		const struct json_node *n = member(p, lengths, kinds[i]);

		strbuf_adds(p->out, i ? ", " : " ");
		if (n && n->kind == JSON_KIND_NUMBER)
			text_escape(p->out, n->raw);
		else
			strbuf_addc(p->out, '?');
		strbuf_addf(p->out, " (%s)", kinds[i]);
	}
	strbuf_adds(p->out, " bytes\n");
}

static void put_command_line(struct provenance *p)
{
	const struct json_node *line = member(p, p->root, "command_line");

	if (!line || line->kind != JSON_KIND_ARRAY)
		return;
	label(p, "command");
	for (const struct json_node *kid = json_first(&p->tree, line); kid;
	     kid = json_next(&p->tree, line, kid)) {
		if (kid != json_first(&p->tree, line))
			strbuf_addc(p->out, ' ');
		text_escape(p->out, kid->kind == JSON_KIND_STRING ? json_string_of(kid, &p->arena)
								  : kid->raw);
	}
	strbuf_addc(p->out, '\n');
}

/* What was made of the trace since, an element a line. */
/* An element of "derived", but for what says nothing to a reader: hashes of pseudonyms. */
static void add_step(const struct json_tree *t, const struct json_node *step, struct strbuf *out)
{
	struct json_writer w;

	if (step->kind != JSON_KIND_OBJECT || !json_member_of(t, step, STR("pseudonyms"))) {
		json_compact(step->raw, out);
		return;
	}
	json_init(&w, out);
	w.comma = ",";
	w.colon = ":";
	json_begin_object(&w);
	for (const struct json_node *n = json_first(t, step); n; n = json_next(t, step, n)) {
		struct strbuf value = STRBUF_INIT;

		if (str_eqz(n->key, "pseudonyms"))
			continue;
		json_key_str(&w, n->key);
		if (n->kind == JSON_KIND_STRING)
			strbuf_addf(&value, "\"%.*s\"", STR_FMT(n->raw));
		else
			json_compact(n->raw, &value);
		json_raw(&w, strbuf_str(&value));
		strbuf_release(&value);
	}
	json_end_object(&w);
}

static void put_derived(struct provenance *p)
{
	const struct json_node *list = member(p, p->root, "derived");
	struct strbuf text = STRBUF_INIT;
	bool first = true;

	if (!list || list->kind != JSON_KIND_ARRAY)
		return;
	for (const struct json_node *kid = json_first(&p->tree, list); kid;
	     kid = json_next(&p->tree, list, kid)) {
		label(p, first ? "derived" : "");
		strbuf_reset(&text);
		add_step(&p->tree, kid, &text);
		text_escape(p->out, strbuf_str(&text));
		strbuf_addc(p->out, '\n');
		first = false;
	}
	strbuf_release(&text);
}

void provenance_text(struct str json, struct strbuf *out)
{
	struct provenance p = { .out = out };
	const struct json_node *recorder;

	if (json_tree_parse(&p.tree, json))
		p.root = json_tree_root(&p.tree);
	recorder = member(&p, p.root, "recorder");
	if (recorder && recorder->kind == JSON_KIND_STRING) {
		put_recorder(&p);
		put_recorded(&p);
		put_left_out(&p);
		put_command_line(&p);
		put_derived(&p);
	} else {
		label(&p, "provenance");
		text_escape(out, json);
		strbuf_addc(out, '\n');
	}
	json_tree_free(&p.tree);
	arena_destroy(&p.arena);
}
