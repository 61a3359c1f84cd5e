/* SPDX-License-Identifier: MIT */
/* The applications: payload that knows its place, and whole runs of the harness over the loop with nothing
 * but the public interface of libmpt between. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "run/generator.h"
#include "run/payload.h"
#include "run/scenario.h"
#include "run/traffic.h"

/* ---- payload ------------------------------------------------------------------------------------ */

enum { LEN = 4096 };

static void test_payload_pieces(void **state)
{
    uint8_t whole[LEN], piece[LEN];
    struct payload p;
    size_t at = 0;

    (void)state;
    payload_init(&p, 1, 1, 0);
    payload_fill(&p, 1000, whole, LEN);
    for (size_t n = 1; at + n <= LEN; at += n, n = n % 37 + 1) {
        payload_fill(&p, 1000 + at, piece, n);
        assert_memory_equal(piece, whole + at, n);
    }
}

static void test_payload_keys(void **state)
{
    uint8_t a[64], b[64];
    struct payload p, q;

    (void)state;
    payload_init(&p, 1, 1, 0);
    payload_fill(&p, 0, a, sizeof a);
    for (unsigned i = 0; i < 3; i++) {
        payload_init(&q, i == 0 ? 2 : 1, i == 1 ? 2 : 1, i == 2 ? 1 : 0);
        payload_fill(&q, 0, b, sizeof b);
        assert_memory_not_equal(a, b, sizeof a);
    }
}

/* Octets of the stream from `from` are read at `at`, after `flip` was changed (or not: SIZE_MAX). */
static enum payload_verdict read_at(uint64_t from, uint64_t at, size_t flip, uint64_t *bad)
{
    uint8_t octets[LEN];
    struct payload p;

    payload_init(&p, 9, 4, 1);
    payload_fill(&p, from, octets, LEN);
    if (flip < LEN)
        octets[flip] ^= 0x10;
    return payload_check(&p, at, octets, LEN, bad);
}

static void test_payload_verdicts(void **state)
{
    uint64_t bad = 0;

    (void)state;
    assert_int_equal(read_at(5000, 5000, SIZE_MAX, &bad), PAYLOAD_GOOD);
    assert_int_equal(read_at(5000, 5000, 777, &bad), PAYLOAD_CORRUPT);
    assert_int_equal(bad, 5777);
    assert_int_equal(read_at(6428, 5000, SIZE_MAX, &bad), PAYLOAD_LOST); /* 1428 octets are missing */
    assert_int_equal(read_at(3572, 5000, SIZE_MAX, &bad), PAYLOAD_REPEATED);
    assert_int_equal(read_at(5003, 5000, SIZE_MAX, &bad), PAYLOAD_LOST); /* not a multiple of 8 */
    assert_int_equal(read_at(4999, 5000, SIZE_MAX, &bad), PAYLOAD_REPEATED);
}

/* ---- whole runs --------------------------------------------------------------------------------- */

/* What a run came to: the tables it wrote. */
struct result {
    char summary[4096];
    char requests[8192];
    char json[16384];
};

static void slurp(const char *dir, const char *name, char *out, size_t cap)
{
    char path[256];
    FILE *f;
    size_t n;

    snprintf(path, sizeof path, "%s/%s", dir, name);
    f = fopen(path, "r");
    n = f != NULL ? fread(out, 1, cap - 1, f) : 0;
    out[n] = '\0';
    if (f != NULL)
        fclose(f);
    unlink(path);
}

static struct scenario *read_scenario(const char *text, struct run_config *c)
{
    struct scenario *s = calloc(1, sizeof *s);
    struct selection sel = {.engine = ENGINE_LOOP};
    struct diag d = {0};
    char file[32];
    int fd[2];

    assert_int_equal(pipe(fd), 0);
    assert_int_equal(write(fd[1], text, strlen(text)), strlen(text));
    close(fd[1]);
    snprintf(file, sizeof file, "/dev/fd/%d", fd[0]);
    if (scenario_load(s, file, &d) < 0 || scenario_resolve(s, &sel, c, &d) < 0)
        fail_msg("%s", d.text);
    close(fd[0]);
    return s;
}

