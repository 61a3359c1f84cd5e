/* SPDX-License-Identifier: MIT */
/* test_api.c - corners of mpt.h that no dialogue of a protocol section meets: listeners that go, buffers that are too
 * small, the 17th address. */
#include "dialog/dialog.h"

static void test_unlisten(void **state)
{
    struct mpt_addr any = { .port = 80 }, other = { .port = 81 };
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    dialog_tuple(&d, 1, 2, 5001);
    assert_int_equal(mpt_listen(d.stack, &any, NULL), MPT_EADDRINUSE);
    assert_int_equal(mpt_unlisten(d.stack, &other), MPT_ENOENT);
    assert_int_equal(mpt_unlisten(d.stack, &any), 0);
    assert_int_equal(mpt_unlisten(d.stack, &any), MPT_ENOENT);
    dialog_in(&d, 100 * MS, "1| S 0 cap4"); /* nobody is there now */
    dialog_out(&d, 100 * MS, "1| R. 0 a1");
    dialog_in(&d, 101 * MS, "0| . 11+10 a1 ack=0 map=10/11/10"); /* who came before stays */
    dialog_out(&d, 101 * MS, "0| . 1 a21 ack=20");
    assert_int_equal(mpt_listen(d.stack, &any, NULL), 0);
    d.key_stack = 0; /* of another connection */
    dialog_in(&d, 1100 * MS, "1| S 0 cap4");
    dialog_skip(&d, 1100 * MS);
    assert_int_equal(d.stack->half_open, 1);
    dialog_end(&d);
}

/* One octet less than the largest packet: refused, nothing is written and nothing is lost. The buffer has no octet too
 * many, so that a sanitizer sees every one behind it. */
static void too_small(struct dialog *d, size_t need)
{
    for (size_t cap = 0; cap < need; cap = cap < need - 1 && cap * 2 + 1 > need - 1 ? need - 1 : cap * 2 + 1) {
        uint8_t *octet = malloc(cap ? cap : 1);
        struct mpt_packet p = { .data = octet, .cap = cap };

        assert_non_null(octet);
        memset(octet, 0xa5, cap);
        assert_int_equal(mpt_output(d->stack, &p, d->now), MPT_EMSGSIZE);
        for (size_t i = 0; i < cap; i++)
            assert_int_equal(octet[i], 0xa5);
        free(octet);
    }
}

static int just_enough(struct dialog *d, size_t need)
{
    uint8_t *octet = malloc(need);
    struct mpt_packet p = { .data = octet, .cap = need };
    int r;

    assert_non_null(octet);
    r = mpt_output(d->stack, &p, d->now);
    assert_true(r < 1 || (p.len >= 20 && p.len <= need));
    free(octet);
    return r;
}

static void test_small_buffer(void **state)
{
    struct mpt_packet none = { .cap = 2000 };
    struct dialog d;
    uint8_t octets[1428] = { 0 };

    (void)state;
    dialog_open_client(&d, NULL);
    assert_int_equal(mpt_write(d.conn, octets, sizeof octets, d.now), sizeof octets);
    assert_int_equal(mpt_output(d.stack, &none, d.now), MPT_EMSGSIZE);
    too_small(&d, 1480);
    assert_int_equal(just_enough(&d, 1480), 1);
    assert_int_equal(just_enough(&d, 1480), 0);
    dialog_end(&d);
}

/* The answer to a stray segment obeys as well; a larger MTU asks for a larger buffer. */
static void test_small_buffer_refusal(void **state)
{
    struct mpt_addr big = { .family = 4, .ip = { 10, 0, 1, 9 } };
    uint8_t segment[20] = { 0x13, 0x88, 0, 81, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 2, 0xff, 0xff };
    struct mpt_packet in = { .local = { .family = 4, .ip = { 10, 0, 1, 1 } }, .data = segment, .len = sizeof segment,
                             .remote = { .family = 4, .ip = { 10, 0, 2, 1 } }, .cap = sizeof segment };
    struct dialog d;
    uint32_t sum = 0x0a00 + 0x0101 + 0x0a00 + 0x0201 + 6 + 20;

    (void)state;
    dialog_init(&d, NULL);
    for (size_t i = 0; i < sizeof segment; i += 2)
        sum += (uint32_t)(segment[i] << 8 | segment[i + 1]);
    sum = (sum & 0xffff) + (sum >> 16);
    segment[16] = (uint8_t)(~sum >> 8);
    segment[17] = (uint8_t)~sum;
    assert_int_equal(mpt_address_up(d.stack, &big, 9, 9000, 0, 0), 0);
    assert_int_equal(mpt_input(d.stack, &in, 0), 0);
    too_small(&d, 8980);
    assert_int_equal(just_enough(&d, 8980), 1);
    assert_int_equal(just_enough(&d, 8980), 0);
    dialog_end(&d);
}

static int up(struct dialog *d, unsigned i)
{
    struct mpt_addr a = { .family = 4, .ip = { 10, 7, (uint8_t)(i >> 8), (uint8_t)i } };

    return mpt_address_up(d->stack, &a, 1, 1500, 0, d->now);
}

static int down(struct dialog *d, unsigned i)
{
    struct mpt_addr a = { .family = 4, .ip = { 10, 7, (uint8_t)(i >> 8), (uint8_t)i } };

    return mpt_address_down(d->stack, &a, d->now);
}

/* Sixteen at a time, any number one after the other: a phone gets a new address with every network. */
static void test_many_addresses(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_client(&d, NULL); /* two are up */
    for (unsigned i = 0; i < 14; i++)
        assert_int_equal(up(&d, i), 0);
    assert_int_equal(up(&d, 14), MPT_ELIMIT);
    assert_int_equal(up(&d, 3), 0); /* again: no place of its own */
    for (unsigned i = 14; i < 1000; i++) {
        assert_int_equal(down(&d, i - 14), 0);
        assert_int_equal(up(&d, i), 0);
    }
    assert_int_equal(down(&d, 0), MPT_EADDRNOTAVAIL); /* forgotten */
    dialog_skip(&d, d.now);
    dialog_end(&d);
}

/* A place whose id a connection may still mean is not given to another address. */
static void test_address_remembered(void **state)
{
    static const char *const mesh[] = { "pm=fullmesh", NULL };
    struct mpt_addr second = { .family = 4, .ip = { 10, 0, 1, 2 } };
    struct dialog d;

    (void)state;
    dialog_open_server(&d, mesh); /* announces the second address */
    for (unsigned i = 0; i < 14; i++)
        assert_int_equal(up(&d, i), 0);
    d.mute = 1;
    assert_int_equal(d.conn->announce_id[0], 2);
    assert_int_equal(down(&d, 5), 0);
    assert_int_equal(mpt_address_down(d.stack, &second, d.now), 0);
    assert_int_equal(up(&d, 50), MPT_ELIMIT); /* REMOVE_ADDR of both is still to leave */
    dialog_run(&d);
    assert_int_equal(up(&d, 50), 0);
    dialog_skip(&d, d.now);
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unlisten), cmocka_unit_test(test_small_buffer),
        cmocka_unit_test(test_small_buffer_refusal), cmocka_unit_test(test_many_addresses),
        cmocka_unit_test(test_address_remembered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
