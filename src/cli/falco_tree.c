/* One tree from configuration files and settings. See falco_tree.h. */
#include "cli/falco_tree.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define FILE_MAX      (4u << 20)
#define FILES_MAX     256
#define PATH_MAX_KEYS 32
#define SEQ_MAX       256
#define KEYS_MAX      1000

struct tree_source {
	const char *name;
	struct str text;
	uint32_t col; /* of the text's first line in what a person sees */
};

void falco_tree_init(struct falco_tree *t, struct arena *a)
{
	*t = (struct falco_tree){ .arena = a };
	t->root = arena_calloc(a, 1, sizeof(*t->root));
	t->root->kind = YNODE_MAP;
}

void falco_tree_free(struct falco_tree *t)
{
	u64map_free(&t->sources);
}

/* Depth is bounded by YAML_MAX_DEPTH, aliases are walked once. */
static void mark(struct falco_tree *t, const struct ynode *n, struct tree_source *src)
{
	uint32_t kids = n->kind == YNODE_MAP ? 2 * n->n : n->kind == YNODE_SEQ ? n->n : 0;

	if (u64map_put(&t->sources, (uintptr_t)n, src))
		return;
	for (uint32_t i = 0; i < kids; i++)
		mark(t, n->kids[i], src);
}

static const char *excerpt(struct arena *a, struct str text, uint64_t at)
{
	struct strbuf sb = STRBUF_INIT;
	size_t from = at < text.n ? (size_t)at : text.n, to = from;
	const char *ret;

	while (from > 0 && text.p[from - 1] != '\n' && to - from < 60)
		from--;
	while (to < text.n && text.p[to] != '\n' && to - from < 100)
		to++;
	text_escape(&sb, str_mem(text.p + from, to - from));
	strbuf_addc(&sb, '\n');
	for (size_t i = from; i < at && i < text.n; i++)
		strbuf_addc(&sb, ' ');
	strbuf_addc(&sb, '^');
	ret = arena_memdup(a, sb.s, sb.n);
	strbuf_release(&sb);
	return ret;
}

static void problem_at(struct diag *diag, enum diag_level level, const struct tree_source *src,
		       uint32_t line, uint32_t col, uint64_t offset, const char *message)
{
	struct diag_item *it = diag_add(diag, level, NULL, "%s", message);

	it->file = arena_strdup(&diag->arena, src->name);
	it->has_pos = true;
	it->line = line;
	it->col = col + (line ? 0 : src->col);
	it->offset = offset;
	it->snippet = excerpt(&diag->arena, src->text, offset);
}

void falco_tree_problem(const struct falco_tree *t, const struct ynode *n, enum diag_level level,
			struct diag *diag, const char *message)
{
	const struct tree_source *src = u64map_get(&t->sources, (uintptr_t)n);

	if (src)
		problem_at(diag, level, src, n->line, n->col, n->start, message);
	else
		diag_add(diag, level, NULL, "%s", message);
}

/* --- merging ----------------------------------------------------------------------------- */

static void append_kids(struct falco_tree *t, struct ynode *to, struct ynode *const *kids, size_t n)
{
	size_t have = to->kind == YNODE_MAP ? 2 * (size_t)to->n : to->n;
	struct ynode **all = arena_alloc(t->arena, (have + n + 1) * sizeof(struct ynode *));

	if (have)
		memcpy(all, to->kids, have * sizeof(struct ynode *));
	memcpy(all + have, kids, n * sizeof(struct ynode *));
	to->kids = all;
	to->n += (uint32_t)(to->kind == YNODE_MAP ? n / 2 : n);
}

/* The place of a key's value in a mapping, or NULL. */
static struct ynode **slot_of(const struct ynode *map, struct str key)
{
	for (uint32_t i = 0; i < map->n; i++)
		if (map->kids[2 * i]->kind == YNODE_SCALAR && str_eq(map->kids[2 * i]->text, key))
			return &map->kids[2 * i + 1];
	return NULL;
}

static void merge(struct falco_tree *t, struct ynode *to, const struct ynode *from)
{
	for (uint32_t i = 0; i < from->n; i++) {
		struct ynode *pair[] = { from->kids[2 * i], from->kids[2 * i + 1] };
		struct ynode **slot =
			pair[0]->kind == YNODE_SCALAR ? slot_of(to, pair[0]->text) : NULL;

		if (!slot)
			append_kids(t, to, pair, 2);
		else if ((*slot)->kind == YNODE_SEQ && pair[1]->kind == YNODE_SEQ)
			append_kids(t, *slot, pair[1]->kids, pair[1]->n);
		else if ((*slot)->kind == YNODE_MAP && pair[1]->kind == YNODE_MAP)
			merge(t, *slot, pair[1]);
		else
			*slot = pair[1];
	}
}

