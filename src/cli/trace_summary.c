/* What is in a trace: see trace_summary.h. */
#include "cli/trace_summary.h"

#include <inttypes.h>

#include "base/json_tree.h"
#include "base/text.h"
#include "base/timefmt.h"
#include "cli/note_list.h"
#include "cli/process_counts.h"
#include "cli/provenance_text.h"
#include "trace/eyas_format.h"
#include "trace/eyas_index.h"

#define N_COUNTERS 65536

struct counted {
	unsigned number;
	uint64_t count;
};

void trace_summary_init(struct trace_summary *s, const struct source *src)
{
	*s = (struct trace_summary){ .trace = src->name, .format = src->format };
	s->provenance = src->provenance ? xstrdup(src->provenance) : NULL;
	s->types = xcalloc(N_COUNTERS, sizeof(*s->types));
	s->cpus = xcalloc(N_COUNTERS, sizeof(*s->cpus));
}

void trace_summary_free(struct trace_summary *s)
{
	for (size_t i = 0; i < s->sections.n; i++)
		free(s->sections.v[i].hostname);
	vec_free(&s->sections);
	free(s->provenance);
	free(s->types);
	free(s->cpus);
}

static struct trace_section *current(struct trace_summary *s)
{
	if (s->sections.n)
		return &s->sections.v[s->sections.n - 1];
	s->n_sections++;
	return vec_add(&s->sections);
}

static void add_section(struct trace_summary *s, const struct snapshot *snap)
{
	struct trace_section *t = vec_add(&s->sections);
	struct str host = snap->machine.hostname;

	s->n_sections++;
	t->has_snapshot = true;
	t->has_machine = snap->machine.present;
	t->hostname = xmalloc(host.n + 1);
	if (host.n)
		memcpy(t->hostname, host.p, host.n);
	t->hostname[host.n] = '\0';
	t->n_cpus = snap->machine.n_cpus;
	t->memory_bytes = snap->machine.memory_bytes;
	t->boot_ts = snap->machine.boot_ts;
	t->threads = snap->threads.n;
	t->fds = snap->fds.n;
	t->users = snap->users.n;
	t->groups = snap->groups.n;
	t->ifaces = snap->ifaces.n;
	t->mounts = snap->mounts.n;
	t->cgroups = snap->cgroups.n;
}

static void widen(uint64_t ts, uint64_t n_before, uint64_t *first, uint64_t *last)
{
	if (!n_before || ts < *first)
		*first = ts;
	if (!n_before || ts > *last)
		*last = ts;
}

void trace_summary_add(struct trace_summary *s, const struct record *rec)
{
	struct trace_section *t;

	switch (rec->kind) {
	case RECORD_SNAPSHOT:
		add_section(s, rec->snapshot);
		break;
	case RECORD_EVENT:
		t = current(s);
		widen(rec->event.ts, t->events++, &t->first_ts, &t->last_ts);
		widen(rec->event.ts, s->events++, &s->first_ts, &s->last_ts);
		s->types[rec->event.type]++;
		s->cpus[rec->event.cpu]++;
		break;
	case RECORD_LOSS:
		s->loss_records++;
		if (rec->loss.count == UINT64_MAX) {
			s->lost_unknown = true;
			break;
		}
		s->lost += rec->loss.count;
		s->lost_by[rec->loss.cause < LOSS_N ? rec->loss.cause : LOSS_UNKNOWN] +=
			rec->loss.count;
		break;
	case RECORD_NOTE:
		s->notes++;
		break;
	}
}

void trace_summary_take_index(struct trace_summary *s, const struct eyas_summary *index)
{
	s->from_index = true;
	s->events = index->events;
	s->first_ts = index->min_ts;
	s->last_ts = index->max_ts;
	s->loss_records = index->losses;
	s->lost_unknown = index->lost == UINT64_MAX;
	s->lost = s->lost_unknown ? 0 : index->lost;
	s->notes = index->notes;
	s->n_sections = index->snapshots;
	for (size_t i = 0; i < index->types.n; i++)
		s->types[index->types.v[i].type] = index->types.v[i].count;
}

void trace_summary_take_checkpoints(struct trace_summary *s, const struct eyas_summary *index)
{
	s->has_index = true;
	for (size_t i = 0; i < index->blocks.n; i++)
		s->checkpoints += index->blocks.v[i].kind == EYAS_CHECKPOINT;
}

