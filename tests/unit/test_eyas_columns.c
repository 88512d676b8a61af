/* Columns of events: every coding gives back what was put in; streams that lie are refused. */
#include "unit.h"

#include <errno.h>

#include "records.h"
#include "trace/eyas_columns.h"
#include "trace/layout.h"
#include "base/varint.h"

static struct strbuf bufs[EYAS_MAX_STREAMS];
static struct str streams[EYAS_MAX_STREAMS];
static uint64_t raw[EYAS_MAX_STREAMS];
static struct eyas_events_fields fields;
static uint8_t types[(UINT16_MAX + 1) / 8];

/* Takes records apart into bufs, as one block. */
static void take_apart(const struct record_list *l, bool tables)
{
	struct strbuf *to[EYAS_MAX_STREAMS];
	struct eyas_column_writer w;

	eyas_column_writer_init(&w);
	w.tables = tables;
	for (size_t i = 0; i < l->v.n; i++)
		if (l->v.v[i].kind == RECORD_EVENT)
			eyas_column_writer_add(&w, &l->v.v[i].event);
	fields = w.fields;
	memcpy(types, w.types, sizeof(types));
	fields.types = str_mem(types, sizeof(types));
	for (unsigned k = 0; k < EYAS_MAX_STREAMS; k++) {
		to[k] = &bufs[k];
		strbuf_reset(&bufs[k]);
	}
	eyas_column_writer_take(&w, to);
	eyas_column_writer_free(&w);
}

static int put_together(uint32_t present, struct record_list *l)
{
	struct eyas_column_reader r;
	struct record rec = { .kind = RECORD_EVENT };
	int n = -EBADMSG;

	for (unsigned k = 0; k < EYAS_MAX_STREAMS; k++) {
		streams[k] = strbuf_str(&bufs[k]);
		raw[k] = bufs[k].n;
	}
	eyas_column_reader_init(&r);
	if (eyas_column_reader_heads(&r, &fields, streams[EYAS_STREAM_HEADS], raw, NULL) &&
	    eyas_column_reader_begin(&r, streams, present))
		while ((n = eyas_column_reader_next(&r, r.count, NULL, NULL, &rec.event)) > 0)
			record_list_add(l, &rec);
	eyas_column_reader_free(&r);
	return n;
}

static void survives(const struct record_list *a, bool tables)
{
	struct record_list b;
	const char *d;

	record_list_init(&b);
	take_apart(a, tables);
	assert_int_equal(put_together(UINT32_MAX, &b), 0);
	d = record_list_differ(a, &b);
	if (d)
		fail_msg("%s", d);
	record_list_free(&b);
}

/* The coding of the only parameter of the only shape. */
static unsigned coding(void)
{
	struct cursor c = cursor_of(bufs[EYAS_STREAM_HEADS].s, bufs[EYAS_STREAM_HEADS].n);

	assert_int_equal(cursor_varint(&c), 1);
	for (unsigned i = 0; i < 4; i++)
		(void)cursor_varint(&c);
	return cursor_u8(&c);
}

static void add(struct record_list *l, uint16_t type, uint64_t ts, const void *p, size_t n)
{
	struct param param = { n ? p : NULL, (uint32_t)n };
	struct record r = { .kind = RECORD_EVENT };

	r.event.type = type;
	r.event.ts = ts;
	r.event.params = &param;
	r.event.n_params = 1;
	record_list_add(l, &r);
}

/* Integers of 8 bytes (the result of close()) that need so many bits. */
static void integers(struct record_list *l, unsigned bits, bool negative)
{
	record_list_init(l);
	for (uint64_t i = 0; i < 300; i++) {
		uint8_t le[8];
		uint64_t v = i == 299 ? (UINT64_MAX >> (64 - bits)) : i % 2;

		put_le64(le, negative && i == 298 ? ~v : negative && i == 299 ? ~v : v);
		add(l, EVT_SYSCALL_CLOSE_X, i, le, 8);
	}
}

