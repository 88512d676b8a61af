/* Data of streams, printed; see follow_print.h. */
#include "cli/follow_print.h"

#include <inttypes.h>

#include "base/json_writer.h"
#include "base/text.h"
#include "base/timefmt.h"

#define ROW 16
/* A pause this long begins a new run: the time of day of what comes is then told. */
#define PAUSE_NS UINT64_C(1000000000)

void follow_print_init(struct follow_print *p, enum follow_form form)
{
	*p = (struct follow_print){ .form = form, .out = STRBUF_INIT, .row = STRBUF_INIT };
}

void follow_print_free(struct follow_print *p)
{
	strbuf_release(&p->out);
	strbuf_release(&p->row);
}

static void put_row(struct follow_print *p)
{
	if (!p->row.n)
		return;
	strbuf_addf(&p->out, "  | %08" PRIx64 " ", p->row_offset);
	for (size_t i = 0; i < ROW; i++) {
		if (i == ROW / 2)
			strbuf_addc(&p->out, ' ');
		if (i < p->row.n)
			strbuf_addf(&p->out, " %02x", (unsigned char)p->row.s[i]);
		else
			strbuf_adds(&p->out, "   ");
	}
	strbuf_adds(&p->out, "  ");
	for (size_t i = 0; i < p->row.n; i++) {
		char c = p->row.s[i];

		strbuf_addc(&p->out, c >= 0x20 && c < 0x7f ? c : '.');
	}
	strbuf_addc(&p->out, '\n');
	p->row_offset += p->row.n;
	strbuf_reset(&p->row);
}

static void end_lines(struct follow_print *p)
{
	put_row(p);
	if (p->in_line)
		strbuf_addc(&p->out, '\n');
	p->in_line = false;
}

void follow_print_end(struct follow_print *p)
{
	end_lines(p);
	p->open = false;
}

static void put_hex(struct follow_print *p, struct str data)
{
	for (size_t i = 0; i < data.n; i++) {
		strbuf_addc(&p->row, data.p[i]);
		if (p->row.n == ROW)
			put_row(p);
	}
}

static void put_text(struct follow_print *p, struct str data)
{
	while (data.n) {
		ptrdiff_t end = str_chr(data, '\n');
		struct str line = { data.p, end >= 0 ? (size_t)end : data.n };

		if (!p->in_line)
			strbuf_adds(&p->out, "  | ");
		text_escape(&p->out, line);
		p->in_line = end < 0;
		if (end >= 0)
			strbuf_addc(&p->out, '\n');
		data = str_from(data, line.n + (end >= 0));
	}
}

static bool same_run(const struct follow_print *p, const struct follow_chunk *c)
{
	return p->open && p->stream == c->stream->id && p->write == c->io.write &&
	       p->pid == c->pid && p->fd == c->fd && c->ts >= p->last_ts &&
	       c->ts - p->last_ts < PAUSE_NS;
}

static void begin_run(struct follow_print *p, const struct follow_chunk *c)
{
	end_lines(p);
	if (!c->stream->shown) {
		strbuf_addf(&p->out, "stream %" PRIu64 ": ", c->stream->id);
		text_escape(&p->out, c->type);
		strbuf_addc(&p->out, ' ');
		text_escape(&p->out, c->name);
		strbuf_addc(&p->out, '\n');
		c->stream->shown = true;
	}
	time_iso8601(&p->out, c->ts, "Z");
	strbuf_addf(&p->out, " [%" PRIu64 "] ", c->stream->id);
	text_escape(&p->out, c->comm);
	strbuf_addf(&p->out, "(%" PRId64 ",fd=%" PRId64 ") %s\n", c->pid, c->fd,
		    c->io.write ? "wrote" : "read");
	p->open = true;
	p->stream = c->stream->id;
	p->write = c->io.write;
	p->pid = c->pid;
	p->fd = c->fd;
	p->row_offset = c->stream->offset[c->io.write];
}

static void put_json(struct follow_print *p, const struct follow_chunk *c, uint64_t missing)
{
	struct strbuf sb = STRBUF_INIT;
	struct json_writer w;

	json_init(&w, &p->out);
	json_begin_object(&w);
	json_key(&w, "time");
	time_iso8601(&sb, c->ts, "Z");
	json_str(&w, strbuf_str(&sb));
	json_key(&w, "event");
	json_u64(&w, c->num);
	json_key(&w, "stream");
	json_u64(&w, c->stream->id);
	json_key(&w, "type");
	json_str(&w, c->type);
	json_key(&w, "name");
	json_str(&w, c->name);
	json_key(&w, "direction");
	json_strz(&w, c->io.write ? "write" : "read");
	json_key(&w, "comm");
	json_str(&w, c->comm);
	json_key(&w, "pid");
	json_i64(&w, c->pid);
	json_key(&w, "fd");
	json_i64(&w, c->fd);
	json_key(&w, "offset");
	json_u64(&w, c->stream->offset[c->io.write]);
	json_key(&w, "bytes");
	json_u64(&w, c->io.bytes);
	json_key(&w, "missing");
	json_u64(&w, missing);
	if (utf8_valid(c->io.data)) {
		json_key(&w, "text");
		json_str(&w, c->io.data);
	}
	json_key(&w, "base64");
	strbuf_reset(&sb);
	base64_encode(&sb, c->io.data);
	json_str(&w, strbuf_str(&sb));
	json_end_object(&w);
	strbuf_addc(&p->out, '\n');
	strbuf_release(&sb);
}

void follow_print_add(struct follow_print *p, const struct follow_chunk *c)
{
	uint64_t missing = c->io.bytes - c->io.data.n;

	p->chunks++;
	p->bytes += c->io.bytes;
	p->missing += missing;
	switch (p->form) {
	case FOLLOW_RAW:
		strbuf_addstr(&p->out, c->io.data);
		break;
	case FOLLOW_JSON:
		put_json(p, c, missing);
		break;
	default:
		if (!same_run(p, c))
			begin_run(p, c);
		if (p->form == FOLLOW_HEX)
			put_hex(p, c->io.data);
		else
			put_text(p, c->io.data);
		if (missing) {
			end_lines(p);
			strbuf_addf(&p->out, "  (%" PRIu64 " more bytes were not recorded)\n",
				    missing);
			p->row_offset += missing;
		}
	}
	p->last_ts = c->ts;
	c->stream->offset[c->io.write] += c->io.bytes;
}
