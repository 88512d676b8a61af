/*
 * Values of fields over a small made-up system: systemd (1) → bash (100) → cat (200, two
 * threads), a container, and a few events. `say` gives a field's text, "-" when it is missing.
 */
#include "unit.h"

#include "base/arena.h"
#include "base/cursor.h"
#include "base/json_writer.h"
#include "fields/field.h"

#define START UINT64_C(1600000000000000000)

struct world {
	struct snapshot snap;
	struct state *st;
	struct field_env env;
	struct event ev;
	struct event_ctx ctx;
	struct arena arena;
	struct param params[32];
	uint8_t bytes[2048];
	size_t used;
	struct strbuf text;
	uint64_t ts;
	bool open; /* an event is in hand */
};

static struct snap_thread *add_thread(struct world *w, uint64_t tid, uint64_t pid, uint64_t ptid,
				      const char *comm, struct str args)
{
	struct snap_thread *t = vec_add(&w->snap.threads);

	snap_thread_defaults(t);
	t->has = SNAP_HAS_SID | SNAP_HAS_VPGID | SNAP_HAS_EXEPATH | SNAP_HAS_ENV | SNAP_HAS_VTID;
	t->tid = tid;
	t->pid = pid;
	t->ptid = ptid;
	t->vtid = (int64_t)tid;
	t->vpid = (int64_t)pid;
	t->sid = 100;
	t->vpgid = (int64_t)pid;
	t->comm = str_of(comm);
	t->exe = str_of(arena_printf(&w->snap.arena, "./%s", comm));
	t->exepath = str_of(arena_printf(&w->snap.arena, "/usr/bin/%s", comm));
	t->args = args;
	t->env = STR("HOME=/home/ada\0EMPTY=\0PADDED=  x \0");
	t->cwd = STR("/home/ada/");
	t->root = STR("/");
	t->cgroups = STR("cpuset=/a\0memory=/b\0");
	t->fdlimit = 1024;
	t->uid = 1000;
	t->gid = 1000;
	return t;
}

static void add_fd(struct world *w, uint64_t tid, int64_t num, uint8_t type, const char *name)
{
	struct snap_fd *f = vec_add(&w->snap.fds);

	f->tid = tid;
	f->fd = num;
	f->type = type;
	f->name = str_of(name);
}

static int setup(void **state)
{
	static const uint8_t peer[2][4] = { { 10, 0, 0, 1 }, { 10, 0, 0, 2 } };
	struct world *w = calloc(1, sizeof(*w));
	struct state_options so;
	struct snap_thread *t;

	snapshot_init(&w->snap);
	strbuf_init(&w->text);
	t = add_thread(w, 1, 1, 0, "systemd", STR(""));
	t->sid = 1;
	t->uid = t->gid = 0;
	add_thread(w, 100, 100, 1, "bash", STR("-l\0"));
	add_thread(w, 200, 200, 100, "cat", STR("-n\0/etc/hosts\0"));
	t = add_thread(w, 201, 200, 100, "worker", STR("-n\0/etc/hosts\0"));
	t->flags = THREAD_CLONE_THREAD | THREAD_CLONE_FILES;
	vec_push(&w->snap.fd_tids, 200);
	add_fd(w, 200, 0, FD_FILE_V2, "/dev/pts/3");
	add_fd(w, 200, 3, FD_DIRECTORY, "/srv/data");
	add_fd(w, 200, 4, FD_IPV4_SOCK, "");
	struct snap_fd *f = &w->snap.fds.v[w->snap.fds.n - 1];
	f->sip.n = f->dip.n = 4;
	memcpy(f->sip.b, peer[0], 4);
	memcpy(f->dip.b, peer[1], 4);
	f->sport = 40000;
	f->dport = 443;
	f->l4proto = L4_TCP;
	add_fd(w, 200, 5, FD_FIFO, "pipe:[77]");
	struct snap_user *u = vec_add(&w->snap.users);
	*u = (struct snap_user){ 1000, 1000, STR("ada"), STR("/home/ada"), STR("/bin/zsh") };
	struct snap_group *g = vec_add(&w->snap.groups);
	*g = (struct snap_group){ 1000, STR("staff") };

	state_options_default(&so);
	w->st = state_new(&so);
	state_load(w->st, &w->snap);
	w->env = (struct field_env){
		.ctx = &w->ctx, .arena = &w->arena, .memory = field_state_new(), .for_output = true
	};
	w->ts = START;
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	if (w->open)
		state_end(w->st, &w->ctx);
	field_state_free(w->env.memory);
	state_free(w->st);
	snapshot_free(&w->snap);
	arena_destroy(&w->arena);
	strbuf_release(&w->text);
	free(w);
	return 0;
}

