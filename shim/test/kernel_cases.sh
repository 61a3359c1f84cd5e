#!/bin/bash
# SPDX-License-Identifier: MIT
# libmpt against the Multipath TCP of the Linux kernel, one network namespace a case, every MPTcpExt counter
# of both sides compared. Cases: kernel/*.cases (their language: kernel/README.md); one case: kernel/one.sh.
# Prints TAP. Where root, TUN, a kernel with MPTCP or a tool is missing, every case is skipped by name with
# the reason; a case that needs what this kernel or this libmpt has not is skipped by itself.
#
#     BUILD=build KERNEL_JOBS=6 OCTETS=120000 KEEP=dir shim/test/kernel_cases.sh [PATTERN...]
#
# KEEP=dir leaves traces of both sides there, NAME.core.pcap and NAME.kernel.pcap. Called by `make check`.
set -u

root=$(cd "$(dirname "$0")/../.." && pwd)
here=$root/shim/test/kernel
BUILD=${BUILD:-$root/build}
CC=${CC:-gcc}
JOBS=${KERNEL_JOBS:-6}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[ -z "${KEEP:-}" ] || mkdir -p "$KEEP"
export KEEP=${KEEP:-}
. "$root/shim/test/tun/own_namespace.sh"
leave_namespace

# ---- cases: from paragraphs to files of settings ------------------------------------------------------

number=0
# Writes one expanded case; keys are global variables by now.
emit() {
    number=$((number + 1))
    local file variable
    file=$(printf '%s/%03d.case' "$work" "$number")
    for variable in name core family checksum paths subflows ksubflows joins send receive end kend behind sysctl net before \
        mangle set kset early_core do_core do_kernel expect_kernel expect_core kernel_bounds core_bounds needs \
        violates trace; do
        printf '%s=%q\n' "$variable" "${!variable-}"
    done >"$file"
}

# Comma lists of family and checksum give a case each.
expand() {
    local f c base=$name families=$family checksums=$checksum
    for f in ${families//,/ }; do
        for c in ${checksums//,/ }; do
            family=$f checksum=$c name=$base
            [ "$families" = "$f" ] || name=${name}_v$f
            [ "$checksums" = "$c" ] || name=${name}_$([ "$c" = 1 ] && echo checksum || echo plain)
            emit
        done
    done
}

# What timing decides on each side. The kernel counts every ACK whose window it widened to what the connection
# has announced (RcvWndShared). With two paths the order of arrival decides the queues, with one they are 0.
bounds() {
    kernel_bounds='RcvWndShared=0.. SndWndShared=0..' core_bounds=''
    [ "$paths" != 1 ] || return
    kernel_bounds='OFOQueueTail=0.. OFOQueue=0.. OFOMerge=0.. DuplicateData=0.. SndWndShared=0.. RcvWndShared=0..
        RcvWndConflict=0.. RcvWndConflictUpdate=0.. MPTCPRetrans=0.. SubflowStale=0.. SubflowRecover=0..'
    core_bounds='OFOQueue=0.. OFOQueueTail=0.. OFOMerge=0.. RcvWndConflict=0.. RcvWndConflictUpdate=0..
        DuplicateData=0.. SndWndShared=0.. RcvWndShared=0.. MPTCPRetrans=0..
        SubflowStale=0.. SubflowRecover=0.. MPRstRx=0..2'
}

# KEY=VALUE words of the first line, onto defaults.
begin_case() {
    local word
    name=$1 core=client family=4 checksum=0 paths=1 subflows='' ksubflows='' joins='' end=eof
    send=${OCTETS:-120000} receive=${OCTETS:-150000}
    kend='' behind='' sysctl='' net='' before='' mangle='' set='' kset='' early_core='' do_core='' do_kernel='' expect_kernel=''
    expect_core='' needs='' violates='' trace=''
    shift
    for word in "$@"; do
        printf -v "${word%%=*}" '%s' "${word#*=}"
    done
    subflows=${subflows:-$paths}
    ksubflows=${ksubflows:-$subflows}
    kend=${kend:-$end}
    [ -n "$joins" ] || joins=$([ "$core" = client ] && echo core || echo kernel)
    bounds
}

read_cases() {
    local key rest open=0
    while read -r key rest; do
        case $key in
        '' | '#'*) continue ;;
        case)
            [ $open = 0 ] || expand
            open=1
            begin_case $rest
            ;;
        net | mangle) printf -v "$key" '%s%s\n' "${!key}" "$rest" ;;
        early-core | do-core | do-kernel) # steps of several lines follow each other
            key=${key/-/_}
            printf -v "$key" '%s' "${!key:+${!key}; }$rest"
            ;;
        kernel | ours)
            [ "$key" = kernel ] && expect_kernel="$expect_kernel $rest" || expect_core="$expect_core $rest"
            ;;
        sysctl | set | kset | before | needs | violates | trace) printf -v "$key" '%s' "${!key:+${!key} }$rest" ;;
        shows) ;; # for readers
        *)
            echo "Bail out! $1: what is '$key'?"
            exit 1
            ;;
        esac
    done <"$1"
    [ $open = 0 ] || expand
}

