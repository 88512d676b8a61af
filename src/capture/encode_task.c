/* What exec and clone say of a process: the parts of a struct eyas_task, argument lists, cgroups.
 */
#include <string.h>

#include "capture/encode_call.h"

/* clone_flags: in a pid namespace below the first. */
#define FLAG_CHILD_IN_PIDNS 0x20000000u

/* The runs behind a struct eyas_task, in their order. */
enum task_run { RUN_ARGS, RUN_ENV, RUN_EXEPATH, RUN_CGROUPS };

static struct str task_run(const struct call *c, unsigned fetch, const struct eyas_task *t,
			   enum task_run which)
{
	const uint32_t lens[] = { t->args_len, t->env_len, t->exepath_len, t->cgroups_len };
	const struct piece *f = &c->pieces[fetch];
	size_t off = sizeof(*t);

	for (unsigned i = 0; i < (unsigned)which; i++)
		off += ((size_t)lens[i] + 7) & ~(size_t)7;
	if (off > f->n || lens[which] > f->n - off)
		return (struct str){ "", 0 };
	return str_mem(f->p + off, lens[which]);
}

/* A list of strings, each with a NUL; one that was cut in the middle gets its own. */
static void put_list(struct call *c, struct str list)
{
	uint8_t *to;

	if (!list.n || list.p[list.n - 1] == '\0') {
		put_borrowed(c, list.p, list.n);
		return;
	}
	to = made_room(c, list.n + 1);
	if (!to) {
		put_none(c);
		return;
	}
	memcpy(to, list.p, list.n);
	to[list.n] = 0;
	made_put(c, list.n + 1);
}

/* argv's first string, or the others. */
static void put_argv(struct call *c, struct str argv, enum encode_argv which)
{
	size_t n = strnlen(argv.p, argv.n);

	if (which == ARGV_ENV)
		put_list(c, argv);
	else if (!argv.n)
		put_none(c);
	else if (which == ARGV_EXE)
		put_text(c, argv.p, argv.n);
	else
		put_list(c, n < argv.n ? str_from(argv, n + 1) : (struct str){ "", 0 });
}

/*
 * The strings of a struct eyas_strv one behind the other, EYAS_ARGS_MAX bytes of them: in `made`,
 * so that parameters can borrow from it.
 */
static struct str strv_list(struct call *c, unsigned fetch)
{
	const struct piece *f = &c->pieces[fetch];
	uint8_t *to = made_room(c, EYAS_ARGS_MAX);
	size_t n = 0, bytes;
	struct eyas_strv v;

	if (!to || !piece_copy(c, fetch, &v, sizeof(v)))
		return (struct str){ "", 0 };
	bytes = f->n - sizeof(v);
	for (uint32_t i = 0; i < v.n && i < EYAS_MAX_STRINGS && n < EYAS_ARGS_MAX; i++) {
		const uint8_t *p = f->p + sizeof(v) + v.off[i];
		size_t len;

		if (v.off[i] >= bytes)
			break;
		len = strnlen((const char *)p, bytes - v.off[i]);
		if (len > EYAS_ARGS_MAX - n - 1)
			len = EYAS_ARGS_MAX - n - 1;
		memcpy(to + n, p, len);
		n += len;
		to[n++] = 0;
	}
	c->made_n += (uint32_t)n;
	return str_mem(to, n);
}

void how_argv(struct call *c, const struct call_param *p, unsigned type)
{
	struct eyas_task t;

	(void)type;
	/* of a call that failed, the arrays it was given; else what the process has */
	if (p->c < EYAS_MAX_FETCHES && c->r->ret < 0) {
		put_argv(c, strv_list(c, p->c), p->a);
	} else if (piece_copy(c, p->b, &t, sizeof(t))) {
		put_argv(c, task_run(c, p->b, &t, p->a == ARGV_ENV ? RUN_ENV : RUN_ARGS), p->a);
	} else {
		put_none(c);
	}
}

