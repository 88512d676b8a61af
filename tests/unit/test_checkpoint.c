/* Checkpoints in .eyas traces: they are passed over, or begun at; what they hold is checked. */
#include "unit.h"

#include <errno.h>

#include "records.h"
#include "replay/checkpoint.h"
#include "trace/eyas_reader.h"
#include "trace/eyas_writer.h"

#define EVERY 40 /* records */

struct made {
	struct record_list records;
	struct strbuf bytes;
	VEC(uint64_t) offsets; /* of the checkpoints */
	VEC(size_t) at;        /* records before them */
};

static struct diag diag;

static int setup(void **state)
{
	struct made *m = xcalloc(1, sizeof(*m));
	struct byte_sink o = { .arg = &m->bytes, .write = strbuf_output };
	struct eyas_writer_options opt = { .block_bytes = 1000 };
	struct checkpointer *c = checkpointer_new();
	struct eyas_checkpoint cp;
	struct sink *k;

	diag_init(&diag);
	strbuf_init(&m->bytes);
	record_list_init(&m->records);
	record_list_make(&m->records, 7, 400, WITH_LOSS_AND_NOTES | WITH_SECTIONS);
	k = eyas_writer_new(&o, &opt, &diag);
	for (size_t i = 0; i < m->records.v.n; i++) {
		if (i % EVERY == EVERY / 2) {
			checkpointer_save(c, &cp);
			assert_int_equal(eyas_writer_flush(k), 0);
			vec_push(&m->offsets, eyas_writer_offset(k));
			vec_push(&m->at, i);
			assert_int_equal(eyas_writer_checkpoint(k, &cp), 0);
		}
		assert_int_equal(k->ops->put(k, &m->records.v.v[i]), 0);
		checkpointer_take(c, &m->records.v.v[i]);
	}
	assert_int_equal(k->ops->finish(k), 0);
	assert_true(m->offsets.n > 5);
	checkpointer_free(c);
	*state = m;
	return 0;
}

static int teardown(void **state)
{
	struct made *m = *state;

	record_list_free(&m->records);
	strbuf_release(&m->bytes);
	vec_free(&m->offsets);
	vec_free(&m->at);
	free(m);
	diag_free(&diag);
	return 0;
}

static struct source *open_made(const struct made *m)
{
	struct source *s;

	assert_int_equal(eyas_reader_open(input_from_memory("t.eyas", m->bytes.s, m->bytes.n),
					  &diag, &s),
			 0);
	return s;
}

/* What the source still has are the records from..to. */
static void gives(const struct made *m, struct source *s, size_t from, size_t to)
{
	struct record_list want, got;
	const char *d;

	record_list_init(&want);
	record_list_init(&got);
	for (size_t i = from; i < to; i++)
		record_list_add(&want, &m->records.v.v[i]);
	assert_int_equal(record_list_read(&got, s), 0);
	d = record_list_differ(&want, &got);
	if (d)
		fail_msg("records %zu to %zu: %s", from, to, d);
	record_list_free(&want);
	record_list_free(&got);
}

static void checkpoints_are_passed_over(void **state)
{
	const struct made *m = *state;
	struct source *s = open_made(m);

	gives(m, s, 0, m->records.v.n);
	source_close(s);
	assert_int_equal(diag.items.n, 0);
}

static void reading_goes_on_behind_each(void **state)
{
	const struct made *m = *state;

	for (size_t i = 0; i < m->offsets.n; i++) {
		struct source *s = open_made(m);
		struct eyas_checkpoint cp;

		assert_int_equal(eyas_reader_seek(s, m->offsets.v[i], &cp), 0);
		gives(m, s, m->at.v[i], m->records.v.n);
		source_close(s);
	}
}

static void reading_can_end_at_each(void **state)
{
	const struct made *m = *state;

	for (size_t i = 1; i < m->offsets.n; i++) {
		struct source *s = open_made(m);
		struct eyas_checkpoint cp;

		assert_int_equal(eyas_reader_seek(s, m->offsets.v[i - 1], &cp), 0);
		eyas_reader_end_at(s, m->offsets.v[i]);
		gives(m, s, m->at.v[i - 1], m->at.v[i]);
		assert_true(eyas_reader_at_end(s));
		source_close(s);
	}
}

