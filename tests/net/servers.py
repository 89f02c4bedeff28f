# SPDX-License-Identifier: MIT
"""Real servers from Debian, each with a configuration that the test writes.

DHCP: a server is asked for with a table of what it has to say: the number of a DHCPv4 option and a text or bytes;
17 in a table for DHCPv6 is (enterprise number, text of sub-option 1), 59 a text.
"""
import json
import pathlib
import shutil
import socket
import subprocess

import wire
from lab import IF, V4, V6, find, peer_env

HEAD4 = """authoritative; default-lease-time 600; max-lease-time 600; ping-check false;
option option-160 code 160 = text;
option option-159 code 159 = text;
option option-150 code 150 = array of ip-address;
"""
NAMES4 = {66: "tftp-server-name", 67: "bootfile-name", 160: "option-160", 159: "option-159", 150: "option-150",
          43: "vendor-encapsulated-options", 15: "domain-name"}


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def colons(data):
    return data.hex(":")


def blocks(*pairs):
    """The content of option 43: code, length, text with its zero."""
    return b"".join(bytes([code, len(text) + 1]) + text.encode() + b"\0" for code, text in pairs)


# ---- isc-dhcp-server ----

def isc_lines(table):
    rows = []
    for code, value in table.items():
        if code == "filename":
            rows.append(f"filename {quoted(value)};")
        elif code == "server-name":
            rows.append(f"server-name {quoted(value)};")
        else:
            text = colons(value) if isinstance(value, bytes) else value if code == 150 else quoted(value)
            rows.append(f"option {NAMES4[code]} {text};")
    return "\n".join(rows)


def isc4(lab, table=None, more=""):
    conf = lab.write("dhcpd.conf", f"""{HEAD4}{more}
subnet 192.0.2.0 netmask 255.255.255.0 {{
  range 192.0.2.100 192.0.2.150;
  {isc_lines(table or {})}
}}
""")
    leases = lab.write("dhcpd.leases", "")
    return lab.start("server", find("dhcpd"), "-4", "-f", "-d", "-cf", conf, "-lf", leases, "-pf", lab.dir / "dhcpd.pid",
                     "--no-pid", IF, name="dhcpd").wait_for("Server starting service")


def isc6(lab, table):
    rows = ["option space lab code width 2 length width 2;"]
    told = []
    if 17 in table:
        number, text = table[17]
        rows += [f"option lab.url code 1 = text; option vsio.lab code {number} = encapsulate lab;"]
        told += [f"option lab.url {quoted(text)};"]
    if 59 in table:
        rows += ["option dhcp6.boot code 59 = text;"]
        told += [f"option dhcp6.boot {quoted(table[59])};"]
    conf = lab.write("dhcpd6.conf", "\n".join(rows + told) + f"\nsubnet6 2001:db8::/64 {{ range6 2001:db8::1000 2001:db8::1fff; }}\n")
    leases = lab.write("dhcpd6.leases", "")
    return lab.start("server", find("dhcpd"), "-6", "-f", "-d", "-cf", conf, "-lf", leases, "--no-pid", IF,
                     name="dhcpd-6").wait_for("Server starting service")


# ---- kea ----

def kea_env(lab):
    env = peer_env()
    env.update(KEA_PIDFILE_DIR=str(lab.dir), KEA_LOCKFILE_DIR="none", KEA_LOGGER_DESTINATION="stdout")
    return env


def kea_start(lab, program, kind, document):
    conf = lab.write(f"{program}.json", json.dumps({kind: {
        **document, "lease-database": {"type": "memfile", "persist": False},
        "loggers": [{"name": program, "severity": "INFO", "output_options": [{"output": "stdout"}]}]}}))
    return lab.start("server", find(program), "-c", conf, env=kea_env(lab)).wait_for(f"{kind.upper()}_STARTED")


def kea4(lab, table, more=None):
    told = []
    for code, value in table.items():
        if code == 159:  # to kea it is the one of RFC 7618: not to be defined again, and cut to its four bytes
            value = value.encode()
        data = value.hex() if isinstance(value, bytes) else value.replace("\\", "\\\\").replace(",", "\\,")
        told.append({"code": code, "data": data, "csv-format": not isinstance(value, bytes)})
    defs = [{"name": "option-160", "code": 160, "type": "string"}]
    defs.append({"name": "option-150", "code": 150, "type": "ipv4-address", "array": True})
    return kea_start(lab, "kea-dhcp4", "Dhcp4", {
        "interfaces-config": {"interfaces": [f"{IF}/{V4['server']}"], "dhcp-socket-type": "raw"},
        "option-def": defs,
        "subnet4": [{"subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.100-192.0.2.150"}], "option-data": told,
                     **(more or {})}]})


