# SPDX-License-Identifier: MIT
# Distribution of the delays of the requests sent in the handover window: a panel per point of the other
# axes, at the smallest LTE delay. Reads cdf.csv: table, panels (a list), delay, shown.
columns = words(panels) < 2 ? 1 : 2
rows = (words(panels) + columns - 1) / columns
width = columns == 1 ? 980 : 1150
height = 210 + 270 * rows
load style

low = 105.0 / height # height of the legend and caption below the panels
set label 1 title noenhanced at screen 0.5,1 - 22.0 / height center font ",15"
set label 2 caption at screen 0.01,44.0 / height left noenhanced font ",10.5" textcolor "#444444"
set label 3 parameters at screen 0.01,44.0 / height offset 0,-1.25 left noenhanced font ",10.5" textcolor "#444444"
set logscale x
set xrange [xmin:xmax]
set yrange [0:1]
set xtics ("10 ms" 0.01, "30 ms" 0.03, "100 ms" 0.1, "300 ms" 0.3, "1 s" 1, "3 s" 3, "10 s" 10, "30 s" 30)
set ytics 0.2
unset key
legend_x(i) = 0.08 + (i - 1) * (many < 5 ? 0.19 : 0.95 / many)
do for [i = 1:many] { @legend }
# Markers where the curves part, every 4 % of the requests, each variant at a place of its own.
mark(f, n, i) = (f > 0.7 || f < 0.2) && floor(f * 25 - i / 5.0) != floor((f - 1.0 / n) * 25 - i / 5.0)
set multiplot
here(v, p) = (strcol(1) eq v && strcol(2) eq p && column(3) == delay)
do for [k = 1:words(panels)] {
    c = (k - 1) % columns
    r = (k - 1) / columns
    w = (1 - 0.02) / columns
    h = (1 - low - 45.0 / height) / rows
    set lmargin at screen c * w + 75.0 / width
    set rmargin at screen (c + 1) * w - 0.005
    set tmargin at screen 1 - 45.0 / height - r * h - 22.0 / height
    set bmargin at screen 1 - 45.0 / height - (r + 1) * h + 52.0 / height
    set title pretty(word(panels, k)) offset 0,-0.5
    set xlabel "delay of the answer" offset 0,0.4
    if (c == 0) { set ylabel "fraction of requests" offset 0.8,0 } else { unset ylabel }
    plot for [i = 1:many] table using (here(variant(i), word(panels, k)) ? column(4) : NaN):5 \
        with steps lw 2 lc rgb colour[i] notitle, \
        for [i = 1:many] for [b = 7:8] table using (here(variant(i), word(panels, k)) ? column(4) : NaN):(column(b)) \
        with steps lw 0.7 dashtype 3 lc rgb colour[i] notitle, \
        for [i = 1:many] table using \
            (here(variant(i), word(panels, k)) && mark(column(5), column(6), i) ? column(4) : NaN):5 \
        with points pt marker[i] ps 1.1 lc rgb colour[i] notitle
    unset label 1
    unset label 2
    unset label 3
    do for [i = 11:10 + many] { unset label i }
}
unset multiplot
