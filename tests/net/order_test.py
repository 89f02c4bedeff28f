#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""DSC-1 to DSC-3 on the wire: which source is asked after which, and which one wins, by dialect and address state.

usage: order_test.py PROV SEARCH
"""
import re
import sys

import lab
import servers
import tap
import wire
from lab import V4, V6, Lab, at_once
from phone import MACS, PATCH, Phone, outcomes, source, story

PROV = sys.argv[1]
AUERSWALD = [["dhcp"], ["redirect", "pnp"], ["manual"]]
UTG = [["manual"], ["pnp"], ["dhcp-160"], ["dhcp-159"], ["dhcp-66"], ["dhcpv6"], ["redirect"]]
GENERIC = [["manual"], ["pnp"], ["dhcp-43"], ["dhcp"], ["dhcp-160"], ["dhcp-159"], ["dhcp-150"], ["dhcp-125"], ["dhcpv6"],
           ["dhcpv6-59"], ["redirect"]]
# The steps of each dialect and address state, as documented.
STEPS = {
    ("auerswald-d", "ipv4"): AUERSWALD,
    ("auerswald-d", "ipv6"): AUERSWALD,
    ("auerswald-d", "dual"): AUERSWALD,
    ("panasonic-utg", "ipv4"): [s for s in UTG if s != ["dhcpv6"]],
    ("panasonic-utg", "ipv6"): [["manual"], ["dhcpv6"]],
    ("panasonic-utg", "dual"): UTG,
    ("panasonic-hdv", "ipv4"): UTG[:5],
    ("panasonic-hdv", "ipv6"): [["manual"], ["dhcpv6"]],
    ("panasonic-hdv", "dual"): UTG[:6],
    ("auerswald-d100", "dual"): AUERSWALD,
    ("generic", "ipv4"): [s for s in GENERIC if not s[0].startswith("dhcpv6")],
    ("generic", "ipv6"): [["manual"], ["dhcpv6"], ["dhcpv6-59"], ["redirect"]],
    ("generic", "dual"): GENERIC,
}
OPTION = {"dhcp-160": 160, "dhcp-159": 159, "dhcp-66": 66, "dhcp": 66, "dhcp-43": 43, "dhcp-150": 150}
ASKED = {"dhcpv6": "dhcpv6-information-request", "dhcpv6-59": "dhcpv6-information-request", "pnp": "sip-SUBSCRIBE",
         "redirect": "GET redirect"}


def needs_v4(name):
    return name == "pnp" or name.startswith("dhcp") and not name.startswith("dhcpv6")


def reachable(mode, name):
    """Whether a source can bring anything in this address state: without IPv4 no DHCPv4 and no multicast."""
    return not (mode == "ipv6" and needs_v4(name)) and name != "dhcp-125"  # the server here has no such option


def cases():
    """For each step: all sources from it on answer, so that it must win and all before it are asked; and none does."""
    rows = []
    for (dialect, mode), steps in STEPS.items():
        steps = [names for names in ([n for n in s if reachable(mode, n)] for s in steps) if names]
        for i, step in enumerate(steps):
            later = [n for s in steps[i + 1:] for n in s]
            rows.append((dialect, mode, f"all from {' and '.join(step)} on", step + later))
            if len(step) > 1:
                rows += [(dialect, mode, f"{n} and later ones", [n] + later) for n in step]
        rows.append((dialect, mode, "none", []))
    return rows


def host(mode):
    return f"[{V6['server']}]" if mode == "ipv6" else V4["server"]


def wire_name(name):
    return ASKED.get(name, "dhcp-inform" if name.startswith("dhcp") else None)


def expected(dialect, mode, answering):
    """[set of what is asked in a step], the winners that are possible."""
    asked = []
    for step in STEPS[dialect, mode]:
        names = {wire_name(n) for n in step if reachable(mode, n)} - {None} - {a for s in asked for a in s}
        if names and step != ["manual"]:
            asked.append(names)
        winners = [n for n in step if n in answering]
        if winners:
            return asked, winners
    return asked, []


def url_of(name, mode):
    return f"http://{host('ipv6' if name.startswith('dhcpv6') else mode)}/from-{name}.xml"


def provide(net, dialect, mode, answering):
    """The servers of a case. Those of DHCP and HTTP are always there, what they say differs."""
    table = {OPTION[n]: url_of(n, mode) for n in answering if n in OPTION}
    if 150 in table:
        table[150] = V4["server"]
    if 43 in table:
        table[43] = table[43].encode()
    if dialect == "panasonic-hdv":  # what follows is a server, the file comes from option 67
        table = {c: v[:-4] if c in (160, 159) else v for c, v in table.items()}
    table6 = {c: v for c, n, v in ((17, "dhcpv6", (1234, url_of("dhcpv6", mode))), (59, "dhcpv6-59", url_of("dhcpv6-59", mode)))
              if n in answering}
    if mode != "ipv6":
        servers.isc4(net, table)
    if mode != "ipv4":
        servers.isc6(net, table6)
    if "pnp" in answering:
        servers.sipp(net, servers.OK + servers.notify(url_of("pnp", mode)) + servers.pause(500))
    target = f"return 302 {url_of('redirect', mode)};" if "redirect" in answering else "return 404;"
    net.write("www/file", PATCH)
    servers.nginx(net, "location = /redirect { %s } location /from- { try_files /file =404; }" % target)


def run_case(row):
    dialect, mode, what, answering = row
    with Lab(mode=mode, mac=MACS[dialect]) as net:
        provide(net, dialect, mode, answering)
        phone = Phone(net, PROV, dialect)
        more = ["--url", url_of("manual", mode)] if "manual" in answering else []
        if any("redirect" in s for s in STEPS[dialect, mode]):
            more += ["--redirect-url", f"http://{host(mode)}/redirect"]
        with wire.Recorder(net) as recorder:
            result = phone.run(*more)
        return row, result, recorder.asked(), story(result, recorder, net.logs())


def simple(asked):
    """`GET 192.0.2.1/redirect` -> `GET redirect`; `GET 192.0.2.1/from-x.xml` -> `x`; TFTP is that of option 150."""
    rows = []
    asked = ["GET x/from-dhcp-150" if a.startswith("RRQ ") else a for a in asked]
    for a in asked:
        found = re.fullmatch(r"GET \S+?/(?:from-([\w-]*\w)\b.*|(redirect))", a)
        rows.append(a if not found else found[1] or "GET redirect")
    return list(dict.fromkeys(rows))


def check(t, row, result, asked, text):
    dialect, mode, what, answering = row
    want, winners = expected(dialect, mode, answering)
    title = f"{dialect}, {mode}, {what} answering"
    got, fine = simple(asked), True
    position = 0
    for names in want:
        size = len(names)
        # The last step may be cut short by its winner.
        have = set(got[position:position + size])
        last = names == want[-1] and winners
        fine = fine and (have == names or last and have - set(winners) <= names)
        position += len(have & names)
    rest = got[position:]
    fine = fine and (len(rest) == 1 and rest[0] in winners if winners else rest == [])
    t.ok(f"{title}: the order on the wire", fine, f"wanted {want} then {winners}, got {got}\n{text}")
    won = [n for n, o in outcomes(result.doc).items() if source(result.doc, n).get("won")] or [result.doc.get("winner")]
    good = won[0] in winners if winners else result.code == 5
    order = [s["name"] for s in result.doc["sources"]]
    good = good and [n for step in STEPS[dialect, mode] for n in step if n in order] == [n for n in order if any(
        n in s for s in STEPS[dialect, mode])]
    t.ok(f"{title}: the record says the same", good, f"wanted {winners}\n{text}")


def order(t):
    if not t.needs("the order of sources", "dhcpd", "nginx", "sipp"):
        return
    for row, result, asked, text in at_once(run_case, cases(), 20):
        check(t, row, result, asked, text)


# ---- what the settings and the names say ----

OFF = """<provisioning version="1.34.0"><active>{0}</active><dhcp>{1}</dhcp><redirect>{2}</redirect><pbx>{3}</pbx><url>{4}</url>
</provisioning></configuration>"""
MANUAL = "http://192.0.2.1/from-manual.xml"

# active, dhcp, redirect, pbx: what is asked
SWITCHES = [
    (("true", "true", "true", "true"), ["dhcp-inform", "sip-SUBSCRIBE", "GET redirect", "manual"]),
    (("true", "false", "true", "true"), ["sip-SUBSCRIBE", "GET redirect", "manual"]),
    (("true", "true", "false", "true"), ["dhcp-inform", "sip-SUBSCRIBE", "manual"]),
    (("true", "true", "true", "false"), ["dhcp-inform", "GET redirect", "manual"]),
    (("true", "false", "false", "false"), ["manual"]),
    (("false", "true", "true", "true"), []),
]


def switches(t):
    """DSC-4: what the phone's own settings switch off is not asked, on the wire."""
    if not t.needs("switches in the settings", "dhcpd", "nginx"):
        return

    def one(row):
        with Lab(mode="ipv4") as net:
            servers.isc4(net)
            net.write("www/file", PATCH)
            servers.nginx(net, "location = /redirect { return 404; } location /from- { try_files /file =404; }")
            phone = Phone(net, PROV, settings=tap.SETTINGS.replace("</configuration>", OFF.format(*row[0], MANUAL)))
            with wire.Recorder(net) as recorder:
                result = phone.run("--redirect-url", "http://192.0.2.1/redirect")
            return row, result, simple(recorder.asked()), story(result, recorder, net.logs())

    for (state, want), result, got, text in at_once(one, SWITCHES, 6):
        title = "settings: active, dhcp, redirect, pbx = " + ", ".join(state)
        t.ok(f"{title}: what is asked", sorted(got) == sorted(want) and got[-1:] == want[-1:], f"wanted {want}, got {got}\n{text}")
        said = [s["reason"] for s, on in zip((source(result.doc, n) for n in ("dhcp", "redirect", "pnp")), state[1:])
                if on == "false" or state[0] == "false"]
        t.ok(f"{title}: the record says why not", all("disabled" in r or "off" in r for r in said), f"{said}\n{text}")


