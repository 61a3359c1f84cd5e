#!/bin/bash
# SPDX-License-Identifier: MIT
# Every segment that the stack sends in the dialogues (model/test/dialog), seen by tshark: nothing malformed, no
# bad checksum or option length, Multipath TCP dissected. One file for each test program. Prints TAP.
set -u

BUILD=${BUILD:-build}
cd "$(dirname "$0")/../.."
command -v tshark >/dev/null || { echo "1..0 # skip tshark is not installed"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
count=0
failed=0

# shark FILE FILTER: the frames that match, one line each; its own complaint when it fails
shark() {
    tshark -r "$1" -o tcp.check_checksum:TRUE -o ip.check_checksum:TRUE \
        -o tcp.try_heuristic_first:FALSE -d tcp.port==1-65535,data -Y "$2" -T fields \
        -e frame.number -e _ws.col.Info -e _ws.expert.message 2>"$work/error" || cat "$work/error"
}

# verdict NAME OUTPUT: fine when there is no output
verdict() {
    count=$((count + 1))
    if [ -z "$2" ]; then
        echo "ok $count - $1"
    else
        echo "not ok $count - $1"
        head -5 <<<"$2" | sed 's/^/# /'
        failed=1
    fi
}

bad='_ws.malformed || tcp.checksum.status == 0 || ip.checksum.status == 0 || tcp.option.len.invalid ||
    _ws.expert.group == "Malformed" || _ws.expert.group == "Checksum" || _ws.expert.message contains "length"'
for source in model/test/dialog/*/test_*.c; do
    program=$BUILD/test/${source%.c}
    name=$(basename "$(dirname "$source")")/$(basename "${source%.c}")
    [ -x "$program" ] || { count=$((count + 1)); echo "ok $count - $name # skip not built"; continue; }
    DIALOG_PCAP=$work/pcap "$program" >/dev/null 2>&1
    verdict "$name: nothing malformed" "$(shark "$work/pcap" "$bad")"
    case $source in */9293-* | */3168/* | */5961/*) continue ;; esac # TCP alone
    verdict "$name: Multipath TCP is seen" \
        "$(shark "$work/pcap" tcp.options.mptcp.subtype | grep -q '^[0-9]' || echo "no frame")"
done
echo "1..$count"
exit $failed
