#!/bin/bash
# SPDX-License-Identifier: MIT
# `mpsim tun-serve` and `mpsim tun-connect` as a user meets them, against the kernel's Multipath TCP: half-close, slow and
# closed output, signals, -k, time-outs, several devices, IPv6, endpoints, files, exit status and messages. One namespace a
# case; addresses: ours is .1, the kernel's .2. Prints TAP; skipped by name without root, TUN or MPTCP in the kernel.
# By hand: BUILD=build shim/test/tun_host.sh [CASE]
set -u

root=$(cd "$(dirname "$0")/../.." && pwd)
self=$root/shim/test/tun_host.sh
suite="tun host"
BUILD=${BUILD:-$root/build}
case $BUILD in /*) ;; *) BUILD=$PWD/$BUILD ;; esac
CC=${CC:-cc}
cases="both_ways half_close slow_output closed_output broken_pipe interrupt terminate keep refuse two_paths ipv6 endpoint
    backup netns files scenario plain timeouts peer_reset existing errors"
. "$root/shim/test/tun/two_hosts.sh"
m=$BUILD/mpsim
dev0=tun0=10.1.0.1/24,peer=10.1.0.2
dev1=tun1=10.2.0.1/24,peer=10.2.0.2

# equal WHAT GOT WANTED
equal() {
    [ "$2" = "$3" ] && return 0
    echo "# $1 is '$2', not '$3'"
    return 1
}

# counter NAME: of the kernel in this namespace.
counter() { nstat -asz "MPTcpExt$1" | awk -v n="MPTcpExt$1" '$1 == n {print $2}'; }

# A program in the background, its standard error in a log: `serve NAME PROGRAM...`; then wait_for its line.
kernel_serves() {
    "$work/kernel_pipe" "$@" -l 5000 <&0 2>"$work/kernel.log" &
    kernel=$!
}

case_both_ways() { # 3 MB each way, either side serving
    head -c 3000000 /dev/urandom >"$work/a"
    head -c 3000000 /dev/urandom >"$work/b"
    kernel_serves <"$work/a" >"$work/b.got"
    wait_for "$work/kernel.log" listening
    "$m" tun-connect --dev $dev0 10.1.0.2 5000 <"$work/b" >"$work/a.got" || return 1
    wait $kernel
    cmp "$work/a" "$work/a.got" && cmp "$work/b" "$work/b.got" || return 1
    "$m" tun-serve -v --dev $dev0 5001 <"$work/a" >"$work/b.got" 2>"$work/log" &
    wait_for "$work/log" listening
    "$work/kernel_pipe" 10.1.0.1 5001 <"$work/b" >"$work/a.got" || return 1
    wait $! || return 1
    cmp "$work/a" "$work/a.got" && cmp "$work/b" "$work/b.got"
}

case_half_close() { # our input ends a second before the answer comes
    { sleep 1; echo answer; } | "$work/kernel_pipe" -l 5000 2>"$work/kernel.log" >"$work/question" &
    wait_for "$work/kernel.log" listening
    equal "the answer" "$(echo question | "$m" tun-connect --dev $dev0 10.1.0.2 5000)" answer || return 1
    wait
    equal "the question" "$(cat "$work/question")" question
}

case_slow_output() { # nobody reads for 2 s: the window closes, nothing is lost, the end comes
    head -c 12000000 /dev/urandom >"$work/a"
    kernel_serves <"$work/a" >/dev/null
    wait_for "$work/kernel.log" listening
    "$m" tun-connect --dev $dev0 10.1.0.2 5000 </dev/null | { sleep 2; cat; } >"$work/a.got"
    wait
    cmp "$work/a" "$work/a.got"
}

case_closed_output() {
    kernel_serves </dev/zero >/dev/null
    wait_for "$work/kernel.log" listening
    "$m" tun-connect --dev $dev0 10.1.0.2 5000 </dev/null >&- 2>"$work/log"
    equal status $? 1 || return 1
    wait
    equal message "$(cat "$work/log")" "mpsim tun-connect: standard output: Bad file descriptor" &&
        equal MPFastcloseRx "$(counter MPFastcloseRx)" 1
}

case_broken_pipe() { # a reader that has enough: no death by SIGPIPE, and the peer is told
    kernel_serves </dev/zero >/dev/null
    wait_for "$work/kernel.log" listening
    { "$m" tun-connect --dev $dev0 10.1.0.2 5000 </dev/null 2>"$work/log"; echo $? >"$work/status"; } | head -c 10 >/dev/null
    wait
    equal status "$(cat "$work/status")" 1 &&
        equal message "$(cat "$work/log")" "mpsim tun-connect: standard output: Broken pipe" &&
        equal MPFastcloseRx "$(counter MPFastcloseRx)" 1
}

# signal SIGNAL STATUS
by_signal() {
    local pid
    kernel_serves -d >/dev/null
    wait_for "$work/kernel.log" listening
    sleep 3 | "$m" tun-connect -v --dev $dev0 10.1.0.2 5000 2>"$work/log" &
    pid=$!
    wait_for "$work/log" "is up" || return 1
    kill -"$1" $pid
    wait $pid
    equal status $? "$2" || return 1
    wait $kernel
    equal MPFastcloseRx "$(counter MPFastcloseRx)" 1
}
case_interrupt() { by_signal INT 130; }
case_terminate() { by_signal TERM 143; }

case_keep() { # three at once are served one after another; the input is the first one's
    echo first | "$m" tun-serve -k -v --dev $dev0 5000 >"$work/got" 2>"$work/log" &
    local server=$! i clients=
    wait_for "$work/log" listening
    for i in 1 2 3; do
        { echo client $i; sleep 0.$i; } | "$work/kernel_pipe" 10.1.0.1 5000 >"$work/client.$i" &
        clients="$clients $!"
        sleep 0.05
    done
    wait $clients || return 1
    kill -TERM $server
    wait $server
    equal status $? 143 && equal "what came" "$(tr '\n' ' ' <"$work/got")" "client 1 client 2 client 3 " &&
        equal "what went" "$(cat "$work"/client.[123])" first
}

case_refuse() { # without -k the port is closed behind the first
    sleep 1 | "$m" tun-serve -v --dev $dev0 5000 >/dev/null 2>"$work/log" &
    local server=$!
    wait_for "$work/log" listening
    sleep 1 | "$work/kernel_pipe" 10.1.0.1 5000 &
    wait_for "$work/log" "is up"
    "$work/kernel_pipe" 10.1.0.1 5000 </dev/null 2>"$work/second.log" && return 1
    wait $server || return 1
    wait
    grep -q "Connection refused" "$work/second.log"
}

case_two_paths() { # by default a client joins from every device
    head -c 200000 /dev/urandom >"$work/a"
    { cat "$work/a"; sleep 1; } | "$work/kernel_pipe" -l 5000 >"$work/b.got" 2>"$work/kernel.log" &
    wait_for "$work/kernel.log" listening
    { cat "$work/a"; sleep 1; } | "$m" tun-connect -v --counters --dev $dev0 --dev $dev1,mtu=1400 10.1.0.2 5000 \
        >"$work/a.got" 2>"$work/log" || return 1
    wait
    cmp "$work/a" "$work/a.got" && cmp "$work/a" "$work/b.got" && equal MPJoinAckRx "$(counter MPJoinAckRx)" 1 &&
        equal subflows "$(grep -c 'is up on tun' "$work/log")" 2 && grep -q "MPTcpExtMPJoinSynTx  *1" "$work/log"
}

case_ipv6() { # both families on one device; no second of waiting for a lost SYN
    kernel_serves <<<hello >/dev/null
    wait_for "$work/kernel.log" listening
    equal answer "$("$m" tun-connect --counters --dev $dev0 --dev tun0=fd00::1/64,peer=fd00::2 fd00::2 5000 </dev/null \
        2>"$work/log")" hello && ! grep -q Retrans "$work/log"
}

case_endpoint() { # a server that announces its second address with a port, as `ip mptcp endpoint add ... signal port`
    { sleep 0.5; echo hello; } | "$m" tun-serve -v --counters --dev $dev0 --dev $dev1,signal,id=7,port=6001 5000 \
        2>"$work/log" >/dev/null &
    local server=$!
    wait_for "$work/log" listening
    { echo hi; sleep 1; } | "$work/kernel_pipe" 10.1.0.1 5000 >/dev/null
    wait $server || return 1
    equal PortAdd "$(counter PortAdd)" 1 && equal MPJoinPortSynAckRx "$(counter MPJoinPortSynAckRx)" 1 &&
        grep -q "subflow 2 is up on tun1: 10.2.0.1,6001 .* ids 7 and" "$work/log"
}

case_backup() {
    { echo hello; sleep 1; } | "$work/kernel_pipe" -l 5000 >/dev/null 2>"$work/kernel.log" &
    wait_for "$work/kernel.log" listening
    { echo hi; sleep 1; } | "$m" tun-connect -v --dev $dev0 --dev $dev1,backup 10.1.0.2 5000 >/dev/null 2>"$work/log" || return 1
    wait
    equal MPJoinSynBackupRx "$(counter MPJoinSynBackupRx)" 1 && grep -q "subflow 2 is up.*, backup" "$work/log"
}

case_netns() { # the device in another namespace than the program
    unshare -n sleep 100 &
    local other=$!
    wait_left $other || return 1
    "$m" tun-serve -v --dev "tun0@/proc/$other/ns/net=10.1.0.1/24,peer=10.1.0.2" 5000 </dev/null 2>"$work/log" >"$work/got" &
    wait_for "$work/log" listening
    ! ip link show tun0 >/dev/null 2>&1 || return 1
    echo through | nsenter -n -t $other "$work/kernel_pipe" 10.1.0.1 5000
    wait $!
    kill $other
    equal "what came" "$(cat "$work/got")" through
}

case_files() { # a pcap that the strict checker takes, a trace of JSON lines, counters by Linux's names
    kernel_serves <<<hello >/dev/null
    wait_for "$work/kernel.log" listening
    "$m" tun-connect --pcap "$work/p" --trace "$work/t" --counters --dev $dev0 10.1.0.2 5000 </dev/null \
        >/dev/null 2>"$work/log" || return 1
    grep -q '^{"t":.*"event":"conn_state".*}$' "$work/t" && grep -q "^MPTcpExtMPCapableSYNTX  *1" "$work/log" || return 1
    "$m" check-pcap "$work/p" >"$work/checked" 2>&1 || { cat "$work/checked"; return 1; }
    complains "No such file" 1 "$m" tun-connect --pcap /nowhere/p --dev $dev0 10.1.0.2 5000 &&
        complains "No such file" 1 "$m" tun-connect --trace /nowhere/p --dev $dev0 10.1.0.2 5000
}

case_scenario() { # client: of a file, its variant, and a setting over both
    printf 'client: {checksum: 0}\npaths: {p: {}}\nvariants: {sum: {client: {checksum: 1}}}\n' >"$work/s.yaml"
    local words
    for words in "--variant sum" "--variant sum checksum=0"; do
        kernel_serves <<<hello >/dev/null
        wait_for "$work/kernel.log" listening
        "$m" tun-connect --scenario "$work/s.yaml" $words --pcap "$work/p" --dev $dev0 10.1.0.2 5000 </dev/null >/dev/null || return 1
        wait $kernel
        tail -c +25 "$work/p" | od -An -v -tx1 | tr -d ' \n' >"$work/hex"
        # MP_CAPABLE of the SYN: kind 30, length 4, subtype and version 01, flags with A (checksum) or without
        case $words in
        *=0) grep -q 1e040101 "$work/hex" || { echo "# a checksum was asked for"; return 1; } ;;
        *) grep -q 1e040181 "$work/hex" || { echo "# no checksum was asked for"; return 1; } ;;
        esac
        rm -f "$work/kernel.log"
    done
    complains "no variant" 2 "$m" tun-connect --scenario "$work/s.yaml" --variant x --dev $dev0 10.1.0.2 5000
}

case_plain() { # mptcp=0, and a peer without it
    "$work/kernel_pipe" -l 5000 <<<hello >/dev/null 2>"$work/kernel.log" &
    wait_for "$work/kernel.log" listening
    equal answer "$("$m" tun-connect --dev $dev0 10.1.0.2 5000 mptcp=0 </dev/null)" hello || return 1
    wait
    "$work/kernel_pipe" -t -l 5001 <<<hello >/dev/null 2>"$work/log" &
    wait_for "$work/log" listening
    equal answer "$("$m" tun-connect -v --dev $dev0 10.1.0.2 5001 </dev/null 2>"$work/ours")" hello &&
        grep -q "plain TCP" "$work/ours"
}

case_timeouts() {
    complains "no answer in time" 1 "$m" tun-connect --timeout 200ms --dev $dev0 10.1.0.77 5000 || return 1
    complains "nobody connected" 1 "$m" tun-serve --timeout 200ms --dev $dev0 5000 || return 1
    kernel_serves -d >/dev/null
    wait_for "$work/kernel.log" listening
    sleep 1 | "$m" tun-connect --idle 300ms --dev $dev0 10.1.0.2 5000 2>"$work/log"
    equal status $? 1 && grep -q "nothing moved" "$work/log"
}

case_peer_reset() { # refused, and reset in the middle
    complains "connection refused" 1 "$m" tun-connect --dev $dev0 10.1.0.2 5000 || return 1
    kernel_serves -d >/dev/null
    wait_for "$work/kernel.log" listening
    sleep 1 | "$m" tun-connect -v --dev $dev0 10.1.0.2 5000 2>"$work/log" &
    local ours=$!
    wait_for "$work/log" "is up"
    ip link set tun0 down # what the peer sends now is lost; we hear nothing
    ip link set tun0 up
    kill -KILL $kernel # with data unread the kernel resets, without it closes: either way it is over
    wait $ours
    [ $? -le 1 ]
}

case_existing() { # a device that somebody else made and set up, attached to as it is
    ip tuntap add dev old mode tun && ip addr add 10.1.0.2/24 dev old && ip link set old up || return 1
    kernel_serves <<<hello >/dev/null
    wait_for "$work/kernel.log" listening
    equal answer "$("$m" tun-connect --dev old=10.1.0.1 10.1.0.2 5000 </dev/null)" hello || return 1
    ip link show old >/dev/null || { echo "# the device is gone"; return 1; }
    ip link add notun type dummy 2>/dev/null || ip link add notun type veth peer name notun2 2>/dev/null || return 0
    complains "no TUN device" 1 "$m" tun-connect --dev notun=10.1.0.1 10.1.0.2 5000
}

case_errors() {
    local bad=0
    complains "which port" 2 "$m" tun-serve --dev $dev0 || bad=1
    complains "to which address" 2 "$m" tun-connect --dev $dev0 10.1.0.2 || bad=1
    complains "at least one device" 2 "$m" tun-connect 10.1.0.2 5000 || bad=1
    complains "no IPv4 or IPv6 address" 2 "$m" tun-connect --dev $dev0 10.1.0 5000 || bad=1
    complains "no IPv4 or IPv6 address" 2 "$m" tun-connect --dev tun0=10.1.0.256 10.1.0.2 5000 || bad=1
    complains "prefix length" 2 "$m" tun-connect --dev tun0=10.1.0.1/33 10.1.0.2 5000 || bad=1
    complains "same family" 2 "$m" tun-connect --dev tun0=10.1.0.1,peer=fd00::1 10.1.0.2 5000 || bad=1
    complains "no port" 2 "$m" tun-serve --dev $dev0 65536 || bad=1
    complains "1 to 15 letters" 2 "$m" tun-serve --dev tun0123456789abc=10.1.0.1 5000 || bad=1
    complains "did you mean 'checksum'" 2 "$m" tun-serve --dev $dev0 5000 cheksum=1 || bad=1
    complains "not a value of 'cc'" 2 "$m" tun-serve --dev $dev0 5000 cc=vegas || bad=1
    complains "exclude each other" 2 "$m" tun-serve --dev $dev0,signal,fullmesh 5000 || bad=1
    complains "unknown option" 2 "$m" tun-serve --devv $dev0 5000 || bad=1
    complains "needs a value" 2 "$m" tun-serve 5000 --dev || bad=1
    complains "No such file" 1 "$m" tun-serve --dev tun0@nowhere=10.1.0.1 5000 || bad=1
    complains "address.*in use\|exists\|taken" 1 "$m" tun-serve --dev $dev0,id=3 --dev $dev1,id=3 5000 || bad=1
    complains "not available\|no such local" 1 "$m" tun-connect --dev $dev0 --from 10.9.9.9 10.1.0.2 5000 || bad=1
    "$m" tun-serve -v --dev $dev0 5000 2>"$work/log" </dev/null &
    wait_for "$work/log" listening
    complains "another program has it" 1 "$m" tun-serve --dev $dev0 5000 || bad=1
    kill $!
    wait $!
    nobody_complains tun-serve --dev $dev0 5000 || bad=1
    mount -t tmpfs none /dev/net 2>/dev/null && # in a mount namespace of its own
        { complains "/dev/net/tun: No such file" 1 "$m" tun-serve --dev $dev0 5000 || bad=1; }
    return $bad
}

if [ "${1:-}" = --case ]; then
    own_namespace
    ip link set lo up
    sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
    ip mptcp limits set subflow 8 add_addr_accepted 8
    case_"$2"
    exit
fi

need
leave_namespace
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
compile kernel_pipe || { echo "not ok 1 - $suite: kernel_pipe does not compile"; exit 1; }
export work BUILD CC
status=0
number=0
for name in ${1:-$cases}; do
    number=$((number + 1))
    rm -f "$work"/*log
    if timeout 60 unshare -n -m bash "$self" --case "$name" >"$work/said.log" 2>&1; then
        echo "ok $number - $suite $name"
    else
        echo "not ok $number - $suite $name"
        sed 's/^/# /' "$work"/*log
        status=1
    fi
done
echo "1..$number"
exit $status
