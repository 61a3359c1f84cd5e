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
    run "$mpsim" run "$BATS_TEST_TMPDIR/scenarios/attacks.yaml" --set repeat=2 --all --out "$out"
    [ "$status" = 0 ]
    FIGURE=no run analysis/attacks.sh attacks "$out/attacks/loop"
    echo "$output"
    [ "$status" = 0 ]
    [[ $output == *" 0 contradictions" ]]
    # 11 attacks, of the four stacks, two paths, two directions and three kinds of traffic; two seeds in each
    [ "$(wc -l <"$out/attacks/loop/tables/attacks-cells.csv")" = 529 ]
    grep -q '^mptcp,flip-payload,wifi,up,upload,2,0,0,0,0\.8418[0-9]*,wrong,2,$' "$out/attacks/loop/tables/attacks-cells.csv"
    grep -q '^sec,fastclose,wifi,up,upload,2,2,1,0\.1581[0-9]*,1,unaffected,2,$' "$out/attacks/loop/tables/attacks-cells.csv"
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

@test "a cell whose seeds differ has the worst outcome, how many have it, and the share that survived" {
    seed() { # SEED OUTCOME LATE OCTETS
        mkdir -p "$out/tls,direction=up,attack=rst,path=wifi,traffic=upload/run-$1"
        printf 'outcome,outcome_late_s,octets_up,octets_down,outcome_without\n%s,%s,%s,0,unaffected\n' "${@:2}" \
            >"$out/tls,direction=up,attack=rst,path=wifi,traffic=upload/run-$1/summary.csv"
    }
    seed 1 recovered 0.2 9
    seed 2 stalled '' 5
    seed 3 recovered 1.2 9
    FIGURE=no run analysis/attacks.sh attacks "$out"
    tail -1 "$out/tables/attacks-cells.csv" | grep '^tls,rst,wifi,up,upload,3,2,0.666666667,0.0942[0-9]*,0.9915[0-9]*,stalled,1,$'
    seed 2 lost '' 0
    FIGURE=no run analysis/attacks.sh attacks "$out"
    tail -1 "$out/tables/attacks-cells.csv" | grep ',refused,1,$'
    seed 1 lost '' 7
    FIGURE=no run analysis/attacks.sh attacks "$out"
    tail -1 "$out/tables/attacks-cells.csv" | grep ',lost,1,$'
    for s in 1 2; do seed $s recovered 0.3 9; done
    RESULTS=$BATS_TEST_TMPDIR run analysis/attacks.sh attacks "$out"
    tail -1 "$out/tables/attacks-cells.csv" | grep ',recovered,3,1.2$'
    [ "$(cat "$out/tables/attacks-grid.csv")" = 1,2,1,3,0 ]
    grep -q 'n = 3 seeds a cell; they differ in 0 of 1 cells (dot); what all 3 do, at least 29 % of all seeds do' "$BATS_TEST_TMPDIR"/figures/*.svg
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
        "$mpsim" run "$BATS_TEST_TMPDIR/scenarios/attacks.yaml" --variant $v --set path=wifi --set repeat=1 --all --out "$out" \
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
