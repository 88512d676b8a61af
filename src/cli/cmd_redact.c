/*
 * eyas redact: a trace to be shared, without what must not be.
 *
 * The trace is read three times: to learn, to count what will be replaced, to write. Then what was
 * written is read and searched, and only if nothing is left in it does it get its name.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "cli/command.h"
#include "cli/confine.h"
#include "cli/progress.h"
#include "cli/redact_report.h"
#include "redact/word_index.h"
#include "trace/eyas_reader.h"
#include "trace/eyas_writer.h"
#include "trace/trace.h"

#define KEY_LEAST 16
#define FILE_MAX  ((size_t)16 << 20) /* of a key or of words */

enum {
	OPT_DETECT = 256,
	OPT_NO_DETECT,
	OPT_WORD,
	OPT_WORDS,
	OPT_PATTERN,
	OPT_PAYLOAD,
	OPT_ENV,
	OPT_KEY,
	OPT_KEEP_RULES,
	OPT_REPORT,
	OPT_JSON,
};

static const struct option_row rows[] = {
	{ 'o', "output", "OUT", "the trace to write" },
	{ 'f', "force", NULL, "replace OUT if it exists" },
	{ OPT_DETECT, "detect", "LIST",
	  "look for these only (repeatable): names with commas between them, all, or default" },
	{ OPT_NO_DETECT, "no-detect", "LIST", "do not look for these (repeatable)" },
	{ OPT_WORD, "word", "TEXT", "replace TEXT wherever it stands (repeatable)" },
	{ OPT_WORDS, "words", "FILE", "the same for each line of FILE (repeatable)" },
	{ OPT_PATTERN, "pattern", "REGEX",
	  "replace what this regular expression matches (repeatable)" },
	{ OPT_PAYLOAD, "payload", "WHAT",
	  "what was read and written: redact (all of it becomes asterisks; the default), drop, or scan" },
	{ OPT_ENV, "env", "WHAT",
	  "values of environments: scan (what is found in them; the default), redact, or drop" },
	{ OPT_KEY, "key", "FILE",
	  "make pseudonyms with this key: the same in all traces (default: a key that is thrown away)" },
	{ OPT_KEEP_RULES, "keep-rules", "PATH",
	  "write OUT only if these rules raise the same alerts on it (repeatable)" },
	{ OPT_REPORT, "report", "FILE", "write what was replaced, and where, to FILE" },
	{ OPT_JSON, "json", NULL, "the report as JSON" },
	{ 0, NULL, NULL, NULL },
};

static const struct option_spec spec = {
	"eyas redact [OPTION]... -o OUT TRACE",
	"Copies a trace without secrets, names and addresses: pseudonyms of the same shape stand for them, the\n"
	"same for the same value, and what was read and written is blotted out. OUT appears when it has been\n"
	"searched and nothing is left in it. eyas-redact(1) says what is found, and what cannot be.",
	rows,
	NULL,
};

struct redact {
	const char *from, *to, *key_path, *report_path;
	bool force, json, only_some;
	VEC(const char *) words_paths, patterns_text;
	VEC(struct str) words;
	VEC(struct regex *) patterns;
	struct redact_options opt;
	struct arena arena;
	struct strbuf key;
	struct diag diag;
	struct keep_rules kept;
	FILE *report;

	struct redactor *redactor;
	struct outfile *out;
	struct sink *sink;
	struct progress progress;
	uint64_t read, events;

	/* Of the search of what was written. */
	uint64_t read_back, searched;
	bool left;
	uint32_t left_row;

	bool opened; /* there was something to read: else nothing is written */
};

/* ---- reading and writing */

/* One reading of the trace: what source_next() returned last, or *ret_write what `each` did. */
static int walk(struct redact *x, struct source *src, int (*each)(struct redact *, struct record *),
		int *ret_write)
{
	struct record rec;
	int r = 0, w = 0;

	progress_begin(&x->progress);
	while (!w && (r = source_next(src, &rec)) == 1) {
		w = each(x, &rec);
		progress_show(&x->progress, src, ++x->read);
	}
	progress_end(&x->progress);
	*ret_write = w;
	return w ? 0 : r;
}

