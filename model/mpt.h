/* SPDX-License-Identifier: MIT */
/* mpt.h - the public interface of libmpt, a sans-IO Multipath TCP endpoint (RFC 8684, version 1).
 *
 * Bytes and a time go in, bytes and a deadline come out. The host owns clock, packets and randomness:
 *
 *     mpt_input(stack, &packet, now);                      a packet arrived
 *     while (mpt_output(stack, &packet, now) > 0) send;    packets to leave now
 *     at = mpt_deadline(stack);  at that time: mpt_expire(stack, now), then mpt_output again
 *     while (mpt_event(stack, &event) > 0) act;            what changed
 *
 * Times are nanoseconds of the host's clock, `now` is always the last argument and must never go back.
 * Functions that return int give 0 (or a count) on success and a negative enum mpt_error otherwise.
 * Nothing here calls back into the host but env.alloc, env.random and env.trace; none of these may
 * call libmpt. One stack is one thread. The header parses under cffi and compiles as C++. */
#ifndef MPT_H
#define MPT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum mpt_error {
    MPT_EINVAL = -1,       /* an argument is impossible */
    MPT_ENOMEM = -2,       /* env.alloc gave nothing */
    MPT_EAGAIN = -3,       /* nothing to read or no room to write now: wait for the event */
    MPT_ENOTCONN = -4,     /* the connection is not established, or already gone */
    MPT_ECONNRESET = -5,   /* the peer reset the connection */
    MPT_ECONNREFUSED = -6, /* the peer refused the connection */
    MPT_ETIMEDOUT = -7,    /* no answer within the limits of RFC 9293 3.8.3 */
    MPT_EPIPE = -8,        /* writing after mpt_shutdown */
    MPT_EADDRINUSE = -9,   /* address and port are taken */
    MPT_EADDRNOTAVAIL = -10, /* no such local address is up */
    MPT_EMSGSIZE = -11,    /* the host's buffer is too small for a packet */
    MPT_EPROTO = -12,      /* the peer broke the protocol */
    MPT_ELIMIT = -13,      /* a configured limit was reached */
    MPT_ENOENT = -14,      /* no such subflow, key or counter */
    MPT_EABORTED = -15,    /* closed by mpt_abort */
    MPT_ESECURE = -16      /* MPTCPsec: required and not to be had, or its handshake failed */
};

#define MPT_NEVER UINT64_MAX /* "no deadline" */
#define MPT_MTU_MIN 576u     /* smallest interface MTU taken (RFC 1122 3.3.3) */

/* An address and port. */
struct mpt_addr {
    uint8_t family;  /* 4 or 6; 0 = none */
    uint8_t zero;    /* keep 0 */
    uint16_t port;   /* host byte order */
    uint8_t ip[16];  /* network byte order; IPv4 uses the first 4 octets, the rest 0 */
};

/* A TCP segment (no IP header) with what the IP header says. */
struct mpt_packet {
    struct mpt_addr local;  /* this host's end, for input and output alike */
    struct mpt_addr remote; /* the peer's end */
    uint32_t ifid;          /* interface; 0 = the host routes */
    uint8_t ecn;            /* RFC 3168 code point, 0..3 */
    uint8_t dscp;
    uint8_t ttl;            /* output: 64 */
    uint8_t zero;
    uint8_t *data;          /* the host's buffer; for input it lives for the call only */
    size_t len;             /* octets of segment in data */
    size_t cap;             /* output: room at data, at least the largest MTU of any address up, less 20 */
    size_t seg_size;        /* reserved for batches: 0 */
};

struct mpt_stack; /* one host */
struct mpt_conn;  /* one connection */

/* One trace event; names and meanings of the fields in trace/events.def. */
struct mpt_trace {
    uint64_t at;      /* ns */
    uint32_t kind;    /* enum of trace/events.def; mpt_trace_describe() names it */
    uint32_t conn;    /* connection number of this stack, from 1; 0 = stack */
    uint32_t subflow; /* subflow number of the connection, from 1; 0 = connection */
    uint32_t zero;
    uint64_t v[4];    /* values */
};

