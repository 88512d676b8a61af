/*
 * How parameters are made, except those of sockets (encode_sock.c) and of processes (encode_task.c).
 */
#include <string.h>
#include <sys/prctl.h>
#include <sys/sem.h>

#include "capture/encode_call.h"

/* f_mode of a file that this open made; FMODE_CREATED, since 4.19. */
#define FMODE_CREATED (1U << 20)

enum { LAYER_UPPER = 1, LAYER_LOWER = 2 };

static uint64_t arg(const struct call *c, unsigned i)
{
	return i < 6 ? c->r->args[i] : 0;
}

/* Whether arguments of the type are ints, whose upper half in the register means nothing. */
static bool type_of_ints(unsigned type)
{
	return type == PT_FD || type == PT_PID || type == PT_ERRNO || type == PT_INT64;
}

void how_ret(struct call *c, const struct call_param *p, unsigned type)
{
	(void)p;
	put_int(c, type, (uint64_t)c->r->ret);
}

void how_ret_pos(struct call *c, const struct call_param *p, unsigned type)
{
	(void)p;
	put_int(c, type, c->r->ret > 0 ? (uint64_t)c->r->ret : 0);
}

void how_arg(struct call *c, const struct call_param *p, unsigned type)
{
	uint64_t v = arg(c, p->a);

	put_int(c, type, type_of_ints(type) ? (uint64_t)(int32_t)v : v);
}

void how_arg32(struct call *c, const struct call_param *p, unsigned type)
{
	put_int(c, type, (uint32_t)arg(c, p->a));
}

void how_pos(struct call *c, const struct call_param *p, unsigned type)
{
	uint64_t v = arg(c, p->a);

	if (c->r->flags & EYAS_RF_COMPAT) {
		/* two words, the lower first; _llseek() has them the other way round */
		uint64_t w = (uint32_t)arg(c, p->a + 1U);

		v = c->row->type == EVT_SYSCALL_LLSEEK_X ? v << 32 | w : (uint32_t)v | w << 32;
	}
	put_int(c, type, v);
}

void how_fixed(struct call *c, const struct call_param *p, unsigned type)
{
	put_int(c, type, p->a);
}

void how_map(struct call *c, const struct call_param *p, unsigned type)
{
	put_int(c, type, map_value(p->a, arg(c, p->b)));
}

void how_mem16(struct call *c, const struct call_param *p, unsigned type)
{
	const uint8_t *b = piece_bytes(c, p->a, p->b + 2U);

	if (b)
		put_int(c, type, get_le16(b + p->b));
	else
		put_none(c);
}

void how_mem32(struct call *c, const struct call_param *p, unsigned type)
{
	const uint8_t *b = piece_bytes(c, p->a, p->b + 4U);

	if (b)
		put_int(c, type, (uint64_t)(int32_t)get_le32(b + p->b));
	else
		put_none(c);
}

void how_mem64(struct call *c, const struct call_param *p, unsigned type)
{
	const uint8_t *b = piece_bytes(c, p->a, p->b + 8U);

	if (b)
		put_int(c, type, get_le64(b + p->b));
	else
		put_none(c);
}

void how_mem_map(struct call *c, const struct call_param *p, unsigned type)
{
	size_t size = param_type_size(type) == 2 ? 2 : 4;
	const uint8_t *b = piece_bytes(c, p->b, p->c + size);

	if (b)
		put_int(c, type, map_value(p->a, size == 2 ? get_le16(b + p->c) : get_le32(b + p->c)));
	else
		put_none(c);
}

void how_str(struct call *c, const struct call_param *p, unsigned type)
{
	const uint8_t *b = piece_bytes(c, p->a, 1);

	(void)type;
	if (b)
		put_text(c, b, c->pieces[p->a].n);
	else
		put_none(c);
}

size_t path_turn(const uint8_t *p, size_t n, uint8_t *to, size_t cap)
{
	size_t out = 0;

	while (n && out < cap) {
		/* the last component is that before the last NUL */
		size_t end = p[n - 1] ? n : n - 1, start = end;

		while (start && p[start - 1])
			start--;
		n = start;
		if (start == end)
			continue;
		to[out++] = '/';
		if (end - start > cap - out)
			return out - 1;
		memcpy(to + out, p + start, end - start);
		out += end - start;
	}
	if (!out && cap)
		to[out++] = '/';
	return out;
}

