/* SPDX-License-Identifier: MIT */
/* run/runjson.c - run.json: what ran, with what, and what came out; see tables.h. Everything in it but
 * wall_s repeats exactly. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "run/attacks.h"
#include "run/cli.h"
#include "run/radios.h"
#include "run/record.h"
#include "run/tables.h"
#include "run/twin.h"

/* ---- identity ----------------------------------------------------------------------------------- */

/* How many runs there are and what they are called does not change a run. */
static int is_identity(const char *key)
{
    static const char *const keys[] = {"repeat", "until", "repeat_min", "seed", "description"};

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (strcmp(key, keys[i]) == 0)
            return 0;
    return 1;
}

/* Defaults count too, so a changed one makes old results stale. Of the stacks only what was written:
 * libmpt's own defaults go with its version. */
static void hash_pair(void *ctx, const char *key, const char *value)
{
    if (!is_identity(key))
        return;
    hash_bytes(ctx, key, strlen(key));
    hash_bytes(ctx, value, strlen(value));
}

/* With the versions: another libmpt is another result. */
void tables_hash_config(struct hash *h, const struct run_config *c, const char *label)
{
    hash_init(h);
    hash_bytes(h, CLI_VERSION, strlen(CLI_VERSION));
    hash_bytes(h, mpt_version(), strlen(mpt_version()));
    hash_bytes(h, label, strlen(label));
    config_each(c, hash_pair, h);
}

uint64_t tables_hash_seed(struct hash h, uint64_t seed)
{
    hash_u64(&h, seed);
    return hash_value(&h);
}

uint64_t tables_config_hash(const struct run_config *c, const char *label, uint64_t seed)
{
    struct hash h;

    tables_hash_config(&h, c, label);
    return tables_hash_seed(h, seed);
}

/* ---- JSON --------------------------------------------------------------------------------------- */

/* Names and paths are the user's: JSON wants quotes, backslashes and control characters escaped
 * (RFC 8259 7). */
static void put_string(FILE *f, const char *s)
{
    fputc('"', f);
    for (; *s != '\0'; s++) {
        unsigned char ch = (unsigned char)*s;

        if (ch == '"' || ch == '\\')
            fprintf(f, "\\%c", ch);
        else if (ch < 0x20)
            fprintf(f, "\\u%04x", ch);
        else
            fputc(ch, f);
    }
    fputc('"', f);
}

/* At the top level, with the comma: something always follows. */
static void put_member(FILE *f, const char *key, const char *value)
{
    fprintf(f, "  \"%s\": ", key);
    put_string(f, value);
    fputs(",\n", f);
}

/* The members of one object of strings. */
struct members {
    FILE *f;
    size_t count; /* so far, for the commas */
};

/* Called by config_each for every key. */
static void put_pair(void *ctx, const char *key, const char *value)
{
    struct members *m = ctx;

    fputs(m->count++ > 0 ? ",\n    " : "\n    ", m->f);
    put_string(m->f, key);
    fputs(": ", m->f);
    put_string(m->f, value);
}

/* "jwd,size=512B,lte=idle": the pairs after the variant. */
static void put_axes(FILE *f, const char *label)
{
    const char *p = strchr(label, ',');
    size_t n = 0;

    fputs("  \"axes\": {", f);
    /* p stands at the comma before each pair */
    for (; p != NULL; p = strchr(p, ',')) {
        int key = (int)strcspn(++p, "=,"), value = (int)strcspn(p, ",") - key - 1;

        fprintf(f, "%s\"%.*s\": \"%.*s\"", n++ > 0 ? ", " : "", key, p, value > 0 ? value : 0,
                p + key + (value > 0));
    }
    fputs("},\n", f);
}

/* Nine digits: nanoseconds of a time in seconds. */
static void put_draws(FILE *f, const struct network *n)
{
    fputs("  \"drawn\": {", f);
    for (size_t i = 0; i < n->draws; i++)
        fprintf(f, "%s\"%s\": %.9f", i > 0 ? ", " : "", n->draw[i].key, n->draw[i].value);
    fputs("},\n", f);
}

/* A phone's interface is its path's; the server's are called "server", "server2", and so on. */
static const char *interface_name(const struct run *r, size_t host, size_t ifid, char name[24])
{
    if (host != 0)
        return r->config->path[ifid - 1].name;
    snprintf(name, 24, ifid == 1 ? "server" : "server%zu", ifid);
    return name;
}

/* IP octets at the hosts' edges. */
static void put_interfaces(FILE *f, const struct run *r)
{
    char name[24];
    size_t n = 0;

    fputs("  \"interfaces\": [", f);
    for (size_t h = 0; h < r->hosts; h++)
        for (size_t i = 1; i <= (h == 0 ? r->config->server_addresses : r->config->paths); i++) {
            const struct carried *c = &r->host[h].carried[i];

            fprintf(f, "%s\n    {\"host\": %zu, \"path\": \"%s\", \"packets_out\": %" PRIu64
                    ", \"octets_out\": %" PRIu64 ", \"packets_in\": %" PRIu64 ", \"octets_in\": %" PRIu64 "}",
                    n++ > 0 ? "," : "", h, interface_name(r, h, i, name), c->packets[0],
                    c->octets[0], c->packets[1], c->octets[1]);
        }
    fputs("],\n", f);
}

