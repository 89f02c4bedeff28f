#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The difference that prov run prints: right, smallest, and without secrets.

usage: diff_test.py TOOL_DIFF
"""
import pathlib
import random
import re
import subprocess
import sys
import tempfile

import tap

T = tap.Tap()
PROGRAM = sys.argv[1]
TEMP = tempfile.TemporaryDirectory(prefix="prov-diff-")
A, B = pathlib.Path(TEMP.name) / "a", pathlib.Path(TEMP.name) / "b"


def diff(a, b):
    A.write_bytes(a)
    B.write_bytes(b)
    return subprocess.run([PROGRAM, A, B], stdout=subprocess.PIPE, check=True, timeout=60).stdout


def mask(text):
    A.write_bytes(text.encode())
    return subprocess.run([PROGRAM, "--mask", A], stdout=subprocess.PIPE, check=True, timeout=60).stdout.decode()


def split(data):
    return data.splitlines(keepends=True) if b"\r" not in data else re.findall(rb"[^\n]*\n|[^\n]+", data)


def patched(a, text):
    """Apply a unified difference, believing nothing. Raises when it does not fit."""
    source, out, at, edits = split(a), [], 0, 0
    rows = split(text)
    if not rows:
        return a, 0
    assert rows[0] == b"--- before\n" and rows[1] == b"+++ after\n", rows[:2]
    i = 2
    while i < len(rows):
        found = re.fullmatch(rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@\n", rows[i])
        assert found, rows[i]
        start, na, to, nb = (int(x) if x else 1 for x in found.groups())
        start = start - 1 if na else start
        to = to - 1 if nb else to
        assert start >= at
        out += source[at:start]
        at = start
        assert len(out) == to, "the new position"
        i += 1
        seen_a = seen_b = changes = 0
        while i < len(rows) and rows[i][:1] in b" -+":
            kind, line = rows[i][:1], rows[i][1:]
            i += 1
            if i < len(rows) and rows[i].startswith(b"\\"):
                line = line[:-1]
                i += 1
            if kind in b" -":
                assert source[at] == line
                at += 1
                seen_a += 1
            if kind in b" +":
                out.append(line)
                seen_b += 1
            changes += kind != b" "
        assert (seen_a, seen_b) == (na, nb) and changes > 0
        edits += changes
    return b"".join(out + source[at:]), edits


def fewest(a, b):
    """Number of edits by the textbook's table."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            last, row[j] = row[j], last if x == y else 1 + min(row[j], row[j - 1])
    return row[-1]


FIXED = [
    (b"", b""), (b"", b"a\n"), (b"a\n", b""), (b"a\n", b"a\n"), (b"a", b"a\n"), (b"a\n", b"a"), (b"a", b"b"),
    (b"", b"a"), (b"\n", b"\n\n"), (b"a\r\n", b"a\n"), (b"a\nb\nc\n", b"a\nc\n"), (b"x\n" * 50, b"x\n" * 49),
    (b"".join(b"%d\n" % i for i in range(100)), b"".join(b"%d\n" % i for i in range(100) if i not in (10, 17, 25, 90))),
]


def fixed():
    for number, (a, b) in enumerate(FIXED):
        try:
            got, edits = patched(a, diff(a, b))
            T.ok(f"fixed pair {number}", got == b and edits == fewest(split(a), split(b)), diff(a, b))
        except AssertionError as e:
            T.ok(f"fixed pair {number}", False, f"{e} {diff(a, b)!r}")


def random_pairs():
    rnd = random.Random(20261121)
    wrong = []

    for round_number in range(600):
        letters = [b"%c\n" % (97 + i) for i in range(rnd.choice((1, 2, 3, 8, 26)))]
        a = [rnd.choice(letters) for _ in range(rnd.randrange(0, 60))]
        b = list(a) if rnd.random() < 0.7 else [rnd.choice(letters) for _ in range(rnd.randrange(0, 60))]
        for _ in range(rnd.randrange(0, 6)):
            at = rnd.randrange(0, len(b) + 1)
            b[at:at + rnd.randrange(0, 3)] = [rnd.choice(letters) for _ in range(rnd.randrange(0, 3))]
        x, y = b"".join(a), b"".join(b)
        x = x[:-1] if rnd.random() < 0.2 else x
        y = y[:-1] if rnd.random() < 0.2 else y
        text = diff(x, y)
        try:
            got, edits = patched(x, text)
            if got != y or edits != fewest(split(x), split(y)):
                wrong.append((round_number, x, y, text))
        except (AssertionError, IndexError) as e:
            wrong.append((round_number, x, y, text, e))
    T.ok("600 random pairs: applying it gives the new text, with the fewest edits", not wrong, wrong[:2])


