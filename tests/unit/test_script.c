/* Text scripts: what is written reads back, whatever it was; errors say where and what. */
#include "unit.h"

#include <errno.h>

#include "records.h"
#include "trace/script_reader.h"
#include "trace/script_text.h"
#include "trace/script_value.h"
#include "trace/script_writer.h"

#define ALL                                                                          \
	(WITH_UNKNOWN_TYPES | WITH_ODD_SIZES | WITH_LOSS_AND_NOTES | WITH_SECTIONS | \
	 WITH_ANY_DELIVERY | WITH_MOUNTS)

static struct diag diag;

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

static void print_script(const struct record_list *l, const char *provenance, struct strbuf *out)
{
	struct byte_sink o = { .arg = out, .write = strbuf_output };
	struct sink *k = script_writer_new(&o, provenance, &diag);

	record_list_write(l, k);
	assert_int_equal(k->ops->finish(k), 0);
}

static int parse_script(struct str text, struct record_list *l)
{
	struct source *s;
	int r = script_reader_open(input_from_memory("t.eyt", text.p, text.n), &diag, &s);

	if (r)
		return r;
	r = record_list_read(l, s);
	source_close(s);
	return r;
}

/* The canonical form of a script. */
static void canonical(const char *text, struct strbuf *out)
{
	struct record_list l;

	record_list_init(&l);
	if (parse_script(str_of(text), &l))
		fail_msg("%s\n%s", diag.items.v[0].message, diag.items.v[0].snippet);
	print_script(&l, NULL, out);
	record_list_free(&l);
}

static void every_record_survives(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= 12; seed++) {
		struct record_list a, b;
		struct strbuf one = STRBUF_INIT, two = STRBUF_INIT;
		const char *d;

		record_list_init(&a);
		record_list_init(&b);
		record_list_make(&a, seed, 300, ALL);
		print_script(&a, NULL, &one);
		if (parse_script(strbuf_str(&one), &b))
			fail_msg("%s\n%s", diag.items.v[0].message, diag.items.v[0].snippet);
		d = record_list_differ(&a, &b);
		if (d)
			fail_msg("seed %u: %s", seed, d);
		print_script(&b, NULL, &two);
		assert_true(str_eq(strbuf_str(&one), strbuf_str(&two)));
		record_list_free(&a);
		record_list_free(&b);
		strbuf_release(&one);
		strbuf_release(&two);
	}
}

static void little_need_be_written(void **state)
{
	struct strbuf out = STRBUF_INIT;

	(void)state;
	canonical("# who: me\n"
		  "\n"
		  "eyas-script 1\n"
		  "thread tid=7 exe=/usr/bin/a-very-long-program-name\n"
		  "fd tid=7 fd=3 addr=0.0.0.0:80 # listening\n"
		  "  tid=7 openat fd=3 \\\n"
		  "     name=/etc/shadow\n"
		  "-1us tid=7 >close fd=3",
		  &out);
	assert_strbuf(&out,
		      "eyas-script 1\n"
		      "snapshot\n"
		      "thread tid=7 comm=a-very-long-pro exe=/usr/bin/a-very-long-program-name\n"
		      "fd tid=7 fd=3 addr=0.0.0.0:80\n"
		      "2026-01-01T00:00:00.000000000Z tid=7 openat fd=3 name=/etc/shadow\n"
		      "-1us tid=7 >close fd=3\n");
	strbuf_release(&out);
}

static void empty_absent_and_zero_differ(void **state)
{
	static const char text[] = "eyas-script 1\n"
				   "2026-01-01T00:00:00.000000000Z tid=1 openat\n"
				   "+0 tid=1 openat nparams=2\n"
				   "+0 tid=1 openat name=\"\"\n"
				   "+0 tid=1 openat nparams=9 8=hex:00\n";
	struct record_list l;
	struct strbuf out = STRBUF_INIT;

	(void)state;
	record_list_init(&l);
	assert_int_equal(parse_script(str_of(text), &l), 0);
	assert_int_equal(l.v.n, 4);
	assert_int_equal(l.v.v[0].event.n_params, l.v.v[0].event.info->n_params);
	assert_int_equal(l.v.v[0].event.params[2].n, 0);
	assert_int_equal(l.v.v[1].event.n_params, 2);
	assert_int_equal(l.v.v[2].event.params[2].n, 1);
	assert_int_equal(l.v.v[3].event.n_params, 9);
	print_script(&l, NULL, &out);
	assert_strbuf(&out, text);
	record_list_free(&l);
	strbuf_release(&out);
}

