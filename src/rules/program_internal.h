/*
 * program_internal: the predicate graph and what its stages share.
 *
 * Layer: rules; private to the files that make up a program: check.c (tree → graph), graph.c
 * (hash-consing), compare.c (one comparison), specialise.c (graph → programs per event type),
 * eval.c. Nodes are numbered and never change; everything lives in the program's arena.
 */
#ifndef EYAS_PROGRAM_INTERNAL_H
#define EYAS_PROGRAM_INTERNAL_H

#include "rules/constant.h"
#include "rules/operand.h"
#include "rules/path_set.h"
#include "rules/program.h"
#include "rules/regex.h"
#include "rules/text_matcher.h"

enum compare_how {
	COMPARE_ONE,  /* the value */
	COMPARE_ANY,  /* any of the values satisfies it */
	COMPARE_ENDS, /* any; but for != all */
	COMPARE_LIST, /* in: all; intersects: any */
};

struct predicate {
	uint8_t op, modifier;
	uint8_t cls;     /* enum value_class of the left side */
	uint8_t how;     /* enum compare_how */
	bool within;     /* evt.around */
	int8_t memo_bit; /* of an interned string's memo, or -1 */
	uint32_t number; /* of those that field_basis_number() decides, from 1; 0: none of them */
	struct operand *left;
	struct operand *right; /* NULL: constants */
	uint32_t n;
	const struct constant *c;
	const struct constant_set *set;
	const struct path_set *paths;
	struct regex *const *regexes;
	struct str text; /* canonical, for dumps */
};

/* About a number or an address: made again sooner than it is looked up. */
static inline bool predicate_is_plain(const struct predicate *pred)
{
	return pred->cls != VC_TEXT && pred->cls != VC_BYTES && !pred->right &&
	       pred->left->kind == OPERAND_FIELD && !(pred->left->ref.def->flags & FIELD_LIST);
}

enum node_kind { NODE_FALSE, NODE_TRUE, NODE_PREDICATE, NODE_NOT, NODE_AND, NODE_OR };

/* Numbers of the two constant nodes. */
enum { ID_FALSE = 0, ID_TRUE = 1, ID_ERROR = UINT32_MAX };

struct node {
	uint8_t kind;
	uint8_t scope;       /* widest of its predicates: enum field_scope */
	bool stateful;       /* must be evaluated each time, in order */
	bool of_path;        /* follows from the descriptor's path; see field_is_of_path() */
	bool of_name;        /* or from that and the name it was opened by */
	uint32_t cost;       /* estimate, in comparisons of numbers */
	uint32_t thread_bit; /* of the thread's memo, or UINT32_MAX */
	/*
	 * NODE_PREDICATE that is one of a matcher's comparisons: the matcher's number plus one, and
	 * the bit in all of a run's. A hint: without the bit it is false, with it it may be true.
	 */
	uint32_t matcher, match_bit;
	bool match_is_hint;
	uint32_t n_kids;
	union {
		const uint32_t *kids;
		const struct predicate *predicate; /* NODE_PREDICATE */
	};
};

/* It follows from the thread, and is remembered with it. */
static inline bool scope_is_of_thread(unsigned scope)
{
	return scope == SCOPE_SELF || scope == SCOPE_THREAD;
}

/* One of these bits of a run's match_bits[word]. */
struct match_need {
	uint32_t word;
	uint64_t bits;
};

/*
 * A condition as a conjunction of three nodes, each of which can be ID_TRUE: what follows from the
 * thread and is remembered with it; what follows from the descriptor's path and is remembered with
 * that; and what is left. Most events drop out at one of the first two, with a look at a bit. One
 * with alternatives may stand here once for each of them, side by side with the same id and root.
 */
struct type_condition {
	int id;
	uint32_t root;
	uint32_t of_thread, of_path, rest;
	uint32_t of_name; /* what in `rest` follows from the path and the name of an open */
	/* Bits of comparisons of which of_path needs one at least; NULL: that cannot be said. */
	const struct match_need *path_needs;
	uint32_t n_path_needs;
};

struct type_program {
	uint32_t n;
	uint32_t number;  /* of the program, from 0 */
	uint32_t n_words; /* of a bit per condition */
	bool of_path;     /* some say something about a path */
	struct type_condition *conditions;
};

