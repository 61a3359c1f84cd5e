/* SPDX-License-Identifier: MIT */
/* secure/send.c - records out (sec/SPEC.md 3.5, 3.6, 3.8): what goes into one, its sealing, its segments. conn/send.c asks
 * for each packet, conn/hooks.c for octets and acknowledgements.
 *
 * A record is sealed once, when its first segment is about to leave, and its ciphertext is kept until TCP has it: nothing
 * is ever sealed again under the same nonce (3.4). Its DSNs count data only, so reinjection may use other sizes. */
#include "secure/private.h"

#include "jwd/jwd.h"

enum { SMALL_UNTIL = 65536 /* octets of a subflow sent in records of one segment (3.5) */ };

/* ---- records on their way ---- */

static struct mpt_secure_record *at(const struct mpt_secure_flow *x, uint32_t i)
{
    return &x->records[x->head + i];
}

/* Sorted by SSN and without gaps. */
const struct mpt_secure_record *mpt_secure_find(const struct mpt_subflow *sf, uint64_t ssn)
{
    const struct mpt_secure_flow *x = sf->secure;
    uint32_t low = 0, high = x ? x->count : 0;

    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        const struct mpt_secure_record *r = at(x, mid);

        if (ssn < r->ssn)
            high = mid;
        else if (ssn >= r->ssn + r->dll)
            low = mid + 1;
        else
            return r;
    }
    return NULL;
}

void mpt_secure_copy(const struct mpt_subflow *sf, uint64_t ssn, uint8_t *out, uint32_t n)
{
    mpt_stream_copy(&sf->secure->cipher, ssn - sf->secure->base, out, n);
}

uint64_t mpt_secure_backlog(const struct mpt_subflow *sf)
{
    const struct mpt_secure_flow *x = sf->secure;

    return x && x->tx_made ? x->base + x->cipher.end - sf->flow.snd_nxt : 0;
}

/* Records wait here for their DATA_ACK when TCP has them: ack.c wants to know who swallowed what. */
static void forget(struct mpt_subflow *sf)
{
    struct mpt_secure_flow *x = sf->secure;

    while (x->count && at(x, 0)->ssn + at(x, 0)->dll <= x->base + x->cipher.acked &&
           at(x, 0)->dsn + at(x, 0)->len <= sf->conn->stream.acked) {
        x->head++;
        x->count--;
    }
}

void mpt_secure_acked(struct mpt_subflow *sf, const struct mpt_seg *seg)
{
    struct mpt_secure_flow *x = sf->secure;

    mpt_stream_ack(&x->cipher, &sf->conn->stack->mem, seg->seq + seg->len - x->base);
    forget(sf);
}

static int is_open(const struct mpt_secure_flow *x, const struct mpt_secure_record *r)
{
    return r->ssn + r->dll > x->base + x->cipher.acked;
}

/* What TCP has not acknowledged yet goes elsewhere too, and what control was in it. */
void mpt_secure_reinject(struct mpt_subflow *sf, uint32_t cause, uint64_t now)
{
    const struct mpt_secure_flow *x = sf->secure;
    uint64_t from = 0, to = 0;

    if (!x)
        return;
    for (uint32_t i = 0; i < x->count; i++) {
        const struct mpt_secure_record *r = at(x, i);

        if (!r->len || (!is_open(x, r) && !sf->dead)) /* of a dead one nobody knows what the peer could open */
            continue;
        if (r->dsn != to) {
            mpt_reinject_range(sf->conn, from, to, cause, now);
            from = r->dsn;
        }
        to = r->dsn + r->len;
    }
    mpt_reinject_range(sf->conn, from, to, cause, now);
    mpt_secure_unsay(sf);
}

uint64_t mpt_secure_holds(const struct mpt_subflow *sf, uint64_t offset)
{
    const struct mpt_secure_flow *x = sf->secure;

    for (uint32_t i = 0; x && i < x->count; i++)
        if (is_open(x, at(x, i)) && at(x, i)->dsn <= offset && offset < at(x, i)->dsn + at(x, i)->len)
            return at(x, i)->dsn + at(x, i)->len;
    return 0;
}

/* ---- one record ---- */

/* The keys of a direction are made with its first record: where that begins, handshake and join record have ended. */
static int has_keys(struct mpt_subflow *sf)
{
    struct mpt_secure *c = sf->conn->secure;
    struct mpt_secure_flow *x = sf->secure;
    struct mpt_sec_sf_id id;

    if (!x)
        return 0;
    if (!x->tx_made) {
        mpt_secure_sf_id(sf, &id);
        mpt_sec_dir_init(&x->tx, c->aead, c->keys.tx[sf->conn->passive ? MPT_SEC_B : MPT_SEC_A], &id, sf->flow.snd_nxt);
        x->base = sf->flow.snd_nxt;
        x->tx_made = 1;
    }
    return x->tx.aead != NULL;
}

