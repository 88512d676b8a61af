#include "capture/recorder.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "capture/packets.h"
#include "capture/ring_merge.h"
#include "capture/snapshot_proc.h"

#define POLL_MS     100
#define PACKET_MS   10 /* the same, when the rings of packets want to be emptied */
#define PROGRESS_NS UINT64_C(1000000000)
#define CLOCK_SET   INT64_C(100000000) /* the wall clock was set, when it is so far off */
#define STOP        1                  /* from a record's function: -n is reached */

static uint64_t realtime(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* The time that an event of now has: nobody who sets the wall clock makes it jump. */
static uint64_t trace_time(const struct recorder *rec)
{
	return ring_merge_now() + rec->boot_to_epoch;
}

/* As output_file_put(), but a full disk is no error when that was asked for: the file counts what
 * it loses. */
static int put(struct recorder *rec, const struct record *r)
{
	int e = output_file_put(rec->out, r);

	if (e == -ENOSPC && rec->opt.drop_when_full) {
		if (!rec->disk_from)
			rec->disk_from = r->kind == RECORD_EVENT ? r->event.ts : trace_time(rec);
		return 0;
	}
	return e;
}

/* Selected processes by pid: a later snapshot holds only these (and who belongs to them). */
static bool keeps_live(const struct recorder *rec)
{
	return rec->opt.driver.config.select & (EYAS_SELECT_PID | EYAS_SELECT_TREE) &&
	       (rec->opt.output.max_bytes || rec->opt.output.interval_ns ||
		rec->opt.drop_when_full);
}

static void note_live(struct recorder *rec, const void *record)
{
	static char present;
	struct eyas_record head;

	memcpy(&head, record, sizeof(head));
	if (head.kind == EYAS_REC_PROC_EXIT && head.pid == head.tid) {
		(void)u64map_del(&rec->live, head.pid);
		rec->last_pid = 0;
	} else if (head.pid != rec->last_pid) {
		(void)u64map_put(&rec->live, head.pid, &present);
		rec->last_pid = head.pid;
	}
}

/* Writes the packets up to this time. As put(), or STOP. */
static int put_packets(struct recorder *rec, uint64_t until)
{
	struct record r = { .kind = RECORD_EVENT };
	int e = 0;

	if (!rec->packets)
		return 0;
	if (!rec->packets_read)
		packets_read(rec->packets, &rec->diag);
	rec->packets_read = true;
	while (!e && !rec->full && packets_next(rec->packets, until, &r.event)) {
		if (r.event.ts < rec->from_ts)
			continue;
		rec->events++;
		e = put(rec, &r);
		rec->full = rec->opt.max_events && rec->events >= rec->opt.max_events;
	}
	return e || !rec->full ? e : STOP;
}

static int put_packet_losses(struct recorder *rec)
{
	uint64_t now = trace_time(rec);
	struct record r = { .kind = RECORD_LOSS };

	if (!rec->packets)
		return 0;
	r.loss = (struct loss){ .count = packets_lost(rec->packets),
				.from_ts =
					rec->packets_checked ? rec->packets_checked : rec->from_ts,
				.to_ts = now,
				.cpu = UINT16_MAX,
				.cause = LOSS_BUFFER_FULL };
	rec->packets_checked = now;
	rec->lost += r.loss.count;
	return r.loss.count ? put(rec, &r) : 0;
}

static int on_record(void *arg, const void *record, size_t n, uint16_t cpu)
{
	struct recorder *rec = arg;
	struct record r = { .kind = RECORD_EVENT };
	int e;

	if (keeps_live(rec))
		note_live(rec, record);
	if (!encoder_feed(rec->encoder, record, n, cpu, &r.event) || r.event.ts < rec->from_ts)
		return 0;
	e = put_packets(rec, r.event.ts);
	if (e)
		return e;
	rec->events++;
	e = put(rec, &r);
	if (!e && rec->opt.max_events && rec->events >= rec->opt.max_events) {
		rec->full = true;
		return STOP;
	}
	return e;
}

/* Turns what the driver counted as lost since the last time into records. */
static int put_losses(struct recorder *rec)
{
	static const uint16_t causes[EYAS_LOST_N] = { LOSS_BUFFER_FULL, LOSS_FAULT, LOSS_TOO_LARGE,
						      LOSS_UNKNOWN };
	uint64_t now = ring_merge_now();
	int e = 0;

	for (uint16_t cpu = 0; !e && cpu < driver_cpus(rec->driver); cpu++) {
		struct eyas_cpu_stats s;

		driver_stats(rec->driver, cpu, &s);
		for (unsigned i = 0; !e && i < EYAS_LOST_N; i++) {
			uint64_t *reported = &rec->reported[cpu][i];
			uint64_t from = *reported ? rec->losses_checked : s.lost_first[i];
			struct record r = { .kind = RECORD_LOSS };

			if (s.lost[i] == *reported)
				continue;
			r.loss = (struct loss){ .count = s.lost[i] - *reported,
						.from_ts = from + rec->boot_to_epoch,
						.to_ts = s.lost_last[i] + rec->boot_to_epoch,
						.cpu = cpu,
						.cause = causes[i] };
			rec->lost += r.loss.count;
			*reported = s.lost[i];
			e = put(rec, &r);
		}
	}
	rec->losses_checked = now;
	return e;
}

/* While /proc is read the rings must not run full. */
static void while_snapshot(void *arg)
{
	struct recorder *rec = arg;

	driver_fill(rec->driver);
}

static int put_snapshot(struct recorder *rec, struct diag *diag)
{
	uint32_t select = rec->opt.driver.config.select;
	struct snapshot_proc_options so = {
		.root = "", .fds = true, .tick = while_snapshot, .tick_arg = rec
	};
	struct record r = { .kind = RECORD_SNAPSHOT };
	VEC(uint32_t) pids = { 0 };
	size_t pos = 0;
	uint64_t pid;
	void *value;
	int e;

	if (select & (EYAS_SELECT_PID | EYAS_SELECT_TREE)) {
		for (size_t i = 0; i < rec->opt.pids.n; i++)
			vec_push(&pids, rec->opt.pids.v[i]);
		while (u64map_next(&rec->live, &pos, &pid, &value))
			vec_push(&pids, (uint32_t)pid);
		so.only_selected = true;
		so.descendants = select & EYAS_SELECT_TREE;
		so.pids = pids.v;
		so.n_pids = pids.n;
	}
	/* With another selection it is not known here whose environment was meant: none. */
	so.environment = so.only_selected || !select;
	snapshot_reset(&rec->snap);
	e = snapshot_proc_take(&so, diag, &rec->snap);
	vec_free(&pids);
	if (e < 0)
		return e;
	r.snapshot = &rec->snap;
	return put(rec, &r);
}

/* CLOCK_REALTIME less CLOCK_BOOTTIME: of several tries the one during which the least time passed.
 */
static uint64_t clock_difference(void)
{
	uint64_t best = UINT64_MAX, ret = 0;

	for (int i = 0; i < 5; i++) {
		uint64_t before = ring_merge_now(), now = realtime(), after = ring_merge_now();

		if (after - before >= best)
			continue;
		best = after - before;
		ret = now - (before + (after - before) / 2);
	}
	return ret;
}

int recorder_begin(struct recorder *rec)
{
	int r;

	rec->boot_to_epoch = clock_difference();
	rec->encoder = encoder_new(rec->boot_to_epoch);
	rec->losses_checked = ring_merge_now();
	rec->from_ts = rec->losses_checked + rec->boot_to_epoch;
	r = put_snapshot(rec, &rec->diag);
	/* who reads a pipe sees at once that something is coming */
	return r ? r : output_file_tick(rec->out, trace_time(rec));
}

/* A new file begins with the wall clock as it is now, if that was set since the last began. */
static void look_at_clock(struct recorder *rec)
{
	uint64_t difference = clock_difference();
	int64_t set = (int64_t)(difference - rec->boot_to_epoch);

	if (set < CLOCK_SET && set > -CLOCK_SET)
		return;
	rec->boot_to_epoch = difference;
	rec->from_ts += (uint64_t)set;
	if (rec->packets_checked)
		rec->packets_checked += (uint64_t)set;
	if (rec->disk_from)
		rec->disk_from += (uint64_t)set;
	encoder_set_clock(rec->encoder, difference);
}

/* A new file. The warnings that its snapshot gives were given with the first. */
static int next_file(struct recorder *rec)
{
	uint64_t now;
	struct record r = { .kind = RECORD_LOSS };
	struct diag again;
	int e;

	if (!rec->disk_from) {
		e = driver_take_until(rec->driver, ring_merge_now(), on_record, rec);
		if (e >= 0 && !rec->full)
			e = put_packets(rec, realtime());
		if (e < 0 || rec->full)
			return e < 0 ? e : 0;
	}
	look_at_clock(rec);
	now = trace_time(rec);
	e = output_file_next(rec->out, now);
	if (e == -ENOSPC && rec->opt.drop_when_full) {
		if (!rec->disk_from)
			rec->disk_from = now;
		return 0; /* tried again in a second */
	}
	if (e < 0)
		return e;
	diag_init(&again);
	e = put_snapshot(rec, &again);
	diag_free(&again);
	if (e < 0 || !output_file_is_open(rec->out) || !rec->disk_from)
		return e;
	r.loss = (struct loss){ .count = output_file_lost(rec->out) - rec->disk_lost,
				.from_ts = rec->disk_from,
				.to_ts = now,
				.cpu = UINT16_MAX,
				.cause = LOSS_DISK };
	rec->disk_lost += r.loss.count;
	rec->disk_from = 0;
	return r.loss.count ? put(rec, &r) : 0;
}

static void progress(struct recorder *rec, uint64_t now)
{
	if (rec->opt.quiet || !isatty(STDERR_FILENO) || now < rec->last_progress + PROGRESS_NS)
		return;
	rec->last_progress = now;
	rec->progress_shown = true;
	fprintf(stderr, "\r\033[K%llu events, %.1f MB, %llu lost", (unsigned long long)rec->events,
		(double)output_file_bytes(rec->out) / 1e6, (unsigned long long)recorder_lost(rec));
}

/*
 * Is it time to stop? A command is let come to its end when the recorder is interrupted once: what
 * it does on an interrupt belongs to the recording.
 */
static bool over(struct recorder *rec)
{
	bool command = rec->opt.command;

	if (command && !rec->child_over)
		rec->child_over = child_ended(&rec->child, &rec->child_status);
	if (rec->full || (command && rec->child_over) || *rec->interrupts > (command ? 1 : 0))
		return true;
	return rec->opt.duration_ns && ring_merge_now() >= rec->started + rec->opt.duration_ns;
}

static int turn(struct recorder *rec)
{
	uint64_t began = realtime(), now; /* began: as packets have their times */
	int r;

	rec->packets_read = false;
	r = driver_poll(rec->driver, rec->packets ? PACKET_MS : POLL_MS, on_record, rec);
	/* no call older than this is still to come */
	if (r >= 0 && !rec->full)
		r = put_packets(rec, began - RING_MERGE_SLACK_NS);
	if (r < 0)
		return r;
	now = trace_time(rec);
	r = put_losses(rec);
	if (!r && now >= rec->packets_checked + PROGRESS_NS)
		r = put_packet_losses(rec);
	if (!r)
		r = output_file_tick(rec->out, now);
	if (r == -ENOSPC && rec->opt.drop_when_full) {
		if (!rec->disk_from)
			rec->disk_from = now;
		r = 0;
	}
	if (!r && !rec->full && output_file_wants_next(rec->out, now))
		r = next_file(rec);
	progress(rec, ring_merge_now());
	return r;
}

int recorder_loop(struct recorder *rec)
{
	int r = 0;

	rec->started = ring_merge_now();
	while (!r && !over(rec))
		r = turn(rec);
	if (r < 0)
		return r;
	driver_detach(rec->driver);
	/* A second interrupt means at once: what still waits in the buffers is left. */
	if (!rec->full && *rec->interrupts < 2) {
		const struct timespec late = { 0, 2 * PACKETS_LATE_MS * 1000000 };

		if (rec->packets)
			(void)nanosleep(&late, NULL);
		rec->packets_read = false;
		r = driver_drain(rec->driver, on_record, rec);
		if (r >= 0 && !rec->full)
			r = put_packets(rec, UINT64_MAX);
		if (r < 0)
			return r;
	}
	r = put_losses(rec);
	return r ? r : put_packet_losses(rec);
}

uint64_t recorder_lost(const struct recorder *rec)
{
	return rec->lost + (rec->out ? output_file_lost(rec->out) : 0);
}

static void say_stats(struct recorder *rec)
{
	const struct encode_stats *es = encoder_stats(rec->encoder);

	for (uint16_t cpu = 0; cpu < driver_cpus(rec->driver); cpu++) {
		struct eyas_cpu_stats s;

		driver_stats(rec->driver, cpu, &s);
		if (s.sent || s.lost[EYAS_LOST_BUFFER])
			fprintf(stderr, "CPU %u: %llu records, %llu lost (buffer full)\n", cpu,
				(unsigned long long)s.sent,
				(unsigned long long)s.lost[EYAS_LOST_BUFFER]);
	}
	fprintf(stderr,
		"%llu records became %llu events; %llu enter pieces without an exit, %llu pieces of memory "
		"could not be read\n",
		(unsigned long long)es->records, (unsigned long long)es->events,
		(unsigned long long)es->orphans, (unsigned long long)es->unreadable);
}

void recorder_say_summary(struct recorder *rec)
{
	uint64_t lost = recorder_lost(rec);
	unsigned files = output_file_count(rec->out);

	if (rec->opt.quiet)
		return;
	if (rec->progress_shown)
		fputs("\r\033[K", stderr);
	fprintf(stderr, "%llu events, %llu bytes in %u file%s", (unsigned long long)rec->events,
		(unsigned long long)output_file_bytes(rec->out), files, files == 1 ? "" : "s");
	if (output_file_lost(rec->out))
		fprintf(stderr, "; %llu lost, the disk was full", (unsigned long long)lost);
	else if (lost)
		fprintf(stderr, "; %llu lost (%.3f %%): a larger --buffer keeps more",
			(unsigned long long)lost,
			100.0 * (double)lost / (double)(rec->events + lost));
	else
		fputs("; nothing lost", stderr);
	fputc('\n', stderr);
	if (rec->opt.stats)
		say_stats(rec);
}
