/* SPDX-License-Identifier: MIT */
/* attack/attack.h - an attacker on chosen paths, directions and times (RFC 6181, RFC 7430: read their threat lists
 * first). Sans-IO, like the endpoint it attacks:
 *
 *     verdict = mpt_attack_packet(attacker, &view, now);    a packet comes by: let it pass, replace it, or it is gone
 *     while (mpt_attack_output(attacker, &view, now) > 0)   what the attacker sends by itself, either direction
 *     at = mpt_attack_deadline(attacker);                   when the next of these is due
 *
 * The embedder takes IP headers off and puts them on. One attacker sees all the paths of one phone that it is shown
 * and keeps what anybody there could learn. Called by shim/box/attacker.c and by tests. */
#ifndef ATTACK_ATTACK_H
#define ATTACK_ATTACK_H

#include "mpt.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { MPT_ATTACK_PLAYS = 8 /* attacks at once */, MPT_ATTACK_SEGMENT = 2048 /* octets of the largest segment */ };
enum mpt_attack_dir { MPT_ATTACK_UP /* phone to server */, MPT_ATTACK_DOWN, MPT_ATTACK_DIRS };
enum mpt_attack_verdict {
    MPT_ATTACK_PASS,   /* goes on as it is */
    MPT_ATTACK_EDITED, /* the view now shows what is to go on instead */
    MPT_ATTACK_TAKEN   /* dropped, or kept to be sent later */
};

/* A TCP segment on its way, and what its IP header says. */
struct mpt_attack_view {
    struct mpt_addr src, dst; /* with ports */
    uint32_t path;            /* the embedder's number, 0 to 31 */
    uint32_t dir;             /* enum mpt_attack_dir */
    uint8_t ecn;              /* RFC 3168 code point */
    uint8_t zero[7];          /* 0 */
    uint8_t *tcp;             /* the segment; of an edited or sent one: the attacker's memory, until the next call */
    size_t len;               /* octets of it */
};

struct mpt_attack;
struct mpt_attack_aim;
struct mpt_attack_seg;
struct mpt_attack_flow;

/* One attack of the catalogue. Zero times, counts and sizes of a play are filled in from here. */
struct mpt_attack_row {
    const char *name;  /* "flip-payload" */
    const char *line;  /* what it does */
    const char *needs; /* what it must know or be able to */
    const char *aims;  /* what it is after */
    const char *rfc;   /* where the threat is described */
    uint64_t every;    /* acts on each n-th packet that suits it */
    uint64_t count;    /* times in all and in each direction; 0: without end */
    uint64_t delay;    /* ns, where packets are held back or sent again */
    uint64_t interval; /* ns, of what is sent by the clock */
    uint64_t offset;   /* octets: how far or how much */
    uint32_t arg;      /* which of several alike: an option's subtype, ... */
    uint32_t early;    /* 1: aims at handshakes, so it must be there before them */
    /* A packet in a chosen direction: enum mpt_attack_verdict; edits go through edit.c. */
    int (*packet)(struct mpt_attack *a, struct mpt_attack_aim *m, struct mpt_attack_seg *p, uint64_t now);
    /* A flow on the path is established and one of its packets has just been seen: 1 when something was sent towards
     * the receiver of direction dir. */
    int (*forge)(struct mpt_attack *a, struct mpt_attack_aim *m, struct mpt_attack_flow *f, uint32_t dir, uint64_t now);
    /* Every interval. */
    void (*tick)(struct mpt_attack *a, struct mpt_attack_aim *m, uint64_t now);
};
/* The i-th attack, in the order of the help; NULL past the end. */
const struct mpt_attack_row *mpt_attack_catalogue(size_t i);
/* NULL: no attack of that name. */
const struct mpt_attack_row *mpt_attack_find(const char *name);

/* An attack to carry out. */
struct mpt_attack_play {
    const struct mpt_attack_row *row;
    uint64_t at, until;                       /* ns, until 0: for ever */
    uint32_t paths;                           /* bit per path: where it acts */
    uint32_t dirs;                            /* bit per direction; 0: both */
    uint64_t every, count, delay, interval, offset; /* as in the row; 0: the row's */
};

/* What the attacker did, for a log. Must not call back. */
struct mpt_attack_event {
    uint64_t at;           /* ns */
    const char *attack;    /* name of the row */
    const char *what;      /* "edit", "drop", "hold", "inject", "answer" */
    uint32_t path, dir;    /* of the packet */
    struct mpt_addr src, dst;
    uint32_t seq;          /* of the segment */
    uint32_t len;          /* octets of the segment */
};

struct mpt_attack_config {
    size_t size;                /* sizeof(struct mpt_attack_config) */
    const struct mpt_env *env;  /* alloc and random */
    struct mpt_attack_play play[MPT_ATTACK_PLAYS];
    size_t plays;
    struct mpt_addr host4, host6; /* a host of the attacker: lies behind the paths where it acts */
    void (*log)(void *ctx, const struct mpt_attack_event *event); /* may be NULL */
    void *log_ctx;
};

/* Packets since the start. */
struct mpt_attack_stats {
    uint64_t seen;     /* shown to the attacker */
    uint64_t edited;   /* changed */
    uint64_t dropped;  /* taken for good */
    uint64_t held;     /* taken and sent on later */
    uint64_t injected; /* made by the attacker, answers of its hosts included */
    uint64_t absorbed; /* came for a host of the attacker */
    uint64_t octets;   /* of stream data that a host of the attacker got hold of */
    uint64_t failed;   /* could not be done: memory, room, or the attacker did not know enough */
};

/* 0, MPT_EINVAL (no row, no path, too many plays, no env.random, no hosts) or MPT_ENOMEM. */
int mpt_attack_new(struct mpt_attack **a, const struct mpt_attack_config *config);
void mpt_attack_free(struct mpt_attack *a);
/* A packet passes. The attacker learns from all, and acts where a play says so. */
enum mpt_attack_verdict mpt_attack_packet(struct mpt_attack *a, struct mpt_attack_view *view, uint64_t now);
/* The next packet that is due on a path and in a direction: 1, or 0. It goes towards the receiver of that
 * direction and is not shown to the attacker again. */
int mpt_attack_output(struct mpt_attack *a, uint32_t path, uint32_t dir, struct mpt_attack_view *view, uint64_t now);
/* When mpt_attack_output has something on that path and direction; MPT_NEVER: nothing. */
uint64_t mpt_attack_due(const struct mpt_attack *a, uint32_t path, uint32_t dir);
/* Plays that act by the clock: the next time mpt_attack_tick is wanted, or MPT_NEVER. */
uint64_t mpt_attack_deadline(const struct mpt_attack *a);
void mpt_attack_tick(struct mpt_attack *a, uint64_t now);
void mpt_attack_stats(const struct mpt_attack *a, struct mpt_attack_stats *stats);

#ifdef __cplusplus
}
#endif
#endif
