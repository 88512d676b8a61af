/*
 * event_wants: which events a walk over a source needs to see.
 *
 * Layer: event. A source that can (the columns of .eyas) passes over the others without decoding
 * them; what was passed over is counted, and the threads it belonged to are told. A source that
 * cannot delivers everything. What is not wanted must make no difference to whoever asks: the state
 * says so of its own (state_wants()), the rules of theirs (program_wants()); both are merged.
 */
#ifndef EYAS_EVENT_WANTS_H
#define EYAS_EVENT_WANTS_H

#include "event/event.h"

enum event_want_how {
	WANT_ALL,
	WANT_NONE,
	WANT_VALUES, /* by the value of one parameter */
};

/* Parameters that an event can be settled by. */
#define EVENT_WANT_NUMBERS 7

struct event_want {
	uint8_t how; /* enum event_want_how */
	/*
	 * WANT_VALUES: with v, this parameter as an unsigned number of 1, 2 or 4 bytes: wanted
	 * if v >= n_values or bit v of values is set, or if it is of another size.
	 */
	uint8_t param;
	uint16_t n_values;
	const uint64_t *values;
	/*
	 * Of an event that is wanted: event_wants.settle() can do with these integers what it is
	 * wanted for; then it need not be delivered. A source asks only when all of them have
	 * their size, 8 (signed) or less (unsigned) bytes. 0: there is no such way. `params` must
	 * not leave out any of them.
	 */
	uint8_t n_numbers;
	/* Not 0: settle() needs the bytes of a parameter, too: its number, plus one. */
	uint8_t text;
	struct event_number_param {
		uint8_t param, size;
		bool or_zero; /* 0 when it is empty: no number is missing then */
	} numbers[EVENT_WANT_NUMBERS];
	/* Not 0: what is delivered may lack the parameters that have no bit here. */
	uint32_t params;
};

struct event_wants {
	struct event_want of[EVENT_N_TYPES];
	/* The sizes of threads' memory are looked at: what changes only those is wanted. */
	bool memory;
	/*
	 * The source's side of it: before an event of a thread is passed over, pass(arg, tid) must
	 * have been called since the last enter event of the thread that was delivered and since
	 * the last change of `epoch`. False: it must be called for the thread's next one, too.
	 */
	bool (*pass)(void *arg, int64_t tid);
	/*
	 * An event with event_want.numbers: true when nothing is left to be done about it: it is
	 * passed over, and pass() not called for it. Between the same two events as it stands.
	 * `text` is empty unless event_want.text; it is borrowed until the source's next call.
	 * Equal texts may have the same pointer (those of a table have), and what has the same
	 * pointer and size is the same text until texts_gone().
	 */
	bool (*settle)(void *arg, unsigned type, int64_t tid, const int64_t *numbers,
		       struct str text);
	/* NULL, or told before settle() gets texts in place of those it got before. */
	void (*texts_gone)(void *arg);
	void *arg;
	uint32_t epoch;
};

/* How many were passed over, and when. */
struct events_passed {
	uint64_t count;
	/* ns; of no meaning while count is 0. UINT64_MAX and 0: no less, and no greater, than what
	 * was delivered before. */
	uint64_t min_ts, max_ts;
};

/* n events, one or more, of this least and this greatest time. */
static inline void events_passed_add(struct events_passed *p, uint64_t n, uint64_t min_ts,
				     uint64_t max_ts)
{
	p->min_ts = p->count && p->min_ts < min_ts ? p->min_ts : min_ts;
	p->max_ts = p->count && p->max_ts > max_ts ? p->max_ts : max_ts;
	p->count += n;
}

/* An event is wanted, as far as its parameters say; its delivery is not looked at. */
bool event_is_wanted(const struct event_wants *w, const struct event *ev);
/* The numbers of an event, into ret[n_numbers]; false when there are none, or not of their sizes.
 */
bool event_numbers(const struct event_want *want, const struct event *ev, int64_t *ret);
/* Nothing is wanted. */
void event_wants_none(struct event_wants *w);
/*
 * Wants of two become those of both. Where both say WANT_VALUES of a type, and not the same,
 * all of it is wanted. What `other` wants is not settled by numbers. `values` are borrowed from
 * both.
 */
void event_wants_merge(struct event_wants *w, const struct event_wants *other);

#endif
