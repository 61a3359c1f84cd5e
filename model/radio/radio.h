/* SPDX-License-Identifier: MIT */
/* radio/radio.h - the radio of a phone as a state machine with powers: LTE (RRC and DRX), WiFi power save, 3G.
 *
 * No RFC here: Huang et al., "A close examination of performance and power characteristics of 4G LTE
 * networks", MobiSys 2012; 3GPP TS 36.321 5.7 (DRX), TS 36.331 (RRC), TS 25.331 (3G), IEEE 802.11 power save.
 * Sans-IO, and without timers: between two packets the states follow from the time of the last one, so the
 * machine is only looked at when a packet comes (O(1)) or somebody asks.
 *
 *     mpt_radio_init(&radio, profile, start);
 *     at = mpt_radio_wake(&radio, dir, now);        a packet comes: the time at which it can pass
 *     mpt_radio_carry(&radio, dir, octets);         it was not dropped meanwhile
 *     mpt_radio_finish(&radio, end);                closes the open interval
 *     joules = mpt_radio_energy(&radio);
 *
 * After the last packet the states follow each other at fixed times, counted from that packet:
 *
 *              0 .. inactivity  then                                                      at tail
 *     LTE      continuous       short_drx, long_drx, tail                                 idle
 *     WiFi     cam              cam_tail                                                  psm
 *     3G       dch              dch_tail, fach (the last `fach` of the tail)              idle
 *
 * Called by shim/box/hold.c for every packet, by shim/run/radios.c for what is reported. */
#ifndef RADIO_RADIO_H
#define RADIO_RADIO_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum mpt_radio_kind { MPT_RADIO_LTE, MPT_RADIO_WIFI, MPT_RADIO_3G, MPT_RADIO_KINDS };
/* One order for all kinds; mpt_radio_state_name has the words of each. */
enum mpt_radio_state {
    MPT_RADIO_IDLE,      /* RRC idle with paging; WiFi: power save with beacons */
    MPT_RADIO_PROMOTION, /* on the way to active */
    MPT_RADIO_ACTIVE,    /* a packet passed less than `inactivity` ago */
    MPT_RADIO_TAIL_1,    /* LTE short DRX, WiFi awake without traffic, 3G DCH without traffic */
    MPT_RADIO_TAIL_2,    /* LTE long DRX, 3G FACH */
    MPT_RADIO_TAIL_3,    /* LTE: what is left of the tail behind the long DRX timer */
    MPT_RADIO_STATES
};
/* DOWN: what comes for a sleeping station waits; one that has sent since is awake, whatever it still draws. */
enum mpt_radio_hold { MPT_RADIO_HOLD_BOTH, MPT_RADIO_HOLD_DOWN, MPT_RADIO_HOLD_NONE };
enum mpt_radio_start { MPT_RADIO_START_IDLE, MPT_RADIO_START_ACTIVE };
enum mpt_radio_dir { MPT_RADIO_UP, MPT_RADIO_DOWN, MPT_RADIO_DIRS };

/* Constants of one radio. Times in ns, powers in uW, energies of bits in pJ: integers, so that nothing is
 * rounded before the end. A key of a scenario each (shim/run/schema.def has units, ranges and help). */
struct mpt_radio_profile {
    uint32_t kind;             /* enum mpt_radio_kind */
    uint32_t hold;             /* enum mpt_radio_hold: which packets wait for the promotion */
    uint32_t start;            /* enum mpt_radio_start: how it begins */
    uint32_t sleep;            /* 0: never idle again (WiFi CAM) */
    uint64_t promotion;        /* from idle to active */
    uint64_t promotion_power;  /* meanwhile */
    uint64_t up_energy;        /* of a bit sent, on top of active_power: the slope over throughput */
    uint64_t down_energy;      /* of a bit received */
    uint64_t active_power;     /* base while active */
    uint64_t inactivity;       /* active this long after a packet */
    uint64_t tail;             /* idle this long after a packet */
    uint64_t tail_power;       /* mean between inactivity and idle */
    uint64_t short_drx;        /* LTE: in short DRX this long, then long DRX */
    uint64_t short_cycle;      /* LTE: from one on time to the next */
    uint64_t long_drx;         /* LTE: long DRX timer; what the tail has left behind it is `tail` */
    uint64_t long_cycle;       /* LTE: as short_cycle */
    uint64_t drx_on;           /* LTE: on time of a cycle */
    uint64_t drx_on_power;     /* LTE: meanwhile */
    uint32_t drx_extra;        /* LTE: 1: on times cost on top of tail_power; 0: tail_power is the mean */
    uint32_t listen;           /* 1: packets down wait until it listens: DRX on time, paging, beacon */
    uint64_t fach;             /* 3G: the last part of the tail */
    uint64_t fach_power;       /* 3G: meanwhile */
    uint64_t fach_promotion;   /* 3G: from FACH back to DCH, at promotion_power */
    uint64_t idle_power;       /* between listening times */
    uint64_t idle_on;          /* listens this long: paging, beacon */
    uint64_t idle_on_power;    /* meanwhile */
    uint64_t idle_cycle;       /* from one listening time to the next; 0: none */
};

