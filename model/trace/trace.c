/* SPDX-License-Identifier: MIT */
/* trace/trace.c - names of events and counters, and the way to the host's sink. */
#include "trace/trace.h"

struct kind {
    const char *name;
    const char *value[4];
};

static const struct kind kinds[] = {
#define X(name, a, b, c, d, doc) { #name, { a, b, c, d } },
#include "trace/events.def"
#undef X
};

static const char *const counters[][2] = {
#define X(id, name, doc) { name, doc },
#include "trace/counters.def"
#undef X
};

void mpt_trace_emit(const struct mpt_tracer *t, uint32_t kind, uint32_t conn, uint32_t subflow, uint64_t now,
                    uint64_t v0, uint64_t v1, uint64_t v2, uint64_t v3)
{
    struct mpt_trace event = { now, kind, conn, subflow, 0, { v0, v1, v2, v3 } };

    t->sink(t->ctx, &event);
}

const char *mpt_trace_describe(uint32_t kind, const char *names[4])
{
    if (kind >= MPT_TR_COUNT)
        return NULL;
    for (int i = 0; names && i < 4; i++)
        names[i] = kinds[kind].value[i];
    return kinds[kind].name;
}

const char *mpt_trace_counter(size_t i, const char **help)
{
    if (i >= MPT_CNT_COUNT)
        return NULL;
    if (help)
        *help = counters[i][1];
    return counters[i][0];
}
