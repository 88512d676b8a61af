/*
 * eyas filter: one condition. Does it compile, to what, is it true of these values, which events of
 * a trace does it select.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/text.h"
#include "cli/command.h"
#include "cli/confine.h"
#include "cli/filter_batch.h"
#include "cli/select_option.h"
#include "event/event_text.h"
#include "replay/going.h"
#include "rules/output_format.h"
#include "rules/program.h"
#include "rules/stand_in.h"

enum {
	OPT_AST = 256,
	OPT_CANONICAL,
	OPT_EVENT_TYPES,
	OPT_DETAILS,
	OPT_PROGRAM,
	OPT_JSON,
	OPT_SET,
	OPT_TYPE,
	OPT_TRACE,
	OPT_BATCH
};

static const struct option_row rows[] = {
	{ OPT_AST, "ast", NULL, "check: print the syntax tree" },
	{ OPT_CANONICAL, "canonical", NULL, "check: print the canonical text (the default)" },
	{ OPT_EVENT_TYPES, "event-types", NULL, "check: print the event types it can match" },
	{ OPT_DETAILS, "details", NULL, "check: print the fields, operators and macros it uses" },
	{ OPT_PROGRAM, "program", NULL, "check: print the compiled predicate graph" },
	{ OPT_JSON, "json", NULL, "check: print all of it as one JSON object" },
	{ OPT_SET, "set", "FIELD=VALUE",
	  "eval: the field has this value; more than once: the values of a list" },
	{ OPT_TYPE, "type", "FIELD=TYPE",
	  "eval: declares a field of this type (charbuf, int64, ipaddr, ...; charbuf[]: a list)" },
	{ OPT_TRACE, "trace", "TRACE",
	  "eval: evaluate on each event of a trace and print those it selects" },
	{ 'p', "print", "FORMAT", "eval --trace: print each in this output format" },
	SELECT_OPTION_ROWS,
	{ OPT_BATCH, "batch", NULL, "answer JSON Lines requests on standard input" },
	{ 0, NULL, NULL, NULL },
};

static const struct option_spec spec = {
	"eyas filter [OPTION]... check|eval CONDITION\n"
	"       eyas filter --batch",
	"Checks one condition (or - to read it from standard input), or evaluates it on values given\n"
	"by hand or on the events of a trace. eval exits with 1 when it is false.",
	rows,
	NULL,
};

#define CONDITION_MAX (64u << 20)
#define DEFAULT_PRINT "*%evt.num %evt.time.iso8601 %evt.type %proc.name %evt.args"

struct filter {
	struct option_state st;
	bool ast, event_types, details, program, json, canonical;
	VEC(const char *) sets, types;
	const char *trace, *print;
	struct replay_select select;

	struct str text;
	struct strbuf from_stdin, out;
	struct arena arena, event_arena;
	struct stand_ins given;
	struct program *p;
	struct program_run *run;
	struct output_format *format;
	struct field_env env;
	uint64_t matched;
};

/* The line of the text that a position is in, and a caret below it. */
static const char *snippet(struct filter *f, struct text_pos pos)
{
	size_t begin = pos.idx < f->text.n ? pos.idx : f->text.n, end = begin, i;
	struct strbuf sb = STRBUF_INIT, before = STRBUF_INIT;
	const char *r;

	/* A long line is shown around the position only. */
	while (begin > 0 && f->text.p[begin - 1] != '\n' && pos.idx - begin < 60)
		begin--;
	while (end < f->text.n && f->text.p[end] != '\n' && end - begin < 120)
		end++;
	text_escape(&sb, (struct str){ f->text.p + begin, end - begin });
	text_escape(&before, (struct str){ f->text.p + begin, pos.idx - begin });
	strbuf_addc(&sb, '\n');
	for (i = 0; i < before.n; i++)
		strbuf_addc(&sb, ' ');
	strbuf_addc(&sb, '^');
	r = arena_strdup(&f->arena, sb.s);
	strbuf_release(&sb);
	strbuf_release(&before);
	return r;
}

/* The engine's messages are those other tools match by their text; people get plain words. */
static const char *plain(const char *message)
{
	static const char prefix[] = "filter_check called with ";

	return strncmp(message, prefix, sizeof(prefix) - 1) == 0 ? message + sizeof(prefix) - 1
								 : message;
}

static void tell(struct filter *f, struct diag *d, bool is_error, struct text_pos pos,
		 const char *message, const char *hint)
{
	struct diag_item *it =
		diag_add(d, is_error ? DIAG_ERROR : DIAG_WARNING, NULL, "%s%s%s%s", plain(message),
			 hint ? " (" : "", hint ? hint : "", hint ? ")" : "");

	it->file = "condition";
	it->has_pos = true;
	it->line = pos.line - 1;
	it->col = pos.col - 1;
	it->snippet = snippet(f, pos);
}

