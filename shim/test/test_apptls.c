/* SPDX-License-Identifier: MIT */
/* TLS over a connection that somebody attacks: whole runs of the harness over the loop with an attacker on the path.
 * What plain Multipath TCP hands to the application as data, TLS must report as an error of the connection. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "attack/attack.h"
#include "box/attacker.h"
#include "run/engines.h"
#include "run/harness.h"
#include "run/scenario.h"

/* ---- the loop with an attacker on it ------------------------------------------------------------ */

static const char *attack;     /* name in the catalogue; NULL: none */
static struct attacker *enemy; /* of the one phone */
static uint64_t offset;        /* of its play; 0: as listed */

/* On the first path, towards the server, from the half second on. */
static struct sim *attacked_loop(const struct topology *t, const struct sim_upcalls *up, char *err, size_t cap)
{
    struct mpt_attack_config c = {.size = sizeof c, .plays = 1};
    struct topology with = *t;

    if (attack == NULL)
        return loop_new(t, up, err, cap);
    c.play[0].row = mpt_attack_find(attack);
    assert_non_null(c.play[0].row);
    c.play[0].at = 500000000;
    c.play[0].paths = 1;
    c.play[0].dirs = 1u << MPT_ATTACK_UP;
    c.play[0].offset = offset;
    assert_int_equal(attacker_new(&enemy, &c, 3, 1, 1), 0);
    with.attacker = &enemy;
    return loop_new(&with, up, err, cap);
}

/* Stands in for engines_loop.c's. */
const struct engine engines[2] = {{attacked_loop, 0.001}, {NULL, 0.05}};

/* ---- one run ------------------------------------------------------------------------------------ */

static void load(struct scenario *s, struct run_config *c, const char *setting)
{
    static const char text[] = "duration: 30s\nseries: 0s\ntraffic: {kind: bulk, size: 3MB, tls: true}\n"
                               "client: {pm: fullmesh}\npaths: {wifi: {link: {delay: 10ms}}, lte: {link: {delay: 20ms}}}\n";
    struct selection sel = {.engine = ENGINE_LOOP};
    struct diag d = {0};
    char file[32];
    int fd[2];

    assert_int_equal(pipe(fd), 0);
    assert_int_equal(write(fd[1], text, strlen(text)), strlen(text));
    close(fd[1]);
    snprintf(file, sizeof file, "/dev/fd/%d", fd[0]);
    if (scenario_load(s, file, &d) < 0 || scenario_set(s, setting, &d) < 0 || scenario_resolve(s, &sel, c, &d) < 0)
        fail_msg("%s", d.text);
    close(fd[0]);
}

/* The row of summary.csv, and its head. */
struct row {
    char head[1024], line[1024];
};

static struct row *run(const char *name, const char *setting)
{
    struct run_config *c = calloc(1, sizeof *c);
    struct scenario *s = calloc(1, sizeof *s);
    struct run *r = calloc(1, sizeof *r);
    struct row *row = calloc(1, sizeof *row);
    char dir[] = "test-secure-XXXXXX", path[64], err[512] = "";
    FILE *f;

    load(s, c, setting);
    attack = name;
    enemy = NULL;
    *r = (struct run){.config = c, .seed = 1, .scenario = "test", .variant = "test", .label = "test"};
    assert_non_null(mkdtemp(dir));
    if (harness_run(r, dir, err, sizeof err) < 0)
        fail_msg("%s", err);
    snprintf(path, sizeof path, "%s/summary.csv", dir);
    f = fopen(path, "r");
    assert_non_null(f);
    assert_non_null(fgets(row->head, sizeof row->head, f));
    assert_non_null(fgets(row->line, sizeof row->line, f));
    fclose(f);
    unlink(path);
    snprintf(path, sizeof path, "%s/run.json", dir);
    unlink(path);
    assert_int_equal(rmdir(dir), 0);
    if (enemy != NULL)
        attacker_free(enemy);
    scenario_clear(s);
    free(s);
    free(r);
    free(c);
    return row;
}

static const char *field(const struct row *row, const char *column)
{
    static char out[200];
    const char *head = row->head, *line = row->line;
    size_t n = strlen(column);

    while (!(strncmp(head, column, n) == 0 && strchr(",\n", head[n]) != NULL)) {
        head += strcspn(head, ",\n");
        line += strcspn(line, ",\n") + 1;
        if (*head++ != ',')
            fail_msg("no column %s", column);
    }
    snprintf(out, sizeof out, "%.*s", (int)strcspn(line, ",\n"), line);
    return out;
}

/* ---- tests -------------------------------------------------------------------------------------- */

/* Octets changed with the checksum repaired: the server's TLS notices, tells the client, and nothing wrong is read. */
static void test_flipped(void **state)
{
    static const char *const stacks[] = {"stack.mptcp=1", "stack.mptcp=0"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct row *row = run("flip-payload", stacks[i]);

        assert_string_equal(field(row, "tls_server_error"), "decryption failed or bad record mac");
        assert_string_equal(field(row, "tls_server_alert"), "20");
        assert_string_equal(field(row, "tls_client_error"), "alert received: bad record mac");
        assert_string_equal(field(row, "fault_up"), "good");
        assert_true(atof(field(row, "tls_server_s")) > 0);
        assert_true(atof(field(row, "octets_up")) < 3000000);
        assert_true(atof(field(row, "done_s")) < 2);
        free(row);
    }
}

/* The same without TLS: the application reads what was never sent, and no error is reported. */
static void test_flipped_plain(void **state)
{
    struct row *row = run("flip-payload", "traffic.tls=false");

    (void)state;
    assert_string_equal(field(row, "fault_up"), "corrupted");
    assert_string_equal(field(row, "error"), "");
    free(row);
}

/* A forged end of the stream, right behind what was sent, is no close_notify (RFC 8446 6.1). */
static void test_forged_end(void **state)
{
    struct row *row;

    (void)state;
    offset = 1428; /* a segment: the end is where one would begin */
    row = run("data-fin", "stack.mptcp=1");
    offset = 0;
    assert_string_equal(field(row, "tls_server_error"), "truncated: the stream ended without close_notify");
    assert_true(atof(field(row, "octets_up")) < 3000000);
    free(row);
}

/* What the transport survives TLS does not hear of. */
static void test_survived(void **state)
{
    struct row *row = run("rst", "stack.mptcp=1");

    (void)state;
    assert_string_equal(field(row, "octets_up"), "3000000");
    assert_string_equal(field(row, "tls_server_error"), "");
    assert_string_equal(field(row, "tls_client_error"), "");
    assert_string_equal(field(row, "error"), "");
    free(row);
}

/* A connection that dies below TLS is the transport's error. */
static void test_reset(void **state)
{
    struct row *row = run("rst", "stack.mptcp=0");

    (void)state;
    assert_string_not_equal(field(row, "error"), "");
    assert_string_not_equal(field(row, "octets_up"), "3000000");
    free(row);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_flipped), cmocka_unit_test(test_flipped_plain), cmocka_unit_test(test_forged_end),
        cmocka_unit_test(test_survived), cmocka_unit_test(test_reset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
