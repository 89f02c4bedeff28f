#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""lib/sources.txt lists exactly base..driver, and each file compiles by itself without a warning.

No test or fuzz target is left out of the build either.
"""
import re
import tempfile

import shared
from shared import LIB, problem


def check_list(build, name, folder, pattern):
    """The list of this name in a meson.build against the files that are there."""
    text = (shared.ROOT / build).read_text(encoding="utf-8")
    named = set(re.findall(r"'(\w+)'", re.search(rf"^{name} = \[(.*?)\]", text, re.S | re.M)[1]))
    prefix, suffix = pattern.split("*")
    there = {p.name[len(prefix) : -len(suffix)] for p in (shared.ROOT / folder).glob(pattern)}
    # One that needs more than the others may stand outside the list.
    elsewhere = {word.removeprefix(prefix) for word in re.findall(r"\w+", text)}
    for missing in sorted(there - elsewhere):
        problem(f"{folder}/{pattern.replace('*', missing)} is missing in {build}")
    for missing in sorted(named - there):
        problem(f"{build} names {folder}/{pattern.replace('*', missing)}, which does not exist")
    return named


def main():
    check_list("tests/meson.build", "unit_tests", "tests/unit", "test_*.c")
    for target in check_list("fuzz/meson.build", "fuzz_targets", "fuzz", "fuzz_*.c"):
        if not any((shared.ROOT / "fuzz" / "corpus" / target).glob("*")):
            problem(f"fuzz/corpus/{target} is empty")
    listed = shared.sources()
    there = [p.relative_to(LIB).as_posix() for ring in shared.RINGS for p in (LIB / ring).rglob("*.c")]
    for source in sorted(set(there) - set(listed)):
        problem(f"lib/{source} is missing in lib/sources.txt")
    for source in sorted(set(listed) - set(there)):
        problem(f"lib/sources.txt lists {source}, which does not exist in base..driver")
    if listed != sorted(set(listed)):
        problem("lib/sources.txt is not sorted or lists a file twice")
    with tempfile.TemporaryDirectory() as folder:
        for cc in shared.compilers():
            for source in sorted(set(listed) & set(there)):
                flags = ["-std=c11", *shared.WARNINGS, "-I", shared.ROOT / "include", "-I", LIB]
                done = shared.run([cc, *flags, "-c", LIB / source, "-o", f"{folder}/a.o"])
                if done.returncode != 0:
                    problem(f"{cc}: lib/{source}:\n{done.stdout}")
    shared.finish(f"{len(listed)} files with {', '.join(shared.compilers())}")


main()
