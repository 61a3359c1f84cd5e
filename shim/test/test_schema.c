/* SPDX-License-Identifier: MIT */
/* The scenario loader: every mistake is told with file, line, column and what would be right; layers win in
 * their order; engines refuse what they cannot honour; sweeps give the runs that were asked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "run/cli.h"
#include "run/network.h"
#include "run/plan.h"
#include "run/schema.h"
#include "run/tables.h"

/* A scenario from text, read through a pipe. */
struct fixture {
    char file[64];
    struct scenario s;
    struct diag d;
    struct run_config c;
};

static const char plain[] = "paths:\n  wifi: {link: {delay: 7ms}}\n  lte: {link: {delay: 20ms}}\n";

static struct fixture *open_text(const char *text)
{
    struct fixture *f = calloc(1, sizeof *f);
    int fd[2];

    assert_int_equal(pipe(fd), 0);
    assert_int_equal(write(fd[1], text, strlen(text)), strlen(text));
    close(fd[1]);
    snprintf(f->file, sizeof f->file, "/dev/fd/%d", fd[0]);
    scenario_load(&f->s, f->file, &f->d);
    close(fd[0]);
    return f;
}

static void close_text(struct fixture *f)
{
    scenario_clear(&f->s);
    diag_clear(&f->d);
    free(f);
}

static struct run_config *resolve(struct fixture *f, int engine)
{
    struct selection sel = {.engine = engine};

    scenario_resolve(&f->s, &sel, &f->c, &f->d);
    return &f->c;
}

/* The text has exactly this mistake, at this place. */
static void wrong(const char *text, const char *place, const char *message)
{
    struct fixture *f = open_text(text);
    char want[512];

    if (f->d.errors == 0)
        resolve(f, -1);
    snprintf(want, sizeof want, "%s%s: ", f->file, place);
    if (f->d.errors == 0)
        fail_msg("no error in: %s", text);
    if (strncmp(f->d.text, want, strlen(want)) != 0 || strstr(f->d.text, message) == NULL)
        fail_msg("%s\nis not\n%s%s", f->d.text, want, message);
    close_text(f);
}

static struct fixture *right(const char *text)
{
    struct fixture *f = open_text(text);

    if (f->d.errors == 0)
        resolve(f, -1);
    if (f->d.errors > 0)
        fail_msg("%s", f->d.text);
    return f;
}

/* ---- the table ---------------------------------------------------------------------------------- */

static void test_table(void **state)
{
    const struct schema_key *k, *other;
    struct value v;
    char why[128];

    (void)state;
    for (size_t i = 0; (k = schema_key(i)) != NULL; i++) {
        assert_true(k->help[0] != '\0');
        for (size_t j = 0; j < i && (other = schema_key(j)) != NULL; j++)
            assert_false(k->scope == other->scope && strcmp(k->key, other->key) == 0);
        if (k->def[0] != '\0' && units_parse(k->type, k->least, k->def, &v, why, sizeof why) < 0)
            fail_msg("default of %s: %s", k->key, why);
        if (k->type != VALUE_CHOICE && k->least[0] != '\0')
            assert_int_equal(units_parse(k->type, "", k->least, &v, why, sizeof why), 0);
        if (k->most[0] != '\0')
            assert_int_equal(units_parse(k->type, "", k->most, &v, why, sizeof why), 0);
    }
}

static void test_hints(void **state)
{
    static const char *const rows[][2] = {
        {"paths.wifi.link.dealy", "delay"},    {"paths.wifi.delay", "link.delay"},
        {"durration", "duration"},             {"traffic.requst", "request"},
        {"client.join_dat", "join_data"},      {"paths.wifi.changes.0.lost", "loss"},
        {"paths.lte.radio.promtion", "promotion"}, {"radios.slow.tale", "tail"},
        {"paths.lte.radio.profil", "profile"},     {"varients", "variants"},              {"paths.lte.radoi.kind", "radio.kind"},
    };
    char near[128];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *got = schema_nearest(rows[i][0], near, sizeof near);

        assert_non_null(got);
        assert_string_equal(got, rows[i][1]);
    }
    assert_null(schema_nearest("xylophone", near, sizeof near));
}

