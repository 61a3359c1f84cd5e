#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# mpsim-stat --describe and --collect: numbers by hand, what is refused and where, and both in a pipe over real runs.

setup() {
    cd "$BATS_TEST_DIRNAME/../.."
    bin=$(cd "$(dirname "${BUILD:-build}")" && pwd)/$(basename "${BUILD:-build}")
    stat=$bin/mpsim-stat
    t=$BATS_TEST_TMPDIR/t.csv
}

# The table t: its lines.
table() { printf '%s\n' "$@" >"$t"; }

# Two variants under three seeds; differences 1, 2, 3.
two_variants() { table v,seed,x a,1,1 a,2,2 a,3,4 b,1,2 b,2,4 b,3,7; }

describe() { run "$stat" --describe "$t" "$@"; echo "$output"; }

# A field of the row that begins with KEY, by the name of its column: FIELD KEY
field() {
    awk -F, -v want="$1" -v key="$2" 'NR == 1 {for (i = 1; i <= NF; i++) c[$i] = i; if (!(want in c)) exit 1}
        NR > 1 && index($0 ",", key ",") == 1 {print $c[want]}' <<<"$output"
}

# Status and a piece of the message, which is one line.
refused() {
    [ "$status" -eq "$1" ] && [[ $output == *"$2"* ]] && { [ "$1" -eq 2 ] || [ "${#lines[@]}" -eq 1 ]; }
}

@test "groups: mean, Student's interval, quantiles, Jain's index; what does not exist is empty" {
    two_variants
    describe --value x --by v
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 3 ]
    [ "$(field n a)" = 3 ]
    [ "$(field mean a)" = 2.33333333 ]
    [ "$(field p50 a)" = 2 ]
    [ "$(field p50_low a)" = "" ]        # needs six values
    [ "$(field p90_high b)" = "" ]       # needs 36
    [ "$(field jain a)" = 0.777777778 ]  # 49 / 63
    # t(0.975, 2) = 4.302653, sd of 1, 2, 4 is 1.527525
    awk -v x="$(field mean_high a)" 'BEGIN {d = x - 2.3333333 - 4.302653 * 1.527525 / sqrt(3); exit d * d > 1e-10}'
    run "$stat" --describe "$t" --value x
    [ "$(field n 6)" = 6 ]
    [ "$(field p50_low 6)" = 1 ]
    [ "$(field p50_high 6)" = 7 ]
}

@test "one value has no interval" {
    table x 5
    describe --value x
    [ "${lines[1]}" = "1,5,,,,,5,,,5,,,5,5,,,,1" ] # p99 is above a value in 99 cases of 100
}

@test "a share of texts: hits, Clopper-Pearson; a text that is the beginning of another is not it" {
    table v,end a,lost a,wrong a,lo a,lost b,wrong b,good b,good b,good
    describe --value end --among lost,wrong --by v
    [ "${lines[0]}" = v,n,hits,share,share_low,share_high ]
    [[ ${lines[1]} == a,4,3,0.75,0.194120*,0.993690* ]]
    [[ ${lines[2]} == b,4,1,0.25,0.006309*,0.805879* ]]
    describe --value end --among wrong
    [ "${lines[1]%,*,*}" = 8,2,0.25 ]
    table v,end a,lost a, b,good b,lost
    describe --value end --among lost --by v
    refused 1 "t.csv:3: column end is empty"
    describe --value end --among lost --by v --skip-empty
    refused 1 "a has 1 values of end, b has 2"
    describe --value end --among lost --by v --skip-empty --allow-unequal
    [ "${lines[0]}" = v,n,empty,hits,share,share_low,share_high ]
    [ "${lines[1]}" = a,1,1,1,1,0.025,1 ]
    # an empty text in the list makes of "not known" an answer, such as no error
    describe --value end --among '' --by v
    [[ ${lines[1]} == a,2,1,0.5,* && ${lines[2]} == b,2,0,0,0,* ]]
    describe --value end --among lost, --by v
    [[ ${lines[1]} == a,2,2,1,* && ${lines[2]} == b,2,1,0.5,* ]]
}

@test "a share of none is 0 with an interval, and said, since it may be a slip; pairs and no list are refused" {
    table v,end a,lost b,good
    describe --value end --among los,ost,,lost. --by v
    [ "$status" -eq 0 ]
    [ "${lines[0]}" = "mpsim-stat: $t: column end is in no row one of los,ost,,lost.: all shares are 0" ]
    [ "${lines[2]}" = a,1,0,0,0,0.975 ]
    describe --value end --among lost --by v --pair end --baseline a
    refused 2 "--pair compares numbers"
    describe --value end --among
    refused 2 "a value is missing behind --among"
}