/* The first record of each side has it; then when DATA_ACK or EDGE grew by two segments, or an answer is due (3.6, 3.8). */
static int wants_ack(const struct mpt_subflow *sf, uint64_t ack, uint64_t edge)
{
    const struct mpt_secure *x = sf->conn->secure;
    uint64_t step = 2 * (uint64_t)sf->flow.mss;

    return !x->first_sent || x->answer || ack >= x->told_ack + step || edge >= x->told_edge + step;
}

static void set_ack(const struct mpt_conn *c, struct mpt_sec_record *r, uint64_t ack, uint64_t edge)
{
    r->h |= MPT_SEC_H_ACK;
    r->ack = c->idsn_remote + 1 + ack;
    r->edge = c->idsn_remote + 1 + edge;
    r->cack = c->secure->order.next - 1;
}

static void told(struct mpt_conn *c, const struct mpt_sec_record *r)
{
    c->secure->told_ack = r->ack - (c->idsn_remote + 1);
    c->secure->told_edge = r->edge - (c->idsn_remote + 1);
    c->secure->answer = MPT_SECURE_ANSWER_NONE;
    c->secure->answer_at = MPT_NEVER;
}

/* Octets of the record on the subflow at most: one segment while the subflow is young or idle, then whole segments up to
 * the peer's record_max (3.5). A window that would take long to send it keeps records small. */
static uint32_t size_of(const struct mpt_subflow *sf, uint32_t full, uint32_t overhead)
{
    uint32_t most = sf->conn->secure->record_max + overhead;

    if (most > MPT_SEC_DLL_MAX)
        most = MPT_SEC_DLL_MAX;
    if (full >= most)
        return most;
    if (sf->flow.bytes_sent < SMALL_UNTIL || !sf->flow.ring.count || sf->flow.cc.cwnd < 2 * (uint64_t)most)
        return full;
    return most / full * full;
}

static int push(struct mpt_subflow *sf, const struct mpt_secure_record *r)
{
    struct mpt_secure_flow *x = sf->secure;

    /* half of it is free: moving costs no more than what came */
    if (x->head && x->head + x->count == x->room && x->head >= x->count) {
        memmove(x->records, x->records + x->head, x->count * sizeof *x->records);
        x->head = 0;
    }
    if (mpt_mem_grow(&sf->conn->stack->mem, &x->records, &x->room, x->head + x->count + 1, sizeof *x->records) < 0)
        return MPT_ENOMEM;
    x->records[x->head + x->count++] = *r;
    return 0;
}

/* Everything that can fail comes before the seal but the memory for the ciphertext: then the subflow is given up, its
 * octets go elsewhere. */
static int seal(struct mpt_subflow *sf, struct mpt_sec_record *r, struct mpt_secure_record *out, uint64_t now)
{
    struct mpt_conn *c = sf->conn;
    struct mpt_secure_flow *x = sf->secure;
    uint8_t *text = mpt_secure_scratch(c->stack), *p;
    uint32_t n = mpt_sec_prefix_len(r) + r->len;

    out->ssn = x->tx.ssn;
    out->dll = n + MPT_SEC_TAG;
    if (!text || push(sf, out) < 0) {
        MPT_COUNT(c->stack, NO_MEMORY);
        return 0;
    }
    p = mpt_sec_prefix_build(text, r);
    if (r->len)
        mpt_stream_copy(&c->stream, out->dsn, p, r->len);
    if (mpt_sec_seal(&x->tx, c->idsn_local + 1 + out->dsn, text, n) != MPT_SEC_OK) {
        x->count--;
        mpt_reset_subflow(sf, MPT_RST_UNSPECIFIED, MPT_ELIMIT, now);
        return 0;
    }
    if (mpt_stream_write(&x->cipher, &c->stack->mem, text, out->dll) != (int64_t)out->dll) {
        MPT_COUNT(c->stack, NO_MEMORY);
        mpt_reset_subflow(sf, MPT_RST_RESOURCES, MPT_ENOMEM, now);
        return 0;
    }
    MPT_COUNT(c->stack, SEC_RECORDS_TX);
    return 1;
}

