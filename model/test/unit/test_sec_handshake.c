/* SPDX-License-Identifier: MIT */
/* test_sec_handshake.c - the built-in handshake (sec/SPEC.md 3.3): vectors, both roles against each other for kx 1 and 3,
 * atype 0 and 1, in pieces; every octet altered, wrong keys, wrong N; nothing secret stays. */
#include "fake_aead.h"
#include "sec_vectors.h"

struct end {
    struct mpt_sec_hs hs;
    struct mpt_sec_hs_config config;
    struct mpt_sec_names names;
    uint8_t random[64];
};

static const uint8_t PSK[16] = "0123456789abcde", ID[4] = "host", SEED[32] = { 9 };

static int init(void **state)
{
    (void)state;
    return mpt_crypto_init();
}

/* As in 3.10: randoms 60..7f (a) 80..9f (b), secrets 20..3f, 40..5f; suites 11 12 (or 31 12), chosen the first. */
static void prepare(struct end *e, uint8_t role, uint8_t suite)
{
    memset(e, 0, sizeof *e);
    for (uint8_t i = 0; i < 32; i++) {
        e->random[i] = (uint8_t)((role ? 0x80 : 0x60) + i);
        e->random[32 + i] = (uint8_t)((role ? 0x40 : 0x20) + i);
    }
    from_hex(e->names.capable_syn, "1e040101");
    from_hex(e->names.capable_synack, "1e0c01011112131415161718");
    from_hex(e->names.key_a, "0102030405060708");
    from_hex(e->names.eno_syn, "4507a04d531112");
    from_hex(e->names.eno_synack, "450701a04d5311");
    e->names.eno_syn[5] = e->names.eno_synack[6] = suite;
    e->config.role = role;
    e->config.aead = mpt_crypto_aead(MPT_AEAD_CHACHA20_POLY1305);
    e->config.random = e->random;
    if (suite >> 4 == MPT_SEC_KX_PSK) {
        e->config.psk = PSK;
        e->config.psk_len = sizeof PSK;
        e->config.psk_id = ID;
        e->config.psk_id_len = sizeof ID;
    }
}

static void begin(struct end *a, struct end *b, uint8_t suite)
{
    prepare(a, MPT_SEC_A, suite);
    prepare(b, MPT_SEC_B, suite);
}

static void go(struct end *a, struct end *b)
{
    assert_int_equal(mpt_sec_hs_init(&a->hs, &a->config, &a->names), 0);
    assert_int_equal(mpt_sec_hs_init(&b->hs, &b->config, &b->names), 0);
}

/* Moves one frame, in pieces of `piece` octets, with octet `at` changed (none: SIZE_MAX). The receiver's verdict. */
static enum mpt_sec_verdict move(struct end *from, struct end *to, size_t piece, size_t at, uint8_t mask, int *moved)
{
    uint8_t frame[MPT_SEC_FRAME_MAX];
    size_t n = mpt_sec_hs_write(&from->hs, frame, sizeof frame), used;

    *moved = n != 0;
    if (at < n)
        frame[at] ^= mask;
    for (size_t i = 0; i < n; i += used) {
        size_t take = n - i < piece ? n - i : piece;
        uint8_t *exact = malloc(take);
        enum mpt_sec_verdict v;

        memcpy(exact, frame + i, take);
        v = mpt_sec_hs_read(&to->hs, exact, take, &used);
        free(exact);
        if (v != MPT_SEC_OK)
            return v;
        if (used < take)
            return MPT_SEC_OK;
    }
    return MPT_SEC_OK;
}

static int play(struct end *a, struct end *b, size_t piece)
{
    int moved, any;

    do {
        any = 0;
        if (move(a, b, piece, SIZE_MAX, 0, &moved) != MPT_SEC_OK)
            return 0;
        any |= moved;
        if (move(b, a, piece, SIZE_MAX, 0, &moved) != MPT_SEC_OK)
            return 0;
        any |= moved;
    } while (any);
    return mpt_sec_hs_done(&a->hs) && mpt_sec_hs_done(&b->hs);
}

