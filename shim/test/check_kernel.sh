#!/bin/bash
# SPDX-License-Identifier: MIT
# The strict trace checker on traces that the kernel makes with itself: two network namespaces, three pairs of veth
# devices, sockets of protocol 262, path managers and checksums of several kinds; captured at the client. No error may be
# found, and what the case is about must have been there.
#
#     client 10.N.0.1, fd00:N::1 --- vaN  vbN --- 10.N.0.2, fd00:N::2 server        N = 1, 2, 3
#
# Prints TAP; where root or a kernel with MPTCP is missing, the test is skipped by name. KEEP=DIR leaves the traces there.
# By hand: BUILD=build shim/test/check_kernel.sh [CASE...]
set -u

root=$(cd "$(dirname "$0")/../.." && pwd)
self=$root/shim/test/check_kernel.sh
BUILD=${BUILD:-$root/build}
case $BUILD in /*) ;; *) BUILD=$PWD/$BUILD ;; esac
CC=${CC:-cc}
OCTETS=${OCTETS:-3000000}
. "$root/shim/test/tun/own_namespace.sh"

# name: checksum family off-load how(path managers) end; see set_up and transfer
cases="
single_v4          0 4 off none     eof
single_v4_checksum 1 4 off none     eof
single_v6_checksum 1 6 off none     eof
signal_v4          0 4 off signal   eof
signal_v4_checksum 1 4 off signal   eof
signal_v6          0 6 off signal   eof
signal_v6_checksum 1 6 off signal   eof
offload_v4         0 4 on  signal   eof
offload_v4_checksum 1 4 on signal   eof
offload_v6_checksum 1 6 on signal   eof
fullmesh_v4_checksum 1 4 off fullmesh eof
backup_v4_checksum 1 4 off backup   eof
port_v4            0 4 off port     eof
remove_v4_checksum 1 4 off remove   eof
prio_v4            0 4 off prio     eof
fastclose_v4       0 4 off signal   kill
fastclose_v6_checksum 1 6 off signal kill
loopback_v4_checksum 1 4 off loopback eof
"

skip() {
    echo "1..0 # skip kernel traces: $1"
    exit 77
}

# ---- in the client's namespace ---------------------------------------------------------------------------

there() { nsenter -t "$peer" -n "$@"; }
address() { [ "$family" = 6 ] && echo "fd00:$1::$2" || echo "10.$1.0.$2"; }

# Pairs of devices; rp_filter would drop the joins' SYN/ACKs.
set_up() {
    local i
    unshare -n sleep 600 &
    peer=$!
    wait_left "$peer" || return 1
    for run in "" there; do
        $run sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 \
            net.mptcp.checksum_enabled="$checksum"
        $run sysctl -qw net.ipv4.tcp_congestion_control=reno 2>/dev/null
        $run ip link set lo up
        $run ip mptcp limits set subflow 8 add_addr_accepted 8
    done
    for i in 1 2 3; do
        ip link add "va$i" type veth peer name "vb$i" netns "$peer"
        ip link set "va$i" up
        there ip link set "vb$i" up
        ip addr add "10.$i.0.1/24" dev "va$i"
        there ip addr add "10.$i.0.2/24" dev "vb$i"
        ip addr add "fd00:$i::1/64" dev "va$i" nodad
        there ip addr add "fd00:$i::2/64" dev "vb$i" nodad
    done
    if [ "$offload" = off ]; then
        there timeout 0.3 "$work/tap" /dev/null vb1 vb2 vb3 >/dev/null
    fi
}

path_managers() {
    case $how in
    signal | remove | prio | fullmesh)
        there ip mptcp endpoint add "$(address 2 2)" dev vb2 signal
        there ip mptcp endpoint add "$(address 3 2)" dev vb3 signal
        ;;
    port) there ip mptcp endpoint add "$(address 2 2)" dev vb2 signal port 6000 ;;
    backup) there ip mptcp endpoint add "$(address 2 2)" dev vb2 signal backup ;;
    esac
    case $how in
    fullmesh)
        ip mptcp endpoint add "$(address 2 1)" dev va2 subflow fullmesh
        ip mptcp endpoint add "$(address 3 1)" dev va3 subflow fullmesh
        ;;
    prio) ip mptcp endpoint add "$(address 2 1)" dev va2 subflow id 7 fullmesh ;;
    esac
}

# Both directions at once; in the middle what the case is about.
transfer() {
    local server client status=0 target sink
    target=$(address 1 2)
    [ "$how" = loopback ] && target=127.0.0.1
    local where=there
    [ "$how" = loopback ] && where=
    sink=$work/down
    if [ "$end" = kill ]; then # nobody reads: octets wait in the socket when it is closed (RFC 8684 3.5)
        mkfifo "$work/fifo" 2>/dev/null
        sleep 3 <"$work/fifo" &
        sink=$work/fifo
    fi
    { head -c 1000 /dev/zero; sleep 0.4; head -c "$OCTETS" /dev/urandom; [ "$end" = kill ] && sleep 5; } |
        $where timeout 20 "$work/kernel_pipe" -l 5000 >"$work/up" 2>"$work/server.log" &
    server=$!
    sleep 0.3
    { head -c 1000 /dev/zero; sleep 0.4; head -c "$OCTETS" /dev/urandom; [ "$end" = kill ] && sleep 5; } |
        "$work/kernel_pipe" "$target" 5000 >"$sink" 2>"$work/client.log" &
    client=$!
    sleep 0.35
    case $how in
    remove) there ip mptcp endpoint flush ;;
    prio) ip mptcp endpoint change id 7 backup fullmesh ;;
    esac
    if [ "$end" = kill ]; then
        sleep 0.6
        kill -KILL "$client"
        wait "$client" 2>/dev/null
        kill "$server" 2>/dev/null
        return 0
    fi
    wait $client || status=1
    wait $server || status=1
    return $status
}

# What must be in the trace for the case to mean something: in the checker's summary.
expected() {
    case $how in
    none | loopback) echo ", 1 subflow," ;;
    signal | remove) echo ", 3 subflows," ;;
    *) echo ", [2-9] subflows," ;;
    esac
}

options() {
    case $how in
    remove) echo ADD_ADDR REMOVE_ADDR ;;
    prio) echo MP_PRIO ;;
    signal | port | fullmesh) echo MP_JOIN ADD_ADDR ;;
    esac
    [ "$end" != kill ] || echo MP_FASTCLOSE
}

inside() {
    local name=$1 status=0 devices= option
    read -r name checksum family offload how end <<<"$(grep "^$name " <<<"$cases")"
    set_up
    [ "$offload" = off ] && devices="va1 va2 va3"
    path_managers
    "$work/tap" "$work/trace.pcap" $devices >"$work/tap.log" &
    local tap=$!
    sleep 0.3
    transfer || { echo "# the transfer failed"; status=1; }
    sleep 0.5
    kill -TERM $tap
    wait $tap || { echo "# the capture lost packets"; status=1; }
    kill "$peer"
    "$BUILD/mpsim" check-pcap -v "$work/trace.pcap" >"$work/report" || status=1
    grep -q "$(expected)" "$work/report" || { echo "# not as many subflows as expected"; status=1; }
    for option in $(options); do
        grep -q "options: .*$option " "$work/report" || { echo "# no $option"; status=1; }
    done
    grep -q "^connection 1: MPTCP$([ "$checksum" = 1 ] && echo " with checksums") " "$work/report" ||
        { echo "# not the checksums expected"; status=1; }
    [ -z "${KEEP:-}" ] || cp "$work/trace.pcap" "$KEEP/$name.pcap"
    [ $status = 0 ] || { head -40 "$work/report"; cat "$work"/*.log; } | sed 's/^/# /'
    grep -c 'warning:' "$work/report" >"$work/warnings"
    return $status
}

# ---- outside -----------------------------------------------------------------------------------------------

if [ "${1:-}" = --inside ]; then
    own_namespace
    work=$2
    inside "$3"
    exit
fi

[ "$(id -u)" = 0 ] || skip "needs root"
[ "$(cat /proc/sys/net/mptcp/enabled 2>/dev/null)" = 1 ] || skip "this kernel has no MPTCP"
for tool in ip unshare nsenter timeout; do
    command -v $tool >/dev/null || skip "$tool is not installed"
done
[ -x "$BUILD/mpsim" ] || skip "mpsim is not built"
unshare -n ip link add va0 type veth peer name vb0 2>/dev/null || skip "no veth devices"
leave_namespace
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for tool in tap kernel_pipe; do
    $CC -std=c11 -O1 -D_GNU_SOURCE -I"$root/shim" -o "$work/$tool" "$root/shim/tun/peer/$tool.c" ||
        { echo "not ok 1 - $tool does not compile"; exit 1; }
done

failed=0
count=0
for name in ${*:-$(awk 'NF {print $1}' <<<"$cases")}; do
    count=$((count + 1))
    if BUILD=$BUILD KEEP=${KEEP:-} timeout 60 unshare -n "$self" --inside "$work" "$name"; then
        echo "ok $count - kernel trace $name: $(tail -1 "$work/report"), $(cat "$work/warnings") warnings"
    else
        echo "not ok $count - kernel trace $name"
        failed=1
    fi
done
echo "1..$count"
exit $failed