# ---- running -------------------------------------------------------------------------------------------

# Why the whole matrix cannot run here; nothing when it can.
why_not() {
    local tool
    [ "$(id -u)" = 0 ] || { echo "not root" && return; }
    [ -c /dev/net/tun ] || { echo "no /dev/net/tun" && return; }
    for tool in ip nstat ss unshare nsenter; do
        command -v $tool >/dev/null || { echo "no $tool (iproute2, util-linux)" && return; }
    done
    unshare -n true 2>/dev/null || { echo "no privilege for network namespaces" && return; }
    [ "$(unshare -n cat /proc/sys/net/mptcp/enabled 2>/dev/null)" = 1 ] || { echo "no net.mptcp.enabled in this kernel" && return; }
    unshare -n ip mptcp limits >/dev/null 2>&1 || { echo "iproute2 without ip mptcp" && return; }
    unshare -n ip tuntap add dev tun0 mode tun 2>/dev/null || { echo "no privilege for TUN devices" && return; }
    [ -f "$BUILD/libmpt.a" ] && [ -f "$BUILD/libshim.a" ] || echo "libmpt.a and libshim.a are not built in $BUILD"
}

build_peers() {
    local flags="-std=c11 -O1 -g -Wall -Wextra -D_POSIX_C_SOURCE=200809L -I$root -I$root/model -I$root/shim"
    local peer=$root/shim/tun/peer
    $CC $flags ${CFLAGS:-} -o "$work/kernel_peer" "$peer/kernel_peer.c" "$peer/script.c" &&
        $CC $flags ${CFLAGS:-} -o "$work/tun_peer" "$peer/tun_peer.c" "$peer/script.c" "$peer/mangle.c" \
            "$BUILD/libshim.a" "$BUILD/libmpt.a" -lsodium -lyaml -lm
}

# What a case needs: sysctl:PATH of /proc/sys/net, set:KEY of libmpt, kernel:COUNTER. The first that is missing.
missing() {
    local need
    for need in $1; do
        case $need in
        sysctl:*) unshare -n test -e "/proc/sys/net/${need#*:}" || echo "this kernel has no ${need#*:}" ;;
        kernel:*) unshare -n nstat -asz "MPTcpExt${need#*:}" 2>/dev/null | grep -q MPTcpExt ||
            echo "this kernel has no counter ${need#*:}" ;;
        esac
    done | head -1
}

