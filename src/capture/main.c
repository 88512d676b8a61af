/*
 * eyas-capture: the recorder.
 *
 * The command (if any) is forked and waits; the driver is loaded and attached; then the snapshot is taken, and what was
 * recorded before it was begun is dropped, since the snapshot shows its effects. What the snapshot saw
 * a little too late is in the events and sets the same state again. Then the rights go, and the command runs.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/debug.h"
#include "base/exit_status.h"
#include "capture/capture_options.h"
#include "capture/cgroup_find.h"
#include "capture/child.h"
#include "capture/encode.h"
#include "capture/peer.h"
#include "capture/privilege.h"
#include "capture/ring_merge.h"
#include "capture/snapshot_proc.h"

#define POLL_MS     100
#define PROGRESS_NS UINT64_C(1000000000)

static volatile sig_atomic_t interrupts;

static void on_signal(int sig)
{
	(void)sig;
	if (interrupts < 100)
		interrupts++;
}

struct recorder {
	struct capture_options opt;
	struct diag diag;
	struct driver *driver;
	struct encoder *encoder;
	struct output_file *out;
	struct child child;
	struct snapshot snap;
	struct strbuf provenance;
	uint64_t boot_to_epoch; /* added to the records' times */
	uint64_t from_ts;       /* events before this are in the snapshot */
	uint64_t events, started, last_progress;
	uint64_t lost, reported_lost[EYAS_MAX_CPUS];
	uint64_t disk_lost, disk_from; /* dropped because the disk was full, since when */
	int child_status;
	bool full;              /* -n was reached */
	bool progress_shown;
	int error;              /* -errno that ended it */
};

