/* Numbers and strings of a saved state; see state_codec.h. */
#include "state/state_codec.h"

void code_u64(struct codec *c, uint64_t *v)
{
	if (c->saving)
		varint_add(c->out, *v);
	else
		*v = varint_get(&c->in);
}

/* A number of at most `max`. */
static uint64_t code_upto(struct codec *c, uint64_t v, uint64_t max)
{
	code_u64(c, &v);
	if (v <= max)
		return v;
	code_bad(c);
	return 0;
}

void code_u32(struct codec *c, uint32_t *v)
{
	*v = (uint32_t)code_upto(c, *v, UINT32_MAX);
}

void code_u16(struct codec *c, uint16_t *v)
{
	*v = (uint16_t)code_upto(c, *v, UINT16_MAX);
}

void code_u8(struct codec *c, uint8_t *v)
{
	*v = (uint8_t)code_upto(c, *v, UINT8_MAX);
}

void code_bool(struct codec *c, bool *v)
{
	*v = code_upto(c, *v, 1) != 0;
}

void code_i64(struct codec *c, int64_t *v)
{
	uint64_t u = zigzag(*v);

	code_u64(c, &u);
	*v = unzigzag(u);
}

void code_count(struct codec *c, size_t *n, size_t bytes)
{
	uint64_t v = *n;

	code_u64(c, &v);
	if (!c->saving && v > cursor_left(&c->in) / bytes) {
		code_bad(c);
		v = 0;
	}
	*n = (size_t)v;
}

void code_istr(struct codec *c, const struct istr **s)
{
	uint64_t i;

	if (!c->saving) {
		i = varint_get(&c->in);
		if (i >= c->strings.n)
			code_bad(c);
		*s = i < c->strings.n ? c->strings.v[i] : c->st->empty;
		return;
	}
	i = (uintptr_t)u64map_get(&c->string_of, (uintptr_t)*s);
	if (!i) {
		vec_push(&c->strings, *s);
		i = c->strings.n;
		u64map_put(&c->string_of, (uintptr_t)*s, (void *)(uintptr_t)i);
	}
	varint_add(c->out, i - 1);
}

void code_str(struct codec *c, struct str *s)
{
	if (c->saving)
		varint_add_str(c->out, *s);
	else
		*s = varint_get_str(&c->in);
}

void code_text(struct codec *c, struct str *s, struct arena *a)
{
	bool there = s->p != NULL;

	code_bool(c, &there);
	if (!there) {
		*s = (struct str){ NULL, 0 };
		return;
	}
	code_str(c, s);
	if (!c->saving)
		*s = arena_str(a, *s);
}

void code_ipaddr(struct codec *c, struct ipaddr *a)
{
	const uint8_t *p;

	code_u8(c, &a->n);
	if (c->saving) {
		strbuf_add(c->out, a->b, a->n);
		return;
	}
	if (a->n != 0 && a->n != 4 && a->n != 16)
		code_bad(c);
	p = cursor_take(&c->in, a->n);
	if (p)
		memcpy(a->b, p, a->n);
	else
		a->n = 0;
}
