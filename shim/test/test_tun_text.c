/* SPDX-License-Identifier: MIT */
/* Texts of the TUN commands without a device: what --dev, --path and the rest are taken for, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ip.h"
#include "tun/options.h"
#include "tun/shape.h"

static char *kept[512]; /* every copy, until the end: options point into them */
static size_t keeps;

/* A copy on the heap, so that a sanitizer sees who reads beyond its end. */
static char *copy(const char *text)
{
    char *out = malloc(strlen(text) + 1);

    assert_non_null(out);
    assert_true(keeps < sizeof kept / sizeof kept[0]);
    kept[keeps++] = out;
    return strcpy(out, text);
}

static int free_copies(void **state)
{
    (void)state;
    while (keeps)
        free(kept[--keeps]);
    return 0;
}

static void refuses(const char *text, const char *words)
{
    struct tun_device d;
    char err[200] = "", *given = copy(text);

    if (device_parse(&d, given, 1, err, sizeof err) == 0)
        fail_msg("'%s' was taken", text);
    if (!strstr(err, words))
        fail_msg("'%s': '%s' does not say '%s'", text, err, words);
}

static void test_device(void **state)
{
    struct tun_device d;
    char err[200], text[64], *given = copy("tun0@/proc/1/ns/net=10.1.0.1/24,peer=10.1.0.2,mtu=1400,via=w0,id=9,signal,port=80");

    (void)state;
    assert_int_equal(device_parse(&d, given, 1, err, sizeof err), 0);
    assert_string_equal(d.name, "tun0");
    assert_string_equal(d.netns, "/proc/1/ns/net");
    assert_string_equal(d.via, "w0");
    assert_int_equal(d.prefix, 24);
    assert_int_equal(d.mtu, 1400);
    assert_int_equal(d.id, 9);
    assert_int_equal(d.port, 80);
    assert_int_equal(d.flags, MPT_ADDRESS_SIGNAL);
    ip_format(&d.addr, text, sizeof text);
    assert_string_equal(text, "10.1.0.1");
    ip_format(&d.peer, text, sizeof text);
    assert_string_equal(text, "10.1.0.2");
    given = copy("t=fd00::1/64,backup,fullmesh");
    assert_int_equal(device_parse(&d, given, 1, err, sizeof err), 0);
    assert_int_equal(d.addr.family, 6);
    assert_int_equal(d.flags, MPT_ADDRESS_BACKUP | MPT_ADDRESS_FULLMESH);
}

static void test_device_refused(void **state)
{
    (void)state;
    refuses("", "1 to 15");
    refuses("tun0", "address is needed");
    refuses("tun0123456789abc=10.0.0.1", "1 to 15");
    refuses("=10.0.0.1", "1 to 15");
    refuses("tun0=", "no IPv4");
    refuses("tun0=10.0.0.1.2", "no IPv4");
    refuses("tun0=fd00:::1", "no IPv4");
    refuses("tun0=10.0.0.1/", "prefix");
    refuses("tun0=10.0.0.1/0", "prefix");
    refuses("tun0=10.0.0.1/33", "prefix");
    refuses("tun0=fd00::1/129", "prefix");
    refuses("tun0=10.0.0.1/-1", "prefix");
    refuses("tun0=10.0.0.1,peer=fd00::2", "same family");
    refuses("tun0=10.0.0.1,peer", "none of");
    refuses("tun0=10.0.0.1,", "none of");
    refuses("tun0=10.0.0.1,mtu=575", "no MTU");
    refuses("tun0=10.0.0.1,mtu=65536", "no MTU");
    refuses("tun0=10.0.0.1,mtu=1500x", "no MTU");
    refuses("tun0=10.0.0.1,id=0", "address id");
    refuses("tun0=10.0.0.1,id=256", "address id");
    refuses("tun0=10.0.0.1,port=1", "signal only");
    refuses("tun0=10.0.0.1,signal,fullmesh", "exclude");
}

