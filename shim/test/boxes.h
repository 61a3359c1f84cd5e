/* SPDX-License-Identifier: MIT */
/* boxes.h - numbered packets through a path, and when they must arrive. For test_box*.c. */
#ifndef TEST_BOXES_H
#define TEST_BOXES_H

#include "box/path.h"
#include "icmp.h"
#include "radio/radio.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MS UINT64_C(1000000)
enum { MBIT = 1000000 };

static inline struct path_config config(uint64_t rate, uint64_t delay)
{
    struct path_config c;

    memset(&c, 0, sizeof c);
    strcpy(c.name, "wifi");
    c.mtu = 1500;
    c.up.rate = c.down.rate = rate;
    c.up.delay = c.down.delay = delay;
    c.up.queue_bytes = c.down.queue_bytes = 1000000;
    return c;
}

static inline struct path *full(const struct path_config *c)
{
    struct path *p = path_new(c, 1, 1, PATH_FULL);

    assert_non_null(p);
    return p;
}

/* An IPv4 packet of len octets that carries a number, where corruption does not reach. */
static inline void push_number(struct path *p, enum path_dir dir, uint32_t number, size_t len,
                        uint64_t now)
{
    uint8_t ip[2048] = {0x45};

    memcpy(ip + 12, &number, 4);
    path_push(p, dir, ip, len, now);
}

/* The next arrival: its number, at exactly this time and not 1 ns earlier. */
static inline void expect(struct path *p, enum path_dir dir, uint32_t number, uint64_t at)
{
    uint32_t got = 0;
    size_t len;
    uint8_t *ip;

    assert_null(path_pull(p, dir, &len, at - 1));
    ip = path_pull(p, dir, &len, at);
    assert_non_null(ip);
    memcpy(&got, ip + 12, 4);
    assert_int_equal(got, number);
}

static inline void expect_empty(struct path *p)
{
    size_t len;

    assert_null(path_pull(p, PATH_UP, &len, UINT64_C(1) << 50));
    assert_null(path_pull(p, PATH_DOWN, &len, UINT64_C(1) << 50));
    assert_true(path_deadline(p) == MPT_NEVER);
    assert_int_equal(path_pool(p)->in_use, 0);
}

/* Takes everything, in order of arrival; returns how many, their numbers in out. */
static inline size_t drain(struct path *p, enum path_dir dir, uint32_t *out, size_t cap)
{
    size_t n = 0, len;
    uint64_t at;
    uint8_t *ip;

    while ((at = path_deadline(p)) != MPT_NEVER)
        while ((ip = path_pull(p, dir, &len, at))) {
            if (n < cap)
                memcpy(&out[n], ip + 12, 4);
            n++;
        }
    return n;
}

#endif
