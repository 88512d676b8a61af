/* JSON Lines requests about conditions and formats. See filter_batch.h, eyas-filter(1). */
#include "cli/filter_batch.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>

#include "base/text.h"
#include "rules/operand.h"
#include "rules/output_format.h"
#include "rules/program.h"
#include "rules/stand_in.h"

#define LINE_MAX_BYTES (16u << 20)

struct batch {
	struct arena arena, event_arena; /* of the request in hand */
	struct stand_ins given;
	check_problems problems;
	struct json_writer w;
	struct field_state *memory;
	const char *error; /* what is wrong with the request itself */
};

/* A string, or {"hex": "..."} for bytes that JSON cannot hold. */
static bool get_text(struct batch *b, const json_t *v, struct str *ret)
{
	struct strbuf sb = STRBUF_INIT;
	const json_t *hex;
	bool ok = false;

	if (json_is_string(v)) {
		*ret = str_mem(json_string_value(v), json_string_length(v));
		return true;
	}
	hex = json_object_get(v, "hex");
	if (json_is_string(hex)) {
		ok = hex_decode(&sb, str_of(json_string_value(hex)));
		*ret = arena_str(&b->arena, strbuf_str(&sb));
	}
	strbuf_release(&sb);
	return ok;
}

static bool member_text(struct batch *b, const json_t *req, const char *key, struct str *ret)
{
	if (get_text(b, json_object_get(req, key), ret))
		return true;
	b->error = arena_printf(&b->arena, "the request has no string \"%s\"", key);
	return false;
}

static void put_text(struct batch *b, const char *key, struct str s)
{
	struct strbuf hex = STRBUF_INIT;

	json_key(&b->w, key);
	if (utf8_valid(s)) {
		json_str(&b->w, s);
		return;
	}
	hex_encode(&hex, s);
	json_begin_object(&b->w);
	json_key(&b->w, "hex");
	json_str(&b->w, strbuf_str(&hex));
	json_end_object(&b->w);
	strbuf_release(&hex);
}

static void put_bool(struct batch *b, const char *key, bool v)
{
	json_key(&b->w, key);
	json_bool(&b->w, v);
}

static void put_number(struct batch *b, const char *key, uint64_t v)
{
	json_key(&b->w, key);
	json_u64(&b->w, v);
}

static void put_problem(struct batch *b, struct text_pos pos, const char *message, const char *hint)
{
	json_begin_object(&b->w);
	put_text(b, "message", str_of(message));
	put_number(b, "offset", pos.idx);
	put_number(b, "line", pos.line);
	put_number(b, "column", pos.col);
	if (hint)
		put_text(b, "hint", str_of(hint));
	json_end_object(&b->w);
}

static void put_errors(struct batch *b, const char *key, bool errors)
{
	size_t i;

	json_key(&b->w, key);
	json_begin_array(&b->w);
	for (i = 0; i < b->problems.n; i++)
		if (b->problems.v[i].is_error == errors)
			put_problem(b, b->problems.v[i].pos, b->problems.v[i].message,
				    b->problems.v[i].hint);
	json_end_array(&b->w);
}

static void put_one_error(struct batch *b, struct text_pos pos, const char *message,
			  const char *hint)
{
	put_bool(b, "ok", false);
	json_key(&b->w, "errors");
	json_begin_array(&b->w);
	put_problem(b, pos, message, hint);
	json_end_array(&b->w);
}

/* The tree, or NULL with the error in the answer. */
static struct ast *parse(struct batch *b, const json_t *req, const char *key,
			 struct text_pos *ret_end)
{
	struct condition_options opt = { 0 };
	struct condition_error err;
	struct str text;
	struct ast *n;

	if (!member_text(b, req, key, &text))
		return NULL;
	opt.max_depth = (unsigned)json_integer_value(json_object_get(req, "max_depth"));
	if (opt.max_depth > 1000)
		opt.max_depth = 1000;
	n = condition_parse(text, &opt, &b->arena, &err, ret_end);
	if (!n)
		put_one_error(b, err.pos, err.message, err.hint);
	return n;
}

