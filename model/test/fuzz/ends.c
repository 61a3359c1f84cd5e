/* SPDX-License-Identifier: MIT */
/* ends.c - see ends.h. */
#include "ends.h"

enum { OUT_MAX = 4096 /* packets without time going on */, ROUNDS_MAX = 200, EVENTS_MAX = 1000, STEPS_MAX = 6000, STEPS_FEW = 200 };
enum { CLIENT = 1, SERVER = 2 /* hosts */ };

struct mpt_addr ends_addr(int host, int net, uint16_t port)
{
    struct mpt_addr a = { .family = 4, .port = port, .ip = { 10, (uint8_t)net, 0, (uint8_t)host } };

    return a;
}

/* Octet x of what side i writes. */
static uint8_t octet(uint64_t x, int i)
{
    return (uint8_t)(x * 11 + (x >> 8) * 17 + (x >> 16) + (i ? 128 : 0));
}

static void draw(void *ctx, void *out, size_t n)
{
    uint64_t *state = ctx;
    uint8_t *p = out;

    while (n--) {
        *state = *state * 6364136223846793005u + 1442695040888963407u;
        *p++ = (uint8_t)(*state >> 56);
    }
}

/* ---- configuration ---- */

static void configure(struct mpt_config *c, struct fuzz_input *in)
{
    uint32_t bits = fuzz_u16(in), plug = fuzz_u8(in), pm = fuzz_u8(in);

    mpt_config_default(c);
    c->cc = plug % (MPT_CC_BALIA + 1);
    c->sched = plug / 8 % (MPT_SCHED_BLEST + 1);
    c->pm = pm % (MPT_PM_ENDPOINTS + 1);
    c->tcp_fastopen = pm >= 192 ? MPT_FASTOPEN_BOTH : MPT_FASTOPEN_OFF;
    c->allow_join_initial = (pm >> 4 & 3) != 3;
    c->mptcp = (bits & 15) != 15;
    c->checksum = bits >> 4 & 1;
    c->join_data = bits >> 5 & 1;
    c->jwd_accept = bits >> 6 & 3 ? (bits >> 6 & 3) - 1 : 1;
    c->tcp_sack = (bits >> 8 & 3) != 0;
    c->tcp_timestamps = bits >> 10 & 1;
    c->opportunistic = bits >> 11 & 1;
    c->tcp_ecn = (bits >> 12 & 3) % 3;
    c->wire = bits >> 14 & 1;
    c->sndbuf = c->rcvbuf = bits >> 15 ? 65536 : 8192;
    c->tcp_time_wait = S;
    c->close_timeout = 30 * S;
    c->tcp_rto_max = 10 * S;
    c->tcp_delack = bits & 1 ? 0 : 40 * MS;
}

static void start(struct ends *e, int i, struct fuzz_input *in)
{
    struct ends_side *s = &e->side[i];
    struct mpt_env env = { .size = sizeof env, .alloc = fuzz_alloc, .alloc_ctx = &s->memory, .random = draw,
                           .random_ctx = &s->random };
    struct mpt_config c;
    struct mpt_addr a;

    configure(&c, in);
    s->random = (uint64_t)i + 1;
    CLAIM(mpt_stack_new(&s->stack, &env, &c, e->now) == 0);
    for (int net = 0; net < 2; net++) {
        a = ends_addr(i ? SERVER : CLIENT, net, 0);
        CLAIM(mpt_address_up(s->stack, &a, (uint32_t)net + 1, 1400, 0, e->now) == 0);
    }
}

void ends_begin(struct ends *e, struct fuzz_input *in)
{
    struct mpt_addr local = ends_addr(CLIENT, 0, 0), remote = ends_addr(SERVER, 0, 80), any = { .port = 80 };

    for (int i = 0; i < 2; i++)
        memset(&e->side[i], 0, offsetof(struct ends_side, wire));
    e->now = S;
    e->excused = e->off_path = 0;
    start(e, 0, in);
    start(e, 1, in);
    CLAIM(mpt_listen(e->side[1].stack, &any, NULL) == 0);
    CLAIM(mpt_connect(e->side[0].stack, &e->side[0].conn, &local, &remote, e->now) == 0);
    ends_rest(e, 0);
}

