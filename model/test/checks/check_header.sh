#!/bin/bash
# SPDX-License-Identifier: MIT
# mpt.h, the one header that is installed: compiles alone as pedantic C11 and as C++, has no bit-field and no
# macro in a prototype (cffi parses it), and at most 600 lines.
set -eu
. "$(dirname "$0")/lib.sh"

header=model/mpt.h
echo "#include \"$header\"" | ${CC:-gcc} -std=c11 -Wall -Wextra -pedantic -Werror -I. -fsyntax-only -x c - ||
    complain $header 1 "does not compile alone as C11"
echo "#include \"$header\"" | ${CXX:-g++} -std=c++11 -Wall -Wextra -pedantic -Werror -I. -fsyntax-only -x c++ - ||
    complain $header 1 "does not compile alone as C++"
lines=$(wc -l <$header)
[ "$lines" -le 600 ] || complain $header 1 "$lines lines, at most 600"
while IFS=: read -r file line text; do
    complain "$file" "$line" "bit-field: $text"
done < <(strip_code $header | grep -E '^[^:]*:[0-9]+:[^?]*[A-Za-z0-9_]+ *: *[0-9]+ *;' || true)
finish "public header" "$lines lines"
