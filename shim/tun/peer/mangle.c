/* SPDX-License-Identifier: MIT */
/* mangle.c - the middlebox of the kernel cases (see mangle.h). Read RFC 8684 3 and RFC 9293 3.1. */
#include "tun/peer/mangle.h"

#include "ip.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KIND_MPTCP = 30, OPTION_ALL = 99, NO_OPTION = -1 };
enum { FIN = 0x01, SYN = 0x02, RST = 0x04, ACK = 0x10, ECE = 0x40, CWR = 0x80 };

/* Subtypes of RFC 8684 in their order; then what is no option. */
static const char *const names[] = {
    "MP_CAPABLE", "MP_JOIN", "DSS", "ADD_ADDR", "REMOVE_ADDR", "MP_PRIO",
    "MP_FAIL", "MP_FASTCLOSE", "MP_TCPRST", "any", "syn", "synack",
    "data", "pure", "rst", "fin", "syndata", "ece", "cwr",
};
enum { IS_ANY = 9, IS_SYN, IS_SYNACK, IS_DATA, IS_PURE, IS_RST, IS_FIN, IS_SYNDATA, IS_ECE, IS_CWR };

static int find_name(const char *text, size_t n)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i]) == n && memcmp(names[i], text, n) == 0)
            return (int)i;
    return n == 3 && memcmp(text, "all", 3) == 0 ? OPTION_ALL : NO_OPTION;
}

/* ---- rules ---------------------------------------------------------------------------------------- */

/* "3", "2-5", "2-", "*" */
static int parse_range(struct mangle_rule *rule, const char *text)
{
    char *end;

    rule->from = 1;
    rule->to = UINT64_MAX;
    if (strcmp(text, "*") == 0)
        return 0;
    rule->from = rule->to = strtoull(text, &end, 10);
    if (end == text)
        return -1;
    if (*end == '-')
        rule->to = end[1] ? strtoull(end + 1, &end, 10) : (end++, UINT64_MAX);
    return *end ? -1 : 0;
}

/* word[0] is the verb; what is not there is empty. */
static int parse_action(struct mangle_rule *rule, char word[5][24])
{
    static const char *const verbs[] = {"drop", "strip", "xor", "flip", "flags", "reset", "count", "ce"};
    const char *x = word[1], *y = word[2], *z = word[3];
    int i;

    for (i = 0; i < 8 && strcmp(word[0], verbs[i]) != 0; i++)
        ;
    rule->action = (enum mangle_action)i;
    if (i == MANGLE_COUNT) {
        strcpy(rule->name, x);
        x = word[2];
        y = word[3];
        z = word[4];
    }
    rule->option = find_name(x, strlen(x));
    switch (i) {
    case MANGLE_COUNT:
        rule->a = (unsigned)strtoul(y, NULL, 0);
        rule->b = (unsigned)strtoul(z, NULL, 0);
        return !rule->name[0] || (*x && !*z) ? -1 : 0;
    case MANGLE_XOR:
        rule->a = (unsigned)strtoul(y, NULL, 0);
        rule->b = (unsigned)strtoul(z, NULL, 0);
        return rule->option < 0 || rule->option >= IS_ANY || !*z ? -1 : 0;
    case MANGLE_STRIP:
        return rule->option == NO_OPTION ? -1 : 0;
    case MANGLE_FLAGS:
    case MANGLE_RESET:
        rule->a = (unsigned)strtoul(x, NULL, 0);
        rule->b = (unsigned)strtoul(y, NULL, 0);
        return *x ? 0 : -1;
    default:
        return i < 8 ? 0 : -1;
    }
}

int mangle_add(struct mangle *mangle, const char *text)
{
    struct mangle_rule rule;
    char dir[8], path[8], kind[16], nth[24], word[5][24];

    memset(&rule, 0, sizeof rule);
    memset(word, 0, sizeof word);
    if (mangle->rules == MANGLE_RULES ||
        sscanf(text, "%7[^:]:%7[^:]:%15[^:]:%23s %23s %23s %23s %23s %23s", dir, path, kind, nth, word[0],
               word[1], word[2], word[3], word[4]) < 5)
        return -1;
    rule.dir = strcmp(dir, "out") == 0 ? 1 : strcmp(dir, "in") == 0 ? 2 : 0;
    if (strcmp(dir, "both") == 0)
        rule.dir = 3;
    rule.path = (uint32_t)strtoul(path, NULL, 10);
    rule.kind = find_name(kind, strlen(kind));
    if (!rule.dir || rule.kind < 0 || rule.kind == OPTION_ALL || parse_range(&rule, nth) < 0 ||
        parse_action(&rule, word) < 0)
        return -1;
    mangle->rule[mangle->rules++] = rule;
    return 0;
}

/* ---- segments ------------------------------------------------------------------------------------- */

