#!/bin/bash
# SPDX-License-Identifier: MIT
# Figures of goodput against octets transferred, and of requests with their handshake: transfers.sh SCENARIO DIR, where
# mpsim-stat has left goodput.csv or times.csv in DIR/tables. Called by figures.sh.
set -eu

RESULTS=${RESULTS:-results}
plots=$(cd "$(dirname "$0")/plots" && pwd)
scenario=$1 dir=$2
engine=$(basename "$dir")
tables=$dir/tables
figures=$RESULTS/figures
mkdir -p "$figures"
json=$(find "$dir" -name run.json -not -path '*/.*' | LC_ALL=C sort | head -1)

# key NAME: of the configuration of one run
key() {
    grep -oE "\"[^\"]*$1\": \"[^\"]*\"" "$json" | head -1 | sed 's/.*: "//; s/"//'
}

# every NAME: of each path
every() {
    grep -oE "\"paths\.[^\"]*\.$1\": \"[^\"]*\"" "$json" | sed 's/.*: "//; s/"//'
}

# draw SCRIPT NAME 'gnuplot assignments'
draw() {
    local format
    for format in svg png; do
        gnuplot -e "format='$format'; out='$figures/$2.$format'; style='$plots/style.gp'; $3" "$plots/$1.gp"
    done
    echo "  $figures/$2.svg, .png"
}

# Variants of a table, as a list; smallest to largest of its column of seeds.
shown() { awk -F, 'NR > 1 && !seen[$1]++ {printf "%s ", $1}' "$1"; }
seeds() { awk -F, -v c="$2" 'NR > 1 {if (!a || $c < a) a = $c; if ($c > b) b = $c} END {print a == b ? a : a " to " b}' "$1"; }

overhead=$(key 'paths.*link.overhead' | tr -d B)
link="$(every link.rate | paste -sd '+' | sed 's/+/ + /g'), MTU 1500 taking $((1500 + ${overhead:-0})) octets of the wire"
addresses=$(key server_link.addresses || true) cc=$(key client.cc || true)
link="$link${addresses:+, one interface to $addresses}"
# Round trips without load in ms, of each path and the server link: "20 and 40".
rtt() {
    { key server_link.delay && every link.delay; } |
        awk '{s = $0 ~ "us$" ? $0 / 1000 : $0 ~ "ms$" ? $0 + 0 : $0 * 1000} NR == 1 {server = s; next} {printf "%s%g", (NR > 2 ? " and " : ""), 2 * (s + server)}'
}
echo "figures:"
if [ -e "$tables/goodput.csv" ]; then
    # A figure for each point of the axes beside the size.
    for panel in $(awk -F, 'NR > 1 && !seen[$12]++ {print $12}' "$tables/goodput.csv"); do
        t=$tables/goodput.csv name=$scenario-$engine
        if [ "$panel" != all ]; then
            name=$name-$(tr -c 'a-zA-Z0-9.\n' '-' <<<"$panel")
            t=$tables/.$name.csv
            awk -F, -v p="$panel" 'NR == 1 || $12 == p' "$tables/goodput.csv" >"$t"
        fi
        case $panel in *direction=*) way=$panel ;; *) way=direction=$(key traffic.direction) ;; esac
        case $way in *direction=both*) reader='the later end' ;; *direction=down*) reader='the client' ;; *) reader='the server' ;; esac
        least=$(awk -F, 'NR > 1 && $5 != "" {v = $5 / 1e6; if (!a || v < a) a = v} END {print int(a / 5 - 1) * 5}' "$t")
        zoom=$(awk -F, 'NR > 1 && $5 > 0.97 * $9 {v = $2 / 1e6; if (!a || v < a) a = v} END {print a ? a : 1}' "$t")
        range=$(awk -F, -v z="$zoom" 'NR > 1 && $2 / 1e6 >= z && $5 != "" {v = $5 / 1e6; c = ($9 > $5 ? $9 : $5) / 1e6; if (!a || v < a) a = v; if (c > b) b = c}
            END {printf "zmin=%g; zmax=%g", a - 0.1, b + 0.25}' "$t")
        range="$range; $(awk -F, 'NR > 1 {v = $2 / 1e6; if (!a || v < a) a = v; if (v > b) b = v} END {printf "xmin=%g; xmax=%g", a, b}' "$t")"
        draw goodput "$name" "table='$t'; shown='$(shown "$t")'; reader='$reader'; ymin=$least; $(awk -F, 'NR > 1 {c = $9 > $5 ? $9 : $5; if (c > top) top = c} END {top /= 1e6; s = top > 50 ? 10 : top > 5 ? 1 : 0.1
                n = int(top / s); printf "ymax=%g", (n * s < top ? n + 1 : n) * s}' "$t"); zoom_from=$zoom; $range;
            title='Goodput against data transferred, $engine$([ "$panel" = all ] || echo ", ${panel//;/, }")';
            caption='From the SYN to the last octet read by $reader: handshakes and slow start count. Dashed: computed ceilings of the headers. Mean, 95 % interval, n = $(seeds "$t" 3).';
            parameters='$link; RTT $(rtt) ms${cc:+; $cc}'"
        [ "$panel" = all ] || rm -f "$t"
    done
else
    t=$tables/times.csv
    panels=$(awk -F, 'NR > 1 && !seen[$2]++ {printf "%s ", $2}' "$t")
    rtts=$(sed -E 's/[a-z]+=([0-9.]+)ms/\1/g' <<<"$panels")
    range=$(awk -F, 'NR > 1 {split($2, p, "="); sub("ms", "", p[2]); v = $8 * 1e3 / p[2] / $3; if (v > top) top = v}
        NR > 1 && $11 != "" {lo = $11 * 1e3; hi = $12 * 1e3; lo /= p[2]; hi /= p[2]; if (lo < a) a = lo; if (hi > b) b = hi} END {printf "top=%g; ymin=%g; ymax=%g", top + 0.2, a - 0.1, b + 0.15}' "$t")
    draw requests "$scenario-$engine" "table='$t'; panels='$panels'; rtts='$rtts'; shown='$(shown "$t")'; $range;
        title='Requests and answers with the handshake before them, $engine';
        caption='From the SYN to the answer of request n; below, minus the same over TCP under the same seed. Mean and 95 % interval, n = $(seeds "$t" 4) seeds.';
        parameters='requests of $(key traffic.request), answers of $(key traffic.response); jitter U(0, $(key server_link.jitter)) each way; $link'"
fi
