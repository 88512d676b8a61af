#include "unit.h"

#include <sys/syscall.h>

#include "capture/call_select.h"

static uint8_t calls[2 * EYAS_MAX_NR];

static void choose(const char *list)
{
	struct strbuf error = STRBUF_INIT;

	assert_true(call_select(str_of(list), calls, &error));
	assert_int_equal(error.n, 0);
	strbuf_release(&error);
}

static void a_name_selects_it_and_what_keeps_the_state(void **state)
{
	(void)state;
	choose("getppid");
	assert_true(calls[SYS_getppid]);
	assert_true(calls[SYS_openat] && calls[SYS_clone] && calls[SYS_execve] && calls[SYS_close]);
	assert_false(calls[SYS_futex] || calls[SYS_getpid]);
}

static void a_list_of_exceptions_starts_from_all(void **state)
{
	(void)state;
	choose("!futex,!close");
	assert_false(calls[SYS_futex] || calls[SYS_close]);
	assert_true(calls[SYS_read] && calls[SYS_getpid] && calls[EYAS_MAX_NR - 1]);
}

static void later_items_win(void **state)
{
	(void)state;
	choose("@network,!sendto");
	assert_true(calls[SYS_connect]);
	assert_false(calls[SYS_sendto]);
	choose("!sendto,sendto");
	assert_true(calls[SYS_sendto]);
}

static void every_class_that_the_help_names_can_be_selected(void **state)
{
	struct strbuf names = STRBUF_INIT;
	struct str rest, name;
	unsigned n = 0;

	(void)state;
	call_select_classes(&names);
	rest = str_trim(strbuf_str(&names));
	while (str_split(&rest, ' ', &name)) {
		char text[32];

		snprintf(text, sizeof(text), "%.*s", STR_FMT(name));
		choose(text);
		n++;
	}
	assert_true(n > 5);
	strbuf_release(&names);
}

static void unknown_names_are_told(void **state)
{
	static const char *const lists[] = { "opn", "@fil", "", "read,,write", "!" };

	(void)state;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		struct strbuf error = STRBUF_INIT;

		assert_false(call_select(str_of(lists[i]), calls, &error));
		assert_true(error.n > 10);
		strbuf_release(&error);
	}
}

#if defined(__x86_64__)
static void calls_of_32_bit_programs_are_selected_with_their_kin(void **state)
{
	(void)state;
	choose("write");
	assert_true(calls[EYAS_MAX_NR + 4]);   /* write of the 32-bit table */
	assert_false(calls[EYAS_MAX_NR + 20]); /* getpid */
	choose("!write");
	assert_false(calls[EYAS_MAX_NR + 4]);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_selects_it_and_what_keeps_the_state),
		cmocka_unit_test(a_list_of_exceptions_starts_from_all),
		cmocka_unit_test(later_items_win),
		cmocka_unit_test(every_class_that_the_help_names_can_be_selected),
		cmocka_unit_test(unknown_names_are_told),
#if defined(__x86_64__)
		cmocka_unit_test(calls_of_32_bit_programs_are_selected_with_their_kin),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
