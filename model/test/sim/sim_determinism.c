/* SPDX-License-Identifier: MIT */
/* sim_determinism.c - the same seed gives the same bytes at the same times: two runs in one process, with other runs
 * between them. Prints one hash over all seeds; model/test/same-bytes.bats compares it between compilers' levels.
 *
 *     sim_determinism [SEEDS] */
#include "simworld.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SEEDS = 150 };

static uint64_t run_seed(uint64_t seed)
{
    static struct sim_world w;
    static struct sim_case c;

    memset(&w, 0, sizeof w);
    simcase_draw(&c, seed);
    simworld_run(&w, &c);
    if (w.fault[0])
        printf("seed %llu: %s\n", (unsigned long long)seed, w.fault);
    return hash_value(&w.hash) ^ w.octets_ok << 1 ^ w.ended_at;
}

int main(int argc, char **argv)
{
    uint64_t seeds = argc > 1 ? strtoull(argv[1], NULL, 10) : SEEDS, *first = calloc(seeds + 1, sizeof *first);
    struct hash all;
    int failed = !first;

    hash_init(&all);
    for (uint64_t i = 0; first && i < seeds; i++) {
        first[i] = run_seed(1 + i);
        hash_u64(&all, first[i]);
    }
    for (uint64_t i = seeds; first && i-- > 0;) /* backwards: what ran before must not matter */
        if (run_seed(1 + i) != first[i]) {
            printf("FAILED: seed %llu ran differently the second time\n", (unsigned long long)(1 + i));
            failed = 1;
        }
    free(first);
    printf("hash %016llx of %llu seeds\n", (unsigned long long)hash_value(&all), (unsigned long long)seeds);
    return failed;
}
