/* SPDX-License-Identifier: MIT */
/* dialog.c - time, packets and application of a dialogue (dialog.h). Timers fire before a segment that arrives at the
 * same time; the application reads at once unless a test says otherwise. */
#include "dialog/private.h"

#include "ip.h"
#include "pcap.h"
#include "shim.h"

/* ---- environment ---- */

static void give_random(void *ctx, void *out, size_t n)
{
    struct dialog *d = ctx;
    uint8_t *p = out;

    for (size_t i = 0; i < n; i++) {
        if (d->script_at < d->script_len) {
            p[i] = d->script[d->script_at++];
            continue;
        }
        if (d->stuck) {
            p[i] = 7;
            continue;
        }
        d->rng += UINT64_C(0x9E3779B97F4A7C15);
        p[i] = (uint8_t)((d->rng ^ d->rng >> 30) * UINT64_C(0xBF58476D1CE4E5B9) >> 56);
    }
}

/* As realloc; every octet is counted. */
static void *give_memory(void *ctx, void *old, size_t old_size, size_t new_size)
{
    struct dialog *d = ctx;
    void *p;

    if (!new_size) {
        d->memory -= old_size;
        free(old);
        return NULL;
    }
    if (d->refuse_memory) {
        d->refuse_memory--;
        return NULL;
    }
    p = realloc(old, new_size);
    assert_non_null(p);
    d->memory += new_size - old_size;
    return p;
}

/* ---- pcap: what the stacks of all dialogues of a program sent, one behind the other ---- */

static struct pcap pcap;
static uint8_t dialogue; /* number of this one */

static void open_pcap(void)
{
    const char *name = getenv("DIALOG_PCAP");

    dialogue++;
    if (name && !pcap.file)
        assert_int_equal(pcap_start(&pcap, fopen(name, "wb")), 0);
}

/* Addresses of its own for every dialogue, or a reader would take them all for one connection. The checksum is moved
 * by what was added to the pseudo header (RFC 1624), so that a wrong one stays wrong. */
static void renumber(struct mpt_packet *p)
{
    size_t at = p->local.family == 4 ? 1 : 5; /* low octets of 16-bit words that have room */
    uint32_t sum = (uint16_t)~mpt_bytes_get16(p->data + 16);

    p->local.ip[at] = (uint8_t)(p->local.ip[at] + dialogue);
    p->remote.ip[at] = (uint8_t)(p->remote.ip[at] + dialogue);
    sum += 2u * dialogue;
    sum = (sum & 0xffff) + (sum >> 16);
    mpt_bytes_put16(p->data + 16, (uint16_t)~sum);
}

static void save(const struct dialog *d, const struct mpt_packet *packet)
{
    uint8_t copy[DIALOG_SEGMENT + SHIM_HEADROOM];
    struct mpt_packet p = *packet;
    size_t len;
    uint8_t *ip;

    if (!pcap.file)
        return;
    p.data = copy + SHIM_HEADROOM;
    memcpy(p.data, packet->data, packet->len);
    renumber(&p);
    ip = ip_build(&p, 1, &len);
    assert_non_null(ip);
    assert_int_equal(pcap_write(&pcap, ip, len, d->now), 0);
}

void dialog_init(struct dialog *d, const char *const *settings)
{
    struct mpt_env env = { .size = sizeof env, .alloc = give_memory, .alloc_ctx = d, .random = give_random,
                           .random_ctx = d };
    struct mpt_addr a;
    uint32_t token;

    memset(d, 0, sizeof *d);
    d->queue = calloc(DIALOG_QUEUE, sizeof *d->queue);
    assert_non_null(d->queue);
    open_pcap();
    d->auto_read = 1;
    d->peer_wscale = 7;
    d->first_read_at = MPT_NEVER;
    d->key_peer = UINT64_C(0x1112131415161718);
    dialog_keys(d->key_peer, &token, &d->idsn_peer);
    mpt_config_default(&d->config);
    for (; settings && *settings; settings++) {
        char key[64];
        const char *value = strchr(*settings, '=');

        snprintf(key, sizeof key, "%.*s", (int)(value - *settings), *settings);
        if (!strcmp(key, "ipv6"))
            d->ipv6 = 1;
        else
            assert_int_equal(mpt_config_set(&d->config, key, value + 1), 0);
    }
    assert_int_equal(mpt_stack_new(&d->stack, &env, &d->config, 0), 0);
    for (uint8_t host = 1; host <= 3; host++) {
        dialog_addr(d, &a, 1, host);
        if (host < 3) /* the third comes up later */
            assert_int_equal(mpt_address_up(d->stack, &a, host, 1500, 0, 0), 0);
    }
}

