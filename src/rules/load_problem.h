/*
 * load_problem: what is wrong with a rules file, and where.
 *
 * Layer: rules. A place is a chain from the file inwards ("rules content", "rule 'x'", "rule
 * condition"); the innermost may be inside a condition, which is text of its own. Each file keeps
 * its problems in order for the load results (load_results.c); load_report() copies new ones to a
 * struct diag for people. All memory is the ruleset's arena.
 */
#ifndef EYAS_LOAD_PROBLEM_H
#define EYAS_LOAD_PROBLEM_H

#include "base/diag.h"
#include "rules/condition.h"
#include "rules/rule_yaml.h"

enum load_code {
#define LOAD_CODE(name, is_error, description) name,
#include "rules/load_code.def"
#undef LOAD_CODE
	LOAD_CODE_NONE, /* advice of our own, which the load results do not show */
};

const char *load_code_name(enum load_code c);
bool load_code_is_error(enum load_code c);
const char *load_code_description(enum load_code c);

#define LOAD_MAX_PROBLEMS 10000 /* of a file; what is found beyond is counted, not kept */

struct load_file;

struct load_place {
	const struct load_place *parent;
	const char *kind; /* "rule", "macro condition" */
	struct str name;  /* may be empty */
	struct load_file *file;
	uint32_t line, col; /* from 0 */
	uint64_t offset;
	uint64_t end; /* of the value in the file, for a condition's enclosing place; 0: unknown */
	struct str expr;    /* p not NULL: a place inside this text */
	struct text_pos at; /* there; all 0: nowhere in particular */
	const struct load_place
		*value; /* the condition's value in the file; NULL: the parent is it */
};

struct load_problem {
	enum load_code code;
	const char *message;
	const char *plain; /* for people, in place of message; NULL: message will do */
	const char *hint;  /* for people only, e.g. near names; NULL if none */
	struct str
		deprecated_field; /* the field the problem is about; empty: about something else */
	const struct load_place *place;
	const struct load_place *shown; /* a nearer one, for people; NULL: `place` */
};

struct load_file {
	const char *name;
	struct str text;
	bool unreadable;
	bool not_yaml; /* no tree: no schema check either */
	bool no_items; /* nothing but empty documents */
	size_t n_errors;
	size_t n_reported; /* problems already copied to a diag */
	bool told_more;
	struct load_problem beyond; /* takes what is not kept */
	VEC(struct load_problem) problems;
	VEC(struct str) schema_problems;
};

/* The whole of a file. */
const struct load_place *load_place_file(struct arena *a, struct load_file *f);
/* A node inside `parent`. */
const struct load_place *load_place_node(struct arena *a, const struct load_place *parent,
					 const char *kind, struct str name, const struct ynode *n);
/* A position in a condition that stands at `parent`; `at` NULL: none in particular. May be filled
 * further. */
struct load_place *load_place_expr(struct arena *a, const struct load_place *parent,
				   struct str expr, const struct text_pos *at);
/* The name an expression goes by in load results: its first words in quotes. */
void load_expr_name(struct str expr, struct strbuf *out);

/* Adds a problem to the results of `f` (not always the file of `place`). The result may be filled
 * further. */
struct load_problem *load_problem_add(struct arena *a, struct load_file *f, enum load_code code,
				      const struct load_place *place, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
/* The excerpt with a marker, as load results give it: a line of the file, or of the expression. */
void load_snippet(const struct load_place *place, struct strbuf *out);
/* Copies problems not yet copied. */
void load_report(struct load_file *f, struct diag *diag);

#endif
