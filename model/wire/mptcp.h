/* SPDX-License-Identifier: MIT */
/* wire/mptcp.h - every Multipath TCP option (RFC 8684 section 3, kind 30; register: section 7), and
 * EXT of join-with-data (jwd/README.md). One file each; table.c says where each is permitted and
 * dispatches. */
#ifndef WIRE_MPTCP_H
#define WIRE_MPTCP_H

#include <stddef.h>
#include <stdint.h>

#include "mpt.h"

enum { MPT_OPT_MPTCP = 30, MPT_OPT_EXP = 254, MPT_EXT_EXID = 0x4A57 };
enum mpt_sub {
    MP_CAPABLE = 0,
    MP_JOIN = 1,
    DSS = 2,
    ADD_ADDR = 3,
    REMOVE_ADDR = 4,
    MP_PRIO = 5,
    MP_FAIL = 6,
    MP_FASTCLOSE = 7,
    MP_TCPRST = 8,
    MP_EXPERIMENTAL = 15,
    MP_EXT = 16 /* ours: not a subtype, a bit */
};

enum { MP_CAPABLE_A = 0x80, MP_CAPABLE_B = 0x40, MP_CAPABLE_C = 0x20, MP_CAPABLE_H = 0x01 };
enum { MP_JOIN_B = 0x01, MP_JOIN_D = 0x08 };
enum {
    DSS_ACK = 0x01,
    DSS_ACK64 = 0x02,
    DSS_MAP = 0x04,
    DSS_DSN64 = 0x08,
    DSS_FIN = 0x10,
    DSS_IDLE = 0x20, /* with a mapping: no more octets wait behind it (pm/README.md, Receiver timer) */
    DSS_U = 0x80
};
enum { MP_TCPRST_U = 8, MP_TCPRST_V = 4, MP_TCPRST_W = 2, MP_TCPRST_T = 1 };
enum {
    MPT_RST_UNSPECIFIED = 0,
    MPT_RST_PROTOCOL = 1,
    MPT_RST_RESOURCES = 2,
    MPT_RST_PROHIBITED = 3,
    MPT_RST_OUTSTANDING = 4,
    MPT_RST_PERFORMANCE = 5,
    MPT_RST_MIDDLEBOX = 6
};
enum { EXT_JWD = 0x01 };

/* MP_CAPABLE (RFC 8684 3.1). The length tells the form: 4 SYN, 12 SYN/ACK, 20 ACK, 22 or 24 with
 * data-level length (and checksum). Of a version other than 1 only len, version and flags are
 * read: look at version first. */
struct mpt_mp_capable {
    uint8_t len;           /* as on the wire */
    uint8_t version;       /* 1 is ours; the rest stands only then */
    uint8_t flags;         /* A, B, C, .. H: MP_CAPABLE_... */
    uint8_t has_checksum;  /* len 24 */
    uint64_t key_sender;   /* len 12 and more */
    uint64_t key_receiver; /* len 20 and more */
    uint16_t dll;          /* len 22, 24 */
    uint16_t checksum;     /* len 24; as on the wire */
};
/* MP_JOIN (RFC 8684 3.2). 12 SYN: token, random; 16 SYN/ACK: hmac[8], random; 24 ACK: hmac[20]. */
struct mpt_mp_join {
    uint8_t len;      /* 12, 16 or 24 */
    uint8_t flags;    /* B and D: low nibble of octet 2; 0 in the ACK form */
    uint8_t id;       /* address identifier of the sender; 0 in the ACK form */
    uint8_t hmac[20]; /* the first 8 or all 20 octets, by len */
    uint32_t token;   /* of the receiver: SYN only */
    uint32_t random;  /* the sender's nonce: SYN and SYN/ACK */
    uint8_t raw[12];  /* the SYN form exactly as it was: MPJ of jwd */
};
/* DSS (RFC 8684 3.3). Fields without their flag are undefined. */
struct mpt_dss {
    uint8_t flags;        /* DSS_...; a only with A, m and F only with M */
    uint8_t has_checksum; /* by length: RFC 8684 3.3; only with M */
    uint16_t dll;         /* data-level length; 0 = infinite mapping (RFC 8684 3.7) */
    uint16_t checksum;    /* as on the wire */
    uint64_t ack;         /* 32 or 64 bits by flags; not expanded */
    uint64_t dsn;         /* likewise */
    uint32_t ssn;         /* relative to the subflow's ISN */
};
/* ADD_ADDR (RFC 8684 3.4.1). */
struct mpt_add_addr {
    uint8_t echo;         /* E: acknowledges the peer's; has no HMAC */
    uint8_t id;           /* address identifier */
    uint8_t has_port;     /* a port was given */
    uint8_t has_hmac;     /* not an echo */
    struct mpt_addr addr; /* port 0 when absent */
    uint8_t hmac[8];      /* truncated HMAC */
};
/* REMOVE_ADDR (RFC 8684 3.4.2). */
struct mpt_remove_addr {
    uint8_t count;  /* at least 1 */
    uint8_t id[37]; /* as many as fit 40 octets of options */
};
/* MP_PRIO (RFC 8684 3.3.8). */
struct mpt_mp_prio {
    uint8_t backup; /* B */
};
/* MP_FAIL (RFC 8684 3.7). */
struct mpt_mp_fail {
    uint64_t dsn; /* where the mapping with the wrong checksum began */
};
/* MP_FASTCLOSE (RFC 8684 3.5). */
struct mpt_mp_fastclose {
    uint64_t key; /* of the receiver */
};
/* MP_TCPRST (RFC 8684 3.6). */
struct mpt_mp_tcprst {
    uint8_t flags;  /* U, V, W, T: MP_TCPRST_... */
    uint8_t reason; /* MPT_RST_..., or one not yet registered */
};

