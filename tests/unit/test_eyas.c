/* The native trace format: what is written is read back, whatever it was; damage is told. */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "records.h"
#include "trace/blake2b.h"
#include "trace/crc32c.h"
#include "trace/eyas_columns.h"
#include "trace/eyas_format.h"
#include "trace/eyas_index.h"
#include "trace/eyas_reader.h"
#include "trace/eyas_snapshot.h"
#include "trace/eyas_writer.h"
#include "base/varint.h"

#define ALL                                                                          \
	(WITH_UNKNOWN_TYPES | WITH_ODD_SIZES | WITH_LOSS_AND_NOTES | WITH_SECTIONS | \
	 WITH_ANY_DELIVERY | WITH_MOUNTS)

static struct diag diag;

static void write_trace(const struct record_list *l, struct strbuf *out,
			struct eyas_writer_options opt)
{
	struct byte_sink o = { .arg = out, .write = strbuf_output };
	struct sink *k = eyas_writer_new(&o, &opt, &diag);

	record_list_write(l, k);
	assert_int_equal(k->ops->finish(k), 0);
}

static const char *nothing_wrong(void *arg, const struct eyas_block *b, uint64_t offset,
				 const uint8_t *hash, const struct strbuf *streams)
{
	(void)arg;
	(void)b;
	(void)offset;
	(void)hash;
	(void)streams;
	return NULL;
}

static int read_watched(struct str bytes, const struct eyas_watch *watch, struct record_list *l)
{
	struct source *s;
	int r = eyas_reader_open_watched(input_from_memory("t.eyas", bytes.p, bytes.n), &diag,
					 watch, &s);

	if (r)
		return r;
	r = record_list_read(l, s);
	if (r < 0) {
		struct record rec;

		assert_int_equal(source_next(s, &rec), 0);
	}
	source_close(s);
	return r;
}

/* With all that a reader can check. */
static int read_trace(struct str bytes, struct record_list *l)
{
	struct eyas_watch watch = { .begin = nothing_wrong };

	return read_watched(bytes, &watch, l);
}

static int setup(void **state)
{
	(void)state;
	diag_init(&diag);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	diag_free(&diag);
	return 0;
}

static void crc_and_hash_are_the_published_ones(void **state)
{
	static const uint8_t abc[4] = { 0xbd, 0xdd, 0x81, 0x3c };
	uint8_t h[BLAKE2B_SIZE], part[BLAKE2B_SIZE];
	char text[1000];
	struct blake2b b;

	(void)state;
	assert_int_equal(crc32c("123456789", 9), 0xe3069283);
	blake2b_hash("abc", 3, h);
	assert_memory_equal(h, abc, sizeof(abc));
	memset(text, 'x', sizeof(text));
	blake2b_hash(text, sizeof(text), h);
	blake2b_init(&b);
	for (size_t i = 0, n; i < sizeof(text); i += n) {
		n = 1 + i % 300;
		if (n > sizeof(text) - i)
			n = sizeof(text) - i;
		blake2b_update(&b, text + i, n);
	}
	blake2b_final(&b, part);
	assert_memory_equal(h, part, sizeof(h));
}

/* As another implementation of RFC 7693 (Python's hashlib) computes them. */
static void keyed_hashes_are_the_published_ones(void **state)
{
	static const uint8_t abc[4] = { 0xd6, 0x3a, 0x32, 0xd3 },
			     nothing[4] = { 0x49, 0x0b, 0x6c, 0x83 };
	uint8_t h[BLAKE2B_SIZE], key[BLAKE2B_SIZE];
	struct blake2b b;

	(void)state;
	for (uint8_t i = 0; i < sizeof(key); i++)
		key[i] = i;
	blake2b_init_keyed(&b, key, sizeof(key));
	blake2b_update(&b, "abc", 3);
	blake2b_final(&b, h);
	assert_memory_equal(h, abc, sizeof(abc));
	blake2b_init_keyed(&b, "k", 1);
	blake2b_final(&b, h);
	assert_memory_equal(h, nothing, sizeof(nothing));
}

