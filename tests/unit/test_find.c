/*
 * What the detectors find, and what they leave. Made-up secrets are written in two pieces, so that
 * nobody's scanner takes this file for a leak.
 */
#include "redact/find.h"
#include "unit.h"

static struct detector_set all;

/* "kind[value]" of each finding that no other one covers, in the order of the text. */
static void found_in(struct str text, enum text_form form, const char *program, struct strbuf *out)
{
	findings found = { 0 };
	struct find f;

	find_init(&f, &all);
	f.text = text;
	f.program = str_of(program);
	f.out = &found;
	find_all(&f, form);
	for (size_t at = 0; at < text.n; at++)
		for (size_t i = 0; i < found.n; i++) {
			const struct finding *x = &found.v[i];

			assert_true(x->n > 0 && x->at + x->n <= text.n);
			if (x->at == at)
				strbuf_addf(out, "%s%s[%.*s]", out->n ? " " : "",
					    detectors[x->detector].name, (int)x->n, text.p + x->at);
		}
	vec_free(&found);
}

static void check(struct str text, enum text_form form, const char *program, const char *want)
{
	struct strbuf got = STRBUF_INIT;

	found_in(text, form, program, &got);
	if (strcmp(got.s, want) != 0)
		print_error("%.*s:\n", STR_FMT(text));
	assert_string_equal(got.s, want);
	strbuf_release(&got);
}

#define PLAIN(text, want)         check(str_of(text), TEXT_PLAIN, "", want)
#define PATH(text, want)          check(str_of(text), TEXT_PATH, "", want)
#define ENV(text, want)           check(STR(text "\0"), TEXT_ENVIRONMENT, "", want)
#define ARGS(program, text, want) check(STR(text "\0"), TEXT_ARGUMENTS, program, want)
#define NOTHING(text)             PLAIN(text, "")

#define A20 "abcdefghij0123456789"
#define A36 "abcdefghij0123456789ABCDEFGHIJ012345"
#define A40 "abcdefghij0123456789ABCDEFGHIJ0123456789"

static void tokens_are_known_by_their_prefix(void **unused)
{
	(void)unused;
	PLAIN("x gh"
	      "p_" A36 " y",
	      "github-token[gh"
	      "p_" A36 "]");
	PLAIN("/a/gh"
	      "p_" A36 ".txt",
	      "github-token[gh"
	      "p_" A36 "]");
	NOTHING("gh"
		"p_short");
	NOTHING("xgh"
		"p_" A36);
	PLAIN("AK"
	      "IAIOSFODNN7EXAMPLE",
	      "aws-key[AK"
	      "IAIOSFODNN7EXAMPLE]");
	NOTHING("AK"
		"IAIOSFODNN7EXAMPLEX"); /* 17 */
	NOTHING("AK"
		"IAIOSFODNN7EXAMPL1"); /* no digit of base 32 */
	PLAIN("gl"
	      "pat-" A20,
	      "gitlab-token[gl"
	      "pat-" A20 "]");
	PLAIN("xo"
	      "xb-1234567890-abc",
	      "slack-token[xo"
	      "xb-1234567890-abc]");
	PLAIN("https://hooks.slack.com/serv"
	      "ices/T00000000/B00000000/" A20,
	      "slack-token[hooks.slack.com/serv"
	      "ices/T00000000/B00000000/" A20 "]");
	PLAIN("np"
	      "m_" A36,
	      "npm-token[np"
	      "m_" A36 "]");
	NOTHING("npm_config_registry npm_lifecycle_event");
	PLAIN("py"
	      "pi-" A40 A20,
	      "pypi-token[py"
	      "pi-" A40 A20 "]");
	NOTHING("pypi-server");
	PLAIN("AI"
	      "za" A36,
	      "google-key[AI"
	      "za" A36 "]");
	PLAIN("sk_li"
	      "ve_" A20,
	      "stripe-key[sk_li"
	      "ve_" A20 "]");
	PLAIN("dckr_p"
	      "at_" A20,
	      "vendor-token[dckr_p"
	      "at_" A20 "]");
	NOTHING("disk-by-id sk-learn dapi hf_hub SG.x");
}

