/* SPDX-License-Identifier: MIT */
/* simapp.c - the applications of a case (see simapp.h).
 *
 * Payload is a keyed function of the offset: an octet that is lost, repeated, swapped or another connection's is
 * seen at once, and no copy of what was written is kept. */
#include "simapp.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define SECOND UINT64_C(1000000000)
enum { PORT = 5001, BUFFER = 65536 };

void simapp_fault(struct sim_world *w, const char *format, ...)
{
    va_list args;

    if (!w->fault[0]) {
        va_start(args, format);
        vsnprintf(w->fault, sizeof w->fault, format, args);
        va_end(args);
    }
    if (w->sim)
        w->sim->ops->stop(w->sim);
}

static const char *name(const struct sim_end *e)
{
    return e->side->host ? "client" : "server";
}

/* splitmix64 of the octet's number: any two offsets differ (Steele, Lea and Flood, OOPSLA 2014). */
static uint8_t octet_at(uint64_t key, uint64_t at)
{
    uint64_t z = key + (at / 8) * UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (uint8_t)((z ^ z >> 31) >> at % 8 * 8);
}

static uint64_t now_of(const struct sim_end *e)
{
    return e->side->world->sim->ops->now(e->side->world->sim);
}

static void timer_at(struct sim_end *e, struct sim_timer *t, uint64_t at)
{
    e->side->world->sim->ops->timer_set(e->side->world->sim, t, at);
}

/* ---- ends ------------------------------------------------------------------------------------------ */

static void end_with(struct sim_end *e, int error, uint64_t now)
{
    if (e->ended)
        return;
    e->ended = 1;
    if (!e->error)
        e->error = error;
    if (e->conn) {
        mpt_close(e->conn, now);
        e->conn = NULL;
    }
}

/* ---- writing and reading --------------------------------------------------------------------------- */

/* No event comes after MPT_ENOMEM: the application asks again by itself, and in the end gives up. */
static void ask_again(struct sim_end *e, uint64_t now)
{
    if (e->tries++ < 100) {
        timer_at(e, &e->pause_timer, now + SECOND / 10);
        return;
    }
    e->rude = 1;
    e->error = MPT_ENOMEM;
    mpt_abort(e->conn, now);
}

static void write_some(struct sim_end *e, uint64_t now)
{
    uint8_t buffer[BUFFER];

    while (e->conn && e->written < e->plan->octets) {
        uint64_t n = 1 + rng_below(&e->rng, e->plan->write_max);
        int64_t r;

        n = n < e->plan->octets - e->written ? n : e->plan->octets - e->written;
        for (uint64_t i = 0; i < n; i++)
            buffer[i] = octet_at(e->plan->key, e->written + i);
        r = mpt_write(e->conn, buffer, (size_t)n, now);
        if (r == MPT_ENOMEM)
            ask_again(e, now);
        else if (r < 0 && r != MPT_EAGAIN && !e->error)
            e->error = (int32_t)r;
        if (r == 0 || r > (int64_t)n)
            simapp_fault(e->side->world, "%s: mpt_write of %d gave %d", name(e), (int)n, (int)r);
        if (r <= 0)
            return;
        e->written += (uint64_t)r;
    }
}

/* With `require` at this end nothing comes that did not come in records (sec/SPEC.md 3.2). */
static void check_secure(struct sim_end *e)
{
    struct mpt_conn_info info = { .size = sizeof info };
    const struct sim_world *w = e->side->world;

    if (w->plan->config[e->side->host].sec != MPT_SECURE_REQUIRE)
        return;
    mpt_conn_info(e->conn, &info);
    if (info.secure != 3)
        simapp_fault(e->side->world, "%s: octets in the clear, though MPTCPsec is required", name(e));
}

/* A box that changes payloads and repairs checksums: without MPTCPsec nobody can know. */
static int is_damaged(const struct sim_end *e)
{
    struct mpt_conn_info info = { .size = sizeof info };

    mpt_conn_info(e->conn, &info);
    return e->side->world->plan->flip_from && info.secure != 3;
}

static void check_octets(struct sim_end *e, const uint8_t *p, size_t n)
{
    check_secure(e);
    for (size_t i = 0; i < n && !is_damaged(e); i++)
        if (p[i] != octet_at(e->peer->plan->key, e->got + i)) {
            simapp_fault(e->side->world, "%s: octet %llu is wrong", name(e), (unsigned long long)(e->got + i));
            return;
        }
    e->got += n;
    e->side->world->octets_ok += n;
    if (e->got > e->peer->written)
        simapp_fault(e->side->world, "%s: %llu octets read, %llu written", name(e), (unsigned long long)e->got,
                     (unsigned long long)e->peer->written);
}