/*
 * A program per event type; one for types not in the table; and one per system call for GENERIC
 * exits, which are told apart by the call's number, not by their type.
 */
enum { SLOT_UNKNOWN = EVENT_N_TYPES, SLOT_CALLS, N_TYPE_SLOTS = SLOT_CALLS + SYSCALL_N };

/* All comparisons of one operand with constants that a matcher can do. */
struct operand_matcher {
	const struct operand *operand;
	struct text_matcher *matcher;
	uint32_t first_word, n_words; /* its bits, in all of a run's */
	bool of_path;
};

struct program {
	struct arena arena; /* graph */
	struct arena build; /* programs per type; renewed by program_build() */
	struct operand_maker maker;
	VEC(struct node) nodes;
	struct strmap node_by_key;
	struct strmap event_names; /* that evt.type was compared with, or may be */
	struct u64map by_macro;    /* trees of macros by their address: the node, plus one */
	struct strmap by_list; /* comparisons with shared lists: number of their node, plus one */
	VEC(struct regex *) regexes;
	VEC(uint32_t) roots; /* by condition number */
	VEC(struct event_set) sets;
	uint32_t n_thread_bits, n_memo_bits, n_numbers;
	VEC(uint64_t) self_bits; /* by thread_bit: those of nodes of SELF scope */
	struct type_program *types[N_TYPE_SLOTS];
	uint32_t n_type_programs, max_words;
	VEC(struct operand_matcher) matchers;
	uint32_t n_match_words;
	uint32_t n_builds;
	uint64_t calls[(SYSCALL_N + 63) / 64]; /* those of GENERIC that a condition may match */
	/* Conditions are for events of some sources only: by condition, a bit 1 << source each. */
	bool by_source;
	VEC(uint8_t) sources;
};

/* graph.c: nodes, each made once. */
uint32_t graph_predicate(struct program *p, struct predicate *pred, struct str key, bool stateful,
			 uint8_t scope);
uint32_t graph_not(struct program *p, uint32_t kid);
/* AND or OR: flattens, drops what decides nothing, sorts by cost unless something is stateful. */
uint32_t graph_join(struct program *p, enum node_kind kind, const uint32_t *kids, size_t n);

/* compare.c */
struct compare_scratch {
	struct path_walk walk;
	struct regex_scratch *regex;
	uint64_t epoch; /* of what strings remember that counts; 0: nothing is remembered */
};

/*
 * What is remembered with an interned string: of predicates, and, when it is the path of a
 * descriptor, which conditions of a type's program it leaves open.
 */
struct string_memo {
	uint64_t epoch;
	uint64_t number;        /* of the string in a run, from 1; 0: none yet */
	uint64_t known, values; /* by predicate.memo_bit */
	uint32_t program;       /* type_program.number plus one; 0: none yet */
	uint8_t path_kind;
	uint32_t cap_words;
	uint64_t open[]; /* a bit per condition */
};

/* The memo of a string, with room for n_words; made, or cleared, when it is not of this epoch. */
struct string_memo *string_memo(const struct istr *s, uint64_t epoch, uint32_t n_words);
bool predicate_compare(const struct predicate *pred, struct compare_scratch *scratch,
		       const struct operand_values *l, const struct operand_values *r);
/* Whether one value satisfies it for the i-th constant alone; `path`: that of pmatch. */
bool predicate_compare_item(const struct predicate *pred, struct compare_scratch *scratch,
			    const struct value *v, uint32_t i, const struct path_set *path);
/* Fills set, paths and regexes from the constants. False and a message when one is malformed. */
bool predicate_prepare(struct program *p, struct predicate *pred, struct arena *a,
		       const char **ret_error);
/* NULL, or what is wrong with this operator on values of this class. */
const char *compare_check(unsigned op, enum value_class cls, bool is_list, struct arena *a);

/* program_matchers.c: makes the matchers of all operands that are compared often, in p->build. */
void program_make_matchers(struct program *p);

/* eval.c: what a run's event in hand gives for an operand, and for one constant of a comparison. */
struct operand_values program_operand(struct program_run *r, const struct operand *op);
bool program_compare_item(struct program_run *r, const struct predicate *pred,
			  const struct value *v, uint32_t i, const struct path_set *path);

#endif
