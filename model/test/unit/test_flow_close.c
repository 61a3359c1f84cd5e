/* SPDX-License-Identifier: MIT */
/* test/unit/test_flow_close.c - how flows end (RFC 9293 3.6, figures 12 and 13): either order,
 * both at once, half-closed, with losses, by reset; simultaneous open (figure 7). */
#include "flow_pair.h"

static void test_close_one_after_the_other(void **state)
{
    struct pair *p = pair_new(10 * MS);
    struct end *c = &p->end[CLIENT], *s = &p->end[SERVER];

    (void)state;
    pair_establish(p);
    mpt_flow_shutdown(&c->flow, p->now);
    pair_run(p, p->now + 100 * MS);
    assert_int_equal(c->flow.state, MPT_FLOW_FIN_WAIT_2);
    assert_int_equal(s->flow.state, MPT_FLOW_CLOSE_WAIT);
    assert_int_equal(s->events[MPT_FLOW_EV_FIN], 1);
    s->to_send = 50000; /* the other half still works */
    pair_run(p, p->now + S);
    assert_int_equal(c->received, 50000);
    mpt_flow_shutdown(&s->flow, p->now);
    pair_run(p, p->now + 100 * MS);
    assert_int_equal(c->flow.state, MPT_FLOW_TIME_WAIT);
    assert_int_equal(s->flow.state, MPT_FLOW_CLOSED);
    assert_int_equal(s->flow.error, 0);
    pair_run(p, p->now + 59 * S);
    assert_int_equal(c->flow.state, MPT_FLOW_TIME_WAIT);
    assert_true(pair_run(p, p->now + 2 * S));
    assert_int_equal(c->flow.state, MPT_FLOW_CLOSED);
    assert_int_equal(c->flow.error, 0);
    assert_int_equal(c->events[MPT_FLOW_EV_CLOSED], 1);
    pair_free(p);
}

static void test_close_both_at_once(void **state)
{
    struct pair *p = pair_new(10 * MS);

    (void)state;
    pair_establish(p);
    mpt_flow_shutdown(&p->end[CLIENT].flow, p->now);
    mpt_flow_shutdown(&p->end[SERVER].flow, p->now);
    pair_run(p, p->now + 11 * MS);
    assert_int_equal(p->end[CLIENT].flow.state, MPT_FLOW_CLOSING);
    pair_run(p, p->now + 100 * MS);
    for (int i = 0; i < 2; i++)
        assert_int_equal(p->end[i].flow.state, MPT_FLOW_TIME_WAIT);
    assert_true(pair_run(p, p->now + 100 * S));
    for (int i = 0; i < 2; i++)
        assert_int_equal(p->end[i].flow.state, MPT_FLOW_CLOSED);
    pair_free(p);
}

static void test_close_in_answer_to_fin(void **state)
{
    struct pair *p = pair_new(10 * MS);

    (void)state;
    p->end[SERVER].close_on_fin = 1;
    p->end[CLIENT].to_send = 20000;
    p->end[CLIENT].close_when_sent = 1;
    pair_connect(p);
    assert_true(pair_run(p, 100 * S));
    assert_int_equal(p->end[SERVER].received, 20000);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(p->end[i].flow.state, MPT_FLOW_CLOSED);
        assert_int_equal(p->end[i].flow.error, 0);
    }
    pair_free(p);
}

static void test_close_with_losses(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 50; seed++) {
        struct pair *p = pair_new(10 * MS);

        p->random ^= seed * 0x9e3779b97f4a7c15u;
        p->loss = 250;
        p->end[CLIENT].to_send = p->end[SERVER].to_send = 5000;
        p->end[CLIENT].close_when_sent = p->end[SERVER].close_when_sent = 1;
        pair_connect(p);
        assert_true(pair_run(p, 10000 * S));
        assert_int_equal(p->end[CLIENT].flow.state, MPT_FLOW_CLOSED);
        assert_int_equal(p->end[SERVER].flow.state, MPT_FLOW_CLOSED);
        if (p->end[SERVER].events[MPT_FLOW_EV_ESTABLISHED] && !p->end[SERVER].flow.error &&
            !p->end[CLIENT].flow.error) {
            assert_int_equal(p->end[CLIENT].received, 5000);
            assert_int_equal(p->end[SERVER].received, 5000);
        }
        pair_free(p);
    }
}

/* A FIN that arrives before the data in front of it waits for that. */
static void test_fin_out_of_order(void **state)
{
    struct pair *p = pair_new(10 * MS);
    struct end *s = &p->end[SERVER];

    (void)state;
    pair_establish(p);
    p->loss = 1000;
    p->end[CLIENT].to_send = 1000;
    pair_run(p, p->now + MS);
    p->loss = 0;
    mpt_flow_shutdown(&p->end[CLIENT].flow, p->now);
    pair_run(p, p->now + 11 * MS);
    assert_int_equal(s->events[MPT_FLOW_EV_FIN], 0);
    assert_int_equal(s->flow.fin_seq, 1001);
    pair_run(p, p->now + 2 * S);
    assert_int_equal(s->received, 1000);
    assert_int_equal(s->events[MPT_FLOW_EV_FIN], 1);
    assert_int_equal(s->flow.state, MPT_FLOW_CLOSE_WAIT);
    pair_free(p);
}

