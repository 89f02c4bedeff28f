# SPDX-License-Identifier: MIT
"""What goes over the wire: a recorder of frames, and plain DHCP and SIP clients of our own to ask servers with."""
import ipaddress
import re
import select
import socket
import struct
import threading
import time

from lab import IF, V4

ETH_P_ALL, SO_TIMESTAMPNS, SO_RCVBUFFORCE = 0x0003, 35, 33
PNP_GROUP, SIP_PORT = "224.0.1.75", 5060
COOKIE = b"\x63\x82\x53\x63"
DHCP_TYPES = {1: "discover", 2: "offer", 3: "request", 5: "ack", 6: "nak", 8: "inform"}
DHCP6_TYPES = {1: "solicit", 2: "advertise", 3: "request", 7: "reply", 11: "information-request"}


# ---- frames ----

class Packet:
    """One UDP datagram or one TCP segment that opens a connection or carries data."""

    def __init__(self, when, source, sport, dest, dport, proto, payload, syn=False):
        self.time, self.source, self.sport, self.dest, self.dport = when, source, sport, dest, dport
        self.proto, self.payload, self.syn = proto, payload, syn
        try:
            self.what = self.name()
        except (ValueError, IndexError):
            self.what = "garbage"

    def name(self):
        """One word for it: `dhcp-inform`, `dhcpv6-reply`, `sip-SUBSCRIBE`, `sip-200`, `http-GET`, `syn` ..."""
        if self.proto == "udp":
            ports, data = {self.sport, self.dport}, self.payload
            if ports & {67, 68} and len(data) > 240:
                return "dhcp-" + DHCP_TYPES.get(options4(data).get(53, b"\0")[0], "other")
            if ports & {546, 547} and data:
                return "dhcpv6-" + DHCP6_TYPES.get(data[0], "other")
            if self.dport == 69 and data[:2] == b"\0\1":
                return "tftp-RRQ"
            found = re.match(rb"(?:SIP/2.0 (\d+)|([A-Z]+) sips?:)", data)
            return "sip-" + (found[1] or found[2]).decode() if found else "udp"
        if self.syn:
            return "syn"
        found = re.match(rb"(?:HTTP/1.\d (\d+)|([A-Z]+) \S+ HTTP/1)", self.payload)
        return "http-" + (found[1] or found[2]).decode() if found else "tcp"

    def target(self):
        """Of a request for a file: `host:port/path`, the host as the client named it."""
        if self.proto == "udp":
            return f"{self.dest}/" + self.payload[2:].split(b"\0")[0].decode("latin-1").lstrip("/")
        path = self.payload.split(b" ", 2)[1].decode("latin-1")
        host = re.search(rb"^host: *(\S+)", self.payload, re.M | re.I)
        return (host[1].decode() if host else "?") + path

    def __repr__(self):
        return f"{self.time:.3f} {self.source}:{self.sport} > {self.dest}:{self.dport} {self.what}"


def parse(when, frame):
    """A Packet, or None for what is of no interest."""
    kind = frame[12:14]
    if kind == b"\x08\x00":
        start = 14 + (frame[14] & 15) * 4
        proto, addresses = frame[23], (frame[26:30], frame[30:34])
        end = 14 + struct.unpack("!H", frame[16:18])[0]
    elif kind == b"\x86\xdd":
        start, proto, addresses = 54, frame[20], (frame[22:38], frame[38:54])
        end = 54 + struct.unpack("!H", frame[18:20])[0]
    else:
        return None
    if proto not in (6, 17) or len(frame) < start + 8:
        return None
    source, dest = (str(ipaddress.ip_address(a)) for a in addresses)
    sport, dport = struct.unpack("!HH", frame[start:start + 4])
    if proto == 17:
        return Packet(when, source, sport, dest, dport, "udp", frame[start + 8:end])
    flags = frame[start + 13]
    payload = frame[start + (frame[start + 12] >> 4) * 4:end]
    if not payload and flags & 0x12 != 0x02:
        return None
    return Packet(when, source, sport, dest, dport, "tcp", payload, syn=flags & 0x12 == 0x02)


