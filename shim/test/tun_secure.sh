#!/bin/bash
# SPDX-License-Identifier: MIT
# MPTCPsec between two hosts over TUN devices and shaped paths, as a user has it: keys, wrong keys, pre-shared keys, and the
# Linux kernel as a peer that knows nothing of it. Prints TAP; skipped by name without root, TUN or namespaces.
# By hand: shim/test/tun_secure.sh [CASE]
set -u

root=$(cd "$(dirname "$0")/../.." && pwd)
suite="tun secure"
BUILD=${BUILD:-$root/build}
case $BUILD in /*) ;; *) BUILD=$PWD/$BUILD ;; esac
CC=${CC:-cc}
cases="key stranger unknown psk other_psk aes kernel_server kernel_client kernel_refused errors"
. "$root/shim/test/tun/two_hosts.sh"

eval "real_server() $(declare -f run_server | tail -n +2)"
eval "real_client() $(declare -f run_client | tail -n +2)"

sum_of() { sha256sum | cut -d' ' -f1; }

# Two megabytes each way at once, 1 % loss on both paths. $work/up and $work/down are what went, the sums what came.
# Writes $work/status.
transfer() {
    start_shape "rate=20Mbit/s,delay=5ms,loss=1%" "rate=10Mbit/s,delay=15ms,loss=1%" || return 1
    { run_server <"$work/down" | sum_of >"$work/up.sum"; } &
    local reader=$!
    wait_for "$work/server.log" listening || return 1
    { run_client <"$work/up"; echo $? >"$work/status"; } | sum_of >"$work/down.sum"
    [ "$(cat "$work/status")" = 0 ] || pkill -f "(kernel_pipe|tun-serve).*$work|$work/kernel_pipe" # it still waits for a connection
    wait $reader
    stop_shape
}

arrived() {
    [ "$(cat "$work/up.sum")" = "$(sum_of <"$work/up")" ] && [ "$(cat "$work/down.sum")" = "$(sum_of <"$work/down")" ] && return 0
    echo "# what came is not what went"
    return 1
}

# says LOG WORDS
says() {
    grep -q "$2" "$work/$1.log" && return 0
    echo "# the $1 does not say '$2': $(grep -v octets "$work/$1.log" | head -5 | tr '\n' ';')"
    return 1
}

# With both options the pair runs CORE on either side; SERVER and CLIENT are for one.
run_server() { CORE="$CORE $SERVER" real_server "$@"; }
run_client() { CORE="$CORE $CLIENT" real_client "$@"; }

both_paths() { says client "subflow 2 is up"; }

case_key() { # the server's key is the one the client expects
    CORE="sec=require sec_keylog=0" SERVER="--identity $work/key" CLIENT="--expect $public"
    transfer && arrived && both_paths && says client "secure: .*the server's key is good" && says server "secure: "
}

case_stranger() { # another server's key: nothing is said to it
    CORE="sec=require" SERVER="--identity $work/other" CLIENT="--expect $public"
    transfer || return 1
    [ "$(cat "$work/status")" = 1 ] && says client "MPTCPsec required" && [ "$(cat "$work/up.sum")" = "$(sum_of </dev/null)" ]
}

case_unknown() { # nobody shows a key: it works, and says so
    CORE="sec=require" SERVER= CLIENT=
    transfer && arrived && says client "secure: .*the server is not known"
}

case_psk() {
    CORE="sec=require sec_kx=psk" SERVER="--psk $work/psk" CLIENT="--psk $work/psk"
    transfer && arrived && says client "by pre-shared key"
}

case_other_psk() {
    CORE="sec=require sec_kx=psk" SERVER="--psk $work/psk" CLIENT="--psk $work/psk2"
    transfer || return 1
    [ "$(cat "$work/status")" = 1 ] && says client "MPTCPsec required"
}

case_aes() {
    CORE="sec=require sec_aead=aes256gcm sec_record=1400" SERVER= CLIENT=
    grep -qw aes /proc/cpuinfo || { note="# SKIP this CPU has no AES instructions"; return 0; }
    transfer && arrived && says client "secure: AES-256-GCM"
}

case_kernel_server() { # Linux skips TCP-ENO: regular Multipath TCP, and both know
    CORE="sec=prefer" SERVER= CLIENT= server=kernel
    transfer && arrived && both_paths && says client "not secure"
}

case_kernel_client() {
    CORE="sec=prefer" SERVER= CLIENT= client=kernel
    transfer && arrived
}

case_kernel_refused() {
    CORE="sec=require" SERVER= CLIENT= server=kernel
    transfer || return 1
    [ "$(cat "$work/status")" = 1 ] && says client "MPTCPsec required"
}

case_errors() {
    local m=$BUILD/mpsim bad=0 dev="--dev c0=10.1.0.1/32"
    head -c 20 /dev/urandom >"$work/bad"
    echo short >"$work/short"
    complains "no sec=prefer" 2 "$m" tun-connect $dev --expect "$public" 10.1.0.2 5000 || bad=1
    complains "No such file" 2 "$m" tun-serve $dev --identity "$work/nowhere" 5000 sec=require || bad=1
    complains "64 hexadecimal digits" 2 "$m" tun-serve $dev --identity "$work/bad" 5000 sec=require || bad=1
    complains "64 hexadecimal digits" 2 "$m" tun-connect $dev --expect 0123 10.1.0.2 5000 sec=require || bad=1
    complains "16 to 64" 2 "$m" tun-serve $dev --psk "$work/short" 5000 sec=require sec_kx=psk || bad=1
    complains "needs --psk" 2 "$m" tun-serve $dev 5000 sec=require sec_kx=psk || bad=1
    complains "x25519 or psk" 2 "$m" tun-serve $dev 5000 sec=require sec_kx=tls || bad=1
    complains "the server's" 2 "$m" tun-connect $dev --identity "$work/key" 10.1.0.2 5000 sec=require || bad=1
    return $bad
}

need
work=$(mktemp -d)
trap 'close_namespaces; rm -rf "$work"' EXIT
compile kernel_pipe || { echo "not ok 1 - $suite: kernel_pipe does not compile"; exit 1; }
for name in key other; do
    od -An -tx1 -N32 /dev/urandom | tr -d ' \n' >"$work/$name"
done
head -c 32 /dev/urandom >"$work/psk"
head -c 32 /dev/urandom >"$work/psk2"
head -c 2000000 /dev/urandom >"$work/up"
head -c 2000000 /dev/urandom >"$work/down"
status=0
number=0
public=$(timeout 1 "$BUILD/mpsim" tun-serve -v --identity "$work/key" --dev lo=10.9.9.9/32 1 sec=require 2>&1 | sed -n 's/.*--expect //p')
for name in ${1:-$cases}; do
    number=$((number + 1))
    client=core server=core note=
    rm -f "$work"/*.log "$work"/*.sum
    open_namespaces
    if case_"$name"; then
        echo "ok $number - $suite $name ${note:-}"
    else
        echo "not ok $number - $suite $name"
        status=1
    fi
    close_namespaces
done
echo "1..$number"
exit $status
