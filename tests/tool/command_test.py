#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Command lines of prov: exit code, standard output, standard error, JSON members.

usage: command_test.py PROV
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import tap

T = tap.Tap()
TOOL = tap.Tool(sys.argv[1])
CANARY = "CANARY"


def fill():
    w = TOOL.write
    w("settings.xml", tap.SETTINGS)
    w("patch.xml", tap.PATCH)
    w("operations.xml", tap.OPERATIONS)
    w("references.xml", tap.REFERENCES)
    w("notify.xml", tap.NOTIFY)
    w("same.xml", "<configuration><telephony><callWaiting><tone>false</tone></callWaiting></telephony></configuration>")
    w("half.xml", "<operations><delete path=\"/keys/none\"/>"
                  "<replace path=\"/telephony/callWaiting/tone\"><tone>true</tone></replace></operations>")
    w("nokey.xml", "<configuration><keys><phoneXtensions><key label=\"x\"/></phoneXtensions></keys>"
                   "<telephony><callWaiting><tone>true</tone></callWaiting></telephony></configuration>")
    w("badpath.xml", "<operations><delete path=\"keys/x\"/><add path=\"/users\"/>"
                     "<replace path=\"/users/user\"/><delete/><delete path=\"/a\"><b/></delete></operations>")
    w("alike.xml", "<configuration><telephony><callWaiting><tone>true</tone></callWaiting></telephony>"
                   "<telephonyExtra><a>1</a></telephonyExtra></configuration>")
    w("section.xml", "<keys><phoneXtensions><key keyNumber=\"9\" label=\"new\"/></phoneXtensions></keys>")
    w("other.xml", "<somethingElse/>")
    w("empty.xml", "")
    w("cut.xml", tap.PATCH[:60])
    w("page.html", "<!DOCTYPE html>\n<html><body><p>404 Not Found</body></html>\n")
    w("garbage.bin", bytes((i * 37 + 11) % 256 for i in range(500)))
    w("newpassword.xml", '<configuration><users><user name="admin"><password>CANARY-NEW</password>'
      "<role>admin</role></user></users></configuration>")
    w("big.xml", "<configuration><telephony><x>" + "a" * (1 << 20) + "</x></telephony></configuration>")
    w("doctype.xml", "<!DOCTYPE configuration [<!ENTITY a \"b\">]>\n<configuration/>")
    w("badref.xml", "<referencedSettings>\n  <url>gopher://u:CANARY@h/x</url>\n</referencedSettings>")
    w("emptyref.xml", "<referencedSettings><url> </url></referencedSettings>")
    w("nolabel.xml", "<configuration><keys><phoneXtensions><key keyNumber=\"2\"/></phoneXtensions></keys></configuration>")
    w("plain.xml", "<configuration><made a='1'><t>1</t></made></configuration>")
    w("attribute.xml", "<configuration><made a='2'/></configuration>")
    w("text.xml", "<diff><replace sel='configuration/made/t/text()'>2</replace></diff>")
    w("thirty.xml", "<operations>" + "<add path=\"/telephony\"><x/></add>" * 30 + "</operations>")
    w("edited.xml", tap.SETTINGS.replace("CANARY-OLD", "CANARY-NEW").replace("<telephony version=\"1.34.0\"", "<telephony version=\"1.35.0\"")
      .replace("<tone>false", "<tone>true").replace("keyNumber=\"1\"", "keyNumber=\"9\""))
    w("p0.xml", device("\n<A>0</A><B>0</B>"))
    w("p1.xml", device("\n<A perm=\"R\">1</A><C>1</C>\n<L><Line idx=\"1\"><P>pw</P></Line></L>"))
    w("p2.xml", device("<A>2</A><C perm=\"!\">2</C><D perm=\"!RW\">2</D>"))
    w("pu.xml", device("<A>user</A><D>user</D>"))
    w("pbad.xml", device("<A perm=RW\">1</A>"))
    w("t0.cfg", f'{MARK}\r\nA="0"\r\n# kept\r\nB_1="0"\r\n')
    w("t1.cfg", f'{MARK}\nA="1"\nC="1"\n')
    w("root.pem", CERTIFICATE)
    w("cut.pem", CERTIFICATE[:200] + "\n-----END CERTIFICATE-----\n")
    w("key.pem", CERTIFICATE.replace("CERTIFICATE", "PRIVATE KEY"))
    w("t2.cfg", f'{MARK}\nA="2"\nB_1="2"\nA="9"\n')
    w("tu.cfg", f'{MARK}\nA="u"\n')
    (TOOL.dir / "folder").mkdir()


def lines(*rows):
    return "".join(r + "\n" for r in rows)


UTG, HDV = ["--dialect", "panasonic-utg"], ["--dialect", "panasonic-hdv"]
MARK = "# Panasonic SIP Phone Standard Format File #"
CERTIFICATE = """-----BEGIN CERTIFICATE-----
MIIBcTCCARegAwIBAgIUPUMW85/c4dR7eJU/r9piv5GvEmYwCgYIKoZIzj0EAwIw
DjEMMAoGA1UEAwwDbGFiMB4XDTI2MTEyMTEwMzA1MVoXDTI2MTIwMTEwMzA1MVow
DjEMMAoGA1UEAwwDbGFiMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEmKyIceWo
IVcvRIqCdFK9kSst63oiy2i2vGx42U7mSA8g7GQ2egucoUXyMPZFwywiAK4I2Yo5
9pK5/qERd13jtaNTMFEwHQYDVR0OBBYEFGs/a/uKRY5XapWjqjYR+jLylcA7MB8G
A1UdIwQYMBaAFGs/a/uKRY5XapWjqjYR+jLylcA7MA8GA1UdEwEB/wQFMAMBAf8w
CgYIKoZIzj0EAwIDSAAwRQIhAPps2rNnLTmCvWeE/3QQz2uyIlHp4RGHyVEkjdJH
mEAYAiBWJQORVjb2TFwIRoB3vpjbb1EMFO5GmWTzNZrdDU0zrg==
-----END CERTIFICATE-----
"""
UTG_RESULT = lines("<PANASIPPhoneConfig>", "  <Device>", '    <A perm="R">user</A>', "    <B>0</B>", "    <C>1</C>",
                   '    <D perm="!RW">2</D>', '    <Line idx="1">', "      <P>pw</P>", "    </Line>", "  </Device>",
                   "</PANASIPPhoneConfig>")


def device(inside):
    return f"<PANASIPPhoneConfig><Device>{inside}</Device></PANASIPPhoneConfig>"


