#include "unit.h"

#include "event/event.h"
#include "event/snapshot.h"
#include "event/source.h"

static void numbers_are_dense_and_rows_know_theirs(void **state)
{
	(void)state;
	for (unsigned i = 0; i < EVENT_N_TYPES; i++) {
		const struct event_info *info = event_info(i);

		assert_int_equal(info->type, i);
		assert_int_equal(info->exit, i & 1);
		assert_non_null(info->code);
		assert_non_null(info->name);
	}
	assert_null(event_info(EVENT_N_TYPES));
	assert_null(event_info(UINT16_MAX));
}

static void codes_are_unique_and_found_with_and_without_prefix(void **state)
{
	char prefixed[80];

	(void)state;
	for (unsigned i = 0; i < EVENT_N_TYPES; i++) {
		const struct event_info *info = event_info(i);

		assert_ptr_equal(event_info_by_code(str_of(info->code)), info);
		snprintf(prefixed, sizeof(prefixed), "PPME_%s", info->code);
		assert_ptr_equal(event_info_by_code(str_of(prefixed)), info);
	}
	assert_null(event_info_by_code(STR("SYSCALL_OPEN")));
	assert_null(event_info_by_code(STR("")));
}

static void known_numbers_are_what_the_files_hold(void **state)
{
	(void)state;
	assert_int_equal(EVT_GENERIC_X, 1);
	assert_int_equal(EVT_SYSCALL_OPEN_X, 3);
	assert_int_equal(EVT_SYSCALL_EXECVE_19_X, 293);
	assert_int_equal(EVT_CONTAINER_JSON_2_E, 324);
	assert_int_equal(EVT_ASYNCEVENT_E, 402);
	assert_int_equal(EVT_SYSCALL_KEYCTL_X, 453);
	assert_int_equal(EF_LARGE_PAYLOAD, 2048);
	assert_int_equal(EF_CONVERTER_MANAGED, 4096);
}

static void types_with_32_bit_lengths_are_the_three_that_files_know(void **state)
{
	unsigned n = 0;

	(void)state;
	for (unsigned i = 0; i < EVENT_N_TYPES; i++)
		n += (event_info(i)->flags & EF_LARGE_PAYLOAD) != 0;
	assert_int_equal(n, 3);
	assert_true(event_info(EVT_PLUGINEVENT_E)->flags & EF_LARGE_PAYLOAD);
	assert_true(event_info(EVT_CONTAINER_JSON_2_E)->flags & EF_LARGE_PAYLOAD);
	assert_true(event_info(EVT_ASYNCEVENT_E)->flags & EF_LARGE_PAYLOAD);
}

static void check_param(const struct event_info *info, unsigned i)
{
	const struct param_info *p = &info->params[i];
	bool named_values = false;

	assert_true(p->type > PT_NONE && p->type < PT_N);
	assert_true(p->format < PF_N);
	assert_int_equal(p->name_n, strlen(p->name));
	assert_true(p->name_n > 0);
	assert_int_equal(event_param_index(info, str_of(p->name)), i);
	switch (p->type) {
	case PT_FLAGS8:
	case PT_FLAGS16:
	case PT_FLAGS32:
	case PT_ENUMFLAGS8:
	case PT_ENUMFLAGS16:
	case PT_ENUMFLAGS32:
	case PT_MODE:
		named_values = true;
	}
	assert_int_equal(p->flags != NULL, named_values);
	assert_int_equal(p->dyn != NULL, p->type == PT_DYN);
	assert_int_equal(p->dirfd_param >= 0, p->type == PT_FSRELPATH);
	if (p->dirfd_param >= 0) {
		assert_true(p->dirfd_param < info->n_params);
		assert_int_equal(info->params[p->dirfd_param].type, PT_FD);
	}
}

static void parameters_are_complete_and_their_names_unique_in_a_type(void **state)
{
	(void)state;
	for (unsigned t = 0; t < EVENT_N_TYPES; t++) {
		const struct event_info *info = event_info(t);

		assert_true(info->n_params <= EVENT_MAX_PARAMS);
		for (unsigned i = 0; i < info->n_params; i++)
			check_param(info, i);
		assert_int_equal(event_param_index(info, STR("no such parameter")), -1);
	}
}

static void the_descriptor_of_a_type_is_a_descriptor(void **state)
{
	(void)state;
	for (unsigned t = 0; t < EVENT_N_TYPES; t++) {
		const struct event_info *info = event_info(t);

		if (info->fd_param < 0)
			continue;
		assert_true(info->fd_param < info->n_params);
		assert_int_equal(info->params[info->fd_param].type, PT_FD);
		assert_true(info->flags & EF_USES_FD);
	}
}

