/*
 * Recursive descent over the grammar of rule-language.md section 3. Children are gathered on
 * one stack and copied to the arena when their parent is complete, so a list of 100,000 items costs
 * 100,000 pushes. Recursion is bounded by the depth option.
 */
#include "rules/lexer.h"

#define DEFAULT_MAX_DEPTH 100

struct parser {
	struct lexer lx;
	struct arena *a;
	struct condition_error *err;
	bool failed;
	unsigned depth, max_depth;
	VEC(struct ast *) stack;
};

static struct ast *parse_or(struct parser *ps);
static struct ast *parse_call(struct parser *ps, bool val_allowed, bool *ret_is_call);

/* Only the first error counts: what follows comes from it. */
static struct ast *fail_at(struct parser *ps, struct text_pos pos, const char *message,
			   const char *hint)
{
	if (!ps->failed) {
		ps->failed = true;
		ps->err->pos = pos;
		ps->err->message = message;
		ps->err->hint = hint;
	}
	return NULL;
}

static struct ast *fail(struct parser *ps, const char *message)
{
	return fail_at(ps, ps->lx.pos, message, NULL);
}

static bool enter(struct parser *ps)
{
	if (ps->depth >= ps->max_depth) {
		fail(ps, arena_printf(ps->a, "exceeded max depth limit of %u", ps->max_depth));
		return false;
	}
	ps->depth++;
	return true;
}

static void leave(struct parser *ps)
{
	ps->depth--;
}

static struct ast *node(struct parser *ps, enum ast_kind kind, struct text_pos pos)
{
	struct ast *n = arena_calloc(ps->a, 1, sizeof(*n));

	n->kind = kind;
	n->pos = pos;
	n->text = n->arg = STR("");
	return n;
}

/* Moves what was pushed since `base` into the node. */
static void take_kids(struct parser *ps, struct ast *n, size_t base)
{
	n->n_kids = (uint32_t)(ps->stack.n - base);
	n->kids = arena_alloc(ps->a, (n->n_kids + 1) * sizeof(*n->kids));
	memcpy(n->kids, ps->stack.v + base, n->n_kids * sizeof(*n->kids));
	ps->stack.n = base;
}

static void set_kids(struct parser *ps, struct ast *n, struct ast *left, struct ast *right)
{
	n->n_kids = right ? 2 : 1;
	n->kids = arena_alloc(ps->a, 2 * sizeof(*n->kids));
	n->kids[0] = left;
	n->kids[1] = right;
}

static bool unquote(struct parser *ps, struct str quoted, struct text_pos pos, struct str *ret)
{
	struct strbuf sb = STRBUF_INIT;
	const char *wrong;

	if (!memchr(quoted.p, '\\', quoted.n)) {
		*ret = (struct str){ quoted.p + 1, quoted.n - 2 };
		return true;
	}
	wrong = condition_unquote(quoted, &sb);
	if (wrong)
		fail_at(ps, pos, arena_printf(ps->a, "invalid escaping in string: %s", wrong),
			NULL);
	else
		*ret = arena_str(ps->a, strbuf_str(&sb));
	strbuf_release(&sb);
	return !wrong;
}

/* A quoted constant; false when there is none here, or it is malformed (then failed is set). */
static struct ast *parse_quoted(struct parser *ps)
{
	struct text_pos pos = ps->lx.pos;
	struct str raw;
	struct ast *n;

	if (!lexer_quoted(&ps->lx, &raw))
		return NULL;
	n = node(ps, AST_VALUE, pos);
	n->quoted = true;
	return unquote(ps, raw, pos, &n->text) ? n : NULL;
}

static struct ast *parse_constant(struct parser *ps)
{
	struct text_pos pos = ps->lx.pos;
	struct ast *n = parse_quoted(ps);
	struct str text;

	if (n || ps->failed)
		return n;
	if (!lexer_bare(&ps->lx, &text))
		return NULL;
	n = node(ps, AST_VALUE, pos);
	n->text = text;
	return n;
}

/* "[" arg "]" right behind a field or transformer, if it is there. False when it is malformed. */
static bool parse_arg(struct parser *ps, struct ast *n)
{
	struct text_pos pos;
	struct str raw;

	if (!lexer_char(&ps->lx, '['))
		return true;
	pos = ps->lx.pos;
	if (lexer_quoted(&ps->lx, &raw)) {
		if (!unquote(ps, raw, pos, &n->arg))
			return false;
	} else if (!lexer_bare_arg(&ps->lx, &n->arg)) {
		fail(ps, "expected a valid field argument: a quoted string or a bare string");
		return false;
	}
	if (!lexer_char(&ps->lx, ']')) {
		fail(ps, "expected a ']' token");
		return false;
	}
	n->has_arg = true;
	return true;
}

