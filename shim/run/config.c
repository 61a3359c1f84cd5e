/* SPDX-License-Identifier: MIT */
/* run/config.c - the typed configuration of one run; see config.h. */
#include "run/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attack/attack.h"
#include "run/radioconf.h"
#include "run/schema.h"
#include "run/until.h"

static const char *const engine_names[] = {"loop", "ns3"};

const char *config_engine_name(uint32_t engine)
{
    return engine_names[engine];
}

/* ---- fields by offset --------------------------------------------------------------------------- */

/* The type of the row says what is at the offset; schema.def keeps the two together. */
static void store(void *base, const struct schema_key *k, const struct value *v)
{
    char *field = (char *)base + k->offset;

    switch (k->type) {
    case VALUE_BOOL:
    case VALUE_CHOICE:
        *(uint32_t *)field = (uint32_t)v->n;
        break;
    case VALUE_COUNT:
    case VALUE_TIME:
    case VALUE_RATE:
    case VALUE_SIZE:
    case VALUE_POWER:
    case VALUE_BIT_ENERGY:
        *(uint64_t *)field = v->n;
        break;
    case VALUE_PROB:
    case VALUE_REAL:
    case VALUE_LENGTH:
    case VALUE_SPEED:
        *(double *)field = v->x;
        break;
    case VALUE_TEXT:
        *(const char **)field = v->text;
        break;
    case VALUE_TIME_DRAW:
        *(struct span *)field = (struct span){v->n, v->n_high};
        break;
    case VALUE_SPEED_DRAW:
        *(struct span_speed *)field = (struct span_speed){v->x, v->x_high};
        break;
    }
}

/* The inverse of store, for printing. */
static void load(const void *base, const struct schema_key *k, struct value *v)
{
    const char *field = (const char *)base + k->offset;

    memset(v, 0, sizeof *v);
    switch (k->type) {
    case VALUE_BOOL:
    case VALUE_CHOICE:
        v->n = *(const uint32_t *)field;
        break;
    case VALUE_COUNT:
    case VALUE_TIME:
    case VALUE_RATE:
    case VALUE_SIZE:
    case VALUE_POWER:
    case VALUE_BIT_ENERGY:
        v->n = *(const uint64_t *)field;
        break;
    case VALUE_PROB:
    case VALUE_REAL:
    case VALUE_LENGTH:
    case VALUE_SPEED:
        v->x = *(const double *)field;
        break;
    case VALUE_TEXT:
        v->text = *(const char *const *)field;
        break;
    case VALUE_TIME_DRAW:
        v->n = ((const struct span *)field)->low;
        v->n_high = ((const struct span *)field)->high;
        break;
    case VALUE_SPEED_DRAW:
        v->x = ((const struct span_speed *)field)->low;
        v->x_high = ((const struct span_speed *)field)->high;
        break;
    }
}

/* Defaults are texts like any value, so the table is read as the user would write it. An empty
 * one means 0, which memset has seen to. */
static void store_defaults(void *base, enum schema_scope scope)
{
    const struct schema_key *k;
    struct value v;
    char why[128];

    for (size_t i = 0; (k = schema_key(i)) != NULL; i++) {
        if (k->scope != scope || (k->def[0] == '\0' && k->type != VALUE_TEXT))
            continue;
        if (units_parse(k->type, k->least, k->def, &v, why, sizeof why) < 0) {
            fprintf(stderr, "mpsim: schema.def: %s: %s\n", k->key, why);
            abort(); /* our own table */
        }
        store(base, k, &v);
    }
}

/* No path yet: the file says which there are. */
void config_init(struct run_config *c)
{
    memset(c, 0, sizeof *c);
    store_defaults(c, SCOPE_RUN);
    mpt_config_default(&c->stack[SIDE_CLIENT]);
    mpt_config_default(&c->stack[SIDE_SERVER]);
}

