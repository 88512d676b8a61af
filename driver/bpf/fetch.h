/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * fetch: bringing what a call's arguments point to.
 *
 * Each function appends one piece to the record. They are called from run_fetch(), a global
 * function that the verifier looks at once, so a call with six fetches costs it no more than one
 * with none.
 */
#ifndef EYAS_FETCH_H
#define EYAS_FETCH_H

#include "work.h"

#define S_IFMT          0170000
#define S_IFREG         0100000
#define S_IFSOCK        0140000
#define AF_UNIX         1
#define AF_INET         2
#define AF_INET6        10
#define OVERLAYFS_MAGIC 0x794c7630

struct user_msghdr {
	__u64 name;
	__u32 name_len, pad;
	__u64 iov, iov_len, control, control_len;
	__u32 flags, pad2;
};

/* Where the next bytes go. */
static __always_inline __u8 *at(struct work *w, __u32 off)
{
	off &= EYAS_OFF_MASK;
	BOUND(off);
	return w->data + (off & EYAS_OFF_MASK);
}

static __always_inline __u32 padded(__u32 n)
{
	return (n + 7) & ~7u;
}

/* Reads up to EYAS_SLACK - 1 bytes of user memory to `off`; bytes read, 0 on a fault. */
static __always_inline __u32 read_user(struct work *w, __u32 off, __u64 from, __u32 n)
{
	if (n > EYAS_SNAP_MAX)
		n = EYAS_SNAP_MAX;
	BOUND(n);
	n &= 0xffff;
	if (!n || bpf_probe_read_user(at(w, off), n, (void *)from))
		return 0;
	return n;
}

/* Writes the piece's head at w->off and moves behind the piece. */
static __always_inline void piece_end(struct work *w, __u32 fetch, __u32 kind, __u32 len,
				      __u32 status)
{
	struct eyas_piece *p = (void *)at(w, w->off);

	p->len = len;
	p->status = (__u16)status;
	p->fetch = (__u8)fetch;
	p->kind = (__u8)kind;
	if (status == EYAS_PIECE_FAULT)
		w->failed |= 1u << (fetch & 31);
	w->off += sizeof(*p) + padded(len);
}

/* args[i] for any i: a load at a variable offset the verifier takes. */
static __always_inline __u64 arg_at(const struct work *w, __u32 i)
{
	i &= 7;
	return w->args[i < 6 ? i : 0];
}

static __always_inline __u64 value_from(const struct work *w, __u32 from, __u32 n)
{
	if (from == EYAS_FROM_INT_AT) {
		int v = -1;

		bpf_probe_read_user(&v, sizeof(v), (void *)arg_at(w, n));
		return (__u64)(__s64)v;
	}
	if (from == EYAS_FROM_RET)
		return (__u64)w->ret;
	if (from == EYAS_FROM_CONST)
		return n;
	return arg_at(w, from);
}

static __always_inline struct file *file_of_fd(int fd)
{
	struct file **table, *file = NULL;
	unsigned most;

	if (HAS_TASK_BTF) {
		struct fdtable *fdt = bpf_get_current_task_btf()->files->fdt;

		most = fdt->max_fds;
		table = fdt->fd;
	} else {
		struct task_struct *task = (void *)bpf_get_current_task();
		struct fdtable *fdt = BPF_CORE_READ(task, files, fdt);

		most = fdt ? BPF_CORE_READ(fdt, max_fds) : 0;
		table = fdt ? BPF_CORE_READ(fdt, fd) : NULL;
	}
	if (fd < 0 || (unsigned)fd >= most)
		return NULL;
	bpf_probe_read_kernel(&file, sizeof(file), table + fd);
	return file;
}

/*
 * A read costs the same for one member as for the 112 bytes in which all that is wanted of a struct
 * file, inode, or super_block is; MEMBER() takes one from there, or reads it should it be
 * elsewhere in this kernel.
 */
static __always_inline void load_chunk(struct work *w, const void *from)
{
	if (bpf_probe_read_kernel(w->chunk, sizeof(w->chunk), from))
		__builtin_memset(w->chunk, 0, sizeof(w->chunk));
}

#define MEMBER(w, p, member)                                                                      \
	({                                                                                        \
		__u32 off_ = bpf_core_field_offset((p)->member);                                  \
		typeof((p)->member) v_;                                                           \
                                                                                                  \
		if (off_ + sizeof(v_) <= sizeof((w)->chunk))                                      \
			__builtin_memcpy(&v_,                                                     \
					 __builtin_assume_aligned((w)->chunk + off_, sizeof(v_)), \
					 sizeof(v_));                                             \
		else                                                                              \
			v_ = BPF_CORE_READ(p, member);                                            \
		v_;                                                                               \
	})

