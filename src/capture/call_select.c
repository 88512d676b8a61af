#include "capture/call_select.h"

#include "capture/encode_call.h"
#include "event/event.h"

/* X(name of the class, category of the event table) */
#define CLASSES(X)               \
	X("file", EC_FILE)       \
	X("network", EC_NET)     \
	X("process", EC_PROCESS) \
	X("memory", EC_MEMORY)   \
	X("ipc", EC_IPC)         \
	X("signal", EC_SIGNAL)   \
	X("user", EC_USER)       \
	X("time", EC_TIME)       \
	X("sleep", EC_SLEEP)     \
	X("io", EC_IO_READ)      \
	X("wait", EC_WAIT)       \
	X("system", EC_SYSTEM)   \
	X("other", EC_OTHER)

#define KIND_MASK (~(uint32_t)EC_SOURCE_MASK)

static bool class_of(struct str name, uint32_t *ret)
{
#define CLASS(text, category)                \
	if (str_eqz(name, text)) {           \
		*ret = (category)&KIND_MASK; \
		return true;                 \
	}
	CLASSES(CLASS)
#undef CLASS
	return false;
}

void call_select_classes(struct strbuf *out)
{
#define CLASS(text, category) strbuf_adds(out, " @" text);
	CLASSES(CLASS)
#undef CLASS
}

static bool in_class(const struct syscall_info *s, uint32_t kind)
{
	const struct event_info *info = event_info(s->exit_type);
	uint32_t k = info ? info->category & KIND_MASK : 0;

	if (kind == (EC_IO_READ & KIND_MASK) && k == (EC_IO_WRITE & KIND_MASK))
		return true;
	return k == kind;
}

/* A call by all its numbers, the 32-bit one too. */
static void set(const struct syscall_info *const of_nr[], uint8_t *calls,
		const struct syscall_info *s, bool on)
{
	for (unsigned nr = 0; nr < 2 * EYAS_MAX_NR; nr++)
		if (of_nr[nr] == s)
			calls[nr] = on;
}

/* Calls whose loss would leave names and processes unknown. */
static bool keeps_state(const struct syscall_info *s)
{
	const struct event_info *info = event_info(s->exit_type);

	return info && s->exit_type > EVT_GENERIC_X && info->flags & EF_MODIFIES_STATE;
}

bool call_select(struct str list, uint8_t ret[2 * EYAS_MAX_NR], struct strbuf *error)
{
	const struct syscall_info *of_nr[2 * EYAS_MAX_NR];
	struct str rest = list, item;
	bool first = true;

	for (unsigned nr = 0; nr < 2 * EYAS_MAX_NR; nr++)
		of_nr[nr] = call_syscall(nr);
	memset(ret, 0, 2 * EYAS_MAX_NR);
	while (str_split(&rest, ',', &item)) {
		bool on = !(item.n && item.p[0] == '!'), known = false;
		uint32_t kind = 0;
		bool is_class;

		if (!on)
			item = str_from(item, 1);
		if (first && !on)
			memset(ret, 1, 2 * EYAS_MAX_NR);
		if (first && on)
			for (unsigned sc = 1; sc < SYSCALL_N; sc++)
				if (keeps_state(syscall_info(sc)))
					set(of_nr, ret, syscall_info(sc), true);
		first = false;
		is_class = item.n && item.p[0] == '@';
		if (is_class && !class_of(str_from(item, 1), &kind)) {
			strbuf_addf(error, "there is no class '%.*s'; the classes are",
				    STR_FMT(item));
			call_select_classes(error);
			return false;
		}
		for (unsigned sc = 1; sc < SYSCALL_N; sc++) {
			const struct syscall_info *s = syscall_info(sc);

			if (is_class ? in_class(s, kind) : str_eqz(item, s->name)) {
				set(of_nr, ret, s, on);
				known = true;
			}
		}
		if (!known && !is_class) {
			strbuf_addf(error, "there is no system call '%.*s'", STR_FMT(item));
			return false;
		}
	}
	return true;
}
