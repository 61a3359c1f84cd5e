/* SPDX-License-Identifier: MIT */
/* report.c - what the TUN host says on standard error and into its trace (see host.h). */
#include "tun/host.h"

#include "ip.h"

#include <inttypes.h>
#include <stdarg.h>

enum { SAID_UP = 1, SAID_BACKUP = 2, SAID_PEER_BACKUP = 4, SAID_ALIVE = 8 };
enum { ESTABLISHED = 3 /* enum mpt_flow_state of flow/flow.h, as mpt_subflow_info gives it */ };

void report_say(const struct host *host, const char *format, ...)
{
    va_list args;

    fprintf(stderr, "mpsim %s: ", host->o.serve ? "tun-serve" : "tun-connect");
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
}

/* "10.1.0.1,5000": as ss(8) would, but a colon is part of IPv6 addresses. */
static const char *text_of(const struct mpt_addr *addr, char out[56])
{
    size_t n = ip_format(addr, out, 48);

    snprintf(out + n, 56 - n, ",%u", addr->port);
    return out;
}

/* The note on a subflow, made when it is first seen. NULL: the table is full. */
static struct host_seen *find_seen(struct host *host, uint32_t number)
{
    size_t i;

    for (i = 0; i < host->seens; i++)
        if (host->seen[i].number == number)
            return &host->seen[i];
    if (host->seens == HOST_SUBFLOWS_MAX)
        return NULL;
    host->seen[host->seens] = (struct host_seen){number, 0};
    return &host->seen[host->seens++];
}

static void say_up(const struct host *host, const struct mpt_subflow_info *info)
{
    char local[56], remote[56];

    report_say(host, "%.3f s: subflow %u is up on %s: %s to %s, ids %u and %u%s%s",
               (double)host->sim->ops->now(host->sim) / 1e9, info->number,
               info->ifid >= 1 && info->ifid <= host->o.devices ? host->o.device[info->ifid - 1].name : "?",
               text_of(&info->local, local), text_of(&info->remote, remote), info->local_id, info->remote_id,
               info->backup ? ", backup" : "", info->peer_backup ? ", backup for the peer" : "");
}

/* One living subflow against what was said of it. */
static void compare(struct host *host, const struct mpt_subflow_info *info)
{
    struct host_seen *seen = find_seen(host, info->number);
    uint32_t flags = SAID_UP | SAID_ALIVE | (info->backup ? SAID_BACKUP : 0u) |
                     (info->peer_backup ? SAID_PEER_BACKUP : 0u);

    if (!seen || info->state < ESTABLISHED)
        return;
    if (!(seen->flags & SAID_UP))
        say_up(host, info);
    else if ((seen->flags ^ flags) & (SAID_BACKUP | SAID_PEER_BACKUP))
        report_say(host, "%.3f s: subflow %u %s for us, %s for the peer",
                   (double)host->sim->ops->now(host->sim) / 1e9, info->number,
                   info->backup ? "is a backup" : "is regular", info->peer_backup ? "a backup" : "regular");
    seen->flags = flags;
}

void report_subflows(struct host *host)
{
    struct mpt_subflow_info info;
    size_t i;

    if (!host->o.verbose || !host->conn)
        return;
    for (i = 0; i < host->seens; i++)
        host->seen[i].flags &= ~(uint32_t)SAID_ALIVE;
    info.size = sizeof info;
    for (i = 0; mpt_subflow_info(host->conn, i, &info) > 0; i++)
        compare(host, &info);
    for (i = 0; i < host->seens; i++)
        if ((host->seen[i].flags & (SAID_UP | SAID_ALIVE)) == SAID_UP) {
            report_say(host, "%.3f s: subflow %u is gone", (double)host->sim->ops->now(host->sim) / 1e9,
                       host->seen[i].number);
            host->seen[i] = host->seen[--host->seens];
            i--;
        }
}

void report_secure(const struct host *host, struct mpt_conn *conn)
{
    static const char *const aead[] = {"?", "ChaCha20-Poly1305", "AES-256-GCM"};
    static const char *const auth[] = {"the server is not known", "the server's key is good", "by pre-shared key",
                                       "by pre-shared key and the server's key"};
    struct mpt_conn_info info = {.size = sizeof info};

    if (!host->o.verbose || mpt_conn_info(conn, &info) < 0)
        return;
    if (info.secure == 3)
        report_say(host, "secure: %s, %s", aead[(info.secure_suite & 15) % 3], auth[info.secure_auth & 3]);
    else if (info.secure == 1)
        report_say(host, "not secure: the peer or the path does not let it be");
}

void report_end(const struct host *host, uint64_t now)
{
    double seconds = (double)(now - host->began_at) / 1e9;

    if (host->o.verbose)
        report_say(host, "%" PRIu64 " octets out, %" PRIu64 " in, %.3f s, %.3f Mbit/s out, %.3f in",
                   host->cat.in.octets, host->cat.out.octets, seconds,
                   (double)host->cat.in.octets * 8e-6 / seconds, (double)host->cat.out.octets * 8e-6 / seconds);
}

void report_counters(const struct host *host)
{
    struct mpt_counter counter;
    size_t i;

    for (i = 0; mpt_counter(host->stack, i, &counter) > 0; i++)
        if (counter.value)
            fprintf(stderr, "%-32s%-16" PRIu64 "\n", counter.name, counter.value);
    if (tun_lost(host->sim))
        fprintf(stderr, "%-32s%-16" PRIu64 "\n", "TunDeviceFull", tun_lost(host->sim));
}

/* As in trace.jsonl of a run: one JSON object a line. Called from inside the stack: only writes. */
void report_trace(void *ctx, const struct mpt_trace *e)
{
    const struct host *host = ctx;
    const char *names[4], *kind = mpt_trace_describe(e->kind, names);

    if (!kind)
        return;
    fprintf(host->trace, "{\"t\":%.9f,\"event\":\"%s\",\"conn\":%u,\"subflow\":%u", (double)e->at / 1e9, kind, e->conn,
            e->subflow);
    for (int i = 0; i < 4; i++)
        if (names[i][0] != '\0')
            fprintf(host->trace, ",\"%s\":%" PRId64, names[i], (int64_t)e->v[i]); /* errors are negative */
    fputs("}\n", host->trace);
}