static int each_learn(struct redact *x, struct record *rec)
{
	redactor_learn(x->redactor, rec);
	x->events += rec->kind == RECORD_EVENT;
	return 0;
}

static int each_count(struct redact *x, struct record *rec)
{
	struct record out;

	redactor_replace(x->redactor, rec, &out);
	return 0;
}

static int each_write(struct redact *x, struct record *rec)
{
	struct record out;

	redactor_replace(x->redactor, rec, &out);
	return x->sink->ops->put(x->sink, &out);
}

static ssize_t read_written(void *arg, void *buf, size_t n)
{
	struct redact *x = arg;
	ssize_t r = outfile_read_back(x->out, buf, n, x->read_back);

	if (r < 0) {
		errno = (int)-r;
		return -1;
	}
	x->read_back += (uint64_t)r;
	return r;
}

static int out_write(void *arg, const void *p, size_t n)
{
	return outfile_write(((struct redact *)arg)->out, p, n);
}

static int out_finish(void *arg)
{
	return outfile_flush(((struct redact *)arg)->out);
}

/* Opens the trace for the next reading: 0 or -errno. What is wrong with it is said the first time.
 */
static int open_again(struct redact *x, struct diag *silent, struct source **ret)
{
	return trace_open(x->from, silent, ret);
}

static int write_trace(struct redact *x, struct diag *silent)
{
	const struct byte_sink out = { x, out_write, NULL, out_finish, NULL };
	struct eyas_writer_options opt = { 0 };
	struct strbuf provenance = STRBUF_INIT;
	struct source *src;
	int r, w;

	r = open_again(x, silent, &src);
	if (r)
		return r;
	redactor_provenance(x->redactor, src->provenance, &provenance);
	opt.provenance = provenance.s;
	x->sink = eyas_writer_new(&out, &opt, &x->diag);
	strbuf_release(&provenance);
	walk(x, src, each_write, &w);
	source_close(src);
	if (w)
		x->sink->ops->abort(x->sink);
	else
		w = x->sink->ops->finish(x->sink);
	return w;
}

/* ---- the search of what was written */

/* The unpacked streams of a block, and what stands in its header. */
static const char *search_block(void *arg, const struct eyas_block *b, uint64_t offset,
				const uint8_t *hash, const struct strbuf *streams)
{
	struct redact *x = arg;

	(void)offset;
	(void)hash;
	/* The schema is not of the trace: it describes types of events. */
	for (unsigned i = 0; i < EYAS_MAX_STREAMS && b->kind != EYAS_SCHEMA && !x->left; i++) {
		x->left = redactor_finds_in(x->redactor, strbuf_str(&streams[i]), &x->left_row);
		x->searched += streams[i].n;
	}
	if (!x->left)
		x->left = redactor_finds_in(x->redactor, b->fields, &x->left_row);
	x->searched += b->fields.n;
	return NULL;
}

static const char *search_end(void *arg)
{
	(void)arg;
	return NULL;
}

static void search_bad(void *arg, uint64_t seq, unsigned kind, uint64_t offset, const char *what)
{
	(void)arg;
	(void)seq;
	(void)kind;
	(void)offset;
	(void)what;
}

static void tell_left(struct redact *x, const char *name, const char *where)
{
	diag_add(
		&x->diag, DIAG_ERROR, "REDACT_LEFT",
		"something of the kind \"%s\" is still in what was written (%s); nothing was kept. "
		"--no-detect %s leaves this kind out",
		name, where, name)
		->file = x->to;
}

/* Nothing that was learnt is in the bytes, and the detectors find nothing new: 0 or -errno. */
static int search(struct redact *x)
{
	const struct eyas_watch watch = { x, search_block, search_end, search_bad };
	struct redactor *check = redactor_new_check(x->redactor);
	const struct redact_counts *found = redactor_counts(check);
	struct record rec, unused;
	struct source *src;
	int r;

	x->read_back = 0;
	r = eyas_reader_open_watched(input_from(x->to, read_written, x), &x->diag, &watch, &src);
	if (r) {
		redactor_free(check);
		return r;
	}
	redactor_count_provenance(check, src->provenance);
	while (!x->left && (r = source_next(src, &rec)) == 1)
		redactor_replace(check, &rec, &unused);
	source_close(src);
	if (x->left)
		tell_left(x, redact_row_name(x->left_row), "its unpacked bytes");
	else if (found->total)
		tell_left(x, redact_row_name(found->places.v[0].detector), found->places.v[0].name);
	if (x->left || found->total)
		r = -EIO;
	redactor_free(check);
	return r;
}

