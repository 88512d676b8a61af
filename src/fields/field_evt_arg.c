/* evt.args, evt.arg, evt.rawarg, evt.buffer, evt.buflen, evt.is_open_*: what parameters hold. */
#include "fields/field_extract.h"

bool field_x_evt_args(const struct field_ref *ref, const struct field_env *env, struct values *out)
{
	const struct event *ev = env->ctx->ev;
	struct event_text_options opt = field_text_options(env);
	struct event_resolver res;

	if (!ev->info || ev->type == EVT_GENERIC_X)
		return values_add_str(out, ref, STR(""));
	field_resolver(env, &res);
	struct strbuf *sb = field_scratch(env);
	event_args_text(ev, &res, &opt, sb);
	return values_add_scratch(out, ref, sb);
}

/* The parameter the argument means; false when the event has none such. */
static bool param_number(const struct field_ref *ref, const struct event *ev, unsigned *ret)
{
	if (!ev->info || ev->type >= EVENT_N_TYPES)
		return false;
	if (!ref->param_of) {
		if (ref->index >= (int64_t)ev->info->n_params ||
		    ref->index >= (int64_t)ev->n_params)
			return false;
		*ret = (unsigned)ref->index;
		return true;
	}
	if (ref->param_of[ev->type] < 0)
		return false;
	*ret = (unsigned)ref->param_of[ev->type];
	return true;
}

/* The text of parameter i, the resolved form where there is one. */
static bool add_param_text(const struct field_ref *ref, const struct field_env *env, unsigned i,
			   struct values *out)
{
	struct event_text_options opt = field_text_options(env);
	struct event_resolver res;
	struct strbuf *raw = field_scratch(env), *resolved = field_scratch_part(env);

	field_resolver(env, &res);
	event_param_text(env->ctx->ev, i, &res, &opt, raw, resolved);
	return values_add_scratch(out, ref, resolved->n ? resolved : raw);
}

bool field_x_evt_arg(const struct field_ref *ref, const struct field_env *env, struct values *out)
{
	unsigned i;

	return param_number(ref, env->ctx->ev, &i) && add_param_text(ref, env, i, out);
}

/* A parameter as the number or bytes it is. */
static bool add_param_value(const struct field_ref *ref, const struct event *ev, unsigned i,
			    struct values *out)
{
	const struct param_info *info = &ev->info->params[i];
	struct param p = event_param(ev, i);
	struct str text;
	int64_t n;

	if (param_type_is_text(info->type)) {
		if (!event_param_str(ev, i, &text))
			text = STR("<NA>");
		values_add_str(out, ref, text);
	} else if (p.n == 0) {
		return false;
	} else if (param_type_size(info->type) && info->type != PT_DOUBLE &&
		   event_param_int(ev, i, &n)) {
		if (param_type_is_signed(info->type))
			values_add_i(out, ref, n);
		else
			values_add_u(out, ref, (uint64_t)n);
	} else if (info->type == PT_DYN && p.n > 1) {
		/* the first byte says which variant the rest is */
		values_add_str(out, ref, str_mem(p.p + 1, p.n - 1));
		out->v[out->n - 1].type = PT_BYTEBUF;
		return true;
	} else {
		values_add_str(out, ref, str_mem(p.p, p.n));
		if (param_type_size(info->type)) {
			out->v[out->n - 1].type = PT_BYTEBUF; /* not of the size it should be */
			return true;
		}
	}
	out->v[out->n - 1].type = info->type;
	out->v[out->n - 1].format = info->format;
	return true;
}

bool field_x_evt_rawarg(const struct field_ref *ref, const struct field_env *env,
			struct values *out)
{
	unsigned i;

	return param_number(ref, env->ctx->ev, &i) && add_param_value(ref, env->ctx->ev, i, out);
}

/* Compared as bytes; printed in the format asked for. */
bool field_x_evt_buffer(const struct field_ref *ref, const struct field_env *env,
			struct values *out)
{
	const struct event *ev = env->ctx->ev;
	int i = ev->info ? event_param_index(ev->info, STR("data")) : -1;

