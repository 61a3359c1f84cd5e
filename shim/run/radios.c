/* SPDX-License-Identifier: MIT */
/* run/radios.c - see radios.h. Energies are in J with nine digits, times in s with nine. */
#include "run/radios.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "run/pool.h"
#include "run/record.h"

/* What one radio spent between falling asleep, or its earlier tail, and the next: promotion, packets, tail. */
struct transfer {
    uint64_t from;              /* when it began; MPT_NEVER: none */
    uint64_t active_at, to;     /* when packets passed, and the end of the tail so far */
    uint64_t tail_at;           /* when the tail began; MPT_NEVER: not yet */
    struct mpt_radio_part part; /* what passed */
    double joule[3];            /* promotion, active, tail */
};

/* A radio's place in the run. */
struct radio_seat {
    struct run *run;          /* back */
    struct mpt_radio *radio;  /* in radios.model of its path */
    uint32_t phone, path;     /* phone from 1, path from 0 */
    struct transfer transfer; /* the present one */
    uint64_t sampled_at;      /* last row of power.csv */
    double sampled;           /* energy up to then */
};

struct radios {
    struct mpt_radio *model[SHIM_PATHS_MAX]; /* by path: one per phone; NULL: no model */
    struct radio_seat *seat;                 /* phone by phone, paths in their order */
    size_t seats;
    FILE *states, *power, *transfers;        /* NULL: not asked for */
    int failed;                              /* errno of a file that could not be closed */
};

/* ---- transfers.csv ------------------------------------------------------------------------------- */

/* A row, when the next transfer begins or the radio sleeps. */
static void end_transfer(struct radio_seat *seat)
{
    const struct run *r = seat->run;
    const struct transfer *t = &seat->transfer;
    char from[32], active[32], to[32];

    if (t->from != MPT_NEVER && r->radios->transfers != NULL)
        fprintf(r->radios->transfers, "%u,%s,%s,%s,%s,%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%.9f,%.9f,%.9f,%.9f\n",
                seat->phone, r->config->path[seat->path].name, record_seconds(t->from, from),
                record_seconds(t->active_at, active), record_seconds(t->to, to), t->part.packets[0], t->part.packets[1],
                t->part.octets[0], t->part.octets[1], t->joule[0], t->joule[1], t->joule[2],
                t->joule[0] + t->joule[1] + t->joule[2]);
    memset(&seat->transfer, 0, sizeof seat->transfer);
    seat->transfer.from = seat->transfer.tail_at = MPT_NEVER;
}

/* Promotion, active states and the tail behind them belong together; activity behind a tail is the next one. */
static void add_transfer(struct radio_seat *seat, const struct mpt_radio_interval *i)
{
    double joule = mpt_radio_part_energy(seat->radio->profile, i->state, &i->part);
    int which = i->state == MPT_RADIO_PROMOTION ? 0 : i->state == MPT_RADIO_ACTIVE ? 1 : 2;
    struct transfer *t = &seat->transfer;

    if (i->state == MPT_RADIO_IDLE || (which < 2 && t->tail_at != MPT_NEVER))
        end_transfer(seat);
    if (i->state == MPT_RADIO_IDLE)
        return;
    if (t->from == MPT_NEVER) {
        t->from = i->from;
        t->active_at = i->state == MPT_RADIO_PROMOTION ? i->to : i->from;
    }
    if (which == 2 && t->tail_at == MPT_NEVER)
        t->tail_at = i->from;
    t->to = i->to;
    t->joule[which] += joule;
    for (int dir = 0; dir < MPT_RADIO_DIRS; dir++) {
        t->part.packets[dir] += i->part.packets[dir];
        t->part.octets[dir] += i->part.octets[dir];
    }
}

/* ---- radio.csv and trace.jsonl ------------------------------------------------------------------- */

static const char *state_name(const struct radio_seat *seat, uint32_t state)
{
    return mpt_radio_state_name(seat->radio->profile->kind, state);
}

/* An event where another state begins, at its time. */
static void trace_state(const struct radio_seat *seat, const struct mpt_radio_interval *i)
{
    const struct run *r = seat->run;
    char t[32];

    if (r->rec.trace != NULL && i->next != i->state)
        fprintf(r->rec.trace, "{\"t\":%s,\"host\":%u,\"event\":\"radio_state\",\"path\":\"%s\",\"from\":\"%s\",\"state\":\"%s\"}\n",
                record_seconds(i->to, t), seat->phone, r->config->path[seat->path].name, state_name(seat, i->state),
                state_name(seat, i->next));
}

