/* SPDX-License-Identifier: MIT */
/* test_ns3_energy.c - the awake states of model/radio/ against ns-3's WiFi radio energy model, which adds up the time
 * that the PHY is idle, sends and receives. ns-3.37 has no power save, so the profile is one that never sleeps.
 *
 * A phone 10 m from its access point sends or receives packets of 1000 octets at a constant rate. Silence and the
 * highest rate give base and joules per bit; with them our radio, fed by the same engine, must say what ns-3
 * says at the rates between. That is what the model claims: power is linear in throughput, and its base does not
 * depend on traffic. Each run is a child: ns-3 has one simulation per process. */
#include "ns3/ns3c.h"
#include "radio/radio.h"
#include "shim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define MS  UINT64_C(1000000)
#define SEC UINT64_C(1000000000)

enum { OCTETS = 1000, UP = 1, DOWN = 0 };
static const uint64_t LENGTH = 20 * SEC;
/* W; typical of a phone's 802.11n, and of ns-3's defaults: what they are does not matter here */
static const struct ns3_wifi_power powers = {.idle = 0.2, .tx = 1.1, .rx = 0.9};

/* What a child found. */
struct outcome {
    char err[200];                         /* "": it ran */
    double ns3, ours;                      /* J */
    uint64_t packets[2];                   /* that our radio saw, up and down */
};

struct run {
    struct sim *sim;
    struct sim_timer timer; /* next packet */
    struct mpt_addr phone, server;
    uint64_t gap;           /* between packets; 0: none */
    uint32_t from;          /* host that sends */
    uint64_t number;        /* of the next packet */
};

