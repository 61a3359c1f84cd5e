#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# `mpsim report`: one page of a campaign, one of a run; what it must hold, what it must not load, and mistakes.

setup() { cd "$BATS_TEST_DIRNAME/../.." && mpsim=$PWD/${BUILD:-build}/mpsim; }

setup_file() {
    cd "$BATS_TEST_DIRNAME/../.."
    export out=$BATS_FILE_TMPDIR/results
    mpsim=$PWD/${BUILD:-build}/mpsim
    "$mpsim" sweep scenarios/tradeoff.yaml --set repeat=2 --set dsn=true --out "$out" >/dev/null
    BUILD=${BUILD:-build} RESULTS=$out analysis/figures.sh tradeoff >/dev/null
}

# Every tag that is opened is closed in its turn: prints what is not.
unbalanced() {
    tr -d '\n' <"$1" | grep -oE '</?[a-z0-9]+[^>]*>' | awk '
        /^<(meta|img|br)/ || /\/>$/ {next}
        /^<\// {t = substr($0, 3); sub(/>.*/, "", t); if (open[n] != t) print "</" t "> closes <" open[n] ">"; n--; next}
        {t = substr($0, 2); sub(/[ >].*/, "", t); open[++n] = t}
        END {if (n) print n " are open"}'
}

@test "a campaign: figure, tables, runs, the scenario and how to run it again, nothing loaded from elsewhere" {
    run "$mpsim" report "$out/tradeoff/loop/"
    [ "$status" -eq 0 ]
    page=$out/tradeoff/loop/report.html
    [ "$output" = "$page" ]
    [ "$(grep -c '<img' "$page")" -eq 1 ]
    grep -q 'src="data:image/png;base64,iVBOR' "$page"
    if grep -qE '(src|href)="?(https?:|//|file:)|<script|@import|url\(' "$page"; then false; fi
    grep -q 'name="viewport"' "$page"
    for table in energy points paired cdf timeline; do grep -q "$table.csv, [0-9]* rows" "$page"; done
    grep -q 'The first 100 of ' "$page"
    grep -q '40 runs, 0 failed' "$page"
    grep -q '<td>duration</td><td>1min</td>' "$page"
    grep -q 'mpsim sweep scenarios/tradeoff.yaml --engine loop' "$page"
    run unbalanced "$page"
    [ -z "$output" ]
}

@test "from within: a name without a slash, and the directory one stands in" {
    "$mpsim" report "$out/tradeoff/loop"
    cp "$out/tradeoff/loop/report.html" "$BATS_TEST_TMPDIR/report.html"
    for from in tradeoff:loop tradeoff/loop:. tradeoff/loop:./ tradeoff/loop:../loop tradeoff:./loop/; do
        rm "$out/tradeoff/loop/report.html"
        cd "$out/${from%:*}"
        "$mpsim" report "${from#*:}"
        cmp "$out/tradeoff/loop/report.html" "$BATS_TEST_TMPDIR/report.html"
        run "$mpsim" stat --allow-unequal "${from#*:}"
        [ "$status" -eq 0 ]
        [[ $output == *tradeoff* ]]
    done
    run "$mpsim" report nowhere
    [ "$status" -ne 0 ]
    [[ $output == *"nowhere: no runs here"* ]]
}

@test "the picture in it is the figure, octet by octet" {
    "$mpsim" report "$out/tradeoff/loop" >/dev/null
    sed -n 's/.*base64,\([^"]*\)".*/\1/p' "$out/tradeoff/loop/report.html" | base64 -d | cmp - "$out/figures/tradeoff-loop-energy.png"
}