	if (i < 0 || ev->info->params[i].type == PT_UINT64)
		return false;
	if (!env->for_output) {
		struct str bytes = event_param_bytes(ev, (unsigned)i);
		return bytes.n && values_add_str(out, ref, bytes);
	}
	add_param_text(ref, env, (unsigned)i, out);
	out->v[out->n - 1].type = PT_CHARBUF;
	return true;
}

bool field_x_evt_buflen(const struct field_ref *ref, const struct field_env *env,
			struct values *out)
{
	const struct event *ev = env->ctx->ev;
	const struct fd_entry *f = env->ctx->fd;
	int64_t res;

	if (!ev->info || ev->type % 2 == 0 || !f || !event_retval(ev, &res) || res < 0)
		return false;
	uint32_t kind = ev->info->category & ~(uint32_t)EC_SOURCE_MASK;
	if (kind < EC_IO_READ || kind > EC_IO_OTHER)
		return false;
	if ((ref->aux & EVT_BUFLEN_IN) && kind != EC_IO_READ)
		return false;
	if ((ref->aux & EVT_BUFLEN_OUT) && kind != EC_IO_WRITE)
		return false;
	if ((ref->aux & EVT_BUFLEN_FILE) && !fd_is_file(f))
		return false;
	if ((ref->aux & EVT_BUFLEN_NET) && !fd_is_ip(f))
		return false;
	return values_add_u(out, ref, (uint64_t)res);
}

/* Capture encoding of open flags and modes (enums.json file_flags, file_modes). */
enum {
	O_RDONLY_BIT = 1 << 0,
	O_WRONLY_BIT = 1 << 1,
	O_CREAT_BIT = 1 << 2,
	O_TMPFILE_BIT = 1 << 13,
	O_F_CREATED_BIT = 1 << 14,
	MODE_ANY_X = 0111,
};

struct open_params {
	int64_t flags, mode;
};

/* Flags and mode of an open-like exit. */
static bool open_params(const struct event *ev, struct open_params *ret)
{
	switch (ev->type) {
	case EVT_SYSCALL_OPEN_X:
		ret->flags = event_param_int_or(ev, 2, 0);
		ret->mode = event_param_int_or(ev, 3, 0);
		return true;
	case EVT_SYSCALL_OPENAT_2_X:
	case EVT_SYSCALL_OPENAT2_X:
		ret->flags = event_param_int_or(ev, 3, 0);
		ret->mode = event_param_int_or(ev, 4, 0);
		return true;
	case EVT_SYSCALL_OPEN_BY_HANDLE_AT_X:
		ret->flags = event_param_int_or(ev, 2, 0);
		ret->mode = 0;
		return true;
	default:
		return false;
	}
}

static bool is_open(const struct field_ref *ref, const struct event *ev)
{
	struct open_params p;
	int64_t res;

	if (ref->aux == EVT_OPEN_EXEC && ev->type == EVT_SYSCALL_CREAT_X)
		return event_param_int_or(ev, 2, 0) & MODE_ANY_X;
	if (!open_params(ev, &p))
		return false;
	switch (ref->aux) {
	case EVT_OPEN_READ:
		return p.flags & O_RDONLY_BIT;
	case EVT_OPEN_WRITE:
		return p.flags & O_WRONLY_BIT;
	case EVT_OPEN_EXEC:
		return (p.flags & (O_TMPFILE_BIT | O_CREAT_BIT)) && (p.mode & MODE_ANY_X);
	default:
		if (p.flags & O_F_CREATED_BIT)
			return true;
		return (p.flags & O_TMPFILE_BIT) && event_retval(ev, &res) && res >= 0;
	}
}

bool field_x_evt_is_open(const struct field_ref *ref, const struct field_env *env,
			 struct values *out)
{
	return values_add_u(out, ref, is_open(ref, env->ctx->ev));
}
