/* The automaton of many constants. See text_matcher.h. */
#include "rules/text_matcher.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

/* Letters: 0 is every byte that no word has; then those of the words; then the two ends. */
#define MAX_LETTERS (256 + 3)

/*
 * A state is a row of `next`, by letter. What stands there is the offset of the next state's row,
 * shifted by one; the lowest bit says that words end in it.
 */
struct text_matcher {
	uint8_t letter[256];
	uint32_t n_letters, start, end; /* `start`, `end`: the letters before and behind a text */
	uint32_t *next;
	uint32_t *first;   /* by state: of its bits in `bits`, first[state + 1] ends them */
	uint32_t *shorter; /* by state: the next state whose words end here, too; 0: none */
	uint32_t *bits;
};

/* A state while the words are put in: a tree by letters. */
struct branch {
	uint32_t letter;
	uint32_t child, sibling; /* states; 0: none */
	uint32_t suffix;         /* the state of the longest shorter ending */
};

struct maker {
	struct text_matcher *m;
	const text_words *words;
	struct branch *tree;
	uint32_t n_states;
	uint32_t *ends; /* by word: the state it ends in */
};

static void make_letters(struct text_matcher *m, const text_words *words)
{
	uint32_t n = 1;

	for (size_t i = 0; i < words->n; i++)
		for (size_t k = 0; k < words->v[i].text.n; k++) {
			uint8_t *letter = &m->letter[(uint8_t)words->v[i].text.p[k]];

			/* The 256th letter would not fit: it stays 0 with none left over. */
			if (!*letter && n < 256)
				*letter = (uint8_t)n++;
		}
	m->start = n;
	m->end = n + 1;
	m->n_letters = n + 2;
}

static uint32_t step(struct maker *k, uint32_t state, uint32_t letter)
{
	uint32_t to = k->tree[state].child;

	while (to && k->tree[to].letter != letter)
		to = k->tree[to].sibling;
	if (to)
		return to;
	to = k->n_states++;
	k->tree[to] = (struct branch){ .letter = letter, .sibling = k->tree[state].child };
	k->tree[state].child = to;
	return to;
}

static void add_word(struct maker *k, size_t i)
{
	const struct text_word *w = &k->words->v[i];
	uint32_t state = w->at_start ? step(k, 0, k->m->start) : 0;

	for (size_t n = 0; n < w->text.n; n++)
		state = step(k, state, k->m->letter[(uint8_t)w->text.p[n]]);
	k->ends[i] = w->at_end ? step(k, state, k->m->end) : state;
}

/* The bits of each state, side by side. */
static void gather_bits(struct maker *k, struct arena *a)
{
	struct text_matcher *m = k->m;
	uint32_t *at;

	m->first = arena_calloc(a, k->n_states + 2, sizeof(*m->first));
	m->bits = arena_alloc(a, (k->words->n + 1) * sizeof(*m->bits));
	for (size_t i = 0; i < k->words->n; i++)
		m->first[k->ends[i] + 1]++;
	for (uint32_t s = 0; s < k->n_states; s++)
		m->first[s + 1] += m->first[s];
	at = xmemdup(m->first, (k->n_states + 1) * sizeof(*at));
	for (size_t i = 0; i < k->words->n; i++)
		m->bits[at[k->ends[i]]++] = k->words->v[i].bit;
	free(at);
}

static bool has_words(const struct text_matcher *m, uint32_t state)
{
	return m->first[state] != m->first[state + 1] || m->shorter[state];
}

static uint32_t code_of(const struct text_matcher *m, uint32_t state)
{
	return state * m->n_letters << 1 | has_words(m, state);
}

/*
 * Breadth first: a state's steps are those of the state for the longest shorter ending, which is
 * complete by then, but for the words that go on from here.
 */
static void complete(struct maker *k, struct arena *a)
{
	struct text_matcher *m = k->m;
	uint32_t *queue = xcalloc(k->n_states, sizeof(*queue));
	uint32_t head = 0, tail = 0;

	m->shorter = arena_calloc(a, k->n_states, sizeof(*m->shorter));
	m->next = arena_alloc(a, (size_t)k->n_states * m->n_letters * sizeof(*m->next));
	queue[tail++] = 0;
	while (head < tail) {
		uint32_t state = queue[head++], suffix = k->tree[state].suffix;
		uint32_t *row = &m->next[(size_t)state * m->n_letters];

		if (state) {
			memcpy(row, &m->next[(size_t)suffix * m->n_letters],
			       m->n_letters * sizeof(*row));
		} else {
			for (uint32_t l = 0; l < m->n_letters; l++)
				row[l] = code_of(m, 0);
		}
		for (uint32_t to = k->tree[state].child; to; to = k->tree[to].sibling) {
			uint32_t *at = &row[k->tree[to].letter];

			/* What was copied is the step from the shorter ending. */
			suffix = state ? (*at >> 1) / m->n_letters : 0;
			k->tree[to].suffix = suffix;
			m->shorter[to] = suffix && has_words(m, suffix) ? suffix : 0;
			*at = code_of(m, to);
			queue[tail++] = to;
		}
	}
	free(queue);
}

struct text_matcher *text_matcher_new(const text_words *words, struct arena *a)
{
	struct text_matcher *m = arena_calloc(a, 1, sizeof(*m));
	struct maker k = { .m = m, .words = words, .n_states = 1 };
	size_t max_states = 1;

	for (size_t i = 0; i < words->n; i++)
		max_states += words->v[i].text.n + 2;
	make_letters(m, words);
	k.ends = xcalloc(words->n + 1, sizeof(*k.ends));
	k.tree = xcalloc(max_states, sizeof(*k.tree));
	for (size_t i = 0; i < words->n; i++)
		add_word(&k, i);
	gather_bits(&k, a);
	complete(&k, a);
	free(k.tree);
	free(k.ends);
	return m;
}

static void set_bits(const struct text_matcher *m, uint32_t state, uint64_t *bits)
{
	do {
		for (uint32_t i = m->first[state]; i < m->first[state + 1]; i++)
			bits[m->bits[i] / 64] |= UINT64_C(1) << (m->bits[i] % 64);
		state = m->shorter[state];
	} while (state);
}

void text_matcher_run(const struct text_matcher *m, struct str text, uint64_t *bits)
{
	const uint8_t *p = (const uint8_t *)text.p, *end = p + text.n;
	uint32_t at = m->next[m->start];

	/* What ends in the first state are empty words, which any text has. */
	set_bits(m, 0, bits);
	for (;; p++) {
		if (at & 1)
			set_bits(m, (at >> 1) / m->n_letters, bits);
		if (p == end)
			break;
		at = m->next[(at >> 1) + m->letter[*p]];
	}
	at = m->next[(at >> 1) + m->end];
	if (at & 1)
		set_bits(m, (at >> 1) / m->n_letters, bits);
}
