/* SPDX-License-Identifier: MIT */
/* test/unit/test_flow_wrap.c - sequence numbers that wrap (RFC 9293 3.4), timestamps that do (RFC 7323 5.4), and the
 * edges of window scaling (RFC 7323 2). Wherever the wrap falls, a transfer is the same as far from it. */
#include "flow_pair.h"

/* Both ends' numbers: the wrap comes `before` numbers after the SYN. */
static struct pair *pair_at(uint32_t before)
{
    struct pair *p = pair_new(10 * MS);

    p->end[CLIENT].flow.iss = 0u - before;
    p->end[SERVER].flow.iss = 0u - before;
    return p;
}

static void check_over(const struct pair *p, uint64_t octets)
{
    for (int i = 0; i < 2; i++) {
        const struct end *e = &p->end[i];

        assert_int_equal(e->received, octets);
        assert_int_equal(e->acked, octets);
        assert_int_equal(e->events[MPT_FLOW_EV_CLOSED], 1);
        assert_int_equal(e->flow.error, 0);
        assert_int_equal(e->counters[MPT_CNT_OUT_OF_WINDOW] + e->counters[MPT_CNT_CHALLENGE_ACK] +
                             e->counters[MPT_CNT_PAWS],
                         0);
    }
}

/* SYN, the third ACK, data, FIN and the last ACK each stand on either side of the wrap once. */
static void test_handshake_data_fin(void **state)
{
    (void)state;
    for (uint32_t before = 0; before < 16; before++) {
        struct pair *p = pair_at(before);

        for (int i = 0; i < 2; i++) {
            p->end[i].to_send = 10;
            p->end[i].close_when_sent = 1;
        }
        pair_connect(p);
        pair_run(p, p->now + 200 * S);
        check_over(p, 10);
        assert_int_equal(p->end[CLIENT].counters[MPT_CNT_RETRANS_SEGS], 0);
        pair_free(p);
    }
}

/* A bulk transfer whose 32-bit numbers wrap at different places of a segment, with losses, so that SACK blocks,
 * retransmissions and DSACKs span the wrap. */
static void test_sack_across(void **state)
{
    (void)state;
    for (uint32_t before = 1; before < 30000; before = before * 2 + 13) {
        struct pair *p = pair_at(before);

        p->loss = 30;
        p->reorder = 30;
        p->reorder_by = 12 * MS;
        p->duplicate = 20;
        p->random += before;
        for (int i = 0; i < 2; i++) {
            p->end[i].to_send = 100000;
            p->end[i].close_when_sent = 1;
        }
        pair_connect(p);
        pair_run(p, p->now + 600 * S);
        assert_int_equal(p->end[CLIENT].received, 100000);
        assert_int_equal(p->end[SERVER].received, 100000);
        assert_int_equal(p->end[CLIENT].acked, 100000);
        pair_free(p);
    }
}

static int lose_second(struct pair *p, int from, const struct mpt_segment *s)
{
    return from == CLIENT && s->len && s->seq == p->end[CLIENT].flow.iss + 1 + 1448 && p->drops_left-- > 0;
}

/* One block whose left edge is before the wrap and whose right edge is behind it. */
static void test_block_across(void **state)
{
    struct pair *p = pair_at(1 + 2 * 1448 + 700);
    struct end *c = &p->end[CLIENT];

    (void)state;
    pair_establish(p);
    p->drop = lose_second;
    p->drops_left = 1;
    c->to_send = 4 * 1448;
    pair_run(p, p->now + 11 * MS);
    assert_int_equal(p->last[SERVER].tcp.sacks, 1);
    assert_true(p->last[SERVER].tcp.sack[0][0] > p->last[SERVER].tcp.sack[0][1]);
    assert_int_equal(p->last[SERVER].tcp.sack[0][1] - p->last[SERVER].tcp.sack[0][0], 2 * 1448);
    pair_run(p, p->now + S);
    assert_int_equal(p->end[SERVER].received, 4 * 1448);
    assert_int_equal(c->counters[MPT_CNT_RETRANS_SEGS], 1);
    assert_int_equal(c->events[MPT_FLOW_EV_RTO], 0);
    pair_free(p);
}

/* A closed window opens across the wrap: probe and update are understood (RFC 9293 3.8.6.1). */
static void test_window_update_across(void **state)
{
    struct pair *p = pair_at(1 + 5000);
    struct end *s = &p->end[SERVER];

    (void)state;
    s->rcvbuf = 5000;
    s->hold_reader = 1;
    pair_connect(p);
    p->end[CLIENT].to_send = 20000;
    pair_run(p, p->now + S);
    assert_in_range(s->received, 5000, 5000 + 127); /* a scaled window may be rounded up: RFC 7323 2.4 */
    assert_true(p->end[CLIENT].counters[MPT_CNT_ZERO_PROBES] > 0);
    for (int i = 0; i < 10; i++) {
        s->unread = 0;
        mpt_flow_window_changed(&s->flow, p->now);
        pair_run(p, p->now + S);
    }
    assert_int_equal(s->received, 20000);
    pair_free(p);
}

