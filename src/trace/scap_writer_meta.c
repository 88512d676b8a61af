/* Encoding of .scap metadata entries: see scap_meta.h. */
#include "base/compiler.h"
#include "trace/scap_meta.h"

static void put8(struct strbuf *out, uint8_t v)
{
	strbuf_addc(out, (char)v);
}

static void put16(struct strbuf *out, uint16_t v)
{
	put_le16((uint8_t *)strbuf_reserve(out, 2), v);
	out->n += 2;
}

static void put32(struct strbuf *out, uint32_t v)
{
	put_le32((uint8_t *)strbuf_reserve(out, 4), v);
	out->n += 4;
}

static void put64(struct strbuf *out, uint64_t v)
{
	put_le64((uint8_t *)strbuf_reserve(out, 8), v);
	out->n += 8;
}

/* 1 when the text had to be cut. */
static unsigned put_text(struct strbuf *out, struct str s)
{
	size_t n = s.n < UINT16_MAX ? s.n : UINT16_MAX;

	put16(out, (uint16_t)n);
	strbuf_add(out, s.p, n);
	return n < s.n;
}

static void put_address(struct strbuf *out, const struct ipaddr *a, size_t n)
{
	strbuf_add(out, a->b, n);
}

/* Sets the length of the entry that begins at `at`, `own` of whose bytes do not count. */
static void close_entry(struct strbuf *out, size_t at, size_t own)
{
	put_le32((uint8_t *)out->s + at, (uint32_t)(out->n - at - own));
}

void scap_put_machine(struct strbuf *out, const struct snap_machine *m)
{
	char host[SCAP_HOSTNAME_LEN] = { 0 };

	if (m->hostname.n)
		memcpy(host, m->hostname.p,
		       m->hostname.n < sizeof(host) ? m->hostname.n : sizeof(host));
	put32(out, m->n_cpus);
	put64(out, m->memory_bytes);
	put64(out, m->max_pid);
	strbuf_add(out, host, sizeof(host));
	put64(out, m->boot_ts);
	put64(out, m->flags);
	put64(out, m->reserved[0]);
	put64(out, m->reserved[1]);
}

unsigned scap_put_iface(struct strbuf *out, const struct snap_iface *i)
{
	size_t at = out->n, width = i->type & 1 ? 4 : 16;
	struct str name = i->name;
	unsigned cut = name.n > UINT16_MAX;

	if (cut)
		name.n = UINT16_MAX;
	put32(out, 0);
	put16(out, i->type);
	put16(out, (uint16_t)name.n);
	put_address(out, &i->addr, width);
	put_address(out, &i->mask, width);
	put_address(out, &i->bcast, width);
	if (i->type <= 2)
		put64(out, i->linkspeed);
	strbuf_addstr(out, name);
	close_entry(out, at, 4);
	return cut;
}

unsigned scap_put_user(struct strbuf *out, const struct snap_user *u)
{
	size_t at = out->n;
	unsigned cut = 0;

	put32(out, 0);
	put8(out, 0);
	put32(out, u->uid);
	put32(out, u->gid);
	cut += put_text(out, u->name);
	cut += put_text(out, u->home);
	cut += put_text(out, u->shell);
	close_entry(out, at, 0);
	return cut;
}

unsigned scap_put_group(struct strbuf *out, const struct snap_group *g)
{
	size_t at = out->n;
	unsigned cut;

	put32(out, 0);
	put8(out, 1);
	put32(out, g->gid);
	cut = put_text(out, g->name);
	close_entry(out, at, 0);
	return cut;
}

unsigned scap_thread_version(uint32_t has)
{
	if (has >= SNAP_HAS_PIDNS)
		return 9;
	if (has & SNAP_HAS_VPGID)
		return 8;
	if (has & SNAP_HAS_EXEPATH)
		return 7;
	if (has & SNAP_HAS_SID)
		return 6;
	if (has & SNAP_HAS_ROOT)
		return 5;
	if (has & SNAP_HAS_VTID)
		return 4;
	if (has & SNAP_HAS_ENV)
		return 3;
	return has & SNAP_HAS_VM ? 2 : 1;
}

uint32_t scap_thread_block(unsigned version)
{
	static const uint32_t blocks[] = { 0,     0x202, 0x207, 0x209, 0x210,
					   0x211, 0x212, 0x213, 0x214, 0x215 };

	return blocks[version];
}

/*
 * The appended fields, as far as the entry has them. They can only be told apart by how many
 * bytes follow, so all before the last one there is are written.
 */