static void every_record_survives(void **state)
{
	static const uint64_t sizes[] = { 0, 1, 1000, 20000 };

	(void)state;
	for (unsigned seed = 1; seed <= 12; seed++) {
		struct record_list a, b;
		struct strbuf out = STRBUF_INIT;
		const char *d;

		record_list_init(&a);
		record_list_init(&b);
		record_list_make(&a, seed, seed * 150, ALL);
		write_trace(&a, &out,
			    (struct eyas_writer_options){ .block_bytes = sizes[seed % 4] });
		assert_int_equal(read_trace(strbuf_str(&out), &b), 0);
		d = record_list_differ(&a, &b);
		if (d)
			fail_msg("seed %u: %s", seed, d);
		record_list_free(&a);
		record_list_free(&b);
		strbuf_release(&out);
	}
}

static void an_empty_trace_is_a_trace(void **state)
{
	struct record_list a, b;
	struct strbuf out = STRBUF_INIT;

	(void)state;
	record_list_init(&a);
	record_list_init(&b);
	write_trace(&a, &out, (struct eyas_writer_options){ 0 });
	assert_true(eyas_reader_probe(strbuf_str(&out)));
	assert_int_equal(read_trace(strbuf_str(&out), &b), 0);
	assert_int_equal(b.v.n, 0);
	strbuf_release(&out);
}

static void an_event_larger_than_a_block_survives(void **state)
{
	struct record_list a, b;
	struct strbuf out = STRBUF_INIT;
	struct record r = { .kind = RECORD_EVENT };
	struct param p[3] = { { NULL, 0 }, { NULL, 3000000 }, { (const uint8_t *)"x", 1 } };
	uint8_t *big = xcalloc(1, 3000000);

	(void)state;
	for (size_t i = 0; i < 3000000; i++)
		big[i] = (uint8_t)(i * i >> 7);
	p[1].p = big;
	r.event.type = EVT_ASYNCEVENT_E;
	r.event.params = p;
	r.event.n_params = 3;
	record_list_init(&a);
	record_list_init(&b);
	record_list_make(&a, 5, 20, 0);
	record_list_add(&a, &r);
	record_list_make(&a, 6, 20, 0);
	record_list_add(&a, &r);
	record_list_add(&a, &r);
	write_trace(&a, &out, (struct eyas_writer_options){ 0 });
	assert_int_equal(read_trace(strbuf_str(&out), &b), 0);
	assert_null(record_list_differ(&a, &b));
	record_list_free(&a);
	record_list_free(&b);
	strbuf_release(&out);
	free(big);
}

/* More than one byte can number, and more than a block may have. */
static void many_threads_and_shapes_survive(void **state)
{
	static const uint8_t bytes[64];
	struct param params[64];
	struct record_list a, b;
	struct strbuf out = STRBUF_INIT;
	const char *d;

	(void)state;
	record_list_init(&a);
	record_list_init(&b);
	for (uint32_t i = 0; i < 6000; i++) {
		struct record r = { .kind = RECORD_EVENT };

		/* A type of 64 parameters that no table has: each is there, or empty. */
		for (uint32_t k = 0; k < 64; k++)
			params[k] = (struct param){ bytes, i >> k % 16 & 1 };
		r.event.type = 60000;
		r.event.ts = i;
		r.event.tid = (int64_t)i * 7;
		r.event.cpu = (uint16_t)(i % 3 * 300);
		r.event.params = params;
		r.event.n_params = 16 + i % 49;
		record_list_add(&a, &r);
	}
	write_trace(&a, &out, (struct eyas_writer_options){ 0 });
	assert_int_equal(read_trace(strbuf_str(&out), &b), 0);
	d = record_list_differ(&a, &b);
	if (d)
		fail_msg("%s", d);
	record_list_free(&a);
	record_list_free(&b);
	strbuf_release(&out);
}

