/* SPDX-License-Identifier: MIT */
/* test/unit/test_flow_fuzz.c - forged segments of all kinds thrown at two flows in the middle of a lossy
 * transfer: whatever happens to it, the books of the sender stay right and nothing is read or written
 * out of bounds (run with SAN=1). */
#include "flow_pair.h"

/* Every segment is flying, SACKed or lost; sums and the order by time agree (flow/README.md). */
static void check_books(const struct mpt_flow *f)
{
    const struct mpt_seg_ring *r = &f->ring;
    uint64_t in_flight = 0, end = f->snd_una, sent_at = 0;
    uint32_t flying = 0, lost = 0, sacked = 0, at = r->flying_first;

    for (uint32_t i = r->head; i != r->head + r->count; i++) {
        const struct mpt_seg *s = mpt_ring_at(r, i);

        assert_true(i == r->head ? s->seq <= f->snd_una : s->seq == end);
        end = mpt_seg_end(s);
        assert_false((s->flags & MPT_SEG_LOST) && (s->flags & MPT_SEG_SACKED));
        lost += (s->flags & MPT_SEG_LOST) != 0;
        sacked += (s->flags & MPT_SEG_SACKED) != 0;
        if (!(s->flags & (MPT_SEG_LOST | MPT_SEG_SACKED))) {
            flying++;
            in_flight += s->len;
        }
    }
    assert_true(r->count == 0 || end == f->snd_nxt);
    assert_int_equal(lost, f->lost_count);
    assert_int_equal(sacked, f->sacked_count);
    assert_int_equal(flying, r->flying_count);
    assert_int_equal(in_flight, f->in_flight);
    for (uint32_t i = 0; i < flying; i++) {
        const struct mpt_seg *s = mpt_ring_at(r, at);

        assert_true(s->sent_at >= sent_at);
        sent_at = s->sent_at;
        at = s->next;
    }
}

static uint32_t near_to(struct pair *p, uint64_t x)
{
    static const int64_t spread[] = { 0, 1, -1, 100, -100, 3000, -3000, 70000, -70000, 1 << 30 };

    return (uint32_t)(x + (uint64_t)spread[pair_random(p) % 10]);
}

/* Numbers near the true ones, flags mostly those of data, options at random. */
static void throw_one(struct pair *p, int to)
{
    struct end *e = &p->end[to];
    const struct mpt_flow *f = &e->flow;
    static const uint8_t flags[] = { 0x10, 0x10, 0x10, 0x10, 0x18, 0x11, 0x04, 0x14, 0x02, 0x12, 0x00, 0x3f };
    struct mpt_packet packet = { .local = f->remote, .remote = f->local };
    struct frame fr;
    struct mpt_tcp_out out = { 0 };
    uint32_t block[3][2];
    uint8_t *options = fr.data + 20, *o = options;

    packet.data = fr.data;
    packet.cap = sizeof fr.data;
    out.seq = f->irs + near_to(p, f->rcv_nxt);
    out.ack = f->iss + near_to(p, pair_random(p) % 2 ? f->snd_una : f->snd_nxt);
    out.flags = flags[pair_random(p) % (pair_random(p) % 8 ? 5 : 12)];
    out.window = (uint16_t)pair_random(p);
    if (pair_random(p) % 4)
        o = mpt_options_ts(o, f->ts_recent + (uint32_t)(pair_random(p) % 3) - 1, mpt_emit_clock(f, p->now));
    for (uint32_t i = 0; i < 3; i++)
        for (uint32_t k = 0; k < 2; k++)
            block[i][k] = f->iss + near_to(p, (f->snd_una + f->snd_nxt) / 2 + 1448 * (pair_random(p) % 8));
    if (pair_random(p) % 2)
        o = mpt_options_sack(o, (const uint32_t(*)[2])block, 1 + (uint32_t)(pair_random(p) % 3));
    out.opt_len = (uint32_t)(mpt_options_pad(options, o) - options);
    out.len = pair_random(p) % 2 ? (uint32_t)(pair_random(p) % 1400) : 0;
    memset(options + out.opt_len, 0, out.len);
    mpt_tcp_build(&packet, &out);
    fr.len = packet.len;
    arrive(p, to, &fr);
}

static void one_story(uint64_t seed)
{
    struct pair *p = pair_new(10 * MS);

    p->random ^= seed * 0x9e3779b97f4a7c15u;
    p->rate = 12500000;
    p->queue = 30 * MS;
    p->loss = 30;
    p->reorder = 30;
    p->reorder_by = 3 * MS;
    p->config.tcp_sack = seed % 4 != 0;
    p->config.tcp_timestamps = seed % 3 != 0;
    p->end[0].blind = p->end[1].blind = 1;
    p->end[0].to_send = p->end[1].to_send = 1 << 20;
    p->end[0].close_when_sent = seed % 2;
    pair_connect(p);
    for (int i = 0; i < 400 && mpt_flow_is_open(&p->end[0].flow); i++) {
        pair_run(p, p->now + pair_random(p) % (5 * MS));
        throw_one(p, (int)(pair_random(p) % 2));
        check_books(&p->end[0].flow);
        check_books(&p->end[1].flow);
    }
    pair_free(p);
}

static void test_forged_segments(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 150; seed++)
        one_story(seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forged_segments),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
