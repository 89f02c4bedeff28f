# SPDX-License-Identifier: MIT
"""Servers that break the rules in a way that no real one can be asked for. They run in threads of the test."""
import base64
import email.utils
import hashlib
import re
import socket
import ssl
import struct
import threading
import time

from lab import V4
from phone import PATCH


def head(status="200 OK", length=None, *lines):  # pylint: disable=keyword-arg-before-vararg
    rows = [f"HTTP/1.1 {status}", "Content-Type: application/xml"]
    rows += [f"Content-Length: {length}"] if length is not None else []
    return "\r\n".join([*rows, *lines, "", ""]).encode()


def answer(status="200 OK", body=PATCH, *lines):  # pylint: disable=keyword-arg-before-vararg
    return head(status, len(body), *lines) + body.encode()


def chunk(text):
    return f"{len(text):x}\r\n{text}\r\n".encode()


def pause(seconds):
    return ("pause", seconds)


def http_date(seconds):
    return email.utils.formatdate(time.time() + seconds, usegmt=True)


RESET = ("reset", 0)


class Odd:
    """HTTP by script: for each path a list of bytes to send and of pauses, or a function of the request that gives one.

    After a script the connection is closed. What was asked is in `asked`: (path, headers). With `raw` instead of scripts
    that is what follows upon the first bytes of the other side, whatever they are."""

    def __init__(self, net, scripts=None, port=8080, host="server", tls=None, address=None, raw=None):
        self.scripts, self.raw, self.tls, self.asked, self.over = scripts, raw, tls, [], threading.Event()
        self.listener = net.socket(host, socket.AF_INET6 if address and ":" in address else socket.AF_INET, socket.SOCK_STREAM)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind((address or V4[host], port))
        self.listener.listen(64)
        threading.Thread(target=self.serve, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.over.set()
        self.listener.close()

    def serve(self):
        while not self.over.is_set():
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.one, args=(connection,), daemon=True).start()

    def one(self, connection):
        try:
            with connection:
                connection.settimeout(20)
                if self.tls:
                    self.secure(connection)
                else:
                    self.talk(connection)
        except (OSError, ssl.SSLError, ValueError):
            pass  # a phone that has had enough is what some tests want

    def secure(self, connection):
        with connection.dup() as raw:
            try:
                with self.tls.wrap_socket(connection, server_side=True) as secure:
                    self.talk(secure)
            except ssl.SSLError:
                # With the request of the phone unread, the end would overtake the alert that says why.
                raw.shutdown(socket.SHUT_WR)
                while raw.recv(4096):
                    pass

    def talk(self, connection):
        data = b""
        if self.raw is not None:
            connection.recv(4096)
            self.play(connection, self.raw)
            return
        while b"\r\n\r\n" not in data:
            more = connection.recv(4096)
            if not more:
                return
            data += more
        lines = data.decode("latin-1").split("\r\n")
        method, path = lines[0].split(" ")[:2]
        headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:] if line)}
        self.asked.append((path, headers))
        script = self.scripts.get(path.split("?")[0], [answer("404 Not Found", "")])
        self.play(connection, script(method, path, headers) if callable(script) else script)

    def play(self, connection, steps):
        for step in steps:
            if isinstance(step, bytes):
                connection.sendall(step)
            elif step == RESET:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            elif self.over.wait(step[1]):
                return


# ---- who comes in ----

def basic(user, password, then):
    want = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

    def script(_method, _path, headers):
        if headers.get("authorization") == want:
            return then
        return [answer("401 Unauthorized", "", 'WWW-Authenticate: Basic realm="lab"')]
    return script


def digest(user, password, then, algorithm="MD5"):
    hashed = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}[algorithm]

    def h(*words):
        return hashed(":".join(words).encode()).hexdigest()

    def script(method, path, headers):
        have = dict(re.findall(r'(\w+)="?((?:\\.|[^",\\])*)"?', headers.get("authorization", "")))
        want = h(h(user, "lab", password), "n0nce", have.get("nc", ""), have.get("cnonce", ""), "auth", h(method, path))
        if headers.get("authorization", "").startswith("Digest ") and have.get("response") == want and have.get("nonce") == "n0nce":
            return then
        return [answer("401 Unauthorized", "",
                       f'WWW-Authenticate: Digest realm="lab", nonce="n0nce", qop="auth", algorithm={algorithm}')]
    return script
