/* A report as JSON: eyas-report(1) describes the object. */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_writer.h"
#include "base/text.h"
#include "base/timefmt.h"
#include "cli/report.h"
#include "config.h"
#include "event/event.h"

#define CHUNK     65536 /* bytes that are handed on at once */
#define MAX_KINDS 32    /* of acts; acts.c and act_list.def have fewer */

struct writing {
	const struct report *r;
	const struct report_output *out;
	struct json_writer w;
	struct strbuf json, text;
	uint64_t base;  /* ns; all other times count from it */
	uint64_t start; /* of the process in hand; 0: not known */
	size_t files;   /* written so far */
	int error;
};

/* Hands on what there is, when it is enough. */
static void flush(struct writing *g, size_t enough)
{
	if (g->json.n < enough)
		return;
	if (!g->error)
		g->error = g->out->put(g->out->arg, strbuf_str(&g->json));
	strbuf_reset(&g->json);
}

static void begin_list(struct writing *g, const char *key)
{
	json_key(&g->w, key);
	json_begin_array(&g->w);
}

/* What comes from the trace, escaped as in all output. Nothing for an empty one. */
static void put_text(struct writing *g, const char *key, struct str value)
{
	if (!value.n)
		return;
	strbuf_reset(&g->text);
	text_escape(&g->text, value);
	json_member_str(&g->w, key, strbuf_str(&g->text));
}

/* Nothing for a time that is not known. */
static void put_time(struct writing *g, const char *key, uint64_t ts)
{
	if (!ts)
		return;
	json_key(&g->w, key);
	json_i64(&g->w, (int64_t)(ts - g->base));
}

/* In a process: from its start, which makes small numbers. */
static void put_time_in(struct writing *g, const char *key, uint64_t ts)
{
	json_key(&g->w, key);
	json_i64(&g->w, (int64_t)(ts - (g->start ? g->start : g->base)));
}

static void put_process(struct writing *g, uint32_t process)
{
	if (process != HISTORY_NONE)
		json_member_u64(&g->w, "process", process);
}

/* --- rules and alerts ------------------------------------------------------------------------- */

static void put_rule(struct writing *g, const struct rule *rule, uint64_t alerts)
{
	json_begin_object(&g->w);
	json_member_str(&g->w, "name", rule->name);
	json_member_str(&g->w, "priority", str_of(priority_name(rule->priority)));
	begin_list(g, "tags");
	for (size_t i = 0; i < rule->tags.n; i++)
		json_str(&g->w, rule->tags.v[i]);
	json_end_array(&g->w);
	json_optional_str(&g->w, "description", str_trim(rule->desc));
	json_member_str(&g->w, "file", str_of(rule->file));
	json_member_u64(&g->w, "line", (uint64_t)rule->line + 1);
	json_member_u64(&g->w, "alerts", alerts);
	json_end_object(&g->w);
	flush(g, CHUNK);
}

/* Those that fired; returns the place of each in that list, by its condition. */
static size_t *put_rules(struct writing *g)
{
	const struct ruleset *rules = g->r->corpus->rules;
	size_t n = ruleset_count(rules), *places = xcalloc(n + 1, sizeof(*places));
	uint64_t loaded = 0;
	size_t fired = 0;

	for (size_t i = acts_rule_count(); i < n; i++)
		loaded += ruleset_rule(rules, i)->selected;
	json_member_u64(&g->w, "rules_loaded", loaded);
	begin_list(g, "rules");
	for (size_t i = 0; i < n; i++) {
		const struct rule *rule = ruleset_rule(rules, i);

		if (rule->id < 0 || !g->r->fired[rule->id])
			continue;
		places[rule->id] = fired++;
		put_rule(g, rule, g->r->fired[rule->id]);
	}
	json_end_array(&g->w);
	json_member_u64(&g->w, "alerts_left_out", g->r->made - g->r->alerts.n);
	return places;
}

static void put_alerts(struct writing *g)
{
	size_t *places = put_rules(g);

	begin_list(g, "alerts");
	for (size_t i = 0; i < g->r->alerts.n; i++) {
		const struct report_alert *a = &g->r->alerts.v[i];

		json_begin_object(&g->w);
		json_member_u64(&g->w, "number", a->number);
		put_time(g, "time", a->ts);
		json_member_u64(&g->w, "event", a->num);
		json_member_u64(&g->w, "rule", places[a->rule->id]);
		put_process(g, a->process);
		put_text(g, "output", a->output);
		json_key(&g->w, "fields");
		json_raw(&g->w, a->fields);
		json_end_object(&g->w);
		flush(g, CHUNK);
	}
	json_end_array(&g->w);
	free(places);
}

