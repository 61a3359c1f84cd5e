/* SPDX-License-Identifier: MIT */
/* test_ns3.c - the ns-3 engine: devices, impairments, walking, repeatability, exact times on wires.
 * Read ns3_echo.h first: pings of phones, echoed by the server, each run in a child. Nothing here
 * depends on the machine: all times are virtual. */
#include "ns3_echo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct result *simulate(const struct script *script)
{
    const struct result *r = simulate_with(script, NULL);

    if (!r->made)
        print_error("%s\n", r->err);
    assert_true(r->made);
    assert_int_equal(r->refused, 0);
    assert_int_equal(r->wrong_ifid, 0);
    return r;
}

/* ---- scripts --------------------------------------------------------------------------------- */

/* One phone, WiFi and LTE, 20 m from the access point. */
static struct script phone_script(void)
{
    struct script s;

    memset(&s, 0, sizeof(s));
    s.topo.phones = 1;
    s.topo.paths = 2;
    s.topo.seed = 1;
    s.topo.server_link.rate = 1000000000;
    s.topo.server_link.delay = 5 * MS;
    s.topo.mobility.distance = 20;
    strcpy(s.topo.path[0].name, "wifi");
    s.topo.path[0].radio = RADIO_WIFI;
    s.topo.path[0].mtu = 1500;
    strcpy(s.topo.path[1].name, "lte");
    s.topo.path[1].radio = RADIO_LTE;
    s.topo.path[1].mtu = 1500;
    s.until = 3 * SEC;
    return s;
}

static void add_lane(struct script *s, uint32_t phone, uint32_t path, uint32_t count, uint64_t gap)
{
    s->lane[s->lanes++] = (struct lane){phone, path, 1, 100 * MS, gap, count};
}

static uint64_t rtt(const struct lane_result *r, uint32_t seq)
{
    return r->echo_at[seq] ? r->echo_at[seq] - r->sent_at[seq] : 0;
}

static uint64_t mean_rtt(const struct lane_result *r)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < r->sent; i++)
        sum += rtt(r, i);
    return r->echoed ? sum / r->echoed : 0;
}

/* ---- tests ----------------------------------------------------------------------------------- */

/* Pings of one path at a time: the other path's box must see nothing, both ways. */
static void check_devices(uint32_t ipv6)
{
    for (uint32_t path = 0; path < 2; path++) {
        struct script s = phone_script();
        const struct result *r;

        s.topo.ipv6 = ipv6;
        add_lane(&s, 1, path, 50, 20 * MS);
        add_lane(&s, 1, 1 - path, 0, SEC); /* silent, but its box is looked at */
        r = simulate(&s);
        assert_int_equal(r->lane[0].sent, 50);
        assert_int_equal(r->lane[0].echoed, 50);
        assert_int_equal(r->lane[0].counts.up, 50);
        assert_int_equal(r->lane[0].counts.down, 50);
        assert_int_equal(r->lane[0].counts.stray, 0);
        assert_int_equal(r->lane[1].counts.up, 0);
        assert_int_equal(r->lane[1].counts.down, 0);
        assert_int_equal(r->lane[1].counts.stray, 0);
    }
}

static void test_device_of_each_path_v4(void **state)
{
    (void)state;
    check_devices(0);
}

static void test_device_of_each_path_v6(void **state)
{
    (void)state;
    check_devices(1);
}

/* WiFi falls silent from 1 s to 2 s; LTE does not notice. */
static void test_silent_loss(void **state)
{
    struct script s = phone_script();
    const struct result *r;

    (void)state;
    s.topo.path[0].change[0] = (struct path_change){1 * SEC, CHANGE_DOWN, 0, 1};
    s.topo.path[0].change[1] = (struct path_change){2 * SEC, CHANGE_DOWN, 0, 0};
    s.topo.path[0].changes = 2;
    add_lane(&s, 1, 0, 100, 25 * MS);
    add_lane(&s, 1, 1, 100, 25 * MS);
    r = simulate(&s);
    assert_int_equal(r->lane[1].echoed, 100);
    for (uint32_t i = 0; i < 100; i++) {
        uint64_t at = r->lane[0].sent_at[i];
        if (at < SEC - 50 * MS || at >= 2 * SEC)
            assert_true(rtt(&r->lane[0], i) > 0);
        else if (at >= SEC)
            assert_int_equal(r->lane[0].echo_at[i], 0);
    }
    assert_true(r->lane[0].counts.dropped >= 40);
}

