/* SPDX-License-Identifier: MIT */
/* check/capture.c - see capture.h. Formats: draft-ietf-opsawg-pcap 4 and 5, draft-ietf-opsawg-pcapng 4. Every
 * length is doubted: captures come cut off, and from other people. */
#include "check/capture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "run/pool.h"

enum {
    MAGIC_US = (int)0xa1b2c3d4,
    MAGIC_NS = (int)0xa1b23c4d,
    NG_SECTION = 0x0a0d0d0a,
    NG_ORDER = 0x1a2b3c4d,
    NG_INTERFACE = 1,
    NG_SIMPLE = 3,
    NG_ENHANCED = 6,
    NG_OPT_TSRESOL = 9
};

static uint32_t swap32(uint32_t x)
{
    return x >> 24 | (x >> 8 & 0xff00) | (x << 8 & 0xff0000) | x << 24;
}

/* A number of the file at p. */
static uint32_t get32(const struct capture *c, const uint8_t *p)
{
    uint32_t x;

    memcpy(&x, p, 4);
    return c->swapped ? swap32(x) : x;
}

static uint16_t get16(const struct capture *c, const uint8_t *p)
{
    uint16_t x;

    memcpy(&x, p, 2);
    return c->swapped ? (uint16_t)(x >> 8 | x << 8) : x;
}

static int fail(struct capture *c, const char *why)
{
    snprintf(c->error, sizeof c->error, "%s behind frame %u (octet %llu of the file)", why, c->frames,
             (unsigned long long)c->octets);
    return -1;
}

/* 1, 0 at the end of the file, -1 in the middle of it. */
static int take(struct capture *c, uint8_t *p, size_t n)
{
    size_t got = fread(p, 1, n, c->file);

    c->octets += got;
    if (got == n)
        return 1;
    if (ferror(c->file))
        return fail(c, strerror(errno));
    return got == 0 ? 0 : fail(c, "the file is cut off");
}

static int take_body(struct capture *c, uint32_t n)
{
    int r;

    if (n > c->room) {
        c->buffer = pool_grow(c->buffer, n);
        c->room = n;
    }
    r = n > 0 ? take(c, c->buffer, n) : 1;
    return r == 0 ? fail(c, "the file is cut off") : r;
}

/* ---- classic ------------------------------------------------------------------------------------- */

static int open_classic(struct capture *c, uint32_t magic)
{
    uint8_t h[20];

    if (take(c, h, sizeof h) <= 0)
        return fail(c, "the file is shorter than a pcap header");
    c->interface[0].unit = magic == (uint32_t)MAGIC_NS ? 1000000000 : 1000000;
    c->interface[0].link = get32(c, h + 16) & 0xffff; /* above: length of a frame check sequence */
    c->interfaces = 1;
    return 0;
}

static int next_classic(struct capture *c, struct capture_frame *f)
{
    uint8_t h[16];
    int r = take(c, h, sizeof h);

    if (r <= 0)
        return r;
    f->have = get32(c, h + 8);
    f->len = get32(c, h + 12);
    if (f->have > CAPTURE_MOST)
        return fail(c, "impossible length of a frame");
    f->time = get32(c, h) * UINT64_C(1000000000) +
              get32(c, h + 4) * (UINT64_C(1000000000) / c->interface[0].unit);
    f->link = c->interface[0].link;
    r = take_body(c, f->have);
    f->data = c->buffer;
    f->number = ++c->frames;
    return r;
}

/* ---- pcapng -------------------------------------------------------------------------------------- */

/* Behind the type: length, then for a section its byte order. */
static int open_section(struct capture *c, uint32_t length_raw)
{
    uint8_t order[4];
    uint32_t x, len;

    if (take(c, order, 4) <= 0)
        return fail(c, "the file is cut off");
    memcpy(&x, order, 4);
    c->swapped = x != NG_ORDER;
    if (c->swapped && swap32(x) != NG_ORDER)
        return fail(c, "a section of unknown byte order");
    len = c->swapped ? swap32(length_raw) : length_raw;
    if (len < 28 || len > CAPTURE_MOST || len % 4)
        return fail(c, "impossible length of a section header");
    c->interfaces = 0;
    return take_body(c, len - 12) < 0 ? -1 : 0;
}

