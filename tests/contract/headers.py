#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each public header compiles alone, in C11 and C++17, with every compiler that is there."""
import shutil
import tempfile
import pathlib

import shared
from shared import problem

LANGUAGES = [
    (("gcc", "clang"), ".c", ["-std=c11", *shared.WARNINGS]),
    (("g++", "clang++"), ".cpp", ["-std=c++17", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]),
]


def main():
    count = 0
    with tempfile.TemporaryDirectory() as folder:
        for programs, ending, flags in LANGUAGES:
            for program in filter(shutil.which, programs):
                for header in shared.headers(adapters=True):
                    wanted = f"#include <prov/{header.relative_to(shared.PUBLIC).as_posix()}>\n"
                    source = pathlib.Path(folder) / ("alone" + ending)
                    # Twice: the guard works. And something that is not empty, whatever the header holds.
                    source.write_text(f"{wanted}{wanted}extern int alone;\n", encoding="utf-8")
                    include = ["-I", shared.ROOT / "include"]
                    done = shared.run([program, *flags, *include, "-fsyntax-only", source])
                    count += 1
                    if done.returncode != 0:
                        problem(f"{shared.name(header)} alone, {program} {flags[0]}:\n{done.stdout}")
    if count == 0:
        problem("no compiler found")
    shared.finish(f"{count} compilations")


main()
