#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check-sync: SIPp sends NOTIFYs to a phone that stays, with and without a body.

usage: check_sync_test.py PROV
"""
import sys
import time

import lab
import servers
import tap
import wire
from lab import IF, V4, Lab, at_once
from phone import PATCH, Phone

PROV = sys.argv[1]
ALLOWED = """<provisioning version="1.34.0">
    <sip>
      <active>{active}</active>
      <allowlist><allowlistEntry>192.0.2.1</allowlistEntry></allowlist>
    </sip>
  </provisioning>
</configuration>"""
SYNC = "<notifySync><checkSync>{}</checkSync></notifySync>"
SNIPPET = "<configuration><telephony><callWaiting><active>false</active></callWaiting></telephony></configuration>"
MANUAL, BASE = "GET 192.0.2.1/manual.xml", "GET 192.0.2.1/base-00095200000E.xml"

# name, sender, event, body, switched on, answer, what is fetched then, what the settings hold then
ROWS = [
    ("without a body", "server", "check-sync", "", True, "200", [MANUAL], "<tone>true"),
    ("with reboot=false", "server", "check-sync;reboot=false", "", True, "200", [MANUAL], "<tone>true"),
    ("with an address", "server", "check-sync", SYNC.format("<url>http://192.0.2.1/base-{mac}.xml</url>"), True, "200", [BASE],
     "<tone>true"),
    ("with data and no address", "server", "check-sync", SYNC.format("<dataAvailable>true</dataAvailable>"), True, "200", [MANUAL],
     "<tone>true"),
    ("with a snippet", "server", "check-sync", SNIPPET, True, "200", [], "<active>false</active>\n      <tone>"),
    ("from a stranger", "other", "check-sync", "", True, "403", [], "<tone>true"),
    ("switched off", "server", "check-sync", "", False, "403", [], "<tone>true"),
    ("of another event", "server", "message-summary", "", True, "489", [], "<tone>true"),
    ("with a broken body", "server", "check-sync", "<notifySync>", True, "400", [], "<tone>true"),
]

NOTIFY = """<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="check-sync">
<send retrans="500"><![CDATA[

NOTIFY sip:phone@PHONE:5060 SIP/2.0
Via: SIP/2.0/UDP SENDER:5060;branch=[branch]
From: <sip:prov@SENDER>;tag=[call_number]
To: <sip:phone@PHONE>
Call-ID: [call_id]
CSeq: 1 NOTIFY
Event: EVENT
TYPEContent-Length: [len]

BODY]]></send>
<recv response="STATUS" timeout="4000"/>
</scenario>
"""


def send(net, host, event, body, status):
    """SIPp's exit code: 0 if it was answered as wanted."""
    text = NOTIFY.replace("SENDER", V4[host]).replace("PHONE", V4["phone"]).replace("EVENT", event)
    text = text.replace("BODY", body).replace("STATUS", status).replace("TYPE", "Content-Type: application/xml\n" if body else "")
    scenario = net.write(f"sync-{next(net.count)}.xml", text)
    return net.start(host, lab.find("sipp"), "-sf", scenario, "-i", V4[host], "-p", wire.SIP_PORT, "-m", 1, "-t", "u1", "-nostdin",
                     f"{V4['phone']}:{wire.SIP_PORT}", env={**lab.peer_env(), "TERM": "dumb"}).end(8)


def settle(condition, seconds=5):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)


def one(row):
    name, host, event, body, active, status, fetched, holds = row
    with Lab(hosts=("phone", "server", "other"), mode="ipv4") as net:
        net.write("www/file", PATCH)
        servers.nginx(net, "location / { try_files /file =404; }")
        settings = tap.SETTINGS.replace("</configuration>", ALLOWED.format(active="true" if active else "false"))
        phone = Phone(net, PROV, settings=settings)
        with wire.Recorder(net) as recorder:
            program = phone.start("run", "--state", phone.state, "--interface", IF, "--url", "http://192.0.2.1/manual.xml",
                                  "--disable", "dhcp", "--disable", "pnp", *phone.device)
            program.wait_for("outcome: applied")
            settle(lambda: recorder.all("http-GET"))
            first = len(recorder.all("http-GET"))
            code = send(net, host, event, body, status)
            settle(lambda: len(recorder.all("http-GET")) >= first + len(fetched) and holds in (
                phone.state / "settings.xml").read_text(), 3)
            time.sleep(0.3)  # for what must not come
            now = (phone.state / "settings.xml").read_text()
            end = program.stop()
        gets = ["GET " + p.target() for p in recorder.all("http-GET")][first:]
        return row, code, gets, holds in now, end, f"{code} {end} {gets}\n{recorder.text()}\n{net.logs()}\n{now}"


def rows(t):
    if not t.needs("check-sync", "sipp", "nginx"):
        return
    for (name, host, event, body, active, status, fetched, _), code, gets, holds, end, text in at_once(one, ROWS, 9):
        t.ok(f"check-sync {name}: answered with {status}", code == 0, text)
        t.ok(f"check-sync {name}: what is fetched", gets == fetched, text)
        t.ok(f"check-sync {name}: the settings", holds, text)
        t.ok(f"check-sync {name}: a signal ends the phone", end == 0, text)


def rate(t):
    """Only one in ten seconds is taken; the same one again, because its answer was lost, is no new one."""
    if not t.needs("check-sync, rate limit", "nginx"):
        return
    with Lab(mode="ipv4") as net:
        net.write("www/file", PATCH)
        servers.nginx(net, "location / { try_files /file =404; }")
        phone = Phone(net, PROV, settings=tap.SETTINGS.replace("</configuration>", ALLOWED.format(active="true")))
        program = phone.start("run", "--state", phone.state, "--interface", IF, "--url", "http://192.0.2.1/manual.xml",
                              "--disable", "dhcp", "--disable", "pnp", *phone.device)
        program.wait_for("outcome: applied")
        answers = []
        with wire.Recorder(net) as recorder, wire.sip_socket(net, "server") as sock:
            for call_id in ("one@lab", "one@lab", "two@lab", "three@lab"):
                text = (f"NOTIFY sip:phone@{V4['phone']} SIP/2.0\r\nVia: SIP/2.0/UDP {V4['server']}:5060;branch=z9hG4bK{call_id}\r\n"
                        f"From: <sip:prov@{V4['server']}>;tag=1\r\nTo: <sip:phone@{V4['phone']}>\r\nCall-ID: {call_id}\r\n"
                        "CSeq: 1 NOTIFY\r\nEvent: check-sync\r\nContent-Length: 0\r\n\r\n")
                sock.sendto(text.encode(), (V4["phone"], wire.SIP_PORT))
                answers.append(sock.recv(4096) if wire.wait_for(sock, time.monotonic() + 3) else b"SIP/2.0 none")
            settle(lambda: recorder.all("http-GET"), 3)
            time.sleep(0.3)
        program.stop()
        text = f"{answers}\n{recorder.text()}\n{net.logs()}"
        t.ok("check-sync: the first is taken, the same again answered, more refused for a while",
             [a.split(b" ")[1] for a in answers] == [b"200", b"200", b"503", b"503"], text)
        t.ok("check-sync: who is refused is told how long", wire.header(answers[2], "Retry-After").isdigit(), text)
        t.ok("check-sync: four NOTIFYs make one run", len(recorder.all("http-GET")) == 1, text)


lab.main([rows, rate], "check-sync")
