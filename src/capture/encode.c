#include "capture/encode.h"

#include <stdlib.h>
#include <string.h>

#include "base/hashmap.h"
#include "base/xalloc.h"
#include "capture/encode_call.h"

/* Threads whose enter pieces are kept; a process that dies unseen leaves its own behind, so there
 * is an end. */
#define MAX_KEPT 65536

typedef void (*how_fn)(struct call *, const struct call_param *, unsigned type);

static const how_fn how_fns[HOW_N] = {
#define X(name, fn) fn,
	ENCODE_HOW_LIST(X)
#undef X
};

/* Pieces of a call that has not returned. */
struct kept {
	uint64_t args[EYAS_MAX_ARGS];
	uint32_t n_args;
	uint32_t pid;
	unsigned nr;
	uint32_t n, cap; /* bytes; n is 0 when the call was seen to return */
	uint8_t *pieces;
};

/* What a native number becomes, looked up once. */
struct known {
	const struct call_row *row;
	const struct event_info *info;
	uint16_t sc;
	bool never_returns;
};

struct encoder {
	struct encode_stats stats;
	uint64_t boot_to_epoch_ns;
	struct u64map kept; /* tid -> struct kept */
	struct known known[2 * EYAS_MAX_NR];
	const struct eyas_record *head; /* of the record in hand; borrowed */
	const uint8_t *args;            /* its arguments */
	struct call call;               /* here, so that the parts no call has stay zero */
	struct param params[EVENT_MAX_PARAMS];
	uint8_t made[ENCODE_MADE_MAX];
};

struct encoder *encoder_new(uint64_t boot_to_epoch_ns)
{
	struct encoder *e = xcalloc(1, sizeof(*e));
	const struct call_row *generic = call_row_of(EVT_GENERIC_X);

	e->boot_to_epoch_ns = boot_to_epoch_ns;
	for (unsigned nr = 0; nr < 2 * EYAS_MAX_NR; nr++) {
		const struct call_row *row = call_row_of(call_event(nr));

		e->known[nr].row = row ? row : generic;
		e->known[nr].info = event_info(e->known[nr].row->type);
		e->known[nr].sc = call_syscall(nr)->sc;
		e->known[nr].never_returns = call_never_returns(nr);
	}
	return e;
}

void encoder_set_clock(struct encoder *e, uint64_t boot_to_epoch_ns)
{
	e->boot_to_epoch_ns = boot_to_epoch_ns;
}

static void kept_free(struct kept *k)
{
	if (k)
		free(k->pieces);
	free(k);
}

static void kept_clear(struct encoder *e)
{
	uint64_t key;
	void *value;
	size_t pos = 0;

	while (u64map_next(&e->kept, &pos, &key, &value)) {
		e->stats.orphans += ((struct kept *)value)->n != 0;
		kept_free(value);
	}
	u64map_clear(&e->kept);
}

void encoder_free(struct encoder *e)
{
	if (!e)
		return;
	kept_clear(e);
	u64map_free(&e->kept);
	free(e);
}

const struct encode_stats *encoder_stats(const struct encoder *e)
{
	return &e->stats;
}

/* Parameters. */

static void put_param(struct call *c, const uint8_t *p, size_t n)
{
	if (c->n_params < EVENT_MAX_PARAMS)
		c->params[c->n_params++] = (struct param){ p, (uint32_t)n };
}

void put_none(struct call *c)
{
	put_param(c, NULL, 0);
}

void put_borrowed(struct call *c, const void *p, size_t n)
{
	if (n > ENCODE_PARAM_MAX)
		n = ENCODE_PARAM_MAX;
	put_param(c, n ? p : NULL, n);
}

uint8_t *made_room(struct call *c, size_t n)
{
	return n <= ENCODE_MADE_MAX - c->made_n ? c->made + c->made_n : NULL;
}

void made_put(struct call *c, size_t n)
{
	if (n > ENCODE_PARAM_MAX) {
		put_none(c);
		return;
	}
	put_param(c, n ? c->made + c->made_n : NULL, n);
	c->made_n += (uint32_t)n;
}

