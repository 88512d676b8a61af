#include "unit.h"

#include "event/event_text.h"
#include "made_event.h"
#include "trace/enter_store.h"
#include "trace/layout.h"

/* conversion_list.def once more, to look at its rows. */
enum { OLD_ROW, ENTER_ROW, EMPTY_ROW, DEFAULT_ROW, JSON_ROW, END_ROW };

struct source_row {
	int kind;
	unsigned first, count;
};

struct row {
	unsigned type, n, to;
	bool stores, makes;
	struct source_row sources[16];
};

#define OLD(first, count)             { OLD_ROW, first, count },
#define ENTER(first, count, fallback) { ENTER_ROW, first, count },
#define EMPTY(count)                  { EMPTY_ROW, 0, count },
#define DEFAULT(count)                { DEFAULT_ROW, 0, count },
#define CONTAINER_JSON(count)         { JSON_ROW, 0, count },
#define STORE(type, n)                { EVT_##type, n, EVT_##type, true, false, { { END_ROW, 0, 0 } } },
#define PASS(type, n)                 { EVT_##type, n, EVT_##type, false, false, { { END_ROW, 0, 0 } } },
#define STORE_AND_PASS(type, n)       STORE(type, n)
#define ADD_PARAMS(type, n, sources) \
	{ EVT_##type, n, EVT_##type, false, true, { OLD(0, n) sources{ END_ROW, 0, 0 } } },
#define CHANGE_TYPE(type, n, to, sources) \
	{ EVT_##type, n, EVT_##to, false, true, { sources{ END_ROW, 0, 0 } } },

static const struct row rows[] = {
#include "event/conversion_list.def"
};

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

/* Number of parameters that a row makes, checking where they come from. */
static unsigned made_params(const struct row *r)
{
	unsigned n = 0;

	for (const struct source_row *s = r->sources; s->kind != END_ROW; s++) {
		n += s->count;
		if (s->kind == OLD_ROW)
			assert_true(s->first + s->count <= r->n);
		if (s->kind == ENTER_ROW) {
			assert_true(r->type & 1);
			assert_true(s->first + s->count <= event_info(r->type - 1)->n_params);
		}
	}
	return n;
}

static const struct row *row_of(unsigned type, unsigned n)
{
	for (size_t i = 0; i < N_ROWS; i++) {
		if (rows[i].type == type && rows[i].n == n)
			return &rows[i];
	}
	return NULL;
}

static void every_source_exists_and_every_result_is_current_in_the_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ROWS; i++) {
		const struct row *r = &rows[i];
		unsigned steps = 0, n;

		assert_true(r->n <= event_info(r->type)->n_params);
		assert_true(event_info(r->type)->flags & EF_CONVERTER_MANAGED);
		for (; r && r->makes; steps++) {
			const struct event_info *to = event_info(r->to);

			n = made_params(r);
			assert_true(n <= to->n_params);
			assert_true(steps < 20);
			r = row_of(r->to, n);
			if (!r) {
				assert_int_equal(n, to->n_params);
				if (to->exit)
					assert_false(to->flags & EF_OLD_VERSION);
				else
					assert_false(to->flags & EF_CONVERTER_MANAGED);
			}
		}
	}
}

static void rows_of_a_type_are_together_and_ascending(void **state)
{
	bool seen[EVENT_N_TYPES] = { false };

	(void)state;
	for (size_t i = 0; i < N_ROWS; i++) {
		if (i && rows[i].type == rows[i - 1].type)
			assert_true(rows[i].n > rows[i - 1].n);
		else
			assert_false(seen[rows[i].type]);
		seen[rows[i].type] = true;
	}
	for (unsigned t = 0; t < EVENT_N_TYPES; t++)
		assert_int_equal(seen[t], (event_info(t)->flags & EF_CONVERTER_MANAGED) != 0);
}

static void what_exits_need_their_enters_store(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ROWS; i++) {
		for (const struct source_row *s = rows[i].sources; s->kind != END_ROW; s++) {
			const struct row *enter = NULL;

			if (s->kind != ENTER_ROW)
				continue;
			for (size_t k = 0; k < N_ROWS; k++) {
				if (rows[k].type == rows[i].type - 1 && rows[k].stores)
					enter = &rows[k];
			}
			assert_non_null(enter);
			assert_true(s->first + s->count <= enter->n);
		}
	}
}

