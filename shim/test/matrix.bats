#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The attack matrix: a sample of scenarios/attacks.yaml held against analysis/attacks.theory (all of it: `make attacks`),
# one cell by name with its capture, and what `outcome` says in any scenario.
bats_require_minimum_version 1.5.0

setup() {
    cd "$BATS_TEST_DIRNAME/../.."
    mpsim=${BUILD:-build}/mpsim
    out=$BATS_TEST_TMPDIR/results
}

# The value of a column of the one run below $out, by its name.
column() {
    awk -F, -v want="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == want) c = i } NR == 2 { print c ? $c : "no column" }' \
        "$(find "$out" -name summary.csv)"
}

@test "every attack of the catalogue has a row in the scenario" {
    diff <("$mpsim" list attacks | awk '/^[a-z]/ { print $1 }' | sort) \
        <(sed -n 's/^      - \([a-z0-9-]*\).*/\1/p' scenarios/attacks.yaml | sort)
}

# The scenario with these attacks only (a|b|c); strip-capable and edit-checksum-flag must be among them: the others refer to them.
sample() {
    mkdir "$BATS_TEST_TMPDIR/scenarios"
    awk -v keep="^($1)$" '/^      - / { name = $2; sub(/:$/, "", name); if (name !~ keep) next } { print }' \
        scenarios/attacks.yaml >"$BATS_TEST_TMPDIR/scenarios/attacks.yaml"
}

@test "a sample of the matrix does what theory says" {
    sample 'flip-payload|rst|optimistic-ack|data-ack|data-fin|fastclose|strip-capable|drop-all|edit-checksum-flag|join-steal|rewrite-ports'
    run "$mpsim" run "$BATS_TEST_TMPDIR/scenarios/attacks.yaml" --all --out "$out"
    [ "$status" = 0 ]
    FIGURE=no run analysis/attacks.sh attacks "$out/attacks/loop"
    echo "$output"
    [ "$status" = 0 ]
    [[ $output == *" 0 contradictions" ]]
    grep -q '^| `rst` | recovered in [0-9]* ms' "$out/attacks/loop/tables/attacks.md"
}

