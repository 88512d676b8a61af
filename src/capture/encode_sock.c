/*
 * Addresses and pairs of addresses. In a PT_SOCKADDR or PT_SOCKTUPLE, the family comes first (one
 * byte), addresses are in network order and ports little-endian; a UNIX address is a path with its
 * NUL, without the NUL an abstract one begins with.
 */
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include "capture/encode_call.h"

struct endpoint {
	uint8_t addr[16];
	uint16_t port;
};

/* Address and port of a struct sockaddr_in or sockaddr_in6; false when it is of another family or
 * too short. */
static bool user_endpoint(const uint8_t *sa, size_t n, unsigned family, struct endpoint *ret)
{
	if (!sa || n < 2 || get_le16(sa) != family || n < (family == AF_INET ? 8U : 24U))
		return false;
	memset(ret, 0, sizeof(*ret));
	ret->port = (uint16_t)(sa[2] << 8 | sa[3]);
	if (family == AF_INET)
		memcpy(ret->addr, sa + 4, 4);
	else
		memcpy(ret->addr, sa + 8, 16);
	return true;
}

/* A path of at most n bytes, which need not have a NUL, to `to`, with one; returns bytes written
 * (at most 109). */
static size_t put_unix_path(uint8_t *to, const void *path, size_t n)
{
	const char *p = path;

	if (n > 108)
		n = 108;
	if (n && !p[0]) {
		p++;
		n--;
	}
	n = strnlen(p, n);
	memcpy(to, p, n);
	to[n] = 0;
	return n + 1;
}

/* Bytes of the address in fetch f: a sockaddr, or the name of a msghdr. NULL when there is none. */
static const uint8_t *user_address(const struct call *c, unsigned fetch, size_t *ret_n)
{
	const struct piece *f;
	struct eyas_msg m;

	*ret_n = 0;
	if (fetch >= EYAS_MAX_FETCHES || !c->pieces[fetch].have)
		return NULL;
	f = &c->pieces[fetch];
	if (f->kind != EYAS_FETCH_MSGHDR) {
		*ret_n = f->n;
		return f->n ? f->p : NULL;
	}
	if (!piece_copy(c, fetch, &m, sizeof(m)) || !m.name_len || m.name_len > f->n - sizeof(m))
		return NULL;
	*ret_n = m.name_len;
	return f->p + sizeof(m);
}

void how_addr(struct call *c, const struct call_param *p, unsigned type)
{
	uint8_t b[2 + 109];
	struct endpoint e;
	size_t n, out = 1;
	const uint8_t *sa = user_address(c, p->a, &n);
	unsigned family = sa && n >= 2 ? get_le16(sa) : 0;
	uint8_t *to;

	(void)type;
	if (!sa || n < 2) {
		put_none(c);
		return;
	}
	b[0] = (uint8_t)family;
	if (family == AF_INET || family == AF_INET6) {
		size_t size = family == AF_INET ? 4 : 16;

		if (!user_endpoint(sa, n, family, &e)) {
			put_none(c);
			return;
		}
		memcpy(b + 1, e.addr, size);
		put_le16(b + 1 + size, e.port);
		out = 3 + size;
	} else if (family == AF_UNIX) {
		out = 1 + put_unix_path(b + 1, sa + 2, n - 2);
	}
	to = made_room(c, out);
	if (!to) {
		put_none(c);
		return;
	}
	memcpy(to, b, out);
	made_put(c, out);
}

/* INET: source, then destination. */
static void put_inet_tuple(struct call *c, const struct eyas_fd_sock *s, const uint8_t *sa,
			   size_t sa_n, bool out)
{
	size_t size = s->family == AF_INET ? 4 : 16;
	struct endpoint local = { .port = s->sport }, remote = { .port = s->dport };
	const struct endpoint *first = out ? &local : &remote, *second = out ? &remote : &local;
	uint8_t *to = made_room(c, 5 + 2 * size);

	memcpy(local.addr, s->saddr, size);
	memcpy(remote.addr, s->daddr, size);
	/* a socket that is not connected knows no peer: it is in the call */
	if (!remote.port)
		(void)user_endpoint(sa, sa_n, s->family, &remote);
	if (!to) {
		put_none(c);
		return;
	}
	to[0] = (uint8_t)s->family;
	memcpy(to + 1, first->addr, size);
	put_le16(to + 1 + size, first->port);
	memcpy(to + 3 + size, second->addr, size);
	put_le16(to + 3 + 2 * size, second->port);
	made_put(c, 5 + 2 * size);
}

/*
 * UNIX: the kernel's addresses of the two sockets, the receiving one first, and its path (so
 * upstream's drivers have it, whichever way the data goes).
 */
