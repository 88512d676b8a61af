/* .scap blocks of every version into records. */
#include "unit.h"

#include <errno.h>

#include "event/event.h"
#include "scap_build.h"
#include "trace/input.h"
#include "trace/scap_reader.h"
#include "trace/trace.h"

struct opened {
	struct diag diag;
	struct source *src;
};

static int open_bytes(struct opened *o, const struct strbuf *b)
{
	diag_init(&o->diag);
	o->src = NULL;
	return trace_open_input(input_from_memory("mem", b->s, b->n), &o->diag, &o->src);
}

static void close_all(struct opened *o, struct strbuf *b)
{
	source_close(o->src);
	diag_free(&o->diag);
	strbuf_release(b);
}

static void expect_message(const struct opened *o, const char *part)
{
	for (size_t i = 0; i < o->diag.items.n; i++)
		if (strstr(o->diag.items.v[i].message, part))
			return;
	fail_msg("no message has '%s'", part);
}

static const struct snapshot *expect_snapshot(struct opened *o, struct strbuf *b)
{
	struct record rec;

	assert_int_equal(open_bytes(o, b), 0);
	assert_int_equal(source_next(o->src, &rec), 1);
	assert_int_equal(rec.kind, RECORD_SNAPSHOT);
	return rec.snapshot;
}

static void thread_entry(struct strbuf *b, unsigned version, unsigned tid)
{
	b64(b, tid);
	b64(b, tid + 1);
	b64(b, tid + 2);
	if (version >= 6)
		b64(b, 61);
	if (version >= 8)
		b64(b, 81);
	btext(b, "comm");
	btext(b, "exe");
	if (version >= 7)
		btext(b, "/exepath");
	b16(b, 6);
	strbuf_add(b, "-a\0-b", 6);
	btext(b, "/cwd");
	b64(b, 1024);
	b32(b, 7);
	b32(b, 1000);
	b32(b, 1001);
	if (version >= 2) {
		b32(b, 21);
		b32(b, 22);
		b32(b, 23);
		b64(b, 24);
		b64(b, 25);
	}
	if (version >= 3)
		btext(b, "A=B");
	if (version >= 4) {
		b64(b, 41);
		b64(b, 42);
		btext(b, "cpu=/");
	}
	if (version >= 5)
		btext(b, "/root");
}

static void every_process_list_version_is_read(void **state)
{
	static const uint32_t blocks[][2] = {
		{ 0x202, 0x8000ABCD },
		{ 0x207, 0x8013ABCD },
		{ 0x209, 0x8014ABCD },
		{ 0x210 },
		{ 0x211 },
		{ 0x212 },
		{ 0x213 },
		{ 0x214 },
	};

	(void)state;
	for (unsigned version = 1; version <= 8; version++) {
		for (unsigned alt = 0; alt < 2; alt++) {
			struct strbuf b = STRBUF_INIT;
			const struct snap_thread *t;
			const struct snapshot *s;
			struct opened o;
			size_t at;

			if (!blocks[version - 1][alt])
				continue;
			build_shb(&b);
			at = block_begin(&b, blocks[version - 1][alt]);
			thread_entry(&b, version, 100);
			thread_entry(&b, version, 200);
			block_end(&b, at);
			s = expect_snapshot(&o, &b);
			assert_int_equal(s->threads.n, 2);
			t = &s->threads.v[1];
			assert_int_equal(t->tid, 200);
			assert_int_equal(t->pid, 201);
			assert_int_equal(t->ptid, 202);
			assert_str(t->comm, "comm");
			assert_int_equal(t->args.n, 6);
			assert_str(t->cwd, "/cwd");
			assert_int_equal(t->fdlimit, 1024);
			assert_int_equal(t->uid, 1000);
			assert_int_equal(t->gid, 1001);
			assert_int_equal(t->sid, version >= 6 ? 61 : -1);
			assert_int_equal(t->vpgid, version >= 8 ? 81 : -1);
			assert_str(t->exepath, version >= 7 ? "/exepath" : "");
			assert_int_equal(t->vmswap_kb, version >= 2 ? 23 : 0);
			assert_int_equal(t->pfminor, version >= 2 ? 25 : 0);
			assert_str(t->env, version >= 3 ? "A=B" : "");
			assert_int_equal(t->vtid, version >= 4 ? 41 : -1);
			assert_int_equal(t->vpid, version >= 4 ? 42 : -1);
			assert_str(t->cgroups, version >= 4 ? "cpu=/" : "");
			assert_str(t->root, version >= 5 ? "/root" : "");
			assert_int_equal(t->pgid, -1);
			assert_int_equal(t->loginuid, UINT32_MAX);
			assert_int_equal(!!(t->has & SNAP_HAS_SID), version >= 6);
			close_all(&o, &b);
		}
	}
}

