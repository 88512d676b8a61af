#include "config.h"

#include "output/alert_doc.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"
#include "base/timefmt.h"
#include "rules/attack_tag.h"

#define MAX_DEPTH 16

/* How a row gets its value. */
enum how {
	/* from a field */
	TEXT,
	NUMBER,
	TIME_OF,           /* ns since the epoch as ISO 8601 */
	MS_OF,             /* ... as ms */
	IF_ANY,            /* 1 when the field has a value */
	BASENAME,          /* the last part of a path */
	CONTAINER_TEXT,    /* of events in a container only */
	PROCESS_CONTAINER, /* the same, when the event has a process */
	FILE_TEXT,         /* of descriptors of files and directories only */
	FILE_BASENAME,
	FILE_TYPE, /* 1 regular, 2 folder */
	/* from the row */
	WORDS,
	CONSTANT, /* JSON */
	ORCHESTRATOR,
	IN_CONTAINER, /* its words, for events in a container */
	/* from the alert */
	TIME_ISO,
	TIME_MS,
	LEVEL,
	MESSAGE,
	RULE,
	DESCRIPTION,
	SOURCE,
	TRACE,
	HOST,
	TAGS,
	UID,
	NUMBER_OF_EVENT,
	TACTIC_IDS,
	TACTIC_NAMES,
	TECHNIQUE_IDS,
	OUTPUT_FIELDS,
	ECS_CATEGORY,
	ECS_SEVERITY,
	ECS_OUTCOME,
	ECS_FRAMEWORK,
	OCSF_SEVERITY,
	OCSF_SEVERITY_ID,
	OCSF_ATTACKS,
};

struct row {
	const char *place;
	enum how how;
	const char *from;
};

#define ROW(place, how, from) { place, how, from },
static const struct row ecs_rows[] = {
#include "output/alert_ecs.def"
	{ NULL, TEXT, NULL },
};
static const struct row ocsf_rows[] = {
#include "output/alert_ocsf.def"
	{ NULL, TEXT, NULL },
};
#undef ROW

/* What all rows of a document are made from: an alert, or (rule is NULL) an internal one. */
struct subject {
	uint64_t ts, num;
	unsigned priority;
	const struct rule *rule;
	const struct field_env *env;
	const struct internal_alert *internal;
	const char *trace;
	const struct alert_options *opt;
	struct arena *arena;
};

/* ---- objects and lists of the document, opened when the first value of theirs comes ---- */

struct doc {
	struct json_writer w;
	struct str open[MAX_DEPTH]; /* names, as in the rows: with "[]" */
	size_t depth;
	struct str last; /* place written last: of several rows for one place the first counts */
};

static bool is_list(struct str name)
{
	return name.n > 2 && name.p[name.n - 1] == ']';
}

static void close_to(struct doc *d, size_t depth)
{
	while (d->depth > depth) {
		json_end_object(&d->w);
		if (is_list(d->open[--d->depth]))
			json_end_array(&d->w);
	}
}

static void put_key(struct doc *d, struct str name)
{
	json_key_str(&d->w, is_list(name) ? str_mem(name.p, name.n - 2) : name);
}

/* Opens what the place is in; returns its last name, whose key is written. */
static struct str begin_at(struct doc *d, const char *place)
{
	struct str rest = str_of(place), name;
	size_t depth = 0;

	while (str_split(&rest, '.', &name) && rest.p) {
		if (depth < d->depth && str_eq(d->open[depth], name)) {
			depth++;
			continue;
		}
		close_to(d, depth);
		put_key(d, name);
		if (is_list(name))
			json_begin_array(&d->w);
		json_begin_object(&d->w);
		assert(depth < MAX_DEPTH);
		d->open[d->depth++] = name;
		depth++;
	}
	close_to(d, depth);
	put_key(d, name);
	return name;
}