static struct ast *parse_field(struct parser *ps)
{
	struct text_pos pos = ps->lx.pos;
	struct str name;
	struct ast *n;

	if (!lexer_field(&ps->lx, &name))
		return NULL;
	n = node(ps, AST_FIELD, pos);
	n->text = name;
	return parse_arg(ps, n) ? n : NULL;
}

/* One element of a list literal that is an argument. */
static struct ast *parse_literal_item(struct parser *ps)
{
	struct text_pos pos = ps->lx.pos;
	struct str text;
	struct ast *n;
	bool is_call;

	n = parse_quoted(ps);
	if (n || ps->failed)
		return n;
	if (lexer_number(&ps->lx, &text)) {
		n = node(ps, AST_VALUE, pos);
		n->text = text;
		return n;
	}
	n = parse_call(ps, false, &is_call);
	if (is_call)
		return n;
	n = parse_field(ps);
	return n || ps->failed
		       ? n
		       : fail(ps, "expected a field, a transformer, a number or a quoted string");
}

/* Items up to the ")" that closes what was just opened. */
static bool parse_items(struct parser *ps, struct ast *n, struct ast *(*item)(struct parser *))
{
	size_t base = ps->stack.n;

	do {
		struct ast *kid;

		lexer_blank(&ps->lx);
		kid = item(ps);
		if (!kid)
			return false;
		vec_push(&ps->stack, kid);
		lexer_blank(&ps->lx);
	} while (lexer_char(&ps->lx, ','));
	take_kids(ps, n, base);
	if (!lexer_char(&ps->lx, ')')) {
		fail(ps, "expected a ')' token");
		return false;
	}
	return true;
}

static struct ast *parse_call_arg(struct parser *ps)
{
	struct text_pos pos = ps->lx.pos;
	struct ast *n;

	if (!lexer_char(&ps->lx, '('))
		return parse_literal_item(ps);
	n = node(ps, AST_LIST, pos);
	lexer_blank(&ps->lx);
	if (lexer_char(&ps->lx, ')'))
		return n;
	return parse_items(ps, n, parse_literal_item) ? n : NULL;
}

/* A transformer, or val(...) where it is allowed. *ret_is_call: its name and '(' stood here. */
static struct ast *parse_call(struct parser *ps, bool val_allowed, bool *ret_is_call)
{
	struct text_pos pos = ps->lx.pos;
	struct str name;
	struct ast *n, *field;

	*ret_is_call = lexer_call(&ps->lx, &name);
	if (!*ret_is_call)
		return NULL;
	if (!enter(ps))
		return NULL;
	if (str_eq(name, STR("val"))) {
		if (!val_allowed)
			return fail_at(
				ps, pos,
				"the 'val' transformer can only stand on the right of a comparison",
				NULL);
		n = node(ps, AST_VAL, pos);
		n->text = name;
		lexer_blank(&ps->lx);
		field = parse_field(ps);
		if (!field)
			return ps->failed ? NULL : fail(ps, "expected a field name");
		lexer_blank(&ps->lx);
		if (!lexer_char(&ps->lx, ')'))
			return fail(ps, "expected a ')' token");
		set_kids(ps, n, field, NULL);
	} else {
		n = node(ps, AST_TRANSFORM, pos);
		n->text = name;
		if (!parse_items(ps, n, parse_call_arg) || !parse_arg(ps, n))
			return NULL;
	}
	leave(ps);
	return n;
}

static struct ast *parse_list_item(struct parser *ps)
{
	struct ast *n = parse_constant(ps);

	return n || ps->failed ? n : fail(ps, "expected a list value: a quoted or a bare string");
}

/* "(" constants ")" */
static struct ast *parse_list(struct parser *ps)
{
	struct text_pos pos = ps->lx.pos;
	struct ast *n;

	if (!lexer_char(&ps->lx, '('))
		return NULL;
	n = node(ps, AST_LIST, pos);
	lexer_blank(&ps->lx);
	if (lexer_char(&ps->lx, ')'))
		return n;
	return parse_items(ps, n, parse_list_item) ? n : NULL;
}

/* A list by its name: left for list substitution, else one constant. */
static struct ast *parse_list_name(struct parser *ps)
{
	struct text_pos pos = ps->lx.pos;
	struct str name;
	struct ast *n;

	if (!lexer_ident(&ps->lx, &name))
		return NULL;
	n = node(ps, AST_VALUE, pos);
	n->text = name;
	return n;
}