def families(t):
    """DSC-8: IPv4 is preferred; if it does not answer, the name's other address is tried."""
    if not t.needs("addresses of a name", "nginx"):
        return
    for title, listens, wanted in (("both", "dual", V4["server"]), ("IPv6 only", "ipv6", V6["server"]), ("IPv4 only", "ipv4", V4["server"])):
        with Lab(mode="dual") as net:
            net.write("www/file", PATCH)
            names = net.names("prov.server.com")
            net.mode = listens
            servers.nginx(net, "location / { try_files /file =404; }")
            with wire.Recorder(net) as recorder:
                result = Phone(net, PROV).run("--url", "http://prov.server.com/x.xml", "--disable", "dhcp", "--disable", "pnp",
                                              files=names)
            got = recorder.first("http-GET")
            t.ok(f"a name with two addresses, the server has {title}: the right one is used", result.code == 0 and got is not None
                 and got.dest == wanted, story(result, recorder, net.logs()))


# name, dialect, what DHCP says, further options, what is fetched
FAILURES = [
    ("an address that cannot be fetched ends the search", "auerswald-d", {66: "http://192.0.2.1/missing.xml"}, [],
     ["GET 192.0.2.1/missing.xml"]),
    ("with --on-fetch-error proceed it goes on", "auerswald-d", {66: "http://192.0.2.1/missing.xml"}, ["--on-fetch-error", "proceed"],
     ["GET 192.0.2.1/missing.xml", "GET 192.0.2.1/from-manual.xml"]),
    ("with --on-nothing stop it goes no further", "auerswald-d", {}, ["--on-nothing", "stop"], []),
    ("an address without a scheme: TFTP, then HTTP", "panasonic-utg", {66: "192.0.2.1"}, [],
     ["RRQ 192.0.2.1/KX-UTG200B.cfg", "GET 192.0.2.1/KX-UTG200B.cfg"]),
]


def failures(t):
    """DSC-5 and URL-3 on the wire."""
    if not t.needs("failures", "dhcpd", "nginx"):
        return

    def one(row):
        _, dialect, table, more, _ = row
        with Lab(mode="ipv4", mac=MACS[dialect]) as net:
            servers.isc4(net, table)
            net.write("www/file", PATCH)
            servers.nginx(net, "location /missing { return 404; } location / { try_files /file =404; }")
            if dialect == "auerswald-d":
                more = more + ["--url", MANUAL]
            with wire.Recorder(net) as recorder:
                result = Phone(net, PROV, dialect).run("--disable", "pnp", *more)
            return row, [a for a in recorder.asked() if a[:4] in ("GET ", "RRQ ")], story(result, recorder, net.logs())

    for (name, _, _, _, want), got, text in at_once(one, FAILURES):
        t.ok(f"{name}: what is fetched", got == want, f"wanted {want}, got {got}\n{text}")


def more(t):
    lab.together(t, switches, families, failures)


lab.main([order, more], "order")