void how_path(struct call *c, const struct call_param *p, unsigned type)
{
	const struct piece *f = &c->pieces[p->a];
	uint8_t *to = f->have ? made_room(c, (size_t)f->n + 2) : NULL;
	size_t n;

	(void)type;
	if (!to) {
		put_none(c);
		return;
	}
	n = path_turn(f->p, f->n, to, (size_t)f->n + 1);
	to[n] = 0;
	made_put(c, n + 1);
}

void how_data(struct call *c, const struct call_param *p, unsigned type)
{
	struct str d = piece_data(c, p->a);

	(void)type;
	/* a short write took only so many */
	if (c->r->ret >= 0 && d.n > (uint64_t)c->r->ret)
		d.n = (size_t)c->r->ret;
	put_borrowed(c, d.p, d.n);
}

void how_bytes(struct call *c, const struct call_param *p, unsigned type)
{
	struct str d = piece_data(c, p->a);

	(void)type;
	put_borrowed(c, d.p, d.n);
}

void how_total(struct call *c, const struct call_param *p, unsigned type)
{
	struct eyas_msg m;

	if (piece_copy(c, p->a, &m, sizeof(m)))
		put_int(c, type, m.total);
	else
		put_none(c);
}

void how_file_ino(struct call *c, const struct call_param *p, unsigned type)
{
	struct eyas_fd_file f;

	if (piece_copy(c, p->a, &f, sizeof(f)))
		put_int(c, type, f.ino);
	else
		put_none(c);
}

void how_file_dev(struct call *c, const struct call_param *p, unsigned type)
{
	struct eyas_fd_file f;

	if (piece_copy(c, p->a, &f, sizeof(f)))
		put_int(c, type, f.dev);
	else
		put_none(c);
}

/* O_F_CREATED, FD_UPPER_LAYER, FD_LOWER_LAYER: what the kernel knows of the file that was opened. */
static uint64_t opened_flags(const struct call *c, unsigned fetch)
{
	struct eyas_fd_file f;
	uint64_t flags = 0;

	if (!piece_copy(c, fetch, &f, sizeof(f)))
		return 0;
	if (f.fmode & FMODE_CREATED)
		flags |= 0x4000;
	if (f.layer == LAYER_UPPER)
		flags |= 0x8000;
	else if (f.layer == LAYER_LOWER)
		flags |= 0x10000;
	return flags;
}

void how_open_flags(struct call *c, const struct call_param *p, unsigned type)
{
	put_int(c, type, map_open_flags(arg(c, p->a)) | opened_flags(c, p->b));
}

void how_open_mode(struct call *c, const struct call_param *p, unsigned type)
{
	put_int(c, type, map_open_mode(arg(c, p->a), arg(c, p->b)));
}

void how_creat_mode(struct call *c, const struct call_param *p, unsigned type)
{
	put_int(c, type, arg(c, p->a) & 07777);
}

void how_creat_layer(struct call *c, const struct call_param *p, unsigned type)
{
	struct eyas_fd_file f;

	put_int(c, type, piece_copy(c, p->a, &f, sizeof(f)) && f.layer <= LAYER_LOWER ? f.layer : 0);
}

/* struct open_how: flags, mode, resolve, 64 bits each. */
void how_how_flags(struct call *c, const struct call_param *p, unsigned type)
{
	const uint8_t *b = piece_bytes(c, p->a, 8);

	if (b)
		put_int(c, type, map_open_flags(get_le64(b)) | opened_flags(c, p->b));
	else
		put_none(c);
}

void how_how_mode(struct call *c, const struct call_param *p, unsigned type)
{
	const uint8_t *b = piece_bytes(c, p->a, 16);

	if (b)
		put_int(c, type, map_open_mode(get_le64(b), get_le64(b + 8)));
	else
		put_none(c);
}

