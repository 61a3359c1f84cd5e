/* SPDX-License-Identifier: MIT */
/* conn/map.c - data sequence mappings in (RFC 8684 3.3.1; read 3.3.3 and 3.7 before changing it).
 * mpt_map_dss is called for every segment through hooks.c, mpt_map_deliver for octets in subflow order.
 *
 * A mapping once sent never changes. A peer may repeat one long mapping on every segment it covers, or send it once:
 * octets are mapped by subflow offset, whichever segment brought them. */
#include "conn/conn.h"

#include "jwd/jwd.h"
#include "pm/pm.h"
#include "secure/secure.h"

enum { UNMAPPED_MAX = 65536, EARLY_MAPS = 64,
       MAPS_MOST = 64, MAPS_OCTETS = 512 /* a mapping for so many octets of the receive buffer: a peer cannot fill us */ };

void mpt_map_forget(struct mpt_subflow *sf)
{
    mpt_mem_free(&sf->conn->stack->mem, sf->maps, sf->maps_room * sizeof *sf->maps);
    sf->maps = NULL;
    sf->maps_room = sf->maps_count = sf->maps_head = 0;
}

static uint64_t map_end(const struct mpt_mapping *m)
{
    return m->ssn + m->len;
}

/* whole: a mapping is a record or a frame, and never extended (sec/SPEC.md 3.5).
 * 1: same octets at the same place (known now), -1: contradiction, 0: no common octet. A peer that cuts its
 * segments anew may extend a mapping; that changes none of its octets. */
static int compare(struct mpt_mapping *a, const struct mpt_mapping *b, int whole)
{
    uint64_t from, to;

    if (!a->len || a->ssn >= map_end(b) || b->ssn >= map_end(a))
        return 0;
    from = a->ssn < b->ssn ? a->ssn : b->ssn;
    to = map_end(a) > map_end(b) ? map_end(a) : map_end(b);
    if (a->dsn - a->ssn != b->dsn - b->ssn)
        return -1;
    if (from == a->ssn && to == map_end(a))
        return 1;
    if (a->has_checksum || b->has_checksum || whole)
        return -1;
    a->dsn -= a->ssn - from;
    a->ssn = from;
    a->len = (uint32_t)(to - from);
    return 1;
}

/* The table slides to its front before it grows: mappings come and go at the same rate. */
static int make_place(struct mpt_subflow *sf)
{
    if (sf->maps_head + sf->maps_count < sf->maps_room)
        return 0;
    if (sf->maps_head) {
        memmove(sf->maps, sf->maps + sf->maps_head, sf->maps_count * sizeof *sf->maps);
        sf->maps_head = 0;
        return 0;
    }
    return mpt_mem_grow(&sf->conn->stack->mem, &sf->maps, &sf->maps_room, sf->maps_room + 1, sizeof *sf->maps);
}

/* Keeps the table sorted; nearly always at its end. 0, 1 known, -1 contradiction, MPT_ENOMEM. */
static int insert(struct mpt_subflow *sf, const struct mpt_mapping *m)
{
    struct mpt_mapping *at;
    uint32_t i = sf->maps_count;
    int same;

    for (; i > 0; i--) {
        at = &sf->maps[sf->maps_head + i - 1];
        same = compare(at, m, mpt_secure_bound(sf->conn));
        if (same)
            return same;
        if (at->ssn < m->ssn)
            break;
    }
    if (sf->maps_count >= MAPS_MOST + sf->conn->stack->config.rcvbuf / MAPS_OCTETS || make_place(sf) < 0)
        return MPT_ENOMEM;
    at = sf->maps + sf->maps_head;
    memmove(at + i + 1, at + i, (sf->maps_count - i) * sizeof *at);
    at[i] = *m;
    sf->maps_count++;
    return 0;
}

/* In-order traffic needs no table: the mapping that begins where the last one ended becomes the current one. */
static enum mpt_flow_verdict add_mapping(struct mpt_subflow *sf, const struct mpt_mapping *m, uint64_t now)
{
    int r;

