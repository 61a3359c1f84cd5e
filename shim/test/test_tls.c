/* SPDX-License-Identifier: MIT */
/* TLS endpoints against each other, octets carried by hand: handshake, certificates, exporter, records, ends, and
 * what an altered octet does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/x509_vfy.h>

#include "hash.h"
#include "run/payload.h"
#include "tls/tls.h"

enum { DAY = 86400, NOW = 1767225600 };

/* Both ends and what passed between them. */
struct pair {
    struct certificate certificate, other;
    struct tls_context *context[2];
    struct tls *end[2];
    struct hash hash;      /* every octet on the way */
    uint64_t carried[2];   /* octets from client, from server */
    uint64_t flip[2];      /* offset of an octet to alter; UINT64_MAX: none */
};

struct setup {
    uint64_t seed;
    uint32_t cipher, record;
    const char *shown, *wanted; /* host names */
    int64_t from, until;        /* of the certificate */
    int other_authority;        /* the client trusts another one */
};

static const struct setup usual = {1, TLS_CHACHA20_POLY1305, TLS_RECORD_MOST, "a.example", "a.example", NOW - DAY,
                                   NOW + DAY, 0};

static void open_pair(struct pair *p, const struct setup *s)
{
    struct certificate_names names = {s->shown, s->from, s->until};
    struct tls_options o = {s->seed, "tls/1/client", s->wanted, NOW, s->record};

    memset(p, 0, sizeof *p);
    hash_init(&p->hash);
    p->flip[0] = p->flip[1] = UINT64_MAX;
    assert_int_equal(certificate_make(&p->certificate, s->seed, "one", &names), 0);
    assert_int_equal(certificate_make(&p->other, s->seed, "two", &names), 0);
    p->context[0] = tls_context_new(TLS_CLIENT, s->cipher, s->other_authority ? &p->other : &p->certificate, s->seed);
    p->context[1] = tls_context_new(TLS_SERVER, s->cipher, &p->certificate, s->seed);
    p->end[0] = tls_new(p->context[0], &o);
    o.purpose = "tls/1/server";
    p->end[1] = tls_new(p->context[1], &o);
    assert_non_null(p->end[0]);
    assert_non_null(p->end[1]);
}

static void close_pair(struct pair *p)
{
    for (int i = 0; i < 2; i++) {
        tls_free(p->end[i]);
        tls_context_free(p->context[i]);
    }
    certificate_clear(&p->certificate);
    certificate_clear(&p->other);
}

/* One way, in pieces of an odd size: nothing depends on where segments end. */
static size_t carry(struct pair *p, int from)
{
    uint8_t piece[1379];
    const uint8_t *octets;
    size_t n, sum = 0;

    while ((n = tls_out(p->end[from], &octets)) > 0) {
        n = n < sizeof piece ? n : sizeof piece;
        memcpy(piece, octets, n);
        if (p->flip[from] >= p->carried[from] && p->flip[from] < p->carried[from] + n)
            piece[p->flip[from] - p->carried[from]] ^= 0x10;
        hash_bytes(&p->hash, piece, n);
        p->carried[from] += n;
        tls_drop(p->end[from], n);
        tls_feed(p->end[!from], piece, n);
        sum += n;
    }
    return sum;
}

static void settle(struct pair *p)
{
    while (carry(p, 0) + carry(p, 1) > 0)
        continue;
}

static struct tls_info look(const struct pair *p, int end)
{
    struct tls_info info;

    tls_info(p->end[end], &info);
    return info;
}

