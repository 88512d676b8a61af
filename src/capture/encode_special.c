/* Parameters of single calls, whose meaning depends on what else the call was given. */
#include <string.h>
#include <sys/prctl.h>
#include <sys/sem.h>

#include "capture/encode_call.h"

void how_semctl_val(struct call *c, const struct call_param *p, unsigned type)
{
	(void)p;
	if ((call_arg(c, 2) & ~UINT64_C(0x100)) == SETVAL)
		put_int(c, type, call_arg(c, 3));
	else
		put_none(c);
}

/* struct __user_cap_data: effective, permitted, inheritable, once or (from version 2 on) twice for
 * 64 bits. */
void how_caps(struct call *c, const struct call_param *p, unsigned type)
{
	const uint8_t *version = piece_bytes(c, p->c, 4), *data = piece_bytes(c, p->b, 24);
	uint64_t v;

	if (!version || !data) {
		put_none(c);
		return;
	}
	v = get_le32(data + p->a * 4U);
	if (get_le32(version) != 0x19980330)
		v |= (uint64_t)get_le32(data + 12 + p->a * 4U) << 32;
	put_int(c, type, v);
}

/* One variant of a PT_DYN parameter that is an integer. */
static void put_dyn_int(struct call *c, uint8_t variant, uint64_t v, size_t size)
{
	uint8_t *to = made_room(c, 9);

	if (!to) {
		put_none(c);
		return;
	}
	to[0] = variant;
	put_le64(to + 1, v);
	made_put(c, 1 + size);
}

void how_ptrace_addr(struct call *c, const struct call_param *p, unsigned type)
{
	(void)p;
	(void)type;
	put_dyn_int(c, 0, call_arg(c, 2), 8);
}

void how_ptrace_data(struct call *c, const struct call_param *p, unsigned type)
{
	enum {
		PEEKTEXT = 1,
		PEEKDATA = 2,
		PEEKUSR = 3,
		CONT = 7,
		STEP = 9,
		DETACH = 17,
		SYSCALL = 24
	};
	const uint8_t *b;

	(void)type;
	switch (call_arg(c, 0)) {
	case PEEKTEXT:
	case PEEKDATA:
	case PEEKUSR:
		/* the system call, unlike the library's function, puts the word where data points
		 * to */
		b = piece_bytes(c, p->a, 8);
		if (b)
			put_dyn_int(c, 0, get_le64(b), 8);
		else
			put_none(c);
		break;
	case CONT:
	case STEP:
	case DETACH:
	case SYSCALL:
		put_dyn_int(c, 1, call_arg(c, 3), 1);
		break;
	default:
		put_dyn_int(c, 0, call_arg(c, 3), 8);
	}
}

void how_prctl_str(struct call *c, const struct call_param *p, unsigned type)
{
	if (call_arg(c, 0) == PR_SET_NAME || call_arg(c, 0) == PR_GET_NAME)
		how_str(c, p, type);
	else
		put_none(c);
}

void how_prctl_int(struct call *c, const struct call_param *p, unsigned type)
{
	switch (call_arg(c, 0)) {
	case PR_SET_NAME:
	case PR_GET_NAME:
		put_none(c);
		break;
	case PR_GET_CHILD_SUBREAPER:
		how_mem32(c, p, type);
		break;
	default:
		put_int(c, type, call_arg(c, 1));
	}
}

/* Whether argument i of a keyctl(2) operation is a string: see its manual page. */
static bool keyctl_string(uint64_t op, unsigned i)
{
	enum { JOIN = 1, SEARCH = 10, PKEY_FIRST = 24, PKEY_LAST = 28, RESTRICT = 29 };

	switch ((uint32_t)op) {
	case JOIN:
		return i == 1;
	case SEARCH:
	case RESTRICT:
		return i == 2 || i == 3;
	default:
		return i == 3 && (uint32_t)op >= PKEY_FIRST && (uint32_t)op <= PKEY_LAST;
	}
}

/* Whether it is the serial number of a key, which may be negative and need not fill its register.
 */
static bool keyctl_serial(uint64_t op, unsigned i)
{
	enum {
		LINK = 8,
		UNLINK = 9,
		DH_COMPUTE = 23,
		PKEY_ENCRYPT = 25,
		PKEY_VERIFY = 28,
		MOVE = 30,
		CAPABILITIES = 31
	};
	uint32_t o = (uint32_t)op;

	if (i == 1)
		return o != DH_COMPUTE && o != CAPABILITIES &&
		       (o < PKEY_ENCRYPT || o > PKEY_VERIFY);
	return (i == 2 && (o == LINK || o == UNLINK || o == MOVE)) || (i == 3 && o == MOVE);
}

