/* Processes of a state: which are meant, and how they are called; see look.h. */
#include <stdlib.h>

#include "cli/look.h"

/* Numbers of Documentation/admin-guide/devices.txt; the packing is the kernel's new_encode_dev().
 */
bool tty_name(uint32_t dev, struct strbuf *out)
{
	uint32_t major = (dev >> 8) & 0xfff, minor = (dev & 0xff) | ((dev >> 12) & 0xfff00);

	if (!dev)
		return false;
	if (major >= 136 && major <= 143)
		strbuf_addf(out, "pts/%u", (major - 136) * 256 + minor);
	else if (major == 4 && minor < 64)
		strbuf_addf(out, "tty%u", minor);
	else if (major == 4)
		strbuf_addf(out, "ttyS%u", minor - 64);
	else if (major == 204 && minor >= 64)
		strbuf_addf(out, "ttyAMA%u", minor - 64);
	else if (major == 229)
		strbuf_addf(out, "hvc%u", minor);
	else if (major == 5 && minor == 1)
		strbuf_adds(out, "console");
	else
		strbuf_addf(out, "%u,%u", major, minor);
	return true;
}

static bool wants_pid(const struct look *l, int64_t pid)
{
	for (size_t i = 0; i < l->pids.n; i++)
		if (l->pids.v[i] == pid)
			return true;
	return !l->pids.n;
}

static bool wants_user(const struct look *l, const struct thread *t)
{
	const struct user_entry *u = state_user(l->st, t->container, t->uid);
	unsigned long long uid;

	if (!l->user)
		return true;
	if (u && str_eqz(istr_str(u->name), l->user))
		return true;
	return str_to_u64(str_of(l->user), &uid) && uid == t->uid;
}

static bool wants_container(const struct look *l, const struct thread *t)
{
	const struct container *c = t->container;
	struct str want;

	if (!l->container)
		return true;
	want = str_of(l->container);
	if (!c)
		return str_eqz(want, "host");
	return str_eq(want, c->id) || str_eq(want, c->name) ||
	       (want.n >= c->id.n && str_eq(want, c->full_id));
}

bool look_wants(struct look *l, const struct thread *t)
{
	return wants_pid(l, t->pid) && wants_user(l, t) && wants_container(l, t);
}

bool look_matches(struct look *l, struct thread *t, const struct fd_entry *f)
{
	/* Fields look at the thread of an event, and at its descriptor if the type uses one. */
	static const uint8_t nothing[1];
	const struct param none[] = { { nothing, 0 } };
	struct event ev = {
		.ts = l->ts,
		.tid = t->tid,
		.type = f ? EVT_SYSCALL_FSTAT_X : EVT_SYSCALL_GETUID_X,
		.params = none,
	};
	struct event_ctx ctx = {
		.ev = &ev,
		.st = (struct state *)l->st,
		.thread = t,
		.fd = f,
		.fd_num = f ? f->num : -1,
		.fd_known = f != NULL,
		.fd_oldname = f ? fd_name(f) : NULL,
		.container = t->container,
		.visible = true,
		.first_ts = l->ts,
	};

	if (!l->filter)
		return true;
	ev.info = event_info(ev.type);
	arena_reset(&l->event_arena);
	return event_filter_match(l->filter, &ctx, &l->event_arena);
}

struct thread **look_processes(const struct state *st, bool threads, size_t *ret_n)
{
	size_t n, kept = 0;
	struct thread **v = state_threads_sorted(st, &n);

	for (size_t i = 0; i < n; i++) {
		const struct thread *t = v[i];
		bool leader = thread_main(st, t) == t;

		if (thread_invalid(t) || !t->group || !t->group->alive ||
		    (threads && (t->flags & THREAD_CLOSED)))
			continue;
		/* A leader that is not there: its first thread stands for it. */
		if (!leader && !thread_main(st, t))
			leader = t->group->first == t;
		if (threads || leader)
			v[kept++] = v[i];
	}
	*ret_n = kept;
	return v;
}

void look_user(struct look *l, size_t column, const struct thread *t)
{
	const struct user_entry *u = state_user(l->st, t->container, t->uid);

	char uid[16];

	snprintf(uid, sizeof(uid), "%u", t->uid);
	if (u && u->name->n)
		table_text(l->table, column, istr_str(u->name));
	else if (t->uid != UINT32_MAX)
		table_text(l->table, column, str_of(uid));
}

void look_container(struct look *l, size_t column, const struct thread *t)
{
	if (t->container)
		table_text(l->table, column, container_label(t->container));
}
