/* SPDX-License-Identifier: MIT */
/* test/unit/test_radio.c - the radios against time lines and energies computed by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "mpt.h"
#include "radio/radio.h"

#define US UINT64_C(1000)
#define MS UINT64_C(1000000)
#define S  UINT64_C(1000000000)

enum { IDLE, PROMO, ACTIVE, TAIL1, TAIL2, TAIL3, ROWS = 64 };

/* cmocka compares floats, which keep seven digits. */
static void near_line(double got, double want, double within, int line)
{
    if (!(got >= want - within && got <= want + within))
        fail_msg("line %d: %.12g is not %.12g within %g", line, got, want, within);
}
#define assert_near(got, want, within) near_line(got, want, within, __LINE__)

/* What a sink was told. */
struct log {
    uint32_t kind;                       /* states without a name in it are never seen */
    struct mpt_radio_interval row[ROWS]; /* those with a length */
    size_t rows;
    uint32_t next; /* what was said to follow */
    uint32_t told;
};

static void note(void *ctx, const struct mpt_radio_interval *i)
{
    struct log *l = ctx;

    assert_true(l->rows < ROWS);
    assert_int_equal(i->part.ns, i->to - i->from);
    assert_non_null(mpt_radio_state_name(l->kind, i->state));
    assert_non_null(mpt_radio_state_name(l->kind, i->next));
    if (l->told)
        assert_int_equal(l->next, i->state);
    l->told = 1;
    l->next = i->next;
    if (i->from == i->to && !i->part.packets[0] && !i->part.packets[1])
        return;
    if (l->rows)
        assert_int_equal(l->row[l->rows - 1].to, i->from); /* no gap, no overlap */
    l->row[l->rows++] = *i;
}

/* A packet of a time line, and when it passes. */
struct packet {
    uint64_t at;
    uint32_t dir;
    size_t octets;
    uint64_t passes;
};
/* A state of a time line, begun at `from`; it ends where the next one begins. */
struct row {
    uint32_t state;
    uint64_t from;
    uint32_t packets;
};

static struct mpt_radio_profile profile(const char *name)
{
    assert_non_null(mpt_radio_find(name));
    return mpt_radio_find(name)->profile;
}

/* Runs the packets through a radio and compares every interval with the rows, the last of which ends at end. */
static void line(const struct mpt_radio_profile *p, const struct packet *packet, size_t packets, const struct row *row,
                 size_t rows, uint64_t end)
{
    struct mpt_radio r;
    struct log l = {.kind = p->kind};

    mpt_radio_init(&r, p, 0);
    r.sink = note;
    r.ctx = &l;
    for (size_t i = 0; i < packets; i++) {
        assert_int_equal(mpt_radio_wake(&r, packet[i].dir, packet[i].at), packet[i].passes);
        mpt_radio_carry(&r, packet[i].dir, packet[i].octets);
    }
    mpt_radio_finish(&r, end);
    for (size_t i = 0; i < rows && i < l.rows; i++) {
        if (l.row[i].state != row[i].state || l.row[i].from != row[i].from)
            fail_msg("interval %zu: %s at %llu, want %s at %llu", i, mpt_radio_state_name(p->kind, l.row[i].state),
                     (unsigned long long)l.row[i].from, mpt_radio_state_name(p->kind, row[i].state),
                     (unsigned long long)row[i].from);
        assert_int_equal(l.row[i].part.packets[0] + l.row[i].part.packets[1], row[i].packets);
    }
    assert_int_equal(l.rows, rows);
    assert_int_equal(l.row[rows - 1].to, end);
}

#define LINE(p, packet, row, end) line(p, packet, sizeof(packet) / sizeof *(packet), row, sizeof(row) / sizeof *(row), end)

/* One packet: 260 ms promotion, 100 ms continuous, 20 ms short DRX, 10 s long DRX, the rest of 11.576 s. */
static void test_lte_one_packet(void **state)
{
    static const struct packet packet[] = {{1 * S, MPT_RADIO_UP, 40, 1260 * MS}};
    static const struct row row[] = {{IDLE, 0, 0},          {PROMO, 1 * S, 0},     {ACTIVE, 1260 * MS, 1}, {TAIL1, 1360 * MS, 0},
                                     {TAIL2, 1380 * MS, 0}, {TAIL3, 11380 * MS, 0}, {IDLE, 12836 * MS, 0}};
    struct mpt_radio_profile p = profile("lte-huang2012");

    (void)state;
    LINE(&p, packet, row, 20 * S);
}

