/* SPDX-License-Identifier: MIT */
/* tun_peer.c - our side of the kernel smoke test: a libmpt stack over one or more TUN devices.
 *
 *     tun_peer client ADDRESS PORT SEND RECEIVE KEY=VALUE... DEVICE=LOCAL-ADDRESS...
 *     tun_peer server PORT SEND RECEIVE KEY=VALUE... DEVICE=LOCAL-ADDRESS...
 *
 * A KEY that the stack knows is a setting (see mpt_config_set), any other a device. Sends SEND octets
 * of the pattern while it receives and checks RECEIVE octets and the end of the stream. Waits after the
 * first 1000 octets until as many subflows are up as there are devices. Prints counters that are not 0.
 * TUN_PCAP=FILE writes a trace. Exit 0: all right. Started by test/kernel_smoke.sh. */
#include "ip.h"
#include "pcap.h"
#include "pump.h"
#include "tun/peer/pattern.h"
#include "tun/tun.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define SECOND UINT64_C(1000000000)
enum { FIRST = 1000, MTU = 1500 };

struct peer {
    struct sim *sim;
    struct mpt_stack *stack;
    struct mpt_conn *conn;
    struct pump pump;
    struct pcap pcap;
    struct sim_timer settled;  /* the kernel has noticed that the devices work: begins */
    struct sim_timer patience; /* sends on without the join */
    struct mpt_addr remote;
    uint16_t port;
    struct tun_device device[TUN_DEVICES_MAX];
    size_t devices;
    int client, go, end, failed, closed;
    uint64_t sent, to_send, got, to_get;
};

/* A mistake ends the run; run() returns behind the callback. */
static void say(struct peer *peer, const char *what)
{
    fprintf(stderr, "tun_peer: %s\n", what);
    peer->failed = 1;
    peer->sim->ops->stop(peer->sim);
}

/* getrandom(2) gives up to 256 octets whole. */
static void draw_random(void *ctx, void *out, size_t n)
{
    uint8_t *to = out;

    (void)ctx;
    while (n > 0) {
        ssize_t got = getrandom(to, n > 256 ? 256 : n, 0);

        if (got <= 0)
            abort(); /* a stack without entropy must not send keys */
        to += got;
        n -= (size_t)got;
    }
}

/* Counted by what has a round-trip time, since a subflow exists from its SYN on. */
static uint32_t subflows(struct peer *peer)
{
    struct mpt_subflow_info info;
    uint32_t n = 0, i;

    info.size = sizeof info;
    for (i = 0; mpt_subflow_info(peer->conn, i, &info) > 0; i++)
        n += info.srtt > 0; /* measured, so its handshake is over */
    return n;
}

/* The first 1000 octets go before the join is there, the others wait for it. */
static void write_some(struct peer *peer, uint64_t now)
{
    uint8_t data[16384];
    int64_t put;

    if (!peer->go && peer->sent >= FIRST && subflows(peer) >= peer->devices)
        peer->go = 1;
    while (peer->sent < peer->to_send && (peer->go || peer->sent < FIRST)) {
        uint64_t n = peer->to_send - peer->sent;

        n = n > sizeof data ? sizeof data : n;
        n = !peer->go && n > FIRST - peer->sent ? FIRST - peer->sent : n;
        pattern_fill(!peer->client, peer->sent, data, n);
        put = mpt_write(peer->conn, data, n, now);
        if (put == MPT_EAGAIN)
            return;
        if (put < 0) {
            say(peer, mpt_strerror((int)put));
            return;
        }
        peer->sent += (uint64_t)put;
        if (peer->sent == peer->to_send)
            mpt_shutdown(peer->conn, now);
    }
}

/* Every octet is compared with the pattern, at its place in the stream. */
static void read_some(struct peer *peer, uint64_t now)
{
    uint8_t data[16384];
    int64_t got;

    while (!peer->end && (got = mpt_read(peer->conn, data, sizeof data, now)) != MPT_EAGAIN) {
        size_t good;

        if (got < 0) {
            say(peer, mpt_strerror((int)got));
            return;
        }
        peer->end = got == 0;
        good = pattern_check(peer->client, peer->got, data, (size_t)got);
        peer->got += good;
        if (good < (size_t)got) {
            say(peer, "an octet is wrong");
            return;
        }
    }
}

