/* The tests of a file, from its YAML; see test_reader.h. */
#include "testing/test_reader.h"

#include <glob.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hashmap.h"
#include "testing/test_items.h"

void reader_error(struct test_reader *r, const struct ynode *at, const char *fmt, ...)
{
	struct strbuf sb = STRBUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	strbuf_vaddf(&sb, fmt, ap);
	va_end(ap);
	test_error(r->set->diag, r->file, at, "%s", sb.s);
	strbuf_release(&sb);
	r->n_errors++;
}

/* Words of event-generator that drive a live system: what to say about them. */
static const char *live_word(struct str key)
{
	static const char *const words[] = { "runner", "context",   "before",
					     "after",  "resources", "steps" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_eqz(key, words[i]))
			return "works on a live system only: eyas replays what was recorded; give "
			       "the recording with `traces`, or write it with `script`";
	return NULL;
}

static const char *near_key(struct str key, const char *const *known)
{
	const char *near = NULL;
	unsigned best = 4;

	for (; *known; known++) {
		unsigned d = str_distance(key, str_of(*known), 3);

		if (d < best) {
			best = d;
			near = *known;
		}
	}
	return near;
}

bool reader_check_keys(struct test_reader *r, const struct ynode *map, const char *const *known,
		       const char *what)
{
	struct strmap seen = { 0 };
	bool ok = true;

	for (uint32_t i = 0; i < map->n; i++) {
		const struct ynode *key = map->kids[2 * i];
		const char *const *k = known;
		const char *live, *near;

		if (key->kind != YNODE_SCALAR) {
			reader_error(r, key, "the keys of %s are words", what);
			ok = false;
			continue;
		}
		while (*k && !str_eqz(key->text, *k))
			k++;
		if (*k && strmap_has(&seen, key->text)) {
			reader_error(r, key, "'%.*s' is given twice", STR_FMT(key->text));
			ok = false;
		}
		strmap_put(&seen, key->text, NULL);
		if (*k)
			continue;
		ok = false;
		live = live_word(key->text);
		near = near_key(key->text, known);
		if (live)
			reader_error(r, key, "'%.*s' %s", STR_FMT(key->text), live);
		else if (near)
			reader_error(r, key, "%s has no '%.*s'; did you mean '%s'?", what,
				     STR_FMT(key->text), near);
		else
			reader_error(r, key, "%s has no '%.*s'", what, STR_FMT(key->text));
	}
	strmap_free(&seen);
	return ok;
}

static const struct case_value *find_var(const struct test_reader *r, struct str key)
{
	for (size_t i = 0; r->vars && i < r->vars->values.n; i++)
		if (str_eq(r->vars->values.v[i].key, key))
			return &r->vars->values.v[i];
	return NULL;
}

bool reader_spend(struct test_reader *r, const struct ynode *n, size_t bytes)
{
	if (bytes <= TEST_TEXTS_MAX && r->spent + bytes <= TEST_TEXTS_MAX) {
		r->spent += bytes;
		return true;
	}
	reader_error(r, n, "the file is larger than %u MiB with its cases in place",
		     TEST_TEXTS_MAX >> 20);
	return false;
}

/* ${item.KEY} by the case's value. */
static bool substitute(struct test_reader *r, const struct ynode *n, struct str *text)
{
	static const struct str open = { "${item.", 7 };
	struct strbuf out = STRBUF_INIT;
	struct str rest = *text;
	ptrdiff_t at;
	bool ok = true;

	if (str_find(rest, open) < 0)
		return true;
	while (ok && (at = str_find(rest, open)) >= 0) {
		struct str name = str_from(rest, (size_t)at + open.n);
		ptrdiff_t end = str_chr(name, '}');
		const struct case_value *v;

		if (end < 0)
			break;
		strbuf_add(&out, rest.p, (size_t)at);
		rest = str_from(name, (size_t)end + 1);
		name.n = (size_t)end;
		v = find_var(r, name);
		if (!v) {
			reader_error(r, n, "no case has the key '%.*s'", STR_FMT(name));
			ok = false;
		} else if (out.n + v->value.n > TEST_FILE_MAX) {
			reader_error(r, n, "the text is too large with its cases in place");
			ok = false;
		} else {
			strbuf_addstr(&out, v->value);
		}
	}
	strbuf_addstr(&out, rest);
	ok = ok && reader_spend(r, n, out.n);
	if (ok)
		*text = arena_str(&r->set->arena, strbuf_str(&out));
	strbuf_release(&out);
	return ok;
}

