/* What to do about lost events; see loss_policy.h. */
#include "output/loss_policy.h"

#define SECOND UINT64_C(1000000000)

static const struct {
	const char *name;
	enum loss_action action;
} action_names[] = {
	{ "ignore", LOSS_ACTION_IGNORE },
	{ "log", LOSS_ACTION_LOG },
	{ "alert", LOSS_ACTION_ALERT },
	{ "exit", LOSS_ACTION_EXIT },
};

#define N_ACTIONS (sizeof(action_names) / sizeof(action_names[0]))

void loss_policy_init(struct loss_policy *p)
{
	*p = (struct loss_policy){ .threshold = 0.1, .rate = 0.03333, .burst = 1 };
}

const char *loss_policy_parse_actions(struct loss_policy *p, struct str text, struct strbuf *buf)
{
	struct str word;

	while (str_split(&text, ',', &word)) {
		size_t i = 0;

		word = str_trim(word);
		while (i < N_ACTIONS && !str_eqz(word, action_names[i].name))
			i++;
		if (i == N_ACTIONS) {
			strbuf_reset(buf);
			strbuf_addf(
				buf,
				"unknown action \"%.*s\": it is one of ignore, log, alert, exit",
				STR_FMT(word));
			return buf->s;
		}
		p->actions |= action_names[i].action;
	}
	return NULL;
}

const char *loss_policy_check(const struct loss_policy *p)
{
	if (p->actions & LOSS_ACTION_IGNORE) {
		if (p->actions & LOSS_ACTION_LOG)
			return "syscall event drop action \"log\" does not make sense with the "
			       "\"ignore\" action";
		if (p->actions & LOSS_ACTION_ALERT)
			return "syscall event drop action \"alert\" does not make sense with the "
			       "\"ignore\" action";
		if (p->actions & LOSS_ACTION_EXIT)
			return "syscall event drop action \"exit\" does not make sense with the "
			       "\"ignore\" action";
	}
	if (!(p->threshold >= 0 && p->threshold <= 1))
		return "syscall event drops threshold must be a double in the range [0, 1]";
	if (!(p->rate > 0) || !(p->burst >= 1))
		return "the rate of actions must be over 0, and the burst at least 1";
	return NULL;
}

void loss_policy_loss(struct loss_policy *p, const struct loss *loss)
{
	uint64_t n = loss->count == UINT64_MAX ? 1 : loss->count;

	p->lost = n > UINT64_MAX - p->lost ? UINT64_MAX : p->lost + n;
}

static bool take_token(struct loss_policy *p, uint64_t ts)
{
	if (!p->token_ts) {
		p->tokens = p->burst;
	} else if (ts > p->token_ts) {
		p->tokens += (double)(ts - p->token_ts) / (double)SECOND * p->rate;
		if (p->tokens > p->burst)
			p->tokens = p->burst;
	}
	p->token_ts = ts;
	if (p->tokens < 1)
		return false;
	p->tokens -= 1;
	return true;
}

bool loss_policy_event(struct loss_policy *p, uint64_t ts, struct loss_second *ret)
{
	bool due = false;

	if (!p->actions)
		return false;
	if (!p->second_start)
		p->second_start = ts;
	if (ts > p->second_start && ts - p->second_start > SECOND) {
		bool over = p->lost &&
			    (double)p->lost > p->threshold * ((double)p->seen + (double)p->lost);

		if (p->simulate) {
			p->lost++;
			over = true;
		}
		if (over) {
			p->occurrences++;
			if (take_token(p, ts)) {
				p->actions_taken++;
				due = true;
				*ret = (struct loss_second){ ts, p->seen, p->lost };
			}
		}
		p->second_start = ts;
		p->seen = p->lost = 0;
	}
	p->seen++;
	return due;
}