/* Parses and compiles; the tree, or NULL when there are errors. All is told on standard error. */
static struct ast *compile(struct filter *f)
{
	struct condition_options opt = { .max_depth = 1000 };
	check_problems problems = { 0 };
	struct condition_error err;
	struct diag diag;
	struct ast *n;
	size_t i;

	diag_init(&diag);
	n = condition_parse(f->text, &opt, &f->arena, &err, NULL);
	if (!n) {
		tell(f, &diag, true, err.pos, err.message, err.hint);
	} else {
		f->p = program_new();
		program_stand_ins(f->p, &f->given);
		if (program_add(f->p, n, &f->arena, &problems) < 0)
			n = NULL;
		else
			condition_lint(n, &f->arena, &problems);
		for (i = 0; i < problems.n; i++)
			tell(f, &diag, problems.v[i].is_error, problems.v[i].pos,
			     problems.v[i].message, problems.v[i].hint);
	}
	fflush(stdout);
	diag_print(&diag, stderr);
	diag_free(&diag);
	vec_free(&problems);
	return n;
}

static int flush(struct filter *f)
{
	if (fwrite(f->out.s, 1, f->out.n, stdout) != f->out.n || fflush(stdout) != 0) {
		perror("eyas filter: cannot write");
		return EXIT_FAILED;
	}
	strbuf_reset(&f->out);
	return EXIT_DONE;
}

static void put_names(struct json_writer *w, const char *key, const struct str *v, size_t n)
{
	size_t i;

	json_key(w, key);
	json_begin_array(w);
	for (i = 0; i < n; i++)
		json_str(w, v[i]);
	json_end_array(w);
}

/* Names of the types in a set, each once, in table order. */
static void event_names(struct arena *a, const struct event_set *set, struct str **ret,
			size_t *ret_n)
{
	struct strmap seen = { 0 };
	unsigned t;

	*ret = arena_alloc(a, EVENT_N_TYPES * sizeof(**ret));
	*ret_n = 0;
	for (t = 0; t < EVENT_N_TYPES; t++) {
		const struct event_info *info = event_info(t);

		if (!info || !event_set_has(set, t) || strmap_has(&seen, str_of(info->name)))
			continue;
		strmap_put(&seen, str_of(info->name), NULL);
		(*ret)[(*ret_n)++] = str_of(info->name);
	}
	strmap_free(&seen);
}

static void lines_of(struct filter *f, const char *label, const struct str *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		strbuf_addf(&f->out, "%s%.*s\n", label, STR_FMT(v[i]));
}

static int check(struct filter *f)
{
	struct ast *n = compile(f);
	struct condition_names names;
	struct json_writer w;
	struct event_set set;
	struct str *events;
	size_t n_events;

	if (!n)
		return EXIT_USAGE;
	condition_names(n, NULL, &f->arena, &names);
	program_event_set(f->p, 0, &set);
	event_names(&f->arena, &set, &events, &n_events);
	json_init(&w, &f->out);
	if (f->json) {
		struct strbuf canonical = STRBUF_INIT;

		ast_text(n, &canonical);
		json_begin_object(&w);
		json_key(&w, "canonical");
		json_str(&w, strbuf_str(&canonical));
		put_names(&w, "fields", names.fields.v, names.fields.n);
		put_names(&w, "operators", names.operators.v, names.operators.n);
		put_names(&w, "events", events, n_events);
		json_key(&w, "ast");
		ast_json(n, &w);
		json_end_object(&w);
		strbuf_addc(&f->out, '\n');
		strbuf_release(&canonical);
	} else {
		if (f->canonical || !(f->ast || f->event_types || f->details || f->program)) {
			struct strbuf canonical = STRBUF_INIT;

			ast_text(n, &canonical);
			text_escape(&f->out, strbuf_str(&canonical));
			strbuf_addc(&f->out, '\n');
			strbuf_release(&canonical);
		}
		if (f->ast) {
			ast_json(n, &w);
			strbuf_addc(&f->out, '\n');
		}
		if (f->event_types)
			lines_of(f, "", events, n_events);
		if (f->details) {
			lines_of(f, "field ", names.fields.v, names.fields.n);
			lines_of(f, "operator ", names.operators.v, names.operators.n);
		}
		if (f->program)
			program_dump_graph(f->p, &f->out);
	}
	condition_names_free(&names);
	return flush(f);
}

