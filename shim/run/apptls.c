/* SPDX-License-Identifier: MIT */
/* run/apptls.c - TLS of the applications; see apptls.h. */
#include "run/apptls.h"

#include <stdio.h>
#include <string.h>

#include "run/harness.h"

/* Virtual time 0 is 2026-01-01 00:00 UTC for certificates; they are valid for a year around it. */
static const int64_t epoch = 1767225600, half_year = 15768000;

#define SERVER_NAME "server.mpsim.example"

/* ---- the run ------------------------------------------------------------------------------------ */

/* A wrong certificate is an honest one for another name or another time (`tls.certificate`). */
static struct certificate_names names_of(const struct run_config *c)
{
    struct certificate_names names = {SERVER_NAME, epoch - half_year, epoch + half_year};

    if (c->tls_certificate == CERTIFICATE_HOST)
        names.host = "other.mpsim.example";
    if (c->tls_certificate == CERTIFICATE_EXPIRED)
        names.until = epoch - 1;
    return names;
}

/* The client trusts the authority of the server, or one that has signed nothing. */
int apptls_init(struct run *r, char *err, size_t cap)
{
    const struct run_config *c = r->config;
    struct apptls_common *k = &r->apptls;
    struct certificate_names names = names_of(c);
    int trusted = c->tls_certificate == CERTIFICATE_CA;

    if (!c->tls && !config_secure_by_tls(&c->stack[SIDE_CLIENT]) && !config_secure_by_tls(&c->stack[SIDE_SERVER]))
        return 0;
    if (certificate_make(&k->certificate[0], r->seed, "authority", &names) == 0 &&
        certificate_make(&k->certificate[1], r->seed, "other authority", &names) == 0) {
        k->context[SIDE_CLIENT] = tls_context_new(TLS_CLIENT, c->tls_cipher, &k->certificate[trusted], r->seed);
        k->context[SIDE_SERVER] = tls_context_new(TLS_SERVER, c->tls_cipher, &k->certificate[0], r->seed);
    }
    if (k->context[SIDE_CLIENT] != NULL && k->context[SIDE_SERVER] != NULL)
        return 0;
    snprintf(err, cap, "TLS: %s makes no certificates or contexts", tls_version());
    return -1;
}

void apptls_clear(struct run *r)
{
    for (int side = 0; side < SIDES; side++)
        tls_context_free(r->apptls.context[side]);
    for (int i = 0; i < 2; i++)
        certificate_clear(&r->apptls.certificate[i]);
}

/* ---- one end ------------------------------------------------------------------------------------ */

/* Streams are named by use, connection and side, so that one more connection shifts nobody's draws. */
struct tls *apptls_new(struct session *s, int side, const char *use, uint64_t now)
{
    struct run *r = s->run;
    char purpose[48];
    struct tls_options o = {.seed = r->seed, .purpose = purpose, .host = SERVER_NAME,
                            .unix_time = epoch + (int64_t)(now / 1000000000),
                            .record = (uint32_t)r->config->tls_record};

    snprintf(purpose, sizeof purpose, "%s/%u/%s", use, s->number, side == SIDE_CLIENT ? "client" : "server");
    return tls_new(r->apptls.context[side], &o);
}

int apptls_open(struct session *s, int side, uint64_t now)
{
    if (!s->run->config->tls)
        return 0;
    s->apptls[side].alert[0] = s->apptls[side].alert[1] = -1;
    s->apptls[side].tls = apptls_new(s, side, "tls", now);
    return s->apptls[side].tls != NULL ? 0 : MPT_ENOMEM;
}

/* Copies what outlives the end, and notes when it was ready. */
static void note(struct apptls *e, uint64_t now)
{
    struct tls_info info;

    tls_info(e->tls, &info);
    if (info.state == TLS_OPEN && e->done_at == 0)
        e->done_at = now;
    if (info.state == TLS_FAILED && !e->failed) {
        e->failed = 1;
        snprintf(e->text, sizeof e->text, "%s", info.text);
    }
    e->alert[0] = info.alert_sent;
    e->alert[1] = info.alert_received;
    e->octets[0] = info.cipher_in;
    e->octets[1] = info.cipher_out;
}

/* What mpt_write does not take stays where it is. 1: nothing waits any more. */
static int flush(struct session *s, int side, uint64_t now)
{
    struct apptls *e = &s->apptls[side];
    const uint8_t *p;
    size_t n;

    while ((n = tls_out(e->tls, &p)) > 0) {
        int64_t taken = mpt_write(s->conn[side], p, n, now);

        if (taken <= 0)
            return 0;
        tls_drop(e->tls, (size_t)taken);
    }
    /* the end of the stream comes after the last record, never instead of it */
    if (s->shut[side] && !e->fin) {
        e->fin = 1;
        mpt_shutdown(s->conn[side], now);
    }
    return 1;
}

/* A record at a time, full as long as there is payload for it; TLS takes no more when the connection does not. */
void apptls_push(struct session *s, int side, uint64_t now)
{
    struct apptls *e = &s->apptls[side];
    uint8_t piece[TLS_RECORD_MOST];
    int64_t taken = 1;

    while (flush(s, side, now) && taken > 0 && s->written[side] < s->wanted[side]) {
        uint64_t left = s->wanted[side] - s->written[side];
        size_t n = (size_t)(left < s->run->config->tls_record ? left : s->run->config->tls_record);

        payload_fill(&s->payload[side], s->written[side], piece, n);
        taken = tls_write(e->tls, piece, n);
        if (taken > 0)
            s->written[side] += (uint64_t)taken;
    }
    note(e, now);
}

/* Handshake, alerts and close_notify are taken on the way; the end of the transport is reported only after
 * everything before it was read. */
int64_t apptls_read(struct session *s, int side, void *out, size_t n, uint64_t now)
{
    struct apptls *e = &s->apptls[side];
    uint8_t chunk[TLS_RECORD_MOST];

    for (;;) {
        int64_t got = tls_read(e->tls, out, n), raw;

        note(e, now);
        if (got > 0)
            return got;
        if (e->failed)
            return MPT_EPROTO;
        raw = mpt_read(s->conn[side], chunk, sizeof chunk, now);
        if (raw < 0)
            return raw;
        if (raw == 0) {
            tls_end(e->tls);
            note(e, now);
            return e->failed ? MPT_EPROTO : 0;
        }
        if (got != 0) /* nothing counts after close_notify (RFC 8446 6.1) */
            tls_feed(e->tls, chunk, (size_t)raw);
        note(e, now);
    }
}

void apptls_shutdown(struct session *s, int side, uint64_t now)
{
    tls_close(s->apptls[side].tls);
    flush(s, side, now);
}

void apptls_release(struct session *s, int side)
{
    tls_free(s->apptls[side].tls);
    tls_free(s->apptls[side].handshake);
    s->apptls[side].tls = s->apptls[side].handshake = NULL;
}
