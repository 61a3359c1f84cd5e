/* SPDX-License-Identifier: MIT */
/* wire/tcp.c - the TCP header (RFC 9293 3.1). Parse is called for each packet by api/ and attack/,
 * build for each one by flow/output.c. Input is hostile: nothing is read before its length is
 * known. */
#include "wire/tcp.h"

#include "wire/options.h"

/* The urgent pointer is not read: nothing here uses urgent data (RFC 6093 5). The checksum field is
 * the business of parse. */
int mpt_tcp_read(struct mpt_segment *seg, const uint8_t *p, size_t len)
{
    size_t header;

    if (len < MPT_TCP_HEADER)
        return MPT_PARSE_SHORT;
    /* the data offset counts 32-bit words: 5 to 15 are possible (RFC 9293 3.1) */
    header = (size_t)(p[12] >> 4) * 4;
    if (header < MPT_TCP_HEADER || header > len)
        return MPT_PARSE_SHORT;
    seg->sport = mpt_bytes_get16(p);
    seg->dport = mpt_bytes_get16(p + 2);
    seg->seq = mpt_bytes_get32(p + 4);
    seg->ack = mpt_bytes_get32(p + 8);
    seg->flags = p[13]; /* reserved bits of octet 12 are ignored (RFC 9293 3.1) */
    seg->window = mpt_bytes_get16(p + 14);
    seg->ecn = 0;
    seg->opt = p + MPT_TCP_HEADER;
    seg->opt_len = (uint32_t)(header - MPT_TCP_HEADER);
    seg->data = p + header;
    seg->len = (uint32_t)(len - header);
    return mpt_options_parse(seg);
}

/* What a host does with a packet from the network: nothing of it is believed before the checksum. */
int mpt_tcp_parse(struct mpt_segment *seg, const struct mpt_packet *packet)
{
    int error;

    if (packet->len < MPT_TCP_HEADER)
        return MPT_PARSE_SHORT;
    /* RFC 9293 3.1, MUST-3: checked first, so that a damaged option is never taken for a peer's
     * mistake. */
    if (mpt_checksum_fold(
            mpt_checksum_add(mpt_checksum_pseudo(packet), packet->data, packet->len)) != 0xffff)
        return MPT_PARSE_CHECKSUM;
    error = mpt_tcp_read(seg, packet->data, packet->len);
    seg->ecn = packet->ecn;
    return error;
}

/* Ports come from the packet, so that they and the addresses in the checksum cannot disagree. Data
 * and options are in place already: nothing is copied here. */
void mpt_tcp_build(struct mpt_packet *packet, const struct mpt_tcp_out *out)
{
    uint8_t *p = packet->data;
    uint64_t sum;

    packet->len = MPT_TCP_HEADER + out->opt_len + out->len;
    mpt_bytes_put16(p, packet->local.port);
    mpt_bytes_put16(p + 2, packet->remote.port);
    mpt_bytes_put32(p + 4, out->seq);
    mpt_bytes_put32(p + 8, out->ack);
    p[12] = (uint8_t)((MPT_TCP_HEADER + out->opt_len) / 4 << 4);
    p[13] = out->flags;
    mpt_bytes_put16(p + 14, out->window);
    mpt_bytes_put32(p + 16,
                    0); /* checksum, and the urgent pointer that is never used (RFC 6093 5) */
    sum = mpt_checksum_add(mpt_checksum_pseudo(packet), p, packet->len);
    mpt_bytes_put16(p + 16, (uint16_t)~mpt_checksum_fold(sum));
}
