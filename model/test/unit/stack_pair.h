/* SPDX-License-Identifier: MIT */
/* test/unit/stack_pair.h - two whole stacks and a wire of 10 ms that a test may edit, in virtual time; memory that is looked
 * at when it is given back. The client has two addresses, the server one. For tests of MPTCPsec (sec/SPEC.md 3). */
#ifndef TEST_STACK_PAIR_H
#define TEST_STACK_PAIR_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conn/conn.h"
#include "secure/secure.h"
#include "wire/tcp.h"

#define PAIR_MS UINT64_C(1000000)
enum { PAIR_SERVER, PAIR_CLIENT, PAIR_QUEUE = 512, PAIR_FRAME = 2048, PAIR_SECRETS = 24 };

struct pair;

struct pair_secret {
    const char *name;
    uint8_t octets[32];
    size_t n;
};

struct pair_end {
    struct pair *pair;
    struct mpt_stack *stack;
    struct mpt_conn *conn;
    struct mpt_config config;
    uint32_t events;       /* all flags ever raised */
    uint32_t secure;       /* of mpt_conn_info, the highest seen */
    uint64_t written, got; /* octets of the application */
    uint64_t left;         /* octets to be written */
    int closed, error, eof, wrong, shut;
    int deaf;              /* reads nothing */
    int answers;           /* writes only when it has read something */
};

struct pair_frame {
    uint64_t at;
    int to;
    struct mpt_packet packet;
    uint8_t data[PAIR_FRAME];
};

struct pair {
    struct pair_end end[2];
    struct pair_frame *queue;
    size_t head, tail;
    uint64_t now, rng;
    uint64_t frames;
    int (*edit)(struct pair *p, int to, struct mpt_packet *packet); /* 0: dropped */
    uint64_t what;         /* the edit's own */
    struct pair_secret secret[PAIR_SECRETS];
    size_t secrets;
    size_t found;          /* secrets that were given back with their memory */
    const char *found_name;
    int seen_clear[2];     /* the application's octets were on the wire, by sender */
};

/* What the applications write: a text that no ciphertext has. */
static inline uint8_t pair_octet(int from, uint64_t at)
{
    return (uint8_t)(from ? "client's own words; " : "server's own words; ")[at % 20];
}

static inline void pair_look(struct pair *p, const uint8_t *m, size_t n)
{
    for (size_t s = 0; s < p->secrets; s++)
        for (size_t i = 0; i + p->secret[s].n <= n; i++)
            if (!memcmp(m + i, p->secret[s].octets, p->secret[s].n)) {
                p->found++;
                p->found_name = p->secret[s].name;
            }
}

/* What a library gives back is looked at before anybody else can have it. */
static inline void *pair_alloc(void *ctx, void *old, size_t old_size, size_t new_size)
{
    struct pair *p = ((struct pair_end *)ctx)->pair;
    void *new = NULL;

    if (new_size) {
        new = malloc(new_size);
        assert_non_null(new);
        if (old)
            memcpy(new, old, old_size < new_size ? old_size : new_size);
    }
    if (old)
        pair_look(p, old, old_size);
    free(old);
    return new;
}

static inline void pair_random(void *ctx, void *out, size_t n)
{
    struct pair *p = ((struct pair_end *)ctx)->pair;

    for (size_t i = 0; i < n; i++) {
        p->rng += UINT64_C(0x9E3779B97F4A7C15);
        ((uint8_t *)out)[i] = (uint8_t)((p->rng ^ p->rng >> 29) * UINT64_C(0xBF58476D1CE4E5B9) >> 56);
    }
}

static inline void pair_addr(struct mpt_addr *a, int host, uint8_t n, uint16_t port)
{
    *a = (struct mpt_addr){ .family = 4, .port = port, .ip = { 10, (uint8_t)host, n, 1 } };
}

