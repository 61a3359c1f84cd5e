# SPDX-License-Identifier: MIT
# Shared by the check_*.sh scripts. Each takes the root of the tree as its argument (default: this one),
# so that checks.bats can point it at a tree with a planted violation.

root=${1:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)}
cd "$root"
violations=0

# complain FILE LINE TEXT
complain() {
    echo "$1:$2: $3"
    violations=$((violations + 1))
}

# Ends a check: its name, how much it looked at, and the verdict.
finish() {
    if [ "$violations" -gt 0 ]; then
        echo "$1: $violations violations"
        exit 1
    fi
    echo "$1: fine ($2)"
}

# The C of a room or of several, without tests: sources DIR...
sources() {
    find "$@" -type d -name test -prune -o -type f \( -name '*.c' -o -name '*.h' -o -name '*.cc' \
        -o -name '*.def' \) -print 2>/dev/null | LC_ALL=C sort
}

# Prints "FILE:LINE:code" of the files, comments and the insides of strings blanked, so that a word in a
# comment is no violation. #include lines keep their string.
strip_code() {
    awk '
    FNR == 1 { comment = 0 }
    {
        out = ""; i = 1; n = length($0)
        include = ($0 ~ /^[ \t]*#[ \t]*include/)
        while (i <= n) {
            two = substr($0, i, 2); one = substr($0, i, 1)
            if (comment) {
                if (two == "*/") { comment = 0; i += 2 } else i++
            } else if (two == "/*") { comment = 1; i += 2; out = out " " }
            else if (two == "//") break
            else if (!include && (one == "\"" || one == "\047")) {
                out = out one; i++
                while (i <= n && substr($0, i, 1) != one) {
                    if (substr($0, i, 1) == "\\") i++
                    i++
                }
                out = out one; i++
            } else { out = out one; i++ }
        }
        print FILENAME ":" FNR ":" out
    }' "$@"
}
