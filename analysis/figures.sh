#!/bin/bash
# SPDX-License-Identifier: MIT
# Tables and figures of scenarios: figures.sh SCENARIO... ; called by `make results`. For each engine with
# runs: mpsim-stat, then gnuplot twice (SVG, PNG) into $RESULTS/figures/<scenario>-<engine>-*. With ENGINE
# set only that one.
set -eu

BUILD=${BUILD:-build}
RESULTS=${RESULTS:-results}
here=$(cd "$(dirname "$0")" && pwd)
plots=$here/plots
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

# ", 512 B, LTE idle" of "size=512B;lte=idle", as pretty() in style.gp
pretty() {
    [ "$1" = all ] || sed -E 's/^/, /; s/;/, /g; s/=/ /g; s/_/ /g; s/lte/LTE/g; s/([0-9])B/\1 B/g
        s/size ([0-9]+ B)/\1/' <<<"$1"
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

# What a reader has to know beside the figure: the timers that decide when the loss is seen, behind SEPARATOR; nothing where
# they are as by default.
parameters() { # RUN.JSON SEPARATOR
    local text= key value
    for key in tcp.rto_min tcp.syn_rto pm.trigger_rtos; do
        value=$(json "client.$key" "$1")
        [ -z "$value" ] || text="$text, ${key#*.} $value"
    done
    [ -z "$text" ] || echo "$2${text#, }"
}

# Smallest and largest of a column, at one delay of LTE, as "xmin=..; xmax=.." with room around, for a
# logarithmic axis.
log_range() { # FILE COLUMN PREFIX DELAY
    awk -F, -v c="$2" -v p="$3" -v d="$4" 'NR > 1 && $3 == d && $c > 0 {if (!a || $c < a) a = $c; if ($c > b) b = $c}
        END {printf "%smin=%g; %smax=%g", p, a / 1.3, p, b * 1.5}' "$1"
}

# The variants of a table, each once: "both jwd".
shown() { awk -F, 'NR > 1 && !seen[$1]++ {printf "%s ", $1}' "$1"; }

# Sequence numbers over time of one seed, of the variants that join on loss; of a scenario that has none of these, of its
# first three.
draw_dsn() { # SCENARIO-ENGINE DIR PANEL TITLE PARAMETERS TABLE
    local dir=$2 axes=,${3//;/*}* variant run files= shown= seed=1 loss
    [ "$3" != all ] || axes= # no axes: no folder for a point
    for variant in $(shown "$6" | tr ' ' '\n' | grep -xE 'join4|jwd|jwdval' || shown "$6" | cut -d' ' -f1-3); do
        run=$(find "$dir" -path "*/$variant$axes/run-$seed/data.csv" | LC_ALL=C sort | head -1)
        [ -n "$run" ] || continue
        # gnuplot's list is cut at spaces, and these names have none.
        files="$files $run" shown="$shown $variant"
    done
    [ -n "$files" ] || return 0
    loss=$(json loss_at_s "${run%/*}/run.json")
    draw dsn "$1-dsn" "files='$files'; shown='$shown'; loss=$loss; from=-1.2; to=2.2;
        $(cat $files | awk -F, -v t="$loss" '$2 == 1 && $1 > t - 1.2 && $1 < t + 2.2 {
            if (!n++ || $6 < a) a = $6; if ($6 > b) b = $6}
            END {printf "ymin=%g; ymax=%g", a / 1e3 - (b - a) / 2e4, b / 1e3 + (b - a) / 1e4}');
        title='What the phone sent, $4, seed $seed';
        caption='A mark is a mapping at its first octet: a subflow sends it for the first time (its own TCP retransmissions are not shown). One run per panel.';
        parameters='$5'"
}

# Smallest to largest number of seeds of a table whose fourth column has it.
seeds() { awk -F, 'NR > 1 {if (!a || $4 < a) a = $4; if ($4 > b) b = $4} END {print a == b ? a : a " to " b}' "$1"; }

# Energy of the radios against the largest delay, a panel per point of the axes.
draw_tradeoff() { # SCENARIO ENGINE TABLES RUN.JSON
    local table=$3/energy.csv n panels range scales=
    n=$(seeds "$table")
    panels=$(awk -F, 'NR > 1 && !seen[$2]++ {printf "%s ", $2}' "$table")
    [ "$(wc -w <<<"$panels")" = 1 ] || scales='; delays of each panel on a scale of their own'
    # Each panel has its own scale of delays, with a tenth of room.
    range=$(awk -F, 'NR > 1 {if ($7 > x) x = $7; if (!a[$2]++) {order[++k] = $2; low[$2] = $10}
            if ($10 < low[$2]) low[$2] = $10; if ($11 > top[$2]) top[$2] = $11}
        END {for (i = 1; i <= k; i++) {l = low[order[i]] * 1e3; t = top[order[i]] * 1e3; d = (t - l) / 10 + t / 100
                lows = lows " " l - d; tops = tops " " t + d}
            printf "xmax=%g; lows=\047%s\047; tops=\047%s\047", x * 1.08, lows, tops}' "$table")
    echo "figures:"
    draw tradeoff "$1-$2-energy" "table='$table'; panels='$panels'; $range;
        shown='$(shown "$table")';
        title='Energy of the radios against the largest response delay, $1 on $2';
        caption='Mean and 95 % interval over seeds (n = $n; hidden where narrower than the mark). Down and to the left is better$scales.';
        parameters='$2, $(json duration "$4")$(parameters "$4" ", "); traffic $(json traffic.kind "$4")'"
}

# For awk: what follows AXIS= in a panel, as a number of ms, Mbit/s, kB or %; unit says which, "?" when it is no number.
quantity='function quantity(panel, axis,    v, n) {
    v = panel; if (!sub("(.*;)?" axis "=", "", v)) {unit = "?"; return 0}
    sub(/;.*/, "", v); n = v + 0; unit = v; if (!sub(/^[0-9]+(\.[0-9]+)?/, "", unit)) {unit = "?"; return 0}
    if (unit == "us") {unit = "ms"; return n / 1e3}     if (unit == "s") {unit = "ms"; return n * 1e3}
    if (unit == "kbit_s") {unit = "Mbit/s"; return n / 1e3} if (unit == "Gbit_s") {unit = "Mbit/s"; return n * 1e3}
    if (unit == "Mbit_s") {unit = "Mbit/s"; return n}
    if (unit == "B") {unit = "kB"; return n / 1e3}      if (unit == "MB") {unit = "kB"; return n * 1e3}
    if (unit !~ /^(ms|kB|%)?$/) {unit = "?"; return 0}
    return n
}'

# The one axis of a table and what gnuplot has to know of it, when its points are four numbers or more of one kind:
# "rate xname=..; logx=..; xmin=..; xmax=..; ticks=..".
numeric_axis() {
    awk -F, "$quantity"'
        NR == 1 {next}
        $2 ~ /;/ || $2 !~ /=/ {exit}
        {axis = $2; sub(/=.*/, "", axis); x = quantity($2, axis)
         if (unit == "?" || (unit != "" && all != "" && unit != all)) {all = "?"; exit}
         all = unit == "" ? all : unit
         if (!seen[x]++) {ticks = ticks sep x; sep = ", "; if (!n++ || x < low) low = x; if (x > high) high = x}}
        END {if (n < 4 || all == "?" || NR == 1) exit
            logx = low > 0 && high / low >= 20
            name = axis; gsub(/_/, " ", name); if (all != "") name = name " (" all ")"
            printf "%s xname=\047%s\047; logx=%d; xmin=%g; xmax=%g; ticks=\047%s\047", axis, name, logx,
                logx ? low * 0.8 : low - (high - low) * 0.04, logx ? high * 1.25 : high + (high - low) * 0.04, ticks}' "$1"
}

# Delay and energy against an axis, a line per value of another one or per variant (a scenario with radios).
draw_against() { # SCENARIO ENGINE TABLES RUN.JSON AWK 'gnuplot assignments' CAPTION PARAMETERS; AWK sets x and line of a row, or next
    awk -F, "$quantity"'
        BEGIN {print "x,line,largest_mean_s,largest_low_s,largest_high_s,energy_mean_j,energy_low_j,energy_high_j"}
        NR == 1 {next} {x = line = $2} '"$5"'
        {print x + 0 "," line "," $9 "," $10 "," $11 "," $5 "," $6 "," $7}' "$3/energy.csv" |
        { read -r head && echo "$head" && LC_ALL=C sort -t, -k2,2 -k1,1n; } >"$3/against.csv"
    echo "figures:"
    draw against "$1-$2-against" "table='$3/against.csv'; $6; caption='Mean and 95 % interval over seeds (n = $(seeds "$3/energy.csv")); $7.';
        parameters='$2, $(json duration "$4")$(parameters "$4" ", "); traffic $(json traffic.kind "$4")$8'"
}

heard=', server answers where it last heard the client'

# Outcomes by attack, path, direction and traffic: axes of these names.
is_matrix() {
    local label axis
    [ -n "$(json outcome "$(first_json "$1")")" ] || return 1
    label=$(basename "$(dirname "$(dirname "$(first_json "$1")")")"),
    for axis in attack path direction traffic; do
        [[ $label == *",$axis="* ]] || return 1
    done
}

figures_of() {
    local scenario=$1 dir=$2 what_delay engine tables json n panels swept delay lost window range base what panel axes axis lines
    engine=$(basename "$dir")
    tables=$dir/tables
    if is_matrix "$dir"; then # it has a figure of its own
        BUILD=$BUILD RESULTS=$RESULTS "$here/attacks.sh" "$scenario" "$dir"
        return
    fi
    if [ -n "$(json progress "$(first_json "$dir")")" ]; then # rates over time have another program and another figure
        BUILD=$BUILD RESULTS=$RESULTS "$here/progress.sh" "$scenario" "$dir"
        return
    fi
    "$BUILD/mpsim-stat" "$dir"
    if [ -e "$tables/goodput.csv" ] || [ -e "$tables/times.csv" ]; then # the benchmarks of MPTCPsec
        RESULTS=$RESULTS "$here/transfers.sh" "$scenario" "$dir"
        return
    fi
    axes=$([ ! -e "$tables/energy.csv" ] || awk -F, 'NR == 2 {gsub(/=[^;]*/, "", $2); print $2}' "$tables/energy.csv")
    case $scenario:$axes in # of these there is more to say than the tables know
    "oracle:client.pm.oracle_period;loss")
        draw_against "$scenario" "$engine" "$tables" "$(first_json "$dir")" \
            '$1 != "jwd" {next} {x = quantity(x, "client.pm.oracle_period"); line = quantity(line, "loss")}' \
            "lines='5 10 15 25 50 100'; names='5_%_loss 10_%_loss 15_%_loss 25_%_loss 50_%_loss 100_%_loss';
             xname='period of the oracle (ms)'; logx=1; xmin=0.7; xmax=1400; ticks='1, 10, 100, 500, 1000';
             title='Sender oracle (after MultiMob): how soon LTE is opened, and what it costs'" \
            'joins with data in the SYN; loss on WiFi from U(5, 5.5) s on, both ways' "$heard"
        return
        ;;
    energy:loss)
        draw_against "$scenario" "$engine" "$tables" "$(first_json "$dir")" '{x = quantity(x, "loss"); line = $1}' \
            "lines='both join4 jwd'; shown=lines; by_variant=1; names='LTE_open_from_the_start oracle,_four-way_join oracle,_data_in_the_SYN';
             xname='loss on WiFi (%)'; logx=0; xmin=-3; xmax=103; ticks='0, 5, 10, 15, 20, 25, 30, 40, 50, 100';
             title='LTE open from the start, or opened by the sender oracle (after MultiMob)'" \
            'loss on WiFi from U(5, 5.5) s on, both ways' "$heard"
        return
        ;;
    aware:rate)
        draw_against "$scenario" "$engine" "$tables" "$(first_json "$dir")" \
            '{x = quantity(x, "rate"); line = $1}' \
            "lines='wifi both aware'; shown=lines; by_variant=1; names='WiFi_alone both energy-aware';
             xname='rate of WiFi (Mbit/s), LTE 10'; logx=1; xmin=0.4; xmax=12; ticks='0.5, 1, 1.5, 2, 3, 5, 10'; slow=1;
             title='When a second radio saves energy (after eMPTCP)'" \
            'a download of 32 MB' ''
        return
        ;;
    esac
    if [ -e "$tables/energy.csv" ] && axis=$(numeric_axis "$tables/energy.csv") && [ -n "$axis" ]; then
        lines=$(shown "$tables/energy.csv")
        draw_against "$scenario" "$engine" "$tables" "$(first_json "$dir")" "{x = quantity(x, \"${axis%% *}\"); line = \$1}" \
            "lines='$lines'; shown=lines; by_variant=1; names='$lines'; ${axis#* }; title='Delay and energy of the radios, $scenario on $engine'" 'a line per variant' ''
        return
    fi
    if [ -e "$tables/energy.csv" ]; then # radios: energy against delay
        draw_tradeoff "$scenario" "$engine" "$tables" "$(first_json "$dir")"
        return
    fi
    json=$(first_json "$dir")
    n=$(seeds "$tables/points.csv")
    # Panels: points of all axes but the delay. Those with most variants have the timeline and CDF; those
    # with more than one delay have the gain.
    delay=$(awk -F, 'NR > 1 {print $3}' "$tables/points.csv" | sort -n | head -1)
    panels=$(awk -F, -v d="$delay" 'NR > 1 && $3 == d {if (!n[$2]++) order[++k] = $2; if (n[$2] > most) most = n[$2]}
        END {for (i = 1; i <= k; i++) if (n[order[i]] == most) printf "%s ", order[i]}' "$tables/points.csv")
    swept=$(awk -F, 'NR > 1 && !seen[$2, $3]++ && ++n[$2] == 2 {printf "%s ", $2}' "$tables/paired.csv")
    lost=$(json loss_at_s "$json")
    what="$scenario on $engine"
    base="$engine, n = $n seeds per variant$(parameters "$json" "; "); open loop, a request every $(json traffic.interval "$json")"

    # Ranges from the data: every request is inside, none is cut off.
    range=$(log_range "$tables/timeline.csv" 6 y "$delay")
    if [ -n "$lost" ]; then
        range="$range; from=-1.5; to=5; xstep=1; marked=1; xname='request sent, seconds after the loss of WiFi'"
        window="requests sent from 1 s before to 5 s after the loss"
    else
        range="$range; from=0; to=$(awk -F, 'NR > 1 && $5 + 0 > m {m = $5 + 0} END {print int(m + 1)}' "$tables/timeline.csv")"
        range="$range; xstep=20; marked=0; xname='request sent, seconds of the run'"
        window="all requests of the run"
    fi
    echo "figures:"
    for panel in $panels; do
        draw timeline "$scenario-$engine-timeline-$(tr -c 'a-zA-Z0-9.\n' '-' <<<"$panel")" \
            "table='$tables/timeline.csv'; shown='$(shown "$tables/points.csv")'; panel='$panel'; delay=$delay; $range;
             title='Request delay, $what$(pretty "$panel")';
             caption='A mark is one request, all seeds together; a black cross was never answered (at its least possible delay).';
             parameters='$base'"
    done
    range=$(log_range "$tables/cdf.csv" 4 x "$delay")
    draw cdf "$scenario-$engine-cdf" "table='$tables/cdf.csv'; shown='$(shown "$tables/points.csv")'; panels='$panels'; delay=$delay; $range;
        title='Delays around the handover, $what';
        caption='Empirical CDF of $window; unanswered ones keep a curve below 1. Dotted: 95 % interval over seeds, at each delay.';
             parameters='$base'"
    if [ -n "$swept" ] && grep -qE '^(jwd|jwdval),' "$tables/paired.csv"; then
        range=$(awk -F, '/^jwd/ {if ($3 > b) b = $3; if ($6 * 1e3 < low) low = $6 * 1e3; if ($7 * 1e3 > top) top = $7 * 1e3}
            END {d = b * 0.08; e = (top - low) * 0.06
                printf "xmin=%g; xmax=%g; xstep=50; ymin=%g; ymax=%g", -d, b + d, low - e, top + e}' "$tables/paired.csv")
        case $(ls "$dir") in *extra_delay=*) what_delay="extra one-way" ;; *) what_delay=one-way ;; esac
        draw gain "$scenario-$engine-gain" "table='$tables/paired.csv'; shown='$(shown "$tables/paired.csv" | tr ' ' '\n' | grep -xE 'jwd|jwdval' | tr '\n' ' ')'; panels='$swept'; $range; xname='$what_delay delay of LTE (ms)';
            title='Largest response delay: gain over the four-way join, $what';
            caption='Difference within each seed, mean and 95 % interval (n = $n; hidden where narrower than the mark); above 0: better.';
            parameters='$base'"
    fi
    if [ -n "$lost" ]; then
        panel=${panels% }
        draw_dsn "$scenario-$engine" "$dir" "${panel##* }" "$what$(pretty "${panel##* }")" "$base" "$tables/points.csv"
    fi
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