static void put16(uint8_t *p, unsigned v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

/* IPv4 (RFC 791 3.1) and octets that nobody looks at. */
static void send_packet(struct run *run)
{
    uint8_t ip[OCTETS] = {0x45};
    const struct mpt_addr *src = run->from ? &run->phone : &run->server, *dst = run->from ? &run->server : &run->phone;
    uint32_t sum = 0;

    put16(ip + 2, OCTETS);
    put16(ip + 4, (unsigned)run->number++ & 0xffff);
    ip[8] = 64;
    ip[9] = 6;
    memcpy(ip + 12, src->ip, 4);
    memcpy(ip + 16, dst->ip, 4);
    for (int i = 0; i < 20; i += 2)
        sum += (uint32_t)(ip[i] << 8 | ip[i + 1]);
    sum = (sum & 0xffff) + (sum >> 16);
    put16(ip + 10, ~sum & 0xffff);
    run->sim->ops->send(run->sim, run->from, 1, ip, sizeof ip);
}

static void on_timer(void *arg, uint64_t now)
{
    struct run *run = arg;

    send_packet(run);
    if (now + run->gap < LENGTH)
        run->sim->ops->timer_set(run->sim, &run->timer, now + run->gap);
}

static void on_receive(void *ctx, uint32_t host, uint32_t ifid, uint8_t *ip, size_t len, uint64_t now)
{
    (void)ctx, (void)host, (void)ifid, (void)ip, (void)len, (void)now;
}

/* In the child. */
static void simulate(struct outcome *o, const struct mpt_radio_profile *profile, uint32_t from, uint64_t rate)
{
    static struct topology t;
    struct run run = {.from = from, .gap = rate ? (uint64_t)OCTETS * 8 * SEC / rate : 0};
    struct sim_upcalls up = {.ctx = &run, .receive = on_receive};
    struct mpt_radio radio;

    mpt_radio_init(&radio, profile, 0);
    t.phones = t.paths = t.seed = 1;
    t.server_link.rate = 1000000000;
    t.server_link.delay = MS;
    t.mobility.distance = 10;
    strcpy(t.path[0].name, "wifi");
    t.path[0].radio = RADIO_WIFI;
    t.path[0].mtu = 1500;
    t.path[0].radios = &radio;
    run.sim = ns3_new(&t, &up, o->err, sizeof o->err);
    if (run.sim == NULL)
        return;
    run.sim->ops->address(run.sim, 1, 1, &run.phone);
    run.sim->ops->address(run.sim, 0, 1, &run.server);
    run.timer.fire = on_timer;
    run.timer.arg = &run;
    if (run.gap)
        run.sim->ops->timer_set(run.sim, &run.timer, run.gap / 2);
    if (ns3_meter_start(run.sim, 1, 0, &powers) < 0 || ns3_meter_start(run.sim, 1, 1, &powers) == 0)
        snprintf(o->err, sizeof o->err, "the meter");
    run.sim->ops->run(run.sim, LENGTH);
    mpt_radio_finish(&radio, LENGTH);
    o->ns3 = ns3_meter_joules(run.sim, 1, 0);
    o->ours = mpt_radio_energy(&radio);
    for (int s = 0; s < MPT_RADIO_STATES; s++)
        for (int dir = 0; dir < 2; dir++)
            o->packets[dir] += radio.total[s].packets[dir];
    run.sim->ops->free(run.sim);
}

static struct outcome measure(const struct mpt_radio_profile *profile, uint32_t from, uint64_t rate)
{
    struct outcome o = {.err = ""};
    int status = 0, fd[2];
    pid_t child;

    assert_int_equal(pipe(fd), 0);
    fflush(NULL);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        simulate(&o, profile, from, rate);
        _exit(write(fd[1], &o, sizeof o) != sizeof o);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(read(fd[0], &o, sizeof o), sizeof o);
    close(fd[0]);
    close(fd[1]);
    if (o.err[0])
        fail_msg("%s", o.err);
    print_message("          %s %4.1f Mbit/s: ns-3 %.4f J, model/radio %.4f J\n", from ? "up  " : "down", (double)rate / 1e6, o.ns3,
                  o.ours);
    return o;
}

static void near_line(double got, double want, double share, int line)
{
    if (!(got >= want * (1 - share) && got <= want * (1 + share)))
        fail_msg("line %d: %.6f is not %.6f within %g %%", line, got, want, share * 100);
}
#define assert_near(got, want, share) near_line(got, want, share, __LINE__)

/* Awake without traffic ns-3's radio is idle but for beacons, one each 102.4 ms at the lowest rate: 2 % of the time. */
static void test_silence(void **state)
{
    struct mpt_radio_profile p = mpt_radio_find("wifi-cam")->profile;
    struct outcome o;

    (void)state;
    p.active_power = p.tail_power = 200000;
    o = measure(&p, UP, 0);
    assert_near(o.ours, 20 * 0.2, 1e-9);
    assert_true(o.ns3 > o.ours && o.ns3 < o.ours + (powers.rx - powers.idle) * 20 * 0.02);
    assert_int_equal(o.packets[0] + o.packets[1], 0);
}

/* Base from silence, joules per bit from 8 Mbit/s: the rates between follow within 0.2 %. */
static void check_direction(uint32_t from)
{
    struct mpt_radio_profile p = mpt_radio_find("wifi-cam")->profile;
    double base = measure(&p, from, 0).ns3, full = measure(&p, from, 8000000).ns3, joule_a_bit;
    static const uint64_t rates[] = {500000, 1000000, 2000000, 4000000};

    joule_a_bit = (full - base) / (8e6 * 20);
    p.active_power = p.tail_power = (uint64_t)(base / 20 * 1e6 + 0.5);
    *(from ? &p.up_energy : &p.down_energy) = (uint64_t)(joule_a_bit * 1e12 + 0.5);
    for (size_t i = 0; i < 4; i++) {
        struct outcome o = measure(&p, from, rates[i]);

        assert_in_range(o.packets[!from], rates[i] * 20 / (OCTETS * 8) - 2, rates[i] * 20 / (OCTETS * 8)); /* in the air */
        assert_int_equal(o.packets[from], 0);
        assert_near(o.ours, o.ns3, 0.002);
        /* and not only because the base is most of it */
        assert_near(o.ours - base, o.ns3 - base, 0.02);
    }
    assert_true(full > 1.1 * base);
}

static void test_up(void **state)
{
    (void)state;
    check_direction(UP);
}

static void test_down(void **state)
{
    (void)state;
    check_direction(DOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_silence), cmocka_unit_test(test_up), cmocka_unit_test(test_down)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
