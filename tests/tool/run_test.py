#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""prov run against prov serve: outcomes, transcripts, the trace, retries, signals; and the server by itself.

usage: run_test.py PROV
"""
import email.utils
import http.client
import json
import os
import re
import signal
import socket
import sys
import threading
import time

import tap

T = tap.Tap()
TOOL = tap.Tool(sys.argv[1])
NONE = "http://127.0.0.1:1/"  # nobody listens there


def state(name, settings=tap.SETTINGS):
    if settings is not None:
        TOOL.write(f"{name}/settings.xml", settings)
    return name


def fill():
    w = TOOL.write
    w("www/prov/references.xml", "<referencedSettings>\n  <url>patch.xml</url>\n  <url>/{mac}.xml</url>\n"
                                 "</referencedSettings>\n")
    w("www/prov/patch.xml", tap.PATCH)
    w("www/00095200000E.xml", tap.PASSWORD_PATCH)
    w("www/page.xml", "<html><body>login</body></html>")
    w("www/half.xml", "<operations><delete path=\"/keys/none\"/>"
                      "<replace path=\"/telephony/callWaiting/tone\"><tone>true</tone></replace></operations>")
    w("www/broken.xml", "<referencedSettings><url>prov/patch.xml</url><url>none.xml</url></referencedSettings>")
    w("www/loop.xml", "<referencedSettings><url>loop.xml</url></referencedSettings>")
    w("www/userurl.xml", "<referencedSettings><url>http://me:CANARY@127.0.0.1:1/x</url></referencedSettings>")
    w("www/empty.xml", "")
    w("www/sub/inner.txt", "inner\n")
    w("www/blank name.xml", "<a/>")
    w("outside.txt", "CANARY-OUTSIDE")
    os.symlink("../outside.txt", TOOL.dir / "www/leak.txt")
    os.symlink("..", TOOL.dir / "www/up")
    os.symlink("sub/inner.txt", TOOL.dir / "www/alias.txt")
    os.mkfifo(TOOL.dir / "www/pipe.xml")


TRANSCRIPT = """attempt 1 (manual)
sources:
  1 dhcp      |                        |                not asked: the port cannot ask the local network
  2 redirect  |                        |                not asked: no redirection service is set
  2 pnp       |                        |                not asked: the port cannot ask the local network
  3 manual    |========================|  S-S s url: first address found
      before markers: http://127.0.0.1:PORT/{type}/../prov/references.xml
      after markers:  http://127.0.0.1:PORT/D200/../prov/references.xml
files, in the order of applying:
"""

ACCOUNT = """    telephony: merged
      replaced   /telephony/callWaiting/tone
    keys: merged
      replaced   /keys/phoneXtensions/key[@keyNumber='2']
      added      /keys/phoneXtensions/key[@keyNumber='3']
"""

DIFF = """--- settings before
+++ settings after
@@ -2,20 +2,21 @@
 <configuration>
   <users version="1.34.0">
     <user name="admin">
-      <password>***</password>
+      <password>***</password>
       <role>admin</role>
     </user>
   </users>
   <telephony version="1.34.0">
     <callWaiting>
       <active>true</active>
-      <tone>false</tone>
+      <tone>true</tone>
     </callWaiting>
   </telephony>
   <keys version="1.34.0">
     <phoneXtensions>
       <key keyNumber="1" label="one"/>
-      <key keyNumber="2" label="two"/>
+      <key keyNumber="2" label="zwei"/>
+      <key keyNumber="3" label="drei"/>
     </phoneXtensions>
   </keys>
 </configuration>
