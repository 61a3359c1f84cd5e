/* SPDX-License-Identifier: MIT */
/* test_box.c - boxes and paths in virtual time: when packets arrive to the nanosecond, which are lost. */
#include "boxes.h"

/* 1250 octets at 10 Mb/s take 1 ms. */
static void test_rate_and_delay(void **state)
{
    struct path_config c = config(10 * MBIT, 5 * MS);
    struct path *p = full(&c);

    (void)state;
    push_number(p, PATH_UP, 1, 1250, 0);
    push_number(p, PATH_UP, 2, 1250, 0);
    push_number(p, PATH_DOWN, 3, 125, 0); /* directions do not wait for each other */
    assert_true(path_deadline(p) == MS / 10 + 5 * MS);
    expect(p, PATH_DOWN, 3, MS / 10 + 5 * MS);
    expect(p, PATH_UP, 1, 6 * MS);
    expect(p, PATH_UP, 2, 7 * MS);
    push_number(p, PATH_UP, 4, 1250, 100 * MS); /* after idling nothing is owed */
    expect(p, PATH_UP, 4, 106 * MS);
    expect_empty(p);
    path_free(p);
}

/* 1250 octets and 250 of framing at 10 Mb/s take 1.2 ms; a queue of 3,000 octets counts them too. */
static void test_overhead(void **state)
{
    struct path_config c = config(10 * MBIT, 5 * MS);
    struct path *p;

    (void)state;
    c.up.overhead = 250;
    c.up.queue_bytes = 3000;
    p = full(&c);
    for (uint32_t i = 1; i <= 3; i++)
        push_number(p, PATH_UP, i, 1250, 0);
    push_number(p, PATH_DOWN, 4, 1250, 0);
    expect(p, PATH_DOWN, 4, 6 * MS);
    expect(p, PATH_UP, 1, 6 * MS + MS / 5);
    expect(p, PATH_UP, 2, 7 * MS + 2 * MS / 5);
    expect_empty(p);
    path_free(p);
}

static void test_extra_delay_and_box_mode(void **state)
{
    struct path_config c = config(10 * MBIT, 5 * MS);
    struct path *p;
    size_t len;

    (void)state;
    c.extra_delay = 3 * MS;
    p = full(&c);
    push_number(p, PATH_DOWN, 1, 1250, 0);
    expect(p, PATH_DOWN, 1, 9 * MS);
    path_free(p);
    p = path_new(&c, 1, 1, PATH_BOX); /* rate and delay are the simulator's business */
    push_number(p, PATH_DOWN, 1, 1250, 0);
    push_number(p, PATH_DOWN, 2, 1250, 0);
    expect(p, PATH_DOWN, 1, 3 * MS);
    expect(p, PATH_DOWN, 2, 3 * MS);
    expect_empty(p);
    path_free(p);
    c.extra_delay = 0;
    p = path_new(&c, 1, 1, PATH_BOX);
    push_number(p, PATH_DOWN, 1, 1250, 7);
    assert_true(path_deadline(p) <= 7); /* at once */
    assert_non_null(path_pull(p, PATH_DOWN, &len, 7));
    expect_empty(p);
    path_free(p);
}

static void test_drop_tail(void **state)
{
    struct path_config c = config(10 * MBIT, 0);
    struct path *p;
    uint32_t i, got[8];

    (void)state;
    c.up.queue_bytes = 3 * 1250;
    p = full(&c);
    for (i = 0; i < 5; i++)
        push_number(p, PATH_UP, i, 1250, 0);
    assert_int_equal(path_stats(p, PATH_UP)->dropped_queue, 2);
    push_number(p, PATH_UP, 9, 1250, MS); /* one has left: room for one */
    push_number(p, PATH_UP, 10, 1250, MS);
    assert_int_equal(path_stats(p, PATH_UP)->dropped_queue, 3);
    assert_int_equal(drain(p, PATH_UP, got, 8), 4);
    assert_int_equal(got[3], 9);
    path_free(p);
    c.up.queue_bytes = 100; /* smaller than a packet: still one at a time */
    p = full(&c);
    push_number(p, PATH_UP, 1, 1250, 0);
    push_number(p, PATH_UP, 2, 1250, MS - 1);
    push_number(p, PATH_UP, 3, 1250, MS);
    assert_int_equal(drain(p, PATH_UP, got, 8), 2);
    assert_int_equal(got[1], 3);
    path_free(p);
}

