#include "capture/capture_options.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/timefmt.h"
#include "capture/call_select.h"
#include "capture/packets.h"
#include "config.h"

#define DEFAULT_SNAPLEN        80
#define DEFAULT_PACKET_SNAPLEN 262144
#define DEFAULT_BUFFER         ((size_t)8 << 20)
#define DEFAULT_OUTPUT         "capture.eyas"

enum {
	KEY_SYSCALLS = 256,
	KEY_PID,
	KEY_COMM,
	KEY_UID,
	KEY_CONTAINER,
	KEY_ALL,
	KEY_SIGNALS,
	KEY_PACKETS,
	KEY_PACKET_SNAPLEN,
	KEY_BUFFER,
	KEY_FSYNC,
	KEY_ON_FULL,
	KEY_LEVEL,
	KEY_STATS,
	KEY_VERSION,
};

static const struct option_row rows[] = {
	{ 'o', "output", "FILE", "the trace (default: " DEFAULT_OUTPUT "); - is standard output" },
	{ KEY_SYSCALLS, "syscalls", "LIST",
	  "which calls: names, @classes, ! in front for not those" },
	{ KEY_PID, "pid", "PID", "only this process (repeatable)" },
	{ KEY_COMM, "comm", "NAME", "only threads of this name" },
	{ KEY_UID, "uid", "USER", "only this user (a name or a number)" },
	{ KEY_CONTAINER, "container", "ID", "only the cgroup whose name holds ID" },
	{ KEY_ALL, "all", NULL, "with a COMMAND: the whole system, not only the command's tree" },
	{ KEY_SIGNALS, "no-signals", NULL, "leave out the delivery of signals" },
	{ KEY_PACKETS, "packets", "IFACE[,FILTER]",
	  "record packets of this interface, too, those that a pcap FILTER names; may be repeated" },
	{ KEY_PACKET_SNAPLEN, "packet-snaplen", "N", "bytes kept of a packet (262144)" },
	{ 's', "snaplen", "N",
	  "bytes kept of a buffer (80), or KIND=N,... with file, socket, other" },
	{ 'd', "duration", "TIME", "stop after TIME (90, 5m, 1h)" },
	{ 'n', "events", "N", "stop after N events" },
	{ 'C', "max-size", "MB", "begin a new file after MB million bytes" },
	{ 'G', "rotate", "TIME", "begin a new file every TIME; FILE may hold %Y%m%d-%H%M%S (UTC)" },
	{ 'W', "max-files", "N", "keep the last N files, remove older ones" },
	{ KEY_BUFFER, "buffer", "SIZE", "size of the buffer of each CPU (8M)" },
	{ KEY_FSYNC, "fsync", "never|file|block",
	  "force to disk: never, each finished file, each block" },
	{ KEY_ON_FULL, "on-full", "stop|drop",
	  "when the disk is full: stop, or drop until there is room" },
	{ KEY_LEVEL, "level", "N", "zstd level of the trace (default: 3)" },
	{ KEY_STATS, "stats", NULL, "counters of each CPU at the end" },
	{ 'q', "quiet", NULL, "no progress, no summary: errors only" },
	{ KEY_VERSION, "version", NULL, "print the version and exit" },
	{ 0, NULL, NULL, NULL },
};

static const struct option_spec spec = {
	"eyas-capture [OPTION]... [-- COMMAND [ARGUMENT]...]",
	"Records the system calls of this host, or of one command and all it starts, into a trace.",
	rows,
	"Needs CAP_BPF and CAP_PERFMON, and for the snapshot CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH; all are given\n"
	"up once recording runs. Live: eyas-capture -o - | eyas replay -r rules.yaml -",
};

/* "8M", "512k", "1G" or bytes. */
static bool parse_size(struct str text, uint64_t *ret)
{
	unsigned long long v;
	unsigned shift = 0;

	if (text.n && strchr("kKmMgG", text.p[text.n - 1])) {
		char c = text.p[text.n - 1] | 0x20;

		shift = c == 'k' ? 10 : c == 'm' ? 20 : 30;
		text.n--;
	}
	if (!str_to_u64(text, &v) || v > UINT64_MAX >> shift)
		return false;
	*ret = v << shift;
	return true;
}

