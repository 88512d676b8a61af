/* ka.*: what a Kubernetes audit event says, by the paths of field_ka_list.def. */
#include "base/compiler.h"
#include "event/plugin.h"
#include "fields/field_json.h"

enum ka_how {
	KA_HOW_ONE,
	KA_HOW_LIST,
	KA_HOW_EACH,
	KA_HOW_ALL,
	KA_HOW_URI_PARAM,
	KA_HOW_POD_NAME,
	KA_HOW_CONFIGMAP,
	KA_HOW_SUBJECT_USER,
	KA_HOW_SUBJECT_ACCOUNT,
	KA_HOW_SUBJECT_NS_ACCOUNT,
	KA_HOW_SUBJECT_GROUP,
	KA_HOW_TRUE,
	KA_HOW_REPOSITORY,
	KA_HOW_FIRST_IMAGE,
	KA_HOW_FIRST_REPOSITORY,
	KA_HOW_HOST_PORT,
	KA_HOW_EFFECTIVE,
	KA_HOW_ANY_TRUE,
	KA_HOW_HAS_PATH,
	KA_HOW_VOLUME_TYPE,
};

static const struct ka_row {
	uint8_t how; /* enum ka_how */
	const char *path;
} rows[] = {
#define KA(id, name, flags, how, path, doc) [KA_##id] = { KA_HOW_##how, path },
#include "fields/field_ka_list.def"
#undef KA
};

#define NO_INDEX UINT64_MAX

struct walk {
	const struct field_ref *ref;
	const struct field_env *env;
	const struct json_tree *t;
	struct values *out;
	uint64_t index; /* element of the next array on the way, NO_INDEX: all */
	bool lacking;   /* something had no value */
	/* For each value found; NULL: append it. */
	void (*found)(struct walk *w, const struct json_node *n);
	struct str def;  /* what stands for a value that is lacking; p NULL: nothing */
	uint64_t n_true; /* counted by found() */
};

static const struct json_node *at_path(const struct json_tree *t, const struct json_node *n,
				       const char *path)
{
	struct str rest = str_of(path), step;

	while (n && str_split(&rest, ' ', &step))
		n = json_member_of(t, n, step);
	return n;
}

static void walk_path(struct walk *w, const struct json_node *n, struct str path);

/* All elements, or the one of the index, which is used up by that. */
static void walk_array(struct walk *w, const struct json_node *n, struct str path)
{
	const struct json_node *kid;
	uint64_t index = w->index;

	if (index == NO_INDEX) {
		for (kid = json_first(w->t, n); kid; kid = json_next(w->t, n, kid))
			walk_path(w, kid, path);
		return;
	}
	w->index = NO_INDEX;
	kid = json_element_of(w->t, n, index);
	if (kid)
		walk_path(w, kid, path);
	w->index = index;
}

static void lacking(struct walk *w)
{
	w->lacking = true;
	if (w->def.p)
		values_add_str(w->out, w->ref, w->def);
}

/*
 * Goes on from n along the rest of the path (p NULL: at its end). As deep as the path is long:
 * arrays of arrays, which the API does not have, are not entered.
 */
static void walk_path(struct walk *w, const struct json_node *n, struct str path)
{
	struct str step;

	while (str_split(&path, ' ', &step)) {
		n = json_member_of(w->t, n, step);
		if (!n) {
			lacking(w);
			return;
		}
		if (n->kind == JSON_KIND_ARRAY) {
			walk_array(w, n, path);
			return;
		}
	}
	if (w->found)
		w->found(w, n);
	else
		field_json_add(w->ref, n, w->out);
}

/* An empty list is no value, as from the plugin. */
static bool walk_all(struct walk *w, const struct json_node *root, const char *path)
{
	walk_path(w, root, str_of(path));
	return w->out->n > 0;
}

static struct str repository(struct str image)
{
	ptrdiff_t at = str_chr(image, ':');

	if (at >= 0)
		image.n = (size_t)at;
	at = str_chr(image, '@');
	if (at >= 0)
		image.n = (size_t)at;
	return image;
}

static void found_image(struct walk *w, const struct json_node *n)
{
	values_add_str(w->out, w->ref, repository(field_json_text(n, w->out->arena)));
}

static void found_ports(struct walk *w, const struct json_node *n)
{
	const struct json_node *port = json_member_of(w->t, n, STR("hostPort"));

	/* With the host's network this is a port of the host, too. */
	if (!port)
		port = json_member_of(w->t, n, STR("containerPort"));
	if (port)
		field_json_add(w->ref, port, w->out);
}

