#include "cli/acts.h"

#include <stdlib.h>

#include "base/text.h"
#include "base/xalloc.h"
#include "cli/note_list.h"
#include "rules/output_format.h"
#include "state/fd_table.h"

/* Of an open's flags: set in O_WRONLY and in O_RDWR (file_flags of flag_list.def). */
#define MAX_WATCHED 100000 /* files written, and programs executed, that are remembered */

struct act_row {
	const char *kind, *condition, *output;
};

#define ACT(kind, condition, output) { kind, condition, output },
static const struct act_row rows[] = {
#include "cli/act_list.def"
};
#undef ACT
#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

/* A file that somebody opened for writing, or put in place. */
struct writer {
	uint64_t ts, num;
	struct str comm;
	int64_t pid;
	bool told; /* that it was executed */
};

void acts_rules(struct strbuf *out)
{
	for (size_t i = 0; i < N_ROWS; i++) {
		strbuf_addf(out,
			    "- rule: eyas act %zu\n  desc: %s\n  priority: INFO\n  condition: ", i,
			    rows[i].kind);
		json_escape(out, str_of(rows[i].condition));
		strbuf_adds(out, "\n  output: ");
		json_escape(out, str_of(rows[i].output));
		strbuf_addc(out, '\n');
	}
}

size_t acts_rule_count(void)
{
	return N_ROWS;
}

void acts_init(struct acts *a, const struct corpus *c)
{
	*a = (struct acts){ .text = STRBUF_INIT, .key = STRBUF_INIT };
	a->ids = xcalloc(ruleset_count(c->rules) + 1, sizeof(*a->ids));
}

void acts_free(struct acts *a)
{
	vec_free(&a->list);
	strmap_free(&a->known);
	strmap_free(&a->written);
	strmap_free(&a->executed);
	u64map_free(&a->uids);
	strbuf_release(&a->text);
	strbuf_release(&a->key);
	arena_destroy(&a->arena);
	free(a->ids);
}

static struct str keep(struct acts *a, struct str s)
{
	return str_mem(arena_memdup(&a->arena, s.p, s.n), s.n);
}

static void set_actor(struct acts *a, struct act *act, const struct event_ctx *ctx)
{
	const struct thread *t = ctx ? ctx->thread : NULL;
	struct strbuf command = STRBUF_INIT;
	const struct user_entry *u;

	act->pid = -1;
	if (!t || thread_invalid(t))
		return;
	act->pid = t->pid;
	act->comm = keep(a, istr_str(t->comm));
	process_command(t, &command);
	act->command = keep(a, strbuf_str(&command));
	strbuf_release(&command);
	u = state_user(ctx->st, t->container, t->uid);
	if (u)
		act->user = keep(a, istr_str(u->name));
	act->container = keep(a, container_label(t->container));
}

/* Adds what a->text says, or counts it with the same act of the same process. */
static void add(struct acts *a, const char *kind, const struct rule *rule,
		const struct event_ctx *ctx, uint64_t ts)
{
	int64_t pid = ctx && ctx->thread ? ctx->thread->pid : -1;
	struct act *act;
	size_t at;

	strbuf_reset(&a->key);
	strbuf_addf(&a->key, "%s %lld ", rule ? "alert" : kind, (long long)pid);
	if (rule) {
		strbuf_addstr(&a->key, rule->name);
		strbuf_addc(&a->key, ' ');
	}
	strbuf_addstr(&a->key, strbuf_str(&a->text));
	at = (size_t)(uintptr_t)strmap_get(&a->known, strbuf_str(&a->key));
	if (at) {
		a->list.v[at - 1].count++;
		a->list.v[at - 1].last_ts = ts;
		return;
	}
	if (a->list.n == ACTS_MAX) {
		a->more++;
		return;
	}
	act = vec_add(&a->list);
	*act = (struct act){ .ts = ts, .last_ts = ts, .count = 1, .kind = kind, .rule = rule };
	act->num = ctx ? ctx->ev->num : 0;
	act->text = keep(a, strbuf_str(&a->text));
	set_actor(a, act, ctx);
	strmap_put(&a->known, keep(a, strbuf_str(&a->key)), (void *)(uintptr_t)a->list.n);
}