/* Where an MPTCP option of a subtype begins in a segment, its length in *n; NULL: none. */
static uint8_t *find_option(uint8_t *tcp, int subtype, size_t *n)
{
    uint8_t *p = tcp + 20, *end = tcp + (tcp[12] >> 4) * 4;

    while (p + 1 < end && *p != 0) {
        if (*p == 1) {
            p++;
            continue;
        }
        if (p[1] < 2 || p + p[1] > end)
            return NULL;
        *n = p[1];
        if (*p == KIND_MPTCP && p[1] >= 3 && (subtype == OPTION_ALL || p[2] >> 4 == subtype))
            return p;
        p += p[1];
    }
    return NULL;
}

static int is_kind(uint8_t *tcp, size_t payload, int kind)
{
    uint8_t flags = tcp[13];
    size_t n;

    switch (kind) {
    case IS_ANY:
        return 1;
    case IS_SYN:
        return (flags & (SYN | ACK)) == SYN;
    case IS_SYNDATA:
        return (flags & (SYN | ACK)) == SYN && payload > 0;
    case IS_ECE:
        return (flags & (SYN | ECE)) == ECE;
    case IS_CWR:
        return (flags & (SYN | CWR)) == CWR;
    case IS_SYNACK:
        return (flags & (SYN | ACK)) == (SYN | ACK);
    case IS_DATA:
        return payload > 0;
    case IS_PURE:
        return payload == 0 && (flags & (SYN | FIN | RST | ACK)) == ACK;
    case IS_RST:
        return flags & RST;
    case IS_FIN:
        return flags & FIN;
    default:
        return find_option(tcp, kind, &n) != NULL;
    }
}

/* One's complement sum of pseudo header and segment (RFC 9293 3.1, RFC 8200 8.1). */
static void fix_checksum(const struct ip_view *view, uint8_t *tcp, size_t len)
{
    size_t words = view->version == 4 ? 4 : 16, i;
    uint32_t sum = IP_TCP + (uint32_t)len;

    tcp[16] = tcp[17] = 0;
    for (i = 0; i < words; i += 2)
        sum += (uint32_t)(view->src[i] << 8 | view->src[i + 1]) +
               (uint32_t)(view->dst[i] << 8 | view->dst[i + 1]);
    for (i = 0; i + 1 < len; i += 2)
        sum += (uint32_t)(tcp[i] << 8 | tcp[i + 1]);
    if (len & 1)
        sum += (uint32_t)(tcp[len - 1] << 8);
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    tcp[16] = (uint8_t)(~sum >> 8);
    tcp[17] = (uint8_t)~sum;
}

/* A shorter packet says so in its header; IPv4's checksum follows. */
static void set_length(uint8_t *ip, size_t header, size_t len)
{
    uint32_t sum = 0;

    if (ip[0] >> 4 == 6) {
        ip[4] = (uint8_t)((len - header) >> 8);
        ip[5] = (uint8_t)(len - header);
        return;
    }
    ip[2] = (uint8_t)(len >> 8);
    ip[3] = (uint8_t)len;
    ip[10] = ip[11] = 0;
    for (size_t i = 0; i < header; i += 2)
        sum += (uint32_t)(ip[i] << 8 | ip[i + 1]);
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    ip[10] = (uint8_t)(~sum >> 8);
    ip[11] = (uint8_t)~sum;
}

/* Congestion experienced, whatever was there (RFC 3168 5). */
static void mark_ce(uint8_t *ip, size_t header, size_t len)
{
    ip[1] |= ip[0] >> 4 == 6 ? 0x30 : 0x03;
    set_length(ip, header, len); /* IPv4's checksum */
}

/* RST|ACK with MP_TCPRST as its only option (RFC 8684 3.6): octets of segment. */
static size_t make_reset(uint8_t *tcp, const struct mangle_rule *rule)
{
    uint8_t option[4] = {KIND_MPTCP, 4, (uint8_t)(0x80 | rule->a), (uint8_t)rule->b};

    tcp[12] = 6 << 4;
    tcp[13] = RST | ACK;
    memcpy(tcp + 20, option, 4);
    return 24;
}

/* New length of the segment; 0: dropped. */
static size_t apply(const struct mangle_rule *rule, uint8_t *tcp, size_t len)
{
    uint8_t *option;
    size_t n;

    switch (rule->action) {
    case MANGLE_DROP:
        return 0;
    case MANGLE_STRIP:
        while ((option = find_option(tcp, rule->option, &n)) != NULL)
            memset(option, 1, n);
        return len;
    case MANGLE_XOR:
        option = find_option(tcp, rule->option, &n);
        if (option && rule->a < n)
            option[rule->a] ^= (uint8_t)rule->b;
        return len;
    case MANGLE_FLIP:
        tcp[len - 1] ^= 1;
        return len;
    case MANGLE_FLAGS:
        tcp[13] = (uint8_t)rule->a;
        return len;
    default:
        return make_reset(tcp, rule);
    }
}