settings: s1/settings.xml
outcome: applied
"""


def transcripts(server):
    state("s1")
    url = f"{server.url}{{type}}/../prov/references.xml"
    r = TOOL.run("run", "--once", "--state", "s1", "--url", f"{server.url}prov/references.xml")
    text = tap.steady(r.text())
    T.ok("run: applied", r.code == 0 and r.err == b"", r.all())
    for name, part in (("sources", TRANSCRIPT.replace("/{type}/../", "/").replace("/D200/../", "/")),
                       ("account", ACCOUNT), ("difference without passwords, and the end", DIFF)):
        T.ok(f"run: transcript: {name}", part in text, f"expected:\n{part}\ngot:\n{text}")
    T.ok("run: what was fetched", re.search(
        r"  http://127.0.0.1:PORT/00095200000E.xml\n    written as:  /\{mac\}.xml\n    HTTP 200, \d+ bytes, N ms: patch\n",
        text) is not None, text)
    kept = TOOL.read("s1/settings.xml").decode()
    T.ok("run: the settings are kept", "CANARY-NEW" in kept and 'label="drei"' in kept and "CANARY-OLD" not in kept, kept)
    T.ok("run: the ones before are kept too", TOOL.read("s1/settings.previous.xml") == tap.SETTINGS.encode())
    before = (TOOL.dir / "s1/settings.xml").stat()
    r = TOOL.run("run", "--once", "--state", "s1/", "--url", f"{server.url}prov/references.xml")
    after = (TOOL.dir / "s1/settings.xml").stat()
    T.ok("run again: unchanged", r.code == 0 and "outcome: unchanged, nothing written" in r.text()
         and "---" not in r.text(), r.all())
    T.ok("run again: the file is not touched", before.st_ino == after.st_ino and before.st_mtime_ns == after.st_mtime_ns)
    r = TOOL.run("run", "--once", "--state", "s1", "--url", url)
    T.ok("run: markers before and after", "{type}/../prov" in r.text() and "D200/../prov" in r.text(), r.all())


# name, path, exit code, outcome, pattern in standard error
OUTCOMES = [
    ("applied", "prov/patch.xml", 0, "applied", "^$"),
    ("partial", "half.xml", 4, "partial", r"http://127\S+half.xml:1:\d+: error: .*\[PROV-0445\]"),
    ("refused: a page", "page.xml", 1, "refused", r"page.xml:1:1: error: .*\[PROV-03"),
    ("refused: empty", "empty.xml", 1, "refused", r"empty.xml.*\[PROV-03"),
    ("refused: a cycle", "loop.xml", 1, "refused", r"PROV-0511"),
    ("refused: a marker's byte", "{serial}", 1, "refused", r"PROV-0221"),
    ("failed: no such file", "none.xml", 3, "failed", r"PROV-0621"),
    ("failed: one of the tree is missing", "broken.xml", 3, "failed", r"PROV-0621"),
    ("failed: a directory", "sub", 3, "failed", r"PROV-06"),
]


def outcomes(server):
    for name, path, code, outcome, err in OUTCOMES:
        more = ["--raw", "--serial", "a b"] if "{" in path else []
        s = state("o-" + re.sub(r"\W+", "-", name))
        r = TOOL.run("run", "--once", "--state", s, "--url", server.url + path, *more)
        T.ok(f"run: {name}", r.code == code and f"outcome: {outcome}" in r.text()
             and re.search(err, r.errors()) is not None, r.all())
        changed = TOOL.read(f"{s}/settings.xml") != tap.SETTINGS.encode()
        T.ok(f"run: {name}: settings {'changed' if code in (0, 4) else 'as before'}", changed == (code in (0, 4)))
        r = TOOL.run("run", "--once", "--state", state(s + "-j"), "--url", server.url + path, "--json", *more)
        doc = json.loads(r.out)
        T.ok(f"run --json: {name}", r.code == code and doc["outcome"] == outcome and r.err == b""
             and {"sources", "fetches", "sections", "changes", "next", "diagnostics"} <= set(doc)
             and bool(doc["diagnostics"]) == (code != 0), r.all())
    r = TOOL.run("run", "--once", "--state", state("nothing"))
    T.ok("run: nothing found", r.code == 5 and "outcome: nothing" in r.text() and "PROV-0661" in r.errors(), r.all())
    T.ok("run: nothing found, with a hint", "with --interface IF, DHCP and SIP PnP are asked too\n" in r.text(), r.all())
    r = TOOL.stay("run", "--state", state("nothing"), until_line="^waiting for SIGHUP")
    T.ok("run: nobody was asked, so it is not tried again", r.code == 5 and "outcome: nothing" in r.text()
         and "next attempt" not in r.text() and "\nnext run " in r.text(), r.all())
    r = TOOL.run("run", "--once", "--state", state("unknown"), "--url", "gopher://h/x")
    T.ok("run: a bad address", r.code in (1, 5) and "PROV-0" in r.errors(), r.all())
    TOOL.write("garbage/settings.xml", "garbage")
    r = TOOL.run("run", "--once", "--state", "garbage", "--url", server.url + "prov/patch.xml")
    T.ok("run: stored settings that cannot be read", r.code == 3 and "PROV-0707" in r.errors()
         and TOOL.read("garbage/settings.xml") == b"garbage", r.all())
    r = TOOL.run("run", "--once", "--state", "fresh", "--url", server.url + "prov/patch.xml")
    T.ok("run: a phone without settings", r.code == 0 and b'label="drei"' in TOOL.read("fresh/settings.xml"), r.all())


def shapes(server):
    r = TOOL.run("run", "--once", "--state", state("shape"), "--url", server.url + "prov/references.xml", "--json")
    d = json.loads(r.out)
    T.same("json: sources", [(s["name"], s["step"], s["outcome"]) for s in d["sources"]],
           [("dhcp", 1, "not asked"), ("redirect", 2, "not asked"), ("pnp", 2, "not asked"), ("manual", 3, "url")])
    T.same("json: fetches", [(f["url"].replace(server.url, "/"), f["status"], f["type"]) for f in d["fetches"]],
           [("/prov/references.xml", 200, "reference"), ("/prov/patch.xml", 200, "patch"),
            ("/00095200000E.xml", 200, "patch")])
    T.ok("json: numbers", all(isinstance(f["bytes"], int) and f["bytes"] > 0 and isinstance(f["ms"], int)
                              for f in d["fetches"]))
    T.same("json: sections", [(s["name"], s["action"]) for s in d["sections"]],
           [("telephony", "merged"), ("keys", "merged"), ("users", "merged")])
    T.ok("json: changes", {c["path"] for c in d["changes"]} >= {"/telephony/callWaiting/tone", "/users/user[@name='admin']"},
         d["changes"])
    T.ok("json: next: the schedule", d["next"]["trigger"] == "time" and 0 < d["next"]["at_s"] <= 86400 + 3600
         and d["next"]["why"].startswith("time: 00:00 + "), d["next"])
    r = TOOL.run("run", "--once", "--state", state("later"), "--url", NONE, "--delay", "100", "--json")
    d = json.loads(r.out)
    T.ok("json: when a phone would try again", r.code == 3 and d["next"] == {"trigger": "retry", "at_s": 100, "why": "the attempt failed"}, r.all())


def timeouts():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen(8)  # accepts nothing: the connection is made by the kernel, no byte follows
        r = TOOL.run("run", "--once", "--state", state("slow"), "--url", f"http://127.0.0.1:{s.getsockname()[1]}/", "--timeouts",
                     "5,1", timeout=9)
    T.ok("run: a time-out that was given", r.code == 3 and "no byte within the idle time-out" in r.errors(), r.all())


def proxy(server):
    """The lab server as a proxy: a request for another host arrives there, its name is not looked up."""
    r = TOOL.run("run", "--once", "--state", state("pr"), "--url", "http://phones.invalid/prov/patch.xml", "--proxy",
                 server.url.replace("//", "//me:CANARY@"), "--parallel", "1")
    T.ok("run: a proxy that was given is asked", "HTTP 400" in r.all() and r.code == 3 and "CANARY" not in r.all(), r.all())


def dns():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        s.settimeout(8)
        threading.Thread(target=refuse, args=(s,), daemon=True).start()
        r = TOOL.run("run", "--once", "--state", state("dns"), "--url", "http://phones.test/x", "--mode", "ipv4", "--dns",
                     f"127.0.0.1:{s.getsockname()[1]}", timeout=9)
    T.ok("run: a DNS server that was given is asked", r.code == 3 and "no such name in DNS" in r.all(), r.all())


def refuse(s):
    """DNS: there is no such name."""
    while True:
        try:
            question, peer = s.recvfrom(512)
            s.sendto(question[:2] + b"\x81\x83" + question[4:], peer)
        except OSError:
            return


def traces(server):
    TOOL.run("run", "--once", "--state", state("tr"), "--url", server.url + "prov/references.xml", "--trace", "t.jsonl")
    events = [json.loads(line) for line in TOOL.read("t.jsonl").decode().splitlines()]
    names = [e["event"] for e in events]
    T.ok("trace: every event is there", names.count("fetch") == 3 and names.count("fetched") == 3
         and names.count("load") >= 1 and names.count("store") == 1 and names.count("source") >= 1
         and names[0] == "trace" and names[-2:] == ["stop", "end"] and "outcome" in names, names)
    T.ok("trace: times do not go back", [e["ms"] for e in events[1:]] == sorted(e["ms"] for e in events[1:]), events)
    T.ok("trace: all is fetched before it is stored", max(i for i, n in enumerate(names) if n == "fetched")
         < names.index("store"), names)
    T.ok("trace: no settings", "CANARY" not in TOOL.read("t.jsonl").decode())


def accounts_in_one_line(server):
    """A tree that is as it was is one line, not one for each file."""
    args = ("run", "--once", "--state", state("same"), "--url", server.url + "prov/references.xml")
    first, second = TOOL.run(*args).text(), TOOL.run(*args).text()
    T.ok("each file of a first run is told", first.count("HTTP 200") == 3 and "none of them modified" not in first, first)
    T.ok("a tree that is as it was is one line", "3 files, none of them modified since the last run\n" in second
         and "HTTP" not in second and "outcome: unchanged" in second, second)


def credentials(server):
    with_user = server.url.replace("http://", "http://me:CANARY-PW@")
    for more in ([], ["--json"]):
        for path in ("prov/references.xml", "none.xml", "userurl.xml", "page.xml"):
            s = state(f"c{len(more)}{path[0]}", tap.SETTINGS.replace("CANARY-OLD", "x"))
            r = TOOL.run("run", "--once", "--state", s, "--url", with_user + path, "--trace", "c.jsonl", *more)
            seen = r.text() + r.errors() + TOOL.read("c.jsonl").decode()
            T.ok(f"credentials stay hidden: {path} {' '.join(more)}", "CANARY" not in seen and "***@" in seen, seen)
    s = state("curl", "<configuration><provisioning><url>http://me:CANARY@h/</url></provisioning></configuration>")
    TOOL.write("www/newurl.xml", "<configuration><provisioning><url>http://you:CANARY2@h/</url></provisioning></configuration>")
    r = TOOL.run("run", "--once", "--state", s, "--url", server.url + "newurl.xml")
    T.ok("credentials in the settings stay hidden in the difference", r.code == 0 and "CANARY" not in r.text()
         and "http://***@h/" in r.text(), r.all())


def retries():
    """The server comes up while the phone is waiting."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    p = TOOL.start("run", "--state", state("retry"), "--url", f"http://127.0.0.1:{port}/prov/patch.xml", "--delay", "1+0")
    seen = ""
    while "next attempt in" not in seen:
        line = p.stdout.readline().decode()
        if not line:
            break
        seen += line
    T.ok("retry: the first attempt fails and says when the next one is", "outcome: failed" in seen
         and "next attempt in 1 s" in seen, seen)
    server = TOOL.start("serve", "www", "--port", str(port))
    server.stdout.readline()
    seen = tap.until(p, "waiting for SIGHUP")
    p.send_signal(signal.SIGTERM)
    out, err = p.communicate(timeout=60)
    text = seen + out.decode()
    T.ok("retry: a later attempt succeeds", p.returncode == 0 and "outcome: applied" in text and "attempt 2" in text,
         text + err.decode())
    server.terminate()
    server.communicate(timeout=30)
    r = TOOL.run("run", "--once", "--state", state("retry1"), "--url", NONE)
    T.ok("retry: not with --once", r.code == 3 and "a phone would try again in" in r.text() and "attempt 2" not in r.text() and "PROV-0601" in r.errors(), r.all())


