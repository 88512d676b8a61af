/*
 * test_items: a file's lists of tests and baselines, item by item.
 *
 * Layer: testing; between test_file.c, which knows files, and test_reader.c, which knows tests.
 * Each adds what it read to the reader's set, or errors to its diag.
 */
#ifndef EYAS_TEST_ITEMS_H
#define EYAS_TEST_ITEMS_H

#include "testing/test_reader.h"

void reader_test(struct test_reader *r, const struct ynode *n);
void reader_baseline(struct test_reader *r, const struct ynode *n);

#endif
