/* SPDX-License-Identifier: MIT */
/* packet.c - packets of either side (see script.h). What leaves the stack is compared whole: addresses, header, every
 * octet of its options; what only the stack can know (keys, randoms, its ISN and clock) is learned from it first. */
#include "packetdrill/script.h"

#include "base/bytes.h"
#include "ip.h"

#include <arpa/inet.h>

enum { HEADROOM = 40, AT_ONCE_US = 4000 };

long long script_tolerance = 4000; /* packetdrill's own */

struct line {
    int tuple;
    char remote[64], local[64]; /* of a new 4-tuple; empty: the test's own */
    uint8_t flags;
    uint32_t seq, end, len, ack, win;
    int has_ack, has_win;
    char options[SCRIPT_LINE];
};

static uint8_t read_flags(const char *text)
{
    static const char letters[] = "FSRP.UEW";
    uint8_t flags = 0;

    for (; *text; text++)
        if (strchr(letters, *text))
            flags |= (uint8_t)(1u << (strchr(letters, *text) - letters));
    return flags;
}

static void read_line(const struct script *s, const char *text, struct line *l)
{
    const char *options = strchr(text, '<');
    char flags[16] = "", head[SCRIPT_LINE];
    int used = 0;

    memset(l, 0, sizeof *l);
    snprintf(head, sizeof head, "%.*s", options ? (int)(options - text) : (int)strlen(text), text);
    text = head + strspn(head, " \t");
    if (*text >= '0' && *text <= '9')
        l->tuple = (int)strtol(text, (char **)(uintptr_t)&text, 10);
    text += strspn(text, " \t");
    if (*text == '[') {
        if (sscanf(text, "[%63s > %63[^]]] %n", l->remote, l->local, &used) != 2)
            script_fail(s, "[REMOTE > LOCAL] expected: %s", text);
        text += used;
    }
    if (sscanf(text, "%15s %u:%u(%u)%n", flags, &l->seq, &l->end, &l->len, &used) != 4 || l->tuple >= SCRIPT_FLOWS)
        script_fail(s, "FLAGS SEQ:END(LEN) expected: %s", text);
    text += used;
    l->flags = read_flags(flags);
    l->has_ack = strstr(text, "ack ") != NULL;
    l->ack = l->has_ack ? (uint32_t)strtoul(strstr(text, "ack ") + 4, NULL, 10) : 0;
    l->has_win = strstr(text, "win ") != NULL;
    l->win = l->has_win ? (uint32_t)strtoul(strstr(text, "win ") + 4, NULL, 10) : 65535;
    if (options) {
        snprintf(l->options, sizeof l->options, "%s", options + 1);
        if (!strrchr(l->options, '>'))
            script_fail(s, "> expected behind the options");
        *strrchr(l->options, '>') = 0;
    }
}

static void set_addr(const struct script *s, struct mpt_addr *addr, const char *text, uint16_t port)
{
    char plain[64];

    memset(addr, 0, sizeof *addr);
    snprintf(plain, sizeof plain, "%s", text);
    addr->port = port;
    if (s->packets == 4 && strchr(plain, ':')) {
        addr->port = (uint16_t)atoi(strchr(plain, ':') + 1);
        *strchr(plain, ':') = 0;
    }
    addr->family = (uint8_t)s->packets;
    if (inet_pton(s->packets == 4 ? AF_INET : AF_INET6, plain, addr->ip) != 1)
        script_fail(s, "no address: %s", text);
}

/* The peer opens a 4-tuple. */
static void new_flow(struct script *s, struct line *l, struct script_flow *f)
{
    const char *remote = s->packets == 4 ? "192.0.2.1" : "fd3d:fa7b:d17d::1";
    const char *local = s->packets == 4 ? "192.168.0.1" : "fd3d:a0b:17d6::1";

    f->known = 1;
    set_addr(s, &f->remote, l->remote[0] ? l->remote : remote, (uint16_t)(40000 + l->tuple));
    set_addr(s, &f->local, l->local[0] ? l->local : local, s->port);
    f->isn_peer = 1000000u * (uint32_t)(l->tuple + 1);
    f->r_peer = 0xa1a2a300u + (uint32_t)l->tuple;
}

