/*
 * param_type: the types a parameter or a field can have.
 *
 * Layer: event. Numbers are those of the .scap ecosystem (types.json); they reach disk in the
 * schema block of a trace and are never reused.
 */
#ifndef EYAS_PARAM_TYPE_H
#define EYAS_PARAM_TYPE_H

#include <stdbool.h>
#include <stdint.h>

/* X(NAME, number, size in bytes or 0 when variable, signed) */
#define PARAM_TYPE_LIST(X)              \
	X(NONE, 0, 0, 0)                \
	X(INT8, 1, 1, 1)                \
	X(INT16, 2, 2, 1)               \
	X(INT32, 3, 4, 1)               \
	X(INT64, 4, 8, 1)               \
	X(UINT8, 5, 1, 0)               \
	X(UINT16, 6, 2, 0)              \
	X(UINT32, 7, 4, 0)              \
	X(UINT64, 8, 8, 0)              \
	X(CHARBUF, 9, 0, 0)             \
	X(BYTEBUF, 10, 0, 0)            \
	X(ERRNO, 11, 8, 1)              \
	X(SOCKADDR, 12, 0, 0)           \
	X(SOCKTUPLE, 13, 0, 0)          \
	X(FD, 14, 8, 1)                 \
	X(PID, 15, 8, 1)                \
	X(FDLIST, 16, 0, 0)             \
	X(FSPATH, 17, 0, 0)             \
	X(SYSCALLID, 18, 2, 0)          \
	X(SIGTYPE, 19, 1, 0)            \
	X(RELTIME, 20, 8, 0)            \
	X(ABSTIME, 21, 8, 0)            \
	X(PORT, 22, 2, 0)               \
	X(L4PROTO, 23, 1, 0)            \
	X(SOCKFAMILY, 24, 1, 0)         \
	X(BOOL, 25, 4, 0)               \
	X(IPV4ADDR, 26, 4, 0)           \
	X(DYN, 27, 0, 0)                \
	X(FLAGS8, 28, 1, 0)             \
	X(FLAGS16, 29, 2, 0)            \
	X(FLAGS32, 30, 4, 0)            \
	X(UID, 31, 4, 0)                \
	X(GID, 32, 4, 0)                \
	X(DOUBLE, 33, 8, 0)             \
	X(SIGSET, 34, 4, 0)             \
	X(CHARBUFARRAY, 35, 0, 0)       \
	X(CHARBUF_PAIR_ARRAY, 36, 0, 0) \
	X(IPV4NET, 37, 8, 0)            \
	X(IPV6ADDR, 38, 16, 0)          \
	X(IPV6NET, 39, 0, 0)            \
	X(IPADDR, 40, 0, 0)             \
	X(IPNET, 41, 0, 0)              \
	X(MODE, 42, 4, 0)               \
	X(FSRELPATH, 43, 0, 0)          \
	X(ENUMFLAGS8, 44, 1, 0)         \
	X(ENUMFLAGS16, 45, 2, 0)        \
	X(ENUMFLAGS32, 46, 4, 0)        \
	X(FD32, 47, 4, 1)               \
	X(PID32, 48, 4, 1)

enum param_type {
#define X(name, number, size, is_signed) PT_##name = number,
	PARAM_TYPE_LIST(X)
#undef X
		PT_N = 49
};

enum param_format { PF_NA, PF_DEC, PF_HEX, PF_10_PADDED_DEC, PF_ID, PF_DIR, PF_OCT, PF_N };

/* "PT_FSPATH"; "PT_?" when out of range. */
const char *param_type_name(unsigned type);
/* The type of a name with or without "PT_", or -1. */
int param_type_by_name(const char *name);

/* What is asked about the type of every parameter of every event: a table, for speed. */
struct param_traits {
	uint8_t size; /* bytes of a fixed-size type, 0 when variable */
	bool is_signed, is_int, is_text;
};

extern const struct param_traits param_traits[PT_N];

/* Bytes of a fixed-size type, 0 when variable. */
static inline unsigned param_type_size(unsigned type)
{
	return type < PT_N ? param_traits[type].size : 0;
}

static inline bool param_type_is_signed(unsigned type)
{
	return type < PT_N && param_traits[type].is_signed;
}

/* One integer (any fixed-size integer type, flags and enums included). */
static inline bool param_type_is_int(unsigned type)
{
	return type < PT_N && param_traits[type].is_int;
}

/* CHARBUF, FSPATH, FSRELPATH. */
static inline bool param_type_is_text(unsigned type)
{
	return type < PT_N && param_traits[type].is_text;
}

const char *param_format_name(unsigned format);

#endif
