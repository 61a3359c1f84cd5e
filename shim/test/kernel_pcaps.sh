#!/bin/bash
# SPDX-License-Identifier: MIT
# Traces of cases against Linux 6.18, kept in kernel/pcap: every packet of the kernel and of libmpt is held to
# the RFC by `mpsim check-pcap`, on machines without such a kernel too, and an octet changed in each is found.
# Made by: OCTETS=7000 KEEP=dir shim/test/kernel_cases.sh; what the kernel's side saw. Prints TAP.
set -u

root=$(cd "$(dirname "$0")/../.." && pwd)
BUILD=${BUILD:-$root/build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[ -x "$BUILD/mpsim" ] || { echo "ok 1 - kernel pcaps # SKIP $BUILD/mpsim is not built" && exit 0; }

status=0
number=0
result() { # STATUS NAME
    number=$((number + 1))
    [ "$1" = 0 ] && echo "ok $number - $2" && return
    echo "not ok $number - $2"
    status=1
}

for file in "$root"/shim/test/kernel/pcap/*.pcap; do
    name=$(basename "$file" .pcap)
    "$BUILD/mpsim" check-pcap "$file" >"$work/report" 2>&1
    result $? "kernel pcap $name"
    grep '\.pcap:[0-9]' "$work/report" | sed 's/^/# /'
    # an octet of the last packet: its checksum, if nothing else, tells
    cp "$file" "$work/changed.pcap"
    size=$(stat -c %s "$file")
    printf '\377' | dd of="$work/changed.pcap" bs=1 seek=$((size - 10)) conv=notrunc 2>/dev/null
    ! "$BUILD/mpsim" check-pcap "$work/changed.pcap" >/dev/null 2>&1
    result $? "kernel pcap $name with an octet changed"
done
echo "1..$number"
exit $status
