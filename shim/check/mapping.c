/* SPDX-License-Identifier: MIT */
/* check/mapping.c - what each subflow offset means in the data sequence space (RFC 8684 3.3.1): a mapping never
 * changes, and its checksum is that of the octets that came. Called by dss.c and conn.c.
 *
 * Memory: neighbours that mean the same are one entry; at most MAPS_MOST entries and WAITS_MOST open checksums. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "check/state.h"
#include "run/pool.h"
#include "wire/tcp.h"

enum { MAPS_MOST = 65536, WAITS_MOST = 4096, BARES_MOST = 4096 };

void mapping_clear(struct maps *m)
{
    free(m->map);
    free(m->wait);
    free(m->bare);
    memset(m, 0, sizeof *m);
}

/* The first entry that ends behind `at`; nearly always one of the last. */
static size_t find(const struct maps *m, uint64_t at)
{
    size_t low = 0, high = m->maps;

    while (low < high) {
        size_t mid = (low + high) / 2;

        if (m->map[mid].to <= at)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

int mapping_covers(const struct maps *m, uint64_t ssn)
{
    size_t i = find(m, ssn);

    return i < m->maps && m->map[i].from <= ssn;
}

/* Makes room for one at i; the oldest half is forgotten when there are too many. */
static size_t open_place(struct maps *m, size_t i)
{
    if (m->maps == MAPS_MOST && i >= MAPS_MOST / 2) {
        memmove(m->map, m->map + MAPS_MOST / 2, MAPS_MOST / 2 * sizeof *m->map);
        m->maps -= MAPS_MOST / 2;
        i -= MAPS_MOST / 2;
    }
    if (m->maps == m->maps_room) {
        m->maps_room = m->maps_room ? 2 * m->maps_room : 8;
        m->map = pool_grow(m->map, m->maps_room * sizeof *m->map);
    }
    memmove(m->map + i + 1, m->map + i, (m->maps - i) * sizeof *m->map);
    m->maps++;
    return i;
}

/* [from, to) has no entry: joined to its neighbours where they mean the same. */
static void insert(struct maps *m, size_t i, uint64_t from, uint64_t to, uint64_t delta)
{
    int left = i > 0 && m->map[i - 1].to == from && m->map[i - 1].delta == delta;
    int right = i < m->maps && m->map[i].from == to && m->map[i].delta == delta;

    if (left && right) {
        m->map[i - 1].to = m->map[i].to;
        memmove(m->map + i, m->map + i + 1, (m->maps - i - 1) * sizeof *m->map);
        m->maps--;
    } else if (left) {
        m->map[i - 1].to = to;
    } else if (right) {
        m->map[i].from = from;
    } else {
        i = open_place(m, i);
        m->map[i].from = from;
        m->map[i].to = to;
        m->map[i].delta = delta;
    }
}

/* Octets that came before their mapping find it now. */
static void settle(struct check *c, struct flow *f, int d, uint64_t from, uint64_t to)
{
    struct maps *m = &f->half[d].maps;

    for (size_t i = 0; i < m->bares; i++) {
        struct unmapped u = m->bare[i];

        if (u.to <= from || u.from >= to)
            continue;
        memmove(m->bare + i, m->bare + i + 1, (m->bares - i - 1) * sizeof u);
        m->bares--;
        i--;
        mapping_data(c, f, d, u.from, u.to - u.from);
        if (m->bares > 0 && m->bare[m->bares - 1].from >= u.from && m->bare[m->bares - 1].to <= u.to)
            m->bare[m->bares - 1].at = u.at; /* what is left of it came there */
    }
}

int mapping_add(struct check *c, struct flow *f, int d, uint64_t ssn, uint64_t len, uint64_t dsn)
{
    struct maps *m = &f->half[d].maps;
    uint64_t to = ssn + len, delta = dsn - ssn, at = ssn;
    size_t i = find(m, ssn);

    report_count(c);
    for (size_t j = i; j < m->maps && m->map[j].from < to; j++)
        if (m->map[j].delta != delta && !(m->map[j].to == MAP_FOREVER && len < MAP_FOREVER / 2)) {
            uint64_t x = m->map[j].from > ssn ? m->map[j].from : ssn;

            report_at(c, c->now->at, CLAUSE_MAP_CHANGED, "offset %" PRIu64 " was data offset %" PRIu64 ", now %" PRIu64,
                      x, x + m->map[j].delta, x + delta);
            report_taint(c);
            return -1;
        }
    while (at < to) {
        uint64_t end;

        i = find(m, at);
        if (i < m->maps && m->map[i].from <= at) {
            at = m->map[i].to;
            continue;
        }
        end = i < m->maps && m->map[i].from < to ? m->map[i].from : to;
        insert(m, i, at, end, delta);
        at = end;
    }
    if (m->bares > 0)
        settle(c, f, d, ssn, to);
    return 0;
}

/* ---- checksums ------------------------------------------------------------------------------------- */

/* The sender may repeat one long mapping on every segment (Linux does): once is enough. */
void mapping_wait(struct flow *f, int d, const struct waiting *w)
{
    struct maps *m = &f->half[d].maps;

    for (size_t i = m->waits; i-- > 0;)
        if (m->wait[i].ssn == w->ssn && m->wait[i].dll == w->dll && m->wait[i].checksum == w->checksum &&
            m->wait[i].dsn64 == w->dsn64)
            return;
    if (m->waits == m->waits_room) {
        m->waits_room = m->waits_room ? 2 * m->waits_room : 4;
        m->wait = pool_grow(m->wait, m->waits_room * sizeof *m->wait);
    }
    m->wait[m->waits++] = *w;
}

/* RFC 8684 3.3.1, figure 10: DSN with 64 bits whatever the option had, SSN, data-level length, zeros, octets. */
static int sum_is_right(const struct half *h, const struct waiting *w)
{
    uint8_t octet[65536], head[16] = {0};
    uint64_t sum;

    for (uint32_t at = 0; at < w->len;) {
        const uint8_t *p;
        size_t n = octets_peek(&h->octets, w->ssn + at, w->len - at, &p);

        memcpy(octet + at, p, n);
        at += (uint32_t)n;
    }
    for (int i = 0; i < 8; i++)
        head[i] = (uint8_t)(w->dsn64 >> (56 - 8 * i));
    for (int i = 0; i < 4; i++)
        head[8 + i] = (uint8_t)((w->len > 0 ? w->wire : 0) >> (24 - 8 * i));
    head[12] = (uint8_t)(w->dll >> 8);
    head[13] = (uint8_t)w->dll;
    sum = mpt_checksum_add(mpt_checksum_add(0, head, 14), octet, w->len);
    return mpt_checksum_fold(sum + w->checksum) == 0xffff;
}

/* Given up: octets were not captured, or have left the store. */
static int is_hopeless(const struct half *h, const struct waiting *w)
{
    return h->octets.low > w->ssn || (span_gap(&h->seen, w->ssn) >= w->ssn + w->len &&
                                      !octets_have(&h->octets, w->ssn, w->ssn + w->len));
}

void mapping_verify(struct check *c, struct flow *f, int d)
{
    struct half *h = &f->half[d];
    struct maps *m = &h->maps;
    size_t kept = 0;

    for (size_t i = 0; i < m->waits; i++) {
        struct waiting *w = &m->wait[i];

        if (w->len == 0 || (octets_have(&h->octets, w->ssn, w->ssn + w->len) && h->octets.ring != NULL)) {
            report_count(c);
            if (!sum_is_right(h, w)) {
                report_at(c, w->at, CLAUSE_DSS_CHECKSUM, "0x%04x of SSN %" PRIu64 ", data-level length %" PRIu32,
                          w->checksum, w->ssn, w->dll);
                f->conn->tainted = 1; /* which of its octets are wrong is not known */
            }
        } else if (is_hopeless(h, w) || m->waits - i > WAITS_MOST) {
            report_unchecked(c, UNCHECKED_SUM, 1);
        } else {
            m->wait[kept++] = *w;
        }
    }
    m->waits = kept;
}

/* ---- octets ---------------------------------------------------------------------------------------- */

static void leave_bare(struct check *c, struct maps *m, uint64_t from, uint64_t to)
{
    for (size_t i = 0; i < m->bares; i++)
        if (m->bare[i].from <= from && m->bare[i].to >= to)
            return; /* the same segment again */
    if (m->bares == BARES_MOST)
        return;
    if (m->bares == m->bares_room) {
        m->bares_room = m->bares_room ? 2 * m->bares_room : 4;
        m->bare = pool_grow(m->bare, m->bares_room * sizeof *m->bare);
    }
    m->bare[m->bares].from = from;
    m->bare[m->bares].to = to;
    m->bare[m->bares++].at = c->now->at;
}

void mapping_data(struct check *c, struct flow *f, int d, uint64_t off, uint64_t len)
{
    struct maps *m = &f->half[d].maps;
    uint64_t to = off + len;

    while (off < to) {
        size_t i = find(m, off);
        int mapped = i < m->maps && m->map[i].from <= off;
        uint64_t end = mapped ? m->map[i].to : i < m->maps ? m->map[i].from : to;

        end = end < to ? end : to;
        if (mapped)
            dss_data(c, f, d, off, end - off, off + m->map[i].delta);
        else
            leave_bare(c, m, off, end);
        off = end;
    }
}
