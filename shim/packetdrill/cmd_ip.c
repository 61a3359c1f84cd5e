/* SPDX-License-Identifier: MIT */
/* cmd_ip.c - `ip` for the stand-in: mptcp endpoint and limits, addr, link (ip-mptcp(8), ip-address(8)). There is one
 * device, whatever a script calls it, and no route: what the peer sends to an address of ours arrives. */
#include "host.h"

#include <stdlib.h>
#include <string.h>

/* iproute2: 255 for words it does not understand, 2 for what the kernel refuses. */
enum { BAD_WORDS = 255, REFUSED = 2 };

struct request {
    struct mpt_addr addr; /* family 0: none given */
    unsigned id, port;
    uint32_t set, cleared; /* enum pd_endpoint_flags */
    char dev[16];
};

static const struct {
    const char *name;
    uint32_t flag;
    int clear;
} flag_words[] = { { "signal", PD_SIGNAL, 0 },     { "subflow", PD_SUBFLOW, 0 },     { "backup", PD_BACKUP, 0 },
                   { "fullmesh", PD_FULLMESH, 0 }, { "nobackup", PD_BACKUP, 1 },     { "nofullmesh", PD_FULLMESH, 1 } };
enum { FLAG_WORDS = sizeof flag_words / sizeof flag_words[0] };

/* strtoul alone would take "12x" and "". */
static int number(const char *text, unsigned most, unsigned *value)
{
    char *end;
    unsigned long v = strtoul(text ? text : "", &end, 10);

    if (!text || !*text || *end || v > most)
        return -1;
    *value = (unsigned)v;
    return 0;
}

/* Words of ip-mptcp(8); "no..." is for change only, where it clears. */
static int is_flag(struct request *r, const char *word)
{
    for (int i = 0; i < FLAG_WORDS; i++)
        if (!strcmp(word, flag_words[i].name)) {
            *(flag_words[i].clear ? &r->cleared : &r->set) |= flag_words[i].flag;
            return 1;
        }
    return 0;
}

/* iproute2 names the word that it does not understand. */
static int bad_word(const char *word, FILE *err)
{
    fprintf(err, "Error: argument \"%s\" is wrong\n", word ? word : "");
    return BAD_WORDS;
}

/* Words in any order, as ip(8) takes them. */
static int read_request(struct request *r, char **words, FILE *err)
{
    memset(r, 0, sizeof *r);
    for (; *words; words++) {
        int two = !strcmp(*words, "id") || !strcmp(*words, "port") || !strcmp(*words, "dev");

        if (two && !words[1])
            return bad_word(*words, err);
        if (!strcmp(*words, "dev")) {
            snprintf(r->dev, sizeof r->dev, "%s", *++words);
        } else if (two) {
            int id = !strcmp(*words++, "id");

            if (number(*words, id ? 255 : 65535, id ? &r->id : &r->port) < 0)
                return bad_word(*words, err);
        } else if (!is_flag(r, *words) && (r->addr.family || pd_addr_parse(*words, &r->addr) < 0)) {
            return bad_word(*words, err);
        }
    }
    return 0;
}

/* ---- endpoints ---- */

/* The id wins over the address (ip-mptcp(8): del id N). */
static struct pd_endpoint *find(struct pd_host *host, const struct request *r)
{
    for (int i = 0; i < PD_ENDPOINTS; i++) {
        struct pd_endpoint *e = &host->endpoint[i];

        if (e->addr.family && (r->id ? e->id == r->id : e->addr.family == r->addr.family &&
                               !memcmp(e->addr.ip, r->addr.ip, sizeof e->addr.ip)))
            return e;
    }
    return NULL;
}

/* The least that is free, from 1. */
static unsigned free_id(struct pd_host *host)
{
    struct request r = { .id = 1 };

    while (find(host, &r))
        r.id++;
    return r.id;
}

/* The core keeps the id of an address that is up; one that no socket uses may go and come with another. */
static int is_used(const struct pd_host *host, const struct mpt_addr *addr)
{
    struct mpt_subflow_info info = { .size = sizeof info };

    for (const struct pd_socket *so = host->sockets; so; so = so->next)
        for (size_t i = 0; so->conn && mpt_subflow_info(so->conn, i, &info) == 1; i++)
            if (info.local.family == addr->family && !memcmp(info.local.ip, addr->ip, sizeof addr->ip))
                return 1;
    return 0;
}

static uint32_t core_flags(uint32_t flags)
{
    return (flags & PD_SIGNAL ? MPT_ADDRESS_SIGNAL : 0u) | (flags & PD_SUBFLOW ? MPT_ADDRESS_SUBFLOW : 0u) |
           (flags & PD_BACKUP ? MPT_ADDRESS_BACKUP : 0u) | (flags & PD_FULLMESH ? MPT_ADDRESS_FULLMESH : 0u);
}