/* --- acts and activity ------------------------------------------------------------------------ */

/* How often each kind was shown. */
struct kinds {
	const char *names[MAX_KINDS];
	size_t shown[MAX_KINDS], n, all;
};

static bool has_room(struct kinds *k, const char *kind)
{
	size_t i = 0;

	while (i < k->n && strcmp(k->names[i], kind) != 0)
		i++;
	if (i == k->n) {
		assert(k->n < MAX_KINDS);
		k->names[k->n++] = kind;
	}
	if (k->all == REPORT_ACTS || k->shown[i] == REPORT_ACTS_OF_KIND)
		return false;
	k->shown[i]++;
	k->all++;
	return true;
}

static void put_acts(struct writing *g)
{
	const struct acts *acts = &g->r->acts;
	struct kinds kinds = { .n = 0 };

	begin_list(g, "acts");
	for (size_t i = 0; i < acts->list.n; i++) {
		const struct act *a = &acts->list.v[i];

		if (!has_room(&kinds, a->kind))
			continue;
		json_begin_object(&g->w);
		put_time(g, "time", a->ts);
		if (a->num)
			json_member_u64(&g->w, "event", a->num);
		json_member_str(&g->w, "kind", str_of(a->kind));
		put_process(g, g->r->act_processes.v[i]);
		put_text(g, "text", a->text);
		if (a->count > 1) {
			json_member_u64(&g->w, "count", a->count);
			put_time(g, "last", a->last_ts);
		}
		json_end_object(&g->w);
		flush(g, CHUNK);
	}
	json_end_array(&g->w);
	json_member_u64(&g->w, "acts_left_out", acts->more + acts->list.n - kinds.all);
}

static void put_activity(struct writing *g)
{
	static const char *const names[ACTIVITY_N] = {
		[ACTIVITY_FILES] = "files",         [ACTIVITY_NETWORK] = "network",
		[ACTIVITY_PROCESSES] = "processes", [ACTIVITY_OTHER] = "other",
		[ACTIVITY_FAILED] = "failed",
	};
	const struct activity *a = &g->r->activity;

	json_key(&g->w, "activity");
	json_begin_object(&g->w);
	if (a->used) {
		put_time(g, "from", a->from);
		json_member_u64(&g->w, "width", a->width);
	}
	for (size_t k = 0; k < ACTIVITY_N; k++) {
		begin_list(g, names[k]);
		for (size_t i = 0; i < a->used; i++)
			json_u64(&g->w, a->counts[i][k]);
		json_end_array(&g->w);
	}
	json_end_object(&g->w);
	flush(g, CHUNK);
}

/* --- processes -------------------------------------------------------------------------------- */

/* What one process did with one file: its links to it, put together. */
struct file_use {
	uint32_t object;
	uint64_t count[LINK_REMOVED + 1], bytes[LINK_REMOVED + 1];
	uint64_t first_ts, last_ts, first_num;
};

typedef VEC(struct file_use) file_uses;

static bool changed(const struct file_use *f)
{
	return f->count[LINK_WROTE] || f->count[LINK_REMOVED];
}

/* What was changed first: that is what is kept where there are too many. */
static int by_weight(const void *va, const void *vb)
{
	const struct file_use *a = va, *b = vb;

	if (changed(a) != changed(b))
		return changed(a) ? -1 : 1;
	if (a->first_num != b->first_num)
		return a->first_num < b->first_num ? -1 : 1;
	return a->object < b->object ? -1 : a->object > b->object;
}

static int by_object(const void *va, const void *vb)
{
	const struct file_use *a = va, *b = vb;

	if (a->object != b->object)
		return a->object < b->object ? -1 : 1;
	return a->first_num < b->first_num ? -1 : a->first_num > b->first_num;
}

/* One use a link at first, then one a file. */
static void collect_files(const struct lineage *l, uint32_t process, file_uses *out)
{
	size_t n = 0;

	out->n = 0;
	for (uint32_t at = l->of_process.v[process]; at != LINEAGE_NONE;
	     at = l->links.v[at].next_of_process) {
		const struct lineage_link *k = &l->links.v[at];
		struct file_use *f;

		/* what it ran is told with its programs */
		if (k->kind > LINK_REMOVED || k->kind == LINK_RAN)
			continue;
		f = vec_add(out);
		*f = (struct file_use){ .object = k->object,
					.first_ts = k->first_ts,
					.last_ts = k->last_ts,
					.first_num = k->first_num };
		f->count[k->kind] = k->count;
		f->bytes[k->kind] = k->bytes;
	}
	if (out->n)
		qsort(out->v, out->n, sizeof(*out->v), by_object);
	for (size_t i = 0; i < out->n; i++) {
		struct file_use *f = &out->v[i], *last = n ? &out->v[n - 1] : NULL;

		if (!last || last->object != f->object) {
			out->v[n++] = *f;
			continue;
		}
		for (size_t k = 0; k <= LINK_REMOVED; k++) {
			last->count[k] += f->count[k];
			last->bytes[k] += f->bytes[k];
		}
		if (f->last_ts > last->last_ts)
			last->last_ts = f->last_ts;
	}
	out->n = n;
	if (n)
		qsort(out->v, n, sizeof(*out->v), by_weight);
}

