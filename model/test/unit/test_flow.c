/* SPDX-License-Identifier: MIT */
/* test/unit/test_flow.c - handshake and transfer of two flows back to back: losses, reordering,
 * duplication, bounds on virtual time, flow control. Rules of single segments are in
 * test_flow_rules.c, closing in test_flow_close.c. */
#include "flow_pair.h"

static void test_handshake_agrees_on_options(void **state)
{
    struct pair *p = pair_new(10 * MS);
    const struct mpt_flow *c = &p->end[CLIENT].flow, *s = &p->end[SERVER].flow;

    (void)state;
    pair_connect(p);
    assert_false(pair_run(p, 19 * MS));
    assert_int_equal(s->state, MPT_FLOW_SYN_RCVD);
    pair_run(p, 21 * MS);
    assert_int_equal(c->state, MPT_FLOW_ESTABLISHED);
    pair_run(p, 31 * MS);
    assert_int_equal(s->state, MPT_FLOW_ESTABLISHED);
    assert_int_equal(c->mss, 1448);
    assert_int_equal(s->mss, 1448);
    assert_true(c->ts_ok && c->sack_ok && c->wscale_ok && s->ts_ok && s->sack_ok && s->wscale_ok);
    assert_int_equal(c->srtt, 20 * MS);
    assert_int_equal(s->srtt, 20 * MS);
    assert_int_equal(c->cc.cwnd, 14480);
    assert_int_equal(p->end[CLIENT].events[MPT_FLOW_EV_ESTABLISHED], 1);
    assert_int_equal(p->end[SERVER].events[MPT_FLOW_EV_ESTABLISHED], 1);
    pair_free(p);
}

static int lose_some(struct pair *p, int from, const struct mpt_segment *s)
{
    (void)from;
    (void)s;
    return p->drops_left-- > 0;
}

static int lose_from_server(struct pair *p, int from, const struct mpt_segment *s)
{
    (void)s;
    return from == SERVER && p->drops_left-- > 0;
}

static void test_lost_syn_and_lost_synack(void **state)
{
    (void)state;
    for (int server = 0; server < 2; server++) {
        struct pair *p = pair_new(10 * MS);

        p->drop = server ? lose_from_server : lose_some;
        p->drops_left = 2;
        pair_connect(p);
        pair_run(p, 20 * S);
        assert_int_equal(p->end[CLIENT].flow.state, MPT_FLOW_ESTABLISHED);
        assert_int_equal(p->end[SERVER].flow.state, MPT_FLOW_ESTABLISHED);
        assert_true(p->end[CLIENT].events[MPT_FLOW_EV_RTO] >= 1);
        pair_free(p);
    }
}

static int lose_all(struct pair *p, int from, const struct mpt_segment *s)
{
    (void)p;
    (void)from;
    (void)s;
    return 1;
}

static void test_syn_gives_up(void **state)
{
    struct pair *p = pair_new(10 * MS);

    (void)state;
    p->drop = lose_all;
    pair_connect(p);
    assert_true(pair_run(p, 1000 * S));
    assert_int_equal(p->end[CLIENT].flow.state, MPT_FLOW_CLOSED);
    assert_int_equal(p->end[CLIENT].flow.error, MPT_ETIMEDOUT);
    assert_int_equal(p->carried[CLIENT], 7); /* 6 retries, 1 + 2 + ... + 32 + 64 s */
    assert_int_equal(p->end[CLIENT].last_at, 63 * S);
    pair_free(p);
}

/* A clean 100 Mb/s path of 20 ms: at least 97 % of what headers leave, slow start included. */
static void test_clean_path_is_filled(void **state)
{
    struct pair *p = pair_new(10 * MS);
    const uint64_t n = 50000000;
    uint64_t wire = n / 1448 * 1500, ideal = wire * S / 12500000;

    (void)state;
    p->rate = 12500000;
    p->end[CLIENT].to_send = n;
    pair_connect(p);
    pair_run_to(p, n, 60 * S);
    assert_int_equal(p->end[SERVER].received, n);
    assert_int_equal(p->dropped, 0);
    assert_int_equal(p->end[CLIENT].flow.bytes_retx, 0);
    if (p->end[SERVER].taken_at > ideal + ideal / 33)
        fail_msg("took %llu of %llu ms", (unsigned long long)(p->end[SERVER].taken_at / MS),
                 (unsigned long long)(ideal / MS));
    assert_true(p->carried[SERVER] < n / 1448 * 6 / 10); /* delayed ACKs: about every second */
    pair_free(p);
}

