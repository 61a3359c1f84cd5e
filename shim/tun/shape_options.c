/* SPDX-License-Identifier: MIT */
/* shape_options.c - the command line of `mpsim shape` (see shape.h): paths with the keys of a scenario, which are looked up
 * and judged by run/config_check.c as if they stood in a file. */
#include "tun/shape.h"

#include "run/cli.h"
#include "run/flatten.h"
#include "run/pool.h"
#include "run/radioconf.h"
#include "run/schema.h"

#include <stdlib.h>
#include <string.h>

/* What is collected while the words are read. */
struct reading {
    struct shape_options *o;
    struct scenario *s;    /* of --scenario, or empty: its paths and its pool */
    const char *variant;   /* --variant, NULL */
    uint32_t written;      /* bit per path of the configuration that has its devices */
    struct tun_device end[SHIM_PATHS_MAX][2];
    const char *name[SHIM_PATHS_MAX]; /* of --path, in its order */
    size_t names;
    struct diag d;
};

static void complain(const char *what, const char *word)
{
    fprintf(stderr, "mpsim shape: %s%s%s\n", what, word ? ": " : "", word ? word : "");
}

/* Cuts at the next comma. */
static char *next_word(char **text)
{
    char *word = *text, *comma = word ? strchr(word, ',') : NULL;

    if (comma)
        *comma++ = '\0';
    *text = comma;
    return word;
}

/* One setting, as --set takes it: unknown keys get their hint there. */
static void set(struct reading *r, const char *text)
{
    scenario_set(r->s, text, &r->d);
}

/* Keys of the link go without their section. */
static const char *section_of(const char *key)
{
    static const char *const of_link[] = {"rate=", "delay=", "jitter=", "queue="};

    for (size_t i = 0; i < 4; i++)
        if (strncmp(key, of_link[i], strlen(of_link[i])) == 0)
            return "link.";
    return "";
}

/* DEVICE[@NETNS][=ADDRESS/PREFIX], the kernel's own address. */
static int take_end(struct tun_device *d, char *text)
{
    char err[200], *equal = text ? strchr(text, '=') : NULL;

    if (!text) {
        complain("a path has two devices, like wifi=a0,b0", NULL);
        return -1;
    }
    if (device_parse(d, text, equal != NULL, err, sizeof err) < 0) {
        complain(err, NULL);
        return -1;
    }
    d->peer = d->addr; /* the other way round than for a host: here the kernel has it */
    memset(&d->addr, 0, sizeof d->addr);
    return 0;
}

/* NAME=DEVICE,DEVICE[,KEY=VALUE]... */
static int take_path(struct reading *r, char *text)
{
    char *rest = strchr(text, '='), *word;
    size_t i = r->names;

    if (!rest || rest == text || i == SHIM_PATHS_MAX) {
        complain(i == SHIM_PATHS_MAX ? "too many paths" : "--path is NAME=DEVICE,DEVICE[,KEY=VALUE]...", text);
        return -1;
    }
    *rest++ = '\0';
    if (strlen(text) > 15) {
        complain("the name of a path has at most 15 letters", text);
        return -1;
    }
    r->name[r->names++] = text;
    if (take_end(&r->end[i][0], next_word(&rest)) < 0 || take_end(&r->end[i][1], next_word(&rest)) < 0)
        return -1;
    while ((word = next_word(&rest)) != NULL)
        set(r, pool_format(&r->s->pool, "paths.%s.%s%s", text, section_of(word), word));
    return 0;
}

/* A time or a number, by its row of units.c. */
static int take_value(const char *name, enum value_type type, const char *text, uint64_t *out)
{
    struct value v;
    char why[128];

    if (units_parse(type, "", text, &v, why, sizeof why) < 0) {
        complain(name, why);
        return -1;
    }
    *out = v.n;
    return 0;
}

static int take_option(struct reading *r, const char *name, char *value)
{
    if (strcmp(name, "--path") == 0)
        return take_path(r, value);
    if (strcmp(name, "--seed") == 0)
        return take_value(name, VALUE_COUNT, value, &r->o->seed);
    if (strcmp(name, "--for") == 0)
        return take_value(name, VALUE_TIME, value, &r->o->length);
    if (strcmp(name, "--set") == 0)
        set(r, value);
    else if (strcmp(name, "--pcap") == 0)
        r->o->pcap = value;
    else if (strcmp(name, "--variant") == 0)
        r->variant = value;
    else if (strcmp(name, "--scenario") != 0) {
        complain("unknown option (see `mpsim help shape`)", name);
        return -1;
    }
    return 0;
}

