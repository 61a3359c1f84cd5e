# SPDX-License-Identifier: MIT
# Requests one after the other on one connection, handshake included; a column of panels per RTT. Above: time of the first n
# requests, a request, in round trips. Below: what they took more than over plain TCP, differences within a seed.
# Mean and 95 % interval. Reads times.csv: table, panels, rtts (ms; lists), shown; top, ymin, ymax.
columns = words(panels)
width = 1150
height = 760
load style

set label 1 title noenhanced at screen 0.5,0.97 center font ",15"
set label 2 caption at screen 0.008,0.045 left noenhanced font ",10.5" textcolor "#444444"
set label 3 parameters at screen 0.008,0.045 offset 0,-1.25 left noenhanced font ",10.5" textcolor "#444444"
has(i) = strstrt(" ".shown." ", " ".word(bench_stacks, i)." ") > 0
word_of(i) = i == 6 ? "MPTCPsec" : stack_name[i]
mine = ""
others = ""
n = 0
do for [i = 1:stacks] {
    if (has(i)) {
        set label 10 + i word_of(i) noenhanced at screen 0.02 + n * (words(shown) > 6 ? 0.98 / words(shown) : 0.165),0.10 left offset 1.2,0 \
            point pt stack_marker[i] ps 1.2 lc rgb stack_colour[i] textcolor rgb stack_colour[i]
        mine = mine." ".i
        if (i > 1) { others = others." ".i }
        n = n + 1
    }
}
set logscale x
set xtics ("1" 1, "2" 2, "5" 5, "10" 10, "20" 20, "50" 50, "100" 100)
set xrange [0.8:125]
unset key
of(i, p) = "< grep '^".word(bench_stacks, i).",".p.",' ".table
apart(i) = 1 + (i - 4) * 0.035 # markers of one n stand side by side, so that no interval hides another
set multiplot
do for [k = 1:columns] {
    rtt = real(word(rtts, k))
    set lmargin at screen 0.075 + (k - 1) * 0.92 / columns
    set rmargin at screen 0.075 + k * 0.92 / columns - 0.035
    set title sprintf("RTT %g ms", rtt) offset 0,-0.5
    set tmargin at screen 0.90
    set bmargin at screen 0.56
    set yrange [1:top]
    set ytics 0.5
    unset xlabel
    if (k == 1) { set ylabel "time per request (round trips)" offset 0.5,0 } else { unset ylabel }
    plot for [i in mine] of(int(i), word(panels, k)) using (column(3)):(column(6) * 1e3 / rtt / column(3)) \
             with lines lw 1 lc rgb stack_colour[int(i)], \
         for [i in mine] of(int(i), word(panels, k)) using (column(3) * apart(int(i))):(column(6) * 1e3 / rtt / column(3)): \
             (column(7) * 1e3 / rtt / column(3)):(column(8) * 1e3 / rtt / column(3)) \
             with yerrorbars lw 1.4 pt stack_marker[int(i)] ps 1.1 lc rgb stack_colour[int(i)]
    unset label 1
    unset label 2
    unset label 3
    do for [i = 11:10 + stacks] { unset label i }
    unset title
    set tmargin at screen 0.51
    set bmargin at screen 0.19
    set yrange [ymin:ymax]
    set xlabel "requests on the connection, one after the other" offset 0,0.4
    if (k == 1) { set ylabel "more than over TCP (round trips)" offset 0.5,0 } else { unset ylabel }
    set arrow 1 from graph 0,first 0 to graph 1,first 0 nohead lc rgb stack_colour[1] lw 1.2 dashtype 2
    plot for [i in others] of(int(i), word(panels, k)) using (column(3) * apart(int(i))):(column(10) * 1e3 / rtt): \
             (column(11) * 1e3 / rtt):(column(12) * 1e3 / rtt) \
             with yerrorbars lw 1.6 pt stack_marker[int(i)] ps 1.1 lc rgb stack_colour[int(i)]
    unset arrow 1
}
unset multiplot
