#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""prov plan: order, winner and reasons on paper, exit codes, settings, and no secrets.

usage: plan_test.py PROV
"""
import json
import re
import sys

import tap

T = tap.Tap()
TOOL = tap.Tool(sys.argv[1])
SECRET = "CANARY"
UTG, HDV, GENERIC = ["--dialect", "panasonic-utg"], ["--dialect", "panasonic-hdv"], ["--dialect", "generic"]
PNP, REDIRECT, MANUAL = ["--pnp", "http://p/p.cfg"], ["--redirect", "http://r/r.cfg"], ["--manual", "http://m/m.cfg"]
V4, V6 = ["--dhcp4", "v4"], ["--dhcp6", "v6"]


def option(code, value):
    value = value.encode() if isinstance(value, str) else value
    return bytes([code, len(value)]) + value


def option6(code, value):
    value = value.encode() if isinstance(value, str) else value
    return code.to_bytes(2, "big") + len(value).to_bytes(2, "big") + value


def fill():
    w = TOOL.write
    w("v4", option(66, "http://d.example") + option(67, "d.cfg") + option(159, "http://o159.example"))
    w("v6", (option6(17, bytes.fromhex("00000de9") + option6(1, "http://[2001:db8::1]/x.cfg"))).hex(":"))
    w("66-host", option(66, "10.0.0.1") + option(67, "us.cfg"))
    w("crlf", option(160, "http://a/\r\nHost: x"))
    w("secret", option(66, f"http://u:{SECRET}@d.example/x.xml"))
    w("text", "http://foo\n")
    w("huge", bytes(300000))
    w("auerswald.xml", "<configuration><provisioning><dhcp>false</dhcp><pbx>0</pbx>"
      f"<url>http://u:{SECRET}@s/s.xml</url></provisioning></configuration>")
    w("off.xml", "<configuration><provisioning><active>false</active><url>http://s/s.xml</url></provisioning>"
      "</configuration>")
    w("odd.xml", f"<configuration>\n<provisioning><dhcp>{SECRET}</dhcp></provisioning></configuration>")
    w("cut.xml", "<configuration>")
    w("hdv.txt", '# Panasonic SIP Phone Standard Format File #\nSIPPNP_PROV_ENABLE="N"\n')
    w("utg.xml", "<PANASIPPhoneConfig><Device><USR_PROV_SVR_URL>h</USR_PROV_SVR_URL></Device></PANASIPPhoneConfig>")


# name, arguments, exit code, winner, first address, names and outcomes of the sources (n = nothing, - = not asked, u = url,
# r = refused)
CASES = [
    ("nothing given", [], 5, None, None, "dhcp:n redirect:n pnp:n manual:n"),
    ("DHCP first", [*V4, *PNP, *MANUAL], 0, "dhcp", "http://d.example/d.cfg", "dhcp:u redirect:- pnp:- manual:-"),
    ("PnP", [*PNP, *MANUAL], 0, "pnp", "http://p/p.cfg", "dhcp:n redirect:n pnp:u manual:-"),
    ("both of the step", [*PNP, *REDIRECT], 0, "redirect", "http://r/r.cfg", "dhcp:n redirect:u pnp:u manual:-"),
    ("manual last", MANUAL, 0, "manual", "http://m/m.cfg", "dhcp:n redirect:n pnp:n manual:u"),
    ("manual first", [*UTG, *MANUAL, *PNP, *V4], 0, "manual", "http://m/m.cfg",
     "manual:u pnp:- dhcp-160:- dhcp-159:- dhcp-66:- dhcpv6:- redirect:-"),
    ("159 before 66", [*UTG, *V4], 0, "dhcp-159", "http://o159.example/KX-UTG200B.cfg",
     "manual:n pnp:n dhcp-160:n dhcp-159:u dhcp-66:- dhcpv6:- redirect:-"),
    ("159 switched off", [*UTG, *V4, "--disable", "dhcp-159"], 0, "dhcp-66", "http://d.example/KX-UTG200B.cfg",
     "manual:n pnp:n dhcp-160:n dhcp-159:- dhcp-66:u dhcpv6:- redirect:-"),
    ("IPv6 alone", [*UTG, *V4, *V6, *PNP, *REDIRECT, "--mode", "ipv6"], 0, "dhcpv6", "http://[2001:db8::1]/x.cfg",
     "manual:n pnp:- dhcp-160:- dhcp-159:- dhcp-66:- dhcpv6:u redirect:-"),
    ("IPv6 alone, redirection is no part of it", [*UTG, *REDIRECT, "--mode", "ipv6"], 5, None, None,
     "manual:n pnp:- dhcp-160:- dhcp-159:- dhcp-66:- dhcpv6:n redirect:-"),
    ("both", [*UTG, *V6, *REDIRECT, "--mode", "dual"], 0, "dhcpv6", "http://[2001:db8::1]/x.cfg",
     "manual:n pnp:n dhcp-160:n dhcp-159:n dhcp-66:n dhcpv6:u redirect:-"),
    ("redirection last", [*UTG, *REDIRECT, "--mode", "dual"], 0, "redirect", "http://r/r.cfg",
     "manual:n pnp:n dhcp-160:n dhcp-159:n dhcp-66:n dhcpv6:n redirect:u"),
    ("hdv", [*HDV, "--dhcp4", "66-host"], 0, "dhcp-66", "tftp://10.0.0.1/KX-HDV130.cfg",
     "manual:n pnp:n dhcp-160:n dhcp-159:n dhcp-66:u dhcpv6:-"),
    ("hdv in the USA", [*HDV, "--dhcp4", "66-host", "--region", "us"], 0, "dhcp-66", "tftp://10.0.0.1/us.cfg",
     "manual:n pnp:n dhcp-160:n dhcp-159:n dhcp-66:u dhcpv6:-"),
    ("an enterprise", [*HDV, *V6, "--mode", "ipv6", "--enterprise", "3561"], 0, "dhcpv6", "http://[2001:db8::1]/x.cfg",
     "manual:n pnp:- dhcp-160:- dhcp-159:- dhcp-66:- dhcpv6:u"),
    ("no such enterprise", [*HDV, *V6, "--mode", "ipv6", "--enterprise", "8"], 5, None, None,
     "manual:n pnp:- dhcp-160:- dhcp-159:- dhcp-66:- dhcpv6:n"),
    ("generic", [*GENERIC, *V4, "--disable", "dhcp"], 0, "dhcp-159", "http://o159.example/020000000001.xml",
     "manual:n pnp:n dhcp-43:n dhcp:- dhcp-160:n dhcp-159:u dhcp-150:- dhcp-125:- dhcpv6:- dhcpv6-59:- redirect:-"),
    ("several switched off", ["--disable", "dhcp", "--disable", "pnp", *V4, *PNP, *MANUAL], 0, "manual", "http://m/m.cfg",
     "dhcp:- redirect:n pnp:- manual:u"),
    ("refused", ["--pnp", "gopher://h/"], 1, None, None, "dhcp:n redirect:n pnp:r manual:n"),
    ("refused counts as nothing", ["--pnp", "gopher://h/", *REDIRECT], 0, "redirect", "http://r/r.cfg",
     "dhcp:n redirect:u pnp:r manual:-"),
    ("CR LF in an option", [*UTG, "--dhcp4", "crlf"], 1, None, None,
     "manual:n pnp:n dhcp-160:r dhcp-159:n dhcp-66:n dhcpv6:- redirect:n"),
    ("%0d%0a in an answer", [*UTG, "--pnp", "http://h/%0d%0aHost:x"], 1, None, None,
     "manual:n pnp:r dhcp-160:n dhcp-159:n dhcp-66:n dhcpv6:- redirect:n"),
    ("stop", [*MANUAL, "--on-nothing", "stop"], 5, None, None, "dhcp:n redirect:- pnp:- manual:-"),
    ("switches of the settings", ["--settings", "auerswald.xml", *V4, *PNP], 0, "manual", "http://***@s/s.xml",
     "dhcp:- redirect:n pnp:- manual:u"),
    ("the command line goes first", ["--settings", "auerswald.xml", *MANUAL], 0, "manual", "http://m/m.cfg",
     "dhcp:- redirect:n pnp:- manual:u"),
    ("enabled all the same", ["--settings", "auerswald.xml", *V4, "--enable", "dhcp"], 0, "dhcp", "http://d.example/d.cfg",
     "dhcp:u redirect:- pnp:- manual:-"),
    ("all off", ["--settings", "off.xml", *V4, *PNP], 5, None, None, "dhcp:- redirect:- pnp:- manual:-"),
    ("all off, but by hand", ["--settings", "off.xml", *MANUAL], 0, "manual", "http://m/m.cfg",
     "dhcp:- redirect:- pnp:- manual:u"),
    ("settings of hdv", [*HDV, "--settings", "hdv.txt", *PNP], 5, None, None,
     "manual:n pnp:- dhcp-160:n dhcp-159:n dhcp-66:n dhcpv6:-"),
    ("settings of utg", [*UTG, "--settings", "utg.xml"], 0, "manual", "tftp://h/KX-UTG200B.cfg",
     "manual:u pnp:- dhcp-160:- dhcp-159:- dhcp-66:- dhcpv6:- redirect:-"),
]
OUTCOMES = {"n": "nothing", "-": "not asked", "u": "url", "r": "refused"}


def check_cases():
    for name, args, code, winner, url, sources in CASES:
        r = TOOL.run("plan", "--json", *args)
        d = json.loads(r.text())
        want = [tuple(s.split(":")) for s in sources.split()]
        T.same(name, (r.code, d["winner"], (d["urls"] or [None])[0], [(s["name"], s["outcome"]) for s in d["sources"]]),
               (code, winner, url, [(n, OUTCOMES[o]) for n, o in want]))
        T.ok(f"{name}: reasons", all(s["reason"] for s in d["sources"]) and r.errors() == "", r.all())
        urls = [s["url"] for s in d["sources"] if s["name"] == winner]
        T.ok(f"{name}: the winner has the address", urls == ([url] if url else []), r.all())
        r = TOOL.run("plan", *args)
        rows = r.text().splitlines()
        after = rows[[i for i, row in enumerate(rows) if row.startswith("winner: ")][0] + 1:]
        T.ok(f"{name}: as text", r.code == code and after == d["urls"] and f"winner: {winner or 'none'}" in r.text()
             and len([x for x in rows if x[:2] == "  " and x[2] != " "]) == len(want), r.all())


def check_steps():
    d = json.loads(TOOL.run("plan", "--json").text())
    T.same("steps", [s["step"] for s in d["sources"]], [1, 2, 2, 3])
    d = json.loads(TOOL.run("plan", "--json", *UTG, "--manual", "h").text())
    T.same("one candidate for each scheme", d["urls"],
           [f"{s}://h/KX-UTG200B.cfg" for s in ("tftp", "http", "https", "ftp")])
    T.same("nobody is asked after the winner", d["sources"][1]["reason"], "an earlier source won")
    d = json.loads(TOOL.run("plan", "--json", "--disable", "pnp").text())
    T.same("why a source is not asked", d["sources"][2]["reason"], "disabled by the caller")
    d = json.loads(TOOL.run("plan", "--json", "--settings", "auerswald.xml").text())
    T.same("why the settings do not ask it", d["sources"][0]["reason"], "disabled in the settings")
    r = TOOL.run("plan", "--raw", "--model", "a b", *UTG, "--manual", "http://h/{MODEL}.cfg")
    T.same("raw values are refused where they do not fit", r.code, 1)
    r = TOOL.run("plan", "--hex", *V4)
    T.ok("bytes on request", re.search("42[ :]10[ :]68[ :]74", r.text()) is not None, r.all())
    r = TOOL.run("plan", "--dhcp4", "-", stdin=TOOL.read("v4"))
    T.ok("standard input", r.code == 0 and r.text().endswith("\nhttp://d.example/d.cfg\n"), r.all())


def check_failures():
    for name, args, code, pattern in [
            ("no such file", ["--dhcp4", "missing"], 3, "PROV-0801"),
            ("no such settings", ["--settings", "missing"], 3, "PROV-0801"),
            ("text for bytes", ["--dhcp4", "text"], 1, "PROV-0877"),
            ("far too much", ["--dhcp6", "huge"], 1, "PROV-0805"),
            ("settings that are cut off", ["--settings", "cut.xml"], 1, "cut.xml:1:"),
            ("settings of another family", [*HDV, "--settings", "off.xml"], 1, "PROV-1403")]:
        r = TOOL.run("plan", *args)
        T.ok(name, r.code == code and pattern in r.errors() and r.text() == "", r.all())
        r = TOOL.run("plan", "--json", *args)
        d = json.loads(r.text())
        T.same(f"{name}: JSON", (r.code, d["sources"], d["winner"], d["urls"], len(d["diagnostics"]) > 0, r.errors()),
               (code, [], None, [], True, ""))
    r = TOOL.run("plan", "--settings", "odd.xml", *V4)
    T.ok("a switch that is none", r.code == 0 and "odd.xml:2:" in r.errors() and "[PROV-1315]" in r.errors()
         and SECRET not in r.all(), r.all())


def check_trust():
    """Refused by policy: the reason, the search that goes on, the same as JSON."""
    https, other = "policy: https only", "policy: the server is not on the list"
    pinned, first = "policy: not the server of the first provisioning", "policy: only before the first provisioning"
    before = ["--provisioned", f"https://u:{SECRET}@h:443/first.xml"]
    for name, args, code, outcome, reason in [
        ("https only", ["--https-only", "--pnp", "http://h/p.xml"], 1, "refused", https),
        ("https only, kept", ["--https-only", "--pnp", "https://h/p.xml"], 0, "url", "first address found"),
        ("list", ["--allow-server", "a", "--allow-server=*.b:443", "--pnp", "https://b/p.xml"], 1, "refused", other),
        ("list, kept", ["--allow-server", "a", "--allow-server=*.b:443", "--pnp", "https://x.b/p.xml"], 0, "url",
         "first address found"),
        ("pin, before", ["--pin", "--pnp", "http://h/p.xml"], 0, "url", "first address found"),
        ("pin", ["--pin", *before, "--pnp", "http://h/p.xml"], 1, "refused", pinned),
        ("pin, kept", ["--pin", *before, "--pnp", "https://h/p.xml"], 0, "url", "first address found"),
        ("first only, before", ["--first-only", "--pnp", "http://h/p.xml"], 0, "url", "first address found"),
        ("first only", ["--first-only", *before, "--pnp", "http://h/p.xml"], 5, "not asked", first),
    ]:
        r = TOOL.run("plan", "--json", *args)
        d = json.loads(r.text())
        pnp = next(x for x in d["sources"] if x["name"] == "pnp")
        T.same(f"trust: {name}", (r.code, pnp["outcome"], pnp["reason"], SECRET in r.all()), (code, outcome, reason, False))
        r = TOOL.run("plan", *args)
        T.ok(f"trust, as text: {name}", r.code == code and f"{outcome}: {reason}" in r.text()
             and ("[PROV-13" in r.errors()) == (outcome == "refused"), r.all())
    r = TOOL.run("plan", "--https-only", "--pnp", "http://h/", *MANUAL)
    T.ok("trust: the search goes on, and the manual address is free", r.code == 0 and "winner: manual" in r.text(), r.all())
    r = TOOL.run("plan", "--allow-server", "https://h/")
    T.ok("trust: usage", r.code == 2 and "names no server" in r.errors(), r.all())


def check_usage():
    for name, args in [("an operand", ["x"]), ("an unknown source", ["--disable", "x"]),
                       ("an unknown source to enable", ["--enable", ""]), ("an unknown mode", ["--mode", "ipv5"]),
                       ("another region", ["--region", "eu"]), ("no number", ["--enterprise", "x"]),
                       ("an unknown option", ["--nope"]), ("an unknown choice", ["--on-nothing", "maybe"])]:
        r = TOOL.run("plan", *args)
        T.ok(f"usage: {name}", r.code == 2 and r.text() == "" and "Try 'prov plan --help'" in r.errors(), r.all())
    T.ok("help", TOOL.run("plan", "--help").text().startswith("usage: prov plan "))


def check_secrets():
    secret = f"http://u:{SECRET}@h/x.xml"
    for name, args in [("pnp", ["--pnp", secret]), ("redirect", ["--redirect", secret]), ("manual", ["--manual", secret]),
                       ("DHCP", ["--dhcp4", "secret"]), ("settings", ["--settings", "auerswald.xml"]),
                       ("refused", ["--pnp", f"gopher://u:{SECRET}@h/"]), ("malformed", ["--manual", f"u:{SECRET}@h/ x"])]:
        for more in ([], ["--json"]):
            r = TOOL.run("plan", "--hex", *more, *args)
            T.ok(f"no secrets: {name} {more}", SECRET not in r.all() and "***" in r.text()
                 and SECRET.encode().hex() not in re.sub("[^0-9a-f]", "", r.text().lower()), r.all())


def main():
    fill()
    check_cases()
    check_steps()
    check_failures()
    check_trust()
    check_usage()
    check_secrets()
    T.end()


main()