/* FUZZ_VERBOSE=1: the conversation on stderr. */
static void say(const struct ends *e, int i, const char *what, const uint8_t *p, size_t len)
{
    static int verbose = -1;
    char line[256];

    if (verbose < 0)
        verbose = getenv("FUZZ_VERBOSE") != NULL;
    if (!verbose)
        return;
    mpt_dump(p, len, line, sizeof line);
    fprintf(stderr, "%9.3f ms  %s %s  %s\n", (double)e->now / 1e6, i ? "server" : "client", what, line);
}

/* ---- the wire ---- */

static int same(const struct mpt_addr *a, const struct mpt_addr *b)
{
    return a->family == b->family && a->port == b->port && !memcmp(a->ip, b->ip, 16);
}

static struct ends_tuple *tuple_of(struct ends_side *s, const struct mpt_addr *local, const struct mpt_addr *remote)
{
    struct ends_tuple *t;

    for (uint32_t i = 0; i < s->tuples && i < ENDS_TUPLES; i++)
        if (same(&s->tuple[i].local, local) && same(&s->tuple[i].remote, remote))
            return &s->tuple[i];
    t = &s->tuple[s->tuples++ % ENDS_TUPLES];
    memset(t, 0, sizeof *t);
    t->local = *local;
    t->remote = *remote;
    t->wild = remote->ip[3] != SERVER && remote->ip[3] != CLIENT;
    return t;
}

/* Everything that leaves is a TCP segment that can be read; what an observer learns of it. */
static void observe(struct ends_side *s, const struct ends_packet *p)
{
    struct ends_tuple *t = tuple_of(s, &p->from, &p->to);
    struct mpt_segment seg;

    CLAIM(mpt_tcp_read(&seg, p->data, p->len) == MPT_PARSE_OK);
    CLAIM(!seg.mp.malformed && !seg.mp.repeated);
    t->seq_end = seg.seq + seg.len + !!(seg.flags & MPT_TCP_SYN) + !!(seg.flags & MPT_TCP_FIN);
    if (seg.flags & MPT_TCP_ACK && !(seg.flags & MPT_TCP_RST)) {
        t->ack = seg.ack;
        t->acked = 1;
    }
    if (MPT_HAS(&seg.mp, MP_JOIN) && seg.flags & MPT_TCP_SYN)
        t->random = seg.mp.join.random;
    if (seg.tcp.has_ts)
        t->ts = seg.tcp.ts_val;
    s->seen[s->seens++ % ENDS_SEEN] = *p;
}

static void push(struct ends_side *s, const struct ends_packet *p)
{
    if (s->count == ENDS_WIRE) /* a queue that is full */
        return;
    s->wire[(s->head + s->count++) % ENDS_WIRE] = *p;
}

static unsigned output(struct ends *e, int i)
{
    struct ends_side *s = &e->side[i];
    unsigned n = 0;

    for (;; n++) {
        struct ends_packet p;
        struct mpt_packet out = { .data = p.data, .cap = sizeof p.data };
        int r = mpt_output(s->stack, &out, e->now);

        CLAIM(r == 0 || r == 1);
        CLAIM(n < OUT_MAX);
        if (!r)
            return n;
        CLAIM(out.len >= 20 && out.len <= 1400 - 20 && out.local.family == 4 && out.remote.family == 4);
        p.from = out.local;
        p.to = out.remote;
        p.ifid = out.ifid;
        p.ecn = out.ecn;
        p.len = (uint32_t)out.len;
        say(e, i, "sends", p.data, p.len);
        observe(s, &p);
        push(s, &p);
    }
}

static void take_head(struct ends_side *s, struct ends_packet *p)
{
    *p = s->wire[s->head];
    s->head = (s->head + 1) % ENDS_WIRE;
    s->count--;
}

static void arrive(struct ends *e, int to, struct ends_packet *p)
{
    struct mpt_packet in = { .local = p->to, .remote = p->from, .ifid = p->to.ip[1] + 1u, .ecn = p->ecn, .data = p->data,
                             .len = p->len };

    say(e, to, "gets ", p->data, p->len);
    CLAIM(mpt_input(e->side[to].stack, &in, e->now) == 0);
    ends_rest(e, to);
}