/* Packets in each state, in both directions; borders belong to the next state. */
static void test_lte_line(void **state)
{
    static const struct packet packet[] = {
        {0, MPT_RADIO_DOWN, 1500, 260 * MS},                    /* paged: waits as well */
        {100 * MS, MPT_RADIO_UP, 40, 260 * MS},                 /* joins it */
        {260 * MS, MPT_RADIO_UP, 40, 260 * MS},                 /* at the very end of the promotion */
        {359999999, MPT_RADIO_UP, 40, 359999999},               /* the last ns of continuous reception */
        {459999999, MPT_RADIO_DOWN, 40, 459999999},             /* the border: short DRX, left at once */
        {570 * MS, MPT_RADIO_UP, 40, 570 * MS},                 /* short DRX since 559999999 */
        {700 * MS, MPT_RADIO_UP, 40, 700 * MS},                 /* long DRX since 690 ms */
        {11 * S, MPT_RADIO_DOWN, 40, 11 * S},                   /* tail since 10820 ms */
        {22576 * MS, MPT_RADIO_DOWN, 40, 22836 * MS},           /* 11576 ms later to the ns: idle, promoted */
    };
    static const struct row row[] = {
        {PROMO, 0, 0},          {ACTIVE, 260 * MS, 4},  {ACTIVE, 459999999, 1}, {TAIL1, 559999999, 0}, {ACTIVE, 570 * MS, 1},
        {TAIL1, 670 * MS, 0},   {TAIL2, 690 * MS, 0},   {ACTIVE, 700 * MS, 1},  {TAIL1, 800 * MS, 0},  {TAIL2, 820 * MS, 0},
        {TAIL3, 10820 * MS, 0}, {ACTIVE, 11 * S, 1},    {TAIL1, 11100 * MS, 0}, {TAIL2, 11120 * MS, 0}, {TAIL3, 21120 * MS, 0},
        {PROMO, 22576 * MS, 0}, {ACTIVE, 22836 * MS, 1}, {TAIL1, 22936 * MS, 0}};
    struct mpt_radio_profile p = profile("lte-huang2012");

    (void)state;
    LINE(&p, packet, row, 22950 * MS);
}

/* A station sends at once while it wakes, and then hears; what comes before that waits. Asleep 238.1 ms behind the
 * last packet. */
static void test_wifi_line(void **state)
{
    static const struct packet packet[] = {
        {1 * S, MPT_RADIO_UP, 500, 1 * S},
        {1015 * MS, MPT_RADIO_DOWN, 500, 1015 * MS},
        {1100 * MS, MPT_RADIO_UP, 500, 1100 * MS}, /* awake since 1089.1 ms without traffic */
        {1338100 * US, MPT_RADIO_DOWN, 500, 1417200 * US},
        {1340 * MS, MPT_RADIO_DOWN, 500, 1417200 * US},
        {1350 * MS, MPT_RADIO_UP, 500, 1350 * MS},
        {1360 * MS, MPT_RADIO_DOWN, 500, 1360 * MS},
    };
    static const struct row row[] = {{IDLE, 0, 0},          {PROMO, 1 * S, 0},          {ACTIVE, 1079100 * US, 2}, {TAIL1, 1089100 * US, 0},
                                     {ACTIVE, 1100 * MS, 1}, {TAIL1, 1110 * MS, 0},      {PROMO, 1338100 * US, 0},  {ACTIVE, 1417200 * US, 4},
                                     {TAIL1, 1427200 * US, 0}, {IDLE, 1655300 * US, 0}};
    struct mpt_radio_profile p = profile("wifi-huang2012");

    (void)state;
    LINE(&p, packet, row, 2 * S);
}

/* Continuously active: nothing waits, nothing sleeps. */
static void test_cam_line(void **state)
{
    static const struct packet packet[] = {{1 * S, MPT_RADIO_DOWN, 500, 1 * S}};
    static const struct row row[] = {{ACTIVE, 0, 0}, {TAIL1, 10 * MS, 0}, {ACTIVE, 1 * S, 1}, {TAIL1, 1010 * MS, 0}};
    struct mpt_radio_profile p = profile("wifi-cam");

    (void)state;
    LINE(&p, packet, row, 100 * S);
}

