/*
 * state_impl: what the files of src/state share.
 *
 * Layer: state, private. An event passes prologue.c, then the parser of its type from
 * parser_table.c; parsers are grouped in files by what they change (proc_*.c, fd_*.c, container*.c,
 * users.c). All of them go through the functions below, which keep links, counts and stamps right.
 */
#ifndef EYAS_STATE_IMPL_H
#define EYAS_STATE_IMPL_H

#include "base/hashmap.h"
#include "base/strbuf.h"
#include "base/vec.h"
#include "state/state.h"

#define NS_PER_S UINT64_C(1000000000)
#define NO_ID    UINT32_MAX

/* A clone entry younger than this is the same clone seen from its other side. */
#define CLONE_STALE_NS (2 * NS_PER_S)
#define EXITED_RING    8192 /* a power of two */
#define EXITED_TIDS    (4 * EXITED_RING)
#define FREE_THREADS   1024
#define OPENED_ORDERS  16  /* a power of two */
#define OPENED_AHEAD   2   /* opens; a power of two */
#define THREAD_CACHE   256 /* a power of two */
/* Stored enter events: in all, and bytes of one. */
#define ENTER_MAX       65536
#define ENTER_BYTES_MAX 16384
/* Payload of one container event. */
#define JSON_BYTES_MAX (4u << 20)
#define CGROUPS_MAX    256
/* Steps up the process tree: more than any system has, so that a made-up chain costs little. */
#define ANCESTORS_MAX 4096
/* Containers that no thread is in; the oldest are dropped. */
#define IDLE_CONTAINERS 1024

/* O_ and other bits in the capture's encoding. */
enum {
	F_O_DIRECTORY = 1 << 10,
	F_O_CLOEXEC = 1 << 12,
	F_O_F_CREATED = 1 << 14,
	F_FD_UPPER_LAYER = 1 << 15,
	F_FD_LOWER_LAYER = 1 << 16,
};

/* Commands of fcntl that change a descriptor. */
enum { F_CAP_DUPFD = 1, F_CAP_SETFD = 3, F_CAP_DUPFD_CLOEXEC = 26 };

/* The request of ioctl that gives a descriptor, and the limit of those. */
enum { IOCTL_CAP_TIOCGPTPEER = 0x5441, RLIMIT_CAP_NOFILE = 7 };

enum { AF_CAP_UNIX = 1, AF_CAP_INET = 2, AF_CAP_INET6 = 10, AF_CAP_NETLINK = 16 };

/* The enter event of a system call a thread is in, decoded. */
struct stored_enter {
	struct stored_enter *next; /* in the list of free ones */
	uint16_t type;
	bool has_text;
	int64_t dirfd;
	uint32_t flags;
	struct strbuf text; /* path; socket address of connect */
};

/* The cgroups of one "subsys=path" list. Shared by threads, found by the raw list. */
struct cgroup_set {
	const struct istr *raw;
	const struct istr *container_id; /* "" when none */
	uint32_t mark;
	size_t n;
	struct cgroup v[];
};

struct id_table {
	struct u64map users, groups; /* struct user_entry, struct group_entry */
};

/*
 * A name as given and the directory it was opened from, and the path that these made; with what is
 * said of opens of it (open_numbers.c).
 */
struct opened {
	const struct istr *raw; /* NULL: none */
	const struct istr *dir; /* NULL: the name is absolute */
	const struct istr *path;
	uint64_t kept; /* state_open.kept, for this one of the ways to open: */
	uint8_t kept_for;
	bool from_cwd;   /* `dir` is the working directory, not an open one */
	uint16_t never;  /* by way to open, a bit each: nobody has to look at those */
	uint32_t number; /* of its making, from 1: not that of what stood here before */
	/* What was opened so many behind it the last time, and its name: only to be fetched. */
	const struct opened *next;
	const struct istr *next_raw;
};

/* What some threads opened last: the oldest at `at`. */
struct opened_order {
	struct opened *v[OPENED_AHEAD];
	uint32_t at;
};

