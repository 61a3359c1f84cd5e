/* SPDX-License-Identifier: MIT */
/* test_negotiation.c - TCP-ENO beside MP_CAPABLE (sec/SPEC.md 3.2; grammar RFC 8547 4): who is secure, regular or refused. */
#include "dialog/dialog.h"

static const char *const PREFER[] = { "sec=prefer", "sec_aead=chacha20", NULL };
static const char *const REQUIRE[] = { "sec=require", "sec_aead=chacha20", NULL };

static int error_of(const struct dialog *d)
{
    struct mpt_conn_info info = { .size = sizeof info };

    mpt_conn_info(d->conn, &info);
    return info.error;
}

static uint32_t secure_of(const struct dialog *d)
{
    struct mpt_conn_info info = { .size = sizeof info };

    mpt_conn_info(d->conn, &info);
    return info.secure;
}

/* ---- b ---- */

static void test_server_refuses(void **state)
{
    struct dialog d;

    (void)state;
    dialog_server(&d, REQUIRE);
    dialog_in(&d, 0, "S 0 cap4 ext");
    dialog_out(&d, 0, "R. 0 a1 rst=3");
    dialog_end(&d);
    dialog_server(&d, REQUIRE);
    dialog_in(&d, 0, "S 0 eno=11"); /* no MP_CAPABLE */
    dialog_out(&d, 0, "R. 0 a1 rst=3");
    dialog_end(&d);
}

/* Nothing of ours in the option: as no ENO at all. */
static void test_server_declines(void **state)
{
    static const char *const syn[] = { "S 0 cap4 ext", "S 0 cap4 ext eno=7f", "S 0 cap4 ext eno=11,11", "S 0 cap4 ext eno=00",
                                       "S 0 nots cap4 ext eno=11 eno=11", "S 0 cap4 ext eno=12" };
    struct dialog d;

    (void)state;
    for (size_t i = 0; i < sizeof syn / sizeof *syn; i++) {
        dialog_server(&d, PREFER);
        dialog_in(&d, 0, syn[i]);
        dialog_out(&d, 0, "S. 0 a1 cap12 ext");
        dialog_in(&d, 10 * MS, ". 1 a1 cap20");
        dialog_in(&d, 20 * MS, ". 1+10 a1 ack=0 map=0/1/10");
        dialog_skip(&d, 20 * MS);
        assert_int_equal(d.read, 10);
        assert_true(d.events & MPT_EV_DECLINED);
        assert_int_equal(secure_of(&d), 1);
        dialog_end(&d);
    }
}

/* The first suite of the offer that b has; EXT makes room (3.1). */
static void test_server_answers(void **state)
{
    struct dialog d;

    (void)state;
    dialog_server(&d, PREFER);
    dialog_in(&d, 0, "S 0 cap4 ext eno=7f,11,21");
    dialog_out(&d, 0, "S. 0 a1 cap12 eno=11");
    dialog_in(&d, 10 * MS, ". 1 a1 cap20 eno");
    dialog_none(&d, 10 * MS);
    assert_false(d.events & MPT_EV_ACCEPTED); /* when the handshake is done */
    assert_int_equal(d.conn, NULL);
    dialog_end(&d);
}

/* Answered, but a did not hear of it: the first data decides. */
static void test_server_not_confirmed(void **state)
{
    struct dialog d;

    (void)state;
    dialog_server(&d, PREFER);
    dialog_in(&d, 0, "S 0 cap4 eno=11");
    dialog_out(&d, 0, "S. 0 a1 cap12 eno=11");
    dialog_in(&d, 10 * MS, ". 1 a1 cap20");
    dialog_in(&d, 20 * MS, ". 1+20 a1 cap22=20");
    dialog_skip(&d, 20 * MS);
    assert_int_equal(d.read, 20);
    assert_true(d.events & MPT_EV_DECLINED);
    dialog_end(&d);
    dialog_server(&d, REQUIRE);
    dialog_in(&d, 0, "S 0 cap4 eno=11");
    dialog_out(&d, 0, "S. 0 a1 cap12 eno=11");
    dialog_in(&d, 10 * MS, ". 1 a1 cap20");
    dialog_none(&d, 10 * MS);
    assert_null(d.conn); /* nobody may speak yet */
    dialog_in(&d, 20 * MS, ". 1+20 a1 cap22=20");
    dialog_out(&d, 20 * MS, "R. 1 a1 rst=1");
    assert_int_equal(d.read, 0);
    dialog_end(&d);
}

