/* What a Falco configuration says to a replay. See falco_config.h; the tree is made in
 * falco_tree.c. */
#include "cli/falco_config.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/falco_tree.h"

struct reader {
	struct falco_config *c;
	struct falco_tree *tree;
	struct diag *diag;
	const char *key; /* the top-level key in hand */
};

static void wrong(struct reader *r, const struct ynode *n, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void wrong(struct reader *r, const struct ynode *n, const char *fmt, ...)
{
	struct strbuf text = STRBUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	strbuf_vaddf(&text, fmt, ap);
	va_end(ap);
	falco_tree_problem(r->tree, n, DIAG_ERROR, r->diag, text.s);
	strbuf_release(&text);
}

static void warn_key(struct reader *r, const struct ynode *key, const char *where)
{
	struct strbuf text = STRBUF_INIT;

	strbuf_addf(&text, "unknown key '%.*s'%s%s; it is ignored", STR_FMT(key->text),
		    *where ? " in " : "", where);
	falco_tree_problem(r->tree, key, DIAG_WARNING, r->diag, text.s);
	strbuf_release(&text);
}

static bool scalar(struct reader *r, const struct ynode *n, const char *what, struct str *ret)
{
	if (n->kind != YNODE_SCALAR) {
		wrong(r, n, "%s: expected a single value", what);
		return false;
	}
	*ret = n->text;
	return true;
}

static void read_bool(struct reader *r, const struct ynode *n, const char *what, bool *ret)
{
	static const char *const yes[] = { "true", "yes", "on", "y" };
	static const char *const no[] = { "false", "no", "off", "n" };
	struct str s;

	if (!scalar(r, n, what, &s))
		return;
	for (size_t i = 0; i < 4; i++) {
		if (str_eq_nocase(s, str_of(yes[i])) || str_eq_nocase(s, str_of(no[i]))) {
			*ret = str_eq_nocase(s, str_of(yes[i]));
			return;
		}
	}
	wrong(r, n, "%s: expected true or false, not '%.*s'", what, STR_FMT(s));
}

static void read_not(struct reader *r, const struct ynode *n, const char *what, bool *ret)
{
	bool v = !*ret;

	read_bool(r, n, what, &v);
	*ret = !v;
}

static void read_double(struct reader *r, const struct ynode *n, const char *what, double *ret)
{
	struct str s;
	const char *text;
	char *end;
	double v;

	if (!scalar(r, n, what, &s))
		return;
	text = arena_memdup(&r->c->arena, s.p, s.n);
	errno = 0;
	/* The program never calls setlocale(): a point is a point. */
	v = strtod(text, &end);
	if (end == text || *end || errno)
		wrong(r, n, "%s: expected a number, not '%.*s'", what, STR_FMT(s));
	else
		*ret = v;
}

static const char *read_text(struct reader *r, const struct ynode *n, const char *what)
{
	struct str s;

	if (!scalar(r, n, what, &s))
		return NULL;
	if (str_chr(s, '\0') >= 0) {
		wrong(r, n, "%s: a NUL byte", what);
		return NULL;
	}
	return arena_memdup(&r->c->arena, s.p, s.n);
}

static bool want_map(struct reader *r, const struct ynode *n, const char *what)
{
	if (n->kind == YNODE_MAP)
		return true;
	wrong(r, n, "%s: expected a mapping", what);
	return false;
}

/* --- the keys -------------------------------------------------------------------------- */

static void key_silent(struct reader *r, const struct ynode *n)
{
	(void)r;
	(void)n;
}

static void key_unused(struct reader *r, const struct ynode *n)
{
	(void)n;
	vec_push(&r->c->unused, r->key);
}

#define SWITCH(name, fn, member)                                        \
	static void key_##name(struct reader *r, const struct ynode *n) \
	{                                                               \
		fn(r, n, r->key, &r->c->member);                        \
	}
SWITCH(json, read_bool, json)
SWITCH(iso_time, read_bool, iso_time)
SWITCH(message, read_bool, message)
SWITCH(output, read_not, no_output)
SWITCH(output_fields, read_not, no_fields)
SWITCH(tags, read_not, no_tags)
#undef SWITCH

static void add_rules_file(struct reader *r, const struct ynode *n)
{
	const char *path = read_text(r, n, r->key);

	if (!path)
		return;
	if (access(path, F_OK) < 0) {
		struct strbuf text = STRBUF_INIT;

		/* As there: the list names places where local rules may stand. */
		strbuf_addf(&text, "%s: %s does not exist and is left out", r->key, path);
		falco_tree_problem(r->tree, n, DIAG_NOTE, r->diag, text.s);
		strbuf_release(&text);
		return;
	}
	vec_push(&r->c->rules_files, path);
}

static void key_rules_files(struct reader *r, const struct ynode *n)
{
	if (n->kind != YNODE_SEQ) {
		add_rules_file(r, n);
		return;
	}
	for (uint32_t i = 0; i < n->n; i++)
		add_rules_file(r, n->kids[i]);
}

static void read_step(struct reader *r, bool enable, const struct ynode *n)
{
	const char *what = enable ? "rules: enable" : "rules: disable";

	if (!want_map(r, n, what))
		return;
	for (uint32_t i = 0; i < n->n; i++) {
		const struct ynode *k = n->kids[2 * i], *v = n->kids[2 * i + 1];
		struct rule_selection step = { .enable = enable };

		if (k->kind != YNODE_SCALAR ||
		    (!str_eqz(k->text, "rule") && !str_eqz(k->text, "tag"))) {
			wrong(r, k, "%s: expected 'rule' or 'tag'", what);
			continue;
		}
		step.match = str_eqz(k->text, "tag") ? RULE_MATCH_TAG : RULE_MATCH_WILDCARD;
		if (scalar(r, v, what, &step.pattern))
			vec_push(&r->c->selection, step);
	}
	if (!n->n)
		wrong(r, n, "%s: expected 'rule' or 'tag'", what);
}

static void key_rules(struct reader *r, const struct ynode *n)
{
	if (n->kind != YNODE_SEQ) {
		wrong(r, n, "rules: expected a sequence of enable and disable");
		return;
	}
	for (uint32_t i = 0; i < n->n; i++) {
		const struct ynode *e = n->kids[i];

		if (!want_map(r, e, "rules"))
			continue;
		for (uint32_t k = 0; k < e->n; k++) {
			const struct ynode *word = e->kids[2 * k];
			bool enable = word->kind == YNODE_SCALAR && str_eqz(word->text, "enable");

			if (enable ||
			    (word->kind == YNODE_SCALAR && str_eqz(word->text, "disable")))
				read_step(r, enable, e->kids[2 * k + 1]);
			else
				wrong(r, word, "rules: expected 'enable' or 'disable'");
		}
	}
}

static void key_priority(struct reader *r, const struct ynode *n)
{
	struct str s;

	if (!scalar(r, n, r->key, &s))
		return;
	if (!priority_parse(s, &r->c->priority)) {
		wrong(r, n,
		      "priority: '%.*s' is none of emergency, alert, critical, error, warning, notice, "
		      "informational, debug",
		      STR_FMT(s));
		return;
	}
	r->c->has_priority = true;
}

static void key_rule_matching(struct reader *r, const struct ynode *n)
{
	struct str s;

	if (!scalar(r, n, r->key, &s))
		return;
	r->c->match_all = str_eqz(s, "all");
	r->c->has_rule_matching = r->c->match_all || str_eqz(s, "first");
	if (!r->c->has_rule_matching)
		wrong(r, n, "rule_matching: expected first or all, not '%.*s'", STR_FMT(s));
}

static void read_match(struct reader *r, const struct ynode *n, struct output_append *ap)
{
	if (!want_map(r, n, "append_output: match"))
		return;
	for (uint32_t i = 0; i < n->n; i++) {
		const struct ynode *k = n->kids[2 * i], *v = n->kids[2 * i + 1];
		struct str key = k->kind == YNODE_SCALAR ? k->text : STR("");

		if (str_eqz(key, "source")) {
			scalar(r, v, "append_output: match.source", &ap->source);
		} else if (str_eqz(key, "rule")) {
			scalar(r, v, "append_output: match.rule", &ap->rule);
		} else if (str_eqz(key, "tags") && v->kind == YNODE_SEQ) {
			for (uint32_t j = 0; j < v->n; j++) {
				struct str tag;

				if (scalar(r, v->kids[j], "append_output: match.tags", &tag))
					vec_push(&ap->tags, tag);
			}
		} else if (str_eqz(key, "tags")) {
			wrong(r, v, "append_output: match.tags: expected a sequence");
		} else {
			warn_key(r, k, "append_output: match");
		}
	}
}

/* A field by its name, or {name: format} for each pair. */
static void read_extra_field(struct reader *r, const struct ynode *n, struct output_append *ap)
{
	if (n->kind == YNODE_SCALAR) {
		vec_push(&ap->extra_fields, n->text);
		return;
	}
	if (!want_map(r, n, "append_output: extra_fields: a field, or name: format"))
		return;
	for (uint32_t i = 0; i < n->n; i++) {
		struct str key, format;

		if (!scalar(r, n->kids[2 * i], "append_output: extra_fields", &key) ||
		    !scalar(r, n->kids[2 * i + 1], "append_output: extra_fields", &format))
			continue;
		vec_push(&ap->extra_fields, str_of(arena_printf(&r->c->arena, "%.*s=%.*s",
								STR_FMT(key), STR_FMT(format))));
	}
}

static void read_append(struct reader *r, const struct ynode *n)
{
	struct output_append *ap;

	if (!want_map(r, n, "append_output"))
		return;
	ap = vec_add(&r->c->appends);
	ap->source = ap->rule = ap->extra_output = STR("");
	for (uint32_t i = 0; i < n->n; i++) {
		const struct ynode *k = n->kids[2 * i], *v = n->kids[2 * i + 1];
		struct str key = k->kind == YNODE_SCALAR ? k->text : STR("");

		if (str_eqz(key, "match")) {
			read_match(r, v, ap);
		} else if (str_eqz(key, "extra_output")) {
			scalar(r, v, "append_output: extra_output", &ap->extra_output);
		} else if (str_eqz(key, "suggested_output")) {
			read_bool(r, v, "append_output: suggested_output", &ap->suggested);
		} else if (str_eqz(key, "extra_fields") && v->kind == YNODE_SEQ) {
			for (uint32_t j = 0; j < v->n; j++)
				read_extra_field(r, v->kids[j], ap);
		} else if (str_eqz(key, "extra_fields")) {
			wrong(r, v, "append_output: extra_fields: expected a sequence");
		} else {
			warn_key(r, k, "append_output");
		}
	}
}

static void key_append_output(struct reader *r, const struct ynode *n)
{
	if (n->kind != YNODE_SEQ) {
		wrong(r, n, "append_output: expected a sequence");
		return;
	}
	for (uint32_t i = 0; i < n->n; i++)
		read_append(r, n->kids[i]);
}

static void key_stdout_output(struct reader *r, const struct ynode *n)
{
	const struct ynode *v;

	if (!want_map(r, n, r->key))
		return;
	v = ynode_get(n, "enabled", NULL);
	if (v)
		read_bool(r, v, "stdout_output.enabled", &r->c->to_stdout);
}

static void key_file_output(struct reader *r, const struct ynode *n)
{
	const struct ynode *v, *name;
	bool enabled = false;

	if (!want_map(r, n, r->key))
		return;
	v = ynode_get(n, "enabled", NULL);
	name = ynode_get(n, "filename", NULL);
	if (v)
		read_bool(r, v, "file_output.enabled", &enabled);
	if (!enabled)
		return;
	if (!name || name->kind == YNODE_NULL)
		wrong(r, n, "file_output: enabled without a filename");
	else
		r->c->to_file = read_text(r, name, "file_output.filename");
}

static void key_engine(struct reader *r, const struct ynode *n)
{
	static const char *const kinds[] = { "kmod",   "ebpf",   "modern_ebpf",
					     "replay", "gvisor", "nodriver" };
	const struct ynode *kind, *replay, *file;
	struct str s;
	size_t i = 0;

	if (!want_map(r, n, r->key))
		return;
	kind = ynode_get(n, "kind", NULL);
	replay = ynode_get(n, "replay", NULL);
	if (!kind || !scalar(r, kind, "engine.kind", &s))
		return;
	while (i < sizeof(kinds) / sizeof(kinds[0]) && !str_eqz(s, kinds[i]))
		i++;
	if (i == sizeof(kinds) / sizeof(kinds[0])) {
		wrong(r, kind,
		      "engine.kind: '%.*s' is none of kmod, ebpf, modern_ebpf, replay, gvisor, nodriver",
		      STR_FMT(s));
		return;
	}
	if (!str_eqz(s, "replay") || !replay || !want_map(r, replay, "engine.replay"))
		return;
	file = ynode_get(replay, "capture_file", NULL);
	if (file && file->kind != YNODE_NULL)
		r->c->capture_file = read_text(r, file, "engine.replay.capture_file");
	if (r->c->capture_file && !*r->c->capture_file)
		r->c->capture_file = NULL;
}

static void read_actions(struct reader *r, const struct ynode *n)
{
	struct strbuf buf = STRBUF_INIT;

	if (n->kind != YNODE_SEQ) {
		wrong(r, n, "syscall_event_drops.actions: expected a sequence");
		return;
	}
	for (uint32_t i = 0; i < n->n; i++) {
		const char *bad;
		struct str s;

		if (!scalar(r, n->kids[i], "syscall_event_drops.actions", &s))
			continue;
		bad = loss_policy_parse_actions(&r->c->loss, s, &buf);
		if (bad)
			wrong(r, n->kids[i], "syscall_event_drops.actions: %s", bad);
	}
	strbuf_release(&buf);
}

static void key_event_drops(struct reader *r, const struct ynode *n)
{
	struct loss_policy *p = &r->c->loss;
	size_t errors = r->diag->n_errors;
	const char *bad;

	if (!want_map(r, n, r->key))
		return;
	r->c->has_loss = true;
	for (uint32_t i = 0; i < n->n; i++) {
		const struct ynode *k = n->kids[2 * i], *v = n->kids[2 * i + 1];
		struct str key = k->kind == YNODE_SCALAR ? k->text : STR("");

		if (str_eqz(key, "threshold"))
			read_double(r, v, "syscall_event_drops.threshold", &p->threshold);
		else if (str_eqz(key, "rate"))
			read_double(r, v, "syscall_event_drops.rate", &p->rate);
		else if (str_eqz(key, "max_burst"))
			read_double(r, v, "syscall_event_drops.max_burst", &p->burst);
		else if (str_eqz(key, "simulate_drops"))
			read_bool(r, v, "syscall_event_drops.simulate_drops", &p->simulate);
		else if (str_eqz(key, "actions"))
			read_actions(r, v);
		else
			warn_key(r, k, "syscall_event_drops");
	}
	bad = r->diag->n_errors == errors ? loss_policy_check(p) : NULL;
	if (bad)
		wrong(r, n, "syscall_event_drops: %s", bad);
}

static const struct {
	const char *name;
	void (*read)(struct reader *r, const struct ynode *n);
} keys[] = {
#define FALCO_KEY(name, reader) { #name, key_##reader },
#include "cli/falco_key.def"
#undef FALCO_KEY
};

#define N_KEYS (sizeof(keys) / sizeof(keys[0]))

static void unknown_key(struct reader *r, const struct ynode *key)
{
	struct strbuf text = STRBUF_INIT;

	strbuf_addf(&text, "unknown key '%.*s'; it is ignored", STR_FMT(key->text));
	for (size_t i = 0; i < N_KEYS; i++) {
		if (str_distance(key->text, str_of(keys[i].name), 2) > 2)
			continue;
		strbuf_addf(&text, " (did you mean '%s'?)", keys[i].name);
		break;
	}
	falco_tree_problem(r->tree, key, DIAG_WARNING, r->diag, text.s);
	strbuf_release(&text);
}

static void read_root(struct reader *r, const struct ynode *root)
{
	for (uint32_t k = 0; k < root->n; k++) {
		const struct ynode *key = root->kids[2 * k], *value = root->kids[2 * k + 1];
		size_t i = 0;

		while (i < N_KEYS &&
		       (key->kind != YNODE_SCALAR || !str_eqz(key->text, keys[i].name)))
			i++;
		if (i == N_KEYS) {
			unknown_key(r, key);
			continue;
		}
		r->key = keys[i].name;
		if (value->kind != YNODE_NULL)
			keys[i].read(r, value);
	}
}

static void tell_unused(const struct falco_config *c, const char *path, struct diag *diag)
{
	struct strbuf text = STRBUF_INIT;

	for (size_t i = 0; i < c->unused.n; i++)
		strbuf_addf(&text, "%s%s", i ? ", " : "", c->unused.v[i]);
	if (c->unused.n) {
		struct diag_item *it = diag_add(diag, DIAG_NOTE, NULL,
						"these keys mean nothing to a replay: %s", text.s);

		it->file = arena_strdup(&diag->arena, path ? path : "--set");
	}
	strbuf_release(&text);
}

void falco_config_init(struct falco_config *c)
{
	*c = (struct falco_config){ .to_stdout = true };
	arena_init(&c->arena);
	loss_policy_init(&c->loss);
}

void falco_config_free(struct falco_config *c)
{
	for (size_t i = 0; i < c->appends.n; i++) {
		vec_free(&c->appends.v[i].extra_fields);
		vec_free(&c->appends.v[i].tags);
	}
	vec_free(&c->appends);
	vec_free(&c->rules_files);
	vec_free(&c->selection);
	vec_free(&c->unused);
	arena_destroy(&c->arena);
}

int falco_config_load(struct falco_config *c, const char *path, const char *const *sets, size_t n,
		      struct diag *diag)
{
	struct falco_tree tree;
	struct reader r = { c, &tree, diag, NULL };
	size_t errors = diag->n_errors;
	int e = 0;

	falco_tree_init(&tree, &c->arena);
	if (path)
		e = falco_tree_add_file(&tree, path, diag);
	for (size_t i = 0; i < n && !e; i++)
		e = falco_tree_set(&tree, sets[i], diag);
	if (!e) {
		read_root(&r, tree.root);
		tell_unused(c, path, diag);
	}
	falco_tree_free(&tree);
	return e ? e : diag->n_errors > errors ? -EINVAL : 0;
}

bool falco_config_is_setting(const char *text)
{
	size_t n = strcspn(text, ".[=/");

	if (!strchr(text, '=') || memchr(text, '/', strcspn(text, "=")))
		return false;
	for (size_t i = 0; i < N_KEYS; i++)
		if (strlen(keys[i].name) == n && memcmp(keys[i].name, text, n) == 0)
			return true;
	return false;
}
