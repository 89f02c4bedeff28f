#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""TLS against nginx: chains of certificates good and bad, versions, and what the phone says about each (NET-1).

usage: tls_test.py PROV
"""
import ssl
import sys

import chains
import faults
import lab
import servers
from chains import AUTHORITY, EXPIRED, LATER
from faults import Row
from lab import V4, V6, Lab
from odd import RESET, Odd, answer, pause
from phone import PATCH

PROV = sys.argv[1]


def make(folder):
    """All certificates. Hosts are called like the file with what nginx is to send."""
    f = chains.Forge(folder)
    f.make("root")
    f.make("middle", "root")
    f.make("stranger")
    f.make("old-root", valid=EXPIRED)
    f.make("old-middle", "root", valid=EXPIRED)
    f.make("future-middle", "root", valid=LATER)
    # The new root, signed by the old one too, as long as not all phones know it.
    f.make("crossed", "old-root", key="root", subject="root")
    # One authority with certificates by two roots, one of which is over.
    f.make("twice", "root")
    f.make("twice-old", "old-root", key="twice", subject="twice", valid=EXPIRED)
    f.make("no-authority", "root", extensions="basicConstraints=CA:FALSE")
    f.make("no-signer", "root", extensions="basicConstraints=critical,CA:TRUE\nkeyUsage=critical,cRLSign")
    f.make("short", "root", extensions=AUTHORITY.replace("CA:TRUE", "CA:TRUE,pathlen:0"))
    f.make("below-short", "short")
    f.make("narrow", "root", extensions=AUTHORITY + "\nnameConstraints=critical,permitted;DNS:inside.lab")
    f.server("good.lab", "middle")
    f.server("ip", "middle", f"IP:{V4['server']},IP:{V6['server']}")
    f.server("wild.lab", "middle", "DNS:*.wild.lab", subject="wild")
    f.server("many.lab", "middle", "DNS:first.lab,DNS:MANY.LAB,DNS:last.lab", subject="many")
    f.server("expired.lab", "middle", valid=EXPIRED)
    f.server("later.lab", "middle", valid=LATER)
    f.server("self.lab", None)
    f.server("wrong.lab", "middle", "DNS:right.lab")
    f.server("cn.lab", "middle", "DNS:right.lab", subject="cn.lab")
    f.server("unknown.lab", "stranger")
    f.server("stranger.lab", "stranger")
    f.server("missing.lab", "middle")
    f.server("crossed.lab", "middle")
    f.server("twice.lab", "twice")
    f.server("twice-back.lab", "twice")
    f.server("over.lab", "old-middle")
    f.server("early.lab", "future-middle")
    f.server("no-authority.lab", "no-authority")
    f.server("no-signer.lab", "no-signer")
    f.server("too-deep.lab", "below-short")
    f.server("outside.lab", "narrow")
    f.server("inside.lab", "narrow")
    f.server("purpose.lab", "middle", more="extendedKeyUsage=clientAuth")
    f.server("usage.lab", "middle", more="keyUsage=critical,cRLSign")
    return f


# host: what it sends behind its own certificate
SENT = {
    "good.lab": ["middle"], "wild.lab": ["middle"], "many.lab": ["middle"], "expired.lab": ["middle"], "later.lab": ["middle"],
    "self.lab": [], "wrong.lab": ["middle"], "cn.lab": ["middle"], "unknown.lab": [], "stranger.lab": ["stranger"], "missing.lab": [],
    "crossed.lab": ["middle", "crossed"], "twice.lab": ["twice-old", "twice"], "twice-back.lab": ["twice", "twice-old"],
    "over.lab": ["old-middle"], "early.lab": ["future-middle"], "no-authority.lab": ["no-authority"],
    "no-signer.lab": ["no-signer"], "too-deep.lab": ["below-short", "short"], "outside.lab": ["narrow"], "inside.lab": ["narrow"],
    "purpose.lab": ["middle"], "usage.lab": ["middle"],
}
# What versions need a port of their own: they are agreed on before the name is heard.
VERSIONS = {4431: "TLSv1.1", 4432: "TLSv1.2", 4433: "TLSv1.3", 4434: "TLSv1 TLSv1.1 TLSv1.2"}
HOSTS = [*SENT, "a.wild.lab", "a.b.wild.lab"]


def block(net, forge, host, sent, port=443, more="", name=None):
    listen = f"listen {V4['server']}:{port} ssl;" + (f" listen [{V6['server']}]:{port} ssl;" if net.mode == "dual" else "")
    return (f"server {{ {listen} server_name {name or host} *.{name or host}; ssl_certificate {forge.chain(host, *sent)};"
            f" ssl_certificate_key {forge.key(host)}; root {net.dir}/www; {more} location / {{ try_files /file =404; }} }}\n")


def nginx(net, forge):
    net.write("www/file", PATCH)
    # The first one answers whoever asks by address.
    text = block(net, forge, "ip", ["middle"])
    text += "".join(block(net, forge, host, sent, more="location = /down { return 302 http://good.lab/x; }")
                    for host, sent in SENT.items())
    for port, versions in VERSIONS.items():
        old = "ssl_ciphers DEFAULT:@SECLEVEL=0;" if "1.1" in versions else ""
        text += block(net, forge, "good.lab", ["middle"], port, f"ssl_protocols {versions}; {old}")
    servers.nginx(net, "location = /up { return 302 https://good.lab/x; } location = /astray { return 302 https://self.lab/x; }"
                       " location / { try_files /file =404; }", more=text)


def bad(name, host, words, options=()):
    return Row(name, f"https://{host}/x", "failed", "0607", words, options=options)


def good(name, host, options=()):
    return Row(name, f"https://{host}/x", "applied", options=options)


def rows(f):
    """Without options of its own a row trusts the root alone."""
    root, both = f.bundle("trusted", "root"), f.bundle("both", "old-root", "root")
    old, stranger, folder = f.bundle("old", "old-root"), f.bundle("stranger-only", "stranger"), f.folder / "authorities"
    f.hashed(folder, "root")
    junk, empty = f.folder / "junk.crt", f.folder / "empty.crt"
    junk.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", encoding="ascii")
    empty.write_text("", encoding="ascii")
    table = [
        good("a good chain", "good.lab"),
        good("an IPv4 address", V4["server"]),
        good("an IPv6 address", f"[{V6['server']}]"),
        good("a name with an asterisk", "a.wild.lab"),
        bad("a name two levels below an asterisk", "a.b.wild.lab", "no alternative certificate subject name matches"),
        bad("the name above an asterisk", "wild.lab", "no alternative certificate subject name matches"),
        good("one of several names", "many.lab"),
        bad("expired", "expired.lab", "certificate has expired"),
        bad("not yet valid, or the phone's clock is slow", "later.lab", "certificate is not yet valid"),
        bad("signed by itself", "self.lab", "self"),
        bad("another name", "wrong.lab", "no alternative certificate subject name matches"),
        bad("its name only as the subject, beside others", "cn.lab", "no alternative certificate subject name matches"),
        bad("an authority that nobody knows", "unknown.lab", "unable to get local issuer certificate"),
        bad("an authority that nobody knows and that comes along", "stranger.lab", "self-signed certificate in certificate chain"),
        good("the same, when it is trusted", "unknown.lab", ("--ca", stranger)),
        bad("an authority in between is not sent", "missing.lab", "unable to get local issuer certificate"),
        bad("no authority of ours at all", "good.lab", "issuer certificate", ("--ca", stranger)),
        bad("the authorities of the system", "good.lab", "issuer certificate", ("--system",)),
        good("two ways up, one to a root that is over", "crossed.lab", ("--ca", both)),
        good("two ways up, only the good root is known", "crossed.lab"),
        bad("two ways up, only the root that is over is known", "crossed.lab", "expired", ("--ca", old)),
        good("an authority with two certificates, the one that is over first", "twice.lab", ("--ca", both)),
        good("an authority with two certificates, the one that is over last", "twice-back.lab", ("--ca", both)),
        good("an authority with two certificates, the good root is known", "twice.lab"),
        bad("an authority in between that is over", "over.lab", "certificate has expired"),
        bad("an authority in between that is not yet valid", "early.lab", "certificate is not yet valid"),
        bad("signed by what is no authority", "no-authority.lab", "invalid CA certificate"),
        bad("signed by an authority that may not sign", "no-signer.lab", "invalid CA certificate"),
        bad("an authority below one that may have none", "too-deep.lab", "path length constraint exceeded"),
        bad("a name outside of what the authority may sign", "outside.lab", "permitted subtree violation"),
        good("a name inside of it", "inside.lab"),
        bad("a certificate for clients", "purpose.lab", "certificate purpose"),
        bad("a key that is for something else", "usage.lab", "handshake failure"),
        good("a folder of authorities", "good.lab", ("--ca-dir", folder)),
        bad("a folder of authorities, and none of them", "unknown.lab", "local issuer certificate", ("--ca-dir", folder)),
        bad("a file of authorities that is none", "good.lab", "", ("--ca", junk)),
        bad("an empty file of authorities", "good.lab", "", ("--ca", empty)),
        good("TLS 1.2", "good.lab:4432"),
        good("TLS 1.3", "good.lab:4433"),
        good("TLS 1.2 of a server that also knows older ones", "good.lab:4434"),
        bad("TLS 1.1 only", "good.lab:4431", "no version of TLS in common"),
        bad("a server that speaks no TLS", f"{V4['server']}:80", "does not speak TLS"),
        Row("a server that resets", f"https://{V4['server']}:4441/", "failed", "0601", "broken off"),
        Row("a server that hangs up", f"https://{V4['server']}:4442/", "failed", "0601"),
        Row("a server that says nothing", f"https://{V4['server']}:4443/", "failed", "0603", "no connection within the time-out",
            options=("--timeouts", "1")),
        bad("a server that sends an alert", f"{V4['server']}:4444", "handshake failure"),
        Row("a redirect to an address without TLS", "https://good.lab/down", "refused", "0649"),
        Row("a redirect from http", f"http://{V4['server']}/up", "applied"),
        Row("a redirect to a server that is not trusted", f"http://{V4['server']}/astray", "failed", "0607", "self-signed"),
        Row("http to a port of TLS", "http://good.lab:443/", "failed", "0627", "HTTP 400"),
    ]
    for row in table:
        if "--system" in row.options:
            row.options = ()
        elif "--ca" not in row.options and "--ca-dir" not in row.options:
            row.options += ("--ca", root)
    return table


# ---- the phone's own certificate ----

def wanted(net, forge):
    """nginx, which wants a certificate of the phone, and tells by HTTP what it does not like about it."""
    net.write("www/file", PATCH)
    sure = f"ssl_verify_client on; ssl_verify_depth 3; ssl_client_certificate {forge.bundle('trusted', 'root')};"
    servers.nginx(net, "location / { return 404; }", more=block(net, forge, "good.lab", ["middle"], more=sure))


def handshakes(net, forge, port, version):
    """A server that wants one as well, and says so in the handshake, as most others do."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = context.maximum_version = version
    context.load_cert_chain(forge.chain("good.lab", "middle"), forge.key("good.lab"))
    context.load_verify_locations(forge.bundle("trusted", "root"))
    context.verify_mode = ssl.CERT_REQUIRED
    return Odd(net, {"/x": [answer()]}, port=port, tls=context)


