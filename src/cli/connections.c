#include "cli/connections.h"

#include "cli/look_socket.h"
#include "event/event_io.h"
#include "event/event_text.h"

void connections_init(struct connections *c)
{
	*c = (struct connections){ .key = STRBUF_INIT, .local = STRBUF_INIT, .peer = STRBUF_INIT };
	arena_init(&c->arena);
}

void connections_free(struct connections *c)
{
	vec_free(&c->v);
	vec_free(&c->of_process);
	strmap_free(&c->known);
	strbuf_release(&c->key);
	strbuf_release(&c->local);
	strbuf_release(&c->peer);
	arena_destroy(&c->arena);
}

uint32_t connections_last(const struct connections *c, uint32_t process)
{
	return process < c->of_process.n ? c->of_process.v[process] : CONNECTIONS_NONE;
}

/* Behind the addresses of the ends in the name: "a->b /run/docker.sock". */
static struct str unix_path(const struct fd_entry *f)
{
	struct str name = istr_str(fd_name(f));

	for (size_t i = 0; i + 1 < name.n; i++)
		if (name.p[i] == ' ' && (name.p[i + 1] == '/' || name.p[i + 1] == '@'))
			return str_from(name, i + 1);
	return name.n && (name.p[0] == '/' || name.p[0] == '@') ? name : STR("");
}

/* Sets c->local and c->peer; the direction, or NULL: nothing is known of its ends. */
static const char *describe(struct connections *c, const struct fd_entry *f)
{
	bool listens = f->type == FD_IPV4_SERVSOCK || f->type == FD_IPV6_SERVSOCK;
	struct socket_ends ends;

	strbuf_reset(&c->local);
	strbuf_reset(&c->peer);
	if (f->type == FD_UNIX_SOCK) {
		strbuf_addstr(&c->peer, unix_path(f));
		if (!c->peer.n)
			return NULL;
	} else if (!socket_ends(f, &ends) || (!listens && !ends.has_peer)) {
		return NULL;
	} else {
		socket_end_text(&ends.local, ends.local_port, &c->local);
		if (ends.has_peer)
			socket_end_text(&ends.peer, ends.peer_port, &c->peer);
	}
	if (listens)
		return "listen";
	return f->role == FD_ROLE_CLIENT ? "out" : f->role == FD_ROLE_SERVER ? "in" : "";
}

static struct str keep(struct connections *c, const struct strbuf *text)
{
	return arena_str(&c->arena, strbuf_str(text));
}

/* An attempt of which nothing came: the descriptor has no ends, the call says where it should have
 * gone. */
static bool describe_attempt(struct connections *c, const struct event *ev)
{
	int i = event_param_index(ev->info, STR("addr"));

	strbuf_reset(&c->local);
	strbuf_reset(&c->peer);
	if (i >= 0)
		sock_addr_text(event_param_bytes(ev, (unsigned)i), &c->peer);
	return c->peer.n > 0;
}

/* The entry of the event's process with what c->local and c->peer say; NULL: there are too many. */
static struct connection *get(struct connections *c, uint32_t process, const struct event_ctx *ctx,
			      const char *direction)
{
	struct connection *k;
	uintptr_t at;

	strbuf_reset(&c->key);
	strbuf_addf(&c->key, "%u %s %s ", process, socket_protocol(ctx->fd), direction);
	strbuf_addstr(&c->key, strbuf_str(&c->local));
	strbuf_addc(&c->key, ' ');
	strbuf_addstr(&c->key, strbuf_str(&c->peer));
	at = (uintptr_t)strmap_get(&c->known, strbuf_str(&c->key));
	if (at)
		return &c->v.v[at - 1];
	if (c->v.n >= CONNECTIONS_MAX) {
		c->left_out++;
		return NULL;
	}
	while (c->of_process.n <= process)
		vec_push(&c->of_process, CONNECTIONS_NONE);
	k = vec_add(&c->v);
	*k = (struct connection){
		.process = process,
		.next = c->of_process.v[process],
		.protocol = socket_protocol(ctx->fd),
		.direction = direction,
		.local = keep(c, &c->local),
		.peer = keep(c, &c->peer),
		.first_ts = ctx->ev->ts,
		.first_num = ctx->ev->num,
	};
	c->of_process.v[process] = (uint32_t)c->v.n - 1;
	strmap_put(&c->known, keep(c, &c->key), (void *)(uintptr_t)c->v.n);
	return k;
}

static bool is_socket(const struct fd_entry *f)
{
	return fd_is_ip(f) || f->type == FD_UNIX_SOCK;
}

static bool attempt_failed(const struct event_ctx *ctx)
{
	/* EINPROGRESS, as captures have it: it goes on */
	return ctx->has_res && ctx->res < 0 && ctx->res != -115 &&
	       str_eqz(str_of(ctx->ev->info->name), "connect");
}

void connections_event(struct connections *c, uint32_t process, const struct event_ctx *ctx)
{
	const char *direction = "out";
	bool failed = attempt_failed(ctx);
	struct connection *k;
	struct event_io io;

	if (!ctx->fd || !is_socket(ctx->fd) || str_eqz(str_of(ctx->ev->info->name), "close"))
		return;
	if (failed ? !describe_attempt(c, ctx->ev) : !(direction = describe(c, ctx->fd)))
		return;
	k = get(c, process, ctx, direction);
	if (!k)
		return;
	k->last_ts = ctx->ev->ts;
	if (failed) {
		k->failed++;
		k->error = ctx->res;
	} else if (event_io(ctx->ev, &io)) {
		if (io.write)
			k->sent += io.bytes;
		else
			k->received += io.bytes;
	}
}
