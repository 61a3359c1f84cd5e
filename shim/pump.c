/* SPDX-License-Identifier: MIT */
/* pump.c - moves packets, events and the deadline between a stack and an engine (see pump.h).
 * Called by the harness's upcalls and timers; the same code runs over loop/, ns3/ and tun/. */
#include "pump.h"

#include "icmp.h"
#include "ip.h"

#include <stdlib.h>
#include <string.h>

enum { BUFFER_OCTETS = SHIM_HEADROOM + SHIM_IP_MAX };

/* The IP header is added in the headroom; the identification counts up, as RFC 6864 4.1 leaves
 * free with DF. */
static void send_packet(struct pump *pump, struct mpt_packet *packet)
{
    size_t len;
    uint8_t *ip = ip_build(packet, pump->ip_id++, &len);

    if (!ip) {
        pump->send_errors++;
        return;
    }
    pump->sim->ops->send(pump->sim, pump->host, packet->ifid, ip, len);
    pump->sent++;
}

/* Everything that is to leave now. An engine copies what it is given, so one buffer is enough. */
static void drain_output(struct pump *pump, uint64_t now)
{
    struct mpt_packet packet;
    int got;

    memset(&packet, 0, sizeof packet);
    packet.data = pump->buffer + SHIM_HEADROOM;
    packet.cap = SHIM_IP_MAX - IP_V6_HEADER;
    while ((got = mpt_output(pump->stack, &packet, now)) > 0)
        send_packet(pump, &packet);
    if (got < 0)
        pump->send_errors++;
}

/* The callback may write, read and close; what that brings about is taken in the next round. */
static void drain_events(struct pump *pump, uint64_t now)
{
    struct mpt_event event;

    if (!pump->event)
        return;
    while (mpt_event(pump->stack, &event) > 0) {
        pump->again = 1; /* what the callback does may want to leave */
        pump->event(pump->ctx, pump, &event, now);
    }
}

/* A deadline that moved back, as the RTO does with every acknowledgement, leaves the timer where it is:
 * it fires early once and is set again then, which is cheaper than moving it for every packet. */
static void arm_timer(struct pump *pump)
{
    uint64_t at = mpt_deadline(pump->stack);

    if (at >= pump->armed_at)
        return;
    pump->armed_at = at;
    pump->sim->ops->timer_set(pump->sim, &pump->timer, at);
}

/* The deadline may have moved back since: then nothing is due. */
static void fire_timer(void *arg, uint64_t now)
{
    struct pump *pump = arg;

    pump->armed_at = MPT_NEVER;
    if (mpt_deadline(pump->stack) <= now)
        mpt_expire(pump->stack, now);
    pump_run(pump, now);
}

/* One buffer for all packets of the host: engines copy. */
int pump_init(struct pump *pump, struct sim *sim, uint32_t host, struct mpt_stack *stack,
              pump_event_fn *event, void *ctx)
{
    memset(pump, 0, sizeof *pump);
    pump->buffer = malloc(BUFFER_OCTETS);
    if (!pump->buffer)
        return MPT_ENOMEM;
    pump->sim = sim;
    pump->host = host;
    pump->stack = stack;
    pump->event = event;
    pump->ctx = ctx;
    pump->ip_id = 1;
    pump->armed_at = MPT_NEVER;
    pump->timer.fire = fire_timer;
    pump->timer.arg = pump;
    return 0;
}

/* Also of a pump that was never set up: all of it is zero then. */
void pump_clear(struct pump *pump)
{
    if (pump->sim && pump->armed_at != MPT_NEVER)
        pump->sim->ops->timer_cancel(pump->sim, &pump->timer);
    free(pump->buffer);
    memset(pump, 0, sizeof *pump);
}

/* An ICMP error about one of our segments; what of it is true is the stack's to judge. */
static int take_icmp(struct pump *pump, const struct ip_view *view, uint64_t now)
{
    struct icmp_error e;

    if (icmp_read(view, &e) < 0)
        return 0;
    pump->icmp++;
    mpt_icmp(pump->stack, &e.local, &e.remote, e.seq, e.kind, e.mtu, now);
    pump_run(pump, now);
    return 1;
}

/* A packet that is neither TCP nor an error about it is counted and forgotten. */
void pump_input(struct pump *pump, uint32_t ifid, uint8_t *ip, size_t len, uint64_t now)
{
    struct ip_view view;
    struct mpt_packet packet;

    if (ip_parse(ip, len, &view) < 0) {
        pump->malformed++;
        return;
    }
    if (view.proto != IP_TCP && take_icmp(pump, &view, now))
        return;
    if (ip_to_packet(&view, ifid, &packet) < 0) {
        pump->malformed++;
        return;
    }
    pump->received++;
    if (mpt_input(pump->stack, &packet, now) < 0)
        pump->malformed++;
    pump_run(pump, now);
}

/* Until neither packets nor events are left. A callback that calls it again only asks for another
 * round: the stack is not entered twice. */
void pump_run(struct pump *pump, uint64_t now)
{
    if (pump->busy) {
        pump->again = 1;
        return;
    }
    pump->busy = 1;
    do {
        pump->again = 0;
        drain_output(pump, now);
        drain_events(pump, now);
    } while (pump->again);
    pump->busy = 0;
    arm_timer(pump);
}