/* ---- mistakes ----------------------------------------------------------------------------------- */

static void test_unknown_keys(void **state)
{
    (void)state;
    wrong("paths:\n  wifi:\n    link:\n      dealy: 7ms\n", ":4:7",
          "unknown key 'dealy', did you mean 'delay'?");
    wrong("duraton: 5s\n", ":1:1", "did you mean 'duration'?");
    wrong("paths: {wifi: {link: {delay: 7ms}}}\nvariants:\n  a: {clinet: {pm: manual}}\n", ":3:7",
          "unknown key 'clinet', did you mean 'client'?");
    wrong("paths: {wifi: {link: {delay: 7ms}}}\nclient: {shced: minrtt}\n", ":2:10",
          "unknown key 'shced', did you mean 'sched'?");
    wrong("xylophone: 1\n", ":1:1", "unknown key 'xylophone' (see `mpsim help keys`)");
}

static void test_wrong_values(void **state)
{
    (void)state;
    wrong("duration: 20\npaths: {a: {mtu: 1500B}}\n", ":1:11", "has no unit");
    wrong("paths: {a: {loss: 120%}}\n", ":1:19", "'120%' is too large; at most 1");
    wrong("paths: {a: {mtu: 100B}}\n", ":1:18", "'100B' is too small; at least 576B");
    wrong("traffic: {kind: bluk}\npaths: {a: {mtu: 1500B}}\n", ":1:17", "none of msg|bulk");
    wrong("paths: {a: {mtu: 1500B}}\nclient: {sched: fastest}\n", ":2:17", "'fastest' is not a value of");
    wrong("paths: {a: {mtu: 1500B}}\nclient: {pm.return_after: 5}\n", ":2:27", "time with a unit, 10ms to 10min, default 2s");
    wrong("paths: {a: {mtu: 1500B}}\nclient: {pm.oracle_loss: 5%}\n", ":2:26", "number, 1 to 101, default 25");
    wrong("duration: [1s, 2s]\n", ":1:11", "takes one value, not a list");
    wrong("paths: {a: {link: 7ms}}\n", ":1:19", "section");
    wrong("paths: {a: {changes: {at: 5s}}}\n", ":1:22", "list");
    wrong("paths: {a: {changes: [5s]}}\n", ":1:23", "like {at: 5s, down: true}");
}

static void test_impossible(void **state)
{
    (void)state;
    wrong("duration: 5s\n", "", "there is no path");
    wrong("paths: {a: {changes: [{down: true}]}}\n", ":1:30", "has no 'at'");
    wrong("paths: {a: {changes: [{at: 5s}]}}\n", ":1:28", "changes nothing");
    wrong("duration: 2s\npaths: {a: {changes: [{at: 5s, down: true}]}}\n", ":2:28", "after the end");
    wrong("paths: {a: {idle_at_start: true}}\n", ":1:28", "needs a promotion");
    wrong("engine: ns3\npaths: {a: {mtu: 1500B}}\n", ":2:18", "needs wifi or lte");
    wrong("paths: {a: {mtu: 1500B}}\nvariants: {x: {paths: {b: {mtu: 1500B}}}}\n", ":2:28",
          "no path 'b'; the scenario has a");
    wrong("paths: {a: {mtu: 1500B}}\nstack: {mptcp: 0, sec: require}\n", ":2:16", "sec: require needs Multipath TCP");
    wrong("paths: {a: {mtu: 1500B}}\nvariants: {x: {repeat: 3}}\n", ":2:16", "whole scenario");
}

static void test_not_yaml(void **state)
{
    (void)state;
    wrong("a: [1, 2\nb: 3\n", ":2:2", "not YAML");
    wrong("duration: 1s\nduration: 2s\n", ":2:1", "second time; the first is in line 1");
    wrong("- 1\n", ":1:1", "a scenario is a map");
    wrong("", ":1:1", "empty");
}

