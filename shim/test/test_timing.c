/* SPDX-License-Identifier: MIT */
/* test_timing.c - when a request and its answer arrive over a path that is joined on loss, to the nanosecond
 * (jwd/README.md 2.6, "Timing"). The loop engine, real stacks, no approximation.
 *
 *     phone --wifi, dies at 1 s--\
 *           --lte, RTT T ---------router--server
 *
 * A request is written at 1.5 s and lost on wifi; the phone's RTO triggers the join on lte (break before make). Time
 * zero is `now` of pm_trigger, arrival the server's first read, the answer the phone's last read of it. */
#include "box/box.h"
#include "ip.h"
#include "loop/loop.h"
#include "pump.h"
#include "rng.h"
#include "trace/trace.h"
#include "wire/tcp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MS UINT64_C(1000000)
#define SEC UINT64_C(1000000000)

enum { WARM = 100 /* octets of a first exchange over wifi */ };
enum lose { LOSE_NOTHING, LOSE_SYN, LOSE_SYNACK, LOSE_THIRD, LOSE_FOURTH, EAT_SYN_DATA };

struct host {
    struct world *w;
    struct mpt_stack *stack;
    struct mpt_conn *conn;
    struct pump pump;
    struct rng rng;
    uint64_t read;              /* octets */
};

/* What a case is, and what came out, relative to the trigger (MPT_NEVER: did not happen). */
struct timing {
    uint64_t t;                 /* RTT of lte */
    uint64_t rate;              /* bit/s, 0 infinite */
    uint32_t request, answer;   /* octets; answer 0: 512 */
    int join_data, validated, ipv6;
    enum lose lose;
    uint64_t first, all, answered, joined; /* server's first and last read; answer read; fourth ACK */
    unsigned lost;              /* segments taken by the box */
};

struct world {
    struct timing *c;
    struct sim *sim;
    struct host phone, server;
    struct sim_timer app;
    uint64_t trigger;
};

/* ---- the box that loses one segment, or the SYN's payload ---- */

struct thief {
    struct box box;
    struct timing *c;
    int up;
    int done;
};

static int is_victim(const struct thief *thief, const struct mpt_segment *s)
{
    int syn = (s->flags & MPT_TCP_SYN) != 0, join = MPT_HAS(&s->mp, MP_JOIN);
    int u = MPT_HAS(&s->mp, DSS) && (s->mp.dss.flags & DSS_U);

    switch (thief->c->lose) {
    case LOSE_SYN:
        return thief->up && syn;
    case LOSE_SYNACK:
        return !thief->up && syn;
    case LOSE_THIRD:
        return thief->up && !syn && join;
    case LOSE_FOURTH:
        return !thief->up && !syn && !u;
    default:
        return 0;
    }
}

/* Some middleboxes take the payload off a SYN: lengths and checksums are made right again. */
static void eat(struct box_packet *packet, const struct ip_view *v, const struct mpt_segment *s)
{
    struct mpt_tcp_out out = { .seq = s->seq, .ack = s->ack, .window = s->window, .flags = s->flags,
                               .opt_len = s->opt_len };
    uint8_t copy[SHIM_HEADROOM + 60];
    struct mpt_packet p;
    struct mpt_addr swap;
    size_t len;
    uint8_t *ip;

    assert_int_equal(ip_to_packet(v, 1, &p), 0);
    swap = p.local; /* as its sender sees it */
    p.local = p.remote;
    p.remote = swap;
    p.local.port = s->sport;
    p.remote.port = s->dport;
    p.data = copy + SHIM_HEADROOM;
    memcpy(p.data + MPT_TCP_HEADER, s->opt, s->opt_len);
    mpt_tcp_build(&p, &out);
    ip = ip_build(&p, v->id, &len);
    assert_non_null(ip);
    memcpy(packet->data, ip, len);
    packet->len = (uint32_t)len;
}

static struct box_packet *thief_push(struct box *box, struct box_packet *packet, uint64_t now)
{
    struct thief *thief = (struct thief *)box;
    struct mpt_segment s;
    struct ip_view v;