/* Options of an interface: the unit of its time stamps is the one that matters. */
static void read_interface(struct capture *c, const uint8_t *p, uint32_t n)
{
    struct capture_interface *i = &c->interface[c->interfaces];
    uint32_t at = 8;

    i->link = get16(c, p);
    i->unit = 1000000;
    while (at + 4 <= n) {
        uint32_t code = get16(c, p + at), len = get16(c, p + at + 2);

        if (code == 0 || len > n - at - 4)
            break;
        if (code == NG_OPT_TSRESOL && len >= 1) {
            uint8_t r = p[at + 4];

            for (i->unit = 1; r & 0x7f && i->unit <= UINT64_MAX / 10; r--)
                i->unit *= p[at + 4] & 0x80 ? 2 : 10;
        }
        at += 4 + ((len + 3) & ~3u);
    }
    c->interfaces++;
}

static uint64_t to_ns(uint64_t t, uint64_t unit)
{
    return t / unit * UINT64_C(1000000000) + (uint64_t)((double)(t % unit) * 1e9 / (double)unit);
}

/* 1 a frame, 0 another block, -1. */
static int read_enhanced(struct capture *c, struct capture_frame *f, uint32_t n)
{
    const uint8_t *p = c->buffer;
    uint32_t i;

    if (n < 20)
        return fail(c, "a packet block too short");
    i = get32(c, p);
    f->have = get32(c, p + 12);
    f->len = get32(c, p + 16);
    if (i >= c->interfaces || f->have > n - 20)
        return fail(c, "a packet block of an unknown interface or impossible length");
    f->time = to_ns((uint64_t)get32(c, p + 4) << 32 | get32(c, p + 8), c->interface[i].unit);
    f->link = c->interface[i].link;
    f->data = p + 20;
    f->number = ++c->frames;
    return 1;
}

static int next_ng(struct capture *c, struct capture_frame *f)
{
    for (;;) {
        uint8_t h[8];
        uint32_t type, len, raw;
        int r = take(c, h, sizeof h);

        if (r <= 0)
            return r;
        type = get32(c, h);
        memcpy(&raw, h + 4, 4);
        if (type == NG_SECTION) {
            if (open_section(c, raw) < 0)
                return -1;
            continue;
        }
        len = get32(c, h + 4);
        if (len < 12 || len > CAPTURE_MOST || len % 4)
            return fail(c, "impossible length of a block");
        if (take_body(c, len - 8) < 0)
            return -1;
        if (type == NG_INTERFACE && len >= 20 && c->interfaces < CAPTURE_INTERFACES)
            read_interface(c, c->buffer, len - 12);
        else if (type == NG_SIMPLE)
            return fail(c, "a simple packet block (no time)");
        else if (type == NG_ENHANCED)
            return read_enhanced(c, f, len - 12);
    }
}

/* ---- both ---------------------------------------------------------------------------------------- */

/* The first four octets tell format and byte order. */
static int read_magic(struct capture *c)
{
    uint8_t h[8];
    uint32_t magic, raw;

    switch (take(c, h, 4)) {
    case 0:
        snprintf(c->error, sizeof c->error, "the file is empty");
        return -1;
    case -1: /* a directory opens, but cannot be read: errno's words are there */
        if (ferror(c->file))
            snprintf(c->error, sizeof c->error, "%s", strerror(errno));
        return -1;
    }
    memcpy(&magic, h, 4);
    if (magic == NG_SECTION) {
        c->ng = 1;
        if (take(c, h + 4, 4) <= 0)
            return fail(c, "the file is cut off");
        memcpy(&raw, h + 4, 4);
        return open_section(c, raw);
    }
    c->swapped = swap32(magic) == (uint32_t)MAGIC_US || swap32(magic) == (uint32_t)MAGIC_NS;
    magic = c->swapped ? swap32(magic) : magic;
    if (magic != (uint32_t)MAGIC_US && magic != (uint32_t)MAGIC_NS) {
        snprintf(c->error, sizeof c->error, "neither pcap nor pcapng");
        return -1;
    }
    return open_classic(c, magic);
}

int capture_open(struct capture *c, const char *name)
{
    memset(c, 0, sizeof *c);
    c->name = name;
    c->file = strcmp(name, "-") == 0 ? stdin : fopen(name, "rb");
    if (c->file == NULL) {
        snprintf(c->error, sizeof c->error, "%s", strerror(errno));
        return -1;
    }
    return read_magic(c);
}

int capture_next(struct capture *c, struct capture_frame *f)
{
    return c->ng ? next_ng(c, f) : next_classic(c, f);
}

void capture_close(struct capture *c)
{
    if (c->file != NULL && c->file != stdin)
        fclose(c->file);
    free(c->buffer);
    c->buffer = NULL;
    c->file = NULL;
}
