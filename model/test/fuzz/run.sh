#!/bin/bash
# SPDX-License-Identifier: MIT
# Runs libFuzzer on the targets of this folder, SECONDS_EACH seconds each, under AddressSanitizer and
# UndefinedBehaviorSanitizer: begins with the tracked corpus, keeps what is new in $BUILD/fuzz/corpus, prints how many
# executions ran, and for a find the command that replays it. `make fuzz SECONDS=60 [TARGETS="ranges options"]`.
set -eu
BUILD=${BUILD:-build}
seconds=${SECONDS_EACH:-60}
here=model/test/fuzz
work=$BUILD/fuzz

case $seconds in '' | *[!0-9]*) echo "make fuzz: SECONDS=$seconds is not a number of seconds" >&2; exit 2 ;; esac
targets=()
for name in ${TARGETS:-$(basename -a -s .c $here/fuzz_*.c)}; do
    [ -f "$here/fuzz_${name#fuzz_}.c" ] || { echo "make fuzz: no target '$name' in $here" >&2; exit 2; }
    targets+=("fuzz_${name#fuzz_}")
done
if ! command -v clang-14 >/dev/null || ! ls /usr/lib/llvm-14/lib/clang/*/lib/linux/libclang_rt.fuzzer-*.a >/dev/null 2>&1; then
    model/test/checks/deps.sh clang-14 libclang-rt-14-dev || {
        echo "make fuzz: libFuzzer comes with the packages clang-14 and libclang-rt-14-dev, which are not there;" \
            "without them \`make check\` replays the corpus with gcc" >&2
        exit 2
    }
fi

make -s -j"${JOBS:-$(nproc)}" BUILD="$work" SAN=1 OPT=-O2 CC="${CLANG:-clang-14}" CFLAGS=-fsanitize=fuzzer-no-link \
    "${targets[@]/#/$work/libfuzzer/}"

found=0
for target in "${targets[@]}"; do
    name=${target#fuzz_}
    mkdir -p "$work/corpus/$name" "$work/finds"
    log=$work/$target.log
    status=0
    ASAN_OPTIONS=detect_leaks=1 "$work/libfuzzer/$target" -max_total_time="$seconds" -max_len=2048 -timeout=10 \
        -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix="$work/finds/$name-" "$work/corpus/$name" \
        "$here/corpus/$name" >"$log" 2>&1 || status=$?
    count=$(awk '/stat::number_of_executed_units/ {print $2}' "$log")
    echo "$target: ${count:-?} executions in $seconds s, $(ls "$work/corpus/$name" | wc -l) new inputs kept in $work/corpus/$name"
    if [ "$status" != 0 ]; then
        found=1
        grep -E 'not so|ERROR|SUMMARY|runtime error' "$log" | head -5 | sed 's/^/  /'
        find=$(awk '/Test unit written to/ {print $NF}' "$log" | tail -1)
        echo "  replay: make -s $BUILD/test/$here/$target && $BUILD/test/$here/$target ${find:-(none; see $log)}"
    fi
done
exit $found
