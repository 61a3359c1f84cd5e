/* SPDX-License-Identifier: MIT */
/* api/loop.c - the host's loop: packets in and out, deadlines, events (mpt.h; RFC 9293 3.10.7 for segments that
 * belong to nothing). */
#include "conn/conn.h"

#include "jwd/jwd.h"

enum { DROP_REASON_NONE = 255, SPARES_IDLE = 64 /* chunks that an idle stack keeps */ };
static const uint64_t TRIM_NS = 1000000000;

/* Impossible packets cost a counter and a trace event, never an error of the host: anybody can send them. */
static void count_parse_error(struct mpt_stack *s, int error, uint64_t now, size_t len)
{
    int id = error == MPT_PARSE_SHORT ? MPT_CNT_IN_SHORT
             : error == MPT_PARSE_CHECKSUM ? MPT_CNT_IN_CSUM : MPT_CNT_IN_OPTION;

    s->counters[id]++;
    MPT_TRACE(&s->tracer, segment_dropped, 0, 0, now, (uint64_t)id, 0, len, 0);
}

/* A SYN for a 4-tuple in TIME-WAIT may begin a new connection (RFC 9293 3.6.1, RFC 6191). */
static int reopens(const struct mpt_subflow *sf, const struct mpt_segment *seg)
{
    return sf->flow.state == MPT_FLOW_TIME_WAIT && (seg->flags & MPT_TCP_SYN) && !(seg->flags & MPT_TCP_ACK) &&
           (int32_t)(seg->seq - (uint32_t)(sf->flow.irs + sf->flow.rcv_nxt)) > 0;
}

/* A port announced for joins (RFC 8684 3.4.1) is nobody else's: whoever comes without MP_JOIN is told so, as by Linux. */
static int is_for_joins(struct mpt_stack *s, const struct mpt_addr *local)
{
    const struct mpt_address *a = mpt_stack_address(s, local);

    return a && a->up && a->port && a->port == local->port;
}

/* RFC 9293 3.10.7.1 and .2: a SYN may open a connection or, with MP_JOIN, a subflow (RFC 8684 3.2); all else is
 * refused. */
static void no_flow(struct mpt_stack *s, const struct mpt_packet *p, const struct mpt_segment *seg, uint64_t now)
{
    uint8_t kind = seg->flags & (MPT_TCP_SYN | MPT_TCP_ACK | MPT_TCP_RST);
    struct mpt_listener *l;

    if (kind == MPT_TCP_SYN) {
        int both = MPT_HAS(&seg->mp, MP_JOIN) && MPT_HAS(&seg->mp, MP_CAPABLE); /* neither, then: capable.c */

        if (MPT_HAS(&seg->mp, MP_JOIN) && !both) {
            mpt_join_syn(s, p, seg, now);
            return;
        }
        l = mpt_stack_listener(s, &p->local);
        if (l) {
            mpt_capable_syn(s, l, p, seg, now);
            return;
        }
        if (is_for_joins(s, &p->local)) {
            MPT_COUNT(s, MP_CAPABLE_ENDPOINT);
            mpt_stack_refuse(s, p, seg, MPT_RST_PROHIBITED);
            return;
        }
    }
    MPT_COUNT(s, IN_NOFLOW);
    mpt_stack_refuse(s, p, seg, DROP_REASON_NONE);
}

/* Both ends sent a SYN and one of them is a join: two subflows cannot become one (jwd/README.md 2.4.6). */
static int crosses_join(const struct mpt_subflow *sf, const struct mpt_segment *seg)
{
    return sf->flow.state == MPT_FLOW_SYN_SENT && MPT_HAS(&seg->mp, MP_JOIN) &&
           (seg->flags & (MPT_TCP_SYN | MPT_TCP_ACK)) == MPT_TCP_SYN;
}

static void flow_input(struct mpt_stack *s, struct mpt_subflow *sf, const struct mpt_packet *p,
                       const struct mpt_segment *seg, uint64_t now)
{
    struct mpt_conn *c = sf->conn;

    if (reopens(sf, seg)) {
        mpt_flow_kill(&sf->flow, 0, now);
        mpt_subflow_free(sf);
        if (mpt_conn_settle(c, now))
            mpt_conn_kick(c);
        no_flow(s, p, seg, now);
        return;
    }
    if ((seg->flags & MPT_TCP_SYN) && sf->member == MPT_MEMBER_EMBRYO)
        mpt_jwd_again(sf, p);
    if (seg->flags & MPT_TCP_RST)
        mpt_reset_in(sf, seg);
    if ((seg->flags & MPT_TCP_RST) && MPT_HAS(&seg->mp, MP_FAIL))
        MPT_COUNT(s, MP_FAIL_RX);
    if ((seg->flags & MPT_TCP_RST) && MPT_HAS(&seg->mp, MP_FASTCLOSE))
        mpt_fastclose_in(sf, &seg->mp.fastclose, 1, now);
    if (!sf->dead && !crosses_join(sf, seg))
        mpt_flow_input(&sf->flow, seg, now);
    if (mpt_conn_settle(c, now))
        mpt_conn_kick(c);
}

