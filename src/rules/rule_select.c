/* Which rules take part: by name, tag and priority, in the order the steps come. */
#include "rules/ruleset_internal.h"

#include "base/glob.h"

static const char *const names[PRIORITY_N] = {
	[PRIORITY_EMERGENCY] = "Emergency",
	[PRIORITY_ALERT] = "Alert",
	[PRIORITY_CRITICAL] = "Critical",
	[PRIORITY_ERROR] = "Error",
	[PRIORITY_WARNING] = "Warning",
	[PRIORITY_NOTICE] = "Notice",
	[PRIORITY_INFORMATIONAL] = "Informational",
	[PRIORITY_DEBUG] = "Debug",
};

const char *priority_name(unsigned p)
{
	return p < PRIORITY_N ? names[p] : "";
}

bool priority_parse(struct str text, enum priority *ret)
{
	for (unsigned i = 0; i < PRIORITY_N; i++) {
		if (str_eq_nocase(text, str_of(names[i]))) {
			*ret = (enum priority)i;
			return true;
		}
	}
	if (!str_eq_nocase(text, STR("info")))
		return false;
	*ret = PRIORITY_INFORMATIONAL;
	return true;
}

bool rule_matches(const struct rule *r, const struct rule_selection *step)
{
	switch (step->match) {
	case RULE_MATCH_WILDCARD:
		return wildcard_match(step->pattern, r->name);
	case RULE_MATCH_SUBSTRING:
		return str_find(r->name, step->pattern) >= 0;
	case RULE_MATCH_EXACT:
		return !step->pattern.n || str_eq(step->pattern, r->name);
	case RULE_MATCH_TAG:
		for (size_t i = 0; i < r->tags.n; i++)
			if (str_eq(r->tags.v[i], step->pattern))
				return true;
		return false;
	}
	return false;
}

size_t ruleset_select(struct ruleset *rs, const struct rule_selection *step)
{
	size_t n = 0;

	for (size_t i = 0; i < rs->rules.n; i++) {
		if (!rule_matches(&rs->rules.v[i]->pub, step))
			continue;
		rs->rules.v[i]->pub.selected = step->enable;
		n++;
	}
	return n;
}

void ruleset_min_priority(struct ruleset *rs, enum priority p)
{
	for (size_t i = 0; i < rs->rules.n; i++)
		if (rs->rules.v[i]->pub.priority > p)
			rs->rules.v[i]->pub.selected = false;
}
