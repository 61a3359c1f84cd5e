/* SPDX-License-Identifier: MIT */
/* fuzz_reassembly.c - the two stores of octets against plain arrays: base/rob.c (octets that arrive anywhere, read in
 * order) and base/stream.c (octets that are written in order and go when they are acknowledged and nobody pins them).
 * The first octet of the input chooses which, and where offsets begin. */
#include "base/rob.h"
#include "base/stream.h"
#include "fuzz.h"

enum { SPACE = 65536, PINS = 32, STEPS = 256 };

/* Octet x of version v: different copies of one octet differ, so it shows which was kept. */
static uint8_t octet(uint64_t x, unsigned v)
{
    return (uint8_t)(x * 7 + (x >> 8) * 31 + v * 101);
}

static void fill(uint8_t *out, uint64_t x, size_t n, unsigned v)
{
    for (size_t i = 0; i < n; i++)
        out[i] = octet(x + i, v);
}

/* ---- reassembly ---- */

/* What a reader must find: version + 1 of each octet, 0 = not there. */
struct rob_model {
    uint8_t have[SPACE];
    uint32_t head, tail;
};

/* all: that there is nothing else, too; a walk over the whole array, so not after each step. */
static void claim_rob(const struct mpt_rob *rob, const struct rob_model *m, uint64_t origin, int all)
{
    uint32_t x = m->tail, i = 0;

    CLAIM(rob->head == origin + m->head && rob->tail == origin + m->tail);
    while (i < rob->ofo.count) { /* the ranges are just what the array has beyond tail */
        while (x < SPACE && !m->have[x])
            x++;
        CLAIM(rob->ofo.at[i].from == origin + x);
        while (x < SPACE && m->have[x])
            x++;
        CLAIM(rob->ofo.at[i].to == origin + x);
        i++;
    }
    while (all && x < SPACE)
        CLAIM(!m->have[x++]);
}

static void rob_put(struct mpt_rob *rob, struct rob_model *m, struct mpt_mem *mem, uint64_t origin, uint32_t x,
                    uint32_t n, unsigned v)
{
    static uint8_t buffer[SPACE];
    int64_t said, fresh = 0;

    n = n < SPACE - 1 - x ? n : SPACE - 1 - x;
    fill(buffer, x, n, v);
    said = mpt_rob_put(rob, mem, origin + x, buffer, n);
    if (said == MPT_ENOMEM)
        return;
    for (uint32_t i = x; i < x + n; i++) {
        if (i < m->tail || m->have[i])
            continue;
        m->have[i] = (uint8_t)(v + 1);
        fresh++;
    }
    while (m->have[m->tail])
        m->tail++;
    CLAIM(said == fresh);
}

static void rob_read(const struct mpt_rob *rob, struct rob_model *m, struct mpt_mem *mem, struct mpt_rob *change,
                     uint64_t origin, uint32_t n)
{
    while (n && m->head < m->tail) {
        const uint8_t *p;
        size_t len = mpt_rob_peek(rob, &p);

        CLAIM(len > 0 && len <= m->tail - m->head);
        len = len < n ? len : n;
        for (size_t i = 0; i < len; i++)
            CLAIM(p[i] == octet(m->head + i, m->have[m->head + i] - 1u));
        mpt_rob_drop(change, mem, len);
        m->head += (uint32_t)len;
        n -= (uint32_t)len;
    }
    (void)origin;
}

static void peek_at(const struct mpt_rob *rob, const struct rob_model *m, uint64_t origin, uint32_t pick)
{
    const uint8_t *p;
    uint32_t x;
    size_t len;

    if (m->head == m->tail)
        return;
    x = m->head + pick % (m->tail - m->head);
    len = mpt_rob_peek_at(rob, origin + x, &p);
    CLAIM(len > 0 && len <= m->tail - x);
    for (size_t i = 0; i < len; i++)
        CLAIM(p[i] == octet(x + i, m->have[x + i] - 1u));
}

static void skip(struct mpt_rob *rob, struct rob_model *m, struct mpt_mem *mem, uint64_t origin, uint32_t n)
{
    uint32_t to = m->tail + n < SPACE - 1 ? m->tail + n : SPACE - 1;

    if (m->head != m->tail)
        return;
    mpt_rob_skip(rob, mem, origin + to);
    memset(m->have + m->tail, 1, to - m->tail);
    m->head = m->tail = to;
    while (m->have[m->tail]) /* a range that touched is swallowed: there to be read */
        m->tail++;
}