static void vectors(void **state)
{
    struct end a, b;
    struct mpt_sec_keys ka, kb;
    uint8_t hello[MPT_SEC_FRAME_MAX], f[MPT_SEC_FRAME_MAX], hash[32];
    size_t n, used;

    (void)state;
    begin(&a, &b, 0x11);
    go(&a, &b);
    n = mpt_sec_hs_write(&a.hs, hello, sizeof hello);
    assert_int_equal(n, 3 + 76);
    assert_hex(hello, "01004c4d50545345433100" "606162");
    assert_hex(hello + 43, "358072d6365880d1aeea329adf9121383851ed21a28e3b75e965d0d2cd166254" "02111200");
    assert_int_equal(mpt_sec_hs_read(&b.hs, hello, n, &used), MPT_SEC_OK);
    assert_hex(b.hs.s1, V_S1);
    n = mpt_sec_hs_write(&b.hs, f, sizeof f);
    assert_int_equal(n, 68);
    assert_hex(f + 35, "79a631eede1bf9c98f12032cdeadd0e7a079398fc786b88cc846ec89af85a51a" "11");
    assert_int_equal(mpt_sec_hs_read(&a.hs, f, n, &used), MPT_SEC_OK);
    assert_hex(a.hs.th, V_TH);
    assert_hex(b.hs.th, V_TH);
    assert_hex(a.hs.s1, V_S1);
    n = mpt_sec_hs_write(&b.hs, f, sizeof f);
    assert_int_equal(n, 52);
    assert_hex(f, V_AUTH);
    assert_int_equal(mpt_sec_hs_read(&a.hs, f, n, &used), MPT_SEC_OK);
    assert_hex(a.hs.fin_a, V_FIN_A);
    n = mpt_sec_hs_write(&a.hs, f, sizeof f);
    assert_int_equal(n, 51);
    assert_int_equal(mpt_sec_hs_done(&b.hs), 0);
    assert_int_equal(mpt_sec_hs_read(&b.hs, f, n, &used), MPT_SEC_OK);
    assert_hex(a.hs.master, V_MASTER);
    assert_hex(b.hs.master, V_MASTER);
    assert_int_equal(a.hs.auth, MPT_SEC_AUTH_NONE);
    assert_int_equal(mpt_sec_hs_keys(&a.hs, &ka), 0);
    assert_int_equal(mpt_sec_hs_keys(&b.hs, &kb), 0);
    assert_memory_equal(&ka, &kb, sizeof ka);
    assert_hex(ka.tx[0], V_TX_A);
    assert_int_equal(mpt_sec_names_hash(&a.names, hash), 0);
    mpt_crypto_sha256(f, "\x1e\x04\x01\x01\x1e\x0c\x01\x01\x11\x12\x13\x14\x15\x16\x17\x18\x01\x02\x03\x04\x05\x06\x07\x08"
                         "\x45\x07\xa0\x4d\x53\x11\x12\x45\x07\x01\xa0\x4d\x53\x11", 38);
    assert_memory_equal(hash, f, 32);
}

/* kx 1 and 3, with and without a key, frames in pieces of any size. */
static void both_roles(void **state)
{
    static const size_t pieces[] = { 1, 2, 3, 7, 50, 1000 };
    uint8_t key[32];

    (void)state;
    mpt_crypto_ed25519_key(key, SEED);
    for (int psk = 0; psk < 2; psk++)
        for (int sign = 0; sign < 3; sign++)
            for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
                struct end a, b;
                struct mpt_sec_keys ka, kb;
                int auth = (sign ? MPT_SEC_AUTH_KEY : 0) | (psk ? MPT_SEC_AUTH_PSK : 0);

                begin(&a, &b, psk ? 0x31 : 0x11);
                b.config.seed = sign ? SEED : NULL;
                a.config.peer_key = sign == 2 ? key : NULL;
                go(&a, &b);
                assert_true(play(&a, &b, pieces[i]));
                assert_int_equal(a.hs.auth, auth);
                assert_int_equal(b.hs.auth, auth);
                if (sign)
                    assert_memory_equal(a.hs.key, key, 32);
                assert_int_equal(mpt_sec_hs_keys(&a.hs, &ka), 0);
                assert_int_equal(mpt_sec_hs_keys(&b.hs, &kb), 0);
                assert_memory_equal(&ka, &kb, sizeof ka);
            }
}

static size_t zeros(const void *p, size_t n)
{
    size_t k = 0;

    for (size_t i = 0; i < n; i++)
        k += ((const uint8_t *)p)[i] == 0;
    return k;
}