/* Positions of the parameters of an open call's exit; -1: it has none. */
struct open_layout {
	int8_t dirfd, name, flags, dev, ino;
};

struct exited {
	int64_t ptid, tid;
	uint64_t ts;
};

typedef void (*state_parser)(struct state *st, struct event_ctx *ctx);

/* What the prologue asks of the type of every event, in one place. */
enum type_kind {
	TYPE_META = 1 << 0,        /* belongs to no thread */
	TYPE_SKIPS = 1 << 1,       /* EF_SKIPPARSERESET */
	TYPE_HIDDEN = 1 << 2,      /* for the state only */
	TYPE_LOOKUP_ONLY = 1 << 3, /* its thread is never invented */
	TYPE_DATES = 1 << 4,       /* the first of them is what relative times begin at */
	TYPE_EXIT = 1 << 5,
	TYPE_USES_FD = 1 << 6, /* by the parameter fd_param, or by its enter event's */
};

/* The short forms of state_numbers.c; those of most events first. */
enum settle_kind {
	SETTLE_NOT,
	SETTLE_RW,
	SETTLE_CLOSE,
	SETTLE_FCNTL,
	SETTLE_OPEN,
	SETTLE_IOCTL,
	SETTLE_GETCWD,
	SETTLE_PRLIMIT,
	SETTLE_CLONE,
	SETTLE_VFORK,
};

struct type_traits {
	state_parser parser; /* or NULL */
	uint8_t kind;        /* enum type_kind */
	uint8_t res_size;    /* bytes of the return value; 0: it has none */
	uint8_t fd_size;     /* bytes of the descriptor */
	int8_t fd_param;     /* the parameter with it; -1: none */
	int8_t tuple;        /* as rw_tuple_param() */
	uint8_t settle;      /* enum settle_kind */
	bool judged;         /* state_judge_uses() is about events of it */
};

struct state {
	struct state_options opt;
	struct state_stats stats;
	struct type_traits *types; /* [EVENT_N_TYPES] */
	struct intern *intern;
	const struct istr *empty, *na;

	struct u64map threads, groups;
	struct thread new_thread;    /* what each new thread begins as */
	struct thread *free_threads; /* by `parent` */
	uint32_t n_free_threads;
	struct thread **cache; /* [THREAD_CACHE], by low bits of the tid; an optimisation only */

	uint64_t stamp, tree_stamp; /* the latest; of the last change that other threads can see */
	uint64_t shared_stamp;      /* of that to what all threads share: users, containers, ... */
	uint32_t epoch;             /* see state_epoch() */
	uint64_t n_events, first_ts;
	uint32_t n_begun;   /* state_look_after_memory() */
	bool section_began; /* an event that is not part of the initial state was seen */

	/* Left for the next event, with `forget`: whether anything is, and what. */
	bool deferred;
	bool remove_pending, close_pending;
	int64_t remove_tid, close_tid, close_fd;

	struct exited *exited; /* ring [EXITED_RING] */
	size_t exited_at;
	uint16_t *exited_tids; /* [EXITED_TIDS], by low bits of the tid: how many of the ring have
				  them */
	uint64_t exited_ts;    /* the greatest in it: what is stale by it stays so */

	struct stored_enter *free_enters;
	uint32_t n_enters; /* in use */

	struct snap_machine machine;
	char *hostname;
	VEC(struct snap_iface) ifaces; /* without names */

	struct id_table host_ids;
	uint32_t n_ids;

	struct u64map containers; /* hash of the id -> chain */
	struct container_list {
		struct container *first, *last;
		uint32_t n;
	} live, idle;                /* with threads in them, and without */
	struct container *forget;    /* `deferred` */
	struct u64map container_ips; /* IPv4 address -> one container with it, chained by next_ip */
	struct u64map
		cgroup_sets;      /* address of the raw list's interned copy -> struct cgroup_set */
	size_t cgroup_sets_swept; /* their number after the last sweep */
	uint32_t cgroup_round;