def clients(f):
    """Rows for nginx, and for the two servers that tell by alert."""
    f.make("phone", "root", extensions="basicConstraints=CA:FALSE\nextendedKeyUsage=clientAuth")
    f.make("phone2", "middle", extensions="basicConstraints=CA:FALSE")
    f.make("alien", "stranger", extensions="basicConstraints=CA:FALSE")
    f.make("old-phone", "root", extensions="basicConstraints=CA:FALSE", valid=EXPIRED)
    f.make("server-only", "root", extensions="basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth")
    both = f.folder / "phone.both"
    both.write_text((f.folder / "phone.pem").read_text(encoding="ascii") + f.key("phone").read_text(encoding="ascii"), encoding="ascii")
    ca = ("--ca", f.bundle("trusted", "root"))

    def own(name, cert=None, key=None):
        return ("--client-cert", cert or f.folder / f"{name}.pem", "--client-key", key or f.key(name), *ca)

    def row(name, end, number="", words="", options=(), port=443):
        return Row(name, f"https://good.lab{'' if port == 443 else f':{port}'}/x", end, number, words, options=options)

    table = [
        row("shown", "applied", options=own("phone")),
        row("certificate and key in one file", "applied", options=("--client-cert", both, *ca)),
        row("with an authority in between", "applied", options=own("phone2", f.chain("phone2", "middle"))),
        row("none", "failed", "0627", "HTTP 400", ca),
        row("of an authority that the server does not know", "failed", "0627", "HTTP 400", own("alien")),
        row("expired", "failed", "0627", "HTTP 400", own("old-phone")),
        row("for servers only", "failed", "0627", "HTTP 400", own("server-only")),
        row("with the key of another one", "failed", "0607", "local SSL certificate", own("phone", key=f.key("alien"))),
        row("no certificate in the file", "failed", "0607", "local SSL certificate", own("phone", cert=f.key("phone"))),
    ]
    for port, version in ((4451, "TLS 1.2"), (4452, "TLS 1.3")):
        table += [
            row(f"{version}: shown", "applied", options=own("phone"), port=port),
            row(f"{version}: none", "failed", "0607", WANTED[port], ca, port),
            row(f"{version}: of an authority that the server does not know", "failed", "0607",
                "the server does not know who issued the client certificate", own("alien"), port),
            row(f"{version}: expired", "failed", "0607", "the client certificate has expired", own("old-phone"), port),
        ]
    return table


