/* SPDX-License-Identifier: MIT */
/* test/unit/test_attack.c - every attack of model/attack on made-up packets: what leaves it is a segment that the wire
 * parsers take, with right checksums and options of right length; and each does what its line says. */
#include "test/unit/draw.h"

#include "attack/attack.h"
#include "crypto/crypto.h"
#include "wire/tcp.h"

#include <stdio.h>

enum { KEY_A = 0x0a, KEY_B = 0x0b, PATH = 2 };

struct scene {
    struct mpt_attack *a;
    struct mpt_env env;
    struct draw draw;
    struct mpt_addr phone, server;
    uint32_t seq[2];              /* next of phone, server */
    uint32_t isn[2];
    uint64_t dsn[2];              /* next data octet */
    uint64_t now;
    int checksum;                 /* mappings have checksums */
    uint8_t buf[2048];
    struct mpt_attack_view v;     /* what came out last */
    enum mpt_attack_verdict verdict;
    struct mpt_segment s;         /* parsed from v */
    uint32_t sent;                /* packets that the attacker sent */
    struct mpt_segment last;      /* of these the last */
    uint8_t last_octets[2048];
};

static void entropy(void *ctx, void *out, size_t n)
{
    draw_octets(ctx, out, n);
}

static struct mpt_addr addr4(uint8_t net, uint8_t host, uint16_t port)
{
    struct mpt_addr a = { .family = 4, .port = port, .ip = { 10, net, 0, host } };

    return a;
}

static void derive(uint64_t key, uint32_t *token, uint64_t *idsn)
{
    uint8_t k[8], h[32];

    mpt_bytes_put64(k, key);
    mpt_crypto_sha256(h, k, 8);
    *token = mpt_bytes_get32(h);
    *idsn = mpt_bytes_get64(h + 24);
}

static void begin(struct scene *s, const char *name, uint32_t dirs)
{
    struct mpt_attack_config c = { .size = sizeof c, .plays = 1 };
    uint32_t token;

    memset(s, 0, sizeof *s);
    s->draw.state = 99;
    s->env = (struct mpt_env){ .size = sizeof s->env, .random = entropy, .random_ctx = &s->draw };
    s->phone = addr4(1, 1, 40000);
    s->server = addr4(100, 1, 5001);
    s->isn[0] = 0xfffff000;
    s->isn[1] = 7000;
    for (int i = 0; i < 2; i++) {
        s->seq[i] = s->isn[i];
        derive(i ? KEY_B : KEY_A, &token, &s->dsn[i]);
        s->dsn[i]++;
    }
    c.env = &s->env;
    c.play[0].row = mpt_attack_find(name);
    assert_non_null(c.play[0].row);
    c.play[0].paths = 1u << PATH;
    c.play[0].dirs = dirs;
    c.play[0].every = 1;
    c.host4 = addr4(1, 66, 0);
    c.host6.family = 6;
    c.host6.ip[0] = 0xfd;
    assert_int_equal(mpt_attack_new(&s->a, &c), 0);
    s->now = 1000;
}

/* The packet as a receiver sees it: checksum and options are looked at. */
static void take(struct mpt_segment *seg, const struct mpt_attack_view *v)
{
    struct mpt_packet p = { .local = v->dst, .remote = v->src, .data = v->tcp, .len = v->len, .cap = v->len };
    uint32_t fine = 1u << MP_EXPERIMENTAL;

    assert_int_equal(mpt_tcp_parse(seg, &p), MPT_PARSE_OK);
    assert_int_equal(seg->mp.malformed & ~fine, 0);
    assert_int_equal(seg->mp.repeated, 0);
    assert_int_equal(seg->opt_len % 4, 0);
}

static void drain(struct scene *s, uint64_t until)
{
    struct mpt_attack_view v;

    mpt_attack_tick(s->a, until);
    for (uint32_t dir = 0; dir < 2; dir++)
        while (mpt_attack_output(s->a, PATH, dir, &v, until)) {
            memcpy(s->last_octets, v.tcp, v.len);
            v.tcp = s->last_octets;
            take(&s->last, &v);
            s->sent++;
        }
}

