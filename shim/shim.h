/* SPDX-License-Identifier: MIT */
/* shim.h - what a simulator offers the harness, and what it gets back. Engine-neutral, C and C++.
 *
 * An engine (loop/, ns3/) builds the network of a `struct topology` and moves whole IP packets between
 * numbered hosts. Everything above (stacks, pumps, traffic, recorder) is the same C on every engine.
 * Host 0 is the server; hosts 1..phones are phones. Interface ids (ifid) count from 1: a phone has one per
 * path (path i has ifid i+1, e.g. 1 = wifi, 2 = lte); the server has one (ifid 1), or more where
 * topology.server_multihomed is set. Times are ns, rates bit/s, sizes octets. */
#ifndef SHIM_H
#define SHIM_H

#include "mpt.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { SHIM_PATHS_MAX = 8, SHIM_CHANGES_MAX = 64, SHIM_IP_MAX = 65535, SHIM_HEADROOM = 48 };

/* ---- boxes: anything that a packet passes on its way (box/) --------------------------------------- */

enum loss_model { LOSS_NONE, LOSS_UNIFORM, LOSS_BURST /* Gilbert-Elliott */ };

/* Impairments of one direction of one path. A zero value is "off". */
struct link_config {
    uint64_t rate;          /* bit/s of IP octets; 0 = infinite */
    uint64_t delay;         /* one way propagation */
    uint64_t jitter;        /* U(0, jitter) added; keeps order */
    uint64_t queue_bytes;   /* drop-tail limit; 0 = max(10 packets, one BDP of rate and rtt) set by the loader */
    uint32_t loss_model;    /* enum loss_model */
    double loss;            /* probability; LOSS_BURST: mean loss rate */
    double burst;           /* LOSS_BURST: mean burst length in packets, >= 1 */
    uint64_t ecn_threshold; /* octets waiting, beyond which ECT packets are marked CE (RFC 3168 5); 0 = never */
    double reorder;         /* probability that a packet is held back by reorder_delay */
    uint64_t reorder_delay;
    double duplicate;       /* probability */
    double corrupt;         /* probability that one bit of the IP payload flips */
    uint64_t overhead;      /* octets of framing and gap that each packet takes on the wire besides its own */
};

/* From `at` on, one property has a new value (both directions unless dir is set). */
enum change_kind { CHANGE_RATE, CHANGE_DELAY, CHANGE_LOSS, CHANGE_DOWN /* silent loss of all: 1, back: 0 */,
                   CHANGE_ADDRESS /* value 0: interface down with notice to the host; 1: up */ };
struct path_change {
    uint64_t at;
    uint32_t kind;  /* enum change_kind */
    uint32_t dir;   /* 0 both, 1 up (phone to server), 2 down */
    double value;
};

struct mpt_radio;
enum radio_kind { RADIO_NONE, RADIO_WIFI, RADIO_LTE };

struct path_config {
    char name[16];              /* "wifi", "lte", ... */
    uint32_t radio;             /* enum radio_kind: the ns-3 model of this path */
    uint32_t mtu;
    uint32_t link_mtu;          /* of a hop on the way, smaller than mtu; 0 = none */
    uint32_t mtu_icmp;          /* 1: a packet that is too large is answered by ICMP; 0: it vanishes */
    uint32_t backup;            /* address is up with MPT_ADDRESS_BACKUP */
    struct link_config up, down; /* loop engine: all of it; ns-3: only the common keys (loss ... corrupt, and
                                    extra_delay) act, in the box node behind the AP or PGW */
    uint64_t extra_delay;       /* one way, added in both directions, on every engine */
    uint64_t promotion;         /* radio promotion from idle: hold queue at the phone's interface */
    uint64_t idle_after;        /* inactivity after which the radio is idle again */
    uint32_t idle_at_start;     /* 1: the first packet waits for the promotion */
    struct mpt_radio *radios;   /* radio/radio.h: phone i's is [i - 1]; not owned; in place of the three above; NULL: none */
    struct path_change change[SHIM_CHANGES_MAX];
    size_t changes;
};

