#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Make the three files that come from diagnostics.ini.

usage: diagnostics.py          write them
       diagnostics.py --check  exit 1 and name each one that is not fresh
"""
import configparser
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
NOTE = "made from lib/base/diagnostics.ini by lib/base/diagnostics.py; do not edit"
GROUPS = {
    0: "Calling program and memory",
    2: "URLs and markers",
    3: "Reading XML",
    4: "Patches, operations and paths",
    5: "Reference files",
    6: "Session and network",
    7: "Store",
    8: "The tool prov",
    9: "Schema and migration",
    10: "RFC 5261",
    11: "DHCP",
    12: "SIP: PnP and check-sync",
    13: "Finding the address",
    14: "Text configuration",
    15: "Encrypted files",
    17: "Certificates",
    16: "Times and schedule",
}


def read():
    ini = configparser.ConfigParser(interpolation=None, delimiters=("=",), comment_prefixes=("#",))
    ini.read(HERE / "diagnostics.ini", encoding="utf-8")
    entries = []
    for section in ini.sections():
        number, name = section.split()
        e = dict(ini[section], number=int(number), name=name)
        if e["severity"] not in ("error", "warning") or not e["text"] or not e["remedy"].endswith("."):
            sys.exit(f"diagnostics.ini: [{section}] is not complete")
        entries.append(e)
    entries.sort(key=lambda e: e["number"])
    if len({e["number"] for e in entries}) < len(entries) or len({e["name"] for e in entries}) < len(entries):
        sys.exit("diagnostics.ini: a number or a name stands twice")
    return entries


def c_string(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def header(entries):
    rows = "".join(f"    PROV_D_{e['name']} = {e['number']}, /**< {e['text']} */\n" for e in entries)
    return f"""/* SPDX-License-Identifier: MIT */
/* {NOTE} */
#ifndef PROV_DIAG_CODE_H
#define PROV_DIAG_CODE_H

/**
 * @file
 * @brief The numbers of all diagnostics. Explained in doc/diagnostics.md.
 *
 * Layer: base (pure).
 */

/* clang-format off */
/** A number keeps its meaning for ever. */
enum prov_diag_code {{
    PROV_D_NONE = 0, /**< No diagnostic. */
{rows}}};
/* clang-format on */

#endif /* PROV_DIAG_CODE_H */
"""


def table(entries):
    rows = "".join(
        f"    {{ {e['number']}, {1 if e['severity'] == 'error' else 0},\n"
        f"      {c_string(e['text'])},\n      {c_string(e['remedy'])} }},\n"
        for e in entries
    )
    return f"""/* SPDX-License-Identifier: MIT */
/* {NOTE} */
#include "base/diag_table.h"

/* clang-format off */
const struct prov_diag_entry prov_diag_table[] = {{
{rows}}};
/* clang-format on */

const size_t prov_diag_table_count = sizeof(prov_diag_table) / sizeof(prov_diag_table[0]);
"""


def page(entries):
    out = [
        "# Diagnostics\n\n",
        f"<!-- {NOTE} -->\n\n",
        "Every message of libprov carries a number that keeps its meaning for ever. `{subject}` stands for the word at\n"
        "fault, `{need}` for a number. In C the number `PROV-0208` is `PROV_D_URL_BAD_BYTE`.\n",
    ]
    group = None
    for e in entries:
        if e["number"] // 100 != group:
            group = e["number"] // 100
            out.append(f"\n## {GROUPS[group]}\n\n| Number | Name | Severity | Text | What to do |\n|---|---|---|---|---|\n")
        text = "(retired) " + e["text"] if e.get("retired") else e["text"]
        row = f"| PROV-{e['number']:04d} | `{e['name']}` | {e['severity']} | {text} | {e['remedy']} |"
        out.append(row.replace("<", "&lt;") + "\n")
    return "".join(out)


def main():
    entries = read()
    files = {
        ROOT / "include/prov/diag_code.h": header(entries),
        HERE / "diag_table.c": table(entries),
        ROOT / "doc/diagnostics.md": page(entries),
    }
    stale = [p for p, text in files.items() if not p.exists() or p.read_text(encoding="utf-8") != text]
    if "--check" in sys.argv[1:]:
        for p in stale:
            print(f"{p.relative_to(ROOT)} is not fresh: run lib/base/diagnostics.py")
        return 1 if stale else 0
    for p in stale:
        p.write_text(files[p], encoding="utf-8")
    return 0


sys.exit(main())