/* What the host provides. alloc is realloc-like: (ctx, old, old size, new size); new size 0 frees.
 * NULL alloc means malloc. random is mandatory and the only source of entropy. */
struct mpt_env {
    size_t size; /* sizeof(struct mpt_env) */
    void *(*alloc)(void *ctx, void *old, size_t old_size, size_t new_size);
    void *alloc_ctx;
    void (*random)(void *ctx, void *out, size_t n);
    void *random_ctx;
    void (*trace)(void *ctx, const struct mpt_trace *event); /* may be NULL */
    void *trace_ctx;
};

enum mpt_cc { MPT_CC_RENO, MPT_CC_CUBIC, MPT_CC_LIA, MPT_CC_OLIA, MPT_CC_BALIA };
enum mpt_sched { MPT_SCHED_MINRTT, MPT_SCHED_SERVER, MPT_SCHED_ROUNDROBIN, MPT_SCHED_REDUNDANT, MPT_SCHED_BLEST };
enum mpt_pm { MPT_PM_MANUAL, MPT_PM_FULLMESH, MPT_PM_BACKUP, MPT_PM_BREAK_BEFORE_MAKE, MPT_PM_NDIFFPORTS,
              MPT_PM_ENDPOINTS, MPT_PM_ORACLE, MPT_PM_WIFI_FIRST, MPT_PM_ENERGY_AWARE };
enum mpt_ecn { MPT_ECN_OFF, MPT_ECN_PASSIVE, MPT_ECN_ON }; /* PASSIVE: agreed to when the peer asks */
enum mpt_fastclose { MPT_FASTCLOSE_RST, MPT_FASTCLOSE_ACK }; /* how mpt_abort says it, RFC 8684 3.5 */
enum mpt_jwd_accept { MPT_JWD_OFF, MPT_JWD_IMMEDIATE, MPT_JWD_VALIDATED };
enum mpt_wire { MPT_WIRE_DEFAULT, MPT_WIRE_LINUX };
enum mpt_secure_policy { MPT_SECURE_OFF, MPT_SECURE_PREFER, MPT_SECURE_REQUIRE }; /* MPTCPsec: sec/SPEC.md 3.2 */
enum mpt_secure_kx { MPT_SECURE_X25519, MPT_SECURE_TLS, MPT_SECURE_PSK };
enum mpt_secure_aead { MPT_SECURE_ANY, MPT_SECURE_CHACHA20_POLY1305, MPT_SECURE_AES_256_GCM };

enum mpt_fastopen { MPT_FASTOPEN_OFF, MPT_FASTOPEN_CLIENT, MPT_FASTOPEN_SERVER, MPT_FASTOPEN_BOTH };

/* Configuration of a stack; mpt_config_default() fills it, mpt_config_set() sets a field by name.
 * Names, units, ranges and defaults: api/config.def. Times in ns, sizes in octets. */
