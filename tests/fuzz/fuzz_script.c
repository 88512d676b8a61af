/* A text script; one that is read must be written and read again to the same text. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/script_reader.h"
#include "trace/script_writer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int to_strbuf(void *arg, const void *p, size_t n)
{
	strbuf_add(arg, p, n);
	return 0;
}

static bool rewrite(struct str text, struct strbuf *out)
{
	struct byte_sink bytes = { .arg = out, .write = to_strbuf };
	struct source *src;
	struct sink *sink;
	struct record rec;
	struct diag diag;
	bool good;

	diag_init(&diag);
	good = script_reader_open(input_from_memory("fuzz", text.p, text.n), &diag, &src) == 0;
	if (good) {
		sink = script_writer_new(&bytes, src->provenance, &diag);
		while (source_next(src, &rec) > 0)
			sink->ops->put(sink, &rec);
		sink->ops->finish(sink);
		source_close(src);
	}
	diag_free(&diag);
	return good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct strbuf one = STRBUF_INIT, two = STRBUF_INIT;

	if (rewrite(str_mem(data, size), &one)) {
		bool again = rewrite(strbuf_str(&one), &two);

		assert(again && str_eq(strbuf_str(&one), strbuf_str(&two)));
	}
	strbuf_release(&one);
	strbuf_release(&two);
	return 0;
}