void put_int(struct call *c, unsigned type, uint64_t v)
{
	unsigned size = param_type_size(type);
	uint8_t *to = made_room(c, 8);

	if (!to || !size || size > 8) {
		put_none(c);
		return;
	}
	/* all eight, of which the next parameter takes back what is too much */
	put_le64(to, v);
	made_put(c, size);
}

void put_text(struct call *c, const void *p, size_t n)
{
	size_t len = strnlen(p, n);
	uint8_t *to;

	if (len < n && len < ENCODE_PARAM_MAX) {
		put_borrowed(c, p, len + 1);
		return;
	}
	to = made_room(c, len + 1);
	if (!to) {
		put_none(c);
		return;
	}
	memcpy(to, p, len);
	to[len] = 0;
	made_put(c, len + 1);
}

/* Pieces. */

const uint8_t *piece_bytes(const struct call *c, unsigned fetch, size_t n)
{
	if (fetch >= EYAS_MAX_FETCHES || !c->pieces[fetch].have || c->pieces[fetch].n < n)
		return NULL;
	return c->pieces[fetch].p;
}

bool piece_copy(const struct call *c, unsigned fetch, void *to, size_t n)
{
	const uint8_t *p = piece_bytes(c, fetch, n);

	if (p)
		memcpy(to, p, n);
	return p != NULL;
}

struct str piece_data(const struct call *c, unsigned fetch)
{
	const struct str none = { "", 0 };
	const struct piece *f;
	struct eyas_msg m;
	size_t off;

	if (!piece_bytes(c, fetch, 1))
		return none;
	f = &c->pieces[fetch];
	if (f->kind != EYAS_FETCH_IOVEC && f->kind != EYAS_FETCH_MSGHDR)
		return str_mem(f->p, f->n);
	if (!piece_copy(c, fetch, &m, sizeof(m)))
		return none;
	off = sizeof(m) + (((size_t)m.name_len + 7) & ~(size_t)7) +
	      (((size_t)m.control_len + 7) & ~(size_t)7);
	if (off > f->n || m.data_len > f->n - off)
		return none;
	return str_mem(f->p + off, m.data_len);
}

/* Calls some of whose arguments are pointers for some operations only: that they cannot be read
 * tells nothing. */
static bool pointers_are_guesses(const struct call_row *row)
{
	switch (row->type) {
	case EVT_SYSCALL_PRCTL_X:
	case EVT_SYSCALL_KEYCTL_X:
	case EVT_SYSCALL_QUOTACTL_X:
	case EVT_SYSCALL_PTRACE_X:
		return true;
	default:
		return false;
	}
}

/* Notes the pieces of one record; false when they do not add up. Of two that the same fetch brought
 * the later counts: what could not be read at enter is tried again at exit. *faults, of all pieces
 * of a call, is how much memory could not be read. */
static bool take_pieces(struct call *c, const uint8_t *p, size_t n, uint64_t *faults)
{
	while (n) {
		struct eyas_piece head;
		struct piece *f;
		size_t len;

		if (n < sizeof(head))
			return false;
		memcpy(&head, p, sizeof(head));
		p += sizeof(head);
		n -= sizeof(head);
		if (head.len > n || head.fetch >= EYAS_MAX_FETCHES)
			return false;
		/* a piece of another kind than the fetch brings would be read as what it is not */
		if (head.fetch >= c->row->n_fetches ||
		    head.kind != c->row->fetches[head.fetch].kind)
			return false;
		f = &c->pieces[head.fetch];
		*faults -= f->fault;
		*f = (struct piece){ p,
				     head.len,
				     head.kind,
				     head.status == EYAS_PIECE_OK,
				     head.status == EYAS_PIECE_NULL,
				     head.status == EYAS_PIECE_FAULT };
		*faults += f->fault;
		len = ((size_t)head.len + 7) & ~(size_t)7;
		if (len > n)
			len = n;
		p += len;
		n -= len;
	}
	return true;
}