/* DCH 8088 ms, FACH 824 ms; with a promotion from FACH if there is one. */
static void test_3g_line(void **state)
{
    static const struct packet packet[] = {{0, MPT_RADIO_UP, 40, 582100 * US}, {9 * S, MPT_RADIO_UP, 40, 9 * S}};
    static const struct row row[] = {{PROMO, 0, 0},          {ACTIVE, 582100 * US, 1}, {TAIL1, 682100 * US, 0}, {TAIL2, 8670100 * US, 0},
                                     {ACTIVE, 9 * S, 1},     {TAIL1, 9100 * MS, 0},    {TAIL2, 17088 * MS, 0},  {IDLE, 17912 * MS, 0}};
    static const struct packet slow[] = {{0, MPT_RADIO_UP, 40, 582100 * US}, {9 * S, MPT_RADIO_UP, 40, 10500 * MS}};
    static const struct row slow_row[] = {{PROMO, 0, 0},      {ACTIVE, 582100 * US, 1}, {TAIL1, 682100 * US, 0}, {TAIL2, 8670100 * US, 0},
                                          {PROMO, 9 * S, 0},  {ACTIVE, 10500 * MS, 1},  {TAIL1, 10600 * MS, 0}};
    struct mpt_radio_profile p = profile("3g-huang2012");

    (void)state;
    LINE(&p, packet, row, 20 * S);
    p.fach_promotion = 1500 * MS;
    LINE(&p, slow, slow_row, 11 * S);
}

/* Lengths of 0 skip their states; a tail that ends within the long DRX timer ends it. */
static void test_short_states(void **state)
{
    static const struct packet packet[] = {{1 * S, MPT_RADIO_UP, 40, 1 * S}};
    static const struct row no_short[] = {{IDLE, 0, 0}, {ACTIVE, 1 * S, 1}, {TAIL2, 1100 * MS, 0}, {IDLE, 3 * S, 0}};
    static const struct row nothing[] = {{IDLE, 0, 0}, {ACTIVE, 1 * S, 1}, {IDLE, 1100 * MS, 0}};
    static const struct row awake[] = {{IDLE, 0, 0}, {ACTIVE, 1 * S, 1}};
    struct mpt_radio_profile p = profile("lte-huang2012");

    (void)state;
    p.promotion = p.short_drx = 0;
    p.tail = 2 * S;
    LINE(&p, packet, no_short, 4 * S);
    p.tail = p.inactivity;
    LINE(&p, packet, nothing, 4 * S);
    p.sleep = 0;
    LINE(&p, packet, awake, 400 * S);
}

/* What is sent to a phone waits until it listens: the next paging each 1.28 s since it is idle, then the promotion;
 * the next on time of 1 ms each 20 and 40 ms since short and long DRX began. What the phone sends does not wait. */
