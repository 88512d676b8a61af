#include "trace/script_snapshot.h"

#include "base/hashmap.h"
#include "event/event.h"
#include "trace/script_rows.h"
#include "trace/script_value.h"

#define HAS_ALL 0xffffu

bool script_snapshot_kind(struct str kind)
{
	return script_row_kind_by_name(kind) != NULL;
}

static struct str basename_of(struct str path)
{
	struct str name = str_from(path, (size_t)(str_rchr(path, '/') + 1));

	if (name.n > 15) /* as the kernel cuts comm */
		name.n = 15;
	return name;
}

static void zero_addr(struct ipaddr *a, uint8_t n)
{
	memset(a, 0, sizeof(*a));
	a->n = n;
}

static bool is_ip_type(unsigned type)
{
	return type >= FD_IPV4_SOCK && type <= FD_IPV6_SERVSOCK;
}

/* ---- printing */

static void flags_print(const struct script_field *f, uint64_t v, struct strbuf *out)
{
	const struct flag_table *t = flag_table(str_of(f->flags));

	if (t)
		script_flags_print(t, (uint32_t)v, false, out);
	else
		strbuf_addf(out, "0x%llx", (unsigned long long)v);
}

static void has_print(uint64_t has, struct strbuf *out)
{
	if (has == HAS_ALL)
		strbuf_adds(out, "all");
	else
		strbuf_addf(out, "0x%llx", (unsigned long long)has);
}

static void name_or_number(const char *const *names, size_t n, uint64_t v, struct strbuf *out)
{
	if (v < n)
		strbuf_adds(out, names[v]);
	else
		strbuf_addu(out, v);
}

static void strings_print(struct str s, struct strbuf *out)
{
	if (!s.n || s.p[s.n - 1] == '\0')
		script_print_strings(out, s);
	else
		script_quote(out, s);
}

static bool field_same(const struct script_field *f, const void *row, const void *other)
{
	switch (f->kind) {
	case F_TEXT:
	case F_STRINGS:
		return str_eq(*script_row_text(f, row), *script_row_text(f, other));
	case F_ADDR:
		return ipaddr_eq(script_row_addr(f, row), script_row_addr(f, other));
	default:
		return script_row_number(f, row) == script_row_number(f, other);
	}
}

static void field_print(const struct script_field *f, const void *row, struct strbuf *out)
{
	uint64_t v = f->kind == F_TEXT || f->kind == F_STRINGS || f->kind == F_ADDR
			     ? 0
			     : script_row_number(f, row);

	strbuf_addf(out, " %s=", f->key);
	switch (f->kind) {
	case F_TEXT:
		script_quote(out, *script_row_text(f, row));
		break;
	case F_STRINGS:
		strings_print(*script_row_text(f, row), out);
		break;
	case F_ADDR:
		if (script_row_addr(f, row)->n)
			ipaddr_text(script_row_addr(f, row), out);
		break;
	case F_SIGNED:
		strbuf_addi(out, (int64_t)v);
		break;
	case F_HEX:
		strbuf_addf(out, "0x%llx", (unsigned long long)v);
		break;
	case F_TIME:
		script_print_time(out, v);
		break;
	case F_FLAGS:
		flags_print(f, v, out);
		break;
	case F_FD_TYPE:
		name_or_number(script_fd_types, SCRIPT_FD_TYPES, v, out);
		break;
	case F_PROTO:
		name_or_number(script_protos, SCRIPT_PROTOS, v, out);
		break;
	case F_HAS:
		has_print(v, out);
		break;
	case F_POPULATED:
		name_or_number(script_populated, SCRIPT_POPULATED, v, out);
		break;
	default:
		if (f->size == 4 && v == UINT32_MAX)
			strbuf_adds(out, "-1");
		else
			strbuf_addu(out, v);
	}
}

/* All fields that differ from what is already known of the row; `known` becomes the row. */
static void fields_print(const struct script_row_kind *kind, const void *row, const void *known,
			 struct strbuf *out)
{
	for (size_t i = 0; i < kind->n_fields; i++)
		if (!field_same(&kind->fields[i], row, known))
			field_print(&kind->fields[i], row, out);
}