/* Begins an event of a type; its parameters are then appended one by one. */
static void begin(struct world *w, unsigned type, int64_t tid)
{
	if (w->open)
		state_end(w->st, &w->ctx);
	w->open = false;
	w->used = 0;
	w->ts += 1000;
	w->ev = (struct event){ .ts = w->ts,
				.tid = tid,
				.type = (uint16_t)type,
				.cpu = 2,
				.params = w->params,
				.info = event_info(type) };
}

static void bytes(struct world *w, const void *p, size_t n)
{
	if (n)
		memcpy(w->bytes + w->used, p, n);
	w->params[w->ev.n_params++] = (struct param){ w->bytes + w->used, (uint32_t)n };
	w->used += n;
}

/* A number of the size the parameter's type has. */
static void number(struct world *w, int64_t v)
{
	unsigned size = param_type_size(w->ev.info->params[w->ev.n_params].type);
	uint8_t le[8];

	put_le64(le, (uint64_t)v);
	bytes(w, le, size);
}

static void string(struct world *w, const char *z)
{
	bytes(w, z, strlen(z) + 1);
}

static void go(struct world *w)
{
	while (w->ev.n_params < w->ev.info->n_params)
		bytes(w, "", 0);
	state_begin(w->st, &w->ev, &w->ctx);
	w->open = true;
}

static void do_openat(struct world *w, int64_t fd, int64_t dirfd, const char *path, int64_t flags)
{
	begin(w, EVT_SYSCALL_OPENAT_2_X, 200);
	number(w, fd);
	number(w, dirfd);
	string(w, path);
	number(w, flags);
	number(w, 0644);
	number(w, 0x801);
	number(w, 4711);
	go(w);
}

static void do_read(struct world *w, int64_t fd, const char *data)
{
	begin(w, EVT_SYSCALL_READ_X, 200);
	number(w, (int64_t)strlen(data));
	bytes(w, data, strlen(data));
	number(w, fd);
	number(w, 4096);
	go(w);
}

static bool resolve(const char *text, struct field_ref *ref, struct arena *a)
{
	struct str name = str_of(text), arg = { NULL, 0 };
	ptrdiff_t at = str_chr(name, '[');

	if (at >= 0) {
		arg = (struct str){ text + at + 1, name.n - (size_t)at - 2 };
		name.n = (size_t)at;
	}
	return field_resolve(name, arg.p != NULL, arg, a, ref) == NULL;
}

static const char *say(struct world *w, const char *field)
{
	struct values vals = { .arena = &w->arena };
	struct field_ref ref;

	if (!resolve(field, &ref, &w->arena))
		return "?";
	if (!field_extract(&ref, &w->env, &vals))
		return "-";
	strbuf_reset(&w->text);
	values_text(&ref, &vals, &w->text);
	return w->text.s;
}

/* The values a condition sees. */
static uint32_t count(struct world *w, const char *field)
{
	struct values vals = { .arena = &w->arena };
	struct field_ref ref;

	assert_true(resolve(field, &ref, &w->arena));
	w->env.for_output = false;
	bool has = field_extract(&ref, &w->env, &vals);
	w->env.for_output = true;
	return has ? vals.n : 0;
}

struct row {
	const char *field, *text;
};

static void check(struct world *w, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *got = say(w, rows[i].field);

		if (strcmp(got, rows[i].text) != 0)
			fail_msg("%s is \"%s\", not \"%s\"", rows[i].field, got, rows[i].text);
	}
}

#define CHECK(w, rows) check((w), (rows), sizeof(rows) / sizeof((rows)[0]))

