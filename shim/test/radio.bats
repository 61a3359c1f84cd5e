#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Radios in scenarios, through mpsim: energies of whole runs against hand-computed ones, sums over the files of a
# run, the promotion that requests wait for, events in their order, and that scenarios without radios do not change.

setup() {
    cd "$BATS_TEST_DIRNAME/../.."
    mpsim=${BUILD:-build}/mpsim
    out=$BATS_TEST_TMPDIR/results
    file=$BATS_TEST_TMPDIR/radio.yaml
    cat >"$file" <<'END'
duration: 40s
traffic: {kind: msg, request: 100B, response: 100B, count: 1, first: 2s}
stack: {mptcp: 0}
radios:
  slow-lte: {profile: lte-huang2012, promotion: 600ms}
paths:
  lte: {link: {rate: 10Mbit/s, delay: 10ms}, radio: {kind: lte, profile: lte-huang2012}}
END
}

# Runs with more arguments; $d is the directory of the run.
run_it() {
    d=$("$mpsim" run "$file" --out "$out" "$@")
}

# The column of a CSV by its name, first row.
column() {
    awk -F, -v name="$2" 'NR == 1 {for (i = 1; i <= NF; i++) if ($i == name) c = i; next} NR == 2 {print $c}' "$d/$1"
}

# near GOT WANT WITHIN
near() {
    awk -v a="$1" -v b="$2" -v e="$3" 'BEGIN {if (a - b > e || b - a > e) {print a " is not " b " within " e; exit 1}}'
}

@test "one isolated LTE packet costs 12.6 J within 1 %" {
    # A UDP-like packet does not exist here: the SYN of a server that is gone, never repeated within the run.
    run_it --set stack.tcp.syn_rto=60s --set paths.lte.loss=1
    [ "$(awk -F, 'NR > 1 {n += $6 + $7} END {print n}' "$d/radio.csv")" = 1 ]
    joule=$(awk -F, 'NR == 2 {print $13}' "$d/transfers.csv")
    near "$joule" 12.6 0.126
    # 0.26 s x 1.2107 W + 0.1 s x 1.28804 W + 11.476 s x 1.06 W, and 438.39 nJ for each bit of the SYN
    bits=$(awk -F, 'NR == 2 {print $8 * 8}' "$d/transfers.csv")
    near "$joule" "$(awk -v b="$bits" 'BEGIN {printf "%.12f", 0.314782 + 0.128804 + 12.16456 + b * 438.39e-9}')" 2e-9
    # beside paging: 20.0475 mW while it is idle
    near "$(column radios.csv energy_j)" "$(awk -v j="$joule" 'BEGIN {printf "%.12f", j + (40 - 11.836) * 0.594 * 0.0432 / 1.28}')" 2e-8
}

@test "energy of a run is the sum over its states, its transfers with the idle time, its samples" {
    cat >"$BATS_TEST_TMPDIR/sums.yaml" <<'END'
duration: 60s
phones: 2
connections: 3
traffic: {kind: msg, request: 3000B, response: 9000B, count: 12, interval: 2.1s}
client: {pm: fullmesh}
paths:
  wifi:
    link: {rate: 10Mbit/s, delay: 7.5ms}
    radio: {profile: wifi-huang2012}
    changes: [{at: "U(5s, 5.5s)", down: true}, {at: 20s, down: false}]
  lte: {link: {rate: 10Mbit/s, delay: 12.5ms}, radio: {profile: lte-huang2012, drx_extra: true}}
  umts: {link: {rate: 2Mbit/s, delay: 60ms}, radio: {profile: 3g-huang2012}}
END
    file=$BATS_TEST_TMPDIR/sums.yaml run_it
    for phone in 1 2; do
        for path in wifi lte umts; do
            want=$(awk -F, -v a=$phone -v p=$path '$1 == a && $2 == p {print $4}' "$d/radios.csv")
            states=$(awk -F, -v a=$phone -v p=$path '$2 == a && $3 == p {s += $10} END {printf "%.12f", s}' "$d/radio.csv")
            near "$states" "$want" 1e-6
            moves=$(awk -F, -v a=$phone -v p=$path '$1 == a && $2 == p {s += $13} END {printf "%.12f", s}' "$d/transfers.csv")
            idle=$(awk -F, -v a=$phone -v p=$path '$1 == a && $2 == p {print $13}' "$d/radios.csv")
            near "$(awk -v a="$moves" -v b="$idle" 'BEGIN {printf "%.12f", a + b}')" "$want" 1e-6
            near "$(awk -F, -v a=$phone -v p=$path '$2 == a && $3 == p {s = $6} END {print s}' "$d/power.csv")" "$want" 1e-8
            # no gap, no overlap: the states fill the run
            near "$(awk -F, -v a=$phone -v p=$path '$2 == a && $3 == p {if (t != "" && ($1 - t > 1e-8 || t - $1 > 1e-8)) print "gap"; t = $1 + $5; s += $5}
                END {printf "%.9f", s}' "$d/radio.csv")" 60 1e-6
        done
    done
    sum=$(awk -F, 'NR > 1 {s += $4} END {printf "%.12f", s}' "$d/radios.csv")
    near "$(sed -n 's/^  "energy_j": \(.*\),$/\1/p' "$d/run.json")" "$sum" 1e-8
    # octets of the radios are those of the interfaces, but for what was lost on the way down
    up=$(awk -F, '$3 == "lte" {s += $8} END {print s}' "$d/radio.csv")
    [ "$up" = "$(grep -o '"path": "lte", "packets_out": [0-9]*, "octets_out": [0-9]*' "$d/run.json" | awk '{s += $NF} END {print s}')" ]
    down=$(awk -F, '$3 == "umts" {s += $9} END {print s}' "$d/radio.csv")
    [ "$down" = "$(grep '"path": "umts"' "$d/run.json" | grep -o '"octets_in": [0-9]*' | awk '{s += $NF} END {print s}')" ]
}

