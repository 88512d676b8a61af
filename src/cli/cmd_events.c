/*
 * eyas events: lists the events of traces, one a line: all, or those that a filter is true of.
 *
 * A line is made by one of several printers: the standard line, a list of fields, a format; text or
 * JSON. The filter and the lines each have a memory of their own (evt.deltatime and the like).
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json_writer.h"
#include "base/text.h"
#include "base/timefmt.h"
#include "cli/command.h"
#include "cli/confine.h"
#include "cli/event_filter.h"
#include "cli/note_list.h"
#include "cli/select_option.h"
#include "event/event_text.h"
#include "fields/field.h"
#include "replay/going.h"
#include "rules/output_format.h"
#include "trace/trace.h"

enum { OPT_JSON = 256, OPT_SCRIPT, OPT_BUFFER };

static const struct option_row rows[] = {
	{ 'p', "print", "FORMAT", "print this instead, with %FIELDs replaced by their values" },
	{ 'F', "fields", "LIST", "print these fields, separated by commas" },
	{ OPT_JSON, "json", NULL, "print the fields as a JSON object a line" },
	{ OPT_SCRIPT, "script", NULL,
	  "print a text script (eyas-script(5)): the snapshot and the events" },
	{ OPT_BUFFER, "buffer", "FORM",
	  "how data is shown: dots (default), hex, hexascii, ascii, base64" },
	SELECT_OPTION_ROWS,
	{ 0, NULL, NULL, NULL },
};

static const struct option_spec spec = {
	.usage = "eyas events [OPTION]... TRACE [FILTER]",
	.about =
		"Lists the events of a trace, one a line, with what was known of the system then: all, or\n"
		"those for which FILTER, a condition as in rules, is true.",
	.rows = rows,
	.more = "A trace - is standard input. All words behind it are the filter. \"eyas list fields\" tells the\n"
		"fields; a format that begins with * prints <NA> for what has no value, others leave out such a line.",
};

/* What --json prints of an event when no fields are named. */
static const char standard_json[] =
	"evt.num,evt.time.iso8601,evt.cpu,evt.type,evt.res,evt.args,fd.name,proc.name,proc.pid,"
	"thread.tid,proc.cmdline,proc.exepath,proc.pname,user.name,container.id";
/* The fields of the standard line, behind number, time and CPU. */
static const char standard_text[] = "proc.name,proc.pid,thread.tid,evt.type,evt.args";

/* Bytes of lines that are handed on together: of a file, of what is being recorded. */
#define LINES_MAX      65536
#define LINES_LIVE_MAX 4096
#define FEW_VALUES     4 /* of a field; more are in the event's arena */

struct events {
	struct arena options, event_arena;
	VEC(struct field_ref) fields;
	VEC(struct str) keys;         /* of the fields, as json_key_made() takes them */
	struct output_format *format; /* -p, or NULL */
	struct event_filter *filter;  /* or NULL */
	bool json, script, standard;
	bool unwritten; /* what an error is about: standard output, not the trace */
	uint8_t buffer;
	struct replay_select select;

	struct diag diag;
	size_t told;
	struct sink *sink; /* --script, or NULL */
	struct note_list notes;
	struct field_env env;
	struct strbuf lines, text; /* lines: not yet handed on */
	size_t lines_max;
	struct iso_clock clock;
};

static int add_field(struct events *e, const struct option_state *st, struct str word)
{
	struct strbuf key = STRBUF_INIT;
	struct field_ref ref;
	struct str arg = { NULL, 0 }, name = word;
	ptrdiff_t at = str_chr(word, '[');
	const char *wrong;

	if (at >= 0 && word.p[word.n - 1] == ']') {
		name.n = (size_t)at;
		arg = (struct str){ word.p + at + 1, word.n - (size_t)at - 2 };
	}
	wrong = field_resolve(name, arg.p != NULL, arg, &e->options, &ref);
	if (wrong) {
		struct strbuf near = STRBUF_INIT;
		int status;

		if (!field_find(name))
			field_nearest(name, &near);
		status = option_usage_error(st, "%.*s: %s%s%s", STR_FMT(word), wrong,
					    near.n ? "; near it are: " : "", near.s);
		strbuf_release(&near);
		return status;
	}
	ref.id = (uint32_t)e->fields.n;
	vec_push(&e->fields, ref);
	json_key_make(&key, ref.text);
	vec_push(&e->keys, arena_str(&e->options, strbuf_str(&key)));
	strbuf_release(&key);
	return 0;
}

