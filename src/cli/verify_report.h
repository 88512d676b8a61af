/*
 * verify_report: what `eyas verify` found, for people and programs, and as the text to be signed.
 *
 * Layer: cli.
 */
#ifndef EYAS_VERIFY_REPORT_H
#define EYAS_VERIFY_REPORT_H

#include "base/diag.h"
#include "base/strbuf.h"
#include "trace/eyas_check.h"

enum signature_state {
	SIGNATURE_NONE, /* not asked for */
	SIGNATURE_GOOD,
	SIGNATURE_BAD,
};

struct verify_result {
	const char *trace, *format; /* format NULL: not even its beginning could be read */
	const struct eyas_check_facts *facts; /* NULL: a format without checksums */
	uint64_t events, losses, notes;
	bool damaged;             /* some fault was found */
	bool unfinished_is_good;  /* --unfinished */
	const char *state_broken; /* an invariant of the state, or NULL */
	uint64_t state_checks,
		state_event; /* how often it was looked at; after which event it broke */
	enum signature_state signature;
	const char *signature_text; /* who has signed, or why it is bad */
	uint64_t signed_blocks;     /* of the last trace */
};

/* Nothing is wrong. */
bool verify_good(const struct verify_result *r);
/*
 * The text that is signed: a line a trace with its UUID, number of blocks and the hash of the last
 * block's header. Of the last trace of the file it is the state after it was completed for the
 * `which`th time (from 0); false when it was not, or nothing was read.
 */
bool verify_fingerprint(const struct eyas_check_facts *f, size_t which, struct strbuf *out);
/* How many of them there are; an unfinished trace's end is one, too. */
size_t verify_fingerprints(const struct eyas_check_facts *f);
/* Blocks of the last trace that fingerprint `which` speaks of. */
uint64_t verify_fingerprint_blocks(const struct eyas_check_facts *f, size_t which);

void verify_text(const struct verify_result *r, struct strbuf *out);
void verify_json(const struct verify_result *r, const struct diag *diag, struct strbuf *out);

#endif
