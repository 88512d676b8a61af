/* Sockets of all kinds, in a network namespace of its own: loopback, Unix, netlink, packet, raw. */
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "calls.h"

static char buf[4000];

static struct sockaddr_in in4(const char *addr, int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };

	inet_pton(AF_INET, addr, &a.sin_addr);
	return a;
}

static struct sockaddr_in6 in6(const char *addr, int port)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };

	inet_pton(AF_INET6, addr, &a.sin6_addr);
	return a;
}

static struct sockaddr_un un(const char *path, size_t n)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	memcpy(a.sun_path, path, n);
	return a;
}

/* All that can be said over a connected pair. */
static void talk(int a, int b)
{
	struct iovec v[2] = { { "first ", 6 }, { "second", 6 } },
		     r[2] = { { buf, 4 }, { buf + 100, 100 } };
	struct msghdr m = { .msg_iov = v, .msg_iovlen = 2 },
		      got = { .msg_iov = r, .msg_iovlen = 2 };
	struct mmsghdr mm[2] = { { .msg_hdr = m }, { .msg_hdr = m } },
		       many[2] = { { .msg_hdr = got }, { .msg_hdr = got } };

	CALL(sendto, a, "hello", 5, 0, NULL, 0);
	CALL(recvfrom, b, buf, sizeof(buf), 0, NULL, NULL);
	CALL(write, a, "written", 7);
	CALL(read, b, buf, sizeof(buf));
	CALL(sendmsg, a, &m, 0);
	CALL(recvmsg, b, &got, 0);
	CALL(sendmsg, a, BAD_POINTER, 0);
	CALL(sendmmsg, a, mm, 2, 0);
	CALL(recvmmsg, b, many, 2, MSG_DONTWAIT, NULL);
	CALL(recvmmsg, b, many, 2, MSG_DONTWAIT, NULL);
	CALL(recvfrom, b, buf, 10, MSG_DONTWAIT, NULL, NULL);
	CALL(recvmsg, b, &got, MSG_DONTWAIT);
}

static void names(int fd)
{
	struct sockaddr_storage a;
	socklen_t n = sizeof(a);

	CALL(getsockname, fd, &a, &n);
	n = sizeof(a);
	CALL(getpeername, fd, &a, &n);
}