struct bench {
	struct layout *l;
	struct made_event m;
	struct event out;
	struct strbuf text;
};

static int setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	b->l = layout_new();
	strbuf_init(&b->text);
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;

	layout_free(b->l);
	strbuf_release(&b->text);
	free(b);
	return 0;
}

static enum layout_result put(struct bench *b)
{
	return layout_convert(b->l, &b->m.ev, &b->out);
}

#define assert_out(b, want_type, want_args)                             \
	do {                                                            \
		assert_int_equal((b)->out.type, want_type);             \
		assert_ptr_equal((b)->out.info, event_info(want_type)); \
		event_args_text(&(b)->out, NULL, NULL, &(b)->text);     \
		assert_strbuf(&(b)->text, want_args);                   \
	} while (0)

static void the_newest_layout_passes_without_a_copy(void **state)
{
	struct bench *b = *state;

	make_event(&b->m, EVT_SYSCALL_CLOSE_X);
	arg_int(&b->m, 0);
	arg_int(&b->m, 3);
	assert_int_equal(put(b), LAYOUT_DELIVER);
	assert_ptr_equal(b->out.params, b->m.params);
	assert_int_equal(layout_stats(b->l)->converted, 0);
}

static void enter(struct bench *b, int64_t tid)
{
	make_event(&b->m, EVT_SYSCALL_READ_E)->tid = tid;
	arg_int(&b->m, 7);
	arg_int(&b->m, 4096);
	assert_int_equal(put(b), LAYOUT_DROP);
}

static enum layout_result leave(struct bench *b, int64_t tid)
{
	make_event(&b->m, EVT_SYSCALL_READ_X)->tid = tid;
	arg_int(&b->m, 2);
	arg_bytes(&b->m, "ab", 2);
	return put(b);
}

static void an_exit_takes_what_its_enter_said(void **state)
{
	struct bench *b = *state;

	enter(b, 100);
	assert_int_equal(leave(b, 100), LAYOUT_DELIVER);
	assert_out(b, EVT_SYSCALL_READ_X, "res=2 data=ab fd=7 size=4096");
	assert_int_equal(layout_stats(b->l)->converted, 1);
	assert_int_equal(layout_stats(b->l)->dropped_enter, 1);
	assert_int_equal(layout_stats(b->l)->guessed, 0);
}

static void an_enter_serves_one_exit_of_its_own_thread(void **state)
{
	struct bench *b = *state;

	enter(b, 100);
	assert_int_equal(leave(b, 101), LAYOUT_GUESSED);
	assert_out(b, EVT_SYSCALL_READ_X, "res=2 data=ab fd=0 size=0");
	assert_int_equal(leave(b, 100), LAYOUT_DELIVER);
	assert_int_equal(leave(b, 100), LAYOUT_GUESSED);
	assert_int_equal(layout_stats(b->l)->guessed, 2);
}

static void the_enter_of_another_call_is_not_used(void **state)
{
	struct bench *b = *state;

	make_event(&b->m, EVT_SYSCALL_WRITE_E);
	arg_int(&b->m, 7);
	arg_int(&b->m, 4096);
	assert_int_equal(put(b), LAYOUT_DROP);
	assert_int_equal(leave(b, 100), LAYOUT_GUESSED);
	assert_out(b, EVT_SYSCALL_READ_X, "res=2 data=ab fd=0 size=0");
}

static void a_new_section_forgets_enters(void **state)
{
	struct bench *b = *state;

	enter(b, 100);
	layout_reset(b->l);
	assert_int_equal(leave(b, 100), LAYOUT_GUESSED);
}

static void two_steps_may_use_the_same_enter(void **state)
{
	struct bench *b = *state;

	make_event(&b->m, EVT_SOCKET_CONNECT_E);
	arg_int(&b->m, 7);
	arg_bytes(&b->m, "\2\177\0\0\1\220\37", 7);
	assert_int_equal(put(b), LAYOUT_DELIVER);
	make_event(&b->m, EVT_SOCKET_CONNECT_X);
	arg_int(&b->m, 0);
	arg_none(&b->m);
	assert_int_equal(put(b), LAYOUT_DELIVER);
	assert_out(b, EVT_SOCKET_CONNECT_X, "res=0 tuple=NULL fd=7 addr=127.0.0.1:8080");
}