/* The server learns of its connection here; others than the first are ignored. */
static void on_event(void *ctx, struct pump *pump, const struct mpt_event *event, uint64_t now)
{
    struct peer *peer = ctx;

    (void)pump;
    if (!peer->conn)
        peer->conn = event->conn;
    if (event->conn != peer->conn)
        return;
    if (event->flags & MPT_EV_FALLBACK)
        fprintf(stderr, "tun_peer: fallback to TCP\n");
    write_some(peer, now);
    read_some(peer, now);
    if (event->flags & MPT_EV_CLOSED) {
        peer->closed = 1;
        peer->sim->ops->stop(peer->sim);
    }
}

/* A join has no event of its own: it is noticed as packets come. */
static void on_receive(void *ctx, uint32_t host, uint32_t ifid, uint8_t *ip, size_t len,
                       uint64_t now)
{
    struct peer *peer = ctx;

    (void)host;
    pump_input(&peer->pump, ifid, ip, len, now);
    if (peer->conn && !peer->go && peer->sent >= FIRST) { /* the join's handshake may have ended */
        write_some(peer, now);
        pump_run(&peer->pump, now);
    }
}

/* Both directions and all devices into one file. */
static void on_tap(void *ctx, uint32_t host, uint32_t ifid, int dir, const uint8_t *ip, size_t len,
                   uint64_t now)
{
    struct peer *peer = ctx;

    (void)host;
    (void)ifid;
    (void)dir;
    if (peer->pcap.file)
        pcap_write(&peer->pcap, ip, len, now);
}

/* After 4 s without all subflows the bulk goes out on what there is: the counters will tell. */
static void fire_patience(void *arg, uint64_t now)
{
    struct peer *peer = arg;

    if (peer->go || !peer->conn)
        return;
    fprintf(stderr, "tun_peer: only %u of %zu subflows after 4 s\n", subflows(peer), peer->devices);
    peer->go = 1;
    write_some(peer, now);
    pump_run(&peer->pump, now);
}

/* The text decides the family. */
static int parse_address(const char *text, struct mpt_addr *addr)
{
    memset(addr, 0, sizeof *addr);
    addr->family = strchr(text, ':') ? 6 : 4;
    return inet_pton(addr->family == 6 ? AF_INET6 : AF_INET, text, addr->ip) == 1 ? 0 : -1;
}

/* KEY=VALUE or DEVICE=ADDRESS. */
static int parse_pair(struct peer *peer, struct mpt_config *config, char *text)
{
    char *value = strchr(text, '=');
    struct tun_device *device = &peer->device[peer->devices];

    if (!value)
        return -1;
    *value++ = 0;
    if (mpt_config_set(config, text, value) == 0)
        return 0;
    if (peer->devices == TUN_DEVICES_MAX || parse_address(value, &device->addr) < 0)
        return -1;
    device->name = text;
    peer->devices++;
    return 0;
}

/* Devices before the stack: without the privilege for them nothing else matters. */
static int build(struct peer *peer, const struct mpt_config *config)
{
    struct sim_upcalls up = {peer, on_receive, on_tap, NULL};
    struct mpt_env env;
    char err[160];
    size_t i;

    memset(&env, 0, sizeof env);
    env.size = sizeof env;
    env.random = draw_random;
    peer->sim = tun_new(peer->device, peer->devices, &up, err, sizeof err);
    if (!peer->sim) {
        fprintf(stderr, "tun_peer: %s\n", err);
        return -1;
    }
    if (mpt_stack_new(&peer->stack, &env, config, 0) < 0 ||
        pump_init(&peer->pump, peer->sim, 0, peer->stack, on_event, peer) < 0)
        return -1;
    for (i = 0; i < peer->devices; i++)
        if (mpt_address_up(peer->stack, &peer->device[i].addr, (uint32_t)i + 1, MTU, 0, 0) < 0)
            return -1;
    return 0;
}

/* "name value" lines into the log of the test. */
static void print_counters(const struct peer *peer)
{
    struct mpt_counter counter;
    struct mpt_subflow_info info;
    size_t i;

    info.size = sizeof info;
    for (i = 0; mpt_counter(peer->stack, i, &counter) > 0; i++)
        if (counter.value)
            printf("%s %llu\n", counter.name, (unsigned long long)counter.value);
    for (i = 0; peer->conn && mpt_subflow_info(peer->conn, i, &info) > 0; i++)
        printf("subflow %u ifid %u: %llu out, %llu in\n", info.number, info.ifid,
               (unsigned long long)info.sent, (unsigned long long)info.received);
}