static void run_text(const char *text, struct result *o)
{
    struct run_config *c = calloc(1, sizeof *c);
    struct run *r = calloc(1, sizeof *r);
    struct scenario *s = read_scenario(text, c);
    char dir[] = "test-traffic-XXXXXX", err[512] = "";

    assert_non_null(mkdtemp(dir));
    r->config = c;
    r->seed = 1;
    r->scenario = r->variant = r->label = "test";
    if (harness_run(r, dir, err, sizeof err) < 0)
        fail_msg("%s", err);
    slurp(dir, "summary.csv", o->summary, sizeof o->summary);
    slurp(dir, "requests.csv", o->requests, sizeof o->requests);
    slurp(dir, "run.json", o->json, sizeof o->json);
    assert_int_equal(rmdir(dir), 0);
    scenario_clear(s);
    free(s);
    free(r);
    free(c);
}

/* Field of a row (0: the first after the head) of a table. */
static const char *field(const char *table, size_t row, const char *column, char out[64])
{
    const char *head = table, *line = table;
    size_t index = 0, n = strlen(column);

    while (!(strncmp(head, column, n) == 0 && (head[n] == ',' || head[n] == '\n'))) {
        head += strcspn(head, ",\n");
        if (*head++ != ',')
            fail_msg("no column %s", column);
        index++;
    }
    for (size_t i = 0; i <= row; i++)
        line = strchr(line, '\n') + 1;
    while (index-- > 0)
        line += strcspn(line, ",\n") + 1;
    snprintf(out, 64, "%.*s", (int)strcspn(line, ",\n"), line);
    return out;
}

#define assert_field(table, row, column, want)                                                          \
    do {                                                                                                \
        char text_[64];                                                                                 \
        assert_string_equal(field(table, row, column, text_), want);                                    \
    } while (0)

/* One path of 10 Mbit/s and 10 ms: each answer takes 20 ms and the time on the wire, each on its beat. */
static void test_msg(void **state)
{
    struct result *o = malloc(sizeof *o);

    (void)state;
    run_text("series: 0s\ntraffic: {interval: 100ms, count: 5, first: 50ms, request: 300B, response: 900B}\n"
             "paths: {wifi: {link: {rate: 10Mbit/s, delay: 10ms}}}\n", o);
    assert_field(o->summary, 0, "answered", "5");
    assert_field(o->summary, 0, "unanswered", "0");
    assert_field(o->summary, 0, "octets_up", "1500");
    assert_field(o->summary, 0, "octets_down", "4500");
    assert_field(o->summary, 0, "fault_up", "good");
    assert_field(o->summary, 0, "fault_down", "good");
    assert_field(o->requests, 0, "sent_s", "0.050000000");
    assert_field(o->requests, 4, "sent_s", "0.450000000");
    for (size_t i = 0; i < 5; i++) {
        char text[64];
        double delay = atof(field(o->requests, i, "delay_s", text));

        assert_true(delay > 0.020 && delay < 0.0225);
    }
    free(o);
}

/* A path that dies takes its requests with it: they stay in the table and count with their waiting time. */
static void test_unanswered(void **state)
{
    struct result *o = malloc(sizeof *o);
    char text[64];

    (void)state;
    run_text("series: 0s\nduration: 3s\ntraffic: {interval: 500ms, count: 5, first: 100ms}\n"
             "paths: {wifi: {link: {delay: 10ms}, changes: [{at: 1s, down: true}]}}\n", o);
    assert_field(o->summary, 0, "requests", "5");
    assert_field(o->summary, 0, "answered", "2");
    assert_field(o->summary, 0, "unanswered", "3");
    assert_field(o->summary, 0, "max_delay_s", "1.900000000"); /* sent at 1.1, the run ends at 3 */
    assert_field(o->requests, 2, "answered_s", "");
    assert_field(o->requests, 2, "delay_s", "");
    assert_true(atof(field(o->requests, 1, "answered_s", text)) < 1);
    assert_non_null(strstr(o->json, "\"loss_at_s\": 1.000000000"));
    free(o);
}

