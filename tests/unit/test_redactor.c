/* Records of all kinds through the redactor. */
#include "redact/redactor.h"
#include "unit.h"

#include "base/cursor.h"
#include "base/json_tree.h"
#include "made_event.h"
#include "records.h"
#include "trace/packet.h"

static struct redact_options usual(void)
{
	struct redact_options o = { .environment = CONTENT_SCAN, .key = STR("a key of sixteen") };

	detector_set_default(&o.set);
	return o;
}

/* What becomes of a trace; `provenance` of it, and the one to write. */
static uint64_t redact(const struct redact_options *o, const struct record_list *in,
		       const char *provenance, struct record_list *out,
		       struct strbuf *ret_provenance)
{
	struct redactor *r = redactor_new(o);
	struct record rec;
	uint64_t total;

	redactor_learn_provenance(r, provenance);
	for (size_t i = 0; i < in->v.n; i++)
		redactor_learn(r, &in->v.v[i]);
	redactor_ready(r);
	redactor_count_provenance(r, provenance);
	for (size_t i = 0; i < in->v.n; i++)
		redactor_replace(r, &in->v.v[i], &rec);
	redactor_counted(r);
	redactor_provenance(r, provenance, ret_provenance);
	for (size_t i = 0; i < in->v.n; i++) {
		redactor_replace(r, &in->v.v[i], &rec);
		record_list_add(out, &rec);
	}
	total = redactor_counts(r)->total;
	redactor_free(r);
	return total;
}

/* Any trace can be redacted, in every way; and doing it again changes nothing. */
static void a_second_run_changes_nothing(void **unused)
{
	static const enum content_use uses[] = { CONTENT_FILL, CONTENT_DROP, CONTENT_SCAN };
	const unsigned all = WITH_UNKNOWN_TYPES | WITH_ODD_SIZES | WITH_LOSS_AND_NOTES |
			     WITH_SECTIONS | WITH_ANY_DELIVERY | WITH_MOUNTS;

	(void)unused;
	for (unsigned seed = 1; seed <= 12; seed++) {
		struct strbuf first = STRBUF_INIT, second = STRBUF_INIT;
		struct redact_options o = usual();
		struct record_list in, once, twice;

		o.payload = uses[seed % 3];
		o.environment = uses[seed / 3 % 3];
		detector_set_change(&o.set, STR("all"), true, &(struct str){ NULL, 0 });
		record_list_init(&in);
		record_list_init(&once);
		record_list_init(&twice);
		record_list_make(&in, seed, 600, all);
		redact(&o, &in, "{\"hostname\": \"box7\"}", &once, &first);
		o.key = STR("and another one..");
		assert_int_equal(redact(&o, &once, first.s, &twice, &second), 0);
		assert_null(record_list_differ(&once, &twice));
		assert_string_equal(first.s, second.s);
		record_list_free(&in);
		record_list_free(&once);
		record_list_free(&twice);
		strbuf_release(&first);
		strbuf_release(&second);
	}
}

static void put(struct record_list *l, const struct event *ev)
{
	record_list_add(l, &(struct record){ .kind = RECORD_EVENT, .event = *ev });
}

static struct str param_of(const struct record_list *l, size_t i, unsigned param)
{
	return event_param_bytes(&l->v.v[i].event, param);
}

