/* What pseudonyms and mapped addresses look like, and that they stay what they are. */
#include "redact/address_map.h"
#include "redact/find.h"
#include "redact/pseudonym.h"
#include "unit.h"

static void make(struct pseudonyms *p, enum pseudonym_form form, const char *v, struct strbuf *out)
{
	strbuf_reset(out);
	pseudonym_add(p, form, str_of(v), out);
}

static char class_of(char c)
{
	return find_is_digit(c) ? '0' : find_is_upper(c) ? 'A' : find_is_lower(c) ? 'a' : c;
}

static void the_shape_stays(void **unused)
{
	static const char *const values[] = { "hunter2x", "Tr0ub4dor&3",
					      "a1b2-c3d4_e5.f6/g7+h8==", "0123456789",
					      ("gh"
					       "p_abcdefghij0123456789ABCDEFGHIJ012345") };
	struct strbuf a = STRBUF_INIT, b = STRBUF_INIT;
	struct pseudonyms p;

	(void)unused;
	pseudonyms_init(&p, STR("a key of sixteen"));
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		make(&p, FORM_SHAPE, values[i], &a);
		make(&p, FORM_SHAPE, values[i], &b);
		assert_string_equal(a.s, b.s);
		assert_string_not_equal(a.s, values[i]);
		assert_int_equal(a.n, strlen(values[i]));
		for (size_t k = 0; k < a.n; k++)
			if (find_is_alnum(values[i][k]))
				assert_int_equal(class_of(a.s[k]), class_of(values[i][k]));
	}
	assert_true(str_starts(strbuf_str(&a), STR("gh"
						   "p_")));
	make(&p, FORM_SHAPE, "deadbeef01234567", &a);
	for (size_t k = 0; k < a.n; k++)
		assert_non_null(strchr("0123456789abcdef", a.s[k]));
	strbuf_release(&a);
	strbuf_release(&b);
	pseudonyms_free(&p);
}

static void what_has_no_shape_becomes_asterisks(void **unused)
{
	struct strbuf a = STRBUF_INIT;
	struct pseudonyms p;

	(void)unused;
	pseudonyms_init(&p, STR("a key of sixteen"));
	make(&p, FORM_SHAPE, "abc", &a);
	assert_strbuf(&a, "***");
	make(&p, FORM_SHAPE, "!?!?!?", &a);
	assert_strbuf(&a, "******");
	make(&p, FORM_NAME, "jd", &a);
	assert_int_equal(a.n, 2);
	assert_true(find_is_lower(a.s[0]) && find_is_lower(a.s[1]));
	strbuf_release(&a);
	pseudonyms_free(&p);
}

static void the_key_decides(void **unused)
{
	struct strbuf a = STRBUF_INIT, b = STRBUF_INIT, c = STRBUF_INIT;
	struct pseudonyms p, q, r;

	(void)unused;
	pseudonyms_init(&p, STR("a key of sixteen"));
	pseudonyms_init(&q, STR("a key of sixteen"));
	pseudonyms_init(&r, STR("another of them."));
	make(&p, FORM_SHAPE, "hunter2hunter2", &a);
	make(&q, FORM_SHAPE, "hunter2hunter2", &b);
	make(&r, FORM_SHAPE, "hunter2hunter2", &c);
	assert_string_equal(a.s, b.s);
	assert_string_not_equal(a.s, c.s);
	strbuf_reset(&a);
	strbuf_reset(&c);
	pseudonyms_key_name(&p, &a);
	pseudonyms_key_name(&r, &c);
	assert_int_equal(a.n, 16);
	assert_string_not_equal(a.s, c.s);
	strbuf_release(&a);
	strbuf_release(&b);
	strbuf_release(&c);
	pseudonyms_free(&p);
	pseudonyms_free(&q);
	pseudonyms_free(&r);
}

static void hosts_agree_label_by_label(void **unused)
{
	struct strbuf full = STRBUF_INIT, short_name = STRBUF_INIT, mail = STRBUF_INIT;
	struct pseudonyms p;

	(void)unused;
	pseudonyms_init(&p, STR("a key of sixteen"));
	make(&p, FORM_HOST, "web17.acme.example", &full);
	make(&p, FORM_NAME, "web17", &short_name);
	assert_true(str_starts(strbuf_str(&full), strbuf_str(&short_name)));
	assert_true(str_ends(strbuf_str(&full), STR(".example")));
	make(&p, FORM_EMAIL, "jane@web17.acme.example", &mail);
	assert_true(str_ends(strbuf_str(&mail), strbuf_str(&full)));
	strbuf_release(&full);
	strbuf_release(&short_name);
	strbuf_release(&mail);
	pseudonyms_free(&p);
}

static void they_are_known_again(void **unused)
{
	struct strbuf a = STRBUF_INIT, saved = STRBUF_INIT;
	struct pseudonyms p, q;

	(void)unused;
	pseudonyms_init(&p, STR("a key of sixteen"));
	pseudonyms_init(&q, STR("another of them."));
	make(&p, FORM_SHAPE, "hunter2hunter2", &a);
	assert_true(pseudonym_is_given(&p, strbuf_str(&a)));
	assert_false(pseudonym_is_known(&p, strbuf_str(&a)));
	pseudonyms_save(&p, &saved);
	assert_true(pseudonyms_load(&q, strbuf_str(&saved)));
	assert_true(pseudonym_is_known(&q, strbuf_str(&a)));
	assert_false(pseudonym_is_known(&q, STR("hunter2hunter2")));
	assert_false(pseudonyms_load(&q, STR("abc!")));
	assert_false(pseudonyms_load(&q, STR("YWJj"))); /* three bytes are no mark */
	strbuf_release(&a);
	strbuf_release(&saved);
	pseudonyms_free(&p);
	pseudonyms_free(&q);
}

