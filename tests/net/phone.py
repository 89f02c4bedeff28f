# SPDX-License-Identifier: MIT
"""The phone under test: the tool in the namespace of the phone, with a state folder for each run."""
import json
import os
import sys
import time

import tap
from lab import AUERSWALD_MAC, IF, PANASONIC_MAC, Program

MACS = {"auerswald-d": AUERSWALD_MAC, "auerswald-d100": AUERSWALD_MAC, "generic": AUERSWALD_MAC,
        "panasonic-utg": PANASONIC_MAC, "panasonic-hdv": PANASONIC_MAC}
MODELS = {"panasonic-utg": "KX-UTG200B", "panasonic-hdv": "KX-HDV130"}
PATCH = "<configuration><telephony><callWaiting><tone>true</tone></callWaiting></telephony></configuration>"
# Dialects for whose files the tool has no engine: their search is run by another program (search_main.c).
SEARCH_ONLY = ("panasonic-utg", "panasonic-hdv")


def tool_env():
    keep = ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LD_LIBRARY_PATH", "LSAN_OPTIONS", "PATH")
    return {k: v for k, v in os.environ.items() if k in keep}


class Phone:
    """Runs the tool in a lab, in the host `phone` if not told otherwise."""

    def __init__(self, lab, program, dialect="auerswald-d", settings=None, host="phone", mac=None):
        self.lab, self.program, self.dialect, self.host = lab, os.path.abspath(program), dialect, host
        self.device = ["--dialect", dialect, "--mac", mac or lab.mac]
        self.state = lab.dir / f"state-{next(lab.count)}"
        self.state.mkdir(mode=0o700)
        if settings is None and dialect.startswith("auerswald"):
            settings = tap.SETTINGS
        if settings is not None:
            (self.state / "settings.xml").write_text(settings)

    def tool(self, *args, timeout=30, files=None, program=None):
        return self.lab.run(self.host, os.path.abspath(program or self.program), *args, env=tool_env(), timeout=timeout,
                            files=files)

    def arguments(self, more):
        model = ["--model", MODELS[self.dialect]] if self.dialect in MODELS else []
        return ["run", "--state", self.state, "--interface", IF, "--once", *self.device, *model, *more]

    def run(self, *more, timeout=30, files=None):
        """One run to its end; its record is the attribute `doc`."""
        result = self.tool(*self.arguments(more), "--json", timeout=timeout, files=files,
                           program=sys.argv[2] if self.dialect in SEARCH_ONLY else None)
        try:
            result.doc = json.loads(result.out)
        except ValueError:
            result.doc = {"sources": [], "fetches": [], "diagnostics": []}
        return result

    def start(self, *args, **more):
        return Program(self.lab, self.host, [self.program, *args], env=tool_env(), name="prov", **more)


def applied(program, seconds=15):
    """Waits until a phone that stays has applied something, and ends it; its exit code."""
    end = time.monotonic() + seconds
    while "outcome: applied" not in program.log() and program.process.poll() is None and time.monotonic() < end:
        time.sleep(0.02)
    program.wait_for(lambda: program.process.poll() is not None or "waiting for" in program.log(), 5)
    return program.stop()


def source(doc, name):
    """The record of a source, by name; an empty one if it is not there."""
    return next((s for s in doc["sources"] if s["name"] == name), {})


def outcomes(doc):
    return {s["name"]: s["outcome"] for s in doc["sources"]}


def story(result, recorder, logs=""):
    """What happened, for whoever has to find out why a test failed: the shortest first."""
    lines = [f"exit {result.code}, outcome {result.doc.get('outcome')}"]
    for s in result.doc["sources"]:
        lines.append("  " + ", ".join(str(s[k]) for k in ("name", "outcome", "reason", "url", "from") if s.get(k)))
    lines += [f"  {d}" for d in result.doc["diagnostics"]] + [result.errors(), recorder.text()]
    return "\n".join(lines) + (f"\n{result.text()}" if not result.doc["sources"] else "") + "\n" + logs
