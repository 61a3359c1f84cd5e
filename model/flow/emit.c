/* SPDX-License-Identifier: MIT */
/* flow/emit.c - one segment into the host's buffer, in place: options, payload, header, checksum
 * (RFC 9293 3.1). Called by output.c only. Order of options: timestamps, the owner's, SACK in
 * what room is left (RFC 2018 3). */
#include "flow/private.h"

/* The offset is the owner's to set: with one, timestamps do not tell how long the host is up
 * (RFC 7323 7.1). */
uint32_t mpt_emit_clock(const struct mpt_flow *f, uint64_t now)
{
    return (uint32_t)(now / MPT_MS) +
           f->ts_offset; /* 1 kHz, as RFC 7323 5.4 wants and Linux does */
}

/* What the IP header will say. */
static void address(const struct mpt_flow *f, struct mpt_packet *packet)
{
    packet->local = f->local;
    packet->remote = f->remote;
    packet->ifid = f->ifid;
    packet->ecn = packet->dscp = packet->zero = 0;
    packet->ttl = 64;
    packet->seg_size = 0;
}

/* Room in octets is always the smaller of two limits here. */
static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* A block takes 8 octets behind NOP NOP kind length; with none to report there is no option. */
static uint8_t *put_sack(struct mpt_flow *f, uint8_t *p, uint32_t room)
{
    uint32_t block[MPT_TCP_SACKS_MAX][2], n;

    if (room < 12 || !f->sack_ok)
        return p;
    n = mpt_sack_blocks(f, block, least((room - 4) / 8, MPT_TCP_SACKS_MAX));
    return n ? mpt_options_sack(p, (const uint32_t(*)[2])block, n) : p;
}

/* 40 octets hold timestamps, an option of 20 and one SACK block when the NOPs go (sec/SPEC.md 3.1). */
static uint8_t *put_packed_sack(struct mpt_flow *f, uint8_t *start, uint8_t *p, uint32_t room)
{
    uint32_t block[1][2];
    uint8_t text[12];

    if (room < 8 || room >= 12 || !f->sack_ok || !f->ts_ok || start[0] != 1 || start[1] != 1 ||
        !mpt_sack_blocks(f, block, 1))
        return p;
    memmove(start, start + 2, (size_t)(p - start) - 2);
    mpt_options_sack(text, (const uint32_t(*)[2])block, 1);
    memcpy(p - 2, text + 2, 10);
    return p + 8;
}

/* wire=linux: SACK stands before MPTCP's options, though it has only the room that they leave. */
static void sack_first(uint8_t *owner, uint8_t *sack, const uint8_t *end)
{
    uint8_t moved[MPT_TCP_OPTIONS_MAX];
    size_t n = (size_t)(sack - owner), m = (size_t)(end - sack);

    memcpy(moved, owner, n);
    memmove(owner, sack, m);
    memcpy(owner + m, moved, n);
}

/* Options of a segment that is no SYN; len octets of payload follow and must still fit the MSS. */
static uint32_t put_options(struct mpt_flow *f, enum mpt_flow_out what, const struct mpt_seg *seg,
                            uint8_t *start, uint64_t now)
{
    uint32_t total = f->mss + (f->ts_ok ? 12 : 0), room = MPT_TCP_OPTIONS_MAX;
    uint8_t *p = start, *owner, *sack;

    if (seg)
        room = least(room, total - seg->len);
    if (f->ts_ok)
        p = mpt_options_ts(p, mpt_emit_clock(f, now), f->ts_recent);
    owner = p;
    p += f->ops->options(f, what, seg, p, room - (uint32_t)(p - start), now);
    sack = p = mpt_options_pad(start, p);
    if ((f->rob.ofo.count || f->dsack_to) && what != MPT_OUT_RST)
        p = f->packs && !seg && room - (uint32_t)(p - start) < 12
                ? put_packed_sack(f, start, p, room - (uint32_t)(p - start))
                : put_sack(f, p, room - (uint32_t)(p - start));
    if (p > sack && f->env->config->wire == MPT_WIRE_LINUX)
        sack_first(owner, sack, p);
    return (uint32_t)(p - start);
}

