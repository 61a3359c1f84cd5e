#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# mpsim as a user meets it: exit status, what it prints, what it leaves behind, and what it does when it or
# one of its runs is killed.

setup() {
    cd "$BATS_TEST_DIRNAME/../.."
    build=${BUILD:-build}
    mpsim=$build/mpsim
    out=$BATS_TEST_TMPDIR/results
    small=$BATS_TEST_TMPDIR/small.yaml
    cat >"$small" <<'EOF'
description: two requests
duration: 3s
repeat: 3
traffic: {kind: msg, count: 2}
client: {pm: fullmesh}
server: {pm: manual}
paths:
  wifi: {link: {delay: 7ms}}
  lte: {link: {delay: 12ms}}
variants:
  mptcp:
  tcp: {stack: {mptcp: 0}}
sweep:
  traffic.request: [100B, 200B]
EOF
    # Keeps a core busy until it is killed.
    endless=$BATS_TEST_TMPDIR/endless.yaml
    cat >"$endless" <<'EOF'
duration: 24h
repeat: 3
series: 0
traffic: {kind: bulk, size: 1000GB}
paths: {wifi: {link: {rate: 10Mbit/s, delay: 1ms}}}
EOF
}

teardown() {
    [ -z "${pid:-}" ] || kill -KILL "$pid" 2>/dev/null || true
}

# Children of a process, without procps.
children() { cat "/proc/$1/task/$1/children"; }
# The runs of a campaign: its descendants that have no children.
leaves() {
    local kids kid
    kids=$(children "$1" 2>/dev/null) || return 0
    [ "$(cat "/proc/$1/comm")" != mpsim-guard ] || return 0
    # GNU parallel buries a batch when it starts the next one.
    [ -n "${kids// /}" ] || grep -q '^State:.*Z' "/proc/$1/status" || echo "$1"
    for kid in $kids; do leaves "$kid"; done
}
# Waits until a campaign has $2 runs at work.
await_runs() {
    for _ in $(seq 200); do
        [ "$(find "$out" -name '.run-*' 2>/dev/null | wc -l)" = "$2" ] && [ "$(leaves "$1" | wc -l)" = "$2" ] && return
        sleep 0.05
    done
    return 1
}
# Waits until a process has $2 children.
await_children() {
    for _ in $(seq 100); do
        [ "$(children "$1" | wc -w)" = "$2" ] && return
        sleep 0.05
    done
    return 1
}

@test "help, version and the keys" {
    run "$mpsim" --help
    [ "$status" = 0 ] && [[ $output == *"EXIT STATUS"* ]]
    run "$mpsim" --version
    [ "$status" = 0 ] && [[ $output == mpsim\ *libmpt* ]]
    for topic in run sweep explain list check-pcap stat tun-serve tun-connect shape; do
        run "$mpsim" help "$topic"
        [ "$status" = 0 ] && [[ $output == *"$topic "* ]]
    done
    run "$mpsim" help nonsense
    [ "$status" = 2 ]
    run "$mpsim" check-pcap "$BATS_TEST_TMPDIR"
    [ "$status" = 2 ] && [ "$output" = "mpsim: $BATS_TEST_TMPDIR: Is a directory" ]
    run "$mpsim" check-pcap /dev/null
    [ "$status" = 2 ] && [ "$output" = "mpsim: /dev/null: the file is empty" ]
    run "$mpsim" help keys
    [ "$status" = 0 ]
    for key in link.delay radio.fading jwd_accept traffic.interval at; do
        [[ $output == *"$key "* ]]
    done
}

@test "the user's mistakes are status 2 and name what would be right" {
    printf 'paths:\n  wifi:\n    link:\n      dealy: 7ms\n' >"$BATS_TEST_TMPDIR/x.yaml"
    run "$mpsim" run "$BATS_TEST_TMPDIR/x.yaml"
    [ "$status" = 2 ]
    [ "$output" = "$BATS_TEST_TMPDIR/x.yaml:4:7: unknown key 'dealy', did you mean 'delay'?" ]
    run "$mpsim" run "$small" --seeed 3
    [ "$status" = 2 ] && [[ $output == *"did you mean '--seed'"* ]]
    run "$mpsim" run "$small" --variant tpc
    [ "$status" = 2 ] && [[ $output == *"the scenario has mptcp, tcp"* ]]
    run "$mpsim" run "$small" --set duration=5
    [ "$status" = 2 ] && [[ $output == *"--set: duration: '5' has no unit"* ]]
    run "$mpsim" run "$BATS_TEST_TMPDIR/absent.yaml"
    [ "$status" = 2 ] && [[ $output == *"No such file"* ]]
    run "$mpsim" runn
    [ "$status" = 2 ]
    run "$mpsim"
    [ "$status" = 2 ]
    [ ! -e "$out" ]
}

