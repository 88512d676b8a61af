/*
 * rule_exceptions: exceptions of a rule, checked and written into its condition.
 *
 * Layer: rules. rule-language.md section 1: an exception has fields, comparison operators and
 * tuples of values; all of a rule's become `(condition) and not (...) and not (...)`, as text,
 * before lists are replaced.
 */
#ifndef EYAS_RULE_EXCEPTIONS_H
#define EYAS_RULE_EXCEPTIONS_H

#include "base/strbuf.h"
#include "rules/load_problem.h"

/* A scalar, or a list of entries. */
struct exception_entry {
	bool valid, is_list;
	struct str item;
	VEC(struct exception_entry) items;
};

struct exception {
	struct str name;
	const struct load_place *place;
	struct exception_entry fields, comps;
	VEC(struct exception_entry) values;
};

/*
 * Checks fields, operators and their numbers of a complete definition and fills in default
 * operators. Problems go to `f`; false when there was an error.
 */
bool exception_check(struct exception *ex, struct arena *a, struct load_file *f);
/* The condition with the exceptions behind it, into `out`. Problems go to `f`; false when there was
 * an error. */
bool exceptions_apply(const struct exception *ex, size_t n, struct str cond, struct arena *a,
		      struct load_file *f, struct strbuf *out);
/* Frees what is not in an arena. */
void exception_free(struct exception *ex);

#endif
