/* Evaluation. See eval.h. */
#include "rules/eval.h"

#include "event/event_text.h"
#include "state/state.h"

/* What is of the program's last build. */
static void free_build(struct program_run *r)
{
	free(r->matched);
	free(r->match_bits);
	free(r->open);
	free(r->lesson);
	for (uint32_t i = 0; i < r->n_gates; i++)
		gate_set_free(r->gates[i]);
	free(r->gates);
	free(r->closed_memos);
	free(r->uses);
	free(r->numbers);
}

struct program_run *program_run_new(const struct program *p)
{
	struct program_run *r = xcalloc(1, sizeof(*r));

	r->p = p;
	r->scratch.regex = regex_scratch_new();
	program_forget(r);
	return r;
}

void program_forget(struct program_run *r)
{
	r->scratch.epoch = ++r->epoch;
}

void program_run_free(struct program_run *r)
{
	if (!r)
		return;
	free(r->memo);
	free_build(r);
	free(r->operands.memo);
	path_walk_free(&r->scratch.walk);
	regex_scratch_free(r->scratch.regex);
	free(r);
}

uint64_t program_run_given_up(const struct program_run *r)
{
	return regex_given_up(r->scratch.regex);
}

/* Room for what the program's last build has. */
static void fit_build(struct program_run *r)
{
	const struct program *p = r->p;

	free_build(r);
	r->matched = xcalloc(p->matchers.n + 1, sizeof(*r->matched));
	r->match_bits = xcalloc(p->n_match_words + 1, sizeof(*r->match_bits));
	r->open = xcalloc(p->max_words + 1, sizeof(*r->open));
	r->lesson = xcalloc(3 * (size_t)p->max_words + 1, sizeof(*r->lesson));
	r->n_gates = p->n_type_programs;
	r->gates = xcalloc(r->n_gates + 1, sizeof(struct gate_set *));
	r->closed_memos = NULL;
	r->uses = NULL;
	r->numbers = NULL;
	r->n_builds = p->n_builds;
	/* Numbers of programs and of bits mean something else now. */
	program_forget(r);
}

void eval_fit(struct program_run *r)
{
	if (r->n_builds != r->p->n_builds)
		fit_build(r);
}

/* The program may have grown since the run began: program_build() adds nodes. */
static void fit(struct program_run *r)
{
	eval_fit(r);
	if (r->n_nodes < r->p->nodes.n) {
		r->memo = xreallocarray(r->memo, r->p->nodes.n, sizeof(*r->memo));
		memset(r->memo + r->n_nodes, 0, (r->p->nodes.n - r->n_nodes) * sizeof(*r->memo));
		r->n_nodes = r->p->nodes.n;
	}
	if (r->operands.n < r->p->maker.operands.n) {
		r->operands.memo = xreallocarray(r->operands.memo, r->p->maker.operands.n,
						 sizeof(*r->operands.memo));
		memset(r->operands.memo + r->operands.n, 0,
		       (r->p->maker.operands.n - r->operands.n) * sizeof(*r->operands.memo));
		r->operands.n = (uint32_t)r->p->maker.operands.n;
	}
}

static struct thread_memo *find_thread_memo(struct program_run *r)
{
	const struct event_ctx *ctx = r->env->ctx;
	struct thread *t = ctx->thread;
	uint32_t n_words = (r->p->n_thread_bits + 63) / 64;
	struct thread_memo *m;
	uint64_t own_stamp, stamp;