static void same_records_give_same_bytes(void **state)
{
	struct strbuf one = STRBUF_INIT, two = STRBUF_INIT;
	struct record_list a;

	(void)state;
	record_list_init(&a);
	record_list_make(&a, 7, 500, ALL);
	write_trace(&a, &one, (struct eyas_writer_options){ .provenance = "{}" });
	write_trace(&a, &two, (struct eyas_writer_options){ .provenance = "{}" });
	assert_true(str_eq(strbuf_str(&one), strbuf_str(&two)));
	record_list_free(&a);
	strbuf_release(&one);
	strbuf_release(&two);
}

/* Where blocks begin, by walking their headers. */
static size_t block_end(struct str bytes, size_t at)
{
	size_t n = eyas_frame_size((const uint8_t *)bytes.p + at);
	struct eyas_block b;

	assert_int_not_equal(n, 0);
	assert_null(eyas_block_decode((const uint8_t *)bytes.p + at, n, &b));
	for (size_t i = 0; i < b.n_streams; i++)
		n += b.streams[i].stored;
	return at + n;
}

static void every_prefix_gives_all_its_whole_blocks(void **state)
{
	struct record_list a;
	struct strbuf out = STRBUF_INIT;
	size_t end = 0, whole = 0;

	(void)state;
	record_list_init(&a);
	record_list_make(&a, 3, 60, ALL);
	write_trace(&a, &out,
		    (struct eyas_writer_options){ .block_bytes = 500, .provenance = "{\"a\":1}" });
	for (size_t n = 1; n <= out.n; n++) {
		struct record_list b;
		int r;

		record_list_init(&b);
		r = read_trace(str_mem(out.s, n), &b);
		if (end < n && block_end(strbuf_str(&out), end) == n) {
			/* A block has become whole: it may have brought more records. */
			assert_int_equal(r, 0);
			assert_true(b.v.n >= whole);
			whole = b.v.n;
			end = n;
		} else {
			assert_int_equal(r, -EBADMSG);
			assert_int_equal(b.v.n, whole);
		}
		for (size_t i = 0; i < b.v.n; i++)
			assert_int_equal(b.v.v[i].kind, a.v.v[i].kind);
		record_list_free(&b);
	}
	assert_int_equal(whole, a.v.n);
	record_list_free(&a);
	strbuf_release(&out);
}

static void every_flipped_bit_is_noticed(void **state)
{
	struct record_list a;
	struct strbuf out = STRBUF_INIT;

	(void)state;
	record_list_init(&a);
	record_list_make(&a, 4, 40, ALL);
	write_trace(&a, &out, (struct eyas_writer_options){ .block_bytes = 1000 });
	for (size_t i = 0; i < out.n; i++) {
		struct record_list b;
		char was = out.s[i];

		record_list_init(&b);
		out.s[i] = (char)(was ^ 1 << i % 8);
		assert_true(read_trace(strbuf_str(&out), &b) < 0);
		out.s[i] = was;
		record_list_free(&b);
	}
	record_list_free(&a);
	strbuf_release(&out);
}

static void a_missing_or_swapped_block_is_noticed(void **state)
{
	struct record_list a, b;
	struct strbuf out = STRBUF_INIT, cut = STRBUF_INIT;
	size_t at[64], n = 0, end = 0;

	(void)state;
	record_list_init(&a);
	record_list_init(&b);
	record_list_make(&a, 4, 100, 0);
	write_trace(&a, &out, (struct eyas_writer_options){ .block_bytes = 1000 });
	while (end < out.n && n < 63) {
		at[n++] = end;
		end = block_end(strbuf_str(&out), end);
	}
	assert_true(n > 5);
	strbuf_add(&cut, out.s, at[n / 2]);
	strbuf_add(&cut, out.s + at[n / 2 + 1], out.n - at[n / 2 + 1]);
	assert_int_equal(read_trace(strbuf_str(&cut), &b), -EBADMSG);
	assert_true(diag.n_errors > 0);
	record_list_free(&a);
	record_list_free(&b);
	strbuf_release(&out);
	strbuf_release(&cut);
}