static bool room(struct acts *a, const struct strmap *m)
{
	if (m->n < MAX_WATCHED)
		return true;
	a->unwatched++;
	return false;
}

/* Absolute: relative ones are not known by what they are relative to later. */
static bool worth_remembering(struct str path)
{
	return path.n > 1 && path.p[0] == '/' && !str_starts(path, STR("/dev/")) &&
	       !str_starts(path, STR("/proc/"));
}

static void note_written(struct acts *a, const struct event_ctx *ctx, struct str path)
{
	struct writer *w;

	if (!worth_remembering(path) || !ctx->thread)
		return;
	w = strmap_get(&a->written, path);
	if (!w) {
		if (!room(a, &a->written))
			return;
		w = arena_calloc(&a->arena, 1, sizeof(*w));
		strmap_put(&a->written, keep(a, path), w);
	}
	*w = (struct writer){ .ts = ctx->ev->ts, .num = ctx->ev->num, .pid = ctx->thread->pid };
	w->comm = keep(a, istr_str(ctx->thread->comm));
}

static void note_executed(struct acts *a, const struct event_ctx *ctx)
{
	struct str path = istr_str(ctx->thread->exepath);
	struct writer *w = strmap_get(&a->written, path);

	if (worth_remembering(path) && !strmap_has(&a->executed, path) && room(a, &a->executed))
		strmap_put(&a->executed, keep(a, path), a);
	if (!w || w->told)
		return;
	w->told = true;
	strbuf_reset(&a->text);
	strbuf_addf(&a->text, "%.*s is executed, which %.*s (%lld) wrote ", STR_FMT(path),
		    STR_FMT(w->comm), (long long)w->pid);
	strbuf_addf(&a->text, "%llu.%03llu s before, at event %llu",
		    (unsigned long long)((ctx->ev->ts - w->ts) / 1000000000u),
		    (unsigned long long)((ctx->ev->ts - w->ts) / 1000000u % 1000u),
		    (unsigned long long)w->num);
	add(a, "dropped", NULL, ctx, ctx->ev->ts);
}

void acts_section(struct acts *a, const struct state *st)
{
	size_t n;
	struct thread **threads = state_threads_sorted(st, &n);

	u64map_clear(&a->uids);
	for (size_t i = 0; i < n; i++)
		if (!thread_invalid(threads[i]) && thread_is_main(threads[i]))
			u64map_put(&a->uids, (uint64_t)threads[i]->pid,
				   (void *)((uintptr_t)threads[i]->uid + 1));
	free(threads);
}

/* A process that becomes somebody else. */
static void note_uid(struct acts *a, const struct event_ctx *ctx)
{
	const struct thread *t = thread_main(ctx->st, ctx->thread);
	const struct user_entry *was, *is;
	uintptr_t before;

	if (!t || thread_invalid(t))
		return;
	before = (uintptr_t)u64map_get(&a->uids, (uint64_t)t->pid);
	if (before == (uintptr_t)t->uid + 1)
		return;
	u64map_put(&a->uids, (uint64_t)t->pid, (void *)((uintptr_t)t->uid + 1));
	if (!before)
		return;
	was = state_user(ctx->st, t->container, (uint32_t)(before - 1));
	is = state_user(ctx->st, t->container, t->uid);
	strbuf_reset(&a->text);
	strbuf_addf(&a->text, "%.*s becomes ", STR_FMT(istr_str(t->comm)));
	if (is && is->name->n)
		strbuf_addstr(&a->text, istr_str(is->name));
	else
		strbuf_addf(&a->text, "uid %u", t->uid);
	strbuf_adds(&a->text, ", before ");
	if (was && was->name->n)
		strbuf_addstr(&a->text, istr_str(was->name));
	else
		strbuf_addf(&a->text, "uid %u", (uint32_t)(before - 1));
	strbuf_addf(&a->text, ", by %s", ctx->ev->info->name);
	add(a, "privilege", NULL, ctx, ctx->ev->ts);
}

