#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""prov schedule, and prov run that stays: the schedule, SIGHUP, a start, the end.

usage: schedule_test.py PROV
"""
import datetime
import json
import re
import signal
import sys

import tap

T = tap.Tap()
TOOL = tap.Tool(sys.argv[1])
HDV = "# Panasonic SIP Phone Standard Format File #\n"
EXECUTION = "<configuration><provisioning><execution>{}</execution></provisioning></configuration>"


def schedule(*args):
    r = TOOL.run("schedule", "--json", *args)
    return r, json.loads(r.out)["runs"] if r.out else None


def times(runs):
    return [datetime.datetime.fromisoformat(x["at"]) for x in runs]


def by_time():
    TOOL.write("daily.xml", EXECUTION.format("<time>2:30</time>"))
    TOOL.write("weekly.xml", EXECUTION.format("".join(f"<{d}>{'true' if d == 'sundays' else 'false'}</{d}>" for d in (
        "mondays", "tuesdays", "wednesdays", "thursdays", "fridays", "saturdays", "sundays")) + "<time>23:05</time>"))
    r, runs = schedule("--settings", "daily.xml", "--from", "2026-11-23", "--zone", "UTC0")
    T.ok("ten runs, one a day, within the minute", r.code == 0 and len(runs) == 10 and all(
        (t.hour, t.minute) == (2, 30) for t in times(runs)), r.all())
    T.same("the days follow one another", [t.day for t in times(runs)], list(range(23, 31)) + [1, 2])
    T.ok("each says why", all(re.fullmatch(r"time: 02:30 \+ \d+ s of this device", x["why"]) and x["trigger"] == "time"
                              for x in runs), runs)
    again, same = schedule("--settings", "daily.xml", "--from", "2026-11-23", "--zone", "UTC0")
    T.same("the same every time", same, runs)
    r, other = schedule("--settings", "daily.xml", "--from", "2026-11-23", "--zone", "UTC0", "--mac", "00095200000F")
    T.ok("another phone has another second", r.code == 0 and other[0]["at"] != runs[0]["at"], other)
    r, runs = schedule("--settings", "weekly.xml", "--from", "2026-11-23 12:00", "--zone", "UTC0", "--count", "3")
    T.same("Sundays only", [(t.weekday(), t.day) for t in times(runs)], [(6, 29), (6, 6), (6, 13)])
    r, runs = schedule("--settings", "daily.xml", "--from", "@1774738800", "--zone", "Europe/Berlin", "--count", "2")
    T.ok("a time that does not exist on this day", times(runs)[0].hour == 3 and "does not exist" in runs[0]["why"]
         and times(runs)[1].hour == 2 and "does not exist" not in runs[1]["why"], r.all())
    r, runs = schedule("--settings", "daily.xml", "--from", "2026-10-24 12:00", "--zone", "Europe/Berlin", "--count", "2")
    T.same("a time that exists twice", [(t.hour, t.utcoffset().seconds) for t in times(runs)], [(2, 7200), (2, 3600)])
    TOOL.write("empty.xml", "<configuration/>")
    r, runs = schedule("--settings", "empty.xml", "--from", "2026-11-23", "--zone", "UTC0", "--count", "2")
    T.ok("without a time the phone has one of its own", r.code == 0 and times(runs)[0].hour < 6
         and times(runs)[1] - times(runs)[0] == datetime.timedelta(days=1), r.all())


def by_interval():
    TOOL.write("cyclic.cfg", HDV + 'CFG_CYCLIC="Y"\nCFG_CYCLIC_INTVL="600"\n')
    TOOL.write("both.cfg", HDV + 'CFG_CYCLIC="Y"\nCFG_CYCLIC_INTVL="600"\nCFG_RESYNC_TIME="04:00"\n')
    hdv = ["--dialect", "panasonic-hdv", "--from", "2026-11-23", "--zone", "UTC0", "--count", "3"]
    r, runs = schedule("--settings", "cyclic.cfg", *hdv)
    gaps = [b - a for a, b in zip(times(runs), times(runs)[1:])]
    T.same("every ten hours", gaps, [datetime.timedelta(hours=10)] * 2)
    T.ok("and says so", "every 600 min since the start" in runs[0]["why"], runs)
    r, runs = schedule("--settings", "both.cfg", *hdv)
    T.ok("a time of day switches the interval off", all(t.hour == 4 and t.minute < 30 for t in times(runs)), runs)
    TOOL.write("hdv/standard.cfg", HDV + 'CFG_CYCLIC="Y"\nCFG_CYCLIC_INTVL="600"\n')
    TOOL.write("hdv/user.cfg", HDV + 'CFG_RESYNC_TIME="05:00"\n')
    r, runs = schedule("--state", "hdv", *hdv)
    T.ok("all files of a phone's folder count", r.code == 0 and all(t.hour == 5 for t in times(runs)), r.all())
    T.ok("and stay as they are", TOOL.read("hdv/user.cfg") == (HDV + 'CFG_RESYNC_TIME="05:00"\n').encode()
         and TOOL.read("hdv/state") is None)


def for_people():
    r = TOOL.run("schedule", "--settings", "daily.xml", "--from", "2026-11-23", "--zone", "UTC0", "--count", "2")
    T.ok("one line for each run", r.code == 0 and re.fullmatch(
        r"(?:\w{3} 2026-11-2\d 02:30:\d\d UTC  time  time: 02:30 \+ \d+ s of this device\n){2}", r.text()), r.all())
    r = TOOL.run("schedule", "--settings", "empty.xml", "--dialect", "generic")
    T.ok("no runs", r.code == 5 and r.text().startswith("no runs by schedule"), r.all())
    r, runs = schedule("--settings", "empty.xml", "--dialect", "generic")
    T.ok("no runs: json", r.code == 5 and runs == [], r.all())
    TOOL.write("wrong.xml", EXECUTION.format("<time>25:00</time>"))
    r = TOOL.run("schedule", "--settings", "wrong.xml")
    T.ok("a time that is none is told", r.code == 0 and "PROV-1601" in r.errors(), r.all())
    TOOL.write("broken.xml", "<configuration>")
    for name, args, code, text in (
            ("settings that cannot be read", ["--settings", "broken.xml"], 1, "PROV-03"),
            ("no such file", ["--settings", "none.xml"], 3, "PROV-0801"),
            ("no such folder", ["--state", "none"], 3, "PROV-0831"),
            ("neither", [], 2, "either --settings or --state"),
            ("both", ["--settings", "daily.xml", "--state", "hdv"], 2, "either --settings or --state"),
            ("an operand", ["--settings", "daily.xml", "x"], 2, "there are no operands"),
            ("no count", ["--settings", "daily.xml", "--count", "0"], 2, "--count needs"),
            *[(f"no time: {t}", ["--settings", "daily.xml", "--from", t], 2, "--from needs") for t in (
                "tomorrow", "2026-04-31", "2026-13-01", "2026-01-01 24:00", "2026-01-01 1", "2026-01-01x", "@", "@-1", "@1x", "")]):
        r = TOOL.run("schedule", *args)
        T.ok(name, r.code == code and text in r.errors(), r.all())
    T.ok("no folder was made", not (TOOL.dir / "none").exists())


def stays(server):
    """A start, SIGHUP, what is told of the next run, and the end."""
    TOOL.write("stay/settings.xml", EXECUTION.format("<time>3:00</time>"))
    p = TOOL.start("run", "--state", "stay", "--url", f"{server.url}p.xml", "--trigger", "boot", "--boot-spread", "1")
    seen = tap.until(p, "^waiting for SIGHUP")
    T.ok("a run at start waits its turn", seen.startswith("waiting for its turn after the start\nattempt 1 (boot)"), seen)
    T.ok("and tells the next run", "outcome: applied" in seen and re.search(
        r"\nnext run \w{3} \d{4}-\d\d-\d\d 03:00:\d\d \S+ \(time: 03:00 \+ \d+ s of this device\)\n", seen), seen)
    p.send_signal(signal.SIGHUP)
    seen = tap.until(p, "^waiting for SIGHUP")
    T.ok("SIGHUP: another run at once", "attempt 1 (manual)" in seen and "outcome: unchanged" in seen, seen)
    p.send_signal(signal.SIGHUP)
    seen = tap.until(p, "^waiting for SIGHUP")
    T.ok("and once more", "attempt 1 (manual)" in seen and "next run " in seen, seen)
    p.send_signal(signal.SIGTERM)
    out, err = p.communicate(timeout=30)
    T.ok("SIGTERM: the end, with the code of the last run", p.returncode == 0 and err == b"", out + err)
    p = TOOL.start("run", "--state", "stay", "--url", "http://127.0.0.1:1/", "--retry", "tr069")
    seen = tap.until(p, "^next attempt in")
    T.ok("the delays of TR-069", re.search(r"^next attempt in ([5-9]|10) s", seen, re.M), seen)
    p.send_signal(signal.SIGTERM)
    p.communicate(timeout=30)
    r = TOOL.run("run", "--once", "--state", "stay", "--url", "http://127.0.0.1:1/", "--retry", "77+0", "--json")
    T.ok("a list of delays", r.code == 3 and json.loads(r.out)["next"]["at_s"] == 77, r.all())


def begin_to_follow(server):
    """The shortest interval there is takes a minute: it passes while everything else is tested."""
    TOOL.write("follow/user.cfg", HDV + 'CFG_CYCLIC="Y"\nCFG_CYCLIC_INTVL="1"\n')
    p = TOOL.start("run", "--state", "follow", "--dialect", "panasonic-hdv", "--url", f"{server.url}f.cfg")
    seen = tap.until(p, "^waiting for SIGHUP")
    T.ok("a run by hand, and when the next one comes", "attempt 1 (manual)" in seen and re.search(
        r"\nnext run .* \(interval: every 1 min since the start \+ [0-5] s of this device\)\n", seen), seen)
    return p


def follow(p):
    seen = tap.until(p, "^waiting for SIGHUP")
    T.ok("a run by schedule", "attempt 1 (time)" in seen and "outcome: unchanged" in seen, seen)
    p.send_signal(signal.SIGTERM)
    out, err = p.communicate(timeout=30)
    T.ok("SIGTERM ends the waiting", p.returncode == 0 and err == b"", out + err)


def main():
    TOOL.write("www/p.xml", tap.PATCH)
    TOOL.write("www/f.cfg", HDV + 'CFG_STANDARD_FILE_PATH="s.cfg"\n')
    TOOL.write("www/s.cfg", HDV + 'SIP_TIMER_T1="500"\n')
    with tap.Server(TOOL, "www") as server:
        phone = begin_to_follow(server)
        by_time()
        by_interval()
        for_people()
        stays(server)
        follow(phone)
    T.end()


if __name__ == "__main__":
    main()
