/*
 * eyas list: the vocabulary of traces and rules, straight from the tables.
 */
#include <string.h>

#include "base/glob.h"
#include "base/json_writer.h"
#include "cli/command.h"
#include "cli/select_option.h"
#include "event/event.h"
#include "fields/field.h"

enum { OPT_JSON = 256 };

static const struct option_row rows[] = {
	{ 'a', "all", NULL,
	  "also what rules do not see: old layouts, unused numbers, deprecated fields" },
	{ OPT_JSON, "json", NULL, "one JSON object a line" },
	{ 0, NULL, NULL, NULL },
};

static const struct option_spec spec = {
	"eyas list [OPTION]... events|syscalls|flags|fields [NAME]...",
	"Lists event types with their parameters, system calls with their numbers, flags with their values,\n"
	"or the fields of conditions and outputs. NAMEs, in which * matches anything, choose some.",
	rows,
	NULL,
};

struct list {
	struct strbuf out;
	struct json_writer json;
	bool as_json, all;
	char **names; /* what to list; all when there are none */
	size_t n_names;
};

static bool chosen(const struct list *l, const char *name)
{
	for (size_t i = 0; i < l->n_names; i++) {
		if (wildcard_match(str_of(l->names[i]), str_of(name)))
			return true;
	}
	return l->n_names == 0;
}

/* Chosen by exactly this word. */
static bool is_named(const struct list *l, const char *name)
{
	size_t i = 0;

	while (i < l->n_names && strcmp(l->names[i], name) != 0)
		i++;
	return i < l->n_names;
}

/* Blanks up to a column of the line that began at `start`, at least one. */
static void pad(struct strbuf *out, size_t start, size_t column)
{
	do
		strbuf_addc(out, ' ');
	while (out->n - start < column);
}

/* Each object is a writer of its own: JSON Lines have no value around them. */
static struct json_writer *json_line(struct list *l)
{
	json_init(&l->json, &l->out);
	json_begin_object(&l->json);
	return &l->json;
}

static void json_line_end(struct list *l)
{
	json_end_object(&l->json);
	strbuf_addc(&l->out, '\n');
}

static void json_member(struct json_writer *w, const char *key, const char *text)
{
	json_key(w, key);
	json_strz(w, text);
}

/* Without its prefix: PT_FD is FD. */
static const char *type_text(unsigned type)
{
	return param_type_name(type) + 3;
}

static const char *category_text(uint32_t category)
{
	uint32_t kind = category & ~(uint32_t)EC_SOURCE_MASK;

	/* The descriptor decides. */
	return kind >= EC_IO_READ && kind <= EC_IO_OTHER ? "io" : event_category_name(category);
}

static void event_flags_json(struct json_writer *w, uint16_t flags)
{
	static const struct {
		uint16_t flag;
		const char *name;
	} names[] = {
		{ EF_CREATES_FD, "creates_fd" },
		{ EF_DESTROYS_FD, "destroys_fd" },
		{ EF_USES_FD, "uses_fd" },
		{ EF_READS_FROM_FD, "reads_from_fd" },
		{ EF_WRITES_TO_FD, "writes_to_fd" },
		{ EF_MODIFIES_STATE, "modifies_state" },
		{ EF_UNUSED, "unused" },
		{ EF_WAITS, "waits" },
		{ EF_SKIPPARSERESET, "skipparsereset" },
		{ EF_OLD_VERSION, "old_version" },
		{ EF_LARGE_PAYLOAD, "large_payload" },
		{ EF_CONVERTER_MANAGED, "converter_managed" },
	};

	json_key(w, "flags");
	json_begin_array(w);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (flags & names[i].flag)
			json_strz(w, names[i].name);
	}
	json_end_array(w);
}

static void param_json(struct json_writer *w, const struct param_info *p)
{
	json_begin_object(w);
	json_member(w, "name", p->name);
	json_member(w, "type", type_text(p->type));
	json_member(w, "format", param_format_name(p->format) + 3);
	if (p->flags)
		json_member(w, "flags", p->flags->name);
	if (p->dirfd_param >= 0) {
		json_key(w, "dirfd_param");
		json_i64(w, p->dirfd_param);
	}
	if (p->dyn) {
		json_key(w, "variants");
		json_begin_array(w);
		for (unsigned i = 0; i < p->dyn->n; i++)
			json_strz(w, type_text(p->dyn->types[i]));
		json_end_array(w);
	}
	json_end_object(w);
}

