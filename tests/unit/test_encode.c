#include "unit.h"

#include <fcntl.h>
#include <sys/socket.h>

#include "event/event_text.h"
#include "made_record.h"

/* What a how may be used for, and which of its numbers are fetches (a bit each for a, b, c). */
enum fits { INTEGER = 1, TEXT = 2, BYTES = 4, OTHER_TYPE = 8 };

struct how_rule {
	unsigned fits, fetches;
	unsigned type; /* if it is for one type only */
};

static struct how_rule rule_of(unsigned how)
{
	switch (how) {
	case HOW_MEM16:
	case HOW_MEM32:
	case HOW_MEM64:
	case HOW_TOTAL:
	case HOW_FILE_INO:
	case HOW_FILE_DEV:
	case HOW_CREAT_LAYER:
	case HOW_HOW_MODE:
	case HOW_QUEUE_PCT:
	case HOW_QUEUE_LEN:
	case HOW_QUEUE_MAX:
	case HOW_SOCK_PTR:
	case HOW_SOCK_PEER:
	case HOW_TIMESPEC:
	case HOW_PRCTL_INT:
	case HOW_QUOTA_INFO_FLAGS:
	case HOW_QUOTA_FMT_OUT:
		return (struct how_rule){ INTEGER, 1, 0 };
	case HOW_MEM_MAP:
	case HOW_OPEN_FLAGS:
	case HOW_VM:
	case HOW_QUOTA_BLK:
	case HOW_QUOTA_INFO:
		return (struct how_rule){ INTEGER, 2, 0 };
	case HOW_HOW_FLAGS:
	case HOW_CLONE3_FLAGS:
		return (struct how_rule){ INTEGER, 3, 0 };
	case HOW_ARCH_CLONE_FLAGS:
		return (struct how_rule){ INTEGER, 2, 0 };
	case HOW_CAPS:
		return (struct how_rule){ INTEGER, 6, 0 };
	case HOW_STR:
	case HOW_PATH:
	case HOW_PRCTL_STR:
	case HOW_FSCONFIG_STR:
	case HOW_QUOTA_FILE:
		return (struct how_rule){ TEXT, 1, 0 };
	case HOW_DATA:
	case HOW_BYTES:
	case HOW_MSG_CONTROL:
	case HOW_FSCONFIG_BYTES:
		return (struct how_rule){ BYTES, 1, 0 };
	case HOW_MSG_DATA:
		return (struct how_rule){ BYTES, 3, 0 };
	case HOW_ADDR:
		return (struct how_rule){ OTHER_TYPE, 1, PT_SOCKADDR };
	case HOW_TUPLE_CONNECT:
	case HOW_TUPLE_OUT:
	case HOW_TUPLE_IN:
		return (struct how_rule){ OTHER_TYPE, 3, PT_SOCKTUPLE };
	case HOW_POLLFDS:
		return (struct how_rule){ OTHER_TYPE, 1, PT_FDLIST };
	case HOW_SOCKOPT_VAL:
		return (struct how_rule){ OTHER_TYPE, 4, PT_DYN };
	case HOW_PTRACE_ADDR:
		return (struct how_rule){ OTHER_TYPE, 0, PT_DYN };
	case HOW_PTRACE_DATA:
		return (struct how_rule){ OTHER_TYPE, 1, PT_DYN };
	case HOW_KEYCTL:
		return (struct how_rule){ OTHER_TYPE, 2, PT_DYN };
	case HOW_TASK:
		return (struct how_rule){ INTEGER | TEXT | BYTES, 2, 0 };
	case HOW_ARGV:
		return (struct how_rule){ TEXT | BYTES, 6, 0 };
	default:
		return (struct how_rule){ INTEGER, 0, 0 };
	}
}

static bool fetch_exists(const struct call_row *row, unsigned fetch)
{
	return fetch == 255 || fetch < row->n_fetches;
}

static void every_row_makes_what_its_event_has(void **state)
{
	const struct call_row *row;

	(void)state;
	for (size_t i = 0; (row = call_row_at(i)); i++) {
		const struct event_info *info = event_info(row->type);

		assert_non_null(info);
		assert_true(info->exit);
		assert_false(info->flags & (EF_OLD_VERSION | EF_UNUSED));
		assert_ptr_equal(call_row_of(row->type), row);
		if (row->n_params != info->n_params)
			print_error("%s: %u parameters\n", info->code, row->n_params);
		assert_int_equal(row->n_params, info->n_params);
		assert_true(row->n_fetches <= EYAS_MAX_FETCHES);
		for (unsigned k = 0; k < row->n_params; k++) {
			const struct call_param *p = &row->params[k];
			unsigned type = info->params[k].type;
			unsigned fits = param_type_is_int(type)    ? INTEGER
					: param_type_is_text(type) ? TEXT
					: type == PT_BYTEBUF       ? BYTES
								   : OTHER_TYPE;
			struct how_rule rule = rule_of(p->how);

			assert_true(p->how < HOW_N);
			if (!(rule.fits & fits) || (rule.type && rule.type != type))
				print_error("%s.%s\n", info->code, info->params[k].name);
			assert_true(rule.fits & fits);
			assert_true(!rule.type || rule.type == type);
			assert_true(!(rule.fetches & 1) || fetch_exists(row, p->a));
			assert_true(!(rule.fetches & 2) || fetch_exists(row, p->b));
			assert_true(!(rule.fetches & 4) || fetch_exists(row, p->c));
		}
	}
}

