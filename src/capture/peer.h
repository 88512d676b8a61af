/*
 * peer: who reads our standard output.
 *
 * Layer: capture. In `eyas-capture -o - | eyas replay ...` the reader's own calls must not be
 * recorded, or each would be the cause of the next.
 */
#ifndef EYAS_PEER_H
#define EYAS_PEER_H

#include <stdint.h>

/*
 * Pid of the process at the other end of fd: of a pipe the one that has it open for reading, of a
 * socket pair (as sshd gives) its maker. 0: none. A shell starts the reader after the writer and
 * has the pipe open itself until then: while there are several, or only one of our ancestors, the
 * answer waits for up to a second. After that the last one found is it, also an ancestor.
 */
uint32_t peer_of(int fd);

#endif
