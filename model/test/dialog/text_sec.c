/* SPDX-License-Identifier: MIT */
/* text_sec.c - MPTCPsec in a dialogue (sec/SPEC.md 3): the scripted peer negotiates, shakes hands, seals and opens by sec/'s
 * pure functions, which have the specification's vectors (unit/test_sec_*.c). The grammar is in dialog.h. */
#include "dialog/private.h"

#include "sec/sec.h"

struct dialog_sec {
    struct mpt_sec_names names;
    struct mpt_sec_hs hs;
    struct mpt_sec_keys keys;
    const struct mpt_aead *aead;
    uint8_t begun, keyed;
    uint64_t start[2];              /* where the applications' octets begin in the streams: of the stack, of the peer */
    struct mpt_sec_dir tx, rx;      /* of the initial subflow */
    uint8_t tx_made, rx_made;
    uint64_t edge;                  /* of the stack, the highest told */
};

static struct dialog_sec *sec_of(struct dialog *d)
{
    if (!d->sec)
        d->sec = calloc(1, sizeof *d->sec);
    assert_non_null(d->sec);
    return d->sec;
}

void dialog_sec_free(struct dialog *d)
{
    free(d->sec);
    d->sec = NULL;
}

static int stack_is_a(const struct dialog *d)
{
    return !d->tuple[0].by_peer;
}

static const uint8_t *find(const uint8_t *o, size_t n, uint8_t kind, int subtype)
{
    for (size_t i = 0; i < n && o[i];) {
        if (o[i] == 1) {
            i++;
            continue;
        }
        if (i + 1 >= n || o[i + 1] < 2 || i + o[i + 1] > n)
            return NULL;
        if (o[i] == kind && (subtype < 0 || o[i + 2] >> 4 == subtype))
            return o + i;
        i += o[i + 1];
    }
    return NULL;
}

void dialog_sec_note(struct dialog *d, const uint8_t *options, size_t n, uint8_t flags)
{
    const uint8_t *eno = find(options, n, MPT_SEC_ENO_KIND, -1), *mpc = find(options, n, 30, 0);
    struct mpt_sec_names *names;

    if (!(flags & MPT_TCP_SYN) || !mpc || (!eno && !d->sec))
        return;
    names = &sec_of(d)->names;
    if (flags & MPT_TCP_ACK) {
        memcpy(names->capable_synack, mpc, 12);
        if (eno)
            memcpy(names->eno_synack, eno, 7);
    } else {
        memcpy(names->capable_syn, mpc, 4);
        if (eno)
            memcpy(names->eno_syn, eno, eno[1]);
    }
}

/* ---- the handshake ---- */

static void begin(struct dialog *d)
{
    struct dialog_sec *x = sec_of(d);
    uint8_t random[64];
    struct mpt_sec_hs_config config = { .role = stack_is_a(d) ? MPT_SEC_B : MPT_SEC_A, .random = random };

    if (x->begun)
        return;
    for (size_t i = 0; i < sizeof random; i++)
        random[i] = (uint8_t)(0x60 + i);
    config.aead = x->aead = mpt_crypto_aead(x->names.eno_synack[6] & 15);
    mpt_bytes_put64(x->names.key_a, stack_is_a(d) ? d->key_stack : d->key_peer);
    assert_int_equal(mpt_sec_hs_init(&x->hs, &config, &x->names), 0);
    x->begun = 1;
}

static void keys(struct dialog_sec *x)
{
    if (!x->keyed && mpt_sec_hs_done(&x->hs))
        x->keyed = mpt_sec_hs_keys(&x->hs, &x->keys) == 0;
}

size_t dialog_sec_frame(struct dialog *d, uint8_t *out, uint64_t dsn)
{
    struct dialog_sec *x = sec_of(d);
    size_t n;

    begin(d);
    n = mpt_sec_hs_write(&x->hs, out, MPT_SEC_FRAME_MAX);
    if (!n)
        fail_msg("the peer has no frame to send now");
    x->start[1] = dsn + n;
    keys(x);
    return n;
}

/* A frame of the stack: its name, followed by ! when the peer does not believe it. */
static void frame_out(struct dialog *d, const struct mpt_segment *s, uint64_t dsn, char *out)
{
    static const char *const name[] = { "frame", "hello", "reply", "auth", "finished" };
    struct dialog_sec *x = sec_of(d);
    size_t used = 0;

    begin(d);
    sprintf(out, " %s", s->data[0] <= 4 ? name[s->data[0]] : "frame");
    if (mpt_sec_hs_read(&x->hs, s->data, s->len, &used) != MPT_SEC_OK || used != s->len)
        strcat(out, "!");
    x->start[0] = dsn + s->len;
    keys(x);
}

