/* SPDX-License-Identifier: MIT */
/* sec/control.c - control messages inside records (sec/SPEC.md 3.6): what RFC 8684 3.3.8, 3.4 and 3.5 send as options in the
 * clear. Built, parsed, put in order. Called by conn/addr.c, prio.c and fastclose.c.
 *
 *     CTL = CSN32 | CLEN16 | TLVs (type8, len8, value) */
#include <string.h>

#include "base/bytes.h"
#include "sec/sec.h"

enum { ADD_FIXED = 3, PRIO_LEN = 10, PARAMS_LEN = 3, FASTCLOSE_LEN = 1 };

uint8_t *mpt_sec_ctl_build(uint8_t *p, uint32_t csn, uint16_t tlvs_len)
{
    return mpt_bytes_put16(mpt_bytes_put32(p, csn), tlvs_len);
}

static uint8_t *build_add_addr(uint8_t *p, const struct mpt_sec_tlv *t)
{
    size_t n = t->addr.family == 6 ? 16 : 4;

    *p++ = t->id;
    memcpy(p, t->addr.ip, n);
    return mpt_bytes_put16(p + n, t->addr.port);
}

static uint8_t *build_value(uint8_t *p, const struct mpt_sec_tlv *t)
{
    switch (t->type) {
    case MPT_SEC_PARAMS:
        *p++ = t->flags;
        return mpt_bytes_put16(p, t->record_max);
    case MPT_SEC_ADD_ADDR:
        return build_add_addr(p, t);
    case MPT_SEC_REMOVE_ADDR:
        memcpy(p, t->ids, t->count);
        return p + t->count;
    case MPT_SEC_PRIO:
        *p++ = t->role;
        p = mpt_bytes_put32(mpt_bytes_put32(p, t->r_i), t->r_r);
        *p++ = t->backup;
        return p;
    default:
        *p++ = t->code;
        return p;
    }
}

uint8_t *mpt_sec_tlv_build(uint8_t *p, const struct mpt_sec_tlv *t)
{
    uint8_t *end = build_value(p + 2, t);

    p[0] = t->type;
    p[1] = (uint8_t)(end - p - 2);
    return end;
}

static int parse_add_addr(struct mpt_sec_tlv *t, const uint8_t *v, size_t n)
{
    if (n != ADD_FIXED + 4 && n != ADD_FIXED + 16)
        return MPT_EPROTO;
    t->id = v[0];
    t->addr.family = n == ADD_FIXED + 4 ? 4 : 6;
    memcpy(t->addr.ip, v + 1, n - ADD_FIXED);
    t->addr.port = mpt_bytes_get16(v + n - 2);
    return 0;
}

static int parse_params(struct mpt_sec_tlv *t, const uint8_t *v, size_t n)
{
    if (n != PARAMS_LEN || (v[0] & ~MPT_SEC_PARAMS_JWD))
        return MPT_EPROTO;
    t->flags = v[0];
    t->record_max = mpt_bytes_get16(v + 1);
    return t->record_max < 1 || t->record_max > MPT_SEC_DATA_MAX ? MPT_EPROTO : 0;
}

static int parse_prio(struct mpt_sec_tlv *t, const uint8_t *v, size_t n)
{
    if (n != PRIO_LEN || v[0] > 2 || v[9] > 1)
        return MPT_EPROTO;
    t->role = v[0];
    t->r_i = mpt_bytes_get32(v + 1);
    t->r_r = mpt_bytes_get32(v + 5);
    t->backup = v[9];
    /* The initial subflow has no randoms: another name for it would be a second one. */
    return v[0] == 0 && (t->r_i || t->r_r) ? MPT_EPROTO : 0;
}

