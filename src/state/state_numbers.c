/*
 * Events that the state takes by a few of their numbers, without the event: event_wants.settle().
 *
 * Most of what may change the state is a close, or a read or a write, which changes it only when it
 * is the first on a socket, or says what is known already. Here they cost a look at the thread and
 * at its descriptor: a sixth of what an event made for them does. Whatever is not the plain case is
 * refused and comes as an event.
 */
#include "base/compiler.h"
#include "state/fd_table_impl.h"
#include "state/process_params.h"
#include "state/state_impl.h"

/* Which numbers each function below gets. */
enum { NUMBER_RES, NUMBER_FD, NUMBER_CMD, NUMBER_ARG };
enum { NUMBER_FLAGS = 1 };
enum { NUMBER_RESOURCE = 1 };

#define BY_FD UINT8_MAX /* the parameter with the descriptor */

/* The parsers that have a short form, and the parameters this looks at. */
static const struct settling {
	state_parser parser;
	uint8_t kind; /* enum settle_kind */
	uint8_t n;
	uint8_t text; /* event_want.text */
	uint8_t params[4];
} settlings[] = {
	{ parse_rw, SETTLE_RW, 2, 0, { 0, BY_FD } },
	{ parse_close, SETTLE_CLOSE, 2, 0, { 0, BY_FD } },
	{ parse_fcntl, SETTLE_FCNTL, 4, 0, { 0, BY_FD, 2, 3 } },
	{ parse_ioctl, SETTLE_IOCTL, 3, 0, { 0, BY_FD, 2 } },
	{ parse_getcwd, SETTLE_GETCWD, 1, 2, { 0 } },
	{ parse_prlimit, SETTLE_PRLIMIT, 2, 0, { 0, 6 } },
	{ parse_clone, SETTLE_CLONE, 2, 0, { 0, P_COMMON_END } },
	{ parse_vfork, SETTLE_VFORK, 2, 0, { 0, P_COMMON_END } },
};

/* An integer that the source gives as event_param_int() does. */
static bool is_number(const struct event_info *info, int i)
{
	unsigned type;

	if (i < 0 || i >= info->n_params)
		return false;
	type = info->params[i].type;
	return param_type_is_int(type) &&
	       (param_type_size(type) == 8 || !param_type_is_signed(type));
}

static bool want_of(const struct event_info *info, const struct settling *s,
		    struct event_want *want)
{
	for (unsigned i = 0; i < s->n; i++) {
		int param = s->params[i] == BY_FD ? info->fd_param : s->params[i];

		if (!is_number(info, param))
			return false;
		want->numbers[i].param = (uint8_t)param;
		want->numbers[i].size = (uint8_t)param_type_size(info->params[param].type);
	}
	want->n_numbers = s->n;
	want->text = s->text;
	return true;
}

uint8_t state_settle_kind(const struct event_info *info)
{
	state_parser parser = state_parser_of(info->type);
	struct event_want want;

	if (parser == parse_open)
		return SETTLE_OPEN;
	for (size_t i = 0; i < sizeof(settlings) / sizeof(*settlings); i++)
		if (parser == settlings[i].parser && want_of(info, &settlings[i], &want))
			return settlings[i].kind;
	return SETTLE_NOT;
}

void state_numbers_want(const struct event_info *info, struct event_want *want)
{
	uint8_t kind = state_settle_kind(info);
	int tuple = rw_tuple_param(info->type);

	if (kind == SETTLE_OPEN)
		open_numbers_want(info, want);
	for (size_t i = 0; i < sizeof(settlings) / sizeof(*settlings); i++)
		if (kind == settlings[i].kind)
			(void)want_of(info, &settlings[i], want);
	if (kind != SETTLE_RW)
		return;
	want->params = 1u << 0 | 1u << info->fd_param;
	if (tuple >= 0)
		want->params |= 1u << tuple;
}

void state_want_uses(struct event_wants *w)
{
	for (unsigned type = 0; type < EVENT_N_TYPES; type++) {
		const struct event_info *info = event_info(type);
		uint32_t params = w->of[type].params;

		if (!info || w->of[type].how != WANT_ALL || state_settle_kind(info) != SETTLE_RW)
			continue;
		state_numbers_want(info, &w->of[type]);
		w->of[type].params = params;
	}
}

void state_judge_uses(struct state *st, const struct event_wants *wants, state_use_judge judge,
		      void *arg)
{
	for (unsigned type = 0; type < EVENT_N_TYPES; type++)
		st->types[type].judged = judge && wants->of[type].how != WANT_NONE;
	st->use_judge = judge;
	st->use_judge_arg = arg;
}

/* As parse_rw(). */
static inline bool settle_rw(const struct state *st, const struct fd_entry *f, int tuple,
			     int64_t res)
{
	uint8_t said = res >= 0 ? FD_CONNECTED : FD_CONNECT_FAILED;

	/* A message may make a socket of a descriptor that is not known. */
	if (!f)
		return tuple < 0 || res < 0;
	if ((f->type == FD_IPV4_SOCK || f->type == FD_IPV6_SOCK) && !(f->flags & said) &&
	    (res >= 0 || st->opt.connection_tracking))
		return false;
	return tuple < 0 || res < 0 ||
	       (f->type == FD_IPV4_SOCK && f->l4proto == L4_TCP && fd_has_name(f));
}

/* One that the state is done with: whether nobody has to look at it; see state_judge_uses(). */
static NOINLINE bool use_passes(struct state *st, unsigned type, struct thread *t,
				const struct fd_entry *f)
{
	return f && !st->use_judge(st->use_judge_arg, &(struct state_use){
							      .st = st,
							      .thread = t,
							      .type = (uint16_t)type,
							      .fd = f,
						      });
}

