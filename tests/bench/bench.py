#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measure the benchmark programs and print one table of ratios.

usage: bench.py PROGRAMS WORK [--rounds N] [--limit SECONDS] [--smoke]

PROGRAMS is the folder of the programs, WORK a folder for generated files. All programs run in turn in
each round; figures are medians of the rounds, times those of the processor. A program that takes longer
than the limit for a pair of files is left out there; one that is near it runs in fewer rounds. With
--smoke only the smallest pair is run, without measuring: do all programs give the same settings?
"""
import argparse
import hashlib
import os
import pathlib
import re
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import xml.etree.ElementTree as tree

HERE = pathlib.Path(__file__).resolve().parent
SIZES = {"24 KB": 24_000, "240 KB": 240_000, "2.4 MB": 2_400_000, "24 MB": 24_000_000}
PAIRS = [("24 KB", 10), ("24 KB", 100), ("240 KB", 10), ("240 KB", 100), ("240 KB", 1000), ("2.4 MB", 100),
         ("2.4 MB", 1000), ("2.4 MB", 10000), ("24 MB", 1000), ("24 MB", 10000)]
PROGRAMS = {"prov": "libprov", "expat": "bare expat", "pugixml": "pugixml by hand", "pugixml_xpath": "pugixml XPath",
            "libxml2": "libxml2", "xmlstarlet": "xmlstarlet"}
CALLGRIND_MOST = 1_000_000  # bytes of settings that are counted instruction by instruction
ARGUMENTS_MOST = 1000  # operations that fit on xmlstarlet's command line
THE_PEER = "pugixml"


class TooSlow(Exception):
    pass


def run(command, limit):
    """The limit is of processor time; on a busy machine a program may wait for longer."""
    seconds = max(1, int(limit))
    try:
        return subprocess.run(command, timeout=limit * 20, check=True, capture_output=True, text=True,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1)))
    except subprocess.TimeoutExpired as slow:
        raise TooSlow from slow
    except subprocess.CalledProcessError as ended:
        if ended.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
            raise TooSlow from ended
        raise


class Program:
    def __init__(self, name, folder):
        self.name, self.folder = name, folder

    def call(self, mode, files, limit, variant=""):
        return run([self.folder / f"bench_{self.name}{variant}", mode, *files], limit)

    def time_ns(self, files, limit):
        return int(self.call("time", files, limit).stdout)

    def heap(self, files, limit):
        return int(self.call("heap", files, limit, "_heap").stdout)

    def write(self, files, result, limit):
        self.call("write", [*files, result], limit)

    def instructions(self, files, limit):
        out = files[0].with_suffix(".callgrind")
        done = run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", "--toggle-collect=bench_job",
                    self.folder / f"bench_{self.name}", "once", *files], limit * 50)
        out.unlink(missing_ok=True)
        return int(re.search(r"Collected : (\d+)", done.stderr)[1])


class XmlStarlet(Program):
    """A process for all operations, from start to end. The operations become options."""

    def arguments(self, operations):
        args = ["xmlstarlet", "ed", "-P"]
        for op in tree.parse(operations).getroot():
            path = "/configuration" + op.get("path").rstrip("/")
            if op.tag == "delete":
                args += ["-d", path]
            elif op.tag == "replace":
                args += ["-u", path + "/@value", "-v", op[0].get("value")]
            else:
                args += ["-s", path, "-t", "elem", "-n", "added", "-v", ""]
                for name, value in op[0].items():
                    args += ["-s", f"{path}/added", "-t", "attr", "-n", name, "-v", value]
                args += ["-r", f"{path}/added", "-v", op[0].tag]
        return args

    def time_ns(self, files, limit):
        args = self.arguments(files[1]) + [files[0]]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        run(args, limit)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return int((after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1e9)

    def write(self, files, result, limit):
        result.write_text(run(self.arguments(files[1]) + [files[0]], limit).stdout, encoding="utf-8")

    def heap(self, files, limit):
        """The largest resident set of the process, which is more than its heap."""
        probe = ("import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True);"
                 "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)")
        return int(run([sys.executable, "-c", probe, *self.arguments(files[1]), files[0]], limit).stdout) * 1024

    def instructions(self, files, limit):
        return None


def canonical(path):
    """A digest of the elements, attributes and texts; white space between elements does not count."""
    digest = hashlib.sha256()
    for event, element in tree.iterparse(path, ("start", "end")):
        if event == "start":
            digest.update(repr((element.tag, sorted(element.items()))).encode())
        else:
            text = element.text or ""
            digest.update(repr(("end", text.strip() if len(element) else text)).encode())
            for child in element:
                digest.update((child.tail or "").strip().encode())
            element[:] = []
    return digest.hexdigest()


def generate(work, size, count):
    settings, operations = work / f"settings-{SIZES[size]}.xml", work / f"operations-{SIZES[size]}-{count}.xml"
    make = [sys.executable, HERE / "generate.py"]
    if not settings.exists():
        subprocess.run([*make, "settings", str(SIZES[size]), settings], check=True)
    if not operations.exists():
        subprocess.run([*make, "operations", str(count), settings, operations], check=True)
    return settings, operations


def check_results(programs, files, work, limit):
    """Those that are fast enough; ends the program if a result differs."""
    good, expected = {}, None
    for name, program in programs.items():
        result = work / f"result-{name}.xml"
        try:
            if name != "expat":  # which has no result
                program.write(files, result, limit)
                digest = canonical(result)
                expected = expected or digest
                if digest != expected:
                    sys.exit(f"{name}: another result than libprov's for {files[1].name}: {result}")
                result.unlink()
            good[name] = program
        except TooSlow:
            pass
    return good


def measure(programs, files, options):
    """Per program: ns, heap, instructions; what took too long is None."""
    times = {name: [] for name in programs}
    slow = set()
    for _ in range(options.rounds):
        for name, program in programs.items():
            if name in slow or sum(times[name]) > options.limit * 1e9:
                continue
            try:
                times[name].append(program.time_ns(files, options.limit))
            except TooSlow:
                slow.add(name)
    figures = {}
    for name, program in programs.items():
        if name in slow:
            continue
        try:
            heap = program.heap(files, options.limit)
        except TooSlow:
            heap = None
        counted = files[0].stat().st_size <= CALLGRIND_MOST
        figures[name] = (statistics.median(times[name]), heap,
                         program.instructions(files, options.limit) if counted else None)
    return figures


def show(value, unit, digits=1):
    return "-" if value is None else f"{value / unit:.{digits}f}"


def print_pair(size, count, files, figures, programs, options):
    peer = figures.get(THE_PEER)
    own = figures.get("prov")
    settings = files[0].stat().st_size
    for name, title in PROGRAMS.items():
        if name not in programs:
            continue
        row = f"| {size} | {count:,} | {title} "
        if name not in figures:
            print(row + f"| > {options.limit * 1000:,.0f} | - | - | - | - |")
            continue
        ns, heap, instructions = figures[name]
        to_peer = f"{ns / peer[0]:.2f}" if peer and peer[0] else "-"
        to_own = f"{ns / own[0]:.2f}" if own and own[0] else "-"
        print(row + f"| {show(ns, 1e6, 2)} | {to_peer} | {to_own} | {show(heap, settings, 2)} "
                    f"| {show(instructions, 1e6)} |")
    sys.stdout.flush()


def print_sizes(folder):
    """Text of libprov's part of the program, and of the libraries of the others."""
    def text(path):
        return int(run(["size", path], 10).stdout.splitlines()[1].split()[0])

    def library(program, name):
        found = re.search(rf"{name}\S* => (\S+)", run(["ldd", folder / f"bench_{program}"], 10).stdout)
        return text(os.path.realpath(found[1])) if found else None

    rows = [("libprov: what the benchmark uses of it", text(folder / "bench_prov") - text(folder / "bench_none")),
            ("expat, which libprov needs", library("expat", "libexpat")), ("pugixml", library("pugixml", "libpugixml")),
            ("libxml2", library("libxml2", "libxml2"))]
    print("\n| Text size | Bytes |\n|---|---:|")
    for title, size in rows:
        print(f"| {title} | {size:,} |" if size else f"| {title} | - |")


