#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How long the search takes, measured on the wire: the window of PnP, its repetitions, and steps side by side.

usage: time_test.py PROV
"""
import select
import socket
import sys
import threading
import time

import lab
import servers
import wire
from lab import V4, Lab
from phone import PATCH, Phone, source, story

PROV = sys.argv[1]
MANUAL, PNP = "http://192.0.2.1/manual.xml", "http://192.0.2.1/pnp.xml"
SERVICE = "http://192.0.2.1:8080/assign"
WINDOW, NEAR = 5.0, 0.1


class Slow:
    """A redirection service that answers late, or never; it notes when the phone hangs up."""

    def __init__(self, net, delay, answer):
        self.delay, self.answer, self.closed, self.asked = delay, answer, None, None
        self.socket = net.socket("server", socket.AF_INET, socket.SOCK_STREAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind((V4["server"], 8080))
        self.socket.listen(4)
        self.end = threading.Event()
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()

    def work(self):
        while not self.end.is_set():
            if select.select([self.socket], [], [], 0.1)[0]:
                with self.socket.accept()[0] as s:
                    self.serve(s)

    def serve(self, s):
        s.recv(4096)
        self.asked = time.time()
        answer_at = time.monotonic() + self.delay if self.delay is not None else None
        while not self.end.is_set():
            if select.select([s], [], [], 0.01)[0] and not s.recv(4096):
                self.closed = time.time()
                return
            if answer_at and time.monotonic() >= answer_at:
                s.sendall(self.answer.encode())
                return

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end.set()
        self.thread.join()
        self.socket.close()


NOT_FOUND = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
FOUND = "HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/assigned.xml\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def measure(more=(), slow=None, pnp=None, rate=""):
    """One run: (result, recorder, seconds from the first SUBSCRIBE to the first file, Slow, text)"""
    with Lab(mode="ipv4") as net:
        servers.isc4(net)
        net.write("www/file", PATCH)
        servers.nginx(net, "location / { %s try_files /file =404; }" % rate)
        if pnp is not None:
            servers.sipp(net, servers.OK + servers.pause(pnp) + servers.notify(PNP) + servers.pause(500))
        service = Slow(net, *slow) if slow else None
        phone = Phone(net, PROV)
        with wire.Recorder(net) as recorder:
            result = phone.run("--url", MANUAL, *(("--redirect-url", SERVICE) if slow else ()), *more)
            time.sleep(0.2)  # for what must not come any more
        if service:
            service.__exit__()
        file = next((p for p in recorder.all("http-GET") if p.target().endswith(".xml")), None)
        start = recorder.first("sip-SUBSCRIBE")
        took = file.time - start.time if file and start else -1
        return result, recorder, took, service, f"took {took}\n{story(result, recorder, net.logs())}"


def unanswered(t):
    result, recorder, took, _, text = measure()
    t.ok("PnP: a window without an answer ends after 5.0 s", abs(took - WINDOW) <= NEAR and result.code == 0, text)
    sent = [p.time - recorder.first("sip-SUBSCRIBE").time for p in recorder.all("sip-SUBSCRIBE")]
    t.ok("PnP: the SUBSCRIBE is repeated after 0.5, 1 and 2 s", len(sent) == 4
         and all(abs(a - b) <= NEAR for a, b in zip(sent, (0, 0.5, 1.5, 3.5))), f"{sent}\n{text}")
    t.ok("PnP: the repetitions are the same message", len({p.payload for p in recorder.all("sip-SUBSCRIBE")}) == 1, text)


def side_by_side(t):
    result, _, took, _, text = measure(slow=(3, NOT_FOUND))
    t.ok("PnP unanswered, redirection after 3 s: the longer, not the sum", abs(took - WINDOW) <= NEAR and result.code == 0, text)
    result, _, took, _, text = measure(slow=(6, NOT_FOUND))
    t.ok("PnP unanswered, redirection after 6 s: the longer, not the sum", abs(took - 6) <= 2 * NEAR and result.code == 0, text)


def losers(t):
    result, recorder, took, service, text = measure(slow=(None, ""), pnp=1000)
    t.ok("PnP after 1 s wins against a redirection service that is silent", abs(took - 1) <= 2 * NEAR
         and recorder.first("http-GET", V4["phone"]) and source(result.doc, "pnp").get("outcome") == "url", text)
    won = recorder.first("sip-NOTIFY")
    t.ok("the request to the redirection service is cancelled", service.closed is not None and won is not None
         and service.closed - won.time < 0.3, f"closed {service.closed}\n{text}")
    # A slow file, so that the run lasts longer than it is to the next SUBSCRIBE, were it to be sent.
    result, recorder, took, _, text = measure(slow=(1, FOUND), rate="limit_rate 60;")
    t.ok("redirection after 1 s wins against a silent PnP", abs(took - 1) <= 2 * NEAR
         and source(result.doc, "redirect").get("outcome") == "url", text)
    first = recorder.first("sip-SUBSCRIBE").time
    t.ok("after that no SUBSCRIBE is sent any more", len(recorder.all("sip-SUBSCRIBE")) == 2
         and all(p.time - first < 1 for p in recorder.all("sip-SUBSCRIBE")), text)


def timing(t):
    if t.needs("timing", "dhcpd", "nginx", "sipp"):
        for test in (unanswered, side_by_side, losers):
            test(t)


lab.main([timing], "timing")
