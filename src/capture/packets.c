#include "capture/packets.h"

#include <errno.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "base/xalloc.h"
#include "capture/privilege.h"
#include "trace/packet.h"

#define RING_BYTES (8 << 20)          /* in the kernel, per interface */
#define HELD_BYTES ((size_t)64 << 20) /* here, of all interfaces */
#define AT_ONCE    100000             /* packets read from an interface before others have a turn */

struct iface {
	pcap_t *pcap; /* NULL: it has gone */
	char *name;
	uint16_t linktype;
	uint32_t dropped; /* as pcap_stats() counted last time: it wraps */
};

struct held {
	uint64_t ts;
	char *data;
	size_t n;
};

struct packets {
	struct iface ifaces[PACKETS_MAX_IFACES];
	size_t n;
	VEC(struct held) held; /* from `first` on, by time */
	size_t first, held_bytes;
	uint64_t lost; /* for want of room here */
	char *current; /* data of the event given out last */
	struct param params[3];
};

struct reading {
	struct packets *p;
	const struct iface *iface;
};

static void say_interfaces(struct strbuf *out)
{
	char why[PCAP_ERRBUF_SIZE];
	pcap_if_t *all, *i;

	if (pcap_findalldevs(&all, why) < 0)
		return;
	strbuf_adds(out, "; there are any");
	for (i = all; i; i = i->next)
		if (if_nametoindex(i->name)) /* libpcap knows other things, too */
			strbuf_addf(out, ", %s", i->name);
	pcap_freealldevs(all);
}

static int failed(struct iface *i, int status, struct diag *diag)
{
	struct strbuf text = STRBUF_INIT;
	const char *more = pcap_geterr(i->pcap), *missing = privilege_missing_for_packets();
	bool rights = status == PCAP_ERROR_PERM_DENIED;

	strbuf_adds(&text, status == PCAP_ERROR ? more : pcap_statustostr(status));
	if (status != PCAP_ERROR && *more && strcmp(more, pcap_statustostr(status)) != 0)
		strbuf_addf(&text, " (%s)", more);
	if (rights && missing)
		strbuf_addf(&text, ": %s is missing", missing);
	else if (status == PCAP_ERROR_NO_SUCH_DEVICE)
		say_interfaces(&text);
	diag_add(diag, DIAG_ERROR, "PACKETS", "packets of %s: %s", i->name, text.s);
	strbuf_release(&text);
	return rights ? -EPERM : -EINVAL;
}

static int open_one(struct iface *i, const char *spec, int snaplen, struct diag *diag)
{
	const char *comma = strchr(spec, ',');
	char why[PCAP_ERRBUF_SIZE] = "";
	struct bpf_program prog;
	int r;

	i->name = xstrdup(spec);
	if (comma)
		i->name[comma - spec] = '\0';
	i->pcap = pcap_create(i->name, why);
	if (!i->pcap) {
		diag_add(diag, DIAG_ERROR, "PACKETS", "packets of %s: %s", i->name, why);
		return -EINVAL;
	}
	(void)pcap_set_snaplen(i->pcap, snaplen);
	/* Not in immediate mode: its ring has slots, each for the longest packet there may be. */
	(void)pcap_set_timeout(i->pcap, PACKETS_LATE_MS);
	(void)pcap_set_buffer_size(i->pcap, RING_BYTES);
	(void)pcap_set_tstamp_precision(i->pcap, PCAP_TSTAMP_PRECISION_NANO);
	r = pcap_activate(i->pcap);
	if (r < 0)
		return failed(i, r, diag);
	if (comma) {
		r = pcap_compile(i->pcap, &prog, comma + 1, 1, PCAP_NETMASK_UNKNOWN);
		if (!r) {
			r = pcap_setfilter(i->pcap, &prog);
			pcap_freecode(&prog);
		}
		if (r < 0) {
			diag_add(diag, DIAG_ERROR, "PACKETS", "filter '%s' of %s: %s", comma + 1,
				 i->name, pcap_geterr(i->pcap));
			return -EINVAL;
		}
	}
	if (pcap_setnonblock(i->pcap, 1, why) < 0) {
		diag_add(diag, DIAG_ERROR, "PACKETS", "packets of %s: %s", i->name, why);
		return -EINVAL;
	}
	i->linktype = (uint16_t)pcap_datalink(i->pcap);
	/* Numbers in files differ from this library's only for raw IP. */
	if (pcap_datalink(i->pcap) == DLT_RAW)
		i->linktype = 101;
	return 0;
}

