/* SPDX-License-Identifier: MIT */
/* simworld.c - two stacks on the loop engine and the judge of a case (see simworld.h). */
#include "simworld.h"

#include "simapp.h"

#include "conn/conn.h"
#include "ip.h"
#include "loop/loop.h"
#include "secure/secure.h"
#include "simsec.h"
#include "simstrip.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PACKETS_MAX = 3000000 };

/* ---- what the stacks get --------------------------------------------------------------------------- */

static void *sim_alloc(void *ctx, void *old, size_t old_size, size_t new_size)
{
    struct sim_memory *m = ctx;
    void *p;

    if (!new_size) {
        m->bytes -= old_size;
        free(old);
        return NULL;
    }
    m->calls++;
    if (m->fail_at && (m->calls == m->fail_at || (m->for_good && m->calls > m->fail_at))) {
        m->failed++;
        return NULL;
    }
    p = realloc(old, new_size);
    if (p)
        m->bytes += new_size - old_size;
    return p;
}

static void print_event(void *ctx, const struct mpt_trace *e)
{
    struct sim_side *side = ctx;
    const char *names[4], *kind = mpt_trace_describe(e->kind, names);

    fprintf(stderr, "%12.6f %s c%u s%u %s", (double)e->at / 1e9, side->host ? "client" : "server", e->conn, e->subflow,
            kind);
    for (int i = 0; i < 4; i++)
        if (names[i][0])
            fprintf(stderr, " %s=%llu", names[i], (unsigned long long)e->v[i]);
    fputc('\n', stderr);
}

/* ---- upcalls of the engine ------------------------------------------------------------------------- */

static void on_receive(void *ctx, uint32_t host, uint32_t ifid, uint8_t *ip, size_t len, uint64_t now)
{
    struct sim_world *w = ctx;

    pump_input(&w->side[host].pump, ifid, ip, len, now);
}

static void print_packet(uint32_t host, uint32_t ifid, int dir, const uint8_t *ip, size_t len, uint64_t now)
{
    struct ip_view v;
    char line[512];

    if (ip_parse(ip, len, &v) < 0)
        return;
    line[mpt_dump(v.payload, v.payload_len, line, sizeof line - 1)] = 0;
    fprintf(stderr, "%12.6f %s if%u %s %s\n", (double)now / 1e9, host ? "client" : "server", ifid, dir ? "<-" : "->",
            line);
}

static void on_tap(void *ctx, uint32_t host, uint32_t ifid, int dir, const uint8_t *ip, size_t len, uint64_t now)
{
    struct sim_world *w = ctx;

    if (w->trace)
        print_packet(host, ifid, dir, ip, len, now);
    if (dir)
        return;
    hash_u64(&w->hash, now);
    hash_bytes(&w->hash, ip, len);
    if (w->pcap)
        pcap_write(w->pcap, ip, len, now);
    if (++w->packets > PACKETS_MAX)
        simapp_fault(w, "more than %d packets: a storm", PACKETS_MAX);
}

/* Purposes that the path manager `endpoints` reads: servers announce, clients join, some of them to every address. */
static uint32_t purpose(uint32_t host, uint32_t ifid)
{
    return !host ? MPT_ADDRESS_SIGNAL : ifid & 1 ? MPT_ADDRESS_SUBFLOW : MPT_ADDRESS_SUBFLOW | MPT_ADDRESS_FULLMESH;
}

static void on_address(void *ctx, uint32_t host, uint32_t ifid, int up, uint64_t now)
{
    struct sim_world *w = ctx;
    const struct path_config *p = &w->plan->topology.path[ifid - 1];
    struct mpt_addr a;

    if (w->sim->ops->address(w->sim, host, ifid, &a) < 0)
        return;
    if (up)
        (void)mpt_address_up(w->side[host].stack, &a, ifid, p->mtu,
                             purpose(host, ifid) | (p->backup ? MPT_ADDRESS_BACKUP : 0), now);
    else
        (void)mpt_address_down(w->side[host].stack, &a, now);
    pump_run(&w->side[host].pump, now);
}