/* N, or KIND=N,... */
static bool parse_snaplen(struct str text, struct eyas_config *cfg)
{
	unsigned long long v;
	struct str item;

	if (str_chr(text, '=') < 0) {
		if (!str_to_u64(text, &v) || v > EYAS_SNAP_MAX)
			return false;
		cfg->snaplen = cfg->snaplen_file = cfg->snaplen_socket = cfg->snaplen_other =
			(uint32_t)v;
		return true;
	}
	while (str_split(&text, ',', &item)) {
		ptrdiff_t eq = str_chr(item, '=');
		struct str kind;

		if (eq < 0 || !str_to_u64(str_from(item, (size_t)eq + 1), &v) || v > EYAS_SNAP_MAX)
			return false;
		kind = (struct str){ item.p, (size_t)eq };
		if (str_eqz(kind, "file"))
			cfg->snaplen_file = (uint32_t)v;
		else if (str_eqz(kind, "socket"))
			cfg->snaplen_socket = (uint32_t)v;
		else if (str_eqz(kind, "other"))
			cfg->snaplen_other = (uint32_t)v;
		else
			return false;
	}
	cfg->snap_by_kind = 1;
	return true;
}

static bool parse_user(const char *text, uint32_t *ret)
{
	unsigned long long v;
	struct passwd *pw;

	if (str_to_u64(str_of(text), &v) && v <= UINT32_MAX) {
		*ret = (uint32_t)v;
		return true;
	}
	pw = getpwnam(text);
	if (!pw)
		return false;
	*ret = pw->pw_uid;
	return true;
}

static bool parse_count(const char *text, uint64_t *ret)
{
	unsigned long long v;

	if (!str_to_u64(str_of(text), &v) || !v)
		return false;
	*ret = v;
	return true;
}

/* The next power of two; a ring of the kernel is one, and at least a page. */
static size_t ring_size(uint64_t wanted)
{
	size_t n = 4096;

	while (n < wanted)
		n *= 2;
	return n;
}

static int take(struct option_state *st, int key, struct capture_options *o)
{
	struct eyas_config *cfg = &o->driver.config;
	struct strbuf error = STRBUF_INIT;
	const char *takes = NULL;
	uint64_t v = 0;

	switch (key) {
	case 'o':
		o->output.path = st->arg;
		return 0;
	case KEY_SYSCALLS:
		if (!call_select(str_of(st->arg), o->calls, &error)) {
			option_usage_error(st, "--syscalls: %s", error.s);
			strbuf_release(&error);
			return OPTION_ERROR;
		}
		o->driver.syscalls = o->calls;
		return 0;
	case KEY_PID:
		takes = "the number of a process";
		if (!parse_count(st->arg, &v) || v > INT32_MAX)
			break;
		vec_push(&o->pids, (uint32_t)v);
		cfg->select |= EYAS_SELECT_PID;
		return 0;
	case KEY_COMM:
		if (strlen(st->arg) > 15) {
			option_usage_error(
				st,
				"--comm: the kernel keeps 15 characters of a name, '%s' is longer",
				st->arg);
			return OPTION_ERROR;
		}
		strncpy(cfg->comm, st->arg, sizeof(cfg->comm) - 1);
		cfg->select |= EYAS_SELECT_COMM;
		return 0;
	case KEY_UID:
		if (!parse_user(st->arg, &cfg->uid)) {
			option_usage_error(st, "--uid: there is no user '%s'", st->arg);
			return OPTION_ERROR;
		}
		cfg->select |= EYAS_SELECT_UID;
		return 0;
	case KEY_CONTAINER:
		o->container = st->arg;
		cfg->select |= EYAS_SELECT_CGROUP;
		return 0;
	case KEY_ALL:
		o->whole_system = true;
		return 0;
	case KEY_SIGNALS:
		o->driver.signals = false;
		return 0;
	case KEY_PACKETS:
		if (!st->arg[0] || st->arg[0] == ',')
			break;
		if (o->packets.n == PACKETS_MAX_IFACES) {
			option_usage_error(st, "packets of at most %d interfaces are recorded",
					   PACKETS_MAX_IFACES);
			return OPTION_ERROR;
		}
		vec_push(&o->packets, (char *)(uintptr_t)st->arg);
		return 0;
	case KEY_PACKET_SNAPLEN:
		takes = "a number of bytes, 1 to 262144";
		if (!parse_count(st->arg, &v) || v > DEFAULT_PACKET_SNAPLEN)
			break;
		o->packet_snaplen = (int)v;
		return 0;
	case 's':
		if (!parse_snaplen(str_of(st->arg), cfg)) {
			option_usage_error(
				st,
				"'%s' is not a snap length: 0 to %d, or file=N,socket=N,other=N",
				st->arg, EYAS_SNAP_MAX);
			return OPTION_ERROR;
		}
		return 0;
	case 'd':
		takes = "a time above 0, such as 90, 5m or 1h";
		if (!duration_parse(str_of(st->arg), &o->duration_ns) || !o->duration_ns)
			break;
		return 0;
	case 'n':
		takes = "a number of events, from 1";
		if (!parse_count(st->arg, &o->max_events))
			break;
		return 0;
	case 'C':
		takes = "a whole number of million bytes, from 1";
		if (!parse_count(st->arg, &v) || v > UINT64_MAX / 1000000)
			break;
		o->output.max_bytes = v * 1000000;
		return 0;
	case 'G':
		takes = "a time above 0, such as 90, 5m or 1h";
		if (!duration_parse(str_of(st->arg), &o->output.interval_ns) ||
		    !o->output.interval_ns)
			break;
		return 0;
	case 'W':
		takes = "a number of files, 1 to 1000000";
		if (!parse_count(st->arg, &v) || v > 1000000)
			break;
		o->output.max_files = (unsigned)v;
		return 0;
	case KEY_BUFFER:
		if (!parse_size(str_of(st->arg), &v) || v < 65536 || v > (uint64_t)1 << 30) {
			option_usage_error(st, "'%s' is not a buffer size from 64k to 1G", st->arg);
			return OPTION_ERROR;
		}
		o->driver.ring_bytes = ring_size(v);
		return 0;
	case KEY_FSYNC:
		o->output.fsync = strcmp(st->arg, "block") == 0  ? FSYNC_BLOCK
				  : strcmp(st->arg, "file") == 0 ? FSYNC_FILE
								 : FSYNC_NEVER;
		takes = "never, file or block";
		if (o->output.fsync == FSYNC_NEVER && strcmp(st->arg, "never") != 0)
			break;
		return 0;
	case KEY_ON_FULL:
		takes = "stop or drop";
		o->drop_when_full = strcmp(st->arg, "drop") == 0;
		if (!o->drop_when_full && strcmp(st->arg, "stop") != 0)
			break;
		return 0;
	case KEY_LEVEL:
		takes = "1 to 19";
		if (!parse_count(st->arg, &v) || v > 19)
			break;
		o->output.level = (int)v;
		return 0;
	case KEY_STATS:
		o->stats = true;
		return 0;
	case 'q':
		o->quiet = true;
		return 0;
	case KEY_VERSION:
		puts("eyas-capture " PACKAGE_VERSION);
		return OPTION_EXIT;
	}
	option_bad_value(st, takes);
	return OPTION_ERROR;
}

