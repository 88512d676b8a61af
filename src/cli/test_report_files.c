/* Results of tests for programs: JUnit, Markdown, JSON; see test_report.h. */
#include "base/hashmap.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "cli/test_report.h"

static struct str suite_of(const struct test_result *res)
{
	if (res->test->is_baseline)
		return STR("(baselines)");
	return res->test->rule.n ? res->test->rule : STR("(any rule)");
}

struct suite {
	struct str name;
	size_t n, failed, errors, skipped;
};

typedef VEC(struct suite) suites;

/* In the order in which they come first. */
static void group(const struct test_run *r, suites *ret)
{
	struct strmap known = { 0 };

	for (size_t i = 0; i < r->results.n; i++) {
		const struct test_result *res = &r->results.v[i];
		uintptr_t at = (uintptr_t)strmap_get(&known, suite_of(res));
		struct suite *s;

		if (!at) {
			s = vec_add(ret);
			s->name = suite_of(res);
			at = ret->n;
			strmap_put(&known, s->name, (void *)at);
		}
		s = &ret->v[at - 1];
		s->n++;
		s->failed += res->status == TEST_FAILED;
		s->errors += res->status == TEST_ERROR;
		s->skipped += res->status == TEST_SKIPPED;
	}
	strmap_free(&known);
}

/* XML has no control characters, and neither U+FFFE nor U+FFFF, not even escaped. */
static void add_xml(struct str s, struct strbuf *out)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (i + 2 < s.n && memcmp(s.p + i, "\xef\xbf", 2) == 0 &&
		    (unsigned char)s.p[i + 2] >= 0xbe) {
			strbuf_adds(out, "\xef\xbf\xbd");
			i += 2;
		} else if (c == '&') {
			strbuf_adds(out, "&amp;");
		} else if (c == '<') {
			strbuf_adds(out, "&lt;");
		} else if (c == '>') {
			strbuf_adds(out, "&gt;");
		} else if (c == '"') {
			strbuf_adds(out, "&quot;");
		} else if (c >= 0x20 || c == '\n') {
			strbuf_addc(out, (char)c);
		}
	}
}

static void add_attribute(const char *name, struct str value, struct strbuf *out)
{
	struct strbuf clean = STRBUF_INIT;

	text_escape(&clean, value);
	strbuf_addf(out, " %s=\"", name);
	add_xml(strbuf_str(&clean), out);
	strbuf_addc(out, '"');
	strbuf_release(&clean);
}

static void junit_case(const struct test_result *res, struct strbuf *out)
{
	struct strbuf text = STRBUF_INIT;
	struct str first;

	strbuf_adds(out, "    <testcase");
	test_title(res, &text);
	add_attribute("name", strbuf_str(&text), out);
	add_attribute("classname", suite_of(res), out);
	add_attribute("file", str_of(res->test->file->path), out);
	strbuf_addf(out, " line=\"%u\"", res->test->node->line + 1);
	if (res->status == TEST_PASSED) {
		strbuf_adds(out, "/>\n");
	} else if (res->status == TEST_SKIPPED) {
		strbuf_adds(out, ">\n      <skipped");
		add_attribute("message", res->test->skip, out);
		strbuf_adds(out, "/>\n    </testcase>\n");
	} else {
		const char *what = res->status == TEST_FAILED ? "failure" : "error";

		strbuf_reset(&text);
		test_failure_text(res, "", &text);
		first = strbuf_str(&text);
		if (str_chr(first, '\n') >= 0)
			first.n = (size_t)str_chr(first, '\n');
		strbuf_addf(out, ">\n      <%s", what);
		add_attribute("message", first, out);
		add_attribute("type", str_of(what), out);
		strbuf_addc(out, '>');
		add_xml(strbuf_str(&text), out);
		strbuf_addf(out, "</%s>\n    </testcase>\n", what);
	}
	strbuf_release(&text);
}

void test_report_junit(const struct test_run *r, struct strbuf *out)
{
	suites all = { 0 };

	group(r, &all);
	strbuf_addf(
		out,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<testsuites name=\"eyas test\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\">\n",
		r->results.n, r->n_failed, r->n_errors);
	for (size_t i = 0; i < all.n; i++) {
		const struct suite *s = &all.v[i];

		strbuf_adds(out, "  <testsuite");
		add_attribute("name", s->name, out);
		strbuf_addf(out,
			    " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\">\n",
			    s->n, s->failed, s->errors, s->skipped);
		for (size_t k = 0; k < r->results.n; k++)
			if (str_eq(suite_of(&r->results.v[k]), s->name))
				junit_case(&r->results.v[k], out);
		strbuf_adds(out, "  </testsuite>\n");
	}
	strbuf_adds(out, "</testsuites>\n");
	vec_free(&all);
}

/* In a cell of a table, or a heading. */
static void add_markdown(struct str s, struct strbuf *out)
{
	struct strbuf clean = STRBUF_INIT;

	text_escape(&clean, s);
	for (size_t i = 0; i < clean.n; i++) {
		if (strchr("\\`*_{}[]<>#|", clean.s[i]))
			strbuf_addc(out, '\\');
		strbuf_addc(out, clean.s[i]);
	}
	strbuf_release(&clean);
}

