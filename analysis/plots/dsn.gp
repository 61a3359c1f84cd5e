# SPDX-License-Identifier: MIT
# Data sequence number over time of one run per variant, coloured by the subflow's path, reinjections ringed.
# Reads data.csv of the runs: files and shown (lists of the same length: file, variant), loss (s), from, to.
width = 1300
height = 470
load style

set label 1 title noenhanced at screen 0.5,0.965 center font ",15"
set label 2 caption at screen 0.008,0.075 left noenhanced font ",10.5" textcolor "#444444"
set label 3 parameters at screen 0.008,0.075 offset 0,-1.25 left noenhanced font ",10.5" textcolor "#444444"
set xrange [from:to]
unset key
set label 11 "sent on WiFi" at screen 0.2,0.165 offset 1.2,0 point pt 7 ps 1 lc rgb wifi_colour
set label 12 "sent on LTE" at screen 0.4,0.165 offset 1.2,0 point pt 5 ps 1 lc rgb lte_colour
set label 13 "reinjected: sent before on another subflow" at screen 0.6,0.165 offset 1.2,0 \
    point pt 6 ps 1.6 lw 1.4 lc rgb "#000000"
set multiplot
n = words(files)
set yrange [ymin:ymax]
do for [k = 1:n] {
    w = (1 - 0.075) / n
    set lmargin at screen 0.065 + (k - 1) * w
    set rmargin at screen 0.065 + k * w - 0.015
    set tmargin at screen 0.86
    set bmargin at screen 0.30
    i = place(word(shown, k))
    file = word(files, k)
    set title name[i] noenhanced textcolor rgb colour[i] offset 0,-0.4
    set xlabel "time since the loss of WiFi (s)" offset 0,0.3
    if (k == 1) { set ylabel "data sequence number (kB)" offset 0.5,0 } else {
        unset ylabel
        set format y ""
    }
    set arrow 1 from 0,graph 0 to 0,graph 1 nohead linecolor "#999999" dashtype 2
    # The phone (host 1) only; the server's answers have a sequence space of their own.
    at(p) = (column(2) == 1 && (p eq "" || strcol(5) eq p) ? column(1) - loss : NaN)
    plot file using (at("wifi")):(column(6) / 1e3) \
             with points pt 7 ps 0.8 lc rgb wifi_colour notitle, \
         file using (at("lte")):(column(6) / 1e3) \
             with points pt 5 ps 0.8 lc rgb lte_colour notitle, \
         file using (column(8) > 0 ? at("") : NaN):(column(6) / 1e3) \
             with points pt 6 ps 1.7 lw 1.4 lc rgb "#000000" notitle
    unset label 1
    unset label 2
    unset label 3
    do for [j = 11:13] { unset label j }
}
unset multiplot