/* The first packet of an idle radio waits 260 ms; those behind it wait for the rest of it. */
static void test_promotion(void **state)
{
    struct script s = phone_script();
    const struct result *r;
    uint64_t awake, first;

    (void)state;
    s.topo.path[1].promotion = 260 * MS;
    s.topo.path[1].idle_after = 1 * SEC;
    s.topo.path[1].idle_at_start = 1;
    add_lane(&s, 1, 1, 40, 20 * MS);
    add_lane(&s, 1, 0, 40, 20 * MS);
    r = simulate(&s);
    assert_int_equal(r->lane[0].echoed, 40);
    assert_int_equal(r->lane[0].disorder, 0);
    first = rtt(&r->lane[0], 0);
    awake = rtt(&r->lane[0], 39);
    assert_true(first > awake + 255 * MS && first < awake + 275 * MS);
    assert_true(rtt(&r->lane[0], 5) > awake + 150 * MS && rtt(&r->lane[0], 5) < awake + 175 * MS);
    assert_true(rtt(&r->lane[1], 0) < 50 * MS); /* WiFi has none */
}

/* Out of range and back: packets stop, resume by themselves, and the phone is where it began. */
static void test_walk(void **state)
{
    struct script s = phone_script();
    const struct result *r;
    uint32_t gap = 0, worst = 0;

    (void)state;
    s.topo.fading = 1;
    s.topo.mobility = (struct mobility_config){1, 20, 8, 1 * SEC, 10 * SEC};
    s.until = 24 * SEC;
    add_lane(&s, 1, 0, 450, 50 * MS);
    add_lane(&s, 1, 1, 450, 50 * MS);
    r = simulate(&s);
    for (uint32_t i = 0; i < 450; i++) {
        gap = r->lane[0].echo_at[i] ? 0 : gap + 1;
        worst = gap > worst ? gap : worst;
    }
    assert_true(worst > 60); /* more than 3 s without an answer */
    assert_int_equal(gap, 0);
    assert_true(r->lane[0].echoed > 100 && r->lane[0].echoed < 400);
    assert_int_equal(r->lane[1].echoed, 450);
    assert_true(r->distance[1] > 19.9 && r->distance[1] < 20.1);
}

/* The same seed gives the same bytes at the same times; with fading another seed does not. */
static void test_repeats(void **state)
{
    struct script s = phone_script();
    uint64_t hash, events;
    const struct result *r;

    (void)state;
    s.topo.fading = 1;
    s.topo.mobility.distance = 45;
    s.topo.server_link.jitter = 2 * MS;
    s.topo.path[0].up.loss_model = LOSS_UNIFORM;
    s.topo.path[0].up.loss = 0.1;
    s.topo.cross_phones = 1;
    add_lane(&s, 1, 0, 100, 20 * MS);
    add_lane(&s, 1, 1, 100, 20 * MS);
    r = simulate(&s);
    hash = r->hash;
    events = r->events;
    r = simulate(&s);
    assert_true(r->hash == hash);
    assert_int_equal(r->events, events);
    s.topo.seed = 2;
    r = simulate(&s);
    assert_true(r->hash != hash);
}

/* Two uploading stations slow the phone's WiFi, not its LTE. */
static void test_cross_traffic(void **state)
{
    struct script s = phone_script();
    uint64_t quiet[2];
    const struct result *r;

    (void)state;
    add_lane(&s, 1, 0, 100, 20 * MS);
    add_lane(&s, 1, 1, 100, 20 * MS);
    r = simulate(&s);
    assert_int_equal(r->cross, 0);
    quiet[0] = mean_rtt(&r->lane[0]);
    quiet[1] = mean_rtt(&r->lane[1]);
    s.topo.cross_phones = 2;
    r = simulate(&s);
    assert_true(r->cross > 2000000);
    assert_true(mean_rtt(&r->lane[0]) > quiet[0] + quiet[0] / 20);
    assert_true(mean_rtt(&r->lane[1]) == quiet[1]);
    s.topo.cross_rate = 1000000;
    r = simulate(&s);
    assert_true(r->cross > 200000 && r->cross < 1000000); /* 2 x 1 Mbit/s, 3 s */
}

