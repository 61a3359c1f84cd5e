# SPDX-License-Identifier: MIT
# The attack matrix: a row an attack, a panel a stack, in it WiFi and LTE attacked, upwards and downwards, three kinds of
# traffic; a dot where seeds differ. Reads attacks-grid.csv: grid; shown (stacks) and attacks are lists, seeds is a line of text; drawn by
# attacks.sh.
rows = words(attacks)
panels = words(shown)
width = 190 + 215 * (panels < 2 ? 2 : panels)
height = 168 + 14 * rows
load style

array shade[8] = ["#e8eef2", "#a8d5ba", "#56a77c", "#1b6f4a", "#f0c419", "#f4a582", "#d9480f", "#5b0060"]
array what[8] = ["unaffected", "late < 0.3 s", "< 1 s", "longer", "stalled", "refused", "lost", "wrong"]
titled(s) = s eq "mptcp" ? "MPTCP" : s eq "tls" ? "TLS over MPTCP" : s eq "sec" ? "MPTCPsec" : s eq "sec-jwd" ? "MPTCPsec, data in SYN" : s

set label 1 "Outcome of every attack on one of two paths" at screen 0.5,1 - 18.0 / height center font ",15"
set label 2 "D download, U upload, R requests; attacked upwards (to the server) or downwards" \
    at screen 0.5,1 - 38.0 / height center font ",10.5" textcolor "#444444"
set label 3 seeds at screen 0.5,1 - 55.0 / height center font ",10.5" textcolor "#444444"
array left[8] = [20, 112, 214, 278, 345, 417, 495, 552]
do for [i = 1:8] {
    x = 1.0 * left[i] * (panels > 2 ? 1.4 : 1) / width
    set object i rectangle from screen x,14.0 / height to screen x + 14.0 / width,28.0 / height fc rgb shade[i] fs solid noborder
    set label 10 + i what[i] at screen x + 19.0 / width,21.0 / height left font ",10"
}
set multiplot
unset key
unset grid
set xrange [0.5:12.5]
set yrange [rows + 0.5:0.5]
set tmargin at screen 1 - 123.0 / height
set bmargin at screen 45.0 / height
set style fill solid 1 noborder
do for [k = 1:panels] {
    set lmargin at screen (175.0 + (k - 1) * 215) / width
    set rmargin at screen (175.0 + (k - 1) * 215 + 200) / width
    unset ytics
    if (k == 1) {
        set ytics scale 0 font ",9.5"
        do for [i = 1:rows] { set ytics add (word(attacks, i) i) }
    }
    unset xtics
    set label 20 titled(word(shown, k)) at graph 0.5,screen 1 - 76.0 / height center font ",12"
    do for [c = 1:12] { set label 20 + c word("D U R", (c - 1) % 3 + 1) at first c,screen 1 - 116.0 / height center font ",8.5" textcolor "#444444" }
    do for [c = 1:4] {
        set label 40 + c word("up down up down", c) at first c * 3 - 1,screen 1 - 103.0 / height center font ",9" textcolor "#444444"
    }
    set label 45 "WiFi" at first 3.5,screen 1 - 90.0 / height center font ",10"
    set label 46 "LTE" at first 9.5,screen 1 - 90.0 / height center font ",10"
    set border 0
    set arrow 1 from first 6.5,graph 0 to first 6.5,graph 1 nohead front lw 2 lc rgb "#ffffff"
    plot grid using ($1 == k ? $2 : NaN):3:($2 - 0.46):($2 + 0.46):($3 - 0.44):($3 + 0.44):\
        (int(("0x" . shade[int($4) + 1][2:]) + 0)) with boxxyerror lc rgb variable, \
        grid using ($1 == k && $5 > 0 ? $2 : NaN):3 with points pt 7 ps 0.35 lc rgb "#000000"
    unset label 1
    unset label 2
    unset label 3
    do for [i = 1:8] { unset object i; unset label 10 + i }
}
unset multiplot
