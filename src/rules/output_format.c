/* Output formats. See output_format.h. */
#include "rules/output_format.h"

#include "rules/lexer.h"
#include "rules/operand.h"

#define MAX_WIDTH      65536
#define NAME_MAX_BYTES 80 /* no field has a longer name */

/* Text, or a field behind it. */
struct piece {
	struct str text;
	const struct operand *operand; /* NULL: text only */
	uint32_t width;                /* 0: as it is */
};

struct named_operand {
	struct str name;
	const struct operand *operand;
};

struct output_format {
	bool print_missing;
	size_t n_pieces, n_fields;
	const struct piece *piece;
	const struct named_operand *field;  /* in order of appearance */
	const struct named_operand *sorted; /* by name */
};

struct maker {
	struct operand_maker operands;
	check_problems found;
	struct problems problems;
	struct arena *a;
	bool with_transformed;
	struct strmap names;
	VEC(struct piece) pieces;
	VEC(struct named_operand) fields;
	struct condition_error *err;
};

static bool fail(struct maker *m, size_t at, const char *message, const char *hint)
{
	m->err->pos = (struct text_pos){ (uint32_t)at, 1, (uint32_t)at + 1 };
	m->err->message = message;
	m->err->hint = hint;
	return false;
}

static bool try_operand(struct maker *m, const struct ast *n, const struct operand **ret)
{
	struct text_pos pos = { 0, 1, 1 };
	struct field_ref ref;

	m->found.n = 0;
	/* Most attempts are no field: a cheap look before a costly error. */
	if (n->kind == AST_FIELD &&
	    stand_in_resolve(m->operands.stand_ins, n->text, n->has_arg, n->arg, m->a, &ref))
		return false;
	*ret = operand_make(&m->operands, n, pos, false);
	return *ret != NULL;
}

static void note_field(struct maker *m, struct str name, const struct operand *op)
{
	struct named_operand field = { name, op };

	if (strmap_has(&m->names, name))
		return;
	strmap_put(&m->names, name, NULL);
	vec_push(&m->fields, field);
}

static void note_fields_in(struct maker *m, const struct operand *op)
{
	uint32_t i;

	if (op->kind == OPERAND_FIELD)
		note_field(m, op->ref.text, op);
	for (i = 0; i < op->n_kids; i++)
		note_fields_in(m, op->kids[i]);
}

/*
 * The field at the beginning of `text`: its longest beginning that is one. "%proc.nameand" is
 * proc.name and "and".
 */
static bool field_at_start(struct maker *m, struct str text, const struct operand **ret,
			   size_t *ret_n)
{
	struct ast n = { .kind = AST_FIELD, .arg = { "", 0 } };
	struct lexer lx;
	struct str name;

	lexer_init(&lx, text);
	if (!lexer_field(&lx, &name))
		return false;
	n.text = name;
	if (lexer_char(&lx, '[') && (lexer_quoted(&lx, &n.arg) || lexer_bare_arg(&lx, &n.arg)) &&
	    lexer_char(&lx, ']')) {
		struct strbuf sb = STRBUF_INIT;

		n.has_arg = condition_unquote(n.arg, &sb) == NULL;
		n.arg = arena_str(m->a, strbuf_str(&sb));
		strbuf_release(&sb);
		*ret_n = lx.pos.idx;
		if (n.has_arg && try_operand(m, &n, ret))
			return true;
	}
	n.has_arg = false;
	for (n.text.n = name.n < NAME_MAX_BYTES ? name.n : NAME_MAX_BYTES; n.text.n > 2;
	     n.text.n--) {
		if (!memchr(n.text.p, '.', n.text.n - 1))
			break;
		if (try_operand(m, &n, ret)) {
			*ret_n = n.text.n;
			return true;
		}
	}
	return false;
}

/* What a person meant, for the hint. */
static const char *nearest(struct maker *m, struct str text)
{
	struct strbuf sb = STRBUF_INIT;
	const char *hint = NULL;
	struct lexer lx;
	struct str name;

	lexer_init(&lx, text);
	if (lexer_field(&lx, &name)) {
		const struct field_def *def = field_find(name);

		if (def)
			hint = operand_wrong_source(&m->operands, def, m->a);
		if (hint)
			return hint;
		field_nearest(name, &sb);
		hint = arena_printf(m->a, "nonexistent field %.*s%s%s", STR_FMT(name),
				    sb.n ? "; known fields with a similar name: " : "", sb.s);
	}
	strbuf_release(&sb);
	return hint;
}

