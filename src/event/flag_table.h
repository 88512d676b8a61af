/*
 * flag_table: the tables of flag_list.def and dyn_list.def as objects, for the event table.
 *
 * Layer: event, private to it: others look tables up by name (event.h) or through a parameter's
 * row.
 */
#ifndef EYAS_FLAG_TABLE_H
#define EYAS_FLAG_TABLE_H

#include "event/event.h"

#define FLAG_TABLE(name, rows) extern const struct flag_table flag_table_##name;
#include "event/flag_list.def"
#undef FLAG_TABLE

#define DYN_TABLE(name, types) extern const struct dyn_table dyn_table_##name;
#include "event/dyn_list.def"
#undef DYN_TABLE

#endif