/* As parse_fcntl(), of a descriptor that is known. */
static NOINLINE bool settle_fcntl(struct state *st, struct thread *t, struct fd_table *fds,
				  const struct fd_entry *from, const int64_t *v)
{
	struct fd_entry *f;

	switch (v[NUMBER_CMD]) {
	case F_CAP_DUPFD:
	case F_CAP_DUPFD_CLOEXEC:
		f = fd_table_put(fds, from, v[NUMBER_RES]);
		t->last_fd = v[NUMBER_RES];
		if (!f) {
			st->stats.fds_dropped++;
			return true;
		}
		fd_set_cloexec(f, v[NUMBER_CMD] == F_CAP_DUPFD_CLOEXEC);
		break;
	case F_CAP_SETFD:
		f = fd_table_edit(fds, from->num);
		fd_set_cloexec(f, v[NUMBER_ARG] & 1);
		break;
	default:
		return true;
	}
	f->stamp = ++st->stamp;
	return true;
}

/* As parse_getcwd(): what it says is so already. */
static bool settle_getcwd(struct state *st, const struct thread *t, int64_t res, struct str path)
{
	const struct thread *m = thread_main(st, t);

	if (path.n && path.p[path.n - 1] == '\0')
		path.n--;
	return res < 0 || !m || state_is_same_directory(st, m->cwd, path);
}

/* As clone_caller(), of a child that its own event has made known. */
static bool settle_clone(const struct state *st, const struct thread *t, bool vfork,
			 const int64_t *v)
{
	uint32_t flags = (uint32_t)v[NUMBER_FLAGS];
	const struct thread *child;

	if (v[NUMBER_RES] <= 0)
		return v[NUMBER_RES] < 0;
	if (thread_invalid(t))
		return false;
	if (vfork || v[NUMBER_RES] == t->tid || t->tid != t->vtid ||
	    (flags & THREAD_CLONE_NOT_BY_CALLER))
		return true;
	child = state_thread(st, v[NUMBER_RES]);
	return child && (child->flags & THREAD_CLONE_INVERTED);
}

/* As parse_close(). */
static NOINLINE bool settle_close(struct fd_table *fds, int64_t num)
{
	fd_table_close(fds, num);
	return true;
}

static NOINLINE bool settle_other(struct state *st, unsigned type, struct thread *t,
				  const int64_t *v, struct str text)
{
	switch (st->types[type].settle) {
	case SETTLE_OPEN:
		return open_settle(st, type, t, v, text);
	case SETTLE_IOCTL:
		return v[NUMBER_RES] < 0 || v[NUMBER_CMD] != IOCTL_CAP_TIOCGPTPEER;
	case SETTLE_GETCWD:
		return settle_getcwd(st, t, v[NUMBER_RES], text);
	case SETTLE_PRLIMIT:
		return v[NUMBER_RES] != 0 || v[NUMBER_RESOURCE] != RLIMIT_CAP_NOFILE;
	case SETTLE_CLONE:
	case SETTLE_VFORK:
		return settle_clone(st, t, st->types[type].settle == SETTLE_VFORK, v);
	default:
		return false;
	}
}

static inline bool settle_by_fd(struct state *st, unsigned type, struct thread *t,
				struct fd_table *fds, const struct fd_entry *f, const int64_t *v)
{
	const struct type_traits *traits = &st->types[type];

	if (traits->settle == SETTLE_FCNTL)
		return !f || v[NUMBER_RES] < 0 || settle_fcntl(st, t, fds, f, v);
	if (!settle_rw(st, f, traits->tuple, v[NUMBER_RES]))
		return false;
	return !traits->judged || use_passes(st, type, t, f);
}

/* The descriptor is not where it is as a rule, or not at all. */
static NOINLINE bool settle_by_search(struct state *st, unsigned type, struct thread *t,
				      struct fd_table *fds, const int64_t *v)
{
	return settle_by_fd(st, type, t, fds, fds ? fd_table_get(fds, v[NUMBER_FD]) : NULL, v);
}

/* The thread was not at hand, or something was left to be done. */
static NOINLINE bool settle_after_all(struct state *st, unsigned type, int64_t tid,
				      const int64_t *v, struct str text)
{
	state_settle(st);
	/* Now it is at hand. */
	return state_thread(st, tid) && state_settle_numbers(st, type, tid, v, text);
}

/*
 * A million and a half times in a trace of five million events: whatever is called is called last,
 * so that nothing has to be kept for afterwards.
 */
bool state_settle_numbers(void *arg, unsigned type, int64_t tid, const int64_t *v, struct str text)
{
	struct state *st = arg;
	struct thread *t = st->cache[(uint64_t)tid & (THREAD_CACHE - 1)];
	uint8_t kind = st->types[type].settle;
	const struct fd_slot *slot;
	const struct thread *m = t;
	struct fd_table *fds;

	if (st->deferred || !t || t->tid != tid)
		return settle_after_all(st, type, tid, v, text);
	if (t->enter || t->last_valid)
		return false;
	st->section_began = true;
	if (kind > SETTLE_FCNTL)
		return settle_other(st, type, t, v, text);
	if (t->flags & THREAD_CLONE_FILES)
		m = thread_main_look(t);
	fds = m ? m->fds : NULL;
	if (kind == SETTLE_CLOSE)
		return v[NUMBER_RES] < 0 || !fds || settle_close(fds, v[NUMBER_FD]);
	slot = fds ? fd_dense_slot(fds, v[NUMBER_FD]) : NULL;
	if (!slot)
		return settle_by_search(st, type, t, fds, v);
	return settle_by_fd(st, type, t, fds, fd_page_look(slot->page, v[NUMBER_FD]), v);
}
