/* SPDX-License-Identifier: MIT */
/* test_fastclose_ack.c - MP_FASTCLOSE on an ACK, repeated until the peer resets (RFC 8684 3.5, option A; key fastclose=ack),
 * and what comes from a peer that does either. Two subflows of a server, RTT 10 and 20 ms. */
#include "dialog/dialog.h"

static const char *const BY_ACK[] = { "fastclose=ack", NULL };

static void open_two(struct dialog *d, const char *const *settings)
{
    dialog_open_server(d, settings);
    dialog_tuple(d, 1, 7, 6001);
    dialog_in(d, 40 * MS, "1| S 0 join12:id=3");
    dialog_skip(d, 40 * MS);
    dialog_in(d, 60 * MS, "1| . 1 a1 join24");
    dialog_skip(d, 60 * MS);
}

static void abort_at(struct dialog *d, uint64_t at)
{
    dialog_advance(d, at);
    mpt_abort(d->conn, d->now);
    dialog_run(d);
}

/* On the fastest subflow; the other is reset without the option. The peer's RST is the end of it. */
static void test_answered(void **state)
{
    struct dialog d;

    (void)state;
    open_two(&d, BY_ACK);
    abort_at(&d, 100 * MS);
    dialog_out(&d, 100 * MS, "0| . 1 a11 ack=10 fc");
    dialog_out(&d, 100 * MS, "1| R. 1 a1");
    dialog_in(&d, 110 * MS, "0| R. 11 a1");
    dialog_none(&d, 500 * S);
    assert_int_equal(dialog_count(&d, "MPTcpExtMPFastcloseTx"), 1);
    mpt_close(d.conn, d.now);
    dialog_end(&d);
}

/* No answer: again after one RTO (210 ms), then doubling; after three repetitions a RST, with the option once more. */
static void test_repeated(void **state)
{
    struct dialog d;

    (void)state;
    open_two(&d, BY_ACK);
    abort_at(&d, 100 * MS);
    dialog_out(&d, 100 * MS, "0| . 1 a11 ack=10 fc");
    dialog_out(&d, 100 * MS, "1| R. 1 a1");
    dialog_out(&d, 310 * MS, "0| . 1 a11 ack=10 fc");
    dialog_out(&d, 730 * MS, "0| . 1 a11 ack=10 fc");
    dialog_out(&d, 1570 * MS, "0| . 1 a11 ack=10 fc");
    dialog_out(&d, 3250 * MS, "0| R. 1 a11 fc");
    dialog_none(&d, 500 * S);
    dialog_end(&d);
}

/* Nothing else is sent meanwhile: not what was written, not DATA_FIN. */
static void test_nothing_else(void **state)
{
    struct dialog d;

    (void)state;
    open_two(&d, BY_ACK);
    dialog_write(&d, 90 * MS, 100);
    dialog_out(&d, 90 * MS, "0| . 1+100 a11 ack=10 map=0/1/100");
    assert_int_equal(mpt_subflow_backup(d.conn, 1, 1, d.now), 0);
    dialog_run(&d);
    dialog_out(&d, 90 * MS, "0| . 101 a11 ack=10 prio=1");
    dialog_write(&d, 95 * MS, 100);
    dialog_out(&d, 95 * MS, "1| . 1+100 a1 ack=10 map=100/1/100");
    mpt_shutdown(d.conn, d.now);
    abort_at(&d, 95 * MS);
    dialog_skip(&d, 95 * MS);
    dialog_in(&d, 110 * MS, "0| R. 11 a101");
    dialog_none(&d, 500 * S);
    dialog_end(&d);
}

/* Both at once: the peer's MP_FASTCLOSE on an ACK is answered as it wants to be. */
static void test_both(void **state)
{
    struct dialog d;
    struct mpt_conn_info info = { .size = sizeof info };

    (void)state;
    open_two(&d, BY_ACK);
    abort_at(&d, 100 * MS);
    dialog_out(&d, 100 * MS, "0| . 1 a11 ack=10 fc");
    dialog_out(&d, 100 * MS, "1| R. 1 a1");
    dialog_in(&d, 105 * MS, "0| . 11 a1 ack=0 fc");
    dialog_out(&d, 105 * MS, "0| R. 1 a11");
    assert_int_equal(mpt_conn_info(d.conn, &info), 0);
    assert_int_equal(info.error, MPT_EABORTED);
    dialog_none(&d, 500 * S);
    dialog_end(&d);
}

/* In plain TCP there is only the RST. */
static void test_plain(void **state)
{
    struct dialog d;

    (void)state;
    dialog_server(&d, BY_ACK);
    dialog_in(&d, 0, "S 0");
    dialog_out(&d, 0, "S. 0 a1");
    dialog_in(&d, 10 * MS, ". 1 a1");
    dialog_skip(&d, 10 * MS);
    abort_at(&d, 100 * MS);
    dialog_out(&d, 100 * MS, "R. 1 a1");
    dialog_end(&d);
}

/* ---- the peer's ---- */

/* By RST: nothing answers on that subflow, the others are reset. */
static void test_in_rst(void **state)
{
    struct dialog d;

    (void)state;
    open_two(&d, NULL);
    dialog_in(&d, 100 * MS, "0| R. 11 a1 fc");
    dialog_out(&d, 100 * MS, "1| R. 1 a1");
    assert_int_equal(dialog_count(&d, "MPTcpExtMPFastcloseRx"), 1);
    dialog_none(&d, 500 * S);
    dialog_end(&d);
}

/* Repeated ACKs find nobody: a plain RST each (RFC 9293 3.10.7.1), which is the answer that the peer waits for. */
static void test_in_ack_repeated(void **state)
{
    struct dialog d;

    (void)state;
    open_two(&d, NULL);
    dialog_in(&d, 100 * MS, "1| . 1 a1 fc");
    dialog_out(&d, 100 * MS, "0| R. 1 a11");
    dialog_out(&d, 100 * MS, "1| R. 1 a1");
    dialog_in(&d, 310 * MS, "1| . 1 a1 fc");
    dialog_out(&d, 310 * MS, "1| R 1");
    dialog_end(&d);
}

/* The path manager does not take the end for a broken path. */
static void test_in_no_joins(void **state)
{
    static const char *const mesh[] = { "pm=fullmesh", NULL };
    struct dialog d;

    (void)state;
    dialog_open_client(&d, mesh);
    dialog_skip(&d, 20 * MS);
    dialog_in(&d, 30 * MS, "1| R. 0 a1");
    dialog_in(&d, 100 * MS, "0| R. 1 a1 fc");
    dialog_none(&d, 500 * S);
    dialog_end(&d);
}

static void test_in_wrong_key_counted(void **state)
{
    struct dialog d;

    (void)state;
    open_two(&d, NULL);
    dialog_in(&d, 100 * MS, "1| . 1 a1 fc!");
    dialog_none(&d, 1 * S);
    assert_int_equal(dialog_count(&d, "MPFastcloseBadKey"), 1);
    assert_int_equal(d.conn->subflow_count, 2);
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answered), cmocka_unit_test(test_repeated), cmocka_unit_test(test_nothing_else),
        cmocka_unit_test(test_both), cmocka_unit_test(test_plain), cmocka_unit_test(test_in_rst),
        cmocka_unit_test(test_in_ack_repeated), cmocka_unit_test(test_in_no_joins),
        cmocka_unit_test(test_in_wrong_key_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
