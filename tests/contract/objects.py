#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the object files of base..driver need and hold.

usage: objects.py imports    undefined symbols against the list of the object's ring
       objects.py state      no mutable data, every global symbol starts with prov_
       objects.py recursion  no way from a function back to itself, indirect calls not counted
"""
import pathlib
import re
import sys
import tempfile

import shared
from shared import problem

PARSER = "core/xml/parse.c"


def ring(source):
    return source.split("/")[0]


def imports(made):
    homes = {}
    for source, obj in made.items():
        for kind, symbol in shared.symbols(obj, "-g", "--defined-only"):
            homes[symbol] = source
    for source, obj in made.items():
        for _, symbol in shared.symbols(obj, "-u"):
            if symbol in shared.LIBC or (source == PARSER and symbol.startswith("XML_")):
                continue
            if symbol not in homes:
                problem(f"lib/{source} uses {symbol}, which is not on the list of its ring")
            elif ring(homes[symbol]) not in shared.RINGS[ring(source)]:
                problem(f"lib/{source} uses {symbol} of the ring {ring(homes[symbol])}")


def state(made):
    for source, obj in made.items():
        for kind, symbol in shared.symbols(obj):
            if kind in "dDbBCsSgGv":
                problem(f"lib/{source}: {symbol} is mutable static data")
            if kind.isupper() and kind != "U" and not symbol.startswith("prov_"):
                problem(f"lib/{source}: the global symbol {symbol} does not start with prov_")
        for line in shared.run(["size", "-A", obj]).stdout.splitlines():
            row = line.split()
            if len(row) == 3 and re.match(r"\.(data|bss|tdata|tbss)\b", row[0]) and row[1] != "0":
                problem(f"lib/{source}: section {row[0]} has {row[1]} bytes")
        if ring(source) == "dialects" and [s for k, s in shared.symbols(obj) if k in "tT"]:
            problem(f"lib/{source}: a dialect is data, it has no functions")


def circle(calls):
    """One way from a function back to itself, or None. Depth first, without recursion."""
    done = set()
    for start in calls:
        way, stack = [], [(start, iter(calls[start]))]
        while stack:
            function, rest = stack[-1]
            if len(way) < len(stack):
                way.append(function)
            step = next((f for f in rest if f not in done), None)
            if step is None:
                done.add(function)
                stack.pop()
                way.pop()
            elif step in way:
                return way[way.index(step) :] + [step]
            else:
                stack.append((step, iter(calls.get(step, ()))))
    return None


def recursion(folder):
    graphs = list(pathlib.Path(folder).glob("*.ci"))
    if not graphs:
        print("skipped: the compiler writes no call graphs")
        sys.exit(shared.SKIP)
    calls = {}
    for graph in graphs:
        text = graph.read_text(encoding="utf-8")
        for m in re.finditer(r'edge: \{ sourcename: "([^"]+)" targetname: "([^"]+)"', text):
            calls.setdefault(m[1], set()).add(m[2])
    if "prov_diag_format" not in calls:
        problem("the call graphs hold no prov_diag_format: this test does not see what it should")
    way = circle({f: sorted(to) for f, to in calls.items()})
    if way:
        problem("recursion: " + " -> ".join(way))


def main():
    what = sys.argv[1]
    more = ["-O0", "-fcallgraph-info"] if what == "recursion" else []
    if more and shared.run(["cc", *more, "-E", "-"], stdin=-3).returncode != 0:
        print("skipped: the compiler writes no call graphs")
        sys.exit(shared.SKIP)
    with tempfile.TemporaryDirectory() as folder:
        made = shared.objects(folder, *more)
        {"imports": imports, "state": state, "recursion": lambda _: recursion(folder)}[what](made)
    shared.finish(f"{len(made)} objects")


main()
