#include "cli/verify_report.h"

#include <inttypes.h>

#include "base/json_writer.h"
#include "base/text.h"

bool verify_good(const struct verify_result *r)
{
	return !r->damaged && !r->state_broken && r->signature != SIGNATURE_BAD &&
	       (!r->facts || r->unfinished_is_good || !r->facts->unfinished);
}

static void add_hex(struct strbuf *out, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		strbuf_addf(out, "%02x", p[i]);
}

static void add_uuid(struct strbuf *out, const uint8_t *p)
{
	for (size_t i = 0; i < 16; i++)
		strbuf_addf(out, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", p[i]);
}

static void add_line(struct strbuf *out, const struct eyas_checked_trace *t, uint64_t blocks,
		     const uint8_t *hash)
{
	strbuf_adds(out, "eyas-trace ");
	add_uuid(out, t->uuid);
	strbuf_addf(out, " %" PRIu64 " ", blocks);
	add_hex(out, hash, BLAKE2B_SIZE);
	strbuf_addc(out, '\n');
}

static const struct eyas_checked_trace *last_trace(const struct eyas_check_facts *f)
{
	return f->traces.n ? &f->traces.v[f->traces.n - 1] : NULL;
}

size_t verify_fingerprints(const struct eyas_check_facts *f)
{
	const struct eyas_checked_trace *t = last_trace(f);

	return t ? t->complete.n + !t->finished : 0;
}

uint64_t verify_fingerprint_blocks(const struct eyas_check_facts *f, size_t which)
{
	const struct eyas_checked_trace *t = last_trace(f);

	return which < t->complete.n ? t->complete.v[which].blocks : t->blocks;
}

bool verify_fingerprint(const struct eyas_check_facts *f, size_t which, struct strbuf *out)
{
	const struct eyas_checked_trace *last = last_trace(f);

	if (which >= verify_fingerprints(f))
		return false;
	for (size_t i = 0; i + 1 < f->traces.n; i++)
		add_line(out, &f->traces.v[i], f->traces.v[i].blocks, f->traces.v[i].last_hash);
	add_line(out, last, verify_fingerprint_blocks(f, which),
		 which < last->complete.n ? last->complete.v[which].hash : last->last_hash);
	return true;
}

static void count(struct strbuf *out, uint64_t n, const char *one, const char *many)
{
	strbuf_addf(out, "%" PRIu64 " %s", n, n == 1 ? one : many);
}

static const char *state_word(const struct verify_result *r)
{
	if (r->damaged || r->state_broken)
		return "bad";
	if (!verify_good(r) && r->signature != SIGNATURE_BAD)
		return "unfinished";
	return r->signature == SIGNATURE_BAD ? "not what was signed" : "good";
}

static void text_bad(const struct verify_result *r, struct strbuf *out)
{
	const struct eyas_check_facts *f = r->facts;

	if (f && f->bad.found) {
		strbuf_addf(out, "  first bad    block %" PRIu64, f->bad.seq);
		if (f->bad.kind)
			strbuf_addf(out, " (%s)", eyas_block_kind_name(f->bad.kind));
		strbuf_addf(out, " at byte %" PRIu64 ": %s\n", f->bad.offset, f->bad.what);
		strbuf_adds(out, "               eyas recover copies what is good of it\n");
	}
}

static void text_order(const struct verify_result *r, struct strbuf *out)
{
	const struct eyas_check_facts *f = r->facts;

	strbuf_adds(out, "  order        numbers rise without gaps; ");
	if (!f->back_events)
		strbuf_adds(out, "no event is earlier than the one before\n");
	else
		strbuf_addf(out,
			    "%" PRIu64 " are earlier than the one before, by up to %" PRIu64
			    " ns (CPUs may be a little apart)\n",
			    f->back_events, f->back_ns);
}

static void text_blocks(const struct verify_result *r, struct strbuf *out)
{
	const struct eyas_check_facts *f = r->facts;

	strbuf_adds(out, "  blocks       ");
	count(out, f->blocks, "block", "blocks");
	if (f->traces.n > 1)
		strbuf_addf(out, " in %zu traces behind each other", f->traces.n);
	if (f->unfinished)
		strbuf_adds(out, "; the end is missing, or the recording did not end: there is no "
				 "footer");
	strbuf_addc(out, '\n');
	if (f->gzip)
		strbuf_adds(out, "               (gzip's own header is covered by no checksum)\n");
	if (last_trace(f) && !r->damaged) {
		strbuf_adds(out, "  last hash    ");
		add_hex(out, last_trace(f)->last_hash, BLAKE2B_SIZE);
		strbuf_addc(out, '\n');
	}
}

static void text_signature(const struct verify_result *r, struct strbuf *out)
{
	uint64_t later;

	if (r->signature == SIGNATURE_NONE)
		return;
	strbuf_adds(out, "  signature    ");
	strbuf_adds(out, r->signature == SIGNATURE_GOOD ? "good, by " : "bad: ");
	text_escape(out, str_of(r->signature_text));
	if (r->signature == SIGNATURE_GOOD) {
		later = last_trace(r->facts)->blocks - r->signed_blocks;
		if (later)
			strbuf_addf(out,
				    "; %" PRIu64 " blocks were added behind the %" PRIu64
				    " that were signed",
				    later, r->signed_blocks);
		else
			strbuf_adds(out, ", of the whole trace");
	}
	strbuf_addc(out, '\n');
}

void verify_text(const struct verify_result *r, struct strbuf *out)
{
	text_escape(out, str_of(r->trace));
	strbuf_addf(out, ": %s\n", state_word(r));
	if (!r->format)
		return; /* nothing could be read */
	text_bad(r, out);
	if (r->facts)
		text_blocks(r, out);
	strbuf_adds(out, "  events       ");
	count(out, r->events, "event", "events");
	if (r->losses) {
		strbuf_adds(out, ", ");
		count(out, r->losses, "record of losses", "records of losses");
	}
	if (r->notes) {
		strbuf_adds(out, ", ");
		count(out, r->notes, "note", "notes");
	}
	strbuf_addc(out, '\n');
	if (r->facts && !r->damaged)
		text_order(r, out);
	if (r->state_broken)
		strbuf_addf(out, "  state        after event %" PRIu64 ": %s\n", r->state_event,
			    r->state_broken);
	else
		strbuf_addf(out,
			    "  state        held its invariants whenever it was looked at (%" PRIu64
			    " times)\n",
			    r->state_checks);
	text_signature(r, out);
	if (!r->facts)
		strbuf_addf(out,
			    "  note         the format %s has no checksums: an altered byte shows "
			    "only where it breaks the\n"
			    "               structure; eyas convert makes an .eyas trace, of which "
			    "every bit counts\n",
			    r->format);
}

static void json_hex(struct json_writer *w, const char *key, const uint8_t *p, bool uuid)
{
	struct strbuf sb = STRBUF_INIT;

	if (uuid)
		add_uuid(&sb, p);
	else
		add_hex(&sb, p, BLAKE2B_SIZE);
	json_key(w, key);
	json_str(w, strbuf_str(&sb));
	strbuf_release(&sb);
}

static void json_facts(struct json_writer *w, const struct eyas_check_facts *f)
{
	json_member_u64(w, "blocks", f->blocks);
	json_key(w, "finished");
	json_bool(w, !f->unfinished && !f->bad.found);
	json_member_u64(w, "back_events", f->back_events);
	json_member_u64(w, "back_ns", f->back_ns);
	json_key(w, "traces");
	json_begin_array(w);
	for (size_t i = 0; i < f->traces.n; i++) {
		json_begin_object(w);
		json_hex(w, "uuid", f->traces.v[i].uuid, true);
		json_member_u64(w, "blocks", f->traces.v[i].blocks);
		json_hex(w, "last_hash", f->traces.v[i].last_hash, false);
		json_end_object(w);
	}
	json_end_array(w);
	if (!f->bad.found)
		return;
	json_key(w, "bad");
	json_begin_object(w);
	json_member_u64(w, "block", f->bad.seq);
	if (f->bad.kind) {
		json_key(w, "kind");
		json_strz(w, eyas_block_kind_name(f->bad.kind));
	}
	json_member_u64(w, "offset", f->bad.offset);
	json_key(w, "what");
	json_strz(w, f->bad.what);
	json_end_object(w);
}

static void json_signature(struct json_writer *w, const struct verify_result *r)
{
	json_key(w, "signature");
	json_begin_object(w);
	json_key(w, "good");
	json_bool(w, r->signature == SIGNATURE_GOOD);
	json_key(w, r->signature == SIGNATURE_GOOD ? "by" : "what");
	json_strz(w, r->signature_text);
	if (r->signature == SIGNATURE_GOOD)
		json_member_u64(w, "blocks", r->signed_blocks);
	json_end_object(w);
}

void verify_json(const struct verify_result *r, const struct diag *diag, struct strbuf *out)
{
	struct json_writer w;

	json_init(&w, out);
	json_begin_object(&w);
	json_key(&w, "trace");
	json_strz(&w, r->trace);
	if (r->format) {
		json_key(&w, "format");
		json_strz(&w, r->format);
	}
	json_key(&w, "good");
	json_bool(&w, verify_good(r));
	json_member_u64(&w, "events", r->events);
	json_member_u64(&w, "losses", r->losses);
	json_member_u64(&w, "notes", r->notes);
	json_key(&w, "checksums");
	json_bool(&w, r->facts != NULL);
	if (r->facts)
		json_facts(&w, r->facts);
	if (r->state_broken) {
		json_key(&w, "state_broken");
		json_strz(&w, r->state_broken);
		json_member_u64(&w, "state_event", r->state_event);
	}
	if (r->signature != SIGNATURE_NONE)
		json_signature(&w, r);
	json_key(&w, "messages");
	json_begin_array(&w);
	for (size_t i = 0; i < diag->items.n; i++)
		json_strz(&w, diag->items.v[i].message);
	json_end_array(&w);
	json_end_object(&w);
	strbuf_addc(out, '\n');
}
