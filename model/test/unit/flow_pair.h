/* SPDX-License-Identifier: MIT */
/* test/unit/flow_pair.h - two flows wired back to back through a small link of our own with
 * loss, reordering, duplication, rate and queue, in virtual time. Included by the test_flow*.c
 * programs: each is a story told on it. */
#ifndef TEST_FLOW_PAIR_H
#define TEST_FLOW_PAIR_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "flow/private.h"

#define MS UINT64_C(1000000)
#define S  (1000 * MS)
enum { CLIENT = 0, SERVER = 1, LINK_ROOM = 8192, FRAME = 1600 };

struct pair;

/* One end: the flow and what its owner would have. */
struct end {
    struct mpt_flow flow;
    struct pair *pair;
    struct mpt_flow_env env;
    uint64_t counters[MPT_CNT_COUNT];
    uint64_t to_send, sent, acked, gone; /* octets of the stream */
    uint64_t received, unread, rcvbuf;   /* delivered; held by the reader; 0 = config */
    uint32_t options;                    /* octets of owner's options */
    uint32_t events[8];                  /* by enum mpt_flow_event */
    uint32_t segment_calls, third_calls;
    uint64_t taken_at;      /* when the last octet was delivered */
    uint64_t deliver_limit; /* takes no more than this, 0 = all */
    int close_when_sent, close_on_fin, hold_reader;
    int refuse_cuts; /* no memory for pieces */
    int blind; /* takes forged octets too */
    enum mpt_flow_verdict third_verdict, synack_verdict, segment_verdict;
    uint32_t acked_data;    /* what synack was told */
    uint32_t take;          /* of SYN data */
    uint64_t probe_options; /* options calls by kind, bits */
    uint64_t last_at;       /* when it last sent something */
};

struct frame {
    uint64_t at, order;
    int to;
    size_t len;
    uint8_t data[FRAME];
};

struct pair {
    struct mpt_env host;
    struct mpt_mem mem;
    struct mpt_heap heap;
    struct mpt_config config;
    struct mpt_tracer tracer;
    struct end end[2];
    uint64_t now, order, random;
    uint32_t fail_every, asked; /* of the allocator: 0 = never fails */
    struct frame *frame[LINK_ROOM];
    uint32_t frames;
    uint64_t delay, rate, free_at[2], queue; /* octets per second, 0 = infinite; queue in ns */
    uint32_t loss, reorder, duplicate;       /* of 1000 */
    uint64_t reorder_by;
    uint64_t carried[2], dropped;
    int (*drop)(struct pair *p, int from, const struct mpt_segment *s); /* 1: lose it */
    int drops_left;
    struct mpt_segment last[2]; /* the last segment each end sent; pointers into it are stale */
    uint8_t last_options[2][40];
};

static inline uint64_t pair_random(struct pair *p)
{
    p->random ^= p->random << 13;
    p->random ^= p->random >> 7;
    p->random ^= p->random << 17;
    return p->random;
}

static inline uint8_t octet_at(uint64_t x)
{
    return (uint8_t)(x * 131 + (x >> 8) * 17 + (x >> 16));
}

static inline uint32_t own_options(struct mpt_flow *f, enum mpt_flow_out what,
                                   const struct mpt_seg *seg, uint8_t *p, uint32_t room,
                                   uint64_t now)
{
    struct end *e = f->owner;

    (void)seg;
    (void)now;
    e->probe_options |= UINT64_C(1) << what;
    if (room < e->options)
        return 0;
    memset(p, 1, e->options);
    return e->options;
}

static inline void own_copy(struct mpt_flow *f, const struct mpt_seg *seg, uint32_t off,
                            uint8_t *out, uint32_t n)
{
    (void)f;
    for (uint32_t i = 0; i < n; i++)
        out[i] = octet_at(seg->dsn + off + i);
}

static inline void own_acked(struct mpt_flow *f, const struct mpt_seg *seg, int gone, uint64_t now)
{
    struct end *e = f->owner;

    (void)now;
    if (gone)
        e->gone += seg->len;
    else
        e->acked += seg->len;
}

static inline enum mpt_flow_verdict own_synack(struct mpt_flow *f, const struct mpt_segment *s,
                                               uint32_t acked_data, uint64_t now)
{
    struct end *e = f->owner;

    (void)s;
    (void)now;
    e->acked_data = acked_data;
    return e->synack_verdict;
}