static void change_text(void *arg, struct str text, struct strbuf *out)
{
	redactor_text(arg, text, out);
}

/* Both replayed, alerts compared: an exit_status. */
static int compare_alerts(struct redact *x, struct diag *silent)
{
	struct source *src;
	int r;

	if (!x->kept.options.rules.n)
		return EXIT_DONE;
	r = open_again(x, silent, &src);
	if (r)
		return EXIT_FAILED;
	keep_rules_walk(&x->kept, src, change_text, x->redactor, &x->kept.before);
	source_close(src);
	x->read_back = 0;
	r = trace_open_input(input_from(x->to, read_written, x), &x->diag, &src);
	if (r)
		return EXIT_FAILED;
	r = keep_rules_walk(&x->kept, src, NULL, NULL, &x->kept.after);
	source_close(src);
	if (r)
		return EXIT_FAILED;
	if (keep_rules_compare(&x->kept))
		return EXIT_DONE;
	diag_add(&x->diag, DIAG_ERROR, "REDACT_ALERTS",
		 "the rules of --keep-rules do not raise the same alerts on it; nothing was kept. "
		 "The report names them; --no-detect leaves a kind out")
		->file = x->to;
	return EXIT_TEST_FAILED;
}

static int put_report(struct redact *x)
{
	const struct redact_report report = {
		.counts = redactor_counts(x->redactor),
		.kept = x->kept.options.rules.n ? &x->kept : NULL,
		.searched = x->searched,
		.events = x->events,
	};
	struct strbuf out = STRBUF_INIT;
	int status = EXIT_DONE;

	if (x->json)
		redact_report_json(&report, &out);
	else
		redact_report_text(&report, &out);
	if (x->report)
		status = corpus_write("eyas redact", x->report_path, x->report, &out);
	else
		fputs(out.s, x->json ? stdout : stderr);
	x->report = NULL;
	strbuf_release(&out);
	return status;
}

/* The first reading, and the one that counts; the reader's result. */
static int learn(struct redact *x, struct diag *silent)
{
	const char *provenance = NULL;
	struct source *src;
	int r, w;

	r = trace_open(x->from, &x->diag, &src);
	if (r)
		return r;
	x->opened = true;
	provenance = src->provenance;
	redactor_learn_provenance(x->redactor, provenance);
	r = walk(x, src, each_learn, &w);
	/* Of traces behind each other the first one's is written: as eyas pack does it. */
	if (src->provenance != provenance)
		diag_add(
			&x->diag, DIAG_NOTE, "REDACT_PROVENANCE",
			"traces were put behind each other here: the provenance of the first is kept")
			->file = x->from;
	source_close(src);
	if (r && r != -EBADMSG)
		return r;
	redactor_ready(x->redactor);
	w = open_again(x, silent, &src);
	if (w)
		return w;
	redactor_count_provenance(x->redactor, src->provenance);
	walk(x, src, each_count, &w);
	source_close(src);
	redactor_counted(x->redactor);
	return r;
}

/* An exit_status. */
static int redact(struct redact *x)
{
	struct diag silent;
	bool written;
	int r, status;

	diag_init(&silent);
	r = learn(x, &silent);
	status = exit_of_trace(r);
	written = x->opened && (status == EXIT_DONE || status == EXIT_DAMAGED);
	if (written && write_trace(x, &silent)) {
		status = EXIT_FAILED;
	} else if (written) {
		int checked = search(x) ? EXIT_FAILED : compare_alerts(x, &silent);

		if (checked != EXIT_FAILED && put_report(x))
			checked = EXIT_FAILED;
		if (checked)
			status = checked;
	}
	diag_free(&silent);
	if (!written || (status != EXIT_DONE && status != EXIT_DAMAGED))
		outfile_abort(x->out);
	else if (outfile_finish(x->out))
		status = EXIT_FAILED;
	else if (status == EXIT_DAMAGED)
		diag_add(&x->diag, DIAG_NOTE, NULL, "what could be read of %s is in %s", x->from,
			 x->to);
	return status;
}

