/* SPDX-License-Identifier: MIT */
/* test_attack.c - every attack of the catalogue against plain Multipath TCP on the loop engine: WiFi attacked, LTE clean,
 * upload and download. Prints what became of each transfer; asserts what theory says (RFC 6181, RFC 7430, RFC 8684 5). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "attackrun.h"

static const struct attackrun plain = {.at = 500000000, .octets = 4000000, .until = 60000000000};

static uint64_t baseline(struct attackrun x)
{
    struct attackrun_result r;

    x.attack = NULL;
    assert_int_equal(attackrun(&x, 0, &r), 0);
    assert_int_equal(r.outcome, OUTCOME_UNAFFECTED);
    return r.done_at;
}

static struct attackrun_result carry_out(struct attackrun x, const char *attack)
{
    struct attackrun_result r;

    x.attack = attack;
    assert_int_equal(attackrun(&x, baseline(x), &r), 0);
    return r;
}

static void say(struct attackrun x, const char *attack, uint64_t base)
{
    struct attackrun_result r;

    x.attack = attack;
    assert_int_equal(attackrun(&x, base, &r), 0);
    print_message(" %-10s %6.0f ms |", outcome_name(r.outcome), (double)r.done_at / 1e6);
    assert_true(r.stats.seen > 0);
    if (x.down)
        print_message(" %5llu edited %5llu injected %5llu dropped", (unsigned long long)r.stats.edited,
                      (unsigned long long)r.stats.injected, (unsigned long long)r.stats.dropped);
}

/* Each run is bounded by virtual time; nothing here may crash, and the attacker must have seen something. */
static void every_attack(void **state)
{
    struct attackrun up = plain, down = plain;
    const struct mpt_attack_row *row;
    uint64_t base[2];

    (void)state;
    down.down = 1;
    base[0] = baseline(up);
    base[1] = baseline(down);
    print_message("%-20s  upload %7.0f ms      | download %5.0f ms\n", "none", (double)base[0] / 1e6,
                  (double)base[1] / 1e6);
    for (size_t i = 0; (row = mpt_attack_catalogue(i)) != NULL; i++) {
        print_message("%-20s ", row->name);
        say(up, row->name, base[0]);
        say(down, row->name, base[1]);
        print_message("\n");
    }
}

static void expect(const char *attack, uint32_t down, enum outcome outcome)
{
    struct attackrun x = plain;
    struct attackrun_result r;

    x.down = down;
    r = carry_out(x, attack);
    if (r.outcome != outcome)
        fail_msg("%s, %s: %s instead of %s", attack, down ? "download" : "upload", outcome_name(r.outcome),
                 outcome_name(outcome));
}

/* Octets that nobody checks are anybody's; with checksums the flip costs the subflow, until the checksum is repaired. */
static void payload_is_open(void **state)
{
    struct attackrun x = plain;

    (void)state;
    for (uint32_t down = 0; down < 2; down++) {
        expect("flip-payload", down, OUTCOME_WRONG);
        expect("inject-data", down, OUTCOME_WRONG);
        expect("edit-dsn", down, OUTCOME_WRONG);
    }
    x.checksum = 1;
    assert_int_equal(carry_out(x, "flip-payload").outcome, OUTCOME_RECOVERED);
    assert_int_equal(carry_out(x, "flip-payload-sum").outcome, OUTCOME_WRONG);
}

/* What costs one subflow leaves the other one (RFC 8684 1): all octets come, later. */
static void other_subflow_survives(void **state)
{
    static const char *const attack[] = {"rst", "fin", "drop-all", "drop-data", "drop-acks", "drop-nth", "delay",
                                         "strip-mptcp", "strip-dss", "infinite-map", "window-0", "mp-prio"};

    (void)state;
    for (size_t i = 0; i < sizeof attack / sizeof attack[0]; i++)
        for (uint32_t down = 0; down < 2; down++)
            expect(attack[i], down, OUTCOME_RECOVERED);
}

/* Signals of the connection are believed whoever sends them. */
static void connection_is_lost(void **state)
{
    struct attackrun x = plain;

    (void)state;
    for (uint32_t down = 0; down < 2; down++) {
        expect("fastclose", down, OUTCOME_LOST);
        expect("fastclose-guess", down, OUTCOME_UNAFFECTED);
        expect("data-ack-beyond", down, OUTCOME_UNAFFECTED);
    }
    /* two ends that disagree about checksums take nothing from each other (RFC 8684 3.1) */
    for (x.down = 0; x.down < 2; x.down++)
        assert_int_equal(carry_out(x, "edit-checksum-flag").octets, 0);
    x.down = 0;
    /* the keys went over WiFi: who sits on LTE alone has none */
    x.path = 1;
    assert_int_equal(carry_out(x, "fastclose").outcome, OUTCOME_UNAFFECTED);
    x.hears = 1;
    assert_int_equal(carry_out(x, "fastclose").outcome, OUTCOME_LOST);
}

/* Acknowledged at both levels and dropped: nobody has the octets any more. An end of the stream that nobody sent: the reader
 * takes nothing behind it. */
