/*
 * graph_facts: what can be said of conditions without an event: never true, always true, implied.
 *
 * Layer: rules. Sound but not complete: what it says holds for every event; where reasoning would
 * take too long it says nothing. Works on the predicate graph of a program, to which nodes may be
 * added while it is used; it must not outlive the program.
 */
#ifndef EYAS_GRAPH_FACTS_H
#define EYAS_GRAPH_FACTS_H

#include "rules/program_internal.h"

enum truth { TRUTH_OPEN, TRUTH_NEVER, TRUTH_ALWAYS };

/* Why a condition is never (or always) true: one or two predicates that decide it. */
struct truth_reason {
	uint32_t a, b; /* nodes; UINT32_MAX: none */
};

struct graph_facts;

struct graph_facts *graph_facts_new(struct program *p);
void graph_facts_free(struct graph_facts *g);
/* What is known of a node; *why (may be NULL) is filled unless TRUTH_OPEN. */
enum truth graph_truth(struct graph_facts *g, uint32_t id, struct truth_reason *why);
/* Whether `b` is true whenever `a` is. */
bool graph_implies(struct graph_facts *g, uint32_t a, uint32_t b);
/* Reasoning was cut short for want of time: what was not found may still be there. */
bool graph_facts_exhausted(const struct graph_facts *g);
/* A predicate (or its negation) as text, cut to `max` bytes. */
void graph_node_text(const struct program *p, uint32_t id, size_t max, struct strbuf *out);

#endif
