/* SPDX-License-Identifier: MIT */
/* hold.h - a radio that sleeps: packets wait while it is promoted from idle to connected.
 *
 * The measured behaviour of LTE RRC (Huang et al., "A close examination of performance and power
 * characteristics of 4G LTE networks", MobiSys 2012): the first packet of an idle radio, in either
 * direction, waits for the promotion (260 ms); every packet, either way, restarts the inactivity timer.
 * There is one hold box per direction and one radio for both: either two constants, or a model of the radio
 * with its states and energy (radio/radio.h), which then decides. */
#ifndef BOX_HOLD_H
#define BOX_HOLD_H

#include "box/box.h"
#include "radio/radio.h"

/* The radio of one phone on one path, shared by its two hold boxes. */
struct hold_radio {
    struct mpt_radio *model; /* not owned; NULL: the constants below */
    uint64_t promotion;  /* time from idle to connected; 0: never sleeps */
    uint64_t idle_after; /* inactivity; 0: never idle again */
    uint64_t ready_at;   /* promoted then; packets before wait */
    uint64_t idle_at;    /* idle from then on unless a packet passes; MPT_NEVER: stays connected */
};

struct hold {
    struct box box;
    struct hold_radio *radio; /* not owned */
    struct box_stats *stats;
    uint32_t dir;         /* enum mpt_radio_dir, which is enum path_dir */
    uint64_t queue_bytes; /* limit of what waits; 0: none */
    uint64_t waiting;     /* octets that wait */
    struct box_list queue;
};

void hold_radio_init(struct hold_radio *radio, uint64_t promotion, uint64_t idle_after,
                     int idle_at_start);
/* dir: enum path_dir. queue_bytes 0: as much as comes. */
struct hold *hold_new(struct box_pool *pool, struct hold_radio *radio, uint32_t dir, uint64_t queue_bytes,
                      struct box_stats *stats);

#endif