struct mpt_config {
    size_t size;             /* sizeof(struct mpt_config) */
    uint32_t mptcp;          /* 1: offer and accept Multipath TCP; 0: plain TCP */
    uint32_t cc;             /* enum mpt_cc */
    uint32_t sched;          /* enum mpt_sched */
    uint32_t pm;             /* enum mpt_pm */
    uint32_t checksum;       /* 1: ask for DSS checksums (RFC 8684 3.3) */
    uint32_t join_data;      /* 1: joins made by the path manager carry data in the SYN (jwd/) */
    uint32_t jwd_accept;     /* enum mpt_jwd_accept: how join records are taken; OFF: EXT is not answered */
    uint32_t max_subflows;   /* per connection */
    uint32_t max_half_open;  /* connections of listeners before their third ACK, per stack */
    uint32_t tcp_sack;       /* RFC 2018 */
    uint32_t tcp_timestamps; /* RFC 7323 */
    uint32_t tcp_initial_window; /* segments, RFC 6928 */
    uint32_t tcp_dupthresh;  /* RFC 6675 DupThresh */
    uint32_t tcp_syn_retries;
    uint32_t tcp_retries;    /* consecutive RTOs before a subflow is given up */
    uint32_t tcp_keepalive_probes; /* unanswered ones before a subflow is given up */
    uint32_t tcp_nagle;      /* RFC 9293 3.7.4; a connection may differ: mpt_conn_set */
    uint32_t tcp_ecn;        /* enum mpt_ecn, RFC 3168 */
    uint32_t tcp_fastopen;   /* enum mpt_fastopen: what is written before the SYN leaves goes with it, RFC 7413 */
    uint32_t tcp_fastopen_queue; /* connections whose SYN brought octets, before their third ACK */
    uint32_t syn_retrans;    /* SYNs repeated with MP_CAPABLE before it is left out, RFC 8684 3.9 */
    uint32_t allow_join_initial; /* 0: flag C, no joins to the first subflow's address */
    uint32_t pm_trigger_rtos; /* break-before-make: consecutive RTOs on every regular subflow */
    uint64_t pm_oracle_period, pm_oracle_rto; /* oracle: from look to look; an RTO of so long joins */
    uint32_t pm_oracle_loss, pm_oracle_retransmissions; /* oracle: percent that join */
    uint64_t pm_return_after; /* wifi-first: from look to look until LTE is closed behind a WiFi that works */
    uint64_t pm_energy_period, pm_energy_delay; /* energy-aware: from look to look; the other interface is not joined sooner, */
    uint64_t pm_energy_octets; /* unless so many octets have passed */
    uint32_t pm_energy_rate;   /* energy-aware: kbit/s that the other interface is taken to have until it was measured */
    uint32_t pm_energy_best_base, pm_energy_best_up, pm_energy_best_down;    /* energy-aware: its model of the best interface, uW */
    uint32_t pm_energy_other_base, pm_energy_other_up, pm_energy_other_down; /* and pJ a bit (model/radio/README.md); of the other */
    uint32_t pm_receiver_timer; /* 1: break-before-make, oracle, wifi-first and energy-aware join when the peer's data stops short (MultiMob) */
    uint64_t pm_receiver_floor, pm_receiver_default; /* its least delay; its delay before an RTT is known */
    uint32_t idle_bit;       /* 1: mappings tell the peer when no more data waits behind them (pm/README.md) */
    uint32_t pm_ndiffports;  /* ndiffports: subflows of a connection between its two addresses */
    uint32_t limits_subflows; /* endpoints: subflows beside the first, of either side's making (ip mptcp limits) */
    uint32_t limits_add_addr_accepted; /* endpoints: addresses of the peer that are joined */
    uint32_t stale_loss_count; /* consecutive RTOs, while others work, until a subflow is declared stale; 0 = never */
    uint32_t fastclose;      /* enum mpt_fastclose */
    uint32_t opportunistic;  /* minrtt: opportunistic retransmission and penalisation */
    uint32_t wire;           /* enum mpt_wire: order and form of options where the RFCs leave a choice */
    uint32_t sec;            /* enum mpt_secure_policy: MPTCPsec */
    uint32_t sec_kx;         /* enum mpt_secure_kx: offered and taken */
    uint32_t sec_keylog;     /* 1: mpt_secure_log gives keys away, for analysers of captures; never of a live service */
    uint32_t sec_aead;       /* enum mpt_secure_aead: offered and taken */
    uint64_t sndbuf;         /* per connection */
    uint64_t rcvbuf;         /* per connection */
    uint64_t sec_record;     /* MPTCPsec: octets of data in a record of the peer at most; told it (PARAMS) */
    uint64_t tcp_rto_min;    /* Linux: 200 ms; RFC 6298: 1 s */
    uint64_t tcp_rto_max;
    uint64_t tcp_syn_rto;    /* first RTO of a handshake, RFC 6298 2.1 */
    uint64_t tcp_delack;     /* delayed acknowledgement, RFC 9293 3.8.6.3 */
    uint64_t tcp_time_wait;  /* 2 MSL */
    uint64_t tcp_keepalive;  /* RFC 9293 3.8.4: probe after so long without a segment, 0 = off */
    uint64_t tcp_keepalive_interval; /* from one probe to the next */
    uint64_t blackhole_timeout; /* no MP_CAPABLE in SYNs for so long after some vanished, RFC 8684 3.9 */
    uint64_t close_timeout;  /* a connection without subflow is kept so long */
    uint64_t add_addr_timeout; /* ADD_ADDR is repeated until echoed, RFC 8684 3.4.1 */
};