/* Writes a value, which is JSON, at a place. */
static void put(struct doc *d, const char *place, struct str json)
{
	struct str name;

	if (str_eqz(d->last, place))
		return;
	d->last = str_of(place);
	name = begin_at(d, place);
	if (is_list(name))
		json_begin_array(&d->w);
	json_raw(&d->w, json);
	if (is_list(name))
		json_end_array(&d->w);
}

/* ---- values ---- */

/* The field's values of this event; false when it has none. */
static bool field_values(const struct subject *s, const char *name, struct field_ref *ref,
			 struct values *vals)
{
	if (!s->env)
		return false;
	*ref = field_named(name, s->arena); /* the rows are checked by a test */
	if (!field_of_source(ref->def, event_source_by_name(s->rule->source)))
		return false;
	vals->arena = s->arena;
	return field_extract(ref, s->env, vals) && vals->n == 1;
}

static bool field_text(const struct subject *s, const char *name, struct strbuf *text)
{
	struct values vals = { 0 };
	struct field_ref ref;

	if (!field_values(s, name, &ref, &vals))
		return false;
	value_text(&vals.v[0], text);
	return text->n > 0 && !str_eqz(strbuf_str(text), "<NA>");
}

static bool field_number(const struct subject *s, const char *name, uint64_t *ret)
{
	struct strbuf text = STRBUF_INIT;
	unsigned long long v;
	bool ok = field_text(s, name, &text) && str_to_u64(strbuf_str(&text), &v);

	if (ok)
		*ret = v;
	strbuf_release(&text);
	return ok;
}

static bool of_a_file(const struct subject *s)
{
	struct strbuf kind = STRBUF_INIT;
	bool yes = field_text(s, "fd.typechar", &kind) &&
		   (str_eqz(strbuf_str(&kind), "f") || str_eqz(strbuf_str(&kind), "d"));

	strbuf_release(&kind);
	return yes;
}

static bool in_container(const struct subject *s)
{
	struct strbuf id = STRBUF_INIT;
	bool yes = field_text(s, "container.id", &id) && !str_eqz(strbuf_str(&id), "host");

	strbuf_release(&id);
	return yes;
}

static struct str basename_of(struct str path)
{
	ptrdiff_t slash = str_rchr(path, '/');

	return slash < 0 || (size_t)slash + 1 == path.n ? path : str_from(path, (size_t)slash + 1);
}

static bool put_field(const struct subject *s, const struct row *row, struct strbuf *out)
{
	struct strbuf text = STRBUF_INIT;
	uint64_t n = 0;
	bool ok;

	switch (row->how) {
	case NUMBER:
		ok = field_number(s, row->from, &n);
		if (ok)
			strbuf_addf(out, "%llu", (unsigned long long)n);
		return ok;
	case TIME_OF:
		ok = field_number(s, row->from, &n) && n;
		if (ok) {
			time_iso8601(&text, n, "Z");
			json_escape(out, strbuf_str(&text));
		}
		strbuf_release(&text);
		return ok;
	case MS_OF:
		ok = field_number(s, row->from, &n) && n;
		if (ok)
			strbuf_addf(out, "%llu", (unsigned long long)(n / 1000000));
		return ok;
	default:
		break;
	}
	ok = field_text(s, row->from, &text);
	if (row->how == CONTAINER_TEXT)
		ok = ok && in_container(s);
	else if (row->how == PROCESS_CONTAINER)
		ok = ok && in_container(s) && field_number(s, "proc.pid", &n);
	else if (row->how == FILE_TEXT || row->how == FILE_BASENAME || row->how == FILE_TYPE)
		ok = ok && of_a_file(s);
	if (!ok) {
		/* nothing */
	} else if (row->how == IF_ANY) {
		strbuf_addc(out, '1');
	} else if (row->how == FILE_TYPE) {
		strbuf_addc(out, str_eqz(strbuf_str(&text), "d") ? '2' : '1');
	} else if (row->how == BASENAME || row->how == FILE_BASENAME) {
		json_escape(out, basename_of(strbuf_str(&text)));
	} else {
		json_escape(out, strbuf_str(&text));
	}
	strbuf_release(&text);
	return ok;
}

