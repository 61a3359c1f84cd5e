/* SPDX-License-Identifier: MIT */
/* analysis/runline.c - see runline.h. Lanes below each other on one axis of time: DSN of the phone's mappings, lanes of
 * subflow states, a lane a radio. */
#include "analysis/runline.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/csv.h"
#include "analysis/page.h"
#include "analysis/text.h"

enum { WIDTH = 1000, LEFT = 90, RIGHT = 15, DSN_HEIGHT = 260, LANE = 34, PATHS = 8, MARKS = 20000 };

/* Colours of paths: WiFi and LTE as in style.gp, others after them. */
static const char *const colours[PATHS] = {"#56B4E9", "#CC79A7", "#009E73", "#E69F00",
                                           "#0072B2", "#D55E00", "#888888", "#000000"};

struct line {
    FILE *out;
    double from, to;      /* s, the axis */
    int y;                /* where the next lane begins */
    char path[PATHS][32]; /* in order of appearance, wifi and lte first */
    size_t paths;
};

static double x_of(const struct line *l, double t)
{
    double share = l->to > l->from ? (t - l->from) / (l->to - l->from) : 0;
    return LEFT + share * (WIDTH - LEFT - RIGHT);
}

static size_t path_index(struct line *l, const char *name)
{
    size_t i;

    for (i = 0; i < l->paths; i++)
        if (strcmp(l->path[i], name) == 0)
            return i;
    if (l->paths == PATHS)
        return PATHS - 1;
    snprintf(l->path[i], sizeof l->path[i], "%s", name);
    return l->paths++;
}

/* A table of the run, if it is there: 1 and open, or 0. */
static int table(struct csv *csv, const char *dir, const char *name)
{
    char path[1100], err[1200];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", dir, name);
    if ((file = fopen(path, "r")) == NULL)
        return 0;
    fclose(file);
    if (csv_read(csv, path, err, sizeof err) != 0)
        text_die("%s", err);
    return 1;
}

static double number(const struct csv *csv, size_t row, const char *name)
{
    int col = csv_column(csv, name);
    double value;
    return col >= 0 && csv_number(csv, row, (size_t)col, &value) ? value : NAN;
}

static const char *field(const struct csv *csv, size_t row, const char *name)
{
    int col = csv_column(csv, name);
    return col >= 0 ? csv_field(csv, row, (size_t)col) : "";
}

static void label(struct line *l, double x, int y, const char *anchor, const char *text)
{
    fprintf(l->out, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"%s\">", x, y, anchor);
    page_text(l->out, text);
    fputs("</text>\n", l->out);
}

/* A rectangle with a tip that a pointer shows. */
static void bar(struct line *l, double t, double to, int y, int height, const char *colour,
                double opacity, const char *tip)
{
    double x = x_of(l, t), width = x_of(l, to) - x;

    fprintf(l->out,
            "<rect x=\"%.2f\" y=\"%d\" width=\"%.2f\" height=\"%d\" fill=\"%s\" "
            "fill-opacity=\"%.2f\"><title>",
            x, y, width < 0.5 ? 0.5 : width, height, colour, opacity);
    page_text(l->out, tip);
    fputs("</title></rect>\n", l->out);
}

/* ---- lanes ----------------------------------------------------------------------------------- */

static void lane_dsn(struct line *l, const struct csv *csv)
{
    double top = 0, end;
    size_t step = csv->rows / MARKS + 1;
    char text[64];

    for (size_t row = 1; row < csv->rows; row++)
        if ((end = number(csv, row, "dsn") + number(csv, row, "len")) > top)
            top = end;
    for (size_t row = 1; row < csv->rows; row += step) {
        double t = number(csv, row, "t_s"), dsn = number(csv, row, "dsn");
        if (isnan(t) || isnan(dsn) || number(csv, row, "host") != 1)
            continue;
        fprintf(l->out, "<rect x=\"%.2f\" y=\"%.2f\" width=\"2\" height=\"3\" fill=\"%s\"/>\n",
                x_of(l, t) - 1, l->y + DSN_HEIGHT - (top > 0 ? dsn / top : 0) * DSN_HEIGHT - 1.5,
                colours[path_index(l, field(csv, row, "path"))]);
    }
    label(l, LEFT - 6, l->y + 10, "end", "DSN");
    snprintf(text, sizeof text, "%.0f octets", top);
    label(l, LEFT + 4, l->y + 10, "start", text);
    if (step > 1) {
        snprintf(text, sizeof text, "every %zu. mapping", step);
        label(l, WIDTH - RIGHT, l->y + 10, "end", text);
    }
    l->y += DSN_HEIGHT + 20;
}

/* States of TCP in series.csv are numbers (enum mpt_flow_state of model/flow/flow.h). */
static const char *tcp_state(double state)
{
    static const char *const name[] = {"closed", "SYN sent", "SYN received", "established"};
    return state >= 0 && state < 4 ? name[(int)state] : "closing";
}

