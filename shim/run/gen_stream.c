/* SPDX-License-Identifier: MIT */
/* run/gen_stream.c - stream: frames at a constant rate and a player with a deadline; our shape.
 *
 * A live source makes a frame each `stream.frame`; an octet that is read more than `stream.deadline` after its frame was
 * made is late. Beside it a player that rather waits: it begins `stream.deadline` after the first frame was made, or with
 * that frame when it comes later; a frame that is not there in its turn stalls it until the frame comes, and all
 * later frames are due by so much later. Direction up or down. */
#include "run/generator.h"
#include "run/player.h"
#include "run/tables.h"

/* The octets of n frames are exact: rounding does not add up. */
static uint64_t octets_until(const struct stream_config *k, uint64_t n)
{
    return (uint64_t)((double)k->rate / 8 * (double)(n * k->frame) / 1e9);
}

static void plan(struct plan_of *p, const struct run_config *c, uint64_t seed, uint32_t connection)
{
    const struct stream_config *k = &c->stream;
    uint64_t first = network_first_request(c, seed, connection - 1);

    p->lanes = 1;
    p->lane[0].name = "frame";
    for (uint64_t i = 0; i * k->frame < c->traffic_for; i++) {
        uint64_t n = octets_until(k, i + 1) - octets_until(k, i);
        struct item item = {.at = first + i * k->frame, .up = c->direction == DIRECTION_UP ? n : 0,
                            .down = c->direction == DIRECTION_UP ? 0 : n};

        if (n > 0)
            generator_add(&p->lane[0], &item);
    }
}

static void head(FILE *f)
{
    fputs(",late_frames,late_octets,stalls,stall_s,stall_max_s", f);
}

/* What never came and was due before the end is late, and stalls until the end. */
static void columns(FILE *f, const struct session *s)
{
    const struct stream_config *k = &s->run->config->stream;
    uint64_t late = 0, octets = 0, stalls = 0, stalled = 0, longest = 0, shift = 0;

    for (uint64_t i = 0; i < s->asked; i++) {
        const struct request *q = &s->request[i];
        const struct item *item = &s->player->plan.lane[0].item[q->item];
        uint64_t came = q->answered_at != 0 ? q->answered_at : s->run->ended_at, due = q->sent_at + k->deadline;

        if (came > due) {
            late++;
            octets += item->up + item->down;
        }
        if (came > due + shift) {
            uint64_t wait = came - due - shift;

            shift += wait;
            stalls += i > 0; /* a late start is none */
            stalled += i > 0 ? wait : 0;
            longest = i > 0 && wait > longest ? wait : longest;
        }
    }
    fprintf(f, ",%llu,%llu,%llu,%.9f,%.9f", (unsigned long long)late, (unsigned long long)octets,
            (unsigned long long)stalls, (double)stalled / 1e9, (double)longest / 1e9);
}

const struct generator gen_stream = {plan, head, columns};
