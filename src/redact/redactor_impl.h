/*
 * redactor_impl: what the parts of the redactor share.
 *
 * Layer: redact, private to it. Each part walks one kind of record and hands every text, address
 * and content in it to the functions here, which learn or replace.
 */
#ifndef EYAS_REDACTOR_IMPL_H
#define EYAS_REDACTOR_IMPL_H

#include "base/json_tree.h"
#include "redact/address_map.h"
#include "redact/find.h"
#include "redact/pseudonym.h"
#include "redact/redactor.h"
#include "redact/word_index.h"

enum redactor_mode {
	MODE_LEARN,
	MODE_COUNT,
	MODE_WRITE,
};

/* A place of the report. */
typedef uint32_t place_id;

/* A value that was learnt, and what detector found it. */
struct learnt_value {
	struct str text;
	uint8_t detector;
	bool of_host; /* the name of the host itself, whose domain counts, too */
};

/* What an entry of the word index stands for. */
struct word_value {
	uint8_t detector, form;
	uint64_t value; /* hash of what was found, of which the word may be an encoding */
};

struct redactor {
	const struct redact_options *opt;
	struct pseudonyms *pseudonyms, own_pseudonyms;
	enum redactor_mode mode;
	bool is_check;

	struct arena arena; /* as long as the redactor */
	struct strmap values;
	VEC(struct learnt_value) learnt;
	size_t learnt_bytes;
	struct strmap ordinary; /* names of programs and the like */
	uint64_t word_of;       /* hash of the value whose words are added */
	struct word_index *words, own_words;
	VEC(struct word_value) word_values;
	const struct redactor *words_of; /* whose words these are: itself, or what it checks */

	struct find find;
	findings found;
	struct regex_scratch *scratch;
	VEC(uint32_t) owners; /* of each byte of a text: its finding + 1 */
	VEC(struct redact_edge) edges;
	VEC(uint8_t) covered, covered_before; /* of each byte: it is of a pseudonym */
	struct strbuf text, text_before;

	/* What became of texts, as many repeat. */
	struct strmap cache;
	struct arena cache_arena;
	struct strbuf cache_key;

	struct redact_counts counts;
	struct u64map distinct;
	struct strmap place_names;
	struct u64map place_counts, event_places;

	/* Of the record in hand. */
	struct arena out;
	struct snapshot snapshot;
};

/* A place in a text, and where it has come to. */
struct redact_edge {
	size_t from, to;
};

/* Remembers what was found in the text in hand. */
void redact_learn(struct redactor *r, enum text_form form);
/* It is a pseudonym already: of a run before; or, when that is checked, of this one. */
bool redact_is_known(const struct redactor *r, struct str v);
/* A place by its name. */
place_id redact_place_id(struct redactor *r, const char *name);
/* Learns from a text, or gives what stands instead of it: the text itself or one in r->out. */
struct str redact_text(struct redactor *r, struct str text, enum text_form form, struct str program,
		       place_id place);
/* An address in a binary form; in place. */
void redact_address(struct redactor *r, struct ipaddr *a, place_id place);
void redact_mac(struct redactor *r, uint8_t mac[6], place_id place);
/* What was read or written: what stands instead of it. */
struct str redact_payload(struct redactor *r, struct str bytes, place_id place);
struct str redact_environment(struct redactor *r, struct str env, place_id place);
/* Bytes as asterisks, in r->out; the bytes themselves when they are that. */
struct str redact_fill(struct redactor *r, struct str bytes, uint32_t row, place_id place);
/* A name of a program: it is not taken for a secret elsewhere. */
void redact_ordinary(struct redactor *r, struct str name);
void redact_count(struct redactor *r, uint32_t row, struct str value, place_id place);
/* The same with the hash of a value. */
void redact_count_value(struct redactor *r, uint32_t row, uint64_t value, place_id place);

/* By kind of record; the result is good until r->out is reset. */
void redact_event(struct redactor *r, const struct event *ev, struct event *ret);
const struct snapshot *redact_snapshot(struct redactor *r, const struct snapshot *s);
/* The data of a packet. */
struct str redact_packet(struct redactor *r, const struct event *ev, place_id place);

#endif
