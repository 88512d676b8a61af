/* Keys as a line editor takes them, and a line as a screen shows it. */
#include "cli/tty_line.h"
#include "unit.h"

/* The lines that keys make, a '|' behind each; what is not ended is left out. */
static void lines_are(const char *keys, size_t n, const char *want)
{
	/* In one piece, and a byte at a time. */
	for (size_t piece = n; piece; piece = piece == 1 ? 0 : 1) {
		struct tty_line t = { .told_by_name = false };
		struct strbuf got = STRBUF_INIT;

		for (size_t i = 0; i < n; i += piece) {
			struct str rest = { keys + i, piece };

			while (tty_line_read(&t, &rest)) {
				tty_line_typed(&t, &got);
				strbuf_addc(&got, '|');
				tty_line_next(&t);
			}
		}
		assert_string_equal(got.s, want);
		strbuf_release(&got);
		tty_line_free(&t);
	}
}

#define LINES(keys, want) lines_are(keys, sizeof(keys) - 1, want)

static void keys_edit_the_line(void **unused)
{
	(void)unused;
	LINES("ls -la\r", "ls -la|");
	LINES("ls -lx\x7f"
	      "a\r\nid\n",
	      "ls -la|id|");
	LINES("\x7f\x08"
	      "a\r",
	      "a|");
	LINES("rm -rf /\x15"
	      "ls\r",
	      "ls|");
	LINES("cat a  bb  \x17"
	      "c\r",
	      "cat a  c|");
	LINES("bc\x01"
	      "a\x05"
	      "d\r",
	      "abcd|");
	LINES("ac\x1b[Db\x1b[Cd\r", "abcd|");
	LINES("xab\x1b[H\x1b[3~\x1b[Fc\r", "abc|");
	LINES("abcdef\x02\x02\x0b\r", "abcd|");
	LINES("\x1b[200~pasted\x1b[201~\r", "pasted|");
	LINES("sleep 9\x03"
	      "ls\r",
	      "sleep 9^C|ls|");
	LINES("\x04", "^D|");
}

static void keys_that_only_the_program_knows_are_named(void **unused)
{
	(void)unused;
	LINES("cat /etc/pas\t\r", "cat /etc/pas<Tab>|");
	LINES("abc\x1b[A\x1bOA\x1b[B\r", "<Down>|");
	LINES("\x12"
	      "ssh\r",
	      "<^R>ssh|");
	LINES("a\x1b[B\x7f\r", "|");
}

static void characters_of_several_bytes_are_one(void **unused)
{
	(void)unused;
	LINES("\xc3\xa4\xe2\x82\xac\x7fx\r", "\xc3\xa4x|");
	LINES("\xf0\x9f\x98\x80\x7f\r", "|");
	LINES("\xff\xfe\r", "\xff\xfe|");
}

static void long_lines_are_cut_and_counted(void **unused)
{
	struct tty_line t = { .told_by_name = false };
	struct strbuf got = STRBUF_INIT;
	struct str rest;

	(void)unused;
	for (int i = 0; i < TTY_LINE_MAX + 10; i++) {
		rest = STR("x");
		assert_false(tty_line_read(&t, &rest));
	}
	rest = STR("\r");
	assert_true(tty_line_read(&t, &rest));
	tty_line_typed(&t, &got);
	assert_int_equal(got.n, TTY_LINE_MAX + strlen("<10 more>"));
	strbuf_release(&got);
	tty_line_free(&t);
}

static void screen_is(const char *written, size_t n, const char *want)
{
	struct tty_line t = { .told_by_name = false };
	struct strbuf got = STRBUF_INIT;

	for (size_t i = 0; i < n; i++)
		tty_line_write(&t, (struct str){ written + i, 1 });
	tty_line_screen(&t, &got);
	assert_string_equal(got.s, want);
	strbuf_release(&got);
	tty_line_free(&t);
}

#define SCREEN(written, want) screen_is(written, sizeof(written) - 1, want)

static void the_screen_shows_what_was_drawn(void **unused)
{
	(void)unused;
	SCREEN("out\r\n\x1b]0;root@h: ~\x07root@h:~# ls", "root@h:~# ls");
	SCREEN("# lx\b\x1b[Ks", "# ls");
	SCREEN("# cat /etc/pas"
	       "swd ",
	       "# cat /etc/passwd ");
	SCREEN("# one\r# second", "# second");
	SCREEN("# bc\b\b\x1b[1@abc", "# abc");
	SCREEN("# xabc\x1b[4D\x1b[P", "# abc");
	SCREEN("\x1b[01;32mgreen\x1b[00m$ \x1b[?2004hid", "green$ id");
	SCREEN("abc\x1b[999999999C", "abc");
	SCREEN("abc\x1b[2J", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_edit_the_line),
		cmocka_unit_test(keys_that_only_the_program_knows_are_named),
		cmocka_unit_test(characters_of_several_bytes_are_one),
		cmocka_unit_test(long_lines_are_cut_and_counted),
		cmocka_unit_test(the_screen_shows_what_was_drawn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