@test "paired differences: by the text of the pair, not by the order of rows" {
    two_variants
    describe --value x --by v --pair seed --baseline a
    [ "$(field pairs b)" = 3 ]
    [ "$(field diff b)" = 2 ]
    [ "$(field dz b)" = 1.12837917 ]  # 2 / 1 times 1 / sqrt(pi)
    [ "$(field diff a)" = "" ]        # the baseline itself
    first=$output
    table v,seed,x b,3,7 a,2,2 b,1,2 a,3,4 b,2,4 a,1,1
    describe --value x --by v --pair seed --baseline a
    [ "$output" = "$first" ]
}

@test "the baseline is looked for beside: the same in every other column of --by" {
    table v,place,seed,x a,near,1,1 a,near,2,2 a,far,1,10 a,far,2,20 b,near,1,2 b,near,2,4 b,far,1,13 b,far,2,25
    describe --value x --by v,place --pair seed --baseline a
    [ "$(field diff b,near)" = 1.5 ]
    [ "$(field diff b,far)" = 4 ]
    [ "$(field dz b,far)" = "" ]      # two differences have none
}

@test "groups are in natural order" {
    table delay,x 100ms,1 20ms,2 5ms,3
    describe --value x --by delay
    [ "$(cut -d, -f1 <<<"$output" | tr '\n' ' ')" = "delay 5ms 20ms 100ms " ]
}

@test "an empty field and one that is no number are told apart, with line and column" {
    table v,x a,1 a, b,3
    describe --value x --by v
    refused 1 "t.csv:3: column x is empty"
    describe --value x --by v --skip-empty
    [ "$status" -eq 0 ]
    [ "$(field n a)" = 1 ]
    [ "$(field empty a)" = 1 ]
    table v,x a,1 b,fast b,
    describe --value x --by v --skip-empty
    refused 1 "t.csv:3: column x: 'fast' is no finite number"
    table v,x b,fast a,slow # the first of the file, whatever its group
    describe --value x --by v
    refused 1 "t.csv:2: column x: 'fast' is no finite number"
    table v,x a,1 b,nan
    describe --value x
    refused 1 "t.csv:3: column x: 'nan' is no finite number"
}

@test "groups of different size are refused, unless told" {
    table v,x a,1 a,2 b,3
    describe --value x --by v
    refused 1 "a has 2 values of x, b has 1"
    describe --value x --by v --allow-unequal
    [ "$status" -eq 0 ]
    [ "$(field n b)" = 1 ]
}

@test "pairs: a missing partner, a missing baseline and a seed that is there twice" {
    table v,seed,x a,1,1 a,2,2 b,1,2 b,3,4
    describe --value x --by v --pair seed --baseline a
    refused 1 "t.csv:5: column seed: 3 of b has no partner in a"
    describe --value x --by v --pair seed --baseline a --allow-unequal
    [ "$(field pairs b)" = 1 ]
    [ "$(field diff b)" = 1 ]
    table v,seed,x a,1,1 a,2,2 b,1,2
    describe --value x --by v --pair seed --baseline a
    refused 1 "t.csv:3: column seed: 2 of a has no partner in b"
    describe --value x --by v --pair seed --baseline c --allow-unequal
    refused 1 "column v is c in no row"
    table v,place,seed,x a,near,1,1 b,near,1,2 b,far,1,2
    describe --value x --by v,place --pair seed --baseline a
    refused 1 "t.csv:4: b,far has no baseline a beside it"
    table v,seed,x a,1,1 b,1,2 b,1,3
    describe --value x --by v --pair seed --baseline a --allow-unequal
    refused 1 "t.csv:4: b has seed = 1 twice, as in line 3"
    table v,seed,x a,1,1 b,,2
    describe --value x --by v --pair seed --baseline a
    refused 1 "t.csv:3: column seed is empty"
}

@test "tables that cannot be read: CR LF, another width, no row, no column, no file" {
    printf 'v,x\r\na,1\r\n' >"$t"
    describe --value x
    refused 1 "t.csv:1: column 2 holds a CR"
    printf 'v,x\na,1\r\n' >"$t"
    describe --value x
    refused 1 "t.csv:2: column 2 holds a CR"
    table v,x a,1,2
    describe --value x
    refused 1 "t.csv:2: 3 fields, the header has 2"
    table v,x
    describe --value x
    refused 1 "a header and no row"
    table v,x a,1
    describe --value y
    refused 1 "t.csv:1: no column y; there are v, x"
    table x,x 1,2
    describe --value x
    refused 1 "t.csv:1: two columns are called x"
    : >"$t"
    describe --value x
    refused 1 "cannot be read or is empty"
    run "$stat" --describe "$BATS_TEST_TMPDIR/nowhere.csv" --value x
    refused 1 "nowhere.csv: cannot be read"
}

