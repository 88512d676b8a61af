/*
 * unit: what every unit test includes, in the order cmocka needs.
 */
#ifndef EYAS_UNIT_H
#define EYAS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/strbuf.h"

/* The bytes of a str equal a C string. */
#define assert_str(s, z)                                  \
	do {                                              \
		struct str got_ = (s);                    \
		assert_int_equal(got_.n, strlen(z));      \
		assert_memory_equal(got_.p, (z), got_.n); \
	} while (0)

/* The content of a strbuf equals a C string; the buffer is emptied. */
#define assert_strbuf(sb, z)                       \
	do {                                       \
		assert_string_equal((sb)->s, (z)); \
		strbuf_reset(sb);                  \
	} while (0)

#endif