static void check_eof(struct sim_end *e)
{
    e->eof = 1;
    if (e->got != e->peer->written || !e->peer->shut)
        simapp_fault(e->side->world, "%s: end of stream after %llu of %llu octets%s", name(e),
                     (unsigned long long)e->got, (unsigned long long)e->peer->written,
                     e->peer->shut ? "" : ", which was not the end");
}

static void read_some(struct sim_end *e, uint64_t now)
{
    uint8_t buffer[BUFFER];
    int64_t n;

    while (e->conn && !e->eof && !e->paused) {
        n = mpt_read(e->conn, buffer, 1 + (size_t)rng_below(&e->rng, e->plan->read_max), now);
        if (n > 0)
            check_octets(e, buffer, (size_t)n);
        else if (n == 0)
            check_eof(e);
        else if (n != MPT_EAGAIN && !e->error)
            e->error = (int32_t)n;
        if (n <= 0)
            return;
        if (e->plan->pause && !rng_below(&e->rng, 2)) {
            e->paused = 1;
            timer_at(e, &e->pause_timer, now + e->plan->pause);
        }
    }
}

static void shut_down(struct sim_end *e, uint64_t now)
{
    if (!e->conn || e->shut)
        return;
    e->shut = 1;
    (void)mpt_shutdown(e->conn, now);
}

static void close_maybe(struct sim_end *e, uint64_t now)
{
    if (e->conn && !e->shut && e->written == e->plan->octets) {
        if (e->plan->close == CLOSE_WHEN_WRITTEN || (e->plan->close == CLOSE_AFTER_PEER && e->eof))
            shut_down(e, now);
        else if (e->plan->close == CLOSE_LATER && !e->close_timer.at)
            timer_at(e, &e->close_timer, e->close_timer.at = now + SECOND / 2);
    }
    if (e->conn && e->shut && e->eof && e->plan->drop_handle)
        end_with(e, 0, now);
}

static void drive(struct sim_end *e, uint64_t now)
{
    write_some(e, now);
    read_some(e, now);
    close_maybe(e, now);
}

static void fire_pause(void *arg, uint64_t now)
{
    struct sim_end *e = arg;

    e->paused = 0;
    drive(e, now);
    pump_run(&e->side->pump, now);
}

static void fire_close(void *arg, uint64_t now)
{
    struct sim_end *e = arg;

    shut_down(e, now);
    drive(e, now);
    pump_run(&e->side->pump, now);
}

/* ---- mischief -------------------------------------------------------------------------------------- */

static void join(struct sim_end *e, const struct sim_op_at *o, uint64_t now)
{
    const struct sim_world *w = e->side->world;
    struct mpt_addr local, remote;
    uint32_t flags = (o->op == OP_JOIN_DATA ? MPT_JOIN_DATA : 0) | (o->pick & 1 ? MPT_JOIN_BACKUP : 0);
    uint32_t path = 1 + o->pick / 2 % (uint32_t)w->plan->topology.paths;
    int client = e->side->host == 1;

    /* mostly the phone joins: the server can only reach an address that it knows */
    if (w->sim->ops->address(w->sim, e->side->host, client ? path : 1, &local) < 0 ||
        w->sim->ops->address(w->sim, !client, client ? 1 : path, &remote) < 0)
        return;
    remote.port = client ? PORT : e->port;
    (void)mpt_subflow_join(e->conn, &local, o->pick & 4 ? &remote : NULL, flags, now);
}

static void do_op(struct sim_end *e, const struct sim_op_at *o, uint64_t now)
{
    struct mpt_subflow_info info = { .size = sizeof info };
    int have = mpt_subflow_info(e->conn, o->pick % 4, &info);

    switch (o->op) {
    case OP_JOIN:
    case OP_JOIN_DATA:
        join(e, o, now);
        break;
    case OP_BACKUP:
        if (have)
            (void)mpt_subflow_backup(e->conn, info.number, (int)(o->pick & 1), now);
        break;
    case OP_SUBFLOW_CLOSE:
        if (have)
            (void)mpt_subflow_close(e->conn, info.number, now);
        break;
    case OP_ABORT:
        e->rude = 1;
        mpt_abort(e->conn, now);
        break;
    default:
        e->rude = 1;
        e->shut = e->written == e->plan->octets; /* else the peer must not take it for the end */
        e->shut = 1;
        end_with(e, 0, now);
    }
}