    if (map_end(m) <= sf->flow.rob.head)
        return MPT_FLOW_TAKE; /* of octets delivered long ago */
    r = compare(&sf->map, m, mpt_secure_bound(sf->conn));
    if (r == 0 && !sf->maps_count && map_end(&sf->map) <= sf->flow.rob.head && m->ssn <= sf->flow.rob.head) {
        sf->map = *m;
        return MPT_FLOW_TAKE;
    }
    if (r == 0)
        r = insert(sf, m);
    if (r == MPT_ENOMEM)
        return MPT_FLOW_DROP; /* as if the segment were lost */
    if (r == -1)
        return mpt_perror(sf, MPT_PERR_MAP_CHANGED, now) ? MPT_FLOW_GONE : MPT_FLOW_DROP;
    return MPT_FLOW_TAKE;
}

/* Every mapping has a checksum when that was agreed, and none otherwise: a peer that does not keep to it is broken, and
 * octets without their checksum would be taken whatever became of them on the way (3.3.1). */
static int is_wrong_sum(const struct mpt_subflow *sf, int has_checksum)
{
    return has_checksum != sf->conn->checksum;
}

/* add_mapping, and the receiver timer hears of it: the peer has spoken. */
static enum mpt_flow_verdict take_mapping(struct mpt_subflow *sf, const struct mpt_dss *o, const struct mpt_mapping *m,
                                          uint64_t now)
{
    enum mpt_flow_verdict verdict = add_mapping(sf, m, now);

    if (verdict == MPT_FLOW_TAKE)
        mpt_pm_heard(sf, m->dsn, !m->fin && !(o->flags & DSS_IDLE), now);
    return verdict;
}

/* MP_CAPABLE with a data-level length maps from the first octet of both (RFC 8684 3.1). */
static enum mpt_flow_verdict capable_mapping(struct mpt_subflow *sf, const struct mpt_mp_capable *o, uint64_t now)
{
    uint32_t syn = sf->conn->tfo_rx; /* octets before the first mapped one (appendix B.2) */
    struct mpt_mapping m = { .ssn = 1 + syn, .dsn = syn, .len = o->dll, .checksum = o->checksum,
                             .has_checksum = o->has_checksum };

    if (is_wrong_sum(sf, o->has_checksum))
        return mpt_perror(sf, MPT_PERR_SUM_PRESENCE, now) ? MPT_FLOW_GONE : MPT_FLOW_DROP;
    sf->seen_dss = 1; /* it is a DSS in all but name */
    sf->conn->ack64 |= sf->conn->stack->config.wire == MPT_WIRE_LINUX; /* there it counts as one with 64 bits */
    return o->dll ? add_mapping(sf, &m, now) : MPT_FLOW_TAKE;
}

/* The mapping of a DSS; a DATA_FIN takes the last number (3.3.3). 0, or -1: before the first octet, which is a
 * repeated
 * DATA_FIN of nothing, or nonsense. */
static int read_mapping(const struct mpt_subflow *sf, const struct mpt_dss *o, struct mpt_mapping *m)
{
    const struct mpt_conn *c = sf->conn;
    uint64_t first = c->idsn_remote + 1, near = first + c->rob.tail;
    uint64_t dsn = o->flags & DSS_DSN64 ? o->dsn : mpt_serial_expand(near, (uint32_t)o->dsn);

    memset(m, 0, sizeof *m);
    m->dsn = dsn - first;
    m->ssn = mpt_serial_expand(sf->flow.rcv_nxt, o->ssn + (sf->joined ? 0 : c->tfo_rx));
    m->fin = (o->flags & DSS_FIN) != 0;
    m->len = o->dll ? o->dll - (uint32_t)m->fin : 0;
    m->checksum = o->checksum;
    m->has_checksum = c->checksum && o->has_checksum;
    return mpt_serial_before(dsn, first) ? -1 : 0;
}

/* DLL 0, only for the last subflow (3.7). One that was joined may begin anew by it, when our own stream has nothing
 * unacknowledged that it would not bring, and nothing is missing before its first octet. */
