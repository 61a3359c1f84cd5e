/* SPDX-License-Identifier: MIT */
/* run/attacks.c - see attacks.h. */
#include "run/attacks.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "box/attacker.h"
#include "run/network.h"
#include "run/pool.h"
#include "run/radios.h"
#include "run/record.h"

/* A line of trace.jsonl for each thing the attacker does; times are those of the stacks' events. */
static void log_attack(void *ctx, const struct mpt_attack_event *e)
{
    struct run *r = ctx;
    char t[32];

    if (r->rec.trace == NULL)
        return;
    radios_follow(r, e->at);
    fprintf(r->rec.trace,
            "{\"t\":%s,\"event\":\"attack\",\"attack\":\"%s\",\"what\":\"%s\",\"path\":\"%s\",\"dir\":\"%s\","
            "\"sport\":%u,\"dport\":%u,\"seq\":%" PRIu32 ",\"len\":%" PRIu32 "}\n",
            record_seconds(e->at, t), e->attack, e->what, r->config->path[e->path].name,
            e->dir == MPT_ATTACK_UP ? "up" : "down", e->src.port, e->dst.port, e->seq, e->len);
}

/* Times of a scenario count from the start of the clients. */
static void add_play(struct mpt_attack_config *c, uint32_t *hears, const struct run *r, size_t path, size_t i)
{
    const struct run_attack *a = &r->config->path[path].attack[i];
    struct mpt_attack_play *play = &c->play[c->plays];
    uint32_t all = (1u << r->config->paths) - 1;

    if (strcmp(a->name, "none") == 0 || !a->present || c->plays == MPT_ATTACK_PLAYS)
        return;
    play->row = mpt_attack_find(a->name);
    play->at = network_attack_at(r->config, &r->config->path[path], i, r->seed);
    play->until = a->until ? a->until + r->config->start : 0;
    play->paths = a->everywhere ? all : 1u << path;
    play->dirs = a->direction; /* 1 up, 2 down: the bits of enum mpt_attack_dir */
    play->every = a->every;
    play->count = a->count;
    play->delay = a->delay;
    play->interval = a->interval;
    play->offset = a->offset;
    if (a->hears)
        *hears = all;
    c->plays++;
}

int attacks_build(struct run *r, char *err, size_t cap)
{
    struct mpt_attack_config c = {.size = sizeof c, .log = log_attack, .log_ctx = r};
    uint32_t hears = 0;

    for (size_t path = 0; path < r->config->paths; path++)
        for (size_t i = 0; i < r->config->path[path].attacks; i++)
            add_play(&c, &hears, r, path, i);
    if (c.plays == 0)
        return 0;
    r->attacker = pool_grow(NULL, r->hosts * sizeof *r->attacker);
    memset(r->attacker, 0, r->hosts * sizeof *r->attacker);
    for (uint32_t phone = 1; phone < r->hosts; phone++) {
        int e = attacker_new(&r->attacker[phone - 1], &c, hears, r->seed, phone);

        if (e < 0) {
            snprintf(err, cap, "attacker of phone %u: %s", phone, mpt_strerror(e));
            return -1;
        }
    }
    r->network.topology.attacker = r->attacker;
    return 0;
}

void attacks_free(struct run *r)
{
    for (size_t i = 0; r->attacker != NULL && i + 1 < r->hosts; i++)
        attacker_free(r->attacker[i]);
    free(r->attacker);
    r->attacker = NULL;
}

void attacks_json(FILE *f, const struct run *r)
{
    struct mpt_attack_stats sum = {0}, s;

    if (r->attacker == NULL)
        return;
    for (size_t i = 0; i + 1 < r->hosts; i++) {
        attacker_stats(r->attacker[i], &s);
        sum.seen += s.seen;
        sum.edited += s.edited;
        sum.dropped += s.dropped;
        sum.held += s.held;
        sum.injected += s.injected;
        sum.absorbed += s.absorbed;
        sum.octets += s.octets;
        sum.failed += s.failed;
    }
    fprintf(f,
            "  \"attacker\": {\"seen\": %" PRIu64 ", \"edited\": %" PRIu64 ", \"dropped\": %" PRIu64 ", \"held\": %" PRIu64
            ", \"injected\": %" PRIu64 ", \"absorbed\": %" PRIu64 ", \"octets\": %" PRIu64 ", \"failed\": %" PRIu64 "},\n",
            sum.seen, sum.edited, sum.dropped, sum.held, sum.injected, sum.absorbed, sum.octets, sum.failed);
}
