/* SPDX-License-Identifier: MIT */
/* run/engines_ns3.c - the engines of mpsim-ns3; see engines.h. */
#include "run/engines.h"

const struct engine engines[2] = {{loop_new, 0.001}, {ns3_new, 0.05}};
