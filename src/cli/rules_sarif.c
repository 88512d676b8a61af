/* SARIF; see rules_sarif.h. The form is that of OASIS SARIF 2.1.0, section 3. */
#include "cli/rules_sarif.h"

#include <stdio.h>

#include "base/hashmap.h"
#include "base/json_writer.h"
#include "cli/command.h"
#include "config.h"
#include "rules/load_problem.h"

#define ADVICE "EYAS_ADVICE" /* problems that have no code of their own */

static const char *level_name(enum diag_level l)
{
	return l == DIAG_ERROR ? "error" : l == DIAG_WARNING ? "warning" : "note";
}

static void put_text(struct json_writer *w, const char *key, const char *text)
{
	json_key(w, key);
	json_begin_object(w);
	json_key(w, "text");
	json_strz(w, text);
	json_end_object(w);
}

static void put_code(struct json_writer *w, const char *id, const char *text, bool is_error)
{
	json_begin_object(w);
	json_key(w, "id");
	json_strz(w, id);
	put_text(w, "shortDescription", text);
	json_key(w, "defaultConfiguration");
	json_begin_object(w);
	json_key(w, "level");
	json_strz(w, is_error ? "error" : "warning");
	json_end_object(w);
	json_end_object(w);
}

static void put_tool(struct json_writer *w)
{
	json_key(w, "tool");
	json_begin_object(w);
	json_key(w, "driver");
	json_begin_object(w);
	json_key(w, "name");
	json_strz(w, PACKAGE_NAME);
	json_key(w, "version");
	json_strz(w, PACKAGE_VERSION);
	json_key(w, "rules");
	json_begin_array(w);
	for (int c = 0; c < LOAD_CODE_NONE; c++)
		put_code(w, load_code_name((enum load_code)c),
			 load_code_description((enum load_code)c),
			 load_code_is_error((enum load_code)c));
	put_code(w, ADVICE, "Advice about a rules file", false);
	json_end_array(w);
	json_end_object(w);
	json_end_object(w);
}

/* The number of a code in the tool's rules. */
static int code_index(const char *code)
{
	for (int c = 0; code && c < LOAD_CODE_NONE; c++)
		if (strcmp(code, load_code_name((enum load_code)c)) == 0)
			return c;
	return LOAD_CODE_NONE;
}

/* A path as a URI reference (RFC 3986); "-" is what was read from standard input. */
static void put_uri(const char *path, struct strbuf *out)
{
	if (strcmp(path, "-") == 0)
		path = "stdin";
	if (path[0] == '/')
		strbuf_adds(out, "file://");
	for (const unsigned char *p = (const unsigned char *)path; *p; p++) {
		bool plain = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
			     (*p >= '0' && *p <= '9') || strchr("-._~/", *p);

		if (plain)
			strbuf_addc(out, (char)*p);
		else
			strbuf_addf(out, "%%%02X", *p);
	}
}

static void put_location(struct json_writer *w, const struct diag_item *it)
{
	struct strbuf uri = STRBUF_INIT;
	const struct diag_where *in = it->n_where ? &it->where[it->n_where - 1] : NULL;

	json_key(w, "locations");
	json_begin_array(w);
	json_begin_object(w);
	put_uri(it->file, &uri);
	json_key(w, "physicalLocation");
	json_begin_object(w);
	json_key(w, "artifactLocation");
	json_begin_object(w);
	json_key(w, "uri");
	json_str(w, strbuf_str(&uri));
	json_end_object(w);
	if (it->has_pos) {
		json_key(w, "region");
		json_begin_object(w);
		json_key(w, "startLine");
		json_u64(w, (uint64_t)it->line + 1);
		json_key(w, "startColumn");
		json_u64(w, (uint64_t)it->col + 1);
		json_end_object(w);
	}
	json_end_object(w);
	if (in && *in->name) {
		json_key(w, "logicalLocations");
		json_begin_array(w);
		json_begin_object(w);
		json_key(w, "name");
		json_strz(w, in->name);
		json_key(w, "kind");
		json_strz(w, in->kind);
		json_end_object(w);
		json_end_array(w);
	}
	json_end_object(w);
	json_end_array(w);
	strbuf_release(&uri);
}

/* FNV-1a: the same in every run, of what does not change when lines move. */
static uint64_t add_hash(uint64_t h, const char *s)
{
	for (; s && *s; s++)
		h = (h ^ (unsigned char)*s) * UINT64_C(0x100000001b3);
	return (h ^ 0xff) * UINT64_C(0x100000001b3);
}

static void put_fingerprint(struct json_writer *w, const struct diag_item *it, struct u64map *seen)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);
	uintptr_t before;

	h = add_hash(add_hash(add_hash(h, it->code), it->file), it->message);
	for (size_t i = 0; i < it->n_where; i++)
		h = add_hash(h, it->where[i].name);
	/* Equal ones are told apart by their order. */
	before = (uintptr_t)u64map_get(seen, h);
	u64map_put(seen, h, (void *)(before + 1));
	json_key(w, "partialFingerprints");
	json_begin_object(w);
	json_key(w, "eyas/v1");
	{
		char text[48];

		snprintf(text, sizeof(text), "%016llx:%llu", (unsigned long long)h,
			 (unsigned long long)before + 1);
		json_strz(w, text);
	}
	json_end_object(w);
}

static void put_result(struct json_writer *w, const struct diag_item *it, struct u64map *seen)
{
	int code = code_index(it->code);

	json_begin_object(w);
	json_key(w, "ruleId");
	json_strz(w, code == LOAD_CODE_NONE ? ADVICE : load_code_name((enum load_code)code));
	json_key(w, "ruleIndex");
	json_i64(w, code);
	json_key(w, "level");
	json_strz(w, level_name(it->level));
	put_text(w, "message", it->message);
	if (it->file)
		put_location(w, it);
	put_fingerprint(w, it, seen);
	json_end_object(w);
}

int rules_sarif_print(const struct diag *diag, int status)
{
	struct strbuf out = STRBUF_INIT;
	struct u64map seen = { 0 };
	struct json_writer w;
	bool ok;

	json_init(&w, &out);
	json_begin_object(&w);
	json_key(&w, "$schema");
	json_strz(&w, "https://json.schemastore.org/sarif-2.1.0.json");
	json_key(&w, "version");
	json_strz(&w, "2.1.0");
	json_key(&w, "runs");
	json_begin_array(&w);
	json_begin_object(&w);
	put_tool(&w);
	json_key(&w, "results");
	json_begin_array(&w);
	for (size_t i = 0; i < diag->items.n; i++)
		put_result(&w, &diag->items.v[i], &seen);
	json_end_array(&w);
	json_end_object(&w);
	json_end_array(&w);
	json_end_object(&w);
	strbuf_addc(&out, '\n');
	u64map_free(&seen);
	ok = fwrite(out.s, 1, out.n, stdout) == out.n && fflush(stdout) == 0;
	strbuf_release(&out);
	if (ok)
		return status;
	perror("eyas rules: cannot write");
	return EXIT_FAILED;
}
