#!/bin/bash
# SPDX-License-Identifier: MIT
# Goodput over time of a scenario with `progress: true`: progress.sh SCENARIO DIR ; DIR holds the runs of one engine.
# Called by figures.sh. Writes DIR/tables/progress.csv (mpsim-stat --progress) and, with gnuplot,
# $RESULTS/figures/SCENARIO-ENGINE-progress.{svg,png}: a curve per variant, named as the stacks of style.gp.
set -eu
export LC_ALL=C

BUILD=${BUILD:-build}
RESULTS=${RESULTS:-results}
scenario=$1
dir=$2
plots=$(cd "$(dirname "$0")/plots" && pwd)
figures=$RESULTS/figures
engine=$(basename "$dir")
mkdir -p "$figures"

"$BUILD/mpsim-stat" --progress "$dir"
table=$dir/tables/progress.csv

# json KEY: of the first run
run=$(find "$dir" -name run.json -not -path '*/.*' | sort | head -1)
json() {
    tr -d '\n' <"$run" | grep -oE "\"$1\" *: *(\"[^\"]*\"|[^,}]*)" | head -1 | sed 's/^[^:]*: *//; s/"//g; s/ *$//' || true
}

# What became of the connections of a variant, at the end of its runs.
fate() {
    awk -F, -v v="$1" '$1 == v && $3 == "wrong" { n = $5; wrong = $6 * $5 } $1 == v && $3 == "failed" { failed = $6 * $5 }
        END {
            if (wrong > 0.5) text = sprintf("wrong octets delivered in %d", wrong)
            if (failed > 0.5) text = text (text == "" ? "" : ", ") sprintf("connection lost in %d", failed)
            if (text == "") text = sprintf("goes on, all octets right in %d", n)
            printf "%s of %d runs", text, n
        }' "$table"
}

# The first step at whose end more than half of the runs have delivered a wrong octet, s; far away when there is none.
wrong_at() {
    awk -F, -v v="$1" '$1 == v && $3 == "wrong" && $6 > 0.5 { print $4; found = 1; exit } END { if (!found) print "1e9" }' "$table"
}

variants=$(awk -F, 'NR > 1 && !seen[$1]++ { print $1 }' "$table" | tr '\n' ' ')
paths=$(awk -F, 'NR > 1 && $3 !~ /^(goodput|wrong|failed)$/ && !seen[$3]++ { print $3 }' "$table" | tr '\n' ' ')
last=$(awk '{ print $NF }' <<<"$variants") # its paths are shown
n=$(awk -F, 'NR > 1 { if (!a || $5 < a) a = $5; if ($5 > b) b = $5 } END { print a == b ? a : a " to " b }' "$table")
attacked= attack= at=
for p in $paths; do
    attack=$(json "paths.$p.attacks.0.name")
    [ -z "$attack" ] || [ "$attack" = none ] || { attacked=$p; break; }
done
# drawn from the seed, in s since the start of the simulation
[ -z "$attacked" ] || at=$(awk -v at="$(json "paths.$attacked.attacks.0.at" | sed 's/s$//')" -v s="$(json start_s)" 'BEGIN { print at - s }')

# The scale: the means, with room for the bands where they are quiet.
top=$(awk -F, '$3 == "goodput" && $6 > m { m = $6 } END { printf "%g", m * 1.2 / 1e6 }' "$table")
cipher=$(find "$dir" -name run.json -not -path '*/.*' -exec sed -n 's/.*"tls.cipher": "\([^"]*\)".*/\1/p' {} + | head -1)
fates= i=0
for v in $variants; do
    i=$((i + 1))
    fates="${fates}fate$i='$(fate "$v")'; wrong$i=$(wrong_at "$v"); "
done
for format in svg png; do
    gnuplot -e "format='$format'; out='$figures/$scenario-$engine-progress.$format'; style='$plots/style.gp'; table='$table';
        shown='$variants'; paths='$paths'; last='$last'; top=$top; $fates ${at:+at=$at;}
        title='Goodput of a download over WiFi and LTE${attack:+, WiFi attacked at $at s ($attack)}';
        caption='What the application of the client reads: mean of n = $n seeds and 95 % interval, in steps of $(json series | sed -E "s/([0-9])([a-z])/\1 \2/").';
        parameters='${engine/ns3/ns-3}; congestion control $(json client.cc); path manager $(json client.pm)${cipher:+; TLS 1.3 with $cipher}'" \
        "$plots/progress.gp" 2>"$figures/.log" || { cat "$figures/.log" >&2; exit 1; }
done
rm -f "$figures/.log"
echo "  $figures/$scenario-$engine-progress.svg, .png"