void dialog_server(struct dialog *d, const char *const *settings)
{
    struct mpt_addr any = { .port = 80 };

    dialog_init(d, settings);
    assert_int_equal(mpt_listen(d->stack, &any, NULL), 0);
    dialog_tuple(d, 1, 1, 5000);
}

void dialog_client(struct dialog *d, const char *const *settings)
{
    struct mpt_addr local, remote;

    dialog_init(d, settings);
    dialog_addr(d, &local, 1, 1);
    dialog_addr(d, &remote, 0, 1);
    remote.port = 80;
    assert_int_equal(mpt_connect(d->stack, &d->conn, &local, &remote, 0), 0);
    dialog_run(d);
}

void dialog_end(struct dialog *d)
{
    char line[DIALOG_TEXT];

    if (d->head < d->tail) {
        dialog_render(d, &d->queue[d->head % DIALOG_QUEUE], line);
        fail_msg("not expected at %llu ns: %s", (unsigned long long)d->queue[d->head % DIALOG_QUEUE].at, line);
    }
    mpt_stack_free(d->stack);
    dialog_sec_free(d);
    assert_int_equal(d->memory, 0);
    if (pcap.file)
        assert_int_equal(pcap_finish(&pcap), 0);
    free(d->queue);
}

/* ---- 4-tuples ---- */

static struct dialog_tuple *new_tuple(struct dialog *d, const struct mpt_addr *local, const struct mpt_addr *remote)
{
    struct dialog_tuple *t = &d->tuple[d->tuples];

    assert_true(d->tuples < DIALOG_TUPLES);
    memset(t, 0, sizeof *t);
    t->local = *local;
    t->remote = *remote;
    t->irs = (uint32_t)(UINT32_C(0xfffffc00) + UINT32_C(0x1357911) * d->tuples); /* the first one wraps soon */
    t->r_peer = UINT32_C(0xa1a2a3a4) + (uint32_t)d->tuples;
    t->wscale = d->peer_wscale;
    t->ts = 1;
    d->tuples++;
    return t;
}

size_t dialog_tuple(struct dialog *d, uint8_t local_host, uint8_t host, uint16_t port)
{
    struct mpt_addr local, remote;

    dialog_addr(d, &local, 1, local_host);
    dialog_addr(d, &remote, 0, host);
    local.port = 80;
    remote.port = port;
    new_tuple(d, &local, &remote)->by_peer = 1;
    return d->tuples - 1;
}

static void own_address(const struct dialog *d, struct mpt_addr *a, unsigned host)
{
    dialog_addr_family(a, host & DIALOG_V6 || d->ipv6 ? 6 : 4, 1, (uint8_t)host);
}

int dialog_up(struct dialog *d, uint64_t at, unsigned host, uint32_t flags, uint16_t port)
{
    struct mpt_addr a;
    int r;

    own_address(d, &a, host);
    a.port = port;
    dialog_advance(d, at);
    r = mpt_address_up(d->stack, &a, host & 255, 1500, flags, d->now);
    dialog_run(d);
    return r;
}

void dialog_down(struct dialog *d, uint64_t at, unsigned host)
{
    struct mpt_addr a;

    own_address(d, &a, host);
    dialog_advance(d, at);
    assert_int_equal(mpt_address_down(d->stack, &a, d->now), 0);
    dialog_run(d);
}

static int same_end(const struct mpt_addr *a, const struct mpt_addr *b)
{
    return a->port == b->port && !memcmp(a->ip, b->ip, 16);
}

static size_t find_tuple(struct dialog *d, const struct mpt_packet *p)
{
    for (size_t i = 0; i < d->tuples; i++)
        if (same_end(&d->tuple[i].local, &p->local) && same_end(&d->tuple[i].remote, &p->remote))
            return i;
    new_tuple(d, &p->local, &p->remote);
    return d->tuples - 1;
}

/* ---- the loop ---- */

/* Read all the same: ISNs, keys, timestamps; and nothing in it may be wrong. */
static void mute(struct dialog *d, const struct dialog_segment *s)
{
    char line[DIALOG_TEXT];

    dialog_render(d, s, line);
    if (strchr(line, '!'))
        fail_msg("wrong: %s", line);
}

