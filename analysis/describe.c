/* SPDX-License-Identifier: MIT */
/* analysis/describe.c - see describe.h. Called by main.c. */
#include "analysis/describe.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/effect.h"
#include "analysis/groups.h"
#include "analysis/resample.h"
#include "analysis/sample.h"
#include "analysis/text.h"

static const char usage[] =
    "usage: mpsim-stat --describe FILE.csv --value COLUMN [OPTION]...\n"
    "Statistics of a column on standard output, as CSV, a row a group. FILE.csv may be - for standard input.\n"
    "  --value COLUMN          what to describe: numbers\n"
    "  --among TEXT[,TEXT]     of a column of any texts: the share of rows that have one of these, with its interval\n"
    "                          ('' is the empty text)\n"
    "  --by COLUMN[,COLUMN]    a group for each combination of texts; without it all rows are one\n"
    "  --pair COLUMN           pairs rows of different groups, such as seed: differences to the baseline as well\n"
    "  --baseline VALUE        what the first column of --by is in the group to compare with\n"
    "  --skip-empty            leave rows with an empty value out, and count them\n"
    "  --allow-unequal         do not refuse groups of different size, and rows without a partner\n"
    "Every row must be independent of the others: one for each seed, not one for each request.\n";

struct options {
    struct choice choice; /* what to read */
    const char *baseline; /* NULL: no differences */
    int allow_unequal;    /* groups of different size, rows without a partner */
};

/* ---- words --------------------------------------------------------------------------------------- */

/* A mistake of the user's. */
static int refuse(const char *what, const char *arg)
{
    fprintf(stderr, "mpsim-stat: --describe: %s%s\n%s", what, arg, usage);
    return 2;
}

/* Cuts the list in place. */
static int parse_by(struct choice *c, char *list)
{
    for (char *p = list; p != NULL; c->bys++) {
        char *comma = strchr(p, ',');
        if (comma != NULL)
            *comma++ = '\0';
        if (*p == '\0')
            return refuse("--by has an empty name", "");
        if (c->bys == GROUPS_BY)
            return refuse("--by takes at most 8 columns, one too many is ", p);
        for (size_t i = 0; i < c->bys; i++)
            if (strcmp(c->by[i], p) == 0)
                return refuse("--by has a column twice: ", p);
        c->by[c->bys] = p;
        p = comma;
    }
    return 0;
}

/* Where the value of an option goes; NULL: it has none of this name. */
static const char **place_of(struct options *o, const char *name)
{
    const struct {
        const char *name, **place;
    } known[] = {{"--describe", &o->choice.path}, {"--value", &o->choice.value}, {"--pair", &o->choice.pair},
                 {"--baseline", &o->baseline}, {"--among", &o->choice.among}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].name, name) == 0)
            return known[i].place;
    return NULL;
}

static int parse_words(struct options *o, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *name = argv[i], **place = place_of(o, name);
        int rc = 0;
        if (strcmp(name, "--allow-unequal") == 0)
            o->allow_unequal = 1;
        else if (strcmp(name, "--skip-empty") == 0)
            o->choice.skip_empty = 1;
        else if (place == NULL && strcmp(name, "--by") != 0)
            return refuse("unknown word: ", name);
        else if (i + 1 == argc || strncmp(argv[i + 1], "--", 2) == 0)
            return refuse("a value is missing behind ", name);
        else if (place == NULL ? o->choice.bys > 0 : *place != NULL)
            return refuse("given twice: ", name);
        else if (place != NULL)
            *place = argv[++i];
        else
            rc = parse_by(&o->choice, argv[++i]);
        if (rc != 0)
            return rc;
    }
    return 0;
}

