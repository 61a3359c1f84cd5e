/* SPDX-License-Identifier: MIT */
/* check/trace.c - merges the files by time, passes over what is no TCP or was seen before, and hands each segment
 * to the rules. The entry of this room (check.h). */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "check/secure.h"
#include "crypto/crypto.h"
#include "run/pool.h"

enum { COPIES = 1 << 17 };

/* One file, with the frame that is next. */
struct source {
    struct capture capture;
    struct capture_frame frame;
    int has; /* frame is there */
};

/* Hashes of the last packets and the file each was first seen in, in a table that forgets. */
struct copies {
    uint64_t hash[COPIES];
    uint32_t file[COPIES];
};

/* ---- one segment --------------------------------------------------------------------------------- */

/* A receiver drops it; what it carried is missing from then on, unless the path lost it anyway. */
static void damaged(struct check *c, struct frame *p)
{
    int d;

    if (c->options.damage) {
        c->damaged++;
        return;
    }
    c->flow = flow_known(c, p, &d);
    c->conn = c->flow != NULL ? c->flow->conn : NULL;
    if (c->conn != NULL)
        c->tallying = &c->conn->tally;
    if (p->bad_ip)
        broken(c, IP_HEADER, "wrong");
    else
        broken(c, TCP_CHECKSUM, "wrong");
    report_taint(c);
}

/* 0: go on, 1: a receiver would drop it. Without --damage a wrong sum is its sender's. */
static int check_sum(struct check *c, struct frame *p)
{
    int r = c->options.no_checksum ? 2 : frame_checksum(p);

    if (r == 2)
        return 0;
    if (r == 1) {
        p->partial = 1;
        if (c->partial_sums++ == 0)
            report_at(c, p->at, CLAUSE_TCP_PARTIAL, "this and maybe others");
        return 0;
    }
    report_count(c);
    if (r < 0)
        damaged(c, p);
    return r < 0;
}

/* MPTCP behind TCP; the order matters: keys before what needs them, mappings before octets. */
static void check_mptcp(struct check *c, struct flow *f, int d, struct frame *p, uint64_t off)
{
    secure_eno(c, f, d, p);
    conn_capable(c, f, d, p);
    join_check(c, f, d, p);
    c->conn = f->conn;
    if (f->conn == NULL)
        return;
    c->tallying = &f->conn->tally;
    for (int sub = 0; sub < SUB_COUNT; sub++)
        f->conn->options[sub] += p->mp >> sub & 1;
    if (f->conn->sec != NULL) {
        secure_segment(c, f, d, p, off);
        return;
    }
    addr_check(c, f, d, p);
    dss_check(c, f, d, p, off);
}

static void check_segment(struct check *c, struct frame *p)
{
    struct flow *f;
    uint64_t off = 0;
    int d;

    if (check_sum(c, p))
        return;
    f = c->flow = flow_find(c, p, &d);
    c->conn = f->conn;
    c->tallying = f->conn != NULL ? &f->conn->tally : &c->tally;
    option_read(c, p);
    if (p->bad)
        report_taint(c);
    if (segment_check(c, f, d, p, &off))
        check_mptcp(c, f, d, p, off);
    else if (f->blind && p->mp)
        report_unchecked(c, UNCHECKED_NO_KEYS, 1);
}

/* ---- frames -------------------------------------------------------------------------------------- */

/* Packets that no TCP can be read from. */
static void check_other(struct check *c, struct frame *p, int kind, uint32_t link)
{
    c->tallying = &c->tally;
    switch (kind) {
    case FRAME_FRAGMENT:
        c->fragments++;
        break;
    case FRAME_CUT:
        report_unchecked(c, UNCHECKED_SNAPLEN, 1);
        c->options.partial = 1; /* whatever it carried is missing */
        break;
    case FRAME_IP_SUM:
        damaged(c, p);
        break;
    case FRAME_SHORT:
        broken(c, TCP_SHORT, "segment of %" PRIu32 " octets", p->tcp_len);
        break;
    case FRAME_LINK:
        if (c->other == 0)
            fprintf(stderr, "mpsim: %s: link type %" PRIu32 " is not known\n", c->name[p->at.file], link);
        /* fall through */
    default:
        c->other++;
    }
}

