/*
 * script_rows: the lines of a script's snapshot as data: which keys each kind has, and where their
 * values are.
 *
 * Layer: trace, private to the text script. To add a key: a row in the table of its kind, a line in
 * eyas-script(5).
 */
#ifndef EYAS_SCRIPT_ROWS_H
#define EYAS_SCRIPT_ROWS_H

#include <stddef.h>

#include "event/snapshot.h"

enum field_kind {
	F_UNSIGNED,
	F_SIGNED,
	F_HEX,
	F_TEXT,
	F_STRINGS,
	F_TIME,
	F_ADDR,
	F_FLAGS,
	F_FD_TYPE,
	F_PROTO,
	F_HAS,
	F_POPULATED
};

struct script_field {
	const char *key;
	uint16_t offset;
	uint8_t size;
	uint8_t kind;
	uint32_t has;      /* snap_thread.has bit that giving it sets */
	const char *flags; /* F_FLAGS: the table */
};

enum row_kind {
	ROW_MACHINE,
	ROW_IFACE,
	ROW_USER,
	ROW_GROUP,
	ROW_THREAD,
	ROW_FD,
	ROW_FDLIST,
	ROW_MOUNT,
	ROW_CGROUP
};

struct script_row_kind {
	const char *name;
	enum row_kind row;
	const struct script_field *fields;
	size_t n_fields;
};

/* Combined keys. */
enum { SPECIAL_ADDR = 1, SPECIAL_TUPLE = 2 };

/* enum fd_type, enum l4_proto and enum snap_populated by number. */
#define SCRIPT_FD_TYPES  22
#define SCRIPT_PROTOS    6
#define SCRIPT_POPULATED 3
extern const char *const script_fd_types[SCRIPT_FD_TYPES];
extern const char *const script_protos[SCRIPT_PROTOS];
extern const char *const script_populated[SCRIPT_POPULATED];

/* The kind of a line, or NULL. */
const struct script_row_kind *script_row_kind_by_name(struct str name);
const struct script_row_kind *script_row_kind_of(enum row_kind row);

/* Where a field's value is in a row. */
uint64_t script_row_number(const struct script_field *f, const void *row);
void script_row_set_number(const struct script_field *f, void *row, uint64_t v);
struct str *script_row_text(const struct script_field *f, const void *row);
struct ipaddr *script_row_addr(const struct script_field *f, const void *row);
/* What keys that are not given stand for: the same for reading and writing. */
void script_row_defaults(enum row_kind row, void *p);

#endif