/* S1, X25519 secrets, transcript: gone when done; everything gone with the keys, and when it has failed. */
static void wiped(void **state)
{
    struct end a, b;
    struct mpt_sec_keys k;
    int moved;

    (void)state;
    begin(&a, &b, 0x31);
    go(&a, &b);
    assert_int_equal(mpt_sec_hs_keys(&a.hs, &k), MPT_EAGAIN);
    assert_true(play(&a, &b, 1000));
    for (int i = 0; i < 2; i++) {
        struct mpt_sec_hs *hs = i ? &b.hs : &a.hs;

        assert_int_equal(zeros(hs->s1, 32) + zeros(hs->secret, 32) + zeros(hs->fin_a, 32), 96);
        assert_int_equal(zeros(&hs->transcript, sizeof hs->transcript), sizeof hs->transcript);
        assert_int_equal(zeros(hs->frame, sizeof hs->frame), sizeof hs->frame);
        assert_int_equal(mpt_sec_hs_keys(hs, &k), 0);
        assert_int_equal(mpt_sec_hs_keys(hs, &k), MPT_EAGAIN); /* once */
        hs->state = 0;
        assert_int_equal(zeros(hs, sizeof *hs), sizeof *hs);
    }
    begin(&a, &b, 0x11);
    go(&a, &b);
    assert_int_equal(move(&a, &b, 1000, 0, 0xff, &moved), MPT_SEC_ABORT);
    assert_int_equal(b.hs.state, MPT_SEC_HS_FAILED);
    b.hs.state = 0;
    assert_int_equal(zeros(&b.hs, sizeof b.hs), sizeof b.hs);
}

/* Each octet of each frame, several bits: never does b end with keys that a has not, and one side aborts. */
static void altered_frames(void **state)
{
    size_t tried = 0;

    (void)state;
    for (int which = 0; which < 4; which++)
        for (size_t at = 0; at < 200; at++)
            for (int bit = 0; bit < 8; bit += 3) {
                struct end a, b;
                enum mpt_sec_verdict v = MPT_SEC_OK;
                int moved, agreed, step;
                static const uint8_t from_a[4] = { 1, 0, 0, 1 };

                begin(&a, &b, 0x31);
                b.config.seed = SEED;
                go(&a, &b);
                for (step = 0; step < 4 && v == MPT_SEC_OK; step++) {
                    size_t here = step == which ? at : SIZE_MAX;

                    v = from_a[step] ? move(&a, &b, 64, here, (uint8_t)(1 << bit), &moved)
                                     : move(&b, &a, 64, here, (uint8_t)(1 << bit), &moved);
                    /* A longer length waits for octets that do not come: nothing agreed either. */
                    if (!moved)
                        break;
                }
                agreed = mpt_sec_hs_done(&a.hs) && mpt_sec_hs_done(&b.hs);
                if (agreed) /* the frame is shorter than `at`: nothing was changed */
                    assert_true(at >= 51 && v == MPT_SEC_OK);
                else
                    assert_false(mpt_sec_hs_done(&b.hs));
                tried += !agreed;
            }
    assert_true(tried > 3 * (83 + 68 + 148 + 51) - 10);
}

static void lying_seal(const uint8_t key[32], const uint8_t nonce[12], const void *ad, size_t ad_len, uint8_t *text, size_t n)
{
    text[n - 1] ^= 1; /* the last octet of fin_b or fin_a */
    mpt_crypto_aead(MPT_AEAD_CHACHA20_POLY1305)->seal(key, nonce, ad, ad_len, text, n);
}

/* A peer that has the keys and does not keep to the text: each check by itself, at once. */
static void lying_peers(void **state)
{
    static const size_t hello[] = { 3, 10, 75, 76, 77, 78 }; /* magic, count, suites, idlen */
    struct mpt_aead liar = *mpt_crypto_aead(MPT_AEAD_CHACHA20_POLY1305);
    struct end a, b;
    int moved;

    (void)state;
    for (size_t i = 0; i < sizeof hello / sizeof hello[0]; i++) {
        begin(&a, &b, 0x11);
        go(&a, &b);
        assert_int_equal(move(&a, &b, 1000, hello[i], 0x10, &moved), MPT_SEC_ABORT);
    }
    begin(&a, &b, 0x11);
    go(&a, &b);
    assert_int_equal(move(&a, &b, 1000, SIZE_MAX, 0, &moved), MPT_SEC_OK);
    assert_int_equal(move(&b, &a, 1000, 67, 0x03, &moved), MPT_SEC_ABORT); /* suite of REPLY */
    liar.seal = lying_seal;
    for (int who = 0; who < 2; who++) {
        begin(&a, &b, 0x11);
        (who ? &b : &a)->config.aead = &liar;
        go(&a, &b);
        assert_true(play(&a, &b, 1000) == 0);
        assert_int_equal((who ? &a : &b)->hs.state, MPT_SEC_HS_FAILED);
    }
}

