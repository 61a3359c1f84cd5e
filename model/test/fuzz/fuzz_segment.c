/* SPDX-License-Identifier: MIT */
/* fuzz_segment.c - a whole TCP segment, in a block of its exact size: read as it is, with its checksum mended as a
 * packet of either family, and written as text. */
#include "fuzz.h"
#include "parsed.h"

enum { LARGEST = 2048 };

static void claim_inside(const struct mpt_segment *seg, const uint8_t *p, size_t n)
{
    CLAIM(seg->opt_len <= MPT_TCP_OPTIONS_MAX && seg->opt_len % 4 == 0 && seg->opt == p + MPT_TCP_HEADER);
    CLAIM(seg->data == seg->opt + seg->opt_len && seg->data + seg->len == p + n);
    claim_options(seg);
}

/* Without it nothing would ever come as far as the options. */
static void mend(struct mpt_packet *packet)
{
    uint64_t sum;

    mpt_bytes_put16(packet->data + 16, 0);
    sum = mpt_checksum_add(mpt_checksum_pseudo(packet), packet->data, packet->len);
    mpt_bytes_put16(packet->data + 16, (uint16_t)~mpt_checksum_fold(sum));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t n = size < LARGEST ? size : LARGEST;
    uint8_t *p = malloc(n ? n : 1);
    struct mpt_packet packet = { .local = { .family = 4 }, .remote = { .family = 4 }, .data = p, .len = n };
    struct mpt_segment seg;
    char line[256];
    int error;

    CLAIM(p);
    if (n)
        memcpy(p, data, n);
    error = mpt_tcp_read(&seg, p, n);
    if (error == MPT_PARSE_OK)
        claim_inside(&seg, p, n);
    CLAIM(mpt_dump(p, n, line, sizeof line) < sizeof line && memchr(line, 0, sizeof line));
    for (size_t cap = 1; cap < 64; cap = 2 * cap + 1) /* cut to fit, at any place */
        CLAIM(mpt_dump(p, n, line, cap) < cap && memchr(line, 0, cap));
    for (int v6 = 0; v6 < 2 && n >= MPT_TCP_HEADER; v6++) {
        packet.local.family = packet.remote.family = v6 ? 6 : 4;
        mend(&packet);
        CLAIM(mpt_tcp_parse(&seg, &packet) == error); /* the checksum field is no option */
    }
    free(p);
    return 0;
}
