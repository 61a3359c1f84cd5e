/* SPDX-License-Identifier: MIT */
/* calls.c - socket calls of a script (see script.h): "read(4, ..., 10)". Octets written are the alphabet; octets read are
 * not looked at here. */
#include "packetdrill/script.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>

enum { ARGS = 8 };

struct call {
    char name[32];
    char arg[ARGS][SCRIPT_LINE / 2];
    int args;
};

/* Names of numbers, joined by |. */
static const struct {
    const char *name;
    long value;
} names[] = {
    { "IPPROTO_TCP", IPPROTO_TCP }, { "IPPROTO_MPTCP", 262 }, { "SOL_SOCKET", SOL_SOCKET }, { "SOL_TCP", IPPROTO_TCP },
    { "SO_REUSEADDR", SO_REUSEADDR }, { "SO_ERROR", SO_ERROR }, { "SO_SNDBUF", SO_SNDBUF }, { "SO_RCVBUF", SO_RCVBUF },
    { "SO_KEEPALIVE", SO_KEEPALIVE }, { "TCP_NODELAY", TCP_NODELAY }, { "TCP_KEEPIDLE", TCP_KEEPIDLE },
    { "TCP_KEEPINTVL", TCP_KEEPINTVL }, { "TCP_KEEPCNT", TCP_KEEPCNT }, { "TCP_FASTOPEN", TCP_FASTOPEN },
    { "TCP_FASTOPEN_CONNECT", TCP_FASTOPEN_CONNECT }, { "TCP_MAXSEG", TCP_MAXSEG }, { "TCP_IS_MPTCP", 43 },
    { "MSG_PEEK", MSG_PEEK }, { "MSG_WAITALL", MSG_WAITALL }, { "MSG_DONTWAIT", MSG_DONTWAIT },
    { "MSG_FASTOPEN", MSG_FASTOPEN }, { "SHUT_RD", SHUT_RD }, { "SHUT_WR", SHUT_WR }, { "SHUT_RDWR", SHUT_RDWR },
    { "F_SETFL", F_SETFL }, { "F_GETFL", F_GETFL }, { "O_RDWR", O_RDWR }, { "O_NONBLOCK", O_NONBLOCK },
    { "POLLIN", POLLIN }, { "POLLOUT", POLLOUT }, { "POLLERR", POLLERR }, { "POLLHUP", POLLHUP },
    { "POLLRDHUP", POLLRDHUP }, { "SIOCINQ", SIOCINQ }, { "SIOCOUTQ", SIOCOUTQ }, { "FIONBIO", FIONBIO },
};

static long value_of(const struct script *s, const char *text)
{
    char copy[SCRIPT_LINE], *rest = NULL;
    long v = 0;

    snprintf(copy, sizeof copy, "%s", text);
    for (char *word = strtok_r(copy, "|[] ", &rest); word; word = strtok_r(NULL, "|[] ", &rest)) {
        size_t i = 0, n = sizeof names / sizeof names[0];

        while (i < n && strcmp(names[i].name, word))
            i++;
        if (i == n && (*word < '0' || *word > '9') && *word != '-')
            script_fail(s, "what is %s?", word);
        v |= i < n ? names[i].value : strtol(word, NULL, 0);
    }
    return v;
}

/* Arguments end at commas outside of brackets. */
static void split(struct script *s, const char *text, struct call *c)
{
    size_t n = strcspn(text, "("), at = 0;
    int depth = 0;

    memset(c, 0, sizeof *c);
    if (text[n] != '(' || n >= sizeof c->name)
        script_fail(s, "a call is expected: %s", text);
    memcpy(c->name, text, n);
    for (text += n + 1; *text && !(depth == 0 && *text == ')'); text++) {
        depth += (*text == '[' || *text == '{') - (*text == ']' || *text == '}');
        if (*text == ',' && depth == 0) {
            if (++c->args == ARGS - 1)
                script_fail(s, "too many arguments");
            at = 0;
        } else if (at || *text != ' ') {
            c->arg[c->args][at++] = *text;
        }
    }
    c->args++;
}

static int stack_fd(struct script *s, const char *text)
{
    return script_fd(s, atoi(text));
}

/* The numbers of a script begin at 3 and are its own. */
static long note_fd(struct script *s, int fd)
{
    if (fd < 0)
        return fd;
    for (int i = 3; i < SCRIPT_FDS; i++)
        if (s->fd[i] < 0) {
            s->fd[i] = fd;
            return i;
        }
    script_fail(s, "too many descriptors");
}

/* The test's own address of either end, or the peer's as "ADDR:PORT". */
static socklen_t make_addr(const struct script *s, int peer, struct sockaddr_storage *ss)
{
    struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(s->port) };
    struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(s->port) };

    if (s->family == AF_INET) {
        inet_pton(AF_INET, peer ? "192.0.2.1" : "0.0.0.0", &in.sin_addr);
        memcpy(ss, &in, sizeof in);
        return sizeof in;
    }
    inet_pton(AF_INET6, !peer ? "::" : s->packets == 6 ? "fd3d:fa7b:d17d::1" : "::ffff:192.0.2.1", &in6.sin6_addr);
    memcpy(ss, &in6, sizeof in6);
    return sizeof in6;
}

