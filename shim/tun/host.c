/* SPDX-License-Identifier: MIT */
/* host.c - libmpt as a host on TUN devices, for one connection after another (see host.h).
 *
 * Everything happens in the callbacks of tun.c: packets, timers, standard input and output, signals. A connection is over
 * when it is closed and the last of what it brought is written; then the stack gets the time to say good-bye. */
#include "tun/host.h"

#include "run/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define MS UINT64_C(1000000)

/* ---- the end -------------------------------------------------------------------------------------- */

/* Ends the run behind the callback that is running. */
static void stop(struct host *host)
{
    host->sim->ops->stop(host->sim);
}

/* The last connection is over: FIN, RST and the last acknowledgements still have to leave, at most for `most`. */
static void end_soon(struct host *host, uint64_t most, uint64_t now)
{
    if (host->ending)
        return;
    host->ending = 1;
    host->give_up_at = now + most;
    host->sim->ops->timer_set(host->sim, &host->tick, now);
}

/* 128 + signal is the exit status; the peer is told by MP_FASTCLOSE (RFC 8684 3.5). A second signal ends it at once. */
static void on_signal(void *ctx, int revents, uint64_t now)
{
    struct host *host = ctx;
    struct signalfd_siginfo info;

    (void)revents;
    if (read(host->signals, &info, sizeof info) != (ssize_t)sizeof info)
        return;
    if (host->signal) {
        stop(host);
        return;
    }
    host->signal = (int)info.ssi_signo;
    if (host->conn)
        mpt_abort(host->conn, now);
    pump_run(&host->pump, now);
    end_soon(host, host->conn ? 200 * MS : 0, now);
}

/* The message names what was going on. */
static void fail(struct host *host, const char *what, const char *why)
{
    if (!host->failed || host->o.keep)
        report_say(host, "%s%s%s", what, why ? ": " : "", why ? why : "");
    host->failed = 1;
}

/* ---- connections ---------------------------------------------------------------------------------- */

static void serve_next(struct host *host, struct mpt_conn *conn, uint64_t now)
{
    host->conn = conn;
    host->closed = host->gave_up = 0;
    host->seens = 0;
    host->began_at = host->moved_at = now;
    host->sim->ops->timer_cancel(host->sim, &host->patience);
    cat_attach(&host->cat, conn);
}

/* The handle goes back; the next that waits is taken up. */
static void finish_connection(struct host *host, uint64_t now)
{
    struct mpt_conn *over = host->conn;

    report_end(host, now);
    host->conn = NULL;
    cat_attach(&host->cat, NULL);
    if (!host->waitings && (!host->o.keep || host->signal)) {
        host->last = over;
        end_soon(host, 3000 * MS, now);
        return;
    }
    mpt_close(over, now);
    if (host->waitings) {
        struct mpt_conn *next = host->waiting[0];

        memmove(host->waiting, host->waiting + 1, --host->waitings * sizeof host->waiting[0]);
        serve_next(host, next, now);
        cat_run(&host->cat, now);
    }
}

/* A connection's own error; one of standard input or output was said when it came. */
static void judge_connection(struct host *host)
{
    struct mpt_conn_info info;
    int error = host->cat.error;

    info.size = sizeof info;
    if (mpt_conn_info(host->conn, &info) == 0 && info.error)
        error = error > 0 ? error : info.error;
    if (error < 0 && !host->signal && !host->gave_up)
        fail(host, "connection", mpt_strerror(error));
}

/* After anything that may have moved octets. */
static void look(struct host *host, uint64_t now)
{
    struct cat *cat = &host->cat;

    if (!host->conn)
        return;
    if (cat->in.octets + cat->out.octets != host->octets) {
        host->octets = cat->in.octets + cat->out.octets;
        host->moved_at = now;
    }
    if (cat->error > 0 && !host->closed) { /* errno of standard input or output; the connection's own comes by its event */
        fail(host, cat->where, strerror(cat->error));
        mpt_abort(host->conn, now);
        host->closed = 1;
        host->o.keep = 0; /* there is nothing to serve others with */
    }
    if (host->closed && (cat_received(cat) || cat->error || host->gave_up || host->signal)) {
        judge_connection(host);
        finish_connection(host, now);
    }
}

/* Descriptors moved octets. */
static void on_moved(void *ctx, uint64_t now)
{
    struct host *host = ctx;

    cat_run(&host->cat, now);
    look(host, now);
    pump_run(&host->pump, now);
}

/* Without -k the port closes behind the first; joins find their connection by its token. */
static void accept_connection(struct host *host, struct mpt_conn *conn, uint64_t now)
{
    struct mpt_addr any = {.port = host->o.port};

    if (host->conn && host->waitings < HOST_WAITING_MAX && host->o.keep) {
        host->waiting[host->waitings++] = conn;
    } else if (host->conn || host->ending) {
        mpt_abort(conn, now);
        mpt_close(conn, now);
    } else {
        serve_next(host, conn, now);
        if (!host->o.keep)
            mpt_unlisten(host->stack, &any);
    }
}

