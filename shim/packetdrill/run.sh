#!/bin/bash
# SPDX-License-Identifier: MIT
# Runs packetdrill on libmpt, one process a script: packetdrill must be installed, `make packetdrill` must have run.
#
#     [BUILD=build] [PACKETDRILL=packetdrill] [SO_FLAGS=checksum=1] shim/packetdrill/run.sh SCRIPT.pkt...
#
# The stand-ins for ip, sysctl, nstat, tc and ethtool come first in PATH, so that no script changes this machine.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "$root" && realpath "${BUILD:-build}")
packetdrill=${PACKETDRILL:-packetdrill}

[ $# -gt 0 ] || { echo "usage: $0 SCRIPT.pkt..." >&2; exit 2; }
command -v "$packetdrill" >/dev/null ||
    { echo "$0: $packetdrill is not installed; PACKETDRILL=path names it" >&2; exit 2; }
for file in libmpt-packetdrill.so packetdrill/ip packetdrill/sysctl packetdrill/nstat packetdrill/tc packetdrill/ethtool; do
    [ -x "$build/$file" ] || { echo "$0: $build/$file is not there: make packetdrill" >&2; exit 2; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PATH=$build/packetdrill:$PATH MPT_PACKETDRILL_SOCKET=$work/socket

failed=0
for script in "$@"; do
    rm -f "$work"/*
    if (cd "$(dirname "$script")" && "$packetdrill" --so_filename="$build/libmpt-packetdrill.so" \
        --so_flags="${SO_FLAGS:-}" "$(basename "$script")"); then
        echo "ok   $script"
    else
        echo "FAIL $script"
        failed=1
    fi
done
exit $failed