/* Events. */

static int finish(struct encoder *e, struct call *c, const struct event_info *info, uint16_t cpu,
		  struct event *ret)
{
	*ret = (struct event){
		.ts = e->head->ts + e->boot_to_epoch_ns,
		.tid = e->head->tid,
		.type = info->type,
		.cpu = cpu,
		.n_params = c->n_params,
		.params = e->params,
		.info = info,
	};
	e->stats.events++;
	return 1;
}

static unsigned record_nr(const struct eyas_record *r)
{
	unsigned nr = r->nr < EYAS_MAX_NR ? r->nr : EYAS_MAX_NR - 1;

	return r->flags & EYAS_RF_COMPAT ? nr + EYAS_MAX_NR : nr;
}

static bool is_exec(const struct call_row *row)
{
	return row->type == EVT_SYSCALL_EXECVE_19_X || row->type == EVT_SYSCALL_EXECVEAT_X;
}

/*
 * The pieces kept for the call that returns now, or NULL. Arguments must be the same: when records
 * were lost, a call could be joined to another's. A successful exec has none left; and one from
 * another thread than the first comes back with the first one's tid.
 */
static struct kept *kept_for(struct encoder *e, const struct call_row *row, unsigned nr)
{
	const struct eyas_record *r = e->head;
	struct kept *k = u64map_get(&e->kept, r->tid);
	uint64_t key;
	void *value;
	size_t pos = 0;
	uint32_t n_args;

	if (is_exec(row) && r->ret == 0) {
		if (k && k->n && is_exec(e->known[k->nr].row))
			return k;
		while (u64map_next(&e->kept, &pos, &key, &value)) {
			struct kept *other = value;

			if (other->n && other->pid == r->pid && is_exec(e->known[other->nr].row))
				return other;
		}
		return NULL;
	}
	if (!k || !k->n)
		return NULL;
	n_args = k->n_args < r->n_args ? k->n_args : r->n_args;
	if (k->nr != nr || memcmp(k->args, e->args, n_args * sizeof(k->args[0])) != 0) {
		k->n = 0;
		e->stats.orphans++;
		return NULL;
	}
	return k;
}

static int feed_enter(struct encoder *e, const uint8_t *pieces, size_t n)
{
	const struct eyas_record *r = e->head;
	struct kept *k = u64map_get(&e->kept, r->tid);

	if (!n)
		return 0;
	if (!k) {
		if (e->kept.n >= MAX_KEPT)
			kept_clear(e);
		k = xcalloc(1, sizeof(*k));
		u64map_put(&e->kept, r->tid, k);
	}
	e->stats.orphans += k->n != 0 && !(r->flags & EYAS_RF_AGAIN);
	if (k->cap < n) {
		free(k->pieces);
		k->pieces = xmalloc(n);
		k->cap = (uint32_t)n;
	}
	memcpy(k->pieces, pieces, n);
	k->n = (uint32_t)n;
	k->pid = r->pid;
	k->nr = record_nr(r);
	k->n_args = r->n_args;
	memcpy(k->args, e->args, k->n_args * sizeof(k->args[0]));
	return 0;
}

/* A call without pieces and parameters yet. Only as many pieces are cleared as the last one could
 * have had, and not by memset(): for so few bytes of a number that varies it costs as much as all
 * parameters of a call. */
static struct call *begin_call(struct encoder *e, const struct known *known)
{
	struct call *c = &e->call;

	for (unsigned i = 0; c->row && i < c->row->n_fetches; i++) {
		struct piece *f = &c->pieces[i];

		f->n = 0;
		f->have = f->null = f->fault = false;
	}
	c->row = known->row;
	c->sc = known->sc;
	c->params = e->params;
	c->made = e->made;
	c->n_params = c->made_n = 0;
	return c;
}

