#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Sum up runs of `meson test`.

usage: results.py TESTLOG.json    prints `PASSED FAILED SKIPPED`

Names each test that did not pass on standard error, with the end of what it said.
"""
import json
import sys

PASSED = {"OK", "EXPECTEDFAIL"}
LINES = 30


def said(test):
    lines = (test.get("stdout", "") + test.get("stderr", "")).splitlines()
    # Of a cmocka log what passed is of no interest.
    lines = [line for line in lines if not line.startswith(("[ RUN      ]", "[       OK ]"))]
    return "".join(f"      {line}\n" for line in lines[-LINES:])


def main():
    passed = failed = skipped = 0
    with open(sys.argv[1], encoding="utf-8") as log:
        for line in log:
            test = json.loads(line)
            if test["result"] in PASSED:
                passed += 1
            elif test["result"] == "SKIP":
                skipped += 1
                print(f"   skipped: {test['name']}", file=sys.stderr)
            else:
                failed += 1
                print(f"   FAILED: {test['name']} ({test['result']})\n{said(test)}", end="", file=sys.stderr)
    print(passed, failed, skipped)


main()
