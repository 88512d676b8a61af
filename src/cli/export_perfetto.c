#include "cli/export_perfetto.h"

#include <stdlib.h>

#include "base/hashmap.h"
#include "base/json_writer.h"
#include "base/timefmt.h"
#include "base/vec.h"
#include "base/xalloc.h"
#include "state/fd_table.h"

/* A program that a process runs, or a connection it has: begun, and not yet ended. */
struct open_slice {
	uint64_t begin;
	int64_t pid, tid;
	struct strbuf name, detail; /* comm and command line; the connection */
};

struct perfetto {
	struct outfile *out;
	struct strbuf line;
	bool began; /* there was an event: first and last are times */
	uint64_t first, last;
	size_t n;                  /* events written */
	struct u64map programs;    /* pid -> struct open_slice */
	struct u64map threads;     /* tid -> itself: its name is written */
	struct u64map connections; /* pid and descriptor -> struct open_slice */
	struct field_ref name, category, args, res;
	struct arena arena; /* of the fields above */
	int error;          /* the first write that failed */
};

static int put(struct perfetto *p)
{
	if (!p->error)
		p->error = outfile_write(p->out, p->line.s, p->line.n);
	strbuf_reset(&p->line);
	return p->error;
}

struct perfetto *perfetto_begin(struct outfile *out)
{
	struct perfetto *p = xcalloc(1, sizeof(*p));

	p->out = out;
	p->name = field_named("evt.type", &p->arena);
	p->category = field_named("evt.category", &p->arena);
	p->args = field_named("evt.args", &p->arena);
	p->res = field_named("evt.res", &p->arena);
	strbuf_adds(&p->line, "{\"displayTimeUnit\": \"ns\", \"traceEvents\": [");
	put(p);
	return p;
}

static void put_time(struct json_writer *w, const char *key, uint64_t ns)
{
	char text[32];

	snprintf(text, sizeof(text), "%llu.%03u", (unsigned long long)(ns / 1000),
		 (unsigned)(ns % 1000));
	json_key(w, key);
	json_raw(w, str_of(text));
}

/* The members every event has, up to its time; the object is left open. */
static struct json_writer begin_event(struct perfetto *p, const char *phase, struct str name,
				      struct str category, int64_t pid, int64_t tid, uint64_t ts)
{
	struct json_writer w;

	strbuf_adds(&p->line, p->n++ ? ",\n" : "\n");
	json_init(&w, &p->line);
	json_begin_object(&w);
	json_key(&w, "ph");
	json_strz(&w, phase);
	json_key(&w, "name");
	json_str(&w, name);
	json_key(&w, "cat");
	json_str(&w, category);
	json_key(&w, "pid");
	json_i64(&w, pid);
	json_key(&w, "tid");
	json_i64(&w, tid);
	/* a process may be older than the first event */
	put_time(&w, "ts", ts > p->first ? ts - p->first : 0);
	return w;
}

/* "process_name" and the like. */
static void put_metadata(struct perfetto *p, const char *what, int64_t pid, int64_t tid,
			 struct str name)
{
	struct json_writer w =
		begin_event(p, "M", str_of(what), STR("__metadata"), pid, tid, p->first);

	json_key(&w, "args");
	json_begin_object(&w);
	json_key(&w, "name");
	json_str(&w, name);
	json_end_object(&w);
	json_end_object(&w);
	put(p);
}

static void slice_free(struct open_slice *s)
{
	strbuf_release(&s->name);
	strbuf_release(&s->detail);
	free(s);
}

static struct open_slice *slice_new(uint64_t begin, const struct thread *t, struct str name,
				    struct str detail)
{
	struct open_slice *s = xcalloc(1, sizeof(*s));

	s->begin = begin;
	s->pid = t->pid;
	s->tid = t->tid;
	strbuf_addstr(&s->name, name);
	strbuf_addstr(&s->detail, detail);
	return s;
}

