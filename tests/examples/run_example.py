#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Run one example and compare what it prints.

usage: run_example.py PROGRAM LAB EXPECTED

The event-loop client gets a server on loopback and a folder with the settings of the lab phone.
"""
import functools
import http.server
import pathlib
import subprocess
import sys
import tempfile
import threading


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


def run(program, *args):
    done = subprocess.run([program, *args], capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        sys.exit(f"{program} ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def run_client(program, lab):
    """Provision twice: the second time nothing is left to do."""
    handler = functools.partial(Quiet, directory=str(lab / "server"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, tempfile.TemporaryDirectory() as folder:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings = pathlib.Path(folder) / "settings.xml"
        settings.write_bytes((lab / "phone/settings.xml").read_bytes())
        url = f"http://127.0.0.1:{server.server_port}/prov/references.xml"
        out = run(program, folder, url) + run(program, folder, url)
        if b"Night service" not in settings.read_bytes():
            sys.exit("the settings do not hold what the server sent")
        server.shutdown()
        return out


def main():
    program, lab, expected = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    out = run_client(program, lab) if "event_loop" in program else run(program)
    if out != expected.read_text():
        sys.exit(f"--- expected\n{expected.read_text()}--- printed\n{out}")


main()