/* "--seed 3" and "--seed=3"; an '=' inside of --path's own value stands behind a blank. */
static int take_words(struct reading *r, int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        char name[16], *equal = strchr(argv[i], '=');
        size_t n = equal ? (size_t)(equal - argv[i]) : strlen(argv[i]);

        if (strcmp(argv[i], "--realtime") == 0) {
            r->o->realtime = 1;
            continue;
        }
        if (argv[i][0] != '-' || n > 15 || (!equal && i + 1 == argc)) {
            complain(argv[i][0] == '-' && n <= 15 ? "a value is missing" : "not an option", argv[i]);
            return -1;
        }
        snprintf(name, sizeof name, "%.*s", (int)n, argv[i]);
        if (take_option(r, name, equal ? equal + 1 : argv[++i]) < 0)
            return -1;
    }
    return 0;
}

/* The file comes first, wherever it is named, since paths and settings refer to what is in it. */
static int load_file(struct reading *r, int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        const char *file = strncmp(argv[i], "--scenario=", 11) == 0                   ? argv[i] + 11
                           : strcmp(argv[i], "--scenario") == 0 && i + 1 < argc ? argv[i + 1]
                                                                                : NULL;
        if (file && scenario_load(r->s, file, &r->d) < 0)
            return -1;
    }
    return 0;
}

/* Messages about values that are wrong together have no better place than the command line. */
static struct place find_place(void *ctx, const char *key)
{
    (void)ctx;
    (void)key;
    return (struct place){"--path", 0, 0};
}

/* Paths of the scenario that are not named get no devices and are left out; new ones begin with the defaults. */
static void resolve(struct reading *r)
{
    struct shape_options *o = r->o;
    struct config_places places = {find_place, NULL};
    struct selection sel = {.engine = ENGINE_LOOP};
    struct run_config *c = pool_grow(NULL, sizeof *c);
    int variant = r->variant ? scenario_variant(r->s, r->variant, &r->d) : 0;

    sel.variant = variant > 0 ? (size_t)variant : 0;
    config_init(c);
    if (r->s->file && !r->d.errors)
        scenario_resolve(r->s, &sel, c, &r->d);
    config_init(&o->config);
    for (size_t i = 0; i < r->names; i++) {
        struct run_path *p = &o->config.path[i];

        config_add_path(&o->config, r->name[i]);
        for (size_t j = 0; j < c->paths; j++)
            if (strcmp(c->path[j].name, p->name) == 0)
                *p = c->path[j];
        o->device[2 * i] = r->end[i][0];
        o->device[2 * i + 1] = r->end[i][1];
    }
    memcpy(o->config.radio, c->radio, sizeof c->radio);
    o->config.radios = c->radios;
    o->config.name = "shape"; /* config_check wants one */
    o->config.duration = UINT64_C(86400) * 1000000000; /* what keys allow for the time of a change */
    for (size_t i = 0; i < r->s->sets.count; i++)
        config_apply(&o->config, &r->s->sets.settings[i], &r->d);
    if (!r->d.errors)
        radioconf_resolve(&o->config, &places, &r->d);
    if (!r->d.errors)
        config_check(&o->config, &places, &r->d);
    free(c);
}

int shape_parse(struct shape_options *o, int argc, char **argv)
{
    struct reading *r = pool_grow(NULL, sizeof *r);
    int bad;

    memset(o, 0, sizeof *o);
    memset(r, 0, sizeof *r);
    o->seed = 1;
    r->o = o;
    r->s = pool_grow(NULL, sizeof *r->s);
    memset(r->s, 0, sizeof *r->s);
    bad = load_file(r, argc, argv) < 0 || take_words(r, argc, argv) < 0;
    if (!bad && !r->names) {
        complain("which path? Like --path wifi=a0,b0,rate=20Mbit/s,delay=10ms", NULL);
        bad = 1;
    }
    if (!bad)
        resolve(r);
    if (r->d.errors)
        fputs(r->d.text, stderr);
    bad |= r->d.errors > 0;
    diag_clear(&r->d);
    scenario_clear(r->s); /* texts of a path have been read: names of radios */
    free(r->s);
    free(r);
    return bad ? -1 : 0;
}