/* Takes one string with its NUL from the front of a list. */
static bool next_string(struct str *list, struct str *ret)
{
	size_t n = strnlen(list->p, list->n);

	if (n == list->n)
		return false;
	*ret = str_mem(list->p, n);
	*list = str_from(*list, n + 1);
	return true;
}

/* The components of one cgroup path up to the empty string that ends it, as a run of strings. */
static struct str cgroup_components(struct str *list)
{
	const char *start = list->p;
	struct str s;

	while (next_string(list, &s)) {
		if (!s.n)
			return str_mem(start, (size_t)(s.p - start));
	}
	return (struct str){ "", 0 };
}

/* "name=/path" and a NUL at to; bytes written, 0 when there is no room. */
static size_t put_cgroup(uint8_t *to, size_t room, struct str name, struct str path)
{
	size_t n;

	/* each component's NUL becomes a slash, so the path is not longer than the run, but for the
	 * root */
	if (room < name.n + path.n + 4)
		return 0;
	memcpy(to, name.p, name.n);
	to[name.n] = '=';
	n = name.n + 1;
	n += path_turn((const uint8_t *)path.p, path.n, to + n, path.n + 1);
	to[n] = 0;
	return n + 1;
}

/*
 * fetch_task.h has the unified hierarchy first, with an empty name, and for a controller that is in
 * it "\1" instead of its path again. The unified path by itself is of interest only when no
 * controller has it.
 */
static void put_cgroups(struct call *c, struct str list)
{
	size_t room = ENCODE_MADE_MAX - c->made_n, n = 0, one;
	uint8_t *to = made_room(c, room);
	struct str name, path, unified = { "", 0 };
	bool used = false;

	if (!to || !next_string(&list, &name)) {
		put_none(c);
		return;
	}
	unified = cgroup_components(&list);
	while (next_string(&list, &name) && name.n) {
		path = cgroup_components(&list);
		if (path.n == 2 && path.p[0] == '\1') {
			path = unified;
			used = true;
		}
		one = put_cgroup(to + n, room - n, name, path);
		if (!one)
			break;
		n += one;
	}
	if (!used && unified.n)
		n += put_cgroup(to + n, room - n, (struct str){ "", 0 }, unified);
	made_put(c, n);
}

static void put_exepath(struct call *c, struct str components)
{
	uint8_t *to = components.n ? made_room(c, components.n + 2) : NULL;
	size_t n;

	if (!to) {
		put_none(c);
		return;
	}
	n = path_turn((const uint8_t *)components.p, components.n, to, components.n + 1);
	to[n] = 0;
	made_put(c, n + 1);
}

/* One fixed part of a struct eyas_task; false for those that are not an integer. */
static bool task_int(const struct eyas_task *t, unsigned part, uint64_t *ret)
{
	switch (part) {
	case TASK_TID:
		*ret = t->tid;
		break;
	case TASK_PID:
		*ret = t->pid;
		break;
	case TASK_PTID:
		*ret = t->ptid;
		break;
	case TASK_VTID:
		*ret = t->vtid;
		break;
	case TASK_VPID:
		*ret = t->vpid;
		break;
	case TASK_PGID:
		*ret = t->pgid;
		break;
	case TASK_VPGID:
		*ret = t->vpgid;
		break;
	case TASK_FDLIMIT:
		*ret = (uint64_t)t->fdlimit;
		break;
	case TASK_MAJFLT:
		*ret = t->mm.majflt;
		break;
	case TASK_MINFLT:
		*ret = t->mm.minflt;
		break;
	case TASK_VMSIZE:
		*ret = t->mm.vmsize_kb;
		break;
	case TASK_VMRSS:
		*ret = t->mm.vmrss_kb;
		break;
	case TASK_VMSWAP:
		*ret = t->mm.vmswap_kb;
		break;
	case TASK_TTY:
		*ret = t->tty;
		break;
	case TASK_LOGINUID:
		*ret = t->loginuid;
		break;
	case TASK_EXE_FLAGS:
		*ret = t->exe_flags;
		break;
	case TASK_CAP_INHERITABLE:
		*ret = t->cap_inheritable;
		break;
	case TASK_CAP_PERMITTED:
		*ret = t->cap_permitted;
		break;
	case TASK_CAP_EFFECTIVE:
		*ret = t->cap_effective;
		break;
	case TASK_EXE_INO:
		*ret = t->exe_ino;
		break;
	case TASK_EXE_CTIME:
		*ret = t->exe_ctime;
		break;
	case TASK_EXE_MTIME:
		*ret = t->exe_mtime;
		break;
	case TASK_UID:
		*ret = t->uid;
		break;
	case TASK_GID:
		*ret = t->gid;
		break;
	case TASK_PIDNS_START:
		*ret = t->pidns_start;
		break;
	default:
		return false;
	}
	return true;
}