# One line of TAP for one case file, and what differed as comments. A case that fails at first waits in $work/again.
run_one() {
    local file=$1 again=${2:-} index why dir status=0
    . "$file"
    index=$((10#$(basename "$file" .case)))
    dir=$work/run-$index$again
    mkdir "$dir"
    why=${WHY:-$(missing "$needs")}
    if [ -n "$why" ]; then
        echo "ok $index - kernel $name # SKIP $why"
        return
    fi
    timeout 60 unshare -n bash "$here/one.sh" "$file" "$dir" "$work" >"$dir/log" 2>&1 || status=$?
    if [ $status != 0 ] && [ -z "$again" ]; then
        echo "$file" >"$work/again.$index"
        return
    fi
    {
        [ $status = 0 ] || printf 'not '
        echo "ok $index - kernel $name${again:+ (second attempt)}"
        [ -z "$again" ] || sed 's/^\(# \)\{0,1\}/# first attempt: /' "$work/run-$index/log"
        sed 's/^\(# \)\{0,1\}/# /' "$dir/log"
    } >"$dir/tap"
    cat "$dir/tap"
    [ $status = 0 ] || touch "$work/failed"
}

# The kernel's timers run in real time, and this machine may be busy with other tests: a case that failed beside five
# others gets a second attempt alone. Of many there is more to say than "late": they count as they are.
try_again() {
    local file first=again
    [ "$(cat "$work"/again.* 2>/dev/null | wc -l)" -le 5 ] || first=
    for file in $(cat "$work"/again.* 2>/dev/null); do
        if [ -n "$first" ]; then
            run_one "$file" again
        else
            local index=$((10#$(basename "$file" .case)))
            echo "not ok $index - kernel $(. "$file" && echo "$name")"
            sed 's/^\(# \)\{0,1\}/# /' "$work/run-$index/log"
            touch "$work/failed"
        fi
    done
}

# A second opinion on all the traces at once, the kernel's packets too: nothing malformed, no bad checksum, no impossible
# option length. Payload is not looked at, and neither is what ICMP quotes: it is cut. Where TCP's sum gives 0, Linux writes
# 0xffff (as UDP must, RFC 768): the same number in one's complement, and every receiver takes it, but tshark does not.
run_tshark() {
    local bad='!icmp && !icmpv6 && !(tcp.checksum == 0xffff && tcp.checksum.status == 0) &&
        (_ws.malformed || ip.checksum.status == 0 || tcp.checksum.status == 0 || tcp.option.len.invalid ||
        _ws.expert.severity >= 8388608 || (tcp.flags.ack == 0 && tcp.ack_raw != 0))'
    if ! command -v tshark >/dev/null || ! command -v mergecap >/dev/null; then
        echo "ok $1 - kernel traces in tshark # SKIP no tshark or mergecap"
        return
    fi
    find "${KEEP:-$work}" -name '*.pcap' -newer "$work/begin" -print0 | xargs -0 mergecap -a -w "$work/all.pcapng" 2>"$work/tshark.log" &&
        tshark -n -r "$work/all.pcapng" -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE \
            -o tcp.try_heuristic_first:FALSE -d tcp.port==1-65535,data -Y "$bad" \
            >"$work/tshark.out" 2>"$work/tshark.log" && [ ! -s "$work/tshark.out" ] &&
        tshark -n -r "$work/all.pcapng" -c 1000 -Y mptcp 2>/dev/null | grep -q . && echo "ok $1 - kernel traces in tshark" && return
    echo "not ok $1 - kernel traces in tshark"
    cat "$work/tshark.out" "$work/tshark.log" 2>/dev/null | head -10 | sed 's/^/# /'
    touch "$work/failed"
}

if [ "${1:-}" = --one ]; then
    work=$3 # the parent's, which removes it
    trap - EXIT
    run_one "$2"
    exit 0
fi

for file in "$here"/*.cases; do
    read_cases "$file"
done
if [ $# -gt 0 ]; then # only those whose name has one of the patterns
    for file in "$work"/*.case; do
        name=$(. "$file" && echo "$name")
        for pattern in "$@"; do
            [[ $name == *$pattern* ]] && continue 2
        done
        rm "$file"
    done
fi
WHY=$(why_not)
export WHY BUILD
if [ -z "$WHY" ] && ! build_peers; then
    echo "not ok 1 - kernel: the peers do not compile"
    exit 1
fi
[ -z "$WHY" ] || echo "# kernel cases: all skipped: $WHY"
[ -x "$BUILD/mpsim" ] || echo "# kernel cases: traces are not checked: $BUILD/mpsim is not built"
if ! ls "$work"/*.case >/dev/null 2>&1; then
    echo "Bail out! no kernel case is called like: $*"
    exit 1
fi
touch "$work/begin" # KEEP may hold traces of earlier runs
ls "$work"/*.case | xargs -P "$JOBS" -I{} bash "$0" --one {} "$work"
try_again
[ -n "$WHY" ] || run_tshark $((++number))
echo "1..$number"
[ ! -e "$work/failed" ]
