/*
 * event: one raw event, and the table that says what its parameters are.
 *
 * Layer: event. Numbers, names and encodings are those of the .scap ecosystem
 * (libs schema 4.5.1); event_list.def holds them. An event borrows its bytes from the
 * source that delivered it: good until that source's next call.
 */
#ifndef EYAS_EVENT_H
#define EYAS_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/str.h"
#include "event/param_type.h"

/* Type numbers, EVT_<CODE> (PPME_SYSCALL_OPEN_X is EVT_SYSCALL_OPEN_X), from event_list.def. */
#include "event/event_number.h"

#define EVENT_NO_TID     INT64_C(-1)
#define EVENT_AT_FDCWD   INT64_C(-100)
#define EVENT_MAX_PARAMS 32 /* of any type in the table */

/* Flags of a type (event_info.flags); numbers as in enums.json event_flag_bits. */
enum event_flag {
	EF_CREATES_FD = 1 << 0,
	EF_DESTROYS_FD = 1 << 1,
	EF_USES_FD = 1 << 2,
	EF_READS_FROM_FD = 1 << 3,
	EF_WRITES_TO_FD = 1 << 4,
	EF_MODIFIES_STATE = 1 << 5,
	EF_UNUSED = 1 << 6,
	EF_WAITS = 1 << 7,
	EF_SKIPPARSERESET = 1 << 8,
	EF_OLD_VERSION = 1 << 9,
	EF_LARGE_PAYLOAD = 1 << 11,     /* lengths of its parameters are 32 bits wide in .scap */
	EF_CONVERTER_MANAGED = 1 << 12, /* conversion_list.def says what to do with old ones */
};

/* One row of a flag table, in the order rendering walks them (enums.json flag_tables). */
struct flag_row {
	const char *name;
	uint8_t name_n; /* strlen(name) */
	uint32_t value;
};

struct flag_table {
	const char *name; /* "file_flags" */
	const struct flag_row *rows;
	uint16_t n;
};

struct param_info {
	const char *name;
	uint8_t name_n;     /* strlen(name) */
	uint8_t type;       /* enum param_type */
	uint8_t format;     /* enum param_format */
	int8_t dirfd_param; /* PT_FSRELPATH: the parameter with the directory, else -1 */
	const struct flag_table *flags; /* NULL if none */
	const struct dyn_table *dyn;    /* PT_DYN: the variants, else NULL */
};

/* The variants a PT_DYN parameter can hold, by its first byte. */
struct dyn_table {
	const char *name;
	const uint8_t *types; /* enum param_type */
	uint8_t n;
};

struct event_info {
	uint16_t type;
	const char *code;  /* "SYSCALL_OPEN_X": the upstream name without PPME_ */
	const char *name;  /* "open" */
	bool exit;         /* odd numbers are exits */
	uint32_t category; /* EC_ bits: low byte kind, high bits source class */
	uint16_t flags;    /* EF_ bits */
	int8_t fd_param;   /* the parameter with the descriptor, or -1 */
	uint8_t n_params;
	const struct param_info *params;
};

/* Categories; numbers as in enums.json event_category_bits. */
#include "event/event_category.h"

struct param {
	const uint8_t *p;
	uint32_t n; /* 0: empty, "not available" */
};

enum event_delivery {
	EVENT_STATE_ONLY = 1 << 0, /* recorded for state only: not shown, not matched */
};

struct event {
	uint64_t ts;   /* ns since the epoch */
	uint64_t num;  /* from 1, as evt.num; 0 while raw */
	int64_t tid;   /* EVENT_NO_TID: none */
	uint16_t type; /* may be one this build does not know: info is NULL then */
	uint16_t cpu;
	uint32_t delivery; /* enum event_delivery bits as stored (.scap EVF flags) */
	uint32_t n_params; /* as recorded: may be fewer or more than info->n_params */
	const struct param *params;
	const struct event_info *info;
};

#define EVENT_N_TYPES 454

/* The row of a type, or NULL when it is not in the table. */
const struct event_info *event_info(unsigned type);
/* The parameter with what was read or written; -1: none. */
int event_payload_param(const struct event_info *info);
/* By code ("SYSCALL_OPEN_X" or "PPME_SYSCALL_OPEN_X") or NULL. */
const struct event_info *event_info_by_code(struct str code);
/* The newest row with this name and direction, or NULL. */
const struct event_info *event_info_by_name(struct str name, bool exit);
/* The exit of an enter type and the other way round: type ^ 1. NULL when unknown. */
const struct event_info *event_info_twin(const struct event_info *info);
/* Number of the named parameter in a type, or -1. */
int event_param_index(const struct event_info *info, struct str name);
/* Some event type (any version) has a parameter of this name. */
bool event_param_name_known(struct str name);

/* Parameter i of an event, or an empty one when the event has no such parameter. */
static inline struct param event_param(const struct event *ev, unsigned i)
{
	return i < ev->n_params ? ev->params[i] : (struct param){ NULL, 0 };
}

/*
 * The value of a fixed-size integer parameter of any width, sign-extended if the type is
 * signed; false (ret untouched) when it is empty or of the wrong size.
 */
bool event_param_int(const struct event *ev, unsigned i, int64_t *ret);
/* Same, with a default. */
int64_t event_param_int_or(const struct event *ev, unsigned i, int64_t or_else);
/* The text of a CHARBUF/FSPATH/FSRELPATH parameter, up to its first NUL; false when it is empty
 * or NULL ("(NULL)" in old captures). */
bool event_param_str(const struct event *ev, unsigned i, struct str *ret);
/* The raw bytes of a parameter (may be empty). */
static inline struct str event_param_bytes(const struct event *ev, unsigned i)
{
	struct param p = event_param(ev, i);
	return (struct str){ p.n ? (const char *)p.p : "", p.n };
}
/* The return value: parameter 0 of an exit event if it is `res` or `fd` (any signed integer
 * type). False for other events. */
bool event_retval(const struct event *ev, int64_t *ret);

/* System calls: sc codes (events.json syscalls). */
struct syscall_info {
	uint16_t sc;
	const char *name;
	int16_t x86_64, aarch64;        /* native numbers, -1: none */
	uint16_t enter_type, exit_type; /* 0 and 1 (GENERIC) for those without a row of their own */
};

#define SYSCALL_N 454

/* By sc code, or NULL. */
const struct syscall_info *syscall_info(unsigned sc);
const struct syscall_info *syscall_by_name(struct str name);
/* By native x86_64 / aarch64 number, or NULL. */
const struct syscall_info *syscall_by_native(unsigned nr, bool aarch64);

/* Name tables of enums.json; NULL when there is no name. An error may be given negative. */
const char *errno_name(int64_t err);
const char *signal_name(int64_t sig);
/* Names of the set bits of a capability set joined by a blank. */
struct strbuf;
void capability_text(struct strbuf *out, uint64_t caps);
/* A flag table by name, or NULL; and the tables in order, for `eyas list`. */
const struct flag_table *flag_table(struct str name);
const struct flag_table *flag_table_at(size_t i);
/* Value of one flag name in a table; false when it has none. */
bool flag_value(const struct flag_table *t, struct str name, uint32_t *ret);
/* The lower-case text of evt.category for an EC_ kind ("file", "IPC"); "unknown" if none. */
const char *event_category_name(uint32_t category);

#endif