/* A queue of 20 ms that overflows: the window adapts and the path stays well used. */
static void test_full_queue_is_survived(void **state)
{
    struct pair *p = pair_new(10 * MS);
    const uint64_t n = 20000000;

    (void)state;
    p->rate = 12500000;
    p->queue = 20 * MS;
    p->end[CLIENT].to_send = n;
    pair_connect(p);
    pair_run_to(p, n, 60 * S);
    assert_int_equal(p->end[SERVER].received, n);
    assert_true(p->dropped > 0);
    if (p->end[SERVER].taken_at > 2 * S)
        fail_msg("took %llu ms", (unsigned long long)(p->end[SERVER].taken_at / MS));
    pair_free(p);
}

static void transfer(uint32_t loss, uint32_t reorder, uint32_t duplicate, uint32_t cc, int sack,
                     int ts, uint64_t seed, uint64_t bound)
{
    struct pair *p = pair_new(10 * MS);
    const uint64_t n = 1 << 20;

    p->rate = 12500000;
    p->queue = 50 * MS;
    p->loss = loss;
    p->reorder = reorder;
    p->reorder_by = 5 * MS;
    p->duplicate = duplicate;
    p->random ^= seed * 0x9e3779b97f4a7c15u;
    p->config.cc = cc;
    p->config.tcp_sack = (uint32_t)sack;
    p->config.tcp_timestamps = (uint32_t)ts;
    p->end[CLIENT].to_send = n;
    p->end[SERVER].to_send = n / 4; /* both ways, so that ACKs ride on data */
    p->end[CLIENT].options = seed % 2 ? 20 : 0;
    p->end[CLIENT].close_when_sent = p->end[SERVER].close_when_sent = 1;
    pair_connect(p);
    pair_run_to(p, n, bound);
    if (p->end[SERVER].received != n)
        fail_msg("loss %u: %llu octets in %llu ms", loss,
                 (unsigned long long)p->end[SERVER].received, (unsigned long long)(p->now / MS));
    pair_run(p, p->now + 3600 * S);
    assert_int_equal(p->end[CLIENT].received, n / 4);
    assert_int_equal(p->end[CLIENT].flow.state, MPT_FLOW_CLOSED);
    assert_int_equal(p->end[SERVER].flow.state, MPT_FLOW_CLOSED);
    assert_int_equal(p->end[CLIENT].acked, n);
    assert_int_equal(p->end[CLIENT].flow.lost_count + p->end[CLIENT].flow.sacked_count, 0);
    assert_int_equal(p->end[CLIENT].flow.in_flight, 0);
    if (getenv("FLOW_VERBOSE"))
        print_message("loss %3u reorder %3u dup %3u cc %u sack %d: %5llu ms, retx %llu, rto %u\n",
                      loss, reorder, duplicate, cc, sack,
                      (unsigned long long)(p->end[SERVER].taken_at / MS),
                      (unsigned long long)p->end[CLIENT].counters[MPT_CNT_RETRANS_SEGS],
                      p->end[CLIENT].events[MPT_FLOW_EV_RTO]);
    pair_free(p);
}

static void test_transfer_with_loss(void **state)
{
    static const struct {
        uint32_t loss;
        uint64_t bound;
    } row[] = {
        {0, 400 * MS}, {10, 3 * S}, {50, 10 * S}, {100, 60 * S}, {200, 600 * S},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
        for (uint32_t cc = MPT_CC_RENO; cc <= MPT_CC_BALIA; cc++)
            for (uint64_t seed = 1; seed <= 3; seed++)
                transfer(row[i].loss, 0, 0, cc, 1, 1, seed, row[i].bound);
}

static void test_transfer_without_sack_or_timestamps(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        transfer(20, 0, 0, MPT_CC_RENO, 0, 1, seed, 60 * S);
        transfer(20, 0, 0, MPT_CC_CUBIC, 1, 0, seed, 20 * S);
        transfer(100, 0, 0, MPT_CC_CUBIC, 0, 0, seed, 900 * S);
    }
}

static void test_transfer_reordered_and_duplicated(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        transfer(0, 50, 0, MPT_CC_CUBIC, 1, 1, seed, 4 * S);
        transfer(0, 0, 100, MPT_CC_CUBIC, 1, 1, seed, S);
        transfer(50, 50, 50, MPT_CC_CUBIC, 1, 1, seed, 20 * S);
        transfer(50, 200, 200, MPT_CC_RENO, 0, 0, seed, 300 * S);
    }
}

