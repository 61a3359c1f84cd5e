/* SPDX-License-Identifier: MIT */
/* conn/options.c - which MPTCP options a segment carries (RFC 8684 3.1 to 3.6; option room: 40 octets, 28 beside
 * timestamps). The flow calls mpt_options_write for every segment it builds. */
#include "conn/conn.h"

#include "jwd/jwd.h"
#include "secure/secure.h"

/* 64-bit numbers before validation (jwd 2.6) and to a peer that uses them (3.3.2). */
static int wide_ack(const struct mpt_subflow *sf)
{
    return sf->conn->ack64 || sf->member == MPT_MEMBER_EMBRYO;
}

/* 64 bits where 32 could wrap while old segments live (3.3.1), before validation (jwd 2.6), and always as Linux. */
static int wide_dsn(const struct mpt_subflow *sf)
{
    return sf->conn->wide || sf->member == MPT_MEMBER_EMBRYO || sf->conn->stack->config.wire == MPT_WIRE_LINUX;
}

/* What new data must leave room for; a segment keeps its size (but for cut.c), so the largest form counts. */
uint32_t mpt_options_data_len(const struct mpt_subflow *sf)
{
    const struct mpt_conn *c = sf->conn;
    uint32_t n = 4 + (wide_ack(sf) ? 8 : 4) + (wide_dsn(sf) ? 8 : 4) + 4 + 2;

    if (!c->multipath && !c->say_infinite)
        return 0;
    if (mpt_secure_keyed(c) && c->snd_nxt >= c->secure->tx_start && sf->member != MPT_MEMBER_EMBRYO)
        n -= wide_ack(sf) ? 8 : 4; /* a record's DSS has no DATA_ACK (sec/SPEC.md 3.1) */
    if (c->checksum)
        n += 2;
    if (!c->passive && !c->confirmed && n < 24)
        n = 24; /* the first data carries MP_CAPABLE instead */
    if (c->secure && c->secure->neg.confirms)
        n += 2;
    return (n + 3) & ~3u;
}

static void set_ack(struct mpt_subflow *sf, struct mpt_dss *o)
{
    if (sf->conn->tfo == MPT_TFO_TAKEN) /* the peer's key comes with its third ACK: its IDSN is not known */
        return;
    o->flags |= DSS_ACK;
    if (wide_ack(sf))
        o->flags |= DSS_ACK64;
    if (sf->member == MPT_MEMBER_EMBRYO)
        o->flags |= DSS_U; /* write_ack: never to a peer that does not know it */
    o->ack = mpt_dack_out(sf->conn);
}

/* Sum of a segment's payload; the flow copies it into the packet itself, so it is summed piece by piece here. */
static uint64_t sum_payload(struct mpt_flow *f, const struct mpt_seg *seg)
{
    uint8_t piece[256];
    uint64_t sum = 0;

    for (uint32_t off = 0; off < seg->len; off += sizeof piece) {
        uint32_t n = seg->len - off < sizeof piece ? seg->len - off : (uint32_t)sizeof piece;

        mpt_conn_flow_ops.copy(f, seg, off, piece, n);
        sum = mpt_checksum_add(sum, piece, n);
    }
    return sum;
}

/* SSN 1 is the first octet behind those of the SYN (appendix B.2). */
static uint32_t ssn_of(const struct mpt_subflow *sf, uint64_t seq)
{
    return seq ? (uint32_t)seq - (sf->joined ? 0 : sf->conn->tfo_tx) : 0;
}

static uint16_t checksum_of(struct mpt_subflow *sf, const struct mpt_seg *seg, uint16_t dll)
{
    return mpt_checksum_dss(sf->conn->idsn_local + 1 + seg->dsn, ssn_of(sf, seg->seq), dll,
                            sum_payload(&sf->flow, seg));
}

/* Idle bit (pm/README.md): nothing waits behind octets [from, from + len). Never to a peer that may not know it. */
static uint8_t idle_behind(const struct mpt_conn *c, uint64_t from, uint32_t len)
{
    return c->stack->config.idle_bit && c->jwd && from + len >= c->stream.end ? DSS_IDLE : 0;
}