static void concatenated_traces_are_read_one_after_the_other(void **state)
{
	struct record_list a, b, both;
	struct strbuf out = STRBUF_INIT;

	(void)state;
	record_list_init(&a);
	record_list_init(&b);
	record_list_init(&both);
	record_list_make(&a, 1, 50, 0);
	write_trace(&a, &out, (struct eyas_writer_options){ 0 });
	write_trace(&a, &out, (struct eyas_writer_options){ 0 });
	record_list_make(&both, 1, 50, 0);
	record_list_make(&both, 1, 50, 0);
	assert_int_equal(read_trace(strbuf_str(&out), &b), 0);
	assert_null(record_list_differ(&both, &b));
	record_list_free(&a);
	record_list_free(&b);
	record_list_free(&both);
	strbuf_release(&out);
}

static void payload_can_be_left_out(void **state)
{
	struct record r = { .kind = RECORD_EVENT }, got;
	struct param p[2] = { { (const uint8_t *)"\5\0\0\0\0\0\0\0", 8 },
			      { (const uint8_t *)"hello", 5 } };
	struct record_list a;
	struct strbuf out = STRBUF_INIT;
	struct source *s;

	(void)state;
	record_list_init(&a);
	r.event.type = EVT_SYSCALL_READ_X;
	r.event.params = p;
	r.event.n_params = 2;
	record_list_add(&a, &r);
	write_trace(&a, &out, (struct eyas_writer_options){ 0 });
	assert_int_equal(eyas_reader_open(input_from_memory("t", out.s, out.n), &diag, &s), 0);
	eyas_reader_skip_payload(s);
	assert_int_equal(source_next(s, &got), 1);
	assert_int_equal(got.event.params[0].n, 8);
	assert_int_equal(got.event.params[1].n, 0);
	assert_int_equal(source_next(s, &got), 0);
	source_close(s);
	record_list_free(&a);
	strbuf_release(&out);
}

static bool pass_any(void *arg, int64_t tid)
{
	(void)arg;
	(void)tid;
	return true;
}

/* Damage in a stream that only unwanted events use is not met: it was left packed. */
static void what_nobody_wants_is_not_unpacked(void **state)
{
	struct record r = { .kind = RECORD_EVENT }, got;
	struct event_wants none;
	struct record_list a;
	struct strbuf out = STRBUF_INIT;
	struct source *s;
	char path[64];
	size_t at;

	(void)state;
	event_wants_none(&none);
	none.pass = pass_any;
	record_list_init(&a);
	for (uint64_t i = 0; i < 2000; i++) {
		struct param p[4] = { { (const uint8_t *)"\0\0\0\0\0\0\0\0", 8 },
				      { (const uint8_t *)"\1\0\0\0\0\0\0\0", 8 },
				      { (const uint8_t *)path, 0 },
				      { (const uint8_t *)"\0\0\0\0", 4 } };
		bool stat = i % 2;

		p[2].n = (uint32_t)snprintf(path, sizeof(path), "/%llu",
					    (unsigned long long)(i * 7919 % 100003)) +
			 1;
		r.event.type = stat ? EVT_SYSCALL_NEWFSTATAT_X : EVT_SYSCALL_CLOSE_X;
		r.event.ts = 1000 * i;
		r.event.params = p;
		r.event.n_params = stat ? 4 : 2;
		record_list_add(&a, &r);
	}
	write_trace(&a, &out, (struct eyas_writer_options){ 0 });
	/* the last stream of the events block is the strings of what is seldom looked into */
	for (at = out.n; at > 0 && memcmp(out.s + at, EYAS_MAGIC, EYAS_MAGIC_SIZE) != 0; at--)
		;
	for (at--; at > 0 && memcmp(out.s + at, EYAS_MAGIC, EYAS_MAGIC_SIZE) != 0; at--)
		;
	out.s[at - 20] ^= 0x55;
	for (unsigned wanted = 0; wanted < 2; wanted++) {
		unsigned n = 0;
		int e;

		none.of[EVT_SYSCALL_CLOSE_X].how = WANT_ALL;
		none.of[EVT_SYSCALL_NEWFSTATAT_X].how = wanted ? WANT_ALL : WANT_NONE;
		assert_int_equal(eyas_reader_open(input_from_memory("t", out.s, out.n), &diag, &s),
				 0);
		s->wants = &none;
		while ((e = source_next(s, &got)) == 1)
			n++;
		assert_int_equal(e, wanted ? -EBADMSG : 0);
		assert_int_equal(n, wanted ? 0 : 1000);
		assert_int_equal(s->passed.count, wanted ? 0 : 1000);
		source_close(s);
	}
	record_list_free(&a);
	strbuf_release(&out);
}

