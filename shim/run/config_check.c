/* SPDX-License-Identifier: MIT */
/* run/config_check.c - what is impossible together in a configuration; see config.h. Called by scenario.c. */
#include "run/config.h"

#include <stdio.h>
#include <string.h>

#include "attack/attack.h"
#include "run/schema.h"
#include "run/until.h"

/* What the checks look at and where they complain. */
struct checker {
    const struct run_config *c;
    const struct config_places *places;
    struct diag *d;
};

/* Where a message about a key of a path should point. */
static struct place place_of(const struct checker *k, const char *path, const char *key)
{
    char dotted[128];

    snprintf(dotted, sizeof dotted, "paths.%s.%s", path, key);
    return k->places->find(k->places->ctx, dotted);
}

/* A change that would do nothing is most likely a misspelt or forgotten key. */
static void check_change(const struct checker *k, const struct run_path *p, size_t i)
{
    const struct run_change *ch = &p->change[i];
    struct place at;
    char key[32];

    snprintf(key, sizeof key, "changes.%zu.at", i);
    at = place_of(k, p->name, key);
    if (!ch->has_at)
        diag_add(k->d, at, "paths.%s.changes: change %zu has no 'at'", p->name, i);
    if (ch->kinds == 0)
        diag_add(k->d, at,
                 "paths.%s.changes: change %zu changes nothing; write one of down, loss, rate, delay or address",
                 p->name, i);
    if (ch->at.low > k->c->duration)
        diag_add(k->d, at, "paths.%s.changes: change %zu is after the end of the run", p->name, i);
}

/* With the name that was probably meant. */
static void check_attack(const struct checker *k, const struct run_path *p, size_t i)
{
    const struct run_attack *a = &p->attack[i];
    const struct mpt_attack_row *row;
    const char *near = NULL;
    unsigned best = 4;
    char key[48];

    snprintf(key, sizeof key, "attacks.%zu.name", i);
    if (a->until && a->until <= a->at.low)
        diag_add(k->d, place_of(k, p->name, key), "paths.%s.attacks: attack %zu ends before it begins", p->name, i);
    if (strcmp(a->name, "none") == 0 || mpt_attack_find(a->name) != NULL)
        return;
    for (size_t j = 0; (row = mpt_attack_catalogue(j)) != NULL; j++)
        if (schema_distance(a->name, row->name) < best) {
            best = schema_distance(a->name, row->name);
            near = row->name;
        }
    if (near != NULL)
        diag_add(k->d, place_of(k, p->name, key), "there is no attack '%s', did you mean '%s'?", a->name, near);
    else
        diag_add(k->d, place_of(k, p->name, key), "there is no attack '%s' (see `mpsim list attacks`)", a->name);
}

/* Values that are fine alone and wrong beside others; bounds of single values stand in
 * schema.def. */
static void check_path(const struct checker *k, const struct run_path *p)
{
    for (size_t i = 0; i < p->changes; i++)
        check_change(k, p, i);
    for (size_t i = 0; i < p->attacks; i++)
        check_attack(k, p, i);
    if (p->burst != 0 && p->burst < 1)
        diag_add(k->d, place_of(k, p->name, "burst"), "a burst is at least 1 packet long (0: no bursts)");
    if (p->idle_at_start && p->promotion == 0)
        diag_add(k->d, place_of(k, p->name, "idle_at_start"),
                 "an idle radio needs a promotion, like 'promotion: 260ms'");
    if (k->c->engine == ENGINE_NS3 && !k->c->point_to_point && p->radio == RADIO_NONE)
        diag_add(k->d, place_of(k, p->name, "radio.kind"),
                 "paths.%s.radio.kind: engine ns3 needs wifi or lte here (or point_to_point: true)", p->name);
    if (k->c->engine == ENGINE_NS3 && p->mtu > 1500)
        diag_add(k->d, place_of(k, p->name, "mtu"), "paths.%s.mtu: engine ns3 takes at most 1500B", p->name);
    if (p->link_mtu && p->link_mtu < (k->c->ipv6 ? 1280 : 576))
        diag_add(k->d, place_of(k, p->name, "link.mtu"), "paths.%s.link.mtu: at least %s, or 0 for none", p->name,
                 k->c->ipv6 ? "1280B (RFC 8200 5)" : "576B (RFC 1122 3.3.3)");
    if (k->c->ipv6 && p->mtu < 1280)
        diag_add(k->d, place_of(k, p->name, "mtu"), "IPv6 needs at least 1280B (RFC 8200 5)");
}

