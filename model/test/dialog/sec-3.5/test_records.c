/* SPDX-License-Identifier: MIT */
/* test_records.c - records as mappings (sec/SPEC.md 3.5) and what goes wrong with them (3.3 key confirmation, 3.9). The stack
 * is the server: the peer's handshake ends at SSN 130, the stack's at 121, its first record at 169. */
#include "dialog/dialog.h"

static int error_of(const struct dialog *d)
{
    struct mpt_conn_info info = { .size = sizeof info };

    mpt_conn_info(d->conn, &info);
    return info.error;
}

/* The peer's first record has verified: key confirmation (3.3). The next one is at SSN 188. */
static void open_heard(struct dialog *d)
{
    dialog_secure_server(d);
    dialog_in(d, 30 * MS, ". 130 a169 seal=0/10:ack=0:params");
    dialog_skip(d, 80 * MS);
    assert_int_equal(d->read, 10);
}

/* The subflow is reset for a middlebox's sake, and the connection waits for another one. */
static void expect_reset(struct dialog *d, uint64_t at)
{
    dialog_skip(d, at);
    assert_int_equal(dialog_count(d, "SecBadTag"), 1);
    assert_int_equal(dialog_count(d, "SecSuspected"), 1);
    assert_false(d->events & MPT_EV_CLOSED);
    assert_int_equal(error_of(d), 0);
}

static void expect_close(struct dialog *d, uint64_t at)
{
    dialog_skip(d, at);
    assert_int_equal(dialog_count(d, "SecBroken"), 1);
    assert_true(d->events & MPT_EV_CLOSED);
    assert_int_equal(error_of(d), MPT_EPROTO);
}

/* ---- what is right ---- */

static void test_first_record(void **state)
{
    struct dialog d;

    (void)state;
    dialog_secure_server(&d);
    dialog_in(&d, 30 * MS, ". 130 a169 seal=0/10:ack=0:params");
    dialog_skip(&d, 30 * MS);
    assert_int_equal(d.read, 10);
    dialog_out(&d, 70 * MS, ". 169+37 a188 seal=0/0:ack=10:cack=1"); /* control is answered within 40 ms (3.6) */
    dialog_end(&d);
}

/* Nothing of a record before its tag. */
static void test_whole_records(void **state)
{
    struct dialog d;

    (void)state;
    open_heard(&d);
    dialog_in(&d, 100 * MS, ". 188 a206 seal=10/1000:cut=0/400");
    dialog_skip(&d, 100 * MS);
    dialog_in(&d, 105 * MS, ". 888 a206 rest=700/317"); /* the last octets, tag and all */
    dialog_skip(&d, 105 * MS);
    assert_int_equal(d.read, 10);
    dialog_in(&d, 110 * MS, ". 588 a206 rest=400/300");
    dialog_skip(&d, 110 * MS);
    assert_int_equal(d.read, 1010);
    dialog_end(&d);
}

/* The tag counts, the DSN does not: empty records, padding, DFIN alone (one DSN behind the data). */
static void test_forms(void **state)
{
    struct dialog d;

    (void)state;
    open_heard(&d);
    dialog_in(&d, 100 * MS, ". 188 a206 seal=10/0");          /* 17 */
    dialog_skip(&d, 100 * MS);
    dialog_in(&d, 110 * MS, ". 205 a206 seal=10/5:pad=20");   /* 44 */
    dialog_skip(&d, 110 * MS);
    dialog_in(&d, 120 * MS, ". 249 a206 seal=15/0:pad=0");    /* 19 */
    dialog_skip(&d, 120 * MS);
    assert_int_equal(d.read, 15);
    dialog_in(&d, 130 * MS, ". 268 a206 seal=15/0:dfin");
    dialog_skip(&d, 130 * MS);
    assert_true(d.eof);
    assert_false(d.events & MPT_EV_CLOSED);
    dialog_end(&d);
}

/* Reordered segments: records are opened in their order. */
static void test_order(void **state)
{
    struct dialog d;

    (void)state;
    open_heard(&d);
    dialog_inf(&d, 100 * MS, ". 188+10 a206 plain=0"); /* no mapping, no matter yet */
    dialog_skip(&d, 100 * MS);
    assert_int_equal(d.read, 10);
    assert_false(d.events & MPT_EV_CLOSED);
    dialog_end(&d);
}

/* ---- bad tags ---- */

static void test_bad_first_tag(void **state)
{
    struct dialog d;

    (void)state;
    dialog_secure_server(&d);
    dialog_in(&d, 30 * MS, ". 130 a169 seal!=0/10:ack=0:params");
    dialog_skip(&d, 30 * MS);
    assert_int_equal(error_of(&d), MPT_ESECURE);
    assert_true(d.events & MPT_EV_CLOSED);
    assert_int_equal(d.read, 0);
    dialog_end(&d);
}

static void test_bad_tag(void **state)
{
    struct dialog d;

    (void)state;
    open_heard(&d);
    dialog_in(&d, 100 * MS, ". 188 a206 seal!=10/100");
    dialog_out(&d, 100 * MS, "R. 206 a188 rst=6");
    expect_reset(&d, 100 * MS);
    assert_int_equal(d.read, 10);
    dialog_skip(&d, 59 * S); /* it waits for a join, 60 s (3.9) */
    assert_false(d.events & MPT_EV_CLOSED);
    dialog_skip(&d, 62 * S);
    assert_true(d.events & MPT_EV_CLOSED);
    dialog_end(&d);
}

