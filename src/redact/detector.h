/*
 * detector: the kinds of things that are replaced, by name.
 *
 * Layer: redact. detector_list.def is the table.
 */
#ifndef EYAS_DETECTOR_H
#define EYAS_DETECTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum detector_group { GROUP_SECRET, GROUP_IDENTITY, GROUP_ADDRESS, GROUP_N };

/* How the pseudonym of a finding is made: see pseudonym.h. */
enum pseudonym_form {
	FORM_SHAPE,   /* characters of the same classes */
	FORM_NAME,    /* the same, also of short ones */
	FORM_HOST,    /* label by label */
	FORM_EMAIL,   /* a name, and a host */
	FORM_ADDRESS, /* an IP address as text */
	FORM_MAC,     /* a hardware address as text */
};

enum detector {
#define DETECTOR(id, name, group, form, on, doc) DETECT_##id,
#include "redact/detector_list.def"
#undef DETECTOR
	DETECT_N
};

struct detector_row {
	const char *name;
	uint8_t group; /* enum detector_group */
	uint8_t form;  /* enum pseudonym_form */
	bool on;
	const char *doc;
};

extern const struct detector_row detectors[DETECT_N];

/* Which are looked for. */
struct detector_set {
	bool on[DETECT_N];
};

void detector_set_default(struct detector_set *s);
/*
 * Switches the detectors of a list "NAME,NAME,..." on or off; "all" stands for all, "default" for
 * those that are on by default. False, and the piece that is no name in *ret_wrong.
 */
bool detector_set_change(struct detector_set *s, struct str list, bool on, struct str *ret_wrong);

#endif