static void every_call_with_an_event_has_a_row(void **state)
{
	(void)state;
	for (unsigned sc = 0; sc < SYSCALL_N; sc++) {
		if (!call_row_of(syscall_info(sc)->exit_type))
			print_error("%s\n", syscall_info(sc)->name);
		assert_non_null(call_row_of(syscall_info(sc)->exit_type));
	}
	for (unsigned nr = 0; nr < 2 * EYAS_MAX_NR; nr++)
		assert_non_null(call_row_of(call_event(nr)));
}

#if defined(__x86_64__)
static void every_32_bit_call_has_a_name(void **state)
{
	static const struct {
		uint16_t nr;
		const char *name;
	} rows[] = {
#define I386(nr, name, event, structs) { nr, name },
#include "capture/i386_list.def"
#undef I386
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_true(!i || rows[i - 1].nr < rows[i].nr);
		assert_non_null(syscall_by_name(str_of(rows[i].name)));
		assert_string_equal(call_syscall(EYAS_MAX_NR + rows[i].nr)->name, rows[i].name);
	}
}
#endif

#if defined(__x86_64__)
static void every_row_has_a_call(void **state)
{
	const struct call_row *row;

	(void)state;
	for (size_t i = 0; (row = call_row_at(i)); i++) {
		bool found = false;

		for (unsigned nr = 0; nr < 2 * EYAS_MAX_NR && !found; nr++)
			found = call_event(nr) == row->type;
		if (!found)
			print_error("%s\n", event_info(row->type)->code);
		assert_true(found);
	}
}
#endif

static void plans_are_what_the_driver_can_do(void **state)
{
	(void)state;
	for (unsigned nr = 0; nr < 2 * EYAS_MAX_NR; nr++) {
		struct eyas_plan plan;
		bool known = encode_plan(nr, &plan);

		assert_int_equal(plan.recorded, 1);
		assert_true(plan.n_fetches <= EYAS_MAX_FETCHES);
		assert_true(known || !plan.n_fetches || call_never_returns(nr));
		assert_true(plan.snap_arg < 6 || plan.snap_arg == 255);
		for (unsigned i = 0; i < plan.n_fetches; i++) {
			const struct eyas_fetch *f = &plan.fetches[i];

			assert_true(f->kind <= EYAS_FETCH_FD_PATH);
			assert_true(f->arg < 6 || f->arg == EYAS_FROM_RET ||
				    f->arg == EYAS_FROM_INT_AT);
			assert_true(f->len < 6 || f->len == EYAS_FROM_RET ||
				    f->len == EYAS_FROM_CONST);
			assert_int_equal(plan.enter >> i & 1,
					 f->when == EYAS_AT_ENTER || f->when == EYAS_AT_CREATOR);
			assert_int_equal(plan.again >> i & 1, f->when == EYAS_AT_CREATOR);
			/* the driver's program at enter does not do these */
			assert_true(f->kind != EYAS_FETCH_TASK || !(plan.enter >> i & 1));
		}
	}
}

/* Sizes of fixed types, and all there are; whatever pieces came. */
static void check_event(const struct event *ev)
{
	struct event_text_options opt = { 0 };
	struct strbuf sb = STRBUF_INIT;

	assert_int_equal(ev->n_params, ev->info->n_params);
	for (unsigned i = 0; i < ev->n_params; i++) {
		unsigned size = param_type_size(ev->info->params[i].type);

		assert_true(!ev->params[i].n || !size || ev->params[i].n == size);
	}
	event_args_text(ev, &(struct event_resolver){ 0 }, &opt, &sb);
	strbuf_release(&sb);
}

static void pieces_of_any_length_and_status_do_no_harm(void **state)
{
	static const uint16_t lengths[] = {
		0, 1, 2, 3, 7, 8, 15, 16, 17, 24, 60, 64, 100, 300, 512
	};
	struct encoder *e = encoder_new(0);
	struct made_record r;
	struct event ev;
	uint8_t junk[512];

	(void)state;
	for (unsigned fill = 0; fill < 3; fill++) {
		memset(junk, fill == 0 ? 0 : fill == 1 ? 0xff : 2, sizeof(junk));
		for (unsigned nr = 0; nr < 2 * EYAS_MAX_NR; nr++) {
			const struct call_row *row = call_row_of(call_event(nr));

			for (unsigned k = 0; k < sizeof(lengths) / sizeof(lengths[0]); k++) {
				record_begin(&r, EYAS_REC_EXIT, nr % EYAS_MAX_NR,
					     fill == 2 ? -2 : 3);
				r.head.flags = nr >= EYAS_MAX_NR ? EYAS_RF_COMPAT : 0;
				memset(r.args, fill == 1 ? 0xff : (int)k, sizeof(r.args));
				for (unsigned i = 0; i < row->n_fetches; i++)
					record_piece(&r, i, row->fetches[i].kind,
						     k % 5 == 4 ? k % 4 : 0, junk, lengths[k]);
				assert_int_equal(encoder_feed(e, r.b, r.n, 1, &ev), 1);
				assert_int_equal(ev.type, row->type);
				check_event(&ev);
			}
		}
	}
	assert_int_equal(encoder_stats(e)->malformed, 0);
	encoder_free(e);
}

