/* Records into .scap and back; what the format cannot hold. */
#include "unit.h"

#include <errno.h>
#include <unistd.h>

#include "records.h"
#include "trace/trace.h"

static char dir[] = "/tmp/eyas-scap-XXXXXX";
static char path[64];

static struct sink *create(int compression, struct diag *diag)
{
	struct trace_create_options opt = { .format = TRACE_SCAP,
					    .compression = compression,
					    .overwrite = true };
	struct sink *k;

	assert_int_equal(trace_create(path, &opt, diag, &k), 0);
	return k;
}

static void read_back(struct record_list *l, struct diag *diag)
{
	struct source *src;

	assert_int_equal(trace_open(path, diag, &src), 0);
	assert_string_equal(src->format, "scap");
	if (record_list_read(l, src) < 0)
		fail_msg("%s", diag->items.v[diag->items.n - 1].message);
	source_close(src);
}

/* The combinations of fields that a process list entry can have, each within the next but for the
 * namespace's, which came later than the capabilities and stand before them. */
static const uint32_t lists[] = {
	0,
	SNAP_HAS_VM,
	SNAP_HAS_ENV,
	SNAP_HAS_VTID,
	SNAP_HAS_ROOT,
	SNAP_HAS_SID,
	SNAP_HAS_EXEPATH,
	SNAP_HAS_VPGID,
	SNAP_HAS_LOGINUID,
	SNAP_HAS_EXE_WRITABLE,
	SNAP_HAS_CAPS,
	SNAP_HAS_PIDNS,
	SNAP_HAS_EXE_UPPER,
	SNAP_HAS_EXE_INO,
	SNAP_HAS_EXE_MEMFD,
	SNAP_HAS_EXE_LOWER,
	SNAP_HAS_PGID,
};

/* The first of them that has all of `has`. */
static uint32_t closure(uint32_t has)
{
	uint32_t mask = 0;

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		mask |= lists[i];
		if (!(has & ~mask))
			return mask;
	}
	fail();
	return 0;
}

/* Made-up records, brought into what .scap can say. */
static void make(struct record_list *l, uint64_t seed, unsigned what)
{
	record_list_make(l, seed, 300, what);
	for (size_t i = 0; i < l->v.n; i++) {
		struct record *r = &l->v.v[i];

		if (r->kind == RECORD_SNAPSHOT) {
			struct snapshot *s = (struct snapshot *)r->snapshot;

			for (size_t k = 0; k < s->threads.n; k++)
				s->threads.v[k].has = closure(s->threads.v[k].has);
		} else if (r->kind == RECORD_EVENT) {
			r->event.delivery &= ~4u;
		}
	}
}

static void records_come_back_as_they_were(void **state)
{
	static const int levels[] = { -1, 0, 1, 9 };

	(void)state;
	for (uint64_t seed = 1; seed <= 60; seed++) {
		struct record_list a, b;
		struct sink *k;
		struct diag diag;
		const char *differs;

		record_list_init(&a);
		record_list_init(&b);
		diag_init(&diag);
		make(&a, seed, WITH_UNKNOWN_TYPES | WITH_ODD_SIZES | WITH_SECTIONS);
		k = create(levels[seed % 4], &diag);
		record_list_write(&a, k);
		assert_int_equal(k->ops->finish(k), 0);
		read_back(&b, &diag);
		differs = record_list_differ(&a, &b);
		if (differs)
			fail_msg("seed %d: %s", (int)seed, differs);
		record_list_free(&a);
		record_list_free(&b);
		diag_free(&diag);
	}
}

