/*
 * gates: what is asked first, so that most events are done with after a look or two.
 *
 * Layer: rules, private to the engine. A gate is a node without which some conditions of a type's
 * program cannot hold. Gates that look at one field only, whose value follows from an interned
 * string, are one group: what it closes is remembered for the string. So are those that look only
 * at what a descriptor is. Which groups are worth being
 * asked, and in which order, is learned from the events that come, by what each of them closes and
 * what it costs; conditions have no side effects, so that the order changes no result.
 */
#ifndef EYAS_GATES_H
#define EYAS_GATES_H

#include "rules/program_internal.h"

#define GATE_MAX_GROUPS 256 /* of a type's program */

struct gate {
	uint32_t node;
	const struct predicate *plain; /* the node is that, and no more; else NULL */
	const uint64_t *needed_by;     /* a bit per condition */
};

struct gate_group {
	uint32_t number;             /* among those of all types */
	const struct operand *basis; /* field_basis() of it decides them; NULL: of one gate */
	bool of_kind;                /* field_basis_kind() decides them */
	uint32_t n;
	const struct gate *gates;
	const uint64_t *needed_by;   /* of any of its gates */
	uint32_t cost;               /* of evaluating its gates, in cheap comparisons */
	bool of_fd;                  /* they follow from the descriptor: its stamp */
	uint64_t n_asked, n_unknown; /* with a basis: how often, and with one not seen before */
};

/* The gates of one type's program, of one run. */
struct gate_set {
	struct arena arena;
	uint32_t n_words; /* of a bit per condition */
	uint32_t n_groups;
	struct gate_group *groups;
	uint32_t n_order;
	struct gate_group **order; /* those worth asking */
	bool kind_decides;         /* among these are some of_kind, but no other of_fd */
	uint64_t n_events;         /* counted by gate_set_learns() */
	uint64_t next_change;
	uint64_t lesson; /* the first event of the last one, or of the one to come */
	uint32_t n_conditions;
	uint32_t *n_open;   /* by condition: how often it was open in lessons */
	uint32_t *n_closed; /* by group and condition: how often the group closed it then */
};

/* Borrows the program until gate_set_free(). */
struct gate_set *gate_set_new(const struct program *p, const struct type_program *tp);
void gate_set_free(struct gate_set *s);

/* A lesson begins with the event in hand, or one has just ended. */
bool gate_set_changes(struct gate_set *s);
/* To be called for each event: all groups are to be asked for this one, and the answers noted. */
static inline bool gate_set_learns(struct gate_set *s)
{
	return ++s->n_events >= s->next_change && gate_set_changes(s);
}
/* An answer: of the conditions that were open before any gate, those that the group leaves open. */
void gate_set_note(struct gate_set *s, uint32_t group, const uint64_t *open, const uint64_t *left);
/* Ends a lesson: once for each event that gate_set_learns() said true of. */
void gate_set_learned(struct gate_set *s, const uint64_t *open);

#endif
