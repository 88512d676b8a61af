/*
 * redact_report: what eyas redact replaced, and never what it was.
 *
 * Layer: cli.
 */
#ifndef EYAS_REDACT_REPORT_H
#define EYAS_REDACT_REPORT_H

#include "cli/keep_rules.h"
#include "redact/redactor.h"

struct redact_report {
	const struct redact_counts *counts;
	const struct keep_rules *kept; /* NULL: not asked for */
	uint64_t searched;             /* unpacked bytes that were searched */
	uint64_t events;
};

void redact_report_text(const struct redact_report *r, struct strbuf *out);
/* One JSON object and a newline. */
void redact_report_json(const struct redact_report *r, struct strbuf *out);

#endif