static void test_engines(void **state)
{
    struct fixture *f;

    (void)state;
    wrong("paths: {a: {mtu: 1500B}}\nmobility: {walk: true}\n", ":2:12",
          "engine loop cannot honour 'mobility.walk' (ns3 can)");
    f = right("paths: {a: {radio: {kind: wifi}, link: {delay: 7ms}}}\n"); /* radio: rests */
    assert_int_equal(resolve(f, ENGINE_NS3)->engine, ENGINE_NS3);         /* link: rests */
    assert_int_equal(f->d.errors, 0);
    scenario_set(&f->s, "paths.a.link.rate=1Mbit/s", &f->d);
    resolve(f, ENGINE_LOOP);
    assert_int_equal(f->d.errors, 0);
    resolve(f, ENGINE_NS3); /* asked for by name: not silently ignored */
    assert_int_equal(f->d.errors, 1);
    close_text(f);
}

/* ---- layers ------------------------------------------------------------------------------------- */

static void test_order(void **state)
{
    struct fixture *f = right("paths: {a: {mtu: 1000B, changes: [{at: 1s, down: true}, {at: 2s, down: false}]}}\n"
                              "traffic.request: 100B\n"
                              "variants: {v: {traffic.request: 300B, paths.a.changes: [{at: 3s, loss: 50%}]}}\n"
                              "axes: {size: {set: [traffic.request, traffic.response], to: [200B, 201B]}}\n");
    struct selection sel = {.engine = -1};

    (void)state;
    assert_int_equal(f->c.request, 300);  /* the variant wins over the axis */
    assert_int_equal(f->c.response, 200); /* the axis wins over the default */
    assert_int_equal(f->c.path[0].changes, 1);
    assert_int_equal(f->c.path[0].change[0].at.low, 3000000000);
    assert_string_equal(scenario_origin(&f->s, &sel, "traffic.request")->origin, "variant v");
    assert_int_equal(scenario_set(&f->s, "traffic.request=400B", &f->d), 0);
    assert_int_equal(scenario_set(&f->s, "paths.a.changes.0.at=4s", &f->d), 0);
    assert_int_equal(resolve(f, -1)->request, 400);
    assert_int_equal(f->c.path[0].change[0].at.low, 4000000000);
    assert_int_equal(scenario_set(&f->s, "traffic.reqest=1B", &f->d), -1);
    assert_non_null(strstr(f->d.text, "--set: unknown key 'traffic.reqest', did you mean 'request'?"));
    assert_int_equal(scenario_set(&f->s, "size=999B", &f->d), -1);
    assert_non_null(strstr(f->d.text, "no point of axis 'size'; it has 200B, 201B"));
    close_text(f);
}

static size_t count_runs(struct fixture *f, int all, const char *variant)
{
    struct cli_options o = {.engine = -1, .all = all, .variant = variant};
    struct plan p;
    size_t n;

    assert_int_equal(plan_build(&p, &f->s, &o, &f->d), 0);
    n = plan_count(&p);
    plan_clear(&p);
    return n;
}

static void test_plan(void **state)
{
    static const char text[] = "paths: {a: {mtu: 1500B}}\nrepeat: 10\n"
                               "variants: {x: , y: , z: }\n"
                               "axes: {traffic.request: [1B, 2B], mtu: {set: paths.a.mtu, to: [600B, 700B, 800B]}}\n";
    char swept[512];
    struct fixture *f = right(text);

    (void)state;
    assert_int_equal(count_runs(f, 0, NULL), 1);
    assert_int_equal(count_runs(f, 1, NULL), 3 * 2 * 3 * 10);
    assert_int_equal(count_runs(f, 1, "y"), 2 * 3 * 10);
    assert_int_equal(scenario_set(&f->s, "mtu=700B", &f->d), 0);
    assert_int_equal(count_runs(f, 1, NULL), 3 * 2 * 10);
    close_text(f);
    snprintf(swept, sizeof swept, "%ssweeps: [{axes: [traffic.request]}, {variants: [x], axes: [mtu]}]\n", text);
    f = right(swept);
    assert_int_equal(count_runs(f, 1, NULL), (3 * 2 + 2) * 10); /* x at the first points is in both */
    close_text(f);
}

