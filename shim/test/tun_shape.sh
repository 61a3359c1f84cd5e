#!/bin/bash
# SPDX-License-Identifier: MIT
# The shaper measured by probe packets of the kernel, from a namespace through `mpsim shape` into another: delay, rate, queue,
# loss, reordering, duplication, corruption, MTU, a silent cut, IPv6; the same seed loses the same packets; and what it says
# when it cannot work. Prints TAP; skipped by name without root, TUN or namespaces. By hand: shim/test/tun_shape.sh [CASE]
#
# Bounds. A packet is never early (EARLY: the clock's own grain). On an idle machine the median of the delay is late by less
# than 0.1 ms and the rate is exact to 1 %: see shim/tun/README.md. The machine that runs this may be busy with other tests:
# LATE and RATE are what it must hold even then.
set -u

root=$(cd "$(dirname "$0")/../.." && pwd)
suite="tun shape"
BUILD=${BUILD:-$root/build}
case $BUILD in /*) ;; *) BUILD=$PWD/$BUILD ;; esac
CC=${CC:-cc}
EARLY=20       # us
LATE=4000      # us, median
RATE=5         # percent
cases="delay rate queue loss seed reorder duplicate corrupt mtu cut ipv6 scenario errors"
. "$root/shim/test/tun/two_hosts.sh"

# path KEYS [OPTION...]: a path between the namespaces; IPv6 is off where it would add packets of its own.
path() {
    local a=/proc/$ns_a/ns/net b=/proc/$ns_b/ns/net
    rm -f "$work/shape.log" # the next one's line is waited for
    "$BUILD/mpsim" shape --path "p=t0@$a=10.3.0.1/24,t0@$b=10.3.0.2/24,$1" "${@:2}" >"$work/shape.log" 2>&1 &
    shape=$!
    wait_for "$work/shape.log" ready
}

# probe COUNT OCTETS INTERVAL-US
probe() { "$work/probe" /proc/$ns_a/ns/net /proc/$ns_b/ns/net 10.3.0.2 "$@" >"$work/probe.out"; }

# column DIRECTION NAME: a number of the table at the end.
column() {
    awk -v dir="$1" -v name="$2" '
        $1 == "path" {for (i = 2; i <= NF; i++) if ($i == name && !at) at = i + 3}
        $1 == "p" && ++n == dir {print $at}' "$work/shape.log"
}

# between WHAT VALUE LEAST MOST
between() {
    awk -v v="$2" -v a="$3" -v b="$4" 'BEGIN {exit !(v != "" && v >= a && v <= b)}' && return 0
    echo "# $1 is $2, not within $3 and $4"
    return 1
}

# Delay of the packets that arrived less the given one: "least median most" in us.
lateness() {
    awk -v d="$1" '{print $3 - $2 - d}' "$work/probe.out" | sort -n |
        awk '{v[NR] = $1} END {print v[1], v[int((NR + 1) / 2)], v[NR]}'
}

case_delay() { # an empty path: 20 ms and nothing else, then serialisation of 1000 octets at 8 Mbit/s
    local least median most
    path rate=0,delay=20ms
    probe 200 100 2500
    stop_shape
    read -r least median most < <(lateness 20000)
    note="late by $least, $median, $most us (least, median, most)"
    between "least lateness" "$least" -$EARLY $LATE && between "median lateness" "$median" -$EARLY $LATE || return 1
    path rate=8Mbit/s,delay=20ms
    probe 100 1000 5000
    stop_shape
    read -r least median most < <(lateness 21000)
    between "least with serialisation" "$least" -$EARLY $LATE && between "median" "$median" -$EARLY $LATE
}

case_rate() { # at the third attempt at the latest: one late wake-up of a busy machine at the first packet is 5 % of 54 ms
    note=
    measured_rate 10 || measured_rate 10 || measured_rate 10 || return 1
    measured_rate 100 || measured_rate 100 || measured_rate 100
}

# measured_rate RATE: 450 packets (a device holds 500) at once: (n - 1) packets from the first arrival to the last
measured_rate() {
    local rate=$1 got
    path rate=${rate}Mbit/s,delay=5ms,queue=10MB
    probe 450 1500 0
    stop_shape
    got=$(awk 'NR == 1 {a = $3} {b = $3} END {printf "%.3f", (NR - 1) * 12000 / (b - a)}' "$work/probe.out")
    note="$note $got Mbit/s of $rate,"
    between "packets" "$(wc -l <"$work/probe.out")" 450 450 &&
        between "rate" "$got" $((rate * (100 - RATE)))e-2 $((rate * (100 + RATE)))e-2
}

case_queue() { # 100 packets at once into room for 10: the one in service and the ten behind it, give or take what left
    path rate=1Mbit/s,delay=0,queue=15000B
    probe 100 1500 0
    stop_shape
    between "arrived" "$(wc -l <"$work/probe.out")" 10 20 && between "dropped" "$(column 1 queue)" 80 90
}

case_loss() {
    path rate=0,delay=1ms,loss=10% --seed 3
    probe 2000 100 100
    stop_shape
    between "lost" "$(column 1 loss)" 150 250 &&
        between "arrived and lost" $(($(wc -l <"$work/probe.out") + $(column 1 loss))) 2000 2000
}

case_seed() { # which packets are lost is decided by the seed alone
    local seed i=0
    in_a sysctl -qw net.ipv6.conf.default.disable_ipv6=1
    in_b sysctl -qw net.ipv6.conf.default.disable_ipv6=1
    for seed in 7 7 8; do
        path rate=0,delay=1ms,loss=20%,burst=3 --seed $seed
        probe 300 100 100
        stop_shape
        i=$((i + 1))
        cut -d' ' -f1 "$work/probe.out" | sort -n >"$work/arrived.$i"
    done
    cmp -s "$work/arrived.1" "$work/arrived.2" || { echo "# seed 7 is not itself"; return 1; }
    ! cmp -s "$work/arrived.1" "$work/arrived.3" || { echo "# seed 8 is like seed 7"; return 1; }
}

case_reorder() {
    path rate=0,delay=2ms,reorder=10%,reorder_delay=5ms
    probe 500 100 500
    stop_shape
    between "reordered" "$(column 1 reorder)" 25 80 && between "arrived" "$(wc -l <"$work/probe.out")" 500 500 &&
        between "behind a later one" "$(awk '$1 < m {n++} $1 > m {m = $1} END {print n + 0}' "$work/probe.out")" 20 90
}

case_duplicate() {
    path rate=0,delay=2ms,duplicate=10%
    probe 500 100 200
    stop_shape
    between "duplicated" "$(column 1 dup)" 25 80 &&
        between "arrived" "$(wc -l <"$work/probe.out")" $((500 + $(column 1 dup))) $((500 + $(column 1 dup)))
}

case_corrupt() { # one bit flips: the receiver's checksum finds it
    path rate=0,delay=2ms,corrupt=10%
    probe 500 100 200
    stop_shape
    between "corrupted" "$(column 1 corrupt)" 25 80 &&
        between "arrived" "$(wc -l <"$work/probe.out")" $((500 - $(column 1 corrupt))) $((500 - $(column 1 corrupt)))
}

case_mtu() {
    path rate=0,delay=1ms,mtu=1000B
    probe 20 1000 1000
    between "arrived of 1000 octets" "$(wc -l <"$work/probe.out")" 20 20 || return 1
    probe 20 1001 1000
    stop_shape
    between "arrived of 1001" "$(wc -l <"$work/probe.out")" 0 0 && between "too large" "$(column 1 mtu)" 20 20
}

case_cut() { # down from 300 ms to 700 ms behind "ready"; 1.5 s of packets every 5 ms
    path rate=0,delay=1ms,changes.0.at=300ms,changes.0.down=true,changes.1.at=700ms,changes.1.down=false
    probe 300 100 5000
    stop_shape
    between "lost to the cut" "$(column 1 down)" 60 85 &&
        between "longest gap (ms)" "$(awk '{g = ($3 - l) / 1000; if (NR > 1 && g > m) m = g; l = $3} END {print m}' \
            "$work/probe.out")" 380 480
}

case_ipv6() {
    local a=/proc/$ns_a/ns/net b=/proc/$ns_b/ns/net
    rm -f "$work/shape.log" # the next one's line is waited for
    "$BUILD/mpsim" shape --path "p=t0@$a=fd03::1/64,t0@$b=fd03::2/64,rate=20Mbit/s,delay=5ms" >"$work/shape.log" 2>&1 &
    shape=$!
    wait_for "$work/shape.log" ready || return 1
    in_b "$work/kernel_pipe" -d -l 5000 2>"$work/server.log" | sha256sum >"$work/sum" &
    local reader=$!
    wait_for "$work/server.log" listening
    head -c 300000 /dev/zero | in_a "$work/kernel_pipe" fd03::2 5000 || return 1
    wait $reader
    stop_shape
    [ "$(cat "$work/sum")" = "$(head -c 300000 /dev/zero | sha256sum)" ]
}

case_scenario() { # keys of a file, of --set, and of --path over both
    printf 'paths:\n  p: {loss: 0.5, link: {rate: 0, delay: 30ms}}\n' >"$work/s.yaml"
    path loss=0 --scenario "$work/s.yaml" --set paths.p.link.jitter=0s --for 3s
    probe 50 100 2000
    wait $shape
    between "arrived" "$(wc -l <"$work/probe.out")" 50 50 && read -r least median most < <(lateness 30000) &&
        between "least lateness" "$least" -$EARLY $LATE
}

case_errors() {
    local m=$BUILD/mpsim bad=0
    complains "which path" 2 "$m" shape || bad=1
    complains "two devices" 2 "$m" shape --path p=a0 || bad=1
    complains "did you mean" 2 "$m" shape --path p=a0,b0,dely=5ms || bad=1
    complains "too large" 2 "$m" shape --path p=a0,b0,loss=2 || bad=1
    complains "1 to 15 letters" 2 "$m" shape --path p=a0,b0123456789abcdef || bad=1
    complains "No such file" 1 "$m" shape --path p=a0@nowhere,b0 || bad=1
    complains "prefix length" 2 "$m" shape --path p=a0=10.0.0.1/33,b0 || bad=1
    complains "unknown option" 2 "$m" shape --pth p=a0,b0 || bad=1
    complains "no TUN device" 1 nsenter -n -t "$ns_a" "$m" shape --path p=lo,b0 || bad=1
    rm -f "$work/shape.log"
    nsenter -n -t "$ns_a" "$m" shape --path p=a0,b0 >"$work/shape.log" &
    shape=$!
    wait_for "$work/shape.log" ready
    complains "another program has it" 1 nsenter -n -t "$ns_a" "$m" shape --path p=a0,c0 || bad=1
    stop_shape
    nobody_complains shape --path p=a0,b0 || bad=1
    return $bad
}

need
work=$(mktemp -d)
trap 'close_namespaces; rm -rf "$work"' EXIT
compile probe kernel_pipe || { echo "not ok 1 - $suite: the probe does not compile"; exit 1; }
status=0
number=0
for name in ${1:-$cases}; do
    number=$((number + 1))
    note=
    open_namespaces
    if case_"$name"; then
        echo "ok $number - $suite $name${note:+: $note}"
    else
        echo "not ok $number - $suite $name${note:+: $note}"
        [ ! -f "$work/shape.log" ] || sed 's/^/# /' "$work/shape.log"
        status=1
    fi
    close_namespaces
done
echo "1..$number"
exit $status