static inline void pair_start(struct pair *p, uint32_t client, uint32_t server, uint32_t kx)
{
    struct mpt_addr a, any = { .port = 80 };

    memset(p, 0, sizeof *p);
    p->queue = calloc(PAIR_QUEUE, sizeof *p->queue);
    assert_non_null(p->queue);
    for (int h = 0; h < 2; h++) {
        struct pair_end *e = &p->end[h];
        struct mpt_env env = { .size = sizeof env, .alloc = pair_alloc, .alloc_ctx = e, .random = pair_random, .random_ctx = e };

        e->pair = p;
        mpt_config_default(&e->config);
        e->config.sec = h ? client : server;
        e->config.sec_kx = kx;
        e->config.pm = h ? MPT_PM_FULLMESH : MPT_PM_MANUAL;
        assert_int_equal(mpt_stack_new(&e->stack, &env, &e->config, 0), 0);
        for (uint8_t n = 1; n <= 1 + h; n++) {
            pair_addr(&a, h, n, 0);
            assert_int_equal(mpt_address_up(e->stack, &a, n, 1500, 0, 0), 0);
        }
    }
    assert_int_equal(mpt_listen(p->end[PAIR_SERVER].stack, &any, NULL), 0);
}

static inline int pair_connect(struct pair *p)
{
    struct mpt_addr local, remote;

    pair_addr(&local, PAIR_CLIENT, 1, 0);
    pair_addr(&remote, PAIR_SERVER, 1, 80);
    return mpt_connect(p->end[PAIR_CLIENT].stack, &p->end[PAIR_CLIENT].conn, &local, &remote, p->now);
}

static inline void pair_see(struct pair *p, int from, const struct mpt_packet *packet)
{
    uint8_t words[12];

    for (size_t i = 0; i < sizeof words; i++)
        words[i] = pair_octet(from, i);
    for (size_t i = 20; i + sizeof words <= packet->len; i++)
        p->seen_clear[from] |= !memcmp(packet->data + i, words, sizeof words);
}

static inline void pair_send(struct pair *p, int from)
{
    for (;;) {
        struct pair_frame *f = &p->queue[p->tail % PAIR_QUEUE];

        f->packet = (struct mpt_packet){ .data = f->data, .cap = sizeof f->data };
        if (mpt_output(p->end[from].stack, &f->packet, p->now) <= 0)
            return;
        assert_true(p->tail - p->head < PAIR_QUEUE - 1);
        pair_see(p, from, &f->packet);
        p->frames++;
        f->at = p->now + 10 * PAIR_MS;
        f->to = !from;
        p->tail++;
    }
}

static inline void pair_read(struct pair_end *e)
{
    int peer = e == &e->pair->end[PAIR_SERVER] ? PAIR_CLIENT : PAIR_SERVER;
    uint8_t buffer[4096];
    int64_t n;

    if (e->deaf)
        return;
    while ((n = mpt_read(e->conn, buffer, sizeof buffer, e->pair->now)) > 0)
        for (int64_t i = 0; i < n; i++)
            e->wrong |= buffer[i] != pair_octet(peer, e->got++);
    e->eof |= n == 0;
}

static inline void pair_write(struct pair_end *e)
{
    int self = e == &e->pair->end[PAIR_CLIENT];
    uint8_t buffer[1024];

    if (e->answers && !e->got && !e->eof)
        return;
    while (e->left) {
        size_t n = e->left < sizeof buffer ? (size_t)e->left : sizeof buffer;
        int64_t r;

        for (size_t i = 0; i < n; i++)
            buffer[i] = pair_octet(self, e->written + i);
        r = mpt_write(e->conn, buffer, n, e->pair->now);
        if (r <= 0)
            return;
        e->written += (uint64_t)r;
        e->left -= (uint64_t)r;
    }
    if (!e->shut) {
        e->shut = 1;
        (void)mpt_shutdown(e->conn, e->pair->now);
    }
}