/* The struct is still zero from config_init; only what has a default is set. */
int config_add_path(struct run_config *c, const char *name)
{
    struct run_path *p = &c->path[c->paths];

    if (c->paths == SHIM_PATHS_MAX || name[0] == '\0' || strlen(name) >= sizeof p->name)
        return -1;
    store_defaults(p, SCOPE_PATH);
    strcpy(p->name, name);
    c->paths++;
    return 0;
}

/* ---- applying a setting ------------------------------------------------------------------------- */

/* The value against the bounds of its row. */
static int check_range(const struct schema_key *k, const struct value *v, char *why, size_t cap)
{
    struct value bound;
    char ignored[8];

    if (k->type == VALUE_CHOICE || k->type == VALUE_TEXT || k->type == VALUE_BOOL)
        return 0;
    if (k->least[0] != '\0' && units_parse(k->type, "", k->least, &bound, ignored, sizeof ignored) == 0 &&
        units_compare(k->type, v, 0, &bound) < 0) {
        snprintf(why, cap, "'%s' is too small; at least %s", v->text, k->least);
        return -1;
    }
    if (k->most[0] != '\0' && units_parse(k->type, "", k->most, &bound, ignored, sizeof ignored) == 0 &&
        units_compare(k->type, v, 1, &bound) > 0) {
        snprintf(why, cap, "'%s' is too large; at most %s", v->text, k->most);
        return -1;
    }
    return 0;
}

/* What was written and what is 0 by default are different things in a change. */
static void mark_change(struct run_change *ch, const char *key)
{
    static const struct {
        const char *key;
        uint32_t kind;
    } kinds[] = {{"rate", CHANGE_RATE}, {"delay", CHANGE_DELAY}, {"loss", CHANGE_LOSS},
                 {"down", CHANGE_DOWN}, {"address", CHANGE_ADDRESS}};

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i].key, key) == 0)
            ch->kinds |= 1u << kinds[i].kind;
    if (strcmp(key, "at") == 0)
        ch->has_at = 1;
}

/* A handful of paths: no index is worth it. */
static struct run_path *find_path(struct run_config *c, const char *name)
{
    for (size_t i = 0; i < c->paths; i++)
        if (strcmp(c->path[i].name, name) == 0)
            return &c->path[i];
    return NULL;
}

/* With the names there are: most often it is a misspelling. */
static void complain_path(const struct run_config *c, const struct setting *s, const char *name,
                          struct diag *d)
{
    char names[SHIM_PATHS_MAX * 18] = "";

    for (size_t i = 0; i < c->paths; i++)
        snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s", i > 0 ? ", " : "",
                 c->path[i].name);
    diag_add(d, s->key_at, "there is no path '%s'; the scenario has %s", name, names);
}

/* The last text for a key counts, at its first place: the order of run.json does not depend on
 * overrides. */
static void remember_option(struct run_config *c, int side, const char *key, const char *value)
{
    size_t i = 0;

    while (i < c->options[side] && strcmp(c->option[side][i].key, key) != 0)
        i++;
    if (i == OPTIONS_MAX)
        return;
    c->option[side][i] = (struct run_option){key, value};
    if (i == c->options[side])
        c->options[side]++;
}

/* libmpt's own line about the option, and what is allowed. */
static void explain_option(const char *option, const char *value, struct place at, struct diag *d)
{
    const char *name, *help = "";
    char range[96];
    size_t i = 0;

    while ((name = mpt_config_key(i, &help)) != NULL && strcmp(name, option) != 0)
        i++;
    schema_option_range(i, range, sizeof range);
    diag_add(d, at, "'%s' is not a value of '%s' (%s): %s", value, option, range, name != NULL ? help : "");
}

