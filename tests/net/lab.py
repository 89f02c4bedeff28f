# SPDX-License-Identifier: MIT
"""A network of the test's own: namespaces joined by a bridge, real programs in them, and what goes over the wire.

A Lab has the hosts `phone` and `server`, and `other` when asked for. Each has the interface IF with one IPv4 and one
IPv6 address of the documentation ranges (or one of them); the server's is a bridge, which the other cables end at, so
that a recorder in the server's namespace sees every frame of the phone.
"""
import atexit
import concurrent.futures
import ctypes
import itertools
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tool"))
import tap  # noqa: E402

IF = "lan0"
V4 = {"server": "192.0.2.1", "phone": "192.0.2.10", "other": "192.0.2.66"}
V6 = {"server": "2001:db8::1", "phone": "2001:db8::10", "other": "2001:db8::66"}
AUERSWALD_MAC = "00:09:52:00:00:0e"
PANASONIC_MAC = "00:80:f0:c5:71:eb"

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNS, CLONE_NEWNET, PR_SET_PDEATHSIG = 0x00020000, 0x40000000, 1
MS_REC, MS_PRIVATE, MS_BIND = 0x4000, 0x40000, 0x1000


def check_call(result):
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


# ---- what is there ----

def peers_folder():
    return os.environ.get("PROV_PEERS", "")


def find(name):
    """The path of a program: installed, or unpacked below PROV_PEERS. None if it is not there."""
    for base in ("", peers_folder()):
        for folder in ("/usr/sbin", "/sbin", "/usr/bin", "/bin"):
            if os.access(f"{base}{folder}/{name}", os.X_OK):
                return f"{base}{folder}/{name}"
    return None


def peer_env():
    """For programs that were unpacked: their libraries are beside them."""
    env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}
    base = peers_folder()
    if base:
        found = [str(p) for f in ("usr/lib", "lib") for p in [pathlib.Path(base, f), *pathlib.Path(base, f).glob("*-linux-*")]]
        env["LD_LIBRARY_PATH"] = ":".join(found)
    return env


def why_not():
    """Why there can be no lab here, or None."""
    if not sys.platform.startswith("linux"):
        return "network namespaces are a thing of Linux"
    if os.geteuid() != 0:
        return "making network namespaces needs root"
    if not find("ip"):
        return "the program ip (iproute2) is not installed"
    try:
        with Lab(hosts=("phone", "server")):
            return None
    except (OSError, RuntimeError) as e:
        return f"no network namespace can be made here: {str(e).strip().splitlines()[-1]}"


