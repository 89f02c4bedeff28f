#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The redirection service, played by nginx: what its answers lead to.

usage: redirect_test.py PROV
"""
import shutil
import subprocess
import sys

import lab
import servers
import wire
from lab import V4, Lab, at_once
from phone import PATCH, Phone, source, story

PROV = sys.argv[1]
BASE = "http://192.0.2.1"
SERVICE = BASE + "/assign?mac={mac}&type=<HWTYP>"
ASKED = "GET 192.0.2.1/assign?mac=00095200000E&type=D200"
TARGET, MANUAL = "GET 192.0.2.1/target.xml", "GET 192.0.2.1/manual.xml"
REFERENCES = "<referencedSettings><url>target.xml</url></referencedSettings>"


def body(text, kind="text/plain"):
    return f"default_type {kind}; return 200 '{text}';"


# name, what nginx does, what is asked after the service, outcome of the source, outcome of the run
ROWS = [
    ("302 with an address", f"return 302 {BASE}/target.xml;", [TARGET], "url", "applied"),
    ("301", f"return 301 {BASE}/target.xml;", [TARGET], "url", "applied"),
    ("303", f"return 303 {BASE}/target.xml;", [TARGET], "url", "applied"),
    ("307", f"return 307 {BASE}/target.xml;", [TARGET], "url", "applied"),
    ("308", f"return 308 {BASE}/target.xml;", [TARGET], "url", "applied"),
    ("302 with markers", f"return 302 '{BASE}/{{mac}}.xml';", ["GET 192.0.2.1/00095200000E.xml"], "url", "applied"),
    ("302 with a path only", "absolute_redirect off; return 302 /target.xml;", [TARGET], "url", "applied"),
    ("a body that is an address", body(f"{BASE}/target.xml"), [TARGET], "url", "applied"),
    ("a body that is an address and a line end", body(f" {BASE}/target.xml\r\n"), [TARGET], "url", "applied"),
    ("a body that is a patch", body(PATCH, "application/xml"), [], "url", "applied"),
    ("a body that is a reference file", body(REFERENCES, "application/xml"), [TARGET], "url", "applied"),
    ("404: not assigned", "return 404;", [MANUAL], "nothing", "applied"),
    ("410: not assigned", "return 410;", [MANUAL], "nothing", "applied"),
    ("204: not assigned", "return 204;", [MANUAL], "nothing", "applied"),
    ("500: not assigned now", "return 500;", [MANUAL], None, "applied"),
    ("a page for people", body("<html><body>Welcome</body></html>", "text/html"), [MANUAL], "nothing", "applied"),
    ("an address of another kind", "return 302 gopher://192.0.2.1/x;", [MANUAL], "refused", "applied"),
    ("an address with an escaped line end", f"return 302 '{BASE}/a%0d%0aX-Evil:%20y';", [MANUAL], "refused", "applied"),
    ("an address and a second line", body(f"{BASE}/a\r\nX-Evil: y"), [MANUAL], "nothing", "applied"),
]


def one(row):
    name, location, *_ = row
    with Lab(mode="ipv4") as net:
        servers.isc4(net)
        net.write("www/file", PATCH)
        servers.nginx(net, f"location = /assign {{ {location} }} location / {{ try_files /file =404; }}")
        phone = Phone(net, PROV)
        with wire.Recorder(net) as recorder:
            result = phone.run("--redirect-url", SERVICE, "--url", BASE + "/manual.xml")
        return row, result, recorder, net.logs()


def answers(t):
    if not t.needs("the redirection service", "dhcpd", "nginx"):
        return
    for (name, _, then, outcome, ended), result, recorder, logs in at_once(one, ROWS, 10):
        text = story(result, recorder, logs)
        gets = [a for a in recorder.asked() if a.startswith("GET")]
        t.ok(f"redirection service: {name}: what is asked", gets == [ASKED] + then, f"wanted {[ASKED] + then}, got {gets}\n{text}")
        record = source(result.doc, "redirect")
        t.ok(f"redirection service: {name}: the record", outcome in (None, record.get("outcome"))
             and result.doc.get("outcome") == ended, f"wanted {outcome}, {ended}\n{text}")
        t.ok(f"redirection service: {name}: nothing slips into a request",
             not any(b"Evil" in p.payload for p in recorder.packets if p.source == V4["phone"]), text)


def certificate(net):
    """A key and a certificate for the server that signs itself."""
    subprocess.run([shutil.which("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=lab",
                    "-addext", f"subjectAltName=IP:{V4['server']}", "-keyout", net.dir / "key.pem", "-out", net.dir / "cert.pem"],
                   check=True, stdin=subprocess.DEVNULL, capture_output=True)
    return net.dir / "cert.pem"


def from_https_to_http(t):
    """NET-1: an answer over TLS does not lead to a place without it."""
    name = "redirection service: over TLS"
    if not t.needs(name, "dhcpd", "nginx", "openssl"):
        return
    for where, fetched in ((BASE + "/target.xml", False), ("https://192.0.2.1/target.xml", True)):
        with Lab(mode="ipv4") as net:
            servers.isc4(net)
            net.write("www/file", PATCH)
            ca = certificate(net)
            servers.nginx(net, f"listen {V4['server']}:443 ssl; ssl_certificate {ca}; ssl_certificate_key {net.dir}/key.pem;"
                               f" location = /assign {{ return 302 {where}; }} location / {{ try_files /file =404; }}")
            phone = Phone(net, PROV)
            with wire.Recorder(net) as recorder:
                result = phone.run("--redirect-url", "https://192.0.2.1/assign", "--ca", ca)
            got = any(a.endswith("/target.xml 200") for a in servers.accesses(net))
            text = f"{servers.accesses(net)}\n{story(result, recorder, net.logs())}"
            t.ok(f"{name}: {where} is {'used' if fetched else 'not used'}", got == fetched
                 and source(result.doc, "redirect").get("outcome") == ("url" if fetched else "refused"), text)


lab.main([answers, from_https_to_http], "redirection")
