/* SPDX-License-Identifier: MIT */
/* check/addr.c - the options that carry no data: ADD_ADDR, REMOVE_ADDR (RFC 8684 3.4), MP_PRIO (3.3.8),
 * MP_FASTCLOSE (3.5), MP_TCPRST (3.6), MP_FAIL (3.7). Called by trace.c. */
#include <inttypes.h>
#include <string.h>

#include "check/state.h"

static struct used_id *find_id(struct end *e, uint8_t id)
{
    for (size_t i = 0; i < e->ids; i++)
        if (e->id[i].id == id)
            return &e->id[i];
    return NULL;
}

/* 3.2: an identifier names one address, seen from its owner; a NAT may show the peer another, hence a warning. */
void addr_use(struct check *c, struct conn *k, int e, uint8_t id, const struct address *a)
{
    struct end *end = &k->end[e];
    struct used_id *u = find_id(end, id);

    if (u != NULL) {
        require(c, memcmp(&u->addr, a, sizeof *a) == 0 || u->announced, JOIN_ID, "%u was another address", id);
        return;
    }
    if (end->ids == IDS_MAX)
        return;
    u = &end->id[end->ids++];
    memset(u, 0, sizeof *u);
    u->id = id;
    u->addr = *a;
}

/* 3.4.1: key of the sender, then of the receiver; identifier, address, port (0 if absent); the last 64 bits. */
static void check_hmac(struct check *c, struct conn *k, int e, const struct frame *p)
{
    uint8_t m[19], n = p->add.addr.family == 4 ? 4 : 16;
    struct digest h;

    if (!k->end[0].has_key || !k->end[1].has_key) {
        report_unchecked(c, UNCHECKED_NO_KEYS, 1);
        return;
    }
    m[0] = p->add.id;
    memcpy(m + 1, p->add.addr.ip, n);
    m[1 + n] = (uint8_t)(p->add.port >> 8);
    m[2 + n] = (uint8_t)p->add.port;
    h = keys_hmac(k->end[e].key, k->end[!e].key, m, 3u + n);
    require(c, memcmp(h.octet + 24, p->add.hmac, 8) == 0, ADD_ADDR_HMAC, "identifier %u", p->add.id);
}

/* 3.4.1: an identifier in use keeps its address, until it is removed. */
static void check_announced(struct check *c, struct conn *k, int e, const struct frame *p)
{
    struct end *end = &k->end[e];
    struct used_id *u = find_id(end, p->add.id);

    check_hmac(c, k, e, p);
    k->end[e].spoke = 1;
    if (u == NULL) {
        addr_use(c, k, e, p->add.id, &p->add.addr);
        u = find_id(end, p->add.id);
        if (u == NULL)
            return;
    } else if (u->announced) {
        require(c, memcmp(&u->addr, &p->add.addr, sizeof u->addr) == 0 || k->tainted, ADD_ADDR_ID, "%u", p->add.id);
    }
    u->announced = 1;
    u->addr = p->add.addr;
    u->port = p->add.port;
}

/* The echo repeats identifier, address and port of what its receiver announced (3.4.1). */
static void check_echo(struct check *c, struct conn *k, int e, const struct frame *p)
{
    const struct used_id *u = find_id(&k->end[!e], p->add.id);

    if (k->blind || c->options.partial || k->tainted)
        return;
    require(c, u != NULL && u->announced && memcmp(&u->addr, &p->add.addr, sizeof u->addr) == 0 &&
                   u->port == p->add.port, ADD_ADDR_ECHO, "identifier %u", p->add.id);
}

/* 3.4.2. Identifiers stay known, as announced no more: echoes and joins may be under way. */
static void check_remove(struct check *c, struct conn *k, int e, const struct frame *p)
{
    for (unsigned i = 0; i < p->remove.count; i++) {
        struct used_id *u = find_id(&k->end[e], p->remove.id[i]);

        if (!require(c, memchr(p->remove.id, p->remove.id[i], i) == NULL, REMOVE_ADDR, "identifier %u twice",
                     p->remove.id[i]))
            continue;
        if (!k->blind && !c->options.partial)
            require(c, u != NULL, REMOVE_ADDR_ID, "%u", p->remove.id[i]);
        if (u != NULL)
            *u = k->end[e].id[--k->end[e].ids];
    }
}

/* 3.5: only the key of the receiver makes it count. */
static void check_fastclose(struct check *c, struct conn *k, int e, const struct frame *p)
{
    if (!k->end[!e].has_key)
        report_unchecked(c, UNCHECKED_NO_KEYS, 1);
    else
        require(c, p->fastclose.key == k->end[!e].key, FASTCLOSE_KEY, "%016" PRIx64 ", the receiver's is %016" PRIx64,
                p->fastclose.key, k->end[!e].key);
}

/* 3.7: names a mapping whose checksum was wrong: there are checksums, and it was sent. */
static void check_fail(struct check *c, struct conn *k, int e, const struct frame *p)
{
    const struct end *other = &k->end[!e];
    uint64_t off = p->fail.dsn - other->idsn;

    if (!k->agreed)
        return;
    require(c, k->checksum, FAIL_CHECKSUM, "DSN %016" PRIx64, p->fail.dsn);
    if (other->has_idsn && !c->options.partial)
        require(c, off >= 1 && off <= other->dend, FAIL_DSN, "offset %" PRId64 ", sent up to %" PRIu64, (int64_t)off,
                other->dend);
    k->tainted = 1; /* octets before it are given up, sent again, or taken as they are */
}

void addr_check(struct check *c, struct flow *f, int d, const struct frame *p)
{
    struct conn *k = f->conn;
    int e = d ^ f->flip;

    if (p->mp >> SUB_ADD_ADDR & 1) {
        if (p->add.echo)
            check_echo(c, k, e, p);
        else
            check_announced(c, k, e, p);
    }
    if (p->mp >> SUB_REMOVE_ADDR & 1)
        check_remove(c, k, e, p);
    if (p->mp >> SUB_PRIO & 1)
        require(c, (p->prio.flags & ~1) == 0, PRIO, "reserved bits 0x%x", p->prio.flags);
    if (p->mp >> SUB_FASTCLOSE & 1)
        check_fastclose(c, k, e, p);
    if (p->mp >> SUB_FAIL & 1)
        check_fail(c, k, e, p);
    if (p->mp >> SUB_TCPRST & 1)
        require(c, p->rst.reason <= 6, TCPRST_REASON, "%u", p->rst.reason);
}
