/*
 * eyas annotate: notes in a trace, tied to events or times.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/json_writer.h"
#include "base/timefmt.h"
#include "cli/command.h"
#include "cli/confine.h"
#include "cli/note_list.h"
#include "cli/select_option.h"
#include "trace/eyas_format.h"
#include "trace/trace.h"

enum { OPT_AUTHOR = 256, OPT_TIME, OPT_LIST, OPT_JSON, OPT_AT };

static const struct option_row rows[] = {
	{ 'm', "message", "TEXT", "the note's text" },
	{ OPT_AUTHOR, "author", "NAME", "who writes it (default: $LOGNAME)" },
	{ OPT_TIME, "time", "TIME", "when it is written (default: now)" },
	{ OPT_EVENTS, "events", "N-M", "the event or the events it is about, by evt.num" },
	{ OPT_AT, "at", "TIME", "the moment it is about" },
	{ OPT_SINCE, "since", "TIME", "the time it is about: from TIME on" },
	{ OPT_UNTIL, "until", "TIME", "the time it is about: up to TIME" },
	{ OPT_LIST, "list", NULL, "list the notes of the trace" },
	{ OPT_JSON, "json", NULL, "list them as a JSON object each" },
	{ 0, NULL, NULL, NULL },
};

static const struct option_spec spec = {
	"eyas annotate -m TEXT [OPTION]... TRACE\n       eyas annotate --list [--json] TRACE",
	"Adds a note to a finished .eyas trace, or lists the notes it has. No byte of the trace is changed:\n"
	"the note comes behind its end, in the same chain of hashes.",
	rows,
	NULL,
};

struct annotate {
	const char *path, *text, *author, *time;
	struct replay_select about;
	uint64_t at;
	bool list, json;
};

static void complain(struct diag *diag, const char *path, const char *what)
{
	diag_add(diag, DIAG_ERROR, "ANNOTATE", "%s", what)->file = path;
}

/* What a result of eyas_notes_*() means; an exit_status. */
static int tell(struct diag *diag, const char *path, int r)
{
	enum trace_format format;

	switch (r) {
	case 0:
		return EXIT_DONE;
	case -ENOENT:
		format = trace_format_of_file(path);
		if (format == TRACE_EYAS)
			complain(
				diag, path,
				"the trace is not finished, it has no footer: eyas recover makes a "
				"finished copy");
		else
			complain(diag, path,
				 format == TRACE_UNKNOWN
					 ? "this is not a trace"
					 : "only .eyas traces hold notes: eyas convert makes one");
		return format == TRACE_EYAS ? EXIT_DAMAGED : EXIT_USAGE;
	case -EBADMSG:
		complain(diag, path,
			 "the end of the trace is damaged: eyas recover makes a good copy");
		return EXIT_DAMAGED;
	}
	complain(diag, path, strerror(-r));
	return EXIT_FAILED;
}

static int list(const struct annotate *a, struct diag *diag)
{
	int fd = open(a->path, O_RDONLY | O_CLOEXEC), r = fd < 0 ? -errno : 0;
	struct strbuf out = STRBUF_INIT;
	struct eyas_notes notes;
	int status;

	if (fd < 0) {
		complain(diag, a->path, strerror(-r));
		return EXIT_FAILED;
	}
	r = eyas_notes_read(fd, &notes);
	close(fd);
	if (r)
		return tell(diag, a->path, r);
	for (size_t i = 0; i < notes.v.n; i++) {
		const struct note *n = &notes.v.v[i];
		struct json_writer w;

		if (a->json) {
			json_init(&w, &out);
			note_json(n, &w);
		} else {
			if (n->ts) {
				time_iso8601(&out, n->ts, "Z ");
			}
			note_text(n, &out);
		}
		strbuf_addc(&out, '\n');
	}
	status = fwrite(out.s, 1, out.n, stdout) == out.n && fflush(stdout) == 0 ? EXIT_DONE
										 : EXIT_FAILED;
	if (status)
		complain(diag, a->path, "cannot write the list");
	eyas_notes_free(&notes);
	strbuf_release(&out);
	return status;
}

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * UINT64_C(1000000000) + (uint64_t)ts.tv_nsec;
}