static bool split_pair(const char *pair, struct str *ret_name, struct str *ret_value)
{
	struct str s = str_of(pair);
	ptrdiff_t eq = str_chr(s, '=');

	if (eq <= 0)
		return false;
	*ret_name = (struct str){ s.p, (size_t)eq };
	*ret_value = str_from(s, (size_t)eq + 1);
	return true;
}

/* "charbuf[]" is a list of charbuf. */
static uint8_t type_of(struct str name, uint16_t *ret_flags)
{
	char upper[32];
	size_t i;
	int t;

	if (str_ends(name, STR("[]"))) {
		*ret_flags |= FIELD_LIST;
		name.n -= 2;
	}
	if (name.n >= sizeof(upper))
		return PT_NONE;
	for (i = 0; i < name.n; i++)
		upper[i] = (char)(name.p[i] >= 'a' && name.p[i] <= 'z' ? name.p[i] - 'a' + 'A'
								       : name.p[i]);
	upper[i] = '\0';
	t = param_type_by_name(upper);
	return t > 0 ? (uint8_t)t : PT_NONE;
}

/* Fields from --type and --set; EXIT_DONE or an error already told. */
static int take_fields(struct filter *f)
{
	struct str name, value;
	const char *wrong = NULL;
	size_t i;

	f->given.others_missing = !f->trace;
	for (i = 0; i < f->types.n; i++) {
		uint16_t flags = 0;
		uint8_t type;

		if (!split_pair(f->types.v[i], &name, &value))
			return option_usage_error(&f->st, "--type %s: expected FIELD=TYPE",
						  f->types.v[i]);
		type = type_of(value, &flags);
		if (type == PT_NONE)
			return option_usage_error(&f->st, "--type %s: unknown type", f->types.v[i]);
		stand_in_add(&f->given, name, type, flags, &wrong);
	}
	for (i = 0; i < f->sets.n; i++) {
		struct stand_in *in;

		if (!split_pair(f->sets.v[i], &name, &value))
			return option_usage_error(&f->st, "--set %s: expected FIELD=VALUE",
						  f->sets.v[i]);
		in = stand_in_add(&f->given, name, PT_NONE, 0, &wrong);
		if (in && in->values.n &&
		    !(in->def.flags & (FIELD_LIST | FIELD_ANY_ANCESTOR | FIELD_ANY_END)))
			wrong = "the field is not a list: it has one value";
		else if (in)
			wrong = stand_in_value(&f->given, in, value);
		if (wrong)
			return option_usage_error(&f->st, "--set %s: %s%s", f->sets.v[i], wrong,
						  in ? "" : " (declare it with --type)");
	}
	return EXIT_DONE;
}

static int on_event(void *arg, struct event_ctx *ctx)
{
	struct filter *f = arg;
	struct strbuf text = STRBUF_INIT;
	int id, r;

	arena_reset(&f->event_arena);
	f->env.ctx = ctx;
	if (!program_match(f->run, &f->env, true, &id))
		return 0;
	f->matched++;
	output_format_text(f->format, &f->env, &text);
	text_escape(&f->out, strbuf_str(&text));
	strbuf_addc(&f->out, '\n');
	strbuf_release(&text);
	r = f->out.n > 65536 ? flush(f) : EXIT_DONE;
	return r == EXIT_DONE ? 0 : -EIO;
}

static int eval_trace(struct filter *f)
{
	struct replay_visitor v = { .arg = f, .event = on_event };
	struct output_format_options opt = { .stand_ins = &f->given };
	struct condition_error err;
	struct replay_going g;
	struct diag diag;
	int r, status;

	f->format = output_format_new_with(str_of(f->print ? f->print : DEFAULT_PRINT), &opt,
					   &f->arena, &err);
	if (!f->format)
		return option_usage_error(&f->st, "-p: %s", err.hint ? err.hint : err.message);
	diag_init(&diag);
	confine(&(struct confine_rules){ &f->trace, 1 });
	r = replay_going_open_near(&g, f->trace, &f->select, &v, &diag);
	if (!r) {
		r = replay_going_run(&g);
		replay_going_close(&g);
	}
	status = flush(f);
	diag_print(&diag, stderr);
	diag_free(&diag);
	if (r == -EBADMSG)
		return EXIT_DAMAGED;
	if (r < 0 || status != EXIT_DONE)
		return r == -EINVAL ? EXIT_USAGE : EXIT_FAILED;
	return f->matched ? EXIT_DONE : EXIT_TEST_FAILED;
}

