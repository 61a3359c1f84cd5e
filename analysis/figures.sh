#!/bin/bash
# SPDX-License-Identifier: MIT
# Tables and figures of scenarios: figures.sh SCENARIO... ; called by `make results`. For each engine with
# runs: mpsim-stat, then gnuplot twice (SVG, PNG) into $RESULTS/figures/<scenario>-<engine>-*. With ENGINE
# set only that one.
set -eu

BUILD=${BUILD:-build}
RESULTS=${RESULTS:-results}
plots=$(cd "$(dirname "$0")/plots" && pwd)
figures=$RESULTS/figures
mkdir -p "$figures"

# draw SCRIPT NAME 'gnuplot assignments'
draw() {
    local format
    for format in svg png; do
        gnuplot -e "format='$format'; out='$figures/$2.$format'; style='$plots/style.gp'; $3" \
            "$plots/$1.gp" 2>"$figures/.log" || {
            cat "$figures/.log" >&2
            return 1
        }
    done
    rm -f "$figures/.log"
    echo "  $figures/$2.svg, .png"
}

# column FILE NAME: the number of a column
column() {
    head -1 "$1" | tr ',' '\n' | grep -nx "$2" | cut -d: -f1
}

# The first run.json below a directory, as text on one line.
first_json() {
    find "$1" -name run.json -not -path '*/.*' | LC_ALL=C sort | head -1
}

# json KEY FILE: the value of a key, nothing when it is not there
json() {
    tr -d '\n' <"$2" | grep -oE "\"$1\" *: *(\"[^\"]*\"|[^,}]*)" | head -1 |
        sed 's/^[^:]*: *//; s/"//g; s/ *$//' || true
}

# What a reader has to know beside the figure: seeds, and the timers that decide when the loss is seen.
parameters() {
    local file=$1 text= key value
    for key in tcp.rto_min tcp.syn_rto; do
        value=$(json "[a-z.]*$key" "$file")
        [ -z "$value" ] || text="$text, $key $value"
    done
    echo "${text#, }"
}

figures_of() {
    local scenario=$1 dir=$2 engine tables json n panels delays delay lost window range base what
    engine=$(basename "$dir")
    tables=$dir/tables
    "$BUILD/mpsim-stat" "$dir"
    json=$(first_json "$dir")
    n=$(awk -F, 'NR > 1 {if (!a || $4 < a) a = $4; if ($4 > b) b = $4}
        END {print a == b ? a : a " to " b}' "$tables/points.csv")
    panels=$(awk -F, 'NR > 1 && !seen[$2]++ {printf "%s ", $2}' "$tables/points.csv")
    delays=$(awk -F, 'NR > 1 && !seen[$3]++ {print $3}' "$tables/points.csv" | sort -n)
    delay=$(head -1 <<<"$delays")
    lost=$(json loss_at_s "$json")
    what="$scenario on $engine"
    base="Model: $engine; n = $n seeds per variant and point; $(parameters "$json")"

    # Ranges from the data: every request is inside, none is cut off.
    range=$(awk -F, 'NR > 1 {if (!a || $6 < a) a = $6; if ($6 > b) b = $6}
        END {printf "ymin=%g; ymax=%g", a / 1.3, b * 1.5}' "$tables/timeline.csv")
    if [ -n "$lost" ]; then
        range="$range; from=-1.5; to=5; xstep=1; marked=1; xname='request sent, seconds after the loss of WiFi'"
        window="requests sent from 1 s before to 5 s after the loss"
    else
        range="$range; from=0; to=$(awk -F, '$5 > m {m = $5} END {print int(m + 1)}' "$tables/timeline.csv")"
        range="$range; xstep=10; marked=0; xname='request sent, seconds of the run'"
        window="all requests of the run"
    fi
    echo "figures:"
    for panel in $panels; do
        draw timeline "$scenario-$engine-timeline-$(tr -c 'a-z0-9\n' '-' <<<"$panel")" \
            "table='$tables/timeline.csv'; panel='$panel'; delay=$delay; $range;
             title='Request delay, $what$(pretty "$panel")';
             caption='A mark is one request, all seeds together; a black cross was never answered (at its least possible delay).';
             parameters='$base'"
    done
    range=$(awk -F, 'NR > 1 {if (!a || $4 < a) a = $4; if ($4 > b) b = $4}
        END {printf "xmin=%g; xmax=%g", a / 1.2, b * 1.3}' "$tables/cdf.csv")
    draw cdf "$scenario-$engine-cdf" "table='$tables/cdf.csv'; panels='$panels'; delay=$delay; $range;
        title='Delays around the handover, $what';
        caption='Empirical CDF of $window; unanswered ones keep a curve below 1.';
             parameters='$base'"
    if [ "$(wc -l <<<"$delays")" -gt 1 ]; then
        range=$(awk 'NR == 1 {a = $1} {b = $1} END {d = (b - a) * 0.08; printf "xmin=%g; xmax=%g; xstep=50", a - d, b + d}' \
            <<<"$delays")
        draw gain "$scenario-$engine-gain" "table='$tables/paired.csv'; panels='$panels'; $range;
            title='Largest response delay: gain over the four-way join, $what';
            caption='Difference within each seed, mean and 95 % interval (Student, n = $n pairs); above 0 is better than the four-way join.';
             parameters='$base'"
    fi
}

pretty() {
    [ "$1" = all ] || sed 's/^/, /; s/;/, /g; s/=/ /g; s/_/ /g' <<<"$1"
}

status=0
for scenario in "$@"; do
    found=
    for dir in "$RESULTS/$scenario"/${ENGINE:-*}/; do
        dir=${dir%/}
        [ -n "$(first_json "$dir" 2>/dev/null)" ] || continue
        found=1
        # A subshell with set -e: the first error ends this scenario, not the others.
        set +e
        (set -e; figures_of "$scenario" "$dir")
        [ $? = 0 ] || status=1
        set -e
    done
    [ -n "$found" ] || echo "figures: no runs of $scenario under $RESULTS/"
done
exit $status
