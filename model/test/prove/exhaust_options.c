/* SPDX-License-Identifier: MIT */
/* exhaust_options.c - shows by trying that the parser of TCP and MPTCP options reads nothing outside its area, and that
 * the header reader reads nothing outside its segment. Every area ends where a page without access begins, so an octet
 * read behind it is a signal, and (except for most flags of family 1) is tried once more where such a page ends. What
 * comes out must keep the contract of ../fuzz/parsed.h. Five families of areas:
 *
 *  1. one option: every kind, every length octet, every number of octets left from 1 to 40, on SYN, SYN/ACK, ACK and
 *     RST; for kinds 30 and 254 with every value of the two octets behind the length (subtype, flags, identifier).
 *  2. two options: every pair of kinds that the parser knows, of every two lengths, with every room left behind;
 *     what the first leaves behind (presence, repetition) must not lead the second astray.
 *  3. every area of up to 6 octets over an alphabet of all kinds known, lengths around them, and odd octets.
 *  4. the fast path of 12 octets (NOP NOP TS), and everything that may follow in one octet or two.
 *  5. headers: every segment length up to 64, every data offset, areas of NOPs, of one long option and of SACK.
 *
 * Why that is all there is: the parser walks options by (kind, length, octets left); a parser of one option branches
 * only on its length, the segment's flags, the two octets behind the length (version, flags) and, for EXT, the fifth,
 * which is tried too; all other octets are copied, never compared. So each path to a read is taken by family 1, and the
 * only state that one option hands to the next are the presence bits of family 2. */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */

#include "../fuzz/parsed.h"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "wire/options.h"

static uint8_t *edge, *front; /* the octets between two pages without access: their end and their begin */
static uint8_t area[64];      /* what is tried now, for the report */
static size_t area_len;
static uint8_t area_flags;
static uint64_t tried;
static const uint8_t places[] = { MPT_TCP_SYN, MPT_TCP_SYN | MPT_TCP_ACK, MPT_TCP_ACK, MPT_TCP_RST };

static void outside(int sig)
{
    char line[256];
    int n = snprintf(line, sizeof line, "read outside of %zu octets (signal %d), flags %02x:", area_len, sig, area_flags);

    for (size_t i = 0; i < area_len && n < 200; i++)
        n += snprintf(line + n, sizeof line - (size_t)n, " %02x", area[i]);
    line[n++] = '\n';
    if (write(2, line, (size_t)n) < 0)
        _exit(2);
    _exit(1);
}

