# SPDX-License-Identifier: MIT
# Paired gain over the four-way join against LTE's extra delay: largest response delay of join4 minus that
# of the variant under the same seed; mean and 95 % interval. The
# joins with data only: the other variants are in paired.csv and would hide them by their scale. Reads paired.csv: table, panels and shown (lists), xname.
columns = words(panels) < 2 ? 1 : 2
rows = (words(panels) + columns - 1) / columns
width = columns == 1 ? 880 : 1150
height = 210 + 280 * rows
load style

low = 105.0 / height
set label 1 title noenhanced at screen 0.5,1 - 22.0 / height center font ",15"
set label 2 caption at screen 0.01,44.0 / height left noenhanced font ",10.5" textcolor "#444444"
set label 3 parameters at screen 0.01,44.0 / height offset 0,-1.25 left noenhanced font ",10.5" textcolor "#444444"
set xrange [xmin:xmax]
set xtics xstep
set yrange [ymin:ymax]
unset key
legend_x(i) = 0.25 + (i - 1) * 0.3
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
    set xlabel xname offset 0,0.4
    if (c == 0) { set ylabel "gain over the four-way join (ms)" offset 0.3,0 } else { unset ylabel }
    set arrow 1 from graph 0,first 0 to graph 1,first 0 nohead lc rgb known_colour[3] lw 1.2 dashtype 2
    # Markers of one delay stand side by side, so that no interval hides another.
    plot for [i = 1:many] table using \
            (here(variant(i), word(panels, k)) ? column(3) + (i - (many + 1) / 2.0) * (xmax - xmin) * 0.016 : NaN):\
            (column(5) * 1e3):(column(6) * 1e3):(column(7) * 1e3) \
            with yerrorbars lw 1.8 pt marker[i] ps 1.2 lc rgb colour[i] notitle
    unset label 1
    unset label 2
    unset label 3
    do for [i = 11:10 + many] { unset label i }
}
unset multiplot
