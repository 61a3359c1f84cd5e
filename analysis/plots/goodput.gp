# SPDX-License-Identifier: MIT
# Goodput against octets transferred, a curve per stack, beside the ceilings of their headers (dashed): all
# of it, and again near the ceilings. Reads goodput.csv: table, shown (a list of stacks), reader (the server); xmin, xmax, zoom_from (MB), ymin, ymax, zmin, zmax.
width = 1200
height = 560
load style

set label 1 title noenhanced at screen 0.5,0.965 center font ",15"
set label 2 caption at screen 0.008,0.062 left noenhanced font ",10.5" textcolor "#444444"
set label 3 parameters at screen 0.008,0.062 offset 0,-1.25 left noenhanced font ",10.5" textcolor "#444444"
has(i) = strstrt(" ".shown." ", " ".word(bench_stacks, i)." ") > 0
mine = ""
n = 0
do for [i = 1:stacks] {
    if (has(i)) {
        set label 10 + i stack_name[i] noenhanced at screen 0.07 + (n % 3) * 0.31,0.175 - 0.045 * (n / 3) left offset 1.2,0 \
            point pt stack_marker[i] ps 1.2 lc rgb stack_colour[i] textcolor rgb stack_colour[i]
        mine = mine." ".i
        n = n + 1
    }
}
set logscale x
set xtics ("1" 1, "3" 3, "10" 10, "30" 30, "100" 100, "300" 300, "1000" 1000)
set xlabel "data transferred (MB)" offset 0,0.4
unset key
# Rows of one stack only: a row of another between two of its own would cut its curve.
of(i) = "< grep '^".word(bench_stacks, i).",' ".table
set tmargin at screen 0.89
set bmargin at screen 0.29
set multiplot
do for [k = 1:2] {
    set lmargin at screen (k == 1 ? 0.065 : 0.57)
    set rmargin at screen (k == 1 ? 0.50 : 0.99)
    set xrange [(k == 1 ? xmin : zoom_from) * 0.87:xmax * 1.15]
    if (k == 1) { set yrange [ymin:ymax]; ystep = ymax - ymin > ymax / 5 ? ymax / 10 : ymax / 50; set ytics ystep; set ylabel "goodput at ".reader." (Mbit/s)" offset 0.8,0 }
    if (k == 2) { set yrange [zmin:zmax]; if (zmax - zmin > 0.8 && zmax - zmin < 6) { set ytics 0.5 } else { set ytics autofreq }; unset ylabel; set title "near the ceilings" offset 0,-0.6 font ",11" }
    plot for [i in mine] of(int(i)) using (column(2) / 1e6):(valid(9) ? column(9) / 1e6 : NaN) \
             smooth unique with lines lw 1 dashtype 2 lc rgb stack_colour[int(i)], \
         for [i in mine] of(int(i)) using (column(2) / 1e6):(valid(5) ? column(5) / 1e6 : NaN):(column(valid(6) ? 6 : 5) / 1e6):(column(valid(7) ? 7 : 5) / 1e6) \
             with yerrorbars lw 1.4 pt stack_marker[int(i)] ps 1.1 lc rgb stack_colour[int(i)], \
         for [i in mine] of(int(i)) using (column(2) / 1e6):(valid(5) ? column(5) / 1e6 : NaN) \
             smooth unique with lines lw 1.4 lc rgb stack_colour[int(i)]
    unset label 1
    unset label 2
    unset label 3
    do for [i = 11:10 + stacks] { unset label i }
}
unset multiplot
