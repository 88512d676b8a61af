/*
 * eyas pack: a trace made small, quick to read, and to be read from the middle.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/confine.h"
#include "cli/progress.h"
#include "base/option.h"
#include "replay/checkpoint.h"
#include "trace/eyas_check.h"
#include "trace/eyas_index.h"
#include "trace/eyas_writer.h"
#include "trace/record_digest.h"
#include "trace/trace.h"

#define DEFAULT_LEVEL 12
/*
 * Events of a block, and of a checkpoint: so many that what repeats is found, and no more than
 * leaves what is unpacked of a block in a processor's second cache. With twice as many a trace is a
 * tenth smaller, and its replay takes 4 % longer, and with two threads 6 %.
 */
#define BLOCK_EVENTS (UINT64_C(1) << 17)
#define BLOCK_BYTES  (UINT64_C(32) << 20)
/* Of themselves checkpoints take at most this part of the trace. */
#define CHECKPOINT_SHARE 16

enum { OPT_LEVEL = 256, OPT_CHECKPOINT_EVERY, OPT_NO_VERIFY };

static const struct option_row rows[] = {
	{ 'o', "output", "OUT", "the packed trace; \"-\" is standard output" },
	{ 'f', "force", NULL, "replace OUT if it exists" },
	{ OPT_LEVEL, "level", "N", "compression, 1 (quick) to 19 (small); default 12" },
	{ OPT_CHECKPOINT_EVERY, "checkpoint-every", "N",
	  "a checkpoint about every N events (0: none); default: at most 131072, fewer when they are large" },
	{ OPT_NO_VERIFY, "no-verify", NULL, "do not read back what was written and compare it" },
	{ 'v', "verbose", NULL, "tell what was packed, in how many bytes" },
	{ 0, NULL, NULL, NULL },
};

static const struct option_spec spec = {
	"eyas pack [OPTION]... IN -o OUT",
	"Writes the trace IN, of any format, as a packed .eyas: small, quick to replay, with checkpoints from\n"
	"which a replay can start in the middle. Nothing is lost; that is checked before OUT appears.",
	rows,
	NULL,
};

struct pack {
	const char *from, *to;
	int level;
	uint64_t every; /* events between checkpoints; 0: none */
	bool every_given, verify, verbose, overwrite;
	struct diag *diag;
	struct outfile *out;
	struct sink *sink;
	struct checkpointer *checkpointer;
	struct record_digest digest;
	uint64_t events, last_events;           /* all; at the last checkpoint */
	uint64_t last_offset, checkpoint_bytes; /* behind it, and its size */
	uint64_t checkpoints, bytes;            /* written */
	uint64_t read_back;
};

static ssize_t read_written(void *arg, void *buf, size_t n)
{
	struct pack *p = arg;
	ssize_t r = outfile_read_back(p->out, buf, n, p->read_back);

	if (r < 0) {
		errno = (int)-r;
		return -1;
	}
	p->read_back += (uint64_t)r;
	return r;
}

/* What was written holds what was read: 0 or -errno, with an error in the diag. */
static int verify(struct pack *p)
{
	uint8_t want[BLAKE2B_SIZE], got[BLAKE2B_SIZE];
	const struct eyas_check_facts *facts;
	struct record_digest back;
	struct source *src;
	struct record rec;
	int r;

	if (!p->verify)
		return 0;
	record_digest_end(&p->digest, want);
	r = eyas_check_open(input_from(p->to, read_written, p), p->diag, &src, &facts);
	if (r)
		return r;
	record_digest_begin(&back);
	while ((r = source_next(src, &rec)) == 1)
		record_digest_add(&back, &rec);
	record_digest_end(&back, got);
	record_digest_free(&back);
	source_close(src);
	if (!r && memcmp(want, got, sizeof(got)) != 0) {
		diag_add(
			p->diag, DIAG_ERROR, "PACK_DIFFERS",
			"what was written does not read back as what was packed; nothing was kept. "
			"This is a fault of eyas or of the machine")
			->file = p->to;
		r = -EIO;
	}
	return r;
}

static int out_write(void *arg, const void *bytes, size_t n)
{
	return outfile_write(((struct pack *)arg)->out, bytes, n);
}

static void out_abort(void *arg)
{
	outfile_abort(((struct pack *)arg)->out);
}