/* Most frequent first, then by number. */
static int by_count(const void *a, const void *b)
{
	const struct counted *x = a, *y = b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return x->number < y->number ? -1 : x->number > y->number;
}

/* The counters that are not 0; malloc'ed. */
static struct counted *collect(const uint64_t *counters, size_t *ret_n)
{
	struct counted *v;
	size_t n = 0;

	for (unsigned i = 0; i < N_COUNTERS; i++)
		n += counters[i] != 0;
	v = xcalloc(n + 1, sizeof(*v));
	n = 0;
	for (unsigned i = 0; i < N_COUNTERS; i++)
		if (counters[i])
			v[n++] = (struct counted){ i, counters[i] };
	*ret_n = n;
	return v;
}

static void add_type_name(struct strbuf *out, unsigned type)
{
	const struct event_info *info = event_info(type);

	if (info)
		strbuf_addf(out, "%s %s (%s)", info->exit ? "<" : ">", info->name, info->code);
	else
		strbuf_addf(out, "type %u, not known to this eyas", type);
}

static double percent(uint64_t part, uint64_t whole)
{
	return whole ? 100.0 * (double)part / (double)whole : 0;
}

static void add_seconds(struct strbuf *out, uint64_t ns)
{
	strbuf_addu(out, ns / 1000000000u);
	strbuf_addc(out, '.');
	strbuf_addu_pad(out, ns % 1000000000u, 9);
	strbuf_adds(out, " s");
}

static void label(struct strbuf *out, const char *name)
{
	strbuf_addf(out, "  %-11s", name);
}

static void section_text(const struct trace_section *t, struct strbuf *out)
{
	label(out, "host");
	if (t->has_machine) {
		text_escape(out, str_of(t->hostname));
		if (t->n_cpus != UINT32_MAX)
			strbuf_addf(out, ", %u CPU%s", t->n_cpus, t->n_cpus == 1 ? "" : "s");
		strbuf_addf(out, ", %" PRIu64 " MiB of memory", t->memory_bytes >> 20);
		if (t->boot_ts) {
			strbuf_adds(out, ", booted ");
			time_iso8601(out, t->boot_ts, "Z");
		}
		strbuf_addc(out, '\n');
	} else {
		strbuf_adds(out, "not recorded\n");
	}
	label(out, "snapshot");
	if (!t->has_snapshot) {
		strbuf_adds(out, "none\n");
		return;
	}
	strbuf_addf(out, "%zu threads, %zu descriptors, %zu users, %zu groups, %zu interfaces",
		    t->threads, t->fds, t->users, t->groups, t->ifaces);
	/* no capture of another recorder has any */
	if (t->mounts + t->cgroups)
		strbuf_addf(out, ", %zu mounts, %zu control groups", t->mounts, t->cgroups);
	strbuf_addc(out, '\n');
}

static void loss_text(const struct trace_summary *s, struct strbuf *out)
{
	label(out, "lost");
	if (!s->loss_records) {
		strbuf_adds(out, strcmp(s->format, "scap") == 0
					 ? "not known (.scap does not record it)\n"
					 : "none recorded\n");
		return;
	}
	strbuf_addf(out, "%s%" PRIu64 " events, %.2f %% of %" PRIu64,
		    s->lost_unknown ? "at least " : "", s->lost,
		    percent(s->lost, s->lost + s->events), s->lost + s->events);
	for (unsigned i = 0; i < LOSS_N; i++)
		if (s->lost_by[i])
			strbuf_addf(out, "; %s %" PRIu64, loss_cause_name(i), s->lost_by[i]);
	strbuf_addc(out, '\n');
}

static void counts_text(const struct trace_summary *s, unsigned top, struct strbuf *out)
{
	struct counted *v;
	uint64_t rest = 0;
	size_t n;

	if (!s->from_index) {
		v = collect(s->cpus, &n);
		label(out, "by CPU");
		for (size_t i = 0; i < n; i++)
			strbuf_addf(out, "%s%u: %" PRIu64, i ? ", " : "", v[i].number, v[i].count);
		strbuf_adds(out, n ? "\n" : "no events\n");
		free(v);
	}
	v = collect(s->types, &n);
	qsort(v, n, sizeof(*v), by_count);
	for (size_t i = 0; i < n; i++) {
		if (top && i >= top) {
			rest += v[i].count;
			continue;
		}
		label(out, i ? "" : "by type");
		strbuf_addf(out, "%10" PRIu64 "  %5.1f %%  ", v[i].count,
			    percent(v[i].count, s->events));
		add_type_name(out, v[i].number);
		strbuf_addc(out, '\n');
	}
	if (rest) {
		label(out, "");
		strbuf_addf(out, "%10" PRIu64 "  %5.1f %%  of %zu other types\n", rest,
			    percent(rest, s->events), n - top);
	}
	free(v);
}

