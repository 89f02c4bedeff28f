#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""DHCP and DHCPv6 servers of Debian: what they say, what the tool makes of it, and what a run asks and fetches.

usage: dhcp_test.py PROV SEARCH
"""
import json
import sys

import lab
import servers
import wire
from lab import Lab, at_once
from phone import MACS, PATCH, Phone, story

PROV = sys.argv[1]
CODES = [66, 67, 43, 160, 159, 150]
SERVER, SERVER6 = "http://192.0.2.1", "http://[2001:db8::1]"
ALL = tuple(servers.DHCP4)
NO_KEA = ("isc-dhcp-server", "dnsmasq")  # it keeps option 159 for RFC 7618 and takes 43 apart itself
D200 = 'host d200 { hardware ethernet 00:09:52:00:00:0e; fixed-address 192.0.2.10;' \
       ' filename "prov.py?mac=<MACADR>"; option tftp-server-name "http://prov.server.com"; }'

# name, dialect, what the server has to say, the address that must come out (None = nothing), servers
ROWS = [
    ("66 and 67", "auerswald-d", {66: SERVER, 67: "prov.py?mac=<MACADR>"}, SERVER + "/prov.py?mac=00095200000E", ALL),
    ("66 and 67 with a slash each", "auerswald-d", {66: SERVER + "/prov/", 67: "/{type}.xml"}, SERVER + "/prov/D200.xml", ALL),
    ("66 alone", "auerswald-d", {66: SERVER + "/alone.xml"}, SERVER + "/alone.xml", ALL),
    ("67 alone is nothing", "auerswald-d", {67: "alone.xml"}, None, ALL),
    ("43 with both blocks", "auerswald-d", {43: servers.blocks((66, SERVER), (67, "<HWTYP>.bak"))}, SERVER + "/D200.bak", ALL),
    ("43 goes before 66 and 67", "auerswald-d",
     {66: "http://wrong.example", 67: "wrong.xml", 43: servers.blocks((66, SERVER), (67, "{serial}.xml"))}, SERVER + "/SERIAL.xml", ALL),
    ("a block of 43 beside a plain 67", "auerswald-d", {67: "plain.xml", 43: servers.blocks((66, SERVER))}, SERVER + "/plain.xml", ALL),
    ("a block that 43 does not know", "auerswald-d",
     {43: servers.blocks((1, "x"), (66, SERVER), (67, "a.xml"), (200, "y"))}, SERVER + "/a.xml", ALL),
    ("160", "panasonic-utg", {160: SERVER + "/Config{MAC}.cfg"}, SERVER + "/Config0080F0C571EB.cfg", ALL),
    ("160 without a file name", "panasonic-utg", {160: SERVER + "/pana", 66: "http://wrong.example"}, SERVER + "/pana/KX-UTG200B.cfg", ALL),
    ("159 where 160 is missing", "panasonic-utg", {159: SERVER, 66: "http://wrong.example"}, SERVER + "/KX-UTG200B.cfg", NO_KEA),
    ("66 where both are missing", "panasonic-utg", {66: SERVER + "/x.cfg", 67: "wrong.cfg"}, SERVER + "/x.cfg", ALL),
    ("66 as a bare host", "panasonic-utg", {66: "192.0.2.1"}, "tftp://192.0.2.1/KX-UTG200B.cfg", ALL),
    ("160 and 67", "panasonic-hdv", {160: SERVER + "/pana", 67: "{mac}.cfg"}, SERVER + "/pana/0080f0c571eb.cfg", ALL),
    ("160 without 67", "panasonic-hdv", {160: SERVER}, SERVER + "/KX-HDV130.cfg", ALL),
    ("159 and 67", "panasonic-hdv", {159: SERVER, 67: "pana/{MODEL}.cfg"}, SERVER + "/pana/KX-HDV130.cfg", NO_KEA),
    ("66 with scheme and file", "panasonic-hdv", {66: SERVER + "/a/{MAC}.cfg", 67: "wrong.cfg"}, SERVER + "/a/0080F0C571EB.cfg", ALL),
    ("66 with a slash at the end", "panasonic-hdv", {66: SERVER + "/provisioning/", 67: "wrong.cfg"},
     SERVER + "/provisioning/KX-HDV130.cfg", ALL),
    ("66 without a scheme", "panasonic-hdv", {66: "192.0.2.1"}, "tftp://192.0.2.1/KX-HDV130.cfg", ALL),
    ("66 and 67 that fill a packet", "auerswald-d", {66: SERVER + "/" + 200 * "x", 67: 200 * "y"},
     SERVER + "/" + 200 * "x" + "/" + 200 * "y", ALL),
    ("a bare address in 43", "generic", {43: (SERVER + "/bare.xml").encode()}, SERVER + "/bare.xml", NO_KEA),
    ("150", "generic", {150: "192.0.2.1"}, "tftp://192.0.2.1/00095200000e.xml", ALL),
]

ROWS6 = [
    ("17, sub-option 1", "panasonic-utg", {17: (1234, SERVER6 + "/{MODEL}.cfg")}, SERVER6 + "/KX-UTG200B.cfg"),
    ("17, sub-option 1, without a file name", "panasonic-utg", {17: (1234, SERVER6)}, SERVER6 + "/KX-UTG200B.cfg"),
    ("17, sub-option 1", "panasonic-hdv", {17: (99, SERVER6 + "/pana/{mac}.cfg")}, SERVER6 + "/pana/0080f0c571eb.cfg"),
    ("59", "generic", {59: SERVER6 + "/boot.xml"}, SERVER6 + "/boot.xml"),
]


# ---- what the servers say, asked by hand ----

def said4(packet, table):
    """Whether a packet carries the table; a text may have one zero behind it."""
    have = wire.options4(packet)
    for code, value in table.items():
        want = bytes(map(int, value.split("."))) if code == 150 else value if isinstance(value, bytes) else value.encode()
        if have.get(code) not in (want, want + b"\0"):
            return False
    return True


def said6(packet, table):
    have = dict(wire.options6(packet[4:]))
    for code, value in table.items():
        want = value.encode() if code == 59 else (
            value[0].to_bytes(4, "big") + b"\0\1" + len(value[1]).to_bytes(2, "big") + value[1].encode())
        if have.get(code) != want:
            return False
    return True


def tool_url(phone, packet, name, *more):
    """What `prov dhcp` makes of a packet."""
    result = phone.tool("dhcp", "--json", *phone.device, *more, phone.lab.write(name, packet))
    try:
        return json.loads(result.out).get("url"), result.all()
    except ValueError:
        return "no JSON", result.all()


def ask_all(rows):
    """(title, answer carries the table, url of `prov dhcp` from the packet, from its options, wanted, text)"""
    def one(row):
        name, dialect, table, url, server, v6 = row
        with Lab(mac=MACS[dialect]) as net:
            (servers.DHCP6 if v6 else servers.DHCP4)[server][1](net, table)
            packet = wire.information_request(net, [17, 59]) if v6 else wire.inform(net, CODES)
            title = f"{server}: {dialect}: {name}"
            if packet is None:
                return title, False, None, None, url, net.logs()
            good = (said6 if v6 else said4)(packet, table)
            phone = Phone(net, PROV, dialect)
            flags = (["--v6"] if v6 else []) + ["--serial", "SERIAL"]
            whole, text = tool_url(phone, packet, "packet", *flags)
            options, text2 = tool_url(phone, packet[4:] if v6 else wire.field4(packet), "options", *flags)
            return title, good, whole, options, url, f"{packet!r}\n{text}\n{text2}"
    return at_once(one, rows, 8)


def rows4():
    return [(*row[:4], s, False) for row in ROWS for s in row[4] if lab.find(servers.DHCP4[s][0])]


def rows6():
    return [(*row, s, True) for row in ROWS6 for s in servers.DHCP6 if lab.find(servers.DHCP6[s][0])]


def servers_and_prov_dhcp(t):
    for server, (program, _) in {**servers.DHCP4, "kea, DHCPv6": servers.DHCP6["kea"]}.items():
        t.needs(server, program)
    for title, good, whole, options, url, text in ask_all(rows4() + rows6()):
        t.ok(f"{title}: the server says what it was told to", good, text)
        t.ok(f"{title}: prov dhcp, from the packet", whole == url, f"wanted {url}, got {whole}\n{text}")
        t.ok(f"{title}: prov dhcp, from the options", options == url, f"wanted {url}, got {options}\n{text}")


def overload(t):
    """A server that is short of room puts options into the fields sname and file (RFC 2132, 9.3)."""
    name = "dnsmasq: options in the fields sname and file"
    if not t.needs(name, "dnsmasq"):
        return
    with Lab(mode="ipv4") as net:
        table = {66: SERVER + "/" + 80 * "x", 67: 100 * "y", 160: 60 * "z", 159: 60 * "w"}
        servers.dnsmasq(net, table)
        packet = wire.inform(net, CODES, largest=None)
        t.ok(f"{name}: it does", wire.options4(packet).get(52) is not None and said4(packet, table), repr(packet))
        url, text = tool_url(Phone(net, PROV), packet, "packet")
        t.ok(f"{name}: prov dhcp", url == f"{table[66]}/{table[67]}", text)


# ---- what a phone does ----

# name, dialect, server program, what starts it, the address that must come out
SPECIAL = [
    ("the vendor's host d200", "auerswald-d", "dhcpd", lambda net: servers.isc4(net, more=D200),
     "http://prov.server.com/prov.py?mac=00095200000E"),
    ("isc-dhcp-server: the fields sname and file", "auerswald-d", "dhcpd",
     lambda net: servers.isc4(net, {"server-name": SERVER, "filename": "boot.xml"}), SERVER + "/boot.xml"),
    ("kea: the fields sname and file", "auerswald-d", "kea-dhcp4",
     lambda net: servers.kea4(net, {}, {"server-hostname": SERVER, "boot-file-name": "{type}.xml"}), SERVER + "/D200.xml"),
    ("dnsmasq: dhcp-boot", "auerswald-d", "dnsmasq",
     lambda net: servers.dnsmasq(net, {}, more=[f"dhcp-boot=boot.xml,{SERVER}"]), SERVER + "/boot.xml"),
    ("dnsmasq: vendor-identifying option 125", "generic", "dnsmasq",
     lambda net: servers.dnsmasq(net, {}, more=[f'dhcp-option-force=vi-encap:1234,1,"{SERVER}/125.xml"']), SERVER + "/125.xml"),
    ("66 goes before sname", "auerswald-d", "dhcpd",
     lambda net: servers.isc4(net, {66: SERVER, "server-name": "http://wrong.example", "filename": "boot.xml"}), SERVER + "/boot.xml"),
]


def run_one(row):
    """(title, what was asked for files, wanted, text)"""
    title, dialect, _, start, url = row
    v6 = url is not None and "[" in url
    with Lab(mode="ipv6" if v6 else "ipv4", mac=MACS[dialect]) as net:
        start(net)
        net.write("www/file", PATCH)
        servers.nginx(net, "location / { try_files /file =404; }")
        phone = Phone(net, PROV, dialect)
        with wire.Recorder(net) as recorder:
            result = phone.run("--disable", "pnp", "--serial", "SERIAL", files=net.names("prov.server.com"))
        asked = [("http://" if a[:3] == "GET" else "tftp://") + a[4:] for a in recorder.asked() if a[:4] in ("GET ", "RRQ ")]
        return title, asked[:1], [url] if url else [], story(result, recorder, net.logs())


def runs(t):
    if not t.needs("runs", "nginx"):
        return
    rows = [r for r in SPECIAL if t.needs(r[0], r[2])]
    for name, dialect, table, url, server, v6 in rows4() + rows6():
        program, start = (servers.DHCP6 if v6 else servers.DHCP4)[server]
        rows.append((f"{server}: {dialect}: {name}", dialect, program, lambda net, s=start, t=table: s(net, t), url))
    for title, asked, wanted, text in at_once(run_one, rows, 16):
        t.ok(f"a run: {title}: the file that is fetched", asked == wanted, f"wanted {wanted}, got {asked}\n{text}")


lab.main([servers_and_prov_dhcp, overload, runs], "DHCP")
