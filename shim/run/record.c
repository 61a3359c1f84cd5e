/* SPDX-License-Identifier: MIT */
/* run/record.c - the recorder during a run; see record.h. Nothing here calls libmpt from a trace event. */
#include "run/record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "run/pool.h"
#include "run/radios.h"

/* ---- files -------------------------------------------------------------------------------------- */

/* Opened for writing, anew: the directory is this run's own. A twin has none and keeps nothing. */
FILE *record_file(const char *dir, const char *name, char *err, size_t cap)
{
    char path[1024];
    FILE *f;

    snprintf(path, sizeof path, "%s/%s", dir, name);
    if (*dir == '\0')
        strcpy(path, "/dev/null");
    f = fopen(path, "w");
    if (f == NULL)
        snprintf(err, cap, "%s: %s", path, strerror(errno));
    return f;
}

/* Integers, not floating point: the same digits on every machine, and no nanosecond lost. */
const char *record_seconds(uint64_t ns, char out[32])
{
    snprintf(out, 32, "%" PRIu64 ".%09" PRIu64, ns / 1000000000, ns % 1000000000);
    return out;
}

/* libmpt names its events; their numbers are its own business. */
static uint32_t find_kind(const char *name)
{
    const char *names[4], *kind;

    for (uint32_t i = 0; (kind = mpt_trace_describe(i, names)) != NULL; i++)
        if (strcmp(kind, name) == 0)
            return i;
    return UINT32_MAX;
}

/* A file for each host, as a capture on that host would be. */
static int open_pcaps(struct run *r, const char *dir, char *err, size_t cap)
{
    char name[32];

    for (size_t i = 0; i < r->hosts; i++) {
        FILE *f;

        if (i == 0)
            snprintf(name, sizeof name, "server.pcap");
        else
            snprintf(name, sizeof name, "phone%zu.pcap", i);
        f = record_file(dir, name, err, cap);
        if (f == NULL || pcap_start(&r->host[i].pcap, f) < 0)
            return -1;
    }
    return 0;
}

/* Paths last: their number is the scenario's. */
static int open_progress(struct run *r, const char *dir, char *err, size_t cap)
{
    FILE *f = r->rec.progress = record_file(dir, "progress.csv", err, cap);

    if (f == NULL)
        return -1;
    fputs("t_s,phone,octets_up,octets_down,wrong,failed", f);
    for (size_t i = 0; i < r->config->paths; i++)
        fprintf(f, ",%s_up_bytes,%s_down_bytes", r->config->path[i].name, r->config->path[i].name);
    fputc('\n', f);
    return 0;
}

/* Only what was asked for is opened: a campaign of thousands of runs writes few files. */
int record_open(struct run *r, const char *dir, char *err, size_t cap)
{
    struct recorder *rec = &r->rec;

    rec->dir = dir;
    hash_init(&rec->hash);
    rec->kind_data = find_kind("data_sent");
    rec->kind_trigger = find_kind("pm_trigger");
    rec->kind_joined = find_kind("subflow_joined");
    if (r->config->trace && (rec->trace = record_file(dir, "trace.jsonl", err, cap)) == NULL)
        return -1;
    if (r->config->stack[SIDE_CLIENT].sec_keylog && (rec->keys = record_file(dir, "keys.log", err, cap)) == NULL)
        return -1;
    if (r->config->series != 0) {
        rec->series = record_file(dir, "series.csv", err, cap);
        if (rec->series == NULL)
            return -1;
        fputs("t_s,host,connection,subflow,path,state,backup,cwnd,srtt_s,in_flight,sent,retransmitted,"
              "received,reinjected,acked\n", rec->series);
    }
    if (r->config->progress && open_progress(r, dir, err, cap) < 0)
        return -1;
    return r->config->pcap ? open_pcaps(r, dir, err, cap) : 0;
}

/* A full disk may show only now: fclose(3) writes what was still buffered. */
static int close_file(FILE *f)
{
    int bad = f != NULL && (ferror(f) != 0);

    return f != NULL && (fclose(f) != 0 || bad) ? -1 : 0;
}

