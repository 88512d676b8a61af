/* Files of tests: found, read, taken apart; see test_file.h. */
#include "testing/test_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "testing/test_items.h"

#define DIR_DEPTH_MAX 32
#define EXCERPT_MAX   160

void test_set_init(struct test_set *s, struct diag *diag)
{
	memset(s, 0, sizeof(*s));
	arena_init(&s->arena);
	s->diag = diag;
}

static void free_matchers(struct field_matchers *f)
{
	vec_free(&f->matchers);
}

void test_set_free(struct test_set *s)
{
	for (size_t i = 0; i < s->tests.n; i++) {
		struct rule_test *t = s->tests.v[i];

		for (size_t k = 0; k < t->outcomes.n; k++) {
			struct outcome *o = &t->outcomes.v[k];

			free_matchers(&o->output);
			for (size_t j = 0; j < o->fields.n; j++)
				free_matchers(&o->fields.v[j]);
			vec_free(&o->fields);
		}
		vec_free(&t->outcomes);
		vec_free(&t->traces);
		vec_free(&t->rules);
		vec_free(&t->enable);
	}
	for (size_t i = 0; i < s->regexes.n; i++)
		regex_free(s->regexes.v[i]);
	vec_free(&s->regexes);
	vec_free(&s->tests);
	vec_free(&s->files);
	vec_free(&s->default_rules);
	arena_destroy(&s->arena);
}

void rule_test_id(const struct rule_test *t, struct strbuf *out)
{
	strbuf_addf(out, "%s: %.*s", t->file->path, STR_FMT(t->name));
	if (t->cases.n)
		strbuf_addf(out, " [%.*s]", STR_FMT(t->cases));
}

/* The line of a node with a caret below. */
static const char *excerpt(struct diag *d, const struct test_file *f, const struct ynode *at)
{
	size_t from = at->start < f->text.n ? at->start : f->text.n, to = from, caret;
	struct strbuf sb = STRBUF_INIT;
	const char *ret;

	while (from > 0 && f->text.p[from - 1] != '\n')
		from--;
	while (to < f->text.n && f->text.p[to] != '\n')
		to++;
	caret = at->start - from;
	if (caret > EXCERPT_MAX || to == from)
		return NULL;
	strbuf_add(&sb, f->text.p + from, to - from > EXCERPT_MAX ? EXCERPT_MAX : to - from);
	strbuf_addc(&sb, '\n');
	for (size_t i = 0; i < caret; i++)
		strbuf_addc(&sb, f->text.p[from + i] == '\t' ? '\t' : ' ');
	strbuf_addc(&sb, '^');
	ret = arena_memdup(&d->arena, sb.s, sb.n);
	strbuf_release(&sb);
	return ret;
}

void test_error(struct diag *d, const struct test_file *f, const struct ynode *at, const char *fmt,
		...)
{
	const struct diag_item *last = d->items.n ? &d->items.v[d->items.n - 1] : NULL;
	struct strbuf sb = STRBUF_INIT;
	struct diag_item *it;
	va_list ap;

	va_start(ap, fmt);
	strbuf_vaddf(&sb, fmt, ap);
	va_end(ap);
	/* The cases of a test have the same to say. */
	if (last && last->file && strcmp(last->file, f->path) == 0 && last->offset == at->start &&
	    strcmp(last->message, sb.s) == 0) {
		strbuf_release(&sb);
		return;
	}
	it = diag_add_at(d, DIAG_ERROR, NULL, f->path, at->start, "%s", sb.s);
	strbuf_release(&sb);
	it->has_pos = true;
	it->line = at->line;
	it->col = at->col;
	it->snippet = excerpt(d, f, at);
}

static void read_list(struct test_reader *r, const struct ynode *root, const char *key,
		      void (*item)(struct test_reader *r, const struct ynode *n))
{
	const struct ynode *list = ynode_get(root, key, NULL);

	if (!list)
		return;
	if (list->kind != YNODE_SEQ) {
		reader_error(r, list, "%s is a list", key);
		return;
	}
	for (uint32_t i = 0; i < list->n; i++)
		item(r, list->kids[i]);
}

/* Two tests of one name could not be told apart in a report. */
static void check_names(struct test_reader *r, size_t from)
{
	struct strmap seen = { 0 };

	for (size_t i = from; i < r->set->tests.n; i++) {
		const struct rule_test *t = r->set->tests.v[i];
		struct strbuf id = STRBUF_INIT;
		struct str key;

		rule_test_id(t, &id);
		key = arena_str(&r->set->arena, strbuf_str(&id));
		strbuf_release(&id);
		if (strmap_has(&seen, key))
			reader_error(r, t->node, "there is another test with the name '%.*s'",
				     STR_FMT(t->name));
		strmap_put(&seen, key, NULL);
	}
	strmap_free(&seen);
}