# name, arguments, exit code, standard output (None = any), pattern in standard error ("" = it is empty)
CASES = [
    ("no command", [], 2, "", r"^prov: a command is missing\nTry 'prov --help'"),
    ("unknown command lists the commands", ["fleet"], 2, "",
     r"^prov: unknown command 'fleet'; there are expand, resolve, dhcp, apply, check, diff, plan, decrypt, run, trace, replay, schedule, serve, listen\n$"),
    ("fleet is not there yet", ["fleet"], 2, "", r"unknown command 'fleet'"),
    ("an option is no command", ["--nonsense"], 2, "", r"unknown command '--nonsense'"),
    ("version", ["--version"], 0, None, ""),
    ("help", ["--help"], 0, None, ""),
    ("help, short", ["-h"], 0, None, ""),
    # options
    ("unknown option", ["expand", "--nope", "x"], 2, "", r"^prov expand: unknown option '--nope'\nTry 'prov expand"),
    ("unknown letter", ["expand", "-x", "x"], 2, "", r"unknown option '-x'"),
    ("value is missing", ["expand", "x", "--mac"], 2, "", r"option '--mac' needs a value"),
    ("letter's value is missing", ["apply", "a", "b", "-o"], 2, "", r"option '-o' needs a value"),
    ("flag takes no value", ["expand", "--raw=1", "x"], 2, "", r"option '--raw' takes no value"),
    ("options behind operands", ["expand", "{type}", "--type", "D400"], 0, "D400\n", ""),
    ("options with =", ["expand", "--type=D400", "{type}"], 0, "D400\n", ""),
    ("an empty value", ["expand", "--serial=", "a{serial}b"], 0, "ab\n", ""),
    ("-- ends options", ["expand", "--", "--type"], 0, "--type\n", ""),
    ("last one wins", ["expand", "--type", "A", "--type", "B", "{type}"], 0, "B\n", ""),
    # device options
    ("default device", ["expand", "{mac} {type} {serial}"], 0, "00095200000E D200 0000000000\n", ""),
    ("hdv device", ["expand", "--dialect", "panasonic-hdv", "{MAC} {mac} {MODEL} {fwver} {type}"], 0,
     "0080F0C571EB 0080f0c571eb KX-HDV130 01.000 {type}\n", ""),
    ("utg device", ["expand", "--dialect=panasonic-utg", "{MODEL}"], 0, "KX-UTG200B\n", ""),
    ("early firmware", ["expand", "--dialect=auerswald-d100", "<HWTYP>"], 0, "D200\n", ""),
    ("unknown dialect", ["expand", "--dialect", "x", "y"], 2, "",
     r"unknown dialect 'x'; there are auerswald-d, auerswald-d100, generic, panasonic-hdv, panasonic-utg"),
    ("MAC with colons", ["expand", "--mac", "aa:bb:cc:dd:ee:0f", "{mac}"], 0, "AABBCCDDEE0F\n", ""),
    ("MAC with dashes", ["expand", "--mac", "AA-bb-cc-dd-ee-0f", "{mac}"], 0, "AABBCCDDEE0F\n", ""),
    ("MAC with dots", ["expand", "--mac", "aabb.ccdd.ee0f", "{mac}"], 0, "AABBCCDDEE0F\n", ""),
    ("MAC with blanks", ["expand", "--mac", "aa bb cc dd ee 0f", "{mac}"], 0, "AABBCCDDEE0F\n", ""),
    ("MAC plain", ["expand", "--mac", "aabbccddee0f", "{mac}"], 0, "AABBCCDDEE0F\n", ""),
    ("MAC too short", ["expand", "--mac", "aabbccddee0", "{mac}"], 2, "", r"--mac needs 12 hexadecimal digits"),
    ("MAC too long", ["expand", "--mac", "aabbccddee0f1", "{mac}"], 2, "", r"--mac needs"),
    ("MAC with a wrong digit", ["expand", "--mac", "aabbccddee0g", "{mac}"], 2, "", r"--mac needs"),
    ("MAC with separators at odd places", ["expand", "--mac", "a:abbccddee0f", "{mac}"], 2, "", r"--mac needs"),
    ("MAC with a separator at the end", ["expand", "--mac", "aabbccddee0f:", "{mac}"], 2, "", r"--mac needs"),
    ("MAC empty", ["expand", "--mac", "", "{mac}"], 2, "", r"--mac needs"),
    ("limit without number", ["expand", "--limit", "diags", "x"], 2, "", r"bad limit 'diags'; write NAME=N"),
    ("limit unknown", ["expand", "--limit", "foo=1", "x"], 2, "", r"bad limit 'foo=1'"),
    ("limit too large", ["expand", "--limit", "fetches=17", "x"], 2, "", r"outside its range"),
    ("limit no number", ["expand", "--limit", "fetches=1x", "x"], 2, "", r"bad limit"),
    ("an option too often", ["expand", "x"] + ["--limit", "diags=9"] * 33, 2, "", r"option '--limit' is given too often"),
    ("limits for more memory than the tool takes", ["apply", "settings.xml", "patch.xml", "--limit", "xml_nodes=16777216",
                                                    "--limit", "pool_nodes=33554432"], 3, "", r"PROV-0823"),
    ("more findings than are kept", ["check", "badpath.xml", "--limit", "diags=2"], 4, None,
     r"warning: 3 further findings are not shown \[PROV-0809\]"),
    ("limit beyond 32 bits", ["expand", "--limit", "diags=4294967297", "x"], 2, "", r"bad limit"),
    # expand
    ("expand without URL", ["expand"], 2, "", r"^prov expand: an URL is missing"),
    ("expand in order", ["expand", "http://h/{mac}", "b", "<MACADR>"], 0,
     lines("http://h/00095200000E", "b", "00095200000E"), ""),
    ("expand encodes values", ["expand", "--serial", "a b/c", "/{serial}"], 0, "/a%20b%2Fc\n", ""),
    ("expand raw", ["expand", "--raw", "--serial", "a/c", "/{serial}"], 0, "/a/c\n", ""),
    ("expand raw refuses", ["expand", "--raw", "--serial", "a b", "x", "y/{serial}", "z"], 1, "x\nz\n",
     r"^y/\{serial\}:3: error: .*'\{serial\}'.* \[PROV-0221\]\n$"),
    ("expand keeps unknown markers", ["expand", "{MAC}{foo}<x>"], 0, "{MAC}{foo}<x>\n", ""),
    ("expand hides credentials", ["expand", "http://me:CANARY@h/{mac}"], 0, "http://***@h/00095200000E\n", ""),
    ("expand hides credentials in a query", ["expand", "http://h/?u=http://me:CANARY@x/"], 0,
     "http://h/?u=http://***@x/\n", ""),
    ("expand shows control bytes escaped", ["expand", "a\x1b[31mb\nc"], 0, "a\\x1B[31mb\\x0Ac\n", ""),
    ("expand keeps UTF-8", ["expand", "a\u00fc\u20ac\U0001f600b"], 0, "a\u00fc\u20ac\U0001f600b\n", ""),
    ("expand shows what is no UTF-8 escaped", ["expand", b"a\xff\xc0\x80\xed\xa0\x80\xc2\x85\xe2\x82z"], 0,
     "a\\xFF\\xC0\\x80\\xED\\xA0\\x80\\xC2\\x85\\xE2\\x82z\n", ""),
    # resolve
    ("resolve", ["resolve", "--base", "http://prov.server.com/prov/references.xml", "references.xml"], 0,
     lines("http://prov.server.com/prov/base.xml", "http://prov.server.com/site/common.xml",
           "http://other.example.net/third.xml", "http://prov.server.com/prov.py?mac=00095200000E&type=D200"), ""),
    ("resolve with markers in the base", ["resolve", "--base=http://h/{mac}/r.xml", "references.xml"], 0,
     lines("http://h/00095200000E/base.xml", "http://h/site/common.xml", "http://other.example.net/third.xml",
           "http://h/prov.py?mac=00095200000E&type=D200"), ""),
    ("resolve keeps credentials hidden", ["resolve", "--base", "http://me:CANARY@h/p/r.xml", "references.xml"], 0,
     lines("http://***@h/p/base.xml", "http://***@h/site/common.xml", "http://other.example.net/third.xml",
           "http://***@h/prov.py?mac=00095200000E&type=D200"), ""),
    ("resolve without base", ["resolve", "references.xml"], 2, "", r"--base is missing"),
    ("resolve without file", ["resolve", "--base", "http://h/"], 2, "", r"exactly one file"),
    ("resolve two files", ["resolve", "--base", "http://h/", "a", "b"], 2, "", r"exactly one file"),
    ("resolve a patch", ["resolve", "--base", "http://h/", "patch.xml"], 1, "",
     r"^patch.xml:1:1: error: this is not a reference file, its kind is patch \[PROV-0813\]\n$"),
    ("resolve with a bad base", ["resolve", "--base", "h/x", "references.xml"], 1, "", r"^--base: ?.*error: .*\[PROV-02"),
    ("resolve an unknown scheme", ["resolve", "--base", "http://h/", "badref.xml"], 1, "", r"^badref.xml:2:\d+: error"),
    ("resolve an empty URL", ["resolve", "--base", "http://h/", "emptyref.xml"], 1, "", r"PROV-0501"),
    ("resolve a missing file", ["resolve", "--base", "http://h/", "none.xml"], 3, "",
     r"^none.xml: error: the file cannot be read: No such file or directory \[PROV-0801\]\n$"),
    ("resolve too many", ["resolve", "--base", "http://h/", "--limit", "tree_files=2", "references.xml"], 1, "",
     r"PROV-0514"),
    ("resolve panasonic", ["resolve", "--dialect", "panasonic-hdv", "--base", "http://h/", "references.xml"], 2, "",
     r"no reference files"),
    # apply: usage and input
    ("apply without change", ["apply", "settings.xml"], 2, "", r"a settings file and at least one change file"),
    ("apply --user", ["apply", "settings.xml", "patch.xml", "--user", "u"], 2, "",
     r"^prov apply: --user is for panasonic dialects only\n"),
    # apply: parameters in layers
    ("apply utg: the earlier file counts, the user is above", ["apply", *UTG, "p0.xml", "p1.xml", "p2.xml", "--user", "pu.xml",
     "--explain", "A", "--explain", "D", "--explain", "P[1]"], 0, UTG_RESULT,
     r"(?s)^p1.xml: params-xml, standard, 3 parameters\np2.xml: params-xml, product, 3 parameters\n"
     r"pu.xml: params-xml, user, 2 parameters\n  A: replaced\n  C: added\n  D: added\n  P\[1\]: added\nresult: applied\n"
     r"A: pu.xml:1:29: user, read-only\n  beat p1.xml:2:1: standard, by rank\n  beat p2.xml:1:29: product, by rank\n"
     r"  beat p0.xml:2:1: settings, by rank\n"
     r"D: p2.xml:1:54: product\n  beat pu.xml:1:40: user, by permission\nP\[1\]: p1.xml:3:18: standard\n$"),
    ("apply utg: nothing new", ["apply", *UTG, "p0.xml", "p0.xml"], 0,
     "<PANASIPPhoneConfig><Device>\n<A>0</A><B>0</B></Device></PANASIPPhoneConfig>", r"result: unchanged\n$"),
    ("apply utg: no such parameter", ["apply", *UTG, "p0.xml", "p1.xml", "--explain", "A[2]"], 1, None,
     r"--explain: error: no file sets a parameter A\[2\] \[PROV-1475\]\n$"),
    ("apply utg: another kind of file", ["apply", *UTG, "p0.xml", "patch.xml"], 1, "", r"PROV-1455\](?s:.*)nothing written"),
    ("apply utg: a slip of the guide", ["apply", *UTG, "p0.xml", "pbad.xml"], 1, "", r"pbad.xml:1:37: error: .*PROV-0339"),
    ("apply hdv: the later setting counts", ["apply", *HDV, "t0.cfg", "t1.cfg", "t2.cfg", "--explain", "A"], 0,
     MARK + '\r\nA="2"\r\n# kept\r\nB_1="2"\r\nC="1"\r\n',
     r"(?s)t2.cfg:4:4: warning: .*PROV-1451.*A: t2.cfg:2:4: file\n  beat t1.cfg:2:4: file, by time\n"
     r"  beat t0.cfg:2:4: settings, by rank\n$"),
    ("apply hdv: the user is the latest", ["apply", *HDV, "t0.cfg", "t1.cfg", "--user", "tu.cfg"], 0,
     MARK + '\r\nA="u"\r\n# kept\r\nB_1="0"\r\nC="1"\r\n', r"result: applied\n$"),
    ("apply hdv: the user alone", ["apply", *HDV, "t0.cfg", "--user", "tu.cfg"], 0, None, r"A: replaced\n"),
    ("apply hdv: not a text file", ["apply", *HDV, "t0.cfg", "p1.xml"], 1, "", r"^p1.xml:1:1: error: .*PROV-1403"),
    ("apply hdv without files", ["apply", *HDV, "t0.cfg"], 2, "", r"at least one change file"),
    ("apply stdin twice", ["apply", "-", "-"], 2, "", r"'-' can be given once only"),
    ("apply a missing change", ["apply", "settings.xml", "none.xml"], 3, "", r"^none.xml: error: .*\[PROV-0801\]"),
    ("apply missing settings", ["apply", "none.xml", "patch.xml"], 3, "", r"^none.xml: error: .*\[PROV-0801\]"),
    ("apply a folder", ["apply", "settings.xml", "folder"], 3, "", r"^folder: error: .*Is a directory \[PROV-0801\]"),
    ("apply a folder as settings", ["apply", "folder", "patch.xml"], 3, "", r"^folder: error: .*Is a directory"),
    ("apply an empty file", ["apply", "settings.xml", "empty.xml"], 1, "", r"^empty.xml:.*error: .*\[PROV-03"),
    ("apply a cut file", ["apply", "settings.xml", "cut.xml"], 1, "", r"^cut.xml:\d+:\d+: error: .*\[PROV-03"),
    ("apply an HTML page", ["apply", "settings.xml", "page.html"], 1, "", r"(?i)^page.html:1:1: error: .*html.*\[PROV-03"),
    ("apply garbage", ["apply", "settings.xml", "garbage.bin"], 1, "", r"^garbage.bin:1:\d+: error: .*\[PROV-03"),
    ("apply a DOCTYPE", ["apply", "settings.xml", "doctype.xml"], 1, "", r"^doctype.xml:1:\d+: error: .*\[PROV-03"),
    ("apply a large file", ["apply", "settings.xml", "big.xml"], 1, "",
     r"^big.xml:\d+:\d+: error: the file is larger than the limit of 262144 bytes \[PROV-0805\]"),
    ("apply large settings", ["apply", "big.xml", "patch.xml"], 1, "", r"^big.xml:\d+:\d+: error: .*262144 bytes \[PROV-0805\]"),
    ("apply a reference file", ["apply", "settings.xml", "references.xml"], 1, "",
     r"^references.xml:2:1: error: .*\[PROV-0410\]"),
    ("apply notifySync", ["apply", "settings.xml", "notify.xml"], 1, "", r"^notify.xml:1:1: error: .*\[PROV-0408\]"),
    ("apply an unknown root", ["apply", "settings.xml", "other.xml"], 1, "", r"^other.xml:1:1: error: .*\[PROV-0406\]"),
    ("apply to what is no settings file", ["apply", "other.xml", "patch.xml"], 1, "", r"\[PROV-0404\]"),
    ("apply on garbage settings", ["apply", "garbage.bin", "patch.xml"], 1, "", r"^garbage.bin:1:\d+: error"),
    ("a second change that is refused refuses all", ["apply", "settings.xml", "patch.xml", "other.xml"], 1, "",
     r"PROV-0406\]\nresult: refused, nothing written\n$"),
    ("apply early firmware refuses operations", ["apply", "--dialect", "auerswald-d100", "settings.xml",
                                                 "operations.xml"], 1, "", r"\[PROV-0408\]"),
    ("apply beyond the elements allowed", ["apply", "--limit", "xml_nodes=3", "settings.xml", "patch.xml"], 1, "",
     r"^settings.xml:\d+:\d+: error"),
    ("apply beyond the depth allowed", ["apply", "--limit", "xml_depth=3", "settings.xml", "patch.xml"], 1, "",
     r"^settings.xml:\d+:\d+: error"),
    ("apply makes settings too large", ["apply", "--limit", "settings_bytes=510", "settings.xml", "operations.xml",
                                        "section.xml", "patch.xml"], 1, "", r"510 bytes \[PROV-0"),
    # apply: results
    ("apply nothing new", ["apply", "settings.xml", "same.xml"], 0, tap.SETTINGS,
     r"^same.xml: patch\n  telephony: merged, nothing new\nresult: unchanged\n$"),
    ("apply in part", ["apply", "settings.xml", "half.xml"], 4,
     tap.SETTINGS.replace("<tone>false", "<tone>true"),
     r"(?s)half.xml:1:\d+: error: .*\[PROV-0445\]\n.*  keys: discarded, 1 operation: .*\[PROV-0445\]\n"
     r"  telephony: operations, 1 operation\n    replaced   /telephony/callWaiting/tone\nresult: partial\n$"),
    ("apply tells sections of like names apart", ["apply", "settings.xml", "alike.xml"], 0, None,
     r"  telephony: merged\n    replaced   /telephony/callWaiting/tone\n  telephonyExtra: merged, unchecked: there is no schema for it\n    added      /telephonyExtra\n"
     r"result: applied\n$"),
    ("apply a list member without key", ["apply", "settings.xml", "nokey.xml"], 4,
     tap.SETTINGS.replace("<tone>false", "<tone>true"), r"keys: discarded: .*\[PROV-0418\]"),
    # apply --explain
    ("explain what was merged", ["apply", "settings.xml", "patch.xml", "--explain", "/telephony/callWaiting/tone",
                                 "--explain=/keys/phoneXtensions/key[@keyNumber='3']"], 0, None,
     r"(?m)^/telephony/callWaiting/tone: patch.xml:4:7: merged by path \(PAT-2\), replaced settings.xml:12:7\n"
     r"/keys/phoneXtensions/key\[@keyNumber='3'\]: patch.xml:10:7: merged by key \(PAT-3\)\n\Z"),
    ("explain what was loaded", ["apply", "settings.xml", "patch.xml", "--explain", "/telephony/callWaiting/active"], 0, None,
     r"(?m)^/telephony/callWaiting/active: settings.xml:11:7: as loaded, not changed\n\Z"),
    ("explain several origins", ["apply", "settings.xml", "patch.xml", "operations.xml", "--explain", "/keys"], 0, None,
     r"(?m)^/keys: settings.xml:15:3: as loaded, not changed\n"
     r"  /keys/phoneXtensions/key\[@keyNumber='2'\]: patch.xml:9:7: merged by key \(PAT-3\), replaced settings.xml:18:7\n"
     r"  /keys/phoneXtensions/key\[@keyNumber='3'\]: patch.xml:10:7: merged by key \(PAT-3\)\n"
     r"  /keys/phoneXtensions/key\[@keyNumber='1'\]: removed, it stood at settings.xml:17:7: "
     r"operation delete \(OPS-4\) at operations.xml:2:3\n\Z"),
    ("explain what is gone", ["apply", "settings.xml", "operations.xml", "--explain",
                              "/keys/phoneXtensions/key[@keyNumber='1']"], 0, None,
     r"(?m)^/keys/\S+: removed, it stood at settings.xml:17:7: operation delete \(OPS-4\) at operations.xml:2:3\n\Z"),
    ("explain what was dropped by a replacement", ["apply", "settings.xml", "nolabel.xml", "--explain",
                                                   "/keys/phoneXtensions/key[@label='two']"], 0, None,
     r"(?m)^/keys/\S+: gone, now nolabel.xml:1:\d+: merged by key \(PAT-3\), replaced settings.xml:18:7\n\Z"),
    ("explain attributes", ["apply", "plain.xml", "attribute.xml", "--explain", "/made"], 0, None,
     r"(?m)^/made: plain.xml:1:16: merged by path \(PAT-2\), attributes at attribute.xml:1:\d+\n\Z"),
    ("explain a step of a diff", ["apply", "plain.xml", "text.xml", "--explain", "/made/t"], 0, None,
     r"(?m)^/made/t: plain.xml:1:28: step of a diff \(OPS-6\), text at text.xml:1:7\n\Z"),
    ("explain what never was", ["apply", "settings.xml", "patch.xml", "--explain", "/none"], 1, None,
     r"(?m)^result: applied\n--explain:\d+: error: .*\[PROV-0445\]\n\Z"),
    ("explain a malformed path", ["apply", "settings.xml", "patch.xml", "--explain", "none"], 1, None,
     r"(?m)^--explain:1: error: .*\[PROV-0453\]\n\Z"),
    ("explain in part stays in part", ["apply", "settings.xml", "half.xml", "--explain", "none"], 4, None, r"PROV-0453"),
    ("explain nothing of what was refused", ["apply", "settings.xml", "other.xml", "--explain", "/telephony"], 1, "",
     r"result: refused, nothing written\n\Z"),
    ("explain a bounded number", ["apply", "settings.xml", "thirty.xml", "--explain", "/telephony"], 0, None,
     r"(?m)^  and 10 more\n\Z"),
    # diff
    ("diff without files", ["diff", "settings.xml"], 2, "", r"exactly two settings files"),
    ("diff three files", ["diff", "a", "b", "c"], 2, "", r"exactly two settings files"),
    ("diff stdin twice", ["diff", "-", "-"], 2, "", r"'-' can be given once only"),
    ("diff panasonic", ["diff", "--dialect", "panasonic-utg", "a", "b"], 2, "", r"panasonic-utg"),
    ("diff a missing file", ["diff", "settings.xml", "none.xml"], 3, "", r"^none.xml: error: .*\[PROV-0801\]"),
    ("diff what is no settings file", ["diff", "settings.xml", "operations.xml"], 1, "", r"^operations.xml:1:1: error: .*PROV-0404"),
    ("diff a cut file", ["diff", "cut.xml", "settings.xml"], 1, "", r"^cut.xml:\d+:\d+: error: .*\[PROV-03"),
    ("diff equal files", ["diff", "settings.xml", "settings.xml"], 0, "no difference\n", ""),
    ("diff", ["diff", "settings.xml", "edited.xml"], 0,
     lines("~ /users/user[@name='admin']/password value  settings.xml:5 -> edited.xml:5",
           "~ /telephony attributes  settings.xml:9 -> edited.xml:9",
           "~ /telephony/callWaiting/tone value  settings.xml:12 -> edited.xml:12",
           "- /keys/phoneXtensions/key[@keyNumber='1']  settings.xml:17",
           "+ /keys/phoneXtensions/key[@keyNumber='9']  edited.xml:17"), ""),
    # check
    ("check without file", ["check"], 2, "", r"a file is missing"),
    ("check all fine", ["check", "patch.xml", "operations.xml", "references.xml", "notify.xml", "section.xml"], 0,
     lines("patch.xml: patch, 2 sections: telephony, keys: ok",
           "operations.xml: operations, 3 operations: keys, telephony, users: ok",
           "references.xml: reference, 4 addresses: ok", "notify.xml: notify-sync, 1 address: ok",
           "section.xml: section, 1 section: keys: ok"), r"^section.xml:1:1: warning: .*\[PROV-0412\]\n$"),
    ("check settings themselves", ["check", "settings.xml"], 0,
     "settings.xml: patch, 3 sections: users, telephony, keys: ok\n", ""),
    ("check what a phone would discard", ["check", "nokey.xml"], 4,
     "nokey.xml: patch, 2 sections: keys, telephony: would be applied in part\n", r"PROV-0418"),
    ("check bad operations", ["check", "badpath.xml"], 4, None,
     r"(?s)PROV-0453.*PROV-0438.*PROV-0436.*PROV-0432.*PROV-0434"),
    ("check garbage", ["check", "garbage.bin", "patch.xml"], 1,
     lines("garbage.bin: refused", "patch.xml: patch, 2 sections: telephony, keys: ok"), r"^garbage.bin:1:\d+: error"),
    ("check an empty file", ["check", "empty.xml"], 1, "empty.xml: refused\n", r"^empty.xml"),
    ("check a cut file", ["check", "cut.xml"], 1, "cut.xml: refused\n", r"^cut.xml:\d+:\d+: error"),
    ("check an HTML page", ["check", "page.html"], 1, "page.html: refused\n", r"(?i)html"),
    ("check a large file", ["check", "big.xml"], 1, "big.xml: refused\n", r"262144 bytes \[PROV-0805\]"),
    ("check an unknown root", ["check", "other.xml"], 1, "other.xml: refused\n", r"other.xml:1:1: error.*\[PROV-0406\]"),
    ("check a missing file", ["check", "none.xml", "patch.xml"], 3,
     lines("none.xml: refused", "patch.xml: patch, 2 sections: telephony, keys: ok"), r"PROV-0801"),
    ("check a folder", ["check", "folder"], 3, "folder: refused\n", r"Is a directory"),
    ("check a bad address", ["check", "badref.xml"], 1, "badref.xml: refused\n", r"badref.xml:2:\d+: error"),
    ("check operations for early firmware", ["check", "--dialect=auerswald-d100", "operations.xml"], 1,
     "operations.xml: refused\n", r"PROV-0408"),
    ("check on settings", ["check", "--settings", "settings.xml", "patch.xml", "operations.xml"], 0,
     lines("patch.xml: patch, 2 sections: telephony, keys: ok", "operations.xml: operations, 3 operations: ok",
           "on settings.xml:", "  telephony: merged", "    replaced   /telephony/callWaiting/tone", "  keys: merged",
           "    replaced   /keys/phoneXtensions/key[@keyNumber='2']",
           "    added      /keys/phoneXtensions/key[@keyNumber='3']", "  keys: operations, 1 operation",
           "    removed    /keys/phoneXtensions/key[@keyNumber='1']",
           "  telephony: operations, 1 operation, nothing new", "  users: operations, 1 operation",
           "    added      /users/user[@name='guest']"), ""),
    ("check on settings in part", ["check", "--settings", "settings.xml", "half.xml"], 4, None, r"PROV-0445"),
    ("check on missing settings", ["check", "--settings", "none.xml", "patch.xml"], 3, None, r"none.xml.*PROV-0801"),
    ("check on bad settings", ["check", "--settings", "page.html", "patch.xml"], 1, None, r"page.html"),
    ("check hdv", ["check", *HDV, "t1.cfg", "t2.cfg"], 0,
     lines("t1.cfg: params-text, 2 parameters: ok", "t2.cfg: params-text, 2 parameters: ok"), r"^t2.cfg:4:4: warning"),
    ("check hdv: not a text file", ["check", *HDV, "p1.xml", "t1.cfg"], 1,
     lines("p1.xml: refused", "t1.cfg: params-text, 2 parameters: ok"), r"^p1.xml:1:1: error: .*PROV-1403"),
    ("check certificates", ["check", *HDV, "root.pem", "cut.pem", "key.pem"], 1,
     lines("root.pem: certificate: ok", "cut.pem: refused", "key.pem: refused"),
     r"(?ms)^cut.pem:\d+:\d+: error.*^key.pem:1:1: error: a private key .*PROV-1707"),
    ("check utg", ["check", *UTG, "p1.xml"], 0, "p1.xml: params-xml, 3 parameters: ok\n", ""),
    ("check utg: a slip of the guide", ["check", *UTG, "pbad.xml"], 1, "pbad.xml: refused\n", r"pbad.xml:1:37: error"),
    ("check utg, settings", ["check", *UTG, "--settings", "p0.xml", "p1.xml"], 2, "", r"not for this dialect"),
    # run and serve: usage; the rest is in run_test.py
    ("run without state", ["run", "--url", "http://h/"], 2, "", r"--state is missing"),
    ("run with an unknown interface", ["run", "--state", "s", "--interface", "nowhere0"], 3, None, r"nowhere0: error: .*PROV-0819"),
    ("run with an empty interface", ["run", "--state", "s", "--interface", ""], 3, None, r"PROV-0819"),
    *[(f"run {name} without an interface", ["run", "--state", "s", name, *value], 2, "", r"go with --interface")
      for name, *value in (("--lease", "x"), ("--lease6", "x"), ("--lenient",), ("--sip-port", "0"), ("--allow-notify", "*"))],
    ("run with a bad group", ["run", "--state", "s", "--group", "192.0.2.1:5060"], 2, "", r"--group needs ADDRESS:PORT"),
    ("run with a group without port", ["run", "--state", "s", "--group", "224.0.1.75"], 2, "", r"--group needs ADDRESS:PORT"),
    ("run with a bad SIP port", ["run", "--state", "s", "--interface", "lo", "--sip-port", "65536"], 2, "", r"--sip-port needs"),
    *[(f"run --{name} {value}", ["run", "--state", "s", f"--{name}", value], 2, "", text) for name, value, text in (
        ("mode", "ipv5", "--mode needs ipv4, ipv6 or dual"), ("mode", "", "--mode needs"),
        ("disable", "fax", "there is no source 'fax'"), ("enable", "PNP", "there is no source 'PNP'"),
        ("disable", "http://a:CANARY@h/", r"no source 'http://\*\*\*@h/'"),
        ("on-nothing", "go", "need stop or proceed"), ("on-fetch-error", "", "need stop or proceed"),
        ("enterprise", "-1", "--enterprise needs"), ("enterprise", "4294967296", "--enterprise needs"),
        ("region", "eu", "--region knows us only"))],
    ("run with an operand", ["run", "--state", "s", "http://me:CANARY@h/"], 2, "", r"operands are not expected"),
    ("run with a bad delay", ["run", "--state", "s", "--delay", "1+x"], 2, "", r"--delay or --retry needs"),
    ("run with a bad time-out", ["run", "--state", "s", "--timeouts", "5,x"], 2, "", r"--timeouts needs"),
    ("run with a time-out of nothing", ["run", "--state", "s", "--timeouts", "5,0"], 2, "", r"--timeouts needs"),
    ("run with no time-out", ["run", "--state", "s", "--timeouts", ""], 2, "", r"--timeouts needs"),
    ("run with too many time-outs", ["run", "--state", "s", "--timeouts", "1,2,3,4"], 2, "", r"--timeouts needs"),
    ("run with a delay twice", ["run", "--state", "s", "--delay", "1", "--retry", "2"], 2, "", r"--delay or --retry needs"),
    ("run with a bad trigger", ["run", "--state", "s", "--trigger", "time"], 2, "", r"--trigger needs manual or boot"),
    ("run with a bad spread", ["run", "--state", "s", "--boot-spread", "86401"], 2, "", r"--boot-spread needs"),
    ("run with too many delays", ["run", "--state", "s", "--delay", ",".join("1" * 17)], 2, "", r"--delay or --retry needs"),
    ("run with a line end in the User-Agent", ["run", "--state", "s", "--user-agent", "a\r\nb"], 2, "", r"--user-agent needs"),
    ("run panasonic: nothing found", ["run", "--once", "--state", "s", "--dialect", "panasonic-utg"], 5, None, r"PROV-0661"),
    ("run with too many side by side", ["run", "--state", "s", "--parallel", "17"], 2, "", r"--parallel needs"),
    ("run with none side by side", ["run", "--state", "s", "--parallel", "0"], 2, "", r"--parallel needs"),
    ("run with a DNS server that is a name", ["run", "--state", "s", "--dns", "dns.example"], 2, "", r"--dns needs"),
    ("run with a key without a certificate", ["run", "--state", "s", "--client-key", "k.pem"], 2, "", r"--client-key goes"),
    *[(f"run with {o} that is not there", ["run", "--state", "s", "--client-cert", "pkcs11:object=x", f"--{o}", "none"], 3,
       "", r"none.*PROV-0801") for o in ("ca-dir", "client-cert", "client-key")],
    ("run with a CA that is not there", ["run", "--state", "s", "--ca", "none.pem"], 3, "", r"none.pem.*PROV-0801"),
    ("run with a trace that cannot be", ["run", "--state", "s", "--trace", "no/t"], 3, "", r"no/t.*PROV-0803"),
    ("run with a state that cannot be", ["run", "--state", "no/such/dir"], 3, "", r"no/such/dir.*PROV-0831"),
    ("run with a file as state", ["run", "--state", "patch.xml"], 3, "", r"patch.xml.*PROV-0831"),
    ("serve without folder", ["serve"], 2, "", r"exactly one folder"),
    *[(f"serve {name} without --pnp", ["serve", "folder", name, value], 2, "", r"go with --pnp") for name, value in (
        ("--interface", "lo"), ("--group", "224.0.1.75:5060"), ("--pnp-url", "/x"), ("--check-sync", "192.0.2.1"),
        ("--check-sync-url", "http://h/"))],
    ("serve --pnp with a bad group", ["serve", "folder", "--pnp", "--group", "x"], 2, "", r"--group needs"),
    ("serve --pnp with a bad phone", ["serve", "folder", "--pnp", "--check-sync", "phone"], 2, "", r"--check-sync needs an IP address"),
    ("serve --pnp with an address for nobody", ["serve", "folder", "--pnp", "--check-sync-url", "http://h/"], 2, "",
     r"--check-sync-url goes with --check-sync"),
    ("serve --pnp on an unknown interface", ["serve", "folder", "--pnp", "--interface", "nowhere0", "--port", "0"], 3, "", r"PROV-0819"),
    ("listen without interface", ["listen"], 2, "", r"--interface is missing"),
    ("listen on an unknown interface", ["listen", "--interface", "nowhere0"], 3, "", r"nowhere0: error: .*PROV-0819"),
    ("listen with an operand", ["listen", "--interface", "lo", "x"], 2, "", r"operands are not expected"),
    ("listen with a bad group", ["listen", "--interface", "lo", "--group", "10.0.0.1:5060"], 2, "", r"--group needs"),
    ("listen with a bad count", ["listen", "--interface", "lo", "--count", "x"], 2, "", r"--count needs a number"),
    ("listen with a bad time", ["listen", "--interface", "lo", "--seconds", "1.5"], 2, "", r"--seconds needs a number"),
    ("serve with a bad port", ["serve", "folder", "--port", "65536"], 2, "", r"--port needs a number from 0 to 65535"),
    ("serve with no port", ["serve", "folder", "--port", ""], 2, "", r"--port needs"),
    ("serve with a name to listen on", ["serve", "folder", "--listen", "nowhere", "--port", "0"], 2, "", r"--listen needs"),
    ("serve a missing folder", ["serve", "none", "--port", "0"], 3, "", r"none: error: .*No such file.*PROV-0851"),
    ("serve a file", ["serve", "patch.xml", "--port", "0"], 3, "", r"patch.xml: error: .*Not a directory.*PROV-0851"),
]


