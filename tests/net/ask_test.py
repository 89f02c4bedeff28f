#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Asking DHCP for ourselves: when nobody answers, beside a DHCP client that is at work, past answers that are not for us;
and a lease file instead.

usage: ask_test.py PROV SEARCH
"""
import pathlib
import random
import select
import socket
import struct
import sys
import threading
import time

import lab
import servers
import wire
from lab import IF, V4, V6, Lab
from phone import MACS, PATCH, Phone, source, story

PROV = sys.argv[1]
BASE = "http://192.0.2.1"
NEAR = 0.1


def files(net):
    net.write("www/file", PATCH)
    servers.nginx(net, "location / { try_files /file =404; }")


def fetched(recorder):
    return [p.target() for p in recorder.all("http-GET")]


# ---- nobody answers ----

def unanswered(t):
    """Repeated after 1 s and 2 s, each 10 % more or less, given up after 4 s."""
    for title, mode, dialect, what in (("DHCPINFORM", "ipv4", "auerswald-d", "dhcp-inform"),
                                       ("Information-request", "ipv6", "panasonic-hdv", "dhcpv6-information-request")):
        with Lab(mode=mode, mac=MACS[dialect]) as net:
            with wire.Recorder(net) as recorder:
                result = Phone(net, PROV, dialect).run("--disable", "pnp")
                time.sleep(0.2)
            sent = [p.time for p in recorder.all(what)]
            gaps = [b - a for a, b in zip(sent, sent[1:])]
            text = f"{gaps}\n{story(result, recorder, net.logs())}"
            t.ok(f"{title} without an answer is sent again after 1 s and 2 s", len(gaps) == 2
                 and 0.9 - NEAR <= gaps[0] <= 1.1 + NEAR and 1.8 - NEAR <= gaps[1] <= 2.2 + NEAR, text)
            t.ok(f"{title} without an answer: the search ends without an address", result.code == 5, text)
            name = "dhcpv6" if mode == "ipv6" else "dhcp"
            record = source(result.doc, name)
            t.ok(f"{title} without an answer is given up after 4 s", "endedMs" not in record
                 or abs(record["endedMs"] - record["beganMs"] - 4000) <= 100, f"{record}\n{text}")
            same = {p.payload[:4] if mode == "ipv6" else p.payload[4:8] for p in recorder.all(what)}
            t.ok(f"{title}: all repetitions are one exchange", len(same) == 1, text)


# ---- a client at work ----

def udhcpc(net):
    script = net.write("udhcpc.sh", f"#!/bin/sh\n[ \"$1\" = bound ] && {lab.find('ip')} address add $ip/24 dev {IF}\nexit 0\n")
    script.chmod(0o755)
    return net.start("phone", lab.find("busybox"), "udhcpc", "-f", "-i", IF, "-s", script, name="udhcpc"), "lease of"


def dhclient(net, conf=""):
    script = net.write("dhclient.sh", f"#!/bin/sh\n[ \"$reason\" = BOUND ] && {lab.find('ip')} address add"
                                      f" $new_ip_address/24 dev {IF}\nexit 0\n")
    script.chmod(0o755)
    return net.start("phone", lab.find("dhclient"), "-4", "-d", "-lf", net.dir / "dhclient.leases", "--no-pid", "-sf", script, "-cf",
                     net.write("dhclient.conf", conf), IF), "bound to"


def dhcpcd(net):
    inside = ("mount -t tmpfs none /var/lib && mount -t tmpfs none /run && mkdir -p /var/lib/dhcpcd /run/dhcpcd && exec \"$@\"")
    return net.start("phone", "/usr/bin/unshare", "-m", "sh", "-c", inside, "sh", lab.find("dhcpcd"), "-4", "-A", "-B", "-f",
                     "/dev/null", "-c", "/bin/true", IF, name="dhcpcd"), "leased"


def beside_a_client(t):
    """The client keeps the port; the question is asked and answered all the same, and the client is content too."""
    for name, program, start in (("udhcpc", "busybox", udhcpc), ("dhclient", "dhclient", dhclient), ("dhcpcd", "dhcpcd", dhcpcd)):
        title = f"beside {name}"
        if not t.needs(title, program, "dhcpd", "nginx"):
            continue
        with Lab(mode="ipv4") as net:
            files(net)
            servers.isc4(net, {66: BASE, 67: f"{name}.xml"})
            net.run("phone", lab.find("ip"), "address", "flush", "dev", IF)
            client, ready = start(net)
            client.wait_for(ready)
            client.wait_for(lambda: "192.0.2." in net.run("phone", lab.find("ip"), "address", "show", "dev", IF).text())
            with wire.Recorder(net) as recorder:
                result = Phone(net, PROV).run("--disable", "pnp")
            t.ok(f"{title}: the options are asked for and the file is fetched", result.code == 0
                 and fetched(recorder) == [f"192.0.2.1/{name}.xml"], story(result, recorder, net.logs()))
            t.ok(f"{title}: the client is still there", client.process.poll() is None, net.logs())


def dhclient6(net):
    script = net.write("dhclient.sh", f"#!/bin/sh\n[ -n \"$new_ip6_address\" ] && {lab.find('ip')} address add"
                                      f" $new_ip6_address/64 dev {IF} nodad\nexit 0\n")
    script.chmod(0o755)
    return net.start("phone", lab.find("dhclient"), "-6", "-d", "-lf", net.dir / "dhclient6.leases", "--no-pid", "-sf", script, "-cf",
                     net.write("dhclient.conf", ""), IF, name="dhclient-6"), "Bound to"


def beside_dhclient6(t):
    """The same with DHCPv6."""
    if not t.needs("beside dhclient -6", "dhclient", "dhcpd", "nginx"):
        return
    with Lab(mode="ipv6", mac=MACS["panasonic-hdv"]) as net:
        files(net)
        servers.isc6(net, {17: (1234, f"http://[{V6['server']}]/six.cfg")})
        client, ready = dhclient6(net)
        client.wait_for(ready)
        with wire.Recorder(net) as recorder:
            result = Phone(net, PROV, "panasonic-hdv").run()
        t.ok("beside dhclient -6: the options are asked for and the file is fetched",
             [f.rpartition("/")[2] for f in fetched(recorder)] == ["six.cfg"], story(result, recorder, net.logs()))
        t.ok("beside dhclient -6: the client is still there", client.process.poll() is None, net.logs())


def beside_dhcpcd6(t):
    """It shares the port with nobody, so nobody else can ask; but it leaves the whole answer behind."""
    if not t.needs("beside dhcpcd -6", "dhcpcd", "dhcpd", "nginx"):
        return
    with Lab(mode="ipv6") as net:
        files(net)
        servers.isc6(net, {17: (1234, f"http://[{V6['server']}]/six.xml")})
        inside = "mount -t tmpfs none /var/lib && mount -t tmpfs none /run && mkdir -p /var/lib/dhcpcd /run/dhcpcd && exec \"$@\""
        conf = net.write("dhcpcd.conf", "duid\ndefine6 17 binhex vendor\noption dhcp6_vendor\n")
        client = net.start("phone", "/usr/bin/unshare", "-m", "sh", "-c", inside, "sh", lab.find("dhcpcd"), "-6", "--inform6", "-B", "-f",
                           conf, "-c", "/bin/true", IF, name="dhcpcd-6").wait_for("REPLY6")
        lease = pathlib.Path(f"/proc/{client.process.pid}/root/var/lib/dhcpcd/{IF}.lease6")
        client.wait_for(lease.exists)
        with wire.Recorder(net) as recorder:
            result = Phone(net, PROV, "generic").run("--lease6", net.write("lease6", lease.read_bytes()))
        t.ok("beside dhcpcd -6: the file that it leaves is used", [f.rpartition("/")[2] for f in fetched(recorder)] == ["six.xml"]
             and not recorder.all("dhcpv6-information-request"), story(result, recorder, net.logs()))


# ---- answers that are not ours ----

def ack(request, url, xid=None, chaddr=None, op=2, kind=5):
    """An answer to a DHCPINFORM."""
    options = b"\x35\x01" + bytes([kind]) + b"\x36\x04" + socket.inet_aton(V4["server"])
    options += bytes([66, len(url)]) + url.encode() + b"\xff"
    return (bytes([op]) + request[1:4] + (xid or request[4:8]) + bytes(4) + request[12:16] + bytes(12)
            + (chaddr or request[28:34]) + request[34:44] + bytes(192) + wire.COOKIE + options)


def reply6(request, url, xid=None, client=None, kind=7):
    """An answer to an Information-request."""
    duid = client or dict(wire.options6(request[4:]))[1]
    vendor = struct.pack("!IHH", 1234, 1, len(url)) + url.encode()
    return bytes([kind]) + (xid or request[1:4]) + b"".join(struct.pack("!HH", c, len(v)) + v for c, v in (
        (1, duid), (2, b"\0\3\0\1\2\0\0\0\0\1"), (17, vendor)))


class Rogue(threading.Thread):
    """A DHCP server that first says what it should not, and half a second later what is right."""

    def __init__(self, net, v6):
        super().__init__(daemon=True)
        self.v6, self.end = v6, threading.Event()
        if v6:
            self.socket = net.socket("server", socket.AF_INET6, socket.SOCK_DGRAM)
            self.socket.bind(("::", 547))
            index = net.inside("server", lambda: socket.if_nametoindex(IF))
            net.inside("server", lambda: self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, socket.inet_pton(
                socket.AF_INET6, "ff02::1:2") + struct.pack("@I", index)))
        else:
            self.socket = net.socket("server", socket.AF_INET, socket.SOCK_DGRAM)
            self.socket.bind(("", 67))
        self.start()

    def wrong(self, request):
        evil = (f"http://[{V6['server']}]" if self.v6 else BASE) + "/evil.xml"
        if self.v6:
            yield reply6(request, evil, xid=b"\1\2\3")
            yield reply6(request, evil, client=b"\0\3\0\1\2\3\4\5\6\7")
            yield reply6(request, evil, kind=2)
            yield request
        else:
            yield ack(request, evil, xid=b"\1\2\3\4")
            yield ack(request, evil, chaddr=b"\2\3\4\5\6\7")
            yield ack(request, evil, op=1)
            yield ack(request, evil, kind=6)
            yield ack(request, evil, kind=2)
            yield request
        yield b""
        r = random.Random(66)
        for size in (1, 4, 40, 236, 240, 241, 300, 1400):
            yield r.randbytes(size)

    def run(self):
        while not self.end.is_set():
            if not select.select([self.socket], [], [], 0.1)[0]:
                continue
            request, phone = self.socket.recvfrom(65536)
            for message in self.wrong(request):
                self.socket.sendto(message, phone)
            time.sleep(0.5)
            good = (f"http://[{V6['server']}]" if self.v6 else BASE) + "/good.xml"
            self.socket.sendto((reply6 if self.v6 else ack)(request, good), phone)

    def stop(self):
        self.end.set()
        self.join()
        self.socket.close()


def not_ours(t):
    if not t.needs("answers that are not ours", "nginx"):
        return
    for title, mode, dialect in (("DHCP", "ipv4", "auerswald-d"), ("DHCPv6", "ipv6", "panasonic-utg")):
        with Lab(mode=mode, mac=MACS[dialect]) as net:
            files(net)
            rogue = Rogue(net, mode == "ipv6")
            with wire.Recorder(net) as recorder:
                result = Phone(net, PROV, dialect).run("--disable", "pnp")
            rogue.stop()
            t.ok(f"{title}: another xid, another phone, another kind of message, garbage: passed over", result.code == 0
                 and [f.rpartition("/")[2] for f in fetched(recorder)] == ["good.xml"], story(result, recorder, net.logs()))


# ---- what a client left ----

def from_lease(t):
    """With --lease nobody is asked: the client has asked already."""
    if not t.needs("a lease file", "dhclient", "dhcpd", "nginx"):
        return
    with Lab(mode="ipv4") as net:
        files(net)
        servers.isc4(net, {66: BASE, 67: "lease.xml?a=1&b={mac}"})
        net.run("phone", lab.find("ip"), "address", "flush", "dev", IF)
        client, ready = dhclient(net, "request subnet-mask, tftp-server-name, bootfile-name;\n")
        client.wait_for(ready)
        client.wait_for(lambda: "192.0.2." in net.run("phone", lab.find("ip"), "address", "show", "dev", IF).text())
        client.wait_for(lambda: "\n}" in (net.dir / "dhclient.leases").read_text())
        with wire.Recorder(net) as recorder:
            result = Phone(net, PROV).run("--disable", "pnp", "--lease", net.dir / "dhclient.leases")
        t.ok("--lease: the address of the file is used, and nobody is asked", result.code == 0
             and fetched(recorder) == ["192.0.2.1/lease.xml?a=1&b=00095200000E"] and not recorder.all("dhcp-inform"),
             story(result, recorder, net.logs()))


def answered(t):
    lab.together(t, beside_a_client, beside_dhclient6, beside_dhcpcd6, not_ours, from_lease)


lab.main([unanswered, answered], "asking DHCP")
