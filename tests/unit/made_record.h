/*
 * made_record: records as the driver sends them, made by hand.
 */
#ifndef EYAS_MADE_RECORD_H
#define EYAS_MADE_RECORD_H

#include <string.h>

#include "capture/encode_call.h"

struct made_record {
	size_t n;
	union {
		struct {
			struct eyas_record head;
			uint64_t args[EYAS_MAX_ARGS];
		};
		uint8_t b[16384];
	};
};

/* The native number of a call. */
static inline uint16_t nr_of(const char *name)
{
	const struct syscall_info *sc = syscall_by_name(str_of(name));

#if defined(__aarch64__)
	return (uint16_t)sc->aarch64;
#else
	return (uint16_t)sc->x86_64;
#endif
}

static inline void record_begin(struct made_record *r, unsigned kind, uint16_t nr, int64_t ret)
{
	memset(r, 0, sizeof(*r));
	r->head.ts = 1000;
	r->head.tid = 77;
	r->head.pid = 70;
	r->head.nr = nr;
	r->head.kind = (uint8_t)kind;
	r->head.ret = ret;
	r->head.n_args = EYAS_MAX_ARGS;
	r->n = sizeof(r->head) + sizeof(r->args);
}

static inline void record_piece(struct made_record *r, unsigned fetch, unsigned kind,
				unsigned status, const void *p, size_t n)
{
	struct eyas_piece head = { (uint32_t)n, (uint16_t)status, (uint8_t)fetch, (uint8_t)kind };

	memcpy(r->b + r->n, &head, sizeof(head));
	if (n)
		memcpy(r->b + r->n + sizeof(head), p, n);
	r->n += sizeof(head) + ((n + 7) & ~(size_t)7);
}

#endif
