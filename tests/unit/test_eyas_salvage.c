/*
 * Damaged .eyas traces: every intact block's records come back, and what is lost is told exactly.
 *
 * Which blocks are intact the test knows by itself: it damages a list of blocks, and each knows
 * whether it was hit.
 */
#include "unit.h"

#include <errno.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cursor.h"
#include "records.h"
#include "trace/eyas_check.h"
#include "trace/eyas_reader.h"
#include "trace/eyas_salvage.h"
#include "trace/eyas_writer.h"

#define MAX_BLOCKS 200

/* A block of the original: its bytes, and which of the records are in it. */
struct block {
	unsigned kind;
	struct str bytes;
	uint64_t events; /* in it */
	size_t from, to; /* its records */
};

static struct diag diag;
static struct strbuf trace;
static struct record_list records;
static struct block blocks[MAX_BLOCKS];
static size_t n_blocks;
static uint64_t n_events;

static uint64_t seed;

static uint64_t pick(uint64_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % n;
}

static const char *see_block(void *arg, const struct eyas_block *b, uint64_t offset,
			     const uint8_t *hash, const struct strbuf *streams)
{
	(void)arg;
	(void)hash;
	(void)streams;
	if (n_blocks) {
		blocks[n_blocks - 1].bytes.n =
			(size_t)offset - (size_t)(blocks[n_blocks - 1].bytes.p - trace.s);
		blocks[n_blocks - 1].to = records.v.n;
	}
	assert_true(n_blocks < MAX_BLOCKS);
	blocks[n_blocks++] =
		(struct block){ .kind = b->kind,
				.bytes = { trace.s + offset, trace.n - (size_t)offset },
				.from = records.v.n };
	return NULL;
}

/* A made-up trace, and what is in each of its blocks. */
static void make(uint64_t number)
{
	struct byte_sink out = { .arg = &trace, .write = strbuf_output };
	struct eyas_writer_options opt = { .provenance = "{\"a\": 1}", .block_bytes = 300 };
	struct eyas_watch watch = { .begin = see_block };
	struct record_list made;
	struct source *s;
	struct record rec;
	struct sink *k;

	strbuf_reset(&trace);
	record_list_free(&records);
	record_list_init(&records);
	record_list_init(&made);
	record_list_make(&made, number, 40, WITH_ODD_SIZES | WITH_LOSS_AND_NOTES | WITH_SECTIONS);
	k = eyas_writer_new(&out, &opt, &diag);
	record_list_write(&made, k);
	assert_int_equal(k->ops->finish(k), 0);
	record_list_free(&made);
	n_blocks = 0;
	assert_int_equal(eyas_reader_open_watched(input_from_memory("t", trace.s, trace.n), &diag,
						  &watch, &s),
			 0);
	while (source_next(s, &rec) == 1)
		record_list_add(&records, &rec);
	source_close(s);
	blocks[n_blocks - 1].to = records.v.n;
	n_events = 0;
	for (size_t i = 0; i < n_blocks; i++) {
		blocks[i].events = 0;
		for (size_t r = blocks[i].from; r < blocks[i].to; r++)
			blocks[i].events += records.v.v[r].kind == RECORD_EVENT;
		n_events += blocks[i].events;
	}
}

static int setup(void **state)
{
	(void)state;
	diag_init(&diag);
	strbuf_init(&trace);
	record_list_init(&records);
	seed = 4711;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	strbuf_release(&trace);
	record_list_free(&records);
	diag_free(&diag);
	return 0;
}

/* The damaged file, and what is left of it. */
struct damaged {
	struct strbuf file;
	bool intact[MAX_BLOCKS];
	bool cut; /* bytes are missing at its end */
};

/* Bytes from..to of what was put last were hit: the block is intact no more. */
static void put_hit(struct damaged *d, struct str bytes)
{
	size_t start = d->file.n;

	strbuf_addstr(&d->file, bytes);
	for (uint64_t n = 1 + pick(3); n > 0; n--) {
		uint64_t at = pick(8 * bytes.n);

		d->file.s[start + at / 8] ^= (char)(1 << at % 8);
	}
	/* two flips may have undone each other */
	if (memcmp(d->file.s + start, bytes.p, bytes.n) == 0)
		d->file.s[start] ^= 1;
}

