/* One rule on one event, told; see explained.h. */
#include "cli/explained.h"

#include "base/text.h"
#include "rules/output_format.h"

#define WHAT_MAX    140
#define VALUE_MAX   200
#define TEXT_MAX    120
#define TEXT_COLUMN 52

static struct str describe_event(struct corpus *c, struct arena *a)
{
	static const char format[] =
		"*%evt.time.iso8601 %evt.type by %proc.name (pid %proc.pid) %evt.args";
	struct strbuf sb = STRBUF_INIT, text = STRBUF_INIT;
	const char *wrong;
	struct output_format *f = output_format_new(str_of(format), a, &wrong);
	struct str ret;

	if (f)
		(void)output_format_text(f, &c->env, &sb);
	text_escape(&text, str_trim(strbuf_str(&sb)));
	if (text.n > WHAT_MAX) {
		while (text.n > WHAT_MAX - 3 ||
		       (text.n && ((unsigned char)text.s[text.n - 1] & 0x80)))
			strbuf_truncate(&text, text.n - 1);
		strbuf_adds(&text, "...");
	}
	ret = arena_str(a, strbuf_str(&text));
	strbuf_release(&sb);
	strbuf_release(&text);
	return ret;
}

static void take_check(struct explained *e, struct corpus *c, const struct rule_node *n)
{
	struct explained_check *k = &e->checks[n->number];
	struct check_sides s;

	check_sides(n, c->trees, c->run, &s);
	*k = (struct explained_check){ !n->stateful,
				       s.left_present,
				       s.has_right,
				       s.right_present,
				       arena_str(&e->arena, strbuf_str(&s.left)),
				       arena_str(&e->arena, strbuf_str(&s.right)) };
	check_sides_release(&s);
}

struct explained *explained_new(struct corpus *c, const struct rule_tree *t, const uint8_t *res,
				uint32_t away)
{
	struct explained *e = xcalloc(1, sizeof(*e));

	e->tree = t;
	e->trace = c->trace;
	e->num = c->env.ctx->ev->num;
	e->what = describe_event(c, &e->arena);
	e->res = (uint8_t *)arena_memdup(&e->arena, res, t->n_nodes);
	e->value = res[0] & TRACE_TRUE;
	e->away = away;
	e->clauses = rule_trace_clauses(t, res, &e->held);
	e->checks = arena_calloc(&e->arena, t->n_nodes, sizeof(*e->checks));
	for (uint32_t i = 0; i < t->n_nodes; i++)
		if (t->nodes[i]->kind == RULE_CHECK && (res[i] & TRACE_KNOWN))
			take_check(e, c, t->nodes[i]);
	return e;
}

void explained_free(struct explained *e)
{
	if (!e)
		return;
	arena_destroy(&e->arena);
	free(e);
}

static void node_text(const struct rule_node *n, size_t max, bool inner, struct strbuf *out)
{
	struct strbuf sb = STRBUF_INIT;

	switch (n->kind) {
	case RULE_AND:
	case RULE_OR:
		if (inner)
			strbuf_addc(out, '(');
		for (uint32_t i = 0; i < n->n_kids && (!max || out->n < max); i++) {
			if (i)
				strbuf_adds(out, n->kind == RULE_AND ? " and " : " or ");
			node_text(n->kids[i], max, true, out);
		}
		if (inner)
			strbuf_addc(out, ')');
		break;
	case RULE_NOT:
		strbuf_adds(out, "not ");
		node_text(n->kids[0], max, true, out);
		break;
	case RULE_MACRO:
		text_escape(out, n->name);
		break;
	case RULE_EXCEPTION:
		strbuf_adds(out, "exception ");
		text_escape(out, n->name);
		break;
	case RULE_CHECK:
		text_escape(&sb, n->text);
		strbuf_addstr(out, strbuf_str(&sb));
		break;
	}
	strbuf_release(&sb);
}

void explained_node_text(const struct rule_node *n, size_t max, struct strbuf *out)
{
	struct strbuf sb = STRBUF_INIT;

	node_text(n, max, false, &sb);
	if (max && sb.n > max) {
		while (sb.n > max - 3 || (sb.n && ((unsigned char)sb.s[sb.n - 1] & 0x80)))
			strbuf_truncate(&sb, sb.n - 1);
		strbuf_adds(&sb, "...");
	}
	strbuf_addstr(out, strbuf_str(&sb));
	strbuf_release(&sb);
}

