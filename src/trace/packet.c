#include "trace/packet.h"

#include <netinet/in.h>

#include "base/cursor.h"

#define VERSION   1
#define HEAD_SIZE 8

/* LINKTYPE_ values. */
enum {
	LINK_NULL = 0,
	LINK_ETHERNET = 1,
	LINK_RAW = 101,
	LINK_LOOP = 108,
	LINK_SLL = 113,
	LINK_IPV4 = 228,
	LINK_IPV6 = 229,
	LINK_SLL2 = 276,
};

/* EtherTypes. */
enum { ETHER_IPV4 = 0x0800, ETHER_VLAN = 0x8100, ETHER_IPV6 = 0x86dd, ETHER_QINQ = 0x88a8 };

#define MAX_TAGS       4
#define MAX_EXTENSIONS 8

bool packet_is(const struct event *ev)
{
	struct str name;

	return ev->type == EVT_ASYNCEVENT_E && event_param_str(ev, 1, &name) &&
	       str_eqz(name, PACKET_EVENT_NAME);
}

bool packet_read(const struct event *ev, struct packet *ret)
{
	struct str data = event_param_bytes(ev, 2);
	struct cursor c = cursor_of(data.p, data.n);
	uint8_t version = cursor_u8(&c), name_n = cursor_u8(&c);

	ret->linktype = cursor_u16(&c);
	ret->original = cursor_u32(&c);
	ret->iface = cursor_bytes(&c, name_n);
	if (c.bad || version != VERSION)
		return false;
	ret->bytes = cursor_bytes(&c, cursor_left(&c));
	return !c.bad && ret->bytes.n <= ret->original;
}

void packet_data(const struct packet *p, struct strbuf *out)
{
	uint8_t head[HEAD_SIZE] = { VERSION, (uint8_t)(p->iface.n < 255 ? p->iface.n : 255) };

	put_le16(head + 2, p->linktype);
	put_le32(head + 4, p->original);
	strbuf_add(out, head, sizeof(head));
	strbuf_add(out, p->iface.p, head[1]);
	strbuf_addstr(out, p->bytes);
}

/* Headers of the network are in big-endian order. */
static uint16_t be16(struct cursor *c)
{
	uint8_t high = cursor_u8(c);

	return (uint16_t)(high << 8 | cursor_u8(c));
}

static void take_addr(struct cursor *c, uint8_t n, struct ipaddr *ret)
{
	struct str b = cursor_bytes(c, n);

	*ret = (struct ipaddr){ .n = n };
	if (b.n == n)
		memcpy(ret->b, b.p, n);
}

static bool ports(struct cursor *c, struct packet_tuple *ret)
{
	if (ret->proto != IPPROTO_TCP && ret->proto != IPPROTO_UDP)
		return false;
	ret->sport = be16(c);
	ret->dport = be16(c);
	return !c->bad;
}

static bool ipv4(struct cursor *c, struct packet_tuple *ret)
{
	uint8_t words = cursor_u8(c) & 15;
	uint16_t fragment;

	if (words < 5)
		return false;
	(void)cursor_bytes(c, 5);
	fragment = be16(c);
	(void)cursor_u8(c);
	ret->proto = cursor_u8(c);
	(void)be16(c);
	take_addr(c, 4, &ret->src);
	take_addr(c, 4, &ret->dst);
	(void)cursor_bytes(c, (size_t)(words - 5) * 4);
	return !(fragment & 0x1fff) && ports(c, ret);
}

static bool ipv6(struct cursor *c, struct packet_tuple *ret)
{
	(void)cursor_bytes(c, 6);
	ret->proto = cursor_u8(c);
	(void)cursor_u8(c);
	take_addr(c, 16, &ret->src);
	take_addr(c, 16, &ret->dst);
	for (int i = 0; i < MAX_EXTENSIONS && !c->bad; i++) {
		uint8_t next;

		switch (ret->proto) {
		case IPPROTO_HOPOPTS:
		case IPPROTO_ROUTING:
		case IPPROTO_DSTOPTS:
			next = cursor_u8(c);
			(void)cursor_bytes(c, 6 + 8 * (size_t)cursor_u8(c));
			ret->proto = next;
			break;
		case IPPROTO_FRAGMENT:
			next = cursor_u8(c);
			(void)cursor_u8(c);
			if (be16(c) & 0xfff8)
				return false;
			(void)cursor_bytes(c, 4);
			ret->proto = next;
			break;
		default:
			return ports(c, ret);
		}
	}
	return false;
}

/* By the version that an IP header begins with. */
static bool ip(struct cursor *c, struct packet_tuple *ret)
{
	struct cursor peek = *c;
	uint8_t version = cursor_u8(&peek) >> 4;

	return version == 4 ? ipv4(c, ret) : version == 6 && ipv6(c, ret);
}

static bool by_ethertype(struct cursor *c, uint16_t type, struct packet_tuple *ret)
{
	for (int i = 0; i < MAX_TAGS && (type == ETHER_VLAN || type == ETHER_QINQ); i++) {
		(void)be16(c);
		type = be16(c);
	}
	return (type == ETHER_IPV4 || type == ETHER_IPV6) && ip(c, ret);
}

bool packet_tuple(const struct packet *p, struct packet_tuple *ret)
{
	struct cursor c = cursor_of(p->bytes.p, p->bytes.n);
	uint16_t type;

	switch (p->linktype) {
	case LINK_ETHERNET:
		(void)cursor_bytes(&c, 12);
		return by_ethertype(&c, be16(&c), ret);
	case LINK_SLL:
		(void)cursor_bytes(&c, 14);
		return by_ethertype(&c, be16(&c), ret);
	case LINK_SLL2:
		type = be16(&c);
		(void)cursor_bytes(&c, 18);
		return by_ethertype(&c, type, ret);
	case LINK_NULL:
	case LINK_LOOP:
		(void)cursor_bytes(&c, 4);
		return ip(&c, ret);
	case LINK_RAW:
	case LINK_IPV4:
	case LINK_IPV6:
		return ip(&c, ret);
	}
	return false;
}
