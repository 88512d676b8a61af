/*
 * state: threads, descriptors, users and containers as they were at each event.
 *
 * Layer: state. Each event changes it as it changes Falco's; differences are in eyas-compat(7). A
 * state belongs to one replay: it takes snapshots and converted events in order, and looks at
 *nothing else. Around each event:
 *
 *	state_begin(st, &ev, &ctx);   prologue and parser; deferred removals of the last event first
 *	... rules and fields look at ctx ...
 *	state_end(st, &ctx);
 *
 * Everything is bounded by struct state_options; what a bound drops is counted in state_stats.
 */
#ifndef EYAS_STATE_H
#define EYAS_STATE_H

#include "base/intern.h"
#include "event/event_wants.h"
#include "event/snapshot.h"
#include "state/container.h"
#include "state/thread.h"

struct state_options {
	uint32_t max_threads;     /* 262144 */
	uint32_t max_fds;         /* per process, 4096 */
	uint32_t max_containers;  /* 65536 */
	uint32_t max_users;       /* 1048576, over all containers */
	bool connection_tracking; /* connect's outcome through EINPROGRESS and SO_ERROR; off as in
				     Falco */
	bool check;               /* abort when an invariant is broken after an event */
};

struct state_stats {
	uint64_t threads_dropped, fds_dropped, containers_dropped, users_dropped;
	uint64_t fake_threads; /* seen in an event, never described */
	uint64_t failed_thread_lookups;
	uint64_t stored_evts, retrieved_evts;
	uint64_t enters_dropped; /* too large, or too many system calls in flight */
	uint64_t json_errors;    /* container events that could not be read */
	uint32_t peak_threads;
};

struct state;

/* What is known about the event in hand. Good until state_end(). */
struct event_ctx {
	const struct event *ev;
	struct state *st;
	struct thread *thread;     /* NULL: none attached */
	const struct fd_entry *fd; /* the descriptor the event is about, or NULL */
	int64_t fd_num;            /* its number as the thread's last-event fd, or -1 */
	bool fd_known;             /* fd_num was set by this event */
	/* Its name before the event ("" for a new one); NULL without fd, or when nobody has looked
	 * at the name and the event has not changed it. */
	const struct istr *fd_oldname;
	struct container
		*container; /* of the thread, or the one a container event is about; NULL: host */
	int64_t res;        /* return value when has_res */
	bool has_res;
	bool visible;      /* false: for state only, hidden from rules and output */
	uint64_t first_ts; /* of the first event that is not a meta event, 0 until then */
};

void state_options_default(struct state_options *o);
struct state *state_new(const struct state_options *o);
void state_free(struct state *st);

/* A section begins: drops all threads, descriptors and interfaces, loads these. evt.num goes on. */
void state_load(struct state *st, const struct snapshot *snap);
/* Numbers the event (ev->num), runs the prologue and the parser, fills *ctx. */
void state_begin(struct state *st, struct event *ev, struct event_ctx *ctx);
void state_end(struct state *st, struct event_ctx *ctx);
/* Between events: what the last event closed or ended, and which was kept for those who look at
 * that event, goes now and not at the beginning of the next one. */
void state_settle(struct state *st);

/*
 * Which events change the state, if the sizes of threads' memory (`memory`) matter or not. Of the
 * others, the state needs to know only that there were some: state_pass() their number, and, as
 * event_wants.pass(), state_pass_thread() their threads. Every event up to the first that has
 * event_ctx.first_ts must go through state_begin().
 */
void state_wants(struct event_wants *ret, bool memory);
void state_pass(struct state *st, uint64_t n);
/* False when the thread could not be added. */
bool state_pass_thread(void *st, int64_t tid);
/* event_wants.settle(): takes an event by its numbers, when it is a plain one. */
bool state_settle_numbers(void *st, unsigned type, int64_t tid, const int64_t *numbers,
			  struct str text);
/*
 * Opens that change the state and nothing else need no event. Whoever looks at events says which
 * they are: is asked of each open that is about to be settled by its numbers.
 */
enum open_kind { OPEN_FILE, OPEN_DIRECTORY, OPEN_FAILED, OPEN_N_KINDS };
enum open_verdict {
	OPEN_WANTED, /* its event is to be delivered */
	OPEN_PASSES, /* not this one's; ask again at the next */
	OPEN_NEVER,  /* not that of any open of this type and kind that gives this path and raw */
};
#define STATE_OPEN_PARAMS 4 /* name_param is less */
/* One that failed has no descriptor, of -1 neither. */
struct state_open {
	struct state *st; /* as before the event */
	struct thread *thread;
	uint16_t type; /* of the exit */
	uint8_t kind;  /* enum open_kind */
	int64_t res, dirfd;
	int8_t dirfd_param, name_param; /* where these stand; dirfd: -1, nowhere */
	struct str name;                /* the parameter's bytes */
	const struct istr *path, *raw;  /* fd.name and fd.nameraw of the descriptor, or of none */
	/* What the judge keeps with the name for opens of this type and kind; 0 at first, and when
	 * there was no room for it. */
	uint64_t *kept;
};
typedef enum open_verdict (*state_open_judge)(void *arg, const struct state_open *o);
/* NULL: nobody looks at opens. What was said of paths is forgotten when it is another one. */
void state_judge_opens(struct state *st, state_open_judge judge, void *arg);
/* Opens are settled although somebody else wants them, too: there is a judge. */
void state_want_opens(struct event_wants *w);
/*
 * The same of events that use a descriptor and change nothing, as reads, writes and messages do:
 * whoever looks at events of such a type says whether one that uses this descriptor is wanted, from
 * what is known of the descriptor: no parameter is at hand.
 */