int packets_open(char *const *specs, size_t n, int snaplen, struct diag *diag, struct packets **ret)
{
	struct packets *p = xcalloc(1, sizeof(*p));
	int r = 0;

	while (!r && p->n < n && p->n < PACKETS_MAX_IFACES) {
		r = open_one(&p->ifaces[p->n], specs[p->n], snaplen, diag);
		p->n++;
	}
	if (r) {
		packets_close(p);
		return r;
	}
	*ret = p;
	return 0;
}

void packets_close(struct packets *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->n; i++) {
		if (p->ifaces[i].pcap)
			pcap_close(p->ifaces[i].pcap);
		free(p->ifaces[i].name);
	}
	for (size_t i = p->first; i < p->held.n; i++)
		free(p->held.v[i].data);
	vec_free(&p->held);
	free(p->current);
	free(p);
}

static void on_packet(u_char *arg, const struct pcap_pkthdr *head, const u_char *bytes)
{
	struct reading *rd = (struct reading *)(void *)arg;
	struct packets *p = rd->p;
	struct packet packet = { rd->iface->linktype,
				 head->len < head->caplen ? head->caplen : head->len,
				 str_of(rd->iface->name), str_mem(bytes, head->caplen) };
	/* With this precision tv_usec holds nanoseconds. */
	struct held h = { (uint64_t)head->ts.tv_sec * 1000000000u + (uint64_t)head->ts.tv_usec,
			  NULL, 0 };
	struct strbuf data = STRBUF_INIT;
	size_t at;

	if (p->held_bytes + head->caplen > HELD_BYTES) {
		p->lost++;
		return;
	}
	packet_data(&packet, &data);
	h.n = data.n;
	h.data = strbuf_detach(&data);
	p->held_bytes += h.n;
	/* Those of one interface come nearly in order: only another's stand behind it. */
	vec_push(&p->held, h);
	for (at = p->held.n - 1; at > p->first && p->held.v[at - 1].ts > h.ts; at--)
		p->held.v[at] = p->held.v[at - 1];
	p->held.v[at] = h;
}

void packets_read(struct packets *p, struct diag *diag)
{
	if (p->first && p->first >= p->held.n / 2) {
		p->held.n -= p->first;
		memmove(p->held.v, p->held.v + p->first, p->held.n * sizeof(p->held.v[0]));
		p->first = 0;
	}
	for (size_t i = 0; i < p->n; i++) {
		struct iface *f = &p->ifaces[i];
		struct reading rd = { p, f };

		if (!f->pcap || pcap_dispatch(f->pcap, AT_ONCE, on_packet, (u_char *)&rd) >= 0)
			continue;
		diag_add(diag, DIAG_WARNING, "PACKETS", "no more packets of %s: %s", f->name,
			 pcap_geterr(f->pcap));
		pcap_close(f->pcap);
		f->pcap = NULL;
	}
}

bool packets_next(struct packets *p, uint64_t until, struct event *ret)
{
	static const uint8_t no_plugin[4], name[] = PACKET_EVENT_NAME;
	struct held *h;

	if (p->first == p->held.n || p->held.v[p->first].ts > until)
		return false;
	h = &p->held.v[p->first++];
	p->held_bytes -= h->n;
	free(p->current);
	p->current = h->data;
	p->params[0] = (struct param){ no_plugin, sizeof(no_plugin) };
	p->params[1] = (struct param){ name, sizeof(name) };
	p->params[2] = (struct param){ (const uint8_t *)h->data, (uint32_t)h->n };
	*ret = (struct event){ .ts = h->ts,
			       .tid = EVENT_NO_TID,
			       .type = EVT_ASYNCEVENT_E,
			       .n_params = 3,
			       .params = p->params,
			       .info = event_info(EVT_ASYNCEVENT_E) };
	return true;
}

uint64_t packets_lost(struct packets *p)
{
	uint64_t lost = p->lost;

	p->lost = 0;
	for (size_t i = 0; i < p->n; i++) {
		struct iface *f = &p->ifaces[i];
		struct pcap_stat s;

		if (!f->pcap || pcap_stats(f->pcap, &s) < 0)
			continue;
		lost += (uint32_t)(s.ps_drop - f->dropped);
		f->dropped = s.ps_drop;
	}
	return lost;
}
