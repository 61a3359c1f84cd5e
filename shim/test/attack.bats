#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Attacks in scenarios: keys, mistakes, what a run says of them.
bats_require_minimum_version 1.5.0

setup() {
    cd "$BATS_TEST_DIRNAME/../.."
    mpsim=${BUILD:-build}/mpsim
    out=$BATS_TEST_TMPDIR/results
    file=$BATS_TEST_TMPDIR/att.yaml
    cat >"$file" <<'END'
description: one transfer, WiFi attacked
duration: 20s
traffic: {kind: bulk, direction: up, size: 2MB}
client: {pm: fullmesh}
paths:
  wifi:
    link: {rate: 10Mbit/s, delay: 10ms}
    attacks: [{name: none, at: 500ms}]
  lte: {link: {rate: 10Mbit/s, delay: 20ms}}
sweep:
  attack: {set: paths.wifi.attacks.0.name, to: [none, flip-payload, rst, fastclose]}
END
}

# The links of the file, on ns-3.
on_ns3() {
    [ -x "${mpsim}-ns3" ] || skip "no ${mpsim}-ns3"
    echo 'point_to_point: true' >>"$file"
    engine=ns3
}

# The row of the one connection, by the name of its column.
column() {
    awk -F, -v want="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == want) c = i } NR == 2 { print $c }' \
        "$out/att/${engine:-loop}/plain,attack=$1/run-1/summary.csv"
}

@test "the catalogue is listed, with what each attack needs" {
    run "$mpsim" list attacks
    [ "$status" = 0 ]
    [ "$(grep -c 'needs:' <<<"$output")" -ge 30 ]
    [[ $output == *"fastclose"*"the receiver's key"* ]]
    run "$mpsim" help keys
    [[ $output == *"AN ATTACK"*"everywhere"* ]]
}

@test "explain shows an attack and its drawn time" {
    run "$mpsim" explain "$file" --set 'paths.wifi.attacks.0.at=U(1s, 2s)' --set attack=rst
    [ "$status" = 0 ]
    [[ $output == *"paths.wifi.attacks.0.name"*"rst"*"(axis attack=rst)"* ]]
    [[ $output == *"drawn from seed"*"paths.wifi.attacks.0.at"* ]]
}

@test "each attack leaves what theory says" {
    run "$mpsim" run "$file" --all --jobs 1 --out "$out"
    echo "$output"
    [ "$status" = 0 ]
    [ "$(column none octets_up)" = 2000000 ] && [ "$(column none fault_up)" = good ]
    [ "$(column flip-payload fault_up)" = corrupted ]
    [ "$(column rst octets_up)" = 2000000 ] && [ "$(column rst fault_up)" = good ]
    [ "$(column fastclose error)" = "connection reset by peer" ]
}

@test "run.json counts what the attacker did, trace.jsonl tells it" {
    run "$mpsim" run "$file" --set attack=rst --trace --out "$out"
    [ "$status" = 0 ]
    grep -q '"attacker": {"seen": [1-9][0-9]*, "edited": 0, "dropped": 0, "held": 0, "injected": [1-9]' "$output/run.json"
    grep -q '"event":"attack","attack":"rst","what":"inject","path":"wifi","dir":"up"' "$output/trace.jsonl"
    run "$mpsim" run "$file" --set attack=none --out "$out"
    [ "$status" = 0 ]
    if grep -q '"attacker"' "$output/run.json"; then false; fi
}

@test "an attacker that never acts changes no octet" {
    run "$mpsim" run "$file" --set attack=none --out "$out"
    one=$(grep byte_hash "$output/run.json")
    run "$mpsim" run "$file" --set attack=rst --set paths.wifi.attacks.0.at=15s --out "$out"
    [ "$(grep byte_hash "$output/run.json")" = "$one" ]
    run "$mpsim" run "$file" --set attack=rst --out "$out"
    [ "$(grep byte_hash "$output/run.json")" != "$one" ]
}

@test "mistakes are told with their place" {
    run "$mpsim" run "$file" --set paths.wifi.attacks.0.name=flip-paylod
    [ "$status" = 2 ] && [[ $output == *"did you mean 'flip-payload'?"* ]]
    run "$mpsim" run "$file" --set paths.wifi.attacks.3.name=rst
    [ "$status" = 2 ] && [[ $output == *"attack 3 does not exist; path 'wifi' has 1"* ]]
    run "$mpsim" run "$file" --set attack=rst --set paths.wifi.attacks.0.until=100ms
    [ "$status" = 2 ] && [[ $output == *"ends before it begins"* ]]
}

