/* SPDX-License-Identifier: MIT */
/* pcap.c - the pcap writer (see pcap.h). Fields are written little-endian octet by octet, so that the
 * same run gives the same file on every machine. */
#include "pcap.h"

#include <errno.h>

enum { PCAP_MAGIC_NS = (int)0xa1b23c4d, PCAP_SNAPLEN = 65535, PCAP_LINKTYPE_RAW = 101 };

/* The magic number is written the same way, so that readers know the order. */
static void put32(uint8_t *p, uint32_t x)
{
    int i;

    for (i = 0; i < 4; i++, x >>= 8)
        p[i] = (uint8_t)x;
}

/* The first error is kept, and nothing is written behind it. */
static int put_octets(struct pcap *pcap, const void *data, size_t n)
{
    if (pcap->error)
        return -1;
    errno = 0;
    if (n > 0 && fwrite(data, 1, n, pcap->file) != n) {
        pcap->error = errno ? errno : EIO;
        return -1;
    }
    return 0;
}

/* The variant with nanoseconds; packets begin with their IP header (LINKTYPE_RAW). */
int pcap_start(struct pcap *pcap, FILE *file)
{
    uint8_t head[24];

    pcap->file = file;
    pcap->packets = 0;
    pcap->error = 0;
    put32(head, (uint32_t)PCAP_MAGIC_NS);
    put32(head + 4, 2 | 4 << 16); /* version 2.4 as two 16-bit fields */
    put32(head + 8, 0);           /* two reserved fields: time zone and accuracy once */
    put32(head + 12, 0);
    put32(head + 16, PCAP_SNAPLEN);
    put32(head + 20, PCAP_LINKTYPE_RAW);
    return put_octets(pcap, head, sizeof head);
}

/* Seconds and nanoseconds of virtual time. What is cut off keeps its length in the record. */
int pcap_write(struct pcap *pcap, const uint8_t *ip, size_t len, uint64_t at)
{
    uint8_t head[16];
    size_t kept = len < PCAP_SNAPLEN ? len : PCAP_SNAPLEN;

    put32(head, (uint32_t)(at / 1000000000u));
    put32(head + 4, (uint32_t)(at % 1000000000u));
    put32(head + 8, (uint32_t)kept);
    put32(head + 12, (uint32_t)len);
    if (put_octets(pcap, head, sizeof head) < 0 || put_octets(pcap, ip, kept) < 0)
        return -1;
    pcap->packets++;
    return 0;
}

/* The file is the caller's to close. */
int pcap_finish(struct pcap *pcap)
{
    if (pcap->error)
        return -1;
    errno = 0;
    if (fflush(pcap->file) != 0) {
        pcap->error = errno ? errno : EIO;
        return -1;
    }
    return 0;
}
