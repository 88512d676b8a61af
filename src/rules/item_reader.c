/* Values and keys of one item: see item_reader.h. */
#include "rules/item_reader.h"

static const struct {
	const char *name;
	bool append, replace;
} rule_keys[KEY_N] = {
#define X(id, key, append, replace) { key, append, replace },
	RULE_KEYS(X)
#undef X
};

#define WARN_APPEND                                                                                      \
	"'append' key is deprecated. Add an 'append' entry (e.g. 'condition: append') under 'override' " \
	"instead."
#define ERR_APPEND_AND_OVERRIDE                                                                    \
	"Keys 'override' and 'append: true' cannot be used together. Add an 'append' entry (e.g. " \
	"'condition: append') under 'override' instead."

void item_error(struct item_reader *r, enum load_code code, const struct load_place *place,
		const char *message)
{
	load_problem_add(r->a, r->f, code, place, "%s", message);
	r->ok = false;
}

void item_invalid(struct item_reader *r, const char *message)
{
	item_error(r, LOAD_ERR_VALIDATE, r->place, message);
}

void item_warn(struct item_reader *r, enum load_code code, const struct load_place *place,
	       const char *message)
{
	load_problem_add(r->a, r->f, code, place, "%s", message);
}

/* --- values ------------------------------------------------------------------------------- */

/* The node of a key that must not be empty; NULL when absent or after an error. */
const struct ynode *item_value(struct item_reader *r, const struct ynode *map,
			       const struct load_place *place, const char *key, enum want want)
{
	const struct ynode *v = ynode_get(map, key, NULL);
	if (v && v->kind != YNODE_NULL)
		return v;
	if (!v && want == OPTIONAL)
		return NULL;
	load_problem_add(r->a, r->f, LOAD_ERR_YAML_VALIDATE, place,
			 v ? "Mapping for key '%s' is empty" : "Item has no mapping for key '%s'",
			 key);
	r->ok = false;
	return NULL;
}

bool item_scalar_at(struct item_reader *r, const struct ynode *map, const struct load_place *place,
		    const char *key, enum want want, struct str *ret)
{
	const struct ynode *v = item_value(r, map, place, key, want);
	if (!v)
		return false;
	const struct load_place *vp = load_place_node(r->a, place, "value for", str_of(key), v);
	if (v->kind != YNODE_SCALAR)
		item_error(r, LOAD_ERR_YAML_VALIDATE, vp, "Value is not a scalar value");
	else if (!v->text.n)
		item_error(r, LOAD_ERR_YAML_VALIDATE, vp, "Value must be non-empty");
	else
		*ret = v->text;
	return v->kind == YNODE_SCALAR && v->text.n;
}

bool item_scalar(struct item_reader *r, const char *key, enum want want, struct str *ret)
{
	return item_scalar_at(r, r->item, r->place, key, want, ret);
}

static void bad_scalar(struct item_reader *r, const char *key, const char *expected)
{
	const struct load_place *vp = load_place_node(r->a, r->place, "value for", str_of(key),
						      ynode_get(r->item, key, NULL));
	struct load_problem *p = load_problem_add(r->a, r->f, LOAD_ERR_YAML_VALIDATE, vp,
						  "Can't decode YAML scalar value");
	p->hint = expected;
	r->ok = false;
}

