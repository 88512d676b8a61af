/*
 * redactor: takes out of the records of a trace what must not be shared.
 *
 * Layer: redact. A trace is read twice. The first time the redactor learns: what the detectors find
 * is remembered, with the usual encodings of it. The second time everything is replaced: what the
 * detectors find, and what was learnt wherever it stands. Memory is bounded by what is learnt, and
 * that by caps; what is over a cap is replaced where a detector finds it, and counted. The
 * provenance stands in front of a trace and tells what was replaced behind it: so the second
 * reading is done twice, once for the counts.
 */
#ifndef EYAS_REDACTOR_H
#define EYAS_REDACTOR_H

#include "base/arena.h"
#include "event/source.h"
#include "redact/detector.h"
#include "rules/regex.h"

/* What is done with what was read and written, and with environments. */
enum content_use {
	CONTENT_FILL, /* its bytes become asterisks */
	CONTENT_DROP, /* it is left out */
	CONTENT_SCAN, /* only what detectors find in it is replaced */
};

const char *content_use_name(enum content_use use);

struct redact_options {
	struct detector_set set;
	enum content_use payload, environment;
	struct str key;          /* of any length; secret */
	bool key_is_kept;        /* it is the user's: the provenance names it */
	const struct str *words; /* to be replaced wherever they are; at least WORD_LEAST bytes */
	size_t n_words;
	struct regex *const *patterns; /* the user's regular expressions */
	size_t n_patterns;
};

/* What was replaced, and where. */
struct redact_place {
	const char *name;  /* "execve args", "snapshot users name", "note text" */
	uint32_t detector; /* enum detector, or REDACT_PAYLOAD, REDACT_ENVIRONMENT */
	uint64_t count;
};

/* Rows of counts behind those of the detectors. */
enum { REDACT_PAYLOAD = DETECT_N, REDACT_ENVIRONMENT, REDACT_ROWS };

const char *redact_row_name(uint32_t row);

struct redact_counts {
	uint64_t distinct[REDACT_ROWS]; /* values */
	uint64_t replaced[REDACT_ROWS]; /* occurrences */
	uint64_t total;
	uint64_t ordinary;  /* secrets that are names of programs and the like: not looked for
			       elsewhere */
	uint64_t too_short; /* secrets too short to be looked for elsewhere */
	uint64_t over_cap;  /* secrets that were not learnt: there were too many */
	uint64_t given_up;  /* texts replaced as a whole, as a pattern took too long on them */
	VEC(struct redact_place) places;
};

struct redactor;

/* The options are borrowed, but for the key. */
struct redactor *redactor_new(const struct redact_options *opt);
void redactor_free(struct redactor *r);

/*
 * A trace's provenance as it is read, before its records; NULL when there is none. What was
 * redacted before is known from it.
 */
void redactor_learn_provenance(struct redactor *r, const char *json);
/* Each record of the first reading. */
void redactor_learn(struct redactor *r, const struct record *rec);
/* Behind the first reading. */
void redactor_ready(struct redactor *r);
/* What to write instead of a record; good until the next call. The first time it is counted. */
void redactor_replace(struct redactor *r, const struct record *rec, struct record *ret);
/* The provenance, in the second reading; NULL when there is none. */
void redactor_count_provenance(struct redactor *r, const char *json);
/* Behind the second reading: what was replaced is known, nothing more is counted. */
void redactor_counted(struct redactor *r);
/*
 * Appends the provenance to write, which names the detectors and knows the pseudonyms again; of the
 * trace's own bytes when it says all that already, and nothing was replaced. After
 * redactor_counted().
 */
void redactor_provenance(struct redactor *r, const char *json, struct strbuf *out);
/* Appends a text as it would be in the trace: for comparing what is printed of it. */
void redactor_text(struct redactor *r, struct str text, struct strbuf *out);
/*
 * Of a reader of what was written: what is still found in it counts as replaced. The pseudonyms are
 * those of `r`, which must outlive it.
 */
struct redactor *redactor_new_check(struct redactor *r);

const struct redact_counts *redactor_counts(const struct redactor *r);
/* What was learnt stands in these bytes: the first such place; false when nothing does. */
bool redactor_finds_in(const struct redactor *r, struct str bytes, uint32_t *ret_row);

#endif
