/* fdlist.*: the descriptors of a poll or ppoll. */
#include "base/ipaddr.h"
#include "fields/field_extract.h"

/* The FDLIST parameter of the event: count, then (fd, flags) each. */
static bool fdlist_param(const struct event *ev, struct cursor *ret)
{
	if (!ev->info || !ev->info->exit)
		return false;
	for (unsigned i = 0; i < ev->info->n_params; i++) {
		if (ev->info->params[i].type == PT_FDLIST) {
			struct str bytes = event_param_bytes(ev, i);
			*ret = cursor_of(bytes.p, bytes.n);
			return bytes.n > 0;
		}
	}
	return false;
}

static bool has_end(const struct fd_entry *f, int what)
{
	bool server = what == FDLIST_SIPS || what == FDLIST_SPORTS;

	if (f->type == FD_IPV4_SOCK || f->type == FD_IPV6_SOCK)
		return true;
	return server && (f->type == FD_IPV4_SERVSOCK || f->type == FD_IPV6_SERVSOCK);
}

/* What is shown of one descriptor; false: it is left out. */
static bool add_fd(int what, int64_t num, const struct fd_entry *f, struct strbuf *sb)
{
	bool listening = f && (f->type == FD_IPV4_SERVSOCK || f->type == FD_IPV6_SERVSOCK);

	if (what == FDLIST_NUMS) {
		strbuf_addi(sb, num);
		return true;
	}
	if (what == FDLIST_NAMES) {
		strbuf_addstr(sb, f && fd_name(f)->n ? istr_str(fd_name(f)) : STR("<NA>"));
		return true;
	}
	if (!f || !has_end(f, what))
		return false;
	switch (what) {
	case FDLIST_CIPS:
		ipaddr_text(&f->sip, sb);
		break;
	case FDLIST_SIPS:
		ipaddr_text(listening ? &f->sip : &f->dip, sb);
		break;
	case FDLIST_CPORTS:
		strbuf_addu(sb, f->sport);
		break;
	default:
		strbuf_addu(sb, listening ? f->sport : f->dport);
		break;
	}
	return true;
}

bool field_x_fdlist(const struct field_ref *ref, const struct field_env *env, struct values *out)
{
	const struct thread *t = env->ctx->thread;
	const struct fd_table *fds;
	struct cursor c;

	if (!t || !fdlist_param(env->ctx->ev, &c))
		return false;
	fds = thread_fds(env->ctx->st, t);
	struct strbuf *sb = field_scratch(env);
	for (unsigned n = cursor_u16(&c); n > 0; n--) {
		int64_t num = cursor_i64(&c);
		size_t before = sb->n;
		cursor_skip(&c, 2);
		if (c.bad)
			break;
		if (sb->n)
			strbuf_addc(sb, ',');
		if (!add_fd(ref->aux, num, fds ? fd_table_get(fds, num) : NULL, sb))
			strbuf_truncate(sb, before);
	}
	return sb->n > 0 && values_add_scratch(out, ref, sb);
}