/* The whole trace is written; it gets its name when it has been read back. */
static int out_finish(void *arg)
{
	struct pack *p = arg;
	int r = outfile_flush(p->out);

	p->bytes = outfile_bytes(p->out);
	if (!r)
		r = verify(p);
	if (!r)
		return outfile_finish(p->out);
	outfile_abort(p->out);
	return r;
}

/* How many events the index of a plain .eyas file says it has; 0: that is not known. */
static uint64_t events_of(const char *path)
{
	struct eyas_summary s = { 0 };
	int fd = eyas_summary_open(path, &s);
	uint64_t events = s.events;

	if (fd >= 0)
		close(fd);
	eyas_summary_free(&s);
	return events;
}

/*
 * Events between checkpoints, when nothing else was asked for. Two threads that replay share the
 * parts between checkpoints: where it is known how many events there are, the parts are even in
 * number and equal.
 */
static uint64_t spacing(uint64_t events)
{
	uint64_t parts = (events + BLOCK_EVENTS - 1) / BLOCK_EVENTS;

	if (parts < 2)
		return BLOCK_EVENTS;
	parts += parts % 2;
	return (events + parts - 1) / parts;
}

/* A checkpoint is due: enough events have gone by, and enough bytes for its own to be few. */
static bool is_due(const struct pack *p)
{
	uint64_t bytes = eyas_writer_offset(p->sink) - p->last_offset;

	if (!p->every || p->events - p->last_events < p->every)
		return false;
	return p->every_given || bytes >= CHECKPOINT_SHARE * p->checkpoint_bytes;
}

static int put_checkpoint(struct pack *p)
{
	struct eyas_checkpoint cp;
	uint64_t before;
	int r;

	checkpointer_save(p->checkpointer, &cp);
	r = eyas_writer_flush(p->sink); /* what is before it is not of its size */
	before = eyas_writer_offset(p->sink);
	if (!r)
		r = eyas_writer_checkpoint(p->sink, &cp);
	p->last_offset = eyas_writer_offset(p->sink);
	p->checkpoint_bytes = p->last_offset - before;
	p->last_events = p->events;
	p->checkpoints++;
	return r;
}

/* All records from one to the other; the reader's result, or *ret_write the writer's. */
static int copy(struct pack *p, struct source *src, int *ret_write)
{
	struct progress progress;
	struct record rec;
	uint64_t n = 0;
	int r = 0, w = 0;

	progress_begin(&progress);
	while (!w && (r = source_next(src, &rec)) == 1) {
		/* There is none in front of the first event and behind the last one. */
		if (rec.kind == RECORD_EVENT && is_due(p))
			w = put_checkpoint(p);
		if (!w)
			w = p->sink->ops->put(p->sink, &rec);
		record_digest_add(&p->digest, &rec);
		if (p->checkpointer)
			checkpointer_take(p->checkpointer, &rec);
		p->events += rec.kind == RECORD_EVENT;
		progress_show(&progress, src, ++n);
	}
	progress_end(&progress);
	*ret_write = w;
	return w ? 0 : r;
}

static void open_sink(struct pack *p, const struct source *src)
{
	const struct byte_sink out = { p, out_write, NULL, out_finish, out_abort };
	const struct eyas_writer_options opt = {
		.level = p->level,
		.provenance = src->provenance,
		.block_bytes = BLOCK_BYTES,
		.block_events = p->every && p->every < BLOCK_EVENTS ? p->every : BLOCK_EVENTS,
		.tight = true,
	};

	record_digest_begin(&p->digest);
	p->sink = eyas_writer_new(&out, &opt, p->diag);
	if (p->every)
		p->checkpointer = checkpointer_new();
}

static void tell(const struct pack *p, const struct source *src)
{
	fprintf(stderr, "%s: %llu events", p->to, (unsigned long long)p->events);
	if (src->size)
		fprintf(stderr, ", %llu bytes in %llu (%.1f %%)", (unsigned long long)src->size,
			(unsigned long long)p->bytes, 100.0 * (double)p->bytes / (double)src->size);
	else
		fprintf(stderr, " in %llu bytes", (unsigned long long)p->bytes);
	fprintf(stderr, ", %llu checkpoints, %s\n", (unsigned long long)p->checkpoints,
		p->verify ? "read back and compared" : "not read back");
}