    (void)now;
    assert_int_equal(ip_parse(packet->data, packet->len, &v), 0);
    assert_int_equal(mpt_tcp_read(&s, v.payload, v.payload_len), 0);
    if (thief->c->lose == EAT_SYN_DATA && thief->up && (s.flags & MPT_TCP_SYN) && s.len) {
        thief->c->lost++;
        eat(packet, &v, &s);
        return packet;
    }
    if (thief->done || !is_victim(thief, &s))
        return packet;
    thief->done = 1;
    thief->c->lost++;
    box_packet_put(box->pool, packet);
    return NULL;
}

static struct box_packet *thief_pull(struct box *box, uint64_t now)
{
    (void)box, (void)now;
    return NULL;
}

static void thief_free(struct box *box)
{
    free(box);
}

static const struct box_ops thief_ops = { "thief", thief_push, thief_pull, thief_free };

static void insert_thief(struct world *w, enum path_dir dir)
{
    struct path *path = loop_path(w->sim, 1, 1);
    struct thief *thief = calloc(1, sizeof *thief);

    assert_non_null(thief);
    thief->box = (struct box){ &thief_ops, MPT_NEVER, path_pool(path) };
    thief->c = w->c;
    thief->up = dir == PATH_UP;
    assert_int_equal(path_insert(path, dir, &thief->box), 0);
}

/* ---- the applications ---- */

static void write_octets(struct host *h, size_t n, uint64_t now)
{
    uint8_t zeros[4096] = { 0 };

    while (n) {
        size_t m = n < sizeof zeros ? n : sizeof zeros;

        assert_int_equal(mpt_write(h->conn, zeros, m, now), (int64_t)m);
        n -= m;
    }
}

static uint64_t since(const struct world *w, uint64_t now)
{
    return w->trigger == MPT_NEVER ? MPT_NEVER - 1 : now - w->trigger;
}

static void server_read(struct world *w, uint64_t now)
{
    struct timing *c = w->c;

    if (w->server.read == WARM) {
        write_octets(&w->server, WARM, now);
        return;
    }
    if (c->first == MPT_NEVER)
        c->first = since(w, now);
    if (w->server.read < WARM + c->request || c->all != MPT_NEVER)
        return;
    c->all = since(w, now);
    write_octets(&w->server, c->answer, now);
}

static void on_event(void *ctx, struct pump *pump, const struct mpt_event *event, uint64_t now)
{
    struct host *h = ctx;
    uint8_t buffer[4096];
    int64_t n, got = 0;

    (void)pump;
    h->conn = event->conn;
    while ((n = mpt_read(h->conn, buffer, sizeof buffer, now)) > 0)
        got += n;
    h->read += (uint64_t)got;
    if (got && h == &h->w->server)
        server_read(h->w, now);
    else if (got && h->read == WARM + h->w->c->answer)
        h->w->c->answered = since(h->w, now);
}

static void send_request(void *arg, uint64_t now)
{
    struct world *w = arg;

    write_octets(&w->phone, w->c->request, now);
    pump_run(&w->phone.pump, now);
}

/* ---- the world ---- */

static void on_trace(void *ctx, const struct mpt_trace *event)
{
    struct host *h = ctx;
    struct world *w = h->w;

    if (event->kind == MPT_TR_pm_trigger && w->trigger == MPT_NEVER)
        w->trigger = event->at;
    if (event->kind == MPT_TR_subflow_joined && h == &w->phone && w->c->joined == MPT_NEVER)
        w->c->joined = since(w, event->at);
}

static void give_random(void *ctx, void *out, size_t n)
{
    rng_bytes(ctx, out, n);
}

static void on_receive(void *ctx, uint32_t host, uint32_t ifid, uint8_t *ip, size_t len, uint64_t now)
{
    struct world *w = ctx;

    pump_input(host ? &w->phone.pump : &w->server.pump, ifid, ip, len, now);
}

