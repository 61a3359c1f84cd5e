/* SPDX-License-Identifier: MIT */
/* test_wififirst.c - one interface preferred, the other opened when it fails and closed when it is back (pm/wififirst.c). The
 * connection is confirmed at 20 ms on interface 1 (4-tuple 0), RTT 10 ms; interface 2 is worse. Looks are 2 s apart. */
#include "dialog/dialog.h"

static const char *const FIRST[] = { "pm=wifi-first", NULL };
static const char *const QUICK[] = { "pm=wifi-first", "pm.return_after=500ms", NULL };

static void set_address(struct dialog *d, uint64_t at, uint8_t host, int up)
{
    if (up)
        assert_int_equal(dialog_up(d, at, host, 0, 0), 0);
    else
        dialog_down(d, at, host);
}

/* 100 octets at 100 ms are lost; at 370 ms the other interface is joined, and at 410 ms everything is acknowledged. */
static void open_broken(struct dialog *d, const char *const *settings)
{
    dialog_open_client(d, settings);
    d->mute = 1;
    dialog_write(d, 100 * MS, 100);
    dialog_out(d, 370 * MS, "1| S 0 join12:id=2");
    dialog_in(d, 390 * MS, "1| S. 0 a1 join16:id=0");
    dialog_out(d, 390 * MS, "1| . 1 a1 join24");
    dialog_in(d, 410 * MS, "1| . 1 a1 ack=0");
    dialog_out(d, 410 * MS, "1| . 1+100 a1 ack=0 map=0/1/100");
    dialog_in(d, 430 * MS, "1| . 1 a101 ack=100");
}

/* The phone is told that interface 1 went at 100 ms: on interface 2 at once, looks are 500 ms apart. */
static void open_told(struct dialog *d)
{
    dialog_open_client(d, QUICK);
    d->mute = 1;
    set_address(d, 100 * MS, 1, 0);
    dialog_out(d, 100 * MS, "1| S 0 join12:id=2");
    dialog_in(d, 120 * MS, "1| S. 0 a1 join16:id=0");
    dialog_out(d, 120 * MS, "1| . 1 a1 join24");
    dialog_in(d, 140 * MS, "1| . 1 a1 ack=0");
    dialog_out(d, 140 * MS, "1| . 1 a1 ack=0 rm=0");
}

/* It works, and nothing is worse: no join and no timer. */
static void test_quiet(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_client(&d, FIRST);
    dialog_write(&d, 100 * MS, 100);
    dialog_out(&d, 100 * MS, ". 1+100 a1 ack=0 map=0/1/100");
    dialog_in(&d, 110 * MS, ". 1 a101 ack=100");
    assert_true(d.conn->pm_at == MPT_NEVER);
    dialog_end(&d);
}

/* Silent, and back at 600 ms: at the first look the other becomes backup, at the second it is closed; then no timer. */
static void test_back(void **state)
{
    struct dialog d;

    (void)state;
    open_broken(&d, FIRST);
    dialog_in(&d, 600 * MS, ". 1 a101 ack=100");
    dialog_out(&d, 2370 * MS, "1| . 101 a1 ack=0 prio=1");
    dialog_out(&d, 4370 * MS, "1| F. 101 a1 ack=0");
    dialog_in(&d, 4390 * MS, "1| F. 1 a102 ack=100");
    dialog_out(&d, 4390 * MS, "1| . 102 a2 ack=0");
    dialog_advance(&d, 100 * S); /* TIME-WAIT is over */
    assert_int_equal(d.conn->subflow_count, 1);
    assert_true(d.conn->pm_at == MPT_NEVER);
    dialog_end(&d);
}

/* It is not back at the looks: the other stays, and regular. */
static void test_not_back(void **state)
{
    struct dialog d;

    (void)state;
    open_broken(&d, FIRST);
    dialog_none(&d, 9 * S);
    dialog_in(&d, 9 * S, ". 1 a101 ack=100");
    dialog_out(&d, 10370 * MS, "1| . 101 a1 ack=0 prio=1");
    dialog_end(&d);
}

