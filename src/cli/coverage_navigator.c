/*
 * Coverage as an ATT&CK Navigator layer. Techniques come from tags such as T1059 and T1059.004; a
 * technique's score is the share of its rules that fired.
 */
#include "cli/coverage.h"
#include "rules/attack_tag.h"

struct technique {
	struct str id;
	size_t rules, fired;
	VEC(const struct cover_rule *) by;
};

static int cmp_technique(const void *a, const void *b)
{
	return str_cmp((*(struct technique *const *)a)->id, (*(struct technique *const *)b)->id);
}

static void put_technique(const struct technique *t, struct json_writer *w)
{
	struct strbuf sb = STRBUF_INIT;

	json_begin_object(w);
	json_key(w, "techniqueID");
	json_str(w, t->id);
	json_key(w, "score");
	json_u64(w, (uint64_t)(100 * t->fired / t->rules));
	strbuf_addf(&sb, "%zu of %zu rules fired", t->fired, t->rules);
	json_key(w, "comment");
	json_str(w, strbuf_str(&sb));
	json_key(w, "enabled");
	json_bool(w, true);
	json_key(w, "showSubtechniques");
	json_bool(w, str_chr(t->id, '.') >= 0);
	json_key(w, "metadata");
	json_begin_array(w);
	for (size_t i = 0; i < t->by.n; i++) {
		json_begin_object(w);
		json_key(w, "name");
		json_strz(w, t->by.v[i]->fired ? "rule that fired" : "rule that did not fire");
		json_key(w, "value");
		json_str(w, t->by.v[i]->rule->name);
		json_end_object(w);
	}
	json_end_array(w);
	json_end_object(w);
	strbuf_release(&sb);
}

static void put_versions(struct json_writer *w)
{
	json_key(w, "versions");
	json_begin_object(w);
	json_key(w, "attack");
	json_strz(w, ATTACK_VERSION);
	json_key(w, "navigator");
	json_strz(w, "5.1.0");
	json_key(w, "layer");
	json_strz(w, "4.5");
	json_end_object(w);
}

static void put_gradient(struct json_writer *w)
{
	static const char *const colours[] = { "#ff6666ff", "#ffe766ff", "#8ec843ff" };

	json_key(w, "gradient");
	json_begin_object(w);
	json_key(w, "colors");
	json_begin_array(w);
	for (size_t i = 0; i < 3; i++)
		json_strz(w, colours[i]);
	json_end_array(w);
	json_key(w, "minValue");
	json_u64(w, 0);
	json_key(w, "maxValue");
	json_u64(w, 100);
	json_end_object(w);
}

void coverage_navigator(const struct coverage *c, struct strbuf *out)
{
	VEC(struct technique *) list = { 0 };
	struct strmap by_id = { 0 };
	struct arena a = ARENA_INIT;
	struct json_writer w;

	for (size_t i = 0; i < c->rules.n; i++) {
		const struct cover_rule *r = &c->rules.v[i];

		for (size_t k = 0; k < r->rule->tags.n; k++) {
			struct str tag = r->rule->tags.v[k];
			struct technique *t;
			char *id;

			if (!attack_is_technique(tag))
				continue;
			id = arena_memdup(&a, tag.p, tag.n);
			id[0] = 'T';
			t = strmap_get(&by_id, str_mem(id, tag.n));
			if (!t) {
				t = arena_calloc(&a, 1, sizeof(*t));
				t->id = str_mem(id, tag.n);
				strmap_put(&by_id, t->id, t);
				vec_push(&list, t);
			}
			t->rules++;
			t->fired += r->fired > 0;
			vec_push(&t->by, r);
		}
	}
	if (list.n)
		qsort(list.v, list.n, sizeof(*list.v), cmp_technique);
	json_init(&w, out);
	json_begin_object(&w);
	json_key(&w, "name");
	json_strz(&w, "eyas coverage");
	put_versions(&w);
	json_key(&w, "domain");
	json_strz(&w, "enterprise-attack");
	json_key(&w, "description");
	json_strz(
		&w,
		"Techniques named by the rules' tags; the score is the percentage of their rules that fired.");
	json_key(&w, "techniques");
	json_begin_array(&w);
	for (size_t i = 0; i < list.n; i++) {
		put_technique(list.v[i], &w);
		vec_free(&list.v[i]->by);
	}
	json_end_array(&w);
	put_gradient(&w);
	json_key(&w, "sorting");
	json_u64(&w, 3);
	json_end_object(&w);
	strbuf_addc(out, '\n');
	strmap_free(&by_id);
	vec_free(&list);
	arena_destroy(&a);
}
