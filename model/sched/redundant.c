/* SPDX-License-Identifier: MIT */
/* sched/redundant.c - every octet on every subflow of the best class (Froemmgen, Erbshaeusser, Buchmann, Zimmermann,
 * Wehrle, "ReMP TCP: Low Latency Multipath TCP", IEEE ICC 2016): the earliest copy counts. A subflow goes on where it
 * stopped (subflow.given), but never before the left edge of what is unacknowledged (RFC 8684 3.3.2): so a slow one
 * jumps ahead to where the fast one is, and a new one, or a backup that is needed now, begins at that edge.
 *
 * A mapping never changes (3.3.1): a slow subflow owes what it was given, acknowledged or not, and that pins memory.
 * One that owes octets from further back than a send buffer gets no more copies until they are delivered, so that
 * memory stays below one send buffer and two more for each subflow. The goodput is that of the best subflow if
 * congestion control does not couple them: use reno or cubic. DATA_FIN goes with the first copy of the last octets. */
#include "sched/choose.h"

static uint64_t next_of(const struct mpt_conn *c, const struct mpt_subflow *sf)
{
    return sf->given > c->stream.acked ? sf->given : c->stream.acked;
}

/* New octets: for who has all the others. */
static struct mpt_subflow *pick(struct mpt_conn *c, uint64_t now)
{
    int class = mpt_choose_best(c);
    struct mpt_subflow *sf, *best = NULL;

    MPT_EACH_SUBFLOW(c, sf) {
        if (mpt_choose_class(sf) != class || next_of(c, sf) < c->snd_nxt || !mpt_flow_room(&sf->flow, now))
            continue;
        if (!best || sf->flow.srtt < best->flow.srtt)
            best = sf;
    }
    return best;
}

static int owes_too_much(const struct mpt_conn *c, const struct mpt_subflow *sf)
{
    uint64_t oldest = mpt_reinject_oldest(sf);

    return oldest < c->stream.acked && c->stream.acked - oldest > c->stack->config.sndbuf;
}

static struct mpt_subflow *copy(struct mpt_conn *c, uint64_t *from, uint64_t *to, uint64_t now)
{
    int class = mpt_choose_best(c);
    struct mpt_subflow *sf;

    MPT_EACH_SUBFLOW(c, sf) {
        if (mpt_choose_class(sf) != class || next_of(c, sf) >= c->snd_nxt || !mpt_flow_room(&sf->flow, now) ||
            owes_too_much(c, sf))
            continue;
        *from = next_of(c, sf);
        *to = c->snd_nxt;
        return sf;
    }
    return NULL;
}

/* What one subflow failed to bring the others bring anyway, or will when it is their turn. Only octets that TCP has
 * delivered and no DATA_ACK covers (conn/dack.c) must be asked for: by who has nothing in flight. */
static struct mpt_subflow *pick_again(struct mpt_conn *c, uint64_t at, uint64_t now)
{
    int class = mpt_choose_best(c);
    struct mpt_subflow *sf;

    MPT_EACH_SUBFLOW(c, sf)
        if (mpt_choose_class(sf) == class && sf->given > at && !sf->flow.ring.count && mpt_flow_room(&sf->flow, now))
            return sf;
    return NULL;
}

const struct mpt_sched_ops mpt_sched_redundant = { "redundant", pick, pick_again, NULL, copy };
