/* SPDX-License-Identifier: MIT */
/* test/unit/test_flow_rules.c - what single segments may do to a flow: RFC 5961 (RST, SYN, ACK),
 * PAWS (RFC 7323 5), SACK and DSACK (RFC 2018, 2883), verdicts of the hooks, SYN data in its
 * three cases. */
#include "flow_pair.h"

static void test_rst_must_hit_exactly(void **state)
{
    struct pair *p = pair_new(10 * MS);
    struct end *c = &p->end[CLIENT];
    uint32_t next;

    (void)state;
    pair_establish(p);
    next = c->flow.irs + (uint32_t)c->flow.rcv_nxt;
    forge(p, CLIENT, MPT_TCP_RST, next - 1, 0, 0, 0, 0);
    forge(p, CLIENT, MPT_TCP_RST, next + 10000000, 0, 0, 0, 0);
    assert_int_equal(c->flow.pending, 0);
    assert_int_equal(c->counters[MPT_CNT_OUT_OF_WINDOW], 2);
    forge(p, CLIENT, MPT_TCP_RST, next + 1, 0, 0, 0, 0); /* in the window: RFC 5961 3.2 */
    assert_int_equal(c->flow.pending, MPT_PEND_ACK);
    assert_int_equal(c->counters[MPT_CNT_CHALLENGE_ACK], 1);
    assert_int_equal(c->flow.state, MPT_FLOW_ESTABLISHED);
    forge(p, CLIENT, MPT_TCP_RST, next, 0, 0, 0, 0);
    assert_int_equal(c->flow.state, MPT_FLOW_CLOSED);
    assert_int_equal(c->flow.error, MPT_ECONNRESET);
    assert_int_equal(c->events[MPT_FLOW_EV_CLOSED], 1);
    pair_free(p);
}

static void test_syn_is_challenged(void **state)
{
    struct pair *p = pair_new(10 * MS);
    struct end *s = &p->end[SERVER];

    (void)state;
    pair_establish(p);
    forge(p, SERVER, MPT_TCP_SYN, s->flow.irs, 0, 0, 0, 0);
    forge(p, SERVER, MPT_TCP_SYN, s->flow.irs + 5000, 0, 0, 0, 0);
    assert_int_equal(s->counters[MPT_CNT_CHALLENGE_ACK], 2);
    assert_int_equal(s->flow.state, MPT_FLOW_ESTABLISHED);
    for (int i = 0; i < 100; i++) /* RFC 5961 7: not without limit */
        forge(p, SERVER, MPT_TCP_SYN, s->flow.irs + 5000, 0, 0, 0, 0);
    assert_int_equal(s->counters[MPT_CNT_CHALLENGE_ACK], 10);
    pair_free(p);
}

static void test_ack_out_of_range_is_challenged(void **state)
{
    struct pair *p = pair_new(10 * MS);
    struct end *s = &p->end[SERVER];
    uint32_t seq, ack, clock;

    (void)state;
    s->to_send = 1000000;
    pair_establish(p);
    pair_run(p, p->now + 200 * MS);
    seq = s->flow.irs + (uint32_t)s->flow.rcv_nxt;
    ack = s->flow.iss + (uint32_t)s->flow.snd_nxt;
    clock = s->flow.ts_recent;
    forge(p, SERVER, MPT_TCP_ACK, seq, ack + 1, 0, 1, clock);
    assert_int_equal(s->counters[MPT_CNT_CHALLENGE_ACK], 1);
    s->flow.snd_wnd_max = 5000; /* as if the window had always been small */
    forge(p, SERVER, MPT_TCP_ACK, seq, ack - 400000, 10, 1, clock);
    assert_int_equal(s->counters[MPT_CNT_CHALLENGE_ACK], 2);
    assert_int_equal(s->received, 0);
    pair_free(p);
}

static void test_paws(void **state)
{
    struct pair *p = pair_new(10 * MS);
    struct end *s = &p->end[SERVER];
    uint32_t seq, ack, clock;

    (void)state;
    pair_establish(p);
    seq = s->flow.irs + (uint32_t)s->flow.rcv_nxt;
    ack = s->flow.iss + (uint32_t)s->flow.snd_nxt;
    clock = s->flow.ts_recent;
    forge(p, SERVER, MPT_TCP_ACK, seq, ack, 10, 1, clock - 1); /* older */
    forge(p, SERVER, MPT_TCP_ACK, seq, ack, 10, 0, 0);         /* without */
    assert_int_equal(s->counters[MPT_CNT_PAWS], 2);
    assert_int_equal(s->flow.rcv_nxt, 1);
    assert_int_equal(s->flow.pending, MPT_PEND_ACK);
    p->now += 25 * 24 * 3600 * S; /* RFC 7323 5.5: then the clock may have wrapped */
    s->blind = 1;
    forge(p, SERVER, MPT_TCP_ACK, seq, ack, 10, 1, clock - 1);
    assert_int_equal(s->flow.rcv_nxt, 11);
    pair_free(p);
}