/* --- files ------------------------------------------------------------------------------- */

static int read_file(const char *path, struct arena *a, struct str *ret)
{
	struct strbuf sb = STRBUF_INIT;
	FILE *f = fopen(path, "re");
	int e = 0;

	if (!f)
		return -errno;
	while (sb.n <= FILE_MAX && !feof(f) && !ferror(f)) {
		size_t n = fread(strbuf_reserve(&sb, 65536), 1, 65536, f);

		sb.n += n;
		sb.s[sb.n] = 0;
	}
	if (ferror(f))
		e = errno ? -errno : -EIO;
	else if (sb.n > FILE_MAX)
		e = -EFBIG;
	fclose(f);
	if (!e)
		*ret = arena_str(a, strbuf_str(&sb));
	strbuf_release(&sb);
	return e;
}

static int add_one(struct falco_tree *t, const char *path, struct diag *diag,
		   const struct ynode **ret)
{
	struct tree_source *src = arena_calloc(t->arena, 1, sizeof(*src));
	struct yaml_error err;
	struct ydocs docs;
	int e;

	*ret = NULL;
	src->name = path;
	e = t->n_files++ < FILES_MAX ? read_file(path, t->arena, &src->text) : -EMFILE;
	if (e) {
		diag_add(diag, DIAG_ERROR, NULL, "cannot read the configuration %s: %s", path,
			 strerror(-e));
		return e;
	}
	if (!rule_yaml_parse(src->text, t->arena, &docs, &err)) {
		problem_at(diag, DIAG_ERROR, src, err.line, err.col, err.offset, err.problem);
		return -EINVAL;
	}
	for (size_t i = 0; i < docs.n; i++) {
		mark(t, docs.v[i], src);
		if (docs.v[i]->kind == YNODE_NULL)
			continue;
		if (docs.v[i]->kind != YNODE_MAP) {
			falco_tree_problem(
				t, docs.v[i], DIAG_ERROR, diag,
				docs.v[i]->kind == YNODE_SEQ
					? "this is a rules file, not a Falco configuration: give it with -r"
					: "this is not a Falco configuration: it is no mapping of keys");
			return -EINVAL;
		}
		if (docs.v[i]->n > KEYS_MAX) {
			falco_tree_problem(t, docs.v[i], DIAG_ERROR, diag,
					   "too many keys for a configuration");
			return -EINVAL;
		}
		merge(t, t->root, docs.v[i]);
		*ret = docs.v[i];
	}
	return 0;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* A file, or the .yaml and .yml files of a directory in bytewise order. What is not there is left
 * out. */
static int add_included(struct falco_tree *t, const char *path, struct diag *diag)
{
	DIR *dir = opendir(path);
	VEC(char *) names = { 0 };
	const struct ynode *root;
	struct dirent *de;
	int e = 0;

	if (!dir && errno == ENOENT)
		return 0;
	if (!dir)
		return add_one(t, path, diag, &root);
	while ((de = readdir(dir)) != NULL) {
		struct str s = str_of(de->d_name);

		if (s.p[0] != '.' && (str_ends(s, STR(".yaml")) || str_ends(s, STR(".yml"))))
			vec_push(&names, arena_printf(t->arena, "%s/%s", path, de->d_name));
	}
	closedir(dir);
	if (names.n)
		qsort(names.v, names.n, sizeof(*names.v), compare_names);
	for (size_t i = 0; i < names.n && !e; i++)
		e = add_one(t, names.v[i], diag, &root);
	vec_free(&names);
	return e;
}

int falco_tree_add_file(struct falco_tree *t, const char *path, struct diag *diag)
{
	const struct ynode *root, *more;
	int e = add_one(t, path, diag, &root);

	more = !e && root ? ynode_get(root, "config_files", NULL) : NULL;
	if (!more || more->kind != YNODE_SEQ)
		return e;
	/* A copy of the number: files that are merged in may name more, which Falco does not
	 * follow. */
	for (uint32_t i = 0, n = more->n; i < n && !e; i++) {
		const struct ynode *f = more->kids[i];

		if (f->kind == YNODE_MAP) {
			const struct ynode *how = ynode_get(f, "strategy", NULL);

			if (how && how->kind == YNODE_SCALAR && !str_eqz(how->text, "append")) {
				falco_tree_problem(
					t, how, DIAG_ERROR, diag,
					"config_files: only the strategy append is understood");
				return -EINVAL;
			}
			f = ynode_get(f, "path", NULL);
		}
		if (!f || f->kind != YNODE_SCALAR) {
			falco_tree_problem(t, more->kids[i], DIAG_ERROR, diag,
					   "config_files: expected a path");
			return -EINVAL;
		}
		e = add_included(t, arena_memdup(t->arena, f->text.p, f->text.n), diag);
	}
	return e;
}

/* --- settings ---------------------------------------------------------------------------- */

static struct ynode *new_node(struct falco_tree *t, enum ynode_kind kind, struct tree_source *src)
{
	struct ynode *n = arena_calloc(t->arena, 1, sizeof(*n));

	n->kind = kind;
	u64map_put(&t->sources, (uintptr_t)n, src);
	return n;
}

/* Makes *slot a node of this kind unless it is one. */
static struct ynode *want(struct falco_tree *t, struct ynode **slot, enum ynode_kind kind,
			  struct tree_source *src)
{
	if ((*slot)->kind != kind)
		*slot = new_node(t, kind, src);
	return *slot;
}

/* One step of the path: ".name" or "[2]" or "[]". NULL when it is none. */
static struct ynode **step(struct falco_tree *t, struct ynode **slot, struct str *path,
			   struct tree_source *src, bool first)
{
	struct ynode *n, *null;
	unsigned long long at;
	size_t len;

	if (path->p[0] == '[') {
		ptrdiff_t close = str_chr(*path, ']');
		struct str idx;

		if (close < 0 || first)
			return NULL;
		idx = str_mem(path->p + 1, (size_t)close - 1);
		n = want(t, slot, YNODE_SEQ, src);
		at = n->n;
		if (idx.n && (!str_to_u64(idx, &at) || at >= SEQ_MAX))
			return NULL;
		*path = str_from(*path, (size_t)close + 1);
		while (n->n <= at) {
			null = new_node(t, YNODE_NULL, src);
			append_kids(t, n, &null, 1);
		}
		return &n->kids[at];
	}
	if (!first) {
		if (path->p[0] != '.')
			return NULL;
		*path = str_from(*path, 1);
	}
	for (len = 0; len < path->n && path->p[len] != '.' && path->p[len] != '['; len++)
		;
	if (!len)
		return NULL;
	n = want(t, slot, YNODE_MAP, src);
	struct str key = str_mem(path->p, len);
	*path = str_from(*path, len);
	slot = slot_of(n, key);
	if (!slot) {
		struct ynode *pair[] = { new_node(t, YNODE_SCALAR, src),
					 new_node(t, YNODE_NULL, src) };

		pair[0]->text = key;
		append_kids(t, n, pair, 2);
		slot = &n->kids[2 * n->n - 1];
	}
	return slot;
}

int falco_tree_set(struct falco_tree *t, const char *text, struct diag *diag)
{
	struct tree_source *whole = arena_calloc(t->arena, 1, sizeof(*whole));
	struct tree_source *value = arena_calloc(t->arena, 1, sizeof(*value));
	struct str path, all = arena_str(t->arena, str_of(text));
	struct ynode **slot = &t->root, *v = NULL;
	ptrdiff_t eq = str_chr(all, '=');
	struct yaml_error err;
	struct ydocs docs;
	unsigned keys = 0;

	*whole = (struct tree_source){ "--set", all, 0 };
	if (eq <= 0) {
		problem_at(diag, DIAG_ERROR, whole, 0, 0, 0, "a setting is KEY=VALUE");
		return -EINVAL;
	}
	*value = (struct tree_source){ "--set", str_from(all, (size_t)eq + 1), (uint32_t)eq + 1 };
	if (str_starts(value->text, STR("*"))) {
		/* A pattern: there is no anchor that an alias could name. */
		v = new_node(t, YNODE_SCALAR, value);
		v->text = value->text;
	} else if (!rule_yaml_parse(value->text, t->arena, &docs, &err)) {
		problem_at(diag, DIAG_ERROR, value, err.line, err.col, err.offset, err.problem);
		return -EINVAL;
	}
	path = str_mem(all.p, (size_t)eq);
	while (path.n) {
		slot = keys++ < PATH_MAX_KEYS ? step(t, slot, &path, whole, keys == 1) : NULL;
		if (slot)
			continue;
		problem_at(diag, DIAG_ERROR, whole, 0, (uint32_t)(path.p - all.p),
			   (uint64_t)(path.p - all.p), "a key is name.name[NUMBER]");
		return -EINVAL;
	}
	if (!v)
		v = docs.n ? docs.v[0] : new_node(t, YNODE_NULL, value);
	mark(t, v, value);
	*slot = v;
	return 0;
}