/* One packet of one direction goes past the attacker. */
static void pass(struct scene *s, uint32_t dir, uint8_t flags, const uint8_t *opt, size_t n, uint32_t len)
{
    struct mpt_packet p = { .local = dir ? s->server : s->phone, .remote = dir ? s->phone : s->server,
                            .data = s->buf, .cap = sizeof s->buf };
    struct mpt_tcp_out out = { .seq = s->seq[dir], .ack = flags & MPT_TCP_ACK ? s->seq[!dir] : 0, .window = 1000,
                               .flags = flags, .len = len };
    uint8_t *end;

    memcpy(s->buf + 20, opt, n);
    end = mpt_options_pad(s->buf + 20, s->buf + 20 + n);
    out.opt_len = (uint32_t)(end - s->buf - 20);
    for (uint32_t i = 0; i < len; i++)
        end[i] = (uint8_t)i;
    mpt_tcp_build(&p, &out);
    s->seq[dir] += len + (flags & (MPT_TCP_SYN | MPT_TCP_FIN) ? 1 : 0);
    s->v = (struct mpt_attack_view){ .src = p.local, .dst = p.remote, .path = PATH, .dir = dir, .tcp = s->buf,
                                     .len = p.len };
    s->verdict = mpt_attack_packet(s->a, &s->v, s->now += 1000000);
    if (s->verdict != MPT_ATTACK_TAKEN)
        take(&s->s, &s->v);
    drain(s, s->now);
}

static void capable(struct scene *s, uint32_t dir, uint8_t flags, uint8_t len)
{
    struct mpt_mp_capable o = { .len = len, .version = 1, .flags = MP_CAPABLE_H, .key_sender = dir ? KEY_B : KEY_A,
                                .key_receiver = dir ? KEY_A : KEY_B };
    uint8_t opt[40];

    pass(s, dir, flags, opt, (size_t)(mpt_mp_capable_build(opt, &o) - opt), 0);
}

static void shake(struct scene *s)
{
    capable(s, 0, MPT_TCP_SYN, 4);
    capable(s, 1, MPT_TCP_SYN | MPT_TCP_ACK, 12);
    capable(s, 0, MPT_TCP_ACK, 20);
}

static void data(struct scene *s, uint32_t dir, uint32_t len)
{
    struct mpt_dss d = { .flags = DSS_ACK | DSS_MAP, .ack = (uint32_t)s->dsn[!dir], .dsn = (uint32_t)s->dsn[dir],
                         .ssn = s->seq[dir] - s->isn[dir], .dll = (uint16_t)len };
    uint8_t opt[40], octets[2048];

    for (uint32_t i = 0; i < len; i++)
        octets[i] = (uint8_t)i;
    d.has_checksum = (uint8_t)s->checksum;
    d.checksum = mpt_checksum_dss(s->dsn[dir], d.ssn, d.dll, mpt_checksum_add(0, octets, len));
    s->dsn[dir] += len;
    pass(s, dir, MPT_TCP_ACK | MPT_TCP_PSH, opt, (size_t)(mpt_dss_build(opt, &d) - opt), len);
}

static void join_syn(struct scene *s, uint32_t dir)
{
    struct mpt_mp_join o = { .len = 12, .flags = MP_JOIN_D, .id = 3, .random = 5 };
    uint8_t opt[40];
    uint64_t idsn;

    derive(dir ? KEY_A : KEY_B, &o.token, &idsn);
    s->phone.port++;
    s->seq[0] = s->isn[0] = 90000;
    pass(s, dir, MPT_TCP_SYN, opt, (size_t)(mpt_mp_join_build(opt, &o) - opt), 0);
}

/* ---- tests --------------------------------------------------------------------------------------- */

/* Everything the attacker sees, for every attack: what it lets out can be read, and it survives its memory's end. */
static void all_let_out_good_segments(void **state)
{
    const struct mpt_attack_row *row;
    size_t n = 0, acted = 0;

    (void)state;
    for (; (row = mpt_attack_catalogue(n)) != NULL; n++) {
        struct scene s;
        struct mpt_attack_stats st;
        uint8_t eno[7] = { 69, 7, 0xa0, 0x4d, 0x53, 0x11, 0x12 }, aack[20] = { 30, 20, 0xf1 };

        begin(&s, row->name, 0);
        s.checksum = 1;
        pass(&s, 0, MPT_TCP_SYN, eno, sizeof eno, 0);
        s.seq[0] = s.isn[0];
        shake(&s);
        for (int i = 0; i < 4; i++) {
            data(&s, 0, 1000);
            data(&s, 1, 300);
            pass(&s, (uint32_t)i & 1, MPT_TCP_ACK, aack, sizeof aack, 0);
            pass(&s, (uint32_t)i & 1, MPT_TCP_ACK, aack, 0, 0);
        }
        drain(&s, s.now + 1000000000);
        join_syn(&s, 0);
        drain(&s, s.now + 1000000000);
        mpt_attack_stats(s.a, &st);
        acted += st.edited || st.injected || st.dropped || st.held;
        assert_non_null(row->line);
        assert_non_null(row->needs);
        assert_non_null(row->aims);
        assert_non_null(row->rfc);
        mpt_attack_free(s.a);
    }
    assert_true(n >= 30);
    assert_true(acted >= 50);
    print_message("%zu attacks, %zu of them acted\n", n, acted);
}