static int add_fields(struct events *e, const struct option_state *st, struct str list)
{
	struct str word;
	int status = 0;

	while (!status && str_split(&list, ',', &word)) {
		word = str_trim(word);
		if (word.n)
			status = add_field(e, st, word);
	}
	return status;
}

static int buffer_option(struct events *e, const struct option_state *st)
{
	static const char *const names[] = {
		[BUFFER_DOTS] = "dots",         [BUFFER_HEX] = "hex",
		[BUFFER_HEXASCII] = "hexascii", [BUFFER_ASCII] = "ascii",
		[BUFFER_BASE64] = "base64",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(st->arg, names[i]) == 0) {
			e->buffer = (uint8_t)i;
			return 0;
		}
	}
	return option_usage_error(st, "--buffer is one of dots, hex, hexascii, ascii, base64");
}

static int set_format(struct events *e, const struct option_state *st)
{
	struct condition_error err = { 0 };

	e->format = output_format_new_with(str_of(st->arg), NULL, &e->options, &err);
	if (e->format)
		return 0;
	/* Falco's wording for a field that is not there says nothing; the hint may name it */
	if (strncmp(err.message, "unknown filter", 14) == 0)
		return option_usage_error(st, "-p: %s, at column %u of the format",
					  err.hint ? err.hint : "there is no such field",
					  err.pos.col);
	return option_usage_error(st, "-p: %s%s%s", err.message, err.hint ? ": " : "",
				  err.hint ? err.hint : "");
}

/* The text of field i, escaped, or "<NA>". */
static void add_text(struct events *e, size_t i)
{
	const struct field_ref *ref = &e->fields.v[i];
	struct value few[FEW_VALUES];
	struct values vals = { .v = few, .cap = FEW_VALUES, .arena = &e->event_arena };

	if (field_extract(ref, &e->env, &vals))
		values_text_escaped(ref, &vals, &e->lines, &e->text);
	else
		strbuf_adds(&e->lines, "<NA>");
}

/* NUM TIME CPU NAME (PID:TID) TYPE ARGS */
static void standard_line(struct events *e)
{
	static const struct {
		char s[3];
		uint8_t n;
	} behind[] = { { " (", 2 }, { ":", 1 }, { ") ", 2 }, { " ", 1 }, { "", 0 } };
	const struct event *ev = e->env.ctx->ev;

	strbuf_addu(&e->lines, ev->num);
	strbuf_addc(&e->lines, ' ');
	iso_clock_text(&e->clock, &e->lines, ev->ts);
	strbuf_addc(&e->lines, ' ');
	strbuf_addu(&e->lines, ev->cpu);
	strbuf_addc(&e->lines, ' ');
	for (size_t i = 0; i < e->fields.n; i++) {
		add_text(e, i);
		strbuf_add(&e->lines, behind[i].s, behind[i].n);
	}
}

static void fields_line(struct events *e)
{
	for (size_t i = 0; i < e->fields.n; i++) {
		if (i)
			strbuf_addc(&e->lines, '\t');
		add_text(e, i);
	}
}

static void json_line(struct events *e)
{
	struct json_writer w;

	e->env.for_json = true;
	json_init(&w, &e->lines);
	json_begin_object(&w);
	for (size_t i = 0; i < e->fields.n; i++) {
		const struct field_ref *ref = &e->fields.v[i];
		struct value few[FEW_VALUES];
		struct values vals = { .v = few, .cap = FEW_VALUES, .arena = &e->event_arena };

		if (!field_extract(ref, &e->env, &vals))
			continue;
		json_key_made(&w, e->keys.v[i]);
		values_json(ref, &vals, &w);
	}
	json_end_object(&w);
}

