#!/bin/bash
# SPDX-License-Identifier: MIT
# Kernel smoke test: libmpt over TUN devices against the Multipath TCP of the Linux kernel, both as
# client and as server, with a second subflow, 1 MB each way compared octet by octet, and the kernel's
# own counters checked for exact values. Each case has a fresh network namespace:
#
#     tun_peer (libmpt)                       kernel_peer (socket of protocol 262)
#     10.1.0.1 ----------- tun0 ------------- 10.100.0.1
#     10.2.0.1 ----------- tun1 ------------- 10.101.0.1 (a second endpoint when the kernel is the client)
#
# Prints TAP. Where root, TUN, a kernel with MPTCP, iproute2 or a built library is missing, the test is
# skipped by name. Called by `make check`; by hand: BUILD=build shim/test/kernel_smoke.sh [CASE]
set -u

root=$(cd "$(dirname "$0")/../.." && pwd)
self=$root/shim/test/kernel_smoke.sh
BUILD=${BUILD:-$root/build}
CC=${CC:-cc}
OCTETS=${OCTETS:-1000000}
cases="client server client_checksum server_checksum client_fallback server_fallback"

skip() {
    echo "SKIP kernel smoke: $1"
    echo "ok 1 - kernel smoke # SKIP $1"
    exit 0
}

# ---- inside a namespace ----------------------------------------------------------------------------

# Lines "name value" of every counter, zeroes included.
counters() {
    nstat -asz 'MPTcpExt*' 2>/dev/null | awk '$1 ~ /^MPTcpExt/ {print substr($1, 9), $2}'
}

# expect NAME VALUE: a counter that this kernel does not have is not checked.
expect() {
    local got
    got=$(awk -v n="$1" '$1 == n {print $2}' "$work/counters")
    [ -z "$got" ] || [ "$got" = "$2" ] && return 0
    echo "# $1 is $got, not $2"
    bad=1
}

# Nothing may have gone wrong on the way, whatever the case.
expect_clean() {
    local name
    for name in MPJoinNoTokenFound MPJoinSynAckHMacFailure MPJoinAckHMacFailure DSSNotMatching \
        DSSCorruptionFallback DSSCorruptionReset DSSNoMatchTCP DataCsumErr MPFailTx MPFailRx \
        MPFastcloseTx MPFastcloseRx MPRstTx MPRstRx InfiniteMapTx InfiniteMapRx AddAddrDrop RmAddrDrop \
        MPTCPRetransFail; do
        expect "$name" 0
    done
}

# rp_filter off, or the SYN/ACK of a join that comes by another device vanishes.
set_up() {
    sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
    sysctl -qw net.mptcp.checksum_enabled="$checksum"
    sysctl -qw net.ipv4.tcp_congestion_control=reno 2>/dev/null
    ip link set lo up
    ip mptcp limits set subflow 8 add_addr_accepted 8
    for device in tun0 tun1; do
        ip tuntap add dev $device mode tun || return 1
        ip link set $device up
    done
    ip addr add 10.100.0.1/32 dev tun0
    ip addr add 10.101.0.1/32 dev tun1
    ip route add 10.1.0.1/32 dev tun0 src 10.100.0.1 metric 10
    if [ "$ours" = client ]; then
        ip route add 10.2.0.1/32 dev tun1 src 10.100.0.1
    else # the same prefix with a worse metric: the first subflow must not go there
        ip route add 10.1.0.1/32 dev tun1 src 10.101.0.1 metric 20
        ip mptcp endpoint add 10.101.0.1 dev tun1 subflow
    fi
}

# Waits until a log has a line.
wait_for() {
    local i
    for i in $(seq 300); do
        grep -q "$2" "$1" 2>/dev/null && return 0
        sleep 0.1
    done
    return 1
}