static void test_delayed_ack(void **state)
{
    struct pair *p = pair_new(10 * MS);
    struct end *s = &p->end[SERVER];
    uint64_t at;

    (void)state;
    pair_establish(p);
    s->flow.quick_acks = 0;
    s->flow.rcv_mss = 1448;
    p->end[CLIENT].to_send = 100;
    at = p->now;
    pair_run(p, at + 9 * MS);
    at = p->carried[SERVER];
    pair_run(p, p->now + 20 * MS);
    assert_int_equal(p->carried[SERVER], at); /* waits */
    pair_run(p, p->now + 40 * MS);
    assert_int_equal(p->carried[SERVER], at + 1);
    p->end[CLIENT].to_send += 2 * 1448; /* two full ones: at once */
    pair_run(p, p->now + 11 * MS);
    assert_int_equal(p->carried[SERVER], at + 2);
    pair_free(p);
}

static int lose_second(struct pair *p, int from, const struct mpt_segment *s)
{
    return from == CLIENT && s->len && s->seq == 7777u + 1 + 1448 && p->drops_left-- > 0;
}

static void test_sack_blocks(void **state)
{
    struct pair *p = pair_new(10 * MS);

    (void)state;
    pair_establish(p);
    p->drop = lose_second;
    p->drops_left = 1;
    p->end[CLIENT].to_send = 4 * 1448;
    pair_run(p, p->now + 11 * MS);
    /* Segments 3 and 4 are there: one block, of the newest. */
    assert_int_equal(p->last[SERVER].ack, 7777u + 1 + 1448);
    assert_int_equal(p->last[SERVER].tcp.sacks, 1);
    assert_int_equal(p->last[SERVER].tcp.sack[0][0], 7777u + 1 + 2 * 1448);
    assert_int_equal(p->last[SERVER].tcp.sack[0][1], 7777u + 1 + 4 * 1448);
    pair_run(p, p->now + S);
    assert_int_equal(p->end[SERVER].received, 4 * 1448);
    assert_int_equal(p->end[CLIENT].events[MPT_FLOW_EV_RTO], 0);
    assert_int_equal(p->end[CLIENT].counters[MPT_CNT_RETRANS_SEGS], 1);
    assert_int_equal(p->last[SERVER].tcp.sacks, 0);
    pair_free(p);
}

static void test_dsack_reports_a_duplicate(void **state)
{
    struct pair *p = pair_new(10 * MS);
    struct end *c = &p->end[CLIENT];

    (void)state;
    pair_establish(p);
    c->to_send = 3000;
    pair_run(p, p->now + 100 * MS);
    p->duplicate = 1000;
    c->to_send = 4000;
    pair_run(p, p->now + 11 * MS);
    assert_int_equal(p->last[SERVER].tcp.sacks, 1);
    assert_int_equal(p->last[SERVER].tcp.sack[0][0], 7777u + 3001);
    assert_int_equal(p->last[SERVER].tcp.sack[0][1], 7777u + 4001);
    pair_run(p, p->now + 100 * MS);
    assert_true(c->counters[MPT_CNT_DSACK_RECV] >= 1);
    assert_int_equal(p->end[SERVER].received, 4000);
    pair_free(p);
}

/* All was late, nothing lost: the time-out is taken back. The radio sleeps; either all goes on
 * late (Eifel, RFC 3522), or what is sent after it woke up overtakes what slept, and DSACKs tell
 * (RFC 3708). */
static void test_delay_spike_is_undone(void **state)
{
    static const uint64_t sleeps[] = {2500 * MS, 500 * MS};

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct pair *p = pair_new(20 * MS);
        struct end *c = &p->end[CLIENT];

        pair_establish(p);
        c->to_send = 100000;
        pair_run(p, p->now + 200 * MS);
        p->delay = S;
        c->to_send = 110000;
        pair_run(p, p->now + sleeps[i]);
        assert_true(c->events[MPT_FLOW_EV_RTO] >= 1);
        p->delay = 20 * MS;
        pair_run(p, p->now + 5 * S);
        assert_true(c->flow.cc.cwnd >= 100000);
        assert_true(c->flow.cc.ssthresh > 1000000);
        assert_int_equal(p->end[SERVER].received, 110000);
        pair_free(p);
    }
}