static void event_json(struct list *l, const struct event_info *info)
{
	struct json_writer *w = json_line(l);

	json_key(w, "number");
	json_u64(w, info->type);
	json_member(w, "code", info->code);
	json_member(w, "name", info->name);
	json_member(w, "direction", info->exit ? "exit" : "enter");
	json_member(w, "category", category_text(info->category));
	event_flags_json(w, info->flags);
	if (info->fd_param >= 0) {
		json_key(w, "fd_param");
		json_i64(w, info->fd_param);
	}
	json_key(w, "params");
	json_begin_array(w);
	for (unsigned i = 0; i < info->n_params; i++)
		param_json(w, &info->params[i]);
	json_end_array(w);
	json_line_end(l);
}

static void event_line(struct list *l, const struct event_info *info)
{
	strbuf_addf(&l->out, "%3u %c %s(", info->type, info->exit ? '<' : '>', info->name);
	for (unsigned i = 0; i < info->n_params; i++)
		strbuf_addf(&l->out, "%s%s %s", i ? ", " : "", type_text(info->params[i].type),
			    info->params[i].name);
	strbuf_adds(&l->out, ")\n");
}

static void list_events(struct list *l)
{
	for (unsigned t = 0; t < EVENT_N_TYPES; t++) {
		const struct event_info *info = event_info(t);

		bool hidden = !l->all && (info->flags & (EF_UNUSED | EF_OLD_VERSION));

		if ((hidden || !chosen(l, info->name)) && !is_named(l, info->code))
			continue;
		if (l->as_json)
			event_json(l, info);
		else
			event_line(l, info);
	}
}

static void number_json(struct json_writer *w, const char *key, int nr)
{
	json_key(w, key);
	if (nr >= 0)
		json_i64(w, nr);
	else
		json_nil(w);
}

static void number_column(struct list *l, size_t start, size_t column, int nr)
{
	pad(&l->out, start, column);
	if (nr >= 0)
		strbuf_addi(&l->out, nr);
	else
		strbuf_addc(&l->out, '-');
}

static void list_syscalls(struct list *l)
{
	if (!l->as_json)
		strbuf_adds(&l->out, " sc  name                         x86_64 aarch64 event\n");
	for (unsigned i = 0; i < SYSCALL_N; i++) {
		const struct syscall_info *sc = syscall_info(i);
		const struct event_info *exit = event_info(sc->exit_type);
		size_t start = l->out.n;

		if (!chosen(l, sc->name))
			continue;
		if (l->as_json) {
			struct json_writer *w = json_line(l);

			json_key(w, "sc");
			json_u64(w, i);
			json_member(w, "name", sc->name);
			number_json(w, "x86_64", sc->x86_64);
			number_json(w, "aarch64", sc->aarch64);
			json_member(w, "enter", event_info(sc->enter_type)->code);
			json_member(w, "exit", exit->code);
			json_line_end(l);
			continue;
		}
		strbuf_addf(&l->out, "%3u  %s", i, sc->name);
		number_column(l, start, 34, sc->x86_64);
		number_column(l, start, 41, sc->aarch64);
		pad(&l->out, start, 49);
		strbuf_addf(&l->out, "%s\n", sc->exit_type == EVT_GENERIC_X ? "-" : exit->name);
	}
}

static void list_flags(struct list *l)
{
	const struct flag_table *t;

	for (size_t i = 0; (t = flag_table_at(i)); i++) {
		struct json_writer *w;

		if (!chosen(l, t->name))
			continue;
		if (!l->as_json) {
			strbuf_addf(&l->out, "%s\n", t->name);
			for (unsigned k = 0; k < t->n; k++)
				strbuf_addf(&l->out, "  %10u  %#10x  %s\n", t->rows[k].value,
					    t->rows[k].value, t->rows[k].name);
			continue;
		}
		w = json_line(l);
		json_member(w, "name", t->name);
		json_key(w, "values");
		json_begin_array(w);
		for (unsigned k = 0; k < t->n; k++) {
			json_begin_object(w);
			json_member(w, "name", t->rows[k].name);
			json_key(w, "value");
			json_u64(w, t->rows[k].value);
			json_end_object(w);
		}
		json_end_array(w);
		json_line_end(l);
	}
}

/* How the argument of a field is written; "" when it takes none. */
static const char *field_argument(const struct field_def *f)
{
	if (!(f->flags & (FIELD_ARG_REQUIRED | FIELD_ARG_OPTIONAL)))
		return "";
	if ((f->flags & FIELD_ARG_DOT) && (f->flags & FIELD_ARG_INDEX))
		return f->flags & FIELD_ARG_REQUIRED ? ".NAME or [N]" : "(.NAME or [N])";
	if (f->flags & FIELD_ARG_DOT)
		return f->flags & FIELD_ARG_REQUIRED ? ".NAME" : "(.NAME)";
	if (f->flags & FIELD_ARG_INDEX)
		return f->flags & FIELD_ARG_REQUIRED ? "[N]" : "([N])";
	return f->flags & FIELD_ARG_REQUIRED ? "[KEY]" : "([KEY])";
}