/* Version 9 with a tail of n bytes, each its position from 1. */
static const struct snap_thread *version_9(struct opened *o, struct strbuf *b, unsigned n)
{
	size_t at, entry;

	build_shb(b);
	at = block_begin(b, 0x215);
	entry = b->n;
	b32(b, 0);
	thread_entry(b, 8, 300);
	for (unsigned i = 0; i < n; i++)
		b8(b, i + 1);
	put_le32((uint8_t *)b->s + entry, (uint32_t)(b->n - entry));
	block_end(b, at);
	return &expect_snapshot(o, b)->threads.v[0];
}

static void version_9_before_the_pid_namespace_is_told_by_its_length(void **state)
{
	const struct snap_thread *t;
	struct strbuf b = STRBUF_INIT;
	struct opened o;

	(void)state;
	t = version_9(&o, &b, 29);
	assert_false(t->has & SNAP_HAS_PIDNS);
	assert_int_equal(t->pidns_init_start_ts, 0);
	assert_int_equal(t->loginuid, 0x04030201);
	assert_int_equal(t->exe_writable, 5);
	assert_true(t->has & SNAP_HAS_CAPS);
	assert_int_equal(t->cap_effective >> 56, 29);
	assert_false(t->has & SNAP_HAS_EXE_UPPER);
	close_all(&o, &b);

	t = version_9(&o, &b, 41);
	assert_true(t->has & SNAP_HAS_PIDNS);
	assert_int_equal(t->tty, 0x0c0b0a09);
	assert_int_equal(t->loginuid, 0x100f0e0d);
	assert_int_equal(t->cap_effective >> 56, 41);
	assert_false(t->has & SNAP_HAS_EXE_UPPER);
	close_all(&o, &b);

	t = version_9(&o, &b, 41 + 1 + 24 + 1 + 1 + 8 + 5);
	assert_true(t->has & SNAP_HAS_PGID);
	assert_int_equal(t->exe_upper_layer, 42);
	assert_int_equal(t->exe_from_memfd, 67);
	assert_int_equal(t->exe_lower_layer, 68);
	assert_int_equal(t->pgid & 0xff, 69);
	close_all(&o, &b);

	t = version_9(&o, &b, 0);
	assert_int_equal(t->loginuid, UINT32_MAX);
	close_all(&o, &b);
}

static void descriptor(struct strbuf *b, bool with_len, unsigned fd, unsigned type, unsigned extra)
{
	size_t at = b->n;

	if (with_len)
		b32(b, 0);
	b64(b, fd);
	b64(b, 500 + fd);
	b8(b, type);
	switch (type) {
	case FD_IPV4_SOCK:
		b32(b, 0x0100000a);
		b32(b, 0x0200000a);
		b16(b, 1111);
		b16(b, 22);
		b8(b, L4_TCP);
		break;
	case FD_IPV6_SERVSOCK:
		for (unsigned i = 0; i < 16; i++)
			b8(b, i);
		b16(b, 53);
		b8(b, L4_UDP);
		break;
	case FD_UNIX_SOCK:
		b64(b, 0x77);
		b64(b, 0x88);
		btext(b, "/run/x");
		break;
	case FD_FILE_V2:
		b32(b, 1);
		btext(b, "/f");
		break;
	case FD_UNKNOWN:
		break;
	default:
		btext(b, "name");
	}
	for (unsigned i = 0; i < extra; i++)
		b8(b, 9);
	if (with_len)
		put_le32((uint8_t *)b->s + at, (uint32_t)(b->n - at));
}