static void test_hooks_may_end_the_flow(void **state)
{
    static const enum mpt_flow_verdict verdict[] = {MPT_FLOW_RESET, MPT_FLOW_GONE};

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct pair *p = pair_new(10 * MS);

        pair_establish(p);
        p->end[SERVER].segment_verdict = verdict[i];
        p->end[CLIENT].to_send = 5000;
        pair_run(p, p->now + S);
        assert_int_equal(p->end[SERVER].flow.state, MPT_FLOW_CLOSED);
        assert_int_equal(p->end[SERVER].flow.error, i ? MPT_EABORTED : MPT_EPROTO);
        assert_int_equal(p->end[SERVER].received, 0);
        assert_int_equal(p->end[CLIENT].flow.state, i ? MPT_FLOW_ESTABLISHED : MPT_FLOW_CLOSED);
        assert_int_equal(p->end[CLIENT].flow.error, i ? 0 : MPT_ECONNRESET);
        pair_free(p);
    }
}

static void test_synack_refused_by_hook(void **state)
{
    struct pair *p = pair_new(10 * MS);

    (void)state;
    p->end[CLIENT].synack_verdict = MPT_FLOW_RESET;
    pair_connect(p);
    pair_run(p, S / 2);
    assert_int_equal(p->end[CLIENT].flow.state, MPT_FLOW_CLOSED);
    assert_int_equal(p->end[CLIENT].flow.error, MPT_EPROTO);
    assert_int_equal(p->last[CLIENT].flags & MPT_TCP_RST, MPT_TCP_RST);
    assert_int_equal(p->end[SERVER].flow.state, MPT_FLOW_CLOSED);
    assert_int_equal(p->end[SERVER].flow.error, MPT_ECONNREFUSED);
    pair_free(p);
}

static void test_refused_and_impossible_synack(void **state)
{
    struct pair *p = pair_new(10 * MS);
    struct end *c = &p->end[CLIENT];

    (void)state;
    pair_connect(p);
    drain(p, CLIENT);
    forge(p, CLIENT, MPT_TCP_SYN | MPT_TCP_ACK, 1000, c->flow.iss + 5, 0, 0, 0);
    assert_int_equal(c->flow.state, MPT_FLOW_SYN_SENT);
    drain(p, CLIENT); /* RFC 9293 3.10.7.3: <SEQ=SEG.ACK><CTL=RST> */
    assert_int_equal(p->last[CLIENT].flags, MPT_TCP_RST);
    assert_int_equal(p->last[CLIENT].seq, c->flow.iss + 5);
    forge(p, CLIENT, MPT_TCP_RST | MPT_TCP_ACK, 0, c->flow.iss + 5, 0, 0, 0);
    assert_int_equal(c->flow.state, MPT_FLOW_SYN_SENT);
    forge(p, CLIENT, MPT_TCP_RST | MPT_TCP_ACK, 0, c->flow.iss + 1, 0, 0, 0);
    assert_int_equal(c->flow.state, MPT_FLOW_CLOSED);
    assert_int_equal(c->flow.error, MPT_ECONNREFUSED);
    pair_free(p);
}

/* ---- SYN data: 1000 octets ride in the SYN, 5000 in all
 * ------------------------------------------------------- */

static struct pair *syn_data_pair(uint32_t take)
{
    struct pair *p = pair_new(10 * MS);
    struct end *c = &p->end[CLIENT];

    p->end[SERVER].take = take;
    c->to_send = 5000;
    c->sent = 1000;
    assert_int_equal(mpt_flow_connect(&c->flow, 1000, MPT_SEG_RECORD, 0, p->now), 0);
    return p;
}

static void test_syn_data_taken(void **state)
{
    struct pair *p = syn_data_pair(1000);

    (void)state;
    pair_run(p, 9 * MS);
    assert_int_equal(p->last[CLIENT].len, 1000);
    pair_run(p, 25 * MS);
    assert_int_equal(p->end[CLIENT].acked_data, 1000);
    assert_int_equal(p->end[CLIENT].acked, 1000);
    pair_run(p, S);
    assert_int_equal(p->end[SERVER].received, 5000);
    assert_int_equal(p->end[CLIENT].counters[MPT_CNT_RETRANS_SEGS], 0);
    pair_free(p);
}

static void test_syn_data_not_taken(void **state)
{
    struct pair *p = syn_data_pair(0);

    (void)state;
    pair_run(p, 21 * MS);
    assert_int_equal(p->end[CLIENT].acked_data, 0);
    assert_int_equal(p->end[CLIENT].flow.state, MPT_FLOW_ESTABLISHED);
    pair_run(p, 31 * MS); /* the octets were the first thing behind the SYN/ACK */
    assert_true(p->end[SERVER].received >= 1000);
    assert_int_equal(p->end[CLIENT].flow.recovery_end, 0);
    assert_true(p->end[CLIENT].flow.cc.cwnd >= 14480);
    pair_run(p, S);
    assert_int_equal(p->end[SERVER].received, 5000);
    assert_int_equal(p->end[CLIENT].acked, 5000);
    pair_free(p);
}