def silent_server():
    """Accepts, never answers."""
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    s.listen(5)
    return s


def signals():
    for number in (signal.SIGINT, signal.SIGTERM):
        with silent_server() as s:
            url = f"http://127.0.0.1:{s.getsockname()[1]}/x"
            p = TOOL.start("run", "--state", state("sig"), "--url", url)
            s.accept()
            p.send_signal(number)
            out, err = p.communicate(timeout=30)
            T.ok(f"{number.name} ends a fetch", p.returncode == 3 and b"PROV-0841" in err, out + err)
        T.ok(f"{number.name}: settings as before", TOOL.read("sig/settings.xml") == tap.SETTINGS.encode())
        (TOOL.dir / "sig.jsonl").unlink(missing_ok=True)
        p = TOOL.start("run", "--state", state("sig"), "--url", NONE, "--json", "--trace", "sig.jsonl")
        end = time.monotonic() + 30
        while b'"event":"outcome"' not in (TOOL.read("sig.jsonl") or b"") and time.monotonic() < end:
            time.sleep(0.02)
        p.send_signal(number)
        out, err = p.communicate(timeout=30)
        doc = json.loads(out)
        T.ok(f"{number.name} ends a wait", p.returncode == 3 and doc["outcome"] == "failed"
             and doc["next"]["trigger"] == "retry"
             and doc["diagnostics"][-1]["number"] == "PROV-0841", out + err)


