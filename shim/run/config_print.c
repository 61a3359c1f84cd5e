/* SPDX-License-Identifier: MIT */
/* run/config_print.c - a configuration as keys and texts, without those that say nothing; see config.h. Called by command_explain.c,
 * runjson.c and for the hash of a run. */
#include "run/config.h"

#include <stdio.h>
#include <string.h>

#include "run/radioconf.h"
#include "run/schema.h"

/* The type of the row says what is at the offset: the inverse of store() in config.c. */
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
