#include "state/state_impl.h"

void fd_swap_ends(struct fd_entry *f)
{
	struct ipaddr ip = f->sip;
	uint16_t port = f->sport;

	f->sip = f->dip;
	f->dip = ip;
	f->sport = f->dport;
	f->dport = port;
}

static bool same_ends(const struct fd_entry *f, const struct sock_ends *e)
{
	return ipaddr_eq(&f->sip, &e->sip) && f->sport == e->sport && ipaddr_eq(&f->dip, &e->dip) &&
	       f->dport == e->dport;
}

/* Both directions of the same pair. */
bool fd_has_ends(const struct fd_entry *f, const struct sock_ends *e)
{
	struct sock_ends r = *e;

	r.sip = e->dip;
	r.dip = e->sip;
	r.sport = e->dport;
	r.dport = e->sport;
	return same_ends(f, e) || same_ends(f, &r);
}

void fd_set_unix_ends(struct state *st, struct fd_entry *f, const struct sock_ends *e)
{
	f->unix_src = e->unix_src;
	f->unix_dst = e->unix_dst;
	strbuf_reset(&st->text);
	strbuf_addx(&st->text, e->unix_src);
	strbuf_adds(&st->text, "->");
	strbuf_addx(&st->text, e->unix_dst);
	strbuf_addc(&st->text, ' ');
	strbuf_addstr(&st->text, e->path);
	fd_set_name(f, intern_get(st->intern, st->text.s, st->text.n));
}

/* As the tuple itself is printed. */
void fd_set_tuple_name(struct state *st, struct fd_entry *f, const struct sock_ends *e)
{
	struct fd_entry both = { .type = FD_IPV6_SOCK, .sip = e->sip, .dip = e->dip };

	both.sport = e->sport;
	both.dport = e->dport;
	strbuf_reset(&st->text);
	fd_socket_text(&both, &st->text);
	fd_set_name(f, intern_get(st->intern, st->text.s, st->text.n));
}
