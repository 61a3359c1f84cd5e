/* SPDX-License-Identifier: MIT */
/* test_crypto.c - hashes and HMACs against published and independently computed vectors: RFC 4231,
 * tokens and IDSNs (RFC 8684 3.1), joins (3.2), ADD_ADDR (3.4.1), and the clear join record of
 * join-with-data. */
#include "crypto/crypto.h"
#include "draw.h"

#define KEY_A "0102030405060708"
#define KEY_B "1112131415161718"
#define R_A   "a1a2a3a4"
#define R_B   "b1b2b3b4"

/* HMAC of hex message under hex key, the message cut into two pieces at every place: same
 * result. */
static void hmac_of(uint8_t out[32], const char *key, const char *message)
{
    uint8_t k[256], m[256], again[32];
    size_t key_len = from_hex(k, key), n = from_hex(m, message);

    for (size_t cut = 0; cut <= n; cut++) {
        struct mpt_piece piece[2] = {{m, cut}, {m + cut, n - cut}};

        mpt_crypto_hmac(cut ? again : out, k, key_len, piece, 2);
        if (cut)
            assert_memory_equal(again, out, 32);
    }
}

static int init(void **state)
{
    (void)state;
    assert_int_equal(mpt_crypto_init(), 0);
    return mpt_crypto_init();
}

static void sha256_of_abc(void **state)
{
    uint8_t out[32];

    (void)state;
    mpt_crypto_sha256(out, "abc", 3); /* FIPS 180-4 example */
    assert_hex(out, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void hmac_of_rfc_4231(void **state)
{
    uint8_t out[32], key[131];
    const struct mpt_piece piece = {"Test Using Larger Than Block-Size Key - Hash Key First", 54};

    (void)state;
    hmac_of(out, "4a656665",
            "7768617420646f2079612077616e7420666f72206e6f7468696e673f"); /* case 2 */
    assert_hex(out, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof key); /* case 6 */
    mpt_crypto_hmac(out, key, sizeof key, &piece, 1);
    assert_hex(out, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

static void tokens_and_idsns(void **state)
{
    uint8_t key[8], out[32];

    (void)state;
    mpt_crypto_sha256(out, key, from_hex(key, KEY_A));
    assert_hex(out, "66840dda");
    assert_hex(out + 24, "f5a101d3d29d6f72");
    mpt_crypto_sha256(out, key, from_hex(key, KEY_B));
    assert_hex(out, "ccad45ac");
    assert_hex(out + 24, "535beea38e087c8e");
}

static void join_hmacs(void **state)
{
    uint8_t out[32];

    (void)state;
    hmac_of(out, KEY_B KEY_A, R_B R_A);
    assert_hex(out, "864b40428762fd06");
    hmac_of(out, KEY_A KEY_B, R_A R_B);
    assert_hex(out, "53037f2899475529844115fd07e665d23d3554fb");
}

static void add_addr_hmacs(void **state)
{
    uint8_t out[32];

    (void)state;
    hmac_of(out, KEY_A KEY_B,
            "02"
            "0a000201"
            "0000");
    assert_hex(out + 24, "669a7d267aca56dd");
    hmac_of(out, KEY_A KEY_B,
            "02"
            "0a000201"
            "1f90");
    assert_hex(out + 24, "fdbd3c9ab593d9f8");
}

/* "mpt jwd 1" || MPJ || record without tag (jwd/README.md 2.3) */
static void join_record_tags(void **state)
{
    uint8_t out[32];

    (void)state;
    hmac_of(out, KEY_A KEY_B,
            "6d7074206a77642031"
            "1e0c1802ccad45aca1a2a3a4"
            "01001400112233445566778868656c6c6f206d70746370");
    assert_hex(out, "66bf10fb97dc96e9cbf6b5e492d05863");
    hmac_of(out, KEY_A KEY_B,
            "6d7074206a77642031"
            "1e0c1802ccad45aca1a2a3a4"
            "01002311112233445566778899aabbccddeeff0099aabbccddefff0000000000000400000000");
    assert_hex(out, "9c135a00e0071c6b4be2eac8965bb444");
}

static void compare_and_wipe(void **state)
{
    uint8_t a[20] = {1, 2, 3}, b[20] = {1, 2, 3};

    (void)state;
    assert_int_equal(mpt_crypto_compare(a, b, sizeof a), 0);
    b[19] ^= 1;
    assert_int_not_equal(mpt_crypto_compare(a, b, sizeof a), 0);
    assert_int_equal(mpt_crypto_compare(a, b, 19), 0);
    mpt_crypto_wipe(a, sizeof a);
    for (size_t i = 0; i < sizeof a; i++)
        assert_int_equal(a[i], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_of_abc),    cmocka_unit_test(hmac_of_rfc_4231),
        cmocka_unit_test(tokens_and_idsns), cmocka_unit_test(join_hmacs),
        cmocka_unit_test(add_addr_hmacs),   cmocka_unit_test(join_record_tags),
        cmocka_unit_test(compare_and_wipe),
    };

    return cmocka_run_group_tests(tests, init, NULL);
}