static __always_inline struct sock *sock_of_file(struct file *file)
{
	struct socket *socket;

	if (!file || (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFSOCK)
		return NULL;
	socket = BPF_CORE_READ(file, private_data);
	return BPF_CORE_READ(socket, sk);
}

/* The capture encoding of overlayfs: 1 the file is in the upper layer, 2 in a lower one, 0 not
 * overlayfs. */
static __always_inline __u32 overlay_layer(struct inode *inode, unsigned long magic)
{
	struct dentry *upper = NULL;

	if (magic != OVERLAYFS_MAGIC)
		return 0;
	if (bpf_core_field_exists(((struct ovl_inode *)0)->__upperdentry)) {
		struct ovl_inode *oi =
			(void *)((char *)inode -
				 bpf_core_field_offset(((struct ovl_inode *)0)->vfs_inode));

		upper = BPF_CORE_READ(oi, __upperdentry);
	} else {
		/* the module's types are not known here: the pointer follows the inode */
		bpf_probe_read_kernel(&upper, sizeof(upper),
				      (char *)inode + bpf_core_type_size(struct inode));
	}
	return upper ? 1 : 2;
}

static __always_inline void fetch_fd_file(struct work *w, __u32 i, int fd)
{
	struct file *file = file_of_fd(fd);
	struct eyas_fd_file *f = (void *)at(w, w->off + sizeof(struct eyas_piece));
	struct super_block *sb;
	struct inode *inode;
	__u32 dev;

	if (!file) {
		piece_end(w, i, EYAS_FETCH_FD_FILE, 0, EYAS_PIECE_NONE);
		return;
	}
	load_chunk(w, file);
	inode = MEMBER(w, file, f_inode);
	f->fmode = MEMBER(w, file, f_mode);
	f->fflags = MEMBER(w, file, f_flags);
	load_chunk(w, inode);
	f->ino = MEMBER(w, inode, i_ino);
	f->mode = MEMBER(w, inode, i_mode);
	sb = MEMBER(w, inode, i_sb);
	load_chunk(w, sb);
	dev = MEMBER(w, sb, s_dev);
	/* the kernel's 12:20 split of a device number into the 8:12:12 that stat(2) shows */
	f->dev = (dev & 0xff) | (dev >> 20) << 8 | (dev & 0xfff00) << 12;
	f->layer = overlay_layer(inode, MEMBER(w, sb, s_magic));
	f->reserved = 0;
	piece_end(w, i, EYAS_FETCH_FD_FILE, sizeof(*f), EYAS_PIECE_OK);
}

static __always_inline __u32 unix_path(struct sock *sk, char *to)
{
	struct unix_address *addr = BPF_CORE_READ((struct unix_sock *)sk, addr);
	int len;

	if (!addr)
		return 0;
	len = BPF_CORE_READ(addr, len) - 2;
	if (len <= 0 || len > 108)
		return 0;
	BOUND(len);
	if (bpf_probe_read_kernel(to, len & 127, addr->name[0].sun_path))
		return 0;
	return (__u32)len;
}

static __always_inline void fetch_fd_sock(struct work *w, __u32 i, int fd)
{
	struct sock *sk = NULL;
	struct eyas_fd_sock *s = (void *)at(w, w->off + sizeof(struct eyas_piece));
	__u16 port;

	/* what a kernel was built without is in src/capture/driver_member.def, too */
	if (bpf_core_type_exists(struct sock))
		sk = sock_of_file(file_of_fd(fd));
	if (!bpf_core_type_exists(struct sock) || !sk) {
		piece_end(w, i, EYAS_FETCH_FD_SOCK, 0, EYAS_PIECE_NONE);
		return;
	}
	__builtin_memset(s, 0, sizeof(*s));
	s->family = BPF_CORE_READ(sk, __sk_common.skc_family);
	s->state = BPF_CORE_READ(sk, __sk_common.skc_state);
	s->type = BPF_CORE_READ(sk, sk_type);
	s->protocol = BPF_CORE_READ(sk, sk_protocol);
	s->backlog = BPF_CORE_READ(sk, sk_ack_backlog);
	s->max_backlog = BPF_CORE_READ(sk, sk_max_ack_backlog);
	s->sk = (__u64)sk;
	port = BPF_CORE_READ(sk, __sk_common.skc_dport);
	s->dport = (__u16)(port << 8 | port >> 8);
	s->sport = BPF_CORE_READ(sk, __sk_common.skc_num);
	if (s->family == AF_INET) {
		__u32 a = BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr);

		__builtin_memcpy(s->saddr, &a, 4);
		a = BPF_CORE_READ(sk, __sk_common.skc_daddr);
		__builtin_memcpy(s->daddr, &a, 4);
	} else if (s->family == AF_INET6 && bpf_core_field_exists(sk->__sk_common.skc_v6_daddr)) {
		BPF_CORE_READ_INTO(&s->saddr, sk, __sk_common.skc_v6_rcv_saddr);
		BPF_CORE_READ_INTO(&s->daddr, sk, __sk_common.skc_v6_daddr);
	} else if (s->family == AF_UNIX && bpf_core_type_exists(struct unix_sock)) {
		struct sock *peer = BPF_CORE_READ((struct unix_sock *)sk, peer);

		s->peer = (__u64)peer;
		s->path_len = unix_path(sk, s->path);
		if (peer)
			s->peer_path_len = unix_path(peer, s->peer_path);
	}
	piece_end(w, i, EYAS_FETCH_FD_SOCK, sizeof(*s), EYAS_PIECE_OK);
}

