/* SPDX-License-Identifier: MIT */
/* attack/a_middlebox.c - what middleboxes do without malice (RFC 8684 3.3, 6, RFC 6824 appendix: designs that
 * survive them): other segment borders, other sequence numbers, other ports. */
#include "attack/private.h"

enum { RESEGMENT_MAX = 1400 };

static int is_data(const struct mpt_attack_seg *p)
{
    return p->s.len > 0 && !(p->s.flags & (MPT_TCP_SYN | MPT_TCP_FIN | MPT_TCP_RST | MPT_TCP_URG));
}

/* The octets from..to of the segment with its options, as a segmentation offload would cut it. */
static void cut(struct mpt_attack *a, const struct mpt_attack_seg *p, uint32_t from, uint32_t to, uint64_t now)
{
    uint8_t copy[MPT_ATTACK_SEGMENT];
    struct mpt_attack_view v = p->v;
    size_t head = (size_t)(p->data - p->v.tcp);

    memcpy(copy, p->v.tcp, head);
    memcpy(copy + head, p->data + from, to - from);
    mpt_bytes_put32(copy + 4, p->s.seq + from);
    v.tcp = copy;
    v.len = head + to - from;
    mpt_edit_checksum(&v);
    mpt_attack_send(a, &v, now, now);
}

static int split(struct mpt_attack *a, struct mpt_attack_aim *m, struct mpt_attack_seg *p, uint64_t now)
{
    if (!is_data(p) || p->s.len < 2 || !mpt_attack_turn(m, p->v.dir))
        return MPT_ATTACK_PASS;
    cut(a, p, 0, p->s.len / 2, now);
    cut(a, p, p->s.len / 2, p->s.len, now);
    a->stats.edited++;
    return MPT_ATTACK_TAKEN;
}

/* What is kept goes on as it is. */
static void flush(struct mpt_attack *a, struct mpt_attack_aim *m, uint64_t now)
{
    if (m->kept_len) {
        m->kept_view.tcp = m->kept;
        m->kept_view.len = m->kept_len;
        mpt_edit_checksum(&m->kept_view);
        mpt_attack_send(a, &m->kept_view, now, now);
    }
    m->kept_len = 0;
    m->next_at = MPT_NEVER;
}

static void on_time(struct mpt_attack *a, struct mpt_attack_aim *m, uint64_t now)
{
    flush(a, m, now);
    m->next_at = MPT_NEVER - m->play.interval; /* the caller adds the interval: never again by itself */
}

static void keep(struct mpt_attack_aim *m, const struct mpt_attack_seg *p, uint32_t from, uint64_t now)
{
    size_t head = (size_t)(p->data - p->v.tcp);

    memcpy(m->kept, p->v.tcp, head);
    memcpy(m->kept + head, p->data + from, p->s.len - from);
    mpt_bytes_put32(m->kept + 4, p->s.seq + from);
    m->kept_len = (uint32_t)(head + p->s.len - from);
    m->kept_view = p->v;
    m->next_at = now + m->play.interval;
}

/* Is p what follows the segment that is kept? Then the octets of it, else 0. */
static uint32_t kept_data(const struct mpt_attack_aim *m, const struct mpt_attack_seg *p)
{
    uint32_t head = m->kept_len ? (uint32_t)(m->kept[12] >> 4) * 4 : 0, n = m->kept_len - head;
    int same = m->kept_len && m->kept_view.dir == p->v.dir && m->kept_view.src.port == p->v.src.port &&
               m->kept_view.dst.port == p->v.dst.port && mpt_bytes_get32(m->kept + 4) + n == p->s.seq;

    return same ? n : 0;
}

/* Two segments become one with the options of the first: the mapping of the second is lost (RFC 8684 3.3 wants a
 * receiver to survive that where one mapping covers both, and a sender to send it again where not). */
static void join_kept(struct mpt_attack *a, struct mpt_attack_aim *m, const struct mpt_attack_seg *p, uint32_t to,
                      uint64_t now)
{
    memcpy(m->kept + m->kept_len, p->data, to);
    m->kept_len += to;
    a->stats.edited++;
    flush(a, m, now);
}

