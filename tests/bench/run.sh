#!/bin/sh
# SPDX-License-Identifier: MIT
#
# usage: run.sh [--rounds N] [--limit SECONDS]
#
# Installs what is missing (Debian, Ubuntu), builds the benchmark programs with -O2, and prints one table:
# libprov and what one would use instead, all on the same files in one run (doc/speed.md). Takes about ten
# minutes. Builds and generated files go to build/bench or $PROV_BUILD/bench.
set -eu
LC_ALL=C
export LC_ALL
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${PROV_BUILD:-$root/build}/bench

case ${1:-} in
--help)
    sed -n 's/^# \{0,1\}//; 3,9p' "$0"
    exit 0
    ;;
esac

. "$root/tests/support/packages.sh"
packages_need gcc g++ libc6-dev meson ninja-build pkg-config python3 libexpat1-dev libcmocka-dev libxml2-dev \
    libpugixml-dev xmlstarlet valgrind || exit 1
unset CC CXX CFLAGS CXXFLAGS CPPFLAGS LDFLAGS DESTDIR

mkdir -p "$build"
again=
[ ! -f "$build/build.ninja" ] || again=--reconfigure
# shellcheck disable=SC2086 # nothing or one word
meson setup $again "$build" "$root" --buildtype=debugoptimized -Db_ndebug=true -Dtests=enabled -Dtool=disabled \
    -Dexamples=disabled -Dadapter_curl=disabled -Dadapter_posix=disabled >"$build/setup.log" 2>&1 || {
    tail -n 20 "$build/setup.log"
    exit 1
}
# shellcheck disable=SC2046 # names without blanks
ninja -C "$build" $(ninja -C "$build" -t targets all | sed -n 's/^\(tests\/bench\/bench_[a-z0-9_]*\): .*/\1/p') \
    >"$build/build.log" 2>&1 || {
    tail -n 20 "$build/build.log"
    exit 1
}
echo "$(nproc) processors; $(gcc --version | sed 1q); expat $(pkg-config --modversion expat)," \
    "libxml2 $(pkg-config --modversion libxml-2.0), pugixml $(pkg-config --modversion pugixml)"
echo
exec python3 "$root/tests/bench/bench.py" "$build/tests/bench" "$build/files" "$@"
