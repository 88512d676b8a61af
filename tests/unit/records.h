/*
 * records: made-up traces for tests, and a comparison of records.
 *
 * Test code. The generator is seeded: the same seed gives the same records everywhere.
 */
#ifndef EYAS_TEST_RECORDS_H
#define EYAS_TEST_RECORDS_H

#include <stdbool.h>

#include "event/source.h"

/* A kept copy of records, in one arena. */
struct record_list {
	struct arena arena;
	VEC(struct record) v;
	bool failed; /* the source ended with an error */
};

void record_list_init(struct record_list *l);
void record_list_free(struct record_list *l);
/* A deep copy of r at the end. */
void record_list_add(struct record_list *l, const struct record *r);
/* All that the source still has. Returns 0 or its error. */
int record_list_read(struct record_list *l, struct source *s);
/* Puts the records from..to into a sink; asserts that it takes them. */
void record_list_write(const struct record_list *l, struct sink *k);
/* NULL, or what differs ("record 12: parameter 3") in a static buffer. Raw facts: all but num and
 * info. */
const char *record_list_differ(const struct record_list *a, const struct record_list *b);

/* What a made-up trace may contain. */
enum {
	WITH_UNKNOWN_TYPES = 1,
	WITH_ODD_SIZES = 2,
	WITH_LOSS_AND_NOTES = 4,
	WITH_SECTIONS = 8,
	WITH_ANY_DELIVERY = 16, /* bits that .scap cannot hold */
	WITH_MOUNTS = 32,       /* and control groups; neither can .scap */
};
void record_list_make(struct record_list *l, uint64_t seed, size_t n, unsigned what);

/* Memory as the output of a writer: pass a struct strbuf as arg. */
int strbuf_output(void *arg, const void *p, size_t n);

#endif