/* One "%..." at text[*at], which is behind the '%'. */
static bool add_field(struct maker *m, struct str text, size_t *at, struct str before)
{
	struct piece piece = { .text = before };
	size_t begin = *at, n = 0;
	struct lexer lx;
	struct str rest, name;

	while (*at < text.n && text.p[*at] >= '0' && text.p[*at] <= '9') {
		piece.width = piece.width * 10 + (uint32_t)(text.p[*at] - '0');
		if (piece.width > MAX_WIDTH)
			return fail(m, begin, "invalid formatting: the width is over 65536", NULL);
		(*at)++;
	}
	rest = str_from(text, *at);
	if (rest.n == 0)
		return fail(m, begin, "invalid formatting syntax: formatting cannot end with a %",
			    "leave the % out: there is no escape for it");
	lexer_init(&lx, rest);
	if (lexer_call(&lx, &name)) {
		struct ast *call = condition_parse_operand(rest, m->a, m->err, &n);
		struct strbuf sb = STRBUF_INIT;

		if (!call || !try_operand(m, call, &piece.operand)) {
			const char *why = call ? m->found.v[0].message : m->err->message;

			return fail(m, *at + n,
				    arena_printf(m->a, "invalid formatting token: %s", why),
				    call ? m->found.v[0].hint : NULL);
		}
		note_fields_in(m, piece.operand);
		ast_text(call, &sb);
		if (m->with_transformed)
			note_field(m, arena_str(m->a, strbuf_str(&sb)), piece.operand);
		strbuf_release(&sb);
	} else if (field_at_start(m, rest, &piece.operand, &n)) {
		if (piece.operand->ref.def->flags & FIELD_FILTER_ONLY)
			return fail(m, *at,
				    arena_printf(m->a, "field %.*s cannot be printed",
						 STR_FMT(piece.operand->ref.text)),
				    "it stands for several values; name one of them");
		note_field(m, piece.operand->ref.text, piece.operand);
	} else {
		/* Cut short like this by the tools people compare with; the hint says the rest. */
		return fail(m, *at, "unknown filter: unexpected token after '", nearest(m, rest));
	}
	vec_push(&m->pieces, piece);
	*at += n;
	return true;
}

static bool make_pieces(struct maker *m, struct str text)
{
	size_t at = 0, literal = 0;
	struct piece tail = { .width = 0 };

	while (at < text.n) {
		struct str before;

		if (text.p[at] != '%') {
			at++;
			continue;
		}
		before = (struct str){ text.p + literal, at - literal };
		at++;
		if (!add_field(m, text, &at, before))
			return false;
		literal = at;
	}
	tail.text = str_from(text, literal);
	if (tail.text.n)
		vec_push(&m->pieces, tail);
	return true;
}

static int by_name(const void *a, const void *b)
{
	return str_cmp(((const struct named_operand *)a)->name,
		       ((const struct named_operand *)b)->name);
}

static struct output_format *finish(struct maker *m)
{
	struct output_format *f = arena_calloc(m->a, 1, sizeof(*f));
	struct named_operand *sorted;

	f->n_pieces = m->pieces.n;
	f->piece =
		(const void *)arena_memdup(m->a, m->pieces.v, m->pieces.n * sizeof(*m->pieces.v));
	f->n_fields = m->fields.n;
	f->field =
		(const void *)arena_memdup(m->a, m->fields.v, m->fields.n * sizeof(*m->fields.v));
	sorted = (void *)arena_memdup(m->a, m->fields.v, m->fields.n * sizeof(*m->fields.v));
	if (f->n_fields)
		qsort(sorted, f->n_fields, sizeof(*sorted), by_name);
	f->sorted = sorted;
	return f;
}

struct output_format *output_format_new_with(struct str text,
					     const struct output_format_options *opt,
					     struct arena *a, struct condition_error *ret_error)
{
	struct maker m = { .a = a, .err = ret_error };
	struct output_format *f = NULL;
	bool starred;

	m.problems.a = a;
	m.problems.list = &m.found;
	m.operands.arena = a;
	m.operands.problems = &m.problems;
	m.operands.stand_ins = opt ? opt->stand_ins : NULL;
	m.operands.of_source = opt ? opt->of_source : 0;
	m.operands.n_stateful = opt && opt->next_id ? *opt->next_id : 0;
	m.operands.for_output = true;
	m.with_transformed = opt && opt->with_transformed;
	text = arena_str(a, text);
	starred = text.n && text.p[0] == '*';
	if (make_pieces(&m, starred ? str_from(text, 1) : text)) {
		f = finish(&m);
		f->print_missing = starred;
		if (opt && opt->next_id)
			*opt->next_id = m.operands.n_stateful;
	}
	operand_maker_free(&m.operands);
	strmap_free(&m.names);
	vec_free(&m.found);
	vec_free(&m.pieces);
	vec_free(&m.fields);
	return f;
}

