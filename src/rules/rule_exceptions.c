/* Exceptions of a rule: see rule_exceptions.h. */
#include "rules/rule_exceptions.h"

#include "fields/field.h"

static void entry_free(struct exception_entry *e)
{
	/* At most two levels: a tuple's element may be a list of scalars. */
	for (size_t i = 0; i < e->items.n; i++)
		vec_free(&e->items.v[i].items);
	vec_free(&e->items);
}

void exception_free(struct exception *ex)
{
	entry_free(&ex->fields);
	entry_free(&ex->comps);
	for (size_t i = 0; i < ex->values.n; i++)
		entry_free(&ex->values.v[i]);
	vec_free(&ex->values);
}

static int find_op(struct str s)
{
	for (unsigned op = 0; op < OP_N; op++)
		if (str_eqz(s, condition_op_text(op)))
			return (int)op;
	return -1;
}

static bool op_takes_list(unsigned op)
{
	static const bool takes[] = {
#define X(name, text, list, blank) list,
		CONDITION_OP_LIST(X)
#undef X
	};
	return takes[op];
}

static bool is_modifier(struct str s)
{
	return str_eqz(s, "oneof") || str_eqz(s, "anyof") || str_eqz(s, "allof");
}

/* "startswith oneof": a string operator and a modifier. */
static bool is_modifier_op(struct str s)
{
	struct str rest = s, op, mod = { "", 0 }, piece;
	if (!str_split(&rest, ' ', &op))
		return false;
	while (rest.p && str_split(&rest, ' ', &piece)) {
		if (piece.n && mod.n)
			return false;
		if (piece.n)
			mod = piece;
	}
	int n = find_op(op);
	return n > OP_EXISTS && !op_takes_list((unsigned)n) && n != OP_LT && n != OP_LE &&
	       n != OP_GT && n != OP_GE && is_modifier(mod);
}

/* Operators behind which a parenthesised list must stand. */
static bool wants_list(struct str op)
{
	int n = find_op(op);
	return n >= 0 ? op_takes_list((unsigned)n) : is_modifier_op(op);
}

static bool op_known(struct str s)
{
	return find_op(s) >= 0 || is_modifier_op(s);
}

static bool field_known(struct str text, struct arena *a)
{
	struct field_ref ref;
	struct str name = text, arg = { "", 0 };
	ptrdiff_t open = str_chr(text, '[');
	bool has_arg = open > 0 && text.n && text.p[text.n - 1] == ']';
	if (has_arg) {
		name = str_mem(text.p, (size_t)open);
		arg = str_mem(text.p + open + 1, text.n - (size_t)open - 2);
	}
	if (field_find(name))
		return true;
	return field_resolve(name, has_arg, arg, a, &ref) == NULL;
}

static bool fail(struct arena *a, struct load_file *f, const struct exception *ex,
		 const char *message)
{
	load_problem_add(a, f, LOAD_ERR_VALIDATE, ex->place, "%s", message);
	return false;
}

static bool check_field(struct exception *ex, struct str name, struct arena *a, struct load_file *f)
{
	struct strbuf near = STRBUF_INIT;
	struct load_problem *p;
	if (field_known(name, a))
		return true;
	p = load_problem_add(a, f, LOAD_ERR_VALIDATE, ex->place,
			     "'%.*s' is not a supported filter field", STR_FMT(name));
	field_nearest(name, &near);
	if (near.n)
		p->hint = arena_printf(a, "known fields with a similar name: %s", near.s);
	strbuf_release(&near);
	return false;
}

static bool check_list_form(struct exception *ex, struct arena *a, struct load_file *f)
{
	bool ok = true;
	if (!ex->comps.valid) {
		ex->comps.valid = ex->comps.is_list = true;
		for (size_t i = 0; i < ex->fields.items.n; i++)
			vec_add(&ex->comps.items)->item = STR("=");
	}
	if (!ex->comps.is_list || ex->comps.items.n != ex->fields.items.n)
		return fail(a, f, ex, "Fields and comps lists must have equal length");
	for (size_t i = 0; i < ex->comps.items.n; i++) {
		struct str op = ex->comps.items.v[i].item;
		if (op_known(op))
			continue;
		load_problem_add(a, f, LOAD_ERR_VALIDATE, ex->place,
				 "'%.*s' is not a supported comparison operator", STR_FMT(op));
		ok = false;
	}
	for (size_t i = 0; i < ex->fields.items.n; i++)
		ok &= check_field(ex, ex->fields.items.v[i].item, a, f);
	return ok;
}