void how_task(struct call *c, const struct call_param *p, unsigned type)
{
	struct eyas_task t;
	uint64_t v;

	/* nobody needs the directory: the analyzer knows it, and a path is dear to take */
	if (p->a == TASK_CWD || !piece_copy(c, p->b, &t, sizeof(t))) {
		put_none(c);
		return;
	}
	if (task_int(&t, p->a, &v)) {
		put_int(c, type, v);
		return;
	}
	switch (p->a) {
	case TASK_COMM: {
		const struct piece *f = &c->pieces[p->b];

		put_text(c, f->p + offsetof(struct eyas_task, comm), sizeof(t.comm));
		break;
	}
	case TASK_CGROUPS:
		put_cgroups(c, task_run(c, p->b, &t, RUN_CGROUPS));
		break;
	case TASK_EXEPATH:
		put_exepath(c, task_run(c, p->b, &t, RUN_EXEPATH));
		break;
	default:
		put_none(c);
	}
}

static uint32_t pidns_flag(const struct call *c, unsigned fetch)
{
	struct eyas_task t;

	return piece_copy(c, fetch, &t, sizeof(t)) && t.in_pidns ? FLAG_CHILD_IN_PIDNS : 0;
}

void how_clone_flags(struct call *c, const struct call_param *p, unsigned type)
{
	uint64_t flags = p->a < EYAS_MAX_ARGS ? map_value(MAP_CLONE, call_arg(c, p->a)) : 0;

	put_int(c, type, flags | pidns_flag(c, p->b));
}

enum { VM = 0x100, SIGHAND = 0x800, THREAD = 0x10000, DETACHED = 0x400000, SIGNAL = 0x7f };

/* What the kernel accepts as flags of clone3 (clone3_args_valid(): no signal, no unknown bits). */
static bool clone3_flags_valid(uint64_t flags)
{
	if (flags >> 34 || flags & (SIGNAL | DETACHED))
		return false;
	return !(flags & THREAD && !(flags & SIGHAND)) && !(flags & SIGHAND && !(flags & VM));
}

/*
 * A new thread returns from clone3 when its creator may be long back from it and use the memory
 * that the flags were in for something else. Whether it is a thread, and what the kernel demands of
 * threads, is known without it.
 */
static uint64_t child_flags(const struct call *c, unsigned fetch, uint64_t flags)
{
	struct eyas_task t;
	bool thread;

	if (c->r->ret != 0 || !piece_copy(c, fetch, &t, sizeof(t)))
		return flags;
	thread = t.tid != t.pid;
	if (thread == !!(flags & THREAD) && clone3_flags_valid(flags))
		return flags;
	return thread ? VM | SIGHAND | THREAD : 0;
}

void how_clone3_flags(struct call *c, const struct call_param *p, unsigned type)
{
	const uint8_t *b = piece_bytes(c, p->a, 8);
	uint64_t flags = child_flags(c, p->b, b ? get_le64(b) : 0);

	put_int(c, type, map_value(MAP_CLONE, flags) | pidns_flag(c, p->b));
}