static void test_jitter_keeps_order(void **state)
{
    struct path_config c = config(0, 10 * MS);
    struct path *p;
    uint32_t got[500], i, moved = 0;
    uint64_t last = 0;
    size_t len;

    (void)state;
    c.up.jitter = 5 * MS;
    p = full(&c);
    for (i = 0; i < 500; i++)
        push_number(p, PATH_UP, i, 100, i * MS);
    for (i = 0; i < 500; i++) {
        uint64_t at = path_deadline(p);
        uint8_t *ip = path_pull(p, PATH_UP, &len, at);

        assert_non_null(ip);
        memcpy(&got[i], ip + 12, 4);
        assert_int_equal(got[i], i);
        assert_true(at >= last && at >= i * MS + 10 * MS && at < i * MS + 15 * MS);
        moved += at != i * MS + 10 * MS;
        last = at;
    }
    assert_true(moved > 400);
    path_free(p);
}

/* Pushes n packets 1 ms apart and marks which arrive. */
static size_t arrivals(const struct path_config *c, uint64_t seed, uint32_t n, uint8_t *seen)
{
    struct path *p = path_new(c, seed, 1, PATH_FULL);
    size_t len, count = 0;
    uint32_t i, number;
    uint8_t *ip;

    memset(seen, 0, n);
    for (i = 0; i < n; i++) {
        push_number(p, PATH_UP, i, 100, i * MS);
        while ((ip = path_pull(p, PATH_UP, &len, i * MS + MS - 1))) {
            memcpy(&number, ip + 12, 4);
            seen[number]++;
            count++;
        }
    }
    path_free(p);
    return count;
}

enum { MANY = 100000 };
static uint8_t seen_a[MANY], seen_b[MANY];

static void test_uniform_loss(void **state)
{
    struct path_config c = config(0, 0);
    size_t n;

    (void)state;
    c.up.loss_model = LOSS_UNIFORM;
    c.up.loss = 0.1;
    n = arrivals(&c, 1, MANY, seen_a);
    assert_in_range(n, 89500, 90500);
    /* The same seed loses the same packets; another seed does not. */
    arrivals(&c, 1, MANY, seen_b);
    assert_memory_equal(seen_a, seen_b, MANY);
    arrivals(&c, 2, MANY, seen_b);
    assert_memory_not_equal(seen_a, seen_b, MANY);
}

/* Variants of a comparison are paired: other impairments do not move the losses. */
static void test_streams_are_separate(void **state)
{
    struct path_config c = config(0, 0);
    uint32_t i;

    (void)state;
    c.up.loss_model = LOSS_UNIFORM;
    c.up.loss = 0.1;
    arrivals(&c, 1, MANY, seen_a);
    c.up.duplicate = 0.2;
    c.up.corrupt = 0.2;
    c.up.jitter = MS / 2;
    arrivals(&c, 1, MANY, seen_b);
    for (i = 0; i < MANY; i++)
        assert_int_equal(seen_a[i] > 0, seen_b[i] > 0);
}

static void test_burst_loss(void **state)
{
    struct path_config c = config(0, 0);
    uint32_t i, lost = 0, bursts = 0;

    (void)state;
    c.up.loss_model = LOSS_BURST;
    c.up.loss = 0.05;
    c.up.burst = 4;
    arrivals(&c, 1, MANY, seen_a);
    for (i = 1; i < MANY; i++) {
        lost += !seen_a[i];
        bursts += !seen_a[i] && seen_a[i - 1];
    }
    assert_in_range(lost, 4500, 5500);
    assert_in_range(lost * 10 / bursts, 36, 44); /* mean burst 4 */
    c.up.loss = 1;
    assert_int_equal(arrivals(&c, 1, 1000, seen_a), 0);
}

static int bits_changed(const uint8_t *ip, size_t len, const uint8_t *was)
{
    int bits = 0;
    size_t i;

    for (i = 0; i < len; i++)
        bits += __builtin_popcount(ip[i] ^ was[i]);
    return bits;
}

static void test_corruption_is_one_bit(void **state)
{
    struct path_config c = config(0, 0);
    uint8_t was[200] = {0x45};
    struct path *p;
    size_t len;
    int i;

    (void)state;
    c.up.corrupt = 1;
    p = full(&c);
    for (i = 1; i < 1000; i++) {
        uint8_t *ip;

        path_push(p, PATH_UP, was, sizeof was, (uint64_t)i);
        ip = path_pull(p, PATH_UP, &len, (uint64_t)i);
        assert_int_equal(bits_changed(ip, 20, was), 0); /* never the header */
        assert_int_equal(bits_changed(ip, len, was), 1);
    }
    path_push(p, PATH_UP, was, 20, 2000); /* no payload, nothing to flip */
    assert_int_equal(bits_changed(path_pull(p, PATH_UP, &len, 2000), 20, was), 0);
    assert_int_equal(path_stats(p, PATH_UP)->corrupted, 999);
    path_free(p);
}