@test "the command of a campaign repeats it: rates, what was set, a scenario without variants" {
    printf 'engine: loop\nduration: 3s\nrepeat: 2\ntraffic: {kind: bulk, size: 100kB}\npaths: {wifi: {link: {rate: 10Mbit/s}}}\nsweep: {paths.wifi.link.delay: [5ms, 10ms]}\n' >"$BATS_TEST_TMPDIR/own.yaml"
    cd "$BATS_TEST_TMPDIR"
    mkdir scenarios
    cp own.yaml scenarios
    "$mpsim" sweep own.yaml --set paths.wifi.link.rate=2Mbit/s --set traffic.direction=down --out first >/dev/null
    "$mpsim" report first/own/loop >/dev/null
    command=$(sed -n 's:^<pre>\(.*\)</pre>$:\1:p' first/own/loop/report.html | head -1)
    echo "$command"
    eval "${command/#mpsim/$mpsim} --out second" >/dev/null
    diff <(cd first && find . -name '*.csv' | sort | xargs sha256sum) <(cd second && find . -name '*.csv' | sort | xargs sha256sum)
    [ "$(find second -name run.json | wc -l)" = 4 ]
    run_dir=$(find "$PWD/first" -path '*run-2' | head -1)
    "$mpsim" report "$run_dir" >/dev/null
    command=$(sed -n 's:^<pre>\(.*\)</pre>$:\1:p' "$run_dir/report.html")
    echo "$command"
    eval "${command/#mpsim/$mpsim} --out third" >/dev/null
    [ "$(grep -h byte_hash $(find third -name run.json))" = "$(grep byte_hash "$run_dir/run.json")" ]
}

@test "a run: the time line of both paths, and the command gives the same octets again" {
    run_dir=$(find "$out" -path '*/jwd,wifi=lost,answers=server*/run-2' | head -1)
    "$mpsim" report "$run_dir" >/dev/null
    page=$run_dir/report.html
    grep -q '<svg' "$page"
    for what in 'wifi radio' 'lte radio' 'subflow 1' 'subflow 2' 'DSN'; do grep -q ">$what<" "$page"; done
    grep -q 'long_drx for' "$page"
    run unbalanced "$page"
    [ -z "$output" ]
    command=$(sed -n 's:^<pre>\(.*\)</pre>$:\1:p' "$page" | sed 's/&gt;/>/g; s/&amp;/\&/g')
    eval "${command/#mpsim/$mpsim} --set dsn=true --out $BATS_TEST_TMPDIR/again" >/dev/null
    again=$(find "$BATS_TEST_TMPDIR/again" -name run.json)
    [ "$(grep byte_hash "$again")" = "$(grep byte_hash "$run_dir/run.json")" ]
}

@test "what a run has not is named with the key that makes it" {
    "$mpsim" run scenarios/bulk.yaml --set series=0s --out "$BATS_TEST_TMPDIR/bare" >/dev/null
    run_dir=$(dirname "$(find "$BATS_TEST_TMPDIR/bare" -name run.json)")
    "$mpsim" report "$run_dir" >/dev/null
    grep -q 'No data.csv: .*dsn: true' "$run_dir/report.html"
    grep -q 'No radio.csv: .*radio.profile' "$run_dir/report.html"
}

@test "texts are escaped" {
    sed 's/^description: .*/description: a <b>bold<\/b> \& "quoted" one/' scenarios/bulk.yaml >"$BATS_TEST_TMPDIR/odd.yaml"
    "$mpsim" run "$BATS_TEST_TMPDIR/odd.yaml" --out "$BATS_TEST_TMPDIR/odd" >/dev/null
    run_dir=$(dirname "$(find "$BATS_TEST_TMPDIR/odd" -name run.json)")
    "$mpsim" report "$run_dir" >/dev/null
    grep -q 'a &lt;b&gt;bold&lt;/b&gt; &amp;' "$run_dir/report.html"
    if grep -q '<b>bold' "$run_dir/report.html"; then false; fi
}

@test "failed runs are listed" {
    mkdir -p "$BATS_TEST_TMPDIR/copy"
    cp -r "$out/tradeoff" "$BATS_TEST_TMPDIR/copy/"
    point=$(ls -d "$BATS_TEST_TMPDIR/copy/tradeoff/loop/jwd,"* | head -1)
    echo "killed" >"$point/failed-9.log"
    "$mpsim" report "$BATS_TEST_TMPDIR/copy/tradeoff/loop" >/dev/null
    grep -q ' 1 failed' "$BATS_TEST_TMPDIR/copy/tradeoff/loop/report.html"
    grep -q 'failed-9.log' "$BATS_TEST_TMPDIR/copy/tradeoff/loop/report.html"
}

@test "mistakes: one line, status 2" {
    run "$mpsim" report "$BATS_TEST_TMPDIR/nowhere"
    [ "$status" -eq 2 ]
    [ "${#lines[@]}" -eq 1 ]
    [[ $output == *"no runs here"* ]]
    run "$mpsim" report
    [ "$status" -eq 2 ]
}
