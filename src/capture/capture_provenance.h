/*
 * capture_provenance: how a trace was recorded, as its provenance block tells it.
 *
 * Layer: capture.
 */
#ifndef EYAS_CAPTURE_PROVENANCE_H
#define EYAS_CAPTURE_PROVENANCE_H

#include "capture/capture_options.h"

/* What is recorded, by which command line, on which host and by which driver: JSON; appended to
 * `out`. */
void capture_provenance_add(const struct capture_options *o, int argc, char **argv,
			    const struct driver *driver, struct strbuf *out);

#endif