static void a_token_that_was_cut_is_found(void **unused)
{
	struct strbuf text = STRBUF_INIT, got = STRBUF_INIT;

	(void)unused;
	for (unsigned i = 0; i < 4080; i++)
		strbuf_addc(&text, i % 10 ? 'x' : ' ');
	strbuf_adds(&text, " gh"
			   "p_abcdefgh");
	found_in(strbuf_str(&text), TEXT_PLAIN, "", &got);
	assert_strbuf(&got, "github-token[gh"
			    "p_abcdefgh]");
	strbuf_adds(&text, " x");
	found_in(strbuf_str(&text), TEXT_PLAIN, "", &got);
	assert_strbuf(&got, "");
	strbuf_release(&text);
	strbuf_release(&got);
}

static void web_tokens(void **unused)
{
	(void)unused;
	PLAIN("t ey"
	      "JhbGciOiJub25lIn0.eyJzdWIiOiJ4In0." A20 ".",
	      "jwt[ey"
	      "JhbGciOiJub25lIn0.eyJzdWIiOiJ4In0." A20 "]");
	PLAIN("ey"
	      "JhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.",
	      "jwt[ey"
	      "JhbGciOiJub25lIn0.eyJzdWIiOiJ4In0]");
	NOTHING("eyJhbGciOiJub25lIn0");
	NOTHING("eyJ.eyJ.x");
}

static void keys_and_hashes(void **unused)
{
	(void)unused;
	PLAIN("-----BEGIN RSA PRIV"
	      "ATE KEY-----\nMIIabc\n-----END RSA PRIV"
	      "ATE KEY-----\n",
	      "private-key[\nMIIabc\n]");
	PLAIN("-----BEGIN PRIV"
	      "ATE KEY-----\nMIIcut",
	      "private-key[\nMIIcut]");
	NOTHING("-----BEGIN CERTIFICATE-----\nMIIabc\n-----END CERTIFICATE-----");
	NOTHING("-----BEGIN ");
	PLAIN("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5" A40 " me", "ssh-key[" A40 "] ssh-key[me]");
	NOTHING("ssh-rsa AAAA ssh-rsa x");
	PLAIN("root:$6$salt$" A40 A20 ":1", "password-hash[salt$" A40 A20 "]");
	PLAIN("$2b$10$" A40, "password-hash[10$" A40 "]");
	NOTHING("$1$short $HOME$6$ $9$salt$" A40);
}

static void names_tell_secrets(void **unused)
{
	static const char *const yes[] = { "PASSWORD",
					   "db_password",
					   "PGPASSWORD",
					   "MYSQL_PWD",
					   "api-key",
					   "apiKey",
					   "X-Api-Key",
					   "clientSecret",
					   "GITHUB_TOKEN",
					   "access_token",
					   "SECRET_KEY_BASE",
					   "password2",
					   "aws_secret_access_key",
					   "AccountKey",
					   "encryption_key",
					   "smtp.password",
					   "passphrase",
					   "SSHPASS" };
	static const char *const no[] = { "PWD",        "OLDPWD",     "password_file",
					  "TOKEN_TYPE", "KEY",        "public_key",
					  "key",        "compass",    "bypass",
					  "tokens",     "max_tokens", "secretary",
					  "PATH",       "",           "-",
					  "token_id" };

	(void)unused;
	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		assert_true(find_name_is_secret(str_of(yes[i])));
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		assert_false(find_name_is_secret(str_of(no[i])));
}

