#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What an answer by PnP may lead to: SIPp as the one who answers, nginx as the servers, policies of the phone.

usage: trust_test.py PROV
"""
import sys

import chains
import lab
import servers
from lab import V4, Lab, at_once
from phone import PATCH, Phone, source
from servers import OK, notify, pause

PROV = sys.argv[1]
HTTP, HTTPS = f"http://{V4['server']}/x", f"https://{V4['server']}/x"

# name, policy, address that PnP brings, exit code, outcome of the source, whether a file was fetched
ROWS = [
    ("no policy, http", (), HTTP, 0, "url", True),
    ("https only, http", ("--https-only",), HTTP, 1, "refused", False),
    ("https only, https", ("--https-only",), HTTPS, 0, "url", True),
    ("https only, https that leads to http", ("--https-only",), HTTPS.replace("/x", "/down"), 1, "url", False),
    ("another server is allowed", ("--allow-server", "prov.example.com"), HTTPS, 1, "refused", False),
    ("this server is allowed", ("--allow-server", V4["server"]), HTTPS, 0, "url", True),
    ("only before the first provisioning, which is this one", ("--first-only",), HTTP, 0, "url", True),
    ("only the server of the first provisioning, which is this one", ("--pin",), HTTP, 0, "url", True),
]


def one(row):
    _, policy, url, *_ = row
    with Lab(mode="ipv4") as net:
        forge = chains.Forge(net.dir / "tls")
        forge.make("root")
        forge.server("here", "root", f"IP:{V4['server']}")
        net.write("www/file", PATCH)
        servers.isc4(net)
        servers.nginx(net, f"listen {V4['server']}:443 ssl; ssl_certificate {forge.chain('here')};"
                           f" ssl_certificate_key {forge.key('here')}; location = /down {{ return 302 {HTTP}; }}"
                           " location / { try_files /file =404; }")
        servers.sipp(net, OK + notify(url) + pause(300))
        phone = Phone(net, PROV)
        old = (phone.state / "settings.xml").read_bytes()
        result = phone.run("--ca", forge.bundle("trusted", "root"), *policy)
        kept = (phone.state / "settings.xml").read_bytes() == old
        return row, result, kept, servers.details(net), net.logs()


def policies(t):
    if not t.needs("trust", "sipp", "dhcpd", "nginx", "openssl"):
        return
    for (name, _, _, code, outcome, fetched), result, kept, seen, logs in at_once(one, ROWS, len(ROWS)):
        record = source(result.doc, "pnp")
        text = f"{record}\n{seen}\n{result.errors()}{result.text()}\n{logs}"
        t.ok(f"trust: {name}: how it ends", result.code == code and record.get("outcome") == outcome, text)
        t.ok(f"trust: {name}: what is fetched", any(d["status"] == "200" for d in seen) == fetched and kept != fetched, text)
        t.ok(f"trust: {name}: a refusal is explained", (code == 0) == (not result.doc["diagnostics"]), text)


lab.main([policies], "trust")
