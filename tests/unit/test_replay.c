/* replay_run: what a visitor sees of a source, and what is counted. */
#include "unit.h"

#include <errno.h>

#include "base/cursor.h"
#include "replay/replay.h"
#include "state/state.h"
#include "trace/eyas_columns.h"

#define T0 UINT64_C(1600000000000000000)

/* A source of events one second apart, given as letters: e close, o an enter that only the state
 * needs, u user added, x unknown type, l loss, n note, s snapshot, ! damage. */
struct letters {
	struct source source;
	const char *at;
	uint64_t ts;
	struct snapshot snap;
	struct param params[8];
	uint8_t bytes[64];
};

static void event_of(struct letters *l, unsigned type, struct event *ev)
{
	*ev = (struct event){ .ts = l->ts,
			      .tid = 7,
			      .type = (uint16_t)type,
			      .params = l->params,
			      .info = event_info(type) };
	l->ts += UINT64_C(1000000000);
	memset(l->bytes, 0, sizeof(l->bytes));
	if (ev->info)
		for (; ev->n_params < ev->info->n_params && ev->n_params < 8; ev->n_params++) {
			unsigned size = param_type_size(ev->info->params[ev->n_params].type);
			l->params[ev->n_params] = (struct param){ l->bytes, size ? size : 1 };
		}
}

static int letters_next(struct source *s, struct record *ret)
{
	struct letters *l = (struct letters *)s;

	memset(ret, 0, sizeof(*ret));
	ret->kind = RECORD_EVENT;
	switch (*l->at ? *l->at++ : 0) {
	case 0:
		return 0;
	case '!':
		return -EBADMSG;
	case 's':
		ret->kind = RECORD_SNAPSHOT;
		ret->snapshot = &l->snap;
		return 1;
	case 'l':
		ret->kind = RECORD_LOSS;
		ret->loss = (struct loss){ .count = 5 };
		return 1;
	case 'L':
		ret->kind = RECORD_LOSS;
		ret->loss = (struct loss){ .count = UINT64_MAX };
		return 1;
	case 'n':
		ret->kind = RECORD_NOTE;
		return 1;
	case 'o':
		event_of(l, EVT_SYSCALL_OPEN_E, &ret->event);
		return 1;
	case 'u':
		event_of(l, EVT_USER_ADDED_E, &ret->event);
		return 1;
	case 'x':
		event_of(l, 60000, &ret->event);
		return 1;
	default:
		event_of(l, EVT_SYSCALL_CLOSE_X, &ret->event);
		return 1;
	}
}

static const struct source_ops letters_ops = { letters_next, NULL };

struct seen {
	struct strbuf text; /* numbers of events, "S" for a section, "L" for a loss */
	int stop_with;
};

static int on_event(void *arg, struct event_ctx *ctx)
{
	struct seen *s = arg;

	assert_true(ctx->visible);
	strbuf_addf(&s->text, "%llu ", (unsigned long long)ctx->ev->num);
	return s->stop_with;
}

static void on_loss(void *arg, const struct loss *loss)
{
	(void)loss;
	strbuf_adds(&((struct seen *)arg)->text, "L ");
}

static int on_snapshot(void *arg, const struct snapshot *snap)
{
	(void)snap;
	strbuf_adds(&((struct seen *)arg)->text, "S ");
	return 0;
}

static int run(const char *letters, struct replay_select sel, struct seen *seen,
	       struct replay_stats *stats)
{
	struct letters l = { .source = { .ops = &letters_ops, .name = "letters" },
			     .at = letters,
			     .ts = T0 };
	struct replay_visitor v = {
		.arg = seen, .event = on_event, .loss = on_loss, .snapshot = on_snapshot
	};
	struct state_options so;
	struct state *st;
	int r;

	*stats = (struct replay_stats){ 0 };
	snapshot_init(&l.snap);
	state_options_default(&so);
	st = state_new(&so);
	r = replay_run(&l.source, st, &sel, &v, stats);
	state_free(st);
	snapshot_free(&l.snap);
	return r;
}

static struct seen seen = { .text = { strbuf_empty, 0, 0 } };
static struct replay_stats stats;

static int reset(void **state)
{
	(void)state;
	strbuf_release(&seen.text);
	seen.stop_with = 0;
	return 0;
}

#define ALL ((struct replay_select){ 0 })

static void events_are_numbered_over_sections(void **state)
{
	(void)state;
	assert_int_equal(run("seense", ALL, &seen, &stats), 0);
	assert_strbuf(&seen.text, "S 1 2 S 3 ");
	assert_int_equal(stats.events, 3);
	assert_int_equal(stats.raw, 3);
	assert_int_equal(stats.sections, 2);
	assert_int_equal(stats.first_ts, T0);
	assert_int_equal(stats.last_ts, T0 + 2 * UINT64_C(1000000000));
	assert_false(stats.damaged);
}

static void what_is_for_the_state_only_takes_a_number_and_is_not_shown(void **state)
{
	(void)state;
	assert_int_equal(run("uee", ALL, &seen, &stats), 0);
	assert_strbuf(&seen.text, "2 3 ");
	assert_int_equal(stats.events, 3);
	assert_int_equal(stats.visited, 2);
}

static void an_unknown_type_is_counted_and_takes_no_number(void **state)
{
	(void)state;
	assert_int_equal(run("exe", ALL, &seen, &stats), 0);
	assert_strbuf(&seen.text, "1 2 ");
	assert_int_equal(stats.unknown_types, 1);
	assert_int_equal(stats.raw, 3);
}