static __always_inline void fetch_str(struct work *w, __u32 i, __u64 from)
{
	long n;

	if (!from) {
		piece_end(w, i, EYAS_FETCH_STR, 0, EYAS_PIECE_NULL);
		return;
	}
	n = bpf_probe_read_user_str(at(w, w->off + sizeof(struct eyas_piece)), EYAS_PATH_MAX,
				    (void *)from);
	if (n <= 0 || n > EYAS_PATH_MAX)
		piece_end(w, i, EYAS_FETCH_STR, 0, EYAS_PIECE_FAULT);
	else
		piece_end(w, i, EYAS_FETCH_STR, (__u32)n, EYAS_PIECE_OK);
}

static __always_inline void fetch_bytes(struct work *w, __u32 i, __u32 kind, __u64 from, __u64 want)
{
	__u32 n;

	if (!from) {
		piece_end(w, i, kind, 0, EYAS_PIECE_NULL);
		return;
	}
	if (!want) {
		piece_end(w, i, kind, 0, EYAS_PIECE_OK);
		return;
	}
	n = read_user(w, w->off + sizeof(struct eyas_piece), from,
		      want > EYAS_SNAP_MAX ? EYAS_SNAP_MAX : (__u32)want);
	piece_end(w, i, kind, n, n ? EYAS_PIECE_OK : EYAS_PIECE_FAULT);
}

/*
 * Data of an iovec array to w->cur, at most `most` bytes in all: w->got bytes read, w->total bytes
 * the array describes. The array is read in one go, since a read costs the same whatever its size.
 * Global: verified once, used twice.
 */
__attribute__((noinline)) int gather(__u64 iov, __u64 count, __u32 most)
{
	struct work *w = work_get();
	__u32 n = count > MAX_IOVECS ? MAX_IOVECS : (__u32)count;

	if (!w)
		return 0;
	w->got = 0;
	w->total = 0;
	BOUND(n);
	n &= 2 * MAX_IOVECS - 1;
	if (!n || n > MAX_IOVECS || bpf_probe_read_user(w->iov, n * sizeof(w->iov[0]), (void *)iov))
		return 0;
#pragma unroll 1
	for (__u32 k = 0; k < MAX_IOVECS; k++) {
		__u64 len = w->iov[k].len;
		__u32 part;

		if (k >= count)
			break;
		w->total += (__u32)len;
		part = w->got < most ? most - w->got : 0;
		if (len < part)
			part = (__u32)len;
		if (!part)
			continue;
		part = read_user(w, w->cur + w->got, w->iov[k].base, part);
		if (!part)
			most = 0;
		w->got += part;
	}
	return 0;
}

/* How many bytes of a call's data to take, by its return value and the fetch's enum eyas_vec_flag.
 */
static __always_inline __u32 vec_limit(const struct work *w, __u32 flags)
{
	if (flags & EYAS_MMSG)
		return w->ret > 0 || flags & EYAS_BYTES_ALWAYS ? w->snaplen : 0;
	if (w->ret < 0)
		return flags & EYAS_BYTES_ALWAYS ? w->snaplen : 0;
	return (__u64)w->ret < w->snaplen ? (__u32)w->ret : w->snaplen;
}

static __always_inline void fetch_iovec(struct work *w, __u32 i, __u64 iov, __u64 count,
					__u32 flags)
{
	struct eyas_msg *m = (void *)at(w, w->off + sizeof(struct eyas_piece));

	w->cur = w->off + sizeof(struct eyas_piece) + sizeof(struct eyas_msg);
	gather(iov, count, vec_limit(w, flags));
	m->name_len = 0;
	m->control_len = 0;
	m->data_len = w->got;
	m->total = w->total;
	piece_end(w, i, EYAS_FETCH_IOVEC, sizeof(*m) + w->got, EYAS_PIECE_OK);
}

