#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The slides' attack on ns-3, shortened: who dies, who goes on, who delivers wrong octets; and progress.csv, which shows it.
bats_require_minimum_version 1.5.0

setup() {
    cd "$BATS_TEST_DIRNAME/../.."
    bin=${BUILD:-build}
    mpsim=$bin/mpsim
    out=$BATS_TEST_TMPDIR/results
    runs=$out/attack-timeline/ns3
}

# column FILE ROW NAME: of a table with a header; ROW 0 is the last one
column() {
    awk -F, -v row="$2" -v want="$3" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == want) c = i }
        { value = c ? $c : "no column" } row > 0 && NR == row + 1 { exit } END { print value }' "$1"
}

# The scenario with the attack at 1.5 s instead of 5 s, and an end at 4 s. The runs are made once for all tests.
short() {
    [ -x "${mpsim}-ns3" ] || skip "no ${mpsim}-ns3"
    out=$BATS_FILE_TMPDIR/results
    runs=$out/attack-timeline/ns3
    [ ! -d "$runs" ] || return 0
    sed 's/^duration: .*/duration: 4s/; s/^repeat: .*/repeat: 1/; s/at: 5s/at: 1.5s/' scenarios/attack-timeline.yaml \
        >"$BATS_FILE_TMPDIR/attack-timeline.yaml"
    "$mpsim" run "$BATS_FILE_TMPDIR/attack-timeline.yaml" --all --out "$out"
}

@test "TLS over MPTCP dies of one path's attacker" {
    short
    summary=$runs/tls-mptcp/run-1/summary.csv
    [ "$(column "$summary" 1 tls_client_error)" = "decryption failed or bad record mac" ]
    [ "$(column "$summary" 1 tls_client_alert)" = 20 ] # bad_record_mac (RFC 8446 6)
    [ "$(column "$summary" 1 fault_down)" = good ]
    # within 100 ms: the first record that came over WiFi
    awk -v t="$(column "$summary" 1 done_s)" 'BEGIN { print t; exit !(t > 2.5 && t < 2.6) }'
}

@test "MPTCPsec goes on over the clean path, with the right octets" {
    short
    summary=$runs/sec/run-1/summary.csv progress=$runs/sec/run-1/progress.csv
    [ -z "$(column "$summary" 1 error)" ]
    [ "$(column "$summary" 1 fault_down)" = good ]
    [ "$(column "$summary" 1 multipath)" = 1 ]
    # the last second of four, rows of 200 ms: at least 50 Mbit/s read, on LTE
    awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        $1 <= 4.01 { read = $4; wifi = $at["wifi_down_bytes"]; lte = $at["lte_down_bytes"] }
        END { print ($4 - read) * 8, $at["wifi_down_bytes"] - wifi, $at["lte_down_bytes"] - lte
            exit !(($4 - read) * 8 > 50e6 && ($at["wifi_down_bytes"] - wifi) * 20 < $at["lte_down_bytes"] - lte) }' "$progress"
}

@test "plain MPTCP goes on with octets that nobody sent" {
    short
    summary=$runs/mptcp/run-1/summary.csv progress=$runs/mptcp/run-1/progress.csv
    [ "$(column "$summary" 1 fault_down)" = corrupted ]
    [ -z "$(column "$summary" 1 error)" ]
    # 1.5 s behind the start at 1 s, and not before
    awk -F, 'NR > 1 && ($5 > 0) != ($1 > 2.5) && ($1 < 2.5 || $1 > 2.75) { print; bad = 1 } END { exit bad }' "$progress"
}

@test "mpsim-stat turns them into rates, figures.sh draws them" {
    short
    [ -x "$bin/mpsim-stat" ] || skip "no $bin/mpsim-stat"
    command -v gnuplot || skip "gnuplot is missing"
    RESULTS=$out run analysis/figures.sh attack-timeline
    echo "$output"
    [ "$status" = 0 ]
    [ -s "$out/figures/attack-timeline-ns3-progress.svg" ]
    grep -q 'connection lost in 1 of 1 runs' "$out/figures/attack-timeline-ns3-progress.svg"
    grep -q 'wrong octets delivered in 1 of 1 runs' "$out/figures/attack-timeline-ns3-progress.svg"
    table=$runs/tables/progress.csv
    # one seed: no interval; the run that ended goes on with 0
    grep -q '^sec,all,goodput,4,1,[1-9][0-9.e+]*,,$' "$table"
    grep -q '^tls-mptcp,all,goodput,4,1,0,,$' "$table"
    grep -q '^tls-mptcp,all,failed,4,1,1,,$' "$table"
    grep -q '^mptcp,all,wrong,1.4,1,0,,$' "$table"
    grep -q '^mptcp,all,wrong,4,1,1,,$' "$table"
}

@test "progress.csv ends with the run, on the loop" {
    file=$BATS_TEST_TMPDIR/p.yaml
    printf '%s\n' 'duration: 5s' 'phones: 2' 'progress: true' 'traffic: {kind: bulk, direction: up, size: 1MB}' \
        'client: {pm: fullmesh}' 'paths:' '  wifi: {link: {rate: 10Mbit/s}}' '  lte: {link: {rate: 10Mbit/s}}' >"$file"
    "$mpsim" run "$file" --out "$out"
    progress=$(find "$out" -name progress.csv)
    [ "$(head -1 "$progress")" = t_s,phone,octets_up,octets_down,wrong,failed,wifi_up_bytes,wifi_down_bytes,lte_up_bytes,lte_down_bytes ]
    [ "$(column "$progress" 0 octets_up)" = 1000000 ] && [ "$(column "$progress" 0 phone)" = 2 ]
    [ "$(column "$progress" 1 octets_up)" = 0 ]
    awk -F, 'NR > 1 && ($3 < before[$2] || $4 != 0 || $5 != 0 || $6 != 0) { bad = 1 } NR > 1 { before[$2] = $3 } END { exit bad }' "$progress"
    run "$mpsim" run "$file" --set series=0s
    [ "$status" = 2 ] && [[ $output == *'progress: a row each `series`, which is 0'* ]]
    sed -i /progress/d "$file"
    run "$mpsim" run "$file" --out "$out-off"
    [ "$status" = 0 ] && [ -z "$(find "$out-off" -name progress.csv)" ]
    if grep -q progress "$(find "$out-off" -name run.json)"; then false; fi
}
