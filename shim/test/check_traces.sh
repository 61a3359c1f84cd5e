#!/bin/bash
# SPDX-License-Identifier: MIT
# The strict trace checker on traces that must be clean: simulated transfers over bad networks (--damage: their boxes
# corrupt packets), every variant of every scenario that the loop can run, both ends alone and merged, MPTCPsec among them
# with and without its key log, and the captures under kernel/pcap. (What scripted peers of the dialogues do wrong is done on purpose: not asked.) Prints TAP.
# By hand: BUILD=build SEEDS=1000 FIRST=5000 shim/test/check_traces.sh
set -u

cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
SEEDS=${SEEDS:-200}
FIRST=${FIRST:-1}
sim=$BUILD/test/model/test/sim/sim_transfers
secure=$BUILD/test/model/test/sim/sim_secure
mpsim=$BUILD/mpsim
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
count=0
failed=0

# verdict NAME FILE: fine when the file is empty
verdict() {
    count=$((count + 1))
    if [ ! -s "$2" ]; then
        echo "ok $count - $1"
    else
        echo "not ok $count - $1"
        head -10 "$2" | sed 's/^/# /'
        failed=1
    fi
}

# clean OPTIONS FILES...: what the checker has to say, warnings too; nothing when all is well
clean() {
    local status
    "$mpsim" check-pcap "$@" >"$work/report" 2>&1
    status=$?
    grep -E ': (warning: )?(RFC|JWD|MPTCPsec) ' "$work/report"
    [ $status = 0 ] || echo "status $status"
}

[ -x "$mpsim" ] || { echo "1..0 # skip mpsim is not built"; exit 77; }

if [ -x "$sim" ]; then
    : >"$work/bad"
    for seed in $(seq "$FIRST" $((FIRST + SEEDS - 1))); do
        "$sim" --seed "$seed" --pcap "$work/x.pcap" >/dev/null
        clean --damage "$work/x.pcap" | sed "s|^$work/x.pcap|seed $seed|" >>"$work/bad"
    done
    verdict "$SEEDS simulated transfers" "$work/bad"
else
    count=$((count + 1))
    echo "ok $count - simulated transfers # skip sim_transfers is not built"
fi

if [ -x "$secure" ]; then
    : >"$work/bad"
    for seed in $(seq "$FIRST" $((FIRST + SEEDS - 1))); do
        "$secure" --seed "$seed" --pcap "$work/x.pcap" --keys "$work/keys" >/dev/null
        { clean --damage "$work/x.pcap"; clean --damage --keys "$work/keys" "$work/x.pcap"; } |
            sed "s|^$work/x.pcap|seed $seed|" >>"$work/bad"
    done
    verdict "$SEEDS simulated transfers with MPTCPsec" "$work/bad"
else
    count=$((count + 1))
    echo "ok $count - simulated transfers with MPTCPsec # skip sim_secure is not built"
fi

# opened NAME ARGUMENTS...: a run with keys; every record of it must be opened
opened() {
    local name=$1 dir
    shift
    if ! "$mpsim" run "$@" --engine loop --set stack.sec=require --set client.sec_keylog=1 --pcap --out "$work/out" \
        >"$work/dir" 2>"$work/why"; then
        count=$((count + 1))
        echo "ok $count - $name # skip $(head -1 "$work/why")"
        return
    fi
    dir=$(tail -1 "$work/dir")
    {
        clean --damage "$dir/server.pcap"
        for files in "$dir/server.pcap" "$dir/phone1.pcap" "$dir/server.pcap $dir/phone1.pcap"; do
            # shellcheck disable=SC2086
            clean --damage --keys "$dir/keys.log" $files
            sed -n 's/.*MPTCPsec (suite .., \([0-9]*\) records, \([0-9]*\) opened).*/\1 \2/p' "$work/report" |
                awk '$1 != $2 || $1 < 3 {print $1 " records, " $2 " opened"} END {if (!NR) print "not secure"}'
        done
    } >"$work/bad"
    verdict "$name" "$work/bad"
    rm -rf "$work/out"
}

for direction in up down; do
    opened "MPTCPsec $direction" scenarios/bulk.yaml --variant two --set traffic.direction=$direction --set traffic.size=2MB
    opened "MPTCPsec $direction, TLS" scenarios/bulk.yaml --variant two --set traffic.direction=$direction --set traffic.size=2MB \
        --set stack.sec_kx=tls
done
opened "MPTCPsec, joins with data" scenarios/fastjoin.yaml
opened "MPTCPsec, pre-shared key, AES-256-GCM" scenarios/bulk.yaml --variant two --set traffic.size=2MB --set stack.sec_kx=psk \
    --set stack.sec_aead=aes256gcm

for file in scenarios/*.yaml; do
    for variant in $(sed -n '/^variants:/,/^[a-z]/s/^  \([a-zA-Z0-9_-]*\):.*/\1/p' "$file"); do
        name="$(basename "$file" .yaml) $variant"
        # without attacks: what an attacker sends is wrong on purpose
        attack=()
        for path in $(awk '/^paths:/ {on = 1; next} /^[a-z]/ {on = 0} on && /^  [a-z]/ {path = $1; sub(":.*", "", path)}
                           on && /attacks:/ {print path}' "$file"); do
            attack+=(--set "paths.$path.attacks.0.name=none")
        done
        if ! "$mpsim" run "$file" --engine loop --variant "$variant" "${attack[@]}" --pcap --out "$work/out" >"$work/dir" 2>"$work/why"; then
            count=$((count + 1))
            echo "ok $count - $name # skip $(head -1 "$work/why")"
            continue
        fi
        dir=$(tail -1 "$work/dir")
        { clean --damage "$dir/server.pcap"; clean --damage "$dir"/phone*.pcap; clean --damage "$dir"/*.pcap; } >"$work/bad"
        verdict "scenario $name" "$work/bad"
        rm -rf "$work/out"
    done
done

for file in shim/test/kernel/pcap/*.pcap; do
    [ -e "$file" ] || continue
    "$mpsim" check-pcap "$file" >"$work/report" 2>&1 && : >"$work/report"
    verdict "kernel trace $(basename "$file")" "$work/report"
done
echo "1..$count"
exit $failed