COMMANDS = ("expand", "resolve", "dhcp", "apply", "check", "diff", "plan", "decrypt", "run", "trace", "replay", "schedule", "serve", "listen")


def table():
    for name, args, code, out, err in CASES:
        r = TOOL.run(*args)
        good = r.code == code and (out is None or r.text() == out)
        good = good and (re.search(err, r.errors()) is not None if err else r.err == b"")
        T.ok(name, good, f"prov {args}, expected exit {code}, {out!r}, {err!r}\n{r.all()}")
        if CANARY in r.text().replace("CANARY-OLD", "") + r.errors():
            T.ok(f"{name}: no credentials", False, r.all())


def helps():
    for name in COMMANDS:
        for flag in (["--help"], ["-h"], ["x", "--help"]):
            r = TOOL.run(name, *flag)
            T.ok(f"{name} {' '.join(flag)}", r.code == 0 and r.text().startswith(f"usage: prov {name} ") and r.err == b"",
                 r.all())


# name, arguments, exit code, check of the document
DOCUMENTS = [
    ("expand", ["expand", "{mac}", "http://a:CANARY@h/"], 0,
     lambda d: d == {"urls": ["00095200000E", "http://***@h/"], "diagnostics": []}),
    ("expand refused", ["expand", "--raw", "--serial", " ", "x", "{serial}"], 1,
     lambda d: d["urls"] == ["x"] and d["diagnostics"][0]["number"] == "PROV-0221"
     and d["diagnostics"][0]["severity"] == "error" and d["diagnostics"][0]["column"] == 1),
    ("resolve", ["resolve", "--base", "http://h/", "references.xml"], 0,
     lambda d: len(d["urls"]) == 4 and d["urls"][0] == "http://h/base.xml"),
    ("expand of what is no UTF-8", ["expand", b"a\xff"], 0, lambda d: d["urls"] == ["a\\xFF"]),
    ("apply with more changes than are kept", ["apply", "settings.xml", "patch.xml", "--limit", "changes=1", "--limit",
                                               "sections=1"], 0,
     lambda d: len(d["changes"]) == 1 and d["changesDropped"] == 2 and d["sectionsDropped"] == 1),
    ("resolve refused", ["resolve", "--base", "http://h/", "patch.xml"], 1,
     lambda d: d["urls"] == [] and d["diagnostics"][0]["line"] == 1),
    ("apply", ["apply", "settings.xml", "patch.xml"], 0,
     lambda d: d["status"] == "applied" and d["files"] == [{"name": "patch.xml", "type": "patch"}]
     and [(s["name"], s["action"], s["operations"], s["reason"]) for s in d["sections"]]
     == [("telephony", "merged", 0, None), ("keys", "merged", 0, None)]
     and [c["path"] for c in d["changes"]]
     == ["/telephony/callWaiting/tone", "/keys/phoneXtensions/key[@keyNumber='2']",
         "/keys/phoneXtensions/key[@keyNumber='3']"]
     and all(c["restart"] is False for c in d["changes"]) and d["diagnostics"] == []),
    ("apply unchanged", ["apply", "settings.xml", "same.xml"], 0,
     lambda d: d["status"] == "unchanged" and d["changes"] == []),
    ("apply in part", ["apply", "settings.xml", "half.xml"], 4,
     lambda d: d["status"] == "partial" and d["sections"][0]["action"] == "discarded"
     and d["sections"][0]["operations"] == 1 and d["sections"][0]["reason"]
     and d["sections"][1]["action"] == "operations" and d["diagnostics"][0]["number"] == "PROV-0445"
     and d["diagnostics"][0]["source"] == "half.xml" and d["diagnostics"][0]["path"] == "/keys/none"),
    ("apply refused", ["apply", "settings.xml", "references.xml"], 1,
     lambda d: d["status"] == "refused" and d["files"] == [{"name": "references.xml", "type": "reference"}]
     and d["sections"] == [] and d["changes"] == [] and d["diagnostics"][0]["number"] == "PROV-0410"),
    ("apply unreadable", ["apply", "settings.xml", "none.xml"], 3,
     lambda d: d["status"] == "refused" and d["diagnostics"][0]["number"] == "PROV-0801"),
    ("apply with digests and rules", ["apply", "settings.xml", "operations.xml"], 0,
     lambda d: [(c["kind"], c["rule"], c["before"] is None, c["after"] is None) for c in d["changes"]]
     == [("removed", "operation delete (OPS-4)", False, True), ("replaced", "operation replace (OPS-4)", False, False),
         ("added", "operation add (OPS-4)", True, False)]
     and all(re.fullmatch("[0-9a-f]{64}", c[k]) for c in d["changes"] for k in ("before", "after") if c[k])
     and d["changes"][1]["before"] != d["changes"][1]["after"] and "explain" not in d),
    ("apply: no digest of a secret", ["apply", "settings.xml", "newpassword.xml"], 0,
     lambda d: [(c["path"], c["before"], c["after"]) for c in d["changes"]]
     == [("/users/user[@name='admin']", None, None)]
     and [s["reason"] for s in d["sections"]] == [None]),
    ("apply: a section without a schema", ["apply", "settings.xml", "alike.xml"], 0,
     lambda d: [s["reason"] for s in d["sections"]] == [None, "unchecked: there is no schema for it"]),
    ("explain", ["apply", "settings.xml", "patch.xml", "operations.xml", "--explain", "/telephony", "--explain", "/none",
                 "--explain", "/keys/phoneXtensions/key[@keyNumber='1']"], 1,
     lambda d: d["status"] == "applied" and d["diagnostics"][0]["number"] == "PROV-0445"
     and [(e["path"], e["loaded"], e["gone"]) for e in d["explain"]]
     == [("/telephony", True, False), ("/keys/phoneXtensions/key[@keyNumber='1']", False, True)]
     and d["explain"][0]["now"] == {"file": "settings.xml", "line": 9, "column": 3}
     and d["explain"][0]["below"][0]["path"] == "/telephony/callWaiting/tone"
     and d["explain"][0]["below"][0]["rule"] == "merged by path (PAT-2)"
     and d["explain"][1]["by"] == {"file": "operations.xml", "line": 2, "column": 3}),
    ("the text before a step of a diff is not kept", ["apply", "plain.xml", "text.xml"], 0,
     lambda d: [(c["kind"], c["before"], len(c["after"])) for c in d["changes"]] == [("text", None, 64)]),
    ("explain hides what a path compares", ["apply", "settings.xml", "patch.xml", "--explain",
                                            "/users/user[password='CANARY-OLD']"], 0,
     lambda d: d["explain"][0]["path"] == "/users/user[password='***']"),
    ("explain a bounded number", ["apply", "settings.xml", "thirty.xml", "--explain", "/telephony"], 0,
     lambda d: len(d["explain"][0]["below"]) == 20 and d["explain"][0]["belowDropped"] == 10),
    ("diff", ["diff", "settings.xml", "edited.xml"], 0,
     lambda d: d["status"] == "different" and [x["kind"] for x in d["differences"]]
     == ["replaced", "attributes", "replaced", "removed", "added"]
     and d["differences"][0]["before"]["line"] == 5 and d["differences"][0]["path"].endswith("/password")
     and d["differences"][0]["before"]["digest"] is None and d["differences"][0]["after"]["digest"] is None
     and len(d["differences"][1]["after"]["digest"]) == 64
     and d["differences"][3]["after"] is None and d["differences"][4]["before"] is None
     and all(x["restart"] in (True, False) for x in d["differences"])),
    ("diff equal", ["diff", "settings.xml", "settings.xml"], 0,
     lambda d: d["status"] == "equal" and d["differences"] == []),
    ("diff refused", ["diff", "settings.xml", "cut.xml"], 1,
     lambda d: d["status"] == "refused" and d["differences"] == [] and d["diagnostics"][0]["source"] == "cut.xml"),
    ("check", ["check", "patch.xml", "references.xml", "operations.xml"], 0,
     lambda d: d["status"] == "unchanged" and [f["type"] for f in d["files"]] == ["patch", "reference", "operations"]
     and d["changes"] == [] and [s["name"] for s in d["sections"]]
     == ["telephony", "keys", "keys", "telephony", "users"]),
    ("check refused", ["check", "patch.xml", "cut.xml"], 1,
     lambda d: d["status"] == "refused" and d["files"][1]["type"] == "unknown" and d["diagnostics"][0]["line"] > 0),
    ("check on settings", ["check", "--settings", "settings.xml", "patch.xml"], 0,
     lambda d: d["status"] == "unchanged" and len(d["changes"]) == 3 and d["sections"][1]["file"] == "patch.xml"),
    ("check in part", ["check", "badpath.xml"], 4,
     lambda d: d["status"] == "partial" and len(d["diagnostics"]) >= 5),
]