/* A profile that comes with us. */
struct mpt_radio_row {
    const char *name;                 /* "lte-huang2012" */
    const char *line;                 /* what it is */
    struct mpt_radio_profile profile; /* its constants */
};
/* Where a constant comes from: S read in a specification, a paper's set-up or an author's code; M known, not
 * re-read; D a decision of this project. */
struct mpt_radio_source {
    const char *profile; /* name of the row */
    const char *key;     /* field of struct mpt_radio_profile */
    const char *mark;    /* "S", "M" or "D" */
    const char *text;    /* the source, or why */
};

/* What passed in a state, and for how long. */
struct mpt_radio_part {
    uint64_t ns;                      /* time in the state */
    uint64_t packets[MPT_RADIO_DIRS]; /* by direction */
    uint64_t octets[MPT_RADIO_DIRS];  /* of IP packets */
};
/* One stay in a state, told when it is over. */
struct mpt_radio_interval {
    uint32_t state;             /* enum mpt_radio_state */
    uint32_t next;              /* what follows; the same state: told by mpt_radio_finish, it goes on */
    uint64_t from, to;          /* absolute; alike where a state was left at once */
    struct mpt_radio_part part; /* part.ns is to - from */
};

struct mpt_radio {
    const struct mpt_radio_profile *profile;         /* not owned */
    void (*sink)(void *ctx, const struct mpt_radio_interval *interval); /* told of all, in order; NULL: nobody */
    void *ctx;                                       /* its first argument */
    uint64_t border[MPT_RADIO_STATES];               /* when each state ends, counted from the last packet */
    uint64_t at;                                     /* followed up to here */
    uint64_t since, until;                           /* of the present state; until moves with packets */
    uint64_t last_at;                                /* last packet; in a promotion its end */
    uint64_t promotions;                             /* so far, those from FACH included */
    struct mpt_radio_part part;                      /* since the present state began; ns unused */
    struct mpt_radio_part waiting;                   /* waits for the promotion */
    struct mpt_radio_part total[MPT_RADIO_STATES];   /* of closed intervals */
    uint32_t state;                                  /* enum mpt_radio_state */
    uint32_t sent;                                   /* something went up since the promotion began */
    uint32_t called;                                 /* a packet down waits: at until it listens, and wakes */
};

/* The i-th profile of the catalogue, NULL past the end; a row by name, or NULL. */
const struct mpt_radio_row *mpt_radio_catalogue(size_t i);
const struct mpt_radio_row *mpt_radio_find(const char *name);
/* The i-th source, NULL past the end. */
const struct mpt_radio_source *mpt_radio_source(size_t i);
/* What is wrong with a profile, as a sentence about its keys; NULL: nothing. */
const char *mpt_radio_fault(const struct mpt_radio_profile *p);
/* In the words of the kind: "short_drx"; NULL: this kind has no such state. */
const char *mpt_radio_state_name(uint32_t kind, uint32_t state);

/* The profile must stay as long as the radio is used. Set sink and ctx behind it. */
void mpt_radio_init(struct mpt_radio *r, const struct mpt_radio_profile *profile, uint64_t now);
/* A packet wants to pass: wakes the radio, restarts the inactivity timer. Returns when it can pass. */
uint64_t mpt_radio_wake(struct mpt_radio *r, uint32_t dir, uint64_t now);
/* The packet last asked for is on its way. */
void mpt_radio_carry(struct mpt_radio *r, uint32_t dir, size_t octets);
/* Follows the states up to now. */
void mpt_radio_advance(struct mpt_radio *r, uint64_t now);
/* The same, and tells the sink of the open interval up to now. May be called again later. */
void mpt_radio_finish(struct mpt_radio *r, uint64_t now);

/* Mean power of a state without traffic, in W. */
double mpt_radio_power(const struct mpt_radio_profile *p, uint32_t state);
/* Energy of a stay in a state, in J. */
double mpt_radio_part_energy(const struct mpt_radio_profile *p, uint32_t state, const struct mpt_radio_part *part);
/* Of a state, of all of them, up to radio->at; in J. */
double mpt_radio_state_energy(const struct mpt_radio *r, uint32_t state);
double mpt_radio_energy(const struct mpt_radio *r);
/* What it would still draw until it is idle if no packet came any more; 0 when it never sleeps. */
double mpt_radio_rest(const struct mpt_radio *r);

#ifdef __cplusplus
}
#endif
#endif
