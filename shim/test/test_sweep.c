/* SPDX-License-Identifier: MIT */
/* `sweep:` of a scenario: lists, ranges by step and by factor, zipped and crossed; what cannot be swept is one
 * message with its place. `until:`: the interval and its condition. */
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
#include "run/plan.h"
#include "run/until.h"

static const char head[] = "paths: {a: {link: {delay: 7ms}}, b: {link: {delay: 9ms}}}\nsweep:\n";

/* A scenario of head and text, and its whole plan. */
struct fixture {
    char file[64];
    struct scenario s;
    struct plan p;
    struct diag d;
};

static struct fixture *open_sweep(const char *text)
{
    struct fixture *f = calloc(1, sizeof *f);
    struct cli_options o = {.engine = -1, .all = 1};
    int fd[2];

    assert_int_equal(pipe(fd), 0);
    assert_int_equal(write(fd[1], head, strlen(head)), strlen(head));
    assert_int_equal(write(fd[1], text, strlen(text)), strlen(text));
    close(fd[1]);
    snprintf(f->file, sizeof f->file, "/dev/fd/%d", fd[0]);
    if (scenario_load(&f->s, f->file, &f->d) == 0)
        plan_build(&f->p, &f->s, &o, &f->d);
    close(fd[0]);
    return f;
}

static void close_sweep(struct fixture *f)
{
    plan_clear(&f->p);
    scenario_clear(&f->s);
    diag_clear(&f->d);
    free(f);
}

/* The labels of all runs are these, separated by blanks. */
static void swept(const char *text, const char *labels)
{
    struct fixture *f = open_sweep(text);
    char got[4096] = "", label[512];

    if (f->d.errors > 0)
        fail_msg("%s", f->d.text);
    for (size_t i = 0; i < plan_count(&f->p); i++) {
        struct job job = plan_job(&f->p, i);

        scenario_label(&f->s, &job.sel, label, sizeof label);
        snprintf(got + strlen(got), sizeof got - strlen(got), "%s%s", i > 0 ? " " : "", label);
    }
    assert_string_equal(got, labels);
    close_sweep(f);
}

/* One message, at this line and column. */
static void wrong(const char *text, const char *place, const char *message)
{
    struct fixture *f = open_sweep(text);
    char want[128];

    snprintf(want, sizeof want, "%s:%s: ", f->file, place);
    if (f->d.errors != 1)
        fail_msg("%zu errors in: %s\n%s", f->d.errors, text, f->d.errors > 0 ? f->d.text : "");
    if (strncmp(f->d.text, want, strlen(want)) != 0 || strstr(f->d.text, message) == NULL)
        fail_msg("%s\nis not\n%s%s", f->d.text, want, message);
    close_sweep(f);
}

static void test_lists(void **state)
{
    (void)state;
    swept("  traffic.request: [1B, 2B]\n", "plain,traffic.request=1B plain,traffic.request=2B");
    swept("  n: {set: [traffic.request, traffic.response], to: [1B]}\n", "plain,n=1B");
    swept("  x: {p: {ipv6: true}, q: {}}\n  phones: [1, 2]\nsweeps: [{axes: [phones]}]\n",
          "plain,x=p,phones=1 plain,x=p,phones=2");
}

static void test_ranges(void **state)
{
    (void)state;
    swept("  n: {set: paths.a.link.delay, to: {from: 10ms, to: 35ms, step: 10ms}}\n", "plain,n=10ms plain,n=20ms plain,n=30ms");
    swept("  n: {set: paths.a.link.delay, to: {from: 0ms, to: 1s, step: 0.5s}}\n", "plain,n=0 plain,n=500ms plain,n=1s");
    swept("  n: {set: paths.a.loss, to: {from: 0, to: 0.3, step: 0.1}}\n", "plain,n=0% plain,n=10% plain,n=20% plain,n=30%");
    swept("  traffic.size: {from: 1MB, to: 1GB, log: 4}\n",
          "plain,traffic.size=1MB plain,traffic.size=10MB plain,traffic.size=100MB plain,traffic.size=1GB");
    swept("  traffic.size: {from: 1MB, to: 10MB, log: 3}\n",
          "plain,traffic.size=1MB plain,traffic.size=3160kB plain,traffic.size=10MB");
    swept("  n: {set: client.tcp.rto_min, to: {from: 100ms, to: 300ms, step: 100ms}}\n",
          "plain,n=100ms plain,n=200ms plain,n=300ms");
    swept("  phones: {from: 3, to: 3, step: 1}\n", "plain,phones=3");
}