static void names_are_unique(void **state)
{
    (void)state;
    for (size_t i = 0; mpt_attack_catalogue(i); i++)
        assert_ptr_equal(mpt_attack_find(mpt_attack_catalogue(i)->name), mpt_attack_catalogue(i));
    assert_null(mpt_attack_find("no-such"));
}

static void learned_keys_make_a_fastclose(void **state)
{
    struct scene s;

    (void)state;
    begin(&s, "fastclose", 1);
    shake(&s);
    data(&s, 0, 100);
    assert_true(s.sent >= 1);
    assert_true(MPT_HAS(&s.last.mp, MP_FASTCLOSE));
    assert_int_equal(s.last.mp.fastclose.key, KEY_B);
    assert_int_equal(s.last.seq, s.seq[0]);
    mpt_attack_free(s.a);
}

static void flipped_payload_has_good_sums(void **state)
{
    struct scene s;
    struct mpt_dss *d;
    uint64_t sum;

    (void)state;
    for (int repair = 0; repair < 2; repair++) {
        begin(&s, repair ? "flip-payload-sum" : "flip-payload", 1);
        s.checksum = 1;
        shake(&s);
        data(&s, 0, 100);
        assert_int_equal(s.verdict, MPT_ATTACK_EDITED);
        assert_int_equal(s.s.data[10], 11);
        d = &s.s.mp.dss;
        sum = mpt_checksum_add(0, s.s.data, 100);
        assert_int_equal(d->checksum == mpt_checksum_dss(s.dsn[0] - 100, d->ssn, d->dll, sum), repair);
        data(&s, 1, 100); /* the other direction is left alone */
        assert_int_equal(s.verdict, MPT_ATTACK_PASS);
        mpt_attack_free(s.a);
    }
}

static void edits_move_what_they_say(void **state)
{
    struct scene s;

    (void)state;
    begin(&s, "edit-dsn", 1);
    shake(&s);
    data(&s, 0, 100);
    assert_int_equal((uint32_t)s.s.mp.dss.dsn, (uint32_t)(s.dsn[0] - 100 + 1000));
    mpt_attack_free(s.a);
    begin(&s, "edit-ssn", 1);
    shake(&s);
    data(&s, 0, 100);
    assert_int_equal(s.s.mp.dss.ssn, 101);
    mpt_attack_free(s.a);
    begin(&s, "infinite-map", 1);
    shake(&s);
    data(&s, 0, 100);
    assert_int_equal(s.s.mp.dss.dll, 0);
    mpt_attack_free(s.a);
}

static void stripped_options_leave_the_rest(void **state)
{
    struct scene s;

    (void)state;
    begin(&s, "strip-dss", 1);
    shake(&s);
    assert_true(MPT_HAS(&s.s.mp, MP_CAPABLE));
    data(&s, 0, 100);
    assert_false(MPT_HAS(&s.s.mp, DSS));
    assert_int_equal(s.s.len, 100);
    mpt_attack_free(s.a);
    begin(&s, "strip-d", 1);
    join_syn(&s, 0);
    assert_true(MPT_HAS(&s.s.mp, MP_JOIN));
    assert_int_equal(s.s.mp.join.flags & MP_JOIN_D, 0);
    mpt_attack_free(s.a);
}