/* What ns-3 would only say when a run has begun. */
static void check_ns3(const struct run_config *c, const struct config_places *places, struct diag *d)
{
    size_t lte = 0;

    for (size_t i = 0; i < c->paths; i++)
        lte += c->path[i].radio == RADIO_LTE && !c->point_to_point;
    if (c->server_rate == 0 && !c->point_to_point) /* direct wires need no link behind them */
        diag_add(d, places->find(places->ctx, "server_link.rate"), "server_link.rate: engine ns3 needs a rate above 0");
    if (lte > 1)
        diag_add(d, places->find(places->ctx, "paths"), "engine ns3 has one LTE radio a phone; %zu paths want one", lte);
}

/* A host that must have MPTCPsec and may not have Multipath TCP can do nothing but refuse. */
static void check_secure(const struct run_config *c, const struct config_places *places, struct diag *d)
{
    static const char *const side[] = {[SIDE_CLIENT] = "client", [SIDE_SERVER] = "server"};

    for (int i = 0; i < SIDES; i++)
        if (c->stack[i].sec == MPT_SECURE_REQUIRE && !c->stack[i].mptcp) {
            diag_add(d, places->find(places->ctx, "stack.mptcp"),
                     "sec: require needs Multipath TCP, and the %s has mptcp: 0", side[i]);
            return; /* both sides have it of `stack:` most often */
        }
}

/* A campaign would find out only after its first runs. */
static void check_until(const struct run_config *c, const struct config_places *places, struct diag *d)
{
    char column[64], why[256];
    int relative;
    double bound;

    if (c->until == NULL || c->until[0] == '\0')
        return;
    if (until_parse(c->until, column, &bound, &relative, why, sizeof why) < 0)
        diag_add(d, places->find(places->ctx, "until"), "until: %s", why);
    else if (c->repeat < c->repeat_min)
        diag_add(d, places->find(places->ctx, "repeat"),
                 "until: repeat: %llu is the most seeds of a point, and less than repeat_min: %llu",
                 (unsigned long long)c->repeat, (unsigned long long)c->repeat_min);
}

/* Keys of generators that are wrong beside others. */
static void check_traffic(const struct run_config *c, const struct config_places *places, struct diag *d)
{
    int siri = c->traffic_kind == TRAFFIC_SIRI || c->traffic_kind == TRAFFIC_SIRIMSG;

    if (siri && c->siri.chunk_least > c->siri.chunk_most)
        diag_add(d, places->find(places->ctx, "siri.chunk_least"), "siri.chunk_least is above siri.chunk_most");
    if ((c->traffic_kind == TRAFFIC_STREAM || c->traffic_kind == TRAFFIC_ONOFF) && c->direction == DIRECTION_BOTH)
        diag_add(d, places->find(places->ctx, "traffic.direction"), "traffic.direction: stream and onoff go up or down");
    if (c->traffic_kind == TRAFFIC_PHONE && c->phone.idle + c->phone.elephants > 1)
        diag_add(d, places->find(places->ctx, "phone.idle"), "phone.idle and phone.elephants are more than all flows");
}

/* Every check runs, so that all mistakes are told at once. */
void config_check(const struct run_config *c, const struct config_places *places, struct diag *d)
{
    struct checker k = {c, places, d};
    size_t attacks = 0;

    check_until(c, places, d);
    check_secure(c, places, d);
    if (c->progress && c->series == 0)
        diag_add(d, places->find(places->ctx, "progress"), "progress: a row each `series`, which is 0");
    if (c->paths == 0)
        diag_add(d, places->find(places->ctx, "paths"),
                 "there is no path; write 'paths:' with at least one, like 'wifi: {link: {delay: 7ms}}'");
    for (size_t i = 0; i < c->paths; i++)
        check_path(&k, &c->path[i]);
    for (size_t i = 0; i < c->paths; i++)
        attacks += c->path[i].attacks;
    if (attacks > ATTACKS_MAX)
        diag_add(d, places->find(places->ctx, "paths"), "%zu attacks; a phone's attacker takes at most %d", attacks,
                 ATTACKS_MAX);
    check_traffic(c, places, d);
    if (c->traffic_kind != TRAFFIC_BULK && c->has_first && c->first.low > c->duration)
        diag_add(d, places->find(places->ctx, "traffic.first"), "the first request is after the end of the run");
    if (c->name && (strchr(c->name, '/') || !*c->name || *c->name == '.'))
        diag_add(d, places->find(places->ctx, "name"), "name: it becomes a directory of the results: no '/', no dot in front");
    if (c->engine == ENGINE_NS3)
        check_ns3(c, places, d);
    if (c->phones * c->connections > 100000)
        diag_add(d, places->find(places->ctx, "connections"), "phones x connections is %llu; at most 100000",
                 (unsigned long long)(c->phones * c->connections));
}