/* run() comes back at the end, at its deadline, or because a device failed: each has its line. */
static int verdict(const struct peer *peer)
{
    int error = tun_failed(peer->sim);

    if (tun_lost(peer->sim))
        printf("lost at a device %llu\n", (unsigned long long)tun_lost(peer->sim));
    if (error)
        fprintf(stderr, "tun_peer: a device failed: %s\n", strerror(error));
    if (error || peer->failed)
        return 1;
    if (peer->got == peer->to_get && peer->sent == peer->to_send && peer->end && peer->closed)
        return 0;
    fprintf(stderr, "tun_peer: %llu of %llu octets out, %llu of %llu in, end %d, closed %d\n",
            (unsigned long long)peer->sent, (unsigned long long)peer->to_send,
            (unsigned long long)peer->got, (unsigned long long)peer->to_get, peer->end,
            peer->closed);
    return 1;
}

/* A TUN device gets its carrier when a program opens it, and the kernel acts on that a moment later:
 * until then its answers are lost. */
static void fire_settled(void *arg, uint64_t now)
{
    struct peer *peer = arg;
    struct mpt_addr any = {0}, local = peer->device[0].addr;
    int error;

    any.port = peer->remote.port = peer->port;
    if (peer->client)
        error = mpt_connect(peer->stack, &peer->conn, &local, &peer->remote, now);
    else
        error = mpt_listen(peer->stack, &any, NULL);
    if (error < 0) {
        say(peer, mpt_strerror(error));
        return;
    }
    if (peer->client)
        write_some(peer, now);
    peer->sim->ops->timer_set(peer->sim, &peer->patience, now + 4 * SECOND);
    pump_run(&peer->pump, now);
    puts("ready");
    fflush(stdout);
}

/* 16 s is more than any case needs; a test that hangs fails. */
static void run(struct peer *peer)
{
    peer->settled.fire = fire_settled;
    peer->settled.arg = peer;
    peer->patience.fire = fire_patience;
    peer->patience.arg = peer;
    peer->sim->ops->timer_set(peer->sim, &peer->settled, SECOND / 2);
    peer->sim->ops->run(peer->sim, 16 * SECOND);
}

/* The pump before the engine that its timer lives in. */
static void clean_up(struct peer *peer)
{
    if (peer->pcap.file)
        fclose(peer->pcap.file);
    pump_clear(&peer->pump);
    mpt_stack_free(peer->stack);
    peer->sim->ops->free(peer->sim);
}

/* Settings and devices follow the numbers. */
static int parse_arguments(struct peer *peer, struct mpt_config *config, int argc, char **argv)
{
    int at = 1;

    peer->client = argc > 1 && strcmp(argv[1], "client") == 0;
    at += 1 + peer->client;
    if (argc < at + 4 || (peer->client && parse_address(argv[2], &peer->remote) < 0)) {
        fprintf(stderr, "usage: see the head of tun_peer.c\n");
        return -1;
    }
    peer->port = (uint16_t)atoi(argv[at]);
    peer->to_send = strtoull(argv[at + 1], NULL, 10);
    peer->to_get = strtoull(argv[at + 2], NULL, 10);
    for (at += 3; at < argc; at++)
        if (parse_pair(peer, config, argv[at]) < 0) {
            fprintf(stderr, "tun_peer: %s is neither a setting nor a device\n", argv[at]);
            return -1;
        }
    return 0;
}

int main(int argc, char **argv)
{
    static struct peer peer;
    struct mpt_config config;
    const char *pcap = getenv("TUN_PCAP");
    FILE *file;
    int bad;

    mpt_config_default(&config);
    config.tcp_time_wait = SECOND / 10; /* the test waits for the very end */
    if (parse_arguments(&peer, &config, argc, argv) < 0)
        return 2;
    if (pcap && (file = fopen(pcap, "wb")) != NULL)
        pcap_start(&peer.pcap, file);
    if (build(&peer, &config) < 0)
        return 1;
    run(&peer);
    print_counters(&peer);
    bad = verdict(&peer);
    clean_up(&peer);
    return bad;
}
