/* SPDX-License-Identifier: MIT */
/* test_keepalive.c - probes of an idle connection (RFC 9293 3.8.4), as Linux times them. */
#include "dialog/dialog.h"

static const char *const settings[] = { "tcp.keepalive=10s", "tcp.keepalive_interval=2s", "tcp.keepalive_probes=3",
                                        NULL };
static const char *const plain[] = { "mptcp=off", "tcp.keepalive=10s", "tcp.keepalive_interval=2s",
                                     "tcp.keepalive_probes=3", NULL };

static void open_plain(struct dialog *d, const char *const *set)
{
    dialog_server(d, set);
    dialog_in(d, 0, "S 0");
    dialog_out(d, 0, "S. 0 a1");
    dialog_in(d, 10 * MS, ". 1 a1");
    dialog_none(d, 10 * MS);
}

/* MUST-25: off unless asked for. */
static void test_off(void **state)
{
    static const char *const off[] = { "mptcp=off", NULL };
    struct dialog d;

    (void)state;
    open_plain(&d, off);
    dialog_none(&d, 20000 * S);
    dialog_end(&d);
}

/* One number before SND.NXT, no octet; the answer puts the next one off by the whole time. */
static void test_answered(void **state)
{
    struct dialog d;

    (void)state;
    open_plain(&d, plain);
    dialog_out(&d, 10 * S + 10 * MS, ". 0 a1");
    dialog_in(&d, 10 * S + 30 * MS, ". 1 a1");
    dialog_out(&d, 20 * S + 30 * MS, ". 0 a1");
    dialog_in(&d, 20 * S + 50 * MS, ". 1 a1");
    dialog_none(&d, 30 * S);
    assert_int_equal(dialog_count(&d, "TcpExtTCPKeepAlive"), 2);
    assert_int_equal(dialog_count(&d, "TcpExtTCPWinProbe"), 0);
    dialog_end(&d);
}

/* Nobody answers: as many probes as configured, then RST, and the reason is a time-out (3.8.4, MUST-27: one lost
 * probe must not end it). */
static void test_dead_peer(void **state)
{
    struct mpt_conn_info info = { .size = sizeof info };
    struct dialog d;

    (void)state;
    open_plain(&d, plain);
    dialog_out(&d, 10 * S + 10 * MS, ". 0 a1");
    dialog_out(&d, 12 * S + 10 * MS, ". 0 a1");
    dialog_out(&d, 14 * S + 10 * MS, ". 0 a1");
    dialog_out(&d, 16 * S + 10 * MS, "R. 1 a1");
    assert_int_equal(mpt_conn_info(d.conn, &info), 0);
    assert_int_equal(info.state, MPT_CONN_CLOSED);
    assert_int_equal(info.error, MPT_ETIMEDOUT);
    dialog_end(&d);
}

/* The second probe is answered: counting begins anew. */
static void test_one_lost(void **state)
{
    struct dialog d;

    (void)state;
    open_plain(&d, plain);
    dialog_out(&d, 10 * S + 10 * MS, ". 0 a1");
    dialog_out(&d, 12 * S + 10 * MS, ". 0 a1");
    dialog_in(&d, 12 * S + 20 * MS, ". 1 a1");
    dialog_out(&d, 22 * S + 20 * MS, ". 0 a1");
    dialog_out(&d, 24 * S + 20 * MS, ". 0 a1");
    dialog_out(&d, 26 * S + 20 * MS, ". 0 a1");
    dialog_in(&d, 27 * S, ". 1 a1");
    dialog_none(&d, 36 * S);
    dialog_end(&d);
}

/* Octets in flight: their own timer asks, no keep-alive probe leaves. */
static void test_data_defers(void **state)
{
    struct dialog d;

    (void)state;
    open_plain(&d, plain);
    dialog_write(&d, 5 * S, 100);
    dialog_skip(&d, 19 * S);
    assert_int_equal(dialog_count(&d, "TcpExtTCPKeepAlive"), 0);
    dialog_in(&d, 19 * S, ". 1 a101");
    dialog_none(&d, 28 * S);
    dialog_out(&d, 29 * S, ". 100 a1");
    dialog_end(&d);
}