class Recorder:
    """Keeps what passes a cable, the phone's if not told otherwise, in a thread; times are the kernel's, in seconds."""

    def __init__(self, lab, interface="to-phone", host="server", ignore=None):
        self.packets, self.ignore = [], ignore
        self.socket = lab.socket(host, socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        lab.inside(host, lambda: self.socket.bind((interface, ETH_P_ALL)))
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 8 << 20)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.done = threading.Event()
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()

    def work(self):
        while True:
            last = self.done.is_set()  # looked at before, so that nothing is left behind
            ready, _, _ = select.select([self.socket], [], [], 0.05)
            if not ready:
                if last:
                    return
                continue
            frame, extra, _, _ = self.socket.recvmsg(65536, 64)
            when = time.time()
            for _, kind, data in extra:
                if kind == SO_TIMESTAMPNS and len(data) >= 16:
                    seconds, nanos = struct.unpack("qq", data[:16])
                    when = seconds + nanos / 1e9
            if self.ignore and self.ignore(frame):
                continue
            packet = parse(when, frame)
            if packet:
                self.packets.append(packet)

    def stop(self):
        if not self.done.is_set():
            self.done.set()
            self.thread.join()
            self.socket.close()
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def all(self, what, source=None):
        return [p for p in list(self.packets) if re.fullmatch(what, p.what) and (source is None or p.source == source)]

    def first(self, what, source=None):
        found = self.all(what, source)
        return found[0] if found else None

    def asked(self):
        """What the phone asked, in the order of the wire, repetitions once."""
        rows = []
        for p in self.packets:
            if p.what in ("dhcp-inform", "dhcp-discover", "dhcpv6-information-request", "sip-SUBSCRIBE"):
                rows.append(p.what)
            elif p.what in ("http-GET", "tftp-RRQ"):
                rows.append(p.what[-3:] + " " + p.target())
        return list(dict.fromkeys(rows))

    def text(self):
        return "\n".join(repr(p) for p in self.packets)


# ---- DHCP ----

def mac_bytes(text):
    return bytes.fromhex(text.replace(":", ""))


def field4(packet):
    """The options field of a DHCPv4 packet, after the cookie."""
    if packet[236:240] != COOKIE:
        raise ValueError("no DHCP packet")
    return packet[240:]


def options4(packet):
    """code -> value, parts of an option joined (RFC 3396), overload (RFC 2132, 9.3) followed."""
    found = {}

    def read(area):
        i = 0
        while i < len(area) and area[i] != 255:
            if area[i] == 0:
                i += 1
                continue
            n = area[i + 1]
            found[area[i]] = found.get(area[i], b"") + area[i + 2:i + 2 + n]
            i += 2 + n

    read(field4(packet))
    overload = found.get(52, b"\0")[0]
    if overload & 1:
        read(packet[108:236])
    if overload & 2:
        read(packet[44:108])
    return found


def options6(area):
    """(code, value) of each DHCPv6 option."""
    found, i = [], 0
    while i + 4 <= len(area):
        code, n = struct.unpack("!HH", area[i:i + 4])
        found.append((code, area[i + 4:i + 4 + n]))
        i += 4 + n
    return found


def wait_for(sock, end):
    left = end - time.monotonic()
    return left > 0 and bool(select.select([sock], [], [], left)[0])


def inform(lab, params, host="phone", seconds=3, largest=1500):
    """DHCPINFORM by hand; the whole answer, or None. Without `largest` (57) what does not fit in 576 bytes is left out."""
    sock = lab.socket(host, socket.AF_INET, socket.SOCK_DGRAM)
    with sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, IF.encode())
        sock.bind(("", 68))
        xid = b"\x12\x34\x56\x78"
        options = b"\x35\x01\x08" + bytes([55, len(params)]) + bytes(params)
        options += b"\x39\x02" + largest.to_bytes(2, "big") if largest else b""
        packet = (b"\x01\x01\x06\x00" + xid + bytes(4) + socket.inet_aton(V4[host]) + bytes(12)
                  + mac_bytes(lab.mac) + bytes(10) + bytes(192) + COOKIE + options + b"\xff")
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            sock.sendto(packet.ljust(300, b"\0"), ("255.255.255.255", 67))
            while wait_for(sock, min(end, time.monotonic() + 1)):
                answer = sock.recv(65536)
                if answer[4:8] == xid and answer[0] == 2:
                    return answer
    return None