static inline enum mpt_flow_verdict own_third_ack(struct mpt_flow *f, const struct mpt_segment *s,
                                                  uint64_t now)
{
    struct end *e = f->owner;

    (void)s;
    (void)now;
    e->third_calls++;
    return e->third_verdict;
}

static inline enum mpt_flow_verdict own_segment(struct mpt_flow *f, const struct mpt_segment *s,
                                                uint64_t now)
{
    struct end *e = f->owner;

    (void)s;
    (void)now;
    e->segment_calls++;
    if (e->segment_verdict == MPT_FLOW_GONE)
        mpt_flow_kill(f, MPT_EABORTED, now);
    return e->segment_verdict;
}

static inline int64_t own_deliver(struct mpt_flow *f, uint64_t seq, const uint8_t *data, size_t n,
                                  uint64_t now)
{
    struct end *e = f->owner;

    if (e->blind)
        return (int64_t)n;
    assert_int_equal(seq, e->received + 1);
    if (e->deliver_limit && n > e->deliver_limit - e->received)
        n = (size_t)(e->deliver_limit - e->received);
    for (size_t i = 0; i < n; i++)
        if (data[i] != octet_at(e->received + i))
            fail_msg("octet %llu differs", (unsigned long long)(e->received + i));
    e->received += n;
    if (e->hold_reader)
        e->unread += n;
    e->taken_at = now;
    return (int64_t)n;
}

static inline uint64_t own_window(struct mpt_flow *f)
{
    struct end *e = f->owner;
    uint64_t buf = e->rcvbuf ? e->rcvbuf : e->pair->config.rcvbuf,
             held = e->unread + mpt_rob_readable(&f->rob);

    return buf > held ? buf - held : 0;
}

static inline int own_blocked(struct mpt_flow *f)
{
    struct end *e = f->owner;

    return e->sent < e->to_send && mpt_flow_room(f, e->pair->now) == 0;
}

static inline void own_event(struct mpt_flow *f, enum mpt_flow_event ev, uint64_t now)
{
    struct end *e = f->owner;

    e->events[ev]++;
    if (ev == MPT_FLOW_EV_FIN && e->close_on_fin)
        mpt_flow_shutdown(f, now);
}

/* What the path lets through, whatever the segment: the owner's options are known. */
static inline uint32_t own_cut(struct mpt_flow *f, const struct mpt_seg *seg, uint32_t at,
                               uint64_t now)
{
    struct end *e = f->owner;

    (void)seg;
    (void)now;
    return at ? !e->refuse_cuts : mpt_flow_payload_max(f, e->options);
}

static const struct mpt_flow_ops own_ops = {.options = own_options,
                                            .cut = own_cut,
                                            .copy = own_copy,
                                            .acked = own_acked,
                                            .synack = own_synack,
                                            .third_ack = own_third_ack,
                                            .segment = own_segment,
                                            .deliver = own_deliver,
                                            .window = own_window,
                                            .blocked = own_blocked,
                                            .event = own_event};

static inline void pair_config(struct mpt_config *c)
{
    memset(c, 0, sizeof *c);
    c->cc = MPT_CC_CUBIC;
    c->tcp_sack = c->tcp_timestamps = 1;
    c->tcp_initial_window = 10;
    c->tcp_dupthresh = 3;
    c->tcp_syn_retries = 6;
    c->tcp_retries = 15;
    c->sndbuf = c->rcvbuf = 4 << 20;
    c->tcp_rto_min = 200 * MS;
    c->tcp_rto_max = 120 * S;
    c->tcp_syn_rto = S;
    c->tcp_delack = 40 * MS;
    c->tcp_time_wait = 60 * S;
}

static inline void end_init(struct pair *p, int i)
{
    struct end *e = &p->end[i];
    struct mpt_addr a[2] = {{.family = 4, .port = 40000, .ip = {10, 0, 0, 1}},
                            {.family = 4, .port = 80, .ip = {10, 0, 0, 2}}};

    e->pair = p;
    e->env = (struct mpt_flow_env){&p->mem, &p->heap, &p->config, e->counters, &p->tracer};
    mpt_flow_init(&e->flow, &own_ops, &e->env, e, &a[i], &a[!i], i ? 0xffffff00u : 7777u);
}

