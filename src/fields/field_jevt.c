/* json.* and jevt.*: the payload of an event of a plugin, when that is JSON. */
#include "event/plugin.h"
#include "fields/field_json.h"

const struct json_node *field_json(const struct field_env *env, const struct json_tree **ret_tree)
{
	const struct event *ev = env->ctx->ev;
	struct field_json *j = field_json_memory(env);
	struct str data = event_plugin_data(ev);

	if (!data.n || (data.p[0] != '{' && data.p[0] != '['))
		return NULL;
	*ret_tree = &j->tree;
	/* Events that are made up, to try conditions, have no number. */
	if (!ev->num || j->num != ev->num || j->p != data.p || j->n != data.n) {
		j->num = ev->num;
		j->p = data.p;
		j->n = data.n;
		(void)json_tree_parse(&j->tree, data);
	}
	return json_tree_root(&j->tree);
}

struct str field_json_text(const struct json_node *n, struct arena *a)
{
	struct strbuf sb = STRBUF_INIT;
	struct str s;

	if (n->kind == JSON_KIND_STRING)
		return json_string_of(n, a);
	if (n->kind < JSON_KIND_STRING)
		return n->raw;
	json_compact(n->raw, &sb);
	s = arena_str(a, strbuf_str(&sb));
	strbuf_release(&sb);
	return s;
}

bool field_json_add(const struct field_ref *ref, const struct json_node *n, struct values *out)
{
	return values_add_str(out, ref, field_json_text(n, out->arena));
}

/* A step of a pointer with ~1 and ~0 replaced. */
static struct str step_text(struct str step, struct arena *a)
{
	struct strbuf sb = STRBUF_INIT;
	struct str s = step;

	if (str_chr(step, '~') < 0)
		return step;
	for (size_t i = 0; i < step.n; i++) {
		char c = step.p[i];

		if (c == '~' && i + 1 < step.n && (step.p[i + 1] == '0' || step.p[i + 1] == '1'))
			c = step.p[++i] == '1' ? '/' : '~';
		strbuf_addc(&sb, c);
	}
	s = arena_str(a, strbuf_str(&sb));
	strbuf_release(&sb);
	return s;
}

/* RFC 6901; the first slash may be left out. */
bool field_x_json_value(const struct field_ref *ref, const struct field_env *env,
			struct values *out)
{
	struct str rest = ref->arg, step;
	const struct json_tree *t;
	const struct json_node *n = field_json(env, &t);

	if (str_starts(rest, STR("/")))
		rest = str_from(rest, 1);
	while (n && str_split(&rest, '/', &step)) {
		unsigned long long i;

		step = step_text(step, env->arena);
		if (n->kind == JSON_KIND_ARRAY)
			n = str_to_u64(step, &i) ? json_element_of(t, n, i) : NULL;
		else
			n = json_member_of(t, n, step);
	}
	return n && field_json_add(ref, n, out);
}

bool field_x_json_obj(const struct field_ref *ref, const struct field_env *env, struct values *out)
{
	const struct json_tree *t;
	const struct json_node *n = field_json(env, &t);
	struct strbuf *sb;

	if (!n)
		return false;
	sb = field_scratch(env);
	json_indent(n->raw, sb);
	return values_add_scratch(out, ref, sb);
}

bool field_x_json_rawtime(const struct field_ref *ref, const struct field_env *env,
			  struct values *out)
{
	struct strbuf *sb;

	if (!event_plugin_data(env->ctx->ev).n)
		return false;
	sb = field_scratch(env);
	strbuf_addu(sb, env->ctx->ev->ts);
	return values_add_scratch(out, ref, sb);
}
