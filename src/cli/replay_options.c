/* The command line of `eyas replay`; see replay_options.h. */
#include "cli/replay_options.h"

#include <errno.h>
#include <stdlib.h>

#include "cli/command.h"

enum {
	OPT_PRIORITY = 256,
	OPT_TAG,
	OPT_NOT_TAG,
	OPT_ENABLE,
	OPT_DISABLE,
	OPT_RULE_MATCHING,
	OPT_FAIL_ON,
	OPT_ISO_TIME,
	OPT_NO_OUTPUT,
	OPT_NO_FIELDS,
	OPT_NO_TAGS,
	OPT_MESSAGE,
	OPT_WITH_TRACE,
	OPT_HOSTNAME,
	OPT_APPEND_OUTPUT,
	OPT_APPEND_FIELD,
	OPT_SUGGESTED_OUTPUT,
	OPT_CONTINUE,
	OPT_SUMMARY,
	OPT_ON_LOSS,
	OPT_LOSS_THRESHOLD,
	OPT_LOSS_RATE,
	OPT_LOSS_BURST,
	OPT_SIMULATE_LOSS,
	OPT_LOG_TIME,
	OPT_SET,
	OPT_FORM,
	OPT_JSON,
};

static const struct option_row rows[] = {
	{ 'r', "rules", "PATH",
	  "rules: a file, or a directory of .yaml and .yml files (repeatable, in order)" },
	{ 'c', "config", "FILE",
	  "a Falco configuration: rules, priority, outputs, and the rest that applies" },
	{ OPT_SET, "set", "KEY=VALUE",
	  "a value in place of that of the configuration, e.g. json_output=true" },
	{ 'j', "jobs", "N",
	  "threads that replay, with the same results (default: as many as there are processors)" },
	{ OPT_JSON, "json", NULL, "alerts as JSON, one object a line" },
	{ OPT_FORM, "form", "text|json|ecs|ocsf",
	  "form of alerts: text, Falco's JSON, Elastic Common Schema, OCSF (default: text)" },
	{ 'o', "output", "FILE",
	  "write alerts to FILE instead of standard output; or as --set, see the manual" },
	{ OPT_PRIORITY, "priority", "P", "only rules of priority P or more severe" },
	{ OPT_TAG, "tag", "TAG", "only rules with this tag (repeatable: with any of them)" },
	{ OPT_NOT_TAG, "not-tag", "TAG", "no rules with this tag" },
	{ OPT_ENABLE, "enable", "PATTERN", "switch rules on by name; * stands for anything" },
	{ OPT_DISABLE, "disable", "PATTERN", "switch rules off by name; * stands for anything" },
	{ 't', NULL, "TAG", "as falco -t: only rules with this tag; not together with -T or -D" },
	{ 'T', NULL, "TAG", "as falco -T: no rules with this tag" },
	{ 'D', NULL, "TEXT", "as falco -D: no rules with TEXT in their name" },
	{ OPT_RULE_MATCHING, "rule-matching", "first|all",
	  "per event, only the first rule that matches, or all (default: first)" },
	{ OPT_FAIL_ON, "fail-on", "P",
	  "exit 1 if an alert of priority P or more severe was raised" },
	{ OPT_ISO_TIME, "iso-time", NULL, "time of alerts with the date, as ISO 8601" },
	{ OPT_NO_OUTPUT, "no-output", NULL, "JSON without the member output" },
	{ OPT_NO_FIELDS, "no-fields", NULL, "JSON without the member output_fields" },
	{ OPT_NO_TAGS, "no-tags", NULL, "JSON without the member tags" },
	{ OPT_MESSAGE, "message", NULL,
	  "JSON with the member message: output without time and priority" },
	{ OPT_WITH_TRACE, "with-trace", NULL, "say with each alert which trace it comes from" },
	{ OPT_HOSTNAME, "hostname", "NAME", "JSON with the member hostname" },
	{ OPT_APPEND_OUTPUT, "append-output", "FORMAT",
	  "append FORMAT to the output of every rule" },
	{ OPT_APPEND_FIELD, "append-field", "FIELD",
	  "add FIELD, or NAME=FORMAT, to output_fields of every rule" },
	{ OPT_SUGGESTED_OUTPUT, "suggested-output", NULL,
	  "append the fields of containers and pods to the output of every rule" },
	{ OPT_CONTINUE, "continue", NULL,
	  "the traces are parts of one recording: read them as one" },
	SELECT_OPTION_ROWS,
	{ OPT_ON_LOSS, "on-loss", "ACTION,...",
	  "when a second lost too many events: log, alert, exit, or ignore" },
	{ OPT_LOSS_THRESHOLD, "loss-threshold", "SHARE",
	  "too many: over this share, 0 to 1 (default: 0.1)" },
	{ OPT_LOSS_RATE, "loss-rate", "N",
	  "at most N actions a second in the long run (default: 0.03333)" },
	{ OPT_LOSS_BURST, "loss-burst", "N", "at most N actions at once (default: 1)" },
	{ OPT_SIMULATE_LOSS, "simulate-loss", NULL,
	  "pretend that every second lost too many events, to try the actions" },
	{ OPT_SUMMARY, "summary", "text|json|none",
	  "what to say at the end, on standard error (default: text)" },
	{ 'q', "quiet", NULL, "no warnings, no summary, no progress: errors only" },
	{ OPT_LOG_TIME, "log-time", NULL,
	  "put the time of day in front of lines on standard error" },
	{ 0, NULL, NULL, NULL },
};

