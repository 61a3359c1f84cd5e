/* SPDX-License-Identifier: MIT */
/* sim_secure.c - the random transfers with MPTCPsec (simsec.h), every seal call watched: no nonce twice under one key with
 * other content, over all transfers, in either direction, on any subflow, with reinjection, re-segmentation and joins
 * (sec/SPEC.md 3.4). Linked with --wrap=mpt_crypto_aead and --wrap=mpt_sec_seal (Makefile).
 *
 *     sim_secure [--count N] [--first SEED]        as sim_transfers
 *     sim_secure --plant [...]                     seals records twice, the second time with other content: must fail */
#include "fake_aead.h"
#include "sec/sec.h"
#include "simrun.h"
#include "simsec.h"

#include <stdio.h>
#include <string.h>

const struct mpt_aead *__real_mpt_crypto_aead(uint8_t id);
const struct mpt_aead *__wrap_mpt_crypto_aead(uint8_t id);
enum mpt_sec_verdict __real_mpt_sec_seal(struct mpt_sec_dir *d, uint64_t dsn, uint8_t *text, uint32_t n);
enum mpt_sec_verdict __wrap_mpt_sec_seal(struct mpt_sec_dir *d, uint64_t dsn, uint8_t *text, uint32_t n);

static int planted;
static uint64_t records;

const struct mpt_aead *__wrap_mpt_crypto_aead(uint8_t id)
{
    return watched_aead(__real_mpt_crypto_aead(id));
}

/* The planted fault: a stack that seals what it has sealed again, at the same place, with one bit changed. */
enum mpt_sec_verdict __wrap_mpt_sec_seal(struct mpt_sec_dir *d, uint64_t dsn, uint8_t *text, uint32_t n)
{
    if (planted && ++records % 97 == 0) {
        static uint8_t copy[MPT_SEC_DLL_MAX];
        struct mpt_sec_dir again = *d;

        memcpy(copy, text, n);
        copy[n - 1] ^= 1;
        (void)__real_mpt_sec_seal(&again, dsn, copy, n);
    }
    return __real_mpt_sec_seal(d, dsn, text, n);
}

static int judge(const struct simrun_total *t)
{
    int bad = 0;

    printf("%llu ends with keys, %llu declined, %llu records forged, %llu ends excused; %zu nonces, %zu used again\n",
           (unsigned long long)t->secured, (unsigned long long)t->declined, (unsigned long long)t->forged,
           (unsigned long long)t->excused, fake_aead_seals(), fake_aead_reused());
    if (fake_aead_reused() && !planted)
        bad = printf("FAILED: a nonce was used again under its key\n");
    if (planted && fake_aead_reused() < records / 97)
        bad = printf("FAILED: %llu planted nonces, not all seen\n", (unsigned long long)(records / 97));
    if (t->count < 1000)
        return bad;
    /* the draw has to reach what it is for */
    if (t->secured < t->count / 2 || t->declined < t->count / 100 || t->forged < t->count / 100 || t->joins < t->count / 4)
        bad = printf("FAILED: too little was reached\n");
    if (t->excused > t->must / 5)
        bad = printf("FAILED: too much was excused\n");
    return bad;
}

/* A short run with the fault: a watch that says nothing then sees nothing. */
static int try_plant(char **argv)
{
    static char count[] = "--count", n[] = "40";
    char *args[] = { argv[0], count, n, NULL };
    struct simrun_total t;
    int bad;

    fake_aead_reset();
    planted = 1;
    bad = simrun_main(3, args, simsec_draw, &t) | judge(&t);
    if (!records || !fake_aead_reused())
        bad = printf("FAILED: nothing was planted\n");
    return bad != 0;
}

int main(int argc, char **argv)
{
    struct simrun_total t;
    int bad = 0;

    if (argc > 1 && !strcmp(argv[1], "--plant"))
        return try_plant(argv);
    bad = simrun_main(argc, argv, simsec_draw, &t);
    if (bad == 2)
        return 2;
    bad |= judge(&t) != 0;
    if (t.count >= 1000)
        bad |= try_plant(argv);
    fake_aead_reset();
    return bad;
}
