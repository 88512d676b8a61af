/*
 * standard_fds: descriptors 0, 1 and 2 of a program that was started without some of them.
 *
 * Layer: base.
 */
#ifndef EYAS_STANDARD_FDS_H
#define EYAS_STANDARD_FDS_H

/*
 * Fills those that are closed with descriptors that can neither be read nor written (EBADF) and are
 * not handed on: else the next file that is opened, a trace being written, is the one to which
 * messages go. To be called first of all. 0 or -errno.
 */
int standard_fds_fill(void);

#endif