/* All MPTCP options of a segment. Only the structs whose bit is in `present` are filled. */
struct mpt_mptcp {
    uint32_t present; /* 1 << enum mpt_sub */
    /* Same bits: the option was there, but of impossible length, with a reserved value, or on a
     * segment where table.c does not permit it. */
    uint32_t malformed;
    uint32_t repeated; /* same bits: a second one was left out */
    uint8_t ext;       /* EXT flags */
    struct mpt_mp_capable capable;
    struct mpt_mp_join join;
    struct mpt_dss dss;
    struct mpt_add_addr add_addr;
    struct mpt_remove_addr remove_addr;
    struct mpt_mp_prio prio;
    struct mpt_mp_fail fail;
    struct mpt_mp_fastclose fastclose;
    struct mpt_mp_tcprst tcprst;
};
#define MPT_HAS(mp, sub) (((mp)->present >> (sub)) & 1u)

/* Parses one option of kind 30 or 254, o[0..len) with o[1] == len. Called by options.c. tcp_flags:
 * the segment's. */
void mpt_mptcp_parse(struct mpt_mptcp *mp, const uint8_t *o, size_t len, uint8_t tcp_flags);

/* Builders: write at p, return the new end (lengths as in the table of RFC 8684 section 3; not
 * padded). */
uint8_t *mpt_mp_capable_build(uint8_t *p, const struct mpt_mp_capable *o); /* o->len: the form */
uint8_t *mpt_mp_join_build(uint8_t *p, const struct mpt_mp_join *o);
uint8_t *mpt_dss_build(uint8_t *p, const struct mpt_dss *o);
uint8_t *mpt_add_addr_build(uint8_t *p, const struct mpt_add_addr *o);
uint8_t *mpt_remove_addr_build(uint8_t *p, const struct mpt_remove_addr *o);
uint8_t *mpt_mp_prio_build(uint8_t *p, const struct mpt_mp_prio *o);
uint8_t *mpt_mp_fail_build(uint8_t *p, const struct mpt_mp_fail *o);
uint8_t *mpt_mp_fastclose_build(uint8_t *p, const struct mpt_mp_fastclose *o);
uint8_t *mpt_mp_tcprst_build(uint8_t *p, const struct mpt_mp_tcprst *o);
uint8_t *mpt_ext_build(uint8_t *p, uint8_t flags); /* 5 octets */

/* Parsers, one per file; 0 or -1 (malformed). */
int mpt_mp_capable_parse(struct mpt_mp_capable *o, const uint8_t *p, size_t len, uint8_t tcp_flags);
int mpt_mp_join_parse(struct mpt_mp_join *o, const uint8_t *p, size_t len, uint8_t tcp_flags);
int mpt_dss_parse(struct mpt_dss *o, const uint8_t *p, size_t len, uint8_t tcp_flags);
int mpt_add_addr_parse(struct mpt_add_addr *o, const uint8_t *p, size_t len, uint8_t tcp_flags);
int mpt_remove_addr_parse(struct mpt_remove_addr *o, const uint8_t *p, size_t len,
                          uint8_t tcp_flags);
int mpt_mp_prio_parse(struct mpt_mp_prio *o, const uint8_t *p, size_t len, uint8_t tcp_flags);
int mpt_mp_fail_parse(struct mpt_mp_fail *o, const uint8_t *p, size_t len, uint8_t tcp_flags);
int mpt_mp_fastclose_parse(struct mpt_mp_fastclose *o, const uint8_t *p, size_t len,
                           uint8_t tcp_flags);
int mpt_mp_tcprst_parse(struct mpt_mp_tcprst *o, const uint8_t *p, size_t len, uint8_t tcp_flags);
int mpt_ext_parse(uint8_t *flags, const uint8_t *p, size_t len, uint8_t tcp_flags);

#endif
