#!/bin/bash
# SPDX-License-Identifier: MIT
# One case of the kernel matrix, inside its own network namespace: devices, the two peers, the counters of
# both. Started by ../kernel_cases.sh with a file of settings (a case of *.cases, expanded):
#
#     tun_peer (libmpt)                        kernel_peer (socket of protocol 262)
#     O1 10.1.0.1 fd00:1::1 ------ tun0 ------ K1 10.101.0.1 fd00:101::1
#     O2 10.2.0.1 fd00:2::1 ------ tun1 ------ K2 10.102.0.1 fd00:102::1       and so on
#
# Exit 0: as expected. What differs is printed, one line each.
set -u
. "$1"
work=$2
bin=$3
in_inner=''
. "${0%/*}/../tun/own_namespace.sh"
own_namespace

# ---- addresses: K2 is the kernel's second, O2x ours of the other family ------------------------------

fill() {
    local text=$1 i other=$((10 - family))
    for i in 1 2 3 4; do
        text=${text//K${i}x/$(address $other 10$i)}
        text=${text//O${i}x/$(address $other "$i")}
        text=${text//K$i/$(address "$family" 10$i)}
        text=${text//O$i/$(address "$family" "$i")}
    done
    echo "$text"
}

address() {
    if [ "$1" = 6 ]; then echo "fd00:$2::1"; else echo "10.$2.0.1"; fi
}

# Both families on every device. The same prefix by another device has a worse metric, so that a join from
# K2 to O1 finds its way and the first subflow does not take it. nodad: an address works at once.
devices() {
    local i k
    echo "link set lo up"
    echo "mptcp limits set subflow 8 add_addr_accepted 8"
    for ((i = 0; i < paths; i++)); do
        echo "link set tun$i up"
        [ -z "$behind" ] || continue
        echo "addr add 10.10$((i + 1)).0.1/32 dev tun$i"
        echo "addr add fd00:10$((i + 1))::1/128 dev tun$i nodad"
    done
    for ((i = 0; i < paths; i++)); do
        for ((k = 0; k < paths; k++)); do
            echo "route add 10.$((i + 1)).0.1/32 dev tun$k metric $((10 + (k != i) * 10 * (k + 1)))"
            echo "route add fd00:$((i + 1))::1/128 dev tun$k metric $((10 + (k != i) * 10 * (k + 1)))"
        done
    done
    fill "$net"
}

# behind=MTU: the kernel's socket lives in a namespace of its own, this one forwards, and sends ICMP when a packet
# does not fit into the link between (RFC 1191, RFC 8201). The route says so there, the MSS does not.
start_inner() {
    unshare -n sleep 60 &
    inner=$!
    in_inner="nsenter --target $inner --net"
    for line in all default; do
        echo 1 >"/proc/sys/net/ipv6/conf/$line/forwarding"
        echo 0 >"/proc/sys/net/ipv6/conf/$line/dad_transmits"
    done
    echo 1 >/proc/sys/net/ipv4/ip_forward
    wait_left "$inner" || return 1
    ip link add v0 type veth peer name v1 netns "$inner" || return 1
    ip -batch - <<END || return 1
link set v0 mtu $behind up
addr add 10.200.0.1/32 dev v0
addr add fd00:200::1/128 dev v0 nodad
route add 10.101.0.1/32 dev v0
route add fd00:101::1/128 dev v0
END
    $in_inner sh -c 'echo 0 >/proc/sys/net/ipv6/conf/all/dad_transmits; echo 0 >/proc/sys/net/ipv6/conf/v1/dad_transmits
        echo reno >/proc/sys/net/ipv4/tcp_congestion_control'
    $in_inner ip -batch - <<END
link set lo up
link set v1 up
addr add 10.101.0.1/32 dev v1
addr add fd00:101::1/128 dev v1 nodad
route add 10.200.0.1/32 dev v1
route add fd00:200::1/128 dev v1
route add 10.0.0.0/8 via 10.200.0.1 dev v1 mtu $behind advmss 1460
route add fd00:1::/32 via fd00:200::1 dev v1 mtu $behind advmss 1440
END
}

set_up() {
    local line
    # rp_filter off, or the SYN/ACK of a join that comes by another device vanishes.
    echo 0 >/proc/sys/net/ipv4/conf/all/rp_filter
    echo 0 >/proc/sys/net/ipv4/conf/default/rp_filter
    echo "$checksum" >/proc/sys/net/mptcp/checksum_enabled
    echo reno >/proc/sys/net/ipv4/tcp_congestion_control 2>/dev/null
    for line in $sysctl; do
        if ! echo "${line#*=}" 2>/dev/null >"/proc/sys/net/${line%%=*}"; then
            echo "no sysctl ${line%%=*}"
            return 1
        fi
    done
    devices >"$work/ip.batch"
    ip -batch "$work/ip.batch" || return 1
    [ -z "$behind" ] || start_inner || return 1
    [ -z "$before" ] || bash -c "$(fill "$before")"
}

# ---- the peers ------------------------------------------------------------------------------------------

# wait_for_subflows SIDE N: what it does behind its first 1000 octets. The side that is joined knows when a handshake is
# over, the joining one only hears more octets then; earlier, a DATA_FIN could be faster than a third ACK.
wait_for_subflows() {
    if [ "$2" = 1 ]; then
        return
    elif [ "$joins" = "$1" ]; then
        echo "in:1001 go; "
    else
        echo "subflows:$2 go; "
    fi
}

start_ours() {
    local args=(role="$core" send="$send" receive="$receive" end="$end" checksum="$checksum" port=5000) i
    [ "$core" = server ] || args+=(address="$(fill K1)")
    local steps=''
    [ "$subflows" = 1 ] || steps="out:1000 stop; ${early_core:+$early_core; }$(wait_for_subflows core "$subflows")"
    args+=(script="$(fill "$steps$do_core")")
    while read -r i; do
        [ -z "$i" ] || args+=("mangle=$i")
    done <<<"$mangle"
    args+=($(fill "$set"))
    for ((i = 0; i < paths; i++)); do # unless the case has its own word for a path
        [[ $set == *tun$i=[Ofd1]* ]] || args+=("tun$i=$(address "$family" $((i + 1)))")
    done
    mkfifo "$work/in" "$work/out"
    printf '%q ' "$bin/tun_peer" "${args[@]}" >"$work/ours.command"
    "$bin/tun_peer" "${args[@]}" <"$work/in" >"$work/out" 2>"$work/ours.err" &
    ours=$!
    exec 4>"$work/in" 5<"$work/out"
    read -r -t 5 -u 5 line || return 1 # "open"
}

kernel_args() {
    local role=server steps=''
    [ "$core" = client ] || role=client
    [ "$ksubflows" = 1 ] || steps="out:1000 stop; $(wait_for_subflows kernel "$ksubflows")"
    printf '%s\n' role=$role family="$family" address="$(fill O1)" send="$receive" receive="$send" \
        end="$kend" script="$(fill "$steps$do_kernel")" $kset
}

start_kernel() {
    local args
    mapfile -t args < <(kernel_args)
    mkfifo "$work/kout"
    printf '%q ' "$bin/kernel_peer" "${args[@]}" >"$work/kernel.command"
    $in_inner "$bin/kernel_peer" "${args[@]}" >"$work/kout" 2>"$work/kernel.err" &
    kernel=$!
    exec 6<"$work/kout"
}

run_peers() {
    local line
    if [ "$core" = client ]; then
        start_kernel
        read -r -t 5 -u 6 line || return 1 # "ready"
        echo go >&4
        read -r -t 5 -u 5 line || return 1
    else
        echo go >&4
        read -r -t 5 -u 5 line || return 1 # "ready"
        start_kernel
    fi
    cat <&5 >"$work/ours.log"
    wait "$ours" || bad=1
    cat <&6 >"$work/kernel.log"
    wait "$kernel" || bad=1
}

# ---- counters -------------------------------------------------------------------------------------------

kernel_counters() {
    $in_inner nstat -asz 'MPTcpExt*' 2>/dev/null | awk '$1 ~ /^MPTcpExt/ {print substr($1, 9), $2}'
}

# Ours: those with Linux's names, and everything that tells of an error.
our_counters() {
    awk '$1 ~ /^MPTcpExt/ {sub(/^MPTcpExt/, "", $1); print $1, $2; next}
         $1 ~ /^(Tcp|Out|In[A-Z]|Reinjected|Ip)/ && $1 !~ /Err|InShort/ {next}
         $1 == "IcmpInMsgs" {next}
         NF == 2 && $1 !~ /^#/ {print $1, $2}' "$work/ours.log"
}

# compare SIDE COUNTERS EXPECTED: every counter that is not named must be 0. NAME=1, NAME=1..3, NAME=2.. ;
# the last word about a name counts. A counter that this side does not have is listed, not checked.
compare() {
    awk -v side="$1" -v want="$3" '
        BEGIN {
            n = split(want, w, " ")
            for (i = 1; i <= n; i++) {
                at = index(w[i], "=")
                expected[substr(w[i], 1, at - 1)] = substr(w[i], at + 1)
            }
        }
        {
            seen[$1] = 1
            e = ($1 in expected) ? expected[$1] : "0"
            dots = index(e, "..")
            low = dots ? substr(e, 1, dots - 1) + 0 : e + 0
            high = dots ? (length(e) > dots + 1 ? substr(e, dots + 2) + 0 : 1e18) : e + 0
            if ($2 < low || $2 > high) {
                print "  " side ": " $1 " is " $2 ", not " e
                bad = 1
            }
        }
        END {
            for (name in expected)
                if (!(name in seen)) {
                    e = expected[name]
                    if (e ~ /^0/) continue
                    print "# " side " has no counter " name
                }
            exit bad
        }' "$2"
}

# Sockets end a moment behind their peers: as long as connections are open, at most a second.
settle() {
    local i
    for i in $(seq 50); do
        awk '/^MPTcpExt:/ {
                 if (!n) {n = split($0, name, " "); next}
                 split($0, value, " ")
                 for (i = 2; i <= n; i++) if (name[i] == "MPCurrEstab") exit value[i] != 0
             }' /proc/net/netstat && return
        sleep 0.02
    done
}

# ---- traces -----------------------------------------------------------------------------------------------

# Both sides' packets, held to the RFC by the strict checker. What a middlebox of ours broke is found there too:
# every complaint must then be the one that the case names, and there must be one.
check_traces() {
    local side found=0
    [ -x "${BUILD:-}/mpsim" ] && [ "$trace" != unchecked ] || return 0
    for side in core kernel; do
        "$BUILD/mpsim" check-pcap "$TUN_PCAP.$side.pcap" >"$work/check.$side" 2>&1 && continue
        found=1
        grep -E '\.pcap:[0-9]|^mpsim' "$work/check.$side" | grep -vE "${violates:-no complaint}" >"$work/complaints" ||
            continue
        sed 's/^.*\//  trace of /' "$work/complaints" | head -5
        bad=1
    done
    [ -z "$violates" ] || [ $found = 1 ] || {
        echo "  the trace checker does not see: $violates"
        bad=1
    }
}

bad=0
export TUN_PCAP="${KEEP:-$work}/$name"
if ! start_ours; then
    cat "$work/ours.err"
    exit 1
fi
set_up || exit 1
run_peers || bad=1
settle
kernel_counters >"$work/kernel.counters"
our_counters >"$work/ours.counters"
compare kernel "$work/kernel.counters" "$kernel_bounds $expect_kernel" || bad=1
compare ours "$work/ours.counters" "$core_bounds $expect_core" || bad=1
check_traces
[ $bad = 0 ] || sed -s 's/^/  /;$a\' "$work/ours.err" "$work/kernel.err" "$work/kernel.log" "$work/ours.command" \
    "$work/kernel.command"
kill "$ours" "${kernel:-$ours}" ${inner:+"$inner"} 2>/dev/null
exit $bad