/* What is for nobody here is lost: the attacker has seen it. */
void ends_deliver(struct ends *e, int i)
{
    struct ends_packet p;

    if (!e->side[i].count)
        return;
    take_head(&e->side[i], &p);
    if (p.to.ip[3] == (i ? CLIENT : SERVER) && p.to.ip[1] < 2)
        arrive(e, !i, &p);
}

void ends_drop(struct ends *e, int i)
{
    struct ends_packet p;

    if (e->side[i].count)
        take_head(&e->side[i], &p);
}

void ends_swap(struct ends *e, int i)
{
    struct ends_packet p;

    if (e->side[i].count) {
        take_head(&e->side[i], &p);
        push(&e->side[i], &p);
    }
}

void ends_repeat(struct ends *e, int i)
{
    if (e->side[i].count)
        push(&e->side[i], &e->side[i].wire[e->side[i].head]);
}

/* The sum is mended, else nothing would come through. */
void ends_inject(struct ends *e, int victim, const struct ends_packet *p)
{
    struct ends_packet copy = *p;
    struct mpt_packet sum = { .local = p->to, .remote = p->from, .data = copy.data, .len = p->len };

    if (p->len >= MPT_TCP_HEADER) {
        mpt_bytes_put16(copy.data, p->from.port);
        mpt_bytes_put16(copy.data + 2, p->to.port);
        mpt_bytes_put16(copy.data + 16, 0);
        mpt_bytes_put16(copy.data + 16, (uint16_t)~mpt_checksum_fold(mpt_checksum_add(mpt_checksum_pseudo(&sum),
                                                                                       copy.data, copy.len)));
    }
    arrive(e, victim, &copy);
}

/* ---- applications ---- */

void ends_read(struct ends *e, int i)
{
    struct ends_side *s = &e->side[i];
    uint8_t buffer[4096];
    int64_t n = MPT_EAGAIN;

    while (s->conn && (n = mpt_read(s->conn, buffer, sizeof buffer, e->now)) > 0) {
        if (e->off_path) {
            CLAIM(s->got + (uint64_t)n <= e->side[!i].written);
            for (int64_t k = 0; k < n; k++)
                CLAIM(buffer[k] == octet(s->got + (uint64_t)k, !i));
        }
        s->got += (uint64_t)n;
        CLAIM(s->got <= UINT64_C(1) << 32);
    }
    if (s->conn && n == 0 && !s->eof) {
        s->eof = 1;
        if (e->off_path)
            CLAIM(e->side[!i].shut && s->got == e->side[!i].written);
    }
}

void ends_write(struct ends *e, int i, size_t n)
{
    struct ends_side *s = &e->side[i];
    uint8_t buffer[4096];
    int64_t r;

    n = n < sizeof buffer ? n : sizeof buffer;
    n = s->written + n <= ENDS_OCTETS ? n : (size_t)(ENDS_OCTETS - s->written);
    if (!s->conn || s->shut || !n)
        return;
    for (size_t k = 0; k < n; k++)
        buffer[k] = octet(s->written + k, i);
    r = mpt_write(s->conn, buffer, n, e->now);
    CLAIM(r <= (int64_t)n);
    s->written += r > 0 ? (uint64_t)r : 0;
    ends_rest(e, i);
}

/* What any host may rely on. */
static void claim_info(const struct ends_side *s)
{
    struct mpt_conn_info info = { .size = sizeof info };
    struct mpt_subflow_info sub = { .size = sizeof sub };
    size_t n = 0;

    if (!s->conn)
        return;
    CLAIM(mpt_conn_info(s->conn, &info) == 0);
    CLAIM(info.acked <= info.sent && info.sent <= info.written && info.written == s->written);
    CLAIM(info.read <= info.received && info.read == s->got);
    while (mpt_subflow_info(s->conn, n, &sub) == 1)
        n++;
    CLAIM(n >= info.subflows && n <= 64); /* `subflows` leaves out handshakes under way */
}

