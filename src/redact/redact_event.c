/* The parameters of events: see redactor_impl.h. */
#include "base/cursor.h"
#include "redact/redactor_impl.h"
#include "trace/packet.h"

/* Users of people begin here; 65534 is nobody. */
#define FIRST_USER 1000
#define NOBODY     65534

enum { FAMILY_UNIX = 1, FAMILY_INET = 2, FAMILY_INET6 = 10 };

static place_id place_of(struct redactor *r, const struct event *ev, unsigned i)
{
	uint64_t key = (uint64_t)ev->type << 32 | (i < UINT32_MAX ? i : 0);
	void *known = u64map_get(&r->event_places, key);
	place_id id;

	if (known)
		return (place_id)(uintptr_t)known;
	if (ev->info && i < ev->info->n_params)
		id = redact_place_id(r, arena_printf(&r->out, "%s %s", ev->info->name,
						     ev->info->params[i].name));
	else
		id = redact_place_id(r, "event parameter without a name");
	u64map_put(&r->event_places, key, (void *)(uintptr_t)id);
	return id;
}

/* A copy to be changed. */
static uint8_t *copy_of(struct redactor *r, struct str bytes)
{
	return (uint8_t *)arena_memdup(&r->out, bytes.p, bytes.n);
}

static void put_address(struct redactor *r, uint8_t *p, uint8_t n, place_id place)
{
	struct ipaddr a = { .n = n };

	memcpy(a.b, p, n);
	redact_address(r, &a, place);
	memcpy(p, a.b, n);
}

/* One address of a family, a port behind it; where the next is, or 0 when it is cut. */
static size_t put_endpoint(struct redactor *r, uint8_t *p, size_t n, size_t at, uint8_t size,
			   place_id place)
{
	if (n < at + size)
		return 0;
	put_address(r, p + at, size, place);
	return at + size + 2;
}

/* PT_SOCKADDR and PT_SOCKTUPLE: a family; then addresses with ports, or a path behind `skip` bytes.
 */
static struct str redact_socket(struct redactor *r, struct str bytes, bool tuple, place_id place)
{
	uint8_t family = bytes.n ? (uint8_t)bytes.p[0] : 0, *p, size;
	size_t skip = tuple ? 17 : 1, at;
	struct str path, out;

	if (family == FAMILY_UNIX && bytes.n > skip) {
		path = str_from(bytes, skip);
		out = redact_text(r, path, TEXT_PATH, STR(""), place);
		if (out.p == path.p)
			return bytes;
		p = arena_alloc(&r->out, skip + out.n);
		memcpy(p, bytes.p, skip);
		memcpy(p + skip, out.p, out.n);
		return str_mem(p, skip + out.n);
	}
	if (family != FAMILY_INET && family != FAMILY_INET6)
		return bytes;
	size = family == FAMILY_INET ? 4 : 16;
	p = copy_of(r, bytes);
	at = put_endpoint(r, p, bytes.n, 1, size, place);
	if (at && tuple)
		put_endpoint(r, p, bytes.n, at, size, place);
	return str_mem(p, bytes.n);
}

static struct str redact_plain_address(struct redactor *r, struct str bytes, place_id place)
{
	uint8_t *p;

	if (bytes.n != 4 && bytes.n != 16)
		return bytes;
	p = copy_of(r, bytes);
	put_address(r, p, (uint8_t)bytes.n, place);
	return str_mem(p, bytes.n);
}

/* An address and its mask (IPv4), or an address and more. */
static struct str redact_net(struct redactor *r, struct str bytes, uint8_t size, place_id place)
{
	uint8_t *p;

	if (bytes.n < size)
		return bytes;
	p = copy_of(r, bytes);
	put_address(r, p, size, place);
	return str_mem(p, bytes.n);
}

/* Control messages of a socket: those of the socket level (descriptors, credentials) stay. */
static struct str redact_control(struct redactor *r, struct str bytes, place_id place)
{
	enum { HEADER = 16, SOL_SOCKET_LEVEL = 1 };
	uint8_t *p = copy_of(r, bytes);
	size_t at = 0;

	while (bytes.n - at >= HEADER) {
		uint64_t n = get_le64(p + at);
		bool socket_level = get_le32(p + at + 8) == SOL_SOCKET_LEVEL;
		struct str data;

		if (n < HEADER || n > bytes.n - at)
			break;
		data = str_mem(p + at + HEADER, (size_t)n - HEADER);
		if (!socket_level && data.n && !find_is_mask(data)) {
			if (r->mode != MODE_LEARN)
				redact_count(r, REDACT_PAYLOAD, data, place);
			memset(p + at + HEADER, '*', data.n);
		}
		n = (n + 7) & ~UINT64_C(7);
		if (n > bytes.n - at)
			return str_mem(p, bytes.n);
		at += (size_t)n;
	}
	/* What cannot be taken apart goes as a whole. */
	if (bytes.n > at && !find_is_mask(str_from(bytes, at))) {
		if (r->mode != MODE_LEARN)
			redact_count(r, REDACT_PAYLOAD, str_from(bytes, at), place);
		memset(p + at, '*', bytes.n - at);
	}
	return str_mem(p, bytes.n);
}