static void integers_are_as_narrow_as_they_can_be(void **state)
{
	static const struct {
		unsigned bits;
		bool negative;
		unsigned coding, width;
	} cases[] = {
		{ 8, false, EYAS_NARROW, 1 },    { 9, false, EYAS_NARROW, 2 },
		{ 16, false, EYAS_NARROW, 2 },   { 17, false, EYAS_NARROW, 4 },
		{ 32, false, EYAS_NARROW, 4 },   { 33, false, EYAS_PLAIN, 0 },
		{ 63, false, EYAS_PLAIN, 0 },    { 7, true, EYAS_NARROW, 0x81 },
		{ 8, true, EYAS_NARROW, 0x82 },  { 15, true, EYAS_NARROW, 0x82 },
		{ 16, true, EYAS_NARROW, 0x84 }, { 31, true, EYAS_NARROW, 0x84 },
		{ 32, true, EYAS_PLAIN, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct record_list l;

		integers(&l, cases[i].bits, cases[i].negative);
		survives(&l, false);
		assert_int_equal(coding(), cases[i].coding);
		if (cases[i].coding == EYAS_NARROW) {
			assert_int_equal((uint8_t)bufs[EYAS_STREAM_HEADS].s[8], cases[i].width);
			assert_int_equal(bufs[EYAS_STREAM_SMALL].n, 300 * (cases[i].width & 0x7f));
		}
		record_list_free(&l);
	}
}

static void each_coding_is_chosen_for_its_values(void **state)
{
	static const char text[] = "/usr/include/x86_64-linux-gnu/bits/types.h";
	struct record_list absent, same, seldom, varying;

	(void)state;
	record_list_init(&absent);
	record_list_init(&same);
	record_list_init(&seldom);
	record_list_init(&varying);
	for (uint64_t i = 0; i < 1000; i++) {
		add(&absent, EVT_SYSCALL_CLOSE_X, i, NULL, 0);
		add(&same, 60001, i, text, 20);
		add(&seldom, EVT_SYSCALL_MUNMAP_X, i, &"\1\2\3\4\5\6\7\10\11"[i % 2], 8);
		add(&varying, 60000, i, text, 1 + i % sizeof(text));
	}
	survives(&absent, true);
	assert_int_equal(coding(), EYAS_ABSENT);
	survives(&same, true);
	assert_int_equal(coding(), EYAS_SAME);
	survives(&seldom, true);
	assert_int_equal(coding(), EYAS_SELDOM | EYAS_PLAIN);
	assert_int_equal(bufs[EYAS_STREAM_SMALL].n, 0);
	survives(&varying, false);
	assert_int_equal(coding(), EYAS_VARYING);
	survives(&varying, true);
	assert_int_equal(coding(), EYAS_TABLE);
	record_list_free(&absent);
	record_list_free(&same);
	record_list_free(&seldom);
	record_list_free(&varying);
}

/* Equal values of a table stand at the same place: readers may remember what they made of one. */
static void equal_values_of_a_table_are_one(void **state)
{
	struct eyas_column_reader r;
	struct record_list l;
	struct event ev;
	const uint8_t *seen[7] = { NULL };

	(void)state;
	record_list_init(&l);
	for (uint64_t i = 0; i < 70000; i++)
		add(&l, 60000, i, "abcdefghijklmn", 1 + i * i % 7);
	take_apart(&l, true);
	assert_int_equal(coding(), EYAS_TABLE);
	eyas_column_reader_init(&r);
	for (unsigned k = 0; k < EYAS_MAX_STREAMS; k++) {
		streams[k] = strbuf_str(&bufs[k]);
		raw[k] = bufs[k].n;
	}
	assert_true(eyas_column_reader_heads(&r, &fields, streams[EYAS_STREAM_HEADS], raw, NULL));
	assert_true(eyas_column_reader_begin(&r, streams, UINT32_MAX));
	while (eyas_column_reader_next(&r, r.count, NULL, NULL, &ev) > 0) {
		const uint8_t **s = &seen[ev.params[0].n - 1];

		if (!*s)
			*s = ev.params[0].p;
		assert_ptr_equal(*s, ev.params[0].p);
	}
	eyas_column_reader_free(&r);
	record_list_free(&l);
}

static void a_table_may_have_more_values_than_a_byte_numbers(void **state)
{
	struct record_list l;

	(void)state;
	for (unsigned values = 255; values < 70000;
	     values = values < 258 ? values + 1 : values * 4) {
		record_list_init(&l);
		for (uint64_t i = 0; i < 2 * (uint64_t)values; i++) {
			char text[32];
			int n = snprintf(text, sizeof(text), "/%u", (unsigned)(i * 7919 % values));

			add(&l, 60000, i, text, (size_t)n);
		}
		survives(&l, true);
		assert_int_equal(coding(), values <= EYAS_MAX_TABLE ? EYAS_TABLE : EYAS_VARYING);
		record_list_free(&l);
	}
}

static void any_time_survives(void **state)
{
	static const uint64_t steps[] = { 0,
					  1,
					  254,
					  255,
					  256,
					  65279,
					  65280,
					  65281,
					  65535,
					  65536,
					  1 << 24,
					  INT64_MAX,
					  UINT64_MAX,
					  UINT64_MAX - 254,
					  UINT64_MAX - 255,
					  UINT64_MAX - 65536,
					  UINT64_C(1) << 63 };
	struct record_list l;
	uint64_t ts = 1000;

	(void)state;
	record_list_init(&l);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		for (size_t k = 0; k < sizeof(steps) / sizeof(steps[0]); k++) {
			ts += steps[k];
			add(&l, (uint16_t)(EVT_SYSCALL_CLOSE_X + 2 * (k % 3)), ts, "x", k % 2);
		}
		ts += steps[i];
	}
	survives(&l, false);
	record_list_free(&l);
}