bool item_bool(struct item_reader *r, const char *key, enum want want, bool *ret)
{
	static const char *const yes[] = { "true", "yes", "on", "y" }, *const no[] = { "false",
										       "no", "off",
										       "n" };
	struct str s;
	if (!item_scalar(r, key, want, &s))
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

bool item_u32(struct item_reader *r, const char *key, uint32_t *ret)
{
	unsigned long long v;
	struct str s;
	if (!item_scalar(r, key, OPTIONAL, &s))
		return false;
	if (!str_to_u64(s, &v) || v > UINT32_MAX) {
		bad_scalar(r, key, "expected a number from 0 to 4294967295");
		return false;
	}
	*ret = (uint32_t)v;
	return true;
}

bool item_priority(struct item_reader *r, enum priority *ret)
{
	struct str s;
	if (!item_scalar(r, "priority", REQUIRED, &s))
		return false;
	if (priority_parse(s, ret))
		return true;
	struct load_problem *p =
		load_problem_add(r->a, r->f, LOAD_ERR_YAML_VALIDATE,
				 load_place_node(r->a, r->place, "rule priority", STR(""),
						 ynode_get(r->item, "priority", NULL)),
				 "Invalid priority");
	p->hint =
		"priorities are emergency, alert, critical, error, warning, notice, informational (info), debug";
	r->ok = false;
	return false;
}

/* Adds the scalars of a sequence to `v`; `kind` names one of them in problems. */
bool item_strings(struct item_reader *r, const char *key, enum want want, const char *kind,
		  str_vec *v)
{
	const struct ynode *seq = item_value(r, r->item, r->place, key, want);
	if (!seq)
		return false;
	if (seq->kind != YNODE_SEQ) {
		item_error(r, LOAD_ERR_YAML_VALIDATE,
			   load_place_node(r->a, r->place, "value for", str_of(key), seq),
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
		item_error(r, LOAD_ERR_YAML_VALIDATE,
			   load_place_node(r->a, r->place, kind, STR(""), e),
			   e->kind == YNODE_SCALAR ? "Value must be non-empty"
						   : "Value is not a scalar value");
	}
	return true;
}

/* The condition's text and place. */
bool item_condition(struct item_reader *r, const char *kind, enum want want, struct str *ret,
		    const struct load_place **ret_place)
{
	if (!item_scalar(r, "condition", want, ret))
		return false;
	*ret_place = load_place_node(r->a, r->place, kind, STR(""),
				     ynode_get(r->item, "condition", NULL));
	return true;
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

void item_check_keys(struct item_reader *r, const char *kind)
{
	for (uint32_t i = 0; i < r->item->n; i++) {
		const struct ynode *k = r->item->kids[2 * i];
		if (k->kind != YNODE_SCALAR)
			continue;
		if (!is_known_key(k->text, kind))
			load_problem_add(r->a, r->f, LOAD_UNKNOWN_KEY, r->place,
					 "Unknown key '%.*s'. The key will be ignored.",
					 STR_FMT(k->text));
		for (uint32_t j = 0; j < i && j < MAX_COMPARED_KEYS; j++) {
			const struct ynode *other = r->item->kids[2 * j];
			if (other->kind != YNODE_SCALAR || !str_eq(other->text, k->text))
				continue;
			load_problem_add(r->a, r->f, LOAD_CODE_NONE,
					 load_place_node(r->a, r->place, "key", k->text, k),
					 "key '%.*s' is given twice; the first is taken",
					 STR_FMT(k->text));
			break;
		}
	}
}

bool item_append_flag(struct item_reader *r)
{
	bool append = false;
	if (item_bool(r, "append", OPTIONAL, &append) && append)
		item_warn(r, LOAD_DEPRECATED_ITEM, r->place, WARN_APPEND);
	return append;
}

/* Fills ops[] for the keys (of `names`); false when there is no override, or an error. */
bool item_overrides(struct item_reader *r, size_t n, const char *(*name)(size_t),
		    bool (*allows)(size_t, enum override_op), enum override_op *ops)
{
	const struct ynode *o = ynode_get(r->item, "override", NULL);
	const struct load_place *place;
	bool any = false;

	if (!o || o->kind == YNODE_NULL)
		return false;
	place = load_place_node(r->a, r->place, "overrides", STR(""), r->item);
	if (o->kind != YNODE_MAP) {
		item_error(r, LOAD_ERR_YAML_VALIDATE, place,
			   "Value of 'override' must be a mapping");
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
			problem =
				"Invalid override operation for key '%.*s': use 'append' or 'replace'";
		else if (id == n || (!allows(id, OVERRIDE_APPEND) && !allows(id, OVERRIDE_REPLACE)))
			problem = "Key '%.*s' cannot be overridden";
		else if (!allows(id, op))
			problem =
				op == OVERRIDE_APPEND
					? "Key '%.*s' cannot be appended to, use 'replace' instead"
					: "Key '%.*s' cannot be replaced, use 'append' instead";
		if (problem) {
			struct strbuf sb = STRBUF_INIT;
			const char *rest = strstr(problem, "%.*s") + 4;
			strbuf_add(&sb, problem, (size_t)(strstr(problem, "%.*s") - problem));
			strbuf_addstr(&sb, key);
			strbuf_adds(&sb, rest);
			item_error(r, LOAD_ERR_YAML_VALIDATE, kp, sb.s);
			strbuf_release(&sb);
			continue;
		}
		ops[id] = op;
		any = true;
	}
	return any && r->ok;
}

const char *item_rule_key(size_t i)
{
	return rule_keys[i].name;
}

bool item_rule_key_allows(size_t i, enum override_op op)
{
	return op == OVERRIDE_APPEND ? rule_keys[i].append : rule_keys[i].replace;
}

static bool allows_both(size_t i, enum override_op op)
{
	(void)i;
	(void)op;
	return true;
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

void item_append_and_override(struct item_reader *r)
{
	item_error(r, LOAD_ERR_YAML_VALIDATE, r->place, ERR_APPEND_AND_OVERRIDE);
}

bool item_append_or_override(struct item_reader *r, bool is_list, bool *ret_append)
{
	enum override_op op = OVERRIDE_NONE;
	bool append = item_append_flag(r);
	bool over = item_overrides(r, 1, is_list ? items_key : condition_key, allows_both, &op);
	if (append && over)
		item_append_and_override(r);
	*ret_append = append || op == OVERRIDE_APPEND;
	return r->ok;
}

/* Puts a blank and `add` behind *text, which has room for *cap bytes in the arena (0: not its own
 * yet). */
void item_join(struct arena *a, struct str *text, size_t *cap, struct str add)
{
	size_t n = text->n + 1 + add.n;
	char *p = (char *)text->p;

	/* Room is doubled, so that a text with ten thousand additions is not copied ten thousand
	 * times. */
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

void item_add_part(struct arena *a, struct text_part **parts, size_t from,
		   const struct load_place *place)
{
	struct text_part *p = arena_alloc(a, sizeof(*p));

	*p = (struct text_part){ *parts, from, place };
	*parts = p;
}
