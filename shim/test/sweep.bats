#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Campaigns as a user meets them: the list, what is missing, seeds until an interval is narrow, merging, a lock, a
# full disk, failures; and the mistakes of a first day, one clear line each. Being killed is sweep_kill.sh.

setup() {
    cd "$BATS_TEST_DIRNAME/../.."
    build=${BUILD:-build}
    mpsim=$build/mpsim
    out=$BATS_TEST_TMPDIR/results
    few=$BATS_TEST_TMPDIR/few.yaml
    cat >"$few" <<'EOF2'
duration: 5s
repeat: 4
series: 0
traffic: {kind: bulk, size: 100kB}
client: {pm: fullmesh}
server: {pm: manual}
paths:
  wifi: {link: {rate: 20Mbit/s, delay: 7ms}}
  lte: {link: {rate: 10Mbit/s, delay: 12ms}}
variants:
  mptcp:
  tcp: {stack: {mptcp: 0}}
sweep:
  paths.wifi.loss: {from: 0, to: 2%, step: 1%}
EOF2
}

teardown() {
    [ -z "${pid:-}" ] || kill -KILL "$pid" 2>/dev/null || true
}

# mistake STATUS TEXT WORDS...: the command says this one line and leaves nothing.
mistake() {
    local want=$1 text=$2
    shift 2
    run "$@" --out "$out"
    echo "$output"
    [ "$status" = "$want" ] && [ "${#lines[@]}" = 1 ] && [ "$output" = "$text" ]
    [ -z "$(find "$out" -name run.json 2>/dev/null)" ]
}

@test "the plan lists every run, and changes nothing" {
    run "$mpsim" sweep "$few" --plan --out "$out"
    [ "$status" = 0 ]
    [ "${#lines[@]}" = 25 ]
    [ "${lines[0]}" = "missing	$out/few/loop/mptcp,paths.wifi.loss=0%/run-1" ]
    [ "${lines[24]}" = "few/loop: 6 points x 4 seeds: 24 runs, 24 missing" ]
    [ ! -e "$out" ]
    "$mpsim" sweep "$few" --variant tcp --out "$out" >/dev/null
    run "$mpsim" sweep "$few" --plan --out "$out"
    [ "$(grep -c ^finished <<<"$output")" = 12 ]
    [ "$(grep -c ^missing <<<"$output")" = 12 ]
}

@test "the scenario of the help page is one" {
    page=$BATS_TEST_TMPDIR/page.yaml
    echo 'paths: {wifi: {link: {delay: 7ms}}, lte: {link: {delay: 12ms}}}' >"$page"
    "$mpsim" help sweep | sed -n '/^THE SCENARIO/,/^$/s/^    //p' >>"$page"
    run "$mpsim" sweep "$page" --plan --out "$out"
    echo "${lines[-1]}"
    # Two variants at five losses, and one variant at two rates and two radios, of which one is there already.
    [ "${lines[-1]}" = "page/loop: 13 points x 30 seeds: 390 runs, 390 missing" ]
    "$mpsim" help sweep | sed -n '/^SEEDS UNTIL/,/^$/s/^    //p' >>"$page"
    sed -i '/^repeat: 30/d' "$page"
    run "$mpsim" sweep "$page" --plan --out "$out"
    [ "${lines[-1]}" = "page/loop: 13 points x 5 seeds: 65 runs, 65 missing; until ci(goodput_up) < 5%, at most 1300 runs" ]
}

@test "a seed has the same random numbers at every point and variant" {
    cat >>"$few" <<'EOF2'
traffic.first: "U(0s, 1s)"
EOF2
    sed -i 's/traffic: {kind: bulk, size: 100kB}/traffic: {kind: msg, count: 2}/' "$few"
    "$mpsim" sweep "$few" --out "$out" >/dev/null
    drawn=$(find "$out" -path '*/run-2/run.json' -exec grep -h '"drawn"' {} + | sort | uniq -c)
    echo "$drawn"
    [ "$(wc -l <<<"$drawn")" = 1 ] && [[ $drawn == *" 6 "* ]]
    [ "$(find "$out" -name run.json -exec grep -h '"drawn"' {} + | sort -u | wc -l)" = 4 ]
}

