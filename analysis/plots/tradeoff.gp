# SPDX-License-Identifier: MIT
# Energy of the radios against the largest response delay, a mark per variant, a panel per point of the axes; mean and 95 %
# interval of both. Down and to the left is better. Later variants have smaller
# marks, so that those that coincide are all seen. Reads energy.csv: table; shown (variants, a list);
# panels, and lows and tops of their delays (lists).
columns = words(panels) < 2 ? 1 : 2
rows = (words(panels) + columns - 1) / columns
width = columns == 1 ? 880 : 1150
height = 210 + 330 * rows
load style

low = 105.0 / height
set label 1 title noenhanced at screen 0.5,1 - 22.0 / height center font ",15"
set label 2 caption at screen 0.01,44.0 / height left noenhanced font ",10.5" textcolor "#444444"
set label 3 parameters at screen 0.01,44.0 / height offset 0,-1.25 left noenhanced font ",10.5" textcolor "#444444"
set xrange [0:xmax]
unset key
legend_x(i) = 0.03 + (i - 1) * (many < 5 ? 0.195 : 0.975 / many)
do for [i = 1:many] { @legend }
set multiplot
here(v, p) = (strcol(1) eq v && strcol(2) eq p)
do for [k = 1:words(panels)] {
    c = (k - 1) % columns
    r = (k - 1) / columns
    w = (1 - 0.02) / columns
    h = (1 - low - 45.0 / height) / rows
    set lmargin at screen c * w + 85.0 / width
    set rmargin at screen (c + 1) * w - 0.005
    set tmargin at screen 1 - 45.0 / height - r * h - 22.0 / height
    set bmargin at screen 1 - 45.0 / height - (r + 1) * h + 52.0 / height
    set title pretty(word(panels, k)) offset 0,-0.5
    set xlabel "energy of both radios (J)" offset 0,0.4
    if (c == 0) { set ylabel "largest response delay (ms)" offset 0.3,0 } else { unset ylabel }
    set yrange [word(lows, k) + 0:word(tops, k) + 0]
    plot for [i = 1:many] table using \
            (here(variant(i), word(panels, k)) ? column(5) : NaN):(column(9) * 1e3):(column(6)):(column(7)):\
            (column(10) * 1e3):(column(11) * 1e3) \
            with xyerrorbars lw 1.8 pt marker[i] ps (2.4 - 0.33 * i > 0.7 ? 2.4 - 0.33 * i : 0.7) lc rgb colour[i] notitle
    unset label 1
    unset label 2
    unset label 3
    do for [i = 11:10 + many] { unset label i }
}
unset multiplot