/* ---- set-up ---------------------------------------------------------------------------------------- */

static void addresses_up(struct sim_world *w)
{
    const struct topology *t = &w->plan->topology;
    struct mpt_addr a;

    for (uint32_t i = 1; i <= t->paths; i++)
        on_address(w, 1, i, 1, 0);
    for (uint32_t i = 1; i <= (t->server_multihomed ? t->paths : 1); i++)
        if (w->sim->ops->address(w->sim, 0, i, &a) == 0)
            (void)mpt_address_up(w->side[0].stack, &a, i, 1500, purpose(0, i), 0);
}

static int start_side(struct sim_world *w, uint32_t host)
{
    struct sim_side *side = &w->side[host];
    struct mpt_env env = { .size = sizeof env, .alloc = sim_alloc, .alloc_ctx = &side->memory, .random = rng_random,
                           .random_ctx = &side->entropy, .trace = w->trace ? print_event : NULL, .trace_ctx = side };

    side->world = w;
    side->host = host;
    rng_init(&side->entropy, w->plan->seed, host ? "entropy/client" : "entropy/server");
    if (mpt_stack_new(&side->stack, &env, &w->plan->config[host], 0) < 0)
        return -1;
    if (w->plan->secure && simsec_identify(w->plan, host, side->stack) < 0)
        return -1;
    return pump_init(&side->pump, w->sim, host, side->stack, simapp_event, side);
}

/* Just before the first path goes: may this client's connection go on? */
static int is_ready(const struct sim_world *w, struct mpt_conn *c)
{
    struct mpt_subflow *sf;
    int others = 0;

    if (!c)
        return 1;
    MPT_EACH_SUBFLOW(c, sf)
        others += sf->member == MPT_MEMBER_FULL && mpt_subflow_usable(sf) && sf->flow.ifid > 1;
    if (w->plan->flip_from && !(mpt_secure_keyed(c) && c->secure->heard))
        return 0;
    return c->multipath && c->confirmed && (others || (w->plan->handover_at && !w->plan->handover_silent));
}

static void fire_handover(void *arg, uint64_t now)
{
    struct sim_world *w = arg;

    (void)now;
    for (uint32_t i = 0; i < w->plan->conns; i++) {
        struct sim_end *e = &w->side[1].end[i];

        e->unready = e->peer->unready = !e->begun || !is_ready(w, e->conn) || (w->plan->flip_from && !is_ready(w, e->peer->conn));
    }
}

static void put_strips(struct sim_world *w)
{
    for (size_t i = 0; i < w->plan->topology.paths; i++)
        for (int dir = PATH_UP; dir <= PATH_DOWN; dir++) {
            struct path *path = loop_path(w->sim, 1, i);
            struct box *box;

            if (!w->plan->strip[i].what || !(w->plan->strip[i].dirs >> dir & 1))
                continue;
            box = simstrip_new(path_pool(path), w->plan->strip[i].what, w->plan->strip[i].from);
            if (!box || path_insert(path, (enum path_dir)dir, box) < 0)
                simapp_fault(w, "no room for a box");
        }
}

static void put_flips(struct sim_world *w)
{
    struct path *path = loop_path(w->sim, 1, 0);

    for (int dir = PATH_UP; dir <= PATH_DOWN && w->plan->flip_from; dir++) {
        struct box *box = simsec_flip(path_pool(path), w->plan->flip_permille, w->plan->flip_from, w->plan->seed + (uint64_t)dir);

        if (!box || path_insert(path, (enum path_dir)dir, box) < 0)
            simapp_fault(w, "no room for a box");
    }
}

