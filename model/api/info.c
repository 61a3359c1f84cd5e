/* SPDX-License-Identifier: MIT */
/* api/info.c - looking at connections, subflows, counters and memory (mpt.h). */
#include "conn/conn.h"

#include "secure/secure.h"

static uint32_t count_alive(const struct mpt_conn *c)
{
    struct mpt_subflow *sf;
    uint32_t n = 0;

    MPT_EACH_SUBFLOW(c, sf)
        n += mpt_subflow_alive(sf) && sf->member >= MPT_MEMBER_THIRD;
    return n;
}

int mpt_conn_info(const struct mpt_conn *c, struct mpt_conn_info *info)
{
    const struct mpt_secure *x = c->secure;
    /* the handshake's octets are none of the application's */
    uint64_t tx = mpt_secure_keyed(c) ? x->tx_start : mpt_secure_bound(c) ? c->stream.end : 0;
    uint64_t rx = mpt_secure_keyed(c) ? x->rx_start : mpt_secure_bound(c) ? c->rob.head : 0;

    if (info->size != sizeof *info)
        return MPT_EINVAL;
    memset(info, 0, sizeof *info);
    info->size = sizeof *info;
    info->number = c->number;
    info->state = c->state;
    info->error = c->state == MPT_CONN_CLOSED ? c->error : 0;
    info->multipath = c->multipath;
    info->subflows = count_alive(c);
    info->jwd = c->jwd;
    info->reset_reason = c->reset_reason;
    info->reset_transient = c->reset_reason != 255 && (c->reset_flags & MP_TCPRST_T);
    info->token_local = c->token_local;
    info->token_remote = c->token_remote;
    info->written = c->stream.end - tx;
    info->sent = c->snd_nxt > tx ? c->snd_nxt - tx : 0;
    info->acked = c->stream.acked > tx ? c->stream.acked - tx : 0;
    info->received = mpt_secure_bound(c) && !mpt_secure_keyed(c) ? 0 : c->rob.tail - rx;
    info->read = c->rob.head - rx;
    info->secure = x ? x->phase == MPT_SECURE_KEYED ? 3 : x->phase == MPT_SECURE_SHAKING ? 2 : 0 : c->sec_declined;
    info->secure_suite = x ? x->neg.suite : 0;
    info->secure_auth = x ? x->auth : 0;
    info->reinjected = c->reinjected;
    info->duplicate = c->duplicate;
    info->idsn_local = c->idsn_local + c->tfo_tx;
    info->idsn_remote = c->confirmed ? c->idsn_remote + c->tfo_rx : c->idsn_remote;
    info->local = c->local;
    info->remote = c->remote;
    return 0;
}

static void fill(struct mpt_subflow_info *info, const struct mpt_subflow *sf)
{
    const struct mpt_flow *f = &sf->flow;

    info->number = sf->number;
    info->state = f->state;
    info->backup = sf->backup;
    info->peer_backup = sf->peer_backup;
    info->local_id = sf->local_id;
    info->remote_id = sf->remote_id;
    info->ifid = f->ifid;
    info->mss = f->mss;
    info->rto_count = f->rto_count;
    info->stale = sf->stale;
    info->joined_with_data = sf->jwd_taken;
    info->local = f->local;
    info->remote = f->remote;
    info->cwnd = f->cc.cwnd;
    info->ssthresh = f->cc.ssthresh;
    info->in_flight = f->in_flight;
    info->srtt = f->srtt;
    info->rttvar = f->rttvar;
    info->rto = f->rto;
    info->min_rtt = f->min_rtt;
    info->sent = f->bytes_sent;
    info->retransmitted = f->bytes_retx;
    info->received = f->bytes_received;
    info->reinjected = sf->reinjected;
    info->segments_out = f->segs_out;
    info->segments_in = f->segs_in;
    info->lost = f->segs_lost;
}

int mpt_subflow_info(const struct mpt_conn *c, size_t i, struct mpt_subflow_info *info)
{
    struct mpt_subflow *sf;

    if (info->size != sizeof *info)
        return MPT_EINVAL;
    MPT_EACH_SUBFLOW(c, sf) {
        if (!mpt_subflow_alive(sf) || i--)
            continue;
        memset(info, 0, sizeof *info);
        info->size = sizeof *info;
        fill(info, sf);
        return 1;
    }
    return 0;
}

int mpt_counter(const struct mpt_stack *s, size_t i, struct mpt_counter *counter)
{
    counter->name = mpt_trace_counter(i, &counter->help);
    if (!counter->name)
        return 0;
    counter->value = s->counters[i];
    return 1;
}

void mpt_memory(const struct mpt_stack *s, uint64_t *bytes, uint64_t *peak, uint64_t *calls)
{
    if (bytes)
        *bytes = s->mem.bytes;
    if (peak)
        *peak = s->mem.peak;
    if (calls)
        *calls = s->mem.calls;
}

const char *mpt_version(void)
{
    return "0.1.0";
}