static void test_reset_reaches_the_peer(void **state)
{
    struct pair *p = pair_new(10 * MS);

    (void)state;
    pair_establish(p);
    p->end[CLIENT].to_send = 500000;
    pair_run(p, p->now + 35 * MS); /* data in flight: the RST stands behind it */
    mpt_flow_reset(&p->end[CLIENT].flow, MPT_EABORTED, p->now);
    assert_int_equal(p->end[CLIENT].events[MPT_FLOW_EV_CLOSED], 1);
    assert_true(mpt_flow_has_output(&p->end[CLIENT].flow));
    pair_run(p, p->now + 200 * MS);
    assert_false(mpt_flow_has_output(&p->end[CLIENT].flow));
    assert_int_equal(p->end[SERVER].flow.state, MPT_FLOW_CLOSED);
    assert_int_equal(p->end[SERVER].flow.error, MPT_ECONNRESET);
    mpt_flow_clear(&p->end[CLIENT].flow);
    assert_int_equal(p->end[CLIENT].gone + p->end[CLIENT].acked, p->end[CLIENT].sent);
    pair_free(p);
}

/* The RST's data before it is lost: the peer challenges it and the closed flow answers (RFC 5961
 * 3.2). */
static void test_reset_after_a_loss(void **state)
{
    struct pair *p = pair_new(10 * MS);

    (void)state;
    pair_establish(p);
    p->loss = 1000;
    p->end[CLIENT].to_send = 5000;
    pair_run(p, p->now + MS);
    p->loss = 0;
    mpt_flow_reset(&p->end[CLIENT].flow, MPT_EABORTED, p->now);
    pair_run(p, p->now + 200 * MS);
    assert_int_equal(p->end[SERVER].counters[MPT_CNT_CHALLENGE_ACK], 1);
    assert_int_equal(p->end[SERVER].flow.state, MPT_FLOW_CLOSED);
    pair_free(p);
}

/* A subflow in FIN-WAIT-2 whose peer went away ends by itself; a plain flow stays half-closed. */
static void test_fin_wait_2_of_a_subflow(void **state)
{
    (void)state;
    for (int subflow = 0; subflow < 2; subflow++) {
        struct pair *p = pair_new(10 * MS);
        struct end *c = &p->end[CLIENT];

        c->flow.window_shared = (uint8_t)subflow;
        pair_establish(p);
        mpt_flow_shutdown(&c->flow, p->now);
        pair_run(p, S);
        p->end[SERVER].to_send = 100;
        pair_run(p, 30 * S);
        mpt_flow_kill(&p->end[SERVER].flow, MPT_ETIMEDOUT, p->now);
        pair_run(p, 59 * S);
        assert_int_equal(c->flow.state, MPT_FLOW_FIN_WAIT_2);
        pair_run(p, 62 * S); /* 60 s after the last it heard */
        assert_int_equal(c->flow.state, subflow ? MPT_FLOW_CLOSED : MPT_FLOW_FIN_WAIT_2);
        assert_int_equal(c->flow.error, 0);
        pair_free(p);
    }
}

/* RFC 9293 figure 7 */
static void test_simultaneous_open(void **state)
{
    (void)state;
    for (int refuse = 0; refuse < 2; refuse++) {
        struct pair *p = pair_new(10 * MS);

        for (int i = 0; i < 2; i++) {
            p->end[i].flow.no_simultaneous = (uint8_t)refuse;
            p->end[i].to_send = 10000;
            assert_int_equal(mpt_flow_connect(&p->end[i].flow, 0, 0, 0, 0), 0);
        }
        pair_run(p, 900 * MS);
        for (int i = 0; i < 2; i++) {
            assert_int_equal(p->end[i].flow.state,
                             refuse ? MPT_FLOW_SYN_SENT : MPT_FLOW_ESTABLISHED);
            assert_int_equal(p->end[i].received, refuse ? 0 : 10000);
        }
        pair_free(p);
    }
}

/* A segment for which there is no flow is refused with a RST that its sender accepts. */
static void test_refuse(void **state)
{
    struct pair *p = pair_new(10 * MS);
    uint8_t buf[FRAME], opts[4] = {30, 4, 0x80, 1};
    struct mpt_packet packet = {.local = p->end[SERVER].flow.local,
                                .remote = p->end[SERVER].flow.remote,
                                .data = buf,
                                .cap = sizeof buf};
    struct mpt_segment s;

    (void)state;
    pair_connect(p);
    drain(p, CLIENT);
    s = p->last[CLIENT];
    mpt_flow_refuse(&packet, &s, opts, sizeof opts);
    link_put(p, CLIENT, &packet, 20 * MS);
    p->loss = 1000;
    pair_run(p, 30 * MS);
    assert_int_equal(p->end[CLIENT].flow.state, MPT_FLOW_CLOSED);
    assert_int_equal(p->end[CLIENT].flow.error, MPT_ECONNREFUSED);
    pair_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_close_one_after_the_other),
        cmocka_unit_test(test_close_both_at_once),
        cmocka_unit_test(test_close_in_answer_to_fin),
        cmocka_unit_test(test_close_with_losses),
        cmocka_unit_test(test_fin_out_of_order),
        cmocka_unit_test(test_reset_reaches_the_peer),
        cmocka_unit_test(test_reset_after_a_loss),
        cmocka_unit_test(test_fin_wait_2_of_a_subflow),
        cmocka_unit_test(test_simultaneous_open),
        cmocka_unit_test(test_refuse),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
