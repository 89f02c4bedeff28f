#!/bin/sh
# SPDX-License-Identifier: MIT
#
# usage: run.sh [--rounds N] [--only WORD]... [--smoke]
#
# Installs what is missing (Debian, Ubuntu), builds the programs with -O2, makes links with round trips of 20, 50 and
# 100 ms, and prints how many round trips and how much processor time a whole run takes: libprov, curl and libcurl side
# by side (doc/speed.md). Needs root and /dev/net/tun; a round takes about a minute. Builds go to build/bench-net or
# $PROV_BUILD/bench-net.
set -eu
LC_ALL=C
export LC_ALL
root=$(cd "$(dirname "$0")/../../.." && pwd)
build=${PROV_BUILD:-$root/build}/bench-net

case ${1:-} in
--help)
    sed -n 's/^# \{0,1\}//; 3,10p' "$0"
    exit 0
    ;;
esac

. "$root/tests/support/packages.sh"
packages_need gcc libc6-dev meson ninja-build pkg-config python3 libexpat1-dev libcmocka-dev libcurl4-openssl-dev \
    curl iproute2 nginx openssl valgrind || exit 1
unset CC CXX CFLAGS CXXFLAGS CPPFLAGS LDFLAGS DESTDIR

mkdir -p "$build"
again=
[ ! -f "$build/build.ninja" ] || again=--reconfigure
# shellcheck disable=SC2086 # nothing or one word
meson setup $again "$build" "$root" --buildtype=debugoptimized -Db_ndebug=true -Dtests=enabled -Dtool=disabled \
    -Dexamples=disabled -Dadapter_curl=enabled -Dadapter_posix=enabled >"$build/setup.log" 2>&1 || {
    tail -n 20 "$build/setup.log"
    exit 1
}
ninja -C "$build" tests/bench/net/net_delay tests/bench/net/net_fetch tests/bench/net/net_phone \
    >"$build/build.log" 2>&1 || {
    tail -n 20 "$build/build.log"
    exit 1
}
echo "$(nproc) processors; $(gcc --version | sed 1q); $(curl --version | sed 's/ (.*//;1q'); $(nginx -v 2>&1)"
echo
exec python3 "$root/tests/bench/net/bench.py" "$build/tests/bench/net" --instructions "$@"
