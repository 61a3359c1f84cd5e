/* SPDX-License-Identifier: MIT */
/* test_packetdrill_calls.c - the socket calls of the packetdrill host that a script cannot spell: contents, structs, sets of
 * descriptors (socket(7), tcp(7), epoll(7), splice(2)). The conversation around them is in the language of script.h. */
#include "packetdrill/script.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/mptcp.h>

#define SOL_MPTCP_ 284
#define IO(call, ...) s->io.call(s->io.userdata, __VA_ARGS__)
#define assert_errno(call, e)                                                                                          \
    do {                                                                                                               \
        errno = 0;                                                                                                     \
        assert_int_equal(call, -1);                                                                                    \
        assert_int_equal(errno, e);                                                                                    \
    } while (0)

static struct script test, *s = &test;

/* A listener (3) and an accepted MPTCP connection (4) with the stack; `mptcp` 0: plain TCP. */
static void open_server(int mptcp)
{
    script_begin(s, "calls", "");
    script_do(s, mptcp ? "0 socket(..., SOCK_STREAM, IPPROTO_MPTCP) = 3" : "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3");
    script_do(s, "+0 bind(3, ..., ...) = 0");
    script_do(s, "+0 listen(3, 1) = 0");
    script_do(s, mptcp ? "+0 < S 0:0(0) win 65535 <mss 1460,sackOK,TS,nop,wscale 8,mpcapable nokey>"
                       : "+0 < S 0:0(0) win 65535 <mss 1460,sackOK,TS,nop,wscale 8>");
    script_do(s, mptcp ? "+0 > S. 0:0(0) ack 1 <mss 1460,sackOK,TS,nop,wscale 8,mpcapable key>"
                       : "+0 > S. 0:0(0) ack 1 <mss 1460,sackOK,TS,nop,wscale 8>");
    script_do(s, mptcp ? "+0.01 < . 1:1(0) ack 1 win 256 <nop,nop,TS,mpcapable keys>"
                       : "+0.01 < . 1:1(0) ack 1 win 256 <nop,nop,TS>");
}

static int accept_one(void)
{
    struct sockaddr_in peer;
    socklen_t len = sizeof peer;
    int fd = IO(accept, script_fd(s, 3), (struct sockaddr *)&peer, &len);

    assert_true(fd >= 0);
    assert_int_equal(len, sizeof peer);
    assert_int_equal(peer.sin_family, AF_INET);
    assert_int_equal(ntohs(peer.sin_port), 40000);
    assert_int_equal(ntohl(peer.sin_addr.s_addr), 0xc0000201); /* 192.0.2.1: the true one */
    s->fd[4] = fd;
    return fd;
}

static void data_in(void)
{
    script_do(s, "+0.01 < P. 1:101(100) ack 1 win 256 <nop,nop,TS>");
    script_do(s, "+0 > . 1:1(0) ack 101 <nop,nop,TS>");
}

static void assert_alphabet(const uint8_t *p, size_t from, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_int_equal(p[i], 'a' + (from + 1 + i) % 26);
}

/* ---- names and numbers ---- */

static void test_socket_errors(void **state)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(1) };
    int fd;

    (void)state;
    script_begin(s, "errors", "local=192.168.0.1");
    assert_errno(IO(socket, AF_UNIX, SOCK_STREAM, 0), EAFNOSUPPORT);
    assert_errno(IO(socket, AF_INET, SOCK_DGRAM, 0), EPROTONOSUPPORT);
    assert_errno(IO(socket, AF_INET, SOCK_STREAM, IPPROTO_UDP), EPROTONOSUPPORT);
    fd = IO(socket, AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_int_equal(IO(fcntl, fd, F_GETFL), O_RDWR | O_NONBLOCK);
    assert_int_equal(IO(fcntl, fd, F_GETFD), FD_CLOEXEC);
    assert_errno(IO(fcntl, fd, 4711), EINVAL);
    assert_errno(IO(bind, fd, NULL, sizeof a), EFAULT);
    assert_errno(IO(bind, fd, (struct sockaddr *)&a, 4), EINVAL);
    a.sin_addr.s_addr = htonl(0x0a000001); /* not ours: the flag says which are */
    assert_errno(IO(bind, fd, (struct sockaddr *)&a, sizeof a), EADDRNOTAVAIL);
    assert_errno(IO(listen, fd + 500, 1), EBADF);
    assert_errno(IO(shutdown, fd, SHUT_WR), ENOTCONN);
    assert_errno(IO(shutdown, fd, 9), EINVAL);
    assert_errno(IO(read, fd, &a, 1), ENOTCONN);
    assert_errno(IO(write, fd, &a, 1), EPIPE);
    a.sin_family = AF_INET6;
    assert_errno(IO(connect, fd, (struct sockaddr *)&a, sizeof a), EAFNOSUPPORT);
    assert_errno(IO(ioctl, fd, 4711, &(int){ 0 }), ENOTTY);
    assert_int_equal(IO(close, fd), 0);
    assert_errno(IO(close, fd), EBADF);
    script_end(s);
}