/* The program whose arguments these are. */
static struct str program_of(const struct event *ev)
{
	int i = ev->info ? event_param_index(ev->info, STR("exe")) : -1;
	struct str exe;

	return i >= 0 && event_param_str(ev, (unsigned)i, &exe) ? exe : STR("");
}

static struct str redact_bytes(struct redactor *r, const struct event *ev, struct str name,
			       struct str bytes, place_id place)
{
	if (str_eqz(name, "args") || str_eqz(name, "argv"))
		return redact_text(r, bytes, TEXT_ARGUMENTS, program_of(ev), place);
	if (str_eqz(name, "env"))
		return redact_environment(r, bytes, place);
	if (str_eqz(name, "msgcontrol"))
		return redact_control(r, bytes, place);
	if (ev->type == EVT_ASYNCEVENT_E && packet_is(ev))
		return redact_packet(r, ev, place);
	if (ev->type != EVT_ASYNCEVENT_E && (str_eqz(name, "data") || str_eqz(name, "img")))
		return redact_payload(r, bytes, place);
	return redact_text(r, bytes, TEXT_PLAIN, STR(""), place);
}

/* Users and groups that are made while it is recorded. */
static enum text_form account_form(const struct event *ev, unsigned i, enum text_form form)
{
	bool group = ev->type == EVT_GROUP_ADDED_E || ev->type == EVT_GROUP_DELETED_E;
	bool user = ev->type == EVT_USER_ADDED_E || ev->type == EVT_USER_DELETED_E;
	int64_t id;

	if (i != (group ? 1u : 2u) || (!group && !user))
		return form;
	id = event_param_int_or(ev, 0, 0);
	return id >= FIRST_USER && id != NOBODY ? TEXT_USER : form;
}

/* A parameter whose first byte says of what type the rest is. */
static struct str redact_dynamic(struct redactor *r, const struct param_info *info,
				 struct str bytes, place_id place)
{
	uint8_t variant = bytes.n ? (uint8_t)bytes.p[0] : 0, type, *p;
	struct str rest = str_from(bytes, 1), out;

	if (!info->dyn || variant >= info->dyn->n || !rest.n)
		return bytes;
	type = info->dyn->types[variant];
	if (type == PT_BYTEBUF)
		out = redact_payload(r, rest, place);
	else if (param_type_is_text(type))
		out = redact_text(r, rest, TEXT_PLAIN, STR(""), place);
	else
		return bytes;
	if (out.p == rest.p)
		return bytes;
	p = arena_alloc(&r->out, 1 + out.n);
	p[0] = variant;
	memcpy(p + 1, out.p, out.n);
	return str_mem(p, 1 + out.n);
}

static struct str redact_param(struct redactor *r, const struct event *ev, unsigned i,
			       struct str bytes)
{
	const struct param_info *info;
	enum text_form form;
	place_id place;

	if (!ev->info || i >= ev->info->n_params)
		return redact_text(r, bytes, TEXT_PLAIN, STR(""), place_of(r, ev, i));
	info = &ev->info->params[i];
	if (param_type_is_int(info->type))
		return bytes;
	place = place_of(r, ev, i);
	switch (info->type) {
	case PT_CHARBUF:
	case PT_FSPATH:
	case PT_FSRELPATH:
		if (strcmp(info->name, "comm") == 0 || strcmp(info->name, "exe") == 0)
			redact_ordinary(r, str_mem(bytes.p, strnlen(bytes.p, bytes.n)));
		form = info->type == PT_CHARBUF ? TEXT_PLAIN : TEXT_PATH;
		return redact_text(r, bytes, account_form(ev, i, form), STR(""), place);
	case PT_BYTEBUF:
	case PT_CHARBUFARRAY:
	case PT_CHARBUF_PAIR_ARRAY:
		return redact_bytes(r, ev, str_mem(info->name, info->name_n), bytes, place);
	case PT_SOCKADDR:
	case PT_SOCKTUPLE:
		return redact_socket(r, bytes, info->type == PT_SOCKTUPLE, place);
	case PT_IPV4ADDR:
	case PT_IPV6ADDR:
	case PT_IPADDR:
		return redact_plain_address(r, bytes, place);
	case PT_IPV4NET:
		return redact_net(r, bytes, 4, place);
	case PT_IPV6NET:
		return redact_net(r, bytes, 16, place);
	case PT_IPNET:
		return redact_net(r, bytes, bytes.n >= 16 ? 16 : 4, place);
	case PT_DYN:
		return redact_dynamic(r, info, bytes, place);
	default:
		return bytes;
	}
}

void redact_event(struct redactor *r, const struct event *ev, struct event *ret)
{
	struct param *params = arena_alloc(&r->out, (ev->n_params + 1) * sizeof(*params));

	for (unsigned i = 0; i < ev->n_params; i++) {
		struct str bytes = event_param_bytes(ev, i);

		params[i] = ev->params[i];
		if (!bytes.n)
			continue;
		bytes = redact_param(r, ev, i, bytes);
		params[i] = (struct param){ (const uint8_t *)bytes.p, (uint32_t)bytes.n };
	}
	*ret = *ev;
	ret->params = params;
}