static void the_longest_chain_ends_in_the_newest_execve(void **state)
{
	struct bench *b = *state;

	make_event(&b->m, EVT_SYSCALL_EXECVE_8_E);
	assert_int_equal(put(b), LAYOUT_DELIVER);
	assert_out(b, EVT_SYSCALL_EXECVE_19_E, "filename=<NA>");
	make_event(&b->m, EVT_SYSCALL_EXECVE_8_X);
	arg_int(&b->m, 0);
	arg_text(&b->m, "sh");
	arg_bytes(&b->m, "-c\0x", 5);
	for (int i = 0; i < 3; i++)
		arg_int(&b->m, 50 + i);
	arg_text(&b->m, "/tmp");
	arg_int(&b->m, 1024);
	assert_int_equal(put(b), LAYOUT_DELIVER);
	assert_out(
		b, EVT_SYSCALL_EXECVE_19_X,
		"res=0 exe=sh args=-c.x. tid=50 pid=51 ptid=52 cwd=/tmp fdlimit=1024 pgft_maj=<NA> "
		"pgft_min=<NA> vm_size=<NA> vm_rss=<NA> vm_swap=<NA> comm=<NA> cgroups=NULL "
		"env=NULL tty=<NA> vpgid=<NA> loginuid=<NA> flags=<NA> cap_inheritable=<NA> "
		"cap_permitted=<NA> cap_effective=<NA> exe_ino=<NA> exe_ino_ctime=<NA> "
		"exe_ino_mtime=<NA> uid=<NA> trusted_exepath=<NA> pgid=<NA> gid=<NA> filename=<NA>");
	assert_int_equal(b->out.n_params, 31);
}

static void an_old_clone_keeps_its_parameters_in_their_new_places(void **state)
{
	struct bench *b = *state;

	make_event(&b->m, EVT_SYSCALL_CLONE_11_X);
	arg_int(&b->m, 0);
	arg_text(&b->m, "sh");
	arg_none(&b->m);
	for (int i = 0; i < 3; i++)
		arg_int(&b->m, 50 + i);
	arg_text(&b->m, "/");
	arg_int(&b->m, 64);
	arg_int(&b->m, 1);
	arg_int(&b->m, 1000);
	arg_int(&b->m, 1001);
	assert_int_equal(put(b), LAYOUT_DELIVER);
	assert_out(b, EVT_SYSCALL_CLONE_20_X,
		   "res=0 exe=sh args=NULL tid=50 pid=51 ptid=52 cwd=/ fdlimit=64 pgft_maj=<NA> "
		   "pgft_min=<NA> vm_size=<NA> vm_rss=<NA> vm_swap=<NA> comm=<NA> cgroups=NULL "
		   "flags=1(CLONE_FILES) uid=1000 gid=1001 vtid=<NA> vpid=<NA> "
		   "pidns_init_start_ts=<NA>");
}

static void variants_and_wide_integers_become_what_the_new_type_holds(void **state)
{
	struct bench *b = *state;

	make_event(&b->m, EVT_SYSCALL_BPF_E);
	arg_int(&b->m, 5);
	assert_int_equal(put(b), LAYOUT_DROP);
	make_event(&b->m, EVT_SYSCALL_BPF_X);
	arg_bytes(&b->m, "\0\11\0\0\0\0\0\0\0", 9);
	assert_int_equal(put(b), LAYOUT_DELIVER);
	assert_out(b, EVT_SYSCALL_BPF_2_X, "fd=9 cmd=5(BPF_PROG_LOAD)");
}

static void a_container_becomes_json_that_parses(void **state)
{
	struct bench *b = *state;

	make_event(&b->m, EVT_CONTAINER_E);
	arg_text(&b->m, "abc");
	arg_int(&b->m, 6);
	arg_text(&b->m, "na\"me");
	arg_none(&b->m);
	assert_int_equal(put(b), LAYOUT_DELIVER);
	assert_out(b, EVT_CONTAINER_JSON_2_E,
		   "json={\"id\":\"abc\",\"type\":6,\"name\":\"na\\\"me\",\"image\":\"\"}");
}