static int add(const struct annotate *a, const struct note *note, struct diag *diag)
{
	int fd = open(a->path, O_RDWR | O_CLOEXEC | O_NOCTTY), status;
	struct confine_rules rules = { .read = &a->path, .n_read = 1 };
	struct stat st;

	if (fd < 0) {
		complain(diag, a->path, strerror(errno));
		return EXIT_FAILED;
	}
	confine(&rules);
	/* A limit on file sizes is an error like others, after which the file is as it was. */
	signal(SIGXFSZ, SIG_IGN);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		complain(diag, a->path, "this is not a regular file");
		status = EXIT_USAGE;
	} else if (flock(fd, LOCK_EX) < 0) {
		complain(diag, a->path, strerror(errno));
		status = EXIT_FAILED;
	} else {
		status = tell(diag, a->path, eyas_notes_add(fd, note, 1));
	}
	close(fd);
	return status;
}

/* The note as the options describe it: 0 or EXIT_USAGE. */
static int make_note(const struct annotate *a, const struct option_state *st, struct note *ret)
{
	const char *author = a->author ? a->author : getenv("LOGNAME");

	ret->text = str_of(a->text);
	ret->author = author ? str_of(author) : STR("");
	if (ret->text.n > EYAS_MAX_NOTE)
		return option_usage_error(st, "a note has at most 1 MiB");
	if (ret->author.n > EYAS_MAX_AUTHOR)
		return option_usage_error(st, "an author's name has at most %d bytes",
					  EYAS_MAX_AUTHOR);
	ret->ts = now();
	if (a->time && !time_parse(str_of(a->time), &ret->ts))
		return option_usage_error(st, "'%s' is not a time", a->time);
	ret->first_num = a->about.first_num;
	ret->last_num = a->about.last_num;
	if (ret->last_num && !ret->first_num)
		ret->first_num = 1;
	if (ret->first_num && !ret->last_num)
		return option_usage_error(st, "--events needs an end: N or N-M");
	if (a->at && (a->about.since || a->about.until))
		return option_usage_error(st,
					  "--at is for a moment, --since and --until for a time");
	if (!a->about.since != !a->about.until || a->about.until < a->about.since)
		return option_usage_error(st, "--since and --until go together, in this order");
	ret->from_ts = a->at ? a->at : a->about.since;
	ret->to_ts = a->at ? a->at : a->about.until;
	return 0;
}

static int annotate(struct annotate *a, const struct option_state *st)
{
	struct confine_rules rules = { .read = &a->path, .n_read = 1 };
	struct note note = { 0 };
	struct diag diag;
	int status;

	if (st->operands.n != 1)
		return option_usage_error(st, "give a trace");
	a->path = st->operands.v[0];
	a->list |= a->json;
	if (a->list == (a->text != NULL))
		return option_usage_error(st, "give either -m with a text, or --list");
	if (a->text && !str_trim(str_of(a->text)).n)
		return option_usage_error(st, "the text of the note is empty");
	if (!a->list) {
		status = make_note(a, st, &note);
		if (status)
			return status;
	}
	diag_init(&diag);
	if (a->list) {
		confine(&rules);
		status = list(a, &diag);
	} else {
		status = add(a, &note, &diag);
	}
	diag_print(&diag, stderr);
	diag_free(&diag);
	return status;
}

int cmd_annotate(int argc, char **argv)
{
	struct annotate a = { 0 };
	struct option_state st;
	int key, status = EXIT_DONE;

	option_init(&st, &spec, argc, argv);
	while (!status && (key = option_next(&st)) >= 0) {
		switch (key) {
		case 'm':
			a.text = st.arg;
			break;
		case OPT_AUTHOR:
			a.author = st.arg;
			break;
		case OPT_TIME:
			a.time = st.arg;
			break;
		case OPT_LIST:
			a.list = true;
			break;
		case OPT_JSON:
			a.json = true;
			break;
		case OPT_AT:
			if (!time_parse(str_of(st.arg), &a.at))
				status = option_usage_error(&st, "'%s' is not a time", st.arg);
			break;
		default:
			status = option_select(&st, key, &a.about);
		}
	}
	if (!status && key != OPTION_END)
		status = key == OPTION_EXIT ? EXIT_DONE : EXIT_USAGE;
	else if (!status)
		status = annotate(&a, &st);
	option_free(&st);
	return status;
}
