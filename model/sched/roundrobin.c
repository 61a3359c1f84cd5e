/* SPDX-License-Identifier: MIT */
/* sched/roundrobin.c - a segment to each subflow in turn, in order of their numbers (the reference of Paasch, Ferlin,
 * Alay and Bonaventure, "Experimental Evaluation of Multipath TCP Schedulers", ACM CSWS 2014, 3). Who has no room in
 * its window is passed over, so a long transfer is divided by the windows and not by the turns; what is even are the
 * segments of a short one. Backups have their class of their own (RFC 8684 3.3.8). */
#include "sched/choose.h"

/* The next number behind the last turn; past the last of them the first begins anew. */
static struct mpt_subflow *pick(struct mpt_conn *c, uint64_t now)
{
    int class = mpt_choose_best(c);
    struct mpt_subflow *sf, *best = NULL;
    uint32_t distance = 0;

    MPT_EACH_SUBFLOW(c, sf) {
        uint32_t d = sf->number - c->sched_last - 1; /* wraps: numbers before the last turn are far */

        if (mpt_choose_class(sf) != class || !mpt_flow_room(&sf->flow, now) || (best && d >= distance))
            continue;
        best = sf;
        distance = d;
    }
    if (best)
        c->sched_last = best->number;
    return best;
}

const struct mpt_sched_ops mpt_sched_roundrobin = { "roundrobin", pick, mpt_choose_again, NULL, NULL };