static void damage(struct damaged *d)
{
	unsigned kind = (unsigned)pick(6);
	size_t hit = (size_t)pick(n_blocks), other = (size_t)pick(n_blocks);

	strbuf_init(&d->file);
	d->cut = false;
	for (size_t i = 0; i < n_blocks; i++) {
		bool mine = i == hit || (i == other && pick(2));
		struct str bytes = blocks[i].bytes;

		d->intact[i] = true;
		if (kind == 1 && i == hit) {
			/* the file ends in this block */
			strbuf_add(&d->file, bytes.p, (size_t)pick(bytes.n));
			for (size_t k = i; k < n_blocks; k++)
				d->intact[k] = false;
			d->cut = true;
			return;
		}
		switch (mine ? kind : UINT32_MAX) {
		case 0: /* bits flipped */
			put_hit(d, bytes);
			d->intact[i] = false;
			break;
		case 2: /* missing */
			d->intact[i] = false;
			break;
		case 3: /* there twice, once maybe damaged */
			if (pick(2))
				put_hit(d, bytes);
			strbuf_addstr(&d->file, bytes);
			strbuf_addstr(&d->file, bytes);
			break;
		case 4: /* some bytes of it missing */
			d->intact[i] = false;
			strbuf_add(&d->file, bytes.p, (size_t)pick(bytes.n));
			break;
		case 5: /* two in the wrong order */
			if (i + 1 < n_blocks) {
				strbuf_addstr(&d->file, blocks[i + 1].bytes);
				d->intact[++i] = true;
			}
			strbuf_addstr(&d->file, bytes);
			break;
		default:
			strbuf_addstr(&d->file, bytes);
		}
	}
}

static int file_of(struct str bytes)
{
	int fd = memfd_create("damaged", 0);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes.p, bytes.n), bytes.n);
	return fd;
}

/* What must come back of an intact block: all but loss records, which stand among those of damage.
 */
static void expect(const struct damaged *d, struct record_list *ret)
{
	record_list_init(ret);
	for (size_t i = 0; i < n_blocks; i++)
		for (size_t r = blocks[i].from; d->intact[i] && r < blocks[i].to; r++)
			if (records.v.v[r].kind != RECORD_LOSS)
				record_list_add(ret, &records.v.v[r]);
}

/* How many events are lost, as the file lets anybody know; UINT64_MAX: it does not. */
static uint64_t expected_loss(const struct damaged *d)
{
	uint64_t lost = 0;
	size_t last = n_blocks;

	for (size_t i = 0; i < n_blocks; i++)
		lost += d->intact[i] ? 0 : blocks[i].events;
	/* The index knows all. */
	if (d->intact[n_blocks - 2] && blocks[n_blocks - 2].kind == EYAS_INDEX)
		return lost;
	/* Else what is behind the last intact block of events. */
	while (last > 0 && !(d->intact[last - 1] && blocks[last - 1].kind == EYAS_EVENTS))
		last--;
	for (size_t i = last; i < n_blocks; i++)
		if (!d->intact[i])
			return UINT64_MAX;
	return lost;
}

static void add_loss(const struct record *r, int sign, uint64_t *known, int64_t *unknown)
{
	if (r->kind != RECORD_LOSS || r->loss.cause != LOSS_DAMAGE)
		return;
	if (r->loss.count == UINT64_MAX)
		*unknown += sign;
	else
		*known += sign > 0 ? r->loss.count : -r->loss.count;
}

static void check_losses(const struct damaged *d, const struct salvage_report *rep,
			 const struct record_list *losses, unsigned round)
{
	uint64_t want = expected_loss(d), told = 0, known = 0, missing = 0;
	int64_t unknown = 0;

	for (size_t i = 0; i < losses->v.n; i++)
		add_loss(&losses->v.v[i], 1, &told, &unknown);
	/* The trace had some of its own. */
	for (size_t i = 0; i < n_blocks; i++)
		for (size_t r = blocks[i].from; d->intact[i] && r < blocks[i].to; r++)
			add_loss(&records.v.v[r], -1, &told, &unknown);
	for (size_t i = 0; i < n_blocks; i++)
		missing += d->intact[i] ? 0 : blocks[i].events;
	for (size_t i = 0; i < rep->gaps.n; i++)
		known += rep->gaps.v[i].events == UINT64_MAX ? 0 : rep->gaps.v[i].events;
	if (told != known)
		fail_msg("round %u: records and report differ", round);
	if (want != UINT64_MAX && (unknown || told != want))
		fail_msg("round %u: %u lost, told %u%s", round, (unsigned)want, (unsigned)told,
			 unknown ? " and unknown" : "");
	if (told > missing)
		fail_msg("round %u: more told than lost", round);
	/* A file that ends behind a block may be one whose recording did not end. */
	if (told < missing && !unknown && !rep->unfinished)
		fail_msg("round %u: %u lost, told %u only", round, (unsigned)missing,
			 (unsigned)told);
}

