/* SPDX-License-Identifier: MIT */
/* run/record.h - what a run leaves behind, while it runs: packets, trace events, samples.
 * tables.h writes the rest at the end. Called by harness.c. */
#ifndef RUN_RECORD_H
#define RUN_RECORD_H

#include "run/harness.h"

/* Opens the files in dir. -1: err says which one failed. */
int record_open(struct run *r, const char *dir, char *err, size_t cap);
/* The engine's tap: hash, pcap, octets per interface. */
void record_packet(struct run *r, uint32_t host, uint32_t ifid, int dir, const uint8_t *ip, size_t len,
                   uint64_t now);
/* mpt_env.trace of one host; ctx is its struct run_host. */
void record_trace(void *ctx, const struct mpt_trace *event);
/* keys.log, for analysers of captures; a connection that is secure now. */
void record_keys(struct run *r, const struct mpt_conn *conn);
/* A row of series.csv per subflow alive, and their paths. */
void record_sample(struct run *r, uint64_t now);
/* Remembers the paths of the subflows of one connection. */
void record_routes(struct run *r, struct session *s, int side);
/* Closes the files. -1: one of them could not be written. */
int record_close(struct run *r, char *err, size_t cap);
/* Opens dir/name for writing; err says why not. */
FILE *record_file(const char *dir, const char *name, char *err, size_t cap);
/* Seconds with nine digits: "5.250000000". Exact, unlike a double. */
const char *record_seconds(uint64_t ns, char out[32]);
/* Of a subflow seen by record_routes; "" when it was never seen. */
const char *record_path_name(const struct run *r, uint32_t host, uint32_t conn, uint32_t subflow);

#endif