static void an_event_tells_what_it_is(void **state)
{
	static const struct row rows[] = {
		{ "evt.num", "1" },
		{ "evt.time", "12:26:40.000001000" },
		{ "evt.time.iso8601", "2020-09-13T12:26:40.000001000+0000" },
		{ "evt.rawtime.s", "1600000000" },
		{ "evt.rawtime.ns", "000001000" },
		{ "evt.reltime", "000000000" },
		{ "evt.type", "read" },
		{ "evt.type.is.read", "1" },
		{ "evt.type.is.open", "0" },
		{ "syscall.type", "read" },
		{ "evt.category", "file" },
		{ "evt.cpu", "2" },
		{ "evt.is_io_read", "true" },
		{ "evt.is_io_write", "false" },
		{ "evt.io_dir", "read" },
		{ "evt.res", "SUCCESS" },
		{ "evt.rawres", "5" },
		{ "evt.failed", "false" },
		{ "evt.buflen", "5" },
		{ "evt.buflen.file.in", "5" },
		{ "evt.buflen.net", "-" },
		{ "evt.buffer", "a.b.c" },
		{ "evt.arg.size", "4096" },
		{ "evt.arg[0]", "5" },
		{ "evt.arg[9]", "-" },
		{ "evt.arg.flags", "-" },
		{ "evt.rawarg.size", "4096" },
		{ "evt.source", "syscall" },
		{ "evt.asynctype", "-" },
		{ "evt.pluginname", "-" },
		{ "evt.dir", "<" },
		{ "evt.count.error.file", "0" },
		{ "evt.count.error.net", "-" },
	};

	(void)state;
	do_read(*state, 0, "a\nb\tc");
	CHECK((struct world *)*state, rows);
}

static void a_failed_call_names_its_error_and_its_path(void **state)
{
	static const struct row rows[] = {
		{ "evt.res", "ENOENT" },
		{ "evt.rawres", "-2" },
		{ "evt.failed", "true" },
		{ "evt.count.error.file", "1" },
		{ "fd.num", "-1" },
		{ "fd.name", "/home/ada/x" },
		{ "fd.nameraw", "../ada/x" }, /* slashes collapsed */
		{ "fd.directory", "/home/ada" },
		{ "fd.filename", "-" },
		{ "fd.type", "-" },
		{ "fd.typechar", "f" },
		{ "evt.is_open_read", "true" },
		{ "evt.is_open_write", "false" },
		{ "fs.path.nameraw", "../ada//x" },
		{ "evt.abspath", "/home/ada/x" },
	};

	do_openat(*state, -2, EVENT_AT_FDCWD, "../ada//x", 1);
	CHECK((struct world *)*state, rows);
}

static void an_opened_file_is_known_afterwards(void **state)
{
	static const struct row rows[] = {
		{ "fd.num", "7" },
		{ "fd.name", "/srv/data/log" },
		{ "fd.nameraw", "log" },
		{ "fd.directory", "/srv/data" },
		{ "fd.filename", "log" },
		{ "fd.type", "file" },
		{ "fd.typechar", "f" },
		{ "fd.dev.major", "8" },
		{ "fd.dev.minor", "1" },
		{ "fd.dev", "801" },
		{ "fd.ino", "4711" },
		{ "fd.uid", "2007" },
		{ "fd.l4proto", "<NA>" },
		{ "fd.sockfamily", "-" },
		{ "fd.name_changed", "true" },
		{ "fs.path.name", "/srv/data/log" },
		{ "evt.is_open_write", "true" },
		{ "evt.is_open_exec", "false" },
		{ "evt.args", "fd=7(<f>/srv/data/log) dirfd=3(<d>/srv/data) "
			      "name=log(/srv/data/log) flags=6(O_CREAT|O_WRONLY) mode=0644 "
			      "dev=801 ino=4711" },
	};

	do_openat(*state, 7, 3, "log", 6);
	CHECK((struct world *)*state, rows);
}

