/* SPDX-License-Identifier: MIT */
/* test_initiator.c - the initiator of a join with data: the record it sends (jwd/README.md 2.3), every row of the
 * table of 2.4.3, the third ACK's timer (2.4.4) and the ladder (2.4.5, 2.4.6). The connection is open since 20 ms. */
#include "dialog/dialog.h"

static void open_with(struct dialog *d, size_t octets, const char *const *settings)
{
    dialog_open_client(d, settings);
    if (octets) {
        dialog_write(d, 50 * MS, octets);
        dialog_skip(d, 50 * MS);
    }
    d->mute = 1; /* the first path repeats what it has, unheard */
}

/* The host joins from its second address at 100 ms. */
static int join_flags(struct dialog *d, uint64_t at, uint32_t flags)
{
    struct mpt_addr local = d->tuple[0].local;
    int r;

    local.ip[local.family == 4 ? 3 : 15] = 2;
    local.port = 0;
    dialog_advance(d, at);
    r = mpt_subflow_join(d->conn, &local, NULL, flags, d->now);
    dialog_run(d);
    return r;
}

static void join(struct dialog *d, uint64_t at)
{
    assert_true(join_flags(d, at, MPT_JOIN_DATA) > 0);
}

/* ---- the record (2.3) ---- */

/* What is not DATA_ACKed goes into the record: sent before (0 to 99), and new (100 to 299). */
static void test_record(void **state)
{
    struct dialog d;

    (void)state;
    open_with(&d, 100, NULL);
    join(&d, 100 * MS);
    dialog_out(&d, 100 * MS, "1| S 0+148 join12:D:id=2 rec=0/100:ack=0:edge=4194304");
    dialog_skip(&d, 100 * MS);
    dialog_end(&d);
}

/* MTU 1500: 1424 octets of payload; 1376 of data beside an ACK, 1396 without. */
static void check_size(size_t write, const char *const *settings, uint32_t octets, int ack)
{
    struct dialog d;

    open_with(&d, write, settings);
    join(&d, 100 * MS);
    if (ack)
        dialog_outf(&d, 100 * MS, "1| S 0+%u join12:D:id=2 rec=0/%u:ack=0:edge=4194304", octets + 48, octets);
    else
        dialog_outf(&d, 100 * MS, "1| S 0+%u join12:D:id=2 rec=0/%u", octets + 28, octets);
    dialog_skip(&d, 100 * MS);
    dialog_end(&d);
}

static void test_sizes(void **state)
{
    static const char *const v6[] = { "ipv6=1", NULL };

    (void)state;
    check_size(1376, NULL, 1376, 1);
    check_size(1377, NULL, 1377, 0);
    check_size(1396, NULL, 1396, 0);
    check_size(1397, NULL, 1396, 0);
    check_size(1420, NULL, 1396, 0);
    check_size(4096, NULL, 1396, 0);
    check_size(1356, v6, 1356, 1);
    check_size(1357, v6, 1357, 0);
    check_size(4096, v6, 1376, 0);
}

/* The least MSS that the peer announced on this connection. */
static void test_peer_mss(void **state)
{
    struct dialog d;

    (void)state;
    dialog_client(&d, NULL);
    dialog_out(&d, 0, "S 0 cap4 ext");
    dialog_in(&d, 10 * MS, "S. 0 a1 cap12 ext mss=1000");
    d.mute = 1;
    dialog_skip(&d, 10 * MS);
    dialog_in(&d, 20 * MS, ". 1 a1 ack=0");
    dialog_skip(&d, 20 * MS);
    dialog_write(&d, 50 * MS, 4096);
    dialog_skip(&d, 50 * MS);
    join(&d, 100 * MS);
    dialog_out(&d, 100 * MS, "1| S 0+964 join12:D:id=2 rec=0/936");
    dialog_skip(&d, 100 * MS);
    dialog_end(&d);
}

/* Nothing to send: an ACK, and zeros up to the limit for the responder's budget (2.6). */
static void test_pad(void **state)
{
    static const char *const v6[] = { "ipv6=1", NULL };
    struct dialog d;

    (void)state;
    open_with(&d, 0, NULL);
    join(&d, 100 * MS);
    dialog_out(&d, 100 * MS, "1| S 0+1424 join12:D:id=2 rec=0/0:ack=0:edge=4194304:pad=1374");
    dialog_end(&d);
    open_with(&d, 0, v6);
    join(&d, 100 * MS);
    dialog_out(&d, 100 * MS, "1| S 0+1404 join12:D:id=2 rec=0/0:ack=0:edge=4194304:pad=1354");
    dialog_end(&d);
}