def information_request(lab, codes, host="phone", seconds=3):
    """DHCPv6 Information-request by hand; the whole answer, or None."""
    sock = lab.socket(host, socket.AF_INET6, socket.SOCK_DGRAM)
    with sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, IF.encode())
        sock.bind(("::", 546))
        index = lab.inside(host, lambda: socket.if_nametoindex(IF))
        oro = b"".join(struct.pack("!H", c) for c in codes)
        duid = struct.pack("!HH", 3, 1) + mac_bytes(lab.mac)
        packet = b"\x0b\x01\x02\x03" + b"".join(
            struct.pack("!HH", code, len(value)) + value for code, value in ((1, duid), (6, oro), (8, b"\0\0")))
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            sock.sendto(packet, ("ff02::1:2", 547, 0, index))
            while wait_for(sock, min(end, time.monotonic() + 1)):
                answer = sock.recv(65536)
                if answer[:4] == b"\x07\x01\x02\x03":
                    return answer
    return None


# ---- SIP ----

def subscribe_text(lab, call_id, port=SIP_PORT, address=None):
    """A SUBSCRIBE as phones send it (PNP-1)."""
    address = address or V4["phone"]
    mac = lab.mac.replace(":", "").upper()
    return "\r\n".join([
        f"SUBSCRIBE sip:MAC%3A{mac}@{PNP_GROUP} SIP/2.0",
        f"Via: SIP/2.0/UDP {address}:{port};branch=z9hG4bK-probe-{call_id}",
        f"From: <sip:MAC%3A{mac}@{PNP_GROUP}>;tag=probe",
        f"To: <sip:MAC%3A{mac}@{PNP_GROUP}>",
        f"Call-ID: {call_id}",
        "CSeq: 1 SUBSCRIBE",
        'Event: ua-profile;profile-type="device";vendor="probe";model="probe";version="1"',
        "Max-Forwards: 70",
        f"Contact: <sip:MAC%3A{mac}@{address}:{port}>",
        "Accept: application/url", "Expires: 0", "Content-Length: 0", "", ""])


def header(message, name):
    """The first header of that name, or an empty text."""
    text = message.decode("latin-1") if isinstance(message, bytes) else message
    found = re.search(rf"^{name}[ \t]*:[ \t]*(.*?)\r?$", text, re.M | re.I)
    return found[1] if found else ""


def body(message):
    return re.split(rb"\r?\n\r?\n", message, maxsplit=1)[1]


def answer_text(message, status):
    """An answer to a request that came in."""
    text = message.decode("latin-1")
    kept = re.findall(r"^(?:Via|From|To|Call-ID|CSeq)[ \t]*:.*?$", text, re.M | re.I)
    return "\r\n".join([f"SIP/2.0 {status}", *(k.rstrip("\r") for k in kept), "Content-Length: 0", "", ""])


def sip_socket(lab, host="phone", port=SIP_PORT, group=False):
    sock = lab.socket(host, socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("", port))
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(V4[host]))
    if group:
        lab.inside(host, lambda: sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                                                 socket.inet_aton(PNP_GROUP) + socket.inet_aton(V4[host])))
    return sock


def subscribe(lab, call_id="probe-1@lab", seconds=5.0, status="200 OK"):
    """SUBSCRIBE by hand: [(seconds after sending, message)] of what comes; each request is answered with status."""
    got = []
    with sip_socket(lab) as sock:
        start = time.monotonic()
        sock.sendto(subscribe_text(lab, call_id).encode(), (PNP_GROUP, SIP_PORT))
        while wait_for(sock, start + seconds):
            message, sender = sock.recvfrom(65536)
            got.append((time.monotonic() - start, message))
            if not message.startswith(b"SIP/2.0"):
                sock.sendto(answer_text(message, status).encode(), sender)
    return got
