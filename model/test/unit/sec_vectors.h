/* SPDX-License-Identifier: MIT */
/* test/unit/sec_vectors.h - the vectors of sec/SPEC.md 3.10, computed by sec/vectors.py. */
#ifndef TEST_UNIT_SEC_VECTORS_H
#define TEST_UNIT_SEC_VECTORS_H

#include "draw.h"
#include "sec/sec.h"

#define V_MPJ    "1e0c1802ccad45aca1a2a3a4"
#define V_TH     "62db435a3e4ec9d2ce0562e02147c0c89136abef6126dcd99c8c9997556aaba9"
#define V_S0     "33ad0a1c607ec03b09e6cd9893680ce210adf300aa1f2660e1b22e10f170f92a"
#define V_S1     "a1866bd8f1f72ac62d2c6c342aed9607ca8ed082699d38be67d397e437c0b5a7"
#define V_FIN_A  "4292fd49ce2ced8a81122bb681a54adff4968de982cfd9475883909990011c99"
#define V_MASTER "a088f95e99b2e4b98fb1694f4ed1c59d87cb75a6c8e5a5c216616c7eff49f719"
#define V_AUTH   "0300314338017aa570b5c8131e5f41d9b39c2f53a42b1f5142e57e953302da85b298b4f09b62110488858380ee3476c9c08d1e18"
#define V_TX_A   "c462a1b561894efb66e189d8cfbd0fbc9051d6b731ab9e8acdee52f67ca8eaca"
#define V_TX_B   "761c539d629190802aed17481638c6ddee182b7b320948ebb2c33d63759886c4"
#define V_JN     "64efe551b5f7a481c12719b41244a358ed799a5d535672d5fd52479c91b66953"
#define V_JR     "b6b8c1b14717c347a6c9215d24c544e47253077a1cb3a35f6b4c8b0ab0c0d56b"
#define V_AK_A   "38fb2b9d79d5948184a858d9f5959da3"
#define V_AK_B   "dfbd10eea2e7f697c46b4e5b93ac87b6"
#define V_SF_0   "3e94f52b10e8863d9027e0ac1a855589f67117c405180e1aa6e619094f483639"
#define V_SF_1   "1b1bd6f2a418f9a809a19ca98063f2fc1f5f622e36ce5cc85dc8bcc98dde9e2e"
#define V_KIV    "301da29cee2c018084236cc8ea32d8908fb26f97ea969b3cb23d2b0dd73c1da4bfe73a129f6987fe6f1b1cba"
#define V_KIV_I  "494a30bbec81f8fa4a6b563fce3969d3980c5ce542a7ff8fef1b163f97d634866819acb6b63d9a64687ea5b6" /* initial subflow */
#define V_RECORD "29368afd06c8e9f83f0070b0355ac12d1dda6215661b596d51263826"
#define V_AACK   "1e14f1005566779300020000e1d572e51150d1a3"
#define V_JREC   "010014e722606d4dfe7d09e5661834065e1bb6b3505b3dffa61e9c4c8b0f8c1246694dae602bce"

#define V_DSN UINT64_C(0x1122334455667788)

/* a joins: id_I 2, id_R 0. */
static const struct mpt_sec_sf_id V_SF = { 1, 2, 0, 0xa1a2a3a4, 0xb1b2b3b4 };

static inline void vector_keys(struct mpt_sec_keys *k)
{
    uint8_t master[32];

    from_hex(master, V_MASTER);
    mpt_sec_keys_make(k, master);
}

#endif
