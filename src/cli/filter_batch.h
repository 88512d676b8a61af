/*
 * filter_batch: the JSON Lines mode of eyas filter.
 *
 * Layer: cli. Each line of the input is a request, each line of the output its answer, in order.
 * For editors and tests that have thousands of conditions; eyas-filter(1) says what requests there
 * are.
 */
#ifndef EYAS_FILTER_BATCH_H
#define EYAS_FILTER_BATCH_H

#include <stdio.h>

/* Answers requests until the input ends. 0 or -errno. */
int filter_batch(FILE *in, FILE *out);

#endif
