#include "cli/export_packets.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "base/hashmap.h"
#include "base/xalloc.h"
#include "state/fd_table.h"
#include "trace/packet.h"

#define LINKTYPE_RAW 101 /* begins with the IP header */
#define WINDOW       65535
/* What fits in one packet behind the largest headers. */
#define MAX_SEGMENT 65000
#define MAX_FLOWS   32768 /* in a generation */

enum { TCP_SYN = 2, TCP_PSH = 8, TCP_ACK = 16 };
enum { IPV4_HEADER = 20, IPV6_HEADER = 40, TCP_HEADER = 20, UDP_HEADER = 8 };

/* From the client (0) to the server (1), or back. */
struct flow {
	struct ipaddr ip[2];
	uint16_t port[2];
	bool tcp;
	int local;        /* the end whose calls are written */
	uint32_t next[2]; /* sequence number of the next byte of each end */
	uint32_t acked[2];
	uint16_t ids[2]; /* IPv4 identification */
};

/* Connections, by both ends' addresses and ports. */
struct generation {
	struct strmap flows;
	struct arena arena;
};

struct packet_export {
	struct sink *sink;
	/* Connections used lately, and those before them: when the first is full the others are
	 * forgotten, so that memory is bounded. One that speaks again begins with a handshake. */
	struct generation young, old;
	struct strbuf bytes, comment;
	struct arena arena;
	struct field_ref buffer, length, is_read, is_write;
	uint64_t packets;
};

struct packet_export *packet_export_begin(struct sink *k)
{
	struct packet_export *x = xcalloc(1, sizeof(*x));

	x->sink = k;
	x->buffer = field_named("evt.buffer", &x->arena);
	x->length = field_named("evt.buflen", &x->arena);
	x->is_read = field_named("evt.is_io_read", &x->arena);
	x->is_write = field_named("evt.is_io_write", &x->arena);
	return x;
}

/* ---- headers ---- */

