/*
 * ipaddr: IP addresses and networks: text, parsing, containment.
 *
 * Layer: base. Addresses are held in network order.
 */
#ifndef EYAS_IPADDR_H
#define EYAS_IPADDR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "base/strbuf.h"

struct ipaddr {
	uint8_t n; /* 4 or 16; 0: none */
	uint8_t b[16];
};

struct ipnet {
	struct ipaddr addr;
	uint8_t prefix; /* bits */
};

static inline bool ipaddr_eq(const struct ipaddr *a, const struct ipaddr *b)
{
	return a->n == b->n && memcmp(a->b, b->b, a->n) == 0;
}

/* Text with a '.' and no ':' is IPv4, else IPv6. False (ret untouched) when malformed. */
bool ipaddr_parse(struct str text, struct ipaddr *ret);
/* "ADDR/PREFIX". */
bool ipnet_parse(struct str text, struct ipnet *ret);
/* Same family and inside. */
bool ipnet_contains(const struct ipnet *net, const struct ipaddr *a);
/* Dotted quad, or RFC 5952 text. */
void ipaddr_text(const struct ipaddr *a, struct strbuf *out);
/* IPv4-mapped or zero low part, as types.json `ipv4_mapped` says; *ret is then the IPv4 address. */
bool ipaddr_v4_mapped(const struct ipaddr *a, struct ipaddr *ret);

#endif
