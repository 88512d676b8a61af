/*
 * eyas-capture: the recorder's program.
 *
 * The command (if any) is forked and waits; the driver is loaded and attached; the snapshot is
 * taken; then the rights go, and the command runs. recorder.c does the rest.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/debug.h"
#include "base/exit_status.h"
#include "base/standard_fds.h"
#include "capture/cgroup_find.h"
#include "capture/interrupts.h"
#include "capture/packets.h"
#include "capture/peer.h"
#include "capture/privilege.h"
#include "capture/capture_provenance.h"
#include "capture/recorder.h"

#define PRIORITY     (-10)       /* of nice(2) */
#define PID_INIT_INO 0xeffffffcu /* the kernel's PROC_PID_INIT_INO */

static uint64_t realtime(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* The driver sees the pids of the first namespace; in another one /proc and getpid() say others. */
static bool in_first_pidns(void)
{
	struct stat st;

	return stat("/proc/self/ns/pid", &st) < 0 || st.st_ino == PID_INIT_INO;
}

/* What the driver is told to select. */
static int select_what(struct recorder *rec)
{
	struct driver_options *dopt = &rec->opt.driver;
	int r = 0;

	for (size_t i = 0; i < rec->opt.pids.n; i++)
		if (kill((pid_t)rec->opt.pids.v[i], 0) < 0 && errno == ESRCH) {
			diag_add(&rec->diag, DIAG_ERROR, "PID", "there is no process %u",
				 rec->opt.pids.v[i]);
			return -ESRCH;
		}
	if (!in_first_pidns()) {
		diag_add(
			&rec->diag, DIAG_ERROR, "PIDNS",
			"the recorder must run in the first pid namespace: the driver knows processes by the pids "
			"they have there (in a container: --pid=host)");
		return -ENOTSUP;
	}
	if (rec->opt.command) {
		bool to_stdout = strcmp(rec->opt.output.path, "-") == 0;

		r = child_prepare(rec->opt.command, to_stdout, &rec->child);
		if (r < 0)
			return r;
		interrupts_pass_to(rec->child.pid);
		if (dopt->config.select & EYAS_SELECT_TREE)
			vec_push(&rec->opt.pids, (uint32_t)rec->child.pid);
	}
	dopt->pids = rec->opt.pids.v;
	dopt->n_pids = rec->opt.pids.n;
	if (rec->opt.container)
		r = cgroup_find(rec->opt.container, &rec->diag, &dopt->cgroup_fd);
	if (strcmp(rec->opt.output.path, "-") == 0)
		dopt->config.peer_pid = peer_of(STDOUT_FILENO);
	return r;
}

/* What must be kept: a later file needs its snapshot, and to be created. */
static unsigned rights_for_later(const struct recorder *rec)
{
	const struct capture_options *o = &rec->opt;

	if (!o->output.max_bytes && !o->output.interval_ns && !o->drop_when_full)
		return 0;
	return PRIVILEGE_SNAPSHOT |
	       (output_file_needs_override(&o->output) ? PRIVILEGE_OVERRIDE : 0);
}

/* Everything that needs a right. */
static int start(struct recorder *rec, int argc, char **argv)
{
	const char *missing = privilege_missing_for_snapshot();
	int r = select_what(rec);

	if (r < 0)
		return r;
	if (missing && !rec->opt.quiet)
		diag_add(&rec->diag, DIAG_WARNING, "SNAPSHOT",
			 "without %s the snapshot lacks what belongs to other users", missing);
	/* A buffer is full in 18 ms at worst: on a busy machine the recorder cannot wait for its
	 * turn like everybody. (The command has been forked before this.) */
	(void)setpriority(PRIO_PROCESS, 0, PRIORITY);
	r = driver_open(&rec->opt.driver, &rec->diag, &rec->driver);
	if (r < 0)
		return r;
	if (rec->opt.packets.n)
		r = packets_open(rec->opt.packets.v, rec->opt.packets.n, rec->opt.packet_snaplen,
				 &rec->diag, &rec->packets);
	if (r < 0)
		return r;
	capture_provenance_add(&rec->opt, argc, argv, rec->driver, &rec->provenance);
	rec->opt.output.provenance = rec->provenance.s;
	rec->opt.output.interrupts = interrupts_count();
	r = output_file_open(&rec->opt.output, realtime(), &rec->diag, &rec->out);
	if (!r)
		r = recorder_begin(rec);
	if (!r)
		r = privilege_drop(rights_for_later(rec));
	if (!r)
		r = privilege_confine();
	if (r == -ENOSPC)
		diag_add(&rec->diag, DIAG_ERROR, "DISK_FULL",
			 "the disk is full: nothing is recorded (--on-full drop waits for room)");
	else if (r < 0 && r != -EPIPE && !rec->diag.n_errors)
		diag_add(&rec->diag, DIAG_ERROR, "CAPTURE", "%s", strerror(-r));
	return r;
}

static int finish(struct recorder *rec, int r)
{
	int e;

	if (rec->out) {
		uint64_t lost;

		e = output_file_finish(rec->out);
		if (e < 0 && !r)
			r = e;
		if (r == -EPIPE || r == -EINTR)
			r = 0; /* the reader has had enough; it was interrupted twice */
		lost = output_file_lost(rec->out);
		if (r == -ENOSPC) {
			diag_add(
				&rec->diag, DIAG_ERROR, "DISK_FULL",
				"the disk is full: recording stopped, %llu events are lost; the trace is good up to "
				"there (--on-full drop goes on)",
				(unsigned long long)lost);
		}
		if (rec->encoder && rec->started)
			recorder_say_summary(rec);
	}
	if (r < 0 && !rec->diag.n_errors)
		diag_add(&rec->diag, DIAG_ERROR, "CAPTURE", "%s", strerror(-r));
	return r;
}

/* Waits for a command that goes on when recording is over, unless interrupted; the status to end
 * with. */
static int command_status(struct recorder *rec)
{
	int status = rec->child_status;

	if (!rec->child_over) {
		if (*interrupts_count())
			return EXIT_DONE;
		if (!rec->opt.quiet)
			fprintf(stderr, "recording is over; %s goes on\n", rec->opt.command[0]);
		if (!child_wait(&rec->child, interrupts_count(), &status))
			return EXIT_DONE;
	}
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void tell(const struct recorder *rec)
{
	if (rec->opt.quiet)
		diag_print_errors(&rec->diag, stderr);
	else
		diag_print(&rec->diag, stderr);
}

int main(int argc, char **argv)
{
	/* large (losses of each CPU), hence not on the stack */
	static struct recorder rec = { .child = { -1, -1 }, .provenance = STRBUF_INIT };
	int r, status;

	(void)standard_fds_fill();
	debug_setup(getenv("EYAS_DEBUG"));
	r = capture_options_parse(argc, argv, &rec.opt);
	if (r)
		return r == OPTION_EXIT ? EXIT_DONE : EXIT_USAGE;
	if (strcmp(rec.opt.output.path, "-") == 0 && isatty(STDOUT_FILENO)) {
		fputs("eyas-capture: a trace is not for a terminal: give a file with -o, or a pipe\n",
		      stderr);
		capture_options_free(&rec.opt);
		return EXIT_USAGE;
	}
	diag_init(&rec.diag);
	snapshot_init(&rec.snap);
	rec.interrupts = interrupts_count();
	rec.opt.driver.cgroup_fd = -1;
	interrupts_catch();

	r = start(&rec, argc, argv);
	tell(&rec);
	if (!r) {
		diag_free(&rec.diag);
		diag_init(&rec.diag);
		if (rec.opt.command)
			child_start(&rec.child);
		r = recorder_loop(&rec);
		r = finish(&rec, r);
		tell(&rec);
	} else if (rec.out) {
		(void)output_file_finish(rec.out);
	}
	if (r)
		child_cancel(&rec.child);
	/* A reader that left as early as during the first snapshot has had enough, too. */
	if (r == -EPIPE && !rec.opt.command && !rec.diag.n_errors)
		r = 0;
	status = r ? EXIT_FAILED : rec.opt.command ? command_status(&rec) : EXIT_DONE;

	output_file_free(rec.out);
	packets_close(rec.packets);
	driver_close(rec.driver);
	encoder_free(rec.encoder);
	u64map_free(&rec.live);
	snapshot_free(&rec.snap);
	diag_free(&rec.diag);
	strbuf_release(&rec.provenance);
	capture_options_free(&rec.opt);
	return status;
}