static void what_has_no_place_is_counted(void **state)
{
	struct trace_create_options opt = { .format = TRACE_SCAP,
					    .provenance = "{}",
					    .overwrite = true };
	static const struct record loss = { .kind = RECORD_LOSS, .loss = { .count = 7 } };
	static const struct record note = { .kind = RECORD_NOTE };
	struct record snap = { .kind = RECORD_SNAPSHOT };
	struct snap_thread t;
	struct snapshot s;
	struct diag diag;
	struct sink *k;

	(void)state;
	diag_init(&diag);
	snapshot_init(&s);
	snap.snapshot = &s;
	for (int i = 0; i < 5; i++)
		(void)vec_add(&s.mounts);
	(void)vec_add(&s.cgroups);
	snap_thread_defaults(&t);
	t.mnt_ns = 9;
	vec_push(&s.threads, t);
	assert_int_equal(trace_create(path, &opt, &diag, &k), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(k->ops->put(k, &loss), 0);
	assert_int_equal(k->ops->put(k, &note), 0);
	assert_int_equal(k->ops->put(k, &snap), 0);
	s.mounts.n = s.cgroups.n = 0;
	assert_int_equal(k->ops->put(k, &snap), 0);
	assert_int_equal(diag.items.n, 0);
	assert_int_equal(k->ops->finish(k), 0);
	assert_int_equal(diag.items.n, 5);
	assert_non_null(strstr(diag.items.v[0].message, "no place: 3"));
	assert_non_null(strstr(diag.items.v[1].message, "no place: 1"));
	assert_non_null(strstr(diag.items.v[2].message, "mounts, and"));
	assert_non_null(strstr(diag.items.v[2].message, "no place: 5"));
	assert_non_null(strstr(diag.items.v[3].message, "control groups"));
	assert_non_null(strstr(diag.items.v[3].message, "no place: 1"));
	assert_non_null(strstr(diag.items.v[4].message, "provenance"));
	snapshot_free(&s);
	diag_free(&diag);
}

static void what_is_too_long_is_cut_and_said(void **state)
{
	static char text[70000];
	struct param param = { (const uint8_t *)text, sizeof(text) };
	struct record ev = { .kind = RECORD_EVENT };
	struct record snap = { .kind = RECORD_SNAPSHOT };
	struct record_list back;
	struct snapshot s;
	struct snap_user *u;
	struct diag diag;
	struct sink *k;

	(void)state;
	memset(text, 'x', sizeof(text));
	diag_init(&diag);
	snapshot_init(&s);
	u = vec_add(&s.users);
	u->name = u->home = u->shell = STR("");
	u->home = str_mem(text, sizeof(text));
	snap.snapshot = &s;
	ev.event.type = 7;
	ev.event.info = event_info(7);
	ev.event.n_params = 1;
	ev.event.params = &param;
	k = create(0, &diag);
	assert_int_equal(k->ops->put(k, &snap), 0);
	assert_int_equal(k->ops->put(k, &ev), 0);
	assert_int_equal(k->ops->finish(k), 0);
	assert_int_equal(diag.n_warnings, 3); /* the text, the parameter, the long event */
	record_list_init(&back);
	read_back(&back, &diag);
	assert_int_equal(back.v.n, 2);
	assert_int_equal(back.v.v[0].snapshot->users.v[0].home.n, 65535);
	assert_int_equal(back.v.v[1].event.params[0].n, 65535);
	record_list_free(&back);
	snapshot_free(&s);
	diag_free(&diag);
}

static void descriptors_in_any_order_are_kept(void **state)
{
	static const uint64_t tids[] = { 5, 9, 5, 7 };
	struct record snap = { .kind = RECORD_SNAPSHOT };
	struct record_list back;
	struct snapshot s;
	struct diag diag;
	struct sink *k;

	(void)state;
	diag_init(&diag);
	snapshot_init(&s);
	vec_push(&s.fd_tids, 9);
	vec_push(&s.fd_tids, 4);
	for (size_t i = 0; i < 4; i++) {
		struct snap_fd *f = vec_add(&s.fds);

		f->tid = tids[i];
		f->type = FD_FILE;
		f->name = STR("f");
	}
	snap.snapshot = &s;
	k = create(0, &diag);
	assert_int_equal(k->ops->put(k, &snap), 0);
	assert_int_equal(k->ops->finish(k), 0);
	record_list_init(&back);
	read_back(&back, &diag);
	assert_int_equal(back.v.v[0].snapshot->fds.n, 4);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(back.v.v[0].snapshot->fds.v[i].tid, tids[i]);
	record_list_free(&back);
	snapshot_free(&s);
	diag_free(&diag);
}

static void a_full_disk_is_said_once(void **state)
{
	struct trace_create_options opt = { .format = TRACE_SCAP, .compression = -1 };
	struct record_list l;
	struct diag diag;
	struct sink *k;
	int r = 0;

	(void)state;
	diag_init(&diag);
	record_list_init(&l);
	record_list_make(&l, 1, 20, 0);
	assert_int_equal(trace_create("/dev/full", &opt, &diag, &k), 0);
	for (int round = 0; round < 2000 && !r; round++)
		for (size_t i = 0; i < l.v.n && !r; i++)
			r = k->ops->put(k, &l.v.v[i]);
	assert_int_equal(r, -ENOSPC);
	assert_int_equal(k->ops->finish(k), -ENOSPC);
	assert_int_equal(diag.items.n, 1);
	assert_non_null(strstr(diag.items.v[0].message, "No space left"));
	record_list_free(&l);
	diag_free(&diag);
}

static void an_aborted_trace_leaves_nothing(void **state)
{
	struct trace_create_options opt = { .format = TRACE_SCAP };
	char other[80];
	struct diag diag;
	struct sink *k;

	(void)state;
	diag_init(&diag);
	snprintf(other, sizeof(other), "%s/other.scap", dir);
	assert_int_equal(trace_create(other, &opt, &diag, &k), 0);
	k->ops->abort(k);
	assert_int_equal(access(other, F_OK), -1);
	/* A name that is taken meanwhile is not replaced. */
	assert_int_equal(trace_create(other, &opt, &diag, &k), 0);
	assert_int_equal(symlink("nowhere", other), 0);
	assert_int_equal(k->ops->finish(k), -EEXIST);
	assert_int_equal(unlink(other), 0);
	diag_free(&diag);
}

static int setup(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/t.scap", dir);
	return 0;
}

/* Fails when a temporary file was left. */
static int teardown(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_come_back_as_they_were),
		cmocka_unit_test(what_has_no_place_is_counted),
		cmocka_unit_test(what_is_too_long_is_cut_and_said),
		cmocka_unit_test(descriptors_in_any_order_are_kept),
		cmocka_unit_test(a_full_disk_is_said_once),
		cmocka_unit_test(an_aborted_trace_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