static void provenance_is_kept(void **state)
{
	static const char *const texts[] = { "{\"host\":\"a\"}", "{\n\"a\":1}", "\"x\"", "{}" };
	struct record_list none;

	(void)state;
	record_list_init(&none);
	for (size_t i = 0; i < 4; i++) {
		struct strbuf out = STRBUF_INIT;
		struct source *s;

		print_script(&none, texts[i], &out);
		assert_int_equal(
			script_reader_open(input_from_memory("t", out.s, out.n), &diag, &s), 0);
		assert_string_equal(s->provenance, texts[i]);
		source_close(s);
		strbuf_release(&out);
	}
}

/* A value of a type, there and back. */
static void check_value(unsigned type, const char *word, const char *bytes, size_t n)
{
	struct param_info info = { .name = "x", .type = (uint8_t)type, .dirfd_param = -1 };
	struct strbuf out = STRBUF_INIT, why = STRBUF_INIT;

	info.flags = type == PT_FLAGS32 ? flag_table(STR("file_flags")) : NULL;
	info.format = type == PT_UINT32 ? PF_OCT : PF_DEC;
	assert_null(script_value_parse(&info, str_of(word), &out, &why));
	if (out.n != n || memcmp(out.s, bytes, n))
		fail_msg("%s does not give the bytes", word);
	strbuf_reset(&out);
	script_value_print(&info, str_mem(bytes, n), &out);
	assert_string_equal(out.s, word);
	strbuf_release(&out);
	strbuf_release(&why);
}

static void values_mean_their_bytes(void **state)
{
	(void)state;
#define V(type, word, bytes) check_value(type, word, bytes, sizeof(bytes) - 1)
	V(PT_INT32, "-5", "\xfb\xff\xff\xff");
	V(PT_UINT32, "0644", "\xa4\x01\0\0");
	V(PT_UINT64, "18446744073709551615", "\xff\xff\xff\xff\xff\xff\xff\xff");
	V(PT_ERRNO, "-ENOENT", "\xfe\xff\xff\xff\xff\xff\xff\xff");
	V(PT_FD, "AT_FDCWD", "\x9c\xff\xff\xff\xff\xff\xff\xff");
	V(PT_UID, "-1", "\xff\xff\xff\xff");
	V(PT_SIGTYPE, "SIGKILL", "\x09");
	V(PT_FLAGS32, "O_RDWR", "\x03\0\0\0");
	V(PT_FLAGS32, "O_RDONLY|O_CLOEXEC|0x80000000", "\x01\x10\0\x80");
	V(PT_CHARBUF, "abc", "abc\0");
	V(PT_CHARBUF, "\"\"", "\0");
	V(PT_CHARBUF, "hex:616263", "abc");
	V(PT_CHARBUF, "[a,\"\",\"b c\"]", "a\0\0b c\0");
	V(PT_FSPATH, "\"/tmp/\\xff \\\"\\\\\\n\"", "/tmp/\xff \"\\\n\0");
	V(PT_FSPATH, "\"/\xc3\xa4\"", "/\xc3\xa4\0");
	V(PT_BYTEBUF, "hello", "hello");
	V(PT_BYTEBUF, "\"hex:1\"", "hex:1");
	V(PT_BYTEBUF, "hex:0001", "\0\1");
	V(PT_SOCKADDR, "127.0.0.1:80", "\x02\x7f\0\0\x01\x50\0");
	V(PT_SOCKADDR, "\"[::1]:80\"", "\x0a\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\x50\0");
	V(PT_SOCKADDR, "unix:/run/x", "\x01/run/x\0");
	V(PT_SOCKADDR, "family:16", "\x10");
	V(PT_SOCKTUPLE, "1.2.3.4:5->6.7.8.9:10", "\x02\1\2\3\4\5\0\6\7\x08\x09\x0a\0");
	V(PT_SOCKTUPLE, "unix:1->ff:/x", "\1\1\0\0\0\0\0\0\0\xff\0\0\0\0\0\0\0/x\0");
	V(PT_FDLIST, "[3:0x1,-1:0x41]",
	  "\2\0\3\0\0\0\0\0\0\0\1\0\xff\xff\xff\xff\xff\xff\xff\xff\x41\0");
	V(PT_FDLIST, "[]", "\0\0");
	V(PT_FDLIST, "hex:0100", "\1\0");
	V(PT_IPV4ADDR, "1.2.3.4", "\1\2\3\4");
	V(PT_INT32, "hex:01", "\1");
#undef V
}

