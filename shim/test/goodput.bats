#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The benchmarks of MPTCPsec: every stack reaches what its headers leave of the link, requests go one at a time, and what
# these scenarios need of a network: framing on a link, a server with several addresses.
bats_require_minimum_version 1.5.0

setup() {
    cd "$BATS_TEST_DIRNAME/../.."
    bin=${BUILD:-build}
    mpsim=$bin/mpsim
    out=$BATS_TEST_TMPDIR/results
}

# A copy of a scenario with another sweep: shorter SCENARIO 'sed script'
shorter() {
    mkdir -p "$BATS_TEST_TMPDIR/scenarios"
    sed "$2" "scenarios/$1.yaml" >"$BATS_TEST_TMPDIR/scenarios/$1.yaml"
    "$mpsim" run "$BATS_TEST_TMPDIR/scenarios/$1.yaml" --all --out "$out"
}

# The value of a column of the one run below a directory, by its name.
column() { # DIR NAME
    awk -F, -v want="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == want) c = i } NR == 2 { print c ? $c : "no column" }' \
        "$(find "$1" -name summary.csv)"
}

@test "100 MB reach 99 % of the ceiling that headers leave, and no stack more than all of it" {
    run shorter goodput 's/\[1MB, .*\]/[100MB]/; s/^repeat: .*/repeat: 1/; /^until/d; /^repeat_min/d'
    echo "$output"
    [ "$status" = 0 ]
    "$bin/mpsim-stat" "$out/goodput/loop"
    table=$out/goodput/loop/tables/goodput.csv
    [ "$(awk 'END { print NR - 1 }' "$table")" = "$(grep -cE '^  (tls-)?(mp)?tcp:|^  sec' scenarios/goodput.yaml)" ]
    if type gnuplot >/dev/null 2>&1; then # a figure of one size is poor, and drawn all the same
        RESULTS=$out analysis/transfers.sh goodput "$out/goodput/loop"
        [ -s "$out/figures/goodput-loop.png" ] && [ -s "$out/figures/goodput-loop.svg" ]
    fi
    # variant, size, n, incomplete, mean ... of_ceiling
    awk -F, 'NR > 1 && ($3 != 1 || $4 != 0 || !($11 >= 0.99 && $11 <= 1)) { print; bad = 1 } END { exit bad }' "$table"
}

@test "and so they do on ns-3, over point-to-point links" {
    [ -x "$bin/mpsim-ns3" ] || skip "no mpsim-ns3 in $bin"
    for variant in tcp tls-mptcp sec; do
        "$mpsim" run scenarios/goodput-ns3.yaml --variant $variant --seed 1 --out "$out" --set traffic.size=100MB
    done
    "$bin/mpsim-stat" --quiet "$out/goodput-ns3/ns3"
    table=$out/goodput-ns3/ns3/tables/goodput.csv
    [ "$(awk 'END { print NR }' "$table")" = 4 ]
    awk -F, 'NR > 1 && !($11 >= 0.99 && $11 <= 1) { print; bad = 1 } END { exit bad }' "$table"
}

@test "the two goodput scenarios differ in engine, sizes, seeds and duration only" {
    run diff <(grep -vE '^(#|description|engine|point_to_point|duration|repeat|until)|traffic.size' scenarios/goodput.yaml) \
        <(grep -vE '^(#|description|engine|point_to_point|duration|repeat|until)|traffic.size' scenarios/goodput-ns3.yaml)
    echo "$output"
    [ "$status" = 0 ]
}

@test "a ceiling is missed when the sender has no window for it" {
    run "$mpsim" run scenarios/goodput.yaml --variant mptcp --seed 1 --out "$out" --set traffic.size=100MB \
        --set stack.rcvbuf=64KiB
    [ "$status" = 0 ]
    "$bin/mpsim-stat" "$out/goodput/loop"
    awk -F, 'NR > 1 && $11 > 0.9 { exit 1 }' "$out/goodput/loop/tables/goodput.csv"
}

@test "the two addresses of the server are two subflows of the client's one interface" {
    "$mpsim" run scenarios/goodput.yaml --variant mptcp --seed 1 --out "$out" --set traffic.size=1MB
    json=$(find "$out" -name run.json)
    grep -q '"counters_server".*"MPTcpExtMPJoinAckRx": 1[,}]' "$json"
    grep -q '"counters_client".*"MPTcpExtAddAddr": 1[,}]' "$json"
    [ "$(column "$out" octets_up)" = 1000000 ]
    "$mpsim" run scenarios/goodput.yaml --variant tcp --seed 1 --out "$out-1" --set traffic.size=1MB
    grep -q '"path": "server2"' "$json"
    # likewise when the address is told in a control message of MPTCPsec
    "$mpsim" run scenarios/goodput.yaml --variant sec --seed 1 --out "$out-sec" --set traffic.size=1MB
    grep -q '"counters_server".*"MPTcpExtMPJoinAckRx": 1[,}]' "$(find "$out-sec" -name run.json)"
    [ "$(column "$out-sec" octets_up)" = 1000000 ]
    if grep -q MPJoinAckRx "$(find "$out-1" -name run.json)"; then false; fi
}

@test "framing takes its part of the rate" {
    for overhead in 0B 1000B; do
        "$mpsim" run scenarios/goodput.yaml --variant tcp --seed 1 --out "$out-$overhead" --set traffic.size=30MB \
            --set paths.lan.link.overhead=$overhead
    done
    # 1500 against 2500 octets a packet
    awk -v a="$(column "$out-0B" last_up_s)" -v b="$(column "$out-1000B" last_up_s)" \
        'BEGIN { print b / a; exit !(b / a > 1.6 && b / a < 1.68) }'
}

@test "one request at a time: each leaves when the answer before it was read" {
    "$mpsim" run scenarios/request-response.yaml --variant mptcp --seed 3 --out "$out" --set traffic.count=20
    requests=$(find "$out" -name requests.csv)
    [ "$(awk 'END { print NR }' "$requests")" = 21 ]
    awk -F, 'NR > 2 && $3 != before { print; bad = 1 } NR > 1 { before = $4; if ($4 == "") bad = 1 } END { exit bad }' "$requests"
    # not sooner than the interval, when that is longer
    "$mpsim" run scenarios/request-response.yaml --variant mptcp --seed 3 --out "$out-slow" --set traffic.count=5 \
        --set traffic.interval=1s
    awk -F, 'NR > 1 { if (NR > 2 && sprintf("%.6f", $3 - before) != "1.000000") bad = 1; before = $3 } END { exit bad }' "$(find "$out-slow" -name requests.csv)"
}

@test "a handshake more is a round trip more, for one request and for ten" {
    run shorter request-response 's/^repeat: .*/repeat: 3/; s/count: 100/count: 10/'
    [ "$status" = 0 ]
    "$bin/mpsim-stat" "$out/request-response/loop"
    table=$out/request-response/loop/tables/times.csv
    for variant in tls-tcp tls-mptcp sec; do
        for n in 1 10; do
            # more_mean_s of the point with 100 ms: a round trip, and the jitter of two packets
            awk -F, -v v=$variant -v n=$n '$1 == v && $2 == "rtt=100ms" && $3 == n { found = $10 > 0.1 && $10 < 0.108 }
                END { exit !found }' "$table"
        done
    done
    if type gnuplot >/dev/null 2>&1; then
        RESULTS=$out analysis/transfers.sh request-response "$out/request-response/loop"
        [ -s "$out/figures/request-response-loop.png" ]
    fi
    awk -F, '$1 == "mptcp" && $3 == 1 && ($10 > 0.001 || $10 < -0.001) { exit 1 }' "$table"
}