/* A trace has one provenance; traces that were put behind each other have more. */
static void tell_provenance(const struct pack *p, const struct source *src, const char *kept)
{
	const char *last = src->provenance;

	if (last != kept && (!last || !kept || strcmp(last, kept) != 0))
		diag_add(
			p->diag, DIAG_NOTE, "PACK_PROVENANCE",
			"traces were put behind each other here: the packed one has the provenance "
			"of the first (eyas info shows it), and all else of all")
			->file = p->from;
}

static int pack(struct pack *p)
{
	const char *provenance;
	struct source *src;
	int r, w, status;

	/* What is confined may write here, but not read: it is opened before. */
	w = outfile_open_readable(p->to, p->overwrite, p->diag, &p->out);
	if (w)
		return w == -EEXIST ? EXIT_USAGE : EXIT_FAILED;
	p->verify = p->verify && outfile_reads_back(p->out);
	confine_to_create(&(struct confine_rules){ &p->from, 1 }, p->to);
	r = trace_open(p->from, p->diag, &src);
	if (r) {
		outfile_abort(p->out);
		return exit_of_trace(r);
	}
	provenance = src->provenance;
	if (!p->every_given)
		p->every = spacing(events_of(p->from));
	open_sink(p, src);
	r = copy(p, src, &w);
	tell_provenance(p, src, provenance);
	checkpointer_free(p->checkpointer);
	if (w)
		p->sink->ops->abort(p->sink);
	else
		w = p->sink->ops->finish(p->sink);
	record_digest_free(&p->digest);
	status = w ? EXIT_FAILED : exit_of_trace(r);
	if (status == EXIT_DAMAGED)
		diag_add(p->diag, DIAG_NOTE, NULL, "what could be read of %s is in %s", p->from,
			 p->to);
	if (!w && p->verbose)
		tell(p, src);
	source_close(src);
	return status;
}

/* A number of an option; false when it is none, or outside. */
static bool number(const char *arg, uint64_t least, uint64_t most, uint64_t *ret)
{
	unsigned long long n;

	if (!str_to_u64(str_of(arg), &n) || n < least || n > most)
		return false;
	*ret = n;
	return true;
}

static int take_option(struct pack *p, struct option_state *st, int key)
{
	uint64_t n;

	switch (key) {
	case 'o':
		p->to = st->arg;
		break;
	case 'f':
		p->overwrite = true;
		break;
	case OPT_LEVEL:
		if (!number(st->arg, 1, 19, &n))
			return option_usage_error(
				st, "--level needs a number from 1 to 19, not '%s'", st->arg);
		p->level = (int)n;
		break;
	case OPT_CHECKPOINT_EVERY:
		if (!number(st->arg, 0, UINT64_MAX, &p->every))
			return option_usage_error(st, "--checkpoint-every needs a number, not '%s'",
						  st->arg);
		p->every_given = true;
		break;
	case OPT_NO_VERIFY:
		p->verify = false;
		break;
	case 'v':
		p->verbose = true;
		break;
	}
	return EXIT_DONE;
}

int cmd_pack(int argc, char **argv)
{
	struct pack p = { .level = DEFAULT_LEVEL, .verify = true };
	struct option_state st;
	struct diag diag;
	int key, status = EXIT_DONE;

	option_init(&st, &spec, argc, argv);
	while ((key = option_next(&st)) >= 0) {
		status = take_option(&p, &st, key);
		if (status)
			goto out;
	}
	if (key != OPTION_END) {
		status = key == OPTION_EXIT ? EXIT_DONE : EXIT_USAGE;
		goto out;
	}
	if (st.operands.n != 1 || !p.to) {
		status = option_usage_error(&st,
					    "give the trace to read, and -o with the one to write");
		goto out;
	}
	if (strcmp(p.to, "-") == 0 && isatty(STDOUT_FILENO)) {
		status = option_usage_error(&st,
					    "a trace is not written to a terminal; name a file");
		goto out;
	}
	p.from = st.operands.v[0];
	diag_init(&diag);
	p.diag = &diag;
	status = pack(&p);
	diag_print(&diag, stderr);
	diag_free(&diag);
out:
	option_free(&st);
	return status;
}
