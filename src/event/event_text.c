#include "event/event_text.h"

#include "event/param_text.h"

/* Parameters that both the event and its row have. */
static unsigned shown_params(const struct event *ev)
{
	if (!ev->info)
		return 0;
	return ev->n_params < ev->info->n_params ? ev->n_params : ev->info->n_params;
}

void event_param_text(const struct event *ev, unsigned i, const struct event_resolver *res,
		      const struct event_text_options *opt, struct strbuf *raw,
		      struct strbuf *resolved)
{
	struct param_text t = { .ev = ev, .res = res, .opt = opt };

	if (i >= shown_params(ev))
		return;
	param_text_take(&t, i);
	param_text_raw(&t, raw);
	param_text_resolved(&t, resolved);
}

/* "name=", with a blank before all but the first. */
static void add_name(const struct param_text *t, bool blank, struct strbuf *out)
{
	size_t n = t->row->name_n;
	char *p = strbuf_reserve(out, n + 2);

	if (blank)
		*p++ = ' ';
	memcpy(p, t->row->name, n);
	p[n] = '=';
	p[n + 1] = '\0';
	out->n += blank + n + 1;
}

void event_args_text(const struct event *ev, const struct event_resolver *res,
		     const struct event_text_options *opt, struct strbuf *out)
{
	struct param_text t = { .ev = ev, .res = res, .opt = opt };
	unsigned n = shown_params(ev);
	size_t mark;

	if (ev->type == EVT_GENERIC_X)
		return;
	for (unsigned i = 0; i < n; i++) {
		param_text_take(&t, i);
		add_name(&t, i > 0, out);
		param_text_raw(&t, out);
		if (!param_text_resolves(&t))
			continue;
		mark = out->n;
		strbuf_addc(out, '(');
		param_text_resolved(&t, out);
		if (out->n == mark + 1)
			strbuf_truncate(out, mark);
		else
			strbuf_addc(out, ')');
	}
}

const struct syscall_info *event_generic_syscall(const struct event *ev)
{
	int64_t sc, nr;
	const struct syscall_info *info;

	if (!event_param_int(ev, 0, &sc))
		return NULL;
	info = syscall_info((unsigned)sc);
	if (sc == 0 && event_param_int(ev, 1, &nr)) {
		const struct syscall_info *native = syscall_by_native((unsigned)nr, false);

		info = native ? native : info;
	}
	return info;
}

struct str event_type_text(const struct event *ev)
{
	const struct syscall_info *sc;
	struct str name;

	if (!ev->info)
		return STR("unknown");
	switch (ev->type) {
	case EVT_GENERIC_E:
	case EVT_GENERIC_X:
		sc = event_generic_syscall(ev);
		return str_of(sc ? sc->name : ev->info->name);
	case EVT_ASYNCEVENT_E:
		return event_param_str(ev, 1, &name) ? name : str_of(ev->info->name);
	default:
		return str_of(ev->info->name);
	}
}
