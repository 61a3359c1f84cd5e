/* SPDX-License-Identifier: MIT */
/* cat.h - copies standard input into a connection and the connection to standard output, as netcat does.
 *
 * One buffer each way: input is read when the last of it has been taken, the connection when the last of it has been
 * written, so that a slow reader or writer holds up the other end (RFC 9293 3.8.6) and nobody else. The end of the input
 * ends our direction only. Called by host.c. */
#ifndef TUN_CAT_H
#define TUN_CAT_H

#include "shim.h"

/* Octets on their way. */
struct cat_buffer {
    uint8_t *data;   /* CAT_BUFFER octets */
    size_t at, len;  /* what is left of it */
    uint64_t octets; /* passed in all, of this connection */
    int end;         /* no more comes: end of the input, end of the peer's stream */
};

enum cat_output { CAT_FILE, CAT_PIPE, CAT_SLOW };

struct cat {
    struct sim *sim;        /* of tun.c: watches the descriptors */
    struct mpt_conn *conn;  /* NULL: none to copy for */
    void (*moved)(void *ctx, uint64_t now); /* called when a descriptor moved octets into or out of a buffer */
    void *ctx;              /* first argument of moved */
    struct cat_buffer in;   /* standard input to the connection */
    struct cat_buffer out;  /* the connection to standard output */
    int out_fd;             /* standard output, or the same pipe opened for not waiting */
    enum cat_output kind;   /* how it can be written without waiting */
    int mute;               /* the input is not read: our direction ends when the peer's has */
    int keep;               /* the output stays open for the next connection */
    int shut;               /* mpt_shutdown was called */
    int error;              /* errno of standard input or output, or a negative MPT_E... of the connection */
    const char *where;      /* what failed */
};

/* 0, or -1: no memory. */
int cat_init(struct cat *cat, struct sim *sim, void (*moved)(void *ctx, uint64_t now), void *ctx);
void cat_clear(struct cat *cat);
/* The next connection; what was left for the last one is forgotten. */
void cat_attach(struct cat *cat, struct mpt_conn *conn);
/* Moves what can be moved: after every event of the connection. cat->error says what went wrong. */
void cat_run(struct cat *cat, uint64_t now);
/* 1: the peer's stream has ended and all of it is written. */
int cat_received(const struct cat *cat);

#endif
