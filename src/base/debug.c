#include "base/debug.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/str.h"

static const char *const names[DEBUG_N] = {
	[DEBUG_BASE] = "base",       [DEBUG_EVENT] = "event",   [DEBUG_TRACE] = "trace",
	[DEBUG_CAPTURE] = "capture", [DEBUG_STATE] = "state",   [DEBUG_FIELDS] = "fields",
	[DEBUG_RULES] = "rules",     [DEBUG_OUTPUT] = "output", [DEBUG_REPLAY] = "replay",
	[DEBUG_CLI] = "cli",
};

unsigned char debug_level[DEBUG_N];

void debug_setup(const char *spec)
{
	struct str rest, piece;

	if (!spec)
		return;
	rest = str_of(spec);
	while (str_split(&rest, ',', &piece)) {
		ptrdiff_t colon = str_chr(piece, ':');
		struct str name = colon < 0 ? piece : (struct str){ piece.p, (size_t)colon };
		unsigned long long level = 1;

		if (colon >= 0 && !str_to_u64(str_from(piece, (size_t)colon + 1), &level))
			level = 1;
		for (unsigned i = 0; i < DEBUG_N; i++)
			if (str_eqz(name, names[i]))
				debug_level[i] = level > 9 ? 9 : (unsigned char)level;
	}
}

void debug_log(enum debug_domain domain, const char *fmt, ...)
{
	va_list ap;

	/* A line stays one, whichever thread it is from. */
	flockfile(stderr);
	fprintf(stderr, "eyas: %s: ", names[domain]);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	funlockfile(stderr);
}