/* The first RST and SYN rules hold across the wrap too (RFC 5961). */
static void test_rst_across(void **state)
{
    struct pair *p = pair_at(11);
    struct end *s = &p->end[SERVER];

    (void)state;
    pair_establish(p);
    p->end[CLIENT].to_send = 10;
    pair_run(p, p->now + S);
    assert_int_equal(s->flow.irs + (uint32_t)s->flow.rcv_nxt, 0); /* RCV.NXT is just behind the wrap */
    forge(p, SERVER, MPT_TCP_RST, 0xffffffff, 0, 0, 0, 0);
    assert_int_equal(s->counters[MPT_CNT_OUT_OF_WINDOW], 1);
    forge(p, SERVER, MPT_TCP_RST, 1, 0, 0, 0, 0);
    assert_int_equal(s->counters[MPT_CNT_CHALLENGE_ACK], 1);
    assert_int_equal(s->flow.state, MPT_FLOW_ESTABLISHED);
    forge(p, SERVER, MPT_TCP_RST, 0, 0, 0, 0, 0);
    assert_int_equal(s->flow.state, MPT_FLOW_CLOSED);
    pair_free(p);
}

/* More than 2^32 octets: what matters is kept in 64 bits. The numbers are moved, not sent. */
static void test_beyond_32_bits(void **state)
{
    struct pair *p = pair_at(5000);
    uint64_t far = UINT64_C(3) << 32;

    (void)state;
    pair_establish(p);
    for (int i = 0; i < 2; i++) {
        struct mpt_flow *f = &p->end[i].flow;

        f->snd_una += far;
        f->snd_nxt += far;
        f->snd_wl1 += far;
        f->snd_wl2 += far;
        f->rcv_nxt += far;
        f->rcv_edge += far;
        f->rcv_told += far;
        f->ts_last_ack += far;
        mpt_rob_init(&f->rob, f->rcv_nxt);
        p->end[i].blind = 1;
    }
    p->end[CLIENT].to_send = 50000;
    pair_run(p, p->now + 5 * S);
    assert_int_equal(p->end[CLIENT].acked, 50000);
    assert_int_equal(p->end[SERVER].flow.rcv_nxt, far + 1 + 50000);
    assert_int_equal(p->end[CLIENT].counters[MPT_CNT_RETRANS_SEGS], 0);
    pair_free(p);
}

/* The timestamp clock wraps in the middle: PAWS, RTT by echo and Eifel go on (RFC 7323 5.4). */
static void test_timestamps_wrap(void **state)
{
    (void)state;
    for (uint32_t ms = 0; ms < 400; ms += 37) {
        struct pair *p = pair_new(10 * MS);

        p->end[CLIENT].flow.ts_offset = 0u - ms;
        p->end[SERVER].flow.ts_offset = 0u - ms - 5;
        p->loss = 20;
        p->random += ms;
        pair_connect(p);
        p->end[CLIENT].to_send = 300000;
        pair_run(p, p->now + 100 * S);
        assert_int_equal(p->end[SERVER].received, 300000);
        assert_int_equal(p->end[SERVER].counters[MPT_CNT_PAWS], 0);
        assert_true(p->end[CLIENT].flow.srtt < 80 * MS);
        pair_free(p);
    }
}

/* RFC 7323 2.3: shift 14 at most, whatever the buffer; the window told is never more than there is, and the largest one
 * arrives. */
static void test_largest_scale(void **state)
{
    struct pair *p = pair_new(10 * MS);

    (void)state;
    p->config.rcvbuf = UINT64_C(1) << 30;
    pair_establish(p);
    assert_int_equal(p->end[CLIENT].flow.rcv_wscale, 14);
    p->end[SERVER].to_send = 1000;
    p->end[CLIENT].to_send = 1000;
    pair_run(p, p->now + S);
    assert_int_equal(p->end[CLIENT].flow.snd_wnd, 65535u << 14);
    assert_true(p->end[SERVER].flow.rcv_told <= p->end[SERVER].flow.rcv_nxt + p->config.rcvbuf);
    pair_free(p);
}

/* 65,535 needs no shift, one octet more does; without the option nothing is scaled (RFC 7323 2.2). */
static void test_least_scale(void **state)
{
    static const struct {
        uint64_t buffer;
        uint8_t shift;
    } rows[] = {{2048, 0}, {65535, 0}, {65536, 1}, {131070, 1}, {131072, 2}, {262144, 3}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pair *p = pair_new(MS);

        p->config.rcvbuf = rows[i].buffer;
        pair_establish(p);
        assert_int_equal(p->end[SERVER].flow.rcv_wscale, rows[i].shift);
        p->end[CLIENT].to_send = 500000;
        pair_run(p, p->now + 60 * S);
        assert_int_equal(p->end[SERVER].received, 500000);
        assert_true(p->end[CLIENT].flow.snd_wnd_max <= rows[i].buffer + (1u << rows[i].shift));
        pair_free(p);
    }
}

/* The window of a SYN is never scaled (RFC 7323 2.2), so a large buffer is told in full only later. */
static void test_syn_is_not_scaled(void **state)
{
    struct pair *p = pair_new(10 * MS);

    (void)state;
    pair_connect(p);
    pair_run(p, p->now + 11 * MS);
    assert_int_equal(p->last[CLIENT].window, 65535);
    assert_int_equal(p->last[SERVER].window, 65535);
    assert_int_equal(p->end[SERVER].flow.snd_wnd, 65535);
    pair_run(p, p->now + 20 * MS);
    assert_true(p->end[SERVER].flow.snd_wnd > 4000000);
    pair_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_handshake_data_fin), cmocka_unit_test(test_sack_across),
        cmocka_unit_test(test_block_across),       cmocka_unit_test(test_window_update_across),
        cmocka_unit_test(test_rst_across),         cmocka_unit_test(test_beyond_32_bits),
        cmocka_unit_test(test_timestamps_wrap),    cmocka_unit_test(test_largest_scale),
        cmocka_unit_test(test_least_scale),        cmocka_unit_test(test_syn_is_not_scaled),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