/* The blocks that the report says are missing are those that were hit. */
static void check_blocks(const struct damaged *d, const struct salvage_report *rep, unsigned round)
{
	bool told[MAX_BLOCKS] = { false };

	for (size_t i = 0; i < rep->gaps.n; i++) {
		const struct salvage_gap *g = &rep->gaps.v[i];

		for (uint64_t k = g->first_block; k <= g->last_block && k < n_blocks; k++)
			told[k] = true;
	}
	for (size_t i = 0; i < n_blocks; i++) {
		/* A file cut between two blocks looks as one whose recording did not end. */
		if (rep->unfinished && i + 1 < n_blocks && !d->intact[i] && !told[i])
			continue;
		if (told[i] == d->intact[i] && !(rep->unfinished && i + 1 == n_blocks))
			fail_msg("round %u: block %zu of %zu is %s", round, i, n_blocks,
				 d->intact[i] ? "intact" : "not");
	}
}

/* Through a writer: what comes out is a whole trace. */
static void check_whole(const struct record_list *all, unsigned round)
{
	struct strbuf again = STRBUF_INIT;
	struct byte_sink out = { .arg = &again, .write = strbuf_output };
	struct eyas_writer_options opt = { 0 };
	const struct eyas_check_facts *f;
	struct record rec;
	struct source *s;
	struct sink *k = eyas_writer_new(&out, &opt, &diag);

	record_list_write(all, k);
	assert_int_equal(k->ops->finish(k), 0);
	assert_int_equal(eyas_check_open(input_from_memory("r", again.s, again.n), &diag, &s, &f),
			 0);
	while (source_next(s, &rec) == 1)
		;
	if (f->bad.found || f->unfinished)
		fail_msg("round %u: what was recovered is no whole trace", round);
	source_close(s);
	strbuf_release(&again);
}

static void one_round(unsigned round)
{
	struct record_list want, got, losses, all;
	const struct salvage_report *rep;
	struct damaged d;
	struct source *s;
	struct record rec;
	const char *differ;
	bool any = false;
	int fd, r;

	damage(&d);
	fd = file_of(strbuf_str(&d.file));
	expect(&d, &want);
	record_list_init(&got);
	record_list_init(&losses);
	record_list_init(&all);
	for (size_t i = 0; i < n_blocks; i++)
		any |= d.intact[i];
	r = eyas_salvage_open(fd, "d.eyas", &diag, &s, &rep);
	if (r != (any ? 0 : -ENOENT))
		fail_msg("round %u: %d", round, r);
	while (!r && source_next(s, &rec) == 1) {
		record_list_add(rec.kind == RECORD_LOSS ? &losses : &got, &rec);
		record_list_add(&all, &rec);
	}
	differ = record_list_differ(&want, &got);
	if (differ)
		fail_msg("round %u: %s", round, differ);
	if (!r) {
		check_losses(&d, rep, &losses, round);
		check_blocks(&d, rep, round);
		if (round % 10 == 0)
			check_whole(&all, round);
		source_close(s);
	}
	close(fd);
	record_list_free(&want);
	record_list_free(&got);
	record_list_free(&losses);
	record_list_free(&all);
	strbuf_release(&d.file);
}

static void every_intact_block_comes_back_and_losses_are_exact(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 1000; round++) {
		if (round % 100 == 0)
			make(round + 1);
		one_round(round);
	}
}

