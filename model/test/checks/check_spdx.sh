#!/bin/bash
# SPDX-License-Identifier: MIT
# Every source file says its licence: C and C++ in the first line, scripts and YAML in the first three.
set -eu
. "$(dirname "$0")/lib.sh"

count=0
while IFS= read -r file; do
    count=$((count + 1))
    case $file in
    *.c | *.h | *.cc | *.def) lines=1 ;;
    *) lines=3 ;;
    esac
    head -n $lines "$file" | grep -q 'SPDX-License-Identifier: MIT' ||
        complain "$file" 1 "no SPDX-License-Identifier: MIT in the first $lines line(s)"
done < <(find Makefile .ci model shim analysis scenarios -type f \( -name '*.c' -o -name '*.h' -o -name '*.cc' \
    -o -name '*.def' -o -name '*.sh' -o -name '*.awk' -o -name '*.bats' -o -name '*.gp' -o -name '*.yaml' \
    -o -name Makefile -o -path '.ci/*' \) 2>/dev/null | LC_ALL=C sort)
finish licence "$count files"
