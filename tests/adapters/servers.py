#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Loopback servers for the tests of the network adapter.

usage: servers.py FOLDER

Serves until standard input ends, so that it never outlives the test. Prints one line
`name port` for each server, then `ready`. Certificates are made in FOLDER.
"""

import base64
import gzip
import hashlib
import os
import re
import shutil
import socket
import socketserver
import ssl
import subprocess
import sys
import threading
import warnings

USER, PASSWORD = 'user', 'p:w%20"x'
LATER = 'Sun, 06 Nov 1994 08:49:37 GMT'
DATE = 'Date: Sun, 06 Nov 1994 08:47:37 GMT'
STOP = threading.Event()
OPENSSL = shutil.which('openssl')


def answer(status, body=b'', headers=(), length=None):
    length = len(body) if length is None else length
    lines = ['HTTP/1.1 %s' % status, 'Content-Length: %d' % length]
    return '\r\n'.join(lines + list(headers) + ['', '']).encode() + body


def digest_is_right(value, method, path):
    have = dict(re.findall(r'(\w+)="?((?:\\.|[^",\\])*)"?', value))

    def h(text):
        return hashlib.md5(text.encode()).hexdigest()

    want = h(':'.join([h('%s:lab:%s' % (USER, PASSWORD)), have.get('nonce', ''), have.get('nc', ''),
                       have.get('cnonce', ''), have.get('qop', ''), h(method + ':' + path)]))
    return have.get('response') == want and have.get('nonce') == 'abc'


class Http(socketserver.StreamRequestHandler):
    """One connection. Every path is a method; True means: keep the connection."""

    def handle(self):
        with self.server.lock:
            self.server.connections += 1
            self.number = self.server.connections
        try:
            while self.one():
                pass
        except (OSError, ssl.SSLError):
            pass

    def one(self):
        first = self.rfile.readline()
        if not first.strip():
            return False
        self.request_line = first.decode('latin-1').strip()
        self.method, self.path = self.request_line.split(' ')[:2]
        self.headers = []
        while (line := self.rfile.readline().decode('latin-1').rstrip('\r\n')):
            self.headers.append(line)
        name = re.sub(r'\W', '_', self.path.split('?')[0].lstrip('/'))
        self.query = self.path.partition('?')[2]
        return getattr(self, 'do_' + name, self.do_404)()

    def header(self, name):
        for line in self.headers:
            if line.lower().startswith(name.lower() + ':'):
                return line.partition(':')[2].strip()
        return ''

    def send(self, data, keep=True):
        self.wfile.write(data)
        return keep

    def do_404(self):
        return self.send(answer('404 Not Found', b'no such file'))

    def do_ok(self):
        return self.send(answer('200 OK', self.server.greeting))

    def do_empty(self):
        return self.send(answer('200 OK'))

    def do_echo(self):
        return self.send(answer('200 OK', '\n'.join([self.request_line] + self.headers).encode()))

    def do_connection(self):
        return self.send(answer('200 OK', b'%d' % self.number))

    def do_big(self):
        return self.send(answer('200 OK', b'x' * int(self.query)))

    def do_chunked(self):
        self.wfile.write(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
        for _ in range(int(self.query)):
            self.wfile.write(b'a\r\n0123456789\r\n')
        return self.send(b'0\r\n\r\n')

    def do_status(self):
        return self.send(answer(self.query.replace('%20', ' '), b'not for you'))

    def do_big404(self):
        return self.send(answer('404 Not Found', b'x' * 1000000))

    def do_cut404(self):
        return self.send(answer('404 Not Found', b'short', length=100), False)

    def do_retry(self):
        return self.send(answer('503 Busy', b'later', ['retry-after:7 ', DATE]))

    def do_retry_date(self):
        return self.send(answer('503 Busy', b'later', ['Retry-After: ' + LATER, DATE]))

    def do_version(self):
        """Two marks of one version, and what was asked."""
        marks = ['ETag: W/"v1"', 'ETag: "second"', 'Last-Modified: ' + LATER]
        asked = self.header('If-None-Match') + '|' + self.header('If-Modified-Since')
        if asked in ('W/"v1"|', '|' + LATER):
            return self.send(answer('304 Not Modified', headers=marks))
        return self.send(answer('200 OK', asked.encode(), marks))

    def do_early(self):
        """An answer before the answer."""
        self.wfile.write(b'HTTP/1.1 103 Early\r\nETag: "no"\r\nRetry-After: 1\r\n\r\n')
        return self.send(answer('200 OK', b'late', ['Date: today']))

    def do_redirect(self):
        return self.send(answer('302 Found', b'over there', ['Location:  ../else?x=1 ']))

    def do_200_location(self):
        return self.send(answer('200 OK', b'here', ['Location: /elsewhere']))

    def do_refs_xml(self):
        urls = ''.join('<url>%s</url>' % u for u in ('patch.xml?a=1', '/moved.xml', 'patch.xml?c=3'))
        return self.send(answer('200 OK', b'<referencedSettings>%s</referencedSettings>'
                                % urls.encode()))

    def do_moved_xml(self):
        return self.send(answer('301 Moved', b'moved', ['Location: /patch.xml?b=2']))

    def do_patch_xml(self):
        name, _, value = self.query.partition('=')
        return self.send(answer('200 OK', ('<configuration><telephony><%s>%s</%s></telephony>'
                                           '</configuration>' % (name, value, name)).encode()))

    def do_cut(self):
        return self.send(answer('200 OK', b'short', length=100), False)

    def do_long(self):
        return self.send(answer('200 OK', b'hello, and more', length=5), False)

    def do_silent(self):
        STOP.wait(20)
        return False

    def do_late(self):
        STOP.wait(0.7)
        return self.do_connection()

    def do_connections(self):
        return self.send(answer('200 OK', b'%d' % self.server.connections))

    def do_idle(self):
        self.send(answer('200 OK', b'abc', length=100))
        STOP.wait(20)
        return False

    def do_drip(self):
        self.send(answer('200 OK', b'', length=1000))
        while not STOP.wait(0.05):
            self.wfile.write(b'.')
        return False

    def do_garbage(self):
        return self.send(b'SSH-2.0-whatever\r\n', False)

    def do_packed(self):
        """?N zeros, ?rN bytes that cannot be packed, by gzip if it is wanted; ?bad: it is not gzip."""
        if self.header('Accept-Encoding') != 'gzip':
            return self.send(answer('406 Not Acceptable'))
        if self.query == 'bad':
            body = b'this is no gzip'
        elif self.query.startswith('r'):
            body = gzip.compress(os.urandom(int(self.query[1:])))
        else:
            body = gzip.compress(bytes(int(self.query)))
        return self.send(answer('200 OK', body, ['Content-Encoding: gzip']))

    def do_refusals(self):
        """How many requests came without the right login."""
        return self.send(answer('200 OK', b'%d' % len(REFUSED)))

    def do_digest_only(self):
        value = self.header('Authorization')
        if value.startswith('Digest ') and digest_is_right(value, self.method, self.path):
            return self.send(answer('200 OK', b'welcome by digest'))
        REFUSED.append(self.path)
        offer = 'WWW-Authenticate: Digest realm="lab", nonce="abc", qop="auth", algorithm=MD5'
        return self.send(answer('401 Unauthorized', b'who?', [offer]))

    def do_basic(self):
        want = 'Basic ' + base64.b64encode(('%s:%s' % (USER, PASSWORD)).encode()).decode()
        if self.header('Authorization') == want:
            return self.send(answer('200 OK', b'welcome'))
        REFUSED.append(self.path)
        return self.send(answer('401 Unauthorized', b'who?', ['WWW-Authenticate: Basic realm="lab"']))

    def do_digest(self):
        value = self.header('Authorization')
        if value.startswith('Digest ') and digest_is_right(value, self.method, self.path):
            return self.send(answer('200 OK', b'welcome'))
        offer = 'WWW-Authenticate: Digest realm="lab", nonce="abc", qop="auth", algorithm=MD5'
        return self.send(answer('401 Unauthorized', b'who?',
                                ['WWW-Authenticate: Basic realm="lab"', offer]))


    def do_asked(self):
        """How often DNS was asked for a name, A and AAAA."""
        return self.send(answer('200 OK', b'%d %d' % (ASKED.count((self.query, 1)),
                                                      ASKED.count((self.query, 28)))))


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64
    tls = None

    def __init__(self, address, greeting, tls=None):
        self.address_family = socket.AF_INET6 if ':' in address[0] else socket.AF_INET
        self.greeting, self.tls = greeting, tls
        self.lock, self.connections = threading.Lock(), 0
        super().__init__(address, Http)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def finish_request(self, request, client_address):
        if self.tls:
            request = self.tls.wrap_socket(request, server_side=True)
        super().finish_request(request, client_address)

    def handle_error(self, request, client_address):
        pass  # a refused handshake is what some tests want


REFUSED = []  # paths
ASKED = []  # by DNS: name and type
ZONE = {  # name: (seconds, addresses)
    'four.test': (60, ['127.0.0.1']),
    'six.test': (60, ['::1']),
    'both.test': (60, ['127.0.0.1', '::1']),
    'short.test': (1, ['127.0.0.1']),
    'several.test': (60, ['127.0.0.9', '127.0.0.8', '127.0.0.1']),
    'dead.test': (60, ['127.0.0.2', '127.0.0.1']),
    'half.test': (60, ['127.0.0.1']),  # AAAA is not answered
    'empty.test': (60, []),
}
RCODES = {'fail.test': 2, 'form.test': 1, 'refused.test': 5}


def dns_answer(question):
    """The whole message, or nothing."""
    labels, at = [], 12
    while question[at]:
        labels.append(question[at + 1:at + 1 + question[at]].decode('latin-1'))
        at += 1 + question[at]
    name, kind = '.'.join(labels).lower(), question[at + 2]
    ASKED.append((name, kind))
    if name == 'silent.test' or (name, kind) == ('half.test', 28):
        return b''
    if name == 'garbage.test':
        return question[:2] + bytes([0x81, 0x80, 0, 1, 0, 9, 0, 0, 0, 0]) + question[12:at + 5] + b'junk'
    rcode = RCODES.get(name, 0 if name in ZONE else 3)
    family = socket.AF_INET if kind == 1 else socket.AF_INET6
    seconds, addresses = ZONE.get(name, (0, []))
    records = b''
    count = 0
    for a in addresses:
        if (':' in a) == (kind == 28):
            packed = socket.inet_pton(family, a)
            records += b'\xc0\x0c' + bytes([0, kind, 0, 1]) + seconds.to_bytes(4, 'big') + bytes(
                [0, len(packed)]) + packed
            count += 1
    return (question[:2] + bytes([0x81, 0x80 | rcode, 0, 1, 0, count, 0, 0, 0, 0]) +
            question[12:at + 5] + records)


class Dns(socketserver.BaseRequestHandler):
    def handle(self):
        data, sock = self.request
        out = dns_answer(data)
        if out:
            sock.sendto(out, self.client_address)


class Tftp(socketserver.BaseRequestHandler):
    """One file of one block."""

    def handle(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind(('127.0.0.1', 0))
            s.sendto(b'\0\3\0\1hello', self.client_address)


def udp_servers():
    found = {}
    for name, handler in (('dns', Dns), ('tftp', Tftp)):
        server = socketserver.ThreadingUDPServer(('127.0.0.1', 0), handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        found[name] = server.server_address[1]
    return found


def openssl(*args):
    subprocess.run((OPENSSL,) + args, check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


def authority(folder, name, subject):
    openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=' + subject,
            '-addext', 'keyUsage=keyCertSign', '-keyout', '%s/%s.key' % (folder, name), '-out',
            '%s/%s.pem' % (folder, name))


def certificate(folder, name, subject, san, days, ca='ca'):
    """A key and a certificate signed by an authority of ours."""
    base = os.path.join(folder, name)
    openssl('req', '-newkey', 'rsa:2048', '-nodes', '-keyout', base + '.key', '-out', base + '.csr',
            '-subj', '/CN=' + subject)
    with open(base + '.ext', 'w', encoding='ascii') as f:
        f.write('subjectAltName=%s\n' % san)
    openssl('x509', '-req', '-in', base + '.csr', '-CA', '%s/%s.pem' % (folder, ca),
            '-CAkey', '%s/%s.key' % (folder, ca), '-set_serial', str(len(name)), '-days', days,
            '-extfile', base + '.ext', '-out', base + '.pem')


def tls_servers(folder):
    """name -> context; nothing without the program openssl."""
    if not OPENSSL:
        return {}
    authority(folder, 'ca', 'lab CA')
    authority(folder, 'other_ca', 'another CA')
    openssl('x509', '-hash', '-noout', '-in', folder + '/ca.pem', '-out', folder + '/ca.hash')
    certificate(folder, 'good', 'lab', 'IP:127.0.0.1', '2')
    certificate(folder, 'expired', 'lab', 'IP:127.0.0.1', '-1')
    certificate(folder, 'wrong', 'elsewhere', 'DNS:elsewhere.example', '2')
    certificate(folder, 'other', 'lab', 'IP:127.0.0.1', '2', 'other_ca')
    certificate(folder, 'client', 'phone', 'DNS:phone.example', '2')
    found = {}
    for name, cert in (('tls', 'good'), ('expired', 'expired'), ('wrong', 'wrong'),
                       ('mutual', 'good'), ('other', 'other'), ('old', 'good')):
        found[name] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        found[name].load_cert_chain('%s/%s.pem' % (folder, cert), '%s/%s.key' % (folder, cert))
    warnings.simplefilter('ignore', DeprecationWarning)  # that is what is tested
    found['old'].set_ciphers('ALL:@SECLEVEL=0')
    found['old'].minimum_version = ssl.TLSVersion.TLSv1
    found['old'].maximum_version = ssl.TLSVersion.TLSv1_1
    found['mutual'].load_verify_locations(folder + '/ca.pem')
    found['mutual'].verify_mode = ssl.CERT_REQUIRED
    return found


def http_servers():
    """IPv4; the same port on IPv6; a port that only IPv6 has."""
    found = {}
    for _ in range(20):
        four = Server(('127.0.0.1', 0), b'hello')
        port = four.server_address[1]
        found['http'] = port
        try:
            Server(('::1', port), b'hello from IPv6')
            found['both'] = port
            found['six'] = Server(('::1', 0), b'hello from IPv6').server_address[1]
            return found
        except OSError:
            four.shutdown()
            four.server_close()
    found['http'] = Server(('127.0.0.1', 0), b'hello').server_address[1]
    return found


def main():
    folder = sys.argv[1]
    ports = http_servers()
    for name, context in tls_servers(folder).items():
        ports[name] = Server(('127.0.0.1', 0), b'hello', context).server_address[1]
    ports.update(udp_servers())
    deaf = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)  # never answers
    deaf.bind(('127.0.0.1', 0))
    ports['deaf'] = deaf.getsockname()[1]
    full = socket.socket()  # accepts nothing: the connection is made by the kernel, no byte follows
    full.bind(('127.0.0.1', 0))
    full.listen(16)
    ports['mute'] = full.getsockname()[1]
    for name, port in ports.items():
        print(name, port)
    print('ready', flush=True)
    sys.stdin.read()
    STOP.set()


main()
