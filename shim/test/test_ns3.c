/* SPDX-License-Identifier: MIT */
/* test_ns3.c - the ns-3 engine without a TCP: phones send numbered packets, the server echoes them.
 *
 * ns-3 allows one simulation per process and ends it on errors, so every run is a child that hands a
 * `struct result` back through a pipe. Packets are whole IP packets of protocol 6 whose sequence number
 * (RFC 9293 3.1) is their number; times are virtual, so nothing here depends on the machine. */
#include "ns3/ns3c.h"
#include "shim.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define MS UINT64_C(1000000)
#define SEC UINT64_C(1000000000)

enum { PINGS_MAX = 4096, LANES = 8 /* phones x paths at most */, PAYLOAD = 100 };

/* One series of pings: phone, path, and which server interface answers. */
struct lane {
    uint32_t phone, path, server_ifid; /* ifids; path from 0 */
    uint64_t start, gap;               /* first ping, distance */
    uint32_t count;
};

struct script {
    struct topology topo;
    struct lane lane[LANES];
    size_t lanes;
    uint64_t until;
};

struct lane_result {
    uint64_t sent_at[PINGS_MAX], echo_at[PINGS_MAX]; /* by number; 0: never */
    uint32_t sent, echoed, disorder; /* disorder: echoes that came before an earlier ping's */
    uint32_t last;                   /* number of the last echo */
    struct ns3_counts counts;        /* of its box */
    int boxed;                       /* counts is valid */
};

struct result {
    int made;           /* ns3_new succeeded */
    char err[200];
    struct lane_result lane[LANES];
    uint64_t hash;      /* of every byte at every interface, with its time */
    uint64_t cross, refused, events, end;
    uint64_t address_at[4]; /* times of the address upcalls */
    uint32_t address_n, wrong_ifid;
    uint64_t fired[8];  /* test_timers */
    double distance[2]; /* start, end */
};

/* The child's state. */
struct run {
    const struct script *script;
    struct result *result;
    struct sim *sim;
    struct sim_timer timer[LANES]; /* next ping of a lane */
    struct run_lane {
        struct run *run;
        size_t i;
    } lane[LANES];
};

static void put(uint8_t *p, uint64_t v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        p[i] = (uint8_t)(v >> 8 * (n - 1 - i));
}

static uint32_t get(const uint8_t *p, size_t n)
{
    uint32_t v = 0;
    for (size_t i = 0; i < n; i++)
        v = v << 8 | p[i];
    return v;
}

static void mix(uint64_t *hash, const void *data, size_t n)
{
    const uint8_t *p = data;
    for (size_t i = 0; i < n; i++)
        *hash = (*hash ^ p[i]) * UINT64_C(0x100000001b3);
}

/* Returns the length. Ports are the lane's number; the checksums of TCP are not looked at here. */
static size_t build(uint8_t *ip, const struct mpt_addr *from, const struct mpt_addr *to, size_t lane,
                    uint32_t seq)
{
    size_t head = from->family == 4 ? 20 : 40, size = 20 + PAYLOAD;

    memset(ip, 0, head + size);
    if (from->family == 4) {
        ip[0] = 0x45;
        ip[1] = 0x02; /* ECT(0): must survive */
        put(ip + 2, head + size, 2);
        put(ip + 4, seq, 2);
        ip[6] = 0x40;
        ip[8] = 64;
        ip[9] = 6;
        memcpy(ip + 12, from->ip, 4);
        memcpy(ip + 16, to->ip, 4);
    } else {
        put(ip, UINT64_C(6) << 28 | 2 << 20, 4);
        put(ip + 4, size, 2);
        ip[6] = 6;
        ip[7] = 64;
        memcpy(ip + 8, from->ip, 16);
        memcpy(ip + 24, to->ip, 16);
    }
    put(ip + head, 1000 + lane, 2);
    put(ip + head + 2, 1000 + lane, 2);
    put(ip + head + 4, seq, 4);
    return head + size;
}

static unsigned ecn_of(const uint8_t *ip)
{
    return (ip[0] >> 4 == 4 ? ip[1] : get(ip, 2) >> 4) & 3;
}

static void ping(void *arg, uint64_t now)
{
    struct run_lane *me = arg;
    struct run *run = me->run;
    const struct lane *l = &run->script->lane[me->i];
    struct lane_result *r = &run->result->lane[me->i];
    struct mpt_addr from, to;
    uint8_t ip[200];

    if (r->sent == l->count || r->sent == PINGS_MAX)
        return;
    run->sim->ops->address(run->sim, l->phone, l->path + 1, &from);
    run->sim->ops->address(run->sim, 0, l->server_ifid, &to);
    r->sent_at[r->sent] = now;
    run->sim->ops->send(run->sim, l->phone, l->path + 1, ip, build(ip, &from, &to, me->i, r->sent));
    r->sent++;
    run->sim->ops->timer_set(run->sim, &run->timer[me->i], now + l->gap);
}

/* The server answers from the address that was asked; addresses change places. */
static void echo(struct run *run, uint32_t ifid, const uint8_t *ip, size_t len)
{
    uint8_t out[200];
    size_t at = ip[0] >> 4 == 4 ? 12 : 8, n = ip[0] >> 4 == 4 ? 4 : 16;

    memcpy(out, ip, len);
    memcpy(out + at, ip + at + n, n);
    memcpy(out + at + n, ip + at, n);
    run->sim->ops->send(run->sim, 0, ifid, out, len);
}