/* realloc that fails every so often; frees always work. */
static inline void *pair_alloc(void *ctx, void *old, size_t old_size, size_t new_size)
{
    struct pair *p = ctx;

    (void)old_size;
    if (new_size == 0) {
        free(old);
        return NULL;
    }
    if (p->fail_every && ++p->asked % p->fail_every == 0)
        return NULL;
    return realloc(old, new_size);
}

/* A pair with `delay` one way; nothing is sent yet. */
static inline struct pair *pair_new(uint64_t delay)
{
    struct pair *p = calloc(1, sizeof *p);

    p->host.size = sizeof p->host;
    p->host.alloc = pair_alloc;
    p->host.alloc_ctx = p;
    mpt_mem_init(&p->mem, &p->host);
    mpt_heap_init(&p->heap);
    assert_int_equal(mpt_heap_reserve(&p->heap, &p->mem, 8), 0);
    pair_config(&p->config);
    p->delay = delay;
    p->random = 88172645463325252u;
    end_init(p, CLIENT);
    end_init(p, SERVER);
    return p;
}

/* Frees, and shows that nothing was left behind. */
static inline void pair_free(struct pair *p)
{
    mpt_flow_clear(&p->end[0].flow);
    mpt_flow_clear(&p->end[1].flow);
    mpt_heap_clear(&p->heap, &p->mem);
    mpt_mem_clear(&p->mem);
    assert_int_equal(p->mem.bytes, 0);
    for (uint32_t i = 0; i < p->frames; i++)
        free(p->frame[i]);
    free(p);
}

static inline void link_put(struct pair *p, int to, const struct mpt_packet *packet, uint64_t at)
{
    struct frame *fr = malloc(sizeof *fr);

    assert_true(p->frames < LINK_ROOM && packet->len <= FRAME);
    fr->at = at;
    fr->order = p->order++;
    fr->to = to;
    fr->len = packet->len;
    memcpy(fr->data, packet->data, packet->len);
    p->frame[p->frames++] = fr;
}

static inline void link_send(struct pair *p, int from, const struct mpt_packet *packet)
{
    struct mpt_segment s;
    uint64_t at = p->now;

    assert_int_equal(mpt_tcp_parse(&s, packet), MPT_PARSE_OK);
    assert_true(packet->len <= p->end[from].flow.mtu - 20);
    p->last[from] = s;
    memcpy(p->last_options[from], s.opt, s.opt_len);
    p->end[from].last_at = p->now;
    p->carried[from]++;
    if (p->rate) {
        uint64_t start = p->free_at[from] > at ? p->free_at[from] : at;

        if (p->queue && start - at > p->queue) {
            p->dropped++;
            return;
        }
        p->free_at[from] = at = start + (packet->len + 20) * S / p->rate;
    }
    at += p->delay;
    if ((p->drop && p->drop(p, from, &s)) || pair_random(p) % 1000 < p->loss) {
        p->dropped++;
        return;
    }
    if (pair_random(p) % 1000 < p->reorder)
        at += p->reorder_by;
    link_put(p, !from, packet, at);
    if (pair_random(p) % 1000 < p->duplicate)
        link_put(p, !from, packet, at + 1);
}

static inline void drain(struct pair *p, int i)
{
    struct end *e = &p->end[i];
    struct mpt_flow *f = &e->flow;
    uint8_t buf[FRAME];
    struct mpt_packet packet = {.data = buf, .cap = sizeof buf};
    uint64_t room;

    while (mpt_flow_output(f, &packet, p->now))
        link_send(p, i, &packet);
    while (e->sent < e->to_send && (room = mpt_flow_room(f, p->now)) > 0) {
        struct mpt_seg seg = {.dsn = e->sent};
        uint64_t n = mpt_flow_payload_max(f, e->options);

        n = n < room ? n : room;
        n = n < e->to_send - e->sent ? n : e->to_send - e->sent;
        seg.len = (uint32_t)n;
        seg.flags = e->sent + n == e->to_send ? MPT_SEG_PSH : 0;
        if (mpt_flow_send(f, &seg, &packet, p->now) != 1) {
            assert_true(p->fail_every);
            break;
        }
        e->sent += n;
        link_send(p, i, &packet);
    }
    if (e->sent == e->to_send && e->close_when_sent && mpt_flow_usable(f) && !f->closing) {
        mpt_flow_shutdown(f, p->now);
        drain(p, i);
    }
    mpt_flow_blocked_changed(f, p->now);
}

