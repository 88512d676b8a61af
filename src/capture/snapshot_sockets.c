#include "capture/snapshot_sockets.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/hashmap.h"
#include "base/text.h"
#include "capture/proc_file.h"

#define MAX_TABLE  (64u << 20)
#define TCP_LISTEN 10
#define UNIX_NAME  7 /* word of /proc/net/unix */

struct socket_tables {
	struct u64map by_ino;     /* inode -> struct snap_fd *, all namespaces: inodes are unique */
	struct u64map namespaces; /* of which the tables were read */
	struct arena arena;
};

struct socket_tables *socket_tables_new(void)
{
	struct socket_tables *t = xcalloc(1, sizeof(*t));

	arena_init(&t->arena);
	return t;
}

void socket_tables_free(struct socket_tables *t)
{
	if (!t)
		return;
	u64map_free(&t->by_ino);
	u64map_free(&t->namespaces);
	arena_destroy(&t->arena);
	free(t);
}

/*
 * "0100007F:0016": the address as 32-bit words in the host's byte order, each printed as a number,
 * and the port. On a little-endian machine the bytes of each word come out turned round.
 */
static bool parse_end(struct str text, struct ipaddr *addr, uint16_t *port)
{
	ptrdiff_t colon = str_chr(text, ':');
	struct strbuf bytes = STRBUF_INIT;
	bool ok = false;

	if (colon != 8 && colon != 32)
		return false;
	if (hex_decode(&bytes, (struct str){ text.p, (size_t)colon })) {
		addr->n = (uint8_t)(colon / 2);
		for (unsigned i = 0; i < addr->n; i++) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
			addr->b[i] = (uint8_t)bytes.s[(i & ~3u) + 3 - (i & 3)];
#else
			addr->b[i] = (uint8_t)bytes.s[i];
#endif
		}
		*port = (uint16_t)proc_number(str_from(text, (size_t)colon + 1), 0, 16);
		ok = true;
	}
	strbuf_release(&bytes);
	return ok;
}

static bool is_zero(const struct ipaddr *a)
{
	static const uint8_t zero[16];

	return memcmp(a->b, zero, a->n) == 0;
}

static void read_inet(struct socket_tables *t, int dir, const char *name, uint8_t l4proto)
{
	struct strbuf text = STRBUF_INIT;
	struct str rest, line;

	if (proc_read(dir, name, MAX_TABLE, &text) == 0) {
		rest = strbuf_str(&text);
		(void)str_split(&rest, '\n', &line); /* the heading */
		while (rest.p && str_split(&rest, '\n', &line)) {
			struct snap_fd *f;
			uint64_t ino = proc_number(line, 9, 10);
			struct ipaddr local = { 0 }, remote = { 0 };
			uint16_t lport, rport;
			bool v4, server;

			if (!ino || !parse_end(proc_word(line, 1), &local, &lport) ||
			    !parse_end(proc_word(line, 2), &remote, &rport))
				continue;
			v4 = local.n == 4;
			server = l4proto == L4_TCP ? proc_number(line, 3, 16) == TCP_LISTEN
						   : is_zero(&remote) && !rport;
			f = arena_calloc(&t->arena, 1, sizeof(*f));
			f->type = (uint8_t)(server ? (v4 ? FD_IPV4_SERVSOCK : FD_IPV6_SERVSOCK)
						   : (v4 ? FD_IPV4_SOCK : FD_IPV6_SOCK));
			f->l4proto = l4proto;
			f->sip = local;
			f->sport = lport;
			f->dip = remote;
			f->dport = rport;
			f->name = (struct str){ "", 0 };
			(void)u64map_put(&t->by_ino, ino, f);
		}
	}
	strbuf_release(&text);
}

static void read_unix(struct socket_tables *t, int dir)
{
	struct strbuf text = STRBUF_INIT;
	struct str rest, line;

	if (proc_read(dir, "net/unix", MAX_TABLE, &text) == 0) {
		rest = strbuf_str(&text);
		(void)str_split(&rest, '\n', &line);
		while (rest.p && str_split(&rest, '\n', &line)) {
			struct str name = proc_word(line, UNIX_NAME);
			uint64_t ino = proc_number(line, 6, 10);
			struct snap_fd *f;

			if (!ino)
				continue;
			f = arena_calloc(&t->arena, 1, sizeof(*f));
			f->type = FD_UNIX_SOCK;
			/* "ffff...: ": the kernel hides the address, it is then 0 */
			f->unix_src = proc_number(line, 0, 16);
			/* a name may hold blanks: all that is left of the line */
			f->name = arena_str(
				&t->arena,
				name.n ? (struct str){ name.p, (size_t)(line.p + line.n - name.p) }
				       : name);
			(void)u64map_put(&t->by_ino, ino, f);
		}
	}
	strbuf_release(&text);
}

static void read_netlink(struct socket_tables *t, int dir)
{
	struct strbuf text = STRBUF_INIT;
	struct str rest, line;

	if (proc_read(dir, "net/netlink", MAX_TABLE, &text) == 0) {
		rest = strbuf_str(&text);
		(void)str_split(&rest, '\n', &line);
		while (rest.p && str_split(&rest, '\n', &line)) {
			uint64_t ino = proc_number(line, 9, 10);
			struct snap_fd *f;

			if (!ino)
				continue;
			f = arena_calloc(&t->arena, 1, sizeof(*f));
			f->type = FD_NETLINK;
			f->name = (struct str){ "", 0 };
			(void)u64map_put(&t->by_ino, ino, f);
		}
	}
	strbuf_release(&text);
}

static void read_namespace(struct socket_tables *t, int dir)
{
	static char seen;
	struct stat st;

	if (fstatat(dir, "ns/net", &st, 0) < 0 || u64map_get(&t->namespaces, st.st_ino))
		return;
	(void)u64map_put(&t->namespaces, st.st_ino, &seen);
	read_inet(t, dir, "net/tcp", L4_TCP);
	read_inet(t, dir, "net/tcp6", L4_TCP);
	read_inet(t, dir, "net/udp", L4_UDP);
	read_inet(t, dir, "net/udp6", L4_UDP);
	read_inet(t, dir, "net/icmp", L4_ICMP);
	read_inet(t, dir, "net/icmp6", L4_ICMP);
	read_inet(t, dir, "net/raw", L4_RAW);
	read_inet(t, dir, "net/raw6", L4_RAW);
	read_unix(t, dir);
	read_netlink(t, dir);
}

bool socket_tables_find(struct socket_tables *t, int dir, uint64_t ino, struct snapshot *s,
			struct snap_fd *fd)
{
	const struct snap_fd *f;

	read_namespace(t, dir);
	f = u64map_get(&t->by_ino, ino);
	if (!f)
		return false;
	fd->type = f->type;
	fd->l4proto = f->l4proto;
	fd->sip = f->sip;
	fd->dip = f->dip;
	fd->sport = f->sport;
	fd->dport = f->dport;
	fd->unix_src = f->unix_src;
	fd->name = arena_str(&s->arena, f->name);
	return true;
}