/* What one word asks for and another does not give. */
static int check_words(const struct options *o)
{
    const struct choice *c = &o->choice;

    if (c->path == NULL || c->value == NULL)
        return refuse("which file, and which column (--value)?", "");
    if ((c->pair == NULL) != (o->baseline == NULL))
        return refuse("--pair and --baseline need one another", "");
    if (c->pair != NULL && c->among != NULL)
        return refuse("--pair compares numbers, --among has none", "");
    if (c->pair != NULL && c->bys == 0)
        return refuse("--pair needs --by: the baseline is one of its groups", "");
    for (size_t i = 0; i < c->bys; i++)
        if (strcmp(c->by[i], c->value) == 0 || (c->pair != NULL && strcmp(c->by[i], c->pair) == 0))
            return refuse("--by has the column of --value or --pair: ", c->by[i]);
    return 0;
}

/* ---- what is refused ----------------------------------------------------------------------------- */

/* A mean over fewer seeds than its neighbour's is easily taken for as good. */
static void refuse_unequal(const struct groups *g)
{
    char name[300], other[300];
    for (size_t i = 1; i < g->count; i++)
        if (g->group[i].n != g->group[0].n)
            text_die("%s: %s has %zu values of %s, %s has %zu (--allow-unequal describes them nevertheless)", g->choice->path,
                     groups_name(g, &g->group[0], name, sizeof name), g->group[0].n, g->choice->value,
                     groups_name(g, &g->group[i], other, sizeof other), g->group[i].n);
}

/* Every row of one group has its partner in the other. */
static void refuse_unmatched(const struct groups *g, const struct group *group, const struct group *in)
{
    char name[300], other[300];

    for (size_t i = 0, j = 0; i < group->n; i++, j++) {
        while (j < in->n && strcmp(in->item[j].pair, group->item[i].pair) != 0)
            j++;
        if (j == in->n)
            text_die("%s:%zu: column %s: %s of %s has no partner in %s (--allow-unequal leaves it out of the differences)",
                     g->choice->path, group->item[i].row + 1, g->choice->pair, group->item[i].pair,
                     groups_name(g, group, name, sizeof name), groups_name(g, in, other, sizeof other));
    }
}

/* Wherever the baseline is looked for it has to be, unless told; and somewhere in any case. */
static void check_pairs(const struct groups *g, const struct options *o)
{
    char name[300];
    int found = 0;

    for (size_t i = 0; i < g->count; i++)
        found |= strcmp(groups_text(g, &g->group[i], 0), o->baseline) == 0;
    if (!found)
        text_die("%s: column %s is %s in no row", g->choice->path, g->choice->by[0], o->baseline);
    for (size_t i = 0; i < g->count && !o->allow_unequal; i++) {
        const struct group *group = &g->group[i], *base = groups_beside(g, group, o->baseline);
        if (base == NULL)
            text_die("%s:%zu: %s has no baseline %s beside it (--allow-unequal describes it without differences)", g->choice->path,
                     group->row + 1, groups_name(g, group, name, sizeof name), o->baseline);
        refuse_unmatched(g, group, base);
        refuse_unmatched(g, base, group);
    }
}

/* ---- the table ----------------------------------------------------------------------------------- */

static const struct {
    const char *name; /* in the header */
    double q;         /* share of values at or below */
} quantiles[] = {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}};
enum { QUANTILES = sizeof quantiles / sizeof *quantiles };

static void put_header(const struct options *o)
{
    for (size_t i = 0; i < o->choice.bys; i++)
        printf("%s,", o->choice.by[i]);
    printf("n%s", o->choice.skip_empty ? ",empty" : "");
    if (o->choice.among != NULL) {
        printf(",hits,share,share_low,share_high\n");
        return;
    }
    printf(",mean,mean_low,mean_high,boot_low,boot_high");
    for (size_t i = 0; i < QUANTILES; i++)
        printf(",%s,%s_low,%s_high", quantiles[i].name, quantiles[i].name, quantiles[i].name);
    printf(",p50_boot_low,p50_boot_high,jain%s\n",
           o->baseline != NULL ? ",pairs,diff,diff_low,diff_high,diff_boot_low,diff_boot_high,dz" : "");
}

