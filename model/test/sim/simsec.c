/* SPDX-License-Identifier: MIT */
/* simsec.c - see simsec.h. Called by simworld.c and sim_secure.c. */
#include "simsec.h"

#include "box/box.h"
#include "crypto/crypto.h"
#include "ip.h"
#include "simstrip.h"
#include "wire/tcp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MS UINT64_C(1000000)
#define SECOND UINT64_C(1000000000)

static int one_in(struct rng *r, uint64_t n)
{
    return rng_below(r, n) == 0;
}

static uint64_t between(struct rng *r, uint64_t low, uint64_t high)
{
    return low + rng_below(r, high - low + 1);
}

/* ---- the draw ---------------------------------------------------------------------------------------- */

static void draw_end(struct mpt_config *g, struct rng *r)
{
    g->sec = one_in(r, 3) ? MPT_SECURE_PREFER : MPT_SECURE_REQUIRE;
    g->sec_aead = (uint32_t)rng_below(r, 3);
    g->sec_record = one_in(r, 2) ? 16384 : one_in(r, 2) ? between(r, 64, 2000) : between(r, 64, 16384);
    g->sec_keylog = one_in(r, 2);
}

/* Both ends want the same and can have it: the transfer is secure, or the network has prevented it. */
static int is_compatible(const struct sim_case *c)
{
    const struct mpt_config *a = &c->config[1], *b = &c->config[0];

    return a->sec && b->sec && a->mptcp && b->mptcp && a->sec_kx == b->sec_kx &&
           (!a->sec_aead || !b->sec_aead || a->sec_aead == b->sec_aead);
}

static void draw_mixed(struct sim_case *c, struct rng *r)
{
    for (int h = 0; h < 2; h++) {
        c->config[h].sec = (uint32_t)rng_below(r, 3);
        if (one_in(r, 4))
            c->config[h].sec_kx = c->config[h].sec_kx == MPT_SECURE_PSK ? MPT_SECURE_X25519 : MPT_SECURE_PSK;
    }
}

/* Boxes that eat ENO: of SYNs, SYN/ACKs, the rest, everywhere or on some paths. */
static void draw_eno(struct sim_case *c, struct rng *r)
{
    uint32_t what = 1 + (uint32_t)rng_below(r, 7), dirs = 1 + (uint32_t)rng_below(r, 3);

    for (size_t i = 0; i < c->topology.paths; i++)
        if (i == 0 || one_in(r, 2)) {
            c->strip[i].what = what | STRIP_ENO;
            c->strip[i].dirs = dirs;
        }
    c->must = 0;
}

/* The first path damages payloads from some time on, for good. With another one that is clean and there, nothing is lost. */
static void draw_flips(struct sim_case *c, struct rng *r)
{
    c->flip_from = (one_in(r, 2) ? between(r, 20, 500) : between(r, 200, 3000)) * MS;
    c->flip_permille = one_in(r, 2) ? (uint32_t)between(r, 200, 1000) : (uint32_t)between(r, 5, 200);
    c->must = c->must && c->topology.paths > 1 && !c->handover_at && is_compatible(c) && c->config[0].sec == MPT_SECURE_REQUIRE &&
              c->config[1].sec == MPT_SECURE_REQUIRE;
    if (!c->must)
        return;
    for (size_t i = 0; i < c->topology.paths; i++) { /* no path fails but by this */
        c->topology.path[i].changes = 0;
        c->strip[i].what = 0;
    }
    c->config[1].pm = MPT_PM_FULLMESH;
    for (int h = 0; h < 2; h++)
        c->config[h].max_subflows = c->config[h].limits_subflows = 8;
    for (uint32_t i = 0; i < c->conns; i++)
        c->app[0][i].ops = c->app[1][i].ops = 0;
}