static void descriptor_lists_of_both_versions_are_read(void **state)
{
	static const uint32_t blocks[] = { 0x203, 0x8001ABCD, 0x218 };

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct strbuf b = STRBUF_INIT;
		const struct snapshot *s;
		bool v2 = blocks[i] == 0x218;
		struct opened o;
		size_t at;

		build_shb(&b);
		at = block_begin(&b, blocks[i]);
		b64(&b, 77);
		descriptor(&b, v2, 0, FD_IPV4_SOCK, 0);
		descriptor(&b, v2, 1, FD_IPV6_SERVSOCK, 0);
		descriptor(&b, v2, 2, FD_UNIX_SOCK, 0);
		descriptor(&b, v2, 3, FD_FILE_V2, v2 ? 4 : 0);
		descriptor(&b, v2, 4, FD_EVENTPOLL, v2 ? 6 : 0);
		descriptor(&b, v2, 5, FD_UNKNOWN, 0);
		if (v2)
			descriptor(&b, v2, 6, 200, 3);
		block_end(&b, at);
		at = block_begin(&b, blocks[i]);
		b64(&b, 78);
		block_end(&b, at);
		s = expect_snapshot(&o, &b);
		assert_int_equal(s->fds.n, v2 ? 7 : 6);
		assert_int_equal(s->fd_tids.n, 2);
		assert_int_equal(s->fd_tids.v[1], 78);
		assert_int_equal(s->fds.v[0].tid, 77);
		assert_int_equal(s->fds.v[0].sip.b[0], 10);
		assert_int_equal(s->fds.v[0].dip.b[3], 2);
		assert_int_equal(s->fds.v[0].dip.b[0], 10);
		assert_int_equal(s->fds.v[0].sport, 1111);
		assert_int_equal(s->fds.v[0].dport, 22);
		assert_int_equal(s->fds.v[0].l4proto, L4_TCP);
		assert_int_equal(s->fds.v[1].sip.n, 16);
		assert_int_equal(s->fds.v[1].sport, 53);
		assert_int_equal(s->fds.v[2].unix_dst, 0x88);
		assert_str(s->fds.v[2].name, "/run/x");
		assert_int_equal(s->fds.v[3].has_dev, v2);
		assert_int_equal(s->fds.v[3].dev, v2 ? 0x09090909 : 0);
		assert_str(s->fds.v[4].name, "name");
		assert_int_equal(s->fds.v[5].ino, 505);
		if (v2) {
			/* Of an unknown kind the payload is kept as it is. */
			assert_int_equal(s->fds.v[6].type, 200);
			assert_int_equal(s->fds.v[6].name.n, 2 + 4 + 3);
		}
		close_all(&o, &b);
	}
}