/* ::ffff:0.0.0.0 and the peer's address as an AF_INET6 socket sees it (RFC 3493 3.7). */
static void test_mapped_addresses(void **state)
{
    struct sockaddr_in6 peer;
    socklen_t len = sizeof peer;
    int fd;

    (void)state;
    open_server(0);
    fd = accept_one();
    assert_int_equal(IO(close, fd), 0);
    script_do(s, "+0 > F. 1:1(0) ack 1 <nop,nop,TS>");
    script_end(s);
    script_begin(s, "mapped", "");
    s->family = AF_INET6;
    script_do(s, "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3");
    script_do(s, "+0 bind(3, ..., ...) = 0");
    script_do(s, "+0 listen(3, 1) = 0");
    script_do(s, "+0 < S 0:0(0) win 65535 <mss 1460,sackOK,TS,nop,wscale 8>");
    script_do(s, "+0 > S. 0:0(0) ack 1 <mss 1460,sackOK,TS,nop,wscale 8>");
    script_do(s, "+0.01 < . 1:1(0) ack 1 win 256 <nop,nop,TS>");
    fd = IO(accept, script_fd(s, 3), (struct sockaddr *)&peer, &len);
    assert_true(fd >= 0);
    assert_int_equal(len, sizeof peer);
    assert_true(IN6_IS_ADDR_V4MAPPED(&peer.sin6_addr));
    assert_memory_equal((uint8_t *)&peer.sin6_addr + 12, "\xc0\x00\x02\x01", 4);
    script_end(s);
}

static int get_int(int fd, int level, int name)
{
    int v = -1;
    socklen_t len = sizeof v;

    assert_int_equal(IO(getsockopt, fd, level, name, &v, &len), 0);
    assert_int_equal(len, sizeof v);
    return v;
}

static void test_options(void **state)
{
    int v = 10000, fd;
    char cc[16];
    socklen_t len = sizeof cc;
    struct timeval tv = { 1, 500000 }, got;
    struct linger l = { 1, 7 };

    (void)state;
    open_server(1);
    fd = accept_one();
    assert_int_equal(get_int(fd, SOL_SOCKET, SO_TYPE), SOCK_STREAM);
    assert_int_equal(get_int(fd, SOL_SOCKET, SO_PROTOCOL), 262);
    assert_int_equal(get_int(script_fd(s, 3), SOL_SOCKET, SO_ACCEPTCONN), 1);
    assert_int_equal(IO(setsockopt, fd, SOL_SOCKET, SO_SNDBUF, &v, sizeof v), 0);
    assert_int_equal(get_int(fd, SOL_SOCKET, SO_SNDBUF), 20000); /* doubled */
    v = 1;
    assert_int_equal(IO(setsockopt, fd, SOL_SOCKET, SO_RCVBUF, &v, sizeof v), 0);
    assert_int_equal(get_int(fd, SOL_SOCKET, SO_RCVBUF), 2304);
    v = 0;
    assert_errno(IO(setsockopt, fd, IPPROTO_TCP, TCP_KEEPIDLE, &v, sizeof v), EINVAL);
    assert_errno(IO(setsockopt, fd, IPPROTO_TCP, TCP_MAXSEG, &v, sizeof v), EINVAL);
    assert_errno(IO(setsockopt, fd, IPPROTO_TCP, 4711, &v, sizeof v), ENOPROTOOPT);
    assert_errno(IO(setsockopt, fd, IPPROTO_TCP, TCP_NODELAY, &v, 1), EINVAL);
    assert_errno(IO(setsockopt, fd, IPPROTO_TCP, TCP_NODELAY, NULL, sizeof v), EFAULT);
    assert_int_equal(get_int(fd, IPPROTO_TCP, TCP_MAXSEG), 1448);
    assert_errno(IO(setsockopt, fd, IPPROTO_TCP, TCP_CONGESTION, "warp", 4), ENOENT);
    assert_int_equal(IO(setsockopt, fd, IPPROTO_TCP, TCP_CONGESTION, "cubic", 5), 0);
    assert_int_equal(IO(getsockopt, fd, IPPROTO_TCP, TCP_CONGESTION, cc, &len), 0);
    assert_string_equal(cc, "cubic");
    assert_int_equal(IO(setsockopt, fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv), 0);
    len = sizeof got;
    assert_int_equal(IO(getsockopt, fd, SOL_SOCKET, SO_RCVTIMEO, &got, &len), 0);
    assert_memory_equal(&tv, &got, sizeof tv);
    assert_int_equal(IO(setsockopt, fd, SOL_SOCKET, SO_LINGER, &l, sizeof l), 0);
    script_end(s);
}

