/*
 * Events of any bytes: layout conversion, then every text. An input is a sequence of u16 type, u8
 * tid, u8 number of parameters, a u8 length for each, and their bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "event/event_text.h"
#include "trace/layout.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool know_name(void *arg, int64_t id, struct strbuf *out)
{
	(void)arg;
	strbuf_addi(out, id);
	return id & 1;
}

static char know_typechar(void *arg, int64_t fd)
{
	(void)arg;
	return fd & 1 ? 'f' : '?';
}

static bool know_id(void *arg, uint32_t id, struct strbuf *out)
{
	return know_name(arg, id, out);
}

static const struct event_resolver resolver = {
	NULL, know_name, know_typechar, know_name, know_id, know_id, know_name,
};

/* The next event; its parameters are in blocks of their exact size, for the sanitizer. */
static bool next_event(struct cursor *c, struct event *ev, struct param *params)
{
	uint8_t lens[EVENT_MAX_PARAMS];

	*ev = (struct event){ .type = cursor_u16(c), .tid = cursor_u8(c), .params = params };
	ev->info = event_info(ev->type);
	ev->n_params = cursor_u8(c) % (EVENT_MAX_PARAMS + 1);
	for (unsigned i = 0; i < ev->n_params; i++)
		lens[i] = cursor_u8(c);
	if (c->bad)
		return false;
	for (unsigned i = 0; i < ev->n_params; i++) {
		size_t n = lens[i] < cursor_left(c) ? lens[i] : cursor_left(c);
		uint8_t *p = malloc(n ? n : 1);

		if (!p)
			abort();
		memcpy(p, cursor_bytes(c, n).p, n);
		params[i] = (struct param){ p, (uint32_t)n };
	}
	return true;
}

static void show(const struct event *ev, struct strbuf *out)
{
	struct event_text_options opt = { (enum buffer_format)(ev->tid % (BUFFER_BASE64 + 1)), 80 };

	event_args_text(ev, &resolver, &opt, out);
	event_args_text(ev, NULL, NULL, out);
	strbuf_addstr(out, event_type_text(ev));
	strbuf_reset(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = cursor_of(data, size);
	struct layout *l = layout_new();
	struct strbuf out = STRBUF_INIT;
	struct param params[EVENT_MAX_PARAMS];
	struct event ev, converted;

	while (next_event(&c, &ev, params)) {
		show(&ev, &out);
		if (layout_convert(l, &ev, &converted) != LAYOUT_DROP)
			show(&converted, &out);
		for (unsigned i = 0; i < ev.n_params; i++)
			free((void *)(uintptr_t)params[i].p);
	}
	strbuf_release(&out);
	layout_free(l);
	return 0;
}