static int eval(struct filter *f)
{
	struct event ev = { .tid = EVENT_NO_TID, .type = EVENT_N_TYPES };
	struct event_ctx ctx = { .ev = &ev, .fd_num = -1 };
	int status = take_fields(f);
	bool value;

	if (status != EXIT_DONE)
		return status;
	if (!compile(f))
		return EXIT_USAGE;
	f->run = program_run_new(f->p);
	f->env.arena = &f->event_arena;
	f->env.memory = field_state_new();
	if (f->trace) {
		program_build(f->p, NULL);
		status = eval_trace(f);
	} else {
		f->env.ctx = &ctx;
		value = program_eval(f->run, &f->env, 0);
		strbuf_adds(&f->out, value ? "true\n" : "false\n");
		status = flush(f);
		if (status == EXIT_DONE && !value)
			status = EXIT_TEST_FAILED;
	}
	if (program_run_given_up(f->run))
		fprintf(stderr,
			"eyas filter: %llu matches of regular expressions were given up as too costly\n",
			(unsigned long long)program_run_given_up(f->run));
	return status;
}

/* "-": all of standard input, a newline at its end aside. */
static int read_stdin(struct filter *f)
{
	size_t n;

	do {
		n = fread(strbuf_reserve(&f->from_stdin, 65536), 1, 65536, stdin);
		f->from_stdin.n += n;
	} while (n > 0 && f->from_stdin.n < CONDITION_MAX);
	if (ferror(stdin)) {
		perror("eyas filter: cannot read standard input");
		return EXIT_FAILED;
	}
	if (n > 0)
		return option_usage_error(&f->st, "the condition is longer than 64 MiB");
	f->text = strbuf_str(&f->from_stdin);
	if (f->text.n && f->text.p[f->text.n - 1] == '\n')
		f->text.n--;
	return EXIT_DONE;
}

static int run(struct filter *f)
{
	int status = EXIT_DONE;

	if (f->st.operands.n != 2)
		return option_usage_error(
			&f->st, f->st.operands.n < 2 ? "give check or eval, and a condition"
						     : "more than one condition: put it in quotes");
	f->text = str_of(f->st.operands.v[1]);
	if (str_eq(f->text, STR("-")))
		status = read_stdin(f);
	if (status != EXIT_DONE)
		return status;
	if (strcmp(f->st.operands.v[0], "check") == 0)
		return check(f);
	if (strcmp(f->st.operands.v[0], "eval") == 0)
		return eval(f);
	return option_usage_error(&f->st, "'%s' is neither check nor eval", f->st.operands.v[0]);
}

int cmd_filter(int argc, char **argv)
{
	struct filter f = { .from_stdin = STRBUF_INIT, .out = STRBUF_INIT };
	bool batch = false;
	int key, r, status = EXIT_DONE;

	stand_ins_init(&f.given);
	option_init(&f.st, &spec, argc, argv);
	while (status == EXIT_DONE && (key = option_next(&f.st)) >= 0) {
		switch (key) {
		case OPT_AST:
			f.ast = true;
			break;
		case OPT_CANONICAL:
			f.canonical = true;
			break;
		case OPT_EVENT_TYPES:
			f.event_types = true;
			break;
		case OPT_DETAILS:
			f.details = true;
			break;
		case OPT_PROGRAM:
			f.program = true;
			break;
		case OPT_JSON:
			f.json = true;
			break;
		case OPT_SET:
			vec_push(&f.sets, f.st.arg);
			break;
		case OPT_TYPE:
			vec_push(&f.types, f.st.arg);
			break;
		case OPT_TRACE:
			f.trace = f.st.arg;
			break;
		case 'p':
			f.print = f.st.arg;
			break;
		case OPT_BATCH:
			batch = true;
			break;
		default:
			status = option_select(&f.st, key, &f.select);
		}
	}
	if (status == EXIT_DONE && key != OPTION_END) {
		status = key == OPTION_EXIT ? EXIT_DONE : EXIT_USAGE;
	} else if (status == EXIT_DONE && batch) {
		r = filter_batch(stdin, stdout);
		if (r) {
			fprintf(stderr, "eyas filter: %s\n", strerror(-r));
			status = EXIT_FAILED;
		}
	} else if (status == EXIT_DONE) {
		status = run(&f);
	}
	program_run_free(f.run);
	program_free(f.p);
	field_state_free(f.env.memory);
	stand_ins_free(&f.given);
	vec_free(&f.sets);
	vec_free(&f.types);
	strbuf_release(&f.from_stdin);
	strbuf_release(&f.out);
	arena_destroy(&f.arena);
	arena_destroy(&f.event_arena);
	option_free(&f.st);
	return status;
}