/* Several phones with several connections: every session finds its own other end. */
static void test_many(void **state)
{
    struct result *o = malloc(sizeof *o);

    (void)state;
    run_text("series: 0s\nphones: 3\nconnections: 4\nclient: {pm: fullmesh}\n"
             "traffic: {kind: bulk, direction: both, size: 50kB}\n"
             "paths: {wifi: {link: {delay: 10ms}}, lte: {loss: 2%, link: {delay: 20ms}}}\n", o);
    for (size_t i = 0; i < 12; i++) {
        assert_field(o->summary, i, "octets_up", "50000");
        assert_field(o->summary, i, "octets_down", "50000");
        assert_field(o->summary, i, "fault_up", "good");
        assert_field(o->summary, i, "fault_down", "good");
        assert_field(o->summary, i, "error", "");
        assert_field(o->summary, i, "multipath", "1");
    }
    free(o);
}

/* The interface goes with notice: the phone goes on over the other path at once. */
static void test_address_down(void **state)
{
    struct result *o = malloc(sizeof *o);
    char text[64];

    (void)state;
    run_text("series: 0s\nclient: {pm: fullmesh}\ntraffic: {interval: 100ms, count: 20, first: 50ms}\n"
             "paths: {wifi: {link: {delay: 10ms}, changes: [{at: 1s, address: false}]},"
             " lte: {link: {delay: 20ms}}}\n", o);
    assert_field(o->summary, 0, "answered", "20");
    assert_true(atof(field(o->summary, 0, "max_delay_s", text)) < 0.2);
    assert_field(o->summary, 0, "fault_down", "good");
    free(o);
}

/* IPv6 and plain TCP go through the same code. */
static void test_ipv6_tcp(void **state)
{
    struct result *o = malloc(sizeof *o);

    (void)state;
    run_text("series: 0s\nipv6: true\nstack: {mptcp: 0}\ntraffic: {kind: bulk, direction: down, size: 1MB}\n"
             "paths: {wifi: {link: {delay: 10ms}}}\n", o);
    assert_field(o->summary, 0, "octets_down", "1000000");
    assert_field(o->summary, 0, "fault_down", "good");
    assert_field(o->summary, 0, "multipath", "0");
    free(o);
}

/* ---- exact times of a join on loss -------------------------------------------------------------- */

static uint64_t nanoseconds(const char *table, size_t row, const char *column)
{
    char text[64];
    unsigned long long s = 0, ns = 0;

    if (sscanf(field(table, row, column, text), "%llu.%9llu", &s, &ns) != 2)
        fail_msg("%s is empty", column);
    return s * 1000000000 + ns;
}

/* Propagation in halves of T and octets that are serialised one after the other, until the server has the
 * first request behind the trigger and until the phone has its answer. */
struct exact {
    const char *client;
    unsigned halves_request, octets_request, halves_answer, octets_answer;
};

static void check_exact(const struct exact *e)
{
    enum { HALF_T = 20000000, PER_OCTET = 800 }; /* 20 ms; 10 Mbit/s */
    struct result *o = malloc(sizeof *o);
    char text[1024];
    uint64_t trigger, first;
    size_t i = 0;

    snprintf(text, sizeof text,
             "series: 0s\ntraffic: {interval: 1s, count: 5, first: 100ms}\nserver_link.rate: 0\n"
             "stack: {tcp: {rto_min: 200ms}}\nserver: {sched: server}\n%s\n"
             "paths: {wifi: {link: {delay: 7ms}, changes: [{at: 3s, down: true}]}, lte: {link: {delay: 20ms}}}\n",
             e->client);
    run_text(text, o);
    assert_field(o->summary, 0, "answered", "5");
    trigger = nanoseconds(o->summary, 0, "trigger_s");
    do
        first = nanoseconds(o->requests, i++, "server_first_s");
    while (first < trigger);
    assert_int_equal(first - trigger, e->halves_request * HALF_T + e->octets_request * PER_OCTET);
    assert_int_equal(nanoseconds(o->requests, i - 1, "answered_s") - trigger,
                     e->halves_answer * HALF_T + e->octets_answer * PER_OCTET);
    free(o);
}