/* Who sits in the middle shares S1 with a and can make everything but b's signature: AUTH as he would, signed by `seed`. */
static enum mpt_sec_verdict forged_auth(struct mpt_sec_hs *a, const uint8_t key[32], const uint8_t seed[32])
{
    uint8_t f[3 + 145] = { MPT_SEC_AUTH, 0, 145 }, *p = f + 3, text[51] = "mptsec1 server sig", hash[32], k[32], kiv[44];
    struct mpt_piece piece = { hash, 32 };
    struct mpt_sha256 h = a->transcript;
    size_t used;

    p[0] = 1;
    memcpy(p + 1, key, 32);
    mpt_crypto_sha256_add(&h, p, 33);
    mpt_crypto_sha256_end(&h, text + 19);
    mpt_crypto_ed25519_sign(p + 33, seed, text, sizeof text);
    h = a->transcript;
    mpt_crypto_sha256_add(&h, p, 97);
    mpt_crypto_sha256_end(&h, hash);
    mpt_sec_x(k, 32, a->s1, "fin b", NULL, 0);
    mpt_crypto_hmac(p + 97, k, 32, &piece, 1);
    mpt_sec_x(kiv, 44, a->s1, "hs b", a->th, 32);
    mpt_crypto_aead(MPT_AEAD_CHACHA20_POLY1305)->seal(kiv, kiv + 32, f, 3, p, 129);
    return mpt_sec_hs_read(a, f, sizeof f, &used);
}

static void man_in_the_middle(void **state)
{
    static const uint8_t own[32] = { 66 };
    struct end a, b;
    uint8_t key[32];
    int moved;

    (void)state;
    mpt_crypto_ed25519_key(key, SEED);
    for (int pinned = 0; pinned < 2; pinned++)
        for (int true_seed = 0; true_seed < 2; true_seed++) {
            begin(&a, &b, 0x11);
            a.config.peer_key = pinned ? key : NULL;
            go(&a, &b);
            assert_int_equal(move(&a, &b, 1000, SIZE_MAX, 0, &moved), MPT_SEC_OK);
            assert_int_equal(move(&b, &a, 1000, SIZE_MAX, 0, &moved), MPT_SEC_OK);
            assert_int_equal(forged_auth(&a.hs, key, true_seed ? SEED : own), true_seed ? MPT_SEC_OK : MPT_SEC_ABORT);
        }
}

/* Known from the head: nothing longer or shorter is waited for. */
static void lengths(void **state)
{
    static const struct {
        uint8_t role, state, type;
        unsigned min, max;
    } row[] = {
        { 1, MPT_SEC_HS_WAIT_HELLO, MPT_SEC_HELLO, 75, 335 }, { 0, MPT_SEC_HS_WAIT_REPLY, MPT_SEC_REPLY, 65, 65 },
        { 0, MPT_SEC_HS_WAIT_AUTH, MPT_SEC_AUTH, 49, 145 },   { 1, MPT_SEC_HS_WAIT_FIN, MPT_SEC_FIN, 48, 48 },
    };

    (void)state;
    for (size_t i = 0; i < 4; i++)
        for (unsigned n = 0; n < 65536; n++) {
            uint8_t head[3] = { row[i].type, (uint8_t)(n >> 8), (uint8_t)n };
            struct mpt_sec_hs hs;
            size_t used;

            memset(&hs, 0, sizeof hs);
            hs.state = row[i].state;
            assert_int_equal(mpt_sec_hs_read(&hs, head, 3, &used),
                             n < row[i].min || n > row[i].max ? MPT_SEC_ABORT : MPT_SEC_OK);
        }
}

/* What the two sides know of the SYNs must be the same, octet by octet. */
static void other_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(struct mpt_sec_names); i++) {
        struct end a, b;

        begin(&a, &b, 0x11);
        ((uint8_t *)&b.names)[i] ^= 0x02;
        assert_int_equal(mpt_sec_hs_init(&a.hs, &a.config, &a.names), 0);
        if (mpt_sec_hs_init(&b.hs, &b.config, &b.names) < 0)
            continue; /* no valid pair of options any more */
        /* Octets behind the option's end are nobody's. */
        assert_int_equal(play(&a, &b, 64), i >= 24 + 7 && i < 24 + MPT_SEC_ENO_MAX);
    }
}

