#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The self-test of the check scripts: a tree that is fine passes, and each planted violation is seen.

setup() {
    checks=$BATS_TEST_DIRNAME
    tree=$BATS_TEST_TMPDIR/tree
    mkdir -p "$tree"/model/{base,wire,flow,conn,cc,crypto,api,test} "$tree"/{shim/ns3,analysis,scenarios,.ci}
    head='/* SPDX-License-Identifier: MIT */'
    for room in base wire flow conn cc crypto api; do
        printf '%s\n#include <stdint.h>\nint mpt_%s_x(int a);\n' "$head" $room >"$tree/model/$room/$room.h"
        printf '%s\n#include "%s/%s.h"\nint mpt_%s_x(int a)\n{\n    return a; /* not a double time(0) */\n}\n' \
            "$head" $room $room $room >"$tree/model/$room/$room.c"
    done
    printf '%s\n#include <stdint.h>\nint mpt_y(int a);\n' "$head" >"$tree/model/mpt.h"
    printf '# SPDX-License-Identifier: MIT\n' >"$tree/Makefile"
}

# plant FILE LINE: appends a line
plant() { printf '%b\n' "$2" >>"$tree/$1"; }
check() { run bash "$checks/check_$1.sh" "$tree"; }
caught() { check "$1"; echo "$output"; [ "$status" = 1 ] && [[ $output == *"$2"* ]]; }

@test "a tree without violation passes every check" {
    for c in spdx includes sansio budgets header catalogue; do
        check $c
        echo "$output"
        [ "$status" = 0 ]
    done
}

@test "licence: a missing head is seen" {
    echo 'int x;' >"$tree/model/base/bare.c"
    caught spdx model/base/bare.c
}

@test "includes: wire seeing flow is seen" {
    plant model/wire/wire.c '#include "flow/flow.h"'
    caught includes 'wire/ must not include "flow/flow.h"'
}

@test "includes: base seeing trace is seen" {
    plant model/base/base.c '#include "trace/trace.h"'
    caught includes 'base/ must not include "trace/trace.h"'
}

@test "includes: flow seeing conn is seen" {
    plant model/flow/flow.h '#include "conn/conn.h"'
    caught includes 'flow/ must not include'
}

@test "includes: conn seeing the inside of a plug-in is seen, its vtable is allowed" {
    plant model/conn/conn.c '#include "cc/cc.h"'
    check includes
    [ "$status" = 0 ]
    plant model/conn/conn.c '#include "cc/olia.h"'
    caught includes 'cc/olia.h'
}

@test "includes: anything of shim in model is seen" {
    plant model/conn/conn.c '#include "shim/shim.h"'
    caught includes 'shim/shim.h'
}

@test "includes: a header without its room is seen" {
    plant model/base/base.c '#include "base.h"'
    caught includes 'by its room'
}

@test "includes: ns-3 outside shim/ns3 is seen" {
    printf '/* SPDX-License-Identifier: MIT */\n#include <ns3/node.h>\n' >"$tree/shim/x.c"
    caught includes 'shim/ns3/ only'
}

@test "sans-IO: stdio, clock, socket, getenv, malloc, randombytes, sodium and float are each seen" {
    cp "$tree/model/conn/conn.c" "$BATS_TEST_TMPDIR/good.c"
    while IFS='|' read -r line message; do
        cp "$BATS_TEST_TMPDIR/good.c" "$tree/model/conn/conn.c"
        plant model/conn/conn.c "$line"
        caught sansio "$message"
    done <<'LIST'
#include <stdio.h>|<stdio.h> has no place
#include <sodium.h>|<sodium.h> has no place
int a(void) { return printf("x"); }|no stdio
int a(void) { return time(0); }|no clock
int a(void) { return socket(1, 2, 3); }|no socket
char *a(void) { return getenv("X"); }|no environment
void *a(void) { return malloc(3); }|memory only
void a(void) { randombytes_buf(0, 0); }|entropy only
int a(void) { return rand(); }|entropy only
static double a;|floating point
LIST
}

@test "sans-IO: float in cc/ and a member called random are fine" {
    plant model/cc/cc.c 'static inline double f(double a) { return a; }'
    plant model/conn/conn.c 'struct e { void (*random)(void); };'
    plant model/conn/conn.c 'static inline void g(struct e *e) { e->random(); }'
    check sansio
    echo "$output"
    [ "$status" = 0 ]
}

@test "sans-IO: pow() is seen even in cc/, sqrt() is fine there" {
    plant model/cc/cc.c '#include <math.h>\nstatic inline double f(double a) { return sqrt(a); }'
    check sansio
    echo "$output"
    [ "$status" = 0 ]
    plant model/cc/cc.c 'static inline double g(double a) { return pow(a, 3); }'
    caught sansio 'of <math.h> only sqrt'
}

@test "catalogue: a counter and an event that nothing feeds are seen, fed ones are not" {
    mkdir "$tree/model/trace"
    printf '/* SPDX-License-Identifier: MIT */\nX(IN_SEGS, "In", "d")\nX(PAWS, "P", "d")\n' >"$tree/model/trace/counters.def"
    printf '/* SPDX-License-Identifier: MIT */\nX(rto, "", "", "", "", "d")\n' >"$tree/model/trace/events.def"
    plant model/flow/flow.c '/* MPT_CNT_PAWS; MPT_COUNT(s, IN_SEGS); MPT_TRACE(t, rto); */'
    for id in IN_SEGS PAWS rto; do
        caught catalogue "$id is in the catalogue"
    done
    plant model/flow/flow.c 'int f(void) { MPT_COUNT(s, IN_SEGS); drop(MPT_CNT_PAWS); MPT_TRACE(t,\n rto, 1); }'
    check catalogue
    echo "$output"
    [ "$status" = 0 ]
    plant model/trace/counters.def 'X(IN_SEG, "x", "d")'
    caught catalogue 'counters.def:4: IN_SEG is in the catalogue'
}

@test "budgets: a file of 701 lines is seen" {
    for i in $(seq 701); do echo; done >>"$tree/model/base/base.c"
    caught budgets 'at most 700'
}

@test "budgets: a function of 81 lines is seen, one of 80 is not" {
    {
        printf 'static int long_one(int a,\n                    int b)\n{\n'
        for i in $(seq 76); do echo '    a += b;'; done
        printf '}\n'
    } >>"$tree/model/base/base.c"
    check budgets
    [ "$status" = 0 ]
    sed -i '0,/a += b;/s//a += b;\n    a++;/' "$tree/model/base/base.c"
    caught budgets 'long_one has 81 lines'
}

@test "header: a bit-field and a header that is not C++ are seen" {
    plant model/mpt.h 'struct b { unsigned x : 3; };'
    caught header bit-field
    plant model/mpt.h 'int f(int class);'
    caught header 'C++'
}