void explained_place(const struct rule_node *n, struct strbuf *out)
{
	text_escape(out, str_of(n->at.file));
	if (n->at.line)
		strbuf_addf(out, ":%u", n->at.line);
	for (const struct rule_node *p = n->parent; p; p = p->parent) {
		if (p->kind != RULE_MACRO && p->kind != RULE_EXCEPTION)
			continue;
		strbuf_adds(out, p->kind == RULE_MACRO ? ", macro " : ", exception ");
		text_escape(out, p->name);
	}
}

static void put_value(bool present, struct str v, struct strbuf *out)
{
	struct str cut = v;

	if (!present) {
		strbuf_adds(out, "(no value)");
		return;
	}
	if (cut.n > VALUE_MAX)
		cut.n = VALUE_MAX;
	strbuf_addc(out, '"');
	text_escape(out, cut);
	strbuf_addc(out, '"');
	if (cut.n < v.n)
		strbuf_addf(out, "... (%zu bytes)", v.n);
}

void explained_value(const struct explained *e, const struct rule_node *n, struct strbuf *out)
{
	const struct explained_check *k = &e->checks[n->number];

	if (n->kind != RULE_CHECK || !k->taken)
		return;
	if (n->check->op == OP_EXISTS && k->left_present && !(e->res[n->number] & TRACE_TRUE))
		return;
	strbuf_adds(out, "was ");
	put_value(k->left_present, k->left, out);
	if (!k->has_right || !k->left_present)
		return;
	strbuf_adds(out, ", the right side ");
	put_value(k->right_present, k->right, out);
}

void explained_blocker_text(const struct explained *e, const struct rule_node *n,
			    struct strbuf *out)
{
	const struct rule_node *p = n->parent;

	if (p && p->kind == RULE_NOT) {
		explained_node_text(p, TEXT_MAX, out);
		return;
	}
	/* What is true can only stand in the way behind a "not": which one, tells why. */
	while (p && p->kind != RULE_NOT)
		p = p->parent;
	if (p && (e->res[n->number] & TRACE_TRUE)) {
		explained_node_text(p, TEXT_MAX / 2, out);
		strbuf_adds(out, ", where ");
	}
	explained_node_text(n, TEXT_MAX, out);
}

void explained_blockers(const struct explained *e, unsigned indent, struct strbuf *out)
{
	for (uint32_t i = 0; i < e->tree->n_nodes; i++) {
		const struct rule_node *n = e->tree->nodes[i];

		if (n->kind != RULE_CHECK || !(e->res[i] & TRACE_NEEDED))
			continue;
		strbuf_addf(out, "%*s", (int)indent, "");
		explained_blocker_text(e, n, out);
		strbuf_adds(out, "   ");
		explained_value(e, n, out);
		strbuf_adds(out, "   (");
		explained_place(n, out);
		strbuf_adds(out, ")\n");
	}
}

static const char *result_word(uint8_t res)
{
	if (!(res & TRACE_KNOWN))
		return "-";
	if (res & TRACE_REACHED)
		return res & TRACE_TRUE ? "true" : "false";
	return res & TRACE_TRUE ? "(true)" : "(false)";
}

/* A part that can be told in one line, its kids left out. */
static bool is_folded(const struct explained *e, const struct rule_node *n)
{
	uint8_t res = e->res[n->number];

	if (n->kind == RULE_CHECK)
		return false;
	if (res & TRACE_NEEDED)
		return false;
	/* A "not" that holds, an "or" that does not matter. */
	return n->kind == RULE_NOT || !(res & TRACE_TRUE) || n->kind == RULE_EXCEPTION;
}

static void put_line(const struct explained *e, const struct rule_node *n, unsigned depth,
		     bool folded, struct strbuf *out)
{
	uint8_t res = e->res[n->number];
	size_t begin = out->n;

	strbuf_addf(out, "%-8s", result_word(res));
	strbuf_addf(out, "%*s", (int)(2 * depth), "");
	if (n->kind == RULE_MACRO)
		strbuf_adds(out, "macro ");
	if (folded || n->kind == RULE_CHECK || n->kind == RULE_MACRO || n->kind == RULE_EXCEPTION)
		explained_node_text(n, 90, out);
	else
		strbuf_adds(out, n->kind == RULE_AND ? "and" : n->kind == RULE_OR ? "or" : "not");
	if (n->kind != RULE_AND && n->kind != RULE_OR && n->kind != RULE_NOT) {
		do
			strbuf_addc(out, ' ');
		while (out->n - begin < TEXT_COLUMN);
		explained_value(e, n, out);
		if (out->s[out->n - 1] != ' ')
			strbuf_addc(out, ' ');
		strbuf_adds(out, " ");
		text_escape(out, str_of(n->at.file));
		strbuf_addf(out, ":%u", n->at.line);
	}
	if (n->kind == RULE_CHECK && (res & TRACE_NEEDED) && !e->value)
		strbuf_adds(out, "  <-- stops it");
	strbuf_addc(out, '\n');
}

