/* SPDX-License-Identifier: MIT */
/* run/command_help.c - `mpsim --help` and `mpsim help keys`. The keys come from schema.def and libmpt. */
#include <string.h>

#include "run/cli.h"
#include "run/schema.h"

static const char general[] =
    "NAME\n"
    "    mpsim - simulate Multipath TCP (RFC 8684) on phones, over a built-in loop or ns-3\n"
    "\n"
    "SYNOPSIS\n"
    "    mpsim run FILE [--engine loop|ns3] [--set KEY=VALUE]... [--variant NAME] [--seed N]\n"
    "                   [--out DIR] [--pcap] [--trace] [--force]\n"
    "    mpsim sweep FILE [--jobs N] [--plan] [--slurm] [the same]\n"
    "    mpsim explain FILE [--engine loop|ns3] [--set KEY=VALUE]... [--variant NAME] [--seed N]\n"
    "    mpsim list [DIR|attacks|radios]\n"
    "    mpsim check-pcap FILE...  hold captures to TCP, MPTCP and join-with-data, clause by clause\n"
    "    mpsim stat DIR            tables of finished runs (mpsim-stat); --collect DIR: one table of all runs;\n"
    "                              --describe FILE.csv: statistics of a column of any table\n"
    "    mpsim report DIR          DIR/report.html: one page of a campaign, or of a run with its time line\n"
    "    mpsim tun-serve, mpsim tun-connect   netcat over TUN devices, against a real kernel\n"
    "    mpsim shape               simulated paths between TUN devices, in real time\n"
    "    mpsim help [keys|COMMAND] this page; every key of a scenario; sweep or a command of TUN devices\n"
    "    mpsim --version\n"
    "\n"
    "COMMANDS\n"
    "    run      one run: the first variant, the first point of every axis and the first seed, unless\n"
    "             --variant, --set AXIS=POINT and --seed name others. Prints its directory.\n"
    "    sweep    every variant, axis point and seed that has no finished run yet, on all cores (also run\n"
    "             --all); --plan prints the list, --slurm submits it. See `mpsim help sweep`.\n"
    "    explain  the resolved scenario: each value and where it comes from, what rests on the engine,\n"
    "             what is drawn from the seed, what sweep runs and about how long it takes.\n"
    "    list     the scenarios of a directory (scenarios/), a line each; list attacks: what an attacker can do;\n"
    "             list radios: states, powers and times of radios, and where each constant comes from.\n"
    "    check-pcap  reads pcap or pcapng files (- is standard input; several are merged by time), follows\n"
    "             every connection and prints FILE:FRAME: CLAUSE: what was wrong, then a line for each\n"
    "             connection. --no-checksum: captured before an off-load; --keys FILE: key log of\n"
    "             MPTCPsec (client.sec_keylog: keys.log), opens its records; --damage: wrong checksums are\n"
    "             the path's doing; --partial: packets or subflows are missing; -v: all subflows, all\n"
    "             errors. Status 0 clean, 1 errors, 2 unreadable.\n"
    "\n"
    "OPTIONS\n"
    "    --engine E    simulator instead of the scenario's own; ns3 starts mpsim-ns3 beside this program\n"
    "    --set K=V     a key (`mpsim help keys`), or an axis of the scenario and one of its points;\n"
    "                  wins over everything in the file\n"
    "    --variant V   one of the scenario's variants\n"
    "    --seed N      this seed instead of the scenario's\n"
    "    --out DIR     where results go (results)\n"
    "    --pcap        write a pcap per host (raw IP, nanoseconds)\n"
    "    --trace       write every event of the stacks to trace.jsonl\n"
    "    --jobs N      processes at a time (one per core)\n"
    "    --force       run what is finished again\n"
    "\n"
    "FILES\n"
    "    DIR/SCENARIO/ENGINE/VARIANT,AXIS=POINT.../run-SEED/\n"
    "        run.json      configuration and its hash, seed, versions, hash of every packet and its time\n"
    "        summary.csv   a row per connection      requests.csv  a row per request\n"
    "        series.csv    subflows over time        data.csv      what each subflow sent (dsn: true)\n"
    "        progress.csv  octets read by the applications, over time (progress: true)\n"
    "        trace.jsonl   events (--trace)          *.pcap        packets (--pcap)\n"
    "    A directory is there only when its run is complete; it is run again when the configuration changed.\n"
    "    DIR/.../failed-SEED.log holds what a failed run said.\n"
    "\n"
    "EXIT STATUS\n"
    "    0 done   1 a run failed   2 a mistake in the command line or scenario   130, 143 interrupted\n";

