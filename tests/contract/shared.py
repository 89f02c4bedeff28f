# SPDX-License-Identifier: MIT
"""What the contract tests share: the tree, the rings, and plain object files."""
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIB = ROOT / "lib"
PUBLIC = ROOT / "include" / "prov"
SKIP = 77  # meson: skipped

WARNINGS = """-Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wvla -Wcast-qual
-Wmissing-prototypes -Wstrict-prototypes -Werror""".split()

# The C library of the pure rings.
LIBC = {"memchr", "memcmp", "memcpy", "memmove", "memset", "strchr", "strlen"}

# ring -> the rings it may use.
RINGS = {
    "base": {"base"},
    "dialects": {"base", "dialects"},
    "core": {"base", "dialects", "core"},
    "session": {"base", "core", "session"},
    "driver": {"base", "core", "session", "driver"},
}

_problems = []


def problem(text):
    """Note one problem; finish() prints and counts them."""
    _problems.append(text)
    print(text)


def finish(what):
    if _problems:
        print(f"{len(_problems)} problem(s)")
        sys.exit(1)
    print(f"ok: {what}")
    sys.exit(0)


def name(path):
    return str(path.relative_to(ROOT))


def sources():
    """The plain list that makefiles read, as paths relative to lib/."""
    return (LIB / "sources.txt").read_text(encoding="utf-8").split()


def headers(adapters=False):
    found = sorted(PUBLIC.glob("*.h"))
    return found + sorted((PUBLIC / "adapters").glob("*.h")) if adapters else found


def code(text):
    """C text without comments; strings stay, and so do line numbers."""

    def blank(m):
        return m[0] if m[0][0] in "\"'" else " " + "\n" * m[0].count("\n")

    return re.sub(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|/\*.*?\*/|//[^\n]*', blank, text, flags=re.S)


def run(command, **more):
    """Run; the result has .returncode and .stdout with both streams as text."""
    return subprocess.run(
        [str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more
    )


def compilers():
    return [cc for cc in ("gcc", "clang") if shutil.which(cc)] or ["cc"]


def objects(folder, *more, cc="cc"):
    """Compile every listed source by itself, without the build's flags. Gives {source: object}."""
    made = {}
    for source in sources():
        made[source] = pathlib.Path(folder) / (source.replace("/", "_")[:-2] + ".o")
        command = [cc, "-std=c11", "-O2", "-fno-pic", "-fno-stack-protector", "-U_FORTIFY_SOURCE"]
        done = run(
            command + ["-I", ROOT / "include", "-I", LIB, *more, "-c", LIB / source, "-o", made[source]],
            cwd=folder,
        )
        if done.returncode != 0:
            problem(f"lib/{source} does not compile by itself:\n{done.stdout}")
            finish("")
    return made


def symbols(obj, *options):
    """(type, name) of each symbol of an object file or library."""
    done = subprocess.run(["nm", *options, str(obj)], capture_output=True, text=True, check=True)
    rows = (line.split() for line in done.stdout.splitlines())
    return [(row[-2], row[-1].split("@")[0]) for row in rows if len(row) >= 2]


def exported():
    """{function: (header, comment above or None, return type)} of every PROV_API function."""
    found = {}
    for header in headers():
        text = header.read_text(encoding="utf-8")
        for m in re.finditer(r"(/\*\*(?:(?!\*/).)*\*/)?\s*^PROV_API\b([^;{]*?)\b(prov_\w+)\s*\(", text, re.S | re.M):
            found[m[3]] = (header, m[1], " ".join(m[2].replace("PROV_NODISCARD", "").split()))
    return found
