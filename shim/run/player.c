/* SPDX-License-Identifier: MIT */
/* run/player.c - plans in virtual time; see player.h. A request's place in the two streams tells when it is whole:
 * the server answers in the order of requests. */
#include "run/player.h"

#include <stdlib.h>
#include <string.h>

#include "run/pool.h"
#include "run/traffic.h"

/* ---- places ------------------------------------------------------------------------------------- */

/* The i-th request of the connection is this item: where it ends in both streams. */
static void place(struct session *s, uint64_t i, const struct lane *l, size_t index)
{
    struct request *q = &s->request[i];
    const struct item *item = &l->plan->item[index];

    q->up_end = (i > 0 ? q[-1].up_end : 0) + item->up;
    q->down_end = (i > 0 ? q[-1].down_end : 0) + item->down;
    q->lane = (uint32_t)(l - s->player->lane);
    q->item = (uint32_t)index;
}

/* One lane: the order is fixed now. Two: what is held back decides it. */
static void prepare(struct session *s)
{
    struct player *p = s->player;

    s->request = pool_grow(NULL, p->items * sizeof *s->request);
    memset(s->request, 0, p->items * sizeof *s->request);
    for (; p->plan.lanes == 1 && p->known < p->items; p->known++)
        place(s, p->known, &p->lane[0], p->known);
}

void player_init(struct session *s)
{
    const struct run_config *c = s->run->config;
    struct player *p = pool_grow(NULL, sizeof *p);

    memset(p, 0, sizeof *p);
    s->player = p;
    generator_of(c->traffic_kind)->plan(&p->plan, c, s->run->seed, s->number);
    generator_stream(&p->chunks, s->run->seed, "chunks", s->number);
    for (int dir = 0; dir < 2; dir++)
        s->total[dir] = s->wanted[dir] = p->plan.bulk[dir];
    for (size_t i = 0; i < p->plan.lanes; i++) {
        const struct lane_plan *l = &p->plan.lane[i];

        p->lane[i] = (struct lane){.session = s, .plan = l};
        p->items += l->items;
        for (size_t j = 0; j < l->items; j++) {
            s->total[0] += l->item[j].up;
            s->total[1] += l->item[j].down;
        }
    }
    if (p->items > 0)
        prepare(s);
}

void player_clear(struct session *s)
{
    if (s->player != NULL)
        generator_clear(&s->player->plan);
    free(s->player);
    free(s->request);
    s->player = NULL;
    s->request = NULL;
}

/* ---- sending ------------------------------------------------------------------------------------ */

static void set_timer(struct lane *l, uint64_t at, uint64_t now)
{
    struct sim *sim = l->session->run->sim;

    sim->ops->timer_set(sim, &l->timer, at > now ? at : now);
}

/* Notes it as sent; its octets are written by put. What only the server sends was asked for before. */
static const struct item *ask(struct lane *l, uint64_t now)
{
    struct session *s = l->session;

    if (s->asked == s->player->known)
        place(s, s->player->known++, l, l->next);
    s->request[s->asked++].sent_at = now;
    return &l->plan->item[l->next++];
}

/* In chunks each piece is a write of its own, which the stack may send at once. */
static void put(struct session *s, const struct item *item, uint64_t now)
{
    uint64_t left = item->up;

    while (item->chunks != 0 && left > item->chunk_high) {
        uint64_t n = item->chunk_low + rng_below(&s->player->chunks, item->chunk_high - item->chunk_low + 1);

        left -= n;
        traffic_write(s, SIDE_CLIENT, n, now);
    }
    if (left > 0)
        traffic_write(s, SIDE_CLIENT, left, now);
    if (item->up == 0)
        traffic_write(s, SIDE_SERVER, item->down, now);
}

/* The next request's time, if the clock sets it. */
static void arm(struct lane *l, uint64_t now)
{
    const struct lane_plan *plan = l->plan;

    if (l->next < plan->items && plan->item[l->next].gate == GATE_CLOCK)
        set_timer(l, l->session->player->opened_at + plan->item[l->next].at, now);
}

/* The clock goes on whether or not earlier answers have come, so that a stall shows as many late answers and not as
 * fewer requests; only a window holds it back. */
static void on_timer(void *arg, uint64_t now)
{
    struct lane *l = arg;
    const struct lane_plan *plan = l->plan;
    const struct item *item;

    if (plan->window != 0 && l->next - l->answered >= plan->window) {
        l->held++;
        l->waiting = 1;
        return;
    }
    do {
        item = ask(l, now);
        arm(l, now); /* before anything is sent: timers of one moment fire in the order they were set */
        put(l->session, item, now);
    } while (l->next < plan->items && plan->item[l->next].gate == GATE_TOGETHER);
}

void player_start(struct session *s, uint64_t now)
{
    struct player *p = s->player;

    p->opened_at = now;
    for (size_t i = 0; i < p->plan.lanes; i++) {
        p->lane[i].timer.fire = on_timer;
        p->lane[i].timer.arg = &p->lane[i];
        if (p->plan.lane[i].items > 0)
            set_timer(&p->lane[i], now + p->plan.lane[i].item[0].at, now);
    }
}

/* ---- reading ------------------------------------------------------------------------------------ */

/* By the clock, even at once, since this is the middle of a read. */
static void go_on(struct lane *l, uint64_t now)
{
    const struct session *s = l->session;
    const struct item *next = &l->plan->item[l->next];
    uint64_t at = now;

    if (l->waiting) {
        l->waiting = 0;
        set_timer(l, now, now);
    } else if (l->next < l->plan->items && next->gate == GATE_ANSWERED && l->answered == l->next) {
        at = s->request[s->asked - 1].sent_at + next->at;
        set_timer(l, at > now + next->think ? at : now + next->think, now);
    }
}

static void answer(struct session *s, struct request *q, uint64_t now)
{
    q->answered_at = now;
    s->answered++;
    s->player->lane[q->lane].answered++;
}

/* The piece may end one request, hold others whole and begin the next. What needs no answer is done with it. */
static void serve(struct session *s, uint64_t to, uint64_t now)
{
    uint64_t known = s->player->known, owed = 0;

    for (uint64_t i = s->served; i < known && (i > 0 ? s->request[i - 1].up_end : 0) < to; i++)
        if (s->request[i].first_at == 0)
            s->request[i].first_at = now;
    while (s->served < known && to >= s->request[s->served].up_end) {
        struct request *q = &s->request[s->served++];
        const struct item *item = &s->player->lane[q->lane].plan->item[q->item];

        q->read_at = now;
        owed += item->down;
        if (item->down == 0 && s->answered < s->asked)
            answer(s, q, now);
    }
    s->wanted[1] += owed;
}

void player_read(struct session *s, int dir, uint64_t to, uint64_t now)
{
    uint64_t before[LANES_MAX];

    for (size_t i = 0; i < s->player->plan.lanes; i++)
        before[i] = s->player->lane[i].answered;
    if (dir == 0)
        serve(s, to, now);
    while (dir == 1 && s->answered < s->asked && to >= s->request[s->answered].down_end)
        answer(s, &s->request[s->answered], now);
    for (size_t i = 0; i < s->player->plan.lanes; i++)
        if (s->player->lane[i].answered > before[i])
            go_on(&s->player->lane[i], now);
}
