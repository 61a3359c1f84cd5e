/* SPDX-License-Identifier: MIT */
/* test_secure_downgrade.c - two whole stacks, and somebody on the path who strips and changes what the opening of a
 * connection carries (sec/SPEC.md 3.2): every combination of acts, every pair of policies. With `require` it ends
 * secure or with an error, never in the clear; with `prefer` what is stripped before the first confirmation gives regular
 * Multipath TCP and MPT_EV_DECLINED, what comes later an abort. */
#include "stack_pair.h"

enum {
    ENO_SYN = 1, ENO_SYNACK = 2, ENO_THIRD = 4, ENO_DATA = 8, /* stripped */
    MPC_SYN = 16, MPC_SYNACK = 32, MPC_LATER = 64,            /* MP_CAPABLE stripped */
    SUITE_SYN = 128, SUITE_SYNACK = 256,                      /* another suite */
    ALTER_N = 512,                                            /* a flag in MP_CAPABLE that counts in N only: checksums */
    ACTS = 1024,
    SPEAKS = 1024 /* the server's application speaks first */
};
enum { OFF = MPT_SECURE_OFF, PREFER = MPT_SECURE_PREFER, REQUIRE = MPT_SECURE_REQUIRE };

static unsigned seen[2][4]; /* by MPTCPsec of both ends: client's state */

/* The options of the opening only: DSS and the rest pass. */
static int strip_mpc(struct mpt_packet *packet)
{
    uint8_t *o = pair_option(packet, 30, 0);

    if (o)
        memset(o, 1, o[1]);
    return o != NULL;
}

static int edit_up(const struct pair *p, struct mpt_packet *packet, int syn, int data)
{
    uint8_t *eno = pair_option(packet, 69, -1), *mpc = pair_option(packet, 30, 0);
    uint64_t w = p->what;
    int n = 0;

    if (syn && w & SUITE_SYN && eno && eno[1] >= 7) { /* another first suite, and so another choice */
        uint8_t first = eno[5];

        eno[5] = eno[6];
        eno[6] = first;
        n = 1;
    }
    if (syn && w & ALTER_N && mpc) {
        mpc[3] ^= 0x80;
        n = 1;
    }
    if (w & (syn ? ENO_SYN : data ? ENO_DATA : ENO_THIRD))
        n |= pair_strip(packet, 69);
    if (w & (syn ? MPC_SYN : MPC_LATER))
        n |= strip_mpc(packet);
    return n;
}

static int edit_down(const struct pair *p, struct mpt_packet *packet, int syn)
{
    uint8_t *eno = pair_option(packet, 69, -1);
    int n = 0;

    if (syn && p->what & SUITE_SYNACK && eno && eno[1] == 7) {
        eno[6] ^= 3; /* the other AEAD */
        n = 1;
    }
    if (syn && p->what & ENO_SYNACK)
        n |= pair_strip(packet, 69);
    if (syn && p->what & MPC_SYNACK)
        n |= strip_mpc(packet);
    return n;
}

static int edit(struct pair *p, int to, struct mpt_packet *packet)
{
    int syn = packet->data[13] & 2, data = packet->len > (size_t)(packet->data[12] >> 4) * 4;

    if (to == PAIR_SERVER ? edit_up(p, packet, syn, data) : edit_down(p, packet, syn))
        pair_repair(packet);
    return 1;
}

static void transfer(struct pair *p, uint32_t client, uint32_t server, unsigned what)
{
    pair_start(p, client, server, MPT_SECURE_X25519);
    p->edit = edit;
    p->what = what;
    p->end[PAIR_CLIENT].left = 300;
    p->end[PAIR_SERVER].left = 500;
    p->end[PAIR_SERVER].answers = !(what & SPEAKS);
    assert_int_equal(pair_connect(p), 0);
    pair_run(p, 100000 * PAIR_MS);
}

static int is_complete(const struct pair *p)
{
    return p->end[PAIR_CLIENT].got == 500 && p->end[PAIR_SERVER].got == 300 && p->end[PAIR_CLIENT].eof && p->end[PAIR_SERVER].eof;
}

/* Suites can be swapped only where there are two: AES-256-GCM needs its instructions (crypto/README.md). */
static int alters(unsigned what)
{
    int two = mpt_crypto_aead(MPT_AEAD_AES_256_GCM) != NULL;

    return (what & ALTER_N) || (two && what & SUITE_SYN) || (what & SUITE_SYNACK);
}