static void test_duplicate_and_reorder(void **state)
{
    struct path_config c = config(0, MS);
    struct path *p;

    (void)state;
    c.up.duplicate = 1;
    p = full(&c);
    push_number(p, PATH_UP, 1, 100, 0);
    expect(p, PATH_UP, 1, MS);
    expect(p, PATH_UP, 1, MS);
    expect_empty(p);
    path_free(p);
    c.up.duplicate = 0;
    c.up.reorder = 1;
    c.up.reorder_delay = 10 * MS;
    c.change[0] = (struct path_change){1, CHANGE_LOSS, 1, 0};
    c.changes = 1;
    p = full(&c);
    push_number(p, PATH_UP, 1, 100, 0);
    expect(p, PATH_UP, 1, 11 * MS);
    assert_int_equal(path_stats(p, PATH_UP)->reordered, 1);
    path_free(p);
}

/* A packet that is held back is passed by those behind it, and is not lost. */
static void test_reorder_passes(void **state)
{
    struct path_config c = config(0, MS);
    struct path *p;
    uint32_t got[1000], i, back = 0;

    (void)state;
    c.up.reorder = 0.1;
    c.up.reorder_delay = 3 * MS;
    p = full(&c);
    for (i = 0; i < 1000; i++)
        push_number(p, PATH_UP, i, 100, i * MS);
    assert_int_equal(drain(p, PATH_UP, got, 1000), 1000);
    for (i = 1; i < 1000; i++)
        back += got[i] < got[i - 1];
    assert_in_range(back, 50, 150);
    path_free(p);
}

/* Ten packets wait at 10 Mb/s; at 2.5 ms the rate doubles. */
static void test_rate_change(void **state)
{
    struct path_config c = config(10 * MBIT, MS);
    struct path *p;
    uint32_t i;

    (void)state;
    c.change[0] = (struct path_change){5 * MS / 2, CHANGE_RATE, 0, 20 * MBIT};
    c.changes = 1;
    p = full(&c);
    for (i = 1; i <= 10; i++)
        push_number(p, PATH_UP, i, 1250, 0);
    expect(p, PATH_UP, 1, 2 * MS);               /* left at 1, was under way */
    assert_true(path_deadline(p) == 5 * MS / 2); /* the change must not be missed */
    expect(p, PATH_UP, 2, 3 * MS);               /* left at 2: propagation is untouched */
    expect(p, PATH_UP, 3, 15 * MS / 4); /* half sent at 2.5, the rest takes half the time */
    expect(p, PATH_UP, 4, 17 * MS / 4);
    push_number(p, PATH_UP, 11, 1250, 17 * MS / 4);
    for (i = 5; i <= 11; i++)
        expect(p, PATH_UP, i, 17 * MS / 4 + (i - 4) * MS / 2);
    expect_empty(p);
    path_free(p);
}

static void test_delay_change(void **state)
{
    struct path_config c = config(10 * MBIT, 10 * MS);
    struct path *p;

    (void)state;
    c.change[0] = (struct path_change){3 * MS / 2, CHANGE_DELAY, 1, 30.0 * MS};
    c.change[1] = (struct path_change){50 * MS, CHANGE_DELAY, 0, 5.0 * MS};
    c.changes = 2;
    p = full(&c);
    push_number(p, PATH_UP, 1, 1250, 0);
    push_number(p, PATH_UP, 2, 1250, 0);
    push_number(p, PATH_DOWN, 3, 1250, 2 * MS);
    expect(p, PATH_UP, 1, 11 * MS);
    expect(p, PATH_DOWN, 3, 13 * MS);
    expect(p, PATH_UP, 2, 32 * MS);
    push_number(p, PATH_UP, 4, 1250, 49 * MS); /* leaves at 50 with 30 ms, before the change acts */
    push_number(p, PATH_UP, 5, 1250, 51 * MS); /* 57 would overtake: a wire keeps the order */
    expect(p, PATH_UP, 4, 80 * MS);
    expect(p, PATH_UP, 5, 80 * MS);
    path_free(p);
}

