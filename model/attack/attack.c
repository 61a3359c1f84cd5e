/* SPDX-License-Identifier: MIT */
/* attack/attack.c - the attacker's life: packets in, plays carried out, packets out (see attack.h).
 * The knowledge is learn.c's, the attacks themselves are a_*.c (RFC 6181, RFC 7430). */
#include "attack/private.h"

#include "crypto/crypto.h"

/* ---- life ---------------------------------------------------------------------------------------- */

static int is_playable(const struct mpt_attack_config *c)
{
    if (!c->env || !c->env->random || c->plays > MPT_ATTACK_PLAYS || c->host4.family != 4 || c->host6.family != 6)
        return 0;
    for (size_t i = 0; i < c->plays; i++)
        if (!c->play[i].row || !c->play[i].paths)
            return 0;
    return 1;
}

/* What a play leaves open is the row's. */
static void init_aim(struct mpt_attack_aim *m, const struct mpt_attack_play *play)
{
    const struct mpt_attack_row *r = play->row;

    m->play = *play;
    m->row = r;
    m->play.dirs = play->dirs ? play->dirs : 3;
    m->play.until = play->until ? play->until : MPT_NEVER;
    m->play.every = play->every ? play->every : r->every ? r->every : 1;
    m->play.count = play->count ? play->count : r->count;
    m->play.delay = play->delay ? play->delay : r->delay;
    m->play.interval = play->interval ? play->interval : r->interval;
    m->play.offset = play->offset ? play->offset : r->offset;
    m->next_at = r->tick && m->play.interval ? play->at + m->play.interval : MPT_NEVER;
}

int mpt_attack_new(struct mpt_attack **out, const struct mpt_attack_config *config)
{
    struct mpt_mem mem;
    struct mpt_attack *a;

    if (!is_playable(config) || mpt_crypto_init() < 0)
        return MPT_EINVAL;
    mpt_mem_init(&mem, config->env);
    a = mpt_mem_zalloc(&mem, sizeof *a);
    if (!a)
        return MPT_ENOMEM;
    a->mem = mem;
    a->env = *config->env;
    a->config = *config;
    a->config.env = &a->env;
    a->aim = mpt_mem_zalloc(&a->mem, (config->plays + 1) * sizeof *a->aim);
    if (!a->aim) {
        mpt_mem_free(&mem, a, sizeof *a);
        return MPT_ENOMEM;
    }
    for (size_t i = 0; i < config->plays; i++)
        init_aim(&a->aim[i], &config->play[i]);
    *out = a;
    return 0;
}

static void free_out(struct mpt_attack *a, struct attack_out *o)
{
    if (o)
        mpt_mem_free(&a->mem, o, sizeof *o + o->v.len);
}

void mpt_attack_free(struct mpt_attack *a)
{
    struct mpt_mem mem;

    if (!a)
        return;
    free_out(a, a->lent);
    while (a->queue) {
        struct attack_out *next = a->queue->next;

        free_out(a, a->queue);
        a->queue = next;
    }
    mpt_mem_free(&a->mem, a->aim, (a->config.plays + 1) * sizeof *a->aim);
    mem = a->mem; /* the struct counts its own memory */
    mpt_crypto_wipe(a, sizeof *a); /* overheard keys */
    mpt_mem_free(&mem, a, sizeof *a);
    mpt_mem_clear(&mem);
}

void mpt_attack_stats(const struct mpt_attack *a, struct mpt_attack_stats *stats)
{
    *stats = a->stats;
}

/* ---- tools of the attacks ------------------------------------------------------------------------ */

uint32_t mpt_attack_random(struct mpt_attack *a)
{
    uint8_t r[4];

    a->env.random(a->env.random_ctx, r, sizeof r);
    return mpt_bytes_get32(r);
}

int mpt_attack_turn(struct mpt_attack_aim *m, uint32_t dir)
{
    if (m->play.count && m->done[dir] >= m->play.count)
        return 0;
    if (m->seen[dir]++ % m->play.every)
        return 0;
    m->done[dir]++;
    return 1;
}

static void tell(const struct mpt_attack *a, const struct mpt_attack_view *v, const char *what, uint64_t now)
{
    struct mpt_attack_event e = { .at = now, .what = what, .path = v->path, .dir = v->dir, .src = v->src,
                                  .dst = v->dst, .seq = mpt_bytes_get32(v->tcp + 4), .len = (uint32_t)v->len };

    e.attack = a->acting ? a->acting->row->name : "host";
    if (a->config.log)
        a->config.log(a->config.log_ctx, &e);
}

/* Behind all that are due no later: what was sent first arrives first. */
static int enqueue(struct mpt_attack *a, const struct mpt_attack_view *v, uint64_t at)
{
    struct attack_out *o, **p = &a->queue;

    if (a->queued >= ATTACK_QUEUE || v->len > MPT_ATTACK_SEGMENT) {
        a->stats.failed++;
        return MPT_ELIMIT;
    }
    o = mpt_mem_alloc(&a->mem, sizeof *o + v->len);
    if (!o) {
        a->stats.failed++;
        return MPT_ENOMEM;
    }
    o->v = *v;
    o->v.tcp = (uint8_t *)(o + 1);
    memcpy(o->v.tcp, v->tcp, v->len);
    o->at = at;
    while (*p && (*p)->at <= at)
        p = &(*p)->next;
    o->next = *p;
    *p = o;
    a->queued++;
    return 0;
}

int mpt_attack_send(struct mpt_attack *a, const struct mpt_attack_view *v, uint64_t at, uint64_t now)
{
    int e = enqueue(a, v, at);

    if (e < 0)
        return e;
    a->stats.injected++;
    tell(a, v, "inject", now);
    return 0;
}