static int refuses(struct end *a, struct end *b)
{
    go(a, b);
    return !play(a, b, 64) && !mpt_sec_hs_done(&a->hs) && !mpt_sec_hs_done(&b->hs);
}

static void wrong_keys(void **state)
{
    struct end a, b;
    uint8_t other[32] = { 1 };

    (void)state;
    begin(&a, &b, 0x11); /* not the key that a knows */
    b.config.seed = SEED;
    a.config.peer_key = other;
    assert_true(refuses(&a, &b));
    begin(&a, &b, 0x11); /* a wants a key, b shows none */
    a.config.peer_key = other;
    assert_true(refuses(&a, &b));
    begin(&a, &b, 0x31); /* other PSK */
    a.config.psk = SEED;
    assert_true(refuses(&a, &b));
    begin(&a, &b, 0x31); /* other name of it */
    a.config.psk_id = SEED;
    assert_true(refuses(&a, &b));
    begin(&a, &b, 0x31);
    a.config.psk_id_len = 3;
    assert_true(refuses(&a, &b));
}

static void refused_configurations(void **state)
{
    struct end e;

    (void)state;
    prepare(&e, MPT_SEC_A, 0x31);
    e.config.psk_len = MPT_SEC_PSK_MIN - 1;
    assert_int_equal(mpt_sec_hs_init(&e.hs, &e.config, &e.names), MPT_EINVAL);
    prepare(&e, MPT_SEC_A, 0x31);
    e.config.psk_id_len = 0;
    assert_int_equal(mpt_sec_hs_init(&e.hs, &e.config, &e.names), MPT_EINVAL);
    prepare(&e, MPT_SEC_A, 0x21); /* TLS is the host's */
    assert_int_equal(mpt_sec_hs_init(&e.hs, &e.config, &e.names), MPT_EINVAL);
    prepare(&e, MPT_SEC_A, 0x11);
    e.config.aead = &fake_aead; /* not of this suite */
    assert_int_equal(mpt_sec_hs_init(&e.hs, &e.config, &e.names), MPT_EINVAL);
    prepare(&e, MPT_SEC_A, 0x11);
    e.config.random = NULL;
    assert_int_equal(mpt_sec_hs_init(&e.hs, &e.config, &e.names), MPT_EINVAL);
    prepare(&e, MPT_SEC_A, 0x11);
    e.names.eno_synack[6] = 0x13; /* never offered */
    assert_int_equal(mpt_sec_hs_init(&e.hs, &e.config, &e.names), MPT_EINVAL);
    prepare(&e, MPT_SEC_A, 0x31);
    e.names.eno_syn[5] = 0x11; /* nor this one, though both could do it */
    assert_int_equal(mpt_sec_hs_init(&e.hs, &e.config, &e.names), MPT_EINVAL);
    assert_int_equal(mpt_sec_hs_write(&e.hs, e.random, 0), 0);
    assert_int_equal(mpt_sec_hs_init(&e.hs, &e.config, &e.names), MPT_EINVAL);
}

/* A share of small order gives an all-zero secret: abort (RFC 7748 6.1). */
static void share_of_small_order(void **state)
{
    struct end a, b;
    uint8_t f[MPT_SEC_FRAME_MAX];
    size_t n, used;

    (void)state;
    begin(&a, &b, 0x11);
    go(&a, &b);
    n = mpt_sec_hs_write(&a.hs, f, sizeof f);
    memset(f + 43, 0, 32);
    assert_int_equal(mpt_sec_hs_read(&b.hs, f, n, &used), MPT_SEC_ABORT);
}

/* Records may stand directly behind FIN; they are not the handshake's. */
static void octets_behind_fin(void **state)
{
    struct end a, b;
    uint8_t f[MPT_SEC_FRAME_MAX];
    size_t n, used = 9;
    int moved;

    (void)state;
    begin(&a, &b, 0x11);
    go(&a, &b);
    assert_int_equal(move(&a, &b, 64, SIZE_MAX, 0, &moved), MPT_SEC_OK);
    assert_int_equal(move(&b, &a, 64, SIZE_MAX, 0, &moved), MPT_SEC_OK);
    assert_int_equal(move(&b, &a, 64, SIZE_MAX, 0, &moved), MPT_SEC_OK);
    n = mpt_sec_hs_write(&a.hs, f, sizeof f);
    memset(f + n, 0xee, 30);
    assert_int_equal(mpt_sec_hs_read(&b.hs, f, n + 30, &used), MPT_SEC_OK);
    assert_int_equal(used, n);
    assert_true(mpt_sec_hs_done(&b.hs));
    assert_int_equal(mpt_sec_hs_read(&b.hs, f + n, 30, &used), MPT_SEC_OK);
    assert_int_equal(used, 0);
}

