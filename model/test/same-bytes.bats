#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The same seeds give the same bytes at the same times, in the default build, at -O0, at -O3 and under sanitizers.
# `make check` makes the builds; one that is missing is skipped by name.

setup() {
    cd "$BATS_TEST_DIRNAME/../.."
    build=${BUILD:-build}
}

# hash_of BUILD [SEEDS]; the program itself runs every seed twice
hash_of() {
    "$1/test/model/test/sim/sim_determinism" "${2:-150}" | grep -o 'hash [0-9a-f]*'
}

compare() {
    [ -x "$1/test/model/test/sim/sim_determinism" ] || skip "not built: $1"
    want=$(hash_of "$build")
    [ -n "$want" ]
    [ "$(hash_of "$1")" = "$want" ]
}

@test "two runs in one process" {
    "$build/test/model/test/sim/sim_determinism"
}

@test "-O0 gives the same bytes" {
    compare "$build/O0"
}

@test "-O3 gives the same bytes" {
    compare "$build/O3"
}

@test "sanitizers change no byte" {
    compare "$build/asan"
}

@test "other seeds give other bytes" {
    [ "$(hash_of "$build" 149)" != "$(hash_of "$build" 150)" ]
}