@test "every scenario of the repository resolves and is listed" {
    run "$mpsim" list
    [ "$status" = 0 ] && [[ $output != *broken* ]]
    for f in scenarios/*.yaml; do
        [[ $output == *"$f"* ]]
        "$mpsim" explain "$f" --engine ns3 >/dev/null || "$mpsim" explain "$f" >/dev/null
    done
}

@test "explain says where values come from, what rests and what runs" {
    run "$mpsim" explain scenarios/handover.yaml --engine loop --variant jwd --set lte=awake
    [ "$status" = 0 ]
    [[ $output == *"radio.fading"*"rests on this engine"* ]]
    [[ $output == *"client.join_data"*"1"*"handover.yaml:"*"(variant jwd)"* ]]
    [[ $output == *"paths.wifi.changes.0.at"* ]]
    [[ $output == *"20 seeds from 1"* ]]
}

@test "one run leaves a complete directory" {
    run "$mpsim" run "$small" --out "$out" --set traffic.request=200B --seed 2 --pcap --trace
    echo "$output"
    [ "$status" = 0 ]
    dir=$out/small/loop/mptcp,traffic.request=200B/run-2
    [ "$output" = "$dir" ]
    for f in run.json summary.csv requests.csv series.csv trace.jsonl server.pcap phone1.pcap; do
        [ -s "$dir/$f" ]
    done
    [ "$(wc -l <"$dir/requests.csv")" = 3 ]
    # Both requests were answered: no field of the first five is empty.
    if grep -E '^[0-9]+,[0-9]+,[^,]*,,' "$dir/requests.csv"; then false; fi
    grep -q '"seed": 2' "$dir/run.json"
    grep -q ',good,good,' "$dir/summary.csv"
    [ -z "$(find "$out" -name '.run*')" ]
}

@test "the same seed gives the same bytes, another seed others" {
    "$mpsim" run "$small" --out "$out/a" >/dev/null
    "$mpsim" run "$small" --out "$out/b" >/dev/null
    "$mpsim" run "$small" --out "$out/a" --seed 2 >/dev/null
    a=$out/a/small/loop/mptcp,traffic.request=100B b=$out/b/small/loop/mptcp,traffic.request=100B
    diff -r -x run.json "$a/run-1" "$b/run-1"
    diff <(grep -v wall_s "$a/run-1/run.json") <(grep -v wall_s "$b/run-1/run.json")
    [ "$(grep byte_hash "$a/run-1/run.json")" != "$(grep byte_hash "$a/run-2/run.json")" ]
}

@test "all runs once, then only what is missing or changed" {
    run "$mpsim" run "$small" --all --jobs 2 --out "$out"
    [ "$status" = 0 ]
    [[ $output == "small/loop: 12 runs, 12 run now, 0 were there, 0 failed"* ]]
    [ "${#lines[@]}" = 1 ] # no progress in a pipe
    rm -r "$out"/small/loop/tcp,traffic.request=100B/run-3
    run "$mpsim" run "$small" --all --out "$out"
    [[ $output == *"1 run now, 11 were there"* ]]
    run "$mpsim" run "$small" --all --out "$out" --set repeat=2
    [[ $output == *"8 runs, 0 run now, 8 were there"* ]]
    sed -i 's/repeat: 3/repeat: 4/' "$small"
    run "$mpsim" run "$small" --all --out "$out"
    [[ $output == *"16 runs, 4 run now, 12 were there"* ]]
    sed -i 's/delay: 7ms/delay: 8ms/' "$small"
    run "$mpsim" run "$small" --all --out "$out" --variant tcp
    [[ $output == *"8 runs, 8 run now"* ]]
}

@test "a run that aborts is reported with its seed, the others go on" {
    "$mpsim" run "$endless" --all --jobs 3 --out "$out" >"$BATS_TEST_TMPDIR/log" 2>&1 &
    pid=$!
    await_runs $pid 3
    read -r first second third <<<"$(leaves $pid | tr '\n' ' ')"
    kill -ABRT "$first"
    await_runs $pid 2
    kill -KILL "$second" "$third"
    status=0
    wait $pid || status=$?
    cat "$BATS_TEST_TMPDIR/log"
    [ "$status" = 1 ]
    grep -qE 'endless/loop/plain seed [123] failed: Aborted \(status 134\), log in ' "$BATS_TEST_TMPDIR/log"
    [ "$(grep -c 'failed: Killed' "$BATS_TEST_TMPDIR/log")" = 2 ]
    grep -q 'endless/loop/plain: seeds 1 2 3$' "$BATS_TEST_TMPDIR/log"
    [ -z "$(find "$out" -name '*run-*')" ]
    [ "$(find "$out" -name 'failed-*.log' | wc -l)" = 3 ]
}

@test "a killed campaign leaves nothing half-written and no child" {
    for signal in INT TERM; do
        # A background job of a script ignores SIGINT; env gives the default back.
        env --default-signal=INT "$mpsim" run "$endless" --all --jobs 2 --out "$out" \
            2>"$BATS_TEST_TMPDIR/log" &
        pid=$!
        await_runs $pid 2
        read -r first second <<<"$(leaves $pid | tr '\n' ' ')"
        kill -$signal $pid
        status=0
        wait $pid || status=$?
        [ "$status" -gt 128 ]
        grep -q 'interrupted; 0 of 3 runs are finished' "$BATS_TEST_TMPDIR/log"
        [ "$(wc -l <"$BATS_TEST_TMPDIR/log")" = 1 ]
        [ ! -d "/proc/$first" ] && [ ! -d "/proc/$second" ]
        [ -z "$(find "$out" -name '*run-*')" ]
    done
}

@test "children die with a campaign that is killed hard, and its remains go with the next one" {
    "$mpsim" run "$endless" --out "$out" &
    pid=$!
    await_children $pid 1
    read -r child <<<"$(children $pid)"
    kill -KILL $pid
    wait $pid || true
    for _ in $(seq 100); do
        [ -d "/proc/$child" ] && ! grep -q '^State:.*Z' "/proc/$child/status" || break
        sleep 0.05
    done
    [ ! -d "/proc/$child" ] || grep -q '^State:.*Z' "/proc/$child/status"
    [ -n "$(find "$out" -name '.run-*')" ]
    run "$mpsim" run "$endless" --out "$out" --set duration=1s --set traffic.size=1kB
    [ "$status" = 0 ]
    run "$mpsim" run "$endless" --out "$out" --set duration=1s --set traffic.size=1kB --force
    [ -z "$(find "$out"/endless/loop/plain,* -name '.run-*')" ]
}

@test "ns3 without mpsim-ns3 is one clear line" {
    mkdir "$BATS_TEST_TMPDIR/bin"
    cp "$mpsim" "$BATS_TEST_TMPDIR/bin/mpsim"
    run "$BATS_TEST_TMPDIR/bin/mpsim" run scenarios/handover.yaml --out "$out"
    [ "$status" = 1 ]
    [ "${#lines[@]}" = 1 ]
    [[ $output == *"mpsim-ns3 is needed"* ]]
}

@test "every traffic generator has a variant of traffic.yaml; what a generator cannot be is one clear line" {
    "$mpsim" run scenarios/traffic.yaml --all --set repeat=1 --out "$out"
    [ "$(find "$out" -name summary.csv | wc -l)" = 8 ]
    for wrong in "siri siri.chunk_least=600B" "onoff traffic.direction=both" "phone phone.idle=99%"; do
        run "$mpsim" explain scenarios/traffic.yaml --variant ${wrong% *} --set ${wrong#* }
        [ "$status" = 2 ]
        [[ $output == *"--set: "* ]]
    done
}
