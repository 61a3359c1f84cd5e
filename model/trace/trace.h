/* SPDX-License-Identifier: MIT */
/* trace/trace.h - events and counters: one catalogue each (events.def, counters.def) feeds enum, names and docs.
 * Seen by all rooms above base/. A tracer without sink costs one test. */
#ifndef TRACE_TRACE_H
#define TRACE_TRACE_H

#include "mpt.h"

enum mpt_trace_kind {
#define X(name, a, b, c, d, doc) MPT_TR_##name,
#include "trace/events.def"
#undef X
    MPT_TR_COUNT
};

enum mpt_counter_id {
#define X(id, name, doc) MPT_CNT_##id,
#include "trace/counters.def"
#undef X
    MPT_CNT_COUNT
};

/* First value of the event `secure`. */
enum mpt_trace_secure { MPT_TRACE_SECURE_CONFIRMED = 1, MPT_TRACE_SECURE_KEYED, MPT_TRACE_SECURE_DECLINED,
                        MPT_TRACE_SECURE_ABORTED, MPT_TRACE_SECURE_BROKEN, MPT_TRACE_SECURE_SUSPECTED,
                        MPT_TRACE_SECURE_LOST };

/* A sink, with the numbers of what it speaks of. */
struct mpt_tracer {
    void (*sink)(void *ctx, const struct mpt_trace *event); /* NULL: off */
    void *ctx;
};

void mpt_trace_emit(const struct mpt_tracer *t, uint32_t kind, uint32_t conn, uint32_t subflow, uint64_t now,
                    uint64_t v0, uint64_t v1, uint64_t v2, uint64_t v3);
const char *mpt_trace_counter(size_t i, const char **help); /* name of a counter, NULL past the end */

#define MPT_TRACE(t, name, conn, subflow, now, v0, v1, v2, v3)                                        \
    do {                                                                                              \
        if ((t)->sink)                                                                                \
            mpt_trace_emit((t), MPT_TR_##name, (conn), (subflow), (now), (v0), (v1), (v2), (v3));     \
    } while (0)

#endif