static void test_dfin(void **state)
{
    struct dialog d;

    (void)state;
    open_with(&d, 100, NULL);
    mpt_shutdown(d.conn, d.now);
    dialog_run(&d);
    dialog_skip(&d, 60 * MS);
    join(&d, 100 * MS);
    dialog_out(&d, 100 * MS, "1| S 0+148 join12:D:id=2 rec=0/100:ack=0:edge=4194304:dfin");
    dialog_skip(&d, 100 * MS);
    dialog_end(&d);
}

/* Not beyond the peer's window. */
static void test_window(void **state)
{
    struct dialog d;

    (void)state;
    d.conn = NULL;
    dialog_client(&d, NULL);
    d.peer_wscale = 0;
    dialog_out(&d, 0, "S 0 cap4 ext");
    dialog_in(&d, 10 * MS, "S. 0 a1 cap12 ext win=100");
    d.mute = 1;
    dialog_skip(&d, 10 * MS);
    dialog_in(&d, 20 * MS, ". 1 a1 ack=0 win=100");
    dialog_skip(&d, 20 * MS);
    dialog_write(&d, 50 * MS, 1000);
    dialog_skip(&d, 50 * MS);
    join(&d, 100 * MS);
    dialog_out(&d, 100 * MS, "1| S 0+148 join12:D:id=2 rec=0/100:ack=0:edge=4194304");
    dialog_skip(&d, 100 * MS);
    dialog_end(&d);
}

static void test_backup(void **state)
{
    struct dialog d;

    (void)state;
    open_with(&d, 10, NULL);
    assert_true(join_flags(&d, 100 * MS, MPT_JOIN_DATA | MPT_JOIN_BACKUP) > 0);
    dialog_out(&d, 100 * MS, "1| S 0+58 join12:D:B:id=2 rec=0/10:ack=0:edge=4194304");
    dialog_end(&d);
}

/* ---- 2.1: agreed by EXT, both ways, or a plain join ---- */

static void not_agreed(const char *synack, const char *const *settings, const char *syn)
{
    struct dialog d;

    dialog_client(&d, settings);
    dialog_out(&d, 0, syn);
    dialog_in(&d, 10 * MS, synack);
    d.mute = 1;
    dialog_skip(&d, 10 * MS);
    dialog_in(&d, 20 * MS, ". 1 a1 ack=0");
    dialog_skip(&d, 20 * MS);
    dialog_write(&d, 50 * MS, 100);
    dialog_skip(&d, 50 * MS);
    join(&d, 100 * MS);
    dialog_out(&d, 100 * MS, "1| S 0 join12:id=2");
    dialog_skip(&d, 100 * MS);
    dialog_end(&d);
}

static void test_not_agreed(void **state)
{
    static const char *const off[] = { "jwd_accept=off", NULL };

    (void)state;
    not_agreed("S. 0 a1 cap12", NULL, "S 0 cap4 ext");
    not_agreed("S. 0 a1 cap12 ext:f=0", NULL, "S 0 cap4 ext");
    not_agreed("S. 0 a1 cap12 ext:f=3", NULL, "S 0 cap4 ext"); /* a reserved bit: an error of the option */
    not_agreed("S. 0 a1 cap12 ext", off, "S 0 cap4");
}

/* ---- 2.4.3: the table ---- */

/* D=1, ISN+1+n: taken. More data at once behind the third ACK, which has MP_JOIN. */
static void test_taken(void **state)
{
    struct dialog d;

    (void)state;
    open_with(&d, 2000, NULL);
    mpt_subflow_backup(d.conn, 1, 1, d.now); /* so that new data prefers the join */
    dialog_skip(&d, 50 * MS);
    join(&d, 100 * MS);
    dialog_out(&d, 100 * MS, "1| S 0+1424 join12:D:id=2 rec=0/1396");
    dialog_skip(&d, 110 * MS);
    dialog_in(&d, 120 * MS, "1| S. 0 a1425 join16:D:id=0");
    dialog_out(&d, 120 * MS, "1| . 1425 a1 join24");
    dialog_write(&d, 121 * MS, 100);
    dialog_out(&d, 121 * MS, "1| . 1425+100 a1 ack=0 map=2000/1425/100"); /* SSN goes on behind the record */
    dialog_in(&d, 140 * MS, "1| . 1 a1525 ack=2100");
    assert_int_equal(d.conn->stream.acked, 2100);
    dialog_skip(&d, 140 * MS);
    dialog_end(&d);
}

