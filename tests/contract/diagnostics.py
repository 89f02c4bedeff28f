#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The registry: what is made from it is fresh, and every number is used."""
import configparser
import sys

import shared
from shared import LIB, ROOT, problem

MADE = {"diag_table.c", "diag_code.h"}


def main():
    done = shared.run([sys.executable, LIB / "base" / "diagnostics.py", "--check"])
    if done.returncode != 0:
        problem(done.stdout.strip())
    text = "".join(
        shared.code(p.read_text(encoding="utf-8")) + "\n"
        for folder in (LIB, ROOT / "examples")
        for p in sorted(folder.rglob("*.[ch]"))
        if p.name not in MADE
    )
    words = set(text.replace("(", " ").replace(")", " ").replace(",", " ").replace(";", " ").replace("}", " ").split())
    ini = configparser.ConfigParser(interpolation=None, delimiters=("=",), comment_prefixes=("#",))
    ini.read(LIB / "base" / "diagnostics.ini", encoding="utf-8")
    for section in ini.sections():
        number, name = section.split()
        used = f"PROV_D_{name}" in words
        if ini[section].get("retired"):
            if used:
                problem(f"PROV-{number} {name} is retired but used")
        elif not used:
            problem(f"PROV-{number} {name} is used nowhere in lib/ or examples/")
    shared.finish(f"{len(ini.sections())} numbers")


main()
