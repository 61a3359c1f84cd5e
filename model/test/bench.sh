#!/bin/bash
# SPDX-License-Identifier: MIT
# Speed and memory, for `make bench`: the bench programs given as arguments (loop engine, memory), then the
# ns-3 engine against ns-3's own TCP on the same topology. The machine drifts, so those two run interleaved,
# ROUNDS times, and only their ratio counts. Nothing here passes or fails.
set -eu

BUILD=${BUILD:-build}
ROUNDS=${ROUNDS:-3}
SECONDS_SIMULATED=10
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for program in "$@"; do
    echo "== $(basename "$program")"
    "$program" || echo "   exit $?"
done

# Seconds of many connections are mostly those of a memory that outgrows the caches; instructions show what is done.
if command -v valgrind >/dev/null; then
    count() { # N: instructions of the program that opens N connections and leaves them idle
        valgrind --tool=cachegrind --cache-sim=no --cachegrind-out-file=/dev/null "$BUILD/test/shim/test/bench_idle" "$1" 2>&1 |
            awk '/I *refs:/ { gsub(",", "", $NF); print $NF }'
    }
    echo "== instructions of each of 1,000 and of 100,000 idle connections (valgrind, 2 min)"
    awk -v few="$(count 1000)" -v many="$(count 100000)" \
        'BEGIN {printf "%.0f and %.0f: %.2f x (goal 1)\n", few / 1000, many / 100000, many / few / 100}'
else
    echo "valgrind is missing: instructions of idle connections not counted"
fi

# field NAME: of "name=value name=value" on standard input
field() {
    tr ' ' '\n' | sed -n "s/^$1=//p"
}

# Wall seconds, simulated seconds and data segments of one bulk run of ours on two paths.
ours() { # ENGINE ROUND
    local out=$work/$1-$2 dir
    "$BUILD/mpsim" run scenarios/bulk.yaml --engine "$1" --variant two --seed 1 --out "$out" \
        --set series=0s --set duration=${SECONDS_SIMULATED}s --set traffic.size=1GB --set traffic.direction=up \
        --set paths.wifi.link.delay=20ms --set paths.lte.link.delay=20ms \
        --set server_link.rate=0 $([ "$1" = loop ] || echo --set point_to_point=true) >"$out.log" 2>&1 || {
        tail -5 "$out.log" >&2
        return 1
    }
    dir=$(dirname "$(find "$out" -name run.json | head -1)")
    awk -F'[:,]' '/"wall_s"/ {w = $2} /"end_s"/ {e = $2}
        END {printf "wall_s=%g simulated_s=%g ", w, e}' "$dir/run.json"
    # 1,428 octets of payload fit a segment with timestamps and a DSS of 20 octets.
    awk -F, 'NR == 1 {for (i = 1; i <= NF; i++) if ($i == "octets_up") c = i}
        NR == 2 {printf "segments=%d goodput_bit_s=%.0f\n", $c / 1428, $c * 8 / '$SECONDS_SIMULATED'}' "$dir/summary.csv"
}

if [ ! -x "$BUILD/mpsim-ns3" ] || [ ! -x "$BUILD/bench-ns3-tcp" ]; then
    echo "no ns-3 engine in $BUILD: nothing to compare"
    exit 0
fi
echo "== two paths of 100 Mbit/s, 20 ms one way, $SECONDS_SIMULATED s of bulk; interleaved, $ROUNDS rounds"
printf '%-26s %12s %14s %12s\n' "" "seg/wall-s" "wall s/sim s" "goodput Mb/s"
for ((round = 1; round <= ROUNDS; round++)); do
    echo "ns3-tcp $("$BUILD/bench-ns3-tcp" --flows=2 --seconds=$SECONDS_SIMULATED --delay_ms=20)"
    echo "mpsim-ns3 $(ours ns3 $round)"
    echo "mpsim-loop $(ours loop $round)"
done >"$work/rounds"
for name in ns3-tcp mpsim-ns3 mpsim-loop; do
    grep "^$name " "$work/rounds" | while read -r line; do
        segments=$(field segments <<<"$line")
        wall=$(field wall_s <<<"$line")
        simulated=$(field simulated_s <<<"$line")
        goodput=$(field goodput_bit_s <<<"$line")
        awk -v n="$name" -v s="$segments" -v w="$wall" -v t="$simulated" -v g="$goodput" \
            'BEGIN {printf "%-26s %12.0f %14.4f %12.1f\n", n, s / w, w / t, g / 1e6}'
    done
done | tee "$work/rows"
awk '{n[$1]++; s[$1] += $2}
    END {
        base = s["ns3-tcp"] / n["ns3-tcp"]
        printf "mpsim-ns3 to ns-3 TCP: %.2f x segments per wall second (goal 2.5 x)\n", s["mpsim-ns3"] / n["mpsim-ns3"] / base
        printf "mpsim-loop to ns-3 TCP: %.1f x\n", s["mpsim-loop"] / n["mpsim-loop"] / base
    }' "$work/rows"