static void long_runs_and_many_cpus_survive(void **state)
{
	struct record_list l;
	struct record r = { .kind = RECORD_EVENT };

	(void)state;
	record_list_init(&l);
	for (uint64_t i = 0; i < 200000; i++) {
		r.event.type = 60000;
		r.event.cpu = (uint16_t)(i < 70000 ? 3 : i < 140000 ? 300 : i * 31 % 65536);
		r.event.tid = i < 140000 ? 5 : (int64_t)(i * 17 % 40000) - 1;
		record_list_add(&l, &r);
	}
	survives(&l, true);
	record_list_free(&l);
}

/* What is not unpacked is delivered empty, all else as it is. */
static void streams_can_be_left_packed(void **state)
{
	struct record_list a, b;
	uint32_t present = UINT32_MAX;

	(void)state;
	record_list_init(&a);
	record_list_make(&a, 9, 3000, WITH_UNKNOWN_TYPES | WITH_ODD_SIZES);
	take_apart(&a, true);
	for (unsigned k = EYAS_STREAM_SMALL; k <= EYAS_STREAM_SELDOM_STRINGS; k++) {
		size_t missing = 0, same = 0, e = 0;

		if (!(EYAS_COLUMN_STREAMS & 1u << k))
			continue;
		record_list_init(&b);
		assert_int_equal(put_together(present & ~(1u << k), &b), 0);
		for (size_t i = 0; i < a.v.n; i++) {
			const struct event *x = &a.v.v[i].event, *y;

			if (a.v.v[i].kind != RECORD_EVENT)
				continue;
			y = &b.v.v[e++].event;
			assert_int_equal(x->ts, y->ts);
			assert_int_equal(x->tid, y->tid);
			assert_int_equal(x->n_params, y->n_params);
			for (uint32_t p = 0; p < x->n_params; p++) {
				if (!y->params[p].n && x->params[p].n) {
					missing++;
					continue;
				}
				assert_int_equal(x->params[p].n, y->params[p].n);
				if (x->params[p].n)
					assert_memory_equal(x->params[p].p, y->params[p].p,
							    x->params[p].n);
				same += x->params[p].n > 0;
			}
		}
		assert_int_equal(e, b.v.n);
		assert_true(same > 0 && (missing > 0 || !bufs[k].n));
		record_list_free(&b);
	}
	record_list_free(&a);
}

static uint64_t next_random(uint64_t *s)
{
	*s = *s * UINT64_C(6364136223846793005) + 1442695040888963407;
	return *s >> 33;
}

