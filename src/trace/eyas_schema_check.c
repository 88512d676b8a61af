#include "trace/eyas_schema_check.h"

#include "event/event.h"

static const char malformed[] = "the schema is malformed";

static bool is(const struct json_node *n, enum json_kind kind)
{
	return n && n->kind == kind;
}

/* Arrays of a name and a number. */
static const char *check_flags(const struct json_tree *j, const struct json_node *values)
{
	if (!is(values, JSON_KIND_ARRAY))
		return malformed;
	for (const struct json_node *v = json_first(j, values); v; v = json_next(j, values, v))
		if (!is(v, JSON_KIND_ARRAY) || !is(json_element_of(j, v, 0), JSON_KIND_STRING) ||
		    !is(json_element_of(j, v, 1), JSON_KIND_NUMBER))
			return malformed;
	return NULL;
}

static const char *check_event(const struct json_tree *j, const struct json_node *root,
			       const struct json_node *type)
{
	const struct json_node *code = json_member_of(j, root, STR("code"));
	const struct json_node *params = json_member_of(j, root, STR("params"));
	const struct event_info *info;
	unsigned long long number;

	if (!is(type, JSON_KIND_NUMBER) || !str_to_u64(type->raw, &number) || number > UINT16_MAX ||
	    !is(code, JSON_KIND_STRING) || !is(params, JSON_KIND_ARRAY))
		return malformed;
	for (const struct json_node *p = json_first(j, params); p; p = json_next(j, params, p))
		if (!is(p, JSON_KIND_OBJECT) ||
		    !is(json_member_of(j, p, STR("name")), JSON_KIND_STRING) ||
		    !is(json_member_of(j, p, STR("type")), JSON_KIND_STRING))
			return malformed;
	info = event_info((unsigned)number);
	if (info && !str_eqz(code->raw, info->code))
		return "the schema gives an event type another meaning than this eyas does";
	return NULL;
}

const char *eyas_schema_check(struct json_tree *json, struct str text)
{
	struct str line;

	while (str_split(&text, '\n', &line)) {
		const struct json_node *root, *type;
		const char *wrong;

		if (!line.n && !text.n)
			break;
		json_tree_parse(json, line);
		root = json_tree_root(json);
		if (!is(root, JSON_KIND_OBJECT))
			return malformed;
		type = json_member_of(json, root, STR("event"));
		if (type)
			wrong = check_event(json, root, type);
		else if (is(json_member_of(json, root, STR("flags")), JSON_KIND_STRING))
			wrong = check_flags(json, json_member_of(json, root, STR("values")));
		else
			wrong = NULL; /* of a kind that came later */
		if (wrong)
			return wrong;
	}
	return NULL;
}
