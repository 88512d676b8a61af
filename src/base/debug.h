/*
 * debug: per-folder debug messages, EYAS_DEBUG=rules:2,state.
 *
 * Layer: base. The log level is the one mutable global of the program. Messages
 * go to standard error and are for developers; what a user must read is a diag.
 */
#ifndef EYAS_DEBUG_H
#define EYAS_DEBUG_H

enum debug_domain {
	DEBUG_BASE,
	DEBUG_EVENT,
	DEBUG_TRACE,
	DEBUG_CAPTURE,
	DEBUG_STATE,
	DEBUG_FIELDS,
	DEBUG_RULES,
	DEBUG_OUTPUT,
	DEBUG_REPLAY,
	DEBUG_CLI,
	DEBUG_N
};

extern unsigned char debug_level[DEBUG_N];

/* Reads a specification like "rules:2,state"; unknown names are ignored. NULL does nothing. */
void debug_setup(const char *spec);
void debug_log(enum debug_domain domain, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#define debug(domain, level, ...)                         \
	do {                                              \
		if (debug_level[domain] >= (level))       \
			debug_log((domain), __VA_ARGS__); \
	} while (0)

#endif