struct output_format *output_format_new(struct str text, struct arena *a, const char **ret_error)
{
	struct condition_error err = { .message = NULL };
	struct output_format *f = output_format_new_with(text, NULL, a, &err);

	if (!f)
		*ret_error = err.message;
	return f;
}

/* As a field's values, whatever the operand is. */
static struct field_ref ref_of(const struct operand *op)
{
	static const struct field_def list = { .name = "", .flags = FIELD_LIST };
	static const struct field_def single = { .name = "" };
	struct field_ref ref = op->ref;

	if (op->kind != OPERAND_FIELD) {
		memset(&ref, 0, sizeof(ref));
		ref.def = op->is_list ? &list : &single;
		ref.type = op->type;
		ref.format = param_type_is_int(op->type) ? PF_DEC : PF_NA;
	}
	return ref;
}

static bool add_value(const struct operand *op, const struct field_env *env, struct strbuf *out)
{
	struct operand_values r = operand_eval(op, NULL, env);
	struct values vals = {
		.v = (struct value *)(uintptr_t)r.v, .n = r.n, .cap = r.n, .arena = env->arena
	};
	struct field_ref ref = ref_of(op);

	if (!r.present)
		return false;
	values_text(&ref, &vals, out);
	return true;
}

bool output_format_text(const struct output_format *f, const struct field_env *env,
			struct strbuf *out)
{
	struct field_env print = *env;
	size_t i;

	print.for_output = true;
	for (i = 0; i < f->n_pieces; i++) {
		const struct piece *p = &f->piece[i];
		size_t begin;

		strbuf_addstr(out, p->text);
		if (!p->operand)
			continue;
		begin = out->n;
		if (!add_value(p->operand, &print, out)) {
			if (!f->print_missing)
				return false;
			strbuf_adds(out, "<NA>");
		}
		if (p->width && out->n - begin > p->width)
			strbuf_truncate(out, begin + p->width);
		while (p->width && out->n - begin < p->width)
			strbuf_addc(out, ' ');
	}
	return true;
}

void output_format_fields(const struct output_format *f, const struct field_env *env,
			  struct json_writer *w)
{
	struct field_env print = *env;
	size_t i;

	print.for_output = true;
	for (i = 0; i < f->n_fields; i++) {
		const struct operand *op = f->sorted[i].operand;
		struct operand_values r = operand_eval(op, NULL, &print);
		struct values vals = { .v = (struct value *)(uintptr_t)r.v,
				       .n = r.n,
				       .cap = r.n,
				       .arena = env->arena };
		struct field_ref ref = ref_of(op);

		json_key_str(w, f->sorted[i].name);
		if (r.present)
			values_json(&ref, &vals, w);
		else
			json_nil(w);
	}
}

size_t output_format_count(const struct output_format *f)
{
	return f->n_fields;
}

struct str output_format_name(const struct output_format *f, size_t i)
{
	return f->field[i].name;
}

bool output_format_field_text(const struct output_format *f, const struct field_env *env, size_t i,
			      struct strbuf *out)
{
	struct field_env print = *env;

	print.for_output = true;
	return add_value(f->field[i].operand, &print, out);
}

bool output_format_is_of_memory(const struct output_format *f)
{
	for (size_t i = 0; i < f->n_pieces; i++)
		if (f->piece[i].operand && operand_is_of_memory(f->piece[i].operand))
			return true;
	for (size_t i = 0; i < f->n_fields; i++)
		if (operand_is_of_memory(f->field[i].operand))
			return true;
	return false;
}

bool output_format_is_of_payload(const struct output_format *f)
{
	for (size_t i = 0; i < f->n_pieces; i++)
		if (f->piece[i].operand && operand_is_of_payload(f->piece[i].operand))
			return true;
	for (size_t i = 0; i < f->n_fields; i++)
		if (operand_is_of_payload(f->field[i].operand))
			return true;
	return false;
}

bool output_format_remembers(const struct output_format *f)
{
	for (size_t i = 0; i < f->n_pieces; i++)
		if (f->piece[i].operand && f->piece[i].operand->stateful)
			return true;
	return false;
}