def print_growth(medians):
    """Operations and keys both ten times as many."""
    print("\n| Growth, settings and operations x 10 | " + " | ".join(PROGRAMS.values()) + " |")
    print("|---|" + "---:|" * len(PROGRAMS))
    chain = [("24 KB", 10), ("240 KB", 100), ("2.4 MB", 1000), ("24 MB", 10000)]
    for small, large in zip(chain, chain[1:]):
        cells = []
        for name in PROGRAMS:
            a, b = medians.get((*small, name)), medians.get((*large, name))
            cells.append(f"x {b / a:.1f}" if a and b and name != "expat" else "-")
        print(f"| {small[0]}, {small[1]:,} to {large[0]}, {large[1]:,} | " + " | ".join(cells) + " |")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("programs", type=pathlib.Path)
    parser.add_argument("work", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--limit", type=float, default=20)
    parser.add_argument("--smoke", action="store_true")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    programs = {name: (XmlStarlet if name == "xmlstarlet" else Program)(name, options.programs) for name in PROGRAMS
                if name != "xmlstarlet" or shutil.which("xmlstarlet")}
    if options.smoke:
        files = generate(options.work, *PAIRS[0])
        good = check_results(programs, files, options.work, 60)
        print(f"{len(good) - 1} programs, one result")
        sys.exit(0 if len(good) == len(programs) else 1)
    print("| Settings | Operations | Program | Time, ms | x pugixml by hand | x libprov | Heap x settings "
          "| Million instructions |\n|---|---:|---|---:|---:|---:|---:|---:|")
    medians = {}
    for size, count in PAIRS:
        files = generate(options.work, size, count)
        able = {n: p for n, p in programs.items() if n != "xmlstarlet" or count <= ARGUMENTS_MOST}
        good = check_results(able, files, options.work, options.limit)
        figures = measure(good, files, options)
        print_pair(size, count, files, figures, able, options)
        medians.update({(size, count, name): f[0] for name, f in figures.items()})
    print_growth(medians)
    print_sizes(options.programs)


main()
