/* Constants of comparisons, and sets of them. See constant.h. */
#include "rules/constant.h"

#include "base/hashmap.h"
#include "base/text.h"

#define BYTES_MAX                                                                       \
	255 /* the longest constant a byte buffer is compared with, as in the ecosystem \
	     */

enum value_class value_class(uint8_t type)
{
	switch (type) {
	case PT_CHARBUF:
	case PT_FSPATH:
	case PT_FSRELPATH:
		return VC_TEXT;
	case PT_BYTEBUF:
		return VC_BYTES;
	case PT_BOOL:
		return VC_BOOL;
	case PT_DOUBLE:
		return VC_DOUBLE;
	case PT_IPADDR:
	case PT_IPV4ADDR:
	case PT_IPV6ADDR:
		return VC_IP;
	case PT_IPNET:
	case PT_IPV4NET:
	case PT_IPV6NET:
		return VC_NET;
	case PT_RELTIME:
	case PT_ABSTIME:
		return VC_UINT;
	default:
		if (!param_type_is_int(type))
			return VC_NONE;
		return param_type_is_signed(type) ? VC_INT : VC_UINT;
	}
}

const char *value_class_name(enum value_class c)
{
	switch (c) {
	case VC_INT:
	case VC_UINT:
	case VC_DOUBLE:
		return "numeric";
	case VC_BOOL:
		return "boolean";
	case VC_TEXT:
		return "string";
	case VC_BYTES:
		return "buffer";
	case VC_IP:
		return "IP address";
	case VC_NET:
		return "IP network";
	case VC_NONE:
		break;
	}
	return "this kind of";
}

static bool service_port(struct str name, uint64_t *ret)
{
	static const struct {
		uint16_t port;
		const char *name;
	} services[] = {
#define SERVICE(port, name) { port, name },
#include "rules/service_list.def"
#undef SERVICE
	};
	size_t i;

	for (i = 0; i < sizeof(services) / sizeof(*services); i++)
		if (str_eqz(name, services[i].name)) {
			*ret = services[i].port;
			return true;
		}
	return false;
}

static const char *not_a_number(struct str text, struct arena *a)
{
	return arena_printf(a, "%.*s is not a valid number", STR_FMT(text));
}

static const char *parse_int(struct str text, uint8_t type, struct arena *a, struct constant *ret)
{
	unsigned bits = param_type_size(type) * 8;
	struct str digits = text;
	unsigned long long u;
	long long i;

	if (digits.n > 1 && digits.p[0] == '+' && digits.p[1] != '-')
		digits = str_from(digits, 1);
	if (param_type_is_signed(type)) {
		if (!str_to_i64(digits, &i))
			return not_a_number(text, a);
		if (bits < 64 && (i >= INT64_C(1) << (bits - 1) || i < -(INT64_C(1) << (bits - 1))))
			return arena_printf(a, "%.*s does not fit the field's %u bits",
					    STR_FMT(text), bits);
		ret->i = i;
		return NULL;
	}
	if (!str_to_u64(digits, &u))
		return not_a_number(text, a);
	if (bits && bits < 64 && u >= UINT64_C(1) << bits)
		return arena_printf(a, "%.*s does not fit the field's %u bits", STR_FMT(text),
				    bits);
	ret->u = u;
	return NULL;
}

static const char *parse_double(struct str text, struct arena *a, struct constant *ret)
{
	struct str digits = text;
	long long i;

	if (digits.n > 1 && digits.p[0] == '+' && digits.p[1] != '-')
		digits = str_from(digits, 1);
	if (!str_to_i64(digits, &i))
		return not_a_number(text, a);
	ret->d = (double)i;
	return NULL;
}

static const char *parse_bytes(struct str text, bool hex, struct arena *a, struct constant *ret)
{
	struct strbuf sb = STRBUF_INIT;

	if (hex) {
		if (!hex_decode(&sb, text)) {
			strbuf_release(&sb);
			return arena_printf(a, "'%.*s' is not an even number of hexadecimal digits",
					    STR_FMT(text));
		}
		ret->text = arena_str(a, strbuf_str(&sb));
		strbuf_release(&sb);
	}
	if (ret->text.n > BYTES_MAX)
		return arena_printf(a,
				    "filter parameter too long: %zu bytes, at most %d are compared",
				    ret->text.n, BYTES_MAX);
	return NULL;
}

const char *constant_parse(struct str text, uint8_t type, bool hex, struct arena *a,
			   struct constant *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->text = text;
	if (text.n && memchr(text.p, '\0', text.n))
		return "a constant cannot hold a NUL byte";
	switch (value_class(type)) {
	case VC_TEXT:
		return NULL;
	case VC_BYTES:
		return parse_bytes(text, hex, a, ret);
	case VC_BOOL:
		if (str_eq(text, STR("true")))
			ret->u = 1;
		else if (!str_eq(text, STR("false")))
			return arena_printf(a,
					    "filter error: unrecognized boolean value %.*s, "
					    "expected true or false",
					    STR_FMT(text));
		return NULL;
	case VC_DOUBLE:
		return parse_double(text, a, ret);
	case VC_IP:
		if (!ipaddr_parse(text, &ret->ip))
			return arena_printf(a, "unrecognized IP address %.*s", STR_FMT(text));
		return NULL;
	case VC_NET:
		if (!ipnet_parse(text, &ret->net))
			return arena_printf(a,
					    "unrecognized IP network %.*s, expected ADDRESS/BITS",
					    STR_FMT(text));
		return NULL;
	case VC_INT:
	case VC_UINT:
		if (type == PT_PORT && service_port(text, &ret->u))
			return NULL;
		return parse_int(text, type, a, ret);
	case VC_NONE:
		break;
	}
	return arena_printf(a, "fields of type %s cannot be compared", param_type_name(type));
}