static bool parse_op(struct parser *ps, uint8_t *ret_op)
{
	/* Longer texts first where one begins with another. */
	static const uint8_t signs[] = { OP_LE, OP_LT, OP_GE, OP_GT, OP_EQ2, OP_EQ, OP_NE };
	struct str rest = str_from(ps->lx.text, ps->lx.pos.idx);
	size_t i;

	for (i = 0; i < sizeof(signs); i++) {
		struct str t = str_of(condition_op_text(signs[i]));
		if (str_starts(rest, t)) {
			ps->lx.last = t;
			lexer_skip(&ps->lx, t.n);
			*ret_op = signs[i];
			return true;
		}
	}
	if (str_starts(rest, STR("exists"))) {
		ps->lx.last = STR("exists");
		lexer_skip(&ps->lx, 6);
		*ret_op = OP_EXISTS;
		return true;
	}
	for (i = 0; i < OP_N; i++) {
		struct str t = str_of(condition_op_text((unsigned)i));
		char next;

		if (!str_starts(rest, t) || t.p[0] < 'a')
			continue;
		next = lexer_peek(&ps->lx, t.n);
		if (lexer_is_blank(next) || (next == '(' && condition_op_is_list((unsigned)i))) {
			ps->lx.last = t;
			lexer_skip(&ps->lx, t.n);
			*ret_op = (uint8_t)i;
			return true;
		}
	}
	return false;
}

/*
 * "oneof (...)" or "oneof name" behind an operator. "oneof" alone is a constant, also before
 * "and" and "or": nothing is consumed then.
 */
static struct ast *parse_modified(struct parser *ps, uint8_t *ret_modifier)
{
	struct lexer before = ps->lx;
	unsigned m;

	for (m = MOD_ONEOF; m <= MOD_ALLOF; m++) {
		struct ast *n;

		if (!lexer_word_blank(&ps->lx, str_of(condition_modifier_text(m))))
			continue;
		lexer_blank(&ps->lx);
		n = parse_list(ps);
		if (!n && !ps->failed) {
			n = parse_list_name(ps);
			if (n && (str_eq(n->text, STR("and")) || str_eq(n->text, STR("or"))))
				n = NULL;
		}
		if (n)
			*ret_modifier = (uint8_t)m;
		else
			ps->lx = before;
		return n;
	}
	return NULL;
}

static struct ast *parse_right(struct parser *ps, struct ast *check)
{
	struct text_pos pos;
	struct ast *n;
	struct str number;
	bool is_call;

	lexer_blank(&ps->lx);
	pos = ps->lx.pos;
	n = parse_call(ps, true, &is_call);
	if (is_call)
		return n;
	switch (check->op) {
	case OP_LE:
	case OP_LT:
	case OP_GE:
	case OP_GT:
		if (!lexer_number(&ps->lx, &number))
			return fail(ps, "expected a number value");
		n = node(ps, AST_VALUE, pos);
		n->text = number;
		return n;
	case OP_IN:
	case OP_INTERSECTS:
	case OP_PMATCH:
		n = parse_list(ps);
		if (!n && !ps->failed)
			n = parse_list_name(ps);
		return n || ps->failed ? n : fail(ps, "expected a list or an identifier");
	default:
		n = parse_modified(ps, &check->modifier);
		if (!n && !ps->failed)
			n = parse_constant(ps);
		return n || ps->failed
			       ? n
			       : fail(ps, "expected a string value: a quoted or a bare string");
	}
}

static struct ast *parse_check(struct parser *ps)
{
	struct text_pos pos = ps->lx.pos;
	struct ast *left, *n, *right;
	struct str name;
	bool is_call;

	if (lexer_char(&ps->lx, '(')) {
		n = parse_or(ps);
		if (!n)
			return NULL;
		return lexer_char(&ps->lx, ')') ? n : fail(ps, "expected a ')' token");
	}
	if (str_starts(str_from(ps->lx.text, pos.idx), STR("val("))) {
		left = NULL; /* an identifier, and then an unexpected token */
	} else {
		left = parse_call(ps, false, &is_call);
		if (is_call && !left)
			return NULL;
		if (!left)
			left = parse_field(ps);
		if (ps->failed)
			return NULL;
	}
	if (!left) {
		if (!lexer_ident(&ps->lx, &name))
			return fail(ps, "expected a '(' token, a field check, or an identifier");
		n = node(ps, AST_MACRO, pos);
		n->text = name;
		return n;
	}
	lexer_blank(&ps->lx);
	n = node(ps, AST_BINARY, pos);
	if (!parse_op(ps, &n->op))
		return fail(
			ps,
			"expected a valid check operator: one of exists, =, ==, !=, <, <=, >, >=, "
			"contains, icontains, bcontains, startswith, bstartswith, endswith, glob, "
			"iglob, regex, in, intersects, pmatch");
	if (n->op == OP_EXISTS) {
		n->kind = AST_UNARY;
		set_kids(ps, n, left, NULL);
		return n;
	}
	right = parse_right(ps, n);
	if (!right)
		return NULL;
	set_kids(ps, n, left, right);
	return n;
}

