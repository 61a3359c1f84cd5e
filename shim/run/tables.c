/* SPDX-License-Identifier: MIT */
/* run/tables.c - summary.csv, requests.csv and data.csv; see tables.h. Times are seconds of virtual time
 * with nine digits; a thing that never happened is an empty field. */
#include "run/tables.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "run/player.h"
#include "run/pool.h"
#include "run/radios.h"
#include "run/record.h"
#include "run/twin.h"

/* A table that could not be written whole fails the run. */
static int close_table(FILE *f, const char *name, char *err, size_t cap)
{
    int bad = ferror(f);

    if (fclose(f) == 0 && !bad)
        return 0;
    snprintf(err, cap, "%s: writing failed: %s", name, strerror(errno));
    return -1;
}

/* A time or nothing, with the comma before it. */
void tables_time(FILE *f, uint64_t at)
{
    char t[32];

    fprintf(f, ",%s", at != 0 ? record_seconds(at, t) : "");
}

/* A sentence as a field: commas in it would be fields. */
static void put_text(FILE *f, const char *text)
{
    fputc(',', f);
    for (; *text != '\0'; text++)
        fputc(*text == ',' ? ';' : *text, f);
}

/* ---- requests.csv ------------------------------------------------------------------------------- */

/* Times in the order of importance to a reader; the server's come last, as no real client would
 * know them. */
static void put_request(FILE *f, const struct session *s, uint64_t i)
{
    const struct request *q = &s->request[i];

    fprintf(f, "%u,%" PRIu64, s->number, i);
    tables_time(f, q->sent_at);
    tables_time(f, q->answered_at);
    tables_time(f, q->answered_at != 0 ? q->answered_at - q->sent_at : 0);
    tables_time(f, q->read_at);
    tables_time(f, q->first_at);
    if (s->run->config->traffic_kind != TRAFFIC_MSG) {
        const struct lane_plan *l = &s->player->plan.lane[q->lane];

        fprintf(f, ",%s,%u,%" PRIu64 ",%" PRIu64, l->name, l->item[q->item].group, l->item[q->item].up,
                l->item[q->item].down);
    }
    fputc('\n', f);
}

/* Requests that were never sent have no row. */
static int write_requests(const struct run *r, const char *dir, char *err, size_t cap)
{
    FILE *f = record_file(dir, "requests.csv", err, cap);

    if (f == NULL)
        return -1;
    fputs("connection,index,sent_s,answered_s,delay_s,server_read_s,server_first_s", f);
    fputs(r->config->traffic_kind != TRAFFIC_MSG ? ",what,group,up,down\n" : "\n", f);
    for (size_t i = 0; i < r->sessions; i++)
        for (uint64_t j = 0; j < r->session[i].asked; j++)
            put_request(f, &r->session[i], j);
    return close_table(f, "requests.csv", err, cap);
}

/* ---- data.csv ----------------------------------------------------------------------------------- */

/* libmpt numbers connections per stack; tables number them per run. */
static const struct session *session_of(const struct run *r, uint32_t host, uint32_t conn)
{
    int side = host == 0 ? SIDE_SERVER : SIDE_CLIENT;

    for (size_t i = 0; i < r->sessions; i++) {
        const struct session *s = &r->session[i];

        if (s->info[side].number == conn && (host == 0 || s->phone == host))
            return s;
    }
    return NULL;
}

/* Written at the end: the path of a subflow may be known only after its first octets were sent. */
static int write_data(const struct run *r, const char *dir, char *err, size_t cap)
{
    FILE *f = record_file(dir, "data.csv", err, cap);
    char t[32];

    if (f == NULL)
        return -1;
    fputs("t_s,host,connection,subflow,path,dsn,len,reinjected\n", f);
    for (size_t i = 0; i < r->rec.marks; i++) {
        const struct mark *m = &r->rec.mark[i];
        const struct session *s = session_of(r, m->host, m->conn);

        if (m->kind == r->rec.kind_data && s != NULL)
            fprintf(f, "%s,%u,%u,%u,%s,%" PRIu64 ",%" PRIu64 ",%" PRIu64 "\n", record_seconds(m->at, t),
                    m->host, s->number, m->subflow,
                    record_path_name(r, m->host, m->conn, m->subflow), m->v0, m->v1, m->v3);
    }
    return close_table(f, "data.csv", err, cap);
}

/* ---- summary.csv -------------------------------------------------------------------------------- */

