/*
 * Which conditions an event matches: the path and the gates close most of them, or all, before the
 * rest are evaluated.
 */
#include "rules/eval.h"

#include "base/compiler.h"
#include "state/state.h"

/*
 * Nearly all programs have conditions for one word of bits, so what follows is compiled for one
 * word, and once more for any number.
 */
SPECIALISED bool any_open(const uint64_t *open, const uint64_t *of, uint32_t n_words)
{
	uint64_t any = 0;

	for (uint32_t w = 0; w < n_words; w++)
		any |= open[w] & of[w];
	return any != 0;
}

static bool gate_holds(struct program_run *r, const struct gate *gate)
{
	uint32_t id = gate->node;

	if (gate->plain)
		return eval_plain(r, gate->plain);
	return scope_is_of_thread(r->p->nodes.v[id].scope) ? eval_of_thread(r, id)
							   : eval_value(r, id);
}

/* The conditions that a group closes are no longer among `open`. */
SPECIALISED void close_conditions(struct program_run *r, const struct gate_group *g,
				  uint32_t n_words, uint64_t *open)
{
	for (uint32_t i = 0; i < g->n; i++) {
		const struct gate *gate = &g->gates[i];

		if (!any_open(open, gate->needed_by, n_words) || gate_holds(r, gate))
			continue;
		for (uint32_t w = 0; w < n_words; w++)
			open[w] &= ~gate->needed_by[w];
	}
}

/* The place where what a string closes is remembered; of another string as yet, perhaps. */
static inline struct closed_memo *closed_memo(struct program_run *r, uint64_t string,
					      uint32_t group)
{
	size_t size = sizeof(struct closed_memo) + r->p->max_words * sizeof(uint64_t);
	/* Numbers of strings and groups both begin at 0. */
	uint64_t at =
		(string * UINT64_C(0x9e3779b97f4a7c15) + group * UINT64_C(0xd1342543de82ef95)) >>
		32;

	if (!r->closed_memos)
		r->closed_memos = xcalloc(N_CLOSED_MEMOS, size);
	return (struct closed_memo *)(void *)(r->closed_memos + at % N_CLOSED_MEMOS * size);
}

/* What the value of a field in hand follows from, as closed_memo has it. */
struct basis {
	const struct istr *s;
	uint64_t number; /* never 0 */
};

static inline bool basis_of(struct program_run *r, const struct gate_group *g, struct basis *ret)
{
	struct string_memo *m;
	uint32_t kind;

	if (g->of_kind) {
		ret->s = NULL;
		/* No string has a number so great. */
		ret->number = UINT64_C(1) << 63 | r->epoch << 32;
		if (!field_basis_kind(r->env, &kind))
			return false;
		ret->number |= kind;
		return true;
	}
	ret->s = g->basis ? field_basis(&g->basis->ref, r->env) : NULL;
	if (!ret->s)
		return false;
	m = string_memo(ret->s, r->epoch, 0);
	if (!m->number)
		m->number = ++r->n_strings;
	ret->number = m->number;
	return true;
}

/* The same of a group by its basis, when it has one. */
SPECIALISED void close_by_basis(struct program_run *r, struct gate_group *g, uint32_t n_words,
				uint64_t *open)
{
	struct closed_memo *m;
	struct basis basis;

	if (!basis_of(r, g, &basis)) {
		close_conditions(r, g, n_words, open);
		return;
	}
	m = closed_memo(r, basis.number, g->number);
	g->n_asked++;
	if (m->string != basis.number || m->group != g->number || m->basis != basis.s) {
		m->basis = basis.s;
		m->string = basis.number;
		m->group = g->number;
		g->n_unknown++;
		for (uint32_t w = 0; w < n_words; w++)
			m->open[w] = UINT64_MAX;
		close_conditions(r, g, n_words, m->open);
	}
	for (uint32_t w = 0; w < n_words; w++)
		open[w] &= m->open[w];
}

/* Asks all groups, and notes what each of them closes. */
static void take_lesson(struct program_run *r, const struct type_program *tp, struct gate_set *s)
{
	uint64_t *before = r->lesson, *left = before + tp->n_words, *all = left + tp->n_words;
	size_t size = tp->n_words * sizeof(*before);

	memcpy(before, r->open, size);
	memcpy(all, r->open, size);
	for (uint32_t i = 0; i < s->n_groups; i++) {
		memcpy(left, before, size);
		close_by_basis(r, &s->groups[i], tp->n_words, left);
		gate_set_note(s, i, before, left);
		for (uint32_t w = 0; w < tp->n_words; w++)
			all[w] &= left[w];
	}
	gate_set_learned(s, before);
	memcpy(r->open, all, size);
}

/* Leaves in r->open what the gates worth asking leave open; false when that is nothing. */
SPECIALISED bool ask_gates(struct program_run *r, struct gate_set *s, uint32_t n_words)
{
	for (uint32_t i = 0; i < s->n_order; i++) {
		struct gate_group *g = s->order[i];

		if (!any_open(r->open, g->needed_by, n_words))
			continue;
		close_by_basis(r, g, n_words, r->open);
		if (!any_open(r->open, r->open, n_words))
			return false;
	}
	return true;
}

