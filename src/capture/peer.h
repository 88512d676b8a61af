/*
 * peer: who reads our standard output.
 *
 * Layer: capture. In `eyas-capture -o - | eyas replay ...` the reader's own calls must not be recorded, or each
 * would be the cause of the next.
 */
#ifndef EYAS_PEER_H
#define EYAS_PEER_H

#include <stdint.h>

/* Pid of the process that has the other end of the pipe open; 0 when fd is no pipe or none is found within a
 * fifth of a second (a shell starts the reader after the writer). */
uint32_t peer_of_pipe(int fd);

#endif
