/*
 * report_page: the page of a report, as a file that a browser opens from disk.
 *
 * Layer: cli. The page itself (web/, built into the program) holds nothing of the trace. What is
 * told of it is JSON, gzip'd and in base64: letters and digits, whatever names a trace has.
 */
#ifndef EYAS_REPORT_PAGE_H
#define EYAS_REPORT_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/report.h"

/* The page as web/ makes it; nothing when eyas was built without. */
extern const unsigned char report_page[];
extern const size_t report_page_size;

/* This eyas can write one. */
bool report_page_is_there(void);
/* Writes the page with its report; 0, or what `out` returned. */
int report_page_write(const struct report *r, const struct report_output *out);

#endif
