#!/bin/bash
# SPDX-License-Identifier: MIT
# Checks the state rules of join-with-data and of MPTCPsec's negotiation with spin: every line of runs.txt
# is one exhaustive search whose verdict must be the one that stands there. `make models` calls it; a word
# as argument picks the lines that contain it. Prints verdict, states and seconds of each run.
set -eu
cd "$(dirname "$0")"
here=$PWD
command -v spin >/dev/null || { echo "models: spin is missing (make deps PKG=spin)"; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

bad=0 runs=0
while read -r model want defines search why; do
    case $model in '#'* | '') continue ;; esac
    [ -z "${1:-}" ] || grep -q -- "$1" <<<"$model $defines" || continue
    runs=$((runs + 1))
    flags=() # -D of spin
    [ "$defines" = - ] || IFS=, read -ra flags <<<"$defines"
    rm -f pan* ./*.trail
    spin -a "${flags[@]/#/-D}" "$here/$model.pml" >spin.log || { cat spin.log; exit 1; }
    # -O0: the checker of jwd.pml takes longer to optimise than to run.
    mode=-DCOLLAPSE # depth first, states compressed
    [ "$search" != bfs ] || mode=-DBFS
    ${CC:-gcc} -O0 -w -DSAFETY $mode -DMEMLIM=6000 -o pan pan.c
    start=$(date +%s)
    ./pan -m400000 -w24 >pan.log 2>&1 || true
    # A search that ran out of depth, memory or states proves nothing.
    got=unknown
    if grep -q 'errors: 0' pan.log; then got=fine; elif grep -q 'errors: [1-9]' pan.log; then got=fails; fi
    ! grep -qE 'max search depth too small|out of memory|memory exceeded|Search not completed' pan.log || [ $got = fails ] || got=incomplete
    states=$(awk '/states, stored/ {print $1; exit}' pan.log)
    verdict="as it must"
    [ "$got" = "$want" ] || { verdict="MUST BE: $want"; bad=$((bad + 1)); }
    printf '%-10s %-28s %-6s %10s states %4d s  %s (%s)\n' "$model" "${defines//,/ }" "$got" "$states" \
        $(($(date +%s) - start)) "$verdict" "$why"
done <"$here/runs.txt"
[ $runs -gt 0 ] || { echo "models: no run matches '$1'"; exit 1; }
echo "models: $runs runs, $bad not as they must"
[ $bad = 0 ]
