/* SPDX-License-Identifier: MIT */
/* host.c - the stack behind the interface: configuration as Linux has it under packetdrill's tests, addresses, end.
 * Called by init.c. */
#include "host.h"

#include <stdlib.h>
#include <string.h>

/* Before the flags. rcvbuf: packetdrill's tests set tcp_rmem to a maximum that makes the window scale 8. */
static const char *const defaults[][2] = {
    { "wire", "linux" }, { "jwd_accept", "off" }, { "pm", "endpoints" }, { "cc", "reno" }, { "tcp.nagle", "1" },
    { "add_addr_timeout", "120s" }, { "rcvbuf", "15728640" }, { "sndbuf", "16MiB" }, { "tcp.ecn", "off" },
};

static const char *const default_locals[] = { "192.168.0.1", "fd3d:a0b:17d6::1" }; /* packetdrill's own defaults */

/* ---- set-up ---- */

/* What is of this host and not of the stack. */
static int own_flag(struct pd_host *host, const char *key, const char *value, uint64_t *seed)
{
    char *end = NULL;

    if (!strcmp(key, "local")) {
        if (host->locals == sizeof host->local / sizeof host->local[0])
            return MPT_ELIMIT;
        return pd_addr_parse(value, &host->local[host->locals++]) < 0 ? MPT_EINVAL : 0;
    }
    if (!strcmp(key, "mtu")) {
        host->mtu = (uint32_t)strtoul(value, &end, 10);
        return *end || host->mtu < MPT_MTU_MIN || host->mtu > 65535 ? MPT_EINVAL : 0;
    }
    if (!strcmp(key, "seed")) {
        *seed = strtoull(value, &end, 10);
        return *end || !*value ? MPT_EINVAL : 0;
    }
    return MPT_ENOENT;
}

/* "key=value,key=value": local, mtu, seed, or any key of libmpt (api/config.def). */
static int read_flags(struct pd_host *host, const char *flags, uint64_t *seed, char *err, size_t cap)
{
    char *copy = strdup(flags ? flags : ""), *rest = NULL;
    int r = copy ? 0 : MPT_ENOMEM;

    for (char *word = copy ? strtok_r(copy, ",", &rest) : NULL; word && !r; word = strtok_r(NULL, ",", &rest)) {
        char *value = strchr(word, '=');

        if (value)
            *value++ = 0;
        r = value ? own_flag(host, word, value, seed) : MPT_EINVAL;
        if (r == MPT_ENOENT)
            r = mpt_config_set(&host->config, word, value);
        if (r < 0)
            snprintf(err, cap, "so_flags: %s%s%s: %s", word, value ? "=" : "", value ? value : "",
                     r == MPT_ENOENT ? "no such key" : value ? "bad value" : "key=value expected");
    }
    free(copy);
    return r;
}

/* Address ids of plain addresses come from the end: endpoints have 1, 2, 3 as Linux gives them. */
static uint32_t plain_id(unsigned i)
{
    return (255u - i) << 8;
}

static int up_locals(struct pd_host *host)
{
    int error = 0;

    host->adopt = host->locals == 0;
    for (size_t i = 0; host->adopt && i < 2; i++)
        pd_addr_parse(default_locals[i], &host->local[host->locals++]);
    for (unsigned i = 0; i < host->locals && !error; i++)
        if (mpt_address_up(host->stack, &host->local[i], 1, host->mtu, plain_id(i), host->now) < 0)
            error = EINVAL;
    return error;
}

/* The defaults of packetdrill's tests and of Linux, where libmpt's differ. */
static void init(struct pd_host *host)
{
    pthread_mutex_init(&host->lock, NULL);
    pthread_cond_init(&host->changed, NULL);
    pthread_cond_init(&host->idle, NULL);
    host->server_fd = -1;
    host->enabled = 1;
    host->mtu = 1500;
    host->now = UINT64_C(1000000000) * PD_SECOND; /* a date, as gettimeofday gives one */
    mpt_config_default(&host->config);
    for (size_t i = 0; i < sizeof defaults / sizeof defaults[0]; i++)
        mpt_config_set(&host->config, defaults[i][0], defaults[i][1]);
}