def ip(*args, check=True):
    done = subprocess.run([find("ip"), *args], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if check and done.returncode != 0:
        raise RuntimeError(f"ip {' '.join(args)}: {done.stderr.strip() or done.returncode}")
    return done.stdout


# ---- one program ----

class Program:
    """A program in the background, with all it says in a file. Ends with the test, whatever becomes of that."""

    def __init__(self, lab, host, argv, env=None, name=None, cwd=None, files=None):
        self.name = name or pathlib.Path(argv[0]).name
        self.log_path = lab.dir / f"{self.name}-{next(lab.count)}.log"
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                [str(a) for a in argv], stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                cwd=cwd or lab.dir, env=env or peer_env(), preexec_fn=lab.entrance(host, files))
        lab.programs.append(self)

    def log(self):
        return self.log_path.read_bytes().decode("utf-8", "backslashreplace")

    def wait_for(self, condition, seconds=10):
        """Until condition() or the text of the log says that it is up; bounded."""
        if isinstance(condition, str):
            text = condition
            condition = lambda: text in self.log()  # noqa: E731
        end = time.monotonic() + seconds
        while not condition():
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{self.name} does not start (exit {self.process.poll()}):\n{self.log()[-2000:]}")
            time.sleep(0.02)
        return self

    def end(self, seconds=10):
        """Waits for it; its exit code, or None if it had to be stopped."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.stop()
            return None

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(3)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return self.process.returncode


# ---- the network ----

class Lab:
    """Hosts joined by a bridge. Use it in a with block; at the latest the end of the process takes it down."""

    alive = set()
    broken = []  # what a sanitizer said about a program
    numbers = itertools.count(1)

    def __init__(self, hosts=("phone", "server"), mode="dual", mac=AUERSWALD_MAC):
        self.hosts, self.mode, self.mac = hosts, mode, mac
        self.number = next(Lab.numbers)
        self.temp = tempfile.TemporaryDirectory(prefix=f"prov-net-{os.getpid()}-")
        self.dir = pathlib.Path(self.temp.name)
        self.dir.chmod(0o755)  # some daemons give up being root
        self.programs, self.count = [], itertools.count(1)
        Lab.alive.add(self)
        try:
            self.build()
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def ns(self, host):
        return f"prov{os.getpid()}-{self.number}-{host}"

    def build(self):
        for host in self.hosts:
            ip("netns", "add", self.ns(host))
            self.sysctl(host, "ipv6/conf/default/accept_dad", "0")
            self.sysctl(host, "ipv6/conf/default/accept_ra", "0")
            ip("-n", self.ns(host), "link", "set", "lo", "up")
        server = self.ns("server")
        # No snooping: a group that nobody has joined yet must still be heard by a recorder.
        ip("-n", server, "link", "add", "name", IF, "type", "bridge", "mcast_snooping", "0", "stp_state", "0")
        for host in self.hosts:
            if host != "server":
                ip("-n", server, "link", "add", "name", f"to-{host}", "type", "veth", "peer", "name", IF,
                   "netns", self.ns(host))
                ip("-n", server, "link", "set", f"to-{host}", "master", IF, "up")
        ip("-n", self.ns("phone"), "link", "set", IF, "address", self.mac)
        for host in self.hosts:
            self.address(host)

    def address(self, host):
        name = self.ns(host)
        ip("-n", name, "link", "set", IF, "up")
        if self.mode != "ipv6":
            ip("-n", name, "address", "add", f"{V4[host]}/24", "dev", IF)
            ip("-n", name, "route", "add", "224.0.0.0/4", "dev", IF)
        if self.mode != "ipv4":
            ip("-n", name, "address", "add", f"{V6[host]}/64", "dev", IF, "nodad")
        else:
            # A link-local address would still be an IPv6 address of the interface.
            self.sysctl(host, f"ipv6/conf/{IF}/disable_ipv6", "1")

    def sysctl(self, host, name, value):
        def write():
            with open(f"/proc/sys/net/{name}", "w", encoding="ascii") as f:
                f.write(value)
        self.inside(host, write)

    def inside(self, host, function):
        """Calls a function with this thread in the namespace of a host. Sockets made there stay there."""
        with open("/proc/thread-self/ns/net", "rb") as home, open(f"/run/netns/{self.ns(host)}", "rb") as there:
            check_call(LIBC.setns(there.fileno(), CLONE_NEWNET))
            try:
                return function()
            finally:
                check_call(LIBC.setns(home.fileno(), CLONE_NEWNET))

    def socket(self, host, family, kind, proto=0):
        return self.inside(host, lambda: socket.socket(family, kind, proto))

    def entrance(self, host, files=None):
        """What a child does between fork and exec: enters the namespace; dies when the test does.

        It and its children see `files` in place of those of the system: a table of their paths, such as /etc/hosts."""
        path = f"/run/netns/{self.ns(host)}".encode()
        mounts = [(str(own).encode(), of_system.encode()) for of_system, own in (files or {}).items()]

        def enter():
            LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
            fd = os.open(path, os.O_RDONLY)
            check_call(LIBC.setns(fd, CLONE_NEWNET))
            os.close(fd)
            if mounts:
                check_call(LIBC.unshare(CLONE_NEWNS))
                check_call(LIBC.mount(None, b"/", None, MS_REC | MS_PRIVATE, None))
            for own, of_system in mounts:
                check_call(LIBC.mount(own, of_system, None, MS_BIND, None))
        return enter

    def start(self, host, *argv, **more):
        return Program(self, host, argv, **more)

    def run(self, host, *argv, timeout=30, env=None, files=None, cwd=None):
        """A program in the foreground; a tap.Result."""
        result = tap.Result(subprocess.run(
            [str(a) for a in argv], stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout, check=False,
            cwd=cwd or self.dir, env=env or peer_env(), preexec_fn=self.entrance(host, files)))
        Lab.look(result.errors())
        return result

    @staticmethod
    def look(text):
        if re.search(r"Sanitizer|runtime error:", text):
            Lab.broken.append(text)

    def write(self, name, content):
        path = self.dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def names(self, *names):
        """Files for Program and run(): these names lead to the server."""
        lines = ["127.0.0.1 localhost", "::1 localhost"]
        for name in names:
            lines += [f"{V4['server']} {name}"] if self.mode != "ipv6" else []
            lines += [f"{V6['server']} {name}"] if self.mode != "ipv4" else []
        return {"/etc/hosts": self.write("hosts", "\n".join(lines) + "\n")}

    def logs(self):
        return "\n".join(f"--- {p.name}\n{p.log()[-1500:]}" for p in self.programs)

    def close(self):
        if self not in Lab.alive:
            return
        Lab.alive.discard(self)
        for program in reversed(self.programs):
            program.stop()
            Lab.look(program.log())
        for host in self.hosts:
            ip("netns", "del", self.ns(host), check=False)
        self.temp.cleanup()


def sweep():
    """Takes down what a test that was killed outright has left behind."""
    def is_left(pid):
        return not os.path.exists(f"/proc/{pid}")

    for line in ip("netns", "list", check=False).splitlines():
        found = re.match(r"prov(\d+)-\d+-\w+", line)
        if found and is_left(found[1]):
            ip("netns", "del", found[0], check=False)
    for path in pathlib.Path(tempfile.gettempdir()).glob("prov-net-*-*"):
        if path.name.split("-")[2].isdigit() and is_left(path.name.split("-")[2]):
            shutil.rmtree(path, ignore_errors=True)


@atexit.register
def close_all():
    for lab in list(Lab.alive):
        lab.close()


# ---- counting ----

class Tap(tap.Tap):
    """As for the tool, but from several threads; and what is left out is said and counted."""

    lock = threading.RLock()

    def ok(self, name, good, detail=""):
        with Tap.lock:
            super().ok(name, good, detail)

    def skip(self, name, why):
        with Tap.lock:
            self.count += 1
            print(f"ok {self.count} - {name} # SKIP {why}", flush=True)

    def needs(self, name, *programs):
        """True if all are there; else one line says which is not."""
        missing = [p for p in programs if not find(p)]
        if missing:
            self.skip(name, f"not there: {', '.join(missing)}")
        return not missing


def guarded(t, test):
    """One test; one that raises has failed, and the others go on."""
    try:
        test(t)
    except Exception as e:  # pylint: disable=broad-except
        t.ok(f"{test.__name__} runs to its end", False, f"{e}\n{traceback.format_exc()}")


def together(t, *tests):
    """Tests that only wait for the most part, all at the same time. Each makes a Lab of its own."""
    at_once(lambda test: guarded(t, test), tests, len(tests))


def main(tests, name):
    """Runs each test(T), one after the other."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    t = Tap()
    reason = why_not()
    if reason:
        t.skip(name, reason)
        t.end()
    sweep()
    for test in tests:
        guarded(t, test)
    t.ok(f"{name}: no sanitizer has anything to say", not Lab.broken, "\n".join(Lab.broken))
    t.end()


def at_once(work, rows, width=6):
    """work(row) for all rows, several at a time; the results in order. Each makes a Lab of its own."""
    with concurrent.futures.ThreadPoolExecutor(width) as pool:
        return list(pool.map(work, rows))
