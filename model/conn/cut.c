/* SPDX-License-Identifier: MIT */
/* conn/cut.c - segments cut for a smaller path, with their mappings whole (RFC 8684 3.3.1: once declared a mapping
 * must not change; many segments may share one, and its checksum is over all of it). Called through the flow's hooks
 * when ICMP has lowered the path MTU (flow/icmp.c), and by options.c for each piece that leaves.
 *
 * Every piece says the whole mapping: DSN, SSN, length, DATA_FIN and checksum are what the segment had said that was
 * cut. Few mappings are ever cut, so they are noted beside the segments and forgotten with the last of them. The note
 * keeps the pin of the whole in the send stream: the checksum of the last piece needs the octets of the first. */
#include "conn/conn.h"

/* Sorted by position in the subflow, because segments are cut in that order; later ones come behind. */
static struct mpt_cut *find(const struct mpt_subflow *sf, uint64_t seq)
{
    for (uint32_t i = 0; i < sf->cuts_count; i++)
        if (sf->cuts[i].seq <= seq && seq < sf->cuts[i].seq + sf->cuts[i].len)
            return &sf->cuts[i];
    return NULL;
}

static void release(struct mpt_subflow *sf, const struct mpt_cut *cut)
{
    if (cut->flags & MPT_SEG_PINNED)
        mpt_stream_unpin(&sf->conn->stream, &sf->conn->stack->mem, cut->dsn, cut->len);
}

void mpt_cut_forget(struct mpt_subflow *sf)
{
    for (uint32_t i = 0; i < sf->cuts_count; i++)
        release(sf, &sf->cuts[i]);
    mpt_mem_free(&sf->conn->stack->mem, sf->cuts, sf->cuts_room * sizeof *sf->cuts);
    sf->cuts = NULL;
    sf->cuts_count = sf->cuts_room = 0;
}

/* What is acknowledged leaves first. */
static void drop_old(struct mpt_subflow *sf)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < sf->cuts_count; i++)
        if (sf->cuts[i].seq + sf->cuts[i].len > sf->flow.snd_una)
            sf->cuts[kept++] = sf->cuts[i];
        else
            release(sf, &sf->cuts[i]);
    sf->cuts_count = kept;
}

static int note_mapping(struct mpt_subflow *sf, const struct mpt_seg *seg)
{
    struct mpt_mem *mem = &sf->conn->stack->mem;
    struct mpt_cut *at;
    uint32_t room;

    drop_old(sf);
    if (sf->cuts_count == sf->cuts_room) {
        room = sf->cuts_room ? 2 * sf->cuts_room : 4;
        at = mpt_mem_resize(mem, sf->cuts, sf->cuts_room * sizeof *at, room * sizeof *at);
        if (!at)
            return 0;
        sf->cuts = at;
        sf->cuts_room = room;
    }
    sf->cuts[sf->cuts_count++] = (struct mpt_cut){ seg->seq, seg->dsn, seg->len, seg->flags };
    return 1;
}

/* Room for the option that a piece has: MP_JOIN of the third ACK beside a record (jwd 2.4.3), else a DSS. */
static uint32_t room_for(const struct mpt_subflow *sf, const struct mpt_seg *seg)
{
    return mpt_flow_payload_max(&sf->flow, seg->flags & MPT_SEG_RECORD ? 24 : mpt_options_data_len(sf));
}

/* mpt_flow_ops.cut. A join record is no mapping, so nothing is noted; octets after a fallback have no mapping to keep
 * (3.7). Pins are counted per segment: the pieces get theirs, that of the whole goes to the note if there is one. */
uint32_t mpt_cut_segment(struct mpt_flow *f, const struct mpt_seg *seg, uint32_t at, uint64_t now)
{
    struct mpt_subflow *sf = MPT_SUBFLOW(f);
    struct mpt_conn *c = sf->conn;
    int whole = !(seg->flags & (MPT_SEG_RECORD | MPT_SEG_INFINITE | MPT_SEG_PIECE | MPT_SEG_SEALED));

    (void)now;
    if (!at)
        return room_for(sf, seg);
    if (whole && !note_mapping(sf, seg)) {
        MPT_COUNT(c->stack, NO_MEMORY);
        return 0;
    }
    if (seg->flags & MPT_SEG_PINNED) {
        mpt_stream_pin(&c->stream, seg->dsn, at);
        mpt_stream_pin(&c->stream, seg->dsn + at, seg->len - at);
        if (!whole)
            mpt_stream_unpin(&c->stream, &c->stack->mem, seg->dsn, seg->len);
    }
    return 1;
}

/* The segment whose mapping this one declares: itself, or what it was cut from. */
struct mpt_seg mpt_cut_whole(const struct mpt_subflow *sf, const struct mpt_seg *seg)
{
    const struct mpt_cut *cut = seg->flags & MPT_SEG_PIECE ? find(sf, seg->seq) : NULL;
    struct mpt_seg whole = *seg;

    if (cut) {
        whole.seq = cut->seq;
        whole.dsn = cut->dsn;
        whole.len = cut->len;
        whole.flags = (uint16_t)(whole.flags | (cut->flags & MPT_SEG_DFIN));
    }
    return whole;
}

/* A piece was acknowledged: nothing is left to remember behind the last one. */
void mpt_cut_acked(struct mpt_subflow *sf, const struct mpt_seg *seg)
{
    const struct mpt_cut *last = sf->cuts_count ? &sf->cuts[sf->cuts_count - 1] : NULL;

    if (last && seg->seq + seg->len >= last->seq + last->len)
        mpt_cut_forget(sf);
}
