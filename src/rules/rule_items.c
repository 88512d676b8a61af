/*
 * The items of a rules file: lists, macros, rules, in all their forms (rule-language.md section 1). An item with an
 * error is left out, its name remembered, and reading goes on.
 */
#include "rules/ruleset_internal.h"

/* What reading one item needs at hand. */
struct reader {
	struct ruleset *rs;
	struct arena *a;
	struct load_file *f;
	const struct ynode *item;
	const struct load_place *place; /* of the item, with its name when known */
	bool ok;
};

enum override_op { OVERRIDE_NONE, OVERRIDE_APPEND, OVERRIDE_REPLACE };

/* Keys of a rule: X(id, key, may be appended, may be replaced). */
#define RULE_KEYS(X)                                                    \
	X(CONDITION, "condition", 1, 1)                                 \
	X(OUTPUT, "output", 1, 1)                                       \
	X(DESC, "desc", 1, 1)                                           \
	X(PRIORITY, "priority", 0, 1)                                   \
	X(CAPTURE, "capture", 0, 1)                                     \
	X(CAPTURE_DURATION, "capture_duration", 0, 1)                   \
	X(TAGS, "tags", 1, 1)                                           \
	X(EXCEPTIONS, "exceptions", 1, 1)                               \
	X(ENABLED, "enabled", 0, 1)                                     \
	X(WARN_EVTTYPES, "warn_evttypes", 0, 1)                         \
	X(SKIP_IF_UNKNOWN, "skip-if-unknown-filter", 0, 1)              \
	X(SOURCE, "source", 0, 0)

enum {
#define X(id, key, append, replace) KEY_##id,
	RULE_KEYS(X)
#undef X
	KEY_N
};

static const struct {
	const char *name;
	bool append, replace;
} rule_keys[KEY_N] = {
#define X(id, key, append, replace) { key, append, replace },
	RULE_KEYS(X)
#undef X
};

#define WARN_APPEND                                                                                   \
	"'append' key is deprecated. Add an 'append' entry (e.g. 'condition: append') under 'override' " \
	"instead."
#define ERR_APPEND_AND_OVERRIDE                                                                    \
	"Keys 'override' and 'append: true' cannot be used together. Add an 'append' entry (e.g. " \
	"'condition: append') under 'override' instead."
#define WARN_ENABLED                                                                                 \
	"The standalone 'enabled' key usage is deprecated. The correct approach requires also a "     \
	"'replace' entry under the 'override' key (i.e. 'enabled: replace')."

static void err_at(struct reader *r, enum load_code code, const struct load_place *place, const char *message)
{
	load_problem_add(r->a, r->f, code, place, "%s", message);
	r->ok = false;
}

static void err_validate(struct reader *r, const char *message)
{
	err_at(r, LOAD_ERR_VALIDATE, r->place, message);
}

static void warn(struct reader *r, enum load_code code, const struct load_place *place, const char *message)
{
	load_problem_add(r->a, r->f, code, place, "%s", message);
}

/* --- values ------------------------------------------------------------------------------- */

enum want { OPTIONAL, REQUIRED };

/* The node of a key that must not be empty; NULL when absent or after an error. */
static const struct ynode *value_node(struct reader *r, const struct ynode *map,
				      const struct load_place *place, const char *key, enum want want)
{
	const struct ynode *v = ynode_get(map, key, NULL);
	if (v && v->kind != YNODE_NULL)
		return v;
	if (!v && want == OPTIONAL)
		return NULL;
	load_problem_add(r->a, r->f, LOAD_ERR_YAML_VALIDATE, place,
			 v ? "Mapping for key '%s' is empty" : "Item has no mapping for key '%s'", key);
	r->ok = false;
	return NULL;
}

static bool scalar_at(struct reader *r, const struct ynode *map, const struct load_place *place, const char *key,
		      enum want want, struct str *ret)
{
	const struct ynode *v = value_node(r, map, place, key, want);
	if (!v)
		return false;
	const struct load_place *vp = load_place_node(r->a, place, "value for", str_of(key), v);
	if (v->kind != YNODE_SCALAR)
		err_at(r, LOAD_ERR_YAML_VALIDATE, vp, "Value is not a scalar value");
	else if (!v->text.n)
		err_at(r, LOAD_ERR_YAML_VALIDATE, vp, "Value must be non-empty");
	else
		*ret = v->text;
	return v->kind == YNODE_SCALAR && v->text.n;
}

static bool scalar_of(struct reader *r, const char *key, enum want want, struct str *ret)
{
	return scalar_at(r, r->item, r->place, key, want, ret);
}

static void bad_scalar(struct reader *r, const char *key, const char *expected)
{
	const struct load_place *vp =
		load_place_node(r->a, r->place, "value for", str_of(key), ynode_get(r->item, key, NULL));
	struct load_problem *p =
		load_problem_add(r->a, r->f, LOAD_ERR_YAML_VALIDATE, vp, "Can't decode YAML scalar value");
	p->hint = expected;
	r->ok = false;
}