/* A request of 512 octets, no loss, IPv4, timestamps on every segment (RFC 7323). SYN 40 + 20 + MP_JOIN 12 = 72,
 * SYN/ACK 40 + 20 + 16 = 76, third ACK 40 + 12 + 24 = 76, fourth 52, data 40 + 12 + DSS 28 + 512 = 592 (RFC 8684
 * 3.2, 3.3). A record adds 48 to its data: 72 + 560 = 632. */
static void test_exact_join(void **state)
{
    static const struct exact rows[] = {
        {"client: {pm: break-before-make, join_data: 1}", 1, 632, 2, 632 + 76 + 592},
        {"client: {pm: break-before-make, join_data: 1}\nserver.jwd_accept: validated", 3, 632 + 76 + 76, 4,
         632 + 76 + 76 + 52 + 592},
        {"client: {pm: break-before-make, join_data: 0}", 5, 72 + 76 + 76 + 52 + 592, 6,
         72 + 76 + 76 + 52 + 592 + 52 + 592},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_exact(&rows[i]);
}

/* ---- generators --------------------------------------------------------------------------------- */

enum { DRAWS = 20000 };

/* Means and medians of 20,000 draws: bounds are about five standard errors. */
static void test_distributions(void **state)
{
    double sum = 0, pareto = 0;
    unsigned below = 0, tail = 0, outside = 0;
    struct rng rng;

    (void)state;
    generator_stream(&rng, 1, "test", 1);
    for (int i = 0; i < DRAWS; i++)
        sum += generator_exponential(&rng, 2);
    assert_true(sum / DRAWS > 1.93 && sum / DRAWS < 2.07);
    for (int i = 0; i < DRAWS; i++) {
        double x = generator_pareto(&rng, 3, 2.5); /* least 1.8; P(x > 3.6) = 2^-2.5 = 0.1768 */

        assert_true(x >= 1.8);
        pareto += x;
        tail += x > 3.6;
    }
    assert_true(pareto / DRAWS > 2.85 && pareto / DRAWS < 3.15);
    assert_true(tail > 0.163 * DRAWS && tail < 0.191 * DRAWS);
    for (int i = 0; i < DRAWS; i++)
        below += generator_lognormal(&rng, 500, 1, 0, 1e12) < 500;
    assert_true(below > 0.48 * DRAWS && below < 0.52 * DRAWS);
    for (int i = 0; i < DRAWS; i++) {
        double x = generator_lognormal(&rng, 500, 2, 100, 2000);

        outside += x < 100 || x > 2000;
    }
    assert_int_equal(outside, 0);
}

/* A plan by itself: the scenario's text, a seed, a connection. */
static void make_plan(const char *text, uint64_t seed, uint32_t connection, struct plan_of *p)
{
    struct run_config *c = calloc(1, sizeof *c);
    struct scenario *s = read_scenario(text, c);

    memset(p, 0, sizeof *p);
    generator_of(c->traffic_kind)->plan(p, c, seed, connection);
    scenario_clear(s);
    free(s);
    free(c);
}

#define PATH "\npaths: {wifi: {link: {rate: 10Mbit/s, delay: 10ms}}}\n"

/* 30 s of queries are 91 or 90 with the phase of the first, each of 2500 octets. */
static void test_plan_siri(void **state)
{
    struct plan_of p, q;

    (void)state;
    make_plan("traffic: {kind: siri}" PATH, 1, 1, &p);
    make_plan("traffic: {kind: siri}" PATH, 2, 1, &q);
    assert_int_equal(p.lanes, 1);
    assert_int_equal(p.lane[0].items, 91);
    assert_int_equal(p.lane[0].window, 9);
    assert_int_equal(p.lane[0].item[90].at - p.lane[0].item[0].at, 90ull * 333000000);
    assert_int_equal(p.lane[0].item[0].up, 2500);
    assert_int_equal(p.lane[0].item[0].down, 750);
    assert_true(p.lane[0].item[0].at != q.lane[0].item[0].at); /* the seed moves the phase */
    generator_clear(&p);
    generator_clear(&q);
    make_plan("traffic: {kind: sirimsg}" PATH, 1, 1, &p);
    assert_int_equal(p.lanes, 2);
    assert_int_equal(p.lane[0].item[9].at - p.lane[0].item[8].at, 5000000000); /* the pause */
    assert_int_equal(p.lane[0].item[8].at - p.lane[0].item[0].at, 8ull * 333000000);
    assert_int_equal(p.lane[1].items, 300);
    generator_clear(&p);
}

/* The mean number of embedded objects of the model is 5.64, of 1000 pages between 4.5 and 7. */
static void test_plan_web(void **state)
{
    struct plan_of p;
    uint64_t octets = 0, pages = 0;

    (void)state;
    make_plan("traffic: {kind: web}\nweb.pages: 1000" PATH, 1, 1, &p);
    for (size_t i = 0; i < p.lane[0].items; i++) {
        const struct item *item = &p.lane[0].item[i];

        assert_true(item->down >= 50 && item->down <= 2000000);
        if (i == 0 || item->group != item[-1].group) {
            pages++;
            octets += item->down;
        }
    }
    assert_int_equal(pages, 1000);
    assert_true(p.lane[0].items > 5500 && p.lane[0].items < 8000);
    assert_true(octets > 8500 * pages && octets < 13500 * pages); /* 10710 in the model */
    generator_clear(&p);
}

/* 10 Mbit/s half of the time. */
static void test_plan_onoff(void **state)
{
    static const char *const kinds[] = {"exponential", "pareto"};

    (void)state;
    for (size_t k = 0; k < 2; k++) {
        uint64_t octets = 0;
        struct plan_of p;
        char text[256];

        snprintf(text, sizeof text, "traffic: {kind: onoff, for: 4000s}\nonoff: {distribution: %s, shape: 2.5,"
                 " rate: 10Mbit/s}" PATH, kinds[k]);
        make_plan(text, 1, 1, &p);
        for (size_t i = 0; i < p.lane[0].items; i++)
            octets += p.lane[0].item[i].up;
        assert_true(octets > 2250000000 && octets < 2750000000);
        generator_clear(&p);
    }
}

/* 2 Mbit/s for 30 s is 7.5 MB to the octet. */
static void test_plan_stream(void **state)
{
    uint64_t octets = 0;
    struct plan_of p;

    (void)state;
    make_plan("traffic: {kind: stream, direction: down}" PATH, 1, 1, &p);
    assert_int_equal(p.lane[0].items, 750);
    for (size_t i = 0; i < p.lane[0].items; i++)
        octets += p.lane[0].item[i].down;
    assert_int_equal(octets, 7500000);
    generator_clear(&p);
}

/* 84 % short, 15 % idle, 1 % elephants, of 2000; the elephants carry most. */
static void test_plan_phone(void **state)
{
    unsigned idle = 0, elephants = 0;
    uint64_t octets = 0, large = 0;
    struct plan_of p;

    (void)state;
    for (uint32_t i = 1; i <= 2000; i++) {
        make_plan("traffic: {kind: phone, for: 1h}" PATH, 1, i, &p);
        idle += strcmp(p.flow, "idle") == 0;
        elephants += strcmp(p.flow, "elephant") == 0;
        for (size_t j = 0; j < p.lane[0].items; j++) {
            octets += p.lane[0].item[j].down;
            large += strcmp(p.flow, "elephant") == 0 ? p.lane[0].item[j].down : 0;
        }
        assert_true(p.open_at < 3600000000000);
        generator_clear(&p);
    }
    assert_true(idle > 240 && idle < 360);
    assert_true(elephants > 6 && elephants < 40);
    assert_true(2 * large > octets);
}

/* Every kind on the loop, without and with TLS and MPTCPsec: all is answered, nothing wrong, the same octets again. */
static void test_kinds(void **state)
{
    static const struct {
        const char *traffic, *requests;
    } rows[] = {
        {"{kind: siri, for: 3s, first: 10ms}", "10"},
        {"{kind: sirimsg, for: 3s, first: 10ms}", "39"},
        {"{kind: web, first: 10ms}\nweb: {pages: 3, think: 1s, object: 500B}", NULL},
        {"{kind: stream, direction: up, for: 3s, first: 10ms}", "75"},
        {"{kind: stream, direction: down, for: 3s, first: 10ms}", "75"},
        {"{kind: onoff, for: 3s, first: 10ms, direction: down}", NULL},
        {"{kind: phone, for: 60s}\nconnections: 6\nphone.idle: 40%", NULL},
    };
    static const char *const stacks[] = {"", "traffic.tls: true\n", "stack: {sec: require}\n"};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0] * 3; i++) {
        struct result *o = malloc(2 * sizeof *o);
        char text[1024], number[64], open[64];

        snprintf(text, sizeof text, "series: 0s\nduration: 600s\n%straffic: %s" PATH, stacks[i % 3], rows[i / 3].traffic);
        run_text(text, &o[0]);
        run_text(text, &o[1]);
        assert_string_equal(o[0].summary, o[1].summary);
        assert_string_equal(o[0].requests, o[1].requests);
        assert_string_equal(field(o->summary, 0, "answered", number), field(o->summary, 0, "requests", open));
        assert_true(atoi(number) > 0);
        if (rows[i / 3].requests != NULL)
            assert_string_equal(number, rows[i / 3].requests);
        assert_field(o->summary, 0, "fault_up", "good");
        assert_field(o->summary, 0, "fault_down", "good");
        assert_field(o->summary, 0, "error", "");
        assert_string_not_equal(field(o->summary, 0, "done_s", number), "");
        free(o);
    }
}