def busy():
    with silent_server() as s:
        p = TOOL.start("run", "--state", state("busy"), "--url", f"http://127.0.0.1:{s.getsockname()[1]}/x")
        s.accept()
        r = TOOL.run("run", "--state", "busy", "--once", "--url", NONE)
        T.ok("a state folder is used by one process", r.code == 3 and "PROV-0833" in r.errors(), r.all())
        p.terminate()
        p.communicate(timeout=30)


def too_different(server):
    many = "".join(f"<a{i}>x</a{i}>\n" for i in range(1500))
    TOOL.write("www/many.xml", f"<configuration><other>\n{many}</other></configuration>")
    r = TOOL.run("run", "--once", "--state", state("many"), "--url", server.url + "many.xml")
    T.ok("a long difference is shown whole", r.code == 0 and r.text().count("\n+<a") >= 1499, r.errors())
    TOOL.write("www/many2.xml", f"<configuration><other patch='false'>\n{many.replace('a', 'b')}</other></configuration>")
    r = TOOL.run("run", "--once", "--state", "many", "--url", server.url + "many2.xml")
    T.ok("a longer one is summed up", r.code == 0 and "the settings differ too much to show" in r.text(), r.errors())


# ---- the server by itself ----

def ask(server, method, target, headers=(), body=None):
    c = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    c.putrequest(method, target, skip_host=False)
    for name, value in headers:
        c.putheader(name, value)
    if body is not None:
        c.putheader("Content-Length", str(len(body)))
    c.endheaders(body)
    answer = c.getresponse()
    content = answer.read()
    c.close()
    return answer, content


