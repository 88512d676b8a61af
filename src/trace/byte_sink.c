#include "trace/byte_sink.h"

static int file_write(void *arg, const void *p, size_t n)
{
	return outfile_write(arg, p, n);
}

static int file_flush(void *arg)
{
	return outfile_flush(arg);
}

static int file_finish(void *arg)
{
	return outfile_finish(arg);
}

static void file_abort(void *arg)
{
	outfile_abort(arg);
}

struct byte_sink byte_sink_of_outfile(struct outfile *out)
{
	return (struct byte_sink){ out, file_write, file_flush, file_finish, file_abort };
}