static void check_frame(struct check *c, const struct capture_frame *cf, uint32_t file)
{
    struct frame p;
    int kind;

    memset(&p, 0, sizeof p);
    p.at.file = file;
    p.at.frame = cf->number;
    c->now = &p;
    c->packets++;
    c->time = cf->time;
    c->flow = NULL;
    c->conn = NULL;
    c->tallying = &c->tally;
    kind = frame_read(&p, cf);
    if (kind == FRAME_TCP)
        check_segment(c, &p);
    else
        check_other(c, &p, kind, cf->link);
}

/* ---- files --------------------------------------------------------------------------------------- */

/* 1: the packet was seen in another file before. Within a file repetitions stay: a network may double them. */
static int is_copy(struct copies *seen, const struct capture_frame *f, uint32_t file)
{
    uint64_t h = frame_hash(f);
    size_t i = h % COPIES;

    if (h == 0)
        return 0;
    if (seen->hash[i] == h)
        return seen->file[i] != file;
    seen->hash[i] = h;
    seen->file[i] = file;
    return 0;
}

/* A file that breaks off is told, and what came before counts. */
static int advance(struct source *s)
{
    int r = capture_next(&s->capture, &s->frame);

    s->has = r > 0;
    if (r < 0)
        fprintf(stderr, "mpsim: %s: %s\n", s->capture.name, s->capture.error);
    return r < 0 ? -1 : 0;
}

static int open_all(struct source *s, char *const *file, size_t files)
{
    int bad = 0;

    for (size_t i = 0; i < files; i++) {
        if (capture_open(&s[i].capture, file[i]) < 0) {
            fprintf(stderr, "mpsim: %s: %s\n", file[i], s[i].capture.error);
            return -1;
        }
        bad |= advance(&s[i]);
    }
    return bad ? 1 : 0;
}

/* Merged by time; equal times in the order of the files. 1: a file was cut off. */
static int read_all(struct check *c, struct source *s, size_t files)
{
    struct copies *seen = files > 1 ? pool_grow(NULL, sizeof *seen) : NULL;
    int bad = 0;

    if (seen != NULL)
        memset(seen, 0, sizeof *seen);
    for (;;) {
        struct source *first = NULL;

        for (size_t i = 0; i < files; i++)
            if (s[i].has && (first == NULL || s[i].frame.time < first->frame.time))
                first = &s[i];
        if (first == NULL)
            break;
        if (seen != NULL && is_copy(seen, &first->frame, (uint32_t)(first - s)))
            c->copies++;
        else
            check_frame(c, &first->frame, (uint32_t)(first - s));
        bad |= advance(first) < 0;
    }
    free(seen);
    return bad;
}

static int run(struct check *c, struct source *s, char *const *file, size_t files)
{
    int bad = open_all(s, file, files);
    uint64_t errors;

    if (bad < 0)
        return CHECK_UNREADABLE;
    bad |= read_all(c, s, files);
    for (struct conn *k = c->conns; k != NULL; k = k->next)
        dss_finish(c, k);
    errors = report_summary(c);
    return bad ? CHECK_UNREADABLE : errors > 0 ? CHECK_ERRORS : CHECK_CLEAN;
}

int check_files(const struct check_options *options, char *const *file, size_t files)
{
    struct check *c = pool_grow(NULL, sizeof *c);
    struct source *s = pool_grow(NULL, files * sizeof *s);
    int status;

    memset(c, 0, sizeof *c);
    memset(s, 0, files * sizeof *s);
    mpt_crypto_init();
    c->options = *options;
    c->name = file;
    c->flows_end = &c->flows;
    c->conns_end = &c->conns;
    status = seckeys_read(c) < 0 ? CHECK_UNREADABLE : run(c, s, file, files);
    for (size_t i = 0; i < files; i++)
        capture_close(&s[i].capture);
    flow_free_all(c);
    seckeys_free(c);
    free(s);
    free(c);
    return status;
}
