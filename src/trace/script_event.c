#include "trace/script_event.h"

#include "base/timefmt.h"
#include "base/vec.h"
#include "trace/script_value.h"

#define MAX_PARAMS 65536

/* What a bare name stands for: the newest exit, or the newest enter where there is no exit. */
static const struct event_info *info_by_name(struct str name)
{
	const struct event_info *info = event_info_by_name(name, true);

	return info ? info : event_info_by_name(name, false);
}

static void print_name(const struct event *ev, const struct event_info *info, struct strbuf *out)
{
	if (!info) {
		strbuf_addf(out, "@%u", ev->type);
		return;
	}
	if (info_by_name(str_of(info->name)) == info)
		strbuf_adds(out, info->name);
	else if (event_info_by_name(str_of(info->name), false) == info)
		strbuf_addf(out, ">%s", info->name);
	else
		strbuf_addf(out, "%s@%u", info->name, ev->type);
}

static void print_param(const struct event_info *info, uint32_t i, struct param p,
			struct strbuf *out)
{
	const struct param_info *pi = info && i < info->n_params ? &info->params[i] : NULL;

	strbuf_addc(out, ' ');
	/* A name that stands for another parameter too cannot be used. */
	if (pi && event_param_index(info, str_of(pi->name)) == (int)i)
		strbuf_adds(out, pi->name);
	else
		strbuf_addu(out, i);
	strbuf_addc(out, '=');
	script_value_print(pi, str_mem(p.n ? (const char *)p.p : "", p.n), out);
}

void script_event_print(const struct event *ev, uint64_t before, struct strbuf *out)
{
	const struct event_info *info = event_info(ev->type);
	uint32_t n_params = info ? info->n_params : 0;

	if (!before || !script_print_step(out, before, ev->ts))
		script_print_time(out, ev->ts);
	if (ev->cpu)
		strbuf_addf(out, " cpu%u", ev->cpu);
	if (ev->tid == EVENT_NO_TID)
		strbuf_adds(out, " tid=none");
	else
		strbuf_addf(out, " tid=%lld", (long long)ev->tid);
	if (ev->delivery)
		strbuf_addf(out, " delivery=0x%x", ev->delivery);
	strbuf_addc(out, ' ');
	print_name(ev, info, out);
	if (ev->n_params != n_params)
		strbuf_addf(out, " nparams=%u", ev->n_params);
	for (uint32_t i = 0; i < ev->n_params; i++)
		if (ev->params[i].n)
			print_param(info, i, ev->params[i], out);
	strbuf_addc(out, '\n');
}

/* ---- reading */

static bool wrong(struct script_event_error *e, struct str at, const char *what)
{
	e->at = at;
	e->what = what;
	return false;
}

static const char *event_name_at(const void *arg, size_t i)
{
	(void)arg;
	if (i >= EVENT_N_TYPES)
		return NULL;
	return event_info((unsigned)i) ? event_info((unsigned)i)->name : "";
}

static bool parse_name(struct str word, struct event *ev, struct script_event_error *e)
{
	ptrdiff_t at = str_rchr(word, '@');
	struct str name = word;
	const char *nearest;
	uint64_t type;

	if (at >= 0) {
		name.n = (size_t)at;
		if (!script_number(str_from(word, (size_t)at + 1), 2, &type))
			return wrong(e, word, "behind @ stands the number of an event type");
		ev->type = (uint16_t)type;
		ev->info = event_info(ev->type);
		if (name.n && (!ev->info || !str_eqz(name, ev->info->name))) {
			strbuf_addf(&e->why, "event type %u is not \"%.*s\" but \"%s\"", ev->type,
				    STR_FMT(name), ev->info ? ev->info->name : "unknown here");
			return wrong(e, word, e->why.s);
		}
		return true;
	}
	if (name.n && name.p[0] == '>') {
		name = str_from(name, 1);
		ev->info = event_info_by_name(name, false);
	} else {
		ev->info = info_by_name(name);
	}
	if (ev->info) {
		ev->type = ev->info->type;
		return true;
	}
	nearest = script_nearest(name, event_name_at, NULL);
	strbuf_addf(&e->why, "unknown event \"%.*s\"", STR_FMT(name));
	if (nearest)
		strbuf_addf(&e->why, "; did you mean \"%s\"?", nearest);
	return wrong(e, word, e->why.s);
}

/* True when the word is a time; good is false when it is a malformed one. */
static bool parse_when(struct str w, uint64_t before, uint64_t *ret, bool *good)
{
	uint64_t step;

	*good = true;
	if (!w.n || !((w.p[0] >= '0' && w.p[0] <= '9') || strchr("+-@", w.p[0])))
		return false;
	if (w.p[0] == '+' || w.p[0] == '-') {
		*good = duration_parse(str_from(w, 1), &step);
		*ret = w.p[0] == '+' ? before + step : before - step;
		return true;
	}
	if (w.p[0] == '@' && str_chr(w, '.') < 0)
		return false; /* "@402" is an event type, "@1790000000.0" a time */
	*good = script_parse_time(w, ret);
	return true;
}

/* Everything before the event's name. */
static bool parse_front(const struct script_word *first, struct str *rest, uint64_t before,
			struct event *ev, struct script_event_error *e, struct str *ret_name)
{
	struct script_word w = *first;
	bool has_tid = false, good;
	uint64_t v;

