/*
 * The tables of encode: rows of call_list.def, which call each native number is, and what the
 * driver is told to fetch.
 */
#include <string.h>

#include "capture/encode_call.h"

#define NO_SNAP                        255
#define NO_FETCH                       255
#define FROM_RET                       EYAS_FROM_RET
#define FROM_CONST                     EYAS_FROM_CONST
#define FROM_INT_AT                    EYAS_FROM_INT_AT
#define FETCH(kind, when, arg, len, n) { EYAS_FETCH_##kind, EYAS_AT_##when, arg, len, n },
#define P0(how)                        { HOW_##how, 0, 0, 0 },
#define P1(how, a)                     { HOW_##how, a, 0, 0 },
#define P2(how, a, b)                  { HOW_##how, a, b, 0 },
#define P3(how, a, b, c)               { HOW_##how, a, b, c },

/* clang-format off */
#define FETCH_ROWS(...) ((const struct eyas_fetch[]){ __VA_ARGS__ { 0 } })
#define PARAM_ROWS(...) ((const struct call_param[]){ __VA_ARGS__ { 0 } })
#define BRACED(...) { __VA_ARGS__ }
/* clang-format on */

static const struct call_row rows[] = {
#define CALL(event, snap, fetch_rows, param_rows)                                      \
	{ .type = EVT_##event,                                                         \
	  .snap_arg = (snap),                                                          \
	  .n_fetches = sizeof(FETCH_ROWS(fetch_rows)) / sizeof(struct eyas_fetch) - 1, \
	  .n_params = sizeof(PARAM_ROWS(param_rows)) / sizeof(struct call_param) - 1,  \
	  .fetches = BRACED(fetch_rows),                                               \
	  .params = BRACED(param_rows) },
#include "capture/call_list.def"
#undef CALL
};

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

enum structs { SAME, OTHER };

struct i386_row {
	uint16_t nr, type;
	const char *name;
	enum structs structs;
};

#if defined(__x86_64__)
static const struct i386_row i386_rows[] = {
#define I386(nr, name, event, structs) { nr, EVT_##event, name, structs },
#include "capture/i386_list.def"
#undef I386
};
#define N_I386 (sizeof(i386_rows) / sizeof(i386_rows[0]))
#else
static const struct i386_row i386_rows[1];
#define N_I386 0
#endif

#if defined(__aarch64__)
#define NATIVE_AARCH64 true
#else
#define NATIVE_AARCH64 false
#endif

const struct call_row *call_row_at(size_t i)
{
	return i < N_ROWS ? &rows[i] : NULL;
}

const struct call_row *call_row_of(unsigned type)
{
	for (size_t i = 0; i < N_ROWS; i++) {
		if (rows[i].type == type)
			return &rows[i];
	}
	return NULL;
}

static const struct i386_row *i386_of(unsigned nr)
{
	for (const struct i386_row *row = i386_rows; row < i386_rows + N_I386; row++) {
		if (row->nr == nr)
			return row;
	}
	return NULL;
}

const struct syscall_info *call_syscall(unsigned nr)
{
	const struct syscall_info *sc = NULL;

	if (nr < EYAS_MAX_NR) {
		sc = syscall_by_native(nr, NATIVE_AARCH64);
	} else {
		const struct i386_row *row = i386_of(nr - EYAS_MAX_NR);

		if (row)
			sc = syscall_by_name(str_of(row->name));
	}
	return sc ? sc : syscall_info(0);
}

bool call_never_returns(unsigned nr)
{
	const char *name = call_syscall(nr)->name;

	return strcmp(name, "exit") == 0 || strcmp(name, "exit_group") == 0;
}

unsigned call_event(unsigned nr)
{
	if (nr >= EYAS_MAX_NR) {
		const struct i386_row *row = i386_of(nr - EYAS_MAX_NR);

		return row ? row->type : EVT_GENERIC_X;
	}
	return call_syscall(nr)->exit_type;
}

/* Whether a fetch of a 32-bit call reads what a 64-bit one would. */
static bool same_layout(const struct eyas_fetch *f, enum structs structs)
{
	switch (f->kind) {
	case EYAS_FETCH_IOVEC:
	case EYAS_FETCH_MSGHDR:
	case EYAS_FETCH_STRV:
		return false;
	case EYAS_FETCH_MEM:
	case EYAS_FETCH_SOCKADDR_OUT:
		return structs == SAME;
	default:
		return true;
	}
}

/* How many of the call's arguments a parameter may be made of: all, for those that look at them in
 * ways of their own. */
static unsigned args_of(const struct call_param *p)
{
	switch (p->how) {
	case HOW_RET:
	case HOW_RET_POS:
	case HOW_FIXED:
	case HOW_MEM16:
	case HOW_MEM32:
	case HOW_MEM64:
	case HOW_MEM_MAP:
	case HOW_STR:
	case HOW_PATH:
	case HOW_DATA:
	case HOW_BYTES:
	case HOW_TOTAL:
	case HOW_FILE_INO:
	case HOW_FILE_DEV:
	case HOW_VM:
	case HOW_SC:
	case HOW_NR:
		return 0;
	case HOW_ARG:
	case HOW_ARG32:
		return p->a + 1U;
	case HOW_POS:
		return p->a + 2U;
	case HOW_MAP:
		return p->b + 1U;
	default:
		return EYAS_MAX_ARGS;
	}
}

static uint8_t args_needed(const struct call_row *row, uint8_t enter)
{
	unsigned n = 0;

	for (unsigned i = 0; i < row->n_params; i++) {
		unsigned k = args_of(&row->params[i]);

		n = k > n ? k : n;
	}
	if (enter && n < EYAS_ENTER_ARGS)
		n = EYAS_ENTER_ARGS;
	return (uint8_t)(n < EYAS_MAX_ARGS ? n : EYAS_MAX_ARGS);
}

bool encode_plan(unsigned nr, struct eyas_plan *ret)
{
	const struct i386_row *i386 = nr >= EYAS_MAX_NR ? i386_of(nr - EYAS_MAX_NR) : NULL;
	unsigned type = call_event(nr);
	const struct call_row *row = call_row_of(type);

	memset(ret, 0, sizeof(*ret));
	ret->recorded = 1;
	ret->snap_arg = NO_SNAP;
	if (call_never_returns(nr)) {
		/* a fetch that brings nothing makes the driver send a record at enter */
		ret->n_fetches = 1;
		ret->enter = 1;
		ret->event = 1;
		ret->fetches[0] =
			(struct eyas_fetch){ .kind = EYAS_FETCH_NONE, .when = EYAS_AT_ENTER };
	}
	if (!row || type == EVT_GENERIC_X)
		return false;
	ret->snap_arg = row->snap_arg;
	ret->n_fetches = row->n_fetches;
	for (unsigned i = 0; i < row->n_fetches; i++) {
		ret->fetches[i] = row->fetches[i];
		/* its number stays, so that the others keep theirs */
		if (nr >= EYAS_MAX_NR &&
		    !same_layout(&row->fetches[i], i386 ? i386->structs : OTHER))
			ret->fetches[i] = (struct eyas_fetch){ .kind = EYAS_FETCH_NONE };
		else if (row->fetches[i].when == EYAS_AT_ENTER ||
			 row->fetches[i].when == EYAS_AT_CREATOR)
			ret->enter |= (uint8_t)(1 << i);
		if (ret->enter & 1 << i && row->fetches[i].when == EYAS_AT_CREATOR)
			ret->again |= (uint8_t)(1 << i);
	}
	ret->n_args = args_needed(row, ret->enter);
	return true;
}
