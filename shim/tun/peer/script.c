/* SPDX-License-Identifier: MIT */
/* script.c - steps of a peer in the kernel cases (see script.h). */
#include "tun/peer/script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const when_names[] = {"out:", "in:", "subflows:", "time:", "wait:"};

/* "WHEN ACTION WORDS": the number is octets, subflows or milliseconds. */
static int parse_step(struct script_step *step, char *text)
{
    size_t i, n;
    char *end;

    for (i = 0; i < sizeof when_names / sizeof *when_names; i++) {
        n = strlen(when_names[i]);
        if (strncmp(text, when_names[i], n) != 0)
            continue;
        step->when = (enum script_when)i;
        step->value = strtoull(text + n, &end, 10);
        if (end == text + n || *end != ' ')
            return -1;
        step->action = end + 1 + strspn(end + 1, " ");
        return *step->action ? 0 : -1;
    }
    return -1;
}

/* Steps are separated by semicolons. */
int script_parse(struct script *script, const char *text, const char **bad)
{
    char *at, *next;

    memset(script, 0, sizeof *script);
    *bad = text;
    if (strlen(text) >= sizeof script->text)
        return -1;
    strcpy(script->text, text);
    for (at = script->text; at; at = next) {
        size_t n;

        next = strchr(at, ';');
        if (next)
            *next++ = 0;
        at += strspn(at, " ");
        for (n = strlen(at); n > 0 && at[n - 1] == ' '; n--)
            at[n - 1] = 0;
        if (!*at)
            continue;
        *bad = at;
        if (script->n == SCRIPT_STEPS || parse_step(&script->step[script->n++], at) < 0)
            return -1;
    }
    return 0;
}

static int is_due(const struct script *script, const struct script_progress *p)
{
    const struct script_step *step = &script->step[script->at];

    switch (step->when) {
    case WHEN_OUT:
        return p->out >= step->value;
    case WHEN_IN:
        return p->in >= step->value;
    case WHEN_SUBFLOWS:
        return p->subflows == step->value;
    case WHEN_TIME:
        return p->ms >= step->value;
    default:
        return p->ms >= script->done_ms + step->value;
    }
}

const char *script_next(struct script *script, const struct script_progress *p)
{
    while (script->at < script->n && is_due(script, p)) {
        const char *action = script->step[script->at++].action;

        script->done_ms = p->ms;
        if (strcmp(action, "stop") == 0)
            script->held = 1;
        else if (strcmp(action, "go") == 0)
            script->held = 0;
        else
            return action;
    }
    return NULL;
}

uint64_t script_limit(const struct script *script, uint64_t out, uint64_t all)
{
    size_t i;

    if (script->held)
        return out;
    for (i = script->at; i < script->n; i++)
        if (script->step[i].when == WHEN_OUT && script->step[i].value < all)
            return script->step[i].value;
    return all;
}

int script_pending(const struct script *script)
{
    return script->at < script->n;
}

const char *script_waiting(const struct script *script)
{
    return script->at < script->n ? script->step[script->at].action : "";
}
