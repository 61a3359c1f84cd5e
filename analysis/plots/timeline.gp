# SPDX-License-Identifier: MIT
# Request delay over time around the handover: a panel per variant, a mark per request, all seeds.
# Reads timeline.csv of one panel and delay: table, panel, delay, shown; from, to in s around the loss.
width = 1300
height = 430
load style

set label 1 title noenhanced at screen 0.5,0.965 center font ",15"
set label 2 caption at screen 0.008,0.085 left noenhanced font ",10.5" textcolor "#444444"
set label 3 parameters at screen 0.008,0.085 offset 0,-1.25 left noenhanced font ",10.5" textcolor "#444444"
set logscale y
set yrange [ymin:ymax]
set xrange [from:to]
set xtics xstep
set ytics ("10 ms" 0.01, "30 ms" 0.03, "100 ms" 0.1, "300 ms" 0.3, "600 ms" 0.6, "1 s" 1, "3 s" 3, "10 s" 10, "30 s" 30)
set multiplot
here(v) = (strcol(1) eq v && strcol(2) eq panel && column(3) == delay)
wide = 0.935 / many
do for [i = 1:many] {
    set lmargin at screen 0.07 + (i - 1) * wide
    set rmargin at screen 0.07 + (i - 1) * wide + wide - 0.015
    set tmargin at screen 0.845
    set bmargin at screen 0.275
    set title short[i] noenhanced textcolor rgb colour[i] offset 0,-0.4
    set xlabel (i == (many + 1) / 2 ? xname : " ") offset 0,0.3
    if (i == 1) { set ylabel "delay of the request's answer" offset 0.5,0 } else {
        unset ylabel
        set format y ""
        set ytics ("" 0.01, "" 0.03, "" 0.1, "" 0.3, "" 0.6, "" 1, "" 3, "" 10, "" 30)
    }
    if (marked) { set arrow 1 from 0,graph 0 to 0,graph 1 nohead linecolor "#999999" dashtype 2 }
    plot table using (here(variant(i)) && column(7) == 1 ? column(5) : NaN):6 \
             with points pt marker[i] ps 0.55 lc rgb colour[i], \
         table using (here(variant(i)) && column(7) == 0 ? column(5) : NaN):6 \
             with points pt 2 ps 0.9 lw 1.5 lc rgb "#000000"
    if (i == 1) { unset label 1; unset label 2; unset label 3 }
}
unset multiplot
