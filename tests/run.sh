#!/bin/sh
# SPDX-License-Identifier: MIT
#
# usage: run.sh [--quick] [--coverage]
#
#   --quick     gcc only
#   --coverage  gcc only, and how many lines of the pure rings the tests pass through
#
# Installs what is missing (Debian, Ubuntu), then builds and tests: gcc, clang, sanitizers, fuzzing, the
# text size on a Cortex-M4, and 32-bit ARM under qemu. The last line is `N passed, N failed, N skipped`,
# the exit status 0 if nothing failed. Builds and logs go to build/ or $PROV_BUILD.
set -u
LC_ALL=C
export LC_ALL
root=$(cd "$(dirname "$0")/.." && pwd)
build=${PROV_BUILD:-$root/build}
passed=0 failed=0 skipped=0
quick="" coverage=""

while [ $# -gt 0 ]; do
    case $1 in
    --quick) quick=1 ;;
    --coverage) coverage=1 quick=1 ;;
    *)
        sed -n 's/^# \{0,1\}//; 3,11p' "$0"
        [ "$1" = --help ] && exit 0
        exit 2
        ;;
    esac
    shift
done

. "$root/tests/support/packages.sh"
. "$root/tests/support/peers.sh"
mkdir -p "$build" || exit 1
# Nothing in the caller's environment may change what is built.
unset CC CFLAGS CPPFLAGS LDFLAGS DESTDIR MESON_TESTTHREADS

say() { printf '\n== %s\n' "$*"; }

count() { # passed, failed, skipped
    passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
}

good() { count 1 0 0; echo "   passed: $*"; }
bad() { count 0 1 0; echo "   FAILED: $*"; }
skip() { count 0 0 1; echo "   skipped: $*"; }

# Sets up or updates a build folder and compiles it: name, compiler, options of meson setup.
compile() {
    name=$1 cc=$2
    shift 2
    again=
    if [ -f "$build/$name/build.ninja" ]; then
        again=--reconfigure
    else
        rm -rf "${build:?}/$name"
    fi
    # shellcheck disable=SC2086 # nothing or one word
    if CC=$cc meson setup $again "$build/$name" "$root" "$@" >"$build/$name.log" 2>&1 </dev/null &&
        ninja -C "$build/$name" >>"$build/$name.log" 2>&1 </dev/null; then
        return 0
    fi
    grep -E -A 6 '^FAILED|ERROR:|error:' "$build/$name.log" | head -n 40
    bad "$name does not build, see $build/$name.log"
    return 1
}

# Runs the tests of a build: name, options of meson test.
check() {
    name=$1
    shift
    rm -f "$build/$name/meson-logs/testlog.json"
    started=$(date +%s)
    meson test -C "$build/$name" --no-rebuild "$@" >"$build/$name-test.log" 2>&1 </dev/null
    status=$?
    if ! sums=$(python3 "$root/tests/support/results.py" "$build/$name/meson-logs/testlog.json"); then
        tail -n 20 "$build/$name-test.log"
        bad "$name: no tests ran"
        return
    fi
    # shellcheck disable=SC2086 # three numbers
    set -- $sums
    count "$@"
    echo "   $1 passed, $2 failed, $3 skipped ($(($(date +%s) - started)) s)"
    if [ "$2" != 0 ]; then
        echo "   all output: $build/$name/meson-logs/testlog.txt"
    elif [ $status != 0 ]; then
        bad "$name: meson test ended with $status"
    fi
}

step_gcc() {
    say "gcc: build with -Werror, all tests"
    compile gcc gcc -Dwerror=true -Dtests=enabled -Dtool=enabled -Dexamples=enabled && check gcc
}

step_coverage() {
    say "gcc: build with coverage, all tests but the contracts"
    compile coverage gcc -Dwerror=true -Dtests=enabled -Db_coverage=true -Doptimization=0 || return
    find "$build/coverage" -name '*.gcda' -exec rm -f {} +
    check coverage --no-suite contract
    for ring in base core dialects session driver; do
        set -- "$@" --filter "$root/lib/$ring/"
    done
    gcovr --root "$root" "$@" "$build/coverage" >"$build/coverage.txt" 2>"$build/coverage.err" || {
        tail -n 20 "$build/coverage.err"
        bad "gcovr"
        return
    }
    cat "$build/coverage.txt"
    echo "   coverage: $(sed -n 's/^TOTAL.* \([0-9]*%\).*/\1/p' "$build/coverage.txt") of the lines of base..driver"
}

step_clang() {
    say "clang: build with -Werror, all tests but the contracts and the networks"
    if ! command -v clang >/dev/null; then
        skip "clang is not installed"
        return
    fi
    compile clang clang -Dwerror=true -Dtests=enabled -Dtool=enabled -Dexamples=enabled && check clang --no-suite contract --no-suite net
}

