/* SPDX-License-Identifier: MIT */
/* test_early.c - early data of the responder between SYN/ACK and validation (jwd/README.md 2.6): the U mark, 64-bit
 * DSS, the limit of three times what came, in exact octets. The `server` scheduler answers where the request came. */
#include "dialog/dialog.h"

static const char *const SERVER[] = { "sched=server", NULL };
static const char *const SERVER6[] = { "sched=server", "ipv6=1", NULL };

static void open(struct dialog *d, const char *const *settings)
{
    dialog_open_server(d, settings);
    dialog_tuple(d, 1, 7, 6001);
    dialog_tuple(d, 1, 7, 6002);
}

/* IP octets of everything that left on a 4-tuple. */
static size_t ip_octets(struct dialog *d, size_t tuple)
{
    size_t n = 0;

    for (size_t i = d->head; i < d->tail; i++)
        if (d->queue[i].tuple == tuple)
            n += d->queue[i].len + (d->ipv6 ? 40 : 20);
    return n;
}

/* 1496 octets in: 4488 out = SYN/ACK 76 + 1500 + 1500 + 1412. */
static void test_budget(void **state)
{
    struct dialog d;

    (void)state;
    open(&d, SERVER);
    dialog_in(&d, 100 * MS, "1| S 0 join12:D rec=10/1396");
    dialog_write(&d, 100 * MS, 10000);
    assert_int_equal(ip_octets(&d, 1), 4488);
    assert_int_equal(d.queue[d.head].len, 56); /* 76 with the IP header */
    dialog_out(&d, 100 * MS, "1| S. 0 a1425 join16:D:id=0");
    assert_int_equal(d.queue[d.head].len, 1480);
    dialog_out(&d, 100 * MS, "1| . 1+1420 a1425 U ack64=1406 map64=0/1/1420");
    dialog_out(&d, 100 * MS, "1| . 1421+1420 a1425 U ack64=1406 map64=1420/1421/1420");
    assert_int_equal(d.queue[d.head].len, 1392);
    dialog_out(&d, 100 * MS, "1| . 2841+1332 a1425 U ack64=1406 map64=2840/2841/1332");
    dialog_none(&d, 119 * MS);
    dialog_in(&d, 120 * MS, "1| . 1425 a1 join24"); /* no U any more, the limit is gone */
    dialog_out(&d, 120 * MS, "1| . 4173 a1425 ack=1406");
    dialog_out(&d, 120 * MS, "1| . 4173+1428 a1425 ack=1406 map=4172/4173/1428");
    dialog_skip(&d, 120 * MS);
    dialog_end(&d);
}

static void test_budget_ipv6(void **state)
{
    struct dialog d;

    (void)state;
    open(&d, SERVER6);
    dialog_in(&d, 100 * MS, "1| S 0 join12:D rec=10/1376");
    dialog_write(&d, 100 * MS, 10000);
    assert_int_equal(ip_octets(&d, 1), 3 * 1496);
    dialog_out(&d, 100 * MS, "1| S. 0 a1405 join16:D:id=0");
    dialog_out(&d, 100 * MS, "1| . 1+1400 a1405 U ack64=1386 map64=0/1/1400");
    dialog_out(&d, 100 * MS, "1| . 1401+1400 a1405 U ack64=1386 map64=1400/1401/1400");
    dialog_out(&d, 100 * MS, "1| . 2801+1292 a1405 U ack64=1386 map64=2800/2801/1292");
    dialog_skip(&d, 119 * MS);
    dialog_end(&d);
}

/* A small request buys little: 20 + 20 + 32 + 38 = 110 octets in, 330 out, 76 of them the SYN/ACK. */
static void test_small_budget(void **state)
{
    struct dialog d;

    (void)state;
    open(&d, SERVER);
    dialog_in(&d, 100 * MS, "1| S 0 join12:D rec=10/10");
    dialog_write(&d, 100 * MS, 10000);
    dialog_out(&d, 100 * MS, "1| S. 0 a39 join16:D:id=0");
    dialog_out(&d, 100 * MS, "1| . 1+174 a39 U ack64=20 map64=0/1/174");
    dialog_none(&d, 119 * MS);
    dialog_end(&d);
}

/* No record, no early data; not in validated mode either. */
static void none_early(const char *syn, const char *const *settings)
{
    struct dialog d;

    open(&d, settings);
    d.mute = 1;
    dialog_in(&d, 100 * MS, syn);
    dialog_skip(&d, 100 * MS);
    dialog_write(&d, 101 * MS, 5000);
    dialog_none(&d, 119 * MS);
    dialog_end(&d);
}

static void test_none_without_record(void **state)
{
    static const char *const validated[] = { "sched=server", "jwd_accept=validated", NULL };

    (void)state;
    none_early("1| S 0 join12:D", SERVER);
    none_early("1| S 0 join12:D junk=1400", SERVER);
    none_early("1| S 0 join12", SERVER);
    none_early("1| S 0 join12:D rec=10/1396", validated);
}