static void test_down(void **state)
{
    struct path_config c = config(10 * MBIT, 10 * MS);
    struct path *p;

    (void)state;
    c.change[0] = (struct path_change){3 * MS / 2, CHANGE_DOWN, 0, 1};
    c.change[1] = (struct path_change){100 * MS, CHANGE_DOWN, 1, 0};
    c.changes = 2;
    p = full(&c);
    push_number(p, PATH_UP, 1, 1250, 0);
    push_number(p, PATH_UP, 2, 1250, 0); /* still in the queue at 1.5 ms: lost */
    expect(p, PATH_UP, 1, 11 * MS);      /* already in the air: arrives */
    push_number(p, PATH_UP, 3, 1250, 20 * MS);
    push_number(p, PATH_DOWN, 4, 1250, 20 * MS);
    expect_empty(p);
    assert_int_equal(path_stats(p, PATH_UP)->dropped_down, 2);
    path_free(p);
    p = full(&c);
    push_number(p, PATH_UP, 5, 1250, 100 * MS); /* only up is back */
    push_number(p, PATH_DOWN, 6, 1250, 100 * MS);
    expect(p, PATH_UP, 5, 111 * MS);
    expect_empty(p);
    path_free(p);
}

static void test_address_down(void **state)
{
    struct path_config c = config(0, 10 * MS);
    struct path *p;
    size_t len;

    (void)state;
    c.change[0] = (struct path_change){5 * MS, CHANGE_ADDRESS, 0, 0};
    c.change[1] = (struct path_change){50 * MS, CHANGE_ADDRESS, 0, 1};
    c.changes = 2;
    p = full(&c);
    push_number(p, PATH_UP, 1, 100, 0);
    push_number(p, PATH_DOWN, 2, 100, 0); /* arrives at an interface that is gone */
    assert_int_equal(path_address_up(p, 4 * MS), 1);
    expect(p, PATH_UP, 1, 10 * MS); /* it left before */
    assert_int_equal(path_address_up(p, 6 * MS), 0);
    push_number(p, PATH_UP, 3, 100, 20 * MS);
    assert_true(path_due(p, PATH_UP) == MPT_NEVER);
    assert_null(path_pull(p, PATH_DOWN, &len, 20 * MS));
    assert_int_equal(path_stats(p, PATH_DOWN)->dropped_down, 1);
    push_number(p, PATH_UP, 4, 100, 50 * MS);
    expect(p, PATH_UP, 4, 60 * MS);
    expect_empty(p);
    path_free(p);
}

static void test_mtu(void **state)
{
    struct path_config c = config(0, MS);
    struct path *p = full(&c);

    (void)state;
    push_number(p, PATH_UP, 1, 1501, 0);
    push_number(p, PATH_UP, 2, 1500, 0);
    expect(p, PATH_UP, 2, MS);
    expect_empty(p);
    assert_int_equal(path_stats(p, PATH_UP)->dropped_mtu, 1);
    path_free(p);
}

/* An answer comes out of the other direction at once, about the packet that was dropped; one without DF gets none. */
static void test_mtu_answers(void **state)
{
    struct path_config c = config(0, MS);
    uint8_t ip[2048] = {0x45, 0, 1300 >> 8, 1300 & 255, 0, 0, 0x40, 0, 64, 6}, *back;
    struct icmp_error e;
    struct ip_view view;
    struct path *p;
    size_t len;

    (void)state;
    c.link_mtu = 1000;
    c.mtu_icmp = 1;
    p = full(&c);
    memcpy(ip + 12, "\12\1\0\1\12\144\0\1", 8);
    for (int dir = 0; dir < 2; dir++) {
        path_push(p, (enum path_dir)dir, ip, 1300, 5 * MS);
        assert_null(path_pull(p, (enum path_dir)dir, &len, 10 * MS));
        assert_true(path_due(p, (enum path_dir)!dir) <= 5 * MS);
        back = path_pull(p, (enum path_dir)!dir, &len, 5 * MS);
        assert_non_null(back);
        assert_int_equal(ip_parse(back, len, &view), 0);
        assert_int_equal(icmp_read(&view, &e), 0);
        assert_int_equal(e.mtu, 1000);
        assert_int_equal(path_stats(p, (enum path_dir)dir)->icmp, 1);
        assert_int_equal(path_stats(p, (enum path_dir)dir)->dropped_mtu, 1);
    }
    ip[6] = 0;
    path_push(p, PATH_UP, ip, 1300, 6 * MS);
    expect_empty(p);
    push_number(p, PATH_UP, 2, 1000, 7 * MS);
    expect(p, PATH_UP, 2, 8 * MS);
    path_free(p);
}