static void host_init(struct world *w, struct host *h, uint32_t number, uint32_t ifs)
{
    struct mpt_env env = { .size = sizeof env, .random = give_random, .random_ctx = &h->rng, .trace = on_trace,
                           .trace_ctx = h };
    struct mpt_config config;
    struct mpt_addr a;

    h->w = w;
    rng_init(&h->rng, 1, number ? "phone" : "server");
    mpt_config_default(&config);
    config.pm = number ? MPT_PM_BREAK_BEFORE_MAKE : MPT_PM_MANUAL;
    config.sched = MPT_SCHED_SERVER;
    config.join_data = (uint32_t)w->c->join_data;
    config.jwd_accept = w->c->validated ? MPT_JWD_VALIDATED : MPT_JWD_IMMEDIATE;
    assert_int_equal(mpt_stack_new(&h->stack, &env, &config, 0), 0);
    for (uint32_t i = 1; i <= ifs; i++) {
        assert_int_equal(w->sim->ops->address(w->sim, number, i, &a), 0);
        assert_int_equal(mpt_address_up(h->stack, &a, i, 1500, 0, 0), 0);
    }
    assert_int_equal(pump_init(&h->pump, w->sim, number, h->stack, on_event, h), 0);
}

static void topology_of(const struct timing *c, struct topology *t)
{
    memset(t, 0, sizeof *t);
    t->phones = 1;
    t->paths = 2;
    t->ipv6 = (uint32_t)c->ipv6;
    t->seed = 1;
    for (int i = 0; i < 2; i++) {
        struct path_config *p = &t->path[i];

        p->mtu = 1500;
        p->up.delay = p->down.delay = i ? c->t / 2 : 7 * MS;
        p->up.rate = p->down.rate = i ? c->rate : 0;
        p->up.queue_bytes = p->down.queue_bytes = 1 << 20;
    }
    t->path[0].change[0] = (struct path_change){ .at = SEC, .kind = CHANGE_DOWN, .value = 1 };
    t->path[0].changes = 1;
}

static void connect_phone(struct world *w)
{
    struct mpt_addr local, remote;

    assert_int_equal(w->sim->ops->address(w->sim, 1, 1, &local), 0);
    assert_int_equal(w->sim->ops->address(w->sim, 0, 1, &remote), 0);
    remote.port = 80;
    assert_int_equal(mpt_connect(w->phone.stack, &w->phone.conn, &local, &remote, 0), 0);
    write_octets(&w->phone, WARM, 0);
    pump_run(&w->phone.pump, 0);
}

static void run(struct timing *c)
{
    static const struct mpt_addr any = { .port = 80 };
    struct world w = { .c = c, .trigger = MPT_NEVER };
    struct sim_upcalls up = { .ctx = &w, .receive = on_receive };
    struct topology t;
    char err[200];

    c->first = c->all = c->answered = c->joined = MPT_NEVER;
    c->answer = c->answer ? c->answer : 512;
    topology_of(c, &t);
    w.sim = loop_new(&t, &up, err, sizeof err);
    assert_non_null(w.sim);
    insert_thief(&w, PATH_UP);
    insert_thief(&w, PATH_DOWN);
    host_init(&w, &w.server, 0, 1);
    host_init(&w, &w.phone, 1, 2);
    assert_int_equal(mpt_listen(w.server.stack, &any, NULL), 0);
    connect_phone(&w);
    w.app.fire = send_request;
    w.app.arg = &w;
    w.sim->ops->timer_set(w.sim, &w.app, 3 * SEC / 2);
    w.sim->ops->run(w.sim, 20 * SEC);
    pump_clear(&w.phone.pump);
    pump_clear(&w.server.pump);
    mpt_stack_free(w.phone.stack);
    mpt_stack_free(w.server.stack);
    w.sim->ops->free(w.sim);
    assert_true(w.trigger != MPT_NEVER);
    assert_int_equal(c->lost, c->lose != LOSE_NOTHING);
}

/* ---- expectations ---- */

static const uint64_t RTTS[] = { 25 * MS, 40 * MS, 100 * MS, 400 * MS, 33333334 /* an odd half */ };
#define EACH_RTT(i) for (size_t i = 0; i < sizeof RTTS / sizeof RTTS[0]; i++)

static void check(struct timing c, uint64_t first, uint64_t all, uint64_t answered)
{
    run(&c);
    if (c.first != first || c.all != all || c.answered != answered)
        fail_msg("T %llu request %u: first %llu all %llu answered %llu, expected %llu %llu %llu",
                 (unsigned long long)c.t, c.request, (unsigned long long)c.first, (unsigned long long)c.all,
                 (unsigned long long)c.answered, (unsigned long long)first, (unsigned long long)all,
                 (unsigned long long)answered);
}