/* Checksums keep chance away from the streams, but not a person. */
static void streams_that_lie_do_no_harm(void **state)
{
	struct strbuf good[EYAS_MAX_STREAMS];
	struct record_list a, b;
	uint64_t seed = 1;
	unsigned refused = 0;

	(void)state;
	record_list_init(&a);
	record_list_make(&a, 3, 200, WITH_UNKNOWN_TYPES | WITH_ODD_SIZES | WITH_ANY_DELIVERY);
	take_apart(&a, true);
	for (unsigned k = 0; k < EYAS_MAX_STREAMS; k++) {
		strbuf_init(&good[k]);
		strbuf_addstr(&good[k], strbuf_str(&bufs[k]));
	}
	for (unsigned i = 0; i < 20000; i++) {
		unsigned damages = 1 + i % 3;

		for (unsigned k = 0; k < EYAS_MAX_STREAMS; k++) {
			/* exact, so that sanitizers see what is read behind it */
			strbuf_release(&bufs[k]);
			strbuf_addstr(&bufs[k], strbuf_str(&good[k]));
		}
		while (damages--) {
			static const uint8_t numbers[] = { 0, 1, 2, 4, 127, 128, 255 };
			/* most in HEADS, which say what all else means */
			unsigned k = i % 4 ? EYAS_STREAM_HEADS : 2 + next_random(&seed) % 9;
			struct strbuf *sb = &bufs[k];

			if (!sb->n)
				continue;
			if (next_random(&seed) % 8 == 0)
				strbuf_truncate(sb, next_random(&seed) % sb->n);
			else
				sb->s[next_random(&seed) % (i % 2 ? sb->n : sb->n / 8 + 1)] =
					(char)numbers[next_random(&seed) % sizeof(numbers)];
		}
		record_list_init(&b);
		refused += put_together((uint32_t)next_random(&seed) | 0x1ff, &b) < 0;
		record_list_free(&b);
	}
	assert_true(refused > 1000);
	for (unsigned k = 0; k < EYAS_MAX_STREAMS; k++)
		strbuf_release(&good[k]);
	record_list_free(&a);
}

/* What an event was to be settled by, and the answer. */
struct asked {
	unsigned type;
	int64_t tid, numbers[EVENT_WANT_NUMBERS];
	char text[32];
	size_t text_n;
	bool settled;
};

/* What the reader told of threads, and the contract it has to keep. */
struct told {
	bool tid[64];
	unsigned calls;
	const struct event_wants *wants;
	VEC(struct asked) asked;
	size_t heard; /* of them */
	uint64_t settled, settled_with_text;
};

static bool tell(void *arg, int64_t tid)
{
	struct told *t = arg;

	assert_in_range(tid, 0, 63);
	t->tid[tid] = true;
	t->calls++;
	return t->calls % 5 != 0; /* to be asked again */
}

static bool ask(void *arg, unsigned type, int64_t tid, const int64_t *numbers, struct str text)
{
	struct told *t = arg;
	struct asked *a = vec_add(&t->asked);

	a->type = type;
	a->tid = tid;
	memcpy(a->numbers, numbers, t->wants->of[type].n_numbers * sizeof(*numbers));
	assert_true(text.n <= sizeof(a->text));
	memcpy(a->text, text.p, text.n);
	a->text_n = text.n;
	a->settled = t->asked.n % 3 > 0;
	return a->settled;
}

/* The reader asked about this event: the answer. */
static bool was_settled(struct told *t, const struct event *ev)
{
	const struct event_want *want = &t->wants->of[ev->type];
	int64_t numbers[EVENT_WANT_NUMBERS];
	const struct asked *a;
	struct str text = STR("");

	if (t->heard == t->asked.n || !event_numbers(want, ev, numbers))
		return false;
	a = &t->asked.v[t->heard++];
	assert_int_equal(a->type, ev->type);
	assert_int_equal(a->tid, ev->tid);
	assert_memory_equal(a->numbers, numbers, want->n_numbers * sizeof(*numbers));
	if (want->text)
		text = event_param_bytes(ev, want->text - 1u);
	assert_int_equal(a->text_n, text.n);
	assert_memory_equal(a->text, text.p, text.n);
	t->settled += a->settled;
	t->settled_with_text += a->settled && text.n;
	return a->settled;
}

/* What of an event may be asked for: two numbers, or most of an open. */
static void make_numbers(struct event_want *want, const struct event_info *info)
{
	static const uint8_t of_open[] = { 0, 2, 3, 4, 5 };

	if (!info || !info->exit)
		return;
	if (info->type == EVT_SYSCALL_OPEN_X) {
		for (size_t i = 0; i < sizeof(of_open); i++) {
			want->numbers[i].param = of_open[i];
			want->numbers[i].size = param_type_size(info->params[of_open[i]].type);
		}
		want->n_numbers = sizeof(of_open);
		want->text = 1 + 1;
	} else if (info->type == EVT_SYSCALL_CLOSE_X) {
		want->numbers[0].size = 8;
		want->numbers[1] = (struct event_number_param){ .param = 1, .size = 8 };
		want->n_numbers = 2;
	}
}