bool exception_check(struct exception *ex, struct arena *a, struct load_file *f)
{
	if (ex->fields.is_list)
		return check_list_form(ex, a, f);
	if (!ex->comps.valid) {
		ex->comps.valid = true;
		ex->comps.item = STR("in");
	}
	if (ex->comps.is_list)
		return fail(a, f, ex, "Fields and comps must both be strings");
	if (!wants_list(ex->comps.item))
		return fail(
			a, f, ex,
			"When fields is a single value, comps must be one of (in, pmatch, intersects), or a "
			"string operator with a modifier (oneof, anyof, allof)");
	return check_field(ex, ex->fields.item, a, f);
}

/* As it is, but in quotes when it has a blank in it and none around it. */
static void put_scalar(struct str s, struct strbuf *out)
{
	bool quote = str_chr(s, ' ') >= 0 && s.p[0] != '"' && s.p[0] != '\'';
	if (quote)
		strbuf_addc(out, '"');
	strbuf_addstr(out, s);
	if (quote)
		strbuf_addc(out, '"');
}

static void put_items(const struct exception_entry *items, size_t n, struct strbuf *out)
{
	strbuf_addc(out, '(');
	for (size_t i = 0; i < n; i++) {
		if (i)
			strbuf_adds(out, ", ");
		put_scalar(items[i].item, out);
	}
	strbuf_addc(out, ')');
}

static void put_value(const struct exception_entry *v, struct str op, struct strbuf *out)
{
	if (v->is_list) {
		put_items(v->items.v, v->items.n, out);
	} else if (wants_list(op) && (v->item.n == 0 || v->item.p[0] != '(')) {
		strbuf_addc(out, '(');
		put_scalar(v->item, out);
		strbuf_addc(out, ')');
	} else if (v->item.n && v->item.p[0] == '(') {
		strbuf_addstr(out, v->item);
	} else {
		put_scalar(v->item, out);
	}
}

static bool put_tuples(const struct exception *ex, struct arena *a, struct load_file *f,
		       struct strbuf *out)
{
	size_t n = ex->fields.items.n;
	for (size_t i = 0; i < ex->values.n; i++) {
		const struct exception_entry *tuple = &ex->values.v[i];
		if (!tuple->is_list || tuple->items.n != n)
			return fail(a, f, ex, "Fields and values lists must have equal length");
		strbuf_adds(out, i ? " or (" : "(");
		for (size_t k = 0; k < n; k++) {
			struct str op = ex->comps.items.v[k].item;
			strbuf_adds(out, k ? " and " : " ");
			strbuf_addstr(out, ex->fields.items.v[k].item);
			strbuf_addc(out, ' ');
			strbuf_addstr(out, op);
			strbuf_addc(out, ' ');
			put_value(&tuple->items.v[k], op, out);
		}
		strbuf_addc(out, ')');
	}
	return true;
}

static bool put_single(const struct exception *ex, struct arena *a, struct load_file *f,
		       struct strbuf *out)
{
	for (size_t i = 0; i < ex->values.n; i++)
		if (ex->values.v[i].is_list)
			return fail(a, f, ex, "Expected values to be a list of scalars");
	strbuf_addstr(out, ex->fields.item);
	strbuf_addc(out, ' ');
	strbuf_addstr(out, ex->comps.item);
	strbuf_addc(out, ' ');
	put_items(ex->values.v, ex->values.n, out);
	return true;
}

bool exceptions_apply(const struct exception *ex, size_t n, struct str cond, struct arena *a,
		      struct load_file *f, struct strbuf *out)
{
	bool ok = true;
	strbuf_addc(out, '(');
	strbuf_addstr(out, cond);
	strbuf_addc(out, ')');
	for (size_t i = 0; i < n; i++) {
		if (!ex[i].values.n)
			continue;
		strbuf_adds(out, " and not (");
		ok &= ex[i].fields.is_list ? put_tuples(&ex[i], a, f, out)
					   : put_single(&ex[i], a, f, out);
		strbuf_addc(out, ')');
	}
	return ok;
}