/* The third ACK is repeated RTT + 2 x variance (half the RTT after one sample) after it, at least 100 ms. */
static uint64_t third_timer(uint64_t t)
{
    return 2 * t > 100 * MS ? 2 * t : 100 * MS;
}

/* ---- no loss, infinite rate ---- */

/* One record: 0.5 T and 1 T. */
static void test_immediate(void **state)
{
    static const uint32_t size[] = { 103, 512, 1376, 1377, 1396 };

    (void)state;
    EACH_RTT(i)
        for (size_t k = 0; k < 5; k++) {
            uint64_t t = RTTS[i];

            check((struct timing){ .t = t, .request = size[k], .join_data = 1 }, t / 2, t / 2, t);
        }
}

/* The early budget is 3 x what came: a request of 103 octets (223 on the wire) pays for SYN/ACK and 512 octets, 76 +
 * 592; one octet less, and the last ones of the answer follow the validation. */
static void test_small_request(void **state)
{
    (void)state;
    check((struct timing){ .t = 40 * MS, .request = 103, .join_data = 1 }, 20 * MS, 20 * MS, 40 * MS);
    check((struct timing){ .t = 40 * MS, .request = 102, .join_data = 1 }, 20 * MS, 20 * MS, 80 * MS);
    check((struct timing){ .t = 40 * MS, .request = 1, .join_data = 1 }, 20 * MS, 20 * MS, 80 * MS);
    check((struct timing){ .t = 40 * MS, .request = 1, .answer = 207, .join_data = 1 }, 20 * MS, 20 * MS, 40 * MS);
}

static void test_immediate_ipv6(void **state)
{
    static const uint32_t size[] = { 512, 1356, 1376 };

    (void)state;
    for (size_t k = 0; k < 3; k++)
        check((struct timing){ .t = 40 * MS, .request = size[k], .join_data = 1, .ipv6 = 1 }, 20 * MS, 20 * MS,
              40 * MS);
}

static void test_validated(void **state)
{
    static const uint32_t size[] = { 512, 1396, 4096 };

    (void)state;
    EACH_RTT(i)
        for (size_t k = 0; k < 3; k++) {
            uint64_t t = RTTS[i];

            check((struct timing){ .t = t, .request = size[k], .join_data = 1, .validated = 1 }, 3 * t / 2, 3 * t / 2,
                  2 * t);
        }
}

/* Longer than a record: 1396 octets at 0.5 T, the rest behind the third ACK at 1.5 T, as far as the initial window
 * goes: 10 segments of 1428 octets. The sweep's 1420 octets are such a request. */
static void test_longer(void **state)
{
    static const uint32_t size[] = { 1397, 1420, 4096, 1396 + 14280 };

    (void)state;
    EACH_RTT(i)
        for (size_t k = 0; k < 4; k++) {
            uint64_t t = RTTS[i];

            check((struct timing){ .t = t, .request = size[k], .join_data = 1 }, t / 2, 3 * t / 2, 2 * t);
        }
    check((struct timing){ .t = 40 * MS, .request = 16384, .join_data = 1 }, 20 * MS, 100 * MS, 120 * MS);
    check((struct timing){ .t = 40 * MS, .request = 1377, .join_data = 1, .ipv6 = 1 }, 20 * MS, 60 * MS, 80 * MS);
}

/* An answer larger than the early budget: 3 x 1496 octets carry 4172; the rest follows the validation. */
static void test_longer_answer(void **state)
{
    (void)state;
    check((struct timing){ .t = 40 * MS, .request = 1396, .answer = 4172, .join_data = 1 }, 20 * MS, 20 * MS, 40 * MS);
    check((struct timing){ .t = 40 * MS, .request = 1396, .answer = 4173, .join_data = 1 }, 20 * MS, 20 * MS, 80 * MS);
}

static void test_four_way(void **state)
{
    static const uint32_t size[] = { 512, 1396, 4096 };

    (void)state;
    EACH_RTT(i)
        for (size_t k = 0; k < 3; k++) {
            uint64_t t = RTTS[i];

            check((struct timing){ .t = t, .request = size[k] }, 5 * t / 2, 5 * t / 2, 3 * t);
        }
}