	uint32_t fd_round;
	struct fd_entry new_fd;     /* what each new descriptor begins as */
	struct opened_slot *opened; /* by a hash of name and directory; until a sweep */
	struct opened opened_once;  /* a name whose directory is not known */
	struct opened_order opened_orders[OPENED_ORDERS]; /* by low bits of the tid */
	struct opened_text *texts;  /* by a hash of their addresses; until they are gone */
	uint32_t n_opened, n_slots; /* made in all; in `opened` */
	void *opened_memory;        /* with `opened` in it */
	state_open_judge judge;     /* see state_judge_opens() */
	void *judge_arg;
	state_use_judge use_judge; /* see state_judge_uses() */
	void *use_judge_arg;
	const struct istr *plain_cwd; /* a normal directory, seen last; NULL: none, until a sweep */
	struct strbuf path, text;     /* scratch of the parser in hand */
	struct strbuf *name_text;     /* scratch of fd_make_name() */
};

/* The parser of an event type, or NULL. */
state_parser state_parser_of(unsigned type);

/* Parsers. */
#define STATE_PARSER(name) void name(struct state *st, struct event_ctx *ctx)
STATE_PARSER(parse_clone);
STATE_PARSER(parse_vfork);
STATE_PARSER(parse_execve);
STATE_PARSER(parse_procexit);
STATE_PARSER(parse_setuid);
STATE_PARSER(parse_seteuid);
STATE_PARSER(parse_setgid);
STATE_PARSER(parse_setegid);
STATE_PARSER(parse_setsid);
STATE_PARSER(parse_capset);
STATE_PARSER(parse_unshare);
STATE_PARSER(parse_setns);
STATE_PARSER(parse_prctl);
STATE_PARSER(parse_chroot);
STATE_PARSER(parse_chdir);
STATE_PARSER(parse_fchdir);
STATE_PARSER(parse_getcwd);
STATE_PARSER(parse_rlimit);
STATE_PARSER(parse_prlimit);
STATE_PARSER(parse_switch);
STATE_PARSER(parse_vm);
STATE_PARSER(parse_user_added);
STATE_PARSER(parse_user_deleted);
STATE_PARSER(parse_group_added);
STATE_PARSER(parse_group_deleted);
STATE_PARSER(parse_container_json);
STATE_PARSER(parse_asyncevent);
STATE_PARSER(parse_store_enter);
STATE_PARSER(parse_open);
STATE_PARSER(parse_open_by_handle);
STATE_PARSER(parse_close);
STATE_PARSER(parse_close_range);
STATE_PARSER(parse_dup);
STATE_PARSER(parse_fcntl);
STATE_PARSER(parse_pipe);
STATE_PARSER(parse_socketpair);
STATE_PARSER(parse_socket);
STATE_PARSER(parse_bind);
STATE_PARSER(parse_connect);
STATE_PARSER(parse_accept);
STATE_PARSER(parse_rw);
STATE_PARSER(parse_new_fd);
STATE_PARSER(parse_ioctl);
STATE_PARSER(parse_memfd);
STATE_PARSER(parse_pidfd_open);
STATE_PARSER(parse_pidfd_getfd);
STATE_PARSER(parse_getsockopt);

/* state.c: state_settle(), when there is something. */
void state_do_deferred(struct state *st);
/* state.c: drops the strings that nothing holds any more. Between events only. */
void state_sweep(struct state *st);
/* state.c: the same when it is time, which is not looked at each time. Between events only. */
void state_tidy(struct state *st);
static inline void state_look_after_memory(struct state *st)
{
	if (++st->n_begun % 32 == 0)
		state_tidy(st);
}

/* prologue.c: the traits of all types, [EVENT_N_TYPES], into cleared memory. */
void state_types_init(struct type_traits *types);