static void set_mapping(struct mpt_subflow *sf, const struct mpt_seg *seg, struct mpt_dss *o)
{
    struct mpt_conn *c = sf->conn;

    o->flags |= DSS_MAP | idle_behind(c, seg->dsn, seg->len);
    if (wide_dsn(sf))
        o->flags |= DSS_DSN64;
    o->dsn = c->idsn_local + 1 + seg->dsn;
    o->ssn = ssn_of(sf, seg->seq);
    o->dll = (uint16_t)seg->len;
    if (seg->flags & MPT_SEG_DFIN) {
        o->flags |= DSS_FIN;
        o->dll++;
    }
    o->has_checksum = c->checksum;
    if (c->checksum)
        o->checksum = checksum_of(sf, seg, o->dll);
}

/* DATA_FIN without data: SSN 0, length 1, at the DSN behind the last octet (3.3.3). */
static void set_fin(struct mpt_subflow *sf, struct mpt_dss *o)
{
    struct mpt_conn *c = sf->conn;
    struct mpt_seg none = { .dsn = c->stream.end };

    o->flags |= DSS_MAP | DSS_FIN | (wide_dsn(sf) ? DSS_DSN64 : 0);
    o->dsn = c->idsn_local + 1 + c->stream.end;
    o->ssn = 0;
    o->dll = 1;
    o->has_checksum = c->checksum;
    if (c->checksum)
        o->checksum = checksum_of(sf, &none, 1);
}

/* MP_FASTCLOSE and MP_TCPRST may share a RST (RFC 8684 3.5, 3.6). */
static uint32_t write_rst(struct mpt_subflow *sf, uint8_t *p, uint32_t room)
{
    struct mpt_mp_fastclose close = { sf->conn->key_remote };
    int linux_close = sf->rst_fastclose && sf->rst_reason == 255 && sf->conn->stack->config.wire == MPT_WIRE_LINUX;
    uint8_t reason = linux_close ? MPT_RST_UNSPECIFIED : sf->rst_reason; /* Linux sends both */
    struct mpt_mp_tcprst rst = { linux_close ? 0 : mpt_reset_flags(reason), reason };
    struct mpt_mp_fail fail = { sf->conn->idsn_remote + 1 + sf->map.dsn };
    uint8_t *at = p;

    if (sf->rst_fastclose && room >= 12 && !mpt_secure_bound(sf->conn)) { /* sec/SPEC.md 3.2: never once confirmed */
        at = mpt_mp_fastclose_build(at, &close);
        MPT_COUNT(sf->conn->stack, FASTCLOSE_TX);
    }
    if ((sf->signals & MPT_SIG_FAIL) && room >= (uint32_t)(at - p) + 12 && !mpt_secure_bound(sf->conn)) {
        at = mpt_mp_fail_build(at, &fail);
        MPT_COUNT(sf->conn->stack, MP_FAIL_TX);
    }
    if (reason != 255 && room >= (uint32_t)(at - p) + 4) {
        at = mpt_mp_tcprst_build(at, &rst);
        MPT_COUNT(sf->conn->stack, MP_RST_TX);
    }
    return (uint32_t)(at - p);
}

/* MP_FAIL: from where on the peer's octets are of no use, or as the answer to its own, what comes next (3.7). */
static uint32_t write_fail(struct mpt_subflow *sf, uint8_t *p, uint32_t room)
{
    struct mpt_conn *c = sf->conn;
    struct mpt_mp_fail o = { c->idsn_remote + 1 + (c->fail ? sf->map.dsn : c->rob.tail) };

    if (room < 12)
        return 0;
    sf->signals &= (uint8_t)~MPT_SIG_FAIL;
    MPT_COUNT(c->stack, MP_FAIL_TX);
    return (uint32_t)(mpt_mp_fail_build(p, &o) - p);
}