static bool pass_gates(struct program_run *r, const struct type_program *tp)
{
	struct gate_set *s = r->gates[tp->number];

	if (!s)
		s = r->gates[tp->number] = gate_set_new(r->p, tp);
	if (gate_set_learns(s)) {
		take_lesson(r, tp, s);
		return any_open(r->open, r->open, tp->n_words);
	}
	return tp->n_words == 1 ? ask_gates(r, s, 1) : ask_gates(r, s, tp->n_words);
}

/* All conditions may hold as yet. */
static void open_all(struct program_run *r, const struct type_program *tp)
{
	for (uint32_t w = 0; w + 1 < tp->n_words; w++)
		r->open[w] = UINT64_MAX;
	r->open[tp->n_words - 1] = UINT64_MAX >> (63 - (tp->n - 1) % 64);
}

/*
 * Which conditions may still hold, into r->open; false when there are none. Where the path is at
 * hand it is asked first; where it has to be made, the gates are: of a call that failed.
 */
static bool find_open(struct program_run *r, const struct type_program *tp, bool *ret_path_known)
{
	bool at_hand = r->env->ctx->fd != NULL;
	const uint64_t *by_path = at_hand ? eval_by_path(r, tp) : NULL;
	uint64_t left = 0;

	*ret_path_known = by_path != NULL;
	if (by_path) {
		for (uint32_t w = 0; w < tp->n_words; w++)
			left |= r->open[w] = by_path[w];
		return left && pass_gates(r, tp);
	}
	open_all(r, tp);
	if (!pass_gates(r, tp))
		return false;
	by_path = at_hand ? NULL : eval_by_path(r, tp);
	*ret_path_known = by_path != NULL;
	for (uint32_t w = 0; by_path && w < tp->n_words; w++)
		left |= r->open[w] &= by_path[w];
	return !by_path || left;
}

static bool condition_holds(struct program_run *r, const struct type_condition *c, bool path_known)
{
	return eval_of_thread(r, c->of_thread) && (path_known || eval_holds(r, c->of_path)) &&
	       eval_holds(r, c->rest);
}

size_t program_match(struct program_run *r, const struct field_env *env, bool first_only,
		     int *ret_ids)
{
	const struct event *ev = env->ctx->ev;
	const struct type_program *tp = r->p->types[eval_type_slot(ev)];
	bool path_known;
	size_t found = 0;

	if (!tp || tp->n == 0)
		return 0;
	if (ev->type == EVT_PLUGINEVENT_E && r->p->by_source && event_source_of(ev) == SOURCE_OTHER)
		return 0;
	eval_begin(r, env);
	if (!find_open(r, tp, &path_known))
		return 0;
	for (uint32_t w = 0; w < tp->n_words; w++) {
		for (uint64_t bits = r->open[w]; bits; bits &= bits - 1) {
			const struct type_condition *c =
				&tp->conditions[w * 64 + (uint32_t)__builtin_ctzll(bits)];

			/* Of alternatives one is enough. */
			if (found && ret_ids[found - 1] == c->id)
				continue;
			if (!condition_holds(r, c, path_known))
				continue;
			ret_ids[found++] = c->id;
			if (first_only)
				return found;
		}
	}
	return found;
}

/* By the gates that were learned to be worth it, of those that a descriptor decides. */
static bool use_is_wanted(struct program_run *r, const struct field_env *env,
			  const struct type_program *tp, struct gate_set *s,
			  const struct state_use *u)
{
	struct field_env own = *env;
	struct event ev = {
		.tid = u->thread->tid,
		.type = u->type,
		.info = event_info(u->type),
	};
	struct event_ctx ctx = {
		.ev = &ev,
		.st = u->st,
		.thread = u->thread,
		.container = u->thread->container,
		.fd = u->fd,
		.fd_num = u->fd->num,
	};
	bool wanted;

	own.ctx = &ctx;
	arena_reset(own.arena);
	eval_begin(r, &own);
	open_all(r, tp);
	for (uint32_t i = 0; i < s->n_order; i++)
		if (s->order[i]->of_fd || s->order[i]->of_kind)
			close_conditions(r, s->order[i], tp->n_words, r->open);
	wanted = any_open(r->open, r->open, tp->n_words);
	r->env = NULL;
	return wanted;
}

bool program_use(struct program_run *r, const struct field_env *env, const struct state_use *u)
{
	const struct type_program *tp = r->p->types[u->type];
	uint64_t key = u->fd->stamp;
	struct gate_set *s;
	struct use_memo *m;

	eval_fit(r);
	s = r->gates[tp->number];
	/* Nothing is known of events of this type, or no descriptor says enough. */
	if (tp->n && (!s || !s->n_order))
		return true;
	if (!r->uses)
		r->uses = xcalloc(N_USE_MEMOS, sizeof(*r->uses));
	/* Which of the two it is changes with the order of gates: an older answer is as right. */
	if (s && s->kind_decides)
		key = UINT64_C(1) << 63 | field_kind_of(u->fd);
	m = &r->uses[(key ^ key >> 16 ^ tp->number * 64) % N_USE_MEMOS];
	if (m->key != key || m->program != tp->number || m->epoch != r->epoch)
		*m = (struct use_memo){
			.key = key,
			.epoch = r->epoch,
			.program = tp->number,
			.wanted = tp->n && use_is_wanted(r, env, tp, s, u),
		};
	return m->wanted;
}
