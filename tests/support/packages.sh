# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Sourced by examples/run.sh and tests/run.sh: makes sure that Debian packages are installed.

# packages_need NAME...: install what is missing with apt-get, or say what is needed and fail.
packages_need() {
    if ! command -v dpkg-query >/dev/null 2>&1; then
        packages_other
        return
    fi
    packages_missing "$@"
    [ -n "$missing" ] || return 0
    if ! packages_root; then
        echo "These packages are missing; install them as root:" >&2
        echo "  apt-get install$missing" >&2
        return 1
    fi
    packages_install
}

# packages_want NAME...: the same, but what cannot be had is only noted.
packages_want() {
    command -v dpkg-query >/dev/null 2>&1 || return 0
    packages_missing "$@"
    [ -n "$missing" ] || return 0
    if ! packages_root || ! packages_install; then
        echo "not installed:$missing"
    fi
}

# Sets missing to those that are not installed, each with a blank in front.
packages_missing() {
    missing=
    for package in "$@"; do
        state=$(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null) || state=
        [ "$state" = "ii " ] || missing="$missing $package"
    done
}

# Sets as_root to what makes a command run as root; fails if nothing does.
packages_root() {
    as_root=
    [ "$(id -u)" != 0 ] || return 0
    as_root=sudo
    command -v sudo >/dev/null 2>&1
}

packages_install() {
    echo "== Installing$missing"
    # shellcheck disable=SC2086 # one word for each package
    $as_root env DEBIAN_FRONTEND=noninteractive DEBCONF_NOWARNINGS=yes sh -c '
        apt-get update -qq && apt-get install -qq -y --no-install-recommends "$@"' sh $missing \
        </dev/null >/dev/null
}

# Not Debian: check the programs and libraries themselves, name what is needed.
packages_other() {
    if command -v meson >/dev/null 2>&1 && command -v pkg-config >/dev/null 2>&1 &&
        pkg-config --exists expat libcurl jansson libmicrohttpd; then
        return 0
    fi
    cat >&2 <<'END'
Please install (names differ a little from system to system):
  a C11 compiler, meson (1.0 or newer), ninja, pkg-config, python3,
  and with their headers: expat, libcurl, c-ares (optional), jansson, libmicrohttpd; for the tests cmocka.
  Fedora:   dnf install gcc meson ninja-build pkgconf expat-devel libcurl-devel c-ares-devel jansson-devel libmicrohttpd-devel libcmocka-devel
  Alpine:   apk add build-base meson pkgconf expat-dev curl-dev c-ares-dev jansson-dev libmicrohttpd-dev cmocka-dev python3
  Arch:     pacman -S gcc meson pkgconf expat curl c-ares jansson libmicrohttpd cmocka
  macOS:    brew install meson ninja pkg-config expat curl c-ares jansson libmicrohttpd cmocka
END
    return 1
}
