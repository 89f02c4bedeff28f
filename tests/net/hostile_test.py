#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A hostile LAN: spoofed answers, texts that would break a request, and a flood of datagrams.

usage: hostile_test.py PROV SEARCH
"""
import random
import socket
import sys
import threading
import time

import lab
import servers
import wire
from lab import V4, Lab, at_once
from phone import MACS, PATCH, Phone, outcomes, source, story

PROV = sys.argv[1]
BASE = "http://192.0.2.1"
MANUAL = BASE + "/manual.xml"
FLOOD = 100000


def notify_text(call_id, url, cseq=1, extra=""):
    return (f"NOTIFY sip:phone@{V4['phone']} SIP/2.0\r\nVia: SIP/2.0/UDP {V4['other']}:5060;branch=z9hG4bKevil{cseq}\r\n"
            f"From: <sip:evil@{V4['other']}>;tag=evil\r\nTo: <sip:phone@{V4['phone']}>;tag=1\r\nCall-ID: {call_id}\r\n"
            f"CSeq: {cseq} NOTIFY\r\nEvent: ua-profile\r\nSubscription-State: terminated\r\n{extra}"
            f"Content-Type: application/url\r\nContent-Length: {len(url)}\r\n\r\n{url}").encode()


class Hostile(threading.Thread):
    """In the host `other`: hears the SUBSCRIBE, then does what it is told with (its socket, phone, SUBSCRIBE)."""

    def __init__(self, net, act):
        super().__init__(daemon=True)
        self.act, self.got, self.end = act, [], threading.Event()
        self.socket = wire.sip_socket(net, "other", group=True)
        self.start()

    def run(self):
        if wire.wait_for(self.socket, time.monotonic() + 20):
            message, phone = self.socket.recvfrom(65536)
            self.act(self, phone, message)
        while True:
            last = self.end.is_set()
            if not wire.wait_for(self.socket, time.monotonic() + 0.1):
                if last:
                    return
            else:
                message, sender = self.socket.recvfrom(65536)
                if sender[0] == V4["phone"] and not message.startswith(b"SUBSCRIBE"):
                    self.got.append(message)

    def stop(self):
        self.end.set()
        self.join()
        self.socket.close()


def world(net, options=""):
    """DHCP with nothing to say, or with these lines; files for every path."""
    servers.isc4(net, more=options)
    net.write("www/file", PATCH)
    servers.nginx(net, "location / { try_files /file =404; }")


def spoofed(t):
    """A NOTIFY from another address with a Call-ID that is not ours; the right one comes later."""
    def act(self, phone, _):
        self.socket.sendto(notify_text("guessed@evil", "http://192.0.2.66/evil.xml"), phone)

    with Lab(hosts=("phone", "server", "other"), mode="ipv4") as net:
        world(net)
        servers.sipp(net, servers.OK + servers.pause(500) + servers.notify(BASE + "/good.xml") + servers.pause(300))
        hostile = Hostile(net, act)
        with wire.Recorder(net) as recorder:
            result = Phone(net, PROV).run()
            time.sleep(0.2)
        hostile.stop()
        text = f"{hostile.got}\n{story(result, recorder, net.logs())}"
        t.ok("a spoofed NOTIFY is answered with 481", [m.split(b" ")[1] for m in hostile.got] == [b"481"], text)
        t.ok("the right one after it is answered with 200 and wins", result.code == 0
             and [p.what for p in recorder.packets if p.source == V4["phone"] and p.dest == V4["server"]
                  and p.what.startswith("sip-")] == ["sip-200"]
             and source(result.doc, "pnp").get("url", "").endswith("/good.xml"), text)
        t.ok("nothing is fetched from the one who spoofed", not any(p.dest == V4["other"] and p.proto == "tcp"
                                                                    for p in recorder.packets), text)
        t.ok("it is recorded", V4["other"] in result.text(), text)


def alone(t):
    """Nothing but the spoofed one: the window ends as if nobody had answered."""
    def act(self, phone, _):
        for i in range(20):
            self.socket.sendto(notify_text(f"guess-{i}@evil", "http://192.0.2.66/evil.xml", i + 1), phone)

    with Lab(hosts=("phone", "server", "other"), mode="ipv4") as net:
        world(net)
        hostile = Hostile(net, act)
        with wire.Recorder(net) as recorder:
            result = Phone(net, PROV).run("--url", MANUAL)
        hostile.stop()
        text = f"{hostile.got}\n{story(result, recorder, net.logs())}"
        t.ok("20 spoofed NOTIFYs: each gets 481, none is used", [m.split(b" ")[1] for m in hostile.got] == [b"481"] * 20
             and outcomes(result.doc).get("pnp") == "nothing" and result.code == 0, text)


def lenient(t):
    """Who switches the check off gets what he asked for (PNP-3)."""
    def act(self, phone, _):
        self.socket.sendto(notify_text("another@pbx", BASE + "/lenient.xml"), phone)

    with Lab(hosts=("phone", "server", "other"), mode="ipv4") as net:
        world(net)
        hostile = Hostile(net, act)
        with wire.Recorder(net) as recorder:
            result = Phone(net, PROV).run("--lenient")
        hostile.stop()
        t.ok("with --lenient a NOTIFY with another Call-ID is taken", result.code == 0
             and source(result.doc, "pnp").get("url", "").endswith("/lenient.xml"), story(result, recorder, net.logs()))


def other_cable(t):
    """Of two interfaces only the named one is used: nothing goes out at the other, nothing is taken from there."""
    with Lab(mode="ipv4") as net:
        world(net)
        rogue = net.ns("rogue")
        net.hosts += ("rogue",)
        run = lab.ip
        run("netns", "add", rogue)
        run("-n", net.ns("phone"), "link", "add", "name", "lan1", "type", "veth", "peer", "name", "lan1", "netns", rogue)
        for host, address in (("phone", "198.51.100.10"), ("rogue", "198.51.100.66")):
            run("-n", net.ns(host), "link", "set", "lan1", "up")
            run("-n", net.ns(host), "address", "add", f"{address}/24", "dev", "lan1")
        run("-n", rogue, "route", "add", "192.0.2.0/24", "via", "198.51.100.10")
        net.sysctl("phone", "ipv4/conf/lan1/rp_filter", "0")
        net.sysctl("phone", "ipv4/conf/all/rp_filter", "0")
        got = []
        sock = net.socket("rogue", socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind(("", wire.SIP_PORT))
        with sock, wire.Recorder(net) as recorder, wire.Recorder(net, "lan1", host="rogue") as there:
            program = Phone(net, PROV)
            thread = threading.Thread(target=lambda: got.append(program.run("--url", MANUAL)))
            thread.start()
            end = time.monotonic() + 5
            while not recorder.first("sip-SUBSCRIBE") and time.monotonic() < end:
                time.sleep(0.02)
            ask = recorder.first("sip-SUBSCRIBE")
            # It has even got to know the Call-ID.
            sock.sendto(notify_text(wire.header(ask.payload, "Call-ID"), "http://192.0.2.1/evil.xml"), (V4["phone"], ask.sport))
            thread.join()
            answered = wire.wait_for(sock, time.monotonic() + 0.2)
        text = story(got[0], recorder, net.logs()) + "\n" + there.text()
        t.ok("another interface: what is sent from there reaches the phone", bool(there.all("sip-NOTIFY")), text)
        t.ok("another interface: it is neither used nor answered", not answered and got[0].code == 0
             and outcomes(got[0].doc).get("pnp") == "nothing", text)
        t.ok("another interface: nothing is asked there", not [p for p in there.packets if p.what != "sip-NOTIFY"], text)


# name, dialect, what DHCP says: none of it may become a request
TEXTS = [
    ("66 with CR LF", "auerswald-d", {66: BASE + "/a\r\nX-Evil: y"}),
    ("66 with LF", "auerswald-d", {66: BASE + "/a\nX-Evil: y"}),
    ("66 with an escaped CR LF", "auerswald-d", {66: BASE + "/a%0d%0aX-Evil:%20y"}),
    ("66 with an escaped CR LF in capitals", "auerswald-d", {66: BASE + "/a%0D%0AX-Evil:%20y"}),
    ("67 with CR LF", "auerswald-d", {66: BASE, 67: "a\r\nX-Evil: y"}),
    ("67 with an escaped CR LF", "auerswald-d", {66: BASE, 67: "a%0d%0aX-Evil:%20y"}),
    ("a NUL inside 66", "auerswald-d", {66: BASE + "/a\0X-Evil"}),
    ("an escape byte in 66", "auerswald-d", {66: BASE + "/\x1b[31mEvil"}),
    ("43 with CR LF in a block", "auerswald-d", {43: servers.blocks((66, BASE), (67, "a\r\nX-Evil: y"))}),
    ("43 with a block that is too long", "auerswald-d", {43: b"\x42\xffhttp://192.0.2.1/Evil\0"}),
    ("43 cut behind a code", "auerswald-d", {43: b"\x42"}),
    ("160 with CR LF", "panasonic-utg", {160: BASE + "/a.cfg\r\nX-Evil: y"}),
    ("160 with an escaped CR LF", "panasonic-hdv", {160: BASE + "/a%0d%0aX-Evil:%20y"}),
    ("160 with CR LF in the host", "panasonic-hdv", {160: "http://192.0.2.1\r\nX-Evil: y/"}),
]


def isc_escaped(table):
    """Texts with control bytes for the configuration of isc-dhcp-server."""
    return {c: v if isinstance(v, bytes) else "".join(ch if 32 <= ord(ch) < 127 else f"\\{ord(ch):03o}" for ch in v)
            for c, v in table.items()}


def bad_texts(t):
    def one(row):
        name, dialect, table = row
        with Lab(mode="ipv4", mac=MACS[dialect]) as net:
            world(net, servers.isc_lines(isc_escaped(table)).replace("\\\\", "\\"))
            said = wire.inform(net, list(table))
            with wire.Recorder(net) as recorder:
                result = Phone(net, PROV, dialect).run()
            return row, said, result, recorder, net.logs()

    for (name, _, table), said, result, recorder, logs in at_once(one, TEXTS, 10):
        text = f"{said}\n{story(result, recorder, logs)}"
        have = wire.options4(said) if said else {}
        t.ok(f"{name}: the server really says it",
             all(have.get(c) == (v if isinstance(v, bytes) else v.encode()) for c, v in table.items()), text)
        t.ok(f"{name}: nothing of it reaches a request", not any(
            b"Evil" in p.payload for p in recorder.packets if p.proto == "tcp") and not recorder.all("http-GET"), text)
        t.ok(f"{name}: it is refused and recorded", "refused" in outcomes(result.doc).values()
             and result.doc["diagnostics"] and b"\x1b" not in result.out, text)


def bad_notify(t):
    """The same by PnP."""
    bodies = ["http://192.0.2.1/a\r\nX-Evil: y", "http://192.0.2.1/a%0d%0aX-Evil:%20y", "http://192.0.2.1/a\0Evil",
              "javascript:Evil", "http://192.0.2.1/" + "Evil" * 3000]

    def one(text):
        def act(self, phone, message):
            self.socket.sendto(wire.answer_text(message, "200 OK").encode(), phone)
            self.socket.sendto(notify_text(wire.header(message, "Call-ID"), text), phone)

        with Lab(hosts=("phone", "server", "other"), mode="ipv4") as net:
            world(net)
            hostile = Hostile(net, act)
            with wire.Recorder(net) as recorder:
                result = Phone(net, PROV).run()
            hostile.stop()
            return text, hostile.got, result, recorder, net.logs()

    for body, got, result, recorder, logs in at_once(one, bodies):
        text = f"{got}\n{story(result, recorder, logs)}"
        t.ok(f"NOTIFY with {body[:40]!r}: nothing of it reaches a request", not recorder.all("http-GET")
             and not any(b"Evil" in p.payload for p in recorder.packets if p.proto == "tcp"), text)
        t.ok(f"NOTIFY with {body[:40]!r}: the run ends without an address", result.code in (1, 5)
             and outcomes(result.doc).get("pnp") in ("refused", "nothing"), text)


STARTS = [b"", b"", b"SIP/2.0 200 OK\r\n", b"NOTIFY sip:x SIP/2.0\r\nCall-ID: ", b"NOTIFY ", b"\0\0\0\0", b"\r\n\r\n\r\n",
          b"SIP/2.0 ", b"INVITE sip:x SIP/2.0\r\n", b"NOTIFY sip:x SIP/2.0\r\nVia: SIP/2.0/UDP x\r\nFrom: x\r\nTo: x\r\n"]


def noise(count):
    """Datagrams of all sizes, some of which begin like messages."""
    r = random.Random(20240607)
    return [r.choice(STARTS) + r.randbytes(r.choice((0, 1, 2, 20, 100, 500, 1400))) for _ in range(count)]


def flood(t):
    """100,000 random datagrams inside the window, and a good NOTIFY in their midst the second time."""
    datagrams = noise(2000)
    for good in (False, True):
        sent = [0]

        def act(self, phone, message):
            # Half as fast as they come in, all the time: 4 s of the 5.
            start = time.monotonic()
            for i in range(FLOOD):
                self.socket.sendto(datagrams[i % len(datagrams)], phone)
                if good and i % 500 == 0 and i >= FLOOD // 2:
                    self.socket.sendto(notify_text(wire.header(message, "Call-ID"), BASE + "/good.xml"), phone)
                sent[0] += 1
                if i % 100 == 0:
                    ahead = start + 4.0 * i / FLOOD - time.monotonic()
                    if ahead > 0:
                        time.sleep(ahead)

        def is_noise(frame):
            return frame[26:30] == socket.inet_aton(V4["other"]) or frame[30:34] == socket.inet_aton(V4["other"])

        with Lab(hosts=("phone", "server", "other"), mode="ipv4") as net:
            world(net)
            hostile = Hostile(net, act)
            with wire.Recorder(net, ignore=is_noise) as recorder:
                result = Phone(net, PROV).run("--url", MANUAL)
            hostile.stop()
            start, file = recorder.first("sip-SUBSCRIBE"), recorder.first("http-GET")
            took = file.time - start.time if start and file else -1
            text = f"{sent[0]} sent, took {took}\n{story(result, recorder, net.logs())}"
            if good:
                t.ok("a good NOTIFY amid 100,000 random datagrams still wins", result.code == 0
                     and source(result.doc, "pnp").get("url", "").endswith("/good.xml"), text)
            else:
                t.ok("100,000 random datagrams do not crash it", sent[0] == FLOOD and result.code == 0, text)
                t.ok("nor do they delay the end of the window", abs(took - 5.0) <= 0.1, text)
                t.ok("nor do they bring an address", outcomes(result.doc).get("pnp") == "nothing", text)


def hostile(t):
    if t.needs("a hostile LAN", "dhcpd", "nginx", "sipp"):
        lab.together(t, spoofed, alone, lenient, other_cable, bad_texts, bad_notify)
        flood(t)


lab.main([hostile], "hostile")
