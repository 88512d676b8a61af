/* IP and hardware addresses in texts: see find.h. */
#include "base/ipaddr.h"
#include "base/text.h"
#include "redact/address_map.h"
#include "redact/find.h"

#define MAX_V6 45 /* characters, with an IPv4 address at its end */

static void add(struct find *f, const struct ipaddr *a, size_t from, size_t to)
{
	switch (address_kind(a)) {
	case ADDRESS_PUBLIC:
		find_add(f, DETECT_IP, from, to);
		break;
	case ADDRESS_PRIVATE:
		find_add(f, DETECT_PRIVATE_IP, from, to);
		break;
	case ADDRESS_KEPT:
		break;
	}
}

/*
 * A number with dots may be a version: what has letters, dots or dashes at its ends is none. The
 * value of a short option ("-h192.0.2.1") is one.
 */
static bool v4_begins(const struct find *f, size_t i, size_t from, size_t to)
{
	char before = find_at(f, i - 1, from, to);

	if (find_is_alnum(before))
		return i == from + 2 && f->text.p[from] == '-';
	return before != '.' && before != '-' && before != '_';
}

static bool v4_ends(const struct find *f, size_t i, size_t from, size_t to)
{
	char c = find_at(f, i, from, to), next = find_at(f, i + 1, from, to);

	if (find_is_word(c))
		return false;
	return (c != '.' && c != '-') || !find_is_alnum(next) || (c == '.' && next == 'i');
}

static size_t try_v4(struct find *f, size_t i, size_t from, size_t to)
{
	size_t end = i;
	struct ipaddr a;

	while (end < to && end - i < 16 && (find_is_digit(f->text.p[end]) || f->text.p[end] == '.'))
		end++;
	while (end > i && f->text.p[end - 1] == '.')
		end--;
	if (v4_begins(f, i, from, to) && v4_ends(f, end, from, to) &&
	    ipaddr_parse(str_mem(f->text.p + i, end - i), &a) && a.n == 4)
		add(f, &a, i, end);
	return end > i ? end : i + 1;
}

static bool is_v6(char c)
{
	return hex_digit(c) >= 0 || c == ':' || c == '.';
}

static size_t try_v6(struct find *f, size_t i, size_t from, size_t to)
{
	const char *p = f->text.p;
	size_t end = i, colons = 0;
	struct ipaddr a;

	while (end < to && is_v6(p[end])) {
		colons += p[end] == ':';
		end++;
	}
	if (colons >= 2 && !find_is_word(find_at(f, i - 1, from, to)) &&
	    !find_is_word(find_at(f, end, from, to))) {
		size_t stop = end;

		/* "2001:db8::1:" and "2001:db8::1." */
		while (stop > i + 2 &&
		       (p[stop - 1] == '.' || (p[stop - 1] == ':' && p[stop - 2] != ':')))
			stop--;
		if (stop - i <= MAX_V6 && ipaddr_parse(str_mem(p + i, stop - i), &a) && a.n == 16) {
			add(f, &a, i, stop);
			return end;
		}
	}
	return i;
}

/* Six bytes with the same sign between them. */
static void find_macs(struct find *f, size_t from, size_t to)
{
	const char *p = f->text.p;

	for (size_t i = from; i + 17 <= to; i++) {
		uint8_t mac[6];
		bool good = (p[i + 2] == ':' || p[i + 2] == '-') &&
			    !find_is_word(find_at(f, i - 1, from, to)) &&
			    find_at(f, i - 1, from, to) != p[i + 2];

		for (size_t k = 0; k < 6 && good; k++) {
			int high = hex_digit(p[i + 3 * k]), low = hex_digit(p[i + 3 * k + 1]);

			good = high >= 0 && low >= 0 && (k == 5 || p[i + 3 * k + 2] == p[i + 2]);
			mac[k] = (uint8_t)((unsigned)high << 4 | (unsigned)low);
		}
		if (!good || find_is_word(find_at(f, i + 17, from, to)) ||
		    find_at(f, i + 17, from, to) == p[i + 2])
			continue;
		if (!address_mac_is_kept(mac))
			find_add(f, DETECT_MAC, i, i + 17);
		i += 16;
	}
}

void find_addresses(struct find *f, size_t from, size_t to)
{
	const char *p = f->text.p;
	size_t i = from;

	while (i < to) {
		size_t end = i;
		bool begins = i == from || !is_v6(p[i - 1]);

		if (begins && is_v6(p[i]))
			end = try_v6(f, i, from, to);
		if (end == i)
			end = find_is_digit(p[i]) ? try_v4(f, i, from, to) : i + 1;
		i = end;
	}
	find_macs(f, from, to);
}