/* Reordering by less than a quarter of the RTT costs nothing once RACK has seen it. */
static void test_rack_learns_reordering(void **state)
{
    struct pair *p = pair_new(20 * MS);
    const uint64_t n = 10 << 20;

    (void)state;
    p->rate = 12500000;
    p->reorder = 20;
    p->reorder_by = 5 * MS;
    p->end[CLIENT].to_send = n;
    pair_connect(p);
    pair_run_to(p, n, 20 * S);
    assert_int_equal(p->end[SERVER].received, n);
    assert_true(p->end[CLIENT].flow.rack_reordering);
    assert_in_range(p->end[CLIENT].counters[MPT_CNT_SACK_RECOVERY], 0, 8);
    assert_in_range(p->end[SERVER].taken_at, 0, 1600 * MS);
    pair_free(p);
}

static int lose_tail(struct pair *p, int from, const struct mpt_segment *s)
{
    return from == CLIENT && s->len && s->seq - 7777u + s->len == 14481 && p->drops_left-- > 0;
}

/* The last of ten segments is lost: the probe repairs it two RTTs later, no time-out (RFC 8985
 * 7). */
static void test_tail_loss_is_probed(void **state)
{
    struct pair *p = pair_new(50 * MS);

    (void)state;
    pair_establish(p);
    p->drop = lose_tail;
    p->drops_left = 1;
    p->end[CLIENT].to_send = 14480;
    uint64_t start = p->now;
    pair_run_to(p, 14480, start + 5 * S);
    assert_int_equal(p->end[SERVER].received, 14480);
    assert_true(p->end[SERVER].taken_at - start < 410 * MS);
    assert_int_equal(p->end[CLIENT].counters[MPT_CNT_LOSS_PROBES], 1);
    assert_int_equal(p->end[CLIENT].events[MPT_FLOW_EV_RTO], 0);
    pair_free(p);
}

static void test_dead_path_times_out_and_recovers(void **state)
{
    struct pair *p = pair_new(10 * MS);

    (void)state;
    pair_establish(p);
    p->end[CLIENT].to_send = 200000;
    p->drop = lose_all;
    pair_run(p, 5 * S);
    assert_true(p->end[CLIENT].events[MPT_FLOW_EV_RTO] >= 3);
    assert_int_equal(p->end[CLIENT].events[MPT_FLOW_EV_ALIVE], 0);
    p->drop = NULL;
    pair_run_to(p, 200000, 30 * S);
    assert_int_equal(p->end[SERVER].received, 200000);
    assert_int_equal(p->end[CLIENT].events[MPT_FLOW_EV_ALIVE], 1);
    p->end[CLIENT].to_send = 400000;
    p->drop = lose_all;
    pair_run(p, 3600 * S);
    assert_int_equal(p->end[CLIENT].flow.state, MPT_FLOW_CLOSED);
    assert_int_equal(p->end[CLIENT].flow.error, MPT_ETIMEDOUT);
    pair_free(p);
}

static void test_zero_window_is_probed(void **state)
{
    struct pair *p = pair_new(10 * MS);
    struct end *s = &p->end[SERVER];
    uint64_t edge;

    (void)state;
    s->rcvbuf = 20000;
    s->hold_reader = 1;
    pair_establish(p);
    p->end[CLIENT].to_send = 100000;
    pair_run(p, 10 * S);
    assert_in_range(s->received, 17000, 20128) /* rounded up by less than the scale */;
    assert_true(p->end[CLIENT].counters[MPT_CNT_ZERO_PROBES] >= 3);
    assert_int_equal(p->end[CLIENT].events[MPT_FLOW_EV_RTO], 0);
    edge = s->flow.rcv_edge;
    /* The reader reads a little: silly, nothing is told. Then all: an update leaves at once. */
    s->unread -= 500;
    mpt_flow_window_changed(&s->flow, p->now);
    assert_int_equal(s->flow.pending, 0);
    s->unread = 0;
    s->hold_reader = 0;
    mpt_flow_window_changed(&s->flow, p->now);
    assert_int_equal(s->flow.pending, MPT_PEND_ACK);
    pair_run_to(p, 100000, p->now + S);
    assert_int_equal(s->received, 100000);
    assert_true(s->flow.rcv_edge > edge);
    pair_free(p);
}

static int lose_pure_acks(struct pair *p, int from, const struct mpt_segment *s)
{
    (void)s;
    return from == SERVER && p->drops_left-- > 0;
}

