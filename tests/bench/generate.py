#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Make settings and operations of the documented form.

usage: generate.py settings BYTES FILE
       generate.py operations COUNT SETTINGS FILE

Half of the settings are keys, in one list; the rest are templates, identities and sections of small
values. There is an element in about 40 bytes. Operations go all over the keys: eight of ten replace a
parameter, one adds one, one deletes one. The same arguments always give the same files.
"""
import re
import sys

IDENTITY = ["active", "username", "password", "displayname", "registrar", "registrarPort", "dtmfMethod",
            "domain", "sendRegister", "registerInterval"]
DAYS = ["mondays", "tuesdays", "wednesdays", "thursdays", "fridays", "saturdays", "sundays"]


def key(n):
    return (f'      <key keyNumber="{n}" label="Line {n}" icon="">\n'
            f"        <templateName>Dial only</templateName>\n"
            f"        <parameters>\n"
            f'          <parameter name="uri" value="{n + 200}"/>\n'
            f'          <parameter name="line" value="1"/>\n'
            f"        </parameters>\n"
            f"      </key>\n")


def template(n):
    lines = ["function", " invocations", "  invocation", "   invite", "    uri/", "    line", "     id/", "    /line",
             "   /invite", "  /invocation", " /invocations", "/function"]
    text = "".join(f"      {line[:len(line) - len(line.lstrip())]}<{line.lstrip()}>\n" for line in lines)
    return (f'    <template name="T{n}" prio="{n % 50}" description="" icon="" label="">\n{text}'
            f"      <parameters>\n"
            f'        <parameter name="uri">\n          <path>//invite/uri</path>\n        </parameter>\n'
            f"      </parameters>\n    </template>\n")


def identity(n):
    values = ["true", str(200 + n), f"secret-{n}", f"Desk &amp; {n}", "pbx.example.net", "5060", "rtp", "", "true", "30"]
    inner = "".join(f"      <{name}>{value}</{name}>\n" for name, value in zip(IDENTITY, values))
    return f"    <identity>\n{inner}    </identity>\n"


def execution(n):
    inner = "".join(f"      <{day}>{'true' if (n + i) % 3 else 'false'}</{day}>\n" for i, day in enumerate(DAYS))
    return f"    <execution>\n{inner}      <time>02:{n % 60:02}</time>\n    </execution>\n"


def fill(make, want):
    """As many members as it takes."""
    parts, size = [], 0
    while size < want:
        parts.append(make(len(parts) + 1))
        size += len(parts[-1].encode())
    return "".join(parts)


def settings(size):
    section = '  <{0} version="1.34.0">\n{1}  </{0}>\n'.format
    return ('<?xml version="1.0" encoding="utf-8"?>\n<configuration>\n'
            + section("update", fill(execution, size * 0.14))
            + section("identities", fill(identity, size * 0.14))
            + section("templates", fill(template, size * 0.20))
            + section("keys", f"    <phoneXtensions>\n{fill(key, size * 0.51)}    </phoneXtensions>\n")
            + "</configuration>\n")


def operation(i, keys):
    """A stride that has no factor in common with the number of keys visits all of them."""
    n, turn = i * 7919 % keys + 1, i // keys
    parameters = f"/keys/phoneXtensions/key[@keyNumber='{n}']/parameters"
    if i % 10 == 7:
        return f'  <add path="{parameters}/">\n    <parameter name="note{turn}" value="{i}"/>\n  </add>\n'
    if i % 10 == 3 and turn == 0:
        return f'  <delete path="{parameters}/parameter[@name=\'line\']"/>\n'
    return (f'  <replace path="{parameters}/parameter[@name=\'uri\']">\n'
            f'    <parameter name="uri" value="{i + 700}"/>\n  </replace>\n')


def operations(count, text):
    keys = len(re.findall("<key ", text))
    if keys % 7919 == 0:
        sys.exit("choose another size")
    return "<operations>\n" + "".join(operation(i, keys) for i in range(count)) + "</operations>\n"


def main():
    kind, number, *paths = sys.argv[1:]
    if kind == "settings":
        text = settings(int(number))
    else:
        with open(paths[0], encoding="utf-8") as f:
            text = operations(int(number), f.read())
    with open(paths[-1], "w", encoding="utf-8") as f:
        f.write(text)


main()
