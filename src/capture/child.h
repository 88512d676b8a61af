/*
 * child: the command that is recorded.
 *
 * Layer: capture. It is forked before the driver starts and waits, so that its first call is in the trace; it runs with
 * the rights of who called the recorder, never with the recorder's.
 */
#ifndef EYAS_CHILD_H
#define EYAS_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

struct child {
	pid_t pid;
	int go; /* write end of the pipe it waits on; -1 after child_start() */
};

/* Forks. 0 or -errno. argv ends with NULL. */
int child_prepare(char **argv, struct child *ret);
/* Lets it run. */
void child_start(struct child *c);
/* Has it ended? True and its wait status in *ret_status once; never waits. */
bool child_ended(struct child *c, int *ret_status);
/* Passes a signal on. */
void child_signal(const struct child *c, int sig);
/* Ends one that was never started. */
void child_cancel(struct child *c);

#endif
