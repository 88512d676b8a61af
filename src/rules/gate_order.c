/* In which order gates are asked: learned from events. See gates.h. */
#include "rules/gates.h"

/*
 * The first lesson is the first events; later ones are at times that grow, since what a machine
 * does changes. A program with few events learns nothing and asks no gates: not worth it.
 */
#define FIRST_LESSON  8
#define LESSON_EVENTS 32
#define LESSON_GROWTH 32

/* A condition that no gate closes costs about so much, in the units of gate_group.cost. */
#define COST_OF_CONDITION 12

/* A look at what is remembered for a string. */
#define COST_OF_BASIS 4

/* What chances are counted in. */
#define CERTAIN 1024u

/* What was seen long before counts for less than what comes now. */
static void forget_some(struct gate_set *s)
{
	for (size_t i = 0; i < s->n_conditions; i++)
		s->n_open[i] /= 4;
	for (size_t i = 0; i < (size_t)s->n_groups * s->n_conditions; i++)
		s->n_closed[i] /= 4;
}

bool gate_set_changes(struct gate_set *s)
{
	if (!s->lesson) {
		s->lesson = FIRST_LESSON;
	} else if (s->n_events >= s->lesson + LESSON_EVENTS) {
		s->lesson *= LESSON_GROWTH;
		forget_some(s);
	}
	s->next_change = s->lesson;
	return s->n_groups && s->n_events >= s->lesson;
}

void gate_set_note(struct gate_set *s, uint32_t group, const uint64_t *open, const uint64_t *left)
{
	uint32_t *n_closed = &s->n_closed[(size_t)group * s->n_conditions];

	for (uint32_t w = 0; w < s->n_words; w++)
		for (uint64_t bits = open[w] & ~left[w]; bits; bits &= bits - 1)
			n_closed[w * 64 + (uint32_t)__builtin_ctzll(bits)]++;
}

/* How many conditions a group is likely to close that nothing before it does, in CERTAIN. */
static uint64_t likely_closed(const struct gate_set *s, uint32_t group, const uint32_t *still_open)
{
	const uint32_t *n_closed = &s->n_closed[(size_t)group * s->n_conditions];
	uint64_t sum = 0;

	for (uint32_t c = 0; c < s->n_conditions; c++)
		if (n_closed[c])
			sum += (uint64_t)still_open[c] * n_closed[c] / s->n_open[c];
	return sum;
}

/* Of asking a group, as measured: what is remembered for strings helps only if they come again. */
static uint64_t cost_of(const struct gate_group *g)
{
	if (!g->basis && !g->of_kind)
		return g->cost;
	return COST_OF_BASIS + g->cost * g->n_unknown / (g->n_asked + 1);
}

/* Of what the order asks, as program_use() does. */
static bool kind_decides(const struct gate_set *s)
{
	bool any = false;

	for (uint32_t i = 0; i < s->n_order; i++) {
		const struct gate_group *g = s->order[i];

		if (g->of_fd && !g->of_kind)
			return false;
		any |= g->of_kind;
	}
	return any;
}

/* The best first; then what is best when that one has been asked, and so on. */
static void find_order(struct gate_set *s)
{
	uint32_t *still_open = arena_calloc(&s->arena, s->n_conditions + 1, sizeof(*still_open));
	bool *taken = arena_calloc(&s->arena, s->n_groups + 1, sizeof(*taken));
	uint32_t most = 1;

	for (uint32_t c = 0; c < s->n_conditions; c++)
		most = s->n_open[c] > most ? s->n_open[c] : most;
	for (uint32_t c = 0; c < s->n_conditions; c++)
		still_open[c] = (uint32_t)((uint64_t)s->n_open[c] * CERTAIN / most);
	s->n_order = 0;
	while (s->n_order < s->n_groups) {
		uint32_t best = UINT32_MAX;
		uint64_t best_sum = 0;

		for (uint32_t g = 0; g < s->n_groups; g++) {
			uint64_t sum = taken[g] ? 0 : likely_closed(s, g, still_open);

			if (sum * COST_OF_CONDITION <= cost_of(&s->groups[g]) * CERTAIN)
				continue;
			if (best != UINT32_MAX &&
			    sum * cost_of(&s->groups[best]) <= best_sum * cost_of(&s->groups[g]))
				continue;
			best = g;
			best_sum = sum;
		}
		if (best == UINT32_MAX)
			break;
		taken[best] = true;
		s->order[s->n_order++] = &s->groups[best];
		for (uint32_t c = 0; c < s->n_conditions; c++) {
			uint32_t n = s->n_closed[(size_t)best * s->n_conditions + c];

			if (n)
				still_open[c] -=
					(uint32_t)((uint64_t)still_open[c] * n / s->n_open[c]);
		}
	}
}

void gate_set_learned(struct gate_set *s, const uint64_t *open)
{
	for (uint32_t w = 0; w < s->n_words; w++)
		for (uint64_t bits = open[w]; bits; bits &= bits - 1)
			s->n_open[w * 64 + (uint32_t)__builtin_ctzll(bits)]++;
	if (s->n_events != s->lesson + LESSON_EVENTS - 1)
		return;
	find_order(s);
	s->kind_decides = kind_decides(s);
}