/* ---- the command line */

/* All of a file; false after saying why not. */
static bool read_file(const char *path, struct strbuf *out)
{
	FILE *f = fopen(path, "re");
	size_t n = 1;

	while (f && n && out->n <= FILE_MAX) {
		n = fread(strbuf_reserve(out, 4096), 1, 4096, f);
		out->n += n;
	}
	if (!f || ferror(f) || out->n > FILE_MAX) {
		fprintf(stderr, "eyas redact: cannot read %s: %s\n", path,
			out->n > FILE_MAX ? "it is too large" : strerror(errno));
		if (f)
			fclose(f);
		return false;
	}
	fclose(f);
	return true;
}

static int add_word(struct redact *x, const struct option_state *st, struct str word)
{
	if (!word.n)
		return 0;
	if (word.n < WORD_LEAST)
		return option_usage_error(
			st, "a word of less than %d bytes is too short to be found", WORD_LEAST);
	vec_push(&x->words, arena_str(&x->arena, word));
	return 0;
}

static int add_words(struct redact *x, const struct option_state *st, const char *path)
{
	struct strbuf text = STRBUF_INIT;
	struct str rest, line;
	int status = read_file(path, &text) ? 0 : EXIT_FAILED;

	rest = strbuf_str(&text);
	while (!status && str_split(&rest, '\n', &line)) {
		if (line.n && line.p[line.n - 1] == '\r')
			line.n--;
		status = add_word(x, st, line);
	}
	strbuf_release(&text);
	return status;
}

static int add_pattern(struct redact *x, const struct option_state *st, const char *text)
{
	const char *error = NULL;
	struct regex *re = regex_new_to_find(str_of(text), &x->arena, &error);

	if (!re)
		return option_usage_error(st, "%s", error);
	vec_push(&x->patterns, re);
	return 0;
}

static int take_use(const struct option_state *st, const char *option, enum content_use *ret)
{
	static const enum content_use uses[] = { CONTENT_FILL, CONTENT_DROP, CONTENT_SCAN };

	for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++)
		if (strcmp(st->arg, content_use_name(uses[i])) == 0) {
			*ret = uses[i];
			return 0;
		}
	return option_usage_error(st, "%s is redact, drop or scan, not '%s'", option, st->arg);
}

static int change_set(struct redact *x, const struct option_state *st, bool on)
{
	struct str wrong;

	/* The first --detect names all there is to look for. */
	if (on && !x->only_some)
		for (size_t i = 0; i < DETECT_N; i++)
			x->opt.set.on[i] = i == DETECT_WORD;
	x->only_some |= on;
	if (detector_set_change(&x->opt.set, str_of(st->arg), on, &wrong))
		return 0;
	return option_usage_error(st, "there is no detector '%.*s'", STR_FMT(wrong));
}

static int take_option(struct redact *x, const struct option_state *st, int key)
{
	switch (key) {
	case 'o':
		x->to = st->arg;
		return 0;
	case 'f':
		x->force = true;
		return 0;
	case OPT_DETECT:
		return change_set(x, st, true);
	case OPT_NO_DETECT:
		return change_set(x, st, false);
	case OPT_WORD:
		return add_word(x, st, str_of(st->arg));
	case OPT_WORDS:
		return add_words(x, st, st->arg);
	case OPT_PATTERN:
		return add_pattern(x, st, st->arg);
	case OPT_PAYLOAD:
		return take_use(st, "--payload", &x->opt.payload);
	case OPT_ENV:
		return take_use(st, "--env", &x->opt.environment);
	case OPT_KEY:
		x->key_path = st->arg;
		return 0;
	case OPT_KEEP_RULES:
		vec_push(&x->kept.options.rules, st->arg);
		return 0;
	case OPT_REPORT:
		x->report_path = st->arg;
		return 0;
	case OPT_JSON:
		x->json = true;
		return 0;
	}
	return 0;
}

