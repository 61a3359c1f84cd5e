/* SPDX-License-Identifier: MIT */
/* test_pcap.c - the pcap writer: exact octets, and a full disk that is not silent. */
#include "pcap.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void test_octets(void **state)
{
    static const uint8_t want[24 + 16 + 3] = {
        0x4d, 0x3c, 0xb2, 0xa1, 2, 0,   4, 0, 0, 0, 0,   0,   0,  0,    0,
        0,    0xff, 0xff, 0,    0, 101, 0, 0, 0, 2, 0,   0,   0,  0x15, 0xcd,
        0x5b, 0x07, 3,    0,    0, 0,   3, 0, 0, 0, 'a', 'b', 'c'};
    uint8_t got[64];
    struct pcap pcap;
    FILE *file = tmpfile();

    (void)state;
    assert_non_null(file);
    assert_int_equal(pcap_start(&pcap, file), 0);
    assert_int_equal(pcap_write(&pcap, (const uint8_t *)"abc", 3, UINT64_C(2123456789)), 0);
    assert_int_equal(pcap_finish(&pcap), 0);
    assert_int_equal(pcap.packets, 1);
    rewind(file);
    assert_int_equal(fread(got, 1, sizeof got, file), sizeof want);
    assert_memory_equal(got, want, sizeof want);
    fclose(file);
}

static void test_full_disk(void **state)
{
    static uint8_t packet[1500];
    struct pcap pcap;
    FILE *file = fopen("/dev/full", "wb");
    int i;

    (void)state;
    if (!file)
        skip();
    assert_int_equal(pcap_start(&pcap, file), 0); /* still in the buffer */
    for (i = 0; i < 100 && pcap_write(&pcap, packet, sizeof packet, 0) == 0; i++)
        ;
    assert_int_equal(pcap_finish(&pcap), -1);
    assert_int_equal(pcap.error, ENOSPC);
    assert_int_equal(pcap_write(&pcap, packet, 1, 0), -1);
    fclose(file);
}

/* A file small enough to stay in the buffer: the error shows when it is finished. */
static void test_full_disk_at_the_end(void **state)
{
    struct pcap pcap;
    FILE *file = fopen("/dev/full", "wb");

    (void)state;
    if (!file)
        skip();
    assert_int_equal(pcap_start(&pcap, file), 0);
    assert_int_equal(pcap_finish(&pcap), -1);
    assert_int_equal(pcap.error, ENOSPC);
    fclose(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_octets),
        cmocka_unit_test(test_full_disk),
        cmocka_unit_test(test_full_disk_at_the_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