static void unknown_optional_blocks_are_skipped(void **state)
{
	struct strbuf out = STRBUF_INIT;
	struct eyas_header_fields h = { .major = 1 };
	struct eyas_block b = { .kind = EYAS_HEADER };
	struct strbuf fields = STRBUF_INIT;
	struct record_list l;

	(void)state;
	for (unsigned optional = 0; optional < 2; optional++) {
		record_list_init(&l);
		strbuf_reset(&out);
		strbuf_reset(&fields);
		memset(&b, 0, sizeof(b));
		b.kind = EYAS_HEADER;
		eyas_header_fields_encode(&h, &fields);
		b.fields = strbuf_str(&fields);
		eyas_block_encode(&b, &out);
		blake2b_hash(out.s, out.n, b.previous);
		b.kind = 999;
		b.seq = 1;
		b.fields = STR("new");
		b.flags = optional ? EYAS_BLOCK_OPTIONAL : 0;
		b.n_streams = 1;
		b.streams[0].kind = 77;
		b.streams[0].stored = 4;
		eyas_block_encode(&b, &out);
		strbuf_adds(&out, "data");
		assert_int_equal(read_watched(strbuf_str(&out), NULL, &l), optional ? 0 : -EBADMSG);
		record_list_free(&l);
	}
	strbuf_release(&out);
	strbuf_release(&fields);
}

/* A table of a snapshot with `n` rows of these bytes, said to be `said` rows. */
static void add_table(struct strbuf *out, unsigned table, uint64_t said, unsigned n, struct str row)
{
	struct strbuf rows = STRBUF_INIT;

	for (unsigned i = 0; i < n; i++)
		varint_add_str(&rows, row);
	varint_add(out, table);
	varint_add(out, said);
	varint_add_str(out, strbuf_str(&rows));
	strbuf_release(&rows);
}

static bool decodes(struct strbuf *data, struct snapshot *s)
{
	bool ok;

	snapshot_init(s);
	ok = eyas_snapshot_decode(strbuf_str(data), s);
	strbuf_reset(data);
	return ok;
}

static void snapshots_of_earlier_and_later_versions_are_read(void **state)
{
	struct strbuf data = STRBUF_INIT;
	struct snapshot s;

	(void)state;
	/* a table that is not known, and rows with more and with less than is known */
	add_table(&data, 99, 2, 2, STR("anything"));
	add_table(&data, 9, 1, 1, STR("\1\3cpu\2/a\7\2more"));
	add_table(&data, 8, 2, 2, STR("\5\6"));
	assert_true(decodes(&data, &s));
	assert_int_equal(s.cgroups.n, 1);
	assert_str(s.cgroups.v[0].controllers, "cpu");
	assert_str(s.cgroups.v[0].path, "/a");
	assert_int_equal(s.cgroups.v[0].id, 7);
	assert_int_equal(s.cgroups.v[0].populated, SNAP_POPULATED_YES);
	assert_int_equal(s.mounts.n, 2);
	assert_int_equal(s.mounts.v[1].id, 6);
	assert_int_equal(s.mounts.v[1].point.n, 0);
	snapshot_free(&s);
	strbuf_release(&data);
}

