/* Expectations rewritten in place; see test_update.h. */
#include "testing/test_update.h"

#include "base/json_writer.h"

void yaml_scalar(struct str text, struct strbuf *out)
{
	static const char safe[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./- ";
	static const char *const words[] = { "null", "Null", "NULL", "true", "false", "yes", "no" };
	bool plain = text.n && text.p[0] != '-' && text.p[0] != ' ' && text.p[0] != '.' &&
		     text.p[text.n - 1] != ' ';

	for (size_t i = 0; i < text.n && plain; i++)
		plain = text.p[i] && strchr(safe, text.p[i]);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]) && plain; i++)
		plain = !str_eqz(text, words[i]);
	if (plain)
		strbuf_addstr(out, text);
	else
		json_escape(out, text);
}

struct collector {
	struct test_update *u;
	struct diag *diag;
	const struct rule_test *test;
};

static void cannot(struct collector *c, const struct ynode *at, const char *why)
{
	struct diag_item *it = diag_add_at(c->diag, DIAG_NOTE, NULL, c->test->file->path, at->start,
					   "not rewritten: %s", why);

	it->has_pos = true;
	it->line = at->line;
	it->col = at->col;
}

static void add(struct collector *c, uint64_t start, uint64_t end, struct str text)
{
	struct test_edit e = { .file = c->test->file,
			       .start = start,
			       .end = end,
			       .text = arena_str(&c->u->arena, text),
			       .test = c->test };

	vec_push(&c->u->edits, e);
}

/* Whether a node is a scalar that stands in the file as it is. */
static bool replaceable(struct collector *c, const struct ynode *n)
{
	struct str text = c->test->file->text;

	if (n->kind != YNODE_SCALAR && n->kind != YNODE_NULL) {
		cannot(c, n, "it is not a single value");
		return false;
	}
	if (n->end > text.n || n->start > n->end)
		return false;
	if (str_find(str_mem(text.p + n->start, n->end - n->start), STR("${item.")) >= 0) {
		cannot(c, n, "it comes from the test's cases");
		return false;
	}
	return true;
}

static void replace(struct collector *c, const struct ynode *n, struct str by)
{
	struct strbuf sb = STRBUF_INIT;

	if (!replaceable(c, n))
		return;
	/* An empty value stands right behind its colon; a block one ends with its last line. */
	if (n->start == n->end)
		strbuf_addc(&sb, ' ');
	strbuf_addstr(&sb, by);
	if (n->end > n->start && c->test->file->text.p[n->end - 1] == '\n')
		strbuf_addc(&sb, '\n');
	add(c, n->start, n->end, strbuf_str(&sb));
	strbuf_release(&sb);
}

static void replace_text(struct collector *c, const struct ynode *n, bool present, struct str text)
{
	struct strbuf sb = STRBUF_INIT;

	if (present)
		yaml_scalar(text, &sb);
	else
		strbuf_adds(&sb, "null");
	replace(c, n, strbuf_str(&sb));
	strbuf_release(&sb);
}

static void replace_number(struct collector *c, const struct ynode *n, uint64_t v)
{
	struct strbuf sb = STRBUF_INIT;

	strbuf_addu(&sb, v);
	replace(c, n, strbuf_str(&sb));
	strbuf_release(&sb);
}

/* Priorities are written in capitals, or not, as they were. */
static void fix_priority(struct collector *c, const struct mismatch *d)
{
	struct strbuf sb = STRBUF_INIT;
	bool capitals = true;

	for (size_t i = 0; i < d->node->text.n; i++)
		capitals &= d->node->text.p[i] >= 'A' && d->node->text.p[i] <= 'Z';
	strbuf_addstr(&sb, d->got);
	for (size_t i = 0; capitals && i < sb.n; i++)
		if (sb.s[i] >= 'a' && sb.s[i] <= 'z')
			sb.s[i] = (char)(sb.s[i] - 'a' + 'A');
	replace(c, d->node, strbuf_str(&sb));
	strbuf_release(&sb);
}

static void fix_difference(struct collector *c, const struct mismatch *d)
{
	if (d->what && strcmp(d->what, "priority") == 0) {
		fix_priority(c, d);
		return;
	}
	if (!d->matcher) {
		replace_text(c, d->node, d->present, d->got);
		return;
	}
	if (d->unknown) {
		cannot(c, d->matcher->value, "the rule's output has no such field");
		return;
	}
	if (!replaceable(c, d->matcher->value))
		return;
	if (d->matcher->key && d->matcher->kind != MATCHER_EQUALS)
		replace(c, d->matcher->key, STR("equals"));
	replace_text(c, d->matcher->value, d->present, d->got);
}