static void put_thread_tail(struct strbuf *out, const struct snap_thread *t)
{
	uint32_t has = t->has;

	/* Behind `root` more than 29 bytes mean that the pid namespace's fields come first. */
	if (has & ~(uint32_t)(SNAP_HAS_CAPS * 2 - 1))
		has |= SNAP_HAS_PIDNS;
	if (has & SNAP_HAS_PIDNS) {
		put64(out, t->pidns_init_start_ts);
		put32(out, t->tty);
		has |= SNAP_HAS_CAPS;
	}
	if (has >= SNAP_HAS_LOGINUID)
		put32(out, t->loginuid);
	if (has >= SNAP_HAS_EXE_WRITABLE)
		put8(out, t->exe_writable);
	if (has >= SNAP_HAS_CAPS) {
		put64(out, t->cap_inheritable);
		put64(out, t->cap_permitted);
		put64(out, t->cap_effective);
	}
	if (has >= SNAP_HAS_EXE_UPPER)
		put8(out, t->exe_upper_layer);
	if (has >= SNAP_HAS_EXE_INO) {
		put64(out, t->exe_ino);
		put64(out, t->exe_ino_ctime);
		put64(out, t->exe_ino_mtime);
	}
	if (has >= SNAP_HAS_EXE_MEMFD)
		put8(out, t->exe_from_memfd);
	if (has >= SNAP_HAS_EXE_LOWER)
		put8(out, t->exe_lower_layer);
	if (has >= SNAP_HAS_PGID)
		put64(out, (uint64_t)t->pgid);
}

unsigned scap_put_thread(struct strbuf *out, const struct snap_thread *t, unsigned version)
{
	size_t at = out->n;
	unsigned cut = 0;

	if (version >= 9)
		put32(out, 0);
	put64(out, t->tid);
	put64(out, t->pid);
	put64(out, t->ptid);
	if (version >= 6)
		put64(out, (uint64_t)t->sid);
	if (version >= 8)
		put64(out, (uint64_t)t->vpgid);
	cut += put_text(out, t->comm);
	cut += put_text(out, t->exe);
	if (version >= 7)
		cut += put_text(out, t->exepath);
	cut += put_text(out, t->args);
	cut += put_text(out, t->cwd);
	put64(out, (uint64_t)t->fdlimit);
	put32(out, t->flags);
	put32(out, t->uid);
	put32(out, t->gid);
	if (version >= 2) {
		put32(out, t->vmsize_kb);
		put32(out, t->vmrss_kb);
		put32(out, t->vmswap_kb);
		put64(out, t->pfmajor);
		put64(out, t->pfminor);
	}
	if (version >= 3)
		cut += put_text(out, t->env);
	if (version >= 4) {
		put64(out, (uint64_t)t->vtid);
		put64(out, (uint64_t)t->vpid);
		cut += put_text(out, t->cgroups);
	}
	if (version >= 5)
		cut += put_text(out, t->root);
	if (version >= 9) {
		put_thread_tail(out, t);
		close_entry(out, at, 0);
	}
	return cut;
}

unsigned scap_put_fd(struct strbuf *out, const struct snap_fd *f)
{
	size_t at = out->n, width = 4;
	unsigned cut = 0;

	put32(out, 0);
	put64(out, (uint64_t)f->fd);
	put64(out, f->ino);
	put8(out, f->type);
	switch (f->type) {
	case FD_UNKNOWN:
		break;
	case FD_IPV6_SOCK:
	case FD_IPV6_SERVSOCK:
		width = 16;
		FALLTHROUGH;
	case FD_IPV4_SOCK:
	case FD_IPV4_SERVSOCK:
		put_address(out, &f->sip, width);
		if (f->type == FD_IPV4_SOCK || f->type == FD_IPV6_SOCK)
			put_address(out, &f->dip, width);
		put16(out, f->sport);
		if (f->type == FD_IPV4_SOCK || f->type == FD_IPV6_SOCK)
			put16(out, f->dport);
		put8(out, f->l4proto);
		break;
	case FD_UNIX_SOCK:
		put64(out, f->unix_src);
		put64(out, f->unix_dst);
		cut = put_text(out, f->name);
		break;
	case FD_FILE_V2:
		put32(out, f->open_flags);
		cut = put_text(out, f->name);
		if (f->has_dev)
			put32(out, f->dev);
		break;
	default:
		if (f->type <= FD_PIDFD)
			cut = put_text(out, f->name);
		else
			strbuf_addstr(out, f->name);
	}
	close_entry(out, at, 0);
	return cut;
}