static void interfaces_and_users_of_both_versions_are_read(void **state)
{
	(void)state;
	for (unsigned v2 = 0; v2 < 2; v2++) {
		struct strbuf b = STRBUF_INIT;
		const struct snapshot *s;
		struct record rec;
		struct opened o;
		size_t at;

		build_shb(&b);
		at = block_begin(&b, v2 ? 0x219 : 0x205);
		for (unsigned type = 1; type <= 4; type++) {
			unsigned width = type & 1 ? 4 : 16;

			if (v2)
				b32(&b, 4 + 3 * width + (type <= 2 ? 8 : 0) + 3);
			b16(&b, type);
			b16(&b, 3);
			for (unsigned i = 0; i < 3 * width; i++)
				b8(&b, type);
			if (type <= 2)
				b64(&b, 10);
			strbuf_adds(&b, "eth");
		}
		block_end(&b, at);
		at = block_begin(&b, v2 ? 0x220 : 0x8012ABCD);
		if (v2)
			b32(&b, 4 + 1 + 8 + 3 + 4 + 4 + 2);
		b8(&b, 0);
		b32(&b, 5);
		b32(&b, 6);
		btext(&b, "u");
		btext(&b, "/h");
		btext(&b, "/s");
		if (v2)
			b16(&b, 0); /* appended by a newer writer */
		if (v2)
			b32(&b, 4 + 1 + 4 + 3);
		b8(&b, 3);
		b32(&b, 7);
		btext(&b, "g");
		block_end(&b, at);
		s = expect_snapshot(&o, &b);
		assert_int_equal(s->ifaces.n, 4);
		assert_int_equal(s->ifaces.v[3].addr.n, 16);
		assert_int_equal(s->ifaces.v[1].linkspeed, 10);
		assert_int_equal(s->ifaces.v[2].linkspeed, 0);
		assert_str(s->ifaces.v[2].name, "eth");
		assert_int_equal(s->users.n, 1);
		assert_int_equal(s->users.v[0].gid, 6);
		assert_str(s->users.v[0].shell, "/s");
		assert_int_equal(s->groups.n, 1);
		assert_str(s->groups.v[0].name, "g");
		assert_int_equal(source_next(o.src, &rec), 0);
		if (v2)
			expect_message(&o, "newer fields");
		close_all(&o, &b);
	}
}

static void event_headers_of_every_kind_are_read(void **state)
{
	static const struct {
		uint32_t block;
		unsigned version;
		bool flags;
		unsigned type;
		bool wide;
	} kinds[] = {
		{ 0x204, 1, false, 5, false },     { 0x8010ABCD, 1, false, 5, false },
		{ 0x208, 1, true, 5, false },      { 0x216, 2, false, 5, false },
		{ 0x217, 2, true, 5, false },      { 0x221, 2, false, 402, true },
		{ 0x222, 2, true, 402, true },     { 0x216, 2, false, 402, true },
		{ 0x221, 2, false, 5, false },     { 0x221, 2, false, 50000, true },
		{ 0x216, 2, false, 50000, false },
	};
	static const unsigned lens[] = { 8, 0, 3 };
	struct record rec;

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct strbuf b = STRBUF_INIT;
		struct opened o;

		build_shb(&b);
		build_event(&b, kinds[i].block, kinds[i].version, kinds[i].flags, EVENT_STATE_ONLY,
			    kinds[i].type, 3, lens, kinds[i].wide);
		expect_snapshot(&o, &b);
		assert_int_equal(source_next(o.src, &rec), 1);
		assert_int_equal(rec.kind, RECORD_EVENT);
		assert_int_equal(rec.event.type, kinds[i].type);
		assert_int_equal(rec.event.info == NULL, kinds[i].type == 50000);
		assert_int_equal(rec.event.cpu, 3);
		assert_int_equal(rec.event.ts, 1000);
		assert_int_equal(rec.event.tid, 42);
		assert_int_equal(rec.event.delivery & EVENT_STATE_ONLY, kinds[i].flags);
		assert_int_equal(rec.event.n_params, 3);
		assert_int_equal(rec.event.params[0].n, 8);
		assert_int_equal(rec.event.params[1].n, 0);
		assert_memory_equal(rec.event.params[2].p, "ccc", 3);
		assert_int_equal(source_next(o.src, &rec), 0);
		assert_int_equal(source_next(o.src, &rec), 0);
		assert_int_equal(o.diag.items.n, 0);
		close_all(&o, &b);
	}
}