static void answer_parse(struct batch *b, const json_t *req)
{
	struct strbuf sb = STRBUF_INIT;
	struct text_pos end;
	struct ast *n = parse(b, req, "condition", &end);

	if (!n)
		return;
	put_bool(b, "ok", true);
	ast_text(n, &sb);
	put_text(b, "canonical", strbuf_str(&sb));
	strbuf_reset(&sb);
	ast_text_parsable(n, &sb);
	put_text(b, "condition", strbuf_str(&sb));
	json_key(&b->w, "ast");
	ast_json(n, &b->w);
	json_key(&b->w, "end");
	json_begin_array(&b->w);
	json_u64(&b->w, end.idx);
	json_u64(&b->w, end.line);
	json_u64(&b->w, end.col);
	json_end_array(&b->w);
	strbuf_release(&sb);
}

static void answer_lint(struct batch *b, const json_t *req)
{
	struct ast *n = parse(b, req, "condition", NULL);

	if (!n)
		return;
	condition_lint(n, &b->arena, &b->problems);
	put_bool(b, "ok", true);
	put_errors(b, "warnings", false);
}

static void answer_equal(struct batch *b, const json_t *req)
{
	struct ast *one = parse(b, req, "a", NULL), *two;

	if (!one)
		return;
	two = parse(b, req, "b", NULL);
	if (!two)
		return;
	put_bool(b, "ok", true);
	put_bool(b, "equal", ast_equal(one, two));
}

static void put_names(struct batch *b, const char *key, const struct str *names, size_t n)
{
	size_t i;

	json_key(&b->w, key);
	json_begin_array(&b->w);
	for (i = 0; i < n; i++)
		json_str(&b->w, names[i]);
	json_end_array(&b->w);
}

static void answer_names(struct batch *b, const json_t *req)
{
	struct ast *n = parse(b, req, "condition", NULL);
	struct condition_names names;
	struct strmap lists = { 0 };
	size_t i;
	json_t *v;

	if (!n)
		return;
	json_array_foreach(json_object_get(req, "lists"), i, v) if (json_is_string(v))
		strmap_put(&lists, str_of(json_string_value(v)), NULL);
	condition_names(n, &lists, &b->arena, &names);
	put_bool(b, "ok", true);
	put_names(b, "fields", names.fields.v, names.fields.n);
	put_names(b, "operators", names.operators.v, names.operators.n);
	put_names(b, "macros", names.macros.v, names.macros.n);
	put_names(b, "lists", names.lists.v, names.lists.n);
	condition_names_free(&names);
	strmap_free(&lists);
}

