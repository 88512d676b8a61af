/*
 * eyas_format: the block layout of the native trace format; eyas-trace(5) is its specification.
 *
 * Layer: trace. A trace is a row of blocks. A block is one zstd skippable frame with the block's
 * header, and behind it one zstd frame for each stream of the block: the whole is a valid
 * zstd file. Numbers here reach disk: they are appended to, never reused. All integers are
 * little-endian.
 */
#ifndef EYAS_EYAS_FORMAT_H
#define EYAS_EYAS_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"
#include "trace/blake2b.h"

#define EYAS_FRAME_MAGIC UINT32_C(0x184d2a59) /* one of zstd's sixteen skippable magics */
#define EYAS_MAGIC \
	"\x89"     \
	"EYS\r\n\x1a\n" /* text-mode copies damage it, as PNG's */
#define EYAS_MAGIC_SIZE    8
#define EYAS_VERSION_MAJOR 1
#define EYAS_VERSION_MINOR 1

#define EYAS_FRAME_FIXED  64 /* bytes of a frame before the fields of its kind */
#define EYAS_STREAM_ENTRY 52 /* bytes of one stream in the frame */
#define EYAS_MAX_STREAMS  16
#define EYAS_MAX_FIELDS   16384
#define EYAS_MAX_AUTHOR   4096 /* bytes of the name of a note's author */
/* zstd cannot pack better than this (a repeated byte): a size beyond it is damage, not data. */
#define EYAS_MAX_RATIO     65536
#define EYAS_MAX_BLOCK_RAW (UINT64_C(1) << 30) /* all streams of a block, unpacked */
#define EYAS_BLOCK_RAW     (UINT64_C(1) << 20) /* raw bytes after which an event block is closed */

enum eyas_block_kind {
	EYAS_HEADER = 1,
	EYAS_SCHEMA = 2,
	EYAS_PROVENANCE = 3,
	EYAS_SNAPSHOT = 4,
	EYAS_EVENTS = 5,
	EYAS_NOTE = 6,
	EYAS_INDEX = 7,
	EYAS_FOOTER = 8,
	EYAS_CHECKPOINT = 9,
};

/* Block flags. */
#define EYAS_BLOCK_OPTIONAL 1 /* a reader that does not know the kind may skip the block */

enum eyas_stream_kind {
	EYAS_STREAM_DATA = 1,  /* of blocks with a single stream */
	EYAS_STREAM_HEADS = 2, /* shapes, threads, which event has which; lengths */
	EYAS_STREAM_TIMES = 3,
	EYAS_STREAM_SMALL = 4,   /* parameters of fixed size */
	EYAS_STREAM_STRINGS = 5, /* parameters of varying size */
	EYAS_STREAM_PAYLOAD = 6, /* what was read and written */
	EYAS_STREAM_LOSS = 7,
	EYAS_STREAM_STATS = 8,
	EYAS_STREAM_SELDOM_SMALL = 9,    /* as SMALL and STRINGS, of events that few readers */
	EYAS_STREAM_SELDOM_STRINGS = 10, /* look into */
};

/* Those that hold the columns of events (bits by kind). */
#define EYAS_COLUMN_STREAMS                                                                \
	(1u << EYAS_STREAM_SMALL | 1u << EYAS_STREAM_STRINGS | 1u << EYAS_STREAM_PAYLOAD | \
	 1u << EYAS_STREAM_SELDOM_SMALL | 1u << EYAS_STREAM_SELDOM_STRINGS)

/* Incompatible features of a trace: a reader that does not know one must refuse it. */
#define EYAS_FEATURE_CODED  1 /* columns are coded (1.1); without: the layout of 1.0 */
#define EYAS_FEATURES_KNOWN EYAS_FEATURE_CODED

struct eyas_stream {
	uint32_t kind;
	uint64_t stored, raw;       /* bytes of the zstd frame, and unpacked */
	uint8_t hash[BLAKE2B_SIZE]; /* of the zstd frame */
};

/* One block's header. */
struct eyas_block {
	uint16_t kind, flags;
	uint64_t seq;                   /* from 0 */
	uint8_t previous[BLAKE2B_SIZE]; /* hash of the previous block's header frame; zero in the
					   first */
	struct str fields;              /* of the kind; borrowed */
	size_t n_streams;
	struct eyas_stream streams[EYAS_MAX_STREAMS];
};