static void end_program(struct perfetto *p, struct open_slice *s, uint64_t ts)
{
	struct json_writer w =
		begin_event(p, "X", strbuf_str(&s->name), STR("program"), s->pid, s->pid, s->begin);
	uint64_t begin = s->begin > p->first ? s->begin : p->first;

	put_time(&w, "dur", ts > begin ? ts - begin : 0);
	json_key(&w, "args");
	json_begin_object(&w);
	json_key(&w, "command line");
	json_str(&w, strbuf_str(&s->detail));
	json_end_object(&w);
	json_end_object(&w);
	put(p);
	slice_free(s);
}

/* Begins a slice when the process is new or runs another program than before. */
static void note_program(struct perfetto *p, const struct field_env *env)
{
	const struct event *ev = env->ctx->ev;
	const struct thread *t = thread_main(env->ctx->st, env->ctx->thread);
	struct open_slice *s;
	struct str name, line;

	if (!t || thread_invalid(t))
		return;
	name = istr_str(t->comm);
	line = t->cmdline ? istr_str(t->cmdline) : name;
	s = u64map_get(&p->programs, (uint64_t)t->pid);
	if (s && str_eq(strbuf_str(&s->name), name) && str_eq(strbuf_str(&s->detail), line))
		return;
	if (s)
		end_program(p, u64map_del(&p->programs, (uint64_t)t->pid), ev->ts);
	else if (t->ptid >= 0)
		put_metadata(p, "process_name", t->pid, t->pid, name);
	u64map_put(&p->programs, (uint64_t)t->pid,
		   slice_new(s || t->clone_ts < p->first ? ev->ts : t->clone_ts, t, name, line));
}

static void note_thread(struct perfetto *p, const struct thread *t)
{
	if (thread_invalid(t) || u64map_get(&p->threads, (uint64_t)t->tid))
		return;
	u64map_put(&p->threads, (uint64_t)t->tid, p);
	put_metadata(p, "thread_name", t->pid, t->tid, istr_str(t->comm));
}

/* Descriptors of a process are its own; 24 bits are more than any has open. */
static uint64_t connection_key(const struct thread *t, int64_t fd)
{
	return (uint64_t)t->pid << 24 ^ (uint64_t)fd;
}

static void put_connection(struct perfetto *p, const char *phase, const struct open_slice *s,
			   uint64_t key, uint64_t ts)
{
	struct json_writer w =
		begin_event(p, phase, strbuf_str(&s->name), STR("connection"), s->pid, s->tid, ts);

	json_key(&w, "id");
	json_u64(&w, key);
	json_end_object(&w);
	put(p);
}

static void end_connection(struct perfetto *p, uint64_t key, uint64_t ts)
{
	struct open_slice *s = u64map_del(&p->connections, key);

	if (!s)
		return;
	put_connection(p, "e", s, key, ts);
	slice_free(s);
}

static bool is_connection(const struct fd_entry *f)
{
	return f && (f->type == FD_IPV4_SOCK || f->type == FD_IPV6_SOCK) && f->dport;
}

static void note_connection(struct perfetto *p, const struct field_env *env)
{
	const struct event_ctx *ctx = env->ctx;
	uint64_t key = connection_key(ctx->thread, ctx->fd_num);
	struct open_slice *s;

	if (ctx->fd_num < 0 || thread_invalid(ctx->thread))
		return;
	if (str_eqz(str_of(ctx->ev->info->name), "close")) {
		end_connection(p, key, ctx->ev->ts);
		return;
	}
	if (!is_connection(ctx->fd))
		return;
	s = u64map_get(&p->connections, key);
	if (s && str_eq(strbuf_str(&s->name), istr_str(fd_name(ctx->fd))))
		return;
	end_connection(p, key, ctx->ev->ts);
	s = slice_new(ctx->ev->ts, ctx->thread, istr_str(fd_name(ctx->fd)), STR(""));
	u64map_put(&p->connections, key, s);
	put_connection(p, "b", s, key, ctx->ev->ts);
}

/* What a process that ended had open. */
static void end_process(struct perfetto *p, const struct state *st, const struct thread *t,
			uint64_t ts)
{
	const struct fd_table *fds = thread_fds(st, t);
	const struct fd_entry *f;
	struct open_slice *s;

	if (!thread_is_main(t))
		return;
	s = u64map_del(&p->programs, (uint64_t)t->pid);
	if (s)
		end_program(p, s, ts);
	if (!fds || !p->connections.n)
		return;
	for (size_t at = 0; (f = fd_table_next(fds, &at));)
		end_connection(p, connection_key(t, f->num), ts);
}

