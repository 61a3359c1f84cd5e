/* SPDX-License-Identifier: MIT */
/* flow/ecn.c - explicit congestion notification (RFC 3168 6.1; read 5 for the code points of IP).
 * Called by emit.c for what leaves, by syn.c for what the peer's SYN agrees to, by input.c and
 * ack.c for marks and echoes, by recovery.c and tlp.c when the window was reduced.
 *
 * A router sets CE instead of dropping; the receiver says so by ECE on every segment until it sees
 * CWR; the sender reduces its window once per round trip and sets CWR on the next new data. */
#include "flow/private.h"

enum { ECN_ECT0 = 2, ECN_CE = 3 /* RFC 3168 5 */, ECN_SETUP = MPT_TCP_ECE | MPT_TCP_CWR };

/* RFC 3168 6.1.1: both flags ask, ECE alone agrees. A SYN that is repeated does not ask again: a
 * box that drops such SYNs must not keep the connection from being opened (6.1.1.1). */
uint8_t mpt_ecn_syn(struct mpt_flow *f)
{
    if (f->state == MPT_FLOW_SYN_RCVD)
        return f->ecn & MPT_FLOW_ECN_OK ? MPT_TCP_ECE : 0;
    f->ecn = 0;
    if (f->env->config->tcp_ecn != MPT_ECN_ON || f->syn_count > 1)
        return 0;
    f->ecn = MPT_FLOW_ECN_ASKED;
    return ECN_SETUP;
}

/* RFC 3168 6.1.1. A SYN/ACK with both flags is not an answer: it comes from a host that copies the
 * reserved bits of the SYN. Who has sent or received a SYN without the flags uses no ECN, so a
 * repeated SYN of the peer without them takes back what its first one agreed to. */
void mpt_ecn_adopt(struct mpt_flow *f, const struct mpt_segment *s)
{
    uint8_t flags = s->flags & ECN_SETUP;
    int asked = (f->ecn & MPT_FLOW_ECN_ASKED) != 0, agreed;

    if (s->flags & MPT_TCP_ACK)
        agreed = asked && flags == MPT_TCP_ECE;
    else
        agreed = flags == ECN_SETUP && (f->passive ? f->env->config->tcp_ecn != MPT_ECN_OFF : asked);
    f->ecn = agreed ? MPT_FLOW_ECN_OK : 0;
}

/* ECE on all that has an ACK, CWR on new data only: a retransmission may be the copy that is not
 * looked at (RFC 3168 6.1.2, 6.1.3, 6.1.5). */
uint8_t mpt_ecn_flags(struct mpt_flow *f, int fresh)
{
    uint8_t flags = f->ecn & MPT_FLOW_ECN_ECHO ? MPT_TCP_ECE : 0;

    if (fresh && f->ecn & MPT_FLOW_ECN_CWR) {
        f->ecn &= (uint8_t)~MPT_FLOW_ECN_CWR;
        flags |= MPT_TCP_CWR;
    }
    return flags;
}

/* RFC 3168 6.1.3. CWR first: a segment may carry both the end of one notice and the mark of the
 * next. As Linux, the first mark is told at once, and so is the answer to CWR, because the sender
 * may have no more than that one segment in flight. */
void mpt_ecn_arrival(struct mpt_flow *f, const struct mpt_segment *s)
{
    if (!(f->ecn & MPT_FLOW_ECN_OK) || !s->len)
        return;
    if (s->flags & MPT_TCP_CWR) {
        f->ecn &= (uint8_t)~MPT_FLOW_ECN_ECHO;
        f->pending |= MPT_PEND_ACK;
    }
    if (s->ecn == ECN_CE && !(f->ecn & MPT_FLOW_ECN_ECHO)) {
        f->ecn |= MPT_FLOW_ECN_ECHO;
        f->pending |= MPT_PEND_ACK;
    }
}

/* RFC 3168 6.1.2: as after a loss, once per window of data, and not beside a loss of the same
 * window. The peer repeats ECE until it has CWR; nothing sent before the reduction can bring that. */
void mpt_ecn_echo(struct mpt_flow *f, uint64_t now)
{
    if (f->recovery_end || f->rto_end || mpt_ecn_in_cwr(f))
        return;
    f->ecn_end = f->snd_nxt;
    f->undo_end = 0; /* a router has said it: nothing about it is spurious */
    f->cc.ops->loss(&f->cc, mpt_recovery_pipe(f), now);
    mpt_ecn_reduced(f);
    FLOW_COUNT(f, ECN_REDUCED);
    FLOW_TRACE(f, ecn, now, f->cc.cwnd, f->cc.ssthresh, f->in_flight, 0);
}

/* RFC 3168 6.1.2: CWR tells of every reduction, also of those after a loss. */
void mpt_ecn_reduced(struct mpt_flow *f)
{
    if (f->ecn & MPT_FLOW_ECN_OK)
        f->ecn |= MPT_FLOW_ECN_CWR;
}
