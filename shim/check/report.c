/* SPDX-License-Identifier: MIT */
/* check/report.c - the lines that the checker prints: errors and warnings with file, frame and clause, and a
 * summary of every connection. Called from everywhere in this room. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "check/secure.h"

/* As many lines of a clause for each connection, unless -v: a broken sender breaks it on every segment. */
enum { LINES = 20 };

static const struct {
    char kind; /* E or W */
    const char *rfc, *what;
} clauses[CLAUSE_COUNT] = {
#define E 'E'
#define W 'W'
#define X(name, kind, rfc, what) {kind, rfc, what},
#include "check/clause.def"
#undef X
#undef E
#undef W
};

static const char *const unchecked_words[UNCHECKED_COUNT] = {
#define X(name, what) what,
    UNCHECKED_LIST
#undef X
};

void report_count(struct check *c)
{
    c->tallying->checks++;
}

void report_unchecked(struct check *c, enum unchecked why, uint64_t n)
{
    c->tallying->unchecked[why] += n;
}

void report_taint(struct check *c)
{
    if (c->flow != NULL)
        c->flow->tainted = 1;
    if (c->conn != NULL)
        c->conn->tainted = 1;
}

void report_at(struct check *c, struct place at, enum clause clause, const char *format, ...)
{
    struct tally *t = c->tallying;
    int error = clauses[clause].kind == 'E';
    va_list ap;

    *(error ? &t->errors : &t->warnings) += 1;
    if (++t->told[clause] > LINES && !c->options.verbose)
        return;
    fprintf(c->options.out, "%s:%" PRIu32 ": %s%s: %s: ", c->name[at.file], at.frame,
            error ? "" : "warning: ", clauses[clause].rfc, clauses[clause].what);
    va_start(ap, format);
    vfprintf(c->options.out, format, ap);
    va_end(ap);
    fputc('\n', c->options.out);
}

static void say_address(FILE *out, const struct address *a, uint16_t port)
{
    char text[64] = "?";

    inet_ntop(a->family == 4 ? AF_INET : AF_INET6, a->ip, text, sizeof text);
    fprintf(out, a->family == 4 ? "%s:%u" : "[%s]:%u", text, port);
}

static void say_flow(struct check *c, const struct flow *f)
{
    say_address(c->options.out, &f->addr[0], f->port[0]);
    fputs(" > ", c->options.out);
    say_address(c->options.out, &f->addr[1], f->port[1]);
}

/* Errors, warnings and what was not checked, behind whatever they belong to. */
static void say_tally(struct check *c, const struct tally *t)
{
    fprintf(c->options.out, "%" PRIu64 " checks, %" PRIu64 " error%s", t->checks, t->errors,
            t->errors == 1 ? "" : "s");
    if (t->warnings > 0)
        fprintf(c->options.out, ", %" PRIu64 " warning%s", t->warnings, t->warnings == 1 ? "" : "s");
    for (int i = 0, n = 0; i < UNCHECKED_COUNT; i++)
        if (t->unchecked[i] > 0)
            fprintf(c->options.out, "%s%" PRIu64 " %s", n++ ? ", " : "; not checkable: ", t->unchecked[i],
                    unchecked_words[i]);
    fputc('\n', c->options.out);
}

static void add_tally(struct tally *sum, const struct tally *t)
{
    sum->checks += t->checks;
    sum->errors += t->errors;
    sum->warnings += t->warnings;
    for (int i = 0; i < UNCHECKED_COUNT; i++)
        sum->unchecked[i] += t->unchecked[i];
}

/* Octets each way, as a receiver counts them: once each. */
static uint64_t distinct(const struct spans *s)
{
    uint64_t n = 0;

    for (size_t i = 0; i < s->count; i++)
        n += s->piece[i].to - s->piece[i].from;
    return n;
}

