/* Files of rule tests from any bytes: read, and their errors told. Nothing is replayed. */
#include <stddef.h>
#include <stdint.h>

#include "testing/test_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_mem(data, size);
	struct strbuf out = STRBUF_INIT;
	struct test_set set;
	struct diag diag;

	/* Patterns over directories are matched against the disk, which may take its time. */
	if (str_find(text, STR("*/")) >= 0 || str_find(text, STR("/*")) >= 0)
		return 0;
	diag_init(&diag);
	test_set_init(&set, &diag);
	vec_push(&set.default_rules, "/dev/null");
	test_set_add_text(&set, "fuzz.yaml", text);
	for (size_t i = 0; i < set.tests.n; i++)
		rule_test_id(set.tests.v[i], &out);
	for (size_t i = 0; i < diag.items.n; i++)
		diag_item_text(&diag.items.v[i], &out);
	strbuf_release(&out);
	test_set_free(&set);
	diag_free(&diag);
	return 0;
}