@test "parts of several machines are merged by copying" {
    "$mpsim" sweep "$few" --set repeat=2 --out "$out/a" >/dev/null
    "$mpsim" sweep "$few" --set repeat=2 --set seed=3 --out "$out/b" >/dev/null
    mkdir "$out/all"
    cp -a "$out/a/." "$out/all/"
    cp -a "$out/b/." "$out/all/"
    run "$mpsim" sweep "$few" --out "$out/all"
    [[ $output == "few/loop: 24 runs, 0 run now, 24 were there, 0 failed,"* ]]
    "$mpsim" sweep "$few" --out "$out/one" >/dev/null
    [ "$(cd "$out/one" && find . -path './*/run-*/summary.csv' -exec cksum {} + | sort)" = \
        "$(cd "$out/all" && find . -path './*/run-*/summary.csv' -exec cksum {} + | sort)" ]
}

@test "until: a point gets seeds until its interval is narrow, all variants of it the same" {
    sed -i 's/^repeat: 4/repeat: 20\nuntil: ci(goodput_up) < 4%/' "$few"
    run "$mpsim" sweep "$few" --out "$out"
    echo "$output"
    [ "$status" = 0 ] && [[ $output == *"until ci(goodput_up) < 4%: reached at "*" of 3 points, with 5 to 20 seeds"* ]]
    [ "$(ls "$out/few/loop/tcp,paths.wifi.loss=0%" | wc -l)" = 5 ]
    for loss in 0% 1% 2%; do
        [ "$(ls "$out/few/loop/tcp,paths.wifi.loss=$loss")" = "$(ls "$out/few/loop/mptcp,paths.wifi.loss=$loss")" ]
    done
    # The same runs in several goes.
    for seeds in 5 9 20; do "$mpsim" sweep "$few" --set repeat=$seeds --out "$out/parts" >/dev/null; done
    [ "$(cd "$out/few" && find . -name 'run-*' | sort)" = "$(cd "$out/parts/few" && find . -name 'run-*' | sort)" ]
    run "$mpsim" sweep "$few" --out "$out" --set "until=ci(goodput) < 4%"
    [ "$status" = 2 ] && [[ $output == "--set: summary.csv has no column 'goodput', did you mean 'goodput_up'?" ]]
}

@test "a bar and the time left on a terminal, nothing in a pipe; batches of a second or so" {
    command -v script >/dev/null || skip "script(1) is not installed"
    sed -i 's/^repeat: 4/repeat: 200/; s/100kB/1MB/' "$few"
    script -qec "$mpsim sweep $few --out $out" /dev/null >"$BATS_TEST_TMPDIR/typed" </dev/null
    tr '\r' '\n' <"$BATS_TEST_TMPDIR/typed" | tail -3
    grep -qE 'few/loop \[=+ +\] [0-9]+ of 1200, [0-9]+:[0-9][0-9] left' "$BATS_TEST_TMPDIR/typed"
    # 1,200 runs of some milliseconds were some tens of jobs of GNU parallel.
    [ "$(wc -l <"$out/few/loop/.sweep/joblog")" -lt 60 ]
    run "$mpsim" sweep "$few" --out "$out"
    [ "${#lines[@]}" = 1 ]
}

@test "one campaign at a time" {
    cat >"$BATS_TEST_TMPDIR/endless.yaml" <<'EOF2'
duration: 24h
repeat: 2
series: 0
traffic: {kind: bulk, size: 1000GB}
paths: {wifi: {link: {rate: 10Mbit/s, delay: 1ms}}}
EOF2
    "$mpsim" sweep "$BATS_TEST_TMPDIR/endless.yaml" --jobs 1 --out "$out" >/dev/null 2>&1 3>&- &
    pid=$!
    for _ in $(seq 100); do
        [ -z "$(find "$out" -name '.run-*' 2>/dev/null)" ] || break
        sleep 0.05
    done
    run "$mpsim" sweep "$BATS_TEST_TMPDIR/endless.yaml" --out "$out"
    [ "$status" = 1 ]
    [ "$output" = "mpsim: another campaign is at work on this: $out/endless/loop/.sweep/lock is locked" ]
    kill -TERM $pid
    wait $pid || true
    run "$mpsim" sweep "$BATS_TEST_TMPDIR/endless.yaml" --out "$out" --set duration=1s --set traffic.size=1kB
    [ "$status" = 0 ]
}