static void a_whole_trace_has_no_gaps(void **state)
{
	const struct salvage_report *rep;
	struct record_list got;
	struct source *s;
	int fd;

	(void)state;
	make(3);
	fd = file_of(strbuf_str(&trace));
	record_list_init(&got);
	assert_int_equal(eyas_salvage_open(fd, "t", &diag, &s, &rep), 0);
	assert_string_equal(s->provenance, "{\"a\": 1}");
	assert_int_equal(record_list_read(&got, s), 0);
	assert_null(record_list_differ(&records, &got));
	assert_int_equal(rep->gaps.n + rep->doubled + rep->moved + rep->bad_bytes + rep->unfinished,
			 0);
	assert_int_equal(rep->good, n_blocks);
	source_close(s);
	record_list_free(&got);
	close(fd);
}

static void two_traces_in_a_file_are_told_apart(void **state)
{
	const struct salvage_report *rep;
	struct strbuf two = STRBUF_INIT;
	struct record_list got;
	struct source *s;
	size_t first;
	int fd;

	(void)state;
	make(3);
	strbuf_addstr(&two, strbuf_str(&trace));
	first = records.v.n;
	make(4);
	/* the second one without its header block */
	strbuf_addstr(&two, (struct str){ blocks[1].bytes.p, trace.n - blocks[0].bytes.n });
	fd = file_of(strbuf_str(&two));
	record_list_init(&got);
	assert_int_equal(eyas_salvage_open(fd, "t", &diag, &s, &rep), 0);
	assert_int_equal(record_list_read(&got, s), 0);
	assert_int_equal(got.v.n, first + records.v.n);
	assert_int_equal(rep->traces, 2);
	assert_int_equal(rep->headless, 1);
	assert_int_equal(rep->gaps.n, 1);
	assert_int_equal(rep->gaps.v[0].trace, 1);
	assert_int_equal(rep->gaps.v[0].last_block, 0);
	source_close(s);
	record_list_free(&got);
	strbuf_release(&two);
	close(fd);
}

static void a_trace_inside_a_damaged_block_is_not_taken_for_its_own(void **state)
{
	struct strbuf file = STRBUF_INIT, inside = STRBUF_INIT;
	const struct salvage_report *rep;
	struct record_list got;
	struct source *s;
	struct record rec;
	size_t at, kept = 0;
	int fd;

	(void)state;
	make(5);
	strbuf_addstr(&inside, strbuf_str(&trace));
	make(6);
	/* The other trace stands where the data of the largest block is, which is damaged by it. */
	at = 0;
	for (size_t i = 0; i < n_blocks; i++)
		if (blocks[i].bytes.n > blocks[at].bytes.n)
			at = i;
	strbuf_add(&file, trace.s, trace.n);
	{
		size_t header = eyas_frame_size((const uint8_t *)blocks[at].bytes.p);
		size_t room = blocks[at].bytes.n - header;
		char *to = file.s + (blocks[at].bytes.p - trace.s) + header;

		memcpy(to, inside.s, room < inside.n ? room : inside.n);
	}
	fd = file_of(strbuf_str(&file));
	record_list_init(&got);
	assert_int_equal(eyas_salvage_open(fd, "t", &diag, &s, &rep), 0);
	while (source_next(s, &rec) == 1)
		kept += rec.kind != RECORD_LOSS || rec.loss.cause != LOSS_DAMAGE;
	assert_int_equal(rep->traces, 1);
	assert_int_equal(kept, records.v.n - (blocks[at].to - blocks[at].from));
	source_close(s);
	record_list_free(&got);
	strbuf_release(&file);
	strbuf_release(&inside);
	close(fd);
}

static void a_file_without_a_block_is_an_error(void **state)
{
	const struct salvage_report *rep;
	struct source *s;
	int fd = file_of(STR("this is no trace, and there is none in it"));

	(void)state;
	assert_int_equal(eyas_salvage_open(fd, "t", &diag, &s, &rep), -ENOENT);
	close(fd);
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CLAIM(a_whole_trace_has_no_gaps),
		CLAIM(every_intact_block_comes_back_and_losses_are_exact),
		CLAIM(two_traces_in_a_file_are_told_apart),
		CLAIM(a_trace_inside_a_damaged_block_is_not_taken_for_its_own),
		CLAIM(a_file_without_a_block_is_an_error),
	};

	/* Each reading takes and gives back large buffers: not to the system each time. */
	mallopt(M_MMAP_THRESHOLD, 64 << 20);
	mallopt(M_TRIM_THRESHOLD, 64 << 20);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