/* Where the command begins: behind "--", or NULL. */
static char **find_command(int *argc, char **argv)
{
	for (int i = 1; i < *argc; i++) {
		if (strcmp(argv[i], "--") == 0) {
			*argc = i;
			return argv + i + 1;
		}
	}
	return NULL;
}

int capture_options_parse(int argc, char **argv, struct capture_options *ret)
{
	struct option_state st;
	char **command = find_command(&argc, argv);
	int key, r = 0;

	*ret = (struct capture_options){ 0 };
	ret->output.path = DEFAULT_OUTPUT;
	ret->driver.ring_bytes = DEFAULT_BUFFER;
	ret->driver.signals = true;
	ret->packet_snaplen = DEFAULT_PACKET_SNAPLEN;
	ret->driver.config.snaplen = ret->driver.config.snaplen_file =
		ret->driver.config.snaplen_socket = ret->driver.config.snaplen_other =
			DEFAULT_SNAPLEN;
	option_init(&st, &spec, argc, argv);
	while (!r && (key = option_next(&st)) != OPTION_END)
		r = key < 0 ? key : take(&st, key, ret);
	if (!r && st.operands.n) {
		option_usage_error(&st, "what is '%s'? A command is given behind --",
				   st.operands.v[0]);
		r = OPTION_ERROR;
	}
	if (!r && command && !command[0]) {
		option_usage_error(&st, "there is no command behind --");
		r = OPTION_ERROR;
	}
	if (!r && ret->output.max_files && !ret->output.max_bytes && !ret->output.interval_ns) {
		option_usage_error(&st, "-W needs -C or -G: there is only one file without");
		r = OPTION_ERROR;
	}
	if (!r && strcmp(ret->output.path, "-") == 0 &&
	    (ret->output.max_bytes || ret->output.interval_ns)) {
		option_usage_error(&st, "standard output cannot be divided into files (-C, -G)");
		r = OPTION_ERROR;
	}
	option_free(&st);
	if (r) {
		capture_options_free(ret);
		return r;
	}
	ret->command = command;
	if (command && !ret->whole_system)
		ret->driver.config.select |= EYAS_SELECT_TREE;
	return 0;
}

void capture_options_free(struct capture_options *o)
{
	vec_free(&o->pids);
	vec_free(&o->packets);
}
