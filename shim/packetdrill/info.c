/* SPDX-License-Identifier: MIT */
/* info.c - TCP_INFO, MPTCP_INFO, MPTCP_TCPINFO and MPTCP_SUBFLOW_ADDRS from what libmpt tells of itself. Fields that
 * libmpt does not know stay 0. */
#include "host.h"

#include <linux/mptcp.h>
#include <linux/tcp.h>
#include <string.h>

enum { LINUX_LISTEN = 10, LINUX_CLOSE = 7 };

/* enum mpt_flow_state in Linux's numbering of RFC 9293 3.3.2. */
static const uint8_t LINUX_STATE[] = { 7, 2, 3, 1, 4, 5, 8, 11, 9, 6 };

/* Linux tells microseconds. */
static uint32_t us(uint64_t ns)
{
    return (uint32_t)(ns / 1000);
}

/* cwnd, ssthresh and what is in flight are segments there and octets here. */
static void fill_tcp(struct tcp_info *to, const struct mpt_subflow_info *from)
{
    uint32_t mss = from->mss ? from->mss : 1;

    memset(to, 0, sizeof *to);
    to->tcpi_state = from->state < sizeof LINUX_STATE ? LINUX_STATE[from->state] : 0;
    to->tcpi_retransmits = (uint8_t)from->rto_count;
    to->tcpi_backoff = (uint8_t)from->rto_count;
    to->tcpi_rto = us(from->rto);
    to->tcpi_snd_mss = from->mss;
    to->tcpi_rcv_mss = from->mss;
    to->tcpi_advmss = from->mss;
    to->tcpi_unacked = (uint32_t)((from->in_flight + mss - 1) / mss);
    to->tcpi_rtt = us(from->srtt);
    to->tcpi_rttvar = us(from->rttvar);
    to->tcpi_min_rtt = us(from->min_rtt);
    to->tcpi_snd_ssthresh = from->ssthresh / mss > INT32_MAX ? INT32_MAX : (uint32_t)(from->ssthresh / mss);
    to->tcpi_snd_cwnd = (uint32_t)(from->cwnd / mss);
    to->tcpi_total_retrans = (uint32_t)((from->retransmitted + mss - 1) / mss);
    to->tcpi_bytes_sent = from->sent;
    to->tcpi_bytes_retrans = from->retransmitted;
    to->tcpi_bytes_received = from->received;
    to->tcpi_segs_out = (uint32_t)from->segments_out;
    to->tcpi_segs_in = (uint32_t)from->segments_in;
}

static int give(void *value, socklen_t *len, const void *from, size_t n)
{
    if (*len > n)
        *len = (socklen_t)n;
    memcpy(value, from, *len);
    return 0;
}

/* Of the first subflow that lives; Linux tells of the socket's own, which is the first. */
int pd_info_tcp(const struct pd_socket *so, void *value, socklen_t *len)
{
    struct mpt_subflow_info from = { .size = sizeof from };
    struct tcp_info info;

    if (so->conn && mpt_subflow_info(so->conn, 0, &from) == 1) {
        fill_tcp(&info, &from);
    } else {
        memset(&info, 0, sizeof info);
        info.tcpi_state = so->state == PD_LISTEN ? LINUX_LISTEN : LINUX_CLOSE;
    }
    return give(value, len, &info, sizeof info);
}

/* Sequence numbers as the kernel tells them: of the next octet, in both directions. */
static int give_connection(const struct pd_host *host, const struct pd_socket *so, void *value, socklen_t *len)
{
    struct mpt_conn_info from = { .size = sizeof from };
    struct mptcp_info info;

    memset(&info, 0, sizeof info);
    if (so->conn && mpt_conn_info(so->conn, &from) == 0) {
        info.mptcpi_subflows = (uint8_t)(from.subflows ? from.subflows - 1 : 0); /* beside the first */
        info.mptcpi_flags = from.multipath && from.token_remote ? MPTCP_INFO_FLAG_REMOTE_KEY_RECEIVED : 0;
        info.mptcpi_token = from.token_local;
        info.mptcpi_write_seq = from.idsn_local + 1 + from.written;
        info.mptcpi_snd_una = from.idsn_local + 1 + from.acked;
        info.mptcpi_rcv_nxt = from.idsn_remote + 1 + from.received;
    }
    info.mptcpi_subflows_max = (uint8_t)host->config.limits_subflows;
    info.mptcpi_add_addr_accepted_max = (uint8_t)host->config.limits_add_addr_accepted;
    info.mptcpi_csum_enabled = (uint8_t)host->config.checksum;
    return give(value, len, &info, sizeof info);
}

static void fill_addrs(const struct pd_socket *so, const struct mpt_subflow_info *from,
                       struct mptcp_subflow_addrs *to)
{
    socklen_t n = sizeof to->ss_local;

    memset(to, 0, sizeof *to);
    pd_addr_out(so, &from->local, &to->sa_local, &n);
    n = sizeof to->ss_remote;
    pd_addr_out(so, &from->remote, &to->sa_remote, &n);
}

/* As linux/mptcp.h has it: a header with sizes, then one element a subflow, cut to what the caller knows. */
static int give_subflows(const struct pd_socket *so, int name, uint8_t *value, socklen_t *len)
{
    struct mptcp_subflow_data head;
    struct mpt_subflow_info from = { .size = sizeof from };
    struct mptcp_subflow_addrs addrs;
    struct tcp_info tcp;
    size_t at, element = name == MPTCP_TCPINFO ? sizeof tcp : sizeof addrs, n;

    if (*len < sizeof head)
        return EINVAL;
    memcpy(&head, value, sizeof head);
    if (head.size_subflow_data < sizeof head || head.size_subflow_data > *len || head.num_subflows ||
        head.size_kernel || !head.size_user)
        return EINVAL;
    at = head.size_subflow_data;
    n = head.size_user < element ? head.size_user : element;
    for (; so->conn && mpt_subflow_info(so->conn, head.num_subflows, &from) == 1; head.num_subflows++) {
        if (name == MPTCP_TCPINFO)
            fill_tcp(&tcp, &from);
        else
            fill_addrs(so, &from, &addrs);
        if (at + head.size_user <= *len) {
            memcpy(value + at, name == MPTCP_TCPINFO ? (const void *)&tcp : (const void *)&addrs, n);
            at += head.size_user;
        }
    }
    head.size_kernel = (uint32_t)element;
    memcpy(value, &head, sizeof head);
    *len = (socklen_t)at;
    return 0;
}

/* SOL_MPTCP has these three (linux/mptcp.h); newer ones are ENOPROTOOPT. */
int pd_info_mptcp(const struct pd_host *host, const struct pd_socket *so, int name, void *value, socklen_t *len)
{
    switch (name) {
    case MPTCP_INFO:
        return give_connection(host, so, value, len);
    case MPTCP_TCPINFO:
    case MPTCP_SUBFLOW_ADDRS:
        return give_subflows(so, name, value, len);
    default:
        return ENOPROTOOPT;
    }
}
