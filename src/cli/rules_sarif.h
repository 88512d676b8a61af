/*
 * rules_sarif: problems of rules files as SARIF 2.1.0, which code scanning services read.
 *
 * Layer: cli. One run: the tool with all its codes as rules, a result for each problem with its
 * place, a fingerprint that stays when lines move.
 */
#ifndef EYAS_RULES_SARIF_H
#define EYAS_RULES_SARIF_H

#include "base/diag.h"

/* Prints to standard output; `status`, or EXIT_FAILED when that cannot be written. */
int rules_sarif_print(const struct diag *diag, int status);

#endif