struct pd_host *pd_host_new(const char *flags, char *err, size_t cap)
{
    struct pd_host *host = calloc(1, sizeof *host);
    struct mpt_env env = { .size = sizeof env, .random = rng_random };
    uint64_t seed = 1;

    snprintf(err, cap, "out of memory");
    if (!host)
        return NULL;
    init(host);
    host->buffer = malloc(PD_PACKET_MAX);
    env.random_ctx = &host->rng;
    if (!host->buffer || read_flags(host, flags, &seed, err, cap) < 0) {
        pd_host_free(host);
        return NULL;
    }
    rng_init(&host->rng, seed, "packetdrill");
    if (mpt_stack_new(&host->stack, &env, &host->config, host->now) < 0 || up_locals(host)) {
        snprintf(err, cap, "so_flags: libmpt does not take this configuration");
        pd_host_free(host);
        return NULL;
    }
    return host;
}

/* Sockets that are still open just vanish: the process ends, or the next script begins. */
void pd_host_free(struct pd_host *host)
{
    pd_server_stop(host);
    for (int i = 0; i < PD_FDS; i++)
        if (host->file[i] && host->stack)
            pd_fd_close(host, i);
    mpt_stack_free(host->stack);
    pd_net_forget(host);
    while (host->sockets)
        pd_socket_free(host, host->sockets);
    pthread_cond_destroy(&host->changed);
    pthread_cond_destroy(&host->idle);
    pthread_mutex_destroy(&host->lock);
    free(host->baseline);
    free(host->buffer);
    free(host);
}

/* ---- addresses ---- */

/* Ours by flag, by ip addr, by bind or because a packet came to it. */
int pd_host_has(const struct pd_host *host, const struct mpt_addr *addr)
{
    for (unsigned i = 0; i < host->locals; i++)
        if (host->local[i].family == addr->family && !memcmp(host->local[i].ip, addr->ip, sizeof addr->ip))
            return 1;
    return 0;
}

/* A plain address: nothing is announced or joined because of it. */
int pd_host_address(struct pd_host *host, const struct mpt_addr *addr)
{
    struct mpt_addr plain = *addr;

    plain.port = 0;
    if (pd_host_has(host, &plain))
        return 0;
    if (host->locals == sizeof host->local / sizeof host->local[0])
        return ENOBUFS;
    if (mpt_address_up(host->stack, &plain, 1, host->mtu, plain_id(host->locals), host->now) < 0)
        return EADDRNOTAVAIL;
    host->local[host->locals++] = plain;
    return 0;
}

/* ---- the stack's configuration ---- */

/* Checked on the copy first, so that copy and stack never differ. */
int pd_host_set(struct pd_host *host, const char *key, const char *value)
{
    int r = mpt_config_set(&host->config, key, value);

    return r < 0 ? r : mpt_stack_set(host->stack, key, value);
}

/* The core looks at its configuration when a connection begins; a listener's begins with each SYN. */
void pd_host_begin(struct pd_host *host, const struct pd_socket *so)
{
    const char *fast = so->fast ? "client" : "off";

    mpt_stack_set(host->stack, "mptcp", so->protocol == PD_IPPROTO_MPTCP && host->enabled ? "1" : "0");
    if (so->congestion[0])
        mpt_stack_set(host->stack, "cc", so->congestion);
    if (so->state == PD_LISTEN)
        fast = so->option[PD_OPT_FASTOPEN] && pd_sysctl_fastopen(host) & 2 ? "server" : "off";
    mpt_stack_set(host->stack, "tcp.fastopen", fast);
}

void pd_host_end(struct pd_host *host)
{
    char cc[16];

    pd_sysctl_congestion(host, cc, sizeof cc);
    mpt_stack_set(host->stack, "mptcp", "1");
    mpt_stack_set(host->stack, "cc", cc);
}

/* In the order of enum mpt_error. */
int pd_host_errno(int error)
{
    static const int of[] = { 0, EINVAL, ENOMEM, EAGAIN, ENOTCONN, ECONNRESET, ECONNREFUSED, ETIMEDOUT, EPIPE,
                              EADDRINUSE, EADDRNOTAVAIL, EMSGSIZE, ECONNRESET, ENOBUFS, ENOENT, ECONNABORTED };
    size_t i = (size_t)-error;

    return error > 0 || i >= sizeof of / sizeof of[0] ? EIO : of[i];
}