static void large_events_are_read(void **state)
{
	static const unsigned lens[] = { 4, 10, 700000 };
	struct strbuf b = STRBUF_INIT;
	struct record rec;
	struct opened o;

	(void)state;
	build_shb(&b);
	build_event(&b, 0x221, 2, false, 0, 402, 3, lens, true);
	build_close(&b);
	expect_snapshot(&o, &b);
	assert_int_equal(source_next(o.src, &rec), 1);
	assert_int_equal(rec.event.params[2].n, 700000);
	assert_int_equal(rec.event.params[2].p[699999], 'c');
	assert_int_equal(source_next(o.src, &rec), 1);
	assert_int_equal(rec.event.type, 5);
	close_all(&o, &b);
}

static void a_new_section_brings_a_new_snapshot(void **state)
{
	struct strbuf b = STRBUF_INIT;
	struct record rec;
	struct opened o;
	size_t at;

	(void)state;
	build_shb(&b);
	at = block_begin(&b, 0x202);
	thread_entry(&b, 1, 1);
	block_end(&b, at);
	build_close(&b);
	build_shb(&b);
	build_shb(&b);
	build_close(&b);
	assert_int_equal(expect_snapshot(&o, &b)->threads.n, 1);
	assert_int_equal(source_next(o.src, &rec), 1);
	assert_int_equal(rec.kind, RECORD_EVENT);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(source_next(o.src, &rec), 1);
		assert_int_equal(rec.kind, RECORD_SNAPSHOT);
		assert_int_equal(rec.snapshot->threads.n, 0);
	}
	assert_int_equal(source_next(o.src, &rec), 1);
	assert_int_equal(rec.kind, RECORD_EVENT);
	assert_int_equal(source_next(o.src, &rec), 0);
	close_all(&o, &b);
}

static void every_cut_gives_what_was_before_it(void **state)
{
	struct strbuf b = STRBUF_INIT;
	size_t first, second;

	(void)state;
	build_shb(&b);
	build_close(&b);
	first = b.n;
	build_close(&b);
	second = b.n;
	build_close(&b);
	for (size_t n = 0; n <= b.n; n++) {
		struct strbuf part = STRBUF_INIT;
		unsigned events = 0;
		struct record rec;
		struct opened o;
		int r;

		strbuf_add(&part, b.s, n);
		r = open_bytes(&o, &part);
		if (n < 28) {
			assert_int_equal(r, -EBADMSG);
			assert_int_equal(o.diag.n_errors, 1);
		} else {
			while ((r = source_next(o.src, &rec)) == 1)
				events += rec.kind == RECORD_EVENT;
			assert_int_equal(events, n == b.n ? 3 : n >= second ? 2 : n >= first);
			if (n == 28 || n == first || n == second || n == b.n) {
				assert_int_equal(r, 0);
			} else {
				assert_int_equal(r, -EBADMSG);
				expect_message(&o, "the trace is cut");
				assert_int_equal(o.diag.items.v[0].offset, n > second  ? second
									   : n > first ? first
										       : 28);
			}
			assert_int_equal(source_next(o.src, &rec), 0);
		}
		close_all(&o, &part);
	}
	strbuf_release(&b);
}

static void lengths_are_not_believed(void **state)
{
	struct strbuf b = STRBUF_INIT;
	struct record rec;
	struct opened o;

	(void)state;
	build_shb(&b);
	build_close(&b);
	b32(&b, 0x216);
	b32(&b, 200u << 20); /* within the limit, and not there */
	b32(&b, 0);
	expect_snapshot(&o, &b);
	assert_int_equal(source_next(o.src, &rec), 1);
	assert_int_equal(source_next(o.src, &rec), -EBADMSG);
	expect_message(&o, "only 12 bytes of it are there");
	close_all(&o, &b);
}

