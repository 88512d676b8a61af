/* One comparison: operators over typed values. See program_internal.h; rule-language.md section 4.
 */
#include "rules/program_internal.h"

#include <stdlib.h>

#include "base/glob.h"
#include "base/xalloc.h"

const char *compare_check(unsigned op, enum value_class cls, bool is_list, struct arena *a)
{
	bool ok;

	switch (op) {
	case OP_EXISTS:
		return NULL;
	case OP_EQ:
	case OP_EQ2:
	case OP_NE:
		ok = cls != VC_NONE && !is_list;
		break;
	case OP_LT:
	case OP_LE:
	case OP_GT:
	case OP_GE:
		ok = (cls == VC_INT || cls == VC_UINT || cls == VC_DOUBLE || cls == VC_TEXT) &&
		     !is_list;
		break;
	case OP_CONTAINS:
	case OP_STARTSWITH:
	case OP_ENDSWITH:
		ok = (cls == VC_TEXT || cls == VC_BYTES) && !is_list;
		break;
	case OP_BCONTAINS:
	case OP_BSTARTSWITH:
		ok = cls == VC_BYTES && !is_list;
		break;
	case OP_ICONTAINS:
	case OP_GLOB:
	case OP_IGLOB:
	case OP_REGEX:
	case OP_PMATCH:
		ok = cls == VC_TEXT && !is_list;
		break;
	default: /* in, intersects */
		ok = cls != VC_NONE && !(is_list && (cls == VC_DOUBLE || cls == VC_BYTES));
	}
	if (ok)
		return NULL;
	return arena_printf(a, "'%s' operator not supported for %s%s filters",
			    condition_op_text(op), value_class_name(cls), is_list ? " list" : "");
}

bool predicate_prepare(struct program *p, struct predicate *pred, struct arena *a,
		       const char **ret_error)
{
	struct constant *c = (struct constant *)(uintptr_t)pred->c;
	struct path_set *paths;
	struct regex **regexes;
	uint32_t i;

	switch (pred->op) {
	case OP_IN:
	case OP_INTERSECTS:
		pred->set =
			constant_set_new(pred->c, pred->n, (enum value_class)pred->cls, &p->arena);
		break;
	case OP_EQ:
	case OP_NE:
		if (pred->modifier != MOD_NONE && pred->n > 6)
			pred->set = constant_set_new(pred->c, pred->n, (enum value_class)pred->cls,
						     &p->arena);
		break;
	case OP_PMATCH:
		paths = path_set_new(&p->arena);
		for (i = 0; i < pred->n; i++)
			path_set_add(paths, c[i].text, &p->arena);
		pred->paths = paths;
		break;
	case OP_REGEX:
		regexes = arena_calloc(&p->arena, pred->n + 1, sizeof(*regexes));
		for (i = 0; i < pred->n; i++) {
			regexes[i] = regex_new(c[i].text, a, ret_error);
			if (!regexes[i])
				return false;
			vec_push(&p->regexes, regexes[i]);
		}
		pred->regexes = regexes;
		break;
	default:
		break;
	}
	return true;
}

/* <0, 0, >0. A value may be signed where the constant is not and the reverse (evt.rawarg). */
static int order_numbers(const struct value *v, const struct constant *c, enum value_class cls)
{
	bool v_signed = param_type_is_signed(v->type), c_signed = cls == VC_INT;

	if (v_signed && v->i < 0 && !(c_signed && c->i < 0))
		return -1;
	if (c_signed && c->i < 0 && !(v_signed && v->i < 0))
		return 1;
	if (v_signed && v->i < 0)
		return v->i < c->i ? -1 : v->i > c->i;
	return v->u < c->u ? -1 : v->u > c->u;
}

static int order(enum value_class cls, const struct value *v, const struct constant *c)
{
	switch (cls) {
	case VC_TEXT:
	case VC_BYTES:
		return str_cmp(v->s, c->text);
	case VC_DOUBLE:
		return v->d < c->d ? -1 : v->d > c->d;
	default:
		return order_numbers(v, c, cls);
	}
}