static void old_enters_and_unused_types_are_dropped_and_counted(void **state)
{
	struct bench *b = *state;

	make_event(&b->m, EVT_SYSCALL_STAT_E);
	assert_int_equal(put(b), LAYOUT_DROP);
	make_event(&b->m, EVT_PROCEXIT_X);
	assert_int_equal(put(b), LAYOUT_DROP);
	make_event(&b->m, 60000);
	assert_int_equal(put(b), LAYOUT_DROP);
	assert_int_equal(layout_stats(b->l)->dropped_enter, 1);
	assert_int_equal(layout_stats(b->l)->dropped_unused, 1);
	assert_int_equal(layout_stats(b->l)->unknown_type, 1);
}

static void odd_numbers_of_parameters_are_delivered_as_guesses(void **state)
{
	struct bench *b = *state;

	make_event(&b->m, EVT_SYSCALL_READ_X); /* three: no recorder wrote that */
	arg_int(&b->m, 2);
	arg_bytes(&b->m, "ab", 2);
	arg_int(&b->m, 7);
	assert_int_equal(put(b), LAYOUT_GUESSED);
	assert_out(b, EVT_SYSCALL_READ_X, "res=2 data=ab fd=7 size=<NA>");
	for (unsigned t = 0; t < EVENT_N_TYPES; t++) {
		for (unsigned n = 0; n <= EVENT_MAX_PARAMS; n++) {
			make_event(&b->m, t);
			for (unsigned i = 0; i < n; i++)
				arg_bytes(&b->m, "\1\2\3\4\5\6\7", 8);
			if (put(b) == LAYOUT_DROP)
				continue;
			assert_non_null(b->out.info);
			assert_int_equal(b->out.info->type, b->out.type);
			event_args_text(&b->out, NULL, NULL, &b->text);
			strbuf_reset(&b->text);
		}
	}
}

static void more_threads_than_there_is_room_for_are_forgotten_in_turn(void **state)
{
	struct bench *b = *state;

	for (int64_t tid = 1; tid <= ENTER_STORE_MAX_THREADS + 10; tid++)
		enter(b, tid);
	assert_int_equal(layout_stats(b->l)->evicted_enters, 10);
	assert_int_equal(leave(b, 10), LAYOUT_GUESSED);
	assert_int_equal(leave(b, 11), LAYOUT_DELIVER);
	assert_int_equal(leave(b, ENTER_STORE_MAX_THREADS + 10), LAYOUT_DELIVER);
}

static void more_bytes_than_there_is_room_for_are_forgotten_too(void **state)
{
	struct enter_store s;
	struct event ev = { .type = EVT_SYSCALL_POLL_E, .n_params = 1 };
	size_t n = ENTER_STORE_MAX_BYTES / 4 - 1;
	uint8_t *bytes = calloc(1, n);
	struct param p = { bytes, (uint32_t)n };

	(void)state;
	enter_store_init(&s);
	ev.params = &p;
	for (ev.tid = 1; ev.tid <= 6; ev.tid++) {
		enter_store_put(&s, &ev);
		assert_true(s.bytes <= ENTER_STORE_MAX_BYTES);
	}
	assert_int_equal(s.evicted, 2);
	assert_null(enter_store_get(&s, 1));
	assert_non_null(enter_store_get(&s, 6));
	assert_int_equal(enter_store_get(&s, 6)->params[0].n, n);
	enter_store_free(&s);
	free(bytes);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_source_exists_and_every_result_is_current_in_the_end),
		cmocka_unit_test(rows_of_a_type_are_together_and_ascending),
		cmocka_unit_test(what_exits_need_their_enters_store),
		TEST(the_newest_layout_passes_without_a_copy),
		TEST(an_exit_takes_what_its_enter_said),
		TEST(an_enter_serves_one_exit_of_its_own_thread),
		TEST(the_enter_of_another_call_is_not_used),
		TEST(a_new_section_forgets_enters),
		TEST(two_steps_may_use_the_same_enter),
		TEST(the_longest_chain_ends_in_the_newest_execve),
		TEST(an_old_clone_keeps_its_parameters_in_their_new_places),
		TEST(variants_and_wide_integers_become_what_the_new_type_holds),
		TEST(a_container_becomes_json_that_parses),
		TEST(old_enters_and_unused_types_are_dropped_and_counted),
		TEST(odd_numbers_of_parameters_are_delivered_as_guesses),
		TEST(more_threads_than_there_is_room_for_are_forgotten_in_turn),
		cmocka_unit_test(more_bytes_than_there_is_room_for_are_forgotten_too),
	};

	return cmocka_run_group_tests_name("layout", tests, NULL, NULL);
}
