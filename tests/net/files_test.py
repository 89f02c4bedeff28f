#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""FTP against vsftpd, TFTP against tftpd-hpa and atftpd, and both against servers and lines that fail (NET-1).

usage: files_test.py PROV
"""
import select
import socket
import sys
import threading
import time

import faults
import lab
import servers
from faults import SECRET, Row
from lab import V4, Lab
from phone import PATCH

PROV = sys.argv[1]
LIMIT = 262144
LOGIN = f"phone:{SECRET}@"


def ftp(path, login=""):
    return f"ftp://{login}{V4['server']}/{path}"


def reference(*urls):
    return "<referencedSettings>" + "".join(f"<url>{u}</url>" for u in urls) + "</referencedSettings>"


# ---- FTP ----

FTP = [
    Row("without a login", ftp("file.xml"), "applied"),
    Row("in a folder", ftp("sub/file.xml"), "applied"),
    Row("with a login", ftp("mine.xml", LOGIN), "applied"),
    Row("a tree", ftp("sub/tree.xml"), "applied"),
    Row("a tree with a login", ftp("tree.xml", LOGIN), "applied"),
    Row("a wrong password", ftp("mine.xml", f"phone:{SECRET}X@"), "failed", "0607", "Login denied"),
    Row("a user that nobody knows", ftp("mine.xml", f"stranger:{SECRET}@"), "failed", "0607", "Login denied"),
    Row("no such file", ftp("none.xml"), "failed", "0605"),
    Row("no such folder", ftp("none/file.xml"), "failed", "0605"),
    Row("a file of a tree is not there", ftp("sub/broken.xml"), "failed", "0605"),
    Row("a folder", ftp("sub"), "failed", "0605"),
    Row("what is in a folder", ftp("sub/"), "refused", "0305"),
    Row("nothing in it", ftp("empty.xml"), "refused", "0301"),
    Row("nobody may read it", ftp("secret.xml"), "failed", "0605"),
    Row("a page for people", ftp("page.xml"), "refused", "0303"),
    Row("as large as is allowed", ftp("fits.xml"), "applied"),
    Row("one byte too large", ftp("big.xml"), "refused", "0613", "262144"),
]


def fill(folder):
    """What FTP and TFTP servers have to offer."""
    folder.mkdir(exist_ok=True)
    (folder / "sub").mkdir(exist_ok=True)
    folder.chmod(0o755)
    for name, content in (
            ("file.xml", PATCH), ("sub/file.xml", PATCH), ("empty.xml", ""), ("page.xml", "<html><body>Hello</body></html>"),
            ("fits.xml", faults.padded(LIMIT)), ("big.xml", faults.padded(LIMIT + 1)), ("512.xml", faults.padded(512)),
            ("1024.xml", faults.padded(1024)), ("60k.xml", faults.padded(60000)), ("9k.xml", faults.padded(9000)), ("secret.xml", PATCH),
            ("sub/tree.xml", reference("file.xml", "../file.xml", "/60k.xml")),
            ("sub/broken.xml", reference("file.xml", "../none.xml"))):
        (folder / name).write_text(content, encoding="ascii")
        (folder / name).chmod(0o000 if name == "secret.xml" else 0o644)


def vsftpd(t):
    if not t.needs("FTP", "vsftpd", "openssl"):
        return
    with Lab(mode="ipv4") as net:
        fill(net.dir / "ftp")
        net.write("home/mine.xml", PATCH)
        net.write("home/tree.xml", reference("mine.xml", "/mine.xml"))
        servers.vsftpd(net, "phone", SECRET)
        faults.table(t, "FTP, vsftpd", net, PROV, FTP, width=6)


class Ftp:
    """An FTP server that says what it is told, for each command; the data connection is opened by it, or not."""

    def __init__(self, net, port, data="", then="226 done", **replies):
        self.net, self.port, self.data, self.then, self.replies = net, port, data, then, replies
        self.listener = net.socket("server", socket.AF_INET, socket.SOCK_STREAM)
        self.listener.bind((V4["server"], port))
        self.listener.listen(16)
        self.passive = net.socket("server", socket.AF_INET, socket.SOCK_STREAM)
        self.passive.bind((V4["server"], 0))
        self.passive.listen(16)
        threading.Thread(target=self.serve, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()
        self.passive.close()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.one, args=(connection,), daemon=True).start()

    def one(self, connection):
        try:
            with connection:
                connection.settimeout(20)
                connection.sendall(self.replies.get("hello", "220 ready").encode() + b"\r\n")
                for line in connection.makefile("rb"):
                    if not self.command(connection, line.decode("latin-1").strip().partition(" ")[0].upper()):
                        return
        except OSError:
            pass

    def command(self, connection, word):
        usual = {"USER": "331 password?", "PASS": "230 welcome", "PWD": '257 "/"', "TYPE": "200 yes", "SIZE": "500 no",
                 "EPSV": f"229 Entering (|||{self.passive.getsockname()[1]}|)", "RETR": "150 here it comes", "CWD": "250 yes"}
        reply = self.replies.get(word, usual.get(word, "502 no"))
        if reply is None:
            return False
        if reply == "silence":
            time.sleep(8)
            return False
        connection.sendall(reply.encode() + b"\r\n")
        if word == "RETR" and reply.startswith("1"):
            self.transfer(connection)
        return True

    def transfer(self, connection):
        if self.data is None:  # it is never taken up
            time.sleep(8)
            return
        data, _ = self.passive.accept()
        with data:
            data.sendall(self.data.encode())
            if self.then == "silence":
                time.sleep(8)
        if self.then != "silence":
            connection.sendall(self.then.encode() + b"\r\n")


SHORT = ("--timeouts", "2,1,4")
# name, what the server does, the end
ODD_FTP = [
    ("a file", {"data": PATCH}, ("applied",)),
    ("the data connection stays silent", {"data": None}, ("failed", "0603", "no byte within the idle time-out")),
    ("the data connection stops in the middle", {"data": PATCH[:40], "then": "silence"},
     ("failed", "0603", "no byte within the idle time-out")),
    ("the transfer is broken off", {"data": PATCH[:40], "then": "426 broken off"}, ("failed", "0601")),
    ("the end is not confirmed", {"data": PATCH, "then": "451 disk error"}, ("failed", "0601")),
    ("nobody listens for the data", {"EPSV": "229 Entering (|||9|)", "PASV": "227 Entering (192,0,2,1,0,9)"},
     ("failed", "0601")),
    ("the data is at another host", {"EPSV": "502 no", "PASV": "227 Entering (192,0,2,77,0,9)"}, ("failed", "0601")),
    ("no data connection at all", {"EPSV": "502 no", "PASV": "502 no"}, ("failed", "0601")),
    ("it has no room", {"hello": "421 too many connections"}, ("failed", "0601", "no time for another")),
    ("it says nothing", {"hello": ""}, ("failed", "0603", "")),
    ("it is no FTP server", {"hello": "SSH-2.0-OpenSSH_9.2"}, ("failed", "0603", "")),
    ("it hangs up", {"USER": None}, ("failed", "0601")),
    ("it says nothing to the login", {"PASS": "silence"}, ("failed", "0603", "")),
    ("it refuses the file", {"RETR": "550 no such file"}, ("failed", "0605")),
    ("it refuses the type", {"TYPE": "500 no"}, ("failed", "0601")),
    ("it is busy", {"RETR": "450 busy"}, ("failed", "0601")),
]


def odd_ftp(t):
    with Lab(mode="ipv4") as net:
        rows, open_servers = [], []
        for i, (name, does, end) in enumerate(ODD_FTP):
            open_servers.append(Ftp(net, 2100 + i, **does))
            rows.append(Row(name, f"ftp://{V4['server']}:{2100 + i}/file.xml", *end, options=SHORT))
        rows.append(Row("nobody listens", f"ftp://{V4['server']}:9/x", "failed", "0601", "nobody listens"))
        faults.table(t, "FTP, odd servers", net, PROV, rows, width=8)
        for server in open_servers:
            server.__exit__()


# ---- TFTP ----

def tftp(path, port=69):
    return f"tftp://{V4['server']}{'' if port == 69 else f':{port}'}/{path}"


TFTP = [
    Row("a file", tftp("file.xml"), "applied"),
    Row("in a folder", tftp("sub/file.xml"), "applied"),
    Row("one block, full to the last byte", tftp("512.xml"), "applied"),
    Row("two blocks, full to the last byte", tftp("1024.xml"), "applied"),
    Row("many blocks", tftp("60k.xml"), "applied"),
    Row("as large as is allowed", tftp("fits.xml"), "applied"),
    Row("a tree", tftp("sub/tree.xml"), "applied"),
    Row("no such file", tftp("none.xml"), "failed", "0605"),
    Row("no such folder", tftp("none/file.xml"), "failed", "0605"),
    Row("a file of a tree is not there", tftp("sub/broken.xml"), "failed", "0605"),
    Row("nothing in it", tftp("empty.xml"), "refused", "0301"),
    Row("one byte too large", tftp("big.xml"), "refused", "0613", "262144"),
    Row("one in six datagrams is lost", tftp("9k.xml", 6901), "applied"),
    Row("every datagram comes twice", tftp("60k.xml", 6902), "applied"),
    Row("the server dies in the middle", tftp("60k.xml", 6903), "failed", "0603", options=("--timeouts", "2,2,6")),
    Row("the server says in the middle that it is over", tftp("60k.xml", 6904), "failed", "0601"),
    Row("nobody is there", tftp("file.xml", 6999), "failed", "0603", options=("--timeouts", "1,1,2")),
    Row("the host is off", "tftp://192.0.2.77/file.xml", "failed", "0603", options=("--timeouts", "1,1,2")),
]


class Relay:
    """Between a phone and a TFTP server. `act(number, datagram)` says what becomes of one: the datagrams to pass on."""

    def __init__(self, net, port, act):
        self.net, self.act = net, act
        self.front = self.bound(port)
        self.over = threading.Event()
        threading.Thread(target=self.serve, daemon=True).start()

    def bound(self, port=0):
        s = self.net.socket("server", socket.AF_INET, socket.SOCK_DGRAM)
        s.bind((V4["server"], port))
        return s

    def close(self):
        self.over.set()

    def serve(self):
        while not self.over.is_set():
            if select.select([self.front], [], [], 0.1)[0]:
                request, phone = self.front.recvfrom(65536)
                threading.Thread(target=self.one, args=(request, phone), daemon=True).start()

    def one(self, request, phone):
        near, far = self.bound(), self.bound()
        server, number, end = (V4["server"], 69), 0, time.monotonic() + 30
        far.sendto(request, server)
        while time.monotonic() < end and not self.over.is_set():
            for s in select.select([near, far], [], [], 0.1)[0]:
                datagram, sender = s.recvfrom(65536)
                if s is far:
                    server = sender
                number += 1
                for passed in self.act(number, datagram):
                    if s is far:
                        near.sendto(passed, phone)
                    else:
                        far.sendto(passed, server)


def relays(net):
    over = b"\0\5\0\0it is over\0"
    return [Relay(net, 6901, lambda n, d: [] if n % 6 == 4 else [d]),
            Relay(net, 6902, lambda n, d: [d, d]),
            Relay(net, 6903, lambda n, d: [d] if n < 20 else []),
            Relay(net, 6904, lambda n, d: [d] if n < 20 or d[:2] != b"\0\3" else [over])]


# What the servers say of a file that they may not read.
SECRET_FILE = {"tftpd-hpa": ("0601", "no name for"), "atftpd": ("0605", "")}


def tftpd(t, name, program, start):
    if not t.needs(f"TFTP, {name}", program):
        return
    with Lab(mode="ipv4") as net:
        fill(net.dir / "tftp")
        start(net)
        between = relays(net)
        rows = [*TFTP, Row("nobody may read it", tftp("secret.xml"), "failed", *SECRET_FILE[name])]
        faults.table(t, f"TFTP, {name}", net, PROV, rows, width=10)
        for relay in between:
            relay.close()


def tftpd_hpa(t):
    tftpd(t, "tftpd-hpa", "in.tftpd", servers.tftpd_hpa)


def atftpd(t):
    tftpd(t, "atftpd", "atftpd", servers.atftpd)


def every(t):
    lab.together(t, vsftpd, odd_ftp, tftpd_hpa, atftpd)


lab.main([every], "FTP and TFTP")