/* ---- configuration ------------------------------------------------------------------------ */

void mpt_config_default(struct mpt_config *config);
/* Sets one field from text: "tcp.rto_min", "200ms". MPT_ENOENT: no such key; MPT_EINVAL: bad value. */
int mpt_config_set(struct mpt_config *config, const char *key, const char *value);
/* The i-th key with its one-line help, or NULL past the end. */
const char *mpt_config_key(size_t i, const char **help);
enum mpt_config_kind { MPT_KIND_FLAG, MPT_KIND_COUNT, MPT_KIND_SIZE, MPT_KIND_TIME, MPT_KIND_NAME };
/* What the i-th key takes (octets, ns; of names the number), and its default: 0, or MPT_ENOENT past the end. */
struct mpt_config_range {
    uint32_t kind;           /* enum mpt_config_kind */
    uint32_t zero;           /* keep 0 */
    uint64_t least, most, standard;
};
int mpt_config_range(size_t i, struct mpt_config_range *range);

/* ---- stack -------------------------------------------------------------------------------- */

/* Errors: MPT_EINVAL (sizes, no random), MPT_ENOMEM. */
int mpt_stack_new(struct mpt_stack **stack, const struct mpt_env *env, const struct mpt_config *config,
                  uint64_t now);
/* Frees everything at once; nothing is sent. */
void mpt_stack_free(struct mpt_stack *stack);

/* Sets one field of the configuration at run time, as mpt_config_set. Limits and time-outs count at once, the rest for
 * what is made from now on. */
int mpt_stack_set(struct mpt_stack *stack, const char *key, const char *value);

/* What an address is for. SIGNAL, SUBFLOW and FULLMESH are read by the path manager `endpoints` (pm/README.md; Linux:
 * ip mptcp endpoint): without any of them an address is only a place to send from. Bits 8-15: the address id wanted
 * (RFC 8684 3.4.1), 0 = chosen. */
enum mpt_address_flags {
    MPT_ADDRESS_BACKUP = 1,  /* subflows from it are backups (RFC 8684 3.3.8) */
    MPT_ADDRESS_SIGNAL = 2,  /* announced to the peer; addr->port, unless 0, is announced too and takes joins */
    MPT_ADDRESS_SUBFLOW = 4, /* a subflow is opened from it */
    MPT_ADDRESS_FULLMESH = 8 /* subflows are opened from it to every address of the peer */
};
/* An address of this host works now. Path managers act on it; wifi-first and energy-aware prefer the least ifid. Once
 * more for an address that is up: changes its MTU and flags; MP_PRIO tells the peer of another BACKUP; the id stays while a peer knows it. The port counts with SIGNAL
 * only.
 * MPT_EINVAL (also: FULLMESH with SIGNAL); MPT_EADDRINUSE: another address has that id; MPT_ELIMIT: 16 are up, or still
 * known to connections. */
int mpt_address_up(struct mpt_stack *stack, const struct mpt_addr *addr, uint32_t ifid, uint32_t mtu,
                   uint32_t flags, uint64_t now);
/* The address is gone: its subflows end at once, their data goes elsewhere, REMOVE_ADDR is sent. */
int mpt_address_down(struct mpt_stack *stack, const struct mpt_addr *addr, uint64_t now);

/* ---- the loop ----------------------------------------------------------------------------- */

/* Takes one packet. Impossible packets are counted and traced, never an error of the caller:
 * returns 0, or MPT_EINVAL for an impossible struct mpt_packet. */