def raw(server, request):
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as s:
        s.sendall(request)
        s.shutdown(socket.SHUT_WR)
        got = b""
        while chunk := s.recv(65536):
            got += chunk
    return got


# name, target, status, body
GETS = [
    ("a file", "/prov/patch.xml", 200, tap.PATCH),
    ("a query is ignored", "/prov/patch.xml?mac=1", 200, tap.PATCH),
    ("percent-encoding", "/prov%2Fpatch%2Exml", 200, tap.PATCH),
    ("a blank in the name", "/blank%20name.xml", 200, "<a/>"),
    ("a link inside", "/alias.txt", 200, "inner\n"),
    ("an empty file", "/empty.xml", 200, ""),
    ("no such file", "/none.xml", 404, "not found\n"),
    ("the root", "/", 403, "forbidden\n"),
    ("a folder", "/sub", 403, "forbidden\n"),
    ("a folder with a slash", "/sub/", 403, "forbidden\n"),
    ("a file with a slash", "/prov/patch.xml/", 404, "not found\n"),
    ("a link that leads out", "/leak.txt", 403, "forbidden\n"),
    ("a linked folder that leads out", "/up/outside.txt", 403, "forbidden\n"),
    ("dots", "/../outside.txt", 403, "forbidden\n"),
    ("dots inside", "/sub/../prov/patch.xml", 403, "forbidden\n"),
    ("dots at the end", "/sub/..", 403, "forbidden\n"),
    ("encoded dots", "/%2e%2e/outside.txt", 403, "forbidden\n"),
    ("encoded dots and slash", "/%2e%2e%2foutside.txt", 403, "forbidden\n"),
    ("twice encoded dots", "/%252e%252e/outside.txt", 404, "not found\n"),
    ("a NUL", "/prov/patch.xml%00.txt", 400, "bad request\n"),
    ("a bad escape", "/prov/patch.xml%zz", 400, "bad request\n"),
    ("a cut escape", "/prov/patch.xml%2", 400, "bad request\n"),
    ("an escape byte", "/%1b[31mred", 404, "not found\n"),
    ("a pipe", "/pipe.xml", 403, "forbidden\n"),
]


