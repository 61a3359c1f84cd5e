/* SPDX-License-Identifier: MIT */
/* tun_peer.c - our side of the kernel cases: a libmpt stack over one or more TUN devices.
 *
 *     tun_peer role=server|client [KEY=VALUE...]
 *
 *     address=A port=N          what a client connects to, or the port of a server
 *     send=N receive=N          octets of the pattern out and in
 *     script="..."              see script.h; actions below
 *     mangle="..."              see mangle.h; may come several times
 *     end=eof|reset|any         how it must end; reset and any leave `receive` open
 *     linger=MS wrong=N         how long to stay behind the end; so many octets must come altered
 *     prelude=1                 a short connection before, for a cookie of Fast Open (RFC 7413)
 *     late=tun1+tun2            devices whose addresses are not up at the start (before the devices)
 *     flags=WORDS               of the devices that follow: signal+subflow+backup+fullmesh+id7+port5001, or 0
 *     tun0=10.1.0.1 ...         a device and our address on it; path 1 is the first
 *     any other                 a setting of the stack (see mpt_config_set)
 *
 * Actions: join PATH [ADDRESS [PORT]] | backup SUBFLOW 0|1 | close-subflow N | abort | shutdown | close |
 * up PATH [WORDS] | down PATH | cut PATH | mend PATH | mangle RULE | deaf | hear | sh COMMAND.
 *
 * Prints "open" when the devices are, waits for a line on stdin, prints "ready", and at the end its
 * counters. TUN_PCAP=PREFIX writes PREFIX.core.pcap and PREFIX.kernel.pcap: the same packets on both sides of the
 * mangle. Exit 0: all as it should be. Started by test/kernel/cases.sh. */
#include "ip.h"
#include "pump.h"
#include "tun/peer/mangle.h"
#include "tun/peer/pattern.h"
#include "tun/peer/script.h"
#include "tun/tun.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define SECOND UINT64_C(1000000000)
#define MS UINT64_C(1000000)
enum { MTU = 1500, LIMIT_S = 20 };