@test "the same scenario on ns-3: the same faults, the same words in run.json and trace.jsonl" {
    on_ns3
    run "$mpsim" run "$file" --engine ns3 --all --trace --jobs 1 --out "$out"
    echo "$output"
    [ "$status" = 0 ]
    [ "$(column none octets_up)" = 2000000 ] && [ "$(column none fault_up)" = good ]
    [ "$(column flip-payload fault_up)" = corrupted ]
    [ "$(column rst octets_up)" = 2000000 ] && [ "$(column rst fault_up)" = good ]
    [ "$(column fastclose error)" = "connection reset by peer" ]
    run=$out/att/ns3/plain,attack=rst/run-1
    grep -q '"attacker": {"seen": [1-9][0-9]*, "edited": 0, "dropped": 0, "held": 0, "injected": [1-9]' "$run/run.json"
    grep -q '"event":"attack","attack":"rst","what":"inject","path":"wifi","dir":"up"' "$run/trace.jsonl"
    if grep -q '"attacker"' "$out/att/ns3/plain,attack=none/run-1/run.json"; then false; fi
}

@test "on ns-3 the run without attacks, for the outcome, has a process of its own" {
    on_ns3
    echo 'outcome: true' >>"$file"
    run "$mpsim" run "$file" --engine ns3 --all --jobs 1 --out "$out"
    echo "$output"
    [ "$status" = 0 ]
    [ "$(column none outcome)" = unaffected ]
    [ "$(column rst outcome)" = recovered ]
    [ "$(column fastclose outcome)" = lost ]
    [ "$(column flip-payload outcome)" = wrong ]
}

@test "off the path on ns-3: joins from nowhere reach the server, whatever their source" {
    on_ns3
    for attack in guess-token amplify; do
        run "$mpsim" run "$file" --engine ns3 --set attack=rst --set paths.wifi.attacks.0.name=$attack --pcap --out "$out"
        [ "$status" = 0 ]
        grep -q '"injected": [1-9]' "$output/run.json"
        command -v tshark || continue
        [ "$(tshark -r "$output/server.pcap" -Y 'tcp.flags.syn == 1 && tcp.flags.ack == 0 && ip.src == 10.1.250.64/30' 2>/dev/null | wc -l)" -ge 2 ]
    done
}

@test "MPTCP, TLS over it and MPTCPsec end on ns-3's links as they do on the loop" {
    [ -x "${mpsim}-ns3" ] || skip "no ${mpsim}-ns3"
    keep='flip-payload|inject-data|rst|data-ack|fastclose|strip-capable|strip-eno|drop-all|edit-checksum-flag|add-addr'
    awk -v keep="^($keep)$" '/^      - / { name = $2; sub(/:$/, "", name); if (name !~ keep) next }
        /^    (upload|requests|lte):/ { skip = 1 } /^    (download|wifi):/ || /^  [a-z]/ || /^[a-z]/ { skip = 0 }
        /^  sec-jwd:/ || skip { next } { sub(/\[up, down\]/, "[down]"); print }' scenarios/attacks.yaml >"$BATS_TEST_TMPDIR/attacks.yaml"
    "$mpsim" run "$BATS_TEST_TMPDIR/attacks.yaml" --engine loop --set repeat=1 --all --out "$out"
    echo 'point_to_point: true' >>"$BATS_TEST_TMPDIR/attacks.yaml"
    "$mpsim" run "$BATS_TEST_TMPDIR/attacks.yaml" --engine ns3 --set repeat=1 --all --out "$out"
    cd "$out/attacks"
    for engine in loop ns3; do
        for run in "$engine"/*/run-1/run.json; do
            run=${run#*/}
            echo "${run%%/*} $(grep -m1 -o '"outcome": "[a-z]*"' "$engine/$run" | cut -d'"' -f4)"
        done >"$engine.txt"
    done
    [ "$(wc -l <loop.txt)" = 30 ]
    diff loop.txt ns3.txt
    grep -q '^tls,.*attack=flip-payload.* lost$' ns3.txt
    grep -q '^sec,.*attack=flip-payload.* recovered$' ns3.txt
    grep -q '^sec,.*attack=strip-eno.* lost$' ns3.txt # required: a clear error, never plain MPTCP
}
