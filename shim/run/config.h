/* SPDX-License-Identifier: MIT */
/* run/config.h - the resolved, typed configuration of one run.
 *
 * Defaults of schema.def, then every setting in order; config_check() then looks for what is impossible
 * together. Nothing random is drawn here: network.c does that from the seed. Called by scenario.c,
 * command_explain.c; read by everything that runs. */
#ifndef RUN_CONFIG_H
#define RUN_CONFIG_H

#include <stddef.h>
#include <stdint.h>

#include "radio/radio.h"
#include "run/diag.h"
#include "run/units.h"
#include "shim.h"

enum { ENGINE_LOOP, ENGINE_NS3 };
enum { TRAFFIC_MSG, TRAFFIC_BULK, TRAFFIC_SIRI, TRAFFIC_SIRIMSG, TRAFFIC_WEB, TRAFFIC_STREAM, TRAFFIC_ONOFF,
       TRAFFIC_PHONE };
enum { ONOFF_EXPONENTIAL, ONOFF_PARETO };
enum { SEC_SERVER_GOOD, SEC_SERVER_NONE, SEC_SERVER_OTHER };
enum { SEC_PSK_SAME, SEC_PSK_OTHER };
enum { CERTIFICATE_GOOD, CERTIFICATE_CA, CERTIFICATE_HOST, CERTIFICATE_EXPIRED };
enum { DIRECTION_UP, DIRECTION_DOWN, DIRECTION_BOTH };

/* A time or speed that may be random: U(low, high), or low == high. */
struct span {
    uint64_t low, high; /* ns */
};
struct span_speed {
    double low, high; /* m/s */
};

/* One element of paths.NAME.changes. Which of the values count is in kinds. */
struct run_change {
    struct span at;      /* from the start of the clients */
    uint32_t direction;  /* 0 both, 1 up, 2 down */
    uint32_t down;       /* silent loss of everything */
    uint32_t address;    /* 0: interface down with notice */
    double loss;
    /* bit/s, ns one way: the new values */
    uint64_t rate;
    uint64_t delay;
    uint32_t kinds;      /* bit per enum change_kind that was written */
    uint32_t has_at;     /* `at` was written */
};

/* One element of paths.NAME.attacks; what is 0 is the catalogue's (attack/attack.h). */
struct run_attack {
    const char *name;    /* "none": rests */
    struct span at;      /* from the start of the clients */
    uint64_t until;      /* likewise; 0: never ends */
    uint32_t direction;  /* 0 both, 1 up, 2 down */
    uint32_t present;    /* 0: not there */
    uint32_t hears;      /* listens on every path */
    uint32_t everywhere; /* acts on every path */
    uint32_t zero;
    uint64_t every, count;    /* packets, times */
    uint64_t delay, interval; /* ns */
    uint64_t offset;          /* octets */
};
/* A radio: radios.NAME, or what paths.NAME.radio says of that path's. Only what was written counts until
 * radioconf.c has filled in the rest from the profile. */
struct run_radio {
    char name[24];           /* radios.NAME; "" in a path */
    const char *profile;     /* its base: of the catalogue, or another of radios; NULL or "none": no model */
    const char *base;        /* resolved: the profile of the catalogue at the bottom; NULL: no model */
    uint64_t written;        /* bit per RADIO_KEY, in the order of schema.def */
    struct mpt_radio_profile value; /* what was written; resolved: everything */
};
enum { RADIOS_MAX = 16 };
enum { ATTACKS_MAX = 8 }; /* of all paths: MPT_ATTACK_PLAYS */