/* The text of a field; empty when it has no value. */
static struct str text_of(const struct field_ref *ref, const struct field_env *env,
			  struct strbuf *sb)
{
	struct values vals = { .arena = env->arena };

	strbuf_reset(sb);
	if (field_extract(ref, env, &vals) && vals.n)
		values_text(ref, &vals, sb);
	return strbuf_str(sb);
}

static void put_call(struct perfetto *p, const struct field_env *env)
{
	struct strbuf name = STRBUF_INIT, text = STRBUF_INIT;
	const struct thread *t = env->ctx->thread;
	struct json_writer w;

	text_of(&p->name, env, &name);
	w = begin_event(p, "i", strbuf_str(&name), text_of(&p->category, env, &text),
			t ? t->pid : env->ctx->ev->tid, env->ctx->ev->tid, env->ctx->ev->ts);
	json_key(&w, "s");
	json_strz(&w, "t");
	json_key(&w, "args");
	json_begin_object(&w);
	json_key(&w, "event");
	json_u64(&w, env->ctx->ev->num);
	if (text_of(&p->res, env, &text).n) {
		json_key(&w, "result");
		json_str(&w, strbuf_str(&text));
	}
	if (text_of(&p->args, env, &text).n) {
		json_key(&w, "arguments");
		json_str(&w, strbuf_str(&text));
	}
	json_end_object(&w);
	json_end_object(&w);
	put(p);
	strbuf_release(&name);
	strbuf_release(&text);
}

int perfetto_event(struct perfetto *p, const struct field_env *env, bool call)
{
	const struct event_ctx *ctx = env->ctx;

	if (!p->began)
		p->first = ctx->ev->ts;
	p->began = true;
	p->last = ctx->ev->ts > p->last ? ctx->ev->ts : p->last;
	if (ctx->thread) {
		note_program(p, env);
		note_thread(p, ctx->thread);
		note_connection(p, env);
	}
	if (call)
		put_call(p, env);
	if (ctx->thread && str_eqz(str_of(ctx->ev->info->name), "procexit"))
		end_process(p, ctx->st, ctx->thread, ctx->ev->ts);
	return p->error;
}

int perfetto_alert(struct perfetto *p, const struct field_env *env, struct str rule,
		   struct str priority, struct str text)
{
	const struct thread *t = env->ctx->thread;
	struct json_writer w =
		begin_event(p, "i", rule, STR("alert"), t ? t->pid : env->ctx->ev->tid,
			    env->ctx->ev->tid, env->ctx->ev->ts);

	json_key(&w, "s");
	json_strz(&w, "g");
	json_key(&w, "args");
	json_begin_object(&w);
	json_key(&w, "priority");
	json_str(&w, priority);
	json_key(&w, "output");
	json_str(&w, text);
	json_end_object(&w);
	json_end_object(&w);
	return put(p);
}

static void end_all(struct perfetto *p)
{
	uint64_t *keys = u64map_sorted_keys(&p->connections);
	size_t n = p->connections.n;

	for (size_t i = 0; i < n; i++)
		end_connection(p, keys[i], p->last);
	free(keys);
	keys = u64map_sorted_keys(&p->programs);
	n = p->programs.n;
	for (size_t i = 0; i < n; i++)
		end_program(p, u64map_del(&p->programs, keys[i]), p->last);
	free(keys);
}

int perfetto_end(struct perfetto *p)
{
	struct strbuf date = STRBUF_INIT;
	int error;

	end_all(p);
	strbuf_adds(&p->line, "\n], \"otherData\": {\"exporter\": \"eyas\"");
	if (p->began) {
		time_iso8601(&date, p->first, "Z");
		strbuf_addf(&p->line, ", \"first event\": \"%s\"", date.s);
	}
	strbuf_adds(&p->line, "}}\n");
	error = put(p);
	u64map_free(&p->programs);
	u64map_free(&p->connections);
	u64map_free(&p->threads);
	strbuf_release(&p->line);
	strbuf_release(&date);
	arena_destroy(&p->arena);
	free(p);
	return error;
}
