/* SPDX-License-Identifier: MIT */
/* analysis/report.c - see report.h. What it shows is what lies in the directory, figures and tables that figures.sh has
 * made and run.json, and nothing that is computed here. */
#include "analysis/report.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/page.h"
#include "analysis/runline.h"
#include "analysis/runs.h"
#include "analysis/text.h"

enum { PATH_CAP = 1200, PAGE_CAP = PATH_CAP + 16, ROWS = 100 };

/* Status 2, as a mistake of the user's has everywhere. */
static void mistake(const char *dir, const char *what)
{
    fprintf(stderr, "mpsim report: %s: %s\n", dir, what);
    exit(2);
}

/* Sorted paths that match; to be freed with globfree. */
static size_t matches(glob_t *g, const char *format, const char *a, const char *b, const char *c)
{
    char pattern[PAGE_CAP + PATH_CAP];

    snprintf(pattern, sizeof pattern, format, a, b, c);
    memset(g, 0, sizeof *g);
    if (glob(pattern, 0, NULL, g) != 0)
        g->gl_pathc = 0;
    return g->gl_pathc;
}

static const char *base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static void finish(FILE *out, const char *dir)
{
    page_close(out);
    text_finish(out, dir, "report.html");
    printf("%s/report.html\n", dir);
}

/* ---- run.json -------------------------------------------------------------------------------- */

/* A line of run.json that reads "key": "value", as a row; 0 at anything else. */
static int put_setting(FILE *out, const char *line, size_t len)
{
    char key[200], value[400], text[800];

    snprintf(text, sizeof text, "%.*s", (int)len, line);
    if (sscanf(text, " \"%199[^\"]\": \"%399[^\"]\"", key, value) != 2)
        return 0;
    fputs("<tr><td>", out);
    page_text(out, key);
    fputs("</td><td>", out);
    page_text(out, value);
    fputs("</td></tr>\n", out);
    return 1;
}

/* The scenario as it was resolved for one run: `configuration` of its run.json, a line a key. */
static void put_configuration(FILE *out, const char *json)
{
    const char *line = strstr(json, "\"configuration\": {");

    fputs(
        "<details><summary>The resolved scenario, every key</summary><div class=\"box\"><table>\n",
        out);
    for (line = line != NULL ? strchr(line, '\n') : NULL; line != NULL && *++line != '\0';
         line = strchr(line, '\n'))
        if (!put_setting(out, line, strcspn(line, "\n")) &&
            strchr("}\n", line[strspn(line, " ")]) != NULL)
            break;
    fputs("</table></div></details>\n", out);
}

/* A text of run.json; "" when it is not there. */
static const char *text_of(const char *json, const char *key, char *out, size_t cap)
{
    if (!text_json(json, key, out, cap))
        out[0] = '\0';
    return out;
}

static char *read_json(const char *run)
{
    char path[PAGE_CAP];
    char *json;

    snprintf(path, sizeof path, "%s/run.json", run);
    if ((json = text_read(path)) == NULL)
        text_die("%s: cannot be read", path);
    return json;
}

static void put_made(FILE *out, const char *json)
{
    char line[200], mpsim[40], hash[40];

    snprintf(line, sizeof line, "mpsim %s, configuration %s",
             text_of(json, "mpsim", mpsim, sizeof mpsim),
             text_of(json, "config_hash", hash, sizeof hash));
    page_element(out, "p", line);
}

static const char SCENARIO_FILE[] = "scenarios/... stands for wherever the scenario's file is; --out DIR writes elsewhere.";

static void put_command(FILE *out, const char *command)
{
    fputs("<pre>", out);
    page_text(out, command);
    fputs("</pre>\n", out);
}

/* One pair "loss=5%" as an option; names of directories have no slash, so a rate has lost its own. */
static void put_pair(char *command, size_t cap, const char *pair, size_t len)
{
    static const char rate[] = "bit_s";
    size_t n = strlen(command), tail = sizeof rate - 1;
    int is_rate = len > tail && strncmp(pair + len - tail, rate, tail) == 0;

    snprintf(command + n, cap - n, " --set '%.*s%s'", (int)(is_rate ? len - 2 : len), pair, is_rate ? "/s" : "");
}