static int apply(struct pd_host *host, const struct pd_endpoint *e, uint32_t flags)
{
    return mpt_address_up(host->stack, &e->addr, 1, host->mtu, core_flags(flags) | e->id << 8, host->now);
}

static void note_local(struct pd_host *host, const struct mpt_addr *addr)
{
    struct mpt_addr plain = *addr;

    plain.port = 0;
    if (!pd_host_has(host, &plain) && host->locals < sizeof host->local / sizeof host->local[0])
        host->local[host->locals++] = plain;
}

static int refused(const char *why, FILE *err)
{
    fprintf(err, "Error: %s.\n", why);
    return REFUSED;
}

/* The rules of the kernel's path manager: a port needs signal, and signal excludes fullmesh. */
static int endpoint_add(struct pd_host *host, struct request *r, FILE *err)
{
    struct pd_endpoint *e = NULL;

    if (!r->addr.family)
        return bad_word("address", err);
    if (find(host, r))
        return refused("an endpoint with this address or id exists", err);
    if (r->port && !(r->set & PD_SIGNAL))
        return refused("flags must have signal when using port", err);
    if ((r->set & PD_SIGNAL) && (r->set & PD_FULLMESH))
        return refused("flags mustn't have both signal and fullmesh", err);
    for (int i = 0; i < PD_ENDPOINTS && !e; i++)
        e = host->endpoint[i].addr.family ? NULL : &host->endpoint[i];
    if (!e)
        return refused("too many endpoints", err);
    e->addr = r->addr;
    e->addr.port = (uint16_t)r->port;
    e->id = r->id ? r->id : free_id(host);
    e->flags = r->set;
    snprintf(e->dev, sizeof e->dev, "%s", r->dev);
    if (pd_host_has(host, &r->addr) && !is_used(host, &r->addr))
        mpt_address_down(host->stack, &r->addr, host->now);
    if (apply(host, e, e->flags) < 0) {
        memset(e, 0, sizeof *e);
        return refused("libmpt does not take this endpoint", err);
    }
    note_local(host, &r->addr);
    return 0;
}

/* The address stays: only its use as an endpoint ends (RFC 8684 3.4.2). */
static int endpoint_del(struct pd_host *host, struct request *r, FILE *err)
{
    struct pd_endpoint *e = find(host, r);

    if (!e)
        return refused("no endpoint with this address or id", err);
    e->addr.port = 0;
    apply(host, e, 0);
    memset(e, 0, sizeof *e);
    return 0;
}

/* A changed backup flag is told to peers by MP_PRIO (RFC 8684 3.3.8): the core does. */
static int endpoint_change(struct pd_host *host, struct request *r, FILE *err)
{
    struct pd_endpoint *e = find(host, r);

    if (!e)
        return refused("no endpoint with this address or id", err);
    e->flags = (e->flags | r->set) & ~r->cleared;
    return apply(host, e, e->flags) < 0 ? refused("libmpt does not take these flags", err) : 0;
}

/* As ip mptcp endpoint show prints it. */
static void print_endpoint(const struct pd_endpoint *e, FILE *out)
{
    char text[64];

    ip_format(&e->addr, text, sizeof text);
    fprintf(out, "%s ", text);
    if (e->addr.port)
        fprintf(out, "port %u ", e->addr.port);
    fprintf(out, "id %u ", e->id);
    for (int i = 0; i < 4; i++)
        if (e->flags & flag_words[i].flag)
            fprintf(out, "%s ", flag_words[i].name);
    if (e->dev[0])
        fprintf(out, "dev %s ", e->dev);
    fputs("\n", out);
}

/* show and flush take all that match. */
static int endpoint(struct pd_host *host, char **words, FILE *out, FILE *err)
{
    const char *verb = words[0] ? words[0] : "show";
    struct request r;
    int status = read_request(&r, words[0] ? words + 1 : words, err);

    if (status)
        return status;
    if (!strcmp(verb, "add"))
        return endpoint_add(host, &r, err);
    if (!strcmp(verb, "delete") || !strcmp(verb, "del"))
        return endpoint_del(host, &r, err);
    if (!strcmp(verb, "change"))
        return endpoint_change(host, &r, err);
    if (strcmp(verb, "show") && strcmp(verb, "flush"))
        return bad_word(verb, err);
    for (int i = 0; i < PD_ENDPOINTS; i++) {
        struct pd_endpoint *e = &host->endpoint[i];

        if (!e->addr.family || (r.id && e->id != r.id))
            continue;
        r.addr = e->addr;
        if (*verb == 's')
            print_endpoint(e, out);
        else
            endpoint_del(host, &r, err);
    }
    return 0;
}

/* ---- limits ---- */

static int limit(struct pd_host *host, const char *key, const char *value)
{
    unsigned v;

    return number(value, 8, &v) < 0 ? -1 : pd_host_set(host, key, value); /* Linux: at most 8 */
}

