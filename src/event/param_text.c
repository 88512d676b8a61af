/*
 * The text of one parameter, type by type, as types.json says. An integer of the wrong size is
 * treated as empty: "not available".
 */
#include "event/param_text.h"

#include <string.h>

#include "base/ipaddr.h"
#include "base/timefmt.h"
#include "event/param_value.h"

#define NOT_AVAILABLE "<NA>"

static struct str bytes_of(struct param p)
{
	return str_mem(p.n ? p.p : (const uint8_t *)"", p.n);
}

/* The digits of v in base 2^shift, upper case. */
static void add_digits(struct strbuf *out, uint64_t v, unsigned shift)
{
	char buf[24];
	char *p = buf + sizeof(buf);

	do {
		*--p = "0123456789ABCDEF"[v & ((1U << shift) - 1)];
		v >>= shift;
	} while (v);
	strbuf_add(out, p, (size_t)(buf + sizeof(buf) - p));
}

/* An integer in its row's format. Decimals are signed whatever the type, as they are upstream. */
static void add_int(const struct param_text *t, int64_t v, struct strbuf *out)
{
	unsigned size = param_type_size(t->type);
	uint64_t bits = size == 8 ? (uint64_t)v : (uint64_t)v & ((UINT64_C(1) << size * 8) - 1);

	switch (t->row->format) {
	case PF_HEX:
		add_digits(out, bits, 4);
		break;
	case PF_OCT:
		if (bits)
			strbuf_addc(out, '0');
		add_digits(out, bits, 3);
		break;
	case PF_10_PADDED_DEC:
		if (v < 0)
			strbuf_addi(out, v);
		else
			strbuf_addu_pad(out, bits, 9);
		break;
	default:
		strbuf_addi(out, size == 4 ? (int32_t)bits : v);
	}
}

static void add_signals(uint32_t set, struct strbuf *out)
{
	const char *blank = "";

	for (unsigned i = 0; i < 32; i++) {
		const char *name = set >> i & 1 ? signal_name(i + 1) : NULL;

		if (name) {
			strbuf_adds(out, blank);
			strbuf_adds(out, name);
			blank = " ";
		}
	}
}

/* "FD:Tflags" items; what a length field promises beyond the bytes is not there. */
static void add_fd_list(const struct param_text *t, struct strbuf *out)
{
	struct cursor c = cursor_of(t->p.p, t->p.n);
	unsigned n = cursor_u16(&c);

	for (unsigned i = 0; i < n; i++) {
		int64_t fd = cursor_i64(&c);
		uint32_t flags = (uint32_t)(int16_t)cursor_u16(&c);

		if (c.bad)
			break;
		if (i)
			strbuf_addc(out, ' ');
		strbuf_addi(out, fd);
		strbuf_addc(out, ':');
		strbuf_addc(out, t->res && t->res->fd_typechar
					 ? t->res->fd_typechar(t->res->arg, fd)
					 : '?');
		strbuf_addx(out, flags);
	}
}

/* NUL-separated strings; a NUL behind the last ends it. */
static void add_strings(struct str list, struct strbuf *out)
{
	struct str item;
	const char *dot = "";

	if (list.p[list.n - 1] == '\0')
		list.n--;
	while (str_split(&list, '\0', &item)) {
		strbuf_adds(out, dot);
		strbuf_addstr(out, item);
		dot = ".";
	}
}

static void add_address(struct param p, struct strbuf *out)
{
	struct ipaddr a = { .n = (uint8_t)p.n };

	memcpy(a.b, p.p, p.n);
	ipaddr_text(&a, out);
}

static void add_double(struct param p, struct strbuf *out)
{
	uint64_t bits = get_le64(p.p);
	double d;

	memcpy(&d, &bits, sizeof(d));
	strbuf_addf(out, "%.1f", d);
}

static void raw_int(const struct param_text *t, int64_t v, struct strbuf *out)
{
	switch (t->type) {
	case PT_ERRNO:
	case PT_FD:
	case PT_PID:
		strbuf_addi(out, v);
		break;
	case PT_UID:
	case PT_GID:
		strbuf_addi(out, (int32_t)v);
		break;
	case PT_RELTIME:
		strbuf_addu(out, (uint64_t)v);
		break;
	case PT_ABSTIME:
		time_datetime(out, (uint64_t)v, true);
		break;
	case PT_BOOL:
		strbuf_adds(out, v ? "true" : "false");
		break;
	case PT_SIGSET:
		add_signals((uint32_t)v, out);
		break;
	case PT_FD32:
	case PT_PID32:
		strbuf_adds(out, "(n.a.)");
		break;
	case PT_MODE:
		add_int(t, v, out);
		break;
	case PT_SYSCALLID:
	case PT_SIGTYPE:
	case PT_PORT:
	case PT_L4PROTO:
	case PT_SOCKFAMILY:
	case PT_FLAGS8:
	case PT_FLAGS16:
	case PT_FLAGS32:
	case PT_ENUMFLAGS8:
	case PT_ENUMFLAGS16:
	case PT_ENUMFLAGS32:
		strbuf_addu(out, (uint64_t)v);
		break;
	default:
		add_int(t, v, out);
	}
}

/* What an empty parameter shows. */
static const char *empty_text(unsigned type)
{
	switch (type) {
	case PT_BYTEBUF:
	case PT_SOCKTUPLE:
	case PT_FDLIST:
	case PT_CHARBUFARRAY:
	case PT_DYN:
		return "NULL";
	default:
		return NOT_AVAILABLE;
	}
}

