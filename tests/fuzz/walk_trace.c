/* One trace in memory from beginning to end: see walk_trace.h. */
#include "walk_trace.h"

#include <errno.h>

#include "fields/field.h"
#include "replay/replay.h"
#include "trace/input.h"
#include "trace/trace.h"

/* Reads each byte, so that a sanitizer sees one that is not there. */
static uint32_t touch(const void *p, size_t n, uint32_t sum)
{
	const uint8_t *b = p;

	for (size_t i = 0; i < n; i++)
		sum = sum * 31 + b[i];
	return sum;
}

static uint32_t touch_str(struct str s, uint32_t sum)
{
	return touch(s.p, s.n, sum);
}

static uint32_t touch_event(const struct event *ev, uint32_t sum)
{
	for (uint32_t i = 0; i < ev->n_params; i++)
		sum = touch(ev->params[i].p, ev->params[i].n, sum);
	return sum;
}

static uint32_t touch_snapshot(const struct snapshot *s, uint32_t sum)
{
	sum = touch_str(s->machine.hostname, sum);
	for (size_t i = 0; i < s->ifaces.n; i++)
		sum = touch_str(s->ifaces.v[i].name, sum);
	for (size_t i = 0; i < s->users.n; i++) {
		sum = touch_str(s->users.v[i].name, sum);
		sum = touch_str(s->users.v[i].home, sum);
		sum = touch_str(s->users.v[i].shell, sum);
	}
	for (size_t i = 0; i < s->groups.n; i++)
		sum = touch_str(s->groups.v[i].name, sum);
	for (size_t i = 0; i < s->threads.n; i++) {
		const struct snap_thread *t = &s->threads.v[i];

		sum = touch_str(t->comm, sum);
		sum = touch_str(t->exe, sum);
		sum = touch_str(t->exepath, sum);
		sum = touch_str(t->cwd, sum);
		sum = touch_str(t->root, sum);
		sum = touch_str(t->args, sum);
		sum = touch_str(t->env, sum);
		sum = touch_str(t->cgroups, sum);
	}
	for (size_t i = 0; i < s->fds.n; i++)
		sum = touch_str(s->fds.v[i].name, sum);
	for (size_t i = 0; i < s->mounts.n; i++) {
		const struct snap_mount *m = &s->mounts.v[i];

		sum = touch_str(m->root, sum);
		sum = touch_str(m->point, sum);
		sum = touch_str(m->options, sum);
		sum = touch_str(m->propagation, sum);
		sum = touch_str(m->fstype, sum);
		sum = touch_str(m->source, sum);
		sum = touch_str(m->super, sum);
	}
	for (size_t i = 0; i < s->cgroups.n; i++) {
		sum = touch_str(s->cgroups.v[i].controllers, sum);
		sum = touch_str(s->cgroups.v[i].path, sum);
	}
	return sum;
}

static int walk_records(struct source *src, uint32_t *sum)
{
	struct record rec;
	int r;

	while ((r = source_next(src, &rec)) == 1) {
		switch (rec.kind) {
		case RECORD_SNAPSHOT:
			*sum = touch_snapshot(rec.snapshot, *sum);
			break;
		case RECORD_EVENT:
			*sum = touch_event(&rec.event, *sum);
			break;
		case RECORD_LOSS:
			break;
		case RECORD_NOTE:
			*sum = touch_str(rec.note.text, *sum);
			break;
		}
	}
	return r;
}

/* Every field, and every one that takes an argument with one, resolved once. */
struct fields {
	VEC(struct field_ref) refs;
	struct arena arena;
};

static const struct fields *all_fields(void)
{
	static struct fields f;
	struct field_ref ref;

	if (f.refs.n)
		return &f;
	for (size_t i = 0; i < field_count(); i++) {
		struct str name = str_of(field_at(i)->name);

		if (!field_resolve(name, false, STR(""), &f.arena, &ref))
			vec_push(&f.refs, ref);
		if (!field_resolve(name, true, STR("1"), &f.arena, &ref))
			vec_push(&f.refs, ref);
	}
	return &f;
}

struct walk {
	const struct fields *fields;
	struct field_env env;
	struct arena arena;
	uint32_t sum;
};

static int on_event(void *arg, struct event_ctx *ctx)
{
	struct walk *w = arg;

	w->env.ctx = ctx;
	w->sum = touch_event(ctx->ev, w->sum);
	arena_reset(&w->arena);
	for (size_t i = 0; i < w->fields->refs.n; i++) {
		struct values out = { .arena = &w->arena };

		w->env.for_output = i % 2;
		field_extract(&w->fields->refs.v[i], &w->env, &out);
		w->sum += out.n;
	}
	return 0;
}

static int replay(struct source *src, uint32_t *sum)
{
	struct walk w = { .fields = all_fields() };
	struct replay_visitor visitor = { .arg = &w, .event = on_event };
	struct replay_select all = { 0 };
	struct replay_stats stats = { 0 };
	struct state_options opt;
	struct state *st;
	int r;

	w.env = (struct field_env){ .arena = &w.arena, .memory = field_state_new() };
	state_options_default(&opt);
	st = state_new(&opt);
	r = replay_run(src, st, &all, &visitor, &stats);
	state_free(st);
	field_state_free(w.env.memory);
	arena_destroy(&w.arena);
	*sum += w.sum;
	return r;
}

int walk_trace(const uint8_t *data, size_t size)
{
	static volatile uint32_t keep; /* so that the looking is not optimised away */
	struct source *src;
	struct diag diag;
	uint32_t sum = 0;
	int r = 0;

	for (int pass = 0; pass < 2 && (r == 0 || r == -EBADMSG); pass++) {
		diag_init(&diag);
		r = trace_open_input(input_from_memory("mem", data, size), &diag, &src);
		if (r == 0) {
			r = pass ? replay(src, &sum) : walk_records(src, &sum);
			source_close(src);
		}
		diag_free(&diag);
	}
	keep = sum;
	(void)keep;
	return r;
}
