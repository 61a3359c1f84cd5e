#!/bin/bash
# SPDX-License-Identifier: MIT
# Include direction inside model/: base <- wire <- flow <- conn <- api. The plug-ins (cc, sched, pm, sec, secure,
# jwd, crypto) are seen from outside by their vtable header <room>/<room>.h only; api/ alone may see more,
# because it chooses among them. Nothing in model/ sees shim/; ns-3's types never leave shim/ns3/.
set -eu
. "$(dirname "$0")/lib.sh"

# room: the rooms whose headers it may include freely ("*vtable" headers are allowed to all but base).
allowed() {
    case $1 in
    base) echo "base" ;;
    trace) echo "base trace" ;;
    wire) echo "base trace wire" ;;
    radio) echo "base radio" ;;
    crypto | cc) echo "base trace $1" ;;
    attack) echo "base wire attack" ;;
    flow) echo "base trace wire flow" ;;
    conn | sched | pm | sec | jwd | secure) echo "base trace wire flow conn $1" ;;
    api) echo "base trace wire flow conn cc sched pm sec jwd secure crypto api" ;;
    *) echo "$1 base" ;;
    esac
}

# vtable headers a room may include on top: the rooms below conn must not see what is above them.
vtables() {
    case $1 in
    wire | radio | base | trace) ;;
    attack | sec) echo "crypto/crypto.h" ;;
    jwd) echo "crypto/crypto.h secure/secure.h sec/sec.h" ;;
    flow) echo "cc/cc.h crypto/crypto.h" ;;
    secure) echo "pm/pm.h sec/sec.h jwd/jwd.h crypto/crypto.h" ;;
    conn | pm | sched) echo "cc/cc.h sched/sched.h pm/pm.h secure/secure.h sec/sec.h jwd/jwd.h crypto/crypto.h" ;;
    esac
}

count=0
while IFS=: read -r file line text; do
    header=$(sed -n 's/^[ \t]*#[ \t]*include[ \t]*"\([^"]*\)".*/\1/p' <<<"$text")
    [ -n "$header" ] || continue
    count=$((count + 1))
    here=${file#model/}
    [ "$here" != "${here#*/}" ] || continue # mpt.h itself
    here=${here%%/*}
    if [ "$header" = mpt.h ]; then continue; fi
    there=${header%%/*}
    if [ "$there" = "$header" ]; then
        complain "$file" "$line" "include \"$header\" by its room, as in \"$here/$header\""
        continue
    fi
    case " $(allowed "$here") " in *" $there "*) continue ;; esac
    case " $(vtables "$here") " in *" $header "*) continue ;; esac
    complain "$file" "$line" "$here/ must not include \"$header\" (direction base <- wire <- flow <- conn <- api)"
done < <(sources model | xargs -r grep -HnE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"')

# ns-3 and the language it is written in stay in their folder.
while IFS=: read -r file line text; do
    case $file in shim/ns3/*) continue ;; esac
    complain "$file" "$line" "ns-3 headers are for shim/ns3/ only"
done < <(sources model shim analysis | xargs -r grep -HnE '#[[:space:]]*include[[:space:]]*[<"]ns3/[a-z-]+\.h' |
    grep -v 'ns3/ns3c\.h')
while IFS= read -r file; do
    complain "$file" 1 "C++ is for shim/ns3/ only"
done < <(sources model shim analysis | grep '\.cc$' | grep -v '^shim/ns3/' || true)
finish "include direction" "$count includes"