/* "loss=5%,size=512B" as options; a value may not hold a comma. */
static void put_axes(char *command, size_t cap, const char *axes)
{
    while (*axes != '\0') {
        size_t len = strcspn(axes, ",");

        put_pair(command, cap, axes, len);
        axes += len + (axes[len] == ',');
    }
}

/* Is the pair one of the list? */
static int has_pair(const char *axes, const char *pair, size_t len)
{
    while (*axes != '\0') {
        size_t n = strcspn(axes, ",");

        if (n == len && strncmp(axes, pair, len) == 0)
            return 1;
        axes += n + (axes[n] == ',');
    }
    return 0;
}

/* What all runs have in common was set for the whole campaign, or is the one point of an axis: said again, it does no harm. */
static void put_common(char *command, size_t cap, const struct runs *runs)
{
    const char *axes = runs->run[0].axes;

    while (*axes != '\0') {
        size_t len = strcspn(axes, ","), i = 0;

        while (i < runs->count && has_pair(runs->run[i].axes, axes, len))
            i++;
        if (i == runs->count)
            put_pair(command, cap, axes, len);
        axes += len + (axes[len] == ',');
    }
}

/* ---- a campaign ------------------------------------------------------------------------------ */

/* The directory above results/<scenario>/<engine> has the figures of all scenarios. */
static void put_figures(FILE *out, const struct runs *runs)
{
    char top[PATH_CAP / 2];
    char *slash;
    glob_t g;

    snprintf(top, sizeof top, "%s", runs->dir);
    for (int i = 0; i < 2; i++)
        if ((slash = strrchr(top, '/')) != NULL)
            *slash = '\0';
        else
            snprintf(top, sizeof top, ".");
    page_element(out, "h2", "Figures");
    if (matches(&g, "%s/figures/%s-%s-*.png", top, runs->scenario, runs->engine) == 0 &&
        matches(&g, "%s/figures/%s-%s.png", top, runs->scenario, runs->engine) == 0) {
        fputs("<p>None yet: <code>make figures SCENARIOS=", out);
        page_text(out, runs->scenario);
        fputs(" RESULTS=", out);
        page_text(out, top);
        fputs("</code> draws them.</p>\n", out);
    }
    for (size_t i = 0; i < g.gl_pathc; i++)
        page_image(out, g.gl_pathv[i], base(g.gl_pathv[i]));
    globfree(&g);
}

static void put_tables(FILE *out, const struct runs *runs)
{
    glob_t g;

    page_element(out, "h2", "Tables");
    if (matches(&g, "%s/tables/*.csv", runs->dir, "", "") == 0)
        fputs("<p>None yet: <code>mpsim stat</code> makes them.</p>\n", out);
    for (size_t i = 0; i < g.gl_pathc; i++)
        page_table(out, g.gl_pathv[i], base(g.gl_pathv[i]), ROWS, 0);
    globfree(&g);
}

/* A row a point: its runs, and the logs of those that failed. */
static void put_points(FILE *out, const struct runs *runs)
{
    glob_t g;
    size_t end;

    page_element(out, "h2", "Runs");
    fputs("<details><summary>Points and their seeds</summary><div class=\"box\"><table>\n"
          "<tr><th>variant</th><th>point</th><th>runs</th><th>seeds</th></tr>\n",
          out);
    for (size_t i = 0; i < runs->count; i = end) {
        end = runs_group_end(runs, i, 1);
        fputs("<tr><td>", out);
        page_text(out, runs->run[i].variant);
        fputs("</td><td>", out);
        page_text(out, runs->run[i].axes);
        fprintf(out, "</td><td>%zu</td><td>%llu to %llu</td></tr>\n", end - i,
                (unsigned long long)runs->run[i].seed, (unsigned long long)runs->run[end - 1].seed);
    }
    fputs("</table></div></details>\n", out);
    matches(&g, "%s/*/failed-*.log", runs->dir, "", "");
    fprintf(out, "<p>%zu runs, %zu failed.</p>\n", runs->count, g.gl_pathc);
    for (size_t i = 0; i < g.gl_pathc; i++)
        page_element(out, "p", g.gl_pathv[i] + strlen(runs->dir) + 1);
    globfree(&g);
}

