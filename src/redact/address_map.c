#include "redact/address_map.h"

#include <string.h>

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

struct net4 {
	uint32_t net;
	uint8_t prefix;
	uint8_t kind;
};

/* The first that fits: IANA's special-purpose registry (RFC 6890). */
static const struct net4 nets4[] = {
	{ 0x0a000000, 8, ADDRESS_PRIVATE },  /* 10/8 */
	{ 0xac100000, 12, ADDRESS_PRIVATE }, /* 172.16/12 */
	{ 0xc0a80000, 16, ADDRESS_PRIVATE }, /* 192.168/16 */
	{ 0x64400000, 10, ADDRESS_PRIVATE }, /* 100.64/10, behind a carrier's NAT */
	{ 0x00000000, 8, ADDRESS_KEPT },     /* this network */
	{ 0x7f000000, 8, ADDRESS_KEPT },     /* loopback */
	{ 0xa9fe0000, 16, ADDRESS_KEPT },    /* link-local, and clouds' metadata */
	{ 0xc0000000, 24, ADDRESS_KEPT },    /* protocol assignments */
	{ 0xc0000200, 24, ADDRESS_KEPT },    /* documentation */
	{ 0xc6336400, 24, ADDRESS_KEPT },    { 0xcb007100, 24, ADDRESS_KEPT },
	{ 0xc6120000, 15, ADDRESS_KEPT }, /* benchmarks */
	{ 0xe0000000, 4, ADDRESS_KEPT },  /* multicast */
	{ 0xf0000000, 4, ADDRESS_KEPT },  /* reserved: pseudonyms, and broadcast */
};

static const struct net4 *net4_of(uint32_t a)
{
	for (size_t i = 0; i < sizeof(nets4) / sizeof(nets4[0]); i++)
		if ((a ^ nets4[i].net) >> (32 - nets4[i].prefix) == 0)
			return &nets4[i];
	return NULL;
}

static enum address_kind kind4(uint32_t a)
{
	const struct net4 *n = net4_of(a);

	return n ? (enum address_kind)n->kind : ADDRESS_PUBLIC;
}

/* Where the IPv4 address in an IPv6 one is: ::ffff:a.b.c.d and 64:ff9b::a.b.c.d; else 0. */
static unsigned inner_v4(const uint8_t b[16])
{
	static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
	static const uint8_t nat64[12] = { 0, 0x64, 0xff, 0x9b };

	return memcmp(b, mapped, 12) == 0 || memcmp(b, nat64, 12) == 0 ? 12 : 0;
}

/* fe80::/10 with an interface identifier that was made of a hardware address. */
static bool holds_mac(const uint8_t b[16])
{
	return b[0] == 0xfe && (b[1] & 0xc0) == 0x80 && b[11] == 0xff && b[12] == 0xfe;
}

static void inner_mac(const uint8_t b[16], uint8_t ret[6])
{
	memcpy(ret, b + 8, 3);
	memcpy(ret + 3, b + 13, 3);
	ret[0] ^= 2;
}

enum address_kind address_kind(const struct ipaddr *a)
{
	static const uint8_t documentation[4] = { 0x20, 0x01, 0x0d, 0xb8 };
	uint8_t mac[6];

	if (a->n == 4)
		return kind4(be32(a->b));
	if (a->n != 16)
		return ADDRESS_KEPT;
	if (inner_v4(a->b))
		return kind4(be32(a->b + 12));
	if (holds_mac(a->b)) {
		inner_mac(a->b, mac);
		return address_mac_is_kept(mac) ? ADDRESS_KEPT : ADDRESS_PUBLIC;
	}
	if ((a->b[0] & 0xe0) == 0x20)
		return memcmp(a->b, documentation, 4) == 0 ? ADDRESS_KEPT : ADDRESS_PUBLIC;
	return (a->b[0] & 0xfe) == 0xfc ? ADDRESS_PRIVATE : ADDRESS_KEPT;
}