/* The next octets of a record that has begun: a segment holds octets of one record (3.5). */
static int send_piece(struct mpt_subflow *sf, uint16_t flags, struct mpt_packet *packet, uint64_t now)
{
    const struct mpt_secure_record *r = mpt_secure_find(sf, sf->flow.snd_nxt);
    uint32_t full = mpt_flow_payload_max(&sf->flow, mpt_options_data_len(sf)), left;
    struct mpt_seg seg = { .flags = (uint16_t)(flags | MPT_SEG_SEALED) };
    int last;

    if (!r)
        return 0;
    left = (uint32_t)(r->ssn + r->dll - sf->flow.snd_nxt);
    seg.len = left < full ? left : full;
    if (sf->member == MPT_MEMBER_EMBRYO && seg.len > mpt_jwd_early_room(sf))
        seg.len = (uint32_t)mpt_jwd_early_room(sf);
    if (!seg.len)
        return 0;
    last = seg.len == left && r->dsn + r->len == sf->conn->stream.end;
    seg.dsn = r->dsn;
    seg.flags = (uint16_t)(seg.flags | (last ? MPT_SEG_PSH : 0) | (seg.len < full ? MPT_SEG_SMALL : 0));
    if (mpt_flow_send(&sf->flow, &seg, packet, now) != 1) {
        MPT_COUNT(sf->conn->stack, NO_MEMORY);
        return 0;
    }
    mpt_jwd_sent(sf, packet);
    if (sf->secure->leaving == MPT_SECURE_SFIN && !mpt_secure_backlog(sf))
        mpt_flow_shutdown(&sf->flow, now); /* FIN behind it (3.5) */
    return 1;
}

/* Another that could say it: one that has timed out, or had a message in vain, is passed over then. */
static int others_can(const struct mpt_subflow *than)
{
    struct mpt_subflow *sf;

    MPT_EACH_SUBFLOW(than->conn, sf)
        if (sf != than && sf->member == MPT_MEMBER_FULL && mpt_subflow_usable(sf) && !sf->stale)
            return 1;
    return 0;
}

/* Beside data a control message goes if most of the segment is left for the data; else in a record of its own, which
 * may take several segments. */
static struct mpt_secure_ctl *choose_ctl(const struct mpt_subflow *sf, int data, uint32_t full)
{
    struct mpt_secure_ctl *m = mpt_secure_unsent(sf->conn);

    if (!m || sf->member == MPT_MEMBER_EMBRYO || (data && m->len > full / 2))
        return NULL;
    return m->avoid == sf->number && others_can(sf) ? NULL : m;
}

static void choose(struct mpt_subflow *sf, uint64_t from, uint64_t to, int fresh, struct mpt_sec_record *r,
                   struct mpt_secure_ctl **ctl)
{
    struct mpt_conn *c = sf->conn;
    uint32_t full = mpt_flow_payload_max(&sf->flow, mpt_options_data_len(sf)), overhead, most;
    uint64_t ack, edge;

    memset(r, 0, sizeof *r);
    mpt_secure_standing(c, &ack, &edge);
    if (wants_ack(sf, ack, edge))
        set_ack(c, r, ack, edge);
    *ctl = choose_ctl(sf, to > from, full);
    if (*ctl) {
        r->h |= MPT_SEC_H_CTL;
        r->ctl = (*ctl)->octets;
        r->ctl_len = (*ctl)->len;
    }
    overhead = mpt_sec_prefix_len(r) + MPT_SEC_TAG;
    if (sf->member == MPT_MEMBER_EMBRYO && full > mpt_jwd_early_room(sf))
        full = (uint32_t)mpt_jwd_early_room(sf);
    most = size_of(sf, full, overhead);
    most = most > overhead ? most - overhead : 0;
    r->len = (uint32_t)(to - from < most ? to - from : most);
    if (r->len > c->secure->record_max)
        r->len = c->secure->record_max;
    if (c->want_fin && fresh && from + r->len == c->stream.end && (c->confirmed || c->passive))
        r->h |= MPT_SEC_H_DFIN;
}

static void sent(struct mpt_subflow *sf, const struct mpt_sec_record *r, struct mpt_secure_ctl *ctl, uint64_t now)
{
    struct mpt_conn *c = sf->conn;

    c->secure->first_sent = 1;
    if (r->h & MPT_SEC_H_ACK)
        told(c, r);
    if (ctl)
        mpt_secure_ctl_sent(sf, ctl, now);
    if (r->h & MPT_SEC_H_SFIN)
        sf->secure->leaving = MPT_SECURE_SFIN;
    if (r->h & MPT_SEC_H_DFIN) {
        c->fin_sent = 1;
        c->fin_at = now + 2 * sf->flow.rto;
        sf->signals &= (uint8_t)~MPT_SIG_DATA_FIN;
    }
    mpt_conn_rearm(c);
}

