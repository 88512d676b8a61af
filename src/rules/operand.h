/*
 * operand: one side of a comparison: a field, or transformers over fields and constants.
 *
 * Layer: rules. Made by check.c from the tree, with all types checked; evaluated at most once per
 * event and remembered until the next (struct operand_memo), but for fields that remember what they
 * saw themselves: those are evaluated each time.
 */
#ifndef EYAS_OPERAND_H
#define EYAS_OPERAND_H

#include "rules/condition.h"
#include "rules/program.h"
#include "rules/stand_in.h"

enum operand_kind {
	OPERAND_FIELD,
	OPERAND_CONSTANT, /* inside a transformer */
	OPERAND_LIST,     /* (a, b) inside a transformer */
	OPERAND_CALL,
};

struct operand {
	uint8_t kind, transformer;
	uint8_t type; /* enum param_type of its values */
	bool is_list;
	bool stateful; /* evaluating it changes what it is next time */
	uint8_t scope;
	uint32_t slot;       /* of its memo in a run; UINT32_MAX: none */
	uint32_t n_compared; /* predicates about it that a matcher could do */
	struct field_ref ref;
	struct value constant;
	bool has_arg; /* getopt(...)[c] */
	struct str arg;
	uint32_t n_kids;
	struct operand **kids;
};

#define PROBLEMS_WITH_NAMES 20 /* of one condition: near names are searched for so many only */

/* Where problems of a check go; messages lie in `a`. */
struct problems {
	struct arena *a;
	check_problems *list;
	size_t n_errors;
};

void problem_add(struct problems *pr, bool is_error, struct text_pos pos, const char *message,
		 const char *hint);
void problem_error(struct problems *pr, struct text_pos pos, const char *message);

/* Makes operands from trees, equal ones once. A cleared one with an arena and problems is ready. */
struct operand_maker {
	struct arena *arena; /* operands live here */
	const struct stand_ins *stand_ins;
	struct problems *problems;
	VEC(struct operand *) operands; /* by slot */
	struct strmap by_key, field_prefixes;
	uint32_t n_stateful;
	bool for_output;   /* fields that can only be printed are fine */
	uint8_t of_source; /* only fields of this source are known: 1 + enum event_source; 0: all */
};

/*
 * The operand of a tree (field, transformer, val, constant, list); `pos` is what errors are told
 * of. NULL when there were errors. in_call: as an argument of a transformer.
 */
struct operand *operand_make(struct operand_maker *m, const struct ast *n, struct text_pos pos,
			     bool in_call);
/* What to tell of a field that is known, but not in rules of the maker's source; NULL when it is.
 * In `a`. */
const char *operand_wrong_source(const struct operand_maker *m, const struct field_def *def,
				 struct arena *a);
void operand_maker_free(struct operand_maker *m);
/* The whole of `text`, blanks behind it aside, is a known field with its argument, or a call of a
 * transformer. */
bool looks_like_field(struct operand_maker *m, struct str text, struct arena *a, bool *ret_is_call);

/* Values of one operand for one event. */
struct operand_values {
	bool present; /* there is a value; an empty list is one */
	uint32_t n;
	const struct value *v;
};

struct operand_memo {
	uint32_t generation;
	struct operand_values values;
};

/* Memory of a run for its operands, indexed by slot. */
struct operand_run {
	uint32_t generation; /* counts events */
	struct operand_memo *memo;
	uint32_t n;
};

/* Its values for the event in hand; they live in the event arena. `run` may be NULL. */
struct operand_values operand_eval(const struct operand *op, struct operand_run *run,
				   const struct field_env *env);

/* Fields in it, and there are some, are of the descriptor's path; see field_is_of_path(). */
bool operand_is_of_path(const struct operand *op);
/* The same of that and of the name it was opened by; see field_is_of_name(). */
bool operand_is_of_name(const struct operand *op);
/* A field in it is of a thread's memory; see field_is_of_memory(). */
bool operand_is_of_memory(const struct operand *op);
/* A field in it may look at what was read or written; see field_is_of_payload(). */
bool operand_is_of_payload(const struct operand *op);

/* The transformer of this name, or -1. */
int transformer_by_name(struct str name);
/*
 * Types: NULL and *ret_type, *ret_is_list; or a sentence (in `a`) saying why the transformer cannot
 * take these operands.
 */
const char *transformer_check(const struct operand *call, struct arena *a, uint8_t *ret_type,
			      bool *ret_is_list);
/* The transformer takes values of this type (a list of them, or one); *ret_type: what it gives. */
bool transformer_takes(enum transformer t, uint8_t type, bool is_list, uint8_t *ret_type);
/*
 * Applies a one-argument transformer to each of n values (len of a list: to all); false when the
 * result is missing. Results are appended to `out`.
 */
bool transformer_apply(enum transformer t, bool is_list, const struct value *v, uint32_t n,
		       struct values *out);
/* A call whose arguments are evaluated. */
bool transformer_call(const struct operand *call, const struct operand_values *args,
		      struct values *out);

#endif
