/*
 * explained: one rule on one event, as a person is told of it.
 *
 * Layer: cli. A copy of everything there is to say (values are gone with the event), and its forms:
 * one line, a tree, JSON. Made by explain and diff while a trace is walked.
 */
#ifndef EYAS_EXPLAINED_H
#define EYAS_EXPLAINED_H

#include "base/json_writer.h"
#include "cli/corpus.h"

struct explained_check {
	bool taken, left_present, has_right, right_present;
	struct str left, right;
};

struct explained {
	struct arena arena;
	const struct rule_tree *tree;
	const char *trace;
	uint64_t num;
	struct str what; /* the event in one line */
	bool value;
	uint8_t *res;                   /* by node, enum trace_bit */
	struct explained_check *checks; /* by node */
	uint32_t away;                  /* comparisons that stand in the way */
	uint32_t clauses, held;
	const struct rule
		*winner; /* matched first, so that this rule did not get the event; or NULL */
};

/* Of the event in hand, after program_begin(); `res` from rule_trace() and rule_trace_blockers().
 */
struct explained *explained_new(struct corpus *c, const struct rule_tree *t, const uint8_t *res,
				uint32_t away);
void explained_free(struct explained *e);

/* The node's condition in one line, at most about `max` bytes (0: all). */
void explained_node_text(const struct rule_node *n, size_t max, struct strbuf *out);
/* "FILE:LINE" and the macros and the exception around it. */
void explained_place(const struct rule_node *n, struct strbuf *out);
/* "was VALUE", as far as there is something to say. */
void explained_value(const struct explained *e, const struct rule_node *n, struct strbuf *out);
/* The comparison as a thing that stands in the way: with the "not" it is behind. */
void explained_blocker_text(const struct explained *e, const struct rule_node *n,
			    struct strbuf *out);
/* What would have to come out differently, a line each: "TEXT  was VALUE  (PLACE)". */
void explained_blockers(const struct explained *e, unsigned indent, struct strbuf *out);
/* The tree; with `full` every part, else those that decide. */
void explained_tree(const struct explained *e, bool full, unsigned indent, struct strbuf *out);
/* A value (an object) into `w`. */
void explained_json(const struct explained *e, struct json_writer *w);
/* Members file, line, column, macros, exception of an object. */
void explained_place_json(const struct rule_node *n, struct json_writer *w);

#endif
