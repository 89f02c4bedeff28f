#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The main job: a lab server on loopback provisions a simulated phone, twice.
# Installs what is missing (Debian, Ubuntu), builds, runs, and tells what happened.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
build=${PROV_BUILD:-$root/build}/example
. "$root/tests/support/packages.sh"

say() { printf '\n== %s\n' "$*"; }

packages_need gcc libc6-dev meson ninja-build pkg-config libexpat1-dev libcurl4-openssl-dev libjansson-dev \
    libmicrohttpd-dev

say "Building"
mkdir -p "$build"
if [ ! -f "$build/build.ninja" ]; then
    meson setup "$build" "$root" -Dtool=enabled -Dtests=disabled -Dexamples=disabled >"$build/setup.log" 2>&1 ||
        { cat "$build/setup.log"; exit 1; }
fi
meson compile -C "$build" >"$build/compile.log" 2>&1 || { cat "$build/compile.log"; exit 1; }
prov=$build/examples/prov/prov
echo "built: $prov"

work=$(mktemp -d "${TMPDIR:-/tmp}/prov-lab.XXXXXX")
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || :; wait 2>/dev/null || :; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

say "Starting the lab server on loopback"
"$prov" serve "$root/examples/lab/server" --port 0 >"$work/access.log" 2>&1 &
server=$!
tries=0
until url=$(sed -n 's/^serving .* on \(http:[^ ]*\)$/\1/p' "$work/access.log") && [ -n "$url" ]; do
    tries=$((tries + 1))
    [ $tries -lt 100 ] || { cat "$work/access.log"; exit 1; }
    sleep 0.1
done
cat "$work/access.log"

# The phone's memory: its settings as they were when it left the box.
state=$root/build/lab-phone
rm -rf "$state"
mkdir -p "$state"
cp "$root/examples/lab/phone/settings.xml" "$state/settings.xml"

say "First run: a D200 is told ${url}prov/references.xml"
"$prov" run --once --state "$state" --url "${url}prov/references.xml"

say "Second run: nothing has changed on the server"
"$prov" run --once --state "$state" --url "${url}prov/references.xml"

say "What the server saw"
sed 1d "$work/access.log"

say "Done"
echo "The phone's settings: $state/settings.xml (before: $state/settings.previous.xml)"
echo "Try:  $prov --help"