static void collect(struct dialog *d)
{
    for (;;) {
        struct dialog_segment *s = &d->queue[d->tail % DIALOG_QUEUE];
        struct mpt_packet p = { .data = s->data, .cap = sizeof s->data };
        struct mpt_segment seg;
        int r = mpt_output(d->stack, &p, d->now);

        assert_true(r >= 0);
        if (!r)
            return;
        assert_true(d->tail - d->head < DIALOG_QUEUE);
        assert_int_equal(mpt_tcp_parse(&seg, &p), 0); /* the checksum is right */
        assert_int_equal(seg.mp.malformed | seg.mp.repeated, 0);
        save(d, &p);
        s->at = d->now;
        s->len = p.len;
        s->ecn = p.ecn;
        s->tuple = find_tuple(d, &p);
        if (d->mute >> s->tuple & 1)
            mute(d, s);
        else
            d->tail++;
    }
}

size_t dialog_read(struct dialog *d, size_t n)
{
    uint8_t buffer[4096];
    size_t got = 0;

    while (got < n) {
        int64_t r = mpt_read(d->conn, buffer, n - got < sizeof buffer ? n - got : sizeof buffer, d->now);

        if (r == 0)
            d->eof = 1;
        if (r <= 0)
            break;
        for (int64_t i = 0; i < r; i++)
            if (buffer[i] != dialog_octet(d->read + (uint64_t)i, 1))
                fail_msg("octet %llu of the stream is wrong", (unsigned long long)d->read + (unsigned long long)i);
        if (d->first_read_at == MPT_NEVER)
            d->first_read_at = d->now;
        d->last_read_at = d->now;
        d->read += (uint64_t)r;
        got += (size_t)r;
    }
    return got;
}

static int take_events(struct dialog *d)
{
    struct mpt_event e;
    int any = 0;

    while (mpt_event(d->stack, &e) == 1) {
        any = 1;
        if (!d->conn)
            d->conn = e.conn;
        if (e.conn != d->conn)
            continue;
        d->events |= e.flags;
        if ((e.flags & MPT_EV_READABLE) && d->auto_read)
            dialog_read(d, SIZE_MAX);
    }
    return any;
}

void dialog_run(struct dialog *d)
{
    do
        collect(d);
    while (take_events(d));
    collect(d);
}

void dialog_advance(struct dialog *d, uint64_t to)
{
    uint64_t at;

    assert_true(to >= d->now);
    while ((at = mpt_deadline(d->stack)) <= to) {
        d->now = at > d->now ? at : d->now;
        mpt_expire(d->stack, d->now);
        dialog_run(d);
    }
    d->now = to;
}

/* ---- the conversation ---- */

static void show(struct dialog *d, size_t i, char *line)
{
    dialog_render(d, &d->queue[i % DIALOG_QUEUE], line);
}

static void nothing_left(struct dialog *d, const char *before)
{
    char line[DIALOG_TEXT];

    if (d->head == d->tail)
        return;
    show(d, d->head, line);
    fail_msg("before '%s': not expected at %llu ns:\n    %s", before,
             (unsigned long long)d->queue[d->head % DIALOG_QUEUE].at, line);
}

void dialog_in(struct dialog *d, uint64_t at, const char *text)
{
    uint8_t buffer[DIALOG_SEGMENT + 2048];
    struct mpt_packet p = { .data = buffer, .cap = sizeof buffer };
    size_t tuple;

    dialog_advance(d, at);
    nothing_left(d, text);
    dialog_parse(d, text, &p, &tuple);
    assert_int_equal(mpt_input(d->stack, &p, d->now), 0);
    dialog_run(d);
}

void dialog_icmp(struct dialog *d, uint64_t at, size_t tuple, uint32_t seq, enum mpt_icmp_kind kind, uint32_t mtu)
{
    const struct dialog_tuple *t = &d->tuple[tuple];

    dialog_advance(d, at);
    nothing_left(d, "an ICMP message");
    assert_int_equal(mpt_icmp(d->stack, &t->local, &t->remote, t->iss + seq, kind, mtu, d->now), 0);
    dialog_run(d);
}