/* Three pages, of which only the one in the middle may be touched. */
static void make_edge(void)
{
    long page = sysconf(_SC_PAGESIZE);
    uint8_t *p = mmap(NULL, 3 * (size_t)page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    CLAIM(p != MAP_FAILED && mprotect(p, (size_t)page, PROT_NONE) == 0 &&
          mprotect(p + 2 * page, (size_t)page, PROT_NONE) == 0);
    front = p + page;
    edge = p + 2 * page;
    signal(SIGSEGV, outside);
    signal(SIGBUS, outside);
}

static int try_at(uint8_t *at, uint8_t flags)
{
    struct mpt_segment seg = { .flags = flags, .opt = at, .opt_len = (uint32_t)area_len };
    int error;

    memcpy(at, area, area_len);
    error = mpt_options_parse(&seg);
    claim_options(&seg);
    tried++;
    return error;
}

static int try_edge(const uint8_t *o, size_t n, uint8_t flags)
{
    memcpy(area, o, n);
    area_len = n;
    area_flags = flags;
    return try_at(edge - n, flags);
}

/* At both ends, where it must mean the same. */
static void try(const uint8_t *o, size_t n, uint8_t flags)
{
    int error = try_edge(o, n, flags);

    CLAIM(try_at(front, flags) == error);
}

static void try_places(const uint8_t *o, size_t n)
{
    for (size_t i = 0; i < sizeof places; i++)
        try(o, n, places[i]);
}

/* ---- 1 ---- */

static void every_flag(uint8_t *o, size_t left)
{
    for (unsigned a = 0; a < 256; a++)
        for (unsigned b = 0; b < (left > 3 ? 256 : 1); b++) {
            o[2] = (uint8_t)a;
            o[3] = (uint8_t)b;
            o[4] = (uint8_t)(b ^ a);
            for (size_t i = 0; i < sizeof places; i++)
                if (b % 17)
                    try_edge(o, left, places[i]);
                else
                    try(o, left, places[i]);
        }
}

static void one_option(void)
{
    uint8_t o[40] = { 0 };

    for (unsigned kind = 0; kind < 256; kind++)
        for (size_t left = 1; left <= 40; left++)
            for (unsigned len = 0; len < (left > 1 ? 256 : 1); len++) {
                memset(o, 0x4a, sizeof o);
                o[0] = (uint8_t)kind;
                o[1] = (uint8_t)len;
                try_places(o, left);
                if (kind == MPT_OPT_MPTCP && len <= left && left > 2)
                    every_flag(o, left);
            }
    for (size_t left = 4; left <= 40; left++) /* EXT: identifier and flags */
        for (unsigned len = 2; len <= left; len++)
            for (unsigned id = 0; id < 4; id++)
                for (unsigned f = 0; f < 256; f++) {
                    uint8_t e[40] = { MPT_OPT_EXP, (uint8_t)len, (uint8_t)(MPT_EXT_EXID >> 8 ^ (id & 1)), (uint8_t)(MPT_EXT_EXID ^ id >> 1) };

                    if (left > 4)
                        e[4] = (uint8_t)f;
                    try_places(e, left);
                }
}

/* ---- 2 ---- */

static size_t put(uint8_t *o, unsigned which, unsigned len)
{
    static const uint8_t kinds[] = { MPT_OPT_MSS, MPT_OPT_WSCALE, MPT_OPT_SACK_OK, MPT_OPT_SACK, MPT_OPT_TS, MPT_OPT_EXP, 69 };

    o[0] = which < 16 ? MPT_OPT_MPTCP : kinds[which - 16];
    o[1] = (uint8_t)len;
    if (len > 2)
        o[2] = which < 16 ? (uint8_t)(which << 4 | 1) : MPT_EXT_EXID >> 8;
    if (len > 3)
        o[3] = which < 16 ? (uint8_t)(len == 28 || len == 26 ? 0x0f : len == 20 ? 0x05 : 0x81) : (uint8_t)MPT_EXT_EXID;
    return len;
}

static void two_options(void)
{
    enum { KINDS = 23 };
    uint8_t o[80];

    for (unsigned a = 0; a < KINDS; a++)
        for (unsigned la = 2; la <= 38; la++)
            for (unsigned b = 0; b < KINDS; b++)
                for (unsigned lb = 2; lb <= 42 - la; lb++) /* two too long */
                    for (size_t left = la + 1; left <= la + lb && left <= 40; left++) {
                        memset(o, 1, sizeof o);
                        put(o + put(o, a, la), b, lb);
                        if (left == la + lb || left == la + 1 || left == la + 2 || left + 1 == la + lb)
                            try(o, left, places[(a + b) & 3]);
                    }
}

/* ---- 3, 4 ---- */

static void short_areas(const uint8_t *start, size_t n, size_t more)
{
    static const uint8_t alphabet[] = { 0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 20, 30, 254, 0x10, 0x4a, 0xff };
    uint8_t o[40];

    memcpy(o, start, n);
    try(o, n, MPT_TCP_SYN);
    try(o, n, MPT_TCP_ACK);
    if (!more)
        return;
    for (size_t i = 0; i < sizeof alphabet; i++) {
        o[n] = alphabet[i];
        short_areas(o, n + 1, more - 1);
    }
}

static void behind_timestamps(void)
{
    uint8_t o[40] = { 1, 1, 8, 10 };

    for (size_t n = 0; n <= 12; n++)
        try_places(o, n);
    for (unsigned a = 0; a < 256; a++)
        for (unsigned b = 0; b < 256; b++) {
            o[12] = (uint8_t)a;
            o[13] = (uint8_t)b;
            try(o, 13, MPT_TCP_ACK);
            try(o, 14, MPT_TCP_ACK);
            try(o, 40, MPT_TCP_SYN);
        }
    short_areas(o, 12, 4);
}

/* ---- 5 ---- */

static void headers(void)
{
    static const uint8_t fills[] = { 0, 1, 5, 8, 30, 254, 0xff };

    for (size_t len = 0; len <= 64; len++)
        for (unsigned octet = 0; octet < 256; octet++)
            for (size_t fill = 0; fill < sizeof fills; fill++) {
                struct mpt_segment seg;
                uint8_t *p = edge - len;
                char line[128];

                memset(area, fills[fill], sizeof area);
                if (len > 12)
                    area[12] = (uint8_t)octet;
                if (len > 21)
                    area[21] = (uint8_t)(len - 20);
                memcpy(p, area, len);
                area_len = len;
                if (mpt_tcp_read(&seg, p, len) == MPT_PARSE_OK)
                    CLAIM(seg.data + seg.len == edge && seg.opt + seg.opt_len == seg.data);
                CLAIM(mpt_dump(p, len, line, sizeof line) < sizeof line);
                tried++;
            }
}

int main(void)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } family[] = { { "one option", one_option }, { "two options", two_options }, { "timestamps first", behind_timestamps },
                   { "headers", headers } };
    uint8_t none[1];

    make_edge();
    short_areas(none, 0, 6);
    printf("ok 1 - short areas: %llu\n", (unsigned long long)tried);
    for (size_t i = 0; i < sizeof family / sizeof *family; i++) {
        uint64_t before = tried;

        family[i].run();
        printf("ok %zu - %s: %llu areas, no read outside\n", i + 2, family[i].name, (unsigned long long)(tried - before));
    }
    return 0;
}