static void malformed_tables_are_refused(void **state)
{
	struct strbuf data = STRBUF_INIT;
	struct snapshot s;

	(void)state;
	for (unsigned table = 8; table <= 9; table++) {
		/* a text that ends behind its row */
		add_table(&data, table, 1, 1, table == 8 ? STR("\1\1\1\1\1\50/") : STR("\0\50c"));
		assert_false(decodes(&data, &s));
		snapshot_free(&s);
		/* fewer rows than it says; more than any system has */
		add_table(&data, table, 3, 2, STR("\1"));
		assert_false(decodes(&data, &s));
		snapshot_free(&s);
		add_table(&data, table, (1 << 18) + 1, (1 << 18) + 1, STR(""));
		assert_false(decodes(&data, &s));
		assert_int_equal(s.mounts.n + s.cgroups.n, 0);
		snapshot_free(&s);
	}
	strbuf_release(&data);
}

static void a_newer_version_is_refused_by_name(void **state)
{
	struct eyas_header_fields h[2] = { { .major = 2, .minor = 1 },
					   { .major = 1, .incompatible = 4 } };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct eyas_block b = { .kind = EYAS_HEADER };
		struct strbuf out = STRBUF_INIT, fields = STRBUF_INIT;
		struct record_list l;

		record_list_init(&l);
		eyas_header_fields_encode(&h[i], &fields);
		b.fields = strbuf_str(&fields);
		eyas_block_encode(&b, &out);
		assert_int_equal(read_trace(strbuf_str(&out), &l), -EPROTONOSUPPORT);
		assert_non_null(strstr(diag.items.v[diag.items.n - 1].message, "newer eyas"));
		strbuf_release(&out);
		strbuf_release(&fields);
		record_list_free(&l);
	}
}

static void a_text_mode_copy_is_told(void **state)
{
	struct record_list a, l;
	struct strbuf out = STRBUF_INIT, text = STRBUF_INIT;

	(void)state;
	record_list_init(&a);
	record_list_init(&l);
	record_list_make(&a, 4, 10, 0);
	write_trace(&a, &out, (struct eyas_writer_options){ 0 });
	for (size_t i = 0; i < out.n; i++)
		if (out.s[i] != '\r')
			strbuf_addc(&text, out.s[i]);
	assert_true(eyas_reader_probe(strbuf_str(&text)));
	assert_int_equal(read_trace(strbuf_str(&text), &l), -EBADMSG);
	assert_non_null(strstr(diag.items.v[0].message, "text mode"));
	record_list_free(&a);
	record_list_free(&l);
	strbuf_release(&out);
	strbuf_release(&text);
}

static void the_footer_tells_what_is_in_the_trace(void **state)
{
	struct record_list a;
	struct strbuf out = STRBUF_INIT;
	struct eyas_summary s;
	uint64_t events = 0, by_type = 0, in_blocks = 0;
	FILE *f = tmpfile();

	(void)state;
	assert_non_null(f);
	record_list_init(&a);
	record_list_make(&a, 4, 400, ALL);
	for (size_t i = 0; i < a.v.n; i++)
		events += a.v.v[i].kind == RECORD_EVENT;
	write_trace(&a, &out, (struct eyas_writer_options){ .block_bytes = 2000 });
	assert_int_equal(fwrite(out.s, 1, out.n, f), out.n);
	fflush(f);
	assert_int_equal(eyas_summary_read(fileno(f), &s), 0);
	assert_int_equal(s.trace_start, 0);
	assert_int_equal(s.events, events);
	for (size_t i = 0; i < s.types.n; i++)
		by_type += s.types.v[i].count;
	assert_int_equal(by_type, events);
	for (size_t i = 0; i < s.blocks.n; i++) {
		assert_int_not_equal(eyas_frame_size((uint8_t *)out.s + s.blocks.v[i].offset), 0);
		in_blocks += s.blocks.v[i].count;
	}
	assert_int_equal(in_blocks, events);
	eyas_summary_free(&s);
	assert_int_equal(ftruncate(fileno(f), (off_t)out.n - 1), 0);
	assert_int_equal(eyas_summary_read(fileno(f), &s), -ENOENT);
	fclose(f);
	record_list_free(&a);
	strbuf_release(&out);
}

