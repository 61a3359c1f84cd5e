/* SPDX-License-Identifier: MIT */
/* api/config.c - configuration by name: one table (config.def) gives defaults, ranges, parsing and help. */
#include "api/config.h"

/* The first four are enum mpt_config_kind. */
enum type { TYPE_flag, TYPE_count, TYPE_size, TYPE_time, TYPE_cc, TYPE_sched, TYPE_pm, TYPE_jwd, TYPE_wire, TYPE_ecn, TYPE_fastclose,
            TYPE_fastopen, TYPE_sec, TYPE_sec_kx, TYPE_sec_aead };

struct key {
    const char *name;
    const char *help;
    size_t at;
    enum type type;
    uint64_t fallback, min, max;
};

static const struct key keys[] = {
#define X(key, field, type, def, min, max, help) \
    { key, help, offsetof(struct mpt_config, field), TYPE_##type, def, min, max },
#include "api/config.def"
#undef X
};
enum { KEYS = sizeof keys / sizeof keys[0] };

static const char *const names[][10] = {
    { "reno", "cubic", "lia", "olia", "balia", NULL },
    { "minrtt", "server", "roundrobin", "redundant", "blest", NULL },
    { "manual", "fullmesh", "backup", "break-before-make", "ndiffports", "endpoints", "oracle", "wifi-first",
      "energy-aware", NULL },
    { "off", "immediate", "validated", NULL, NULL },
    { "default", "linux", NULL, NULL, NULL },
    { "off", "passive", "on", NULL, NULL },
    { "rst", "ack", NULL },
    { "off", "client", "server", "both", NULL },
    { "off", "prefer", "require", NULL },
    { "x25519", "tls", "psk", NULL },
    { "any", "chacha20", "aes256gcm", NULL },
};

static int is_wide(enum type t)
{
    return t == TYPE_size || t == TYPE_time;
}

/* Times and sizes are 64 bit, flags and counts 32: the type of the key says which. */
static void store(struct mpt_config *c, const struct key *k, uint64_t v)
{
    uint32_t narrow = (uint32_t)v;

    if (is_wide(k->type))
        memcpy((char *)c + k->at, &v, sizeof v);
    else
        memcpy((char *)c + k->at, &narrow, sizeof narrow);
}

void mpt_config_default(struct mpt_config *config)
{
    memset(config, 0, sizeof *config);
    config->size = sizeof *config;
    for (size_t i = 0; i < KEYS; i++)
        store(config, &keys[i], keys[i].fallback);
}

const char *mpt_config_key(size_t i, const char **help)
{
    if (i >= KEYS)
        return NULL;
    if (help)
        *help = keys[i].help;
    return keys[i].name;
}

int mpt_config_range(size_t i, struct mpt_config_range *range)
{
    if (i >= KEYS)
        return MPT_ENOENT;
    *range = (struct mpt_config_range){
        .kind = keys[i].type < TYPE_cc ? (uint32_t)keys[i].type : MPT_KIND_NAME,
        .least = keys[i].min, .most = keys[i].max, .standard = keys[i].fallback };
    return 0;
}

/* Decimal digits; 0 octets used when there are none or they overflow. */
static size_t parse_digits(const char *s, uint64_t *v)
{
    size_t n = 0;

    for (*v = 0; s[n] >= '0' && s[n] <= '9'; n++) {
        if (*v > UINT64_MAX / 10 - 1)
            return 0;
        *v = *v * 10 + (uint64_t)(s[n] - '0');
    }
    return n;
}

/* A bare number of a time is ns, of a size octets; scenarios insist on units before they come here. */
static uint64_t unit_of(enum type t, const char *unit)
{
    static const struct {
        enum type type;
        const char *unit;
        uint64_t factor;
    } units[] = { { TYPE_time, "ns", 1 }, { TYPE_time, "us", 1000 }, { TYPE_time, "ms", 1000000 },
                  { TYPE_time, "s", 1000000000 }, { TYPE_time, "", 1 }, { TYPE_size, "", 1 }, { TYPE_size, "B", 1 },
                  { TYPE_size, "kB", 1000 }, { TYPE_size, "MB", 1000000 }, { TYPE_size, "KiB", 1024 },
                  { TYPE_size, "MiB", 1048576 }, { TYPE_count, "", 1 } };

    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (units[i].type == t && !strcmp(units[i].unit, unit))
            return units[i].factor;
    return 0;
}

static int parse_number(const struct key *k, const char *s, uint64_t *v)
{
    size_t n = parse_digits(s, v);
    uint64_t unit = n ? unit_of(k->type, s + n) : 0;

    if (!unit || *v > UINT64_MAX / unit)
        return MPT_EINVAL;
    *v *= unit;
    return *v < k->min || *v > k->max ? MPT_EINVAL : 0;
}

static int parse_name(const char *const *list, const char *s, uint64_t *v)
{
    for (*v = 0; list[*v]; (*v)++)
        if (!strcmp(list[*v], s))
            return 0;
    return MPT_EINVAL;
}

static int parse_flag(const char *s, uint64_t *v)
{
    static const char *const yes[] = { "1", "on", "true", "yes" }, *const no[] = { "0", "off", "false", "no" };

    for (size_t i = 0; i < 4; i++) {
        *v = !strcmp(s, yes[i]);
        if (*v || !strcmp(s, no[i]))
            return 0;
    }
    return MPT_EINVAL;
}

static int parse(const struct key *k, const char *s, uint64_t *v)
{
    switch (k->type) {
    case TYPE_flag:
        return parse_flag(s, v);
    case TYPE_cc:
    case TYPE_sched:
    case TYPE_pm:
    case TYPE_jwd:
    case TYPE_fastclose:
    case TYPE_wire:
    case TYPE_ecn:
    case TYPE_fastopen:
    case TYPE_sec:
    case TYPE_sec_kx:
    case TYPE_sec_aead:
        return parse_name(names[k->type - TYPE_cc], s, v);
    default:
        return parse_number(k, s, v);
    }
}

int mpt_config_set(struct mpt_config *config, const char *key, const char *value)
{
    uint64_t v;

    for (size_t i = 0; i < KEYS; i++) {
        if (strcmp(keys[i].name, key))
            continue;
        if (parse(&keys[i], value, &v) < 0)
            return MPT_EINVAL;
        store(config, &keys[i], v);
        return 0;
    }
    return MPT_ENOENT;
}

static uint64_t count_of(const char *const *list)
{
    uint64_t n = 0;

    while (list[n])
        n++;
    return n;
}

/* A configuration filled by hand meets the same bounds. */
int mpt_config_check(const struct mpt_config *config)
{
    if (config->size != sizeof *config)
        return MPT_EINVAL;
    for (size_t i = 0; i < KEYS; i++) {
        const struct key *k = &keys[i];
        uint64_t v = 0;
        uint32_t narrow;

        if (is_wide(k->type)) {
            memcpy(&v, (const char *)config + k->at, sizeof v);
        } else {
            memcpy(&narrow, (const char *)config + k->at, sizeof narrow);
            v = narrow;
        }
        if (k->type >= TYPE_cc ? v >= count_of(names[k->type - TYPE_cc]) : v < k->min || v > k->max)
            return MPT_EINVAL;
    }
    return 0;
}