static bool put_text(struct strbuf *out, struct str text)
{
	if (text.n)
		json_escape(out, text);
	return text.n > 0;
}

static bool put_message(const struct subject *s, struct strbuf *out)
{
	struct strbuf raw = STRBUF_INIT, clean = STRBUF_INIT;

	if (s->rule)
		output_format_text(s->rule->output, s->env, &raw);
	else
		strbuf_addstr(&raw, s->internal->text);
	text_escape(&clean, strbuf_str(&raw));
	json_escape(out, strbuf_str(&clean));
	strbuf_release(&raw);
	strbuf_release(&clean);
	return true;
}

/* "t1059.004" as ATT&CK writes it. */
static void put_technique(struct json_writer *w, struct str tag)
{
	char id[16] = "T";

	memcpy(id + 1, tag.p + 1, tag.n - 1);
	json_str(w, str_mem(id, tag.n));
}

/* A list of texts, one for each tag that has one; false when none has. */
static bool put_of_tags(const struct subject *s, enum how how, struct strbuf *out)
{
	struct json_writer w;
	size_t n = 0;

	if (!s->rule)
		return false;
	json_init(&w, out);
	json_begin_array(&w);
	for (size_t i = 0; i < s->rule->tags.n; i++) {
		struct str tag = s->rule->tags.v[i];
		const struct attack_tactic *tactic = attack_tactic_of(tag);

		if (how == TAGS)
			json_str(&w, tag);
		else if (how == TECHNIQUE_IDS && attack_is_technique(tag))
			put_technique(&w, tag);
		else if (how == TACTIC_IDS && tactic)
			json_strz(&w, tactic->id);
		else if (how == TACTIC_NAMES && tactic)
			json_strz(&w, tactic->name);
		else
			continue;
		n++;
	}
	json_end_array(&w);
	return n > 0;
}

/* An object for each technique and tactic that the tags name. */
static bool put_attacks(const struct subject *s, struct strbuf *out)
{
	struct json_writer w;
	size_t n = 0;

	json_init(&w, out);
	json_begin_array(&w);
	for (size_t i = 0; s->rule && i < s->rule->tags.n; i++) {
		struct str tag = s->rule->tags.v[i];
		const struct attack_tactic *tactic = attack_tactic_of(tag);

		if (!tactic && !attack_is_technique(tag))
			continue;
		json_begin_object(&w);
		json_key(&w, tactic                  ? "tactic"
			     : str_chr(tag, '.') < 0 ? "technique"
						     : "sub_technique");
		json_begin_object(&w);
		json_key(&w, "uid");
		if (tactic) {
			json_strz(&w, tactic->id);
			json_key(&w, "name");
			json_strz(&w, tactic->name);
		} else {
			put_technique(&w, tag);
		}
		json_end_object(&w);
		json_key(&w, "version");
		json_strz(&w, ATTACK_VERSION);
		json_end_object(&w);
		n++;
	}
	json_end_array(&w);
	return n > 0;
}

/* Made from the event and the rule, so that the same alert has the same one each time. */
static void put_uid(const struct subject *s, struct strbuf *out)
{
	struct strbuf text = STRBUF_INIT;

	strbuf_addf(&text, "%llu-%llu-", (unsigned long long)s->ts, (unsigned long long)s->num);
	strbuf_addstr(&text, s->rule ? s->rule->name : s->internal->rule);
	json_escape(out, strbuf_str(&text));
	strbuf_release(&text);
}

static bool put_output_fields(const struct subject *s, struct strbuf *out)
{
	struct json_writer w;

	if (s->opt->no_fields)
		return false;
	json_init(&w, out);
	json_begin_object(&w);
	if (s->rule) {
		output_format_fields(s->rule->output, s->env, &w);
	} else {
		for (size_t i = 0; i < s->internal->n_fields; i++) {
			json_key(&w, s->internal->fields[i].name);
			json_u64(&w, s->internal->fields[i].value);
		}
	}
	json_end_object(&w);
	return true;
}