static void make_wants(struct event_wants *w, uint64_t seed, struct told *told)
{
	static const uint64_t bits[1] = { UINT64_C(0x123456789abcdef5) };

	memset(w, 0, sizeof(*w));
	for (size_t i = 0; i < EVENT_N_TYPES; i++) {
		unsigned how = (unsigned)next_random(&seed) % 4;

		w->of[i].how = how > 2 ? WANT_NONE : (uint8_t)how;
		w->of[i].param = (uint8_t)(next_random(&seed) % 4);
		w->of[i].n_values = (uint16_t)(next_random(&seed) % 65);
		w->of[i].values = bits;
		if (next_random(&seed) % 4)
			make_numbers(&w->of[i], event_info((unsigned)i));
	}
	w->pass = tell;
	w->settle = ask;
	w->arg = told;
	told->wants = w;
}

/* The least and the greatest of some times. */
struct bounds {
	uint64_t min, max;
};

static struct bounds with(struct bounds b, uint64_t min, uint64_t max)
{
	return (struct bounds){ min < b.min ? min : b.min, max > b.max ? max : b.max };
}

/* Reads a block with wants as the source does, of no more streams than are needed: how many passed.
 */
static uint64_t wants_are_kept(const struct record_list *a, uint64_t seed, bool late,
			       uint64_t *settled_with_text)
{
	struct events_passed passed = { 0 };
	struct eyas_column_reader r;
	struct event_wants w;
	struct told told = { 0 };
	/* times of all plain events so far, and of those that were delivered */
	struct bounds all = { UINT64_MAX, 0 }, seen = all, told_of;
	uint64_t delivered = 0;
	uint32_t present;
	struct event ev;
	size_t at = 0;

	make_wants(&w, seed, &told);
	take_apart(a, seed % 2);
	for (unsigned k = 0; k < EYAS_MAX_STREAMS; k++) {
		streams[k] = strbuf_str(&bufs[k]);
		raw[k] = bufs[k].n;
	}
	eyas_column_reader_init(&r);
	assert_true(eyas_column_reader_heads(&r, &fields, streams[EYAS_STREAM_HEADS], raw,
					     late ? NULL : &w));
	present = r.needed | 1u << EYAS_STREAM_TIMES;
	for (unsigned k = 0; k < EYAS_MAX_STREAMS; k++)
		if (!(present & 1u << k))
			streams[k] = STR("");
	assert_true(eyas_column_reader_begin(&r, streams, present));
	if (late)
		eyas_column_reader_wants(&r, &w);
	for (;;) {
		uint64_t before = passed.count, end = r.next + next_random(&seed) % 300;
		int n = eyas_column_reader_next(&r, end < r.count ? end : r.count, &w, &passed,
						&ev);

		assert_true(n >= 0);
		for (; before < passed.count; before++) {
			const struct event *x = &a->v.v[at++].event;

			assert_true(x->delivery == 0 && x->tid >= 0);
			if (event_is_wanted(&w, x))
				assert_true(was_settled(&told, x));
			else
				assert_true(told.tid[x->tid]);
			all = with(all, x->ts, x->ts);
		}
		told_of = passed.count ? with(seen, passed.min_ts, passed.max_ts) : seen;
		assert_memory_equal(&told_of, &all, sizeof(all));
		if (n && layout_is_plain(ev.info, ev.n_params)) {
			seen = with(seen, ev.ts, ev.ts);
			all = with(all, ev.ts, ev.ts);
		}
		if (n) {
			struct record_list want, got;
			struct record rec = { .kind = RECORD_EVENT, .event = ev };

			assert_true(event_is_wanted(&w, &a->v.v[at].event) || ev.delivery ||
				    ev.tid < 0 || !ev.info->exit);
			assert_true(told.heard == told.asked.n ||
				    !was_settled(&told, &a->v.v[at].event));
			assert_int_equal(told.heard, told.asked.n);
			record_list_init(&want);
			record_list_init(&got);
			record_list_add(&want, &a->v.v[at]);
			record_list_add(&got, &rec);
			assert_null(record_list_differ(&want, &got));
			record_list_free(&want);
			record_list_free(&got);
			if (ev.tid >= 0 && !ev.info->exit)
				told.tid[ev.tid] = false;
			w.epoch += at % 7 == 0;
			if (at % 7 == 0)
				memset(told.tid, 0, sizeof(told.tid));
			at++;
			delivered++;
		} else if (r.next == r.count) {
			break;
		}
	}
	assert_int_equal(at, a->v.n);
	assert_int_equal(delivered + passed.count, a->v.n);
	eyas_column_reader_free(&r);
	vec_free(&told.asked);
	*settled_with_text += told.settled_with_text;
	return passed.count - told.settled;
}

