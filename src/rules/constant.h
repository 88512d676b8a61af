/*
 * constant: the right side of a comparison, read once as the left side's type wants it.
 *
 * Layer: rules. types.json rhs_constant_parsing. Also the classes of types that compare alike, and
 * sets of constants for `in`.
 */
#ifndef EYAS_CONSTANT_H
#define EYAS_CONSTANT_H

#include "base/arena.h"
#include "base/ipaddr.h"
#include "base/strbuf.h"
#include "fields/field.h"

enum value_class {
	VC_NONE,   /* cannot be compared: socket tuples, lists of bytes */
	VC_INT,    /* struct value i */
	VC_UINT,   /* u */
	VC_BOOL,   /* u */
	VC_DOUBLE, /* d */
	VC_TEXT,   /* s */
	VC_BYTES,  /* s */
	VC_IP,     /* s, 4 or 16 bytes */
	VC_NET,    /* s, an address; constants are networks */
};

struct constant {
	struct str text; /* its bytes: of VC_TEXT and VC_BYTES, decoded when hexadecimal */
	union {
		int64_t i;
		uint64_t u;
		double d;
		struct ipaddr ip;
		struct ipnet net;
	};
};

enum value_class value_class(uint8_t type);
/* "numeric", "string" and the like, for messages. */
const char *value_class_name(enum value_class c);

/*
 * Reads `text` as a constant of `type`; with hex, as hexadecimal bytes. NULL, or a message in `a`.
 * ret->text borrows `text` or lies in `a`.
 */
const char *constant_parse(struct str text, uint8_t type, bool hex, struct arena *a,
			   struct constant *ret);

/* Set of constants of one class. */
struct constant_set;

/* A set over the constants, which must outlive it; it lives in `a`. */
struct constant_set *constant_set_new(const struct constant *c, size_t n, enum value_class cls,
				      struct arena *a);
/* Whether a value of the set's class is in it (for VC_NET: in one of its networks). */
bool constant_set_has(const struct constant_set *set, const struct value *v);

#endif