void script_packet_in(struct script *s, const char *text)
{
    static uint8_t buffer[HEADROOM + SCRIPT_PAYLOAD];
    struct mpt_packet packet = { .ttl = 64, .data = buffer + HEADROOM };
    struct mpt_tcp_out out = { 0 };
    struct script_flow *f;
    uint8_t payload[2048], *start = packet.data + 20, *p, *ip;
    struct line l;
    size_t len;

    read_line(s, text, &l);
    f = &s->flow[l.tuple];
    if (!f->known)
        new_flow(s, &l, f);
    f->ts_peer = 4074410674u + (uint32_t)((s->at - s->start) / 1000);
    if ((int32_t)(f->isn_peer + l.seq - f->acked) <= 0 || l.flags & MPT_TCP_SYN)
        f->ts_echo = f->ts_peer;
    if (l.len > sizeof payload)
        script_fail(s, "a payload this large is not provided for");
    for (uint32_t i = 0; i < l.len; i++)
        payload[i] = (uint8_t)('a' + (l.seq + i) % 26);
    p = script_options(&(struct script_option){ s, f, 0, payload, l.len }, l.options, start);
    while ((p - start) % 4)
        *p++ = 1; /* what the script left out */
    memcpy(p, payload, l.len);
    packet.local = f->remote; /* seen from the peer */
    packet.remote = f->local;
    out.seq = f->isn_peer + l.seq;
    out.ack = l.has_ack ? f->isn_stack + l.ack : 0;
    out.window = (uint16_t)l.win;
    out.flags = l.flags;
    out.opt_len = (uint32_t)(p - start);
    out.len = l.len;
    mpt_tcp_build(&packet, &out);
    ip = ip_build(&packet, 1, &len);
    if (s->io.netdev_send(s->io.userdata, ip, len) != 0)
        script_fail(s, "netdev_send");
}

/* ---- out ---- */

static int same(const struct mpt_addr *a, const struct mpt_addr *b)
{
    return a->family == b->family && a->port == b->port && !memcmp(a->ip, b->ip, sizeof a->ip);
}

/* packet->local is the peer here: the bridge takes every packet for one that came in. */
static struct script_flow *flow_of(struct script *s, const struct mpt_packet *packet)
{
    int i;

    for (i = 0; i < SCRIPT_FLOWS && s->flow[i].known; i++)
        if (same(&s->flow[i].local, &packet->remote) && same(&s->flow[i].remote, &packet->local))
            return &s->flow[i];
    if (i == SCRIPT_FLOWS)
        script_fail(s, "too many flows");
    s->flow[i].known = 1;
    s->flow[i].local = packet->remote;
    s->flow[i].remote = packet->local;
    s->flow[i].isn_peer = 1000000u * (uint32_t)(i + 1);
    s->flow[i].r_peer = 0xa1a2a300u + (uint32_t)i;
    return &s->flow[i];
}

static void learn(struct script *s, struct script_flow *f, const struct mpt_segment *seg)
{
    if (seg->flags & MPT_TCP_SYN)
        f->isn_stack = seg->seq;
    if (seg->tcp.cookie.len && seg->flags & MPT_TCP_ACK)
        s->cookie = seg->tcp.cookie;
    if (seg->flags & MPT_TCP_ACK)
        f->acked = seg->ack;
    if (seg->tcp.has_ts)
        f->ts_stack = seg->tcp.ts_val;
    if (MPT_HAS(&seg->mp, MP_CAPABLE) && (seg->mp.capable.len == 12 || (seg->mp.capable.len > 12 && !s->key_stack)))
        s->key_stack = seg->mp.capable.key_sender;
    if (MPT_HAS(&seg->mp, MP_JOIN) && seg->mp.join.len < 24)
        f->r_stack = seg->mp.join.random;
}

static void print_hex(char *out, const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        sprintf(out + 2 * i, "%02x", p[i]);
    out[2 * n] = 0;
}

