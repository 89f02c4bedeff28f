# SPDX-License-Identifier: MIT
"""A DNS server of our own, that answers as no real one would."""
import ipaddress
import select
import socket
import struct
import threading

A, CNAME, AAAA, TC = 1, 5, 28, 0x0200
NOERROR, FORMERR, SERVFAIL, NXDOMAIN, REFUSED = 0, 1, 2, 3, 5


def labels(name):
    return b"".join(bytes([len(part)]) + part.encode() for part in name.split(".") if part) + b"\0"


class Query:
    """What was asked, and answers to it."""

    def __init__(self, data):
        self.id, = struct.unpack("!H", data[:2])
        at, parts = 12, []
        while data[at]:
            parts.append(data[at + 1:at + 1 + data[at]].decode("latin-1"))
            at += 1 + data[at]
        self.name, (self.type,) = ".".join(parts).lower(), struct.unpack("!H", data[at + 1:at + 3])
        self.question = data[12:at + 5]

    def record(self, kind, value, ttl=60, name=b"\xc0\x0c"):
        data = labels(value) if kind == CNAME else ipaddress.ip_address(value).packed
        return name + struct.pack("!HHIH", kind, 1, ttl, len(data)) + data

    def answer(self, *records, code=NOERROR, flags=0, number=None, question=None):
        head = struct.pack("!HHHHHH", self.id if number is None else number, 0x8180 | flags | code, 1, len(records), 0, 0)
        return head + (self.question if question is None else question) + b"".join(records)

    def addresses(self, *values, ttl=60):
        """Those of the family that is asked for; so an answer without any says that there is none."""
        return self.answer(*(self.record(A if ":" not in v else AAAA, v, ttl) for v in values
                             if (self.type == AAAA) == (":" in v)))


class Dns:
    """act(query) gives the datagrams that answer it; by_tcp(query), where it is there, the one that answers by TCP."""

    def __init__(self, net, address, act, by_tcp=None):
        self.act, self.by_tcp, self.over, self.asked = act, by_tcp, threading.Event(), []
        self.socket = net.socket("server", socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 53))
        self.listener = net.socket("server", socket.AF_INET, socket.SOCK_STREAM) if by_tcp else None
        if self.listener:
            self.listener.bind((address, 53))
            self.listener.listen(8)
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def close(self):
        self.over.set()
        self.thread.join()
        self.socket.close()
        if self.listener:
            self.listener.close()

    def serve(self):
        own = [s for s in (self.socket, self.listener) if s]
        while not self.over.is_set():
            for s in select.select(own, [], [], 0.05)[0]:
                try:
                    self.one(s)
                except (OSError, ValueError, IndexError):
                    pass

    def one(self, s):
        if s is self.socket:
            data, sender = s.recvfrom(4096)
            query = Query(data)
            self.asked.append((query.name, query.type))
            for datagram in self.act(query):
                s.sendto(datagram, sender)
            return
        connection, _ = s.accept()
        with connection:
            connection.settimeout(2)
            length, = struct.unpack("!H", connection.recv(2))
            answer = self.by_tcp(Query(connection.recv(length)))
            connection.sendall(struct.pack("!H", len(answer)) + answer)
