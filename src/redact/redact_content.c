/* Addresses, what was read and written, environments: see redactor_impl.h. */
#include "redact/redactor_impl.h"

void redact_address(struct redactor *r, struct ipaddr *a, place_id place)
{
	enum address_kind kind = address_kind(a);
	enum detector d = kind == ADDRESS_PUBLIC ? DETECT_IP : DETECT_PRIVATE_IP;
	struct strbuf text = STRBUF_INIT;

	if (kind == ADDRESS_KEPT || !r->opt->set.on[d] || r->mode == MODE_LEARN)
		return;
	ipaddr_text(a, &text);
	if (!redact_is_known(r, strbuf_str(&text))) {
		redact_count(r, d, strbuf_str(&text), place);
		address_map(r->pseudonyms, a, a);
		strbuf_reset(&text);
		ipaddr_text(a, &text);
		pseudonym_remember(r->pseudonyms, strbuf_str(&text));
	}
	strbuf_release(&text);
}

void redact_mac(struct redactor *r, uint8_t mac[6], place_id place)
{
	if (r->mode == MODE_LEARN || !r->opt->set.on[DETECT_MAC] || address_mac_is_kept(mac))
		return;
	redact_count(r, DETECT_MAC, str_mem(mac, 6), place);
	address_mac_map(r->pseudonyms, mac, mac);
}

struct str redact_fill(struct redactor *r, struct str bytes, uint32_t row, place_id place)
{
	char *p;

	if (r->mode == MODE_LEARN || find_is_mask(bytes))
		return bytes;
	redact_count(r, row, bytes, place);
	p = arena_alloc(&r->out, bytes.n);
	memset(p, '*', bytes.n);
	return str_mem(p, bytes.n);
}

struct str redact_payload(struct redactor *r, struct str bytes, place_id place)
{
	/* What is thrown away is learnt from all the same. */
	if (r->opt->payload == CONTENT_SCAN || r->mode == MODE_LEARN || !bytes.n)
		return redact_text(r, bytes, TEXT_PAYLOAD, STR(""), place);
	if (r->opt->payload == CONTENT_DROP) {
		redact_count(r, REDACT_PAYLOAD, bytes, place);
		return STR("");
	}
	return redact_fill(r, bytes, REDACT_PAYLOAD, place);
}

/* Names that say nothing of anybody, and that rules ask for. */
static bool is_plain_variable(struct str name)
{
	static const char *const names[] = { "PATH",     "LANG", "LANGUAGE",   "TERM",
					     "SHELL",    "PWD",  "OLDPWD",     "HOME",
					     "SHLVL",    "TZ",   "LD_PRELOAD", "LD_LIBRARY_PATH",
					     "LD_AUDIT", "USER", "LOGNAME",    "HISTFILE",
					     "_" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_eqz(name, names[i]))
			return true;
	return str_starts(name, STR("LC_"));
}

/* Values as asterisks: the environment itself when there are none to be made. */
static struct str fill_values(struct redactor *r, struct str env, place_id place)
{
	struct strbuf out = STRBUF_INIT;
	struct str left = env;
	bool changed = false;

	while (left.n) {
		ptrdiff_t nul = str_chr(left, '\0'), sign;
		struct str entry = str_mem(left.p, nul < 0 ? left.n : (size_t)nul), value;

		sign = str_chr(entry, '=');
		value = str_from(entry, sign < 0 ? entry.n : (size_t)sign + 1);
		strbuf_add(&out, entry.p, entry.n - value.n);
		if (is_plain_variable(str_mem(entry.p, sign < 0 ? entry.n : (size_t)sign)) ||
		    find_is_mask(value)) {
			strbuf_addstr(&out, value);
		} else {
			redact_count(r, REDACT_ENVIRONMENT, value, place);
			pseudonym_mask(value.n, &out);
			changed = true;
		}
		if (nul >= 0)
			strbuf_addc(&out, '\0');
		left = str_from(left, entry.n + (nul >= 0));
	}
	if (changed)
		env = arena_str(&r->out, strbuf_str(&out));
	strbuf_release(&out);
	return env;
}

struct str redact_environment(struct redactor *r, struct str env, place_id place)
{
	if (r->mode != MODE_LEARN && env.n) {
		if (r->opt->environment == CONTENT_DROP) {
			redact_count(r, REDACT_ENVIRONMENT, env, place);
			return STR("");
		}
		/* First: what detectors find in the rest, the next run must find, too. */
		if (r->opt->environment == CONTENT_FILL)
			env = fill_values(r, env, place);
	}
	return redact_text(r, env, TEXT_ENVIRONMENT, STR(""), place);
}