def gets(server):
    for name, target, status, body in GETS:
        answer, content = ask(server, "GET", target)
        T.ok(f"serve: {name}", answer.status == status and content == body.encode(),
             f"{answer.status} {content!r}")
    answer, content = ask(server, "HEAD", "/prov/patch.xml")
    T.ok("serve: HEAD", answer.status == 200 and content == b""
         and answer.getheader("Content-Length") == str(len(tap.PATCH)))
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        answer, content = ask(server, method, "/prov/patch.xml", body=b"x" * 100)
        T.ok(f"serve: {method} is refused", answer.status == 405 and answer.getheader("Allow") == "GET, HEAD",
             answer.status)
    for path, kind in (("/prov/patch.xml", "application/xml"), ("/sub/inner.txt", "text/plain")):
        answer, _ = ask(server, "GET", path)
        T.same(f"serve: content type of {path}", answer.getheader("Content-Type"), kind)


def conditions(server):
    answer, _ = ask(server, "GET", "/prov/patch.xml")
    tag, date = answer.getheader("ETag"), answer.getheader("Last-Modified")
    T.ok("serve: ETag and Last-Modified", tag and email.utils.parsedate_to_datetime(date), f"{tag} {date}")
    stamp = email.utils.parsedate_to_datetime(date).timestamp()

    def when(t):
        return email.utils.formatdate(t, usegmt=True)

    rows = [
        ("same tag", [("If-None-Match", tag)], 304), ("weak tag", [("If-None-Match", "W/" + tag)], 304),
        ("one of many tags", [("If-None-Match", f'"x", {tag}, "y"')], 304), ("any tag", [("If-None-Match", "*")], 304),
        ("other tag", [("If-None-Match", '"x"')], 200),
        ("other tag, same date", [("If-None-Match", '"x"'), ("If-Modified-Since", date)], 200),
        ("same date", [("If-Modified-Since", date)], 304), ("later date", [("If-Modified-Since", when(stamp + 90000))], 304),
        ("earlier date", [("If-Modified-Since", when(stamp - 1))], 200),
        ("a month earlier", [("If-Modified-Since", when(stamp - 31 * 86400))], 200),
        ("no date", [("If-Modified-Since", "yesterday")], 200),
    ]
    for name, headers, status in rows:
        answer, content = ask(server, "GET", "/prov/patch.xml", headers)
        T.ok(f"serve: {name}", answer.status == status and bool(content) == (status == 200), answer.status)
    TOOL.write("www/changing.xml", "<a/>")
    first = ask(server, "GET", "/changing.xml")[0].getheader("ETag")
    TOOL.write("www/new.tmp", "<b/>")
    os.replace(TOOL.dir / "www/new.tmp", TOOL.dir / "www/changing.xml")
    answer, content = ask(server, "GET", "/changing.xml", [("If-None-Match", first)])
    T.ok("serve: a new file of the same size has a new tag", answer.status == 200 and content == b"<b/>")


