# SPDX-License-Identifier: MIT
# Data sequence number over time of one run per variant, coloured by the subflow's path, reinjections ringed.
# Reads data.csv of the runs: files and shown (lists of the same length: file, variant), loss (s), from, to.
width = 1300
height = 470
load style

set label 1 title at screen 0.5,0.965 center font ",15"
set label 2 caption at screen 0.008,0.075 left font ",10.5" textcolor "#444444"
set label 3 parameters at screen 0.008,0.075 offset 0,-1.25 left font ",10.5" textcolor "#444444"
set xrange [from:to]
set multiplot
n = words(files)
rank(v) = v eq "both" ? 1 : v eq "backup" ? 2 : v eq "join4" ? 3 : v eq "jwd" ? 4 : 5
set yrange [ymin:ymax]
do for [k = 1:n] {
    w = (1 - 0.075) / n
    set lmargin at screen 0.065 + (k - 1) * w
    set rmargin at screen 0.065 + k * w - 0.015
    set tmargin at screen 0.86
    set bmargin at screen 0.30
    i = rank(word(shown, k))
    file = word(files, k)
    set title name[i] textcolor rgb colour[i] offset 0,-0.4
    set xlabel "time since the loss of WiFi (s)" offset 0,0.3
    if (k == 1) { set ylabel "data sequence number sent (kB)" offset 0.5,0 } else {
        unset ylabel
        set format y ""
    }
    set arrow 1 from 0,graph 0 to 0,graph 1 nohead linecolor "#999999" dashtype 2
    if (k == 1) {
        set key at screen 0.5,0.175 center center horizontal maxrows 1 samplen 1.6 font ",11"
    } else { unset key }
    plot file using (strcol(p_path) eq "wifi" ? column(p_time) - loss : NaN):(column(p_dsn) / 1e3) \
             with points pt 7 ps 0.7 lc rgb wifi_colour title "on WiFi", \
         file using (strcol(p_path) eq "lte" ? column(p_time) - loss : NaN):(column(p_dsn) / 1e3) \
             with points pt 5 ps 0.7 lc rgb lte_colour title "on LTE", \
         file using (column(p_again) > 0 ? column(p_time) - loss : NaN):(column(p_dsn) / 1e3) \
             with points pt 6 ps 1.5 lw 1.4 lc rgb "#000000" title "reinjected: sent before on another subflow"
    unset label 1
    unset label 2
    unset label 3
}
unset multiplot
