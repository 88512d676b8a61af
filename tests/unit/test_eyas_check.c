/* Every bit of an .eyas trace counts, and so does every word in its headers. */
#include "unit.h"

#include <malloc.h>

#include "base/cursor.h"
#include "base/text.h"
#include "records.h"
#include "trace/eyas_check.h"
#include "trace/eyas_writer.h"

static struct diag diag;
static struct strbuf trace;

/* A made-up trace of several blocks of every kind. */
static void make(size_t events, uint64_t block_bytes)
{
	struct byte_sink out = { .arg = &trace, .write = strbuf_output };
	struct eyas_writer_options opt = { .provenance = "{\"host\": \"a\"}",
					   .block_bytes = block_bytes };
	struct record_list l;
	struct sink *k;

	strbuf_reset(&trace);
	record_list_init(&l);
	record_list_make(&l, 7, events, WITH_ODD_SIZES | WITH_LOSS_AND_NOTES | WITH_SECTIONS);
	k = eyas_writer_new(&out, &opt, &diag);
	record_list_write(&l, k);
	assert_int_equal(k->ops->finish(k), 0);
	record_list_free(&l);
}

static int setup(void **state)
{
	(void)state;
	diag_init(&diag);
	strbuf_init(&trace);
	make(60, 400);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	strbuf_release(&trace);
	diag_free(&diag);
	return 0;
}

/* What is found in these bytes: NULL when nothing is wrong, "unfinished", else the fault. */
static const char *fault(struct str bytes, uint64_t *ret_block)
{
	const struct eyas_check_facts *f;
	struct diag quiet;
	struct source *s;
	struct record rec;
	const char *what = NULL;
	int r;

	diag_init(&quiet);
	r = eyas_check_open(input_from_memory("t.eyas", bytes.p, bytes.n), &quiet, &s, &f);
	if (r) {
		diag_free(&quiet);
		return "it cannot be opened";
	}
	while ((r = source_next(s, &rec)) == 1)
		;
	if (f->bad.found)
		what = f->bad.what;
	else if (r)
		what = "an error without a fault";
	else if (f->unfinished)
		what = "unfinished";
	if (ret_block)
		*ret_block = f->bad.seq;
	source_close(s);
	diag_free(&quiet);
	return what;
}

static void a_good_trace_has_no_fault(void **state)
{
	(void)state;
	assert_null(fault(strbuf_str(&trace), NULL));
}

