/*
 * Sequences of events that an attacker could record, through the state engine; all invariants are
 * checked after each. Values come from small sets, so that random bytes meet: an event is a byte
 * for its type among those with a parser, one for its tid, one for the time passed, and one or two
 * a parameter.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event/event_text.h"
#include "state/state_impl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const int64_t numbers[] = {
	0,       1,  2,  3,    4,    5,         6,         7,         10,       13,      16,
	17,      26, 36, 115,  255,  4096,      0x2000,    0x10000,   0x100000, 1 << 27, 1 << 29,
	1 << 30, -1, -2, -100, -115, INT32_MAX, INT64_MAX, INT64_MIN, 1 << 6,   1 << 8,
};

#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

#define T(lit)                       \
	{                            \
		lit, sizeof(lit) - 1 \
	}

static const struct str texts[] = {
	T(""),
	T("\0"),
	T("a\0"),
	T("/\0"),
	T("../b\0"),
	T("/etc/x (deleted)\0"),
	T("(NULL)\0"),
	T("a\0b\0"),
	T("A=1\0B=2\0"),
	T("cpu=/docker/" HEX64 "\0mem_cgroup=/x\0"),
	T("cpu=/docker/f" HEX64 "\0io=/lxc/web/x\0"),
	T("cpu=/ns/name\0"),
	T("broken\0"),
	T("{\"container\":{\"id\":\"0123456789ab\",\"name\":\"n\",\"type\":0,\"ip\":\"10.0.0.5\","
	  "\"Mounts\":[{\"Source\":\"/a\"}],\"labels\":{\"k\":\"v\"}}}\0"),
	T("{\"id\":\"web\"}\0"),
	T("{\0"),
	T("container\0"),
	T("container_removed\0"),
	T("0123456789ab\0"),
	T("\x02\x7f\0\0\x01\x50\0"),
	T("\x02\x7f\0\0\x01\x50\0\x0a\0\0\x05\x51\0"),
	T("\x02\0\0\0\0\x50\0\x0a\0\0\x05\x50\0"),
	T("\x0a\0\0\0\0\0\0\0\0\0\0\xff\xff\x01\x02\x03\x04\x50\0"
	  "\0\0\0\0\0\0\0\0\0\0\xff\xff\x01\x02\x03\x05\x51\0"),
	T("\x0a\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\x50\0"
	  "\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\x02\x51\0"),
	T("\x01"
	  "12345678"
	  "12345678"
	  "/run/s\0"),
	T("\x01/run/s\0"),
	T("\x01"
	  "1234"),
	T("+marker\0"),
};

struct input {
	struct cursor c;
	uint16_t types[EVENT_N_TYPES];
	size_t n_types;
	uint64_t ts;
};

static size_t value(struct cursor *c, const struct param_info *info, uint8_t *out, size_t room)
{
	uint8_t b = cursor_u8(c);
	unsigned size = info ? param_type_size(info->type) : 0;
	struct str s;

	if (b >= 0xf8)
		return 0;
	if (b >= 0xf0) {
		/* A wrong size. */
		size_t n = cursor_u8(c) & 15;

		memset(out, b, n);
		return n;
	}
	if (size) {
		uint8_t le[8];

		put_le64(le, (uint64_t)numbers[b % (sizeof(numbers) / sizeof(*numbers))]);
		memcpy(out, le, size > 8 ? 8 : size);
		return size > 8 ? 8 : size;
	}
	s = texts[b % (sizeof(texts) / sizeof(*texts))];
	if (s.n > room)
		s.n = room;
	memcpy(out, s.p, s.n);
	return s.n;
}