/* Pings closer together than the jitter stay in order, and do not all take the same time. */
static void test_server_jitter(void **state)
{
    struct script s = phone_script();
    const struct result *r;
    uint64_t least = SEC, most = 0;

    (void)state;
    s.topo.point_to_point = 1;
    s.topo.server_link.jitter = 2 * MS;
    add_lane(&s, 1, 0, 1000, MS / 4);
    r = simulate(&s);
    assert_int_equal(r->lane[0].echoed, 1000);
    assert_int_equal(r->lane[0].disorder, 0);
    for (uint32_t i = 0; i < 1000; i++) {
        uint64_t t = rtt(&r->lane[0], i);
        least = t < least ? t : least;
        most = t > most ? t : most;
    }
    assert_true(least >= 10 * MS && most <= 15 * MS && most - least > 2 * MS);
}

/* Direct wires: propagation and serialisation (2 octets of PPP included), to the nanosecond, on
 * each family; no box, no router. */
static void test_wires(void **state)
{
    (void)state;
    for (uint32_t ipv6 = 0; ipv6 < 2; ipv6++) {
        struct script s = phone_script();
        const struct result *r;
        uint64_t octets = (ipv6 ? 40 : 20) + 20 + PAYLOAD + 2;

        s.topo.ipv6 = ipv6;
        s.topo.point_to_point = 1;
        s.topo.server_link = (struct link_config){0};
        for (int i = 0; i < 2; i++) {
            s.topo.path[i].up.rate = s.topo.path[i].down.rate = 8000000; /* 1 us an octet */
            s.topo.path[i].up.delay = (uint64_t)(i + 1) * 10 * MS;
            s.topo.path[i].down.delay = (uint64_t)(i + 1) * 20 * MS;
        }
        add_lane(&s, 1, 0, 10, 50 * MS);
        add_lane(&s, 1, 1, 10, 50 * MS);
        r = simulate(&s);
        for (uint64_t i = 0; i < 2; i++) {
            assert_int_equal(r->lane[i].echoed, 10);
            assert_int_equal(rtt(&r->lane[i], 9), (i + 1) * 30 * MS + 2 * octets * 1000);
            assert_false(r->lane[i].boxed);
        }
    }
}

/* Wires with something to do get a box; a change of delay acts. */
static void test_wire_impairments(void **state)
{
    struct script s = phone_script();
    const struct result *r;

    (void)state;
    s.topo.point_to_point = 1;
    s.topo.path[0].up.loss_model = LOSS_UNIFORM;
    s.topo.path[0].up.loss = 0.5;
    s.topo.path[1].extra_delay = 7 * MS;
    s.topo.path[1].change[0] = (struct path_change){1 * SEC, CHANGE_DELAY, 2, 30e6};
    s.topo.path[1].changes = 1;
    add_lane(&s, 1, 0, 200, 10 * MS);
    add_lane(&s, 1, 1, 200, 10 * MS);
    r = simulate(&s);
    assert_true(r->lane[0].echoed > 60 && r->lane[0].echoed < 140);
    assert_int_equal(r->lane[0].echoed, r->lane[0].counts.down);
    assert_int_equal(r->lane[1].echoed, 200);
    assert_int_equal(rtt(&r->lane[1], 0) / MS, 24);   /* 5 + 7 each way */
    assert_int_equal(rtt(&r->lane[1], 199) / MS, 54); /* + 30 down */
}

/* Three phones and a server with an address for each path. */
static void test_many(void **state)
{
    struct script s = phone_script();

    (void)state;
    s.topo.phones = 3;
    s.topo.server_multihomed = 1;
    for (uint32_t i = 0; i < 6; i++) {
        add_lane(&s, 1 + i / 2, i % 2, 20, 40 * MS);
        s.lane[i].server_ifid = 1 + i % 2;
    }
    for (uint32_t wires = 0; wires < 2; wires++) {
        const struct result *r;

        s.topo.point_to_point = wires;
        s.topo.ipv6 = wires;
        if (wires)
            s.topo.server_link = (struct link_config){0};
        r = simulate(&s);
        for (int i = 0; i < 6; i++) {
            assert_int_equal(r->lane[i].echoed, 20);
            assert_int_equal(r->lane[i].counts.stray, 0);
        }
    }
}

