#!/bin/bash
# SPDX-License-Identifier: MIT
# Runs test programs, JOBS at a time: one line each, and a closing line "N passed, N failed[, N skipped]"
# that counts the single tests in them. Called by `make check`.
#
#   BUILD=build model/test/run-tests.sh [asan:]PROGRAM...
#
# A program is a cmocka program, a .bats file, or a shell script. A script that prints TAP ("ok 1 - ...")
# counts by its lines, any other is one test: exit 0 passed, 77 skipped (its last line says why), else
# failed. Output is shown where something failed; all of it is kept in $BUILD/test-logs.
set -eu

BUILD=${BUILD:-build}
JOBS=${JOBS:-$(nproc)}
LIMIT=${LIMIT:-900} # seconds for one program
logs=$BUILD/test-logs
export BUILD

# "model/test/unit/test_ranges" of "build/asan/test/model/test/unit/test_ranges"
short_name() {
    local name=${1#"$BUILD"/}
    name=${name#asan/}
    echo "${name#test/}"
}

# Sums over all groups of a cmocka program; a group says "[  PASSED  ] 12 test(s)."
count_cmocka() {
    awk '/^\[  PASSED  \] [0-9]+ test/ {p += $4}
         /^\[  FAILED  \] [0-9]+ test/ {f += $4}
         /^\[  SKIPPED \] [0-9]+ test/ {s += $4}
         /^\[==========\] .*[0-9]+ test\(s\) run/ {groups++}
         END {print p + 0, f + 0, s + 0, (p + f + s > 0)}' "$1"
}

count_tap() {
    awk '/^ok( |$)/ {if (tolower($0) ~ /# *skip/) s++; else p++}
         /^not ok( |$)/ {f++}
         /^1\.\.0/ {empty = 1}
         END {print p + 0, f + 0, s + 0, (p + f + s > 0)}' "$1"
}

# Prints "passed failed skipped" of one finished program from its log and exit status.
count_tests() {
    local log=$1 status=$2 p f s counted
    read -r p f s counted < <(count_cmocka "$log")
    [ "$counted" = 1 ] || read -r p f s counted < <(count_tap "$log")
    if [ "$counted" = 0 ]; then
        case $status in
        0) p=1 ;;
        77) s=1 ;;
        *) f=1 ;;
        esac
    elif [ "$status" != 0 ] && [ "$f" = 0 ]; then
        f=1 # it died, or a sanitizer spoke at its end, after the counted tests were fine
    fi
    echo "$p $f $s"
}

# Runs one program and leaves its log and "passed failed skipped seconds status" in the log folder.
run_one() {
    local index=$1 item=$2 program kind= status=0 start log p f s took verdict note=
    program=${item#asan:}
    [ "$program" = "$item" ] || kind="asan "
    log=$logs/$index.log
    start=$(date +%s%N)
    local run=("$program")
    case $program in
    *.bats) run=(bats --tap "$program") ;;
    *.sh) run=(bash "$program") ;;
    esac
    export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0:exitcode=99
    export UBSAN_OPTIONS=print_stacktrace=1
    timeout --kill-after=5 "$LIMIT" "${run[@]}" >"$log" 2>&1 </dev/null || status=$?
    took=$(awk -v a="$start" -v b="$(date +%s%N)" 'BEGIN {printf "%.1f", (b - a) / 1e9}')
    read -r p f s < <(count_tests "$log" "$status")
    verdict="ok  "
    [ "$f" = 0 ] || verdict="FAIL"
    [ "$p$f" != 00 ] || verdict="skip"
    [ "$s" = 0 ] || note=", $s skipped: $( (grep -iE 'skip' "$log" || cat "$log") | tail -1 | cut -c1-70)"
    [ "$status" != 124 ] || note="$note, stopped after $LIMIT s"
    local line="$kind$(short_name "$program")"
    {
        printf '%s %-58s %4d passed' "$verdict" "$line" "$p"
        [ "$f" = 0 ] || printf ', %d FAILED (exit %d)' "$f" "$status"
        printf '%s  %s s\n' "$note" "$took"
        [ "$f" = 0 ] || { { grep -A12 '^not ok' "$log" | head -60; tail -60 "$log"; } | awk '!seen[$0]++ {print "     | " $0}'; echo "     replay: ${run[*]}"; }
    } >"$logs/$index.line"
    flock "$logs/lock" cat "$logs/$index.line"
    echo "$p $f $s" >"$logs/$index.sum"
}

if [ "${1:-}" = --one ]; then
    run_one "$2" "$3"
    exit 0
fi

rm -rf "$logs"
mkdir -p "$logs"
index=0
for item in "$@"; do
    index=$((index + 1))
    printf '%d\0%s\0' "$index" "$item"
done | xargs -0 -r -n 2 -P "$JOBS" "$0" --one

# A program that left no sum was lost with its worker: that is a failure too.
for ((i = 1; i <= $#; i++)); do
    [ -f "$logs/$i.sum" ] || echo "0 1 0" >"$logs/$i.sum"
done
cat "$logs"/*.sum 2>/dev/null | awk '
    {p += $1; f += $2; s += $3}
    END {
        printf "%d passed, %d failed%s\n", p, f, s ? sprintf(", %d skipped", s) : ""
        exit f > 0 || p == 0
    }'
