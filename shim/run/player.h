/* SPDX-License-Identifier: MIT */
/* run/player.h - plays the plan of a generator on one connection. Called by traffic.c, which moves the octets. */
#ifndef RUN_PLAYER_H
#define RUN_PLAYER_H

#include "run/generator.h"

/* A lane while it is played. */
struct lane {
    struct session *session; /* back */
    const struct lane_plan *plan;
    struct sim_timer timer;  /* next request */
    size_t next;             /* item that leaves next */
    uint64_t answered;       /* of this lane */
    uint64_t held;           /* requests that the window kept back */
    uint32_t waiting;        /* the next one is kept back now */
};

struct player {
    struct plan_of plan;
    struct lane lane[LANES_MAX];
    struct sim_timer open_timer; /* phone: when the connection opens */
    struct rng chunks;           /* sizes of chunks */
    uint64_t opened_at;          /* time zero of the plan */
    uint64_t items;              /* of all lanes */
    uint64_t known;              /* requests whose place in the streams is known: one lane: all of them */
};

/* Makes the plan; totals of the session follow from it. */
void player_init(struct session *s);
void player_clear(struct session *s);
/* Time zero of the plan; the first timers. */
void player_start(struct session *s, uint64_t now);
/* Octets that an application has read: which requests began or are whole, which answers. */
void player_read(struct session *s, int dir, uint64_t to, uint64_t now);

#endif
