/* SPDX-License-Identifier: MIT */
/* run/outcome.h - what became of a transfer, in one word, and by how much it was delayed.
 *
 * Judged at the applications only: which octets they read, when, and whether they saw the end of the stream. The
 * measure of delay is the same run without its attacks (twin.h): each octet has a time there and a time here.
 * Called by twin.c and by shim/test/attackrun.c. */
#ifndef RUN_OUTCOME_H
#define RUN_OUTCOME_H

#include <stddef.h>
#include <stdint.h>

/* From good to bad: the worst one speaks for a run of several connections. */
enum outcome {
    OUTCOME_UNAFFECTED, /* all octets, none of them late */
    OUTCOME_RECOVERED,  /* all octets, some late */
    OUTCOME_STALLED,    /* neither all octets nor an error within the limit of virtual time */
    OUTCOME_LOST,       /* an error, or the end of the stream before its end */
    OUTCOME_WRONG,      /* an octet that was not sent at that place: changed, lost or repeated */
    OUTCOMES
};

/* What the applications of one connection saw. */
struct outcome_facts {
    uint32_t wrong;    /* an octet that was not sent at that place, or more of them than were sent */
    uint32_t complete; /* every reader has all octets and the end of the stream */
    uint32_t broken;   /* an error at either end, or a stream that ended too early */
    uint64_t late;     /* ns: the largest outcome_late() of all octets */
};

enum outcome outcome_of(const struct outcome_facts *f);
/* "unaffected", ... */
const char *outcome_name(enum outcome outcome);
/* How much later something happened than in the run without attack; 0 up to 50 ms, and up to a tenth of the time that it
 * took there since `start`. */
uint64_t outcome_late(uint64_t at, uint64_t twin, uint64_t start);

/* How far the reader of one stream had come, and when. */
struct outcome_point {
    uint64_t upto; /* octets read; the end of the stream counts as one more */
    uint64_t at;   /* ns */
};
struct outcome_curve {
    struct outcome_point *point; /* malloc; both fields rise */
    size_t points, room;
};

void outcome_note(struct outcome_curve *c, uint64_t upto, uint64_t now);
/* When the octet at this offset was read; UINT64_MAX: never. */
uint64_t outcome_when(const struct outcome_curve *c, uint64_t offset);
void outcome_clear(struct outcome_curve *c);

#endif