/* Every pure ACK has MP_JOIN until the fourth ACK; U-marked data is none (2.4.4). */
static void test_third_ack_on_every_pure_ack(void **state)
{
    struct dialog d;

    (void)state;
    open_with(&d, 100, NULL);
    join(&d, 100 * MS);
    dialog_skip(&d, 100 * MS);
    dialog_in(&d, 120 * MS, "1| S. 0 a149 join16:D:id=0");
    dialog_out(&d, 120 * MS, "1| . 149 a1 join24");
    dialog_in(&d, 121 * MS, "1| . 1+500 a149 U ack64=100 map64=0/1/500");
    dialog_out(&d, 121 * MS, "1| . 149 a501 join24");
    assert_int_equal(d.read, 500);
    dialog_in(&d, 122 * MS, "1| . 501+500 a149 U ack64=100 map64=500/501/500");
    dialog_out(&d, 122 * MS, "1| . 149 a1001 join24");
    dialog_in(&d, 140 * MS, "1| . 1001 a149 ack=100"); /* the fourth ACK */
    dialog_in(&d, 141 * MS, "1| . 1001+500 a149 ack=100 map=1000/1001/500");
    dialog_out(&d, 141 * MS, "1| . 149 a1501 ack=1500");
    dialog_end(&d);
}

/* D=1, ISN+1: third ACK with the option and the record as payload; DSS data may follow. */
static void test_eaten(void **state)
{
    struct dialog d;

    (void)state;
    open_with(&d, 100, NULL);
    join(&d, 100 * MS);
    dialog_out(&d, 100 * MS, "1| S 0+148 join12:D:id=2 rec=0/100:ack=0:edge=4194304");
    dialog_skip(&d, 100 * MS);
    dialog_in(&d, 120 * MS, "1| S. 0 a1 join16:D:id=0");
    dialog_out(&d, 120 * MS, "1| . 1+148 a1 join24 rec=0/100:ack=0:edge=4194304");
    dialog_none(&d, 121 * MS);
    dialog_in(&d, 140 * MS, "1| . 1 a149 ack=100");
    assert_int_equal(d.conn->stream.acked, 100);
    dialog_skip(&d, 140 * MS);
    dialog_end(&d);
}

/* D=1, another number. */
static void bad_number(unsigned ack)
{
    struct dialog d;

    open_with(&d, 100, NULL);
    join(&d, 100 * MS);
    dialog_skip(&d, 100 * MS);
    dialog_inf(&d, 120 * MS, "1| S. 0 a%u join16:D:id=0", ack);
    dialog_outf(&d, 120 * MS, "1| R %u", ack);
    dialog_end(&d);
}

static void test_other_number(void **state)
{
    (void)state;
    bad_number(50);
    bad_number(148);
    bad_number(150);
    bad_number(2);
}

/* D=0: RST with reason 6, then a plain join from a new port; the same octets elsewhere; the path is remembered. */
static void test_d0(void **state)
{
    struct dialog d;

    (void)state;
    open_with(&d, 100, NULL);
    join(&d, 100 * MS);
    dialog_skip(&d, 100 * MS);
    dialog_in(&d, 120 * MS, "1| S. 0 a1 join16:id=0");
    dialog_out(&d, 120 * MS, "1| R. 1 a1 rst=6");
    dialog_out(&d, 120 * MS, "2| S 0 join12:id=2");
    assert_true(d.tuple[1].local.port != d.tuple[2].local.port);
    assert_true(d.tuple[1].r_stack != d.tuple[2].r_stack);
    dialog_in(&d, 140 * MS, "2| S. 0 a1 join16:id=0");
    dialog_out(&d, 140 * MS, "2| . 1 a1 join24");
    dialog_skip(&d, 159 * MS);
    dialog_in(&d, 160 * MS, "2| . 1 a1 ack=0");
    dialog_skip(&d, 200 * MS);
    dialog_end(&d);
}