/* Any octets, in any state: no frame is ever accepted, nothing is read or written outside (sanitizers look). */
static void random_octets(void **state)
{
    struct draw d = { 2024 };

    (void)state;
    for (unsigned i = 0; i < 20000; i++) {
        static const uint8_t type[4] = { MPT_SEC_HELLO, MPT_SEC_REPLY, MPT_SEC_AUTH, MPT_SEC_FIN };
        struct end e, *end = &e;
        uint8_t junk[400];
        size_t n = draw_below(&d, sizeof junk), used, len;

        prepare(end, (uint8_t)(i & 1), 0x31);
        assert_int_equal(mpt_sec_hs_init(&e.hs, &e.config, &e.names), 0);
        if (!(i & 1))
            assert_true(mpt_sec_hs_write(&e.hs, junk, sizeof junk) > 0);
        else if (i & 2)
            e.hs.state = MPT_SEC_HS_WAIT_FIN; /* as if REPLY and AUTH were sent */
        if (!(i & 1) && (i & 2))
            e.hs.state = MPT_SEC_HS_WAIT_AUTH;
        draw_octets(&d, junk, sizeof junk);
        junk[0] = type[e.hs.state == MPT_SEC_HS_WAIT_HELLO ? 0 : e.hs.state == MPT_SEC_HS_WAIT_REPLY ? 1 :
                       e.hs.state == MPT_SEC_HS_WAIT_AUTH ? 2 : 3];
        len = junk[0] == MPT_SEC_FIN ? 48 : junk[0] == MPT_SEC_AUTH ? (i & 4 ? 49 : 145) : draw_below(&d, 340);
        junk[1] = (uint8_t)(len >> 8);
        junk[2] = (uint8_t)len;
        mpt_sec_hs_read(&e.hs, junk, n, &used);
        assert_true(used <= n);
        assert_false(mpt_sec_hs_done(&e.hs));
    }
}

static void tls_frames(void **state)
{
    uint8_t f[64];
    const uint8_t *body;
    size_t len;

    (void)state;
    memcpy(mpt_sec_tls_build(f, 5, 1), "abcde", 5);
    assert_hex(f, "09000d" "4d50545345433100" "6162636465");
    assert_int_equal(mpt_sec_tls_parse(f, 16, 1, &body, &len), MPT_SEC_OK);
    assert_int_equal(len, 5);
    assert_memory_equal(body, "abcde", 5);
    for (size_t bit = 0; bit < 11 * 8; bit++) {
        f[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(mpt_sec_tls_parse(f, 16, 1, &body, &len), MPT_SEC_ABORT);
        f[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t n = 0; n < 20; n++)
        if (n != 16)
            assert_int_equal(mpt_sec_tls_parse(f, n, 1, &body, &len), MPT_SEC_ABORT);
    memcpy(mpt_sec_tls_build(f, 5, 0), "abcde", 5);
    assert_int_equal(mpt_sec_tls_parse(f, 8, 0, &body, &len), MPT_SEC_OK);
    mpt_sec_tls_build(f, 0, 0);
    assert_int_equal(mpt_sec_tls_parse(f, 3, 0, &body, &len), MPT_SEC_ABORT); /* empty */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors),         cmocka_unit_test(both_roles),
        cmocka_unit_test(wiped),           cmocka_unit_test(altered_frames), cmocka_unit_test(lying_peers),
        cmocka_unit_test(man_in_the_middle), cmocka_unit_test(lengths),
        cmocka_unit_test(other_names),     cmocka_unit_test(wrong_keys),
        cmocka_unit_test(refused_configurations), cmocka_unit_test(share_of_small_order),
        cmocka_unit_test(octets_behind_fin), cmocka_unit_test(random_octets),
        cmocka_unit_test(tls_frames),
    };

    return cmocka_run_group_tests(tests, init, NULL);
}
