/* What a file is that is not a trace: see trace_guess.h. */
#include "trace/trace_guess.h"

#include "base/cursor.h"
#include "base/text.h"
#include "trace/scap_format.h"

static const struct magic {
	struct str bytes;
	const char *what;
} magics[] = {
	{ { "\xd4\xc3\xb2\xa1", 4 },
	  "it is a network capture (pcap); eyas reads system-call traces" },
	{ { "\xa1\xb2\xc3\xd4", 4 },
	  "it is a network capture (pcap); eyas reads system-call traces" },
	{ { "\x4d\x3c\xb2\xa1", 4 },
	  "it is a network capture (pcap); eyas reads system-call traces" },
	{ { "\xa1\xb2\x3c\x4d", 4 },
	  "it is a network capture (pcap); eyas reads system-call traces" },
	{ { "\x28\xb5\x2f\xfd", 4 },
	  "it is compressed with zstd and has no eyas header; unpack it with "
	  "`zstd -d` first" },
	{ { "\xfd\x37zXZ", 5 }, "it is compressed with xz; unpack it with `xz -d` first" },
	{ { "BZh", 3 }, "it is compressed with bzip2; unpack it with `bzip2 -d` first" },
	{ { "\x04\x22\x4d\x18", 4 }, "it is compressed with lz4; unpack it with `lz4 -d` first" },
	{ { "PK\x03\x04", 4 }, "it is a zip archive; unpack it first" },
	{ { "\x7f\x45LF", 4 }, "it is a program (ELF)" },
	{ { "\xd7\x08\x32\xdf", 4 }, "it is a perf.data file" },
	{ { "PERFILE2", 8 }, "it is a perf.data file" },
	{ { "\x17\x08\x44tracing", 10 }, "it is an ftrace file (trace.dat)" },
};

bool trace_is_pcapng(struct str head)
{
	struct cursor c = cursor_of(head.p, head.n);
	uint32_t len, again, kind, idb;
	bool same;

	same = cursor_u32(&c) == SCAP_SHB;
	len = cursor_u32(&c);
	same = same && cursor_u32(&c) == SCAP_MAGIC && cursor_u16(&c) == 1 && cursor_u16(&c) == 0;
	if (!same || len < SCAP_SHB_LEN)
		return false;
	cursor_skip(&c, len - 16 - 4);
	again = cursor_u32(&c);
	kind = cursor_u32(&c);
	idb = cursor_u32(&c);
	cursor_skip(&c, 2);
	/* An interface comes next; not one of the length of .scap's machine information, whose
	 * number is one damaged bit away. */
	return again == len && kind == PCAPNG_IDB && idb >= 20 && idb <= 4096 && idb % 4 == 0 &&
	       idb != SCAP_MI_LEN && cursor_u16(&c) == 0 && !c.bad;
}

/*
 * Printable, in UTF-8; a sequence cut at the end does not matter. A few bytes say nothing: they may
 * be those of a trace that was cut there.
 */
static bool is_text(struct str head)
{
	if (head.n < 5)
		return false;
	for (size_t i = 0; i < head.n;) {
		unsigned char b = (unsigned char)head.p[i];
		unsigned n;

		if (b < 0x20 && b != '\n' && b != '\r' && b != '\t' && b != '\f')
			return false;
		n = utf8_len(head.p + i, head.n - i);
		if (!n) {
			if (head.n - i < 4)
				break;
			return false;
		}
		i += n;
	}
	return true;
}

static bool is_rules(struct str text)
{
	static const char *const keys[] = { "rule:", "macro:", "list:", "required_engine_version:",
					    "required_plugin_versions:" };
	struct str line;

	while (str_split(&text, '\n', &line)) {
		line = str_trim(line);
		if (!str_starts(line, STR("-")))
			continue;
		line = str_trim(str_from(line, 1));
		for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
			if (str_starts(line, str_of(keys[i])))
				return true;
	}
	return false;
}

const char *trace_guess(struct str head)
{
	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
		if (str_starts(head, magics[i].bytes))
			return magics[i].what;
	if (trace_is_pcapng(head))
		return "it is a network capture (pcapng); eyas reads system-call traces";
	if (!is_text(head))
		return NULL;
	if (is_rules(head))
		return "this looks like a rules file; give it with -r";
	return "it is a text file; eyas reads system-call traces (.eyas, .scap) and text scripts, whose first "
	       "line is \"eyas-script 1\"";
}
