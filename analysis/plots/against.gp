# SPDX-License-Identifier: MIT
# Largest response delay and energy of the radios against something, a line per value of something else; mean and 95 %
# interval. Reads against.csv (x, line, then mean, low, high of delay and of energy): table; lines (a list of values) and names
# (a list, '_' for a blank); xname, and ticks of x: logarithmic with logx. Delays in seconds on a logarithmic axis if slow.
width = 1150
height = 590
load style

set label 1 title noenhanced at screen 0.5,1 - 22.0 / height center font ",15"
set label 2 caption at screen 0.01,44.0 / height left noenhanced font ",10.5" textcolor "#444444"
set label 3 parameters at screen 0.01,44.0 / height offset 0,-1.25 left noenhanced font ",10.5" textcolor "#444444"
if (logx) { set logscale x }
set xrange [xmin:xmax]
eval "set xtics (".ticks.")"
set xlabel xname offset 0,0.4
label(i) = system(sprintf("echo '%s' | tr _ ' '", word(names, i)))
if (!exists("slow")) slow = 0
# A line of a variant has the variant's colour and marker, with by_variant; lines of another axis go from light to dark.
array shade[6] = ["#56B4E9", "#0072B2", "#009E73", "#E69F00", "#D55E00", "#000000"]
array mark[6] = [4, 7, 9, 5, 13, 11]
of_variant(i) = exists("by_variant") && place(word(lines, i)) > 0
look(i) = of_variant(i) ? marker[place(word(lines, i))] : mark[(i - 1) % 6 + 1]
paint(i) = of_variant(i) ? colour[place(word(lines, i))] : shade[(i - 1) % 6 + 1]
set multiplot
set bmargin at screen 180.0 / height
set tmargin at screen 1 - 55.0 / height
do for [c = 0:1] {
    set lmargin at screen 0.075 + c * 0.5
    set rmargin at screen 0.49 + c * 0.5
    set ylabel (c == 0 ? (slow ? "largest response delay (s)" : "largest response delay (ms)") : "energy of both radios (J)") offset 0.5,0
    if (c == 0) {
        set key at screen 0.5,98.0 / height center horizontal maxrows 1 samplen 1.5 font ",11"
    } else {
        unset key
    }
    k = c == 0 && !slow ? 1000.0 : 1.0
    if (c == 0 && slow) {
        set logscale y
        set yrange [*:*]
    } else {
        unset logscale y
        set yrange [0:*]
    }
    plot for [i = 1:words(lines)] table using (strcol(2) eq word(lines, i) ? column(1) : NaN):\
        (column(3 + 3 * c) * k):(column(4 + 3 * c) * k):(column(5 + 3 * c) * k) with yerrorbars \
        lw 1.6 pt look(i) ps 1.1 lc rgb paint(i) title label(i), \
        for [i = 1:words(lines)] table using (strcol(2) eq word(lines, i) ? column(1) : NaN):\
        (column(3 + 3 * c) * k) with lines lw 1.2 lc rgb paint(i) notitle
    unset label 1
    unset label 2
    unset label 3
}
unset multiplot