static void losses_are_told_and_summed(void **state)
{
	(void)state;
	assert_int_equal(run("elLe", ALL, &seen, &stats), 0);
	assert_strbuf(&seen.text, "1 L L 2 ");
	assert_int_equal(stats.loss_records, 2);
	assert_int_equal(stats.lost, 6); /* an unknown number counts as one */
}

static void damage_ends_the_walk_after_what_was_good(void **state)
{
	(void)state;
	assert_int_equal(run("ee!", ALL, &seen, &stats), -EBADMSG);
	assert_strbuf(&seen.text, "1 2 ");
	assert_true(stats.damaged);
}

static void numbers_select(void **state)
{
	(void)state;
	assert_int_equal(run("eeeee", (struct replay_select){ .first_num = 2, .last_num = 3 },
			     &seen, &stats),
			 0);
	assert_strbuf(&seen.text, "2 3 ");
	assert_int_equal(stats.raw, 4); /* and the last one ends the walk */
}

static void times_select_and_until_is_exclusive(void **state)
{
	const uint64_t s = UINT64_C(1000000000);

	(void)state;
	assert_int_equal(run("eeeee",
			     (struct replay_select){ .since = T0 + s, .until = T0 + 3 * s }, &seen,
			     &stats),
			 0);
	assert_strbuf(&seen.text, "2 3 ");
	assert_int_equal(stats.events, 5);
}

static void a_visitor_stops_the_walk_quietly_or_with_an_error(void **state)
{
	(void)state;
	seen.stop_with = 1;
	assert_int_equal(run("eee", ALL, &seen, &stats), 0);
	assert_strbuf(&seen.text, "1 ");
	seen.stop_with = -EPIPE;
	assert_int_equal(run("eee", ALL, &seen, &stats), -EPIPE);
	assert_strbuf(&seen.text, "1 ");
}

/* Two events of a type, which differ in each parameter: so all of these are columns. */
static void add_two(struct eyas_column_writer *w, const struct event_info *info)
{
	static const uint8_t bytes[2][64] = { { 1, 2, 3, 4, 5, 6, 7, 8 }, { 8, 7, 6, 5, 4, 3, 2 } };
	struct param params[EVENT_MAX_PARAMS];
	struct event ev = { .type = info->type, .params = params, .info = info, .tid = 7 };

	for (; ev.n_params < info->n_params; ev.n_params++) {
		unsigned size = param_type_size(info->params[ev.n_params].type);

		params[ev.n_params].n = size ? size : 3;
	}
	for (unsigned i = 0; i < 2; i++) {
		for (unsigned k = 0; k < ev.n_params; k++)
			params[k].p = bytes[i];
		eyas_column_writer_add(w, &ev);
	}
}

/* What the state takes of events of a type as they are written needs none of the seldom streams. */
static void the_state_needs_no_seldom_stream(void **state)
{
	const uint32_t seldom = 1u << EYAS_STREAM_SELDOM_SMALL | 1u << EYAS_STREAM_SELDOM_STRINGS;
	struct strbuf bufs[EYAS_MAX_STREAMS], *to[EYAS_MAX_STREAMS];
	uint64_t raw[EYAS_MAX_STREAMS];
	struct eyas_column_reader r;
	struct eyas_column_writer w;
	struct event_wants wants;
	unsigned packed_away = 0;

	(void)state;
	state_wants(&wants, false);
	eyas_column_writer_init(&w);
	eyas_column_reader_init(&r);
	for (unsigned k = 0; k < EYAS_MAX_STREAMS; k++) {
		strbuf_init(&bufs[k]);
		to[k] = &bufs[k];
	}
	for (unsigned type = 0; type < EVENT_N_TYPES; type++) {
		uint8_t types[(UINT16_MAX + 1) / 8];
		struct eyas_events_fields fields;

		/* What nobody records any more is wanted whole. */
		if (!event_info(type) || event_info(type)->flags & (EF_OLD_VERSION | EF_UNUSED))
			continue;
		add_two(&w, event_info(type));
		fields = w.fields;
		memcpy(types, w.types, sizeof(types));
		fields.types = str_mem(types, sizeof(types));
		for (unsigned k = 0; k < EYAS_MAX_STREAMS; k++)
			strbuf_reset(&bufs[k]);
		eyas_column_writer_take(&w, to);
		for (unsigned k = 0; k < EYAS_MAX_STREAMS; k++)
			raw[k] = bufs[k].n;
		assert_true(eyas_column_reader_heads(
			&r, &fields, strbuf_str(&bufs[EYAS_STREAM_HEADS]), raw, &wants));
		if (r.needed & seldom)
			fail_msg("the state needs %s, which is packed away",
				 event_info(type)->name);
		packed_away += raw[EYAS_STREAM_SELDOM_SMALL] != 0;
	}
	assert_true(packed_away > 20);
	for (unsigned k = 0; k < EYAS_MAX_STREAMS; k++)
		strbuf_release(&bufs[k]);
	eyas_column_reader_free(&r);
	eyas_column_writer_free(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(fn) cmocka_unit_test_setup(fn, reset)
		TEST(events_are_numbered_over_sections),
		TEST(what_is_for_the_state_only_takes_a_number_and_is_not_shown),
		TEST(an_unknown_type_is_counted_and_takes_no_number),
		TEST(losses_are_told_and_summed),
		TEST(damage_ends_the_walk_after_what_was_good),
		TEST(numbers_select),
		TEST(times_select_and_until_is_exclusive),
		TEST(a_visitor_stops_the_walk_quietly_or_with_an_error),
		TEST(the_state_needs_no_seldom_stream),
	};
	int r = cmocka_run_group_tests(tests, NULL, NULL);

	strbuf_release(&seen.text);
	return r;
}