static void next_op(struct sim_end *e)
{
    if (e->next_op < e->plan->ops)
        timer_at(e, &e->timer, now_of(e) + e->plan->op[e->next_op].at);
}

static void fire_op(void *arg, uint64_t now)
{
    struct sim_end *e = arg;
    const struct sim_op_at *o = &e->plan->op[e->next_op++];

    if (e->conn)
        do_op(e, o, now);
    next_op(e);
    drive(e, now);
    pump_run(&e->side->pump, now);
}

/* ---- beginnings ------------------------------------------------------------------------------------ */

static void fire_connect(void *arg, uint64_t now)
{
    struct sim_end *e = arg;
    struct sim_world *w = e->side->world;
    struct mpt_conn_info info = { .size = sizeof info };
    struct mpt_addr remote;
    int r;

    (void)w->sim->ops->address(w->sim, 0, 1, &remote);
    remote.port = PORT;
    e->timer.fire = fire_op;
    e->begun = 1;
    r = mpt_connect(e->side->stack, &e->conn, NULL, &remote, now);
    if (r < 0) {
        end_with(e, r, now);
        return;
    }
    mpt_conn_set_user(e->conn, e);
    mpt_conn_info(e->conn, &info);
    e->port = e->peer->port = info.local.port;
    if (e->plan->early_write)
        write_some(e, now);
    next_op(e);
    pump_run(&e->side->pump, now);
}

/* The client's first subflow always starts at one of its addresses with the port it was given. */
static struct sim_end *accept_end(struct sim_side *side, struct mpt_conn *conn)
{
    struct mpt_conn_info info = { .size = sizeof info };

    mpt_conn_info(conn, &info);
    for (uint32_t i = 0; i < side->world->plan->conns; i++) {
        struct sim_end *e = &side->end[i];

        if (e->begun || !e->port || e->port != info.remote.port)
            continue;
        e->begun = 1;
        e->conn = conn;
        mpt_conn_set_user(conn, e);
        next_op(e);
        return e;
    }
    return NULL;
}

void simapp_event(void *ctx, struct pump *pump, const struct mpt_event *event, uint64_t now)
{
    struct sim_side *side = ctx;
    struct mpt_conn_info info = { .size = sizeof info };
    struct sim_end *e = event->flags & MPT_EV_ACCEPTED ? accept_end(side, event->conn) : event->user;

    (void)pump;
    if (!e) { /* a SYN that came again after its connection had ended, or one whose MP_JOIN was eaten */
        uint8_t octet;

        if (mpt_read(event->conn, &octet, 1, now) > 0)
            simapp_fault(side->world, "an application was given octets that nobody wrote to it");
        mpt_close(event->conn, now);
        return;
    }
    if (e->conn != event->conn) {
        simapp_fault(side->world, "%s: event %x of a connection given back", name(e), event->flags);
        return;
    }
    if (event->flags & MPT_EV_SECURE && side->world->keys) {
        char line[512];
        int n = mpt_secure_log(e->conn, line, sizeof line);

        if (n > 0)
            fprintf(side->world->keys, "%.*s\n", n, line);
    }
    e->secured |= (event->flags & MPT_EV_SECURE) != 0;
    drive(e, now);
    if (!(event->flags & MPT_EV_CLOSED) || !e->conn)
        return;
    do { /* the end of all pauses */
        e->paused = 0;
        read_some(e, now);
    } while (e->paused);
    mpt_conn_info(e->conn, &info);
    if (!info.error && !e->rude && (!e->eof || !e->shut))
        simapp_fault(side->world, "%s: closed without error%s%s", name(e), e->eof ? "" : ", end of stream not read",
                     e->shut ? "" : ", own end not told");
    end_with(e, info.error, now);
}