def kea6(lab, table):
    defs, told = [], []
    if 17 in table:
        number, text = table[17]
        space = f"vendor-{number}"
        defs.append({"name": "url", "code": 1, "space": space, "type": "string"})
        told += [{"name": "vendor-opts", "data": str(number)},
                 {"name": "url", "space": space, "data": text.replace(",", "\\,"), "always-send": True}]
    if 59 in table:
        told.append({"code": 59, "data": table[59]})
    return kea_start(lab, "kea-dhcp6", "Dhcp6", {
        "interfaces-config": {"interfaces": [IF]}, "option-def": defs,
        "server-id": {"type": "LL", "persist": False},
        "subnet6": [{"subnet": "2001:db8::/64", "interface": IF, "option-data": told}]})


# ---- dnsmasq ----

def dnsmasq(lab, table=None, table6=None, more=()):
    """Both families. It ends texts of the options it knows as texts with a zero."""
    rows = ["port=0", "keep-in-foreground", "log-facility=-", "log-dhcp", f"interface={IF}", "bind-interfaces",
            "user=root", "leasefile-ro", "no-ping", f"pid-file={lab.dir}/dnsmasq.pid", *more]
    if table is not None:
        rows.append("dhcp-range=192.0.2.100,192.0.2.150,600")
        for code, value in table.items():
            text = colons(value) if isinstance(value, bytes) else quoted(value) if code != 150 else value
            rows.append(f"dhcp-option={code},{text}")
    if table6 is not None:
        rows.append("dhcp-range=2001:db8::,static,64")
        if 17 in table6:
            rows.append(f"dhcp-option=vi-encap:{table6[17][0]},option6:1,{quoted(table6[17][1])}")
        if 59 in table6:
            rows.append(f"dhcp-option=option6:59,{quoted(table6[59])}")
    conf = lab.write("dnsmasq.conf", "\n".join(rows) + "\n")
    return lab.start("server", find("dnsmasq"), "-C", conf, name="dnsmasq").wait_for("started")


def dnsmasq_dns(lab, records, more=()):
    """As a DNS server of the zone lab.test, for both families."""
    rows = ["keep-in-foreground", "log-facility=-", "log-queries", "no-resolv", "no-hosts", "no-poll", "user=root", "bind-interfaces",
            f"listen-address={V4['server']}", f"listen-address={V6['server']}", "except-interface=lo", "local=/lab.test/",
            f"pid-file={lab.dir}/dnsmasq-dns.pid", *records, *more]
    conf = lab.write("dnsmasq-dns.conf", "\n".join(rows) + "\n")
    return lab.start("server", find("dnsmasq"), "-C", conf, name="dnsmasq-dns").wait_for("started")


DHCP4 = {"isc-dhcp-server": ("dhcpd", isc4), "kea": ("kea-dhcp4", kea4), "dnsmasq": ("dnsmasq", dnsmasq)}
DHCP6 = {"isc-dhcp-server": ("dhcpd", isc6), "kea": ("kea-dhcp6", kea6),
         "dnsmasq": ("dnsmasq", lambda lab, table: dnsmasq(lab, None, table))}


# ---- nginx ----

DETAILS = ",".join(f'"{name}":"${variable}"' for name, variable in (
    ("connection", "connection"), ("protocol", "server_protocol"), ("tls", "ssl_protocol"), ("host", "http_host"),
    ("uri", "request_uri"), ("status", "status"), ("etag", "http_if_none_match"), ("since", "http_if_modified_since"),
    ("authorization", "http_authorization"), ("agent", "http_user_agent"), ("client", "ssl_client_s_dn"), ("from", "remote_addr"),
    ("proxy_authorization", "http_proxy_authorization")))


