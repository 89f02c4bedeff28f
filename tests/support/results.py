#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Sum up runs of `meson test`.

usage: results.py TESTLOG.json    prints `PASSED FAILED SKIPPED`

Counts the single tests of a program where it names them (cmocka, TAP), else the program. Names what did not pass on
standard error, with the end of what it said, and what was skipped with its reason.
"""
import json
import re
import sys

LINES = 30
PASSED = re.compile(r"^(?:\[       OK \]|ok \d+ (?!.*# SKIP))", re.M)
SKIPPED = re.compile(r"^(?:SKIP: .*|ok \d+ .*# SKIP.*)$", re.M)
FAILED = re.compile(r"^(?:\[  FAILED  \] (?!\d+ test).*|not ok \d+ .*)$", re.M)


def output(test):
    return test.get("stdout", "") + test.get("stderr", "")


def said(test):
    lines = output(test).splitlines()
    # Of a cmocka log what passed is of no interest.
    lines = [line for line in lines if not line.startswith(("[ RUN      ]", "[       OK ]"))]
    return "".join(f"      {line}\n" for line in lines[-LINES:])


def count(test):
    """How many single tests passed and were skipped; the program itself where it names none."""
    out = output(test)
    passed = len(PASSED.findall(out))
    reasons = SKIPPED.findall(out)
    if test["result"] == "SKIP":
        return passed, max(1, len(reasons)), reasons
    if test["result"] == "OK":
        return max(passed, 0 if reasons else 1), len(reasons), reasons
    return passed, len(reasons), reasons


def main():
    passed = failed = skipped = 0
    with open(sys.argv[1], encoding="utf-8") as log:
        for line in log:
            test = json.loads(line)
            good, left_out, reasons = count(test)
            passed += good
            skipped += left_out
            for reason in sorted(set(reasons)) or ([""] if left_out else []):
                print(f"   skipped: {test['name']} {reason}", file=sys.stderr)
            if test["result"] not in ("OK", "SKIP", "EXPECTEDFAIL"):
                # cmocka names each one again at the end
                failed += max(1, len(set(FAILED.findall(output(test)))))
                print(f"   FAILED: {test['name']} ({test['result']})\n{said(test)}", end="", file=sys.stderr)
    print(passed, failed, skipped)


main()
