#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <signal.h>
#include <unistd.h>

#include "output/line_sink.h"

static char path[64];

static size_t file_size(void)
{
	FILE *f = fopen(path, "r");
	long n;

	assert_non_null(f);
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	n = ftell(f);
	fclose(f);
	return (size_t)n;
}

static int make_path(void **state)
{
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "/tmp/eyas-line-sink.XXXXXX");
	fd = mkstemp(path);
	return fd < 0 ? -1 : close(fd);
}

static int remove_path(void **state)
{
	(void)state;
	return unlink(path);
}

static void lines_are_kept_until_flushed(void **state)
{
	struct diag d;
	struct line_sink *k;

	(void)state;
	diag_init(&d);
	k = line_sink_file(path, false, &d);
	assert_non_null(k);
	assert_int_equal(line_sink_put(k, STR("one")), 0);
	assert_int_equal(file_size(), 0);
	assert_int_equal(line_sink_flush(k), 0);
	assert_int_equal(file_size(), 4);
	assert_int_equal(line_sink_put(k, STR("two")), 0);
	assert_int_equal(line_sink_finish(k), 0);
	assert_int_equal(file_size(), 8);
	diag_free(&d);
}

static void an_unbuffered_sink_hands_on_each_line(void **state)
{
	struct diag d;
	struct line_sink *k;

	(void)state;
	diag_init(&d);
	k = line_sink_file(path, true, &d);
	assert_int_equal(line_sink_put(k, STR("one")), 0);
	assert_int_equal(file_size(), 4);
	assert_int_equal(line_sink_finish(k), 0);
	diag_free(&d);
}

static void a_directory_that_is_missing_is_told(void **state)
{
	struct diag d;

	(void)state;
	diag_init(&d);
	assert_null(line_sink_file("/nonexistent/alerts", false, &d));
	assert_int_equal(d.n_errors, 1);
	diag_free(&d);
}

static void a_full_disk_is_an_error_that_stays(void **state)
{
	struct diag d;
	struct line_sink *k;

	(void)state;
	if (access("/dev/full", W_OK) < 0)
		skip();
	diag_init(&d);
	k = line_sink_file("/dev/full", true, &d);
	assert_non_null(k);
	assert_int_equal(line_sink_put(k, STR("lost")), -ENOSPC);
	assert_int_equal(line_sink_put(k, STR("lost too")), -ENOSPC);
	assert_int_equal(line_sink_finish(k), -ENOSPC);
	diag_free(&d);
}

static void old_content_stays_until_there_is_new(void **state)
{
	struct diag d;
	struct line_sink *k;

	(void)state;
	diag_init(&d);
	k = line_sink_file(path, true, &d);
	assert_int_equal(line_sink_put(k, STR("a longer old line")), 0);
	assert_int_equal(line_sink_finish(k), 0);
	k = line_sink_file(path, true, &d);
	line_sink_drop(k);
	assert_int_equal(file_size(), 18);
	k = line_sink_file(path, true, &d);
	assert_int_equal(line_sink_finish(k), 0);
	assert_int_equal(file_size(), 0);
	diag_free(&d);
}

static void a_write_that_takes_only_a_part_is_continued(void **state)
{
	struct diag d;
	struct line_sink *k;
	struct rlimit old, small;
	char line[3000];

	(void)state;
	/* A limit on the file's size makes the first write a short one; the next fails. */
	memset(line, 'x', sizeof(line));
	diag_init(&d);
	k = line_sink_file(path, false, &d);
	assert_int_equal(line_sink_put(k, (struct str){ line, sizeof(line) }), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small = (struct rlimit){ 1000, old.rlim_max };
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(line_sink_flush(k), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(file_size(), 1000);
	assert_int_equal(line_sink_finish(k), -EFBIG);
	diag_free(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(lines_are_kept_until_flushed, make_path,
						remove_path),
		cmocka_unit_test_setup_teardown(an_unbuffered_sink_hands_on_each_line, make_path,
						remove_path),
		cmocka_unit_test_setup_teardown(old_content_stays_until_there_is_new, make_path,
						remove_path),
		cmocka_unit_test(a_directory_that_is_missing_is_told),
		cmocka_unit_test(a_full_disk_is_an_error_that_stays),
		cmocka_unit_test_setup_teardown(a_write_that_takes_only_a_part_is_continued,
						make_path, remove_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