static void test_eaten(void **state)
{
    static const uint32_t size[] = { 512, 1396, 4096 };

    (void)state;
    EACH_RTT(i)
        for (size_t k = 0; k < 3; k++)
            for (int validated = 0; validated < 2; validated++) {
                uint64_t t = RTTS[i];

                check((struct timing){ .t = t, .request = size[k], .join_data = 1, .validated = validated,
                                       .lose = EAT_SYN_DATA }, 3 * t / 2, 3 * t / 2, 2 * t);
            }
}

/* ---- no loss, 10 Mbit/s: propagation and the octets that are serialised one behind the other ---- */

enum { OCTET = 800 /* ns at 10 Mbit/s */, HEADERS = 40 /* IPv4, TCP */, TS = 12 };
enum { SYN = HEADERS + 20 + 12, SYNACK = HEADERS + 20 + 16, THIRD = HEADERS + TS + 24, ACK = HEADERS + TS + 8,
       DATA = HEADERS + TS + 20 /* DSS 32/32 */, EARLY = HEADERS + 40 /* DSS 64/64 */, RECORD = 28, RECORD_ACK = 48 };

static struct timing at_rate(uint32_t request, int join_data, int validated, enum lose lose)
{
    return (struct timing){ .t = 40 * MS, .rate = 10000000, .request = request, .join_data = join_data,
                            .validated = validated, .lose = lose };
}

static uint64_t halves(unsigned n, unsigned octets)
{
    return n * 20 * MS + (uint64_t)octets * OCTET;
}

static void test_rate_immediate(void **state)
{
    uint32_t syn = SYN + RECORD_ACK + 512;

    (void)state;
    check(at_rate(512, 1, 0, LOSE_NOTHING), halves(1, syn), halves(1, syn), halves(2, syn + SYNACK + EARLY + 512));
    syn = SYN + RECORD + 1396; /* 1496 */
    check(at_rate(1396, 1, 0, LOSE_NOTHING), halves(1, syn), halves(1, syn), halves(2, syn + SYNACK + EARLY + 512));
}

static void test_rate_validated(void **state)
{
    uint32_t third = SYN + RECORD_ACK + 512 + SYNACK + THIRD;

    (void)state;
    check(at_rate(512, 1, 1, LOSE_NOTHING), halves(3, third), halves(3, third), halves(4, third + ACK + DATA + 512));
}

/* 4096 octets: 1396 in the SYN, then 1428 and 1272 behind the third ACK. Each segment is acknowledged
 * at once, before the application reads and answers: the answer waits for the last ACK on the link. */
static void test_rate_longer(void **state)
{
    uint32_t syn = SYN + RECORD + 1396, all = syn + SYNACK + THIRD + DATA + 1428 + DATA + 1272;

    (void)state;
    check(at_rate(4096, 1, 0, LOSE_NOTHING), halves(1, syn), halves(3, all), halves(4, all + ACK + DATA + 512));
}

static void test_rate_four_way(void **state)
{
    uint32_t request = SYN + SYNACK + THIRD + ACK + DATA + 512;

    (void)state;
    check(at_rate(512, 0, 0, LOSE_NOTHING), halves(5, request), halves(5, request), halves(6, request + ACK + DATA + 512));
}

/* The box stands behind the link: the SYN was serialised whole. The third ACK has the record. */
static void test_rate_eaten(void **state)
{
    uint32_t request = SYN + RECORD_ACK + 512 + SYNACK + THIRD + RECORD_ACK + 512;

    (void)state;
    check(at_rate(512, 1, 0, EAT_SYN_DATA), halves(3, request), halves(3, request),
          halves(4, request + ACK + DATA + 512));
}

/* ---- each message of the handshake lost once ---- */

/* The SYN: syn_rto (1 s), then bare: as if the data had been eaten. Four-way: 1 s more. */
static void test_syn_lost(void **state)
{
    (void)state;
    EACH_RTT(i) {
        uint64_t t = RTTS[i];

        for (int validated = 0; validated < 2; validated++)
            check((struct timing){ .t = t, .request = 512, .join_data = 1, .validated = validated, .lose = LOSE_SYN },
                  SEC + 3 * t / 2, SEC + 3 * t / 2, SEC + 2 * t);
        check((struct timing){ .t = t, .request = 512, .lose = LOSE_SYN }, SEC + 5 * t / 2, SEC + 5 * t / 2,
              SEC + 3 * t);
    }
}

