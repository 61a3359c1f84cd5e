/* SPDX-License-Identifier: MIT */
/* simrun.c - see simrun.h. A failing seed prints the command that replays it. */
#include "simrun.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
enum { COUNT = 10000, COUNT_LONG = 100000 };
#else
enum { COUNT = 10000, COUNT_LONG = 100000 };
#endif
enum { PATIENCE_S = 60 };

static const char *program;
static void (*draw)(struct sim_case *, uint64_t);
static char replay[512];

/* Set before each seed: a crash, a sanitizer's abort or a hang names it too. */
static void set_replay(uint64_t seed)
{
    snprintf(replay, sizeof replay, "replay: %s --seed %llu --trace\n", program, (unsigned long long)seed);
}

static void on_death(int sig)
{
    static const char hang[] = "FAILED: no end in sight\n";

    if (sig == SIGALRM && write(2, hang, sizeof hang - 1) < 0)
        _exit(1);
    if (write(2, replay, strlen(replay)) < 0)
        _exit(1);
    signal(sig, SIG_DFL);
    if (sig == SIGALRM)
        abort();
    raise(sig);
}

#if defined(__SANITIZE_ADDRESS__)
void __asan_on_error(void);
void __asan_on_error(void)
{
    (void)!write(2, replay, strlen(replay));
}
#endif

static void run_seed(uint64_t seed, struct simrun_total *t, struct pcap *pcap, FILE *keys, int trace)
{
    static struct sim_world world;
    static struct sim_case plan;
    char line[1024];

    set_replay(seed);
    alarm(PATIENCE_S);
    draw(&plan, seed);
    for (int h = 0; keys && h < 2; h++)
        plan.config[h].sec_keylog = 1;
    simcase_print(&plan, line, sizeof line);
    if (trace)
        fprintf(stderr, "seed %llu: %s\n", (unsigned long long)seed, line);
    memset(&world.side, 0, sizeof world.side);
    world.pcap = pcap;
    world.keys = keys;
    world.trace = trace;
    simworld_run(&world, &plan);
    t->must += plan.must;
    t->octets += world.octets_ok;
    t->packets += world.packets;
    t->joins += world.joins;
    t->records += world.records;
    t->secured += world.secured;
    t->declined += world.declined;
    t->forged += world.forged;
    t->excused += world.excused;
    if (world.fault[0]) {
        t->failed++;
        printf("FAILED seed %llu: %s\n  %s\n  %s", (unsigned long long)seed, world.fault, line, replay);
        fflush(stdout);
    } else if (trace) {
        printf("seed %llu: ended at %.3f s, %llu octets, hash %016llx\n", (unsigned long long)seed,
               (double)world.ended_at / 1e9, (unsigned long long)world.octets_ok,
               (unsigned long long)hash_value(&world.hash));
    }
}

static uint64_t parse_number(const char *text)
{
    char *end;
    uint64_t v = text ? strtoull(text, &end, 10) : 0;

    if (!text || *end || end == text) {
        fprintf(stderr, "%s: not a number: %s\n", program, text ? text : "(nothing)");
        exit(2);
    }
    return v;
}

int simrun_main(int argc, char **argv, void (*draw_case)(struct sim_case *, uint64_t), struct simrun_total *total)
{
    uint64_t count = getenv("SIM_COUNT") ? parse_number(getenv("SIM_COUNT")) : getenv("LONG") ? COUNT_LONG : COUNT;
    uint64_t first = 1;
    struct simrun_total t = { 0 };
    struct pcap pcap = { 0 };
    FILE *keys = NULL;
    int trace = 0;

    program = argv[0];
    draw = draw_case;
    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGALRM, on_death);
    signal(SIGABRT, on_death);
    signal(SIGSEGV, on_death);
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--count"))
            count = parse_number(argv[++i]);
        else if (!strcmp(argv[i], "--first"))
            first = parse_number(argv[++i]);
        else if (!strcmp(argv[i], "--seed"))
            first = parse_number(argv[++i]), count = 1;
        else if (!strcmp(argv[i], "--trace"))
            trace = 1;
        else if (!strcmp(argv[i], "--pcap") && i + 1 < argc && (pcap.file = fopen(argv[++i], "wb")))
            pcap_start(&pcap, pcap.file);
        else if (!strcmp(argv[i], "--keys") && i + 1 < argc && (keys = fopen(argv[++i], "w")))
            continue;
        else
            return fprintf(stderr, "%s: cannot take %s\n", program, argv[i]), 2;
    }
    for (uint64_t i = 0; i < count; i++)
        run_seed(first + i, &t, pcap.file ? &pcap : NULL, keys, trace);
    if (pcap.file && (pcap_finish(&pcap) | fclose(pcap.file)))
        t.failed++;
    if (keys && fclose(keys))
        t.failed++;
    printf("%llu transfers (%llu had to succeed), %llu failed: %llu octets, %llu packets, %llu joins, %llu records taken\n",
           (unsigned long long)count, (unsigned long long)t.must, (unsigned long long)t.failed,
           (unsigned long long)t.octets, (unsigned long long)t.packets, (unsigned long long)t.joins,
           (unsigned long long)t.records);
    t.count = count;
    *total = t;
    return t.failed != 0;
}
