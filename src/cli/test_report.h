/*
 * test_report: the results of `eyas test` for people and for programs.
 *
 * Layer: cli. Results come in the order of the tests; nothing printed depends on times or on how
 * many replays ran at once. Each appends a whole report.
 */
#ifndef EYAS_TEST_REPORT_H
#define EYAS_TEST_REPORT_H

#include "testing/test_run.h"

/* "NAME [CASES] (TRACE)"; the trace only where a test has several. */
void test_title(const struct test_result *res, struct strbuf *out);
/* What is wrong with a failed result, or one that could not be judged: lines, each with `indent` in
 * front. */
void test_failure_text(const struct test_result *res, const char *indent, struct strbuf *out);
/* "12 passed, 1 failed" */
void test_counts_text(const struct test_run *r, struct strbuf *out);

void test_report_human(const struct test_run *r, bool verbose, struct strbuf *out);
/* TAP version 13. */
void test_report_tap(const struct test_run *r, struct strbuf *out);
/* A suite per rule, a case per test and trace. */
void test_report_junit(const struct test_run *r, struct strbuf *out);
/* For summaries of CI jobs. */
void test_report_markdown(const struct test_run *r, struct strbuf *out);
/* JSON Lines: a line per result, then the counts. */
void test_report_json(const struct test_run *r, struct strbuf *out);

#endif