/* All files are closed even if one failed; the first message counts. */
int record_close(struct run *r, char *err, size_t cap)
{
    int bad = close_file(r->rec.trace) < 0;

    bad |= close_file(r->rec.keys) < 0;
    bad |= radios_close(r) < 0;
    bad |= close_file(r->rec.series) < 0;
    bad |= close_file(r->rec.progress) < 0;
    for (size_t i = 0; i < r->hosts; i++)
        if (r->host[i].pcap.file != NULL) {
            bad |= pcap_finish(&r->host[i].pcap) < 0;
            bad |= close_file(r->host[i].pcap.file) < 0;
        }
    free(r->rec.mark);
    free(r->rec.route);
    if (bad)
        snprintf(err, cap, "%s: writing failed: %s", r->rec.dir, strerror(errno));
    return bad ? -1 : 0;
}

/* Only where `client.sec_keylog` asks for it (mpt.h). */
void record_keys(struct run *r, const struct mpt_conn *conn)
{
    char line[512];
    int n = r->rec.keys != NULL ? mpt_secure_log(conn, line, sizeof line) : 0;

    if (n > 0)
        fprintf(r->rec.keys, "%.*s\n", n, line);
}

/* ---- packets ------------------------------------------------------------------------------------ */

/* The hash takes packets as they leave, with time and interface: two runs with the same hash have
 * sent the same octets at the same times. Arrivals follow from those, so they are counted only. */
void record_packet(struct run *r, uint32_t host, uint32_t ifid, int dir, const uint8_t *ip, size_t len,
                   uint64_t now)
{
    struct run_host *h = &r->host[host];

    /* packets are hashed once, where they leave; time and interface belong to what must repeat */
    if (dir == 0) {
        hash_u64(&r->rec.hash, now);
        hash_u64(&r->rec.hash, (uint64_t)host << 32 | ifid);
        hash_bytes(&r->rec.hash, ip, len);
        r->rec.packets++;
    }
    if (ifid <= SHIM_PATHS_MAX) {
        h->carried[ifid].packets[dir]++;
        h->carried[ifid].octets[dir] += len;
    }
    if (h->pcap.file != NULL)
        pcap_write(&h->pcap, ip, len, now);
}

/* ---- trace events ------------------------------------------------------------------------------- */

/* Events that become rows of tables. Doubling: a bulk run has hundreds of thousands. */
static void keep_mark(struct run_host *h, const struct mpt_trace *e)
{
    struct recorder *rec = &h->run->rec;

    if (rec->marks == rec->mark_room) {
        rec->mark_room = rec->mark_room ? rec->mark_room * 2 : 256;
        rec->mark = pool_grow(rec->mark, rec->mark_room * sizeof *rec->mark);
    }
    rec->mark[rec->marks++] = (struct mark){e->at,    e->v[0], e->v[1],    e->v[2], e->v[3],
                                            h->index, e->conn, e->subflow, e->kind};
}

/* One JSON object a line; values without a name in the catalogue are left out. */
static void write_trace(struct run_host *h, const struct mpt_trace *e)
{
    const char *names[4], *kind = mpt_trace_describe(e->kind, names);
    FILE *f = h->run->rec.trace;
    char t[32];

    if (kind == NULL)
        return;
    fprintf(f, "{\"t\":%s,\"host\":%u,\"event\":\"%s\",\"conn\":%u,\"subflow\":%u", record_seconds(e->at, t),
            h->index, kind, e->conn, e->subflow);
    for (int i = 0; i < 4; i++)
        if (names[i][0] != '\0')
            fprintf(f, ",\"%s\":%" PRId64, names[i], (int64_t)e->v[i]); /* errors are negative */
    fputs("}\n", f);
}

/* Called from inside the stack: only looks and writes, never calls back. */
void record_trace(void *ctx, const struct mpt_trace *event)
{
    struct run_host *h = ctx;
    const struct recorder *rec = &h->run->rec;

    if (event->kind == rec->kind_trigger || event->kind == rec->kind_joined ||
        (event->kind == rec->kind_data && h->run->config->dsn))
        keep_mark(h, event);
    if (rec->trace != NULL) {
        radios_follow(h->run, event->at);
        write_trace(h, event);
    }
}

/* ---- subflows and their paths ------------------------------------------------------------------- */

/* From the end: the subflow just seen is most likely one of the last. */
static void keep_route(struct recorder *rec, uint32_t host, uint32_t conn, uint32_t subflow, uint32_t path)
{
    for (size_t i = rec->routes; i-- > 0;) {
        const struct route *t = &rec->route[i];

        if (t->host == host && t->conn == conn && t->subflow == subflow)
            return;
    }
    if (rec->routes == rec->route_room) {
        rec->route_room = rec->route_room ? rec->route_room * 2 : 16;
        rec->route = pool_grow(rec->route, rec->route_room * sizeof *rec->route);
    }
    rec->route[rec->routes++] = (struct route){host, conn, subflow, path};
}