/* Prefix length of a mask, or -1 when its ones are not in one piece. */
static int mask_prefix(const struct ipaddr *m)
{
	int n = 0;

	while (n < m->n * 8 && (m->b[n / 8] & 0x80 >> n % 8))
		n++;
	for (int i = n; i < m->n * 8; i++)
		if (m->b[i / 8] & 0x80 >> i % 8)
			return -1;
	return n;
}

static void prefix_mask(unsigned prefix, struct ipaddr *m)
{
	for (unsigned i = 0; i < prefix && i < m->n * 8u; i++)
		m->b[i / 8] |= (uint8_t)(0x80 >> i % 8);
}

static void iface_print(const struct snap_iface *f, struct strbuf *out)
{
	struct snap_iface known;
	int prefix = mask_prefix(&f->mask);

	script_row_defaults(ROW_IFACE, &known);
	strbuf_adds(out, "iface");
	if (f->name.n) {
		field_print(&script_row_kind_of(ROW_IFACE)->fields[0], f, out); /* name */
		known.name = f->name;
	}
	if (f->addr.n) {
		strbuf_adds(out, " addr=");
		ipaddr_text(&f->addr, out);
		zero_addr(&known.mask, f->addr.n);
		zero_addr(&known.bcast, f->addr.n);
		known.type = f->addr.n == 4 ? 1 : 2;
		if (prefix > 0 && f->mask.n == f->addr.n) {
			strbuf_addf(out, "/%d", prefix);
			known.mask = f->mask;
		}
	}
	fields_print(script_row_kind_of(ROW_IFACE), f, &known, out);
	strbuf_addc(out, '\n');
}

static void thread_print(const struct snap_thread *t, struct strbuf *out)
{
	const struct script_row_kind *kind = script_row_kind_of(ROW_THREAD);
	struct snap_thread known;

	script_row_defaults(ROW_THREAD, &known);
	strbuf_addf(out, "thread tid=%llu", (unsigned long long)t->tid);
	known.tid = known.pid = t->tid;
	known.ptid = t->tid == 1 ? 0 : 1;
	if (t->pid != known.pid)
		field_print(&kind->fields[1], t, out);
	if (t->ptid != known.ptid)
		field_print(&kind->fields[2], t, out);
	field_print(&kind->fields[3], t, out);
	known.pid = t->pid;
	known.ptid = t->ptid;
	known.comm = known.exe = t->comm;
	/* Giving a field says that the entry had it. */
	for (size_t i = 0; i < kind->n_fields; i++)
		if (!field_same(&kind->fields[i], t, &known))
			known.has |= kind->fields[i].has;
	fields_print(kind, t, &known, out);
	strbuf_addc(out, '\n');
}

static void fd_print(const struct snap_fd *f, struct strbuf *out)
{
	struct snap_fd known;
	uint8_t n = f->type == FD_IPV4_SOCK || f->type == FD_IPV4_SERVSOCK ? 4 : 16;

	script_row_defaults(ROW_FD, &known);
	strbuf_addf(out, "fd tid=%llu fd=%lld", (unsigned long long)f->tid, (long long)f->fd);
	known.tid = f->tid;
	known.fd = f->fd;
	if (is_ip_type(f->type)) {
		bool server = f->type >= FD_IPV4_SERVSOCK;

		known.l4proto = L4_TCP;
		if (f->sip.n == n && (server || f->dip.n == n)) {
			strbuf_adds(out, server ? " addr=" : " tuple=");
			script_print_endpoint(out, &f->sip, f->sport);
			known.sip = f->sip;
			known.sport = f->sport;
			known.type = f->type;
			if (!server) {
				strbuf_adds(out, "->");
				script_print_endpoint(out, &f->dip, f->dport);
				known.dip = f->dip;
				known.dport = f->dport;
			}
		}
	}
	known.has_dev = f->dev != known.dev || known.has_dev;
	/* dev= says that there was one; a zero one must be said too. */
	if (f->has_dev && !f->dev) {
		strbuf_adds(out, " dev=0x0");
		known.has_dev = true;
	}
	fields_print(script_row_kind_of(ROW_FD), f, &known, out);
	strbuf_addc(out, '\n');
}

static void fdlist_print(uint64_t tid, struct strbuf *out)
{
	strbuf_addf(out, "fdlist tid=%llu\n", (unsigned long long)tid);
}

/*
 * Which threads had a list of descriptors, also an empty one: the first fd line of a thread says
 * it of its own; the others need an fdlist line, in its place.
 */
