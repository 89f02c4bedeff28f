# SPDX-License-Identifier: MIT
"""What the tests of the tool share: counting, running it, and a server on loopback."""
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<configuration>
  <users version="1.34.0">
    <user name="admin">
      <password>CANARY-OLD</password>
      <role>admin</role>
    </user>
  </users>
  <telephony version="1.34.0">
    <callWaiting>
      <active>true</active>
      <tone>false</tone>
    </callWaiting>
  </telephony>
  <keys version="1.34.0">
    <phoneXtensions>
      <key keyNumber="1" label="one"/>
      <key keyNumber="2" label="two"/>
    </phoneXtensions>
  </keys>
</configuration>
"""

PATCH = """<configuration>
  <telephony>
    <callWaiting>
      <tone>true</tone>
    </callWaiting>
  </telephony>
  <keys>
    <phoneXtensions>
      <key keyNumber="2" label="zwei"/>
      <key keyNumber="3" label="drei"/>
    </phoneXtensions>
  </keys>
</configuration>
"""

PASSWORD_PATCH = """<configuration>
  <users>
    <user name="admin">
      <password>CANARY-NEW</password>
      <role>admin</role>
    </user>
  </users>
</configuration>
"""

OPERATIONS = """<operations>
  <delete path="/keys/phoneXtensions/key[@keyNumber='1']"/>
  <replace path="/telephony/callWaiting/tone"><tone>true</tone></replace>
  <add path="/users/"><user name="guest"><role>user</role></user></add>
</operations>
"""

REFERENCES = """<?xml version="1.0"?>
<referencedSettings>
  <url>base.xml</url>
  <url>/site/common.xml</url>
  <url>http://other.example.net/third.xml</url>
  <url>/prov.py?mac={mac}&amp;type=&lt;HWTYP&gt;</url>
</referencedSettings>
"""

NOTIFY = """<notifySync>
  <checkSync>
    <url>http://prov.example.net/{mac}.xml</url>
    <dataAvailable>true</dataAvailable>
  </checkSync>
</notifySync>
"""


class Tap:
    """Counts cases and prints them as TAP."""

    def __init__(self):
        self.count = 0
        self.failed = 0

    def ok(self, name, good, detail=""):
        self.count += 1
        print(f"{'ok' if good else 'not ok'} {self.count} - {name}", flush=True)
        if not good:
            self.failed += 1
            for line in str(detail).splitlines()[:60]:
                print(f"#   {line}", flush=True)

    def same(self, name, got, want):
        self.ok(name, got == want, f"expected: {want!r}\ngot:      {got!r}")

    def end(self):
        print(f"1..{self.count}", flush=True)
        sys.exit(1 if self.failed else 0)


class Result:
    def __init__(self, done):
        self.code = done.returncode
        self.out = done.stdout
        self.err = done.stderr

    def text(self):
        return self.out.decode("utf-8", "backslashreplace")

    def errors(self):
        return self.err.decode("utf-8", "backslashreplace")

    def all(self):
        return f"exit {self.code}\nstdout: {self.text()}\nstderr: {self.errors()}"


class Tool:
    """Runs the program in a folder of its own, with no environment to speak of."""

    def __init__(self, program):
        self.program = str(pathlib.Path(program).resolve())
        self.temp = tempfile.TemporaryDirectory(prefix="prov-tool-")
        self.dir = pathlib.Path(self.temp.name)
        keep = ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LD_LIBRARY_PATH", "LSAN_OPTIONS")
        self.env = {k: v for k, v in os.environ.items() if k in keep}

    def run(self, *args, stdin=b"", timeout=60, stdout=subprocess.PIPE, wrapper=()):
        done = subprocess.run([*wrapper, self.program, *args], cwd=self.dir, input=stdin, stdout=stdout,
                              stderr=subprocess.PIPE, timeout=timeout, env=self.env)
        return Result(done)

    def write(self, name, content):
        path = self.dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def read(self, name):
        path = self.dir / name
        return path.read_bytes() if path.exists() else None

    def stay(self, *args, until_line):
        """A phone that stays, ended as soon as a line fits. The result has all it printed."""
        process = self.start(*args)
        seen = until(process, until_line)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=60)
        process.stdout, process.stderr = seen.encode() + out, err
        return Result(process)

    def start(self, *args, stdout=subprocess.PIPE):
        return subprocess.Popen([self.program, *args], cwd=self.dir, stdin=subprocess.DEVNULL, stdout=stdout,
                                stderr=subprocess.PIPE, env=self.env)


def until(process, pattern):
    """What a program prints, up to and with the line that fits; all of it if none does."""
    seen = ""
    while not re.search(pattern, seen.splitlines()[-1] if seen else ""):
        line = process.stdout.readline().decode("utf-8", "backslashreplace")
        if not line:
            break
        seen += line
    return seen


class Server:
    """`prov serve` on a free port, until the end of the with block."""

    def __init__(self, tool, folder, *more):
        self.process = tool.start("serve", folder, "--port", "0", *more)
        self.first = self.process.stdout.readline().decode()
        found = re.search(r" on (http://\S+:(\d+)/)$", self.first.strip())
        self.url, self.port = (found.group(1), int(found.group(2))) if found else ("", 0)
        self.code = None
        self.log = ""

    def stop(self, number=signal.SIGTERM):
        if self.code is None:
            self.process.send_signal(number)
            out, err = self.process.communicate(timeout=30)
            self.log = out.decode("utf-8", "backslashreplace")
            self.errors = err.decode("utf-8", "backslashreplace")
            self.code = self.process.returncode

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def steady(text, *places):
    """The text without what differs from run to run."""
    for place in places:
        text = text.replace(place, "PLACE/")
    text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", text)
    text = re.sub(r"\b\d+ ms\b", "N ms", text)
    text = re.sub(r"\|[ =]{23}[ =]\| +\d+\.\d{3}-\d+\.\d{3} s", f"|{'=' * 24}|  S-S s", text)
    return re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME", text)