/* Signals ride on pure ACKs, where there is room (3.4: an ADD_ADDR may take all of it). */
static uint32_t write_signals(struct mpt_subflow *sf, uint8_t *p, uint32_t room, uint64_t now)
{
    struct mpt_mp_fastclose close = { sf->conn->key_remote };
    struct mpt_mp_prio prio = { sf->backup };
    uint32_t n;

    if (mpt_secure_bound(sf->conn)) /* they wait for the keys, and go in records (sec/SPEC.md 3.2, 3.6) */
        return 0;
    n = sf->signals & MPT_SIG_FAIL ? write_fail(sf, p, room) : 0;
    if ((sf->signals & MPT_SIG_PRIO) && room >= n + 4) {
        n += (uint32_t)(mpt_mp_prio_build(p + n, &prio) - (p + n));
        sf->signals &= (uint8_t)~MPT_SIG_PRIO;
        MPT_COUNT(sf->conn->stack, MP_PRIO_TX);
    }
    if ((sf->signals & MPT_SIG_FASTCLOSE) && room >= n + 12) {
        n += (uint32_t)(mpt_mp_fastclose_build(p + n, &close) - (p + n));
        sf->signals &= (uint8_t)~MPT_SIG_FASTCLOSE;
        MPT_COUNT(sf->conn->stack, FASTCLOSE_TX);
    }
    if (sf->signals & (MPT_SIG_ADD | MPT_SIG_ECHO | MPT_SIG_REMOVE))
        n += mpt_addr_write(sf, p + n, room - n, now);
    return n;
}

/* wire=linux: an address that is announced or echoed goes alone; of what else there is, MP_FAIL comes first, then the DSS,
 * which says DATA_FIN as long as it is not acknowledged (3.3.3). */
static uint32_t write_ack_linux(struct mpt_subflow *sf, uint8_t *p, uint32_t room, uint64_t now)
{
    struct mpt_dss dss = { 0 };
    uint8_t signals = mpt_secure_bound(sf->conn) ? sf->signals & MPT_SIG_DATA_FIN : sf->signals;
    uint8_t addr = signals & (MPT_SIG_ADD | MPT_SIG_ECHO);
    uint8_t other = signals & (uint8_t)~(MPT_SIG_DATA_FIN | addr);
    /* DATA_FIN takes all the room: it waits for the next one when something else has to be said. */
    uint32_t n = 0, fin = sf->conn->fin_sent && !sf->conn->fin_acked && !other ? 28 : 12;

    if (addr && (n = mpt_addr_write(sf, p, room, now)) > 0) {
        if (sf->flow.ts_last_ack != sf->flow.rcv_nxt || sf->conn->peer_fin_taken)
            mpt_flow_push_ack(&sf->flow); /* there is something to DATA_ACK: on the next one */
        return n;
    }
    if (signals & MPT_SIG_FAIL)
        n = write_fail(sf, p, room);
    if (room >= n + fin) {
        set_ack(sf, &dss);
        if (fin > 12)
            set_fin(sf, &dss);
        if (other && sf->signals & MPT_SIG_DATA_FIN)
            mpt_flow_push_ack(&sf->flow);
        else
            sf->signals &= (uint8_t)~MPT_SIG_DATA_FIN;
        n = (uint32_t)(mpt_options_pad(p, mpt_dss_build(p + n, &dss)) - p);
    }
    return n + (sf->signals ? write_signals(sf, p + n, room - n, now) : 0);
}

/* The authenticated form; before validation the mark U in a DSS beside it (jwd 2.6; sec/SPEC.md 3.1). */
static uint32_t write_ack_secure(struct mpt_subflow *sf, uint8_t *p, uint32_t room)
{
    struct mpt_dss dss = { .flags = DSS_ACK | DSS_U, .ack = mpt_dack_out(sf->conn) };
    uint32_t n = 0;

    if (sf->joined && sf->member == MPT_MEMBER_THIRD && room >= 24)
        return mpt_join_write(sf, MPT_OUT_ACK, NULL, p, room);
    if (sf->member == MPT_MEMBER_EMBRYO) {
        if (!sf->conn->jwd || room < 8)
            return 0;
        n = (uint32_t)(mpt_dss_build(p, &dss) - p);
    }
    return n + mpt_secure_aack(sf, p + n, room - n);
}