static void values_of_secret_names(void **unused)
{
	(void)unused;
	ENV("A=b\0DB_PASSWORD=hun ter=2\0C=d", "password[hun ter=2]");
	ENV("TOKEN=", "");
	ENV("PASSWORD=true", "");
	ENV("PASSWORD=********", "");
	ENV("PASSWORD_FILE=/run/secrets/x", "");
	ENV("SECRET_KEY=/etc/ssl/private.pem", "");
	ENV("SECRET_TOKEN=${OTHER}", "");
	ENV("AWS_SECRET_ACCESS_KEY=" A40, "aws-secret[" A40 "]");
	ENV("PWD=/srv/x\0OLDPWD=/srv/y", "");
	ENV("USER=jdoe\0LOGNAME=root\0SUDO_USER=jdoe", "user[jdoe] user[jdoe]");
	PLAIN("{\"password\": \"hunter\\\"2\", \"x\": 1}", "password[hunter\\\"2]");
	PLAIN("{\\\"password\\\": \\\"hunter2\\\", \\\"x\\\": 1}", "password[hunter2]");
	PLAIN("password = hunter2; token: abc, x", "password[hunter2] password[abc]");
	PLAIN("GET /x?token=abcd1234&y=1", "password[abcd1234]");
	PLAIN("rw,username=jdoe,password=hunter2,uid=0", "user[jdoe] password[hunter2]");
	PLAIN("{\"auth\": \"dXNlcjpwYXNzd29yZA==\"}", "password[dXNlcjpwYXNzd29yZA==]");
	NOTHING("auth=none auth: ok auth::basic");
	NOTHING("cat: /run/secrets/token: No such file");
	NOTHING("/run/secrets/token:/run/x:ro");
	NOTHING("std::token::x a=b = : :: =");
}

static void arguments_take_secrets(void **unused)
{
	(void)unused;
	ARGS("/usr/bin/mysql", "-u\0root\0-phunter2\0db", "password[hunter2]");
	ARGS("mysql", "-p\0db", "");
	ARGS("mkdir", "-p\0/srv/data", "");
	ARGS("docker",
	     "run\0-p\0"
	     "8080:80",
	     "");
	ARGS("docker", "login\0-u\0me\0-p\0hunter2", "password[hunter2]");
	ARGS("sshpass", "-p\0hunter2\0ssh\0box", "password[hunter2]");
	ARGS("sudo", "redis-cli\0-a\0hunter2", "password[hunter2]");
	ARGS("curl", "-u\0jdoe:hunter2\0https://x", "user[jdoe] password[hunter2]");
	ARGS("curl", "-ujdoe:hunter2", "user[jdoe] password[hunter2]");
	ARGS("curl", "-b\0sid=abcdef; b=c", "cookie[abcdef] cookie[c]");
	ARGS("ssh", "-l\0jdoe\0box", "user[jdoe]");
	ARGS("ssh",
	     "jdoe@10.0.0.1\0-p\0"
	     "22",
	     "user[jdoe] private-address[10.0.0.1]");
	ARGS("sudo", "-u\0jdoe\0id", "user[jdoe]");
	ARGS("sudo", "-u\0postgres\0psql\0-Ujdoe", "user[jdoe]");
	ARGS("sudo", "-u\0#1000\0id", "");
	ARGS("tar", "-u\0jdoe", "");
	ARGS("smbclient", "-U\0jdoe%hunter2", "user[jdoe] password[hunter2]");
	ARGS("x", "--password\0hunter2", "password[hunter2]");
	ARGS("x", "--password\0--verbose", "");
	ARGS("x", "--password=two words", "password[two words]");
	ARGS("x", "-token=abc123", "password[abc123]");
	ARGS("aws", "configure\0set\0aws_secret_access_key\0" A40, "aws-secret[" A40 "]");
	ARGS("grep", "password\0file", "");
	ARGS("openssl", "-passin\0pass:hunter2", "password[hunter2]");
	ARGS("openssl", "-pass\0pass:hunter2", "password[hunter2] password[hunter2]");
	ARGS("sh", "-c\0mysql -phunter2 db; PGPASSWORD=abc123 psql",
	     "password[hunter2] password[abc123]");
	ARGS("bash", "-c\0true && sudo mysqldump '-phunter2' | gzip", "password[hunter2]");
	ARGS("sh", "-c\0app --api-key k123456 --x", "password[k123456]");
}