static void fuzz_rob(struct fuzz_input *in, uint64_t origin)
{
    static struct rob_model model;
    struct fuzz_memory memory;
    struct mpt_mem mem;
    struct mpt_rob rob;

    memset(&model, 0, sizeof model);
    fuzz_mem(&mem, &memory);
    mpt_rob_init(&rob, origin);
    for (unsigned steps = 0; in->left && steps < STEPS; steps++) {
        unsigned what = fuzz_u8(in) & 7;
        uint32_t x = fuzz_u16(in), n = fuzz_u16(in);

        if (what < 3) /* around tail, where segments arrive */
            rob_put(&rob, &model, &mem, origin, model.tail + (x & 8191) < SPACE ? model.tail + (x & 8191) : x, n & 2047,
                    steps % 200);
        else if (what == 3)
            rob_put(&rob, &model, &mem, origin, x, n, steps % 200);
        else if (what == 4)
            rob_read(&rob, &model, &mem, &rob, origin, n);
        else if (what == 5)
            peek_at(&rob, &model, origin, x);
        else if (what == 6)
            skip(&rob, &model, &mem, origin, n & 4095);
        else
            memory.fail_in = x & 3;
        claim_rob(&rob, &model, origin, steps % 16 == 0);
    }
    claim_rob(&rob, &model, origin, 1);
    mpt_rob_clear(&rob, &mem);
    fuzz_mem_end(&mem, &memory);
}

/* ---- the send stream ---- */

struct pin {
    uint32_t x, n;
};

static void copy_pin(const struct mpt_stream *s, const struct pin *p)
{
    static uint8_t buffer[SPACE];

    mpt_stream_copy(s, p->x, buffer, p->n);
    for (uint32_t i = 0; i < p->n; i++)
        CLAIM(buffer[i] == octet(p->x + i, 0));
}

/* Chunks that must still be held: not acknowledged, or pinned. More than the last partial one is waste. */
static void claim_held(const struct mpt_stream *s, const struct pin *pin, unsigned pins)
{
    for (uint64_t i = 0; i * MPT_CHUNK < s->end; i++) {
        uint64_t from = i * MPT_CHUNK, to = from + MPT_CHUNK < s->end ? from + MPT_CHUNK : s->end;
        int held = i >= s->base / MPT_CHUNK && s->chunks.room && *mpt_chunks_slot(&s->chunks, i) != NULL, needed = s->acked < to;

        for (unsigned k = 0; k < pins; k++)
            needed |= pin[k].x < to && from < pin[k].x + pin[k].n;
        CLAIM(!needed || held);
        CLAIM(needed || !held);
    }
}

static void unpin(struct mpt_stream *s, struct mpt_mem *mem, struct pin *pin, unsigned *pins, uint32_t which)
{
    struct pin *p = &pin[which % *pins];

    copy_pin(s, p);
    mpt_stream_unpin(s, mem, p->x, p->n);
    *p = pin[--*pins];
}

static void stream_step(struct mpt_stream *s, struct mpt_mem *mem, struct pin *pin, unsigned *pins, unsigned what,
                        uint32_t x, uint32_t n)
{
    static uint8_t buffer[SPACE];
    struct pin p;
    int64_t r;

    if (what < 3 && s->end + n < SPACE) {
        fill(buffer, s->end, n, 0);
        r = mpt_stream_write(s, mem, buffer, n);
        CLAIM(r == MPT_ENOMEM || (r >= 0 && r <= n));
    } else if (what == 3 && *pins < PINS && s->end > s->acked) { /* mappings are of what is not acknowledged */
        p.x = (uint32_t)(s->acked + x % (s->end - s->acked));
        p.n = (uint32_t)(1 + n % (s->end - p.x));
        mpt_stream_pin(s, p.x, p.n);
        pin[(*pins)++] = p;
    } else if (what == 4 && *pins) {
        unpin(s, mem, pin, pins, x);
    } else if (what == 5) {
        mpt_stream_ack(s, mem, s->acked + (s->end > s->acked ? x % (s->end - s->acked + 1) : 0));
    } else if (what == 6 && *pins) {
        copy_pin(s, &pin[x % *pins]);
    }
}

static void fuzz_stream(struct fuzz_input *in)
{
    struct pin pin[PINS];
    struct fuzz_memory memory;
    struct mpt_stream s;
    struct mpt_mem mem;
    unsigned pins = 0;

    fuzz_mem(&mem, &memory);
    mpt_stream_init(&s);
    for (unsigned steps = 0; in->left && steps < STEPS; steps++) {
        unsigned what = fuzz_u8(in) & 7;
        uint32_t x = fuzz_u16(in), n = fuzz_u16(in);

        if (what == 7)
            memory.fail_in = x & 3;
        stream_step(&s, &mem, pin, &pins, what, x, what < 3 ? n & 8191 : n);
        claim_held(&s, pin, pins);
    }
    while (pins)
        unpin(&s, &mem, pin, &pins, 0);
    mpt_stream_clear(&s, &mem);
    fuzz_mem_end(&mem, &memory);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint64_t origins[] = { 0, 1, UINT32_MAX - 5000, UINT64_C(1) << 62 };
    struct fuzz_input in = { data, size };
    unsigned first = fuzz_u8(&in);

    if (first & 1)
        fuzz_stream(&in);
    else
        fuzz_rob(&in, origins[first >> 1 & 3]);
    return 0;
}
