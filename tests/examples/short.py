#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every numbered example stays under 100 lines."""
import pathlib
import sys

examples = sorted(pathlib.Path(sys.argv[1]).glob("[0-9][0-9]_*.c"))
long = [f"{p.name}: {n} lines" for p in examples if (n := len(p.read_text().splitlines())) >= 100]
print("\n".join(long) or f"{len(examples)} examples are short")
sys.exit(1 if long or not examples else 0)
