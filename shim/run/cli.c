/* SPDX-License-Identifier: MIT */
/* run/cli.c - options and dispatch; see cli.h. */
#include "run/cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run/schema.h"
#include "tun/host.h"
#include "tun/shape.h"

/* ---- options ------------------------------------------------------------------------------------ */

/* An option that takes a value, and where that value goes. */
struct option {
    const char *name;
    int (*take)(struct cli_options *o, const char *value);
};

/* Also an engine that this program was built without: mpsim-ns3 then takes over (cli_become). */
static int take_engine(struct cli_options *o, const char *value)
{
    o->engine = strcmp(value, "loop") == 0 ? ENGINE_LOOP : strcmp(value, "ns3") == 0 ? ENGINE_NS3 : -1;
    if (o->engine < 0)
        fprintf(stderr, "mpsim: --engine %s: there are loop and ns3\n", value);
    return o->engine < 0 ? -1 : 0;
}

/* Kept in their order: the later wins. */
static int take_set(struct cli_options *o, const char *value)
{
    if (o->sets == CLI_SETS_MAX) {
        fprintf(stderr, "mpsim: too many --set\n");
        return -1;
    }
    o->set[o->sets++] = value;
    return 0;
}

static int take_variant(struct cli_options *o, const char *value)
{
    o->variant = value;
    return 0;
}

static int take_out(struct cli_options *o, const char *value)
{
    o->out = value;
    return 0;
}

/* The same parser as for scenario values, so that both accept the same spelling. */
static int take_number(const char *name, const char *value, uint64_t *out)
{
    struct value v;
    char why[128];

    if (units_parse(VALUE_COUNT, "", value, &v, why, sizeof why) < 0) {
        fprintf(stderr, "mpsim: %s: %s\n", name, why);
        return -1;
    }
    *out = v.n;
    return 0;
}

/* 0 is a seed as well, so that one was given is noted apart. */
static int take_seed(struct cli_options *o, const char *value)
{
    o->has_seed = 1;
    return take_number("--seed", value, &o->seed);
}

static int take_jobs(struct cli_options *o, const char *value)
{
    o->has_jobs = 1;
    if (take_number("--jobs", value, &o->jobs) < 0)
        return -1;
    if (o->jobs == 0 || o->jobs > 1024) {
        fprintf(stderr, "mpsim: --jobs is 1 to 1024\n");
        return -1;
    }
    return 0;
}

static int take_batch(struct cli_options *o, const char *value)
{
    o->batch = value;
    return 0;
}

static const struct option options[] = {
    {"--engine", take_engine}, {"--set", take_set},   {"--variant", take_variant},
    {"--seed", take_seed},     {"--out", take_out},   {"--jobs", take_jobs},
    {"--batch", take_batch},
};
enum { OPTION_COUNT = sizeof options / sizeof options[0] };

static const char *const flags[] = {"--all", "--pcap", "--trace", "--force", "--plan", "--slurm"};
enum { FLAG_COUNT = sizeof flags / sizeof flags[0] };

/* Options without a value; 0: the word is none of them. */
static int take_flag(struct cli_options *o, const char *word)
{
    int *const flag[FLAG_COUNT] = {&o->all, &o->pcap, &o->trace, &o->force, &o->plan, &o->slurm};

    for (size_t i = 0; i < FLAG_COUNT; i++)
        if (strcmp(word, flags[i]) == 0) {
            *flag[i] = 1;
            return 1;
        }
    return 0;
}

/* At most three letters wrong: anything farther off is no misspelling and gets no guess. */
static void complain_option(const char *word)
{
    const char *best = NULL;
    unsigned distance = 4;

    for (size_t i = 0; i < OPTION_COUNT + FLAG_COUNT; i++) {
        const char *name = i < OPTION_COUNT ? options[i].name : flags[i - OPTION_COUNT];

        if (schema_distance(word, name) < distance) {
            distance = schema_distance(word, name);
            best = name;
        }
    }
    fprintf(stderr, "mpsim: unknown option '%s'%s%s%s (see `mpsim --help`)\n", word,
            best != NULL ? ", did you mean '" : "", best != NULL ? best : "", best != NULL ? "'?" : "");
}

/* "--seed 3" and "--seed=3": words used up, or -1. */
static int take_option(struct cli_options *o, int argc, char **argv)
{
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        size_t n = strlen(options[i].name);

        if (strncmp(argv[0], options[i].name, n) != 0)
            continue;
        if (argv[0][n] == '=')
            return options[i].take(o, argv[0] + n + 1) < 0 ? -1 : 1;
        if (argv[0][n] != '\0')
            continue;
        if (argc < 2) {
            fprintf(stderr, "mpsim: %s needs a value\n", argv[0]);
            return -1;
        }
        return options[i].take(o, argv[1]) < 0 ? -1 : 2;
    }
    complain_option(argv[0]);
    return -1;
}

