/* The small parsers of base: first byte chooses, the rest is the text (halves, where two are
 * needed). */
#include <stddef.h>
#include <stdint.h>

#include "base/glob.h"
#include "base/ipaddr.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "base/timefmt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct strbuf out = STRBUF_INIT;
	struct str s, half;
	struct ipaddr addr;
	struct ipnet net;
	uint64_t ns;

	if (!size)
		return 0;
	s = str_mem(data + 1, size - 1);
	half = str_from(s, s.n / 2);
	switch (data[0] % 8) {
	case 0:
		(void)glob_match((struct str){ s.p, s.n / 2 }, half, s.n & 1);
		break;
	case 1:
		if (ipnet_parse(s, &net) && ipaddr_parse(half, &addr))
			(void)ipnet_contains(&net, &addr);
		break;
	case 2:
		json_escape(&out, s);
		break;
	case 3:
		text_escape(&out, s);
		break;
	case 4:
		utf8_sanitise(&out, s);
		break;
	case 5:
		(void)base64_decode(&out, s);
		break;
	case 6:
		(void)hex_decode(&out, s);
		break;
	case 7:
		if (time_parse(s, &ns))
			time_iso8601(&out, ns, "Z");
		(void)duration_parse(s, &ns);
		break;
	}
	strbuf_release(&out);
	return 0;
}
