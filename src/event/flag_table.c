#include "event/flag_table.h"

#define F(name, value) { name, sizeof(name) - 1, value },
#define FLAG_TABLE(table, rows)                                                      \
	static const struct flag_row table##_rows[] = { rows };                      \
	const struct flag_table flag_table_##table = {                               \
		#table, table##_rows, sizeof(table##_rows) / sizeof(table##_rows[0]) \
	};
#include "event/flag_list.def"
#undef FLAG_TABLE
#undef F

#define V(type) PT_##type,
#define DYN_TABLE(table, types)                           \
	static const uint8_t table##_types[] = { types }; \
	const struct dyn_table dyn_table_##table = { #table, table##_types, sizeof(table##_types) };
#include "event/dyn_list.def"
#undef DYN_TABLE
#undef V

static const struct flag_table *const tables[] = {
#define FLAG_TABLE(table, rows) &flag_table_##table,
#include "event/flag_list.def"
#undef FLAG_TABLE
};

const struct flag_table *flag_table_at(size_t i)
{
	return i < sizeof(tables) / sizeof(tables[0]) ? tables[i] : NULL;
}

const struct flag_table *flag_table(struct str name)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		if (str_eqz(name, tables[i]->name))
			return tables[i];
	}
	return NULL;
}

bool flag_value(const struct flag_table *t, struct str name, uint32_t *ret)
{
	for (unsigned i = 0; i < t->n; i++) {
		if (str_eqz(name, t->rows[i].name)) {
			*ret = t->rows[i].value;
			return true;
		}
	}
	return false;
}