static void test_listen(void **state)
{
    static const struct packet packet[] = {
        {1 * S, MPT_RADIO_DOWN, 40, 1540 * MS},          /* paged at 1280 ms */
        {1100 * MS, MPT_RADIO_DOWN, 40, 1540 * MS},      /* with it */
        {1641 * MS, MPT_RADIO_DOWN, 40, 1660 * MS},      /* short DRX since 1640 ms: over at 1660 */
        {1765 * MS, MPT_RADIO_UP, 40, 1765 * MS},        /* short DRX since 1760 ms */
        {2 * S, MPT_RADIO_DOWN, 40, 2005 * MS},          /* long DRX since 1885 ms: 1885 + 3 x 40 */
        {2165500 * US, MPT_RADIO_DOWN, 40, 2165500 * US}, /* since 2125 ms: within the on time from 2165 ms */
        {2300 * MS, MPT_RADIO_DOWN, 40, 2325500 * US},   /* since 2285.5 ms */
        {2310 * MS, MPT_RADIO_UP, 40, 2310 * MS},        /* wakes it before that */
        {2320 * MS, MPT_RADIO_DOWN, 40, 2320 * MS},
    };
    static const struct row row[] = {{IDLE, 0, 0}, {PROMO, 1280 * MS, 0}, {ACTIVE, 1540 * MS, 2}, {TAIL1, 1640 * MS, 0},
                                     {ACTIVE, 1660 * MS, 1}, {TAIL1, 1760 * MS, 0}, {ACTIVE, 1765 * MS, 1}, {TAIL1, 1865 * MS, 0},
                                     {TAIL2, 1885 * MS, 0}, {ACTIVE, 2005 * MS, 1}, {TAIL1, 2105 * MS, 0}, {TAIL2, 2125 * MS, 0},
                                     {ACTIVE, 2165500 * US, 1}, {TAIL1, 2265500 * US, 0}, {TAIL2, 2285500 * US, 0},
                                     {ACTIVE, 2310 * MS, 3}};
    static const struct packet beacon[] = {
        {100 * MS, MPT_RADIO_DOWN, 40, 387300 * US}, /* beacon at 308.2 ms, awake at 387.3 */
        {1 * S, MPT_RADIO_UP, 40, 1 * S},            /* a station sends when it likes */
        {1001 * MS, MPT_RADIO_DOWN, 40, 1001 * MS},
    };
    static const struct row beacon_row[] = {{IDLE, 0, 0}, {PROMO, 308200 * US, 0}, {ACTIVE, 387300 * US, 1}, {TAIL1, 397300 * US, 0},
                                            {IDLE, 625400 * US, 0}, {PROMO, 1 * S, 0}, {ACTIVE, 1079100 * US, 2}};
    /* the connection is released at 410 ms, before the next on time at 420 ms: not later than that */
    static const struct packet last[] = {{0, MPT_RADIO_UP, 40, 260 * MS}, {385 * MS, MPT_RADIO_DOWN, 40, 410 * MS}};
    static const struct row last_row[] = {{PROMO, 0, 0}, {ACTIVE, 260 * MS, 1}, {TAIL1, 360 * MS, 0}, {TAIL2, 380 * MS, 0},
                                          {ACTIVE, 410 * MS, 1}};
    struct mpt_radio_profile p = profile("lte-huang2012"), w = profile("wifi-huang2012");

    (void)state;
    p.listen = w.listen = 1;
    LINE(&p, packet, row, 2400 * MS);
    LINE(&w, beacon, beacon_row, 1080 * MS);
    p.tail = 150 * MS;
    LINE(&p, last, last_row, 500 * MS);
}

static double spent(const struct mpt_radio_profile *p, uint32_t packets, size_t octets, uint64_t end)
{
    struct mpt_radio r;

    mpt_radio_init(&r, p, 0);
    for (uint32_t i = 0; i < packets; i++) {
        uint64_t at = mpt_radio_wake(&r, MPT_RADIO_UP, i ? 260 * MS + i * MS : 0);

        assert_true(at >= i * MS);
        mpt_radio_carry(&r, MPT_RADIO_UP, octets);
    }
    mpt_radio_advance(&r, end);
    return mpt_radio_energy(&r);
}

/* 0.26 s x 1.2107 W + 0.1 s x 1.28804 W + 11.476 s x 1.060 W + 320 bit x 438.39 nJ = 12.6083 J. */
static void test_lte_energy(void **state)
{
    struct mpt_radio_profile p = profile("lte-huang2012");
    double one = spent(&p, 1, 40, 11836 * MS), base;

    (void)state;
    assert_near(one, 12.6, 0.126); /* within 1 % of the paper's figure */
    assert_near(one, 0.314782 + 0.128804 + 12.16456 + 320 * 438.39e-9, 1e-9);
    /* paging behind it: 0.594 W x 43.2 ms / 1.28 s, exact over whole cycles */
    assert_near(spent(&p, 1, 40, 11836 * MS + 128 * S) - one, 100 * 0.594 * 0.0432, 1e-9);
    /* on times of DRX on top: 1 ms of each 20 and 40 ms, 0.62 W more */
    p.drx_extra = 1;
    base = 0.62 * (0.02 / 20 + 11.456 / 40);
    assert_near(spent(&p, 1, 40, 11836 * MS) - one, base, 1e-9);
    assert_near(spent(&p, 1, 40, 11836 * MS), 12.786, 0.001);
}

/* 0.5821 s x 659.4 mW + 0.1 s x 817.88 mW + 7.988 s x 803.9 mW + 0.824 s x 601.3 mW; WiFi likewise. */
static void test_other_energies(void **state)
{
    struct mpt_radio_profile g = profile("3g-huang2012"), w = profile("wifi-huang2012");

    (void)state;
    assert_near(spent(&g, 1, 40, 9494100 * US), 0.5821 * 0.6594 + 0.1 * 0.81788 + 7.988 * 0.8039 + 0.824 * 0.6013 + 320 * 868.98e-9,
                1e-9);
    assert_near(spent(&w, 1, 40, 317200 * US), 0.0791 * 0.1244 + 0.01 * 0.13286 + 0.2281 * 0.1193 + 320 * 283.17e-9, 1e-9);
}

