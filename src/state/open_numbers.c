/*
 * Opens that the state takes by their numbers and their name, without the event, as
 * state_settle_numbers() does with others: whoever looks at events is asked first whether one of a
 * file with this path could matter. What is said of all opens of a path is kept with it.
 */
#include "state/state_impl.h"

/* Which numbers settle_open() gets. */
enum { NUMBER_RES, NUMBER_FLAGS, NUMBER_DEV, NUMBER_INO, NUMBER_DIRFD };

/* A bit of opened.never for each way a call of this type can end. */
static unsigned never_bit(unsigned type, enum open_kind kind)
{
	unsigned n = type == EVT_SYSCALL_OPENAT_2_X  ? 0
		     : type == EVT_SYSCALL_OPENAT2_X ? 1
		     : type == EVT_SYSCALL_OPEN_X    ? 2
						     : 3;

	return 1u << (n * OPEN_N_KINDS + kind);
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

/* Whether nobody has to look at the open. */
static bool passes(struct state *st, unsigned type, struct thread *t, struct opened *o,
		   struct str text, const int64_t *v, int64_t dirfd)
{
	uint32_t flags = open_flags_of(type, (uint32_t)v[NUMBER_FLAGS]);
	enum open_kind kind = v[NUMBER_RES] < 0       ? OPEN_FAILED
			      : flags & F_O_DIRECTORY ? OPEN_DIRECTORY
						      : OPEN_FILE;
	struct open_layout l = open_layout_of(type);
	unsigned bit = never_bit(type, kind);
	enum open_verdict verdict;

	if (!st->judge || o->never & bit)
		return true;
	verdict = st->judge(st->judge_arg, &(struct state_open){
						   .st = st,
						   .thread = t,
						   .type = (uint16_t)type,
						   .kind = kind,
						   .res = v[NUMBER_RES],
						   .dirfd = dirfd,
						   .dirfd_param = l.dirfd,
						   .name_param = l.name,
						   .name = text,
						   .path = o->path,
						   .raw = o->raw,
					   });
	if (verdict == OPEN_NEVER)
		o->never |= (uint16_t)bit;
	return verdict != OPEN_WANTED;
}

bool open_settle(struct state *st, unsigned type, struct thread *t, const int64_t *v,
		 struct str text)
{
	int64_t dirfd = EVENT_AT_FDCWD;
	struct fd_entry *f;
	struct fd_table *fds;
	struct opened *o;
	struct str name;

	if (type == EVT_SYSCALL_OPENAT_2_X || type == EVT_SYSCALL_OPENAT2_X)
		dirfd = v[NUMBER_DIRFD];
	if (v[NUMBER_RES] < 0 && !st->judge)
		return true;
	if (text.n < 2 || text.p[text.n - 1] != '\0')
		return false;
	state_look_after_memory(st);
	name = str_mem(text.p, text.n - 1);
	o = opened_find(st, t, dirfd, name);
	if (!o && !is_plain_name(text))
		return false;
	if (!o)
		o = opened_get(st, t, dirfd, name);
	if (!passes(st, type, t, o, text, v, dirfd))
		return false;
	if (v[NUMBER_RES] < 0)
		return true;
	fds = thread_fds_rw(st, t);
	f = fds ? fd_table_add(fds, v[NUMBER_RES]) : NULL;
	if (!f)
		return false;
	t->last_fd = v[NUMBER_RES];
	f->l4proto = L4_NA;
	f->stamp = ++st->stamp;
	file_entry_set(f, &(struct open_file){
				  .flags = open_flags_of(type, (uint32_t)v[NUMBER_FLAGS]),
				  .dev = (uint32_t)v[NUMBER_DEV],
				  .ino = (uint64_t)v[NUMBER_INO],
				  .path = o->path,
				  .raw = o->raw,
			  });
	return true;
}