static const struct option_spec spec = {
	.usage = "eyas replay [OPTION]... [-r RULES]... TRACE...",
	.about =
		"Runs rules over traces and prints the alerts. TRACE is a .eyas or .scap file or a text "
		"script, whatever its name; - is standard input.",
	.rows = rows,
	.more = "Options that select rules apply in the order given. Exit status: 0 done, 1 alerts at or above "
		"--fail-on, 2 wrong usage or invalid rules, 3 a trace was damaged or cut, 4 could not do it.",
};

static int add_selection(struct replay_options *o, bool enable, bool by_tag, struct str pattern)
{
	struct rule_selection s = { .enable = enable,
				    .match = by_tag ? RULE_MATCH_TAG : RULE_MATCH_WILDCARD,
				    .pattern = pattern };

	vec_push(&o->selection, s);
	return EXIT_DONE;
}

/* The first tag leaves only its rules; further ones add theirs. */
static int add_tag(struct replay_options *o, bool *seen, const char *tag)
{
	if (!*seen)
		add_selection(o, false, false, STR("*"));
	*seen = true;
	return add_selection(o, true, true, str_of(tag));
}

/* What the command line said itself, which comes before what the configuration says. */
struct given {
	const char *config;
	VEC(const char *) sets;
	bool output, rule_matching, on_loss, tag;
};

static int parse_priority(const struct option_state *st, bool *has, enum priority *ret)
{
	if (!priority_parse(str_of(st->arg), ret))
		return option_usage_error(
			st,
			"'%s' is not a priority: they are emergency, alert, critical, "
			"error, warning, notice, informational, debug",
			st->arg);
	*has = true;
	return EXIT_DONE;
}

/* The program never calls setlocale(), so strtod() reads a point whatever the environment says. */
static int parse_double(const struct option_state *st, double *ret)
{
	char *end;
	double v;

	errno = 0;
	v = strtod(st->arg, &end);
	if (end == st->arg || *end || errno)
		return option_usage_error(st, "'%s' is not a number", st->arg);
	*ret = v;
	return EXIT_DONE;
}

static int parse_choice(const struct option_state *st, struct replay_options *o, int key)
{
	struct str arg = str_of(st->arg);

	if (key == OPT_RULE_MATCHING) {
		if (!str_eqz(arg, "first") && !str_eqz(arg, "all"))
			return option_usage_error(
				st,
				"Unknown rule matching strategy '%s': it is first or "
				"all",
				st->arg);
		o->match_all = str_eqz(arg, "all");
		return EXIT_DONE;
	}
	if (key == OPT_FORM) {
		static const char *const names[] = {
			[ALERT_TEXT] = "text",
			[ALERT_JSON] = "json",
			[ALERT_ECS] = "ecs",
			[ALERT_OCSF] = "ocsf",
		};

		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			if (str_eqz(arg, names[i])) {
				o->alert.form = (enum alert_form)i;
				return EXIT_DONE;
			}
		return option_usage_error(
			st, "a form of alerts is text, json, ecs or ocsf, not '%s'", st->arg);
	}
	if (str_eqz(arg, "text"))
		o->summary = SUMMARY_TEXT;
	else if (str_eqz(arg, "json"))
		o->summary = SUMMARY_JSON;
	else if (str_eqz(arg, "none"))
		o->summary = SUMMARY_NONE;
	else
		return option_usage_error(st, "a summary is text, json or none, not '%s'", st->arg);
	return EXIT_DONE;
}

static void append_field(struct replay_options *o, const char *text)
{
	struct output_append a = { .source = STR("") };

	vec_push(&a.extra_fields, str_of(text));
	vec_push(&o->appends, a);
}

