/*
 * eyas follow: what was read and written, put together.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/hashmap.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/confine.h"
#include "cli/event_filter.h"
#include "cli/follow_print.h"
#include "cli/follow_typed.h"
#include "cli/note_list.h"
#include "cli/progress.h"
#include "cli/select_option.h"
#include "fields/field.h"
#include "trace/trace.h"

enum {
	OPT_FD = 256,
	OPT_PID,
	OPT_CONN,
	OPT_READS,
	OPT_WRITES,
	OPT_HEX,
	OPT_RAW,
	OPT_JSON,
	OPT_TYPED,
	OPT_FORCE
};

static const struct option_row rows[] = {
	{ OPT_FD, "fd", "PID:FD",
	  "what this descriptor of this process was, whoever used it (repeatable)" },
	{ OPT_PID, "pid", "N", "what this process read and wrote (repeatable)" },
	{ OPT_CONN, "conn", "END",
	  "IP connections with this end: ADDR, ADDR:PORT, :PORT, or a pair A->B (repeatable)" },
	{ OPT_READS, "reads", NULL, "only what was read" },
	{ OPT_WRITES, "writes", NULL, "only what was written" },
	{ OPT_TYPED, "typed", NULL, "lines as they were typed at terminals" },
	{ OPT_HEX, "hex", NULL, "print data as hexadecimal" },
	{ OPT_RAW, "raw", NULL, "print the bytes and nothing else; not to a terminal" },
	{ OPT_FORCE, "force", NULL, "with --raw: to a terminal, too" },
	{ OPT_JSON, "json", NULL, "print a JSON object for each read and write, or typed line" },
	SELECT_OPTION_ROWS,
	{ 0, NULL, NULL, NULL },
};

static const struct option_spec spec = {
	.usage = "eyas follow [OPTION]... TRACE [FILTER]",
	.about =
		"Prints what was read from and written to descriptors, in order, for all descriptors that are the same\n"
		"open file: what --fd, --pid or --conn name, and of events for which FILTER, a condition as in rules,\n"
		"is true. Data that was not recorded is told with its length.",
	.rows = rows,
	.more = "At least one of --fd, --pid, --conn, --typed and FILTER is needed. A trace - is standard input, but with\n"
		"--fd, which reads the trace twice.",
};

struct named_fd {
	int64_t pid, fd;
};

struct named_end {
	bool is_pair, has_addr, has_port;
	struct str pair;
	struct ipaddr addr;
	uint16_t port;
};

struct follow {
	VEC(struct named_fd) fds;
	VEC(int64_t) pids;
	VEC(struct named_end) ends;
	bool reads, writes, typed, force;
	bool unwritten; /* what an error is about: standard output, not the trace */
	enum follow_form form;
	struct replay_select select;
	struct event_filter *filter; /* or NULL */

	struct io_streams *streams;
	struct u64map wanted; /* numbers of the streams that --fd names */
	bool finding;         /* the first of two walks */
	struct follow_print print;
	bool shown;                 /* something */
	struct follow_typed *lines; /* --typed, or NULL */
	struct note_list notes;     /* none with --raw */
	struct progress progress;
	bool one_terminal; /* where data is printed, progress is: it ends when data begins */
	struct arena event_arena;
	struct diag diag;
	size_t told;
	struct strbuf text;
};

/* --- the command line ------------------------------------------------------------------------- */

static int take_fd(struct follow *f, const struct option_state *st)
{
	struct str arg = str_of(st->arg);
	ptrdiff_t colon = str_chr(arg, ':');
	struct str left = { arg.p, colon > 0 ? (size_t)colon : 0 };
	struct named_fd named;
	long long pid, fd;

	if (!str_to_i64(left, &pid) || !str_to_i64(str_from(arg, left.n + 1), &fd) || pid < 0 ||
	    fd < 0)
		return option_usage_error(
			st, "'%s' is not a process and a descriptor such as 2404:3", st->arg);
	named.pid = pid;
	named.fd = fd;
	vec_push(&f->fds, named);
	return 0;
}

static bool parse_port(struct str text, struct named_end *ret)
{
	unsigned long long port;

	if (!str_to_u64(text, &port) || port > 65535)
		return false;
	ret->has_port = true;
	ret->port = (uint16_t)port;
	return true;
}