	ev->ts = before + SCRIPT_STEP;
	if (!w.has_value && parse_when(w.text, before, &v, &good)) {
		if (!good)
			return wrong(
				e, w.text,
				"not a time: +1ms, -20us, 2026-11-21T23:00:41.5Z or @SECONDS.FRACTION");
		ev->ts = v;
		if (script_next_word(rest, &w) <= 0)
			return wrong(e, first->text, "an event's name must follow the time");
	}
	for (;;) {
		if (w.has_value && str_eqz(w.key, "tid")) {
			has_tid = true;
			if (str_eqz(w.value, "none"))
				v = (uint64_t)EVENT_NO_TID;
			else if (!script_number(w.value, 8, &v))
				return wrong(e, w.value, "not a thread number");
			ev->tid = (int64_t)v;
		} else if (w.has_value && str_eqz(w.key, "delivery")) {
			if (!script_number(w.value, 4, &v))
				return wrong(e, w.value, "not a number that fits");
			ev->delivery = (uint32_t)v;
		} else if (!w.has_value && str_starts(w.text, STR("cpu")) && w.text.n > 3 &&
			   script_number(str_from(w.text, 3), 2, &v)) {
			ev->cpu = (uint16_t)v;
		} else {
			break;
		}
		if (script_next_word(rest, &w) <= 0)
			return wrong(e, w.text, "an event's name must follow");
	}
	if (w.has_value)
		return wrong(e, w.text,
			     "before an event's name stand only a time, cpuN, tid= and delivery=");
	if (!has_tid)
		return wrong(e, w.text,
			     "tid=N must stand before the event's name (tid=none: no thread)");
	*ret_name = w.text;
	return true;
}

static const char *param_name_at(const void *arg, size_t i)
{
	const struct event_info *info = arg;

	return i < info->n_params ? info->params[i].name : NULL;
}

static bool unknown_param(const struct event *ev, struct str key, struct script_event_error *e)
{
	const char *nearest = ev->info ? script_nearest(key, param_name_at, ev->info) : NULL;

	strbuf_addf(&e->why, "event \"%s\" has no parameter \"%.*s\"",
		    ev->info ? ev->info->name : "of unknown type", STR_FMT(key));
	if (nearest)
		strbuf_addf(&e->why, "; did you mean \"%s\"?", nearest);
	return wrong(e, key, e->why.s);
}

struct params {
	VEC(struct param) v;
	VEC(bool) given;
};

static void params_need(struct params *p, size_t n)
{
	while (p->v.n < n) {
		vec_push(&p->v, ((struct param){ (const uint8_t *)"", 0 }));
		vec_push(&p->given, false);
	}
}

static bool parse_param(const struct script_word *w, const struct event *ev, struct params *ps,
			struct arena *arena, struct script_event_error *e)
{
	const struct param_info *pi = NULL;
	struct strbuf bytes = STRBUF_INIT;
	const char *what;
	uint64_t i;
	int index;

	if (!w->has_value)
		return wrong(e, w->text, "expected PARAM=VALUE");
	if (w->key.p[0] >= '0' && w->key.p[0] <= '9') {
		if (!script_number(w->key, 4, &i) || i >= MAX_PARAMS)
			return wrong(e, w->key, "not the number of a parameter");
	} else {
		index = ev->info ? event_param_index(ev->info, w->key) : -1;
		if (index < 0)
			return unknown_param(ev, w->key, e);
		i = (uint64_t)index;
	}
	if (ev->info && i < ev->info->n_params)
		pi = &ev->info->params[i];
	params_need(ps, (size_t)i + 1);
	if (ps->given.v[i])
		return wrong(e, w->key, "given twice");
	ps->given.v[i] = true;
	what = script_value_parse(pi, w->value, &bytes, &e->why);
	if (!what) {
		ps->v.v[i].p = (const uint8_t *)arena_memdup(arena, bytes.s, bytes.n);
		ps->v.v[i].n = (uint32_t)bytes.n;
	}
	strbuf_release(&bytes);
	return what ? wrong(e, w->value, what) : true;
}

static bool parse_params(struct str *rest, struct event *ev, struct params *ps, struct arena *arena,
			 struct script_event_error *e)
{
	struct script_word w;
	bool counted = false;
	uint64_t n = 0;
	int r;

	while ((r = script_next_word(rest, &w)) > 0) {
		if (w.has_value && str_eqz(w.key, "nparams")) {
			if (!script_number(w.value, 4, &n) || n > MAX_PARAMS)
				return wrong(e, w.value, "not a number of parameters");
			counted = true;
		} else if (!parse_param(&w, ev, ps, arena, e)) {
			return false;
		}
	}
	if (r < 0)
		return wrong(e, *rest, "a quote or bracket is not closed on this line");
	if (!counted)
		n = ev->info ? ev->info->n_params : 0;
	else if (n < ps->v.n)
		return wrong(e, *rest, "parameters beyond nparams= are given");
	params_need(ps, (size_t)n);
	return true;
}

bool script_event_parse(const struct script_word *first, struct str *rest, uint64_t before,
			struct arena *arena, struct event *ret, struct script_event_error *e)
{
	struct params ps = { 0 };
	struct str name;
	bool good;

	memset(ret, 0, sizeof(*ret));
	ret->tid = EVENT_NO_TID;
	good = parse_front(first, rest, before, ret, e, &name) && parse_name(name, ret, e) &&
	       parse_params(rest, ret, &ps, arena, e);
	if (good) {
		struct param *p = arena_alloc(arena, (ps.v.n + 1) * sizeof(*p));

		if (ps.v.n)
			memcpy(p, ps.v.v, ps.v.n * sizeof(*p));
		ret->params = p;
		ret->n_params = (uint32_t)ps.v.n;
	}
	vec_free(&ps.v);
	vec_free(&ps.given);
	return good;
}