/* ---- records ---- */

static struct mpt_sec_dir *direction(struct dialog *d, int by_stack, uint64_t ssn)
{
    static const struct mpt_sec_sf_id first;
    struct dialog_sec *x = sec_of(d);
    struct mpt_sec_dir *dir = by_stack ? &x->rx : &x->tx;
    uint8_t *made = by_stack ? &x->rx_made : &x->tx_made;

    if (!*made)
        mpt_sec_dir_init(dir, x->aead, x->keys.tx[by_stack == stack_is_a(d) ? MPT_SEC_A : MPT_SEC_B], &first, ssn);
    *made = 1;
    return dir;
}

/* The peer's record at SSN `ssn`: its octets in out. dsn, r->ack, r->edge: offsets; h: its first octet, -1: the right one. */
uint32_t dialog_sec_seal(struct dialog *d, uint8_t *out, uint64_t ssn, uint64_t dsn, struct mpt_sec_record *r, int h)
{
    struct dialog_sec *x = sec_of(d);
    struct mpt_sec_dir *dir;
    uint8_t *p;

    if (!x->keyed)
        fail_msg("no keys yet");
    dir = direction(d, 0, ssn);
    if (r->h & MPT_SEC_H_ACK) {
        r->ack += d->idsn_stack + 1 + x->start[0];
        r->edge += d->idsn_stack + 1 + x->start[0];
    }
    p = mpt_sec_prefix_build(out, r);
    for (uint32_t i = 0; i < r->len; i++)
        *p++ = dialog_octet(dsn + i, 1);
    if (h >= 0)
        *out = (uint8_t)h;
    assert_int_equal(mpt_sec_seal(dir, d->idsn_peer + 1 + x->start[1] + dsn, out, (uint32_t)(p - out)), MPT_SEC_OK);
    return (uint32_t)(p - out) + MPT_SEC_TAG;
}

uint64_t dialog_sec_start(struct dialog *d, int dir)
{
    return sec_of(d)->start[dir];
}

static int data_is_right(const struct mpt_sec_record *r, uint64_t dsn)
{
    for (uint32_t i = 0; i < r->len; i++)
        if (r->data[i] != dialog_octet(dsn + i, 0))
            return 0;
    return 1;
}

static void record_out(struct dialog *d, const struct mpt_segment *s, uint64_t ssn, uint64_t dsn, char *out)
{
    struct dialog_sec *x = sec_of(d);
    struct mpt_sec_dir *dir = direction(d, 1, ssn);
    uint8_t text[2048];
    struct mpt_sec_record r;

    if (ssn < dir->ssn) {
        strcpy(out, " again");
        return;
    }
    memcpy(text, s->data, s->len);
    if (s->len != s->mp.dss.dll || mpt_sec_open(dir, ssn, d->idsn_stack + 1 + dsn, text, s->len) != MPT_SEC_OK ||
        mpt_sec_record_parse(&r, text, s->len - MPT_SEC_TAG, MPT_SEC_RECORD_BITS, MPT_SEC_DATA_MAX) != MPT_SEC_OK) {
        strcpy(out, " seal!");
        return;
    }
    dsn -= x->start[0];
    out += sprintf(out, " seal%s=%llu/%u", data_is_right(&r, dsn) ? "" : "!", (unsigned long long)dsn, r.len);
    if (r.h & MPT_SEC_H_ACK) {
        uint64_t first = d->idsn_peer + 1 + x->start[1];

        out += sprintf(out, ":ack=%llu", (unsigned long long)(r.ack - first));
        x->edge = r.edge - first;
        if (d->show_window)
            out += sprintf(out, ":edge=%llu", (unsigned long long)x->edge);
        if (r.cack)
            out += sprintf(out, ":cack=%u", r.cack);
    }
    if (r.h & MPT_SEC_H_CTL)
        out += sprintf(out, ":ctl=%u", mpt_sec_ctl_csn(r.ctl));
    sprintf(out, "%s%s", r.h & MPT_SEC_H_DFIN ? ":dfin" : "", r.h & MPT_SEC_H_SFIN ? ":sfin" : "");
}

int dialog_sec_mapped(struct dialog *d, const struct mpt_segment *s, uint64_t ssn, uint64_t dsn, char *out)
{
    struct dialog_sec *x = d->sec;

    if (!x || !x->names.eno_syn[0] || !x->names.eno_synack[0])
        return 0;
    if (x->keyed && dsn >= x->start[0])
        record_out(d, s, ssn, dsn, out);
    else if (dsn < x->start[0])
        strcpy(out, " again");
    else
        frame_out(d, s, dsn, out);
    return 1;
}