step_sanitizers() {
    say "AddressSanitizer and UndefinedBehaviorSanitizer: all tests but the contracts"
    ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1
    UBSAN_OPTIONS=print_stacktrace=1
    export ASAN_OPTIONS UBSAN_OPTIONS
    compile sanitizers gcc -Dwerror=true -Dtests=enabled -Dtool=enabled -Dexamples=enabled \
        -Db_sanitize=address,undefined -Dc_args=-fno-sanitize-recover=all -Doptimization=1 &&
        check sanitizers --no-suite contract --timeout-multiplier 4
    unset ASAN_OPTIONS UBSAN_OPTIONS
}

step_fuzz() {
    say "Fuzzing: each target for 5000 runs"
    if ! command -v clang >/dev/null || [ ! -f "$(clang -print-file-name=libclang_rt.fuzzer-"$(uname -m)".a)" ]; then
        skip "clang with libFuzzer is not installed"
        return
    fi
    compile fuzz clang -Dfuzzing=true -Ddefault_library=static -Db_sanitize=address,undefined -Db_lundef=false \
        -Dc_args=-fno-sanitize-recover=all -Dtool=disabled -Dexamples=disabled -Dadapter_curl=disabled || return
    for target in "$build"/fuzz/fuzz/fuzz_*; do
        if [ ! -x "$target" ] || [ -d "$target" ]; then
            continue
        fi
        name=${target##*/fuzz_}
        found=$build/fuzz/found-$name
        mkdir -p "$found"
        if "$target" -runs=5000 -max_total_time=60 -timeout=20 -seed=1 -artifact_prefix="$found/" "$found" \
            "$root/fuzz/corpus/$name" >"$build/fuzz-$name.log" 2>&1 </dev/null; then
            good "fuzz_$name, $(sed -n 's/^Done \([0-9]*\) runs in \([0-9]*\) .*/\1 runs in \2 s/p' "$build/fuzz-$name.log")"
        else
            tail -n 30 "$build/fuzz-$name.log"
            bad "fuzz_$name, see $build/fuzz-$name.log"
        fi
    done
}

step_size() {
    say "Cortex-M4: text size"
    if ! command -v arm-none-eabi-gcc >/dev/null; then
        skip "arm-none-eabi-gcc is not installed"
    elif sh "$root/tests/support/size.sh" "$build/size" >"$build/size.txt" 2>&1 </dev/null; then
        sed -n 's/^/   /; /|/p' "$build/size.txt"
        good "base..driver compile for a Cortex-M4"
    else
        tail -n 20 "$build/size.txt"
        bad "base..driver do not compile for a Cortex-M4"
    fi
}

step_armhf() {
    say "32-bit ARM under qemu: unit tests, golden files, scenarios, replay of the fuzz corpus"
    if ! sh "$root/tests/support/armhf.sh" "$build/armhf-root" >"$build/armhf-root.log" 2>&1; then
        skip "32-bit ARM: $(tail -n 1 "$build/armhf-root.log")"
        return
    fi
    compile armhf arm-linux-gnueabihf-gcc --cross-file "$build/armhf-root/cross.ini" -Dwerror=true -Dtests=enabled \
        -Dtool=disabled -Dexamples=disabled -Dadapter_crypto=disabled -Dadapter_curl=disabled -Dadapter_posix=disabled || return
    check armhf --suite unit --suite golden --suite scenario --suite replay --timeout-multiplier 10
}

packages_need gcc g++ libc6-dev meson ninja-build pkg-config python3 openssl ca-certificates libexpat1-dev libcmocka-dev \
    libcurl4-openssl-dev libc-ares-dev libjansson-dev libmicrohttpd-dev || exit 1
packages_want libssl-dev libxml2-dev libpugixml-dev xmlstarlet libwrap0 libnsl2 libpcre2-8-0 iproute2
peers_unpack "$build/peers" vsftpd tftpd-hpa nginx isc-dhcp-server isc-dhcp-client kea-dhcp4-server kea-dhcp6-server \
    dnsmasq-base sip-tester busybox dhcpcd-base atftpd squid-openssl
if [ "$coverage" ]; then
    packages_need gcovr || exit 1
    step_coverage
elif [ "$quick" ]; then
    step_gcc
else
    packages_want clang clang-format
    ! command -v clang >/dev/null || packages_want "libclang-rt-$(clang -dumpversion | cut -d. -f1)-dev"
    packages_want gcc-arm-none-eabi libnewlib-arm-none-eabi
    packages_want gcc-arm-linux-gnueabihf libc6-dev-armhf-cross qemu-user dpkg-dev
    step_gcc
    step_clang
    step_sanitizers
    step_fuzz
    step_size
    step_armhf
fi

say "All together"
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ] && [ $passed != 0 ]