static bool equal(enum value_class cls, const struct value *v, const struct constant *c)
{
	struct ipaddr ip = { 0 };

	switch (cls) {
	case VC_TEXT:
	case VC_BYTES:
		return str_eq(v->s, c->text);
	case VC_IP:
		return v->s.n == c->ip.n && memcmp(v->s.p, c->ip.b, c->ip.n) == 0;
	case VC_NET:
		if (v->s.n != 4 && v->s.n != 16)
			return false;
		ip.n = (uint8_t)v->s.n;
		memcpy(ip.b, v->s.p, v->s.n);
		return ipnet_contains(&c->net, &ip);
	default:
		return order(cls, v, c) == 0;
	}
}

static bool compare_constant(const struct predicate *pred, struct compare_scratch *scratch,
			     const struct value *v, const struct constant *c, uint32_t i)
{
	enum value_class cls = (enum value_class)pred->cls;

	switch (pred->op) {
	case OP_EQ:
		return pred->within ? order(cls, v, c) <= 0 : equal(cls, v, c);
	case OP_IN:
	case OP_INTERSECTS:
		return equal(cls, v, c);
	case OP_NE:
		return !equal(cls, v, c);
	case OP_LT:
		return order(cls, v, c) < 0;
	case OP_LE:
		return order(cls, v, c) <= 0;
	case OP_GT:
		return order(cls, v, c) > 0;
	case OP_GE:
		return order(cls, v, c) >= 0;
	case OP_CONTAINS:
	case OP_BCONTAINS:
		return str_find(v->s, c->text) >= 0;
	case OP_ICONTAINS:
		return str_find_nocase(v->s, c->text) >= 0;
	case OP_STARTSWITH:
	case OP_BSTARTSWITH:
		return str_starts(v->s, c->text);
	case OP_ENDSWITH:
		return str_ends(v->s, c->text);
	case OP_GLOB:
		return glob_match(c->text, v->s, false);
	case OP_IGLOB:
		return glob_match(c->text, v->s, true);
	case OP_REGEX:
		return regex_match(pred->regexes[i], scratch->regex, v->s);
	default:
		return false;
	}
}

static bool compare_modified(const struct predicate *pred, struct compare_scratch *scratch,
			     const struct value *v)
{
	uint32_t i, hits = 0;

	/* != allof: none of them; = anyof: one of them. */
	if (pred->set && ((pred->op == OP_EQ && pred->modifier == MOD_ANYOF) ||
			  (pred->op == OP_NE && pred->modifier == MOD_ALLOF)))
		return constant_set_has(pred->set, v) == (pred->op == OP_EQ);
	for (i = 0; i < pred->n; i++) {
		bool hit = compare_constant(pred, scratch, v, &pred->c[i], i);

		if (hit && pred->modifier == MOD_ANYOF)
			return true;
		if (!hit && pred->modifier == MOD_ALLOF)
			return false;
		hits += hit;
		if (hits > 1 && pred->modifier == MOD_ONEOF)
			return false;
	}
	return pred->modifier == MOD_ONEOF ? hits == 1 : pred->modifier == MOD_ALLOF && pred->n > 0;
}

/* What a field's value is as the right side. */
static struct constant as_constant(const struct value *v, enum value_class cls)
{
	struct constant c = { .text = { "", 0 } };

	switch (cls) {
	case VC_TEXT:
	case VC_BYTES:
		c.text = v->s;
		break;
	case VC_IP:
	case VC_NET:
		if (v->s.n == 4 || v->s.n == 16) {
			c.ip.n = (uint8_t)v->s.n;
			memcpy(c.ip.b, v->s.p, v->s.n);
		}
		break;
	case VC_DOUBLE:
		c.d = v->d;
		break;
	default:
		c.u = v->u;
	}
	return c;
}

