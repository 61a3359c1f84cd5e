/* SPDX-License-Identifier: MIT */
/* sec/ack.c - authenticated acknowledgement and window (sec/SPEC.md 3.8), in the place of DATA_ACK and TCP's window
 * (RFC 8684 3.3.2, 3.3.4), which anybody on the path can write. Called by conn/dack.c and conn/options.c.
 *
 *     | 30 | 20 | 0xF1 | 0 | DACK32 | WND32 | MAC64 |   MAC64 = SipHash-2-4(ak, 0x41 || DACK64 || WND32) */
#include <string.h>

#include "base/bytes.h"
#include "base/serial.h"
#include "sec/sec.h"

enum { KIND = 30, SUB_OP = 0xf1, MAC_AT = 12 };

/* All 64 bits are under the MAC: an old AACK, 2^32 octets later, is not taken for a new one. */
static void mac_of(uint8_t mac[8], const uint8_t ak[16], uint64_t dack, uint32_t wnd)
{
    uint8_t message[13] = { 0x41 };

    mpt_bytes_put32(mpt_bytes_put64(message + 1, dack), wnd);
    mpt_crypto_siphash(mac, ak, message, sizeof message);
}

uint8_t *mpt_sec_aack_build(uint8_t *p, const uint8_t ak[16], uint64_t dack, uint32_t wnd)
{
    *p++ = KIND;
    *p++ = MPT_SEC_AACK_LEN;
    *p++ = SUB_OP;
    *p++ = 0;
    p = mpt_bytes_put32(mpt_bytes_put32(p, (uint32_t)dack), wnd);
    mac_of(p, ak, dack, wnd);
    return p + 8;
}

enum mpt_sec_verdict mpt_sec_aack_open(const uint8_t *o, size_t len, const uint8_t ak[16], uint64_t near,
                                       uint64_t *dack, uint64_t *edge)
{
    uint8_t mac[8];
    uint32_t wnd;

    if (len != MPT_SEC_AACK_LEN || o[0] != KIND || o[1] != MPT_SEC_AACK_LEN || o[2] != SUB_OP || o[3] != 0)
        return MPT_SEC_IGNORE;
    *dack = mpt_serial_expand(near, mpt_bytes_get32(o + 4));
    wnd = mpt_bytes_get32(o + 8);
    mac_of(mac, ak, *dack, wnd);
    if (mpt_crypto_compare(mac, o + MAC_AT, sizeof mac) != 0)
        return MPT_SEC_IGNORE;
    *edge = *dack + wnd;
    return MPT_SEC_OK;
}

/* Forward only, so that a replay, on whatever subflow, does nothing. */
enum mpt_sec_verdict mpt_sec_window_take(struct mpt_sec_window *w, uint64_t dack, uint64_t edge, uint64_t snd_nxt)
{
    if (mpt_serial_before(snd_nxt, dack) || mpt_serial_before(edge, dack))
        return MPT_SEC_CLOSE;
    if (mpt_serial_before(w->una, dack))
        w->una = dack;
    if (mpt_serial_before(w->edge, edge))
        w->edge = edge;
    return MPT_SEC_OK;
}
