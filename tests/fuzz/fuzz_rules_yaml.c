/*
 * Rules files from any bytes: loaded, compiled, described, and a description of the same text twice
 * is the same. The first byte chooses where the text is cut in two files.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "rules/ruleset.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void load(struct str one, struct str two, struct strbuf *out)
{
	struct ruleset_options opt = { .suggested_output = true };
	struct ruleset *rs = ruleset_new(&opt);
	struct json_writer w;
	struct diag diag;

	diag_init(&diag);
	ruleset_add_text(rs, "one.yaml", one, &diag);
	ruleset_compile(rs, &diag);
	if (two.n) {
		ruleset_add_text(rs, "two.yaml", two, &diag);
		ruleset_compile(rs, &diag);
	}
	ruleset_build(rs, "syscall");
	json_init(&w, out);
	json_begin_array(&w);
	ruleset_describe(rs, NULL, &w);
	ruleset_load_results(rs, &w);
	json_end_array(&w);
	for (size_t i = 0; i < diag.items.n; i++)
		diag_item_text(&diag.items.v[i], out);
	diag_free(&diag);
	ruleset_free(rs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct strbuf first = STRBUF_INIT, second = STRBUF_INIT;
	struct str text, rest;
	size_t cut;

	if (size < 1)
		return 0;
	text = str_mem(data + 1, size - 1);
	cut = text.n * data[0] / 255;
	rest = str_from(text, cut);
	text.n = cut;
	load(text, rest, &first);
	load(text, rest, &second);
	if (!str_eq(strbuf_str(&first), strbuf_str(&second)))
		abort();
	strbuf_release(&first);
	strbuf_release(&second);
	return 0;
}
