/* Alerts as text and JSON; see alert.h. */
#include "output/alert.h"

#include "base/text.h"
#include "base/timefmt.h"
#include "output/alert_doc.h"

/* "22:13:21.000000001: " or "2026-11-21T23:00:41.832515770+0000: ", then "Warning ". */
static void add_prefix(struct strbuf *out, uint64_t ts, unsigned priority, bool iso)
{
	if (iso)
		time_iso8601(out, ts, "+0000");
	else
		time_hms(out, ts, true);
	strbuf_adds(out, ": ");
	strbuf_adds(out, priority_name(priority));
	strbuf_addc(out, ' ');
}

static const char *time_field(const struct alert_options *opt)
{
	return opt->iso_time ? "evt.time.iso8601" : "evt.time";
}

static void add_trace_prefix(struct strbuf *out, const char *trace, const struct alert_options *opt)
{
	if (!opt->with_trace || !trace)
		return;
	text_escape(out, str_of(trace));
	strbuf_adds(out, ": ");
}

void alert_text(const struct alert *a, const struct alert_options *opt, struct strbuf *out)
{
	struct strbuf message = STRBUF_INIT;

	add_trace_prefix(out, a->trace, opt);
	add_prefix(out, a->env->ctx->ev->ts, a->rule->priority, opt->iso_time);
	output_format_text(a->rule->output, a->env, &message);
	text_escape(out, strbuf_str(&message));
	strbuf_release(&message);
}

/* The members that all alerts have, in bytewise order around `output` and `output_fields`. */
static void open_object(struct json_writer *w, const struct alert_options *opt, struct strbuf *line,
			size_t message_at)
{
	json_begin_object(w);
	if (opt->hostname.n) {
		json_key(w, "hostname");
		json_str(w, opt->hostname);
	}
	if (opt->message) {
		json_key(w, "message");
		json_str(w, str_from(strbuf_str(line), message_at));
	}
	if (!opt->no_output) {
		json_key(w, "output");
		json_str(w, strbuf_str(line));
	}
}

static void close_object(struct json_writer *w, const char *trace, uint64_t ts,
			 const struct alert_options *opt)
{
	struct strbuf time = STRBUF_INIT;

	time_iso8601(&time, ts, "Z");
	json_key(w, "time");
	json_str(w, strbuf_str(&time));
	if (opt->with_trace && trace) {
		json_key(w, "trace");
		json_strz(w, trace);
	}
	json_end_object(w);
	strbuf_release(&time);
}

static bool names_field(const struct output_format *f, struct str name)
{
	for (size_t i = 0; i < output_format_count(f); i++)
		if (str_eq(output_format_name(f, i), name))
			return true;
	return false;
}

/* Fields that the options add: one field as its own JSON type, or a format as text. */
static void add_extra_fields(struct json_writer *w, const struct alert *a)
{
	struct strbuf text = STRBUF_INIT;

	for (size_t i = 0; i < a->rule->n_extra; i++) {
		const struct rule_extra *x = &a->rule->extra[i];

		if (!x->raw) {
			strbuf_reset(&text);
			output_format_text(x->format, a->env, &text);
			json_key_str(w, x->key);
			json_str(w, strbuf_str(&text));
		} else if (!names_field(a->rule->output, output_format_name(x->format, 0))) {
			output_format_fields(x->format, a->env, w);
		}
	}
	strbuf_release(&text);
}

/*
 * The message as Falco's JSON has it: what controls a terminal is U+FFFD, like bytes that are not
 * UTF-8. (Falco does so per value, so that a control character which the rule's own text holds
 * survives.)
 */
static void add_clean_message(struct strbuf *line, const struct alert *a)
{
	struct strbuf message = STRBUF_INIT;
	size_t from = 0;

	output_format_text(a->rule->output, a->env, &message);
	for (size_t i = 0; i < message.n; i++) {
		unsigned char c = (unsigned char)message.s[i];

		if (c >= 0x20 && c != 0x7f)
			continue;
		strbuf_add(line, message.s + from, i - from);
		strbuf_adds(line, "\xef\xbf\xbd");
		from = i + 1;
	}
	strbuf_add(line, message.s + from, message.n - from);
	strbuf_release(&message);
}

