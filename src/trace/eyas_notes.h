/*
 * eyas_notes: the notes of a finished .eyas trace, read without the rest of it, and added to it.
 *
 * Layer: trace. Notes are found by the index. Adding them changes no byte of the trace: they come
 * behind its footer, with a new index and footer, in the same chain of hashes.
 */
#ifndef EYAS_EYAS_NOTES_H
#define EYAS_EYAS_NOTES_H

#include "base/vec.h"
#include "event/source.h"

#define EYAS_MAX_NOTE (1u << 20) /* bytes of a note that is added */

struct eyas_notes {
	struct arena arena;
	VEC(struct note) v; /* in the order they were written */
};

void eyas_notes_free(struct eyas_notes *n);
/*
 * All notes of an open regular file: 0 and a list that the caller frees; -ENOENT when it is no
 * finished .eyas trace (read it through), -EBADMSG when index or notes are damaged, another -errno.
 */
int eyas_notes_read(int fd, struct eyas_notes *ret);
/*
 * Adds notes to the finished trace in a regular file open for reading and writing, on which the
 * caller has a lock. All of them or none. 0; -ENOENT when it is no finished .eyas trace, -EBADMSG
 * when its end is damaged, another -errno when writing failed (the file is then as before).
 */
int eyas_notes_add(int fd, const struct note *notes, size_t n);

#endif