@test "a request waits for the promotion of the profile; an awake radio does not let it wait" {
    # the connection is up long before, the radio idle again at 11.9 s
    cold="--set traffic.first=15s --set duration=20s"
    run_it $cold
    cold_delay=$(column summary.csv max_delay_s)
    run_it $cold --set paths.lte.radio.promotion=0s
    warm_delay=$(column summary.csv max_delay_s)
    near "$(awk -v a="$cold_delay" -v b="$warm_delay" 'BEGIN {printf "%.9f", a - b}')" 0.26 1e-9
    run_it $cold --set paths.lte.radio.profile=slow-lte
    near "$(awk -v a="$(column summary.csv max_delay_s)" -v b="$warm_delay" 'BEGIN {printf "%.9f", a - b}')" 0.6 1e-9
    run_it --set traffic.first=10s
    [ "$(column summary.csv max_delay_s)" = "$warm_delay" ]
}

@test "followed to the end of duration though the run is over: no timer keeps it alive" {
    run_it --set duration=1h --set series=0
    end=$(sed -n 's/^  "end_s": \(.*\),$/\1/p' "$d/run.json")
    awk -v e="$end" 'BEGIN {exit e > 60}'
    near "$(awk -F, 'NR == 2 {print $9 + $10 + $11 + $12}' "$d/radios.csv")" 3600 1e-6
    [ ! -e "$d/radio.csv" ] && [ ! -e "$d/power.csv" ]
}

@test "events of radios stand in trace.jsonl at their time, in order" {
    run_it --trace --set paths.lte.radio.tail=1s
    [ "$(grep -c '"event":"radio_state"' "$d/trace.jsonl")" -ge 8 ]
    grep -q '"host":1,"event":"radio_state","path":"lte","from":"idle","state":"promotion"' "$d/trace.jsonl"
    sed -n 's/^{"t":\([0-9.]*\),.*/\1/p' "$d/trace.jsonl" | sort -c -g
}

@test "without a profile nothing of it shows, and nothing is written" {
    run_it --set paths.lte.radio.profile=none
    [ ! -e "$d/radios.csv" ] && [ ! -e "$d/radio.csv" ]
    if grep -v '"axes"' "$d/run.json" | grep -q "radio.tail\|radio.profile\|energy"; then false; fi # axes: what was set
    if head -1 "$d/summary.csv" | grep -q energy; then false; fi
}

@test "list radios shows constants with their sources; explain shows where each came from" {
    "$mpsim" list radios | grep -q "promotion_power *1210.7mW *\[S\] Huang"
    "$mpsim" list radios | grep -q "^3g-huang2012"
    "$mpsim" explain "$file" --set paths.lte.radio.profile=slow-lte | grep -q "paths.lte.radio.promotion *600ms *.*radio.yaml:5:"
    "$mpsim" help keys | grep -q "up_energy *energy of a bit"
}

@test "the same radios on ns-3: promotion to the ns, energy within 1 % of the loop's" {
    [ -x "${mpsim}-ns3" ] || skip "no ${mpsim}-ns3"
    two="--set traffic.first=15s"
    run_it $two
    loop=$(column radios.csv energy_j)
    run_it $two --engine ns3
    near "$(column radios.csv energy_j)" "$loop" "$(awk -v j="$loop" 'BEGIN {print j / 100}')"
    near "$(awk -F, '{s += $10} END {printf "%.12f", s}' "$d/radio.csv")" "$(column radios.csv energy_j)" 1e-7
    [ "$(column radios.csv promotions)" = 2 ]
    cold=$(column summary.csv max_delay_s)
    run_it $two --engine ns3 --set paths.lte.radio.promotion=0s
    near "$(awk -v a="$cold" -v b="$(column summary.csv max_delay_s)" 'BEGIN {printf "%.9f", a - b}')" 0.26 1e-9
}