/* One bar from sample to sample of a subflow, at the phone. */
static void lane_subflows(struct line *l, const struct csv *csv)
{
    double numbers[PATHS * 4];
    size_t lanes = 0;

    for (size_t row = 1; row < csv->rows; row++) {
        double number_of = number(csv, row, "subflow"), t = number(csv, row, "t_s"), to = l->to;
        size_t i, next;
        char tip[120];

        if (number(csv, row, "host") != 1 || number(csv, row, "connection") != 1)
            continue;
        for (i = 0; i < lanes && numbers[i] != number_of; i++)
            ;
        if (i == lanes && lanes == PATHS * 4)
            continue;
        if (i == lanes) {
            snprintf(tip, sizeof tip, "subflow %.0f", number_of);
            label(l, LEFT - 6, l->y + (int)lanes * LANE + 16, "end", tip);
            numbers[lanes++] = number_of;
        }
        for (next = row + 1; next < csv->rows; next++)
            if (number(csv, next, "host") == 1 && number(csv, next, "connection") == 1 &&
                number(csv, next, "subflow") == number_of) {
                to = number(csv, next, "t_s");
                break;
            }
        snprintf(tip, sizeof tip, "%.3f s, %s, %s, cwnd %s", t, field(csv, row, "path"),
                 tcp_state(number(csv, row, "state")), field(csv, row, "cwnd"));
        bar(l, t, to, l->y + (int)i * LANE + 4, LANE - 14,
            colours[path_index(l, field(csv, row, "path"))],
            number(csv, row, "state") == 3 ? 0.9 : 0.3, tip);
    }
    l->y += (int)lanes * LANE + 6;
}

/* A radio that sleeps is not drawn; the more a state costs a second, the darker it is. */
static void lane_radios(struct line *l, const struct csv *csv)
{
    double most = 0;
    char seen[PATHS] = {0};

    for (size_t row = 1; row < csv->rows; row++) {
        double power = number(csv, row, "energy_j") / number(csv, row, "duration_s");
        most = isfinite(power) && power > most ? power : most;
    }
    for (size_t row = 1; row < csv->rows; row++) {
        double t = number(csv, row, "t_s"), for_s = number(csv, row, "duration_s");
        double power = number(csv, row, "energy_j") / for_s;
        size_t path = path_index(l, field(csv, row, "path"));
        char tip[160];

        if (number(csv, row, "phone") != 1 || !(for_s > 0))
            continue;
        if (!seen[path]) {
            seen[path] = 1;
            snprintf(tip, sizeof tip, "%s radio", l->path[path]);
            label(l, LEFT - 6, l->y + (int)path * LANE + 16, "end", tip);
        }
        snprintf(tip, sizeof tip, "%.3f s, %s for %.3f s, %.3f J", t, field(csv, row, "state"),
                 for_s, number(csv, row, "energy_j"));
        bar(l, t, t + for_s, l->y + (int)path * LANE + 4, LANE - 14, colours[path],
            most > 0 ? 0.05 + 0.95 * power / most : 0.05, tip);
    }
    l->y += (int)l->paths * LANE + 6;
}

/* ---- all of it ------------------------------------------------------------------------------- */

static void axis(struct line *l)
{
    double step = pow(10, floor(log10(l->to - l->from > 0 ? l->to - l->from : 1))) / 2;
    char text[32];

    for (double t = ceil(l->from / step) * step; t <= l->to + 1e-9; t += step) {
        fprintf(l->out, "<line x1=\"%.1f\" y1=\"20\" x2=\"%.1f\" y2=\"%d\" stroke=\"#ddd\"/>\n",
                x_of(l, t), x_of(l, t), l->y);
        snprintf(text, sizeof text, "%g s", t);
        label(l, x_of(l, t), l->y + 16, "middle", text);
    }
    for (size_t i = 0; i < l->paths; i++) {
        fprintf(l->out, "<rect x=\"%zu\" y=\"4\" width=\"12\" height=\"12\" fill=\"%s\"/>\n",
                LEFT + i * 120, colours[i]);
        label(l, (double)(LEFT + i * 120 + 16), 14, "start", l->path[i]);
    }
}

/* Latest time of a table. */
static void extend(struct line *l, const struct csv *csv)
{
    for (size_t row = 1; row < csv->rows; row++) {
        double t = number(csv, row, "t_s"), more = number(csv, row, "duration_s");
        t += isnan(more) ? 0 : more;
        if (t > l->to)
            l->to = t;
    }
}

/* The body goes to a stream of its own first: its height is known when it is drawn. */
void runline_write(FILE *out, const char *dir)
{
    static const struct {
        const char *file, *key;
        void (*draw)(struct line *, const struct csv *);
    } lane[] = {{"data.csv", "dsn: true", lane_dsn},
                {"series.csv", "series: 100ms", lane_subflows},
                {"radio.csv", "paths.NAME.radio.profile", lane_radios}};
    enum { LANES = sizeof lane / sizeof *lane };
    struct csv csv[LANES];
    int there[LANES], any = 0;
    struct line l = {.y = 26};
    char *body = NULL;
    size_t size = 0;

    path_index(&l, "wifi");
    path_index(&l, "lte");
    for (int i = 0; i < LANES; i++)
        if ((there[i] = table(&csv[i], dir, lane[i].file)) != 0) {
            any = 1;
            extend(&l, &csv[i]);
        }
    if ((l.out = open_memstream(&body, &size)) == NULL)
        text_die("out of memory");
    for (int i = 0; i < LANES; i++)
        if (there[i])
            lane[i].draw(&l, &csv[i]);
    fclose(l.out);
    if (any) {
        fprintf(out,
                "<figure><svg viewBox=\"0 0 %d %d\" font-size=\"11\" font-family=\"sans-serif\" shape-rendering=\"crispEdges\" "
                "role=\"img\" "
                "aria-label=\"time line\">\n",
                WIDTH, l.y + 24);
        l.out = out;
        axis(&l);
        fputs(body, out);
        fputs("</svg><figcaption>What the phone sent (a mark is a mapping), its subflows (pale: "
              "not established) and its radios "
              "(darker: more power), over simulated time.</figcaption></figure>\n",
              out);
    }
    for (int i = 0; i < LANES; i++) {
        if (there[i])
            csv_clear(&csv[i]);
        else
            fprintf(out, "<p>No %s: the scenario's <code>%s</code> makes it.</p>\n", lane[i].file,
                    lane[i].key);
    }
    free(body);
}
