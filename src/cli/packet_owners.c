#include "cli/packet_owners.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "base/cursor.h"
#include "base/hashmap.h"
#include "base/vec.h"
#include "base/xalloc.h"
#include "state/fd_table.h"
#include "state/state.h"
#include "trace/layout.h"
#include "trace/packet.h"
#include "trace/pcapng_writer.h"

#define HOLD_NS    UINT64_C(1000000000)
#define HOLD_BYTES ((size_t)16 << 20)
#define MAX_OWNERS 262144
#define KEY_SIZE   (1 + 2 * (1 + 16 + 2))

/* Address families as they are recorded. */
enum { FAMILY_IPV4 = 2, FAMILY_IPV6 = 10 };

enum side { CLIENT, SERVER, N_SIDES };

/* Of a datagram socket that is bound to no address, its own end is known by the port alone. */
struct owner {
	uint8_t key[KEY_SIZE];
	int64_t pid[N_SIDES]; /* -1: not known */
	char comm[N_SIDES][16];
};

struct held {
	uint64_t ts;
	uint16_t linktype;
	uint32_t original;
	size_t iface_n, n;
	char *bytes; /* the interface's name, the packet */
};

struct packet_owners {
	struct sink *out;
	struct state *st;
	struct layout *layout;
	struct strmap owners;
	uint64_t not_remembered;
	VEC(struct held) held; /* from `first` on */
	size_t first, held_bytes;
};

struct packet_owners *packet_owners_new(struct sink *out)
{
	struct packet_owners *o = xcalloc(1, sizeof(*o));
	struct state_options so;

	state_options_default(&so);
	o->out = out;
	o->st = state_new(&so);
	o->layout = layout_new();
	return o;
}

void packet_owners_free(struct packet_owners *o)
{
	for (size_t i = o->first; i < o->held.n; i++)
		free(o->held.v[i].bytes);
	vec_free(&o->held);
	for (size_t i = 0; i < o->owners.n; i++)
		free(o->owners.entries[i].value);
	strmap_free(&o->owners);
	layout_free(o->layout);
	state_free(o->st);
	free(o);
}

static void end_key(uint8_t *p, const struct ipaddr *a, uint16_t port)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff }, any[16];

	if (memcmp(a->b, any, a->n) == 0) {
		p[0] = 0;
	} else if (a->n == 16 && memcmp(a->b, mapped, sizeof(mapped)) == 0) {
		p[0] = 4;
		memcpy(p + 1, a->b + 12, 4);
	} else {
		p[0] = a->n;
		memcpy(p + 1, a->b, a->n);
	}
	put_le16(p + 17, port);
}

/* The same for both directions. */
static void make_key(const struct packet_tuple *t, uint8_t key[static KEY_SIZE])
{
	uint8_t a[19] = { 0 }, b[19] = { 0 };
	bool swap;

	end_key(a, &t->src, t->sport);
	end_key(b, &t->dst, t->dport);
	swap = memcmp(a, b, sizeof(a)) > 0;
	key[0] = t->proto;
	memcpy(key + 1, swap ? b : a, sizeof(a));
	memcpy(key + 1 + sizeof(a), swap ? a : b, sizeof(a));
}

/* The entry of a tuple, made if there is none; NULL when there are too many. */
static struct owner *owner_of(struct packet_owners *o, const struct packet_tuple *tuple)
{
	uint8_t key[KEY_SIZE];
	struct owner *w;

	make_key(tuple, key);
	w = strmap_get(&o->owners, str_mem(key, sizeof(key)));
	if (w)
		return w;
	if (o->owners.n >= MAX_OWNERS) {
		o->not_remembered++;
		return NULL;
	}
	w = xcalloc(1, sizeof(*w));
	memcpy(w->key, key, sizeof(key));
	w->pid[CLIENT] = w->pid[SERVER] = -1;
	strmap_put(&o->owners, str_mem(w->key, sizeof(w->key)), w);
	return w;
}

static void set_owner(struct owner *w, enum side side, const struct thread *t)
{
	size_t n;

	n = t->comm->n < sizeof(w->comm[side]) ? t->comm->n : sizeof(w->comm[side]) - 1;
	w->pid[side] = t->pid;
	memcpy(w->comm[side], t->comm->s, n);
	w->comm[side][n] = '\0';
}