static void a_secret_is_replaced_wherever_it_stands(void **unused)
{
	static const char secret[] = "Tr0ub4dor7x";
	struct redact_options o = usual();
	struct strbuf provenance = STRBUF_INIT;
	struct record_list in, out;
	struct made_event m;

	(void)unused;
	record_list_init(&in);
	record_list_init(&out);
	make_event(&m, EVT_SYSCALL_CHDIR_X);
	arg_int(&m, 0);
	arg_text(&m, "/srv/Tr0ub4dor7x/VHIwdWI0ZG9yN3g=/547230756234646f723778");
	put(&in, &m.ev);
	record_list_add(&in, &(struct record){ .kind = RECORD_NOTE,
					       .note = { .text = STR("password: Tr0ub4dor7x") } });
	redact(&o, &in, NULL, &out, &provenance);
	assert_true(str_starts(param_of(&out, 0, 1), STR("/srv/")));
	assert_int_equal(param_of(&out, 0, 1).n, param_of(&in, 0, 1).n);
	assert_true(str_find(param_of(&out, 0, 1), str_of(secret)) < 0);
	assert_true(str_find(param_of(&out, 0, 1), STR("VHIwdWI0ZG9yN3")) < 0);
	assert_true(str_find(param_of(&out, 0, 1), STR("54723075623464")) < 0);
	assert_true(str_starts(out.v.v[1].note.text, STR("password: ")));
	assert_true(str_find(out.v.v[1].note.text, str_of(secret)) < 0);
	/* the same pseudonym */
	assert_true(str_find(param_of(&out, 0, 1), str_from(out.v.v[1].note.text, 10)) == 5);
	record_list_free(&in);
	record_list_free(&out);
	strbuf_release(&provenance);
}

/* A password that is also a program's name is replaced where it is one. */
static void common_words_stay_elsewhere(void **unused)
{
	struct redact_options o = usual();
	struct strbuf provenance = STRBUF_INIT;
	struct record_list in, out;
	struct made_event m;

	(void)unused;
	record_list_init(&in);
	record_list_init(&out);
	make_event(&m, EVT_SYSCALL_CHDIR_X);
	arg_int(&m, 0);
	arg_text(&m, "/var/lib/postgres");
	put(&in, &m.ev);
	record_list_add(&in, &(struct record){ .kind = RECORD_NOTE,
					       .note = { .text = STR("password: postgres") } });
	redact(&o, &in, NULL, &out, &provenance);
	assert_true(str_eq(param_of(&out, 0, 1), param_of(&in, 0, 1)));
	assert_true(str_find(out.v.v[1].note.text, STR("postgres")) < 0);
	record_list_free(&in);
	record_list_free(&out);
	strbuf_release(&provenance);
}

static void one_packet(const struct redact_options *o, struct str bytes, struct packet *ret,
		       struct record_list *out)
{
	struct packet p = { 1, (uint32_t)bytes.n, STR("eth0"), bytes };
	struct strbuf data = STRBUF_INIT, provenance = STRBUF_INIT;
	struct record_list in;
	struct made_event m;

	record_list_init(&in);
	make_event(&m, EVT_ASYNCEVENT_E);
	m.ev.tid = EVENT_NO_TID;
	packet_data(&p, &data);
	arg_int(&m, 0);
	arg_text(&m, PACKET_EVENT_NAME);
	arg_bytes(&m, data.s, data.n);
	put(&in, &m.ev);
	redact(o, &in, NULL, out, &provenance);
	assert_true(packet_read(&out->v.v[0].event, ret));
	record_list_free(&in);
	strbuf_release(&data);
	strbuf_release(&provenance);
}

static uint16_t sum(const uint8_t *p, size_t n, uint32_t s)
{
	for (size_t i = 0; i < n; i++)
		s += i % 2 ? p[i] : (uint32_t)p[i] << 8;
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return (uint16_t)s;
}

/* Ethernet, IPv4 from 8.8.8.8 to 10.0.0.1, UDP, "hello". */
static const uint8_t frame[] = { 0x3c, 0x7c, 0x3f, 1,  2, 3,  0x3c, 0x7c, 0x3f, 4,   5,  6,
				 8,    0,    0x45, 0,  0, 33, 0,    1,    0,    0,   64, 17,
				 0,    0,    8,    8,  8, 8,  10,   0,    0,    1,   0,  53,
				 0,    54,   0,    13, 1, 1,  'h',  'e',  'l',  'l', 'o' };