/* Puts one into the ring, in place of the oldest. */
void exited_add(struct state *st, const struct exited *e);
/* proc_clone.c: exit number i back from the latest; NULL: that and all before are stale at `now`.
 */
const struct exited *exited_get(const struct state *st, size_t i, uint64_t now);

/* A clone of which only the child's own event can tell: the caller's does nothing. */
#define THREAD_CLONE_NOT_BY_CALLER \
	(THREAD_CHILD_IN_PIDNS | THREAD_CLONE_NEWPID | THREAD_CLONE_PARENT | THREAD_CLONE_VFORK)

/* stored_enter.c */
void enter_drop(struct state *st, struct thread *t);
void enter_free_all(struct state *st);
/* An empty one for the call the thread is in, in place of another; NULL when there are too many. */
struct stored_enter *enter_new(struct state *st, struct thread *t);
/* The enter event that belongs to the exit in hand, or NULL. */
const struct stored_enter *enter_of(struct state *st, const struct event_ctx *ctx);

/* state_thread() without a call, as a rule. */
static inline struct thread *state_thread_look(const struct state *st, int64_t tid)
{
	struct thread *t = st->cache[(uint64_t)tid & (THREAD_CACHE - 1)];

	return t && t->tid == tid ? t : state_thread(st, tid);
}

/* thread_main() without a call. */
static inline struct thread *thread_main_look(const struct thread *t)
{
	struct thread *m;

	if (thread_is_main(t))
		return (struct thread *)(uintptr_t)t;
	m = t->group ? t->group->first : NULL;
	return m && thread_is_main(m) ? m : NULL;
}

/* thread_table.c */
/* A thread with nothing known, in the table; NULL when it is full. There must be none with this
 * tid. */
struct thread *thread_create(struct state *st, int64_t tid);
/* The thread, or a new one of which only the tid is known; NULL when the table is full. */
struct thread *thread_get_or_fake(struct state *st, int64_t tid);
/* As newly created, but for its children. */
void thread_renew(struct state *st, struct thread *t);
/* Takes a thread out as a process exit does: dead, children to their reaper . */
void thread_remove(struct state *st, int64_t tid);
/* Marks it as exited; its group has one less alive. */
void thread_mark_dead(struct state *st, struct thread *t);
/* The opposite: an exec by the leader's tid after the leader's exit. */
void thread_resurrect(struct thread *t);
/* Before the first thread: what new ones are made of. */
void thread_template_init(struct state *st);
/* After thread_table_clear(): the tables themselves. */
void threads_free(struct state *st);
/* All threads and groups go, without reparenting. */
void thread_table_clear(struct state *st);
/* Something of the thread itself changed. */
void thread_touch(struct state *st, struct thread *t);
/* Something that others can see of a thread changed: its place in the tree, session, names. */
void tree_touch(struct state *st);
/* Something that all threads share changed: users, containers, interfaces. */
void state_touch(struct state *st);

/* thread_tree.c */
/* Joins its group and is linked to its parent (ptid becomes 0 when that is not there). */
void thread_link(struct state *st, struct thread *t);
/* Makes it the parent's last child; it has no parent before. */
void thread_add_child(struct thread *parent, struct thread *t);
void thread_unlink_parent(struct thread *t);
void thread_reparent_children(struct state *st, struct thread *t);

/* thread_text.c */
/* Text of a CHARBUF parameter interned; "<NA>" when it is empty. */
const struct istr *param_istr(struct state *st, const struct event *ev, unsigned i);
/* Of these three, `like` is a thread that may have the same, or NULL: then nothing is made anew. */
void thread_set_args(struct state *st, struct thread *t, struct str raw, const struct thread *like);
/* Without " (deleted)", which the kernel adds for a file that is gone. */
void thread_set_exepath(struct state *st, struct thread *t, struct str path);
void thread_set_env(struct state *st, struct thread *t, struct str raw);
/* After comm or args have changed. */
void thread_set_cmdline(struct state *st, struct thread *t, const struct thread *like);
/* An absolute path that is the directory as it is, which getcwd says again and again. */
bool state_is_same_directory(struct state *st, const struct istr *cwd, struct str path);
/* cwd := normalise(own cwd + path) of the process; a slash at its end. */
void thread_join_cwd(struct state *st, struct thread *t, struct str path);
void thread_set_cgroups(struct state *st, struct thread *t, struct str raw,
			const struct thread *like);