static void report_campaign(const struct runs *runs)
{
    char title[200], command[800], description[400];
    char *json = read_json(runs->run[0].path);
    FILE *out = text_create(runs->dir, "report.html", NULL);

    snprintf(title, sizeof title, "%s on %s", runs->scenario, runs->engine);
    page_open(out, title);
    page_element(out, "p", text_of(json, "description", description, sizeof description));
    put_figures(out, runs);
    put_tables(out, runs);
    put_points(out, runs);
    page_element(out, "h2", "The scenario");
    fprintf(out,
            "<p>As resolved for the first run, %s%s%s, seed %llu; the others differ by their "
            "point.</p>\n",
            runs->run[0].variant, runs->run[0].axes[0] ? ", " : "", runs->run[0].axes,
            (unsigned long long)runs->run[0].seed);
    put_configuration(out, json);
    page_element(out, "h2", "Again");
    snprintf(command, sizeof command, "mpsim sweep scenarios/%s.yaml --engine %s", runs->scenario, runs->engine);
    put_common(command, sizeof command, runs);
    put_command(out, command);
    page_element(out, "p", SCENARIO_FILE);
    put_made(out, json);
    finish(out, runs->dir);
    free(json);
}

/* ---- one run --------------------------------------------------------------------------------- */

static void put_run_tables(FILE *out, const char *dir)
{
    glob_t g;

    page_element(out, "h2", "Tables");
    matches(&g, "%s/*.csv", dir, "", "");
    for (size_t i = 0; i < g.gl_pathc; i++)
        page_table(out, g.gl_pathv[i], base(g.gl_pathv[i]), ROWS,
                   strcmp(base(g.gl_pathv[i]), "summary.csv") == 0);
    globfree(&g);
}

/* dir is .../<variant>[,<axis>=<point>...]/run-<seed>. */
static void report_run(const char *dir)
{
    char command[2 * PATH_CAP], point[PATH_CAP], scenario[80], engine[40], seed[40],
        variant[80], description[400];
    char *json = read_json(dir), *slash;
    const char *axes;
    FILE *out = text_create(dir, "report.html", NULL);

    snprintf(point, sizeof point, "%s", dir);
    if ((slash = strrchr(point, '/')) != NULL)
        *slash = '\0';
    axes = strchr(base(point), ',');
    snprintf(command, sizeof command, "%s on %s, %s, seed %s",
             text_of(json, "scenario", scenario, sizeof scenario),
             text_of(json, "engine", engine, sizeof engine), base(point),
             text_of(json, "seed", seed, sizeof seed));
    page_open(out, command);
    page_element(out, "p", text_of(json, "description", description, sizeof description));
    page_element(out, "h2", "Time line");
    runline_write(out, dir);
    put_run_tables(out, dir);
    page_element(out, "h2", "The scenario");
    put_configuration(out, json);
    page_element(out, "h2", "Again");
    snprintf(command, sizeof command,
             "mpsim run scenarios/%s.yaml --engine %s --variant %s --seed %s", scenario, engine,
             text_of(json, "variant", variant, sizeof variant), seed);
    put_axes(command, sizeof command, axes != NULL ? axes + 1 : "");
    put_command(out, command);
    page_element(out, "p", SCENARIO_FILE);
    put_made(out, json);
    finish(out, dir);
    free(json);
}

void report_write(const char *dir)
{
    char path[PAGE_CAP], name[PATH_CAP];
    struct runs runs;
    FILE *file;
    glob_t g;

    snprintf(name, sizeof name, "%s", dir);
    while (strlen(name) > 1 && name[strlen(name) - 1] == '/')
        name[strlen(name) - 1] = '\0';
    snprintf(path, sizeof path, "%s/run.json", name);
    if ((file = fopen(path, "r")) != NULL) {
        fclose(file);
        report_run(name);
        return;
    }
    if (matches(&g, "%s/*/run-*/run.json", name, "", "") == 0)
        mistake(name, "no runs here; give results/<scenario>/<engine> or the directory of a run");
    globfree(&g);
    runs_load(&runs, name, NULL);
    report_campaign(&runs);
    runs_free(&runs);
}
