#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Path managers over whole runs, where a dialogue is too short: what they do to a download, to congestion control of the path they
# go back to, under MPTCPsec, and what a handshake that lost packets leaves.

setup() {
    cd "$BATS_TEST_DIRNAME/../.."
    mpsim=${BUILD:-build}/mpsim
    file=$BATS_TEST_TMPDIR/policies.yaml
    cat >"$file" <<'END'
duration: 40s
traffic: {kind: msg, request: 512B, first: 1s, count: 1, response: 24MB}
stack: {cc: olia, tcp: {rto_min: 200ms, syn_rto: 1s}}
client: {pm: wifi-first, join_data: 1, pm.receiver_timer: 1}
server: {pm: manual, sched: server, idle_bit: 1}
paths:
  wifi: {link: {rate: 10Mbit/s, delay: 7.5ms}}
  lte: {link: {rate: 10Mbit/s, delay: 12.5ms}}
variants:
  here: {}
  silent: {paths.wifi.changes: [{at: 5s, down: true}]}
  away: {paths.wifi.changes: [{at: 5s, address: false}, {at: 10s, address: true}]}
END
}

# run_it NAME --variant NAME --set KEY=VALUE...: leaves its directory in $run_dir
run_it() {
    run_dir=$BATS_TEST_TMPDIR/$1
    shift
    "$mpsim" run "$file" --out "$run_dir" --trace --pcap "$@" >/dev/null
    run_dir=$(dirname "$(find "$run_dir" -name summary.csv)")
}

column() { awk -F, -v c="$1" 'NR == 1 {for (i = 1; i <= NF; i++) if ($i == c) k = i} NR == 2 {print $k}' "$run_dir/summary.csv"; }
triggers() { grep -c '"event":"pm_trigger"' "$run_dir/trace.jsonl"; }
clean() { "$mpsim" check-pcap "$run_dir"/*.pcap | tail -1 | grep -q ' 0 errors'; }

@test "a WiFi on which a download stopped does not work: LTE is not closed" {
    run_it silent --variant silent
    [ "$(triggers)" = 1 ]
    [ "$(column answered)" = 1 ]
    run grep '"event":"mp_prio"' "$run_dir/trace.jsonl"
    [ "$status" = 1 ]
    clean
}

@test "a server that answers where it heard the client last goes when the client says so by MP_PRIO" {
    run_it away --variant away
    at=$(sed -n 's/{"t":\([0-9.]*\),"host":0,"event":"mp_prio".*"backup":1.*/\1/p' "$run_dir/trace.jsonl" | head -1)
    echo "MP_PRIO arrived at $at"
    # octets mapped by the server on the subflow over LTE, 50 ms later and on
    run awk -v at="$at" -F'[:,]' '/"host":0,"event":"data_sent"/ && /"subflow":2/ && $2 > at + 0.05 {n++} END {print n + 0}' "$run_dir/trace.jsonl"
    [ "$output" = 0 ]
    [ "$(column answered)" = 1 ]
    clean
}

@test "a subflow that was closed does not hold the others back (coupled congestion control)" {
    for cc in olia lia balia; do
        run_it "cc-$cc" --set traffic.kind=bulk --set traffic.direction=up --set traffic.size=60MB --set stack.cc=$cc \
            --set paths.wifi.loss=1% --variant away
        back=$(column wifi_up_bytes)
        run_it "alone-$cc" --set traffic.kind=bulk --set traffic.direction=up --set traffic.size=60MB --set stack.cc=$cc \
            --set paths.wifi.loss=1% --variant here
        echo "$cc: $back octets with 5 s away, $(column wifi_up_bytes) without"
        [ $((back * 100)) -gt $(($(column wifi_up_bytes) * 75)) ]
    done
}

@test "with MPTCPsec an empty record is no reason to join" {
    run_it sec --set stack.sec=require --set traffic.first=800ms --set traffic.count=36 --set traffic.interval=1s \
        --set traffic.response=20000B --variant away
    grep '"event":"pm_trigger"' "$run_dir/trace.jsonl"
    [ "$(triggers)" = 2 ] # WiFi goes, and is back
    [ "$(column answered)" = 36 ]
    clean
}

@test "the answer to a repeated SYN echoes its time stamp, not the first one's (RFC 7323 4.3)" {
    cat >"$file" <<'END'
duration: 5s
seed: 54   # the first SYN/ACK is lost
traffic: {kind: msg, count: 1}
paths:
  wifi: {loss: 2%, link: {rate: 20Mbit/s, delay: 10ms}, changes: [{at: 4s, down: true}]}
END
    run_it syn
    stamps() { tshark -r "$run_dir/server.pcap" -Y "tcp.flags.syn == 1 && tcp.flags.ack == $1" -T fields -e "tcp.options.timestamp.$2"; }
    [ "$(stamps 0 tsval | wc -l)" = 2 ]
    [ "$(stamps 1 tsecr | head -1)" = "$(stamps 0 tsval | head -1)" ]
    [ "$(stamps 1 tsecr | tail -1)" = "$(stamps 0 tsval | tail -1)" ]
}
