#!/bin/bash
# SPDX-License-Identifier: MIT
# Goodput of libmpt beside the kernel's Multipath TCP through the same shaper: two paths of 20 and 10 Mbit/s with round trips
# of 20 and 60 ms, a queue of one BDP, no other loss. Four pairs (client to server), the client sends MEGABYTES; rounds are
# interleaved; the median of ROUNDS counts. The same on both sides: Reno on each subflow (net.ipv4.tcp_congestion_control,
# cc=reno), MSS (MTU 1500, timestamps), buffers of 4 MiB (net.ipv4.tcp_wmem and tcp_rmem; sndbuf and rcvbuf).
# `make bench-kernel` calls it; figures to read, not a test, but it exits 1 when a pair is more than 10 % behind the kernel's.
#     MEGABYTES=30 ROUNDS=5 BUILD=build shim/test/tun/bench_kernel.sh
set -u

root=$(cd "$(dirname "$0")/../../.." && pwd)
suite="bench kernel"
BUILD=${BUILD:-$root/build}
case $BUILD in /*) ;; *) BUILD=$PWD/$BUILD ;; esac
CC=${CC:-cc}
MEGABYTES=${MEGABYTES:-30}
ROUNDS=${ROUNDS:-5}
PAIRS=${PAIRS:-kernel_kernel core_kernel kernel_core core_core}
WIFI=${WIFI:-rate=20Mbit/s,delay=10ms}
LTE=${LTE:-rate=10Mbit/s,delay=30ms}
. "$root/shim/test/tun/two_hosts.sh"

# One transfer from A to B; the goodput is what the reader at B sees between the first octet and the last.
measure() {
    client=${1%_*} server=${1#*_}
    rm -f "$work"/*.log
    open_namespaces
    start_shape "$WIFI" "$LTE" --realtime ${PCAP:+--pcap "$PCAP-$1"} || exit 1
    run_server -d | "$work/meter" >"$work/meter.out" &
    local reader=$!
    wait_for "$work/server.log" listening
    run_client <"$work/data" >/dev/null
    wait $reader
    stop_shape
    close_namespaces
    read -r octets took bits <"$work/meter.out"
    [ "$octets" = $((MEGABYTES * 1000000)) ] || { echo "$1: only $octets octets came"; cat "$work"/*.log; exit 1; }
    echo "$1 $bits" >>"$work/table"
    [ -z "${VERBOSE:-}" ] || { echo "$1 round $2: $took s, $bits bit/s"; cat "$work"/*.log; }
}

need
work=$(mktemp -d)
trap 'close_namespaces; rm -rf "$work"' EXIT
compile kernel_pipe meter || exit 1
head -c $((MEGABYTES * 1000000)) /dev/urandom >"$work/data"
for round in $(seq "$ROUNDS"); do
    for pair in $PAIRS; do
        measure "$pair" "$round"
    done
done
awk -v pairs="$PAIRS" -v megabytes="$MEGABYTES" '
    {v[$1, ++n[$1]] = $2 / 1e6}
    function median(p, i, j, t, a) {
        for (i = 1; i <= n[p]; i++) a[i] = v[p, i]
        for (i = 1; i <= n[p]; i++) for (j = i + 1; j <= n[p]; j++) if (a[j] < a[i]) {t = a[i]; a[i] = a[j]; a[j] = t}
        low = a[1]; high = a[n[p]]
        return a[int((n[p] + 1) / 2)]
    }
    END {
        m = split(pairs, name, " ")
        printf "%-14s %14s %8s %8s %16s   (%d MB, Mbit/s)\n", "client_server", "median of " n[name[1]], "least", "most", "of kernel_kernel", megabytes
        for (i = 1; i <= m; i++) {
            x = median(name[i])
            if (i == 1) base = x
            printf "%-14s %14.2f %8.2f %8.2f %15.1f%%\n", name[i], x, low, high, 100 * x / base
            if (x < 0.9 * base) bad = 1
        }
        exit bad
    }' "$work/table"