struct state_use {
	struct state *st; /* before the event as after it */
	struct thread *thread;
	uint16_t type; /* of the exit */
	const struct fd_entry *fd;
};
typedef bool (*state_use_judge)(void *arg, const struct state_use *u);
/* Of the types that `wants` wants. NULL: all of them are delivered. */
void state_judge_uses(struct state *st, const struct event_wants *wants, state_use_judge judge,
		      void *arg);
/* Uses are settled although somebody else wants them, too: there is a judge. */
void state_want_uses(struct event_wants *w);
/* event_wants.texts_gone(). */
void state_texts_gone(void *st);
/* evt.num of the last event; 0: there was none. */
uint64_t state_last_num(const struct state *st);
/* event_ctx.first_ts of the last event. */
uint64_t state_first_ts(const struct state *st);
/* The next event is the exit of a system call, at this time: what state_begin() does of that first.
 */
void state_begin_section(struct state *st, uint64_t ts);
/* Changes whenever a thread may have gone, or will go before the next event. */
uint32_t state_epoch(const struct state *st);

const struct state_stats *state_stats(const struct state *st);
/*
 * The pool of the state's strings, to look things up in. What others add to it is gone at the
 * latest when the next event begins, unless the state holds the same string.
 */
struct intern *state_intern(struct state *st);
/*
 * When to forget what was remembered about a thread. Every change takes the next number of one
 * counter: t->stamp is the last change of the thread's own values (and, for a leader, of the
 * process's); state_tree_stamp() the last one to what spans threads: a thread came, went, exec'ed,
 * changed its parent or session, or users, groups, containers, interfaces changed. A value that was
 * computed when thread_stamp() was S is still right while thread_stamp() is S. Values that depend
 * on the event (times), on counters (page faults, memory) or on the number of descriptors are not
 * covered. thread_own_stamp() leaves out all other threads, the leader too: it is for what follows
 * from the thread's own values, users, groups and containers. On a busy system threads come and go
 * all the time, and what is remembered by thread_stamp() lasts for a few events only.
 */
uint64_t state_tree_stamp(const struct state *st);
uint64_t thread_stamp(const struct state *st, const struct thread *t);
uint64_t thread_own_stamp(const struct state *st, const struct thread *t);
const struct snap_machine *state_machine(const struct state *st);
const struct state_options *state_opts(const struct state *st);

/* Lookups; NULL when absent. */
struct thread *state_thread(const struct state *st, int64_t tid);
size_t state_thread_count(const struct state *st);
/* Threads in ascending order of tid: malloc'ed array, the caller frees. */
struct thread **state_threads_sorted(const struct state *st, size_t *ret_n);
/* The leader of a thread's process: itself, or the one with tid == pid; NULL when unknown. */
struct thread *thread_main(const struct state *st, const struct thread *t);
/* The leader of the parent process: thread_main(table[leader's ptid]). */
struct thread *thread_parent(const struct state *st, const struct thread *t);
/* Ancestor n (0: own process): n times table[ptid] and its leader; NULL when a hop is absent. */
struct thread *thread_ancestor(const struct state *st, const struct thread *t, unsigned n);
/* Calls fn for each strict ancestor, nearest first, loop-safe, until it returns false. */
void thread_walk_ancestors(const struct state *st, const struct thread *t,
			   bool (*fn)(void *arg, struct thread *anc), void *arg);
/* The descriptor table a thread uses (its own, or its leader's); NULL when unknown. */
struct fd_table *thread_fds(const struct state *st, const struct thread *t);
/* The path that an *at call means by a name, in the state's pool: as state_intern(). */
const struct istr *state_opened_path(struct state *st, const struct thread *t, int64_t dirfd,
				     struct str name);
/* cwd of the process ("./" when the leader is unknown). */
struct str thread_cwd(const struct state *st, const struct thread *t);
/* Directory for a *at call: cwd for AT_FDCWD, else the dirfd's name with '/'; false if unknown. */
bool thread_dir(const struct state *st, const struct thread *t, int64_t dirfd, struct strbuf *out);
/*
 * The address is one of this host's interfaces' (IPv6: in the /64 of one). For a thread in a
 * container: the container's, or, when that is not known, any container's.
 */
bool state_is_local(const struct state *st, const struct thread *t, const struct ipaddr *a);

struct user_entry {
	uint32_t uid, gid;
	const struct istr *name, *home, *shell; /* never NULL */
};

struct group_entry {
	uint32_t gid;
	const struct istr *name;
};

/* A user or group of a container ("" or NULL container: the host); NULL when unknown. */
const struct user_entry *state_user(const struct state *st, const struct container *c,
				    uint32_t uid);
const struct group_entry *state_group(const struct state *st, const struct container *c,
				      uint32_t gid);

/* All containers by id, and the users of the host (NULL) or a container by uid: malloc'ed arrays of
 * what the state owns, the caller frees them. */
struct container **state_containers_sorted(const struct state *st, size_t *ret_n);
const struct user_entry **state_users_sorted(const struct state *st, const struct container *c,
					     size_t *ret_n);

/* Walks all invariants; false and a sentence in *ret_why (borrowed, static) when one is broken. */
bool state_check(const struct state *st, const char **ret_why);
/* The whole state as canonical text: same state, same bytes. For tests and `eyas ps`. */
void state_dump(const struct state *st, struct strbuf *out);

#endif
