/*
 * add_checkpoints EVERY IN OUT: copies a trace into an .eyas one with a checkpoint behind every
 * EVERY records, as closely as a test wants them. BLOCK in the environment: raw bytes of a block.
 */
#include <stdio.h>
#include <stdlib.h>

#include "replay/checkpoint.h"
#include "trace/eyas_writer.h"
#include "trace/trace.h"

static int put(void *arg, const void *p, size_t n)
{
	return fwrite(p, 1, n, arg) == n ? 0 : -1;
}

static int copy(struct source *src, struct sink *k, unsigned long long every)
{
	struct checkpointer *c = checkpointer_new();
	struct eyas_checkpoint cp;
	bool lie = getenv("LIE") != NULL;
	unsigned long long n = 0;
	struct record rec;
	int r;

	while ((r = source_next(src, &rec)) == 1) {
		if (n++ && n % every == 0) {
			checkpointer_save(c, &cp);
			eyas_writer_checkpoint(k, &cp);
		}
		r = k->ops->put(k, &rec);
		if (r)
			break;
		/* Of every hundredth event nothing is remembered but that it was. */
		if (lie && rec.kind == RECORD_EVENT && n % 100 == 0) {
			rec.event.type = EVT_GENERIC_X;
			rec.event.info = event_info(EVT_GENERIC_X);
		}
		checkpointer_take(c, &rec);
	}
	checkpointer_free(c);
	return r;
}

int main(int argc, char **argv)
{
	struct eyas_writer_options opt = { 0 };
	struct byte_sink out = { .write = put };
	const char *block = getenv("BLOCK");
	struct source *src;
	struct diag diag;
	struct sink *k;
	int r;

	if (argc != 4) {
		fprintf(stderr, "usage: add_checkpoints EVERY IN OUT\n");
		return 2;
	}
	diag_init(&diag);
	if (trace_open(argv[2], &diag, &src)) {
		diag_print(&diag, stderr);
		return 4;
	}
	out.arg = fopen(argv[3], "w");
	if (!out.arg) {
		perror(argv[3]);
		return 4;
	}
	opt.provenance = src->provenance;
	opt.block_bytes = block ? strtoull(block, NULL, 10) : 0;
	k = eyas_writer_new(&out, &opt, &diag);
	r = copy(src, k, strtoull(argv[1], NULL, 10));
	if (k->ops->finish(k))
		r = -1;
	if (fclose(out.arg))
		r = -1;
	source_close(src);
	diag_print(&diag, stderr);
	diag_free(&diag);
	return r ? 3 : 0;
}