	if (!t || n_words == 0)
		return NULL;
	own_stamp = thread_own_stamp(ctx->st, t);
	/* Of ancestors, users and containers, too. */
	stamp = thread_stamp(ctx->st, t);
	m = t->memo;
	if (!m || m->n_words != n_words) {
		free(m);
		m = xcalloc(1, sizeof(*m) + 2 * (size_t)n_words * sizeof(m->words[0]));
		m->n_words = n_words;
		t->memo = m;
	} else if (m->stamp == stamp && m->epoch == r->epoch) {
		return m;
	} else if (m->own_stamp == own_stamp && m->epoch == r->epoch) {
		/* Another thread came or went: what is about this one only stays. */
		for (uint32_t w = 0; w < n_words; w++)
			m->words[w] &= r->p->self_bits.v[w];
		m->stamp = stamp;
		return m;
	}
	memset(m->words, 0, n_words * sizeof(m->words[0]));
	m->stamp = stamp;
	m->own_stamp = own_stamp;
	m->epoch = r->epoch;
	return m;
}

/* Most events have dropped out before it is needed. */
static inline struct thread_memo *thread_memo(struct program_run *r)
{
	if (!r->thread_known) {
		r->thread_known = true;
		r->thread = find_thread_memo(r);
	}
	return r->thread;
}

void eval_begin(struct program_run *r, const struct field_env *env)
{
	fit(r);
	r->env = env;
	if (++r->generation == UINT32_MAX >> 1) {
		memset(r->memo, 0, r->n_nodes * sizeof(*r->memo));
		memset(r->operands.memo, 0, r->operands.n * sizeof(*r->operands.memo));
		fit_build(r);
		r->generation = 1;
	}
	r->operands.generation = r->generation;
	r->thread_known = false;
}

/* Makes the bits of a matcher those of its operand's value; none when it has none. */
static void run_matcher(struct program_run *r, uint32_t number)
{
	const struct operand_matcher *m = &r->p->matchers.v[number];
	uint64_t *bits = &r->match_bits[m->first_word];
	struct operand_values left;

	if (r->matched[number] == r->generation)
		return;
	r->matched[number] = r->generation;
	left = operand_eval(m->operand, &r->operands, r->env);
	memset(bits, 0, m->n_words * sizeof(*bits));
	if (left.present && left.n && value_class(left.v[0].type) == VC_TEXT)
		text_matcher_run(m->matcher, left.v[0].s, bits);
}

/* A comparison that is one of many of the same text: all of them are done at the first. */
static bool eval_matched(struct program_run *r, const struct node *n)
{
	const struct predicate *pred = n->predicate;
	struct operand_values left;
	bool hit;

	run_matcher(r, n->matcher - 1);
	hit = r->match_bits[n->match_bit / 64] >> (n->match_bit % 64) & 1;
	if (hit && !n->match_is_hint)
		return pred->op != OP_NE;
	if (!hit && pred->op != OP_NE)
		return false;
	/* A hint; or another text, or none, which is not unequal either. */
	left = operand_eval(pred->left, &r->operands, r->env);
	return predicate_compare(pred, &r->scratch, &left, NULL);
}

bool eval_plain(struct program_run *r, const struct predicate *pred)
{
	struct value one;
	struct values out = { .v = &one, .cap = 1, .arena = r->env->arena };
	struct operand_values left;

	left.present = field_extract(&pred->left->ref, r->env, &out);
	left.n = out.n;
	left.v = out.v;
	return predicate_compare(pred, &r->scratch, &left, NULL);
}

static bool eval_predicate(struct program_run *r, const struct predicate *pred)
{
	struct operand_values left, right = { false, 0, NULL };

	if (predicate_is_plain(pred))
		return eval_plain(r, pred);
	left = operand_eval(pred->left, &r->operands, r->env);
	if (pred->right && left.present)
		right = operand_eval(pred->right, &r->operands, r->env);
	return predicate_compare(pred, &r->scratch, &left, &right);
}