/* Something valid comes over it, but what it had to carry is not acknowledged: that is not working. */
static void test_half_back(void **state)
{
    struct dialog d;

    (void)state;
    open_broken(&d, FIRST);
    dialog_in(&d, 2300 * MS, ". 1+10 a1 ack=100 map=0/1/10"); /* between time-outs, just before a look */
    dialog_none(&d, 4 * S);
    dialog_end(&d);
}

/* An address of the other family cannot reach the peer: nothing better is waited for. */
static void test_other_family(void **state)
{
    struct dialog d;

    (void)state;
    open_told(&d);
    assert_int_equal(dialog_up(&d, 200 * MS, DIALOG_V6 | 1, 0, 0), 0);
    dialog_none(&d, 20 * S);
    assert_true(d.conn->pm_at == MPT_NEVER);
    dialog_end(&d);
}

/* It fails again between the looks: regular at once, and the octets go there; all begins anew. */
static void test_flaps(void **state)
{
    struct dialog d;

    (void)state;
    open_broken(&d, FIRST);
    dialog_in(&d, 600 * MS, ". 1 a101 ack=100");
    dialog_out(&d, 2370 * MS, "1| . 101 a1 ack=0 prio=1");
    dialog_write(&d, 3000 * MS, 100); /* on interface 1, and lost */
    dialog_out(&d, 3387500 * (MS / 1000), "1| . 101 a1 ack=0 prio=0");
    dialog_out(&d, 3387500 * (MS / 1000), "1| . 101+100 a1 ack=0 map=100/101/100");
    dialog_in(&d, 3400 * MS, "1| . 1 a201 ack=200");
    dialog_none(&d, 5 * S);
    dialog_in(&d, 5 * S, ". 1 a201 ack=200");
    dialog_out(&d, 6370 * MS, "1| . 201 a1 ack=0 prio=1");
    dialog_out(&d, 8370 * MS, "1| F. 201 a1 ack=0");
    dialog_end(&d);
}

/* Back at once when told so; the other is closed after two looks. */
static void test_notified(void **state)
{
    struct dialog d;

    (void)state;
    open_told(&d);
    set_address(&d, 3 * S, 1, 1);
    dialog_out(&d, 3 * S, "2| S 0 join12:id=0");
    dialog_in(&d, 3010 * MS, "2| S. 0 a1 join16:id=0");
    dialog_out(&d, 3010 * MS, "2| . 1 a1 join24");
    dialog_in(&d, 3020 * MS, "2| . 1 a1 ack=0");
    dialog_out(&d, 3500 * MS, "1| . 1 a1 ack=0 prio=1");
    dialog_out(&d, 4000 * MS, "1| F. 1 a1 ack=0");
    dialog_end(&d);
}

/* The better one is up, but refuses: asked again at looks, but after pauses of 1, 2, 4 s and not at each. */
static void test_refused(void **state)
{
    struct dialog d;
    uint64_t at = 3 * S;

    (void)state;
    open_told(&d);
    set_address(&d, at, 1, 1);
    for (int i = 0; i < 4; i++) {
        dialog_outf(&d, at, "%d| S 0 join12:id=0", i + 2);
        dialog_inf(&d, at + 10 * MS, "%d| R. 0 a1", i + 2);
        at += (UINT64_C(1) << i) * S + 500 * MS; /* the first look behind the pause */
    }
    dialog_end(&d);
}

/* The better one goes for good while the other is backup. */
static void test_gone_again(void **state)
{
    struct dialog d;

    (void)state;
    open_broken(&d, FIRST);
    dialog_in(&d, 600 * MS, ". 1 a101 ack=100");
    dialog_out(&d, 2370 * MS, "1| . 101 a1 ack=0 prio=1");
    set_address(&d, 3 * S, 1, 0);
    dialog_out(&d, 3 * S, "1| . 101 a1 ack=0 rm=0 prio=0");
    dialog_none(&d, 20 * S);
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quiet), cmocka_unit_test(test_back), cmocka_unit_test(test_not_back),
        cmocka_unit_test(test_flaps), cmocka_unit_test(test_notified), cmocka_unit_test(test_gone_again),
        cmocka_unit_test(test_refused), cmocka_unit_test(test_half_back), cmocka_unit_test(test_other_family),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
