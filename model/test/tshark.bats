#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A second opinion on the wire: tshark finds nothing malformed in the traces of simulated transfers and of scenarios, no
# bad checksum, no impossible option length, and Multipath TCP in them.

setup() {
    cd "$BATS_TEST_DIRNAME/../.."
    build=${BUILD:-build}
    command -v tshark >/dev/null || skip "tshark is not installed"
}

# Only what is ours: payload is random, and a heuristic of another protocol may see itself in it.
dissect() { # file, arguments of tshark
    local file=$1
    shift
    tshark -n -r "$file" -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE -o tcp.try_heuristic_first:FALSE \
        --disable-protocol http --disable-protocol http2 "$@" 2>/dev/null
}

bad='_ws.malformed || ip.checksum.status == 0 || tcp.checksum.status == 0 || tcp.option.len.invalid'
bad="$bad || _ws.expert.severity >= 8388608 || (tcp.flags.ack == 0 && tcp.ack_raw != 0)"

# clean FILE: prints what tshark finds wrong
clean() {
    local found
    found=$(dissect "$1" -Y "$bad" -T fields -e frame.number -e frame.protocols -e _ws.expert.message)
    [ -z "$found" ] || { echo "$1: $found" | head -5; return 1; }
}

# count FILE FILTER
count() {
    dissect "$1" -Y "$2" -T fields -e frame.number | wc -l
}

simulate() { # seed
    "$build/test/model/test/sim/sim_transfers" --seed "$1" --pcap "$BATS_TEST_TMPDIR/$1.pcap" >/dev/null
}

@test "the test itself: a flipped bit is found" {
    simulate 1
    printf '\xff' | dd of="$BATS_TEST_TMPDIR/1.pcap" bs=1 seek=70 conv=notrunc status=none
    run clean "$BATS_TEST_TMPDIR/1.pcap"
    [ "$status" -ne 0 ]
}

@test "40 simulated transfers dissect cleanly, with every option of Multipath TCP" {
    local seen=""
    for seed in $(seq 1 40); do
        simulate "$seed"
        clean "$BATS_TEST_TMPDIR/$seed.pcap"
        seen+=$'\n'$(dissect "$BATS_TEST_TMPDIR/$seed.pcap" -Y mptcp -T fields -e tcp.options.mptcp.subtype)
    done
    for subtype in 0 1 2 3 4 5 7 8; do
        grep -qE "(^|,)(0x0?)?$subtype(\$|,)" <<<"$seen" || { echo "no subtype $subtype"; return 1; }
    done
}

@test "scenarios dissect cleanly, with both keys and the join" {
    [ -x "$build/mpsim" ] || skip "not built: $build/mpsim"
    for variant in both backup join4 jwd jwdval; do
        "$build/mpsim" run scenarios/handover.yaml --engine loop --variant "$variant" --seed 1 --pcap \
            --out "$BATS_TEST_TMPDIR/$variant" >/dev/null
        while read -r file; do
            clean "$file"
            [ "$(count "$file" 'tcp.options.mptcp.sendkey && tcp.options.mptcp.recvkey')" -gt 0 ]
            [ "$(count "$file" 'tcp.options.mptcp.subtype == 1')" -ge 3 ]
            [ "$(count "$file" 'tcp.options.mptcp.subtype == 2')" -gt 10 ]
        done < <(find "$BATS_TEST_TMPDIR/$variant" -name '*.pcap')
    done
}