def documents():
    for name, args, code, right in DOCUMENTS:
        r = TOOL.run(*args, "--json")
        try:
            doc = json.loads(r.out)
            good = r.code == code and r.err == b"" and bool(right(doc))
        except (ValueError, KeyError, IndexError, TypeError) as e:
            good = False
            r.err += repr(e).encode()
        T.ok(f"json: {name}", good and CANARY not in r.text(), r.all())


def output_file():
    out = TOOL.dir / "out.xml"
    new = TOOL.run("apply", "settings.xml", "patch.xml").out

    T.ok("apply prints what it changed, and nothing else changed",
         new.decode() == tap.SETTINGS.replace("<tone>false", "<tone>true").replace(
             '<key keyNumber="2" label="two"/>',
             '<key keyNumber="2" label="zwei"/>\n      <key keyNumber="3" label="drei"/>'), new.decode())
    r = TOOL.run("apply", "settings.xml", "patch.xml", "-o", "out.xml")
    T.ok("-o: the file is written, nothing is printed", r.code == 0 and r.out == b"" and out.read_bytes() == new, r.all())
    T.ok("-o: the account is on stderr", "result: applied, output file written" in r.errors(), r.all())
    os.chmod(out, 0o640)
    before = out.stat()
    r = TOOL.run("apply", "settings.xml", "operations.xml", "-o", "out.xml")
    T.ok("-o: the mode is kept, the file is a new one",
         r.code == 0 and out.stat().st_mode == before.st_mode and out.stat().st_ino != before.st_ino, r.all())
    content = out.read_bytes()
    before = out.stat()
    for bad in ("references.xml", "cut.xml", "none.xml"):
        r = TOOL.run("apply", "settings.xml", bad, "-o", "out.xml")
        T.ok(f"-o: {bad} leaves the file alone", r.code in (1, 3) and out.read_bytes() == content
             and out.stat().st_ino == before.st_ino, r.all())
        r = TOOL.run("apply", "settings.xml", bad, "-o", "fresh.xml")
        T.ok(f"-o: {bad} makes no file", r.code in (1, 3) and not (TOOL.dir / "fresh.xml").exists(), r.all())
    r = TOOL.run("apply", "settings.xml", "half.xml", "-o", "part.xml")
    T.ok("-o: in part is written", r.code == 4 and b"<tone>true" in (TOOL.read("part.xml") or b""), r.all())
    r = TOOL.run("apply", "settings.xml", "same.xml", "-o", "same-out.xml")
    T.ok("-o: unchanged is written to a new file", r.code == 0 and TOOL.read("same-out.xml") == tap.SETTINGS.encode(), r.all())
    before = (TOOL.dir / "settings.xml").stat()
    r = TOOL.run("apply", "settings.xml", "same.xml", "-o", "settings.xml")
    after = (TOOL.dir / "settings.xml").stat()
    T.ok("-o: unchanged settings are not touched", r.code == 0 and before.st_ino == after.st_ino
         and before.st_mtime_ns == after.st_mtime_ns and "left as it is" in r.errors(), r.all())
    r = TOOL.run("apply", "settings.xml", "patch.xml", "-o", "json.xml", "--json")
    T.ok("-o with --json: both", r.code == 0 and json.loads(r.out)["status"] == "applied" and TOOL.read("json.xml") == new,
         r.all())
    TOOL.write("own.xml", tap.SETTINGS)
    r = TOOL.run("apply", "own.xml", "patch.xml", "-o", "own.xml")
    T.ok("-o: the settings file itself", r.code == 0 and TOOL.read("own.xml") == new, r.all())
    TOOL.write("real.xml", "old")
    (TOOL.dir / "link.xml").symlink_to("real.xml")
    r = TOOL.run("apply", "settings.xml", "patch.xml", "-o", "link.xml")
    T.ok("-o: a link stays a link", r.code == 0 and (TOOL.dir / "link.xml").is_symlink() and TOOL.read("real.xml") == new,
         r.all())
    r = TOOL.run("apply", "settings.xml", "patch.xml", "-o", "folder")
    T.ok("-o: a folder is refused", r.code == 3 and "Is a directory" in r.errors(), r.all())
    r = TOOL.run("apply", "settings.xml", "patch.xml", "-o", "no/such/out.xml")
    T.ok("-o: a missing folder is told", r.code == 3 and "PROV-0803" in r.errors(), r.all())
    r = TOOL.run("apply", "settings.xml", "patch.xml", "-o", "/dev/null")
    T.ok("-o: a device is written straight", r.code == 0 and os.path.exists("/dev/null"), r.all())
    r = TOOL.run("apply", "settings.xml", "patch.xml", "-oglued.xml")
    T.ok("-oFILE", r.code == 0 and TOOL.read("glued.xml") == new, r.all())
    r = TOOL.run("apply", "settings.xml", "patch.xml", "--output=long.xml")
    T.ok("--output=FILE", r.code == 0 and TOOL.read("long.xml") == new, r.all())
    r = TOOL.run("apply", "settings.xml", "patch.xml", "-o", "-")
    T.ok("-o -: the standard output", r.code == 0 and r.out == new, r.all())
    left = [p.name for p in TOOL.dir.iterdir() if p.name.endswith(".tmp")]
    T.same("no temporary files are left", left, [])