static void use(struct state *st, const struct event_ctx *ctx)
{
	struct strbuf sb = STRBUF_INIT;
	static const struct ipaddr ip = { 4, { 10, 0, 0, 5 } };

	if (ctx->thread) {
		(void)thread_ancestor(st, ctx->thread, 3);
		(void)thread_parent(st, ctx->thread);
		(void)thread_stamp(st, ctx->thread);
		(void)thread_dir(st, ctx->thread, ctx->fd_num, &sb);
		(void)state_is_local(st, ctx->thread, &ip);
		(void)state_user(st, ctx->container, ctx->thread->uid);
		(void)state_group(st, ctx->container, ctx->thread->gid);
	}
	if (ctx->fd)
		strbuf_addstr(&sb, istr_str(fd_name(ctx->fd)));
	if (ctx->container)
		strbuf_addstr(&sb, ctx->container->id);
	strbuf_release(&sb);
}

static void load(struct input *in, struct state *st)
{
	struct snapshot snap;
	unsigned n = cursor_u8(&in->c) & 7;

	snapshot_init(&snap);
	for (unsigned i = 0; i < n; i++) {
		struct snap_thread t;
		struct snap_fd fd = { .tid = cursor_u8(&in->c) & 15, .fd = i, .name = STR("x") };
		struct snap_iface iface = { .type = 1, .addr = { 4, { 10, 0, 0, (uint8_t)i } } };

		snap_thread_defaults(&t);
		t.tid = cursor_u8(&in->c) & 15;
		t.pid = cursor_u8(&in->c) & 15;
		t.ptid = cursor_u8(&in->c) & 15;
		t.flags = (uint32_t)cursor_u8(&in->c) << 23;
		t.cgroups = texts[cursor_u8(&in->c) % 13];
		t.cwd = STR("/x");
		vec_push(&snap.threads, t);
		fd.type = cursor_u8(&in->c) % 24;
		fd.sip.n = fd.dip.n =
			fd.type == FD_IPV6_SOCK || fd.type == FD_IPV6_SERVSOCK ? 16 : 4;
		fd.sport = fd.dport = (uint16_t)(fd.type * 3);
		vec_push(&snap.fds, fd);
		vec_push(&snap.ifaces, iface);
	}
	state_load(st, &snap);
	snapshot_free(&snap);
}

static void step(struct input *in, struct state *st)
{
	struct param params[EVENT_MAX_PARAMS];
	uint8_t bytes[EVENT_MAX_PARAMS * 300];
	uint8_t pick = cursor_u8(&in->c), when;
	struct event ev = { .params = params };
	struct event_ctx ctx;
	const char *why;
	size_t used = 0;

	if (pick == 0xff) {
		load(in, st);
	} else if (pick == 0xfe) {
		state_sweep(st);
	} else {
		ev.type = in->types[pick % in->n_types];
		ev.info = event_info(ev.type);
		ev.tid = (int64_t)(cursor_u8(&in->c) & 15) - 1;
		when = cursor_u8(&in->c);
		in->ts += when & 1 ? 3 * NS_PER_S : when;
		ev.ts = in->ts;
		ev.n_params = ev.info->n_params;
		for (unsigned i = 0; i < ev.n_params; i++) {
			size_t n = value(&in->c, &ev.info->params[i], bytes + used, 300);

			params[i] = (struct param){ bytes + used, (uint32_t)n };
			used += n;
		}
		state_begin(st, &ev, &ctx);
		use(st, &ctx);
		state_end(st, &ctx);
	}
	if (!state_check(st, &why)) {
		fprintf(stderr, "%s: %s\n", ev.info ? ev.info->code : "load or sweep", why);
		abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { .c = cursor_of(data, size), .ts = NS_PER_S };
	struct strbuf out = STRBUF_INIT;
	struct state_options opt;
	struct state *st;
	uint8_t first = cursor_u8(&in.c);

	state_options_default(&opt);
	opt.connection_tracking = first & 1;
	opt.max_threads = first & 2 ? 8 : 64;
	opt.max_fds = first & 4 ? 4 : 64;
	opt.max_containers = 3;
	opt.max_users = 4;
	st = state_new(&opt);
	for (unsigned t = 0; t < EVENT_N_TYPES; t++)
		if (state_parser_of(t))
			in.types[in.n_types++] = (uint16_t)t;
	while (cursor_left(&in.c))
		step(&in, st);
	state_dump(st, &out);
	strbuf_release(&out);
	state_free(st);
	return 0;
}
