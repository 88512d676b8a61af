#include "event/event.h"

#include <string.h>

#include "event/flag_table.h"

#define NO_FD (-1)
#define P_ROW(name, type, format, dirfd, flags, dyn) \
	{ name, sizeof(name) - 1, PT_##type, PF_##format, dirfd, flags, dyn },
#define P(name, type, format)              P_ROW(name, type, format, -1, NULL, NULL)
#define P_FLAGS(name, type, format, table) P_ROW(name, type, format, -1, &flag_table_##table, NULL)
#define P_AT(name, type, format, dirfd)    P_ROW(name, type, format, dirfd, NULL, NULL)
#define P_DYN(name, format, table)         P_ROW(name, DYN, format, -1, NULL, &dyn_table_##table)

/* An array of the parameters and an empty one behind them, so that none is an array too. */
/* clang-format off */
#define PARAM_ROWS(...) ((const struct param_info[]){ __VA_ARGS__ { 0 } })
/* clang-format on */

static const struct event_info event_rows[] = {
#define EVENT(num, code_, name_, category_, flags_, fd, rows)                           \
	[num] = { .type = (num),                                                        \
		  .code = #code_,                                                       \
		  .name = name_,                                                        \
		  .exit = (num) % 2,                                                    \
		  .category = (category_),                                              \
		  .flags = (flags_),                                                    \
		  .fd_param = (fd),                                                     \
		  .n_params = sizeof(PARAM_ROWS(rows)) / sizeof(struct param_info) - 1, \
		  .params = PARAM_ROWS(rows) },
#include "event/event_list.def"
#undef EVENT
};

_Static_assert(sizeof(event_rows) / sizeof(event_rows[0]) == EVENT_N_TYPES,
	       "EVENT_N_TYPES counts the rows of event_list.def");

const struct event_info *event_info(unsigned type)
{
	return type < EVENT_N_TYPES ? &event_rows[type] : NULL;
}

const struct event_info *event_info_by_code(struct str code)
{
	if (str_starts(code, STR("PPME_")))
		code = str_from(code, 5);
	for (unsigned i = 0; i < EVENT_N_TYPES; i++) {
		if (str_eqz(code, event_rows[i].code))
			return &event_rows[i];
	}
	return NULL;
}

const struct event_info *event_info_by_name(struct str name, bool exit)
{
	const struct event_info *best = NULL;

	for (unsigned i = exit; i < EVENT_N_TYPES; i += 2) {
		const struct event_info *info = &event_rows[i];

		if ((info->flags & EF_UNUSED) || !str_eqz(name, info->name))
			continue;
		if (!best || !(info->flags & EF_OLD_VERSION) || (best->flags & EF_OLD_VERSION))
			best = info;
	}
	return best;
}

const struct event_info *event_info_twin(const struct event_info *info)
{
	return info ? event_info(info->type ^ 1U) : NULL;
}

int event_param_index(const struct event_info *info, struct str name)
{
	for (int i = 0; info && i < info->n_params; i++) {
		const struct param_info *p = &info->params[i];

		if (p->name_n == name.n && memcmp(p->name, name.p, name.n) == 0)
			return i;
	}
	return -1;
}

bool event_param_name_known(struct str name)
{
	for (unsigned i = 0; i < EVENT_N_TYPES; i++) {
		if (event_param_index(&event_rows[i], name) >= 0)
			return true;
	}
	return false;
}

/* evt.category: IO kinds depend on the descriptor and have no text of their own. */
const char *event_category_name(uint32_t category)
{
	switch (category & ~(uint32_t)EC_SOURCE_MASK) {
	case EC_OTHER:
		return "other";
	case EC_FILE:
		return "file";
	case EC_NET:
		return "net";
	case EC_IPC:
		return "IPC";
	case EC_MEMORY:
		return "memory";
	case EC_PROCESS:
		return "process";
	case EC_SLEEP:
		return "sleep";
	case EC_SYSTEM:
		return "system";
	case EC_SIGNAL:
		return "signal";
	case EC_USER:
		return "user";
	case EC_TIME:
		return "time";
	case EC_PROCESSING:
		return "processing";
	case EC_WAIT:
		return "wait";
	case EC_SCHEDULER:
		return "scheduler";
	case EC_INTERNAL:
		return "internal";
	default:
		return "unknown";
	}
}

int event_payload_param(const struct event_info *info)
{
	if (!(info->flags & (EF_READS_FROM_FD | EF_WRITES_TO_FD)))
		return -1;
	for (int i = 0; i < info->n_params; i++)
		if (info->params[i].type == PT_BYTEBUF)
			return i;
	return -1;
}