static void test_path_memory(void **state)
{
    static const char *const alone[] = { "tcp.retries=30", "tcp.rto_max=600s", NULL };
    struct dialog d;

    (void)state;
    open_with(&d, 0, alone);
    join(&d, 100 * MS);
    dialog_skip(&d, 100 * MS);
    dialog_in(&d, 120 * MS, "1| S. 0 a1 join16:id=0");
    dialog_out(&d, 120 * MS, "1| R. 1 a1 rst=6");
    dialog_out(&d, 120 * MS, "2| S 0 join12:id=2");
    dialog_in(&d, 121 * MS, "2| R. 0 a1");
    dialog_skip(&d, 130 * MS);
    join(&d, 3600 * S + 119 * MS);
    dialog_out(&d, 3600 * S + 119 * MS, "3| S 0 join12:id=2");
    dialog_in(&d, 3600 * S + 119 * MS, "3| R. 0 a1");
    dialog_skip(&d, 3600 * S + 119 * MS);
    join(&d, 3600 * S + 120 * MS);
    dialog_out(&d, 3600 * S + 120 * MS, "4| S 0+1424 join12:D:id=2 rec=0/0:ack=0:edge=4194304:pad=1374");
    dialog_end(&d);
}

/* No MP_JOIN: the path eats options. RST, reinject; no further try on the path now. */
static void test_no_mp_join(void **state)
{
    struct dialog d;

    (void)state;
    open_with(&d, 100, NULL);
    join(&d, 100 * MS);
    dialog_skip(&d, 100 * MS);
    dialog_in(&d, 120 * MS, "1| S. 0 a149");
    dialog_out(&d, 120 * MS, "1| R. 149 a1 rst=6");
    dialog_none(&d, 121 * MS);
    dialog_end(&d);
}

static void test_bad_hmac(void **state)
{
    struct dialog d;

    (void)state;
    open_with(&d, 100, NULL);
    join(&d, 100 * MS);
    dialog_skip(&d, 100 * MS);
    dialog_in(&d, 120 * MS, "1| S. 0 a149 join16!:D:id=0");
    dialog_out(&d, 120 * MS, "1| R. 149 a1 rst=3");
    assert_int_equal(dialog_count(&d, "MPTcpExtMPJoinSynAckHMacFailure"), 1);
    dialog_skip(&d, 121 * MS);
    dialog_end(&d);
}

/* RST in SYN-SENT: once a plain join from a new port; again: the path is given up. */
static void test_rst_in_syn_sent(void **state)
{
    struct dialog d;

    (void)state;
    open_with(&d, 100, NULL);
    join(&d, 100 * MS);
    dialog_skip(&d, 100 * MS);
    dialog_in(&d, 120 * MS, "1| R. 0 a149");
    dialog_out(&d, 120 * MS, "2| S 0 join12:id=2");
    dialog_in(&d, 140 * MS, "2| R. 0 a1");
    dialog_none(&d, 150 * MS);
    dialog_end(&d);
}

/* RST before the fourth ACK. */
static void test_rst_before_fourth_ack(void **state)
{
    struct dialog d;

    (void)state;
    open_with(&d, 100, NULL);
    join(&d, 100 * MS);
    dialog_skip(&d, 100 * MS);
    dialog_in(&d, 120 * MS, "1| S. 0 a149 join16:D:id=0");
    dialog_out(&d, 120 * MS, "1| . 149 a1 join24");
    dialog_in(&d, 140 * MS, "1| R 1");
    dialog_out(&d, 140 * MS, "2| S 0 join12:id=2");
    dialog_skip(&d, 141 * MS);
    dialog_end(&d);
}

/* After the fourth ACK a RST is the end of the subflow, and no ladder begins. */
static void test_rst_after_fourth_ack(void **state)
{
    struct dialog d;

    (void)state;
    open_with(&d, 100, NULL);
    join(&d, 100 * MS);
    dialog_skip(&d, 100 * MS);
    dialog_in(&d, 120 * MS, "1| S. 0 a149 join16:D:id=0");
    dialog_skip(&d, 120 * MS);
    dialog_in(&d, 140 * MS, "1| . 1 a149 ack=100");
    dialog_skip(&d, 140 * MS);
    dialog_in(&d, 150 * MS, "1| R 1");
    dialog_none(&d, 160 * MS);
    dialog_end(&d);
}

/* ---- 2.4.2: the first time-out sends the same SYN, bare ---- */