/* The text of flags is made once for each value of them. */
static bool eval_number(struct program_run *r, const struct predicate *pred)
{
	struct number_memo *m;
	const void *of;
	uint32_t value;

	if (!field_basis_number(&pred->left->ref, r->env, &value, &of))
		return eval_predicate(r, pred);
	if (!r->numbers)
		r->numbers = xcalloc(N_NUMBER_MEMOS, sizeof(*r->numbers));
	m = &r->numbers[(value ^ value >> 8 ^ pred->number * 32) % N_NUMBER_MEMOS];
	if (m->of != of || m->value != value || m->predicate != pred->number ||
	    m->epoch != r->epoch)
		*m = (struct number_memo){
			.of = of,
			.epoch = r->epoch,
			.predicate = pred->number,
			.value = value,
			.holds = eval_predicate(r, pred),
		};
	return m->holds;
}

static bool eval_fresh(struct program_run *r, const struct node *n)
{
	const struct predicate *pred;
	uint32_t i;

	switch (n->kind) {
	case NODE_TRUE:
		return true;
	case NODE_PREDICATE:
		if (n->matcher)
			return eval_matched(r, n);
		pred = n->predicate;
		return pred->number ? eval_number(r, pred) : eval_predicate(r, pred);
	case NODE_NOT:
		return !eval_value(r, n->kids[0]);
	case NODE_AND:
		for (i = 0; i < n->n_kids; i++)
			if (!eval_value(r, n->kids[i]))
				return false;
		return true;
	case NODE_OR:
		for (i = 0; i < n->n_kids; i++)
			if (eval_value(r, n->kids[i]))
				return true;
		return false;
	default:
		return false;
	}
}

static bool eval_thread(struct program_run *r, struct thread_memo *m, const struct node *n)
{
	uint64_t *known = &m->words[n->thread_bit / 64];
	uint64_t *values = known + m->n_words;
	uint64_t bit = UINT64_C(1) << (n->thread_bit % 64);
	bool value;

	if (*known & bit)
		return (*values & bit) != 0;
	value = eval_fresh(r, n);
	*known |= bit;
	if (value)
		*values |= bit;
	else
		*values &= ~bit;
	return value;
}

bool eval_node(struct program_run *r, uint32_t id)
{
	const struct node *n = &r->p->nodes.v[id];
	struct thread_memo *m;
	bool value;

	if (n->stateful)
		return eval_fresh(r, n);
	if (n->thread_bit != UINT32_MAX && (m = thread_memo(r)))
		value = eval_thread(r, m, n);
	else
		value = eval_fresh(r, n);
	r->memo[id] = r->generation << 1 | value;
	return value;
}

unsigned eval_type_slot(const struct event *ev)
{
	const struct syscall_info *call;

	if (ev->type == EVT_GENERIC_X) {
		call = event_generic_syscall(ev);
		return call && call->sc < SYSCALL_N ? SLOT_CALLS + call->sc : EVT_GENERIC_X;
	}
	return ev->type < EVENT_N_TYPES ? ev->type : SLOT_UNKNOWN;
}

/* What fd.* fields say of a path besides its text. */
enum { PATH_FILE, PATH_DIRECTORY, PATH_OTHER, PATH_UNKNOWN };

static uint8_t path_kind(const struct fd_entry *f)
{
	return fd_is_file(f) ? PATH_FILE : f->type == FD_DIRECTORY ? PATH_DIRECTORY : PATH_OTHER;
}

/*
 * The path that the event's fd.* fields are about. That of a descriptor which is not known (of a
 * call that failed) is made from the parameters, and interned for what is remembered with it.
 */
static bool path_of_event(struct program_run *r, const struct istr **ret, uint8_t *ret_kind)
{
	const struct event_ctx *ctx = r->env->ctx;
	const struct istr *istr;
	struct str text;

	if (!field_fd_applies(r->env))
		return false;
	if (ctx->fd) {
		*ret = fd_name(ctx->fd);
		*ret_kind = path_kind(ctx->fd);
		return true;
	}
	if (!(ctx->ev->info->flags & EF_CREATES_FD) || field_fd(r->env) ||
	    !field_fd_name_text(r->env, &text, &istr))
		return false;
	*ret = istr ? istr : intern_get(state_intern(ctx->st), text.p, text.n);
	*ret_kind = PATH_UNKNOWN;
	return true;
}