static void say_subflows(struct check *c, const struct conn *k)
{
    for (const struct flow *f = c->flows; f != NULL; f = f->next) {
        if (f->conn != k)
            continue;
        fprintf(c->options.out, "    subflow %" PRIu32 " %s: ", f->number,
                f->kind == FLOW_JOIN ? f->d[0] && f->d[1] ? "join with data" : "join" : "first");
        say_flow(c, f);
        fprintf(c->options.out, ", %" PRIu64 " and %" PRIu64 " octets, from frame %" PRIu32 "\n",
                f->half[0].payload, f->half[1].payload, f->at.frame);
    }
}

static void say_options(struct check *c, const struct conn *k)
{
    fputs("    options:", c->options.out);
    for (int sub = 0, n = 0; sub < SUB_COUNT; sub++)
        if (k->options[sub] > 0)
            fprintf(c->options.out, "%s %s %" PRIu64, n++ ? "," : "", option_name(sub), k->options[sub]);
    fputc('\n', c->options.out);
}

static void say_conn(struct check *c, const struct conn *k)
{
    const struct flow *first = c->flows;
    uint64_t a = distinct(&k->end[0].seen), b = distinct(&k->end[1].seen);

    while (first != NULL && first->conn != k)
        first = first->next;
    fprintf(c->options.out, "connection %" PRIu32 ": MPTCP%s ", k->number,
            k->sec ? "" : k->fallback ? ", fell back," : k->checksum ? " with checksums" : "");
    if (k->sec != NULL)
        fprintf(c->options.out, "with MPTCPsec (suite %02x, %" PRIu64 " records, %" PRIu64 " opened) ", k->sec->suite,
                k->sec->records, k->sec->opened);
    if (first != NULL)
        say_flow(c, first);
    fprintf(c->options.out, ", %" PRIu32 " subflow%s, %" PRIu64 " octets there, %" PRIu64 " back: ", k->flows,
            k->flows == 1 ? "" : "s", a, b);
    say_tally(c, &k->tally);
    if (!c->options.verbose)
        return;
    say_subflows(c, k);
    say_options(c, k);
}

/* Plain TCP shares a line unless -v: captures hold a lot of it. */
static void say_tcp(struct check *c)
{
    uint64_t n = 0;

    for (const struct flow *f = c->flows; f != NULL; f = f->next) {
        if (f->conn != NULL)
            continue;
        n++;
        if (!c->options.verbose)
            continue;
        fprintf(c->options.out, "TCP ");
        say_flow(c, f);
        fprintf(c->options.out, ", %" PRIu64 " octets there, %" PRIu64 " back%s\n", f->half[0].payload,
                f->half[1].payload, f->blind ? ", its start is not in the capture" : "");
    }
    if (n == 0 && c->tally.checks == 0)
        return;
    fprintf(c->options.out, "%" PRIu64 " plain TCP connection%s, and first SYNs: ", n, n == 1 ? "" : "s");
    say_tally(c, &c->tally);
}

uint64_t report_summary(struct check *c)
{
    struct tally sum = {0};

    for (const struct conn *k = c->conns; k != NULL; k = k->next) {
        say_conn(c, k);
        add_tally(&sum, &k->tally);
    }
    say_tcp(c);
    add_tally(&sum, &c->tally);
    if (c->damaged > 0)
        fprintf(c->options.out, "%" PRIu64 " damaged frames passed over\n", c->damaged);
    if (c->partial_sums > 0)
        fprintf(c->options.out, "%" PRIu64 " frames with partial checksums (off-load): not checked\n",
                c->partial_sums);
    if (c->fragments > 0)
        fprintf(c->options.out, "%" PRIu64 " fragments: not checked\n", c->fragments);
    fprintf(c->options.out, "%" PRIu64 " packets, %" PRIu64 " seen elsewhere too, %" PRIu64 " not TCP: ",
            c->packets, c->copies, c->other);
    say_tally(c, &sum);
    return sum.errors;
}
