#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What real DHCP clients leave behind, and what the reader of lease files makes of it.

usage: lease_test.py LEASE [--update]

LEASE is the program of lease_main.c. The samples in leases/ are what the clients of Debian 12 wrote; there each is made
anew and compared. With --update they are written. That of systemd-networkd is written by hand.
"""
import pathlib
import re
import sys

import lab
import servers
import wire
from lab import IF, Lab
from phone import tool_env

LEASE = pathlib.Path(sys.argv[1]).resolve()
UPDATE = "--update" in sys.argv
SAMPLES = pathlib.Path(__file__).resolve().parent / "leases"

TFTP, FILE = "tftp.example.net", "prov.py?mac=<MACADR>"
URL = "http://192.0.2.1"
ODD = "a.xml?a='b'&c=\"d\"&e=\\f$g;`h`"  # what a shell, or a reader of quotes, may trip over
BLOCKS = servers.blocks((66, "http://foo"), (67, "<HWTYP>.bak"))
PLAIN = {66: TFTP, 67: FILE, 43: BLOCKS, 160: URL + "/160", 159: URL + "/159"}
WITH_URL = {66: URL, 67: ODD, 160: URL + "/160?a=1&b=2"}
PLAIN6 = {17: (1234, "http://[2001:db8::1]/x.xml?a=1&b='c'"), 59: "http://[2001:db8::1]/boot.xml"}
PATTERNS = [
    (r"192\.0\.2\.1\d\d", "192.0.2.100"), (r"(renew|rebind|expire) \d [\d/]+ [\d:]+", r"\1 4 2036/07/17 12:00:00"),
    (r"(?m)^(LD_LIBRARY_PATH|PWD|PATH|LC_ALL|SHLVL|OLDPWD|_|pid|new_expiry)=.*\n", ""),
    (r"2001:db8::1[0-9a-f]{3}\b", "2001:db8::1000"), (r"starts \d+", "starts 2100000000"),
    (r"(server|client)-id [0-9a-f:]+", r"\1-id 0:3:0:1:2:0:0:0:0:1"), (r'default-duid ".*"', 'default-duid "lab"'),
]


def steady(text):
    """Without what differs from run to run."""
    for pattern, by in PATTERNS:
        text = re.sub(pattern, by, text)
    return text


# ---- the clients; each gives the content of what it leaves behind ----

def script(net, text="exit 0"):
    path = net.write("client.sh", f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def udhcpc(net, shown="env | sort"):
    saves = script(net, f'[ "$1" = bound ] || exit 0\n{shown} >saved.txt')
    asked = [a for o in ("tftp", "bootfile", "43", "160", "159") for a in ("-O", o)]
    result = net.run("phone", lab.find("busybox"), "udhcpc", "-f", "-q", "-n", "-i", IF, "-s", saves, *asked)
    return (net.dir / "saved.txt").read_text() if result.code == 0 else result.all()


def udhcpc_set(net):
    """The same by the shell's own list, which quotes."""
    return udhcpc(net, "set")


def dhclient(net, v6=False):
    conf = net.write("dhclient.conf", "request dhcp6.vendor-opts, dhcp6.bootfile-url;\n" if v6 else
                     "option option-160 code 160 = text; option option-159 code 159 = text;\n"
                     "request subnet-mask, tftp-server-name, bootfile-name, vendor-encapsulated-options, option-160, option-159;\n")
    leases = net.dir / "dhclient.leases"
    program = net.start("phone", lab.find("dhclient"), "-6" if v6 else "-4", "-1", "-d", "-cf", conf, "-lf", leases, "--no-pid",
                        "-sf", script(net), IF)
    program.wait_for("Bound to" if v6 else "bound to")
    program.wait_for(lambda: leases.exists() and "\n}" in leases.read_text())
    program.stop()
    return leases.read_text()


def dhclient6(net):
    return dhclient(net, True)


def dhcpcd(net, v6=False):
    """It has its folders built in, so it gets others in their place."""
    conf = net.write("dhcpcd.conf", "duid\ndefine6 17 binhex vendor\noption dhcp6_vendor\n" if v6 else
                     "duid\noption 66\noption 67\noption 43\ndefine 160 string opt160\noption opt160\n"
                     "define 159 string opt159\noption opt159\n")
    inside = ("mount -t tmpfs none /var/lib && mount -t tmpfs none /run && mkdir -p /var/lib/dhcpcd /run/dhcpcd &&"
              " \"$@\"; cp /var/lib/dhcpcd/*.lease* .")
    result = net.run("phone", "unshare", "-m", "sh", "-c", inside, "sh", lab.find("dhcpcd"), "-1", *(
        ["-6", "--inform6"] if v6 else ["-4", "-A"]), "-B", "-f", conf, "-c", "/bin/true", IF)
    lease = net.dir / f"{IF}.lease{'6' if v6 else ''}"
    return lease.read_bytes() if lease.exists() else result.all().encode()