/* A connection. */
static void note(struct packet_owners *o, const struct thread *t, const struct fd_entry *f)
{
	struct packet_tuple tuple = { f->l4proto == L4_UDP ? IPPROTO_UDP : IPPROTO_TCP, f->sip,
				      f->dip, f->sport, f->dport };
	struct owner *w;

	if ((f->type != FD_IPV4_SOCK && f->type != FD_IPV6_SOCK) || !f->sip.n || !f->dip.n ||
	    (f->l4proto != L4_UDP && f->l4proto != L4_TCP))
		return;
	w = owner_of(o, &tuple);
	if (w)
		set_owner(w, f->role == FD_ROLE_SERVER ? SERVER : CLIENT, t);
}

/* The ends of a PT_SOCKTUPLE of the internet's families, the sender's first. */
static bool read_tuple(struct str bytes, struct packet_tuple *ret)
{
	struct cursor c = cursor_of(bytes.p, bytes.n);
	uint8_t family = cursor_u8(&c), n = family == FAMILY_IPV4 ? 4 : 16;
	struct str src, dst;

	if (family != FAMILY_IPV4 && family != FAMILY_IPV6)
		return false;
	src = cursor_bytes(&c, n);
	ret->sport = cursor_u16(&c);
	dst = cursor_bytes(&c, n);
	ret->dport = cursor_u16(&c);
	if (c.bad)
		return false;
	ret->proto = IPPROTO_UDP;
	ret->src = ret->dst = (struct ipaddr){ .n = n };
	memcpy(ret->src.b, src.p, n);
	memcpy(ret->dst.b, dst.p, n);
	return true;
}

/*
 * A datagram that was sent or received. Its event has both ends, which those of the socket are not:
 * that serves many. Who begins, as far as the trace shows it, is the client.
 */
static void note_datagram(struct packet_owners *o, const struct event_ctx *ctx)
{
	const struct event_info *info = ctx->ev->info;
	bool incoming = info->flags & EF_READS_FROM_FD;
	struct packet_tuple tuple;
	struct owner *w;
	enum side side;

	for (unsigned i = 0; i < info->n_params; i++) {
		if (info->params[i].type != PT_SOCKTUPLE || ctx->res < 0 ||
		    !read_tuple(event_param_bytes(ctx->ev, i), &tuple))
			continue;
		w = owner_of(o, &tuple);
		if (!w)
			return;
		side = w->pid[SERVER] == ctx->thread->pid   ? SERVER
		       : w->pid[CLIENT] == ctx->thread->pid ? CLIENT
		       : incoming                           ? SERVER
							    : CLIENT;
		set_owner(w, side, ctx->thread);
		return;
	}
}

/* The socket that an event is about. */
static void note_event(struct packet_owners *o, const struct event_ctx *ctx)
{
	if (!ctx->thread || !ctx->fd || !fd_is_ip(ctx->fd))
		return;
	if (ctx->fd->l4proto != L4_UDP || ctx->ev->type == EVT_SOCKET_CONNECT_X)
		note(o, ctx->thread, ctx->fd);
	else
		note_datagram(o, ctx);
}

/* The sockets that were open when recording began. */
static void note_snapshot(struct packet_owners *o)
{
	size_t n;
	struct thread **threads = state_threads_sorted(o->st, &n);

	for (size_t i = 0; i < n; i++) {
		const struct fd_table *fds = thread_fds(o->st, threads[i]);
		const struct fd_entry *f;
		size_t pos = 0;

		if (threads[i]->tid != threads[i]->pid || !fds)
			continue;
		while ((f = fd_table_next(fds, &pos)))
			note(o, threads[i], f);
	}
	free(threads);
}

/* What is known of a packet's ends, by both and, for datagrams, by either and the other's port. */
static void find_owners(struct packet_owners *o, const struct packet_tuple *t,
			const struct owner *ret[N_SIDES])
{
	static const struct ipaddr any;
	const struct packet_tuple tried[] = {
		*t,
		{ t->proto, t->src, any, t->sport, t->dport },
		{ t->proto, any, t->dst, t->sport, t->dport },
	};

	for (unsigned i = 0; i < (t->proto == IPPROTO_UDP ? 3 : 1); i++) {
		const struct owner *w;
		uint8_t key[KEY_SIZE];

		make_key(&tried[i], key);
		w = strmap_get(&o->owners, str_mem(key, sizeof(key)));
		for (int side = CLIENT; w && side < N_SIDES; side++)
			if (!ret[side] && w->pid[side] >= 0)
				ret[side] = w;
	}
}