struct peer {
    struct sim *sim; /* the devices */
    struct mangle mangle;
    struct mpt_stack *stack;
    struct mpt_conn *conn;
    struct mpt_config config;
    struct pump pump;
    struct sim_timer tick; /* every 5 ms: steps of the script that are due */
    struct sim_timer over; /* the time behind the end has passed */
    struct mpt_addr remote;
    struct tun_device device[TUN_DEVICES_MAX];
    uint32_t flags[TUN_DEVICES_MAX];
    size_t devices;
    uint32_t next_flags; /* of the devices that follow on the command line */
    uint16_t next_port;
    uint32_t late;    /* bit i: device i is not up at the start */
    const char *late_name, *end_wanted;
    char *rule[MANGLE_RULES];
    size_t rules;
    struct script script;
    uint64_t started, linger;
    int prelude; /* 1: the connection is the one before */
    int wrong; /* so many octets must come altered yet */
    int client, deaf, end, shut, failed, closed, error;
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
static uint64_t subflows(struct peer *peer)
{
    struct mpt_subflow_info info;
    uint64_t n = 0;

    info.size = sizeof info;
    for (size_t i = 0; peer->conn && mpt_subflow_info(peer->conn, i, &info) > 0; i++)
        n += info.srtt > 0; /* measured, so its handshake is over */
    return n;
}

/* ---- octets ---------------------------------------------------------------------------------------- */

/* The end follows the last octet and the last step. */
static void write_some(struct peer *peer, uint64_t now)
{
    uint8_t data[16384];
    uint64_t limit;
    int64_t put;

    while (!peer->error && (limit = script_limit(&peer->script, peer->sent, peer->to_send)) > peer->sent) {
        uint64_t n = limit - peer->sent;

        n = n > sizeof data ? sizeof data : n;
        pattern_fill(!peer->client, peer->sent, data, n);
        put = mpt_write(peer->conn, data, n, now);
        if (put == MPT_EAGAIN)
            return;
        if (put < 0)
            peer->error = (int)put;
        else
            peer->sent += (uint64_t)put;
    }
    if (peer->sent >= peer->to_send && !peer->shut && !script_pending(&peer->script)) {
        peer->shut = 1;
        mpt_shutdown(peer->conn, now);
    }
}

/* Every octet is compared with the pattern, at its place in the stream. */
static void read_some(struct peer *peer, uint64_t now)
{
    uint8_t data[16384];
    int64_t got;

    while (!peer->end && !peer->error && !peer->deaf &&
           (got = mpt_read(peer->conn, data, sizeof data, now)) != MPT_EAGAIN) {
        size_t good;

        if (got < 0) {
            peer->error = (int)got;
            return;
        }
        peer->end = got == 0;
        good = pattern_check(peer->client, peer->got, data, (size_t)got);
        if (good < (size_t)got && peer->wrong > 0) { /* altered on the way, and passed on (RFC 8684 3.7) */
            peer->wrong -= (int)pattern_wrong(peer->client, peer->got, data, (size_t)got);
            good = peer->wrong < 0 ? good : (size_t)got;
        }
        peer->got += good;
        if (good < (size_t)got) {
            say(peer, "an octet is wrong");
            return;
        }
    }
}

/* ---- actions --------------------------------------------------------------------------------------- */

/* The text decides the family. */
static int parse_address(const char *text, struct mpt_addr *addr)
{
    memset(addr, 0, sizeof *addr);
    addr->family = strchr(text, ':') ? 6 : 4;
    return inet_pton(addr->family == 6 ? AF_INET6 : AF_INET, text, addr->ip) == 1 ? 0 : -1;
}

/* join PATH [ADDRESS [PORT]]: without an address to the peer's first. */
static int do_join(struct peer *peer, uint32_t path, const char *address, const char *port, uint64_t now)
{
    struct mpt_addr remote, local = peer->device[path < peer->devices ? path : 0].addr;

    memset(&remote, 0, sizeof remote);
    if (*address && parse_address(address, &remote) < 0)
        return -1;
    if (*address)
        remote.port = *port ? (uint16_t)atoi(port) : peer->remote.port;
    local.port = 0;
    return mpt_subflow_join(peer->conn, &local, *address ? &remote : NULL, 0, now);
}

/* "signal+id7+port5001" of an address (enum mpt_address_flags). */
static int parse_flags(const char *text, uint32_t *flags, uint16_t *port)
{
    static const char *const names[] = {"backup", "signal", "subflow", "fullmesh"};

    *flags = *port = 0;
    for (; *text && strcmp(text, "0") != 0; text += strcspn(text, "+"), text += *text == '+') {
        size_t n = strcspn(text, "+"), i;

        for (i = 0; i < 4 && (strlen(names[i]) != n || memcmp(names[i], text, n) != 0); i++)
            ;
        if (i < 4)
            *flags |= 1u << i;
        else if (strncmp(text, "id", 2) == 0)
            *flags |= (uint32_t)atoi(text + 2) << 8;
        else if (strncmp(text, "port", 4) == 0)
            *port = (uint16_t)atoi(text + 4);
        else
            return -1;
    }
    return 0;
}

static int do_path(struct peer *peer, const char *verb, uint32_t path, const char *words, uint64_t now)
{
    struct mpt_addr *addr = &peer->device[path].addr;

    if (path >= peer->devices || (*words && parse_flags(words, &peer->flags[path], &addr->port) < 0))
        return 1;
    if (strcmp(verb, "up") == 0)
        return mpt_address_up(peer->stack, addr, path + 1, MTU, peer->flags[path], now);
    if (strcmp(verb, "down") == 0)
        return mpt_address_down(peer->stack, addr, now);
    if (strcmp(verb, "cut") == 0)
        peer->mangle.cut |= 1u << path;
    else if (strcmp(verb, "mend") == 0)
        peer->mangle.cut &= ~(1u << path);
    else
        return 1;
    return 0;
}

/* 1: no such action. */
static int do_conn(struct peer *peer, const char *verb, uint32_t a, uint32_t b, uint64_t now)
{
    if (strcmp(verb, "backup") == 0)
        return mpt_subflow_backup(peer->conn, a, (int)b, now);
    if (strcmp(verb, "close-subflow") == 0)
        return mpt_subflow_close(peer->conn, a, now);
    if (strcmp(verb, "abort") == 0)
        mpt_abort(peer->conn, now);
    else if (strcmp(verb, "shutdown") == 0)
        peer->to_send = peer->sent;
    else if (strcmp(verb, "deaf") == 0 || strcmp(verb, "hear") == 0)
        peer->deaf = verb[0] == 'd';
    else
        return 1;
    return 0;
}

static void do_action(struct peer *peer, const char *action, uint64_t now)
{
    char verb[16] = "", x[48] = "", y[48] = "", z[48] = "";
    char line[160];
    int bad;

    sscanf(action, "%15s %47s %47s %47s", verb, x, y, z);
    if (strcmp(verb, "sh") == 0)
        bad = system(action + 3) != 0;
    else if (strcmp(verb, "mangle") == 0)
        bad = mangle_add(&peer->mangle, action + 7);
    else if (strcmp(verb, "join") == 0)
        bad = do_join(peer, (uint32_t)atoi(x) - 1, y, z, now);
    else if ((bad = do_conn(peer, verb, (uint32_t)atoi(x), (uint32_t)atoi(y), now)) == 1)
        bad = do_path(peer, verb, (uint32_t)atoi(x) - 1, y, now);
    if (bad < 0 || (bad && strcmp(verb, "join") != 0)) {
        snprintf(line, sizeof line, "the step '%.80s' failed: %s", action,
                 bad < 0 ? mpt_strerror(bad) : "no such action, or it failed");
        say(peer, line);
    }
}

/* Steps that are due, then what they allow to be written. */
static void do_steps(struct peer *peer, uint64_t now)
{
    struct script_progress p = {peer->sent, peer->got, subflows(peer), (now - peer->started) / MS};
    const char *action;

    if (!peer->conn || peer->closed || peer->prelude)
        return;
    while (!peer->failed && (action = script_next(&peer->script, &p)) != NULL) {
        do_action(peer, action, now);
        p.subflows = subflows(peer);
    }
    write_some(peer, now);
    read_some(peer, now);
}

/* ---- the engine's calls ------------------------------------------------------------------------------ */

/* What the kernel still sends behind the end is answered, and counted. */
static void on_closed(struct peer *peer, uint64_t now)
{
    struct mpt_conn_info info;

    info.size = sizeof info;
    peer->closed = 1;
    if (mpt_conn_info(peer->conn, &info) == 0 && !peer->error)
        peer->error = info.error;
    peer->sim->ops->timer_set(peer->sim, &peer->over, now + peer->linger);
}

/* What is written before the SYN leaves may go with it (RFC 7413). */
static int open_client(struct peer *peer, uint64_t now)
{
    struct mpt_addr local = peer->device[0].addr;
    int error;

    local.port = 0;
    error = mpt_connect(peer->stack, &peer->conn, &local, &peer->remote, now);
    if (error < 0 || peer->prelude)
        return error;
    write_some(peer, now);
    return 0;
}

/* The connection before the one that counts: read to its end, ended, forgotten. */
static void run_prelude(struct peer *peer, const struct mpt_event *event, uint64_t now)
{
    uint8_t data[4096];

    while (mpt_read(event->conn, data, sizeof data, now) > 0)
        ;
    if (event->flags & (MPT_EV_ACCEPTED | MPT_EV_CONNECTED))
        mpt_shutdown(event->conn, now);
    if (!(event->flags & MPT_EV_CLOSED))
        return;
    mpt_close(event->conn, now);
    peer->prelude = 0;
    peer->conn = NULL;
    if (peer->client && open_client(peer, now) < 0)
        say(peer, "the second connection failed");
}

/* The server learns of its connection here; others than the first are ignored. */
static void on_event(void *ctx, struct pump *pump, const struct mpt_event *event, uint64_t now)
{
    struct peer *peer = ctx;

    (void)pump;
    if (peer->prelude && (!peer->conn || event->conn == peer->conn)) {
        peer->conn = event->conn;
        run_prelude(peer, event, now);
        return;
    }
    if (peer->prelude) { /* a server's second connection: the first is in TIME-WAIT */
        peer->prelude = 0;
        peer->conn = event->conn;
    }
    if (!peer->conn)
        peer->conn = event->conn;
    if (event->conn != peer->conn || peer->closed)
        return;
    if (event->flags & MPT_EV_FALLBACK)
        printf("fallback 1\n");
    read_some(peer, now);
    do_steps(peer, now);
    if (event->flags & MPT_EV_CLOSED) {
        read_some(peer, now);
        on_closed(peer, now);
    }
}

static void on_receive(void *ctx, uint32_t host, uint32_t ifid, uint8_t *ip, size_t len, uint64_t now)
{
    struct peer *peer = ctx;

    (void)host;
    if (mangle_in(&peer->mangle, ifid, ip, &len, now))
        pump_input(&peer->pump, ifid, ip, len, now);
}

static void fire_tick(void *arg, uint64_t now)
{
    struct peer *peer = arg;

    do_steps(peer, now);
    pump_run(&peer->pump, now);
    peer->sim->ops->timer_set(peer->sim, &peer->tick, now + 5 * MS);
}

static void fire_over(void *arg, uint64_t now)
{
    struct peer *peer = arg;

    (void)now;
    peer->sim->ops->stop(peer->sim);
}

/* ---- set-up ------------------------------------------------------------------------------------------ */

/* A device; others know its address by its number, from 1. */
static int parse_device(struct peer *peer, const char *name, const char *value)
{
    struct tun_device *device = &peer->device[peer->devices];

    if (peer->devices == TUN_DEVICES_MAX || parse_address(value, &device->addr) < 0)
        return -1;
    device->name = name;
    if (peer->late_name && strstr(peer->late_name, name))
        peer->late |= 1u << peer->devices;
    peer->flags[peer->devices] = peer->next_flags;
    device->addr.port = peer->next_port;
    peer->devices++;
    return 0;
}

static int parse_number(struct peer *peer, const char *key, const char *value)
{
    static const char *const keys[] = {"port", "send", "receive", "linger", "wrong", "prelude"};
    uint64_t n = strtoull(value, NULL, 10);
    int i;

    for (i = 0; i < 6 && strcmp(key, keys[i]) != 0; i++)
        ;
    switch (i) {
    case 0:
        peer->remote.port = (uint16_t)n;
        return 1;
    case 1:
        peer->to_send = n;
        return 1;
    case 2:
        peer->to_get = n;
        return 1;
    case 3:
        peer->linger = n * MS;
        return 1;
    case 4:
        peer->wrong = (int)n;
        return 1;
    case 5:
        peer->prelude = (int)n;
        return 1;
    default:
        return 0;
    }
}

static int parse_remote(struct peer *peer, const char *value)
{
    uint16_t port = peer->remote.port;
    int bad = parse_address(value, &peer->remote);

    peer->remote.port = port;
    return bad;
}

/* Cuts text at its first '='. */
static int parse_pair(struct peer *peer, char *text)
{
    char *value = strchr(text, '=');
    const char *bad;

    if (!value)
        return -1;
    *value++ = 0;
    if (parse_number(peer, text, value) || mpt_config_set(&peer->config, text, value) == 0)
        return 0;
    if (strcmp(text, "role") == 0)
        return peer->client = strcmp(value, "client") == 0, 0;
    if (strcmp(text, "address") == 0)
        return parse_remote(peer, value);
    if (strcmp(text, "script") == 0)
        return script_parse(&peer->script, value, &bad);
    if (strcmp(text, "mangle") == 0)
        return peer->rules < MANGLE_RULES ? peer->rule[peer->rules++] = value, 0 : -1;
    if (strcmp(text, "end") == 0)
        return peer->end_wanted = value, 0;
    if (strcmp(text, "flags") == 0)
        return parse_flags(value, &peer->next_flags, &peer->next_port);
    if (strcmp(text, "late") == 0)
        return peer->late_name = value, 0;
    return strncmp(text, "tun", 3) == 0 ? parse_device(peer, text, value) : -1;
}

static FILE *open_trace(struct pcap *pcap, const char *prefix, const char *side)
{
    char name[400];
    FILE *file;

    snprintf(name, sizeof name, "%s.%s.pcap", prefix, side);
    file = fopen(name, "wb");
    if (file)
        pcap_start(pcap, file);
    return file;
}

/* Devices before the stack: without the privilege for them nothing else matters. */
static int build(struct peer *peer)
{
    struct sim_upcalls up = {peer, on_receive, NULL, NULL};
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
    mangle_init(&peer->mangle, peer->sim);
    for (i = 0; i < peer->rules; i++)
        if (mangle_add(&peer->mangle, peer->rule[i]) < 0) {
            fprintf(stderr, "tun_peer: no rule: %s\n", peer->rule[i]);
            return -1;
        }
    if (mpt_stack_new(&peer->stack, &env, &peer->config, 0) < 0 ||
        pump_init(&peer->pump, &peer->mangle.sim, 0, peer->stack, on_event, peer) < 0)
        return -1;
    for (i = 0; i < peer->devices; i++) {
        int bad = peer->late & 1u << i ? 0
                                       : mpt_address_up(peer->stack, &peer->device[i].addr, (uint32_t)i + 1,
                                                        MTU, peer->flags[i], 0);

        if (bad < 0) {
            fprintf(stderr, "tun_peer: %s: %s\n", peer->device[i].name, mpt_strerror(bad));
            return -1;
        }
    }
    return 0;
}

/* ---- the run ----------------------------------------------------------------------------------------- */

/* The shell sets the devices up once they have their carrier, and says so. */
static int wait_for_go(void)
{
    char line[16];

    puts("open");
    fflush(stdout);
    return fgets(line, sizeof line, stdin) ? 0 : -1;
}

static void run(struct peer *peer)
{
    struct mpt_addr any = {0};
    const struct sim_ops *ops = peer->sim->ops;
    uint64_t now;
    int error;

    peer->tick.fire = fire_tick;
    peer->over.fire = fire_over;
    peer->tick.arg = peer->over.arg = peer;
    ops->run(peer->sim, 1); /* reads the clock: it went on while the shell was at work */
    peer->started = now = ops->now(peer->sim);
    any.port = peer->remote.port;
    if (peer->client)
        error = open_client(peer, now);
    else
        error = mpt_listen(peer->stack, &any, NULL);
    if (error < 0) {
        say(peer, mpt_strerror(error));
        return;
    }
    puts("ready");
    fflush(stdout);
    ops->timer_set(peer->sim, &peer->tick, now);
    pump_run(&peer->pump, now);
    ops->run(peer->sim, now + LIMIT_S * SECOND);
}

/* "name value" lines for the test. */
static void print_counters(const struct peer *peer)
{
    struct mpt_counter counter;
    struct mpt_subflow_info info;

    info.size = sizeof info;
    for (size_t i = 0; mpt_counter(peer->stack, i, &counter) > 0; i++)
        printf("%s %llu\n", counter.name, (unsigned long long)counter.value);
    printf("mangled %llu\n", (unsigned long long)peer->mangle.changed);
    for (size_t i = 0; i < peer->mangle.rules; i++)
        if (peer->mangle.rule[i].name[0])
            printf("%s %llu\n", peer->mangle.rule[i].name, (unsigned long long)peer->mangle.rule[i].met);
    for (size_t i = 0; peer->conn && mpt_subflow_info(peer->conn, i, &info) > 0; i++)
        printf("# subflow %u ifid %u: %llu out, %llu in\n", info.number, info.ifid,
               (unsigned long long)info.sent, (unsigned long long)info.received);
    if (tun_lost(peer->sim))
        printf("# lost at a device: %llu\n", (unsigned long long)tun_lost(peer->sim));
}

/* run() comes back at the end, at its deadline, or because a device failed: each has its line. */
static int verdict(const struct peer *peer)
{
    int error = tun_failed(peer->sim), whole = peer->got == peer->to_get && peer->sent >= peer->to_send &&
                                               !peer->wrong;

    if (error)
        fprintf(stderr, "tun_peer: a device failed: %s\n", strerror(error));
    if (error || peer->failed)
        return 1;
    if (script_pending(&peer->script))
        fprintf(stderr, "tun_peer: the step '%s' was never due\n", script_waiting(&peer->script));
    else if (peer->closed && strcmp(peer->end_wanted, "any") == 0)
        return 0;
    else if (peer->closed && strcmp(peer->end_wanted, "eof") == 0 && whole && peer->end && !peer->error)
        return 0;
    else if (peer->closed && strcmp(peer->end_wanted, "reset") == 0 && peer->error)
        return 0;
    fprintf(stderr, "tun_peer: %llu of %llu octets out, %llu of %llu in, end %d, closed %d, %s\n",
            (unsigned long long)peer->sent, (unsigned long long)peer->to_send,
            (unsigned long long)peer->got, (unsigned long long)peer->to_get, peer->end, peer->closed,
            peer->error ? mpt_strerror(peer->error) : "no error");
    return 1;
}

/* The pump before the engine that its timer lives in. */
static void clean_up(struct peer *peer)
{
    if (peer->mangle.core.file)
        fclose(peer->mangle.core.file);
    if (peer->mangle.kernel.file)
        fclose(peer->mangle.kernel.file);
    pump_clear(&peer->pump);
    mpt_stack_free(peer->stack);
    peer->sim->ops->free(peer->sim);
}

int main(int argc, char **argv)
{
    static struct peer peer;
    const char *prefix = getenv("TUN_PCAP");
    int i, bad;

    mpt_config_default(&peer.config);
    peer.config.tcp_time_wait = SECOND / 10; /* the test waits for the very end */
    peer.end_wanted = "eof";
    peer.linger = 20 * MS;
    for (i = 1; i < argc; i++)
        if (parse_pair(&peer, argv[i]) < 0) {
            fprintf(stderr, "tun_peer: cannot take %s\n", argv[i]);
            return 2;
        }
    if (build(&peer) < 0)
        return 1;
    if (prefix && *prefix)
        (void)(open_trace(&peer.mangle.core, prefix, "core") &&
               open_trace(&peer.mangle.kernel, prefix, "kernel"));
    if (wait_for_go() < 0)
        return 1;
    run(&peer);
    print_counters(&peer);
    bad = verdict(&peer);
    clean_up(&peer);
    return bad;
}