struct slow {
	struct str left;
	unsigned calls;
};

/* One to seven bytes at a time, and an interruption now and then. */
static ssize_t slow_read(void *arg, void *buf, size_t n)
{
	struct slow *s = arg;
	size_t take = 1 + s->calls++ % 7;

	if (s->calls % 5 == 0) {
		errno = EINTR;
		return -1;
	}
	if (take > n)
		take = n;
	if (take > s->left.n)
		take = s->left.n;
	memcpy(buf, s->left.p, take);
	s->left = str_from(s->left, take);
	return (ssize_t)take;
}

static void short_reads_and_interruptions_do_no_harm(void **state)
{
	struct record_list a, b;
	struct strbuf out = STRBUF_INIT;
	struct slow slow = { 0 };
	struct source *s;

	(void)state;
	record_list_init(&a);
	record_list_init(&b);
	record_list_make(&a, 9, 200, ALL);
	write_trace(&a, &out, (struct eyas_writer_options){ 0 });
	slow.left = strbuf_str(&out);
	assert_int_equal(eyas_reader_open(input_from("slow", slow_read, &slow), &diag, &s), 0);
	assert_int_equal(record_list_read(&b, s), 0);
	assert_null(record_list_differ(&a, &b));
	source_close(s);
	record_list_free(&a);
	record_list_free(&b);
	strbuf_release(&out);
}

static int full_output(void *arg, const void *p, size_t n)
{
	size_t *room = arg;

	(void)p;
	if (n > *room)
		return -ENOSPC;
	*room -= n;
	return 0;
}

static void a_full_disk_is_an_error_that_stays(void **state)
{
	size_t room = 2000;
	struct byte_sink o = { .arg = &room, .write = full_output };
	struct eyas_writer_options opt = { .block_bytes = 100 };
	struct sink *k = eyas_writer_new(&o, &opt, &diag);
	struct record_list a;
	int r = 0;

	(void)state;
	record_list_init(&a);
	record_list_make(&a, 9, 200, ALL);
	for (size_t i = 0; i < a.v.n; i++)
		r = k->ops->put(k, &a.v.v[i]);
	assert_int_equal(r, -ENOSPC);
	assert_int_equal(k->ops->finish(k), -ENOSPC);
	record_list_free(&a);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	static const struct CMUnitTest tests[] = {
		T(crc_and_hash_are_the_published_ones),
		T(keyed_hashes_are_the_published_ones),
		T(every_record_survives),
		T(an_empty_trace_is_a_trace),
		T(an_event_larger_than_a_block_survives),
		T(many_threads_and_shapes_survive),
		T(same_records_give_same_bytes),
		T(every_prefix_gives_all_its_whole_blocks),
		T(every_flipped_bit_is_noticed),
		T(a_missing_or_swapped_block_is_noticed),
		T(concatenated_traces_are_read_one_after_the_other),
		T(payload_can_be_left_out),
		T(what_nobody_wants_is_not_unpacked),
		T(unknown_optional_blocks_are_skipped),
		T(snapshots_of_earlier_and_later_versions_are_read),
		T(malformed_tables_are_refused),
		T(a_newer_version_is_refused_by_name),
		T(a_text_mode_copy_is_told),
		T(the_footer_tells_what_is_in_the_trace),
		T(short_reads_and_interruptions_do_no_harm),
		T(a_full_disk_is_an_error_that_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
