/* SPDX-License-Identifier: MIT */
/* script.h - what a peer of the kernel cases does and when: steps taken one behind the other.
 *
 *     out:1000 stop; subflows:2 go; in:50000 backup 2 1; wait:200 backup 2 0
 *
 * WHEN is out:N (octets written), in:N (octets read), subflows:N, time:MS (since the start) or wait:MS
 * (since the step before). A step's WHEN is looked at once the steps before it are done, but nothing is
 * written beyond the next out:N before that step is done. `stop` and `go` are known here (writing pauses);
 * every other action is the peer's. Used by tun_peer.c and kernel_peer.c. */
#ifndef SCRIPT_H
#define SCRIPT_H

#include <stddef.h>
#include <stdint.h>

enum { SCRIPT_STEPS = 24, SCRIPT_TEXT = 1024 };
enum script_when { WHEN_OUT, WHEN_IN, WHEN_SUBFLOWS, WHEN_TIME, WHEN_WAIT };

struct script_step {
    enum script_when when;
    uint64_t value;
    char *action; /* points into the text of the script; words separated by blanks */
};

struct script {
    struct script_step step[SCRIPT_STEPS];
    size_t n, at;           /* steps; the next one to do */
    uint64_t done_ms;       /* when the last one was done */
    int held;               /* `stop` was done and no `go` since */
    char text[SCRIPT_TEXT]; /* cut up by script_parse */
};

/* How far a peer is. Counts are of octets, ms since its start. */
struct script_progress {
    uint64_t out, in, subflows, ms;
};

/* 0, or -1 when the text is no script: *bad is then its first wrong step. */
int script_parse(struct script *script, const char *text, const char **bad);
/* The next action that is due, each once; NULL: none now. `stop` and `go` never come out. */
const char *script_next(struct script *script, const struct script_progress *progress);
/* How many octets may have been written now. */
uint64_t script_limit(const struct script *script, uint64_t out, uint64_t all);
/* 1: steps are left. */
int script_pending(const struct script *script);
/* The step that is waited for, for messages: text of its action, or "". */
const char *script_waiting(const struct script *script);

#endif