static long call_names(struct script *s, const struct call *c, int *known)
{
    struct sockaddr_storage ss;
    socklen_t len = make_addr(s, !strcmp(c->name, "connect"), &ss);
    const struct sockaddr *sa = (const struct sockaddr *)&ss;
    void *u = s->io.userdata;
    int fd = stack_fd(s, c->arg[0]);

    if (!strcmp(c->name, "socket"))
        return note_fd(s, s->io.socket(u, s->family, SOCK_STREAM, (int)value_of(s, c->arg[2])));
    if (!strcmp(c->name, "bind"))
        return s->io.bind(u, fd, sa, len);
    if (!strcmp(c->name, "connect"))
        return s->io.connect(u, fd, sa, len);
    if (!strcmp(c->name, "listen"))
        return s->io.listen(u, fd, atoi(c->arg[1]));
    if (!strcmp(c->name, "accept")) {
        len = sizeof ss;
        return note_fd(s, s->io.accept(u, fd, (struct sockaddr *)&ss, &len));
    }
    *known = 0;
    return 0;
}

static long call_octets(struct script *s, const struct call *c, uint8_t *buffer, int *known)
{
    void *u = s->io.userdata;
    int fd = stack_fd(s, c->arg[0]), flags = c->args > 3 ? (int)value_of(s, c->arg[3]) : 0;
    size_t n = (size_t)strtoul(c->arg[2], NULL, 10);
    struct sockaddr_storage ss;

    if (n > SCRIPT_PAYLOAD)
        script_fail(s, "at most %d octets", SCRIPT_PAYLOAD);
    if (!strcmp(c->name, "read"))
        return (long)s->io.read(u, fd, buffer, n);
    if (!strcmp(c->name, "recv"))
        return (long)s->io.recv(u, fd, buffer, n, flags);
    for (size_t i = 0; i < n; i++)
        buffer[i] = (uint8_t)('a' + i % 26);
    if (!strcmp(c->name, "write"))
        return (long)s->io.write(u, fd, buffer, n);
    if (!strcmp(c->name, "send"))
        return (long)s->io.send(u, fd, buffer, n, flags);
    if (!strcmp(c->name, "sendto"))
        return (long)s->io.sendto(u, fd, buffer, n, flags, (struct sockaddr *)&ss, make_addr(s, 1, &ss));
    *known = 0;
    return 0;
}

static long get_option(struct script *s, const struct call *c, int fd)
{
    int v = 0;
    socklen_t len = sizeof v;
    long r = s->io.getsockopt(s->io.userdata, fd, (int)value_of(s, c->arg[1]), (int)value_of(s, c->arg[2]), &v, &len);

    if (r == 0 && v != value_of(s, c->arg[3]))
        script_fail(s, "the option is %d", v);
    return r;
}

/* poll([{fd=4, events=POLLIN, revents=POLLIN}], 1, 0): one descriptor. */
static long call_poll(struct script *s, const struct call *c)
{
    char events[64], revents[64];
    struct pollfd p = { 0 };
    int fd;
    long r;

    if (sscanf(c->arg[0], "[{fd=%d, events=%63[^,], revents=%63[^}]", &fd, events, revents) != 3)
        script_fail(s, "[{fd=N, events=E, revents=R}] expected");
    p.fd = script_fd(s, fd);
    p.events = (short)value_of(s, events);
    r = s->io.poll(s->io.userdata, &p, 1, atoi(c->arg[2]));
    if (p.revents != (short)value_of(s, revents))
        script_fail(s, "revents is 0x%x", (unsigned)p.revents);
    return r;
}

static long call_ioctl(struct script *s, const struct call *c, int fd)
{
    unsigned long request = (unsigned long)value_of(s, c->arg[1]);
    int v = (int)value_of(s, c->arg[2]), expected = v;
    long r = s->io.ioctl(s->io.userdata, fd, request, &v);

    if (v != expected)
        script_fail(s, "ioctl says %d", v);
    return r;
}

static long call_rest(struct script *s, const struct call *c, int *known)
{
    void *u = s->io.userdata;
    int fd = stack_fd(s, c->arg[0]), v;

    if (!strcmp(c->name, "close")) {
        s->fd[atoi(c->arg[0])] = -1;
        return s->io.close(u, fd);
    }
    if (!strcmp(c->name, "shutdown"))
        return s->io.shutdown(u, fd, (int)value_of(s, c->arg[1]));
    if (!strcmp(c->name, "setsockopt")) {
        v = (int)value_of(s, c->arg[3]);
        return s->io.setsockopt(u, fd, (int)value_of(s, c->arg[1]), (int)value_of(s, c->arg[2]), &v, sizeof v);
    }
    if (!strcmp(c->name, "getsockopt"))
        return get_option(s, c, fd);
    if (!strcmp(c->name, "fcntl"))
        return s->io.fcntl(u, fd, (int)value_of(s, c->arg[1]), c->args > 2 ? (int)value_of(s, c->arg[2]) : 0);
    if (!strcmp(c->name, "poll"))
        return call_poll(s, c);
    if (!strcmp(c->name, "ioctl"))
        return call_ioctl(s, c, fd);
    *known = 0;
    return 0;
}

long script_call(struct script *s, const char *text, uint8_t *buffer, int *error)
{
    struct call c;
    int known = 1;
    long r;

    split(s, text, &c);
    errno = 0;
    r = call_names(s, &c, &known);
    if (!known) {
        known = 1;
        r = call_octets(s, &c, buffer, &known);
    }
    if (!known) {
        known = 1;
        r = call_rest(s, &c, &known);
    }
    *error = errno;
    if (!known)
        script_fail(s, "no such call: %s", c.name);
    return r;
}
