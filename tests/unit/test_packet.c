/* Packets as events, whom they are between, and the pcapng that they become. */
#include "unit.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <unistd.h>

#include "trace/packet.h"
#include "trace/trace.h"

/* UDP from 10.0.0.1:4660 to 10.0.0.2:53, two bytes. */
static const uint8_t udp[] = { 0x45, 0,  0, 30, 0, 1,    0,    0, 64, 17, 0,  0, 10, 0,   0,
			       1,    10, 0, 0,  2, 0x12, 0x34, 0, 53, 0,  10, 0, 0,  'h', 'i' };

static struct event event_of(struct param params[3], const struct strbuf *data)
{
	params[0] = (struct param){ (const uint8_t *)"\0\0\0", 4 };
	params[1] = (struct param){ (const uint8_t *)"packet", 7 };
	params[2] = (struct param){ (const uint8_t *)data->s, (uint32_t)data->n };
	return (struct event){ .ts = UINT64_C(0x1122334455667788),
			       .tid = EVENT_NO_TID,
			       .type = EVT_ASYNCEVENT_E,
			       .info = event_info(EVT_ASYNCEVENT_E),
			       .n_params = 3,
			       .params = params };
}

static void data_is_as_documented(void **state)
{
	static const uint8_t want[] = { 1, 2, 101, 0, 40, 0, 0, 0, 'l', 'o' };
	struct packet p = { 101, 40, STR("lo"), str_mem(udp, sizeof(udp)) }, got;
	struct strbuf data = STRBUF_INIT;
	struct param params[3];
	struct event ev;

	(void)state;
	packet_data(&p, &data);
	assert_int_equal(data.n, sizeof(want) + sizeof(udp));
	assert_memory_equal(data.s, want, sizeof(want));
	ev = event_of(params, &data);
	assert_true(packet_is(&ev));
	assert_true(packet_read(&ev, &got));
	assert_int_equal(got.linktype, 101);
	assert_int_equal(got.original, 40);
	assert_true(str_eqz(got.iface, "lo"));
	assert_int_equal(got.bytes.n, sizeof(udp));
	/* cut within its head, of another version, longer than it was: no packet */
	for (uint32_t n = 0; n < 10; n++) {
		params[2].n = n;
		assert_false(packet_read(&ev, &got));
	}
	params[2].n = (uint32_t)data.n;
	data.s[4] = 3;
	assert_false(packet_read(&ev, &got));
	data.s[4] = 40;
	data.s[0] = 2;
	assert_false(packet_read(&ev, &got));
	strbuf_release(&data);
}

static bool tuple_behind(const void *head, size_t n, uint16_t linktype, struct packet_tuple *ret)
{
	struct strbuf b = STRBUF_INIT;
	struct packet p = { linktype, 0, STR("x"), { NULL, 0 } };
	bool found;

	strbuf_add(&b, head, n);
	strbuf_add(&b, udp, sizeof(udp));
	p.bytes = strbuf_str(&b);
	found = packet_tuple(&p, ret);
	for (size_t cut = 0; found && cut < n + 24; cut++) {
		struct packet_tuple other;

		p.bytes.n = cut;
		assert_false(packet_tuple(&p, &other));
	}
	strbuf_release(&b);
	return found;
}

static void tuples_are_found_behind_every_link_layer(void **state)
{
	static const struct {
		uint16_t linktype;
		uint8_t n;
		uint8_t head[20];
	} links[] = {
		{ 101, 0, { 0 } },
		{ 228, 0, { 0 } },
		{ 0, 4, { 2 } },
		{ 1, 14, { [12] = 8 } },
		{ 1, 18, { [12] = 0x81, [16] = 8 } },
		{ 113, 16, { [14] = 8 } },
		{ 276, 20, { 8 } },
	};
	struct packet_tuple t;

	(void)state;
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		assert_true(tuple_behind(links[i].head, links[i].n, links[i].linktype, &t));
		assert_int_equal(t.proto, IPPROTO_UDP);
		assert_int_equal(t.src.n, 4);
		assert_memory_equal(t.src.b, "\x0a\0\0\1", 4);
		assert_memory_equal(t.dst.b, "\x0a\0\0\2", 4);
		assert_int_equal(t.sport, 0x1234);
		assert_int_equal(t.dport, 53);
	}
	assert_false(tuple_behind("", 0, 147, &t));
}