def nginx(lab, locations, port=80, more=""):
    """locations: lines for the server block; more: further server blocks. accesses() and details() tell what it was asked."""
    listen = ([f"listen {V4['server']}:{port};"] if lab.mode != "ipv6" else []) + (
        [f"listen [{V6['server']}]:{port};"] if lab.mode != "ipv4" else [])
    (lab.dir / "nginx").mkdir(exist_ok=True)
    conf = lab.write("nginx.conf", f"""daemon off; master_process off; pid {lab.dir}/nginx.pid; error_log stderr notice;
events {{ worker_connections 256; }}
http {{
  log_format lab '$msec $remote_addr $request_method $http_host$request_uri $status';
  log_format details escape=json '{{{DETAILS}}}';
  access_log {lab.dir}/nginx.access lab; access_log {lab.dir}/nginx.details details;
  client_body_temp_path {lab.dir}/nginx; proxy_temp_path {lab.dir}/nginx; fastcgi_temp_path {lab.dir}/nginx;
  uwsgi_temp_path {lab.dir}/nginx; scgi_temp_path {lab.dir}/nginx;
  default_type application/xml;
  server {{
    {' '.join(listen)}
    root {lab.dir}/www;
    {locations}
  }}
  {more}
}}
""")
    (lab.dir / "www").mkdir(exist_ok=True)
    address = (V4 if lab.mode != "ipv6" else V6)["server"]
    family = socket.AF_INET6 if ":" in address else socket.AF_INET

    def up():
        with lab.socket("server", family, socket.SOCK_STREAM) as s:
            return s.connect_ex((address, port)) == 0

    return lab.start("server", find("nginx"), "-c", conf, "-e", "stderr", "-p", lab.dir, name="nginx").wait_for(up)


def accesses(lab):
    """What nginx was asked, as `host/path status`, the test's own look at the port left out."""
    path = lab.dir / "nginx.access"
    rows = [line.split(" ") for line in path.read_text(encoding="latin-1").splitlines()] if path.exists() else []
    return [f"{r[3]} {r[4]}" for r in rows if len(r) == 5 and r[2] != "-" and r[3] != "-"]


def details(lab):
    """The same, as tables with the names of DETAILS."""
    path = lab.dir / "nginx.details"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
    return [r for r in rows if r["uri"]]


def hashed(kind, password):
    """A password as the files of servers hold it."""
    return subprocess.run([shutil.which("openssl"), "passwd", kind, "-stdin"], input=password, capture_output=True, text=True,
                          check=True).stdout.strip()


# ---- squid ----

def squid(lab, user, password, open_port=3128, locked_port=3129, hosts_file="none"):
    """A proxy for http, https and whatever else asks for a tunnel; at the locked port it wants a login."""
    program = find("squid")
    base = program[:-len("/usr/sbin/squid")]
    passwords = lab.write("squid.passwords", f"{user}:{hashed('-apr1', password)}\n")
    conf = lab.write("squid.conf", f"""http_port {V4['server']}:{open_port}
http_port {V4['server']}:{locked_port}
visible_hostname lab
acl locked localport {locked_port}
auth_param basic program {base}/usr/lib/squid/basic_ncsa_auth {passwords}
auth_param basic children 2 startup=1 idle=1
auth_param basic realm lab
acl known proxy_auth REQUIRED
http_access allow !locked
http_access allow known
http_access deny all
cache deny all
cache_mem 1 MB
hosts_file {hosts_file}
dns_nameservers 127.0.0.1
dns_timeout 1 second
connect_timeout 3 seconds
access_log stdio:{lab.dir}/squid.access
cache_log {lab.dir}/squid.cache
pid_filename {lab.dir}/squid.pid
error_directory {base}/usr/share/squid-langpack/templates
icon_directory {base}/usr/share/squid/icons
mime_table {base}/usr/share/squid/mime.conf
unlinkd_program {base}/usr/lib/squid/unlinkd
pinger_enable off
netdb_filename none
coredump_dir {lab.dir}
cache_effective_user nobody
cache_effective_group nogroup
shutdown_lifetime 0 seconds
max_filedescriptors 1024
""")
    lab.dir.chmod(0o777)  # it gives up being root before it opens its files
    return lab.start("server", program, "-N", "-d", "1", "-n", f"prov{lab.number}", "-f", conf, name="squid").wait_for(
        listens(lab, locked_port), 20)


# ---- FTP and TFTP: vsftpd, tftpd-hpa, atftpd ----

def listens(lab, port, kind=socket.SOCK_STREAM, address=V4["server"]):
    """Whether somebody has this port; for Program.wait_for()."""
    def look():
        with lab.socket("server", socket.AF_INET, kind) as s:
            if kind == socket.SOCK_STREAM:
                return s.connect_ex((address, port)) == 0
            try:
                s.bind((address, port))
                return False
            except OSError:
                return True
    return look