static void found_flag(struct walk *w, const struct json_node *n)
{
	w->n_true += n->kind == JSON_KIND_TRUE;
}

static void found_path(struct walk *w, const struct json_node *n)
{
	struct str path = field_json_text(n, w->env->arena), want = w->ref->arg;

	if (str_ends(want, STR("*"))) {
		want.n--;
		w->n_true += str_starts(path, want);
	} else {
		w->n_true += str_eq(path, want);
	}
}

static void found_volume(struct walk *w, const struct json_node *n)
{
	const struct json_node *m;

	if (n->kind != JSON_KIND_OBJECT)
		return;
	for (m = json_first(w->t, n); m; m = json_next(w->t, n, m))
		if (!str_eq(m->key, STR("name")))
			values_add_str(w->out, w->ref, m->key);
}

static void found_subject(struct walk *w, const struct json_node *n)
{
	static const char *const kinds[] = {
		[KA_HOW_SUBJECT_USER] = "User",
		[KA_HOW_SUBJECT_ACCOUNT] = "ServiceAccount",
		[KA_HOW_SUBJECT_NS_ACCOUNT] = "ServiceAccount",
		[KA_HOW_SUBJECT_GROUP] = "Group",
	};
	const struct json_node *kind = json_member_of(w->t, n, STR("kind"));
	const struct json_node *name = json_member_of(w->t, n, STR("name"));
	const struct json_node *ns = json_member_of(w->t, n, STR("namespace"));
	unsigned how = rows[w->ref->aux].how;
	struct arena *a = w->out->arena;
	struct str text;

	if (!kind || !name || !str_eqz(field_json_text(kind, a), kinds[how]))
		return;
	text = field_json_text(name, a);
	if (how == KA_HOW_SUBJECT_NS_ACCOUNT) {
		struct str space = ns ? field_json_text(ns, a) : STR("");
		struct strbuf *sb = field_scratch(w->env);

		strbuf_addstr(sb, space);
		strbuf_addc(sb, ':');
		strbuf_addstr(sb, text);
		values_add_scratch(w->out, w->ref, sb);
		return;
	}
	values_add_str(w->out, w->ref, text);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A name or value of a query; false when an escape is malformed. */
static bool query_decode(struct str s, struct strbuf *out)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '%') {
			int hi = i + 2 < s.n ? hex_digit(s.p[i + 1]) : -1;
			int lo = i + 2 < s.n ? hex_digit(s.p[i + 2]) : -1;

			if (hi < 0 || lo < 0)
				return false;
			c = (char)(hi << 4 | lo);
			i += 2;
		} else if (c == '+') {
			c = ' ';
		}
		strbuf_addc(out, c);
	}
	return true;
}

/* The first query parameter of the name in the argument. */
static bool uri_param(struct walk *w, const struct json_node *n)
{
	struct str query, pair, name;
	struct strbuf *sb;
	ptrdiff_t at;

	if (!n)
		return false;
	query = field_json_text(n, w->out->arena);
	at = str_chr(query, '#');
	if (at >= 0)
		query.n = (size_t)at;
	at = str_chr(query, '?');
	if (at < 0)
		return false;
	query = str_from(query, (size_t)at + 1);
	while (str_split(&query, '&', &pair)) {
		at = str_chr(pair, '=');
		name = at < 0 ? pair : str_mem(pair.p, (size_t)at);
		sb = field_scratch(w->env);
		if (!query_decode(name, sb) || !str_eq(strbuf_str(sb), w->ref->arg))
			continue;
		sb = field_scratch(w->env);
		return query_decode(at < 0 ? STR("") : str_from(pair, (size_t)at + 1), sb) &&
		       values_add_scratch(w->out, w->ref, sb);
	}
	return false;
}

static bool resource_is(const struct json_tree *t, const struct json_node *root, const char *what)
{
	const struct json_node *n = at_path(t, root, "objectRef resource");

	return n && n->kind == JSON_KIND_STRING && str_eqz(n->raw, what);
}

/* A pod that is being made has its name in the response only. */
static bool pod_name(struct walk *w, const struct json_node *root, const char *path)
{
	const struct json_node *n = NULL;

	if (resource_is(w->t, root, "pods") && !at_path(w->t, root, "objectRef subresource"))
		n = at_path(w->t, root, path);
	if (!n)
		n = at_path(w->t, root, "objectRef name");
	return n && field_json_add(w->ref, n, w->out);
}