/* Right behind the last octet, with the DSN that belongs there. */
static void injected_data_is_in_window(void **state)
{
    struct scene s;

    (void)state;
    begin(&s, "inject-data", 1);
    s.checksum = 1;
    shake(&s);
    data(&s, 0, 500);
    assert_int_equal(s.last.seq, s.seq[0]);
    assert_int_equal((uint32_t)s.last.mp.dss.dsn, (uint32_t)s.dsn[0]);
    assert_int_equal(s.last.mp.dss.ssn, s.seq[0] - s.isn[0]);
    assert_int_equal(s.last.mp.dss.checksum,
                     mpt_checksum_dss(s.dsn[0], s.last.mp.dss.ssn, s.last.mp.dss.dll,
                                      mpt_checksum_add(0, s.last.data, s.last.len)));
    mpt_attack_free(s.a);
}

static void acks_answer_what_is_dropped(void **state)
{
    struct scene s;

    (void)state;
    begin(&s, "data-ack", 1);
    shake(&s);
    data(&s, 0, 500);
    assert_int_equal(s.verdict, MPT_ATTACK_TAKEN);
    assert_int_equal(s.last.ack, s.seq[0]);
    assert_int_equal((uint32_t)s.last.mp.dss.ack, (uint32_t)s.dsn[0]);
    mpt_attack_free(s.a);
}

static void add_addr_is_signed(void **state)
{
    struct scene s;
    uint8_t key[16], m[7] = { 66, 10, 1, 0, 66, 0, 0 }, h[32];
    struct mpt_piece piece = { m, sizeof m };

    (void)state;
    begin(&s, "add-addr", 2);
    shake(&s);
    data(&s, 1, 10);
    assert_true(MPT_HAS(&s.last.mp, ADD_ADDR));
    mpt_bytes_put64(mpt_bytes_put64(key, KEY_B), KEY_A);
    mpt_crypto_hmac(h, key, 16, &piece, 1);
    assert_memory_equal(s.last.mp.add_addr.hmac, h + 24, 8);
    mpt_attack_free(s.a);
}

/* A packet that is held comes out at its time, and nothing before. */
static void held_packets_come_later(void **state)
{
    struct scene s;

    (void)state;
    begin(&s, "delay", 1);
    shake(&s);
    assert_int_equal(s.verdict, MPT_ATTACK_TAKEN);
    assert_int_equal(s.sent, 0);
    drain(&s, s.now + 299000000);
    assert_int_equal(s.sent, 1); /* the SYN, two ms earlier */
    drain(&s, s.now + 300000000);
    assert_int_equal(s.sent, 2);
    assert_int_equal(mpt_attack_due(s.a, PATH, 0), MPT_NEVER);
    mpt_attack_free(s.a);
}

static void halves_make_the_whole(void **state)
{
    struct scene s;

    (void)state;
    begin(&s, "split", 1);
    shake(&s);
    data(&s, 0, 501);
    assert_int_equal(s.verdict, MPT_ATTACK_TAKEN);
    assert_int_equal(s.sent, 2);
    assert_int_equal(s.last.len, 251);
    assert_int_equal(s.last.seq + s.last.len, s.seq[0]);
    assert_int_equal(s.last.data[0], 250);
    assert_int_equal(s.last.mp.dss.dll, 501);
    mpt_attack_free(s.a);
    begin(&s, "merge", 1);
    shake(&s);
    data(&s, 0, 300);
    assert_int_equal(s.sent, 0);
    data(&s, 0, 400);
    assert_int_equal(s.sent, 1);
    assert_int_equal(s.last.len, 700);
    data(&s, 0, 100); /* alone: the clock lets it go */
    drain(&s, s.now + 10000000);
    assert_int_equal(s.sent, 2);
    mpt_attack_free(s.a);
}

static void rewriting_is_undone_on_the_way_back(void **state)
{
    struct scene s;

    (void)state;
    begin(&s, "rewrite-isn", 0);
    shake(&s);
    assert_int_equal(s.s.seq, s.seq[0] + 0x12345678);
    assert_int_equal(s.s.ack, s.seq[1] - 0x12345678);
    mpt_attack_free(s.a);
    begin(&s, "rewrite-ports", 0);
    capable(&s, 0, MPT_TCP_SYN, 4);
    assert_int_equal(s.s.sport, 41000);
    mpt_attack_free(s.a);
}