int mpt_input(struct mpt_stack *s, const struct mpt_packet *p, uint64_t now)
{
    static const uint8_t ecn[] = { MPT_CNT_IN_NOECT, MPT_CNT_IN_ECT1, MPT_CNT_IN_ECT0, MPT_CNT_IN_CE };
    struct mpt_segment seg;
    struct mpt_subflow *sf;
    struct mpt_packet q;
    int r;

    if (!p->data || p->local.family != p->remote.family || (p->local.family != 4 && p->local.family != 6))
        return MPT_EINVAL;
    s->counters[MPT_CNT_IN_SEGS]++;
    s->counters[ecn[p->ecn & 3]]++;
    r = mpt_tcp_parse(&seg, p);
    if (r < 0) {
        count_parse_error(s, r, now, p->len);
        return 0;
    }
    q = *p;
    q.local.port = seg.dport;
    q.remote.port = seg.sport;
    sf = mpt_stack_subflow(s, &q.local, &q.remote);
    if (sf)
        flow_input(s, sf, &q, &seg, now);
    else
        no_flow(s, &q, &seg, now);
    return 0;
}

/* Answers without a connection leave first: there is no state to keep them in. */
static int output_refusal(struct mpt_stack *s, struct mpt_packet *packet)
{
    struct mpt_refusal r = s->refusal[0];
    struct mpt_segment seg = { .sport = r.remote.port, .dport = r.local.port, .seq = r.seq, .ack = r.ack,
                               .len = r.len, .flags = r.flags };
    struct mpt_mp_tcprst o = { mpt_reset_flags(r.reason), r.reason };
    uint8_t opts[4];

    memmove(s->refusal, s->refusal + 1, --s->refusals * sizeof s->refusal[0]);
    packet->local = r.local;
    packet->remote = r.remote;
    packet->ifid = r.ifid;
    mpt_mp_tcprst_build(opts, &o);
    mpt_flow_refuse(packet, &seg, opts, r.reason == DROP_REASON_NONE ? 0 : 4);
    MPT_COUNT(s, OUT_RSTS);
    return 1;
}

/* Connections take turns only when one has nothing left: a batch of one connection shares its cache lines. */
int mpt_output(struct mpt_stack *s, struct mpt_packet *packet, uint64_t now)
{
    if (!packet->data || packet->cap < s->segment_max)
        return MPT_EMSGSIZE;
    packet->ecn = packet->dscp = packet->zero = 0;
    packet->ttl = 64;
    packet->seg_size = 0;
    if (s->refusals)
        return output_refusal(s, packet);
    while (!mpt_list_empty(&s->output)) {
        struct mpt_conn *c = MPT_LIST_OWNER(s->output.next, struct mpt_conn, output);

        if (mpt_send_output(c, packet, now) == 1)
            return 1;
        mpt_list_remove(&c->output);
        mpt_conn_settle(c, now);
    }
    return 0;
}

uint64_t mpt_deadline(const struct mpt_stack *s)
{
    const struct mpt_heap_node *n = mpt_heap_min(&s->heap);

    return n ? n->at : MPT_NEVER;
}

/* A node of the heap lies in what it belongs to; its kind says in what. */
static void expire_one(struct mpt_stack *s, struct mpt_heap_node *n, uint64_t now)
{
    struct mpt_conn *c;

    if (n->kind == MPT_TIMER_TRIM) {
        mpt_heap_remove(&s->heap, n);
        mpt_mem_trim(&s->mem);
        return;
    }
    if (n->kind == MPT_TIMER_FLOW) {
        struct mpt_subflow *sf = MPT_LIST_OWNER(n, struct mpt_subflow, flow.timer);

        c = sf->conn;
        mpt_flow_expire(&sf->flow, now);
    } else {
        c = MPT_LIST_OWNER(n, struct mpt_conn, timer);
        mpt_conn_expire(c, now);
    }
    if (mpt_conn_settle(c, now))
        mpt_conn_kick(c);
}

/* Each node moves itself or leaves the heap, so the loop ends. */
void mpt_expire(struct mpt_stack *s, uint64_t now)
{
    struct mpt_heap_node *n;

    while ((n = mpt_heap_min(&s->heap)) && n->at <= now)
        expire_one(s, n, now);
    if (s->mem.spares > SPARES_IDLE && !s->trim.index)
        mpt_heap_set(&s->heap, &s->trim, now + TRIM_NS);
}

int mpt_event(struct mpt_stack *s, struct mpt_event *event)
{
    struct mpt_conn *c;

    if (mpt_list_empty(&s->ready))
        return 0;
    c = MPT_LIST_OWNER(s->ready.next, struct mpt_conn, ready);
    mpt_list_remove(&c->ready);
    event->conn = c;
    event->flags = c->events;
    event->zero = 0;
    event->user = c->user;
    c->events = 0;
    return 1;
}