void trace_summary_text(const struct trace_summary *s, unsigned top, struct strbuf *out)
{
	text_escape(out, str_of(s->trace));
	strbuf_addc(out, '\n');
	label(out, "format");
	strbuf_addf(out, "%s, %" PRIu64 " bytes\n", s->format, s->bytes);
	label(out, "events");
	strbuf_addf(out, "%" PRIu64 " in %" PRIu64 " section%s\n", s->events, s->n_sections,
		    s->n_sections == 1 ? "" : "s");
	if (s->events) {
		label(out, "span");
		time_iso8601(out, s->first_ts, "Z");
		strbuf_adds(out, " to ");
		time_iso8601(out, s->last_ts, "Z");
		strbuf_adds(out, ", ");
		add_seconds(out, s->last_ts - s->first_ts);
		strbuf_addc(out, '\n');
	}
	for (size_t i = 0; i < s->sections.n; i++) {
		const struct trace_section *t = &s->sections.v[i];

		if (s->n_sections > 1) {
			label(out, "section");
			strbuf_addf(out, "%zu", i + 1);
			if (t->events) {
				strbuf_addf(out, ": %" PRIu64 " events from ", t->events);
				time_iso8601(out, t->first_ts, "Z");
			}
			strbuf_addc(out, '\n');
		}
		section_text(t, out);
	}
	if (s->provenance)
		provenance_text(str_of(s->provenance), out);
	loss_text(s, out);
	if (s->notes) {
		label(out, "notes");
		strbuf_addf(out, "%" PRIu64 "\n", s->notes);
		for (size_t i = 0; s->note_list && i < s->note_list->notes.v.n; i++) {
			label(out, "");
			note_text(&s->note_list->notes.v.v[i], out);
			strbuf_addc(out, '\n');
		}
	}
	if (s->checkpoints) {
		label(out, "checkpoints");
		strbuf_addf(out, " %" PRIu64 ": a replay can begin at each\n", s->checkpoints);
	}
	label(out, "damage");
	strbuf_adds(
		out,
		s->from_index
			? "not looked for (all this is from the index; --scan reads the trace)\n"
		: s->damaged ? "yes, see the messages\n"
			     : "none\n");
	counts_text(s, top, out);
	if (s->history) {
		process_counts_text(s->history, s->process_events, top, out);
	} else if (s->sections.n && s->sections.v[0].has_snapshot) {
		label(out, "by process");
		strbuf_adds(out, "not counted (--scan counts them)\n");
	}
}

static void section_json(const struct trace_section *t, bool counted, struct json_writer *w)
{
	json_begin_object(w);
	if (counted)
		json_member_u64(w, "events", t->events);
	if (counted && t->events) {
		json_member_time(w, "first", t->first_ts);
		json_member_time(w, "last", t->last_ts);
	}
	if (t->has_machine) {
		json_key(w, "hostname");
		json_strz(w, t->hostname);
		if (t->n_cpus != UINT32_MAX)
			json_member_u64(w, "cpus", t->n_cpus);
		json_member_u64(w, "memory_bytes", t->memory_bytes);
		if (t->boot_ts)
			json_member_time(w, "boot", t->boot_ts);
	}
	if (t->has_snapshot) {
		json_member_u64(w, "threads", t->threads);
		json_member_u64(w, "fds", t->fds);
		json_member_u64(w, "users", t->users);
		json_member_u64(w, "groups", t->groups);
		json_member_u64(w, "interfaces", t->ifaces);
		json_member_u64(w, "mounts", t->mounts);
		json_member_u64(w, "cgroups", t->cgroups);
	}
	json_end_object(w);
}

