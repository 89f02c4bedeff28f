#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measure whole runs over links with a delay, and print how many round trips they take.

usage: bench.py PROGRAMS [--rounds N] [--only WORD]... [--instructions] [--smoke]

PROGRAMS is the folder of the programs. Every contender runs once over every link in each round; figures are medians.
The line of best fit of the time over the round-trip time has the round trips as its slope, and what is left is time of
the contender's own. --only leaves out all rows that do not have the words. With --smoke one link is used once: does
every contender fetch all files, and does libprov make of them what it should?
"""
import argparse
import contextlib
import os
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import sys
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent / "net")]
import files  # noqa: E402
import lab  # noqa: E402

RTTS = (20, 50, 100)  # ms
LIMIT_S = 60  # for one run
FILES = 17
FIRST, CHANGED, SAME = "first run", "files changed", "nothing changed"
BARE, OWN = "libcurl", "libprov"

NGINX = """daemon off;
user {user};
worker_processes 2;
pid {dir}/nginx.pid;
error_log {dir}/error.log;
events {{ worker_connections 768; }}
http {{
    sendfile on;
    tcp_nopush on;
    types_hash_max_size 2048;
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    ssl_prefer_server_ciphers on;
    log_format one "$connection $server_protocol $ssl_session_reused $status $uri";
    access_log {dir}/access.log one;
    gzip on;
    ssl_certificate {dir}/server.pem;
    ssl_certificate_key {dir}/server.key;
    ssl_protocols TLSv1.2 TLSv1.3;
    server {{
        listen 80;
        listen 443 ssl http2;
        root {dir}/www;
    }}
}}
"""

# A process for each file. What it is told: a folder, the authorities, the address.
SCRIPT = """set -e
cd "$1"
curl -sf --cacert "$2" -o reference.xml "$3"
for name in $(sed -n 's|.*<url>\\(.*\\)</url>.*|\\1|p' reference.xml); do
    curl -sf --cacert "$2" -o "$name" "${3%/*}/$name"
done
"""


# ---- the links ----

class Links(lab.Lab):
    """Two hosts, joined by one link for each round-trip time, with a web server on one of them."""

    def __init__(self, programs, rtts):
        self.rtts, self.delay = rtts, programs / "net_delay"
        super().__init__()

    def build(self):
        for host in self.hosts:
            lab.ip("netns", "add", self.ns(host))
            self.sysctl(host, "ipv6/conf/all/disable_ipv6", "1")
            # Each run is like the first. Without loss, Reno sends as Cubic does, and every namespace may have it.
            self.sysctl(host, "ipv4/tcp_no_metrics_save", "1")
            self.sysctl(host, "ipv4/tcp_slow_start_after_idle", "1")
            self.sysctl(host, "ipv4/tcp_congestion_control", "reno")
            lab.ip("-n", self.ns(host), "link", "set", "lo", "up")
        for rtt in self.rtts:
            self.link(rtt)

    @staticmethod
    def address(rtt, host):  # pylint: disable=arguments-differ
        return f"198.51.100.{rtt * 2 + (host == 'phone')}"

    def link(self, rtt):
        name, ends = f"rtt{rtt}", []
        for host in self.hosts:
            ends += [f"/run/netns/{self.ns(host)}", name]
        program = lab.Program(self, None, [self.delay, rtt * 500, *ends], name=f"delay-{rtt}")
        program.wait_for("ready")
        for host, other in (self.hosts, self.hosts[::-1]):
            lab.ip("-n", self.ns(host), "address", "add", self.address(rtt, host), "peer", self.address(rtt, other), "dev", name)
            lab.ip("-n", self.ns(host), "link", "set", name, "mtu", "1500", "txqueuelen", "10000", "up")

    def entrance(self, host, hosts_file=None):
        """The program of the links enters both namespaces by itself."""
        return super().entrance(host, hosts_file) if host else None

    def serve(self):
        make_certificates(self.dir, [self.address(rtt, "server") for rtt in self.rtts])
        user = "www-data" if "www-data:" in pathlib.Path("/etc/passwd").read_text(encoding="utf-8") else "nobody"
        config = self.write("nginx.conf", NGINX.format(dir=self.dir, user=user))
        self.publish(1)
        self.start("server", lab.find("nginx"), "-c", config, "-e", self.dir / "error.log").wait_for(
            lambda: self.inside("phone", lambda: is_open(self.address(self.rtts[0], "server"))))

    def publish(self, version):
        """Put the files of a version in the place of those before. The reference file stays as it is."""
        stamp = 1_700_000_000 + version * 1000
        for name, text in files.patches(version):
            path = self.write(f"www/{name}", text)
            os.utime(path, (stamp, stamp))
        if not (self.dir / "www" / files.REFERENCE).exists():
            self.write(f"www/{files.REFERENCE}", files.reference())

    def url(self, scheme, rtt):
        return f"{scheme}://{self.address(rtt, 'server')}/{files.REFERENCE}"


def is_open(address):
    try:
        with lab.socket.create_connection((address, 80), 2):
            return True
    except OSError:
        return False


def make_certificates(folder, addresses):
    def openssl(*args):
        subprocess.run([lab.find("openssl"), *args], cwd=folder, check=True, capture_output=True)

    names = ",".join(f"IP:{address}" for address in addresses)
    (folder / "names.cnf").write_text(f"subjectAltName={names}\n", encoding="ascii")
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    openssl("req", "-x509", *curve, "-keyout", "ca.key", "-out", "ca.pem", "-days", "30", "-subj", "/CN=Benchmark CA")
    openssl("req", *curve, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=server")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30",
            "-extfile", "names.cnf", "-out", "server.pem")


# ---- one run ----

class Run:
    """Time and processor time of one process with its children, in ms; the thread is in the phone's namespace."""

    def __init__(self, argv, env):
        out, ready = os.pipe()
        argv = [str(a) for a in argv]
        actions = [(os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0), (os.POSIX_SPAWN_DUP2, ready, 1)]
        begin = time.perf_counter_ns()
        pid = os.posix_spawn(argv[0], argv, env, file_actions=actions)
        os.close(ready)
        # Its output has its end when all of it have ended.
        watch = signal.signal(signal.SIGALRM, lambda *_: os.kill(pid, signal.SIGKILL))
        signal.alarm(LIMIT_S)
        try:
            with open(out, encoding="utf-8") as f:
                self.text = f.read()
            _, status, usage = os.wait4(pid, 0)
        finally:
            signal.alarm(0)
            signal.signal(signal.SIGALRM, watch)
        self.ms = (time.perf_counter_ns() - begin) / 1e6
        self.cpu_ms = (usage.ru_utime + usage.ru_stime) * 1000
        if status != 0:
            raise RuntimeError(f"{' '.join(argv)}: status {status}: {self.text}")


