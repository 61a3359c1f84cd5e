/* SPDX-License-Identifier: MIT */
/* options.c - getsockopt and setsockopt (socket(7), tcp(7)). One table says what there is; what is not in it is
 * ENOPROTOOPT. README.md tells which options are only kept. */
#include "host.h"

#include <linux/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef SOL_MPTCP
#define SOL_MPTCP 284
#endif
#ifndef TCP_IS_MPTCP
#define TCP_IS_MPTCP 43
#endif

enum { SNDBUF_MIN = 4608, RCVBUF_MIN = 2304, BUF_MAX = 16 << 20 };

#define FLAG INT32_MIN, INT32_MIN
#define ANY INT32_MIN, INT32_MAX

/* By enum pd_option first; those behind are only kept. */
static const struct option {
    int level, name;
    int fallback, min, max; /* default; a value outside is EINVAL; FLAG: any number, 0 or not */
} table[] = {
    [PD_OPT_REUSEADDR] = { SOL_SOCKET, SO_REUSEADDR, 0, FLAG },
    [PD_OPT_KEEPALIVE] = { SOL_SOCKET, SO_KEEPALIVE, 0, FLAG },
    [PD_OPT_SNDBUF] = { SOL_SOCKET, SO_SNDBUF, 4 << 20, ANY },
    [PD_OPT_RCVBUF] = { SOL_SOCKET, SO_RCVBUF, 131072, ANY },
    [PD_OPT_NODELAY] = { IPPROTO_TCP, TCP_NODELAY, 0, FLAG },
    [PD_OPT_KEEPIDLE] = { IPPROTO_TCP, TCP_KEEPIDLE, 7200, 1, 32767 },
    [PD_OPT_KEEPINTVL] = { IPPROTO_TCP, TCP_KEEPINTVL, 75, 1, 32767 },
    [PD_OPT_KEEPCNT] = { IPPROTO_TCP, TCP_KEEPCNT, 9, 1, 127 },
    [PD_OPT_FASTOPEN] = { IPPROTO_TCP, TCP_FASTOPEN, 0, 0, INT32_MAX },
    [PD_OPT_FASTOPEN_CONNECT] = { IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 0, 0, 1 },
    { SOL_SOCKET, SO_REUSEPORT, 0, FLAG },
    { SOL_SOCKET, SO_PRIORITY, 0, ANY },
    { SOL_SOCKET, SO_OOBINLINE, 0, FLAG },
    { SOL_SOCKET, SO_RCVLOWAT, 1, 1, INT32_MAX },
    { IPPROTO_TCP, TCP_CORK, 0, FLAG },
    { IPPROTO_TCP, TCP_QUICKACK, 1, FLAG },
    { IPPROTO_TCP, TCP_DEFER_ACCEPT, 0, 0, INT32_MAX },
    { IPPROTO_TCP, TCP_USER_TIMEOUT, 0, 0, INT32_MAX },
    { IPPROTO_TCP, TCP_NOTSENT_LOWAT, 0, ANY },
    { IPPROTO_TCP, TCP_SYNCNT, 0, 1, 127 },
    { IPPROTO_TCP, TCP_LINGER2, 60, ANY },
    { IPPROTO_TCP, TCP_WINDOW_CLAMP, 0, 0, INT32_MAX },
    { IPPROTO_IP, IP_TOS, 0, 0, 255 },
    { IPPROTO_IPV6, IPV6_V6ONLY, 0, 0, 1 },
};
enum { OPTIONS = sizeof table / sizeof table[0] };
_Static_assert((int)OPTIONS <= (int)PD_OPTIONS, "no room for so many options");

void pd_options_default(const struct pd_host *host, struct pd_socket *so)
{
    for (int i = 0; i < OPTIONS; i++)
        so->option[i] = table[i].fallback;
    so->option[PD_OPT_KEEPIDLE] = atoi(pd_sysctl_get(host, "net.ipv4.tcp_keepalive_time"));
    so->option[PD_OPT_KEEPINTVL] = atoi(pd_sysctl_get(host, "net.ipv4.tcp_keepalive_intvl"));
    so->option[PD_OPT_KEEPCNT] = atoi(pd_sysctl_get(host, "net.ipv4.tcp_keepalive_probes"));
}

/* The place in the table is the place of the value in the socket. */
static int find(int level, int name)
{
    for (int i = 0; i < OPTIONS; i++)
        if (table[i].level == level && table[i].name == name)
            return i;
    return -1;
}

/* ---- what an option does ---- */

/* The core takes keys by text; a number that it refuses was checked by the table before. */
static void tell(struct pd_host *host, struct pd_socket *so, const char *key, const char *format, int value)
{
    char text[32];

    snprintf(text, sizeof text, format, value);
    mpt_conn_set(so->conn, key, text, host->now);
}

