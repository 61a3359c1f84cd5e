#!/bin/bash
# SPDX-License-Identifier: MIT
# Sourced by the tests that set up a network namespace: sysctls, addresses and endpoints are changed in one that a test opened
# itself, never in that of the machine, whichever part of a script somebody starts by hand.

# The part of a script that opens namespaces says where it began; others inherit it.
leave_namespace() {
    STARTED_IN=$(readlink /proc/self/ns/net)
    export STARTED_IN
}

# The part that changes things asks first.
own_namespace() {
    [ -n "${STARTED_IN:-}" ] && [ "$(readlink /proc/self/ns/net)" != "$STARTED_IN" ] && return
    echo "${0##*/}: not in a network namespace of its own: nothing is changed"
    exit 1
}

# Until process $1, started by unshare -n, has left this namespace: nsenter before that would find this one. 10 s.
wait_left() {
    local i here there
    here=$(readlink /proc/self/ns/net)
    for i in $(seq 1000); do
        there=$(readlink "/proc/$1/ns/net") || break
        [ "$there" = "$here" ] || return 0
        sleep 0.01
    done
    echo "# process $1 got no network namespace"
    return 1
}