/* The window of the SYN, unscaled. */
static void test_window(void **state)
{
    struct dialog d;

    (void)state;
    open(&d, SERVER);
    dialog_in(&d, 100 * MS, "1| S 0 join12:D rec=10/1396 win=2000");
    dialog_write(&d, 100 * MS, 10000);
    dialog_out(&d, 100 * MS, "1| S. 0 a1425 join16:D:id=0");
    dialog_out(&d, 100 * MS, "1| . 1+1420 a1425 U ack64=1406 map64=0/1/1420");
    dialog_skip(&d, 100 * MS); /* silly window: the rest waits or is small */
    assert_true(d.conn->snd_nxt <= 2000);
    dialog_end(&d);
}

/* The SYN/ACK is repeated by its time-out, never held back; the data is not repeated without budget, no TLP. */
static void test_retransmission(void **state)
{
    struct dialog d;

    (void)state;
    open(&d, SERVER);
    d.mute = 1;
    dialog_in(&d, 100 * MS, "1| S 0 join12:D rec=10/1396");
    dialog_write(&d, 100 * MS, 10000);
    dialog_skip(&d, 100 * MS);
    dialog_out(&d, 1100 * MS, "1| S. 0 a1425 join16:D:id=0");
    dialog_none(&d, 3000 * MS);
    dialog_out(&d, 3100 * MS, "1| S. 0 a1425 join16:D:id=0");
    dialog_in(&d, 3200 * MS, "1| . 1425 a1 join24");
    dialog_out(&d, 3200 * MS, "1| . 1+1420 a1425 ack=1406 map=0/1/1420"); /* a SYN/ACK sent later has arrived: lost */
    dialog_skip(&d, 3200 * MS);
    dialog_end(&d);
}

/* ACKs without MP_JOIN, from whoever: three duplicates ask for a segment again, but the budget is spent. */
static void test_retransmission_is_held(void **state)
{
    struct dialog d;

    (void)state;
    open(&d, SERVER);
    dialog_in(&d, 100 * MS, "1| S 0 join12:D rec=10/1396 nosack");
    dialog_write(&d, 100 * MS, 4172);
    dialog_skip(&d, 100 * MS);
    for (uint64_t at = 110; at < 115; at++) {
        dialog_in(&d, at * MS, "1| . 1425 a1421");
        dialog_none(&d, at * MS);
    }
    dialog_in(&d, 120 * MS, "1| . 1425 a1421 join24"); /* validated: now */
    dialog_out(&d, 120 * MS, "1| . 1421+1420 a1425 ack=1406 map=1420/1421/1420");
    dialog_skip(&d, 120 * MS);
    dialog_end(&d);
}

/* Another SYN of the 4-tuple counts as received: 72 octets more, less the SYN/ACK that answers it. */
static void test_bare_syn_counts(void **state)
{
    struct dialog d;

    (void)state;
    open(&d, SERVER);
    d.mute = 1;
    dialog_in(&d, 100 * MS, "1| S 0 join12:D rec=10/1396");
    dialog_write(&d, 100 * MS, 10000);
    dialog_skip(&d, 100 * MS);
    dialog_in(&d, 150 * MS, "1| S 0 join12:D");
    dialog_out(&d, 150 * MS, "1| S. 0 a1425 join16:D:id=0");
    dialog_outf(&d, 150 * MS, "1| . 4173+%d a1425 U ack64=1406 map64=4172/4173/%d", 3 * 72 - 76 - 80, 3 * 72 - 76 - 80);
    dialog_none(&d, 200 * MS);
    dialog_end(&d);
}

/* Pure ACKs before validation have a U-marked DSS and DATA_ACK only what the connection has taken. */
static void test_pure_ack(void **state)
{
    struct dialog d;

    (void)state;
    open(&d, SERVER);
    dialog_in(&d, 100 * MS, "1| S 0 join12:D rec=10/100");
    dialog_skip(&d, 100 * MS);
    dialog_in(&d, 110 * MS, "1| . 129+100 a1 ack=0 map=110/129/100");
    dialog_out(&d, 110 * MS, "1| . 1 a229 U ack64=110");
    dialog_end(&d);
}

/* At most 10 MSS are held before validation. */
static void test_held_at_most(void **state)
{
    struct dialog d;
    int i;

    (void)state;
    open(&d, SERVER);
    dialog_in(&d, 100 * MS, "1| S 0 join12:D rec=10/100");
    dialog_skip(&d, 100 * MS);
    for (i = 0; i < 14; i++) {
        dialog_inf(&d, 110 * MS, "1| . %d+1400 a1 ack=0 map=%d/%d/1400", 129 + 1400 * i, 110 + 1400 * i,
                   129 + 1400 * i);
        dialog_skip(&d, 110 * MS);
    }
    assert_true(d.conn->rob.tail == 110);
    dialog_in(&d, 120 * MS, "1| . 19729 a1 join24");
    dialog_outf(&d, 120 * MS, "1| . 1 a%d ack=%d", 129 + 14480, 110 + 14480); /* MSS 1448 beside timestamps */
    assert_int_equal(d.read, 110 + 14480);
    dialog_end(&d);
}

