/* SPDX-License-Identifier: MIT */
/* bench_sec.c - what MPTCPsec costs: application octets per CPU second through two endpoints in this process, packets handed
 * over by hand (no link, no IP, no engine), beside plain MPTCP, OpenSSL's TLS 1.3 over the same MPTCP, and libsodium alone
 * sealing and opening records of the size that the stack made, its AES key expanded once.
 *
 * All cases run in every round, one after the other, and ratios are made within a round, since the machine drifts; shown are
 * medians. "outside" is the part of the CPU time that is not the AEAD: one less the time that the same calls take alone
 * (in cache, so it is rather too large than too small). `make bench` runs it. One case alone, for valgrind
 * --tool=callgrind or perf record: bench_sec CASE [MB]. BUFFER=4MiB: other buffers than 256 KiB. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crypto/crypto.h"
#include "mpt.h"
#include "rng.h"
#include "tls/tls.h"

enum { ROUNDS = 5, MEGABYTES = 40, PIECE = 65536, PORT = 5001, UNIX_TIME = 1767225600 };
enum kind { PLAIN, SECURE, TLS };

struct job {
    const char *name, *what;
    enum kind kind;
    int aes;              /* AES-256-GCM, else ChaCha20-Poly1305 */
    const char *record;   /* sec_record, or octets of a TLS record */
};
static const struct job jobs[] = {
    {"tcp", "TCP", PLAIN, 0, NULL},
    {"mptcp", "MPTCP", PLAIN, 0, NULL},
    {"sec-chacha-segment", "MPTCPsec, ChaCha20-Poly1305, a record per segment", SECURE, 0, "1415"},
    {"sec-chacha", "MPTCPsec, ChaCha20-Poly1305, 16 KiB", SECURE, 0, "16384"},
    {"sec-aes-segment", "MPTCPsec, AES-256-GCM, a record per segment", SECURE, 1, "1415"},
    {"sec-aes", "MPTCPsec, AES-256-GCM, 16 KiB", SECURE, 1, "16384"},
    {"tls-chacha-segment", "TLS over MPTCP, ChaCha20-Poly1305, 1,415 octets", TLS, 0, "1415"},
    {"tls-chacha", "TLS over MPTCP, ChaCha20-Poly1305, 16 KiB", TLS, 0, "16384"},
    {"tls-aes-segment", "TLS over MPTCP, AES-256-GCM, 1,415 octets", TLS, 1, "1415"},
    {"tls-aes", "TLS over MPTCP, AES-256-GCM, 16 KiB", TLS, 1, "16384"},
};
enum { JOBS = sizeof jobs / sizeof *jobs };

struct result {
    double rate;      /* application octets per CPU second */
    double sodium;    /* libsodium alone, records of that size, key expanded once */
    double aead;      /* the same calls as the stack's AEAD makes */
    double record;    /* data octets of a record; 0: none */
};

/* Of both ends; there is no delay that needs more, and what does not fit the cache is slower for every stack. */
static const char *buffer(void)
{
    const char *b = getenv("BUFFER");

    return b != NULL ? b : "256KiB";
}