/* `raw` as the list a thread keeps; false when an item has no '='. */
const struct cgroup_set *cgroup_set_get(struct state *st, struct str raw);
void cgroup_sets_sweep(struct state *st);
void cgroup_sets_free(struct state *st);

/* container.c */
/* Container of a thread from its cgroups. */
void thread_set_container(struct state *st, struct thread *t, const struct thread *like);
void thread_leave_container(struct state *st, struct thread *t);
/* By id (interned or not), created if need be; NULL when there are too many. */
struct container *container_get(struct state *st, struct str id);
/* c->ip was set; container_drop_ip() before it is forgotten. */
void container_add_ip(struct state *st, struct container *c);
void container_drop_ip(struct state *st, struct container *c);
/* Metadata gone; the container too when no thread is in it. */
void container_forget(struct state *st, struct container *c);
void containers_free(struct state *st);
/* One that is not there yet, at the end of its list; NULL when it is, or there are too many. */
struct container *container_restore(struct state *st, struct str id, bool live);
/* container_id.c: the id in a cgroup path; empty when there is none. */
struct str container_id_of_path(struct str path);
/*
 * container_json.c: the container that the text of an event describes, made if need be. NULL when
 * the text cannot be read or there are too many.
 */
struct container *container_from_json(struct state *st, struct str json);

/* users.c */
void id_table_free(struct state *st, struct id_table *t);
void id_table_mark(struct state *st, const struct id_table *t);
void users_load(struct state *st, const struct snapshot *snap);

/* ifaces.c */
void ifaces_load(struct state *st, const struct snapshot *snap);
/* Puts a local address in place of a zero end of an IP socket . */
void ifaces_patch(const struct state *st, struct fd_entry *f);

/* opened.c: paths by the names they are opened by. */
void opened_new(struct state *st);
void opened_free(struct state *st);
/* More slots when there are few for what was opened. Between events only. */
void opened_make_room(struct state *st);
/* Strings are about to go, or are judged by others. */
void opened_forget(struct state *st);
/* The path and the raw name that a call means by a name, made if need be; good until the next one.
 */
struct opened *opened_get(struct state *st, const struct thread *t, int64_t dirfd, struct str name);
/*
 * The same of a name as a source gives it with its NUL, which has been made before and is still
 * there; else NULL. Finds it by the text's address alone if that came since the last
 * state_texts_gone().
 */
struct opened *opened_find(struct state *st, const struct thread *t, int64_t dirfd,
			   struct str text);
const struct istr *opened_raw_name(struct state *st, struct str name);

/* Name from the entry's own ends, which are known now, when somebody looks at it. */
static inline void fd_name_later(const struct state *st, struct fd_entry *f, uint8_t naming)
{
	f->naming = naming;
	f->name_maker = st;
}

static inline void fd_set_name(struct fd_entry *f, const struct istr *name)
{
	f->naming = FD_NAME_KEPT;
	f->kept_name = name;
}

/* The name, NULL: nobody has looked at it yet. */
static inline const struct istr *fd_kept_name(const struct fd_entry *f)
{
	return f->naming == FD_NAME_KEPT ? f->kept_name : NULL;
}

/* One made of ends always has a text. */
static inline bool fd_has_name(const struct fd_entry *f)
{
	return f->naming != FD_NAME_KEPT || f->kept_name->n;
}

