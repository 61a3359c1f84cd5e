#!/bin/bash
# SPDX-License-Identifier: MIT
# mpsim sweep --slurm against a Slurm of one node on the loopback (node.sh): the same runs as GNU parallel gives,
# sequential stopping, a task that is killed, a campaign that is interrupted or killed, and no Slurm at all. TAP;
# skipped where Slurm cannot be had. Called by `make check-long`.
set -eu

BUILD=${BUILD:-build}
mpsim=$BUILD/mpsim
here=$(dirname "$0")
work=$(mktemp -d)
finish() {
    "$here/node.sh" stop "$work/slurm" || true
    rm -rf "$work"
}
trap finish EXIT
status=0
"$here/node.sh" start "$work/slurm" >"$work/why" 2>&1 || status=$?
if [ $status != 0 ]; then
    cat "$work/why"
    exit $status
fi
export SLURM_CONF=$work/slurm/slurm.conf

count=0 failures=0
say() { # NAME COMMAND...
    local name=$1
    shift
    count=$((count + 1))
    if "$@"; then
        echo "ok $count - $name"
    else
        echo "not ok $count - $name"
        failures=1
    fi
}
same() { # DIR DIR: the same tables, octet for octet
    [ "$(cd "$1" && find . -path './*/run-*/summary.csv' -exec cksum {} + | sort)" = \
        "$(cd "$2" && find . -path './*/run-*/summary.csv' -exec cksum {} + | sort)" ]
}
begun() { # DIR: waits until a run is at work there
    for _ in $(seq 300); do
        [ -z "$(find "$1" -name '.run-*' 2>/dev/null)" ] || return 0
        sleep 0.1
    done
    return 1
}

cat >"$work/few.yaml" <<'END'
duration: 10s
repeat: 200
series: 0
traffic: {kind: bulk, size: 500kB}
client: {pm: fullmesh}
server: {pm: manual}
paths:
  wifi: {link: {rate: 20Mbit/s, delay: 7ms}}
  lte: {link: {rate: 10Mbit/s, delay: 12ms}}
variants:
  mptcp:
  tcp: {stack: {mptcp: 0}}
sweep:
  paths.wifi.loss: [0, 1%, 2%]
END
"$mpsim" sweep "$work/few.yaml" --out "$work/here" >"$work/here.log"
"$mpsim" sweep "$work/few.yaml" --out "$work/there" --slurm >"$work/there.log" 2>&1 || true
cat "$work/there.log" | sed 's/^/# /'
say "an array job runs the whole campaign" grep -q "few/loop: 1200 runs, 1200 run now, 0 were there, 0 failed" "$work/there.log"
say "the same octets as by GNU parallel" same "$work/here" "$work/there"
"$mpsim" sweep "$work/few.yaml" --out "$work/there" --slurm >"$work/again.log" 2>&1 || true
say "what is there is not submitted" [ "$(grep -c . "$work/again.log")$(grep -c 'Slurm job' "$work/again.log")" = 10 ]

condition="until=ci(goodput_up) < 5%"
"$mpsim" sweep "$work/few.yaml" --out "$work/narrow" --set "$condition" >"$work/here.log"
"$mpsim" sweep "$work/few.yaml" --out "$work/far" --set "$condition" --slurm >"$work/there.log" 2>&1 || true
say "until stops after the same seeds: $(grep ^until "$work/there.log")" same "$work/narrow" "$work/far"

"$mpsim" sweep "$work/few.yaml" --set traffic.size=10MB --out "$work/cut" --slurm >"$work/cut.log" 2>&1 &
campaign=$!
begun "$work/cut/few/loop"
sleep 3
batch=$(find "$work/cut" -name '.run-*' -printf '%f\n' | head -1 | cut -d. -f3)
kill -KILL "${batch:-0}" 2>/dev/null || true
status=0
wait $campaign || status=$?
tail -2 "$work/cut.log" | sed 's/^/# /'
say "a task that is killed is noticed, status 1" [ $status = 1 ]
say "and told in a line" grep -q "processes died with [0-9]* runs to go" "$work/cut.log"
"$mpsim" sweep "$work/few.yaml" --set traffic.size=10MB --out "$work/cut" --slurm >"$work/cut.log" 2>&1 || true
say "the same command goes on: $(tail -1 "$work/cut.log")" grep -q "few/loop: 1200 runs, .* 0 failed" "$work/cut.log"

env --default-signal=INT "$mpsim" sweep "$work/few.yaml" --set traffic.size=30MB --out "$work/int" --slurm >"$work/int.log" 2>&1 &
campaign=$!
for _ in $(seq 100); do
    grep -q '^mpsim: Slurm job' "$work/int.log" && break
    sleep 0.1
done
begun "$work/int/few/loop"
kill -INT $campaign
status=0
wait $campaign || status=$?
say "Ctrl-C: status 130" [ $status = 130 ]
for _ in $(seq 100); do
    [ -n "$(squeue -h)" ] || break
    sleep 0.5
done
say "and the job is cancelled" [ -z "$(squeue -h)" ]

"$mpsim" sweep "$work/few.yaml" --set traffic.size=30MB --out "$work/int" --slurm >"$work/int.log" 2>&1 &
campaign=$!
for _ in $(seq 100); do
    grep -q '^mpsim: Slurm job' "$work/int.log" && break
    sleep 0.1
done
kill -KILL $campaign
wait $campaign 2>/dev/null || true
say "the job of a campaign that was killed is not doubled" eval \
    '"$mpsim" sweep "$work/few.yaml" --set traffic.size=30MB --out "$work/int" --slurm 2>&1 | grep -q "is still in Slurm.s queue; .scancel [0-9]*. ends it"'
scancel "$(cat "$work/int/few/loop/.sweep/slurm/job")"

"$mpsim" sweep "$work/few.yaml" --set repeat=1 --out "$work/none" >/dev/null
rm -rf "$work/none/few/loop/tcp,paths.wifi.loss=0"
status=0
SLURM_CONF=/dev/null "$mpsim" sweep "$work/few.yaml" --set repeat=2 --out "$work/none" --slurm >"$work/none.log" 2>&1 || status=$?
say "a Slurm that does not answer is one line, status 1" \
    [ "$status $(grep -c . "$work/none.log") $(grep -c "sbatch took no job" "$work/none.log")" = "1 1 1" ]
echo "1..$count"
exit $failures
