/* SPDX-License-Identifier: MIT */
/* sec/pair.c - time, packets and applications of a pair (pair.h). */
#include "sec/pair.h"


enum { DELAY = 10 * 1000000 };

static void *give_memory(void *ctx, void *old, size_t old_size, size_t new_size)
{
    struct pair_end *e = ctx;
    void *p;

    if (!new_size) {
        e->memory -= old_size;
        free(old);
        return NULL;
    }
    e->calls++;
    if (e->fail_count && e->calls >= e->fail_from) {
        e->fail_count--;
        e->refused++;
        return NULL;
    }
    p = realloc(old, new_size);
    assert_non_null(p);
    e->memory += new_size - old_size;
    return p;
}

static void give_random(void *ctx, void *out, size_t n)
{
    struct pair_end *e = ctx;
    uint8_t *p = out;

    for (size_t i = 0; i < n; i++) {
        e->pair->rng += UINT64_C(0x9E3779B97F4A7C15);
        p[i] = (uint8_t)((e->pair->rng ^ e->pair->rng >> 30) * UINT64_C(0xBF58476D1CE4E5B9) >> 56);
    }
}

void pair_addr(struct mpt_addr *a, int side, uint8_t host, int family)
{
    memset(a, 0, sizeof *a);
    a->family = (uint8_t)family;
    if (family == 4) {
        memcpy(a->ip, (uint8_t[]){ 10, 0, (uint8_t)side, host }, 4);
    } else {
        a->ip[0] = 0xfd;
        a->ip[14] = (uint8_t)side;
        a->ip[15] = host;
    }
}

static void configure(struct mpt_config *cfg, int side, const char *const *settings)
{
    mpt_config_default(cfg);
    assert_int_equal(mpt_config_set(cfg, "sec", "require"), 0);
    for (; settings && *settings; settings++) {
        const char *key = *settings, *value = strchr(key, '=');
        char name[64];

        if (!strncmp(key, side == CLIENT ? "server." : "client.", 7))
            continue;
        key += !strncmp(key, side == CLIENT ? "client." : "server.", 7) ? 7 : 0;
        snprintf(name, sizeof name, "%.*s", (int)(value - key), key);
        assert_int_equal(mpt_config_set(cfg, name, value + 1), 0);
    }
}

void pair_up(struct pair *p, int side, uint8_t host, uint32_t flags, uint16_t port, int family)
{
    struct mpt_addr a;

    pair_addr(&a, side, host, family);
    a.port = port;
    assert_true(mpt_address_up(p->end[side].stack, &a, host, 1500, flags, p->now) >= 0);
}

void pair_down(struct pair *p, int side, uint8_t host)
{
    struct mpt_addr a;

    pair_addr(&a, side, host, 4);
    assert_int_equal(mpt_address_down(p->end[side].stack, &a, p->now), 0);
}

struct pair *pair_new(const char *const *settings)
{
    struct pair *p = calloc(1, sizeof *p);
    struct mpt_addr any = { .port = 443 };

    assert_non_null(p);
    for (int side = 0; side < 2; side++) {
        struct pair_end *e = &p->end[side];
        struct mpt_env env = { .size = sizeof env, .alloc = give_memory, .alloc_ctx = e, .random = give_random, .random_ctx = e };
        struct mpt_config cfg;

        e->pair = p;
        configure(&cfg, side, settings);
        assert_int_equal(mpt_stack_new(&e->stack, &env, &cfg, 0), 0);
        pair_up(p, side, 1, 0, 0, 4);
    }
    assert_int_equal(mpt_listen(p->end[SERVER].stack, &any, NULL), 0);
    return p;
}

void pair_connect(struct pair *p)
{
    struct mpt_addr local, remote;

    pair_addr(&local, CLIENT, 1, 4);
    pair_addr(&remote, SERVER, 1, 4);
    remote.port = 443;
    assert_int_equal(mpt_connect(p->end[CLIENT].stack, &p->end[CLIENT].conn, &local, &remote, p->now), 0);
    pair_run(p, 400 * MS);
    for (int side = 0; side < 2; side++) {
        assert_non_null(p->end[side].conn);
        assert_true(mpt_secure_keyed(p->end[side].conn));
        assert_true(p->end[side].conn->secure->params_in);
    }
}

void pair_end(struct pair *p)
{
    for (int side = 0; side < 2; side++) {
        mpt_stack_free(p->end[side].stack);
        assert_int_equal(p->end[side].memory, 0);
    }
    assert_int_equal(p->clear_control, 0); /* whatever the test was about: spec 3.2 */
    free(p);
}