bool reader_text(struct test_reader *r, const struct ynode *n, const char *what, struct str *ret)
{
	struct str text;

	if (n->kind != YNODE_SCALAR) {
		reader_error(r, n, n->kind == YNODE_NULL ? "%s is empty" : "%s is a single text",
			     what);
		return false;
	}
	text = n->text;
	if (!substitute(r, n, &text))
		return false;
	*ret = text;
	return true;
}

bool reader_texts(struct test_reader *r, const struct ynode *n, const char *what, str_vec *ret)
{
	struct str text;

	if (n->kind != YNODE_SEQ) {
		if (!reader_text(r, n, what, &text))
			return false;
		vec_push(ret, text);
		return true;
	}
	for (uint32_t i = 0; i < n->n; i++) {
		if (!reader_text(r, n->kids[i], what, &text))
			return false;
		vec_push(ret, text);
	}
	return true;
}

/* Whether "DIR/.." is what stands before DIR's last part: not behind a symbolic link. */
static bool can_go_up(struct test_reader *r, struct str dir)
{
	struct str last = str_from(dir, (size_t)(str_rchr(dir, '/') + 1));
	struct stat st;

	return last.n && !str_eqz(last, "..") && !str_eqz(last, ".") &&
	       lstat(arena_printf(&r->set->arena, "%.*s", STR_FMT(dir)), &st) == 0 &&
	       S_ISDIR(st.st_mode);
}

/* A path of the file, relative to it, as it is opened. */
static const char *resolve(struct test_reader *r, struct str path)
{
	struct str dir = r->file->dir;

	if (!path.n || path.p[0] == '/')
		return arena_printf(&r->set->arena, "%.*s", STR_FMT(path));
	while (str_starts(path, STR("../")) && can_go_up(r, dir)) {
		ptrdiff_t slash = str_rchr(dir, '/');

		dir.n = slash < 0 ? 0 : slash == 0 ? 1 : (size_t)slash;
		path = str_from(path, 3);
	}
	if (!dir.n)
		return arena_printf(&r->set->arena, "%.*s", STR_FMT(path));
	return arena_printf(&r->set->arena, "%.*s%s%.*s", STR_FMT(dir),
			    dir.p[dir.n - 1] == '/' ? "" : "/", STR_FMT(path));
}

static bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool add_glob(struct test_reader *r, const struct ynode *n, const char *path,
		     struct rule_test *t)
{
	glob_t g;
	int e = glob(path, GLOB_NOSORT, NULL, &g);

	if (e == GLOB_NOMATCH) {
		reader_error(r, n, "no file matches '%s'", path);
		return false;
	}
	if (e) {
		reader_error(r, n, "cannot read what '%s' matches", path);
		return false;
	}
	qsort(g.gl_pathv, g.gl_pathc, sizeof(*g.gl_pathv), by_bytes);
	for (size_t i = 0; i < g.gl_pathc; i++) {
		struct test_trace *tr = vec_add(&t->traces);

		tr->path = arena_strdup(&r->set->arena, g.gl_pathv[i]);
		tr->shown = str_of(tr->path);
	}
	globfree(&g);
	return true;
}

static bool add_traces(struct test_reader *r, const struct ynode *n, struct rule_test *t)
{
	str_vec paths = { 0 };
	bool ok = reader_texts(r, n, "a trace", &paths);

	for (size_t i = 0; ok && i < paths.n; i++) {
		const struct ynode *at = n->kind == YNODE_SEQ ? n->kids[i] : n;
		const char *path = resolve(r, paths.v[i]);
		struct test_trace *tr;

		if (!exists(path) && strpbrk(path, "*?[")) {
			ok = add_glob(r, at, path, t);
			continue;
		}
		if (!exists(path)) {
			reader_error(r, at, "there is no trace '%s'", path);
			ok = false;
			continue;
		}
		tr = vec_add(&t->traces);
		tr->path = path;
		tr->shown = str_of(path);
	}
	if (ok && !t->traces.n) {
		reader_error(r, n, "an empty list of traces");
		ok = false;
	}
	vec_free(&paths);
	return ok;
}

