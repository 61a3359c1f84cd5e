/* SPDX-License-Identifier: MIT */
/* addr.c - addresses as sockets have them and as the core has them. An AF_INET6 socket speaks IPv4 by mapped
 * addresses (RFC 4291 2.5.5.2, RFC 3493 3.7). */
#include "host.h"

#include <arpa/inet.h>
#include <string.h>

static const uint8_t MAPPED[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

/* INADDR_ANY is family 0: every address. */
static int take_v4(const struct sockaddr *sa, socklen_t len, struct mpt_addr *addr)
{
    struct sockaddr_in in;

    if (len < sizeof in)
        return EINVAL;
    memcpy(&in, sa, sizeof in);
    addr->port = ntohs(in.sin_port);
    if (in.sin_addr.s_addr != htonl(INADDR_ANY)) {
        addr->family = 4;
        memcpy(addr->ip, &in.sin_addr, 4);
    }
    return 0;
}

static int take_v6(const struct sockaddr *sa, socklen_t len, struct mpt_addr *addr)
{
    struct sockaddr_in6 in;

    if (len < 24) /* RFC 2133's form has no scope, and Linux takes it */
        return EINVAL;
    memset(&in, 0, sizeof in);
    memcpy(&in, sa, len < sizeof in ? len : sizeof in);
    addr->port = ntohs(in.sin6_port);
    if (IN6_IS_ADDR_UNSPECIFIED(&in.sin6_addr))
        return 0;
    if (IN6_IS_ADDR_V4MAPPED(&in.sin6_addr)) {
        memcpy(addr->ip, (const uint8_t *)&in.sin6_addr + 12, 4);
        if (addr->ip[0] | addr->ip[1] | addr->ip[2] | addr->ip[3])
            addr->family = 4;
        return 0;
    }
    addr->family = 6;
    memcpy(addr->ip, &in.sin6_addr, 16);
    return 0;
}

/* 0 or an errno. family 0: every address. */
int pd_addr_in(const struct pd_socket *so, const struct sockaddr *sa, socklen_t len, struct mpt_addr *addr)
{
    memset(addr, 0, sizeof *addr);
    if (!sa)
        return EFAULT;
    if (len < sizeof sa->sa_family)
        return EINVAL;
    if (sa->sa_family == AF_INET && so->family == AF_INET)
        return take_v4(sa, len, addr);
    if (sa->sa_family == AF_INET6 && so->family == AF_INET6)
        return take_v6(sa, len, addr);
    return EAFNOSUPPORT;
}

/* An IPv4 peer appears as ::ffff:a.b.c.d. */
static socklen_t put_v6(const struct mpt_addr *addr, struct sockaddr_storage *ss)
{
    struct sockaddr_in6 in = { .sin6_family = AF_INET6, .sin6_port = htons(addr->port) };
    uint8_t *ip = (uint8_t *)&in.sin6_addr;

    if (addr->family == 4) {
        memcpy(ip, MAPPED, 12);
        memcpy(ip + 12, addr->ip, 4);
    } else {
        memcpy(ip, addr->ip, 16);
    }
    memcpy(ss, &in, sizeof in);
    return sizeof in;
}

static socklen_t put_v4(const struct mpt_addr *addr, struct sockaddr_storage *ss)
{
    struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(addr->port) };

    memcpy(&in.sin_addr, addr->ip, 4);
    memcpy(ss, &in, sizeof in);
    return sizeof in;
}

/* Cut to the caller's room; *len is the length there would have been. */
void pd_addr_out(const struct pd_socket *so, const struct mpt_addr *addr, struct sockaddr *sa, socklen_t *len)
{
    struct sockaddr_storage ss;
    socklen_t n;

    if (!sa || !len)
        return;
    n = so->family == AF_INET6 ? put_v6(addr, &ss) : put_v4(addr, &ss);
    memcpy(sa, &ss, *len < n ? *len : n);
    *len = n;
}

/* A prefix length may follow and is ignored: every address is on the one link. */
int pd_addr_parse(const char *text, struct mpt_addr *addr)
{
    char plain[INET6_ADDRSTRLEN + 1];
    size_t n = strcspn(text, "/");

    memset(addr, 0, sizeof *addr);
    if (n >= sizeof plain)
        return -1;
    memcpy(plain, text, n);
    plain[n] = 0;
    if (inet_pton(AF_INET, plain, addr->ip) == 1)
        addr->family = 4;
    else if (inet_pton(AF_INET6, plain, addr->ip) == 1)
        addr->family = 6;
    return addr->family ? 0 : -1;
}
