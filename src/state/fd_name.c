#include "state/state_impl.h"

static void ip_port(const struct ipaddr *a, uint16_t port, struct strbuf *out)
{
	ipaddr_text(a, out);
	strbuf_addc(out, ':');
	strbuf_addu(out, port);
}

void fd_socket_text(const struct fd_entry *f, struct strbuf *out)
{
	struct ipaddr s = f->sip, d = f->dip, s4, d4;

	if (f->type == FD_IPV4_SERVSOCK || f->type == FD_IPV6_SERVSOCK) {
		ip_port(&s, f->sport, out);
		return;
	}
	if (ipaddr_v4_mapped(&s, &s4) && ipaddr_v4_mapped(&d, &d4)) {
		s = s4;
		d = d4;
	}
	ip_port(&s, f->sport, out);
	strbuf_adds(out, "->");
	ip_port(&d, f->dport, out);
}

void fd_socket_text_l4(const struct fd_entry *f, struct strbuf *out)
{
	switch (f->l4proto) {
	case L4_TCP:
	case L4_UDP:
		fd_socket_text(f, out);
		break;
	case L4_ICMP:
	case L4_RAW:
		ipaddr_text(&f->sip, out);
		strbuf_adds(out, "->");
		ipaddr_text(&f->dip, out);
		break;
	default:
		strbuf_adds(out, "<unknown>");
	}
}

const struct istr *fd_make_name(const struct fd_entry *f)
{
	const struct state *st = f->name_maker;
	struct strbuf *text = st->name_text;
	const struct istr *name;

	strbuf_reset(text);
	if (f->naming == FD_NAME_L4)
		fd_socket_text_l4(f, text);
	else
		fd_socket_text(f, text);
	name = intern_get(st->intern, text->s, text->n);
	/* The entry says what it said before, in another form. */
	fd_set_name((struct fd_entry *)(uintptr_t)f, name);
	return name;
}

static struct ipaddr read_ip(struct cursor *c, uint8_t n)
{
	struct ipaddr a = { .n = n };
	const uint8_t *p = cursor_take(c, n);

	if (p)
		memcpy(a.b, p, n);
	return a;
}

static struct str read_path(struct cursor *c)
{
	struct str s = cursor_bytes(c, cursor_left(c));
	ptrdiff_t nul = str_chr(s, '\0');

	if (nul >= 0)
		s.n = (size_t)nul;
	return s;
}

/* What nearly all of them are. */
static bool parse_ipv4(struct cursor *c, struct sock_ends *ret)
{
	const uint8_t *p = cursor_take(c, 12);

	if (!p)
		return false;
	ret->family = AF_CAP_INET;
	ret->sip = ret->dip = (struct ipaddr){ .n = 4 };
	memcpy(ret->sip.b, p, 4);
	ret->sport = get_le16(p + 4);
	memcpy(ret->dip.b, p + 6, 4);
	ret->dport = get_le16(p + 10);
	ret->unix_src = ret->unix_dst = 0;
	ret->path = STR("");
	return true;
}

bool sock_tuple_parse(struct str tuple, struct sock_ends *ret)
{
	struct cursor c = cursor_of(tuple.p, tuple.n);
	uint8_t family = cursor_u8(&c);
	struct sock_ends e;

	if (family == AF_CAP_INET)
		return parse_ipv4(&c, ret);
	e = (struct sock_ends){ .family = family, .path = STR("") };
	switch (family) {
	case AF_CAP_INET6:
		e.sip = read_ip(&c, 16);
		e.sport = cursor_u16(&c);
		e.dip = read_ip(&c, 16);
		e.dport = cursor_u16(&c);
		break;
	case AF_CAP_UNIX:
		e.unix_src = cursor_u64(&c);
		e.unix_dst = cursor_u64(&c);
		e.path = read_path(&c);
		break;
	default:
		return false;
	}
	if (c.bad)
		return false;
	*ret = e;
	return true;
}

bool sock_addr_parse(struct str addr, struct sock_ends *ret)
{
	struct cursor c = cursor_of(addr.p, addr.n);
	struct sock_ends e = { .family = cursor_u8(&c), .path = STR("") };

	switch (e.family) {
	case AF_CAP_INET:
	case AF_CAP_INET6:
		e.sip = read_ip(&c, e.family == AF_CAP_INET ? 4 : 16);
		e.sport = cursor_u16(&c);
		break;
	case AF_CAP_UNIX:
		e.path = read_path(&c);
		break;
	default:
		return false;
	}
	if (c.bad)
		return false;
	*ret = e;
	return true;
}

void sock_ends_unmap(struct sock_ends *e)
{
	struct ipaddr s, d;

	if (e->family != AF_CAP_INET6 || !ipaddr_v4_mapped(&e->sip, &s) ||
	    !ipaddr_v4_mapped(&e->dip, &d))
		return;
	e->family = AF_CAP_INET;
	e->sip = s;
	e->dip = d;
}