static void a_process_and_its_ancestors_are_known(void **state)
{
	static const struct row rows[] = {
		{ "proc.name", "cat" },
		{ "proc.exe", "./cat" },
		{ "proc.exepath", "/usr/bin/cat" },
		{ "proc.args", "-n /etc/hosts" },
		{ "proc.args[1]", "/etc/hosts" },
		{ "proc.args[9]", "" },
		{ "proc.cmdline", "cat -n /etc/hosts" },
		{ "proc.exeline", "./cat -n /etc/hosts" },
		{ "proc.cmdnargs", "2" },
		{ "proc.cmdlenargs", "12" },
		{ "proc.pid", "200" },
		{ "proc.ppid", "100" },
		{ "proc.pname", "bash" },
		{ "proc.pcmdline", "bash -l" },
		{ "proc.aname", "bash systemd" },
		{ "proc.aname[0]", "cat" },
		{ "proc.aname[2]", "systemd" },
		{ "proc.aname[3]", "-" },
		{ "proc.apid", "200" },
		{ "proc.apid[1]", "100" },
		{ "proc.aargs", "-l " },
		{ "proc.loginshellid", "100" },
		{ "proc.sname", "bash" },
		{ "proc.is_sid_leader", "false" },
		{ "proc.is_vpgid_leader", "true" },
		{ "proc.vpgid.exe", "./cat" },
		{ "proc.env", "HOME=/home/ada EMPTY= PADDED=  x " },
		{ "proc.env[HOME]", "/home/ada" },
		{ "proc.env[PADDED]", "x" },
		{ "proc.env[NONE]", "" },
		{ "proc.aenv[HOME]", "/home/ada" },
		{ "proc.cwd", "/home/ada/" },
		{ "proc.fdopencount", "4" },
		{ "proc.fdlimit", "1024" },
		{ "proc.fdusage", "0.4" },
		{ "proc.stdin.name", "/dev/pts/3" },
		{ "proc.stdin.type", "file" },
		{ "proc.stdout.name", "-" },
		{ "proc.duration", "-" },
		{ "proc.nthreads", "2" },
		{ "proc.nchilds", "1" },
		{ "thread.tid", "200" },
		{ "thread.ismain", "true" },
		{ "thread.nametid", "cat200" },
		{ "thread.cgroup.memory", "/b" },
		{ "thread.cgroup.pids", "-" },
		{ "thread.cgroups", "cpuset=/a memory=/b" },
		{ "user.name", "ada" },
		{ "user.shell", "/bin/zsh" },
		{ "user.uid", "1000" },
		{ "group.name", "staff" },
		{ "container.id", "host" },
		{ "container.name", "host" },
		{ "container.image", "-" },
		{ "container.privileged", "-" },
		{ "k8s.pod.name", "-" },
	};
	struct world *w = *state;

	do_read(w, 0, "x");
	CHECK(w, rows);
	assert_int_equal(count(w, "proc.aname"), 2);
	assert_int_equal(count(w, "proc.apid"), 2);
}

static void a_connection_has_ends(void **state)
{
	static const struct row rows[] = {
		{ "fd.type", "ipv4" },
		{ "fd.name", "10.0.0.1:40000->10.0.0.2:443" },
		{ "fd.cip", "10.0.0.1" },
		{ "fd.sip", "10.0.0.2" },
		{ "fd.cport", "40000" },
		{ "fd.sport", "443" },
		{ "fd.cproto", "40000" },
		{ "fd.l4proto", "tcp" },
		{ "fd.sockfamily", "ip" },
		{ "fd.snet", "<IPNET>" },
		{ "fd.ip", "-" }, /* two values: for conditions only */
		{ "fd.cip.name", "-" },
		{ "evt.category", "net" },
		{ "evt.buflen.net.in", "2" },
	};
	struct world *w = *state;

	do_read(w, 4, "hi");
	CHECK(w, rows);
	assert_int_equal(count(w, "fd.ip"), 2);
	assert_int_equal(count(w, "fd.port"), 2);
	assert_int_equal(count(w, "fd.net"), 2);
}

static void all_types_of_descriptors_are_listed_once(void **state)
{
	struct world *w = *state;

	do_read(w, 5, "x");
	assert_string_equal(say(w, "fd.types"), "(file,directory,ipv4,pipe)");
	assert_string_equal(say(w, "fd.types[3]"), "(directory)");
	assert_string_equal(say(w, "fd.types[99]"), "-");
	assert_string_equal(say(w, "evt.category"), "ipc");
}

