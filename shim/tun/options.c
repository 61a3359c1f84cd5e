/* SPDX-License-Identifier: MIT */
/* options.c - the command line of the TUN host (see options.h). Keys of the stack are libmpt's own. */
#include "tun/options.h"

#include "run/cli.h"
#include "run/pool.h"
#include "run/schema.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* One line, named by its command. Always -1. */
static int complain(const struct tun_options *o, const char *format, ...)
{
    va_list args;

    fprintf(stderr, "mpsim %s: ", o->serve ? "tun-serve" : "tun-connect");
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    return -1;
}

/* ---- settings of the stack ------------------------------------------------------------------------ */

/* libmpt's line of help on a key, or NULL: no such key. */
static const char *key_help(const char *key)
{
    const char *name, *help;

    for (size_t i = 0; (name = mpt_config_key(i, &help)) != NULL; i++)
        if (strcmp(name, key) == 0)
            return help;
    return NULL;
}

/* The key that was probably meant. */
static const char *nearest(const char *key)
{
    const char *name, *help, *best = NULL;
    unsigned distance = 4;

    for (size_t i = 0; (name = mpt_config_key(i, &help)) != NULL; i++)
        if (schema_distance(key, name) < distance) {
            distance = schema_distance(key, name);
            best = name;
        }
    return best;
}

/* "cc=reno", or as in a scenario "stack.cc=reno"; client. and server. count on their own side only. */
static int take_setting(struct tun_options *o, char *text)
{
    const char *mine = o->serve ? "server." : "client.", *other = o->serve ? "client." : "server.";
    char *value = strchr(text, '='), *key = text;

    if (!value)
        return complain(o, "'%s' is not KEY=VALUE", text);
    *value++ = '\0';
    if (strncmp(key, other, 7) == 0)
        return key_help(key + 7) ? 0 : complain(o, "there is no stack option '%s'", key);
    if (strncmp(key, "stack.", 6) == 0)
        key += 6;
    else if (strncmp(key, mine, 7) == 0)
        key += 7;
    if (!key_help(key))
        return complain(o, "there is no stack option '%s'%s%s%s (see `mpsim help keys`)", key,
                        nearest(key) ? ", did you mean '" : "", nearest(key) ? nearest(key) : "",
                        nearest(key) ? "'?" : "");
    if (mpt_config_set(&o->config, key, value) < 0)
        return complain(o, "'%s' is not a value of '%s': %s", value, key, key_help(key));
    o->pm_written |= strcmp(key, "pm") == 0;
    return 0;
}

/* Of a scenario only the stack counts here, after its variant: paths are the business of `mpsim shape`. */
static int take_scenario(struct tun_options *o)
{
    struct scenario *s = pool_grow(NULL, sizeof *s);
    struct run_config *c = pool_grow(NULL, sizeof *c);
    struct selection sel = {.engine = ENGINE_LOOP};
    struct diag d = {0};
    int bad = scenario_load(s, o->scenario, &d) < 0, variant;

    if (!bad && o->variant && (variant = scenario_variant(s, o->variant, &d)) >= 0)
        sel.variant = (size_t)variant;
    if (!bad && !d.errors && scenario_resolve(s, &sel, c, &d) == 0)
        for (size_t i = 0; i < c->options[o->serve ? SIDE_SERVER : SIDE_CLIENT]; i++) {
            const struct run_option *option = &c->option[o->serve ? SIDE_SERVER : SIDE_CLIENT][i];

            mpt_config_set(&o->config, option->key, option->value); /* the loader has tried it */
            o->pm_written |= strcmp(option->key, "pm") == 0;
        }
    if (d.errors)
        fputs(d.text, stderr);
    bad |= d.errors > 0;
    diag_clear(&d);
    scenario_clear(s);
    free(s);
    free(c);
    return bad ? -1 : 0;
}

/* ---- options -------------------------------------------------------------------------------------- */

