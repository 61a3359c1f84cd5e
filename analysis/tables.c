/* SPDX-License-Identifier: MIT */
/* analysis/tables.c - see tables.h. Called by main.c. */
#include "analysis/tables.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/text.h"

/* ",value" with nothing for NAN: gnuplot and people read an empty field as missing. */
static void put_number(FILE *file, double value)
{
    if (isnan(value))
        fputc(',', file);
    else
        fprintf(file, ",%.9g", value == 0 ? 0 : value); /* never "-0" */
}

/* Four columns, as ESTIMATE names them. */
static void put_estimate(FILE *file, const struct estimate *e)
{
    put_number(file, e->mean);
    put_number(file, e->low);
    put_number(file, e->high);
    put_number(file, e->median);
}

/* The columns that every table begins with. Axes hold commas: they are written with ';'. */
static void put_place(FILE *file, const struct point *p)
{
    fprintf(file, "%s,", p->variant);
    for (const char *c = p->panel; *c != '\0'; c++)
        fputc(*c == ',' ? ';' : *c, file);
    fprintf(file, ",%.9g", p->delay * 1e3);
}

#define PLACE "variant,panel,delay_ms"
#define ESTIMATE(name, unit)                                                                       \
    name "_mean_" unit "," name "_low_" unit "," name "_high_" unit "," name "_median_" unit

/* n is the number of runs, not of requests. */
static void write_points(const char *dir, const struct points *points)
{
    FILE *file = text_create(dir, "points.csv",
                              PLACE ",n,requests,unanswered," ESTIMATE("largest", "s") "," ESTIMATE(
                                  "window", "s") "," ESTIMATE("lte", "bytes"));
    for (size_t i = 0; i < points->count; i++) {
        const struct point *p = &points->point[i];
        put_place(file, p);
        fprintf(file, ",%zu,%zu,%zu", p->largest.n, p->requests, p->unanswered);
        put_estimate(file, &p->largest);
        put_estimate(file, &p->typical);
        put_estimate(file, &p->lte);
        fputc('\n', file);
    }
    text_finish(file, dir, "points.csv");
}

/* The baseline has no row. */
static void write_paired(const char *dir, const struct points *points)
{
    FILE *file = text_create(dir, "paired.csv",
                              PLACE ",n," ESTIMATE("gain", "s") "," ESTIMATE(
                                  "window_gain", "s") "," ESTIMATE("lte_more", "bytes"));
    for (size_t i = 0; i < points->count; i++) {
        const struct point *p = &points->point[i];
        if (!p->paired)
            continue;
        put_place(file, p);
        fprintf(file, ",%zu", p->gain.n);
        put_estimate(file, &p->gain);
        put_estimate(file, &p->typical_gain);
        put_estimate(file, &p->lte_more);
        fputc('\n', file);
    }
    text_finish(file, dir, "paired.csv");
}

/* What a radio cost, beside the delay that it bought; nothing without radios. */
static int has_energy(const struct points *points)
{
    return points->count > 0 && !isnan(points->point[0].energy.mean);
}

static void write_energy(const char *dir, const struct points *points)
{
    FILE *file = text_create(dir, "energy.csv",
                              PLACE ",n," ESTIMATE("energy", "j") "," ESTIMATE("largest", "s") "," ESTIMATE(
                                  "saved", "j") "," ESTIMATE("slower", "s") "," ESTIMATE("lte_share", "1") "," ESTIMATE(
                                  "lte_active", "1") "," ESTIMATE("lte_open", "1") "," ESTIMATE("lte_power", "w"));
    const struct estimate none = {.mean = NAN, .low = NAN, .high = NAN, .median = NAN};

    for (size_t i = 0; i < points->count; i++) {
        const struct point *p = &points->point[i];
        put_place(file, p);
        fprintf(file, ",%zu", p->energy.n);
        put_estimate(file, &p->energy);
        put_estimate(file, &p->largest);
        put_estimate(file, p->against_open ? &p->saved : &none);
        put_estimate(file, p->against_open ? &p->slower : &none);
        put_estimate(file, &p->lte_share);
        put_estimate(file, &p->lte_active);
        put_estimate(file, &p->lte_open);
        put_estimate(file, &p->lte_power);
        fputc('\n', file);
    }
    text_finish(file, dir, "energy.csv");
}