def full_device():
    if not os.path.exists("/dev/full"):
        return
    for args in (["apply", "settings.xml", "patch.xml"], ["expand", "x"], ["expand", "--json", "x"], ["check", "patch.xml"]):
        with open("/dev/full", "wb") as full:
            r = TOOL.run(*args, stdout=full)
        T.ok(f"{' '.join(args)} on a full device", r.code == 3 and "PROV-0807" in r.errors(),
             f"exit {r.code}\n{r.errors()}")
    r = TOOL.run("apply", "settings.xml", "patch.xml", "-o", "/dev/full")
    T.ok("-o on a full device", r.code == 3 and "No space left" in r.errors(), r.all())


def standard_input():
    new = TOOL.run("apply", "settings.xml", "patch.xml").out
    r = TOOL.run("apply", "settings.xml", "-", stdin=tap.PATCH.encode())
    T.ok("a change from the standard input", r.code == 0 and r.out == new and "<stdin>: patch" in r.errors(), r.all())
    r = TOOL.run("apply", "-", "patch.xml", stdin=tap.SETTINGS.encode())
    T.ok("settings from the standard input", r.code == 0 and r.out == new, r.all())
    r = TOOL.run("check", "-", stdin=b"<x")
    T.ok("check of the standard input", r.code == 1 and r.errors().startswith("<stdin>:1:"), r.all())
    r = TOOL.run("resolve", "--base", "http://h/", "-", stdin=tap.REFERENCES.encode())
    T.ok("references from the standard input", r.code == 0 and len(r.out.splitlines()) == 4, r.all())


