/* SPDX-License-Identifier: MIT */
/* run/traffic.c - client and server applications; see traffic.h. Directions: 0 up, 1 down; a side writes
 * the direction of its own number and reads the other (SIDE_CLIENT = 0 writes up). */
#include "run/traffic.h"

#include <string.h>

#include "run/mptcpsec.h"
#include "run/player.h"
#include "run/record.h"
#include "run/twin.h"

enum { CHUNK = 16384 };

static const uint64_t closing_grace = 500000000; /* the last FINs and ACKs after the last session, ns */

/* The host a side runs on: the session's phone, or the server. */
static struct run_host *host_of(const struct session *s, int side)
{
    return &s->run->host[side == SIDE_CLIENT ? s->phone : 0];
}

/* The latest numbers of both ends, taken while they are there: a closed connection cannot be
 * asked. */
void traffic_look(struct session *s)
{
    for (int side = 0; side < SIDES; side++)
        if (s->conn[side] != NULL) {
            s->info[side].size = sizeof s->info[side];
            mpt_conn_info(s->conn[side], &s->info[side]);
        }
}

/* The plan says what each direction will carry. */
void traffic_init(struct session *s)
{
    for (unsigned dir = 0; dir < 2; dir++)
        payload_init(&s->payload[dir], s->run->seed, s->number, dir);
    player_init(s);
}

/* ---- ends --------------------------------------------------------------------------------------- */

/* When the last session is through, a little later the run is over. */
static void note_done(struct session *s, uint64_t now)
{
    struct run *r = s->run;

    /* both ends must be released: until then octets may still be counted */
    if (s->done_at != 0 || s->conn[SIDE_CLIENT] != NULL || s->conn[SIDE_SERVER] != NULL)
        return;
    s->done_at = now;
    if (++r->sessions_done == r->sessions)
        r->sim->ops->timer_set(r->sim, &r->stop_timer, now + closing_grace);
}

/* The first error is kept: what follows is mostly its consequence. */
static void release(struct session *s, int side, uint64_t now)
{
    if (s->conn[side] == NULL)
        return;
    traffic_look(s);
    if (s->error == 0)
        s->error = s->info[side].error;
    apptls_release(s, side);
    mpt_close(s->conn[side], now);
    s->conn[side] = NULL;
    note_done(s, now);
}

/* A side is through when it wrote all and read to the end of the stream. */
static void finish(struct session *s, int side, uint64_t now)
{
    if (s->conn[side] == NULL)
        return;
    if (!s->shut[side] && s->written[side] == s->total[side] &&
        (s->ended[side] || s->read[!side] == s->total[!side])) {
        s->shut[side] = 1;
        if (s->apptls[side].tls != NULL)
            apptls_shutdown(s, side, now);
        else
            mpt_shutdown(s->conn[side], now);
    }
    /* TLS may still hold records that the connection has not taken */
    if (s->shut[side] && s->ended[side] && (s->apptls[side].tls == NULL || s->apptls[side].fin))
        release(s, side, now);
}

/* ---- writing and reading ------------------------------------------------------------------------ */

/* The next octets to write, made once: *p and how many. */
static size_t next_piece(struct session *s, int side, const uint8_t **p)
{
    struct outbox *o = &s->outbox[side];
    uint64_t at = s->written[side], left = s->wanted[side] - at;

    if (at < o->from || at >= o->from + o->n) {
        o->from = at;
        o->n = (uint32_t)(left < OUTBOX ? left : OUTBOX);
        payload_fill(&s->payload[side], at, o->data, o->n);
    }
    *p = o->data + (at - o->from);
    return (size_t)(o->from + o->n - at);
}

/* Until the send buffer is full or all that is wanted was taken; the next event goes on. */
static void push(struct session *s, int side, uint64_t now)
{
    if (s->conn[side] != NULL && s->apptls[side].tls != NULL) {
        apptls_push(s, side, now);
        return;
    }
    while (s->conn[side] != NULL && s->written[side] < s->wanted[side]) {
        const uint8_t *p;
        size_t n = next_piece(s, side, &p);
        int64_t taken = mpt_write(s->conn[side], p, n, now);

        if (taken <= 0)
            break;
        s->written[side] += (uint64_t)taken;
    }
}