/* The window update is lost: only the persist timer gets the transfer going again (RFC 9293
 * 3.8.6.1). */
static void test_lost_window_update(void **state)
{
    struct pair *p = pair_new(10 * MS);
    struct end *s = &p->end[SERVER];

    (void)state;
    s->rcvbuf = 20000;
    s->hold_reader = 1;
    pair_establish(p);
    p->end[CLIENT].to_send = 50000;
    pair_run(p, 300 * MS);
    s->unread = s->hold_reader = 0;
    p->drop = lose_pure_acks;
    p->drops_left = 1;
    mpt_flow_window_changed(&s->flow, p->now);
    pair_run_to(p, 50000, p->now + 2 * S);
    assert_int_equal(s->received, 50000);
    pair_free(p);
}

/* What the owner does not take is held and offered again. */
static void test_held_octets(void **state)
{
    struct pair *p = pair_new(10 * MS);
    struct end *s = &p->end[SERVER];

    (void)state;
    pair_establish(p);
    s->deliver_limit = 1000;
    p->end[CLIENT].to_send = 30000;
    pair_run(p, 2 * S);
    assert_int_equal(s->received, 1000);
    assert_int_equal(s->flow.rcv_nxt, 30001);
    assert_int_equal(mpt_rob_readable(&s->flow.rob), 29000);
    s->deliver_limit = 0;
    mpt_flow_redeliver(&s->flow, p->now);
    assert_int_equal(s->received, 30000);
    pair_free(p);
}

static void test_idle_flow_is_small(void **state)
{
    struct pair *p = pair_new(10 * MS);

    (void)state;
    p->end[CLIENT].to_send = 5000000;
    p->loss = 5;
    pair_connect(p);
    pair_run(p, 100 * S);
    assert_int_equal(p->end[SERVER].received, 5000000);
    assert_true(p->end[CLIENT].flow.ring.room <= 8);
    assert_int_equal(p->end[SERVER].flow.rob.chunks.room, 0);
    assert_null(mpt_heap_min(&p->heap));
    pair_free(p);
}

static void test_steady_state_does_not_allocate(void **state)
{
    struct pair *p = pair_new(10 * MS);
    uint64_t calls;

    (void)state;
    p->rate = 12500000;
    p->config.rcvbuf = 500000; /* the window bounds the flight: no growth any more */
    p->end[CLIENT].to_send = 100000000;
    pair_connect(p);
    pair_run(p, 2 * S);
    calls = p->mem.calls;
    pair_run(p, 5 * S);
    assert_int_equal(p->mem.calls, calls);
    pair_free(p);
}

/* Every n-th allocation fails: slower, never wrong, nothing leaks. */
static void test_out_of_memory_only_delays(void **state)
{
    (void)state;
    for (uint32_t n = 2; n <= 9; n++) {
        struct pair *p = pair_new(10 * MS);

        p->rate = 12500000;
        p->loss = 30;
        p->config.tcp_rto_max = 5 * S;
        p->end[CLIENT].to_send = p->end[SERVER].to_send = 200000;
        p->end[CLIENT].close_when_sent = p->end[SERVER].close_when_sent = 1;
        pair_connect(p);
        p->fail_every = n;
        pair_run_to(p, 200000, 300 * S);
        assert_int_equal(p->end[SERVER].received, 200000);
        pair_run(p, p->now + 300 * S);
        assert_int_equal(p->end[CLIENT].received, 200000);
        pair_free(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_handshake_agrees_on_options),
        cmocka_unit_test(test_lost_syn_and_lost_synack),
        cmocka_unit_test(test_syn_gives_up),
        cmocka_unit_test(test_clean_path_is_filled),
        cmocka_unit_test(test_full_queue_is_survived),
        cmocka_unit_test(test_transfer_with_loss),
        cmocka_unit_test(test_transfer_without_sack_or_timestamps),
        cmocka_unit_test(test_transfer_reordered_and_duplicated),
        cmocka_unit_test(test_rack_learns_reordering),
        cmocka_unit_test(test_tail_loss_is_probed),
        cmocka_unit_test(test_dead_path_times_out_and_recovers),
        cmocka_unit_test(test_zero_window_is_probed),
        cmocka_unit_test(test_lost_window_update),
        cmocka_unit_test(test_held_octets),
        cmocka_unit_test(test_idle_flow_is_small),
        cmocka_unit_test(test_steady_state_does_not_allocate),
        cmocka_unit_test(test_out_of_memory_only_delays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