static void fds_print(const struct snapshot *s, struct strbuf *out)
{
	struct u64map first = { 0 }; /* tid -> 1 + its first place in fd_tids */
	size_t next = 0;

	for (uintptr_t i = s->fd_tids.n; i; i--)
		u64map_put(&first, s->fd_tids.v[i - 1], (void *)i);
	for (size_t i = 0; i < s->fds.n; i++) {
		size_t at = (size_t)(uintptr_t)u64map_get(&first, s->fds.v[i].tid);

		if (at > next) {
			for (; next + 1 < at; next++)
				fdlist_print(s->fd_tids.v[next], out);
			next = at;
		}
		fd_print(&s->fds.v[i], out);
	}
	for (; next < s->fd_tids.n; next++)
		fdlist_print(s->fd_tids.v[next], out);
	u64map_free(&first);
}

static void row_print(enum row_kind row, const void *p, struct strbuf *out)
{
	const struct script_row_kind *kind = script_row_kind_of(row);
	union {
		struct snap_machine machine;
		struct snap_user user;
		struct snap_group group;
		struct snap_mount mount;
		struct snap_cgroup cgroup;
	} known;
	const struct script_field *first = &kind->fields[0];

	script_row_defaults(row, &known);
	strbuf_adds(out, kind->name);
	/* A user or group without its number would look odd, as would a cgroup without path. */
	if (row != ROW_MACHINE) {
		field_print(first, p, out);
		memcpy((char *)&known + first->offset, (const char *)p + first->offset,
		       first->size);
	}
	fields_print(kind, p, &known, out);
	strbuf_addc(out, '\n');
}

void script_snapshot_print(const struct snapshot *s, struct strbuf *out)
{
	if (s->machine.present)
		row_print(ROW_MACHINE, &s->machine, out);
	for (size_t i = 0; i < s->ifaces.n; i++)
		iface_print(&s->ifaces.v[i], out);
	for (size_t i = 0; i < s->users.n; i++)
		row_print(ROW_USER, &s->users.v[i], out);
	for (size_t i = 0; i < s->groups.n; i++)
		row_print(ROW_GROUP, &s->groups.v[i], out);
	for (size_t i = 0; i < s->threads.n; i++)
		thread_print(&s->threads.v[i], out);
	fds_print(s, out);
	for (size_t i = 0; i < s->mounts.n; i++)
		row_print(ROW_MOUNT, &s->mounts.v[i], out);
	for (size_t i = 0; i < s->cgroups.n; i++)
		row_print(ROW_CGROUP, &s->cgroups.v[i], out);
}

/* ---- reading */

static bool seen(const struct script_row *row, const char *key)
{
	for (size_t i = 0; i < row->kind->n_fields; i++)
		if (str_eqz(str_of(row->kind->fields[i].key), key))
			return row->seen >> i & 1;
	return false;
}

void script_row_begin(struct script_row *row, struct str kind, struct snapshot *snap,
		      struct u64map *listed)
{
	memset(row, 0, sizeof(*row));
	row->snap = snap;
	row->listed = listed;
	row->kind = script_row_kind_by_name(kind);
	script_row_defaults(row->kind->row, &row->u);
	for (size_t i = 0; i < row->kind->n_fields; i++) {
		const struct script_field *f = &row->kind->fields[i];

		if ((f->kind == F_TEXT || f->kind == F_STRINGS) && !script_row_text(f, &row->u)->p)
			*script_row_text(f, &row->u) = STR("");
	}
}

static bool by_name(const char *const *names, size_t n, struct str s, uint64_t *ret)
{
	for (size_t i = 0; i < n; i++)
		if (str_eqz(s, names[i])) {
			*ret = i;
			return true;
		}
	return script_number(s, 1, ret);
}

static struct str keep(struct script_row *row, struct strbuf *sb)
{
	struct str s = arena_str(&row->snap->arena, strbuf_str(sb));

	strbuf_release(sb);
	return s;
}

static const char *field_parse(struct script_row *row, const struct script_field *f, struct str w,
			       struct strbuf *why)
{
	struct strbuf bytes = STRBUF_INIT;
	const struct flag_table *flags;
	uint64_t v;