def limits():
    base = b"<configuration><telephony><x>%s</x></telephony></configuration>"
    frame = len(base % b"")

    for delta, code in ((-1, 0), (0, 0), (1, 1)):
        TOOL.write("edge.xml", base % (b"a" * (262144 - frame + delta)))
        r = TOOL.run("check", "edge.xml")
        T.ok(f"a file at the limit {delta:+d}", r.code == code, r.errors())
    r = TOOL.run("check", "big.xml", "--limit", "file_bytes=2000000")
    T.ok("--limit raises it", r.code == 0, r.errors())
    many = "".join(f"<key keyNumber='{i}' label='l{i}'/>" for i in range(1, 3000))
    TOOL.write("many.xml", f"<configuration><templates>{many.replace('keyNumber', 'name').replace('key ', 'template ')}"
                           "</templates></configuration>")
    r = TOOL.run("apply", "settings.xml", "many.xml", "--json")
    doc = json.loads(r.out)
    T.ok("3,000 list members", r.code == 0 and doc["status"] == "applied", r.errors())
    files = [TOOL.write(f"c{i}.xml", tap.PATCH.replace("zwei", f"z{i}")).name for i in range(120)]
    r = TOOL.run("apply", "settings.xml", *files)
    T.ok("120 changes at once", r.code == 0 and b'label="z119"' in r.out, r.errors()[-500:])