/* ENO was stripped from everything that a sends: its HELLO must not reach the application. */
static void test_server_sees_a_hello(void **state)
{
    struct dialog d;

    (void)state;
    dialog_server(&d, PREFER);
    dialog_in(&d, 0, "S 0 cap4 eno=11");
    dialog_out(&d, 0, "S. 0 a1 cap12 eno=11");
    dialog_in(&d, 10 * MS, ". 1 a1 cap20");
    dialog_in(&d, 20 * MS, ". 1+78 a1 cap22=78 frame");
    dialog_skip(&d, 20 * MS);
    assert_int_equal(d.read, 0);
    assert_int_equal(error_of(&d), MPT_ESECURE);
    dialog_end(&d);
}

/* ENO in the first data is early enough. */
static void test_server_confirmed_by_data(void **state)
{
    struct dialog d;

    (void)state;
    dialog_server(&d, PREFER);
    dialog_in(&d, 0, "S 0 cap4 eno=11");
    dialog_out(&d, 0, "S. 0 a1 cap12 eno=11");
    dialog_in(&d, 10 * MS, ". 1 a1 cap20");
    dialog_in(&d, 20 * MS, ". 1+78 a1 cap22=78 eno frame");
    dialog_out(&d, 20 * MS, ". 1 a79 ack=78"); /* a frame has come: no ENO any more */
    dialog_out(&d, 20 * MS, ". 1+68 a79 ack=78 map=0/1/68 reply");
    dialog_out(&d, 20 * MS, ". 69+52 a79 ack=78 map=68/69/52 auth");
    dialog_end(&d);
}

/* ---- a ---- */

static void test_client_alone(void **state)
{
    static const char *const synack[] = { "S. 0 a1 cap12 ext", "S. 0 a1 cap12 eno=12", "S. 0 a1 nots cap12 eno=11 eno=11", "S. 0 a1",
                                          "S. 0 a1 eno=11" };
    struct dialog d;

    (void)state;
    for (size_t i = 0; i < sizeof synack / sizeof *synack; i++) {
        dialog_client(&d, PREFER);
        dialog_out(&d, 0, "S 0 cap4 ext eno=11");
        dialog_in(&d, 10 * MS, synack[i]);
        dialog_skip(&d, 10 * MS);
        if (!(d.events & MPT_EV_DECLINED))
            fail_msg("%s: not declined", synack[i]);
        assert_true(d.events & MPT_EV_CONNECTED);
        assert_int_equal(secure_of(&d), 1);
        dialog_end(&d);

        dialog_client(&d, REQUIRE);
        dialog_out(&d, 0, "S 0 cap4 ext eno=11");
        dialog_in(&d, 10 * MS, synack[i]);
        dialog_skip(&d, 10 * MS);
        assert_int_equal(error_of(&d), MPT_ESECURE);
        assert_false(d.events & MPT_EV_CONNECTED);
        dialog_end(&d);
    }
}

/* Both suites are offered where both are there; ENO goes on until the server is heard. */
static void test_client_repeats(void **state)
{
    struct dialog d;

    (void)state;
    dialog_client(&d, REQUIRE);
    dialog_out(&d, 0, "S 0 cap4 ext eno=11");
    dialog_out(&d, 1 * S, "S 0 cap4 ext eno=11"); /* never without */
    dialog_in(&d, 1010 * MS, "S. 0 a1 cap12 eno=11");
    dialog_out(&d, 1010 * MS, ". 1 a1 cap20 eno");
    dialog_out(&d, 1010 * MS, ". 1+78 a1 cap22=78 eno hello");
    dialog_in(&d, 1020 * MS, ". 1 a79 ack=78 eno");
    dialog_in(&d, 1030 * MS, ". 1+68 a79 ack=78 map=0/1/68 frame");
    dialog_out(&d, 1030 * MS, ". 79 a69 ack=68");
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_server_refuses),
        cmocka_unit_test(test_server_declines),
        cmocka_unit_test(test_server_answers),
        cmocka_unit_test(test_server_not_confirmed),
        cmocka_unit_test(test_server_sees_a_hello),
        cmocka_unit_test(test_server_confirmed_by_data),
        cmocka_unit_test(test_client_alone),
        cmocka_unit_test(test_client_repeats),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