/* Header and checksum; what every segment with ACK says of our receiving side is now said. */
static void finish(struct mpt_flow *f, struct mpt_packet *packet, struct mpt_tcp_out *out)
{
    out->seq += f->iss;
    if (out->flags & MPT_TCP_ACK) {
        out->ack += f->irs;
        f->ts_last_ack = f->rcv_nxt;
        f->delack_at = MPT_NEVER;
        f->pending &= (uint8_t)~MPT_PEND_ACK;
    }
    address(f, packet);
    mpt_tcp_build(packet, out);
    f->segs_out++;
    FLOW_COUNT(f, OUT_SEGS);
}

/* Without payload: ACK, FIN, probe, RST. */
void mpt_emit_control(struct mpt_flow *f, struct mpt_packet *packet, enum mpt_flow_out what,
                      uint64_t seq, uint8_t flags, uint64_t now)
{
    struct mpt_tcp_out out = {.seq = (uint32_t)seq, .ack = (uint32_t)f->rcv_nxt, .flags = flags};

    out.opt_len = put_options(f, what, NULL, packet->data + MPT_TCP_HEADER, now);
    if (what != MPT_OUT_RST) {
        out.window = mpt_window_tell(f, 1);
        out.flags |= mpt_ecn_flags(f, 0);
    }
    finish(f, packet, &out);
}

/* RFC 9293 3.10.7.3, 3.10.7.4: the RST that answers an impossible ACK claims nothing but that
 * number. */
void mpt_emit_bare_rst(struct mpt_flow *f, struct mpt_packet *packet)
{
    struct mpt_tcp_out out = {.seq = (uint32_t)f->rst_seq, .flags = MPT_TCP_RST};

    finish(f, packet, &out);
}

/* SYN or SYN/ACK. Payload only when `data` is given: the first SYN of join-with-data. */
void mpt_emit_syn(struct mpt_flow *f, struct mpt_packet *packet, const struct mpt_seg *data,
                  uint64_t now)
{
    int answer = f->state == MPT_FLOW_SYN_RCVD;
    enum mpt_flow_out what = answer ? MPT_OUT_SYNACK : MPT_OUT_SYN;
    struct mpt_tcp_out out = {.flags = answer ? MPT_TCP_SYN | MPT_TCP_ACK : MPT_TCP_SYN,
                              .ack = answer ? 1 + f->syn_take : 0}; /* repeated unchanged */
    uint8_t *start = packet->data + MPT_TCP_HEADER, *p;
    struct mpt_tcp_options o;

    out.flags |= mpt_ecn_syn(f);
    mpt_syn_options(f, &o, now);
    p = mpt_options_syn(start, &o);
    p += f->ops->options(f, what, data, p, MPT_TCP_OPTIONS_MAX - (uint32_t)(p - start), now);
    p = mpt_options_pad(start, p);
    out.opt_len = (uint32_t)(p - start);
    if (data) {
        f->ops->copy(f, data, 0, p, data->len);
        out.len = data->len;
        f->bytes_sent += data->len;
        f->data_segs++;
    }
    out.window = mpt_window_tell(f, 0);
    finish(f, packet, &out);
}

/* The owner copies straight into the segment: octets are moved once on their way out. */
void mpt_emit_data(struct mpt_flow *f, struct mpt_packet *packet, const struct mpt_seg *seg,
                   uint64_t now)
{
    struct mpt_tcp_out out = {
        .seq = (uint32_t)seg->seq, .ack = (uint32_t)f->rcv_nxt, .flags = MPT_TCP_ACK};
    uint8_t *start = packet->data + MPT_TCP_HEADER;
    int fresh = seg->sent == 1;

    out.flags |= mpt_ecn_flags(f, fresh);
    if (seg->flags & MPT_SEG_PSH)
        out.flags |= MPT_TCP_PSH;
    out.opt_len = put_options(f, MPT_OUT_DATA, seg, start, now);
    out.len = seg->len;
    f->ops->copy(f, seg, 0, start + out.opt_len, seg->len);
    out.window = mpt_window_tell(f, 1);
    f->last_send_at = now;
    f->bytes_sent += seg->len;
    f->data_segs++;
    finish(f, packet, &out);
    /* ECT(0); not on what is sent again, on pure ACKs or on probes (RFC 3168 6.1.4 to 6.1.6) */
    if (fresh && f->ecn & MPT_FLOW_ECN_OK)
        packet->ecn = 2;
}
