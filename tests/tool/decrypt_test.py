#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""prov decrypt: what the real openssl encrypted, wrong keys, files cut at every place, and no key shown.

usage: decrypt_test.py PROV
"""
import base64
import json
import os
import re
import shutil
import subprocess
import sys

import tap

OPENSSL = shutil.which("openssl")
if OPENSSL is None:
    print("1..0 # SKIP there is no openssl")
    sys.exit(0)

T = tap.Tap()
TOOL = tap.Tool(sys.argv[1])
KEY = "CANARYkey0123456789abcdefABCDEF!"
OTHER = "another-key-of-32-characters-00x"
LINE = '# Panasonic SIP Phone Standard Format File #\r\nSIP_AUTHID_1="CANARY-ID"\r\n'
CIPHERS, DIGESTS = ("128", "192", "256"), ("md5", "sha256")
SIZES = (0, 1, 15, 16, 17, 1000, 240 * 1024)


def text(size):
    return (LINE * (size // len(LINE) + 1)).encode()[:size]


def encrypt(plain, *more, bits="128", digest="md5", key=KEY):
    command = [OPENSSL, "enc", f"-aes-{bits}-cbc", "-a", "-md", digest, "-pass", f"pass:{key}", *more]
    return subprocess.run(command, input=plain, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout


def decrypt(data, *args, key=KEY):
    TOOL.write("a.enc", data)
    return TOOL.run("decrypt", "--key", key, *args, "a.enc")


def code_of(result):
    m = re.search(r"error: .*\[PROV-(\d+)\]", result.errors())
    return m[1] if m else None


def refused(name, result, *codes):
    """With a number, with nothing on stdout, and without the key."""
    good = result.code == 1 and result.out == b"" and code_of(result) in codes and KEY not in result.errors()
    T.ok(name, good and "CANARY" not in result.errors(), result.all())


def every_cipher():
    for bits in CIPHERS:
        for digest in DIGESTS:
            for size in SIZES:
                plain = text(size)
                data = encrypt(plain, bits=bits, digest=digest)
                r = decrypt(data)
                named = f"a.enc: aes-{bits}-cbc, key by {digest}, {size} bytes\n"
                good = r.code == 0 and r.out == plain and r.errors().endswith(named)
                T.ok(f"{bits} {digest} {size} bytes", good and ("PROV-0885" in r.errors()) == (digest == "sha256"), r.errors())
            r = decrypt(data, "--cipher", bits, "--digest", digest)
            T.ok(f"{bits} {digest} by options", r.code == 0 and r.out == plain and "PROV" not in r.errors(), r.errors())
            for other in set(CIPHERS) - {bits}:
                refused(f"{bits} {digest} is not {other}", decrypt(data, "--cipher", other, "--digest", digest), "1521")
            other = DIGESTS[digest == "md5"]
            refused(f"{bits} {digest} is not {other}", decrypt(data, "--cipher", bits, "--digest", other), "1521")


def wrong_keys():
    data = encrypt(text(1000))
    for key in (OTHER, KEY[:-1], KEY + " ", KEY.lower(), KEY[::-1], "x"):
        r = decrypt(data, key=key)
        refused(f"wrong key of {len(key)} characters", r, "1521")
        T.same(f"  its length is {'right' if len(key) == 32 else 'told'}", "PROV-0883" in r.errors(), len(key) != 32)
    # The padding alone would let one of 256 pass.
    codes = {(r.code, code_of(r)) for r in (decrypt(data, "--cipher", "128", "--digest", "md5", key=f"{i:032}") for i in range(400))}
    T.same("none of 400 wrong keys passes", codes, {(1, "1521")})


def cut():
    plain = text(2000)
    data = encrypt(plain)
    lines = data.splitlines(keepends=True)
    codes = [(i, code_of(r), r.code, r.out) for i in range(len(lines)) for r in [decrypt(b"".join(lines[:i]))]]
    want = [(0, "1501", 1, b"")] + [(i, "1523", 1, b"") for i in range(1, len(lines))]
    T.same("cut at every line", codes, want)
    short = encrypt(text(40))
    results = [decrypt(short[:i]) for i in range(len(short) - 1)]
    T.ok("cut at every byte", all(r.code == 1 and r.out == b"" and code_of(r) for r in results),
         [(i, r.all()) for i, r in enumerate(results) if r.code != 1 or r.out])
    codes = [code_of(r) for r in results]
    T.same("every way to be cut has its number", set(codes), {"1501", "1505", "1513", "1515", "1519", "1523"})
    T.same("without the last line end it is whole", decrypt(short[:-1]).out, text(40))
    raw = base64.b64decode(data)
    T.same("without base64", decrypt(raw).out, plain)
    codes = [code_of(decrypt(raw[:n])) for n in (9, 16, 17, 32, 47, len(raw) - 16, len(raw) - 1)]
    T.same("without base64, cut", codes, ["1515", "1517", "1519", "1523", "1519", "1523", "1519"])


def forms():
    plain = text(500)
    data = encrypt(plain)
    lines = data.decode().splitlines()
    good = {
        "CR LF": data.replace(b"\n", b"\r\n"),
        "blanks at the ends of lines": data.replace(b"\n", b" \t \n"),
        "one long line": data.replace(b"\n", b""),
        "short lines": "\n".join(re.findall(".{1,7}", "".join(lines))).encode(),
        "blank lines around": b"\n\r\n" + data + b"\n\n  ",
        "the last CR alone": data.replace(b"\n", b"\r\n")[:-1],
    }
    for name, form in good.items():
        T.same(name, decrypt(form).out, plain)
    bad = {
        "a blank at the beginning of a line": (data.replace(b"\n", b"\n ", 1), "1507", ":2:1:"),
        "a blank in a line": (data[:70] + b" " + data[70:], "1507", ":2:6:"),
        "CR as line end": (data.replace(b"\n", b"\r"), "1507", ":1:65:"),
        "a strange byte": (data[:66] + b"\xff" + data[67:], "1507", ":2:2:"),
        "NUL": (data[:66] + b"\0" + data[67:], "1507", ":2:2:"),
        "'=' in the middle": (data[:66] + b"=" + data[67:], "1509", ":2:2:"),
        "a second file": (encrypt(text(40)).replace(b"\n", b"") + data, "1511", ":1:89:"),
        "text behind it": (encrypt(text(20)) + b"-- \n", "1507", ":2:1:"),
    }
    for name, (form, code, place) in bad.items():
        r = decrypt(form)
        refused(name, r, code)
        T.ok(f"  its place is {place}", place in r.errors(), r.errors())


def not_encrypted():
    plain = text(200)
    refused("-nosalt", decrypt(encrypt(plain, "-nosalt")), "1505")
    refused("-nosalt, not base64", decrypt(base64.b64decode(encrypt(plain, "-nosalt"))), "1503")
    refused("plain text", decrypt(plain), "1503")
    refused("XML", decrypt(b"<?xml version='1.0'?><a/>"), "1503")
    refused("random bytes", decrypt(os.urandom(500)), "1503")
    refused("a word of base64", decrypt(b"abcdefghijklmnop"), "1505")
    refused("nothing", decrypt(b""), "1501")
    refused("blank lines", decrypt(b"\n \r\n"), "1501")


def damaged():
    data = bytearray(base64.b64decode(encrypt(text(600))))
    data[16 + 200] ^= 0x55
    r = decrypt(base64.encodebytes(bytes(data)))
    # A block of random bytes may happen to hold no control byte; then nobody can see it.
    T.ok("damage in the middle", (r.code, code_of(r)) == (1, "1525") or (r.code == 0 and r.out != text(600)), r.all())
    data[16 + 3] ^= 0x55
    refused("damage at the beginning", decrypt(base64.encodebytes(bytes(data))), "1521", "1525")
    binary = bytes(range(256)) * 4
    refused("what is no text", decrypt(encrypt(binary)), "1521")
    refused("what begins as text", decrypt(encrypt(LINE.encode() + binary)), "1525")
    T.same("what is no text, with --binary", decrypt(encrypt(binary, bits="256"), "--binary", "--cipher", "256", "--digest", "md5").out, binary)
    T.same("UTF-8 with a mark", decrypt(encrypt("\ufeff<ä/>".encode())).out, "\ufeff<ä/>".encode())


def keys_and_output():
    plain = text(300)
    TOOL.write("a.enc", encrypt(plain))
    for name, content in (("LF", KEY + "\n"), ("CR LF", KEY + "\r\nmore\r\n"), ("no line end", KEY)):
        TOOL.write("key", content)
        r = TOOL.run("decrypt", "--key-file", "key", "a.enc")
        T.ok(f"key file with {name}", r.code == 0 and r.out == plain and "PROV" not in r.errors(), r.all())
    T.same("key from stdin", TOOL.run("decrypt", "--key-file", "-", "a.enc", stdin=KEY.encode()).out, plain)
    T.same("file from stdin", TOOL.run("decrypt", f"--key={KEY}", "-", stdin=encrypt(plain)).out, plain)
    TOOL.write("key", "\n" + KEY)
    r = TOOL.run("decrypt", "--key-file", "key", "a.enc")
    T.ok("key file with an empty first line", r.code == 1 and "key: error" in r.errors() and "0881" in r.errors(), r.all())
    T.same("no key file", TOOL.run("decrypt", "--key-file", "none", "a.enc").code, 3)
    T.same("no file", TOOL.run("decrypt", "--key", KEY, "none").code, 3)
    r = TOOL.run("decrypt", "--key", KEY, "-o", "plain", "a.enc")
    T.ok("-o writes a file", r.code == 0 and r.out == b"" and (TOOL.dir / "plain").read_bytes() == plain, r.all())
    r = TOOL.run("decrypt", "--key", OTHER, "-o", "plain", "a.enc")
    T.ok("a failure leaves it alone", r.code == 1 and (TOOL.dir / "plain").read_bytes() == plain, r.all())
    for dialect in ("panasonic-utg", "panasonic-hdv", "auerswald-d"):
        T.same(f"--dialect {dialect}", TOOL.run("decrypt", "--dialect", dialect, "--key", KEY, "a.enc").out, plain)
    T.same("-o - is stdout", TOOL.run("decrypt", "--key", KEY, "-o", "-", "a.enc").out, plain)
    T.same("-o that cannot be written", TOOL.run("decrypt", "--key", KEY, "-o", "no/where", "a.enc").code, 3)


def account():
    TOOL.write("a.enc", encrypt(text(300), bits="192"))
    r = TOOL.run("decrypt", "--key", KEY, "--json", "-o", "plain", "a.enc")
    want = {"status": "decrypted", "file": "a.enc", "cipher": "aes-192-cbc", "digest": "md5", "bytes": 300, "diagnostics": []}
    T.ok("JSON", r.code == 0 and json.loads(r.out) == want and r.err == b"", r.all())
    T.same("JSON, the file is written", (TOOL.dir / "plain").read_bytes(), text(300))
    r = TOOL.run("decrypt", "--key", KEY, "--json", "a.enc")
    T.ok("JSON holds no content", r.code == 0 and json.loads(r.out) == want, r.all())
    r = TOOL.run("decrypt", "--key", OTHER, "--json", "a.enc")
    got = json.loads(r.out)
    T.ok("JSON of a refusal", r.code == 1 and got["status"] == "refused" and got["cipher"] is None and got["bytes"] == 0
         and [d["number"] for d in got["diagnostics"]] == ["PROV-1521"], r.all())


def usage():
    TOOL.write("a.enc", encrypt(text(300)))
    wrong = [
        [], ["a.enc"], ["--key", KEY], ["--key", "", "a.enc"], ["--key", KEY, "a.enc", "b.enc"],
        ["--key", KEY, "--key-file", "k", "a.enc"], ["--key-file", "-", "-"], ["--key", KEY, "--cipher", "512", "a.enc"],
        ["--key", KEY, "--digest", "sha1", "a.enc"], ["--key", KEY, "--nothing", "a.enc"], ["--key"],
    ]
    for args in wrong:
        r = TOOL.run("decrypt", *args)
        T.ok(f"usage {[a if a != KEY else 'KEY' for a in args]}", r.code == 2 and KEY not in r.errors() and r.out == b"", r.all())
    T.same("--help", TOOL.run("decrypt", "--help").code, 0)


def process_list():
    """While it waits for its input, the key is no longer among its arguments."""
    for args in (["--key", KEY], [f"--key={KEY}"]):
        run = subprocess.Popen([TOOL.program, "decrypt", *args, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, env=TOOL.env)
        # A pipe that is full, then one more byte taken: it has begun to read, so the options are behind it.
        run.stdin.write(b"\n" * (1 << 18))
        run.stdin.flush()
        with open(f"/proc/{run.pid}/cmdline", "rb") as f:
            seen = f.read()
        out, _ = run.communicate(encrypt(text(50)))
        T.ok(f"{args[0][:5]} is not to be seen", KEY.encode() not in seen and b"decrypt" in seen and out == text(50), seen)


def main():
    if TOOL.run("decrypt", "--key", KEY, "none").code == 2:
        r = TOOL.run("decrypt", "--key", KEY, "none")
        T.ok("built without libcrypto", "without libcrypto" in r.errors(), r.all())
        T.end()
    for part in (every_cipher, wrong_keys, cut, forms, not_encrypted, damaged, keys_and_output, account, usage):
        part()
    if os.path.exists("/proc/self/cmdline"):
        process_list()
    T.end()


main()