/* The SYN/ACK: the request is there at 0.5 T. The server repeats the SYN/ACK 1 s after it (at 0.5 T + 1 s); the answer
 * that came without a SYN/ACK was lost on the phone and leaves again when the third ACK is there. */
static void test_synack_lost(void **state)
{
    (void)state;
    EACH_RTT(i) {
        uint64_t t = RTTS[i];

        check((struct timing){ .t = t, .request = 512, .join_data = 1, .lose = LOSE_SYNACK }, t / 2, t / 2,
              SEC + 2 * t);
        check((struct timing){ .t = t, .request = 512, .join_data = 1, .validated = 1, .lose = LOSE_SYNACK },
              SEC + 3 * t / 2, SEC + 3 * t / 2, SEC + 2 * t);
        check((struct timing){ .t = t, .request = 512, .lose = LOSE_SYNACK }, SEC + 5 * t / 2, SEC + 5 * t / 2,
              SEC + 3 * t);
    }
}

/* The third ACK: with early data nothing is late. Validated: later by the timer of the third ACK. Four-way: too. */
static void test_third_lost(void **state)
{
    (void)state;
    EACH_RTT(i) {
        uint64_t t = RTTS[i], late = third_timer(t);

        check((struct timing){ .t = t, .request = 512, .join_data = 1, .lose = LOSE_THIRD }, t / 2, t / 2, t);
        check((struct timing){ .t = t, .request = 512, .join_data = 1, .validated = 1, .lose = LOSE_THIRD },
              3 * t / 2 + late, 3 * t / 2 + late, 2 * t + late);
        check((struct timing){ .t = t, .request = 512, .lose = LOSE_THIRD }, 5 * t / 2 + late, 5 * t / 2 + late,
              3 * t + late);
    }
}

/* The fourth ACK: nobody waits for it but the four-way join, until the third ACK is repeated and answered. */
static void test_fourth_lost(void **state)
{
    (void)state;
    EACH_RTT(i) {
        uint64_t t = RTTS[i], late = third_timer(t);

        check((struct timing){ .t = t, .request = 512, .join_data = 1, .lose = LOSE_FOURTH }, t / 2, t / 2, t);
        check((struct timing){ .t = t, .request = 512, .join_data = 1, .validated = 1, .lose = LOSE_FOURTH },
              3 * t / 2, 3 * t / 2, 2 * t);
        check((struct timing){ .t = t, .request = 512, .lose = LOSE_FOURTH }, 5 * t / 2 + late, 5 * t / 2 + late,
              3 * t + late);
    }
}

/* A lost third ACK that had a record: the record is repeated by TCP, the option by its timer. Whatever comes first,
 * it is there within the timer. */
static void test_joined_at(void **state)
{
    (void)state;
    EACH_RTT(i) {
        uint64_t t = RTTS[i];
        struct timing c = { .t = t, .request = 512, .join_data = 1, .lose = LOSE_THIRD };

        run(&c); /* the answer at 1 T drew a second pure ACK with MP_JOIN: joined at 2 T all the same */
        assert_true(c.joined == 2 * t);
        c = (struct timing){ .t = t, .request = 512, .join_data = 1 };
        run(&c);
        assert_true(c.joined == 2 * t);
        c = (struct timing){ .t = t, .request = 512, .join_data = 1, .lose = LOSE_FOURTH };
        run(&c);
        assert_true(c.joined <= 2 * t + third_timer(t));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_immediate), cmocka_unit_test(test_small_request), cmocka_unit_test(test_immediate_ipv6), cmocka_unit_test(test_validated),
        cmocka_unit_test(test_longer), cmocka_unit_test(test_longer_answer), cmocka_unit_test(test_four_way),
        cmocka_unit_test(test_eaten), cmocka_unit_test(test_rate_immediate), cmocka_unit_test(test_rate_validated),
        cmocka_unit_test(test_rate_longer), cmocka_unit_test(test_rate_four_way), cmocka_unit_test(test_rate_eaten),
        cmocka_unit_test(test_syn_lost), cmocka_unit_test(test_synack_lost), cmocka_unit_test(test_third_lost),
        cmocka_unit_test(test_fourth_lost), cmocka_unit_test(test_joined_at),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
