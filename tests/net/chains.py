# SPDX-License-Identifier: MIT
"""Certificates and chains of them, good and bad, made by the program openssl."""
import datetime
import pathlib
import shutil
import subprocess

CONFIG = """
[ca]
default_ca = lab
[lab]
new_certs_dir = {folder}
database = {folder}/index.txt
unique_subject = no
default_md = sha256
policy = any
rand_serial = yes
copy_extensions = none
[any]
commonName = supplied
[req]
distinguished_name = name
prompt = no
[name]
"""
DAY = 24 * 60 * 60
VALID = (-DAY, 2 * DAY)  # seconds from now
EXPIRED = (-3 * DAY, -DAY)
LATER = (DAY, 3 * DAY)
AUTHORITY = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign"


def stamp(seconds):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)).strftime("%Y%m%d%H%M%SZ")


class Forge:
    """Makes certificates in a folder. Each is a file NAME.pem, its key KEY.key."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(exist_ok=True)
        self.config = self.folder / "ca.cnf"
        self.config.write_text(CONFIG.format(folder=self.folder), encoding="ascii")

    def openssl(self, *args):
        done = subprocess.run([shutil.which("openssl"), *map(str, args)], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, check=False, cwd=self.folder)
        if done.returncode != 0:
            raise RuntimeError(f"openssl {args[0]}: {done.stderr[-800:]}")

    def key(self, name):
        path = self.folder / f"{name}.key"
        if not path.exists():
            self.openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path)
        return path

    def make(self, name, by=None, subject=None, extensions=AUTHORITY, valid=VALID, key=None):
        """A certificate by an authority, None = by itself; the path. Two of one key and subject are the same to who follows
        a chain: `key` is the name of the other."""
        own, request, out = self.key(key or name), self.folder / f"{name}.csr", self.folder / f"{name}.pem"
        extra = self.folder / f"{name}.ext"
        extra.write_text(extensions + "\n", encoding="ascii")
        (self.folder / "index.txt").write_text("", encoding="ascii")
        self.openssl("req", "-new", "-config", self.config, "-key", own, "-subj", f"/CN={subject or key or name}", "-out", request)
        signer = ["-selfsign", "-keyfile", own] if by is None else ["-cert", self.folder / f"{by}.pem", "-keyfile", self.key(by)]
        self.openssl("ca", "-batch", "-notext", "-config", self.config, "-in", request, "-out", out, "-startdate", stamp(valid[0]),
                     "-enddate", stamp(valid[1]), "-extfile", extra, *signer)
        return out

    def server(self, name, by, names=None, valid=VALID, more="", subject=None):
        """A certificate for a server; names: its subjectAltName, DNS:name if not told, "" = none."""
        names = f"DNS:{name}" if names is None else names
        text = "basicConstraints=CA:FALSE\n" + (f"subjectAltName={names}\n" if names else "") + more
        return self.make(name, by, subject=subject, extensions=text, valid=valid)

    def chain(self, name, *others):
        """One file of several certificates, the first one being that of the server."""
        path = self.folder / f"{name}.chain"
        path.write_text("".join((self.folder / f"{n}.pem").read_text(encoding="ascii") for n in (name, *others)), encoding="ascii")
        return path

    def bundle(self, name, *parts):
        path = self.folder / f"{name}.crt"
        path.write_text("".join((self.folder / f"{n}.pem").read_text(encoding="ascii") for n in parts), encoding="ascii")
        return path

    def hashed(self, folder, *names):
        """A folder in which each certificate is found by the hash of its subject."""
        folder.mkdir()
        for name in names:
            (folder / f"{name}.pem").write_text((self.folder / f"{name}.pem").read_text(encoding="ascii"), encoding="ascii")
        self.openssl("rehash", folder)
