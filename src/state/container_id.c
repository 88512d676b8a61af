#include "state/state_impl.h"

#define FULL_ID  64
#define SHORT_ID 12

/* Position of the last occurrence, or -1; the empty string occurs at the end. */
static ptrdiff_t find_last(struct str s, struct str what)
{
	if (what.n > s.n)
		return -1;
	for (size_t i = s.n - what.n + 1; i-- > 0;)
		if (memcmp(s.p + i, what.p, what.n) == 0)
			return (ptrdiff_t)i;
	return -1;
}

/*
 * Hexadecimal digits only. As upstream does it, without looking at what is behind the first 64
 * bytes of the whole path.
 */
static bool is_hex(struct str path, struct str s)
{
	for (size_t i = 0; i < s.n && s.p + i < path.p + FULL_ID; i++) {
		char c = s.p[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')))
			return false;
	}
	return true;
}

static struct str short_id(struct str s)
{
	return (struct str){ s.p, s.n < SHORT_ID ? s.n : SHORT_ID };
}

/* What stands between the last prefix and the last suffix; false when they are not there in order.
 */
static bool between(struct str path, struct str prefix, struct str suffix, struct str *ret)
{
	ptrdiff_t from = find_last(path, prefix), to = find_last(path, suffix);

	if (from < 0 || to < 0 || to < from + (ptrdiff_t)prefix.n)
		return false;
	from += (ptrdiff_t)prefix.n;
	*ret = (struct str){ path.p + from, (size_t)(to - from) };
	return true;
}

/* How the engines that name cgroups by the 64 digits do it: podman, docker, cri, in this order. */
static const struct {
	struct str prefix, suffix;
} runc_layouts[] = {
	{ STR("/libpod-"), STR(".scope") },
	{ STR("/libpod-"), STR(".scope/container") },
	{ STR("/libpod-"), STR("") },
	{ STR("/libpod-payload-"), STR(".scope") },
	{ STR("/libpod-payload-"), STR(".scope/container") },
	{ STR("/libpod-payload-"), STR("") },
	{ STR("/"), STR("") },
	{ STR("/docker-"), STR(".scope") },
	{ STR("/crio-"), STR("") },
	{ STR("/cri-containerd-"), STR(".scope") },
	{ STR("/crio-"), STR(".scope") },
	{ STR(":cri-containerd:"), STR("") },
	{ STR("/nerdctl-"), STR(".scope") },
};

static struct str runc_id(struct str path)
{
	struct str id;

	for (size_t i = 0; i < sizeof(runc_layouts) / sizeof(*runc_layouts); i++)
		if (between(path, runc_layouts[i].prefix, runc_layouts[i].suffix, &id) &&
		    id.n == FULL_ID && is_hex(path, id))
			return short_id(id);
	return STR("");
}

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_punct(char c)
{
	return c == '.' || c == '_' || c == '-';
}

/* The end of a word of letters and digits, with single punctuation marks inside, at `at`. */
static size_t name_end(struct str path, size_t at)
{
	while (at < path.n && is_alnum(path.p[at])) {
		at++;
		if (at + 1 < path.n && is_punct(path.p[at]) && is_alnum(path.p[at + 1]))
			at++;
	}
	return at;
}

/* /NAMESPACE/ID, the id chosen freely. */
static struct str containerd_id(struct str path)
{
	struct str id = STR("");

	for (size_t i = 0; i < path.n; i++) {
		size_t end;

		if (path.p[i] != '/')
			continue;
		end = name_end(path, i + 1);
		if (end > i + 1 && end < path.n && path.p[end] == '/') {
			between(path, (struct str){ path.p + i, end + 1 - i }, STR(""), &id);
			break;
		}
	}
	/* Those of systemd are the host's. */
	if (!id.n || id.n > FULL_ID || str_ends(path, STR(".service")) ||
	    str_ends(path, STR(".slice")) || str_ends(path, STR(".scope")))
		return STR("");
	return short_id(id);
}

/* From `at` to the next slash. */
static struct str component(struct str path, size_t at)
{
	struct str id = str_from(path, at);
	ptrdiff_t slash = str_chr(id, '/');

	if (slash >= 0)
		id.n = (size_t)slash;
	return id;
}

static struct str lxc_id(struct str path)
{
	static const struct str before[] = { STR("/lxc/"), STR("/lxc.payload/"),
					     STR("/lxc.payload.") };

	for (size_t i = 0; i < sizeof(before) / sizeof(*before); i++) {
		ptrdiff_t at = str_find(path, before[i]);

		if (at >= 0)
			return component(path, (size_t)at + before[i].n);
	}
	return STR("");
}

static struct str libvirt_id(struct str path)
{
	static const struct str scope[] = { STR(".scope"), STR(".scope/libvirt") };
	struct str suffix = STR(".libvirt-lxc"), mid = STR("-lxc\\x2"),
		   legacy = STR("/libvirt/lxc/");
	ptrdiff_t at;

	if (str_ends(path, suffix)) {
		struct str id = { path.p, path.n - suffix.n };

		at = str_rchr(id, '/');
		if (at >= 0)
			return str_from(id, (size_t)at + 1);
	}
	at = str_find(path, mid);
	if (at >= 0) {
		/* machine-lxc\x2dNUMBER\x2dNAME.scope: from the number on. */
		size_t from = (size_t)at + mid.n + 1;

		for (size_t i = 0; i < 2; i++)
			if (str_ends(path, scope[i]) && path.n - scope[i].n > from)
				return (struct str){ path.p + from, path.n - scope[i].n - from };
	}
	at = str_find(path, legacy);
	return at >= 0 ? str_from(path, (size_t)at + legacy.n) : STR("");
}

static struct str bpm_id(struct str path)
{
	struct str id;

	if (!between(path, STR("bpm-"), STR(".scope"), &id))
		return STR("");
	for (size_t i = 0; i < id.n; i++)
		if (!is_alnum(id.p[i]) && !is_punct(id.p[i]))
			return STR("");
	return id;
}

struct str container_id_of_path(struct str path)
{
	static struct str (*const engines[])(struct str) = { runc_id, containerd_id, lxc_id,
							     libvirt_id, bpm_id };

	for (size_t i = 0; i < sizeof(engines) / sizeof(*engines); i++) {
		struct str id = engines[i](path);

		if (id.n)
			return id;
	}
	return STR("");
}