int pair_path(const struct pair_packet *packet)
{
    const struct mpt_addr *a = packet->to == CLIENT ? &packet->local : &packet->remote;

    return a->ip[a->family == 4 ? 3 : 15];
}

int pair_flags(const struct pair_packet *packet)
{
    return packet->data[13];
}

uint32_t pair_payload(const struct pair_packet *packet)
{
    return packet->len - (packet->data[12] >> 4) * 4u;
}

/* Once both sides are secure no option of RFC 8684 but MP_JOIN, DSS, MP_TCPRST and ours is on the wire. */
static void look(struct pair *p, const struct pair_packet *k)
{
    uint32_t end = (k->data[12] >> 4) * 4u;

    if (!p->end[CLIENT].conn || !p->end[SERVER].conn || !mpt_secure_bound(p->end[SERVER].conn) || !mpt_secure_bound(p->end[CLIENT].conn))
        return;
    for (uint32_t i = 20; i < end && k->data[i];) {
        if (k->data[i] == 1) {
            i++;
            continue;
        }
        if (k->data[i] == 30) {
            int sub = k->data[i + 2] >> 4; /* 3 ADD_ADDR 4 REMOVE_ADDR 5 MP_PRIO 6 MP_FAIL 7 MP_FASTCLOSE */

            p->clear_control += sub >= 3 && sub <= 7;
        }
        i += k->data[i + 1];
    }
}

void pair_checksum(struct pair_packet *k)
{
    struct mpt_packet p = { .data = k->data, .len = k->len, .local = k->local, .remote = k->remote };

    mpt_bytes_put16(k->data + 16, 0);
    mpt_bytes_put16(k->data + 16, (uint16_t)~mpt_checksum_fold(mpt_checksum_add(mpt_checksum_pseudo(&p), k->data, k->len)));
}

void pair_inject(struct pair *p, const struct pair_packet *packet)
{
    assert_true(p->count < PAIR_QUEUE);
    p->queue[p->count] = *packet;
    p->queue[p->count++].order = p->order++;
}

static void pump(struct pair *p, int side)
{
    struct pair_end *e = &p->end[side];
    uint8_t buffer[PAIR_SEGMENT];
    struct mpt_packet out = { .data = buffer, .cap = sizeof buffer };

    while (out.len = 0, mpt_output(e->stack, &out, p->now) == 1) {
        struct pair_packet k = { .at = p->now + DELAY, .to = !side, .len = (uint32_t)out.len, .local = out.remote, .remote = out.local };
        uint64_t verdict;

        p->packets++;
        memcpy(k.data, buffer, out.len);
        look(p, &k);
        if (p->dead_paths >> pair_path(&k) & 1)
            continue;
        verdict = p->filter ? p->filter(p, &k) : 0;
        p->filtered += verdict != 0;
        k.at += verdict > 1 ? verdict : 0;
        if (verdict != 1)
            pair_inject(p, &k);
    }
}

static void read_all(struct pair *p, int side)
{
    struct pair_end *e = &p->end[side];
    uint8_t buffer[4096];
    int64_t n;

    while (e->conn && (n = mpt_read(e->conn, buffer, sizeof buffer, p->now)) >= 0) {
        for (int64_t i = 0; i < n; i++)
            assert_int_equal(buffer[i], (e->read + (uint64_t)i) % 251);
        e->read += (uint64_t)n;
        if (!n) {
            e->eof = 1;
            return;
        }
    }
}

static void events(struct pair *p, int side)
{
    struct pair_end *e = &p->end[side];
    struct mpt_event ev;

    while (mpt_event(e->stack, &ev) == 1) {
        struct mpt_conn_info info = { .size = sizeof info };

        if (!e->conn)
            e->conn = ev.conn;
        e->events |= ev.flags;
        read_all(p, side);
        if (ev.flags & MPT_EV_CLOSED) {
            mpt_conn_info(ev.conn, &info);
            e->closed = 1;
            e->error = info.error;
        }
    }
}

static size_t next_packet(const struct pair *p)
{
    size_t best = 0;

    for (size_t i = 1; i < p->count; i++)
        if (p->queue[i].at < p->queue[best].at || (p->queue[i].at == p->queue[best].at && p->queue[i].order < p->queue[best].order))
            best = i;
    return best;
}

static void arrive(struct pair *p, size_t i)
{
    struct pair_packet k = p->queue[i];
    struct mpt_packet in = { .data = k.data, .len = k.len, .cap = k.len, .local = k.local, .remote = k.remote };

    p->queue[i] = p->queue[--p->count];
    mpt_input(p->end[k.to].stack, &in, p->now);
}