/* ---- requests -------------------------------------------------------------------------------- */

/* A request of the window that was answered. */
struct answer {
    double delay;
    size_t run;
};

/* How far the answers of each run have come, and what an interval of their mean needs. */
struct progress_of {
    size_t *asked, *answered; /* per run */
    size_t runs, all;         /* runs that asked anything; requests */
    double sum, squares;      /* of answered / asked */
};

static int by_delay(const void *a, const void *b)
{
    const struct answer *x = a, *y = b;

    return x->delay != y->delay ? (x->delay > y->delay) - (x->delay < y->delay) : (x->run > y->run) - (x->run < y->run);
}

/* Of all runs of a point; in `g` the censored ones are counted too. */
static size_t collect_window(const struct runs *runs, const struct point *p, struct answer *answer, struct progress_of *g)
{
    size_t n = 0;

    for (size_t i = p->first; i < p->end; i++) {
        const struct run *run = &runs->run[i];
        for (size_t k = 0; k < run->requests; k++) {
            g->asked[i - p->first] += run->request[k].in_window != 0;
            if (run->request[k].in_window && run->request[k].answered)
                answer[n++] = (struct answer){run->request[k].delay, i - p->first};
        }
        g->runs += g->asked[i - p->first] > 0;
        g->all += g->asked[i - p->first];
    }
    qsort(answer, n, sizeof *answer, by_delay);
    return n;
}

/* One more answer of a run. */
static void step(struct progress_of *g, size_t run)
{
    double asked = (double)g->asked[run], was = (double)g->answered[run]++ / asked, is = (double)g->answered[run] / asked;

    g->sum += is - was;
    g->squares += is * is - was * was;
}

static void put_cdf(FILE *file, const struct runs *runs, const struct point *p)
{
    size_t count = p->end - p->first;
    struct answer *answer = calloc(p->requests + 1, sizeof *answer);
    struct progress_of g = {.asked = calloc(count, sizeof *g.asked), .answered = calloc(count, sizeof *g.answered)};

    if (answer == NULL || g.asked == NULL || g.answered == NULL)
        text_die("out of memory");
    size_t n = collect_window(runs, p, answer, &g);
    for (size_t k = 0; k < n; k++) {
        step(&g, answer[k].run);
        double fraction = (double)(k + 1) / (double)g.all, half = sample_half(g.sum, g.squares, g.runs);

        put_place(file, p);
        fprintf(file, ",%.9g,%.6f,%zu", answer[k].delay, fraction, g.all);
        put_number(file, isnan(half) ? NAN : fmax(fraction - half, 0));
        put_number(file, isnan(half) ? NAN : fmin(fraction + half, 1));
        fputc('\n', file);
    }
    free(answer);
    free(g.asked);
    free(g.answered);
}

/* An unanswered request never raises the curve: it ends below 1. The interval is over runs, since the requests of one are not
 * independent. */
static void write_cdf(const char *dir, const struct runs *runs, const struct points *points)
{
    FILE *file = text_create(dir, "cdf.csv", PLACE ",delay_s,fraction,n,fraction_low,fraction_high");

    for (size_t i = 0; i < points->count; i++)
        put_cdf(file, runs, &points->point[i]);
    text_finish(file, dir, "cdf.csv");
}

/* One row per request: the figure of single runs around the loss. */
static void write_timeline(const char *dir, const struct runs *runs, const struct points *points)
{
    FILE *file = text_create(dir, "timeline.csv", PLACE ",seed,since_loss_s,delay_s,answered");
    for (size_t i = 0; i < points->count; i++) {
        const struct point *p = &points->point[i];
        for (size_t r = p->first; r < p->end; r++) {
            const struct run *run = &runs->run[r];
            double zero = isnan(run->loss_at) ? 0 : run->loss_at;
            for (size_t k = 0; k < run->requests; k++) {
                const struct request *q = &run->request[k];
                put_place(file, p);
                fprintf(file, ",%llu,%.6f,%.9g,%d\n", (unsigned long long)run->seed, q->sent - zero,
                        q->delay, q->answered);
            }
        }
    }
    text_finish(file, dir, "timeline.csv");
}

