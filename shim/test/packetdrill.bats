#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The shared object for packetdrill as its user meets it: what it exports, that every conversation works through dlopen, and
# what is said when something is wrong.

setup() {
    cd "$BATS_TEST_DIRNAME/../.." || return 1
    build=$(realpath "${BUILD:-build}")
    so=$build/libmpt-packetdrill.so
    driver=$build/test/shim/test/test_packetdrill
    [ -f "$so" ] || skip "no $so: make packetdrill"
}

@test "one symbol is exported, and it is packetdrill's" {
    run bash -c "nm -D --defined-only '$so' | awk '{print \$3}'"
    [ "$output" = packetdrill_interface_init ]
}

@test "it needs libc and libsodium only" {
    run bash -c "readelf -d '$so' | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' | grep -vE '^(libc|libsodium)\.so' || true"
    [ -z "$output" ]
}

@test "every script passes through the loaded object" {
    run "$driver" "--so=$so" shim/test/packetdrill/*.pkt
    echo "$output" | tail -20
    [ "$status" -eq 0 ]
    [[ "$output" != *"0 test(s) run"* ]]
}

@test "a script that expects something else fails, with its line and both octets" {
    sed 's/dss dack8=101>/dss dack4=101>/' shim/test/packetdrill/mptcp_server.pkt >"$BATS_TEST_TMPDIR/wrong.pkt"
    run "$driver" "--so=$so" "$BATS_TEST_TMPDIR/wrong.pkt"
    [ "$status" -ne 0 ]
    [[ "$output" == *"wrong.pkt:13: options expected nop,nop,TS,dss dack4=101"* ]]
}

@test "wire=default is not what Linux sends" {
    { echo "--so_flags=wire=default"; cat shim/test/packetdrill/mptcp_server.pkt; } >"$BATS_TEST_TMPDIR/own.pkt"
    run "$driver" "--so=$so" "$BATS_TEST_TMPDIR/own.pkt"
    [ "$status" -ne 0 ]
    [[ "$output" == *"options expected"* ]]
}

@test "bad flags end the process with their name" {
    { echo "--so_flags=warp=9"; echo "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3"; } >"$BATS_TEST_TMPDIR/bad.pkt"
    run "$driver" "--so=$so" "$BATS_TEST_TMPDIR/bad.pkt"
    [ "$status" -ne 0 ]
    [[ "$output" == *"so_flags: warp=9: no such key"* ]]
    sed -i s/warp=9/mtu=9/ "$BATS_TEST_TMPDIR/bad.pkt"
    run "$driver" "--so=$so" "$BATS_TEST_TMPDIR/bad.pkt"
    [[ "$output" == *"so_flags: mtu=9: bad value"* ]]
}

@test "a stand-in without a stack says so and changes nothing" {
    run env -u MPT_PACKETDRILL_SOCKET "$build/packetdrill/sysctl" -w net.ipv4.tcp_sack=0
    [ "$status" -eq 1 ]
    [[ "$output" == *"MPT_PACKETDRILL_SOCKET is not set"* ]]
    export MPT_PACKETDRILL_SOCKET=$BATS_TEST_TMPDIR/socket
    run "$build/packetdrill/ip" mptcp endpoint show
    [ "$status" -eq 1 ]
    [[ "$output" == *"there is no libmpt stack yet"* ]]
    run "$build/packetdrill/ip" mptcp limits set subflow 1
    [ "$status" -eq 0 ]
    [ -s "$BATS_TEST_TMPDIR/socket.queue" ]
}

@test "run.sh names what is missing" {
    run shim/packetdrill/run.sh
    [ "$status" -eq 2 ]
    run env PACKETDRILL=/nowhere/packetdrill shim/packetdrill/run.sh some.pkt
    [ "$status" -eq 2 ]
    [[ "$output" == *"not installed"* ]]
    run env PACKETDRILL=true BUILD=shim shim/packetdrill/run.sh some.pkt
    [ "$status" -eq 2 ]
    [[ "$output" == *"make packetdrill"* ]]
}
