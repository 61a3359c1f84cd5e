# SPDX-License-Identifier: MIT
# Goodput over time, a curve and a band per stack; below, what the paths carry for the last one. Where wrong octets have
# been delivered the curve has crosses. Reads progress.csv: table, shown and paths (lists), last, top (Mbit/s), fate1 ... (what became
# of the connections), wrong1 ... (since when their octets are wrong, s), at (the attack, s; may be absent). Drawn by progress.sh.
width = 1100
height = 700
load style

n = words(shown)
# position of a variant among the stacks of style.gp
number(v) = sum [i = 1:words(bench_stacks)] (word(bench_stacks, i) eq v ? i : 0)
path_colour(p) = p eq "wifi" ? wifi_colour : p eq "lte" ? lte_colour : "#888888"
path_name(p) = p eq "wifi" ? "WiFi" : p eq "lte" ? "LTE" : p
array fate[n]
array wrong_at[n]
do for [i = 1:n] {
    fate[i] = value(sprintf("fate%d", i))
    wrong_at[i] = value(sprintf("wrong%d", i))
}

set label 1 title noenhanced at screen 0.5,0.968 center font ",15"
set label 2 caption at screen 0.01,0.052 left noenhanced font ",10.5" textcolor "#444444"
set label 3 parameters at screen 0.01,0.052 offset 0,-1.25 left noenhanced font ",10.5" textcolor "#444444"
stats table using 4 nooutput
end = STATS_max
set xrange [0:end]
set xtics 1
set yrange [0:top]
set lmargin at screen 0.08
set rmargin at screen 0.985
if (exists("at")) { set arrow 1 from at,graph 0 to at,graph 1 nohead linecolor "#444444" lw 1.2 dashtype 2 }

here(v, s) = (strcol(1) eq v && strcol(3) eq s)
low(x) = x < 0 ? 0 : x
set multiplot
set tmargin at screen 0.80
set bmargin at screen 0.41
set format x ""
set ylabel "goodput (Mbit/s)"
do for [i = 1:n] {
    k = number(word(shown, i))
    y = 0.925 - 0.037 * (i - 1)
    set arrow 10 + i from screen 0.08,y to screen 0.115,y nohead lw 3 lc rgb stack_colour[k]
    set label 10 + i stack_name[k] noenhanced at screen 0.122,y left textcolor rgb stack_colour[k] font ",12"
    set label 20 + i fate[i] at screen 0.40,y left textcolor "#222222" font ",12"
    if (wrong_at[i] < 1e9) { set label 30 + i "" at screen 0.0975,y point pt 2 ps 1.1 lw 1.5 lc rgb "#000000" }
}
plot for [i = 1:n] table using (here(word(shown, i), "goodput") ? column(4) : NaN):(low(column(7)) / 1e6):(column(8) / 1e6) \
         with filledcurves lc rgb stack_colour[number(word(shown, i))], \
     for [i = 1:n] table using (here(word(shown, i), "goodput") ? column(4) : NaN):(column(6) / 1e6) \
         with lines lw 2.2 lc rgb stack_colour[number(word(shown, i))], \
     for [i = 1:n] table using (here(word(shown, i), "goodput") && column(4) >= wrong_at[i] ? column(4) : NaN):(column(6) / 1e6) \
         every 2 with points pt 2 ps 0.9 lw 1.5 lc rgb "#000000"
unset label
do for [i = 1:n] { unset arrow 10 + i }
set tmargin at screen 0.345
set bmargin at screen 0.135
set format x "%g"
set xlabel "seconds since the client's SYN" offset 0,0.3
set ylabel "IP octets (Mbit/s)"
set yrange [0:*]
set label 4 sprintf("%s: what the paths carry", stack_name[number(last)]) at graph 0.005,1.09 left font ",12" \
    textcolor rgb stack_colour[number(last)]
do for [p = 1:words(paths)] {
    x = 0.47 + 0.09 * (p - 1)
    set arrow 20 + p from graph x,1.09 to graph x + 0.03,1.09 nohead lw 3 lc rgb path_colour(word(paths, p))
    set label 40 + p path_name(word(paths, p)) at graph x + 0.037,1.09 left font ",12"
}
plot for [p = 1:words(paths)] table using (here(last, word(paths, p)) ? column(4) : NaN):(low(column(7)) / 1e6):(column(8) / 1e6) \
         with filledcurves lc rgb path_colour(word(paths, p)), \
     for [p = 1:words(paths)] table using (here(last, word(paths, p)) ? column(4) : NaN):(column(6) / 1e6) \
         with lines lw 2.2 lc rgb path_colour(word(paths, p))
unset multiplot
