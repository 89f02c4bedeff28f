#!/bin/sh
# SPDX-License-Identifier: MIT
#
# usage: size.sh [FOLDER]
#
# Compiles base..driver for a Cortex-M4 and prints the size of each module as a Markdown table.
# Objects go to FOLDER, or to a temporary one. Nothing is linked: expat and the C library come on top.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
cc=arm-none-eabi-gcc
flags='-mcpu=cortex-m4 -mthumb -Os -std=c11 -ffunction-sections -fdata-sections'
if [ $# -gt 0 ]; then
    work=$1
    mkdir -p "$work"
else
    work=$(mktemp -d "${TMPDIR:-/tmp}/prov-size.XXXXXX")
    trap 'rm -rf "$work"' EXIT
fi

# The headers of expat alone, not the whole include folder of this machine.
mkdir -p "$work/include"
from=$(pkg-config --variable=includedir expat)
cp "$from/expat.h" "$from/expat_external.h" "$work/include/"

# Prints `text data+bss` of the files whose path begins with $1.
sum() {
    grep "^$1" "$work/table" | awk '{ text += $2; data += $3 + $4 } END { print text + 0, data + 0 }'
}

row() {
    # shellcheck disable=SC2046 # two numbers
    set -- "$1" $(sum "$2")
    printf '| %s | %s | %s |\n' "$1" "$2" "$3"
}

: >"$work/table"
while read -r source; do
    object=$work/$(printf %s "$source" | tr / _).o
    # shellcheck disable=SC2086 # several words
    $cc $flags -Wall -Wextra -Werror -I"$root/include" -I"$root/lib" -I"$work/include" -c "$root/lib/$source" -o "$object"
    printf '%s %s\n' "$source" "$(arm-none-eabi-size "$object" | awk 'NR == 2 { print $1, $2, $3 }')" >>"$work/table"
done <"$root/lib/sources.txt"

echo '| Module | Text and constants, bytes | Data and bss, bytes |'
echo '|---|---:|---:|'
sed 's/ .*//' "$work/table" | while read -r source; do
    case $source in
    core/xml/*) [ "${seen:-}" ] || row core/xml core/xml/; seen=1 ;;
    *) row "${source%.c}" "$source" ;;
    esac
done
for ring in base core dialects session driver; do
    row "**$ring**" "$ring/"
done
row '**all**' ''