/* Nagle is on unless TCP_NODELAY; keep-alive off unless SO_KEEPALIVE (RFC 9293 3.7.4, 3.8.4). */
void pd_options_apply(struct pd_host *host, struct pd_socket *so)
{
    const int *v = so->option;

    if (!so->conn)
        return;
    tell(host, so, "tcp.nagle", "%d", !v[PD_OPT_NODELAY]);
    if (!v[PD_OPT_KEEPALIVE] && !(so->option_set & 1u << PD_OPT_KEEPALIVE))
        return;
    tell(host, so, "tcp.keepalive", "%ds", v[PD_OPT_KEEPALIVE] ? v[PD_OPT_KEEPIDLE] : 0);
    tell(host, so, "tcp.keepalive_interval", "%ds", v[PD_OPT_KEEPINTVL]);
    tell(host, so, "tcp.keepalive_probes", "%d", v[PD_OPT_KEEPCNT]);
}

/* Linux doubles what is asked for: half is for its own book-keeping. */
static int buffer_of(int i, int value)
{
    int min = i == PD_OPT_SNDBUF ? SNDBUF_MIN : RCVBUF_MIN;

    if (value < 0 || value > BUF_MAX / 2)
        value = BUF_MAX / 2;
    return 2 * value < min ? min : 2 * value;
}

/* Every option of the table is an int. */
static int set_number(struct pd_host *host, struct pd_socket *so, int i, const void *value, socklen_t len)
{
    int v;

    if (len < sizeof v)
        return EINVAL;
    memcpy(&v, value, sizeof v);
    if (table[i].max == INT32_MIN)
        v = v != 0;
    else if (v < table[i].min || v > table[i].max)
        return EINVAL;
    if (i == PD_OPT_SNDBUF || i == PD_OPT_RCVBUF)
        v = buffer_of(i, v);
    so->option[i] = v;
    so->option_set |= 1u << i;
    pd_options_apply(host, so);
    pd_net_pump(host);
    return 0;
}

/* ---- options that are no number ---- */

/* SO_RCVTIMEO and SO_SNDTIMEO: 0 means for ever (socket(7)). */
static int set_time(uint64_t *to, const void *value, socklen_t len)
{
    struct timeval tv;

    if (len < sizeof tv)
        return EINVAL;
    memcpy(&tv, value, sizeof tv);
    if (tv.tv_usec < 0 || tv.tv_usec >= 1000000)
        return EDOM;
    *to = tv.tv_sec < 0 ? 0 : (uint64_t)tv.tv_sec * PD_SECOND + (uint64_t)tv.tv_usec * 1000;
    return 0;
}

/* A name that the core does not know is ENOENT, as of a module that is not there. */
static int set_congestion(struct pd_host *host, struct pd_socket *so, const char *value, socklen_t len)
{
    struct mpt_config probe = host->config;
    char text[16] = "";

    if (!len)
        return EINVAL;
    memcpy(text, value, len < sizeof text ? len : sizeof text - 1);
    if (mpt_config_set(&probe, "cc", text) < 0)
        return ENOENT;
    memcpy(so->congestion, text, sizeof text);
    return 0;
}

/* Checked, not obeyed: the MSS follows the MTU. */
static int set_maxseg(const void *value, socklen_t len)
{
    int v;

    if (len < sizeof v)
        return EINVAL;
    memcpy(&v, value, sizeof v);
    return v < 88 || v > 32767 ? EINVAL : 0; /* Linux's bounds */
}

static int set_option(struct pd_host *host, struct pd_socket *so, int level, int name, const void *value,
                      socklen_t len)
{
    int i = find(level, name);

    if (!value)
        return EFAULT;
    if (i >= 0)
        return set_number(host, so, i, value, len);
    if (level == IPPROTO_TCP && name == TCP_CONGESTION)
        return set_congestion(host, so, value, len);
    if (level == IPPROTO_TCP && name == TCP_MAXSEG)
        return set_maxseg(value, len);
    if (level == SOL_SOCKET && name == SO_RCVTIMEO)
        return set_time(&so->recv_timeout, value, len);
    if (level == SOL_SOCKET && name == SO_SNDTIMEO)
        return set_time(&so->send_timeout, value, len);
    if (level == SOL_SOCKET && name == SO_LINGER) {
        if (len < sizeof so->linger)
            return EINVAL;
        memcpy(&so->linger, value, sizeof so->linger);
        return 0;
    }
    return ENOPROTOOPT;
}