/* What the mapping says is in the additional data; its length and its place must fit. */
static void test_bad_mappings(void **state)
{
    static const char *const bad[] = {
        ". 188 a206 seal=10/100:dsn=11",  /* DSN edited */
        ". 188 a206 seal=10/100:dll=116", /* too short for the tag */
        ". 188 a206 seal=10/100:dll=16",  /* below the least */
        ". 188 a206 seal=10/100:dll=0",   /* infinite mapping: there is none here */
        ". 188 a206 seal=10/100:ssn=189", /* a gap */
    };
    struct dialog d;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        open_heard(&d);
        dialog_in(&d, 100 * MS, bad[i]);
        dialog_skip(&d, 100 * MS);
        assert_int_equal(d.read, 10);
        dialog_end(&d);
    }
}

static void test_lengths(void **state)
{
    struct dialog d;

    (void)state;
    open_heard(&d);
    dialog_in(&d, 100 * MS, ". 188 a206 seal=10/100:dll=16");
    expect_reset(&d, 100 * MS);
    dialog_end(&d);
    open_heard(&d);
    dialog_in(&d, 100 * MS, ". 188 a206 seal=10/100:dll=16641"); /* at once, not when all has come */
    expect_reset(&d, 100 * MS);
    dialog_end(&d);
    open_heard(&d);
    dialog_in(&d, 100 * MS, ". 188 a206 seal=10/100:dsn=11");
    expect_reset(&d, 100 * MS);
    dialog_end(&d);
}

/* A mapping never changes. */
static void test_changed(void **state)
{
    struct dialog d;

    (void)state;
    open_heard(&d);
    dialog_in(&d, 100 * MS, ". 188 a206 seal=10/1000:cut=0/400");
    dialog_skip(&d, 100 * MS);
    dialog_in(&d, 110 * MS, ". 588+100 a206 map=130/188/900");
    dialog_skip(&d, 110 * MS);
    assert_int_equal(d.read, 10);
    assert_false(mpt_subflow_info(d.conn, 0, &(struct mpt_subflow_info){ .size = sizeof(struct mpt_subflow_info) }) == 1 &&
                 !dialog_count(&d, "SecBadTag") && !dialog_count(&d, "MPTcpExtDSSCorruptionReset"));
    dialog_end(&d);
}

/* ---- verified and impossible: only the peer itself can have said it (3.9) ---- */

static void test_malformed(void **state)
{
    static const char *const bad[] = {
        ". 188 a206 seal=10/10:h=20",            /* a reserved bit */
        ". 188 a206 seal=10/3:h=01",             /* an ACK that does not fit */
        ". 188 a206 seal=10/3:h=02",             /* a CTL that does not */
        ". 188 a206 seal=100000000/10",          /* beyond EDGE */
        ". 188 a206 seal=10/10:ack=5",           /* beyond what was ever sent */
        ". 188 a206 seal=10/10:ack=0:cack=9",    /* control that was never said */
    };
    struct dialog d;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        open_heard(&d);
        dialog_in(&d, 100 * MS, bad[i]);
        dialog_skip(&d, 100 * MS);
        if (!dialog_count(&d, "SecBroken"))
            fail_msg("%s: not closed", bad[i]);
        expect_close(&d, 100 * MS);
        dialog_end(&d);
    }
}

static void test_beyond_the_end(void **state)
{
    struct dialog d;

    (void)state;
    open_heard(&d);
    dialog_in(&d, 100 * MS, ". 188 a206 seal=10/10:dfin"); /* 27 */
    dialog_skip(&d, 100 * MS);
    dialog_in(&d, 110 * MS, ". 215 a206 seal=20/1");
    expect_close(&d, 110 * MS);
    dialog_end(&d);
}

/* ---- in the clear (3.2): ignored, and counted ---- */

static void test_clear_control(void **state)
{
    static const char *const clear[] = {
        ". 188 a206 fin",      ". 188 a206 fc",           ". 188 a206 rm=1",     ". 188 a206 add=3/9",
        ". 188 a206 fail=0",   ". 188 a206 prio=1",       ". 188 a206 ack=100000",
    };
    struct dialog d;

    (void)state;
    for (size_t i = 0; i < sizeof clear / sizeof *clear; i++) {
        open_heard(&d);
        dialog_in(&d, 100 * MS, clear[i]);
        dialog_skip(&d, 100 * MS);
        assert_false(d.eof);
        assert_false(d.events & MPT_EV_CLOSED);
        dialog_in(&d, 110 * MS, ". 188 a206 seal=10/10"); /* and it goes on */
        dialog_skip(&d, 110 * MS);
        assert_int_equal(d.read, 20);
        dialog_end(&d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_record),
        cmocka_unit_test(test_whole_records),
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_bad_first_tag),
        cmocka_unit_test(test_bad_tag),
        cmocka_unit_test(test_bad_mappings),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_changed),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_beyond_the_end),
        cmocka_unit_test(test_clear_control),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
