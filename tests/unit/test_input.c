/* The bytes of a trace: short reads, EINTR, gzip, growth. */
#include "unit.h"

#include <errno.h>
#include <unistd.h>
#include <zlib.h>

#include "base/xalloc.h"
#include "trace/input.h"

/* Gives its bytes a few at a time, with an EINTR before each; fails at the end if so asked. */
struct drip {
	const uint8_t *p;
	size_t n, step;
	bool interrupted;
	int error;
};

static ssize_t drip_read(void *arg, void *buf, size_t n)
{
	struct drip *d = arg;

	d->interrupted = !d->interrupted;
	if (d->interrupted) {
		errno = EINTR;
		return -1;
	}
	if (n > d->step)
		n = d->step;
	if (n > d->n)
		n = d->n;
	if (!n && d->error) {
		errno = d->error;
		return -1;
	}
	if (n)
		memcpy(buf, d->p, n);
	d->p += n;
	d->n -= n;
	return (ssize_t)n;
}

/* Numbers as text, so that every place looks different. */
static void fill(struct strbuf *b, size_t n)
{
	while (b->n < n)
		strbuf_addf(b, "%zu ", b->n);
	strbuf_truncate(b, n);
}

static void gzip_member(struct strbuf *out, const struct strbuf *in)
{
	z_stream z = { 0 };
	size_t room = in->n + 1000;

	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_in = (unsigned char *)in->s;
	z.avail_in = (uInt)in->n;
	z.next_out = (unsigned char *)strbuf_reserve(out, room);
	z.avail_out = (uInt)room;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	out->n += room - z.avail_out;
	deflateEnd(&z);
}

/* Reads all in pieces of `step`; the content must be `want`. */
static void expect_content(struct input *in, const struct strbuf *want, size_t step)
{
	size_t at = 0;

	while (input_need(in, step)) {
		assert_int_equal(in->offset, at);
		assert_true(at + step <= want->n);
		assert_memory_equal(in->p, want->s + at, step);
		input_consume(in, step);
		at += step;
	}
	assert_int_equal(in->n, want->n - at);
	assert_memory_equal(in->p, want->s + at, in->n);
}

static void short_and_interrupted_reads_do_not_matter(void **state)
{
	static const size_t steps[] = { 1, 2, 7, 4096 };
	struct strbuf b = STRBUF_INIT, z = STRBUF_INIT;

	(void)state;
	fill(&b, 20000);
	gzip_member(&z, &b);
	for (size_t i = 0; i < 4; i++) {
		struct drip plain = { (uint8_t *)b.s, b.n, steps[i], false, 0 };
		struct drip packed = { (uint8_t *)z.s, z.n, steps[i], false, 0 };
		struct input *in = input_from("drip", drip_read, &plain);

		expect_content(in, &b, 999);
		assert_false(in->gzip);
		assert_int_equal(in->error, 0);
		assert_int_equal(in->position, b.n);
		input_close(in);
		in = input_from("drip", drip_read, &packed);
		expect_content(in, &b, 999);
		assert_true(in->gzip);
		assert_int_equal(in->error, 0);
		assert_int_equal(in->position, z.n);
		input_close(in);
	}
	strbuf_release(&b);
	strbuf_release(&z);
}

static void one_piece_may_be_larger_than_any_buffer(void **state)
{
	struct strbuf b = STRBUF_INIT, z = STRBUF_INIT;
	struct input *in;

	(void)state;
	fill(&b, 3000000);
	gzip_member(&z, &b);
	in = input_from_memory("mem", z.s, z.n);
	assert_true(input_need(in, b.n));
	assert_memory_equal(in->p, b.s, b.n);
	assert_false(input_need(in, b.n + 1));
	assert_int_equal(in->n, b.n);
	input_close(in);
	strbuf_release(&b);
	strbuf_release(&z);
}

static void a_claim_allocates_nothing(void **state)
{
	struct input *in = input_from_memory("mem", "abc", 3);

	(void)state;
	assert_false(input_need(in, (size_t)1 << 40));
	assert_int_equal(in->n, 3);
	assert_true(in->cap < 1 << 20);
	input_close(in);
}

/* Gunzipped here, or ahead in another thread if the test's state says so. */
static struct input *zipped(void **state, const void *p, size_t n)
{
	struct input *in = input_from_memory("mem", p, n);

	if (*state)
		input_ahead(in);
	return in;
}

static void gzip_members_follow_each_other(void **state)
{
	struct strbuf a = STRBUF_INIT, b = STRBUF_INIT, z = STRBUF_INIT;
	struct input *in;

	fill(&a, 5000);
	fill(&b, 700);
	gzip_member(&z, &a);
	gzip_member(&z, &b);
	strbuf_add(&a, b.s, b.n);
	/* Zeros behind them, as tapes leave them, are nothing. */
	for (int i = 0; i < 100; i++)
		strbuf_addc(&z, 0);
	in = zipped(state, z.s, z.n);
	expect_content(in, &a, 100);
	assert_int_equal(in->error, 0);
	input_close(in);
	strbuf_addc(&z, 'x');
	in = zipped(state, z.s, z.n);
	expect_content(in, &a, 100);
	assert_int_equal(in->error, -EBADMSG);
	input_close(in);
	strbuf_release(&a);
	strbuf_release(&b);
	strbuf_release(&z);
}

