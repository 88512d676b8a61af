#include "cli/select_option.h"

#include "base/parallel.h"
#include "base/timefmt.h"
#include "cli/command.h"

/* N, N-M, N- or -M. */
static bool parse_range(struct str text, uint64_t *ret_first, uint64_t *ret_last)
{
	ptrdiff_t dash = str_chr(text, '-');
	unsigned long long first = 0, last = 0;

	if (dash < 0) {
		if (!str_to_u64(text, &first) || !first)
			return false;
		last = first;
	} else {
		struct str left = { text.p, (size_t)dash },
			   right = str_from(text, (size_t)dash + 1);

		if ((left.n && (!str_to_u64(left, &first) || !first)) ||
		    (right.n && (!str_to_u64(right, &last) || !last)) || (!left.n && !right.n) ||
		    (last && last < first))
			return false;
	}
	*ret_first = first;
	*ret_last = last;
	return true;
}

int option_select(const struct option_state *st, int key, struct replay_select *sel)
{
	struct str arg = str_of(st->arg);

	switch (key) {
	case OPT_SINCE:
		if (time_parse(arg, &sel->since))
			return 0;
		break;
	case OPT_UNTIL:
		if (time_parse(arg, &sel->until))
			return 0;
		break;
	case OPT_EVENTS:
		if (parse_range(arg, &sel->first_num, &sel->last_num))
			return 0;
		return option_usage_error(
			st, "'%s' is not a range of event numbers such as 10-20, 10- or -20",
			st->arg);
	}
	return option_usage_error(
		st, "'%s' is not a time such as 2026-11-21T23:00:41.5Z or @1795302041.5", st->arg);
}

int option_pid(const struct option_state *st, int64_t *ret)
{
	long long pid;

	if (!str_to_i64(str_of(st->arg), &pid) || pid < 0)
		return option_usage_error(st, "'%s' is not the number of a process", st->arg);
	*ret = pid;
	return 0;
}

int option_jobs(const struct option_state *st, unsigned *ret)
{
	unsigned long long n;

	if (!str_to_u64(str_of(st->arg), &n) || !n || n > PARALLEL_MAX)
		return option_usage_error(st, "--jobs takes a number from 1 to %u, not '%s'",
					  PARALLEL_MAX, st->arg);
	*ret = (unsigned)n;
	return 0;
}