void alert_json(const struct alert *a, const struct alert_options *opt, struct strbuf *out)
{
	const struct rule *rule = a->rule;
	uint64_t ts = a->env->ctx->ev->ts;
	struct strbuf line = STRBUF_INIT;
	struct json_writer w;
	size_t message_at;

	json_init(&w, out);
	add_prefix(&line, ts, rule->priority, opt->iso_time);
	message_at = line.n;
	if (!opt->no_output || opt->message)
		add_clean_message(&line, a);
	open_object(&w, opt, &line, message_at);
	if (!opt->no_fields) {
		json_key(&w, "output_fields");
		json_begin_object(&w);
		/* The time in front of the text counts as one of its fields. */
		if (!names_field(rule->output, str_of(time_field(opt)))) {
			json_key(&w, time_field(opt));
			json_u64(&w, ts);
		}
		output_format_fields(rule->output, a->env, &w);
		add_extra_fields(&w, a);
		json_end_object(&w);
	}
	json_key(&w, "priority");
	json_strz(&w, priority_name(rule->priority));
	json_key(&w, "rule");
	json_str(&w, rule->name);
	json_key(&w, "source");
	json_str(&w, rule->source);
	if (!opt->no_tags) {
		json_key(&w, "tags");
		json_begin_array(&w);
		for (size_t i = 0; i < rule->tags.n; i++)
			json_str(&w, rule->tags.v[i]);
		json_end_array(&w);
	}
	close_object(&w, a->trace, ts, opt);
	strbuf_release(&line);
}

/* The form of Falco's internal messages: text, then (name="value" ...). */
static void internal_text(const struct internal_alert *a, const struct alert_options *opt,
			  struct strbuf *out)
{
	add_prefix(out, a->ts, a->priority, opt->iso_time);
	text_escape(out, a->text);
	strbuf_adds(out, " (");
	for (size_t i = 0; i < a->n_fields; i++)
		strbuf_addf(out, "%s%s=\"%llu\"", i ? " " : "", a->fields[i].name,
			    (unsigned long long)a->fields[i].value);
	strbuf_addc(out, ')');
}

void internal_alert_text(const struct internal_alert *a, const struct alert_options *opt,
			 struct strbuf *out)
{
	add_trace_prefix(out, a->trace, opt);
	internal_text(a, opt, out);
}

void internal_alert_json(const struct internal_alert *a, const struct alert_options *opt,
			 struct strbuf *out)
{
	struct strbuf line = STRBUF_INIT;
	struct json_writer w;
	size_t message_at;

	json_init(&w, out);
	add_prefix(&line, a->ts, a->priority, opt->iso_time);
	message_at = line.n;
	strbuf_reset(&line);
	internal_text(a, opt, &line);
	open_object(&w, opt, &line, message_at);
	if (!opt->no_fields) {
		json_key(&w, "output_fields");
		json_begin_object(&w);
		for (size_t i = 0; i < a->n_fields; i++) {
			json_key(&w, a->fields[i].name);
			json_u64(&w, a->fields[i].value);
		}
		json_end_object(&w);
	}
	json_key(&w, "priority");
	json_strz(&w, priority_name(a->priority));
	json_key(&w, "rule");
	json_str(&w, a->rule);
	json_key(&w, "source");
	json_strz(&w, "internal");
	if (!opt->no_tags) {
		json_key(&w, "tags");
		json_begin_array(&w);
		json_end_array(&w);
	}
	close_object(&w, a->trace, a->ts, opt);
	strbuf_release(&line);
}

void alert_line(const struct alert *a, const struct alert_options *opt, struct strbuf *out)
{
	switch (opt->form) {
	case ALERT_TEXT:
		alert_text(a, opt, out);
		break;
	case ALERT_JSON:
		alert_json(a, opt, out);
		break;
	case ALERT_ECS:
		alert_ecs(a, opt, out);
		break;
	case ALERT_OCSF:
		alert_ocsf(a, opt, out);
		break;
	}
}

void internal_alert_line(const struct internal_alert *a, const struct alert_options *opt,
			 struct strbuf *out)
{
	switch (opt->form) {
	case ALERT_TEXT:
		internal_alert_text(a, opt, out);
		break;
	case ALERT_JSON:
		internal_alert_json(a, opt, out);
		break;
	case ALERT_ECS:
		internal_alert_ecs(a, opt, out);
		break;
	case ALERT_OCSF:
		internal_alert_ocsf(a, opt, out);
		break;
	}
}