static void data_is_lost_for_ever(void **state)
{
    static const char *const attack[] = {"data-ack", "data-fin"};

    (void)state;
    for (uint32_t i = 0; i < 4; i++) {
        struct attackrun x = plain;
        struct attackrun_result r;

        x.down = i & 1;
        r = carry_out(x, attack[i / 2]);
        assert_true(r.outcome == OUTCOME_STALLED || r.outcome == OUTCOME_LOST);
        assert_true(r.octets < x.octets);
    }
}

/* ADD_ADDR with the HMAC of overheard keys brings the phone's joins to the attacker; joins of its own bring the server's
 * octets (RFC 7430 2 and 5). */
static void keys_open_the_door(void **state)
{
    struct attackrun x = plain;
    struct attackrun_result r;

    (void)state;
    r = carry_out(x, "add-addr");
    assert_true(r.stats.octets > 0);
    assert_true(r.outcome == OUTCOME_STALLED || r.outcome == OUTCOME_LOST);
    x.down = 1;
    r = carry_out(x, "join-steal");
    assert_true(r.stats.octets > 0);
    assert_true(r.outcome == OUTCOME_STALLED || r.outcome == OUTCOME_LOST);
    x.down = 0;
    assert_int_equal(carry_out(x, "join-inject").outcome, OUTCOME_WRONG);
    x.path = 1; /* without keys there is no join */
    r = carry_out(x, "join-inject");
    assert_int_equal(r.outcome, OUTCOME_UNAFFECTED);
    assert_true(r.stats.failed > 0);
}

/* On the path of a join: options of the handshake, floods that take the room before it. */
static void joins_are_prevented(void **state)
{
    struct attackrun x = plain;

    (void)state;
    assert_int_equal(carry_out(x, "flood-join").outcome, OUTCOME_RECOVERED);
    x.path = 1;
    assert_int_equal(carry_out(x, "strip-join").outcome, OUTCOME_RECOVERED);
    assert_int_equal(carry_out(x, "drop-join").outcome, OUTCOME_RECOVERED);
    assert_int_equal(carry_out(x, "replay-join").outcome, OUTCOME_UNAFFECTED);
    assert_int_equal(carry_out(x, "race-join").outcome, OUTCOME_UNAFFECTED);
}

/* Joins with data (jwd/README.md): a stripped option costs the data in the SYN, a replayed record is known, a made-up one
 * has no tag; the stream is whole. */
static void joins_with_data_hold(void **state)
{
    static const struct {
        const char *attack, *counter;
    } row[] = {{"strip-ext", NULL}, {"strip-d", "MPTcpExtMPJoinAckRx"}, {"replay-join", "JwdReplay"},
               {"race-join", "JwdAccepted"}, {"flood-record", "JwdBadTag"}};

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct attackrun x = plain;
        struct attackrun_result r;

        x.jwd = 1;
        x.path = 1;
        x.hears = 3;
        x.counter = row[i].counter;
        r = carry_out(x, row[i].attack);
        assert_int_equal(r.outcome, OUTCOME_UNAFFECTED);
        if (row[i].counter)
            assert_true(r.counter > 0);
    }
}

/* The same attacks, other headers. */
static void ipv6_is_attacked_too(void **state)
{
    struct attackrun x = plain;
    struct attackrun_result r;

    (void)state;
    x.ipv6 = 1;
    assert_int_equal(carry_out(x, "flip-payload").outcome, OUTCOME_WRONG);
    assert_int_equal(carry_out(x, "rst").outcome, OUTCOME_RECOVERED);
    assert_int_equal(carry_out(x, "fastclose").outcome, OUTCOME_LOST);
    assert_int_equal(carry_out(x, "split").outcome, OUTCOME_UNAFFECTED);
    r = carry_out(x, "add-addr");
    assert_true(r.stats.octets > 0);
}

/* What middleboxes do is survived (RFC 8684 6). */
static void middleboxes_do_no_harm(void **state)
{
    static const char *const attack[] = {"split", "merge", "resegment", "rewrite-isn", "rewrite-ports", "guess-token",
                                         "replay-segments"};

    (void)state;
    for (size_t i = 0; i < sizeof attack / sizeof attack[0]; i++)
        for (uint32_t down = 0; down < 2; down++)
            expect(attack[i], down, OUTCOME_UNAFFECTED);
}

/* Two runs of the same attack take the same steps. */
static void same_seed_same_run(void **state)
{
    struct attackrun x = plain;
    struct attackrun_result a, b;

    (void)state;
    a = carry_out(x, "flood-join");
    b = carry_out(x, "flood-join");
    assert_int_equal(a.done_at, b.done_at);
    assert_memory_equal(&a.stats, &b.stats, sizeof a.stats);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_attack),           cmocka_unit_test(payload_is_open),
        cmocka_unit_test(other_subflow_survives), cmocka_unit_test(connection_is_lost),
        cmocka_unit_test(data_is_lost_for_ever),  cmocka_unit_test(keys_open_the_door),
        cmocka_unit_test(joins_are_prevented),    cmocka_unit_test(middleboxes_do_no_harm),
        cmocka_unit_test(same_seed_same_run),     cmocka_unit_test(joins_with_data_hold),
        cmocka_unit_test(ipv6_is_attacked_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