def vsftpd(lab, user, password, more=""):
    """Serves the folder `ftp` to everybody, and the folder `home` to the user, whom only this server knows."""
    for folder in ("ftp", "home", "empty"):
        (lab.dir / folder).mkdir(exist_ok=True)
        (lab.dir / folder).chmod(0o755)
    files = {
        "/etc/passwd": lab.write("passwd", "root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n"
                                           f"{user}:x:65533:65533::{lab.dir}/home:/bin/sh\n"),
        "/etc/shadow": lab.write("shadow", f"root:*:19000::::::\nnobody:*:19000::::::\n{user}:{hashed('-6', password)}:19000::::::\n"),
        "/etc/pam.d/other": lab.write("pam", "auth required pam_unix.so\naccount required pam_unix.so\n"),
    }
    conf = lab.write("vsftpd.conf", f"""listen=YES
listen_address={V4['server']}
background=NO
anonymous_enable=YES
ftp_username=nobody
anon_root={lab.dir}/ftp
local_enable=YES
pam_service_name=other
secure_chroot_dir={lab.dir}/empty
seccomp_sandbox=NO
isolate=NO
isolate_network=NO
connect_from_port_20=NO
xferlog_enable=NO
{more}
""")
    return lab.start("server", find("vsftpd"), conf, files=files, name="vsftpd").wait_for(listens(lab, 21))


def tftpd_hpa(lab, more=()):
    return lab.start("server", find("in.tftpd"), "--foreground", "--address", f"{V4['server']}:69", "--user", "nobody", *more,
                     "--secure", lab.dir / "tftp", name="in.tftpd").wait_for(listens(lab, 69, socket.SOCK_DGRAM))


def atftpd(lab, more=()):
    return lab.start("server", find("atftpd"), "--daemon", "--no-fork", "--bind-address", V4["server"], "--user", "nobody.nogroup",
                     "--retry-timeout", "1", "--logfile", "-", *more, lab.dir / "tftp", name="atftpd").wait_for(
                         listens(lab, 69, socket.SOCK_DGRAM))


# ---- SIPp ----

SIPP_HEAD = """<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="pnp">
<recv request="SUBSCRIBE"/>
"""
OK = """<send><![CDATA[

SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:];tag=[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:SERVER:[local_port]>
Expires: 0
Content-Length: 0

]]></send>
"""


def notify(text, headers="Content-Type: application/url", cseq=1, retrans=""):
    """A NOTIFY to where the SUBSCRIBE came from."""
    return f"""<send{retrans}><![CDATA[

NOTIFY sip:phone@PHONE:[remote_port] SIP/2.0
Via: SIP/2.0/UDP SERVER:[local_port];branch=[branch]
Max-Forwards: 20
From: <sip:pnp@SERVER>;tag=[call_number]
To: <sip:phone@PHONE>;tag=probe
Call-ID: [call_id]
CSeq: {cseq} NOTIFY
Contact: <sip:SERVER:[local_port]>
Event: ua-profile;effective-by=0
Subscription-State: terminated;reason=timeout
{headers}
Content-Length: [len]

{text}]]></send>
"""


def pause(ms):
    return f'<pause milliseconds="{ms}"/>\n'


def sipp(lab, steps, host="server", calls=1):
    """SIPp as a PnP server that goes through the steps for each SUBSCRIBE.

    Bound to one address it would not get what is sent to the group, so its addresses are written into the scenario;
    and it does not join the group by itself.
    """
    member = wire.sip_socket(lab, host, port=0, group=True)
    text = (SIPP_HEAD + steps + "</scenario>\n").replace("SERVER", V4[host]).replace("PHONE", V4["phone"])
    scenario = lab.write(f"pnp-{next(lab.count)}.xml", text)
    program = lab.start(host, find("sipp"), "-sf", scenario, "-i", "0.0.0.0", "-p", wire.SIP_PORT, "-t", "u1", "-m", calls,
                        "-nostdin", "-trace_err", "-trace_msg", "-message_file", lab.dir / "sipp.messages", "-error_file",
                        lab.dir / "sipp.errors", "-default_behaviors", "all,-bye,-abortunexp", env={**peer_env(), "TERM": "dumb"},
                        name="sipp")

    def bound():
        table = lab.inside(host, lambda: pathlib.Path("/proc/thread-self/net/udp").read_text(encoding="ascii"))
        return f":{wire.SIP_PORT:04X} " in table

    program.wait_for(bound)
    program.member = member  # the membership lives as long as the socket
    return program