static void put_unix_tuple(struct call *c, const struct eyas_fd_sock *s, const uint8_t *sa,
			   size_t sa_n, bool out)
{
	uint8_t *to = made_room(c, 17 + 109);
	const void *path = out ? s->peer_path : s->path;
	size_t n = out ? s->peer_path_len : s->path_len;

	if (!to) {
		put_none(c);
		return;
	}
	if (out && !n && sa && sa_n > 2 && get_le16(sa) == AF_UNIX) {
		path = sa + 2;
		n = sa_n - 2;
	}
	to[0] = AF_UNIX;
	put_le64(to + 1, out ? s->peer : s->sk);
	put_le64(to + 9, out ? s->sk : s->peer);
	n = put_unix_path(to + 17, path, n);
	made_put(c, 17 + n);
}

static void put_tuple(struct call *c, unsigned sock, unsigned address, bool out)
{
	struct eyas_fd_sock s;
	size_t n;
	const uint8_t *sa = user_address(c, address, &n);

	if (!piece_copy(c, sock, &s, sizeof(s))) {
		put_none(c);
		return;
	}
	switch (s.family) {
	case AF_INET:
	case AF_INET6:
		put_inet_tuple(c, &s, sa, n, out);
		break;
	case AF_UNIX:
		put_unix_tuple(c, &s, sa, n, out);
		break;
	default:
		put_none(c);
	}
}

void how_tuple_connect(struct call *c, const struct call_param *p, unsigned type)
{
	(void)type;
	/* a socket that failed to connect has no pair of addresses */
	if (c->r->ret == 0 || c->r->ret == -115 /* EINPROGRESS */)
		put_tuple(c, p->a, p->b, true);
	else
		put_none(c);
}

void how_tuple_out(struct call *c, const struct call_param *p, unsigned type)
{
	(void)type;
	put_tuple(c, p->a, p->b, true);
}

void how_tuple_in(struct call *c, const struct call_param *p, unsigned type)
{
	(void)type;
	put_tuple(c, p->a, p->b, false);
}

/* What is in the queue of a listening socket; nothing when the call failed. */
void how_queue_pct(struct call *c, const struct call_param *p, unsigned type)
{
	struct eyas_fd_sock s;

	if (piece_copy(c, p->a, &s, sizeof(s)))
		put_int(c, type, s.max_backlog ? (uint64_t)s.backlog * 100 / s.max_backlog : 0);
	else
		put_none(c);
}

void how_queue_len(struct call *c, const struct call_param *p, unsigned type)
{
	struct eyas_fd_sock s;

	if (piece_copy(c, p->a, &s, sizeof(s)))
		put_int(c, type, s.backlog);
	else
		put_none(c);
}

void how_queue_max(struct call *c, const struct call_param *p, unsigned type)
{
	struct eyas_fd_sock s;

	if (piece_copy(c, p->a, &s, sizeof(s)))
		put_int(c, type, s.max_backlog);
	else
		put_none(c);
}

void how_sock_ptr(struct call *c, const struct call_param *p, unsigned type)
{
	struct eyas_fd_sock s;

	if (piece_copy(c, p->a, &s, sizeof(s)))
		put_int(c, type, s.sk);
	else
		put_none(c);
}

void how_sock_peer(struct call *c, const struct call_param *p, unsigned type)
{
	struct eyas_fd_sock s;

	if (piece_copy(c, p->a, &s, sizeof(s)))
		put_int(c, type, s.peer);
	else
		put_none(c);
}

/* Parts of a struct eyas_msg's piece: data of the first message, cut at its msg_len; control
 * messages. */
void how_msg_data(struct call *c, const struct call_param *p, unsigned type)
{
	struct str d = piece_data(c, p->a);
	const uint8_t *m = piece_bytes(c, p->b, 60); /* struct mmsghdr: msg_len is at 56 */

	(void)type;
	if (m && d.n > get_le32(m + 56))
		d.n = get_le32(m + 56);
	put_borrowed(c, d.p, d.n);
}

void how_msg_control(struct call *c, const struct call_param *p, unsigned type)
{
	struct eyas_msg m;
	size_t off;

	(void)type;
	if (!piece_copy(c, p->a, &m, sizeof(m))) {
		put_none(c);
		return;
	}
	off = sizeof(m) + (((size_t)m.name_len + 7) & ~(size_t)7);
	if (off <= c->pieces[p->a].n && m.control_len <= c->pieces[p->a].n - off)
		put_borrowed(c, c->pieces[p->a].p + off, m.control_len);
	else
		put_none(c);
}

/*
 * Options of SOL_SOCKET by the kernel's number: the capture's number and how the value is recorded
 * (variants of sockopt_dynamic_param).
 */
