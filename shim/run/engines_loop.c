/* SPDX-License-Identifier: MIT */
/* run/engines_loop.c - the engines of mpsim; see engines.h. */
#include "run/engines.h"

const struct engine engines[2] = {{loop_new, 0.001}, {NULL, 0.05}};
