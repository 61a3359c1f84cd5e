/* SPDX-License-Identifier: MIT */
/* dialog.h - one stack against a scripted peer in virtual time; a test reads as the conversation on the wire.
 *
 *     struct dialog d;
 *     dialog_server(&d, NULL);
 *     dialog_in(&d, 0, "S 0 cap4 ext");             the peer's segment arrives at 0 ns
 *     dialog_out(&d, 0, "S. 0 a1 cap12 ext");       exactly this leaves, at exactly this time
 *     dialog_in(&d, 10 * MS, ". 1 a1 cap20");
 *
 * Every segment that leaves must be expected, in order, before the next one goes in.
 *
 * A segment is `[n|] FLAGS SEQ[+LEN] [aACK] options...`; n is the 4-tuple (0, the first, may be left out; new ones
 * of the stack are numbered as they appear). FLAGS: S F R P . (ACK) U E (ECE) W (CWR). SEQ and ACK count from the ISNs. Options:
 *     mss=N nosack nots nows win=N   of a SYN (in only; default 1460, SACK, timestamps, scale 7, window 65535)
 *     cap4 cap12 cap20 cap22=DLL cap24=DLL [:f=HEX]     keys are right unless followed by !
 *     ext
 *     tfo tfo=LEN         Fast Open: a request, a cookie (in a SYN of the peer the one it was given; tfo=LEN! is wrong)
 *     join12 join16 join24 [:D] [:B] [:id=N]            token or HMAC right unless followed by !
 *     U idle fin ack=N ack64=N map=DSN/SSN/DLL map64=DSN/SSN/DLL sum (sum! wrong, sum=N given)    one DSS; DSN: offset in the stream
 *     add=ID/ADDR[:PORT] (add!=..) echo=ID/ADDR[:PORT] rm=ID,ID prio=0|1 fail=DSN fc (fc!) rst=REASON[T]
 *     ADDR is the last octet; 6.N or 4.N one of the other family than the dialogue's; T: transient
 *     ect0 ect1 ce       the code point of the IP header (RFC 3168 5), both ways
 *     sack=A-B           out only
 *     rec=DSN/LEN[:ack=N][:edge=N][:pad=N][:dfin] (rec!=..)    the payload is a join record (jwd/README.md 2.3)
 *     part=FROM/LEN      in only: octets of the 4-tuple's join record
 *     junk=LEN           in only: payload that is no octets of the stream
 * MPTCPsec (sec/SPEC.md 3), offsets in the applications' streams, which begin behind the handshake:
 *     eno eno=SUITE,SUITE                    TCP-ENO, suites in hexadecimal
 *     frame frame!        in, behind cap22= or map=: the peer's next frame of the handshake, ! damaged;
 *                         out: hello reply auth finished, each verified
 *     seal=DSN/LEN[:ack=N[:edge=N][:cack=N]][:params[=N]][:pad=N][:dfin][:sfin][:h=HEX]    a record, on 4-tuple 0. In: seal! has a
 *                         wrong tag, :dsn=N :dll=N :ssn=N are told in the mapping instead of the right ones, +LEN is found by itself,
 *                         :cut=FROM/LEN only these octets leave (rest=FROM/LEN: others of the same record). Out: one segment a record, :ctl=CSN; edge with show_window only
 *     aack=N[:edge=N] (aack!..)              authenticated DATA_ACK; EDGE is N + 65535 if not given
 *     again               out only: octets of the handshake or of a record that were seen before
 * DIALOG_PCAP=FILE in the environment keeps what the stack sent (shim/test/dialog_pcaps.sh looks at it with tshark).
 * Payload beside map= must be the stream's octets (dialog_octet), both ways; SEQ+LEN without any map may be anything
 * of the stream: plain=OFFSET says from where. */
#ifndef DIALOG_H
#define DIALOG_H

#include "conn/conn.h"
#include "mpt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MS UINT64_C(1000000)
#define S UINT64_C(1000000000)

enum { DIALOG_TUPLES = 64, DIALOG_QUEUE = 256, DIALOG_SEGMENT = 2048 };

/* One 4-tuple. */
struct dialog_tuple {
    struct mpt_addr local, remote;  /* local is the stack's */
    uint32_t iss, irs;              /* ISN of the stack and of the peer */
    uint8_t joined;
    uint8_t by_peer;                /* the peer sent the SYN */
    uint8_t ts, wscale;             /* agreed */
    uint32_t r_stack, r_peer;       /* randoms of MP_JOIN */
    uint8_t mpj[12];                /* MP_JOIN of the SYN */
    uint32_t ts_recent;             /* last timestamp of the stack */
    uint8_t record[2048];           /* join record of the SYN */
    uint32_t record_len;
};

struct dialog_segment {
    uint64_t at;
    size_t tuple;
    size_t len;
    uint8_t ecn;                    /* RFC 3168 code point */
    uint8_t data[DIALOG_SEGMENT];
};