void tables_write(const char *dir, const struct runs *runs, const struct points *points)
{
    write_points(dir, points);
    write_paired(dir, points);
    if (has_energy(points))
        write_energy(dir, points);
    write_cdf(dir, runs, points);
    write_timeline(dir, runs, points);
}

/* ---- the terminal ---------------------------------------------------------------------------- */

/* "0.512 [0.480, 0.544]" in units of scale; without an interval only the mean. */
static void print_interval(FILE *out, const struct estimate *e, double scale, int digits, int width)
{
    char text[64] = "-";
    if (!isnan(e->low))
        snprintf(text, sizeof text, "%.*f [%.*f, %.*f]", digits, e->mean / scale, digits,
                 e->low / scale, digits, e->high / scale);
    else if (!isnan(e->mean))
        snprintf(text, sizeof text, "%.*f [n < 2]", digits, e->mean / scale);
    fprintf(out, "  %-*s", width, text);
}

/* The median stands beside the mean because the largest of many delays has a long tail. */
static void print_point(FILE *out, const struct point *p)
{
    fprintf(out, "  %-8s %4zu %6zu", p->variant, p->largest.n, p->unanswered);
    print_interval(out, &p->largest, 1, 3, 22);
    fprintf(out, "  %6.3f", p->largest.median);
    if (p->paired)
        print_interval(out, &p->gain, 1e-3, 1, 24);
    else
        fprintf(out, "  %-24s", "-");
    print_interval(out, &p->lte, 1e3, 1, 20);
    fputc('\n', out);
}

/* A block for each combination of axes: energy of the radios, and what it is against LTE always open. */
static void print_energy(FILE *out, const struct runs *runs, const struct points *points)
{
    for (size_t i = 0; i < points->count; i++) {
        const struct point *p = &points->point[i];
        if (i == 0 || strcmp(p->axes, points->point[i - 1].axes) != 0) {
            fprintf(out, "\n%s on %s%s%s\n", runs->scenario, runs->engine, p->axes[0] ? ", " : "", p->axes);
            fprintf(out, "  %-8s %4s  %-26s  %-26s  %-26s\n", "variant", "n", "energy of the radios, J",
                    "saved against " POINTS_OPEN ", J", "largest delay more, ms");
        }
        fprintf(out, "  %-8s %4zu", p->variant, p->energy.n);
        print_interval(out, &p->energy, 1, 2, 26);
        if (p->against_open) {
            print_interval(out, &p->saved, 1, 2, 26);
            print_interval(out, &p->slower, 1e-3, 1, 26);
        }
        fputc('\n', out);
    }
}

/* A block for each combination of axes, in the order of the points. */
void tables_print(FILE *out, const struct runs *runs, const struct points *points,
                  const char *baseline)
{
    char gain[40];
    snprintf(gain, sizeof gain, "gain over %s, ms", baseline);
    for (size_t i = 0; i < points->count; i++) {
        const struct point *p = &points->point[i];
        if (i == 0 || strcmp(p->axes, points->point[i - 1].axes) != 0) {
            fprintf(out, "\n%s on %s%s%s\n", runs->scenario, runs->engine, p->axes[0] ? ", " : "",
                    p->axes);
            fprintf(out, "  %-8s %4s %6s  %-22s  %6s  %-24s  %-20s\n", "variant", "n", "unansw",
                    "largest delay, s", "median", gain, "on LTE, kB");
        }
        print_point(out, p);
    }
    fprintf(out,
            "\n  [ , ]: 95 %% interval of the mean over n seeds (Student). largest delay: of all "
            "requests"
            " of a run;\n  an unanswered one counts until the end of the run. gain: %s minus the "
            "variant"
            " under the same seed, paired.\n",
            baseline);
    if (has_energy(points))
        print_energy(out, runs, points);
}