/* fd_open.c */
struct open_layout open_layout_of(unsigned type);
/* The parameter `flags` of such an event as those of its descriptor. */
uint32_t open_flags_of(unsigned type, uint32_t flags);
/* A new descriptor becomes that of a file. */
static inline void file_entry_set(struct fd_entry *f, uint32_t flags, uint32_t dev, uint64_t ino,
				  const struct istr *path, const struct istr *raw)
{
	f->type = flags & F_O_DIRECTORY ? FD_DIRECTORY : FD_FILE_V2;
	f->openflags = flags;
	f->dev = dev;
	f->ino = ino;
	if (flags & F_FD_UPPER_LAYER)
		f->flags |= FD_OVERLAY_UPPER;
	if (flags & F_FD_LOWER_LAYER)
		f->flags |= FD_OVERLAY_LOWER;
	fd_set_name(f, path);
	f->nameraw = raw;
}
/* open_numbers.c: the numbers and the text open_settle() needs. */
void open_numbers_want(const struct event_info *info, struct event_want *want);
/* As state_settle_numbers(), by a thread that is in no other call. */
bool open_settle(struct state *st, unsigned type, struct thread *t, const int64_t *numbers,
		 struct str text);

/* state_numbers.c: how events of a type are settled by their numbers: enum settle_kind. */
uint8_t state_settle_kind(const struct event_info *info);
/* state_numbers.c: whether, and by which numbers, the state takes events of a type without them. */
void state_numbers_want(const struct event_info *info, struct event_want *want);
/* fd_message.c: the parameter of a message with both ends; -1: none. */
int rw_tuple_param(unsigned type);

static inline void fd_set_cloexec(struct fd_entry *f, bool on)
{
	if (on)
		f->openflags |= F_O_CLOEXEC;
	else
		f->openflags &= ~(uint32_t)F_O_CLOEXEC;
}

/* fd_table use. */
/* The table that adds go to, created if need be; NULL when the leader is unknown. */
struct fd_table *thread_fds_rw(struct state *st, struct thread *t);
/* A new entry as a call's result: stamped, the event's descriptor; NULL when there is no table or
 * room. */
struct fd_entry *state_fd_add(struct state *st, struct event_ctx *ctx, int64_t num);
/* The event's descriptor to be changed, stamped; NULL when it has none. */
struct fd_entry *state_fd_edit(struct state *st, struct event_ctx *ctx);
/* Copies an entry to `num` as the result of the call; `src` may be in the same table. */
struct fd_entry *state_fd_dup(struct state *st, struct event_ctx *ctx, const struct fd_entry *src,
			      int64_t num);

/* fd_name.c */
/* "s:p->d:p", "ip:port", by what the entry holds, as a snapshot's entry is named. */
void fd_socket_text(const struct fd_entry *f, struct strbuf *out);
/* The same by L4 protocol, as after connect and sendto: "s->d" for icmp and raw, "<unknown>". */
void fd_socket_text_l4(const struct fd_entry *f, struct strbuf *out);

/* A decoded PT_SOCKTUPLE or PT_SOCKADDR (then only source). */
struct sock_ends {
	uint8_t family;
	struct ipaddr sip, dip;
	uint16_t sport, dport;
	uint64_t unix_src, unix_dst;
	struct str path;
};

/* False when empty, cut short or of another family. */
bool sock_tuple_parse(struct str tuple, struct sock_ends *ret);
bool sock_addr_parse(struct str addr, struct sock_ends *ret);
/* Both ends IPv4 when both are v4-mapped. */
void sock_ends_unmap(struct sock_ends *e);

/* fd_ends.c: the two ends of a socket. */
void fd_swap_ends(struct fd_entry *f);
/* It has these ends, in either direction. */
bool fd_has_ends(const struct fd_entry *f, const struct sock_ends *e);
/* Addresses and name "%x->%x path" of a unix socket. */
void fd_set_unix_ends(struct state *st, struct fd_entry *f, const struct sock_ends *e);
/* Name from a tuple as that is printed. */
void fd_set_tuple_name(struct state *st, struct fd_entry *f, const struct sock_ends *e);
#endif
