/* Audit logs as a source of events: see k8s_audit.h. */
#include "trace/k8s_audit.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/cursor.h"
#include "base/json_tree.h"
#include "base/text.h"
#include "base/timefmt.h"
#include "base/xalloc.h"
#include "event/plugin.h"
#include "trace/input.h"

#define MAX_TOLD   10   /* lines told one by one; the others are counted */
#define SHOW_BYTES 60   /* of a line in a message */
#define READ_AHEAD 4096 /* bytes more to ask for while a line is not complete */

struct k8s_audit {
	struct source source;
	struct input *in;
	struct json_tree tree; /* of the line in hand */
	size_t line_bytes;     /* of the line in hand, with its end: consumed before the next */
	struct str line;
	uint64_t line_no; /* from 1 */
	/* Walk over the tree: the next node; of an EventList: behind its items, behind itself. */
	uint32_t at, items_end, list_end;
	uint64_t events, bad, foreign; /* bad: lines; foreign: values that are no audit events */
	uint64_t first_bad, told, last_ts;
	uint8_t plugin_id[4];
	struct param params[2];
	bool ended;
};

static struct k8s_audit *log_of(struct source *s)
{
	return (struct k8s_audit *)s;
}

bool k8s_audit_probe(struct str head)
{
	if (str_starts(head, STR("\xef\xbb\xbf")))
		head = str_from(head, 3);
	head = str_trim(head);
	if (!head.n || (head.p[0] != '{' && head.p[0] != '['))
		return false;
	/* What follows in JSON; not a text or script that happens to begin with a bracket. */
	head = str_trim(str_from(head, 1));
	return !head.n || memchr("\"{}[]", head.p[0], 5);
}

static void tell(struct k8s_audit *k, const char *code, size_t at, const char *what,
		 const char *hint)
{
	struct str shown = k->line;
	struct strbuf sb = STRBUF_INIT;
	struct diag_item *it;

	if (k->told++ >= MAX_TOLD)
		return;
	if (shown.n > SHOW_BYTES)
		shown.n = SHOW_BYTES;
	text_escape(&sb, shown);
	it = diag_add(k->source.diag, DIAG_WARNING, code, "%s%s: \"%s%s\"", what, hint, sb.s,
		      shown.n < k->line.n ? "..." : "");
	it->file = k->source.name;
	it->has_pos = true;
	it->line = (uint32_t)(k->line_no - 1);
	it->col = (uint32_t)at;
	strbuf_release(&sb);
}

static void bad_line(struct k8s_audit *k, unsigned cause, struct record *ret)
{
	if (!k->bad++)
		k->first_bad = k->line_no;
	ret->kind = RECORD_LOSS;
	ret->loss = (struct loss){
		.count = 1,
		.from_ts = k->last_ts,
		.to_ts = k->last_ts,
		.cpu = UINT16_MAX,
		.cause = (uint16_t)cause,
	};
}

/* Goes on to the next line end; false when the input ends before. */
static bool skip_line(struct k8s_audit *k)
{
	const uint8_t *nl;

	do {
		nl = memchr(k->in->p, '\n', k->in->n);
		if (nl) {
			input_consume(k->in, (size_t)(nl - k->in->p) + 1);
			return true;
		}
		input_consume(k->in, k->in->n);
	} while (input_need(k->in, 1));
	return false;
}

/* The next line into k->line: 1; 0 at the end; -1 when it is too long (it is skipped then). */
static int next_line(struct k8s_audit *k)
{
	const uint8_t *nl = NULL;
	size_t seen = 0, want = 1;

	input_consume(k->in, k->line_bytes);
	k->line_bytes = 0;
	k->line = STR("");
	for (;;) {
		input_need(k->in, want);
		nl = memchr(k->in->p + seen, '\n', k->in->n - seen);
		if (nl || k->in->n < want || k->in->n > K8S_AUDIT_LINE_MAX)
			break;
		seen = k->in->n;
		want = seen + READ_AHEAD;
	}
	if (!nl && !k->in->n)
		return 0;
	k->line_no++;
	k->line_bytes = nl ? (size_t)(nl - k->in->p) + 1 : k->in->n;
	k->line = str_mem(k->in->p, nl ? k->line_bytes - 1 : k->line_bytes);
	if (k->line.n > K8S_AUDIT_LINE_MAX) {
		tell(k, "AUDIT_LINE", 0, "the line is longer than 16 MiB; it was left out", "");
		k->line_bytes = 0;
		k->line = STR("");
		skip_line(k);
		return -1;
	}
	return 1;
}

/* Parses the line in hand; false when it is no JSON, which was told. */
static bool parse_line(struct k8s_audit *k)
{
	struct str text = k->line;
	const char *hint = "";
	bool cut;

	if (k->line_no == 1 && str_starts(text, STR("\xef\xbb\xbf")))
		text = str_from(text, 3);
	k->at = k->items_end = k->list_end = 0;
	if (json_tree_parse(&k->tree, text))
		return true;
	cut = k->tree.error_at == text.n;
	if (k->line_no == 1 && cut)
		hint = " (an audit event must stand on one line; \"jq -c .\" makes it so)";
	tell(k, "AUDIT_JSON", k->tree.error_at + (size_t)(text.p - k->line.p),
	     arena_printf(&k->source.diag->arena, "not JSON, or cut: %s; the line was left out",
			  k->tree.error),
	     hint);
	return false;
}