/* Mobility of the phones; ns-3 only (on the loop the loader turns it into path changes from a table). */
struct mobility_config {
    uint32_t walk;          /* 1: leaves at walk_at, turns after walk_for, comes back */
    double distance;        /* m from the AP at the start */
    double speed;           /* m/s, drawn by the loader from the seed */
    uint64_t walk_at, walk_for;
};

struct attacker;
struct topology {
    uint32_t phones;
    uint32_t server_multihomed; /* interfaces of the server: 0 one, 1 one per path, n > 1: n, whatever the paths */
    uint32_t ipv6;
    size_t paths;
    struct path_config path[SHIM_PATHS_MAX];
    struct link_config server_link; /* between router and server: rate, delay, jitter in order */
    struct mobility_config mobility;
    uint32_t fading;         /* ns-3 WiFi: Nakagami m, 0 = none */
    uint32_t cross_phones;   /* ns-3: other stations with ns-3's own TCP as cross traffic */
    uint64_t cross_rate;     /* bit/s each, 0 = bulk */
    uint32_t point_to_point; /* ns-3: plain point-to-point links instead of radios (bench, ceilings) */
    uint64_t seed;
    struct attacker *const *attacker; /* box/attacker.h: one per phone, not owned; NULL: none */
};

/* How many interfaces the server has, ifid 1 to this. */
static inline size_t topology_server_interfaces(const struct topology *t)
{
    return t->server_multihomed > 1 ? t->server_multihomed : t->server_multihomed ? t->paths : 1;
}

/* ---- engine ---------------------------------------------------------------------------------------- */

struct sim;
/* A timer of the harness. Embedded; zero it first. `slot` belongs to the engine. */
struct sim_timer {
    void (*fire)(void *arg, uint64_t now);
    void *arg;
    uint64_t at;
    uint64_t slot;
};

/* What the harness gives the engine. receive: a whole IP packet reached a host; valid for the call only.
 * Sending, setting and cancelling timers from inside is allowed. */
struct sim_upcalls {
    void *ctx;
    void (*receive)(void *ctx, uint32_t host, uint32_t ifid, uint8_t *ip, size_t len, uint64_t now);
    /* every packet as it leaves or enters a host interface, for pcap and hash; dir 0 out, 1 in; may be NULL */
    void (*tap)(void *ctx, uint32_t host, uint32_t ifid, int dir, const uint8_t *ip, size_t len, uint64_t now);
    /* a CHANGE_ADDRESS came due at a phone */
    void (*address)(void *ctx, uint32_t host, uint32_t ifid, int up, uint64_t now);
};

struct sim_ops {
    const char *name; /* "loop", "ns3" */
    uint64_t (*now)(struct sim *sim);
    /* at < now counts as now. Setting a set timer moves it. */
    void (*timer_set)(struct sim *sim, struct sim_timer *timer, uint64_t at);
    void (*timer_cancel)(struct sim *sim, struct sim_timer *timer);
    /* A whole IP packet leaves a host by an interface; copied. */
    void (*send)(struct sim *sim, uint32_t host, uint32_t ifid, const uint8_t *ip, size_t len);
    /* The address of a host's interface (port 0). 0, or -1 when there is none. */
    int (*address)(struct sim *sim, uint32_t host, uint32_t ifid, struct mpt_addr *addr);
    /* Runs until the virtual time `until`, until nothing is left, or until stop. */
    void (*run)(struct sim *sim, uint64_t until);
    void (*stop)(struct sim *sim);
    uint64_t (*events)(struct sim *sim); /* executed so far */
    void (*free)(struct sim *sim);
};
/* Every engine's object begins with this. */
struct sim {
    const struct sim_ops *ops;
};

/* Builds the network. NULL with a one-line reason in err. */
struct sim *loop_new(const struct topology *t, const struct sim_upcalls *up, char *err, size_t cap);
struct sim *ns3_new(const struct topology *t, const struct sim_upcalls *up, char *err, size_t cap);

#ifdef __cplusplus
}
#endif
#endif
