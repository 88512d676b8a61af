/*
 * timefmt: times as text, always UTC, never through the C library's zone or locale.
 *
 * Layer: base. A time is nanoseconds since the epoch.
 */
#ifndef EYAS_TIMEFMT_H
#define EYAS_TIMEFMT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "base/strbuf.h"

struct civil_time {
	int64_t year;
	unsigned month, day, hour, minute, second; /* month and day from 1 */
	uint32_t ns;
};

void civil_from_ns(uint64_t ns, struct civil_time *ret);

/* 2026-11-21T23:00:41.832515770Z; `suffix` is put in place of "Z". */
void time_iso8601(struct strbuf *out, uint64_t ns, const char *suffix);
/* The same with Z, for one after the other: what two times have in common is made once. Begins
 * zeroed.
 */
struct iso_clock {
	uint64_t second; /* of the text, plus one; 0: there is none yet */
	char text[32];   /* 2026-11-21T23:00:41. */
	unsigned n;
};
void iso_clock_text(struct iso_clock *c, struct strbuf *out, uint64_t ns);
/* 23:00:41.832515770, or without the fraction. */
void time_hms(struct strbuf *out, uint64_t ns, bool fraction);
/* 2026-11-21 23:00:41.832515770, or without the fraction. */
void time_datetime(struct strbuf *out, uint64_t ns, bool fraction);
/*
 * RFC 3339 with Z, a numeric offset or no zone (taken as UTC), "T" or a blank, and any fraction;
 * a date alone is its midnight; "@SECONDS[.FRACTION]" is seconds since the epoch.
 * False (ret untouched) when it is none of those.
 */
bool time_parse(struct str text, uint64_t *ret_ns);
/* A span such as 90, 1.5s, 200ms, 10us, 3m, 2h, 1d (no unit: seconds). */
bool duration_parse(struct str text, uint64_t *ret_ns);

#endif
