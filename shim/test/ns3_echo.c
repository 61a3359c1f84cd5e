/* SPDX-License-Identifier: MIT */
/* ns3_echo.c - see ns3_echo.h. */
#include "ns3_echo.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

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
static size_t build(uint8_t *ip, const struct mpt_addr *from, const struct mpt_addr *to,
                    size_t lane, uint32_t seq)
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

static void on_receive(void *ctx, uint32_t host, uint32_t ifid, uint8_t *ip, size_t len,
                       uint64_t now)
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

const struct result *simulate_with(const struct script *script, void (*more)(struct run *run))
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
