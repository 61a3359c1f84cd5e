/* SPDX-License-Identifier: MIT */
/* test_linux.c - the key wire=linux: order and form of options as Linux sends them (RFC 8684 3.3.1 to 3.4 leave both to the
 * sender). Octet by octet: ../../../../shim/test/packetdrill/. */
#include "dialog/dialog.h"

static const char *const LINUX[] = { "wire=linux", "pm=endpoints", "add_addr_timeout=1s", NULL };

/* DSNs have 64 bits, DATA_ACKs have once the peer has mapped data with 64; not because of a DATA_FIN alone. */
static void test_width(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, LINUX); /* the peer has mapped 10 octets with 32 bits */
    dialog_write(&d, 100 * MS, 50);
    dialog_out(&d, 100 * MS, ". 1+50 a11 ack=10 map64=0/1/50");
    dialog_in(&d, 110 * MS, ". 11+20 a51 ack=50 map64=10/11/20");
    dialog_out(&d, 110 * MS, ". 51 a31 ack64=30");
    dialog_in(&d, 120 * MS, ". 31+20 a51 ack=50 map=30/31/20");
    dialog_out(&d, 120 * MS, ". 51 a51 ack=50");
    dialog_in(&d, 130 * MS, ". 51 a51 fin ack=50 map64=50/0/1");
    dialog_out(&d, 130 * MS, ". 51 a51 ack=51");
    dialog_end(&d);
}

/* DATA_FIN is on every ACK until the peer has acknowledged it (3.3.3). */
static void test_data_fin_again(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, LINUX);
    dialog_advance(&d, 100 * MS);
    mpt_shutdown(d.conn, d.now);
    dialog_run(&d);
    dialog_out(&d, 100 * MS, ". 1 a11 fin ack=10 map64=0/0/1");
    dialog_in(&d, 101 * MS, ". 11+20 a1 ack=0 map=10/11/20");
    dialog_out(&d, 101 * MS, ". 1 a31 fin ack=30 map64=0/0/1");
    dialog_in(&d, 102 * MS, ". 31+20 a1 ack=1 map=30/31/20");
    dialog_out(&d, 102 * MS, ". 1 a51 ack=50");
    dialog_end(&d);
}

/* An address is announced alone; what else there is to say comes behind the DSS (3.4.1, 3.3.8). */
static void test_signals(void **state)
{
    struct mpt_addr a = { .family = 4, .ip = { 10, 0, 0, 1 } };
    struct dialog d;

    (void)state;
    dialog_open_server(&d, LINUX);
    dialog_advance(&d, 100 * MS);
    mpt_address_up(d.stack, &a, 9, 1500, MPT_ADDRESS_SIGNAL | 9 << 8, d.now);
    dialog_run(&d);
    dialog_out(&d, 100 * MS, ". 1 a11 add=9/1");
    dialog_in(&d, 110 * MS, ". 11 a1 echo=9/1");
    dialog_advance(&d, 120 * MS);
    mpt_subflow_backup(d.conn, 1, 1, d.now);
    dialog_run(&d);
    dialog_out(&d, 120 * MS, ". 1 a11 ack=10 prio=1");
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_width),
        cmocka_unit_test(test_data_fin_again),
        cmocka_unit_test(test_signals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