/* The same name again is another address on the same device. */
static int take_device(struct tun_options *o, char *text)
{
    struct tun_device *d = &o->device[o->devices];
    char err[200];

    if (o->devices == TUN_DEVICES_MAX)
        return complain(o, "at most %d devices", TUN_DEVICES_MAX);
    if (device_parse(d, text, 1, err, sizeof err) < 0)
        return complain(o, "%s", err);
    for (size_t i = 0; i < o->devices && !d->same; i++)
        if (strcmp(o->device[i].name, d->name) == 0 && !o->device[i].netns == !d->netns &&
            (!d->netns || strcmp(o->device[i].netns, d->netns) == 0))
            d->same = i + 1;
    o->devices++;
    return 0;
}

static int take_time(const struct tun_options *o, const char *name, const char *text, uint64_t *out)
{
    struct value v;
    char why[128];

    if (units_parse(VALUE_TIME, "", text, &v, why, sizeof why) < 0)
        return complain(o, "%s: %s", name, why);
    *out = v.n;
    return 0;
}

/* 1 to 65535. */
static int take_port(const struct tun_options *o, const char *text, uint16_t *out)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);

    if (text[0] < '0' || text[0] > '9' || *end != '\0' || n < 1 || n > 65535)
        return complain(o, "'%s' is no port (1 to 65535)", text);
    *out = (uint16_t)n;
    return 0;
}

/* ADDRESS or ADDRESS,PORT: a colon would not do for IPv6. */
static int take_from(struct tun_options *o, char *text)
{
    char *comma = strchr(text, ',');
    uint16_t port = 0;

    if (comma)
        *comma++ = '\0';
    if (device_parse_address(text, &o->local) < 0)
        return complain(o, "--from: '%s' is no IPv4 or IPv6 address", text);
    if (comma && take_port(o, comma, &port) < 0)
        return -1;
    o->local.port = port;
    return 0;
}

static const char *const valued[] = {"--dev",  "--set",   "--from",     "--timeout", "--idle",
                                      "--pcap", "--trace", "--scenario", "--variant",
                                      "--identity", "--expect", "--psk"};
enum { VALUED = sizeof valued / sizeof valued[0] };

static int is_valued(const char *name)
{
    for (size_t i = 0; i < VALUED; i++)
        if (strcmp(valued[i], name) == 0)
            return 1;
    return 0;
}

static int take_secret(struct tun_options *o, const char *name, const char *value)
{
    char err[200];

    return secret_take(&o->secret, name, value, err, sizeof err) < 0 ? complain(o, "%s: %s", name, err) : 0;
}

/* One option of `valued`: 0, or -1. */
static int take_valued(struct tun_options *o, const char *name, char *value)
{
    if (strcmp(name, "--dev") == 0)
        return take_device(o, value);
    if (strcmp(name, "--set") == 0)
        return take_setting(o, value);
    if (strcmp(name, "--from") == 0)
        return take_from(o, value);
    if (strcmp(name, "--timeout") == 0)
        return take_time(o, name, value, &o->timeout);
    if (strcmp(name, "--idle") == 0)
        return take_time(o, name, value, &o->idle);
    if (strcmp(name, "--identity") == 0 || strcmp(name, "--expect") == 0 || strcmp(name, "--psk") == 0)
        return take_secret(o, name, value);
    if (strcmp(name, "--pcap") == 0)
        o->pcap = value;
    else if (strcmp(name, "--trace") == 0)
        o->trace = value;
    return 0; /* --scenario and --variant were read before all others: what is written beside a file wins over it */
}

/* Options without a value; 0: none of them. */
static int take_flag(struct tun_options *o, const char *word)
{
    if (strcmp(word, "-k") == 0 || strcmp(word, "--keep") == 0)
        o->keep = 1;
    else if (strcmp(word, "-d") == 0 || strcmp(word, "--no-input") == 0)
        o->mute = 1;
    else if (strcmp(word, "-v") == 0)
        o->verbose++;
    else if (strcmp(word, "--counters") == 0)
        o->counters = 1;
    else
        return 0;
    return 1;
}

