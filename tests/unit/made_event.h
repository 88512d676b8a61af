/*
 * made_event: events for tests, parameter by parameter.
 */
#ifndef EYAS_MADE_EVENT_H
#define EYAS_MADE_EVENT_H

#include "event/event.h"

struct made_event {
	struct event ev;
	struct param params[EVENT_MAX_PARAMS];
	uint8_t bytes[4096];
	size_t used;
};

static inline struct event *make_event(struct made_event *m, unsigned type)
{
	memset(m, 0, sizeof(*m));
	m->ev.type = (uint16_t)type;
	m->ev.info = event_info(type);
	m->ev.params = m->params;
	m->ev.tid = 100;
	return &m->ev;
}

static inline void arg_bytes(struct made_event *m, const void *p, size_t n)
{
	uint8_t *at = m->bytes + m->used;

	assert_true(m->used + n <= sizeof(m->bytes));
	if (n)
		memcpy(at, p, n);
	m->used += n;
	m->params[m->ev.n_params++] = (struct param){ at, (uint32_t)n };
}

static inline void arg_none(struct made_event *m)
{
	arg_bytes(m, NULL, 0);
}

/* With its NUL. */
static inline void arg_text(struct made_event *m, const char *z)
{
	arg_bytes(m, z, strlen(z) + 1);
}

/* An integer of the size that the type of this parameter has. */
static inline void arg_int(struct made_event *m, int64_t v)
{
	uint8_t le[8];

	put_le64(le, (uint64_t)v);
	arg_bytes(m, le, param_type_size(m->ev.info->params[m->ev.n_params].type));
}

#endif
