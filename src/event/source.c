#include "event/source.h"

const char *loss_cause_name(unsigned cause)
{
	static const char *const names[LOSS_N] = {
		[LOSS_UNKNOWN] = "unknown",
		[LOSS_BUFFER_FULL] = "buffer full",
		[LOSS_FAULT] = "unreadable user memory",
		[LOSS_TOO_LARGE] = "too large",
		[LOSS_DISK] = "disk full",
		[LOSS_DAMAGE] = "file damaged",
		[LOSS_RATE] = "dropped on request",
	};

	return cause < LOSS_N ? names[cause] : names[LOSS_UNKNOWN];
}
