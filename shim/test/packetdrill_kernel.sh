#!/bin/bash
# SPDX-License-Identifier: MIT
# The scripts of shim/test/packetdrill/ against the Linux kernel under this machine, each in a network namespace of its own: what
# they say of Linux's octets and answers is true. Scripts that begin with "// kernel: ..." say where libmpt and Linux differ
# and are left out. Prints TAP; skips everything by name without root, TUN or MPTCP. Called by `make check`.
#
#     BUILD=build shim/test/packetdrill_kernel.sh [SCRIPT.pkt...]
set -u

cd "$(dirname "$0")/../.." || exit 1
driver=${BUILD:-build}/test/shim/test/test_packetdrill
[ $# -gt 0 ] || set -- shim/test/packetdrill/*.pkt

why=
if [ ! -x "$driver" ]; then
    why="$driver is not built"
elif ! unshare -n true 2>/dev/null; then
    why="no permission for a network namespace"
elif [ ! -c /dev/net/tun ]; then
    why="no /dev/net/tun"
elif [ "$(cat /proc/sys/net/mptcp/enabled 2>/dev/null)" != 1 ]; then
    why="this kernel has no MPTCP"
fi

# Once more after a failure: time is real here, and the machine may be busy.
run_one() {
    local i log
    for i in 1 2 3; do
        log=$(timeout 60 unshare -n "$driver" --kernel "$1" 2>&1) && return 0
    done
    echo "$log" | grep -a -A3 'pkt:' | sed 's/^/# /'
    return 1
}
one() {
    if out=$(run_one "$1"); then
        echo "ok - $1"
    else
        printf '%s\nnot ok - %s\n' "$out" "$1"
    fi
}
export -f run_one one
export driver

scripts=()
for script in "$@"; do
    if grep -q '^// kernel: ' "$script"; then
        echo "# not compared: $script: $(sed -n 's,^// kernel: ,,p' "$script")"
    else
        scripts+=("$script")
    fi
done
echo "1..${#scripts[@]}"
if [ -n "$why" ]; then
    printf "ok - %s # skip $why\n" "${scripts[@]}"
else
    printf '%s\n' "${scripts[@]}" | xargs -r -P 6 -I{} bash -c 'one {}'
fi
