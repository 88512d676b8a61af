/*
 * note_list: the notes of a trace, for commands that show them.
 *
 * Layer: cli. They stand at the end of a finished trace; views that list events read them first, so
 * that each is shown in front of what it is about. Of other traces (scripts, unfinished ones) there
 * are none here.
 */
#ifndef EYAS_NOTE_LIST_H
#define EYAS_NOTE_LIST_H

#include "base/strbuf.h"
#include "trace/eyas_notes.h"

struct note_list {
	struct eyas_notes notes;
	size_t *order; /* notes by what they are about: number, time, else at the end */
	size_t next;   /* of `order`: not yet taken */
};

/* The notes of the trace at `path` ("-": none). Never fails: one that cannot be read has none. */
void note_list_read(struct note_list *l, const char *path);
void note_list_free(struct note_list *l);
/*
 * The next note about something not later than event `num` at `ts`, each once, or NULL. For events
 * in order; UINT64_MAX, UINT64_MAX: all that are left.
 */
const struct note *note_list_due(struct note_list *l, uint64_t num, uint64_t ts);
/* "note by AUTHOR on events N to M: TEXT", escaped, without a line end. */
void note_text(const struct note *n, struct strbuf *out);
struct json_writer;
void note_json(const struct note *n, struct json_writer *w);

/* A line for each note that is due, as above: "-- NOTE", or an object with the member `note`. */
void note_list_put(struct note_list *l, uint64_t num, uint64_t ts, bool json, struct strbuf *out);
/* A part of a trace: events by number and by time, both ends included. */
struct note_span {
	uint64_t first_num, last_num, from_ts, to_ts;
};
/* The same for all notes that are about something in the span, or about the trace as a whole. */
void note_list_put_span(const struct note_list *l, const struct note_span *span, bool json,
			struct strbuf *out);
/* The same for all notes of the trace at `path`, which is read for them. */
void notes_put(const char *path, bool json, struct strbuf *out);

#endif