static void many_damaged_events_give_few_messages(void **state)
{
	struct strbuf b = STRBUF_INIT;
	unsigned lost = 0, events = 0;
	struct record rec;
	struct opened o;
	int r;

	(void)state;
	build_shb(&b);
	for (int i = 0; i < 100; i++) {
		size_t at = block_begin(&b, 0x216);

		b32(&b, 0);
		block_end(&b, at);
	}
	build_close(&b);
	expect_snapshot(&o, &b);
	while ((r = source_next(o.src, &rec)) == 1) {
		lost += rec.kind == RECORD_LOSS;
		events += rec.kind == RECORD_EVENT;
	}
	assert_int_equal(r, -EBADMSG);
	assert_int_equal(lost, 100);
	assert_int_equal(events, 1);
	assert_true(o.diag.items.n < 30);
	expect_message(&o, "80 more damaged places");
	close_all(&o, &b);
}

static ssize_t failing_read(void *arg, void *buf, size_t n)
{
	struct strbuf *left = arg;

	if (!left->n) {
		errno = EIO;
		return -1;
	}
	if (n > left->n)
		n = left->n;
	memcpy(buf, left->s, n);
	left->n = 0;
	return (ssize_t)n;
}

static void behind_damage_the_next_block_is_found_when_asked_for(void **state)
{
	(void)state;
	/* Of ten events the fourth has lost each number of its first bytes, or of its last ones. */
	for (unsigned lost = 1; lost < 40; lost++) {
		struct strbuf b = STRBUF_INIT;
		unsigned events = 0, losses = 0;
		uint64_t places, bytes;
		struct record rec;
		struct opened o;

		build_shb(&b);
		for (unsigned i = 0; i < 10; i++) {
			size_t at = b.n;

			build_close(&b);
			if (i != 3)
				continue;
			if (lost < 20) {
				memmove(b.s + at, b.s + at + lost, b.n - at - lost);
				strbuf_truncate(&b, b.n - lost);
			} else {
				strbuf_truncate(&b, b.n - (lost - 19));
			}
		}
		assert_int_equal(open_bytes(&o, &b), 0);
		scap_reader_resync(o.src);
		while (source_next(o.src, &rec) == 1) {
			events += rec.kind == RECORD_EVENT;
			losses += rec.kind == RECORD_LOSS && rec.loss.count == UINT64_MAX &&
				  rec.loss.cause == LOSS_DAMAGE;
		}
		scap_reader_resynced(o.src, &places, &bytes);
		assert_int_equal(events, 9);
		assert_int_equal(losses, places);
		assert_true(places <= 1);
		assert_int_equal(source_next(o.src, &rec), 0);
		close_all(&o, &b);
	}
}

static void a_failed_read_is_no_damage(void **state)
{
	struct strbuf b = STRBUF_INIT;
	struct record rec;
	struct opened o;

	(void)state;
	build_shb(&b);
	build_close(&b);
	b32(&b, 0x216);
	diag_init(&o.diag);
	assert_int_equal(trace_open_input(input_from("dev", failing_read, &b), &o.diag, &o.src), 0);
	assert_int_equal(source_next(o.src, &rec), 1);
	assert_int_equal(source_next(o.src, &rec), 1);
	assert_int_equal(source_next(o.src, &rec), -EIO);
	assert_int_equal(source_next(o.src, &rec), 0);
	expect_message(&o, "cannot read on");
	close_all(&o, &b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_process_list_version_is_read),
		cmocka_unit_test(version_9_before_the_pid_namespace_is_told_by_its_length),
		cmocka_unit_test(descriptor_lists_of_both_versions_are_read),
		cmocka_unit_test(interfaces_and_users_of_both_versions_are_read),
		cmocka_unit_test(event_headers_of_every_kind_are_read),
		cmocka_unit_test(large_events_are_read),
		cmocka_unit_test(a_new_section_brings_a_new_snapshot),
		cmocka_unit_test(every_cut_gives_what_was_before_it),
		cmocka_unit_test(lengths_are_not_believed),
		cmocka_unit_test(many_damaged_events_give_few_messages),
		cmocka_unit_test(behind_damage_the_next_block_is_found_when_asked_for),
		cmocka_unit_test(a_failed_read_is_no_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
