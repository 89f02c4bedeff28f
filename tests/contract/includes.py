#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Who may include what: reads every #include of lib/ and include/ against the rules of the rings."""
import re

import shared
from shared import LIB, PUBLIC, problem

STANDARD = {"stddef.h", "stdint.h", "stdbool.h", "limits.h", "string.h", "inttypes.h"}

BASE = {"abi", "arena", "base", "buf", "diag", "diag_code", "endpoint", "export", "limits", "status", "str"}
# The modules of core, and which other ones they may use. There is no way round in a circle.
CORE = {
    "dialect": set(),
    "uri": set(),
    "macro": {"uri", "dialect"},
    "xml": set(),
    "path": {"xml"},
    "schema": {"path", "xml", "dialect"},
    "migrate": {"path", "xml", "dialect", "schema"},
    "apply": {"path", "xml", "dialect", "schema", "migrate"},
    "diff": {"xml", "dialect", "schema", "apply"},
    "explain": {"path", "xml", "apply"},
    "cfg": set(),
    "param": {"cfg", "xml"},
    "layer": {"param", "cfg", "xml"},
    "dhcp": {"dialect"},
    "sip": set(),
    "enc": set(),
    "cert": set(),
    "trust": {"dialect", "uri"},
    "pnp": {"dialect", "macro", "sip"},
    "check_sync": {"dialect", "sip", "uri", "xml", "apply"},
    "retry": set(),
    "http_date": set(),
    "schedule": {"http_date", "retry"},
    "discover": {"cfg", "dhcp", "dialect", "macro", "param", "schedule", "trust", "uri", "xml"},
    "ref": {"macro", "uri", "xml", "dialect"},
}
# Files that belong to a module of another name; `ops_find` belongs to `ops` without being here.
MEMBERS = {
    "calendar": "http_date",
    "check_sync_body": "check_sync",
    "dhcp4": "dhcp",
    "dhcp6": "dhcp",
    "host": "uri",
    "pattern": "schema",
    "value": "schema",
    "account": "apply",
    "lists": "apply",
    "merge": "apply",
    "ops": "apply",
    "order": "apply",
    "patch": "apply",
    "rfc5261": "apply",
    "work": "apply",
}
# port.h holds the structs that actions are made of; the tables in it belong to the driver.
SESSION = {"session", "port"}
DRIVER = {"run"}

# Which ring's public headers each ring sees; core is looked at module by module.
SEES = {
    "base": BASE,
    "dialects": BASE | {"dialect", "schema", "migrate", "cfg", "param", "layer"},
    "session": BASE | set(CORE) | {"patch", "ops"} | SESSION,
    "driver": BASE | set(CORE) | {"patch", "ops"} | SESSION | DRIVER,
}
# Private headers across rings, and the one door into the tables.
PRIVATE = {ring: rings - {"dialects"} if ring == "core" else rings for ring, rings in shared.RINGS.items()}
DOOR = ("core/dialect.c", "dialects/dialects.h")
EXPAT = "core/xml/parse.c"


def module(stem):
    first = stem if stem in MEMBERS or stem in CORE else stem.split("_")[0]
    return MEMBERS.get(first, first)


def core_module(path):
    """The module of a path below core/."""
    return "xml" if path.startswith("core/xml/") else module(path.split("/")[-1].split(".")[0])


def home(path):
    """(ring, module of core or None) of a file."""
    if LIB in path.parents:
        inside = path.relative_to(LIB).as_posix()
        ring = inside.split("/")[0]
        return ring, core_module(inside) if ring == "core" else None
    stem = path.stem
    for ring, known in (("base", BASE), ("session", SESSION), ("driver", DRIVER)):
        if stem in known:
            return ring, None
    return "core", module(stem)


def core_may(me, other):
    return other == me or other in CORE[me]


def may_include_public(ring, me, stem):
    if ring == "core":
        return stem in BASE or core_may(me, module(stem))
    return stem in SEES[ring]


def may_include_private(ring, me, inside, wanted):
    if (inside, wanted) == DOOR:
        return True
    target = wanted.split("/")[0]
    if target not in PRIVATE[ring]:
        return False
    return ring != "core" or target != "core" or core_may(me, core_module(wanted))


def check(path):
    ring, me = home(path)
    inside = path.relative_to(LIB).as_posix() if LIB in path.parents else path.name
    if ring == "core" and me not in CORE:
        problem(f"{shared.name(path)}: not known here; give it a place in CORE or MEMBERS of tests/contract/includes.py")
        return
    text = shared.code(path.read_text(encoding="utf-8"))
    for m in re.finditer(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', text, re.M):
        quoted, wanted = m[1] == '"', m[2]
        if quoted:
            good = LIB in path.parents and may_include_private(ring, me, inside, wanted)
        elif wanted.startswith("prov/"):
            good = may_include_public(ring, me, wanted[len("prov/") : -2])
        else:
            good = wanted in STANDARD or (wanted == "expat.h" and inside == EXPAT)
        if not good:
            line = text.count("\n", 0, m.start()) + 1
            problem(f"{shared.name(path)}:{line}: {ring}{f' ({me})' if me else ''} must not include {wanted}")


def check_adapter(path):
    """System headers are free, private headers are not: an adapter is what any vendor could write."""
    text = shared.code(path.read_text(encoding="utf-8"))
    for m in re.finditer(r'^[ \t]*#[ \t]*include[ \t]*"([^"]+)"', text, re.M):
        if not (path.parent / m[1]).exists() or LIB / "adapters" != path.parent:
            problem(f"{shared.name(path)}: an adapter must not include {m[1]}")


def main():
    files = sorted(LIB.rglob("*.[ch]")) + shared.headers(adapters=True)
    for path in files:
        if "adapters" in path.parts:
            check_adapter(path)
        elif path != PUBLIC / "prov.h":
            check(path)
    users = [p for p in files if re.search(r"#\s*include\s*<expat\.h>", p.read_text(encoding="utf-8"))]
    if [p.relative_to(LIB).as_posix() for p in users if LIB in p.parents] != [EXPAT] or len(users) != 1:
        problem(f"expat.h is to be included by lib/{EXPAT} and by nothing else, found: {[shared.name(p) for p in users]}")
    umbrella = set(re.findall(r"#include <prov/(\w+)\.h>", (PUBLIC / "prov.h").read_text(encoding="utf-8")))
    for header in shared.headers():
        if header.stem not in umbrella | BASE | {"prov"}:
            problem(f"{shared.name(header)} is missing in prov.h")
    shared.finish(f"{len(files)} files")


main()