@test "a failed point is listed with its seeds, keeps its log, and is tried again" {
    # Nobody can write below a file.
    mkdir -p "$out/few/loop"
    echo >"$out/few/loop/tcp,paths.wifi.loss=1%"
    run "$mpsim" sweep "$few" --out "$out"
    echo "$output"
    [ "$status" = 1 ]
    [[ $output == *"24 runs, 20 run now, 0 were there, 4 failed"* ]]
    [[ $output == *"few/loop/tcp,paths.wifi.loss=1%: seeds 1 2 3 4"* ]]
    rm "$out/few/loop/tcp,paths.wifi.loss=1%"
    run "$mpsim" sweep "$few" --out "$out"
    [ "$status" = 0 ] && [[ $output == *"24 runs, 4 run now, 20 were there, 0 failed"* ]]
}

@test "the first day: a misspelt key" {
    sed -i 's/delay: 7ms/dealy: 7ms/' "$few"
    mistake 2 "$few:8:33: unknown key 'dealy', did you mean 'delay'?" "$mpsim" sweep "$few"
}

@test "the first day: a wrong unit" {
    sed -i 's/from: 0, to: 2%/from: 0, to: 2ms/' "$few"
    mistake 2 "$few:14:34: '2ms' has no known unit; use %, like 25%" "$mpsim" sweep "$few"
}

@test "the first day: an impossible sweep" {
    sed -i 's/step: 1%/step: 0/' "$few"
    mistake 2 "$few:14:44: a step of 0 never arrives" "$mpsim" sweep "$few"
    cat >>"$few" <<'EOF2'
  phones: {from: 1, to: 64, step: 1}
  connections: {from: 1, to: 400, step: 1}
  traffic.size: {from: 1MB, to: 400MB, step: 1MB}
EOF2
    sed -i 's/step: 0}/step: 1%}/' "$few"
    mistake 2 "$few:14:3: the sweep has 6.144e+07 points (2 variants x 3 paths.wifi.loss x 64 phones x 400 connections x 400 traffic.size); at most 1000000" \
        "$mpsim" sweep "$few"
}

@test "the first day: no ns-3, no GNU parallel" {
    mkdir "$BATS_TEST_TMPDIR/bin"
    cp "$mpsim" "$BATS_TEST_TMPDIR/bin/mpsim"
    mistake 1 "mpsim: mpsim-ns3 is needed for this and cannot be started ($BATS_TEST_TMPDIR/bin/mpsim-ns3: No such file or directory); make builds it where libns3-dev is" \
        "$BATS_TEST_TMPDIR/bin/mpsim" sweep scenarios/handover.yaml
    PATH=$BATS_TEST_TMPDIR mistake 1 \
        "mpsim: GNU parallel is needed for a campaign and cannot be started (parallel: No such file or directory); make deps installs it" \
        "$PWD/$mpsim" sweep "$few"
    # moreutils has a program of that name.
    printf '#!/bin/sh\nexit 1\n' >"$BATS_TEST_TMPDIR/parallel"
    chmod +x "$BATS_TEST_TMPDIR/parallel"
    PATH=$BATS_TEST_TMPDIR:$PATH mistake 1 \
        "mpsim: the program 'parallel' started nothing: is it GNU parallel? make deps installs it" "$PWD/$mpsim" sweep "$few"
}

@test "the first day: no space" {
    [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null || skip "mounting a small file system needs root"
    cat >"$BATS_TEST_TMPDIR/small.sh" <<'EOF2'
mount -t tmpfs -o size=100k,nr_inodes=4096 none "$3" && "$1" sweep "$2" --out "$3/r"
status=$?
echo "finished $(find "$3/r" -name run.json | wc -l), begun $(find "$3/r" -name '.run-*' | wc -l), failed $(find "$3/r" -name 'failed-*' | wc -l)"
mount -o remount,size=40m "$3" && "$1" sweep "$2" --out "$3/r"
exit $status
EOF2
    mkdir "$out"
    run unshare -m sh "$BATS_TEST_TMPDIR/small.sh" "$mpsim" "$few" "$out"
    echo "$output"
    [ "$status" = 1 ]
    [[ ${lines[0]} =~ ^"mpsim: $out/r: No space left on device; "([0-9]+)" of 24 runs are finished: make room, the same command goes on"$ ]]
    n=${BASH_REMATCH[1]}
    [ "$n" -gt 0 ] && [ "$n" -lt 24 ]
    [ "${lines[1]}" = "finished $n, begun 0, failed 0" ]
    [[ ${lines[2]} == "few/loop: 24 runs, $((24 - n)) run now, $n were there, 0 failed,"* ]]
    [ "${#lines[@]}" = 3 ]
}