/* The containers' own ids, else the pod's, else root's. */
static bool effective(struct walk *w, const struct json_node *root, const char *path)
{
	const struct json_node *spec = at_path(w->t, root, "requestObject spec");
	const struct json_node *pod, *id, *list;
	const char *name = path + strlen("requestObject spec ");

	list = spec ? json_member_of(w->t, spec, str_mem(name, strcspn(name, " "))) : NULL;
	if (!list || list->kind != JSON_KIND_ARRAY)
		return false;
	pod = json_member_of(w->t, spec, STR("securityContext"));
	id = pod ? json_member_of(w->t, pod, str_of(strrchr(path, ' ') + 1)) : NULL;
	w->def = id ? field_json_text(id, w->out->arena) : STR("0");
	return walk_all(w, root, path);
}

static bool text_of(struct walk *w, const char *text)
{
	return values_add_z(w->out, w->ref, text);
}

/* "true" when something counted; missing when there is no such list. */
static bool any(struct walk *w, const struct json_node *root, const char *list, const char *path)
{
	const struct json_node *n = at_path(w->t, root, list);

	if (!n || n->kind != JSON_KIND_ARRAY)
		return false;
	walk_path(w, root, str_of(path));
	return text_of(w, w->n_true ? "true" : "false");
}

static bool extract(struct walk *w, const struct json_node *root, const struct ka_row *row)
{
	const struct json_node *n;

	switch ((enum ka_how)row->how) {
	case KA_HOW_ONE:
		n = at_path(w->t, root, row->path);
		return n && field_json_add(w->ref, n, w->out);
	case KA_HOW_LIST:
		n = at_path(w->t, root, row->path);
		if (!n || n->kind != JSON_KIND_ARRAY)
			return false;
		return walk_all(w, root, row->path);
	case KA_HOW_EACH:
		return walk_all(w, root, row->path);
	case KA_HOW_REPOSITORY:
		w->found = found_image;
		FALLTHROUGH;
	case KA_HOW_ALL:
		return walk_all(w, root, row->path) && !w->lacking;
	case KA_HOW_FIRST_REPOSITORY:
		w->found = found_image;
		FALLTHROUGH;
	case KA_HOW_FIRST_IMAGE:
		w->index = 0;
		return walk_all(w, root, row->path) && !w->lacking;
	case KA_HOW_URI_PARAM:
		return uri_param(w, at_path(w->t, root, row->path));
	case KA_HOW_POD_NAME:
		return pod_name(w, root, row->path);
	case KA_HOW_CONFIGMAP:
		n = resource_is(w->t, root, "configmaps") ? at_path(w->t, root, row->path) : NULL;
		return n && field_json_add(w->ref, n, w->out);
	case KA_HOW_SUBJECT_USER:
	case KA_HOW_SUBJECT_ACCOUNT:
	case KA_HOW_SUBJECT_NS_ACCOUNT:
	case KA_HOW_SUBJECT_GROUP:
		w->found = found_subject;
		return walk_all(w, root, row->path);
	case KA_HOW_TRUE:
		return text_of(w, "true");
	case KA_HOW_HOST_PORT:
		w->found = found_ports;
		return walk_all(w, root, row->path);
	case KA_HOW_EFFECTIVE:
		return effective(w, root, row->path);
	case KA_HOW_ANY_TRUE:
		w->found = found_flag;
		return any(w, root, "requestObject spec containers", row->path);
	case KA_HOW_HAS_PATH:
		w->index = NO_INDEX;
		w->found = found_path;
		return any(w, root, "requestObject spec volumes", row->path);
	case KA_HOW_VOLUME_TYPE:
		w->found = found_volume;
		return walk_all(w, root, row->path);
	}
	return false;
}

bool field_x_ka(const struct field_ref *ref, const struct field_env *env, struct values *out)
{
	struct walk w = {
		.ref = ref,
		.env = env,
		.out = out,
		.index = ref->has_arg && ref->arg_is_index ? (uint64_t)ref->index : NO_INDEX,
	};
	const struct json_node *root;

	if (event_source_of(env->ctx->ev) != SOURCE_K8S_AUDIT)
		return false;
	root = field_json(env, &w.t);
	/* Some other JSON is not told of. */
	if (!root || !json_member_of(w.t, root, STR("auditID")))
		return false;
	return extract(&w, root, &rows[ref->aux]);
}