int mpt_input(struct mpt_stack *stack, const struct mpt_packet *packet, uint64_t now);
/* Builds the next packet in packet->data: 1, or 0 when nothing is to leave, or MPT_EMSGSIZE. */
int mpt_output(struct mpt_stack *stack, struct mpt_packet *packet, uint64_t now);
enum mpt_icmp_kind {
    MPT_ICMP_TOO_BIG, /* Packet Too Big, Fragmentation Needed: mtu is that of the next hop (0: not said) */
    MPT_ICMP_SOFT,    /* unreachable for now: network, host, hop limit */
    MPT_ICMP_HARD     /* unreachable for good: protocol, port, prohibited (RFC 1122 4.2.3.9) */
};
/* An ICMP error that quotes a segment from local to remote with sequence number seq. Anybody can forge one, so it is
 * believed only while seq is in flight (RFC 5927 4.1), and what it may do is little: a path MTU not below the least of
 * the family, or the end of an attempt to connect. 0, or MPT_EINVAL (family, kind). */
int mpt_icmp(struct mpt_stack *stack, const struct mpt_addr *local, const struct mpt_addr *remote, uint32_t seq,
             enum mpt_icmp_kind kind, uint32_t mtu, uint64_t now);
/* When to call mpt_expire, or MPT_NEVER. */
uint64_t mpt_deadline(const struct mpt_stack *stack);
void mpt_expire(struct mpt_stack *stack, uint64_t now);

enum mpt_event_flags {
    MPT_EV_ACCEPTED = 1,    /* a new connection of a listener; established */
    MPT_EV_CONNECTED = 2,   /* mpt_connect succeeded */
    MPT_EV_READABLE = 4,    /* data or the end of the stream can be read */
    MPT_EV_WRITABLE = 8,    /* room again after MPT_EAGAIN */
    MPT_EV_SUBFLOW = 16,    /* a subflow was established or lost, changed priority, went stale or recovered */
    MPT_EV_FALLBACK = 32,   /* plain TCP from now on (RFC 8684 3.7) */
    MPT_EV_CLOSED = 64,     /* over; mpt_conn_info().error says why. Free it with mpt_close */
    MPT_EV_HANDSHAKE = 128, /* sec_kx tls: octets for the host's TLS, or room for its own (mpt_handshake_...) */
    MPT_EV_SECURE = 256,    /* MPTCPsec agreed and its handshake done; CONNECTED or ACCEPTED comes with it */
    MPT_EV_DECLINED = 512   /* MPTCPsec preferred, but the peer or the path did not let it be: regular from now on */
};
struct mpt_event {
    struct mpt_conn *conn;
    uint32_t flags; /* enum mpt_event_flags */
    uint32_t zero;
    void *user; /* of the connection, or of its listener when just accepted */
};
/* Takes the next connection off the ready list, with all flags raised since it was taken last:
 * 1, or 0 when none is left. */
int mpt_event(struct mpt_stack *stack, struct mpt_event *event);

/* ---- connections -------------------------------------------------------------------------- */

/* Accepts connections to the port of addr; addr->family 0: on every address. user is in the events. */
int mpt_listen(struct mpt_stack *stack, const struct mpt_addr *addr, void *user);
int mpt_unlisten(struct mpt_stack *stack, const struct mpt_addr *addr);
/* Starts a connection. local->family 0: the first address up of the remote's family; port 0: chosen. */
int mpt_connect(struct mpt_stack *stack, struct mpt_conn **conn, const struct mpt_addr *local,
                const struct mpt_addr *remote, uint64_t now);
/* Sets a key of one connection by text, as mpt_config_set: tcp.nagle, tcp.keepalive, tcp.keepalive_interval,
 * tcp.keepalive_probes. MPT_ENOENT: no such key, or none that a connection may change; MPT_EINVAL, MPT_ENOMEM. */
int mpt_conn_set(struct mpt_conn *conn, const char *key, const char *value, uint64_t now);
void mpt_conn_set_user(struct mpt_conn *conn, void *user);
/* Appends to the stream: octets taken (may be fewer), or MPT_EAGAIN, MPT_EPIPE, MPT_ENOTCONN. Allowed
 * right after mpt_connect. */
int64_t mpt_write(struct mpt_conn *conn, const void *data, size_t n, uint64_t now);
/* Takes in-order octets: count, 0 at the end of the stream, MPT_EAGAIN when none is there, or the
 * connection's error once all that arrived was read. */
