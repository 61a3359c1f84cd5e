#!/bin/bash
# SPDX-License-Identifier: MIT
# Tables, figure and check of an attack matrix: attacks.sh SCENARIO DIR ; DIR holds the runs of one engine. Called by
# figures.sh for scenarios with `outcome: true`, and by shim/test/matrix.bats. Writes DIR/tables/attacks.csv (a row a
# run), attacks-cells.csv (a row a cell, its seeds counted), attacks.md (a row an attack), and
# $RESULTS/figures/SCENARIO-ENGINE-matrix.{svg,png}; then holds all runs against attacks.theory and ends with 1 where
# one of them contradicts it. FIGURE=no: tables and check only.
set -eu
export LC_ALL=C

BUILD=${BUILD:-build}
RESULTS=${RESULTS:-results}
scenario=$1
dir=$2
here=$(cd "$(dirname "$0")" && pwd)
theory=${THEORY:-$here/attacks.theory}
tables=$dir/tables
mkdir -p "$tables"

# label VARIANT,AXIS=POINT,... and seed of each run, its outcome and delay, one row for each
collect() {
    echo "stack,attack,path,direction,traffic,outcome,late_s,octets,without,seed"
    find "$dir" -name summary.csv -path '*/run-*' -not -path '*/.*' -print0 | xargs -0 awk -F, '
        FNR == 1 { for (i = 1; i <= NF; i++) column[$i] = i }
        FNR == 2 {
            n = split(FILENAME, part, "/")
            m = split(part[n - 2], pair, ",")
            split("", axis)
            for (i = 2; i <= m; i++) {
                split(pair[i], word, "=")
                axis[word[1]] = word[2]
            }
            print pair[1] "," axis["attack"] "," axis["path"] "," axis["direction"] "," axis["traffic"] "," \
                $column["outcome"] "," $column["outcome_late_s"] "," $column["octets_up"] + $column["octets_down"] \
                "," $column["outcome_without"] "," substr(part[n - 1], 5)
        }' | sort
}

# A row a cell: in how many of its runs, a seed each, the connection survived, with the interval of that share (Clopper and Pearson);
# the worst outcome, in how many it was, and the longest delay among the recovered. Refused: lost before an application read an octet.
cells() {
    "$BUILD/mpsim-stat" --describe "$tables/attacks.csv" --value outcome --among unaffected,recovered --allow-unequal \
        --by stack,attack,path,direction,traffic | awk -F, -v OFS=, '
        BEGIN { n = split("unaffected recovered stalled refused lost wrong", name, " "); for (i = 1; i <= n; i++) rank[name[i]] = i }
        { k = $1 OFS $2 OFS $3 OFS $4 OFS $5 }
        FILENAME != "-" && FNR > 1 {
            o = $6 == "lost" && !$8 ? "refused" : $6
            if (rank[o] > rank[worst[k]]) worst[k] = o
            count[k, o]++
            if ($7 + 0 > late[k]) late[k] = $7
        }
        FILENAME == "-" && FNR == 1 { print k, "n,survived,share,share_low,share_high,outcome,seeds,late_s" }
        FILENAME == "-" && FNR > 1 { o = worst[k]; print $0, o, count[k, o], (o == "recovered" ? late[k] : "") }' "$tables/attacks.csv" -
}

# Attacks of the runs in the order of the catalogue, behind them points of other names
order() {
    { "$BUILD/mpsim" list attacks | awk '/^[a-z]/ { print $1 }' && awk -F, 'NR > 1 { print $2 }' "$tables/attacks.csv" | sort -u; } |
        awk -F, 'NR == FNR { has[$2] = 1; next } $1 in has && !seen[$1]++' "$tables/attacks.csv" -
}

# The worst of all directions and kinds of traffic, in how many of them, and the longest delay among the recovered.
table() {
    awk -F, -v stacks="$stacks" '
        function cell(k,    i, o) {
            if (!total[k]) return "-"
            for (i = 6; i > 1; i--) {
                o = name[i]
                if (count[k, o]) return o (o == "recovered" ? sprintf(" in %d ms", late[k] * 1000 + 0.5) : "") \
                    (count[k, o] < total[k] ? sprintf(" (%d of %d)", count[k, o], total[k]) : "")
            }
            return "unaffected"
        }
        BEGIN { split("unaffected recovered stalled refused lost wrong", name, " "); n = split(stacks, stack, " ") }
        FILENAME != "-" && FNR > 1 {
            k = $1 SUBSEP $2 SUBSEP $3
            total[k]++
            count[k, $11]++
            if ($13 + 0 > late[k]) late[k] = $13 + 0
        }
        FILENAME == "-" && FNR == 1 {
            printf "| attack |"; for (i = 1; i <= n; i++) printf " %s, WiFi | %s, LTE |", stack[i], stack[i]
            printf "\n|---|"; for (i = 1; i <= n; i++) printf "---|---|"; print ""
        }
        FILENAME == "-" {
            printf "| `%s` |", $1
            for (i = 1; i <= n; i++) printf " %s | %s |", cell(stack[i] SUBSEP $1 SUBSEP "wifi"), cell(stack[i] SUBSEP $1 SUBSEP "lte")
            print ""
        }' "$tables/attacks-cells.csv" -
}

