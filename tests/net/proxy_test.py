#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Through squid as a proxy, with and without a login, and through proxies that fail (NET-1, NET-2).

usage: proxy_test.py PROV
"""
import sys

import chains
import faults
import lab
import servers
from faults import SECRET, Row
from lab import V4, Lab
from odd import RESET, Odd, answer, pause
from phone import PATCH

PROV = sys.argv[1]
SERVER = V4["server"]
OPEN, LOCKED = f"http://{SERVER}:3128", f"http://user:{SECRET}@{SERVER}:3129"
WRONG, NOBODY = f"http://user:{SECRET}X@{SERVER}:3129", f"http://{SERVER}:3129"
SHORT = ("--timeouts", "1,2,4")


def row(name, proxy, url, end, number="", words="", options=()):
    return Row(name, url, end, number, words, options=("--proxy", proxy, *options))


def rows(trust):
    http, https, ftp, tftp = f"http://{SERVER}/x", "https://good.lab/x", f"ftp://{SERVER}/file.xml", f"tftp://{SERVER}/file.xml"
    inside, gone = "http://inside.lab/x", f"http://{SERVER}:9/x"
    ca = ("--ca", trust)
    return [
        row("http", OPEN, http, "applied"),
        row("http, the proxy given as a host alone", f"{SERVER}:3128", http, "applied"),
        row("a tree", OPEN, f"http://{SERVER}/tree", "applied"),
        row("http, with a login", LOCKED, http, "applied"),
        row("http, a wrong login", WRONG, http, "failed", "0623", "HTTP 407"),
        row("http, no login", NOBODY, http, "failed", "0623", "HTTP 407"),
        row("http with a login for the server too", LOCKED, f"http://me:{SECRET}@{SERVER}/basic", "applied"),
        row("http with a wrong login for the server", LOCKED, f"http://me:{SECRET}X@{SERVER}/basic", "failed", "0623", "HTTP 401"),
        row("a name that only the proxy knows", OPEN, inside, "applied"),
        row("no such name", OPEN, "http://none.lab/x", "failed", "0625", "HTTP 50"),
        row("nobody listens behind it", OPEN, gone, "failed", "0625", "HTTP 503"),
        row("404 behind it", OPEN, f"http://{SERVER}/status", "failed", "0621", "HTTP 404"),
        row("https", OPEN, https, "applied", options=ca),
        row("https, with a login", LOCKED, https, "applied", options=ca),
        row("https, a wrong login", WRONG, https, "failed", "0607", "another login (HTTP 407)", options=ca),
        row("https, no login", NOBODY, https, "failed", "0607", "another login (HTTP 407)", options=ca),
        row("https, nobody listens behind it", OPEN, f"https://{SERVER}:9/x", "failed", "0601", "the proxy cannot connect there", options=ca),
        row("https, the certificate is not trusted", OPEN, https, "failed", "0607", "local issuer certificate"),
        row("ftp", OPEN, ftp, "applied"),
        row("ftp, with a login", LOCKED, ftp, "applied"),
        row("ftp, a wrong login", WRONG, ftp, "failed", "0607", "another login (HTTP 407)"),
        row("ftp, no such file", OPEN, f"ftp://{SERVER}/none.xml", "failed", "0605"),
        row("tftp goes past it", f"http://{SERVER}:9", tftp, "applied"),
        row("nobody listens at the proxy", f"http://{SERVER}:9", http, "failed", "0601", "nobody listens"),
        row("the proxy is off", "http://192.0.2.77:3128", http, "failed", "0603", "no connection within the time-out", SHORT),
        row("no such proxy", "http://proxy.none.test:3128", http, "failed", "0603", "DNS", SHORT),
        row("the proxy says nothing", f"http://{SERVER}:8081", http, "failed", "0603", "no byte within the idle time-out", SHORT),
        row("the proxy says nothing, https", f"http://{SERVER}:8081", https, "failed", "0603", "no connection within the time-out",
            SHORT),
        row("the proxy resets", f"http://{SERVER}:8082", http, "failed", "0601", "broken off"),
        row("the proxy resets, https", f"http://{SERVER}:8082", https, "failed", "0601", "broken off"),
        row("the proxy speaks another protocol", f"http://{SERVER}:8083", http, "failed", "0601", "not HTTP"),
        row("the proxy speaks another protocol, https", f"http://{SERVER}:8083", https, "failed", "0601", ""),
        row("the proxy lets nobody through, https", f"http://{SERVER}:8084", https, "failed", "0607", "the proxy refuses to connect there"),
    ]


def world(net):
    net.write("www/file", PATCH)
    net.write("www/tree-file", "<referencedSettings><url>x</url><url>y</url></referencedSettings>")
    net.write("ftp/file.xml", PATCH)
    net.write("tftp/file.xml", PATCH)
    passwords = net.write("passwords", "me:{PLAIN}" + SECRET + "\n")
    forge = chains.Forge(net.dir / "tls")
    forge.make("root")
    forge.server("good.lab", "root")
    servers.nginx(net, f"""listen {SERVER}:443 ssl; ssl_certificate {forge.chain('good.lab')}; ssl_certificate_key {forge.key('good.lab')};
        location = /tree {{ try_files /tree-file =404; }} location = /status {{ return 404; }}
        location = /basic {{ auth_basic lab; auth_basic_user_file {passwords}; try_files /file =404; }}
        location / {{ try_files /file =404; }}""")
    servers.vsftpd(net, "phone", SECRET)
    servers.atftpd(net)
    hosts = net.write("squid.hosts", f"{SERVER} good.lab\n{SERVER} inside.lab\n")
    servers.squid(net, "user", SECRET, hosts_file=hosts)
    return forge.bundle("trusted", "root")


def proxies(t):
    if not t.needs("proxies", "squid", "nginx", "vsftpd", "atftpd", "openssl"):
        return
    refuses = [answer("403 Forbidden", "")]
    with Lab(mode="ipv4") as net, Odd(net, raw=[pause(20)], port=8081), Odd(net, raw=[RESET], port=8082), \
            Odd(net, raw=[b"SSH-2.0-OpenSSH_9.2\r\n", pause(0.2)], port=8083), Odd(net, raw=refuses, port=8084):
        trust = world(net)
        nowhere = {"/etc/resolv.conf": net.write("resolv.conf", "nameserver 192.0.2.1\n")}
        faults.table(t, "a proxy", net, PROV, rows(trust), width=8, files=nowhere)
        seen = servers.details(net)
        t.ok("a proxy: what the server sees comes from it alone", seen and {d["from"] for d in seen} == {SERVER}, seen)
        t.ok("a proxy: its login stays with it", seen and not any(d["proxy_authorization"] for d in seen), seen)
        t.ok("a proxy: the login for the server comes through", any(d["authorization"] for d in seen), seen)


lab.main([proxies], "proxies")