	switch (f->kind) {
	case F_TEXT:
	case F_STRINGS:
		if (f->kind == F_STRINGS && w.n && w.p[0] == '[' ? !script_parse_strings(w, &bytes)
								 : !script_unquote(w, &bytes)) {
			strbuf_release(&bytes);
			return "the string or list is malformed";
		}
		*script_row_text(f, &row->u) = keep(row, &bytes);
		return NULL;
	case F_ADDR:
		zero_addr(script_row_addr(f, &row->u), 0);
		return !w.n || ipaddr_parse(w, script_row_addr(f, &row->u)) ? NULL
									    : "not an IP address";
	case F_TIME:
		if (!script_parse_time(w, &v))
			return "not a time (2026-11-21T23:00:41.5Z, @SECONDS, 0)";
		break;
	case F_FLAGS:
		flags = flag_table(str_of(f->flags));
		if (flags) {
			const char *wrong = script_flags_parse(flags, w, f->size, &v, why);

			if (wrong)
				return wrong;
			break;
		}
		if (!script_number(w, f->size, &v))
			return "not a number that fits";
		break;
	case F_FD_TYPE:
		if (!by_name(script_fd_types, SCRIPT_FD_TYPES, w, &v))
			return "unknown type of descriptor (file, directory, ipv4, ipv6, unix, pipe, ...: "
			       "see eyas-script(5))";
		break;
	case F_PROTO:
		if (!by_name(script_protos, SCRIPT_PROTOS, w, &v))
			return "unknown protocol (tcp, udp, icmp, raw, none, unknown)";
		break;
	case F_POPULATED:
		if (!by_name(script_populated, SCRIPT_POPULATED, w, &v))
			return "write yes, no or unknown";
		break;
	case F_HAS:
		if (str_eqz(w, "all"))
			v = HAS_ALL;
		else if (!script_number(w, 4, &v))
			return "write all, or a number";
		break;
	default:
		if (!script_number(w, f->size, &v))
			return "not a number that fits";
	}
	script_row_set_number(f, &row->u, v);
	return NULL;
}

/* "addr=1.2.3.4/24" of an interface. */
static const char *iface_addr_parse(struct snap_iface *f, struct str w)
{
	ptrdiff_t slash = str_chr(w, '/');
	struct str host = slash >= 0 ? (struct str){ w.p, (size_t)slash } : w;
	uint64_t prefix = 0;

	if (!ipaddr_parse(host, &f->addr) ||
	    (slash >= 0 && (!script_number(str_from(w, (size_t)slash + 1), 1, &prefix) ||
			    prefix > f->addr.n * 8u)))
		return "not an address: write 192.0.2.1/24 or 2001:db8::1/64";
	if (slash >= 0) {
		zero_addr(&f->mask, f->addr.n);
		prefix_mask((unsigned)prefix, &f->mask);
	}
	return NULL;
}

static const char *fd_tuple_parse(struct snap_fd *f, struct str w)
{
	ptrdiff_t arrow = str_find(w, STR("->"));

	if (arrow < 0 ||
	    !script_parse_endpoint((struct str){ w.p, (size_t)arrow }, &f->sip, &f->sport) ||
	    !script_parse_endpoint(str_from(w, (size_t)arrow + 2), &f->dip, &f->dport) ||
	    f->sip.n != f->dip.n)
		return "not a tuple: write 1.2.3.4:5->6.7.8.9:10 or [::1]:5->[::2]:10";
	return NULL;
}

static const char *field_name_at(const void *arg, size_t i)
{
	const struct script_row_kind *kind = arg;

	return i < kind->n_fields ? kind->fields[i].key : NULL;
}

