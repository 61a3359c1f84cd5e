/* SPDX-License-Identifier: MIT */
/* bench_segments.c - data segments per CPU second through two endpoints and the loop, with real wire bytes: plain TCP
 * on one path, MPTCP on two. The case of targets: 100 Mbit/s a path, RTT 10 and 40 ms, LIA. Also: allocations in steady
 * state, which must be none. `make bench` runs it; ratios within one run are what counts. */
#include <stdio.h>

#include "bulk.h"

static const uint64_t SECOND = 1000000000, MS = 1000000, RATE = 100000000;

static void run_one(const char *name, int paths, const char *mptcp, const char *checksum, uint64_t seconds)
{
    struct bulk b = { .until = seconds * SECOND, .engine = loop_new, .client = { "pm", "fullmesh" },
                      .both = { "cc", "lia", "mptcp", mptcp, "checksum", checksum, NULL } };
    struct bulk_result r;

    b.topology.seed = 1;
    bulk_path(&b.topology, "wifi", RATE, 5 * MS, 0, 0);
    if (paths > 1)
        bulk_path(&b.topology, "lte", RATE, 20 * MS, 0, 0);
    if (bulk_run(&b, &r) < 0)
        return;
    printf("%-26s %7.2f Mbit/s  %8.0f segments/CPU-s  %8.0f packets/CPU-s  %.4f CPU-s per simulated s  %llu allocations\n",
           name, r.goodput / 1e6, (double)r.segments / r.cpu, (double)r.packets / r.cpu,
           r.cpu / (double)seconds, (unsigned long long)r.allocations);
}

int main(void)
{
    printf("loop engine, real wire bytes, both endpoints in one process\n");
    run_one("TCP, 1 path", 1, "0", "0", 100);
    run_one("MPTCP, 1 path", 1, "1", "0", 100);
    run_one("MPTCP, 2 paths", 2, "1", "0", 100);
    run_one("MPTCP, 2 paths, checksums", 2, "1", "1", 20);
    return 0;
}