/* Sink of every radio: a stay in a state is over. */
static void on_interval(void *ctx, const struct mpt_radio_interval *i)
{
    struct radio_seat *seat = ctx;
    const struct run *r = seat->run;
    char from[32], length[32];

    trace_state(seat, i);
    if (i->from == i->to && i->part.packets[0] + i->part.packets[1] == 0)
        return;
    add_transfer(seat, i);
    if (r->radios->states != NULL)
        fprintf(r->radios->states, "%s,%u,%s,%s,%s,%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%.9f\n",
                record_seconds(i->from, from), seat->phone, r->config->path[seat->path].name, state_name(seat, i->state),
                record_seconds(i->part.ns, length), i->part.packets[0], i->part.packets[1], i->part.octets[0],
                i->part.octets[1], mpt_radio_part_energy(seat->radio->profile, i->state, &i->part));
}

void radios_follow(struct run *r, uint64_t now)
{
    for (size_t i = 0; r->radios != NULL && i < r->radios->seats; i++)
        if (r->radios->seat[i].radio->until <= now)
            mpt_radio_advance(r->radios->seat[i].radio, now);
}

/* ---- power.csv ----------------------------------------------------------------------------------- */

/* Mean power since the row before. */
static void sample(struct radio_seat *seat, uint64_t now)
{
    FILE *f = seat->run->radios->power;
    char t[32];
    double energy;

    if (now <= seat->sampled_at)
        return;
    mpt_radio_advance(seat->radio, now);
    energy = mpt_radio_energy(seat->radio);
    fprintf(f, "%s,%u,%s,%s,%.9f,%.9f\n", record_seconds(now, t), seat->phone, seat->run->config->path[seat->path].name,
            state_name(seat, seat->radio->state), (energy - seat->sampled) / ((double)(now - seat->sampled_at) / 1e9), energy);
    seat->sampled_at = now;
    seat->sampled = energy;
}

void radios_sample(struct run *r, uint64_t now)
{
    for (size_t i = 0; r->radios != NULL && r->radios->power != NULL && i < r->radios->seats; i++)
        sample(&r->radios->seat[i], now);
}

/* ---- life ---------------------------------------------------------------------------------------- */

/* All files of time series. */
static int open_files(struct run *r, const char *dir, char *err, size_t cap)
{
    struct radios *x = r->radios;

    if (r->config->series == 0)
        return 0;
    if ((x->states = record_file(dir, "radio.csv", err, cap)) == NULL ||
        (x->power = record_file(dir, "power.csv", err, cap)) == NULL ||
        (x->transfers = record_file(dir, "transfers.csv", err, cap)) == NULL)
        return -1;
    fputs("t_s,phone,path,state,duration_s,packets_up,packets_down,octets_up,octets_down,energy_j\n", x->states);
    fputs("t_s,phone,path,state,power_w,energy_j\n", x->power);
    fputs("phone,path,from_s,active_s,to_s,packets_up,packets_down,octets_up,octets_down,promotion_j,active_j,tail_j,energy_j\n",
          x->transfers);
    return 0;
}

/* All radios of one path. */
static void make_radios(struct run *r, size_t path)
{
    uint32_t phones = (uint32_t)r->config->phones;

    r->radios->model[path] = pool_grow(NULL, phones * sizeof(struct mpt_radio));
    for (uint32_t i = 0; i < phones; i++)
        mpt_radio_init(&r->radios->model[path][i], &r->config->path[path].model.value, r->config->start);
    r->network.topology.path[path].radios = r->radios->model[path];
}