def dhcpcd6(net):
    return dhcpcd(net, True)


# sample, form, program, client, what the server says
CLIENTS = [
    ("udhcpc-plain", "udhcpc", "busybox", udhcpc, PLAIN),
    ("udhcpc-url", "udhcpc", "busybox", udhcpc, WITH_URL),
    (None, "udhcpc", "busybox", udhcpc_set, PLAIN),
    (None, "udhcpc", "busybox", udhcpc_set, WITH_URL),
    ("dhclient-plain", "dhclient", "dhclient", dhclient, PLAIN),
    ("dhclient-url", "dhclient", "dhclient", dhclient, WITH_URL),
    ("dhclient6", "dhclient", "dhclient", dhclient6, PLAIN6),
    ("dhcpcd-plain", "dhcpcd", "dhcpcd", dhcpcd, PLAIN),
    ("dhcpcd-url", "dhcpcd", "dhcpcd", dhcpcd, WITH_URL),
    ("dhcpcd6", "dhcpcd", "dhcpcd", dhcpcd6, {17: PLAIN6[17]}),
]


def lease(net, client, table):
    """What a client writes about a lease of isc-dhcp-server."""
    if 17 in table:
        servers.isc6(net, table)
    else:
        servers.isc4(net, table)
        net.run("phone", lab.find("ip"), "address", "flush", "dev", IF, "scope", "global")
    return client(net)


def read(net, form, content, v6=False):
    """code -> value, as the reader gives them; or what it says."""
    file = net.write("lease.file", content)
    result = net.run("phone", LEASE, form, "6" if v6 else "4", file, IF, env=tool_env())
    if result.code != 0:
        return result.all()
    data = bytes.fromhex(result.text())
    if v6:
        return dict(wire.options6(data[4:] if form == "dhcpcd" or data[:1] == b"\7" else data))
    return wire.options4(data if data[236:240] == wire.COOKIE else bytes(236) + wire.COOKIE + data)


def kept(form, content, v6):
    """What a sample holds of a file: of a packet not its ids."""
    if form != "dhcpcd":
        return steady(content).encode()
    if v6:
        known = {c: v if c == 17 else bytes([0, 3, 0, 1, 2, 0, 0, 0, 0, 1]) for c, v in wire.options6(content[4:])}
        return b"\7\0\0\0" + b"".join(c.to_bytes(2, "big") + len(v).to_bytes(2, "big") + v for c, v in known.items())
    return content[:4] + bytes(4) + content[8:16] + bytes([192, 0, 2, 100]) + content[20:]


def wanted(table):
    """code -> value, as the server sends it."""
    if 17 not in table:
        return {c: v if isinstance(v, bytes) else v.encode() for c, v in table.items()}
    number, url = table[17]
    want = {17: number.to_bytes(4, "big") + b"\0\1" + len(url).to_bytes(2, "big") + url.encode()}
    return {**want, 59: table[59].encode()} if 59 in table else want


def same_clients():
    """Other versions of the clients may write the same things in another order."""
    version = pathlib.Path("/etc/debian_version")
    return version.exists() and version.read_text(encoding="ascii").startswith("12.")


def clients(t):
    for sample, form, program, client, table in CLIENTS:
        title = sample or f"{client.__name__}{', url' if table is WITH_URL else ''}"
        if not t.needs(f"the lease of {title}", program, "dhcpd"):
            continue
        v6 = 17 in table
        with Lab(mode="dual" if v6 else "ipv4") as net:
            content = lease(net, client, table)
            if sample and same_clients():
                path = SAMPLES / f"{sample}.lease"
                if UPDATE:
                    path.write_bytes(kept(form, content, v6))
                now = kept(form, content, v6)
                t.ok(f"{title}: the client writes what the sample shows", now == path.read_bytes(),
                     f"{now!r}\n{path.read_bytes()!r}\n{net.logs()}")
            want = wanted(table)
            if form == "udhcpc" and table is WITH_URL:
                # It takes nothing but a host name there, and writes `bad` in the place of all else.
                t.ok(f"{title}: an option 66 that is a URL is lost", re.search(r"(?m)^tftp='?bad'?$", content), content)
                del want[66]
            for which in (form, "auto"):
                got = read(net, which, content, v6)
                good = isinstance(got, dict) and all(got.get(c) == v for c, v in want.items()) and (v6 or 66 in want or 66 not in got)
                t.ok(f"{title}: read as {which}: every option as the server sent it", good, f"wanted {want}\ngot {got}\n{content!r}")


def networkd(t):
    """Its file by hand: it keeps option 43 and 224 to 254, but not 66, 67, 159 or 160."""
    with Lab(mode="ipv4") as net:
        got = read(net, "networkd", (SAMPLES / "networkd.lease").read_bytes())
        t.ok("systemd-networkd: its sample is read", isinstance(got, dict) and got.get(224) == b"http://192.0.2.1/224"
             and got.get(43) == BLOCKS, got)


lab.main([clients, networkd], "leases")