static int take(struct option_state *st, struct replay_options *o, int key, struct given *given)
{
	struct strbuf buf = STRBUF_INIT;
	const char *wrong;
	int r = EXIT_DONE;

	switch (key) {
	case 'r':
		vec_push(&o->rules, st->arg);
		return EXIT_DONE;
	case 'j':
		return option_jobs(st, &o->jobs);
	case OPT_JSON:
		o->alert.form = ALERT_JSON;
		return EXIT_DONE;
	case 'c':
		given->config = st->arg;
		return EXIT_DONE;
	case OPT_SET:
		vec_push(&given->sets, st->arg);
		return EXIT_DONE;
	case 'o':
		/* As falco -o; a file of such a name is written as ./NAME. */
		if (falco_config_is_setting(st->arg)) {
			vec_push(&given->sets, st->arg);
			return EXIT_DONE;
		}
		given->output = true;
		o->output = str_eqz(str_of(st->arg), "-") ? NULL : st->arg;
		return EXIT_DONE;
	case OPT_PRIORITY:
		return parse_priority(st, &o->has_min_priority, &o->min_priority);
	case OPT_FAIL_ON:
		return parse_priority(st, &o->has_fail_on, &o->fail_on);
	case 't':
	case OPT_TAG:
		return add_tag(o, &given->tag, st->arg);
	case 'T':
	case OPT_NOT_TAG:
		return add_selection(o, false, true, str_of(st->arg));
	case 'D':
		return add_selection(o, false, false,
				     str_of(arena_printf(&o->arena, "*%s*", st->arg)));
	case OPT_ENABLE:
		return add_selection(o, true, false, str_of(st->arg));
	case OPT_DISABLE:
		return add_selection(o, false, false, str_of(st->arg));
	case OPT_RULE_MATCHING:
	case OPT_SUMMARY:
	case OPT_FORM:
		given->rule_matching |= key == OPT_RULE_MATCHING;
		return parse_choice(st, o, key);
	case OPT_ISO_TIME:
		o->alert.iso_time = true;
		return EXIT_DONE;
	case OPT_NO_OUTPUT:
		o->alert.no_output = true;
		return EXIT_DONE;
	case OPT_NO_FIELDS:
		o->alert.no_fields = true;
		return EXIT_DONE;
	case OPT_NO_TAGS:
		o->alert.no_tags = true;
		return EXIT_DONE;
	case OPT_MESSAGE:
		o->alert.message = true;
		return EXIT_DONE;
	case OPT_WITH_TRACE:
		o->alert.with_trace = true;
		return EXIT_DONE;
	case OPT_HOSTNAME:
		o->alert.hostname = str_of(st->arg);
		return EXIT_DONE;
	case OPT_APPEND_OUTPUT: {
		struct output_append a = { .extra_output = str_of(st->arg) };

		vec_push(&o->appends, a);
		return EXIT_DONE;
	}
	case OPT_APPEND_FIELD:
		append_field(o, st->arg);
		return EXIT_DONE;
	case OPT_SUGGESTED_OUTPUT:
		o->suggested_output = true;
		return EXIT_DONE;
	case OPT_CONTINUE:
		o->as_one = true;
		return EXIT_DONE;
	case OPT_ON_LOSS:
		given->on_loss = true;
		wrong = loss_policy_parse_actions(&o->loss, str_of(st->arg), &buf);
		if (wrong)
			r = option_usage_error(st, "%s", wrong);
		strbuf_release(&buf);
		return r;
	case OPT_LOSS_THRESHOLD:
		return parse_double(st, &o->loss.threshold);
	case OPT_LOSS_RATE:
		return parse_double(st, &o->loss.rate);
	case OPT_LOSS_BURST:
		return parse_double(st, &o->loss.burst);
	case OPT_SIMULATE_LOSS:
		o->loss.simulate = true;
		return EXIT_DONE;
	case 'q':
		o->quiet = true;
		return EXIT_DONE;
	case OPT_LOG_TIME:
		o->log_time = true;
		return EXIT_DONE;
	default:
		return option_select(st, key, &o->select);
	}
}

/* Loss options given alone change the configuration's policy; --on-loss replaces its actions. */
static void take_loss(struct replay_options *o, const struct given *given)
{
	const struct loss_policy *from = &o->config.loss;
	struct loss_policy standard;

	if (!o->config.has_loss)
		return;
	loss_policy_init(&standard);
	if (!given->on_loss)
		o->loss.actions = from->actions;
	if (o->loss.threshold == standard.threshold)
		o->loss.threshold = from->threshold;
	if (o->loss.rate == standard.rate)
		o->loss.rate = from->rate;
	if (o->loss.burst == standard.burst)
		o->loss.burst = from->burst;
	o->loss.simulate |= from->simulate;
}

static void take_outputs(struct replay_options *o)
{
	const struct falco_config *c = &o->config;

	if (c->to_stdout) {
		o->copy = c->to_file;
	} else {
		o->output = c->to_file;
		o->discard = !c->to_file;
	}
}