static void the_web(void **unused)
{
	(void)unused;
	PLAIN("https://jdoe:hunter2@x.example/y", "user[jdoe] url-password[hunter2]");
	PLAIN("https://root:p@ss@x/y", "url-password[p@ss]");
	PLAIN("git clone https://" A20 "@x/y", "url-password[" A20 "]");
	PLAIN("DSN=jdoe:hunter2@tcp(127.0.0.1:3306)/db", "user[jdoe] url-password[hunter2]");
	PLAIN("https://x/y?sv=1&sig=abc%2Fdef", "password[abc%2Fdef]");
	NOTHING("kill sig=9 x@tcp y @tcp( :@unix(");
	NOTHING("https://git@x/y ssh://git@x http://x/y?a=b@c http://x:80/");
	PLAIN("Authorization: Bearer " A20, "auth-header[" A20 "] auth-header[" A20 "]");
	PLAIN("'authorization': 'Basic dTpw'", "auth-header[dTpw]");
	PLAIN("Proxy-Authorization: abc", "auth-header[abc]");
	NOTHING("authorization is needed; Bearer tokens");
	PLAIN("Cookie: a=hello; b=world\r\nx", "cookie[hello] cookie[world]");
	PLAIN("Set-Cookie: a=hello; Path=/; HttpOnly", "cookie[hello]");
	NOTHING("cookie: none");
}

static void people_and_places(void **unused)
{
	(void)unused;
	PLAIN("to j.doe@example.org.", "email[j.doe@example.org]");
	NOTHING("getty@tty1.service icon@2x.png git@example.org root@example.org @types/x a@b");
	NOTHING("pkg@1.2.3 user@1000.service");
	PATH("/home/jdoe/x", "user[jdoe]");
	PATH("/home/jdoe", "user[jdoe]");
	PATH("/var/spool/cron/crontabs/jdoe", "user[jdoe]");
	PATH("/home/ubuntu/x", "");
	PATH("/home/.snapshots", "");
	PATH("/home/", "");
	ARGS("cat", "jdoe@box:x\0~jdoe/y", "user[jdoe] user[jdoe]");
	PLAIN("db1.corp.internal:5432", "host[db1.corp.internal]");
	PLAIN("http://db1.lan/x", "host[db1.lan]");
	NOTHING("/home/.local/x kubernetes.default.svc.cluster.local www.example.org .internal");
	check(str_of("jdoe"), TEXT_USER, "", "user[jdoe]");
	check(str_of("www-data"), TEXT_USER, "", "");
	check(STR("box7\0x"), TEXT_HOST, "", "host[box7]");
	check(str_of("localhost"), TEXT_HOST, "", "");
}

static void cards(void **unused)
{
	(void)unused;
	PLAIN("card 4111 1111 1111 1111 x", "card[4111 1111 1111 1111]");
	PLAIN("4111-1111-1111-1111", "card[4111-1111-1111-1111]");
	PLAIN("378282246310005", "card[378282246310005]");
	NOTHING("4111111111111112 x4111111111111111 41111111111111111 9111111111111111");
}

static void addresses(void **unused)
{
	(void)unused;
	PLAIN("8.8.8.8:53->9.9.9.9:1", "address[8.8.8.8] address[9.9.9.9]");
	PLAIN("(8.8.8.8), 8.8.8.8/24 8.8.8.8.",
	      "address[8.8.8.8] address[8.8.8.8] address[8.8.8.8]");
	ARGS("mysql", "-h8.8.8.8", "address[8.8.8.8]");
	PLAIN("10.1.2.3 192.168.0.1", "private-address[10.1.2.3] private-address[192.168.0.1]");
	NOTHING("127.0.0.1 169.254.169.254 0.0.0.0 255.255.255.255 224.0.0.1 192.0.2.1 240.1.2.3");
	NOTHING("lib-1.2.3.4.so v1.2.3.4 1.2.3.4.5 1.2.3.456 1.2.3 x1.2.3.4");
	PLAIN("[2a00:1450:4001::8a]:443", "address[2a00:1450:4001::8a]");
	PLAIN("::ffff:8.8.8.8", "address[::ffff:8.8.8.8]");
	PLAIN("fd00::1", "private-address[fd00::1]");
	PLAIN("fe80::3e7c:3fff:fe12:3456", "address[fe80::3e7c:3fff:fe12:3456]");
	NOTHING("::1 fe80::1 ff02::1 2001:db8::1 std::abc a::b 12:34:56 :: 1:2");
	PLAIN("link 3c:7c:3f:12:34:56 3C-7C-3F-12-34-56",
	      "mac[3c:7c:3f:12:34:56] mac[3C-7C-3F-12-34-56]");
	NOTHING("00:00:00:00:00:00 ff:ff:ff:ff:ff:ff 02:00:5e:01:02:03 3c:7c:3f:12:34:56:78 3c:7c:3f:12:34");
}