static void test_info(void **state)
{
    struct tcp_info tcp;
    struct mptcp_info mp;
    struct {
        struct mptcp_subflow_data head;
        struct mptcp_subflow_addrs addr[2];
    } sub = { .head = { .size_subflow_data = sizeof sub.head, .size_user = sizeof sub.addr[0] } };
    socklen_t len = sizeof tcp;
    int fd;

    (void)state;
    open_server(1);
    fd = accept_one();
    assert_int_equal(IO(getsockopt, script_fd(s, 3), IPPROTO_TCP, TCP_INFO, &tcp, &len), 0);
    assert_int_equal(tcp.tcpi_state, 10);
    script_do(s, "+0.01 < P. 1:101(100) ack 1 win 256 <nop,nop,TS,dss dack4=1 dsn8=1 ssn=1 dll=100,nop,nop>");
    script_do(s, "+0 > . 1:1(0) ack 101 <nop,nop,TS,dss dack8=101>");
    len = sizeof tcp;
    assert_int_equal(IO(getsockopt, fd, IPPROTO_TCP, TCP_INFO, &tcp, &len), 0);
    assert_int_equal(tcp.tcpi_state, 1);
    assert_int_equal(tcp.tcpi_snd_cwnd, 10);
    assert_in_range(tcp.tcpi_rtt, 9900, 10100);
    assert_int_equal(tcp.tcpi_bytes_received, 100);
    len = sizeof mp;
    assert_int_equal(IO(getsockopt, fd, SOL_MPTCP_, MPTCP_INFO, &mp, &len), 0);
    assert_int_equal(mp.mptcpi_subflows, 0);
    assert_int_equal(mp.mptcpi_flags, MPTCP_INFO_FLAG_REMOTE_KEY_RECEIVED);
    assert_true(mp.mptcpi_rcv_nxt == script_idsn(s, 0) + 101);
    assert_true(mp.mptcpi_write_seq == script_idsn(s, 1) + 1);
    len = sizeof sub;
    assert_int_equal(IO(getsockopt, fd, SOL_MPTCP_, MPTCP_SUBFLOW_ADDRS, &sub, &len), 0);
    assert_int_equal(sub.head.num_subflows, 1);
    assert_int_equal(ntohs(sub.addr[0].sin_local.sin_port), 8080);
    assert_int_equal(ntohs(sub.addr[0].sin_remote.sin_port), 40000);
    sub.head.num_subflows = 1; /* must be 0 */
    len = sizeof sub;
    assert_errno(IO(getsockopt, fd, SOL_MPTCP_, MPTCP_TCPINFO, &sub, &len), EINVAL);
    script_end(s);
}

/* ---- octets ---- */

