/*
 * source: where events come from; sink: where raw events go.
 *
 * Layer: event. Traces (.eyas, .scap, text scripts, later audit logs) all are a source: a
 * stream of records in file order. A record's content is borrowed until the next call. Damage ends
 * the stream: everything before it was delivered, next() returns -EBADMSG once and then 0.
 */
#ifndef EYAS_SOURCE_H
#define EYAS_SOURCE_H

#include "base/diag.h"
#include "event/event_wants.h"
#include "event/snapshot.h"

enum record_kind {
	RECORD_SNAPSHOT, /* a section begins: state is loaded anew from it */
	RECORD_EVENT,
	RECORD_LOSS, /* events that the recorder could not keep */
	RECORD_NOTE, /* a person's comment */
};

/* Causes of loss; numbers reach disk. */
enum loss_cause {
	LOSS_UNKNOWN = 0,
	LOSS_BUFFER_FULL = 1, /* the ring was full */
	LOSS_FAULT = 2,       /* user memory could not be read */
	LOSS_TOO_LARGE = 3,
	LOSS_DISK = 4,   /* the disk was full */
	LOSS_DAMAGE = 5, /* the file was damaged here */
	LOSS_RATE = 6,   /* dropped on request, e.g. drop mode */
	LOSS_N
};

const char *loss_cause_name(unsigned cause);

struct loss {
	uint64_t count;          /* events; UINT64_MAX: unknown */
	uint64_t from_ts, to_ts; /* the interval, ns; 0 unknown */
	uint16_t cpu;            /* UINT16_MAX: all or unknown */
	uint16_t cause;          /* enum loss_cause */
};

struct note {
	uint64_t ts; /* when it was written, or 0 */
	struct str text;
	struct str author; /* may be empty */
	uint64_t first_num,
		last_num;        /* the events it is about, by evt.num; 0: none in particular */
	uint64_t from_ts, to_ts; /* the time it is about, both included; 0: none in particular */
};

struct record {
	enum record_kind kind;
	union {
		struct event event;
		const struct snapshot *snapshot;
		struct loss loss;
		struct note note;
	};
};

struct source;

struct source_ops {
	/*
	 * The next record: 1 and *ret filled; 0 at the end; -EBADMSG when the input is damaged or
	 * cut (said in the diag the source was opened with); another -errno when reading failed.
	 */
	int (*next)(struct source *s, struct record *ret);
	void (*close)(struct source *s);
};

struct source {
	const struct source_ops *ops;
	const char *name;       /* file name as given, "-" for standard input; borrowed */
	const char *format;     /* "scap", "eyas", "script" */
	struct diag *diag;      /* borrowed from whoever opened it */
	uint64_t position;      /* bytes of the file consumed, for progress */
	uint64_t size;          /* bytes of the file, 0 when unknown (a pipe) */
	const char *provenance; /* JSON text as recorded, or NULL; good until close */
	/*
	 * Events that need not be delivered; NULL: all are. Set by whoever walks the source, at
	 * any time; changed (but for the epoch) or taken back only when a snapshot is delivered, or
	 * by ahead() or dated(). A source may pass over them or deliver them all the same, without
	 * their parameters.
	 */
	struct event_wants *wants;
	/*
	 * May be NULL. Called by sources that know it before the next n events, which lie between
	 * these times (ns), both included: whoever walks the source may then change what is wanted,
	 * and has taken what was passed over.
	 */
	void (*ahead)(void *arg, uint64_t n, uint64_t min_ts, uint64_t max_ts);
	void *ahead_arg;
	/*
	 * May be NULL. Called by sources that know it, with the time (ns) of the next event, when
	 * nothing else has been read of it and it is the plain exit of a system call: whoever has
	 * waited for the first one to say what is wanted may say it now.
	 */
	void (*dated)(void *arg, uint64_t ts);
	void *dated_arg;
	/* What was passed over before the record last delivered (or the end), since it was cleared.
	 */
	struct events_passed passed;
};

static inline int source_next(struct source *s, struct record *ret)
{
	return s->ops->next(s, ret);
}

static inline void source_close(struct source *s)
{
	if (s)
		s->ops->close(s);
}

/* A taker of raw records: a trace being written. */
struct sink;

struct sink_ops {
	/* 0 or -errno. Records come in order; the sink copies what it keeps. */
	int (*put)(struct sink *k, const struct record *r);
	/* Writes what is left and closes; 0 or -errno. The sink is gone either way. */
	int (*finish)(struct sink *k);
	/* Drops an unfinished output and frees the sink. */
	void (*abort)(struct sink *k);
};

struct sink {
	const struct sink_ops *ops;
	struct diag *diag; /* borrowed */
};

#endif
