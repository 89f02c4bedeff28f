#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""prov run --trace, prov trace and prov replay: whole runs of every family, reproduced from their traces without a secret.

usage: trace_test.py PROV
"""
import http.server
import json
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import xml.parsers.expat

import tap

T = tap.Tap()
TOOL = tap.Tool(sys.argv[1])
LO = ["--interface", "lo", "--sip-port", "0"]
CANARY = "CANARY"
KEY = "CANARY-key-of-32-characters-0001"

DOCUMENT = """<configuration>
  <users><user name="admin"><password>CANARY-PATCH</password><userPin>47114711</userPin></user></users>
  <provisioning><url>http://me:CANARY-URL@127.0.0.1/x.xml</url></provisioning>
  <!-- the password was CANARY-COMMENT -->
  <sip token="CANARY-ATTRIBUTE"><password value="CANARY-EMPTY"/></sip>
  <extra><parameter name="sipPassword" value="CANARY-NAMED"/></extra>
</configuration>
"""
OPERATIONS = """<operations>
  <replace path="/users/user[@name='admin']/password"><password>CANARY-OPERATION</password></replace>
  <delete path="/users/user[password='CANARY-PREDICATE']"/>
  <add path="/users/user[@name='admin']/credentials/"><value>CANARY-ADDED</value></add>
