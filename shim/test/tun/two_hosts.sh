# SPDX-License-Identifier: MIT
# Two hosts in network namespaces of their own, and two shaped paths between them; sourced by the scripts beside tun/ and
# bench_kernel.sh. A host is the kernel or libmpt (`mpsim tun-serve`, `mpsim tun-connect`); libmpt stands behind the kernel
# of its namespace, which then only forwards:
#
#     namespace A (client)                    mpsim shape                    namespace B (server)
#     10.1.0.1  [c0]  w0 ------------- wifi: rate, delay, loss ... ------------- w0  [c0]  10.1.0.2
#     10.2.0.1  [c1]  l0 ------------- lte ------------------------------------- l0
#
# The client joins from 10.2.0.1 to 10.1.0.2 over lte. Needs BUILD, CC and root (the repository).

. "$root/shim/test/tun/own_namespace.sh"

# skip REASON: by name, where something is missing.
skip() {
    echo "SKIP $suite: $1"
    echo "ok 1 - $suite # SKIP $1"
    exit 0
}

# What all of these tests need.
need() {
    local tool
    [ "$(id -u)" = 0 ] || skip "not root"
    [ -c /dev/net/tun ] || skip "no /dev/net/tun"
    for tool in ip nstat unshare nsenter sysctl sha256sum; do
        command -v $tool >/dev/null || skip "no $tool (iproute2, util-linux, procps, coreutils)"
    done
    unshare -n true 2>/dev/null || skip "no privilege for network namespaces"
    [ "$(sysctl -n net.mptcp.enabled 2>/dev/null)" = 1 ] || skip "net.mptcp.enabled is not 1 in this kernel"
    unshare -n ip mptcp limits >/dev/null 2>&1 || skip "iproute2 without ip mptcp"
    unshare -n ip tuntap add dev tun0 mode tun 2>/dev/null || skip "no privilege for TUN devices"
    [ -x "$BUILD/mpsim" ] || skip "$BUILD/mpsim is not built"
}

# compile PROGRAM...: of shim/tun/peer, into $work.
compile() {
    local name
    for name in "$@"; do
        $CC -std=c11 -O1 -g -Wall -Wextra -D_POSIX_C_SOURCE=200809L -I"$root" -I"$root/shim" ${CFLAGS:-} \
            -o "$work/$name" "$root/shim/tun/peer/$name.c" || return 1
    done
}

# Waits until a file has a line; 10 s.
wait_for() {
    local i
    for i in $(seq 200); do
        grep -q "$2" "$1" 2>/dev/null && return 0
        sleep 0.05
    done
    echo "# no '$2' in $1"
    return 1
}

in_a() { nsenter -n -t "$ns_a" "$@"; }
in_b() { nsenter -n -t "$ns_b" "$@"; }

# rp_filter off, or what comes by another device vanishes; Reno, since the default of a kernel may be anything.
set_up_namespace() {
    nsenter -n -t "$1" bash -c '
        ip link set lo up
        sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 net.ipv4.ip_forward=1
        sysctl -qw net.ipv4.tcp_congestion_control=reno
        sysctl -qw net.ipv4.tcp_wmem="4096 4194304 4194304" net.ipv4.tcp_rmem="4096 4194304 4194304"
        sysctl -qw net.ipv4.tcp_no_metrics_save=1
        ip mptcp limits set subflow 8 add_addr_accepted 8'
}

# Two namespaces, held by a process each.
open_namespaces() {
    unshare -n sleep 10000 &
    ns_a=$!
    unshare -n sleep 10000 &
    ns_b=$!
    wait_left "$ns_a" && wait_left "$ns_b" && set_up_namespace "$ns_a" && set_up_namespace "$ns_b"
}

# shape WIFI-KEYS LTE-KEYS [OPTION...]: $client and $server say who the hosts are.
start_shape() {
    local wifi=$1 lte=$2 a=/proc/$ns_a/ns/net b=/proc/$ns_b/ns/net
    local a_w=w0@$a a_l=l0@$a b_net=24
    shift 2
    # libmpt as the client needs no route but `via`; as the server its kernel keeps the other addresses of the networks
    [ "$client" = core ] || { a_w=$a_w=10.1.0.1/24 a_l=$a_l=10.2.0.1/24; }
    local last=2
    [ "$server" = core ] && last=254
    rm -f "$work/shape.log" # the line of this one is waited for
    "$BUILD/mpsim" shape --path "wifi=$a_w,w0@$b=10.1.0.$last/$b_net,$wifi" \
        --path "lte=$a_l,l0@$b=10.2.0.$last/$b_net,$lte" "$@" >"$work/shape.log" 2>&1 &
    shape=$!
    wait_for "$work/shape.log" ready || return 1
    [ "$client" = core ] || in_a ip mptcp endpoint add 10.2.0.1 dev l0 subflow
}

stop_shape() {
    [ -z "${shape:-}" ] || kill "$shape" 2>/dev/null
    [ -z "${shape:-}" ] || wait "$shape" 2>/dev/null
    shape=
}

close_namespaces() {
    stop_shape
    [ -z "${ns_a:-}" ] || kill "$ns_a" "$ns_b" 2>/dev/null
    wait 2>/dev/null
    ns_a= ns_b=
}

# run_server OPTION...: standard input and output are the caller's; OPTION is -d or nothing.
run_server() {
    if [ "$server" = core ]; then
        in_b "$BUILD/mpsim" tun-serve -v --counters "$@" --timeout 20s --idle 30s --dev c0=10.1.0.2/32 \
            --dev c1=10.2.0.2/32 5000 cc=reno ${CORE:-} 2>"$work/server.log"
    else
        in_b "$work/kernel_pipe" "$@" -l 5000 2>"$work/server.log"
    fi
}

run_client() {
    if [ "$client" = core ]; then
        in_a "$BUILD/mpsim" tun-connect -v --counters "$@" --timeout 20s --idle 30s --dev c0=10.1.0.1/32,via=w0 \
            --dev c1=10.2.0.1/32,via=l0 10.1.0.2 5000 cc=reno ${CORE:-} 2>"$work/client.log"
    else
        in_a "$work/kernel_pipe" "$@" 10.1.0.2 5000 2>"$work/client.log"
    fi
}

# complains WORDS STATUS ARGUMENT...: one line that has the words.
complains() {
    local words=$1 status=$2 got
    shift 2
    timeout 10 "$@" >"$work/said" 2>&1
    got=$?
    [ $got = "$status" ] && [ "$(wc -l <"$work/said")" = 1 ] && grep -q "$words" "$work/said" && return 0
    echo "# '$*' gave $got: $(cat "$work/said")"
    return 1
}

# nobody_complains ARG...: what mpsim says to a user without privileges. Not tried, and said so, where that user cannot start
# the program at all (libraries that only root may read).
nobody_complains() {
    local nobody=(setpriv --reuid 65534 --clear-groups "$work/mpsim")
    cp "$BUILD/mpsim" "$work/mpsim" && chmod 755 "$work" "$work/mpsim"
    if ! "${nobody[@]}" help >/dev/null 2>&1; then
        echo "# SKIP $suite: an unprivileged user (nobody cannot start mpsim here)"
        return 0
    fi
    complains "/dev/net/tun: \|no privilege" 1 "${nobody[@]}" "$@"
}