/* The address goes with notice and comes back: nothing passes between, even if sent. */
static void test_address_change(void **state)
{
    struct script s = phone_script();
    const struct result *r;

    (void)state;
    s.topo.path[0].change[0] = (struct path_change){1 * SEC, CHANGE_ADDRESS, 0, 0};
    s.topo.path[0].change[1] = (struct path_change){2 * SEC, CHANGE_ADDRESS, 0, 1};
    s.topo.path[0].changes = 2;
    add_lane(&s, 1, 0, 100, 25 * MS);
    r = simulate_with(&s, NULL);
    assert_true(r->made);
    assert_int_equal(r->address_n, 2);
    assert_int_equal(r->address_at[0], 1 * SEC);
    assert_int_equal(r->address_at[1], 2 * SEC);
    assert_true(r->refused >= 39 && r->refused <= 41);
    assert_int_equal(r->lane[0].echoed + r->refused, 100);
}

static void note(void *arg, uint64_t now)
{
    *(uint64_t *)arg = now;
}

/* Later, earlier, cancelled, in the past, never. */
static void set_timers(struct run *run)
{
    static struct sim_timer t[5];
    struct sim *sim = run->sim;

    for (int i = 0; i < 5; i++)
        t[i] = (struct sim_timer){note, &run->result->fired[i], 0, 0};
    sim->ops->timer_set(sim, &t[0], 10 * MS);
    sim->ops->timer_set(sim, &t[0], 30 * MS);
    sim->ops->timer_set(sim, &t[1], 40 * MS);
    sim->ops->timer_set(sim, &t[1], 20 * MS);
    sim->ops->timer_set(sim, &t[2], 10 * MS);
    sim->ops->timer_cancel(sim, &t[2]);
    sim->ops->run(sim, 5 * MS);
    sim->ops->timer_set(sim, &t[3], 1 * MS);
    sim->ops->timer_set(sim, &t[4], 50 * MS);
    sim->ops->timer_set(sim, &t[4], MPT_NEVER);
}

static void test_timers(void **state)
{
    struct script s = phone_script();
    const struct result *r;

    (void)state;
    s.topo.point_to_point = 1;
    r = simulate_with(&s, set_timers);
    assert_int_equal(r->fired[0], 30 * MS);
    assert_int_equal(r->fired[1], 20 * MS);
    assert_int_equal(r->fired[2], 0);
    assert_int_equal(r->fired[3], 5 * MS);
    assert_int_equal(r->fired[4], 0);
}

static void expect_refusal(const struct script *s, const char *part)
{
    const struct result *r = simulate_with(s, NULL);

    assert_false(r->made);
    if (strstr(r->err, part) == NULL)
        print_error("'%s' without '%s'\n", r->err, part);
    assert_non_null(strstr(r->err, part));
}

static void test_refusals(void **state)
{
    struct script s = phone_script();

    (void)state;
    s.topo.path[0].radio = RADIO_LTE;
    expect_refusal(&s, "one LTE path");
    s = phone_script();
    s.topo.path[0].mtu = 9000;
    expect_refusal(&s, "path wifi: mtu 9000");
    s = phone_script();
    s.topo.path[1].change[0] = (struct path_change){SEC, CHANGE_RATE, 0, 1e6};
    s.topo.path[1].changes = 1;
    expect_refusal(&s, "path lte: a radio decides");
    s = phone_script();
    s.topo.phones = 0;
    expect_refusal(&s, "0 phones");
    s = phone_script();
    s.topo.server_link.reorder = 0.1;
    expect_refusal(&s, "server link");
    s = phone_script();
    s.topo.point_to_point = 1;
    s.topo.cross_phones = 1;
    expect_refusal(&s, "cross traffic needs");
}

/* With an argument: only the tests whose names match it. */
int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_device_of_each_path_v4),
                                       cmocka_unit_test(test_device_of_each_path_v6),
                                       cmocka_unit_test(test_silent_loss),
                                       cmocka_unit_test(test_promotion),
                                       cmocka_unit_test(test_walk),
                                       cmocka_unit_test(test_repeats),
                                       cmocka_unit_test(test_cross_traffic),
                                       cmocka_unit_test(test_server_jitter),
                                       cmocka_unit_test(test_wires),
                                       cmocka_unit_test(test_wire_impairments),
                                       cmocka_unit_test(test_many),
                                       cmocka_unit_test(test_address_change),
                                       cmocka_unit_test(test_timers),
                                       cmocka_unit_test(test_refusals)};

    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
