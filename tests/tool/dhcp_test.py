#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""prov dhcp: data in every notation, the address that wins, exit codes, and no secrets.

usage: dhcp_test.py PROV
"""
import json
import re
import sys

import tap

T = tap.Tap()
TOOL = tap.Tool(sys.argv[1])
BLOCKS = "42:0b:68:74:74:70:3a:2f:2f:66:6f:6f:00:43:0c:3c:48:57:54:59:50:3e:2e:62:61:6b:00"


def option(code, value):
    value = value.encode() if isinstance(value, str) else value
    return bytes([code, len(value)]) + value


def option6(code, value):
    value = value.encode() if isinstance(value, str) else value
    return code.to_bytes(2, "big") + len(value).to_bytes(2, "big") + value


def packet(options, sname="", file=""):
    head = bytes([2, 1, 6, 0]) + b"\x12\x34\x56\x78" + bytes(20) + bytes.fromhex("00095200000e") + bytes(10)
    return (head + sname.encode().ljust(64, b"\0") + file.encode().ljust(128, b"\0") + bytes.fromhex("63825363")
            + options + b"\xff")


D200 = packet(option(53, b"\5") + option(66, "http://prov.server.com"), file="prov.py?mac=<MACADR>")
D200_URL = "http://prov.server.com/prov.py?mac=00095200000E"
HDV = ["--dialect", "panasonic-hdv"]
ENTERPRISES = (option6(17, bytes.fromhex("00000007") + option6(1, "http://seven/x.cfg"))
               + option6(17, bytes.fromhex("00000de9") + option6(1, "http://[2001:db8::1]/{MAC}.cfg")))
SECRET = "CANARY"
SECRETS = (option(66, f"http://u:{SECRET}@h.example/") + option(67, "a.xml")
           + option(43, option(66, f"http://u:{SECRET}@h/\0")) + option(160, f"https://u:{SECRET}@i.example")
           + option(77, b"\1" + f"u:{SECRET}@x".encode()) + option(200, f"http://u:{SECRET}@z".encode().hex()))

# name, content of the file, arguments, exit code, last line of the output ("" = no line is an address), pattern in stderr
CASES = [
    ("the documented option 43", BLOCKS, ["--option43"], 0, "http://foo/D200.bak", ""),
    ("without colons", BLOCKS.replace(":", ""), ["--option43"], 0, "http://foo/D200.bak", ""),
    ("in capitals with blanks and lines", BLOCKS.replace(":", " ").upper().replace("00 ", "00\n") + "\n",
     ["--option43"], 0, "http://foo/D200.bak", ""),
    ("single digits", BLOCKS.replace("0b", "b").replace(":0c", ":c").replace(":00", ":0"), ["--option43"], 0,
     "http://foo/D200.bak", ""),
    ("as bytes", bytes.fromhex(BLOCKS.replace(":", "")), ["--option43"], 0, "http://foo/D200.bak", ""),
    ("longer than one option", option(1, "x" * 253) + bytes.fromhex(BLOCKS.replace(":", "")), ["--option43"], 0,
     "http://foo/D200.bak", ""),
    ("of another type", BLOCKS, ["--option43", "--type", "D400"], 0, "http://foo/D400.bak", ""),
    ("a cut block", BLOCKS[:-6], ["--option43"], 0, "http://foo", r"^data:14: warning: .*\[PROV-1123\]\n$"),
    ("a cut block alone", BLOCKS[:-60], ["--option43"], 1, "", r"^data:1: error: .*\[PROV-1121\]\n$"),
    ("the server's host d200", D200, [], 0, D200_URL, ""),
    ("its packet as digits", D200.hex(":"), [], 0, D200_URL, ""),
    ("options alone", option(66, "http://a/\0") + option(67, "/b.xml\0") + b"\xff\0\0", [], 0, "http://a/b.xml", ""),
    ("options that look like lines of text", option(66, "http://foo") + option(67, "a" * 35), [], 0,
     "http://foo/" + "a" * 35, ""),
    ("a cut option", option(66, "http://a") + b"\x43\x09b", [], 0, "http://a", r"^data:11: error: option 67 .*\[PROV-1101\]\n$"),
    ("only a cut option", b"\x42\x08b", [], 1, "", r"^data:1: error: option 66 .*\[PROV-1101\]\n$"),
    ("nothing in it", b"\xff", [], 5, "", ""),
    ("an empty file", b"", [], 5, "", ""),
    ("file alone", option(67, "a.xml"), [], 5, "", ""),
    ("CR LF", option(66, "http://a/\r\nHost: x"), [], 1, "", r"^data:10: error: option 66 .*\[PROV-1111\]\n$"),
    ("%0d%0A", option(66, "http://a/%0d%0Ax"), [], 1, "", r"^data:10: error: option 66 .*\[PROV-1113\]\n$"),
    ("option 160 of hdv", option(160, "http://prov.com/pana") + option(159, "http://other"), HDV, 0,
     "http://prov.com/pana/KX-HDV130.cfg", ""),
    ("option 159 of hdv, with 67", option(159, "http://b") + option(67, "pana/x.cfg"), HDV, 0, "http://b/pana/x.cfg", ""),
    ("option 66 of hdv", option(66, "10.0.0.1") + option(67, "x.cfg"), HDV, 0, "tftp://10.0.0.1/KX-HDV130.cfg", ""),
    ("option 66 of hdv in the USA", option(66, "10.0.0.1") + option(67, "x.cfg"), [*HDV, "--region", "us"], 0,
     "tftp://10.0.0.1/x.cfg", ""),
    ("a refused source does not stop the others", option(160, "prov.com") + option(66, "10.0.0.1/"), HDV, 0,
     "tftp://10.0.0.1/KX-HDV130.cfg", r"\[PROV-1131\]\n$"),
    ("no scheme in utg", option(66, "prov.com/x.cfg"), ["--dialect", "panasonic-utg"], 0, "tftp://prov.com/x.cfg", ""),
    ("the first enterprise", ENTERPRISES, ["--v6", *HDV], 0, "http://seven/x.cfg", ""),
    ("a given enterprise", ENTERPRISES, ["--v6", *HDV, "--enterprise", "3561"], 0,
     "http://[2001:db8::1]/0080F0C571EB.cfg", ""),
    ("no such enterprise", ENTERPRISES, ["--v6", *HDV, "--enterprise", "8"], 5, "", ""),
    ("a reply", b"\x07\x12\x34\x56" + ENTERPRISES, ["--v6", *HDV], 0, "http://seven/x.cfg", ""),
    ("a cut option of version 6", ENTERPRISES + b"\0\x11\0", ["--v6", *HDV], 0, "http://seven/x.cfg",
     r"^data:\d+: error: option 17 .*\[PROV-1101\]\n$"),
    ("text", "http://foo\n", [], 1, "", r"^data:1:1: error: this is text.*\[PROV-0877\]\n$"),
    ("an odd digit", "42:0b:\n687", [], 1, "", r"^data:2:3: error: .*\[PROV-0877\]\n$"),
    ("a wrong digit", "42:0b:\n4g", [], 1, "", r"^data:2:2: error: .*\[PROV-0877\]\n$"),
    ("too much", bytes(70000), [], 1, "", r"\[PROV-0805\]\n$"),
    ("very much", bytes(300000), [], 1, "", r"\[PROV-0805\]\n$"),
]


def check_cases():
    for name, content, args, code, last, pattern in CASES:
        TOOL.write("data", content)
        r = TOOL.run("dhcp", *args, "data")
        rows = r.text().splitlines()
        urls = [row for row in rows if re.match(r"\w+://", row)]
        T.ok(name, r.code == code and urls == ([last] if last else []) and (not last or rows[-1] == last)
             and (re.search(pattern, r.errors()) is not None if pattern else r.errors() == ""), r.all())


def document(*args):
    r = TOOL.run("dhcp", "--json", *args)
    return r, json.loads(r.text())


def check_json():
    TOOL.write("data", D200)
    r, d = document("data")
    T.same("JSON: the address", d["url"], D200_URL)
    T.same("JSON: option 66", next(o["text"] for o in d["options"] if o["code"] == 66), "http://prov.server.com")
    T.same("JSON: option 53 is no text", next(o for o in d["options"] if o["code"] == 53),
           {"code": 53, "name": "message-type", "hex": "05"})
    T.same("JSON: the source", d["sources"],
           [{"name": "dhcp", "outcome": "url", "before": "http://prov.server.com/prov.py?mac=<MACADR>",
             "urls": [D200_URL]}])
    T.same("JSON: findings", (d["diagnostics"], r.errors(), r.code), ([], "", 0))
    TOOL.write("data", option(53, b"\5") + option(66, "http://a\n") + b"\x43")
    r, d = document("data")
    T.same("JSON: refused", (r.code, d["url"], [x["number"] for x in d["diagnostics"]], r.errors()),
           (1, None, ["PROV-1101", "PROV-1111"], ""))
    TOOL.write("data", option(66, "h"))
    r, d = document("--dialect", "panasonic-utg", "data")
    T.same("JSON: one candidate for each scheme", d["sources"][-1]["urls"],
           [f"{s}://h/KX-UTG200B.cfg" for s in ("tftp", "http", "https", "ftp")])
    T.same("JSON: nothing", [s["outcome"] for s in d["sources"]], ["nothing", "nothing", "url"])
    r, d = document("missing")
    T.same("JSON: no file", (r.code, d["options"], d["url"]), (3, [], None))


def check_params():
    r = TOOL.run("dhcp", "--params")
    T.same("params", (r.code, r.text()),
           (0, "66 tftp-server-name\n67 bootfile-name\n43 vendor-encapsulated-options\n"))
    r = TOOL.run("dhcp", "--params", "--json", "--v6", *HDV)
    T.same("params of version 6", json.loads(r.text())["params"], [{"code": 17, "name": "vendor-options"}])
    r = TOOL.run("dhcp", "--params", "--v6")
    T.same("no params", (r.code, r.text()), (5, ""))


def check_usage():
    for name, args in [("no file", []), ("two files", ["a", "b"]), ("43 of version 6", ["--v6", "--option43", "a"]),
                       ("params and a file", ["--params", "a"]), ("another region", ["--region", "eu", "a"]),
                       ("no number", ["--enterprise", "x", "a"]), ("an unknown option", ["--nope", "a"])]:
        r = TOOL.run("dhcp", *args)
        T.ok(f"usage: {name}", r.code == 2 and r.text() == "" and "Try 'prov dhcp --help'" in r.errors(), r.all())
    T.ok("help", TOOL.run("dhcp", "--help").text().startswith("usage: prov dhcp "))


def check_input():
    r = TOOL.run("dhcp", "--option43", "-", stdin=BLOCKS.encode())
    T.same("standard input", (r.code, r.text().splitlines()[-1]), (0, "http://foo/D200.bak"))
    r = TOOL.run("dhcp", "missing")
    T.ok("no such file", r.code == 3 and "PROV-0801" in r.errors(), r.all())


def check_secrets():
    TOOL.write("secrets", SECRETS)
    for args in ([], HDV, ["--dialect", "panasonic-utg"], ["--dialect", "generic"]):
        for more in ([], ["--json"]):
            r = TOOL.run("dhcp", *args, *more, "secrets")
            shown = r.text() + r.errors()
            digits = re.sub("[^0-9a-f]", "", shown.lower())
            T.ok(f"no secrets {args} {more}", r.code == 0 and SECRET not in shown and "***" in shown
                 and SECRET.encode().hex() not in digits, r.all())


def main():
    check_cases()
    check_json()
    check_params()
    check_usage()
    check_input()
    check_secrets()
    T.end()


main()