/* ---- options ---- */

uint8_t *dialog_sec_eno(uint8_t *o, const char *w, uint8_t flags)
{
    struct mpt_sec_eno e = { .form = !(flags & MPT_TCP_SYN) ? MPT_SEC_ENO_ACK : flags & MPT_TCP_ACK ? MPT_SEC_ENO_SYNACK : MPT_SEC_ENO_SYN };

    for (const char *p = strchr(w, '='); p; p = strchr(p + 1, ','))
        e.suite[e.count++] = (uint8_t)strtoul(p + 1, NULL, 16);
    return mpt_sec_eno_build(o, &e);
}

/* dack and edge: offsets in the stack's stream of application octets. */
uint8_t *dialog_sec_aack(struct dialog *d, uint8_t *o, uint64_t dack, uint64_t edge, int forged)
{
    struct dialog_sec *x = sec_of(d);
    uint8_t *end = mpt_sec_aack_build(o, x->keys.ak[stack_is_a(d) ? MPT_SEC_B : MPT_SEC_A], d->idsn_stack + 1 + x->start[0] + dack,
                                      (uint32_t)(edge - dack));

    end[-1] ^= (uint8_t)(forged != 0);
    return end;
}

void dialog_sec_options(struct dialog *d, const uint8_t *options, size_t n, uint8_t flags, char *out)
{
    const uint8_t *o = find(options, n, MPT_SEC_ENO_KIND, -1);
    struct mpt_sec_eno e;
    uint64_t dack, edge;

    *out = 0;
    if (o && mpt_sec_eno_parse(&e, o, o[1], flags) == 0) {
        out += sprintf(out, " eno");
        for (unsigned i = 0; i < e.count; i++)
            out += sprintf(out, "%c%02x", i ? ',' : '=', e.suite[i]);
    } else if (o) {
        out += sprintf(out, " eno!");
    }
    o = d->sec && d->sec->keyed ? find(options, n, 30, 15) : NULL;
    if (!o || o[1] != MPT_SEC_AACK_LEN)
        return;
    if (mpt_sec_aack_open(o, o[1], d->sec->keys.ak[stack_is_a(d) ? MPT_SEC_A : MPT_SEC_B], d->idsn_peer + 1 + d->sec->start[1], &dack,
                          &edge) != MPT_SEC_OK) {
        sprintf(out, " aack!");
        return;
    }
    dack -= d->idsn_peer + 1 + d->sec->start[1];
    edge -= d->idsn_peer + 1 + d->sec->start[1];
    out += sprintf(out, " aack=%llu", (unsigned long long)dack);
    if (d->show_window)
        sprintf(out, ":edge=%llu", (unsigned long long)edge);
    d->sec->edge = edge > d->sec->edge ? edge : d->sec->edge;
}

uint64_t dialog_sec_edge(struct dialog *d)
{
    return sec_of(d)->edge;
}

/* ---- openings ---- */

static const char *const SECURE[] = { "sec=require", "sec_aead=chacha20", NULL };

void dialog_secure_client(struct dialog *d)
{
    dialog_client(d, SECURE);
    dialog_out(d, 0, "S 0 cap4 ext eno=11");
    dialog_in(d, 10 * MS, "S. 0 a1 cap12 eno=11");
    dialog_out(d, 10 * MS, ". 1 a1 cap20 eno");
    dialog_out(d, 10 * MS, ". 1+78 a1 cap22=78 eno hello");
    dialog_in(d, 20 * MS, ". 1+68 a79 ack=78 map=0/1/68 frame");
    dialog_skip(d, 20 * MS);
    dialog_in(d, 21 * MS, ". 69+52 a79 ack=78 map=68/69/52 frame");
    dialog_skip(d, 21 * MS);
    assert_true(d->events & MPT_EV_SECURE);
}

void dialog_secure_server_on(struct dialog *d, const char *syn)
{
    dialog_server(d, SECURE);
    dialog_in(d, 0, syn);
    dialog_out(d, 0, "S. 0 a1 cap12 eno=11");
    dialog_in(d, 10 * MS, ". 1 a1 cap20 eno");
    dialog_in(d, 10 * MS, ". 1+78 a1 cap22=78 eno frame");
    dialog_skip(d, 10 * MS);
    dialog_in(d, 20 * MS, ". 79+51 a121 ack=120 map=78/79/51 frame");
    dialog_skip(d, 20 * MS);
    assert_true(d->events & MPT_EV_SECURE);
}

void dialog_secure_server(struct dialog *d)
{
    dialog_secure_server_on(d, "S 0 cap4 eno=11");
}