static inline int pair_events(struct pair_end *e)
{
    struct mpt_conn_info info = { .size = sizeof info };
    struct mpt_event ev;
    int any = 0;

    while (mpt_event(e->stack, &ev) == 1) {
        any = 1;
        if (!e->conn)
            e->conn = ev.conn;
        if (ev.conn != e->conn)
            continue;
        e->events |= ev.flags;
        mpt_conn_info(e->conn, &info);
        e->secure = info.secure > e->secure ? info.secure : e->secure;
        pair_read(e);
        pair_write(e);
        if (ev.flags & MPT_EV_CLOSED) {
            e->closed = 1;
            e->error = info.error;
        }
    }
    return any;
}

static inline void pair_settle(struct pair *p)
{
    int any;

    do {
        pair_send(p, PAIR_SERVER);
        pair_send(p, PAIR_CLIENT);
        any = pair_events(&p->end[PAIR_SERVER]) | pair_events(&p->end[PAIR_CLIENT]);
    } while (any);
}

/* Until then, or until nothing happens any more. */
static inline void pair_run(struct pair *p, uint64_t until)
{
    pair_settle(p);
    for (;;) {
        uint64_t at = p->head < p->tail ? p->queue[p->head % PAIR_QUEUE].at : MPT_NEVER;

        for (int h = 0; h < 2; h++)
            at = mpt_deadline(p->end[h].stack) < at ? mpt_deadline(p->end[h].stack) : at;
        if (at > until)
            break;
        p->now = at > p->now ? at : p->now;
        if (p->head < p->tail && p->queue[p->head % PAIR_QUEUE].at <= p->now) {
            struct pair_frame *f = &p->queue[p->head++ % PAIR_QUEUE];
            struct mpt_packet in = f->packet;

            in.local = f->packet.remote;
            in.remote = f->packet.local;
            if (!p->edit || p->edit(p, f->to, &in))
                (void)mpt_input(p->end[f->to].stack, &in, p->now);
        } else {
            mpt_expire(p->end[PAIR_SERVER].stack, p->now);
            mpt_expire(p->end[PAIR_CLIENT].stack, p->now);
        }
        pair_settle(p);
    }
    p->now = until;
}

static inline void pair_end(struct pair *p)
{
    mpt_stack_free(p->end[PAIR_CLIENT].stack);
    mpt_stack_free(p->end[PAIR_SERVER].stack);
    free(p->queue);
}

/* ---- edits ---- */

/* The option of that kind (and subtype, for 30), NULL: none. */
static inline uint8_t *pair_option(const struct mpt_packet *packet, uint8_t kind, int subtype)
{
    uint8_t *o = packet->data + 20, *end = packet->data + (packet->data[12] >> 4) * 4;

    while (o < end && *o) {
        if (*o == 1) {
            o++;
            continue;
        }
        if (o + 1 >= end || o[1] < 2 || o + o[1] > end)
            return NULL;
        if (*o == kind && (subtype < 0 || o[2] >> 4 == subtype))
            return o;
        o += o[1];
    }
    return NULL;
}

static inline int pair_strip(struct mpt_packet *packet, uint8_t kind)
{
    uint8_t *o;
    int n = 0;

    for (; (o = pair_option(packet, kind, -1)); n++)
        memset(o, 1, o[1]);
    return n;
}

static inline void pair_repair(struct mpt_packet *packet)
{
    uint8_t tail[4] = { 0, 6, (uint8_t)(packet->len >> 8), (uint8_t)packet->len };
    uint64_t sum;
    uint16_t folded;

    packet->data[16] = packet->data[17] = 0;
    sum = mpt_checksum_add(mpt_checksum_add(0, packet->local.ip, 4), packet->remote.ip, 4);
    sum = mpt_checksum_add(mpt_checksum_add(sum, tail, sizeof tail), packet->data, packet->len);
    folded = (uint16_t)~mpt_checksum_fold(sum);
    packet->data[16] = (uint8_t)(folded >> 8);
    packet->data[17] = (uint8_t)folded;
}

#endif