/* The driver sends as many arguments as the plan says: nothing may be made of the others. */
static void arguments_that_are_not_sent_are_not_needed(void **state)
{
	struct encoder *e = encoder_new(0);
	struct made_record r;
	struct strbuf with = STRBUF_INIT, without = STRBUF_INIT;
	uint8_t junk[512];

	(void)state;
	for (size_t i = 0; i < sizeof(junk); i++)
		junk[i] = (uint8_t)(i * 7);
	for (unsigned nr = 0; nr < 2 * EYAS_MAX_NR; nr++) {
		const struct call_row *row = call_row_of(call_event(nr));
		struct eyas_plan plan;

		(void)encode_plan(nr, &plan);
		for (unsigned n_args = plan.n_args; n_args <= EYAS_MAX_ARGS;
		     n_args += EYAS_MAX_ARGS - plan.n_args + (plan.n_args == EYAS_MAX_ARGS)) {
			struct strbuf *out = n_args == plan.n_args ? &without : &with;
			struct event ev;

			record_begin(&r, EYAS_REC_EXIT, nr % EYAS_MAX_NR, 3);
			r.head.flags = nr >= EYAS_MAX_NR ? EYAS_RF_COMPAT : 0;
			for (unsigned i = 0; i < EYAS_MAX_ARGS; i++)
				r.args[i] = 0x1234567890abcdef * (i + 1) >> i;
			r.head.n_args = n_args;
			r.n = sizeof(r.head) + n_args * sizeof(r.args[0]);
			for (unsigned i = 0; i < row->n_fetches; i++)
				record_piece(&r, i, row->fetches[i].kind, EYAS_PIECE_OK, junk,
					     sizeof(junk));
			assert_int_equal(encoder_feed(e, r.b, r.n, 1, &ev), 1);
			strbuf_reset(out);
			for (unsigned i = 0; i < ev.n_params; i++) {
				strbuf_addf(out, "%u:", ev.params[i].n);
				if (ev.params[i].n)
					strbuf_add(out, ev.params[i].p, ev.params[i].n);
			}
		}
		if (plan.n_args == EYAS_MAX_ARGS)
			continue;
		assert_int_equal(with.n, without.n);
		assert_memory_equal(with.s, without.s, with.n);
	}
	strbuf_release(&with);
	strbuf_release(&without);
	encoder_free(e);
}

/* evt.args of the record, or of nothing: "". */
static const char *text_of(struct encoder *e, struct made_record *r)
{
	static char text[4096];
	struct strbuf sb = STRBUF_INIT;
	struct event_text_options opt = { 0 };
	struct event ev;

	if (encoder_feed(e, r->b, r->n, 0, &ev)) {
		check_event(&ev);
		event_args_text(&ev, &(struct event_resolver){ 0 }, &opt, &sb);
	}
	assert_true(sb.n < sizeof(text));
	memcpy(text, sb.s, sb.n);
	text[sb.n] = '\0';
	strbuf_release(&sb);
	return text;
}

