/* SPDX-License-Identifier: MIT */
/* run/traffic.h - the applications at both ends of every connection.
 *
 * They move octets; what they ask for and when is a plan (generator.h) that player.c plays. Sizes are known to both
 * ends, so the streams are pure payload.h. Called by harness.c and player.c. */
#ifndef RUN_TRAFFIC_H
#define RUN_TRAFFIC_H

#include "run/harness.h"

/* Prepares a session; nothing is sent. */
void traffic_init(struct session *s);
/* Opens the connection and begins; 0 or a negative enum mpt_error. */
int traffic_start(struct session *s, uint64_t now);
/* An event of a connection at one side. */
void traffic_event(struct session *s, int side, const struct mpt_event *event, uint64_t now);
/* Reads what the stack knows of both ends into session->info. */
void traffic_look(struct session *s);
/* So many more octets leave that side, now. */
void traffic_write(struct session *s, int side, uint64_t n, uint64_t now);

#endif
