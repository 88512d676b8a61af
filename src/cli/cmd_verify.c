/*
 * eyas verify: is a trace whole, and as it was written?
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/confine.h"
#include "cli/progress.h"
#include "cli/select_option.h"
#include "cli/signature.h"
#include "cli/verify_report.h"
#include "trace/eyas_reader.h"
#include "trace/trace.h"

/* Records between two looks at the state of a trace without blocks. */
#define STATE_EVERY 16384

enum {
	OPT_JSON = 256,
	OPT_UNFINISHED,
	OPT_FINGERPRINT,
	OPT_SIGNATURE,
	OPT_ALLOWED_SIGNERS,
	OPT_IDENTITY
};

static const struct option_row rows[] = {
	{ OPT_JSON, "json", NULL, "one JSON object a trace" },
	{ OPT_UNFINISHED, "unfinished", NULL,
	  "a trace that ends behind a block without a footer is good, too" },
	{ OPT_FINGERPRINT, "fingerprint", NULL,
	  "of a good trace print what ssh-keygen -Y sign is to sign, and nothing else" },
	{ OPT_SIGNATURE, "signature", "FILE", "check this signature of the fingerprint" },
	{ OPT_ALLOWED_SIGNERS, "allowed-signers", "FILE",
	  "who may have signed: the file that ssh-keygen(1) describes" },
	{ OPT_IDENTITY, "identity", "NAME",
	  "who must have signed (default: anyone in --allowed-signers)" },
	{ 0, NULL, NULL, NULL },
};

static const struct option_spec spec = {
	"eyas verify [OPTION]... TRACE...",
	"Reads each trace to its end and checks all that can be checked: the chain of hashes, checksums, schema,\n"
	"order, index, the state's invariants. Names the first bad block. Exit 3 when one is bad.",
	rows,
	NULL,
};

struct verify_options {
	bool json, unfinished, fingerprint;
	const char *file, *allowed, *identity;
	struct signature *signature;
};

/* Of everything that reads eyas traces, only this one looks at each bit. */
static int open_checked(const char *path, struct diag *diag, struct source **ret,
			const struct eyas_check_facts **ret_facts)
{
	struct input *in;
	int r = input_open(path, diag, &in);

	*ret_facts = NULL;
	if (r)
		return r;
	input_need(in, 64);
	if (eyas_reader_probe(str_mem(in->p, in->n)))
		return eyas_check_open(in, diag, ret, ret_facts);
	return trace_open_input(in, diag, ret);
}

struct walk {
	struct state *state;
	struct verify_result *result;
	uint64_t last_check; /* blocks, or records, when the state was looked at last */
	uint64_t records;
};

static int on_event(void *arg, struct event_ctx *ctx)
{
	(void)arg;
	(void)ctx;
	return 0;
}

static void look_at_state(struct walk *w, const struct replay_stats *stats)
{
	const char *why;

	w->result->state_checks++;
	if (w->result->state_broken || state_check(w->state, &why))
		return;
	w->result->state_broken = why;
	w->result->state_event = stats->events;
}

/* Once a block, or every so many records. */
static bool state_is_due(struct walk *w)
{
	const struct eyas_check_facts *f = w->result->facts;
	uint64_t at = f ? f->blocks : w->records / STATE_EVERY;

	if (at == w->last_check)
		return false;
	w->last_check = at;
	return true;
}

/* All records through the state; the reader's result. */
static int read_through(struct source *src, struct verify_result *res)
{
	static const struct replay_select all;
	const struct replay_visitor visitor = { .event = on_event };
	struct walk w = { .result = res };
	struct replay_stats stats = { 0 };
	struct state_options opt;
	struct replay_walk *walk;
	struct progress p;
	uint64_t ts;
	int r;

	state_options_default(&opt);
	w.state = state_new(&opt);
	walk = replay_walk_new(src, w.state, &all, &visitor, &stats);
	progress_begin(&p);
	while ((r = replay_walk_peek(walk, &ts)) == 1) {
		if (state_is_due(&w))
			look_at_state(&w, &stats);
		replay_walk_step(walk);
		progress_show(&p, src, ++w.records);
	}
	look_at_state(&w, &stats);
	progress_end(&p);
	replay_walk_free(walk);
	state_free(w.state);
	res->events = stats.raw;
	res->losses = stats.loss_records;
	return r;
}

/* Which of the fingerprints, the newest first, was signed? Negative: it could not be asked. */
static int check_signature(struct signature *s, struct verify_result *res, struct strbuf *text)
{
	struct strbuf message = STRBUF_INIT;
	size_t n = verify_fingerprints(res->facts);
	int r = 0;

	res->signature = SIGNATURE_BAD;
	for (size_t i = n; i-- > 0 && r == 0;) {
		strbuf_reset(&message);
		verify_fingerprint(res->facts, i, &message);
		r = signature_ask(s, strbuf_str(&message), text);
		if (r > 0) {
			res->signature = SIGNATURE_GOOD;
			res->signed_blocks = verify_fingerprint_blocks(res->facts, i);
		}
	}
	res->signature_text = text->s;
	strbuf_release(&message);
	return r < 0 ? r : 0;
}