static int write_first(struct packet_owners *o)
{
	static const char *const names[N_SIDES] = { "client", "server" };
	struct held *h = &o->held.v[o->first++];
	struct packet p = { h->linktype, h->original, str_mem(h->bytes, h->iface_n),
			    str_mem(h->bytes + h->iface_n, h->n) };
	struct strbuf text[N_SIDES] = { STRBUF_INIT, STRBUF_INIT };
	struct str comments[N_SIDES];
	const struct owner *w[N_SIDES] = { NULL, NULL };
	struct packet_tuple tuple;
	unsigned n = 0;
	int r;

	if (packet_tuple(&p, &tuple))
		find_owners(o, &tuple, w);
	for (int side = CLIENT; side < N_SIDES; side++) {
		if (!w[side])
			continue;
		strbuf_addf(&text[side], "%s: %s (%" PRId64 ")", names[side], w[side]->comm[side],
			    w[side]->pid[side]);
		comments[n++] = strbuf_str(&text[side]);
	}
	r = pcapng_writer_put(o->out, h->ts, &p, comments, n);
	strbuf_release(&text[CLIENT]);
	strbuf_release(&text[SERVER]);
	o->held_bytes -= sizeof(*h) + h->iface_n + h->n;
	free(h->bytes);
	if (o->first == o->held.n)
		o->first = o->held.n = 0;
	return r;
}

int packet_owners_flush(struct packet_owners *o)
{
	int r = 0;

	while (!r && o->first < o->held.n)
		r = write_first(o);
	if (o->not_remembered)
		diag_add(o->out->diag, DIAG_WARNING, "PACKET_OWNERS",
			 "%" PRIu64
			 " calls belong to connections beyond the first %d, whose packets "
			 "have no process's name",
			 o->not_remembered, MAX_OWNERS);
	o->not_remembered = 0;
	return r;
}

static int hold(struct packet_owners *o, uint64_t ts, const struct packet *p)
{
	struct held h = { ts, p->linktype, p->original, p->iface.n, p->bytes.n, NULL };
	int r = 0;

	if (o->first > 4096 && o->first > o->held.n / 2) {
		o->held.n -= o->first;
		memmove(o->held.v, o->held.v + o->first, o->held.n * sizeof(h));
		o->first = 0;
	}
	h.bytes = xmalloc(h.iface_n + h.n + 1);
	memcpy(h.bytes, p->iface.p, h.iface_n);
	memcpy(h.bytes + h.iface_n, p->bytes.p, h.n);
	vec_push(&o->held, h);
	o->held_bytes += sizeof(h) + h.iface_n + h.n;
	while (!r && o->held_bytes > HOLD_BYTES)
		r = write_first(o);
	return r;
}

static int put_event(struct packet_owners *o, const struct record *rec)
{
	struct event_ctx ctx;
	struct packet p;
	struct event ev;
	uint64_t now = rec->event.ts;
	int r = 0;

	while (!r && o->first < o->held.n && now > o->held.v[o->first].ts + HOLD_NS)
		r = write_first(o);
	if (r)
		return r;
	if (packet_is(&rec->event)) /* the sink counts those that cannot be read */
		return packet_read(&rec->event, &p) ? hold(o, now, &p)
						    : o->out->ops->put(o->out, rec);
	if (layout_convert(o->layout, &rec->event, &ev) == LAYOUT_DROP)
		return 0;
	state_begin(o->st, &ev, &ctx);
	note_event(o, &ctx);
	state_end(o->st, &ctx);
	return 0;
}

int packet_owners_put(struct packet_owners *o, const struct record *rec)
{
	switch (rec->kind) {
	case RECORD_SNAPSHOT:
		layout_reset(o->layout);
		state_load(o->st, rec->snapshot);
		note_snapshot(o);
		return 0;
	case RECORD_EVENT:
		return put_event(o, rec);
	case RECORD_LOSS:
	case RECORD_NOTE:
		break;
	}
	return 0;
}
