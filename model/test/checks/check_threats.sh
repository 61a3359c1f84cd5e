#!/bin/bash
# SPDX-License-Identifier: MIT
# model/sec/THREATS.md and the attackers' catalogue name the same attacks: none that does not exist, none left out.
set -eu
. "$(dirname "$0")/lib.sh"

doc=model/sec/THREATS.md
catalogue=$(sed -n 's/.*\.name = "\([a-z0-9-]*\)".*/\1/p; s/^ *STRIP("\([a-z0-9-]*\)".*/\1/p' model/attack/a_*.c | sort -u)
named=$(grep -o '`[a-z0-9-]*`' "$doc" | tr -d '`' | sort -u)
words="mptcp tls sec sec-jwd require prefer code max_subflows"

for name in $catalogue; do
    grep -qx -- "$name" <<<"$named" || complain "$doc" 1 "attack '$name' of model/attack is in no row"
done
for name in $named; do
    grep -qx -- "$name" <<<"$catalogue" || grep -qw -- "$name" <<<"$words" ||
        complain "$doc" "$(grep -n -- "\`$name\`" "$doc" | head -1 | cut -d: -f1)" "'$name' is no attack of model/attack"
done
finish "threat analysis" "$(wc -l <<<"$catalogue") attacks, each in a row of $doc"
