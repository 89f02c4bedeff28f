#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The main job: a lab server on loopback provisions a simulated phone, twice. The phone is told no
# address: it finds the server by SIP PnP.
#
# usage: run.sh [DIALECT]    auerswald-d (preset), panasonic-hdv or panasonic-utg
# Installs what is missing (Debian, Ubuntu), builds, runs, and tells what happened.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
build=${PROV_BUILD:-$root/build}/example
. "$root/tests/support/packages.sh"

dialect=${1:-auerswald-d}
case $dialect in
auerswald-d) name=D200 first=prov/references.xml box=phone ;;
panasonic-hdv) name=KX-HDV130 first='panasonic/{MODEL}.cfg' box=phone-hdv ;;
panasonic-utg) name=KX-UTG200B first='panasonic/{MODEL}.cfg' box=phone-utg ;;
*)
    echo "usage: run.sh [auerswald-d | panasonic-hdv | panasonic-utg]" >&2
    exit 2
    ;;
esac

say() { printf '\n== %s\n' "$*"; }

packages_need gcc libc6-dev meson ninja-build pkg-config libexpat1-dev libcurl4-openssl-dev libc-ares-dev \
    libjansson-dev libmicrohttpd-dev

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

# start_server [OPTION]...: start the lab server and wait until it is ready. Fails if it cannot start.
start_server() {
    "$prov" serve "$work/site" --port 0 --pnp --pnp-url "$first" --interface lo "$@" \
        >"$work/access.log" 2>"$work/error.log" &
    server=$!
    tries=0
    until grep -q '^answering ' "$work/access.log"; do
        tries=$((tries + 1))
        if ! kill -0 "$server" 2>/dev/null || [ $tries -ge 100 ]; then
            kill "$server" 2>/dev/null || :
            wait "$server" || :
            server=
            return 1
        fi
        sleep 0.1
    done
}

# The phone, once. Its account goes to the screen.
phone() {
    # shellcheck disable=SC2086 # --group and its value, or nothing
    "$prov" run --once --dialect "$dialect" --state "$state" --interface lo $group || {
        code=$?
        say "The phone was not provisioned (exit code $code); what the server saw"
        cat "$work/access.log" "$work/error.log"
        exit "$code"
    }
}

say "Starting the lab server on loopback"
cp -R "$root/examples/lab/server" "$work/site"
group=
if ! start_server; then
    cat "$work/error.log"
    grep -q 'PROV-0853' "$work/error.log" || exit 1
    echo "Another program on this machine has the SIP port to itself. The lab uses another port, and the phone"
    echo "is told so; in a real network it is always 224.0.1.75:5060."
    for port in 15060 25060 35060 45060; do
        group="--group 224.0.1.75:$port"
        # shellcheck disable=SC2086
        ! start_server $group || break
    done
    [ -n "$server" ] || { cat "$work/error.log"; exit 1; }
fi
cat "$work/access.log"

# Some files name the server; only now its port is known.
server_name=$(sed -n 's|^serving .* on http://\(.*\)/$|\1|p' "$work/access.log")
for file in "$work"/site/panasonic/*.cfg; do
    sed "s|SERVER|$server_name|" "$file" >"$work/file" && mv "$work/file" "$file"
done

# The phone's memory: its settings as they were when it left the box.
state=$root/build/lab-phone
rm -rf "$state"
mkdir -p "$state"
cp "$root/examples/lab/$box"/* "$state"

say "First run: a $name looks for its server"
echo "It has not been told any address. It asks the sources of its maker in their order: DHCP, which loopback does not"
echo "have, and a SIP SUBSCRIBE to a multicast group. The lab server answers with the address of a first file, and that"
echo "leads to the others."
echo
phone

say "Second run: nothing has changed on the server"
echo "The phone asks whether its files have changed. What has not is not sent again, and the settings are not written."
echo
phone

say "What the server saw"
sed 1,2d "$work/access.log"

say "Done"
echo "What the phone keeps: $state"
echo "In a real network:"
echo "  $prov listen --interface eth0                  shows which phones look for a server"
echo "  $prov run --state phone --interface eth0       does what a phone there would do"
echo "Other phones: sh examples/run.sh panasonic-hdv, sh examples/run.sh panasonic-utg"
echo "The rest: $prov --help, and man -l $root/examples/prov/prov.1"
