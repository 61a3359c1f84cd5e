#!/bin/bash
# SPDX-License-Identifier: MIT
# Installs the Debian packages named as arguments that are missing. As root directly, else with sudo;
# where neither is possible it prints the one line to run. Called by `make deps`.
set -eu

missing=()
for package in "$@"; do
    state=$(dpkg-query -W -f='${Status}' "$package" 2>/dev/null || true)
    [ "$state" = "install ok installed" ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

if ! command -v apt-get >/dev/null; then
    echo "make deps: this is not a Debian system; install what provides: ${missing[*]}" >&2
    exit 1
fi
as_root=()
if [ "$(id -u)" != 0 ]; then
    # -n: never wait for a password that nobody is there to type.
    if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        as_root=(sudo -n)
    else
        echo "make deps: packages are missing and this is not root. Run:" >&2
        echo "  sudo apt-get update && sudo apt-get install --no-install-recommends ${missing[*]}" >&2
        exit 1
    fi
fi
echo "installing ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
install_all() {
    "${as_root[@]}" apt-get -q update &&
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
            apt-get -q -y --no-install-recommends install "${missing[@]}"
}
if ! install_all >"$log" 2>&1; then
    tail -20 "$log" >&2
    echo "make deps: apt-get failed, see above" >&2
    exit 1
fi