static void on_event(struct ends *e, int i, const struct mpt_event *ev)
{
    struct ends_side *s = &e->side[i];
    struct mpt_conn_info info = { .size = sizeof info };

    CLAIM(mpt_conn_info(ev->conn, &info) == 0);
    if (i == 1 && !s->conn && !s->over && info.remote.ip[3] == CLIENT && ev->flags & MPT_EV_ACCEPTED)
        s->conn = ev->conn;
    if (ev->conn != s->conn) { /* the attacker's own */
        mpt_close(ev->conn, e->now);
        return;
    }
    if (!s->slow || ev->flags & MPT_EV_CLOSED)
        ends_read(e, i);
    if (ev->flags & MPT_EV_CLOSED) {
        CLAIM(info.state == MPT_CONN_CLOSED);
        s->error = info.error;
        s->over = 1;
        s->conn = NULL;
        mpt_close(ev->conn, e->now);
    }
}

/* An own connection that the application gave back has no events. */
static unsigned events(struct ends *e, int i)
{
    struct mpt_event ev;
    unsigned n = 0;

    while (mpt_event(e->side[i].stack, &ev) == 1) {
        CLAIM(n++ < EVENTS_MAX);
        on_event(e, i, &ev);
    }
    return n;
}

/* ---- time ---- */

void ends_rest(struct ends *e, int i)
{
    struct ends_side *s = &e->side[i];
    uint64_t bytes;

    for (int rounds = 0;; rounds++) {
        unsigned busy = output(e, i) + events(e, i);

        if (!busy && mpt_deadline(s->stack) > e->now)
            break;
        CLAIM(rounds < ROUNDS_MAX); /* a deadline in the past for ever, or output without end */
        if (!busy)
            mpt_expire(s->stack, e->now);
    }
    mpt_memory(s->stack, &bytes, NULL, NULL);
    CLAIM(bytes == s->memory.bytes);
    CLAIM(bytes < 4000000); /* buffers of 64 KiB, a few subflows, spare chunks */
    claim_info(s);
}

/* From deadline to deadline; a wait is never more than so many of them. */
void ends_wait(struct ends *e, uint64_t ns)
{
    uint64_t until = e->now + ns;

    for (int steps = 0; steps < STEPS_MAX; steps++) {
        uint64_t a = mpt_deadline(e->side[0].stack), b = mpt_deadline(e->side[1].stack), at = a < b ? a : b;

        if (at > until)
            break;
        e->now = at > e->now ? at : e->now;
        ends_rest(e, 0);
        ends_rest(e, 1);
    }
    e->now = until;
}

static int finished(const struct ends *e)
{
    return e->side[0].over && e->side[1].over;
}

static void shut(struct ends *e, int i)
{
    struct ends_side *s = &e->side[i];

    s->slow = 0;
    ends_read(e, i);
    if (s->conn && !s->shut && mpt_shutdown(s->conn, e->now) == 0)
        s->shut = 1;
    ends_rest(e, i);
}

/* The honest network: 5 ms each way, nothing is lost. */
void ends_settle(struct ends *e)
{
    int must = e->off_path && !e->excused;

    for (int steps = 0; steps < (must ? STEPS_MAX : STEPS_FEW) && !finished(e); steps++) {
        uint64_t a, b;

        for (int i = 0; i < 2; i++)
            if (e->side[i].conn)
                shut(e, i);
        if (!e->side[0].count && !e->side[1].count) {
            a = mpt_deadline(e->side[0].stack);
            b = mpt_deadline(e->side[1].stack);
            a = a < b ? a : b;
            if (a == MPT_NEVER || a > e->now + 3600 * S)
                break;
            ends_wait(e, a > e->now ? a - e->now : 0);
            continue;
        }
        ends_wait(e, 5 * MS);
        for (uint32_t n[2] = { e->side[0].count, e->side[1].count }, k = 0; k < ENDS_WIRE; k++)
            for (int i = 0; i < 2; i++)
                if (k < n[i])
                    ends_deliver(e, i);
    }
    if (!must)
        return;
    CLAIM(finished(e));
    for (int i = 0; i < 2; i++)
        CLAIM(!e->side[i].error && e->side[i].eof && e->side[i].got == e->side[!i].written);
}

void ends_end(struct ends *e)
{
    for (int i = 0; i < 2; i++) {
        mpt_stack_free(e->side[i].stack);
        CLAIM(e->side[i].memory.blocks == 0 && e->side[i].memory.bytes == 0);
    }
}