/* A permutation of the numbers of `bits` bits, by the network they are in: a Feistel network. */
static uint8_t permute(const struct pseudonyms *p, const char *label, const void *net, size_t n,
		       uint8_t v, unsigned bits)
{
	uint8_t table[32], half = (uint8_t)(bits / 2), low = (uint8_t)((1u << half) - 1);
	uint8_t left = (uint8_t)(v >> half), right = v & low;
	uint8_t high = (uint8_t)((1u << (bits - half)) - 1);

	pseudonym_hash(p, label, net, n, table);
	/* Two rounds change the one part, two the other: so they may be of different size. */
	for (unsigned round = 0; round < 4; round++) {
		uint8_t f = table[8 * round + ((round % 2 ? left : right) & 7)];

		if ((round % 2 ? left : right) & 8)
			f >>= 4;
		if (round % 2)
			right = (uint8_t)((right ^ f) & low);
		else
			left = (uint8_t)((left ^ f) & high);
	}
	return (uint8_t)(left << half | right);
}

/* The last number of an address: 0 and 255 name the network and everybody in it. */
static uint8_t permute_last(const struct pseudonyms *p, const uint8_t net[3], uint8_t v)
{
	if (v == 0 || v == 255)
		return v;
	do
		v = permute(p, "v4 host", net, 3, v, 8);
	while (v == 0 || v == 255);
	return v;
}

static void map4(const struct pseudonyms *p, const uint8_t in[4], uint8_t out[4])
{
	const struct net4 *n = net4_of(be32(in));
	uint8_t hash[32], in4[4];

	memcpy(in4, in, 4);
	in = in4;
	if (!n) {
		pseudonym_hash(p, "v4 net", in, 2, hash);
		out[0] = 0xf0 | (hash[0] & 0x0f);
		out[1] = hash[1];
	} else {
		unsigned bits = n->prefix < 16 ? 16u - n->prefix : 0;
		uint8_t mask = (uint8_t)((1u << bits) - 1);

		out[0] = in[0];
		out[1] = in[1];
		if (bits)
			out[1] = (uint8_t)((in[1] & ~mask) |
					   permute(p, "v4 private", in, 1, in[1] & mask, bits));
	}
	out[2] = permute(p, "v4 subnet", in, 2, in[2], 8);
	out[3] = permute_last(p, in, in[3]);
	if (be32(out) == UINT32_MAX)
		out[3] = 254;
}

static void map6(const struct pseudonyms *p, const uint8_t in[16], uint8_t out[16])
{
	uint8_t hash[32];

	pseudonym_hash(p, "v6 site", in, 6, hash);
	if ((in[0] & 0xfe) == 0xfc) {
		out[0] = in[0];
		memcpy(out + 1, hash, 5);
	} else {
		memcpy(out, "\x20\x01\x0d\xb8", 4);
		memcpy(out + 4, hash, 2);
	}
	pseudonym_hash(p, "v6 subnet", in, 8, hash);
	memcpy(out + 6, hash, 2);
	pseudonym_hash(p, "v6 host", in, 16, hash);
	memcpy(out + 8, hash, 8);
}

void address_map(const struct pseudonyms *p, const struct ipaddr *a, struct ipaddr *ret)
{
	struct ipaddr out = *a;
	uint8_t mac[6], mapped[6];

	if (a->n == 4) {
		map4(p, a->b, out.b);
	} else if (inner_v4(a->b)) {
		map4(p, a->b + 12, out.b + 12);
	} else if (holds_mac(a->b)) {
		inner_mac(a->b, mac);
		address_mac_map(p, mac, mapped);
		memcpy(out.b + 8, mapped, 3);
		memcpy(out.b + 13, mapped + 3, 3);
		out.b[8] ^= 2;
	} else {
		map6(p, a->b, out.b);
	}
	*ret = out;
}

bool address_mac_is_kept(const uint8_t mac[6])
{
	static const uint8_t none[6] = { 0 }, mine[3] = { 0x02, 0x00, 0x5e };

	return (mac[0] & 1) || memcmp(mac, none, 6) == 0 || memcmp(mac, mine, 3) == 0;
}

void address_mac_map(const struct pseudonyms *p, const uint8_t mac[6], uint8_t ret[6])
{
	uint8_t hash[32];

	pseudonym_hash(p, "mac", mac, 6, hash);
	ret[0] = 0x02;
	ret[1] = 0x00;
	ret[2] = 0x5e;
	memcpy(ret + 3, hash, 3);
}
