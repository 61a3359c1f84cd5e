/* SPDX-License-Identifier: MIT */
/* test_stream.c - the send stream against a flat array with a pin count per chunk: what is
 * unacknowledged or pinned can be copied, and exactly those chunks are held. */
#include "base/stream.h"
#include "draw.h"

enum { PINS = 24 };

/* A mapping of the model. */
struct pin {
    uint64_t x;
    size_t n;
};

/* Octet of the stream at offset x: no copy is needed to know it. */
static uint8_t octet_at(uint64_t x)
{
    return (uint8_t)(x * 0x9e3779b97f4a7c15u >> 56);
}

static void assert_copy(const struct mpt_stream *s, uint64_t x, size_t n)
{
    uint8_t out[3 * MPT_CHUNK];

    mpt_stream_copy(s, x, out, n);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(out[i], octet_at(x + i));
}

static void assert_chunks(const struct mpt_stream *s, const struct pin *pin)
{
    uint64_t held = 0, want = 0;

    for (uint32_t i = 0; i < s->chunks.room; i++)
        held += s->chunks.at[i] != NULL;
    for (uint64_t c = 0; c * MPT_CHUNK < s->end; c++) {
        uint64_t from = c * MPT_CHUNK, to = from + MPT_CHUNK < s->end ? from + MPT_CHUNK : s->end;
        int need = s->acked < to;

        for (int i = 0; i < PINS; i++)
            need |= pin[i].n && pin[i].x < from + MPT_CHUNK && pin[i].x + pin[i].n > from;
        want += (uint64_t)need;
    }
    assert_int_equal(held, want);
}

static void write_some(struct mpt_stream *s, struct mpt_mem *mem, struct draw *d, struct tight *t,
                       int failures)
{
    uint8_t data[3 * MPT_CHUNK];
    size_t n = (size_t)draw_below(d, sizeof data);
    uint64_t end = s->end;
    int64_t got;

    for (size_t i = 0; i < n; i++)
        data[i] = octet_at(end + i);
    t->left = failures ? (int64_t)draw_below(d, 4) : -1;
    got = mpt_stream_write(s, mem, data, n);
    t->left = -1;
    assert_true(failures || got == (int64_t)n);
    assert_int_equal(s->end, got < 0 ? end : end + (uint64_t)got);
    assert_true(got <= (int64_t)n && (got >= 0 || got == MPT_ENOMEM));
}

/* Maps something that is not yet acknowledged, or ends the mapping that is in the way. */
static void pin_or_unpin(struct mpt_stream *s, struct mpt_mem *mem, struct draw *d, struct pin *pin)
{
    struct pin *p = &pin[draw_below(d, PINS)];

    if (p->n) {
        assert_copy(s, p->x, p->n);
        mpt_stream_unpin(s, mem, p->x, p->n);
        p->n = 0;
    } else if (s->acked < s->end) {
        p->x = s->acked + draw_below(d, s->end - s->acked);
        p->n = (size_t)draw_below(d, s->end - p->x < 9000 ? s->end - p->x : 9000) + 1;
        mpt_stream_pin(s, p->x, p->n);
    }
}

static void run_history(struct draw *d, int failures)
{
    struct tight t;
    struct mpt_mem mem;
    struct mpt_stream s;
    struct pin pin[PINS] = {{0, 0}};

    tight_mem(&mem, &t);
    mpt_stream_init(&s);
    for (int step = 0; step < 300; step++) {
        switch (draw_below(d, 4)) {
        case 0:
            write_some(&s, &mem, d, &t, failures && draw_below(d, 2));
            break;
        case 1:
            mpt_stream_ack(&s, &mem, s.acked + draw_below(d, s.end - s.acked + 1));
            break;
        case 2:
            if (draw_below(d, 4) == 0)
                mpt_stream_ack(&s, &mem, s.end);
            break;
        default:
            pin_or_unpin(&s, &mem, d, pin);
        }
        if (s.acked < s.end)
            assert_copy(&s, s.acked, s.end - s.acked < 6000 ? (size_t)(s.end - s.acked) : 6000);
        assert_int_equal(s.base % MPT_CHUNK, 0);
        assert_chunks(&s, pin);
    }
    mpt_stream_clear(&s, &mem);
    tight_end(&mem, &t);
}

static void random_histories(void **state)
{
    struct draw d = {3};

    (void)state;
    for (int round = 0; round < 60; round++)
        run_history(&d, round % 2);
}

/* RFC 8684 3.3.1: a mapping never changes, so its octets outlive their data-level
 * acknowledgement. */
static void owed_octets_stay_while_the_stream_moves_on(void **state)
{
    struct tight t;
    struct mpt_mem mem;
    struct mpt_stream s;
    uint8_t data[1000];

    (void)state;
    tight_mem(&mem, &t);
    mpt_stream_init(&s);
    for (int i = 0; i < 1000; i++) {
        for (size_t k = 0; k < sizeof data; k++)
            data[k] = octet_at(s.end + k);
        assert_int_equal(mpt_stream_write(&s, &mem, data, sizeof data), sizeof data);
        if (i == 0)
            mpt_stream_pin(&s, 500, 100);
        mpt_stream_ack(&s, &mem, s.end);
    }
    assert_copy(&s, 500, 100);
    assert_int_equal(mem.bytes,
                     sizeof(struct mpt_chunk) * (1 + mem.spares) + s.chunks.room * sizeof *s.chunks.at);
    mpt_stream_unpin(&s, &mem, 500, 100);
    assert_int_equal(s.base, s.end / MPT_CHUNK * MPT_CHUNK);
    mpt_stream_clear(&s, &mem);
    tight_end(&mem, &t);
}

static void steady_transfer_allocates_nothing(void **state)
{
    struct tight t;
    struct mpt_mem mem;
    struct mpt_stream s;
    uint8_t data[5000] = {0};
    uint64_t calls = 0;

    (void)state;
    tight_mem(&mem, &t);
    mpt_stream_init(&s);
    for (int i = 0; i < 2000; i++) {
        if (i == 40)
            calls = mem.calls;
        mpt_stream_write(&s, &mem, data, sizeof data);
        if (s.end > 100000)
            mpt_stream_ack(&s, &mem, s.end - 100000);
    }
    assert_int_equal(mem.calls, calls);
    mpt_stream_ack(&s, &mem, s.end);
    for (uint32_t i = 0; i < s.chunks.room; i++)
        assert_null(s.chunks.at[i]); /* an idle connection holds no data */
    mpt_stream_clear(&s, &mem);
    tight_end(&mem, &t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_histories),
        cmocka_unit_test(owed_octets_stay_while_the_stream_moves_on),
        cmocka_unit_test(steady_transfer_allocates_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
