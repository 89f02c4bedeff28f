# SPDX-License-Identifier: MIT
"""What a fault must end in, for all the tests of transports: one table row each, one function that looks.

A row says what the phone is given and how the run has to end: exit code, outcome, the diagnostic with its words, and
whether and when a phone would try again. That the old settings are left as they were, byte for byte, goes for all rows
that do not end well, and so does that no secret is shown.
"""
import dataclasses
import json

from lab import at_once, tap
from phone import PATCH, Phone

SECRET = "CANARY-PW"
# Without a schedule, so that the next run is a further attempt or none.
SETTINGS = tap.SETTINGS.replace("</configuration>", "<provisioning><execution>" + "".join(
    f"<{day}s>false</{day}s>" for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"))
    + "</execution></provisioning></configuration>")

# What a run ends in: exit code, outcome, seconds until the next attempt (None: there is none).
OWN_DELAY = (60, 90)  # the first of the library's delays, with its random part
ENDS = {
    "applied": (0, "applied", None),
    "unchanged": (0, "unchanged", None),
    "partial": (4, "partial", None),
    "refused": (1, "refused", None),
    "failed": (3, "failed", OWN_DELAY),
}


@dataclasses.dataclass
class Row:
    """One fault, or one thing that is none."""
    name: str
    url: str
    end: str  # a key of ENDS
    number: str = ""  # of the diagnostic that tells it, such as "0603"; "" = nothing is to be told
    words: str = ""  # that are in its text
    next: tuple = None  # seconds until the next attempt, from and to, where they are not those of the end
    options: tuple = ()  # further ones for the tool
    settings: str = SETTINGS
    files: dict = None  # those of the system that the phone has instead, as for Lab.entrance()
    check: object = None  # called with the Run; what it returns is what is wrong, or nothing


@dataclasses.dataclass
class Run:
    """A row that was run."""
    row: Row
    phone: Phone
    result: tap.Result
    doc: dict

    def settings(self):
        return (self.phone.state / "settings.xml").read_text(encoding="utf-8")

    def told(self):
        return [(d["number"], d["text"]) for d in self.doc.get("diagnostics", [])]


def run(net, program, row, files=None, timeout=40):
    """One row in a lab that is there."""
    phone = Phone(net, program, settings=row.settings)
    result = phone.tool("run", "--once", "--json", "--state", phone.state, "--url", row.url, *phone.device, *row.options,
                        files=row.files or files, timeout=timeout)
    try:
        doc = json.loads(result.out)
    except ValueError:
        doc = {}
    return Run(row, phone, result, doc)


def wrong_end(r):
    code, outcome, _ = ENDS[r.row.end]
    got = r.result.code, r.doc.get("outcome")
    return "" if got == (code, outcome) else f"ends in {got}, not in {(code, outcome)}"


def wrong_words(r):
    if not r.row.number:
        return "" if not r.told() else f"tells what nobody has to know: {r.told()}"
    wanted = "PROV-" + r.row.number
    if any(number == wanted and r.row.words in text for number, text in r.told()):
        return ""
    return f"does not tell {wanted} with {r.row.words!r}"


def wrong_settings(r):
    is_new = r.settings() != r.row.settings
    wanted = r.row.end in ("applied", "partial")
    if is_new != wanted or r.doc.get("written") != wanted:
        return f"settings {'changed' if is_new else 'as before'}, written: {r.doc.get('written')}"
    return ""


def wrong_next(r):
    wanted = r.row.next or ENDS[r.row.end][2]
    got = r.doc.get("next")
    if wanted is None:
        return "" if got is None else f"would try again: {got}"
    if not got or got.get("trigger") != "retry" or not wanted[0] <= got.get("at_s", -1) <= wanted[1]:
        return f"next attempt {got}, not a retry in {wanted[0]} to {wanted[1]} s"
    return ""


def shows_secrets(r):
    return "shows a secret" if SECRET in r.result.text() + r.result.errors() else ""


LOOKS = (("it ends as it should", wrong_end), ("it says what it was", wrong_words), ("the settings", wrong_settings),
         ("the next attempt", wrong_next), ("no secret is shown", shows_secrets))


def judge(t, group, r, logs=""):
    """One line for each aspect of a row."""
    text = f"{r.row.url}\n{r.result.errors()}{r.result.text()}\n{logs}"
    for aspect, look in LOOKS:
        wrong = look(r)
        t.ok(f"{group}: {r.row.name}: {aspect}", not wrong, f"{wrong}\n{r.told()}\n{text}")
    if r.row.check:
        wrong = r.row.check(r)
        t.ok(f"{group}: {r.row.name}: what else there is to see", not wrong, f"{wrong}\n{text}")


def table(t, group, net, program, rows, width=8, files=None, timeout=40):
    """All rows in one lab, several at a time; each has a phone, that is a state folder, of its own."""
    runs = at_once(lambda row: run(net, program, row, files, timeout), rows, width)
    for r in runs:
        judge(t, group, r, net.logs())
    return {r.row.name: r for r in runs}


def padded(size):
    """A patch of exactly this many bytes."""
    return PATCH.replace("<configuration>", "<configuration><!--" + "x" * (size - len(PATCH) - 7) + "-->", 1)