/* A new first key of a map, in its style. */
static void insert_count(struct collector *c, const struct ynode *map, uint64_t n)
{
	const struct ynode *first = map->kids[0];
	struct str text = c->test->file->text;
	struct strbuf sb = STRBUF_INIT;
	size_t line = first->start;

	while (line > 0 && text.p[line - 1] != '\n')
		line--;
	strbuf_addf(&sb, "count: %llu", (unsigned long long)n);
	if (map->start < text.n && text.p[map->start] == '{') {
		strbuf_adds(&sb, ", ");
	} else {
		strbuf_addc(&sb, '\n');
		for (size_t i = line; i < first->start; i++)
			strbuf_addc(&sb, ' ');
	}
	add(c, first->start, first->start, strbuf_str(&sb));
	strbuf_release(&sb);
}

static void fix_count(struct collector *c, const struct outcome *o, uint64_t n)
{
	struct strbuf sb = STRBUF_INIT;

	if (o->count_node) {
		replace_number(c, o->count_node, n);
	} else if (o->has_count) {
		/* The word `none`. */
		strbuf_addf(&sb, "{count: %llu}", (unsigned long long)n);
		replace(c, o->node, strbuf_str(&sb));
		strbuf_release(&sb);
	} else if (o->has_min && n < o->min) {
		replace_number(c, o->min_node, n);
	} else if (o->has_max && n > o->max) {
		replace_number(c, o->max_node, n);
	} else if (o->node->kind == YNODE_MAP && o->node->n) {
		insert_count(c, o->node, n);
	}
}

static void fix_result(struct collector *c, const struct test_result *res)
{
	for (size_t i = 0; i < res->verdict.outcomes.n; i++) {
		const struct outcome_verdict *v = &res->verdict.outcomes.v[i];
		const struct outcome *o = v->outcome;
		uint64_t wanted = o->has_count ? o->count : o->has_min ? o->min : 1;

		if (v->ok)
			continue;
		if (v->matched < wanted && v->nearest)
			for (size_t k = 0; k < v->differences.n; k++)
				fix_difference(c, &v->differences.v[k]);
		else
			fix_count(c, o, v->matched);
	}
	if (res->verdict.unexpected.n)
		cannot(c, res->test->node, "alerts that were not expected are not added");
}

static int compare_edits(const void *pa, const void *pb)
{
	const struct test_edit *a = pa, *b = pb;
	int by_file = strcmp(a->file->path, b->file->path);

	if (by_file)
		return by_file;
	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	if (a->end != b->end)
		return a->end < b->end ? -1 : 1;
	return str_cmp(a->text, b->text);
}

/* How many results a place in the file answers for. */
static size_t results_of(const struct test_run *run, const struct ynode *test)
{
	size_t n = 0;

	for (size_t i = 0; i < run->results.n; i++)
		n += run->results.v[i].test->node == test &&
		     run->results.v[i].status != TEST_SKIPPED;
	return n;
}

static bool same_edit(const struct test_edit *a, const struct test_edit *b)
{
	return a->file == b->file && a->start == b->start && a->end == b->end &&
	       str_eq(a->text, b->text);
}

/* Keeps what all results of a test agree on, once. */
static void settle(struct collector *c, const struct test_run *run)
{
	struct test_update *u = c->u;
	size_t kept = 0, n;

	if (u->edits.n)
		qsort(u->edits.v, u->edits.n, sizeof(*u->edits.v), compare_edits);
	for (size_t i = 0; i < u->edits.n; i += n) {
		struct test_edit e = u->edits.v[i];

		for (n = 1; i + n < u->edits.n && same_edit(&e, &u->edits.v[i + n]);)
			n++;
		if (n == results_of(run, e.test->node)) {
			u->edits.v[kept++] = e;
			continue;
		}
		c->test = e.test;
		cannot(c, e.test->node, "the test's cases or traces do not agree on the new value");
	}
	u->edits.n = kept;
}

void test_update_collect(struct test_update *u, const struct test_run *run, struct diag *diag)
{
	struct collector c = { .u = u, .diag = diag };

	memset(u, 0, sizeof(*u));
	arena_init(&u->arena);
	for (size_t i = 0; i < run->results.n; i++) {
		const struct test_result *res = &run->results.v[i];

		if (res->status != TEST_FAILED)
			continue;
		c.test = res->test;
		fix_result(&c, res);
	}
	settle(&c, run);
}

void test_update_apply(const struct test_update *u, const struct test_file *f, struct strbuf *out)
{
	uint64_t at = 0;

	for (size_t i = 0; i < u->edits.n; i++) {
		const struct test_edit *e = &u->edits.v[i];

		if (e->file != f || e->start < at)
			continue;
		strbuf_add(out, f->text.p + at, e->start - at);
		strbuf_addstr(out, e->text);
		at = e->end;
	}
	strbuf_addstr(out, str_from(f->text, at));
}

void test_update_free(struct test_update *u)
{
	vec_free(&u->edits);
	arena_destroy(&u->arena);
}