static void put_file(struct writing *g, const struct file_use *f)
{
	const struct lineage *l = &g->r->lineage;
	const struct lineage_object *o = &l->objects.v[f->object];

	json_begin_object(&g->w);
	put_text(g, "name", o->name);
	json_optional_u64(&g->w, "read", f->count[LINK_READ]);
	json_optional_u64(&g->w, "read_bytes", f->bytes[LINK_READ]);
	json_optional_u64(&g->w, "written", f->count[LINK_WROTE]);
	json_optional_u64(&g->w, "written_bytes", f->bytes[LINK_WROTE]);
	json_optional_u64(&g->w, "removed", f->count[LINK_REMOVED]);
	if (o->renamed_from != LINEAGE_NONE && f->count[LINK_WROTE] &&
	    o->renamed_ts >= f->first_ts && o->renamed_ts <= f->last_ts)
		put_text(g, "was", l->objects.v[o->renamed_from].name);
	put_time_in(g, "first", f->first_ts);
	if (f->last_ts != f->first_ts)
		put_time_in(g, "last", f->last_ts);
	json_member_u64(&g->w, "event", f->first_num);
	json_end_object(&g->w);
}

static void put_files(struct writing *g, uint32_t process, file_uses *uses)
{
	size_t shown;

	collect_files(&g->r->lineage, process, uses);
	shown = uses->n > REPORT_FILES_OF_ONE ? REPORT_FILES_OF_ONE : uses->n;
	if (shown > REPORT_FILES - g->files)
		shown = REPORT_FILES - g->files;
	if (!uses->n)
		return;
	g->files += shown;
	begin_list(g, "files");
	for (size_t i = 0; i < shown; i++)
		put_file(g, &uses->v[i]);
	json_end_array(&g->w);
	json_optional_u64(&g->w, "files_left_out", uses->n - shown);
}

static void put_connection(struct writing *g, const struct connection *k)
{
	json_begin_object(&g->w);
	json_member_str(&g->w, "protocol", str_of(k->protocol));
	json_optional_str(&g->w, "direction", str_of(k->direction));
	put_text(g, "local", k->local);
	put_text(g, "peer", k->peer);
	json_optional_u64(&g->w, "received", k->received);
	json_optional_u64(&g->w, "sent", k->sent);
	json_optional_u64(&g->w, "failed", k->failed);
	if (k->failed && errno_name(-k->error))
		json_member_str(&g->w, "error", str_of(errno_name(-k->error)));
	put_time_in(g, "first", k->first_ts);
	if (k->last_ts != k->first_ts)
		put_time_in(g, "last", k->last_ts);
	json_member_u64(&g->w, "event", k->first_num);
	json_end_object(&g->w);
}

static void put_connections(struct writing *g, uint32_t process)
{
	const struct connections *c = &g->r->connections;
	VEC(uint32_t) order = { 0 };
	size_t shown;

	for (uint32_t at = connections_last(c, process); at != CONNECTIONS_NONE;
	     at = c->v.v[at].next)
		vec_push(&order, at);
	shown = order.n > REPORT_CONNECTIONS_OF_ONE ? REPORT_CONNECTIONS_OF_ONE : order.n;
	if (order.n)
		begin_list(g, "connections");
	for (size_t i = 0; i < shown; i++) /* the chain begins with the newest */
		put_connection(g, &c->v.v[order.v[order.n - 1 - i]]);
	if (order.n)
		json_end_array(&g->w);
	json_optional_u64(&g->w, "connections_left_out", order.n - shown);
	vec_free(&order);
}

static void put_images(struct writing *g, const struct process_record *p)
{
	if (!p->images.n)
		return;
	begin_list(g, "programs");
	for (size_t i = 0; i < p->images.n; i++) {
		const struct process_image *im = &p->images.v[i];

		json_begin_object(&g->w);
		put_time_in(g, "time", im->ts);
		json_member_u64(&g->w, "event", im->num);
		if (!str_eq(im->command, p->command))
			put_text(g, "command", im->command);
		if (!str_eq(im->exepath, p->exepath))
			put_text(g, "exe", im->exepath);
		json_end_object(&g->w);
	}
	json_end_array(&g->w);
	json_optional_u64(&g->w, "programs_left_out", p->more_images);
}