</operations>
"""
OPENSSL = shutil.which("openssl")
HDV = "# Panasonic SIP Phone Standard Format File #\r\n"
UTG = "<PANASIPPhoneConfig><Device><System>%s</System></Device></PANASIPPhoneConfig>"
UTG_FIRST = ("<PANASIPPhoneConfig><Initial><CfgFiles><CFG_STANDARD_FILE_PATH>%s/std.xml</CFG_STANDARD_FILE_PATH>"
             "<CFG_PRODUCT_FILE_PATH>%s/prod.enc</CFG_PRODUCT_FILE_PATH></CfgFiles></Initial></PANASIPPhoneConfig>")


class Handler(http.server.BaseHTTPRequestHandler):
    """A path has a list of answers, one for each request; the last one stays."""

    answers = {}

    def do_GET(self):
        left = Handler.answers.get(self.path.split("?")[0], [(404, b"<html>CANARY-PAGE is not here</html>", {})])
        status, body, headers = left[0]
        if len(left) > 1:
            left.pop(0)
        tag = headers.get("ETag")
        if status == 200 and tag is not None and self.headers.get("If-None-Match") == tag:
            status, body = 304, b""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def answer(path, *answers):
    Handler.answers[path] = [(a[0], a[1] if isinstance(a[1], bytes) else a[1].encode(), a[2] if len(a) > 2 else {}) for a in answers]


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def lines(name):
    return [json.loads(line) for line in TOOL.read(name).decode().splitlines()]


def secrets_in(text):
    data = text if isinstance(text, bytes) else text.encode()
    return CANARY.encode() in data or CANARY.encode().hex().encode() in data.lower() or b"4711471" in data


def whole(name, trace, lanes=(), events=()):
    """A trace is reproduced, shows and draws, and holds no secret."""
    r = TOOL.run("replay", trace)
    T.ok(f"{name}: reproduced", r.code == 0 and re.fullmatch(r"reproduced [1-9]\d* actions\n", r.text()), r.all())
    seen = TOOL.read(trace) + r.out + r.err
    got = [e["event"] for e in lines(trace)]
    T.ok(f"{name}: events", set(events) <= set(got), got)
    r = TOOL.run("trace", trace)
    seen += r.out + r.err
    T.ok(f"{name}: the time line", r.code == 0 and r.err == b"" and all(lane in r.text() for lane in lanes)
         and re.search(r"^ +\d+\.\d{3}  [*!] .*outcome: ", r.text(), re.M), r.all())
    r = TOOL.run("trace", "--svg", trace)
    seen += r.out + r.err
    short = [lane if len(lane) <= 30 else lane[:29] + "\u2026" for lane in ("phone", "store", *lanes)]
    T.ok(f"{name}: the diagram", r.code == 0 and set(short) <= set(drawn(r.out)), r.all())
    r = TOOL.run("trace", "--json", trace)
    seen += r.out + r.err
    doc = json.loads(r.out)
    T.ok(f"{name}: normalised", r.code == 0 and doc["complete"] and {e["from"] for e in doc["events"]} <= set(doc["lanes"]), r.all())
    seen += TOOL.run("replay", "--json", trace).out
    T.ok(f"{name}: no secret", not secrets_in(seen), next((x for x in seen.splitlines() if secrets_in(x)), b"")[:2000])


def drawn(svg):
    """Names of the lifelines; the file has to be well-formed and to need nothing else."""
    names, inside = [], [False]
    p = xml.parsers.expat.ParserCreate()

    def start(tag, attributes):
        inside[0] = tag == "text" and attributes.get("class") == "name"
        assert not any("href" in a or v.startswith("url(") for a, v in attributes.items())
        if inside[0]:
            names.append("")

    def text(data):
        if inside[0]:
            names[-1] += data

    p.StartElementHandler, p.CharacterDataHandler = start, text
    p.EndElementHandler = lambda _: inside.__setitem__(0, False)
    p.Parse(svg, True)
    return names


# ---- runs ----

def auerswald(base):
    answer("/refs.xml", (200, "<referencedSettings><url>patch.xml</url><url>/ops.xml</url></referencedSettings>"))
    answer("/patch.xml", (200, DOCUMENT, {"ETag": '"one"'}))
    answer("/ops.xml", (200, OPERATIONS))
    TOOL.write("a/settings.xml", tap.SETTINGS)
    url = base.replace("://", "://me:CANARY-USER@")
    for i, outcome in enumerate(("partial", "partial")):
        r = TOOL.run("run", "--once", "--state", "a", "--url", f"{url}/refs.xml", "--trace", f"a{i}.jsonl")
        T.ok(f"auerswald {i}: {outcome}", f"outcome: {outcome}" in r.text(), r.all())
        whole(f"auerswald {i}", f"a{i}.jsonl", [base], ["fetch", "body", "fetched", "loaded", "source", "file", "digest", "outcome", "end"])
    answer("/ops.xml", (200, "<operations/>"))
    for i, outcome in enumerate(("applied", "unchanged", "unchanged"), 2):
        r = TOOL.run("run", "--once", "--state", "a", "--url", f"{url}/refs.xml", "--trace", f"a{i}.jsonl")
        T.ok(f"auerswald {i}: {outcome}", f"outcome: {outcome}" in r.text() or "outcome: unchanged" in r.text(), r.all())
        whole(f"auerswald {i}", f"a{i}.jsonl", [base])
    head = lines("a0.jsonl")[0]
    T.ok("the head", head["format"] == 1 and head["dialect"] == "auerswald-d" and re.fullmatch("[0-9a-f]{16}", head["options"]["seed"])
         and head["device"]["mac"] == "00095200000E" and head["limits"]["fetches"] == 6, head)
    fetch = [e for e in lines("a0.jsonl") if e["event"] == "fetch"]
    T.ok("a fetch says that it has credentials, not which", fetch[0]["auth"] is True and "user" not in fetch[0], fetch)


def stand_ins():
    """The same secret has the same stand-in everywhere in a trace, and another one in the next."""
    texts = [next(e["text"] for e in lines(f"a{i}.jsonl") if e["event"] == "loaded" and e["item"] == "settings") for i in (2, 3)]
    bodies = [next(e["text"] for e in lines(f"a{i}.jsonl") if e["event"] == "fetched" and "userPin" in e.get("text", "")) for i in (2, 3)]
    T.ok("a number is replaced by a number", all(re.search(r"<userPin>\d{8}</userPin>", b) for b in bodies), bodies)
    words = [re.search(r"<password>(\w{12})</password>", b) for b in bodies]
    T.ok("the same in the settings and in the file", words[1] and f"<password>{words[1][1]}</password>" in texts[1], texts[1])
    T.ok("another one in another trace", words[0] and words[1] and words[0][1] != words[1][1], words)


def not_changed(base):
    """304 for every file; the next run asks for all of them at once."""
    answer("/t/refs.xml", (200, "<referencedSettings><url>one.xml</url></referencedSettings>", {"ETag": '"r"'}))
    answer("/t/one.xml", (200, DOCUMENT.replace("<userPin>47114711</userPin>", ""), {"ETag": '"o"'}))
    TOOL.write("n/settings.xml", tap.SETTINGS)
    for i in range(4):
        r = TOOL.run("run", "--once", "--state", "n", "--url", f"{base}/t/refs.xml", "--trace", f"n{i}.jsonl")
        whole(f"not changed {i}", f"n{i}.jsonl", [base])
    T.ok("not changed: told", r.code == 0 and 304 in [e.get("status") for e in lines("n3.jsonl") if e["event"] == "fetched"],
         r.all())
    line = TOOL.run("trace", "n3.jsonl").text()
    T.ok("not changed: the time line", "GET /t/one.xml, if changed" in line and "304 /t/one.xml: not changed" in line, line)
    answer("/t/one.xml", (200, DOCUMENT.replace("CANARY-PATCH", "CANARY-OTHER"), {"ETag": '"p"'}))
    TOOL.run("run", "--once", "--state", "n", "--url", f"{base}/t/refs.xml", "--trace", "n4.jsonl")
    whole("not changed, then changed", "n4.jsonl", [base], ["fetched"])


def retries(base):
    answer("/busy.xml", (503, "CANARY-BUSY", {"Retry-After": "1"}), (500, "<html>CANARY-ERROR</html>"),
           (302, "CANARY-MOVED", {"Location": f"{base.replace('://', '://you:CANARY-MOVED@')}/there.xml"}), (200, "<html>"))
    answer("/there.xml", (200, DOCUMENT))
    TOOL.write("r/settings.xml", tap.SETTINGS)
    r = TOOL.stay("run", "--state", "r", "--url", f"{base}/busy.xml", "--delay", "1+0", "--trace", "r.jsonl",
                  until_line="waiting for SIGHUP")
    T.ok("retries: applied in the third attempt", r.code in (0, 4) and "attempt 3" in r.text(), r.all())
    whole("retries", "r.jsonl", [base], ["wait", "finding"])
    line = TOOL.run("trace", "r.jsonl").text()
    T.ok("retries: the time line says why", all(x in line for x in ("503 /busy.xml", "again after 1", "outcome: failed, next attempt at",
         "waits ", "302 /busy.xml: ", " bytes, to http://***@", "attempt 3")), line)
    r = TOOL.run("run", "--once", "--state", "r", "--url", "http://127.0.0.1:1/x", "--trace", "r2.jsonl")
    T.ok("nobody there", r.code == 3, r.all())
    whole("nobody there", "r2.jsonl", ["http://127.0.0.1:1"])


def redirect(base):
    answer("/service", (302, "", {"Location": f"{base.replace('://', '://r:CANARY-SERVICE@')}/there.xml"}))
    TOOL.write("d/settings.xml", tap.SETTINGS)
    service = base.replace("://", "://s:CANARY-ASKED@") + "/service"
    r = TOOL.run("run", "--once", "--state", "d", "--redirect-url", service, "--trace", "d.jsonl")
    T.ok("redirection service: used", r.code in (0, 4), r.all())
    whole("redirection service", "d.jsonl", ["redirect " + base, base])
    line = TOOL.run("trace", "d.jsonl").text()
    T.ok("redirection service: the time line", f"phone -> redirect {base}  GET /service, with credentials" in line
         and "redirect: url, wins" in line, line)


def panasonic(base):
    answer("/init.cfg", (200, HDV + 'CFG_STANDARD_FILE_PATH="std.cfg"\r\nCFG_PRODUCT_FILE_PATH="prod.cfg"\r\n# password CANARY-REMARK\r\n'))
    answer("/std.cfg", (200, HDV + 'SIP_PASS_1="CANARY-SIP"\r\nADMIN_PASS = CANARY-BARE\r\n'
                                  'NTP_ADDR="ntp.example.net"\r\nLDAP_SERVER="ldap://a:CANARY-LDAP@h/"\r\n'))
    answer("/prod.cfg", (200, HDV + 'HTTP_AUTH_PASS="CANARY-AUTH"\r\nADMIN_PASS="CANARY-ADMIN"\r\n'))
    run = ["run", "--once", "--dialect", "panasonic-hdv", "--state", "h", "--url", f"{base}/init.cfg"]
    for i in range(2):
        r = TOOL.run(*run, "--trace", f"h{i}.jsonl")
        T.ok(f"hdv {i}: ends well", r.code in (0, 4), r.all())
        whole(f"hdv {i}", f"h{i}.jsonl", [base])
    answer("/std.cfg", (404, "CANARY-GONE"))
    r = TOOL.run(*run, "--trace", "h2.jsonl")
    T.ok("hdv: a saved file serves", r.code in (0, 3, 4), r.all())
    whole("hdv saved", "h2.jsonl", [base], ["finding"])


def sealed(text, key=KEY):
    if OPENSSL is None:  # then it is a plain file, and is used all the same
        return text
    done = subprocess.run([OPENSSL, "enc", "-aes-128-cbc", "-a", "-salt", "-md", "md5", "-pass", f"pass:{key}"], input=text.encode(),
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, timeout=30)
    return done.stdout


def utg(base):
    """Two stages and an encrypted file: neither key nor true text is in the trace, and it is reproduced all the same."""
    answer("/pre.xml", (200, UTG_FIRST % (base, base)))
    answer("/std.xml", (200, UTG % f'<AdminPassword perm="R">CANARY-UTG</AdminPassword><CFG_FILE_KEY>{KEY}</CFG_FILE_KEY><Ntp>n</Ntp>'
                                   '<Dir>http://a:CANARY-UTGURL@h/</Dir>'))
    product = UTG % '<SipPass idx="1">CANARY-SEALED</SipPass><Ring>3</Ring>'
    for name, body in (("key", sealed(product)), ("wrong key", sealed(product, "CANARY-another-key")), ("cut", sealed(product)[:60]),
                       ("damaged", sealed(product)[:40] + b"!!" if OPENSSL else "x"), ("again", sealed(product.replace("3", "4")))):
        answer("/prod.enc", (200, body))
        trace = f"u-{name.split()[0]}.jsonl"
        r = TOOL.run("run", "--once", "--dialect", "panasonic-utg", "--state", "u", "--url", f"{base}/pre.xml", "--trace", trace)
        T.ok(f"utg: {name}", r.code in (0, 4), r.all())
        whole(f"utg: {name}", trace, [base])
        opened = [e for e in lines(trace) if e["event"] == "unsealed"]
        if OPENSSL and name in ("key", "again"):
            T.ok(f"utg: {name}: what was encrypted is there, concealed", "<SipPass idx=" in opened[0]["text"], opened)
        T.ok(f"utg: {name}: the encrypted bytes are not", (body if isinstance(body, bytes) else b"none")[24:50].split(b"\n")[0]
             not in TOOL.read(trace), body)


# ---- the local network ----

def notify(port, body, kind, headers=""):
    message = (f"NOTIFY sip:1@127.0.0.1:{port} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5999;branch=z9hG4bK{len(body)}\r\n"
               f"From: <sip:srv:CANARY-SIPURI@127.0.0.1>;tag=a\r\nTo: <sip:1@127.0.0.1>;tag=b\r\nCall-ID: {len(body)}@x\r\n"
               f"CSeq: 7 NOTIFY\r\nEvent: check-sync\r\n{headers}Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n{body}")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(20)
        s.sendto(message.encode(), ("127.0.0.1", port))
        return s.recv(4096).decode()


def until(process, pattern):
    watch = threading.Timer(30, process.kill)
    watch.start()
    seen = ""
    for line in process.stdout:
        seen += line.decode()
        if re.search(pattern, line.decode()):
            break
    watch.cancel()
    return seen


def check_sync(base):
    TOOL.write("s/settings.xml", tap.SETTINGS)
    p = TOOL.start("run", "--state", "s", *LO, "--url", f"{base}/patch.xml", "--disable", "pnp", "--disable", "dhcp",
                   "--allow-notify", "127.0.0.1", "--trace", "s.jsonl")
    port = int(re.search(r"127\.0\.0\.1:(\d+)$", until(p, "taking check-sync").strip())[1])
    until(p, "^waiting for a check-sync")
    url = f"<notifySync><checkSync><url>{base.replace('://', '://me:CANARY-SYNC@')}/there.xml</url></checkSync></notifySync>"
    first = notify(port, url, "application/xml", "Authorization: Digest response=\"CANARY-DIGEST\"\r\n")
    seen = until(p, "^waiting for a check-sync")
    second = notify(port, DOCUMENT, "application/xml")
    p.send_signal(signal.SIGTERM)
    out, err = p.communicate(timeout=30)
    T.ok("check-sync: accepted, then too soon", first.startswith("SIP/2.0 200") and second.startswith("SIP/2.0 503"),
         first + second + seen + out.decode() + err.decode())
    whole("check-sync", "s.jsonl", [base], ["notify", "trigger"] if any(e["event"] == "trigger" for e in lines("s.jsonl")) else ["notify"])
    T.ok("check-sync: attempts", [e["trigger"] for e in lines("s.jsonl") if e["event"] == "attempt"] == ["manual", "check-sync"])


def lan(base):
    where = ["--group", f"224.0.1.75:{free_port()}"]
    url = base.replace("://", "://me:CANARY-LAN@") + "/there.xml"
    TOOL.write("l/settings.xml", tap.SETTINGS)
    TOOL.write("lease", f"interface=lo\nopt66={url.encode().hex()}\n")
    r = TOOL.run("run", "--once", "--state", "l", *LO, *where, "--disable", "pnp", "--lease", "lease", "--trace", "l.jsonl")
    T.ok("DHCP: used", r.code in (0, 4), r.all())
    whole("DHCP", "l.jsonl", ["DHCP", base], ["ask", "asked"])
    long = base.replace("://", f"://me:{'CANARY-LONG-' * 30}@") + "/there.xml"
    TOOL.write("long", f"interface=lo\nopt66={long.encode().hex()}\n")
    r = TOOL.run("run", "--once", "--state", "l", *LO, *where, "--disable", "pnp", "--lease", "long", "--trace", "l3.jsonl")
    T.ok("DHCP: an option in pieces", r.code in (0, 4), r.all())
    whole("DHCP: an option in pieces", "l3.jsonl", ["DHCP", base], ["asked"])
    T.ok("DHCP: it came in pieces", re.search("42ff[0-9a-f]{510}42", event(lines("l3.jsonl"), "asked")["textHex"]))
    TOOL.write("www/x", "")
    TOOL.write("l2/settings.xml", tap.SETTINGS)
    server = TOOL.start("serve", "www", "--port", "0", "--pnp", "--pnp-url", url, "--interface", "lo", *where)
    server.stdout.readline()
    server.stdout.readline()
    r = TOOL.run("run", "--once", "--state", "l2", *LO, *where, "--disable", "dhcp", "--trace", "l2.jsonl")
    server.terminate()
    server.communicate(timeout=30)
    T.ok("PnP: used", r.code in (0, 4), r.all())
    whole("PnP", "l2.jsonl", ["PnP group", base], ["ask", "opened", "send", "datagram", "reply"])
    line = TOOL.run("trace", "l2.jsonl").text()
    T.ok("PnP: the time line", "phone -> PnP group" in line and "SUBSCRIBE sip:" in line and "SIP/2.0 200" in line
         and "pnp: url, wins" in line, line)


def trial(base):
    """New settings that are confirmed, then some that are not."""
    TOOL.write("c/settings.xml", tap.SETTINGS)
    for name, answers, seconds, outcome in (("confirmed", tap.PASSWORD_PATCH, "60", "applied"), ("undone", DOCUMENT, "1", "undone")):
        answer("/trial.xml", (200, answers.replace("CANARY-NEW", "CANARY-TRIAL")))
        p = TOOL.start("run", "--once", "--state", "c", "--url", f"{base}/trial.xml", "--confirm", seconds, "--trace", f"{name}.jsonl")
        seen = until(p, "^on trial for")
        if outcome == "applied":
            p.send_signal(signal.SIGUSR1)
        out, err = p.communicate(timeout=60)
        seen += out.decode()
        T.ok(f"{name}: told", f"outcome: {outcome}" in seen, seen + err.decode())
        whole(name, f"{name}.jsonl", [base], ["confirm" if outcome == "applied" else "restore", "stored"])
    line = TOOL.run("trace", "undone.jsonl").text()
    T.ok("undone: the time line", "on trial until " in line and "bring the previous settings back" in line and "outcome: undone" in line, line)


# ---- traces that are not as they were ----

def changed(name, change):
    """A trace with one line changed."""
    events = lines("m.jsonl")
    change(events)
    TOOL.write("changed.jsonl", "".join(json.dumps(e) + "\n" for e in events))
    r = TOOL.run("replay", "changed.jsonl")
    doc = json.loads(TOOL.run("replay", "--json", "changed.jsonl").out)
    T.ok(f"{name}: a difference", r.code == 1 and re.search(r"^line \d+ is not reproduced \(\d+ actions are\)$", r.text(), re.M)
         and "recorded:" in r.text() and "now:" in r.text() and doc["difference"]["line"] > 1, r.all())
    return r.text()


def event(events, kind, n=0):
    return [e for e in events if e["event"] == kind][n]


def mutations(base):
    answer("/plain.xml", (200, tap.PATCH))
    TOOL.write("m/settings.xml", tap.SETTINGS)
    TOOL.run("run", "--once", "--state", "m", "--url", f"{base}/plain.xml", "--trace", "m.jsonl")
    whole("plain", "m.jsonl", [base], ["store", "stored"])

    def body(events):
        e = event(events, "fetched")
        e["text"] = e["text"].replace("zwei", "zwej")
    text = changed("another byte in a file", body)
    T.ok("another byte in a file: in what is stored", "stored:" in text and "digest" in text, text)
    text = changed("another status", lambda events: event(events, "fetched").update(status=404))
    T.ok("another status: another decision", "could not be fetched" in text, text)
    changed("another time", lambda events: event(events, "fetch").update(wholeMs=1))
    changed("another answer of the store", lambda events: event(events, "stored").update(result="PROV_E_STORAGE"))
    changed("an event that is missing", lambda events: events.remove(event(events, "fetched")))
    changed("settings that were others", lambda events: event(events, "loaded").update(text="<configuration/>"))
    changed("one more", lambda events: events.insert(-1, dict(event(events, "stop"), event="fetch", id=99)))


def broken_traces():
    good = TOOL.read("a0.jsonl")
    rows = good.splitlines(keepends=True)
    for n in (len(rows) - 1, 20, 9, 2, 1):
        TOOL.write("cut.jsonl", b"".join(rows[:n]))
        r, t = TOOL.run("replay", "cut.jsonl"), TOOL.run("trace", "cut.jsonl")
        T.ok(f"cut behind line {n}", r.code == 0 and "the trace ends before the run\n" in r.text()
             and t.code == 0 and "the trace ends before the run\n" in t.text(), r.all() + t.all())
    TOOL.write("cut.jsonl", good[:len(good) // 2])
    r = TOOL.run("replay", "cut.jsonl")
    T.ok("cut inside a line", r.code == 0 and "the trace ends before the run\n" in r.text(), r.all())
    for name, text, want in (
            ("garbage", rows[0] + b"garbage\n" + rows[1], r"bad\.jsonl:2: error: .*\[PROV-0887\]"),
            ("no event", rows[0] + b'{"ms":1}\n', r"bad\.jsonl:2: error: .*'event'.*\[PROV-0887\]"),
            ("no time", rows[0] + b'{"event":"stop"}\n', r"bad\.jsonl:2: error: .*'ms'.*\[PROV-0887\]"),
            ("two heads", rows[0] + rows[0], r"bad\.jsonl:2: error: .*second head.*\[PROV-0887\]"),
            ("an array", rows[0] + b"[]\n", r"bad\.jsonl:2: error: .*\[PROV-0887\]"),
            ("no head", rows[1], r"bad\.jsonl:1: error: .*no head.*\[PROV-0887\]"),
            ("empty", b"", r"bad\.jsonl: error: .*no head.*\[PROV-0887\]"),
            ("another format", rows[0].replace(b'"format":1', b'"format":99'), r"bad\.jsonl:1: error: .*\[PROV-0889\]")):
        TOOL.write("bad.jsonl", text)
        for command in (["replay"], ["trace"], ["trace", "--svg"]):
            r = TOOL.run(*command, "bad.jsonl")
            T.ok(f"{' '.join(command)}: {name}", r.code == 1 and r.out == b"" and re.search("^" + want + "$", r.errors(), re.M), r.all())
        r = TOOL.run("replay", "--json", "bad.jsonl")
        T.ok(f"replay --json: {name}", r.code == 1 and json.loads(r.out)["diagnostics"], r.all())
    for name, old, new in (("dialect", b'"dialect":"auerswald-d"', b'"dialect":"none"'), ("seed", b'"seed":"', b'"seed":"x'),
                           ("group", b'"group":"224', b'"group":"x'), ("trigger", b'"trigger":"manual"', b'"trigger":"x"'),
                           ("startMs", b'"startMs":', b'"startMs":-'), ("delays", b'"delays":[]', b'"delays":[1]'),
                           ("url", b'"raw":false', b'"url":1'), ("notifyFrom", b'"notifyFrom":[]', b'"notifyFrom":[1]'),
                           ("limits", b'"fetches":6', b'"fetches":99')):
        TOOL.write("bad.jsonl", b"".join(rows).replace(old, new, 1))
        r = TOOL.run("replay", "bad.jsonl")
        T.ok(f"a head with another {name}", r.code == 1 and "PROV-08" in r.errors(), r.all())
    r = TOOL.run("replay", "none.jsonl")
    T.ok("replay: no such file", r.code == 3 and "PROV-0801" in r.errors(), r.all())
    TOOL.write("other.jsonl", good.replace(b'"tool":"', b'"tool":"9.', 1))
    r = TOOL.run("replay", "other.jsonl")
    T.ok("replay: by another version", r.code == 0 and r.text().startswith("recorded with prov 9."), r.all())
    r = TOOL.run("run", "--once", "--state", "m", "--url", "http://127.0.0.1:1/", "--trace", "/dev/full")
    T.ok("run: a trace on a full disk", r.code == 3 and re.search("^/dev/full: error: the file cannot be written: .*PROV-0803", r.errors(), re.M), r.all())
    r = TOOL.run("run", "--once", "--state", "a", "--url", "http://127.0.0.1:1/", "--trace", "none/t.jsonl")
    T.ok("run: a trace that cannot be written", r.code == 3 and "PROV-0803" in r.errors(), r.all())


def wild():
    """Members of other kinds, lines in another order: refused or different, never the end of the program."""
    random.seed(6)
    values = ["", "x", 0, -1, 2**62, 1.5, None, True, [], {}, "PROV_E_STATE", "PROV_OK", "127.0.0.1:1", "\u0000", "ff"]
    names = ["ms", "id", "event", "text", "textHex", "status", "bytes", "items", "result", "until", "is", "from", "reason"]
    wrong = []
    for i in range(80):
        events = lines(("m", "l2", "h0", "s")[i % 4] + ".jsonl")
        for _ in range(random.randint(1, 3)):
            e = random.choice(events[1:])
            what = random.randint(0, 4)
            if what < 3:
                e[random.choice(names if what else list(e))] = random.choice(values)
            elif what == 3:
                events.remove(e)
            else:
                events.insert(random.randint(1, len(events)), dict(e))
        TOOL.write("wild.jsonl", "".join(json.dumps(e) + "\n" for e in events))
        for command in (["replay"], ["trace"], ["trace", "--svg"]):
            r = TOOL.run(*command, "wild.jsonl")
            if r.code not in (0, 1) or b"Sanitizer" in r.err or b"runtime error" in r.err:
                wrong.append((command, r.all(), TOOL.read("wild.jsonl")))
            elif command[-1] == "--svg" and r.code == 0:
                drawn(r.out)
    T.ok("80 wild traces", not wrong, wrong[:1])


def diagrams():
    head = TOOL.read("a0.jsonl").splitlines()[0]
    wild = "<&>\"' \u202e\uffff \x1b[31m \u00fc\u20ac" + "x" * 300
    events = [{"ms": i, "event": "fetch", "id": i, "url": f"http://h{i % 5}/{wild}"} for i in range(1, 501)]
    TOOL.write("wild.jsonl", head + b"\n" + "".join(json.dumps(e) + "\n" for e in events).encode())
    r = TOOL.run("trace", "--svg", "wild.jsonl")
    T.ok("500 events with wild texts", r.code == 0 and len(drawn(r.out)) == 6 and b"\x1b" not in r.out, r.errors())
    T.ok("a long label is shortened", r.text().count("\u2026</text>") == 500, r.text()[:2000])
    T.ok("light and dark", "prefers-color-scheme: dark" in r.text() and "<script" not in r.text())
    r = TOOL.run("trace", "wild.jsonl")
    T.ok("control bytes are shown escaped", r.code == 0 and "\x1b" not in r.text() and "\\x1B" in r.text())
    TOOL.write("one.jsonl", head + b"\n")
    T.ok("no event at all", drawn(TOOL.run("trace", "--svg", "one.jsonl").out) == ["phone"])
    r = TOOL.run("trace", "--svg", "-o", "a.svg", "a0.jsonl")
    T.ok("into a file", r.code == 0 and r.out == b"" and TOOL.read("a.svg") == TOOL.run("trace", "--svg", "a0.jsonl").out, r.all())
    T.ok("from the standard input", TOOL.run("trace", "-", stdin=TOOL.read("a0.jsonl")).out == TOOL.run("trace", "a0.jsonl").out)
    for args in (["trace"], ["trace", "a", "b"], ["trace", "--svg", "--json", "a"], ["trace", "-o", "x", "a"], ["replay"], ["replay", "a", "b"]):
        T.ok(f"usage: {' '.join(args)}", TOOL.run(*args).code == 2)


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    base = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    auerswald(base)
    stand_ins()
    not_changed(base)
    retries(base)
    redirect(base)
    panasonic(base)
    utg(base)
    check_sync(base)
    lan(base)
    trial(base)
    mutations(base)
    broken_traces()
    wild()
    diagrams()
    server.shutdown()
    T.end()


main()