/* One that waits may end before its turn: then it was closed by its peer, and is served all the same. */
static void on_event(void *ctx, struct pump *pump, const struct mpt_event *event, uint64_t now)
{
    struct host *host = ctx;

    (void)pump;
    if (event->flags & MPT_EV_ACCEPTED)
        accept_connection(host, event->conn, now);
    if (event->conn != host->conn)
        return;
    if (event->flags & MPT_EV_CONNECTED)
        host->sim->ops->timer_cancel(host->sim, &host->patience);
    if (host->o.verbose && (event->flags & MPT_EV_FALLBACK))
        report_say(host, "%.3f s: plain TCP from now on", (double)now / 1e9);
    if (event->flags & (MPT_EV_SECURE | MPT_EV_DECLINED))
        report_secure(host, event->conn);
    report_subflows(host);
    cat_run(&host->cat, now);
    if (event->flags & MPT_EV_CLOSED)
        host->closed = 1;
    look(host, now);
}

/* ---- packets and time ----------------------------------------------------------------------------- */

static void on_receive(void *ctx, uint32_t host, uint32_t ifid, uint8_t *ip, size_t len, uint64_t now)
{
    (void)host;
    pump_input(&((struct host *)ctx)->pump, ifid, ip, len, now);
}

/* Both directions and all devices into one file. */
static void on_tap(void *ctx, uint32_t host, uint32_t ifid, int dir, const uint8_t *ip, size_t len, uint64_t now)
{
    (void)host;
    (void)ifid;
    (void)dir;
    pcap_write(&((struct host *)ctx)->pcap, ip, len, now);
}

/* --timeout: nobody came, or nobody answered. */
static void fire_patience(void *arg, uint64_t now)
{
    struct host *host = arg;

    fail(host, host->o.serve ? "nobody connected in time" : "no answer in time", NULL);
    host->gave_up = 1;
    if (host->conn)
        mpt_abort(host->conn, now);
    pump_run(&host->pump, now);
    end_soon(host, 200 * MS, now);
}

/* All subflows are closed: what remains is TIME-WAIT, in which a lost last acknowledgement is repeated (RFC 9293 3.6). */
static void wait_for_subflows(struct host *host, uint64_t now)
{
    struct mpt_subflow_info info;

    info.size = sizeof info;
    if (!host->last || mpt_subflow_info(host->last, 0, &info) > 0)
        return;
    mpt_close(host->last, now);
    host->last = NULL;
    host->give_up_at = now + host->o.config.tcp_time_wait;
}

/* The end: nothing left to wait for. Before: --idle, looked at ten times a second. */
static void fire_tick(void *arg, uint64_t now)
{
    struct host *host = arg;

    if (host->ending)
        wait_for_subflows(host, now);
    if (host->ending && (now >= host->give_up_at || mpt_deadline(host->stack) == MPT_NEVER)) {
        stop(host);
        return;
    }
    if (!host->ending && host->conn && host->o.idle && now - host->moved_at >= host->o.idle) {
        fail(host, "nothing moved for too long", NULL);
        host->gave_up = 1;
        mpt_abort(host->conn, now);
        pump_run(&host->pump, now);
    }
    host->sim->ops->timer_set(host->sim, &host->tick, now + (host->ending ? 5 : 100) * MS);
}

/* ---- set-up --------------------------------------------------------------------------------------- */

/* getrandom(2) gives up to 256 octets whole. */
static void draw_random(void *ctx, void *out, size_t n)
{
    uint8_t *to = out;

    (void)ctx;
    while (n > 0) {
        ssize_t got = getrandom(to, n > 256 ? 256 : n, 0);

        if (got <= 0)
            abort(); /* a stack without entropy must not send keys */
        to += got;
        n -= (size_t)got;
    }
}

/* What is closed must not become the number of a device: reading and writing then fail as they should. */
static void guard_descriptors(void)
{
    if (fcntl(STDIN_FILENO, F_GETFD) < 0)
        (void)!open("/dev/null", O_RDONLY);
    if (fcntl(STDOUT_FILENO, F_GETFD) < 0)
        (void)!open("/dev/null", O_RDONLY); /* not for writing: EBADF */
    if (fcntl(STDERR_FILENO, F_GETFD) < 0)
        (void)!open("/dev/null", O_WRONLY);
}

/* Files first: a mistake there should cost no connection. */
static int open_files(struct host *host)
{
    FILE *file;

    if (host->o.pcap) {
        file = fopen(host->o.pcap, "wb");
        if (!file || pcap_start(&host->pcap, file) < 0) {
            report_say(host, "--pcap %s: %s", host->o.pcap, strerror(errno));
            return -1;
        }
    }
    if (host->o.trace && !(host->trace = fopen(host->o.trace, "w"))) {
        report_say(host, "--trace %s: %s", host->o.trace, strerror(errno));
        return -1;
    }
    return 0;
}

/* Signals are read like any descriptor: no handler, no race. SIGPIPE comes back as EPIPE of the write. */
static int open_signals(struct host *host)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    host->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    return host->signals < 0 ? -1 : 0;
}

