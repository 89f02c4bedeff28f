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


def version(number):
    """A patch that changes many lines; every line of the settings names its version."""
    rows = "".join(f"<template name=\"t{i}\" label=\"version {number}\"/>\n" for i in range(1, 301))
    return f"<configuration>\n<templates patch=\"false\">\n{rows}</templates>\n</configuration>\n"


def publish(number):
    TOOL.write("www/next.tmp", version(number))
    os.replace(TOOL.dir / "www/next.tmp", TOOL.dir / "www/patch.xml")


def once(server):
    return TOOL.run("run", "--once", "--state", "state", "--url", server.url + "patch.xml")


def kept():
    return (TOOL.read("state/settings.xml") or b"").decode()


def contents(server):
    """What the settings are with each version, as runs that are not killed leave them."""
    whole = []
    for number in (0, 1):
        publish(number)
        r = once(server)
        T.ok(f"version {number} is applied", r.code == 0, r.all())
        whole.append(kept())
    T.ok("the two versions differ", whole[0] != whole[1] and len(whole[0]) > 5000)
    return whole


def duration(server):
    """Of a run that writes, in seconds: the median of a few."""
    times = []
    for i in range(7):
        publish(i % 2)
        start = time.monotonic()
        once(server)
        times.append(time.monotonic() - start)
    return sorted(times)[3]


def kill_once(server, delay):
    p = TOOL.start("run", "--once", "--state", "state", "--url", server.url + "patch.xml", stdout=subprocess.DEVNULL)
    end = time.monotonic() + delay
    while time.monotonic() < end and p.poll() is None:
        pass  # a sleep is too coarse for a run of a few milliseconds
    p.kill()
    p.communicate(timeout=30)
    return p.returncode == -9


def main():
    rnd = random.Random(4711)
    mixed, stuck, killed, news = [], [], 0, 0

    TOOL.write("www/patch.xml", version(0))
    with tap.Server(TOOL, "www") as server:
        whole = contents(server)
        longest = duration(server)
        publish(0)
        once(server)
        for i in range(ROUNDS):
            old, new = whole[i % 2], whole[(i + 1) % 2]
            publish((i + 1) % 2)
            # Every other one at an instant when files are being written.
            killed += kill_once(server, longest * (rnd.uniform(0, 1) if i % 2 else rnd.uniform(0.5, 1)))
            now = kept()
            news += now == new
            if now not in (old, new):
                mixed.append((i, len(now), now[:200]))
            start = time.monotonic()
            r = once(server)
            longest = 0.8 * longest + 0.2 * (time.monotonic() - start)  # the machine may be busy now and then
            if r.code != 0 or kept() != new:
                stuck.append((i, r.all()))
        T.ok(f"{ROUNDS} kills: always the old or the new settings, whole", not mixed, mixed[:3])
        T.ok(f"{ROUNDS} kills: the next run works", not stuck, stuck[:3])
        T.ok("many were killed before they ended", killed >= ROUNDS // 4, killed)
        left = sorted(p.name for p in (TOOL.dir / "state").iterdir())
        T.ok("nothing but the files of the store is left", len(left) <= 6, left)
    print(f"# {killed} of {ROUNDS} killed in time, {news} with the new settings in force, a run takes {longest * 1000:.1f} ms")
    T.end()


main()