static enum mpt_flow_verdict infinite_mapping(struct mpt_subflow *sf, const struct mpt_mapping *m, uint64_t now)
{
    struct mpt_conn *c = sf->conn;
    int possible = mpt_fallback_possible(sf), idle = c->stream.acked == c->snd_nxt && !c->reinject.count;

    MPT_COUNT(c->stack, INFINITE_RX);
    if (!possible && (!idle || !mpt_fallback_alone(sf) || m->dsn + (sf->flow.rob.head - m->ssn) > c->rob.tail)) {
        MPT_COUNT(c->stack, FALLBACK_FAILED);
        mpt_reset_subflow(sf, MPT_RST_PROTOCOL, MPT_EPROTO, now);
        return MPT_FLOW_GONE;
    }
    mpt_fallback(c, c->fail ? MPT_FALLBACK_FAIL : MPT_FALLBACK_INFINITE, now);
    if (!possible)
        sf->delta_rx = m->dsn - m->ssn;
    return MPT_FLOW_TAKE;
}

/* DATA_FIN, checksum and infinite mapping in the clear say nothing any more: the record does (sec/SPEC.md 3.2, 3.5). */
static enum mpt_flow_verdict secure_mapping(struct mpt_subflow *sf, const struct mpt_dss *o, uint64_t now)
{
    struct mpt_mapping m;
    int before = read_mapping(sf, o, &m) < 0;

    if (!o->dll || (o->flags & DSS_FIN)) {
        MPT_COUNT(sf->conn->stack, SEC_CLEAR_CONTROL);
        return MPT_FLOW_TAKE;
    }
    if (before || mpt_jwd_overlaps(sf, m.ssn)) {
        mpt_perror(sf, MPT_PERR_SEC_MAP, now);
        return MPT_FLOW_GONE;
    }
    if (m.ssn > sf->flow.rcv_edge) {
        MPT_COUNT(sf->conn->stack, OUT_OF_WINDOW);
        return MPT_FLOW_DROP;
    }
    m.has_checksum = m.fin = 0;
    return take_mapping(sf, o, &m, now);
}

static enum mpt_flow_verdict dss_mapping(struct mpt_subflow *sf, const struct mpt_dss *o, uint64_t now)
{
    struct mpt_mapping m;

    if (mpt_secure_bound(sf->conn))
        return secure_mapping(sf, o, now);
    if (read_mapping(sf, o, &m) < 0)
        return MPT_FLOW_TAKE;
    if (!o->dll)
        return infinite_mapping(sf, &m, now);
    if (sf->conn->fail) /* what it maps is held until the peer has answered MP_FAIL (3.7) */
        return MPT_FLOW_TAKE;
    if (is_wrong_sum(sf, o->has_checksum))
        return mpt_perror(sf, MPT_PERR_SUM_PRESENCE, now) ? MPT_FLOW_GONE : MPT_FLOW_DROP;
    if (m.fin && mpt_fin_in(sf, m.dsn + m.len, now))
        return MPT_FLOW_GONE;
    if (!m.len)
        return MPT_FLOW_TAKE;
    if (mpt_jwd_overlaps(sf, m.ssn))
        return mpt_perror(sf, MPT_PERR_JWD_OVERLAP, now) ? MPT_FLOW_GONE : MPT_FLOW_DROP;
    if (m.ssn > sf->flow.rcv_edge) { /* of octets that TCP could not take now */
        MPT_COUNT(sf->conn->stack, OUT_OF_WINDOW);
        return MPT_FLOW_DROP;
    }
    return take_mapping(sf, o, &m, now);
}

/* Payload that overtook the third ACK is acknowledged and held, so its mapping must be kept as well: TCP will not
 * bring it again. Nothing else of the segment counts before validation (jwd 2.5.4). */
