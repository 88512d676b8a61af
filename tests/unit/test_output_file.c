#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/output_file.h"
#include "trace/trace.h"

#define S UINT64_C(1000000000)

static char dir[64];

static int enter_directory(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/eyas-output.XXXXXX");
	return mkdtemp(dir) ? chdir(dir) : -1;
}

static int leave_directory(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return chdir("/") || system(command);
}

static struct output_file *begin(const struct output_options *opt, struct diag *d)
{
	struct output_file *o = NULL;

	assert_int_equal(output_file_open(opt, S, d, &o), 0);
	return o;
}

static void put_event(struct output_file *o, uint64_t ts)
{
	struct record r = { .kind = RECORD_EVENT,
			    .event = { .ts = ts, .tid = 1, .type = EVT_GENERIC_X } };
	const uint16_t id = 1;
	const struct param params[] = { { (const void *)&id, 2 } };

	r.event.n_params = 1;
	r.event.params = params;
	assert_int_equal(output_file_put(o, &r), 0);
}

static unsigned events_in(const char *name)
{
	struct source *src;
	struct record r;
	struct diag d;
	unsigned n = 0;

	diag_init(&d);
	assert_int_equal(trace_open(name, &d, &src), 0);
	while (src->ops->next(src, &r) == 1)
		n += r.kind == RECORD_EVENT;
	src->ops->close(src);
	diag_free(&d);
	return n;
}

static void a_file_is_private_and_readable(void **state)
{
	struct output_options opt = { .path = "a.eyas" };
	struct output_file *o;
	struct stat st;
	struct diag d;

	(void)state;
	diag_init(&d);
	o = begin(&opt, &d);
	put_event(o, S);
	assert_int_equal(output_file_finish(o), 0);
	assert_int_equal(output_file_count(o), 1);
	output_file_free(o);
	assert_int_equal(stat("a.eyas", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(events_in("a.eyas"), 1);
	diag_free(&d);
}

static void what_is_there_is_not_touched(void **state)
{
	struct output_options opt = { .path = "link" };
	struct output_file *o;
	struct diag d;

	(void)state;
	diag_init(&d);
	assert_int_equal(symlink("elsewhere", "link"), 0);
	assert_int_equal(output_file_open(&opt, S, &d, &o), -EEXIST);
	assert_int_equal(d.n_errors, 1);
	assert_int_equal(access("elsewhere", F_OK), -1);
	diag_free(&d);
}

static void a_block_is_written_each_second_and_a_prefix_reads(void **state)
{
	struct output_options opt = { .path = "b.eyas" };
	struct output_file *o;
	struct diag d;

	(void)state;
	diag_init(&d);
	o = begin(&opt, &d);
	put_event(o, S);
	assert_int_equal(output_file_tick(o, S + S / 2), 0);
	assert_int_equal(output_file_bytes(o), 0);
	assert_int_equal(output_file_tick(o, 2 * S), 0);
	assert_true(output_file_bytes(o) > 0);
	put_event(o, 2 * S);
	/* as after kill -9: the file is what the disk has */
	assert_int_equal(events_in("b.eyas"), 1);
	output_file_free(o);
	diag_free(&d);
}

static void rotated_files_are_numbered_and_the_oldest_go(void **state)
{
	struct output_options opt = { .path = "r", .interval_ns = S, .max_files = 2 };
	struct output_file *o;
	struct diag d;

	(void)state;
	diag_init(&d);
	o = begin(&opt, &d);
	for (unsigned i = 1; i < 4; i++) {
		uint64_t now = (i + 1) * S;

		put_event(o, now);
		assert_false(output_file_wants_next(o, now - 1));
		assert_true(output_file_wants_next(o, now));
		assert_int_equal(output_file_next(o, now), 0);
	}
	assert_string_equal(output_file_name(o), "r.000004");
	assert_int_equal(output_file_finish(o), 0);
	output_file_free(o);
	assert_int_equal(access("r.000001", F_OK), -1);
	assert_int_equal(access("r.000002", F_OK), -1);
	assert_int_equal(events_in("r.000003"), 1);
	assert_int_equal(events_in("r.000004"), 0);
	diag_free(&d);
}

static void patterns_take_the_time_and_a_number_when_it_is_the_same(void **state)
{
	struct output_options opt = { .path = "%H%M%S.eyas", .interval_ns = S };
	struct output_file *o;
	struct diag d;
	int fd;

	(void)state;
	diag_init(&d);
	o = begin(&opt, &d);
	assert_string_equal(output_file_name(o), "000001.eyas");
	assert_int_equal(output_file_next(o, S + 5), 0);
	assert_string_equal(output_file_name(o), "000001.eyas.000002");
	/* a later name that is taken does not end the recording, and the file stays */
	fd = open("000003.eyas", O_WRONLY | O_CREAT, 0600);
	close(fd);
	assert_int_equal(output_file_next(o, 3 * S), 0);
	assert_string_equal(output_file_name(o), "000003.eyas.000003");
	assert_int_equal(output_file_finish(o), 0);
	output_file_free(o);
	diag_free(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_private_and_readable),
		cmocka_unit_test(what_is_there_is_not_touched),
		cmocka_unit_test(a_block_is_written_each_second_and_a_prefix_reads),
		cmocka_unit_test(rotated_files_are_numbered_and_the_oldest_go),
		cmocka_unit_test(patterns_take_the_time_and_a_number_when_it_is_the_same),
	};

	return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