/* A closed window has probes of its own (3.8.6.1); they are not counted as keep-alive. */
static void test_window_probes_instead(void **state)
{
    struct dialog d;

    (void)state;
    open_plain(&d, plain);
    dialog_in(&d, 1 * S, ". 1 a1 win=0");
    dialog_write(&d, 2 * S, 100);
    dialog_skip(&d, 40 * S);
    assert_int_equal(dialog_count(&d, "TcpExtTCPKeepAlive"), 0);
    assert_true(dialog_count(&d, "TcpExtTCPWinProbe") > 3);
    dialog_end(&d);
}

/* The other side of it: a probe of the peer is answered, with and without an octet (3.8.4: implementations differ). */
static void test_answers(void **state)
{
    static const char *const off[] = { "mptcp=off", NULL };
    struct dialog d;

    (void)state;
    open_plain(&d, off);
    dialog_in(&d, 50 * S, ". 0 a1");
    dialog_out(&d, 50 * S, ". 1 a1");
    dialog_in(&d, 60 * S, ". 0+1 a1 junk=1");
    dialog_out(&d, 60 * S, ". 1 a1 sack=0-1");
    dialog_end(&d);
}

/* One connection only: mpt_conn_set, at any time. */
static void test_by_call(void **state)
{
    static const char *const off[] = { "mptcp=off", NULL };
    struct dialog d;

    (void)state;
    open_plain(&d, off);
    dialog_none(&d, 100 * S);
    assert_int_equal(mpt_conn_set(d.conn, "tcp.keepalive", "5s", d.now), 0);
    assert_int_equal(mpt_conn_set(d.conn, "tcp.keepalive_probes", "1", d.now), 0);
    dialog_out(&d, 105 * S, ". 0 a1");
    dialog_in(&d, 105 * S + 20 * MS, ". 1 a1");
    assert_int_equal(mpt_conn_set(d.conn, "tcp.keepalive", "0", d.now), 0);
    dialog_none(&d, 300 * S);
    assert_int_equal(mpt_conn_set(d.conn, "tcp.sack", "off", d.now), MPT_ENOENT);
    assert_int_equal(mpt_conn_set(d.conn, "no such", "1", d.now), MPT_ENOENT);
    assert_int_equal(mpt_conn_set(d.conn, "tcp.keepalive", "often", d.now), MPT_EINVAL);
    dialog_end(&d);
}

/* Each subflow is watched by itself: the one whose peer is silent ends, the connection goes on (RFC 8684 3.6). */
static void test_per_subflow(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, settings);
    dialog_tuple(&d, 1, 7, 6001);
    dialog_in(&d, 40 * MS, "1| S 0 join12:id=3");
    dialog_skip(&d, 40 * MS);
    dialog_in(&d, 60 * MS, "1| . 1 a1 join24");
    dialog_skip(&d, 60 * MS);
    dialog_in(&d, 9 * S, "1| . 1 a1 ack=0");
    dialog_out(&d, 10 * S + 20 * MS, "0| . 0 a11 ack=10");
    dialog_out(&d, 12 * S + 20 * MS, "0| . 0 a11 ack=10");
    dialog_out(&d, 14 * S + 20 * MS, "0| . 0 a11 ack=10");
    dialog_out(&d, 16 * S + 20 * MS, "0| R. 1 a11");
    assert_int_equal(d.conn->subflow_count, 1);
    dialog_out(&d, 19 * S, "1| . 0 a1 ack=10");
    dialog_in(&d, 19 * S + 20 * MS, "1| . 1 a1 ack=0");
    dialog_write(&d, 20 * S, 100);
    dialog_out(&d, 20 * S, "1| . 1+100 a1 ack=10 map=0/1/100");
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_off), cmocka_unit_test(test_answered), cmocka_unit_test(test_dead_peer),
        cmocka_unit_test(test_one_lost), cmocka_unit_test(test_data_defers),
        cmocka_unit_test(test_window_probes_instead), cmocka_unit_test(test_answers), cmocka_unit_test(test_by_call),
        cmocka_unit_test(test_per_subflow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