int mpt_map_early(struct mpt_subflow *sf, const struct mpt_segment *s)
{
    struct mpt_mapping m;

    if (!MPT_HAS(&s->mp, DSS) || !(s->mp.dss.flags & DSS_MAP) || !s->mp.dss.dll)
        return 0;
    if (read_mapping(sf, &s->mp.dss, &m) < 0 || !m.len)
        return 0;
    if (is_wrong_sum(sf, s->mp.dss.has_checksum) || mpt_jwd_overlaps(sf, m.ssn) || sf->maps_count >= EARLY_MAPS)
        return MPT_ELIMIT; /* it comes again behind the third ACK, and is judged there */
    return insert(sf, &m) < 0 ? MPT_ENOMEM : 0;
}

/* A DSS from the peer proves that MPTCP works in both directions: joins are allowed now (3.1). A listener that took
 * octets of our SYN may send one before it has our key; then it has no DATA_ACK and proves nothing (appendix B). */
static void confirm(struct mpt_subflow *sf, const struct mpt_dss *o, uint64_t now)
{
    struct mpt_conn *c = sf->conn;

    sf->seen_dss = 1;
    c->dss_in = 1;
    if (c->confirmed || (c->tfo == MPT_TFO_SENT && !(o->flags & DSS_ACK)))
        return;
    c->confirmed = 1;
    mpt_addr_resume(c); /* an echo could not leave beside MP_CAPABLE (3.4.1) */
    if (c->pm->confirmed && !mpt_secure_bound(c)) /* else when there are keys */
        c->pm->confirmed(c, now);
}

/* Has the segment octets that no mapping known so far covers? One mapping may serve many segments (3.3.1). */
static int is_unmapped(const struct mpt_subflow *sf, const struct mpt_segment *s)
{
    uint64_t from = mpt_serial_expand(sf->flow.rcv_nxt, s->seq - sf->flow.irs), to = from + s->len;
    uint64_t known = sf->map.len ? map_end(&sf->map) : 1u + sf->conn->tfo_rx;

    for (uint32_t i = 0; i < sf->maps_count; i++) {
        const struct mpt_mapping *m = &sf->maps[sf->maps_head + i];

        if (m->ssn <= from && map_end(m) >= to)
            return 0;
        known = m->ssn <= known && map_end(m) > known ? map_end(m) : known;
    }
    return s->len && to > known && to > sf->flow.rcv_nxt;
}

/* What a segment without any option says: octets without mapping, a FIN before the first DSS, or an ACK of octets that
 * no DATA_ACK covers, though every ACK has room for one. */
static int tells_fallback(const struct mpt_subflow *sf, const struct mpt_segment *s)
{
    const struct mpt_conn *c = sf->conn;
    uint64_t acked = (uint32_t)(s->ack - sf->flow.iss) - 1;

    acked = acked > c->first_nxt ? c->first_nxt : acked;
    return acked > c->stream.acked || is_unmapped(sf, s) || (!sf->seen_dss && s->flags & MPT_TCP_FIN);
}

/* A middlebox has eaten the options (3.7). Any option proves that none does. */
static void missing_dss(struct mpt_subflow *sf, const struct mpt_segment *s, uint64_t now)
{
    struct mpt_conn *c = sf->conn;
    int first = !sf->seen_dss || !c->stream.acked;

    if (mpt_secure_bound(c) || s->mp.present || (s->flags & MPT_TCP_RST) || !mpt_fallback_possible(sf) ||
        !tells_fallback(sf, s))
        return;
    mpt_fallback(c, first ? MPT_FALLBACK_NO_DSS : MPT_FALLBACK_LOST_DSS, now);
}

/* DATA_ACK before mapping: it may free what the window of this segment depends on. */
enum mpt_flow_verdict mpt_map_dss(struct mpt_subflow *sf, const struct mpt_segment *s, uint64_t now)
{
    struct mpt_conn *c = sf->conn;
    const struct mpt_dss *o = &s->mp.dss;