static void test_bare_syn(void **state)
{
    struct dialog d;
    uint32_t r;

    (void)state;
    open_with(&d, 100, NULL);
    dialog_in(&d, 60 * MS, "0| . 1 a101 ack=50"); /* 50 to 99 are not DATA_ACKed */
    join(&d, 100 * MS);
    dialog_out(&d, 100 * MS, "1| S 0+98 join12:D:id=2 rec=50/50:ack=0:edge=4194304");
    r = d.tuple[1].r_stack;
    dialog_out(&d, 1100 * MS, "1| S 0 join12:D:id=2");
    assert_int_equal(d.tuple[1].r_stack, r);
    dialog_in(&d, 1120 * MS, "1| S. 0 a1 join16:D:id=0");
    dialog_out(&d, 1120 * MS, "1| . 1+98 a1 join24 rec=50/50:ack=0:edge=4194304");
    dialog_skip(&d, 1121 * MS);
    dialog_end(&d);
}

/* Made a backup meanwhile: the record's tag covers the option of the SYN (2.3), so B does not change in it. */
static void test_bare_syn_same_b(void **state)
{
    struct dialog d;

    (void)state;
    open_with(&d, 0, NULL);
    dialog_write(&d, 50 * MS, 300);
    dialog_skip(&d, 50 * MS);
    join(&d, 100 * MS);
    dialog_skip(&d, 100 * MS);
    mpt_subflow_backup(d.conn, 1, 1, d.now); /* the first: nothing is said of it here */
    mpt_subflow_backup(d.conn, 2, 1, d.now);
    dialog_run(&d);
    dialog_out(&d, 1100 * MS, "1| S 0 join12:D:id=2");
    dialog_end(&d);
}

/* The SYN/ACK was lost, not the record: the answer to the bare SYN acknowledges it. */
static void test_bare_syn_record_taken(void **state)
{
    struct dialog d;

    (void)state;
    open_with(&d, 0, NULL);
    join(&d, 100 * MS);
    dialog_skip(&d, 100 * MS);
    dialog_out(&d, 1100 * MS, "1| S 0 join12:D:id=2");
    dialog_in(&d, 1120 * MS, "1| S. 0 a1425 join16:D:id=0");
    dialog_out(&d, 1120 * MS, "1| . 1425 a1 join24");
    dialog_end(&d);
}

/* ---- 2.4.4: the third ACK on a timer ---- */

/* RTT 20 ms, one sample: variance half of it; 20 + 2 x 10 = 40 ms is below the 100 ms floor. Doubling, six
 * repetitions, then RST and the next rung. */
static void test_third_ack_timer(void **state)
{
    struct dialog d;
    uint64_t at = 120 * MS, wait = 100 * MS;

    (void)state;
    open_with(&d, 0, NULL);
    join(&d, 100 * MS);
    dialog_skip(&d, 100 * MS);
    dialog_in(&d, 120 * MS, "1| S. 0 a1425 join16:D:id=0");
    dialog_out(&d, 120 * MS, "1| . 1425 a1 join24");
    for (int i = 0; i < 6; i++) {
        at += wait;
        wait *= 2;
        dialog_out(&d, at, "1| . 1425 a1 join24");
    }
    dialog_out(&d, at + wait, "1| R. 1425 a1 rst=5T");
    dialog_out(&d, at + wait, "2| S 0 join12:id=2");
    dialog_end(&d);
}

/* RTT 200 ms: 200 + 2 x 100. */
static void test_third_ack_timer_long(void **state)
{
    struct dialog d;

    (void)state;
    open_with(&d, 0, NULL);
    join(&d, 100 * MS);
    dialog_skip(&d, 100 * MS);
    dialog_in(&d, 300 * MS, "1| S. 0 a1425 join16:D:id=0");
    dialog_out(&d, 300 * MS, "1| . 1425 a1 join24");
    dialog_out(&d, 700 * MS, "1| . 1425 a1 join24");
    dialog_out(&d, 1500 * MS, "1| . 1425 a1 join24");
    dialog_in(&d, 1600 * MS, "1| . 1 a1425 ack=0");
    dialog_none(&d, 5 * S);
    dialog_end(&d);
}