void dialog_out(struct dialog *d, uint64_t at, const char *text)
{
    char line[DIALOG_TEXT], wanted[DIALOG_TEXT];
    uint64_t left;

    snprintf(wanted, sizeof wanted, "%s%s", strchr(text, '|') ? "" : "0| ", text);
    if (d->head == d->tail)
        dialog_advance(d, at);
    if (d->head == d->tail)
        fail_msg("nothing left until %llu ns, expected\n    %s", (unsigned long long)at, wanted);
    left = d->queue[d->head % DIALOG_QUEUE].at;
    show(d, d->head++, line);
    if (strcmp(line, wanted) || left != at)
        fail_msg("at %llu ns left\n    %s\nexpected at %llu ns\n    %s", (unsigned long long)left, line,
                 (unsigned long long)at, wanted);
}

void dialog_none(struct dialog *d, uint64_t until)
{
    dialog_advance(d, until);
    nothing_left(d, "nothing");
}

void dialog_skip(struct dialog *d, uint64_t until)
{
    dialog_advance(d, until);
    while (d->head < d->tail)
        mute(d, &d->queue[d->head++ % DIALOG_QUEUE]);
}

void dialog_inf(struct dialog *d, uint64_t at, const char *format, ...)
{
    char text[DIALOG_TEXT];
    va_list ap;

    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    dialog_in(d, at, text);
}

void dialog_outf(struct dialog *d, uint64_t at, const char *format, ...)
{
    char text[DIALOG_TEXT];
    va_list ap;

    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    dialog_out(d, at, text);
}

/* ---- the application ---- */

void dialog_write(struct dialog *d, uint64_t at, size_t n)
{
    uint8_t buffer[1024];

    dialog_advance(d, at);
    while (n) {
        size_t m = n < sizeof buffer ? n : sizeof buffer;

        for (size_t i = 0; i < m; i++)
            buffer[i] = dialog_octet(d->written + i, 0);
        assert_int_equal(mpt_write(d->conn, buffer, m, d->now), (int64_t)m);
        d->written += m;
        n -= m;
    }
    dialog_run(d);
}

void dialog_addr_of(const struct dialog *d, struct mpt_addr *a, uint8_t host)
{
    dialog_addr(d, a, 1, host);
}

uint32_t dialog_events(struct dialog *d)
{
    uint32_t e = d->events;

    d->events = 0;
    return e;
}

uint64_t dialog_count(const struct dialog *d, const char *name)
{
    struct mpt_counter c;

    for (size_t i = 0; mpt_counter(d->stack, i, &c); i++)
        if (!strcmp(c.name, name))
            return c.value;
    fail_msg("no counter %s", name);
    return 0;
}

/* ---- openings ---- */

void dialog_open_server(struct dialog *d, const char *const *settings)
{
    dialog_server(d, settings);
    dialog_in(d, 0, "S 0 cap4 ext");
    dialog_out(d, 0, "S. 0 a1 cap12 ext");
    dialog_in(d, 10 * MS, ". 1 a1 cap20");
    dialog_skip(d, 10 * MS);
    dialog_in(d, 20 * MS, ". 1+10 a1 ack=0 map=0/1/10"); /* the first DSS confirms */
    dialog_skip(d, 20 * MS);
    assert_int_equal(d->read, 10);
}

void dialog_open_client(struct dialog *d, const char *const *settings)
{
    dialog_client(d, settings);
    dialog_out(d, 0, "S 0 cap4 ext");
    dialog_in(d, 10 * MS, "S. 0 a1 cap12 ext");
    dialog_skip(d, 10 * MS);
    dialog_in(d, 20 * MS, ". 1 a1 ack=0");
    dialog_skip(d, 20 * MS);
}

uint64_t dialog_joined_at(struct dialog *d, uint64_t end)
{
    while (d->conn->subflow_count < 2) {
        uint64_t at = mpt_deadline(d->stack);

        dialog_skip(d, d->now);
        if (at > end)
            return 0;
        dialog_advance(d, at);
    }
    dialog_skip(d, d->now);
    return d->now;
}

void dialog_open_paths(struct dialog *d, const char *const *settings)
{
    dialog_open_server(d, settings);
    for (uint16_t port = 6001; port <= 6003; port++)
        dialog_tuple(d, 1, 7, port);
}

void dialog_open_two(struct dialog *d, const char *const *settings)
{
    dialog_open_server(d, settings);
    dialog_tuple(d, 1, 7, 6001);
    dialog_in(d, 40 * MS, "1| S 0 join12:id=3");
    dialog_skip(d, 40 * MS);
    dialog_in(d, 60 * MS, "1| . 1 a1 join24");
    dialog_skip(d, 60 * MS);
}
