/* SPDX-License-Identifier: MIT */
/* golden_goodput.c - goodput over a grid of loss, RTT and buffer: TCP on one path, MPTCP on two equal ones and on two
 * unequal ones, against results/golden/goodput.csv, compared exactly. A change of behaviour is a diff of numbers
 * (`make golden` rewrites them). The run is 10 s of bulk transfer at 100 Mbit/s a path, 2 s of start left out.
 *
 * Two promises are checked besides: two clean equal paths give 95 % of the sum, and a bad second path never costs more
 * than 5 % of the good one alone where the buffer is at least two BDP of the good path. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bulk.h"

static const uint64_t SECOND = 1000000000, MS = 1000000, RATE = 100000000;

enum kind { TCP_ONE, MPTCP_EQUAL, MPTCP_UNEQUAL, KINDS };
static const char *const kind_name[KINDS] = { "tcp", "mptcp-equal", "mptcp-unequal" };
static const double losses[] = { 0, 0.001, 0.01, 0.05 };
static const uint64_t rtts_ms[] = { 10, 50, 100, 300 };
static const uint64_t buffers_kib[] = { 16, 64, 256, 1024, 4096 };
enum { LOSSES = 4, RTTS = 4, BUFFERS = 5 };

static double goodput[KINDS][LOSSES][RTTS][BUFFERS]; /* Mbit/s */

static double run_one(enum kind kind, double loss, uint64_t rtt_ms, uint64_t buffer_kib)
{
    char buffer[32];
    struct bulk b = { .until = 10 * SECOND, .skip = 2 * SECOND, .engine = loop_new,
                      .client = { "pm", "fullmesh" },
                      .both = { "sndbuf", buffer, "rcvbuf", buffer, "cc", "reno", NULL } };
    struct bulk_result r;

    snprintf(buffer, sizeof buffer, "%lluKiB", (unsigned long long)buffer_kib);
    b.topology.seed = 1;
    bulk_path(&b.topology, "good", RATE, rtt_ms * MS / 2, 0, loss);
    if (kind == MPTCP_EQUAL)
        bulk_path(&b.topology, "same", RATE, rtt_ms * MS / 2, 0, loss);
    if (kind == MPTCP_UNEQUAL) /* a tenth of the rate, four times the RTT */
        bulk_path(&b.topology, "bad", RATE / 10, rtt_ms * MS * 2, 0, loss);
    if (kind == TCP_ONE)
        b.client[0] = "mptcp", b.client[1] = "0";
    if (bulk_run(&b, &r) < 0 || r.wrong || r.error) {
        printf("not ok %s loss %g rtt %llu ms: wrong %u error %d\n", kind_name[kind], loss,
               (unsigned long long)rtt_ms, r.wrong, r.error);
        exit(1);
    }
    return r.goodput / 1e6;
}

static void run_grid(void)
{
    for (int k = 0; k < KINDS; k++)
        for (int l = 0; l < LOSSES; l++)
            for (int t = 0; t < RTTS; t++)
                for (int n = 0; n < BUFFERS; n++)
                    goodput[k][l][t][n] = run_one((enum kind)k, losses[l], rtts_ms[t], buffers_kib[n]);
}

static void line_of(char *line, size_t cap, int k, int l, int t, int n)
{
    snprintf(line, cap, "%s,%g,%llu,%llu,%.3f\n", kind_name[k], losses[l] * 100, (unsigned long long)rtts_ms[t],
             (unsigned long long)buffers_kib[n], goodput[k][l][t][n]);
}

static int each_line(FILE *f, int write)
{
    char line[128], had[128];
    int bad = 0;

    snprintf(line, sizeof line, "stack,loss_percent,rtt_ms,buffer_kib,goodput_mbit_s\n");
    if (write)
        fputs(line, f);
    else if (!fgets(had, sizeof had, f) || strcmp(had, line))
        return -1;
    for (int i = 0; i < KINDS * LOSSES * RTTS * BUFFERS; i++) {
        line_of(line, sizeof line, i / (LOSSES * RTTS * BUFFERS), i / (RTTS * BUFFERS) % LOSSES, i / BUFFERS % RTTS,
                i % BUFFERS);
        if (write) {
            fputs(line, f);
        } else if (!fgets(had, sizeof had, f) || strcmp(had, line)) {
            printf("# golden %s# now    %s", had, line);
            bad++;
        }
    }
    return bad;
}

static int failures, passes;

static void verdict(int ok, const char *what)
{
    printf("%s %s\n", ok ? "ok" : "not ok", what);
    failures += !ok;
    passes += ok;
}

static void check_aggregation(void)
{
    int bad = 0;

    for (int t = 0; t < RTTS; t++) {
        double bdp_kib = (double)RATE / 8 * (double)rtts_ms[t] / 1000 / 1024;

        for (int n = 0; n < BUFFERS; n++) {
            double sum = 2 * goodput[TCP_ONE][0][t][n], got = goodput[MPTCP_EQUAL][0][t][n];

            if ((double)buffers_kib[n] < 4 * bdp_kib) /* enough: twice the BDP of both */
                continue;
            if (got < 0.95 * sum) {
                printf("# rtt %llu ms buffer %llu KiB: %.2f of %.2f Mbit/s\n", (unsigned long long)rtts_ms[t],
                       (unsigned long long)buffers_kib[n], got, sum);
                bad++;
            }
        }
    }
    verdict(!bad, "two clean equal paths give 95 % of the sum");
}

static void check_no_harm(void)
{
    int bad = 0;

    for (int i = 0; i < LOSSES * RTTS * BUFFERS; i++) {
        int l = i / (RTTS * BUFFERS), t = i / BUFFERS % RTTS, n = i % BUFFERS;
        double bdp_kib = (double)RATE / 8 * (double)rtts_ms[t] / 1000 / 1024;
        double alone = goodput[TCP_ONE][l][t][n], got = goodput[MPTCP_UNEQUAL][l][t][n];

        if ((double)buffers_kib[n] < 2 * bdp_kib || got >= 0.95 * alone)
            continue;
        printf("# loss %g %% rtt %llu ms buffer %llu KiB: %.2f of %.2f Mbit/s alone\n", losses[l] * 100,
               (unsigned long long)rtts_ms[t], (unsigned long long)buffers_kib[n], got, alone);
        bad++;
    }
    verdict(!bad, "a bad second path costs at most 5 % of the good one");
}

int main(int argc, char **argv)
{
    const char *path = "results/golden/goodput.csv";
    int write = argc > 1 && !strcmp(argv[1], "--write");
    FILE *f;

    run_grid();
    f = fopen(path, write ? "w" : "r");
    verdict(f && each_line(f, write) == 0, "the table is as it was");
    if (f)
        fclose(f);
    check_aggregation();
    check_no_harm();
    printf("%d passed, %d failed\n", passes, failures);
    return failures != 0;
}