static void unused_types_have_no_category_and_cannot_be_named(void **state)
{
	(void)state;
	for (unsigned t = 0; t < EVENT_N_TYPES; t++) {
		const struct event_info *info = event_info(t);

		if (info->flags & EF_UNUSED)
			assert_string_equal(info->name, "NA");
		else
			assert_string_not_equal(info->name, "NA");
	}
	assert_null(event_info_by_name(STR("NA"), true));
}

static void a_name_means_its_newest_layout(void **state)
{
	(void)state;
	assert_int_equal(event_info_by_name(STR("execve"), true)->type, EVT_SYSCALL_EXECVE_19_X);
	assert_int_equal(event_info_by_name(STR("select"), true)->type, EVT_SYSCALL_SELECT_X);
	assert_int_equal(event_info_by_name(STR("accept"), true)->type, EVT_SOCKET_ACCEPT_5_X);
	assert_int_equal(event_info_by_name(STR("openat"), true)->type, EVT_SYSCALL_OPENAT_2_X);
	assert_int_equal(event_info_by_name(STR("open"), false)->type, EVT_SYSCALL_OPEN_E);
	assert_null(event_info_by_name(STR("opne"), true));
}

static void at_most_one_exit_of_a_name_is_current(void **state)
{
	(void)state;
	for (unsigned t = 1; t < EVENT_N_TYPES; t += 2) {
		const struct event_info *info = event_info(t);

		if (!(info->flags & (EF_OLD_VERSION | EF_UNUSED)))
			assert_ptr_equal(event_info_by_name(str_of(info->name), true), info);
	}
}

static void a_twin_is_the_other_half(void **state)
{
	(void)state;
	assert_int_equal(event_info_twin(event_info(EVT_SYSCALL_OPEN_E))->type, EVT_SYSCALL_OPEN_X);
	assert_int_equal(event_info_twin(event_info(EVT_SYSCALL_OPEN_X))->type, EVT_SYSCALL_OPEN_E);
	assert_null(event_info_twin(NULL));
	assert_true(event_param_name_known(STR("trusted_exepath")));
	assert_false(event_param_name_known(STR("nothing")));
}

static void system_calls_are_dense_and_found_by_name_and_number(void **state)
{
	(void)state;
	for (unsigned i = 0; i < SYSCALL_N; i++) {
		const struct syscall_info *sc = syscall_info(i);

		assert_int_equal(sc->sc, i);
		assert_ptr_equal(syscall_by_name(str_of(sc->name)), sc);
		assert_int_equal(sc->exit_type, sc->enter_type + 1);
		assert_false(event_info(sc->exit_type)->flags & EF_UNUSED);
		if (sc->x86_64 >= 0)
			assert_ptr_equal(syscall_by_native((unsigned)sc->x86_64, false), sc);
		if (sc->aarch64 >= 0)
			assert_ptr_equal(syscall_by_native((unsigned)sc->aarch64, true), sc);
	}
	assert_null(syscall_info(SYSCALL_N));
	assert_null(syscall_by_native(99999, false));
	assert_string_equal(syscall_by_native(0, false)->name, "read");
	assert_string_equal(syscall_by_native(63, true)->name, "read");
}

static void flag_tables_are_found_by_name_and_their_flags_too(void **state)
{
	size_t n = 0;
	uint32_t v;

	(void)state;
	for (const struct flag_table *t; (t = flag_table_at(n)); n++) {
		assert_ptr_equal(flag_table(str_of(t->name)), t);
		assert_true(t->n > 0);
		for (unsigned i = 0; i < t->n; i++) {
			assert_int_equal(t->rows[i].name_n, strlen(t->rows[i].name));
			assert_true(flag_value(t, str_of(t->rows[i].name), &v));
			assert_int_equal(v, t->rows[i].value);
		}
	}
	assert_int_equal(n, 55);
	assert_null(flag_table(STR("no_such_flags")));
	assert_false(flag_value(flag_table_at(0), STR("O_NOTHING"), &v));
}

