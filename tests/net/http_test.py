#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""HTTP: what nginx says, what servers say that break the rules, and what becomes of it (NET-1, NET-2, TRY-1).

usage: http_test.py PROV
"""
import gzip
import sys

import faults
import lab
import servers
from faults import SECRET, Row
from lab import V4, Lab
from odd import RESET, Odd, answer, basic, chunk, digest, head, http_date, pause
from phone import PATCH, Phone

PROV = sys.argv[1]
BASE, ODD = f"http://{V4['server']}", f"http://{V4['server']}:8080"
LIMIT = 262144

# ---- what nginx says ----

NGINX = """
limit_rate_after 1;
location / { try_files /file =404; }
location /status/ { rewrite ^/status/(\\d+) /s$1; }
%s
location = /later { add_header Retry-After 300 always; return 503; }
location = /later429 { add_header Retry-After 300 always; return 429; }
location = /nothing { return 204; }
location = /empty { return 200 ''; }
location = /page { default_type text/html; return 200 '<html><body>Please sign in</body></html>'; }
location = /seen { auth_basic lab; auth_basic_user_file PASSWORDS; try_files /file =404; }
location = /basic { auth_basic lab; auth_basic_user_file PASSWORDS; try_files /file =404; }
location = /big { try_files /big =404; }
location = /fits { try_files /fits =404; }
location = /slow { limit_rate 20; try_files /file =404; }
location = /gone-upstream { proxy_pass http://SERVER:9; }
location /cut { proxy_buffering off; proxy_pass http://SERVER:8080; }
location /hops/1 { return 302 /file; }
location /hops/2 { return 301 /hops/1; }
location /hops/3 { return 303 http://SERVER/hops/2; }
location /hops/4 { return 307 /hops/3; }
location /hops/5 { return 308 /hops/4; }
location /hops/6 { return 302 /hops/5; }
location = /loop/a { return 302 /loop/b; }
location = /loop/b { return 302 /loop/a; }
location = /self { return 302 /self; }
location = /up/and/over { absolute_redirect off; return 302 ../file; }
location = /query { return 302 /file?a=1&b=2; }
location = /to-other { return 302 http://b.lab/seen; }
location = /to-same { return 302 http://a.lab/seen; }
location = /to-ftp { return 302 gopher://a.lab/x; }
location = /to-nowhere { return 302 'http://[/x'; }
location = /to-long { return 302 http://SERVER/%s; }
"""
STATUSES = (400, 401, 403, 404, 405, 410, 418, 500, 501, 502, 503, 504)


def reference(*urls):
    return "<referencedSettings>" + "".join(f"<url>{u}</url>" for u in urls) + "</referencedSettings>"


def nginx(net, more=""):
    net.write("www/file", PATCH)
    net.write("www/big", faults.padded(LIMIT + 1))
    net.write("www/fits", faults.padded(LIMIT))
    net.write("www/tree", reference("file", "hops/5", "other"))
    net.write("www/broken-tree", reference("file", "status/404", "other"))
    net.write("www/busy-tree", reference("file", "later", "other"))
    passwords = net.write("passwords", "user:{PLAIN}" + SECRET + "\n")
    statuses = " ".join(f"location = /s{n} {{ return {n}; }}" for n in STATUSES)
    text = (NGINX % (statuses, "x" * 3000)).replace("SERVER", V4["server"]).replace("PASSWORDS", str(passwords))
    text += " ".join(f"location = /{name} {{ try_files /{name} =404; }}" for name in ("tree", "broken-tree", "busy-tree"))
    servers.nginx(net, text, more=more)


def at(path, user=""):
    return f"http://{user}{V4['server']}/{path}"


ANSWERS = [
    Row("a file", at("file"), "applied"),
    Row("a file as large as is allowed", at("fits"), "applied"),
    Row("a tree", at("tree"), "applied"),
    Row("400", at("status/400"), "failed", "0627", "HTTP 400"),
    Row("401 and no login", at("status/401"), "failed", "0623", "HTTP 401"),
    Row("403", at("status/403"), "failed", "0623", "HTTP 403"),
    Row("404", at("status/404"), "failed", "0621", "HTTP 404"),
    Row("405", at("status/405"), "failed", "0627", "HTTP 405"),
    Row("410", at("status/410"), "failed", "0621", "HTTP 410"),
    Row("418", at("status/418"), "failed", "0627", "HTTP 418"),
    Row("500", at("status/500"), "failed", "0625", "HTTP 500"),
    Row("501", at("status/501"), "failed", "0625", "HTTP 501"),
    Row("502", at("status/502"), "failed", "0625", "HTTP 502"),
    Row("503", at("status/503"), "failed", "0625", "HTTP 503"),
    Row("504", at("status/504"), "failed", "0625", "HTTP 504"),
    Row("503 and Retry-After", at("later"), "failed", "0625", "HTTP 503", next=(299, 331)),
    Row("429 and Retry-After", at("later429"), "failed", "0625", "HTTP 429", next=(299, 331)),
    Row("204", at("nothing"), "failed", "0627", "HTTP 204"),
    Row("nothing in it", at("empty"), "refused", "0301"),
    Row("a page for people", at("page"), "refused", "0303"),
    Row("one byte too large", at("big"), "refused", "0613", "262144"),
    Row("a server behind the server that is gone", at("gone-upstream"), "failed", "0625", "HTTP 502"),
    Row("cut in the middle, by a proxy", at("cut/body"), "failed", "0601"),
    Row("slower than the whole time-out", at("slow"), "failed", "0603", "not complete within the time-out",
        options=("--timeouts", "5,10,3")),
    Row("a file of a tree is not there", at("broken-tree"), "failed", "0621", "HTTP 404"),
    Row("a file of a tree cannot be had now", at("busy-tree"), "failed", "0625", "HTTP 503", next=(299, 331)),
    Row("the right login", at("basic", f"user:{SECRET}@"), "applied"),
    Row("a wrong password", at("basic", f"user:{SECRET}X@"), "failed", "0623", "HTTP 401"),
    Row("a wrong user", at("basic", f"root:{SECRET}@"), "failed", "0623", "HTTP 401"),
    Row("no login where one is wanted", at("basic"), "failed", "0623", "HTTP 401"),
]

REDIRECTS = [
    Row("one", at("hops/1"), "applied"),
    Row("five of them", at("hops/5"), "applied"),
    Row("six of them", at("hops/6"), "refused", "0641", "5 redirects"),
    Row("a circle of two", at("loop/a"), "refused", "0641"),
    Row("to itself", at("self"), "refused", "0641"),
    Row("a relative address", at("up/and/over"), "applied"),
    Row("with a query", at("query"), "applied"),
    Row("to a scheme that is none of ours", at("to-ftp"), "refused", "0647"),
    Row("to what is no address", at("to-nowhere"), "refused", "0645"),
    Row("to an address that is too long", at("to-long"), "refused", "0651"),
    Row("with a login, on the same host", f"http://user:{SECRET}@a.lab/to-same", "applied"),
    Row("with a login, to another host that wants one", f"http://user:{SECRET}@a.lab/to-other", "failed", "0623", "HTTP 401"),
]


def answers(t):
    """What nginx does."""
    if not t.needs("HTTP", "nginx"):
        return
    with Lab(mode="ipv4") as net, Odd(net, {"/cut/body": [head("200 OK", 400), PATCH.encode()[:60]]}):
        nginx(net)
        faults.table(t, "HTTP", net, PROV, ANSWERS)


def redirects(t):
    """NET-1: at most five, and no credentials for another origin."""
    if not t.needs("HTTP redirects", "nginx"):
        return
    with Lab(mode="ipv4") as net:
        nginx(net)
        faults.table(t, "HTTP redirects", net, PROV, REDIRECTS, files=net.names("a.lab", "b.lab"))
        logins = [(d["host"], d["authorization"]) for d in servers.details(net) if d["uri"] == "/seen"]
        t.ok("HTTP redirects: the login goes to the host that it is for, and to no other", {h for h, a in logins if a} == {"a.lab"}
             and ("b.lab", "") in logins, logins)


# ---- what no real server says ----

PACKED = gzip.compress(PATCH.encode())
BOMB = gzip.compress(b"<configuration>" + b" " * 50_000_000 + b"</configuration>")
ENDLESS = [head("200 OK", None, "Transfer-Encoding: chunked")] + [chunk("x" * 65536)] * 64
SCRIPTS = {
    "/fine": [answer()],
    "/fine-1.0": [b"HTTP/1.0 200 OK\r\n\r\n" + PATCH.encode()],
    "/hints": [b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + answer()],
    "/silent": [pause(20)],
    "/half-a-head": [b"HTTP/1.1 200 OK\r\nContent-Le", pause(20)],
    "/stops": [head("200 OK", 400), PATCH.encode()[:60], pause(20)],
    "/drips": [head("200 OK", 400)] + [b" ", pause(0.3)] * 60,
    "/cut": [head("200 OK", 400), PATCH.encode()[:60]],
    "/reset": [head("200 OK", 400), PATCH.encode()[:60], pause(0.1), RESET],
    "/reset-at-once": [RESET],
    "/closes": [],
    "/too-long": [head("200 OK", len(PATCH) + 1), PATCH.encode()],
    "/too-short": [head("200 OK", len(PATCH) - 5), PATCH.encode()],
    "/no-number": [head("200 OK", "many"), PATCH.encode()],
    "/negative": [head("200 OK", -1), PATCH.encode()],
    "/chunked": [head("200 OK", None, "Transfer-Encoding: chunked"), chunk(PATCH[:50]), chunk(PATCH[50:]), b"0\r\n\r\n"],
    "/chunked-cut": [head("200 OK", None, "Transfer-Encoding: chunked"), chunk(PATCH[:50]), b"100\r\n<"],
    "/chunked-no-end": [head("200 OK", None, "Transfer-Encoding: chunked"), chunk(PATCH)],
    "/chunked-garbage": [head("200 OK", None, "Transfer-Encoding: chunked"), chunk(PATCH), b"zz\r\n"],
    "/large-told": [head("200 OK", LIMIT + 1), b" " * LIMIT, b" "],
    "/large-untold": ENDLESS,
    "/large-until-the-end": [head("200 OK")] + [b" " * 65536] * 64,
    "/bomb": [head("200 OK", len(BOMB), "Content-Encoding: gzip"), BOMB],
    "/packed": [head("200 OK", len(PACKED), "Content-Encoding: gzip"), PACKED],
    "/packed-cut": [head("200 OK", len(PACKED) - 20, "Content-Encoding: gzip"), PACKED[:-20]],
    "/packed-not": [head("200 OK", len(PATCH), "Content-Encoding: gzip"), PATCH.encode()],
    "/packed-else": [head("200 OK", len(PACKED), "Content-Encoding: br"), PACKED],
    "/ssh": [b"SSH-2.0-OpenSSH_9.2\r\n", pause(0.1)],
    "/no-http": [PATCH.encode()],
    "/endless-head": [b"HTTP/1.1 200 OK\r\n"] + [b"X-Filler: " + b"x" * 8000 + b"\r\n"] * 200,
    "/partial": [answer("206 Partial Content", PATCH, "Content-Range: bytes 0-9/500")],
    "/not-modified": [b"HTTP/1.1 304 Not Modified\r\n\r\n"],
    "/no-location": [answer("302 Found", "")],
    "/choice": [answer("300 Multiple Choices", "")],
    "/redirect-crlf": [answer("302 Found", "", "Location: /fine%0d%0aX-Evil:%20y")],
    "/redirect-login": [answer("302 Found", "", f"Location: http://user:{SECRET}@{V4['server']}:8080/fine")],
    "/cut-404": [head("404 Not Found", 400), b"no such"],
    "/later": lambda *_: [answer("503 Busy", "", "Retry-After: " + http_date(600), "Date: " + http_date(0))],
    "/later-now": [answer("503 Busy", "", "Retry-After: 0")],
    "/later-soon": [answer("503 Busy", "", "Retry-After: soon")],
    "/later-never": [answer("503 Busy", "", "Retry-After: 99999999999")],
    "/later-negative": [answer("503 Busy", "", "Retry-After: -5")],
    "/later-past": lambda *_: [answer("503 Busy", "", "Retry-After: " + http_date(-600), "Date: " + http_date(0))],
    "/basic": basic("user", SECRET, [answer()]),
    "/digest": digest("user", SECRET, [answer()]),
    "/digest-sha": digest("user", SECRET, [answer()], "SHA-256"),
    "/digest-gone": digest("user", SECRET, [answer("404 Not Found", "")]),
}


def odd(path, login=""):
    return f"http://{login}{V4['server']}:8080/{path}"


RIGHT, WRONG = f"user:{SECRET}@", f"user:{SECRET}X@"
SHORT = ("--timeouts", "2,1,3")
BREAKS = [
    Row("a file", odd("fine"), "applied"),
    Row("an answer of HTTP/1.0", odd("fine-1.0"), "applied"),
    Row("103 before the answer", odd("hints"), "applied"),
    Row("nothing is said", odd("silent"), "failed", "0603", "no byte within the idle time-out", options=SHORT),
    Row("half a head", odd("half-a-head"), "failed", "0603", "no byte within the idle time-out", options=SHORT),
    Row("it stops in the middle", odd("stops"), "failed", "0603", "no byte within the idle time-out", options=SHORT),
    Row("byte by byte", odd("drips"), "failed", "0603", "not complete within the time-out", options=SHORT),
    Row("cut in the middle", odd("cut"), "failed", "0601"),
    Row("reset in the middle", odd("reset"), "failed", "0601"),
    Row("reset before the answer", odd("reset-at-once"), "failed", "0601"),
    Row("closed before the answer", odd("closes"), "failed", "0601"),
    Row("a length that is too long", odd("too-long"), "failed", "0601"),
    Row("a length that is too short", odd("too-short"), "refused", "0323", "the file ends inside"),
    Row("a length that is no number", odd("no-number"), "failed", "0601"),
    Row("a negative length", odd("negative"), "failed", "0601"),
    Row("in chunks", odd("chunked"), "applied"),
    Row("a chunk that is cut", odd("chunked-cut"), "failed", "0601"),
    Row("chunks without an end", odd("chunked-no-end"), "failed", "0601"),
    Row("a chunk of no size", odd("chunked-garbage"), "failed", "0601"),
    Row("too large, and it says so", odd("large-told"), "refused", "0613", "262144"),
    Row("too large, in chunks", odd("large-untold"), "refused", "0613", "262144"),
    Row("too large, without a length", odd("large-until-the-end"), "refused", "0613", "262144"),
    Row("packed", odd("packed"), "applied"),
    Row("packed, and 50 MB large", odd("bomb"), "refused", "0613", "262144"),
    Row("packed, and cut", odd("packed-cut"), "refused", "0321"),
    Row("packed, it says, but it is not", odd("packed-not"), "failed", "0601"),
    Row("packed in another way", odd("packed-else"), "failed", "0601"),
    Row("another protocol", odd("ssh"), "failed", "0601", "not HTTP"),
    Row("a file without a head", odd("no-http"), "failed", "0601", "not HTTP"),
    Row("a head without an end", odd("endless-head"), "failed", "0601"),
    Row("206", odd("partial"), "failed", "0627", "HTTP 206"),
    Row("304, though nobody asked for it", odd("not-modified"), "failed", "0631"),
    Row("302 and no Location", odd("no-location"), "refused", "0643"),
    Row("300", odd("choice"), "failed", "0627", "HTTP 300"),
    Row("302 with an escaped line end", odd("redirect-crlf"), "refused", "0645"),
    Row("302 with a login", odd("redirect-login"), "applied"),
    Row("404 that is cut", odd("cut-404"), "failed", "0621", "HTTP 404"),
    Row("503, Retry-After is a date", odd("later"), "failed", "0625", next=(598, 631)),
    Row("503, Retry-After 0", odd("later-now"), "failed", "0625"),
    Row("503, Retry-After is a word", odd("later-soon"), "failed", "0625"),
    Row("503, Retry-After beyond a day", odd("later-never"), "failed", "0625", next=(86399, 86431)),
    Row("503, Retry-After below zero", odd("later-negative"), "failed", "0625"),
    Row("503, Retry-After is over", odd("later-past"), "failed", "0625"),
    Row("Basic", odd("basic", RIGHT), "applied"),
    Row("Basic, a wrong password", odd("basic", WRONG), "failed", "0623", "HTTP 401"),
    Row("Digest", odd("digest", RIGHT), "applied"),
    Row("Digest, a wrong password", odd("digest", WRONG), "failed", "0623", "HTTP 401"),
    Row("Digest, no login", odd("digest"), "failed", "0623", "HTTP 401"),
    Row("Digest by SHA-256", odd("digest-sha", RIGHT), "applied"),
    Row("Digest, and then there is no file", odd("digest-gone", RIGHT), "failed", "0621", "HTTP 404"),
    Row("nobody listens", f"http://{V4['server']}:9/x", "failed", "0601", "nobody listens"),
    Row("the host is off", "http://192.0.2.77/x", "failed", "0603", "no connection within the time-out",
        options=("--timeouts", "1")),
    Row("no way there", "http://198.51.100.7/x", "failed", "0601", "no way into that network"),
]


def breaks(t):
    """What a server does that breaks the rules, or breaks down."""
    with Lab(mode="ipv4") as net, Odd(net, SCRIPTS) as server:
        faults.table(t, "HTTP, odd servers", net, PROV, BREAKS, width=10)
        digests = [h.get("authorization", "") for p, h in server.asked if p.startswith("/digest")]
        t.ok("HTTP, odd servers: where Digest is wanted, no password goes in the clear", digests and not any(
            a.startswith("Basic") for a in digests), digests)
        t.ok("HTTP, odd servers: nothing slips into a request", not any("x-evil" in h for _, h in server.asked), server.asked)


lab.main([answers, redirects, breaks], "HTTP")
