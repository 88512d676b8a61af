/* Names of sockets, which are made when somebody looks at them. */
#include "state_world.h"

enum { AF_INET_CAP = 2, STREAM = 1, DGRAM = 2 };

static void arg_tuple(struct made_event *m, uint8_t from, uint16_t sport, uint8_t to,
		      uint16_t dport)
{
	uint8_t t[13] = { AF_INET_CAP, 10, 0, 0, from };

	put_le16(t + 5, sport);
	memcpy(t + 7, (uint8_t[]){ 10, 0, 0, to }, 4);
	put_le16(t + 11, dport);
	arg_bytes(m, t, sizeof(t));
}

static void make_socket(struct world *w, int64_t tid, int64_t fd, int64_t type)
{
	const int64_t v[] = { fd, AF_INET_CAP, type, 0, 0 };

	world_ints(w, EVT_SOCKET_SOCKET_X, tid, v, 5);
}

static void connect_it(struct world *w, int64_t tid, int64_t fd, uint16_t sport, uint16_t dport)
{
	struct made_event *m = world_event(w, EVT_SOCKET_CONNECT_X, tid);

	arg_int(m, 0);
	arg_tuple(m, 1, sport, 2, dport);
	arg_int(m, fd);
	arg_none(m);
	world_run(w);
}

static void send_to(struct world *w, int64_t tid, int64_t fd, uint16_t sport, uint8_t to,
		    uint16_t dport)
{
	struct made_event *m = world_event(w, EVT_SOCKET_SENDTO_X, tid);

	arg_int(m, 5);
	arg_text(m, "data");
	arg_int(m, fd);
	arg_int(m, 5);
	arg_tuple(m, 1, sport, to, dport);
	world_run(w);
}

static void nobody_looks_and_there_is_none(void **state)
{
	struct world *w = *state;
	const struct fd_entry *f;

	make_socket(w, 10, 3, STREAM);
	assert_int_equal(world_fd(w, 10, 3)->naming, FD_NAME_KEPT);
	connect_it(w, 10, 3, 4000, 80);
	assert_int_equal(world_fd(w, 10, 3)->naming, FD_NAME_L4);
	/* A copy has it from the same ends; the first look is kept. */
	world_fork(w, 10, 20);
	f = world_fd(w, 20, 3);
	assert_int_equal(f->naming, FD_NAME_L4);
	assert_istr(fd_name(f), "10.0.0.1:4000->10.0.0.2:80");
	assert_int_equal(f->naming, FD_NAME_KEPT);
	assert_ptr_equal(fd_name(world_fd(w, 10, 3)), fd_name(f));
}

static void an_accepted_one_is_named_by_its_ends(void **state)
{
	struct world *w = *state;
	struct made_event *m = world_event(w, EVT_SOCKET_ACCEPT4_6_X, 10);
	const struct fd_entry *f;

	arg_int(m, 7);
	arg_tuple(m, 9, 5000, 1, 443);
	for (int i = 0; i < 4; i++)
		arg_int(m, 0);
	world_run(w);
	f = world_fd(w, 10, 7);
	assert_int_equal(f->naming, FD_NAME_ENDS);
	assert_istr(fd_name(f), "10.0.0.9:5000->10.0.0.1:443");
}

static void what_changes_the_ends_makes_the_name_first(void **state)
{
	struct world *w = *state;
	const struct istr *old;

	make_socket(w, 10, 3, DGRAM);
	send_to(w, 10, 3, 4000, 2, 53);
	assert_int_equal(world_fd(w, 10, 3)->naming, FD_NAME_L4);
	/* "" before, another now. */
	assert_istr(w->ctx.fd_oldname, "");
	/* The same again changes nothing, and what it was is not asked. */
	connect_it(w, 10, 3, 4000, 53);
	connect_it(w, 10, 3, 4001, 54);
	old = w->ctx.fd_oldname;
	assert_istr(old, "10.0.0.1:4000->10.0.0.2:53");
	assert_istr(fd_name(w->ctx.fd), "10.0.0.1:4001->10.0.0.2:54");
}

static void a_kept_state_has_the_names(void **state)
{
	struct world *w = *state;
	struct strbuf text = STRBUF_INIT;

	make_socket(w, 10, 3, STREAM);
	connect_it(w, 10, 3, 4000, 80);
	state_dump(w->st, &text);
	assert_non_null(strstr(text.s, "10.0.0.1:4000->10.0.0.2:80"));
	strbuf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(nobody_looks_and_there_is_none),
		WORLD_TEST(an_accepted_one_is_named_by_its_ends),
		WORLD_TEST(what_changes_the_ends_makes_the_name_first),
		WORLD_TEST(a_kept_state_has_the_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
