/*
 * attack_tag: what the tags of a rule say about MITRE ATT&CK.
 *
 * Layer: rules. Rules name techniques by tags such as T1059.004 and tactics by tags such as
 * mitre_credential_access (rule-language.md). Ids and names of the tactics are those of the
 * enterprise matrix, version 16.
 */
#ifndef EYAS_ATTACK_TAG_H
#define EYAS_ATTACK_TAG_H

#include <stdbool.h>

#include "base/str.h"

#define ATTACK_VERSION "16"

struct attack_tactic {
	const char *id, *name, *tag; /* "TA0006", "Credential Access", "mitre_credential_access" */
};

/* The tag names a technique or sub-technique: "T1059", "t1059.004". */
bool attack_is_technique(struct str tag);
/* The tactic that the tag names; NULL when it names none. */
const struct attack_tactic *attack_tactic_of(struct str tag);

#endif
