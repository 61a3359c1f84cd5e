/* SPDX-License-Identifier: MIT */
/* analysis/setup.c - see setup.h. */
#include "analysis/setup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/text.h"

double setup_number(const char *text)
{
    static const struct {
        const char *unit;
        double factor;
    } units[] = {{"", 1}, {"B", 1}, {"kB", 1e3}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"KiB", 1024}, {"MiB", 1048576},
                 {"GiB", 1073741824}, {"bit/s", 1}, {"kbit/s", 1e3}, {"Mbit/s", 1e6}, {"Gbit/s", 1e9}};
    char *end;
    double value = strtod(text, &end);

    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcmp(end, units[i].unit) == 0)
            return value * units[i].factor;
    return 0;
}

/* A number of the configuration, or what it is when nobody wrote it. */
static double number_of(const char *json, const char *key, double otherwise)
{
    char text[64];

    return text_json(json, key, text, sizeof text) ? setup_number(text) : otherwise;
}

/* Next value of a key that ends so among those of paths, which have names of the scenario's choice; NULL: there is none any more. */
static const char *next_path(const char *json, const char *ending, double *value)
{
    char pattern[64], key[96];
    const char *at, *begin;

    snprintf(pattern, sizeof pattern, ".%s\"", ending);
    at = strstr(json, pattern);
    if (at == NULL)
        return NULL;
    for (begin = at; begin[-1] != '"'; begin--)
        ;
    snprintf(key, sizeof key, "%.*s%.*s", (int)(at - begin), begin, (int)strlen(pattern) - 1, pattern);
    *value = number_of(begin - 1, key, 0);
    return at + 1;
}

/* Of whichever path comes first. */
static double path_number(const char *json, const char *ending, double otherwise)
{
    double value;

    return next_path(json, ending, &value) != NULL ? value : otherwise;
}

static int says(const char *json, const char *key, const char *value)
{
    char text[64];

    return text_json(json, key, text, sizeof text) && strcmp(text, value) == 0;
}

/* Secure only where the client wants it; a run that fell back shows by its goodput. */
static enum ceiling_stack stack_of(const char *json)
{
    char sec[64];

    if (number_of(json, "client.mptcp", 1) == 0 || says(json, "client.mptcp", "false"))
        return CEILING_TCP;
    if (text_json(json, "client.sec", sec, sizeof sec) && strcmp(sec, "off") != 0)
        return CEILING_SEC;
    return CEILING_MPTCP;
}

/* What the wires carry: all paths together, one of them under TCP, and no more than the server's link. Radio paths of ns-3 have no
 * rate of their own, and a rate of 0 is no limit. 0: not known. */
static double rate_of(const char *json, enum ceiling_stack stack)
{
    double sum = 0, value, server = number_of(json, "server_link.rate", 0);
    int limited = !says(json, "engine", "ns3") || says(json, "point_to_point", "true"), paths = 0;

    for (const char *p = json; (p = next_path(p, "link.rate", &value)) != NULL && (stack != CEILING_TCP || paths == 0); paths++) {
        sum += value;
        limited &= value > 0;
    }
    if (!limited || paths == 0)
        return server;
    return server > 0 && server < sum ? server : sum;
}

void setup_read(struct setup *s, const char *json)
{
    s->kind = says(json, "traffic.kind", "bulk") ? SETUP_BULK : says(json, "traffic.wait", "true") ? SETUP_WAIT : SETUP_MESSAGES;
    s->start = number_of(json, "start_s", 0);
    s->size = number_of(json, "traffic.size", 0);
    s->up = !says(json, "traffic.direction", "down");
    s->down = says(json, "traffic.direction", "down") || says(json, "traffic.direction", "both");
    s->link = (struct ceiling_case){
        .stack = stack_of(json),
        .tls = says(json, "traffic.tls", "true"),
        .ipv6 = says(json, "ipv6", "true"),
        .rate = rate_of(json, stack_of(json)),
        .mtu = (unsigned)path_number(json, "mtu", 1500),
        .overhead = (unsigned)path_number(json, "link.overhead", 0),
        .tls_record = (unsigned)number_of(json, "tls.record", 16384),
        .sec_record = (unsigned)number_of(json, "client.sec_record", 16384),
    };
}
