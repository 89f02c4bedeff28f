#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""STO-2: prov run --confirm, and what a start says of the one before.

usage: trial_test.py PROV
"""
import os
import re
import signal
import sys

import tap

T = tap.Tap()
TOOL = tap.Tool(sys.argv[1])


def publish(label):
    TOOL.write("www/patch.xml", f'<configuration><templates patch="false"><template name="t" label="{label}"/>'
                                "</templates></configuration>")


def arguments(server, seconds):
    return ["run", "--once", "--state", "state", "--url", server.url + "patch.xml", "--confirm", str(seconds)]


def settings():
    return (TOOL.read("state/settings.xml") or b"").decode()


def until_trial(server, seconds):
    """A run that is on trial: the process, and what it has said."""
    p = TOOL.start(*arguments(server, seconds))
    said = ""
    for line in p.stdout:
        said += line.decode()
        if "on trial for" in said:
            break
    return p, said


def undone(server):
    publish("one")
    r = TOOL.run(*arguments(server, 1))
    T.ok("without a signal they are undone", r.code == 1 and "outcome: undone" in r.text(), r.all())
    T.ok("and it is said why", "[PROV-0711]" in r.errors(), r.all())
    T.same("there were none before", settings(), "")
    r = TOOL.run(*arguments(server, 1))
    T.ok("the same files are refused", r.code == 1 and "[PROV-0713]" in r.errors(), r.all())


def confirmed(server):
    publish("two")
    p, said = until_trial(server, 60)
    number = re.search(r"kill -USR1 (\d+)", said)
    T.ok("the process tells its number", number is not None and int(number.group(1)) == p.pid, said)
    p.send_signal(signal.SIGUSR1)
    out, _ = p.communicate(timeout=30)
    T.ok("with the signal they stay", p.returncode == 0 and b"registered: the new settings stay" in out, out)
    T.ok("and are in force", 'label="two"' in settings(), settings())
    r = TOOL.run(*arguments(server, 60))
    T.ok("the next run has nothing to try", r.code == 0 and "outcome: unchanged" in r.text(), r.all())


def restarted(server):
    publish("three")
    p, _ = until_trial(server, 60)
    p.kill()
    p.communicate(timeout=30)
    T.ok("killed on trial", 'label="three"' in settings(), settings())
    p, said = until_trial(server, 60)
    T.ok("the next start goes on with the trial", "waiting for the registration" in said, said)
    p.kill()
    p.communicate(timeout=30)
    r = TOOL.run(*arguments(server, 60))
    T.ok("a second one undoes them at once", r.code == 1 and "outcome: undone" in r.text(), r.all())
    T.ok("the settings before are in force", 'label="two"' in settings(), settings())


def repaired(server):
    """As a power cut leaves the folder, before the commit point and behind it."""
    publish("two")
    TOOL.write("state/settings.xml.new", settings().replace("two", "torn"))
    r = TOOL.run(*arguments(server, 60))
    T.ok("what was not committed is discarded, and that is said", "it is discarded" in r.text(), r.all())
    T.ok("the old settings are in force", 'label="two"' in settings(), settings())
    TOOL.write("state/settings.xml.new", settings().replace("two", "late"))
    TOOL.write("state/transaction", "libprov transaction 2\nput settings.xml\nend\n")
    publish("late")
    r = TOOL.run(*arguments(server, 60), "--json")
    T.ok("what was committed is completed, and that is said", "it is completed" in r.errors(), r.all())
    T.ok("the new settings are in force", 'label="late"' in settings(), settings())
    r = TOOL.run(*arguments(server, 60))
    T.ok("once", "the last run ended" not in r.text(), r.all())


def main():
    publish("zero")
    with tap.Server(TOOL, "www") as server:
        undone(server)
        confirmed(server)
        restarted(server)
        repaired(server)
        r = TOOL.run(*arguments(server, 0))
        T.ok("no window is a mistake", r.code == 2 and "--confirm needs" in r.errors(), r.all())
    modes = {oct(os.stat(TOOL.dir / "state" / name).st_mode & 0o777) for name in os.listdir(TOOL.dir / "state")
             if name not in ("settings.xml", "settings.previous.xml")}
    T.same("nobody else can read what was written", modes, {"0o600"})
    T.end()


main()
