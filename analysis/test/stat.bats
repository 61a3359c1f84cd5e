#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# mpsim-stat on small trees of runs whose numbers are known by hand.

setup() {
    stat=$(cd "$BATS_TEST_DIRNAME/../.." && cd "$(dirname "${BUILD:-build}")" && pwd)/$(basename "${BUILD:-build}")/mpsim-stat
    root=$BATS_TEST_TMPDIR/results/handover/ns3
}

# make_run VARIANT AXES SEED BASE: two requests, the second BASE + 1 s late and on the handover
make_run() {
    local dir=$root/$1${2:+,$2}/run-$3
    mkdir -p "$dir"
    printf '{\n "seed": %s,\n "loss_at_s": 5.0,\n "end_s": 14.0\n}\n' "$3" >"$dir/run.json"
    printf 'connection,index,sent_s,answered_s,delay_s,server_read_s\n0,0,1.0,1.1,0.1,1.05\n0,1,5.5,,,\n' |
        sed "s/5.5,,,/5.5,9,$4,6/" >"$dir/requests.csv"
    printf 'connection,wifi_up_bytes,lte_up_bytes,lte_down_bytes\n0,9,%s,50\n1,9,100,50\n' "$((100 * $3))" \
        >"$dir/summary.csv"
}

rows() { cut -d, -f"$2" "$root/tables/$1"; }

@test "paired differences are within the seed" {
    for seed in 1 2 3; do
        make_run join4 delay=50ms $seed $seed.5
        make_run jwd delay=50ms $seed $seed.25
    done
    run "$stat" "$root"
    echo "$output"
    [ "$status" = 0 ]
    # 0.25 s in every seed, though the delays differ by whole seconds
    [ "$(grep ^jwd "$root/tables/paired.csv" | cut -d, -f1-7)" = "jwd,all,50,3,0.25,0.25,0.25" ]
    # mean of 1.5, 2.5, 3.5; t(0.975, 2) = 4.302653
    grep -q '^join4,all,50,3,6,0,2.5,0.015862' "$root/tables/points.csv"
    # octets on LTE: all columns of LTE and all connections
    [ "$(grep ^join4 "$root/tables/points.csv" | cut -d, -f15)" = 400 ]
}

@test "an unanswered request counts until the end of the run" {
    make_run join4 "" 1 2.0
    make_run join4 "" 2 2.0
    sed -i 's/^0,1,.*/0,1,5.5,,,/' "$root/join4/run-2/requests.csv"
    run "$stat" "$root"
    [ "$status" = 0 ]
    grep -q '^join4,all,0,2,4,1,5.25,' "$root/tables/points.csv" # (2 + 8.5) / 2
    # one of two requests in the window was answered: the curve ends at one half
    # one of two runs: 0.5, sd 0.7071, half 12.706 * 0.7071 / sqrt(2) = 6.35: cut at 0 and 1
    [ "$(tail -1 "$root/tables/cdf.csv")" = "join4,all,0,2,0.500000,2,0,1" ]
}

@test "variants with other seeds are refused, unless told" {
    make_run join4 "" 1 2.0
    make_run join4 "" 2 2.0
    make_run jwd "" 1 2.0
    run "$stat" "$root"
    [ "$status" = 1 ]
    [[ $output == *"and jwd has 1, or other seeds"* ]]
    run "$stat" --allow-unequal "$root"
    [ "$status" = 0 ]
    [ "$(grep ^jwd "$root/tables/paired.csv" | cut -d, -f4)" = 1 ]
}

@test "unfinished runs are not read" {
    make_run join4 "" 1 2.0
    mkdir -p "$root/join4/.run-2.tmp" "$root/join4/run-3"
    run "$stat" "$root"
    [ "$status" = 0 ]
    [ "$(awk -F, 'NR == 2 {print $4}' "$root/tables/points.csv")" = 1 ]
}

@test "a broken table is named with its line" {
    make_run join4 "" 1 2.0
    sed -i '3s/$/,7/' "$root/join4/run-1/requests.csv"
    run "$stat" "$root"
    [ "$status" = 1 ]
    [[ $output == *"requests.csv:3: 7 fields, the header has 6"* ]]
}

@test "mistakes in the command line exit with 2, missing runs with 1" {
    run "$stat"
    [ "$status" = 2 ]
    run "$stat" --window 1 x
    [ "$status" = 2 ]
    run "$stat" --nonsense x
    [ "$status" = 2 ]
    run "$stat" "$BATS_TEST_TMPDIR/nowhere/ns3"
    [ "$status" = 1 ]
    mkdir -p "$root"
    run "$stat" "$root"
    [ "$status" = 1 ]
    [[ $output == *"no finished run"* ]]
}