/* A segment reaches end i; the server's flow is made by a SYN. */
static inline void arrive(struct pair *p, int i, struct frame *fr)
{
    struct end *e = &p->end[i];
    struct mpt_packet packet = {
        .local = e->flow.local, .remote = e->flow.remote, .data = fr->data, .len = fr->len};
    struct mpt_segment s;

    assert_int_equal(mpt_tcp_parse(&s, &packet), MPT_PARSE_OK);
    if (e->flow.state == MPT_FLOW_CLOSED && !e->flow.was_reset && i == SERVER &&
        s.flags == MPT_TCP_SYN && !e->events[MPT_FLOW_EV_CLOSED]) {
        if (mpt_flow_accept(&e->flow, &s, e->take < s.len ? e->take : s.len, p->now) == 0)
            e->received += e->flow.syn_take;
        else
            assert_true(p->fail_every);
    } else {
        mpt_flow_input(&e->flow, &s, p->now);
    }
}

static inline uint32_t link_first(const struct pair *p)
{
    uint32_t best = 0;

    for (uint32_t i = 1; i < p->frames; i++)
        if (p->frame[i]->at < p->frame[best]->at ||
            (p->frame[i]->at == p->frame[best]->at && p->frame[i]->order < p->frame[best]->order))
            best = i;
    return best;
}

/* Runs until `until`, or until nothing is left to happen: 1 then. */
static inline int pair_run(struct pair *p, uint64_t until)
{
    for (;;) {
        struct mpt_heap_node *node;
        uint32_t first;
        uint64_t at;

        drain(p, CLIENT);
        drain(p, SERVER);
        node = mpt_heap_min(&p->heap);
        first = link_first(p);
        at = node ? node->at : MPT_NEVER;
        if (p->frames && p->frame[first]->at <= at)
            at = p->frame[first]->at;
        if (at > until) {
            p->now = until;
            return at == MPT_NEVER;
        }
        p->now = at > p->now ? at : p->now;
        if (p->frames && p->frame[first]->at <= at) {
            struct frame *fr = p->frame[first];

            p->frame[first] = p->frame[--p->frames];
            arrive(p, fr->to, fr);
            free(fr);
        } else if (node) {
            mpt_flow_expire(MPT_LIST_OWNER(node, struct mpt_flow, timer), p->now);
        }
    }
}

/* Runs until the server has n octets, at most until `until`. */
static inline void pair_run_to(struct pair *p, uint64_t n, uint64_t until)
{
    while (p->end[SERVER].received < n && p->now < until)
        pair_run(p, p->now + 10 * MS);
}

static inline void pair_connect(struct pair *p)
{
    assert_int_equal(mpt_flow_connect(&p->end[CLIENT].flow, 0, 0, 0, p->now), 0);
}

static inline void pair_establish(struct pair *p)
{
    pair_connect(p);
    pair_run(p, p->now + 10 * p->delay + MS);
    assert_int_equal(p->end[CLIENT].flow.state, MPT_FLOW_ESTABLISHED);
    assert_int_equal(p->end[SERVER].flow.state, MPT_FLOW_ESTABLISHED);
}

/* A forged segment to end i, built beside the link. seq and ack are wire values. */
static inline void forge(struct pair *p, int i, uint8_t flags, uint32_t seq, uint32_t ack,
                         uint32_t len, int ts, uint32_t ts_val)
{
    struct end *e = &p->end[i];
    uint8_t buf[FRAME];
    struct mpt_packet packet = {
        .local = e->flow.remote, .remote = e->flow.local, .data = buf, .cap = sizeof buf};
    struct mpt_tcp_out out = {.seq = seq, .ack = ack, .window = 1000, .flags = flags, .len = len};
    struct frame fr;

    if (ts) {
        mpt_options_ts(buf + 20, ts_val, e->flow.ts_recent);
        out.opt_len = 12;
    }
    memset(buf + 20 + out.opt_len, 'x', len);
    mpt_tcp_build(&packet, &out);
    memcpy(fr.data, buf, packet.len);
    fr.len = packet.len;
    arrive(p, i, &fr);
}

#endif