/* One word that is no option is the scenario; it may stand anywhere. */
int cli_parse(struct cli_options *o, int argc, char **argv)
{
    memset(o, 0, sizeof *o);
    o->engine = -1;
    o->out = "results";
    for (int i = 0; i < argc;) {
        int used = 1;

        if (argv[i][0] != '-' && o->file == NULL) {
            o->file = argv[i];
        } else if (argv[i][0] != '-') {
            fprintf(stderr, "mpsim: one scenario at a time: '%s' and '%s'\n", o->file, argv[i]);
            return -1;
        } else if (!take_flag(o, argv[i])) {
            used = take_option(o, argc - i, argv + i);
        }
        if (used < 0)
            return -1;
        i += used;
    }
    if (o->file == NULL) {
        fprintf(stderr, "mpsim: which scenario? (see `mpsim list`)\n");
        return -1;
    }
    return 0;
}

/* All messages at once, so that a file with five mistakes does not take five tries. */
int cli_load(const struct cli_options *o, struct scenario *s)
{
    struct diag d = {0};
    int bad = scenario_load(s, o->file, &d) < 0;

    for (size_t i = 0; !bad && i < o->sets; i++)
        scenario_set(s, o->set[i], &d);
    if (d.errors > 0)
        fputs(d.text, stderr);
    bad |= d.errors > 0;
    diag_clear(&d);
    if (bad)
        scenario_clear(s);
    return bad ? CLI_MISTAKE : 0;
}

/* ---- other programs ----------------------------------------------------------------------------- */

/* Beside this program, not by PATH: the build directory works without installation. */
void cli_become(const char *name, char **argv)
{
    char self[1024];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 64);
    char *slash;

    self[n > 0 ? n : 0] = '\0';
    slash = strrchr(self, '/');
    strcpy(slash != NULL ? slash + 1 : self, name);
    execv(self, argv);
    fprintf(stderr, "mpsim: %s is needed for this and cannot be started (%s: %s)%s\n", name, self,
            strerror(errno), strcmp(name, "mpsim-ns3") == 0 ? "; make builds it where libns3-dev is" : "");
}

/* ---- commands ----------------------------------------------------------------------------------- */

/* Commands that take a scenario share their options. */
static int command_file(int (*run)(struct cli_options *), int argc, char **argv)
{
    struct cli_options o;

    if (cli_parse(&o, argc - 2, argv + 2) < 0)
        return CLI_MISTAKE;
    o.argv = argv;
    return run(&o);
}

/* --help goes to standard output, mistakes to standard error. */
int cli_main(int argc, char **argv)
{
    const char *command = argc > 1 ? argv[1] : "";

    if (strcmp(command, "run") == 0)
        return command_file(cli_run, argc, argv);
    if (strcmp(command, "sweep") == 0)
        return command_file(cli_sweep, argc, argv);
    if (strcmp(command, "explain") == 0)
        return command_file(cli_explain, argc, argv);
    if (strcmp(command, "list") == 0)
        return cli_list(argc > 2 ? argv[2] : "scenarios");
    if (strcmp(command, "tun-serve") == 0 || strcmp(command, "tun-connect") == 0)
        return host_main(command[4] == 's', argc - 2, argv + 2);
    if (strcmp(command, "check-pcap") == 0)
        return cli_check(argc - 2, argv + 2);
    if (strcmp(command, "shape") == 0)
        return shape_main(argc - 2, argv + 2);
    if (strcmp(command, "stat") == 0) {
        cli_become("mpsim-stat", argv + 1);
        return CLI_FAILED;
    }
    if (strcmp(command, "report") == 0) {
        argv[1] = "--report"; /* its first option */
        cli_become("mpsim-stat", argv);
        return CLI_FAILED;
    }
    if (strcmp(command, "--version") == 0) {
        printf("mpsim %s (libmpt %s)\n", CLI_VERSION, mpt_version());
        return CLI_OK;
    }
    if (strcmp(command, "--help") == 0 || strcmp(command, "-h") == 0)
        return cli_help("");
    if (strcmp(command, "help") == 0)
        return cli_help(argc > 2 ? argv[2] : "");
    if (argc < 2)
        fprintf(stderr, "mpsim: no command; see `mpsim --help`\n");
    else
        fprintf(stderr, "mpsim: unknown command '%s'; there are run, sweep, explain, list, check-pcap, stat, report, tun-serve, tun-connect, shape and help\n",
                command);
    return CLI_MISTAKE;
}