static int feed_exit(struct encoder *e, const uint8_t *pieces, size_t n, uint16_t cpu,
		     struct event *ret)
{
	unsigned nr = record_nr(e->head);
	const struct known *known = &e->known[nr];
	struct kept *k = known->row->n_fetches ? kept_for(e, known->row, nr) : NULL;
	struct call *c = begin_call(e, known);
	uint64_t faults = 0;

	if (k) {
		bool good;

		/* execveat() ends as execve(); their first fetch, the only one of a success, is the
		 * same */
		known = &e->known[k->nr];
		c->row = known->row;
		c->sc = known->sc;
		good = take_pieces(c, k->pieces, k->n, &faults);

		k->n = 0;
		if (!good) {
			e->stats.malformed++;
			return 0;
		}
	}
	if (!take_pieces(c, pieces, n, &faults)) {
		e->stats.malformed++;
		return 0;
	}
	if (!pointers_are_guesses(known->row))
		e->stats.unreadable += faults;
	for (unsigned i = 0; i < known->row->n_params; i++) {
		const struct call_param *p = &known->row->params[i];

		how_fns[p->how](c, p, known->info->params[i].type);
	}
	return finish(e, c, known->info, cpu, ret);
}

/* A thread's end: its wait(2) status and what is in it, and who gets its children. */
static int feed_proc_exit(struct encoder *e, uint16_t cpu, struct event *ret)
{
	const struct event_info *info = event_info(EVT_PROCEXIT_1_E);
	struct call c = { .r = e->head, .args = e->args, .params = e->params, .made = e->made };
	uint32_t status = (uint32_t)e->head->ret, sig = status & 0x7f;
	struct kept *k = u64map_del(&e->kept, e->head->tid);

	/* it was killed in the call that they are of */
	kept_free(k);
	put_int(&c, info->params[0].type, status);
	put_int(&c, info->params[1].type, status >> 8 & 0xff);
	put_int(&c, info->params[2].type, sig == 0x7f ? 0 : sig);
	put_int(&c, info->params[3].type, sig && sig != 0x7f && status & 0x80);
	put_int(&c, info->params[4].type, call_arg(&c, 0));
	return finish(e, &c, info, cpu, ret);
}

static int feed_signal(struct encoder *e, uint16_t cpu, struct event *ret)
{
	const struct event_info *info = event_info(EVT_SIGNALDELIVER_E);
	struct call c = { .r = e->head, .args = e->args, .params = e->params, .made = e->made };

	put_int(&c, info->params[0].type, call_arg(&c, 0));
	put_int(&c, info->params[1].type, e->head->tid);
	put_int(&c, info->params[2].type, call_arg(&c, 1));
	return finish(e, &c, info, cpu, ret);
}

int encoder_feed(struct encoder *e, const void *record, size_t n, uint16_t cpu, struct event *ret)
{
	const struct eyas_record *head = record;
	const uint8_t *pieces;
	size_t args_bytes;

	e->stats.records++;
	if (n < sizeof(*head) || head->n_args > EYAS_MAX_ARGS ||
	    n - sizeof(*head) < head->n_args * sizeof(uint64_t)) {
		e->stats.malformed++;
		return 0;
	}
	args_bytes = head->n_args * sizeof(uint64_t);
	e->head = head;
	e->args = (const uint8_t *)record + sizeof(*head);
	e->call.r = head;
	e->call.args = e->args;
	pieces = e->args + args_bytes;
	n -= sizeof(*head) + args_bytes;
	switch (e->head->kind) {
	case EYAS_REC_EXIT:
	case EYAS_REC_FORK_CHILD:
		return feed_exit(e, pieces, n, cpu, ret);
	case EYAS_REC_ENTER:
		if (e->known[record_nr(e->head)].never_returns)
			return feed_exit(e, pieces, n, cpu, ret);
		return feed_enter(e, pieces, n);
	case EYAS_REC_PROC_EXIT:
		return feed_proc_exit(e, cpu, ret);
	case EYAS_REC_SIGNAL:
		return feed_signal(e, cpu, ret);
	default:
		e->stats.malformed++;
		return 0;
	}
}
