#!/bin/bash
# SPDX-License-Identifier: MIT
# Bulk transfer over two shaped paths with 1 % loss and reordering: libmpt against the kernel in both roles and against
# itself, both ways at once, sha256 of what was sent and what came compared, traces of both ends taken by the strict checker; then
# the same with the faster path cut for a while in the middle. Commands as a user types them (tun/two_hosts.sh shows the set-up).
#
# Prints TAP; where root, TUN or a kernel with MPTCP is missing, the test is skipped by name. `make check` sends 5 MB each
# way, `make check-long` (LONG=1) 100 MB. By hand: MEGABYTES=20 BUILD=build shim/test/kernel_bulk.sh [CASE]
set -u

root=$(cd "$(dirname "$0")/../.." && pwd)
suite="kernel bulk"
BUILD=${BUILD:-$root/build}
case $BUILD in /*) ;; *) BUILD=$PWD/$BUILD ;; esac
CC=${CC:-cc}
MEGABYTES=${MEGABYTES:-$([ "${LONG:-}" = 1 ] && echo 100 || echo 5)}
cases="core_kernel kernel_core core_core core_kernel_cut kernel_core_cut core_core_cut"
. "$root/shim/test/tun/two_hosts.sh"

# Where the cut lies, as a part of a transfer of about $MEGABYTES / 2 seconds.
cut_from=$((MEGABYTES * 1000 / 8 + 400))
cut_to=$((cut_from + 1500 + MEGABYTES * 20))
impairments=loss=1%,reorder=2%,reorder_delay=4ms

sum_of() { sha256sum | cut -d' ' -f1; }

# Both directions at once, through pipes.
transfer() {
    local bad=0
    run_server <"$work/down" 2>/dev/null | sum_of >"$work/up.sum" &
    local reader=$!
    wait_for "$work/server.log" listening
    run_client <"$work/up" | sum_of >"$work/down.sum"
    wait $reader
    [ "$(cat "$work/up.sum")" = "$up_sum" ] || { echo "# client to server: another sha256"; bad=1; }
    [ "$(cat "$work/down.sum")" = "$down_sum" ] || { echo "# server to client: another sha256"; bad=1; }
    return $bad
}

# Both paths must have carried data both ways, and lost some; a cut must have cost something.
check_paths() {
    local bad=0 path
    for path in wifi lte; do
        awk -v p=$path -v least=$((MEGABYTES * 20000)) '
            $1 == p {n++; if ($8 + 0 < least) few++; if ($10 + 0 == 0 || $13 + 0 == 0) dry++}
            END {exit !(n == 2 && !few && !dry)}' "$work/shape.log" || { echo "# $path carried too little"; bad=1; }
    done
    case $1 in
    *_cut)
        awk '$1 == "wifi" {n += $11} END {exit !n}' "$work/shape.log" || { echo "# nothing was cut"; bad=1; }
        ;;
    esac
    return $bad
}

# The strict checker takes what each end saw.
check_traces() {
    local end
    for end in a b; do
        "$BUILD/mpsim" check-pcap "$trace-$end.pcap" >"$work/checked.log" 2>&1 && continue
        tail -5 "$work/checked.log" | sed "s/^/# end $end: /"
        return 1
    done
}

run_case() {
    local name=$1 bad=0 cut= start end
    client=${name%%_*} server=${name#*_}
    server=${server%_cut}
    [ "$name" = "${name%_cut}" ] || cut=",changes.0.at=${cut_from}ms,changes.0.down=true,changes.1.at=${cut_to}ms,changes.1.down=false"
    open_namespaces
    start_shape "rate=20Mbit/s,delay=5ms,$impairments$cut" "rate=10Mbit/s,delay=15ms,$impairments" \
        ${trace:+--pcap "$trace"} || bad=1
    start=$(date +%s%N)
    [ $bad = 1 ] || transfer || bad=1
    end=$(date +%s%N)
    stop_shape
    [ $bad = 1 ] || check_paths "$name" || bad=1
    [ -z "$trace" ] || [ $bad = 1 ] || check_traces || bad=1
    [ $bad = 0 ] || sed 's/^/# /' "$work/server.log" "$work/client.log" "$work/shape.log"
    took=$(awk -v a="$start" -v b="$end" -v m="$MEGABYTES" \
        'BEGIN {s = (b - a) / 1e9; printf "%.1f s, %.2f Mbit/s each way", s, m * 8 / s}')
    close_namespaces
    return $bad
}

need
work=$(mktemp -d)
trap 'close_namespaces; rm -rf "$work"' EXIT
compile kernel_pipe || { echo "not ok 1 - $suite: kernel_pipe does not compile"; exit 1; }
trace=$work/trace # of long transfers there is none: a GB each
[ "$MEGABYTES" -le 10 ] || trace=
head -c $((MEGABYTES * 1000000)) /dev/urandom >"$work/up"
head -c $((MEGABYTES * 1000000)) /dev/urandom >"$work/down"
up_sum=$(sum_of <"$work/up")
down_sum=$(sum_of <"$work/down")

status=0
number=0
for name in ${1:-$cases}; do
    number=$((number + 1))
    rm -f "$work"/*.log "$work"/*.sum
    if run_case "$name"; then
        echo "ok $number - $suite $name: $MEGABYTES MB each way, $took"
    else
        echo "not ok $number - $suite $name: $took"
        status=1
    fi
done
echo "1..$number"
exit $status