class Contender:
    """A row: how one kind of run is made by one program. `like` is the row with the same transfers by libcurl alone."""

    def __init__(self, scheme, kind, name, argv, like=None):
        self.scheme, self.kind, self.name, self.argv, self.like = scheme, kind, name, argv, like
        self.title = f"{scheme.upper()}, {kind}, {name}"
        self.times, self.cpu, self.instructions = {}, [], None

    def round_trips(self):
        """Slope and what is left, of the line of best fit through the medians."""
        points = [(rtt, statistics.median(ms)) for rtt, ms in self.times.items()]
        if len(points) < 2:
            return None, None
        return statistics.linear_regression(*zip(*points))

    def cpu_ms(self):
        return statistics.median(self.cpu)


class Bench:
    """The contenders, and what they need to know of the run before."""

    def __init__(self, links, programs):
        self.links, self.programs = links, programs
        self.env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}
        self.ca = links.dir / "ca.pem"
        self.out = links.dir / "out"
        self.out.mkdir()
        links.write("script.sh", SCRIPT)
        self.rows = [row for scheme in ("http", "https") for row in self.first_runs(scheme) + self.next_runs(scheme)]

    # What is run, as a function of the address.

    def script(self, url, _):
        return ["/bin/sh", self.links.dir / "script.sh", self.out, self.ca, url]

    def one_curl(self, url, tags):
        """One process is told all addresses, in a file."""
        known = tags.read_text(encoding="ascii").split("\n") if tags else [
            url.replace(files.REFERENCE, name) for name in [files.REFERENCE] + [n for n, _ in files.patches(1)]]
        parts = []
        for line in filter(None, known):
            address, _, tag = line.partition(" ")
            quoted = tag.replace('"', '\\"')
            parts.append(f'url = "{address}"\noutput = "{self.out / address.rpartition("/")[2]}"\ncacert = "{self.ca}"\n'
                         + (f'header = "If-None-Match: {quoted}"\n' if tag else ""))
        config = self.links.write("curl.conf", "next\n".join(parts))
        return [lab.find("curl"), "-sf", "-K", config]

    def bare(self, *more):
        def argv(url, tags):
            return [self.programs / "net_fetch", *more, "-a", self.ca, *(["-k", tags] if tags else []), url]
        return argv

    def prov(self, fetches, *more):
        def argv(url, state):
            return [self.programs / "net_phone", "-n", fetches, *more, "-a", self.ca, "-s", state, url]
        return argv

    # The rows.

    def first_runs(self, scheme):
        rows = [("script, curl per file", self.script), ("one curl", self.one_curl)]
        if scheme == "http":
            rows += [(f"{BARE}, 6", self.bare("-1", "-n", "6")), (f"{BARE}, 16", self.bare("-1", "-n", "16"))]
        else:
            rows += [(f"{BARE}, HTTP/1.1, 16", self.bare("-1", "-n", "16")), (f"{BARE}, HTTP/2, 16", self.bare("-n", "16")),
                     (f"{BARE}, HTTP/2, 6", self.bare("-n", "6")), (f"{BARE}, 8 x HTTP/2, 16", self.bare("-c", "8", "-n", "16"))]
        rows += [(f"{OWN}, 6", self.prov(6), rows[-2][0]), (f"{OWN}, 16", self.prov(16), rows[-1][0])]
        return [Contender(scheme, FIRST, *row) for row in rows]

    def next_runs(self, scheme):
        rows = [("one curl", self.one_curl)]
        if scheme == "http":
            rows += [(f"{BARE}, 6", self.bare("-1", "-n", "6")), (f"{BARE}, all", self.bare("-1"))]
        else:
            rows += [(f"{BARE}, HTTP/1.1, all", self.bare("-1")), (f"{BARE}, HTTP/2, all", self.bare()),
                     (f"{BARE}, 9 x HTTP/2, all", self.bare("-c", "9"))]
        rows += [(f"{OWN}, 6", self.prov(6), rows[-2][0]), (f"{OWN}, 16", self.prov(16), rows[-1][0])]
        return [Contender(scheme, kind, *row) for kind in (CHANGED, SAME) for row in rows]

    # What is known of the run before.

    def known(self, row, rtt, version=None):
        """The file or folder for a row; of a version if it is to be made."""
        kind = version and {1: CHANGED, 2: SAME}[version] or row.kind
        folder = self.links.dir / f"{row.scheme}-{rtt}-{kind.replace(' ', '-')}"
        return folder / ("tags" if not row.name.startswith(OWN) else "state")

    def remember(self, version):
        """A run with the files of now, whose end is kept."""
        for scheme in ("http", "https"):
            for rtt in self.links.rtts:
                url, row = self.links.url(scheme, rtt), Contender(scheme, FIRST, OWN, None)
                state = self.known(row, rtt, version)
                state.mkdir(parents=True)
                (state / "0").write_text(files.SETTINGS, encoding="utf-8")
                self.run(self.prov(16, "-w")(url, state))
                self.run(self.bare("-w", state.parent / "tags")(url, None))

    def prepare(self):
        (self.links.dir / "new").mkdir()
        (self.links.dir / "new" / "0").write_text(files.SETTINGS, encoding="utf-8")
        self.remember(1)
        self.links.publish(2)
        self.remember(2)

    def arguments(self, row, rtt):
        known = self.known(row, rtt) if row.kind != FIRST else None
        if row.kind == FIRST and row.name.startswith(OWN):
            known = self.links.dir / "new"
        return row.argv(self.links.url(row.scheme, rtt), known)

    def run(self, argv):
        return self.links.inside("phone", lambda: Run(argv, self.env))

    def measure(self, row, rtt):
        done = self.run(self.arguments(row, rtt))
        row.times.setdefault(rtt, []).append(done.ms)
        row.cpu.append(done.cpu_ms)
        return done

    def count_instructions(self, row):
        """Of a program, by callgrind; of a script there is nothing to say."""
        if not row.name.startswith((BARE, OWN)) or not lab.find("valgrind"):
            return
        log = self.links.dir / "callgrind.log"
        self.run([lab.find("valgrind"), "--tool=callgrind", "--callgrind-out-file=/dev/null", f"--log-file={log}",
                  *self.arguments(row, self.links.rtts[0])])
        row.instructions = int(re.search(r"Collected : (\d+)", log.read_text(encoding="utf-8"))[1])


    def log(self):
        """What the server has to say of the requests since the last call: a list of words for each."""
        path = self.links.dir / "access.log"
        text = path.read_text(encoding="utf-8")
        path.write_text("", encoding="utf-8")
        return [line.split() for line in text.splitlines()]