static uint64_t realtime(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static int put(struct recorder *rec, const struct record *r)
{
	int e = output_file_put(rec->out, r);

	if (e == -ENOSPC && rec->opt.drop_when_full) {
		if (!rec->disk_lost)
			rec->disk_from = r->kind == RECORD_EVENT ? r->event.ts : realtime();
		rec->disk_lost += r->kind == RECORD_EVENT;
		return 0;
	}
	return e;
}

static int on_record(void *arg, const void *record, size_t n, uint16_t cpu)
{
	struct recorder *rec = arg;
	struct record r = { .kind = RECORD_EVENT };

	if (!encoder_feed(rec->encoder, record, n, cpu, &r.event) || r.event.ts < rec->from_ts)
		return 0;
	if (rec->opt.max_events && rec->events >= rec->opt.max_events) {
		rec->full = true;
		return 1;
	}
	rec->events++;
	rec->error = put(rec, &r);
	return rec->error;
}

/* Turns what the driver counted as lost since the last time into records. */
static int put_losses(struct recorder *rec)
{
	static const uint16_t causes[EYAS_LOST_N] = { LOSS_BUFFER_FULL, LOSS_FAULT, LOSS_TOO_LARGE, LOSS_UNKNOWN };

	for (uint16_t cpu = 0; cpu < driver_cpus(rec->driver); cpu++) {
		struct eyas_cpu_stats s;
		uint64_t sum = 0;

		driver_stats(rec->driver, cpu, &s);
		for (unsigned i = 0; i < EYAS_LOST_N; i++)
			sum += s.lost[i];
		if (sum == rec->reported_lost[cpu])
			continue;
		for (unsigned i = 0; i < EYAS_LOST_N; i++) {
			struct record r = { .kind = RECORD_LOSS };
			int e;

			if (!s.lost[i])
				continue;
			/* causes but the first are rare: their share of the difference is not kept apart */
			r.loss = (struct loss){ .count = sum - rec->reported_lost[cpu],
						.from_ts = s.lost_first[i] + rec->boot_to_epoch,
						.to_ts = s.lost_last[i] + rec->boot_to_epoch,
						.cpu = cpu,
						.cause = causes[i] };
			rec->lost += r.loss.count;
			rec->reported_lost[cpu] = sum;
			e = put(rec, &r);
			if (e < 0)
				return e;
			break;
		}
	}
	return 0;
}

/* A snapshot into the file just opened; events older than its beginning belong before it. */
static int put_snapshot(struct recorder *rec)
{
	struct snapshot_proc_options so = { .root = "", .fds = true, .environment = true };
	struct record r = { .kind = RECORD_SNAPSHOT };
	int e;

	snapshot_reset(&rec->snap);
	rec->from_ts = ring_merge_now() + rec->boot_to_epoch;
	e = snapshot_proc_take(&so, &rec->diag, &rec->snap);
	if (e < 0)
		return e;
	r.snapshot = &rec->snap;
	return put(rec, &r);
}

/* A new file: what is older than its snapshot goes into the old one first. */
static int next_file(struct recorder *rec, uint64_t now)
{
	uint64_t drain = ring_merge_now();
	int e;

	if (rec->disk_lost) {
		struct loss loss = { rec->disk_lost, rec->disk_from, now, UINT16_MAX, LOSS_DISK };
		struct record r = { .kind = RECORD_LOSS, .loss = loss };

		e = output_file_next(rec->out, now);
		if (e == -ENOSPC)
			return 0; /* tried again later */
		if (e < 0)
			return e;
		e = put_snapshot(rec);
		if (!e)
			e = put(rec, &r);
		if (!e && !rec->disk_lost)
			return 0;
		rec->lost += rec->disk_lost;
		rec->disk_lost = 0;
		return e;
	}
	(void)drain;
	e = output_file_next(rec->out, now);
	return e < 0 ? e : put_snapshot(rec);
}

static void progress(struct recorder *rec, uint64_t now, bool last)
{
	if (rec->opt.quiet || !isatty(STDERR_FILENO) || (!last && now < rec->last_progress + PROGRESS_NS))
		return;
	rec->last_progress = now;
	rec->progress_shown = true;
	fprintf(stderr, "\r\033[K%llu events, %.1f MB, %llu lost%s", (unsigned long long)rec->events,
		(double)output_file_bytes(rec->out) / 1e6, (unsigned long long)rec->lost, last ? "\n" : "");
}

static int loop(struct recorder *rec)
{
	bool ended = false;
	int r = 0;

	while (!ended && !interrupts) {
		uint64_t now;

		r = driver_poll(rec->driver, POLL_MS, on_record, rec);
		if (r < 0)
			return r;
		if (rec->full)
			return 0;
		now = realtime();
		r = put_losses(rec);
		if (!r)
			r = output_file_tick(rec->out, now);
		if (r == -ENOSPC && rec->opt.drop_when_full)
			r = 0;
		if (!r && output_file_wants_next(rec->out, now))
			r = next_file(rec, now);
		if (r < 0)
			return r;
		progress(rec, now, false);
		if (rec->opt.command && child_ended(&rec->child, &rec->child_status) && !rec->opt.whole_system)
			ended = true;
		if (rec->opt.duration_ns && now >= rec->started + rec->opt.duration_ns)
			ended = true;
	}
	driver_detach(rec->driver);
	/* A second interrupt means at once: what still waits in the buffers is left. */
	if (interrupts > 1)
		return 0;
	r = driver_drain(rec->driver, on_record, rec);
	if (r < 0)
		return r;
	return put_losses(rec);
}

static void say_stats(struct recorder *rec)
{
	const struct encode_stats *es = encoder_stats(rec->encoder);

	for (uint16_t cpu = 0; cpu < driver_cpus(rec->driver); cpu++) {
		struct eyas_cpu_stats s;

		driver_stats(rec->driver, cpu, &s);
		if (s.sent || s.lost[EYAS_LOST_BUFFER])
			fprintf(stderr, "CPU %u: %llu records, %llu lost (buffer full)\n", cpu,
				(unsigned long long)s.sent, (unsigned long long)s.lost[EYAS_LOST_BUFFER]);
	}
	fprintf(stderr, "%llu records became %llu events; %llu enter pieces without an exit, %llu pieces of memory "
		"could not be read\n", (unsigned long long)es->records, (unsigned long long)es->events,
		(unsigned long long)es->orphans, (unsigned long long)es->unreadable);
}

static void say_summary(struct recorder *rec)
{
	uint64_t total = rec->events + rec->lost;

	if (rec->opt.quiet)
		return;
	progress(rec, 0, true);
	fprintf(stderr, "%llu events, %llu bytes in %u file%s", (unsigned long long)rec->events,
		(unsigned long long)output_file_bytes(rec->out), output_file_count(rec->out),
		output_file_count(rec->out) == 1 ? "" : "s");
	if (rec->lost)
		fprintf(stderr, "; %llu lost (%.3f %%): a larger --buffer keeps more",
			(unsigned long long)rec->lost, 100.0 * (double)rec->lost / (double)total);
	else
		fputs("; nothing lost", stderr);
	fputc('\n', stderr);
	if (rec->opt.stats)
		say_stats(rec);
}

/* Everything that needs a right. */
static int start(struct recorder *rec, int argc, char **argv)
{
	struct driver_options *dopt = &rec->opt.driver;
	const char *missing = privilege_missing_for_snapshot();
	int r;

	if (rec->opt.command) {
		r = child_prepare(rec->opt.command, &rec->child);
		if (r < 0)
			return r;
		if (dopt->config.select & EYAS_SELECT_TREE)
			vec_push(&rec->opt.pids, (uint32_t)rec->child.pid);
	}
	dopt->pids = rec->opt.pids.v;
	dopt->n_pids = rec->opt.pids.n;
	if (rec->opt.container) {
		r = cgroup_find(rec->opt.container, &rec->diag, &dopt->config.cgroup_id);
		if (r < 0)
			return r;
	}
	if (strcmp(rec->opt.output.path, "-") == 0)
		dopt->config.peer_pid = peer_of_pipe(STDOUT_FILENO);
	if (missing && !rec->opt.quiet)
		diag_add(&rec->diag, DIAG_WARNING, "SNAPSHOT",
			 "without %s the snapshot lacks what belongs to other users", missing);
	r = driver_open(dopt, &rec->diag, &rec->driver);
	if (r < 0)
		return r;
	rec->boot_to_epoch = realtime() - ring_merge_now();
	rec->encoder = encoder_new(rec->boot_to_epoch);
	capture_options_provenance(&rec->opt, argc, argv, &rec->provenance);
	rec->opt.output.provenance = rec->provenance.s;
	r = output_file_open(&rec->opt.output, realtime(), &rec->diag, &rec->out);
	if (r < 0)
		return r;
	r = put_snapshot(rec);
	if (r < 0)
		return r;
	r = privilege_drop(rec->opt.output.max_bytes || rec->opt.output.interval_ns || rec->opt.drop_when_full);
	if (!r)
		r = privilege_confine();
	return r;
}

static int finish(struct recorder *rec, int r)
{
	int e;

	if (rec->out) {
		if (!r || r == -EINTR)
			say_summary(rec);
		e = output_file_finish(rec->out);
		if (e < 0 && !r)
			r = e;
	}
	if (rec->driver)
		driver_close(rec->driver);
	encoder_free(rec->encoder);
	if (r == -EPIPE)
		r = 0; /* the reader has had enough */
	if (r < 0 && !rec->diag.n_errors)
		diag_add(&rec->diag, DIAG_ERROR, "CAPTURE", "%s%s", strerror(-r),
			 r == -ENOSPC ? ": recording stopped; the trace is good up to here (--on-full drop goes "
					"on)" :
					"");
	diag_print(&rec->diag, stderr);
	return r < 0 ? EXIT_FAILED : EXIT_DONE;
}

int main(int argc, char **argv)
{
	struct sigaction sa = { .sa_handler = on_signal };
	struct recorder rec = { .child = { -1, -1 }, .provenance = STRBUF_INIT };
	int r, status;

	debug_setup(getenv("EYAS_DEBUG"));
	r = capture_options_parse(argc, argv, &rec.opt);
	if (r)
		return r == OPTION_EXIT ? EXIT_DONE : EXIT_USAGE;
	if (strcmp(rec.opt.output.path, "-") == 0 && isatty(STDOUT_FILENO)) {
		fputs("eyas-capture: a trace is not for a terminal: give a file with -o, or a pipe\n", stderr);
		capture_options_free(&rec.opt);
		return EXIT_USAGE;
	}
	diag_init(&rec.diag);
	snapshot_init(&rec.snap);
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGHUP, &sa, NULL);
	signal(SIGPIPE, SIG_IGN);

	r = start(&rec, argc, argv);
	if (!r) {
		rec.started = realtime();
		if (rec.opt.command)
			child_start(&rec.child);
		r = loop(&rec);
	}
	child_cancel(&rec.child);
	status = finish(&rec, r);
	snapshot_free(&rec.snap);
	diag_free(&rec.diag);
	strbuf_release(&rec.provenance);
	capture_options_free(&rec.opt);
	return status;
}
