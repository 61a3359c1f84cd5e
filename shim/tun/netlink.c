/* SPDX-License-Identifier: MIT */
/* netlink.c - requests of rtnetlink (see netlink.h): addresses, routes, rules and links. Called by device.c. */
#include "tun/netlink.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A request while it is put together: header, the fixed part of its kind, attributes. */
struct request {
    struct nlmsghdr head;
    uint8_t body[256]; /* aligned behind the header, as NLMSG_DATA wants it */
};

int netlink_open(void)
{
    struct sockaddr_nl local = {.nl_family = AF_NETLINK};
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

    if (fd < 0)
        return -errno;
    if (bind(fd, (struct sockaddr *)&local, sizeof local) < 0) {
        int error = -errno;

        close(fd);
        return error;
    }
    return fd;
}

/* The fixed part stands behind the header; attributes follow. */
static void begin(struct request *r, uint16_t type, uint16_t flags, const void *fixed, size_t n)
{
    memset(r, 0, sizeof *r);
    r->head.nlmsg_type = type;
    r->head.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags);
    r->head.nlmsg_len = NLMSG_LENGTH((uint32_t)n);
    memcpy(NLMSG_DATA(&r->head), fixed, n);
}

/* Attributes are few and small: the body has room for all that any caller adds. */
static void add(struct request *r, uint16_t type, const void *data, size_t n)
{
    uint32_t at = NLMSG_ALIGN(r->head.nlmsg_len);
    struct rtattr attr = {(uint16_t)RTA_LENGTH(n), type};

    memcpy((uint8_t *)r + at, &attr, sizeof attr);
    memcpy((uint8_t *)r + at + RTA_LENGTH(0), data, n);
    r->head.nlmsg_len = at + (uint32_t)RTA_LENGTH(n);
}

/* With NLM_F_ACK the kernel answers every request by NLMSG_ERROR, error 0 being success. */
static int ask(int fd, struct request *r)
{
    struct {
        struct nlmsghdr head;
        struct nlmsgerr error;
        uint8_t rest[512]; /* the request is repeated behind an error */
    } answer;
    ssize_t got;

    if (send(fd, r, r->head.nlmsg_len, 0) < 0)
        return -errno;
    do
        got = recv(fd, &answer, sizeof answer, 0);
    while (got < 0 && errno == EINTR);
    if (got < (ssize_t)NLMSG_LENGTH(sizeof answer.error) || answer.head.nlmsg_type != NLMSG_ERROR)
        return got < 0 ? -errno : -EPROTO;
    return answer.error.error;
}

static int exists_is_fine(int error)
{
    return error == -EEXIST ? 0 : error;
}

static uint8_t family_of(const struct mpt_addr *addr)
{
    return addr->family == 6 ? AF_INET6 : AF_INET;
}

static size_t octets_of(const struct mpt_addr *addr)
{
    return addr->family == 6 ? 16 : 4;
}

int netlink_link(int fd, unsigned device, int up, uint32_t mtu)
{
    struct ifinfomsg link = {.ifi_family = AF_UNSPEC, .ifi_index = (int)device};
    struct request r;

    if (up)
        link.ifi_flags = link.ifi_change = IFF_UP;
    begin(&r, RTM_NEWLINK, 0, &link, sizeof link);
    if (mtu)
        add(&r, IFLA_MTU, &mtu, sizeof mtu);
    return ask(fd, &r);
}

/* There is no duplicate address detection on a device without link addresses (RFC 4862 5.4), so none is switched off. */
int netlink_address(int fd, unsigned device, const struct mpt_addr *addr, unsigned prefix)
{
    struct ifaddrmsg a = {.ifa_family = family_of(addr), .ifa_prefixlen = (uint8_t)prefix,
                          .ifa_index = device};
    struct request r;

    begin(&r, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &a, sizeof a);
    add(&r, IFA_LOCAL, addr->ip, octets_of(addr));
    add(&r, IFA_ADDRESS, addr->ip, octets_of(addr));
    return exists_is_fine(ask(fd, &r));
}

/* A route of the link: there is no gateway on a TUN device. */
static int add_route(int fd, unsigned device, const struct mpt_addr *to, unsigned prefix, uint32_t table)
{
    struct rtmsg m = {.rtm_family = family_of(to), .rtm_dst_len = (uint8_t)prefix, .rtm_table = RT_TABLE_UNSPEC,
                      .rtm_protocol = RTPROT_STATIC, .rtm_scope = RT_SCOPE_LINK, .rtm_type = RTN_UNICAST};
    uint32_t out = device;
    struct request r;

    if (to->family == 6)
        m.rtm_scope = RT_SCOPE_UNIVERSE; /* IPv6 knows no other */
    begin(&r, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &m, sizeof m);
    add(&r, RTA_TABLE, &table, sizeof table);
    if (prefix)
        add(&r, RTA_DST, to->ip, octets_of(to));
    add(&r, RTA_OIF, &out, sizeof out);
    return exists_is_fine(ask(fd, &r));
}

int netlink_route(int fd, unsigned device, const struct mpt_addr *to, unsigned prefix)
{
    struct mpt_addr net = *to; /* the kernel refuses a prefix with bits behind its length */
    unsigned i;

    for (i = prefix; i < octets_of(to) * 8; i++)
        net.ip[i / 8] &= (uint8_t)~(0x80u >> (i % 8));
    return add_route(fd, device, &net, prefix, RT_TABLE_MAIN);
}

/* `ip rule add iif FROM lookup TABLE; ip route add default dev DEVICE table TABLE`. */
int netlink_forward(int fd, const char *from, unsigned from_device, unsigned device, unsigned family)
{
    struct mpt_addr any = {.family = (uint8_t)family};
    struct fib_rule_hdr rule = {.family = family_of(&any), .action = FR_ACT_TO_TBL};
    uint32_t table = 1000 + from_device, priority = 1000;
    struct request r;
    int error = add_route(fd, device, &any, 0, table);

    if (error < 0)
        return error;
    begin(&r, RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL, &rule, sizeof rule);
    add(&r, FRA_TABLE, &table, sizeof table);
    add(&r, FRA_PRIORITY, &priority, sizeof priority);
    add(&r, FRA_IIFNAME, from, strlen(from) + 1);
    return exists_is_fine(ask(fd, &r));
}
