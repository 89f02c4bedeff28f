#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Others can use the library: as a subproject, and installed, by pkg-config, shared and static."""
import os
import pathlib
import shutil
import sys
import tempfile

import shared
from shared import ROOT, problem

PROGRAM = """#include <prov/prov.h>

int
main(void)
{
    const struct prov_dialect *d = prov_dialect_find(prov_str_z("auerswald-d"));
    struct prov_arena arena;
    struct prov_xml x;
    static unsigned char block[65536];
    const struct prov_limits limits = { .size = sizeof(limits), .xml_nodes = 16 };
    uint32_t root;

    prov_arena_init(&arena, block, sizeof(block));
    if (d == NULL || prov_xml_init(&x, &arena, &limits, NULL, 0) != PROV_OK)
        return 1;
    return prov_xml_parse(&x, prov_str_z("x"), prov_str_z("<a/>"), &root, NULL) == PROV_OK ? 0 : 2;
}
"""
MESON = """project('user', 'c', default_options: 'c_std=c11')
prov = dependency('prov', fallback: 'libprov', default_options: 'tests=disabled')
exe = executable('user', 'main.c', dependencies: prov)
test('runs', exe)
"""
QUIET = ["-Dtests=disabled", "-Dtool=disabled", "-Dexamples=disabled"]


def plain_environment():
    """The build under test may have been set up with other compilers or flags."""
    return {k: v for k, v in os.environ.items() if k not in ("CC", "CFLAGS", "LDFLAGS", "PKG_CONFIG_PATH", "DESTDIR")}


def step(what, command, **more):
    done = shared.run(command, **{"env": plain_environment(), **more})
    if done.returncode != 0:
        problem(f"{what}: {' '.join(str(c) for c in command)}\n{done.stdout}")
    return done.returncode == 0


def subproject(folder, meson):
    user = folder / "user"
    (user / "subprojects").mkdir(parents=True)
    (user / "subprojects" / "libprov").symlink_to(ROOT)
    (user / "main.c").write_text(PROGRAM, encoding="utf-8")
    (user / "meson.build").write_text(MESON, encoding="utf-8")
    for library in ("static", "shared"):
        build = user / f"build-{library}"
        setup = [*meson, "setup", build, user, f"-Ddefault_library={library}", "-Dlibprov:tool=disabled"]
        if step("as a subproject", setup) and step("as a subproject", [*meson, "compile", "-C", build]):
            step("as a subproject", [*meson, "test", "-C", build])


def installed(folder, meson):
    build, target = folder / "build", folder / "target"
    # As few features as possible: what a firmware build uses, and what works on a bare system.
    setup = [*meson, "setup", build, ROOT, "--prefix=/opt/prov", "-Dlibdir=lib", *QUIET, "--buildtype=release"]
    if not step("set up", setup) or not step("compile", [*meson, "compile", "-C", build]):
        return
    if not step("install", [*meson, "install", "-C", build, "--no-rebuild"], env={**plain_environment(), "DESTDIR": str(target)}):
        return
    if not shutil.which("pkg-config"):
        problem("pkg-config is missing")
        return
    library = target / "opt/prov/lib"
    env = {**plain_environment(), "PKG_CONFIG_SYSROOT_DIR": str(target), "PKG_CONFIG_PATH": str(library / "pkgconfig")}
    (folder / "main.c").write_text(PROGRAM, encoding="utf-8")
    for kind, ask, link in (("shared", [], []), ("static", ["--static"], ["-static"])):
        done = shared.run(["pkg-config", *ask, "--cflags", "--libs", "prov"], env=env)
        program = folder / f"user-{kind}"
        flags = done.stdout.split()
        if done.returncode != 0:
            problem(f"pkg-config {kind}: {done.stdout}")
        elif step(f"link {kind}", ["cc", "-std=c11", *link, folder / "main.c", *flags, "-o", program]):
            step(f"run {kind}", [program], env={**plain_environment(), "LD_LIBRARY_PATH": str(library)})


def main():
    meson = sys.argv[1:]
    with tempfile.TemporaryDirectory() as name:
        subproject(pathlib.Path(name), meson)
        installed(pathlib.Path(name), meson)
    shared.finish("subproject, installed shared, installed static")


main()