static int str_order(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void answer_events(struct batch *b, const json_t *req)
{
	struct ast *n = parse(b, req, "condition", NULL);
	const char *names[EVENT_N_TYPES], *wrong;
	struct event_set set;
	size_t n_names = 0, i;
	unsigned t;

	if (!n)
		return;
	wrong = condition_event_set(n, &set);
	if (wrong) {
		put_one_error(b, n->pos, wrong, NULL);
		return;
	}
	put_bool(b, "ok", true);
	json_key(&b->w, "codes");
	json_begin_array(&b->w);
	for (t = 0; t < EVENT_N_TYPES; t++)
		if (event_info(t) && event_set_has(&set, t)) {
			json_strz(&b->w, event_info(t)->code);
			names[n_names++] = event_info(t)->name;
		}
	json_end_array(&b->w);
	if (n_names)
		qsort(names, n_names, sizeof(*names), str_order);
	json_key(&b->w, "names");
	json_begin_array(&b->w);
	for (i = 0; i < n_names; i++)
		if (i == 0 || strcmp(names[i], names[i - 1]) != 0)
			json_strz(&b->w, names[i]);
	json_end_array(&b->w);
}

static uint8_t type_named(const char *name)
{
	char upper[32];
	size_t i;
	int t;

	if (!name)
		return PT_NONE;
	for (i = 0; i + 1 < sizeof(upper) && name[i]; i++)
		upper[i] = (char)(name[i] >= 'a' && name[i] <= 'z' ? name[i] - 'a' + 'A' : name[i]);
	upper[i] = '\0';
	t = param_type_by_name(upper);
	return t > 0 ? (uint8_t)t : PT_NONE;
}

static const char *give_value(struct batch *b, struct stand_in *in, const json_t *v)
{
	struct str s;

	if (json_is_integer(v))
		s = str_of(arena_printf(&b->arena, "%lld", (long long)json_integer_value(v)));
	else if (json_is_boolean(v))
		s = json_is_true(v) ? STR("true") : STR("false");
	else if (!get_text(b, v, &s))
		return "a value is a string, an integer, true, false, null or {\"hex\": ...}";
	return stand_in_value(&b->given, in, s);
}

static const char *give_values(struct batch *b, struct stand_in *in, const json_t *v)
{
	const char *wrong = NULL;
	size_t i;
	json_t *e;

	if (!v || json_is_null(v))
		return NULL;
	if (!json_is_array(v))
		return give_value(b, in, v);
	stand_in_present(in);
	json_array_foreach(v, i, e)
	{
		wrong = give_value(b, in, e);
		if (wrong)
			break;
	}
	return wrong;
}

/* "fields": {"proc.name": VALUE, "x.y": {"type": T, "list": bool, "any": "ancestor" or "end",
 * "value": VALUE}} */
static bool take_fields(struct batch *b, const json_t *req)
{
	const json_t *fields = json_object_get(req, "fields");
	const char *name, *wrong = NULL;
	json_t *v;

	b->given.others_missing = !json_is_false(json_object_get(req, "others_missing"));
	json_object_foreach((json_t *)(uintptr_t)fields, name, v)
	{
		const json_t *value = v;
		struct stand_in *in;
		uint8_t type = PT_NONE;
		uint16_t flags = 0;

		if (json_is_object(v) && !json_object_get(v, "hex")) {
			const char *t = json_string_value(json_object_get(v, "type"));
			const char *any = json_string_value(json_object_get(v, "any"));

			type = type_named(t);
			if (t && type == PT_NONE) {
				b->error = arena_printf(&b->arena, "unknown type \"%s\"", t);
				return false;
			}
			if (json_is_true(json_object_get(v, "list")))
				flags |= FIELD_LIST;
			if (any)
				flags |= strcmp(any, "end") == 0 ? FIELD_ANY_END
								 : FIELD_ANY_ANCESTOR;
			value = json_object_get(v, "value");
		}
		in = stand_in_add(&b->given, str_of(name), type, flags, &wrong);
		if (in)
			wrong = give_values(b, in, value);
		if (wrong) {
			b->error = arena_printf(&b->arena, "field %s: %s", name, wrong);
			return false;
		}
	}
	return true;
}

/* What fields are evaluated on when no trace is given. */
struct no_event {
	struct event ev;
	struct event_ctx ctx;
	struct field_env env;
};

static void no_event(struct batch *b, struct no_event *e)
{
	memset(e, 0, sizeof(*e));
	e->ev.tid = EVENT_NO_TID;
	e->ev.type = EVENT_N_TYPES;
	e->ctx.ev = &e->ev;
	e->ctx.fd_num = -1;
	e->env.ctx = &e->ctx;
	e->env.arena = &b->event_arena;
	e->env.memory = b->memory;
}

static void answer_check(struct batch *b, const json_t *req, bool eval)
{
	struct ast *n = parse(b, req, "condition", NULL);
	struct program_run *run;
	struct no_event none;
	struct program *p;
	int id;

	if (!n || !take_fields(b, req))
		return;
	p = program_new();
	program_stand_ins(p, &b->given);
	id = program_add(p, n, &b->arena, &b->problems);
	put_bool(b, "ok", id >= 0);
	put_errors(b, "errors", true);
	put_errors(b, "warnings", false);
	if (id >= 0 && eval) {
		no_event(b, &none);
		run = program_run_new(p);
		put_bool(b, "result", program_eval(run, &none.env, id));
		program_run_free(run);
	}
	program_free(p);
}

static void answer_format(struct batch *b, const json_t *req)
{
	struct output_format_options opt = { .stand_ins = &b->given };
	struct condition_error err = { .message = "" };
	struct strbuf sb = STRBUF_INIT;
	struct output_format *f;
	struct no_event none;
	struct str text;
	size_t i;

	if (!member_text(b, req, "format", &text) || !take_fields(b, req))
		return;
	opt.with_transformed = json_is_true(json_object_get(req, "with_transformed"));
	f = output_format_new_with(text, &opt, &b->arena, &err);
	if (!f) {
		put_one_error(b, err.pos, err.message, err.hint);
		return;
	}
	no_event(b, &none);
	put_bool(b, "ok", true);
	put_bool(b, "complete", output_format_text(f, &none.env, &sb));
	put_text(b, "text", strbuf_str(&sb));
	json_key(&b->w, "names");
	json_begin_array(&b->w);
	for (i = 0; i < output_format_count(f); i++)
		json_str(&b->w, output_format_name(f, i));
	json_end_array(&b->w);
	json_key(&b->w, "texts");
	json_begin_object(&b->w);
	for (i = 0; i < output_format_count(f); i++) {
		strbuf_reset(&sb);
		json_key_str(&b->w, output_format_name(f, i));
		if (output_format_field_text(f, &none.env, i, &sb))
			json_str(&b->w, strbuf_str(&sb));
		else
			json_nil(&b->w);
	}
	json_end_object(&b->w);
	json_key(&b->w, "fields");
	json_begin_object(&b->w);
	output_format_fields(f, &none.env, &b->w);
	json_end_object(&b->w);
	strbuf_release(&sb);
}

static void answer_quote(struct batch *b, const json_t *req, bool quote)
{
	struct strbuf sb = STRBUF_INIT;
	const char *wrong = NULL;
	struct str text;

	if (!member_text(b, req, "text", &text))
		return;
	if (quote)
		condition_quote(text, &sb);
	else
		wrong = condition_unquote(text, &sb);
	if (wrong) {
		put_one_error(b, (struct text_pos){ 0, 1, 1 }, wrong, NULL);
	} else {
		put_bool(b, "ok", true);
		put_text(b, "text", strbuf_str(&sb));
	}
	strbuf_release(&sb);
}

static void answer_transform(struct batch *b, const json_t *req)
{
	const char *name = json_string_value(json_object_get(req, "transformer"));
	struct values out = { .arena = &b->event_arena };
	bool list = json_is_true(json_object_get(req, "list")), ok;
	uint8_t type = type_named(json_string_value(json_object_get(req, "type"))), out_type;
	int t = name ? transformer_by_name(str_of(name)) : -1;
	struct strbuf sb = STRBUF_INIT;
	struct stand_in *in;
	const char *wrong = NULL;
	uint32_t i;

	if (t < 0 || type == PT_NONE) {
		b->error = "\"transformer\" or \"type\" is missing or unknown";
		return;
	}
	if (!transformer_takes((enum transformer)t, type, list, &out_type)) {
		put_one_error(b, (struct text_pos){ 0, 1, 1 },
			      "the transformer does not take this type", NULL);
		return;
	}
	/* Any number of values, of a list or not: transformers work on each. */
	in = stand_in_add(&b->given, STR("values"), type, FIELD_LIST, &wrong);
	wrong = give_values(b, in, json_object_get(req, "values"));
	if (wrong) {
		b->error = wrong;
		return;
	}
	ok = transformer_apply((enum transformer)t, list, in->values.v, (uint32_t)in->values.n,
			       &out);
	put_bool(b, "ok", ok);
	put_text(b, "type", str_of(param_type_name(out_type)));
	json_key(&b->w, "values");
	json_begin_array(&b->w);
	for (i = 0; ok && i < out.n; i++) {
		strbuf_reset(&sb);
		value_text(&out.v[i], &sb);
		if (param_type_is_int(out.v[i].type))
			json_raw(&b->w, strbuf_str(&sb));
		else
			json_str(&b->w, strbuf_str(&sb));
	}
	json_end_array(&b->w);
	strbuf_release(&sb);
}

static void answer(struct batch *b, const json_t *req)
{
	const char *op = json_string_value(json_object_get(req, "op"));
	const json_t *id = json_object_get(req, "id");

	if (json_is_string(id))
		put_text(b, "id", str_of(json_string_value(id)));
	else if (json_is_integer(id)) {
		json_key(&b->w, "id");
		json_i64(&b->w, json_integer_value(id));
	}
	if (!op)
		b->error = "the request has no string \"op\"";
	else if (strcmp(op, "parse") == 0)
		answer_parse(b, req);
	else if (strcmp(op, "check") == 0)
		answer_check(b, req, false);
	else if (strcmp(op, "eval") == 0)
		answer_check(b, req, true);
	else if (strcmp(op, "lint") == 0)
		answer_lint(b, req);
	else if (strcmp(op, "equal") == 0)
		answer_equal(b, req);
	else if (strcmp(op, "events") == 0)
		answer_events(b, req);
	else if (strcmp(op, "names") == 0)
		answer_names(b, req);
	else if (strcmp(op, "format") == 0)
		answer_format(b, req);
	else if (strcmp(op, "quote") == 0 || strcmp(op, "unquote") == 0)
		answer_quote(b, req, op[0] == 'q');
	else if (strcmp(op, "transform") == 0)
		answer_transform(b, req);
	else
		b->error = arena_printf(&b->arena, "unknown op \"%s\"", op);
}

static void answer_line(struct batch *b, const char *line, size_t n, struct strbuf *out)
{
	json_error_t why;
	json_t *req = json_loadb(line, n, JSON_ALLOW_NUL, &why);

	stand_ins_init(&b->given);
	b->problems.n = 0;
	b->error = NULL;
	json_init(&b->w, out);
	json_begin_object(&b->w);
	if (json_is_object(req))
		answer(b, req);
	else
		b->error = arena_printf(&b->arena, "not a JSON object: %s", req ? "" : why.text);
	if (b->error)
		put_text(b, "request_error", str_of(b->error));
	json_end_object(&b->w);
	strbuf_addc(out, '\n');
	json_decref(req);
	stand_ins_free(&b->given);
	arena_reset(&b->arena);
	arena_reset(&b->event_arena);
}

int filter_batch(FILE *in, FILE *out)
{
	struct batch b = { .memory = field_state_new() };
	struct strbuf answers = STRBUF_INIT;
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	int r = 0;

	while (!r && (n = getline(&line, &cap, in)) >= 0) {
		if (n == 0 || (n == 1 && line[0] == '\n'))
			continue;
		if ((size_t)n > LINE_MAX_BYTES)
			strbuf_adds(&answers,
				    "{\"request_error\": \"the line is longer than 16 MiB\"}\n");
		else
			answer_line(&b, line, (size_t)n, &answers);
		if (fwrite(answers.s, 1, answers.n, out) != answers.n || fflush(out) != 0)
			r = -errno;
		strbuf_reset(&answers);
	}
	if (!r && ferror(in))
		r = -errno;
	free(line);
	strbuf_release(&answers);
	vec_free(&b.problems);
	arena_destroy(&b.arena);
	arena_destroy(&b.event_arena);
	field_state_free(b.memory);
	return r;
}
