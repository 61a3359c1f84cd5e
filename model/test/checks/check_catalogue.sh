#!/bin/bash
# SPDX-License-Identifier: MIT
# Every entry of model/trace/events.def and counters.def is emitted or counted somewhere in a .c of model/:
# as MPT_CNT_id or MPT_TR_name, or as the second argument of a ..._COUNT() or ..._TRACE(). A line of the
# catalogue that nothing feeds would promise a user what never comes.
set -eu
. "$(dirname "$0")/lib.sh"

uses=$(mktemp)
trap 'rm -f "$uses"' EXIT
code=$(sources model | grep '\.c$' || true)
# One statement a line, so that a macro call broken over two lines is found.
[ -z "$code" ] || strip_code $code | sed 's/^[^:]*:[0-9]*://' | tr '\n' ' ' | tr ';' '\n' >"$uses"

# look DEF PREFIX MACRO: the ids of a catalogue, each looked up.
total=0
look() {
    local line id
    [ -f "$1" ] || return 0
    while IFS=: read -r line id; do
        total=$((total + 1))
        grep -qE "(^|[^A-Za-z0-9_])($2$id|[A-Z]+_$3\([^(),]*,[[:space:]]*$id)([^A-Za-z0-9_]|$)" "$uses" ||
            complain "$1" "$line" "$id is in the catalogue, but no .c of model/ has it"
    done < <(grep -noE '^X\([A-Za-z0-9_]+' "$1" | sed 's/:X(/:/')
}
look model/trace/events.def MPT_TR_ TRACE
look model/trace/counters.def MPT_CNT_ COUNT
finish catalogue "$total entries"