/* What a condition needs of the path is there, or cannot be said: matchers have been run. */
static bool path_may_hold(const struct program_run *r, const struct type_condition *c)
{
	uint64_t found = 0;

	for (uint32_t i = 0; c->path_needs && i < c->n_path_needs; i++)
		found |= r->match_bits[c->path_needs[i].word] & c->path_needs[i].bits;
	return !c->path_needs || found;
}

/* Which conditions the path of the event's descriptor leaves open: a bit each. */
static const uint64_t *open_by(struct program_run *r, const struct type_program *tp,
			       const struct istr *path, uint8_t kind)
{
	struct string_memo *m = string_memo(path, r->epoch, tp->n_words);

	if (m->program == tp->number + 1 && m->path_kind == kind)
		return m->open;
	for (uint32_t i = 0; i < r->p->matchers.n; i++)
		if (r->p->matchers.v[i].of_path)
			run_matcher(r, i);
	memset(m->open, 0, tp->n_words * sizeof(m->open[0]));
	for (uint32_t i = 0; i < tp->n; i++)
		if (path_may_hold(r, &tp->conditions[i]) &&
		    eval_holds(r, tp->conditions[i].of_path))
			m->open[i / 64] |= UINT64_C(1) << (i % 64);
	m->path_kind = kind;
	m->program = tp->number + 1;
	return m->open;
}

/*
 * The same of any event; NULL when the path says nothing, or there is none. What opens a file opens
 * one that was opened before as a rule, and few rules are about that one: this decides nine of ten
 * events.
 */
const uint64_t *eval_by_path(struct program_run *r, const struct type_program *tp)
{
	const struct istr *path;
	uint8_t kind;

	if (!tp->of_path || !path_of_event(r, &path, &kind))
		return NULL;
	return open_by(r, tp, path, kind);
}

/* The value of a node of SELF or THREAD scope, by a look at the thread's memo when it is there. */
bool eval_of_thread(struct program_run *r, uint32_t id)
{
	const struct thread_memo *m;
	uint32_t bit;

	if (id == ID_TRUE)
		return true;
	bit = r->p->nodes.v[id].thread_bit;
	m = bit != UINT32_MAX ? thread_memo(r) : NULL;
	if (m && m->words[bit / 64] >> (bit % 64) & 1)
		return m->words[bit / 64 + m->n_words] >> (bit % 64) & 1;
	return eval_node(r, id);
}

/*
 * As find_open() and condition_holds() would, as far as they look only at what an event in hand
 * would have besides its parameters: the thread, the path, the name. *kept: the conditions that the
 * path and the name leave open, a bit each, if that is enough.
 */
static enum open_verdict judge_open(struct program_run *r, const struct type_program *tp,
				    const struct istr *path, uint8_t kind, uint64_t *kept)
{
	const uint64_t *open = tp->of_path ? open_by(r, tp, path, kind) : NULL;
	enum open_verdict verdict = OPEN_NEVER;
	uint64_t left = 0;

	for (uint32_t i = 0; i < tp->n; i++) {
		const struct type_condition *c = &tp->conditions[i];

		if ((open && !(open[i / 64] >> (i % 64) & 1)) || !eval_holds(r, c->of_name))
			continue;
		if (verdict != OPEN_WANTED)
			verdict = eval_of_thread(r, c->of_thread) ? OPEN_WANTED : OPEN_PASSES;
		left |= UINT64_C(1) << (i % 64);
	}
	if (tp->n <= 64)
		*kept = left;
	return verdict;
}