static uint64_t next_random(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

static void any_flipped_bit_of_a_larger_trace_is_found(void **state)
{
	uint64_t seed = 12345;

	(void)state;
	make(3000, 20000);
	for (unsigned i = 0; i < 2000; i++) {
		uint64_t at = next_random(&seed) % (8 * trace.n);

		trace.s[at / 8] ^= (char)(1 << at % 8);
		if (!fault(strbuf_str(&trace), NULL))
			fail_msg("bit %u of byte %u", (unsigned)(at % 8), (unsigned)(at / 8));
		trace.s[at / 8] ^= (char)(1 << at % 8);
	}
}

static void every_flipped_bit_is_found(void **state)
{
	(void)state;
	make(3, 0);
	for (size_t i = 0; i < 8 * trace.n; i++) {
		trace.s[i / 8] ^= (char)(1 << i % 8);
		if (!fault(strbuf_str(&trace), NULL))
			fail_msg("bit %zu of byte %zu", i % 8, i / 8);
		trace.s[i / 8] ^= (char)(1 << i % 8);
	}
}

static void every_cut_is_found(void **state)
{
	(void)state;
	make(10, 0);
	for (size_t n = 0; n < trace.n; n++)
		if (!fault((struct str){ trace.s, n }, NULL))
			fail_msg("cut to %zu bytes", n);
}

static void every_added_byte_is_found(void **state)
{
	(void)state;
	for (unsigned c = 0; c < 256; c++) {
		strbuf_addc(&trace, (char)c);
		assert_non_null(fault(strbuf_str(&trace), NULL));
		strbuf_truncate(&trace, trace.n - 1);
	}
}

/* The trace block by block. */
struct block {
	struct eyas_block b;
	struct str header, streams;
};
struct blocks {
	struct block v[200];
	size_t n;
};

static void split(struct blocks *l)
{
	struct cursor c = cursor_of(trace.s, trace.n);

	l->n = 0;
	while (cursor_left(&c)) {
		struct block *k = &l->v[l->n++];
		size_t n = eyas_frame_size(c.p + c.off), data = 0;

		k->header = cursor_bytes(&c, n);
		assert_null(eyas_block_decode((const uint8_t *)k->header.p, n, &k->b));
		for (size_t i = 0; i < k->b.n_streams; i++)
			data += (size_t)k->b.streams[i].stored;
		k->streams = cursor_bytes(&c, data);
		assert_false(c.bad);
	}
}

static void put(struct strbuf *out, const struct block *k)
{
	strbuf_addstr(out, k->header);
	strbuf_addstr(out, k->streams);
}

static void doubled_missing_and_swapped_blocks_are_found_where_they_are(void **state)
{
	struct strbuf out = STRBUF_INIT;
	struct blocks l;
	uint64_t at;

	(void)state;
	split(&l);
	assert_true(l.n > 20);
	for (size_t i = 0; i < l.n; i++) {
		strbuf_reset(&out);
		for (size_t k = 0; k < l.n; k++) {
			put(&out, &l.v[k]);
			if (k == i)
				put(&out, &l.v[k]);
		}
		assert_non_null(fault(strbuf_str(&out), &at));
		if (i)
			assert_int_equal(at, i); /* its copy */
		strbuf_reset(&out);
		for (size_t k = 0; k < l.n; k++)
			if (k != i)
				put(&out, &l.v[k]);
		assert_non_null(fault(strbuf_str(&out), &at));
		if (i && i + 1 < l.n)
			assert_int_equal(at, i + 1);
		if (i + 1 == l.n)
			continue;
		strbuf_reset(&out);
		for (size_t k = 0; k < l.n; k++)
			put(&out, &l.v[k == i ? i + 1 : k == i + 1 ? i : k]);
		assert_non_null(fault(strbuf_str(&out), &at));
	}
	strbuf_release(&out);
}

/* The trace with all hashes and checksums made anew, as one who wants to deceive would. */
static void forge(const struct blocks *l, struct strbuf *out)
{
	uint8_t previous[BLAKE2B_SIZE] = { 0 };

	strbuf_reset(out);
	for (size_t i = 0; i < l->n; i++) {
		struct block k = l->v[i];
		size_t start = out->n;

		k.b.seq = i;
		memcpy(k.b.previous, previous, sizeof(previous));
		eyas_block_encode(&k.b, out);
		blake2b_hash(out->s + start, out->n - start, previous);
		strbuf_addstr(out, k.streams);
	}
}

static void fields_of_events_blocks_must_be_so(void **state)
{
	static const struct {
		size_t at;
		const char *what;
	} lies[] = {
		{ 0, "events before it are missing" },
		{ 8, "its streams do not fit together" },
		{ 16, "the times it says its events have are not theirs" },
		{ 24, "the times it says its events have are not theirs" },
		{ 32, "the times it says its events have are not theirs" },
		{ 40, "the times it says its events have are not theirs" },
		{ 48, "it says that more or fewer events were lost than its records do" },
		{ 58, "the event types it says are in it are not those of its events" },
	};
	struct strbuf out = STRBUF_INIT, fields = STRBUF_INIT;
	struct blocks l;
	uint64_t at;

	(void)state;
	split(&l);
	forge(&l, &out);
	assert_null(fault(strbuf_str(&out), NULL));
	for (size_t i = 0; i < l.n; i++) {
		struct str was = l.v[i].b.fields;

		if (l.v[i].b.kind != EYAS_EVENTS || get_le64((const uint8_t *)was.p + 8) < 2)
			continue;
		for (size_t k = 0; k < sizeof(lies) / sizeof(lies[0]); k++) {
			const char *what;
			int bit;

			strbuf_reset(&fields);
			strbuf_addstr(&fields, was);
			/* a type that is not in it, another number */
			bit = 2;
			while (lies[k].at == 58 && fields.s[58] & bit)
				bit <<= 1;
			assert_true(bit < 256);
			fields.s[lies[k].at] ^= (char)bit;
			l.v[i].b.fields = strbuf_str(&fields);
			forge(&l, &out);
			what = fault(strbuf_str(&out), &at);
			assert_non_null(what);
			assert_string_equal(what, lies[k].what);
			assert_int_equal(at, i);
			l.v[i].b.fields = was;
		}
	}
	strbuf_release(&out);
	strbuf_release(&fields);
}

static void a_forged_footer_or_order_is_found(void **state)
{
	struct strbuf out = STRBUF_INIT;
	uint8_t fields[EYAS_FOOTER_FIELDS];
	struct blocks l;
	struct block last;
	size_t note = 0;

	(void)state;
	split(&l);
	last = l.v[l.n - 1];
	memcpy(fields, last.b.fields.p, sizeof(fields));
	for (size_t i = 0; i < sizeof(fields); i++) {
		fields[i] ^= 1;
		l.v[l.n - 1].b.fields = str_mem(fields, sizeof(fields));
		forge(&l, &out);
		assert_non_null(fault(strbuf_str(&out), NULL));
		fields[i] ^= 1;
	}
	/* Without its index the footer says nothing true. */
	split(&l);
	l.v[l.n - 2] = l.v[l.n - 1];
	l.n--;
	forge(&l, &out);
	assert_non_null(fault(strbuf_str(&out), NULL));
	/* A note taken out, with all that vouches for it made anew but the index. */
	split(&l);
	while (note < l.n && l.v[note].b.kind != EYAS_NOTE)
		note++;
	assert_true(note < l.n);
	memmove(&l.v[note], &l.v[note + 1], (l.n - note - 1) * sizeof(l.v[0]));
	l.n--;
	forge(&l, &out);
	assert_string_equal(fault(strbuf_str(&out), NULL),
			    "the index does not tell of the blocks that are there");
	strbuf_release(&out);
}

static void traces_behind_each_other_are_checked_each(void **state)
{
	struct strbuf two = STRBUF_INIT;
	struct blocks l;

	(void)state;
	strbuf_addstr(&two, strbuf_str(&trace));
	strbuf_addstr(&two, strbuf_str(&trace));
	assert_null(fault(strbuf_str(&two), NULL));
	/* The first without its footer: what is missing there is not hidden by the second. */
	split(&l);
	strbuf_reset(&two);
	strbuf_add(&two, trace.s, trace.n - l.v[l.n - 1].header.n);
	strbuf_addstr(&two, strbuf_str(&trace));
	assert_string_equal(fault(strbuf_str(&two), NULL), "unfinished");
	strbuf_release(&two);
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CLAIM(a_good_trace_has_no_fault),
		CLAIM(every_flipped_bit_is_found),
		CLAIM(any_flipped_bit_of_a_larger_trace_is_found),
		CLAIM(every_cut_is_found),
		CLAIM(every_added_byte_is_found),
		CLAIM(doubled_missing_and_swapped_blocks_are_found_where_they_are),
		CLAIM(fields_of_events_blocks_must_be_so),
		CLAIM(a_forged_footer_or_order_is_found),
		CLAIM(traces_behind_each_other_are_checked_each),
	};

	/* Each reading takes and gives back large buffers: not to the system each time. */
	mallopt(M_MMAP_THRESHOLD, 64 << 20);
	mallopt(M_TRIM_THRESHOLD, 64 << 20);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
