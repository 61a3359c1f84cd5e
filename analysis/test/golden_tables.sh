#!/bin/bash
# SPDX-License-Identifier: MIT
# Experiments run whole and their tables compared, octet by octet, with results/golden: golden_tables.sh [--write].
# TAP. Called by golden_tables.bats; `make golden` calls it with --write.
set -eu

BUILD=${BUILD:-build}
golden=results/golden
write=${1:-}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
status=0

# scenario, then its tables
experiments="tradeoff energy
fastjoin points paired
oracle energy
server energy
energy energy
cases energy
return energy
aware energy
request-response times"

n=0
while read -r scenario tables; do
    "$BUILD/mpsim" sweep "scenarios/$scenario.yaml" --engine loop --out "$dir" >"$dir/log" 2>&1 || {
        cat "$dir/log" >&2
        exit 1
    }
    "$BUILD/mpsim-stat" --quiet "$dir/$scenario/loop"
    for table in $tables; do
        n=$((n + 1))
        made=$dir/$scenario/loop/tables/$table.csv kept=$golden/$scenario-$table.csv
        [ "$write" != --write ] || cp "$made" "$kept"
        if diff "$kept" "$made" >"$dir/diff"; then
            echo "ok $n $scenario: $table.csv"
        else
            echo "not ok $n $scenario: $table.csv"
            head -10 "$dir/diff" | sed 's/^/# /'
            status=1
        fi
    done
done <<<"$experiments"
echo "1..$n"
exit $status