/* With its edits so far, so with its checksum repaired. Without memory it is lost. */
int mpt_attack_hold(struct mpt_attack *a, struct mpt_attack_seg *p, uint64_t at, uint64_t now)
{
    if (p->edited)
        mpt_edit_checksum(&p->v);
    if (enqueue(a, &p->v, at) == 0) {
        a->stats.held++;
        tell(a, &p->v, "hold", now);
    }
    return MPT_ATTACK_TAKEN;
}

int mpt_attack_drop(struct mpt_attack *a, struct mpt_attack_seg *p, uint64_t now)
{
    a->stats.dropped++;
    tell(a, &p->v, "drop", now);
    return MPT_ATTACK_TAKEN;
}

/* ---- a packet passes ----------------------------------------------------------------------------- */

static int is_active(const struct mpt_attack_aim *m, uint32_t path, uint64_t now)
{
    return m->play.at <= now && now < m->play.until && (m->play.paths >> path & 1);
}

/* Forgeries follow the packet that triggered them: they are queued, it passes. One count serves both directions of
 * packets, so that a one-way transfer triggers as well. */
static void forge(struct mpt_attack *a, struct mpt_attack_aim *m, struct mpt_attack_flow *f, uint64_t now)
{
    for (uint32_t dir = 0; dir < 2; dir++) {
        if (!(m->play.dirs >> dir & 1) || (m->play.count && m->done[dir] >= m->play.count) ||
            m->seen[dir]++ % m->play.every)
            continue;
        if (m->row->forge(a, m, f, dir, now))
            m->done[dir]++;
    }
}

static int play(struct mpt_attack *a, struct mpt_attack_aim *m, struct mpt_attack_seg *p, uint64_t now)
{
    int verdict = MPT_ATTACK_PASS;

    a->acting = m;
    if (m->row->packet && (m->play.dirs >> p->v.dir & 1))
        verdict = m->row->packet(a, m, p, now);
    if (m->row->forge && verdict == MPT_ATTACK_PASS && p->flow && mpt_learn_open(p->flow))
        forge(a, m, p->flow, now);
    a->acting = NULL;
    return verdict;
}

/* Into the buffer of our own: attacks edit there. 0, or -1: not a segment that anybody here can read. */
static int load(struct mpt_attack *a, const struct mpt_attack_view *view)
{
    struct mpt_attack_seg *p = &a->seg;

    if (view->len > sizeof a->buffer || view->len < MPT_TCP_HEADER || view->dir > 1 || view->path > 31)
        return -1;
    p->v = *view;
    p->v.tcp = a->buffer;
    p->edited = 0;
    p->flow = NULL;
    memcpy(a->buffer, view->tcp, view->len);
    return mpt_edit_parse(p);
}

enum mpt_attack_verdict mpt_attack_packet(struct mpt_attack *a, struct mpt_attack_view *view, uint64_t now)
{
    struct mpt_attack_seg *p = &a->seg;

    a->stats.seen++;
    if (load(a, view) < 0)
        return MPT_ATTACK_PASS;
    if (mpt_end_take(a, p, now))
        return MPT_ATTACK_TAKEN;
    mpt_learn_packet(a, p);
    for (size_t i = 0; i < a->config.plays; i++)
        if (is_active(&a->aim[i], view->path, now) && play(a, &a->aim[i], p, now) == MPT_ATTACK_TAKEN)
            return MPT_ATTACK_TAKEN;
    if (!p->edited)
        return MPT_ATTACK_PASS;
    mpt_edit_checksum(&p->v);
    a->stats.edited++;
    tell(a, &p->v, "edit", now);
    *view = p->v;
    return MPT_ATTACK_EDITED;
}

/* ---- what the attacker sends --------------------------------------------------------------------- */

static struct attack_out **find_due(struct mpt_attack *a, uint32_t path, uint32_t dir)
{
    struct attack_out **p = &a->queue;

    while (*p && ((*p)->v.path != path || (*p)->v.dir != dir))
        p = &(*p)->next;
    return p;
}

uint64_t mpt_attack_due(const struct mpt_attack *a, uint32_t path, uint32_t dir)
{
    const struct attack_out *o = a->queue;

    while (o && (o->v.path != path || o->v.dir != dir))
        o = o->next;
    return o ? o->at : MPT_NEVER;
}

int mpt_attack_output(struct mpt_attack *a, uint32_t path, uint32_t dir, struct mpt_attack_view *view, uint64_t now)
{
    struct attack_out **p = find_due(a, path, dir), *o = *p;

    free_out(a, a->lent);
    a->lent = NULL;
    if (!o || o->at > now)
        return 0;
    *p = o->next;
    a->queued--;
    a->lent = o;
    *view = o->v;
    return 1;
}

uint64_t mpt_attack_deadline(const struct mpt_attack *a)
{
    uint64_t at = MPT_NEVER;

    for (size_t i = 0; i < a->config.plays; i++)
        if (a->aim[i].next_at < at)
            at = a->aim[i].next_at;
    return at;
}

/* A late call acts once for each time that passed: the number does not depend on who looks when. */
void mpt_attack_tick(struct mpt_attack *a, uint64_t now)
{
    for (size_t i = 0; i < a->config.plays; i++) {
        struct mpt_attack_aim *m = &a->aim[i];

        for (; m->next_at <= now; m->next_at += m->play.interval) {
            /* with a packet hook the clock only lets go what is held */
            if (!m->row->packet &&
                (m->next_at >= m->play.until || (m->play.count && m->done[0] >= m->play.count))) {
                m->next_at = MPT_NEVER;
                break;
            }
            a->acting = m;
            m->row->tick(a, m, m->next_at);
            a->acting = NULL;
        }
    }
}