/* Words to options, NULL at the end. */
static int parse(struct tun_options *o, int serve, const char *const *words)
{
    char *argv[16];
    int argc = 0;

    for (; words[argc]; argc++)
        argv[argc] = copy(words[argc]);
    return options_parse(o, serve, argc, argv);
}
#define WORDS(...) (const char *const[]){__VA_ARGS__, NULL}

static void test_options(void **state)
{
    static struct tun_options o;

    (void)state;
    assert_int_equal(parse(&o, 0, WORDS("--dev", "t=10.0.0.1", "10.0.0.2", "--set=stack.cc=reno", "5000", "client.checksum=1",
                                        "server.checksum=0", "--timeout", "2s", "-v", "-d")), 0);
    assert_int_equal(o.port, 5000);
    assert_int_equal(o.remote.port, 5000);
    assert_int_equal(o.config.cc, MPT_CC_RENO);
    assert_int_equal(o.config.checksum, 1);
    assert_int_equal(o.config.pm, MPT_PM_FULLMESH);
    assert_int_equal(o.timeout, 2000000000);
    assert_int_equal(o.mute, 1);
    assert_int_equal(o.verbose, 1);
}

/* The path manager follows from what the devices are for, unless it is written. */
static void test_options_pm(void **state)
{
    static struct tun_options o[3];

    (void)state;
    assert_int_equal(parse(&o[0], 1, WORDS("--dev", "t=10.0.0.1", "80", "-k")), 0);
    assert_int_equal(o[0].config.pm, MPT_PM_MANUAL);
    assert_int_equal(parse(&o[1], 1, WORDS("--dev", "t=10.0.0.1,signal", "--dev", "t=10.0.0.3", "80")), 0);
    assert_int_equal(o[1].config.pm, MPT_PM_ENDPOINTS);
    assert_int_equal(o[1].device[0].same, 0);
    assert_int_equal(o[1].device[1].same, 1); /* the same device: another address on it */
    assert_int_equal(parse(&o[2], 1, WORDS("pm=fullmesh", "--dev", "t=10.0.0.1,signal", "80")), 0);
    assert_int_equal(o[2].config.pm, MPT_PM_FULLMESH);
}

static void test_options_refused(void **state)
{
    static struct tun_options o;

    (void)state;
    assert_int_equal(parse(&o, 1, WORDS("80")), -1);
    assert_int_equal(parse(&o, 1, WORDS("--dev", "t=10.0.0.1")), -1);
    assert_int_equal(parse(&o, 1, WORDS("--dev", "t=10.0.0.1", "0")), -1);
    assert_int_equal(parse(&o, 1, WORDS("--dev", "t=10.0.0.1", "80", "81")), -1);
    assert_int_equal(parse(&o, 1, WORDS("--dev", "t=10.0.0.1", "80", "cc=x")), -1);
    assert_int_equal(parse(&o, 1, WORDS("--dev", "t=10.0.0.1", "80", "server.x=1")), -1);
    assert_int_equal(parse(&o, 1, WORDS("--dev", "t=10.0.0.1", "80", "client.x=1")), -1);
    assert_int_equal(parse(&o, 1, WORDS("--dev", "t=10.0.0.1", "80", "--timeout", "2")), -1);
    assert_int_equal(parse(&o, 1, WORDS("--dev", "t=10.0.0.1", "80", "--averyveryveryverylongoptionthatis=1")), -1);
    assert_int_equal(parse(&o, 1, WORDS("80", "--dev")), -1);
    assert_int_equal(parse(&o, 0, WORDS("--dev", "t=10.0.0.1", "10.0.0.2", "80", "-k")), -1);
    assert_int_equal(parse(&o, 0, WORDS("--dev", "t=10.0.0.1", "10.0.0.2", "80", "--from", "fd00::1")), -1);
}