void how_keyctl(struct call *c, const struct call_param *p, unsigned type)
{
	const uint8_t *b = piece_bytes(c, p->b, 1);
	size_t n;
	uint8_t *to;

	(void)type;
	if (!keyctl_string(call_arg(c, 0), p->a)) {
		uint64_t v = call_arg(c, p->a);

		put_dyn_int(c, 0, keyctl_serial(call_arg(c, 0), p->a) ? (uint64_t)(int32_t)v : v,
			    8);
		return;
	}
	n = b ? strnlen((const char *)b, c->pieces[p->b].n) : 0;
	to = b ? made_room(c, n + 2) : NULL;
	if (!to) {
		put_none(c);
		return;
	}
	to[0] = 1;
	memcpy(to + 1, b, n);
	to[1 + n] = 0;
	made_put(c, n + 2);
}

enum { FSCONFIG_STRING = 1, FSCONFIG_BINARY = 2, FSCONFIG_PATH_EMPTY = 4 };

void how_fsconfig_bytes(struct call *c, const struct call_param *p, unsigned type)
{
	if ((uint32_t)call_arg(c, 1) == FSCONFIG_BINARY)
		how_bytes(c, p, type);
	else
		put_none(c);
}

void how_fsconfig_str(struct call *c, const struct call_param *p, unsigned type)
{
	uint32_t cmd = (uint32_t)call_arg(c, 1);

	if (cmd >= FSCONFIG_STRING && cmd <= FSCONFIG_PATH_EMPTY && cmd != FSCONFIG_BINARY)
		how_str(c, p, type);
	else
		put_none(c);
}

/* quotactl(2): the command is above the type of quota. */
enum {
	Q_CMD_QUOTAON = 0x800002,
	Q_CMD_GETFMT = 0x800004,
	Q_CMD_GETINFO = 0x800005,
	Q_CMD_SETINFO = 0x800006,
	Q_CMD_GETQUOTA = 0x800007,
	Q_CMD_SETQUOTA = 0x800008,
};

static uint32_t quota_cmd(const struct call *c)
{
	return (uint32_t)call_arg(c, 0) >> 8;
}

static uint8_t quota_fmt(uint32_t v)
{
	return v == 1 ? 2 : v == 2 ? 4 : v == 4 ? 8 : 1;
}

void how_quota_file(struct call *c, const struct call_param *p, unsigned type)
{
	if (quota_cmd(c) == Q_CMD_QUOTAON)
		how_str(c, p, type);
	else
		put_none(c);
}

static void quota_word(struct call *c, const struct call_param *p, unsigned type, uint32_t get,
		       uint32_t set)
{
	const uint8_t *b = piece_bytes(c, p->b, p->a * 8U + 8);

	if (b && (quota_cmd(c) == get || quota_cmd(c) == set))
		put_int(c, type, get_le64(b + p->a * 8U));
	else
		put_none(c);
}

void how_quota_blk(struct call *c, const struct call_param *p, unsigned type)
{
	quota_word(c, p, type, Q_CMD_GETQUOTA, Q_CMD_SETQUOTA);
}

void how_quota_info(struct call *c, const struct call_param *p, unsigned type)
{
	quota_word(c, p, type, Q_CMD_GETINFO, Q_CMD_SETINFO);
}

void how_quota_info_flags(struct call *c, const struct call_param *p, unsigned type)
{
	const uint8_t *b = piece_bytes(c, p->a, 20);

	if (b && (quota_cmd(c) == Q_CMD_GETINFO || quota_cmd(c) == Q_CMD_SETINFO))
		put_int(c, type, get_le32(b + 16) & 1 ? 2 : 1); /* V1_DQF_RSQUASH or none */
	else
		put_none(c);
}

void how_quota_fmt_out(struct call *c, const struct call_param *p, unsigned type)
{
	const uint8_t *b = piece_bytes(c, p->a, 4);

	if (b && quota_cmd(c) == Q_CMD_GETFMT)
		put_int(c, type, quota_fmt(get_le32(b)));
	else
		put_none(c);
}

void how_quota_fmt(struct call *c, const struct call_param *p, unsigned type)
{
	(void)p;
	if (quota_cmd(c) == Q_CMD_QUOTAON)
		put_int(c, type, quota_fmt((uint32_t)call_arg(c, 2)));
	else
		put_none(c);
}