static bool add_script(struct test_reader *r, const struct ynode *n, struct rule_test *t)
{
	struct test_trace *tr;
	struct str text, head;

	if (!reader_text(r, n, "script", &text))
		return false;
	if (!reader_spend(r, n, text.n))
		return false;
	tr = vec_add(&t->traces);
	tr->shown = STR("script");
	tr->script_node = n;
	head = str_trim(text);
	tr->script_headless = !str_starts(head, STR("eyas-script "));
	tr->script =
		tr->script_headless
			? str_of(arena_printf(&r->set->arena, "eyas-script 1\n%.*s", STR_FMT(text)))
			: text;
	return true;
}

static bool add_rules(struct test_reader *r, const struct ynode *n, struct rule_test *t)
{
	str_vec paths = { 0 };
	bool ok = reader_texts(r, n, "rules", &paths);

	for (size_t i = 0; ok && i < paths.n; i++) {
		const char *path = resolve(r, paths.v[i]);

		if (!exists(path)) {
			reader_error(r, n->kind == YNODE_SEQ ? n->kids[i] : n,
				     "there is no rules file '%s'", path);
			ok = false;
		}
		vec_push(&t->rules, path);
	}
	vec_free(&paths);
	return ok;
}

static bool env_set(struct test_reader *r, struct str name)
{
	const char *v = getenv(arena_printf(&r->set->arena, "%.*s", STR_FMT(name)));

	return v && *v;
}

/* `skip: REASON`, or a map with a reason and a condition; an empty reason in *ret: not skipped. */
static bool read_skip(struct test_reader *r, const struct ynode *n, struct str *ret)
{
	static const char *const keys[] = { "reason", "unlessFile", "unlessEnv", "ifEnv", NULL };
	const struct ynode *k, *reason;
	struct str text;
	bool skip = true;

	if (n->kind != YNODE_MAP)
		return reader_text(r, n, "the reason of `skip`", ret);
	if (!reader_check_keys(r, n, keys, "skip"))
		return false;
	reason = ynode_get(n, "reason", NULL);
	if (!reason) {
		reader_error(r, n, "skip needs a `reason`");
		return false;
	}
	k = ynode_get(n, "unlessFile", NULL);
	if (k) {
		if (!reader_text(r, k, "unlessFile", &text))
			return false;
		skip &= !exists(resolve(r, text));
	}
	k = ynode_get(n, "unlessEnv", NULL);
	if (k) {
		if (!reader_text(r, k, "unlessEnv", &text))
			return false;
		skip &= !env_set(r, text);
	}
	k = ynode_get(n, "ifEnv", NULL);
	if (k) {
		if (!reader_text(r, k, "ifEnv", &text))
			return false;
		skip &= env_set(r, text);
	}
	if (!reader_text(r, reason, "reason", &text))
		return false;
	if (skip)
		*ret = text;
	return true;
}

static bool read_matching(struct test_reader *r, const struct ynode *n, struct rule_test *t)
{
	struct str text;

	if (!reader_text(r, n, "ruleMatching", &text))
		return false;
	t->first_match = str_eqz(text, "first");
	if (t->first_match || str_eqz(text, "all"))
		return true;
	reader_error(r, n, "ruleMatching is `all` or `first`, not '%.*s'", STR_FMT(text));
	return false;
}

static bool read_others(struct test_reader *r, const struct ynode *n, struct rule_test *t)
{
	struct str text;

	if (!reader_text(r, n, "others", &text))
		return false;
	t->only = str_eqz(text, "none");
	if (t->only || str_eqz(text, "any"))
		return true;
	reader_error(r, n, "others is `any` or `none`, not '%.*s'", STR_FMT(text));
	return false;
}