/* The third ACK's MP_JOIN has no room for a DSS beside it, and comes first (3.2). */
static uint32_t write_ack(struct mpt_subflow *sf, uint8_t *p, uint32_t room, uint64_t now)
{
    struct mpt_dss dss = { 0 };
    uint32_t n;

    if (mpt_secure_keyed(sf->conn))
        return write_ack_secure(sf, p, room);
    if (sf->conn->stack->config.wire == MPT_WIRE_LINUX && sf->member == MPT_MEMBER_FULL)
        return write_ack_linux(sf, p, room, now);
    n = sf->signals & (uint8_t)~MPT_SIG_DATA_FIN ? write_signals(sf, p, room, now) : 0;
    if (sf->joined && sf->member == MPT_MEMBER_THIRD && room >= n + 24)
        return n + mpt_join_write(sf, MPT_OUT_ACK, NULL, p + n, room - n);
    if (sf->member == MPT_MEMBER_EMBRYO && !sf->conn->jwd)
        return n;
    set_ack(sf, &dss);
    if ((sf->signals & MPT_SIG_DATA_FIN) && room >= n + (wide_dsn(sf) ? 28 : 24)) {
        set_fin(sf, &dss);
        sf->signals &= (uint8_t)~MPT_SIG_DATA_FIN;
    }
    if (room < n + 12 || sf->signals & MPT_SIG_DATA_FIN)
        mpt_flow_push_ack(&sf->flow); /* the DSS comes on the next one */
    if (room < n + 12)
        return n;
    return n + (uint32_t)(mpt_dss_build(p + n, &dss) - (p + n));
}

/* Every segment of a record repeats its whole mapping (sec/SPEC.md 3.5). */
static uint32_t write_record(struct mpt_subflow *sf, const struct mpt_seg *seg, uint8_t *p, uint32_t room)
{
    const struct mpt_secure_record *r = mpt_secure_find(sf, seg->seq);
    struct mpt_dss dss = { .flags = DSS_MAP | (wide_dsn(sf) && room >= 18 ? DSS_DSN64 : 0) };

    if (!r)
        return 0;
    if (sf->member == MPT_MEMBER_EMBRYO && room >= 26)
        set_ack(sf, &dss);
    dss.flags |= idle_behind(sf->conn, r->dsn, r->len);
    dss.dsn = sf->conn->idsn_local + 1 + r->dsn;
    dss.ssn = (uint32_t)r->ssn;
    dss.dll = (uint16_t)r->dll;
    return (uint32_t)(mpt_dss_build(p, &dss) - p);
}

static uint32_t write_data(struct mpt_subflow *sf, const struct mpt_seg *seg, uint8_t *p, uint32_t room)
{
    struct mpt_dss dss = { 0 };

    if (seg->flags & MPT_SEG_RECORD)
        return mpt_join_write(sf, MPT_OUT_DATA, seg, p, room);
    if (seg->flags & MPT_SEG_SEALED)
        return write_record(sf, seg, p, room);
    if (seg->flags & MPT_SEG_INFINITE)
        return 0;
    set_ack(sf, &dss);
    set_mapping(sf, seg, &dss);
    /* A retransmission keeps its size, so numbers shrink again where they have grown since: ours have not wrapped. */
    if (mpt_options_data_len(sf) > room)
        dss.flags &= (uint8_t)~DSS_ACK64;
    if (mpt_options_data_len(sf) > room + (wide_ack(sf) ? 4 : 0))
        dss.flags &= (uint8_t)~DSS_DSN64;
    return (uint32_t)(mpt_dss_build(p, &dss) - p);
}

/* After fallback: what was mapped stays mapped, new octets have the infinite mapping, DLL 0, until the peer has
 * acknowledged some of them (3.7). */
static uint32_t write_infinite(struct mpt_subflow *sf, const struct mpt_seg *seg, uint8_t *p, uint32_t room)
{
    struct mpt_conn *c = sf->conn;
    struct mpt_dss dss = { .flags = DSS_MAP, .has_checksum = c->checksum };

    if (!(seg->flags & MPT_SEG_INFINITE))
        return write_data(sf, seg, p, room);
    dss.dsn = c->idsn_local + 1 + c->infinite; /* it acts back to what was DATA_ACKed last */
    dss.ssn = ssn_of(sf, seg->seq - (seg->dsn - c->infinite));
    if (room < 16)
        return 0;
    if (c->say_infinite == 1)
        MPT_COUNT(c->stack, INFINITE_TX);
    c->say_infinite = 2;
    return (uint32_t)(mpt_dss_build(p, &dss) - p);
}