/* Counters that counted, of the server and of all phones together. */
static void put_counters(FILE *f, const struct run *r, int side)
{
    struct mpt_counter c;
    size_t written = 0;

    fprintf(f, "  \"counters_%s\": {", side == SIDE_CLIENT ? "client" : "server");
    for (size_t i = 0; mpt_counter(r->host[0].stack, i, &c) > 0; i++) {
        uint64_t sum = side == SIDE_SERVER ? c.value : 0;

        for (size_t h = 1; side == SIDE_CLIENT && h < r->hosts; h++)
            if (mpt_counter(r->host[h].stack, i, &c) > 0)
                sum += c.value;
        if (sum != 0)
            fprintf(f, "%s\"%s\": %" PRIu64, written++ > 0 ? ", " : "", c.name, sum);
    }
    fputs("},\n", f);
}

/* The first moment at which a path goes silent: time zero of handover figures. */
static void put_loss(FILE *f, const struct topology *t)
{
    uint64_t first = MPT_NEVER;
    char text[32];

    for (size_t i = 0; i < t->paths; i++)
        for (size_t j = 0; j < t->path[i].changes; j++) {
            const struct path_change *ch = &t->path[i].change[j];

            if (ch->kind == CHANGE_DOWN && ch->value != 0 && ch->at < first)
                first = ch->at;
        }
    if (first != MPT_NEVER)
        fprintf(f, "  \"loss_at_s\": %s,\n", record_seconds(first, text));
}

/* Only with TLS: handshakes and failures of both ends of all connections, ciphertext octets of each side. */
static void put_secure(FILE *f, const struct run *r)
{
    uint64_t done[SIDES] = {0}, failed[SIDES] = {0}, out[SIDES] = {0};

    for (size_t i = 0; i < r->sessions; i++)
        for (int side = 0; side < SIDES; side++) {
            const struct apptls *e = &r->session[i].apptls[side];

            done[side] += e->done_at != 0;
            failed[side] += e->failed;
            out[side] += e->octets[1];
        }
    fprintf(f, "  \"tls\": {\"version\": \"%s\", \"handshakes_client\": %" PRIu64 ", \"handshakes_server\": %" PRIu64
            ", \"errors_client\": %" PRIu64 ", \"errors_server\": %" PRIu64 ", \"octets_client\": %" PRIu64
            ", \"octets_server\": %" PRIu64 "},\n", tls_version(), done[SIDE_CLIENT], done[SIDE_SERVER],
            failed[SIDE_CLIENT], failed[SIDE_SERVER], out[SIDE_CLIENT], out[SIDE_SERVER]);
}

/* Everything that came out of the run; only wall_s may differ between two runs. */
static void put_outcome(FILE *f, const struct run *r)
{
    char t[32];

    fprintf(f, "  \"start_s\": %s,\n", record_seconds(r->config->start, t));
    fprintf(f, "  \"end_s\": %s,\n", record_seconds(r->ended_at, t));
    fprintf(f, "  \"wall_s\": %.3f,\n  \"status\": 0,\n", r->wall);
    fprintf(f, "  \"packets\": %" PRIu64 ",\n  \"byte_hash\": \"%016" PRIx64 "\",\n", r->rec.packets,
            hash_value(&r->rec.hash));
    put_loss(f, &r->network.topology);
    twin_json(f, r);
    if (r->config->tls)
        put_secure(f, r);
    put_draws(f, &r->network);
    put_interfaces(f, r);
    attacks_json(f, r);
    radios_json(f, r);
    put_counters(f, r, SIDE_CLIENT);
    put_counters(f, r, SIDE_SERVER);
}

/* Identity first, then the outcome, then every key and its value. */
int tables_write_json(struct run *r, const char *dir, char *err, size_t cap)
{
    FILE *f = record_file(dir, "run.json", err, cap);
    struct members m = {f, 0};

    if (f == NULL)
        return -1;
    fputs("{\n", f);
    put_member(f, "scenario", r->scenario);
    put_member(f, "engine", config_engine_name(r->config->engine));
    put_member(f, "variant", r->variant);
    put_axes(f, r->label);
    fprintf(f, "  \"seed\": %" PRIu64 ",\n  \"config_hash\": \"%016" PRIx64 "\",\n", r->seed,
            tables_config_hash(r->config, r->label, r->seed));
    fprintf(f, "  \"versions\": {\"mpsim\": \"%s\", \"libmpt\": \"%s\"},\n", CLI_VERSION, mpt_version());
    put_outcome(f, r);
    fputs("  \"configuration\": {", f);
    config_each(r->config, put_pair, &m);
    fputs("\n  }\n}\n", f);
    if (ferror(f) | (fclose(f) != 0)) {
        snprintf(err, cap, "run.json: writing failed: %s", strerror(errno));
        return -1;
    }
    return 0;
}