/* False: a value is missing and the format does not want such lines. */
static bool format_line(struct events *e)
{
	struct json_writer w;

	if (e->json) {
		json_init(&w, &e->lines);
		json_begin_object(&w);
		output_format_fields(e->format, &e->env, &w);
		json_end_object(&w);
		return true;
	}
	strbuf_reset(&e->text);
	if (!output_format_text(e->format, &e->env, &e->text))
		return false;
	text_escape(&e->lines, strbuf_str(&e->text));
	return true;
}

/* Hands on the lines made so far. */
static int put_lines(struct events *e)
{
	size_t n = e->lines.n;
	bool ok = fwrite(e->lines.s, 1, n, stdout) == n && fflush(stdout) == 0;

	strbuf_reset(&e->lines);
	e->unwritten = !ok;
	return ok ? 0 : errno ? -errno : -EIO;
}

static int put_record(struct events *e, const struct record *rec)
{
	return e->sink->ops->put(e->sink, rec);
}

static int on_snapshot(void *arg, const struct snapshot *snap)
{
	return put_record(arg, &(struct record){ .kind = RECORD_SNAPSHOT, .snapshot = snap });
}

static int on_event(void *arg, struct event_ctx *ctx)
{
	struct events *e = arg;

	arena_reset(&e->event_arena);
	if (e->filter && !event_filter_match(e->filter, ctx, &e->event_arena))
		return 0;
	if (e->sink)
		return put_record(e, &(struct record){ .kind = RECORD_EVENT, .event = *ctx->ev });
	e->env.ctx = ctx;
	if (e->format) {
		if (!format_line(e))
			return 0;
	} else {
		if (e->standard)
			note_list_put(&e->notes, ctx->ev->num, ctx->ev->ts, e->json, &e->lines);
		if (e->json)
			json_line(e);
		else if (e->standard)
			standard_line(e);
		else
			fields_line(e);
	}
	strbuf_addc(&e->lines, '\n');
	return e->lines.n >= e->lines_max ? put_lines(e) : 0;
}

/* Prints what came into the diag since the last call. */
static void tell(struct events *e)
{
	diag_print_new(&e->diag, &e->told, stderr);
}

/* What can still be read once the trace is looked at. */
static void give_up_the_rest(const char *path)
{
	struct confine_rules rules = { .read = &path, .n_read = strcmp(path, "-") != 0 };

	confine(&rules);
}

static void add_note(struct strbuf *sb, uint64_t n, const char *one, const char *many)
{
	if (!n)
		return;
	strbuf_adds(sb, sb->n ? "; " : "");
	strbuf_addu(sb, n);
	strbuf_addf(sb, " %s", n == 1 ? one : many);
}

/* What the listing cannot show: nothing is missing or made up silently. */
static void tell_gaps(struct events *e, const char *path, const struct replay_stats *st)
{
	strbuf_reset(&e->text);
	add_note(&e->text, st->lost, "event was lost in recording",
		 "events were lost in recording");
	add_note(&e->text, st->guessed, "event holds something that had to be assumed",
		 "events hold something that had to be assumed");
	add_note(&e->text, st->unknown_types, "event of a type that is not known was left out",
		 "events of types that are not known were left out");
	if (e->text.n)
		fprintf(stderr, "eyas events: %s: %s\n", path, e->text.s);
}

static int open_sink(struct events *e, const char *provenance)
{
	struct trace_create_options opt = { .format = TRACE_SCRIPT, .provenance = provenance };
	int r = trace_create("-", &opt, &e->diag, &e->sink);

	tell(e);
	return r;
}

/* How much is kept before it is handed on: less when somebody may be waiting for it, at a terminal
 * or because the trace comes as it happens. */
static size_t lines_max(const char *path)
{
	struct stat st;

	if (isatty(STDOUT_FILENO))
		return 1;
	if (strcmp(path, "-") == 0 && (fstat(STDIN_FILENO, &st) || !S_ISREG(st.st_mode)))
		return LINES_LIVE_MAX;
	return LINES_MAX;
}