/* 1250 octets each ms, 10 Mbit/s up for 10 s: 438.39 mW x 10 + 1288.04 mW of base. */
static void test_throughput(void **state)
{
    struct mpt_radio_profile p = profile("lte-huang2012");
    double rest = spent(&p, 1, 0, 11836 * MS);

    (void)state;
    /* one more active second is 1.28804 W x 1 s, whatever is sent in it */
    assert_near(spent(&p, 10001, 1250, 21836 * MS) - rest, 10 * (4.3839 + 1.28804) + 10000 * 438.39e-9, 1e-6);
    assert_near(spent(&p, 10001, 0, 21836 * MS) - rest, 10 * 1.28804, 1e-6);
}

/* The energy of a radio is that of its states, and that of the intervals it told of; whatever was asked between. */
static void test_sums(void **state)
{
    static const char *const names[] = {"lte-huang2012", "wifi-huang2012", "wifi-cam", "3g-huang2012"};

    (void)state;
    for (size_t n = 0; n < 8; n++) {
        struct mpt_radio_profile p = profile(names[n % 4]);
        struct mpt_radio a, b;
        struct log l = {.kind = p.kind};
        double sum = 0, states = 0;
        uint64_t now = 0, x = 12345, residency = 0, octets = 0;

        p.listen = n / 4;
        mpt_radio_init(&a, &p, 7);
        mpt_radio_init(&b, &p, 7);
        b.sink = note;
        b.ctx = &l;
        for (int i = 0; i < 4000; i++) {
            uint32_t dir = (uint32_t)(x >> 40) & 1;

            x = x * UINT64_C(6364136223846793005) + 1442695040888963407u;
            now += (x >> 33) % (i % 7 ? 300 * MS : 13 * S);
            octets += 40 + i;
            (void)mpt_radio_wake(&a, dir, now);
            mpt_radio_carry(&a, dir, 40 + i);
            mpt_radio_advance(&b, now - now % MS); /* looked at meanwhile */
            assert_int_equal(mpt_radio_wake(&b, dir, now) >= now, 1);
            mpt_radio_carry(&b, dir, 40 + i);
            for (; l.rows; l.rows--)
                sum += mpt_radio_part_energy(&p, l.row[l.rows - 1].state, &l.row[l.rows - 1].part);
        }
        mpt_radio_finish(&a, now + 5 * S);
        mpt_radio_finish(&b, now + 1 * S);
        mpt_radio_finish(&b, now + 5 * S);
        for (; l.rows; l.rows--)
            sum += mpt_radio_part_energy(&p, l.row[l.rows - 1].state, &l.row[l.rows - 1].part);
        for (uint32_t s = 0; s < MPT_RADIO_STATES; s++) {
            assert_int_equal(a.total[s].ns, b.total[s].ns);
            residency += a.total[s].ns;
            octets -= a.total[s].octets[0] + a.total[s].octets[1];
            states += mpt_radio_state_energy(&a, s);
        }
        assert_int_equal(residency, now + 5 * S - 7);
        assert_int_equal(octets, 0);
        assert_true(mpt_radio_energy(&a) == mpt_radio_energy(&b)); /* to the bit */
        assert_true(states == mpt_radio_energy(&a));
        assert_near(sum / states, 1, 1e-12);
    }
}

/* What is still to be drawn until idle: in the tail, in a promotion with what waits. */
static void test_rest(void **state)
{
    struct mpt_radio_profile p = profile("lte-huang2012"), cam = profile("wifi-cam");
    struct log l = {.kind = p.kind};
    struct mpt_radio r;

    (void)state;
    mpt_radio_init(&r, &p, 0);
    assert_true(mpt_radio_rest(&r) == 0);
    (void)mpt_radio_wake(&r, MPT_RADIO_UP, 0);
    mpt_radio_carry(&r, MPT_RADIO_UP, 40);
    r.sink = note;
    r.ctx = &l;
    assert_near(mpt_radio_rest(&r), 12.6083, 0.0001);
    assert_int_equal(l.told, 0); /* looked ahead, nothing has happened */
    r.sink = NULL;
    mpt_radio_advance(&r, 1260 * MS); /* 1 s behind the packet */
    assert_near(mpt_radio_rest(&r), 10.576 * 1.060, 1e-9);
    assert_near(mpt_radio_rest(&r) + mpt_radio_energy(&r), 12.6083, 0.0001);
    mpt_radio_init(&r, &cam, 0);
    assert_true(mpt_radio_rest(&r) == 0);
}