static bool put_host(const struct subject *s, struct strbuf *out)
{
	struct strbuf text = STRBUF_INIT;
	bool ok = true;

	if (s->opt->hostname.n)
		strbuf_addstr(&text, s->opt->hostname);
	else
		ok = field_text(s, "evt.hostname", &text);
	if (ok)
		json_escape(out, strbuf_str(&text));
	strbuf_release(&text);
	return ok;
}

/* ECS's "big buckets": every alert is of intrusion detection, most also of what the call was for.
 */
static bool put_ecs_category(const struct subject *s, struct strbuf *out)
{
	static const char *const of[][2] = {
		{ "file", "file" },
		{ "net", "network" },
		{ "process", "process" },
		{ "user", "iam" },
	};
	struct strbuf text = STRBUF_INIT;
	const char *also = NULL;

	if (!s->rule) {
		strbuf_adds(out, "[\"host\"]");
		return true;
	}
	if (field_text(s, "evt.category", &text))
		for (size_t i = 0; i < sizeof(of) / sizeof(of[0]); i++)
			if (str_eqz(strbuf_str(&text), of[i][0]))
				also = of[i][1];
	strbuf_adds(out, "[\"intrusion_detection\"");
	if (also)
		strbuf_addf(out, ", \"%s\"", also);
	strbuf_addc(out, ']');
	strbuf_release(&text);
	return true;
}

static bool put_ecs_outcome(const struct subject *s, struct strbuf *out)
{
	struct strbuf text = STRBUF_INIT;
	bool ok = field_text(s, "evt.res", &text);

	if (ok)
		strbuf_adds(out,
			    str_eqz(strbuf_str(&text), "SUCCESS") ? "\"success\"" : "\"failure\"");
	strbuf_release(&text);
	return ok;
}

/* Priorities in the words and numbers of OCSF's severity_id. */
static const struct {
	const char *name;
	unsigned id;
} severities[PRIORITY_N] = {
	[PRIORITY_EMERGENCY] = { "Fatal", 6 },
	[PRIORITY_ALERT] = { "Critical", 5 },
	[PRIORITY_CRITICAL] = { "Critical", 5 },
	[PRIORITY_ERROR] = { "High", 4 },
	[PRIORITY_WARNING] = { "Medium", 3 },
	[PRIORITY_NOTICE] = { "Low", 2 },
	[PRIORITY_INFORMATIONAL] = { "Informational", 1 },
	[PRIORITY_DEBUG] = { "Informational", 1 },
};

