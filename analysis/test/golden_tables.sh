#!/bin/bash
# SPDX-License-Identifier: MIT
# Experiments run whole and their tables compared, octet by octet, with results/golden: golden_tables.sh [--write].
# TAP. LONG=1: those that take minutes (ns-3, a gigabyte) and no others. Called by golden_tables.bats and `make check-long`;
# `make golden` calls it with --write.
set -eu

BUILD=${BUILD:-build}
golden=results/golden
write=${1:-}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
status=0

# scenario, engine, seeds (- as many as it says), its tables. `attacks.md` is the table of attacks.sh, `progress` of
# `mpsim-stat --progress`; the others are those of mpsim-stat.
experiments="tradeoff loop - energy
fastjoin loop - points paired
handover loop - points paired
oracle loop - energy
server loop - energy
energy loop - energy
cases loop - energy
return loop - energy
aware loop - energy
request-response loop - times
attacks loop 1 attacks.md"
[ -z "${LONG:-}" ] || experiments="handover ns3 3 points paired
walk ns3 3 points paired
attack-timeline ns3 3 progress
goodput loop 3 goodput"

# Tables of the runs in a directory: SCENARIO DIR TABLES
tabulate() {
    case $3 in
    *.md) FIGURE=no BUILD=$BUILD analysis/attacks.sh "$1" "$2" ;;
    progress) "$BUILD/mpsim-stat" --progress "$2" ;;
    *) "$BUILD/mpsim-stat" --quiet "$2" ;;
    esac
}

compare() { # NUMBER MADE KEPT
    [ "$write" != --write ] || cp "$2" "$3"
    if diff "$3" "$2" >"$dir/diff"; then
        echo "ok $1 ${3#"$golden/"}"
    else
        echo "not ok $1 ${3#"$golden/"}"
        head -10 "$dir/diff" | sed 's/^/# /'
        status=1
    fi
}

n=0
while read -r scenario engine seeds tables; do
    runs=$dir/$scenario/$engine
    name=$scenario$([ "$engine" = loop ] || echo "-$engine")
    if [ "$engine" = ns3 ] && [ ! -x "$BUILD/mpsim-ns3" ]; then
        for table in $tables; do
            echo "ok $((n += 1)) $name-$table # SKIP no $BUILD/mpsim-ns3"
        done
        continue
    fi
    more=$([ "$seeds" = - ] || echo "--set repeat=$seeds")
    [[ $seeds == [-1] ]] || more="$more --set repeat_min=$seeds"
    # shellcheck disable=SC2086 # words of options
    { "$BUILD/mpsim" sweep "scenarios/$scenario.yaml" --engine "$engine" $more --out "$dir" && tabulate "$scenario" "$runs" "$tables"; } \
        >"$dir/log" 2>&1 </dev/null || {
        cat "$dir/log" >&2
        exit 1
    }
    for table in $tables; do
        [[ $table == *.md ]] || table=$table.csv
        compare $((n += 1)) "$runs/tables/$table" "$golden/$name-$table"
    done
    rm -r "$runs"
done <<<"$experiments"
echo "1..$n"
exit $status