/* The Internet checksum (RFC 1071) of n more bytes. */
static uint32_t sum16(uint32_t sum, const uint8_t *p, size_t n)
{
	for (; n > 1; p += 2, n -= 2)
		sum += (uint32_t)(p[0] << 8 | p[1]);
	if (n)
		sum += (uint32_t)p[0] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static void put_be16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void put_be32(uint8_t *p, uint32_t v)
{
	put_be16(p, v >> 16);
	put_be16(p + 2, v & 0xffff);
}

static size_t ip_header(struct flow *f, int from, uint8_t *p, size_t payload)
{
	uint8_t proto = f->tcp ? IPPROTO_TCP : IPPROTO_UDP;

	if (f->ip[from].n == 4) {
		memset(p, 0, IPV4_HEADER);
		p[0] = 0x45;
		put_be16(p + 2, (unsigned)(IPV4_HEADER + payload));
		put_be16(p + 4, f->ids[from]++);
		p[6] = 0x40; /* do not fragment */
		p[8] = 64;
		p[9] = proto;
		memcpy(p + 12, f->ip[from].b, 4);
		memcpy(p + 16, f->ip[!from].b, 4);
		put_be16(p + 10, ~sum16(0, p, IPV4_HEADER) & 0xffff);
		return IPV4_HEADER;
	}
	memset(p, 0, IPV6_HEADER);
	p[0] = 0x60;
	put_be16(p + 4, (unsigned)payload);
	p[6] = proto;
	p[7] = 64;
	memcpy(p + 8, f->ip[from].b, 16);
	memcpy(p + 24, f->ip[!from].b, 16);
	return IPV6_HEADER;
}

/* The sum of what TCP and UDP take from the IP header. */
static uint32_t pseudo_sum(const struct flow *f, size_t n)
{
	uint32_t sum = sum16(0, f->ip[0].b, f->ip[0].n);

	sum = sum16(sum, f->ip[1].b, f->ip[1].n);
	return sum + (f->tcp ? IPPROTO_TCP : IPPROTO_UDP) + (uint32_t)n;
}

/*
 * Writes one packet of `length` bytes, of which `data` was recorded. Without all of its bytes there
 * is no checksum, and nobody can miss it.
 */
static int put_packet(struct packet_export *x, struct flow *f, int from, unsigned flags,
		      struct str data, size_t length, uint64_t ts)
{
	size_t header = f->tcp ? TCP_HEADER : UDP_HEADER, at;
	struct str comment = strbuf_str(&x->comment);
	struct packet p = { .linktype = LINKTYPE_RAW, .iface = STR("sockets") };
	uint8_t *q, *sum_at;

	strbuf_reset(&x->bytes);
	q = (uint8_t *)strbuf_reserve(&x->bytes, IPV6_HEADER + TCP_HEADER + data.n);
	at = ip_header(f, from, q, header + length);
	memset(q + at, 0, header);
	put_be16(q + at, f->port[from]);
	put_be16(q + at + 2, f->port[!from]);
	if (f->tcp) {
		put_be32(q + at + 4, f->next[from]);
		put_be32(q + at + 8, flags & TCP_ACK ? f->next[!from] : 0);
		q[at + 12] = TCP_HEADER / 4 << 4;
		q[at + 13] = (uint8_t)flags;
		put_be16(q + at + 14, WINDOW);
		sum_at = q + at + 16;
		f->next[from] += (uint32_t)length + (flags & TCP_SYN ? 1 : 0);
		if (flags & TCP_ACK)
			f->acked[!from] = f->next[!from];
	} else {
		put_be16(q + at + 4, (unsigned)(UDP_HEADER + length));
		sum_at = q + at + 6;
	}
	if (data.n)
		memcpy(q + at + header, data.p, data.n);
	if (data.n == length) {
		unsigned sum = ~sum16(pseudo_sum(f, header + length), q + at, header + data.n);

		/* to UDP 0 means none */
		put_be16(sum_at, (sum & 0xffff) || f->tcp ? sum & 0xffff : 0xffff);
	}
	p.bytes = str_mem((const char *)q, at + header + data.n);
	p.original = (uint32_t)(at + header + length);
	x->packets++;
	return pcapng_writer_put(x->sink, ts, &p, &comment, comment.n > 0);
}

/* ---- flows ---- */

/* The end of a socket that is the process's: that of a server is the destination. */
static int local_end(const struct fd_entry *f)
{
	return f->role == FD_ROLE_SERVER;
}

enum { KEY_SIZE = 16 + 16 + 2 + 2 + 1 };

static void generation_free(struct generation *g)
{
	strmap_free(&g->flows);
	arena_destroy(&g->arena);
	*g = (struct generation){ .arena = ARENA_INIT };
}

static struct flow *add_flow(struct packet_export *x, const uint8_t *key, const struct flow *value)
{
	struct generation *g = &x->young;
	struct flow *flow;

	if (g->flows.n == MAX_FLOWS) {
		generation_free(&x->old);
		x->old = *g;
		*g = (struct generation){ .arena = ARENA_INIT };
	}
	flow = arena_alloc(&g->arena, sizeof(*flow));
	*flow = *value;
	strmap_put(&g->flows,
		   str_mem(arena_memdup(&g->arena, (const char *)key, KEY_SIZE), KEY_SIZE), flow);
	return flow;
}

static struct flow *flow_of(struct packet_export *x, const struct fd_entry *f, bool *ret_new)
{
	struct flow made = { .ip = { f->sip, f->dip }, .port = { f->sport, f->dport } };
	uint8_t key[KEY_SIZE] = { 0 };
	struct flow *flow;
	struct str k;

	memcpy(key, f->sip.b, f->sip.n);
	memcpy(key + 16, f->dip.b, f->dip.n);
	put_be16(key + 32, f->sport);
	put_be16(key + 34, f->dport);
	key[36] = f->l4proto;
	k = str_mem((const char *)key, KEY_SIZE);
	*ret_new = false;
	flow = strmap_get(&x->young.flows, k);
	if (flow)
		return flow;
	flow = strmap_get(&x->old.flows, k);
	if (flow)
		return add_flow(x, key, flow);
	*ret_new = true;
	made.tcp = f->l4proto == L4_TCP;
	made.local = local_end(f);
	return add_flow(x, key, &made);
}

/* Numbers to begin with: of the addresses, so that the same trace gives the same packets. */
static int handshake(struct packet_export *x, struct flow *f, uint64_t ts)
{
	const struct str none = STR("");
	int r;

	for (int i = 0; i < 2; i++)
		f->next[i] += 1000000 + (uint32_t)f->port[i] * 64;
	r = put_packet(x, f, 0, TCP_SYN, none, 0, ts);
	if (!r)
		r = put_packet(x, f, 1, TCP_SYN | TCP_ACK, none, 0, ts);
	if (!r)
		r = put_packet(x, f, 0, TCP_ACK, none, 0, ts);
	return r;
}

static int transfer(struct packet_export *x, struct flow *f, int from, struct str data,
		    uint64_t length, uint64_t ts)
{
	int r = 0;

	do {
		size_t n = length < MAX_SEGMENT ? (size_t)length : MAX_SEGMENT;
		struct str part = str_mem(data.p, data.n < n ? data.n : n);

		if (f->tcp && (uint32_t)(f->next[from] - f->acked[from]) + n > WINDOW)
			r = put_packet(x, f, !from, TCP_ACK, STR(""), 0, ts);
		if (!r)
			r = put_packet(x, f, from, TCP_ACK | TCP_PSH, part, n, ts);
		data = str_from(data, part.n);
		length -= n;
	} while (!r && length);
	return r;
}

static bool is_true(const struct field_ref *ref, const struct field_env *env)
{
	struct values vals = { .arena = env->arena };

	return field_extract(ref, env, &vals) && vals.n && vals.v[0].u;
}

static void set_comment(struct packet_export *x, const struct event_ctx *ctx, const struct flow *f)
{
	strbuf_reset(&x->comment);
	if (!ctx->thread || thread_invalid(ctx->thread))
		return;
	strbuf_addf(&x->comment, "%s: %.*s (%lld)", f->local ? "server" : "client",
		    STR_FMT(istr_str(ctx->thread->comm)), (long long)ctx->thread->pid);
}

int packet_export_event(struct packet_export *x, const struct field_env *env)
{
	const struct fd_entry *fd = env->ctx->fd;
	const struct event *ev = env->ctx->ev;
	struct values vals = { .arena = env->arena }, bytes = { .arena = env->arena };
	bool read, new, begins;
	struct str data = STR("");
	struct flow *f;
	int r = 0;

	if (!fd || (fd->type != FD_IPV4_SOCK && fd->type != FD_IPV6_SOCK) ||
	    (fd->l4proto != L4_TCP && fd->l4proto != L4_UDP) || fd->sip.n != fd->dip.n ||
	    !fd->sport || !fd->dport)
		return 0;
	if (env->ctx->has_res && env->ctx->res < 0)
		return 0;
	read = is_true(&x->is_read, env);
	begins = str_eqz(str_of(ev->info->name), "connect") ||
		 str_starts(str_of(ev->info->name), STR("accept"));
	if (!read && !begins && !is_true(&x->is_write, env))
		return 0;
	f = flow_of(x, fd, &new);
	if (f->local != local_end(fd))
		return 0; /* the other end's view of what is written already */
	set_comment(x, env->ctx, f);
	if (f->tcp && (new || begins))
		r = handshake(x, f, ev->ts);
	if (r || begins || !field_extract(&x->length, env, &vals) || !vals.n)
		return r;
	if (field_extract(&x->buffer, env, &bytes) && bytes.n)
		data = bytes.v[0].s;
	if (data.n > vals.v[0].u)
		data.n = (size_t)vals.v[0].u;
	if (!vals.v[0].u && f->tcp)
		return 0; /* the other end has closed */
	return transfer(x, f, read ? !f->local : f->local, data, vals.v[0].u, ev->ts);
}

uint64_t packet_export_end(struct packet_export *x)
{
	uint64_t n = x->packets;

	generation_free(&x->young);
	generation_free(&x->old);
	strbuf_release(&x->bytes);
	strbuf_release(&x->comment);
	arena_destroy(&x->arena);
	free(x);
	return n;
}
