#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""SIP PnP against SIPp: good, late, too late, doubled, malformed, spoofed and conflicting NOTIFYs.

usage: pnp_test.py PROV
"""
import sys
import time

import lab
import servers
import wire
from lab import V4, Lab, at_once
from phone import PATCH, Phone, source, story
from servers import OK, notify, pause

PROV = sys.argv[1]
URL, OTHER = "http://192.0.2.1/pnp/{mac}.xml", "http://192.0.2.1/other.xml"
FETCHED = "192.0.2.1/pnp/00095200000E.xml"
EXTERNAL = 'Content-Type: message/external-body; access-type="URL"; expiration="Mon, 24 June 2030 09:00:00 GMT"; URL="' + URL + '"'
NO_CSEQ = notify(OTHER).replace("CSeq: 1 NOTIFY\n", "")
TOO_LONG = notify(OTHER).replace("[len]", "999")
NOTHING = notify("")

END = pause(300)  # for what is still on its way

# name, what SIPp does after the SUBSCRIBE, what must be fetched (None = nothing), the answers it must get
ROWS = [
    ("a good NOTIFY", OK + notify(URL) + END, FETCHED, ["200"]),
    ("a NOTIFY without a 200 before it", notify(URL) + END, FETCHED, ["200"]),
    ("an address with blanks and a line end behind it", OK + notify(URL + " \n") + END, FETCHED, ["200"]),
    ("an external body", OK + notify("", EXTERNAL) + END, FETCHED, ["200"]),
    ("a NOTIFY after 3 s", OK + pause(3000) + notify(URL) + END, FETCHED, ["200"]),
    ("a NOTIFY after 6 s is too late", OK + pause(6000) + notify(URL) + END, None, []),
    ("the same NOTIFY twice", OK + notify(URL) + notify(URL) + END, FETCHED, ["200", "200"]),
    ("a NOTIFY without CSeq, then a good one", OK + NO_CSEQ + pause(200) + notify(URL) + END, FETCHED, ["200"]),
    ("a NOTIFY that is cut short, then a good one", OK + TOO_LONG + pause(200) + notify(URL) + END, FETCHED, ["200"]),
    ("a NOTIFY without an address, then a good one", OK + NOTHING + pause(200) + notify(URL, cseq=2) + END, FETCHED,
     ["200", "200"]),
    ("a second, different address is not used", OK + notify(URL) + notify(OTHER, cseq=2) + END, FETCHED, ["200", "200"]),
]


def sipp_says_it(t):
    """The scenarios themselves, against a subscriber that is not ours."""
    def one(row):
        name, steps, fetched, _ = row
        with Lab() as net:
            sipp = servers.sipp(net, steps)
            got = wire.subscribe(net, seconds=7 if "6 s" in name else 4 if "3 s" in name else 1)
            end = sipp.end(3)
            return name, got, end, net.logs()
    for name, got, end, text in at_once(one, ROWS, 11):
        notifies = [(when, m) for when, m in got if m.startswith(b"NOTIFY")]
        good = bool(notifies) and any(b"192.0.2.1/" in m for _, m in notifies)
        if "3 s" in name or "6 s" in name:
            good = good and abs(notifies[0][0] - (3 if "3 s" in name else 6)) < 0.5
        t.ok(f"SIPp alone: {name}", good and end == 0, f"{end} {got}\n{text}")


def run_one(row):
    name, steps, fetched, _ = row
    with Lab(mode="ipv4") as net:
        servers.isc4(net)
        net.write("www/file", PATCH)
        # Slow, so that the run is still there for what comes behind the first NOTIFY.
        servers.nginx(net, "location / { limit_rate 80; try_files /file =404; }")
        servers.sipp(net, steps)
        with wire.Recorder(net) as recorder:
            result = Phone(net, PROV).run()
            time.sleep(1.2 if "6 s" in name else 0.2)
        return row, result, recorder, net.logs()


def phone_hears_it(t):
    """The same scenarios, heard by a run: DHCP brings nothing, so PnP decides."""
    for (name, _, fetched, answers), result, recorder, logs in at_once(run_one, ROWS, 11):
        text = story(result, recorder, logs)
        gets = [p.target() for p in recorder.all("http-GET")]
        t.ok(f"a run: {name}: what is fetched", gets == ([fetched] if fetched else []), text)
        t.ok(f"a run: {name}: how it ends", result.code == (0 if fetched else 5)
             and source(result.doc, "pnp").get("outcome") == ("url" if fetched else "nothing"), text)
        sent = [p.what[4:] for p in recorder.packets if p.source == V4["phone"] and p.what.startswith("sip-") and p.what[4:].isdigit()]
        t.ok(f"a run: {name}: the answers", sent == answers, f"wanted {answers}, got {sent}\n{text}")
        if "different" in name:
            t.ok(f"a run: {name}: recorded as a conflict", "other.xml" in result.text() and "conflict" in result.text(), text)


def subscribe_is_as_agreed(t):
    """PNP-1, on the wire."""
    with Lab(mode="ipv4") as net:
        servers.isc4(net)
        servers.sipp(net, OK + notify(URL) + END)
        with wire.Recorder(net) as recorder:
            Phone(net, PROV).run("--fwver", "2.12A", "--vendor", "Auerswald")
        first = recorder.first("sip-SUBSCRIBE")
        text = first.payload.decode() if first else ""
        names = [line.split(":")[0] for line in text.split("\r\n\r\n")[0].split("\r\n")[1:]]
        t.ok("SUBSCRIBE: to the group, by UDP, under 1024 bytes", first is not None and (first.dest, first.dport) == (
            wire.PNP_GROUP, wire.SIP_PORT) and len(first.payload) < 1024, text)
        t.ok("SUBSCRIBE: the order of the headers", names[:6] == ["Via", "From", "To", "Call-ID", "CSeq", "Event"], text)
        t.ok("SUBSCRIBE: what they say", "MAC%3A00095200000E@" in text and wire.header(text, "CSeq") == "1 SUBSCRIBE"
             and wire.header(text, "Event") == 'ua-profile;profile-type="device";vendor="Auerswald";model="D200";version="2.12A"'
             and wire.header(text, "Expires") == "0" and wire.header(text, "Accept") == "application/url"
             and wire.header(text, "Content-Length") == "0", text)
        t.ok("SUBSCRIBE: an answer finds the way back", first is not None and f"{V4['phone']}:{first.sport}" in wire.header(text, "Via"),
             text)


def pnp(t):
    if t.needs("PnP", "sipp"):
        sipp_says_it(t)
        if t.needs("PnP: the run", "dhcpd", "nginx"):
            phone_hears_it(t)
            subscribe_is_as_agreed(t)


lab.main([pnp], "PnP")
