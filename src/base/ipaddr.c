#include "base/ipaddr.h"

#include <arpa/inet.h>

bool ipaddr_parse(struct str text, struct ipaddr *ret)
{
	char buf[INET6_ADDRSTRLEN];
	struct ipaddr a = { 0 };

	if (!text.n || text.n >= sizeof(buf) || str_chr(text, '\0') >= 0)
		return false;
	memcpy(buf, text.p, text.n);
	buf[text.n] = '\0';
	if (str_chr(text, ':') < 0) {
		if (inet_pton(AF_INET, buf, a.b) != 1)
			return false;
		a.n = 4;
	} else {
		if (inet_pton(AF_INET6, buf, a.b) != 1)
			return false;
		a.n = 16;
	}
	*ret = a;
	return true;
}

bool ipnet_parse(struct str text, struct ipnet *ret)
{
	ptrdiff_t slash = str_chr(text, '/');
	unsigned long long bits;
	struct ipnet net;

	if (slash < 0 || !ipaddr_parse((struct str){ text.p, (size_t)slash }, &net.addr) ||
	    !str_to_u64(str_from(text, (size_t)slash + 1), &bits) || bits > net.addr.n * 8u)
		return false;
	net.prefix = (uint8_t)bits;
	*ret = net;
	return true;
}

bool ipnet_contains(const struct ipnet *net, const struct ipaddr *a)
{
	unsigned bytes = net->prefix / 8, bits = net->prefix % 8;

	if (net->addr.n != a->n || memcmp(net->addr.b, a->b, bytes) != 0)
		return false;
	return !bits || ((net->addr.b[bytes] ^ a->b[bytes]) >> (8 - bits)) == 0;
}

void ipaddr_text(const struct ipaddr *a, struct strbuf *out)
{
	char buf[INET6_ADDRSTRLEN];

	if (a->n == 4) {
		for (unsigned i = 0; i < 4; i++) {
			if (i)
				strbuf_addc(out, '.');
			strbuf_addu(out, a->b[i]);
		}
	} else if (a->n == 16 && inet_ntop(AF_INET6, a->b, buf, sizeof(buf))) {
		strbuf_adds(out, buf);
	}
}

bool ipaddr_v4_mapped(const struct ipaddr *a, struct ipaddr *ret)
{
	static const uint8_t zero[16];

	if (a->n != 16 || memcmp(a->b, zero, 10) != 0)
		return false;
	if (!(a->b[10] == 0xff && a->b[11] == 0xff) && memcmp(a->b + 10, zero, 6) != 0)
		return false;
	*ret = (struct ipaddr){ .n = 4 };
	memcpy(ret->b, a->b + 12, 4);
	return true;
}
