/* The registry of fields: its rows, names and arguments; and that eyas-fields(5) is what it says.
 */
#include "unit.h"

#include "base/arena.h"
#include "fields/field.h"

static const char *resolve(const char *name, const char *arg, struct field_ref *ret)
{
	static struct arena a;

	return field_resolve(str_of(name), arg != NULL, str_of(arg ? arg : ""), &a, ret);
}

static void every_row_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (size_t i = 0; i < field_count(); i++)
		assert_ptr_equal(field_find(str_of(field_at(i)->name)), field_at(i));
	assert_null(field_at(field_count()));
}

static void every_row_is_complete(void **state)
{
	(void)state;
	for (size_t i = 0; i < field_count(); i++) {
		const struct field_def *f = field_at(i);
		size_t n = strlen(f->doc);

		assert_true(n >= 9 && f->doc[n - 1] == '.');
		assert_true(*field_class_doc(f->cls));
		assert_non_null(f->extract);
		assert_true(f->type > PT_NONE && f->type < PT_N && f->format < PF_N);
	}
}

static void an_argument_has_a_kind_and_is_either_required_or_optional(void **state)
{
	(void)state;
	for (size_t i = 0; i < field_count(); i++) {
		unsigned flags = field_at(i)->flags;
		bool kind = flags & (FIELD_ARG_INDEX | FIELD_ARG_KEY | FIELD_ARG_DOT);
		bool required = flags & FIELD_ARG_REQUIRED, optional = flags & FIELD_ARG_OPTIONAL;

		assert_int_equal(kind, required || optional);
		assert_false(required && optional);
	}
}

static void fields_of_one_class_stand_together(void **state)
{
	(void)state;
	for (size_t i = 1; i < field_count(); i++)
		for (size_t j = 0; strcmp(field_at(i)->cls, field_at(i - 1)->cls) && j < i; j++)
			assert_string_not_equal(field_at(i)->cls, field_at(j)->cls);
}

static void an_index_is_resolved(void **state)
{
	struct field_ref ref;

	(void)state;
	assert_null(resolve("proc.aname", "2", &ref));
	assert_true(ref.has_arg && ref.arg_is_index);
	assert_int_equal(ref.index, 2);
	assert_str(ref.text, "proc.aname[2]");
	assert_null(resolve("proc.aname", NULL, &ref));
	assert_false(ref.has_arg);
}

static void a_key_is_resolved(void **state)
{
	struct field_ref ref;

	(void)state;
	assert_null(resolve("proc.env", "PATH", &ref));
	assert_str(ref.arg, "PATH");
	assert_false(ref.arg_is_index);
	assert_null(resolve("container.mount.dest", "0", &ref));
	assert_true(ref.arg_is_index);
}

static void a_parameter_is_resolved_by_name_for_each_event_type(void **state)
{
	struct field_ref ref;

	(void)state;
	assert_null(resolve("evt.arg.flags", NULL, &ref));
	assert_int_equal(ref.param_of[EVT_SYSCALL_OPENAT_2_X], 3);
	assert_int_equal(ref.param_of[EVT_SYSCALL_CLOSE_X], -1);
	assert_null(resolve("evt.rawarg.res", NULL, &ref));
	assert_int_equal(ref.type, PT_ERRNO);
	assert_null(resolve("evt.arg", "0", &ref));
	assert_null(ref.param_of);
}

static void an_event_type_is_resolved_by_name_and_by_number(void **state)
{
	struct field_ref ref;

	(void)state;
	assert_null(resolve("evt.type.is.open", NULL, &ref));
	assert_int_equal(ref.aux, EVT_SYSCALL_OPEN_X);
	assert_null(resolve("evt.type.is.3", NULL, &ref));
	assert_int_equal(ref.aux, 3);
	assert_non_null(resolve("evt.type.is.nosuch", NULL, &ref));
}

static void a_wrong_field_is_told(void **state)
{
	struct field_ref ref;

	(void)state;
	assert_string_equal(resolve("proc.nmae", NULL, &ref), "unknown field");
	assert_string_equal(resolve("proc.names", NULL, &ref), "unknown field");
	assert_string_equal(resolve("evt.arg", NULL, &ref), "the field needs an argument");
	assert_string_equal(resolve("proc.name", "1", &ref),
			    "the field takes no argument in brackets");
	assert_string_equal(resolve("proc.aname", "x", &ref), "the argument must be a number");
	assert_string_equal(resolve("proc.aname", "", &ref), "the argument is empty");
	assert_string_equal(resolve("evt.rawarg", "0", &ref),
			    "the field takes no argument in brackets");
	assert_string_equal(resolve("evt.arg.nosuchparameter", NULL, &ref),
			    "no event has a parameter of this name");
}

static void near_names_are_suggested(void **state)
{
	struct strbuf sb = STRBUF_INIT;

	(void)state;
	field_nearest(STR("proc.nmae"), &sb);
	assert_non_null(strstr(sb.s, "proc.name"));
	strbuf_reset(&sb);
	field_nearest(STR("fd.filenam"), &sb);
	assert_strbuf(&sb, "fd.filename");
	field_nearest(STR("completely.different.thing"), &sb);
	assert_strbuf(&sb, "");
	strbuf_release(&sb);
}

static void only_types_that_stand_for_many_names_need_the_event(void **state)
{
	struct field_ref ref;

	(void)state;
	assert_null(resolve("evt.type", NULL, &ref));
	assert_int_equal(field_scope_in(&ref, event_info(EVT_SYSCALL_OPEN_X)), SCOPE_TYPE);
	assert_int_equal(field_scope_in(&ref, event_info(EVT_GENERIC_X)), SCOPE_EVENT);
	assert_null(resolve("evt.is_io", NULL, &ref));
	assert_int_equal(field_scope_in(&ref, event_info(EVT_GENERIC_X)), SCOPE_TYPE);
}