/* 0, an exit_status, or -1 to end quietly. */
static int parse(struct redact *x, struct option_state *st)
{
	struct stat s;
	int key, status = 0;

	while (!status && (key = option_next(st)) >= 0)
		status = take_option(x, st, key);
	if (status)
		return status;
	if (key != OPTION_END)
		return key == OPTION_EXIT ? -1 : EXIT_USAGE;
	if (st->operands.n != 1 || !x->to)
		return option_usage_error(st, "give a trace, and -o with a new name");
	x->from = st->operands.v[0];
	if (strcmp(x->from, "-") == 0 || (stat(x->from, &s) == 0 && !S_ISREG(s.st_mode)))
		return option_usage_error(st, "the trace is read more than once: give a file");
	if (strcmp(x->to, "-") == 0 || (stat(x->to, &s) == 0 && !S_ISREG(s.st_mode)))
		return option_usage_error(st, "what is written is read again: give -o a file");
	return 0;
}

/* A key of the user's, or one that nobody will know. */
static int make_key(struct redact *x, const struct option_state *st)
{
	if (!x->key_path) {
		if (getrandom(strbuf_reserve(&x->key, 32), 32, 0) != 32) {
			fprintf(stderr, "eyas redact: the system has no random bytes: %s\n",
				strerror(errno));
			return EXIT_FAILED;
		}
		x->key.n = 32;
	} else if (!read_file(x->key_path, &x->key)) {
		return EXIT_FAILED;
	} else if (x->key.n < KEY_LEAST) {
		return option_usage_error(st,
					  "a key has at least %d bytes, random ones: head -c 32 "
					  "/dev/urandom >FILE",
					  KEY_LEAST);
	}
	x->opt.key = strbuf_str(&x->key);
	x->opt.key_is_kept = x->key_path != NULL;
	return EXIT_DONE;
}

/* Everything that is opened before the process confines itself; an exit_status. */
static int prepare(struct redact *x, const struct option_state *st)
{
	VEC(const char *) readable = { 0 };
	int r, status = make_key(x, st);

	if (status)
		return status;
	x->opt.words = x->words.v;
	x->opt.n_words = x->words.n;
	x->opt.patterns = x->patterns.v;
	x->opt.n_patterns = x->patterns.n;
	r = outfile_open_readable(x->to, x->force, &x->diag, &x->out);
	if (r)
		return r == -EEXIST ? EXIT_USAGE : EXIT_FAILED;
	if (x->report_path) {
		x->report = corpus_create("eyas redact", x->report_path);
		status = x->report ? EXIT_DONE : EXIT_FAILED;
	}
	vec_push(&readable, x->from);
	for (size_t i = 0; i < x->kept.options.rules.n; i++)
		vec_push(&readable, x->kept.options.rules.v[i]);
	confine_to_create(&(struct confine_rules){ readable.v, readable.n }, x->to);
	vec_free(&readable);
	if (!status && x->kept.options.rules.n)
		status = keep_rules_load(&x->kept, "eyas redact");
	if (status)
		outfile_abort(x->out);
	return status;
}

int cmd_redact(int argc, char **argv)
{
	struct redact x = { .opt = { .environment = CONTENT_SCAN } };
	struct option_state st;
	int status;

	arena_init(&x.arena);
	strbuf_init(&x.key);
	diag_init(&x.diag);
	detector_set_default(&x.opt.set);
	option_init(&st, &spec, argc, argv);
	status = parse(&x, &st);
	if (!status)
		status = prepare(&x, &st);
	if (!status) {
		x.redactor = redactor_new(&x.opt);
		status = redact(&x);
		redactor_free(x.redactor);
	}
	diag_print(&x.diag, stderr);
	diag_free(&x.diag);
	if (x.report && x.report != stdout)
		fclose(x.report);
	for (size_t i = 0; i < x.patterns.n; i++)
		regex_free(x.patterns.v[i]);
	vec_free(&x.patterns);
	vec_free(&x.words);
	keep_rules_free(&x.kept);
	explicit_bzero(x.key.s, x.key.n);
	strbuf_release(&x.key);
	arena_destroy(&x.arena);
	option_free(&st);
	return status < 0 ? EXIT_DONE : status;
}