static void put_tree(const struct explained *e, const struct rule_node *n, bool full,
		     unsigned depth, unsigned indent, struct strbuf *out)
{
	bool folded = !full && is_folded(e, n);
	uint32_t hidden = 0;

	strbuf_addf(out, "%*s", (int)indent, "");
	put_line(e, n, depth, folded, out);
	if (folded)
		return;
	for (uint32_t i = 0; i < n->n_kids; i++) {
		uint8_t res = e->res[n->kids[i]->number];

		/* Of alternatives, those that are true or would have to be. */
		if (!full && n->kind == RULE_OR && !(res & (TRACE_TRUE | TRACE_NEEDED))) {
			hidden++;
			continue;
		}
		put_tree(e, n->kids[i], full, depth + 1, indent, out);
	}
	if (hidden)
		strbuf_addf(out, "%*s%-8s%*s(%u other alternative%s)\n", (int)indent, "", "false",
			    (int)(2 * (depth + 1)), "", hidden, hidden == 1 ? "" : "s");
}

void explained_tree(const struct explained *e, bool full, unsigned indent, struct strbuf *out)
{
	put_tree(e, e->tree->nodes[0], full, 0, indent, out);
}

void explained_place_json(const struct rule_node *n, struct json_writer *w)
{
	json_key(w, "file");
	json_strz(w, n->at.file);
	json_key(w, "line");
	json_u64(w, n->at.line);
	json_key(w, "column");
	json_u64(w, n->at.col);
	json_key(w, "macros");
	json_begin_array(w);
	for (const struct rule_node *p = n->parent; p; p = p->parent)
		if (p->kind == RULE_MACRO)
			json_str(w, p->name);
	json_end_array(w);
	for (const struct rule_node *p = n->parent; p; p = p->parent) {
		if (p->kind != RULE_EXCEPTION)
			continue;
		json_key(w, "exception");
		json_str(w, p->name);
	}
}

static void json_side(struct json_writer *w, const char *key, bool present, struct str v)
{
	json_key(w, key);
	if (present)
		json_str(w, v);
	else
		json_nil(w);
}

static void node_json(const struct explained *e, const struct rule_node *n, struct json_writer *w)
{
	static const char *const kinds[] = { "and", "or", "not", "macro", "exception", "check" };
	const struct explained_check *k = &e->checks[n->number];
	uint8_t res = e->res[n->number];

	json_begin_object(w);
	json_key(w, "number");
	json_u64(w, n->number);
	json_key(w, "parent");
	if (n->parent)
		json_u64(w, n->parent->number);
	else
		json_nil(w);
	json_key(w, "kind");
	json_strz(w, kinds[n->kind]);
	if (n->name.n) {
		json_key(w, "name");
		json_str(w, n->name);
	}
	if (n->kind == RULE_CHECK) {
		json_key(w, "text");
		json_str(w, n->text);
	}
	json_key(w, "value");
	if (res & TRACE_KNOWN)
		json_bool(w, res & TRACE_TRUE);
	else
		json_nil(w);
	json_key(w, "reached");
	json_bool(w, res & TRACE_REACHED);
	json_key(w, "decides");
	json_bool(w, res & TRACE_NEEDED);
	if (k->taken) {
		json_side(w, "left", k->left_present, k->left);
		if (k->has_right)
			json_side(w, "right", k->right_present, k->right);
	}
	explained_place_json(n, w);
	json_end_object(w);
}

void explained_json(const struct explained *e, struct json_writer *w)
{
	json_begin_object(w);
	json_key(w, "trace");
	json_strz(w, e->trace);
	json_key(w, "event");
	json_u64(w, e->num);
	json_key(w, "what");
	json_str(w, e->what);
	json_key(w, "matched");
	json_bool(w, e->value);
	json_key(w, "away");
	json_u64(w, e->value ? 0 : e->away);
	json_key(w, "clauses");
	json_u64(w, e->clauses);
	json_key(w, "clauses_true");
	json_u64(w, e->held);
	if (e->winner) {
		json_key(w, "taken_by");
		json_str(w, e->winner->name);
	}
	json_key(w, "nodes");
	json_begin_array(w);
	for (uint32_t i = 0; i < e->tree->n_nodes; i++)
		node_json(e, e->tree->nodes[i], w);
	json_end_array(w);
	json_end_object(w);
}