/* In the order in which rows are written: phone by phone. */
static void make_seats(struct run *r)
{
    struct radios *x = r->radios;

    x->seat = pool_grow(NULL, r->config->phones * r->config->paths * sizeof *x->seat);
    for (uint32_t phone = 1; phone <= r->config->phones; phone++)
        for (size_t path = 0; path < r->config->paths; path++) {
            struct radio_seat *seat = &x->seat[x->seats];

            if (x->model[path] == NULL)
                continue;
            memset(seat, 0, sizeof *seat);
            seat->run = r;
            seat->radio = &x->model[path][phone - 1];
            seat->phone = phone;
            seat->path = (uint32_t)path;
            seat->transfer.from = seat->transfer.tail_at = MPT_NEVER;
            seat->sampled_at = r->config->start;
            seat->radio->sink = on_interval;
            seat->radio->ctx = seat;
            x->seats++;
        }
}

int radios_build(struct run *r, const char *dir, char *err, size_t cap)
{
    size_t with = 0;

    for (size_t i = 0; i < r->config->paths; i++)
        with += r->config->path[i].model.base != NULL;
    if (with == 0)
        return 0;
    r->radios = pool_grow(NULL, sizeof *r->radios);
    memset(r->radios, 0, sizeof *r->radios);
    for (size_t i = 0; i < r->config->paths; i++)
        if (r->config->path[i].model.base != NULL)
            make_radios(r, i);
    make_seats(r);
    return open_files(r, dir, err, cap);
}

/* Does a state still end by itself? */
static int is_settled(const struct radios *x)
{
    for (size_t i = 0; i < x->seats; i++)
        if (x->seat[i].radio->until != MPT_NEVER)
            return 0;
    return 1;
}

/* Behind the last packet the states go on as they must; samples until nothing changes any more, and a last one. */
void radios_finish(struct run *r)
{
    struct radios *x = r->radios;
    uint64_t end = r->config->start + r->config->duration;

    if (x == NULL)
        return;
    for (uint64_t t = r->ended_at + r->config->series; x->power != NULL && t < end && !is_settled(x); t += r->config->series)
        radios_sample(r, t);
    for (size_t i = 0; i < x->seats; i++) {
        mpt_radio_finish(x->seat[i].radio, end);
        end_transfer(&x->seat[i]);
    }
    radios_sample(r, end);
}

/* One file; what was still buffered may fail only now. */
static void close_file(struct radios *x, FILE *f)
{
    if (f != NULL && (ferror(f) | (fclose(f) != 0)))
        x->failed = 1;
}

int radios_close(struct run *r)
{
    if (r->radios == NULL)
        return 0;
    close_file(r->radios, r->radios->states);
    close_file(r->radios, r->radios->power);
    close_file(r->radios, r->radios->transfers);
    r->radios->states = r->radios->power = r->radios->transfers = NULL;
    return r->radios->failed ? -1 : 0;
}

void radios_free(struct run *r)
{
    if (r->radios == NULL)
        return;
    for (size_t i = 0; i < SHIM_PATHS_MAX; i++)
        free(r->radios->model[i]);
    free(r->radios->seat);
    free(r->radios);
    r->radios = NULL;
}

/* ---- figures of a run ---------------------------------------------------------------------------- */

/* What tables say of a radio. */
struct figures {
    double energy, mean;              /* J, W */
    double state[MPT_RADIO_STATES];   /* J in each */
    double seconds[MPT_RADIO_STATES]; /* s in each */
    double run;                       /* s in all */
    double active, open;              /* share of time with packets, and not idle */
};

/* Valid behind radios_finish: every interval is closed. */
static struct figures figures_of(const struct mpt_radio *radio)
{
    struct figures g = {0};

    for (uint32_t s = 0; s < MPT_RADIO_STATES; s++) {
        g.state[s] = mpt_radio_state_energy(radio, s);
        g.seconds[s] = (double)radio->total[s].ns / 1e9;
        g.run += g.seconds[s];
    }
    g.energy = mpt_radio_energy(radio);
    if (g.run > 0) {
        g.mean = g.energy / g.run;
        g.active = g.seconds[MPT_RADIO_ACTIVE] / g.run;
        g.open = 1 - g.seconds[MPT_RADIO_IDLE] / g.run;
    }
    return g;
}

