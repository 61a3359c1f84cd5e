/* SPDX-License-Identifier: MIT */
/* sysctl.c - names under /proc/sys/net that scripts set: those with a key of libmpt act, the others that packetdrill's
 * own tests begin with are kept and read back, nothing else exists. */
#include "host.h"

#include <stdlib.h>
#include <string.h>

enum how { KEPT, COUNT, NUMBER, SECONDS, ECN, ENABLED, SCHEDULER, TIMESTAMPS };

static const struct sysctl {
    const char *name;
    const char *fallback; /* value as long as nobody set it */
    const char *key;      /* of libmpt; NULL: kept only */
    enum how how;
} table[] = {
    { "net.mptcp.enabled", "1", NULL, ENABLED },
    { "net.mptcp.checksum_enabled", "0", "checksum", NUMBER },
    { "net.mptcp.add_addr_timeout", "120", "add_addr_timeout", SECONDS },
    { "net.mptcp.close_timeout", "60", "close_timeout", SECONDS },
    { "net.mptcp.allow_join_initial_addr_port", "1", "allow_join_initial", NUMBER },
    { "net.mptcp.stale_loss_cnt", "4", "stale_loss_count", NUMBER },
    { "net.mptcp.syn_retrans_before_tcp_fallback", "2", "mptcp.syn_retrans", NUMBER },
    { "net.mptcp.blackhole_timeout", "3600", "mptcp.blackhole_timeout", SECONDS },
    { "net.mptcp.scheduler", "default", "sched", SCHEDULER },
    { "net.mptcp.pm_type", "0", NULL, KEPT },
    { "net.mptcp.path_manager", "kernel", NULL, KEPT },
    { "net.ipv4.tcp_congestion_control", "reno", "cc", NUMBER },
    { "net.ipv4.tcp_syn_retries", "6", "tcp.syn_retries", NUMBER },
    { "net.ipv4.tcp_retries2", "15", "tcp.retries", NUMBER },
    { "net.ipv4.tcp_timestamps", "1", "tcp.timestamps", TIMESTAMPS },
    { "net.ipv4.tcp_sack", "1", "tcp.sack", NUMBER },
    { "net.ipv4.tcp_ecn", "0", "tcp.ecn", ECN },
    { "net.ipv4.tcp_fastopen", "1", NULL, KEPT }, /* host.c looks at its bits */
    { "net.ipv4.tcp_keepalive_time", "7200", NULL, COUNT }, /* of sockets made from then on */
    { "net.ipv4.tcp_keepalive_intvl", "75", NULL, COUNT }, /* of sockets made from then on */
    { "net.ipv4.tcp_keepalive_probes", "9", NULL, COUNT }, /* of sockets made from then on */
    { "net.ipv4.tcp_fin_timeout", "60", NULL, KEPT },
    { "net.ipv4.tcp_rmem", "4096 540000 15728640", NULL, KEPT },
    { "net.ipv4.tcp_wmem", "4096 16384 4194304", NULL, KEPT },
    { "net.ipv4.tcp_synack_retries", "5", NULL, KEPT },
    { "net.ipv4.tcp_syncookies", "0", NULL, KEPT },
    { "net.ipv4.tcp_window_scaling", "1", NULL, KEPT },
    { "net.ipv4.tcp_no_metrics_save", "1", NULL, KEPT },
    { "net.ipv4.tcp_min_tso_segs", "1", NULL, KEPT },
    { "net.ipv4.tcp_recovery", "1", NULL, KEPT },
    { "net.ipv4.tcp_early_retrans", "3", NULL, KEPT },
    { "net.ipv4.tcp_notsent_lowat", "4294967295", NULL, KEPT },
    { "net.ipv4.tcp_fastopen_key", "", NULL, KEPT },
    { "net.ipv4.tcp_pacing_ss_ratio", "200", NULL, KEPT },
    { "net.ipv4.tcp_pacing_ca_ratio", "120", NULL, KEPT },
    { "net.ipv4.conf.all.rp_filter", "0", NULL, KEPT },
    { "net.ipv4.conf.default.rp_filter", "0", NULL, KEPT },
    { "net.core.default_qdisc", "pfifo", NULL, KEPT },
};
enum { SYSCTLS = sizeof table / sizeof table[0] };
_Static_assert((int)SYSCTLS <= (int)PD_SYSCTLS, "no room for so many values");

const char *pd_sysctl_name(size_t i)
{
    return i < SYSCTLS ? table[i].name : NULL;
}

/* Dots and slashes are the same to sysctl(8). */
static int find(const char *name)
{
    for (int i = 0; i < SYSCTLS; i++) {
        size_t at = 0;

        while (table[i].name[at] && (table[i].name[at] == name[at] || (table[i].name[at] == '.' && name[at] == '/')))
            at++;
        if (!table[i].name[at] && !name[at])
            return i;
    }
    return -1;
}

static int is_number(const char *value)
{
    return *value && !value[strspn(value, "0123456789")];
}

static int set_key(struct pd_host *host, const struct sysctl *s, const char *value)
{
    static const char *const ecn[] = { "off", "on", "passive" };
    char text[48];

    switch (s->how) {
    case SECONDS:
        snprintf(text, sizeof text, "%ss", value);
        return pd_host_set(host, s->key, text);
    case ECN:
        if (strlen(value) != 1 || *value < '0' || *value > '2')
            return MPT_EINVAL;
        return pd_host_set(host, s->key, ecn[*value - '0']);
    case TIMESTAMPS: /* 2: without a random offset, which is what we have */
        return pd_host_set(host, s->key, !strcmp(value, "2") ? "1" : value);
    case SCHEDULER:
        return pd_host_set(host, s->key, !strcmp(value, "default") ? "minrtt" : value);
    default:
        return pd_host_set(host, s->key, value);
    }
}

int pd_sysctl_set(struct pd_host *host, const char *name, const char *value)
{
    int i = find(name), r = 0;

    if (i < 0)
        return ENOENT;
    if (strlen(value) >= sizeof host->sysctl[i] || ((table[i].how == SECONDS || table[i].how == COUNT) && (!is_number(value) || strlen(value) > 9)))
        return EINVAL;
    if (table[i].how == ENABLED) {
        if (strcmp(value, "0") && strcmp(value, "1"))
            return EINVAL;
        host->enabled = *value == '1';
    } else if (table[i].key) {
        r = set_key(host, &table[i], value);
    }
    if (r < 0)
        return !strcmp(table[i].name, "net.ipv4.tcp_congestion_control") ? ENOENT : EINVAL;
    snprintf(host->sysctl[i], sizeof host->sysctl[i], "%s", value);
    return 0;
}

const char *pd_sysctl_get(const struct pd_host *host, const char *name)
{
    int i = find(name);

    if (i < 0)
        return NULL;
    return host->sysctl[i][0] ? host->sysctl[i] : table[i].fallback;
}

unsigned pd_sysctl_fastopen(const struct pd_host *host)
{
    return (unsigned)strtoul(pd_sysctl_get(host, "net.ipv4.tcp_fastopen"), NULL, 0);
}

void pd_sysctl_congestion(const struct pd_host *host, char *out, size_t cap)
{
    snprintf(out, cap, "%s", pd_sysctl_get(host, "net.ipv4.tcp_congestion_control"));
}