void pair_run(struct pair *p, uint64_t ns)
{
    uint64_t until = p->now + ns;

    for (;;) {
        uint64_t at, a = mpt_deadline(p->end[0].stack), b = mpt_deadline(p->end[1].stack);
        size_t i;

        for (int side = 0; side < 2; side++) {
            pump(p, side);
            events(p, side);
            pump(p, side);
        }
        i = next_packet(p);
        at = a < b ? a : b;
        a = mpt_deadline(p->end[0].stack);
        b = mpt_deadline(p->end[1].stack);
        at = a < b ? a : b;
        if (p->count && p->queue[i].at < at)
            at = p->queue[i].at;
        if (at > until)
            break;
        p->now = at > p->now ? at : p->now;
        if (p->count && p->queue[i].at <= p->now) {
            arrive(p, i);
            continue;
        }
        for (int side = 0; side < 2; side++)
            mpt_expire(p->end[side].stack, p->now);
    }
    p->now = until;
}

void pair_write(struct pair *p, int side, uint64_t n)
{
    struct pair_end *e = &p->end[side];
    uint8_t buffer[4096];

    while (n) {
        size_t m = n < sizeof buffer ? (size_t)n : sizeof buffer;
        int64_t took;

        for (size_t i = 0; i < m; i++)
            buffer[i] = (uint8_t)((e->written + i) % 251);
        took = mpt_write(e->conn, buffer, m, p->now);
        if (took == MPT_EAGAIN) {
            pair_run(p, 10 * MS);
            continue;
        }
        assert_true(took > 0);
        e->written += (uint64_t)took;
        n -= (uint64_t)took;
    }
}

uint64_t pair_counter(const struct pair *p, int side, const char *name)
{
    struct mpt_counter c;

    for (size_t i = 0; mpt_counter(p->end[side].stack, i, &c); i++)
        if (!strcmp(c.name, name))
            return c.value;
    fail_msg("no counter %s", name);
    return 0;
}

struct mpt_subflow *pair_subflow(struct pair *p, int side, size_t i)
{
    struct mpt_subflow *sf;

    MPT_EACH_SUBFLOW(p->end[side].conn, sf)
        if (mpt_subflow_alive(sf) && sf->member == MPT_MEMBER_FULL && i-- == 0)
            return sf;
    return NULL;
}

void pair_say(struct pair *p, int side, uint32_t csn, const void *tlvs, uint16_t n)
{
    struct mpt_conn *c = p->end[side].conn;
    struct mpt_secure_ctl *m = mpt_mem_zalloc(&c->stack->mem, sizeof *m + MPT_SEC_CTL_HEAD + n), **last = &c->secure->ctl;

    assert_non_null(m);
    c->secure->csn_sent++;
    m->csn = csn ? csn : c->secure->csn_sent;
    m->len = (uint16_t)(MPT_SEC_CTL_HEAD + n);
    memcpy(mpt_sec_ctl_build(m->octets, m->csn, n), tlvs, n);
    while (*last)
        last = &(*last)->next;
    *last = m;
    mpt_conn_kick(c);
}

const char *const pair_manual[] = { "client.pm=manual", "server.pm=manual", NULL };
const char *const pair_mesh[] = { "client.pm=fullmesh", "server.pm=fullmesh", NULL };

struct pair *pair_two(const char *const *settings)
{
    struct pair *p = pair_new(settings);
    struct mpt_addr a;

    pair_connect(p);
    pair_addr(&a, CLIENT, 2, 4);
    if (settings == pair_manual) {
        pair_up(p, CLIENT, 2, 0, 0, 4);
        assert_true(mpt_subflow_join(p->end[CLIENT].conn, &a, NULL, 0, p->now) > 0);
    } else {
        pair_up(p, CLIENT, 2, MPT_ADDRESS_SUBFLOW, 0, 4);
    }
    pair_run(p, 500 * MS);
    assert_non_null(pair_subflow(p, CLIENT, 1));
    assert_non_null(pair_subflow(p, SERVER, 1));
    return p;
}

uint32_t pair_unacknowledged(struct pair *p, int side)
{
    uint32_t n = 0;

    for (struct mpt_secure_ctl *m = p->end[side].conn->secure->ctl; m; m = m->next)
        n++;
    return n;
}

const struct mpt_known_addr *pair_known(struct pair *p, int side, uint8_t host)
{
    const struct mpt_conn *c = p->end[side].conn;

    for (int i = 0; i < MPT_KNOWN; i++)
        if (c->peer_addr[i].used && c->peer_addr[i].addr.ip[c->peer_addr[i].addr.family == 4 ? 3 : 15] == host)
            return &c->peer_addr[i];
    return NULL;
}
