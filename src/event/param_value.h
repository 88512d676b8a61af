/*
 * param_value: the bytes of one parameter as a number or a text.
 *
 * Layer: event, private to it. What the two ways to a parameter (event.h and the rendering of
 * texts, where a PT_DYN has yet another type inside) have in common.
 */
#ifndef EYAS_PARAM_VALUE_H
#define EYAS_PARAM_VALUE_H

#include "event/event.h"

/* A little-endian integer of the type's size; false when the size differs. */
static inline bool param_value_int(struct param p, unsigned type, int64_t *ret)
{
	bool is_signed = param_type_is_signed(type);

	if (p.n == 0 || p.n != param_type_size(type))
		return false;
	switch (p.n) {
	case 1:
		*ret = is_signed ? (int8_t)p.p[0] : p.p[0];
		return true;
	case 2:
		*ret = is_signed ? (int16_t)get_le16(p.p) : get_le16(p.p);
		return true;
	case 4:
		*ret = is_signed ? (int32_t)get_le32(p.p) : (int64_t)get_le32(p.p);
		return true;
	case 8:
		*ret = (int64_t)get_le64(p.p);
		return true;
	default:
		return false;
	}
}

/* Up to the first NUL; false when the parameter is empty or the "(NULL)" of old captures. */
static inline bool param_value_text(struct param p, struct str *ret)
{
	const uint8_t *nul;

	if (p.n == 0)
		return false;
	nul = memchr(p.p, 0, p.n);
	*ret = str_mem(p.p, nul ? (size_t)(nul - p.p) : p.n);
	return !(ret->n == 6 && memcmp(ret->p, "(NULL)", 6) == 0);
}

#endif