/* Words to paths of the shaper. */
static int parse_shape(struct shape_options *o, const char *const *words)
{
    char *argv[16];
    int argc = 0;

    for (; words[argc]; argc++)
        argv[argc] = copy(words[argc]);
    return shape_parse(o, argc, argv);
}

static void test_shape(void **state)
{
    static struct shape_options o;

    (void)state;
    assert_int_equal(parse_shape(&o, WORDS("--path", "wifi=w0@a=10.1.0.1/24,w1,rate=20Mbit/s,delay=10ms,loss=1%", "--path=lte=l0,l1",
                                           "--set", "paths.lte.link.delay=30ms", "--seed=9", "--for", "2s")), 0);
    assert_int_equal(o.config.paths, 2);
    assert_int_equal(o.config.path[0].rate, 20000000);
    assert_int_equal(o.config.path[0].delay, 10000000);
    assert_true(o.config.path[0].loss > 0.0099 && o.config.path[0].loss < 0.0101);
    assert_int_equal(o.config.path[1].rate, 10000000); /* the default */
    assert_int_equal(o.config.path[1].delay, 30000000);
    assert_string_equal(o.device[0].netns, "a");
    assert_int_equal(o.device[0].peer.family, 4); /* the kernel's */
    assert_int_equal(o.device[0].addr.family, 0);
    assert_string_equal(o.device[3].name, "l1");
    assert_int_equal(o.seed, 9);
    assert_int_equal(o.length, 2000000000);
}

/* Of a radio the shaper has the promotions: its time and the tail. */
static void test_shape_radio(void **state)
{
    static struct shape_options o;
    static struct network n;

    (void)state;
    assert_int_equal(parse_shape(&o, WORDS("--path", "lte=l0,l1,radio.profile=lte-huang2012,radio.tail=5s", "--path", "w=w0,w1,radio.profile=wifi-cam")), 0);
    network_build(&n, &o.config, 1);
    assert_int_equal(n.topology.path[0].promotion, 260000000);
    assert_int_equal(n.topology.path[0].idle_after, 5000000000);
    assert_int_equal(n.topology.path[0].idle_at_start, 1);
    assert_int_equal(n.topology.path[1].promotion, 0);
    assert_int_equal(n.topology.path[1].idle_after, 0);
}

static void test_shape_refused(void **state)
{
    static struct shape_options o;

    (void)state;
    assert_int_equal(parse_shape(&o, WORDS("--seed=1")), -1);
    assert_int_equal(parse_shape(&o, WORDS("--path", "p")), -1);
    assert_int_equal(parse_shape(&o, WORDS("--path", "p=a")), -1);
    assert_int_equal(parse_shape(&o, WORDS("--path", "=a,b")), -1);
    assert_int_equal(parse_shape(&o, WORDS("--path", "averyverylongpath=a,b")), -1);
    assert_int_equal(parse_shape(&o, WORDS("--path", "p=a,b,rate=20")), -1);
    assert_int_equal(parse_shape(&o, WORDS("--path", "p=a,b,rate")), -1);
    assert_int_equal(parse_shape(&o, WORDS("--path", "p=a,b,changes.0.down=true")), -1);
    assert_int_equal(parse_shape(&o, WORDS("--path", "p=a,b", "--set", "paths.q.loss=1%")), -1);
    assert_int_equal(parse_shape(&o, WORDS("--path", "p=a,b", "--for")), -1);
    assert_int_equal(parse_shape(&o, WORDS("--path", "p=a,b,radio.profile=lte")), -1);
    assert_int_equal(parse_shape(&o, WORDS("path")), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_device),     cmocka_unit_test(test_device_refused),
        cmocka_unit_test(test_options),    cmocka_unit_test(test_options_pm),
        cmocka_unit_test(test_options_refused), cmocka_unit_test(test_shape),
        cmocka_unit_test(test_shape_refused), cmocka_unit_test(test_shape_radio),
    };

    return cmocka_run_group_tests(tests, NULL, free_copies);
}
