/*
 * The advisory check of a rules file's shape against a table: which keys an item may have and of
 * what type. It never changes whether a file loads. The wording of its messages is the one
 * consumers of load results know.
 */
#include "rules/ruleset_internal.h"

enum shape_type {
	SHAPE_ANY,
	SHAPE_SCALAR, /* a text, which any scalar but null can be */
	SHAPE_BOOL,
	SHAPE_NUMBER,
	SHAPE_ENUM,       /* one of `words` */
	SHAPE_SEQ,        /* of `of` */
	SHAPE_MAP,        /* with `keys` */
	SHAPE_ONE_OR_SEQ, /* a scalar, or a sequence of anything */
};

struct shape;

struct shape_key {
	const char *name;
	const struct shape *shape;
	bool required;
};

struct shape {
	enum shape_type type;
	const char *const *words;
	const struct shape *of;
	const struct shape_key *keys; /* in bytewise order of names */
};

static const struct shape any = { .type = SHAPE_ANY }, text = { .type = SHAPE_SCALAR },
			  boolean = { .type = SHAPE_BOOL }, number = { .type = SHAPE_NUMBER },
			  texts = { .type = SHAPE_SEQ, .of = &text },
			  one_or_seq = { .type = SHAPE_ONE_OR_SEQ };

static const char *const priority_words[] = { "EMERGENCY", "ALERT",  "CRITICAL", "ERROR",
					      "WARNING",   "NOTICE", "INFO",     "INFORMATIONAL",
					      "DEBUG",     NULL };
static const char *const override_words[] = { "append", "replace", NULL };

static const struct shape priority = { .type = SHAPE_ENUM, .words = priority_words },
			  override_word = { .type = SHAPE_ENUM, .words = override_words };

static const struct shape alternative = {
	.type = SHAPE_MAP,
	.keys = (const struct shape_key[]){ { "name", &text, true },
					    { "version", &text, true },
					    { NULL, NULL, false } },
};
static const struct shape alternatives = { .type = SHAPE_SEQ, .of = &alternative };
static const struct shape plugin = {
	.type = SHAPE_MAP,
	.keys = (const struct shape_key[]){ { "alternatives", &alternatives, false },
					    { "name", &text, true },
					    { "version", &text, true },
					    { NULL, NULL, false } },
};
static const struct shape plugins = { .type = SHAPE_SEQ, .of = &plugin };

static const struct shape exception = {
	.type = SHAPE_MAP,
	.keys = (const struct shape_key[]){ { "comps", &one_or_seq, false },
					    { "fields", &one_or_seq, false },
					    { "name", &text, true },
					    { "values", &any, false },
					    { NULL, NULL, false } },
};
static const struct shape exceptions = { .type = SHAPE_SEQ, .of = &exception };

static const struct shape override = {
	.type = SHAPE_MAP,
	.keys = (const struct shape_key[]){ { "capture", &override_word, false },
					    { "capture_duration", &override_word, false },
					    { "condition", &override_word, false },
					    { "desc", &override_word, false },
					    { "enabled", &override_word, false },
					    { "exceptions", &override_word, false },
					    { "items", &override_word, false },
					    { "output", &override_word, false },
					    { "priority", &override_word, false },
					    { "skip-if-unknown-filter", &override_word, false },
					    { "tags", &override_word, false },
					    { "warn_evttypes", &override_word, false },
					    { NULL, NULL, false } },
};

static const struct shape item = {
	.type = SHAPE_MAP,
	.keys = (const struct shape_key[]){ { "append", &boolean, false },
					    { "capture", &boolean, false },
					    { "capture_duration", &number, false },
					    { "condition", &text, false },
					    { "desc", &text, false },
					    { "enabled", &boolean, false },
					    { "exceptions", &exceptions, false },
					    { "items", &texts, false },
					    { "list", &text, false },
					    { "macro", &text, false },
					    { "output", &text, false },
					    { "override", &override, false },
					    { "priority", &priority, false },
					    { "required_engine_version", &text, false },
					    { "required_plugin_versions", &plugins, false },
					    { "rule", &text, false },
					    { "skip-if-unknown-filter", &boolean, false },
					    { "source", &text, false },
					    { "tags", &texts, false },
					    { "warn_evttypes", &boolean, false },
					    { NULL, NULL, false } },
};
static const struct shape root = { .type = SHAPE_SEQ, .of = &item };

struct check {
	struct arena *a;
	struct load_file *f;
};

#define SCHEMA_MAX_MESSAGES 1000

