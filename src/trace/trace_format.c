/* The table of trace formats: see trace_format.h. */
#include "trace/trace_format.h"

#include "trace/eyas_reader.h"
#include "trace/eyas_writer.h"
#include "trace/k8s_audit.h"
#include "trace/pcapng_writer.h"
#include "trace/scap_reader.h"
#include "trace/scap_writer.h"
#include "trace/script_reader.h"
#include "trace/script_writer.h"

const struct trace_format_row trace_formats[] = {
	{ TRACE_EYAS, "eyas", ".eyas", eyas_reader_probe, eyas_reader_open, eyas_writer_create },
	{ TRACE_SCAP, "scap", ".scap", scap_reader_probe, scap_reader_open, scap_writer_new },
	{ TRACE_SCRIPT, "script", ".eyt", script_reader_probe, script_reader_open,
	  script_writer_create },
	{ TRACE_K8S_AUDIT, "k8s_audit", NULL, k8s_audit_probe, k8s_audit_open, NULL },
	{ TRACE_PCAPNG, "pcapng", ".pcapng", NULL, NULL, pcapng_writer_create },
	{ TRACE_UNKNOWN, NULL, NULL, NULL, NULL, NULL },
};