/* May send: TCP_NODELAY lets a small segment go. */
int pd_options_set(void *userdata, int fd, int level, int name, const void *value, socklen_t len)
{
    struct pd_host *host = userdata;
    struct pd_socket *so;
    int error;

    PD_LOCK(host);
    so = pd_fd_socket(host, fd);
    error = so ? set_option(host, so, level, name, value, len) : errno;
    PD_UNLOCK(host);
    if (!error)
        return 0;
    errno = error;
    return -1;
}

/* ---- looking ---- */

/* Cut to the caller's room, as Linux does. */
static int give(void *value, socklen_t *len, const void *from, size_t n)
{
    if (*len > n)
        *len = (socklen_t)n;
    memcpy(value, from, *len);
    return 0;
}

static int give_int(void *value, socklen_t *len, int v)
{
    return give(value, len, &v, sizeof v);
}

/* Without timestamps' octets, as Linux tells it; 536 before there is a connection (RFC 9293 3.7.1). */
static int get_maxseg(const struct pd_socket *so)
{
    struct mpt_subflow_info info = { .size = sizeof info };

    return so->conn && mpt_subflow_info(so->conn, 0, &info) == 1 && info.mss ? (int)info.mss : 536;
}

/* 0 after a fallback (RFC 8684 3.7), and of every plain socket. */
static int is_mptcp(const struct pd_socket *so)
{
    struct mpt_conn_info info = { .size = sizeof info };

    if (so->protocol != PD_IPPROTO_MPTCP)
        return 0;
    return !so->conn || mpt_conn_info(so->conn, &info) < 0 || info.state == MPT_CONN_CONNECTING || info.multipath;
}

/* SO_ERROR is the only look that changes something. */
static int get_socket(struct pd_socket *so, int name, void *value, socklen_t *len)
{
    int error;

    switch (name) {
    case SO_ERROR:
        error = so->error;
        so->error = 0;
        return give_int(value, len, error);
    case SO_TYPE:
        return give_int(value, len, SOCK_STREAM);
    case SO_PROTOCOL:
        return give_int(value, len, so->protocol);
    case SO_DOMAIN:
        return give_int(value, len, so->family);
    case SO_ACCEPTCONN:
        return give_int(value, len, so->state == PD_LISTEN);
    case SO_LINGER:
        return give(value, len, &so->linger, sizeof so->linger);
    default:
        return ENOPROTOOPT;
    }
}

static int get_time(uint64_t ns, void *value, socklen_t *len)
{
    struct timeval tv = { (time_t)(ns / PD_SECOND), (suseconds_t)(ns % PD_SECOND / 1000) };

    return give(value, len, &tv, sizeof tv);
}

/* TCP_CONGESTION is the stack's as long as the socket has none of its own. */
static int get_tcp(const struct pd_host *host, const struct pd_socket *so, int name, void *value, socklen_t *len)
{
    char text[16] = "";

    switch (name) {
    case TCP_MAXSEG:
        return give_int(value, len, get_maxseg(so));
    case TCP_IS_MPTCP:
        return give_int(value, len, is_mptcp(so));
    case TCP_CONGESTION:
        pd_sysctl_congestion(host, text, sizeof text);
        return give(value, len, so->congestion[0] ? so->congestion : text, sizeof text);
    case TCP_INFO:
        return pd_info_tcp(so, value, len);
    default:
        return ENOPROTOOPT;
    }
}

static int get_option(struct pd_host *host, struct pd_socket *so, int level, int name, void *value, socklen_t *len)
{
    int i = find(level, name);

    if (!value || !len)
        return EFAULT;
    if (i >= 0)
        return give_int(value, len, so->option[i]);
    if (level == SOL_SOCKET && (name == SO_RCVTIMEO || name == SO_SNDTIMEO))
        return get_time(name == SO_RCVTIMEO ? so->recv_timeout : so->send_timeout, value, len);
    if (level == SOL_SOCKET)
        return get_socket(so, name, value, len);
    if (level == IPPROTO_TCP)
        return get_tcp(host, so, name, value, len);
    if (level == SOL_MPTCP) /* EOPNOTSUPP of a plain socket, too: as Linux 6.18 answers */
        return is_mptcp(so) ? pd_info_mptcp(host, so, name, value, len) : EOPNOTSUPP;
    return ENOPROTOOPT;
}

int pd_options_get(void *userdata, int fd, int level, int name, void *value, socklen_t *len)
{
    struct pd_host *host = userdata;
    struct pd_socket *so;
    int error;

    PD_LOCK(host);
    so = pd_fd_socket(host, fd);
    error = so ? get_option(host, so, level, name, value, len) : errno;
    PD_UNLOCK(host);
    if (!error)
        return 0;
    errno = error;
    return -1;
}