/* RFC 3168 5: beyond the threshold ECT is marked, the rest only waits; nobody is marked on an empty queue. */
static void test_marks(void **state)
{
    struct path_config c = config(8 * MBIT, MS); /* 1 octet per us */
    struct path *p;
    uint8_t ip[1000] = {0x45, 2}, plain[1000] = {0x45};
    static const int marked[] = {0, 0, 0, 1, 1};
    uint8_t *out;
    size_t len;

    (void)state;
    c.up.ecn_threshold = 2500;
    p = full(&c);
    for (int i = 0; i < 5; i++) /* finds 0, 1000, ... octets waiting */
        path_push(p, PATH_UP, ip, sizeof ip, 0);
    path_push(p, PATH_UP, plain, sizeof plain, 0);
    for (int i = 0; i < 6; i++) {
        out = path_pull(p, PATH_UP, &len, 100 * MS);
        assert_non_null(out);
        assert_int_equal(out[1] & 3, i == 5 ? 0 : marked[i] ? 3 : 2);
    }
    assert_int_equal(path_stats(p, PATH_UP)->marked, 2);
    path_push(p, PATH_UP, ip, sizeof ip, 200 * MS);
    out = path_pull(p, PATH_UP, &len, 300 * MS);
    assert_int_equal(out[1] & 3, 2);
    path_free(p);
}

/* Steady state allocates nothing, and every packet is accounted for. */
static void test_books_balance(void **state)
{
    struct path_config c = config(10 * MBIT, 3 * MS);
    const struct box_stats *s;
    struct path *p;
    uint32_t i;
    size_t len, blocks = 0;

    (void)state;
    c.up.queue_bytes = 20000;
    c.up.loss_model = LOSS_BURST;
    c.up.loss = 0.1;
    c.up.burst = 3;
    c.up.duplicate = c.up.reorder = c.up.corrupt = 0.1;
    c.up.reorder_delay = 7 * MS;
    c.up.jitter = MS;
    for (i = 0; i < SHIM_CHANGES_MAX; i++) {
        uint32_t kind = i % 4;
        double value = kind == CHANGE_RATE    ? (i % 3) * 7e6
                       : kind == CHANGE_DELAY ? i * 1e5
                                              : 0.1 * (i % 3);

        c.change[i] = (struct path_change){i * 37 * MS, kind, i % 3,
                                           kind == CHANGE_DOWN ? i % 8 == 3 : value};
    }
    c.changes = SHIM_CHANGES_MAX;
    p = full(&c);
    for (i = 0; i < 30000; i++) {
        push_number(p, PATH_UP, i, 40 + i * 7 % 1460, i * MS / 8);
        while (path_pull(p, PATH_UP, &len, i * MS / 8))
            ;
        if (i == 20000)
            blocks = path_pool(p)->blocks;
    }
    assert_int_equal(path_pool(p)->blocks, blocks);
    drain(p, PATH_UP, NULL, 0);
    expect_empty(p);
    s = path_stats(p, PATH_UP);
    assert_int_equal(s->in, 30000);
    assert_int_equal(s->out,
                     s->in + s->duplicated - s->dropped_queue - s->dropped_loss - s->dropped_down);
    assert_true(s->dropped_queue && s->dropped_loss && s->dropped_down && s->reordered &&
                s->corrupted);
    path_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rate_and_delay),
        cmocka_unit_test(test_overhead),
        cmocka_unit_test(test_extra_delay_and_box_mode),
        cmocka_unit_test(test_drop_tail),
        cmocka_unit_test(test_jitter_keeps_order),
        cmocka_unit_test(test_uniform_loss),
        cmocka_unit_test(test_streams_are_separate),
        cmocka_unit_test(test_burst_loss),
        cmocka_unit_test(test_corruption_is_one_bit),
        cmocka_unit_test(test_duplicate_and_reorder),
        cmocka_unit_test(test_reorder_passes),
        cmocka_unit_test(test_rate_change),
        cmocka_unit_test(test_delay_change),
        cmocka_unit_test(test_down),
        cmocka_unit_test(test_address_down),
        cmocka_unit_test(test_mtu),
        cmocka_unit_test(test_mtu_answers),
        cmocka_unit_test(test_marks),
        cmocka_unit_test(test_books_balance),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