static void report(const struct verify_options *opt, const struct verify_result *res,
		   const struct diag *diag, struct strbuf *out)
{
	if (opt->fingerprint) {
		if (verify_good(res))
			verify_fingerprint(res->facts, verify_fingerprints(res->facts) - 1, out);
	} else if (opt->json) {
		verify_json(res, diag, out);
	} else {
		verify_text(res, out);
	}
}

static int print(const struct strbuf *out)
{
	if (fwrite(out->s, 1, out->n, stdout) == out->n && fflush(stdout) == 0)
		return EXIT_DONE;
	perror("eyas verify: cannot write");
	return EXIT_FAILED;
}

/* The trace has been read with result r; an exit_status. */
static int judge(const struct verify_options *opt, struct verify_result *res, struct diag *diag,
		 int r, struct strbuf *out)
{
	struct strbuf text = STRBUF_INIT;
	int status;

	res->damaged = r == -EBADMSG;
	res->unfinished_is_good = opt->unfinished;
	if (res->facts)
		res->notes = res->facts->notes;
	if ((opt->signature || opt->fingerprint) && !res->facts) {
		diag_add(diag, DIAG_ERROR, "VERIFY_FORMAT",
			 "only .eyas traces have what is signed, this is %s: convert it first",
			 res->format)
			->file = res->trace;
		strbuf_release(&text);
		return EXIT_USAGE;
	}
	if (r == 0 && opt->signature) {
		r = check_signature(opt->signature, res, &text);
		if (r)
			diag_add(diag, DIAG_ERROR, "VERIFY_SIGNATURE", "%s", text.s)->file =
				res->trace;
	}
	if (!r && !verify_good(res) && opt->fingerprint)
		diag_add(
			diag, DIAG_ERROR, "VERIFY_UNFINISHED",
			"the trace is unfinished: --unfinished gives the fingerprint of what is there")
			->file = res->trace;
	status = exit_of_trace(r);
	if (status == EXIT_DONE || status == EXIT_DAMAGED)
		report(opt, res, diag, out);
	if (status == EXIT_DONE && !verify_good(res))
		status = EXIT_DAMAGED;
	strbuf_release(&text);
	return status;
}

static int verify(const char *path, const struct verify_options *opt)
{
	struct verify_result res = { .trace = path };
	struct strbuf out = STRBUF_INIT;
	struct source *src;
	struct diag diag;
	int r, status;

	diag_init(&diag);
	r = open_checked(path, &diag, &src, &res.facts);
	if (r) {
		status = exit_of_trace(r);
		res.facts = NULL;
		res.damaged = true;
		if (status == EXIT_DAMAGED)
			report(opt, &res, &diag, &out);
	} else {
		res.format = src->format;
		r = read_through(src, &res);
		status = judge(opt, &res, &diag, r, &out);
		source_close(src);
	}
	if (print(&out) != EXIT_DONE)
		status = EXIT_FAILED;
	diag_print(&diag, stderr);
	diag_free(&diag);
	strbuf_release(&out);
	return status;
}

/* The worst of two: could not do it, wrong usage, damaged, done. */
static int worse(int a, int b)
{
	static const int rank[] = {
		[EXIT_DONE] = 0, [EXIT_DAMAGED] = 1, [EXIT_USAGE] = 2, [EXIT_FAILED] = 3
	};

	return rank[a] < rank[b] ? b : a;
}

static int verify_all(struct option_state *st, struct verify_options *opt)
{
	struct confine_rules readable = { .read = (const char *const *)st->operands.v,
					  .n_read = st->operands.n };
	int status = EXIT_DONE;

	if (!st->operands.n)
		return option_usage_error(st, "give a trace");
	if ((opt->file == NULL) != (opt->allowed == NULL))
		return option_usage_error(st, "--signature and --allowed-signers go together");
	if (opt->identity && !opt->file)
		return option_usage_error(st, "--identity is for --signature");
	if ((opt->file || opt->fingerprint) && st->operands.n > 1)
		return option_usage_error(st, "--signature and --fingerprint are for one trace");
	if (opt->file) {
		opt->signature = signature_start(opt->file, opt->allowed, opt->identity);
		if (!opt->signature) {
			perror("eyas verify: cannot start a process");
			return EXIT_FAILED;
		}
	}
	confine(&readable);
	for (size_t i = 0; i < st->operands.n; i++)
		status = worse(status, verify(st->operands.v[i], opt));
	signature_end(opt->signature);
	return status;
}

int cmd_verify(int argc, char **argv)
{
	struct verify_options opt = { 0 };
	struct option_state st;
	int key, status;

	option_init(&st, &spec, argc, argv);
	while ((key = option_next(&st)) >= 0) {
		switch (key) {
		case OPT_JSON:
			opt.json = true;
			break;
		case OPT_UNFINISHED:
			opt.unfinished = true;
			break;
		case OPT_FINGERPRINT:
			opt.fingerprint = true;
			break;
		case OPT_SIGNATURE:
			opt.file = st.arg;
			break;
		case OPT_ALLOWED_SIGNERS:
			opt.allowed = st.arg;
			break;
		case OPT_IDENTITY:
			opt.identity = st.arg;
			break;
		}
	}
	if (key != OPTION_END)
		status = key == OPTION_EXIT ? EXIT_DONE : EXIT_USAGE;
	else
		status = verify_all(&st, &opt);
	option_free(&st);
	return status;
}
