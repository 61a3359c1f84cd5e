/* SPDX-License-Identifier: MIT */
/* pump.h - one stack on one host of an engine: packets in, packets out, timer, events.
 *
 *     upcall receive  ->  pump_input(pump, ifid, ip, len, now)
 *     after any call to the stack (write, connect, address up, ...)  ->  pump_run(pump, now)
 *
 * The same on every engine: loop, ns-3, TUN. Both calls may come from inside the event callback: they
 * are remembered and done when it returns. */
#ifndef PUMP_H
#define PUMP_H

#include "shim.h"

#ifdef __cplusplus
extern "C" {
#endif

struct pump;
/* A connection is ready: read, write, close, and so on are allowed. */
typedef void pump_event_fn(void *ctx, struct pump *pump, const struct mpt_event *event,
                           uint64_t now);

struct pump {
    struct sim *sim;
    struct mpt_stack *stack; /* not owned */
    uint32_t host;
    uint16_t ip_id;       /* next IPv4 identification */
    uint8_t busy;         /* inside pump_run */
    uint8_t again;        /* pump_run was called while busy */
    pump_event_fn *event; /* may be NULL */
    void *ctx;
    struct sim_timer timer;  /* at mpt_deadline or earlier */
    uint64_t armed_at;       /* what timer is set to; MPT_NEVER: not set */
    uint8_t *buffer;         /* headroom and room for a segment */
    uint64_t sent, received; /* packets */
    uint64_t icmp;           /* ICMP errors about TCP segments of this host */
    uint64_t malformed;      /* packets that no IP parser or no TCP takes */
    uint64_t send_errors;    /* mpt_output failed, or an address that no header fits */
};

/* 0, or MPT_ENOMEM. The pump must not move afterwards: its timer is known to the engine. */
int pump_init(struct pump *pump, struct sim *sim, uint32_t host, struct mpt_stack *stack,
              pump_event_fn *event, void *ctx);
/* Cancels the timer; the stack stays. */
void pump_clear(struct pump *pump);
/* A whole IP packet arrived. */
void pump_input(struct pump *pump, uint32_t ifid, uint8_t *ip, size_t len, uint64_t now);
/* Sends what is to leave, hands out events, sets the timer. */
void pump_run(struct pump *pump, uint64_t now);

#ifdef __cplusplus
}
#endif
#endif