static int list_trace(struct events *e, const char *path)
{
	struct replay_visitor v = { .arg = e, .event = on_event };
	struct replay_going g;
	int r;

	give_up_the_rest(path);
	/* A script begins with the snapshot, wherever its events do. */
	if (e->script)
		v.snapshot = on_snapshot;
	r = e->script ? replay_going_open(&g, path, NULL, &e->select, &v, &e->diag)
		      : replay_going_open_near(&g, path, &e->select, &v, &e->diag);
	tell(e);
	if (r)
		return exit_of_trace(r);
	if (e->script && open_sink(e, g.src->provenance)) {
		replay_going_close(&g);
		return EXIT_FAILED;
	}
	e->env = (struct field_env){
		.arena = &e->event_arena,
		.memory = field_state_new(),
		.for_output = true,
		.buffer_format = e->buffer,
	};
	e->lines_max = lines_max(path);
	note_list_read(&e->notes, path);
	r = replay_going_run(&g);
	r = r > 0 ? 0 : r;
	if (e->standard && !e->format && !e->sink && !e->filter && !e->select.last_num &&
	    !e->select.until)
		note_list_put(&e->notes, UINT64_MAX, UINT64_MAX, e->json, &e->lines);
	note_list_free(&e->notes);
	if (e->lines.n) {
		int f = put_lines(e);
		r = r == 0 || (r == -EBADMSG && f) ? f : r;
	}
	if (e->sink) {
		int f = e->sink->ops->finish(e->sink);
		r = r == 0 ? f : r;
	}
	event_filter_free(e->filter); /* what it remembers of threads is the state's */
	field_state_free(e->env.memory);
	replay_going_close(&g);
	tell(e);
	tell_gaps(e, path, &g.stats);
	if (r == -EPIPE)
		return EXIT_DONE; /* whoever read the lines has seen enough */
	if (r < 0 && r != -EBADMSG)
		fprintf(stderr, "eyas events: %s: %s\n", e->unwritten ? "standard output" : path,
			strerror(-r));
	return exit_of_trace(r);
}

static int set_filter(struct events *e, const struct option_state *st)
{
	int status = event_filter_of_operands(st, &e->diag, &e->filter);

	tell(e);
	return status;
}

static int parse(struct events *e, struct option_state *st)
{
	int key, status = 0;

	while (!status && (key = option_next(st)) >= 0) {
		switch (key) {
		case 'F':
			status = add_fields(e, st, str_of(st->arg));
			break;
		case OPT_JSON:
			e->json = true;
			break;
		case OPT_SCRIPT:
			e->script = true;
			break;
		case OPT_BUFFER:
			status = buffer_option(e, st);
			break;
		case 'p':
			status = set_format(e, st);
			break;
		default:
			status = option_select(st, key, &e->select);
			break;
		}
	}
	status = option_outcome(key, status);
	if (status)
		return status;
	if (!st->operands.n)
		return option_usage_error(st, "give a trace");
	if (e->format && e->fields.n)
		return option_usage_error(st, "give either -p or -F");
	if (e->script && (e->format || e->fields.n || e->json))
		return option_usage_error(
			st, "--script prints whole events: without -p, -F and --json");
	e->standard = e->fields.n == 0;
	if (e->standard)
		add_fields(e, st, str_of(e->json ? standard_json : standard_text));
	return set_filter(e, st);
}

int cmd_events(int argc, char **argv)
{
	struct events e = { .lines = STRBUF_INIT, .text = STRBUF_INIT };
	struct option_state st;
	int status;

	diag_init(&e.diag);
	option_init(&st, &spec, argc, argv);
	status = parse(&e, &st);
	if (!status) {
		status = list_trace(&e, st.operands.v[0]);
		if (fflush(stdout) && errno != EPIPE && status < EXIT_FAILED) {
			fprintf(stderr, "eyas events: standard output: %s\n", strerror(errno));
			status = EXIT_FAILED;
		}
	}
	option_free(&st);
	vec_free(&e.fields);
	vec_free(&e.keys);
	strbuf_release(&e.lines);
	strbuf_release(&e.text);
	arena_destroy(&e.options);
	arena_destroy(&e.event_arena);
	diag_free(&e.diag);
	return status < 0 ? EXIT_DONE : status;
}