static bool bool_of(struct reader *r, const char *key, enum want want, bool *ret)
{
	static const char *const yes[] = { "true", "yes", "on", "y" }, *const no[] = { "false", "no", "off", "n" };
	struct str s;
	if (!scalar_of(r, key, want, &s))
		return false;
	for (size_t i = 0; i < 4; i++) {
		if (str_eq_nocase(s, str_of(yes[i])) || str_eq_nocase(s, str_of(no[i]))) {
			*ret = str_eq_nocase(s, str_of(yes[i]));
			return true;
		}
	}
	bad_scalar(r, key, "expected true or false");
	return false;
}

static bool u32_of(struct reader *r, const char *key, uint32_t *ret)
{
	unsigned long long v;
	struct str s;
	if (!scalar_of(r, key, OPTIONAL, &s))
		return false;
	if (!str_to_u64(s, &v) || v > UINT32_MAX) {
		bad_scalar(r, key, "expected a number from 0 to 4294967295");
		return false;
	}
	*ret = (uint32_t)v;
	return true;
}

static bool priority_of(struct reader *r, enum priority *ret)
{
	struct str s;
	if (!scalar_of(r, "priority", REQUIRED, &s))
		return false;
	if (priority_parse(s, ret))
		return true;
	struct load_problem *p = load_problem_add(
		r->a, r->f, LOAD_ERR_YAML_VALIDATE,
		load_place_node(r->a, r->place, "rule priority", STR(""), ynode_get(r->item, "priority", NULL)),
		"Invalid priority");
	p->hint = "priorities are emergency, alert, critical, error, warning, notice, informational (info), debug";
	r->ok = false;
	return false;
}