static void test_scattered(void **state)
{
    uint8_t a[30], b[100];
    struct iovec iov[2] = { { a, sizeof a }, { b, sizeof b } };
    struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };
    int fd;

    (void)state;
    open_server(0);
    fd = accept_one();
    data_in();
    assert_int_equal(IO(recv, fd, b, 50, MSG_PEEK), 50);
    assert_alphabet(b, 0, 50);
    assert_int_equal(IO(readv, fd, iov, 2), 100);
    assert_alphabet(a, 0, 30);
    assert_alphabet(b, 30, 70);
    script_do(s, "+0.01 < P. 101:151(50) ack 1 win 256 <nop,nop,TS>");
    script_do(s, "+0 > . 1:1(0) ack 151 <nop,nop,TS>");
    assert_int_equal(IO(recvmsg, fd, &msg, MSG_DONTWAIT), 50);
    assert_alphabet(a, 100, 30);
    assert_alphabet(b, 130, 20);
    assert_errno(IO(recvmsg, fd, &msg, MSG_DONTWAIT), EAGAIN);
    assert_errno(IO(recv, fd, b, 1, MSG_OOB), EINVAL);
    iov[1].iov_len = 20;
    assert_int_equal(IO(writev, fd, iov, 2), 50);
    script_do(s, "+0 > P. 1:51(50) ack 151 <nop,nop,TS>");
    script_do(s, "+0.01 < . 151:151(0) ack 51 win 256 <nop,nop,TS>");
    assert_int_equal(IO(sendmsg, fd, &msg, MSG_DONTWAIT), 50);
    script_do(s, "+0 > P. 51:101(50) ack 151 <nop,nop,TS>");
    assert_errno(IO(readv, fd, iov, -1), EINVAL);
    script_end(s);
}

/* The send buffer fills, poll says so, an acknowledgement empties it. */
static void test_full_buffer(void **state)
{
    static uint8_t big[20000];
    struct pollfd p = { .events = POLLOUT };
    int v = 5000, fd;

    (void)state;
    open_server(0);
    p.fd = fd = accept_one();
    assert_int_equal(IO(setsockopt, fd, SOL_SOCKET, SO_SNDBUF, &v, sizeof v), 0); /* 10000 */
    assert_int_equal(IO(poll, &p, 1, 0), 1);
    assert_int_equal(IO(send, fd, big, sizeof big, MSG_DONTWAIT), 10000);
    assert_errno(IO(send, fd, big, 1, MSG_DONTWAIT), EAGAIN);
    assert_int_equal(IO(poll, &p, 1, 0), 0);
    for (int i = 0; i < 7; i++) {
        char line[128];
        int n = i < 6 ? 1448 : 10000 - 6 * 1448;

        snprintf(line, sizeof line, "+0 > %s %d:%d(%d) ack 1 <nop,nop,TS>", i < 6 ? "." : "P.", 1 + 1448 * i,
                 1 + 1448 * i + n, n);
        script_do(s, line); /* the small one does not wait: no other small one is under way (RFC 9293 A.3) */
    }
    script_do(s, "+0.01 < . 1:1(0) ack 4345 win 256 <nop,nop,TS>");
    assert_int_equal(IO(poll, &p, 1, 0), 1);
    script_end(s);
}

/* SO_RCVTIMEO: EAGAIN when virtual time has passed it. The second thread sleeps, this one moves the time. */
static void test_receive_timeout(void **state)
{
    struct timeval tv = { 0, 300000 };

    (void)state;
    open_server(0);
    accept_one();
    assert_int_equal(IO(setsockopt, script_fd(s, 4), SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv), 0);
    script_do(s, "+0...0.4 read(4, ..., 10) = -1 EAGAIN");
    script_do(s, "+0.5 read(4, ..., 0) = 0");
    script_end(s);
}

/* Linger time 0: a RST instead of a FIN (RFC 9293 3.9.1.5). */
static void test_linger(void **state)
{
    struct linger l = { 1, 0 };

    (void)state;
    open_server(0);
    accept_one();
    assert_int_equal(IO(setsockopt, script_fd(s, 4), SOL_SOCKET, SO_LINGER, &l, sizeof l), 0);
    script_do(s, "+0.1 close(4) = 0");
    script_do(s, "+0 > R. 1:1(0) ack 1 <nop,nop,TS>");
    script_end(s);
}

/* ---- sets of descriptors ---- */

