/* SPDX-License-Identifier: MIT */
/* test_aead.c - AEADs (RFC 8439 2.8.2; AES-256-GCM: test case 16 of the GCM specification), HKDF (RFC 5869 A.1 to A.3),
 * X25519 (RFC 7748 5.2, 6.1), Ed25519 (RFC 8032 7.1), SipHash-2-4 and SHA-256 in pieces. */
#include "crypto/crypto.h"
#include "draw.h"
#include "fake_aead.h"
#include "mpt.h"

static int init(void **state)
{
    (void)state;
    return mpt_crypto_init();
}

/* Seals, compares with the vector, opens; then no changed octet of it, of additional data or nonce is accepted. */
static void aead_vector(const struct mpt_aead *aead, const char *key, const char *nonce, const char *ad, const char *text,
                        const char *sealed)
{
    uint8_t k[32], n[12], a[32], t[256], copy[256];
    size_t a_len = from_hex(a, ad), len = from_hex(t, text);

    from_hex(k, key);
    from_hex(n, nonce);
    memcpy(copy, t, len);
    aead->seal(k, n, a, a_len, t, len);
    assert_hex(t, sealed);
    assert_int_equal(strlen(sealed) / 2, len + MPT_AEAD_TAG);
    for (size_t bit = 0; bit < (len + MPT_AEAD_TAG) * 8; bit++) {
        memcpy(copy, t, len + MPT_AEAD_TAG);
        copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(aead->open(k, n, a, a_len, copy, len), MPT_EPROTO);
    }
    for (size_t bit = 0; bit < 12 * 8; bit++) {
        memcpy(copy, t, len + MPT_AEAD_TAG);
        n[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(aead->open(k, n, a, a_len, copy, len), MPT_EPROTO);
        n[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    memcpy(copy, t, len + MPT_AEAD_TAG);
    assert_int_equal(aead->open(k, n, a, a_len - 1, copy, len), MPT_EPROTO);
    assert_int_equal(aead->open(k, n, a, a_len, t, len), 0);
    assert_hex(t, text);
}

static void chacha20_poly1305(void **state)
{
    (void)state;
    aead_vector(mpt_crypto_aead(MPT_AEAD_CHACHA20_POLY1305),
        "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f", "070000004041424344454647",
        "50515253c0c1c2c3c4c5c6c7",
        "4c616469657320616e642047656e746c656d656e206f662074686520636c617373206f66202739393a204966204920636f756c64206f66"
        "66657220796f75206f6e6c79206f6e652074697020666f7220746865206675747572652c2073756e73637265656e20776f756c64206265"
        "2069742e",
        "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a9e060b"
        "2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586ce"
        "c64b61161ae10b594f09e26a7e902ecbd0600691");
}

static void aes_256_gcm(void **state)
{
    const struct mpt_aead *aead = mpt_crypto_aead(MPT_AEAD_AES_256_GCM);

    (void)state;
    if (!aead)
        skip(); /* this CPU has no AES instructions */
    aead_vector(aead, "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
        "feedfacedeadbeeffeedfacedeadbeefabaddad2",
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657"
        "ba637b39",
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0a"
        "bcc9f66276fc6ece0f4e1768cddf8853bb2d551b");
}

static void which_there_are(void **state)
{
    (void)state;
    assert_int_equal(mpt_crypto_aead(MPT_AEAD_CHACHA20_POLY1305)->id, MPT_AEAD_CHACHA20_POLY1305);
    assert_null(mpt_crypto_aead(0));
    assert_null(mpt_crypto_aead(3));
}

/* The fake refuses what was altered, and its watch sees a nonce that comes again with other content. */
static void the_fake_watches(void **state)
{
    uint8_t key[32] = { 1 }, nonce[12] = { 2 }, text[32] = "hello";

    (void)state;
    fake_aead_reset();
    fake_aead.seal(key, nonce, "ad", 2, text, 5);
    assert_int_equal(fake_aead.open(key, nonce, "ad", 2, text, 5), 0);
    assert_int_equal(fake_aead.open(key, nonce, "aD", 2, text, 5), MPT_EPROTO);
    fake_aead.seal(key, nonce, "ad", 2, text, 5);
    assert_int_equal(fake_aead_reused(), 0); /* the same again is the same octets */
    text[0] = 'j';
    fake_aead.seal(key, nonce, "ad", 2, text, 5);
    assert_int_equal(fake_aead_reused(), 1);
    assert_int_equal(fake_aead_seals(), 1);
    fake_aead_reset();
}

static void hkdf_case(const char *ikm, const char *salt, const char *info, const char *prk, const char *okm)
{
    uint8_t i[128], s[128], n[128], p[32], out[128];
    size_t i_len = from_hex(i, ikm), s_len = from_hex(s, salt), n_len = from_hex(n, info);

    mpt_crypto_hkdf_extract(p, s, s_len, i, i_len);
    assert_hex(p, prk);
    for (size_t cut = 0; cut <= n_len; cut++) {
        const struct mpt_piece piece[2] = { { n, cut }, { n + cut, n_len - cut } };

        mpt_crypto_hkdf_expand(out, strlen(okm) / 2, p, piece, 2);
        assert_hex(out, okm);
    }
}

static void hkdf_of_rfc_5869(void **state)
{
    (void)state;
    hkdf_case("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "000102030405060708090a0b0c", "f0f1f2f3f4f5f6f7f8f9",
              "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
              "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
    hkdf_case("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f3031323334"
              "35363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f",
              "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8e8f9091929394"
              "95969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
              "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4"
              "e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
              "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
              "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c"
              "2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87");
    hkdf_case("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "",
              "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
              "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

static void x25519_of_rfc_7748(void **state)
{
    uint8_t secret[32], share[32], out[32], zero[32] = { 0 };

    (void)state;
    from_hex(secret, "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4");
    from_hex(share, "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c");
    assert_int_equal(mpt_crypto_x25519(out, secret, share), 0);
    assert_hex(out, "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552");
    from_hex(secret, "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
    mpt_crypto_x25519_share(share, secret);
    assert_hex(share, "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
    from_hex(share, "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
    assert_int_equal(mpt_crypto_x25519(out, secret, share), 0);
    assert_hex(out, "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
    assert_int_equal(mpt_crypto_x25519(out, secret, zero), MPT_EPROTO); /* 6.1: all-zero result */
    zero[0] = 1;
    assert_int_equal(mpt_crypto_x25519(out, secret, zero), MPT_EPROTO);
}

static void ed25519_of_rfc_8032(void **state)
{
    uint8_t seed[32], key[32], sig[64];

    (void)state;
    from_hex(seed, "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
    mpt_crypto_ed25519_key(key, seed);
    assert_hex(key, "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    mpt_crypto_ed25519_sign(sig, seed, "r", 1);
    assert_hex(sig, "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eae"
                    "b4302aeeb00d291612bb0c00");
    assert_int_equal(mpt_crypto_ed25519_verify(sig, key, "r", 1), 0);
    assert_int_equal(mpt_crypto_ed25519_verify(sig, key, "s", 1), MPT_EPROTO);
    for (size_t bit = 0; bit < sizeof sig * 8; bit++) {
        sig[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(mpt_crypto_ed25519_verify(sig, key, "r", 1), MPT_EPROTO);
        sig[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

static void siphash_of_its_paper(void **state)
{
    uint8_t key[16], text[15], out[8];

    (void)state;
    for (uint8_t i = 0; i < 16; i++)
        key[i] = i;
    memcpy(text, key, 15);
    mpt_crypto_siphash(out, key, text, 15);
    assert_hex(out, "e545be4961ca29a1");
}

static void sha256_in_pieces(void **state)
{
    uint8_t text[200], whole[32], out[32];
    struct draw d = { 7 };

    (void)state;
    draw_octets(&d, text, sizeof text);
    mpt_crypto_sha256(whole, text, sizeof text);
    for (size_t cut = 0; cut <= sizeof text; cut++) {
        struct mpt_sha256 h, branch;

        mpt_crypto_sha256_init(&h);
        mpt_crypto_sha256_add(&h, text, cut);
        branch = h; /* a copy goes its own way */
        mpt_crypto_sha256_add(&branch, "other", 5);
        mpt_crypto_sha256_end(&branch, out);
        mpt_crypto_sha256_add(&h, text + cut, sizeof text - cut);
        mpt_crypto_sha256_end(&h, out);
        assert_memory_equal(out, whole, 32);
        for (size_t i = 0; i < sizeof h.state / sizeof h.state[0]; i++)
            assert_true(h.state[i] == 0); /* wiped */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chacha20_poly1305),    cmocka_unit_test(aes_256_gcm),
        cmocka_unit_test(which_there_are),      cmocka_unit_test(the_fake_watches),
        cmocka_unit_test(hkdf_of_rfc_5869),     cmocka_unit_test(x25519_of_rfc_7748),
        cmocka_unit_test(ed25519_of_rfc_8032),  cmocka_unit_test(siphash_of_its_paper),
        cmocka_unit_test(sha256_in_pieces),
    };

    return cmocka_run_group_tests(tests, init, NULL);
}