static int cmp_str(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static void sort_unique(struct rule *rule)
{
	size_t n = 0;
	if (rule->tags.n)
		qsort(rule->tags.v, rule->tags.n, sizeof(*rule->tags.v), cmp_str);
	for (size_t i = 0; i < rule->tags.n; i++)
		if (!i || !str_eq(rule->tags.v[i], rule->tags.v[n - 1]))
			rule->tags.v[n++] = rule->tags.v[i];
	rule->tags.n = n;
}

/* Adds the scalars of a sequence to `v`; `kind` names one of them in problems. */
static bool strings_of(struct reader *r, const char *key, enum want want, const char *kind, str_vec *v)
{
	const struct ynode *seq = value_node(r, r->item, r->place, key, want);
	if (!seq)
		return false;
	if (seq->kind != YNODE_SEQ) {
		err_at(r, LOAD_ERR_YAML_VALIDATE, load_place_node(r->a, r->place, "value for", str_of(key), seq),
		       "Value is not a sequence");
		return false;
	}
	vec_reserve(v, v->n + seq->n);
	for (uint32_t i = 0; i < seq->n; i++) {
		const struct ynode *e = seq->kids[i];
		if (e->kind == YNODE_SCALAR && e->text.n) {
			vec_push(v, e->text);
			continue;
		}
		err_at(r, LOAD_ERR_YAML_VALIDATE, load_place_node(r->a, r->place, kind, STR(""), e),
		       e->kind == YNODE_SCALAR ? "Value must be non-empty" : "Value is not a scalar value");
	}
	return true;
}

/* --- exceptions --------------------------------------------------------------------------- */

static bool entry_scalar(struct reader *r, const struct ynode *n, const struct load_place *place, struct str *ret)
{
	if (n->kind == YNODE_SCALAR && n->text.n) {
		*ret = n->text;
		return true;
	}
	err_at(r, LOAD_ERR_YAML_VALIDATE, place,
	       n->kind == YNODE_SCALAR ? "Value must be non-empty" : "Value is not a scalar value");
	return false;
}

/* A scalar, or a list of scalars, or (depth 2) a list whose elements may be lists of scalars. */
static void entry_of(struct reader *r, const struct ynode *n, const struct load_place *parent, const char *kind,
		     const char *elem_kind, unsigned depth, struct exception_entry *ret)
{
	const struct load_place *place = load_place_node(r->a, parent, kind, STR(""), n);
	ret->valid = true;
	if (n->kind != YNODE_SEQ || depth == 0) {
		entry_scalar(r, n, place, &ret->item);
		return;
	}
	ret->is_list = true;
	for (uint32_t i = 0; i < n->n; i++)
		entry_of(r, n->kids[i], place, elem_kind, elem_kind, depth - 1, vec_add(&ret->items));
}

static void read_exception(struct reader *r, const struct ynode *n, const struct load_place *all, bool append,
			   struct exception *ex)
{
	const struct load_place *unnamed = load_place_node(r->a, all, "exception", STR(""), n);
	const struct ynode *v;

	ex->place = unnamed;
	if (n->kind != YNODE_MAP) {
		err_at(r, LOAD_ERR_YAML_VALIDATE, unnamed, "Exception must be a mapping");
		return;
	}
	if (!scalar_at(r, n, unnamed, "name", REQUIRED, &ex->name))
		return;
	/* A named exception is told by its name; the list of all is no help then. */
	ex->place = load_place_node(r->a, r->place, "exception", ex->name, n);
	v = value_node(r, n, ex->place, "fields", append ? OPTIONAL : REQUIRED);
	if (v)
		entry_of(r, v, ex->place, "value for", "value for", 1, &ex->fields);
	v = value_node(r, n, ex->place, "comps", OPTIONAL);
	if (v)
		entry_of(r, v, ex->place, "value for", "value for", 1, &ex->comps);
	v = ynode_get(n, "values", NULL);
	if (!v || v->kind == YNODE_NULL)
		return;
	if (v->kind != YNODE_SEQ) {
		err_at(r, LOAD_ERR_YAML_VALIDATE,
		       load_place_node(r->a, ex->place, "exception values", STR(""), v),
		       "Rule exception values must be a sequence");
		return;
	}
	const struct load_place *vals = load_place_node(r->a, ex->place, "exception values", STR(""), v);
	for (uint32_t i = 0; i < v->n; i++)
		entry_of(r, v->kids[i], vals, "exception value", "exception value", 2, vec_add(&ex->values));
}

typedef VEC(struct exception) exception_vec;

static void free_exceptions(exception_vec *v)
{
	for (size_t i = 0; i < v->n; i++)
		exception_free(&v->v[i]);
	vec_free(v);
}

/* Reads `exceptions`; false when there are none. */
static bool exceptions_of(struct reader *r, bool append, exception_vec *out)
{
	const struct ynode *n = ynode_get(r->item, "exceptions", NULL);
	if (!n || n->kind == YNODE_NULL)
		return false;
	const struct load_place *all = load_place_node(r->a, r->place, "exceptions", STR(""), n);
	if (n->kind != YNODE_SEQ) {
		err_at(r, LOAD_ERR_YAML_VALIDATE, all, "Rule exceptions must be a sequence");
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
			load_problem_add(r->a, r->f, LOAD_EXCEPTION_NAME_NOT_UNIQUE, ex->place,
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
static void append_exceptions(struct reader *r, struct rule_info *ri, exception_vec *add)
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
				err_at(r, LOAD_ERR_VALIDATE, ex->place,
				       "Can not append exception fields to existing exception, only values");
			if (ex->comps.valid)
				err_at(r, LOAD_ERR_VALIDATE, ex->place,
				       "Can not append exception comps to existing exception, only values");
			for (size_t k = 0; k < ex->values.n; k++)
				vec_push(&prev->values, ex->values.v[k]);
			ex->values.n = 0;
			exception_free(ex);
			continue;
		}
		bool good = true;
		if (!ex->fields.valid) {
			err_at(r, LOAD_ERR_VALIDATE, ex->place,
			       "Rule exception must have fields property with a list of fields");
			good = false;
		} else if (!ex->values.n) {
			err_at(r, LOAD_ERR_VALIDATE, ex->place,
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

/* --- keys, append, override --------------------------------------------------------------- */

static bool is_known_key(struct str key, const char *kind)
{
	const char *content = strcmp(kind, "list") == 0 ? "items" : "condition";

	if (str_eqz(key, kind) || str_eqz(key, "append") || str_eqz(key, "override"))
		return true;
	for (size_t i = 0; strcmp(kind, "rule") == 0 && i < KEY_N; i++)
		if (str_eqz(key, rule_keys[i].name))
			return true;
	return str_eqz(key, content);
}

#define MAX_COMPARED_KEYS 64 /* an item has a dozen: beyond, repetitions are not looked for */

static void check_keys(struct reader *r, const char *kind)
{
	for (uint32_t i = 0; i < r->item->n; i++) {
		const struct ynode *k = r->item->kids[2 * i];
		if (k->kind != YNODE_SCALAR)
			continue;
		if (!is_known_key(k->text, kind))
			load_problem_add(r->a, r->f, LOAD_UNKNOWN_KEY, r->place,
					 "Unknown key '%.*s'. The key will be ignored.", STR_FMT(k->text));
		for (uint32_t j = 0; j < i && j < MAX_COMPARED_KEYS; j++) {
			const struct ynode *other = r->item->kids[2 * j];
			if (other->kind != YNODE_SCALAR || !str_eq(other->text, k->text))
				continue;
			load_problem_add(r->a, r->f, LOAD_CODE_NONE,
					 load_place_node(r->a, r->place, "key", k->text, k),
					 "key '%.*s' is given twice; the first is taken", STR_FMT(k->text));
			break;
		}
	}
}

static bool append_flag(struct reader *r)
{
	bool append = false;
	if (bool_of(r, "append", OPTIONAL, &append) && append)
		warn(r, LOAD_DEPRECATED_ITEM, r->place, WARN_APPEND);
	return append;
}

/* Fills ops[] for the keys (of `names`); false when there is no override, or an error. */
static bool overrides(struct reader *r, size_t n, const char *(*name)(size_t), bool (*allows)(size_t, enum override_op),
		      enum override_op *ops)
{
	const struct ynode *o = ynode_get(r->item, "override", NULL);
	const struct load_place *place;
	bool any = false;

	if (!o || o->kind == YNODE_NULL)
		return false;
	place = load_place_node(r->a, r->place, "overrides", STR(""), r->item);
	if (o->kind != YNODE_MAP) {
		err_at(r, LOAD_ERR_YAML_VALIDATE, place, "Value of 'override' must be a mapping");
		return false;
	}
	for (uint32_t i = 0; i < o->n; i++) {
		const struct ynode *k = o->kids[2 * i], *v = o->kids[2 * i + 1];
		struct str key = k->kind == YNODE_SCALAR ? k->text : STR("");
		const struct load_place *kp = load_place_node(r->a, place, "overrides", key, k);
		enum override_op op = OVERRIDE_NONE;
		const char *problem = NULL;
		size_t id = 0;

		while (id < n && !str_eqz(key, name(id)))
			id++;
		if (v->kind == YNODE_SCALAR && str_eqz(v->text, "append"))
			op = OVERRIDE_APPEND;
		else if (v->kind == YNODE_SCALAR && str_eqz(v->text, "replace"))
			op = OVERRIDE_REPLACE;
		if (op == OVERRIDE_NONE)
			problem = "Invalid override operation for key '%.*s': use 'append' or 'replace'";
		else if (id == n || (!allows(id, OVERRIDE_APPEND) && !allows(id, OVERRIDE_REPLACE)))
			problem = "Key '%.*s' cannot be overridden";
		else if (!allows(id, op))
			problem = op == OVERRIDE_APPEND ?
					  "Key '%.*s' cannot be appended to, use 'replace' instead" :
					  "Key '%.*s' cannot be replaced, use 'append' instead";
		if (problem) {
			struct strbuf sb = STRBUF_INIT;
			const char *rest = strstr(problem, "%.*s") + 4;
			strbuf_add(&sb, problem, (size_t)(strstr(problem, "%.*s") - problem));
			strbuf_addstr(&sb, key);
			strbuf_adds(&sb, rest);
			err_at(r, LOAD_ERR_YAML_VALIDATE, kp, sb.s);
			strbuf_release(&sb);
			continue;
		}
		ops[id] = op;
		any = true;
	}
	return any && r->ok;
}

static const char *rule_key_name(size_t i)
{
	return rule_keys[i].name;
}

static bool rule_key_allows(size_t i, enum override_op op)
{
	return op == OVERRIDE_APPEND ? rule_keys[i].append : rule_keys[i].replace;
}

static const char *items_key(size_t i)
{
	(void)i;
	return "items";
}

static const char *condition_key(size_t i)
{
	(void)i;
	return "condition";
}

static bool allows_both(size_t i, enum override_op op)
{
	(void)i;
	(void)op;
	return true;
}

/* Reads append and override of an item with one content key; false after an error. */
static bool append_or_override(struct reader *r, const char *(*key)(size_t), bool *ret_append)
{
	enum override_op op = OVERRIDE_NONE;
	bool append = append_flag(r), over = overrides(r, 1, key, allows_both, &op);
	if (append && over)
		err_at(r, LOAD_ERR_YAML_VALIDATE, r->place, ERR_APPEND_AND_OVERRIDE);
	*ret_append = append || op == OVERRIDE_APPEND;
	return r->ok;
}

/* Puts a blank and `add` behind *text, which has room for *cap bytes in the arena (0: not its own yet). */
static void join(struct arena *a, struct str *text, size_t *cap, struct str add)
{
	size_t n = text->n + 1 + add.n;
	char *p = (char *)text->p;

	/* Room is doubled, so that a text with ten thousand additions is not copied ten thousand times. */
	if (n + 1 > *cap) {
		*cap = 2 * (n + 1);
		p = arena_alloc(a, *cap);
		memcpy(p, text->p, text->n);
	}
	p[text->n] = ' ';
	memcpy(p + text->n + 1, add.p, add.n);
	p[n] = 0;
	*text = str_mem(p, n);
}

/* --- lists and macros --------------------------------------------------------------------- */

static bool word_of(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		if (!letter && (i == 0 || !((c >= '0' && c <= '9') || c == '_')))
			return false;
	}
	return s.n > 0;
}

static bool list_name_ok(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (strchr("()\"' \t\n\r\v\f=,", s.p[i]))
			return false;
	return s.n > 0;
}

static void read_list(struct reader *r, struct str name)
{
	struct ruleset *rs = r->rs;
	struct list_info new = { .name = name, .place = r->place };
	struct list_info *prev = strmap_get(&rs->list_map, name);
	bool append;

	if (!list_name_ok(name))
		warn(r, LOAD_INVALID_LIST_NAME, r->place,
		     "List has an invalid name. List names should match a regular expression: "
		     "([^()\"'[:space:]=,]+)");
	strings_of(r, "items", REQUIRED, "list item", &new.items);
	if (!append_or_override(r, items_key, &append))
		goto out;
	if (append && !prev) {
		if (!ruleset_is_broken(rs, "list", name))
			err_validate(r, "List uses 'append' or 'override.items: append' but no list by that name "
					"already exists");
		goto out;
	}
	if (append) {
		vec_reserve(&prev->items, prev->items.n + new.items.n);
		for (size_t i = 0; i < new.items.n; i++)
			vec_push(&prev->items, new.items.v[i]);
	} else if (prev) {
		vec_free(&prev->items);
		prev->items.v = new.items.v;
		prev->items.n = new.items.n;
		prev->items.cap = new.items.cap;
		memset(&new.items, 0, sizeof(new.items));
		prev->place = r->place;
	} else {
		prev = arena_calloc(r->a, 1, sizeof(*prev));
		*prev = new;
		memset(&new.items, 0, sizeof(new.items));
		prev->index = rs->n_defs;
		vec_push(&rs->lists, prev);
		strmap_put(&rs->list_map, name, prev);
	}
	prev->visibility = rs->n_defs++;
out:
	vec_free(&new.items);
}

/* The condition's text and place. */
static bool condition_of(struct reader *r, const char *kind, enum want want, struct str *ret,
			 const struct load_place **ret_place)
{
	if (!scalar_of(r, "condition", want, ret))
		return false;
	*ret_place = load_place_node(r->a, r->place, kind, STR(""), ynode_get(r->item, "condition", NULL));
	return true;
}

static void read_macro(struct reader *r, struct str name)
{
	struct ruleset *rs = r->rs;
	struct macro_info *prev = strmap_get(&rs->macro_map, name);
	const struct load_place *cond_place;
	struct str cond;
	bool append;

	if (!word_of(name))
		warn(r, LOAD_INVALID_MACRO_NAME, r->place,
		     "Macro has an invalid name. Macro names should match a regular expression: "
		     "([a-zA-Z]+[a-zA-Z0-9_]*)");
	bool has_cond = condition_of(r, "macro condition", REQUIRED, &cond, &cond_place);
	if (!append_or_override(r, condition_key, &append) || !has_cond)
		return;
	if (append && !prev) {
		if (!ruleset_is_broken(rs, "macro", name))
			err_validate(r, "Macro uses 'append' or 'override.condition: append' but no macro by that "
					"name already exists");
		return;
	}
	if (append) {
		join(r->a, &prev->cond, &prev->cond_cap, cond);
	} else {
		if (!prev) {
			prev = arena_calloc(r->a, 1, sizeof(*prev));
			prev->name = name;
			prev->index = rs->n_defs;
			vec_push(&rs->macros, prev);
			strmap_put(&rs->macro_map, name, prev);
		}
		prev->cond = cond;
		prev->cond_cap = 0;
		prev->place = r->place;
		prev->cond_place = cond_place;
	}
	prev->visibility = rs->n_defs++;
}

/* --- rules -------------------------------------------------------------------------------- */

/* The content keys of a rule as an item gives them. */
struct rule_parts {
	bool has[KEY_N];
	struct str cond, output, desc;
	const struct load_place *cond_place, *output_place;
	enum priority priority;
	bool enabled, capture, warn_evttypes, skip_if_unknown;
	uint32_t capture_duration;
	struct rule tags_of; /* only its tags */
	exception_vec exceptions;
};

static void read_parts(struct reader *r, const bool *wanted, bool append, struct rule_parts *p)
{
	if (wanted[KEY_CONDITION])
		p->has[KEY_CONDITION] =
			condition_of(r, "rule condition", OPTIONAL, &p->cond, &p->cond_place);
	if (wanted[KEY_OUTPUT] && scalar_of(r, "output", OPTIONAL, &p->output)) {
		p->has[KEY_OUTPUT] = true;
		p->output_place = load_place_node(r->a, r->place, "rule output", STR(""),
						  ynode_get(r->item, "output", NULL));
	}
	if (wanted[KEY_DESC])
		p->has[KEY_DESC] = scalar_of(r, "desc", OPTIONAL, &p->desc);
	if (wanted[KEY_PRIORITY] && ynode_get(r->item, "priority", NULL))
		p->has[KEY_PRIORITY] = priority_of(r, &p->priority);
	if (wanted[KEY_CAPTURE])
		p->has[KEY_CAPTURE] = bool_of(r, "capture", OPTIONAL, &p->capture);
	if (wanted[KEY_CAPTURE_DURATION])
		p->has[KEY_CAPTURE_DURATION] = u32_of(r, "capture_duration", &p->capture_duration);
	if (wanted[KEY_TAGS]) {
		const struct ynode *tags = ynode_get(r->item, "tags", NULL);
		p->has[KEY_TAGS] = tags && tags->kind != YNODE_NULL &&
				   strings_of(r, "tags", OPTIONAL, "value for", &p->tags_of.tags);
	}
	if (wanted[KEY_EXCEPTIONS])
		p->has[KEY_EXCEPTIONS] = exceptions_of(r, append, &p->exceptions);
	if (wanted[KEY_ENABLED])
		p->has[KEY_ENABLED] = bool_of(r, "enabled", OPTIONAL, &p->enabled);
	if (wanted[KEY_WARN_EVTTYPES])
		p->has[KEY_WARN_EVTTYPES] = bool_of(r, "warn_evttypes", OPTIONAL, &p->warn_evttypes);
	if (wanted[KEY_SKIP_IF_UNKNOWN])
		p->has[KEY_SKIP_IF_UNKNOWN] =
			bool_of(r, "skip-if-unknown-filter", OPTIONAL, &p->skip_if_unknown);
}

static void free_parts(struct rule_parts *p)
{
	vec_free(&p->tags_of.tags);
	free_exceptions(&p->exceptions);
}

static void append_parts(struct reader *r, struct rule_info *ri, struct rule_parts *p)
{
	struct rule *rule = &ri->pub;
	if (p->has[KEY_CONDITION])
		join(r->a, &rule->condition_text, &ri->cond_cap, p->cond);
	if (p->has[KEY_OUTPUT])
		join(r->a, &rule->output_text, &ri->output_cap, p->output);
	if (p->has[KEY_DESC])
		join(r->a, &rule->desc, &ri->desc_cap, p->desc);
	for (size_t i = 0; i < p->tags_of.tags.n; i++)
		vec_push(&rule->tags, p->tags_of.tags.v[i]);
	sort_unique(rule);
	if (p->has[KEY_EXCEPTIONS])
		append_exceptions(r, ri, &p->exceptions);
	ri->visibility = r->rs->n_defs++;
}

static void check_new_exceptions(struct reader *r, struct rule_info *ri)
{
	for (size_t i = 0; i < ri->exceptions.n && !ri->unknown_source; i++)
		r->ok &= exception_check(&ri->exceptions.v[i], r->a, r->f);
}

static void replace_parts(struct reader *r, struct rule_info *ri, struct rule_parts *p)
{
	struct rule *rule = &ri->pub;
	if (p->has[KEY_CONDITION]) {
		rule->condition_text = p->cond;
		ri->cond_cap = 0;
		ri->cond_place = p->cond_place;
	}
	if (p->has[KEY_OUTPUT]) {
		rule->output_text = p->output;
		ri->output_cap = 0;
		ri->output_place = p->output_place;
	}
	if (p->has[KEY_DESC]) {
		rule->desc = p->desc;
		ri->desc_cap = 0;
	}
	if (p->has[KEY_PRIORITY])
		rule->priority = p->priority;
	if (p->has[KEY_CAPTURE])
		rule->capture = p->capture;
	if (p->has[KEY_CAPTURE_DURATION])
		rule->capture_duration_ms = p->capture_duration;
	if (p->has[KEY_TAGS]) {
		rule->tags.n = 0;
		for (size_t i = 0; i < p->tags_of.tags.n; i++)
			vec_push(&rule->tags, p->tags_of.tags.v[i]);
		sort_unique(rule);
	}
	if (p->has[KEY_EXCEPTIONS]) {
		for (size_t i = 0; i < ri->exceptions.n; i++)
			exception_free(&ri->exceptions.v[i]);
		ri->exceptions.n = 0;
		for (size_t i = 0; i < p->exceptions.n; i++)
			vec_push(&ri->exceptions, p->exceptions.v[i]);
		p->exceptions.n = 0;
		check_new_exceptions(r, ri);
	}
	if (p->has[KEY_ENABLED])
		rule->enabled = p->enabled;
	if (p->has[KEY_WARN_EVTTYPES])
		ri->warn_evttypes = p->warn_evttypes;
	if (p->has[KEY_SKIP_IF_UNKNOWN])
		ri->skip_if_unknown_filter = p->skip_if_unknown;
	ri->visibility = r->rs->n_defs++;
}

static bool known_source(const struct ruleset *rs, struct str source)
{
	if (!rs->sources)
		return str_eqz(source, RULES_DEFAULT_SOURCE);
	for (size_t i = 0; rs->sources[i]; i++)
		if (str_eqz(source, rs->sources[i]))
			return true;
	return false;
}

/* The item's source; false when it has none. It may be given without a value. */
static bool source_of(struct reader *r, struct str *ret)
{
	const struct ynode *n = ynode_get(r->item, "source", NULL);
	*ret = STR(RULES_DEFAULT_SOURCE);
	if (!n || n->kind != YNODE_SCALAR || !n->text.n)
		return false;
	*ret = n->text;
	return true;
}

/* An existing rule cannot change its source. */
static bool same_source(struct reader *r, const struct rule_info *prev, bool must_be_given)
{
	struct str source;
	bool given = source_of(r, &source);
	if ((must_be_given && !given) || str_eq(source, prev->pub.source))
		return true;
	err_validate(r, "Rule has been re-defined with a different source");
	return false;
}

static void define_rule(struct reader *r, struct str name, struct rule_info *prev)
{
	static const int required[] = { KEY_CONDITION, KEY_OUTPUT, KEY_DESC, KEY_PRIORITY };
	struct rule_parts p = { 0 };
	bool wanted[KEY_N];

	memset(wanted, 1, sizeof(wanted));
	for (size_t i = 0; i < 4; i++)
		value_node(r, r->item, r->place, rule_keys[required[i]].name, REQUIRED);
	if (r->ok)
		read_parts(r, wanted, false, &p);
	if (!r->ok || (prev && !same_source(r, prev, false)))
		goto out;
	if (!prev) {
		prev = arena_calloc(r->a, 1, sizeof(*prev));
		prev->pub.name = name;
		prev->index = r->rs->n_defs;
		source_of(r, &prev->pub.source);
		vec_push(&r->rs->rules, prev);
		strmap_put(&r->rs->rule_map, name, prev);
	}
	prev->place = r->place;
	prev->pub.file = r->f->name;
	prev->pub.line = r->item->line;
	prev->pub.col = r->item->col;
	prev->unknown_source = !known_source(r->rs, prev->pub.source);
	if (prev->unknown_source)
		load_problem_add(r->a, r->f, LOAD_UNKNOWN_SOURCE, r->place, "Unknown source %.*s, skipping",
				 STR_FMT(prev->pub.source));
	/* What the new definition leaves out goes back to its default. */
	if (!p.has[KEY_ENABLED])
		p.enabled = true;
	if (!p.has[KEY_WARN_EVTTYPES])
		p.warn_evttypes = true;
	memset(p.has, 1, sizeof(p.has));
	replace_parts(r, prev, &p);
	prev->broken = !r->ok;
out:
	free_parts(&p);
}

static bool no_previous(struct reader *r, struct str name, const char *message)
{
	if (!ruleset_is_broken(r->rs, "rule", name))
		err_validate(r, message);
	return false;
}

#define ERR_NO_RULE_APPEND \
	"Rule uses 'append' or 'override.<key>: append' but no rule by that name already exists"
#define ERR_NO_RULE_REPLACE \
	"An 'override.<key>: replace' to a rule was requested but no rule by that name already exists"

static void append_rule(struct reader *r, struct str name, struct rule_info *prev)
{
	bool wanted[KEY_N] = { [KEY_CONDITION] = true, [KEY_EXCEPTIONS] = true };
	struct rule_parts p = { 0 };

	read_parts(r, wanted, true, &p);
	if (!r->ok)
		goto out;
	if (!prev) {
		no_previous(r, name, ERR_NO_RULE_APPEND);
		goto out;
	}
	if (!same_source(r, prev, true))
		goto out;
	if (!p.has[KEY_CONDITION] && !p.has[KEY_EXCEPTIONS]) {
		err_validate(r, "Appended rule must have exceptions or condition property");
		goto out;
	}
	append_parts(r, prev, &p);
	prev->broken |= !r->ok;
out:
	free_parts(&p);
}

/* Each overridden key must be there, and each key that is there and could be must be overridden. */
static void check_override_keys(struct reader *r, const enum override_op *ops)
{
	for (size_t i = 0; i < KEY_N; i++) {
		const struct ynode *v = ynode_get(r->item, rule_keys[i].name, NULL);
		if (ops[i] && !v) {
			load_problem_add(r->a, r->f, LOAD_ERR_YAML_VALIDATE, r->place,
					 "An %s override for '%s' was specified but '%s' is not defined",
					 ops[i] == OVERRIDE_APPEND ? "append" : "replace", rule_keys[i].name,
					 rule_keys[i].name);
			r->ok = false;
		} else if (!ops[i] && v && rule_keys[i].replace) {
			load_problem_add(r->a, r->f, LOAD_ERR_YAML_VALIDATE,
					 load_place_node(r->a, r->place, "overrides", str_of(rule_keys[i].name), v),
					 "Unexpected key '%s': no corresponding entry under 'override' is defined.",
					 rule_keys[i].name);
			r->ok = false;
		}
	}
}

static void override_rule(struct reader *r, struct str name, struct rule_info *prev, const enum override_op *ops)
{
	struct rule_parts add = { 0 }, put = { 0 };
	bool append[KEY_N] = { false }, replace[KEY_N] = { false }, any_append = false, any_replace = false;

	check_override_keys(r, ops);
	for (size_t i = 0; i < KEY_N; i++) {
		append[i] = ops[i] == OVERRIDE_APPEND;
		replace[i] = ops[i] == OVERRIDE_REPLACE;
		any_append |= append[i];
		any_replace |= replace[i];
	}
	if (!r->ok)
		return;
	read_parts(r, append, true, &add);
	read_parts(r, replace, false, &put);
	if (!r->ok)
		goto out;
	if (!prev) {
		no_previous(r, name, any_append ? ERR_NO_RULE_APPEND : ERR_NO_RULE_REPLACE);
		goto out;
	}
	if (!same_source(r, prev, true))
		goto out;
	if (any_append)
		append_parts(r, prev, &add);
	if (any_replace)
		replace_parts(r, prev, &put);
	prev->broken |= !r->ok;
out:
	free_parts(&add);
	free_parts(&put);
}

static void enable_rule(struct reader *r, struct str name, struct rule_info *prev)
{
	bool enabled = true;
	if (!bool_of(r, "enabled", REQUIRED, &enabled))
		return;
	warn(r, LOAD_DEPRECATED_ITEM, r->place, WARN_ENABLED);
	if (!prev)
		no_previous(r, name, "Rule has 'enabled' key only but no rule by that name already exists");
	else if (same_source(r, prev, true))
		prev->pub.enabled = enabled;
}

static void read_rule(struct reader *r, struct str name)
{
	struct rule_info *prev = strmap_get(&r->rs->rule_map, name);
	enum override_op ops[KEY_N] = { OVERRIDE_NONE };

	bool append = append_flag(r);
	bool over = overrides(r, KEY_N, rule_key_name, rule_key_allows, ops);
	if (append && over)
		err_at(r, LOAD_ERR_YAML_VALIDATE, r->place, ERR_APPEND_AND_OVERRIDE);
	if (!r->ok)
		return;
	if (over)
		override_rule(r, name, prev, ops);
	else if (append)
		append_rule(r, name, prev);
	else if (!ynode_get(r->item, "condition", NULL) && !ynode_get(r->item, "output", NULL) &&
		 !ynode_get(r->item, "desc", NULL) && !ynode_get(r->item, "priority", NULL))
		enable_rule(r, name, prev);
	else
		define_rule(r, name, prev);
}

/* --- items -------------------------------------------------------------------------------- */

static void read_named(struct reader *r, const struct load_place *file, const char *kind,
		       void (*read)(struct reader *, struct str))
{
	struct str name;
	r->place = load_place_node(r->a, file, kind, STR(""), r->item);
	if (!scalar_of(r, kind, REQUIRED, &name))
		return;
	r->place = load_place_node(r->a, file, kind, name, r->item);
	read(r, name);
	check_keys(r, kind);
	if (!r->ok)
		ruleset_mark_broken(r->rs, kind, name);
}

static void read_item(struct reader *r, const struct load_place *file)
{
	if (ynode_get(r->item, "required_engine_version", NULL)) {
		rule_versions_engine(r->rs, r->f, r->item, file);
	} else if (ynode_get(r->item, "required_plugin_versions", NULL)) {
		rule_versions_plugins(r->rs, r->f, r->item, file);
	} else if (ynode_get(r->item, "list", NULL)) {
		read_named(r, file, "list", read_list);
	} else if (ynode_get(r->item, "macro", NULL)) {
		read_named(r, file, "macro", read_macro);
	} else if (ynode_get(r->item, "rule", NULL)) {
		read_named(r, file, "rule", read_rule);
	} else {
		load_problem_add(r->a, r->f, LOAD_UNKNOWN_ITEM,
				 load_place_node(r->a, file, "rules content item", STR(""), r->item),
				 "Unknown top level item");
	}
}

void rule_items_read(struct ruleset *rs, struct load_file *f, const struct ydocs *docs)
{
	const struct load_place *file = load_place_file(&rs->arena, f);
	struct reader r = { .rs = rs, .a = &rs->arena, .f = f };

	f->no_items = true;
	for (size_t d = 0; d < docs->n; d++) {
		const struct ynode *doc = docs->v[d];
		if (doc->kind == YNODE_NULL)
			continue;
		f->no_items = false;
		if (doc->kind != YNODE_SEQ) {
			load_problem_add(r.a, f, LOAD_ERR_YAML_VALIDATE, file,
					 doc->kind == YNODE_MAP ? "Rules content is not yaml array of objects" :
								  "Rules content is not yaml")
				->plain = "this is no rules file, which is a YAML list of items such as \"- rule: NAME\"";
			continue;
		}
		for (uint32_t i = 0; i < doc->n; i++) {
			r.item = doc->kids[i];
			r.ok = true;
			if (f->problems.n == LOAD_MAX_PROBLEMS)
				return;
			if (r.item->kind == YNODE_NULL)
				continue;
			if (r.item->kind == YNODE_MAP) {
				read_item(&r, file);
				continue;
			}
			load_problem_add(r.a, f, LOAD_ERR_YAML_VALIDATE,
					 load_place_node(r.a, file, "rules content item", STR(""), r.item),
					 "Unexpected element type. Each element should be a yaml associative array.");
		}
	}
}