/* "stack." goes to both sides. libmpt parses and judges the value; there is no second table here. */
static void apply_stack(struct run_config *c, const struct schema_match *m, const struct setting *s,
                        struct diag *d)
{
    for (int side = 0; side < SIDES; side++) {
        const char *only = side == SIDE_CLIENT ? "client" : "server";
        int e;

        if (strcmp(m->stack, "stack") != 0 && strcmp(m->stack, only) != 0)
            continue;
        e = mpt_config_set(&c->stack[side], m->option, s->value);
        if (e < 0) {
            explain_option(m->option, s->value, s->value_at, d);
            return;
        }
        remember_option(c, side, m->option, s->value);
    }
}

/* As with changes: the next one is made when it is first written. */
static struct run_attack *find_attack(struct run_path *p, const struct schema_match *m, const struct setting *s,
                                      struct diag *d)
{
    if (m->index >= ATTACKS_MAX || m->index > p->attacks) {
        diag_add(d, s->key_at, "attack %u does not exist; path '%s' has %zu, at most %d", m->index, m->path,
                 p->attacks, ATTACKS_MAX);
        return NULL;
    }
    if (m->index == p->attacks) {
        memset(&p->attack[m->index], 0, sizeof p->attack[0]);
        store_defaults(&p->attack[m->index], SCOPE_ATTACK);
        p->attacks++;
    }
    return &p->attack[m->index];
}

/* Made when it is first written, too. */
static struct run_radio *find_radio(struct run_config *c, const struct schema_match *m, const struct setting *s,
                                    struct diag *d)
{
    struct run_radio *radio = radioconf_named(c, m->radio);

    if (radio == NULL)
        diag_add(d, s->key_at, "too many radios; at most %d", RADIOS_MAX);
    return radio;
}

/* The struct that holds the field, or NULL with an error. */
static void *find_base(struct run_config *c, const struct schema_match *m, const struct setting *s,
                       struct diag *d)
{
    struct run_path *p;

    if (m->scope == SCOPE_RUN)
        return c;
    if (m->scope == SCOPE_RADIO && m->path[0] == '\0')
        return find_radio(c, m, s, d);
    p = find_path(c, m->path);
    if (p == NULL) {
        complain_path(c, s, m->path, d);
        return NULL;
    }
    if (m->scope == SCOPE_PATH)
        return p;
    if (m->scope == SCOPE_RADIO)
        return &p->model;
    if (m->scope == SCOPE_ATTACK)
        return find_attack(p, m, s, d);
    if (m->index >= SHIM_CHANGES_MAX || m->index > p->changes) {
        diag_add(d, s->key_at, "change %u does not exist; path '%s' has %zu", m->index, m->path, p->changes);
        return NULL;
    }
    /* elements are written in their order, so a new one is always the next */
    if (m->index == p->changes) {
        memset(&p->change[m->index], 0, sizeof p->change[0]);
        store_defaults(&p->change[m->index], SCOPE_CHANGE);
        p->changes++;
    }
    return &p->change[m->index];
}

/* "paths.NAME.changes.*", "paths.NAME.attacks.*": a new list follows. */
static int forget_changes(struct run_config *c, const char *key)
{
    size_t n = strlen(key);

    if (n < 2 || strcmp(key + n - 2, ".*") != 0)
        return 0;
    for (size_t i = 0; i < c->paths; i++) {
        size_t len = strlen(c->path[i].name);

        if (strncmp(key + 6, c->path[i].name, len) != 0 || key[6 + len] != '.')
            continue;
        if (key[6 + len + 1] == 'a')
            c->path[i].attacks = 0;
        else
            c->path[i].changes = 0;
    }
    return 1;
}

