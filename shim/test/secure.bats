#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# MPTCPsec through mpsim: its three key exchanges and who is believed, both policies at both ends, every scheduler and path
# manager, IPv6, joins with data, corruption on a path, the same bytes twice, the key log only when asked for.

setup() {
    cd "$BATS_TEST_DIRNAME/../.."
    mpsim=${BUILD:-build}/mpsim
    out=$BATS_TEST_TMPDIR/results
    file=$BATS_TEST_TMPDIR/sec.yaml
    cat >"$file" <<'YAML'
duration: 30s
series: 0
traffic: {kind: bulk, size: 1MB, direction: both}
stack: {sec: require}
client: {pm: fullmesh}
server: {pm: manual}
paths:
  wifi: {link: {rate: 20Mbit/s, delay: 5ms}}
  lte: {link: {rate: 10Mbit/s, delay: 15ms}}
YAML
}

# go KEY=VALUE...: one run; then `column NAME`
go() {
    local options=()
    for s in "$@"; do options+=(--set "$s"); done
    rm -rf "$out"
    timeout 60 "$mpsim" run "$file" --trace --out "$out" "${options[@]}" >"$BATS_TEST_TMPDIR/log" 2>&1
    summary=$(find "$out" -name summary.csv)
    trace=$(find "$out" -name trace.jsonl)
}
column() {
    awk -F, -v name="$1" 'NR == 1 {for (i = 1; i <= NF; i++) if ($i == name) at = i}
        NR == 2 {print at ? $at : "no such column"}' "$summary"
}
# all FUNCTION...: each must hold (bats does not stop at a failure within a list of &&)
all() { for f in "$@"; do "$f" || { echo "not $f: $(cat "$summary")"; return 1; }; done; }
whole() { [ "$(column octets_up)" = 1000000 ] && [ "$(column octets_down)" = 1000000 ] && [ "$(column error)" = "" ]; }
refused() { [ "$(column octets_up)$(column octets_down)" = 00 ] && [[ $(column error) == MPTCPsec\ required* ]]; }
joined() { grep -q '"event":"subflow_joined"' "$trace"; }
told() { grep -q '"event":"secure".*"what":3' "$trace"; }
keyed() { [ "$(grep -c '"event":"secure".*"what":2' "$trace")" = 2 ]; }

@test "x25519: the server's key, none, a stranger's" {
    go
    all whole joined keyed
    go sec.server=none
    all whole joined keyed
    go sec.server=other
    refused
}

@test "pre-shared key: the same, another" {
    go stack.sec_kx=psk
    all whole joined keyed
    go stack.sec_kx=psk sec.psk=other
    refused
}

@test "TLS 1.3 with certificates and exporter: good, another name, another authority, expired" {
    go stack.sec_kx=tls
    all whole joined keyed
    for fault in host ca expired; do
        go stack.sec_kx=tls tls.certificate=$fault
        refused
        awk -v t="$(column done_s)" 'BEGIN {exit !(t < 1)}'
    done
}

@test "each key exchange over paths that lose, reorder and duplicate, 8 seeds" {
    for kx in x25519 psk tls; do
        for seed in 1 2 3 4 5 6 7 8; do
            go seed=$seed stack.sec_kx=$kx traffic.size=300kB paths.wifi.loss=8% paths.lte.loss=4% paths.wifi.reorder=10% \
                paths.wifi.duplicate=3%
            [ "$(column octets_up)" = 300000 ]
            [ "$(column octets_down)" = 300000 ]
            keyed
        done
    done
}

@test "both AEADs, small and large records" {
    for aead in chacha20 aes256gcm; do
        grep -qw aes /proc/cpuinfo || [ $aead = chacha20 ] || continue
        for record in 64B 1400B 16KiB; do
            go stack.sec_aead=$aead stack.sec_record=$record
            all whole keyed
        done
    done
}

@test "policies of both ends: secure, regular and told, or refused" {
    go client.sec=prefer server.sec=prefer
    all whole keyed
    go client.sec=prefer server.sec=off
    all whole joined told
    go client.sec=off server.sec=prefer
    all whole joined told
    go client.sec=require server.sec=off
    refused
    go client.sec=off server.sec=require
    [ "$(column octets_up)$(column octets_down)" = 00 ]
    [ "$(column error)" = "connection refused" ]
    run timeout 60 "$mpsim" run "$file" --out "$out" --set client.mptcp=0 # a mistake, said with its place
    [ "$status" = 2 ]
    [[ $output == *"sec: require needs Multipath TCP"* ]]
}

@test "every scheduler" {
    for sched in minrtt server roundrobin redundant blest; do
        go stack.sched=$sched
        all whole keyed
    done
}

@test "every path manager, IPv4 and IPv6" {
    for v6 in false true; do
        for pm in fullmesh backup ndiffports break-before-make endpoints; do
            go client.pm=$pm ipv6=$v6
            all whole keyed
        done
    done
}

@test "joins with data in the SYN" {
    go client.join_data=1 traffic.direction=up
    [ "$(column octets_up)" = 1000000 ]
    joined
    grep -q '"event":"jwd_record".*"verdict":1' "$trace"
}

@test "a path that corrupts costs subflows and no octet" {
    go paths.lte.corrupt=2%
    all whole keyed
    go paths.wifi.attacks.0.name=flip-payload paths.wifi.attacks.0.at=200ms
    all whole joined
    [ "$(column fault_up)$(column fault_down)" = goodgood ]
}

@test "the same bytes twice; the key log only when asked for" {
    go
    first=$(grep -ho '"byte_hash": *"[0-9a-f]*"' "$out"/*/*/*/*/run.json | head -1)
    [ -n "$first" ]
    [ -z "$(find "$out" -name keys.log)" ]
    go client.sec_keylog=1
    second=$(grep -ho '"byte_hash": *"[0-9a-f]*"' "$out"/*/*/*/*/run.json | head -1)
    [ "$first" = "$second" ]
    grep -qE '^MPTSEC1 [0-9a-f]{8} [0-9a-f]{8} 11( [0-9a-f]{64}){4}( [0-9a-f]{32}){2}$' "$(find "$out" -name keys.log)"
}
