#!/bin/sh
# SPDX-License-Identifier: MIT
#
# usage: armhf.sh FOLDER
#
# Makes expat and cmocka for 32-bit ARM from Debian's sources in FOLDER, and a cross file for meson,
# FOLDER/cross.ini, whose programs run under qemu. The system's own package lists are not touched.
set -eu
work=$(mkdir -p "$1" && cd "$1" && pwd)
triple=arm-linux-gnueabihf
prefix=$work/usr
for program in $triple-gcc qemu-arm apt-get dpkg-source pkg-config; do
    command -v "$program" >/dev/null || { echo "$program is missing"; exit 1; }
done
[ ! -f "$work/cross.ini" ] || exit 0

# One word of the first entry of the system's own sources: `mirror suite`.
# shellcheck source=/dev/null
. /etc/os-release
mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/"${ID:-debian}".sources 2>/dev/null |
    sed -n 's/^URIs: *\([^ ]*\).*/\1/p; s/^deb  *\(\[[^]]*\]\)* *\([^ ]*\).*/\2/p' | head -n 1)
[ -n "$mirror" ] || { echo "the system's package sources are not where they usually are"; exit 1; }

parts=main
[ "${ID:-}" != ubuntu ] || parts='main universe'
mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/source" "$prefix/lib/pkgconfig" "$prefix/include"
printf 'deb-src %s %s %s\n' "$mirror" "$VERSION_CODENAME" "$parts" >"$work/sources.list"
apt() {
    apt-get -q -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=/dev/null \
        -o Dir::State::lists="$work/lists" -o Dir::Cache="$work/cache" -o APT::Sandbox::User= "$@" </dev/null
}
apt update
(cd "$work/source" && apt source expat cmocka)

library() { # name, version, folder of its headers, then objects
    name=$1 version=$2
    shift 2
    rm -f "$prefix/lib/lib$name.a"
    $triple-ar rcs "$prefix/lib/lib$name.a" "$@"
    cat >"$prefix/lib/pkgconfig/$name.pc" <<END
prefix=$prefix
Name: $name
Description: $name for $triple
Version: $version
Libs: -L\${prefix}/lib -l$name
Cflags: -I\${prefix}/include
END
}

version() { # of the unpacked source of $1
    basename "$(ls -d "$work/source/$1"-*/)" | sed "s/^$1-//"
}

lib=$work/source/expat-$(version expat)
[ ! -d "$lib/expat" ] || lib=$lib/expat
: >"$work/expat_config.h" # it is included, but all its contents stand here
for part in xmlparse xmlrole xmltok; do
    $triple-gcc -std=gnu99 -O2 -fPIC -DHAVE_MEMMOVE -DHAVE_GETRANDOM -DXML_DEV_URANDOM -DXML_CONTEXT_BYTES=1024 \
        -DXML_DTD -DXML_GE=1 -DXML_NS -DBYTEORDER=1234 -I"$work" -c "$lib/lib/$part.c" -o "$work/$part.o"
done
cp "$lib/lib/expat.h" "$lib/lib/expat_external.h" "$prefix/include/"
library expat "$(version expat)" "$work/xmlparse.o" "$work/xmlrole.o" "$work/xmltok.o"

lib=$work/source/cmocka-$(version cmocka)
$triple-gcc -std=gnu99 -O2 -fPIC -DHAVE_SIGNAL_H -DHAVE_STRUCT_TIMESPEC -DHAVE_CLOCK_GETTIME -DHAVE_CLOCK_REALTIME \
    -DHAVE_STRINGS_H -DHAVE_INTTYPES_H -DHAVE_MALLOC_H -DHAVE_GCC_THREAD_LOCAL_STORAGE \
    -I"$lib/include" -c "$lib/src/cmocka.c" -o "$work/cmocka.o"
cp "$lib"/include/cmocka*.h "$prefix/include/"
library cmocka "$(version cmocka)" "$work/cmocka.o"

cat >"$work/cross.ini" <<END
[binaries]
c = '$triple-gcc'
ar = '$triple-ar'
strip = '$triple-strip'
pkgconfig = 'pkg-config'
exe_wrapper = ['qemu-arm', '-L', '/usr/$triple']

[properties]
pkg_config_libdir = '$prefix/lib/pkgconfig'

[host_machine]
system = 'linux'
cpu_family = 'arm'
cpu = 'armv7'
endian = 'little'
END
