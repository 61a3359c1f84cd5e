/* SPDX-License-Identifier: MIT */
/* test_nagle.c - small segments that wait for an ACK (RFC 9293 3.7.4; appendix A.3 says which, as Linux does it). The
 * switch is the connection's; what a subflow has in flight decides. */
#include "dialog/dialog.h"

static const char *const plain[] = { "mptcp=off", "tcp.nagle=on", NULL };
static const char *const multi[] = { "tcp.nagle=on", NULL };

static void open_plain(struct dialog *d, const char *const *set)
{
    dialog_server(d, set);
    dialog_in(d, 0, "S 0");
    dialog_out(d, 0, "S. 0 a1");
    dialog_in(d, 10 * MS, ". 1 a1");
    dialog_none(d, 10 * MS);
}

/* Off is the default: every write leaves at once. */
static void test_off(void **state)
{
    static const char *const off[] = { "mptcp=off", NULL };
    struct dialog d;

    (void)state;
    open_plain(&d, off);
    dialog_write(&d, 20 * MS, 10);
    dialog_out(&d, 20 * MS, ". 1+10 a1 plain=0");
    dialog_write(&d, 21 * MS, 10);
    dialog_out(&d, 21 * MS, ". 11+10 a1 plain=10");
    dialog_end(&d);
}

/* The first leaves, what follows gathers until its ACK. */
static void test_waits_for_ack(void **state)
{
    struct dialog d;

    (void)state;
    open_plain(&d, plain);
    dialog_write(&d, 20 * MS, 10);
    dialog_out(&d, 20 * MS, ". 1+10 a1 plain=0");
    dialog_write(&d, 21 * MS, 10);
    dialog_write(&d, 22 * MS, 10);
    dialog_none(&d, 29 * MS);
    dialog_in(&d, 30 * MS, ". 1 a11");
    dialog_out(&d, 30 * MS, ". 11+20 a1 plain=10");
    dialog_end(&d);
}

/* What makes a full segment does not wait; the rest behind it does, for the small one in flight. */
static void test_full_segment_leaves(void **state)
{
    struct dialog d;

    (void)state;
    open_plain(&d, plain);
    dialog_write(&d, 20 * MS, 10);
    dialog_out(&d, 20 * MS, ". 1+10 a1 plain=0");
    dialog_write(&d, 21 * MS, 1448 + 5);
    dialog_out(&d, 21 * MS, ". 11+1448 a1 plain=10");
    dialog_none(&d, 29 * MS);
    dialog_in(&d, 30 * MS, ". 1 a11");
    dialog_out(&d, 30 * MS, ". 1459+5 a1 plain=1458");
    dialog_end(&d);
}

/* A.3: full segments in flight hold nothing back, so the end of a large message meets no delayed ACK. */
static void test_end_of_message_leaves(void **state)
{
    struct dialog d;

    (void)state;
    open_plain(&d, plain);
    dialog_write(&d, 20 * MS, 1448 + 5);
    dialog_out(&d, 20 * MS, ". 1+1448 a1 plain=0");
    dialog_out(&d, 20 * MS, ". 1449+5 a1 plain=1448");
    dialog_end(&d);
}

/* The end of the stream does not wait. */
static void test_close_pushes(void **state)
{
    struct dialog d;

    (void)state;
    open_plain(&d, plain);
    dialog_write(&d, 20 * MS, 10);
    dialog_out(&d, 20 * MS, ". 1+10 a1 plain=0");
    dialog_write(&d, 21 * MS, 10);
    dialog_none(&d, 21 * MS);
    assert_int_equal(mpt_shutdown(d.conn, d.now), 0);
    dialog_run(&d);
    dialog_out(&d, 21 * MS, ". 11+10 a1 plain=10");
    dialog_out(&d, 21 * MS, "F. 21 a1");
    dialog_end(&d);
}

/* Switched off with octets held back: they leave, as with TCP_NODELAY. */
static void test_switched_off(void **state)
{
    struct dialog d;

    (void)state;
    open_plain(&d, plain);
    dialog_write(&d, 20 * MS, 10);
    dialog_out(&d, 20 * MS, ". 1+10 a1 plain=0");
    dialog_write(&d, 21 * MS, 10);
    dialog_none(&d, 22 * MS);
    assert_int_equal(mpt_conn_set(d.conn, "tcp.nagle", "off", d.now), 0);
    dialog_run(&d);
    dialog_out(&d, 22 * MS, ". 11+10 a1 plain=10");
    dialog_end(&d);
}

/* Multipath: the subflow that the scheduler picks has a small segment in flight, so the octets wait, although another
 * subflow is idle: the connection does not scatter small mappings. A time-out moves both. */
static void test_of_a_connection(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, multi);
    dialog_write(&d, 100 * MS, 10);
    dialog_out(&d, 100 * MS, ". 1+10 a11 ack=10 map=0/1/10");
    dialog_write(&d, 101 * MS, 10);
    dialog_write(&d, 102 * MS, 10);
    dialog_none(&d, 105 * MS);
    dialog_in(&d, 110 * MS, ". 11 a11 ack=10");
    dialog_out(&d, 110 * MS, ". 11+20 a11 ack=10 map=10/11/20"); /* one mapping */
    dialog_end(&d);
}

/* The DATA_FIN is the end of the stream too (RFC 8684 3.3.3). */
static void test_data_fin_pushes(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, multi);
    dialog_write(&d, 100 * MS, 10);
    dialog_out(&d, 100 * MS, ". 1+10 a11 ack=10 map=0/1/10");
    dialog_write(&d, 101 * MS, 10);
    dialog_none(&d, 101 * MS);
    assert_int_equal(mpt_shutdown(d.conn, d.now), 0);
    dialog_run(&d);
    dialog_out(&d, 101 * MS, ". 11+10 a11 fin ack=10 map=10/11/11");
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_off), cmocka_unit_test(test_waits_for_ack), cmocka_unit_test(test_full_segment_leaves),
        cmocka_unit_test(test_end_of_message_leaves), cmocka_unit_test(test_close_pushes),
        cmocka_unit_test(test_switched_off), cmocka_unit_test(test_of_a_connection),
        cmocka_unit_test(test_data_fin_pushes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