static void loss_json(const struct trace_summary *s, struct json_writer *w)
{
	json_key(w, "loss");
	json_begin_object(w);
	json_member_u64(w, "records", s->loss_records);
	json_member_u64(w, "events", s->lost);
	json_key(w, "more_unknown");
	json_bool(w, s->lost_unknown);
	json_key(w, "percent");
	json_double(w, percent(s->lost, s->lost + s->events));
	if (!s->from_index) {
		json_key(w, "causes");
		json_begin_object(w);
		for (unsigned i = 0; i < LOSS_N; i++)
			if (s->lost_by[i])
				json_member_u64(w, loss_cause_name(i), s->lost_by[i]);
		json_end_object(w);
	}
	json_end_object(w);
}

static void counts_json(const struct trace_summary *s, struct json_writer *w)
{
	struct counted *v;
	size_t n;

	v = collect(s->types, &n);
	qsort(v, n, sizeof(*v), by_count);
	json_key(w, "types");
	json_begin_array(w);
	for (size_t i = 0; i < n; i++) {
		const struct event_info *info = event_info(v[i].number);

		json_begin_object(w);
		json_member_u64(w, "number", v[i].number);
		if (info) {
			json_key(w, "code");
			json_strz(w, info->code);
			json_key(w, "name");
			json_strz(w, info->name);
		}
		json_member_u64(w, "events", v[i].count);
		json_end_object(w);
	}
	json_end_array(w);
	free(v);
	if (s->from_index)
		return;
	v = collect(s->cpus, &n);
	json_key(w, "cpus");
	json_begin_array(w);
	for (size_t i = 0; i < n; i++) {
		json_begin_object(w);
		json_member_u64(w, "cpu", v[i].number);
		json_member_u64(w, "events", v[i].count);
		json_end_object(w);
	}
	json_end_array(w);
	free(v);
}

void trace_summary_json(const struct trace_summary *s, const struct diag *diag, struct strbuf *out)
{
	static const char *const levels[] = {
		[DIAG_ERROR] = "error", [DIAG_WARNING] = "warning", [DIAG_NOTE] = "note"
	};
	struct json_tree tree = { .nodes = { 0 } };
	struct json_writer w;

	json_init(&w, out);
	json_begin_object(&w);
	json_key(&w, "trace");
	json_strz(&w, s->trace);
	json_key(&w, "format");
	json_strz(&w, s->format);
	json_member_u64(&w, "bytes", s->bytes);
	json_member_u64(&w, "events", s->events);
	if (s->events) {
		json_member_time(&w, "first", s->first_ts);
		json_member_time(&w, "last", s->last_ts);
		json_member_u64(&w, "duration_ns", s->last_ts - s->first_ts);
	}
	json_key(&w, "from_index");
	json_bool(&w, s->from_index);
	json_key(&w, "sections");
	json_begin_array(&w);
	for (size_t i = 0; i < s->sections.n; i++)
		section_json(&s->sections.v[i], !s->from_index, &w);
	json_end_array(&w);
	if (s->provenance) {
		json_key(&w, "provenance");
		/* whatever wrote it: what is no JSON must not spoil what is */
		if (json_tree_parse(&tree, str_of(s->provenance)))
			json_raw(&w, str_of(s->provenance));
		else
			json_strz(&w, s->provenance);
		json_tree_free(&tree);
	}
	loss_json(s, &w);
	json_member_u64(&w, "notes", s->notes);
	if (s->note_list && s->note_list->notes.v.n) {
		json_key(&w, "note_list");
		json_begin_array(&w);
		for (size_t i = 0; i < s->note_list->notes.v.n; i++)
			note_json(&s->note_list->notes.v.v[i], &w);
		json_end_array(&w);
	}
	if (s->has_index)
		json_member_u64(&w, "checkpoints", s->checkpoints);
	if (!s->from_index) {
		json_key(&w, "damaged");
		json_bool(&w, s->damaged);
	}
	json_key(&w, "messages");
	json_begin_array(&w);
	for (size_t i = 0; i < diag->items.n; i++) {
		const struct diag_item *it = &diag->items.v[i];

		json_begin_object(&w);
		json_key(&w, "level");
		json_strz(&w, levels[it->level]);
		if (it->code) {
			json_key(&w, "code");
			json_strz(&w, it->code);
		}
		json_key(&w, "message");
		json_strz(&w, it->message);
		if (it->offset != UINT64_MAX)
			json_member_u64(&w, "offset", it->offset);
		json_end_object(&w);
	}
	json_end_array(&w);
	counts_json(s, &w);
	if (s->history)
		process_counts_json(s->history, &w);
	json_end_object(&w);
	strbuf_addc(out, '\n');
}