static void every_cut_of_gzip_data_is_noticed(void **state)
{
	struct strbuf b = STRBUF_INIT, z = STRBUF_INIT;
	struct diag diag;

	fill(&b, 300);
	gzip_member(&z, &b);
	for (size_t n = 2; n < z.n; n++) {
		struct input *in = zipped(state, z.s, n);

		assert_false(input_need(in, b.n + 1));
		assert_true(in->n <= b.n);
		assert_memory_equal(in->p, b.s, in->n);
		assert_int_equal(in->error, -EBADMSG);
		diag_init(&diag);
		assert_int_equal(input_report(in, &diag), -EBADMSG);
		assert_int_equal(diag.n_errors, 1);
		assert_non_null(strstr(diag.items.v[0].message, "ends early"));
		diag_free(&diag);
		input_close(in);
	}
	strbuf_release(&b);
	strbuf_release(&z);
}

static void a_flipped_bit_in_gzip_data_is_noticed(void **state)
{
	struct strbuf b = STRBUF_INIT, z = STRBUF_INIT;
	unsigned noticed = 0;

	fill(&b, 300);
	gzip_member(&z, &b);
	for (size_t i = 10; i < z.n; i++) {
		struct input *in;

		z.s[i] ^= 4;
		in = zipped(state, z.s, z.n);
		assert_false(input_need(in, 1 << 20));
		noticed += in->error == -EBADMSG;
		input_close(in);
		z.s[i] ^= 4;
	}
	assert_int_equal(noticed, z.n - 10);
	strbuf_release(&b);
	strbuf_release(&z);
}

/* Many chunks, taken slower and faster than they come; and left in the middle. */
static void what_is_gunzipped_ahead_is_the_same(void **state)
{
	struct strbuf a = STRBUF_INIT, z = STRBUF_INIT;
	static char ahead[] = "ahead";
	void *yes = ahead;
	struct input *in;

	(void)state;
	fill(&a, 5 << 20);
	gzip_member(&z, &a);
	for (size_t step = 1000; step < a.n; step *= 40) {
		in = zipped(&yes, z.s, z.n);
		expect_content(in, &a, step);
		assert_int_equal(in->error, 0);
		assert_int_equal(in->position, z.n);
		assert_string_equal(input_offset_kind(in), " of the uncompressed data");
		assert_int_equal(input_seek(in, 0), -ESPIPE);
		input_close(in);
	}
	in = zipped(&yes, z.s, z.n);
	assert_true(input_need(in, 100));
	assert_memory_equal(in->p, a.s, 100);
	input_close(in);
	/* Nothing is done about what is not gzip'd. */
	in = zipped(&yes, a.s, a.n);
	expect_content(in, &a, 100000);
	assert_null(in->ahead);
	input_close(in);
	strbuf_release(&a);
	strbuf_release(&z);
}

static void a_failed_read_is_told_apart_from_the_end(void **state)
{
	struct drip d = { (const uint8_t *)"hello", 5, 3, false, EIO };
	struct input *in = input_from("disk", drip_read, &d);

	(void)state;
	assert_false(input_need(in, 6));
	assert_int_equal(in->n, 5);
	assert_int_equal(in->error, -EIO);
	input_close(in);
}

static void what_cannot_be_opened_is_said(void **state)
{
	struct input *in = NULL;
	struct diag diag;

	(void)state;
	diag_init(&diag);
	assert_int_equal(input_open("/nonexistent/x", &diag, &in), -ENOENT);
	assert_int_equal(input_open("/", &diag, &in), -EISDIR);
	assert_int_equal(diag.n_errors, 2);
	assert_null(in);
	diag_free(&diag);
}

static void a_pipe_is_read_to_its_end(void **state)
{
	struct diag diag;
	struct input *in;
	char path[64];
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], "abcdef", 6), 6);
	close(fds[1]);
	diag_init(&diag);
	snprintf(path, sizeof(path), "/dev/fd/%d", fds[0]);
	assert_int_equal(input_open(path, &diag, &in), 0);
	assert_int_equal(in->size, 0);
	assert_true(input_need(in, 6));
	assert_memory_equal(in->p, "abcdef", 6);
	assert_false(input_need(in, 7));
	input_close(in);
	close(fds[0]);
	diag_free(&diag);
}

int main(void)
{
	static char ahead[] = "ahead";
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(short_and_interrupted_reads_do_not_matter),
		cmocka_unit_test(one_piece_may_be_larger_than_any_buffer),
		cmocka_unit_test(a_claim_allocates_nothing),
		cmocka_unit_test(gzip_members_follow_each_other),
		cmocka_unit_test(every_cut_of_gzip_data_is_noticed),
		cmocka_unit_test(a_flipped_bit_in_gzip_data_is_noticed),
		cmocka_unit_test_prestate(gzip_members_follow_each_other, ahead),
		cmocka_unit_test_prestate(every_cut_of_gzip_data_is_noticed, ahead),
		cmocka_unit_test_prestate(a_flipped_bit_in_gzip_data_is_noticed, ahead),
		cmocka_unit_test(what_is_gunzipped_ahead_is_the_same),
		cmocka_unit_test(a_failed_read_is_told_apart_from_the_end),
		cmocka_unit_test(what_cannot_be_opened_is_said),
		cmocka_unit_test(a_pipe_is_read_to_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