/* { "not" } check: an even number of nots says nothing, an odd one is one not. */
static struct ast *parse_not(struct parser *ps)
{
	struct text_pos pos = ps->lx.pos;
	struct ast *kid, *n;
	bool negated = false;

	while (lexer_word_blank(&ps->lx, STR("not"))) {
		negated = !negated;
		lexer_blank(&ps->lx);
	}
	if (str_starts(str_from(ps->lx.text, ps->lx.pos.idx), STR("not("))) {
		lexer_skip(&ps->lx, 3);
		negated = !negated;
	}
	kid = parse_check(ps);
	if (!kid || !negated)
		return kid;
	n = node(ps, AST_NOT, pos);
	set_kids(ps, n, kid, NULL);
	return n;
}

/* The keyword, with a blank or a "(" behind it, which stays. */
static bool parse_keyword(struct parser *ps, struct str word)
{
	char next;

	if (!str_starts(str_from(ps->lx.text, ps->lx.pos.idx), word))
		return false;
	next = lexer_peek(&ps->lx, word.n);
	if (!lexer_is_blank(next) && next != '(')
		return false;
	ps->lx.last = word;
	lexer_skip(&ps->lx, word.n);
	lexer_blank(&ps->lx);
	return true;
}

/* What parse_not or parse_and gives, joined by a keyword; a single one stands for itself. */
static struct ast *parse_joined(struct parser *ps, enum ast_kind kind, struct str word,
				struct ast *(*operand)(struct parser *))
{
	struct text_pos pos = ps->lx.pos;
	size_t base = ps->stack.n;
	struct ast *n;

	do {
		n = operand(ps);
		if (!n)
			return NULL;
		vec_push(&ps->stack, n);
		lexer_blank(&ps->lx);
	} while (parse_keyword(ps, word));
	if (ps->stack.n - base == 1) {
		ps->stack.n = base;
		return n;
	}
	n = node(ps, kind, pos);
	take_kids(ps, n, base);
	return n;
}

static struct ast *parse_and(struct parser *ps)
{
	return parse_joined(ps, AST_AND, STR("and"), parse_not);
}

static struct ast *parse_or(struct parser *ps)
{
	struct ast *n;

	if (!enter(ps))
		return NULL;
	lexer_blank(&ps->lx);
	n = parse_joined(ps, AST_OR, STR("or"), parse_and);
	leave(ps);
	return n;
}

struct ast *condition_parse(struct str text, const struct condition_options *opt, struct arena *a,
			    struct condition_error *ret_err, struct text_pos *ret_end)
{
	struct condition_error unused;
	struct parser ps = { .a = a, .err = ret_err ? ret_err : &unused };
	struct ast *n;

	ps.max_depth = opt && opt->max_depth ? opt->max_depth : DEFAULT_MAX_DEPTH;
	lexer_init(&ps.lx, text);
	if (text.n >= UINT32_MAX) {
		fail(&ps, "the condition is longer than 4 GiB");
		return NULL;
	}
	n = parse_or(&ps);
	if (n && !lexer_at_end(&ps.lx))
		n = fail(&ps,
			 arena_printf(a, "unexpected token after '%.*s', expecting 'or', 'and'",
				      STR_FMT(ps.lx.last)));
	if (ret_end)
		*ret_end = ps.lx.pos;
	vec_free(&ps.stack);
	return n;
}

struct ast *condition_parse_operand(struct str text, struct arena *a,
				    struct condition_error *ret_err, size_t *ret_n)
{
	struct condition_error unused;
	struct parser ps = { .a = a, .err = ret_err ? ret_err : &unused };
	struct ast *n;
	bool is_call;

	ps.max_depth = DEFAULT_MAX_DEPTH;
	lexer_init(&ps.lx, text);
	n = parse_call(&ps, false, &is_call);
	if (!is_call)
		n = parse_field(&ps);
	if (!n)
		fail(&ps, "expected a field or a transformer");
	*ret_n = ps.lx.pos.idx;
	vec_free(&ps.stack);
	return n;
}