/* One path, paths.NAME; the meaning of each field stands in schema.def. */
struct run_path {
    char name[16];           /* "wifi" */
    double loss;             /* probability */
    double burst;            /* packets; 0: independent losses */
    double reorder;          /* probability */
    double duplicate;        /* probability */
    double corrupt;          /* probability */
    uint64_t reorder_delay;  /* ns */
    uint64_t extra_delay;    /* ns, one way */
    uint64_t promotion;      /* ns */
    uint64_t idle_after;     /* ns */
    uint32_t idle_at_start;  /* the radio begins idle */
    uint32_t backup;         /* the address comes up with MPT_ADDRESS_BACKUP */
    uint64_t mtu;            /* octets */
    uint64_t rate;           /* link: bit/s; 0: no serialisation delay */
    uint64_t delay;          /* link: ns, one way */
    uint64_t jitter;         /* link: ns */
    uint64_t link_mtu;       /* link: octets; 0: no hop with a smaller MTU */
    uint32_t mtu_icmp;       /* link: too large packets are answered by ICMP */
    uint64_t ecn_threshold;  /* link: octets; 0: no marking */
    uint64_t queue;          /* link: octets; 0: network.c chooses */
    uint64_t overhead;       /* link: octets of each packet on the wire besides IP's */
    uint32_t radio;          /* radio: enum radio_kind */
    double distance;         /* radio: m */
    uint64_t fading;         /* radio: Nakagami m */
    struct run_radio model;  /* radio: states and energy */
    struct run_change change[SHIM_CHANGES_MAX]; /* in the order of the file */
    size_t changes;
    struct run_attack attack[ATTACKS_MAX];      /* likewise */
    size_t attacks;
};

/* A stack option that was written, in libmpt's own words. */
struct run_option {
    const char *key;   /* libmpt's: "tcp.rto_min" */
    const char *value; /* "200ms" */
};

/* Both stacks. */
enum { SIDE_CLIENT, SIDE_SERVER, SIDES, OPTIONS_MAX = 64 };

/* Generators (gen_*.c say where the numbers come from). */
struct siri_config {
    uint64_t query, answer;           /* octets */
    uint64_t interval;                /* ns */
    uint64_t chunk_least, chunk_most; /* octets */
    uint64_t window;                  /* most queries without an answer */
    uint64_t burst, pause;            /* sirimsg: queries; ns */
    uint64_t msg_interval;            /* sirimsg: ns */
};

struct web_config {
    uint64_t pages;           /* of a connection */
    uint64_t request;         /* octets */
    uint64_t main, object;    /* octets: medians of main and embedded objects */
    double main_sigma, object_sigma; /* of their logarithms */
    uint64_t objects;         /* most of them in a page */
    uint64_t parse, think;    /* ns: means */
};

struct stream_config {
    uint64_t rate;            /* bit/s */
    uint64_t frame;           /* ns */
    uint64_t deadline;        /* ns */
};

struct onoff_config {
    uint32_t distribution;    /* ONOFF_* */
    uint64_t on, off;         /* ns: means */
    double shape;             /* of Pareto */
    uint64_t rate;            /* bit/s while on */
    uint64_t piece;           /* ns: from write to write */
};

struct phone_config {
    double idle, elephants;   /* shares of flows */
    uint64_t request;         /* octets */
    uint64_t small, little, large; /* octets, medians: short flows, answers of idle ones, elephants */
    double sigma;             /* of short flows */
    uint64_t gap;             /* ns: mean, of idle flows */
};

