#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""STO-1: prov run, killed at random instants, leaves the old or the new settings, never a mixture.

usage: kill_test.py PROV [ROUNDS]
"""
import os
import random
import subprocess
import sys
import time

import tap

ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 200
T = tap.Tap()
TOOL = tap.Tool(sys.argv[1])
MAGIC = "# Panasonic SIP Phone Standard Format File #\r\n"


def patch(number):
    """A patch that changes many lines; every line of the settings names its version."""
    rows = "".join(f"<template name=\"t{i}\" label=\"version {number}\"/>\n" for i in range(1, 301))
    return {"patch.xml": f"<configuration>\n<templates patch=\"false\">\n{rows}</templates>\n</configuration>\n"}


def layers(number):
    """The same in two files that are kept as they come."""
    rows = "".join(f"NAME_{i}=\"version {number}\"\r\n" for i in range(1, 301))
    return {"first.cfg": MAGIC + f"CFG_STANDARD_FILE_PATH=\"standard.cfg\"\r\nVERSION=\"{number}\"\r\n",
            "standard.cfg": MAGIC + rows}


class Family:
    """A phone: what it fetches, the files of its settings, and whether they change one by one."""

    def __init__(self, name, version, files, *more):
        self.name, self.version, self.files, self.more = name, version, files, more

    def publish(self, number):
        for name, text in self.version(number).items():
            TOOL.write("www/next.tmp", text)
            os.replace(TOOL.dir / "www/next.tmp", TOOL.dir / "www" / name)

    def arguments(self, url):
        return ["run", "--once", "--state", self.name, "--url", url, *self.more]

    def once(self, server):
        return TOOL.run(*self.arguments(server.url + list(self.version(0))[0]))

    def kept(self):
        return "\0".join((TOOL.read(f"{self.name}/{name}") or b"").decode() for name in self.files)

    def restart(self):
        """A start that finds no server: several files are one only behind it."""
        if len(self.files) > 1:
            TOOL.run(*self.arguments("http://127.0.0.1:9/none.cfg"))


FAMILIES = [Family("auerswald", patch, ["settings.xml"]),
            Family("panasonic", layers, ["initial.cfg", "standard.cfg"], "--dialect", "panasonic-hdv")]


def contents(family, server):
    """What the settings are with each version, as runs that are not killed leave them."""
    whole = []
    for number in (0, 1):
        family.publish(number)
        r = family.once(server)
        T.ok(f"{family.name}: version {number} is applied", r.code == 0, r.all())
        whole.append(family.kept())
    T.ok(f"{family.name}: the two versions differ", whole[0] != whole[1] and len(whole[0]) > 5000)
    return whole


def duration(family, server):
    """Of a run that writes, in seconds: the median of a few."""
    times = []
    for i in range(7):
        family.publish(i % 2)
        start = time.monotonic()
        family.once(server)
        times.append(time.monotonic() - start)
    return sorted(times)[3]


def kill_once(family, server, delay):
    p = TOOL.start(*family.arguments(server.url + list(family.version(0))[0]), stdout=subprocess.DEVNULL)
    end = time.monotonic() + delay
    while time.monotonic() < end and p.poll() is None:
        pass  # a sleep is too coarse for a run of a few milliseconds
    p.kill()
    p.communicate(timeout=30)
    return p.returncode == -9


def kill_often(family, server, rounds):
    rnd = random.Random(4711)
    mixed, stuck, killed, news = [], [], 0, 0
    whole = contents(family, server)
    longest = duration(family, server)
    family.publish(0)
    family.once(server)
    for i in range(rounds):
        old, new = whole[i % 2], whole[(i + 1) % 2]
        family.publish((i + 1) % 2)
        # Every other one at an instant when files are being written.
        killed += kill_once(family, server, longest * (rnd.uniform(0, 1) if i % 2 else rnd.uniform(0.5, 1)))
        family.restart()
        now = family.kept()
        news += now == new
        if now not in (old, new):
            mixed.append((i, len(now), now[:200]))
        start = time.monotonic()
        r = family.once(server)
        longest = 0.8 * longest + 0.2 * (time.monotonic() - start)  # the machine may be busy now and then
        if r.code != 0 or family.kept() != new:
            stuck.append((i, r.all()))
    T.ok(f"{family.name}, {rounds} kills: always the old or the new settings, whole", not mixed, mixed[:3])
    T.ok(f"{family.name}, {rounds} kills: the next run works", not stuck, stuck[:3])
    T.ok(f"{family.name}: many were killed before they ended", killed >= rounds // 4, killed)
    left = sorted(p.name for p in (TOOL.dir / family.name).iterdir())
    T.ok(f"{family.name}: nothing but the files of the store is left",
         not any(name.endswith(".new") or name == "transaction" for name in left), left)
    print(f"# {killed} of {rounds} killed in time, {news} with the new settings in force, a run takes {longest * 1000:.1f} ms")


def main():
    TOOL.write("www/patch.xml", "")
    with tap.Server(TOOL, "www") as server:
        for family in FAMILIES:
            kill_often(family, server, ROUNDS // len(FAMILIES))
    T.end()


main()