/* By comparison: a difference of two uint64_t does not fit an int. */
static int compare_u64(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

/* The median is the lower one of the two in the middle. */
void tables_spread(FILE *f, uint64_t *t, size_t n)
{
    if (n > 0)
        qsort(t, n, sizeof *t, compare_u64);
    tables_time(f, n > 0 ? t[n - 1] : 0);
    tables_time(f, n > 0 ? t[(n - 1) / 2] : 0);
}

/* An answer that never came counts with all the time that was left for it, or a scheme could look
 * good by failing. */
void tables_delays(FILE *f, const struct session *s, int lane)
{
    uint64_t *t = pool_grow(NULL, (size_t)s->asked * sizeof *t);
    size_t n = 0;

    for (uint64_t i = 0; i < s->asked; i++) {
        const struct request *q = &s->request[i];

        if (lane < 0 || q->lane == (uint32_t)lane)
            t[n++] = (q->answered_at != 0 ? q->answered_at : s->run->ended_at) - q->sent_at;
    }
    tables_spread(f, t, n);
    free(t);
}

/* First event of a kind at the client of a session. */
static uint64_t first_mark(const struct run *r, const struct session *s, uint32_t kind)
{
    for (size_t i = 0; i < r->rec.marks; i++) {
        const struct mark *m = &r->rec.mark[i];

        if (m->kind == kind && m->host == s->phone && m->conn == s->info[SIDE_CLIENT].number)
            return m->at;
    }
    return 0;
}

/* The last columns depend on the paths of the scenario; readers go by name. */
static void put_head(FILE *f, const struct run *r)
{
    const struct run_config *c = r->config;

    fputs("connection,phone,requests,answered,unanswered,max_delay_s,median_delay_s,octets_up,octets_down,"
          "done_s,goodput_up,goodput_down,multipath,jwd,trigger_s,joined_s,reinjected,duplicate,error,"
          "fault_up,fault_down", f);
    for (size_t i = 0; i < c->paths; i++)
        fprintf(f, ",%s_up_bytes,%s_down_bytes", c->path[i].name, c->path[i].name);
    if (generator_of(c->traffic_kind)->head != NULL)
        generator_of(c->traffic_kind)->head(f);
    if (c->tls)
        fputs(",tls_client_s,tls_server_s,tls_client_error,tls_server_error,tls_client_alert,tls_server_alert", f);
    radios_head(f, r);
    if (c->outcome)
        fputs(",outcome,outcome_late_s,outcome_without", f);
    fputc('\n', f);
}

static void put_delays(FILE *f, const struct session *s)
{
    uint64_t unanswered = s->asked - s->answered;

    fprintf(f, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64, s->asked, s->answered, unanswered);
    tables_delays(f, s, -1);
}

/* Octets of the application per second, from the start of the clients to the end of this connection. */
static void put_goodput(FILE *f, const struct run *r, const struct session *s)
{
    uint64_t end = s->done_at != 0 ? s->done_at : r->ended_at;
    double seconds = (double)(end - r->config->start) / 1e9;

    fprintf(f, ",%" PRIu64 ",%" PRIu64, s->read[0], s->read[1]);
    tables_time(f, s->done_at);
    for (int dir = 0; dir < 2; dir++)
        fprintf(f, ",%.3f", seconds > 0 ? (double)s->read[dir] * 8 / seconds : 0.0);
}

/* When each end had the handshake behind it, why it failed, and the alert that it sent (RFC 8446 6). */
static void put_secure(FILE *f, const struct session *s)
{
    for (int side = 0; side < SIDES; side++)
        tables_time(f, s->apptls[side].done_at);
    for (int side = 0; side < SIDES; side++)
        put_text(f, s->apptls[side].text);
    for (int side = 0; side < SIDES; side++) {
        if (s->apptls[side].failed && s->apptls[side].alert[0] > 0)
            fprintf(f, ",%d", s->apptls[side].alert[0]);
        else
            fputc(',', f);
    }
}

/* Reinjected and duplicate octets of both ends together: they are the price of the whole
 * connection. */
static void put_session(FILE *f, const struct run *r, const struct session *s)
{
    const struct mpt_conn_info *a = &s->info[SIDE_CLIENT], *b = &s->info[SIDE_SERVER];
    const struct run_host *phone = &r->host[s->phone];
    uint64_t late;

    fprintf(f, "%u,%u", s->number, s->phone);
    put_delays(f, s);
    put_goodput(f, r, s);
    fprintf(f, ",%u,%u", a->multipath, a->jwd);
    tables_time(f, first_mark(r, s, r->rec.kind_trigger));
    tables_time(f, first_mark(r, s, r->rec.kind_joined));
    fprintf(f, ",%" PRIu64 ",%" PRIu64, a->reinjected + b->reinjected, a->duplicate + b->duplicate);
    put_text(f, s->error != 0 ? mpt_strerror(s->error) : "");
    fprintf(f, ",%s,%s", payload_verdict_name(s->fault[0]), payload_verdict_name(s->fault[1]));
    for (size_t i = 1; i <= r->config->paths; i++)
        fprintf(f, ",%" PRIu64 ",%" PRIu64, phone->carried[i].octets[0], phone->carried[i].octets[1]);
    if (generator_of(r->config->traffic_kind)->columns != NULL)
        generator_of(r->config->traffic_kind)->columns(f, s);
    if (r->config->tls)
        put_secure(f, s);
    radios_columns(f, r, s->phone);
    if (r->config->outcome) {
        enum outcome outcome = twin_outcome(s, &late);

        fprintf(f, ",%s", outcome_name(outcome));
        tables_time(f, late);
        fprintf(f, ",%s", r->curve != NULL ? outcome_name(r->without) : "");
    }
    fputc('\n', f);
}

/* A row for every session, also for one that never got a connection. */
static int write_summary(const struct run *r, const char *dir, char *err, size_t cap)
{
    FILE *f = record_file(dir, "summary.csv", err, cap);

    if (f == NULL)
        return -1;
    put_head(f, r);
    for (size_t i = 0; i < r->sessions; i++)
        put_session(f, r, &r->session[i]);
    return close_table(f, "summary.csv", err, cap);
}

/* run.json comes last: while it is missing, the run is not finished. */
int tables_write(struct run *r, const char *dir, char *err, size_t cap)
{
    if (write_summary(r, dir, err, cap) < 0)
        return -1;
    if (r->config->traffic_kind != TRAFFIC_BULK && write_requests(r, dir, err, cap) < 0)
        return -1;
    if (r->config->dsn && write_data(r, dir, err, cap) < 0)
        return -1;
    if (radios_table(r, dir, err, cap) < 0)
        return -1;
    return tables_write_json(r, dir, err, cap);
}
