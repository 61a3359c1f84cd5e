/* SPDX-License-Identifier: MIT */
/* secret.c - see secret.h. Secrets come from files, never from the command line, which every user of a machine can read. */
#include "tun/secret.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "crypto/crypto.h"

enum { DIGITS = 64, PSK_LEAST = 16, PSK_MOST = 64 };
static const char psk_name[] = "mpsim"; /* its public name: both ends of these commands say the same */

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* 64 hexadecimal digits, white space behind them. 0 or -1. */
static int parse_key(const char *text, uint8_t key[32])
{
    for (size_t i = 0; i < 32; i++) {
        int high = digit(text[2 * i]), low = high < 0 ? -1 : digit(text[2 * i + 1]);

        if (low < 0)
            return -1;
        key[i] = (uint8_t)(high << 4 | low);
    }
    return text[strspn(text + DIGITS, " \t\r\n") + DIGITS] == '\0' ? 0 : -1;
}

/* The whole file, which must be small: octets, or -1 with words in err. */
static long read_file(const char *path, char *out, size_t room, char *err, size_t cap)
{
    FILE *f = fopen(path, "rb");
    size_t n;

    if (f == NULL) {
        snprintf(err, cap, "%s: %s", path, strerror(errno));
        return -1;
    }
    n = fread(out, 1, room, f);
    fclose(f);
    if (n == room) {
        snprintf(err, cap, "%s is too long", path);
        return -1;
    }
    out[n] = '\0';
    return (long)n;
}

static int take_identity(struct tun_secret *s, const char *path, char *err, size_t cap)
{
    char text[256];
    int bad = read_file(path, text, sizeof text, err, cap) < 0;

    if (!bad && parse_key(text, s->identity) < 0) {
        snprintf(err, cap, "%s is not an Ed25519 private key of 64 hexadecimal digits", path);
        bad = 1;
    }
    mpt_crypto_wipe(text, sizeof text);
    s->has_identity = !bad;
    return bad ? -1 : 0;
}

/* The octets of the file are the secret, but for a line end at its end. */
static int take_psk(struct tun_secret *s, const char *path, char *err, size_t cap)
{
    char text[256];
    long n = read_file(path, text, sizeof text, err, cap);

    if (n > 0 && text[n - 1] == '\n')
        n--;
    if (n >= 0 && (n < PSK_LEAST || n > PSK_MOST)) {
        snprintf(err, cap, "%s has %ld octets: a pre-shared key has %d to %d", path, n, PSK_LEAST, PSK_MOST);
        n = -1;
    }
    if (n > 0) {
        memcpy(s->psk, text, (size_t)n);
        s->psk_len = (size_t)n;
    }
    mpt_crypto_wipe(text, sizeof text);
    return n < 0 ? -1 : 0;
}

int secret_take(struct tun_secret *s, const char *option, const char *value, char *err, size_t cap)
{
    if (strcmp(option, "--identity") == 0)
        return take_identity(s, value, err, cap);
    if (strcmp(option, "--psk") == 0)
        return take_psk(s, value, err, cap);
    if (strlen(value) < DIGITS || parse_key(value, s->expect) < 0) {
        snprintf(err, cap, "'%s' is not an Ed25519 public key of 64 hexadecimal digits", value);
        return -1;
    }
    s->has_expect = 1;
    return 0;
}

const char *secret_check(const struct tun_secret *s, const struct mpt_config *config, int serve)
{
    int given = s->has_identity || s->has_expect || s->psk_len;

    if (given && config->sec == MPT_SECURE_OFF)
        return "keys, but no sec=prefer or sec=require";
    if (s->has_identity && !serve)
        return "--identity is the server's";
    if (s->has_expect && serve)
        return "--expect is the client's";
    if (config->sec != MPT_SECURE_OFF && config->sec_kx == MPT_SECURE_TLS)
        return "sec_kx=tls needs an application with TLS: x25519 or psk here";
    if (config->sec != MPT_SECURE_OFF && config->sec_kx == MPT_SECURE_PSK && !s->psk_len)
        return "sec_kx=psk needs --psk FILE";
    return NULL;
}

int secret_apply(const struct tun_secret *s, struct mpt_stack *stack)
{
    int e = s->has_identity ? mpt_secure_identity(stack, s->identity) : 0;

    if (!e && s->has_expect)
        e = mpt_secure_expect(stack, s->expect);
    if (!e && s->psk_len)
        e = mpt_secure_psk(stack, s->psk, s->psk_len, psk_name, sizeof psk_name - 1);
    return e;
}

void secret_public(const struct tun_secret *s, char out[65])
{
    uint8_t key[32];

    mpt_crypto_ed25519_key(key, s->identity);
    for (size_t i = 0; i < 32; i++)
        snprintf(out + 2 * i, 3, "%02x", key[i]);
}

void secret_wipe(struct tun_secret *s)
{
    mpt_crypto_wipe(s, sizeof *s);
}