int64_t mpt_read(struct mpt_conn *conn, void *out, size_t n, uint64_t now);
/* As mpt_read, but the octets stay. */
int64_t mpt_peek(const struct mpt_conn *conn, void *out, size_t n);
/* No more writes: DATA_FIN follows the data. Reading goes on. */
int mpt_shutdown(struct mpt_conn *conn, uint64_t now);
/* Gives the handle back. What was written is still delivered in the background. */
void mpt_close(struct mpt_conn *conn, uint64_t now);
/* Ends the connection at once: MP_FASTCLOSE and RST. The handle stays until mpt_close. */
void mpt_abort(struct mpt_conn *conn, uint64_t now);

/* ---- MPTCPsec (sec/README.md; configuration: sec, sec_kx, sec_aead, sec_record) ------------ */

/* Who we are and whom we believe, of the stack; copied, wiped with it. NULL or length 0 takes it back. identity: the
 * server's Ed25519 private key (seed); without one clients cannot tell it from another. expect: the client's list of
 * one, the server's Ed25519 public key. psk: a shared secret of at least 16 octets and its public name.
 * MPT_EINVAL (lengths), MPT_ENOMEM. */
int mpt_secure_identity(struct mpt_stack *stack, const uint8_t seed[32]);
int mpt_secure_expect(struct mpt_stack *stack, const uint8_t key[32]);
int mpt_secure_psk(struct mpt_stack *stack, const void *psk, size_t len, const void *id, size_t id_len);
/* The keys of a secure connection as one line of hexadecimal text, the one exception to "keys never leave the library":
 *     MPTSEC1 token_a token_b suite tx_a tx_b join jrec ack_a ack_b
 * a opened the connection. Octets written without the final 0; MPT_ENOENT: sec_keylog is off (default), or no keys yet;
 * MPT_EMSGSIZE: cap is below 512. */
int mpt_secure_log(const struct mpt_conn *conn, char *line, size_t cap);
/* sec_kx tls: the host's TLS 1.3 runs between these, at MPT_EV_HANDSHAKE. The client's first octets go in after
 * MPT_EV_HANDSHAKE too. After each read the host runs its TLS, sends what that gives, and only then reads again. When
 * it is done, on the server when the client's Finished verified: master, 32 octets of TLS-Exporter("EXPORTER-mptsec1",
 * context, 32). read, write: octets, or MPT_EAGAIN, MPT_ENOTCONN (no handshake is under way); write takes all or
 * MPT_ENOMEM. fail: the host's TLS gave up; the connection ends with MPT_ESECURE. */
int64_t mpt_handshake_read(struct mpt_conn *conn, void *out, size_t n, uint64_t now);
int64_t mpt_handshake_write(struct mpt_conn *conn, const void *data, size_t n, uint64_t now);
int mpt_handshake_context(const struct mpt_conn *conn, uint8_t out[32]);
int mpt_handshake_finish(struct mpt_conn *conn, const uint8_t master[32], uint64_t now);
int mpt_handshake_fail(struct mpt_conn *conn, uint64_t now);

/* ---- subflows, for a path manager of the host --------------------------------------------- */

enum mpt_join_flags {
    MPT_JOIN_BACKUP = 1, /* MP_JOIN's B bit */
    MPT_JOIN_DATA = 2    /* data in the SYN where agreed and possible; the core picks the data */
};
/* Opens a subflow from local (port 0: chosen) to remote (family 0: the peer's first address).
 * Returns its number (from 1), MPT_ENOTCONN, MPT_ELIMIT, MPT_EADDRNOTAVAIL, MPT_ENOMEM. */
int mpt_subflow_join(struct mpt_conn *conn, const struct mpt_addr *local, const struct mpt_addr *remote,
                     uint32_t flags, uint64_t now);
/* Ends a subflow; its data goes elsewhere. */
int mpt_subflow_close(struct mpt_conn *conn, uint32_t subflow, uint64_t now);
/* Changes priority and tells the peer (MP_PRIO). */
int mpt_subflow_backup(struct mpt_conn *conn, uint32_t subflow, int backup, uint64_t now);