static void check_error(const char *line, unsigned col, const char *message)
{
	struct strbuf text = STRBUF_INIT;
	struct record_list l;
	const struct diag_item *it;

	diag_free(&diag);
	diag_init(&diag);
	record_list_init(&l);
	strbuf_addf(&text, "eyas-script 1\n%s\n", line);
	assert_int_equal(parse_script(strbuf_str(&text), &l), -EINVAL);
	assert_int_equal(diag.n_errors, 1);
	it = &diag.items.v[0];
	if (!strstr(it->message, message))
		fail_msg("\"%s\" does not say \"%s\"", it->message, message);
	assert_int_equal(it->line, 1);
	assert_int_equal(it->col, col);
	if (!strchr(it->snippet, 0x5e))
		fail_msg("no caret: %s", it->snippet);
	record_list_free(&l);
	strbuf_release(&text);
}

static void errors_say_where_and_what(void **state)
{
	(void)state;
	check_error("thread tid=1 com=x", 13, "did you mean \"comm\"");
	check_error("thread comm=x", 0, "needs tid=");
	check_error("thread tid=1 tid=2", 13, "given twice");
	check_error("tid=1 opnat", 6, "did you mean \"openat\"");
	check_error("tid=1 openat nme=/x", 13, "did you mean \"name\"");
	check_error("tid=1 openat name=a name=b", 20, "given twice");
	check_error("tid=1 openat fd=x", 16, "not a number");
	check_error("tid=1 openat flags=O_RDNLY", 19, "did you mean \"O_RDONLY\"");
	check_error("tid=1 openat nparams=1 name=x", 29, "beyond nparams=");
	check_error("tid=1 openat name=\"x", 13, "not closed");
	check_error("openat name=x", 0, "tid=N must stand");
	check_error("+1x tid=1 openat", 0, "not a time");
	check_error("+1ms", 0, "must follow");
	check_error("tid=1 close@307 fd=1", 6, "is not \"close\"");
	check_error("fd tid=1 fd=0 type=fil", 14, "unknown type");
	check_error("loss cont=5", 5, "a loss line has");
	check_error("snapshot x", 9, "nothing may follow");
}

static void all_errors_are_told(void **state)
{
	struct strbuf text = STRBUF_INIT;
	struct record_list l;

	(void)state;
	record_list_init(&l);
	strbuf_adds(&text, "eyas-script 1\n");
	for (int i = 0; i < 50; i++)
		strbuf_adds(&text, "tid=1 opnat\n");
	assert_int_equal(parse_script(strbuf_str(&text), &l), -EINVAL);
	assert_int_equal(diag.n_errors, 50);
	for (int i = 0; i < 5000; i++)
		strbuf_adds(&text, "tid=1 opnat\n");
	assert_int_equal(parse_script(strbuf_str(&text), &l), -EINVAL);
	assert_true(diag.n_errors < 200);
	record_list_free(&l);
	strbuf_release(&text);
}