/* One or both, in any order. */
static int limits(struct pd_host *host, char **words, FILE *out, FILE *err)
{
    if (!words[0] || !strcmp(words[0], "show")) {
        fprintf(out, "add_addr_accepted %u subflows %u \n", host->config.limits_add_addr_accepted,
                host->config.limits_subflows);
        return 0;
    }
    if (strcmp(words[0], "set"))
        return bad_word(words[0], err);
    for (words++; *words; words += 2) {
        int subflows = !strncmp(*words, "subflow", 7);

        if (!subflows && strcmp(*words, "add_addr_accepted"))
            return bad_word(*words, err);
        if (limit(host, subflows ? "limits.subflows" : "limits.add_addr_accepted", words[1]) < 0)
            return words[1] ? refused("limit is not from 0 to 8", err) : bad_word(*words, err);
    }
    return 0;
}

static int mptcp(struct pd_host *host, char **words, FILE *out, FILE *err)
{
    if (words[0] && !strncmp(words[0], "endpoint", strlen(words[0])))
        return endpoint(host, words + 1, out, err);
    if (words[0] && !strncmp(words[0], "limits", strlen(words[0])))
        return limits(host, words + 1, out, err);
    return bad_word(words[0], err);
}

/* ---- addresses, device ---- */

static void drop_local(struct pd_host *host, const struct mpt_addr *addr)
{
    for (unsigned i = 0; i < host->locals; i++)
        if (host->local[i].family == addr->family && !memcmp(host->local[i].ip, addr->ip, sizeof addr->ip)) {
            host->local[i] = host->local[--host->locals];
            return;
        }
}

/* add of an address that is there is no error here: a packet may have brought it. */
static int addr_change(struct pd_host *host, char **words, FILE *err)
{
    struct mpt_addr addr;

    if (!words[1] || pd_addr_parse(words[1], &addr) < 0)
        return bad_word(words[1], err);
    if (words[0][0] == 'd') {
        if (!pd_host_has(host, &addr))
            return refused("Address not found", err);
        mpt_address_down(host->stack, &addr, host->now);
        drop_local(host, &addr);
        return 0;
    }
    if (pd_host_has(host, &addr) && strcmp(words[0], "replace"))
        return 0; /* what a packet or a flag brought up before */
    return pd_host_address(host, &addr) ? refused("too many addresses", err) : 0;
}

static int address(struct pd_host *host, char **words, FILE *out, FILE *err)
{
    char text[64];

    if (words[0] && strcmp(words[0], "show") && strcmp(words[0], "list"))
        return !strcmp(words[0], "add") || !strcmp(words[0], "del") || !strcmp(words[0], "delete") ||
                       !strcmp(words[0], "replace")
                   ? addr_change(host, words, err)
                   : bad_word(words[0], err);
    for (unsigned i = 0; i < host->locals; i++) {
        ip_format(&host->local[i], text, sizeof text);
        fprintf(out, "    %s %s\n", host->local[i].family == 4 ? "inet" : "inet6", text);
    }
    return 0;
}

/* One device under any name; only its MTU can change. */
static int link_set(struct pd_host *host, char **words, FILE *out, FILE *err)
{
    unsigned mtu = host->mtu;

    for (; *words; words++) {
        if (!strcmp(*words, "mtu") && (number(words[1], 65535, &mtu) < 0 || mtu < MPT_MTU_MIN))
            return bad_word(words[1], err);
        if (!strcmp(*words, "down"))
            return refused("the device cannot go down; ip addr del takes an address away", err);
    }
    if (mtu == host->mtu) {
        fputs("ip link: nothing to do: libmpt's device is up\n", out);
        return 0;
    }
    host->mtu = mtu;
    for (unsigned i = 0; i < host->locals; i++) {
        struct request r = { .addr = host->local[i] };
        const struct pd_endpoint *e = find(host, &r);

        mpt_address_up(host->stack, &host->local[i], 1, mtu, e ? core_flags(e->flags) : 0, host->now);
    }
    return 0;
}

int pd_cmd_ip(struct pd_host *host, char **words, FILE *out, FILE *err)
{
    while (*words && words[0][0] == '-') /* -4, -6, -j, ...: the same answer */
        words++;
    if (!*words)
        return bad_word("", err);
    if (!strcmp(*words, "mptcp"))
        return mptcp(host, words + 1, out, err);
    if (!strncmp("address", *words, strlen(*words)))
        return address(host, words + 1, out, err);
    if (!strcmp(*words, "link"))
        return link_set(host, words + 1, out, err);
    if (!strcmp(*words, "route") || !strcmp(*words, "rule") || !strcmp(*words, "tcp_metrics")) {
        fprintf(out, "ip %s: nothing to do: libmpt has no routes\n", *words);
        return 0;
    }
    return bad_word(*words, err);
}