static int start(struct sim_world *w)
{
    struct sim_upcalls up = { w, on_receive, on_tap, on_address };
    char err[128] = "";

    w->sim = loop_new(&w->plan->topology, &up, err, sizeof err);
    if (!w->sim) {
        snprintf(w->fault, sizeof w->fault, "no loop: %s", err);
        return -1;
    }
    if (start_side(w, 0) < 0 || start_side(w, 1) < 0)
        return -1;
    w->started = 1;
    put_strips(w);
    put_flips(w);
    addresses_up(w);
    simapp_start(w);
    w->handover.fire = fire_handover;
    w->handover.arg = w;
    if (w->plan->handover_at || w->plan->flip_from)
        w->sim->ops->timer_set(w->sim, &w->handover, (w->plan->handover_at ? w->plan->handover_at : w->plan->flip_from) - 1);
    return 0;
}

/* ---- the end --------------------------------------------------------------------------------------- */

static uint64_t count_of(const struct sim_side *side, const char *name)
{
    struct mpt_counter c;

    for (size_t i = 0; mpt_counter(side->stack, i, &c); i++)
        if (!strcmp(c.name, name))
            return c.value;
    return 0;
}

/* TIME-WAIT and lingering are over at the limit: a connection that is left was forgotten. */
static void judge_side(struct sim_world *w, struct sim_side *side)
{
    uint64_t bytes = 0;

    for (struct mpt_list *l = side->stack->conns.next; l != &side->stack->conns && !w->fault[0]; l = l->next) {
        struct mpt_conn *c = MPT_LIST_OWNER(l, struct mpt_conn, link);

        simapp_fault(w, "%s: connection %u is left in state %u with %u subflows", side->host ? "client" : "server",
                     c->number, c->state, c->subflow_count);
    }
    mpt_memory(side->stack, &bytes, NULL, NULL);
    if (bytes != side->memory.bytes)
        simapp_fault(w, "mpt_memory says %llu octets, %llu are out", (unsigned long long)bytes,
                     (unsigned long long)side->memory.bytes);
    if (side->pump.send_errors)
        simapp_fault(w, "%llu packets could not be sent", (unsigned long long)side->pump.send_errors);
    w->records += count_of(side, "JwdAccepted");
    w->secured += count_of(side, "SecKeyed");
    w->declined += count_of(side, "SecDeclined");
    w->forged += count_of(side, "SecBadTag");
    w->joins += count_of(side, "MPTcpExtMPJoinAckRx");
}

static void stop_side(struct sim_world *w, struct sim_side *side)
{
    for (uint32_t i = 0; i < SIM_CONNS_MAX; i++)
        simapp_stop(&side->end[i]);
    if (side->pump.sim)
        pump_clear(&side->pump);
    mpt_stack_free(side->stack);
    side->stack = NULL;
    if (side->memory.bytes)
        simapp_fault(w, "%s: %lld octets leaked", side->host ? "client" : "server", (long long)side->memory.bytes);
}

static void reset(struct sim_world *w, const struct sim_case *plan)
{
    struct pcap *pcap = w->pcap;
    FILE *keys = w->keys;
    int trace = w->trace, may_wait = w->may_wait;
    struct sim_memory m[2] = { w->side[0].memory, w->side[1].memory };

    memset(w, 0, sizeof *w);
    w->plan = plan;
    w->pcap = pcap;
    w->keys = keys;
    w->trace = trace;
    w->may_wait = may_wait;
    for (int h = 0; h < 2; h++) {
        w->side[h].memory.fail_at = m[h].fail_at ? m[h].fail_at : plan->fail_at[h];
        w->side[h].memory.for_good = m[h].for_good;
    }
    hash_init(&w->hash);
}

void simworld_run(struct sim_world *w, const struct sim_case *plan)
{
    reset(w, plan);
    if (start(w) == 0 && !w->fault[0]) {
        w->sim->ops->run(w->sim, plan->limit);
        w->ended_at = w->sim->ops->now(w->sim);
        if (!w->fault[0])
            simapp_judge(w);
        if (!w->fault[0]) {
            w->sim->ops->run(w->sim, plan->limit + UINT64_C(1000000000) * 1000);
            judge_side(w, &w->side[0]);
            judge_side(w, &w->side[1]);
        }
    }
    stop_side(w, &w->side[0]);
    stop_side(w, &w->side[1]);
    if (w->sim)
        w->sim->ops->free(w->sim);
    w->sim = NULL;
}
