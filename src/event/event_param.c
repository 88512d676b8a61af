/* Values of parameters. A parameter of the wrong size reads as if it were empty. */
#include "event/event.h"

#include <string.h>

#include "event/param_value.h"

static const struct param_info *param_row(const struct event *ev, unsigned i)
{
	return ev->info && i < ev->info->n_params ? &ev->info->params[i] : NULL;
}

/* As param_value_int(), with what is known of a row of the table: asked of each event many times.
 */
static inline bool param_int(const struct event *ev, unsigned i, int64_t *ret)
{
	const struct param_traits *type;
	const struct param *p;

	if (!ev->info || i >= ev->info->n_params || i >= ev->n_params)
		return false;
	type = &param_traits[ev->info->params[i].type];
	p = &ev->params[i];
	if (!type->is_int || p->n != type->size)
		return false;
	if (p->n == 8)
		*ret = (int64_t)get_le64(p->p);
	else if (p->n == 4)
		*ret = type->is_signed ? (int32_t)get_le32(p->p) : (int64_t)get_le32(p->p);
	else
		return param_value_int(*p, ev->info->params[i].type, ret);
	return true;
}

bool event_param_int(const struct event *ev, unsigned i, int64_t *ret)
{
	return param_int(ev, i, ret);
}

int64_t event_param_int_or(const struct event *ev, unsigned i, int64_t or_else)
{
	int64_t v = or_else;

	(void)param_int(ev, i, &v);
	return v;
}

bool event_param_str(const struct event *ev, unsigned i, struct str *ret)
{
	const struct param_info *pi = param_row(ev, i);

	return pi && param_type_is_text(pi->type) && param_value_text(event_param(ev, i), ret);
}

static inline bool is_named(const struct param_info *pi, struct str name)
{
	return pi->name_n == name.n && memcmp(pi->name, name.p, name.n) == 0;
}

bool event_retval(const struct event *ev, int64_t *ret)
{
	const struct param_info *pi = param_row(ev, 0);

	if (!pi || !ev->info->exit || !param_type_is_signed(pi->type))
		return false;
	if (!is_named(pi, STR("res")) && !is_named(pi, STR("fd")))
		return false;
	return param_value_int(event_param(ev, 0), pi->type, ret);
}