/* A mistake is noted and the old value stays, so that the settings behind it are looked at too. */
void config_apply(struct run_config *c, const struct setting *s, struct diag *d)
{
    struct schema_match m;
    struct value v;
    char why[256];
    void *base;

    if (forget_changes(c, s->key) || schema_find(s->key, &m) < 0)
        return; /* unknown keys were reported where they are written */
    if (m.scope == SCOPE_STACK) {
        apply_stack(c, &m, s, d);
        return;
    }
    base = find_base(c, &m, s, d);
    if (base == NULL)
        return;
    if (units_parse(m.key->type, m.key->least, s->value, &v, why, sizeof why) < 0 ||
        check_range(m.key, &v, why, sizeof why) < 0) {
        diag_add(d, s->value_at, "%s: %s", m.key->key, why);
        return;
    }
    store(base, m.key, &v);
    if (m.scope == SCOPE_CHANGE)
        mark_change(base, m.key->key);
    else if (m.scope == SCOPE_RADIO)
        radioconf_mark(base, m.key);
    else if (m.scope == SCOPE_RUN && strcmp(m.key->key, "traffic.first") == 0)
        c->has_first = 1;
}

/* ---- what cannot be together -------------------------------------------------------------------- */

/* See schema.h for the bits. A section of the other engine rests, any other key it does not know
 * is an error. */
int config_honours(const struct run_config *c, unsigned engines)
{
    unsigned mine = c->engine == ENGINE_NS3 ? NS3 : LOOP;

    if (engines & mine)
        return 1;
    if (engines == SECTION_LOOP && c->point_to_point)
        return 1; /* ns-3's point-to-point links are made from link: */
    return engines & SECTION ? 0 : -1;
}

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

/* ---- printing ----------------------------------------------------------------------------------- */

/* Where config_each sends what it finds. */
struct printer {
    void (*each)(void *ctx, const char *key, const char *value);
    void *ctx;
};

int config_secure_by_tls(const struct mpt_config *stack)
{
    return stack->sec != MPT_SECURE_OFF && stack->sec_kx == MPT_SECURE_TLS;
}

/* Keys of generators that this run does not use. */
static int generator_rests(const struct run_config *c, const char *key)
{
    static const struct {
        const char *prefix;
        uint32_t kind, or_kind;
    } owners[] = {{"siri.", TRAFFIC_SIRI, TRAFFIC_SIRIMSG}, {"web.", TRAFFIC_WEB, TRAFFIC_WEB},
                  {"stream.", TRAFFIC_STREAM, TRAFFIC_STREAM}, {"onoff.", TRAFFIC_ONOFF, TRAFFIC_ONOFF},
                  {"phone.", TRAFFIC_PHONE, TRAFFIC_PHONE}};

    if (strcmp(key, "traffic.for") == 0)
        return c->traffic_kind == TRAFFIC_MSG || c->traffic_kind == TRAFFIC_BULK || c->traffic_kind == TRAFFIC_WEB;
    for (size_t i = 0; i < sizeof owners / sizeof owners[0]; i++)
        if (strncmp(key, owners[i].prefix, strlen(owners[i].prefix)) == 0)
            return c->traffic_kind != owners[i].kind && c->traffic_kind != owners[i].or_kind;
    return 0;
}

/* Keys of a feature that is off say nothing, and results from before it are still finished runs. */
static int rests(const struct run_config *c, const char *key)
{
    if (strcmp(key, "server_link.addresses") == 0)
        return c->server_addresses == 1;
    if (strcmp(key, "traffic.wait") == 0)
        return !c->wait;
    if (generator_rests(c, key))
        return 1;
    if (strcmp(key, "outcome") == 0)
        return !c->outcome;
    if (strcmp(key, "progress") == 0)
        return !c->progress;
    if (strcmp(key, "until") == 0 || strcmp(key, "repeat_min") == 0)
        return c->until == NULL || c->until[0] == '\0';
    if (strncmp(key, "sec.", 4) == 0)
        return c->stack[SIDE_CLIENT].sec == MPT_SECURE_OFF && c->stack[SIDE_SERVER].sec == MPT_SECURE_OFF;
    if (strncmp(key, "tls.", 4) == 0)
        return !c->tls && !config_secure_by_tls(&c->stack[SIDE_CLIENT]) && !config_secure_by_tls(&c->stack[SIDE_SERVER]);
    return !c->tls && strcmp(key, "traffic.tls") == 0;
}