/* n octets of payload from one end to the other, checked; returns what arrived. */
static uint64_t transfer(struct pair *p, int from, uint64_t n)
{
    static uint8_t buffer[50000];
    struct payload payload;
    uint64_t written = 0, read = 0, bad;
    int64_t e = 0;

    payload_init(&payload, 7, 1, (unsigned)from);
    while (read < n) {
        size_t part = (size_t)(n - written < sizeof buffer ? n - written : sizeof buffer);
        uint64_t before = written + read;

        payload_fill(&payload, written, buffer, part);
        e = part > 0 ? tls_write(p->end[from], buffer, part) : 0;
        written += e > 0 ? (uint64_t)e : 0;
        carry(p, from);
        while ((e = tls_read(p->end[!from], buffer, sizeof buffer)) > 0) {
            assert_int_equal(payload_check(&payload, read, buffer, (size_t)e, &bad), PAYLOAD_GOOD);
            read += (uint64_t)e;
        }
        if (e != TLS_AGAIN || written + read == before)
            break;
    }
    return read;
}

/* ---- handshakes --------------------------------------------------------------------------------- */

static void test_ciphers(void **state)
{
    static const char *const names[] = {"TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_256_GCM_SHA384"};

    (void)state;
    for (uint32_t cipher = 0; cipher < 2; cipher++) {
        struct setup s = usual;
        struct pair p;

        s.cipher = cipher;
        open_pair(&p, &s);
        assert_int_equal(tls_write(p.end[0], "x", 1), TLS_AGAIN);
        settle(&p);
        for (int i = 0; i < 2; i++) {
            assert_int_equal(look(&p, i).state, TLS_OPEN);
            assert_string_equal(look(&p, i).cipher, names[cipher]);
        }
        assert_int_equal(transfer(&p, 0, 100000), 100000);
        assert_int_equal(transfer(&p, 1, 100000), 100000);
        close_pair(&p);
    }
}

/* All that passes, for a seed. */
static uint64_t bytes_of(uint64_t seed)
{
    struct setup s = usual;
    struct pair p;
    uint64_t h;

    s.seed = seed;
    open_pair(&p, &s);
    settle(&p);
    assert_int_equal(transfer(&p, 0, 30000), 30000);
    tls_close(p.end[0]);
    tls_close(p.end[1]);
    settle(&p);
    h = hash_value(&p.hash);
    close_pair(&p);
    return h;
}

static void test_same_bytes(void **state)
{
    uint64_t first = bytes_of(5);

    (void)state;
    assert_true(first == bytes_of(5));
    assert_true(first != bytes_of(6));
}

/* ---- certificates ------------------------------------------------------------------------------- */

static void refuse(const struct setup *s, long verify, const char *text, int alert)
{
    struct pair p;
    uint8_t out[16];

    open_pair(&p, s);
    settle(&p);
    assert_int_equal(look(&p, 0).state, TLS_FAILED);
    assert_int_equal(look(&p, 0).reason, TLS_BAD_CERTIFICATE);
    assert_int_equal(look(&p, 0).verify, verify);
    assert_non_null(strstr(look(&p, 0).text, text));
    assert_int_equal(look(&p, 0).alert_sent, alert);
    assert_int_equal(look(&p, 1).state, TLS_FAILED);
    assert_int_equal(look(&p, 1).reason, TLS_ALERTED);
    assert_int_equal(look(&p, 1).alert_received, alert);
    assert_int_equal(tls_write(p.end[0], "x", 1), TLS_ERROR);
    assert_int_equal(tls_read(p.end[1], out, sizeof out), TLS_ERROR);
    close_pair(&p);
}

static void test_certificates(void **state)
{
    struct setup s = usual;

    (void)state;
    s.other_authority = 1;
    refuse(&s, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, "issuer", 48 /* unknown_ca */);
    s = usual;
    s.wanted = "b.example";
    refuse(&s, X509_V_ERR_HOSTNAME_MISMATCH, "hostname", 42 /* bad_certificate */);
    s = usual;
    s.until = NOW - 1;
    refuse(&s, X509_V_ERR_CERT_HAS_EXPIRED, "expired", 45 /* certificate_expired */);
    s = usual;
    s.from = NOW + 1;
    refuse(&s, X509_V_ERR_CERT_NOT_YET_VALID, "not yet valid", 42);
}