static int parse_value(struct mpt_sec_tlv *t, const uint8_t *v, size_t n)
{
    switch (t->type) {
    case MPT_SEC_PARAMS:
        return parse_params(t, v, n);
    case MPT_SEC_ADD_ADDR:
        return parse_add_addr(t, v, n);
    case MPT_SEC_REMOVE_ADDR:
        t->ids = v;
        t->count = (uint8_t)n;
        return n ? 0 : MPT_EPROTO;
    case MPT_SEC_PRIO:
        return parse_prio(t, v, n);
    case MPT_SEC_FASTCLOSE:
        t->code = n ? v[0] : 0;
        return n == FASTCLOSE_LEN ? 0 : MPT_EPROTO;
    default:
        return MPT_EPROTO;
    }
}

/* Octets of the TLV at p, 0 when there is none that fits. */
static uint32_t parse_tlv(struct mpt_sec_tlv *t, const uint8_t *p, size_t n)
{
    memset(t, 0, sizeof *t);
    if (n < 2 || n < 2u + p[1])
        return 0;
    t->type = p[0];
    return parse_value(t, p + 2, p[1]) == 0 ? 2u + p[1] : 0;
}

/* All TLVs are looked at before the first counts: a message is carried out whole or not at all. */
uint32_t mpt_sec_ctl_len(const uint8_t *p, size_t n)
{
    struct mpt_sec_tlv t;
    uint32_t end, step;

    if (n < MPT_SEC_CTL_HEAD || mpt_bytes_get32(p) == 0)
        return 0;
    end = MPT_SEC_CTL_HEAD + mpt_bytes_get16(p + 4);
    if (end == MPT_SEC_CTL_HEAD || end > n)
        return 0;
    for (uint32_t at = MPT_SEC_CTL_HEAD; at < end; at += step)
        if (!(step = parse_tlv(&t, p + at, end - at)))
            return 0;
    return end;
}

uint32_t mpt_sec_ctl_csn(const uint8_t *ctl)
{
    return mpt_bytes_get32(ctl);
}

int mpt_sec_tlv_next(struct mpt_sec_tlv *t, const uint8_t *ctl, uint32_t ctl_len, uint32_t *at)
{
    if (*at < MPT_SEC_CTL_HEAD)
        *at = MPT_SEC_CTL_HEAD;
    if (*at >= ctl_len)
        return 0;
    *at += parse_tlv(t, ctl + *at, ctl_len - *at);
    return 1;
}

int mpt_sec_ctl_fastclose(const uint8_t *ctl, uint32_t ctl_len, uint8_t *code)
{
    struct mpt_sec_tlv t;
    uint32_t at = 0;

    while (mpt_sec_tlv_next(&t, ctl, ctl_len, &at))
        if (t.type == MPT_SEC_FASTCLOSE) {
            *code = t.code;
            return 1;
        }
    return 0;
}

void mpt_sec_order_init(struct mpt_sec_order *o)
{
    o->next = 1;
    o->held = 0;
}

/* CSNs do not wrap: after 2^32 - 1 messages everything is OLD and the connection cannot be steered any more. */
enum mpt_sec_order_verdict mpt_sec_order_take(struct mpt_sec_order *o, uint32_t csn)
{
    uint32_t bit = 1u << csn % MPT_SEC_CTL_HELD;

    if (csn < o->next || o->next == 0)
        return MPT_SEC_ORDER_OLD;
    if (csn == o->next) {
        o->next++;
        return MPT_SEC_ORDER_NOW;
    }
    /* The slot of `next` itself is never taken, so the furthest is next + 31. */
    if (csn - o->next >= MPT_SEC_CTL_HELD)
        return MPT_SEC_ORDER_FAR;
    if (o->held & bit)
        return MPT_SEC_ORDER_OLD;
    o->held |= bit;
    return MPT_SEC_ORDER_HOLD;
}

int mpt_sec_order_pop(struct mpt_sec_order *o)
{
    uint32_t slot = o->next % MPT_SEC_CTL_HELD;

    if (!(o->held >> slot & 1))
        return -1;
    o->held &= ~(1u << slot);
    o->next++;
    return (int)slot;
}

enum mpt_sec_verdict mpt_sec_cack(uint32_t *acked, uint32_t sent, uint32_t cack)
{
    if (cack > sent)
        return MPT_SEC_CLOSE;
    if (cack > *acked)
        *acked = cack;
    return MPT_SEC_OK;
}