static int lose_syn_with_data(struct pair *p, int from, const struct mpt_segment *s)
{
    (void)p;
    return from == CLIENT && s->flags & MPT_TCP_SYN && s->len;
}

static void test_syn_with_data_lost(void **state)
{
    struct pair *p = syn_data_pair(1000);

    (void)state;
    p->drop = lose_syn_with_data;
    pair_run(p, 3 * S);
    assert_int_equal(p->end[CLIENT].events[MPT_FLOW_EV_RTO], 1);
    assert_int_equal(p->end[SERVER].flow.syn_take, 0); /* the second SYN was bare */
    assert_int_equal(p->end[SERVER].received, 5000);
    assert_true(p->end[SERVER].taken_at < S + 60 * MS);
    pair_free(p);
}

static void test_syn_data_acked_halfway_is_reset(void **state)
{
    struct pair *p = syn_data_pair(500);

    (void)state;
    pair_run(p, 25 * MS);
    assert_int_equal(p->end[CLIENT].flow.state, MPT_FLOW_SYN_SENT);
    assert_int_equal(p->last[CLIENT].flags, MPT_TCP_RST);
    assert_int_equal(p->last[CLIENT].seq, 7777u + 501);
    pair_free(p);
}

/* The third ACK does not convince: the flow stays embryonic, holds payload unseen, and lets
 * early data be sent. */
static void test_embryo_holds_and_sends(void **state)
{
    struct pair *p = pair_new(10 * MS);
    struct end *s = &p->end[SERVER];

    (void)state;
    s->third_verdict = MPT_FLOW_DROP;
    pair_connect(p);
    p->end[CLIENT].to_send = 100000;
    s->to_send = 3000;
    pair_run(p, 200 * MS);
    assert_int_equal(s->flow.state, MPT_FLOW_SYN_RCVD);
    assert_true(s->third_calls > 2);
    assert_int_equal(s->received, 0);
    assert_int_equal(s->segment_calls, 0);
    assert_int_equal(mpt_rob_readable(&s->flow.rob), 14480);
    assert_int_equal(p->end[CLIENT].received, 3000);
    assert_int_equal(s->acked, 3000);
    assert_int_equal(s->counters[MPT_CNT_LOSS_PROBES], 0);
    mpt_flow_establish(&s->flow, p->now);
    mpt_flow_redeliver(&s->flow, p->now);
    assert_int_equal(s->received, 14480);
    pair_run(p, 10 * S);
    assert_int_equal(s->received, 100000);
    pair_free(p);
}

static void test_duplicate_syn_repeats_synack(void **state)
{
    struct pair *p = syn_data_pair(1000);
    struct end *s = &p->end[SERVER];
    struct mpt_segment first;

    (void)state;
    s->third_verdict = MPT_FLOW_DROP;
    pair_run(p, 11 * MS);
    first = p->last[SERVER];
    pair_run(p, 100 * MS);
    forge(p, SERVER, MPT_TCP_SYN, s->flow.irs, 0, 0, 0, 0);
    drain(p, SERVER);
    assert_int_equal(p->last[SERVER].flags, MPT_TCP_SYN | MPT_TCP_ACK);
    assert_int_equal(p->last[SERVER].seq, first.seq);
    assert_int_equal(p->last[SERVER].ack, first.ack);
    pair_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rst_must_hit_exactly),
        cmocka_unit_test(test_syn_is_challenged),
        cmocka_unit_test(test_ack_out_of_range_is_challenged),
        cmocka_unit_test(test_paws),
        cmocka_unit_test(test_delayed_ack),
        cmocka_unit_test(test_sack_blocks),
        cmocka_unit_test(test_dsack_reports_a_duplicate),
        cmocka_unit_test(test_delay_spike_is_undone),
        cmocka_unit_test(test_hooks_may_end_the_flow),
        cmocka_unit_test(test_synack_refused_by_hook),
        cmocka_unit_test(test_refused_and_impossible_synack),
        cmocka_unit_test(test_syn_data_taken),
        cmocka_unit_test(test_syn_data_not_taken),
        cmocka_unit_test(test_syn_with_data_lost),
        cmocka_unit_test(test_syn_data_acked_halfway_is_reset),
        cmocka_unit_test(test_embryo_holds_and_sends),
        cmocka_unit_test(test_duplicate_syn_repeats_synack),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