/* One row a radio; the states in the words of its kind are in run.json. */
int radios_table(const struct run *r, const char *dir, char *err, size_t cap)
{
    FILE *f;

    if (r->radios == NULL)
        return 0;
    f = record_file(dir, "radios.csv", err, cap);
    if (f == NULL)
        return -1;
    fputs("phone,path,profile,energy_j,mean_power_w,promotions,active_share,open_share,idle_s,promotion_s,active_s,tail_s,"
          "idle_j,promotion_j,active_j,tail_j,rest_j\n", f);
    for (size_t i = 0; i < r->radios->seats; i++) {
        const struct radio_seat *seat = &r->radios->seat[i];
        const struct run_path *p = &r->config->path[seat->path];
        struct figures g = figures_of(seat->radio);

        fprintf(f, "%u,%s,%s,%.9f,%.9f,%" PRIu64 ",%.9f,%.9f", seat->phone, p->name, p->model.profile, g.energy, g.mean,
                seat->radio->promotions, g.active, g.open);
        fprintf(f, ",%.9f,%.9f,%.9f,%.9f", g.seconds[MPT_RADIO_IDLE], g.seconds[MPT_RADIO_PROMOTION],
                g.seconds[MPT_RADIO_ACTIVE],
                g.seconds[MPT_RADIO_TAIL_1] + g.seconds[MPT_RADIO_TAIL_2] + g.seconds[MPT_RADIO_TAIL_3]);
        fprintf(f, ",%.9f,%.9f,%.9f,%.9f,%.9f\n", g.state[MPT_RADIO_IDLE], g.state[MPT_RADIO_PROMOTION],
                g.state[MPT_RADIO_ACTIVE],
                g.state[MPT_RADIO_TAIL_1] + g.state[MPT_RADIO_TAIL_2] + g.state[MPT_RADIO_TAIL_3],
                mpt_radio_rest(seat->radio));
    }
    if (ferror(f) | (fclose(f) != 0)) {
        snprintf(err, cap, "radios.csv: writing failed: %s", strerror(errno));
        return -1;
    }
    return 0;
}

void radios_head(FILE *f, const struct run *r)
{
    if (r->radios == NULL)
        return;
    for (size_t i = 0; i < r->config->paths; i++)
        if (r->radios->model[i] != NULL)
            fprintf(f, ",%1$s_energy_j,%1$s_power_w,%1$s_active_share,%1$s_open_share", r->config->path[i].name);
    fputs(",energy_j", f);
}

/* Of the phone, all its connections together, as the octets of its paths are. */
void radios_columns(FILE *f, const struct run *r, uint32_t phone)
{
    double sum = 0;

    if (r->radios == NULL)
        return;
    for (size_t i = 0; i < r->radios->seats; i++) {
        struct figures g;

        if (r->radios->seat[i].phone != phone)
            continue;
        g = figures_of(r->radios->seat[i].radio);
        sum += g.energy;
        fprintf(f, ",%.9f,%.9f,%.9f,%.9f", g.energy, g.mean, g.active, g.open);
    }
    fprintf(f, ",%.9f", sum);
}

/* One radio with its states in the words of its kind. */
static void put_radio(FILE *f, const struct radio_seat *seat)
{
    const struct run_path *p = &seat->run->config->path[seat->path];
    struct figures g = figures_of(seat->radio);
    size_t n = 0;

    fprintf(f, "\n    {\"phone\": %u, \"path\": \"%s\", \"profile\": \"%s\", \"energy_j\": %.9f, \"mean_power_w\": %.9f, "
            "\"promotions\": %" PRIu64 ", \"states\": {", seat->phone, p->name, p->model.profile, g.energy, g.mean,
            seat->radio->promotions);
    for (uint32_t s = 0; s < MPT_RADIO_STATES; s++)
        if (state_name(seat, s) != NULL)
            fprintf(f, "%s\"%s\": {\"time_s\": %.9f, \"energy_j\": %.9f}", n++ > 0 ? ", " : "", state_name(seat, s),
                    g.seconds[s], g.state[s]);
    fputs("}}", f);
}

void radios_json(FILE *f, const struct run *r)
{
    double sum = 0;

    if (r->radios == NULL)
        return;
    for (size_t i = 0; i < r->radios->seats; i++)
        sum += mpt_radio_energy(r->radios->seat[i].radio);
    fprintf(f, "  \"energy_j\": %.9f,\n  \"radios\": [", sum);
    for (size_t i = 0; i < r->radios->seats; i++) {
        if (i > 0)
            fputc(',', f);
        put_radio(f, &r->radios->seat[i]);
    }
    fputs("],\n", f);
}
