/* Reading the exceptions of a rule, and adding to those it has. */
#include "rules/item_reader.h"

static bool entry_scalar(struct item_reader *r, const struct ynode *n,
			 const struct load_place *place, struct str *ret)
{
	if (n->kind == YNODE_SCALAR && n->text.n) {
		*ret = n->text;
		return true;
	}
	item_error(r, LOAD_ERR_YAML_VALIDATE, place,
		   n->kind == YNODE_SCALAR ? "Value must be non-empty"
					   : "Value is not a scalar value");
	return false;
}

/* A scalar, or a list of scalars, or (depth 2) a list whose elements may be lists of scalars. */
static void entry_of(struct item_reader *r, const struct ynode *n, const struct load_place *parent,
		     const char *kind, const char *elem_kind, unsigned depth,
		     struct exception_entry *ret)
{
	const struct load_place *place = load_place_node(r->a, parent, kind, STR(""), n);
	ret->valid = true;
	if (n->kind != YNODE_SEQ || depth == 0) {
		entry_scalar(r, n, place, &ret->item);
		return;
	}
	ret->is_list = true;
	for (uint32_t i = 0; i < n->n; i++)
		entry_of(r, n->kids[i], place, elem_kind, elem_kind, depth - 1,
			 vec_add(&ret->items));
}

static void read_exception(struct item_reader *r, const struct ynode *n,
			   const struct load_place *all, bool append, struct exception *ex)
{
	const struct load_place *unnamed = load_place_node(r->a, all, "exception", STR(""), n);
	const struct ynode *v;

	ex->place = unnamed;
	if (n->kind != YNODE_MAP) {
		item_error(r, LOAD_ERR_YAML_VALIDATE, unnamed, "Exception must be a mapping");
		return;
	}
	if (!item_scalar_at(r, n, unnamed, "name", REQUIRED, &ex->name))
		return;
	/* A named exception is told by its name; the list of all is no help then. */
	ex->place = load_place_node(r->a, r->place, "exception", ex->name, n);
	v = item_value(r, n, ex->place, "fields", append ? OPTIONAL : REQUIRED);
	if (v)
		entry_of(r, v, ex->place, "value for", "value for", 1, &ex->fields);
	v = item_value(r, n, ex->place, "comps", OPTIONAL);
	if (v)
		entry_of(r, v, ex->place, "value for", "value for", 1, &ex->comps);
	v = ynode_get(n, "values", NULL);
	if (!v || v->kind == YNODE_NULL)
		return;
	if (v->kind != YNODE_SEQ) {
		item_error(r, LOAD_ERR_YAML_VALIDATE,
			   load_place_node(r->a, ex->place, "exception values", STR(""), v),
			   "Rule exception values must be a sequence");
		return;
	}
	const struct load_place *vals =
		load_place_node(r->a, ex->place, "exception values", STR(""), v);
	for (uint32_t i = 0; i < v->n; i++)
		entry_of(r, v->kids[i], vals, "exception value", "exception value", 2,
			 vec_add(&ex->values));
}

/* Reads `exceptions`; false when there are none. */
bool item_exceptions(struct item_reader *r, bool append, exception_vec *out)
{
	const struct ynode *n = ynode_get(r->item, "exceptions", NULL);
	if (!n || n->kind == YNODE_NULL)
		return false;
	const struct load_place *all = load_place_node(r->a, r->place, "exceptions", STR(""), n);
	if (n->kind != YNODE_SEQ) {
		item_error(r, LOAD_ERR_YAML_VALIDATE, all, "Rule exceptions must be a sequence");
		return false;
	}
	for (uint32_t i = 0; i < n->n; i++)
		read_exception(r, n->kids[i], all, append, vec_add(out));
	struct strmap seen = { 0 };
	for (size_t i = 0; i < out->n; i++) {
		const struct exception *ex = &out->v[i];
		bool again = ex->name.n && strmap_has(&seen, ex->name);
		if (ex->name.n)
			strmap_put(&seen, ex->name, out);
		if (again)
			load_problem_add(
				r->a, r->f, LOAD_EXCEPTION_NAME_NOT_UNIQUE, ex->place,
				"Multiple definitions of exception '%.*s' in the same rule",
				STR_FMT(ex->name));
		if (append && ex->name.n && !ex->values.n)
			load_problem_add(r->a, r->f, LOAD_APPEND_NO_VALUES, ex->place,
					 "Overriding/appending exception with no values");
	}
	strmap_free(&seen);
	return true;
}

/* Adds the values of an appended exception to the rule's; a new name needs a whole definition. */
void item_append_exceptions(struct item_reader *r, struct rule_info *ri, exception_vec *add)
{
	struct strmap known = { 0 }; /* name to place in the rule's, plus one */
	for (size_t i = ri->exceptions.n; i > 0; i--)
		strmap_put(&known, ri->exceptions.v[i - 1].name, (void *)(uintptr_t)i);
	for (size_t i = 0; i < add->n; i++) {
		struct exception *ex = &add->v[i];
		uintptr_t at = (uintptr_t)strmap_get(&known, ex->name);
		if (at) {
			struct exception *prev = &ri->exceptions.v[at - 1];
			if (ex->fields.valid)
				item_error(
					r, LOAD_ERR_VALIDATE, ex->place,
					"Can not append exception fields to existing exception, only values");
			if (ex->comps.valid)
				item_error(
					r, LOAD_ERR_VALIDATE, ex->place,
					"Can not append exception comps to existing exception, only values");
			for (size_t k = 0; k < ex->values.n; k++)
				vec_push(&prev->values, ex->values.v[k]);
			ex->values.n = 0;
			exception_free(ex);
			continue;
		}
		bool good = true;
		if (!ex->fields.valid) {
			item_error(
				r, LOAD_ERR_VALIDATE, ex->place,
				"Rule exception must have fields property with a list of fields");
			good = false;
		} else if (!ex->values.n) {
			item_error(
				r, LOAD_ERR_VALIDATE, ex->place,
				"Rule exception must have values property with a list of values");
			good = false;
		} else if (!ri->unknown_source) {
			good = exception_check(ex, r->a, r->f);
			r->ok &= good;
		}
		if (!good) {
			exception_free(ex);
			continue;
		}
		vec_push(&ri->exceptions, *ex);
		strmap_put(&known, ex->name, (void *)(uintptr_t)ri->exceptions.n);
	}
	strmap_free(&known);
	vec_free(add);
}

void item_free_exceptions(exception_vec *v)
{
	for (size_t i = 0; i < v->n; i++)
		exception_free(&v->v[i]);
	vec_free(v);
}
