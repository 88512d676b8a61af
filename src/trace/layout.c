#include "trace/layout.h"

#include <stdlib.h>

#include "base/json_writer.h"
#include "base/varint.h"
#include "base/xalloc.h"
#include "trace/enter_store.h"

#define MAX_STEPS 50 /* the longest chain of the table is EXECVE_8 with 9 */

enum action { ACT_STORE, ACT_PASS, ACT_STORE_AND_PASS, ACT_ADD_PARAMS, ACT_CHANGE_TYPE };

enum source_kind { SRC_END, SRC_OLD, SRC_ENTER, SRC_EMPTY, SRC_DEFAULT, SRC_CONTAINER_JSON };

/* `count` new parameters, from the `first` on of where they come from. */
struct param_source {
	uint8_t kind; /* enum source_kind */
	uint8_t first, count;
	uint8_t fallback; /* SRC_ENTER without an enter: SRC_EMPTY or SRC_DEFAULT */
};

struct conversion {
	uint16_t type;
	uint8_t n_params;
	uint8_t action;                     /* enum action */
	uint16_t to;                        /* the type of the result */
	const struct param_source *sources; /* SRC_END ends them */
};

#define OLD(first, count)             { SRC_OLD, first, count, SRC_EMPTY },
#define ENTER(first, count, fallback) { SRC_ENTER, first, count, SRC_##fallback },
#define EMPTY(count)                  { SRC_EMPTY, 0, count, SRC_EMPTY },
#define DEFAULT(count)                { SRC_DEFAULT, 0, count, SRC_EMPTY },
#define CONTAINER_JSON(count)         { SRC_CONTAINER_JSON, 0, count, SRC_EMPTY },
/* clang-format off */
#define SOURCES(...) (const struct param_source[]){ __VA_ARGS__ { SRC_END, 0, 0, 0 } }
/* clang-format on */

