/* SPDX-License-Identifier: MIT */
/* base/errors.c - enum mpt_error in words. The meanings stand in mpt.h; hosts print these texts. */
#include "mpt.h"

/* By negated error; 0 is success, so that mpt_strerror(mpt_conn_info().error) always reads well. */
static const char *const text[] = {
    "success",
    "invalid argument",
    "out of memory",
    "try again",
    "not connected",
    "connection reset by peer",
    "connection refused",
    "timed out",
    "write after shutdown",
    "address in use",
    "address not available",
    "buffer too small for a packet",
    "protocol error of the peer",
    "limit reached",
    "no such subflow, key or counter",
    "aborted",
    "MPTCPsec required and not to be had, or its handshake failed",
};

/* Never NULL: the text goes straight into a message. */
const char *mpt_strerror(int error)
{
    if (error > 0 || error <= -(int)(sizeof text / sizeof *text))
        return "unknown error";
    return text[-error];
}