@test "mistakes in the words exit with 2" {
    two_variants
    for words in "" "--value" "--value x --by" "--value x --by v,,w" "--value x --by v,v" "--value x --by x" "--value x --nonsense" \
        "--value x --value x" "--value x --by v --by v" "--value x --pair seed" "--value x --baseline a" \
        "--value x --pair seed --baseline a" "--value x --by seed --pair seed --baseline 1" "--value x more" \
        "--value x --by a,b,c,d,e,f,g,h,i"; do
        run "$stat" --describe "$t" $words
        echo "$words: $status $output"
        [ "$status" -eq 2 ]
    done
    for words in "" "a b" "--quiet" "a --quiet"; do
        run "$stat" --collect $words
        [ "$status" -eq 2 ]
    done
}

# A run as mpsim leaves it: VARIANT[,AXES] SEED, then the lines of summary.csv
a_run() {
    local dir=$BATS_TEST_TMPDIR/tiny/loop/$1/run-$2
    mkdir -p "$dir"
    echo "{\"seed\": $2, \"end_s\": 10.0}" >"$dir/run.json"
    shift 2
    printf '%s\n' "$@" >"$dir/summary.csv"
}

@test "collect: every axis and every column of any run, a row a connection; unfinished runs are not there" {
    a_run jwd,size=20B,phone=old 2 connection,phone,done_s 1,1,0.5 2,1,
    a_run join4,size=100B 1 connection,phone,tls 1,1,yes
    a_run join4,size=20B 10 connection,phone,tls 1,1,no
    mkdir -p "$BATS_TEST_TMPDIR/tiny/loop/join4,size=20B/run-11"
    run "$stat" --collect "$BATS_TEST_TMPDIR/tiny/loop"
    echo "$output"
    [ "$status" -eq 0 ]
    [ "$output" = "variant,size,axis.phone,seed,connection,phone,tls,done_s
join4,20B,,10,1,1,no,
jwd,20B,old,2,1,1,,0.5
jwd,20B,old,2,2,1,,
join4,100B,,1,1,1,yes," ]
}

@test "collect: a broken run ends it before the first row" {
    a_run a 1 x 1
    a_run b 1 x,y 1
    run "$stat" --collect "$BATS_TEST_TMPDIR/tiny/loop"
    refused 1 "b/run-1/summary.csv:2: 1 fields, the header has 2"
    rm "$BATS_TEST_TMPDIR/tiny/loop/b/run-1/summary.csv"
    run "$stat" --collect "$BATS_TEST_TMPDIR/tiny/loop"
    refused 1 "b/run-1/summary.csv: cannot be read"
    a_run 'b,odd' 1 x 1
    rm -r "$BATS_TEST_TMPDIR/tiny/loop/b"
    run "$stat" --collect "$BATS_TEST_TMPDIR/tiny/loop"
    refused 1 "'odd' is no AXIS=POINT"
    mkdir -p "$BATS_TEST_TMPDIR/none/loop"
    run "$stat" --collect "$BATS_TEST_TMPDIR/none/loop"
    refused 1 "no finished run"
}

@test "collect into describe, over a campaign: what points.csv and paired.csv say, and the same octets again" {
    out=$BATS_TEST_TMPDIR/results
    "$bin/mpsim" sweep scenarios/handover.yaml --engine loop --set repeat=4 --set lte=idle --set size=512B --jobs 1 --out "$out" >/dev/null
    dir=$out/handover/loop
    pipe() {
        "$bin/mpsim" stat --collect "$dir" >"$t" &&
            "$bin/mpsim" stat --describe - --value max_delay_s --by variant,extra_delay --pair seed --baseline join4 <"$t"
    }
    run pipe
    echo "$output"
    [ "$status" -eq 0 ]
    [ "$(grep -c . "$t")" -gt 16 ]
    first=$output
    run pipe
    [ "$output" = "$first" ]
    "$stat" --quiet "$dir"
    for variant in join4 jwd jwdval; do
        for delay in 0 50 200; do
            # the largest delay of a run, which summary.csv rounds to nanoseconds
            here=$(field mean $variant,${delay}ms)
            there=$(awk -F, -v v=$variant -v d=$delay 'NR == 1 {for (i = 1; i <= NF; i++) c[$i] = i}
                $1 == v && $c["delay_ms"] == d {print $c["largest_mean_s"]}' "$dir/tables/points.csv")
            awk -v a="$here" -v b="$there" 'BEGIN {exit a == "" || b == "" || (a - b) ^ 2 > 1e-14}'
            [ $variant = join4 ] && continue
            # a gain is the baseline minus ours
            here=$(field diff_low $variant,${delay}ms)
            there=$(awk -F, -v v=$variant -v d=$delay 'NR == 1 {for (i = 1; i <= NF; i++) c[$i] = i}
                $1 == v && $c["delay_ms"] == d {print $c["gain_high_s"]}' "$dir/tables/paired.csv")
            awk -v a="$here" -v b="$there" 'BEGIN {exit a == "" || b == "" || (a + b) ^ 2 > 1e-14}'
        done
    done
}
