# SPDX-License-Identifier: MIT
"""What the benchmark's server has: a reference file and 16 patches of 15 KB, in two versions; and what must come out.

Keys of the phone and of six modules, templates, users; the last four files say something else about what the first
ones said, as files of a site, a model and a person do. All values differ between the versions.
"""
import xml.etree.ElementTree as tree

BYTES = 15_000
REFERENCE = "reference.xml"

SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<configuration>
  <provisioning version="1.34.0">
    <active>true</active>
    <url></url>
  </provisioning>
  <telephony version="1.34.0">
    <callWaiting>
      <active>true</active>
      <tone>true</tone>
    </callWaiting>
  </telephony>
  <keys version="1.34.0">
    <phoneXtensions>
      <key keyNumber="1" label="Front desk" info="201" icon="">
        <templateName>Busy lamp</templateName>
        <parameters>
          <parameter name="@string/uri" value="201"/>
        </parameters>
      </key>
    </phoneXtensions>
  </keys>
</configuration>
"""


def fill(make, most=10_000):
    """As many as come close to the size of a file."""
    parts, size = [], 0
    while size < BYTES - 300 and len(parts) < most:
        parts.append(make(len(parts) + 1))
        size += len(parts[-1])
    return "".join(parts)


def key(n, label, more=""):
    return (f'      <key keyNumber="{n}" label="{label} {n}" info="{200 + n}" icon="">\n'
            f"        <templateName>Busy lamp</templateName>\n"
            f"        <parameters>\n"
            f'          <parameter name="@string/uri" value="{label.lower()}-{n}@pbx.example.net"/>\n'
            f'          <parameter name="@string/identity" value="1"/>\n'
            f"        </parameters>\n{more}"
            f"      </key>\n")


def phone_key(n, label):
    """The phone has 40 keys at most: there is more in each."""
    return key(n, label, "        <keyConfiguration>\n          <longPress>\n"
                         f"            <templateName>Call forwarding {label}</templateName>\n"
                         f"            <target>{label.lower()}-{700 + n}@pbx.example.net</target>\n"
                         "          </longPress>\n        </keyConfiguration>\n")


def module(number, label):
    return (f'  <keys version="1.34.0">\n    <extensionModule{number}>\n{fill(lambda n: key(n, label), 60)}'
            f"    </extensionModule{number}>\n  </keys>\n")


def phone(label):
    return (f'  <keys version="1.34.0">\n    <phoneXtensions>\n{fill(lambda n: phone_key(n, label), 40)}'
            "    </phoneXtensions>\n  </keys>\n")


def template(n, number, label):
    states = "".join(f'          <state name="{name}"><led color="{color}" mode="{mode}"/><text>{label} {name}</text></state>\n'
                     for name, color, mode in [("idle", "off", "still"), ("ringing", "red", "fast"), ("busy", "red", "still"),
                                               ("held", "green", "slow"), ("away", "orange", "slow")])
    return (f'    <template name="T{number}-{n}" prio="{n}" description="{label}" icon="" label="">\n'
            f"      <keyConfiguration>\n        <states>\n{states}        </states>\n      </keyConfiguration>\n"
            f"      <parameters>\n"
            f'        <parameter name="@string/uri" type="uri"><path>//invite/uri</path></parameter>\n'
            f"      </parameters>\n    </template>\n")


def templates(number, label):
    return f'  <templates version="1.34.0">\n{fill(lambda n: template(n, number, label))}  </templates>\n'


def users(label):
    return '  <users version="1.34.0">\n' + fill(lambda n: (
        f'    <user name="user{n}">\n      <displayName>{label} {n}</displayName>\n'
        f"      <password>{label.lower()}-secret-{n}</password>\n      <role>user</role>\n    </user>\n")) + "  </users>\n"


def sections(version):
    """Name and content of each file, in order."""
    site, own = f"Site{version}", f"Own{version}"
    rows = [(f"module-{n}.xml", module(n, site)) for n in range(1, 7)]
    rows += [("phone.xml", phone(site)), ("users.xml", users(site))]
    rows += [(f"templates-{n}.xml", templates(n, site)) for n in range(1, 5)]
    rows += [("own-phone.xml", phone(own)), ("own-users.xml", users(own))]
    return rows + [(f"own-module-{n}.xml", module(n, own)) for n in (1, 2)]


def patches(version):
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<configuration>\n'
    return [(name, f"{head}{text}</configuration>\n") for name, text in sections(version)]


def reference():
    """The same in both versions."""
    rows = "".join(f"  <url>{name}</url>\n" for name, _ in sections(1))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<referencedSettings>\n{rows}</referencedSettings>\n'


# ---- what must come out ----

def values(document):
    """Every text and attribute by its path. Members of lists are told apart by their key, others by their place."""
    found = {}

    def walk(element, path):
        found[path] = (element.text or "").strip()
        count = {}
        for child in element:
            mark = child.get("keyNumber") or child.get("name")
            if mark is None:
                count[child.tag] = count.get(child.tag, 0) + 1
                mark = count[child.tag]
            below = f"{path}/{child.tag}[{mark}]"
            found.update({f"{below}/@{name}": value for name, value in child.items()})
            walk(child, below)

    walk(tree.fromstring(document.encode()), "")
    return found


def expected(version):
    found = values(SETTINGS)
    for _, text in patches(version):
        found.update(values(text))
    return found