/* The SYN was repeated: its round trip is that of the one that was answered, by its timestamp. */
static void test_third_ack_timer_after_bare_syn(void **state)
{
    struct dialog d;

    (void)state;
    open_with(&d, 0, NULL);
    join(&d, 100 * MS);
    dialog_skip(&d, 100 * MS);
    dialog_out(&d, 1100 * MS, "1| S 0 join12:D:id=2");
    dialog_in(&d, 1120 * MS, "1| S. 0 a1425 join16:D:id=0");
    dialog_out(&d, 1120 * MS, "1| . 1425 a1 join24");
    dialog_out(&d, 1220 * MS, "1| . 1425 a1 join24");
    dialog_out(&d, 1420 * MS, "1| . 1425 a1 join24");
    dialog_end(&d);
}

/* ---- 2.4.6 ---- */

static void test_simultaneous_syn_dropped(void **state)
{
    struct dialog d;

    (void)state;
    open_with(&d, 100, NULL);
    join(&d, 100 * MS);
    dialog_skip(&d, 100 * MS);
    dialog_in(&d, 110 * MS, "1| S 0 join12:D rec=0/10");
    dialog_in(&d, 111 * MS, "1| S 0 cap4");
    dialog_in(&d, 112 * MS, "1| S 0");
    dialog_none(&d, 113 * MS);
    assert_int_equal(d.read, 0);
    dialog_in(&d, 120 * MS, "1| S. 0 a149 join16:D:id=0"); /* the true answer still counts */
    dialog_out(&d, 120 * MS, "1| . 149 a1 join24");
    dialog_end(&d);
}

/* Our own SYN is no join, the one that crosses it is. */
static void test_join_crosses_first_syn(void **state)
{
    struct dialog d;

    (void)state;
    dialog_client(&d, NULL);
    dialog_out(&d, 0, "S 0 cap4 ext");
    dialog_in(&d, 5 * MS, "0| S 0 join12:D rec=0/10");
    dialog_in(&d, 6 * MS, "0| S 0 join12");
    dialog_none(&d, 9 * MS);
    dialog_in(&d, 10 * MS, "S. 0 a1 cap12 ext");
    dialog_out(&d, 10 * MS, ". 1 a1 cap20");
    dialog_end(&d);
}

/* One random of ours is one record (2.4.1): the generator repeats itself, the join does not. */
static void test_own_random(void **state)
{
    struct dialog d;

    (void)state;
    open_with(&d, 100, NULL);
    dialog_advance(&d, 100 * MS);
    memcpy(d.script, "isn0AAAA", 8);
    d.script_len = 8;
    join(&d, 100 * MS);
    dialog_out(&d, 100 * MS, "1| S 0+148 join12:D:id=2 rec=0/100:ack=0:edge=4194304");
    memcpy(d.script, "isn1AAAABBBB", 12);
    d.script_at = 0;
    d.script_len = 12;
    dialog_in(&d, 120 * MS, "1| R. 0 a149");
    dialog_out(&d, 120 * MS, "2| S 0 join12:id=2");
    assert_int_equal(d.script_at, 12);
    assert_true(d.tuple[1].r_stack != d.tuple[2].r_stack);
    dialog_end(&d);
}

/* ---- 2.4.5 ---- */

/* TCP's acknowledgement of the SYN frees nothing: the subflow dies, the octets go elsewhere. */
static void test_record_goes_elsewhere(void **state)
{
    struct dialog d;
    struct mpt_addr first;

    (void)state;
    open_with(&d, 0, NULL);
    first = d.tuple[0].local;
    assert_int_equal(mpt_write(d.conn, "x", 0, d.now), 0);
    dialog_advance(&d, 50 * MS);
    for (size_t i = 0; i < 100; i++) { /* written, and the path is gone before it was sent */
        uint8_t x = dialog_octet(i, 0);

        assert_int_equal(mpt_write(d.conn, &x, 1, d.now), 1);
    }
    d.written = 100;
    mpt_address_down(d.stack, &first, d.now);
    join(&d, 60 * MS);
    dialog_out(&d, 60 * MS, "1| S 0+148 join12:D:id=2 rec=0/100:ack=0:edge=4194304");
    dialog_in(&d, 80 * MS, "1| S. 0 a149 join16:D:id=0");
    dialog_out(&d, 80 * MS, "1| . 149 a1 join24");
    dialog_in(&d, 90 * MS, "1| R 1"); /* acknowledged by TCP only */
    dialog_out(&d, 90 * MS, "2| S 0 join12:id=2");
    dialog_in(&d, 110 * MS, "2| S. 0 a1 join16:id=0");
    dialog_out(&d, 110 * MS, "2| . 1 a1 join24");
    dialog_in(&d, 130 * MS, "2| . 1 a1 ack=0");
    dialog_out(&d, 130 * MS, "2| . 1 a1 ack=0 rm=0");
    dialog_out(&d, 130 * MS, "2| . 1+100 a1 ack=0 map=0/1/100");
    dialog_end(&d);
}