/* Every constant that is not 0 by nature of the kind has its source, and no source speaks of nothing. */
static void test_catalogue(void **state)
{
    static const char *const common[] = {"up_energy", "down_energy", "active_power", "inactivity", "tail", "tail_power",
                                         "hold", "start", "sleep", "listen"};
    static const char *const sleepers[] = {"promotion", "promotion_power", "idle_on", "idle_on_power", "idle_cycle", "idle_power"};
    static const char *const lte[] = {"short_drx", "short_cycle", "long_drx", "long_cycle", "drx_on", "drx_on_power", "drx_extra"};
    static const char *const umts[] = {"fach", "fach_power", "fach_promotion"};
    const struct mpt_radio_source *s;
    const struct mpt_radio_row *row;
    size_t want = 0, have = 0;

    (void)state;
    for (size_t i = 0; (row = mpt_radio_catalogue(i)) != NULL; i++) {
        const char *const *lists[4] = {common, row->profile.sleep ? sleepers : NULL,
                                       row->profile.kind == MPT_RADIO_LTE ? lte : NULL,
                                       row->profile.kind == MPT_RADIO_3G ? umts : NULL};
        static const size_t sizes[4] = {10, 6, 7, 3};

        assert_null(mpt_radio_fault(&row->profile));
        assert_ptr_equal(mpt_radio_find(row->name), row);
        for (int l = 0; l < 4; l++)
            for (size_t j = 0; lists[l] && j < sizes[l]; j++) {
                size_t found = 0;

                for (size_t k = 0; (s = mpt_radio_source(k)) != NULL; k++)
                    found += strcmp(s->profile, row->name) == 0 && strcmp(s->key, lists[l][j]) == 0;
                if (found != 1)
                    fail_msg("%s: %s has %zu sources", row->name, lists[l][j], found);
                want++;
            }
    }
    for (size_t k = 0; (s = mpt_radio_source(k)) != NULL; k++, have++)
        assert_true(strlen(s->mark) == 1 && strchr("SMD", s->mark[0]) && s->text[0]);
    assert_int_equal(have, want);
    assert_null(mpt_radio_find("lte"));
    assert_null(mpt_radio_state_name(MPT_RADIO_WIFI, MPT_RADIO_TAIL_2));
    assert_null(mpt_radio_state_name(MPT_RADIO_KINDS, 0));
}

/* Profiles that cannot be. */
static void test_faults(void **state)
{
    struct mpt_radio_profile p = profile("lte-huang2012"), g = profile("3g-huang2012");

    (void)state;
    p.tail = 99 * MS;
    assert_non_null(strstr(mpt_radio_fault(&p), "inactivity"));
    p.tail = 110 * MS;
    assert_non_null(strstr(mpt_radio_fault(&p), "short_drx"));
    p = profile("lte-huang2012");
    p.idle_on = 2 * S;
    assert_non_null(strstr(mpt_radio_fault(&p), "idle_cycle"));
    p = profile("lte-huang2012");
    p.drx_on = 21 * MS;
    assert_null(mpt_radio_fault(&p)); /* not used */
    p.drx_extra = 1;
    assert_non_null(strstr(mpt_radio_fault(&p), "drx_on"));
    g.fach = 9 * S;
    assert_non_null(strstr(mpt_radio_fault(&g), "fach"));
    g.kind = MPT_RADIO_KINDS;
    assert_non_null(mpt_radio_fault(&g));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lte_one_packet), cmocka_unit_test(test_lte_line),     cmocka_unit_test(test_wifi_line),
        cmocka_unit_test(test_cam_line),       cmocka_unit_test(test_3g_line),      cmocka_unit_test(test_short_states),
        cmocka_unit_test(test_lte_energy),     cmocka_unit_test(test_throughput),   cmocka_unit_test(test_sums),
        cmocka_unit_test(test_listen),       cmocka_unit_test(test_other_energies),       cmocka_unit_test(test_rest),           cmocka_unit_test(test_catalogue),    cmocka_unit_test(test_faults),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