static struct ipaddr parse(const char *text)
{
	struct ipaddr a;

	assert_true(ipaddr_parse(str_of(text), &a));
	return a;
}

static void addresses_go_where_nobody_is(void **unused)
{
	static const char *const v4[] = { "8.8.8.8", "1.0.0.0", "93.184.216.255", "11.22.33.44" };
	static const char *const v6[] = { "2a00:1450:4001:830::200e", "2606:4700::1111",
					  "2002:808:808::1" };
	struct pseudonyms p;
	struct ipaddr a;

	(void)unused;
	pseudonyms_init(&p, STR("a key of sixteen"));
	for (size_t i = 0; i < sizeof(v4) / sizeof(v4[0]); i++) {
		a = parse(v4[i]);
		assert_int_equal(address_kind(&a), ADDRESS_PUBLIC);
		address_map(&p, &a, &a);
		assert_int_equal(a.b[0] & 0xf0, 0xf0);
		assert_int_equal(address_kind(&a), ADDRESS_KEPT);
	}
	for (size_t i = 0; i < sizeof(v6) / sizeof(v6[0]); i++) {
		a = parse(v6[i]);
		assert_int_equal(address_kind(&a), ADDRESS_PUBLIC);
		address_map(&p, &a, &a);
		assert_int_equal(address_kind(&a), ADDRESS_KEPT);
	}
	a = parse("::ffff:8.8.8.8");
	address_map(&p, &a, &a);
	assert_int_equal(address_kind(&a), ADDRESS_KEPT);
	assert_int_equal(a.b[10], 0xff);
	a = parse("fe80::3e7c:3fff:fe12:3456");
	assert_int_equal(address_kind(&a), ADDRESS_PUBLIC);
	address_map(&p, &a, &a);
	assert_int_equal(address_kind(&a), ADDRESS_KEPT);
	pseudonyms_free(&p);
}

/* Neighbours stay neighbours, and two addresses of a network stay two. */
static void networks_stay_networks(void **unused)
{
	struct pseudonyms p;
	bool seen[256] = { false };
	struct ipaddr first, a;

	(void)unused;
	pseudonyms_init(&p, STR("a key of sixteen"));
	first = parse("8.8.8.0");
	address_map(&p, &first, &first);
	for (unsigned i = 0; i < 256; i++) {
		a = parse("8.8.8.0");
		a.b[3] = (uint8_t)i;
		address_map(&p, &a, &a);
		assert_memory_equal(a.b, first.b, 3);
		assert_false(seen[a.b[3]]);
		seen[a.b[3]] = true;
		if (i == 0 || i == 255)
			assert_int_equal(a.b[3], i);
	}
	pseudonyms_free(&p);
}

static void private_addresses_stay_private(void **unused)
{
	static const char *const v4[] = { "10.1.2.3",    "172.16.0.1", "172.31.255.254",
					  "192.168.1.1", "100.64.1.2", "100.127.255.1" };
	struct pseudonyms p;
	struct ipaddr a, b;
	struct ipnet net;

	(void)unused;
	pseudonyms_init(&p, STR("a key of sixteen"));
	for (size_t i = 0; i < sizeof(v4) / sizeof(v4[0]); i++) {
		a = parse(v4[i]);
		assert_int_equal(address_kind(&a), ADDRESS_PRIVATE);
		address_map(&p, &a, &b);
		assert_int_equal(address_kind(&b), ADDRESS_PRIVATE);
		assert_int_equal(a.b[0], b.b[0]);
	}
	a = parse("172.20.3.4");
	assert_true(ipnet_parse(STR("172.16.0.0/12"), &net));
	address_map(&p, &a, &b);
	assert_true(ipnet_contains(&net, &b));
	a = parse("fd12:3456::1");
	assert_int_equal(address_kind(&a), ADDRESS_PRIVATE);
	address_map(&p, &a, &b);
	assert_int_equal(b.b[0], 0xfd);
	pseudonyms_free(&p);
}

static void hardware_addresses(void **unused)
{
	static const uint8_t mac[6] = { 0x3c, 0x7c, 0x3f, 1, 2, 3 };
	struct strbuf text = STRBUF_INIT;
	struct pseudonyms p;
	uint8_t out[6];

	(void)unused;
	pseudonyms_init(&p, STR("a key of sixteen"));
	assert_false(address_mac_is_kept(mac));
	address_mac_map(&p, mac, out);
	assert_true(address_mac_is_kept(out));
	make(&p, FORM_MAC, "3C-7C-3F-01-02-03", &text);
	assert_int_equal(text.n, 17);
	assert_true(str_starts(strbuf_str(&text), STR("02-00-5e-")));
	strbuf_release(&text);
	pseudonyms_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_shape_stays),
		cmocka_unit_test(what_has_no_shape_becomes_asterisks),
		cmocka_unit_test(the_key_decides),
		cmocka_unit_test(hosts_agree_label_by_label),
		cmocka_unit_test(they_are_known_again),
		cmocka_unit_test(addresses_go_where_nobody_is),
		cmocka_unit_test(networks_stay_networks),
		cmocka_unit_test(private_addresses_stay_private),
		cmocka_unit_test(hardware_addresses),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