static void on_receive(void *ctx, uint32_t host, uint32_t ifid, uint8_t *ip, size_t len, uint64_t now)
{
    struct run *run = ctx;
    size_t head = ip[0] >> 4 == 4 ? 20 : 40, i = get(ip + head, 2) - 1000;
    uint32_t seq = get(ip + head + 4, 4);
    struct lane_result *r = &run->result->lane[i];

    if (ecn_of(ip) != 2 || len != head + 20 + PAYLOAD)
        run->result->wrong_ifid += 1000;
    if (host == 0) {
        run->result->wrong_ifid += ifid != run->script->lane[i].server_ifid;
        echo(run, ifid, ip, len);
        return;
    }
    run->result->wrong_ifid +=
        ifid != run->script->lane[i].path + 1 || host != run->script->lane[i].phone;
    r->disorder += r->echoed > 0 && seq < r->last;
    r->last = seq;
    r->echoed += r->echo_at[seq] == 0;
    r->echo_at[seq] = now;
}

static void on_tap(void *ctx, uint32_t host, uint32_t ifid, int dir, const uint8_t *ip, size_t len,
                   uint64_t now)
{
    struct run *run = ctx;
    uint64_t what[4] = {host, ifid, (uint64_t)dir, now};

    mix(&run->result->hash, what, sizeof(what));
    mix(&run->result->hash, ip, len);
}

static void on_address(void *ctx, uint32_t host, uint32_t ifid, int up, uint64_t now)
{
    struct result *r = ((struct run *)ctx)->result;

    (void)host, (void)ifid, (void)up;
    if (r->address_n < 4)
        r->address_at[r->address_n++] = now;
}

static void collect(struct run *run)
{
    struct result *r = run->result;

    r->cross = ns3_cross_received(run->sim);
    r->refused = ns3_refused(run->sim);
    r->events = run->sim->ops->events(run->sim);
    r->end = run->sim->ops->now(run->sim);
    r->distance[1] = ns3_distance(run->sim, 1);
    for (size_t i = 0; i < run->script->lanes; i++)
        r->lane[i].boxed = ns3_path_counts(run->sim, run->script->lane[i].phone,
                                           run->script->lane[i].path, &r->lane[i].counts) == 0;
}

/* In the child. `more` may set timers of its own; NULL: none. */
static void play(const struct script *script, struct result *result, void (*more)(struct run *run))
{
    static struct run run;
    struct sim_upcalls up = {&run, on_receive, on_tap, on_address};

    run.script = script;
    run.result = result;
    result->hash = UINT64_C(0xcbf29ce484222325);
    run.sim = ns3_new(&script->topo, &up, result->err, sizeof(result->err));
    if (run.sim == NULL)
        return;
    result->made = 1;
    result->distance[0] = ns3_distance(run.sim, 1);
    for (size_t i = 0; i < script->lanes; i++) {
        run.lane[i] = (struct run_lane){&run, i};
        run.timer[i] = (struct sim_timer){ping, &run.lane[i], 0, 0};
        run.sim->ops->timer_set(run.sim, &run.timer[i], script->lane[i].start);
    }
    if (more)
        more(&run);
    run.sim->ops->run(run.sim, script->until);
    collect(&run);
    run.sim->ops->free(run.sim);
}

/* Runs a script in a child; the result is static and lives until the next call but one. */
static const struct result *simulate_with(const struct script *script, void (*more)(struct run *run))
{
    static struct result results[2];
    static int turn;
    struct result *r = &results[turn ^= 1];
    int fd[2], status = 0;
    pid_t pid;
    size_t got = 0;
    ssize_t n;

    memset(r, 0, sizeof(*r));
    assert_int_equal(pipe(fd), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        signal(SIGSEGV, SIG_DFL); /* a crash must end the child, not unwind cmocka's tests in it */
        signal(SIGABRT, SIG_DFL);
        close(fd[0]);
        play(script, r, more);
        for (size_t put_n = 0; put_n < sizeof(*r); put_n += (size_t)n)
            if ((n = write(fd[1], (char *)r + put_n, sizeof(*r) - put_n)) <= 0)
                _exit(2);
        _exit(0);
    }
    close(fd[1]);
    while (got < sizeof(*r) && (n = read(fd[0], (char *)r + got, sizeof(*r) - got)) > 0)
        got += (size_t)n;
    close(fd[0]);
    waitpid(pid, &status, 0);
    assert_int_equal(status, 0);
    assert_int_equal(got, sizeof(*r));
    return r;
}

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

/* ---- scripts ---------------------------------------------------------------------------------------- */

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

/* ---- tests ------------------------------------------------------------------------------------------ */

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

/* Direct wires: propagation and serialisation (2 octets of PPP included), to the nanosecond, on each
 * family; no box, no router. */
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
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_device_of_each_path_v4), cmocka_unit_test(test_device_of_each_path_v6),
        cmocka_unit_test(test_silent_loss),            cmocka_unit_test(test_promotion),
        cmocka_unit_test(test_walk),                   cmocka_unit_test(test_repeats),
        cmocka_unit_test(test_cross_traffic),          cmocka_unit_test(test_server_jitter),
        cmocka_unit_test(test_wires),                  cmocka_unit_test(test_wire_impairments),
        cmocka_unit_test(test_many),                   cmocka_unit_test(test_address_change),
        cmocka_unit_test(test_timers),                 cmocka_unit_test(test_refusals)};

    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
