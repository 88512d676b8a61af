/*
 * child: the command that is recorded.
 *
 * Layer: capture. It is forked before the driver starts and waits, so that its first call is in the
 * trace; it runs with the rights of who called the recorder, never with the recorder's.
 */
#ifndef EYAS_CHILD_H
#define EYAS_CHILD_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

struct child {
	pid_t pid;
	int go; /* write end of the pipe it waits on; -1 after child_start() */
};

/* Forks. 0 or -errno. argv ends with NULL. `output_to_stderr`: standard output is the trace and not
 * for the command. */
int child_prepare(char **argv, bool output_to_stderr, struct child *ret);
/* Lets it run. */
void child_start(struct child *c);
/* Has it ended? True and its wait status in *ret_status once; never waits. */
bool child_ended(struct child *c, int *ret_status);
/* Waits for its end: true and the wait status, or false when *interrupts came first. */
bool child_wait(struct child *c, const volatile sig_atomic_t *interrupts, int *ret_status);
/* Ends one that was never started; one that runs is let be. */
void child_cancel(struct child *c);

#endif