static void packets_keep_headers_and_lose_the_rest(void **unused)
{
	struct redact_options o = usual();
	struct record_list out;
	struct packet got;
	const uint8_t *p;

	(void)unused;
	record_list_init(&out);
	one_packet(&o, str_mem(frame, sizeof(frame)), &got, &out);
	assert_int_equal(got.bytes.n, sizeof(frame));
	p = (const uint8_t *)got.bytes.p;
	assert_memory_equal(p, "\x02\x00\x5e", 3);
	assert_memory_equal(p + 6, "\x02\x00\x5e", 3);
	assert_int_equal(p[26] & 0xf0, 0xf0);
	assert_memory_equal(p + 30, frame + 30, 8); /* 10.0.0.1, the ports */
	assert_memory_equal(p + 42, "*****", 5);
	assert_int_equal(sum(p + 14, 20, 0), 0xffff);
	assert_int_equal(sum(p + 34, 13, sum(p + 26, 8, 17 + 13)), 0xffff);
	record_list_free(&out);
	record_list_init(&out);
	o.payload = CONTENT_DROP;
	one_packet(&o, str_mem(frame, sizeof(frame)), &got, &out);
	assert_int_equal(got.bytes.n, 42);
	assert_int_equal(got.original, sizeof(frame));
	record_list_free(&out);
}

/* Cut anywhere, and with any byte changed: nothing is read or written outside. */
static void any_packet_is_taken(void **unused)
{
	struct redact_options o = usual();
	uint8_t changed[sizeof(frame)];
	struct record_list out;
	struct packet got;

	(void)unused;
	for (size_t n = 0; n <= sizeof(frame); n++) {
		uint8_t *exact = malloc(n ? n : 1);

		memcpy(exact, frame, n);
		record_list_init(&out);
		one_packet(&o, str_mem(exact, n), &got, &out);
		assert_int_equal(got.bytes.n, n);
		record_list_free(&out);
		free(exact);
	}
	for (size_t i = 12; i < 42; i++)
		for (unsigned v = 0; v < 256; v += 15) {
			memcpy(changed, frame, sizeof(frame));
			changed[i] = (uint8_t)v;
			record_list_init(&out);
			one_packet(&o, str_mem(changed, sizeof(changed)), &got, &out);
			assert_int_equal(got.bytes.n, sizeof(frame));
			record_list_free(&out);
		}
}

static void control_messages_keep_descriptors(void **unused)
{
	/* SCM_RIGHTS with descriptor 7, and IP_PKTINFO with an address */
	static const uint8_t given[] = { 20, 0, 0, 0, 0, 0, 0,  0, 1, 0, 0, 0, 1, 0, 0, 0, 7, 0,
					 0,  0, 0, 0, 0, 0, 28, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
					 8,  0, 0, 0, 2, 0, 0,  0, 8, 8, 8, 8, 8, 8, 8, 8 };
	struct strbuf provenance = STRBUF_INIT;
	struct redact_options o = usual();
	struct record_list in, out;
	struct made_event m;
	struct str got;

	(void)unused;
	record_list_init(&in);
	record_list_init(&out);
	make_event(&m, EVT_SOCKET_RECVMSG_X);
	arg_int(&m, 1);
	arg_int(&m, 1);
	arg_text(&m, "x");
	arg_none(&m);
	arg_bytes(&m, given, sizeof(given));
	put(&in, &m.ev);
	redact(&o, &in, NULL, &out, &provenance);
	got = param_of(&out, 0, 4);
	assert_int_equal(got.n, sizeof(given));
	assert_memory_equal(got.p, given, 40);
	assert_memory_equal(got.p + 40, "************", 12);
	record_list_free(&in);
	record_list_free(&out);
	strbuf_release(&provenance);
}

