/* SPDX-License-Identifier: MIT */
/* test_sec_control.c - control messages, AACKs and joins (sec/SPEC.md 3.6, 3.7, 3.8): vectors, every field refused in turn,
 * order of CSNs, forward-only window. */
#include "fake_aead.h"
#include "sec_vectors.h"

static int init(void **state)
{
    (void)state;
    return mpt_crypto_init();
}

/* ---- 3.6 ------------------------------------------------------------------------------------------------------------ */

static uint32_t ctl_len(const char *hex)
{
    uint8_t p[128];
    size_t n = from_hex(p, hex);
    uint8_t *exact = malloc(n ? n : 1);
    uint32_t len;

    memcpy(exact, p, n);
    len = mpt_sec_ctl_len(exact, n);
    free(exact);
    return len;
}

static void every_tlv(void **state)
{
    static const uint8_t ids[] = { 3, 4 };
    const struct mpt_sec_tlv in[] = {
        { .type = MPT_SEC_PARAMS, .flags = MPT_SEC_PARAMS_JWD, .record_max = 1400 },
        { .type = MPT_SEC_ADD_ADDR, .id = 7, .addr = { .family = 4, .port = 8080, .ip = { 10, 0, 2, 1 } } },
        { .type = MPT_SEC_ADD_ADDR, .id = 8, .addr = { .family = 6, .ip = { 0x20, 1, 0xd, 0xb8, [15] = 1 } } },
        { .type = MPT_SEC_REMOVE_ADDR, .ids = ids, .count = 2 },
        { .type = MPT_SEC_PRIO, .role = 2, .r_i = 0xa1a2a3a4, .r_r = 0xb1b2b3b4, .backup = 1 },
        { .type = MPT_SEC_FASTCLOSE, .code = 5 },
    };
    enum { COUNT = sizeof in / sizeof in[0] };
    uint8_t buf[128], tlvs[128], *p = tlvs, code = 0;
    struct mpt_sec_tlv t;
    uint32_t at = 0, len;
    int i = 0;

    (void)state;
    for (int k = 0; k < COUNT; k++)
        p = mpt_sec_tlv_build(p, &in[k]);
    assert_hex(tlvs, "0103010578" "020707" "0a000201" "1f90" "021308" "20010db8000000000000000000000001" "0000" "03020304"
                     "040a02a1a2a3a4b1b2b3b401" "050105");
    memcpy(mpt_sec_ctl_build(buf, 77, (uint16_t)(p - tlvs)), tlvs, (size_t)(p - tlvs));
    len = mpt_sec_ctl_len(buf, sizeof buf);
    assert_int_equal(len, 6 + (p - tlvs));
    assert_int_equal(mpt_sec_ctl_csn(buf), 77);
    for (; mpt_sec_tlv_next(&t, buf, len, &at); i++) {
        assert_int_equal(t.type, in[i].type);
        assert_int_equal(t.flags, in[i].flags);
        assert_int_equal(t.record_max, in[i].record_max);
        assert_int_equal(t.id, in[i].id);
        assert_memory_equal(&t.addr, &in[i].addr, sizeof t.addr);
        assert_int_equal(t.count, in[i].count);
        if (t.count)
            assert_memory_equal(t.ids, ids, 2);
        assert_true(t.role == in[i].role && t.r_i == in[i].r_i && t.r_r == in[i].r_r && t.backup == in[i].backup);
        assert_int_equal(t.code, in[i].code);
    }
    assert_int_equal(i, COUNT);
    assert_int_equal(mpt_sec_ctl_fastclose(buf, len, &code), 1);
    assert_int_equal(code, 5);
    assert_int_equal(mpt_sec_ctl_fastclose(buf, len - 3, &code), 0); /* without the last */
}

