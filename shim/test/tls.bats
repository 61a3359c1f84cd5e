#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# TLS over Multipath TCP and over plain TCP through mpsim: goodput against its ceiling, both directions, refused
# certificates, a path that corrupts, the same bytes twice, and nothing of it in runs without TLS.

setup() {
    cd "$BATS_TEST_DIRNAME/../.."
    mpsim=${BUILD:-build}/mpsim
    out=$BATS_TEST_TMPDIR/results
    # 100 Mb/s on Ethernet, where a packet of 1500 octets takes 1538: the link counts IP octets only.
    file=$BATS_TEST_TMPDIR/secure.yaml
    cat >"$file" <<'YAML'
duration: 60s
series: 0
traffic: {kind: bulk, size: 1MB, tls: true}
stack: {sndbuf: 4MiB, rcvbuf: 4MiB}
client: {pm: fullmesh}
server: {pm: manual}
paths:
  wifi: {link: {rate: 97529259bit/s, delay: 5ms}}
variants:
  mptcp:
  tcp: {stack: {mptcp: 0}}
YAML
}

# go VARIANT [KEY=VALUE...]: one run; then `column NAME` and `json`
go() {
    local variant=$1 options=()
    shift
    for s in "$@"; do options+=(--set "$s"); done
    rm -rf "$out"
    "$mpsim" run "$file" --variant "$variant" --out "$out" "${options[@]}" >"$BATS_TEST_TMPDIR/log" 2>&1
    summary=$(find "$out" -name summary.csv)
    json=$(find "$out" -name run.json)
}
column() {
    awk -F, -v name="$1" 'NR == 1 {for (i = 1; i <= NF; i++) if ($i == name) at = i}
        NR == 2 {print at ? $at : "no such column"}' "$summary"
}
hash() { sed -n 's/.*"byte_hash": "\([0-9a-f]*\)".*/\1/p' "$json"; }
# at_least A B: A >= B
at_least() { awk -v a="$1" -v b="$2" 'BEGIN {exit !(a >= b)}'; }
clean() {
    [ "$(column error)$(column tls_client_error)$(column tls_server_error)" = "" ]
    [ "$(column fault_up)$(column fault_down)" = goodgood ]
    [ -n "$(column done_s)" ]
    [ -n "$(column tls_client_s)" ]
    [ -n "$(column tls_server_s)" ]
}

@test "TLS over MPTCP: 100 MB at 99 % of the ceiling or more, and not beyond it" {
    go mptcp traffic.size=100MB
    clean
    [ "$(column multipath)" = 1 ]
    [ "$(column octets_up)" = 100000000 ]
    at_least "$(column goodput_up)" 91792800 # 99 % of 92.72 Mb/s: headers of TCP, DSS, a record of 16 KiB
    at_least 92720000 "$(column goodput_up)"
}

@test "bulk and messages, both directions, over MPTCP and plain TCP, both ciphers" {
    for variant in mptcp tcp; do
        for cipher in chacha20-poly1305 aes-256-gcm; do
            go $variant traffic.direction=both tls.cipher=$cipher tls.record=1000B
            clean
            [ "$(column octets_up)$(column octets_down)" = 10000001000000 ]
            go $variant traffic.kind=msg traffic.request=5000B traffic.response=70000B tls.cipher=$cipher
            clean
            [ "$(column answered)" = 10 ]
            [ "$(column multipath)" = "$([ $variant = mptcp ] && echo 1 || echo 0)" ]
        done
        go $variant traffic.direction=down
        clean
        [ "$(column octets_down)" = 1000000 ]
    done
}

@test "a certificate that must not be accepted: no octet is sent, both ends say why" {
    go mptcp tls.certificate=ca
    [ "$(column tls_client_error)" = "certificate refused: unable to get local issuer certificate" ]
    [ "$(column tls_server_error)" = "alert received: unknown CA" ]
    [ "$(column tls_client_alert)" = 48 ]
    [ "$(column octets_up)" = 0 ]
    go mptcp tls.certificate=host
    [ "$(column tls_client_error)" = "certificate refused: hostname mismatch" ]
    go tcp tls.certificate=expired
    [ "$(column tls_client_error)" = "certificate refused: certificate has expired" ]
    [ "$(column tls_client_alert)" = 45 ]
    [ "$(column octets_up)" = 0 ]
    [ -z "$(column tls_client_s)" ]
    grep -q '"errors_client": 1, "errors_server": 1' "$json"
}

@test "bits flipped on the way are caught below TLS, by checksums; loss and reordering do not show" {
    go mptcp paths.wifi.corrupt=1% paths.wifi.loss=1% paths.wifi.reorder=2%
    clean
    [ "$(column octets_up)" = 1000000 ]
}

@test "an attacker who alters payload and repairs checksums: TLS ends the connection, and says why at both ends" {
    sed -i '/link: {rate/s/}}$/}, attacks: [{name: flip-payload, at: 50ms, direction: up}]}/' "$file"
    for variant in mptcp tcp; do
        go $variant
        [ "$(column tls_server_error)" = "decryption failed or bad record mac" ]
        [ "$(column tls_client_error)" = "alert received: bad record mac" ]
        [ "$(column tls_server_alert)" = 20 ]
        [ "$(column fault_up)" = good ]
        at_least 999999 "$(column octets_up)"
        [ "$(column error)" = "" ]
        go $variant traffic.tls=false
        [ "$(column fault_up)" = corrupted ]
    done
}

@test "the same seed gives the same bytes, another seed others" {
    go mptcp paths.wifi.loss=1%
    first=$(hash)
    rows=$(cat "$summary")
    go mptcp paths.wifi.loss=1%
    [ -n "$first" ]
    [ "$(hash)" = "$first" ]
    [ "$(cat "$summary")" = "$rows" ]
    go mptcp paths.wifi.loss=1% seed=2
    [ "$(hash)" != "$first" ]
}

@test "without TLS nothing of it is written, and values out of range are refused" {
    sed -i 's/, tls: true//' "$file"
    go mptcp
    [ "$(grep -c tls "$summary")" = 0 ]
    [ "$(grep -c tls "$json")" = 0 ]
    run "$mpsim" run "$file" --set tls.record=100B
    [ "$status" = 2 ]
    [[ $output == *"too small; at least 512B"* ]]
    run "$mpsim" run "$file" --set tls.cipher=rot13
    [ "$status" = 2 ]
    run "$mpsim" help keys
    [[ $output == *"traffic.tls"* && $output == *"tls.certificate"* ]]
}

@test "TLS over plain TCP and over MPTCP on ns-3: a wire, and 802.11n with somebody behind it who alters octets" {
    [ -x "${mpsim}-ns3" ] || skip "no ${mpsim}-ns3"
    sed -i '1i engine: ns3\npoint_to_point: true' "$file"
    for variant in tcp mptcp; do
        go $variant
        clean
        [ "$(column multipath)$(column octets_up)" = "$([ $variant = mptcp ] && echo 1 || echo 0)1000000" ]
    done
    sed -i '/point_to_point/d; s/^  wifi: .*/  wifi: {radio: {kind: wifi}, attacks: [{name: none, at: 300ms}]}/' "$file"
    go tcp start=1s traffic.size=5MB
    clean
    [ "$(column octets_up)" = 5000000 ]
    go tcp start=1s traffic.size=5MB paths.wifi.attacks.0.name=flip-payload
    [ "$(column tls_server_alert)" = 20 ] # bad_record_mac (RFC 8446 6)
    [ "$(column fault_up)" = good ]
}