static void say(struct check *c, const char *path, const char *message)
{
	if (c->f->schema_problems.n < SCHEMA_MAX_MESSAGES)
		vec_push(&c->f->schema_problems,
			 str_of(arena_printf(c->a, "failed for %s: %s", path, message)));
}

static bool wrong_type(struct check *c, const char *path)
{
	say(c, path, "Value type not permitted by 'type' constraint.");
	return false;
}

static bool is_word(const struct ynode *n, const char *const *words)
{
	for (size_t i = 0; words[i]; i++)
		if (n->kind == YNODE_SCALAR && str_eqz(n->text, words[i]))
			return true;
	return false;
}

static bool is_bool(const struct ynode *n)
{
	static const char *const words[] = { "true", "false", "yes", "no", "on",
					     "off",  "y",     "n",   NULL };
	for (size_t i = 0; words[i]; i++)
		if (n->kind == YNODE_SCALAR && str_eq_nocase(n->text, str_of(words[i])))
			return true;
	return false;
}

static bool check_node(struct check *c, const struct ynode *n, const struct shape *s,
		       const char *path);

static bool check_seq(struct check *c, const struct ynode *n, const struct shape *s,
		      const char *path)
{
	bool ok = true;
	for (uint32_t i = 0; i < n->n; i++) {
		/* The path is only needed for messages: most elements are plain texts. */
		if (s->of->type == SHAPE_SCALAR && n->kids[i]->kind == YNODE_SCALAR)
			continue;
		if (check_node(c, n->kids[i], s->of, arena_printf(c->a, "%s[%u]", path, i)))
			continue;
		say(c, path, arena_printf(c->a, "Failed to validate item #%u in array.", i));
		ok = false;
	}
	return ok;
}

static bool check_map(struct check *c, const struct ynode *n, const struct shape *s,
		      const char *path)
{
	bool ok = true;
	for (const struct shape_key *k = s->keys; k->name; k++)
		if (k->required && !ynode_get(n, k->name, NULL)) {
			say(c, path,
			    arena_printf(c->a, "Missing required property '%s'.", k->name));
			ok = false;
		}
	for (const struct shape_key *k = s->keys; k->name; k++) {
		const struct ynode *v = ynode_get(n, k->name, NULL);
		if (!v || check_node(c, v, k->shape, arena_printf(c->a, "%s[%s]", path, k->name)))
			continue;
		say(c, path,
		    arena_printf(
			    c->a,
			    "Failed to validate against schema associated with property name '%s'.",
			    k->name));
		ok = false;
	}
	for (uint32_t i = 0; i < n->n; i++) {
		const struct ynode *key = n->kids[2 * i];
		const struct shape_key *k = s->keys;
		while (k->name && !(key->kind == YNODE_SCALAR && str_eqz(key->text, k->name)))
			k++;
		if (k->name)
			continue;
		say(c, path,
		    arena_printf(
			    c->a,
			    "Object contains a property that could not be validated using 'properties' or "
			    "'additionalProperties' constraints: '%.*s'.",
			    STR_FMT(key->text.p ? key->text : STR(""))));
		ok = false;
	}
	return ok;
}

static bool check_node(struct check *c, const struct ynode *n, const struct shape *s,
		       const char *path)
{
	unsigned long long v;
	switch (s->type) {
	case SHAPE_ANY:
		return true;
	case SHAPE_SCALAR:
		return n->kind == YNODE_SCALAR || wrong_type(c, path);
	case SHAPE_BOOL:
		return is_bool(n) || wrong_type(c, path);
	case SHAPE_NUMBER:
		return (n->kind == YNODE_SCALAR && str_to_u64(n->text, &v)) || wrong_type(c, path);
	case SHAPE_ENUM:
		if (is_word(n, s->words))
			return true;
		say(c, path, "Failed to match against any enum values.");
		return false;
	case SHAPE_ONE_OR_SEQ:
		return n->kind == YNODE_SCALAR || n->kind == YNODE_SEQ || wrong_type(c, path);
	case SHAPE_SEQ:
		return n->kind == YNODE_SEQ ? check_seq(c, n, s, path) : wrong_type(c, path);
	case SHAPE_MAP:
		return n->kind == YNODE_MAP ? check_map(c, n, s, path) : wrong_type(c, path);
	}
	return true;
}

void rule_schema_check(struct arena *a, struct load_file *f, const struct ydocs *docs)
{
	struct check c = { a, f };
	for (size_t i = 0; i < docs->n; i++)
		if (docs->v[i]->kind != YNODE_NULL)
			check_node(&c, docs->v[i], &root, "<root>");
}