/*
 * Open addressing over the constants' positions; up to SMALL of them are compared one by one, which
 * is quicker. A network is found by its masked address, once for each prefix length that occurs.
 */
#define SMALL 6

struct net_length {
	uint8_t family, prefix;
};

struct constant_set {
	const struct constant *c;
	size_t n;
	enum value_class cls;
	uint32_t *slots; /* position + 1; NULL: small */
	size_t mask;
	struct net_length *lengths;
	size_t n_lengths;
};

static void mask_address(const struct ipaddr *in, unsigned prefix, uint8_t out[18])
{
	unsigned i;

	memset(out, 0, 18);
	out[0] = in->n;
	out[1] = (uint8_t)prefix;
	for (i = 0; i < in->n && prefix > 0; i++) {
		unsigned bits = prefix < 8 ? prefix : 8;
		out[2 + i] = (uint8_t)(in->b[i] & (0xff00u >> bits));
		prefix -= bits;
	}
}

static uint64_t constant_hash(const struct constant *c, enum value_class cls)
{
	uint8_t key[18];

	switch (cls) {
	case VC_TEXT:
	case VC_BYTES:
		return hash_bytes(c->text.p, c->text.n);
	case VC_IP:
		return hash_bytes(c->ip.b, c->ip.n);
	case VC_NET:
		mask_address(&c->net.addr, c->net.prefix, key);
		return hash_bytes(key, sizeof(key));
	case VC_DOUBLE:
		return 0;
	default:
		return hash_u64(c->u);
	}
}

struct constant_set *constant_set_new(const struct constant *c, size_t n, enum value_class cls,
				      struct arena *a)
{
	struct constant_set *set = arena_calloc(a, 1, sizeof(*set));
	size_t i, j, cap = 8;

	set->c = c;
	set->n = n;
	set->cls = cls;
	if (n <= SMALL || cls == VC_DOUBLE || n >= UINT32_MAX)
		return set;
	while (cap < n * 2)
		cap *= 2;
	set->mask = cap - 1;
	set->slots = arena_calloc(a, cap, sizeof(*set->slots));
	if (cls == VC_NET)
		set->lengths = arena_calloc(a, 33 + 129, sizeof(*set->lengths));
	for (i = 0; i < n; i++) {
		size_t at = constant_hash(&c[i], cls) & set->mask;

		while (set->slots[at])
			at = (at + 1) & set->mask;
		set->slots[at] = (uint32_t)i + 1;
		if (cls != VC_NET)
			continue;
		for (j = 0; j < set->n_lengths; j++)
			if (set->lengths[j].family == c[i].net.addr.n &&
			    set->lengths[j].prefix == c[i].net.prefix)
				break;
		if (j == set->n_lengths) {
			set->lengths[j].family = c[i].net.addr.n;
			set->lengths[j].prefix = c[i].net.prefix;
			set->n_lengths++;
		}
	}
	return set;
}

static struct ipaddr value_address(const struct value *v)
{
	struct ipaddr ip = { 0 };

	if (v->s.n == 4 || v->s.n == 16) {
		ip.n = (uint8_t)v->s.n;
		memcpy(ip.b, v->s.p, v->s.n);
	}
	return ip;
}

static bool equal(const struct constant *c, enum value_class cls, const struct value *v)
{
	struct ipaddr ip;

	switch (cls) {
	case VC_TEXT:
	case VC_BYTES:
		return str_eq(c->text, v->s);
	case VC_IP:
		return v->s.n == c->ip.n && memcmp(v->s.p, c->ip.b, c->ip.n) == 0;
	case VC_NET:
		ip = value_address(v);
		return ip.n && ipnet_contains(&c->net, &ip);
	case VC_DOUBLE:
		return c->d == v->d;
	case VC_INT:
		return c->i == v->i;
	default:
		return c->u == v->u;
	}
}

static bool net_set_has(const struct constant_set *set, const struct value *v)
{
	struct ipaddr ip = value_address(v);
	size_t i;

	for (i = 0; i < set->n_lengths; i++) {
		uint8_t key[18], other[18];
		size_t at;

		if (set->lengths[i].family != ip.n)
			continue;
		mask_address(&ip, set->lengths[i].prefix, key);
		at = hash_bytes(key, sizeof(key)) & set->mask;
		for (; set->slots[at]; at = (at + 1) & set->mask) {
			const struct ipnet *net = &set->c[set->slots[at] - 1].net;

			mask_address(&net->addr, net->prefix, other);
			if (memcmp(key, other, sizeof(key)) == 0)
				return true;
		}
	}
	return false;
}

bool constant_set_has(const struct constant_set *set, const struct value *v)
{
	uint64_t h;
	size_t i;

	if (!set->slots) {
		for (i = 0; i < set->n; i++)
			if (equal(&set->c[i], set->cls, v))
				return true;
		return false;
	}
	if (set->cls == VC_NET)
		return net_set_has(set, v);
	if (v->istr)
		h = v->istr->hash;
	else if (set->cls == VC_TEXT || set->cls == VC_BYTES || set->cls == VC_IP)
		h = hash_bytes(v->s.p, v->s.n);
	else
		h = hash_u64(v->u);
	for (i = h & set->mask; set->slots[i]; i = (i + 1) & set->mask)
		if (equal(&set->c[set->slots[i] - 1], set->cls, v))
			return true;
	return false;
}