/* Likewise of a path. */
static int path_rests(const struct run_path *p, const char *key)
{
    return p->overhead == 0 && strcmp(key, "link.overhead") == 0;
}

/* Whether a key of a radio says something: those of other kinds do not. The profile is the catalogue's, since
 * what radios.NAME changed stands beside it. */
static int radio_rests(const struct run_radio *radio, const struct schema_key *k)
{
    return radio->base == NULL || !radioconf_suits(k, radio->value.kind);
}

/* In the order of schema.def, with the prefix of the section. */
static void print_scope(const struct printer *pr, const void *base, enum schema_scope scope,
                        const char *prefix)
{
    const struct schema_key *k;
    struct value v;
    char key[128], text[320];

    for (size_t i = 0; (k = schema_key(i)) != NULL; i++) {
        if (k->scope != scope || (scope == SCOPE_RUN && rests(base, k->key)) ||
            (scope == SCOPE_PATH && path_rests(base, k->key)) ||
            (scope == SCOPE_RADIO && radio_rests(base, k)))
            continue;
        load(base, k, &v);
        if (scope == SCOPE_RADIO && k->type == VALUE_TEXT)
            v.text = ((const struct run_radio *)base)->base;
        if (k->type == VALUE_TEXT && v.text == NULL)
            v.text = "";
        units_format(k->type, k->least, &v, text, sizeof text);
        snprintf(key, sizeof key, "%s%s", prefix, k->key);
        pr->each(pr->ctx, key, text);
    }
}

/* Of a change only what was written: the other fields have no meaning. */
static void print_change(const struct printer *pr, const struct run_change *ch, const char *prefix)
{
    static const char *const names[] = {"rate", "delay", "loss", "down", "address"};
    const struct schema_key *k;
    struct value v;
    char key[128], text[64];

    for (size_t i = 0; (k = schema_key(i)) != NULL; i++) {
        int written = strcmp(k->key, "at") == 0 || strcmp(k->key, "direction") == 0;

        if (k->scope != SCOPE_CHANGE)
            continue;
        for (uint32_t kind = 0; kind < 5 && !written; kind++)
            written = (ch->kinds >> kind & 1) && strcmp(names[kind], k->key) == 0;
        if (!written)
            continue;
        load(ch, k, &v);
        units_format(k->type, k->least, &v, text, sizeof text);
        snprintf(key, sizeof key, "%s%s", prefix, k->key);
        pr->each(pr->ctx, key, text);
    }
}

/* Fixed order: the hash of the configuration depends on it. */
void config_each(const struct run_config *c, void (*each)(void *ctx, const char *key, const char *value),
                 void *ctx)
{
    struct printer pr = {each, ctx};
    char prefix[96];

    print_scope(&pr, c, SCOPE_RUN, "");
    for (size_t i = 0; i < c->paths; i++) {
        const struct run_path *p = &c->path[i];

        snprintf(prefix, sizeof prefix, "paths.%s.", p->name);
        print_scope(&pr, p, SCOPE_PATH, prefix);
        snprintf(prefix, sizeof prefix, "paths.%s.radio.", p->name);
        print_scope(&pr, &p->model, SCOPE_RADIO, prefix);
        for (size_t j = 0; j < p->changes; j++) {
            snprintf(prefix, sizeof prefix, "paths.%s.changes.%zu.", p->name, j);
            print_change(&pr, &p->change[j], prefix);
        }
        for (size_t j = 0; j < p->attacks; j++) {
            snprintf(prefix, sizeof prefix, "paths.%s.attacks.%zu.", p->name, j);
            print_scope(&pr, &p->attack[j], SCOPE_ATTACK, prefix);
        }
    }
    for (int side = 0; side < SIDES; side++)
        for (size_t i = 0; i < c->options[side]; i++) {
            snprintf(prefix, sizeof prefix, "%s.%s", side == SIDE_CLIENT ? "client" : "server",
                     c->option[side][i].key);
            each(ctx, prefix, c->option[side][i].value);
        }
}
