#!/bin/bash
# SPDX-License-Identifier: MIT
# The same seed gives the same bytes at the same times: twice with one build, with -O0, with -O3 and under
# sanitizers, and twice on ns-3. Compares byte_hash of run.json, which covers every packet and its time.
# Another seed must give other bytes. Prints TAP. `make check` makes the builds; one that is missing is
# skipped by name.
set -u

BUILD=${BUILD:-build}
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
count=0

# hash_of BUILD ENGINE FILE VARIANT SEED [SETTING...]: prints the hash of a run, nothing when it failed
hash_of() {
    local build=$1 engine=$2 file=$3 variant=$4 seed=$5 out
    shift 5
    out=$(mktemp -d "$work/run.XXXXXX")
    "$build/mpsim" run "$file" --engine "$engine" --variant "$variant" --seed "$seed" --out "$out" \
        "$@" >"$out/log" 2>&1 || {
        tail -5 "$out/log" | sed 's/^/# /' >&2
        return
    }
    find "$out" -name run.json -exec sed -n 's/.*"byte_hash": "\([0-9a-f]*\)".*/\1/p' {} +
}

# verdict NAME EXPECTED GOT
verdict() {
    count=$((count + 1))
    if [ -n "$2" ] && [ "$2" = "$3" ]; then
        echo "ok $count - $1"
    else
        echo "not ok $count - $1"
        echo "# expected '$2', got '$3'"
    fi
}

skip() {
    count=$((count + 1))
    echo "ok $count - $1 # SKIP $2"
}

# Loss, reordering, duplication and corruption on both paths: every kind of draw is used.
harsh=(--set paths.wifi.loss=2% --set paths.wifi.reorder=3% --set paths.lte.duplicate=2%
    --set paths.lte.corrupt=1% --set paths.wifi.link.jitter=2ms)
handover=scenarios/handover.yaml
for variant in both join4 jwd jwdval; do
    first=$(hash_of "$BUILD" loop $handover $variant 1 "${harsh[@]}")
    verdict "$variant: two runs" "$first" "$(hash_of "$BUILD" loop $handover $variant 1 "${harsh[@]}")"
    for other in O0 O3 asan; do
        if [ -x "$BUILD/$other/mpsim" ]; then
            verdict "$variant: $other" "$first" \
                "$(hash_of "$BUILD/$other" loop $handover $variant 1 "${harsh[@]}")"
        else
            skip "$variant: $other" "no $BUILD/$other/mpsim"
        fi
    done
done

one=$(hash_of "$BUILD" loop $handover jwd 1)
two=$(hash_of "$BUILD" loop $handover jwd 2)
verdict "another seed gives other bytes" yes "$([ -n "$one" ] && [ -n "$two" ] && [ "$one" != "$two" ] && echo yes)"

# OpenSSL draws from the seed too, and reads no clock.
tls=("${harsh[@]}" --set traffic.tls=true)
first=$(hash_of "$BUILD" loop $handover join4 1 "${tls[@]}")
verdict "TLS: two runs" "$first" "$(hash_of "$BUILD" loop $handover join4 1 "${tls[@]}")"
for other in O0 O3 asan; do
    if [ -x "$BUILD/$other/mpsim" ]; then
        verdict "TLS: $other" "$first" "$(hash_of "$BUILD/$other" loop $handover join4 1 "${tls[@]}")"
    else
        skip "TLS: $other" "no $BUILD/$other/mpsim"
    fi
done

if [ -x "$BUILD/mpsim-ns3" ]; then
    short=(--set duration=4s --set traffic.count=6 --set paths.wifi.changes.0.at=2s)
    first=$(hash_of "$BUILD" ns3 $handover jwd 1 "${short[@]}")
    verdict "ns-3: two runs" "$first" "$(hash_of "$BUILD" ns3 $handover jwd 1 "${short[@]}")"
    first=$(hash_of "$BUILD" ns3 $handover jwd 1 "${short[@]}" --set traffic.tls=true)
    verdict "ns-3 with TLS: two runs" "$first" \
        "$(hash_of "$BUILD" ns3 $handover jwd 1 "${short[@]}" --set traffic.tls=true)"
else
    skip "ns-3: two runs" "no $BUILD/mpsim-ns3"
fi
echo "1..$count"