/* The value's own type may differ from the predicate's where it is known per event only. */
static bool comparable(const struct predicate *pred, const struct value *v)
{
	enum value_class cls;

	if (v->type == pred->left->type)
		return true;
	cls = value_class(v->type);
	if (cls == (enum value_class)pred->cls)
		return true;
	return (cls == VC_INT || cls == VC_UINT || cls == VC_BOOL) &&
	       (pred->cls == VC_INT || pred->cls == VC_UINT || pred->cls == VC_BOOL);
}

static bool compare_value(const struct predicate *pred, struct compare_scratch *scratch,
			  const struct value *v, const struct operand_values *r)
{
	uint32_t i;

	if (!comparable(pred, v))
		return false;
	if (pred->right) {
		for (i = 0; i < r->n; i++) {
			struct constant c = as_constant(&r->v[i], (enum value_class)pred->cls);

			if (compare_constant(pred, scratch, v, &c, 0))
				return true;
		}
		return false;
	}
	if (pred->modifier != MOD_NONE)
		return compare_modified(pred, scratch, v);
	switch (pred->op) {
	case OP_IN:
	case OP_INTERSECTS:
		return constant_set_has(pred->set, v);
	case OP_PMATCH:
		return path_set_has(pred->paths, v->s, &scratch->walk);
	default:
		return compare_constant(pred, scratch, v, &pred->c[0], 0);
	}
}

struct string_memo *string_memo(const struct istr *s, uint64_t epoch, uint32_t n_words)
{
	/* The memo is ours; the rest of the string is not written. */
	struct istr *owner = (struct istr *)(uintptr_t)s;
	struct string_memo *m = owner->memo;

	if (m && m->epoch == epoch && m->cap_words >= n_words)
		return m;
	if (!m || m->cap_words < n_words) {
		free(m);
		m = xcalloc(1, sizeof(*m) + n_words * sizeof(m->open[0]));
		m->cap_words = n_words;
		owner->memo = m;
	}
	m->epoch = epoch;
	m->number = 0;
	m->known = 0;
	m->values = 0;
	m->program = 0;
	return m;
}

static bool compare_remembered(const struct predicate *pred, struct compare_scratch *scratch,
			       const struct value *v)
{
	struct string_memo *m = string_memo(v->istr, scratch->epoch, 0);
	uint64_t bit = UINT64_C(1) << pred->memo_bit;
	bool r;

	if (m->known & bit)
		return (m->values & bit) != 0;
	r = compare_value(pred, scratch, v, NULL);
	m->known |= bit;
	if (r)
		m->values |= bit;
	return r;
}

bool predicate_compare(const struct predicate *pred, struct compare_scratch *scratch,
		       const struct operand_values *l, const struct operand_values *r)
{
	bool all = (pred->how == COMPARE_LIST && pred->op == OP_IN) ||
		   (pred->how == COMPARE_ENDS && pred->op == OP_NE);
	uint32_t i;

	if (!l->present || (pred->right && !r->present))
		return false;
	if (pred->op == OP_EXISTS)
		return true;
	if (l->n == 0)
		return false;
	if (pred->how == COMPARE_ONE) {
		if (pred->memo_bit >= 0 && l->v[0].istr && scratch->epoch)
			return compare_remembered(pred, scratch, &l->v[0]);
		return compare_value(pred, scratch, &l->v[0], r);
	}
	for (i = 0; i < l->n; i++)
		if (compare_value(pred, scratch, &l->v[i], r) != all)
			return !all;
	return all;
}

bool predicate_compare_item(const struct predicate *pred, struct compare_scratch *scratch,
			    const struct value *v, uint32_t i, const struct path_set *path)
{
	if (!comparable(pred, v))
		return false;
	if (path)
		return path_set_has(path, v->s, &scratch->walk);
	return compare_constant(pred, scratch, v, &pred->c[i], i);
}