/* U is for peers that know it. */
static void test_no_u_for_plain_peers(void **state)
{
    struct dialog d;

    (void)state;
    dialog_server(&d, NULL);
    dialog_tuple(&d, 1, 7, 6001);
    dialog_in(&d, 0, "S 0 cap4");
    dialog_skip(&d, 0);
    dialog_in(&d, 10 * MS, ". 1 a1 cap20");
    dialog_in(&d, 20 * MS, ". 1+10 a1 ack=0 map=0/1/10");
    dialog_skip(&d, 20 * MS);
    dialog_in(&d, 100 * MS, "1| S 0 join12");
    dialog_out(&d, 100 * MS, "1| S. 0 a1 join16:id=0");
    dialog_in(&d, 110 * MS, "1| . 1+100 a1 ack=0 map=10/1/100"); /* too early, but TCP has to say something */
    dialog_out(&d, 110 * MS, "1| . 1 a101");
    dialog_in(&d, 120 * MS, "1| . 101 a1 join24");
    dialog_out(&d, 120 * MS, "1| . 1 a101 ack=110");
    dialog_end(&d);
}

/* Nobody validates: with the SYN/ACK's first time-out the early octets go to another subflow as well. */
static void test_early_data_elsewhere(void **state)
{
    struct dialog d;

    (void)state;
    open(&d, SERVER);
    dialog_in(&d, 100 * MS, "1| S 0 join12:D rec=10/1396");
    dialog_write(&d, 100 * MS, 1000);
    dialog_out(&d, 100 * MS, "1| S. 0 a1425 join16:D:id=0");
    dialog_out(&d, 100 * MS, "1| . 1+1000 a1425 U ack64=1406 map64=0/1/1000");
    dialog_out(&d, 1100 * MS, "1| S. 0 a1425 join16:D:id=0");
    dialog_out(&d, 1100 * MS, "0| . 1+1000 a11 ack=1406 map=0/1/1000");
    dialog_in(&d, 1110 * MS, "0| . 11 a1001 ack=1000");
    assert_int_equal(d.conn->stream.acked, 1000);
    dialog_skip(&d, 15 * S); /* the embryo dies */
    assert_int_equal(d.conn->subflow_count, 1);
    dialog_end(&d);
}

/* ---- the initiator's side ---- */

/* U-marked data is taken at once; it does not count as the fourth ACK. Early data that arrives before the SYN/ACK,
 * or whose acknowledgement is lost, changes nothing. */
static void test_initiator_takes_u(void **state)
{
    struct dialog d;
    struct mpt_addr local;

    (void)state;
    dialog_open_client(&d, NULL);
    d.mute = 1;
    local = d.tuple[0].local;
    local.ip[3] = 2;
    local.port = 0;
    dialog_write(&d, 50 * MS, 100);
    dialog_advance(&d, 100 * MS);
    assert_true(mpt_subflow_join(d.conn, &local, NULL, MPT_JOIN_DATA, d.now) > 0);
    dialog_run(&d);
    dialog_out(&d, 100 * MS, "1| S 0+148 join12:D:id=2 rec=0/100:ack=0:edge=4194304");
    dialog_in(&d, 120 * MS, "1| . 1+1420 a149 U ack64=100 map64=0/1/1420"); /* overtakes the SYN/ACK: no flow yet */
    dialog_none(&d, 120 * MS);
    dialog_in(&d, 121 * MS, "1| S. 0 a149 join16:D:id=0");
    dialog_out(&d, 121 * MS, "1| . 149 a1 join24");
    dialog_in(&d, 122 * MS, "1| . 1421+1420 a149 U ack64=100 map64=1420/1421/1420");
    dialog_out(&d, 122 * MS, "1| . 149 a1 join24"); /* no room for SACK */
    dialog_in(&d, 123 * MS, "1| . 1+1420 a149 U ack64=100 map64=0/1/1420");
    dialog_out(&d, 123 * MS, "1| . 149 a2841 join24");
    assert_int_equal(d.read, 2840);
    assert_int_equal(d.conn->stream.acked, 100);
    dialog_in(&d, 140 * MS, "1| . 2841 a149 ack=100");
    dialog_none(&d, 2 * S);
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_budget), cmocka_unit_test(test_budget_ipv6), cmocka_unit_test(test_small_budget),
        cmocka_unit_test(test_none_without_record), cmocka_unit_test(test_window),
        cmocka_unit_test(test_retransmission), cmocka_unit_test(test_retransmission_is_held), cmocka_unit_test(test_bare_syn_counts),
        cmocka_unit_test(test_pure_ack), cmocka_unit_test(test_held_at_most),
        cmocka_unit_test(test_no_u_for_plain_peers), cmocka_unit_test(test_early_data_elsewhere), cmocka_unit_test(test_initiator_takes_u),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