static void values_are_shown_by_type_and_format(void **state)
{
	static const struct {
		struct value v;
		const char *text;
	} rows[] = {
		{ { .type = PT_INT64, .format = PF_DEC, .i = -5 }, "-5" },
		{ { .type = PT_UINT32, .format = PF_ID, .u = 4294967295 }, "4294967295" },
		{ { .type = PT_INT32, .format = PF_HEX, .i = 0x1b }, "1B" },
		{ { .type = PT_UINT32, .format = PF_OCT, .u = 0755 }, "755" },
		{ { .type = PT_RELTIME, .format = PF_10_PADDED_DEC, .u = 42 }, "000000042" },
		{ { .type = PT_BOOL, .u = 1 }, "true" },
		{ { .type = PT_DOUBLE, .d = 0.25 }, "0.2" },
		{ { .type = PT_IPADDR, .s = { "\177\0\0\1", 4 } }, "127.0.0.1" },
		{ { .type = PT_IPNET, .s = { "\177\0\0\1", 4 } }, "<IPNET>" },
		{ { .type = PT_CHARBUF, .s = { "a b", 3 } }, "a b" },
	};
	struct strbuf sb = STRBUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		value_text(&rows[i].v, &sb);
		assert_strbuf(&sb, rows[i].text);
	}
	strbuf_release(&sb);
}

/* The list part of eyas-fields(5) as it must be. */
static void page_text(struct strbuf *out)
{
	const char *cls = "";

	for (size_t i = 0; i < field_count(); i++) {
		const struct field_def *f = field_at(i);

		if (f->flags & FIELD_HIDDEN)
			continue;
		if (strcmp(cls, f->cls) != 0) {
			if (*cls)
				strbuf_adds(out, ".El\n");
			cls = f->cls;
			strbuf_addf(out, ".Ss %s: %s\n.Bl -tag -width indent\n", cls,
				    field_class_doc(cls));
		}
		strbuf_addf(out, ".It Li %s%s Pq %s%s%s%s%s\n%s\n", f->name,
			    !(f->flags & (FIELD_ARG_REQUIRED | FIELD_ARG_OPTIONAL)) ? ""
			    : (f->flags & FIELD_ARG_REQUIRED)                       ? "\\(dg"
										    : "\\(dd",
			    param_type_name(f->type) + 3, f->flags & FIELD_LIST ? ", list" : "",
			    f->flags & FIELD_FILTER_ONLY ? ", conditions only" : "",
			    f->flags & FIELD_PRINT_ONLY ? ", output only" : "",
			    f->flags & FIELD_DEPRECATED ? ", deprecated" : "", f->doc);
	}
	strbuf_adds(out, ".El\n");
}

static const char begin_mark[] = ".\\\" The list below is made from src/fields/field_list.def.\n";
static const char end_mark[] = ".\\\" The list ends here.\n";

/*
 * Compares the page with the registry. With EYAS_UPDATE in the environment the page is written
 * anew: run this test so after a change to the registry.
 */
static void the_manual_page_lists_the_registry(void **state)
{
	const char *src = getenv("srcdir");
	struct strbuf path = STRBUF_INIT, page = STRBUF_INIT, want = STRBUF_INIT;
	char buf[4096];
	size_t n;
	FILE *f;

	(void)state;
	strbuf_addf(&path, "%s/man/eyas-fields.5", src ? src : ".");
	f = fopen(path.s, "r");
	if (!f) {
		strbuf_release(&path);
		skip();
	}
	while ((n = fread(buf, 1, sizeof(buf), f)) > 0)
		strbuf_add(&page, buf, n);
	fclose(f);
	char *begin = strstr(page.s, begin_mark), *end = strstr(page.s, end_mark);
	assert_non_null(begin);
	assert_non_null(end);
	strbuf_add(&want, page.s, (size_t)(begin - page.s) + sizeof(begin_mark) - 1);
	page_text(&want);
	strbuf_adds(&want, end);
	if (getenv("EYAS_UPDATE") && strcmp(want.s, page.s) != 0) {
		f = fopen(path.s, "w");
		assert_non_null(f);
		assert_int_equal(fwrite(want.s, 1, want.n, f), want.n);
		assert_int_equal(fclose(f), 0);
	} else {
		assert_int_equal(want.n, page.n);
		assert_memory_equal(want.s, page.s, want.n);
	}
	strbuf_release(&path);
	strbuf_release(&page);
	strbuf_release(&want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_has_a_name_of_its_own),
		cmocka_unit_test(every_row_is_complete),
		cmocka_unit_test(an_argument_has_a_kind_and_is_either_required_or_optional),
		cmocka_unit_test(fields_of_one_class_stand_together),
		cmocka_unit_test(an_index_is_resolved),
		cmocka_unit_test(a_key_is_resolved),
		cmocka_unit_test(a_parameter_is_resolved_by_name_for_each_event_type),
		cmocka_unit_test(an_event_type_is_resolved_by_name_and_by_number),
		cmocka_unit_test(a_wrong_field_is_told),
		cmocka_unit_test(near_names_are_suggested),
		cmocka_unit_test(only_types_that_stand_for_many_names_need_the_event),
		cmocka_unit_test(values_are_shown_by_type_and_format),
		cmocka_unit_test(the_manual_page_lists_the_registry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
