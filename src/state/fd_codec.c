/* Descriptor tables of a saved state; see state_codec.h. */
#include "base/xalloc.h"
#include "state/fd_table_impl.h"
#include "state/state_codec.h"

/* Pages in all: with as many, a state would need over a gigabyte. */
#define MAX_PAGES (UINT32_C(1) << 20)

static void code_entry(struct codec *c, struct fd_entry *f)
{
	if (c->saving)
		(void)fd_name(f);
	code_u8(c, &f->type);
	code_u8(c, &f->l4proto);
	code_u8(c, &f->role);
	code_u8(c, &f->flags);
	code_u32(c, &f->openflags);
	code_u32(c, &f->dev);
	code_u64(c, &f->ino);
	code_istr(c, &f->kept_name);
	code_istr(c, &f->nameraw);
	code_ipaddr(c, &f->sip);
	code_ipaddr(c, &f->dip);
	code_u16(c, &f->sport);
	code_u16(c, &f->dport);
	code_u64(c, &f->unix_src);
	code_u64(c, &f->unix_dst);
	code_i64(c, &f->pid);
}

/* Roles are looked up in tables by their number. */
static bool entry_good(const struct fd_entry *f)
{
	return f->role <= FD_ROLE_SERVER;
}

static void code_page(struct codec *c, struct fd_page *p, int64_t no)
{
	code_u8(c, &p->used);
	for (unsigned at = 0; at < PAGE_SIZE && !c->in.bad; at++) {
		struct fd_entry *f = &p->v[at];

		if (!(p->used >> at & 1))
			continue;
		code_entry(c, f);
		if (c->saving)
			continue;
		f->num = no * PAGE_SIZE + at;
		f->stamp = ++c->st->stamp;
		if (!entry_good(f))
			code_bad(c);
	}
}

static void save_page(struct codec *c, struct fd_page *p, int64_t no)
{
	uint64_t i = (uintptr_t)u64map_get(&c->page_of, (uintptr_t)p);

	if (i) {
		varint_add(c->out, i - 1);
		return;
	}
	varint_add(c->out, c->pages.n);
	vec_push(&c->pages, p);
	u64map_put(&c->page_of, (uintptr_t)p, (void *)(uintptr_t)c->pages.n);
	code_page(c, p, no);
}

/* A page of the table's own, or one that was read before; NULL when bad. */
static struct fd_page *restore_page(struct codec *c, int64_t no)
{
	uint64_t i = varint_get(&c->in);
	struct fd_page *p;

	if (c->in.bad || i > c->pages.n || i >= MAX_PAGES)
		return NULL;
	if (i < c->pages.n) {
		p = c->pages.v[i];
		p->refs++;
		return p;
	}
	p = xcalloc(1, sizeof(*p));
	p->refs = 1;
	for (unsigned at = 0; at < PAGE_SIZE; at++)
		p->v[at].kept_name = p->v[at].nameraw = c->st->empty;
	vec_push(&c->pages, p);
	code_page(c, p, no);
	return p;
}

static void save_table(struct codec *c, const struct fd_table *t)
{
	int64_t no = 0;

	varint_add(c->out, t->n_slots);
	for (uint32_t i = 0; i < t->n_slots; i++) {
		int64_t step = t->slots[i].no - no;

		code_i64(c, &step);
		no = t->slots[i].no;
		save_page(c, t->slots[i].page, no);
	}
}

static void restore_table(struct codec *c, struct fd_table *t)
{
	int64_t no = 0, step = 0;
	size_t n = 0;

	code_count(c, &n, 2);
	if (n > t->max) {
		code_bad(c);
		return;
	}
	t->slots = xcalloc(n + 1, sizeof(*t->slots));
	t->cap_slots = (uint32_t)n + 1;
	for (size_t i = 0; i < n; i++) {
		struct fd_page *p;

		code_i64(c, &step);
		if (__builtin_add_overflow(no, step, &no) || no > INT64_MAX / PAGE_SIZE ||
		    no < INT64_MIN / PAGE_SIZE || (i && step <= 0))
			code_bad(c);
		p = c->in.bad ? NULL : restore_page(c, no);
		if (!p) {
			code_bad(c);
			return;
		}
		t->slots[t->n_slots++] = (struct fd_slot){ no, p };
		t->n += (uint32_t)__builtin_popcount(p->used);
		if (t->n > t->max || !p->used)
			code_bad(c);
	}
}

void code_fds(struct codec *c, struct fd_table **fds)
{
	bool there = *fds != NULL;

	code_bool(c, &there);
	if (!there)
		return;
	if (c->saving) {
		save_table(c, *fds);
		return;
	}
	*fds = fd_table_new(c->st->opt.max_fds);
	restore_table(c, *fds);
}
