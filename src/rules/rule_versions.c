/* Requirements of a rules file: the version of the language, plugins and their versions. */
#include "rules/ruleset_internal.h"

struct version {
	unsigned long long major, minor, patch;
};

/* MAJOR.MINOR.PATCH, with anything from '-' or '+' on left aside. */
static bool version_parse(struct str s, struct version *ret)
{
	struct version v;
	struct str rest = s, a, b, c;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '-' || s.p[i] == '+') {
			rest.n = i;
			break;
		}
	}
	if (!str_split(&rest, '.', &a) || !rest.p || !str_split(&rest, '.', &b) || !rest.p ||
	    !str_split(&rest, '.', &c) || rest.p)
		return false;
	if (!str_to_u64(a, &v.major) || !str_to_u64(b, &v.minor) || !str_to_u64(c, &v.patch))
		return false;
	*ret = v;
	return true;
}

/* `have` can stand in for `want`: same major number, not older. */
static bool version_serves(const struct version *have, const struct version *want)
{
	if (have->major != want->major)
		return false;
	return have->minor > want->minor ||
	       (have->minor == want->minor && have->patch >= want->patch);
}

static bool version_newer(struct str a, struct str b)
{
	struct version x, y;
	if (!version_parse(a, &x) || !version_parse(b, &y))
		return false;
	if (x.major != y.major)
		return x.major > y.major;
	return x.minor != y.minor ? x.minor > y.minor : x.patch > y.patch;
}

void rule_versions_engine(struct ruleset *rs, struct load_file *f, const struct ynode *item,
			  const struct load_place *parent)
{
	const struct ynode *n = ynode_get(item, "required_engine_version", NULL);
	struct arena *a = &rs->arena;
	const struct load_place *place =
		load_place_node(a, parent, "required_engine_version", STR(""), item);
	struct version have, want;
	unsigned long long number;
	struct str text = n->text;

	if (n->kind != YNODE_SCALAR) {
		load_problem_add(
			a, f, LOAD_ERR_YAML_VALIDATE, place,
			n->kind == YNODE_NULL
				? "Mapping for key 'required_engine_version' is empty"
				: "Value of required_engine_version must be a number or a version");
		return;
	}
	/* A number alone is the minor version of major 0. */
	if (str_to_u64(text, &number))
		text = str_of(arena_printf(a, "0.%llu.0", number));
	if (!version_parse(text, &want)) {
		load_problem_add(
			a, f, LOAD_ERR_YAML_VALIDATE, place,
			"Unable to parse engine version '%.*s' as a semver string. Expected \"x.y.z\" "
			"semver format.",
			STR_FMT(text));
		return;
	}
	(void)version_parse(STR(RULES_ENGINE_VERSION), &have);
	if (!version_serves(&have, &want)) {
		load_problem_add(
			a, f, LOAD_ERR_VALIDATE, place,
			"Rules require engine version %.*s, but engine version is " RULES_ENGINE_VERSION,
			STR_FMT(text));
		return;
	}
	if (!rs->engine_version.n || version_newer(text, rs->engine_version))
		rs->engine_version = text;
}

static bool text_of(struct arena *a, struct load_file *f, const struct ynode *n,
		    const struct load_place *place, const char *key, struct str *ret)
{
	const struct ynode *v = ynode_get(n, key, NULL);
	if (v && v->kind == YNODE_SCALAR && v->text.n) {
		*ret = v->text;
		return true;
	}
	load_problem_add(a, f, LOAD_ERR_YAML_VALIDATE, place,
			 v ? "Mapping for key '%s' is empty" : "Item has no mapping for key '%s'",
			 key);
	return false;
}

/* One {name, version}; added to `req` unless something is wrong with it. */
static bool read_plugin(struct arena *a, struct load_file *f, const struct ynode *n,
			const struct load_place *parent, const char *kind,
			struct plugin_requirement *req)
{
	const struct load_place *place = load_place_node(a, parent, kind, STR(""), n);
	struct plugin_version pv;
	struct version v;

	if (n->kind != YNODE_MAP) {
		load_problem_add(a, f, LOAD_ERR_YAML_VALIDATE, place,
				 "Plugin version must be a yaml map object");
		return false;
	}
	if (!text_of(a, f, n, place, "name", &pv.name))
		return false;
	if (!req->alternatives.n)
		place = load_place_node(a, parent, kind, pv.name, n);
	else
		place = parent;
	if (!text_of(a, f, n, place, "version", &pv.version))
		return false;
	if (!version_parse(pv.version, &v)) {
		load_problem_add(a, f, LOAD_ERR_YAML_VALIDATE, place,
				 "Unable to parse plugin version '%.*s' as a semver string",
				 STR_FMT(pv.version));
		return false;
	}
	for (size_t i = 0; i < req->alternatives.n; i++) {
		if (!str_eq(req->alternatives.v[i].name, pv.name))
			continue;
		load_problem_add(
			a, f, LOAD_ERR_VALIDATE, place,
			"Defined multiple alternative version requirements for plugin '%.*s'",
			STR_FMT(pv.name));
		return false;
	}
	vec_push(&req->alternatives, pv);
	return true;
}

void rule_versions_plugins(struct ruleset *rs, struct load_file *f, const struct ynode *item,
			   const struct load_place *parent)
{
	const struct ynode *seq = ynode_get(item, "required_plugin_versions", NULL);
	struct arena *a = &rs->arena;
	const struct load_place *place =
		load_place_node(a, parent, "required plugin versions", STR(""), seq);

	if (seq->kind != YNODE_SEQ) {
		load_problem_add(a, f, LOAD_ERR_YAML_VALIDATE, place,
				 "Value of required_plugin_versions must be a sequence");
		return;
	}
	for (uint32_t i = 0; i < seq->n; i++) {
		const struct ynode *n = seq->kids[i];
		struct plugin_requirement req = { 0 };
		const struct ynode *alts;
		bool ok = read_plugin(a, f, n, place, "required plugin versions entry", &req);

		if (!ok)
			continue;
		const struct load_place *entry = load_place_node(
			a, place, "required plugin versions entry", req.alternatives.v[0].name, n);
		alts = ynode_get(n, "alternatives", NULL);
		if (alts && alts->kind != YNODE_SEQ && alts->kind != YNODE_NULL) {
			load_problem_add(a, f, LOAD_ERR_YAML_VALIDATE, entry,
					 "Value of plugin version alternatives must be a sequence");
			ok = false;
		}
		for (uint32_t k = 0; ok && alts && alts->kind == YNODE_SEQ && k < alts->n; k++)
			ok = read_plugin(a, f, alts->kids[k], entry,
					 "required plugin versions alternative", &req);
		if (ok)
			vec_push(&rs->requirements, req);
		else
			vec_free(&req.alternatives);
	}
}

bool ruleset_requirements_met(const struct ruleset *rs)
{
	for (size_t i = 0; i < rs->requirements.n; i++) {
		const struct plugin_requirement *req = &rs->requirements.v[i];
		bool met = false;
		for (size_t k = 0; k < req->alternatives.n; k++) {
			for (size_t p = 0; p < rs->plugins.n; p++) {
				struct version have, want;
				met |= str_eq(rs->plugins.v[p].name, req->alternatives.v[k].name) &&
				       version_parse(rs->plugins.v[p].version, &have) &&
				       version_parse(req->alternatives.v[k].version, &want) &&
				       version_serves(&have, &want);
			}
		}
		if (!met)
			return false;
	}
	return true;
}
