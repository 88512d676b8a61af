/*
 * glob: shell patterns as fnmatch(3) without flags, and rule-name wildcards.
 *
 * Layer: base. Own code because matching must not depend on the locale, must
 * take bytes that are not terminated, and must be bounded (time is at most
 * pattern length times text length).
 */
#ifndef EYAS_GLOB_H
#define EYAS_GLOB_H

#include <stdbool.h>

#include "base/str.h"

/*
 * The whole of `text` against `pattern`: * ? [set] [!set] \escape; `/` is an
 * ordinary character. With fold, ASCII letters match without case.
 */
bool glob_match(struct str pattern, struct str text, bool fold);
/* Only `*` is special; the whole text must match. */
bool wildcard_match(struct str pattern, struct str text);

#endif
