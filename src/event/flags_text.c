/*
 * Names of flags and enumerated values, joined by '|'. The three walks differ as the ecosystem's do
 * (types.json): they agree on ordinary values, and rules compare the texts of all.
 */
#include "event/event_text.h"

static void add_name(const struct flag_row *row, size_t start, struct strbuf *out)
{
	if (out->n > start)
		strbuf_addc(out, '|');
	strbuf_add(out, row->name, row->name_n);
}

void flags_text(const struct flag_table *t, uint32_t value, struct strbuf *out)
{
	size_t start = out->n;
	uint32_t left = value;

	for (unsigned i = 0; t && i < t->n; i++) {
		uint32_t bits = t->rows[i].value;

		if (bits == 0 ? value == 0 : (left & bits) == bits) {
			add_name(&t->rows[i], start, out);
			left &= ~bits;
		}
		if (bits == value)
			break;
	}
}

void enum_flags_text(const struct flag_table *t, uint32_t value, struct strbuf *out)
{
	size_t start = out->n;

	for (unsigned i = 0; t && i < t->n; i++) {
		if (t->rows[i].value == value)
			add_name(&t->rows[i], start, out);
	}
}

void mode_text(const struct flag_table *t, uint32_t value, struct strbuf *out)
{
	size_t start = out->n;
	uint32_t left = value;

	for (unsigned i = 0; t && i < t->n; i++) {
		uint32_t bits = t->rows[i].value;

		if (bits == value) {
			add_name(&t->rows[i], start, out);
			break;
		}
		if (bits && (left & bits) == bits) {
			add_name(&t->rows[i], start, out);
			left &= ~bits;
		}
	}
}
