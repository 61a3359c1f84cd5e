/* SPDX-License-Identifier: MIT */
/* simstrip.c - a middlebox that eats Multipath TCP's options (see simstrip.h). Called by shim/box/chain.c. */
#include "simstrip.h"

#include "box/box.h"
#include "ip.h"
#include "wire/tcp.h"

#include <stdlib.h>
#include <string.h>

enum { KIND_MPTCP = 30, KIND_EXP = 254, KIND_ENO = 69 };

struct strip {
    struct box box;
    uint32_t what;
    uint64_t from;
};

static int is_meant(const struct strip *s, const uint8_t *tcp)
{
    int syn = tcp[13] & 2, ack = tcp[13] & 16;

    return (syn && !ack ? s->what & STRIP_SYN : syn ? s->what & STRIP_SYNACK : s->what & STRIP_REST) != 0;
}

/* Octets become NOPs, so that nothing moves. 1: something was eaten. */
static int eat_options(uint8_t *p, const uint8_t *end, int eno)
{
    int eaten = 0;

    while (p < end && *p != 0) {
        size_t len = *p == 1 ? 1 : end - p > 1 ? p[1] : 0;

        if (len < 1 || (*p != 1 && len < 2) || len > (size_t)(end - p))
            break;
        if (eno ? *p == KIND_ENO : *p == KIND_MPTCP || *p == KIND_EXP) {
            memset(p, 1, len);
            eaten = 1;
        }
        p += len;
    }
    return eaten;
}

static uint16_t sum_segment(const struct ip_view *v, const uint8_t *tcp)
{
    size_t n = v->version == 4 ? 4 : 16;
    uint8_t tail[4] = { 0, IP_TCP, (uint8_t)(v->payload_len >> 8), (uint8_t)v->payload_len };
    uint64_t sum = mpt_checksum_add(mpt_checksum_add(0, v->src, n), v->dst, n);

    return mpt_checksum_fold(mpt_checksum_add(mpt_checksum_add(sum, tail, sizeof tail), tcp, v->payload_len));
}

void simstrip_repair(const struct ip_view *v, uint8_t *tcp)
{
    uint16_t folded;

    tcp[16] = tcp[17] = 0;
    folded = (uint16_t)~sum_segment(v, tcp);
    tcp[16] = (uint8_t)(folded >> 8);
    tcp[17] = (uint8_t)folded;
}

int simstrip_is_whole(const struct ip_view *v, const uint8_t *tcp)
{
    return sum_segment(v, tcp) == 0xffff;
}

static struct box_packet *push_strip(struct box *box, struct box_packet *packet, uint64_t now)
{
    const struct strip *s = (const struct strip *)box;
    struct ip_view v;
    uint8_t *tcp;

    if (now < s->from || ip_parse(packet->data, packet->len, &v) < 0 || v.payload_len < 20)
        return packet;
    tcp = packet->data + v.header_len;
    if (!simstrip_is_whole(&v, tcp)) /* damaged on its way: not for us to make it good */
        return packet;
    if ((size_t)(tcp[12] >> 4) * 4 <= v.payload_len && is_meant(s, tcp) &&
        eat_options(tcp + 20, tcp + (tcp[12] >> 4) * 4, s->what & STRIP_ENO))
        simstrip_repair(&v, tcp);
    return packet;
}

static struct box_packet *pull_strip(struct box *box, uint64_t now)
{
    (void)box;
    (void)now;
    return NULL;
}

static void free_strip(struct box *box)
{
    free(box);
}

static const struct box_ops strip_ops = { "strip", push_strip, pull_strip, free_strip };

struct box *simstrip_new(struct box_pool *pool, uint32_t what, uint64_t from)
{
    struct strip *s = calloc(1, sizeof *s);

    if (!s)
        return NULL;
    s->box.ops = &strip_ops;
    s->box.due = MPT_NEVER;
    s->box.pool = pool;
    s->what = what;
    s->from = from;
    return &s->box;
}