static void read_root(struct test_reader *r, const struct ynode *root)
{
	static const char *const keys[] = { "rules",       "enable", "ruleMatching",
					    "description", "tests",  "baselines",
					    NULL };
	size_t from = r->set->tests.n;

	if (root->kind != YNODE_MAP) {
		reader_error(
			r, root,
			root->kind == YNODE_SEQ
				? "this is a list, like a rules file: a file of tests is a map "
				  "with `rules` and `tests`"
				: "a file of tests is a map with `rules` and `tests`");
		return;
	}
	if (!reader_check_keys(r, root, keys, "a file of tests"))
		return;
	r->rules = ynode_get(root, "rules", NULL);
	r->enable = ynode_get(root, "enable", NULL);
	r->matching = ynode_get(root, "ruleMatching", NULL);
	if (!ynode_get(root, "tests", NULL) && !ynode_get(root, "baselines", NULL)) {
		reader_error(r, root, "there are neither `tests` nor `baselines` in the file");
		return;
	}
	read_list(r, root, "tests", reader_test);
	read_list(r, root, "baselines", reader_baseline);
	check_names(r, from);
}

int test_set_add_text(struct test_set *s, const char *name, struct str text)
{
	struct test_file *f = arena_calloc(&s->arena, 1, sizeof(*f));
	struct test_reader r = { .set = s, .file = f };
	struct yaml_error e;
	struct ydocs docs;
	ptrdiff_t slash;

	f->path = arena_strdup(&s->arena, name);
	f->text = arena_str(&s->arena, text);
	slash = str_rchr(str_of(f->path), '/');
	f->dir = str_mem(f->path, slash > 0 ? (size_t)slash : slash == 0 ? 1 : 0);
	vec_push(&s->files, f);
	if (!rule_yaml_parse(f->text, &s->arena, &docs, &e)) {
		struct ynode at = { .line = e.line, .col = e.col, .start = e.offset };

		reader_error(&r, &at, "this is not YAML: %s", e.problem);
		return -EINVAL;
	}
	if (!docs.n) {
		struct ynode at = { 0 };

		reader_error(&r, &at, "the file is empty: there are no tests in it");
	}
	for (size_t i = 0; i < docs.n; i++)
		read_root(&r, docs.v[i]);
	return r.n_errors ? -EINVAL : 0;
}

static int failed(struct test_set *s, const char *path, int e)
{
	diag_add(s->diag, DIAG_ERROR, NULL, "cannot read it: %s", strerror(-e))->file =
		arena_strdup(&s->diag->arena, path);
	return e;
}

/* The whole of a regular file, or of a pipe; the caller releases. */
static int slurp(const char *path, struct strbuf *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), e = 0;

	if (fd < 0)
		return -errno;
	for (;;) {
		ssize_t n = read(fd, strbuf_reserve(out, 65536), 65536);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			e = -errno;
		if (n <= 0)
			break;
		out->n += (size_t)n;
		out->s[out->n] = '\0';
		if (out->n > TEST_FILE_MAX) {
			e = -EFBIG;
			break;
		}
	}
	close(fd);
	return e;
}

/* A key stands at the beginning of a line. */
static bool has_key(struct str text, struct str key)
{
	struct str line;

	while (str_split(&text, '\n', &line))
		if (str_starts(line, key))
			return true;
	return false;
}

static bool looks_like_tests(struct str text)
{
	return has_key(text, STR("tests:")) || has_key(text, STR("baselines:"));
}

static int add_file(struct test_set *s, const char *path, bool found)
{
	struct strbuf text = STRBUF_INIT;
	int e = slurp(path, &text);

	if (e)
		failed(s, path, e);
	else if (!found || looks_like_tests(strbuf_str(&text)))
		e = test_set_add_text(s, path, strbuf_str(&text));
	strbuf_release(&text);
	return e;
}

static bool is_yaml_name(const char *name)
{
	return str_ends(str_of(name), STR(".yaml")) || str_ends(str_of(name), STR(".yml"));
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int add_dir(struct test_set *s, const char *path, unsigned depth)
{
	VEC(char *) names = { 0 };
	DIR *d = opendir(path);
	struct dirent *de;
	int ret = 0;

	if (!d)
		return failed(s, path, -errno);
	while ((de = readdir(d)))
		if (de->d_name[0] != '.')
			vec_push(&names, xstrdup(de->d_name));
	closedir(d);
	if (names.n)
		qsort(names.v, names.n, sizeof(*names.v), by_bytes);
	for (size_t i = 0; i < names.n; i++) {
		const char *p = strcmp(path, ".") == 0
					? arena_strdup(&s->arena, names.v[i])
					: arena_printf(&s->arena, "%s/%s", path, names.v[i]);
		struct stat st;
		int e = 0;

		/* A link to a directory could lead round in circles. */
		if (lstat(p, &st) == 0 && S_ISDIR(st.st_mode) && depth < DIR_DEPTH_MAX)
			e = add_dir(s, p, depth + 1);
		else if (is_yaml_name(names.v[i]) && stat(p, &st) == 0 && S_ISREG(st.st_mode))
			e = add_file(s, p, true);
		if (e && (!ret || ret == -EINVAL))
			ret = e;
		free(names.v[i]);
	}
	vec_free(&names);
	return ret;
}

int test_set_add(struct test_set *s, const char *path)
{
	struct strbuf trimmed = STRBUF_INIT;
	struct stat st;
	int e;

	strbuf_adds(&trimmed, path);
	while (trimmed.n > 1 && trimmed.s[trimmed.n - 1] == '/')
		strbuf_truncate(&trimmed, trimmed.n - 1);
	path = arena_strdup(&s->arena, trimmed.s);
	strbuf_release(&trimmed);
	if (stat(path, &st) < 0)
		return failed(s, path, -errno);
	e = S_ISDIR(st.st_mode) ? add_dir(s, path, 0) : add_file(s, path, false);
	return e;
}
