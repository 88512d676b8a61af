/*
 * scap_reader: .scap captures as a source of raw events.
 *
 * Layer: trace. Delivers what was recorded, in file order: a RECORD_SNAPSHOT at the start of
 * each section, then its events, old layouts and enter events too; headers without a parameter
 * count are brought to the newer form. An event that is malformed inside an intact block is told,
 * counted as RECORD_LOSS, and passed over; next() then returns -EBADMSG at the end.
 */
#ifndef EYAS_SCAP_READER_H
#define EYAS_SCAP_READER_H

#include "event/source.h"
#include "trace/input.h"

/* These first bytes are those of a .scap section header (or a cut-off part of one). */
bool scap_reader_probe(struct str head);
/*
 * Reads the first section header. Owns `in` from here on, also when it fails. 0, or -errno with
 * an error in `diag`.
 */
int scap_reader_open(struct input *in, struct diag *diag, struct source **ret);
/*
 * From now on reading does not end where no block begins: the next place where one does is searched
 * for, and a loss record of unknown count is given in between. For sources of format "scap"; else
 * ignored.
 */
void scap_reader_resync(struct source *s);
/* At how many places that happened, and how many bytes were passed over. Format "scap" only. */
void scap_reader_resynced(const struct source *s, uint64_t *ret_places, uint64_t *ret_bytes);

#endif
