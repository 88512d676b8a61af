/*
 * top_table: sums by key, the largest of them, in bounded memory.
 *
 * Layer: cli. Up to its cap a table holds every key, and all sums are exact. A further key then
 * takes the place of the smallest one (space-saving, Metwally, Agrawal, El Abbadi 2005), whose sum
 * it may have had: its own sums are "at least", `error` is how much more it can be at most. A key
 * that is not in the table has at most the smallest sum plus error that is. Totals are exact in any
 * case.
 */
#ifndef EYAS_TOP_TABLE_H
#define EYAS_TOP_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hashmap.h"
#include "base/vec.h"

enum top_metric { TOP_COUNT, TOP_BYTES, TOP_ERRORS, TOP_TIME, TOP_N_METRICS };

struct top_entry {
	struct str key;  /* whatever tells keys apart */
	struct str text; /* what the caller shows of it */
	uint64_t sum[TOP_N_METRICS];
	uint64_t timed;         /* events whose time is known */
	uint64_t error;         /* of the metric it is sorted by */
	uint64_t born;          /* in order of arrival */
	uint64_t rank;          /* while it is sorted */
	struct top_entry *next; /* of the same hash */
	uint64_t hash;
	size_t at; /* in `heap` */
};

struct top_table {
	enum top_metric metric; /* what the largest is told by */
	size_t cap;
	struct u64map map;
	VEC(struct top_entry *) heap; /* all entries; once the cap is hit, the smallest first */
	bool is_heap;
	uint64_t born, evicted;
	uint64_t total[TOP_N_METRICS];
	uint64_t timed, events;
};

void top_init(struct top_table *t, enum top_metric metric, size_t cap);
void top_free(struct top_table *t);
/*
 * Adds an event's `sum` to its key. Returns the entry; *ret_new tells that it is new and wants a
 * text, which top_text() sets.
 */
struct top_entry *top_add(struct top_table *t, struct str key, const uint64_t sum[TOP_N_METRICS],
			  bool timed, bool *ret_new);
void top_text(struct top_entry *e, struct str text);
/* The largest at the beginning: by the metric, then by count, then by key. No more adding then. */
void top_sort(struct top_table *t);

#endif