/* What does not exist is empty; there is no negative zero. */
static void put_number(double x)
{
    if (isnan(x))
        putchar(',');
    else
        printf(",%.9g", x == 0 ? 0.0 : x);
}

static void put_band(struct band band)
{
    put_number(band.low);
    put_number(band.high);
}

/* Student's interval, and the one that needs no normal distribution. Sorts the values. */
static void put_mean(double *values, size_t n)
{
    struct estimate e = sample_estimate(values, n);
    put_number(e.mean);
    put_number(e.low);
    put_number(e.high);
    put_band(resample_mean(values, n));
}

/* Ours minus the baseline's over the pairs that both have. Effect size before the interval: that one sorts. */
static void put_differences(const struct group *ours, const struct group *base)
{
    double *values = calloc(ours->n + 1, sizeof *values);
    size_t n = 0;

    if (values == NULL)
        text_die("out of memory");
    for (size_t i = 0, j = 0; i < ours->n; i++) {
        /* Both in the same order; a partner may be missing on either side, so the search begins behind the last one found. */
        size_t k = j;
        while (k < base->n && strcmp(base->item[k].pair, ours->item[i].pair) != 0)
            k++;
        if (k == base->n)
            continue;
        values[n++] = ours->item[i].value - base->item[k].value;
        j = k + 1;
    }
    printf(",%zu", n);
    double dz = effect_dz(values, n);
    put_mean(values, n);
    put_number(dz);
    free(values);
}

/* Of values that are 1 or 0. */
static void put_share(const struct group *group)
{
    size_t hits = 0;

    for (size_t i = 0; i < group->n; i++)
        hits += group->item[i].value > 0;
    printf(",%zu", hits);
    put_number(group->n > 0 ? (double)hits / (double)group->n : NAN);
    put_band(resample_share(hits, group->n));
}

static void put_statistics(const struct group *group)
{
    double *values = calloc(group->n + 1, sizeof *values);

    if (values == NULL)
        text_die("out of memory");
    for (size_t i = 0; i < group->n; i++)
        values[i] = group->item[i].value;
    put_mean(values, group->n);
    for (size_t i = 0; i < QUANTILES; i++) {
        put_number(resample_quantile(values, group->n, quantiles[i].q));
        put_band(resample_order_band(values, group->n, quantiles[i].q));
    }
    put_band(resample_quantile_interval(values, group->n, 0.5));
    put_number(effect_jain(values, group->n));
    free(values);
}

static void put_group(const struct groups *g, const struct group *group, const struct options *o)
{
    for (size_t i = 0; i < o->choice.bys; i++)
        printf("%s,", groups_text(g, group, i));
    printf("%zu", group->n);
    if (o->choice.skip_empty)
        printf(",%zu", group->empty);
    if (o->choice.among != NULL)
        put_share(group);
    else
        put_statistics(group);
    if (o->baseline != NULL) {
        const struct group *base = groups_beside(g, group, o->baseline);
        if (base == NULL || base == group)
            printf(",,,,,,,");
        else
            put_differences(group, base);
    }
    putchar('\n');
}

int describe_main(int argc, char **argv)
{
    struct options o = {.baseline = NULL};
    struct groups g;
    int rc = parse_words(&o, argc, argv);

    if (rc == 0)
        rc = check_words(&o);
    if (rc != 0)
        return rc;
    if (strcmp(o.choice.path, "-") == 0)
        o.choice.path = "/dev/stdin";
    groups_load(&g, &o.choice);
    if (o.baseline != NULL)
        check_pairs(&g, &o);
    if (!o.allow_unequal)
        refuse_unequal(&g);
    put_header(&o);
    for (size_t i = 0; i < g.count; i++)
        put_group(&g, &g.group[i], &o);
    groups_free(&g);
    if (fflush(stdout) != 0 || ferror(stdout))
        text_die("standard output cannot be written");
    return 0;
}
