#include "capture/snapshot_host.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdio.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "capture/proc_file.h"

#define MAX_DATABASE (16u << 20)
#define MAX_TEXT     255 /* what readers of .scap take */

static uint64_t clock_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

void snapshot_machine(const char *root, struct snapshot *s)
{
	struct strbuf path = STRBUF_INIT, text = STRBUF_INIT;
	struct sysinfo info;
	struct utsname un;

	s->machine.present = true;
	s->machine.n_cpus = (uint32_t)sysconf(_SC_NPROCESSORS_ONLN);
	if (sysinfo(&info) == 0)
		s->machine.memory_bytes = (uint64_t)info.totalram * info.mem_unit;
	if (uname(&un) == 0)
		s->machine.hostname = arena_str(&s->arena, str_of(un.nodename));
	strbuf_addf(&path, "%s/proc/sys/kernel/pid_max", root);
	if (proc_read(AT_FDCWD, path.s, 64, &text) == 0)
		s->machine.max_pid = proc_number(strbuf_str(&text), 0, 10);
	s->machine.boot_ts = clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_BOOTTIME);
	strbuf_release(&path);
	strbuf_release(&text);
}

static struct str keep(struct snapshot *s, struct str text)
{
	if (text.n > MAX_TEXT)
		text.n = MAX_TEXT;
	return arena_str(&s->arena, text);
}

/* Up to seven fields between colons; missing ones are empty. */
static void split_fields(struct str line, struct str fields[7])
{
	for (unsigned i = 0; i < 7; i++) {
		fields[i] = (struct str){ "", 0 };
		if (line.p)
			(void)str_split(&line, ':', &fields[i]);
	}
}

void snapshot_users(const char *root, struct snapshot *s)
{
	struct strbuf path = STRBUF_INIT, text = STRBUF_INIT;
	struct str rest, line, f[7];

	strbuf_addf(&path, "%s/etc/passwd", root);
	if (proc_read(AT_FDCWD, path.s, MAX_DATABASE, &text) == 0) {
		rest = strbuf_str(&text);
		while (str_split(&rest, '\n', &line)) {
			unsigned long long uid, gid;

			split_fields(line, f);
			if (!f[0].n || !str_to_u64(f[2], &uid) || !str_to_u64(f[3], &gid))
				continue;
			vec_push(&s->users,
				 ((struct snap_user){ (uint32_t)uid, (uint32_t)gid, keep(s, f[0]),
						      keep(s, f[5]), keep(s, f[6]) }));
		}
	}
	strbuf_reset(&path);
	strbuf_addf(&path, "%s/etc/group", root);
	if (proc_read(AT_FDCWD, path.s, MAX_DATABASE, &text) == 0) {
		rest = strbuf_str(&text);
		while (str_split(&rest, '\n', &line)) {
			unsigned long long gid;

			split_fields(line, f);
			if (f[0].n && str_to_u64(f[2], &gid))
				vec_push(&s->groups,
					 ((struct snap_group){ (uint32_t)gid, keep(s, f[0]) }));
		}
	}
	strbuf_release(&path);
	strbuf_release(&text);
}

static struct ipaddr address_of(const struct sockaddr *sa)
{
	struct ipaddr a = { 0 };

	if (sa && sa->sa_family == AF_INET) {
		a.n = 4;
		memcpy(a.b, &((const struct sockaddr_in *)(const void *)sa)->sin_addr, 4);
	} else if (sa && sa->sa_family == AF_INET6) {
		a.n = 16;
		memcpy(a.b, &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr, 16);
	}
	return a;
}

void snapshot_ifaces(struct snapshot *s)
{
	struct ifaddrs *list = NULL;

	if (getifaddrs(&list) < 0)
		return;
	for (struct ifaddrs *i = list; i; i = i->ifa_next) {
		struct snap_iface f = { 0 };

		f.addr = address_of(i->ifa_addr);
		if (!f.addr.n)
			continue;
		f.type = f.addr.n == 4 ? 1 : 2;
		f.mask = address_of(i->ifa_netmask);
		if (i->ifa_flags & IFF_BROADCAST)
			f.bcast = address_of(i->ifa_broadaddr);
		f.mask.n = f.bcast.n = f.addr.n;
		f.name = keep(s, str_of(i->ifa_name));
		vec_push(&s->ifaces, f);
	}
	freeifaddrs(list);
}
