/* PT_SOCKADDR and PT_SOCKTUPLE as text. Addresses are in network order, ports are not. */
#include "event/event_text.h"

#include "base/ipaddr.h"

/* Address families as recorded (the table socket_families). */
enum { FAMILY_UNIX = 1, FAMILY_INET = 2, FAMILY_INET6 = 10 };

static struct ipaddr take_addr(struct cursor *c, uint8_t n)
{
	struct ipaddr a = { .n = n };
	const uint8_t *p = cursor_take(c, n);

	if (p)
		memcpy(a.b, p, n);
	return a;
}

static void add_endpoint(const struct ipaddr *a, uint16_t port, struct strbuf *out)
{
	ipaddr_text(a, out);
	strbuf_addc(out, ':');
	strbuf_addu(out, port);
}

/* The rest of the cursor up to its first NUL. */
static void add_path(struct cursor *c, struct strbuf *out)
{
	struct str path = cursor_bytes(c, cursor_left(c));
	ptrdiff_t nul = str_chr(path, '\0');

	strbuf_add(out, path.p, nul < 0 ? path.n : (size_t)nul);
}

void sock_addr_text(struct str addr, struct strbuf *out)
{
	struct cursor c = cursor_of(addr.p, addr.n);
	uint8_t family = cursor_u8(&c);
	struct ipaddr ip;
	uint16_t port;

	if (!addr.n) {
		strbuf_adds(out, "<NA>");
		return;
	}
	switch (family) {
	case FAMILY_UNIX:
		if (!cursor_left(&c))
			strbuf_adds(out, "INVALID PATH");
		add_path(&c, out);
		break;
	case FAMILY_INET:
	case FAMILY_INET6:
		ip = take_addr(&c, family == FAMILY_INET ? 4 : 16);
		port = cursor_u16(&c);
		if (c.bad)
			strbuf_adds(out, family == FAMILY_INET ? "INVALID IPv4" : "INVALID IPv6");
		else
			add_endpoint(&ip, port, out);
		break;
	default:
		strbuf_adds(out, "family ");
		strbuf_addu(out, family);
	}
}

static void ip_tuple_text(struct cursor *c, bool v6, struct strbuf *out)
{
	struct ipaddr sip = take_addr(c, v6 ? 16 : 4);
	uint16_t sport = cursor_u16(c);
	struct ipaddr dip = take_addr(c, v6 ? 16 : 4);
	uint16_t dport = cursor_u16(c);
	struct ipaddr s4, d4;

	if (c->bad) {
		strbuf_adds(out, v6 ? "INVALID IPv6" : "INVALID IPv4");
		return;
	}
	if (v6 && ipaddr_v4_mapped(&sip, &s4) && ipaddr_v4_mapped(&dip, &d4)) {
		sip = s4;
		dip = d4;
	}
	add_endpoint(&sip, sport, out);
	strbuf_adds(out, "->");
	add_endpoint(&dip, dport, out);
}

void sock_tuple_text(struct str tuple, struct strbuf *out)
{
	struct cursor c = cursor_of(tuple.p, tuple.n);
	uint8_t family = cursor_u8(&c);
	uint64_t source, peer;

	if (!tuple.n) {
		strbuf_adds(out, "NULL");
		return;
	}
	switch (family) {
	case FAMILY_UNIX:
		source = cursor_u64(&c);
		peer = cursor_u64(&c);
		if (c.bad) {
			strbuf_adds(out, "INVALID PATH");
			break;
		}
		strbuf_addx(out, source);
		strbuf_adds(out, "->");
		strbuf_addx(out, peer);
		strbuf_addc(out, ' ');
		add_path(&c, out);
		break;
	case FAMILY_INET:
	case FAMILY_INET6:
		ip_tuple_text(&c, family == FAMILY_INET6, out);
		break;
	default:
		strbuf_adds(out, "family ");
		strbuf_addu(out, family);
	}
}
