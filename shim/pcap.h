/* SPDX-License-Identifier: MIT */
/* pcap.h - the one pcap writer: classic format, nanoseconds, link type RAW (an IP header first).
 *
 * Read draft-ietf-opsawg-pcap 4 and 5. Used by the recorder from the engine's tap; one file per host
 * or interface. The FILE belongs to the caller. */
#ifndef PCAP_H
#define PCAP_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pcap {
    FILE *file;
    uint64_t packets; /* written */
    int error;        /* errno of the first failure; nothing is written after it */
};

/* Each returns 0, or -1 with pcap->error set (a full disk, for one). */
int pcap_start(struct pcap *pcap, FILE *file);
/* One whole IP packet at virtual time `at` (ns): 0, or -1 when writing failed. */
int pcap_write(struct pcap *pcap, const uint8_t *ip, size_t len, uint64_t at);
/* Flushes: a full disk may show only here. Does not close the file. */
int pcap_finish(struct pcap *pcap);

#ifdef __cplusplus
}
#endif
#endif