/* The pointers of a NULL-terminated array to w->strings, w->total of them. */
static __always_inline void get_pointers(struct work *w, __u64 array)
{
	w->total = 0;
	if (bpf_probe_read_user(w->strings, sizeof(w->strings), (void *)array)) {
		/* memory may end behind the array */
#pragma unroll 1
		for (__u32 k = 0; k < EYAS_MAX_STRINGS; k++) {
			if (bpf_probe_read_user(&w->strings[k], sizeof(w->strings[k]),
						(void *)(array + k * sizeof(w->strings[k]))))
				w->strings[k] = 0;
			if (!w->strings[k])
				break;
		}
	}
#pragma unroll 1
	for (__u32 k = 0; k < EYAS_MAX_STRINGS && w->strings[k]; k++)
		w->total++;
}

/*
 * Strings that lie close together, between the first and the last of them as those of a new program
 * do, in two reads: up to the last one, and that. False when they do not, or some of the memory
 * between them is not there.
 */
static __always_inline bool get_close_strings(struct work *w, __u32 to)
{
	__u64 first = w->strings[0], last = w->strings[(w->total - 1) & (EYAS_MAX_STRINGS - 1)];
	__u64 span = last - first;
	long n;

	if (span >= EYAS_ARGS_MAX)
		return false;
#pragma unroll 1
	for (__u32 k = 0; k < EYAS_MAX_STRINGS && k < w->total; k++) {
		if (w->strings[k] - first > span)
			return false;
	}
	if (span && !read_user(w, to, first, (__u32)span))
		return false;
	n = bpf_probe_read_user_str(at(w, to + (__u32)span), EYAS_ARGS_MAX, (void *)last);
	if (n <= 0 || n > EYAS_ARGS_MAX)
		return false;
	w->cur = to + (__u32)span + (__u32)n;
	return true;
}

/* The strings of a NULL-terminated array of pointers, as struct eyas_strv says, to w->cur. */
__attribute__((noinline)) int put_strings(__u64 array)
{
	struct work *w = work_get();
	struct eyas_strv *v;
	__u32 start;

	if (!w)
		return 0;
	get_pointers(w, array);
	v = (void *)at(w, w->cur);
	start = w->cur + sizeof(*v);
	v->n = 0;
	v->reserved = 0;
	w->cur = start;
	if (!w->total)
		return 0;
	if (get_close_strings(w, start)) {
#pragma unroll 1
		for (__u32 k = 0; k < EYAS_MAX_STRINGS; k++)
			v->off[k] = (__u16)(w->strings[k] - w->strings[0]);
		v->n = w->total;
		return 0;
	}
#pragma unroll 1
	for (__u32 k = 0; k < EYAS_MAX_STRINGS && k < w->total; k++) {
		__u32 room = EYAS_ARGS_MAX - (w->cur - start);
		long got;

		BOUND(room);
		if (!room || room > EYAS_ARGS_MAX)
			break;
		got = bpf_probe_read_user_str(at(w, w->cur), room, (void *)w->strings[k]);
		if (got <= 0 || got > EYAS_ARGS_MAX)
			break;
		v->off[k] = (__u16)(w->cur - start);
		w->cur += (__u32)got;
		v->n = k + 1;
	}
	return 0;
}

static __always_inline void fetch_strings(struct work *w, __u32 i, __u64 array)
{
	w->cur = w->off + sizeof(struct eyas_piece);
	if (!array) {
		piece_end(w, i, EYAS_FETCH_STRV, 0, EYAS_PIECE_NULL);
		return;
	}
	put_strings(array);
	piece_end(w, i, EYAS_FETCH_STRV, w->cur - w->off - sizeof(struct eyas_piece),
		  EYAS_PIECE_OK);
}

static __always_inline void fetch_msghdr(struct work *w, __u32 i, __u64 from, __u32 flags)
{
	struct eyas_msg *m = (void *)at(w, w->off + sizeof(struct eyas_piece));
	struct user_msghdr h;
	__u32 n;

	if (bpf_probe_read_user(&h, sizeof(h), (void *)from)) {
		piece_end(w, i, EYAS_FETCH_MSGHDR, 0, EYAS_PIECE_FAULT);
		return;
	}
	w->cur = w->off + sizeof(struct eyas_piece) + sizeof(struct eyas_msg);
	n = h.name && h.name_len ? read_user(w, w->cur, h.name, h.name_len > 128 ? 128 : h.name_len)
				 : 0;
	m->name_len = n;
	w->cur += padded(n);
	n = flags & EYAS_CONTROL && h.control && h.control_len
		    ? read_user(w, w->cur, h.control,
				h.control_len > 4096 ? 4096 : (__u32)h.control_len)
		    : 0;
	m->control_len = n;
	w->cur += padded(n);
	gather(h.iov, h.iov_len, vec_limit(w, flags));
	m->data_len = w->got;
	m->total = w->total;
	w->cur += padded(w->got);
	piece_end(w, i, EYAS_FETCH_MSGHDR, w->cur - w->off - sizeof(struct eyas_piece),
		  EYAS_PIECE_OK);
}

#endif