# Numbers for the figure: column of the panel, row, colour 0 to 7, whether not all seeds have this outcome.
grid() {
    awk -F, -v stacks="$stacks" '
        BEGIN { n = split(stacks, s, " "); for (i = 1; i <= n; i++) panel[s[i]] = i
            split("wifi lte", p, " "); split("up down", d, " "); split("download upload requests", t, " ")
            for (i = 1; i <= 2; i++) for (j = 1; j <= 2; j++) for (k = 1; k <= 3; k++)
                column[p[i], d[j], t[k]] = (i - 1) * 6 + (j - 1) * 3 + k
            colour["unaffected"] = 0; colour["stalled"] = 4; colour["refused"] = 5; colour["lost"] = 6; colour["wrong"] = 7 }
        FILENAME == "-" { row[$1] = ++rows; next }
        $1 in panel && $2 in row {
            c = $11 == "recovered" ? ($13 < 0.3 ? 1 : $13 < 1 ? 2 : 3) : colour[$11]
            print panel[$1] "," column[$3, $4, $5] "," row[$2] "," c "," ($12 < $6) }' - "$tables/attacks-cells.csv"
}

# What the figure says of its seeds: how many a cell has, in how many cells they differ, and what seeds that agree leave open.
seeds() {
    awk -F, 'NR == 2 { low = high = $6 }
        NR > 1 {
            cells++
            differ += $12 < $6
            if ($6 < low) low = $6
            if ($6 > high) high = $6
            if ($7 == $6) share[$6] = $9
            if ($7 == 0) share[$6] = 1 - $10
        }
        END {
            printf "n = %s seeds a cell; they differ in %d of %d cells (dot)", low < high ? low " to " high : low, differ, cells
            if (low in share) printf "; what all %d do, at least %d %% of all seeds do (95 %%)", low, share[low] * 100
        }' "$tables/attacks-cells.csv"
}

# "STACK ATTACK PATH DIRECTION TRAFFIC: OUTCOME..." each a list of words with |, or *; see attacks.theory
check() {
    awk -v csv="$tables/attacks.csv" '
        function fits(pattern, word,    i, n, w) {
            if (pattern == "*") return 1
            n = split(pattern, w, "|")
            for (i = 1; i <= n; i++) if (w[i] == word) return 1
            return 0
        }
        /^#/ || NF == 0 { next }
        $1 == "harmless" { harmless[$2] = 1; next }
        { split($0, half, ":"); split(half[1], f, " ")
          rules++
          for (i = 1; i <= 5; i++) want[rules, i] = f[i]
          allowed[rules] = half[2] " "; line[rules] = FNR }
        END {
            FS = ","
            getline row < csv
            while ((getline row < csv) > 0) {
                split(row, v, ",")
                runs++
                if (v[9] != "unaffected") {
                    printf "%s %s %s %s %s: %s even without the attack\n", v[1], v[2], v[3], v[4], v[5], v[9]
                    bad++
                }
                refused = v[6] == "lost" && !v[8]
                seen[v[2]] = 1
                stack[v[1]] = 1
                if (v[6] != "unaffected") harm[v[2]] = 1
                for (r = 1; r <= rules; r++) {
                    ok = 1
                    for (i = 1; i <= 5 && ok; i++) ok = fits(want[r, i], v[i])
                    if (!ok) continue
                    held++
                    if (index(allowed[r], " " v[6] " ") == 0 && !(refused && index(allowed[r], " refused "))) {
                        printf "%s %s %s %s %s: %s, expected%s(line %d)\n", v[1], v[2], v[3], v[4], v[5], v[6], allowed[r], line[r]
                        bad++
                    }
                }
            }
            if (!runs) { print "no runs"; exit 1 }
            for (a in seen) if (!harm[a] && !harmless[a]) { print a ": harms no stack, and attacks.theory does not say why"; bad++ }
            printf "%d runs held against %d rules %d times: %d contradictions\n", runs, rules, held, bad
            exit bad > 0
        }' "$theory"
}

collect >"$tables/attacks.csv"
cells >"$tables/attacks-cells.csv"
stacks=$(awk -F, 'NR > 1 { s[$1] = 1 } END { split("mptcp tls sec sec-jwd", o, " ")
    for (i = 1; i <= 4; i++) { if (o[i] in s) printf "%s ", o[i]; delete s[o[i]] } for (x in s) printf "%s ", x }' "$tables/attacks.csv")
order | table >"$tables/attacks.md"
if [ "${FIGURE:-yes}" = yes ]; then
    figures=$RESULTS/figures
    mkdir -p "$figures"
    order | grid >"$tables/attacks-grid.csv"
    for format in svg png; do
        gnuplot -e "format='$format'; out='$figures/$scenario-$(basename "$dir")-matrix.$format'; style='$here/plots/style.gp';
            grid='$tables/attacks-grid.csv'; shown='$stacks'; attacks='$(order | tr '\n' ' ')'; seeds='$(seeds)'" "$here/plots/matrix.gp"
    done
    echo "  $figures/$scenario-$(basename "$dir")-matrix.svg, .png"
fi
check