static void test_zipped(void **state)
{
    struct fixture *f;
    struct run_config *c = calloc(1, sizeof *c);

    (void)state;
    swept("  z: {zip: {paths.a.loss: [0, 1%, 0], paths.b.loss: [2%, 1%, 3%]}}\n",
          "plain,z=0+2% plain,z=1%+1% plain,z=0+3%");
    swept("  z: {zip: {phones: [1, 2], traffic.size: {from: 1MB, to: 2MB, step: 1MB}}}\n  ipv6: [false, true]\n",
          "plain,z=1+1MB,ipv6=false plain,z=1+1MB,ipv6=true plain,z=2+2MB,ipv6=false plain,z=2+2MB,ipv6=true");
    f = open_sweep("  z: {zip: {phones: [1, 2], traffic.size: [5MB, 6MB]}}\n");
    assert_int_equal(f->d.errors, 0);
    scenario_resolve(&f->s, &f->p.selection[1], c, &f->d);
    assert_int_equal(c->phones, 2);
    assert_int_equal(c->bulk_size, 6000000);
    close_sweep(f);
    f = open_sweep("  z: {zip: {phones: [1, 2: {duration: 3s}], traffic.size: [5MB: {ipv6: true}, 6MB]}}\n");
    assert_int_equal(f->d.errors, 0);
    scenario_resolve(&f->s, &f->p.selection[0], c, &f->d);
    assert_true(c->ipv6 && c->duration == 10000000000);
    scenario_resolve(&f->s, &f->p.selection[1], c, &f->d);
    assert_true(!c->ipv6 && c->duration == 3000000000);
    close_sweep(f);
    free(c);
}

static void test_mistakes(void **state)
{
    (void)state;
    wrong("  traffic.requst: [1B]\n", "3:3", "did you mean 'request'?");
    wrong("  traffic.request: []\n", "3:20", "a list of 1 to 400 values");
    wrong("  traffic.request: [1B, 1B]\n", "3:25", "has the point '1B' twice");
    wrong("  traffic.request: [1B, 5s]\n", "3:25", "'5s' has no known unit; use B, kB");
    wrong("  traffic.request: {from: 3B, to: 1B, step: 1B}\n", "3:27", "the range is empty: from 3B is more than to 1B");
    wrong("  traffic.request: {from: 3B, to: 9B, step: 0}\n", "3:45", "a step of 0 never arrives");
    wrong("  traffic.request: {from: 3B, to: 9B}\n", "3:20", "either 'step' or 'log'");
    wrong("  traffic.request: {from: 3B, to: 9B, stpe: 2}\n", "3:39", "unknown key 'stpe'");
    wrong("  traffic.request: {from: 3B, to: 9s, step: 1B}\n", "3:35", "'9s' has no known unit");
    wrong("  traffic.request: {from: 1B, to: 1MB, step: 1B}\n", "3:27", "the range has 1000000 points; at most 400");
    wrong("  traffic.request: {from: 0B, to: 1MB, log: 3}\n", "3:27", "cannot begin at 0");
    wrong("  traffic.request: {from: 1B, to: 1MB, log: 1}\n", "3:45", "2 or more");
    wrong("  ipv6: {from: 0, to: 1, step: 1}\n", "3:16", "takes no numbers");
    wrong("  z: {zip: {phones: [1, 2], traffic.size: [5MB]}}\n", "3:43", "zip: 'traffic.size' has 1 values, 'phones' has 2");
    wrong("  z: {zip: {phones: [1, 2]}}\n", "3:12", "two keys or more");
    wrong("  phones: [1, 2]\n  n: {set: phones, to: [3]}\n", "4:12", "axes 'phones' and 'n' both set 'phones'");
    wrong("  phones: [1, 2]\naxes: {ipv6: [true]}\n", "4:7", "'axes' is the older name of 'sweep'");
    wrong("  phones: {from: 1, to: 64, step: 1}\n  connections: {from: 1, to: 400, step: 1}\n"
          "  traffic.size: {from: 1MB, to: 400MB, step: 1MB}\n", "3:3", "the sweep has 1.024e+07 points");
}

/* Against R: t.test() of these values. */
static void test_interval(void **state)
{
    double v[40], mean, width;

    (void)state;
    for (size_t i = 0; i < 40; i++)
        v[i] = (double)(i + 1);
    width = until_half_width(v, 5, &mean);
    assert_true(mean == 3 && width > 1.96315 && width < 1.96330);
    width = until_half_width(v, 12, &mean); /* t = 2.200985 */
    assert_true(width > 2.28815 && width < 2.29115);
    width = until_half_width(v, 40, &mean); /* t = 2.022691 */
    assert_true(mean == 20.5 && width > 3.7380 && width < 3.7395);
    assert_true(until_half_width(v, 1, &mean) > 1e300 && mean == 1);
    assert_true(until_half_width(v, 0, &mean) > 1e300);
}

static void test_condition(void **state)
{
    static const char *const bad[] = {"", "ci(x) > 5%", "ci() < 5%", "ci(x) < 0%", "ci(x) < 5%%", "ci(x) < 5% y", "x < 5%", "ci(x) < -1"};
    char name[64], why[256];
    double bound;
    int relative;

    (void)state;
    assert_int_equal(until_parse("ci(goodput_up) < 5%", name, &bound, &relative, why, sizeof why), 0);
    assert_string_equal(name, "goodput_up");
    assert_true(relative && bound > 0.0499 && bound < 0.0501);
    assert_int_equal(until_parse("ci( max_delay_s )<0.25", name, &bound, &relative, why, sizeof why), 0);
    assert_true(!relative && bound == 0.25);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (until_parse(bad[i], name, &bound, &relative, why, sizeof why) == 0)
            fail_msg("taken: %s", bad[i]);
    wrong("  phones: [1, 2]\nuntil: ci(x) < y\nrepeat: 9\n", "4:8", "is no condition");
    wrong("  phones: [1, 2]\nuntil: ci(x) < 5%\nrepeat: 4\n", "5:9", "less than repeat_min: 5");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_zipped),
        cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_interval),
        cmocka_unit_test(test_condition),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