/* ADDR, ADDR:PORT, [ADDR]:PORT, :PORT, A->B. */
static bool parse_end(struct str text, struct named_end *ret)
{
	ptrdiff_t colon = str_rchr(text, ':');
	struct str addr = { text.p, colon > 0 ? (size_t)colon : 0 };

	if (str_find(text, STR("->")) >= 0) {
		ret->is_pair = true;
		ret->pair = text;
		return true;
	}
	if (ipaddr_parse(text, &ret->addr)) {
		ret->has_addr = true;
		return true;
	}
	if (colon < 0 || !parse_port(str_from(text, (size_t)colon + 1), ret))
		return false;
	if (!addr.n)
		return true;
	if (addr.p[0] == '[' && addr.p[addr.n - 1] == ']')
		addr = (struct str){ addr.p + 1, addr.n - 2 };
	ret->has_addr = ipaddr_parse(addr, &ret->addr);
	return ret->has_addr;
}

static int take_conn(struct follow *f, const struct option_state *st)
{
	struct named_end end = { .is_pair = false };

	if (!parse_end(str_of(st->arg), &end))
		return option_usage_error(
			st,
			"'%s' is not an end of connections: 192.0.2.1, 192.0.2.1:80, [2001:db8::1]:80, "
			":80, or 192.0.2.1:1024->192.0.2.2:80",
			st->arg);
	vec_push(&f->ends, end);
	return 0;
}

/* Prints what came into the diag since the last call. */
static void tell(struct follow *f)
{
	diag_print_new(&f->diag, &f->told, stderr);
}

static int set_filter(struct follow *f, const struct option_state *st)
{
	int status = event_filter_of_operands(st, &f->diag, &f->filter);

	tell(f);
	return status;
}

static int take_option(struct follow *f, const struct option_state *st, int key)
{
	int64_t pid = 0;
	int status;

	switch (key) {
	case OPT_FD:
		return take_fd(f, st);
	case OPT_PID:
		status = option_pid(st, &pid);
		vec_push(&f->pids, pid);
		return status;
	case OPT_CONN:
		return take_conn(f, st);
	case OPT_READS:
		f->reads = true;
		return 0;
	case OPT_WRITES:
		f->writes = true;
		return 0;
	case OPT_TYPED:
		f->typed = true;
		return 0;
	case OPT_FORCE:
		f->force = true;
		return 0;
	case OPT_HEX:
		f->form = FOLLOW_HEX;
		return 0;
	case OPT_RAW:
		f->form = FOLLOW_RAW;
		return 0;
	case OPT_JSON:
		f->form = FOLLOW_JSON;
		return 0;
	default:
		return option_select(st, key, &f->select);
	}
}

static int check(const struct follow *f, const struct option_state *st)
{
	if (!st->operands.n)
		return option_usage_error(st, "give a trace");
	if (!f->fds.n && !f->pids.n && !f->ends.n && !f->typed && st->operands.n < 2)
		return option_usage_error(
			st, "say what to follow: --fd, --pid, --conn, --typed or a filter");
	if (f->fds.n && strcmp(st->operands.v[0], "-") == 0)
		return option_usage_error(st,
					  "--fd reads the trace twice: standard input cannot be");
	if (f->reads && f->writes)
		return option_usage_error(st, "give either --reads or --writes");
	if (f->typed && (f->form == FOLLOW_HEX || f->form == FOLLOW_RAW || f->reads || f->writes))
		return option_usage_error(
			st, "--typed prints lines: without --hex, --raw, --reads and --writes");
	if (f->form == FOLLOW_RAW && !f->force && isatty(STDOUT_FILENO))
		return option_usage_error(
			st,
			"--raw may hold what changes a terminal: send it to a file or a program, or "
			"give --force");
	return 0;
}

static int parse(struct follow *f, struct option_state *st)
{
	int key, status = 0;

	while (!status && (key = option_next(st)) >= 0)
		status = take_option(f, st, key);
	status = option_outcome(key, status);
	if (status)
		return status;
	status = check(f, st);
	return status ? status : set_filter(f, st);
}

/* --- which reads and writes ------------------------------------------------------------------- */

static bool names_fd(const struct follow *f, int64_t pid, int64_t fd)
{
	for (size_t i = 0; i < f->fds.n; i++)
		if (f->fds.v[i].pid == pid && f->fds.v[i].fd == fd)
			return true;
	return false;
}

static bool end_is(const struct named_end *e, const struct ipaddr *a, uint16_t port)
{
	return (!e->has_addr || ipaddr_eq(&e->addr, a)) && (!e->has_port || e->port == port);
}

