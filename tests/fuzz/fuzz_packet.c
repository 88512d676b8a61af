/* A packet's event, and the headers in a packet: of the link layer, IP, TCP and UDP. */
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>

#include "trace/packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(x)                  \
	do {                     \
		if (!(x))        \
			abort(); \
	} while (0)

static void look_for_tuple(const struct packet *p)
{
	struct packet_tuple t = { 0 };

	if (!packet_tuple(p, &t))
		return;
	MUST(t.proto == IPPROTO_TCP || t.proto == IPPROTO_UDP);
	MUST((t.src.n == 4 || t.src.n == 16) && t.dst.n == t.src.n);
	/* two addresses and two ports were there */
	MUST(p->bytes.n >= 2u * t.src.n + 4);
}

/* The data of an event; what is read makes the same data again. */
static void event_data(struct str data)
{
	struct param params[3] = { { (const uint8_t *)"\0\0\0", 4 },
				   { (const uint8_t *)"packet", 7 },
				   { (const uint8_t *)data.p, (uint32_t)data.n } };
	struct event ev = { .tid = EVENT_NO_TID,
			    .type = EVT_ASYNCEVENT_E,
			    .info = event_info(EVT_ASYNCEVENT_E),
			    .n_params = 3,
			    .params = params };
	struct strbuf again = STRBUF_INIT;
	struct packet p;

	MUST(packet_is(&ev));
	if (!packet_read(&ev, &p))
		return;
	packet_data(&p, &again);
	MUST(str_eq(strbuf_str(&again), data));
	strbuf_release(&again);
	look_for_tuple(&p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* a tuple needs none of the event's head to be right: most of the time goes to the headers
	 */
	if (size >= 3 && data[0] == 't') {
		struct packet p = { (uint16_t)(data[1] | data[2] << 8), (uint32_t)size, STR("lo"),
				    str_mem(data + 3, size - 3) };

		look_for_tuple(&p);
		return 0;
	}
	event_data(str_mem(data, size));
	return 0;
}
