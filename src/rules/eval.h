/*
 * eval: one replay's evaluation of a program: what it remembers, and the value of a node.
 *
 * Layer: rules, private to the files of the evaluation: eval.c (nodes, operands, what follows from
 * the thread or from a path), match.c (which conditions an event matches). What a node or operand
 * gave is remembered with the number of the event it gave it for, so nothing is cleared between
 * events; what depends on the thread alone is remembered with the thread until its stamp changes.
 */
#ifndef EYAS_EVAL_H
#define EYAS_EVAL_H

#include "rules/gates.h"
#include "rules/program_internal.h"

/* What is remembered with a thread. */
struct thread_memo {
	uint64_t stamp, own_stamp; /* thread_stamp() and thread_own_stamp() */
	uint32_t n_words;
	uint64_t epoch;   /* of the run */
	uint64_t words[]; /* n_words known, then n_words values */
};

/* What a group of gates leaves open when what it looks at is this string, or of this kind. */
struct closed_memo {
	const struct istr *basis; /* NULL: a kind of descriptor */
	uint64_t string;          /* string_memo.number of it: its address may become another's */
	uint32_t group;
	uint64_t open[]; /* a bit per condition, program.max_words */
};

#define N_CLOSED_MEMOS 2048

/* What program_use() said of a descriptor. */
struct use_memo {
	uint64_t key;   /* its stamp, or field_kind_of() with the highest bit; 0: none */
	uint64_t epoch; /* of the run */
	uint32_t program;
	bool wanted;
};

#define N_USE_MEMOS 512

/* What a comparison said of a number: predicate.number and field_basis_number(). */
struct number_memo {
	const void *of; /* NULL: nothing yet */
	uint64_t epoch; /* of the run */
	uint32_t predicate, value;
	bool holds;
};

#define N_NUMBER_MEMOS 256

struct program_run {
	const struct program *p;
	uint32_t *memo; /* by node: event number << 1 | value */
	size_t n_nodes;
	struct operand_run operands;
	uint32_t *matched;       /* by number of the matcher: the generation it was last run for */
	uint64_t *match_bits;    /* of all of them */
	uint64_t *open;          /* conditions that may still hold, a bit each */
	uint64_t *lesson;        /* three times as many: for take_lesson() */
	struct gate_set **gates; /* by number of the type's program; NULL: none yet */
	uint32_t n_gates;
	uint8_t *closed_memos;       /* N_CLOSED_MEMOS of max_words each; NULL: none yet */
	struct use_memo *uses;       /* N_USE_MEMOS; NULL: none yet */
	struct number_memo *numbers; /* N_NUMBER_MEMOS; NULL: none yet */
	uint64_t n_strings;          /* that have a number */
	uint32_t n_builds;           /* of the program, when these were made */
	struct compare_scratch scratch;
	uint32_t generation;
	uint64_t epoch; /* from 1; program_forget() begins the next */
	const struct field_env *env;
	bool thread_known;          /* for the event in hand: */
	struct thread_memo *thread; /* its thread's; NULL: none */
};

/* Room for what the program's last build has, when there was one since. */
void eval_fit(struct program_run *r);
/* Takes the next event in hand: `env` is borrowed until the one after it. */
void eval_begin(struct program_run *r, const struct field_env *env);
/* A node's value for the event in hand. */
bool eval_node(struct program_run *r, uint32_t id);
/* That of a plain predicate: nothing is remembered. */
bool eval_plain(struct program_run *r, const struct predicate *pred);
/* The same of a node of SELF or THREAD scope. */
bool eval_of_thread(struct program_run *r, uint32_t id);
/*
 * Which conditions the path of the event's descriptor leaves open: a bit each. NULL when the path
 * says nothing, or there is none. Good until the next one is asked for.
 */
const uint64_t *eval_by_path(struct program_run *r, const struct type_program *tp);

/* eval_node(), by a look at the memo when it is there. */
static inline bool eval_value(struct program_run *r, uint32_t id)
{
	uint32_t memo = r->memo[id];

	return memo >> 1 == r->generation ? memo & 1 : eval_node(r, id);
}

static inline bool eval_holds(struct program_run *r, uint32_t id)
{
	return id == ID_TRUE || eval_value(r, id);
}

/* Which of a program's types an event is of. */
unsigned eval_type_slot(const struct event *ev);

#endif
