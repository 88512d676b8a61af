/*
 * follow_print: data of streams as `eyas follow` shows it: text, hexadecimal, bytes or JSON.
 *
 * Layer: cli. Text and hexadecimal come in runs: what one process read from or wrote to one stream
 * without another in between. A line of data begins with "  | ": no data can look like anything
 * else.
 */
#ifndef EYAS_FOLLOW_PRINT_H
#define EYAS_FOLLOW_PRINT_H

#include "base/strbuf.h"
#include "event/event_io.h"
#include "replay/io_stream.h"

enum follow_form { FOLLOW_TEXT, FOLLOW_HEX, FOLLOW_RAW, FOLLOW_JSON };

/* A read or write, as far as it is known. */
struct follow_chunk {
	struct io_stream *stream;
	uint64_t ts, num;
	int64_t pid, fd;
	struct str comm, type, name; /* of the process, of the descriptor */
	struct event_io io;
};

struct follow_print {
	enum follow_form form;
	struct strbuf out; /* to be written and reset by whoever calls */
	uint64_t chunks, bytes, missing;
	/* The run in hand. */
	bool open, in_line;
	uint64_t stream, last_ts;
	bool write;
	int64_t pid, fd;
	struct strbuf row;   /* HEX: bytes of a row that is not yet full */
	uint64_t row_offset; /* of its first byte in the stream */
};

void follow_print_init(struct follow_print *p, enum follow_form form);
void follow_print_free(struct follow_print *p);
/* Adds a chunk; the stream's offset moves on. */
void follow_print_add(struct follow_print *p, const struct follow_chunk *c);
/* Ends the run in hand. */
void follow_print_end(struct follow_print *p);

#endif