/* Events of the calls that happen most, as they are recorded. */
static void make_calls(struct record_list *l, uint64_t seed, size_t n, int64_t least_tid)
{
	/* The last one is not in all: times are told in another way when there are odd events. */
	static const uint16_t kinds[] = {
		EVT_SYSCALL_CLOSE_X,  EVT_SYSCALL_FCNTL_X, EVT_GENERIC_X,
		EVT_SYSCALL_MUNMAP_X, EVT_SYSCALL_OPEN_X,  EVT_SYSCALL_CLOSE_E,
	};
	size_t n_kinds = sizeof(kinds) / sizeof(kinds[0]) - (seed % 4 < 2);
	/* The names of a seed's opens: each its own, some, one, all of one size, or none. */
	unsigned n_names = seed % 5 == 0 ? 1 : seed % 5 < 3 ? 7 : 1000000;
	uint8_t bytes[8][8] = { { 0 } };
	uint64_t ts = 100000000;

	for (size_t i = 0; i < n; i++) {
		const struct event_info *info = event_info(kinds[next_random(&seed) % n_kinds]);
		struct record rec = { .kind = RECORD_EVENT };
		struct param params[8];
		char name[32];
		int len;

		for (unsigned k = 0; k < info->n_params; k++) {
			/* the upper bytes of some are set: -5, 0xfffffffb */
			uint64_t v = next_random(&seed) % 70;

			put_le64(bytes[k], i % 2 && v % 16 == 0 ? ~v : v);
			params[k] =
				(struct param){ bytes[k], param_type_size(info->params[k].type) };
		}
		if (info->type == EVT_SYSCALL_OPEN_X) {
			len = snprintf(name, sizeof(name), n_names == 7 ? "/n/%06u" : "/n/%u",
				       (unsigned)next_random(&seed) % n_names);
			params[1] = (struct param){ (const uint8_t *)name, (uint32_t)len };
			if (seed % 5 == 3)
				params[1].n = 0;
		}
		/* of some the time is not in the planes, or less than the one before */
		ts += next_random(&seed) % 90000;
		if (seed % 2)
			ts -= next_random(&seed) % 100000 / 2;
		rec.event.ts = ts;
		rec.event.type = info->type;
		rec.event.tid = least_tid + (int64_t)(next_random(&seed) / 5 % 8);
		rec.event.cpu = (uint16_t)(next_random(&seed) % 3);
		rec.event.delivery = next_random(&seed) % 50 == 0 ? EVENT_STATE_ONLY : 0;
		rec.event.params = params;
		rec.event.n_params = info->n_params;
		record_list_add(l, &rec);
	}
}

static void what_is_not_wanted_is_passed_over(void **state)
{
	uint64_t passed = 0, settled_with_text = 0;

	(void)state;
	for (uint64_t seed = 1; seed < 60; seed++) {
		struct record_list l;

		record_list_init(&l);
		make_calls(&l, seed, 700, seed % 3 ? 0 : -1);
		passed += wants_are_kept(&l, seed, seed % 4 == 0, &settled_with_text);
		record_list_free(&l);
	}
	assert_in_range(passed, 10000, 30000);
	assert_in_range(settled_with_text, 1000, 5000);
}

