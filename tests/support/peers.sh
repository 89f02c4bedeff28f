# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Sourced by tests/run.sh: servers from Debian for the tests, without installing them.

# Installing a server package starts the server. So the packages are only unpacked into a folder,
# which PROV_PEERS names for the tests; libraries that they need are installed as usual.
# peers_unpack FOLDER NAME...
peers_unpack() {
    peers=$1
    shift
    for peer in "$@"; do
        if dpkg-query -W "$peer" >/dev/null 2>&1 || [ -f "$peers/$peer.done" ]; then
            continue
        fi
        mkdir -p "$peers"
        if (cd "$peers" && apt-get download -qq "$peer" && dpkg -x "$peer"_*.deb .) >"$peers/$peer.log" 2>&1; then
            touch "$peers/$peer.done"
        else
            echo "not there for the tests: $peer"
        fi
    done
    PROV_PEERS=$peers
    export PROV_PEERS
}
