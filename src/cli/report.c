/* What a report tells of a trace; see report.h. */
#include "cli/report.h"

#include <errno.h>
#include <stdlib.h>

#include "base/text.h"
#include "cli/counting_source.h"
#include "cli/progress.h"
#include "trace/trace.h"

struct reading {
	struct report *r;
	struct source *src;
	struct progress progress;
};

static struct str keep_text(struct report *r)
{
	return arena_str(&r->arena, strbuf_str(&r->text));
}

/* Called for each rule of the user's that the event in hand matches. */
static void on_alert(void *arg, const struct rule *rule)
{
	struct report *r = arg;
	const struct field_env *env = &r->corpus->env;
	struct report_alert *a;
	struct json_writer w;

	r->made++;
	if (r->fired[rule->id]++ >= REPORT_ALERTS_OF_RULE || r->alerts.n >= REPORT_ALERTS)
		return;
	a = vec_add(&r->alerts);
	*a = (struct report_alert){ .ts = env->ctx->ev->ts,
				    .num = env->ctx->ev->num,
				    .number = r->made,
				    .rule = rule,
				    .process = r->process };
	strbuf_reset(&r->text);
	output_format_text(rule->output, env, &r->text);
	a->output = keep_text(r);
	strbuf_reset(&r->text);
	json_init(&w, &r->text);
	json_begin_object(&w);
	output_format_fields(rule->output, env, &w);
	json_end_object(&w);
	a->fields = keep_text(r);
}

/* What was added to the acts since is about this process. */
static void acts_are_of(struct report *r, uint32_t process)
{
	while (r->act_processes.n < r->acts.list.n)
		vec_push(&r->act_processes, process);
}

static int on_event(void *arg, struct event_ctx *ctx)
{
	struct reading *rd = arg;
	struct report *r = rd->r;
	struct corpus *c = r->corpus;

	c->env.ctx = ctx;
	arena_reset(&c->arena);
	r->process = lineage_event(&r->lineage, &c->env);
	activity_event(&r->activity, ctx);
	if (r->process != HISTORY_NONE)
		connections_event(&r->connections, r->process, ctx);
	acts_notes(&r->acts, &r->notes, ctx->ev->num, ctx->ev->ts);
	acts_are_of(r, HISTORY_NONE);
	acts_event(&r->acts, c);
	acts_are_of(r, r->process);
	return 0;
}

static int on_snapshot(void *arg, const struct snapshot *snap)
{
	struct reading *rd = arg;

	(void)snap; /* the state has loaded it */
	lineage_snapshot(&rd->r->lineage, rd->r->corpus->state);
	acts_section(&rd->r->acts, rd->r->corpus->state);
	return 0;
}

static void on_loss(void *arg, const struct loss *loss)
{
	struct report *r = ((struct reading *)arg)->r;

	acts_loss(&r->acts, loss);
	acts_are_of(r, HISTORY_NONE);
}

static void on_progress(void *arg, const struct source *src, const struct replay_stats *st)
{
	progress_show(&((struct reading *)arg)->progress, src, st->raw);
}

static int walk(struct report *r, struct source *src)
{
	struct reading rd = { .r = r, .src = src };
	struct replay_visitor v = { .arg = &rd,
				    .event = on_event,
				    .snapshot = on_snapshot,
				    .loss = on_loss,
				    .progress = on_progress };
	struct corpus *c = r->corpus;
	struct counting_source counting;
	struct state_options so;
	int e;

	state_options_default(&so);
	c->state = state_new(&so);
	c->run = program_run_new(ruleset_program(c->rules));
	c->env = (struct field_env){ .arena = &c->arena, .memory = field_state_new() };
	counting_source_init(&counting, src, &r->summary);
	progress_begin(&rd.progress);
	e = replay_run(&counting.source, c->state, &c->opt->select, &v, &r->stats);
	progress_end(&rd.progress);
	program_run_free(c->run);
	field_state_free(c->env.memory);
	state_free(c->state);
	c->run = NULL;
	c->state = NULL;
	return e;
}

int report_read(struct report *r, struct corpus *c, const char *path)
{
	struct source *src;
	int e;

	*r = (struct report){ .corpus = c, .text = STRBUF_INIT };
	diag_init(&r->diag);
	arena_init(&r->arena);
	lineage_init(&r->lineage);
	acts_init(&r->acts, c);
	r->acts.alert = on_alert;
	r->acts.alert_arg = r;
	connections_init(&r->connections);
	activity_init(&r->activity);
	r->fired = xcalloc(ruleset_count(c->rules) + 1, sizeof(*r->fired));
	note_list_read(&r->notes, path);
	e = trace_open(path, &r->diag, &src);
	if (e)
		return e;
	trace_summary_init(&r->summary, src);
	r->summary.note_list = &r->notes;
	e = walk(r, src);
	r->summary.damaged = e == -EBADMSG;
	r->summary.bytes = src->size ? src->size : src->position;
	source_close(src);
	lineage_end(&r->lineage);
	if (!c->opt->select.until && !c->opt->select.last_num)
		acts_notes(&r->acts, &r->notes, UINT64_MAX, UINT64_MAX);
	acts_are_of(r, HISTORY_NONE);
	return e;
}

void report_free(struct report *r)
{
	trace_summary_free(&r->summary);
	note_list_free(&r->notes);
	diag_free(&r->diag);
	lineage_free(&r->lineage);
	acts_free(&r->acts);
	vec_free(&r->act_processes);
	vec_free(&r->alerts);
	free(r->fired);
	connections_free(&r->connections);
	activity_free(&r->activity);
	strbuf_release(&r->text);
	arena_destroy(&r->arena);
}
