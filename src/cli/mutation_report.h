/*
 * mutation_report: what `eyas test --mutate` found, for people and as JSON Lines.
 *
 * Layer: cli.
 */
#ifndef EYAS_MUTATION_REPORT_H
#define EYAS_MUTATION_REPORT_H

#include "testing/mutation.h"

/* Per rule the score and the mutants that no test notices; with `verbose` the others, too. */
void mutation_report_human(const struct mutation *m, bool verbose, struct strbuf *out);
/* A line per mutant, a line per rule, one with the score. */
void mutation_report_json(const struct mutation *m, struct strbuf *out);
/* Tenths of a percent of noticed mutants, rounded down; 1000 when there are none. */
unsigned mutation_score(size_t noticed, size_t counted);

#endif
