#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The tool on the other side: `prov serve --pnp` and `prov listen` with phones that are not ours, and with `prov run`.

usage: lab_test.py PROV
"""
import json
import os
import sys
import time

import lab
import tap
import wire
from lab import IF, V4, Lab
from phone import PATCH, Phone, source, tool_env, story

PROV = os.path.abspath(sys.argv[1])
URL = "http://192.0.2.1:8080/{mac}.xml"

# A phone played by SIPp: SUBSCRIBE to the group, 200, NOTIFY, 200.
SIPP_PHONE = """<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="phone">
<send><![CDATA[

SUBSCRIBE sip:MAC%3A0080F0C571EB@224.0.1.75 SIP/2.0
Via: SIP/2.0/UDP PHONE:5060;branch=[branch]
From: <sip:MAC%3A0080F0C571EB@224.0.1.75>;tag=[call_number]
To: <sip:MAC%3A0080F0C571EB@224.0.1.75>
Call-ID: [call_id]
CSeq: 1 SUBSCRIBE
Event: ua-profile;profile-type="device";vendor="Lab";model="SIPp";version="3.6"
Contact: <sip:MAC%3A0080F0C571EB@PHONE:5060>
Expires: 0
Accept: application/url
Content-Length: 0

]]></send>
<recv response="200"/>
<recv request="NOTIFY">
<action><ereg regexp="http://.*" search_in="body" check_it="true" assign_to="1"/><log message="told [$1]"/></action>
</recv>
<send><![CDATA[

SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
</scenario>
"""


def serve(net, *more, file=PATCH):
    net.write("www/00095200000E.xml", file)
    return net.start("server", PROV, "serve", net.dir / "www", "--listen", V4["server"], "--port", "8080", "--pnp", "--interface", IF,
                     "--pnp-url", "/{mac}.xml", *more, env=tool_env(), name="prov-serve").wait_for("answering SIP PnP")


def sipp_phone(net):
    scenario = net.write("phone.xml", SIPP_PHONE.replace("PHONE", V4["phone"]))
    program = net.start("phone", lab.find("sipp"), "-sf", scenario, "-i", V4["phone"], "-p", wire.SIP_PORT, "-m", 1, "-t", "u1",
                        "-nostdin", "-timeout", 5, "-trace_logs", "-log_file", net.dir / "sipp.log",
                        f"{wire.PNP_GROUP}:{wire.SIP_PORT}", env={**lab.peer_env(), "TERM": "dumb"})
    code = program.end(8)
    log = net.dir / "sipp.log"
    return code, log.read_text() if log.exists() else ""


def serve_pnp(t):
    with Lab(mode="ipv4") as net:
        server = serve(net)
        got = wire.subscribe(net, seconds=1.2)
        notifies = [m for _, m in got if m.startswith(b"NOTIFY")]
        text = f"{got}\n{net.logs()}"
        t.ok("prov serve --pnp: a subscriber gets 200, then the address", [m[:12] for _, m in got][:1] == [b"SIP/2.0 200 "]
             and len(notifies) == 1 and wire.body(notifies[0]) == URL.encode()
             and wire.header(notifies[0], "Call-ID") == "probe-1@lab", text)
        t.ok("prov serve --pnp: the 200 comes from where the NOTIFY comes from, at once", got[1][0] < 0.2, text)
        got = wire.subscribe(net, "probe-2@lab", seconds=2, status="")
        t.ok("prov serve --pnp: without an answer the NOTIFY is sent again", len(
            [m for _, m in got if m.startswith(b"NOTIFY")]) >= 2 and len({m for _, m in got}) == 2, f"{got}\n{net.logs()}")
        t.ok("prov serve --pnp: it says who asked", "00095200000E" in server.log().upper() and V4["phone"] in server.log(), net.logs())
        if t.needs("prov serve --pnp, SIPp as phone", "sipp"):
            code, log = sipp_phone(net)
            t.ok("prov serve --pnp: SIPp as a phone is content", code == 0 and f"told {URL}" in log, f"{code} {log}\n{net.logs()}")


def whole_way(t):
    """From nothing: the phone finds the lab server by PnP, fetches, applies."""
    with Lab(mode="ipv4") as net:
        server = serve(net)
        phone = Phone(net, PROV)
        with wire.Recorder(net) as recorder:
            result = phone.run()
        text = story(result, recorder, net.logs())
        t.ok("prov run finds prov serve --pnp and applies its file", result.code == 0
             and source(result.doc, "pnp").get("url", "").endswith(":8080/00095200000E.xml")
             and "<tone>true</tone>" in (phone.state / "settings.xml").read_text(), text)
        t.ok("the record names who answered and how long it took", V4["server"] in json.dumps(source(result.doc, "pnp")), text)
        server.stop()


def serve_check_sync(t):
    """The server tells a phone that stays to look for new settings, at its start and by a signal."""
    with Lab(mode="ipv4") as net:
        server = serve(net)
        settings = tap.SETTINGS.replace("</configuration>", "<provisioning version='1.34.0'><sip><active>true</active><allowlist>"
                                        "<allowlistEntry>192.0.2.1</allowlistEntry></allowlist></sip></provisioning></configuration>")
        phone = Phone(net, PROV, settings=settings)
        program = phone.start("run", "--state", phone.state, "--interface", IF, "--disable", "dhcp", *phone.device)
        program.wait_for("outcome: applied")
        server.stop()
        serve(net, "--check-sync", V4["phone"], file=PATCH.replace("<tone>true", "<tone>false"))
        end = time.monotonic() + 5
        while program.log().count("outcome: ") < 2 and time.monotonic() < end:
            time.sleep(0.05)
        text = net.logs()
        t.ok("prov serve --check-sync: the phone takes it and runs again", program.log().count("outcome: applied") == 2
             and "<tone>false</tone>" in (phone.state / "settings.xml").read_text(), text)
        t.ok("prov serve --check-sync: the phone says who told it", V4["server"] in program.log() and "200" in program.log(), text)


def listen(t):
    """What phones send, decoded, for whoever looks after the network."""
    if not t.needs("prov listen", "sipp"):
        return
    with Lab(mode="ipv4") as net:
        program = net.start("server", PROV, "listen", "--interface", IF, "--count", "3", "--seconds", "15", "--json", env=tool_env(),
                            name="prov-listen")
        time.sleep(0.5)
        wire.subscribe(net, seconds=0.2)
        sipp = net.start("phone", lab.find("sipp"), "-sf", net.write("p.xml", SIPP_PHONE.replace("PHONE", V4["phone"])), "-i",
                         V4["phone"], "-p", wire.SIP_PORT, "-m", 1, "-t", "u1", "-nostdin", "-timeout", 3,
                         f"{wire.PNP_GROUP}:{wire.SIP_PORT}", env={**lab.peer_env(), "TERM": "dumb"})
        time.sleep(0.3)
        sipp.stop()
        run = Phone(net, PROV).run("--disable", "dhcp")
        program.end(10)
        rows = []
        for line in program.log().splitlines():
            try:
                rows.append(json.loads(line))
            except ValueError:
                pass
        seen = [(r.get("vendor"), r.get("model"), r.get("mac", "").upper().replace(":", "")) for r in rows]
        text = f"{seen}\n{program.log()}\n{run.all()}"
        t.ok("prov listen: the probe's SUBSCRIBE", ("probe", "probe", "00095200000E") in seen, text)
        t.ok("prov listen: SIPp's SUBSCRIBE", ("Lab", "SIPp", "0080F0C571EB") in seen, text)
        t.ok("prov listen: the SUBSCRIBE of prov run", any(s[1] == "D200" and s[2] == "00095200000E" for s in seen), text)


def server(t):
    lab.together(t, serve_pnp, whole_way, serve_check_sync, listen)


lab.main([server], "the tool as a server")