static void environments(void **unused)
{
	static const char env[] = "PATH=/bin\0A=something\0DB_PASSWORD=Tr0ub4dor7x\0";
	struct strbuf provenance = STRBUF_INIT;
	struct redact_options o = usual();
	struct record_list in, out;
	struct made_event m;
	int i = event_param_index(event_info(EVT_SYSCALL_EXECVE_19_X), STR("env"));

	(void)unused;
	assert_true(i > 0);
	record_list_init(&in);
	make_event(&m, EVT_SYSCALL_EXECVE_19_X);
	while (m.ev.n_params < (unsigned)i)
		arg_none(&m);
	arg_bytes(&m, env, sizeof(env) - 1);
	put(&in, &m.ev);
	record_list_init(&out);
	redact(&o, &in, NULL, &out, &provenance);
	assert_memory_equal(param_of(&out, 0, (unsigned)i).p, env, 34);
	assert_true(str_find(param_of(&out, 0, (unsigned)i), STR("Tr0ub")) < 0);
	record_list_free(&out);
	record_list_init(&out);
	o.environment = CONTENT_FILL;
	redact(&o, &in, NULL, &out, &provenance);
	assert_memory_equal(param_of(&out, 0, (unsigned)i).p,
			    "PATH=/bin\0A=*********\0DB_PASSWORD=***********\0", sizeof(env) - 1);
	record_list_free(&out);
	record_list_init(&out);
	o.environment = CONTENT_DROP;
	redact(&o, &in, NULL, &out, &provenance);
	assert_int_equal(param_of(&out, 0, (unsigned)i).n, 0);
	record_list_free(&out);
	record_list_free(&in);
	strbuf_release(&provenance);
}

/* Texts of any depth and kind; what was said before stays, but for what is replaced. */
static void the_provenance_is_redacted(void **unused)
{
	static const char given[] =
		"{\"hostname\": \"box7.acme.example\", \"n\": 1.50, \"a\": [{\"b\": \"on box7\"}, null],"
		"\"command_line\": [\"x\", \"--password\", \"Tr0ub4dor7x\"],"
		"\"derived\": [{\"command\": \"slice\"}]}";
	struct strbuf out = STRBUF_INIT, again = STRBUF_INIT;
	struct redact_options o = usual();
	struct json_tree tree = { 0 };
	struct record_list none, unused_out;

	(void)unused;
	record_list_init(&none);
	record_list_init(&unused_out);
	redact(&o, &none, given, &unused_out, &out);
	assert_true(json_tree_parse(&tree, strbuf_str(&out)));
	assert_true(str_find(strbuf_str(&out), STR("box7")) < 0);
	assert_true(str_find(strbuf_str(&out), STR("Tr0ub")) < 0);
	assert_true(str_find(strbuf_str(&out), STR("1.50")) >= 0);
	assert_true(str_find(strbuf_str(&out), STR("\"slice\"")) >= 0);
	assert_true(str_find(strbuf_str(&out), STR("a key")) < 0);
	redact(&o, &none, out.s, &unused_out, &again);
	assert_string_equal(again.s, out.s);
	/* no JSON, and no object */
	strbuf_reset(&again);
	redact(&o, &none, "box7", &unused_out, &again);
	assert_true(str_find(strbuf_str(&again), STR("box7")) < 0);
	strbuf_reset(&again);
	redact(&o, &none, "[\"Tr0ub4dor7x\"]", &unused_out, &again);
	assert_true(str_find(strbuf_str(&again), STR("Tr0ub")) < 0);
	json_tree_free(&tree);
	record_list_free(&none);
	record_list_free(&unused_out);
	strbuf_release(&out);
	strbuf_release(&again);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_second_run_changes_nothing),
		cmocka_unit_test(a_secret_is_replaced_wherever_it_stands),
		cmocka_unit_test(common_words_stay_elsewhere),
		cmocka_unit_test(packets_keep_headers_and_lose_the_rest),
		cmocka_unit_test(any_packet_is_taken),
		cmocka_unit_test(control_messages_keep_descriptors),
		cmocka_unit_test(environments),
		cmocka_unit_test(the_provenance_is_redacted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
