/* SPDX-License-Identifier: MIT */
/* run/command_list.c - `mpsim list`: the scenarios of a directory, a line each; `mpsim list attacks` and
 * `mpsim list radios`: the catalogues. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attack/attack.h"
#include "run/cli.h"
#include "run/pool.h"
#include "run/radioconf.h"

/* ".yaml" alone is a hidden file without a name. */
static int is_scenario(const struct dirent *e)
{
    const char *dot = strrchr(e->d_name, '.');

    return dot != NULL && dot != e->d_name && strcmp(dot, ".yaml") == 0;
}

/* A broken scenario is listed as such: the others still are. */
static void say_scenario(const char *dir, const char *name)
{
    struct scenario *s = pool_grow(NULL, sizeof *s);
    struct run_config *c = pool_grow(NULL, sizeof *c);
    struct selection sel = {.engine = -1};
    struct diag d = {0};
    char file[1024];
    int bad;

    snprintf(file, sizeof file, "%s/%s", dir, name);
    bad = scenario_load(s, file, &d) < 0 || scenario_resolve(s, &sel, c, &d) < 0;
    if (bad)
        printf("%-28s (broken: `mpsim explain` says why)\n", file);
    else
        printf("%-28s %-4s %s\n", file, config_engine_name(c->engine), c->description);
    diag_clear(&d);
    scenario_clear(s);
    free(c);
    free(s);
}

/* What each needs and aims at; the keys of a scenario that change its numbers are `every`, `count` and so on. */
static int list_attacks(void)
{
    const struct mpt_attack_row *row;

    for (size_t i = 0; (row = mpt_attack_catalogue(i)) != NULL; i++) {
        printf("%-20s %s%s\n", row->name, row->line, row->early ? " (before the handshake)" : "");
        printf("%20s needs: %s; aims at: %s (%s)\n", "", row->needs, row->aims, row->rfc);
    }
    return CLI_OK;
}

/* Sorted by name, so that the list is the same everywhere. */
int cli_list(const char *dir)
{
    struct dirent **entry;
    int n;

    if (strcmp(dir, "attacks") == 0)
        return list_attacks();
    if (strcmp(dir, "radios") == 0) {
        radioconf_list();
        return CLI_OK;
    }
    n = scandir(dir, &entry, is_scenario, alphasort);
    if (n < 0) {
        fprintf(stderr, "mpsim: %s: %s\n", dir, strerror(errno));
        return CLI_MISTAKE;
    }
    for (int i = 0; i < n; i++) {
        say_scenario(dir, entry[i]->d_name);
        free(entry[i]);
    }
    free(entry);
    return CLI_OK;
}