/* "--dev X" and "--dev=X": words used up, or -1. */
static int take_option(struct tun_options *o, int argc, char **argv)
{
    char name[32], *equal = strchr(argv[0], '=');
    size_t n = equal ? (size_t)(equal - argv[0]) : strlen(argv[0]);

    if (take_flag(o, argv[0]))
        return 1;
    snprintf(name, sizeof name, "%.*s", (int)(n < 31 ? n : 31), argv[0]);
    if (!is_valued(name))
        return complain(o, "unknown option '%s' (see `mpsim help %s`)", name, o->serve ? "tun-serve" : "tun-connect");
    if (!equal && argc < 2)
        return complain(o, "%s needs a value", name);
    if (take_valued(o, name, equal ? equal + 1 : argv[1]) < 0)
        return -1;
    return equal ? 1 : 2;
}

/* PORT, or ADDRESS PORT; a word with '=' is a setting. */
static int take_word(struct tun_options *o, char *word, size_t *words)
{
    size_t place = (*words)++ + (o->serve ? 1u : 0u);

    if (place == 0)
        return device_parse_address(word, &o->remote) < 0 ? complain(o, "'%s' is no IPv4 or IPv6 address", word) : 0;
    if (place == 1)
        return take_port(o, word, &o->port);
    return complain(o, "one word too many: '%s'", word);
}

/* --scenario and --variant, wherever they stand. */
static int take_file(struct tun_options *o, int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        const char **to = strncmp(argv[i], "--scenario", 10) == 0  ? &o->scenario
                          : strncmp(argv[i], "--variant", 9) == 0 ? &o->variant
                                                                   : NULL;
        size_t n = to == &o->variant ? 9 : 10;

        if (to && argv[i][n] == '=')
            *to = argv[i] + n + 1;
        else if (to && argv[i][n] == '\0' && i + 1 < argc)
            *to = argv[++i];
    }
    return o->scenario ? take_scenario(o) : 0;
}

/* A client with several devices means to use them; addresses with a purpose want the path manager that reads it. */
static void choose_pm(struct tun_options *o)
{
    if (o->pm_written)
        return;
    o->config.pm = o->serve ? MPT_PM_MANUAL : MPT_PM_FULLMESH;
    for (size_t i = 0; i < o->devices; i++)
        if (o->device[i].flags & (MPT_ADDRESS_SIGNAL | MPT_ADDRESS_SUBFLOW | MPT_ADDRESS_FULLMESH))
            o->config.pm = MPT_PM_ENDPOINTS;
}

/* What is missing or cannot be together. */
static int check(struct tun_options *o, size_t words)
{
    if (words < (o->serve ? 1u : 2u))
        return complain(o, o->serve ? "which port?" : "to which address and port?");
    if (!o->devices)
        return complain(o, "at least one device is needed, like --dev tun0=10.1.0.1/24,peer=10.1.0.2");
    if (!o->serve && o->keep)
        return complain(o, "-k is for tun-serve");
    if (o->local.family && o->local.family != o->remote.family)
        return complain(o, "--from has another family than the address to connect to");
    if (secret_check(&o->secret, &o->config, o->serve))
        return complain(o, "%s", secret_check(&o->secret, &o->config, o->serve));
    o->remote.port = o->port;
    choose_pm(o);
    return 0;
}

/* Two defaults differ from libmpt's: the path manager, and that a process that ends cannot wait for 2 MSL. */
int options_parse(struct tun_options *o, int serve, int argc, char **argv)
{
    size_t words = 0;

    memset(o, 0, sizeof *o);
    o->serve = serve;
    mpt_config_default(&o->config);
    o->config.tcp_time_wait = 500000000;
    if (take_file(o, argc, argv) < 0)
        return -1;
    for (int i = 0, used; i < argc; i += used) {
        used = 1;
        if (argv[i][0] == '-') {
            if ((used = take_option(o, argc - i, argv + i)) < 0)
                return -1;
        } else if ((strchr(argv[i], '=') ? take_setting(o, argv[i]) : take_word(o, argv[i], &words)) < 0) {
            return -1;
        }
    }
    return check(o, words);
}
