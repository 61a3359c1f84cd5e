/* SPDX-License-Identifier: MIT */
/* script.h - plays a conversation through packetdrill's interface, as packetdrill would. The language is a small subset
 * of packetdrill's: what a script here does, a reader of packetdrill's scripts can see. A line is one of
 *
 *     // a comment                            `a shell line that must succeed`
 *     --ip_version=ipv6 | ipv4-mapped-ipv6    --so_flags=checksum=1         (before all else)
 *     TIME call(args...) = RESULT [ERRNO]     TIME < packet                 TIME > packet
 *
 * TIME: 0.5 or +0.01 (since the line before); +0...0.2 for a call that blocks until then, in a second thread.
 * A packet: [n] [REMOTE > LOCAL] FLAGS SEQ:END(LEN) [ack N] [win N] <options>. n is the 4-tuple, 0 unless given; numbers
 * count from the ISNs, DSNs from the IDSN (the first octet of the stream is 1). Options of `>` are compared octet by
 * octet, order and NOPs included:
 *     mss N  sackOK  nop  wscale N  TS  sack A:B  FO [cookie]
 *     mpcapable [flags N] nokey | key | keys [dll N [cs]] | badkeys
 *     mp_join_syn id=N [backup] [badtoken]   mp_join_syn_ack id=N [backup]   mp_join_ack [bad]
 *     dss [dack4=N|dack8=N] [dsn4=N|dsn8=N ssn=N dll=N [cs|badcs]] [fin]
 *     add_addr id=N ADDR[:PORT] | add_addr echo id=N ADDR[:PORT]   remove_addr N N..   mp_prio [backup]   mp_fail N
 *     mp_fastclose [bad]   mp_reset N [T]
 * Arguments `...` mean "the address of the test". RESULT and ERRNO as the call gives them. */
#ifndef SCRIPT_H
#define SCRIPT_H

#include "packetdrill/interface.h"
#include "wire/tcp.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SCRIPT_FLOWS = 8, SCRIPT_FDS = 32, SCRIPT_LINE = 512, SCRIPT_PAYLOAD = 65536 };

/* One 4-tuple; "local" is the stack's end. */
struct script_flow {
    int known;
    struct mpt_addr local, remote;
    uint32_t isn_stack, isn_peer;
    uint32_t r_stack, r_peer; /* randoms of MP_JOIN */
    uint32_t ts_stack, ts_peer; /* last timestamps of either */
    uint32_t ts_echo;         /* what the stack must echo (RFC 7323 4.3) */
    uint32_t acked;           /* its last ACK: an earlier segment brings no timestamp that counts */
};

struct script {
    struct packetdrill_interface io;
    char file[256];
    int line;
    int begun;             /* the interface was asked for */
    int family;            /* of the sockets: AF_INET or AF_INET6 */
    int packets;           /* 4 or 6 */
    long long start, at;   /* us: of the script, of the line before */
    int fd[SCRIPT_FDS];    /* the stack's number for the script's; -1: none */
    struct script_flow flow[SCRIPT_FLOWS];
    uint16_t port;         /* of the stack when it listens, of the peer when it connects */
    uint64_t key_stack, key_peer;
    struct mpt_tcp_cookie cookie; /* of Fast Open: the peer's own until the stack has sent one */
    /* the call that blocks */
    pthread_t thread;
    int blocked;
    long long until;
    char call[SCRIPT_LINE];
    long result;
    int error;             /* its errno */
    _Atomic int tid;       /* of the thread */
    uint8_t buffer[SCRIPT_PAYLOAD]; /* of the main thread's calls */
    char dump[512];        /* the packet that left and is being compared */
};

/* packetdrill_interface_init, linked or from a shared object. */
typedef void script_init_fn(const char *flags, struct packetdrill_interface *io);
extern script_init_fn *script_init;
script_init_fn script_kernel_init; /* kernel.c: this machine's Linux instead */
extern long long script_tolerance; /* us: a packet may leave so much earlier or later than the script says */

void script_run(const char *file);
/* For tests in C: the same pieces. */
void script_begin(struct script *s, const char *name, const char *flags);
void script_end(struct script *s);
void script_do(struct script *s, const char *line);     /* one line of the language */
void script_fail(const struct script *s, const char *format, ...) __attribute__((format(printf, 2, 3), noreturn));
int script_fd(const struct script *s, int fd);

/* packet.c */
void script_packet_in(struct script *s, const char *text);
void script_packet_out(struct script *s, const char *text, long long at);
void script_nothing_left(struct script *s);
/* option.c: options at p; sender: 1 the stack. payload of the segment, for checksums. */
struct script_option {
    struct script *s;
    struct script_flow *flow;
    int by_stack;
    const uint8_t *payload;
    size_t len;
};
uint8_t *script_options(const struct script_option *o, const char *text, uint8_t *p);
uint64_t script_idsn(const struct script *s, int of_stack);
/* calls.c: errno in *error */
long script_call(struct script *s, const char *text, uint8_t *buffer, int *error);

#endif
