/*
 * Opens that the state takes by their numbers and their name, without the event, as
 * state_settle_numbers() does with others: whoever looks at events is asked first whether one of a
 * file with this path could matter. What is said of all opens of a path is kept with it.
 */
#include "state/fd_table_impl.h"
#include "state/state_impl.h"

/* Which numbers open_settle() gets. */
enum { NUMBER_RES, NUMBER_FLAGS, NUMBER_DEV, NUMBER_INO, NUMBER_DIRFD };

/* The ways to open, numbered: a bit each of opened.never. */
static inline unsigned way_of(unsigned type, enum open_kind kind)
{
	unsigned n = type == EVT_SYSCALL_OPENAT_2_X  ? 0
		     : type == EVT_SYSCALL_OPENAT2_X ? 1
		     : type == EVT_SYSCALL_OPEN_X    ? 2
						     : 3;

	return n * OPEN_N_KINDS + kind;
}

static struct event_number_param number_of(const struct event_info *info, int8_t param)
{
	return (struct event_number_param){
		.param = (uint8_t)param,
		.size = (uint8_t)param_type_size(info->params[param].type),
	};
}

void open_numbers_want(const struct event_info *info, struct event_want *want)
{
	struct open_layout l = open_layout_of(info->type);

	want->numbers[NUMBER_RES] = number_of(info, 0);
	want->numbers[NUMBER_FLAGS] = number_of(info, l.flags);
	want->numbers[NUMBER_DEV] = number_of(info, l.dev);
	want->numbers[NUMBER_INO] = number_of(info, l.ino);
	/* As read_call() has it: nothing is said of a file that was not opened. */
	for (unsigned i = NUMBER_FLAGS; i <= NUMBER_INO; i++)
		want->numbers[i].or_zero = true;
	if (l.dirfd >= 0)
		want->numbers[NUMBER_DIRFD] = number_of(info, l.dirfd);
	want->n_numbers = l.dirfd >= 0 ? NUMBER_DIRFD + 1 : NUMBER_DIRFD;
	want->text = (uint8_t)(l.name + 1);
}

void state_want_opens(struct event_wants *w)
{
	for (unsigned type = 0; type < EVENT_N_TYPES; type++) {
		const struct event_info *info = event_info(type);

		if (info && state_parser_of(type) == parse_open && w->of[type].how == WANT_ALL)
			open_numbers_want(info, &w->of[type]);
	}
}

void state_judge_opens(struct state *st, state_open_judge judge, void *arg)
{
	if (st->judge && (judge != st->judge || arg != st->judge_arg))
		opened_forget(st);
	st->judge = judge;
	st->judge_arg = arg;
}

/* The bytes of a name as a recorder writes it; what is odd comes as an event. */
static bool is_plain_name(struct str text)
{
	return memchr(text.p, '\0', text.n - 1) == NULL && text.p[0] != '(';
}

/*
 * What is opened one after the other is opened in this order again: the headers of a source file,
 * the files below a directory. All of them have gone from the cache by then, and to wait for each
 * was most of what an open cost; so the one after the next is fetched while this one is in hand.
 */
static inline void fetch_ahead(struct state *st, int64_t tid, struct opened *o)
{
	struct opened_order *order = &st->opened_orders[(uint64_t)tid & (OPENED_ORDERS - 1)];
	struct opened *before = order->v[order->at];

	if (before) {
		before->next = o;
		before->next_raw = o->raw;
	}
	order->v[order->at] = o;
	order->at = (order->at + 1) % OPENED_AHEAD;
	__builtin_prefetch(o->next);
	__builtin_prefetch(o->next_raw);
}

/* Asks the judge; whether nobody has to look at the open. */
static bool is_passed(struct state *st, unsigned type, enum open_kind kind, struct thread *t,
		      struct opened *o, struct str text, const int64_t *v, int64_t dirfd)
{
	struct open_layout l = open_layout_of(type);
	unsigned way = way_of(type, kind);
	enum open_verdict verdict;

	if (o->kept_for != way) {
		o->kept_for = (uint8_t)way;
		o->kept = 0;
	}
	verdict = st->judge(st->judge_arg, &(struct state_open){
						   .st = st,
						   .thread = t,
						   .type = (uint16_t)type,
						   .kind = (uint8_t)kind,
						   .res = v[NUMBER_RES],
						   .dirfd = dirfd,
						   .dirfd_param = l.dirfd,
						   .name_param = l.name,
						   .name = text,
						   .path = o->path,
						   .raw = o->raw,
						   .kept = &o->kept,
					   });
	if (verdict == OPEN_NEVER)
		o->never |= (uint16_t)(1u << way);
	return verdict != OPEN_WANTED;
}

bool open_settle(struct state *st, unsigned type, struct thread *t, const int64_t *v,
		 struct str text)
{
	bool by_dirfd = type == EVT_SYSCALL_OPENAT_2_X || type == EVT_SYSCALL_OPENAT2_X;
	int64_t res = v[NUMBER_RES], dirfd = by_dirfd ? v[NUMBER_DIRFD] : EVENT_AT_FDCWD;
	uint32_t flags = (uint32_t)v[NUMBER_FLAGS];
	struct fd_table *fds = t->flags & THREAD_CLONE_FILES ? thread_fds(st, t) : t->fds;
	enum open_kind kind;
	struct fd_entry *f;
	struct opened *o;

	if (res < 0 && !st->judge)
		return true;
	/* Whoever looks at a call that failed may see the descriptor that has the number of none.
	 */
	if (text.n < 2 || text.p[text.n - 1] != '\0' || (res < 0 && fds && fd_has_negative(fds)))
		return false;
	state_look_after_memory(st);
	o = opened_find(st, t, dirfd, text);
	if (!o) {
		if (!is_plain_name(text))
			return false;
		o = opened_get(st, t, dirfd, str_mem(text.p, text.n - 1));
	}
	fetch_ahead(st, t->tid, o);
	if (!by_dirfd)
		flags = open_flags_of(type, flags);
	kind = res < 0 ? OPEN_FAILED : flags & F_O_DIRECTORY ? OPEN_DIRECTORY : OPEN_FILE;
	if (st->judge && !(o->never >> way_of(type, kind) & 1) &&
	    !is_passed(st, type, kind, t, o, text, v, dirfd))
		return false;
	if (res < 0)
		return true;
	if (!fds)
		fds = thread_fds_rw(st, t);
	f = fds ? fd_table_put(fds, &st->new_fd, res) : NULL;
	if (!f)
		return false;
	t->last_fd = res;
	f->stamp = ++st->stamp;
	file_entry_set(f, flags, (uint32_t)v[NUMBER_DEV], (uint64_t)v[NUMBER_INO], o->path, o->raw);
	return true;
}