static void field_json(struct list *l, const struct field_def *f)
{
	static const char *const scopes[] = {
		[SCOPE_TYPE] = "type", [SCOPE_SELF] = "thread", [SCOPE_THREAD] = "thread",
		[SCOPE_FD] = "fd",     [SCOPE_EVENT] = "event",
	};
	struct json_writer *w = json_line(l);

	json_member(w, "name", f->name);
	json_member(w, "class", f->cls);
	json_member(w, "source", field_source_text(f));
	json_member(w, "type", type_text(f->type));
	json_key(w, "list");
	json_bool(w, f->flags & FIELD_LIST);
	json_member(w, "argument", field_argument(f));
	json_member(w, "scope", scopes[f->scope]);
	json_key(w, "in_conditions");
	json_bool(w, !(f->flags & FIELD_PRINT_ONLY));
	json_key(w, "in_outputs");
	json_bool(w, !(f->flags & FIELD_FILTER_ONLY));
	json_key(w, "deprecated");
	json_bool(w, f->flags & FIELD_DEPRECATED);
	json_member(w, "doc", f->doc);
	json_line_end(l);
}

static void field_line(struct list *l, const struct field_def *f)
{
	size_t start = l->out.n;

	strbuf_addf(&l->out, "  %s%s", f->name, field_argument(f));
	pad(&l->out, start, 36);
	strbuf_addf(&l->out, f->flags & FIELD_LIST ? "list of %s" : "%s", type_text(f->type));
	pad(&l->out, start, 52);
	strbuf_addf(&l->out, "%s%s%s\n", f->flags & FIELD_DEPRECATED ? "deprecated: " : "",
		    f->flags & FIELD_FILTER_ONLY ? "only in conditions: " : "", f->doc);
}

static void list_fields(struct list *l)
{
	const char *cls = NULL;

	for (size_t i = 0; i < field_count(); i++) {
		const struct field_def *f = field_at(i);

		if (!l->all && (f->flags & (FIELD_DEPRECATED | FIELD_HIDDEN)))
			continue;
		if (!chosen(l, f->name))
			continue;
		if (l->as_json) {
			field_json(l, f);
			continue;
		}
		if (!cls || strcmp(cls, f->cls) != 0)
			strbuf_addf(&l->out, "%s%s: %s\n", cls ? "\n" : "", f->cls,
				    field_class_doc(f->cls));
		cls = f->cls;
		field_line(l, f);
	}
}

static const struct {
	const char *name;
	void (*list)(struct list *l);
} kinds[] = {
	{ "events", list_events },
	{ "syscalls", list_syscalls },
	{ "flags", list_flags },
	{ "fields", list_fields },
};

/* Lists one kind; an exit_status. */
static int list_kind(const struct option_state *st, struct list *l, const char *kind)
{
	size_t i = 0, n = sizeof(kinds) / sizeof(kinds[0]);

	while (i < n && strcmp(kinds[i].name, kind) != 0)
		i++;
	if (i == n)
		return option_usage_error(
			st, "'%s' cannot be listed: give events, syscalls, flags or fields", kind);
	kinds[i].list(l);
	if (fwrite(l->out.s, 1, l->out.n, stdout) == l->out.n && fflush(stdout) == 0)
		return EXIT_DONE;
	perror("eyas list: cannot write");
	return EXIT_FAILED;
}

int cmd_list(int argc, char **argv)
{
	struct list l = { .out = STRBUF_INIT };
	struct option_state st;
	int key, status;

	option_init(&st, &spec, argc, argv);
	while ((key = option_next(&st)) >= 0) {
		if (key == OPT_JSON)
			l.as_json = true;
		else if (key == 'a')
			l.all = true;
	}
	if (key != OPTION_END) {
		status = key == OPTION_EXIT ? EXIT_DONE : EXIT_USAGE;
	} else if (!st.operands.n) {
		status = option_usage_error(&st,
					    "give what to list: events, syscalls, flags or fields");
	} else {
		l.names = st.operands.v + 1;
		l.n_names = st.operands.n - 1;
		status = list_kind(&st, &l, st.operands.v[0]);
	}
	strbuf_release(&l.out);
	option_free(&st);
	return status;
}