/* Fields of a HEADER block. */
struct eyas_header_fields {
	uint16_t major, minor;
	uint32_t incompatible; /* a reader that does not know a set bit must refuse the trace */
	uint64_t compatible;   /* it may ignore these */
	uint8_t uuid[16];
};

/* Fields of an EVENTS block. */
struct eyas_events_fields {
	uint64_t first_num; /* number of its first event in the trace, from 1 */
	uint64_t count;
	uint64_t first_ts, last_ts, min_ts, max_ts;
	uint64_t lost;    /* events lost, as its loss records say; UINT64_MAX: unknown */
	struct str types; /* bit t set: an event of type t is in it; borrowed */
	uint64_t shown;   /* events without EVENT_STATE_ONLY; UINT64_MAX: not said (1.0) */
};

/* The fields of a NOTE block: empty when the note is only its text. */
struct note;
void eyas_note_fields_encode(const struct note *n, struct strbuf *out);
/* Sets all but time and text; author is borrowed. False when they are malformed. */
bool eyas_note_fields_decode(struct str s, struct note *ret);

/* Fields of a FOOTER block, the last of a finished trace and always of the same size. */
struct eyas_footer_fields {
	uint64_t index_back;   /* from the start of the footer back to that of the index */
	uint64_t trace_length; /* from the start of the trace to that of the footer */
};

/*
 * A checkpoint: what a replay knows at this place. Its fields, and its data: bytes that mean
 * something to the replay of one version only (replay/checkpoint.h).
 */
struct eyas_checkpoint {
	uint64_t next_num; /* number of the next event in the trace, as events blocks count */
	uint64_t shown;    /* the evt.num of the last event before it, 0: none */
	uint64_t ts;       /* greatest time of the events before it, 0: none */
	struct str data;   /* borrowed */
};

#define EYAS_CHECKPOINT_FIELDS 24
/* Data above this is neither written nor read. */
#define EYAS_MAX_CHECKPOINT (UINT64_C(64) << 20)

#define EYAS_FOOTER_FIELDS 16
#define EYAS_FOOTER_SIZE   (EYAS_FRAME_FIXED + EYAS_FOOTER_FIELDS + 4)

/* The bytes may begin an .eyas trace (16 bytes are enough to say). */
bool eyas_magic_matches(const void *p, size_t n);
/* They begin one that a copy in text mode has damaged. */
bool eyas_magic_mangled(const void *p, size_t n);

/* Appends the header frame of a block. */
void eyas_block_encode(const struct eyas_block *b, struct strbuf *out);
/*
 * The size of a whole header frame from its first EYAS_FRAME_FIXED bytes, or 0 when they are
 * not the start of one.
 */
size_t eyas_frame_size(const uint8_t *p);
/*
 * Reads a whole header frame. NULL when it is good, else what is wrong (static text). `fields` is
 * borrowed from the frame.
 */
const char *eyas_block_decode(const uint8_t *p, size_t n, struct eyas_block *ret);

void eyas_header_fields_encode(const struct eyas_header_fields *f, struct strbuf *out);
bool eyas_header_fields_decode(struct str s, struct eyas_header_fields *ret);
void eyas_events_fields_encode(const struct eyas_events_fields *f, struct strbuf *out);
bool eyas_events_fields_decode(struct str s, struct eyas_events_fields *ret);
/* Without the data. */
void eyas_checkpoint_fields_encode(const struct eyas_checkpoint *cp, struct strbuf *out);
bool eyas_checkpoint_fields_decode(struct str s, struct eyas_checkpoint *ret);
void eyas_footer_fields_encode(const struct eyas_footer_fields *f, struct strbuf *out);
bool eyas_footer_fields_decode(struct str s, struct eyas_footer_fields *ret);

/* "events", "snapshot"...; "unknown" for a number this build does not know. */
const char *eyas_block_kind_name(unsigned kind);

/* Little-endian numbers at the end of a buffer. */
void eyas_add16(struct strbuf *sb, uint16_t v);
void eyas_add32(struct strbuf *sb, uint32_t v);
void eyas_add64(struct strbuf *sb, uint64_t v);

#endif