void simapp_start(struct sim_world *w)
{
    struct mpt_addr any = { .family = 0, .port = PORT };
    char purpose[32];

    for (uint32_t h = 0; h < 2; h++)
        for (uint32_t i = 0; i < w->plan->conns; i++) {
            struct sim_end *e = &w->side[h].end[i];

            e->side = &w->side[h];
            e->peer = &w->side[!h].end[i];
            e->plan = &w->plan->app[h][i];
            snprintf(purpose, sizeof purpose, "app/%u/%u", h, i);
            rng_init(&e->rng, w->plan->seed, purpose);
            e->timer.fire = h ? fire_connect : fire_op;
            e->pause_timer.fire = fire_pause;
            e->close_timer.fire = fire_close;
            e->timer.arg = e->pause_timer.arg = e->close_timer.arg = e;
            if (h)
                timer_at(e, &e->timer, e->plan->start_at);
        }
    if (mpt_listen(w->side[0].stack, &any, NULL) < 0)
        for (uint32_t i = 0; i < w->plan->conns; i++)
            w->side[0].end[i].ended = 1;
}

void simapp_stop(struct sim_end *e)
{
    const struct sim_ops *ops;

    if (!e->side || !e->side->world->sim)
        return;
    ops = e->side->world->sim->ops;
    ops->timer_cancel(e->side->world->sim, &e->timer);
    ops->timer_cancel(e->side->world->sim, &e->pause_timer);
    ops->timer_cancel(e->side->world->sim, &e->close_timer);
}

/* ---- judgement ------------------------------------------------------------------------------------- */

/* TCP has no keep-alive here: who only waits for a peer that is gone waits for ever (RFC 9293 3.8.4). */
static int waits_rightly(const struct sim_end *e)
{
    struct mpt_conn_info info = { .size = sizeof info };

    if (!e->begun)
        return 1; /* the SYN never came */
    if (!e->conn || (e->peer->begun && !e->peer->ended))
        return 0;
    mpt_conn_info(e->conn, &info);
    return info.acked == e->written && (e->written == e->plan->octets || !e->conn) && !e->eof;
}

/* 10 s for the handshake, and no other path for it: what the network did not let through in time is excused. */
static int is_excused(struct sim_world *w, const struct sim_end *e)
{
    if (!w->plan->secure || (e->secured && e->peer->secured) || (e->error != MPT_ESECURE && e->peer->error != MPT_ESECURE))
        return 0;
    w->excused++;
    return 1;
}

static void judge_end(struct sim_world *w, struct sim_end *e)
{
    struct mpt_conn_info info = { .size = sizeof info };
    int denied = w->plan->flip_from && !w->plan->must; /* all the paths it uses may be damaged: denial of service is possible */

    if (!e->ended && !w->may_wait && !denied && !waits_rightly(e)) {
        if (e->conn)
            mpt_conn_info(e->conn, &info);
        simapp_fault(w, "%s: stalled in state %u: wrote %llu (acked %llu) of %llu, read %llu of %llu%s%s; peer %s", name(e),
                     info.state, (unsigned long long)e->written, (unsigned long long)info.acked,
                     (unsigned long long)e->plan->octets, (unsigned long long)e->got,
                     (unsigned long long)e->peer->plan->octets, e->shut ? ", shut down" : "", e->eof ? ", end read" : "",
                     e->peer->ended ? "ended" : "did not end");
    }
    /* The last acknowledgement may be lost with the path: then both have everything, and one cannot know. */
    if (w->plan->handover_at && e->eof && e->peer->eof)
        return;
    if (w->plan->must && !e->unready && (e->error || !e->eof || e->got != e->peer->plan->octets) && is_excused(w, e))
        return;
    if (w->plan->must && !e->unready && (e->error || !e->eof || e->got != e->peer->plan->octets))
        simapp_fault(w, "%s %u: error %d (%s)%s%s%s, read %llu of %llu, though nothing excuses it", name(e),
                     (unsigned)(e - e->side->end), e->error, mpt_strerror(e->error), e->begun ? "" : ", not begun",
                     e->eof ? "" : ", end not read", e->ended ? "" : ", not ended", (unsigned long long)e->got, (unsigned long long)e->peer->plan->octets);
}

void simapp_judge(struct sim_world *w)
{
    uint64_t now = w->sim->ops->now(w->sim);

    for (uint32_t i = 0; i < w->plan->conns; i++) {
        judge_end(w, &w->side[0].end[i]);
        judge_end(w, &w->side[1].end[i]);
    }
    for (uint32_t h = 0; h < 2 && !w->fault[0]; h++) /* an application's patience ends */
        for (uint32_t i = 0; i < w->plan->conns; i++)
            if (w->side[h].end[i].conn) {
                mpt_abort(w->side[h].end[i].conn, now);
                end_with(&w->side[h].end[i], MPT_EABORTED, now);
                pump_run(&w->side[h].pump, now);
            }
}