/* struct pollfd: int fd, short events, short revents. The count of the list is 16 bits wide. */
void how_pollfds(struct call *c, const struct call_param *p, unsigned type)
{
	const struct piece *f = &c->pieces[p->a];
	uint32_t n = f->have ? f->n / 8 : 0;
	uint8_t *to;

	(void)type;
	if (n > (ENCODE_PARAM_MAX - 2) / 10)
		n = (ENCODE_PARAM_MAX - 2) / 10;
	to = f->have ? made_room(c, 2 + (size_t)n * 10) : NULL;
	if (!to) {
		put_none(c);
		return;
	}
	put_le16(to, (uint16_t)n);
	for (uint32_t i = 0; i < n; i++) {
		const uint8_t *b = f->p + (size_t)i * 8;

		put_le64(to + 2 + (size_t)i * 10, (uint64_t)(int32_t)get_le32(b));
		/* what happened, at exit; a call that failed tells only what was asked for */
		put_le16(to + 10 + (size_t)i * 10,
			 map_poll_flags(get_le16(b + (c->r->ret >= 0 ? 6 : 4))));
	}
	made_put(c, 2 + (size_t)n * 10);
}

void how_timespec(struct call *c, const struct call_param *p, unsigned type)
{
	const uint8_t *b = piece_bytes(c, p->a, 16);

	if (b)
		put_int(c, type, get_le64(b) * UINT64_C(1000000000) + get_le64(b + 8));
	else if (c->pieces[p->a].null)
		put_int(c, type, UINT64_MAX);
	else
		put_none(c);
}

void how_vm(struct call *c, const struct call_param *p, unsigned type)
{
	struct eyas_mm m;

	if (!piece_copy(c, p->b, &m, sizeof(m)))
		put_none(c);
	else
		put_int(c, type, p->a == 0 ? m.vmsize_kb : p->a == 1 ? m.vmrss_kb : m.vmswap_kb);
}

void how_semctl_val(struct call *c, const struct call_param *p, unsigned type)
{
	(void)p;
	if ((arg(c, 2) & ~UINT64_C(0x100)) == SETVAL)
		put_int(c, type, arg(c, 3));
	else
		put_none(c);
}

/* struct __user_cap_data: effective, permitted, inheritable, once or (from version 2 on) twice for 64 bits. */
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
	put_dyn_int(c, 0, arg(c, 2), 8);
}

void how_ptrace_data(struct call *c, const struct call_param *p, unsigned type)
{
	enum { PEEKTEXT = 1, PEEKDATA = 2, PEEKUSR = 3, CONT = 7, STEP = 9, DETACH = 17, SYSCALL = 24 };
	const uint8_t *b;

	(void)type;
	switch (arg(c, 0)) {
	case PEEKTEXT:
	case PEEKDATA:
	case PEEKUSR:
		/* the system call, unlike the library's function, puts the word where data points to */
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
		put_dyn_int(c, 1, arg(c, 3), 1);
		break;
	default:
		put_dyn_int(c, 0, arg(c, 3), 8);
	}
}

void how_prctl_str(struct call *c, const struct call_param *p, unsigned type)
{
	if (arg(c, 0) == PR_SET_NAME || arg(c, 0) == PR_GET_NAME)
		how_str(c, p, type);
	else
		put_none(c);
}

void how_prctl_int(struct call *c, const struct call_param *p, unsigned type)
{
	switch (arg(c, 0)) {
	case PR_SET_NAME:
	case PR_GET_NAME:
		put_none(c);
		break;
	case PR_GET_CHILD_SUBREAPER:
		how_mem32(c, p, type);
		break;
	default:
		put_int(c, type, arg(c, 1));
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

void how_keyctl(struct call *c, const struct call_param *p, unsigned type)
{
	const uint8_t *b = piece_bytes(c, p->b, 1);
	size_t n;
	uint8_t *to;

	(void)type;
	if (!keyctl_string(arg(c, 0), p->a)) {
		put_dyn_int(c, 0, arg(c, p->a), 8);
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
	if ((uint32_t)arg(c, 1) == FSCONFIG_BINARY)
		how_bytes(c, p, type);
	else
		put_none(c);
}

void how_fsconfig_str(struct call *c, const struct call_param *p, unsigned type)
{
	uint32_t cmd = (uint32_t)arg(c, 1);

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
	return (uint32_t)arg(c, 0) >> 8;
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
		put_int(c, type, quota_fmt((uint32_t)arg(c, 2)));
	else
		put_none(c);
}

void how_sc(struct call *c, const struct call_param *p, unsigned type)
{
	(void)p;
	put_int(c, type, call_syscall(c->nr)->sc);
}

void how_nr(struct call *c, const struct call_param *p, unsigned type)
{
	(void)p;
	put_int(c, type, c->r->nr);
}