# ---- tables ----

def show(value, digits=1):
    return "-" if value is None else f"{value:.{digits}f}"


def ratio(own, other):
    return f"{own / other:.2f}" if own is not None and other else "-"


def print_table(rows):
    print("| Run | With | Round trips | Own, ms | " + " | ".join(f"at {rtt} ms" for rtt in RTTS) + " | Processor, ms | x libcurl "
          "| Million instructions | x libcurl |\n|---|---|" + "---:|" * (6 + len(RTTS)))
    for row in rows:
        slope, rest = row.round_trips()
        like = next((r for r in rows if (r.scheme, r.kind, r.name) == (row.scheme, row.kind, row.like)), None)
        times = [show(statistics.median(row.times[rtt]), 0) for rtt in RTTS]
        million = row.instructions / 1e6 if row.instructions else None
        cells = [f"{row.scheme.upper()}, {row.kind}", row.name, show(slope), show(rest), *times, show(row.cpu_ms()),
                 ratio(row.cpu_ms(), like and like.cpu_ms()), show(million), ratio(row.instructions, like and like.instructions)]
        print("| " + " | ".join(cells) + " |", flush=True)


WANTED = [("http", FIRST, 6, 8.5), ("http", FIRST, 16, 5.3), ("https", FIRST, 6, 8.3), ("https", FIRST, 16, 7.3),
          ("http", CHANGED, 16, 3.3), ("https", CHANGED, 16, 4.3), ("http", SAME, 16, 2.3), ("https", SAME, 16, 4.3)]