static bool wants_conn(const struct follow *f, const struct fd_entry *fd)
{
	if (!f->ends.n)
		return true;
	if (!fd || !fd_is_ip(fd))
		return false;
	for (size_t i = 0; i < f->ends.n; i++) {
		const struct named_end *e = &f->ends.v[i];

		if (e->is_pair ? str_eq(e->pair, istr_str(fd_name(fd)))
			       : end_is(e, &fd->sip, fd->sport) || end_is(e, &fd->dip, fd->dport))
			return true;
	}
	return false;
}

static bool wants_pid(const struct follow *f, int64_t pid)
{
	for (size_t i = 0; i < f->pids.n; i++)
		if (f->pids.v[i] == pid)
			return true;
	return !f->pids.n;
}

static bool wants(struct follow *f, struct event_ctx *ctx, const struct io_stream *x,
		  const struct event_io *io)
{
	if ((f->reads && io->write) || (f->writes && !io->write))
		return false;
	if (!wants_pid(f, ctx->thread->pid) || !wants_conn(f, ctx->fd))
		return false;
	if (f->fds.n && !u64map_get(&f->wanted, x->id))
		return false;
	arena_reset(&f->event_arena);
	return !f->filter || event_filter_match(f->filter, ctx, &f->event_arena);
}

/* Selection by time and number is done here: the streams must see all events. */
static bool selected(const struct follow *f, const struct event *ev)
{
	return ev->ts >= f->select.since && ev->num >= f->select.first_num &&
	       (!f->select.until || ev->ts < f->select.until) &&
	       (!f->select.last_num || ev->num <= f->select.last_num);
}

static int flush_output(struct follow *f)
{
	struct strbuf *out = f->lines ? follow_typed_out(f->lines) : &f->print.out;
	int r = 0;

	if (out->n)
		progress_end(&f->progress);
	if (out->n && fwrite(out->s, 1, out->n, stdout) != out->n) {
		r = errno ? -errno : -EIO;
		f->unwritten = true;
	}
	f->shown |= out->n;
	strbuf_reset(out);
	return r;
}

/* The notes about what comes before an event or with it; data goes on under a heading of its own.
 */
static void put_notes(struct follow *f, uint64_t num, uint64_t ts)
{
	strbuf_reset(&f->text);
	note_list_put(&f->notes, num, ts, f->form == FOLLOW_JSON, &f->text);
	if (!f->text.n)
		return;
	if (!f->lines)
		follow_print_end(&f->print);
	strbuf_addstr(f->lines ? follow_typed_out(f->lines) : &f->print.out, strbuf_str(&f->text));
}

static int on_event(void *arg, struct event_ctx *ctx)
{
	struct follow *f = arg;
	struct io_stream *x = io_streams_event(f->streams, ctx);
	struct follow_chunk c = { .stream = x };

	if (!x)
		return 0;
	if (f->finding) {
		/* Also a descriptor that was only made, or given on by a fork. */
		if (names_fd(f, ctx->thread->pid, ctx->fd ? ctx->fd->num : ctx->fd_num))
			u64map_put(&f->wanted, x->id, f);
		return 0;
	}
	if (!event_io(ctx->ev, &c.io) || !c.io.bytes || !selected(f, ctx->ev) ||
	    !wants(f, ctx, x, &c.io))
		return 0;
	put_notes(f, ctx->ev->num, ctx->ev->ts);
	c.ts = ctx->ev->ts;
	c.num = ctx->ev->num;
	c.pid = ctx->thread->pid;
	c.fd = ctx->fd ? ctx->fd->num : ctx->fd_num;
	c.comm = istr_str(ctx->thread->comm);
	c.type = str_of(ctx->fd ? field_fd_type_text(ctx->fd->type) : "unknown");
	c.name = ctx->fd ? istr_str(fd_name(ctx->fd)) : STR("");
	if (f->lines)
		follow_typed_add(f->lines, ctx, &c);
	else
		follow_print_add(&f->print, &c);
	return flush_output(f);
}

static int on_snapshot(void *arg, const struct snapshot *snap)
{
	struct follow *f = arg;

	(void)snap; /* the state has loaded it */
	io_streams_snapshot(f->streams);
	return 0;
}

