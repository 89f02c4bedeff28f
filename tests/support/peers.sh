# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Sourced by tests/run.sh, after packages.sh: servers and clients from Debian for the tests,
# without installing them.

# Installing a server package starts the server. So the packages, and what they need that is not
# installed, are only unpacked into a folder, which PROV_PEERS names for the tests; these find
# the libraries in there by LD_LIBRARY_PATH.
# peers_unpack FOLDER NAME...
peers_unpack() {
    peers=$1
    shift
    PROV_PEERS=$peers
    export PROV_PEERS
    command -v apt-get >/dev/null 2>&1 || return 0
    for peer in "$@"; do
        if peers_installed "$peer" || [ -f "$peers/$peer.done" ]; then
            shift # those that are there drop out at the front, the others come in again at the back
        else
            shift
            set -- "$@" "$peer"
        fi
    done
    [ $# != 0 ] || return 0
    mkdir -p "$peers"
    # The lists of packages may be missing or older than the archive: then once more with new ones.
    # shellcheck disable=SC2154 # set by packages_root
    if ! peers_unpack_all "$@" && packages_root && $as_root apt-get update -qq >/dev/null 2>&1; then
        peers_unpack_all "$@"
    fi
    for peer in "$@"; do
        [ -f "$peers/$peer.done" ] || echo "not there for the tests: $peer"
    done
}

# Fails if any could not be had.
peers_unpack_all() {
    complete=0
    for peer in $(peers_closure "$@"); do
        [ -f "$peers/$peer.done" ] || peers_unpack_one "$peer" || complete=1
    done
    return $complete
}

peers_installed() {
    [ "$(dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null)" = "ii " ]
}

# The names themselves, one a line, and before them what an installation would add; never what
# it would bring up to date, for that is installed and good enough.
peers_closure() {
    for peer in "$@"; do
        apt-get -s install --no-install-recommends "$peer" 2>/dev/null |
            sed -n 's/^Inst \([^ []*\) (.*/\1/p'
        echo "$peer"
    done | sort -u
}

# In a folder of its own, so that an old or half a package of an earlier run is not met again.
peers_unpack_one() {
    rm -rf "${peers:?}/download"
    mkdir -p "$peers/download"
    if (cd "$peers/download" && apt-get download -qq "$1" && dpkg -x ./*.deb ..) \
        >"$peers/$1.log" 2>&1 </dev/null; then
        touch "$peers/$1.done"
    fi
    rm -rf "${peers:?}/download"
    [ -f "$peers/$1.done" ]
}