/* Seals octets [from, to), as many as one record takes, and sends its first segment: octets of data, or 0. */
int mpt_secure_transmit(struct mpt_subflow *sf, uint64_t from, uint64_t to, uint16_t flags, struct mpt_packet *packet,
                        uint64_t now)
{
    struct mpt_conn *c = sf->conn;
    int again = (flags & MPT_SEG_REINJECT) != 0, small;
    struct mpt_secure_ctl *ctl;
    struct mpt_sec_record r;
    struct mpt_secure_record rec = { .dsn = from };

    if (!has_keys(sf) || mpt_secure_backlog(sf) || !mpt_flow_room(&sf->flow, now))
        return 0;
    choose(sf, from, to, !again && !c->fin_sent, &r, &ctl);
    small = mpt_sec_prefix_len(&r) + r.len + MPT_SEC_TAG < mpt_flow_payload_max(&sf->flow, mpt_options_data_len(sf));
    if (!r.len || (small && !again && from + r.len == c->stream.end && !c->want_fin && mpt_flow_holds_small(&sf->flow)))
        return 0;
    rec.len = r.len;
    if (!seal(sf, &r, &rec, now))
        return 0;
    sent(sf, &r, ctl, now);
    mpt_send_note(sf, from, r.len, rec.ssn, again, now);
    return send_piece(sf, flags, packet, now) ? (int)r.len : -(int)r.len;
}

/* ---- records without data ---- */

/* DATA_FIN alone, control, an answer to control, the first record: on the subflow that can. */
static int needs_empty(struct mpt_subflow *sf)
{
    const struct mpt_conn *c = sf->conn;
    const struct mpt_secure *x = c->secure;

    if (sf->secure->leaving)
        return sf->secure->leaving == MPT_SECURE_LEAVES;
    if (c->fin_sent && !c->fin_acked && sf->signals & MPT_SIG_DATA_FIN)
        return 1;
    return !x->first_sent || x->answer == MPT_SECURE_ANSWER_NOW || choose_ctl(sf, 0, 0) != NULL;
}

/* Octets may leave here, of a record that has begun or of one without data. */
static int speaks(const struct mpt_subflow *sf)
{
    if (sf->secure && sf->secure->leaving)
        return !sf->dead && !sf->flow.closing && mpt_flow_usable(&sf->flow);
    return mpt_subflow_usable(sf);
}

/* What has to be said on this very subflow or, else, on the one that does best. */
static int may_send_empty(struct mpt_subflow *sf, int idle, uint64_t now)
{
    if (sf->member == MPT_MEMBER_EMBRYO || !speaks(sf) || mpt_secure_backlog(sf) || !mpt_flow_room(&sf->flow, now))
        return 0;
    if (!sf->secure->leaving && (!idle || (sf->stale && others_can(sf))))
        return 0;
    return needs_empty(sf) && has_keys(sf);
}

static int send_empty(struct mpt_subflow *sf, struct mpt_packet *packet, uint64_t now)
{
    struct mpt_conn *c = sf->conn;
    struct mpt_secure_record rec = { .dsn = c->snd_nxt };
    struct mpt_secure_ctl *ctl;
    struct mpt_sec_record r;

    choose(sf, c->snd_nxt, c->snd_nxt, 0, &r, &ctl);
    if (c->fin_sent && sf->signals & MPT_SIG_DATA_FIN && c->snd_nxt == c->stream.end)
        r.h |= MPT_SEC_H_DFIN;
    if (sf->secure->leaving && !(ctl && mpt_secure_unsent_behind(ctl)))
        r.h |= MPT_SEC_H_SFIN;
    if (!seal(sf, &r, &rec, now))
        return 0;
    sf->signals &= (uint8_t)~MPT_SIG_DATA_FIN;
    sent(sf, &r, ctl, now);
    return send_piece(sf, 0, packet, now);
}

/* Records under way come first: their octets are in sequence before anything else. Then, when there is no data that could
 * carry it, what has to be said in a record of its own. */
int mpt_secure_output(struct mpt_conn *c, struct mpt_packet *packet, int idle, uint64_t now)
{
    struct mpt_subflow *sf;

    if (c->state == MPT_CONN_CONNECTING || c->snd_nxt < c->secure->tx_start)
        return 0;
    if (c->secure->untold)
        mpt_secure_translate(c, now);
    MPT_EACH_SUBFLOW(c, sf)
        if (mpt_secure_backlog(sf) && speaks(sf) && mpt_flow_room(&sf->flow, now) && send_piece(sf, 0, packet, now))
            return 1;
    /* Data that is about to leave takes it along, unless it does not leave. */
    idle |= c->snd_nxt >= c->stream.end || c->snd_nxt >= c->snd_edge || c->secure->answer == MPT_SECURE_ANSWER_NOW;
    MPT_EACH_SUBFLOW(c, sf)
        if (may_send_empty(sf, idle, now) && send_empty(sf, packet, now))
            return 1;
    return 0;
}