/* The path is gone from 5 s to 8 s: the window holds queries back, the stream stalls. */
static void test_gap(void **state)
{
    static const char gap[] = "series: 0s\nduration: 60s\ntraffic: {kind: %s, for: 20s, first: 10ms}\n"
                              "paths: {wifi: {link: {delay: 10ms}, changes: [{at: 5s, down: true}, {at: 8s, down: false}]}}\n";
    struct result *o = malloc(sizeof *o);
    char text[512];

    (void)state;
    snprintf(text, sizeof text, gap, "siri, direction: up");
    run_text(text, o);
    assert_true(atoi(field(o->summary, 0, "held", text)) >= 1);
    snprintf(text, sizeof text, gap, "stream, direction: up");
    run_text(text, o);
    assert_field(o->summary, 0, "stalls", "1");
    assert_true(atof(field(o->summary, 0, "stall_s", text)) > 2.5);
    assert_true(atoi(field(o->summary, 0, "late_frames", text)) > 60);
    assert_field(o->summary, 0, "unanswered", "0");
    free(o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_payload_pieces), cmocka_unit_test(test_payload_keys),
        cmocka_unit_test(test_payload_verdicts), cmocka_unit_test(test_msg),
        cmocka_unit_test(test_unanswered), cmocka_unit_test(test_many),
        cmocka_unit_test(test_address_down), cmocka_unit_test(test_ipv6_tcp),
        cmocka_unit_test(test_exact_join),
        cmocka_unit_test(test_distributions), cmocka_unit_test(test_plan_siri),
        cmocka_unit_test(test_plan_web), cmocka_unit_test(test_plan_onoff),
        cmocka_unit_test(test_plan_stream), cmocka_unit_test(test_plan_phone),
        cmocka_unit_test(test_kinds), cmocka_unit_test(test_gap),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
