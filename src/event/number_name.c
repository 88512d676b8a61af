/* Names of the numbers that Linux defines: errors, signals, capabilities. */
#include "event/event.h"

#include "base/strbuf.h"

const char *errno_name(int64_t err)
{
	switch (err < 0 && err != INT64_MIN ? -err : err) {
#define ERRNO(number, name) \
	case number:        \
		return name;
#include "event/errno_list.def"
#undef ERRNO
	default:
		return NULL;
	}
}

const char *signal_name(int64_t sig)
{
	switch (sig) {
#define SIGNAL(number, name) \
	case number:         \
		return name;
#include "event/signal_list.def"
#undef SIGNAL
	default:
		return NULL;
	}
}

static const char *const capability_names[] = {
#define CAPABILITY(bit, name) [bit] = name,
#include "event/capability_list.def"
#undef CAPABILITY
};

void capability_text(struct strbuf *out, uint64_t caps)
{
	const char *blank = "";

	for (unsigned i = 0; i < sizeof(capability_names) / sizeof(capability_names[0]); i++) {
		if (caps >> i & 1) {
			strbuf_adds(out, blank);
			strbuf_adds(out, capability_names[i]);
			blank = " ";
		}
	}
}
