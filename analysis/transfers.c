/* SPDX-License-Identifier: MIT */
/* analysis/transfers.c - see transfers.h. One value per seed enters an interval; a transfer that did not arrive whole
 * has no goodput and is counted, never dropped in silence. */
#include "analysis/transfers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/text.h"

int transfers_are(const struct runs *runs)
{
    return runs->run[0].setup.kind != SETUP_MESSAGES;
}

/* A table and what goes to the terminal are written side by side. */
struct sink {
    FILE *table, *out;
    const struct runs *runs;
};

/* ",value" with nothing for NAN, as in tables.c. */
static void put(FILE *f, double value)
{
    if (isnan(value))
        fputc(',', f);
    else
        fprintf(f, ",%.9g", value);
}

static void put_estimate(FILE *f, const struct estimate *e)
{
    put(f, e->mean);
    put(f, e->low);
    put(f, e->high);
    put(f, e->median);
}

/* "mean [low, high]" in a column. */
static void print_estimate(FILE *out, const struct estimate *e, double unit, int digits, int width)
{
    char text[80];

    if (isnan(e->mean))
        snprintf(text, sizeof text, "-");
    else if (isnan(e->low))
        snprintf(text, sizeof text, "%.*f [n < 2]", digits, e->mean / unit);
    else
        snprintf(text, sizeof text, "%.*f [%.*f, %.*f]", digits, e->mean / unit, digits, e->low / unit, digits, e->high / unit);
    fprintf(out, "  %-*s", width, text);
}

/* ---- goodput --------------------------------------------------------------------------------------- */

/* From the client's SYN to the read of the last octet, of both ways the later one; NAN: it never came. */
static double goodput_of(const struct run *run)
{
    const struct setup *s = &run->setup;
    double last = s->up ? run->last_up : run->last_down;

    if ((s->up && run->octets_up < s->size) || (s->down && run->octets_down < s->size))
        return NAN;
    if (s->up && s->down && run->last_down > last)
        last = run->last_down;
    return s->size * 8 / (last - s->start);
}

/* A ceiling that is not known is none. */
static double known(double ceiling)
{
    return ceiling > 0 ? ceiling : NAN;
}

/* Axes without the size, which has a column: "connections=50;loss=1%", or "all". */
static const char *other_axes(const char *axes, char *out, size_t cap)
{
    out[0] = '\0';
    while (*axes != '\0') {
        size_t len = strcspn(axes, ","), n = strlen(out);

        if (strncmp(axes, "size=", 5) != 0 && strncmp(axes, "traffic.size=", 13) != 0)
            snprintf(out + n, cap - n, "%s%.*s", n > 0 ? ";" : "", (int)len, axes);
        axes += len + (axes[len] == ',');
    }
    if (out[0] == '\0')
        snprintf(out, cap, "all");
    return out;
}

/* One row: the mean over seeds beside the two ceilings. */
static void goodput_row(const struct sink *s, const struct point *p)
{
    const struct setup *setup = &s->runs->run[p->first].setup;
    char panel[160];
    double values[p->end - p->first], full = known(ceiling_full(&setup->link)), whole = known(ceiling_whole(&setup->link));
    size_t n = 0;

    for (size_t i = p->first; i < p->end; i++) {
        values[n] = goodput_of(&s->runs->run[i]);
        n += !isnan(values[n]);
    }
    struct estimate e = sample_estimate(values, n);
    fprintf(s->table, "%s,%.0f,%zu,%zu", p->variant, setup->size, n, p->end - p->first - n);
    put_estimate(s->table, &e);
    put(s->table, full);
    put(s->table, whole);
    put(s->table, e.mean / full);
    fprintf(s->table, ",%s\n", other_axes(p->axes, panel, sizeof panel));
    if (s->out == NULL)
        return;
    fprintf(s->out, "  %-10s %6.4g %3zu %6zu", p->variant, setup->size / 1e6, n, p->end - p->first - n);
    print_estimate(s->out, &e, 1e6, 3, 26);
    if (isnan(full))
        fputs("         -        -  ", s->out);
    else
        fprintf(s->out, "  %8.3f %8.3f  ", full / 1e6, whole / 1e6);
    if (isnan(e.mean / full))
        fputs("-", s->out);
    else
        fprintf(s->out, "%6.2f %%", 100 * e.mean / full);
    fprintf(s->out, "%s%s\n", strcmp(panel, "all") != 0 ? "  " : "", strcmp(panel, "all") != 0 ? panel : "");
}