/* After MP_FAIL, on pure ACKs: our answer to it, and DATA_ACKs as long as the peer has not said that it has fallen back
 * too (3.7: they stop with the infinite mapping): only they free its memory. */
static uint32_t write_after(struct mpt_subflow *sf, uint8_t *p, uint32_t room)
{
    struct mpt_dss dss = { 0 };
    uint32_t n = sf->signals & MPT_SIG_FAIL ? write_fail(sf, p, room) : 0;

    if (!sf->conn->say_dack || room < n + 12)
        return n;
    set_ack(sf, &dss);
    return n + (uint32_t)(mpt_dss_build(p + n, &dss) - (p + n));
}

static uint32_t write_first(struct mpt_subflow *sf, enum mpt_flow_out what, const struct mpt_seg *seg, uint8_t *p,
                            uint32_t room)
{
    uint32_t n = mpt_capable_write(sf, what, seg, p, room);

    if (n == 24) /* MP_CAPABLE with a data-level length and checksum: the sum is over the same pseudo header */
        mpt_bytes_put16(p + 22, checksum_of(sf, seg, (uint16_t)seg->len));
    return n;
}

static uint32_t write_all(struct mpt_flow *f, enum mpt_flow_out what, const struct mpt_seg *seg, uint8_t *p,
                          uint32_t room, uint64_t now)
{
    struct mpt_subflow *sf = MPT_SUBFLOW(f);
    struct mpt_conn *c = sf->conn;
    struct mpt_seg whole;
    uint32_t n = 0;

    if (seg && (seg->flags & (MPT_SEG_PIECE | MPT_SEG_SEALED)) == MPT_SEG_PIECE) {
        whole = mpt_cut_whole(sf, seg);
        /* MP_CAPABLE maps from the segment it is in (3.1), so only the first piece may have it in place of a DSS */
        if (whole.seq != seg->seq && c->multipath)
            return write_data(sf, &whole, p, room);
        seg = &whole;
    }
    if (!c->multipath && c->say_infinite && what == MPT_OUT_DATA && seg && seg->len)
        return write_infinite(sf, seg, p, room);
    if (!c->multipath && what == MPT_OUT_ACK && (c->say_dack || sf->signals & MPT_SIG_FAIL))
        return write_after(sf, p, room);
    if (!c->multipath && !(what == MPT_OUT_SYN && c->announced))
        return 0;
    if (what == MPT_OUT_RST)
        return write_rst(sf, p, room);
    if (c->tfo == MPT_TFO_TAKEN && what == MPT_OUT_ACK) /* nothing can be said before the third ACK */
        return 0;
    if (sf->joined && (what == MPT_OUT_SYN || what == MPT_OUT_SYNACK))
        return mpt_join_write(sf, what, seg, p, room);
    /* DATA_FIN takes MP_CAPABLE's place once the third ACK has left: the peer repeats its SYN/ACK if that was lost. */
    if (!sf->joined && (what == MPT_OUT_SYN || what == MPT_OUT_SYNACK ||
                        (!c->passive && !c->confirmed && !(what == MPT_OUT_ACK && sf->signals & MPT_SIG_DATA_FIN))))
        n = write_first(sf, what, seg, p, room);
    if (n || what == MPT_OUT_SYN || what == MPT_OUT_SYNACK)
        return n;
    return what == MPT_OUT_DATA && seg && seg->len ? write_data(sf, seg, p, room) : write_ack(sf, p, room, now);
}

/* TCP-ENO stands beside whatever the first subflow has to say, until the peer has shown that it has heard (3.2). */
uint32_t mpt_options_write(struct mpt_flow *f, enum mpt_flow_out what, const struct mpt_seg *seg, uint8_t *p,
                           uint32_t room, uint64_t now)
{
    struct mpt_subflow *sf = MPT_SUBFLOW(f);
    uint32_t n = write_all(f, what, seg, p, room, now);

    if (sf->conn->secure && !sf->joined && what != MPT_OUT_RST)
        n += mpt_secure_eno(sf, what, p + n, room - n);
    return n;
}
