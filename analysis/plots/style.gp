# SPDX-License-Identifier: MIT
# The one style of all figures: each variant has one colour and one marker everywhere (Okabe and Ito's
# colours, which colour-blind readers can tell apart; Tol's for variants that a user's scenario names). Loaded first by every script.
#
# Set by figures.sh: format (svg or png), out (file), title, caption, the tables to read, and shown (variants of the
# figure, a list). From it: variants, in the order of `known` and then of the list; many; variant(i); place(v).

known = "both backup join4 jwd jwdval timer return"
array known_name[7] = ["both active", "LTE joined at start, backup", "join on loss, four-way", \
    "join on loss, data in SYN", "data in SYN, used once validated", "data in SYN, receiver timer", "data in SYN, back to WiFi"]
array known_short[7] = ["both active", "LTE as backup", "four-way join", "data in SYN", "SYN data, validated", "receiver timer", "back to WiFi"]
array known_colour[7] = ["#0072B2", "#E69F00", "#555555", "#D55E00", "#009E73", "#000000", "#7B3FA0"]
array known_marker[7] = [7, 5, 9, 13, 11, 2, 6]
array other_colour[8] = ["#332288", "#882255", "#117733", "#999933", "#44AA99", "#AA4499", "#661100", "#6699CC"]
array other_marker[8] = [4, 8, 10, 12, 14, 3, 1, 15]

holds(list, v) = strstrt(" ".list." ", " ".v." ") > 0
if (!exists("shown")) shown = known
variants = ""
do for [v in known] { if (holds(shown, v)) { variants = variants." ".v } }
do for [v in shown] { if (!holds(known, v)) { variants = variants." ".v } }
many = words(variants)
variant(i) = word(variants, i)
place(v) = (sum [j = 1:many] (variant(j) eq v ? j : 0))
array name[many]
array short[many]
array colour[many]
array marker[many]
others = 0
do for [i = 1:many] {
    k = 0
    do for [j = 1:words(known)] { if (word(known, j) eq variant(i)) { k = j } }
    if (k) {
        name[i] = known_name[k]
        short[i] = known_short[k]
        colour[i] = known_colour[k]
        marker[i] = known_marker[k]
    } else {
        others = others % 8 + 1
        name[i] = variant(i)
        short[i] = variant(i)
        colour[i] = other_colour[others]
        marker[i] = other_marker[others]
    }
}

# Stacks of the benchmarks of MPTCPsec, likewise; behind them what else is shown.
bench_stacks = "tcp tls-tcp mptcp tls-mptcp sec-segment sec"
do for [v in shown] { if (!holds(bench_stacks, v)) { bench_stacks = bench_stacks." ".v } }
stacks = words(bench_stacks)
array stack_name[stacks] = ["TCP", "TLS 1.3 over TCP", "MPTCP", "TLS 1.3 over MPTCP", "MPTCPsec, a record per segment", \
    "MPTCPsec, records up to 16 KiB"]
array stack_colour[stacks] = ["#888888", "#000000", "#0072B2", "#E69F00", "#009E73", "#D55E00"]
array stack_marker[stacks] = [8, 10, 7, 5, 9, 13]
do for [i = 7:stacks] {
    stack_name[i] = word(bench_stacks, i)
    stack_colour[i] = other_colour[(i - 7) % 8 + 1]
    stack_marker[i] = other_marker[(i - 7) % 8 + 1]
}

# Paths have colours of their own: they are not variants.
wifi_colour = "#56B4E9"
lte_colour = "#CC79A7"

if (!exists("width")) width = 1200
if (!exists("height")) height = 500
if (format eq "svg") {
    set terminal svg size width,height font "DejaVu Sans,13" rounded background "white"
} else {
    set terminal pngcairo size width*3/2,height*3/2 font "DejaVu Sans,10" fontscale 1.5 linewidth 1.5 \
        pointscale 1.5 rounded background "white"
}
set output out

set datafile separator ","
set datafile missing ""
set border 3 linecolor "#444444"
set tics nomirror out scale 0.6 textcolor "#222222"
set grid linecolor "#dddddd" linewidth 0.6 linetype 1
set key noautotitle
set style fill transparent solid 0.25 noborder

# A legend in one row below the panels: define legend_x(i), then do for [i = 1:many] { @legend }
legend = 'set label 10 + i short[i] noenhanced at screen legend_x(i),85.0 / height left offset 1.2,0 point pt marker[i] ps 1.2 lc rgb colour[i] textcolor rgb colour[i]'

# "size=512B;lte=idle" as people read it.
pretty(panel) = panel eq "all" ? "" : system(sprintf("echo '%s' | sed -E '%s'", panel, pretty_sed))
pretty_sed = "s/;/, /g; s/=/ /g; s/_/ /g; s/lte/LTE/g; s/wifi/WiFi/g; s/answers minrtt/answers by minRTT/; s/answers server/answers where last heard/; s/([0-9])B/\\1 B/g; s/size ([0-9]+ B)/\\1/"