static void test_exporter(void **state)
{
    uint8_t key[4][64];
    struct pair p;

    (void)state;
    open_pair(&p, &usual);
    assert_int_equal(tls_export(p.end[0], "EXPORTER-test", NULL, 0, key[0], 64), -1);
    settle(&p);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(tls_export(p.end[i], "EXPORTER-test", "context", 7, key[i], 64), 0);
        assert_int_equal(tls_export(p.end[i], "EXPORTER-test", "contexT", 7, key[2], 64), 0);
        assert_int_equal(tls_export(p.end[i], "EXPORTER-tesT", "context", 7, key[3], 64), 0);
        assert_memory_not_equal(key[2], key[i], 64);
        assert_memory_not_equal(key[3], key[i], 64);
    }
    assert_memory_equal(key[0], key[1], 64);
    close_pair(&p);
}

/* ---- records ------------------------------------------------------------------------------------ */

/* Overhead of a record: header 5, type 1, tag 16 (RFC 8446 5.2). */
static void test_records(void **state)
{
    static const uint32_t sizes[] = {512, 1000, 4096, 16384};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct setup s = usual;
        struct pair p;
        uint64_t before;

        s.record = sizes[i];
        open_pair(&p, &s);
        settle(&p);
        before = p.carried[1];
        assert_int_equal(transfer(&p, 1, 100 * (uint64_t)sizes[i]), 100 * sizes[i]);
        assert_int_equal(p.carried[1] - before, 100 * ((uint64_t)sizes[i] + 22));
        assert_int_equal(look(&p, 1).cipher_out, p.carried[1]);
        assert_int_equal(look(&p, 0).cipher_in, p.carried[1]);
        assert_int_equal(look(&p, 0).plain_in, 100 * sizes[i]);
        close_pair(&p);
    }
}

static void test_record_range(void **state)
{
    struct tls_options o = {1, "tls/x", "a.example", NOW, 511};
    struct pair p;

    (void)state;
    open_pair(&p, &usual);
    assert_null(tls_new(p.context[0], &o));
    o.record = 16385;
    assert_null(tls_new(p.context[0], &o));
    close_pair(&p);
}

static void test_large(void **state)
{
    struct pair p;

    (void)state;
    open_pair(&p, &usual);
    settle(&p);
    assert_int_equal(transfer(&p, 0, 20000000), 20000000);
    assert_int_equal(transfer(&p, 1, 20000000), 20000000);
    close_pair(&p);
}

/* ---- altered octets and ends -------------------------------------------------------------------- */

/* Whatever octet of a record: the end that reads it is dead and says so, the other one is told. */
static void test_altered(void **state)
{
    uint8_t out[64];

    (void)state;
    for (uint64_t at = 0; at < 64; at += 7) {
        struct pair p;

        open_pair(&p, &usual);
        settle(&p);
        p.flip[0] = p.carried[0] + 40000 + at;
        assert_true(transfer(&p, 0, 100000) < 40000);
        assert_int_equal(look(&p, 1).state, TLS_FAILED);
        assert_int_equal(look(&p, 1).reason, TLS_BAD_RECORD);
        assert_int_equal(look(&p, 1).alert_sent, 20 /* bad_record_mac */);
        assert_string_equal(look(&p, 1).text, "decryption failed or bad record mac");
        assert_int_equal(tls_read(p.end[1], out, sizeof out), TLS_ERROR);
        settle(&p);
        assert_int_equal(tls_read(p.end[0], out, sizeof out), TLS_ERROR);
        assert_int_equal(look(&p, 0).reason, TLS_ALERTED);
        assert_int_equal(look(&p, 0).alert_received, 20);
        close_pair(&p);
    }
}

