/*
 * eyas_schema_check: the text of a SCHEMA block, as far as it can be wrong.
 *
 * Layer: trace.
 */
#ifndef EYAS_EYAS_SCHEMA_CHECK_H
#define EYAS_EYAS_SCHEMA_CHECK_H

#include "base/json_tree.h"

/*
 * Every line is an object that describes an event type or a flag table, and types that this eyas
 * has in its table have the same code there. NULL, or what is wrong (static). `json` is scratch.
 */
const char *eyas_schema_check(struct json_tree *json, struct str text);

#endif