SECRETS = [
    ["expand", "http://me:CANARY@h/x", "ftp://me:CANARY@h", "me:CANARY@h/x", "gopher://me:CANARY@h/"],
    ["expand", "--raw", "--serial", " ", "http://me:CANARY@h/{serial}"],
    ["expand", "--url=http://me:CANARY@h/"],
    ["expand", "--http://me:CANARY@h/"],
    ["expand", "--mac", "http://me:CANARY@h/", "x"],
    ["expand", "--dialect", "http://me:CANARY@h/", "x"],
    ["expand", "--limit", "http://me:CANARY@h/", "x"],
    ["http://me:CANARY@h/"],
    ["resolve", "--base", "http://me:CANARY@h:99999/", "references.xml"],
    ["resolve", "--base", "gopher://me:CANARY@h/", "references.xml"],
    ["resolve", "--base", "http://me:CANARY@h/ x", "references.xml"],
    ["resolve", "--base", "http://me:CANARY@h/", "http://me:CANARY@h/"],
    ["resolve", "--base", "http://h/", "secretref.xml"],
    ["check", "secretref.xml", "secretnotify.xml"],
    ["check", "http://me:CANARY@h/"],
    ["apply", "http://me:CANARY@h/", "patch.xml"],
    ["apply", "settings.xml", "http://me:CANARY@h/"],
    ["apply", "settings.xml", "patch.xml", "-o", "http://me:CANARY@h/"],
    ["apply", "settings.xml", "secretpath.xml"],
    ["check", "secretpath.xml", "--settings", "settings.xml"],
    ["serve", "http://me:CANARY@h/"],
    ["serve", "--listen", "http://me:CANARY@h/", "folder"],
    ["run", "--state", "http://me:CANARY@h/"],
    ["run", "--state", "s", "--ca", "http://me:CANARY@h/"],
    ["run", "--state", "s", "--once", "--trace", "t.jsonl", "--url", "gopher://me:CANARY@h/"],
    ["run", "--state", "s", "--once", "--trace", "t.jsonl", "--url", "http://me:CANARY@127.0.0.1:1/x"],
    ["run", "--state", "s", "--once", "--trace", "t.jsonl", "--url", "http://me:CANARY@127.0.0.1:bad/x"],
    ["run", "--state", "s", "--once", "--trace", "t.jsonl", "--url", "http://me:CANARY%0d@127.0.0.1:1/x"],
    ["run", "--state", "s", "--once", "--trace", "t.jsonl", "--url", "http://me:CANARY@no.such.host.invalid/x"],
]