/* Appends the value of a row as JSON; false when there is none. */
static bool put_value(const struct subject *s, const struct row *row, struct strbuf *out)
{
	struct strbuf text = STRBUF_INIT;

	switch (row->how) {
	case TEXT:
	case NUMBER:
	case TIME_OF:
	case MS_OF:
	case IF_ANY:
	case BASENAME:
	case CONTAINER_TEXT:
	case PROCESS_CONTAINER:
	case FILE_TEXT:
	case FILE_BASENAME:
	case FILE_TYPE:
		return put_field(s, row, out);
	case ORCHESTRATOR:
		if (!s->rule || !str_eqz(s->rule->source, event_source_name(SOURCE_K8S_AUDIT)))
			return false;
		return put_text(out, str_of(row->from));
	case IN_CONTAINER:
		return in_container(s) && put_text(out, str_of(row->from));
	case WORDS:
		return put_text(out, str_of(row->from));
	case CONSTANT:
		strbuf_adds(out, row->from);
		return true;
	case TIME_ISO:
		time_iso8601(&text, s->ts, "Z");
		json_escape(out, strbuf_str(&text));
		strbuf_release(&text);
		return true;
	case TIME_MS:
		strbuf_addf(out, "%llu", (unsigned long long)(s->ts / 1000000));
		return true;
	case LEVEL:
		return put_text(out, str_of(priority_name(s->priority)));
	case MESSAGE:
		return put_message(s, out);
	case RULE:
		return put_text(out, s->rule ? s->rule->name : s->internal->rule);
	case DESCRIPTION:
		return s->rule && put_text(out, str_trim(s->rule->desc));
	case SOURCE:
		return put_text(out, s->rule ? s->rule->source : STR("internal"));
	case TRACE:
		return s->opt->with_trace && s->trace && put_text(out, str_of(s->trace));
	case HOST:
		return put_host(s, out);
	case TAGS:
		return !s->opt->no_tags && put_of_tags(s, row->how, out);
	case TACTIC_IDS:
	case TACTIC_NAMES:
	case TECHNIQUE_IDS:
		return put_of_tags(s, row->how, out);
	case UID:
		put_uid(s, out);
		return true;
	case NUMBER_OF_EVENT:
		if (s->num)
			strbuf_addf(out, "%llu", (unsigned long long)s->num);
		return s->num > 0;
	case OUTPUT_FIELDS:
		return put_output_fields(s, out);
	case ECS_CATEGORY:
		return put_ecs_category(s, out);
	case ECS_SEVERITY:
		/* higher is more severe */
		strbuf_addf(out, "%u", (unsigned)PRIORITY_DEBUG - s->priority);
		return true;
	case ECS_OUTCOME:
		return put_ecs_outcome(s, out);
	case ECS_FRAMEWORK:
		if (put_of_tags(s, TECHNIQUE_IDS, &text) || put_of_tags(s, TACTIC_IDS, &text))
			json_escape(out, STR("MITRE ATT&CK"));
		strbuf_release(&text);
		return out->n > 0;
	case OCSF_SEVERITY:
		return put_text(out, str_of(severities[s->priority].name));
	case OCSF_SEVERITY_ID:
		strbuf_addf(out, "%u", severities[s->priority].id);
		return true;
	case OCSF_ATTACKS:
		return put_attacks(s, out);
	}
	return false;
}

static void put_document(const struct row *rows, struct subject *s, struct strbuf *out)
{
	struct arena arena = ARENA_INIT;
	struct strbuf value = STRBUF_INIT;
	struct doc d = { .depth = 0 };

	s->arena = &arena;
	json_init(&d.w, out);
	json_begin_object(&d.w);
	for (; rows->place; rows++) {
		strbuf_reset(&value);
		if (put_value(s, rows, &value))
			put(&d, rows->place, strbuf_str(&value));
	}
	close_to(&d, 0);
	json_end_object(&d.w);
	strbuf_release(&value);
	arena_destroy(&arena);
}

static struct subject of_alert(const struct alert *a, const struct alert_options *opt)
{
	const struct event *ev = a->env->ctx->ev;

	return (struct subject){
		.ts = ev->ts,
		.num = ev->num,
		.priority = a->rule->priority,
		.rule = a->rule,
		.env = a->env,
		.trace = a->trace,
		.opt = opt,
	};
}

static struct subject of_internal(const struct internal_alert *a, const struct alert_options *opt)
{
	return (struct subject){
		.ts = a->ts,
		.priority = a->priority,
		.internal = a,
		.trace = a->trace,
		.opt = opt,
	};
}

void alert_ecs(const struct alert *a, const struct alert_options *opt, struct strbuf *out)
{
	struct subject s = of_alert(a, opt);

	put_document(ecs_rows, &s, out);
}

void alert_ocsf(const struct alert *a, const struct alert_options *opt, struct strbuf *out)
{
	struct subject s = of_alert(a, opt);

	put_document(ocsf_rows, &s, out);
}

void internal_alert_ecs(const struct internal_alert *a, const struct alert_options *opt,
			struct strbuf *out)
{
	struct subject s = of_internal(a, opt);

	put_document(ecs_rows, &s, out);
}

void internal_alert_ocsf(const struct internal_alert *a, const struct alert_options *opt,
			 struct strbuf *out)
{
	struct subject s = of_internal(a, opt);

	put_document(ocsf_rows, &s, out);
}
