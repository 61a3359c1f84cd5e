#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A first-time user's five mistakes: each gives one line on standard error that says what and where, and a status.

setup() {
    cd "$BATS_TEST_DIRNAME/../.." && mpsim=$PWD/${BUILD:-build}/mpsim
    out=$BATS_TEST_TMPDIR/out
    printf 'duration: 1s\npaths: {a: {link: {rate: 1Mbit/s, delay: 1ms}}}\n' >"$BATS_TEST_TMPDIR/good.yaml"
}

# refused STATUS PATTERN COMMAND...: that status, one line that matches, and no results
refused() {
    local status_wanted=$1 pattern=$2
    shift 2
    status=0
    "$@" >"$BATS_TEST_TMPDIR/said" 2>"$BATS_TEST_TMPDIR/err" || status=$?
    cat "$BATS_TEST_TMPDIR/err"
    [ "$status" -eq "$status_wanted" ]
    [ "$(wc -l <"$BATS_TEST_TMPDIR/err")" -eq 1 ]
    grep -qE "$pattern" "$BATS_TEST_TMPDIR/err"
}

@test "a typo: the place, and the key that was meant" {
    sed 's/duration/duratoin/' "$BATS_TEST_TMPDIR/good.yaml" >"$BATS_TEST_TMPDIR/typo.yaml"
    refused 2 "typo.yaml:1:1: unknown key 'duratoin', did you mean 'duration'" "$mpsim" sweep "$BATS_TEST_TMPDIR/typo.yaml" --out "$out"
    [ ! -e "$out" ]
}

@test "a bad unit: the units there are" {
    refused 2 "'10parsec' has no known unit; use ns, us, ms, s" "$mpsim" run "$BATS_TEST_TMPDIR/good.yaml" --set duration=10parsec --out "$out"
    [ ! -e "$out" ]
}

@test "an impossible sweep: the place, and why" {
    { cat "$BATS_TEST_TMPDIR/good.yaml"; echo 'sweep: {paths.a.loss: {from: 3%, to: 1%, step: 1%}}'; } >"$BATS_TEST_TMPDIR/range.yaml"
    refused 2 "range.yaml:3:[0-9]+: the range is empty" "$mpsim" sweep "$BATS_TEST_TMPDIR/range.yaml" --out "$out"
    [ ! -e "$out" ]
}

@test "no ns-3: what is missing, and what makes it" {
    mkdir -p "$BATS_TEST_TMPDIR/alone"
    cp "$mpsim" "$BATS_TEST_TMPDIR/alone/"
    refused 1 "mpsim-ns3 is needed.*libns3-dev" "$BATS_TEST_TMPDIR/alone/mpsim" run scenarios/handover.yaml --out "$out"
}

@test "no space: where, how far it came, and that the same command goes on" {
    [ "$(id -u)" -eq 0 ] || skip "not root"
    mkdir -p "$BATS_TEST_TMPDIR/small"
    mount -t tmpfs -o size=64k none "$BATS_TEST_TMPDIR/small" 2>/dev/null || skip "no mounts here"
    rc=0
    refused 1 "No space left on device.*the same command goes on" "$mpsim" sweep scenarios/bulk.yaml --out "$BATS_TEST_TMPDIR/small/r" || rc=1
    umount "$BATS_TEST_TMPDIR/small"
    [ "$rc" -eq 0 ]
}
