#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""doc/conformance.md: every rule once, every test it names exists, every rule the headers name is there.

A row is `| MAC-1 | what | proof, proof |`. A proof is a folder or file of the tree, or `file:function`,
or `file:"name of a row"`, in backticks.
"""
import re

import shared
from shared import ROOT, problem

PAGE = ROOT / "doc" / "conformance.md"
RULE = r"(?:DIA|DSC|DHC|PNP|URL|MAC|REF|DOC|PAT|OPS|MIG|CHK|PAN|STO|NET|TRY|SCH)-\d+"


def check_proof(rule, proof):
    path, _, inside = proof.partition(":")
    target = ROOT / path
    if not target.exists():
        problem(f"{rule}: {path} does not exist")
    elif inside.startswith('"'):
        if inside not in target.read_text(encoding="utf-8"):
            problem(f"{rule}: {path} has no row {inside}")
    elif inside and not re.search(rf"(?:^|\b(?:def|void) ){re.escape(inside)}\(", target.read_text(encoding="utf-8"), re.M):
        problem(f"{rule}: {path} has no function {inside}")
    elif not inside and target.is_dir() and not any(target.iterdir()):
        problem(f"{rule}: {path} is empty")


def main():
    text = PAGE.read_text(encoding="utf-8")
    seen = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.startswith("|") or re.match(r"\|[ -]*(\||Rule )", line) or line.startswith("|--"):
            continue
        m = re.fullmatch(rf"\| ({RULE}) \| ([^|]+) \| ([^|]+) \|", line)
        if m is None:
            problem(f"doc/conformance.md:{number}: not of the form `| rule | what | proof |`")
            continue
        seen.append(m[1])
        proofs = re.findall(r"`([^`]+)`", m[3])
        if not proofs:
            problem(f"{m[1]}: no proof")
        for proof in proofs:
            check_proof(m[1], proof)
    for rule in sorted({r for r in seen if seen.count(r) > 1}):
        problem(f"{rule} has more than one row")
    known = set(re.findall(RULE, text))
    for path in sorted((ROOT / "include").rglob("*.h")) + sorted((ROOT / "lib").rglob("*.[ch]")):
        for rule in sorted(set(re.findall(rf"\b{RULE}\b", path.read_text(encoding="utf-8"))) - known):
            problem(f"{shared.name(path)} names {rule}, doc/conformance.md does not")
    if not seen:
        problem("doc/conformance.md has no rows")
    shared.finish(f"{len(seen)} rules")


main()