/* ---- looking ------------------------------------------------------------------------------ */

enum mpt_conn_state {
    MPT_CONN_CONNECTING, /* handshake of the first subflow */
    MPT_CONN_OPEN,
    MPT_CONN_CLOSING,    /* DATA_FIN or FIN sent or received, not both acknowledged */
    MPT_CONN_CLOSED
};
struct mpt_conn_info {
    size_t size; /* set by the caller: sizeof(struct mpt_conn_info) */
    uint32_t number;
    uint32_t state;     /* enum mpt_conn_state */
    int32_t error;      /* enum mpt_error once closed, 0 = clean */
    uint32_t multipath; /* 1: MPTCP, 0: plain TCP or fallback */
    uint32_t subflows;  /* alive */
    uint32_t jwd;       /* 1: join-with-data agreed */
    uint32_t reset_reason; /* of the last MP_TCPRST of the peer (RFC 8684 3.6), 255 = none */
    uint32_t reset_transient; /* it may be tried again */
    uint32_t secure;    /* 0 no, 1 preferred and declined, 2 handshake under way, 3 secure */
    uint32_t secure_suite; /* kx << 4 | aead, sec/SPEC.md 3.2 */
    uint32_t secure_auth;  /* how the server is known: bits 1 Ed25519 key, 2 pre-shared key; 0: unauthenticated, or TLS */
    uint32_t token_local, token_remote;
    uint64_t written, sent, acked;  /* octets of the stream: by mpt_write, on the wire once, DATA_ACKed */
    uint64_t received, read;        /* in order at the connection level; taken by mpt_read */
    uint64_t reinjected;            /* octets sent again on another subflow */
    uint64_t duplicate;             /* octets that arrived more than once */
    uint64_t idsn_local, idsn_remote;
    struct mpt_addr local, remote;  /* of the first subflow */
};
int mpt_conn_info(const struct mpt_conn *conn, struct mpt_conn_info *info);

struct mpt_subflow_info {
    size_t size;
    uint32_t number;
    uint32_t state;   /* enum mpt_flow_state of RFC 9293 3.3.2: flow/flow.h */
    uint32_t backup, peer_backup;
    uint32_t local_id, remote_id, ifid, mss;
    uint32_t rto_count; /* consecutive */
    uint32_t stale;     /* 1: timed out and silent since, 2: declared stale (stale_loss_count) */
    uint32_t joined_with_data; /* its SYN carried a join record that was taken */
    struct mpt_addr local, remote;
    uint64_t cwnd, ssthresh, in_flight; /* octets */
    uint64_t srtt, rttvar, rto, min_rtt; /* ns, 0 = no sample */
    uint64_t sent, retransmitted, received, reinjected; /* octets of payload */
    uint64_t segments_out, segments_in, lost; /* segments */
};
/* The i-th subflow that is alive, from 0: 1, or 0 past the end. */
int mpt_subflow_info(const struct mpt_conn *conn, size_t i, struct mpt_subflow_info *info);

struct mpt_counter {
    const char *name; /* ours, or Linux's MIB name where Linux has the same */
    const char *help;
    uint64_t value;
};
/* The i-th counter of the stack: 1, or 0 past the end. */
int mpt_counter(const struct mpt_stack *stack, size_t i, struct mpt_counter *counter);
/* Octets allocated now and in all, and calls that allocated. Any pointer may be NULL. */
void mpt_memory(const struct mpt_stack *stack, uint64_t *bytes, uint64_t *peak, uint64_t *calls);
/* Name of a trace event and of its values (4 names, "" when unused). NULL: no such kind. */
const char *mpt_trace_describe(uint32_t kind, const char *names[4]);
/* One line of text about a segment, for logs: octets written without the final 0 (cut to fit). */
size_t mpt_dump(const uint8_t *segment, size_t len, char *out, size_t cap);
const char *mpt_strerror(int error);
const char *mpt_version(void);

#ifdef __cplusplus
}
#endif
#endif