@test "a run that contradicts theory is told, and a harmless attack that nobody explains" {
    mkdir -p "$out/mptcp,direction=up,attack=rst,path=wifi,traffic=upload/run-1"
    printf 'connection,outcome,outcome_late_s,outcome_without\n1,lost,,unaffected\n' >"$out/mptcp,direction=up,attack=rst,path=wifi,traffic=upload/run-1/summary.csv"
    FIGURE=no run analysis/attacks.sh attacks "$out"
    [ "$status" = 1 ]
    [[ $output == *"mptcp rst wifi up upload: lost, expected"* ]]
    sed -i 's/1,lost,,unaffected/1,unaffected,,stalled/' "$out"/*/run-1/summary.csv
    FIGURE=no run analysis/attacks.sh attacks "$out"
    [ "$status" = 1 ]
    [[ $output == *"rst: harms no stack"* && $output == *"stalled even without the attack"* ]]
}

@test "one cell alone by name, with a capture that tshark reads" {
    run "$mpsim" run scenarios/attacks.yaml --variant mptcp --set attack=rst --set path=wifi --set direction=down \
        --set traffic=download --pcap --trace --out "$out"
    [ "$status" = 0 ]
    grep -q '"outcome": "recovered"' "$output/run.json"
    grep -q '"attack":"rst","what":"inject","path":"wifi","dir":"down"' "$output/trace.jsonl"
    [ "$(column outcome)" = recovered ]
    [[ $(column outcome_late_s) =~ ^0\.[0-9]{9}$ ]]
    command -v tshark || skip "tshark is missing"
    [ "$(tshark -r "$output/phone1.pcap" -Y 'tcp.flags.reset == 1 && tcp.srcport == 5001' 2>/dev/null | wc -l)" -ge 1 ]
}

@test "outcome in any scenario: off it leaves no trace, without attack all is unaffected, a limit is a stall" {
    sed 's/^outcome: true//' scenarios/attacks.yaml >"$BATS_TEST_TMPDIR/att.yaml"
    "$mpsim" run "$BATS_TEST_TMPDIR/att.yaml" --out "$out"
    [ "$(column outcome)" = "no column" ]
    if grep -q outcome "$(find "$out" -name run.json)"; then false; fi
    rm -rf "$out"
    "$mpsim" run scenarios/bulk.yaml --set outcome=true --out "$out"
    [ "$(column outcome)$(column outcome_late_s)" = unaffected ]
    rm -rf "$out"
    "$mpsim" run scenarios/bulk.yaml --set outcome=true --set duration=100ms --out "$out"
    [ "$(column outcome)" = stalled ]
    if "$mpsim" run scenarios/bulk.yaml --set outcome=perhaps --out "$out"; then false; fi
}

@test "the run without attacks leaves the attacked one as it was" {
    for outcome in true false; do
        rm -rf "$out"
        run "$mpsim" run scenarios/attacks.yaml --variant tls --set attack=fin --set outcome=$outcome --out "$out"
        grep byte_hash "$output/run.json" >>"$BATS_TEST_TMPDIR/hash"
    done
    [ "$(sort -u "$BATS_TEST_TMPDIR/hash" | wc -l)" = 1 ]
}

@test "MPTCPsec attacked on every path: it may end, it never reads a wrong octet" {
    sample 'flip-payload|inject-data|data-ack|edit-dsn|strip-capable|edit-checksum-flag|strip-dss|race-join'
    for v in sec sec-jwd; do
        "$mpsim" run "$BATS_TEST_TMPDIR/scenarios/attacks.yaml" --variant $v --set path=wifi --all --out "$out" \
            --set paths.wifi.attacks.0.everywhere=true --set paths.wifi.attacks.0.hears=true
    done
    FIGURE=no analysis/attacks.sh attacks "$out/attacks/loop" >/dev/null || true # most rules are about one clean path
    [ "$(wc -l <"$out/attacks/loop/tables/attacks.csv")" = 97 ]
    if grep ',wrong,' "$out/attacks/loop/tables/attacks.csv"; then false; fi
    grep -q ',flip-payload,.*,stalled,' "$out/attacks/loop/tables/attacks.csv"
    find "$out" -name summary.csv -print0 | xargs -0 awk -F, 'FNR == 1 { for (i = 1; i <= NF; i++) c[$i] = i }
        FNR == 2 && ($c["fault_up"] != "good" || $c["fault_down"] != "good") { print FILENAME; bad = 1 } END { exit bad }'
}

@test "downgrade: with require every strip ends in an error, with prefer it gives regular MPTCP and says so" {
    for attack in strip-eno strip-capable edit-version; do
        for direction in up down; do
            for policy in require prefer; do
                traffic=$([ $direction = up ] && echo upload || echo download)
                rm -rf "$out"
                run "$mpsim" run scenarios/attacks.yaml --variant sec --set stack.sec=$policy --set attack=$attack --set path=wifi \
                    --set direction=$direction --set traffic=$traffic --trace --out "$out"
                [ "$status" = 0 ]
                if [ $policy = require ]; then
                    [ "$(column outcome)" = lost ]
                    [ "$(column error)" != "" ]
                    [ "$(column octets_up)$(column octets_down)" = 00 ]
                else
                    [[ $(column outcome) == unaffected || $(column outcome) == recovered ]]
                    # declined, at both ends, never agreed on and never keyed
                    [ "$(grep '"event":"secure"' "$output/trace.jsonl" | grep -c '"what":3')" = 2 ]
                    [ "$(grep '"event":"secure"' "$output/trace.jsonl" | grep -c '"what":[12],')" = 0 ]
                fi
            done
        done
    done
    # once confirmed nothing falls back: what alters the transcript ends it, whatever the policy
    rm -rf "$out"
    "$mpsim" run scenarios/attacks.yaml --variant sec --set stack.sec=prefer --set attack=edit-key --set path=wifi --out "$out"
    [ "$(column outcome)" = lost ]
}
