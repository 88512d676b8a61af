#include "base/cursor.h"
#include "state/state_impl.h"

void ifaces_load(struct state *st, const struct snapshot *snap)
{
	st->ifaces.n = 0;
	for (size_t i = 0; i < snap->ifaces.n; i++) {
		struct snap_iface f = snap->ifaces.v[i];

		/* Borrowed from the snapshot, and not needed. */
		f.name = STR("");
		vec_push(&st->ifaces, f);
	}
}

static bool same_subnet(const struct snap_iface *f, const struct ipaddr *a)
{
	/* The prefix length of IPv6 interfaces is garbage in many captures. */
	if (a->n == 16)
		return memcmp(f->addr.b, a->b, 8) == 0;
	for (int i = 0; i < 4; i++)
		if ((f->addr.b[i] ^ a->b[i]) & f->mask.b[i])
			return false;
	return true;
}

/*
 * The address this host most likely used towards `peer`: the peer's if it is ours, else one in
 * its subnet, else the first one that is not the loopback address.
 */
static bool infer(const struct state *st, const struct ipaddr *peer, struct ipaddr *ret)
{
	static const struct ipaddr loopback4 = { 4, { 127, 0, 0, 1 } };
	static const struct ipaddr loopback6 = { 16, { [15] = 1 } };
	const struct snap_iface *f;

	for (size_t i = 0; i < st->ifaces.n; i++) {
		f = &st->ifaces.v[i];
		if (ipaddr_eq(&f->addr, peer))
			goto found;
	}
	for (size_t i = 0; i < st->ifaces.n; i++) {
		f = &st->ifaces.v[i];
		if (f->addr.n == peer->n && same_subnet(f, peer))
			goto found;
	}
	for (size_t i = 0; i < st->ifaces.n; i++) {
		f = &st->ifaces.v[i];
		if (f->addr.n == peer->n &&
		    !ipaddr_eq(&f->addr, peer->n == 4 ? &loopback4 : &loopback6))
			goto found;
	}
	return false;
found:
	*ret = f->addr;
	return true;
}

static bool is_zero(const struct ipaddr *a)
{
	for (unsigned i = 0; i < a->n; i++)
		if (a->b[i])
			return false;
	return true;
}

void ifaces_patch(const struct state *st, struct fd_entry *f)
{
	struct ipaddr a;

	if (f->type != FD_IPV4_SOCK && f->type != FD_IPV6_SOCK)
		return;
	if (is_zero(&f->sip)) {
		if (infer(st, &f->dip, &a) && !(ipaddr_eq(&a, &f->dip) && f->sport == f->dport))
			f->sip = a;
	} else if (is_zero(&f->dip)) {
		if (infer(st, &f->sip, &a) && !(ipaddr_eq(&a, &f->sip) && f->sport == f->dport))
			f->dip = a;
	}
}

bool state_is_local(const struct state *st, const struct thread *t, const struct ipaddr *a)
{
	const struct container *c = t ? t->container : NULL;

	if (c) {
		if (a->n != 4)
			return false;
		if (c->ip4.n)
			return ipaddr_eq(&c->ip4, a);
		return u64map_get(&st->container_ips, get_le32(a->b)) != NULL;
	}
	for (size_t i = 0; i < st->ifaces.n; i++) {
		const struct snap_iface *f = &st->ifaces.v[i];

		/* As upstream: IPv6 addresses are ours when they are in the subnet of one of ours.
		 */
		if (f->addr.n == a->n && (a->n == 16 ? same_subnet(f, a) : ipaddr_eq(&f->addr, a)))
			return true;
	}
	return false;
}
