#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Run after run: what has not changed is not fetched again, a server goes and comes back, a phone is started again and
again, and many phones come at the same time (STO-3, TRY-1, REF-5).

usage: again_test.py PROV
"""
import json
import os
import sys
import threading
import time

import chains
import lab
import servers
from lab import V4, Lab, at_once, tap
from odd import Odd, answer, pause
from phone import PATCH, Phone, applied

PROV = sys.argv[1]
BASE = f"http://{V4['server']}"
NUMBER = 16


def setting(name, value):
    return f"<configuration><telephony><callWaiting><{name}>{value}</{name}></callWaiting></telephony></configuration>"


def reference(*urls):
    return "<referencedSettings>" + "".join(f"<url>{u}</url>" for u in urls) + "</referencedSettings>"


def once(phone, url, *more, files=None):
    """One attempt; its document is the attribute `doc`."""
    result = phone.tool("run", "--once", "--json", "--state", phone.state, "--url", url, *phone.device, *more, files=files)
    result.doc = json.loads(result.out)
    return result


def end(result):
    return result.code, result.doc["outcome"], result.doc["written"]


def statuses(result):
    return [(f["url"].rpartition("/")[2], f["status"]) for f in result.doc["fetches"]]


def look(phone):
    """What a store that is not written to keeps: the file itself, not one with the same content."""
    stat = os.stat(phone.state / "settings.xml")
    return stat.st_ino, stat.st_mtime_ns


# ---- what has not changed ----

def unchanged(t, name, location, remembered):
    """remembered: the header by which the server knows again what the phone has, or none."""
    with Lab(mode="ipv4") as net:
        for file, text in (("tree.xml", reference("a.xml", "b.xml")), ("a.xml", setting("tone", "true")),
                           ("b.xml", setting("active", "false"))):
            net.write(f"www/{file}", text)
            os.utime(net.dir / "www" / file, (1700000000, 1700000000))
        servers.nginx(net, location)
        phone, url = Phone(net, PROV), f"{BASE}/tree.xml"
        first = once(phone, url)
        before, asked = look(phone), len(servers.details(net))
        second = once(phone, url)
        seen = servers.details(net)[asked:]
        text = f"{first.text()}\n{second.text()}\n{servers.details(net)}"
        t.ok(f"{name}: the first run applies all", end(first) == (0, "applied", True)
             and statuses(first) == [("tree.xml", 200), ("a.xml", 200), ("b.xml", 200)], text)
        t.ok(f"{name}: the second run writes nothing and says so", end(second) == (0, "unchanged", False)
             and look(phone) == before and not second.doc["diagnostics"], text)
        if remembered:
            # The reference file is asked for as a whole: it tells what else there is.
            t.ok(f"{name}: only the reference file comes over the line again",
                 statuses(second) == [("tree.xml", 200), ("a.xml", 304), ("b.xml", 304)] and len(seen) == 3
                 and all(d[remembered] for d in seen if d["status"] == "304"), text)
        net.write("www/b.xml", setting("active", "true"))
        third = once(phone, url)
        t.ok(f"{name}: one file changes: the result is that of all three", end(third) == (0, "applied", True)
             and "<active>true</active>" in (phone.state / "settings.xml").read_text(encoding="utf-8")
             and "<tone>true</tone>" in (phone.state / "settings.xml").read_text(encoding="utf-8"), third.text())
        settings = (phone.state / "settings.xml").read_bytes()
        os.unlink(net.dir / "www/a.xml")
        fourth = once(phone, url)
        t.ok(f"{name}: a file is gone: the settings stay", end(fourth) == (3, "failed", False)
             and (phone.state / "settings.xml").read_bytes() == settings, fourth.text())
        net.write("www/tree.xml", reference("b.xml"))
        fifth = once(phone, url)
        t.ok(f"{name}: the tree names it no more: it is not missed", fifth.code == 0
             and fifth.doc["outcome"] in ("applied", "unchanged"), fifth.text())


def by_etag(t):
    unchanged(t, "ETag", "location / { try_files $uri =404; }", "etag")


def by_date(t):
    unchanged(t, "Last-Modified", "location / { etag off; try_files $uri =404; }", "since")


def by_content(t):
    unchanged(t, "neither ETag nor Last-Modified",
              "location / { etag off; if_modified_since off; add_header Last-Modified ''; try_files $uri =404; }", None)


# ---- connections ----

def connections(t):
    """HTTP/2 takes one connection for all; HTTP/1.1 a few, and uses them again."""
    with Lab(mode="ipv4") as net:
        net.write("www/tree.xml", reference(*[f"file-{i}.xml" for i in range(NUMBER)]))
        for i in range(NUMBER):
            net.write(f"www/file-{i}.xml", PATCH)
        forge = chains.Forge(net.dir / "tls")
        forge.make("root")
        forge.server("good.lab", "root")
        tls = f"ssl_certificate {forge.chain('good.lab')}; ssl_certificate_key {forge.key('good.lab')};"
        servers.nginx(net, "location / { try_files $uri =404; }", more="".join(
            f"server {{ listen {V4['server']}:{port} ssl {kind}; {tls} root {net.dir}/www; }}\n"
            for port, kind in ((443, ""), (444, "http2"))))
        for name, url, protocol, most in (("HTTP/1.1", f"{BASE}/tree.xml", "HTTP/1.1", 6),
                                          ("HTTP/1.1 over TLS", "https://good.lab/tree.xml", "HTTP/1.1", 6),
                                          ("HTTP/2", "https://good.lab:444/tree.xml", "HTTP/2.0", 1)):
            asked = len(servers.details(net))
            result = once(Phone(net, PROV), url, "--ca", forge.bundle("trusted", "root"), files=net.names("good.lab"))
            seen = servers.details(net)[asked:]
            used = {d["connection"] for d in seen}
            text = f"{used} {seen}\n{result.errors()}"
            t.ok(f"{name}: 17 files come", end(result) == (0, "applied", True) and len(seen) == NUMBER + 1, text)
            t.ok(f"{name}: it is what is spoken", {d["protocol"] for d in seen} == {protocol}, text)
            t.ok(f"{name}: over at most {most} connections", len(used) <= most, text)


# ---- a server that goes and comes back ----

def back_again(t):
    name = "the server goes and comes back"
    with Lab(mode="ipv4") as net:
        net.write("www/file", PATCH)
        location = "location / { try_files /file =404; }"
        server = servers.nginx(net, location)
        phone = Phone(net, PROV)
        first = once(phone, f"{BASE}/x")
        server.stop()
        net.write("www/file", PATCH.replace("true", "false"))
        old = (phone.state / "settings.xml").read_bytes()
        program = phone.start("run", "--state", phone.state, "--url", f"{BASE}/x", "--delay", "1", *phone.device)
        program.wait_for(lambda: program.log().count("outcome: failed") == 2, 15)
        kept = (phone.state / "settings.xml").read_bytes() == old
        servers.nginx(net, location)
        code = applied(program)
        text = f"{program.log()}\n{servers.details(net)}"
        t.ok(f"{name}: the first run applies", end(first) == (0, "applied", True), first.text())
        t.ok(f"{name}: while it is away each attempt fails, and the settings stay", kept, text)
        t.ok(f"{name}: then the new settings come, once", code == 0 and program.log().count("outcome: applied") == 1
             and "<tone>false</tone>" in (phone.state / "settings.xml").read_text(encoding="utf-8")
             and len(servers.details(net)) == 2, text)
        again = once(phone, f"{BASE}/x")
        t.ok(f"{name}: and not again", end(again) == (0, "unchanged", False), again.text())


def busy_then_not(t):
    """503 with Retry-After, then the file: the phone comes when it was told to, not before."""
    name = "503 and Retry-After, then the file"
    times = []

    def script(*_):
        times.append(time.monotonic())
        return [answer("503 Busy", "", "Retry-After: 4")] if len(times) == 1 else [answer()]

    with Lab(mode="ipv4") as net, Odd(net, {"/x": script}):
        phone = Phone(net, PROV)
        program = phone.start("run", "--state", phone.state, "--url", f"{BASE}:8080/x", "--delay", "1", *phone.device)
        code = applied(program, 30)
        waited = times[1] - times[0] if len(times) == 2 else -1
        t.ok(f"{name}: it is applied in the second attempt", code == 0 and len(times) == 2, f"{times}\n{program.log()}")
        t.ok(f"{name}: which comes when the server said", 3.9 <= waited <= 8, f"{waited}\n{program.log()}")


def crash_loop(t):
    """A phone that is started again and again while the server fails does not ask each time."""
    name = "a phone that starts again and again"
    with Lab(mode="ipv4") as net, Odd(net, {"/x": [answer("503 Busy", "", "Retry-After: 60")]}) as server:
        phone = Phone(net, PROV)
        arguments = ("run", "--state", phone.state, "--trigger", "boot", "--url", f"{BASE}:8080/x", *phone.device)
        logs = []
        for number in range(5):
            program = phone.start(*arguments)
            if number == 0:
                program.wait_for("next attempt", 10)
            else:
                time.sleep(0.5)
            program.process.kill()
            program.process.wait()
            logs.append(program.log())
        t.ok(f"{name}: the server is asked once, not five times", len(server.asked) == 1, f"{server.asked}\n" + "\n".join(logs))


# ---- many phones ----

def two_phones(t):
    """Each has its own file, and gets no other."""
    name = "two phones at the same time"
    macs = {"phone": "00:09:52:00:00:0e", "other": "00:09:52:00:00:0f"}
    labels = {"phone": "fuenf", "other": "sechs"}
    with Lab(hosts=("phone", "server", "other"), mode="ipv4") as net:
        for host, mac in macs.items():
            net.write(f"www/{mac.replace(':', '').upper()}.xml", tap.PATCH.replace("drei", labels[host]))
        servers.nginx(net, "location / { limit_rate 400; try_files $uri =404; }")
        phones = {host: Phone(net, PROV, host=host, mac=mac) for host, mac in macs.items()}
        results, threads = {}, []
        for host, phone in phones.items():
            threads.append(threading.Thread(target=lambda h=host, p=phone: results.update({h: once(p, BASE + "/{mac}.xml")})))
            threads[-1].start()
        for thread in threads:
            thread.join()
        for host, phone in phones.items():
            text = (phone.state / "settings.xml").read_text(encoding="utf-8")
            t.ok(f"{name}: {host} has its own settings", end(results[host]) == (0, "applied", True) and labels[host] in text
                 and not any(label in text for h, label in labels.items() if h != host), results[host].text())
        t.ok(f"{name}: both came from where they are", {d["from"] for d in servers.details(net)} == {V4["phone"], V4["other"]},
             servers.details(net))


def one_state(t):
    """Two programs on one state: the second says so and changes nothing."""
    name = "two runs on one state"
    with Lab(mode="ipv4") as net, Odd(net, {"/x": [pause(3), answer()]}) as server:
        phone, url = Phone(net, PROV), f"{BASE}:8080/x"
        first = phone.start("run", "--once", "--state", phone.state, "--url", url, *phone.device)
        first.wait_for(lambda: bool(server.asked), 10)
        second = phone.tool("run", "--once", "--state", phone.state, "--url", url, *phone.device)
        code = first.end(20)
        t.ok(f"{name}: the second is told that the state is in use", second.code == 3 and "PROV-0833" in second.errors()
             and len(server.asked) == 1, second.all())
        t.ok(f"{name}: the first one goes on", code == 0 and "outcome: applied" in first.log(), first.log())


def many_phones(t):
    """Thirty of them, at the same time, against one server."""
    name = "thirty phones at the same time"
    with Lab(mode="ipv4") as net:
        net.write("www/tree.xml", reference("a.xml", "b.xml"))
        net.write("www/a.xml", setting("tone", "true"))
        net.write("www/b.xml", setting("active", "false"))
        servers.nginx(net, "location / { try_files $uri =404; }")
        results = at_once(lambda i: once(Phone(net, PROV, mac=f"00:09:52:00:01:{i:02x}"), f"{BASE}/tree.xml"), range(30), 30)
        t.ok(f"{name}: all of them get all of it", all(end(r) == (0, "applied", True) for r in results)
             and len(servers.details(net)) == 90, [end(r) for r in results])


def every(t):
    if t.needs("run after run", "nginx", "openssl"):
        lab.together(t, by_etag, by_date, by_content, connections, back_again, busy_then_not, crash_loop, two_phones, one_state)
        many_phones(t)


lab.main([every], "run after run")