/* The audit event of node n. 1 and *ret, or 0 when it cannot be one. */
static int make_event(struct k8s_audit *k, const struct json_node *n, struct record *ret)
{
	const struct json_node *time = json_member_of(&k->tree, n, STR("stageTimestamp"));
	size_t at = (size_t)(n->raw.p - k->line.p);
	uint64_t ts;

	if (!time || time->kind != JSON_KIND_STRING || !time_parse(time->raw, &ts)) {
		k->foreign++;
		tell(k, "AUDIT_TIME", at,
		     time ? "the stageTimestamp of an audit event is not a time; it was left out"
			  : "an audit event without stageTimestamp was left out",
		     "");
		return 0;
	}
	k->params[1] = (struct param){ (const uint8_t *)n->raw.p, (uint32_t)n->raw.n };
	ret->kind = RECORD_EVENT;
	ret->event = (struct event){
		.ts = ts,
		.tid = EVENT_NO_TID,
		.type = EVT_PLUGINEVENT_E,
		.n_params = 2,
		.params = k->params,
		.info = event_info(EVT_PLUGINEVENT_E),
	};
	k->last_ts = ts;
	k->events++;
	return 1;
}

static bool kind_is(struct k8s_audit *k, const struct json_node *n, const char *kind)
{
	const struct json_node *m = json_member_of(&k->tree, n, STR("kind"));

	return m && m->kind == JSON_KIND_STRING && str_eqz(m->raw, kind);
}

/* The next audit event of the line in hand: 1; 0 when there is none left. */
static int next_of_line(struct k8s_audit *k, struct record *ret)
{
	while (k->at < k->tree.nodes.n) {
		const struct json_node *n = &k->tree.nodes.v[k->at], *items;
		bool in_list = k->at < k->items_end;

		if (k->items_end && k->at == k->items_end) {
			k->at = k->list_end;
			k->items_end = 0;
			continue;
		}
		if (n->kind == JSON_KIND_ARRAY && !in_list) {
			k->at++;
			continue;
		}
		k->at = n->end;
		if (in_list || kind_is(k, n, "Event")) {
			if (make_event(k, n, ret))
				return 1;
			continue;
		}
		items = kind_is(k, n, "EventList") ? json_member_of(&k->tree, n, STR("items"))
						   : NULL;
		if (items && items->kind == JSON_KIND_ARRAY) {
			k->list_end = n->end;
			k->items_end = items->end;
			k->at = (uint32_t)(items - k->tree.nodes.v) + 1;
			continue;
		}
		k->foreign++;
		tell(k, "AUDIT_KIND", (size_t)(n->raw.p - k->line.p),
		     "data not recognized as a k8s audit event (its kind is neither Event nor "
		     "EventList); it was left out",
		     "");
	}
	return 0;
}

/* What was left out in all; the result of the last call of next(). */
static int finish(struct k8s_audit *k)
{
	struct diag *d = k->source.diag;
	int r = input_report(k->in, d);

	k->ended = true;
	if (k->told > MAX_TOLD)
		diag_add(d, DIAG_WARNING, "AUDIT_MORE", "%" PRIu64 " more like these are not shown",
			 k->told - MAX_TOLD)
			->file = k->source.name;
	if (!k->events && !r)
		diag_add(d, DIAG_WARNING, "AUDIT_EMPTY", "there is no audit event in this file")
			->file = k->source.name;
	if (k->bad)
		diag_add(d, DIAG_ERROR, "AUDIT_DAMAGED",
			 "%" PRIu64 " of %" PRIu64
			 " lines could not be read and were left out, the first is line %" PRIu64,
			 k->bad, k->line_no, k->first_bad)
			->file = k->source.name;
	return r ? r : k->bad ? -EBADMSG : 0;
}

static int log_next(struct source *s, struct record *ret)
{
	struct k8s_audit *k = log_of(s);
	int r;

	if (k->ended)
		return 0;
	s->position = k->in->position;
	for (;;) {
		if (next_of_line(k, ret))
			return 1;
		k->tree.nodes.n = 0;
		r = next_line(k);
		if (r == 0)
			return finish(k);
		if (r < 0) {
			bad_line(k, LOSS_TOO_LARGE, ret);
			return 1;
		}
		if (!str_trim(k->line).n)
			continue;
		if (!parse_line(k)) {
			bad_line(k, LOSS_DAMAGE, ret);
			return 1;
		}
	}
}

static void log_close(struct source *s)
{
	struct k8s_audit *k = log_of(s);

	json_tree_free(&k->tree);
	input_close(k->in);
	free(k);
}

static const struct source_ops log_ops = {
	.next = log_next,
	.close = log_close,
};

int k8s_audit_open(struct input *in, struct diag *diag, struct source **ret)
{
	struct k8s_audit *k = xcalloc(1, sizeof(*k));

	k->source.ops = &log_ops;
	k->source.name = in->name;
	k->source.format = "k8s_audit";
	k->source.diag = diag;
	k->source.size = in->size;
	k->in = in;
	put_le32(k->plugin_id, PLUGIN_K8SAUDIT);
	k->params[0] = (struct param){ k->plugin_id, 4 };
	*ret = &k->source;
	return 0;
}