static void compare_options(struct script *s, struct script_flow *f, const struct line *l, const struct mpt_segment *seg)
{
    uint8_t want[256];
    char a[600], b[600];
    size_t n;

    /* the stack's own padding is a NOP; what the text leaves out must not be there */
    n = (size_t)(script_options(&(struct script_option){ s, f, 1, seg->data, seg->len }, l->options, want) - want);
    if (n == seg->opt_len && !memcmp(want, seg->opt, n))
        return;
    print_hex(a, want, n);
    print_hex(b, seg->opt, seg->opt_len);
    script_fail(s, "options expected %s\n  octets    %s\n  but there %s", l->options, a, b);
}

static void compare(struct script *s, struct script_flow *f, const struct line *l, const struct mpt_segment *seg)
{
    uint32_t seq = seg->seq - f->isn_stack, ack = seg->ack - f->isn_peer;
    uint8_t ignored = l->len ? MPT_TCP_PSH : 0; /* packetdrill compares it; here a P says so */

    if (l->flags & MPT_TCP_PSH)
        ignored = 0;
    if (l->flags & MPT_TCP_RST && !f->isn_stack)
        seq = seg->seq;
    if (f != &s->flow[l->tuple])
        script_fail(s, "it is a packet of 4-tuple %d", (int)(f - s->flow));
    if ((seg->flags & ~ignored) != (l->flags & ~ignored))
        script_fail(s, "flags are 0x%02x, not 0x%02x", seg->flags, l->flags);
    if (seq != l->seq || seg->len != l->len)
        script_fail(s, "it is %u:%u(%u)", seq, seq + seg->len, seg->len);
    if (l->has_ack && ack != l->ack)
        script_fail(s, "ack is %u", ack);
    if (l->has_win && seg->window != l->win)
        script_fail(s, "win is %u", seg->window);
    compare_options(s, f, l, seg);
}

/* 0: there is none. */
static size_t take_packet(struct script *s, uint8_t *buffer, size_t room, long long *at)
{
    size_t n = room;

    if (s->io.netdev_receive(s->io.userdata, buffer, &n, at) != 0)
        script_fail(s, "netdev_receive");
    return n;
}

static void parse(struct script *s, const uint8_t *buffer, size_t n, struct mpt_packet *packet, struct mpt_segment *seg)
{
    struct ip_view view;

    if (ip_parse(buffer, n, &view) < 0 || ip_to_packet(&view, 1, packet) < 0)
        script_fail(s, "not a TCP packet");
    if (mpt_tcp_parse(seg, packet) < 0)
        script_fail(s, "not a sound TCP segment");
}

void script_packet_out(struct script *s, const char *text, long long at)
{
    static uint8_t buffer[SCRIPT_PAYLOAD];
    struct mpt_packet packet;
    struct mpt_segment seg;
    struct script_flow *f;
    struct line l;
    long long left;
    size_t n = take_packet(s, buffer, sizeof buffer, &left);

    read_line(s, text, &l);
    if (!n)
        script_fail(s, "no packet leaves");
    parse(s, buffer, n, &packet, &seg);
    f = flow_of(s, &packet);
    learn(s, f, &seg);
    n = (size_t)snprintf(s->dump, sizeof s->dump, "at %+.6f s ", (double)(left - s->start) / 1e6);
    mpt_dump(packet.data, packet.len, s->dump + n, sizeof s->dump - n);
    if (left < at - script_tolerance || left > at + script_tolerance)
        script_fail(s, "it left at %+.6f s, not at %+.6f s", (double)(left - s->start) / 1e6,
                    (double)(at - s->start) / 1e6);
    compare(s, f, &l, &seg);
    s->dump[0] = 0;
}

/* What comes later than the last line is a timer's business. */
void script_nothing_left(struct script *s)
{
    static uint8_t buffer[SCRIPT_PAYLOAD];
    struct mpt_packet packet;
    struct mpt_segment seg;
    char dump[512] = "";
    long long left;
    size_t n = take_packet(s, buffer, sizeof buffer, &left);

    if (!n || left > s->at + AT_ONCE_US)
        return;
    parse(s, buffer, n, &packet, &seg);
    mpt_dump(packet.data, packet.len, dump, sizeof dump);
    script_fail(s, "a packet is left at the end: %s", dump);
}