/* Only in its time and on its paths. */
static void plays_have_limits(void **state)
{
    struct scene s;
    struct mpt_attack_config c = { .size = sizeof c, .plays = 1 };

    (void)state;
    begin(&s, "drop-all", 0);
    mpt_attack_free(s.a);
    c.env = &s.env;
    c.play[0].row = mpt_attack_find("drop-all");
    c.play[0].paths = 1u << PATH;
    c.play[0].at = 5000000;
    c.play[0].until = 7000000;
    c.play[0].dirs = 1;
    c.host4.family = 4;
    c.host6.family = 6;
    assert_int_equal(mpt_attack_new(&s.a, &c), 0);
    shake(&s); /* to 3 ms */
    assert_int_equal(s.verdict, MPT_ATTACK_PASS);
    s.now = 5000000;
    data(&s, 0, 10);
    assert_int_equal(s.verdict, MPT_ATTACK_TAKEN);
    data(&s, 1, 10);
    assert_int_equal(s.verdict, MPT_ATTACK_PASS);
    mpt_attack_free(s.a);
    c.play[0].paths = 0;
    assert_int_equal(mpt_attack_new(&s.a, &c), MPT_EINVAL);
    c.plays = MPT_ATTACK_PLAYS + 1;
    assert_int_equal(mpt_attack_new(&s.a, &c), MPT_EINVAL);
}

/* Octets that are no segment pass as they are. */
static void rubbish_passes(void **state)
{
    struct scene s;
    const struct mpt_attack_row *row;

    (void)state;
    for (size_t i = 0; (row = mpt_attack_catalogue(i)) != NULL; i++) {
        begin(&s, row->name, 0);
        shake(&s);
        for (int k = 0; k < 300; k++) {
            uint8_t *p = s.buf;
            struct mpt_attack_view v = { .src = s.phone, .dst = s.server, .path = PATH, .tcp = p, .len = draw_below(&s.draw, 200) };

            draw_octets(&s.draw, p, v.len);
            if (v.len > 13 && (k & 1))
                p[12] = 0xf0;
            mpt_attack_packet(s.a, &v, s.now += 1000);
            mpt_attack_output(s.a, PATH, 0, &v, s.now);
        }
        mpt_attack_free(s.a);
    }
}

/* Fails the n-th allocation. */
struct failing {
    uint64_t n, calls;
    int64_t out; /* octets not given back */
};

static void *fail_alloc(void *ctx, void *old, size_t old_size, size_t new_size)
{
    struct failing *f = ctx;

    if (new_size && ++f->calls == f->n)
        return NULL;
    f->out += (int64_t)new_size - (int64_t)old_size;
    if (!new_size) {
        free(old);
        return NULL;
    }
    return realloc(old, new_size);
}

/* Without memory an attack fails; nothing leaks, packets go on. */
static void memory_may_end(void **state)
{
    static const char *const name[] = { "split", "delay", "merge", "fastclose", "join-steal", "flood-record" };

    (void)state;
    for (size_t i = 0; i < sizeof name / sizeof name[0]; i++)
        for (uint64_t n = 1; n < 12; n++) {
            struct scene s;
            struct failing f = { .n = n };
            struct mpt_attack_config c = { .size = sizeof c, .plays = 1 };

            begin(&s, name[i], 0);
            mpt_attack_free(s.a);
            s.env.alloc = fail_alloc;
            s.env.alloc_ctx = &f;
            c.env = &s.env;
            c.play[0].row = mpt_attack_find(name[i]);
            c.play[0].paths = 1u << PATH;
            c.host4.family = 4;
            c.host6.family = 6;
            if (mpt_attack_new(&s.a, &c) == 0) {
                shake(&s);
                data(&s, 0, 100);
                data(&s, 1, 100);
                drain(&s, s.now + 1000000000);
                mpt_attack_free(s.a);
            } else {
                assert_true(n <= 2);
            }
            assert_int_equal(f.out, 0);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_let_out_good_segments),
        cmocka_unit_test(names_are_unique),
        cmocka_unit_test(learned_keys_make_a_fastclose),
        cmocka_unit_test(flipped_payload_has_good_sums),
        cmocka_unit_test(edits_move_what_they_say),
        cmocka_unit_test(stripped_options_leave_the_rest),
        cmocka_unit_test(injected_data_is_in_window),
        cmocka_unit_test(acks_answer_what_is_dropped),
        cmocka_unit_test(add_addr_is_signed),
        cmocka_unit_test(held_packets_come_later),
        cmocka_unit_test(halves_make_the_whole),
        cmocka_unit_test(rewriting_is_undone_on_the_way_back),
        cmocka_unit_test(plays_have_limits),
        cmocka_unit_test(rubbish_passes),
        cmocka_unit_test(memory_may_end),
    };

    if (mpt_crypto_init() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
