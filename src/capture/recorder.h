/*
 * recorder: from the driver's records to files: snapshots, losses, rotation, the loop that drives
 * it all.
 *
 * Layer: capture. What is recorded before the first snapshot is begun is dropped, since the
 * snapshot shows its effects; what the snapshot saw a little too late is in the events and sets the
 * same state again. A rotated file begins with a snapshot of its own; events older than it go to
 * the end of the file before.
 */
#ifndef EYAS_RECORDER_H
#define EYAS_RECORDER_H

#include <signal.h>

#include "base/hashmap.h"
#include "capture/capture_options.h"
#include "capture/child.h"
#include "capture/encode.h"
#include "capture/output_file.h"
#include "event/snapshot.h"

struct recorder {
	struct capture_options opt;
	struct diag diag;
	struct driver *driver;
	struct encoder *encoder;
	struct packets *packets;  /* NULL: none are asked for */
	bool packets_read;        /* in this turn */
	uint64_t packets_checked; /* when their losses were last looked at */
	struct output_file *out;
	struct child child;
	struct snapshot snap;
	struct strbuf provenance;
	const volatile sig_atomic_t *interrupts; /* how often the recorder was asked to stop */
	uint64_t boot_to_epoch;                  /* added to the records' times */
	uint64_t from_ts;                        /* events before this are in the first snapshot */
	uint64_t events, started, last_progress;
	uint64_t lost;           /* events that are in no file, whatever the cause */
	uint64_t disk_lost;      /* of these, by a full disk, as far as a loss record says so */
	uint64_t disk_from;      /* when the disk became full; 0: it is not */
	uint64_t losses_checked; /* when put_losses() last looked */
	uint64_t reported[EYAS_MAX_CPUS][EYAS_LOST_N];
	struct u64map live; /* processes that raised an event and have not ended, when a selection
			       asks for it */
	uint32_t last_pid;  /* the last one put there */
	int child_status;   /* wait status, once child_over */
	bool child_over;
	bool full; /* -n was reached */
	bool progress_shown;
};

/* Notes the clocks, writes the first snapshot. The driver is attached, the first file open. 0 or
 * -errno. */
int recorder_begin(struct recorder *rec);
/* Records until it is time to stop. 0 or -errno. */
int recorder_loop(struct recorder *rec);
/* Events that were recorded and are in no file; all causes. */
uint64_t recorder_lost(const struct recorder *rec);
void recorder_say_summary(struct recorder *rec);

#endif