def print_wanted(rows):
    print("\n| Round trips of libprov | Wanted | Measured |\n|---|---:|---:|")
    for scheme, kind, fetches, most in WANTED:
        for row in rows:
            if (row.scheme, row.kind, row.name) == (scheme, kind, f"{OWN}, {fetches}"):
                print(f"| {row.title} side by side | {most} | {show(row.round_trips()[0])} |")


# ---- the work ----

def fetched(row, done, links):
    """How many files there are now, or why it cannot be told."""
    if row.name.startswith((BARE, OWN)):
        found = re.match(r"(\d+) files", done.text)
        return int(found[1]) if found else 0
    return len(list((links.dir / "out").iterdir()))


# How many connections libprov has to take for 16 files of the first run, and how many of them with a session of TLS
# that an earlier one has brought.
CONNECTIONS = {("http", 6): (6, 0), ("http", 16): (16, 0), ("https", 6): (1, 0), ("https", 16): (8, 7)}


def check_connections(t, row, lines):
    wanted = CONNECTIONS.get((row.scheme, int(row.name.rpartition(" ")[2])))
    resumed = {connection for connection, _, reused, *_ in lines if reused == "r"}
    got = (len({connection for connection, *_ in lines}), len(resumed))
    t.same(f"{row.title}: connections, and those that resume", got, wanted)


def smoke(bench, links):
    t = lab.Tap()
    for row in bench.rows:
        bench.log()
        for path in bench.out.iterdir():
            path.unlink()
        try:
            done = bench.measure(row, links.rtts[0])
            # curl writes nothing where nothing has changed; the reference file never does.
            want = {FIRST: FILES, CHANGED: FILES - 1, SAME: 0}[row.kind] if row.name == "one curl" else FILES
            got = fetched(row, done, links)
            t.ok(f"{row.title}: all files", got >= want, f"{got} of {want}: {done.text}")
            if row.name.startswith(OWN) and row.kind == FIRST:
                check_connections(t, row, bench.log())
        except RuntimeError as e:
            t.ok(f"{row.title}: all files", False, e)
    for scheme in ("http", "https"):
        for version in (1, 2):
            state = bench.known(Contender(scheme, FIRST, OWN, None), links.rtts[0], version)
            result = files.values((state / "0").read_text(encoding="utf-8"))
            t.ok(f"{scheme}, version {version}: the settings are what they should be", result == files.expected(version))
    t.end()


def measure(bench, links, options):
    rows = [row for row in bench.rows if all(word in row.title for word in options.only)]
    begin = time.monotonic()
    for turn in range(options.rounds):
        for row in rows:
            for rtt in links.rtts:
                bench.measure(row, rtt)
        print(f"round {turn + 1}, {time.monotonic() - begin:.0f} s", file=sys.stderr, flush=True)
    if options.instructions:
        for row in rows:
            bench.count_instructions(row)
    print_table(rows)
    print_wanted(rows)


def why_not():
    missing = [p for p in ("nginx", "curl", "openssl") if not lab.find(p)]
    if missing:
        return f"not there: {', '.join(missing)}"
    if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
        return "there is no /dev/net/tun"
    return lab.why_not()


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("programs", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--instructions", action="store_true")
    parser.add_argument("--smoke", action="store_true")
    return parser.parse_args()


def main():
    options = parse()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    reason = why_not()
    if reason:
        print(f"1..0 # SKIP no benchmark of the network: {reason}")
        return
    lab.sweep()
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, -10)  # all of them alike; only to be exact on a busy machine
    with Links(options.programs, RTTS[:1] if options.smoke else RTTS) as links:
        try:
            links.serve()
            bench = Bench(links, options.programs)
            bench.prepare()
        except (RuntimeError, OSError) as e:
            sys.exit(f"{e}\n{links.logs()}\n{traceback.format_exc()}")
        if options.smoke:
            smoke(bench, links)
        else:
            measure(bench, links, options)


main()