static void put_id(struct writing *g, const char *key, uint32_t id)
{
	if (id != UINT32_MAX)
		json_member_u64(&g->w, key, id);
}

static void put_process_record(struct writing *g, uint32_t at, file_uses *uses)
{
	const struct process_record *p = &g->r->lineage.history.records.v[at];

	json_begin_object(&g->w);
	json_key(&g->w, "pid");
	json_i64(&g->w, p->pid);
	g->start = p->started;
	if (p->parent != HISTORY_NONE)
		json_member_u64(&g->w, "parent", p->parent);
	else if (p->ppid >= 0)
		json_member_u64(&g->w, "ppid", (uint64_t)p->ppid);
	put_text(g, "name", p->comm);
	put_text(g, "command", p->command);
	put_text(g, "exe", p->exepath);
	put_text(g, "user", p->user);
	put_id(g, "uid", p->uid);
	if (p->gid != p->uid)
		put_id(g, "gid", p->gid);
	if (p->first_uid != p->uid)
		put_id(g, "first_uid", p->first_uid);
	put_id(g, "loginuid", p->loginuid);
	put_text(g, "container", p->container);
	put_text(g, "container_id", p->container_id);
	put_time(g, "started", p->started);
	if (p->ended && p->started)
		put_time_in(g, "lasted", p->ended);
	else
		put_time(g, "ended", p->ended);
	if (p->has_status) {
		json_key(&g->w, p->signal ? "signal" : "status");
		json_i64(&g->w, p->signal ? p->signal : p->status);
	}
	json_optional_u64(&g->w, "events", p->events);
	json_optional_u64(&g->w, "first_event", p->first_num);
	json_optional_u64(&g->w, "last_event", p->last_num);
	put_images(g, p);
	put_files(g, at, uses);
	put_connections(g, at);
	json_end_object(&g->w);
	flush(g, CHUNK);
}

static void put_processes(struct writing *g)
{
	const struct lineage *l = &g->r->lineage;
	file_uses uses = { 0 };

	json_optional_u64(&g->w, "file_uses_left_out", l->left_out);
	json_optional_u64(&g->w, "connection_uses_left_out", g->r->connections.left_out);
	begin_list(g, "processes");
	for (uint32_t i = 0; i < l->history.records.n; i++)
		put_process_record(g, i, &uses);
	json_end_array(&g->w);
	vec_free(&uses);
}

/* When only a part of the trace was asked for. */
static void put_selection(struct writing *g)
{
	const struct replay_select *sel = &g->r->corpus->opt->select;

	if (!sel->since && !sel->until && !sel->first_num && !sel->last_num)
		return;
	json_key(&g->w, "selected");
	json_begin_object(&g->w);
	json_optional_time(&g->w, "since", sel->since);
	json_optional_time(&g->w, "until", sel->until);
	json_optional_u64(&g->w, "first_event", sel->first_num);
	json_optional_u64(&g->w, "last_event", sel->last_num);
	json_member_u64(&g->w, "events", g->r->stats.visited);
	json_end_object(&g->w);
}

int report_json(const struct report *r, const struct report_output *out)
{
	struct writing g = { .r = r,
			     .out = out,
			     .json = STRBUF_INIT,
			     .text = STRBUF_INIT,
			     .base = r->summary.first_ts };
	struct strbuf info = STRBUF_INIT;

	json_init(&g.w, &g.json);
	g.w.comma = ",";
	g.w.colon = ":";
	json_begin_object(&g.w);
	json_member_u64(&g.w, "report", 1);
	json_member_str(&g.w, "eyas", STR(PACKAGE_VERSION));
	json_key(&g.w, "base");
	strbuf_addf(&g.text, "%" PRIu64, g.base); /* as text: more than a double holds */
	json_str(&g.w, strbuf_str(&g.text));
	json_member_u64(&g.w, "span", r->summary.last_ts - r->summary.first_ts);
	trace_summary_json(&r->summary, &r->diag, &info);
	json_key(&g.w, "trace");
	json_raw(&g.w, str_trim(strbuf_str(&info)));
	put_selection(&g);
	put_alerts(&g);
	put_acts(&g);
	put_activity(&g);
	put_processes(&g);
	json_end_object(&g.w);
	flush(&g, 0);
	strbuf_release(&info);
	strbuf_release(&g.json);
	strbuf_release(&g.text);
	return g.error;
}