static void ipv6_extensions_are_passed(void **state)
{
	uint8_t b[40 + 8 + 8 + 4] = { 0x60,
				      [6] = IPPROTO_HOPOPTS,
				      [23] = 1,
				      [39] = 2,
				      [40] = IPPROTO_FRAGMENT,
				      [48] = IPPROTO_TCP,
				      [56] = 1,
				      2,
				      3,
				      4 };
	struct packet p = { 101, sizeof(b), STR("x"), str_mem(b, sizeof(b)) };
	struct packet_tuple t;

	(void)state;
	assert_true(packet_tuple(&p, &t));
	assert_int_equal(t.proto, IPPROTO_TCP);
	assert_int_equal(t.src.n, 16);
	assert_int_equal(t.sport, 0x0102);
	assert_int_equal(t.dport, 0x0304);
	b[51] = 8; /* a later fragment has no ports */
	assert_false(packet_tuple(&p, &t));
}

static void pcapng_is_byte_for_byte(void **state)
{
	static const uint8_t idb[] = { 1, 0, 0, 0, 40, 0, 0,   0,   101, 0, 0, 0, 0, 0,
				       0, 0, 2, 0, 2,  0, 'l', 'o', 0,   0, 9, 0, 1, 0,
				       9, 0, 0, 0, 0,  0, 0,   0,   40,  0, 0, 0 };
	static const uint8_t epb[] = { 6,  0, 0,    0,    64,   0,    0,    0,    0,    0,
				       0,  0, 0x44, 0x33, 0x22, 0x11, 0x88, 0x77, 0x66, 0x55,
				       30, 0, 0,    0,    40,   0,    0,    0 };
	struct packet p = { 101, 40, STR("lo"), str_mem(udp, sizeof(udp)) };
	struct trace_create_options opt = { .format = TRACE_PCAPNG };
	struct strbuf data = STRBUF_INIT;
	char dir[] = "/tmp/eyas-pcapng-XXXXXX", path[64];
	struct param params[3];
	struct record r = { .kind = RECORD_EVENT };
	struct diag diag;
	struct sink *k;
	uint8_t got[512];
	uint32_t shb;
	size_t n;
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/x.pcapng", dir);
	diag_init(&diag);
	/* without packets there is no file */
	assert_int_equal(trace_create(path, &opt, &diag, &k), 0);
	assert_int_equal(k->ops->finish(k), -ENODATA);
	assert_int_equal(access(path, F_OK), -1);

	packet_data(&p, &data);
	r.event = event_of(params, &data);
	assert_int_equal(trace_create(path, &opt, &diag, &k), 0);
	assert_int_equal(k->ops->put(k, &r), 0);
	assert_int_equal(k->ops->put(k, &r), 0);
	assert_int_equal(k->ops->finish(k), 0);
	f = fopen(path, "rb");
	assert_non_null(f);
	n = fread(got, 1, sizeof(got), f);
	fclose(f);
	assert_memory_equal(got, "\x0a\x0d\x0d\x0a", 4);
	assert_memory_equal(got + 8, "\x4d\x3c\x2b\x1a\1\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff",
			    16);
	shb = got[4];
	assert_int_equal(n, shb + sizeof(idb) + 2 * 64);
	assert_memory_equal(got + shb - 4, got + 4, 4);
	assert_memory_equal(got + shb, idb, sizeof(idb));
	for (size_t at = shb + sizeof(idb); at < n; at += 64) {
		assert_memory_equal(got + at, epb, sizeof(epb));
		assert_memory_equal(got + at + sizeof(epb), udp, sizeof(udp));
		assert_memory_equal(got + at + 58, "\0\0\x40\0\0\0", 6);
	}
	unlink(path);
	rmdir(dir);
	strbuf_release(&data);
	diag_free(&diag);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(data_is_as_documented),
		cmocka_unit_test(tuples_are_found_behind_every_link_layer),
		cmocka_unit_test(ipv6_extensions_are_passed),
		cmocka_unit_test(pcapng_is_byte_for_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
