/*
 * Any bytes as all texts and contents of a trace: redacted, and redacted again with another key,
 * which must find nothing more to do. The first byte chooses what becomes of contents.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "redact/redactor.h"
#include "trace/packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define N_EVENTS 5

struct made {
	struct event ev;
	struct param params[EVENT_MAX_PARAMS];
};

/* The parameter of this name is the bytes; those before it are empty, but for what is given. */
static void make(struct made *m, unsigned type, const char *name, struct str bytes)
{
	int i = event_param_index(event_info(type), str_of(name));

	assert(i >= 0);
	m->ev.type = (uint16_t)type;
	m->ev.info = event_info(type);
	m->ev.tid = 1;
	m->ev.params = m->params;
	if (m->ev.n_params < (uint32_t)i + 1)
		m->ev.n_params = (uint32_t)i + 1;
	m->params[i] = (struct param){ (const uint8_t *)bytes.p, (uint32_t)bytes.n };
}

/* All records through a redactor, up to where they would be written: how much it replaces. */
static uint64_t run(struct redactor *r, const struct record *in, size_t n,
		    struct strbuf *provenance, const char *given)
{
	struct record out;
	uint64_t total;

	redactor_learn_provenance(r, given);
	for (size_t i = 0; i < n; i++)
		redactor_learn(r, &in[i]);
	redactor_ready(r);
	redactor_count_provenance(r, given);
	for (size_t i = 0; i < n; i++)
		redactor_replace(r, &in[i], &out);
	total = redactor_counts(r)->total;
	redactor_counted(r);
	redactor_provenance(r, given, provenance);
	return total;
}

/* What was replaced is good until the next call: a copy of a record. */
static void keep(struct arena *a, struct record *rec)
{
	struct param *params;

	if (rec->kind == RECORD_NOTE) {
		rec->note.text = arena_str(a, rec->note.text);
		rec->note.author = arena_str(a, rec->note.author);
		return;
	}
	params = arena_calloc(a, rec->event.n_params + 1, sizeof(*params));
	for (uint32_t i = 0; i < rec->event.n_params; i++) {
		struct str s = arena_str(a, event_param_bytes(&rec->event, i));

		params[i] = (struct param){ (const uint8_t *)s.p, (uint32_t)s.n };
	}
	rec->event.params = params;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t how = size ? data[0] : 0;
	struct str bytes = str_from(str_mem(data, size), 1);
	struct redact_options opt = { .key = STR("one key of them") };
	struct record in[N_EVENTS + 1], once[N_EVENTS + 1];
	struct strbuf first = STRBUF_INIT, second = STRBUF_INIT, given = STRBUF_INIT;
	struct made made[N_EVENTS];
	struct arena kept = ARENA_INIT;
	struct redactor *r, *again;

	memset(made, 0, sizeof(made));
	memset(in, 0, sizeof(in));
	for (size_t i = 0; i < DETECT_N; i++)
		opt.set.on[i] = true;
	opt.payload = how % 3;
	opt.environment = how / 3 % 3;
	make(&made[0], EVT_SYSCALL_EXECVE_19_X, "exe", STR("mysql"));
	make(&made[0], EVT_SYSCALL_EXECVE_19_X, "args", bytes);
	make(&made[0], EVT_SYSCALL_EXECVE_19_X, "env", bytes);
	make(&made[1], EVT_SYSCALL_CHDIR_X, "path", bytes);
	make(&made[2], EVT_SYSCALL_READ_X, "data", bytes);
	make(&made[3], EVT_SOCKET_RECVMSG_X, "tuple", bytes);
	make(&made[3], EVT_SOCKET_RECVMSG_X, "msgcontrol", bytes);
	make(&made[4], EVT_ASYNCEVENT_E, "name", STR(PACKET_EVENT_NAME));
	make(&made[4], EVT_ASYNCEVENT_E, "data", bytes);
	for (size_t i = 0; i < N_EVENTS; i++) {
		in[i].kind = RECORD_EVENT;
		in[i].event = made[i].ev;
	}
	in[N_EVENTS].kind = RECORD_NOTE;
	in[N_EVENTS].note.text = bytes;
	in[N_EVENTS].note.author = bytes;
	strbuf_addstr(&given, bytes);

	r = redactor_new(&opt);
	run(r, in, N_EVENTS + 1, &first, given.s);
	for (size_t i = 0; i < N_EVENTS + 1; i++) {
		redactor_replace(r, &in[i], &once[i]);
		keep(&kept, &once[i]);
	}
	opt.key = STR("another of them");
	again = redactor_new(&opt);
	assert(run(again, once, N_EVENTS + 1, &second, first.s) == 0);
	assert(strcmp(first.s, second.s) == 0);
	redactor_free(again);
	redactor_free(r);
	arena_destroy(&kept);
	strbuf_release(&first);
	strbuf_release(&second);
	strbuf_release(&given);
	return 0;
}
