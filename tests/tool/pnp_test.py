#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""prov run --interface, prov serve --pnp and prov listen with each other on loopback: the search, the account, check-sync.

Every pair uses a multicast port of its own, so that tests side by side do not hear each other.

usage: pnp_test.py PROV
"""
import json
import re
import signal
import socket
import sys
import threading
import time

import tap

T = tap.Tap()
TOOL = tap.Tool(sys.argv[1])
GROUP = "224.0.1.75"
SECRET = "CANARY-PW"
LO = ["--interface", "lo"]


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def group():
    return ["--group", f"{GROUP}:{free_port()}"]


def state(name, more=""):
    TOOL.write(f"{name}/settings.xml", tap.SETTINGS.replace("  <users", f"  {more}<users", 1))
    return ["--state", name]


def server(where, *more, url="prov/patch.xml"):
    s = tap.Server(TOOL, "www", "--pnp", "--pnp-url", url, *LO, *where, *more)
    s.second = s.process.stdout.readline().decode()
    return s


def until(process, pattern, stream="stdout"):
    """What it prints, up to a line with the pattern. A process that says nothing is ended after a while."""
    watch = threading.Timer(20, process.kill)
    watch.start()
    seen = ""
    for line in getattr(process, stream):
        seen += line.decode()
        if re.search(pattern, line.decode()):
            break
    watch.cancel()
    return seen


def end(process, number=signal.SIGTERM):
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    return process.returncode, out.decode(), err.decode()


def multicast(where, data):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
        s.sendto(data, (GROUP, int(where[1].rsplit(":", 1)[1])))


# ---- the search ----

TIMES = r"\|[ =]{24}\| +\d+\.\d{3}-\d+\.\d{3} s"
NO_TIME = r"\| {24}\| +"
TIMELINE = [
    rf"^  1 dhcp      {TIMES} nothing: the interface has no DHCP$",
    r"^      asked:          options 66, 67, 43$",
    rf"^  2 redirect  {NO_TIME} not asked: no redirection service is set$",
    rf"^  2 pnp       {TIMES} url: first address found$",
    r"^      asked:          SUBSCRIBE by multicast$",
    r"^      answered by:    127\.0\.0\.1:\d+$",
    r"^      before markers: http://127\.0\.0\.1:\d+/prov/\{type\}\.xml$",
    r"^      after markers:  http://127\.0\.0\.1:\d+/prov/D200\.xml$",
    rf"^  3 manual    {NO_TIME} not asked: an earlier source won$",
    r"^outcome: applied$",
]


def finds():
    where = group()
    TOOL.write("www/prov/D200.xml", tap.PATCH)
    with server(where, url="prov/{type}.xml") as s:
        T.ok("serve says where it answers, and with what", re.fullmatch(
            rf"answering SIP PnP to {re.escape(where[1])} on lo with http://127\.0\.0\.1:{s.port}/prov/\{{type\}}\.xml\n", s.second),
            s.second)
        r = TOOL.run("run", "--once", *state("find"), *LO, *where)
        T.ok("a phone finds its server", r.code == 0 and b"drei" in TOOL.read("find/settings.xml"), r.all())
        for row in TIMELINE:
            T.ok(f"time line: {row}", re.search(row, r.text(), re.M) is not None, r.text())
        r = TOOL.run("run", "--once", *state("json"), *LO, *where, "--json")
        found = {x["name"]: x for x in json.loads(r.out)["sources"]}
        pnp = found["pnp"]
        T.ok("json: the order", [(n, x["step"]) for n, x in found.items()] == [("dhcp", 1), ("redirect", 2), ("pnp", 2), ("manual", 3)])
        T.ok("json: the source that won", pnp["won"] and pnp["outcome"] == "url" and pnp["before"].endswith("/prov/{type}.xml")
             and pnp["url"] == f"{s.url}prov/D200.xml" and pnp["asked"] == "SUBSCRIBE by multicast"
             and pnp["from"].startswith("127.0.0.1:") and pnp["conflict"] is None and "received" not in pnp, pnp)
        T.ok("json: times", 0 <= found["dhcp"]["beganMs"] <= found["dhcp"]["endedMs"] <= pnp["beganMs"] <= pnp["endedMs"] < 5000
             and "beganMs" not in found["manual"], found)
        r = TOOL.run("run", "--once", *state("hex"), *LO, *where, "--hex", "--json")
        raw = next(x["received"] for x in json.loads(r.out)["sources"] if x["name"] == "pnp")
        T.ok("json: what was received is one string", re.fullmatch(r"[0-9a-f]{2}(:[0-9a-f]{2})*", raw) is not None
             and b" SIP/2.0\r\n" in bytes.fromhex(raw.replace(":", "")), raw)
    log = tap.steady(s.log)
    T.ok("the server's log", "TIME 127.0.0.1:PORT SUBSCRIBE mac 00095200000E, vendor Auerswald, model D200, version 2.12A: told "
         "http://127.0.0.1:PORT/prov/{type}.xml\nTIME 127.0.0.1:PORT NOTIFY answered with 200, accepted\n"
         "TIME 127.0.0.1 GET /prov/D200.xml 200 " in log, log)


def two_phones():
    where = group()
    with server(where, url="{mac}.xml") as s:
        listener = TOOL.start("listen", *LO, *where, "--count", "2", "--json")
        until(listener, "listening", "stderr")
        macs = ["00095200000A", "00095200000B"]
        for m in macs:
            TOOL.write(f"www/{m}.xml", tap.PATCH.replace("drei", m))
        phones = [TOOL.start("run", "--once", *state(m), *LO, *where, "--mac", m) for m in macs]
        for m, p in zip(macs, phones):
            out, err = p.communicate(timeout=30)
            T.ok(f"two phones at once: {m}", p.returncode == 0 and m.encode() in TOOL.read(f"{m}/settings.xml"), out + err)
        out, err = listener.communicate(timeout=30)
        rows = [json.loads(line) for line in out.decode().splitlines()]
        T.same("listen --json hears both", sorted(x["mac"] for x in rows), macs)
        T.ok("listen --json: members", listener.returncode == 0 and all(
            x["method"] == "SUBSCRIBE" and x["event"] == "ua-profile" and x["vendor"] == "Auerswald" and x["model"] == "D200"
            and x["version"] == "2.12A" and x["user"] == f"MAC%3A{x['mac']}" and x["from"].startswith("127.0.0.1:")
            and x["time"].endswith("Z") and "message" not in x for x in rows), rows)
    T.same("the server told both", len(re.findall(r"SUBSCRIBE mac 00095200000[AB],.*: told", s.log)), 2)


def others():
    where = group()
    TOOL.write("www/KX-HDV130.cfg", '# Panasonic SIP Phone Standard Format File #\r\nA="b"\r\n')
    with server(where, url="{MODEL}.cfg") as s:
        r = TOOL.run("run", "--once", "--state", "hdv", *LO, *where, "--dialect", "panasonic-hdv")
        T.ok("panasonic: found, fetched and kept", r.code == 0 and f"{s.url}KX-HDV130.cfg\n" in r.text()
             and "params-text" in r.text() and b'A="b"' in TOOL.read("hdv/initial.cfg"), r.all())
    where = group()
    with server(where, "--listen", "0.0.0.0", url="/prov/patch.xml") as s:
        T.ok("serve on all addresses tells that of the interface", f"with http://127.0.0.1:{s.port}/prov/patch.xml\n" in s.second, s.second)
        multicast(where, b"garbage\r\n\r\n")
        T.ok("serve tells of what is no SIP", "no SIP message" in until(s.process, "no SIP message"))


# ---- no answer ----

def alone():
    """Begun first, looked at last: the window takes five seconds."""
    return TOOL.start("run", "--once", *state("alone"), *LO, *group(), "--json")


def alone_ended(process):
    out, err = process.communicate(timeout=30)
    doc = json.loads(out)
    pnp = next(x for x in doc["sources"] if x["name"] == "pnp")
    T.ok("nobody answers", process.returncode == 5 and doc["outcome"] == "nothing" and pnp["reason"] == "no answer"
         and doc["next"]["trigger"] == "retry", out + err)
    T.ok("the window takes 5 s", 4900 <= pnp["endedMs"] - pnp["beganMs"] <= 5500, pnp)


def interrupted():
    for number in (signal.SIGINT, signal.SIGTERM):
        (TOOL.dir / "int.jsonl").unlink(missing_ok=True)
        p = TOOL.start("run", *state("int"), *LO, *group(), "--sip-port", "0", "--trace", "int.jsonl")
        until(p, "taking check-sync")
        stop = time.monotonic() + 20
        while b'"send"' not in (TOOL.read("int.jsonl") or b"") and time.monotonic() < stop:
            time.sleep(0.01)
        began = time.monotonic()
        code, out, err = end(p, number)
        took = time.monotonic() - began
        T.ok(f"{number.name} in the window ends at once", code == 3 and took < 2 and "PROV-0841" in err, f"{took} s\n{out}{err}")
        T.ok(f"{number.name}: the account says so", re.search(r"2 pnp .* not ended: ", out) and "the attempt has not ended" in out, out)


# ---- what cannot be used ----

def unusable():
    for name, args in (("run", ["run", "--once", *state("un")]), ("run that stays", ["run", *state("un")]), ("listen", ["listen"]),
                       ("serve", ["serve", "www", "--port", "0", "--pnp"])):
        r = TOOL.run(*args, "--interface", "nowhere0")
        T.ok(f"{name}: an unknown interface", r.code == 3 and re.search("^nowhere0: error: .*PROV-0819", r.errors()), r.all())
    r = TOOL.run("run", "--once", *state("un"), "--interface", "nowhere0", "--json")
    T.ok("run --json: an unknown interface", r.code == 3 and json.loads(r.out)["diagnostics"][0]["number"] == "PROV-0819", r.all())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
        r = TOOL.run("run", *state("un"), *LO, "--sip-port", str(port))
        T.ok("run: a port in use", r.code == 3 and re.search(rf"^port {port} on lo: error: .*in use \[PROV-0853\]", r.errors()), r.all())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("0.0.0.0", 0))
        where = f"{GROUP}:{s.getsockname()[1]}"
        for args in (["listen"], ["serve", "www", "--port", "0", "--pnp"]):
            r = TOOL.run(*args, *LO, "--group", where)
            T.ok(f"{args[0]}: a group's port in use", r.code == 3 and re.search(
                rf"^{re.escape(where)} on lo: error: .*in use \[PROV-0853\]", r.errors()), r.all())


# ---- listen ----

PLAIN = (b"SUBSCRIBE sip:MAC%3A0080f0c571eb@224.0.1.75 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK1\r\n"
         b"From: <sip:MAC%3A0080f0c571eb@224.0.1.75>;tag=1\r\nTo: <sip:MAC%3A0080f0c571eb@224.0.1.75>\r\nCall-ID: 1\r\n"
         b"CSeq: 1 SUBSCRIBE\r\nEvent: ua-profile;vendor=\"A\x1b[31m\";model=\"M\"\r\nUser-Agent: old\x1b phone\r\n\r\n")


def listens():
    where = group()
    p = TOOL.start("listen", *LO, *where, "--count", "2", "--raw")
    T.same("listen says where", until(p, "listening"), f"listening to {where[1]} on lo\n")
    multicast(where, PLAIN.replace(b"\x1b", b""))
    multicast(where, PLAIN)
    out, err = p.communicate(timeout=30)
    text = tap.steady(out.decode())
    T.ok("listen: a request", re.match(r"TIME 127\.0\.0\.1:PORT SUBSCRIBE mac 0080f0c571eb, vendor A\[31m, model M, event ua-profile, "
                                       r"agent old phone\n    SUBSCRIBE sip:MAC%3A0080f0c571eb@224\.0\.1\.75 SIP/2\.0\n    Via", text), text)
    T.ok("listen: a malformed one is told, and counts", p.returncode == 0 and re.search(
        rb"^127\.0\.0\.1:\d+:\d+:\d+: error: .*\[PROV-12\d\d\]", err), err)
    T.ok("listen: control bytes are shown escaped", "\x1b" not in text + err.decode() and "\\x1B" in text, text)
    p = TOOL.start("listen", *LO, *where, "--count", "1", "--raw", "--json")
    until(p, "listening", "stderr")
    multicast(where, PLAIN.replace(b"\x1b", b""))
    out, _ = p.communicate(timeout=30)
    T.ok("listen --raw --json", json.loads(out)["message"].encode() == PLAIN.replace(b"\x1b", b""), out)
    r = TOOL.run("listen", *LO, *group(), "--seconds", "1")
    T.ok("listen: nothing was seen", r.code == 5 and r.err == b"", r.all())
    p = TOOL.start("listen", *LO, *where)
    until(p, "listening")
    code, _, _ = end(p, signal.SIGINT)
    T.same("listen: SIGINT before anything was seen", code, 5)
    p = TOOL.start("listen", *LO, *where)
    until(p, "listening")
    multicast(where, PLAIN.replace(b"\x1b", b""))
    until(p, "SUBSCRIBE")
    T.same("listen: SIGTERM afterwards", end(p)[0], 0)


# ---- leases ----

def option66(url):
    return f"opt66={url.encode().hex()}\n"


def dump_bytes(text):
    """The bytes of a dump, with its offsets and readable column checked."""
    got = b""
    for row in re.findall(r"^        ([0-9a-f]{4})  ([0-9a-f ]{48})  \|(.*)\|$", text, re.M):
        piece = bytes.fromhex(row[1])
        if int(row[0], 16) != len(got) or row[2] != "".join(chr(c) if 32 <= c < 127 else "." for c in piece):
            return None
        got += piece
    return got


def leases():
    with tap.Server(TOOL, "www") as s:
        url = f"{s.url}prov/patch.xml"
        TOOL.write("good.lease", "interface=lo\n" + option66(url))
        TOOL.write("dhclient.leases", f'lease {{\n  interface "lo";\n  fixed-address 127.0.0.1;\n  option tftp-server-name "{url}";\n}}\n')
        for name in ("good.lease", "dhclient.leases"):
            r = TOOL.run("run", "--once", *state("lease"), *LO, "--lease", name, "--hex")
            T.ok(f"lease: {name}", r.code == 0 and re.search(rf"^  1 dhcp      {TIMES} url: first address found$", r.text(), re.M), r.all())
            T.same(f"lease: {name}: the dump of --hex", dump_bytes(r.text()), bytes([66, len(url)]) + url.encode())
    quiet = ["--disable", "pnp"]
    TOOL.write("other.lease", "interface=eth7\n" + option66("http://h/x"))
    r = TOOL.run("run", "--once", *state("lease2"), *LO, *quiet, "--lease", "other.lease")
    T.ok("lease: of another interface", r.code == 5 and "other.lease: warning: " in r.errors() and "PROV-0817" in r.errors(), r.all())
    TOOL.write("bad.lease", "lease {\n")
    r = TOOL.run("run", "--once", *state("lease2"), *LO, *quiet, "--lease", "bad.lease")
    T.ok("lease: malformed", r.code == 1 and re.search(r"^bad\.lease:\d+: error: .*PROV-0815", r.errors()), r.all())
    for name in ("--lease", "--lease6"):
        r = TOOL.run("run", "--once", *state("lease2"), *LO, *quiet, name, "none.lease")
        T.ok(f"{name}: missing", r.code == 3 and "none.lease: error" in r.errors() and "PROV-0801" in r.errors(), r.all())


# ---- secrets ----

def secrets():
    where = group()
    told = f"http://me:{SECRET}@127.0.0.1:{free_port()}/x.xml"
    with server(where, url=told) as s:
        seen = s.first + s.second
        for more in ([], ["--json"], ["--hex"], ["--hex", "--json"]):
            r = TOOL.run("run", "--once", *state("sec"), *LO, *where, "--trace", "sec.jsonl", *more)
            seen += r.text() + r.errors() + TOOL.read("sec.jsonl").decode()
            T.ok(f"an address with password is used {' '.join(more)}", r.code == 3 and "***@127.0.0.1" in r.text(), r.all())
    seen += s.log
    T.ok("no password anywhere", SECRET not in seen, seen)
    T.ok("nor as bytes", SECRET.encode().hex(":") not in seen and SECRET.encode()[:6].hex(" ") not in seen, seen)


# ---- check-sync ----

ALLOWED = "<provisioning><sip><active>true</active><allowlist><allowlistEntry>127.0.0.1</allowlistEntry></allowlist></sip></provisioning>"
OFF = ALLOWED.replace("true", "false")
ELSEWHERE = ALLOWED.replace("127.0.0.1", "192.0.2.1")

# name, settings, options of the phone, answer
GATES = [
    ("settings that say nothing", "", [], "403, forbidden"),
    ("settings that forbid it", OFF, [], "403, forbidden"),
    ("settings that allow somebody else", ELSEWHERE, [], "403, forbidden"),
    ("settings that allow it", ALLOWED, [], "200, accepted"),
    ("an option that allows it", OFF, ["--allow-notify", "127.0.0.1"], "200, accepted"),
    ("an option that allows everybody", "", ["--allow-notify", "*"], "200, accepted"),
    ("an option that allows somebody else", ALLOWED, ["--allow-notify", "192.0.2.1"], "403, forbidden"),
]


def phone(name, files, settings, *more):
    """One that has done its first run and waits for a check-sync; with its port."""
    p = TOOL.start("run", *state(name, settings), *LO, "--sip-port", "0", "--url", f"{files.url}prov/patch.xml", "--disable", "pnp", *more)
    first = until(p, "taking check-sync")
    return p, re.search(r"on (127\.0\.0\.1:\d+)$", first.strip()).group(1), first + until(p, "^waiting for a check-sync")


def gates():
    with tap.Server(TOOL, "www") as files:
        for i, (name, settings, more, answer) in enumerate(GATES):
            p, where, first = phone(f"gate{i}", files, settings, *more)
            with server(group(), "--check-sync", where) as s:
                log = until(s.process, "check-sync (not )?answered")
            accepted = answer.startswith("200")
            said = until(p, "^waiting for a check-sync") if accepted else until(p, "NOTIFY answered")
            code, _, err = end(p)
            T.ok(f"check-sync: {name}: {answer}", f"{where} check-sync sent\n" in log and f"check-sync answered with {answer}" in log, log)
            T.ok(f"check-sync: {name}: the phone says so", f"NOTIFY answered with {answer[:3]}: " in said
                 and ("attempt 1 (check-sync)" in said and "outcome: unchanged" in said) == accepted, first + said)
            T.ok(f"check-sync: {name}: a phone that only waits ends with its last outcome", code == 0 and err == "", err)


def check_sync():
    """Another run with an address, told once more too soon; then the trace and the settings."""
    TOOL.write("www/second/00095200000E.xml", tap.PATCH.replace("drei", "vier"))
    with tap.Server(TOOL, "www") as files:
        p, where, first = phone("sync", files, "", "--allow-notify", "127.0.0.1", "--trace", "sync.jsonl")
        url = files.url.replace("://", f"://me:{SECRET}@") + "second/{mac}.xml"
        with server(group(), "--check-sync", where, "--check-sync-url", url) as s:
            log = until(s.process, "check-sync answered")
            said = until(p, "^waiting for a check-sync")
            s.process.send_signal(signal.SIGUSR1)
            log += until(s.process, "check-sync answered")
            said += until(p, "NOTIFY answered with 503")
        code, _, err = end(p)
    trace = [json.loads(line) for line in TOOL.read("sync.jsonl").decode().splitlines()]
    T.ok("check-sync with an address: the log", "check-sync answered with 200, accepted" in log and "answered with 503, too soon" in log, log)
    T.ok("check-sync with an address: sources are skipped", said.count("not asked: the address came with check-sync") == 4
         and "/second/00095200000E.xml\n    written as:  http://***@127.0.0.1" in said, said)
    T.ok("check-sync with an address: the second difference is against the first result", '-      <key keyNumber="3" label="drei"/>' in said
         and '+      <key keyNumber="3" label="vier"/>' in said and "zwei" not in re.findall(r"^[-+].*", said, re.M), said)
    T.ok("check-sync too soon: when again", re.search(r"NOTIFY answered with 503: .*, again in (10|[1-9]) s", said), said)
    T.ok("check-sync: kept", code == 0 and b"vier" in TOOL.read("sync/settings.xml"), err)
    T.same("check-sync: the trace", [(e["event"], e.get("trigger"), e.get("status")) for e in trace if e["event"] in ("attempt", "notify")],
           [("attempt", "manual", None), ("notify", None, 200), ("attempt", "check-sync", None), ("notify", None, 503)])
    T.ok("check-sync: no password anywhere", SECRET not in first + said + log + err + s.first + s.second + TOOL.read("sync.jsonl").decode())


def unanswered():
    """A phone that is not there: sent four times, then given up."""
    return TOOL.start("serve", "www", "--port", "0", "--pnp", *LO, *group(), "--check-sync", f"127.0.0.1:{free_port()}")


def main():
    TOOL.write("www/prov/patch.xml", tap.PATCH)
    lonely, silent = alone(), unanswered()
    try:
        finds()
        two_phones()
        others()
        unusable()
        listens()
        leases()
        secrets()
        interrupted()
        gates()
        check_sync()
        log = until(silent, "check-sync not answered")
        T.ok("check-sync to nobody", "check-sync not answered" in log and end(silent)[0] == 0, log)
        alone_ended(lonely)
    finally:
        for p in (lonely, silent):
            if p.poll() is None:
                p.kill()
    T.end()


main()
