#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""prov run against a server that redirects, is slow, refuses and speaks TLS; and a store that is full.

usage: net_test.py PROV
"""
import http.server
import json
import re
import shutil
import ssl
import subprocess
import sys
import threading

import tap

T = tap.Tap()
TOOL = tap.Tool(sys.argv[1])
GO_ON = threading.Event()


class Handler(http.server.BaseHTTPRequestHandler):
    """A path says what happens."""

    seen = []
    place = ""

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        Handler.seen.append((self.path, self.headers.get("Authorization"), self.headers.get("User-Agent")))
        base = f"http://127.0.0.1:{self.server.server_port}"
        rest = self.path[1:]
        if rest == "moved":
            self.answer(302, Location="/there/patch.xml")
        elif rest == "loop":
            self.answer(302, Location=f"{base}/loop")
        elif rest == "leaky":
            self.answer(302, Location=f"http://you:CANARY-TWO@127.0.0.1:{self.server.server_port}/there/patch.xml")
        elif rest == "badplace":
            self.answer(302, Location="gopher://you:CANARY-TWO@h/")
        elif rest == "tree":
            self.answer(200, b"<referencedSettings><url>slow</url><url>404</url></referencedSettings>")
        elif rest == "slow":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            GO_ON.wait(20)
        elif rest == "cut":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"<configuration>")
        elif rest.startswith("service/moved"):
            self.answer(302, Location=f"http://{self.headers['Host']}/x/{{mac}}.xml")
        elif rest == "service/place":
            self.answer(302, Location=Handler.place)
        elif rest.startswith("service/gopher"):
            self.answer(302, Location="gopher://you:CANARY-TWO@h/")
        elif rest.startswith("service/url"):
            self.answer(200, f"  {base}/x.xml\r\n".encode())
        elif rest.startswith("service/secret"):
            self.answer(200, f"http://you:CANARY-TWO@127.0.0.1:{self.server.server_port}/x.xml".encode())
        elif rest.startswith("service/page"):
            self.answer(200, b"<html><body>login</body></html>")
        elif rest.startswith("service/words"):
            self.answer(200, b"no such phone\n")
        elif rest.startswith("service/empty"):
            self.answer(200)
        elif rest == "login" and self.headers.get("Authorization") is None:
            self.answer(401, WWW_Authenticate='Basic realm="lab"')
        elif rest.isdigit():
            self.answer(int(rest), b"<h1>error</h1>", Retry_After="7")
        else:
            self.answer(200, tap.PATCH.encode())

    def log_message(self, *_):
        pass


class Server:
    def __init__(self, context=None):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        if context is not None:
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        scheme = "https" if context is not None else "http"
        self.url = f"{scheme}://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        GO_ON.set()
        self.server.shutdown()
        self.server.server_close()


def run(server, path, *more, user="", wrapper=()):
    TOOL.write("s/settings.xml", tap.SETTINGS)
    (TOOL.dir / "s/state").unlink(missing_ok=True)
    url = server.url.replace("://", f"://{user}") + path
    return TOOL.run("run", "--once", "--state", "s", "--url", url, *more, wrapper=wrapper)


# path, exit code, number that stderr shows
ANSWERS = [
    ("404", 3, "PROV-0621"), ("403", 3, "PROV-0623"), ("401", 3, "PROV-0623"), ("503", 3, "PROV-0625"),
    ("204", 3, "PROV-0627"), ("loop", 1, "PROV-0641"), ("badplace", 1, "PROV-0647"), ("cut", 3, "PROV-0601"),
]


def answers(server):
    for path, code, number in ANSWERS:
        r = run(server, path, user="me:CANARY-ONE@")
        T.ok(f"answer {path}", r.code == code and number in r.errors(), r.all())
        T.ok(f"answer {path}: nothing is written", TOOL.read("s/settings.xml") == tap.SETTINGS.encode())
        T.ok(f"answer {path}: no credentials", "CANARY-" not in r.text() + r.errors(), r.all())


def redirects(server):
    r = run(server, "moved")
    text = tap.steady(r.text())
    T.ok("a redirect is followed and told", r.code == 0
         and "  http://127.0.0.1:PORT/moved\n    came from:   http://127.0.0.1:PORT/there/patch.xml\n" in text, r.all())
    d = json.loads(run(server, "moved", "--json").out)
    T.ok("json: a redirect", d["fetches"][0]["redirects"] == 1 and d["fetches"][0]["finalUrl"].endswith("/there/patch.xml"), d)
    for more in ([], ["--json"]):
        r = run(server, "leaky", "--trace", "t.jsonl", *more, user="me:CANARY-ONE@")
        seen = r.text() + r.errors() + TOOL.read("t.jsonl").decode()
        T.ok(f"credentials in a Location stay hidden {' '.join(more)}", "CANARY-" not in seen, seen)


# path, exit code, outcome and reason of the source, what it led to, number that stderr shows
SERVICE = [
    ("service/moved?m={mac}", 0, "url: first address found", "/x/00095200000E.xml", None),
    ("service/url", 0, "url: first address found", "/x.xml", None),
    ("service/secret", 0, "url: first address found", "/x.xml", None),
    ("service.xml?m={mac}", 0, "url: the service sent the file itself", "/service.xml?m=00095200000E", None),
    ("404", 5, "nothing: not assigned", None, "PROV-0661"),
    ("410", 5, "nothing: not assigned", None, "PROV-0661"),
    ("204", 5, "nothing: not assigned", None, "PROV-0661"),
    ("service/empty", 5, "nothing: not assigned", None, "PROV-0661"),
    ("503", 5, "nothing: ", None, "PROV-0625"),
    ("service/page", 5, "nothing: ", None, "PROV-0303"),
    ("service/words", 5, "nothing: ", None, "PROV-0661"),
    ("service/gopher", 1, "refused: ", None, "PROV-06"),
]


def ask_service(server, path, *more, user=""):
    TOOL.write("r/settings.xml", tap.SETTINGS)
    (TOOL.dir / "r/state").unlink(missing_ok=True)
    return TOOL.run("run", "--once", "--state", "r", "--redirect-url", server.url.replace("://", f"://{user}") + path, *more)


def redirection(server):
    for path, code, outcome, leads_to, number in SERVICE:
        r = ask_service(server, path, "--trace", "r.jsonl", user="me:CANARY-ONE@")
        seen = r.text() + r.errors() + TOOL.read("r.jsonl").decode()
        T.ok(f"redirection service: {path}", r.code == code and re.search(rf"^  2 redirect .* s {outcome}", r.text(), re.M)
             and (number is None or number in r.errors()), r.all())
        T.ok(f"redirection service: {path}: what was asked", re.search(
            rf"asked: +http://\*\*\*@127\.0\.0\.1:\d+/{re.escape(path).replace(re.escape('{mac}'), '00095200000E')}$", r.text(), re.M), r.all())
        T.ok(f"redirection service: {path}: no credentials", "CANARY-" not in seen, seen)
        T.ok(f"redirection service: {path}: the settings", (TOOL.read("r/settings.xml") != tap.SETTINGS.encode()) == (code == 0))
        if leads_to is not None:
            T.ok(f"redirection service: {path}: leads to {leads_to}", re.search(
                rf"after markers:  http://\S*127\.0\.0\.1:\d+{re.escape(leads_to)}$", r.text(), re.M), r.all())
    d = json.loads(ask_service(server, "service/url", "--json").out)
    source = next(s for s in d["sources"] if s["name"] == "redirect")
    T.ok("redirection service: json", source["won"] and source["asked"] == f"{server.url}service/url" and source["from"] == "127.0.0.1"
         and source["url"] == f"{server.url}x.xml", source)
    r = ask_service(server, "service/url", "--disable", "redirect")
    T.ok("redirection service: disabled", r.code == 5 and "not asked: disabled" in r.text(), r.all())


def cancels(server):
    r = run(server, "tree", "--trace", "t.jsonl")
    events = [json.loads(line)["event"] for line in TOOL.read("t.jsonl").decode().splitlines()]
    T.ok("one of the tree is missing: the other is cancelled", r.code == 3 and "cancel" in events
         and ("not ended" in r.text() or "cancelled" in r.text()), f"{events}\n{r.all()}")


def identity(server):
    Handler.seen.clear()
    run(server, "x/{mac}.xml", "--user-agent", "phone {type}")
    T.same("User-Agent with markers", Handler.seen[-1], ("/x/00095200000E.xml", None, "phone D200"))
    r = run(server, "login", user="me:p%40@")
    T.ok("login", r.code == 0 and Handler.seen[-1][1] == "Basic bWU6cEA=", f"{Handler.seen}\n{r.all()}")


def full_store(server):
    """Files cannot grow beyond 512 bytes; the settings would."""
    wrapper = ["sh", "-c", "trap '' XFSZ; ulimit -f 1; exec \"$@\"", "sh"]
    before = tap.SETTINGS.encode()

    r = run(server, "x.xml", "--trace", "/dev/null", wrapper=wrapper)
    T.ok("a full store: failed", r.code == 3 and "PROV-0703" in r.errors() and "outcome: failed" in r.text(), r.all())
    T.ok("a full store: the settings as before", TOOL.read("s/settings.xml") == before)
    r = run(server, "x.xml")
    T.ok("a full store: the next run works", r.code == 0 and b"drei" in TOOL.read("s/settings.xml"), r.all())
    TOOL.write("patch.xml", tap.PATCH)
    TOOL.write("settings.xml", before)
    TOOL.write("out.xml", "old")
    r = TOOL.run("apply", "settings.xml", "patch.xml", "-o", "out.xml", wrapper=wrapper)
    T.ok("a full disk: apply leaves the file alone", r.code == 3 and "PROV-0803" in r.errors()
         and TOOL.read("out.xml") == b"old", r.all())
    T.same("a full disk: no temporary file is left", [p.name for p in TOOL.dir.iterdir() if "tmp" in p.name], [])


def tls():
    if shutil.which("openssl") is None:
        print("# no openssl: TLS not tried")
        return
    for name in ("one", "two"):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out",
                        f"{name}.pem", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
                       cwd=TOOL.dir, check=True, stderr=subprocess.DEVNULL)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TOOL.dir / "one.pem", TOOL.dir / "one.key")
    with Server(context) as server:
        r = run(server, "x.xml", "--ca", "one.pem")
        T.ok("TLS: trusted", r.code == 0 and "outcome: applied" in r.text(), r.all())
        with Server() as plain:
            for path, code in ((f"{plain.url}x.xml", 1), ("https://127.0.0.1:1/", 3)):
                Handler.place = path
                r = ask_service(server, "service/place", "--ca", "one.pem")
                T.ok(f"TLS: a redirection service leads to {path.split(':')[0]} only" if code == 3
                     else "TLS: a redirection service never leads to http", r.code == code
                     and (code == 3) == (f"after markers:  {path}\n" in r.text()) and ("refused: " in r.text()) == (code == 1), r.all())
        for more in ([], ["--ca", "two.pem"]):
            r = run(server, "x.xml", *more, user="me:CANARY-ONE@")
            T.ok(f"TLS: not trusted {' '.join(more)}", r.code == 3 and "PROV-0607" in r.errors()
                 and "CANARY-" not in r.text() + r.errors(), r.all())


def main():
    with Server() as server:
        answers(server)
        redirects(server)
        redirection(server)
        cancels(server)
        identity(server)
        full_store(server)
    tls()
    T.end()


main()
