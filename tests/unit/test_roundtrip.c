/* Made-up traces from file to file, through every format, in every order. */
#include "unit.h"

#include <unistd.h>

#include "records.h"
#include "trace/trace.h"

static char dir[] = "/tmp/eyas-roundtrip-XXXXXX";
static struct diag diag;

static int setup(void **state)
{
	(void)state;
	diag_init(&diag);
	return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	diag_free(&diag);
	return rmdir(dir);
}

/* What is read again after `in` was written in a format. */
static void through(const struct record_list *in, enum trace_format format, struct record_list *out)
{
	struct trace_create_options opt = { .format = format, .overwrite = true };
	struct source *src;
	struct sink *sink;
	char path[64];

	snprintf(path, sizeof(path), "%s/trace", dir);
	assert_int_equal(trace_create(path, &opt, &diag, &sink), 0);
	record_list_write(in, sink);
	assert_int_equal(sink->ops->finish(sink), 0);
	assert_int_equal(trace_open(path, &diag, &src), 0);
	record_list_init(out);
	assert_int_equal(record_list_read(out, src), 0);
	source_close(src);
	unlink(path);
}

static void assert_same(const struct record_list *a, const struct record_list *b)
{
	const char *d = record_list_differ(a, b);

	if (d)
		fail_msg("%s", d);
}

/* .scap has no place for every made-up snapshot: its events are compared with the original, and
 * everything with what the other formats make of it. */
static void events_of(const struct record_list *in, struct record_list *out)
{
	record_list_init(out);
	for (size_t i = 0; i < in->v.n; i++)
		if (in->v.v[i].kind == RECORD_EVENT)
			record_list_add(out, &in->v.v[i]);
}

static void every_format_keeps_every_event(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= 8; seed++) {
		struct record_list made, scap, eyas, script, back, want, got;

		record_list_init(&made);
		record_list_make(&made, seed, 400,
				 WITH_ODD_SIZES | WITH_UNKNOWN_TYPES | WITH_SECTIONS);
		through(&made, TRACE_SCAP, &scap);
		events_of(&made, &want);
		events_of(&scap, &got);
		assert_same(&want, &got);
		through(&scap, TRACE_EYAS, &eyas);
		assert_same(&scap, &eyas);
		through(&eyas, TRACE_SCRIPT, &script);
		assert_same(&scap, &script);
		through(&script, TRACE_SCAP, &back);
		assert_same(&scap, &back);
		record_list_free(&made);
		record_list_free(&scap);
		record_list_free(&eyas);
		record_list_free(&script);
		record_list_free(&back);
		record_list_free(&want);
		record_list_free(&got);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_format_keeps_every_event, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
