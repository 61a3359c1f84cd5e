/* SPDX-License-Identifier: MIT */
/* check/capture.h - reads classic pcap (both byte orders, microseconds and nanoseconds) and pcapng. */
#ifndef CHECK_CAPTURE_H
#define CHECK_CAPTURE_H

#include <stdint.h>
#include <stdio.h>

enum { CAPTURE_INTERFACES = 64, CAPTURE_MOST = 1 << 18 };

/* One captured frame; data stays valid until the next read. */
struct capture_frame {
    uint64_t time;      /* ns */
    uint32_t number;    /* from 1, as other tools count */
    uint32_t link;      /* LINKTYPE_... */
    uint32_t len, have; /* octets on the wire, octets captured */
    const uint8_t *data;
};

struct capture_interface {
    uint32_t link; /* LINKTYPE_... */
    uint64_t unit; /* time stamp units per second (pcapng if_tsresol) */
};

struct capture {
    const char *name;
    FILE *file;
    uint8_t swapped;      /* written in the other byte order */
    uint8_t ng;           /* pcapng */
    uint32_t frames;      /* read so far */
    uint64_t octets;       /* offset in the file, for messages */
    struct capture_interface interface[CAPTURE_INTERFACES];
    uint32_t interfaces;
    uint8_t *buffer;      /* the frame or block */
    uint32_t room;
    char error[160];      /* why it ended, when not at its end */
};

/* 0, or -1 with error set. */
int capture_open(struct capture *c, const char *name);
/* 1 a frame, 0 the end, -1 broken off: error says where. */
int capture_next(struct capture *c, struct capture_frame *f);
void capture_close(struct capture *c);

#endif