static void judge(const struct pair *p, uint32_t client, uint32_t server, unsigned what)
{
    const struct pair_end *a = &p->end[PAIR_CLIENT], *b = &p->end[PAIR_SERVER];
    int both = a->secure == 3 && b->secure == 3;

    seen[both][a->secure]++;
    if (a->wrong || b->wrong)
        fail_msg("client %u, server %u, acts %x: octets at an application that nobody wrote to it", client, server, what);
    /* require: nothing of ours in the clear, nothing read that was */
    if (client == REQUIRE && (p->seen_clear[PAIR_CLIENT] || (a->got && a->secure != 3) || (a->secure != 3 && !a->error)))
        fail_msg("client requires, server %u, acts %x: secure %u, error %d, clear %d", server, what, a->secure, a->error,
                 p->seen_clear[PAIR_CLIENT]);
    if (server == REQUIRE && (p->seen_clear[PAIR_SERVER] || (b->got && b->secure != 3) || (b->conn && b->secure != 3 && !b->error)))
        fail_msg("client %u, server requires, acts %x: secure %u, error %d", client, what, b->secure, b->error);
    /* keys at both ends only when both know the same SYNs, and then all of it arrives */
    if (both && (alters(what) || !is_complete(p) || p->seen_clear[0] || p->seen_clear[1]))
        fail_msg("client %u, server %u, acts %x: secure, and should not be, or incomplete", client, server, what);
    /* no end waits for ever */
    if (!a->closed || (b->conn && !b->closed))
        fail_msg("client %u, server %u, acts %x: no end (%d, %d)", client, server, what, a->closed, b->closed);
    if (!is_complete(p) && !a->error && !b->error)
        fail_msg("client %u, server %u, acts %x: incomplete without an error", client, server, what);
}

static void test_all_acts(void **state)
{
    static struct pair p;

    (void)state;
    for (uint32_t client = OFF; client <= REQUIRE; client++)
        for (uint32_t server = OFF; server <= REQUIRE; server++)
            for (unsigned what = 0; what < 2 * ACTS; what++) {
                transfer(&p, client, server, what);
                judge(&p, client, server, what);
                pair_end(&p);
            }
    assert_true(seen[1][3] > 0 && seen[0][1] > 0 && seen[0][2] > 0);
}

struct row {
    uint32_t client, server;
    unsigned what;
    int secure, error;   /* of the client */
    int declined;        /* MPT_EV_DECLINED at the client */
    int multipath;
    const char *why;
};

/* One act each, and what the client's application is told. */
static const struct row TABLE[] = {
    { REQUIRE, REQUIRE, 0, 3, 0, 0, 1, "left alone" },
    { PREFER, PREFER, 0, 3, 0, 0, 1, "left alone" },
    { PREFER, OFF, 0, 1, 0, 1, 1, "a server without" },
    { REQUIRE, OFF, 0, 0, MPT_ESECURE, 0, 1, "a server without" },
    { REQUIRE, PREFER, ENO_SYN, 0, MPT_ESECURE, 0, 1, "ENO stripped from the SYN" },
    { REQUIRE, PREFER, ENO_SYNACK, 0, MPT_ESECURE, 0, 1, "ENO stripped from the SYN/ACK" },
    { REQUIRE, REQUIRE, ENO_SYNACK, 0, MPT_ESECURE, 0, 1, "ENO stripped from the SYN/ACK" },
    { REQUIRE, PREFER, MPC_SYN, 0, MPT_ESECURE, 0, 0, "MP_CAPABLE stripped from the SYN" },
    { REQUIRE, PREFER, MPC_SYNACK, 0, MPT_ESECURE, 0, 0, "MP_CAPABLE stripped from the SYN/ACK" },
    { PREFER, PREFER, ENO_SYN, 1, 0, 1, 1, "ENO stripped from the SYN" },
    { PREFER, PREFER, ENO_SYNACK, 1, 0, 1, 1, "ENO stripped from the SYN/ACK" },
    { PREFER, PREFER, MPC_SYN, 1, 0, 1, 0, "MP_CAPABLE stripped from the SYN" },
    { PREFER, PREFER, MPC_SYNACK, 1, 0, 1, 0, "MP_CAPABLE stripped from the SYN/ACK" },
    { PREFER, PREFER, ENO_THIRD, 3, 0, 0, 1, "ENO stripped from the third ACK: the first data has it too" },
};

static void test_table(void **state)
{
    static struct pair p;

    (void)state;
    for (size_t i = 0; i < sizeof TABLE / sizeof *TABLE; i++) {
        const struct row *r = &TABLE[i];
        struct mpt_conn_info info = { .size = sizeof info };
        const struct pair_end *a = &p.end[PAIR_CLIENT];

        transfer(&p, r->client, r->server, r->what);
        mpt_conn_info(a->conn, &info);
        if ((int)a->secure != r->secure || a->error != r->error || !!(a->events & MPT_EV_DECLINED) != r->declined ||
            (!r->error && (int)info.multipath != r->multipath))
            fail_msg("row %zu, %s: secure %u, error %d, events %x, multipath %u", i, r->why, a->secure, a->error, a->events,
                     info.multipath);
        pair_end(&p);
    }
}

/* Behind the confirmation there is no way back, whoever only prefers it. */
static void test_after_confirmation(void **state)
{
    static const unsigned acts[] = { ENO_THIRD | ENO_DATA, ENO_THIRD | ENO_DATA | MPC_LATER, ALTER_N, SUITE_SYNACK };
    static struct pair p;

    (void)state;
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
        for (uint32_t policy = PREFER; policy <= REQUIRE; policy++) {
            const struct pair_end *a = &p.end[PAIR_CLIENT], *b = &p.end[PAIR_SERVER];

            transfer(&p, policy, policy, acts[i]);
            if (!a->error || a->events & MPT_EV_DECLINED || p.seen_clear[PAIR_CLIENT] || b->got || a->got)
                fail_msg("policy %u, acts %x: error %d, events %x", policy, acts[i], a->error, a->events);
            pair_end(&p);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_after_confirmation),
        cmocka_unit_test(test_all_acts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