/* ---- the seed ----------------------------------------------------------------------------------- */

static void test_draws(void **state)
{
    struct fixture *f = right("paths: {a: {changes: [{at: 'U(5s, 5.5s)', down: true}]}}\nstart: 1s\n"
                              "variants: {x: , y: {traffic.request: 1B}}\n");
    struct selection y = {.variant = 1, .engine = -1};
    struct network *a = malloc(sizeof *a), *b = malloc(sizeof *b), *c = malloc(sizeof *c);
    uint64_t at, first;

    (void)state;
    network_build(a, &f->c, 7);
    network_build(c, &f->c, 8);
    first = network_first_request(&f->c, 7, 0);
    scenario_resolve(&f->s, &y, &f->c, &f->d);
    network_build(b, &f->c, 7);
    at = a->topology.path[0].change[0].at;
    assert_true(at >= 6000000000 && at < 6500000000); /* from the start of the clients */
    assert_int_equal(at, b->topology.path[0].change[0].at);
    assert_int_not_equal(at, c->topology.path[0].change[0].at);
    assert_true(first < 500000000);
    assert_int_equal(first, network_first_request(&f->c, 7, 0));
    assert_int_not_equal(first, network_first_request(&f->c, 7, 1));
    free(a);
    free(b);
    free(c);
    close_text(f);
}

static void test_hash(void **state)
{
    struct fixture *f = right(plain), *g = right("repeat: 5\ndescription: other\n"
                                                 "paths:\n  wifi: {link: {delay: 7000us}}\n"
                                                 "  lte: {link: {delay: 20ms}}\n");
    uint64_t h;

    (void)state;
    f->c.name = g->c.name = "same";
    h = tables_config_hash(&f->c, "v", 1);
    assert_int_equal(h, tables_config_hash(&g->c, "v", 1)); /* the same runs, said in other words */
    assert_int_not_equal(h, tables_config_hash(&f->c, "v", 2));
    assert_int_not_equal(h, tables_config_hash(&f->c, "w", 1));
    g->c.path[0].delay++;
    assert_int_not_equal(h, tables_config_hash(&g->c, "v", 1));
    f->c.tls_certificate++; /* nobody looks at it ... */
    assert_int_equal(h, tables_config_hash(&f->c, "v", 1));
    f->c.stack[SIDE_CLIENT].sec = MPT_SECURE_REQUIRE;
    f->c.stack[SIDE_CLIENT].sec_kx = MPT_SECURE_TLS;
    assert_int_not_equal(h, tables_config_hash(&f->c, "v", 1)); /* ... but TLS, of MPTCPsec too */
    h = tables_config_hash(&f->c, "v", 1);
    f->c.tls_certificate--;
    assert_int_not_equal(h, tables_config_hash(&f->c, "v", 1));
    close_text(f);
    close_text(g);
}

/* ---- radios ------------------------------------------------------------------------------------- */

/* Counts the keys of radios that run.json and the hash see. */
static void count_radio(void *ctx, const char *key, const char *value)
{
    size_t *n = ctx;

    assert_true(value[0] != '\0' || strstr(key, ".radio.") == NULL);
    *n += strstr(key, ".radio.") != NULL;
}