def large():
    a = b"".join(b"line %d\n" % i for i in range(5000))
    b = b"".join(b"LINE %d\n" % i if i % 9 == 0 else b"line %d\n" % i for i in range(5000))
    T.ok("5,000 lines, 556 changed", patched(a, diff(a, b))[0] == b)
    c = b"".join(b"other %d\n" % i for i in range(5000))
    T.same("all of 5,000 lines changed", diff(a, c), b"too different\n")
    d = b"".join(b"x%d\n" % i for i in range(1000))
    T.ok("2,000 edits are still shown", patched(d, diff(d, d.replace(b"x", b"y")))[0] == d.replace(b"x", b"y"))


# what is masked, what it looks like then
MASKS = [
    ("an element", "<a><password>CANARY</password><b>x</b></a>", "<a><password>***</password><b>x</b></a>"),
    ("case does not count", "<sipPassWord>CANARY</sipPassWord>", "<sipPassWord>***</sipPassWord>"),
    ("with a prefix", "<x:passwd>CANARY</x:passwd>", "<x:passwd>***</x:passwd>"),
    ("nested", "<secret><a>CANARY</a><b c='CANARY'/></secret><d>x</d>", "<secret><a>***</a><b c='***'/></secret><d>x</d>"),
    ("an attribute", "<a password=\"CANARY\" b='x'/>", "<a password=\"***\" b='x'/>"),
    ("named by an attribute", "<parameter name=\"@string/password\" value=\"CANARY\"/>",
     "<parameter name=\"@string/password\" value=\"***\"/>"),
    ("named by an attribute, with text", "<p name='authSecret'>CANARY<q>x</q>CANARY</p><p>y</p>",
     "<p name='authSecret'>***<q>x</q>***</p><p>y</p>"),
    ("named by an attribute, one in the other", "<p name='secret'><q name='token'>CANARY</q>CANARY</p><p>y</p>",
     "<p name='secret'><q name='***'>***</q>***</p><p>y</p>"),
    ("another name", "<parameter name=\"uri\" value=\"x\"/>", "<parameter name=\"uri\" value=\"x\"/>"),
    ("lines stay", "<password>\n  CANARY\n  CANARY</password>\n<a/>", "<password>\n  ***\n  ***</password>\n<a/>"),
    ("CDATA", "<password><![CDATA[CANARY>]]></password>", "<password><![CDATA[***]]></password>"),
    ("CDATA elsewhere", "<a><![CDATA[x<y>]]></a>", "<a><![CDATA[x<y>]]></a>"),
    ("a comment", "<!-- password CANARY --><!-- x -->", "<!-- ***--><!-- x -->"),
    ("a PIN", "<pin>CANARY</pin><userPin>CANARY</userPin><ping>x</ping><spin>y</spin>",
     "<pin>***</pin><userPin>***</userPin><ping>x</ping><spin>y</spin>"),
    ("an address", "<url>http://me:CANARY@h/x</url>", "<url>http://***@h/x</url>"),
    ("an address in an attribute", "<a url='ftp://me:CANARY@h'/>", "<a url='ftp://***@h'/>"),
    ("an address with a reference for the @", "<url>http://me:CANARY&#64;h/x</url>", "<url>http://***@/x</url>"),
    ("an address without user", "<url>http://h/x@y</url>", "<url>http://h/x@y</url>"),
    ("a > in a value", "<a b='>' password='CANARY>'>x</a>", "<a b='>' password='***'>x</a>"),
    ("an empty one", "<password></password><password/><a>x</a>", "<password></password><password/><a>x</a>"),
    ("cut in a tag", "<a>x</a><password value='CANARY", "<a>x</a>***"),
    ("cut in a comment", "<a/><!-- CANARY", "<a/><!-- ***"),
    ("declaration", "<?xml version=\"1.0\"?>\n<a/>", "<?xml version=\"1.0\"?>\n<a/>"),
    ("keys are no secrets", "<key keyNumber='1' label='x'><templateName>y</templateName></key>",
     "<key keyNumber='1' label='x'><templateName>y</templateName></key>"),
]


def masks():
    for name, text, want in MASKS:
        T.same(f"mask: {name}", mask(text), want)
    rnd = random.Random(7)
    pieces = ["<a>", "</a>", "<password>", "</password>", "CAN", "\n", "<!--", "-->", "<![CDATA[", "]]>", "<b c='", "'", "/>",
              "<", ">", "&#64;", "://", "@", " ", "\""]
    wrong = []
    for _ in range(300):
        text = "".join(rnd.choice(pieces) for _ in range(rnd.randrange(0, 30)))
        if mask(text).count("\n") != text.count("\n"):
            wrong.append(text)
    T.ok("mask: 300 random texts keep their lines", not wrong, wrong[:3])


def main():
    fixed()
    random_pairs()
    large()
    masks()
    T.end()


main()
