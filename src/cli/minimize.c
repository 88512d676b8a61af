#include "cli/minimize.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>

#include "cli/progress.h"
#include "fields/field.h"
#include "rules/output_format.h"
#include "rules/program.h"
#include "rules/ruleset.h"
#include "trace/eyas_snapshot.h"

/* One thing that can be taken out: an event, or a row. */
struct item {
	bool gone, is_row;
	int64_t tid; /* whose it is, or -1 */
	struct event ev;
	struct param *params; /* of the event: the same, to be changed */
	unsigned emptied;     /* bits: texts of a row of a thread, by thread_text() */
};

struct section {
	bool given; /* it began with a snapshot */
	struct strbuf bytes;
	size_t first; /* its rows, in the order of make_snapshot(), then its events */
};

struct minimizer {
	struct corpus *corpus;
	const struct rule *rule;
	struct strbuf output, wanted; /* of an alert; of the one that must stay */
	struct program_run *run;
	int *ids;
	struct field_env env;
	struct arena texts, event_arena;
	VEC(struct item) items; /* by section: rows, then events */
	VEC(struct section) sections;
	VEC(size_t) list; /* the items that a pass is about */
	VEC(int64_t) tids;
	/* Of the attempt in hand, as a source. */
	struct source source;
	size_t at_section, at_item;
	bool snapshot_given;
	struct snapshot snapshot;
	struct progress progress;
	uint64_t tries;
	uint64_t fired_num; /* evt.num of the first alert, 0: none */
};

/* ---- what is left, as a source */

static size_t section_end(const struct minimizer *m, size_t s)
{
	return s + 1 < m->sections.n ? m->sections.v[s + 1].first : m->items.n;
}

#define N_THREAD_TEXTS 6

/* The texts of a row that can go by themselves. */
static struct str *thread_text(struct snap_thread *t, unsigned which)
{
	struct str *const texts[N_THREAD_TEXTS] = { &t->args, &t->env, &t->cgroups,
						    &t->root, &t->exe, &t->exepath };

	return texts[which];
}

/* Empties the texts of the threads that are left; their items begin with number `at`. */
static void empty_texts(struct minimizer *m, size_t at, size_t n_rows)
{
	size_t n = 0;

	for (size_t i = at; i < at + n_rows; i++) {
		if (m->items.v[i].gone)
			continue;
		for (unsigned k = 0; k < N_THREAD_TEXTS; k++)
			if (m->items.v[i].emptied >> k & 1)
				*thread_text(&m->snapshot.threads.v[n], k) = STR("");
		n++;
	}
}

#define FILTER(vec)                                          \
	do {                                                 \
		size_t n_ = 0;                               \
		for (size_t i_ = 0; i_ < (vec).n; i_++)      \
			if (!m->items.v[at++].gone)          \
				(vec).v[n_++] = (vec).v[i_]; \
		(vec).n = n_;                                \
	} while (0)

/* The snapshot of a section without the rows that are gone. */
static bool make_snapshot(struct minimizer *m, size_t which)
{
	const struct section *s = &m->sections.v[which];
	size_t at = s->first, n_threads;

	snapshot_reset(&m->snapshot);
	if (!eyas_snapshot_decode(strbuf_str(&s->bytes), &m->snapshot))
		return false;
	n_threads = m->snapshot.threads.n;
	FILTER(m->snapshot.threads);
	empty_texts(m, s->first, n_threads);
	FILTER(m->snapshot.fds);
	FILTER(m->snapshot.users);
	FILTER(m->snapshot.groups);
	FILTER(m->snapshot.ifaces);
	FILTER(m->snapshot.mounts);
	FILTER(m->snapshot.cgroups);
	m->snapshot.fd_tids.n = 0;
	return true;
}