run_peers() {
    local status=0 first
    if [ "$ours" = client ]; then
        "$work/kernel_peer" "${tcp}server" 5000 "$OCTETS" "$OCTETS" >"$work/kernel.log" 2>&1 &
        first=$!
        wait_for "$work/kernel.log" listening
        "$work/tun_peer" client 10.100.0.1 5000 "$OCTETS" "$OCTETS" pm=fullmesh checksum="$checksum" \
            tun0=10.1.0.1 $second >"$work/ours.log" 2>&1 || status=1
    else
        "$work/tun_peer" server 5000 "$OCTETS" "$OCTETS" pm=manual checksum="$checksum" \
            tun0=10.1.0.1 $second >"$work/ours.log" 2>&1 &
        first=$!
        wait_for "$work/ours.log" ready
        "$work/kernel_peer" "${tcp}client" 10.1.0.1 5000 "$OCTETS" "$OCTETS" >"$work/kernel.log" 2>&1 || status=1
    fi
    [ $status = 0 ] || kill "$first" 2>/dev/null
    wait "$first" || status=1
    return $status
}

expect_case() {
    expect_clean
    [ -z "$tcp" ] || return 0
    if [ "$ours" = client ]; then
        expect MPCapableSYNRX 1
        expect MPCapableACKRX 1
        expect MPCapableFallbackACK 0
        expect MPJoinSynRx 1
        expect MPJoinAckRx 1
    else
        expect MPCapableSYNTX 1
        expect MPCapableSYNACKRX 1
        expect MPCapableFallbackSYNACK 0
        expect MPJoinSynTx 1
        expect MPJoinSynAckRx 1
    fi
}

run_case() {
    local name=$1 tcp='' second=tun1=10.2.0.1 checksum=0 ours=${1%%_*}
    bad=0
    case $name in
    *_checksum) checksum=1 ;;
    *_fallback)
        tcp=tcp-
        second=''
        ;;
    esac
    set_up || return 1
    run_peers || bad=1
    counters >"$work/counters"
    expect_case
    [ $bad = 0 ] || sed 's/^/# /' "$work/ours.log" "$work/kernel.log"
    return $bad
}

if [ "${1:-}" = --case ]; then
    run_case "$2"
    exit
fi

# ---- outside ---------------------------------------------------------------------------------------

[ "$(id -u)" = 0 ] || skip "not root"
[ -c /dev/net/tun ] || skip "no /dev/net/tun"
for tool in ip nstat unshare sysctl; do
    command -v $tool >/dev/null || skip "no $tool (iproute2, util-linux, procps)"
done
unshare -n true 2>/dev/null || skip "no privilege for network namespaces"
[ "$(sysctl -n net.mptcp.enabled 2>/dev/null)" = 1 ] || skip "net.mptcp.enabled is not 1 in this kernel"
unshare -n ip mptcp limits >/dev/null 2>&1 || skip "iproute2 without ip mptcp"
unshare -n ip tuntap add dev tun0 mode tun 2>/dev/null || skip "no privilege for TUN devices"
[ -f "$BUILD/libmpt.a" ] && [ -f "$BUILD/libshim.a" ] || skip "libmpt.a and libshim.a are not built in $BUILD"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export work BUILD OCTETS

flags="-std=c11 -O1 -g -Wall -Wextra -D_POSIX_C_SOURCE=200809L -I$root -I$root/model -I$root/shim ${CFLAGS:-}"
peer=$root/shim/tun/peer
if ! $CC $flags -o "$work/kernel_peer" "$peer/kernel_peer.c" ||
    ! $CC $flags -o "$work/tun_peer" "$peer/tun_peer.c" "$BUILD/libshim.a" "$BUILD/libmpt.a" \
        -lsodium -lyaml -lm; then
    echo "not ok 1 - kernel smoke: the peers do not compile"
    exit 1
fi

status=0
number=0
for name in ${1:-$cases}; do
    number=$((number + 1))
    if unshare -n bash "$self" --case "$name" >"$work/case.log" 2>&1; then
        echo "ok $number - kernel smoke $name"
    else
        echo "not ok $number - kernel smoke $name"
        status=1
    fi
    cat "$work/case.log"
done
echo "1..$number"
exit $status
