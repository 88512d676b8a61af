/*
 * How parameters are made that many calls have; those of sockets, of processes and of single calls
 * are in encode_sock.c, encode_task.c and encode_special.c.
 */
#include <string.h>

#include "capture/encode_call.h"

/* f_mode of a file that this open made; FMODE_CREATED, since 4.19. */
#define FMODE_CREATED (1U << 20)

enum { LAYER_UPPER = 1, LAYER_LOWER = 2 };

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
	uint64_t v = call_arg(c, p->a);

	put_int(c, type, type_of_ints(type) ? (uint64_t)(int32_t)v : v);
}

void how_arg32(struct call *c, const struct call_param *p, unsigned type)
{
	put_int(c, type, (uint32_t)call_arg(c, p->a));
}

void how_pos(struct call *c, const struct call_param *p, unsigned type)
{
	uint64_t v = call_arg(c, p->a);

	if (c->r->flags & EYAS_RF_COMPAT) {
		/* two words, the lower first; _llseek() has them the other way round */
		uint64_t w = (uint32_t)call_arg(c, p->a + 1U);

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
	put_int(c, type, map_value(p->a, call_arg(c, p->b)));
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
		put_int(c, type,
			map_value(p->a, size == 2 ? get_le16(b + p->c) : get_le32(b + p->c)));
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

/* O_F_CREATED, FD_UPPER_LAYER, FD_LOWER_LAYER: what the kernel knows of the file that was opened.
 */
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
	put_int(c, type, map_open_flags(call_arg(c, p->a)) | opened_flags(c, p->b));
}

void how_open_mode(struct call *c, const struct call_param *p, unsigned type)
{
	put_int(c, type, map_open_mode(call_arg(c, p->a), call_arg(c, p->b)));
}

void how_creat_mode(struct call *c, const struct call_param *p, unsigned type)
{
	put_int(c, type, call_arg(c, p->a) & 07777);
}

void how_creat_layer(struct call *c, const struct call_param *p, unsigned type)
{
	struct eyas_fd_file f;

	put_int(c, type,
		piece_copy(c, p->a, &f, sizeof(f)) && f.layer <= LAYER_LOWER ? f.layer : 0);
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

void how_sc(struct call *c, const struct call_param *p, unsigned type)
{
	(void)p;
	put_int(c, type, c->sc);
}

void how_nr(struct call *c, const struct call_param *p, unsigned type)
{
	unsigned nr = c->r->nr;

	(void)p;
	/* an unknown number of the 32-bit table must not be taken for one of the other */
	if (c->r->flags & EYAS_RF_COMPAT && !c->sc)
		nr |= 0x8000;
	put_int(c, type, nr);
}