/* None of these conditions holds for the thread, and all of that is remembered with it. */
static bool is_closed_by_thread(const struct program_run *r, const struct type_program *tp,
				uint64_t conditions, const struct state *st, const struct thread *t)
{
	const struct thread_memo *m = t->memo;
	bool own_only;

	if (!m || r->n_builds != r->p->n_builds || m->n_words != (r->p->n_thread_bits + 63) / 64 ||
	    m->epoch != r->epoch || m->own_stamp != thread_own_stamp(st, t))
		return false;
	own_only = m->stamp != thread_stamp(st, t);
	for (; conditions; conditions &= conditions - 1) {
		uint32_t id = tp->conditions[__builtin_ctzll(conditions)].of_thread;
		uint32_t at = r->p->nodes.v[id].thread_bit;
		uint64_t bit = UINT64_C(1) << (at % 64);

		if (at == UINT32_MAX || !(m->words[at / 64] & bit) ||
		    (m->words[at / 64 + m->n_words] & bit) ||
		    (own_only && !(r->p->self_bits.v[at / 64] & bit)))
			return false;
	}
	return true;
}

/* With what is known of an event that is not made. */
static enum open_verdict judge_unmade(struct program_run *r, const struct type_program *tp,
				      const struct field_env *env, const struct state_open *o)
{
	static const uint8_t kinds[OPEN_N_KINDS] = {
		[OPEN_FILE] = PATH_FILE,
		[OPEN_DIRECTORY] = PATH_DIRECTORY,
		[OPEN_FAILED] = PATH_UNKNOWN,
	};
	struct field_env own = *env;
	struct param params[STATE_OPEN_PARAMS] = { 0 };
	struct fd_entry fd = {
		.num = o->res,
		.type = o->kind == OPEN_DIRECTORY ? FD_DIRECTORY : FD_FILE_V2,
		.kept_name = o->path,
		.nameraw = o->raw,
	};
	struct event ev = {
		.tid = o->thread->tid,
		.type = o->type,
		.info = event_info(o->type),
		.params = params,
	};
	struct event_ctx ctx = {
		.ev = &ev,
		.st = o->st,
		.thread = o->thread,
		.container = o->thread->container,
		.fd_num = -1,
	};
	enum open_verdict verdict;
	uint8_t dirfd[8];

	own.ctx = &ctx;
	if (o->kind != OPEN_FAILED) {
		ctx.fd = &fd;
	} else {
		/* What says something of its path makes it from these. */
		put_le64(dirfd, (uint64_t)o->dirfd);
		if (o->dirfd_param >= 0)
			params[o->dirfd_param] = (struct param){ dirfd, sizeof(dirfd) };
		params[o->name_param] = (struct param){ (const uint8_t *)o->name.p, o->name.n };
		ev.n_params = o->name_param + 1;
	}
	eval_begin(r, &own);
	verdict = judge_open(r, tp, o->path, kinds[o->kind], o->kept);
	r->env = NULL;
	return verdict;
}

enum open_verdict program_open(struct program_run *r, const struct field_env *env,
			       const struct state_open *o)
{
	const struct type_program *tp = r->p->types[o->type];

	if (tp->n == 0)
		return OPEN_NEVER;
	if (*o->kept && is_closed_by_thread(r, tp, *o->kept, o->st, o->thread))
		return OPEN_PASSES;
	return judge_unmade(r, tp, env, o);
}

bool program_eval(struct program_run *r, const struct field_env *env, int id)
{
	eval_begin(r, env);
	return eval_node(r, r->p->roots.v[id]);
}

void program_begin(struct program_run *r, const struct field_env *env)
{
	eval_begin(r, env);
}

bool program_value(struct program_run *r, int id)
{
	fit(r);
	return eval_value(r, r->p->roots.v[id]);
}

struct operand_values program_operand(struct program_run *r, const struct operand *op)
{
	return operand_eval(op, &r->operands, r->env);
}

bool program_compare_item(struct program_run *r, const struct predicate *pred,
			  const struct value *v, uint32_t i, const struct path_set *path)
{
	return predicate_compare_item(pred, &r->scratch, v, i, path);
}
