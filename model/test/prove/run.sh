#!/bin/bash
# SPDX-License-Identifier: MIT
# `make prove`: the exhaustive harness over the option parser, and that it bites: each fault of plants.txt, planted in a
# copy of its file, must be noticed. TAP.
set -eu
BUILD=${BUILD:-build}
here=model/test/prove
harness=$BUILD/test/$here/exhaust_options
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

number=0 failed=0
verdict() {
    number=$((number + 1))
    if [ "$1" = 0 ]; then echo "ok $number - $2"; else echo "not ok $number - $2"; failed=1; fi
}

status=0
"$harness" >"$work/out" 2>&1 || status=$?
sed 's/^ok [0-9]* - /# /' "$work/out"
verdict "$status" "the parser reads nothing outside its area"

while IFS='|' read -r file from to; do
    case $file in '' | '#'*) continue ;; esac
    from=${from//OR/||} to=${to//OR/||}
    text=$(cat "model/wire/$file")
    if [[ $text != *"$from"* ]]; then
        verdict 1 "$file has no '$from' any more: mend plants.txt"
        continue
    fi
    printf '%s\n' "${text/"$from"/"$to"}" >"$work/$file"
    ${CC:-gcc} -std=c11 -O2 -w -I. -Imodel -c -o "$work/planted.o" "$work/$file"
    ${CC:-gcc} -o "$work/planted" "$BUILD/obj/$here/exhaust_options.c.o" "$work/planted.o" "$BUILD/libmpt.a" -lsodium
    status=0
    "$work/planted" >"$work/out" 2>&1 || status=$?
    [ "$status" != 0 ] && grep -qE 'read outside|not so' "$work/out" && status=0 || status=1
    verdict $status "noticed: $file with '$to'"
done <"$here/plants.txt"
echo "1..$number"
exit $failed
