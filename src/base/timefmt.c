#include "base/timefmt.h"

#define NS_PER_S UINT64_C(1000000000)

/* Days since 1970-01-01 of a proleptic Gregorian date, and back: counting years from March puts the
 * leap day last. */
static int64_t days_from_date(int64_t year, unsigned month, unsigned day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t of_era = y - era * 400;
	int64_t of_year =
		(153 * (month > 2 ? (int64_t)month - 3 : (int64_t)month + 9) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

void civil_from_ns(uint64_t ns, struct civil_time *ret)
{
	uint64_t s = ns / NS_PER_S;
	int64_t z = (int64_t)(s / 86400) + 719468;
	int64_t era = z / 146097, of_era = z - era * 146097;
	int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	int64_t m = (5 * of_year + 2) / 153;

	ret->day = (unsigned)(of_year - (153 * m + 2) / 5 + 1);
	ret->month = (unsigned)(m < 10 ? m + 3 : m - 9);
	ret->year = year + era * 400 + (ret->month <= 2);
	ret->hour = (unsigned)(s % 86400 / 3600);
	ret->minute = (unsigned)(s % 3600 / 60);
	ret->second = (unsigned)(s % 60);
	ret->ns = (uint32_t)(ns % NS_PER_S);
}

/* Two digits of v, which is below 100, at p. */
static void put2(char *p, unsigned v)
{
	p[0] = (char)('0' + v / 10);
	p[1] = (char)('0' + v % 10);
}

static void add_date(struct strbuf *out, const struct civil_time *t, char behind)
{
	char *p;

	strbuf_addu_pad(out, (uint64_t)t->year, 4);
	p = strbuf_reserve(out, 7);
	p[0] = '-';
	put2(p + 1, t->month);
	p[3] = '-';
	put2(p + 4, t->day);
	p[6] = behind;
	p[7] = '\0';
	out->n += 7;
}

static void add_clock(struct strbuf *out, const struct civil_time *t, bool fraction)
{
	char *p = strbuf_reserve(out, 9);

	put2(p, t->hour);
	p[2] = ':';
	put2(p + 3, t->minute);
	p[5] = ':';
	put2(p + 6, t->second);
	p[8] = '.';
	p[9] = '\0';
	out->n += 9;
	if (fraction)
		strbuf_addu_pad(out, t->ns, 9);
	else
		strbuf_truncate(out, out->n - 1);
}

void time_iso8601(struct strbuf *out, uint64_t ns, const char *suffix)
{
	struct civil_time t;

	civil_from_ns(ns, &t);
	add_date(out, &t, 'T');
	add_clock(out, &t, true);
	strbuf_adds(out, suffix);
}

void iso_clock_text(struct iso_clock *c, struct strbuf *out, uint64_t ns)
{
	size_t begin = out->n;
	uint32_t fraction;
	char *p;

	if (c->second != ns / NS_PER_S + 1) {
		time_iso8601(out, ns, "Z");
		c->second = ns / NS_PER_S + 1;
		c->n = (unsigned)(out->n - begin) - 10; /* nine digits and Z */
		memcpy(c->text, out->s + begin, c->n);
		return;
	}
	p = strbuf_reserve(out, sizeof(c->text) + 10);
	memcpy(p, c->text, sizeof(c->text)); /* what is behind the text is written over */
	p += c->n;
	fraction = (uint32_t)(ns % NS_PER_S);
	p[0] = (char)('0' + fraction / 100000000);
	put2(p + 1, fraction / 1000000 % 100);
	put2(p + 3, fraction / 10000 % 100);
	put2(p + 5, fraction / 100 % 100);
	put2(p + 7, fraction % 100);
	p[9] = 'Z';
	p[10] = '\0';
	out->n += c->n + 10;
}

void time_hms(struct strbuf *out, uint64_t ns, bool fraction)
{
	struct civil_time t;

	civil_from_ns(ns, &t);
	add_clock(out, &t, fraction);
}

void time_datetime(struct strbuf *out, uint64_t ns, bool fraction)
{
	struct civil_time t;

	civil_from_ns(ns, &t);
	add_date(out, &t, ' ');
	add_clock(out, &t, fraction);
}

/* Exactly `width` digits with a value between lo and hi. */
static bool take_number(struct str *s, unsigned width, unsigned lo, unsigned hi, unsigned *ret)
{
	unsigned long long v;

	if (s->n < width || !str_to_u64((struct str){ s->p, width }, &v) || v < lo || v > hi)
		return false;
	*s = str_from(*s, width);
	*ret = (unsigned)v;
	return true;
}

static bool take_char(struct str *s, const char *set)
{
	if (!s->n || !s->p[0] || !strchr(set, s->p[0]))
		return false;
	*s = str_from(*s, 1);
	return true;
}

/* ".123": up to nine digits count, more are allowed and ignored. */
static bool take_fraction(struct str *s, uint64_t *ret)
{
	uint64_t ns = 0, unit = NS_PER_S / 10;
	bool any = false;

	for (; s->n && s->p[0] >= '0' && s->p[0] <= '9';
	     *s = str_from(*s, 1), unit /= 10, any = true)
		ns += unit * (uint64_t)(s->p[0] - '0');
	*ret = ns;
	return any;
}

static bool parse_epoch(struct str s, uint64_t *ret_ns)
{
	ptrdiff_t dot = str_chr(s, '.');
	struct str whole = dot < 0 ? s : (struct str){ s.p, (size_t)dot };
	unsigned long long seconds;
	uint64_t ns = 0;

	if (!str_to_u64(whole, &seconds) || seconds > UINT64_MAX / NS_PER_S - 1)
		return false;
	if (dot >= 0) {
		struct str rest = str_from(s, (size_t)dot + 1);

		if (!take_fraction(&rest, &ns) || rest.n)
			return false;
	}
	*ret_ns = seconds * NS_PER_S + ns;
	return true;
}

bool time_parse(struct str s, uint64_t *ret_ns)
{
	unsigned year, month, day, hour = 0, minute = 0, second = 0, zone_h = 0, zone_m = 0;
	int64_t seconds;
	uint64_t ns = 0;
	int sign = 0;

	if (s.n && s.p[0] == '@')
		return parse_epoch(str_from(s, 1), ret_ns);
	if (!take_number(&s, 4, 1970, 2500, &year) || !take_char(&s, "-") ||
	    !take_number(&s, 2, 1, 12, &month) || !take_char(&s, "-") ||
	    !take_number(&s, 2, 1, 31, &day))
		return false;
	if (s.n) {
		if (!take_char(&s, "Tt ") || !take_number(&s, 2, 0, 23, &hour) ||
		    !take_char(&s, ":") || !take_number(&s, 2, 0, 59, &minute))
			return false;
		if (take_char(&s, ":") && !take_number(&s, 2, 0, 60, &second))
			return false;
		if (take_char(&s, ".") && !take_fraction(&s, &ns))
			return false;
		if (s.n && !take_char(&s, "Zz")) {
			sign = s.p[0] == '-' ? -1 : 1;
			if (!take_char(&s, "+-") || !take_number(&s, 2, 0, 23, &zone_h))
				return false;
			(void)take_char(&s, ":");
			if (!take_number(&s, 2, 0, 59, &zone_m))
				return false;
		}
		if (s.n)
			return false;
	}
	seconds = days_from_date(year, month, day) * 86400 + hour * 3600 + minute * 60 + second -
		  sign * (int64_t)(zone_h * 3600 + zone_m * 60);
	if (seconds < 0)
		return false;
	*ret_ns = (uint64_t)seconds * NS_PER_S + ns;
	return true;
}

bool duration_parse(struct str text, uint64_t *ret_ns)
{
	static const struct {
		const char *unit;
		uint64_t ns;
	} units[] = {
		{ "ns", 1 },
		{ "us", 1000 },
		{ "ms", 1000000 },
		{ "s", NS_PER_S },
		{ "m", 60 * NS_PER_S },
		{ "h", 3600 * NS_PER_S },
		{ "d", 86400 * NS_PER_S },
		{ "", NS_PER_S },
	};
	size_t digits = 0;
	unsigned long long whole;
	uint64_t fraction = 0, scale = 0;
	struct str unit;

	while (digits < text.n && text.p[digits] >= '0' && text.p[digits] <= '9')
		digits++;
	if (!str_to_u64((struct str){ text.p, digits }, &whole))
		return false;
	unit = str_from(text, digits);
	if (take_char(&unit, ".") && !take_fraction(&unit, &fraction))
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]) && !scale; i++)
		if (str_eqz(unit, units[i].unit))
			scale = units[i].ns;
	if (!scale || whole > UINT64_MAX / scale - 1)
		return false;
	/* fraction counts billionths of a unit; done in two parts, as the product for days does not
	 * fit 64 bits */
	*ret_ns = whole * scale + scale / NS_PER_S * fraction +
		  scale % NS_PER_S * fraction / NS_PER_S;
	return true;
}
