#include "rules/attack_tag.h"

#include <stddef.h>

static const struct attack_tactic tactics[] = {
	{ "TA0043", "Reconnaissance", "mitre_reconnaissance" },
	{ "TA0042", "Resource Development", "mitre_resource_development" },
	{ "TA0001", "Initial Access", "mitre_initial_access" },
	{ "TA0002", "Execution", "mitre_execution" },
	{ "TA0003", "Persistence", "mitre_persistence" },
	{ "TA0004", "Privilege Escalation", "mitre_privilege_escalation" },
	{ "TA0005", "Defense Evasion", "mitre_defense_evasion" },
	{ "TA0006", "Credential Access", "mitre_credential_access" },
	{ "TA0007", "Discovery", "mitre_discovery" },
	{ "TA0008", "Lateral Movement", "mitre_lateral_movement" },
	{ "TA0009", "Collection", "mitre_collection" },
	{ "TA0010", "Exfiltration", "mitre_exfiltration" },
	{ "TA0011", "Command and Control", "mitre_command_and_control" },
	{ "TA0040", "Impact", "mitre_impact" },
};

bool attack_is_technique(struct str tag)
{
	size_t digits = 0, i;

	if (tag.n < 5 || (tag.p[0] != 'T' && tag.p[0] != 't'))
		return false;
	for (i = 1; i < tag.n && tag.p[i] >= '0' && tag.p[i] <= '9'; i++)
		digits++;
	if (digits != 4)
		return false;
	if (i == tag.n)
		return true;
	if (tag.p[i] != '.' || tag.n != i + 4)
		return false;
	for (i++; i < tag.n; i++)
		if (tag.p[i] < '0' || tag.p[i] > '9')
			return false;
	return true;
}

const struct attack_tactic *attack_tactic_of(struct str tag)
{
	for (size_t i = 0; i < sizeof(tactics) / sizeof(tactics[0]); i++)
		if (str_eqz(tag, tactics[i].tag))
			return &tactics[i];
	return NULL;
}