@test "each variant has one colour and one marker, and they are all different" {
    style=$BATS_TEST_DIRNAME/../plots/style.gp
    known=$(sed -n 's/^known = "\(.*\)"/\1/p' "$style" | wc -w)
    [ "$known" -ge 5 ]
    for what in colour marker; do # of those that are known, and of the 8 others
        [ "$(sed -n "s/^array known_$what\[$known\] = \[\(.*\)\]/\1/p" "$style" | tr -d ' ' | tr ',' '\n' | sort -u | wc -l)" = "$known" ]
        [ "$(sed -n "s/^array \(known\|other\)_$what\[[0-9]*\] = \[\(.*\)\]/\2/p" "$style" | tr -d ' ' | tr ',' '\n' | sort -u | wc -l)" = $((known + 8)) ]
    done
    # no script but the style names a colour of a variant
    run grep -lE '0072B2|E69F00|D55E00|009E73' "$BATS_TEST_DIRNAME"/../plots/{timeline,cdf,gain,dsn}.gp
    [ -z "$output" ]
}

@test "rates over time: mean and interval over seeds, a run that ended early goes on with 0" {
    # rows of 0.5 s; seed 1 reads 1 MB in each, seed 2 reads 2 MB and ends at 1 s with a wrong octet and an error
    for seed in 1 2; do
        mkdir -p "$root/sec/run-$seed"
        printf '{\n "seed": %s,\n "end_s": 3.0\n}\n' $seed >"$root/sec/run-$seed/run.json"
        { echo "t_s,phone,octets_up,octets_down,wrong,failed,wifi_up_bytes,wifi_down_bytes"
            for i in 0 1 2 3; do
                [ $((seed * i)) -le 4 ] && echo "$((1 + i / 2)).$((i % 2 * 5)),1,0,$((seed * i * 1000000)),$((seed * i / 4)),$((seed * i / 4)),$i,$((i * 1000))"
            done; } >"$root/sec/run-$seed/progress.csv"
    done
    run "$stat" --progress "$root"
    echo "$output"
    [ "$status" = 0 ]
    # 16 and 32 Mbit/s: mean 24, t(0.975, 1) = 12.706205 times 8
    grep -q '^sec,all,goodput,0.5,2,24000000,-77649637.9,125649638$' "$root/tables/progress.csv"
    # the second one is gone: 16 and 0
    grep -q '^sec,all,goodput,1.5,2,8000000,' "$root/tables/progress.csv"
    grep -q '^sec,all,wrong,0.5,2,0,,$' "$root/tables/progress.csv"
    grep -q '^sec,all,failed,1,2,0.5,,$' "$root/tables/progress.csv"
    grep -q '^sec,all,wrong,1.5,2,0.5,,$' "$root/tables/progress.csv"
    # both directions of a path: 1001 octets in half a second
    grep -q '^sec,all,wifi,1,2,16016,16016,16016$' "$root/tables/progress.csv"
    rm "$root/sec/run-2/progress.csv"
    run "$stat" --progress "$root"
    [ "$status" = 1 ] && [[ $output == *"run-2/progress.csv"*"progress: true writes it"* ]]
}

@test "runs that failed are told, though they have no row" {
    make_run join4 "" 1 2.0
    make_run join4 "" 2 2.0
    touch "$root/join4/failed-3.log"
    run "$stat" "$root"
    echo "$output"
    [ "$status" = 0 ]
    [ "$(grep -c '1 runs failed and are in no table' <<<"$output")" = 1 ]
}

@test "a full disk leaves the old table or none, never half of one" {
    for seed in $(seq 1 60); do make_run join4 "" $seed 2.0; done
    run bash -c "ulimit -f 1; trap '' XFSZ; '$stat' '$root'"
    echo "$output"
    [ "$status" = 1 ]
    grep -q 'timeline.csv: writing failed\|cdf.csv: writing failed' <<<"$output"
    [ ! -e "$root/tables/timeline.csv" ]
    [ -z "$(find "$root/tables" -name '.*.part')" ]
    "$stat" --quiet "$root" # and with room again, all are there
    cp "$root/tables/timeline.csv" "$BATS_TEST_TMPDIR/whole"
    run bash -c "ulimit -f 1; trap '' XFSZ; '$stat' '$root'"
    cmp "$root/tables/timeline.csv" "$BATS_TEST_TMPDIR/whole"
}

@test "an octet 0 in a table is an error with its place, not its end" {
    make_run join4 "" 1 2.0
    printf '9\0\n1,9,100,50\n' >>"$root/join4/run-1/summary.csv"
    run "$stat" "$root"
    echo "$output"
    [ "$status" = 1 ]
    [[ "$output" == *"summary.csv: octet "*" is 0: no text" ]]
}

@test "the distribution has an interval over runs" {
    # two requests a run, one of them in the window of each; delays of 3 runs: a third, two thirds, all answered by 1.5, 2.5, 3.5
    for seed in 1 2 3; do make_run join4 "" $seed $seed.5; done
    "$stat" --quiet "$root"
    run tail -3 "$root/tables/cdf.csv"
    echo "$output"
    # after one of three: mean 1/3, sd 0.57735, half 4.302653 * 0.57735 / sqrt(3) = 1.434: cut at 0 and 1
    [ "$(cut -d, -f5,7,8 <<<"${lines[0]}")" = 0.333333,0,1 ]
    [ "$(cut -d, -f5,7,8 <<<"${lines[2]}")" = 1.000000,1,1 ]
}