static void on_progress(void *arg, const struct source *src, const struct replay_stats *stats)
{
	struct follow *f = arg;

	if (!f->shown || !f->one_terminal)
		progress_visit(&f->progress, src, stats->raw);
}

static int walk(struct follow *f, const char *path, struct replay_stats *stats)
{
	struct replay_visitor v = {
		.arg = f,
		.event = on_event,
		.snapshot = on_snapshot,
		.progress = on_progress,
	};
	const struct replay_select all = { 0 };
	struct state_options so;
	struct source *src;
	struct state *st;
	int r = trace_open(path, &f->diag, &src);

	if (r)
		return r;
	state_options_default(&so);
	st = state_new(&so);
	f->streams = io_streams_new();
	f->one_terminal = isatty(STDOUT_FILENO);
	progress_begin(&f->progress);
	r = replay_run(src, st, &all, &v, stats);
	progress_end(&f->progress);
	if (!f->finding) {
		if (f->lines)
			follow_typed_end(f->lines);
		else
			follow_print_end(&f->print);
		if (!f->select.until && !f->select.last_num)
			put_notes(f, UINT64_MAX, UINT64_MAX);
		if (!r || r == -EBADMSG) {
			int w = flush_output(f);
			r = w ? w : r;
		}
		event_filter_free(f->filter); /* what it remembers of threads is the state's */
		f->filter = NULL;
	}
	io_streams_free(f->streams);
	state_free(st);
	source_close(src);
	return r;
}

static void tell_gaps(const struct follow *f, const char *path, const struct replay_stats *stats)
{
	if (!f->lines && f->print.missing)
		fprintf(stderr, "eyas follow: %s: %llu of %llu bytes were not recorded%s\n", path,
			(unsigned long long)f->print.missing, (unsigned long long)f->print.bytes,
			f->form == FOLLOW_RAW ? ": the output has gaps" : "");
	if (stats->lost)
		fprintf(stderr,
			"eyas follow: %s: %llu events were lost in recording: data may be missing\n",
			path, (unsigned long long)stats->lost);
}

static int run(struct follow *f, const char *path)
{
	struct confine_rules rules = { .read = &path, .n_read = strcmp(path, "-") != 0 };
	struct replay_stats stats = { 0 };
	int r = 0;

	confine(&rules);
	if (f->fds.n) {
		f->finding = true;
		r = walk(f, path, &stats);
		f->finding = false;
	}
	if (!r || r == -EBADMSG) {
		/* What is wrong with the trace is told once, by the walk that shows it. */
		diag_free(&f->diag);
		diag_init(&f->diag);
		stats = (struct replay_stats){ 0 };
		follow_print_init(&f->print, f->form);
		if (f->typed)
			f->lines = follow_typed_new(f->form == FOLLOW_JSON);
		/* Bytes are bytes. */
		note_list_read(&f->notes, f->form == FOLLOW_RAW ? "-" : path);
		r = walk(f, path, &stats);
		note_list_free(&f->notes);
	}
	tell(f);
	if (r == -EPIPE)
		r = 0; /* whoever read it has seen enough */
	tell_gaps(f, path, &stats);
	if (r < 0 && r != -EBADMSG && !f->diag.items.n)
		fprintf(stderr, "eyas follow: %s: %s\n", f->unwritten ? "standard output" : path,
			strerror(-r));
	if (!r && !f->shown)
		fprintf(stderr,
			"eyas follow: %s: nothing that was selected is read or written in it\n",
			path);
	return exit_of_trace(r);
}

int cmd_follow(int argc, char **argv)
{
	struct follow f = { .text = STRBUF_INIT };
	struct option_state st;
	int status;

	diag_init(&f.diag);
	option_init(&st, &spec, argc, argv);
	status = parse(&f, &st);
	if (!status) {
		status = run(&f, st.operands.v[0]);
		if (fflush(stdout) && errno != EPIPE && status < EXIT_FAILED) {
			fprintf(stderr, "eyas follow: standard output: %s\n", strerror(errno));
			status = EXIT_FAILED;
		}
		follow_print_free(&f.print);
		follow_typed_free(f.lines);
	}
	event_filter_free(f.filter);
	option_free(&st);
	vec_free(&f.fds);
	vec_free(&f.pids);
	vec_free(&f.ends);
	u64map_free(&f.wanted);
	arena_destroy(&f.event_arena);
	strbuf_release(&f.text);
	diag_free(&f.diag);
	return status < 0 ? EXIT_DONE : status;
}
