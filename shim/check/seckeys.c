/* SPDX-License-Identifier: MIT */
/* check/seckeys.c - the key log of MPTCPsec, `check-pcap --keys FILE` (lines as mpt_secure_log writes them, model/mpt.h):
 *     MPTSEC1 token_a token_b suite tx_a tx_b join jrec ack_a ack_b
 * and what needs its keys outside of records: the HMACs of MP_JOIN (model/sec/SPEC.md 3.7). Called by trace.c, join.c. */
#include "check/secure.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/crypto.h"
#include "run/pool.h"

enum { LINE_MOST = 1024 };

/* One connection. */
struct sec_log {
    struct sec_log *next;
    uint32_t token[2];
    uint8_t suite;
    struct mpt_sec_keys keys;
};

static int hex(char x)
{
    const char *digits = "0123456789abcdef", *at = strchr(digits, x >= 'A' && x <= 'F' ? x + 32 : x);

    return x && at ? (int)(at - digits) : -1;
}

/* The next word as n octets: 0, or -1. */
static int word(char **text, uint8_t *out, size_t n)
{
    char *p = *text + strspn(*text, " ");

    for (size_t i = 0; i < n; i++, p += 2) {
        int high = hex(p[0]), low = high < 0 ? -1 : hex(p[1]);

        if (low < 0)
            return -1;
        out[i] = (uint8_t)(high << 4 | low);
    }
    *text = p;
    return *p == ' ' || *p == '\0' || *p == '\n' || *p == '\r' ? 0 : -1;
}

static int read_line(char *text, struct sec_log *l)
{
    struct mpt_sec_keys *k = &l->keys;
    uint8_t token[2][4];

    if (strncmp(text, "MPTSEC1 ", 8) != 0)
        return -1;
    text += 8;
    if (word(&text, token[0], 4) < 0 || word(&text, token[1], 4) < 0 || word(&text, &l->suite, 1) < 0 ||
        word(&text, k->tx[0], 32) < 0 || word(&text, k->tx[1], 32) < 0 || word(&text, k->jn, 32) < 0 ||
        word(&text, k->jr, 32) < 0 || word(&text, k->ak[0], 16) < 0 || word(&text, k->ak[1], 16) < 0)
        return -1;
    for (int i = 0; i < 2; i++)
        l->token[i] = (uint32_t)sec_get(token[i], 4);
    return text[strspn(text, " \r\n")] == '\0' ? 0 : -1;
}

static int read_all(struct check *c, FILE *file)
{
    char line[LINE_MOST];

    for (unsigned n = 1; fgets(line, sizeof line, file) != NULL; n++) {
        struct sec_log *l;

        if (line[0] == '#' || line[strspn(line, " \r\n")] == '\0')
            continue;
        l = pool_grow(NULL, sizeof *l);
        l->next = c->logs;
        c->logs = l;
        if (read_line(line, l) < 0) {
            fprintf(stderr, "mpsim: %s:%u: not a line of a key log (MPTSEC1 token_a token_b suite tx_a tx_b join jrec ack_a"
                            " ack_b)\n", c->options.keys, n);
            return -1;
        }
    }
    return ferror(file) ? -1 : 0;
}

int seckeys_read(struct check *c)
{
    FILE *file;
    int r;

    if (c->options.keys == NULL)
        return 0;
    file = fopen(c->options.keys, "r");
    if (file == NULL) {
        fprintf(stderr, "mpsim: %s: cannot be read\n", c->options.keys);
        return -1;
    }
    r = read_all(c, file);
    fclose(file);
    return r;
}

void seckeys_free(struct check *c)
{
    for (struct sec_log *l = c->logs, *next; l != NULL; l = next) {
        next = l->next;
        free(l);
    }
}

/* By both tokens and the suite, once both ends' keys of MP_CAPABLE were seen. */
int seckeys_have(struct check *c, struct conn *k)
{
    struct secure *s = k->sec;

    if (s->looked || !k->end[0].has_key || !k->end[1].has_key)
        return s->keyed;
    s->looked = 1;
    for (const struct sec_log *l = c->logs; l != NULL && !s->keyed; l = l->next) {
        if (l->token[0] != k->end[0].token || l->token[1] != k->end[1].token || l->suite != s->suite)
            continue;
        s->keys = l->keys;
        s->aead = mpt_crypto_aead(s->suite & 15);
        s->keyed = s->aead != NULL;
    }
    return s->keyed;
}

/* ---- MP_JOIN (3.7) ------------------------------------------------------------------------------------- */

/* "mptsec1 mpj " || w || role || MPJ || nibble || id_R || R_R: 8 octets in the SYN/ACK (w "2"), 20 in the third ACK ("3"). */
void seckeys_join(struct check *c, struct flow *f, int third, const struct frame *p)
{
    uint8_t m[12 + 1 + 1 + 12 + 1 + 1 + 4] = "mptsec1 mpj ", h[32];
    struct mpt_piece piece = {m, sizeof m};

    if (!seckeys_have(c, f->conn)) {
        report_unchecked(c, UNCHECKED_SECRET_HMAC, 1);
        return;
    }
    m[12] = third ? '3' : '2';
    m[13] = f->flip ? 2 : 1;
    memcpy(m + 14, f->mpj, 12);
    m[26] = f->join_bits;
    m[27] = f->join_id[1];
    for (int i = 0; i < 4; i++)
        m[28 + i] = (uint8_t)(f->nonce[1] >> (24 - 8 * i));
    mpt_crypto_hmac(h, f->conn->sec->keys.jn, 32, &piece, 1);
    if (third)
        require(c, memcmp(h, p->join.hmac, 20) == 0, SEC_JOIN_ACK, "join key and MP_JOINs do not give it");
    else
        require(c, memcmp(h, p->join.hmac, 8) == 0, SEC_JOIN_SYNACK, "join key and MP_JOINs do not give it");
}
