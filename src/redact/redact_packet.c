/*
 * Packets: the headers of link, network and transport stay, with other addresses; what is behind
 * them, and everything that is neither TCP nor UDP, is content. See redactor_impl.h.
 */
#include "redact/redactor_impl.h"
#include "trace/packet.h"

enum { LINK_ETHERNET = 1, LINK_RAW = 101, LINK_SLL = 113, LINK_IPV4 = 228, LINK_IPV6 = 229 };
enum { ETHER_IPV4 = 0x0800, ETHER_VLAN = 0x8100, ETHER_IPV6 = 0x86dd, ETHER_QINQ = 0x88a8 };
enum { PROTO_TCP = 6, PROTO_UDP = 17 };

#define IP4_HEADER 20
#define IP6_HEADER 40
#define UDP_HEADER 8
#define TCP_HEADER 20

/* The packet in hand: bytes to be changed. */
struct walk {
	struct redactor *r;
	place_id place;
	uint8_t *p;
	size_t n;
};

static uint16_t get_be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static void put_be16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static uint32_t sum_of(const uint8_t *p, size_t n, uint32_t sum)
{
	for (size_t i = 0; i + 1 < n; i += 2)
		sum += get_be16(p + i);
	if (n % 2)
		sum += (uint32_t)p[n - 1] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static void mac(struct walk *w, size_t at)
{
	if (at + 6 <= w->n)
		redact_mac(w->r, w->p + at, w->place);
}

static void address(struct walk *w, size_t at, uint8_t n)
{
	struct ipaddr a = { .n = n };

	if (at + n > w->n)
		return;
	memcpy(a.b, w->p + at, n);
	redact_address(w->r, &a, w->place);
	memcpy(w->p + at, a.b, n);
}

/* What is content, from here to the end of what was kept. */
static void content(struct walk *w, size_t at)
{
	struct str bytes;

	if (at >= w->n)
		return;
	bytes = str_mem(w->p + at, w->n - at);
	if (w->r->opt->payload == CONTENT_DROP) {
		redact_count(w->r, REDACT_PAYLOAD, bytes, w->place);
		w->n = at;
	} else if (!find_is_mask(bytes)) {
		redact_count(w->r, REDACT_PAYLOAD, bytes, w->place);
		memset(w->p + at, '*', bytes.n);
	}
}

/* Network and transport; `pseudo` is the sum of the pseudo header, `whole` that all bytes are here.
 */
static void transport(struct walk *w, size_t at, uint8_t proto, uint32_t pseudo, bool whole)
{
	size_t sum_at, behind, end = w->n;
	uint16_t sum;

	if (proto == PROTO_TCP && at + TCP_HEADER <= w->n) {
		behind = at + TCP_HEADER; /* options are content: they hold times and keys */
		sum_at = at + 16;
	} else if (proto == PROTO_UDP && at + UDP_HEADER <= w->n) {
		behind = at + UDP_HEADER;
		sum_at = at + 6;
	} else {
		content(w, at);
		return;
	}
	/* The options of TCP that pad it to its size: no operation. */
	if (proto == PROTO_TCP) {
		size_t size = (size_t)(w->p[at + 12] >> 4) * 4;

		for (; behind < at + size && behind < w->n; behind++)
			w->p[behind] = 1;
	}
	content(w, behind);
	whole = whole && w->n == end; /* else nobody can check it */
	if (proto == PROTO_UDP && get_be16(w->p + sum_at) == 0)
		return;
	put_be16(w->p + sum_at, 0);
	sum = whole ? (uint16_t)~sum_of(w->p + at, w->n - at, pseudo) : 0;
	put_be16(w->p + sum_at, whole && !sum && proto == PROTO_UDP ? 0xffff : sum);
}

static void ip4(struct walk *w, size_t at)
{
	size_t header, total, end;
	uint32_t pseudo;
	uint8_t proto;
	bool fragment;

	if (at + IP4_HEADER > w->n || w->p[at] >> 4 != 4) {
		content(w, at);
		return;
	}
	header = (size_t)(w->p[at] & 15) * 4;
	total = get_be16(w->p + at + 2);
	proto = w->p[at + 9];
	fragment = (get_be16(w->p + at + 6) & 0x3fff) != 0;
	address(w, at + 12, 4);
	address(w, at + 16, 4);
	for (size_t i = at + IP4_HEADER; i < at + header && i < w->n; i++)
		w->p[i] = 1; /* options: no operation */
	if (header < IP4_HEADER || at + header > w->n) {
		content(w, at + IP4_HEADER);
		return;
	}
	put_be16(w->p + at + 10, 0);
	put_be16(w->p + at + 10, (uint16_t)~sum_of(w->p + at, header, 0));
	end = w->n;
	if (at + total < end && total >= header)
		end = at + total;
	pseudo = sum_of(w->p + at + 12, 8, (uint32_t)proto + (uint32_t)(end - at - header));
	if (fragment) {
		content(w, at + header);
	} else {
		/* padding of the link behind the packet goes with the content */
		transport(w, at + header, proto, pseudo, end == w->n && at + total == w->n);
	}
}

static void ip6(struct walk *w, size_t at)
{
	uint32_t pseudo;
	size_t length;
	uint8_t proto;

	if (at + IP6_HEADER > w->n || w->p[at] >> 4 != 6) {
		content(w, at);
		return;
	}
	length = get_be16(w->p + at + 4);
	proto = w->p[at + 6];
	address(w, at + 8, 16);
	address(w, at + 24, 16);
	pseudo = sum_of(w->p + at + 8, 32, (uint32_t)proto + (uint32_t)length);
	transport(w, at + IP6_HEADER, proto, pseudo, at + IP6_HEADER + length == w->n);
}

static void by_ether_type(struct walk *w, size_t at)
{
	uint16_t type = at + 2 <= w->n ? get_be16(w->p + at) : 0;

	for (unsigned tags = 0; tags < 4 && (type == ETHER_VLAN || type == ETHER_QINQ); tags++) {
		at += 4;
		type = at + 2 <= w->n ? get_be16(w->p + at) : 0;
	}
	if (type == ETHER_IPV4)
		ip4(w, at + 2);
	else if (type == ETHER_IPV6)
		ip6(w, at + 2);
	else
		content(w, at + 2);
}

static void link_layer(struct walk *w, uint16_t type)
{
	switch (type) {
	case LINK_ETHERNET:
		mac(w, 0);
		mac(w, 6);
		by_ether_type(w, 12);
		break;
	case LINK_SLL:
		mac(w, 6);
		by_ether_type(w, 14);
		break;
	case LINK_RAW:
	case LINK_IPV4:
	case LINK_IPV6:
		if (w->n && w->p[0] >> 4 == 6)
			ip6(w, 0);
		else
			ip4(w, 0);
		break;
	default:
		content(w, 0);
	}
}

struct str redact_packet(struct redactor *r, const struct event *ev, place_id place)
{
	struct str data = event_param_bytes(ev, 2);
	struct strbuf out = STRBUF_INIT;
	struct packet packet;
	struct walk w = { .r = r, .place = place };

	if (!packet_read(ev, &packet))
		return redact_fill(r, data, REDACT_PAYLOAD, place);
	if (r->mode == MODE_LEARN) {
		redact_text(r, packet.bytes, TEXT_PAYLOAD, STR(""), place);
		return data;
	}
	packet.iface = redact_text(r, packet.iface, TEXT_PLAIN, STR(""), place);
	w.p = (uint8_t *)arena_memdup(&r->out, packet.bytes.p, packet.bytes.n);
	w.n = packet.bytes.n;
	link_layer(&w, packet.linktype);
	packet.bytes = str_mem(w.p, w.n);
	packet_data(&packet, &out);
	data = arena_str(&r->out, strbuf_str(&out));
	strbuf_release(&out);
	return data;
}