static void only_what_is_on_is_looked_for(void **unused)
{
	struct detector_set s;
	struct str wrong;

	(void)unused;
	detector_set_default(&s);
	assert_true(s.on[DETECT_GITHUB] && !s.on[DETECT_PRIVATE_IP]);
	assert_true(detector_set_change(&s, STR("all"), false, &wrong));
	assert_true(detector_set_change(&s, STR("user,mac"), true, &wrong));
	assert_true(s.on[DETECT_USER] && s.on[DETECT_MAC] && !s.on[DETECT_GITHUB]);
	assert_false(detector_set_change(&s, STR("user,nope"), true, &wrong));
	assert_str(wrong, "nope");
	assert_true(detector_set_change(&s, STR("default"), true, &wrong));
	assert_true(s.on[DETECT_GITHUB] && !s.on[DETECT_PRIVATE_IP]);
}

/* Hostile texts: nothing is read outside of them, and time is linear (a second would be far off).
 */
static void any_bytes_are_looked_at_in_linear_time(void **unused)
{
	static const char *const pieces[] = {
		"token=",
		"a:",
		"=",
		":",
		"@",
		"://",
		"password: \"",
		"-----BEGIN ",
		"ssh-rsa AAAA",
		"$6$",
		"1.",
		"1:",
		"::",
		"aa:",
		"4111 ",
		"/home/",
		"~a",
		"cookie: ",
		"a=b;",
		"authorization:",
		"bearer ",
		"eyJaaaaaaaa.",
		("gh"
		 "p_"),
		"a@b.c",
		"\\\"",
		"' '",
		"-p ",
		"x.internal",
		"\xff\xfe",
		"sh -c ;|&",
		"-----BEGIN PRIVATE KEY-----",
	};
	struct strbuf text = STRBUF_INIT, got = STRBUF_INIT;

	(void)unused;
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++)
		for (int form = 0; form < TEXT_FORM_N; form++) {
			findings found = { 0 };
			struct find f;

			strbuf_reset(&text);
			while (text.n < 100000)
				strbuf_adds(&text, pieces[i]);
			find_init(&f, &all);
			f.text = strbuf_str(&text);
			f.program = STR("mysql");
			f.out = &found;
			find_all(&f, (enum text_form)form);
			for (size_t k = 0; k < found.n; k++)
				assert_true(found.v[k].at + found.v[k].n <= text.n);
			vec_free(&found);
		}
	/* and with every end */
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++)
		for (size_t n = 0; n <= strlen(pieces[i]); n++)
			for (int form = 0; form < TEXT_FORM_N; form++) {
				char *exact = malloc(n + 1); /* so that a sanitizer sees its end */

				memcpy(exact, pieces[i], n);
				exact = realloc(exact, n ? n : 1);
				strbuf_reset(&got);
				found_in(str_mem(exact, n), (enum text_form)form, "curl", &got);
				free(exact);
			}
	strbuf_release(&text);
	strbuf_release(&got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tokens_are_known_by_their_prefix),
		cmocka_unit_test(a_token_that_was_cut_is_found),
		cmocka_unit_test(web_tokens),
		cmocka_unit_test(keys_and_hashes),
		cmocka_unit_test(names_tell_secrets),
		cmocka_unit_test(values_of_secret_names),
		cmocka_unit_test(arguments_take_secrets),
		cmocka_unit_test(the_web),
		cmocka_unit_test(people_and_places),
		cmocka_unit_test(cards),
		cmocka_unit_test(addresses),
		cmocka_unit_test(only_what_is_on_is_looked_for),
		cmocka_unit_test(any_bytes_are_looked_at_in_linear_time),
	};

	for (size_t i = 0; i < DETECT_N; i++)
		all.on[i] = true;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