void param_text_raw(const struct param_text *t, struct strbuf *out)
{
	struct str text;

	if (t->has_int) {
		raw_int(t, t->v, out);
		return;
	}
	if (t->type == PT_NONE) {
		strbuf_adds(out, "INVALID DYNAMIC PARAMETER");
		return;
	}
	if (!t->p.n) {
		strbuf_adds(out, empty_text(t->type));
		return;
	}
	if (param_type_is_int(t->type)) {
		strbuf_adds(out, NOT_AVAILABLE);
		return;
	}
	switch (t->type) {
	case PT_CHARBUF:
	case PT_FSPATH:
	case PT_FSRELPATH:
		strbuf_addstr(out, param_value_text(t->p, &text) ? text : STR(NOT_AVAILABLE));
		break;
	case PT_BYTEBUF:
		buffer_text(bytes_of(t->p), t->opt, out);
		break;
	case PT_SOCKADDR:
		sock_addr_text(bytes_of(t->p), out);
		break;
	case PT_SOCKTUPLE:
		sock_tuple_text(bytes_of(t->p), out);
		break;
	case PT_FDLIST:
		add_fd_list(t, out);
		break;
	case PT_CHARBUFARRAY:
		add_strings(bytes_of(t->p), out);
		break;
	case PT_IPV4ADDR:
	case PT_IPV6ADDR:
	case PT_IPADDR:
		if (t->p.n == 4 || t->p.n == 16)
			add_address(t->p, out);
		else
			strbuf_adds(out, NOT_AVAILABLE);
		break;
	case PT_DOUBLE:
		if (t->p.n == 8)
			add_double(t->p, out);
		else
			strbuf_adds(out, NOT_AVAILABLE);
		break;
	default: /* types that no event has */
		strbuf_adds(out, "(n.a.)");
	}
}

static void add_name(const char *name, struct strbuf *out)
{
	if (name)
		strbuf_adds(out, name);
}

static void resolve_fd(const struct param_text *t, int64_t fd, struct strbuf *out)
{
	if (fd >= 0) {
		if (t->res && t->res->fd)
			t->res->fd(t->res->arg, fd, out);
	} else if (fd == EVENT_AT_FDCWD) {
		strbuf_adds(out, "AT_FDCWD");
	} else {
		add_name(errno_name(fd), out);
	}
}

static void resolve_id(const struct param_text *t, uint32_t id, struct strbuf *out)
{
	bool (*name)(void *, uint32_t, struct strbuf *) = NULL;

	if (t->res)
		name = t->type == PT_UID ? t->res->user : t->res->group;
	if (id == UINT32_MAX)
		strbuf_adds(out, "<NONE>");
	else if (name && !name(t->res->arg, id, out))
		strbuf_adds(out, NOT_AVAILABLE);
}

static void resolve_path(const struct param_text *t, struct strbuf *out)
{
	struct strbuf base = STRBUF_INIT;
	int64_t dirfd = EVENT_AT_FDCWD;
	struct str path;

	if (!t->res || !t->res->dir || !param_value_text(t->p, &path) || !path.n ||
	    path.p[0] == '/')
		return;
	if (t->type == PT_FSRELPATH && t->row->dirfd_param >= 0 &&
	    !event_param_int(t->ev, (unsigned)t->row->dirfd_param, &dirfd))
		return;
	if (!t->res->dir(t->res->arg, dirfd, &base))
		strbuf_reset(&base);
	path_join(strbuf_str(&base), path, out);
	strbuf_release(&base);
}

bool param_text_resolves(const struct param_text *t)
{
	switch (t->type) {
	case PT_FSPATH:
	case PT_FSRELPATH:
		return true;
	case PT_ERRNO:
		return t->v < 0;
	case PT_FD:
	case PT_PID:
	case PT_UID:
	case PT_GID:
	case PT_SYSCALLID:
	case PT_SIGTYPE:
	case PT_RELTIME:
	case PT_FLAGS8:
	case PT_FLAGS16:
	case PT_FLAGS32:
	case PT_ENUMFLAGS8:
	case PT_ENUMFLAGS16:
	case PT_ENUMFLAGS32:
	case PT_MODE:
		return t->has_int;
	default:
		return false;
	}
}

void param_text_resolved(const struct param_text *t, struct strbuf *out)
{
	int64_t v = t->v;

	if (t->type == PT_FSPATH || t->type == PT_FSRELPATH) {
		resolve_path(t, out);
		return;
	}
	if (!t->has_int)
		return;
	switch (t->type) {
	case PT_ERRNO:
		if (v < 0)
			add_name(errno_name(v), out);
		break;
	case PT_FD:
		resolve_fd(t, v, out);
		break;
	case PT_PID:
		if (t->res && t->res->pid)
			t->res->pid(t->res->arg, v, out);
		break;
	case PT_UID:
	case PT_GID:
		resolve_id(t, (uint32_t)v, out);
		break;
	case PT_SYSCALLID:
		if (syscall_info((unsigned)v))
			strbuf_adds(out, syscall_info((unsigned)v)->name);
		break;
	case PT_SIGTYPE:
		add_name(signal_name(v), out);
		break;
	case PT_RELTIME:
		if ((uint64_t)v == UINT64_MAX)
			strbuf_adds(out, "none");
		else
			strbuf_addf(out, "%gs", (double)(uint64_t)v / 1e9);
		break;
	case PT_FLAGS8:
	case PT_FLAGS16:
	case PT_FLAGS32:
		flags_text(t->row->flags, (uint32_t)v, out);
		break;
	case PT_ENUMFLAGS8:
	case PT_ENUMFLAGS16:
	case PT_ENUMFLAGS32:
		enum_flags_text(t->row->flags, (uint32_t)v, out);
		break;
	case PT_MODE:
		mode_text(t->row->flags, (uint32_t)v, out);
		break;
	default:
		break;
	}
}