/* Only needed to name the path of events: nothing else pays for the search. */
void record_routes(struct run *r, struct session *s, int side)
{
    uint32_t host = side == SIDE_CLIENT ? s->phone : 0;
    struct mpt_subflow_info info = {.size = sizeof info};

    if (!r->config->dsn || s->conn[side] == NULL)
        return;
    for (size_t i = 0; mpt_subflow_info(s->conn[side], i, &info) > 0; i++) {
        int path = harness_path(r, host, &info);

        if (path >= 0)
            keep_route(&r->rec, host, s->info[side].number, info.number, (uint32_t)path);
    }
}

/* Empty where the subflow was gone before it could be seen. */
const char *record_path_name(const struct run *r, uint32_t host, uint32_t conn, uint32_t subflow)
{
    for (size_t i = 0; i < r->rec.routes; i++) {
        const struct route *t = &r->rec.route[i];

        if (t->host == host && t->conn == conn && t->subflow == subflow)
            return r->config->path[t->path].name;
    }
    return "";
}

/* ---- samples ------------------------------------------------------------------------------------ */

/* A row for each subflow that is alive at this end. */
static void write_sample(struct run *r, const struct session *s, int side, uint64_t now)
{
    uint32_t host = side == SIDE_CLIENT ? s->phone : 0;
    struct mpt_subflow_info i = {.size = sizeof i};
    char t[32], srtt[32];

    for (size_t n = 0; mpt_subflow_info(s->conn[side], n, &i) > 0; n++) {
        int path = harness_path(r, host, &i);

        fprintf(r->rec.series,
                "%s,%u,%u,%u,%s,%u,%u,%" PRIu64 ",%s,%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64
                ",%" PRIu64 ",%" PRIu64 "\n",
                record_seconds(now, t), host, s->number, i.number,
                path >= 0 ? r->config->path[path].name : "", i.state, i.backup || i.peer_backup, i.cwnd,
                record_seconds(i.srtt, srtt), i.in_flight, i.sent, i.retransmitted, i.received,
                i.reinjected, s->info[side].acked);
    }
}

/* All connections of a phone: octets read by applications at both ends, how many of them have read a wrong one by
 * now, how many came to a bad end. */
static void write_progress(struct run *r, uint32_t phone, uint64_t now)
{
    uint64_t octets[2] = {0, 0}, wrong = 0, failed = 0;
    FILE *f = r->rec.progress;
    char t[32];

    for (size_t i = 0; i < r->sessions; i++) {
        const struct session *s = &r->session[i];

        if (s->phone != phone)
            continue;
        octets[0] += s->read[0];
        octets[1] += s->read[1];
        wrong += s->fault[0] != PAYLOAD_GOOD || s->fault[1] != PAYLOAD_GOOD;
        failed += s->error != 0 || s->apptls[SIDE_CLIENT].failed || s->apptls[SIDE_SERVER].failed;
    }
    fprintf(f, "%s,%u,%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64, record_seconds(now, t), phone, octets[0],
            octets[1], wrong, failed);
    for (size_t i = 1; i <= r->config->paths; i++)
        fprintf(f, ",%" PRIu64 ",%" PRIu64, r->host[phone].carried[i].octets[0], r->host[phone].carried[i].octets[1]);
    fputc('\n', f);
}

/* Also refreshes what is known of each connection, which summary.csv is made from. */
void record_sample(struct run *r, uint64_t now)
{
    radios_sample(r, now);
    for (uint32_t phone = 1; r->rec.progress != NULL && phone < r->hosts; phone++)
        write_progress(r, phone, now);
    for (size_t i = 0; i < r->sessions; i++) {
        struct session *s = &r->session[i];

        for (int side = 0; side < SIDES; side++) {
            if (s->conn[side] == NULL)
                continue;
            s->info[side].size = sizeof s->info[side];
            mpt_conn_info(s->conn[side], &s->info[side]);
            record_routes(r, s, side);
            if (r->rec.series != NULL)
                write_sample(r, s, side, now);
        }
    }
}