static const struct conversion conversions[] = {
#define STORE(type, n)          { EVT_##type, n, ACT_STORE, EVT_##type, NULL },
#define PASS(type, n)           { EVT_##type, n, ACT_PASS, EVT_##type, NULL },
#define STORE_AND_PASS(type, n) { EVT_##type, n, ACT_STORE_AND_PASS, EVT_##type, NULL },
#define ADD_PARAMS(type, n, sources) \
	{ EVT_##type, n, ACT_ADD_PARAMS, EVT_##type, SOURCES(sources) },
#define CHANGE_TYPE(type, n, to, sources) \
	{ EVT_##type, n, ACT_CHANGE_TYPE, EVT_##to, SOURCES(sources) },
#include "event/conversion_list.def"
};

#define N_CONVERSIONS (sizeof(conversions) / sizeof(conversions[0]))

struct layout {
	uint16_t first[EVENT_N_TYPES]; /* a type's first row in conversions[] */
	struct enter_store enters;
	/* Of the event being made, and of the one it is made from, in turn. */
	struct param params[2][EVENT_MAX_PARAMS];
	unsigned turn;
	struct strbuf json;
	struct layout_stats stats;
};

struct layout *layout_new(void)
{
	struct layout *l = xcalloc(1, sizeof(*l));

	enter_store_init(&l->enters);
	strbuf_init(&l->json);
	for (size_t i = N_CONVERSIONS; i-- > 0;)
		l->first[conversions[i].type] = (uint16_t)i;
	return l;
}

void layout_free(struct layout *l)
{
	if (!l)
		return;
	enter_store_free(&l->enters);
	strbuf_release(&l->json);
	free(l);
}

void layout_reset(struct layout *l)
{
	enter_store_clear(&l->enters);
}

void layout_save(const struct layout *l, struct strbuf *out)
{
	const struct layout_stats *st = &l->stats;

	enter_store_save(&l->enters, out);
	varint_add(out, st->converted);
	varint_add(out, st->dropped_enter);
	varint_add(out, st->dropped_unused);
	varint_add(out, st->unknown_type);
	varint_add(out, st->guessed);
	varint_add(out, st->evicted_enters);
}

bool layout_restore(struct layout *l, struct cursor *from)
{
	struct layout_stats *st = &l->stats;

	if (!enter_store_restore(&l->enters, from))
		return false;
	st->converted = cursor_varint(from);
	st->dropped_enter = cursor_varint(from);
	st->dropped_unused = cursor_varint(from);
	st->unknown_type = cursor_varint(from);
	st->guessed = cursor_varint(from);
	st->evicted_enters = cursor_varint(from);
	return !from->bad;
}

const struct layout_stats *layout_stats(const struct layout *l)
{
	return &l->stats;
}

/* The value of a parameter that nothing is known about (types.json default_values). */
static struct param default_value(const struct param_info *row)
{
	static const uint8_t zero[16];
	static const uint8_t nobody[4] = { 0xff, 0xff, 0xff, 0xff };

	if (row->type == PT_UID || row->type == PT_GID)
		return (struct param){ nobody, sizeof(nobody) };
	return (struct param){ zero, param_type_size(row->type) };
}

/* A parameter in its new place: a variant is unwrapped, a wider integer cut. */
static struct param moved(struct param p, const struct param_info *from,
			  const struct param_info *to)
{
	unsigned size = param_type_size(to->type);

	if (from && from->type == PT_DYN && to->type != PT_DYN && p.n) {
		p.p++;
		p.n--;
	}
	if (size && p.n > size)
		p.n = size;
	return p;
}

static const struct param_info *row_param(const struct event_info *info, unsigned i)
{
	return info && i < info->n_params ? &info->params[i] : NULL;
}

/* {"id":"…","type":0,"name":"…","image":"…"} and a NUL, from CONTAINER_E. */
static struct param container_json(struct layout *l, const struct event *ev)
{
	static const char *const keys[] = { "id", "type", "name", "image" };
	struct json_writer w;
	struct str text;

	strbuf_reset(&l->json);
	json_init(&w, &l->json);
	w.comma = ",";
	w.colon = ":";
	json_begin_object(&w);
	for (unsigned i = 0; i < 4; i++) {
		json_key(&w, keys[i]);
		if (i == 1)
			json_i64(&w, event_param_int_or(ev, i, 0));
		else
			json_str(&w, event_param_str(ev, i, &text) ? text : STR(""));
	}
	json_end_object(&w);
	return (struct param){ (const uint8_t *)l->json.s, (uint32_t)l->json.n + 1 };
}

/* What all the conversions of one event come to. */
struct outcome {
	struct enter_slot *used_enter; /* or NULL; kept to the end: two steps may need it */
	bool guessed;
};

/* One conversion: what it reads besides the event. */
struct step {
	struct layout *l;
	const struct event *ev;      /* before */
	const struct event_info *to; /* after */
	struct enter_slot *enter;    /* the thread's, of the type that belongs to ev; or NULL */
	struct outcome *outcome;
};

static struct param source_value(struct step *s, const struct param_source *src, unsigned i,
				 const struct param_info *dst)
{
	static const struct param empty;
	unsigned at = src->first + i;

	switch (src->kind) {
	case SRC_OLD:
		s->outcome->guessed |= at >= s->ev->n_params;
		return moved(event_param(s->ev, at), row_param(s->ev->info, at), dst);
	case SRC_ENTER:
		if (s->enter && at < s->enter->n_params) {
			s->outcome->used_enter = s->enter;
			return moved(s->enter->params[at],
				     row_param(event_info(s->enter->type), at), dst);
		}
		if (src->fallback != SRC_DEFAULT)
			return empty;
		s->outcome->guessed = true;
		return default_value(dst);
	case SRC_DEFAULT:
		return default_value(dst);
	case SRC_CONTAINER_JSON:
		return container_json(s->l, s->ev);
	default:
		return empty;
	}
}

/* Makes the new event's parameters; returns their number. */
static unsigned make_params(struct step *s, const struct conversion *c, struct param *params)
{
	unsigned n = 0;

	if (c->action == ACT_ADD_PARAMS) {
		for (; n < s->ev->n_params; n++)
			params[n] = s->ev->params[n];
	}
	for (const struct param_source *src = c->sources; src->kind != SRC_END; src++) {
		for (unsigned i = 0; i < src->count && n < s->to->n_params; i++, n++)
			params[n] = source_value(s, src, i, &s->to->params[n]);
	}
	return n;
}

/* The newest type, but with a number of parameters that no recorder is known to write. */
static void pad_params(struct layout *l, struct event *ev)
{
	struct param *params = l->params[l->turn ^= 1];

	if (ev->n_params >= ev->info->n_params)
		return; /* those beyond are ignored by everyone */
	for (unsigned i = 0; i < ev->info->n_params; i++)
		params[i] = event_param(ev, i);
	ev->params = params;
	ev->n_params = ev->info->n_params;
}

static void convert(struct layout *l, const struct conversion *c, struct event *ev,
		    struct outcome *outcome)
{
	struct param *params = l->params[l->turn ^= 1];
	struct step s = { .l = l, .ev = ev, .to = event_info(c->to), .outcome = outcome };

	s.enter = enter_store_get(&l->enters, ev->tid);
	if (s.enter && s.enter->type != (ev->type ^ 1))
		s.enter = NULL;
	ev->n_params = make_params(&s, c, params);
	ev->params = params;
	ev->type = c->to;
	ev->info = s.to;
}

/* The row for an event, or the type's last one: that of the most parameters. */
static const struct conversion *find_row(const struct layout *l, const struct event *ev,
					 bool *ret_exact)
{
	const struct conversion *c = &conversions[l->first[ev->type]];
	const struct conversion *end = conversions + N_CONVERSIONS;

	while (c->n_params != ev->n_params && c + 1 < end && c[1].type == ev->type)
		c++;
	*ret_exact = c->n_params == ev->n_params;
	return c;
}

static bool is_current(const struct event_info *info, uint32_t n_params)
{
	return info->exit && !(info->flags & EF_OLD_VERSION) && n_params == info->n_params;
}

static enum layout_result drop(uint64_t *counter)
{
	++*counter;
	return LAYOUT_DROP;
}

static enum layout_result deliver(struct layout *l, const struct event *raw, const struct event *ev,
				  const struct outcome *outcome)
{
	if (outcome->used_enter)
		enter_store_release(outcome->used_enter);
	l->stats.converted += ev->params != raw->params || ev->type != raw->type;
	l->stats.guessed += outcome->guessed;
	return outcome->guessed ? LAYOUT_GUESSED : LAYOUT_DELIVER;
}

/* An event of a type that the table is about. */
static enum layout_result convert_managed(struct layout *l, const struct event *raw,
					  struct event *ev)
{
	struct outcome outcome = { NULL, false };
	bool exact;

	for (unsigned step = 0; step < MAX_STEPS; step++) {
		const struct conversion *c;

		if (!(ev->info->flags & EF_CONVERTER_MANAGED) || is_current(ev->info, ev->n_params))
			break;
		c = find_row(l, ev, &exact);
		outcome.guessed |= !exact;
		if (c->action == ACT_ADD_PARAMS && !exact) {
			pad_params(l, ev);
			break;
		}
		if (c->action == ACT_STORE || c->action == ACT_STORE_AND_PASS) {
			enter_store_put(&l->enters, ev);
			l->stats.evicted_enters = l->enters.evicted;
		}
		if (c->action == ACT_STORE)
			return drop(&l->stats.dropped_enter);
		if (c->action == ACT_PASS || c->action == ACT_STORE_AND_PASS)
			break;
		convert(l, c, ev, &outcome);
	}
	return deliver(l, raw, ev, &outcome);
}

enum layout_result layout_convert(struct layout *l, const struct event *raw, struct event *ret)
{
	const struct event_info *info = raw->info;

	if (!info)
		return drop(&l->stats.unknown_type);
	*ret = *raw;
	if (layout_is_plain(info, raw->n_params))
		return LAYOUT_DELIVER;
	if (info->flags & EF_UNUSED)
		return drop(&l->stats.dropped_unused);
	if (!(info->flags & EF_CONVERTER_MANAGED))
		return drop(&l->stats.dropped_enter);
	return convert_managed(l, raw, ret);
}