    c->last_bare = !s->mp.present;
    if (MPT_HAS(&s->mp, MP_CAPABLE) && s->mp.capable.len >= 22 && !sf->joined && c->passive)
        return capable_mapping(sf, &s->mp.capable, now);
    if (!MPT_HAS(&s->mp, DSS)) {
        missing_dss(sf, s, now);
        return MPT_FLOW_TAKE;
    }
    confirm(sf, o, now);
    if (o->flags & DSS_ACK && !mpt_secure_bound(c)) {
        uint64_t first = c->idsn_local + 1;
        uint64_t ack = o->flags & DSS_ACK64 ? o->ack : mpt_serial_expand(first + c->stream.acked, (uint32_t)o->ack);

        mpt_dack_in(sf, ack - first, (uint64_t)s->window << sf->flow.snd_wscale, now);
    }
    if (sf->dead)
        return MPT_FLOW_GONE;
    if (o->flags & DSS_MAP) {
        if (c->stack->config.wire != MPT_WIRE_LINUX || o->dll != 1 || !(o->flags & DSS_FIN))
            c->ack64 = !!(o->flags & DSS_DSN64); /* Linux: not by a DATA_FIN alone */
        return dss_mapping(sf, o, now);
    }
    return MPT_FLOW_TAKE;
}

/* We have fallen back by MP_FAIL, the peer may not have: its infinite mapping says that it has, its DATA_FIN that it has
 * ended without (3.3.3); nothing else counts. */
void mpt_map_after(struct mpt_subflow *sf, const struct mpt_segment *s, uint64_t now)
{
    struct mpt_mapping m;

    if (!MPT_HAS(&s->mp, DSS) || !(s->mp.dss.flags & DSS_MAP) || read_mapping(sf, &s->mp.dss, &m) < 0)
        return;
    if (!s->mp.dss.dll) {
        MPT_COUNT(sf->conn->stack, INFINITE_RX);
        sf->conn->say_dack = 0;
    } else if (m.fin && !sf->conn->peer_fin && m.dsn + m.len == sf->conn->rob.tail + (s->len ? m.len : 0)) {
        mpt_fin_in(sf, m.dsn + m.len, now);
        mpt_flow_push_ack(&sf->flow);
    }
}

/* The mapping that holds ssn, or NULL while it has not come. */
static struct mpt_mapping *current(struct mpt_subflow *sf, uint64_t ssn)
{
    while (!sf->map.len || ssn >= map_end(&sf->map)) {
        if (!sf->maps_count)
            return NULL;
        if (sf->maps[sf->maps_head].ssn > ssn)
            return NULL;
        sf->map = sf->maps[sf->maps_head++];
        if (!--sf->maps_count)
            sf->maps_head = 0;
    }
    return ssn >= sf->map.ssn ? &sf->map : NULL;
}

/* Sum of a mapping's octets from `data` (at its start) or from what the flow holds; 0 while some are missing. */
static int sum_mapping(struct mpt_subflow *sf, const struct mpt_mapping *m, const uint8_t *data, size_t n,
                       uint64_t *sum)
{
    uint8_t odd[2];
    size_t have = 0;

    *sum = 0;
    if (n >= m->len) {
        *sum = mpt_checksum_add(0, data, m->len);
        return 1;
    }
    if (sf->flow.rob.tail < map_end(m))
        return 0;
    for (uint64_t x = m->ssn; x < map_end(m);) {
        const uint8_t *p;
        size_t len = mpt_rob_peek_at(&sf->flow.rob, x, &p);

        len = len > map_end(m) - x ? (size_t)(map_end(m) - x) : len;
        if (have & 1) { /* the piece before ended in the middle of a 16-bit word */
            odd[0] = 0;
            odd[1] = p[0];
            *sum = mpt_checksum_add(*sum, odd, 2);
            p++, x++, len--, have++;
        }
        *sum = mpt_checksum_add(*sum, p, len);
        x += len;
        have += len;
    }
    return 1;
}