static double cpu(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- two endpoints ----------------------------------------------------------------------------------- */

struct end {
    struct mpt_stack *stack;
    struct mpt_conn *conn;
    struct rng rng;
    struct tls_context *context;
    struct tls *tls;
    int up;           /* connected */
};

struct pair {
    const struct job *job;
    struct end end[2];      /* 0 client, sends; 1 server, reads */
    uint64_t now, want, taken, read;
    int failed;
    uint8_t out[PIECE], in[PIECE], packet[2048];
};

static void draw(void *ctx, void *out, size_t n)
{
    rng_bytes(&((struct end *)ctx)->rng, out, n);
}

static struct mpt_addr address(int side)
{
    return (struct mpt_addr){.family = 4, .ip = {10, 0, 0, (uint8_t)(1 + side)}};
}

static int make_end(struct pair *p, int side)
{
    struct end *e = &p->end[side];
    struct mpt_env env = {.size = sizeof env, .random = draw, .random_ctx = e};
    struct mpt_addr a = address(side);
    struct mpt_config c;

    rng_init(&e->rng, 1, side ? "server" : "client");
    mpt_config_default(&c);
    mpt_config_set(&c, "cc", "reno");
    mpt_config_set(&c, "sndbuf", buffer());
    mpt_config_set(&c, "rcvbuf", buffer());
    mpt_config_set(&c, "mptcp", strcmp(p->job->name, "tcp") ? "1" : "0");
    if (p->job->kind == SECURE) {
        mpt_config_set(&c, "sec", "require");
        mpt_config_set(&c, "sec_aead", p->job->aes ? "aes256gcm" : "chacha20");
        mpt_config_set(&c, "sec_record", p->job->record);
    }
    return mpt_stack_new(&e->stack, &env, &c, 0) < 0 || mpt_address_up(e->stack, &a, 1, 1500, 0, 0) < 0;
}

/* A real certificate and its check, as the applications of mpsim have. */
static int make_tls(struct pair *p)
{
    static const char host[] = "bench.example";
    struct certificate_names names = {host, UNIX_TIME - 86400, UNIX_TIME + 86400};
    struct certificate certificate;
    uint32_t cipher = p->job->aes ? TLS_AES_256_GCM : TLS_CHACHA20_POLY1305;

    if (certificate_make(&certificate, 1, "bench", &names) < 0)
        return -1;
    for (int side = 0; side < 2; side++) {
        struct end *e = &p->end[side];
        struct tls_options o = {1, side ? "tls/server" : "tls/client", host, UNIX_TIME, (uint32_t)atoi(p->job->record)};

        e->context = tls_context_new(side ? TLS_SERVER : TLS_CLIENT, cipher, &certificate, 1);
        e->tls = e->context != NULL ? tls_new(e->context, &o) : NULL;
    }
    certificate_clear(&certificate);
    return p->end[0].tls != NULL && p->end[1].tls != NULL ? 0 : -1;
}

/* What TLS has made goes into the connection as far as there is room. 1: all of it. */
static int flush(struct pair *p, struct end *e)
{
    const uint8_t *octets;
    size_t n;

    while ((n = tls_out(e->tls, &octets)) > 0) {
        int64_t taken = mpt_write(e->conn, octets, n, p->now);

        if (taken <= 0)
            return 0;
        tls_drop(e->tls, (size_t)taken);
    }
    return 1;
}

/* The client writes until nothing more is taken. */
static void write_all(struct pair *p)
{
    struct end *e = &p->end[0];

    while (p->taken < p->want) {
        size_t n = p->want - p->taken < PIECE ? (size_t)(p->want - p->taken) : PIECE;
        int64_t taken;

        if (e->tls != NULL && !flush(p, e))
            return;
        taken = e->tls != NULL ? tls_write(e->tls, p->out, n) : mpt_write(e->conn, p->out, n, p->now);
        if (taken <= 0)
            break;
        p->taken += (uint64_t)taken;
    }
    if (e->tls != NULL)
        flush(p, e);
}

/* Either side reads dry; with TLS the handshake is in it too. */
static void read_all(struct pair *p, int side)
{
    struct end *e = &p->end[side];
    int64_t n;

    while ((n = mpt_read(e->conn, p->in, sizeof p->in, p->now)) > 0) {
        if (e->tls == NULL) {
            p->read += side ? (uint64_t)n : 0;
            continue;
        }
        tls_feed(e->tls, p->in, (size_t)n);
        while ((n = tls_read(e->tls, p->in, sizeof p->in)) > 0)
            p->read += side ? (uint64_t)n : 0;
        p->failed |= n == TLS_ERROR;
    }
    if (e->tls != NULL)
        flush(p, e);
}

static void events(struct pair *p, int side)
{
    struct mpt_event event;

    while (mpt_event(p->end[side].stack, &event)) {
        p->end[side].conn = event.conn;
        p->end[side].up |= event.flags & (MPT_EV_CONNECTED | MPT_EV_ACCEPTED);
        p->failed |= (event.flags & MPT_EV_CLOSED) != 0;
        if (p->end[side].up)
            read_all(p, side);
        if (side == 0 && p->end[0].up)
            write_all(p);
    }
}

/* Everything that one side has to say; the other takes it in place. */
static int carry(struct pair *p, int from)
{
    struct mpt_packet packet = {.data = p->packet, .cap = sizeof p->packet};
    int n = 0;

    while (mpt_output(p->end[from].stack, &packet, p->now) > 0) {
        struct mpt_addr swap = packet.local;

        packet.local = packet.remote;
        packet.remote = swap;
        packet.ifid = 1;
        mpt_input(p->end[!from].stack, &packet, p->now);
        packet.cap = sizeof p->packet;
        n++;
    }
    events(p, !from);
    return n;
}

/* A microsecond a turn; when nobody has anything to say, time goes on to the next timer. */
static void run(struct pair *p)
{
    while (p->read < p->want && !p->failed) {
        int n = carry(p, 0) + carry(p, 1);

        p->now += 1000;
        for (int side = 0; side < 2 && n == 0; side++) {
            uint64_t at = mpt_deadline(p->end[side].stack), other = mpt_deadline(p->end[!side].stack);

            if (at > other || at == MPT_NEVER)
                continue;
            p->now = at > p->now ? at : p->now;
            n = 1;
        }
        p->failed |= n == 0;
        for (int side = 0; side < 2; side++)
            if (mpt_deadline(p->end[side].stack) <= p->now)
                mpt_expire(p->end[side].stack, p->now);
        events(p, 0);
    }
}

static uint64_t counter(struct mpt_stack *stack, const char *name)
{
    struct mpt_counter c;

    for (size_t i = 0; mpt_counter(stack, i, &c); i++)
        if (strcmp(c.name, name) == 0)
            return c.value;
    return 0;
}

static int begin(struct pair *p)
{
    struct mpt_addr any = {.port = PORT}, server = address(1);

    server.port = PORT;
    if (make_end(p, 0) || make_end(p, 1) || (p->job->kind == TLS && make_tls(p) < 0))
        return -1;
    return mpt_listen(p->end[1].stack, &any, NULL) < 0 ||
           mpt_connect(p->end[0].stack, &p->end[0].conn, NULL, &server, 0) < 0 ? -1 : 0;
}

/* The handshake is in the time: 40 MB hide it. */
static int transfer(const struct job *job, uint64_t want, struct result *r)
{
    struct pair *p = calloc(1, sizeof *p);
    double start = cpu();
    int bad;

    if (p == NULL)
        return -1;
    p->job = job;
    p->want = want;
    bad = begin(p);
    if (!bad)
        run(p);
    r->rate = (double)p->read / (cpu() - start);
    r->record = job->kind == TLS ? atof(job->record) : 0;
    if (!bad && job->kind == SECURE) {
        uint64_t records = counter(p->end[0].stack, "SecRecordsTx");

        r->record = records ? (double)want / (double)records : 0;
        bad = records == 0;
    }
    bad |= p->read < p->want;
    for (int side = 0; side < 2; side++) {
        tls_free(p->end[side].tls);
        tls_context_free(p->end[side].context);
        mpt_stack_free(p->end[side].stack);
    }
    free(p);
    return bad ? -1 : 0;
}

/* ---- the AEAD alone ------------------------------------------------------------------------------------ */

static uint8_t text[16384 + 64], key[32], nonce[12], ad[11];

/* Octet H in front as in a record; opened again in place. Returns octets of data per CPU second. */
static double sodium_rate(int aes, size_t record, uint64_t want)
{
    static crypto_aead_aes256gcm_state state;
    size_t n = record + 1;
    uint64_t done = 0;
    double start = cpu();
    int bad = 0;

    if (aes)
        crypto_aead_aes256gcm_beforenm(&state, key);
    for (; done < want; done += record) {
        nonce[11]++;
        if (aes) {
            crypto_aead_aes256gcm_encrypt_detached_afternm(text, text + n, NULL, text, n, ad, sizeof ad, NULL, nonce, &state);
            bad |= crypto_aead_aes256gcm_decrypt_detached_afternm(text, NULL, text, n, text + n, ad, sizeof ad, nonce, &state);
        } else {
            crypto_aead_chacha20poly1305_ietf_encrypt_detached(text, text + n, NULL, text, n, ad, sizeof ad, NULL, nonce, key);
            bad |= crypto_aead_chacha20poly1305_ietf_decrypt_detached(text, NULL, text, n, text + n, ad, sizeof ad, nonce, key);
        }
    }
    return bad ? 0 : (double)done / (cpu() - start);
}

/* As the stack calls it: the built-in AEAD expands its key in every call. */
static double aead_rate(int aes, size_t record, uint64_t want)
{
    const struct mpt_aead *a = mpt_crypto_aead(aes ? MPT_AEAD_AES_256_GCM : MPT_AEAD_CHACHA20_POLY1305);
    uint64_t done = 0;
    double start = cpu();
    int bad = 0;

    for (; done < want; done += record) {
        nonce[11]++;
        a->seal(key, nonce, ad, sizeof ad, text, record + 1);
        bad |= a->open(key, nonce, ad, sizeof ad, text, record + 1);
    }
    return bad ? 0 : (double)done / (cpu() - start);
}

/* ---- the table ----------------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

enum column { RATE, OF_SODIUM, OF_MPTCP, OUTSIDE, OF_TLS, COLUMNS };

/* The TLS case with the same AEAD and record size stands at a fixed distance. */
static const struct result *tls_of(const struct result *round, size_t j)
{
    return jobs[j].kind == SECURE ? &round[j + 4] : NULL;
}

static double value(const struct result *round, size_t j, enum column c)
{
    const struct result *r = &round[j], *tls = tls_of(round, j);

    switch (c) {
    case RATE:
        return r->rate / 1e6;
    case OF_SODIUM:
        return r->sodium > 0 ? 100 * r->rate / r->sodium : -1;
    case OF_MPTCP:
        return j > 0 ? 100 * r->rate / round[1].rate : -1;
    case OUTSIDE:
        return jobs[j].kind == SECURE && r->aead > 0 ? 100 * (1 - r->rate / r->aead) : -1;
    default:
        return tls != NULL && tls->rate > 0 ? r->rate / tls->rate : -1;
    }
}

static double median(struct result all[ROUNDS][JOBS], size_t j, enum column c)
{
    double v[ROUNDS];

    for (int i = 0; i < ROUNDS; i++)
        v[i] = value(all[i], j, c);
    qsort(v, ROUNDS, sizeof *v, compare);
    return v[ROUNDS / 2];
}

/* A column that does not apply is a dash. */
static void show(double v, const char *format, int width)
{
    char cell[32];

    snprintf(cell, sizeof cell, format, v);
    printf("  %*s", width, v < 0 ? "-" : cell);
}

static void print(struct result all[ROUNDS][JOBS])
{
    printf("two endpoints in one process, packets handed over in memory; buffers of %s, %d MB, medians of %d interleaved rounds\n", buffer(),
           MEGABYTES, ROUNDS);
    printf("%-52s %8s %9s %12s %9s %10s %8s\n", "", "MB/CPU-s", "record", "of libsodium", "of MPTCP", "outside", "to TLS");
    for (size_t j = 0; j < JOBS; j++) {
        if (all[0][j].rate <= 0)
            continue;
        printf("%-52s", jobs[j].what);
        show(median(all, j, RATE), "%.0f", 7);
        show(all[0][j].record > 0 ? all[0][j].record : -1, "%.0f", 8);
        show(median(all, j, OF_SODIUM), "%.1f %%", 11);
        show(median(all, j, OF_MPTCP), "%.1f %%", 8);
        show(median(all, j, OUTSIDE), "%.1f %%", 9);
        show(median(all, j, OF_TLS), "%.2f x", 7);
        putchar('\n');
    }
    puts("record: data octets of one; of libsodium: its own speed to seal and open records of that size; outside: part of the CPU time\n"
         "that is not the AEAD; to TLS: OpenSSL's TLS 1.3 over the same MPTCP, same cipher and record size");
}

static int usable(const struct job *job)
{
    return !job->aes || crypto_aead_aes256gcm_is_available();
}

static int one_round(struct result round[JOBS], uint64_t want)
{
    for (size_t j = 0; j < JOBS; j++) {
        struct result *r = &round[j];

        if (!usable(&jobs[j]))
            continue;
        if (transfer(&jobs[j], want, r) < 0) {
            fprintf(stderr, "bench_sec: %s: the transfer failed\n", jobs[j].name);
            return -1;
        }
        if (r->record > 0) {
            r->sodium = sodium_rate(jobs[j].aes, (size_t)r->record, want);
            r->aead = aead_rate(jobs[j].aes, (size_t)r->record, want);
        }
    }
    return 0;
}

/* bench_sec CASE [MB] */
static int single(const char *name, uint64_t want)
{
    struct result r = {0};

    for (size_t j = 0; j < JOBS; j++)
        if (strcmp(jobs[j].name, name) == 0 && usable(&jobs[j]) && transfer(&jobs[j], want, &r) == 0) {
            printf("%s: %.0f MB/CPU-s\n", jobs[j].what, r.rate / 1e6);
            return 0;
        }
    fprintf(stderr, "bench_sec: %s: no such case here, or it failed\n", name);
    return 1;
}

int main(int argc, char **argv)
{
    static struct result all[ROUNDS][JOBS];

    if (mpt_crypto_init() < 0)
        return 1;
    if (argc > 1)
        return single(argv[1], (argc > 2 ? strtoull(argv[2], NULL, 10) : MEGABYTES) * 1000000);
    for (int i = 0; i < ROUNDS; i++)
        if (one_round(all[i], (uint64_t)MEGABYTES * 1000000) < 0)
            return 1;
    print(all);
    return 0;
}
