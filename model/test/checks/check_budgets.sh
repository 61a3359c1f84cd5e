#!/bin/bash
# SPDX-License-Identifier: MIT
# Size budgets of source outside tests. Hard: a file has at most 700 lines, a function at most 80. Printed
# beside their goals: medians (200 and 12), comment lines to code lines (0.25 to 0.40), RFC citations per
# 1,000 lines in wire/, flow/ and conn/ (at least 5), lines of model/ (10,000 to 14,000).
set -eu
. "$(dirname "$0")/lib.sh"

files=$(sources model shim analysis)
[ -n "$files" ] || { echo "budgets: no sources"; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

wc -l $files | awk '$2 != "total" {print $1, $2}' | sort -n >"$work/files"
while read -r lines file; do
    [ "$lines" -le 700 ] || complain "$file" 1 "$lines lines, at most 700"
done <"$work/files"

# A function begins in column one with a name and a parenthesis and ends with a brace in column one.
awk '
    FNR == 1 { start = 0; open = 0 }
    open && /^}/ { print FNR - start + 1, FILENAME, start, name; open = 0; start = 0; next }
    open { next }
    /^[A-Za-z_].*\(/ && !/;[ \t]*$/ && !/^#/ && !/^(struct|enum|union|typedef)[^(]*\{/ &&
        !/=[ \t]*\{?[ \t]*$/ { start = FNR; name = $0; sub(/ *\(.*/, "", name); sub(/.*[ *]/, "", name) }
    start && /;[ \t]*$/ && !/\{/ && !/^[ \t]*:/ { start = 0; next }
    start && /\{[ \t]*$/ { open = 1; next }
    start && /\{.*\}[ \t]*$/ { print FNR - start + 1, FILENAME, start, name; start = 0 }
' $(grep -v '\.def$' <<<"$files") | sort -n >"$work/functions"
while read -r lines file line name; do
    [ "$lines" -le 80 ] || complain "$file" "$line" "function $name has $lines lines, at most 80"
done <"$work/functions"

median() { awk '{v[NR] = $1} END {print NR ? v[int((NR + 1) / 2)] : 0}' "$1"; }

# Lines with a comment (whole or behind code) to lines with code, per room.
comment_ratio() {
    awk '
    FNR == 1 { inside = 0 }
    {
        line = $0; had = inside; text = ""
        while (line != "") {
            if (inside) {
                at = index(line, "*/")
                if (!at) { line = ""; break }
                inside = 0; line = substr(line, at + 2)
            } else {
                at = index(line, "/*"); slash = index(line, "//")
                if (slash && (!at || slash < at)) { had = 1; text = text substr(line, 1, slash - 1); line = ""; break }
                if (!at) { text = text line; line = ""; break }
                had = 1; inside = 1; text = text substr(line, 1, at - 1); line = substr(line, at + 2)
            }
        }
        gsub(/[ \t]/, "", text)
        if (text != "") code++; else if (had) whole++
        if (text != "" && had) behind++
    }
    END { printf "%.2f (%.2f with those behind code)", code ? whole / code : 0, code ? (whole + behind) / code : 0 }' "$@"
}

citations() {
    local list
    list=$(sources "$@")
    [ -n "$list" ] || { echo 0; return; }
    awk '{n += gsub(/RFC[ -]?[0-9]+/, "&")} END {printf "%.1f", NR ? n * 1000 / NR : 0}' $list
}

total() {
    local list
    list=$(sources "$@")
    [ -n "$list" ] || { echo 0; return; }
    cat $list | wc -l
}

echo "files: $(wc -l <"$work/files"), median $(median "$work/files") lines (goal 200), longest $(tail -1 "$work/files")"
echo "functions: $(wc -l <"$work/functions"), median $(median "$work/functions") lines (goal 12)," \
    "longest $(tail -1 "$work/functions" | awk '{print $1, $4, "in", $2}')"
echo "comments to code: $(comment_ratio $files) (goal 0.25 to 0.40)"
for room in wire flow conn; do
    echo "RFC citations per 1000 lines in $room/: $(citations model/$room) (goal 5)"
done
echo "lines: model $(total model) (goal 10000 to 14000), shim $(total shim), analysis $(total analysis)"
finish budgets "700 lines a file, 80 a function"
