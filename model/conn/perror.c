/* SPDX-License-Identifier: MIT */
/* conn/perror.c - the one place that decides what a peer's mistake costs (architecture rule 6). */
#include "conn/conn.h"

enum action { DROP, RESET, FAIL };

static const struct {
    uint8_t action;
    uint8_t reason;  /* of MP_TCPRST */
    uint8_t counter; /* enum mpt_counter_id */
} rule[MPT_PERR_COUNT] = {
    [MPT_PERR_MAP_CHANGED] = { RESET, MPT_RST_PROTOCOL, MPT_CNT_DSS_NOT_MATCHING },
    [MPT_PERR_NO_MAP] = { RESET, MPT_RST_MIDDLEBOX, MPT_CNT_NO_DSS },
    [MPT_PERR_BEYOND_WINDOW] = { DROP, 0, MPT_CNT_NO_WINDOW },
    [MPT_PERR_BEYOND_FIN] = { RESET, MPT_RST_PROTOCOL, MPT_CNT_DSS_NOT_MATCHING },
    [MPT_PERR_FIN_MOVED] = { RESET, MPT_RST_PROTOCOL, MPT_CNT_DSS_NOT_MATCHING },
    [MPT_PERR_ACK_UNSENT] = { DROP, 0, MPT_CNT_DSS_BAD_ACK },
    [MPT_PERR_CHECKSUM] = { FAIL, MPT_RST_MIDDLEBOX, MPT_CNT_DATA_CSUM },
    [MPT_PERR_JOIN_HMAC] = { RESET, MPT_RST_PROHIBITED, MPT_CNT_MP_JOIN_ACK_HMAC },
    [MPT_PERR_JWD_RECORD] = { RESET, MPT_RST_PROTOCOL, MPT_CNT_JWD_BAD_TAG },
    [MPT_PERR_JWD_OVERLAP] = { RESET, MPT_RST_PROTOCOL, MPT_CNT_DSS_NOT_MATCHING },
    [MPT_PERR_CAPABLE_KEY] = { RESET, MPT_RST_PROTOCOL, MPT_CNT_MP_CAPABLE_KEY },
    [MPT_PERR_SYNACK_HMAC] = { RESET, MPT_RST_PROHIBITED, MPT_CNT_MP_JOIN_SYNACK_HMAC },
    [MPT_PERR_SYNACK_NO_JOIN] = { RESET, MPT_RST_MIDDLEBOX, MPT_CNT_MP_JOIN_NO_OPTION },
    [MPT_PERR_SEC_TAG] = { RESET, MPT_RST_MIDDLEBOX, MPT_CNT_SEC_BAD_TAG },
    [MPT_PERR_SEC_MAP] = { RESET, MPT_RST_MIDDLEBOX, MPT_CNT_DSS_NOT_MATCHING },
    [MPT_PERR_SUM_PRESENCE] = { RESET, MPT_RST_PROTOCOL, MPT_CNT_DSS_NOT_MATCHING },
};

int mpt_perror(struct mpt_subflow *sf, enum mpt_perror what, uint64_t now)
{
    struct mpt_conn *c = sf->conn;
    int action = rule[what].action;

    c->stack->counters[rule[what].counter]++;
    MPT_TRACE(&c->stack->tracer, peer_error, c->number, sf->number, now, what, (uint64_t)action, 0, 0);
    if (action == DROP)
        return 0;
    /* The only subflow goes on by infinite mapping, if that is possible; another is reset with MP_FAIL (3.7). */
    if (action == FAIL && mpt_fallback_possible(sf)) {
        mpt_fail_start(sf, now);
        return 0;
    }
    if (action == FAIL) {
        sf->signals |= MPT_SIG_FAIL; /* MP_FAIL says from where on (3.7) */
        MPT_COUNT(c->stack, CORRUPTION_RESET);
    }
    mpt_reset_subflow(sf, rule[what].reason, MPT_EPROTO, now);
    return 1;
}