/* Of 20000 calls without a type of their own one is wanted. */
static void one_value_that_is_wanted_is_found_among_many(void **state)
{
	static const uint64_t bits[5] = { 0, 0, 0, 0, UINT64_C(1) << 1 };
	const uint64_t at[] = { 0, 10001, 19996, 19999, 50000 };
	struct told told = { 0 };
	struct event_wants w;

	(void)state;
	memset(&w, 0, sizeof(w));
	w.of[EVT_GENERIC_X] = (struct event_want){
		.how = WANT_VALUES,
		.n_values = 300,
		.values = bits,
	};
	w.pass = tell;
	w.arg = &told;
	for (size_t c = 0; c < sizeof(at) / sizeof(at[0]); c++) {
		struct events_passed passed = { 0 };
		struct eyas_column_reader r;
		struct record_list l;
		struct event ev;

		record_list_init(&l);
		for (uint64_t i = 0; i < 20000; i++) {
			uint8_t id[2], native[2];
			struct param params[2] = { { id, 2 }, { native, 2 } };
			struct record rec = { .kind = RECORD_EVENT };

			/* 999 is beyond what may be said */
			put_le16(id, (uint16_t)(i == at[c] ? (c % 2 ? 257 : 999) : i % 256));
			put_le16(native, 3);
			rec.event.type = EVT_GENERIC_X;
			rec.event.ts = i;
			rec.event.params = params;
			rec.event.n_params = 2;
			record_list_add(&l, &rec);
		}
		take_apart(&l, false);
		for (unsigned k = 0; k < EYAS_MAX_STREAMS; k++) {
			streams[k] = strbuf_str(&bufs[k]);
			raw[k] = bufs[k].n;
		}
		eyas_column_reader_init(&r);
		assert_true(
			eyas_column_reader_heads(&r, &fields, streams[EYAS_STREAM_HEADS], raw, &w));
		assert_true(eyas_column_reader_begin(&r, streams, UINT32_MAX));
		if (at[c] < 20000) {
			assert_int_equal(eyas_column_reader_next(&r, r.count, &w, &passed, &ev), 1);
			assert_int_equal(ev.ts, at[c]);
		}
		assert_int_equal(eyas_column_reader_next(&r, r.count, &w, &passed, &ev), 0);
		assert_int_equal(passed.count, at[c] < 20000 ? 19999 : 20000);
		eyas_column_reader_free(&r);
		record_list_free(&l);
	}
}

static void a_block_that_nothing_needs_is_passed_whole(void **state)
{
	struct events_passed passed = { 0 };
	struct eyas_column_reader r;
	struct event_wants w;
	struct told told = { 0 };
	struct record_list l;

	(void)state;
	record_list_init(&l);
	for (uint64_t i = 0; i < 100; i++) {
		struct record rec = { .kind = RECORD_EVENT };

		rec.event.ts = 50 + i * 3 % 100;
		rec.event.tid = (int64_t)(i % 5);
		rec.event.type = EVT_SYSCALL_MUNLOCKALL_X;
		record_list_add(&l, &rec);
	}
	take_apart(&l, false);
	for (unsigned k = 0; k < EYAS_MAX_STREAMS; k++)
		raw[k] = bufs[k].n;
	event_wants_none(&w);
	w.pass = tell;
	w.arg = &told;
	eyas_column_reader_init(&r);
	assert_true(eyas_column_reader_heads(&r, &fields, strbuf_str(&bufs[EYAS_STREAM_HEADS]), raw,
					     &w));
	assert_true(eyas_column_reader_pass_all(&r, &w, &fields, &passed));
	assert_int_equal(passed.count, 100);
	assert_int_equal(passed.min_ts, fields.min_ts);
	assert_int_equal(passed.max_ts, fields.max_ts);
	for (unsigned i = 0; i < 5; i++)
		assert_true(told.tid[i]);
	w.of[EVT_SYSCALL_MUNLOCKALL_X].how = WANT_ALL;
	assert_true(eyas_column_reader_heads(&r, &fields, strbuf_str(&bufs[EYAS_STREAM_HEADS]), raw,
					     &w));
	assert_false(eyas_column_reader_pass_all(&r, &w, &fields, &passed));
	eyas_column_reader_free(&r);
	record_list_free(&l);
}

static int setup(void **state)
{
	(void)state;
	for (unsigned k = 0; k < EYAS_MAX_STREAMS; k++)
		strbuf_init(&bufs[k]);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	for (unsigned k = 0; k < EYAS_MAX_STREAMS; k++)
		strbuf_release(&bufs[k]);
	return 0;
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(integers_are_as_narrow_as_they_can_be),
		T(each_coding_is_chosen_for_its_values),
		T(equal_values_of_a_table_are_one),
		T(a_table_may_have_more_values_than_a_byte_numbers),
		T(any_time_survives),
		T(long_runs_and_many_cpus_survive),
		T(streams_can_be_left_packed),
		T(streams_that_lie_do_no_harm),
		T(what_is_not_wanted_is_passed_over),
		T(one_value_that_is_wanted_is_found_among_many),
		T(a_block_that_nothing_needs_is_passed_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