/* 1 verified, 0 wait for the rest, -1 wrong (RFC 8684 3.3.1: nothing of a mapping is used before its checksum). */
static int verify(struct mpt_subflow *sf, struct mpt_mapping *m, uint64_t ssn, const uint8_t *data, size_t n)
{
    uint64_t sum, dsn = sf->conn->idsn_remote + 1 + m->dsn;

    if (!m->has_checksum || m->verified)
        return 1;
    if (ssn != m->ssn || !sum_mapping(sf, m, data, n, &sum))
        return 0;
    m->verified = mpt_checksum_dss(dsn, (uint32_t)m->ssn - (sf->joined ? 0 : sf->conn->tfo_rx), (uint16_t)(m->len + m->fin), sum) == m->checksum;
    return m->verified ? 1 : -1;
}

/* A mapping may come with a later segment, but not for ever (3.7; Linux gives up likewise). */
static int64_t no_mapping(struct mpt_subflow *sf, uint64_t taken, uint64_t now)
{
    if (sf->flow.rob.tail - sf->flow.rob.head > UNMAPPED_MAX && mpt_perror(sf, MPT_PERR_NO_MAP, now))
        return MPT_EPROTO;
    return (int64_t)taken;
}

/* A box that merges segments keeps one DSS, and nobody will map the rest: later mapped octets are in order already
 * (sec/SPEC.md 3.5). TCP has them acknowledged, so without a reset everything behind them stands still. */
static int64_t no_record(struct mpt_subflow *sf, uint64_t from, uint64_t now)
{
    const struct mpt_mapping *next = sf->maps_count ? &sf->maps[sf->maps_head] : NULL;

    if (next && next->ssn > from && next->ssn < sf->flow.rob.tail && mpt_perror(sf, MPT_PERR_NO_MAP, now))
        return MPT_EPROTO;
    return no_mapping(sf, 0, now);
}

/* Records, whole or not at all, each beginning where the last ended (sec/SPEC.md 3.5). */
static int64_t deliver_record(struct mpt_subflow *sf, uint64_t from, const uint8_t *data, size_t n, uint64_t now)
{
    int64_t r = mpt_secure_skip(sf, n);
    const struct mpt_mapping *m;

    if (r)
        return r;
    m = current(sf, from);
    if (!m)
        return no_record(sf, from, now);
    if (m->ssn != from) {
        mpt_perror(sf, MPT_PERR_SEC_MAP, now);
        return MPT_EPROTO;
    }
    return mpt_secure_deliver(sf, m, data, n, now);
}

/* A piece may hold several mappings, and a mapping several pieces. */
int64_t mpt_map_deliver(struct mpt_subflow *sf, uint64_t ssn, const uint8_t *data, size_t n, uint64_t now)
{
    uint64_t taken = 0;

    while (taken < n && !sf->conn->fail) {
        struct mpt_mapping *m;
        uint64_t from = ssn + taken, len;
        int64_t r;
        int ok;

        if (mpt_secure_keyed(sf->conn)) {
            r = deliver_record(sf, from, data + taken, n - taken, now);
            if (r <= 0)
                return r < 0 ? r : (int64_t)taken;
            taken += (uint64_t)r;
            continue;
        }
        m = current(sf, from);
        if (!m)
            return no_mapping(sf, taken, now);
        if (mpt_secure_bound(sf->conn) && mpt_secure_shake_full(sf->conn))
            return (int64_t)taken;
        ok = verify(sf, m, from, data + taken, n - taken);
        if (ok == 0)
            return (int64_t)taken;
        if (ok < 0)
            return mpt_perror(sf, MPT_PERR_CHECKSUM, now) ? MPT_EPROTO : (int64_t)taken;
        len = map_end(m) - from < n - taken ? map_end(m) - from : n - taken;
        r = mpt_recv_data(sf->conn, sf, m->dsn + (from - m->ssn), data + taken, len, now);
        if (r == MPT_ENOMEM)
            return (int64_t)taken;
        if (r < 0)
            return r;
        if (m->fin && from + len == map_end(m) && mpt_fin_in(sf, m->dsn + m->len, now))
            return MPT_EPROTO; /* a mapping that came before validation brings its DATA_FIN only now */
        taken += len;
        if (mpt_secure_bound(sf->conn) && mpt_secure_shake_in(sf->conn, now) < 0)
            return MPT_ESECURE;
    }
    return (int64_t)taken;
}