def dates(server):
    """Days are counted right over leap years and ends of months."""
    for day in ("2000-02-28", "2000-02-29", "2000-03-01", "2023-12-31", "2024-01-01", "2024-02-29", "2026-11-21"):
        stamp = time.mktime(time.strptime(day + " UTC", "%Y-%m-%d %Z")) - time.timezone + 3723
        TOOL.write("www/dated.xml", "<a/>")
        os.utime(TOOL.dir / "www/dated.xml", (stamp, stamp))
        got = [ask(server, "GET", "/dated.xml", [("If-Modified-Since", email.utils.formatdate(stamp + d, usegmt=True))])[0]
               .status for d in (-1, 0, 1)]
        T.same(f"serve: dates around {day}", got, [200, 304, 304])


def access_log():
    with tap.Server(TOOL, "www") as server:
        raw(server, b"GET /prov/patch.xml?mac=1 HTTP/1.1\r\nHost: h\r\nUser-Agent: phone \x1b[1m\r\n"
                    b"Authorization: Basic Q0FOQVJZ\r\nConnection: close\r\n\r\n")
        raw(server, b"GET /a\x1bb HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        raw(server, b"GET http://me:CANARY@h/x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        raw(server, b"HEAD /none HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        server.stop(signal.SIGINT)
    rows = tap.steady(server.log).splitlines()
    T.ok("log: a request", rows[0] == f'TIME 127.0.0.1 GET /prov/patch.xml?mac=1 200 {len(tap.PATCH)} "phone \\x1B[1m"', rows)
    T.ok("log: control bytes are shown escaped", "\x1b" not in server.log and any("/a\\x1Bb" in r for r in rows)
         or not any("/a" in r for r in rows[1:]), rows)
    T.ok("log: no credentials", "CANARY" not in server.log and "Q0FOQVJZ" not in server.log and "Authorization" not in server.log,
         rows)
    T.ok("log: HEAD", rows[-1] == 'TIME 127.0.0.1 HEAD /none 404 0 "-"', rows)
    T.same("SIGINT ends the server", server.code, 0)
    T.same("the first line", tap.steady(server.first), "serving www on http://127.0.0.1:PORT/\n")


def ports():
    with tap.Server(TOOL, "www") as server:
        r = TOOL.run("serve", "www", "--port", str(server.port))
        T.ok("serve: a port in use", r.code == 3 and "Address already in use" in r.errors() and "PROV-0853" in r.errors(),
             r.all())
    T.same("SIGTERM ends the server", server.code, 0)
    if socket.has_ipv6 and os.path.exists("/proc/net/if_inet6"):
        with tap.Server(TOOL, "www", "--listen", "::1") as server:
            T.ok("serve: IPv6", server.first.startswith("serving www on http://[::1]:"), server.first)
            r = TOOL.run("run", "--once", "--state", state("v6"), "--url", server.url + "prov/patch.xml")
            T.ok("run: IPv6", r.code == 0, r.all())
    r = TOOL.run("serve", "www", "--listen", "192.0.2.1", "--port", "0")
    T.ok("serve: an address of another machine", r.code == 3 and "PROV-0853" in r.errors(), r.all())


def crowd(server):
    wrong = []

    def many():
        for _ in range(25):
            answer, content = ask(server, "GET", "/prov/patch.xml")
            if answer.status != 200 or content != tap.PATCH.encode():
                wrong.append(answer.status)

    threads = [threading.Thread(target=many) for _ in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    T.same("serve: 8 clients, 200 requests", wrong, [])


def main():
    fill()
    with tap.Server(TOOL, "www") as server:
        transcripts(server)
        outcomes(server)
        shapes(server)
        traces(server)
        accounts_in_one_line(server)
        credentials(server)
        too_different(server)
        proxy(server)
        gets(server)
        conditions(server)
        dates(server)
        crowd(server)
    access_log()
    ports()
    timeouts()
    dns()
    retries()
    signals()
    busy()
    T.end()


main()
