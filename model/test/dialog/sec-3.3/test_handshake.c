/* SPDX-License-Identifier: MIT */
/* test_handshake.c - the handshake over the first subflow (sec/SPEC.md 3.3): its conversation, and everything that ends it. */
#include "dialog/dialog.h"

static const char *const REQUIRE[] = { "sec=require", "sec_aead=chacha20", NULL };

static int error_of(const struct dialog *d)
{
    struct mpt_conn_info info = { .size = sizeof info };

    mpt_conn_info(d->conn, &info);
    return info.error;
}

static void open_client(struct dialog *d)
{
    dialog_client(d, REQUIRE);
    dialog_out(d, 0, "S 0 cap4 ext eno=11");
    dialog_in(d, 10 * MS, "S. 0 a1 cap12 eno=11");
    dialog_out(d, 10 * MS, ". 1 a1 cap20 eno");
    dialog_out(d, 10 * MS, ". 1+78 a1 cap22=78 eno hello");
}

static void open_server(struct dialog *d)
{
    dialog_server(d, REQUIRE);
    dialog_in(d, 0, "S 0 cap4 eno=11");
    dialog_out(d, 0, "S. 0 a1 cap12 eno=11");
    dialog_in(d, 10 * MS, ". 1 a1 cap20 eno");
}

/* HELLO, REPLY, AUTH, FIN; a sends records right behind FIN, the first with PARAMS and an ACK (3.6). */
static void test_client(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d);
    dialog_in(&d, 20 * MS, ". 1+68 a79 ack=78 map=0/1/68 frame");
    dialog_out(&d, 20 * MS, ". 79 a69 ack=68");
    dialog_in(&d, 21 * MS, ". 69+52 a79 ack=78 map=68/69/52 frame");
    dialog_out(&d, 21 * MS, ". 79 a121 ack=120");
    dialog_out(&d, 21 * MS, ". 79+51 a121 ack=120 map=78/79/51 finished");
    dialog_out(&d, 21 * MS, ". 130+48 a121 seal=0/0:ack=0:ctl=1");
    assert_true(d.events & MPT_EV_CONNECTED);
    assert_true(d.events & MPT_EV_SECURE);
    dialog_end(&d);
}

/* b's application hears of it when a's FIN has verified, and b's first record follows. */
static void test_server(void **state)
{
    struct dialog d;

    (void)state;
    open_server(&d);
    dialog_in(&d, 20 * MS, ". 1+78 a1 cap22=78 eno frame");
    dialog_out(&d, 20 * MS, ". 1 a79 ack=78");
    dialog_out(&d, 20 * MS, ". 1+68 a79 ack=78 map=0/1/68 reply");
    dialog_out(&d, 20 * MS, ". 69+52 a79 ack=78 map=68/69/52 auth");
    assert_false(d.events & MPT_EV_ACCEPTED);
    dialog_in(&d, 30 * MS, ". 79+51 a121 ack=120 map=78/79/51 frame");
    dialog_skip(&d, 30 * MS);
    assert_true(d.events & MPT_EV_ACCEPTED);
    assert_true(d.events & MPT_EV_SECURE);
    assert_int_equal(d.read, 0);
    dialog_end(&d);
}

static void test_damaged_reply(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d);
    dialog_in(&d, 20 * MS, ". 1+68 a79 ack=78 map=0/1/68 frame!"); /* the suite is another */
    dialog_skip(&d, 20 * MS);
    assert_int_equal(error_of(&d), MPT_ESECURE);
    dialog_end(&d);
}

static void test_damaged_auth(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d);
    dialog_in(&d, 20 * MS, ". 1+68 a79 ack=78 map=0/1/68 frame");
    dialog_out(&d, 20 * MS, ". 79 a69 ack=68");
    dialog_in(&d, 21 * MS, ". 69+52 a79 ack=78 map=68/69/52 frame!");
    dialog_out(&d, 21 * MS, "R. 79 a69 rst=1");
    assert_int_equal(error_of(&d), MPT_ESECURE);
    assert_false(d.events & MPT_EV_CONNECTED);
    dialog_end(&d);
}

static void test_damaged_finish(void **state)
{
    struct dialog d;

    (void)state;
    open_server(&d);
    dialog_in(&d, 20 * MS, ". 1+78 a1 cap22=78 eno frame");
    dialog_skip(&d, 20 * MS);
    dialog_in(&d, 30 * MS, ". 79+51 a121 ack=120 map=78/79/51 frame!");
    dialog_out(&d, 30 * MS, "R. 121 a79 rst=1");
    assert_false(d.events & MPT_EV_ACCEPTED);
    assert_int_equal(dialog_count(&d, "SecAborted"), 1);
    dialog_end(&d);
}

/* A mapping holds octets of one frame only; a frame that has no place here. */
static void test_wrong_frame(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d);
    dialog_in(&d, 20 * MS, ". 1+68 a79 ack=78 map=0/1/68");
    dialog_skip(&d, 20 * MS);
    assert_int_equal(error_of(&d), MPT_ESECURE);
    dialog_end(&d);
}

/* 10 s from the confirmation. */
static void test_limit(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d);
    dialog_in(&d, 20 * MS, ". 1 a79 ack=78 eno");
    dialog_none(&d, 10009 * MS);
    dialog_out(&d, 10010 * MS, "R. 79 a1 rst=1");
    assert_int_equal(error_of(&d), MPT_ESECURE);
    dialog_end(&d);
    open_server(&d);
    dialog_none(&d, 10009 * MS);
    dialog_out(&d, 10010 * MS, "R. 1 a1 rst=1");
    dialog_end(&d);
}

/* Before there are keys the loss of the initial subflow is the end, and no join is taken. */
static void test_first_subflow(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d);
    dialog_in(&d, 20 * MS, "R. 1 a79");
    dialog_skip(&d, 20 * MS);
    assert_true(error_of(&d) != 0);
    assert_true(d.events & MPT_EV_CLOSED);
    dialog_end(&d);
    open_server(&d);
    dialog_tuple(&d, 1, 7, 6001);
    dialog_in(&d, 20 * MS, "1| S 0 join12:id=3");
    dialog_skip(&d, 20 * MS);
    assert_int_equal(dialog_count(&d, "MPTcpExtMPJoinRejected"), 1);
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_client),
        cmocka_unit_test(test_server),
        cmocka_unit_test(test_damaged_reply),
        cmocka_unit_test(test_damaged_auth),
        cmocka_unit_test(test_damaged_finish),
        cmocka_unit_test(test_wrong_frame),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_first_subflow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