void simsec_draw(struct sim_case *c, uint64_t seed)
{
    struct rng r;
    uint32_t kx;

    simcase_draw(c, seed);
    rng_init(&r, seed, "case/secure");
    c->secure = 1;
    kx = one_in(&r, 3) ? MPT_SECURE_PSK : MPT_SECURE_X25519;
    for (int h = 0; h < 2; h++) {
        draw_end(&c->config[h], &r);
        c->config[h].sec_kx = kx;
        c->config[h].mptcp |= !one_in(&r, 3);
    }
    c->known = (uint32_t)rng_below(&r, 3);
    if (one_in(&r, 5))
        draw_mixed(c, &r);
    if (!c->strip[0].what && one_in(&r, 10))
        draw_eno(c, &r);
    else if (one_in(&r, 3))
        draw_flips(c, &r);
    /* without agreement `require` ends it, and so it must; `prefer` at both ends goes on */
    if (!is_compatible(c) || c->strip[0].what || c->strip[1].what || c->strip[2].what)
        c->must = c->must && c->config[0].sec != MPT_SECURE_REQUIRE && c->config[1].sec != MPT_SECURE_REQUIRE;
}

int simsec_identify(const struct sim_case *c, uint32_t host, struct mpt_stack *stack)
{
    static const uint8_t psk[32] = "thirty-two octets for both ends";
    uint8_t seed[32], key[32];
    int r = 0;

    memset(seed, 0x5e, sizeof seed);
    if (c->known && !host)
        r = mpt_secure_identity(stack, seed);
    if (c->known == 2 && host) {
        mpt_crypto_ed25519_key(key, seed);
        r = mpt_secure_expect(stack, key);
    }
    return r < 0 ? r : mpt_secure_psk(stack, psk, sizeof psk, "sim", 3);
}

size_t simsec_print(const struct sim_case *c, char *out, size_t cap)
{
    static const char *const policy[] = { "off", "prefer", "require" };
    size_t n = 0;

    for (int h = 0; h < 2; h++) {
        const struct mpt_config *g = &c->config[h];

        n += (size_t)snprintf(out + n, n < cap ? cap - n : 0, "; %s: sec %s kx %u aead %u record %llu", h ? "client" : "server",
                              policy[g->sec], g->sec_kx, g->sec_aead, (unsigned long long)g->sec_record);
    }
    if (c->flip_from)
        n += (size_t)snprintf(out + n, n < cap ? cap - n : 0, "; first path flips %u of 1000 from %.3f s on", c->flip_permille,
                              (double)c->flip_from / 1e9);
    return n;
}

/* ---- the box ----------------------------------------------------------------------------------------- */

struct flip {
    struct box box;
    struct rng rng;
    uint32_t permille;
    uint64_t from;
};

static struct box_packet *push_flip(struct box *box, struct box_packet *packet, uint64_t now)
{
    struct flip *s = (struct flip *)box;
    struct ip_view v;
    uint8_t *tcp;
    size_t head;

    if (now < s->from || ip_parse(packet->data, packet->len, &v) < 0 || v.payload_len < 20)
        return packet;
    tcp = packet->data + v.header_len;
    head = (size_t)(tcp[12] >> 4) * 4;
    if (head >= v.payload_len || !simstrip_is_whole(&v, tcp) || rng_below(&s->rng, 1000) >= s->permille)
        return packet;
    tcp[head + rng_below(&s->rng, v.payload_len - head)] ^= (uint8_t)(1u << rng_below(&s->rng, 8));
    simstrip_repair(&v, tcp);
    return packet;
}

static struct box_packet *pull_flip(struct box *box, uint64_t now)
{
    (void)box;
    (void)now;
    return NULL;
}

static void free_flip(struct box *box)
{
    free(box);
}

static const struct box_ops flip_ops = { "flip", push_flip, pull_flip, free_flip };

struct box *simsec_flip(struct box_pool *pool, uint32_t permille, uint64_t from, uint64_t seed)
{
    struct flip *s = calloc(1, sizeof *s);

    if (!s)
        return NULL;
    s->box.ops = &flip_ops;
    s->box.due = MPT_NEVER;
    s->box.pool = pool;
    s->permille = permille;
    s->from = from;
    rng_init(&s->rng, seed, "flip");
    return &s->box;
}
