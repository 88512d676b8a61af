/* Values of parameters. A parameter of the wrong size reads as if it were empty. */
#include "event/event.h"

#include <string.h>

#include "event/param_value.h"

static const struct param_info *param_row(const struct event *ev, unsigned i)
{
	return ev->info && i < ev->info->n_params ? &ev->info->params[i] : NULL;
}

/* The type of a parameter that is an integer of its size, else NULL: asked of each event many
 * times. */
static inline const struct param_traits *int_type(const struct event *ev, unsigned i)
{
	const struct param_traits *type;

	if (!ev->info || i >= ev->info->n_params || i >= ev->n_params)
		return NULL;
	type = &param_traits[ev->info->params[i].type];
	return type->is_int && ev->params[i].n == type->size ? type : NULL;
}

static inline int64_t int_value(const struct event *ev, unsigned i, const struct param_traits *type)
{
	const struct param *p = &ev->params[i];
	int64_t v = 0;

	if (p->n == 8)
		return (int64_t)get_le64(p->p);
	if (p->n == 4)
		return type->is_signed ? (int32_t)get_le32(p->p) : (int64_t)get_le32(p->p);
	(void)param_value_int(*p, ev->info->params[i].type, &v);
	return v;
}

bool event_param_int(const struct event *ev, unsigned i, int64_t *ret)
{
	const struct param_traits *type = int_type(ev, i);

	if (!type)
		return false;
	*ret = int_value(ev, i, type);
	return true;
}

int64_t event_param_int_or(const struct event *ev, unsigned i, int64_t or_else)
{
	const struct param_traits *type = int_type(ev, i);

	return type ? int_value(ev, i, type) : or_else;
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