static void malformed_control(void **state)
{
    static const char *const bad[] = {
        "", "0000000100", "00000001" "0000",                 /* no TLV */
        "00000000" "0005" "0103014000",                      /* CSN 0 */
        "00000001" "0006" "0103014000",                      /* CLEN too long */
        "00000001" "0004" "0103014000",                      /* TLV beyond CLEN */
        "00000001" "0001" "05",                              /* half a TLV */
        "00000001" "0005" "0003014000", "00000001" "0005" "0603014000", /* types */
        "00000001" "0005" "0103024000", "00000001" "0005" "0103814000", /* PARAMS: reserved flags */
        "00000001" "0005" "0103010000", "00000001" "0005" "0103014001", /* record_max 0, 16,385 */
        "00000001" "0004" "01020140", "00000001" "0006" "010401400000",
        "00000001" "0008" "02060a0a00020100",                /* ADD_ADDR of no family */
        "00000001" "000a" "02080a0a000201000000",
        "00000001" "0002" "0300",                            /* REMOVE_ADDR of nothing */
        "00000001" "000c" "040a03a1a2a3a4b1b2b3b401",        /* PRIO: role, */
        "00000001" "000c" "040a02a1a2a3a4b1b2b3b402",        /* backup, */
        "00000001" "000c" "040a00a1a2a3a4b1b2b3b401",        /* randoms of the initial subflow, */
        "00000001" "000b" "040902a1a2a3a4b1b2b3b4",          /* length */
        "00000001" "0002" "0500", "00000001" "0004" "05020000",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(ctl_len(bad[i]), 0);
    assert_int_equal(ctl_len("00000001" "0005" "0103014000"), 11);
    assert_int_equal(ctl_len("00000001" "0005" "0103014000" "ffff"), 11); /* what is behind belongs to the record */
    assert_int_equal(ctl_len("00000001" "000c" "040a00000000000000000001"), 18);
}

/* What is accepted is built to the same octets. */
static void random_control(void **state)
{
    struct draw d = { 5 };
    unsigned good = 0;

    (void)state;
    for (unsigned i = 0; i < 300000; i++) {
        uint8_t seed[64], out[64], *exact, *p;
        size_t n = from_hex(seed, "00000001" "001e" "0103010578" "0207070a0002011f90" "03020304" "040a02a1a2a3a4b1b2b3b401"
                                  "0000");
        struct mpt_sec_tlv t;
        uint32_t len, at = 0;

        for (unsigned k = (unsigned)draw_below(&d, 4); k--;)
            seed[draw_below(&d, n)] = (uint8_t)draw_below(&d, 1 + draw_below(&d, 256));
        n -= draw_below(&d, 4) ? 0 : draw_below(&d, n);
        exact = malloc(n);
        memcpy(exact, seed, n);
        len = mpt_sec_ctl_len(exact, n);
        assert_true(len <= n);
        if (len) {
            good++;
            p = mpt_sec_ctl_build(out, mpt_sec_ctl_csn(exact), (uint16_t)(len - 6));
            while (mpt_sec_tlv_next(&t, exact, len, &at))
                p = mpt_sec_tlv_build(p, &t);
            assert_int_equal(p - out, len);
            assert_memory_equal(out, exact, len);
        }
        free(exact);
    }
    assert_true(good > 10000);
}

/* Every message is processed once and in order, whatever order and copies they come in. */
static void csn_order(void **state)
{
    struct draw d = { 8 };

    (void)state;
    for (unsigned round = 0; round < 300; round++) {
        struct mpt_sec_order o;
        uint32_t slot[MPT_SEC_CTL_HELD] = { 0 }, done = 0;
        int held;

        mpt_sec_order_init(&o);
        while (done < 200) {
            uint32_t csn = done + 1 > 10 ? done - 9 + (uint32_t)draw_below(&d, 50) : 1 + (uint32_t)draw_below(&d, 50);

            switch (mpt_sec_order_take(&o, csn)) {
            case MPT_SEC_ORDER_NOW:
                assert_int_equal(csn, ++done);
                while ((held = mpt_sec_order_pop(&o)) >= 0)
                    assert_int_equal(slot[held], ++done);
                break;
            case MPT_SEC_ORDER_HOLD:
                assert_true(csn > done + 1);
                slot[csn % MPT_SEC_CTL_HELD] = csn;
                break;
            case MPT_SEC_ORDER_FAR:
                assert_true(csn > done + MPT_SEC_CTL_HELD);
                break;
            default:
                assert_true(csn <= done || slot[csn % MPT_SEC_CTL_HELD] == csn);
            }
            assert_int_equal(o.next, done + 1);
        }
    }
}

static void edges_of_csns(void **state)
{
    struct mpt_sec_order o = { .next = UINT32_MAX };
    uint32_t acked = 3;

    (void)state;
    assert_int_equal(mpt_sec_order_take(&o, UINT32_MAX), MPT_SEC_ORDER_NOW);
    assert_int_equal(mpt_sec_order_take(&o, 1), MPT_SEC_ORDER_OLD); /* numbers do not come again */
    assert_int_equal(mpt_sec_order_take(&o, UINT32_MAX), MPT_SEC_ORDER_OLD);
    mpt_sec_order_init(&o);
    assert_int_equal(mpt_sec_order_take(&o, 1 + 31), MPT_SEC_ORDER_HOLD);
    assert_int_equal(mpt_sec_order_take(&o, 1 + 32), MPT_SEC_ORDER_FAR); /* the slot of 1 */
    assert_int_equal(mpt_sec_order_pop(&o), -1);
    assert_int_equal(mpt_sec_cack(&acked, 5, 4), MPT_SEC_OK);
    assert_int_equal(acked, 4);
    assert_int_equal(mpt_sec_cack(&acked, 5, 2), MPT_SEC_OK);
    assert_int_equal(acked, 4);
    assert_int_equal(mpt_sec_cack(&acked, 5, 6), MPT_SEC_CLOSE);
}

/* ---- 3.8 ------------------------------------------------------------------------------------------------------------ */

static void aack_vector(void **state)
{
    struct mpt_sec_keys k;
    uint8_t o[20], copy[20];
    uint64_t dack = 0, edge = 0;

    (void)state;
    vector_keys(&k);
    assert_int_equal(mpt_sec_aack_build(o, k.ak[MPT_SEC_B], V_DSN + 11, 131072) - o, MPT_SEC_AACK_LEN);
    assert_hex(o, V_AACK);
    assert_int_equal(mpt_sec_aack_open(o, 20, k.ak[MPT_SEC_B], V_DSN, &dack, &edge), MPT_SEC_OK);
    assert_true(dack == V_DSN + 11 && edge == V_DSN + 11 + 131072);
    assert_int_equal(mpt_sec_aack_open(o, 20, k.ak[MPT_SEC_A], V_DSN, &dack, &edge), MPT_SEC_IGNORE); /* reflected */
    assert_int_equal(mpt_sec_aack_open(o, 19, k.ak[MPT_SEC_B], V_DSN, &dack, &edge), MPT_SEC_IGNORE);
    /* The same 32 bits one wrap later are another acknowledgement. */
    assert_int_equal(mpt_sec_aack_open(o, 20, k.ak[MPT_SEC_B], V_DSN + (UINT64_C(1) << 32), &dack, &edge), MPT_SEC_IGNORE);
    for (size_t bit = 0; bit < sizeof o * 8; bit++) {
        memcpy(copy, o, sizeof o);
        copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(mpt_sec_aack_open(copy, 20, k.ak[MPT_SEC_B], V_DSN, &dack, &edge), MPT_SEC_IGNORE);
    }
}

static void aack_near_a_wrap(void **state)
{
    struct mpt_sec_keys k;
    struct draw d = { 12 };
    uint8_t o[20];
    uint64_t dack, edge;

    (void)state;
    vector_keys(&k);
    for (unsigned i = 0; i < 20000; i++) {
        uint64_t una = draw_u64(&d), true_dack = una + draw_below(&d, 1u << 30);
        uint32_t wnd = (uint32_t)draw_u64(&d);

        mpt_sec_aack_build(o, k.ak[MPT_SEC_B], true_dack, wnd);
        assert_int_equal(mpt_sec_aack_open(o, 20, k.ak[MPT_SEC_B], una, &dack, &edge), MPT_SEC_OK);
        assert_true(dack == true_dack && edge == true_dack + wnd);
        draw_octets(&d, o + 4 + draw_below(&d, 15), 2);
        if (mpt_sec_aack_open(o, 20, k.ak[MPT_SEC_B], una, &dack, &edge) == MPT_SEC_OK)
            assert_true(dack == true_dack && edge == true_dack + wnd); /* nothing was changed by the draw */
    }
}

static void window_moves_forward(void **state)
{
    struct mpt_sec_window w = { 100, 1000 };

    (void)state;
    assert_int_equal(mpt_sec_window_take(&w, 150, 1200, 200), MPT_SEC_OK);
    assert_true(w.una == 150 && w.edge == 1200);
    assert_int_equal(mpt_sec_window_take(&w, 120, 1100, 200), MPT_SEC_OK); /* replayed */
    assert_true(w.una == 150 && w.edge == 1200);
    assert_int_equal(mpt_sec_window_take(&w, 120, 1300, 200), MPT_SEC_OK);
    assert_true(w.una == 150 && w.edge == 1300);
    assert_int_equal(mpt_sec_window_take(&w, 201, 1300, 200), MPT_SEC_CLOSE); /* never sent */
    assert_int_equal(mpt_sec_window_take(&w, 160, 159, 200), MPT_SEC_CLOSE);  /* edge before its DATA_ACK */
    assert_true(w.una == 150 && w.edge == 1300);
    w = (struct mpt_sec_window){ UINT64_MAX - 5, UINT64_MAX };
    assert_int_equal(mpt_sec_window_take(&w, 3, 50, 10), MPT_SEC_OK); /* 64 bits wrap, too */
    assert_true(w.una == 3 && w.edge == 50);
}

/* ---- 3.7 ------------------------------------------------------------------------------------------------------------ */

static void join_hmacs(void **state)
{
    struct mpt_sec_keys k;
    uint8_t mpj[12], synack[32], other[32], ack[32];

    (void)state;
    vector_keys(&k);
    from_hex(mpj, V_MPJ);
    mpt_sec_join_hmac(synack, k.jn, 0, 1, mpj, 0x08, 0, 0xb1b2b3b4);
    assert_hex(synack, "5bd6e48a5bb882c3");
    mpt_sec_join_hmac(ack, k.jn, 1, 1, mpj, 0x18, 0, 0xb1b2b3b4); /* of octet 2 the low nibble counts */
    assert_hex(ack, "ff2586f4f97a6147b1154c0f001d16e320b2a59a");
    mpt_sec_join_hmac(other, k.jn, 0, 2, mpj, 0x08, 0, 0xb1b2b3b4);
    assert_memory_not_equal(other, synack, 8);
    mpt_sec_join_hmac(other, k.jn, 0, 1, mpj, 0x00, 0, 0xb1b2b3b4); /* D stripped */
    assert_memory_not_equal(other, synack, 8);
    mpt_sec_join_hmac(other, k.jn, 0, 1, mpj, 0x08, 1, 0xb1b2b3b4);
    assert_memory_not_equal(other, synack, 8);
    mpt_sec_join_hmac(other, k.jn, 0, 1, mpj, 0x08, 0, 0xb1b2b3b5);
    assert_memory_not_equal(other, synack, 8);
    for (int bit = 0; bit < 96; bit++) {
        mpj[bit / 8] ^= (uint8_t)(1 << bit % 8);
        mpt_sec_join_hmac(other, k.jn, 0, 1, mpj, 0x08, 0, 0xb1b2b3b4);
        assert_memory_not_equal(other, synack, 8);
        mpj[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

static void join_begin(struct mpt_sec_join *j, const char *mpj_hex)
{
    const struct mpt_aead *aead = mpt_crypto_aead(MPT_AEAD_CHACHA20_POLY1305);
    struct mpt_sec_keys k;
    uint8_t mpj[12];

    vector_keys(&k);
    from_hex(mpj, mpj_hex);
    mpt_sec_join_init(j, aead, k.jr, 1, mpj);
}

static enum mpt_sec_verdict join_open(uint8_t *record, size_t n, const char *mpj, struct mpt_sec_record *r, uint64_t *dsn)
{
    struct mpt_sec_join j;
    uint8_t *exact = malloc(n ? n : 1);
    enum mpt_sec_verdict v;

    memcpy(exact, record, n);
    join_begin(&j, mpj);
    v = mpt_sec_join_open(&j, exact, n);
    if (v == MPT_SEC_OK)
        v = mpt_sec_join_parse(r, dsn, exact, n, MPT_SEC_DATA_MAX);
    if (v == MPT_SEC_OK) {
        memcpy(record, exact, n);
        r->data = record + (r->data - exact);
    }
    free(exact);
    return v;
}

static void join_record_vector(void **state)
{
    struct mpt_sec_join j;
    struct mpt_sec_record r = { .len = 11 };
    uint8_t buf[64], copy[64], *p;
    uint64_t dsn = 0;
    enum { N = 39 };

    (void)state;
    join_begin(&j, V_MPJ);
    p = mpt_sec_join_build(buf, &r, V_DSN);
    memcpy(p, "hello mptcp", 11);
    assert_int_equal(p + 11 - buf, N - MPT_SEC_TAG);
    assert_int_equal(mpt_sec_join_seal(&j, buf, N - MPT_SEC_TAG), MPT_SEC_OK);
    assert_hex(buf, V_JREC);
    memcpy(copy, buf, N);
    assert_int_equal(mpt_sec_join_seal(&j, copy, N - MPT_SEC_TAG), MPT_SEC_LIMIT); /* one random, one record */
    assert_memory_equal(copy, buf, N);
    assert_int_equal(mpt_sec_join_len(buf, 3), N);
    assert_int_equal(mpt_sec_join_len(buf, 2), 0);
    assert_int_equal(join_open(copy, N, V_MPJ, &r, &dsn), MPT_SEC_OK);
    assert_true(dsn == V_DSN);
    assert_int_equal(r.len, 11);
    assert_memory_equal(r.data, "hello mptcp", 11);
    memcpy(copy, buf, N);
    assert_int_equal(join_open(copy, N, "1e0c1002ccad45aca1a2a3a4", &r, &dsn), MPT_SEC_RESET); /* another MPJ */
    for (size_t bit = 0; bit < N * 8; bit++) {
        memcpy(copy, buf, N);
        copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(join_open(copy, N, V_MPJ, &r, &dsn), MPT_SEC_RESET);
    }
    for (size_t n = 0; n < N; n++)
        assert_int_equal(join_open(buf, n, V_MPJ, &r, &dsn), MPT_SEC_RESET);
    assert_int_equal(join_open(buf, N + 1, V_MPJ, &r, &dsn), MPT_SEC_RESET);
}

static void join_record_prefixes(void **state)
{
    uint8_t ctl[16], *buf = malloc(MPT_SEC_JOIN_MAX + 16), *p;
    const struct mpt_sec_tlv t = { .type = MPT_SEC_FASTCLOSE, .code = 1 };
    struct mpt_sec_record r = { .ctl = ctl, .ack = 1, .edge = 2, .cack = 3, .pad = 40 }, got;
    struct mpt_sec_join j;
    uint64_t dsn = 0;
    uint32_t n;

    (void)state;
    r.ctl_len = (uint32_t)(mpt_sec_tlv_build(mpt_sec_ctl_build(ctl, 1, 3), &t) - ctl);
    for (uint8_t h = 0; h <= MPT_SEC_RECORD_BITS; h++) {
        r.h = h;
        join_begin(&j, V_MPJ);
        p = mpt_sec_join_build(buf, &r, 5);
        n = (uint32_t)(p - buf) + MPT_SEC_TAG;
        assert_int_equal(mpt_sec_join_len(buf, 3), n);
        mpt_sec_join_seal(&j, buf, n - MPT_SEC_TAG);
        if (h & MPT_SEC_H_SFIN) { /* verified, but no join record has it */
            assert_int_equal(join_open(buf, n, V_MPJ, &got, &dsn), MPT_SEC_CLOSE);
            continue;
        }
        assert_int_equal(join_open(buf, n, V_MPJ, &got, &dsn), MPT_SEC_OK);
        assert_int_equal(got.h, h);
        assert_true(dsn == 5 && got.len == 0);
    }
    r = (struct mpt_sec_record){ .len = MPT_SEC_JOIN_MAX - 28 };
    assert_non_null(mpt_sec_join_build(buf, &r, 5));
    assert_int_equal(mpt_sec_join_len(buf, 3), MPT_SEC_JOIN_MAX);
    r.len++;
    assert_null(mpt_sec_join_build(buf, &r, 5));
    buf[1] = 0x3f, buf[2] = 0xee; /* 16,366 + 19 */
    assert_int_equal(mpt_sec_join_len(buf, 3), 0);
    buf[1] = 0, buf[2] = 8;
    assert_int_equal(mpt_sec_join_len(buf, 3), 0);
    free(buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_tlv),          cmocka_unit_test(malformed_control),    cmocka_unit_test(random_control),
        cmocka_unit_test(csn_order),          cmocka_unit_test(edges_of_csns),          cmocka_unit_test(aack_vector),
        cmocka_unit_test(aack_near_a_wrap),   cmocka_unit_test(window_moves_forward), cmocka_unit_test(join_hmacs),
        cmocka_unit_test(join_record_vector), cmocka_unit_test(join_record_prefixes),
    };

    return cmocka_run_group_tests(tests, init, NULL);
}