static void test_poll(void **state)
{
    struct pollfd p[3] = { { .fd = -1, .events = POLLIN }, { .fd = 999, .events = POLLIN }, { .events = POLLIN } };
    int fd;

    (void)state;
    open_server(0);
    p[2].fd = script_fd(s, 3);
    assert_int_equal(IO(poll, p, 3, 0), 2); /* the listener has one waiting; 999 is nothing */
    assert_int_equal(p[0].revents, 0);
    assert_int_equal(p[1].revents, POLLNVAL);
    assert_int_equal(p[2].revents, POLLIN);
    fd = accept_one();
    assert_int_equal(IO(poll, p + 2, 1, 0), 0);
    p[2].fd = fd;
    p[2].events = POLLIN | POLLOUT | POLLRDHUP;
    assert_int_equal(IO(poll, p + 2, 1, 0), 1);
    assert_int_equal(p[2].revents, POLLOUT);
    script_do(s, "+0.01 < F. 1:1(0) ack 1 win 256 <nop,nop,TS>");
    script_do(s, "+0 > . 1:1(0) ack 2 <nop,nop,TS>");
    assert_int_equal(IO(poll, p + 2, 1, 0), 1);
    assert_int_equal(p[2].revents, POLLIN | POLLOUT | POLLRDHUP);
    script_end(s);
}

static int wait_epoll(int ep, uint32_t *mask)
{
    struct epoll_event e[4];
    int n = IO(epoll_wait, ep, e, 4, 0);

    *mask = n > 0 ? e[0].events : 0;
    return n;
}

static void test_epoll(void **state)
{
    struct epoll_event e = { .events = EPOLLIN, .data.u32 = 42 };
    uint32_t mask;
    uint8_t buf[200];
    int fd, ep;

    (void)state;
    open_server(0);
    fd = accept_one();
    assert_errno(IO(epoll_create, 0), EINVAL);
    ep = IO(epoll_create, 1);
    assert_errno(IO(epoll_ctl, ep, EPOLL_CTL_MOD, fd, &e), ENOENT);
    assert_int_equal(IO(epoll_ctl, ep, EPOLL_CTL_ADD, fd, &e), 0);
    assert_errno(IO(epoll_ctl, ep, EPOLL_CTL_ADD, fd, &e), EEXIST);
    assert_errno(IO(epoll_ctl, ep, EPOLL_CTL_ADD, 999, &e), EBADF);
    assert_errno(IO(epoll_ctl, fd, EPOLL_CTL_ADD, ep, &e), EINVAL);
    assert_int_equal(wait_epoll(ep, &mask), 0);
    data_in();
    assert_int_equal(wait_epoll(ep, &mask), 1); /* level-triggered: as long as there is something */
    assert_int_equal(wait_epoll(ep, &mask), 1);
    assert_int_equal(mask, EPOLLIN);
    e.events = EPOLLIN | EPOLLET;
    assert_int_equal(IO(epoll_ctl, ep, EPOLL_CTL_MOD, fd, &e), 0);
    assert_int_equal(wait_epoll(ep, &mask), 1); /* an edge: once */
    assert_int_equal(wait_epoll(ep, &mask), 0);
    script_do(s, "+0.01 < P. 101:151(50) ack 1 win 256 <nop,nop,TS>");
    script_do(s, "+0 > . 1:1(0) ack 151 <nop,nop,TS>");
    assert_int_equal(wait_epoll(ep, &mask), 1); /* and once more */
    assert_int_equal(wait_epoll(ep, &mask), 0);
    e.events = EPOLLIN | EPOLLONESHOT;
    assert_int_equal(IO(epoll_ctl, ep, EPOLL_CTL_MOD, fd, &e), 0);
    assert_int_equal(wait_epoll(ep, &mask), 1);
    assert_int_equal(wait_epoll(ep, &mask), 0);
    assert_int_equal(IO(read, fd, buf, sizeof buf), 150);
    e.events = EPOLLOUT;
    assert_int_equal(IO(epoll_ctl, ep, EPOLL_CTL_MOD, fd, &e), 0);
    assert_int_equal(wait_epoll(ep, &mask), 1);
    assert_int_equal(mask, EPOLLOUT);
    assert_int_equal(IO(close, fd), 0); /* leaves the set by itself */
    s->fd[4] = -1;
    assert_int_equal(wait_epoll(ep, &mask), 0);
    script_do(s, "+0 > F. 1:1(0) ack 151 <nop,nop,TS>");
    script_end(s);
}