/* Server, client and what they say, of one stream family. */
static void stream(int family, const void *addr, socklen_t n, bool again)
{
	int s = (int)CALL(socket, family, SOCK_STREAM, 0), c, t, one = 1;
	struct sockaddr_storage who;
	socklen_t who_n = sizeof(who);

	CALL(setsockopt, s, SOL_SOCKET, SO_REUSEADDR, &one, 4);
	CALL(bind, s, addr, n);
	if (again)
		CALL(bind, s, addr, n);
	CALL(listen, s, 5);
	c = (int)CALL(socket, family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CALL(connect, c, addr, n);
	CALL(connect, c, addr, n);
	t = (int)CALL(accept, s, &who, &who_n);
	names(t);
	names(c);
	talk(c, t);
	talk(t, c);
	CALL(shutdown, c, SHUT_WR);
	CALL(shutdown, t, SHUT_RD);
	close(c);
	close(t);
	c = (int)CALL(socket, family, SOCK_STREAM | SOCK_NONBLOCK, 0);
	CALL(connect, c, addr, n);
	t = (int)CALL(accept4, s, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	CALL(shutdown, t, SHUT_RDWR);
	close(t);
	close(c);
	CALL(fcntl, s, F_SETFL, O_NONBLOCK);
	CALL(accept, s, NULL, NULL);
	CALL(accept4, s, NULL, NULL, 0);
	CALL(accept4, s, NULL, NULL, 0x77777);
	close(s);
	c = (int)CALL(socket, family, SOCK_STREAM, 0);
	CALL(connect, c, addr, n);
	close(c);
}

static void datagrams(int family, const void *addr, socklen_t n)
{
	int s = (int)CALL(socket, family, SOCK_DGRAM, 0),
	    c = (int)CALL(socket, family, SOCK_DGRAM, 0);
	struct sockaddr_storage who;
	socklen_t who_n = sizeof(who);
	struct iovec v = { "datagram", 8 }, r = { buf, 100 };
	struct msghdr m = { .msg_iov = &v,
			    .msg_iovlen = 1,
			    .msg_name = (void *)(uintptr_t)addr,
			    .msg_namelen = n },
		      got = { .msg_iov = &r,
			      .msg_iovlen = 1,
			      .msg_name = &who,
			      .msg_namelen = sizeof(who) };

	CALL(bind, s, addr, n);
	CALL(sendto, c, "to", 2, 0, addr, n);
	CALL(recvfrom, s, buf, sizeof(buf), 0, &who, &who_n);
	CALL(sendmsg, c, &m, 0);
	CALL(recvmsg, s, &got, 0);
	CALL(sendto, c, "", 0, MSG_DONTWAIT, addr, n);
	CALL(recvfrom, s, buf, sizeof(buf), MSG_DONTWAIT, NULL, NULL);
	CALL(connect, c, addr, n);
	talk(c, s);
	names(c);
	close(s);
	close(c);
}

static void unix_sockets(void)
{
	struct sockaddr_un path = un("socket", 7), abstract = un("\0hidden", 7),
			   none = un("no/such", 8), dgram = un("dgram", 6);
	union {
		struct cmsghdr h;
		char room[64];
	} control = {
		.h = { .cmsg_len = CMSG_LEN(8), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS }
	};
	struct iovec v = { "fds", 3 }, r = { buf, 100 };
	struct msghdr m = { .msg_iov = &v,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = CMSG_SPACE(8) };
	int p[2], fds[2] = { 1, 2 }, c;

	stream(AF_UNIX, &path, sizeof(path), true);
	stream(AF_UNIX, &abstract, 2 + 7, false);
	datagrams(AF_UNIX, &dgram, 2 + 6);
	c = (int)CALL(socket, AF_UNIX, SOCK_STREAM, 0);
	CALL(connect, c, &none, sizeof(none));
	CALL(bind, c, &none, sizeof(none));
	CALL(bind, c, NULL, 0);
	CALL(connect, c, BAD_POINTER, 16);
	CALL(socketpair, AF_UNIX, SOCK_STREAM, 0, p);
	talk(p[0], p[1]);
	memcpy(CMSG_DATA(&control.h), fds, 8);
	CALL(sendmsg, p[0], &m, 0);
	m.msg_iov = &r;
	CALL(recvmsg, p[1], &m, 0);
	CALL(socketpair, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, p);
	talk(p[1], p[0]);
	CALL(socketpair, AF_INET, SOCK_STREAM, 0, p);
	CALL(socketpair, AF_UNIX, SOCK_DGRAM, 0, BAD_POINTER);
}

static void options(void)
{
	int s = (int)CALL(socket, AF_INET, SOCK_STREAM, IPPROTO_TCP), v = 1;
	struct timeval tv = { 3, 500000 };
	struct linger l = { 1, 2 };
	socklen_t n = sizeof(v);

	CALL(setsockopt, s, SOL_SOCKET, SO_KEEPALIVE, &v, 4);
	CALL(setsockopt, s, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	CALL(setsockopt, s, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
	CALL(setsockopt, s, SOL_SOCKET, SO_SNDBUF, &v, 4);
	CALL(setsockopt, s, SOL_TCP, TCP_NODELAY, &v, 4);
	CALL(setsockopt, s, IPPROTO_IP, IP_TOS, &v, 4);
	CALL(setsockopt, s, SOL_SOCKET, SO_KEEPALIVE, BAD_POINTER, 4);
	CALL(setsockopt, NO_FD, SOL_SOCKET, SO_REUSEPORT, &v, 4);
	CALL(getsockopt, s, SOL_SOCKET, SO_ERROR, &v, &n);
	CALL(getsockopt, s, SOL_SOCKET, SO_TYPE, &v, &n);
	n = sizeof(tv);
	CALL(getsockopt, s, SOL_SOCKET, SO_RCVTIMEO, &tv, &n);
	n = 4;
	CALL(getsockopt, s, SOL_TCP, TCP_NODELAY, &v, &n);
	CALL(getsockopt, NO_FD, SOL_SOCKET, SO_ERROR, &v, &n);
	close(s);
}

static void others(void)
{
	struct sockaddr_nl nl = { .nl_family = AF_NETLINK, .nl_groups = 1 };
	struct {
		struct nlmsghdr h;
		struct ifinfomsg {
			unsigned char family, pad;
			unsigned short type;
			int index;
			unsigned flags, change;
		} i;
	} req = { .h = { .nlmsg_len = sizeof(req), .nlmsg_type = 18, .nlmsg_flags = 0x301 } };
	struct sockaddr_ll ll = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(3),
				  .sll_ifindex = 1 };
	int s = (int)CALL(socket, AF_NETLINK, SOCK_RAW, 0);

	CALL(bind, s, &nl, sizeof(nl));
	CALL(sendto, s, &req, sizeof(req), 0, NULL, 0);
	CALL(recvfrom, s, buf, sizeof(buf), 0, NULL, NULL);
	names(s);
	close(s);
	s = (int)CALL(socket, AF_PACKET, SOCK_RAW, htons(3));
	CALL(bind, s, &ll, sizeof(ll));
	CALL(recvfrom, s, buf, sizeof(buf), MSG_DONTWAIT, NULL, NULL);
	close(s);
	close((int)CALL(socket, AF_INET, SOCK_RAW, IPPROTO_ICMP));
	close((int)CALL(socket, AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6));
	close((int)CALL(socket, 38 /* AF_ALG */, SOCK_SEQPACKET, 0));
	close((int)CALL(socket, 40 /* AF_VSOCK */, SOCK_STREAM, 0));
	CALL(socket, 99, SOCK_STREAM, 0);
	CALL(socket, AF_INET, 77, 0);
	CALL(listen, NO_FD, 1);
	CALL(accept, NO_FD, NULL, NULL);
	CALL(shutdown, NO_FD, SHUT_RDWR);
	CALL(shutdown, 1, 77);
	CALL(sendto, NO_FD, "x", 1, 0, NULL, 0);
	CALL(recvfrom, NO_FD, buf, 1, 0, NULL, NULL);
	CALL(sendmmsg, NO_FD, NULL, 1, 0);
	CALL(recvmmsg, NO_FD, NULL, 1, 0, NULL);
	CALL(getsockname, NO_FD, NULL, NULL);
	CALL(getpeername, NO_FD, NULL, NULL);
}

int main(void)
{
	struct sockaddr_in tcp4 = in4("127.0.0.1", 8080), udp4 = in4("127.0.0.1", 5353),
			   far = in4("198.51.100.1", 9);
	struct sockaddr_in6 tcp6 = in6("::1", 8080), udp6 = in6("::1", 5353),
			    mapped = in6("::ffff:127.0.0.1", 8081);
	struct ifreq lo = { .ifr_name = "lo" };
	int s;

	close(0);
	open("/dev/null", O_RDWR);
	if (unshare(CLONE_NEWNET))
		return 2;
	s = socket(AF_INET, SOCK_DGRAM, 0);
	lo.ifr_flags = IFF_UP | IFF_RUNNING;
	CALL(ioctl, s, SIOCSIFFLAGS, &lo);
	CALL(connect, s, &far, sizeof(far));
	CALL(sendto, s, "unreachable", 11, 0, &far, sizeof(far));
	close(s);
	stream(AF_INET, &tcp4, sizeof(tcp4), true);
	stream(AF_INET6, &tcp6, sizeof(tcp6), false);
	stream(AF_INET6, &mapped, sizeof(mapped), false);
	datagrams(AF_INET, &udp4, sizeof(udp4));
	datagrams(AF_INET6, &udp6, sizeof(udp6));
	unix_sockets();
	options();
	others();
	return 0;
}