/* arg 0: as many whole segments as fit; 1: the second half of one with the first half of the next. */
static int merge(struct mpt_attack *a, struct mpt_attack_aim *m, struct mpt_attack_seg *p, uint64_t now)
{
    uint32_t n = is_data(p) ? kept_data(m, p) : 0;

    if (n && n + p->s.len <= RESEGMENT_MAX && !m->row->arg) {
        join_kept(a, m, p, p->s.len, now);
        return MPT_ATTACK_TAKEN;
    }
    if (n && m->row->arg && n + p->s.len / 2 <= RESEGMENT_MAX) {
        join_kept(a, m, p, p->s.len / 2, now);
        keep(m, p, p->s.len / 2, now);
        return MPT_ATTACK_TAKEN;
    }
    if (m->kept_len && m->kept_view.dir == p->v.dir)
        flush(a, m, now);
    if (m->kept_len || !is_data(p) || !mpt_attack_turn(m, p->v.dir))
        return m->kept_len || !is_data(p) ? MPT_ATTACK_PASS : mpt_attack_hold(a, p, now, now);
    if (m->row->arg)
        cut(a, p, 0, p->s.len / 2, now);
    keep(m, p, m->row->arg ? p->s.len / 2 : 0, now);
    return MPT_ATTACK_TAKEN;
}

/* In SACK blocks too, or recovery would go wrong (RFC 2018 3). */
static void move_acks(struct mpt_attack_seg *p, uint32_t by)
{
    uint8_t *o = mpt_edit_find(p, 5, -1);

    if (p->s.flags & MPT_TCP_ACK)
        mpt_edit_add(p->v.tcp + 8, 4, by);
    for (int i = 2; o && i + 4 <= o[1]; i += 4)
        mpt_edit_add(o + i, 4, by);
}

/* A flow's numbers are moved from its SYN on, or not at all; both directions, as firewalls that draw ISNs do. */
static int rewrite_isn(struct mpt_attack *a, struct mpt_attack_aim *m, struct mpt_attack_seg *p, uint64_t now)
{
    uint32_t by = (uint32_t)m->play.offset;

    (void)a;
    (void)now;
    mpt_edit_add(p->v.tcp + 4, 4, by);
    move_acks(p, (uint32_t)-by);
    p->edited = 1;
    return MPT_ATTACK_PASS;
}

/* A NAT: the phone has another port as seen from the server. */
static int rewrite_ports(struct mpt_attack *a, struct mpt_attack_aim *m, struct mpt_attack_seg *p, uint64_t now)
{
    struct mpt_addr *end = p->v.dir == MPT_ATTACK_UP ? &p->v.src : &p->v.dst;
    uint16_t by = (uint16_t)m->play.offset;

    (void)a;
    (void)now;
    end->port = (uint16_t)(p->v.dir == MPT_ATTACK_UP ? end->port + by : end->port - by);
    p->edited = 1;
    return MPT_ATTACK_PASS;
}

const struct mpt_attack_row mpt_attack_middlebox[] = {
    { .name = "split", .line = "cuts data segments in two, each with all options", .needs = "the path",
      .aims = "endpoints that count on segment borders", .rfc = "RFC 8684 3.3.1", .packet = split },
    { .name = "merge", .line = "makes one of two small segments, with the options of the first", .needs = "the path",
      .aims = "a mapping that is lost", .rfc = "RFC 8684 3.3.1", .interval = 5000000, .packet = merge, .tick = on_time },
    { .name = "resegment", .line = "moves all borders by half a segment", .needs = "the path",
      .aims = "mappings that begin within segments", .rfc = "RFC 8684 3.3.1", .interval = 5000000, .arg = 1,
      .packet = merge, .tick = on_time },
    { .name = "rewrite-isn", .line = "moves sequence numbers, both ways", .needs = "the path from the SYN on",
      .aims = "endpoints that count on absolute numbers", .rfc = "RFC 8684 3.3.1, 3.2", .early = 1,
      .offset = 0x12345678, .packet = rewrite_isn },
    { .name = "rewrite-ports", .line = "gives the client another port", .needs = "the path from the SYN on",
      .aims = "endpoints that count on ports", .rfc = "RFC 8684 3.4", .early = 1, .offset = 1000,
      .packet = rewrite_ports },
    { .name = NULL },
};