/* What tests and baselines have in common. */
static bool read_common(struct test_reader *r, const struct ynode *n, struct rule_test *t)
{
	const struct ynode *k, *traces = ynode_get(n, "traces", NULL),
			       *script = ynode_get(n, "script", NULL);
	bool ok = true;

	k = ynode_get(n, "name", NULL);
	if (!k) {
		reader_error(r, n, "a test needs a `name`");
		return false;
	}
	ok &= reader_text(r, k, "name", &t->name);
	k = ynode_get(n, "description", NULL);
	if (k)
		ok &= reader_text(r, k, "description", &t->description);
	k = ynode_get(n, "skip", NULL);
	if (k)
		ok &= read_skip(r, k, &t->skip);
	k = ynode_get(n, "ruleMatching", NULL);
	if (k || r->matching)
		ok &= read_matching(r, k ? k : r->matching, t);
	k = ynode_get(n, "enable", NULL);
	if (k || r->enable)
		ok &= reader_texts(r, k ? k : r->enable, "enable", &t->enable);
	/* What is skipped may well have nothing to run. */
	if (!ok || t->skip.n)
		return ok;
	k = ynode_get(n, "rules", NULL);
	if (k || r->rules)
		ok &= add_rules(r, k ? k : r->rules, t);
	else
		for (size_t i = 0; i < r->set->default_rules.n; i++)
			vec_push(&t->rules, r->set->default_rules.v[i]);
	if (ok && !t->rules.n) {
		reader_error(r, n, "no rules: name them with `rules` in the file, or with -r");
		ok = false;
	}
	if (traces)
		ok &= add_traces(r, traces, t);
	if (script)
		ok &= add_script(r, script, t);
	if (!traces && !script) {
		reader_error(r, n, "nothing to replay: `traces` or `script` is needed");
		ok = false;
	}
	return ok;
}

static struct rule_test *new_test(struct test_reader *r, const struct ynode *n)
{
	struct rule_test *t = arena_calloc(&r->set->arena, 1, sizeof(*t));
	struct strbuf cases = STRBUF_INIT;

	t->file = r->file;
	t->node = n;
	if (r->vars)
		test_case_text(r->vars, &cases);
	t->cases = arena_str(&r->set->arena, strbuf_str(&cases));
	strbuf_release(&cases);
	vec_push(&r->set->tests, t);
	return t;
}

static void read_one(struct test_reader *r, const struct ynode *n, bool shared)
{
	const struct ynode *k, *outcome = ynode_get(n, "expectedOutcome", NULL);
	struct rule_test *t = new_test(r, n);
	bool ok = true;

	t->update_shared = shared;
	t->rule_node = ynode_get(n, "rule", NULL);
	if (t->rule_node)
		ok &= reader_text(r, t->rule_node, "rule", &t->rule);
	ok &= read_common(r, n, t);
	k = ynode_get(n, "others", NULL);
	if (k)
		ok &= read_others(r, k, t);
	if (!outcome) {
		reader_error(r, n,
			     "a test needs an `expectedOutcome` (`none` when nothing may fire)");
		return;
	}
	if (ok)
		reader_outcomes(r, outcome, t);
}

void reader_test(struct test_reader *r, const struct ynode *n)
{
	static const char *const keys[] = { "name",   "rule",   "description", "rules",
					    "enable", "traces", "script",      "expectedOutcome",
					    "others", "cases",  "skip",        "ruleMatching",
					    NULL };
	const struct ynode *cases;
	test_cases list = { 0 };

	if (n->kind != YNODE_MAP) {
		reader_error(r, n, "a test is a map");
		return;
	}
	if (!reader_check_keys(r, n, keys, "a test"))
		return;
	cases = ynode_get(n, "cases", NULL);
	if (!cases) {
		read_one(r, n, false);
		return;
	}
	if (reader_cases(r, cases, &list)) {
		for (size_t i = 0; i < list.n; i++) {
			size_t errors = r->n_errors;

			r->vars = &list.v[i];
			read_one(r, n, list.n > 1);
			r->vars = NULL;
			/* One case says it for all of them. */
			if (r->n_errors != errors)
				break;
		}
	}
	test_cases_free(&list);
}

void reader_baseline(struct test_reader *r, const struct ynode *n)
{
	static const char *const keys[] = {
		"name",   "description",    "rules", "enable",       "traces",
		"script", "falsePositives", "skip",  "ruleMatching", NULL
	};
	const struct ynode *known;
	struct rule_test *t;

	if (n->kind != YNODE_MAP) {
		reader_error(r, n, "a baseline is a map");
		return;
	}
	if (!reader_check_keys(r, n, keys, "a baseline"))
		return;
	t = new_test(r, n);
	t->is_baseline = t->only = true;
	if (!read_common(r, n, t))
		return;
	known = ynode_get(n, "falsePositives", NULL);
	if (!known || known->kind == YNODE_NULL)
		return;
	if (known->kind != YNODE_SEQ) {
		reader_error(r, known, "falsePositives is a list");
		return;
	}
	for (uint32_t i = 0; i < known->n; i++)
		if (!reader_false_positive(r, known->kids[i], t))
			return;
}