static void state_cannot_be_changed_behind_events_by_mistake(void **state)
{
	struct strbuf out = STRBUF_INIT;
	struct record_list l;

	(void)state;
	record_list_init(&l);
	assert_int_equal(parse_script(STR("eyas-script 1\ntid=1 close\nuser uid=1\n"), &l),
			 -EINVAL);
	canonical("eyas-script 1\nuser uid=1\ntid=1 close\nsnapshot\nuser uid=2\nsnapshot\n", &out);
	assert_strbuf(&out, "eyas-script 1\nsnapshot\nuser uid=1\n"
			    "2026-01-01T00:00:00.000000000Z tid=1 close\n"
			    "snapshot\nuser uid=2\nsnapshot\n");
	record_list_free(&l);
	strbuf_release(&out);
}

static void another_version_is_refused(void **state)
{
	struct record_list l;

	(void)state;
	record_list_init(&l);
	assert_true(script_reader_probe(STR("eyas-script 2\n")));
	assert_true(script_reader_probe(STR("# about\n\n eyas-script 1\n")));
	assert_false(script_reader_probe(STR("- rule: x\n")));
	assert_int_equal(parse_script(STR("eyas-script 2\n"), &l), -EINVAL);
}

static int full_output(void *arg, const void *p, size_t n)
{
	(void)arg;
	(void)p;
	(void)n;
	return -ENOSPC;
}

static void a_full_disk_is_an_error(void **state)
{
	struct byte_sink o = { .write = full_output };
	struct sink *k = script_writer_new(&o, NULL, &diag);
	struct record_list a;
	int r = 0;

	(void)state;
	record_list_init(&a);
	record_list_make(&a, 2, 3000, 0);
	for (size_t i = 0; i < a.v.n; i++)
		r = k->ops->put(k, &a.v.v[i]);
	assert_int_equal(r, -ENOSPC);
	assert_int_equal(k->ops->finish(k), -ENOSPC);
	record_list_free(&a);
}

static void numbers_must_fit(void **state)
{
	uint64_t v;

	(void)state;
	assert_true(script_number(STR("255"), 1, &v));
	assert_false(script_number(STR("256"), 1, &v));
	assert_true(script_number(STR("-128"), 1, &v));
	assert_int_equal(v, 0x80);
	assert_false(script_number(STR("-129"), 1, &v));
	assert_true(script_number(STR("0xFFffFFffFFffFFff"), 8, &v));
	assert_false(script_number(STR("0x1FFffFFffFFffFFff"), 8, &v));
	assert_false(script_number(STR("09"), 8, &v));
	assert_false(script_number(STR("0x"), 8, &v));
	assert_false(script_number(STR("-"), 8, &v));
	assert_false(script_number(STR(""), 8, &v));
}

static void steps_and_times_are_exact(void **state)
{
	static const uint64_t steps[] = { 0,    1,         999,        1000,
					  1001, 123456789, 1000000000, 86399999999999 };
	struct strbuf out = STRBUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		for (int sign = 0; sign < 2; sign++) {
			uint64_t from = UINT64_C(1790000000123456789);
			uint64_t to = sign ? from - steps[i] : from + steps[i], ts[2];
			struct record_list l;

			record_list_init(&l);
			strbuf_adds(&out, "eyas-script 1\n");
			script_print_time(&out, from);
			strbuf_adds(&out, " tid=1 close\n");
			assert_true(script_print_step(&out, from, to));
			strbuf_adds(&out, " tid=1 close\n");
			assert_int_equal(parse_script(strbuf_str(&out), &l), 0);
			ts[0] = l.v.v[0].event.ts;
			ts[1] = l.v.v[1].event.ts;
			assert_true(ts[0] == from && ts[1] == to);
			strbuf_reset(&out);
			record_list_free(&l);
		}
	script_print_time(&out, UINT64_MAX);
	assert_strbuf(&out, "@18446744073.709551615");
	strbuf_release(&out);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	static const struct CMUnitTest tests[] = {
		T(every_record_survives),
		T(little_need_be_written),
		T(empty_absent_and_zero_differ),
		T(provenance_is_kept),
		T(values_mean_their_bytes),
		T(errors_say_where_and_what),
		T(all_errors_are_told),
		T(state_cannot_be_changed_behind_events_by_mistake),
		T(another_version_is_refused),
		T(a_full_disk_is_an_error),
		T(numbers_must_fit),
		T(steps_and_times_are_exact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