static int memory_next(struct source *src, struct record *ret)
{
	struct minimizer *m =
		(struct minimizer *)((char *)src - offsetof(struct minimizer, source));

	for (; m->at_section < m->sections.n; m->at_section++) {
		const struct section *s = &m->sections.v[m->at_section];

		if (!m->snapshot_given) {
			m->snapshot_given = true;
			m->at_item = s->first;
			if (s->given) {
				if (!make_snapshot(m, m->at_section))
					return -EINVAL;
				ret->kind = RECORD_SNAPSHOT;
				ret->snapshot = &m->snapshot;
				return 1;
			}
		}
		while (m->at_item < section_end(m, m->at_section)) {
			const struct item *i = &m->items.v[m->at_item++];

			if (i->is_row || i->gone)
				continue;
			ret->kind = RECORD_EVENT;
			ret->event = i->ev;
			return 1;
		}
		m->snapshot_given = false;
	}
	return 0;
}

static void memory_close(struct source *src)
{
	(void)src;
}

static const struct source_ops memory_ops = { memory_next, memory_close };

static void rewind_source(struct minimizer *m)
{
	m->source.ops = &memory_ops;
	m->source.name = "-";
	m->source.format = "eyas";
	m->source.passed.count = 0;
	m->at_section = m->at_item = 0;
	m->snapshot_given = false;
}

/* ---- does the rule still fire? */

static int on_event(void *arg, struct event_ctx *ctx)
{
	struct minimizer *m = arg;

	arena_reset(&m->event_arena);
	m->env.ctx = ctx;
	/* As `eyas replay`: the first rule of an event. */
	if (!program_match(m->run, &m->env, true, m->ids) || m->ids[0] != m->rule->id)
		return 0;
	strbuf_reset(&m->output);
	m->env.for_output = true;
	output_format_text(m->rule->output, &m->env, &m->output);
	m->env.for_output = false;
	/* The same alert, word for word: one that names other processes is another one. */
	if (!m->wanted.n)
		strbuf_addstr(&m->wanted, strbuf_str(&m->output));
	else if (!str_eq(strbuf_str(&m->wanted), strbuf_str(&m->output)))
		return 0;
	m->fired_num = ctx->ev->num;
	return 1;
}

static bool fires(struct minimizer *m)
{
	const struct replay_visitor v = { .arg = m, .event = on_event };
	const struct replay_select all = { 0 };
	struct replay_stats stats = { 0 };
	struct state_options so;
	struct state *st;

	rewind_source(m);
	m->tries++;
	if (progress_due(&m->progress))
		progress_say(&m->progress, "%" PRIu64 " attempts", m->tries);
	m->fired_num = 0;
	state_options_default(&so);
	st = state_new(&so);
	m->run = program_run_new(ruleset_program(m->corpus->rules));
	m->env = (struct field_env){ .arena = &m->event_arena, .memory = field_state_new() };
	replay_run(&m->source, st, &all, &v, &stats);
	program_run_free(m->run);
	field_state_free(m->env.memory);
	state_free(st);
	return m->fired_num != 0;
}

/* ---- taking out */

static void set_gone(struct minimizer *m, size_t from, size_t to, bool gone)
{
	for (size_t i = from; i < to; i++)
		m->items.v[m->list.v[i]].gone = gone;
}

/* m->list without what is gone already. */
static void list_left(struct minimizer *m, bool rows)
{
	m->list.n = 0;
	for (size_t i = 0; i < m->items.n; i++)
		if (!m->items.v[i].gone && m->items.v[i].is_row == rows)
			vec_push(&m->list, i);
}

/* Takes the listed items out in pieces, ever smaller ones; true when some could be. */
static bool shrink(struct minimizer *m)
{
	bool any = false;

	for (size_t size = m->list.n; size > 0; size /= 2) {
		size_t n = 0;

		for (size_t from = 0; from < m->list.n; from += size) {
			size_t to = from + size < m->list.n ? from + size : m->list.n;

			set_gone(m, from, to, true);
			if (fires(m)) {
				any = true;
				continue;
			}
			set_gone(m, from, to, false);
			for (size_t i = from; i < to; i++)
				m->list.v[n++] = m->list.v[i];
		}
		m->list.n = n;
		if (size > n && n)
			size = n;
	}
	return any;
}

