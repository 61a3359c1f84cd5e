/* SPDX-License-Identifier: MIT */
/* test_ns3_attack.c - the attacker on the ns-3 engine: the catalogue against plain Multipath TCP on ns-3's wires, with the
 * outcome that the loop engine has, and some of it on 802.11n and LTE. Each run on ns-3 is a child (one simulation a
 * process). */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "attackrun.h"

static const struct attackrun plain = {.at = 500000000, .octets = 2000000, .until = 20000000000};

static struct attackrun_result on_loop(struct attackrun x, uint64_t base)
{
    struct attackrun_result r;

    x.make = NULL;
    x.radios = 0;
    assert_int_equal(attackrun(&x, base, &r), 0);
    return r;
}

static struct attackrun_result on_ns3(struct attackrun x, uint64_t base)
{
    struct attackrun_result r;
    int fd[2], status;
    pid_t pid;

    x.make = ns3_new;
    assert_int_equal(pipe(fd), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        signal(SIGSEGV, SIG_DFL); /* a crash must end the child, not unwind cmocka's tests in it */
        signal(SIGABRT, SIG_DFL);
        if (attackrun(&x, base, &r) < 0 || write(fd[1], &r, sizeof r) != sizeof r)
            _exit(1);
        _exit(0);
    }
    close(fd[1]);
    if (read(fd[0], &r, sizeof r) != sizeof r)
        fail_msg("%s: no result of ns-3", x.attack ? x.attack : "none");
    close(fd[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return r;
}

/* Where the two engines may differ: without any address left the server waits for a join, and whether one comes is a
 * matter of what was under way (the README of attack/ has "stalled" for the loop, with 4 MB). */
static int may_differ(const char *attack, uint32_t down)
{
    return down && !strcmp(attack, "remove-addr-all");
}

/* All of `mpsim list attacks`, upload and download, on the wires that are the loop's links. */
static void every_attack_as_on_the_loop(void **state)
{
    const struct mpt_attack_row *row;
    int differ = 0;

    (void)state;
    for (uint32_t down = 0; down < 2; down++) {
        struct attackrun x = plain;
        uint64_t base_loop, base_ns3;

        x.down = down;
        base_loop = on_loop(x, 0).done_at;
        base_ns3 = on_ns3(x, 0).done_at;
        assert_true(base_loop > 0 && base_ns3 > 0);
        for (size_t i = 0; (row = mpt_attack_catalogue(i)) != NULL; i++) {
            struct attackrun_result a, b;

            x.attack = row->name;
            a = on_loop(x, base_loop);
            b = on_ns3(x, base_ns3);
            assert_true(b.stats.seen > 0);
            if (a.outcome == b.outcome || may_differ(row->name, down))
                continue;
            print_error("%s, %s: %s on the loop, %s on ns-3\n", row->name, down ? "download" : "upload",
                        outcome_name(a.outcome), outcome_name(b.outcome));
            differ++;
        }
    }
    assert_int_equal(differ, 0);
}

/* 10 MB take 0.8 s, or 2 s where one path is lost. */
static struct attackrun radios(const char *attack, uint32_t path, uint32_t down, uint32_t ipv6)
{
    struct attackrun x = plain;

    x.octets = 10000000;
    x.radios = 1;
    x.attack = attack;
    x.path = path;
    x.down = down;
    x.ipv6 = ipv6;
    return x;
}

static void expect(struct attackrun x, uint64_t base, enum outcome outcome)
{
    struct attackrun_result r = on_ns3(x, base);

    assert_true(r.stats.seen > 0);
    if (r.outcome != outcome)
        fail_msg("%s, path %u, %s, IPv%u: %s instead of %s", x.attack, x.path, x.down ? "download" : "upload",
                 x.ipv6 ? 6 : 4, outcome_name(r.outcome), outcome_name(outcome));
}

/* Behind access point and PGW, both families: the way up and the way down, and hosts of the attacker's own. */
static void check_radios(uint32_t ipv6)
{
    uint64_t base = on_ns3(radios(NULL, 0, 1, ipv6), 0).done_at;

    assert_true(base > plain.at);
    for (uint32_t path = 0; path < 2; path++) {
        expect(radios("flip-payload", path, 1, ipv6), base, OUTCOME_WRONG);
        expect(radios("drop-all", path, 1, ipv6), 1, OUTCOME_RECOVERED); /* base 1: all octets, whenever */
    }
    expect(radios("rst", 0, 1, ipv6), base, OUTCOME_RECOVERED);
    expect(radios("strip-mptcp", 0, 1, ipv6), base, OUTCOME_RECOVERED);
    /* the keys went over WiFi: who sits on LTE alone has none */
    expect(radios("fastclose", 0, 1, ipv6), base, OUTCOME_LOST);
    expect(radios("fastclose", 1, 1, ipv6), base, OUTCOME_UNAFFECTED);
    /* the phone joins the attacker's host, which takes what comes and keeps it (RFC 7430 2) */
    expect(radios("add-addr", 0, 0, ipv6), 0, OUTCOME_STALLED);
}

static void radios_are_attacked(void **state)
{
    (void)state;
    check_radios(0);
}

static void radios_are_attacked_on_ipv6(void **state)
{
    (void)state;
    check_radios(1);
}

/* What is injected has the right sequence numbers: the subflow takes it, and what LTE does not bring first is wrong. */
static void data_is_injected(void **state)
{
    struct attackrun x = radios("inject-data", 0, 1, 0);

    (void)state;
    x.single = 1;
    expect(x, 0, OUTCOME_WRONG);
}

/* The same run twice: the attacker draws from its seed, and sits where time is virtual. */
static void repeats(void **state)
{
    struct attackrun x = radios("delay-some", 0, 1, 0);
    struct attackrun_result a, b;

    (void)state;
    a = on_ns3(x, 0);
    b = on_ns3(x, 0);
    assert_memory_equal(&a, &b, sizeof a);
    assert_true(a.stats.held > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_attack_as_on_the_loop),
        cmocka_unit_test(radios_are_attacked),
        cmocka_unit_test(radios_are_attacked_on_ipv6),
        cmocka_unit_test(data_is_injected),
        cmocka_unit_test(repeats),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