/* Octets as read by an application. After the first wrong one the place is kept, no other is
 * looked for. */
static void took(struct session *s, int dir, const uint8_t *octets, size_t n, uint64_t now)
{
    uint64_t from = s->read[dir];

    /* once wrong, what follows is shifted or damaged as well: only the first place says something */
    if (s->fault[dir] == PAYLOAD_GOOD)
        s->fault[dir] = payload_check(&s->payload[dir], from, octets, n, &s->fault_at[dir]);
    s->read[dir] += n;
    s->read_at[dir] = now;
    twin_note(s, dir, from, from + n, now);
    if (s->request != NULL)
        player_read(s, dir, from + n, now);
}

/* What the application sees: octets of the stream, with or without TLS. */
static int64_t read_some(struct session *s, int side, void *out, size_t n, uint64_t now)
{
    if (s->apptls[side].tls != NULL)
        return apptls_read(s, side, out, n, now);
    return mpt_read(s->conn[side], out, n, now);
}

/* Reads dry: the window opens as far as it can. */
static void pull(struct session *s, int side, uint64_t now)
{
    uint8_t chunk[CHUNK];
    int64_t n;

    if (s->ended[side] || s->conn[side] == NULL)
        return;
    while ((n = read_some(s, side, chunk, sizeof chunk, now)) > 0)
        took(s, !side, chunk, (size_t)n, now);
    if (n == 0) {
        s->ended[side] = 1;
        twin_note(s, !side, s->read[!side], s->read[!side] + 1, now);
    }
}

/* ---- what happens when -------------------------------------------------------------------------- */

void traffic_write(struct session *s, int side, uint64_t n, uint64_t now)
{
    s->wanted[side] += n;
    push(s, side, now);
    pump_run(&host_of(s, side)->pump, now);
}

/* The local address is left to the stack, as an application would. */
static int open_now(struct session *s, uint64_t now)
{
    struct run_host *h = host_of(s, SIDE_CLIENT);
    struct mpt_addr local, remote;
    struct sim *sim = s->run->sim;
    int e;

    memset(&local, 0, sizeof local);
    if (sim->ops->address(sim, 0, 1, &remote) < 0)
        return MPT_EADDRNOTAVAIL;
    remote.port = HARNESS_PORT;
    e = mpt_connect(h->stack, &s->conn[SIDE_CLIENT], &local, &remote, now);
    if (e < 0)
        return e;
    mpt_conn_set_user(s->conn[SIDE_CLIENT], s);
    traffic_look(s);
    e = apptls_open(s, SIDE_CLIENT, now);
    if (e < 0) {
        mpt_abort(s->conn[SIDE_CLIENT], now);
        return e;
    }
    player_start(s, now);
    push(s, SIDE_CLIENT, now);
    return 0;
}

/* A flow that opens later. */
static void on_open(void *arg, uint64_t now)
{
    struct session *s = arg;
    int e = open_now(s, now);

    if (e < 0)
        s->error = e;
    pump_run(&host_of(s, SIDE_CLIENT)->pump, now);
}

int traffic_start(struct session *s, uint64_t now)
{
    struct player *p = s->player;
    struct sim *sim = s->run->sim;

    if (p->plan.open_at == 0)
        return open_now(s, now);
    p->open_timer.fire = on_open;
    p->open_timer.arg = s;
    sim->ops->timer_set(sim, &p->open_timer, now + p->plan.open_at);
    return 0;
}

/* Read before the end is looked at: CLOSED may come with the last octets. */
void traffic_event(struct session *s, int side, const struct mpt_event *event, uint64_t now)
{
    if (event->flags & MPT_EV_SECURE && side == SIDE_CLIENT)
        record_keys(s->run, s->conn[side]);
    if (event->flags & MPT_EV_HANDSHAKE)
        mptcpsec_handshake(s, side, now);
    if (event->flags & (MPT_EV_READABLE | MPT_EV_CLOSED))
        pull(s, side, now);
    if (event->flags & MPT_EV_CLOSED) {
        release(s, side, now);
        return;
    }
    push(s, side, now);
    /* the alert was written: an application that cannot trust what it reads closes (RFC 8446 6.2) */
    if (s->apptls[side].failed) {
        release(s, side, now);
        return;
    }
    finish(s, side, now);
}
