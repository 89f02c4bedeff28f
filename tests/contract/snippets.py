#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""README.md and doc/*.md: C examples compile, whole programs run, links lead somewhere."""
import pathlib
import re
import tempfile

import shared
from shared import ROOT, problem


def check_links(page, text):
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
        if "://" not in target and not (page.parent / target).exists():
            problem(f"{shared.name(page)}: the link to {target} leads nowhere")


def check_block(page, line, block, folder, objects):
    where = f"{shared.name(page)}:{line}"
    source = pathlib.Path(folder) / "snippet.c"
    program = pathlib.Path(folder) / "snippet"
    source.write_text(block, encoding="utf-8")
    flags = ["-std=c11", *shared.WARNINGS, "-I", ROOT / "include"]
    for cc in shared.compilers():
        done = shared.run([cc, *flags, "-fsyntax-only", source])
        if done.returncode != 0:
            problem(f"{where}: does not compile with {cc}:\n{done.stdout}")
            return
    if not re.search(r"\bint\s+main\(", block):
        return
    done = shared.run(["cc", *flags, "-no-pie", source, *objects, "-lexpat", "-o", program])
    if done.returncode != 0:
        problem(f"{where}: does not link:\n{done.stdout}")
        return
    done = shared.run([program], timeout=20)
    if done.returncode != 0:
        problem(f"{where}: ended with {done.returncode}:\n{done.stdout}")


def main():
    pages = [p for p in [ROOT / "README.md"] if p.exists()] + sorted((ROOT / "doc").glob("*.md"))
    count = 0
    with tempfile.TemporaryDirectory() as folder:
        objects = shared.objects(folder).values()
        for page in pages:
            text = page.read_text(encoding="utf-8")
            check_links(page, re.sub(r"```.*?```", "", text, flags=re.S))
            for m in re.finditer(r"^```c\n(.*?)^```$", text, re.S | re.M):
                if "#include" in m[1]:  # anything else is a fragment
                    check_block(page, text.count("\n", 0, m.start()) + 1, m[1], folder, objects)
                    count += 1
    shared.finish(f"{len(pages)} pages, {count} examples")


main()