/* Puts what the configuration says below what the command line says. */
static int take_config(struct replay_options *o, const struct given *given)
{
	struct falco_config *c = &o->config;
	struct diag diag;
	size_t n;
	int e;

	if (!given->config && !given->sets.n)
		return EXIT_DONE;
	diag_init(&diag);
	e = falco_config_load(c, given->config, given->sets.v, given->sets.n, &diag);
	if (e || !o->quiet)
		diag_print(&diag, stderr);
	diag_free(&diag);
	if (e)
		return e == -EINVAL ? EXIT_USAGE : EXIT_FAILED;
	if (!o->rules.n)
		for (size_t i = 0; i < c->rules_files.n; i++)
			vec_push(&o->rules, c->rules_files.v[i]);
	if (!o->traces.n && c->capture_file)
		vec_push(&o->traces, c->capture_file);
	/* Its steps come first, so that those of the command line win. */
	n = o->selection.n;
	for (size_t i = 0; i < n; i++)
		vec_push(&c->selection, o->selection.v[i]);
	o->n_configured = c->selection.n - n;
	o->selection.n = 0;
	for (size_t i = 0; i < c->selection.n; i++)
		vec_push(&o->selection, c->selection.v[i]);
	for (size_t i = 0; i < o->appends.n; i++)
		vec_push(&c->appends, o->appends.v[i]);
	o->appends.n = 0;
	for (size_t i = 0; i < c->appends.n; i++)
		vec_push(&o->appends, c->appends.v[i]);
	c->appends.n = 0; /* theirs now */
	if (!o->has_min_priority && c->has_priority) {
		o->has_min_priority = true;
		o->min_priority = c->priority;
	}
	if (!given->rule_matching)
		o->match_all = c->match_all;
	if (c->json && o->alert.form == ALERT_TEXT)
		o->alert.form = ALERT_JSON;
	o->alert.iso_time |= c->iso_time;
	o->alert.message |= c->message;
	o->alert.no_output |= c->no_output;
	o->alert.no_fields |= c->no_fields;
	o->alert.no_tags |= c->no_tags;
	if (!given->output)
		take_outputs(o);
	take_loss(o, given);
	return EXIT_DONE;
}

/* What must hold of all options together. */
static int check(const struct option_state *st, const struct replay_options *o, bool falco_on,
		 bool falco_off)
{
	const char *wrong = loss_policy_check(&o->loss);
	unsigned stdins = 0;

	if (wrong)
		return option_usage_error(st, "%s", wrong);
	if (falco_on && falco_off)
		return option_usage_error(
			st, "Runtime error: You can not specify both disabled (-D/-T) and "
			    "enabled (-t) rules. Exiting. (--tag, --not-tag, --enable and "
			    "--disable can be combined)");
	if (!o->traces.n)
		return option_usage_error(st, "no trace given");
	for (size_t i = 0; i < o->traces.n; i++)
		stdins += str_eqz(str_of(o->traces.v[i]), "-");
	if (stdins > 1)
		return option_usage_error(st, "standard input (-) can be read only once");
	return EXIT_DONE;
}

int replay_options_parse(int argc, char **argv, struct replay_options *o, bool *ret_go)
{
	bool falco_on = false, falco_off = false;
	struct given given = { NULL };
	struct option_state st;
	int key, r = EXIT_DONE;

	*o = (struct replay_options){ .summary = SUMMARY_TEXT };
	arena_init(&o->arena);
	loss_policy_init(&o->loss);
	falco_config_init(&o->config);
	*ret_go = false;
	option_init(&st, &spec, argc, argv);
	while (r == EXIT_DONE && (key = option_next(&st)) != OPTION_END) {
		if (key == OPTION_EXIT)
			goto out;
		if (key == OPTION_ERROR) {
			r = EXIT_USAGE;
			goto out;
		}
		falco_on |= key == 't';
		falco_off |= key == 'T' || key == 'D';
		r = take(&st, o, key, &given);
	}
	if (r != EXIT_DONE)
		goto out;
	for (size_t i = 0; i < st.operands.n; i++)
		vec_push(&o->traces, st.operands.v[i]);
	r = take_config(o, &given);
	if (r == EXIT_DONE)
		r = check(&st, o, falco_on, falco_off);
	*ret_go = r == EXIT_DONE;
out:
	vec_free(&given.sets);
	option_free(&st);
	return r;
}

void replay_options_free(struct replay_options *o)
{
	for (size_t i = 0; i < o->appends.n; i++) {
		vec_free(&o->appends.v[i].extra_fields);
		vec_free(&o->appends.v[i].tags);
	}
	vec_free(&o->appends);
	vec_free(&o->rules);
	vec_free(&o->traces);
	vec_free(&o->selection);
	falco_config_free(&o->config);
	arena_destroy(&o->arena);
}