/* Every octet of the record header too: type, version, length. */
static void test_altered_header(void **state)
{
    (void)state;
    for (uint64_t at = 0; at < 5; at++) {
        struct pair p;

        open_pair(&p, &usual);
        settle(&p);
        p.flip[1] = p.carried[1] + at;
        assert_int_equal(transfer(&p, 1, 60000), 0);
        assert_int_equal(look(&p, 0).state, TLS_FAILED);
        assert_int_equal(look(&p, 0).reason, TLS_BAD_RECORD);
        close_pair(&p);
    }
}

/* An altered handshake never opens: the transcript is signed and hashed (RFC 8446 4.4). */
static void test_altered_handshake(void **state)
{
    (void)state;
    for (int from = 0; from < 2; from++)
        for (uint64_t at = 0; at < 200; at += 13) {
            struct pair p;

            open_pair(&p, &usual);
            p.flip[from] = at;
            settle(&p);
            tls_end(p.end[0]);
            tls_end(p.end[1]);
            assert_false(look(&p, 0).state == TLS_OPEN && look(&p, 1).state == TLS_OPEN);
            close_pair(&p);
        }
}

/* The stream ends between two records, or inside one. */
static void test_truncated(void **state)
{
    uint8_t out[64];

    (void)state;
    for (size_t cut = 0; cut < 30; cut += 10) {
        const uint8_t *octets;
        struct pair p;

        open_pair(&p, &usual);
        settle(&p);
        assert_int_equal(tls_write(p.end[0], "first", 5), 5);
        carry(&p, 0);
        assert_int_equal(tls_write(p.end[0], "second", 6), 6);
        assert_int_equal(tls_out(p.end[0], &octets), 28);
        tls_feed(p.end[1], octets, cut);
        tls_end(p.end[1]);
        assert_int_equal(tls_read(p.end[1], out, sizeof out), 5);
        assert_int_equal(tls_read(p.end[1], out, sizeof out), TLS_ERROR);
        assert_int_equal(look(&p, 1).reason, TLS_TRUNCATED);
        close_pair(&p);
    }
}

/* One direction ends, the other goes on (RFC 8446 6.1). */
static void test_half_close(void **state)
{
    uint8_t out[64];
    struct pair p;

    (void)state;
    open_pair(&p, &usual);
    settle(&p);
    tls_close(p.end[0]);
    assert_int_equal(tls_write(p.end[0], "x", 1), TLS_ERROR);
    settle(&p);
    assert_int_equal(tls_read(p.end[1], out, sizeof out), 0);
    tls_end(p.end[1]);
    assert_int_equal(look(&p, 1).state, TLS_OPEN);
    assert_int_equal(transfer(&p, 1, 50000), 50000);
    tls_close(p.end[1]);
    settle(&p);
    assert_int_equal(tls_read(p.end[0], out, sizeof out), 0);
    tls_end(p.end[0]);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(look(&p, i).reason, TLS_GOOD);
        assert_string_equal(look(&p, i).text, "");
    }
    close_pair(&p);
}

/* Something that is not TLS at all. */
static void test_not_tls(void **state)
{
    struct pair p;

    (void)state;
    open_pair(&p, &usual);
    tls_feed(p.end[1], "GET / HTTP/1.1\r\n\r\n", 18);
    assert_int_equal(look(&p, 1).state, TLS_FAILED);
    assert_true(look(&p, 1).text[0] != '\0');
    close_pair(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ciphers),         cmocka_unit_test(test_same_bytes),
        cmocka_unit_test(test_certificates),    cmocka_unit_test(test_exporter),
        cmocka_unit_test(test_records),         cmocka_unit_test(test_record_range),
        cmocka_unit_test(test_large),           cmocka_unit_test(test_altered),
        cmocka_unit_test(test_altered_header),  cmocka_unit_test(test_altered_handshake),
        cmocka_unit_test(test_truncated),       cmocka_unit_test(test_half_close),
        cmocka_unit_test(test_not_tls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
