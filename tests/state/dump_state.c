/*
 * dump_state TRACE [NUMBER]: the state after a trace, or after its event NUMBER, as canonical text.
 * With DUMP_STATE_CHECK in the environment all invariants are checked after each event.
 */
#include <stdio.h>
#include <stdlib.h>

#include "state/state.h"
#include "trace/layout.h"
#include "trace/trace.h"

static bool checked(const struct state *st, const struct event *ev)
{
	const char *why;

	if (state_check(st, &why))
		return true;
	fprintf(stderr, "dump_state: after event %llu: %s\n", (unsigned long long)ev->num, why);
	return false;
}

static int walk(struct source *src, struct state *st, unsigned long long until, bool check)
{
	struct layout *layout = layout_new();
	struct event_ctx ctx;
	struct record rec;
	struct event ev;
	int r;

	while ((r = source_next(src, &rec)) > 0) {
		if (rec.kind == RECORD_SNAPSHOT) {
			layout_reset(layout);
			state_load(st, rec.snapshot);
		}
		if (rec.kind != RECORD_EVENT ||
		    layout_convert(layout, &rec.event, &ev) == LAYOUT_DROP)
			continue;
		state_begin(st, &ev, &ctx);
		state_end(st, &ctx);
		if (check && !checked(st, &ev)) {
			r = -1;
			break;
		}
		if (ev.num == until) {
			r = 0;
			break;
		}
	}
	layout_free(layout);
	return r;
}

int main(int argc, char **argv)
{
	struct strbuf out = STRBUF_INIT;
	struct source *src;
	struct state *st;
	struct diag diag;
	int r;

	if (argc < 2 || argc > 3) {
		fprintf(stderr, "usage: dump_state TRACE [NUMBER]\n");
		return 2;
	}
	diag_init(&diag);
	if (trace_open(argv[1], &diag, &src) < 0) {
		diag_print(&diag, stderr);
		diag_free(&diag);
		return 4;
	}
	st = state_new(NULL);
	r = walk(src, st, argc > 2 ? strtoull(argv[2], NULL, 10) : 0,
		 getenv("DUMP_STATE_CHECK") != NULL);
	state_dump(st, &out);
	fwrite(out.s, 1, out.n, stdout);
	diag_print(&diag, stderr);
	strbuf_release(&out);
	state_free(st);
	source_close(src);
	diag_free(&diag);
	return r < 0 ? 3 : 0;
}
