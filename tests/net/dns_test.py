#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Names: dnsmasq as DNS server, servers that are dead or lie, and addresses that lead nowhere (DSC-8, NET-1).

usage: dns_test.py PROV
"""
import sys
import threading
import time

import dns
import faults
import lab
import servers
from dns import AAAA, CNAME, Dns, NXDOMAIN, REFUSED, SERVFAIL, TC
from faults import Row
from lab import IF, V4, V6, Lab
from phone import PATCH, Phone, applied

PROV = sys.argv[1]
GOOD, GOOD6 = V4["server"], V6["server"]
OFF, OFF6 = "192.0.2.77", "2001:db8::77"  # nobody has these
QUIET = "192.0.2.3"  # a host on which nobody listens
RECORDS = [
    f"host-record=four.lab.test,{GOOD}", f"host-record=six.lab.test,{GOOD6}", f"host-record=both.lab.test,{GOOD},{GOOD6}",
    f"host-record=four-off.lab.test,{OFF},{GOOD6}", f"host-record=four-quiet.lab.test,{QUIET},{GOOD6}",
    f"host-record=six-off.lab.test,{GOOD},{OFF6}", f"host-record=off.lab.test,{OFF},{OFF6}",
    f"host-record=quiet.lab.test,{QUIET}",
    *(f"address=/many.lab.test/{a}" for a in (QUIET, "192.0.2.4", GOOD, "192.0.2.5")),
    *(f"address=/many-off.lab.test/{a}" for a in (OFF, "192.0.2.78", GOOD)),
    "cname=alias.lab.test,both.lab.test", "cname=alias2.lab.test,alias.lab.test", "txt-record=text.lab.test,hello",
]
SHORT = ("--timeouts", "1,5,20")

# What odd servers answer, each at an address of its own.
LIES = {
    "192.0.2.101": lambda q: [b"\xff" * 40],
    "192.0.2.102": lambda q: [q.answer(q.record(dns.A, OFF), number=q.id ^ 0x5555)],
    "192.0.2.103": lambda q: [q.answer(q.record(dns.A, OFF), question=dns.labels("evil.lab.test") + q.question[-4:])],
    "192.0.2.104": lambda q: [q.answer(flags=TC)],
    "192.0.2.105": lambda q: [q.answer(code=SERVFAIL)],
    "192.0.2.106": lambda q: [q.answer(code=REFUSED)],
    "192.0.2.107": lambda q: [q.answer(code=NXDOMAIN)],
    "192.0.2.108": lambda q: [],
    "192.0.2.109": lambda q: [q.answer(q.record(CNAME, q.name))],
    "192.0.2.110": lambda q: [q.answer()],
    "192.0.2.111": lambda q: [q.addresses(GOOD)[:-2]],
    "192.0.2.112": lambda q: [q.answer(b"\xc0\x0c" * 200)],
    "192.0.2.114": lambda q: [q.addresses(GOOD), q.addresses(OFF)],
    "192.0.2.115": lambda q: [q.answer(q.record(dns.A, GOOD), number=q.id ^ 1)] * 50 + [q.addresses(GOOD)],
    "192.0.2.116": lambda q: [q.answer(q.record(dns.A, OFF, name=dns.labels("other.lab.test")))] if q.type != AAAA else [q.answer()],
    "192.0.2.117": lambda q: [q.addresses(GOOD, GOOD6)] if q.type != AAAA else [],
    "192.0.2.118": lambda q: [q.addresses(GOOD6)] if q.type == AAAA else [],
}
CROWD = [f"192.0.2.{n}" for n in range(130, 137)]  # hosts on which nobody listens
BY_TCP = {"192.0.2.120": (lambda q: [q.answer(flags=TC)], lambda q: q.addresses(GOOD)),
          "192.0.2.121": (lambda q: [q.answer(flags=TC)], lambda q: q.addresses(*CROWD, GOOD))}
AT = {name: f"192.0.2.{n}" for name, n in (
    ("garbage", 101), ("number", 102), ("question", 103), ("cut", 104), ("servfail", 105), ("refused", 106), ("nxdomain", 107),
    ("silent", 108), ("itself", 109), ("empty", 110), ("short", 111), ("pointers", 112), ("crowd", 121), ("twice", 114),
    ("flood", 115), ("other", 116), ("only-a", 117), ("only-aaaa", 118), ("tcp", 120))}
NAME = "phone.lab.test"  # of which only the odd servers know

# name, DNS servers, host, how it ends, further options
ROWS = [
    ("A", [GOOD], "four.lab.test", ("applied",), ()),
    ("AAAA only", [GOOD], "six.lab.test", ("applied",), ()),
    ("A and AAAA", [GOOD], "both.lab.test", ("applied",), ()),
    ("a DNS server by IPv6", [GOOD6], "both.lab.test", ("applied",), ()),
    ("capitals", [GOOD], "BOTH.Lab.Test", ("applied",), ()),
    ("another name for it", [GOOD], "alias.lab.test", ("applied",), ()),
    ("another name for another name", [GOOD], "alias2.lab.test", ("applied",), ()),
    ("a short name, and a domain to search", [GOOD], "both", ("applied",), ()),
    ("the host of A is off, that of AAAA is there", [GOOD], "four-off.lab.test", ("applied",), SHORT),
    ("nobody listens at A, somebody at AAAA", [GOOD], "four-quiet.lab.test", ("applied",), ()),
    ("the host of AAAA is off, that of A is there", [GOOD], "six-off.lab.test", ("applied",), ()),
    ("several A, nobody listens at the first", [GOOD], "many.lab.test", ("applied",), ()),
    ("several A, the first hosts are off", [GOOD], "many-off.lab.test", ("applied",), SHORT),
    ("no address leads anywhere", [GOOD], "off.lab.test", ("failed", "0603", "no connection within the time-out"), SHORT),
    ("nobody listens at the only address", [GOOD], "quiet.lab.test", ("failed", "0601", "nobody listens"), ()),
    ("the first server: nobody listens", [QUIET, GOOD], "both.lab.test", ("applied",), ()),
    ("the first server is off", [OFF, GOOD], "both.lab.test", ("applied",), ()),
    ("the first two servers are off", [OFF, "192.0.2.78", GOOD], "both.lab.test", ("applied",), ()),
    ("all servers are off", [OFF], "both.lab.test", ("failed", "0603", "no answer from the DNS servers"), ()),
    ("nobody listens at any server", [QUIET], "both.lab.test", ("failed", "0603", "no answer from the DNS servers"), ()),
    ("no such name", [GOOD], "none.lab.test", ("failed", "0601", "no such name in DNS"), ()),
    ("a name without an address", [GOOD], "text.lab.test", ("failed", "0601", "the name has no address"), ()),
    ("a name that the server is not asked for", [GOOD], "www.example.org", ("failed", "0601", "refused to answer"), ()),
    ("garbage", [AT["garbage"]], NAME, ("failed", "0603", "no answer from the DNS servers"), ()),
    ("garbage from the first server", [AT["garbage"], GOOD], "both.lab.test", ("applied",), ()),
    ("the number of another question", [AT["number"]], NAME, ("failed", "0603", "no answer from the DNS servers"), ()),
    ("the answer to another question", [AT["question"]], NAME, ("failed", "0603", "no answer from the DNS servers"), ()),
    ("an address of another name", [AT["other"]], NAME, ("failed", "0601", "the name has no address"), SHORT),
    ("cut, and nothing by TCP", [AT["cut"]], NAME, ("failed", "0601", "the DNS servers cannot be reached"), ()),
    ("cut, and whole by TCP", [AT["tcp"]], NAME, ("applied",), ()),
    ("cut short by the network", [AT["short"]], NAME, ("failed", "0603", "no answer from the DNS servers"), ()),
    ("pointers that lead to themselves", [AT["pointers"]], NAME, ("failed", "0601", "makes no sense"), ()),
    ("another name for itself", [AT["itself"]], NAME, ("failed", "0601", "the name has no address"), ()),
    ("the server fails", [AT["servfail"]], NAME, ("failed", "0601", "SERVFAIL"), ()),
    ("the first server fails", [AT["servfail"], GOOD], "both.lab.test", ("applied",), ()),
    ("the server refuses", [AT["refused"]], NAME, ("failed", "0601", "refused to answer"), ()),
    ("the first server refuses", [AT["refused"], GOOD], "both.lab.test", ("applied",), ()),
    ("the first server knows no such name", [AT["nxdomain"], GOOD], "both.lab.test", ("failed", "0601", "no such name in DNS"), ()),
    ("the server knows no address", [AT["empty"]], NAME, ("failed", "0601", "the name has no address"), ()),
    ("the server says nothing", [AT["silent"]], NAME, ("failed", "0603", "no answer from the DNS servers"), ()),
    ("the first server says nothing", [AT["silent"], GOOD], "both.lab.test", ("applied",), ()),
    ("seven addresses that lead nowhere, and one that does", [AT["crowd"]], NAME, ("applied",), ("--timeouts", "1,5,40")),
    ("two different answers: the first counts", [AT["twice"]], NAME, ("applied",), ()),
    ("fifty guesses before the answer", [AT["flood"]], NAME, ("applied",), ()),
    ("only A is answered", [AT["only-a"]], NAME, ("applied",), ()),
    ("only AAAA is answered", [AT["only-aaaa"]], NAME, ("applied",), ()),
]

# The same by option, where the system's server is off. Servers, host, end.
BY_OPTION = [
    ("one server", GOOD, "both.lab.test", ("applied",)),
    ("with its port", f"{GOOD}:53", "six.lab.test", ("applied",)),
    ("by IPv6", f"[{GOOD6}]:53", "both.lab.test", ("applied",)),
    ("the first one is off", f"{OFF},{GOOD}", "both.lab.test", ("applied",)),
    ("nobody listens at the first one's port", f"{GOOD}:5353,{GOOD}", "both.lab.test", ("applied",)),
    ("all are off", OFF, "both.lab.test", ("failed", "0603", "no answer from the DNS servers")),
    ("no such name", GOOD, "none.lab.test", ("failed", "0601", "no such name in DNS")),
]


def resolv(net, *nameservers, number=[0]):
    number[0] += 1
    text = "search lab.test\n" + "".join(f"nameserver {n}\n" for n in nameservers)
    return {"/etc/resolv.conf": net.write(f"resolv/{number[0]}.conf", text)}


def more_addresses(net, *addresses):
    for address in addresses:
        lab.ip("-n", net.ns("server"), "address", "add", f"{address}/24", "dev", IF)


def answers(t):
    """All rows in one lab."""
    if not t.needs("DNS", "dnsmasq", "nginx"):
        return
    with Lab() as net:
        more_addresses(net, QUIET, "192.0.2.4", "192.0.2.5", *LIES, *BY_TCP, *CROWD)
        net.write("www/file", PATCH)
        servers.nginx(net, "location / { try_files /file =404; }")
        servers.dnsmasq_dns(net, RECORDS)
        liars = [Dns(net, address, act) for address, act in LIES.items()]
        liars += [Dns(net, address, *acts) for address, acts in BY_TCP.items()]
        rows = [Row(name, f"http://{host}/x", *end, options=options, files=resolv(net, *nameservers))
                for name, nameservers, host, end, options in ROWS]
        rows += [Row(f"by option: {name}", f"http://{host}/x", *end, options=("--dns", given), files=resolv(net, OFF))
                 for name, given, host, end in BY_OPTION]
        faults.table(t, "DNS", net, PROV, rows, width=16)
        for liar in liars:
            liar.close()


def second_attempt(t, name, ttl, moved):
    """The server moves to another address between two attempts; `moved`: the phone gets to know it in time."""
    now = [QUIET]
    with Lab(mode="ipv4") as net:
        more_addresses(net, QUIET, "192.0.2.101")
        net.write("www/file", PATCH)
        servers.nginx(net, "location / { try_files /file =404; }")
        server = Dns(net, "192.0.2.101", lambda q: [q.addresses(now[0], ttl=ttl)])
        phone = Phone(net, PROV)
        program = phone.start("run", "--state", phone.state, "--url", f"http://{NAME}/x", "--delay", "3", *phone.device,
                              files=resolv(net, "192.0.2.101"))
        program.wait_for("next attempt", 10)
        first = len(server.asked)
        now[0] = GOOD
        seconds = 15
        if moved:
            code = applied(program, seconds)
        else:
            program.wait_for(lambda: program.log().count("outcome: failed") == 2, seconds)
            code = program.process.poll()
            program.stop()
        server.close()
        text = f"{server.asked}\n{program.log()}"
        t.ok(f"DNS: {name}: the first attempt fails", "outcome: failed" in program.log() and first > 0, text)
        if moved:
            t.ok(f"DNS: {name}: the second attempt asks again and finds it", code == 0 and len(server.asked) > first
                 and "attempt 2 " in program.log() and "outcome: applied" in program.log(), text)
        else:
            t.ok(f"DNS: {name}: the second attempt goes by what still holds", code is None and len(server.asked) == first, text)


def moves(t):
    second_attempt(t, "the address changes and holds for 1 s", 1, True)


def stays(t):
    second_attempt(t, "the address changes and the old one holds for an hour", 3600, False)


def every(t):
    lab.together(t, answers, moves, stays)


lab.main([every], "DNS")
