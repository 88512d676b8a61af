/*
 * address_map: which addresses are replaced, and by which.
 *
 * Layer: redact. Special addresses (loopback, link-local, multicast, documentation, "any") stay,
 * and so do private ones unless asked for: rules and readers go by them. Public IPv4 addresses
 * become addresses of 240.0.0.0/4, public IPv6 addresses those of 2001:db8::/32: nobody has these,
 * so what was replaced is known by its address. Addresses of one network (of /16 and /24, /48 and
 * /64) are addresses of one network afterwards; a private one stays in its own private network.
 */
#ifndef EYAS_ADDRESS_MAP_H
#define EYAS_ADDRESS_MAP_H

#include <stdbool.h>

#include "base/ipaddr.h"
#include "redact/pseudonym.h"

enum address_kind { ADDRESS_KEPT, ADDRESS_PUBLIC, ADDRESS_PRIVATE };

/* What an address is; IPv4 addresses inside IPv6 ones are what they are outside. */
enum address_kind address_kind(const struct ipaddr *a);
/* The address that stands for a public or private one. */
void address_map(const struct pseudonyms *p, const struct ipaddr *a, struct ipaddr *ret);

/* Broadcast, multicast, zero, and those that stand for others: 02:00:5e:.. */
bool address_mac_is_kept(const uint8_t mac[6]);
void address_mac_map(const struct pseudonyms *p, const uint8_t mac[6], uint8_t ret[6]);

#endif
