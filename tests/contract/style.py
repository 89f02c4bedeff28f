#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Short functions and files, no vendor's name in the engine, and the text formatted as agreed."""
import re
import shutil

import shared
from shared import LIB, ROOT, problem

FUNCTION_LINES, FILE_LINES, TEST_LINES = 60, 600, 80
MEDIAN, MOST = 15, 50  # of lines; MOST for 95 of 100

VENDORS = re.compile(r"auerswald|comfortel|panasonic|\bkx-", re.I)


def functions(text):
    """(name, first line, lines) of each function: its brace stands alone in the first column."""
    lines = text.splitlines()
    for i, line in enumerate(lines):
        if line != "{":
            continue
        start = i - 1
        while start > 0 and lines[start - 1].strip() and not re.match(r"[}#]|.*\*/$", lines[start - 1]):
            start -= 1
        end = lines.index("}", i)
        name = re.search(r"(\w+)\(", " ".join(lines[start:i]))
        yield name[1] if name else "?", start + 1, end - start + 1


def check_sizes():
    lengths = []
    for path in sorted(LIB.rglob("*.[ch]")):
        text = path.read_text(encoding="utf-8")
        if path.name != "diag_table.c" and text.count("\n") > FILE_LINES:
            problem(f"{shared.name(path)}: {text.count(chr(10))} lines, at most {FILE_LINES}")
        for name, line, length in functions(text):
            lengths.append(length)
            if length > FUNCTION_LINES:
                problem(f"{shared.name(path)}:{line}: {name}() has {length} lines, at most {FUNCTION_LINES}")
    lengths.sort()
    if lengths[len(lengths) // 2] > MEDIAN or lengths[len(lengths) * 95 // 100] > MOST:
        problem(f"functions have grown: half are longer than {lengths[len(lengths) // 2]}, "
                f"5 of 100 longer than {lengths[len(lengths) * 95 // 100]} lines (at most {MEDIAN} and {MOST})")
    for folder in ("tests", "fuzz", "examples"):
        for path in sorted((ROOT / folder).rglob("*.[ch]")):
            for name, line, length in functions(path.read_text(encoding="utf-8")):
                if length > TEST_LINES:
                    problem(f"{shared.name(path)}:{line}: {name}() has {length} lines, at most {TEST_LINES}")


def check_vendors():
    """Identity values in examples of the public headers are no rule of behaviour; all else is."""
    for path in [*sorted(LIB.rglob("*")), *sorted((ROOT / "include").rglob("*.h"))]:
        if path.suffix not in (".c", ".h", ".ini") or LIB / "dialects" in path.parents:
            continue
        inside = re.sub(r'"dialects/\w+\.h"|prov_dialect_\w+|/\*\*< Such as `[\w-]+`\.', "",
                        path.read_text(encoding="utf-8"))
        for number, line in enumerate(inside.splitlines(), 1):
            if VENDORS.search(line):
                problem(f"{shared.name(path)}:{number}: a vendor's name outside lib/dialects: {line.strip()}")


def check_format(files):
    version = shared.run(["clang-format", "--version"]).stdout if shutil.which("clang-format") else ""
    if "version 14." not in version:
        print("note: no clang-format 14, the format is not checked")
        return
    for path in files:
        done = shared.run(["clang-format", path])
        if done.stdout != path.read_text(encoding="utf-8"):
            problem(f"{shared.name(path)} is not formatted: clang-format -i")


def main():
    files = [p for f in ("include", "lib", "tests", "fuzz", "examples") for p in sorted((ROOT / f).rglob("*.[ch]"))]
    for path in files:
        text = path.read_text(encoding="utf-8")
        if not text.startswith("/* SPDX-License-Identifier: MIT */\n"):
            problem(f"{shared.name(path)} does not begin with its licence")
        for number, line in enumerate(text.splitlines(), 1):
            if "\t" in line or line != line.rstrip():
                problem(f"{shared.name(path)}:{number}: a tab, or blanks at the end")
            if re.search(r"\b(TODO|FIXME|XXX)\b", line):
                problem(f"{shared.name(path)}:{number}: unfinished: {line.strip()}")
    check_sizes()
    check_vendors()
    check_format(files)
    shared.finish(f"{len(files)} files")


main()
