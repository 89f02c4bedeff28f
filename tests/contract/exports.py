#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Headers, lib/prov.map and the shared library name the same functions, each with its contract.

usage: exports.py LIBRARY   check
       exports.py --update  write lib/prov.map from the headers
"""
import re
import sys

import shared
from shared import LIB, PUBLIC, problem

MAP = LIB / "prov.map"


def map_text(names):
    rows = "".join(f"    {n};\n" for n in sorted(names))
    return f"PROV_0.1 {{\n  global:\n{rows}  local:\n    *;\n}};\n"


def compare(what, found, names):
    for n in sorted(names - found):
        problem(f"{n} is declared in include/prov but missing in {what}")
    for n in sorted(found - names):
        problem(f"{n} is in {what} but no header declares it as PROV_API")


def unmarked(header):
    """Functions that are declared, not defined, and not exported."""
    text = re.sub(r"^#.*", "", shared.code(header.read_text(encoding="utf-8")), flags=re.M)
    for statement in re.findall(r"([^;{}]*);", text):
        m = re.fullmatch(r"\s*[\w\s*]*[\s*](prov_\w+)\s*\([^()]*\)\s*", statement)
        if m and not re.search(r"\b(PROV_API|static|return)\b", statement):
            yield m[1]


def documented(functions):
    statuses = set(re.findall(r"\b(PROV_(?:OK|E_\w+))\b", (PUBLIC / "status.h").read_text(encoding="utf-8")))
    for n, (header, comment, result) in sorted(functions.items()):
        if comment is None:
            problem(f"{shared.name(header)}: {n} has no doc comment directly above")
            continue
        values = re.findall(r"@retval\s+(\w+)", comment)
        if result == "enum prov_status" and "PROV_OK" not in values and not re.search(r"tatuse?s?\s+(\*\s+)?as\s+(\*\s+)?for", comment):
            problem(f"{shared.name(header)}: {n} does not say which statuses it returns (@retval)")
        for v in values:
            if v.startswith("PROV_") and v not in statuses and result == "enum prov_status":
                problem(f"{shared.name(header)}: {n} documents {v}, which is no status")
        if len(values) != len(set(values)):
            problem(f"{shared.name(header)}: {n} documents a status twice")


def tables():
    """Each callback table: size first, ctx first in every member, REQUIRED or OPTIONAL said."""
    text = (PUBLIC / "port.h").read_text(encoding="utf-8")
    found = re.findall(r"^struct (prov_\w+_ops) \{\n(.*?)^\};", text, re.S | re.M)
    if len(found) < 3:
        problem("port.h has fewer than three callback tables")
    for table, body in found:
        if not re.match(r"\s*size_t\s+size;", shared.code(body)):
            problem(f"port.h: {table} does not begin with size_t size")
        for m in re.finditer(r"(/\*\*(?:(?!\*/).)*\*/)?\s*\b[\w ]+\(\*(\w+)\)\(([^)]*)\)", body, re.S):
            if not re.match(r"void \*ctx\b", m[3]):
                problem(f"port.h: {table}.{m[2]} does not take ctx first")
            if m[1] is None or not re.search("REQUIRED|OPTIONAL", m[1]):
                problem(f"port.h: {table}.{m[2]} does not say whether it is REQUIRED or OPTIONAL")


def main():
    functions = shared.exported()
    names = set(functions)
    if sys.argv[1:] == ["--update"]:
        MAP.write_text(map_text(names), encoding="utf-8")
        return
    for header in shared.headers():
        for n in unmarked(header):
            problem(f"{shared.name(header)}: {n} is declared without PROV_API")
    if MAP.read_text(encoding="utf-8") != map_text(names):
        compare("lib/prov.map", set(re.findall(r"^\s+(prov_\w+);", MAP.read_text(encoding="utf-8"), re.M)), names)
        problem("lib/prov.map is not fresh: run tests/contract/exports.py --update")
    compare("the shared library", {s for _, s in shared.symbols(sys.argv[1], "-D", "--defined-only") if s != "PROV_0.1"}, names)
    documented(functions)
    tables()
    shared.finish(f"{len(names)} functions")


main()