static void parameter_types_have_names_both_ways(void **state)
{
	(void)state;
	for (int t = 0; t < PT_N; t++) {
		assert_int_equal(param_type_by_name(param_type_name((unsigned)t)), t);
		assert_int_equal(param_type_by_name(param_type_name((unsigned)t) + 3), t);
	}
	assert_int_equal(param_type_by_name("PT_FOO"), -1);
	assert_string_equal(param_type_name(PT_N), "PT_?");
	assert_string_equal(param_format_name(PF_N), "PF_?");
	assert_int_equal(param_type_size(PT_N), 0);
	assert_true(param_type_is_int(PT_FLAGS8));
	assert_false(param_type_is_int(PT_DOUBLE));
	assert_false(param_type_is_int(PT_CHARBUF));
}

static void numbers_of_linux_have_names(void **state)
{
	struct strbuf sb = STRBUF_INIT;

	(void)state;
	assert_string_equal(errno_name(2), "ENOENT");
	assert_string_equal(errno_name(-530), "EIOCBRETRY");
	assert_null(errno_name(0));
	assert_null(errno_name(INT64_MIN));
	assert_string_equal(signal_name(9), "SIGKILL");
	assert_null(signal_name(0));
	capability_text(&sb, 0);
	assert_strbuf(&sb, "");
	capability_text(&sb, UINT64_C(1) << 63 | 1 | UINT64_C(1) << 40);
	assert_strbuf(&sb, "CAP_CHOWN CAP_CHECKPOINT_RESTORE");
	strbuf_release(&sb);
}

static void categories_have_the_texts_that_rules_compare(void **state)
{
	(void)state;
	assert_string_equal(event_category_name(EC_FILE | EC_SYSCALL), "file");
	assert_string_equal(event_category_name(EC_IPC), "IPC");
	assert_string_equal(event_category_name(EC_INTERNAL | EC_METAEVENT), "internal");
	assert_string_equal(event_category_name(EC_IO_READ | EC_SYSCALL), "unknown");
	assert_string_equal(event_category_name(EC_UNKNOWN), "unknown");
}

static void a_snapshot_is_as_new_after_a_reset(void **state)
{
	struct snapshot s;
	struct snap_thread t;

	(void)state;
	snapshot_init(&s);
	for (int round = 0; round < 2; round++) {
		assert_false(s.machine.present);
		assert_int_equal(s.machine.n_cpus, UINT32_MAX);
		assert_int_equal(s.machine.hostname.n, 0);
		assert_int_equal(s.ifaces.n + s.users.n + s.groups.n, 0);
		assert_int_equal(s.threads.n + s.fds.n + s.fd_tids.n, 0);
		snap_thread_defaults(&t);
		assert_int_equal(t.vpgid, -1);
		assert_int_equal(t.loginuid, UINT32_MAX);
		assert_int_equal(t.has, 0);
		assert_int_equal(t.comm.n, 0);
		t.comm = arena_str(&s.arena, STR("init"));
		vec_push(&s.threads, t);
		s.machine.present = true;
		s.machine.hostname = STR("host");
		snapshot_reset(&s);
	}
	snapshot_free(&s);
}

static void every_cause_of_loss_has_a_name(void **state)
{
	(void)state;
	for (unsigned i = 0; i < LOSS_N; i++)
		assert_non_null(loss_cause_name(i));
	assert_string_equal(loss_cause_name(LOSS_N), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_dense_and_rows_know_theirs),
		cmocka_unit_test(codes_are_unique_and_found_with_and_without_prefix),
		cmocka_unit_test(known_numbers_are_what_the_files_hold),
		cmocka_unit_test(types_with_32_bit_lengths_are_the_three_that_files_know),
		cmocka_unit_test(parameters_are_complete_and_their_names_unique_in_a_type),
		cmocka_unit_test(the_descriptor_of_a_type_is_a_descriptor),
		cmocka_unit_test(unused_types_have_no_category_and_cannot_be_named),
		cmocka_unit_test(a_name_means_its_newest_layout),
		cmocka_unit_test(at_most_one_exit_of_a_name_is_current),
		cmocka_unit_test(a_twin_is_the_other_half),
		cmocka_unit_test(system_calls_are_dense_and_found_by_name_and_number),
		cmocka_unit_test(flag_tables_are_found_by_name_and_their_flags_too),
		cmocka_unit_test(parameter_types_have_names_both_ways),
		cmocka_unit_test(numbers_of_linux_have_names),
		cmocka_unit_test(categories_have_the_texts_that_rules_compare),
		cmocka_unit_test(a_snapshot_is_as_new_after_a_reset),
		cmocka_unit_test(every_cause_of_loss_has_a_name),
	};

	return cmocka_run_group_tests_name("event_table", tests, NULL, NULL);
}