/* All events and rows of one thread after the other. */
static void shrink_threads(struct minimizer *m)
{
	for (size_t t = 0; t < m->tids.n; t++) {
		m->list.n = 0;
		for (size_t i = 0; i < m->items.n; i++)
			if (!m->items.v[i].gone && m->items.v[i].tid == m->tids.v[t])
				vec_push(&m->list, i);
		set_gone(m, 0, m->list.n, true);
		if (!fires(m))
			set_gone(m, 0, m->list.n, false);
	}
}

/* What comes behind the first alert. */
static void cut_behind(struct minimizer *m)
{
	m->list.n = 0;
	for (size_t i = m->items.n; i-- > 0;) {
		if (m->items.v[i].is_row)
			continue;
		vec_push(&m->list, i);
		m->items.v[i].gone = true;
		if (fires(m))
			continue;
		m->items.v[i].gone = false;
		return;
	}
}

/* Events behind the one that raised the alert: found by halving, since all of them can go. */
static void cut_tail(struct minimizer *m)
{
	size_t low = 0, high;

	list_left(m, false);
	high = m->list.n;
	/* The least number of events from the front that raise it. */
	while (low + 1 < high) {
		size_t mid = low + (high - low) / 2;

		set_gone(m, mid, m->list.n, true);
		if (fires(m))
			high = mid;
		else
			low = mid;
		set_gone(m, 0, m->list.n, false);
	}
	set_gone(m, high, m->list.n, true);
	if (!fires(m)) {
		/* fewer events raise it and more do not: then one by one */
		set_gone(m, 0, m->list.n, false);
		cut_behind(m);
	}
}

/* Of more events than these, texts and data stay. */
#define MAX_EMPTIED 200

/* Numbers stay: they take little room, and an event without them is an odd one. */
static void empty_params(struct minimizer *m, struct item *it)
{
	for (uint32_t i = 0; i < it->ev.n_params; i++) {
		uint32_t n = it->params[i].n;

		if (!n || !it->ev.info || i >= it->ev.info->n_params ||
		    param_type_size(it->ev.info->params[i].type))
			continue;
		it->params[i].n = 0;
		if (!fires(m))
			it->params[i].n = n;
	}
}

/* Which items are threads: the first rows of each section. */
static void empty_threads(struct minimizer *m, const struct section *s)
{
	if (!s->given || !eyas_snapshot_decode(strbuf_str(&s->bytes), &m->snapshot))
		return;
	for (size_t i = s->first, end = s->first + m->snapshot.threads.n; i < end; i++) {
		for (unsigned k = 0; k < N_THREAD_TEXTS && !m->items.v[i].gone; k++) {
			m->items.v[i].emptied |= 1u << k;
			if (!fires(m))
				m->items.v[i].emptied &= ~(1u << k);
		}
	}
}

static void empty_all(struct minimizer *m)
{
	list_left(m, false);
	for (size_t i = 0; i < m->list.n && m->list.n <= MAX_EMPTIED; i++)
		empty_params(m, &m->items.v[m->list.v[i]]);
	for (size_t i = 0; i < m->sections.n; i++) {
		snapshot_reset(&m->snapshot);
		empty_threads(m, &m->sections.v[i]);
	}
}

static void shrink_all(struct minimizer *m)
{
	bool again = true;

	cut_tail(m);
	shrink_threads(m);
	while (again) {
		list_left(m, false);
		again = shrink(m);
		list_left(m, true);
		again |= shrink(m);
	}
	empty_all(m);
}

/* ---- reading and writing */

static struct item *item_add(struct minimizer *m, int64_t tid)
{
	struct item *i = vec_add(&m->items);

	i->tid = tid;
	for (size_t k = m->tids.n; tid >= 0 && k-- > 0;)
		if (m->tids.v[k] == tid)
			return i;
	if (tid >= 0)
		vec_push(&m->tids, tid);
	return i;
}

static void row_add(struct minimizer *m, int64_t tid)
{
	item_add(m, tid)->is_row = true;
}