/* The text of a field; false when it has none. */
static bool path_of(const struct field_env *env, const char *field_name, struct strbuf *out)
{
	struct values vals = { .arena = env->arena };
	struct field_ref ref;
	bool ok;

	if (field_resolve(str_of(field_name), false, STR(""), env->arena, &ref))
		return false;
	ok = field_extract(&ref, env, &vals) && vals.n;
	strbuf_reset(out);
	if (ok)
		value_text(&vals.v[0], out);
	return ok && out->n;
}

/* What shows only with what was before. */
static void follow(struct acts *a, const struct field_env *env)
{
	const struct event_ctx *ctx = env->ctx;
	struct str name = str_of(ctx->ev->info->name);
	struct strbuf path = STRBUF_INIT;

	if (!ctx->thread || !ctx->has_res)
		goto out;
	if (str_eqz(name, "procexit")) {
		u64map_del(&a->uids, (uint64_t)ctx->thread->pid);
		goto out;
	}
	note_uid(a, ctx);
	if (ctx->res < 0)
		goto out;
	if (str_starts(name, STR("execve"))) {
		note_executed(a, ctx);
	} else if (str_starts(name, STR("open")) || str_eqz(name, "creat")) {
		if (ctx->fd && fd_is_file(ctx->fd) && fd_is_writable(ctx->fd))
			note_written(a, ctx, istr_str(fd_name(ctx->fd)));
	} else if (str_starts(name, STR("rename")) || str_starts(name, STR("link"))) {
		if (path_of(env, "evt.arg.newpath", &path))
			note_written(a, ctx, strbuf_str(&path));
	} else if (str_starts(name, STR("unlink"))) {
		if (path_of(env, "fs.path.name", &path) &&
		    strmap_has(&a->executed, strbuf_str(&path))) {
			strbuf_reset(&a->text);
			strbuf_addf(&a->text, "%.*s removes %s, which was executed",
				    STR_FMT(istr_str(ctx->thread->comm)), path.s);
			add(a, "deletion", NULL, ctx, ctx->ev->ts);
		}
	}
out:
	strbuf_release(&path);
}

void acts_event(struct acts *a, struct corpus *c)
{
	size_t n = program_match(c->run, &c->env, false, a->ids);
	bool alerted = false;

	for (size_t i = 0; i < n; i++) {
		const struct rule *rule = ruleset_rule_by_id(c->rules, a->ids[i]);
		size_t row = 0;

		while (row < N_ROWS && rule != ruleset_rule(c->rules, row))
			row++;
		if (row == N_ROWS && a->alert) {
			if (!alerted)
				a->alert(a->alert_arg, rule);
			alerted = true;
			continue;
		}
		strbuf_reset(&a->text);
		output_format_text(rule->output, &c->env, &a->text);
		add(a, row < N_ROWS ? rows[row].kind : "alert", row < N_ROWS ? NULL : rule,
		    c->env.ctx, c->env.ctx->ev->ts);
	}
	follow(a, &c->env);
}

void acts_loss(struct acts *a, const struct loss *loss)
{
	strbuf_reset(&a->text);
	if (loss->count == UINT64_MAX)
		strbuf_adds(&a->text, "an unknown number of events is missing");
	else
		strbuf_addf(&a->text, "%llu events are missing", (unsigned long long)loss->count);
	strbuf_addf(&a->text, " (%s)", loss_cause_name(loss->cause));
	add(a, "loss", NULL, NULL, loss->from_ts);
}

/* At this time (0: when it is not known), at this event (0: none). */
static void add_note(struct acts *a, const struct note *note, uint64_t ts, uint64_t num)
{
	size_t n;

	strbuf_reset(&a->text);
	note_text(note, &a->text);
	n = a->list.n;
	add(a, "note", NULL, NULL, ts);
	if (a->list.n > n)
		a->list.v[n].num = num;
}

/* An interval stands at its begin; what is about nothing in particular, when it was written. */
void acts_notes(struct acts *a, struct note_list *notes, uint64_t num, uint64_t ts)
{
	const struct note *n;

	while ((n = note_list_due(notes, num, ts))) {
		uint64_t at = n->from_ts ? n->from_ts : n->ts;

		if (n->first_num && num != UINT64_MAX)
			at = ts;
		add_note(a, n, at, n->first_num);
	}
}