static void goodput_table(struct sink *s, const char *dir, const struct points *points)
{
    s->table = text_create(dir, "goodput.csv", "variant,size_bytes,n,incomplete,goodput_mean_bit_s,goodput_low_bit_s,goodput_high_bit_s,"
                      "goodput_median_bit_s,ceiling_bit_s,ceiling_whole_bit_s,of_ceiling,panel");
    if (s->out != NULL)
        fprintf(s->out, "\n%s on %s\n  %-10s %6s %3s %6s  %-26s  %8s %8s  %s\n", s->runs->scenario, s->runs->engine,
                "variant", "MB", "n", "failed", "goodput, Mbit/s", "ceiling", "whole", "of ceiling");
    for (size_t i = 0; i < points->count; i++)
        goodput_row(s, &points->point[i]);
    if (s->out != NULL)
        fputs("\n  goodput: octets of one way over the time from the client's SYN to the read of the last one, of both ways the later;\n"
              "  [ , ]: 95 % interval of the mean over n seeds. ceiling: what headers leave of the links (all paths, TCP one) when every\n"
              "  packet is full; whole: with MPTCPsec's rule that a segment holds octets of one record only, so that the best records\n"
              "  fill whole segments.\n", s->out);
}

/* ---- requests -------------------------------------------------------------------------------------- */

static const size_t counts[] = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000};

/* From the client's SYN to the answer of request n; NAN: there is none. */
static double time_of(const struct run *run, size_t n)
{
    const struct request *r = &run->request[n - 1];

    return n <= run->requests && r->answered ? r->sent + r->delay - run->setup.start : NAN;
}

/* The variant that is compared with, under the same axes. */
static const struct point *find_base(const struct points *points, const struct point *p, const char *baseline)
{
    for (size_t i = 0; i < points->count; i++)
        if (strcmp(points->point[i].axes, p->axes) == 0 && strcmp(points->point[i].variant, baseline) == 0)
            return &points->point[i];
    return NULL;
}

/* Differences within a seed: all variants saw the same jitter. base NULL: the times themselves. */
static struct estimate times(const struct runs *runs, const struct point *p, const struct point *base, size_t count)
{
    double values[p->end - p->first];
    size_t n = 0;

    for (size_t i = p->first; i < p->end; i++) {
        double t = time_of(&runs->run[i], count);

        for (size_t j = base != NULL ? base->first : 0; base != NULL; j++) {
            if (j == base->end || runs->run[j].seed == runs->run[i].seed) {
                t -= j == base->end ? NAN : time_of(&runs->run[j], count);
                break;
            }
        }
        values[n] = t;
        n += !isnan(t);
    }
    return sample_estimate(values, n);
}

static void times_row(const struct sink *s, const struct point *p, const struct point *base, size_t count)
{
    struct estimate e = times(s->runs, p, NULL, count), more = {.mean = NAN, .low = NAN, .high = NAN, .median = NAN};

    if (base != NULL && base != p)
        more = times(s->runs, p, base, count);
    fprintf(s->table, "%s,%s,%zu,%zu,%zu", p->variant, p->axes, count, e.n, p->end - p->first - e.n);
    put_estimate(s->table, &e);
    put_estimate(s->table, &more);
    fputc('\n', s->table);
    if (s->out == NULL)
        return;
    fprintf(s->out, "  %-10s %4zu %3zu %6zu", p->variant, count, e.n, p->end - p->first - e.n);
    print_estimate(s->out, &e, 1e-3, 1, 28);
    print_estimate(s->out, &more, 1e-3, 2, 26);
    fputc('\n', s->out);
}

/* Axes are panels; in the table their commas would be columns, and no axis here has two. */
static void times_table(struct sink *s, const char *dir, const struct points *points, const char *baseline)
{
    s->table = text_create(dir, "times.csv", "variant,panel,requests,n,unanswered,time_mean_s,time_low_s,time_high_s,time_median_s,"
                      "more_mean_s,more_low_s,more_high_s,more_median_s");
    for (size_t i = 0; i < points->count; i++) {
        const struct point *p = &points->point[i];

        if (s->out != NULL && (i == 0 || strcmp(p->axes, points->point[i - 1].axes) != 0))
            fprintf(s->out, "\n%s on %s, %s\n  %-10s %4s %3s %6s  %-28s  more than %s, ms\n", s->runs->scenario,
                    s->runs->engine, p->axes, "variant", "req", "n", "unansw", "time, ms", baseline);
        for (size_t k = 0; k < sizeof counts / sizeof *counts && counts[k] <= s->runs->run[p->first].requests; k++)
            times_row(s, p, find_base(points, p, baseline), counts[k]);
    }
    if (s->out != NULL)
        fputs("\n  time: from the client's SYN until it has read the answer to its n-th request, one after the other; [ , ]: 95 % interval\n"
              "  of the mean over n seeds. more: difference within each seed.\n", s->out);
}

void transfers_tables(const char *dir, const struct runs *runs, const struct points *points, const char *baseline, FILE *out)
{
    struct sink s = {NULL, out, runs};

    if (runs->run[0].setup.kind == SETUP_BULK)
        goodput_table(&s, dir, points);
    else
        times_table(&s, dir, points, baseline);
    text_finish(s.table, dir, runs->run[0].setup.kind == SETUP_BULK ? "goodput.csv" : "times.csv");
}