def secrets():
    TOOL.write("secretref.xml", "<referencedSettings><url>http://me:CANARY@h/a</url><url>x://me:CANARY@h/a</url>"
                                "<url>http://me:CANARY@h:0/</url></referencedSettings>")
    TOOL.write("secretnotify.xml", "<notifySync><checkSync><url>http://me:CANARY@h:0/</url></checkSync></notifySync>")
    TOOL.write("secretpath.xml", "<operations><delete path=\"/users/user[password='CANARY']\"/>"
                                 "<delete path='/users/user[@secret=\"CANARY\"][@x]'/>"
                                 "<delete path=\"/users/user[ pin = 'CANARY' ]\"/>"
                                 "<delete path=\"/users/user/password[.='CANARY']\"/></operations>")
    r = TOOL.run("apply", "settings.xml", "secretpath.xml")
    T.ok("a path is shown without the secret", "/users/user[password='***']" in r.errors(), r.all())
    for args in SECRETS:
        for more in ([], ["--json"]):
            r = TOOL.run(*args, *more)
            seen = r.text() + r.errors() + (TOOL.read("t.jsonl") or b"").decode()
            (TOOL.dir / "t.jsonl").unlink(missing_ok=True)
            T.ok(f"no credentials: {' '.join(args + more).replace(CANARY, 'x')}"[:100].replace("#", ""),
                 CANARY not in seen.replace("CANARY-OLD", ""), r.all())


XSD = """<?xml version="1.0"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
%s</xs:schema>
"""

TELEPHONY_XSD = XSD % """  <xs:include schemaLocation="common.xsd"/>
  <xs:element name="telephony">
    <xs:complexType>
      <xs:sequence><xs:element name="callWaiting" type="waiting"/></xs:sequence>
      <xs:attribute name="version" type="xs:string"/>
    </xs:complexType>
  </xs:element>
"""

COMMON_XSD = XSD % """  <xs:complexType name="waiting">
    <xs:all>
      <xs:element name="active" type="xs:boolean" minOccurs="0"/>
      <xs:element name="tone" type="xs:boolean" minOccurs="0"/>
    </xs:all>
  </xs:complexType>
"""

# name, file, exit code, patterns in standard error
SCHEMAS = [
    ("valid", "patch.xml", 0, [r"^patch.xml:7: warning: .*'keys'.*\[PROV-0863\]\n$"]),
    ("a wrong value is not shown", "wrong.xml", 1, [r"wrong.xml:1: error: the value of 'tone' .*\[PROV-0871\]"]),
    ("a wrong element", "wrong2.xml", 1, [r"wrong2.xml:3: error: .*'foo' .*\[PROV-0867\]"]),
    ("a wrong attribute", "wrong3.xml", 1, [r"wrong3.xml:2: error: .*\[PROV-0869\]"]),
    ("a reference file", "references.xml", 0, [r"^$"]),
    ("no schema", "operations.xml", 1, [r"operations.xml:1: error: .*'operations'.*\[PROV-0861\]"]),
    ("no schema of a section", "section.xml", 1, [r"section.xml:1: error: .*'keys'.*\[PROV-0861\]"]),
    ("a broken schema", "notify.xml", 3, [r"xsd/notify_sync.xsd:\d+: error: .*\[PROV-0865\]"]),
    ("a schema that leaves the folder", "users.xml", 3, [r"PROV-0865"]),
    ("more findings than are told", "many-wrong.xml", 1, [r"5 further findings are not shown \[PROV-0809\]"]),
]


def schemas():
    w = TOOL.write
    if "built without libxml2" in TOOL.run("check", "--xsd", "folder", "patch.xml").errors():
        r = TOOL.run("check", "--xsd", "folder", "patch.xml")
        T.ok("--xsd without libxml2", r.code == 2 and r.out == b"", r.all())
        return
    w("xsd/telephony.xsd", TELEPHONY_XSD)
    w("xsd/common.xsd", COMMON_XSD)
    w("xsd/provisioning_references.xsd", XSD % """  <xs:element name="referencedSettings"><xs:complexType><xs:sequence>
    <xs:element name="url" type="xs:string" maxOccurs="unbounded"/></xs:sequence></xs:complexType></xs:element>
""")
    w("xsd/notify_sync.xsd", "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'><xs:nonsense/></xs:schema>")
    w("outside.xsd", COMMON_XSD)
    w("xsd/users.xsd", XSD % """  <xs:include schemaLocation="../outside.xsd"/>
  <xs:element name="users" type="waiting"/>
""")
    w("users.xml", "<configuration><users/></configuration>")
    w("wrong.xml", "<configuration><telephony><callWaiting><tone>CANARY</tone></callWaiting></telephony></configuration>")
    w("wrong2.xml", "<configuration>\n<telephony><callWaiting>\n<foo/></callWaiting></telephony></configuration>")
    w("wrong3.xml", "<configuration>\n<telephony CANARY='CANARY'><callWaiting/></telephony></configuration>")
    w("many-wrong.xml", "<configuration>" + "<telephony a='1'><callWaiting/></telephony>" * 25 + "</configuration>")
    for name, file, code, patterns in SCHEMAS:
        # Without the checks of the phone family itself, whatever they say.
        r = TOOL.run("check", "--xsd", "xsd", "--dialect", "auerswald-d", file)
        good = code in (r.code, 1 if r.code == 4 else r.code)
        T.ok(f"--xsd: {name}", good and all(re.search(p, r.errors()) for p in patterns) and CANARY not in r.all(), r.all())
    r = TOOL.run("check", "--xsd", "nowhere", "patch.xml")
    T.ok("--xsd: no folder", r.code == 3 and "nowhere: error" in r.errors(), r.all())
    r = TOOL.run("check", "--xsd", "patch.xml", "patch.xml")
    T.ok("--xsd: a file for a folder", r.code == 3 and "Not a directory" in r.errors(), r.all())
    r = TOOL.run("check", "--xsd", "xsd", "doctype.xml")
    T.ok("--xsd: a DOCTYPE never reaches libxml2", r.code == 1 and "PROV-087" not in r.errors(), r.all())


def man_page():
    """Every option of the help stands in the manual page, and the other way round."""
    page = (pathlib.Path(__file__).parent / "../../examples/prov/prov.1").read_text(encoding="utf-8")
    in_page = set(re.findall(r"Fl -([a-z][a-z0-9-]+)", page))
    in_help = set()
    for name in COMMANDS:
        text = TOOL.run(name, "--help").text()
        in_help |= {n for n, rest in re.findall(r"(?m)^ +(?:-\w, )?--([a-z0-9-]+)(.*)$", text) if "not in this" not in rest}
    T.same("the manual page has the options of the help", sorted(in_page - {"name"}),
           sorted(in_help - {"help"}))
    if shutil.which("mandoc") is not None:
        path = pathlib.Path(__file__).parent / "../../examples/prov/prov.1"
        done = subprocess.run(["mandoc", "-Tlint", "-Wall", path], stdout=subprocess.PIPE, check=False)
        T.ok("the manual page is well formed", done.returncode == 0, done.stdout.decode())
    r = TOOL.run("expand", "http://prov.example.net/{type}/{mac}.xml")
    T.ok("the manual page's example", f".Dl {r.text()}" in page, r.all())


def main():
    fill()
    table()
    man_page()
    helps()
    documents()
    output_file()
    full_device()
    standard_input()
    limits()
    secrets()
    schemas()
    T.end()


main()
