/* SPDX-License-Identifier: MIT */
/* test_map.c - the hash map against a presence array, its hash against SipHash-1-3 vectors. */
#include "base/map.h"
#include "draw.h"

enum { NODES = 2000 };

struct entry {
    struct mpt_map_node node;
    int in; /* is in the map */
};

static struct entry *owner_of(struct mpt_map_node *node)
{
    return (struct entry *)(void *)((char *)node - offsetof(struct entry, node));
}

static int is_found(const struct mpt_map *m, const struct entry *e, uint64_t hash)
{
    for (struct mpt_map_node *n = mpt_map_first(m, hash); n; n = mpt_map_next(n)) {
        assert_int_equal(n->hash, hash);
        if (owner_of(n) == e)
            return 1;
    }
    return 0;
}

/* failures: growing never succeeds, chains get long, and all is found all the same. */
static void run_history(int failures)
{
    struct tight t;
    struct mpt_mem mem;
    struct mpt_map m;
    struct entry *e = calloc(NODES, sizeof *e);
    struct draw d = {13};
    const uint64_t key[2] = {1, 2};
    uint32_t count = 0;

    tight_mem(&mem, &t);
    assert_int_equal(mpt_map_init(&m, &mem, key), 0);
    t.left = failures ? 0 : -1;
    for (int step = 0; step < 20000; step++) {
        uint64_t i = draw_below(&d, NODES), hash = i / 3 * 0x100000001u; /* three of each hash */

        assert_int_equal(is_found(&m, &e[i], hash), e[i].in);
        if (e[i].in)
            mpt_map_remove(&m, &e[i].node);
        else
            mpt_map_add(&m, &mem, &e[i].node, hash);
        e[i].in = !e[i].in;
        count += e[i].in ? 1 : -1u;
        assert_int_equal(m.count, count);
        assert_true(failures || count <= m.buckets);
        assert_int_equal(is_found(&m, &e[i], hash), e[i].in);
    }
    assert_true(failures ? m.buckets == 16 : m.buckets > 16);
    assert_null(mpt_map_first(&m, UINT64_MAX));
    mpt_map_clear(&m, &mem);
    tight_end(&mem, &t);
    free(e);
}

static void random_history(void **state)
{
    (void)state;
    run_history(0);
}

static void without_memory_it_only_gets_slower(void **state)
{
    (void)state;
    run_history(1);
}

static void init_reports_failure(void **state)
{
    struct tight t;
    struct mpt_mem mem;
    struct mpt_map m;
    const uint64_t key[2] = {0, 0};

    (void)state;
    tight_mem(&mem, &t);
    t.left = 0;
    assert_int_equal(mpt_map_init(&m, &mem, key), MPT_ENOMEM);
    tight_end(&mem, &t);
}

/* Key 00..0f, message 00, 01, ..; the empty message's value is the published one. */
static void hash_is_siphash_1_3(void **state)
{
    static const struct {
        size_t n;
        uint64_t hash;
    } vector[] = {{0, 0xabac0158050fc4dc}, {1, 0xc9f49bf37d57ca93},  {7, 0xd3927d989bb11140},
                  {8, 0x369095118d299a8e}, {15, 0xd320d86d2a519956}, {40, 0xc1d2363299e41531}};
    struct mpt_map m = {.key = {0x0706050403020100, 0x0f0e0d0c0b0a0908}};
    uint8_t data[40];

    (void)state;
    for (uint8_t i = 0; i < 40; i++)
        data[i] = i;
    for (size_t i = 0; i < sizeof vector / sizeof *vector; i++)
        assert_int_equal(mpt_map_hash(&m, data, vector[i].n), vector[i].hash);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_history),
        cmocka_unit_test(without_memory_it_only_gets_slower),
        cmocka_unit_test(init_reports_failure),
        cmocka_unit_test(hash_is_siphash_1_3),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
