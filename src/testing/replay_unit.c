/* One trace of the tests, from its beginning to its end; see test_run.h. */
#include <errno.h>

#include "base/text.h"
#include "replay/replay.h"
#include "testing/test_run.h"
#include "trace/input.h"
#include "trace/trace.h"

struct walk {
	const struct unit_visitor *v;
	struct field_env env;
	struct arena arena;
};

static int on_event(void *arg, struct event_ctx *ctx)
{
	struct walk *w = arg;

	arena_reset(&w->arena);
	w->env.ctx = ctx;
	return w->v->event(w->v->arg, &w->env);
}

/* Places in a script become places in the file of tests it stands in. */
static void place_in_file(const struct replay_unit *u, struct diag *diag, size_t from)
{
	const struct ynode *n = u->trace->script_node;
	uint32_t first = n->line + (n->block ? 1 : 0) - (u->trace->script_headless ? 1 : 0);

	for (size_t i = from; i < diag->items.n; i++) {
		struct diag_item *it = &diag->items.v[i];

		it->file = u->first->file->path;
		it->offset = UINT64_MAX;
		if (!it->has_pos) {
			it->line = n->line;
			it->col = n->col;
		} else {
			it->line += first;
		}
		it->has_pos = true;
	}
}

int replay_unit_walk(const struct replay_unit *u, const struct unit_visitor *v, struct diag *diag,
		     uint64_t *ret_events)
{
	const struct test_trace *t = u->trace;
	struct replay_visitor rv = { .event = on_event };
	struct replay_select all = { 0 };
	struct replay_stats stats = { 0 };
	struct walk w = { .v = v };
	struct state_options so;
	struct source *src;
	struct state *st;
	size_t from = diag->items.n;
	int e;

	e = t->path ? trace_open(t->path, diag, &src)
		    : trace_open_input(input_from_memory("script", t->script.p, t->script.n), diag,
				       &src);
	if (!e) {
		state_options_default(&so);
		st = state_new(&so);
		w.env = (struct field_env){ .arena = &w.arena, .memory = field_state_new() };
		rv.arg = &w;
		e = replay_run(src, st, &all, &rv, &stats);
		field_state_free(w.env.memory);
		state_free(st);
		source_close(src);
		arena_destroy(&w.arena);
	}
	if (!t->path)
		place_in_file(u, diag, from);
	if (ret_events)
		*ret_events = stats.events;
	return e;
}

static struct str clean(struct str text, struct arena *a)
{
	struct strbuf sb = STRBUF_INIT;
	struct str ret;

	utf8_sanitise(&sb, text);
	ret = arena_str(a, strbuf_str(&sb));
	strbuf_release(&sb);
	return ret;
}

const struct fired *fired_new(const struct rule *rule, const struct field_env *env, struct arena *a)
{
	const struct snap_machine *m = state_machine(env->ctx->st);
	struct fired *f = arena_calloc(a, 1, sizeof(*f));
	struct fired_field *fields;
	struct strbuf sb = STRBUF_INIT;

	f->rule = rule;
	f->num = env->ctx->ev->num;
	f->ts = env->ctx->ev->ts;
	f->hostname = m ? clean(m->hostname, a) : STR("");
	output_format_text(rule->output, env, &sb);
	f->output = clean(strbuf_str(&sb), a);
	f->n_fields = output_format_count(rule->output);
	fields = arena_calloc(a, f->n_fields + 1, sizeof(*fields));
	for (size_t i = 0; i < f->n_fields; i++) {
		strbuf_reset(&sb);
		fields[i].name = output_format_name(rule->output, i);
		fields[i].present = output_format_field_text(rule->output, env, i, &sb);
		fields[i].text = fields[i].present ? clean(strbuf_str(&sb), a) : STR("");
	}
	f->fields = fields;
	strbuf_release(&sb);
	return f;
}