static void a_call_with_two_paths_has_source_and_target(void **state)
{
	struct world *w = *state;

	begin(w, EVT_SYSCALL_RENAME_X, 200);
	number(w, 0);
	string(w, "a");
	string(w, "/b");
	go(w);
	assert_string_equal(say(w, "fs.path.source"), "/home/ada/a");
	assert_string_equal(say(w, "fs.path.sourceraw"), "a");
	assert_string_equal(say(w, "fs.path.target"), "/b");
	assert_string_equal(say(w, "fs.path.name"), "-");
	assert_string_equal(say(w, "fd.name"), "-");
	begin(w, EVT_SYSCALL_RENAME_X, 200);
	number(w, -13);
	string(w, "a");
	string(w, "/b");
	go(w);
	assert_string_equal(say(w, "fs.path.source"), "-");
}

static void polled_descriptors_are_listed(void **state)
{
	struct world *w = *state;
	uint8_t list[22] = { 2, 0 };

	put_le64(list + 2, 4);
	put_le64(list + 12, 99);
	begin(w, EVT_SYSCALL_POLL_X, 200);
	number(w, 1);
	bytes(w, list, sizeof(list));
	go(w);
	assert_string_equal(say(w, "fdlist.nums"), "4,99");
	assert_string_equal(say(w, "fdlist.names"), "10.0.0.1:40000->10.0.0.2:443,<NA>");
	assert_string_equal(say(w, "fdlist.cips"), "10.0.0.1");
	assert_string_equal(say(w, "fdlist.sports"), "443");
}

static void a_memory_belongs_to_one_use_of_a_field(void **state)
{
	struct world *w = *state;
	struct values vals = { .arena = &w->arena };
	struct field_ref a, b;

	assert_true(resolve("evt.deltatime", &a, &w->arena));
	b = a;
	b.id = 1;
	do_read(w, 0, "x");
	assert_true(field_extract(&a, &w->env, &vals));
	assert_int_equal(vals.v[0].u, 0);
	do_read(w, 0, "x");
	vals.n = 0;
	assert_true(field_extract(&b, &w->env, &vals));
	assert_int_equal(vals.v[0].u, 0);
	vals.n = 0;
	assert_true(field_extract(&a, &w->env, &vals));
	assert_int_equal(vals.v[0].u, 1000);
}

static void json_has_numbers_times_and_lists(void **state)
{
	static const struct row rows[] = {
		{ "evt.time", "1600000000000001000" },
		{ "evt.num", "1" },
		{ "evt.is_io", "true" },
		{ "proc.fdusage", "0.390625" },
		{ "fd.types", "[\"file\", \"directory\", \"ipv4\", \"pipe\"]" },
		{ "fd.dev", "\"0\"" },
		{ "proc.name", "\"cat\"" },
		{ "evt.buffer", "\"a.b\"" },
	};
	struct world *w = *state;
	struct strbuf sb = STRBUF_INIT;

	do_read(w, 0, "a\nb");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct values vals = { .arena = &w->arena };
		struct json_writer jw;
		struct field_ref ref;

		json_init(&jw, &sb);
		assert_true(resolve(rows[i].field, &ref, &w->arena));
		assert_true(field_extract(&ref, &w->env, &vals));
		values_json(&ref, &vals, &jw);
		assert_strbuf(&sb, rows[i].text);
	}
	strbuf_release(&sb);
}

static void an_unknown_thread_has_no_fields(void **state)
{
	struct world *w = *state;

	begin(w, EVT_PROCEXIT_1_E, 999);
	number(w, 0);
	go(w);
	assert_string_equal(say(w, "proc.name"), "-");
	assert_string_equal(say(w, "user.name"), "-");
	assert_string_equal(say(w, "fd.name"), "-");
	assert_string_equal(say(w, "container.id"), "-");
	assert_string_equal(say(w, "thread.tid"), "999");
}