/* Catalogue, radios of the scenario over it, the path over them; without a profile there is nothing. */
static void test_radios(void **state)
{
    struct fixture *f = right("radios:\n  slow: {profile: lte-huang2012, promotion: 500ms, tail_power: 0.9W}\n"
                              "  slower: {profile: slow, promotion: 1s}\n  wifi-cam: {tail_power: 100mW}\n"
                              "paths:\n  a: {radio: {profile: slower, tail: 5s, drx_extra: true}}\n"
                              "  b: {radio: {profile: wifi-cam, up_energy: 1mW/Mbit/s}}\n  c: {mtu: 1500B}\n"
                              "  d: {radio: {profile: none, tail: 1s}}\n");
    const struct mpt_radio_profile *a = &f->c.path[0].model.value, *b = &f->c.path[1].model.value;
    size_t keys = 0;

    (void)state;
    assert_string_equal(f->c.path[0].model.base, "lte-huang2012");
    assert_int_equal(a->promotion, 1000000000);
    assert_int_equal(a->tail_power, 900000);
    assert_int_equal(a->tail, 5000000000);
    assert_int_equal(a->drx_extra, 1);
    assert_int_equal(a->up_energy, 438390); /* from the bottom */
    assert_string_equal(f->c.path[1].model.base, "wifi-cam");
    assert_int_equal(b->tail_power, 100000);
    assert_int_equal(b->up_energy, 1000);
    assert_int_equal(b->sleep, 0);
    assert_null(f->c.path[2].model.base);
    assert_null(f->c.path[3].model.base);
    config_each(&f->c, count_radio, &keys);
    /* kind, distance, fading of each path; 17 keys of a WiFi radio without those of LTE and 3G, 7 more of LTE */
    assert_int_equal(keys, 4 * 3 + (17 + 7) + 17);
    close_text(f);
}

/* With the place, and what would be right. */
static void test_wrong_radios(void **state)
{
    (void)state;
    wrong("paths: {a: {radio: {profile: lte-huang2021}}}\n", ":1:30", "did you mean 'lte-huang2012'?");
    wrong("radios: {slow: {profile: wifi-cam}}\npaths: {a: {radio: {profile: slwo}}}\n", ":2:30", "did you mean 'slow'?");
    wrong("paths: {a: {radio: {profile: xylophone}}}\n", ":1:30", "see `mpsim list radios`");
    wrong("radios: {slow: {tail: 5s}}\npaths: {a: {radio: {profile: slow}}}\n", ":1:23", "radios.slow has no profile");
    wrong("radios: {x: {profile: y}, y: {profile: x}}\npaths: {a: {radio: {profile: x}}}\n", ":1:23", "circle");
    wrong("paths: {a: {radio: {tail: 5s}}}\n", ":1:27", "like 'profile: lte-huang2012'");
    wrong("paths: {a: {radio: {profile: wifi-cam, fach: 1s}}}\n", ":1:46", "'fach' is not of a radio of kind wifi");
    wrong("paths: {a: {radio: {profile: lte-huang2012, tail: 50ms}}}\n", ":1:30", "inactivity is longer than tail");
    wrong("paths: {a: {promotion: 260ms, radio: {profile: lte-huang2012}}}\n", ":1:24", "write radio.promotion");
    wrong("paths: {a: {idle_at_start: true, radio: {profile: lte-huang2012}}}\n", ":1:28", "write radio.start");
    wrong("paths: {a: {radio: {profile: wifi-cam, tail_power: 5}}}\n", ":1:52", "has no unit; use uW, mW or W");
    wrong("paths: {a: {radio: {profile: wifi-cam, up_energy: 5mW}}}\n", ":1:51", "nJ/bit or mW/Mbit/s");
    wrong("paths: {a: {radio: {prfile: wifi-cam}}}\n", ":1:21", "did you mean 'profile'?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),      cmocka_unit_test(test_hints),
        cmocka_unit_test(test_unknown_keys), cmocka_unit_test(test_wrong_values),
        cmocka_unit_test(test_impossible), cmocka_unit_test(test_not_yaml),
        cmocka_unit_test(test_engines),    cmocka_unit_test(test_order),
        cmocka_unit_test(test_plan),       cmocka_unit_test(test_draws),
        cmocka_unit_test(test_hash),       cmocka_unit_test(test_radios),
        cmocka_unit_test(test_wrong_radios),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