# Older versions have no alert of their own for it.
WANTED = {4451: "handshake failure", 4452: "the server wants a client certificate"}


def own_certificate(t):
    if not t.needs("client certificates", "nginx", "openssl"):
        return
    with Lab(mode="ipv4") as net:
        forge = make(net.dir / "tls")
        table = clients(forge)
        wanted(net, forge)
        with handshakes(net, forge, 4451, ssl.TLSVersion.TLSv1_2), handshakes(net, forge, 4452, ssl.TLSVersion.TLSv1_3):
            faults.table(t, "client certificate", net, PROV, table, width=6, files=net.names("good.lab"))
        seen = {d["client"] for d in servers.details(net) if d["status"] == "200"}
        t.ok("client certificate: the server knows who it is", seen == {"CN=phone", "CN=phone2"}, servers.details(net))


ALERT = bytes([21, 3, 3, 0, 2, 2, 40])  # handshake_failure


def certificates(t):
    if not t.needs("TLS", "nginx", "openssl"):
        return
    with Lab() as net, Odd(net, raw=[RESET], port=4441), Odd(net, raw=[], port=4442), Odd(net, raw=[pause(20)], port=4443), \
            Odd(net, raw=[ALERT, pause(0.2)], port=4444):
        forge = make(net.dir / "tls")
        nginx(net, forge)
        faults.table(t, "TLS", net, PROV, rows(forge), width=6, files=net.names(*HOSTS))
        spoken = {d["host"]: d["tls"] for d in servers.details(net) if d["status"] == "200"}
        t.ok("TLS: 1.2 and 1.3 are what is spoken", spoken.get("good.lab:4432") == "TLSv1.2"
             and spoken.get("good.lab:4433") == "TLSv1.3" and spoken.get("good.lab:4434") == "TLSv1.2", spoken)


lab.main([certificates, own_certificate], "TLS")