/* A process in a container that a container event describes. */
static void a_container_is_known_by_its_metadata(void **state)
{
	static const struct row rows[] = {
		{ "container.id", "0123456789ab" },
		{ "container.full_id", "0123456789abcdef" },
		{ "container.name", "web" },
		{ "container.image", "registry/nginx:1.25" },
		{ "container.image.repository", "registry/nginx" },
		{ "container.image.tag", "1.25" },
		{ "container.privileged", "true" },
		{ "container.mounts", "/src:/dst:ro:false:rprivate,/var/run:/run::true:" },
		{ "container.mount[1]", "/var/run:/run::true:" },
		{ "container.mount[/src]", "/src:/dst:ro:false:rprivate" },
		{ "container.mount[9]", "-" },
		{ "container.mount.source[/dst]", "/src" },
		{ "container.mount.dest[/src]", "/dst" },
		{ "container.mount.rdwr[0]", "false" },
		{ "container.label[team]", "blue" },
		{ "container.label[none]", "-" },
		{ "container.labels", "team:blue" },
		{ "container.ip", "10.1.2.3" },
		{ "k8s.pod.name", "web-1" },
		{ "k8s.ns.name", "prod" },
		{ "k8s.pod.uid", "u-1" },
		{ "k8s.rc.name", "-" },
		{ "proc.name", "cat" },
		{ "user.name", "<NA>" },
		{ "fd.containername", "0123456789ab:/dev/pts/3" },
	};
	static const char json[] =
		"{\"container\":{\"id\":\"0123456789ab\",\"full_id\":\"0123456789abcdef\","
		"\"name\":\"web\",\"type\":0,\"image\":\"registry/nginx:1.25\","
		"\"imagerepo\":\"registry/nginx\",\"imagetag\":\"1.25\",\"ip\":\"10.1.2.3\","
		"\"privileged\":true,\"Mounts\":[{\"Source\":\"/src\",\"Destination\":\"/dst\","
		"\"Mode\":\"ro\",\"RW\":false,\"Propagation\":\"rprivate\"},"
		"{\"Source\":\"/var/run\",\"Destination\":\"/run\",\"Mode\":\"\",\"RW\":true,"
		"\"Propagation\":\"\"}],\"labels\":{\"team\":\"blue\","
		"\"io.kubernetes.pod.name\":\"web-1\",\"io.kubernetes.pod.namespace\":\"prod\","
		"\"io.kubernetes.pod.uid\":\"u-1\"}}}";
	struct world *w = *state;

	for (size_t i = 0; i < w->snap.threads.n; i++)
		if (w->snap.threads.v[i].pid == 200)
			w->snap.threads.v[i].cgroups = STR(
				"memory=/docker/0123456789ab0123456789ab0123456789ab0123456789ab0123456789abcdef");
	state_load(w->st, &w->snap);
	begin(w, EVT_CONTAINER_JSON_2_E, -1);
	string(w, json);
	go(w);
	do_read(w, 0, "x");
	CHECK(w, rows);
}

/* No field may crash on any event, however short its parameters are. */
static void every_field_stands_every_event(void **state)
{
	struct world *w = *state;

	for (unsigned type = 0; type < EVENT_N_TYPES; type++) {
		if (!event_info(type))
			continue;
		for (unsigned n = 0; n < 3; n++) {
			begin(w, type, n == 2 ? -1 : 200);
			while (n && w->ev.n_params < w->ev.info->n_params)
				bytes(w, "\1\0\0\0\0\0\0\0\0", n == 1 ? 8 : 1);
			state_begin(w->st, &w->ev, &w->ctx);
			w->open = true;
			arena_reset(&w->arena);
			for (size_t i = 0; i < field_count(); i++) {
				static const char *const args[] = { "", "[1]", "[x]", ".res" };

				for (size_t a = 0; a < 4; a++) {
					char name[80];
					snprintf(name, sizeof(name), "%s%s", field_at(i)->name,
						 args[a]);
					say(w, name);
				}
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
		TEST(an_event_tells_what_it_is),
		TEST(a_failed_call_names_its_error_and_its_path),
		TEST(an_opened_file_is_known_afterwards),
		TEST(a_process_and_its_ancestors_are_known),
		TEST(a_connection_has_ends),
		TEST(all_types_of_descriptors_are_listed_once),
		TEST(a_call_with_two_paths_has_source_and_target),
		TEST(polled_descriptors_are_listed),
		TEST(a_memory_belongs_to_one_use_of_a_field),
		TEST(json_has_numbers_times_and_lists),
		TEST(an_unknown_thread_has_no_fields),
		TEST(a_container_is_known_by_its_metadata),
		TEST(every_field_stands_every_event),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