/* The join is complete and dies; TCP has acknowledged the record, no DATA_ACK came: at once elsewhere. */
static void test_record_after_fourth_ack(void **state)
{
    struct dialog d;

    (void)state;
    open_with(&d, 100, NULL);
    dialog_in(&d, 60 * MS, "0| . 1 a101 ack=0"); /* TCP has them, the connection has not: not in flight any more */
    join(&d, 70 * MS);
    dialog_out(&d, 70 * MS, "1| S 0+148 join12:D:id=2 rec=0/100:ack=0:edge=4194304");
    dialog_in(&d, 90 * MS, "1| S. 0 a149 join16:D:id=0");
    dialog_out(&d, 90 * MS, "1| . 149 a1 join24");
    d.mute = 0;
    dialog_in(&d, 110 * MS, "1| . 1 a149 ack=0");
    dialog_in(&d, 111 * MS, "1| R 1");
    dialog_out(&d, 111 * MS, "0| . 101+100 a1 ack=0 map=0/101/100");
    dialog_end(&d);
}

/* Nobody answers the SYN: its octets do not wait for the end of its time-outs. */
static void test_syn_without_answer(void **state)
{
    struct dialog d;

    (void)state;
    open_with(&d, 0, NULL);
    dialog_write(&d, 50 * MS, 100);
    dialog_in(&d, 60 * MS, "0| . 1 a101 ack=0");
    join(&d, 61 * MS);
    dialog_out(&d, 61 * MS, "1| S 0+148 join12:D:id=2 rec=0/100:ack=0:edge=4194304");
    d.mute = 0;
    dialog_out(&d, 1061 * MS, "1| S 0 join12:D:id=2");
    dialog_out(&d, 1061 * MS, "0| . 101+100 a1 ack=0 map=0/101/100");
    dialog_in(&d, 1071 * MS, "0| . 1 a201 ack=100");
    assert_int_equal(d.conn->stream.acked, 100);
    dialog_end(&d);
}

/* The host ends the join while it is under way: no ladder. */
static void test_closed_by_host(void **state)
{
    struct dialog d;

    (void)state;
    open_with(&d, 100, NULL);
    join(&d, 70 * MS);
    dialog_skip(&d, 70 * MS);
    assert_int_equal(mpt_subflow_close(d.conn, 2, d.now), 0);
    dialog_run(&d);
    dialog_none(&d, 900 * MS);
    assert_int_equal(d.tuples, 2);
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_record), cmocka_unit_test(test_sizes), cmocka_unit_test(test_peer_mss),
        cmocka_unit_test(test_pad), cmocka_unit_test(test_dfin), cmocka_unit_test(test_window),
        cmocka_unit_test(test_backup), cmocka_unit_test(test_not_agreed), cmocka_unit_test(test_taken),
        cmocka_unit_test(test_third_ack_on_every_pure_ack), cmocka_unit_test(test_eaten),
        cmocka_unit_test(test_other_number), cmocka_unit_test(test_d0), cmocka_unit_test(test_path_memory),
        cmocka_unit_test(test_no_mp_join), cmocka_unit_test(test_bad_hmac), cmocka_unit_test(test_rst_in_syn_sent),
        cmocka_unit_test(test_rst_before_fourth_ack), cmocka_unit_test(test_rst_after_fourth_ack),
        cmocka_unit_test(test_bare_syn), cmocka_unit_test(test_bare_syn_same_b),
        cmocka_unit_test(test_bare_syn_record_taken),
        cmocka_unit_test(test_third_ack_timer), cmocka_unit_test(test_third_ack_timer_long),
        cmocka_unit_test(test_third_ack_timer_after_bare_syn),
        cmocka_unit_test(test_simultaneous_syn_dropped), cmocka_unit_test(test_join_crosses_first_syn), cmocka_unit_test(test_own_random),
        cmocka_unit_test(test_record_goes_elsewhere), cmocka_unit_test(test_record_after_fourth_ack),
        cmocka_unit_test(test_syn_without_answer), cmocka_unit_test(test_closed_by_host),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