const char *script_row_word(struct script_row *row, const struct script_word *w, struct strbuf *why)
{
	const char *nearest;
	unsigned special = 0;

	if (!w->has_value)
		return "expected KEY=VALUE";
	if (row->kind->row == ROW_IFACE && str_eqz(w->key, "addr"))
		special = SPECIAL_ADDR;
	if (row->kind->row == ROW_FD && str_eqz(w->key, "addr"))
		special = SPECIAL_ADDR;
	if (row->kind->row == ROW_FD && str_eqz(w->key, "tuple"))
		special = SPECIAL_TUPLE;
	if (special) {
		if (row->special)
			return "given twice";
		row->special |= special;
		if (row->kind->row == ROW_IFACE)
			return iface_addr_parse(&row->u.iface, w->value);
		if (special == SPECIAL_TUPLE)
			return fd_tuple_parse(&row->u.fd, w->value);
		return script_parse_endpoint(w->value, &row->u.fd.sip, &row->u.fd.sport)
			       ? NULL
			       : "not an address: write 1.2.3.4:80 or [::1]:80";
	}
	for (size_t i = 0; i < row->kind->n_fields; i++) {
		if (!str_eqz(w->key, row->kind->fields[i].key))
			continue;
		if (row->seen >> i & 1)
			return "given twice";
		row->seen |= UINT64_C(1) << i;
		return field_parse(row, &row->kind->fields[i], w->value, why);
	}
	nearest = script_nearest(w->key, field_name_at, row->kind);
	strbuf_addf(why, "a %s line has no \"%.*s\"", row->kind->name, STR_FMT(w->key));
	if (nearest)
		strbuf_addf(why, "; did you mean \"%s\"?", nearest);
	return why->s;
}

static void fd_tid_add(struct script_row *row, uint64_t tid)
{
	u64map_put(row->listed, tid, row->snap);
	vec_push(&row->snap->fd_tids, tid);
}

static void iface_end(struct script_row *row)
{
	struct snap_iface *f = &row->u.iface;

	if (row->special) {
		if (!seen(row, "mask") && !f->mask.n)
			zero_addr(&f->mask, f->addr.n);
		if (!seen(row, "bcast"))
			zero_addr(&f->bcast, f->addr.n);
		if (!seen(row, "type"))
			f->type = f->addr.n == 4 ? 1 : 2;
	}
	vec_push(&row->snap->ifaces, *f);
}

static const char *thread_end(struct script_row *row)
{
	struct snap_thread *t = &row->u.thread;

	if (!seen(row, "tid"))
		return "a thread line needs tid=";
	if (!seen(row, "pid"))
		t->pid = t->tid;
	if (!seen(row, "ptid"))
		t->ptid = t->tid == 1 ? 0 : 1;
	if (!seen(row, "comm"))
		t->comm = basename_of(t->exe);
	if (!seen(row, "exe"))
		t->exe = t->comm;
	if (!seen(row, "has"))
		for (size_t i = 0; i < row->kind->n_fields; i++)
			if (row->seen >> i & 1)
				t->has |= row->kind->fields[i].has;
	vec_push(&row->snap->threads, *t);
	return NULL;
}

static const char *fd_end(struct script_row *row)
{
	struct snap_fd *f = &row->u.fd;

	if (!seen(row, "tid") || !seen(row, "fd"))
		return "an fd line needs tid= and fd=";
	if (!seen(row, "type")) {
		if (row->special & SPECIAL_TUPLE)
			f->type = f->sip.n == 4 ? FD_IPV4_SOCK : FD_IPV6_SOCK;
		else if (row->special & SPECIAL_ADDR)
			f->type = f->sip.n == 4 ? FD_IPV4_SERVSOCK : FD_IPV6_SERVSOCK;
	}
	if (!seen(row, "proto") && is_ip_type(f->type))
		f->l4proto = L4_TCP;
	if (!seen(row, "has_dev"))
		f->has_dev = seen(row, "dev");
	vec_push(&row->snap->fds, *f);
	if (!u64map_get(row->listed, f->tid))
		fd_tid_add(row, f->tid);
	return NULL;
}

const char *script_row_end(struct script_row *row)
{
	struct snapshot *s = row->snap;

	switch (row->kind->row) {
	case ROW_MACHINE:
		if (s->machine.present)
			return "a second machine line";
		s->machine = row->u.machine;
		s->machine.present = true;
		return NULL;
	case ROW_IFACE:
		iface_end(row);
		return NULL;
	case ROW_USER:
		vec_push(&s->users, row->u.user);
		return NULL;
	case ROW_GROUP:
		vec_push(&s->groups, row->u.group);
		return NULL;
	case ROW_THREAD:
		return thread_end(row);
	case ROW_FD:
		return fd_end(row);
	case ROW_FDLIST:
		if (!seen(row, "tid"))
			return "an fdlist line needs tid=";
		fd_tid_add(row, row->u.fd_tid);
		return NULL;
	case ROW_MOUNT:
		vec_push(&s->mounts, row->u.mount);
		return NULL;
	case ROW_CGROUP:
		vec_push(&s->cgroups, row->u.cgroup);
		return NULL;
	}
	return NULL;
}
