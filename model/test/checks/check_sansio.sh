#!/bin/bash
# SPDX-License-Identifier: MIT
# model/ without its tests is sans-IO: no clock, socket, file, stdio, thread, environment or entropy of its
# own, no float outside cc/ sched/ radio/, sodium only behind crypto/sodium.c, memory only by base/mem.c.
# Looks at the sources, and, where BUILD has libmpt.a, at its symbols: what it asks of libc, and whether it
# has writable globals. sqrt alone of <math.h>: IEEE 754 rounds it correctly, so it is the same everywhere;
# pow, exp, cbrt and their like differ from one libm to the next, and with them a run's octets.
set -eu
. "$(dirname "$0")/lib.sh"

headers='assert limits math stdarg stdalign stdbool stddef stdint stdlib string inttypes'
code=$(mktemp)
trap 'rm -f "$code"' EXIT
files=$(sources model)
[ -z "$files" ] || strip_code $files >"$code"

# forbid REGEX WHY [FILE-REGEX that is exempt]
forbid() {
    local file line text
    while IFS=: read -r file line text; do
        [ -z "${3:-}" ] || ! grep -qE "$3" <<<"$file" || continue
        complain "$file" "$line" "$2: $(sed 's/^ *//' <<<"$text")"
    done < <(grep -E "$1" "$code" || true)
}

while IFS=: read -r file line text; do
    name=$(sed -n 's/.*#[ \t]*include[ \t]*<\(.*\)\.h>.*/\1/p' <<<"$text")
    [ -n "$name" ] || continue
    case " $headers " in *" $name "*) continue ;; esac
    [ "$name $file" != "sodium model/crypto/sodium.c" ] || continue
    complain "$file" "$line" "<$name.h> has no place in model/"
done < <(grep -E '#[[:space:]]*include[[:space:]]*<' "$code" || true)

w='(^|[^A-Za-z0-9_.>])' # a word begins; a member called random or time is not meant
forbid "${w}(time|clock|clock_gettime|gettimeofday|nanosleep|usleep|sleep) ?\\(" "no clock in model/"
forbid "${w}(socket|sendto|recvfrom|sendmsg|recvmsg|poll|select|epoll_[a-z0-9]+|ioctl) ?\\(" "no socket in model/"
forbid "${w}(fopen|open|fread|fwrite|fclose|stat|unlink|mmap) ?\\(" "no file in model/"
forbid "${w}(v?s?n?f?printf|puts|putchar|perror|f?scanf|v?asprintf) ?\\(" "no stdio in model/"
forbid "${w}(pthread_[a-z_]+|thrd_[a-z]+|fork|signal|sigaction) ?\\(" "no thread in model/"
forbid "${w}(getenv|setenv|secure_getenv|system) ?\\(" "no environment in model/"
forbid "${w}(rand|srand|random|drand48|getrandom|getentropy|arc4random) ?\\(" "entropy only from env.random"
forbid "randombytes" "entropy only from env.random"
forbid "${w}(malloc|calloc|realloc|free|strdup) ?\\(" "memory only by the allocator" '^model/base/mem\.c$'
forbid "${w}(float|double)([^A-Za-z0-9_]|$)" "floating point only in cc/ sched/ radio/" \
    '^model/(cc|sched|radio)/'
libm='acos|asin|atan|atan2|cos|sin|tan|acosh|asinh|atanh|cosh|sinh|tanh|exp|exp2|expm1|frexp|ilogb|ldexp|log|log10'
libm="$libm|log1p|log2|logb|modf|scalbn|scalbln|cbrt|fabs|hypot|pow|erf|erfc|lgamma|tgamma|ceil|floor|nearbyint"
libm="$libm|rint|lrint|llrint|round|lround|llround|trunc|fmod|remainder|remquo|copysign|nan|nextafter|nexttoward"
libm="$libm|fdim|fmax|fmin|fma"
forbid "${w}(($libm)[fl]?|sqrt[fl]) ?\\(" "of <math.h> only sqrt: the others differ between systems"

# The object code cannot hide anything in a macro.
lib=${BUILD:-build}/libmpt.a
symbols="no libmpt.a"
if [ -f "$lib" ] && [ -z "${1:-}" ] && command -v nm >/dev/null; then
    symbols="symbols of $lib"
    libc='^(mem(cpy|move|set|cmp|chr)|str(len|cmp|ncmp|chr|rchr|nlen|tol|toul|toull|toll)|malloc|realloc|free|abort'
    libc="$libc|qsort|sqrt|__assert_fail|__stack_chk_fail|__isoc.*_strto.*"
    libc="$libc|_GLOBAL_OFFSET_TABLE_|__(asan|ubsan).*|crypto_.*|sodium_.*|__mem.*_chk)$"
    while read -r name; do
        grep -qE "$libc" <<<"$name" || complain "$lib" 0 "libmpt.a asks the system for $name"
    done < <(comm -23 <(nm -u "$lib" 2>/dev/null | awk '$1 == "U" {print $2}' | sort -u) \
        <(nm --defined-only "$lib" 2>/dev/null | awk 'NF == 3 {print $3}' | sort -u))
    # A table of pointers is relocated once and then read-only (.data.rel.ro): that is no global state.
    while read -r section name; do
        complain "$lib" 0 "writable global $name in $section"
    done < <(objdump -t "$lib" 2>/dev/null | awk '
        / O (\.data|\.bss|\.tdata|\.tbss)/ && !/\.data\.rel\.ro/ {
            for (i = 1; i <= NF; i++) if ($i ~ /^\.(t?data|t?bss)/) s = $i
            print s, $NF }')
fi
finish "sans-IO core" "$(wc -l <"$code") lines, $symbols"
