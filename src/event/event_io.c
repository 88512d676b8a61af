/* What an event read or wrote; see event_io.h. */
#include "event/event_io.h"

/* Its result is a number of messages; how long this one was stands in `size`. */
static bool counts_messages(unsigned type)
{
	return type == EVT_SOCKET_SENDMMSG_X || type == EVT_SOCKET_RECVMMSG_X;
}

bool event_io(const struct event *ev, struct event_io *ret)
{
	const struct event_info *info = ev->info;
	struct event_io io = { .fd = -1 };
	int64_t res, size;
	int i;

	if (!info || !info->exit || !(info->flags & (EF_READS_FROM_FD | EF_WRITES_TO_FD)) ||
	    !event_retval(ev, &res) || res < 0 || ev->type == EVT_SYSCALL_FINIT_MODULE_X)
		return false;
	io.write = (info->flags & EF_WRITES_TO_FD) != 0;
	io.bytes = (uint64_t)res;
	if (counts_messages(ev->type)) {
		i = event_param_index(info, STR("size"));
		size = i >= 0 ? event_param_int_or(ev, (unsigned)i, 0) : 0;
		io.bytes = size > 0 ? (uint64_t)size : 0;
	}
	i = event_param_index(info, STR("data"));
	if (i >= 0 && info->params[i].type == PT_BYTEBUF)
		io.data = event_param_bytes(ev, (unsigned)i);
	if (io.data.n > io.bytes)
		io.data.n = (size_t)io.bytes;
	if (info->fd_param >= 0)
		io.fd = event_param_int_or(ev, (unsigned)info->fd_param, -1);
	*ret = io;
	return true;
}