/* A code block by indentation: nothing in it can end it. */
static void markdown_failure(const struct test_result *res, struct strbuf *out)
{
	struct strbuf title = STRBUF_INIT;

	test_title(res, &title);
	strbuf_adds(out, "\n**");
	add_markdown(strbuf_str(&title), out);
	strbuf_adds(out, "** in ");
	add_markdown(str_of(res->test->file->path), out);
	strbuf_addf(out, ", line %u:\n\n", res->test->node->line + 1);
	test_failure_text(res, "    ", out);
	strbuf_release(&title);
}

void test_report_markdown(const struct test_run *r, struct strbuf *out)
{
	suites all = { 0 };

	group(r, &all);
	strbuf_adds(out, "## Rule tests: ");
	test_counts_text(r, out);
	strbuf_adds(out, "\n\n| rule | passed | failed | not judged | skipped |\n"
			 "|---|--:|--:|--:|--:|\n");
	for (size_t i = 0; i < all.n; i++) {
		const struct suite *s = &all.v[i];

		strbuf_adds(out, "| ");
		add_markdown(s->name, out);
		strbuf_addf(out, " | %zu | %zu | %zu | %zu |\n",
			    s->n - s->failed - s->errors - s->skipped, s->failed, s->errors,
			    s->skipped);
	}
	for (size_t i = 0; i < r->results.n; i++)
		if (r->results.v[i].status == TEST_FAILED || r->results.v[i].status == TEST_ERROR)
			markdown_failure(&r->results.v[i], out);
	vec_free(&all);
}

static void json_difference(const struct mismatch *d, struct json_writer *w)
{
	struct strbuf text = STRBUF_INIT;

	json_begin_object(w);
	json_key(w, "expected");
	if (d->matcher) {
		matcher_text(d->matcher, &text);
		json_str(w, strbuf_str(&text));
	} else {
		json_str(w, d->expected);
	}
	json_key(w, "field");
	if (d->what)
		json_strz(w, d->what);
	else
		json_str(w, d->field);
	json_key(w, "got");
	if (d->present)
		json_str(w, d->got);
	else
		json_nil(w);
	json_end_object(w);
	strbuf_release(&text);
}

static void json_verdict(const struct test_result *res, struct json_writer *w)
{
	json_key(w, "outcomes");
	json_begin_array(w);
	for (size_t i = 0; i < res->verdict.outcomes.n; i++) {
		const struct outcome_verdict *v = &res->verdict.outcomes.v[i];
		struct strbuf text = STRBUF_INIT;

		json_begin_object(w);
		json_key(w, "differences");
		json_begin_array(w);
		for (size_t k = 0; k < v->differences.n; k++)
			json_difference(&v->differences.v[k], w);
		json_end_array(w);
		outcome_count_text(v->outcome, res->test->is_baseline, &text);
		json_key(w, "expected");
		json_str(w, strbuf_str(&text));
		json_key(w, "matched");
		json_u64(w, v->matched);
		json_key(w, "nearest_event");
		if (v->nearest)
			json_u64(w, v->nearest->num);
		else
			json_nil(w);
		json_key(w, "ok");
		json_bool(w, v->ok);
		json_end_object(w);
		strbuf_release(&text);
	}
	json_end_array(w);
	json_key(w, "unexpected");
	json_begin_array(w);
	for (size_t i = 0; i < res->verdict.unexpected.n; i++) {
		const struct fired *a = res->verdict.unexpected.v[i];

		json_begin_object(w);
		json_key(w, "event");
		json_u64(w, a->num);
		json_key(w, "output");
		json_str(w, a->output);
		json_key(w, "rule");
		json_str(w, a->rule->name);
		json_end_object(w);
	}
	json_end_array(w);
}

static void json_result(const struct test_result *res, struct strbuf *out)
{
	static const char *const words[] = { "passed", "failed", "skipped", "error" };
	const struct rule_test *t = res->test;
	struct strbuf text = STRBUF_INIT;
	struct json_writer w;

	json_init(&w, out);
	json_begin_object(&w);
	json_key(&w, "cases");
	json_str(&w, t->cases);
	json_key(&w, "file");
	json_strz(&w, t->file->path);
	json_key(&w, "line");
	json_u64(&w, t->node->line + 1);
	json_key(&w, "name");
	json_str(&w, t->name);
	if (res->unit && res->status != TEST_ERROR)
		json_verdict(res, &w);
	if (res->status == TEST_SKIPPED || res->status == TEST_ERROR) {
		test_failure_text(res, "", &text);
		json_key(&w, "reason");
		json_str(&w, res->status == TEST_SKIPPED ? t->skip : str_trim(strbuf_str(&text)));
	}
	json_key(&w, "rule");
	json_str(&w, t->rule);
	json_key(&w, "status");
	json_strz(&w, words[res->status]);
	if (res->trace) {
		json_key(&w, "trace");
		json_str(&w, res->trace->shown);
	}
	json_end_object(&w);
	strbuf_addc(out, '\n');
	strbuf_release(&text);
}

void test_report_json(const struct test_run *r, struct strbuf *out)
{
	struct json_writer w;

	for (size_t i = 0; i < r->results.n; i++)
		json_result(&r->results.v[i], out);
	json_init(&w, out);
	json_begin_object(&w);
	json_key(&w, "errors");
	json_u64(&w, r->n_errors);
	json_key(&w, "failed");
	json_u64(&w, r->n_failed);
	json_key(&w, "passed");
	json_u64(&w, r->n_passed);
	json_key(&w, "skipped");
	json_u64(&w, r->n_skipped);
	json_end_object(&w);
	strbuf_addc(out, '\n');
}
