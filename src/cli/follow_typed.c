/* Lines typed at terminals; see follow_typed.h. */
#include "cli/follow_typed.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json_writer.h"
#include "base/text.h"
#include "base/timefmt.h"
#include "cli/tty_line.h"

/* Terminals kept; beyond that the first one is forgotten: a host has far fewer at once. */
#define MAX_TERMINALS 1024

struct terminal {
	char *name;
	struct tty_line line;
	uint64_t began; /* time of the line's first key; 0: none yet */
	uint64_t missing;
	/* Who read last. */
	int64_t pid;
	uint32_t uid;
	char *comm, *user;
};

struct follow_typed {
	bool json;
	VEC(struct terminal *) terminals; /* in order of their first use */
	struct strbuf out, text;
};

struct follow_typed *follow_typed_new(bool json)
{
	struct follow_typed *t = xcalloc(1, sizeof(*t));

	t->json = json;
	t->out = t->text = STRBUF_INIT;
	return t;
}

static void terminal_free(struct terminal *x)
{
	tty_line_free(&x->line);
	free(x->name);
	free(x->comm);
	free(x->user);
	free(x);
}

void follow_typed_free(struct follow_typed *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->terminals.n; i++)
		terminal_free(t->terminals.v[i]);
	vec_free(&t->terminals);
	strbuf_release(&t->out);
	strbuf_release(&t->text);
	free(t);
}

struct strbuf *follow_typed_out(struct follow_typed *t)
{
	return &t->out;
}

static bool is_terminal(struct str name)
{
	return str_starts(name, STR("/dev/pts/")) || str_starts(name, STR("/dev/tty")) ||
	       str_starts(name, STR("/dev/console")) || str_starts(name, STR("/dev/hvc"));
}

static char *copy(struct str s)
{
	char *p = xmalloc(s.n + 1);

	if (s.n)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return p;
}

static struct terminal *terminal_of(struct follow_typed *t, struct str name)
{
	struct terminal *x;

	for (size_t i = 0; i < t->terminals.n; i++)
		if (str_eqz(name, t->terminals.v[i]->name))
			return t->terminals.v[i];
	if (t->terminals.n == MAX_TERMINALS) {
		terminal_free(t->terminals.v[0]);
		t->terminals.n--;
		memmove(t->terminals.v, t->terminals.v + 1,
			t->terminals.n * sizeof(struct terminal *));
	}
	x = xcalloc(1, sizeof(*x));
	x->name = copy(name);
	vec_push(&t->terminals, x);
	return x;
}

static void put_time(struct strbuf *out, uint64_t ts)
{
	time_iso8601(out, ts, "Z");
}

static void line_json(struct follow_typed *t, const struct terminal *x, uint64_t ts, bool ended)
{
	struct json_writer w;

	json_init(&w, &t->out);
	json_begin_object(&w);
	json_key(&w, "began");
	strbuf_reset(&t->text);
	put_time(&t->text, x->began);
	json_str(&w, strbuf_str(&t->text));
	json_key(&w, "time");
	strbuf_reset(&t->text);
	put_time(&t->text, ts);
	json_str(&w, strbuf_str(&t->text));
	json_key(&w, "terminal");
	json_strz(&w, x->name);
	json_key(&w, "comm");
	json_strz(&w, x->comm);
	json_key(&w, "pid");
	json_i64(&w, x->pid);
	json_key(&w, "uid");
	json_u64(&w, x->uid);
	json_key(&w, "user");
	json_strz(&w, x->user);
	json_key(&w, "typed");
	strbuf_reset(&t->text);
	tty_line_typed(&x->line, &t->text);
	json_str(&w, strbuf_str(&t->text));
	json_key(&w, "ended");
	json_bool(&w, ended);
	strbuf_reset(&t->text);
	tty_line_screen(&x->line, &t->text);
	if (t->text.n) {
		json_key(&w, "screen");
		json_str(&w, strbuf_str(&t->text));
	}
	if (x->missing) {
		json_key(&w, "missing");
		json_u64(&w, x->missing);
	}
	json_end_object(&w);
	strbuf_addc(&t->out, '\n');
}

static void line_text(struct follow_typed *t, const struct terminal *x, uint64_t ts, bool ended)
{
	put_time(&t->out, ts);
	strbuf_addc(&t->out, ' ');
	text_escape(&t->out, str_of(x->name));
	strbuf_addc(&t->out, ' ');
	text_escape(&t->out, str_of(x->comm));
	strbuf_addf(&t->out, "(%" PRId64 ") ", x->pid);
	text_escape(&t->out, str_of(x->user));
	strbuf_adds(&t->out, ": ");
	strbuf_reset(&t->text);
	tty_line_typed(&x->line, &t->text);
	text_escape(&t->out, strbuf_str(&t->text));
	if (x->missing)
		strbuf_addf(&t->out, "  (%" PRIu64 " more bytes were not recorded)", x->missing);
	if (!ended)
		strbuf_adds(&t->out, "  (not ended)");
	strbuf_addc(&t->out, '\n');
	strbuf_reset(&t->text);
	tty_line_screen(&x->line, &t->text);
	if (x->line.told_by_name && t->text.n) {
		strbuf_adds(&t->out, "  | ");
		text_escape(&t->out, strbuf_str(&t->text));
		strbuf_addc(&t->out, '\n');
	}
}

static void put_line(struct follow_typed *t, struct terminal *x, uint64_t ts, bool ended)
{
	if (t->json)
		line_json(t, x, ts, ended);
	else
		line_text(t, x, ts, ended);
	tty_line_next(&x->line);
	x->began = 0;
	x->missing = 0;
}

/* Another program reads now, another user: told with the line. */
static void set_reader(struct terminal *x, const struct event_ctx *ctx)
{
	const struct thread *th = ctx->thread;
	const struct user_entry *u = state_user(ctx->st, th->container, th->uid);
	char number[16];

	free(x->comm);
	free(x->user);
	x->pid = th->pid;
	x->uid = th->uid;
	x->comm = copy(istr_str(th->comm));
	snprintf(number, sizeof(number), "%u", th->uid);
	x->user = copy(u && u->name->n ? istr_str(u->name) : str_of(number));
}

void follow_typed_add(struct follow_typed *t, const struct event_ctx *ctx,
		      const struct follow_chunk *c)
{
	struct terminal *x;
	struct str rest = c->io.data;

	if (!is_terminal(c->name))
		return;
	x = terminal_of(t, c->name);
	if (c->io.write) {
		tty_line_write(&x->line, c->io.data);
		return;
	}
	set_reader(x, ctx);
	if (!x->began)
		x->began = c->ts;
	x->missing += c->io.bytes - c->io.data.n;
	while (rest.n) {
		if (!tty_line_read(&x->line, &rest))
			break;
		if (!tty_line_is_empty(&x->line) || x->missing)
			put_line(t, x, c->ts, true);
		else
			tty_line_next(&x->line);
		x->began = rest.n ? c->ts : 0;
	}
}

void follow_typed_end(struct follow_typed *t)
{
	for (size_t i = 0; i < t->terminals.n; i++) {
		struct terminal *x = t->terminals.v[i];

		if (!tty_line_is_empty(&x->line))
			put_line(t, x, x->began, false);
	}
}
