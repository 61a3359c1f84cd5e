/* SPDX-License-Identifier: MIT */
/* secure/suspect.c - paths that are not trusted for a while (sec/SPEC.md 3.9): 1, 2, 4 .. 60 s before the next join there.
 * receive.c and ack.c suspect, conn/join.c asks. A path is a pair of address ids (RFC 8684 3.2). */
#include "secure/secure.h"

static const uint64_t FIRST_NS = 1000000000, MOST_NS = 60000000000;

static struct mpt_secure_suspect *find(struct mpt_secure *x, uint8_t local_id, uint8_t remote_id)
{
    for (int i = 0; i < MPT_SECURE_SUSPECTS; i++)
        if (x->suspect[i].fails && x->suspect[i].local_id == local_id && x->suspect[i].remote_id == remote_id)
            return &x->suspect[i];
    return NULL;
}

/* The wait grows with every failure of the connection's life there: an attacker who pauses gains nothing. */
void mpt_secure_suspect(struct mpt_subflow *sf, uint64_t now)
{
    struct mpt_secure *x = sf->conn->secure;
    struct mpt_secure_suspect *s = x ? find(x, sf->local_id, sf->remote_id) : NULL;
    uint64_t wait = FIRST_NS, most = sf->conn->stack->config.close_timeout / 2;

    if (!x)
        return;
    if (most > MOST_NS || most < FIRST_NS) /* a connection without subflow must live to see its next join (3.9) */
        most = most < FIRST_NS ? FIRST_NS : MOST_NS;
    if (!s) {
        s = &x->suspect[x->suspect_next++ % MPT_SECURE_SUSPECTS];
        *s = (struct mpt_secure_suspect){ sf->local_id, sf->remote_id, 0, 0 };
    }
    for (uint8_t i = 0; i < s->fails && wait < most; i++)
        wait *= 2;
    s->fails += s->fails < 255;
    s->until = now + (wait < most ? wait : most);
    MPT_COUNT(sf->conn->stack, SEC_SUSPECTED);
    MPT_TRACE(&sf->conn->stack->tracer, secure, sf->conn->number, sf->number, now, MPT_TRACE_SECURE_SUSPECTED, s->fails,
              s->until - now, 0);
}

/* 1, and the path manager is asked again when it is over. */
int mpt_secure_suspected(struct mpt_conn *c, uint8_t local_id, uint8_t remote_id, uint64_t now)
{
    struct mpt_secure_suspect *s = c->secure ? find(c->secure, local_id, remote_id) : NULL;

    if (!s || s->until <= now)
        return 0;
    if (s->until < c->secure->until_at)
        c->secure->until_at = s->until;
    mpt_conn_rearm(c);
    return 1;
}
