#!/bin/bash
# SPDX-License-Identifier: MIT
# Mutation check: switches off one clause of the core at a time and demands that a dialogue notices. A dialogue that
# passes over a core without the clause shows nothing. Clauses and edits: clauses.txt beside this file.
#
#     BUILD=build model/test/mutants/run.sh [NAME...]         make mutants
#
# Works on a copy of the tree under $BUILD/mutants. Prints TAP: "ok" = some dialogue failed, and which; an edit that
# does not fit the source exactly once, or does not compile, is a failure too.
set -u

root=$(cd "$(dirname "$0")/../../.." && pwd)
BUILD=${BUILD:-$root/build}
JOBS=${JOBS:-$(nproc)}
LIMIT=${LIMIT:-60} # seconds for one dialogue program
mkdir -p "$BUILD/mutants"
tree=$(cd "$BUILD/mutants" && pwd)/tree
list=$root/model/test/mutants/clauses.txt
log=$tree.log

copy_tree() {
    rm -rf "$tree"
    mkdir -p "$tree"
    (cd "$root" && tar -cf - Makefile model shim) | tar -xf - -C "$tree"
}

programs() {
    (cd "$tree" && grep -lE '^int main\(' model/test/dialog/*/*.c | sed 's,\.c$,,; s,^,build/test/,')
}

compile() {
    # shellcheck disable=SC2046
    make -s -C "$tree" -j"$JOBS" BUILD=build OPT=-O0 $(programs) >"$log" 2>&1
}

# Prints the first failing test of the first failing program; 1: everything passed.
find_failure() {
    local p test
    for p in $(programs); do
        if ! (cd "$tree" && timeout "$LIMIT" "$p") >"$log" 2>&1; then
            test=$(sed -n 's/^\[  FAILED  \] \([a-z_0-9]*\)$/\1/p' "$log" | head -1)
            echo "${p#build/test/model/test/}: ${test:-died or hung}"
            return 0
        fi
    done
    return 1
}

# edit FILE OLD NEW: replaces the one line that reads OLD (blanks at both ends aside).
edit() {
    OLD=$2 NEW=$3 awk '
        {line = $0; sub(/^[ \t]+/, "", line); sub(/[ \t]+$/, "", line)}
        line == ENVIRON["OLD"] {found++; match($0, /^[ \t]*/); $0 = substr($0, 1, RLENGTH) ENVIRON["NEW"]}
        {print}
        END {exit found != 1}' "$root/$1" >"$tree/$1"
}

number=0
failed=0
report() { # verdict text
    number=$((number + 1))
    echo "$1 $number - $2"
    [ "$1" = ok ] || failed=1
}

# one NAME CLAUSE FILE OLD NEW
one() {
    local by
    if ! edit "$3" "$4" "$5"; then
        report "not ok" "$1 ($2): no such line, or several, in $3: $4"
    elif ! compile; then
        report "not ok" "$1 ($2): does not compile"
        tail -5 "$log" | sed 's/^/# /'
    elif by=$(find_failure); then
        report ok "$1 ($2) is noticed by $by"
    else
        report "not ok" "$1 ($2): no dialogue noticed"
    fi
    cp "$root/$3" "$tree/$3"
}

copy_tree
if ! compile; then
    echo "not ok 1 - mutants: the unchanged tree does not compile"
    tail -20 "$log"
    exit 1
fi
if by=$(find_failure); then
    echo "not ok 1 - mutants: the unchanged tree fails already: $by"
    exit 1
fi

# clauses.txt: "NAME | CLAUSE | FILE", then "- OLD" and "+ NEW".
while IFS= read -r line; do
    case $line in
    '' | '#'*) continue ;;
    '- '*) old=${line#- } ;;
    '+ '*)
        [ $# = 0 ] || [[ " $* " == *" $name "* ]] || continue
        one "$name" "$clause" "$file" "$old" "${line#+ }"
        ;;
    *)
        IFS='|' read -r name clause file <<<"$line"
        name=${name// /}
        file=${file// /}
        clause=$(sed 's/^ *//; s/ *$//' <<<"$clause")
        ;;
    esac
done <"$list"
echo "1..$number"
[ "$number" -gt 0 ] && exit $failed