/* Devices before the stack: without the privilege for them nothing else matters. */
static int build(struct host *host)
{
    struct sim_upcalls up = {host, on_receive, host->pcap.file ? on_tap : NULL, NULL};
    struct mpt_env env = {.size = sizeof env, .random = draw_random};
    struct tun_options *o = &host->o;
    char err[240];
    int error;

    if (o->secret.has_identity && o->verbose) { /* whatever becomes of the rest: clients need it */
        char key[65];

        secret_public(&o->secret, key);
        report_say(host, "for clients: --expect %s", key);
    }
    host->sim = tun_new(o->device, o->devices, &up, err, sizeof err);
    if (!host->sim) {
        report_say(host, "%s", err);
        return -1;
    }
    if (host->trace) {
        env.trace = report_trace;
        env.trace_ctx = host;
    }
    error = mpt_stack_new(&host->stack, &env, &o->config, 0);
    if (!error)
        error = secret_apply(&o->secret, host->stack);
    secret_wipe(&o->secret);
    if (!error)
        error = pump_init(&host->pump, host->sim, 0, host->stack, on_event, host);
    if (error)
        report_say(host, "%s", mpt_strerror(error));
    for (size_t i = 0; i < o->devices && !error; i++) {
        const struct tun_device *d = &o->device[i];
        struct mpt_addr addr = d->addr;

        addr.port = (uint16_t)d->port;
        error = mpt_address_up(host->stack, &addr, (uint32_t)(d->same ? d->same : i + 1), d->mtu, d->flags | d->id << 8, 0);
        if (error)
            report_say(host, "device %s: address: %s", d->name, mpt_strerror(error));
    }
    if (!error && cat_init(&host->cat, host->sim, on_moved, host) < 0)
        report_say(host, "%s", mpt_strerror(error = MPT_ENOMEM));
    host->cat.keep = o->keep;
    host->cat.mute = o->mute;
    return error ? -1 : 0;
}

/* The connection, or the place where it will come in. */
static int begin(struct host *host)
{
    struct mpt_addr any = {.port = host->o.port};
    struct mpt_conn *conn;
    uint64_t now = host->sim->ops->now(host->sim);
    int error;

    for (size_t i = 0; i < host->o.devices; i++)
        device_settle(&host->o.device[i]);
    if (host->o.serve)
        error = mpt_listen(host->stack, &any, NULL);
    else
        error = mpt_connect(host->stack, &conn, &host->o.local, &host->o.remote, now);
    if (error < 0) {
        report_say(host, "%s: %s", host->o.serve ? "listen" : "connect", mpt_strerror(error));
        return -1;
    }
    if (!host->o.serve)
        serve_next(host, conn, now);
    if (host->o.timeout)
        host->sim->ops->timer_set(host->sim, &host->patience, now + host->o.timeout);
    if (host->o.verbose)
        report_say(host, host->o.serve ? "listening on port %u" : "connecting to port %u", host->o.port);
    return 0;
}

/* ---- the command ---------------------------------------------------------------------------------- */

/* Files may be full; a device may have gone. */
static int verdict(struct host *host)
{
    int error = tun_failed(host->sim);

    if (error)
        fail(host, "a device failed", strerror(error));
    if (host->pcap.file && (pcap_finish(&host->pcap) < 0 || fclose(host->pcap.file) != 0))
        fail(host, host->o.pcap, strerror(errno));
    if (host->trace && fclose(host->trace) != 0)
        fail(host, host->o.trace, strerror(errno));
    if (host->signal)
        return 128 + host->signal;
    return host->failed ? CLI_FAILED : CLI_OK;
}

/* The pump before the engine that its timer lives in. */
static void clean_up(struct host *host)
{
    if (!host->sim)
        return;
    cat_clear(&host->cat);
    pump_clear(&host->pump);
    if (host->stack)
        mpt_stack_free(host->stack);
    host->sim->ops->free(host->sim);
}

static int run(struct host *host)
{
    int status = CLI_FAILED;

    host->patience = (struct sim_timer){.fire = fire_patience, .arg = host};
    host->tick = (struct sim_timer){.fire = fire_tick, .arg = host};
    if (open_signals(host) == 0 && open_files(host) == 0 && build(host) == 0 && begin(host) == 0) {
        tun_watch(host->sim, host->signals, POLLIN, on_signal, host);
        host->sim->ops->timer_set(host->sim, &host->tick, 0);
        pump_run(&host->pump, host->sim->ops->now(host->sim));
        host->sim->ops->run(host->sim, MPT_NEVER);
        if (host->o.counters)
            report_counters(host);
        status = verdict(host);
    }
    clean_up(host);
    return status;
}

int host_main(int serve, int argc, char **argv)
{
    struct host *host = calloc(1, sizeof *host);
    int status = CLI_MISTAKE;

    guard_descriptors();
    if (!host) {
        fprintf(stderr, "mpsim: out of memory\n");
        return CLI_FAILED;
    }
    if (options_parse(&host->o, serve, argc, argv) == 0)
        status = run(host);
    free(host);
    return status;
}
