/* SPDX-License-Identifier: MIT */
/* net.c - packetdrill's network device: IP packets into the stack and out of it, each with the virtual time at which
 * it left. */
#include "host.h"

#include <stdlib.h>
#include <string.h>

enum { STEPS_MAX = 256 };                           /* timers tried while a packet is awaited */
static const uint64_t PATIENCE = 300 * PD_SECOND;   /* virtual time, likewise */

/* Each with its time: packetdrill may look for it much later. */
static void queue_packet(struct pd_host *host, struct mpt_packet *packet)
{
    size_t len;
    uint8_t *ip = ip_build(packet, host->ip_id++, &len);
    struct pd_packet *p = ip ? malloc(sizeof *p + len) : NULL;

    if (!p)
        return; /* as if the link had lost it */
    p->next = NULL;
    p->at = host->now;
    p->len = len;
    memcpy(p->ip, ip, len);
    if (host->last)
        host->last->next = p;
    else
        host->first = p;
    host->last = p;
}

/* The core says how much room it wants; this is more than any MTU. */
static int drain_packets(struct pd_host *host)
{
    struct mpt_packet packet;
    int n = 0;

    memset(&packet, 0, sizeof packet);
    packet.data = host->buffer + PD_HEADROOM;
    packet.cap = PD_PACKET_MAX - PD_HEADROOM;
    while (mpt_output(host->stack, &packet, host->now) > 0) {
        queue_packet(host, &packet);
        n++;
    }
    return n;
}

/* Until nothing leaves and nothing happened: an event may close a connection, and that may send. */
void pd_net_pump(struct pd_host *host)
{
    struct mpt_event event;
    int busy;

    do {
        busy = drain_packets(host);
        while (mpt_event(host->stack, &event) > 0) {
            pd_socket_event(host, &event);
            busy = 1;
        }
    } while (busy);
}

/* At the end of a script. */
void pd_net_forget(struct pd_host *host)
{
    while (host->first) {
        struct pd_packet *p = host->first;

        host->first = p->next;
        free(p);
    }
    host->last = NULL;
}

/* Whether a peer's cookie is there decides how sendto answers (RFC 7413 2; tcp(7)), and only its SYN/ACK tells. */
static void note_cookie(struct pd_host *host, const struct mpt_packet *packet)
{
    const uint8_t *o = packet->data + 20, *end = packet->data + (packet->len < 20 ? 0 : packet->data[12] / 16 * 4);

    if (packet->len < (size_t)(packet->data[12] / 16 * 4) || (packet->data[13] & 0x12) != 0x12)
        return;
    while (o + 1 < end && *o) {
        size_t n = *o == 1 ? 1 : o[1];

        if (*o == 34 && n > 2 && !pd_net_has_cookie(host, &packet->remote))
            host->cookie[host->cookies++ % (sizeof host->cookie / sizeof host->cookie[0])] = packet->remote;
        if (!n)
            return;
        o += n;
    }
}

int pd_net_has_cookie(const struct pd_host *host, const struct mpt_addr *peer)
{
    for (size_t i = 0; i < sizeof host->cookie / sizeof host->cookie[0]; i++)
        if (host->cookie[i].family == peer->family && !memcmp(host->cookie[i].ip, peer->ip, sizeof peer->ip))
            return 1;
    return 0;
}

/* SYN without ACK: a connection may begin. */
static int is_syn(const struct mpt_packet *packet)
{
    return packet->len >= 14 && (packet->data[13] & 0x12) == 0x02;
}

/* The stack decides what a connection is like when its SYN comes, so it is told what the listener wants. */
static void input(struct pd_host *host, const struct mpt_packet *packet)
{
    const struct pd_socket *so = is_syn(packet) ? pd_socket_listener(host, &packet->local) : NULL;

    if (so)
        pd_host_begin(host, so);
    mpt_input(host->stack, packet, host->now);
    if (so)
        pd_host_end(host);
}

/* What is no TCP over IP is ignored, as by a host without that protocol. */
int pd_net_send(void *userdata, const void *buf, size_t count)
{
    struct pd_host *host = userdata;
    struct mpt_packet packet;
    struct ip_view view;
    uint8_t *copy = malloc(count ? count : 1); /* exactly as long: a sanitizer sees what is read beyond it */

    if (!copy) {
        errno = ENOMEM;
        return -1;
    }
    memcpy(copy, buf, count);
    PD_LOCK(host);
    if (ip_parse(copy, count, &view) == 0 && ip_to_packet(&view, 1, &packet) == 0 &&
        (pd_host_has(host, &packet.local) || (host->adopt && pd_host_address(host, &packet.local) == 0))) {
        note_cookie(host, &packet);
        input(host, &packet);
        pd_net_pump(host);
        pd_clock_wake(host);
    }
    PD_UNLOCK(host);
    free(copy);
    return 0;
}

/* Time runs from timer to timer until a packet leaves: packetdrill has no other way to wait for one. */
static void await_packet(struct pd_host *host)
{
    uint64_t until = host->now + PATIENCE;

    for (int i = 0; i < STEPS_MAX && !host->first; i++) {
        uint64_t at = mpt_deadline(host->stack);

        if (at > until)
            break;
        pd_clock_step(host, at);
    }
}

/* The buffer is packetdrill's; a packet that does not fit it is a mistake of the flags (mtu). */
int pd_net_receive(void *userdata, void *buf, size_t *count, long long *time_usecs)
{
    struct pd_host *host = userdata;
    struct pd_packet *p;
    size_t room = *count;

    PD_LOCK(host);
    await_packet(host);
    p = host->first;
    *count = 0;
    if (p && p->len > room) {
        PD_UNLOCK(host);
        errno = EMSGSIZE;
        return -1;
    }
    *time_usecs = (long long)((p ? p->at : host->now) / 1000);
    if (p) {
        memcpy(buf, p->ip, p->len);
        *count = p->len;
        host->first = p->next;
        if (!host->first)
            host->last = NULL;
        free(p);
    }
    PD_UNLOCK(host);
    return 0;
}