/* Does a rule of the kind `count` count this one? */
static int is_counted(const struct mangle_rule *rule, uint8_t *tcp)
{
    const uint8_t *option;
    size_t n;

    if (rule->option == NO_OPTION)
        return 1;
    option = find_option(tcp, rule->option, &n);
    return option && rule->a < n && option[rule->a] == rule->b;
}

/* All rules in their order: 0 when the packet is gone. */
static int run_rules(struct mangle *m, int dir, uint32_t ifid, uint8_t *ip, size_t *len)
{
    struct ip_view view;
    size_t i;

    if (ifid && m->cut & 1u << (ifid - 1))
        return 0;
    if (!m->rules || ip_parse(ip, *len, &view) < 0 || view.proto != IP_TCP || view.payload_len < 20)
        return 1;
    for (i = 0; i < m->rules; i++) {
        struct mangle_rule *rule = &m->rule[i];
        uint8_t *tcp = ip + view.header_len;
        size_t size = *len - view.header_len;

        if (!(rule->dir & dir) || (rule->path && rule->path != ifid) ||
            !is_kind(tcp, size - (size_t)(tcp[12] >> 4) * 4, rule->kind) ||
            ++rule->seen < rule->from || rule->seen > rule->to)
            continue;
        if (rule->action == MANGLE_COUNT) {
            rule->met += (uint64_t)is_counted(rule, tcp);
            continue;
        }
        m->changed++;
        if (rule->action == MANGLE_CE) {
            mark_ce(ip, view.header_len, *len);
            continue;
        }
        size = apply(rule, tcp, size);
        if (!size)
            return 0;
        if (size != *len - view.header_len) {
            *len = view.header_len + size;
            set_length(ip, view.header_len, *len);
        }
        fix_checksum(&view, tcp, size);
    }
    return 1;
}

static void trace(struct pcap *pcap, const uint8_t *ip, size_t len, uint64_t now)
{
    if (pcap->file)
        pcap_write(pcap, ip, len, now);
}

int mangle_in(struct mangle *m, uint32_t ifid, uint8_t *ip, size_t *len, uint64_t now)
{
    trace(&m->kernel, ip, *len, now);
    if (!run_rules(m, 2, ifid, ip, len))
        return 0;
    trace(&m->core, ip, *len, now);
    return 1;
}

/* ---- struct sim_ops: all but send is the devices' ---------------------------------------------------- */

static struct mangle *mangle_of(struct sim *sim)
{
    return (struct mangle *)sim;
}

static uint64_t sim_now(struct sim *sim)
{
    struct sim *inner = mangle_of(sim)->inner;

    return inner->ops->now(inner);
}

static void sim_timer_set(struct sim *sim, struct sim_timer *timer, uint64_t at)
{
    struct sim *inner = mangle_of(sim)->inner;

    inner->ops->timer_set(inner, timer, at);
}

static void sim_timer_cancel(struct sim *sim, struct sim_timer *timer)
{
    struct sim *inner = mangle_of(sim)->inner;

    inner->ops->timer_cancel(inner, timer);
}

/* Changed in a copy: the pump's buffer may be used again by the core. */
static void sim_send(struct sim *sim, uint32_t host, uint32_t ifid, const uint8_t *ip, size_t len)
{
    struct mangle *m = mangle_of(sim);
    uint64_t now = m->inner->ops->now(m->inner);

    if (len > sizeof m->buffer)
        return;
    memcpy(m->buffer, ip, len);
    trace(&m->core, ip, len, now);
    if (!run_rules(m, 1, ifid, m->buffer, &len))
        return;
    trace(&m->kernel, m->buffer, len, now);
    m->inner->ops->send(m->inner, host, ifid, m->buffer, len);
}

static int sim_address(struct sim *sim, uint32_t host, uint32_t ifid, struct mpt_addr *addr)
{
    struct sim *inner = mangle_of(sim)->inner;

    return inner->ops->address(inner, host, ifid, addr);
}

static void sim_run(struct sim *sim, uint64_t until)
{
    struct sim *inner = mangle_of(sim)->inner;

    inner->ops->run(inner, until);
}

static void sim_stop(struct sim *sim)
{
    struct sim *inner = mangle_of(sim)->inner;

    inner->ops->stop(inner);
}

static uint64_t sim_events(struct sim *sim)
{
    struct sim *inner = mangle_of(sim)->inner;

    return inner->ops->events(inner);
}

/* The devices are the caller's. */
static void sim_free(struct sim *sim)
{
    (void)sim;
}

static const struct sim_ops mangle_ops = {
    .name = "mangle",
    .now = sim_now,
    .timer_set = sim_timer_set,
    .timer_cancel = sim_timer_cancel,
    .send = sim_send,
    .address = sim_address,
    .run = sim_run,
    .stop = sim_stop,
    .events = sim_events,
    .free = sim_free,
};

void mangle_init(struct mangle *m, struct sim *inner)
{
    memset(m, 0, sizeof *m);
    m->sim.ops = &mangle_ops;
    m->inner = inner;
}
