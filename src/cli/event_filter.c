#include "cli/event_filter.h"

#include "base/exit_status.h"
#include "base/xalloc.h"
#include "cli/file_kind.h"
#include "rules/program.h"

struct event_filter {
	struct arena arena;
	struct program *program;
	struct program_run *run;
	struct field_state *memory;
	int id;
};

/* The line of the text and, below it, a caret; in the diag's arena. */
static const char *snippet(struct diag *diag, struct str text, struct text_pos pos)
{
	struct strbuf sb = STRBUF_INIT;
	struct str line = { NULL, 0 };
	char *copy;

	for (uint32_t n = 1; str_split(&text, '\n', &line) && n < pos.line; n++)
		;
	strbuf_addf(&sb, "%.*s\n", STR_FMT(line));
	for (uint32_t i = 1; i < pos.col; i++)
		strbuf_addc(&sb, ' ');
	strbuf_addc(&sb, '^');
	copy = arena_strdup(&diag->arena, sb.s);
	strbuf_release(&sb);
	return copy;
}

static void add_problem(struct diag *diag, struct str text, enum diag_level level,
			struct text_pos pos, const char *message, const char *hint)
{
	static const char unknown[] = "filter_check called with nonexistent field ";
	struct diag_item *it;

	/* Falco's wording is for those who compare; here a person reads */
	if (strncmp(message, unknown, sizeof(unknown) - 1) == 0)
		it = diag_add(diag, level, NULL, "unknown field '%s'",
			      message + sizeof(unknown) - 1);
	else
		it = diag_add(diag, level, NULL, "%s", message);
	if (hint)
		it->message = arena_printf(&diag->arena, "%s (%s)", it->message, hint);
	it->file = "filter";
	it->has_pos = true;
	it->line = pos.line ? pos.line - 1 : 0;
	it->col = pos.col ? pos.col - 1 : 0;
	it->snippet = snippet(diag, text, pos);
}

/* The first field of a class that is not allowed, or NULL. The parser bounds the depth. */
static const struct ast *other_field(const struct ast *n, const char *const *classes)
{
	const struct field_def *def;
	struct str name = n->text;
	ptrdiff_t dot;

	if (n->kind == AST_FIELD) {
		/* "evt.arg.flags" is "evt.arg" with an argument. */
		while (!(def = field_find(name)) && (dot = str_rchr(name, '.')) > 0)
			name.n = (size_t)dot;
		for (; def && *classes; classes++)
			if (strcmp(def->cls, *classes) == 0)
				return NULL;
		return def ? n : NULL;
	}
	for (uint32_t i = 0; i < n->n_kids; i++) {
		const struct ast *found = other_field(n->kids[i], classes);

		if (found)
			return found;
	}
	return NULL;
}

static bool compile(struct event_filter *f, struct str text, const char *const *classes,
		    struct diag *diag)
{
	const struct ast *other;
	struct condition_error err = { 0 };
	check_problems problems = { 0 };
	struct ast *ast;

	ast = condition_parse(text, NULL, &f->arena, &err, NULL);
	if (!ast) {
		add_problem(diag, text, DIAG_ERROR, err.pos, err.message, err.hint);
		return false;
	}
	other = classes ? other_field(ast, classes) : NULL;
	if (other) {
		add_problem(
			diag, text, DIAG_ERROR, other->pos,
			"this field is of an event; here there is none, only what was at the moment",
			NULL);
		return false;
	}
	f->id = program_add(f->program, ast, &f->arena, &problems);
	for (size_t i = 0; i < problems.n; i++) {
		const struct check_problem *p = &problems.v[i];
		add_problem(diag, text, p->is_error ? DIAG_ERROR : DIAG_WARNING, p->pos, p->message,
			    p->hint);
	}
	vec_free(&problems);
	return f->id >= 0;
}

static struct event_filter *filter_new(struct str text, const char *const *classes,
				       struct diag *diag)
{
	struct event_filter *f = xcalloc(1, sizeof(*f));

	f->program = program_new();
	if (!compile(f, arena_str(&f->arena, text), classes, diag)) {
		event_filter_free(f);
		return NULL;
	}
	program_build(f->program, NULL);
	f->run = program_run_new(f->program);
	f->memory = field_state_new();
	return f;
}

struct event_filter *event_filter_new(struct str text, struct diag *diag)
{
	return filter_new(text, NULL, diag);
}

struct event_filter *event_filter_of_state(struct str text, const char *const *classes,
					   struct diag *diag)
{
	return filter_new(text, classes, diag);
}

int event_filter_words(const struct option_state *st, struct strbuf *out)
{
	/* No condition begins like this; the next error would be about a slash. */
	if (st->operands.n > 1 && file_looks_like_trace(st->operands.v[1]))
		return option_usage_error(
			st,
			"'%s' is a trace, where a condition was expected: give one trace, and give it "
			"first",
			st->operands.v[1]);
	option_operands_text(st, 1, out);
	return EXIT_DONE;
}

int event_filter_of_operands(const struct option_state *st, struct diag *diag,
			     struct event_filter **ret)
{
	struct strbuf text = STRBUF_INIT;
	int status = event_filter_words(st, &text);

	if (text.n) {
		*ret = event_filter_new(strbuf_str(&text), diag);
		status = *ret ? EXIT_DONE : EXIT_USAGE;
	}
	strbuf_release(&text);
	return status;
}

void event_filter_free(struct event_filter *f)
{
	if (!f)
		return;
	if (f->run)
		program_run_free(f->run);
	field_state_free(f->memory);
	program_free(f->program);
	arena_destroy(&f->arena);
	free(f);
}

bool event_filter_match(struct event_filter *f, struct event_ctx *ctx, struct arena *a)
{
	struct field_env env = { .ctx = ctx, .arena = a, .memory = f->memory };
	int id;

	return program_match(f->run, &env, true, &id) > 0;
}