static void an_end_where_no_checkpoint_is_is_noticed(void **state)
{
	const struct made *m = *state;
	struct source *s = open_made(m);

	eyas_reader_end_at(s, m->offsets.v[3] + 1);
	gives(m, s, 0, m->at.v[3]);
	assert_false(eyas_reader_at_end(s));
	source_close(s);
}

static void a_place_without_a_checkpoint_is_refused_without_a_word(void **state)
{
	const struct made *m = *state;
	const uint64_t wrong[] = {
		0, 1, m->offsets.v[0] - 1, m->offsets.v[0] + 100, m->bytes.n, m->bytes.n + 1
	};
	struct eyas_checkpoint cp;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct source *s = open_made(m);

		assert_int_not_equal(eyas_reader_seek(s, wrong[i], &cp), 0);
		source_close(s);
	}
	assert_int_equal(diag.items.n, 0);
}

/* A walk from the checkpoint's data; the result of restoring it. */
static int restore(struct str data, struct strbuf *again)
{
	static const struct replay_select all;
	const struct replay_visitor v = { 0 };
	struct replay_stats stats = { 0 };
	struct source none = { 0 };
	struct state *st = state_new(NULL);
	struct replay_walk *w = replay_walk_new(&none, st, &all, &v, &stats);
	int r = replay_walk_restore(w, data);

	if (!r && again)
		replay_walk_save(w, false, again);
	replay_walk_free(w);
	state_free(st);
	return r;
}

static void what_is_restored_is_what_was_saved(void **state)
{
	const struct made *m = *state;

	for (size_t i = 0; i < m->offsets.n; i++) {
		struct strbuf again = STRBUF_INIT;
		struct source *s = open_made(m);
		struct eyas_checkpoint cp;

		assert_int_equal(eyas_reader_seek(s, m->offsets.v[i], &cp), 0);
		assert_int_equal(restore(cp.data, &again), 0);
		assert_true(str_eq(strbuf_str(&again), cp.data));
		strbuf_release(&again);
		source_close(s);
	}
}

static void another_version_is_told_from_damage(void **state)
{
	const struct made *m = *state;
	struct strbuf data = STRBUF_INIT;
	struct source *s = open_made(m);
	struct eyas_checkpoint cp;

	assert_int_equal(eyas_reader_seek(s, m->offsets.v[2], &cp), 0);
	strbuf_addstr(&data, cp.data);
	data.s[0]++;
	assert_int_equal(restore(strbuf_str(&data), NULL), -ENOTSUP);
	data.s[0]--;
	for (size_t n = 0; n < data.n; n++)
		assert_int_not_equal(restore(str_mem(data.s, n), NULL), 0);
	strbuf_addc(&data, 0);
	assert_int_equal(restore(strbuf_str(&data), NULL), -EBADMSG);
	strbuf_release(&data);
	source_close(s);
}

/* A byte at a time: whatever it does, nothing breaks, and what is taken can be saved again. */
static void no_damage_does_harm(void **state)
{
	const struct made *m = *state;
	struct strbuf data = STRBUF_INIT;
	struct source *s = open_made(m);
	struct eyas_checkpoint cp;
	unsigned refused = 0;

	assert_int_equal(eyas_reader_seek(s, m->offsets.v[m->offsets.n - 1], &cp), 0);
	strbuf_addstr(&data, cp.data);
	for (size_t i = 0; i < data.n; i++) {
		for (unsigned bit = 0; bit < 8; bit += 3) {
			struct strbuf again = STRBUF_INIT;

			data.s[i] = (char)(data.s[i] ^ (char)(1 << bit));
			refused += restore(strbuf_str(&data), &again) != 0;
			data.s[i] = (char)(data.s[i] ^ (char)(1 << bit));
			strbuf_release(&again);
		}
	}
	assert_true(refused > 0);
	strbuf_release(&data);
	source_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(checkpoints_are_passed_over),
		cmocka_unit_test(reading_goes_on_behind_each),
		cmocka_unit_test(reading_can_end_at_each),
		cmocka_unit_test(an_end_where_no_checkpoint_is_is_noticed),
		cmocka_unit_test(a_place_without_a_checkpoint_is_refused_without_a_word),
		cmocka_unit_test(what_is_restored_is_what_was_saved),
		cmocka_unit_test(another_version_is_told_from_damage),
		cmocka_unit_test(no_damage_does_harm),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
