/* .scap captures (and whatever else trace_open() takes for a trace). */
#include "walk_trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	walk_trace(data, size);
	return 0;
}