struct dialog {
    struct mpt_stack *stack;
    struct mpt_conn *conn;
    struct mpt_config config;
    uint64_t now;
    uint64_t key_stack, key_peer;
    uint64_t idsn_stack, idsn_peer;
    struct dialog_tuple tuple[DIALOG_TUPLES];
    size_t tuples;
    struct dialog_segment *queue;
    size_t head, tail;
    uint64_t rng;
    uint32_t events;                /* all flags ever raised; dialog_events takes them */
    uint8_t ipv6;
    uint8_t auto_read;              /* read at once what comes (default) */
    uint8_t show_window;            /* out has win=N, unscaled octets */
    uint8_t peer_wscale;            /* next SYN's, default 7 */
    uint64_t mute;                  /* bit n: what leaves on 4-tuple n is of no interest */
    uint64_t read;                  /* octets read */
    uint64_t first_read_at;         /* time of the first octet read; MPT_NEVER: none */
    uint64_t last_read_at;
    uint64_t written;
    int eof;
    size_t memory;                  /* octets allocated now */
    unsigned refuse_memory;         /* so many next allocations fail */
    uint8_t cookie[16];             /* Fast Open: the last one seen */
    uint32_t tfo_in, tfo_out;       /* octets of the peer's SYN, of the stack's: not in DSNs */
    uint8_t script[256];            /* octets that env.random gives first */
    size_t script_len, script_at;
    struct dialog_sec *sec;         /* MPTCPsec: text_sec.c */
    uint8_t stuck;                  /* env.random gives the same octet for ever */
};

/* Octet of a stream: the peer's stream has dir 1. */
uint8_t dialog_octet(uint64_t offset, int dir);

void dialog_init(struct dialog *d, const char *const *settings); /* "key=value", NULL at the end; may be NULL */
void dialog_server(struct dialog *d, const char *const *settings); /* listens on port 80 */
void dialog_client(struct dialog *d, const char *const *settings); /* connects to port 80 */
void dialog_end(struct dialog *d); /* nothing unexpected is left; frees; nothing may be left allocated */

/* A 4-tuple of the peer: address and port of both ends; returns its number. host: last octet of the peer's address. */
size_t dialog_tuple(struct dialog *d, uint8_t local_host, uint8_t host, uint16_t port);
/* The address of the stack with that last octet comes up, or gets other flags: enum mpt_address_flags, an id in bits 8-15;
 * DIALOG_V6 | host: an IPv6 one. dialog_down: it goes. */
enum { DIALOG_V6 = 256 };
int dialog_up(struct dialog *d, uint64_t at, unsigned host, uint32_t flags, uint16_t port);
void dialog_down(struct dialog *d, uint64_t at, unsigned host);
void dialog_addr_family(struct mpt_addr *a, uint8_t family, int stack, uint8_t host);
void dialog_in(struct dialog *d, uint64_t at, const char *text);
void dialog_out(struct dialog *d, uint64_t at, const char *text);
void dialog_none(struct dialog *d, uint64_t until); /* nothing leaves until then */
void dialog_skip(struct dialog *d, uint64_t until); /* whatever leaves until then is of no interest */
void dialog_inf(struct dialog *d, uint64_t at, const char *format, ...) __attribute__((format(printf, 3, 4)));
void dialog_outf(struct dialog *d, uint64_t at, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* An ICMP error arrives that quotes the segment of a 4-tuple at SEQ, counted from the ISN. */
void dialog_icmp(struct dialog *d, uint64_t at, size_t tuple, uint32_t seq, enum mpt_icmp_kind kind, uint32_t mtu);
void dialog_write(struct dialog *d, uint64_t at, size_t n);   /* the application writes */
size_t dialog_read(struct dialog *d, size_t n);               /* reads and compares */
void dialog_addr_of(const struct dialog *d, struct mpt_addr *a, uint8_t host); /* an address of the stack */
uint32_t dialog_events(struct dialog *d);                     /* flags since last asked */
uint64_t dialog_count(const struct dialog *d, const char *name); /* a counter */
/* Application calls: after one of mpt.h the output is collected with this. */
void dialog_run(struct dialog *d);
void dialog_advance(struct dialog *d, uint64_t to);

/* Opens MPTCP with JWD agreed on tuple 0, as server or client, ending at 20 ms with both ends confirmed. */
void dialog_open_server(struct dialog *d, const char *const *settings);
void dialog_open_client(struct dialog *d, const char *const *settings);
/* The stack's own join, and when: everything that leaves is taken until then; 0 when there is none before `end`. */
uint64_t dialog_joined_at(struct dialog *d, uint64_t end);
/* A server, and three 4-tuples (1 to 3) by which the peer may join. */
void dialog_open_paths(struct dialog *d, const char *const *settings);
/* As dialog_open_server, and a second subflow is 4-tuple 1 since 60 ms. */
void dialog_open_two(struct dialog *d, const char *const *settings);

/* Opens MPTCPsec (X25519, ChaCha20-Poly1305, no keys known) on tuple 0, handshake done at 20 or 21 ms; the first records are next. */
void dialog_secure_server(struct dialog *d);
void dialog_secure_server_on(struct dialog *d, const char *syn); /* the peer's SYN */
void dialog_secure_client(struct dialog *d);
uint64_t dialog_sec_edge(struct dialog *d); /* the stack's highest EDGE, offset of the peer's application */

#endif