/* Only an exception is worth a word: most keys are honoured by both. */
static void say_engines(unsigned engines)
{
    switch (engines) {
    case BOTH:
        break;
    case LOOP:
    case SECTION_LOOP:
        printf(" [loop]");
        break;
    default:
        printf(" [ns3]");
        break;
    }
}

/* A choice shows its words in place of a type; bounds of other types only where both are given. */
static void say_key(const struct schema_key *k)
{
    printf("  %-24s %-18s", k->key,
           k->type == VALUE_CHOICE ? k->least : units_name(k->type));
    if (k->def[0] != '\0')
        printf(" default %s", k->def);
    if (k->type != VALUE_CHOICE && k->least[0] != '\0' && k->most[0] != '\0')
        printf(", %s to %s", k->least, k->most);
    say_engines(k->engines);
    printf("\n      %s\n", k->help);
}

/* Keys in the order of schema.def. */
static void say_scope(const char *title, enum schema_scope scope)
{
    const struct schema_key *k;

    printf("%s\n", title);
    for (size_t i = 0; (k = schema_key(i)) != NULL; i++)
        if (k->scope == scope)
            say_key(k);
    printf("\n");
}

/* Made from the tables that the loader uses: it cannot go stale. */
static int help_keys(void)
{
    const char *name, *help;

    printf("Keys of a scenario, of its variants and axes, and of --set. Sections may be nested or written\n"
           "with dots (link: {delay: 7ms} or link.delay: 7ms). [loop], [ns3]: only this engine honours it;\n"
           "link: and radio: rest on the other one, any other key is an error there.\n\n");
    say_scope("THE RUN", SCOPE_RUN);
    say_scope("A PATH: paths.NAME.key, the phone's interfaces in the order of the file", SCOPE_PATH);
    say_scope("A RADIO: paths.NAME.radio.key, or radios.NAME.key for a radio that paths may name as their\n"
              "radio.profile; what is not written is the profile's (`mpsim list radios`)", SCOPE_RADIO);
    say_scope("A CHANGE: elements of the list paths.NAME.changes", SCOPE_CHANGE);
    say_scope("AN ATTACK: elements of the list paths.NAME.attacks", SCOPE_ATTACK);
    printf("STACK OPTIONS: client.key, server.key, or stack.key for both\n");
    for (size_t i = 0; (name = mpt_config_key(i, &help)) != NULL; i++) {
        char range[96];

        schema_option_range(i, range, sizeof range);
        printf("  %-24s %s (%s)\n", name, help, range);
    }
    printf("\nVARIANTS, SWEEP, SWEEPS\n"
           "  variants   {NAME: {key: value, ...}, ...}: named sets of overrides\n"
           "  sweep      axes, all crossed: {KEY: VALUES} or {NAME: {set: KEY or [KEYS], to: VALUES}},\n"
           "             zipped {NAME: {zip: {KEY: VALUES, KEY: VALUES}}}, or {NAME: {POINT: {key: value}, ...}};\n"
           "             VALUES: [10ms, 50ms], {from: 10ms, to: 200ms, step: 10ms}, or {from: 1MB, to: 1GB,\n"
           "             log: 7} (points); the first point stands where an axis is not swept\n"
           "  sweeps     [{variants: [NAMES], axes: [NAMES]}, ...]: what a campaign crosses; default: everything\n"
           "  Order: defaults, file, axes, variant, --set; the later wins.\n");
    return CLI_OK;
}

/* Commands without a page of their own are explained on the general one. */
static int is_in_general(const char *topic)
{
    static const char *const commands[] = {"run", "explain", "list", "check-pcap", "stat", "help"};

    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(topic, commands[i]) == 0)
            return 1;
    return 0;
}

int cli_help(const char *topic)
{
    if (strcmp(topic, "keys") == 0)
        return help_keys();
    if (strcmp(topic, "tun-serve") == 0 || strcmp(topic, "tun-connect") == 0) {
        fputs(cli_help_tun, stdout);
        return CLI_OK;
    }
    if (strcmp(topic, "sweep") == 0) {
        fputs(cli_help_sweep, stdout);
        return CLI_OK;
    }
    if (strcmp(topic, "shape") == 0) {
        fputs(cli_help_shape, stdout);
        return CLI_OK;
    }
    if (topic[0] != '\0' && !is_in_general(topic)) {
        fprintf(stderr, "mpsim: no help on '%s'; there is `mpsim help`, and on keys, sweep, tun-serve, tun-connect and shape\n", topic);
        return CLI_MISTAKE;
    }
    fputs(general, stdout);
    return CLI_OK;
}