#define PIECE(r, fetch, kind, data, n) \
	record_piece(r, fetch, EYAS_FETCH_##kind, EYAS_PIECE_OK, data, n)

static void a_path_read_at_enter_meets_its_exit(void **state)
{
	struct eyas_fd_file f = { .ino = 12, .dev = 0x801, .fmode = 1U << 20, .layer = 1 };
	struct encoder *e = encoder_new(5);
	struct made_record r;
	struct event ev;

	(void)state;
	record_begin(&r, EYAS_REC_ENTER, nr_of("openat"), 0);
	r.args[0] = (uint32_t)-100;
	r.args[2] = O_RDWR | O_CREAT | O_CLOEXEC;
	r.args[3] = 0644;
	r.head.n_args = EYAS_ENTER_ARGS;
	r.n = sizeof(r.head) + EYAS_ENTER_ARGS * sizeof(r.args[0]);
	PIECE(&r, 0, STR, "etc/x", 6);
	assert_int_equal(encoder_feed(e, r.b, r.n, 0, &ev), 0);
	r.head.kind = EYAS_REC_EXIT;
	r.head.ret = 5;
	r.head.n_args = EYAS_MAX_ARGS;
	r.args[3] = 0644;
	r.args[4] = r.args[5] = 0;
	r.n = sizeof(r.head) + sizeof(r.args);
	PIECE(&r, 1, FD_FILE, &f, sizeof(f));
	assert_string_equal(
		text_of(e, &r),
		"fd=5 dirfd=-100(AT_FDCWD) name=etc/x flags=53255(O_CREAT|O_RDWR|O_CLOEXEC|"
		"O_F_CREATED|FD_UPPER_LAYER) mode=0644 dev=801 ino=12");
	/* once */
	r.head.ret = -2;
	r.n = sizeof(r.head) + sizeof(r.args);
	assert_string_equal(text_of(e, &r),
			    "fd=-2(ENOENT) dirfd=-100(AT_FDCWD) name=<NA> "
			    "flags=4103(O_CREAT|O_RDWR|O_CLOEXEC) mode=0644 dev=<NA> ino=<NA>");
	assert_int_equal(encoder_feed(e, r.b, r.n, 3, &ev), 1);
	assert_int_equal(ev.ts, 1005);
	assert_int_equal(ev.tid, 77);
	assert_int_equal(ev.cpu, 3);
	encoder_free(e);
}

static void what_faulted_at_enter_is_taken_from_exit(void **state)
{
	struct encoder *e = encoder_new(0);
	struct made_record r;

	(void)state;
	record_begin(&r, EYAS_REC_ENTER, nr_of("chdir"), 0);
	record_piece(&r, 0, EYAS_FETCH_STR, EYAS_PIECE_FAULT, NULL, 0);
	assert_string_equal(text_of(e, &r), "");
	record_begin(&r, EYAS_REC_EXIT, nr_of("chdir"), -20);
	PIECE(&r, 0, STR, "/a", 3);
	assert_string_equal(text_of(e, &r), "res=-20(ENOTDIR) path=/a");
	assert_int_equal(encoder_stats(e)->unreadable, 0);
	assert_int_equal(encoder_stats(e)->orphans, 0);
	record_begin(&r, EYAS_REC_EXIT, nr_of("chdir"), -14);
	record_piece(&r, 0, EYAS_FETCH_STR, EYAS_PIECE_FAULT, NULL, 0);
	assert_string_equal(text_of(e, &r), "res=-14(EFAULT) path=<NA>");
	assert_int_equal(encoder_stats(e)->unreadable, 1);
	/* both moments in one record */
	record_begin(&r, EYAS_REC_EXIT, nr_of("chdir"), -20);
	record_piece(&r, 0, EYAS_FETCH_STR, EYAS_PIECE_FAULT, NULL, 0);
	PIECE(&r, 0, STR, "/b", 3);
	assert_string_equal(text_of(e, &r), "res=-20(ENOTDIR) path=/b");
	assert_int_equal(encoder_stats(e)->unreadable, 1);
	encoder_free(e);
}

static void pieces_of_a_lost_exit_do_not_join_another_call(void **state)
{
	struct encoder *e = encoder_new(0);
	struct made_record r;

	(void)state;
	record_begin(&r, EYAS_REC_ENTER, nr_of("chdir"), 0);
	r.args[0] = 1;
	PIECE(&r, 0, STR, "/a", 3);
	assert_string_equal(text_of(e, &r), "");
	record_begin(&r, EYAS_REC_EXIT, nr_of("chdir"), 0);
	r.args[0] = 2;
	assert_string_equal(text_of(e, &r), "res=0 path=<NA>");
	assert_int_equal(encoder_stats(e)->orphans, 1);
	encoder_free(e);
}

static void data_ends_where_the_call_says(void **state)
{
	struct encoder *e = encoder_new(0);
	struct made_record r;

	(void)state;
	record_begin(&r, EYAS_REC_EXIT, nr_of("write"), 3);
	r.args[0] = 1;
	r.args[2] = 6;
	PIECE(&r, 0, BUF, "abcdef", 6);
	assert_string_equal(text_of(e, &r), "res=3 data=abc fd=1 size=6");
	r.head.ret = -11;
	assert_string_equal(text_of(e, &r), "res=-11(EAGAIN) data=abcdef fd=1 size=6");
	encoder_free(e);
}

/* 127.0.0.1:8080 here, 10.0.0.2:443 there. */
static const struct eyas_fd_sock inet_sock = { .family = AF_INET,
					       .sport = 8080,
					       .dport = 443,
					       .saddr = { 127, 0, 0, 1 },
					       .daddr = { 10, 0, 0, 2 },
					       .backlog = 3,
					       .max_backlog = 12 };
static const uint8_t inet_addr[16] = { AF_INET, 0, 0, 53, 8, 8, 4, 4 };

static void tuples_have_the_initiator_or_sender_first(void **state)
{
	struct eyas_fd_sock unconnected = inet_sock;
	struct encoder *e = encoder_new(0);
	struct made_record r;

	(void)state;
	record_begin(&r, EYAS_REC_EXIT, nr_of("connect"), 0);
	r.args[0] = 4;
	PIECE(&r, 0, SOCKADDR, inet_addr, 16);
	PIECE(&r, 1, FD_SOCK, &inet_sock, sizeof(inet_sock));
	assert_string_equal(text_of(e, &r),
			    "res=0 tuple=127.0.0.1:8080->10.0.0.2:443 fd=4 addr=8.8.4.4:53");
	r.head.ret = -111;
	assert_string_equal(text_of(e, &r),
			    "res=-111(ECONNREFUSED) tuple=NULL fd=4 addr=8.8.4.4:53");

	record_begin(&r, EYAS_REC_EXIT, nr_of("accept4"), 5);
	r.args[3] = SOCK_CLOEXEC;
	PIECE(&r, 0, FD_SOCK, &inet_sock, sizeof(inet_sock));
	PIECE(&r, 1, FD_SOCK, &inet_sock, sizeof(inet_sock));
	assert_string_equal(text_of(e, &r),
			    "fd=5 tuple=10.0.0.2:443->127.0.0.1:8080 queuepct=25 queuelen=3 "
			    "queuemax=12 flags=1000");

	/* a datagram socket: who the other is, is in the call */
	unconnected.dport = 0;
	memset(unconnected.daddr, 0, sizeof(unconnected.daddr));
	record_begin(&r, EYAS_REC_EXIT, nr_of("sendto"), 2);
	r.args[0] = 4;
	r.args[2] = 2;
	PIECE(&r, 0, BUF, "hi", 2);
	PIECE(&r, 1, FD_SOCK, &unconnected, sizeof(unconnected));
	PIECE(&r, 2, SOCKADDR, inet_addr, 16);
	assert_string_equal(text_of(e, &r),
			    "res=2 data=hi fd=4 size=2 tuple=127.0.0.1:8080->8.8.4.4:53");
	record_begin(&r, EYAS_REC_EXIT, nr_of("recvfrom"), 2);
	r.args[0] = 4;
	r.args[2] = 9;
	PIECE(&r, 0, BUF, "hi", 2);
	PIECE(&r, 1, FD_SOCK, &unconnected, sizeof(unconnected));
	PIECE(&r, 2, SOCKADDR_OUT, inet_addr, 16);
	assert_string_equal(text_of(e, &r),
			    "res=2 data=hi tuple=8.8.4.4:53->127.0.0.1:8080 fd=4 size=9");
	encoder_free(e);
}

static void unix_tuples_name_the_receiver(void **state)
{
	struct eyas_fd_sock s = {
		.family = AF_UNIX, .sk = 0xa, .peer = 0xb, .peer_path_len = 6, .peer_path = "/run/x"
	};
	static const uint8_t abstract[] = { AF_UNIX, 0, 0, 'b', 'u', 's' };
	struct encoder *e = encoder_new(0);
	struct made_record r;

	(void)state;
	record_begin(&r, EYAS_REC_EXIT, nr_of("connect"), 0);
	PIECE(&r, 0, SOCKADDR, abstract, sizeof(abstract));
	PIECE(&r, 1, FD_SOCK, &s, sizeof(s));
	assert_string_equal(text_of(e, &r), "res=0 tuple=b->a /run/x fd=0 addr=bus");
	s.peer_path_len = 0;
	record_begin(&r, EYAS_REC_EXIT, nr_of("connect"), 0);
	PIECE(&r, 0, SOCKADDR, abstract, sizeof(abstract));
	PIECE(&r, 1, FD_SOCK, &s, sizeof(s));
	assert_string_equal(text_of(e, &r), "res=0 tuple=b->a bus fd=0 addr=bus");
	encoder_free(e);
}

static void messages_are_taken_apart(void **state)
{
	struct {
		struct eyas_msg m;
		uint8_t name[16], control[8], data[8];
	} msg = { { 16, 5, 4, 9 }, { 0 }, "ctrl", "data" };
	struct eyas_fd_sock s = inet_sock;
	struct encoder *e = encoder_new(0);
	struct made_record r;

	(void)state;
	s.dport = 0;
	memcpy(msg.name, inet_addr, 16);
	record_begin(&r, EYAS_REC_EXIT, nr_of("recvmsg"), 4);
	r.args[0] = 6;
	PIECE(&r, 0, MSGHDR, &msg, sizeof(msg));
	PIECE(&r, 1, FD_SOCK, &s, sizeof(s));
	assert_string_equal(text_of(e, &r),
			    "res=4 size=4 data=data tuple=8.8.4.4:53->127.0.0.1:8080 "
			    "msgcontrol=ctrl. fd=6");
	record_begin(&r, EYAS_REC_EXIT, nr_of("sendmsg"), 4);
	r.args[0] = 6;
	PIECE(&r, 0, MSGHDR, &msg, sizeof(msg));
	PIECE(&r, 1, FD_SOCK, &s, sizeof(s));
	assert_string_equal(text_of(e, &r),
			    "res=4 data=data fd=6 size=9 tuple=127.0.0.1:8080->8.8.4.4:53");
	encoder_free(e);
}

/* A task as fetch_task.h sends it: fixed part, args, env, path, cgroups. */
static size_t made_task(uint8_t *to)
{
	static const char args[] = "cat\0-n\0f", env[] = "A=1\0B=2", path[] = "cat\0bin\0usr",
			  cgroups[] = "\0sess\0user\0\0cpu\0\1\0\0memory\0m\0\0";
	struct eyas_task t = { .mm = { 100, 50, 0, 0, 7, 8 },
			       .pidns_start = 9,
			       .exe_ino = 44,
			       .fdlimit = 1024,
			       .tid = 77,
			       .pid = 77,
			       .ptid = 1,
			       .vtid = 3,
			       .vpid = 3,
			       .vpgid = 3,
			       .pgid = 70,
			       .uid = 1000,
			       .gid = 100,
			       .loginuid = (uint32_t)-1,
			       .tty = 0x8801,
			       .exe_flags = 1,
			       .in_pidns = 1,
			       .comm = "cat",
			       .args_len = sizeof(args),
			       .env_len = sizeof(env),
			       .exepath_len = sizeof(path),
			       .cgroups_len = sizeof(cgroups) - 1 };
	size_t n = sizeof(t);

	memcpy(to, &t, n);
	memcpy(to + n, args, sizeof(args));
	n += (sizeof(args) + 7) & ~(size_t)7;
	memcpy(to + n, env, sizeof(env));
	n += (sizeof(env) + 7) & ~(size_t)7;
	memcpy(to + n, path, sizeof(path));
	n += (sizeof(path) + 7) & ~(size_t)7;
	memcpy(to + n, cgroups, sizeof(cgroups) - 1);
	return n + ((sizeof(cgroups) + 6) & ~(size_t)7);
}

static void exec_tells_all_of_the_process(void **state)
{
	struct encoder *e = encoder_new(0);
	struct made_record r;
	uint8_t task[1024] = { 0 };
	size_t n = made_task(task);

	(void)state;
	record_begin(&r, EYAS_REC_ENTER, nr_of("execve"), 0);
	r.args[0] = 0x1234;
	PIECE(&r, 1, STR, "/bin/cat", 9);
	assert_string_equal(text_of(e, &r), "");
	/* another thread than the first: it comes back as the first */
	record_begin(&r, EYAS_REC_EXIT, nr_of("execve"), 0);
	r.head.tid = 70;
	PIECE(&r, 0, TASK, task, n);
	assert_string_equal(
		text_of(e, &r),
		"res=0 exe=cat args=-n.f. tid=77 pid=77 ptid=1 cwd=<NA> fdlimit=1024 pgft_maj=7 "
		"pgft_min=8 vm_size=100 vm_rss=50 vm_swap=0 comm=cat "
		"cgroups=cpu=/user/sess.memory=/m. env=A=1.B=2. tty=34817 vpgid=3 loginuid=-1(<NONE>) "
		"flags=1(EXE_WRITABLE) cap_inheritable=0 cap_permitted=0 cap_effective=0 exe_ino=44 "
		"exe_ino_ctime=1970-01-01 00:00:00.000000000 "
		"exe_ino_mtime=1970-01-01 00:00:00.000000000 uid=1000 "
		"trusted_exepath=/usr/bin/cat pgid=70 gid=100 filename=/bin/cat");
	encoder_free(e);
}

static void an_execveat_that_succeeds_is_told_from_execve(void **state)
{
	struct encoder *e = encoder_new(0);
	struct made_record r;
	struct event ev;
	uint8_t task[1024] = { 0 };
	size_t n = made_task(task);

	(void)state;
	record_begin(&r, EYAS_REC_ENTER, nr_of("execveat"), 0);
	PIECE(&r, 3, STR, "/bin/cat", 9);
	assert_int_equal(encoder_feed(e, r.b, r.n, 0, &ev), 0);
	record_begin(&r, EYAS_REC_EXIT, nr_of("execve"), 0);
	PIECE(&r, 0, TASK, task, n);
	assert_int_equal(encoder_feed(e, r.b, r.n, 0, &ev), 1);
	assert_int_equal(ev.type, EVT_SYSCALL_EXECVEAT_X);
	check_event(&ev);
	encoder_free(e);
}

/* A struct eyas_strv. */
static void strings_piece(struct made_record *r, unsigned fetch, const char *bytes, size_t n,
			  const uint16_t *off, uint32_t n_off)
{
	uint8_t b[sizeof(struct eyas_strv) + 4096];
	struct eyas_strv v = { .n = n_off };

	memcpy(v.off, off, n_off * sizeof(*off));
	memcpy(b, &v, sizeof(v));
	memcpy(b + sizeof(v), bytes, n);
	PIECE(r, fetch, STRV, b, sizeof(v) + n);
}

static void a_failed_exec_tells_what_it_was_given(void **state)
{
	struct encoder *e = encoder_new(0);
	struct made_record r;
	uint8_t task[1024] = { 0 };
	size_t n = made_task(task);
	const char *text;

	(void)state;
	record_begin(&r, EYAS_REC_EXIT, nr_of("execve"), -2);
	PIECE(&r, 0, TASK, task, n);
	strings_piece(&r, 2, "nope\0-x", 8, (const uint16_t[]){ 0, 5 }, 2);
	/* one behind the other only by chance */
	strings_piece(&r, 3, "B=2\0\0junkC=3\0", 13, (const uint16_t[]){ 9, 0 }, 2);
	text = text_of(e, &r);
	assert_non_null(strstr(text, "exe=nope args=-x. tid=77"));
	assert_non_null(strstr(text, "env=C=3.B=2. tty"));
	encoder_free(e);
}

static void lists_of_a_failed_exec_end_at_4096_bytes(void **state)
{
	struct encoder *e = encoder_new(0);
	struct made_record r;
	uint8_t task[1024] = { 0 };
	char text[3000];
	struct event ev;
	size_t n = made_task(task);

	(void)state;
	memset(text, 'a', sizeof(text));
	record_begin(&r, EYAS_REC_EXIT, nr_of("execve"), -2);
	PIECE(&r, 0, TASK, task, n);
	/* the last string ends with the piece, and one begins behind it */
	strings_piece(&r, 2, text, sizeof(text), (const uint16_t[]){ 0, 1, 3000 }, 3);
	strings_piece(&r, 3, "C=3", 4, (const uint16_t[]){ 0 }, 1);
	assert_int_equal(encoder_feed(e, r.b, r.n, 0, &ev), 1);
	assert_int_equal(ev.params[1].n, 3001);
	assert_int_equal(ev.params[2].n, EYAS_ARGS_MAX - 3001);
	assert_int_equal(ev.params[2].p[ev.params[2].n - 1], 0);
	assert_int_equal(encoder_stats(e)->malformed, 0);
	encoder_free(e);
}

static void the_name_of_a_program_comes_when_it_begins_if_it_was_not_there_before(void **state)
{
	struct encoder *e = encoder_new(0);
	struct made_record r;
	uint8_t task[1024] = { 0 };
	size_t n = made_task(task);

	(void)state;
	record_begin(&r, EYAS_REC_ENTER, nr_of("execve"), 0);
	record_piece(&r, 1, EYAS_FETCH_STR, EYAS_PIECE_FAULT, NULL, 0);
	assert_string_equal(text_of(e, &r), "");
	record_begin(&r, EYAS_REC_ENTER, nr_of("execve"), 0);
	r.head.flags = EYAS_RF_AGAIN;
	PIECE(&r, 1, STR, "/bin/x", 7);
	assert_string_equal(text_of(e, &r), "");
	record_begin(&r, EYAS_REC_EXIT, nr_of("execve"), 0);
	PIECE(&r, 0, TASK, task, n);
	assert_non_null(strstr(text_of(e, &r), "filename=/bin/x"));
	assert_int_equal(encoder_stats(e)->orphans, 0);
	assert_int_equal(encoder_stats(e)->unreadable, 0);
	encoder_free(e);
}

static void clone_flags_are_translated(void **state)
{
	struct encoder *e = encoder_new(0);
	struct made_record r;
	uint8_t task[1024] = { 0 };
	size_t n = made_task(task);
	const char *text;

	(void)state;
	record_begin(&r, EYAS_REC_EXIT, nr_of("clone"), 0);
	r.args[0] = 0x3d0f00; /* what pthread_create() asks for */
	PIECE(&r, 0, TASK, task, n);
	text = text_of(e, &r);
	assert_non_null(strstr(
		text,
		"(CLONE_FILES|CLONE_FS|CLONE_PARENT_SETTID|CLONE_SIGHAND|CLONE_SYSVSEM|"
		"CLONE_THREAD|CLONE_VM|CLONE_CHILD_CLEARTID|CLONE_SETTLS|"
		"CLONE_CHILD_IN_PIDNS) uid=1000 gid=100 vtid=3 vpid=3 pidns_init_start_ts=9"));
	encoder_free(e);
}

static void a_new_thread_is_one_though_the_flags_are_gone(void **state)
{
	struct encoder *e = encoder_new(0);
	struct made_record r;
	uint8_t task[1024] = { 0 };
	size_t n = made_task(task);
	struct eyas_task t;
	const char *text;

	(void)state;
	memcpy(&t, task, sizeof(t));
	t.pid = 70;
	t.in_pidns = 0;
	memcpy(task, &t, sizeof(t));
	record_begin(&r, EYAS_REC_EXIT, nr_of("clone3"), 0);
	PIECE(&r, 0, TASK, task, n);
	PIECE(&r, 1, MEM, "\0\1\0\0\0\0\0", 8);
	text = text_of(e, &r);
	assert_non_null(strstr(text, "(CLONE_SIGHAND|CLONE_THREAD|CLONE_VM) uid"));
	/* the creator's event has them as they were given */
	r.head.ret = 77;
	assert_non_null(strstr(text_of(e, &r), "(CLONE_VM) uid"));
	/* an address there says by chance that it is a thread, and yet is none the kernel takes as
	 * flags */
	record_begin(&r, EYAS_REC_EXIT, nr_of("clone3"), 0);
	PIECE(&r, 0, TASK, task, n);
	PIECE(&r, 1, MEM, "\x90\x99\x49\x59\x26\x7f\0\0", 8);
	assert_non_null(strstr(text_of(e, &r), "(CLONE_SIGHAND|CLONE_THREAD|CLONE_VM) uid"));
	encoder_free(e);
}

static void the_creators_clone3_flags_are_those_it_began_with(void **state)
{
	struct encoder *e = encoder_new(0);
	struct eyas_plan plan;
	struct made_record r;
	uint8_t task[1024] = { 0 };
	size_t n = made_task(task);

	(void)state;
	assert_true(encode_plan(nr_of("clone3"), &plan));
	assert_int_equal(plan.enter, 1 << 1);
	assert_int_equal(plan.again, 1 << 1);
	record_begin(&r, EYAS_REC_ENTER, nr_of("clone3"), 0);
	PIECE(&r, 1, MEM, "\0\1\0\0\0\0\0", 8);
	assert_string_equal(text_of(e, &r), "");
	record_begin(&r, EYAS_REC_EXIT, nr_of("clone3"), 78);
	PIECE(&r, 0, TASK, task, n);
	assert_non_null(strstr(text_of(e, &r), "CLONE_VM"));
	encoder_free(e);
}

static void structs_become_parameters(void **state)
{
	static const int16_t fds[8] = {
		3, 0, 5, 1, -1, -1, 4, 0x2010
	}; /* fd 3: asked 5, got 1; fd -1 */
	static const uint64_t rlim[2] = { 1024, UINT64_MAX }, time[2] = { 1, 500 };
	static const int32_t error = 111;
	struct encoder *e = encoder_new(0);
	struct made_record r;

	(void)state;
	record_begin(&r, EYAS_REC_EXIT, nr_of("ppoll"), 1);
	PIECE(&r, 0, MEM, fds, sizeof(fds));
	record_piece(&r, 1, EYAS_FETCH_MEM, EYAS_PIECE_NULL, NULL, 0);
	assert_string_equal(
		text_of(e, &r),
		"res=1 fds=3:?1 -1:?28 timeout=18446744073709551615(none) sigmask=<NA>");

	record_begin(&r, EYAS_REC_EXIT, nr_of("prlimit64"), 0);
	r.args[1] = 7;
	PIECE(&r, 1, MEM, rlim, sizeof(rlim));
	assert_string_equal(text_of(e, &r),
			    "res=0 newcur=<NA> newmax=<NA> oldcur=1024 oldmax=-1 pid=0 "
			    "resource=7(RLIMIT_NOFILE)");

	record_begin(&r, EYAS_REC_EXIT, nr_of("nanosleep"), 0);
	PIECE(&r, 0, MEM, time, sizeof(time));
	assert_string_equal(text_of(e, &r), "res=0 interval=1000000500(1s)");

	record_begin(&r, EYAS_REC_EXIT, nr_of("getsockopt"), 0);
	r.args[0] = 3;
	r.args[1] = SOL_SOCKET;
	r.args[2] = SO_ERROR;
	PIECE(&r, 0, SOCKADDR_OUT, &error, 4);
	PIECE(&r, 1, MEM, "\4\0\0", 4);
	assert_string_equal(text_of(e, &r), "res=0 fd=3 level=1(SOL_SOCKET) optname=4(SO_ERROR) "
					    "val=-111(ECONNREFUSED) optlen=4");
	encoder_free(e);
}

static void calls_without_an_event_are_generic(void **state)
{
	struct encoder *e = encoder_new(0);
	struct made_record r;
	struct event ev;

	(void)state;
	record_begin(&r, EYAS_REC_EXIT, nr_of("getppid"), 1);
	assert_int_equal(encoder_feed(e, r.b, r.n, 0, &ev), 1);
	assert_int_equal(ev.type, EVT_GENERIC_X);
	assert_int_equal(event_param_int_or(&ev, 0, -1), syscall_by_name(STR("getppid"))->sc);
	assert_int_equal(event_param_int_or(&ev, 1, -1), nr_of("getppid"));
	/* one that does not return is an event when it begins */
	record_begin(&r, EYAS_REC_ENTER, nr_of("exit_group"), 0);
	assert_int_equal(encoder_feed(e, r.b, r.n, 0, &ev), 1);
	assert_int_equal(event_param_int_or(&ev, 0, -1), syscall_by_name(STR("exit_group"))->sc);
	/* a number from behind the table */
	record_begin(&r, EYAS_REC_EXIT, 600, -38);
	assert_int_equal(encoder_feed(e, r.b, r.n, 0, &ev), 1);
	assert_int_equal(event_param_int_or(&ev, 0, -1), 0);
	assert_int_equal(event_param_int_or(&ev, 1, -1), 600);
	encoder_free(e);
}

static void ends_of_threads_and_signals_are_events(void **state)
{
	struct encoder *e = encoder_new(0);
	struct made_record r;

	(void)state;
	record_begin(&r, EYAS_REC_PROC_EXIT, 0, 3 << 8);
	r.args[0] = 1;
	assert_string_equal(text_of(e, &r), "status=768 ret=3 sig=0 core=0 reaper_tid=1");
	r.head.ret = 11 | 0x80;
	assert_string_equal(text_of(e, &r), "status=139 ret=0 sig=11(SIGSEGV) core=1 reaper_tid=1");
	record_begin(&r, EYAS_REC_SIGNAL, 0, 0);
	r.args[0] = 5;
	r.args[1] = 15;
	assert_string_equal(text_of(e, &r), "spid=5 dpid=77 sig=15(SIGTERM)");
	encoder_free(e);
}

#if defined(__x86_64__)
static void calls_of_32_bit_programs_are_known_by_their_own_numbers(void **state)
{
	struct eyas_plan plan;
	struct encoder *e = encoder_new(0);
	struct made_record r;
	struct event ev;

	(void)state;
	record_begin(&r, EYAS_REC_EXIT, 5, 3); /* open */
	r.head.flags = EYAS_RF_COMPAT;
	PIECE(&r, 0, STR, "/x", 3);
	assert_string_equal(text_of(e, &r),
			    "fd=3 name=/x flags=1(O_RDONLY) mode=0 dev=<NA> ino=<NA>");
	record_begin(&r, EYAS_REC_EXIT, 180, 0); /* pread64: the offset is two words */
	r.head.flags = EYAS_RF_COMPAT;
	r.args[3] = 1;
	r.args[4] = 2;
	assert_string_equal(text_of(e, &r), "res=0 data=NULL fd=0 size=0 pos=8589934593");
	record_begin(&r, EYAS_REC_EXIT, 20, 9); /* getpid; 20 is writev elsewhere */
	r.head.flags = EYAS_RF_COMPAT;
	assert_int_equal(encoder_feed(e, r.b, r.n, 0, &ev), 1);
	assert_str(event_type_text(&ev), "getpid");
	r.head.nr = 500;
	assert_int_equal(encoder_feed(e, r.b, r.n, 0, &ev), 1);
	assert_int_equal(event_param_int_or(&ev, 1, 0), 500 | 0x8000);
	/* an iovec of 32-bit words is not read as one of 64 */
	assert_true(encode_plan(EYAS_MAX_NR + 146, &plan)); /* writev */
	assert_int_equal(plan.fetches[0].kind, EYAS_FETCH_NONE);
	encoder_free(e);
}
#endif

static void records_that_contradict_themselves_are_counted(void **state)
{
	struct encoder *e = encoder_new(0);
	struct made_record r;
	struct event ev;

	(void)state;
	record_begin(&r, EYAS_REC_EXIT, nr_of("chdir"), 0);
	assert_int_equal(encoder_feed(e, r.b, 10, 0, &ev), 0);
	r.head.n_args = EYAS_MAX_ARGS + 1;
	assert_int_equal(encoder_feed(e, r.b, r.n, 0, &ev), 0);
	r.head.n_args = EYAS_MAX_ARGS;
	assert_int_equal(encoder_feed(e, r.b, r.n - 1, 0, &ev), 0);
	record_begin(&r, EYAS_REC_EXIT, nr_of("chdir"), 0);
	PIECE(&r, 3, STR, "/a", 3); /* chdir has no fetch 3 */
	assert_int_equal(encoder_feed(e, r.b, r.n, 0, &ev), 0);
	record_begin(&r, 99, 0, 0);
	assert_int_equal(encoder_feed(e, r.b, r.n, 0, &ev), 0);
	assert_int_equal(encoder_stats(e)->malformed, 5);
	encoder_free(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_makes_what_its_event_has),
		cmocka_unit_test(every_call_with_an_event_has_a_row),
		cmocka_unit_test(plans_are_what_the_driver_can_do),
		cmocka_unit_test(pieces_of_any_length_and_status_do_no_harm),
		cmocka_unit_test(arguments_that_are_not_sent_are_not_needed),
		cmocka_unit_test(a_path_read_at_enter_meets_its_exit),
		cmocka_unit_test(what_faulted_at_enter_is_taken_from_exit),
		cmocka_unit_test(pieces_of_a_lost_exit_do_not_join_another_call),
		cmocka_unit_test(data_ends_where_the_call_says),
		cmocka_unit_test(tuples_have_the_initiator_or_sender_first),
		cmocka_unit_test(unix_tuples_name_the_receiver),
		cmocka_unit_test(messages_are_taken_apart),
		cmocka_unit_test(exec_tells_all_of_the_process),
		cmocka_unit_test(an_execveat_that_succeeds_is_told_from_execve),
		cmocka_unit_test(a_failed_exec_tells_what_it_was_given),
		cmocka_unit_test(lists_of_a_failed_exec_end_at_4096_bytes),
		cmocka_unit_test(
			the_name_of_a_program_comes_when_it_begins_if_it_was_not_there_before),
		cmocka_unit_test(clone_flags_are_translated),
		cmocka_unit_test(a_new_thread_is_one_though_the_flags_are_gone),
		cmocka_unit_test(the_creators_clone3_flags_are_those_it_began_with),
		cmocka_unit_test(structs_become_parameters),
		cmocka_unit_test(calls_without_an_event_are_generic),
		cmocka_unit_test(ends_of_threads_and_signals_are_events),
#if defined(__x86_64__)
		cmocka_unit_test(every_row_has_a_call),
		cmocka_unit_test(every_32_bit_call_has_a_name),
		cmocka_unit_test(calls_of_32_bit_programs_are_known_by_their_own_numbers),
#endif
		cmocka_unit_test(records_that_contradict_themselves_are_counted),
	};
	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