/* Socket to pipe to socket. */
static void test_splice(void **state)
{
    uint8_t buf[200];
    int fd, p[2];

    (void)state;
    open_server(0);
    fd = accept_one();
    data_in();
    assert_int_equal(IO(pipe, p), 0);
    assert_int_equal(IO(splice, fd, NULL, p[1], NULL, 1000, 0), 100);
    assert_errno(IO(splice, fd, NULL, p[1], NULL, 1000, SPLICE_F_NONBLOCK), EAGAIN);
    assert_errno(IO(splice, fd, NULL, fd, NULL, 1000, 0), EINVAL);
    assert_errno(IO(splice, p[1], NULL, fd, NULL, 1000, 0), EBADF); /* the wrong end */
    assert_int_equal(IO(splice, p[0], NULL, fd, NULL, 60, 0), 60);
    script_do(s, "+0 > P. 1:61(60) ack 101 <nop,nop,TS>");
    assert_int_equal(IO(ioctl, p[0], FIONREAD, &(int){ 0 }), 0);
    assert_int_equal(IO(read, p[0], buf, sizeof buf), 40);
    assert_alphabet(buf, 60, 40);
    assert_int_equal(IO(write, p[1], "xyz", 3), 3);
    assert_errno(IO(write, p[0], "xyz", 3), EBADF);
    assert_int_equal(IO(read, p[0], buf, 2), 2);
    assert_errno(IO(recv, p[0], buf, 2, 0), ENOTSOCK);
    assert_int_equal(IO(close, p[1]), 0);
    assert_int_equal(IO(read, p[0], buf, 2), 1);
    assert_int_equal(IO(read, p[0], buf, 2), 0); /* nobody writes any more */
    script_end(s);
}

/* ---- time and numbers ---- */

static long long now_us(void)
{
    struct timeval tv;

    IO(gettimeofday, &tv, NULL);
    return (long long)tv.tv_sec * 1000000 + tv.tv_usec;
}

static void test_clock(void **state)
{
    uint8_t buf[100];
    long long a, b, at;
    size_t n = sizeof buf;

    (void)state;
    script_begin(s, "clock", "");
    a = now_us();
    b = now_us();
    assert_true(b == a + 1); /* it moves when it is asked */
    IO(usleep, 2500000);
    assert_true(now_us() == b + 2500000 + 1);
    assert_int_equal(IO(netdev_receive, buf, &n, &at), 0); /* nothing will ever leave */
    assert_int_equal(n, 0);
    assert_int_equal(IO(netdev_send, "junk", 4), 0); /* ignored */
    script_end(s);
}

/* The numbers are real: a clean-up may call libc's close, and the next descriptor may get the same. */
static void test_real_numbers(void **state)
{
    int a, b;

    (void)state;
    script_begin(s, "numbers", "");
    a = IO(socket, AF_INET, SOCK_STREAM, 262);
    assert_int_equal(fcntl(a, F_GETFD), FD_CLOEXEC); /* libc knows it */
    assert_int_equal(close(a), 0);
    b = IO(socket, AF_INET, SOCK_STREAM, 262);
    assert_int_equal(a, b);
    assert_errno(IO(listen, b, 1) == 0 ? IO(accept, a + 1, NULL, NULL) : 0, EBADF);
    s->io.free(s->io.userdata); /* with a listener and a descriptor open */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_socket_errors),  cmocka_unit_test(test_mapped_addresses),
        cmocka_unit_test(test_options),        cmocka_unit_test(test_info),
        cmocka_unit_test(test_scattered),      cmocka_unit_test(test_full_buffer),
        cmocka_unit_test(test_receive_timeout), cmocka_unit_test(test_linger),
        cmocka_unit_test(test_poll),           cmocka_unit_test(test_epoll),
        cmocka_unit_test(test_splice),         cmocka_unit_test(test_clock),
        cmocka_unit_test(test_real_numbers),
    };

    script_init = packetdrill_interface_init;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