static void section_add(struct minimizer *m, const struct snapshot *s)
{
	struct section *sec = vec_add(&m->sections);

	strbuf_init(&sec->bytes);
	sec->first = m->items.n;
	sec->given = s != NULL;
	if (!s)
		return;
	eyas_snapshot_encode(s, &sec->bytes);
	for (size_t i = 0; i < s->threads.n; i++)
		row_add(m, (int64_t)s->threads.v[i].tid);
	for (size_t i = 0; i < s->fds.n; i++)
		row_add(m, (int64_t)s->fds.v[i].tid);
	for (size_t i = 0; i < s->users.n; i++)
		row_add(m, -1);
	for (size_t i = 0; i < s->groups.n; i++)
		row_add(m, -1);
	for (size_t i = 0; i < s->ifaces.n; i++)
		row_add(m, -1);
	for (size_t i = 0; i < s->mounts.n; i++)
		row_add(m, -1);
	for (size_t i = 0; i < s->cgroups.n; i++)
		row_add(m, -1);
}

static void event_add(struct minimizer *m, const struct event *ev)
{
	struct param *params = arena_alloc(&m->texts, (ev->n_params + 1) * sizeof(*params));
	struct item *i;

	if (!m->sections.n)
		section_add(m, NULL);
	for (uint32_t k = 0; k < ev->n_params; k++) {
		const struct param *p = &ev->params[k];

		params[k] = (struct param){ NULL, p->n };
		if (p->n)
			params[k].p = (const uint8_t *)arena_memdup(&m->texts, p->p, p->n);
	}
	i = item_add(m, ev->tid);
	i->ev = *ev;
	i->ev.params = i->params = params;
}

static int read_all(struct minimizer *m, struct source *src)
{
	struct record rec;
	int r;

	while ((r = source_next(src, &rec)) == 1) {
		if (rec.kind == RECORD_SNAPSHOT)
			section_add(m, rec.snapshot);
		else if (rec.kind == RECORD_EVENT)
			event_add(m, &rec.event);
		if (m->items.n > MINIMIZE_MAX)
			return -E2BIG;
	}
	return r;
}

/* Sections in which nothing is left are not written. */
static int write_all(struct minimizer *m, struct sink *sink, uint64_t *ret_events)
{
	struct record rec;
	int r = 0, n;

	rewind_source(m);
	*ret_events = 0;
	while (!r && (n = memory_next(&m->source, &rec)) == 1) {
		*ret_events += rec.kind == RECORD_EVENT;
		r = sink->ops->put(sink, &rec);
	}
	return r ? r : n;
}

int minimize(struct corpus *c, const struct rule *rule, struct source *src, struct sink *sink,
	     uint64_t *ret_from, uint64_t *ret_to)
{
	struct minimizer m = {
		.corpus = c, .rule = rule, .output = STRBUF_INIT, .wanted = STRBUF_INIT
	};
	int r;

	snapshot_init(&m.snapshot);
	arena_init(&m.texts);
	arena_init(&m.event_arena);
	m.ids = xcalloc(ruleset_count(c->rules) + 1, sizeof(*m.ids));
	r = read_all(&m, src);
	*ret_from = 0;
	for (size_t i = 0; i < m.items.n; i++)
		*ret_from += !m.items.v[i].is_row;
	if (!r || r == -EBADMSG) {
		int w;

		progress_begin(&m.progress);
		w = fires(&m) ? 0 : -ENOENT;
		if (!w)
			shrink_all(&m);
		progress_end(&m.progress);
		if (!w) {
			w = write_all(&m, sink, ret_to);
		}
		r = w ? w : r;
	}
	for (size_t i = 0; i < m.sections.n; i++)
		strbuf_release(&m.sections.v[i].bytes);
	vec_free(&m.sections);
	vec_free(&m.items);
	vec_free(&m.list);
	vec_free(&m.tids);
	free(m.ids);
	strbuf_release(&m.output);
	strbuf_release(&m.wanted);
	snapshot_free(&m.snapshot);
	arena_destroy(&m.texts);
	arena_destroy(&m.event_arena);
	return r;
}