enum { VAL_BYTES, VAL_ERRNO, VAL_U32, VAL_U64, VAL_TIME };

struct sockopt {
	uint8_t number, val;
};

static const struct sockopt sockopts[] = {
	[1] = { 1, VAL_U32 },     [2] = { 2, VAL_U32 },     [3] = { 3, VAL_U32 },
	[4] = { 4, VAL_ERRNO },   [5] = { 5, VAL_U32 },     [6] = { 6, VAL_U32 },
	[7] = { 7, VAL_U32 },     [8] = { 8, VAL_U32 },     [9] = { 9, VAL_U32 },
	[10] = { 10, VAL_U32 },   [11] = { 11, VAL_U32 },   [12] = { 12, VAL_U32 },
	[13] = { 13, VAL_BYTES }, [14] = { 14, VAL_U32 },   [15] = { 15, VAL_U32 },
	[16] = { 16, VAL_U32 },   [17] = { 17, VAL_BYTES }, [18] = { 18, VAL_U32 },
	[19] = { 19, VAL_U32 },   [20] = { 20, VAL_TIME },  [21] = { 21, VAL_TIME },
	[22] = { 22, VAL_U32 },   [23] = { 23, VAL_U32 },   [24] = { 24, VAL_U32 },
	[25] = { 25, VAL_BYTES }, [26] = { 26, VAL_BYTES }, [27] = { 27, VAL_BYTES },
	[28] = { 28, VAL_BYTES }, [29] = { 29, VAL_U32 },   [30] = { 30, VAL_U32 },
	[31] = { 31, VAL_BYTES }, [32] = { 32, VAL_U32 },   [33] = { 33, VAL_U32 },
	[34] = { 34, VAL_U32 },   [35] = { 35, VAL_U32 },   [36] = { 36, VAL_U32 },
	[37] = { 37, VAL_U32 },   [38] = { 38, VAL_U32 },   [39] = { 39, VAL_U32 },
	[40] = { 40, VAL_U32 },   [41] = { 41, VAL_U32 },   [42] = { 42, VAL_U32 },
	[43] = { 43, VAL_U32 },   [44] = { 44, VAL_U32 },   [45] = { 45, VAL_U32 },
	[46] = { 46, VAL_U32 },   [47] = { 47, VAL_U32 },   [48] = { 48, VAL_U32 },
	[49] = { 49, VAL_U32 },   [50] = { 50, VAL_BYTES }, [55] = { 52, VAL_BYTES },
	[57] = { 53, VAL_U64 },   [59] = { 51, VAL_BYTES }, [66] = { 20, VAL_TIME },
	[67] = { 21, VAL_TIME },
};

static struct sockopt sockopt_of(const struct call *c, const struct call_param *p)
{
	uint32_t level = (uint32_t)call_arg(c, p->a), option = (uint32_t)call_arg(c, p->b);

	if (level != SOL_SOCKET || option >= sizeof(sockopts) / sizeof(sockopts[0]))
		return (struct sockopt){ 0, VAL_BYTES };
	return sockopts[option];
}

void how_sockopt_name(struct call *c, const struct call_param *p, unsigned type)
{
	put_int(c, type, sockopt_of(c, p).number);
}

void how_sockopt_val(struct call *c, const struct call_param *p, unsigned type)
{
	const struct piece *f = &c->pieces[p->c];
	uint8_t val = sockopt_of(c, p).val;
	uint8_t *to;
	size_t n = 8;

	(void)type;
	if (!f->have || !f->n) {
		put_none(c);
		return;
	}
	/* a value shorter than it should be is shown as the bytes it is */
	if (f->n < (val == VAL_TIME ? 16U : val == VAL_U64 ? 8U : 4U))
		val = VAL_BYTES;
	to = made_room(c, 1 + (size_t)(val == VAL_BYTES ? f->n : 8));
	if (!to) {
		put_none(c);
		return;
	}
	to[0] = val;
	switch (val) {
	case VAL_ERRNO:
		put_le64(to + 1, (uint64_t)(-(int64_t)(int32_t)get_le32(f->p)));
		break;
	case VAL_U32:
		put_le32(to + 1, get_le32(f->p));
		n = 4;
		break;
	case VAL_U64:
		put_le64(to + 1, get_le64(f->p));
		break;
	case VAL_TIME: /* struct timeval */
		put_le64(to + 1, get_le64(f->p) * UINT64_C(1000000000) + get_le64(f->p + 8) * 1000);
		break;
	default:
		memcpy(to + 1, f->p, f->n);
		n = f->n;
	}
	made_put(c, 1 + n);
}
