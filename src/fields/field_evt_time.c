/* evt.time and its kin, evt.deltatime, evt.around, util.cnt. All times are UTC. */
#include "base/timefmt.h"
#include "fields/field_extract.h"

#define NS_PER_S UINT64_C(1000000000)

bool field_x_evt_time(const struct field_ref *ref, const struct field_env *env, struct values *out)
{
	uint64_t ts = env->ctx->ev->ts;
	struct strbuf *sb;

	if (env->for_json) { /* which prints the number */
		values_add_str(out, ref, STR(""));
		out->v[out->n - 1].time = ts;
		return true;
	}
	sb = field_scratch(env);
	switch (ref->aux) {
	case EVT_TIME_HMS:
		time_hms(sb, ts, true);
		break;
	case EVT_TIME_HMS_S:
		time_hms(sb, ts, false);
		break;
	case EVT_TIME_ISO:
		time_iso8601(sb, ts, "+0000");
		break;
	case EVT_TIME_DATE:
		time_datetime(sb, ts, true);
		break;
	default:
		time_datetime(sb, ts, false);
		break;
	}
	values_add_scratch(out, ref, sb);
	out->v[out->n - 1].time = ts;
	return true;
}

static bool add_part(const struct field_ref *ref, struct values *out, uint64_t ns)
{
	switch (ref->aux) {
	case EVT_PART_S:
		return values_add_u(out, ref, ns / NS_PER_S);
	case EVT_PART_NS:
		return values_add_u(out, ref, ns % NS_PER_S);
	default:
		return values_add_u(out, ref, ns);
	}
}

bool field_x_evt_rawtime(const struct field_ref *ref, const struct field_env *env,
			 struct values *out)
{
	return add_part(ref, out, env->ctx->ev->ts);
}

bool field_x_evt_reltime(const struct field_ref *ref, const struct field_env *env,
			 struct values *out)
{
	return add_part(ref, out, env->ctx->ev->ts - env->ctx->first_ts);
}

bool field_x_evt_deltatime(const struct field_ref *ref, const struct field_env *env,
			   struct values *out)
{
	struct field_slot *slot = field_slot(env, ref);
	uint64_t ts = env->ctx->ev->ts, delta = 0;

	/* An alert prints the field twice: in its text, and among its fields. */
	if (slot->seen && slot->last_num == env->ctx->ev->num)
		return add_part(ref, out, slot->last_value);
	if (slot->seen && ts > slot->last)
		delta = ts - slot->last;
	slot->seen = true;
	slot->last = ts;
	slot->last_num = env->ctx->ev->num;
	slot->last_value = delta;
	return add_part(ref, out, delta);
}

/* Distance from the time in the argument in milliseconds, a part of one counted as a whole. */
bool field_x_evt_around(const struct field_ref *ref, const struct field_env *env,
			struct values *out)
{
	uint64_t ts = env->ctx->ev->ts, at = (uint64_t)ref->index;
	uint64_t apart = ts > at ? ts - at : at - ts;

	return values_add_u(out, ref, apart / 1000000 + (apart % 1000000 != 0));
}

bool field_x_util_cnt(const struct field_ref *ref, const struct field_env *env, struct values *out)
{
	return values_add_u(out, ref, field_slot(env, ref)->last++);
}