struct run_config {
    const char *name;            /* of the scenario; in its pool */
    const char *description;     /* likewise */
    uint32_t engine;             /* ENGINE_* */
    uint64_t duration;           /* ns, from start */
    uint64_t start;              /* ns, when the clients come up */
    uint64_t repeat;             /* seeds of a campaign, at most */
    const char *until;           /* when a point has seeds enough (until.h), NULL or empty: after repeat */
    uint64_t repeat_min;         /* with until: seeds in any case */
    uint64_t seed;               /* the first of them */
    uint64_t phones;
    uint64_t connections;        /* of each phone */
    uint32_t ipv6;
    uint32_t point_to_point;     /* ns-3 without radios */
    uint64_t series;             /* ns; 0: no series.csv */
    uint32_t outcome;            /* what the attacks made of it, against the same run without them */
    uint32_t progress;           /* write progress.csv */
    uint32_t trace, pcap, dsn;   /* write trace.jsonl, *.pcap, data.csv */
    uint32_t traffic_kind;       /* TRAFFIC_* */
    uint64_t traffic_for;        /* ns: requests leave that long (siri and later kinds) */
    struct siri_config siri;
    struct web_config web;
    struct stream_config stream;
    struct onoff_config onoff;
    struct phone_config phone;
    uint64_t request, response;  /* msg: octets */
    uint64_t interval;           /* msg: ns */
    uint64_t count;              /* msg: requests of a connection */
    uint32_t wait;               /* msg: one request at a time */
    struct span first;           /* msg: first request, from start */
    uint32_t has_first;          /* 0: not written; scenario.c then makes it U(0, interval) */
    uint32_t direction;          /* bulk: DIRECTION_* */
    uint64_t bulk_size;          /* bulk: octets each way */
    uint32_t tls;                /* the applications speak TLS 1.3 */
    uint32_t tls_cipher;         /* tls: TLS_CHACHA20_POLY1305, TLS_AES_256_GCM */
    uint32_t tls_certificate;    /* tls: CERTIFICATE_* */
    uint32_t sec_server;         /* MPTCPsec: SEC_SERVER_* */
    uint32_t sec_psk;            /* MPTCPsec: SEC_PSK_* */
    uint64_t tls_record;         /* tls: plaintext octets of a record */
    uint64_t server_rate;        /* server_link: bit/s */
    uint64_t server_delay;       /* server_link: ns, one way */
    uint64_t server_jitter;      /* server_link: ns */
    uint64_t server_addresses;   /* server_link: interfaces of the server */
    uint64_t server_queue;       /* server_link: octets; 0: network.c chooses */
    uint32_t walk;               /* the phones walk */
    struct span_speed speed;     /* of the walk */
    uint64_t walk_at;            /* ns, from start */
    uint64_t walk_for;           /* ns, until it turns */
    uint64_t cross_phones;       /* other stations */
    uint64_t cross_rate;         /* bit/s each */
    struct run_path path[SHIM_PATHS_MAX]; /* in the order of the file */
    size_t paths;
    struct run_radio radio[RADIOS_MAX];   /* radios.NAME, in the order in which they were written */
    size_t radios;
    struct mpt_config stack[SIDES];       /* SIDE_CLIENT, SIDE_SERVER */
    struct run_option option[SIDES][OPTIONS_MAX]; /* what was written, for run.json and the hash */
    size_t options[SIDES];
};

/* One key = value somewhere; key and value live in the scenario's pool. */
struct setting {
    const char *key;       /* dotted; ends in ".*" to forget all earlier elements of a list */
    const char *value;
    struct place key_at;   /* where the key is written */
    struct place value_at; /* where the value is */
    const char *origin;    /* "file", "variant jwd", "axis lte=idle", "--set" */
};

/* All defaults, no path. */
void config_init(struct run_config *c);
/* Adds a path; -1: too many or the name is too long. */
int config_add_path(struct run_config *c, const char *name);
/* Applies one setting; errors go to d with their place. */
void config_apply(struct run_config *c, const struct setting *s, struct diag *d);
/* Where a key was written, or else a key that begins like it, or else the file. */
struct config_places {
    struct place (*find)(void *ctx, const char *key); /* key: dotted */
    void *ctx;                                        /* first argument of find */
};
/* What cannot be together. */
void config_check(const struct run_config *c, const struct config_places *places, struct diag *d);
/* MPTCPsec's handshake on this host is TLS: it looks at certificate and cipher as TLS of the applications does. */
int config_secure_by_tls(const struct mpt_config *stack);
/* Does the engine honour a key with these schema engines? 1 yes, 0 it rests (section), -1 it is an error. */
int config_honours(const struct run_config *c, unsigned engines);
/* Calls each for every key and its value as text, in a fixed order: hash, run.json, explain. */
void config_each(const struct run_config *c, void (*each)(void *ctx, const char *key, const char *value),
                 void *ctx);
/* As in directory names and in --engine. */
const char *config_engine_name(uint32_t engine);

#endif
