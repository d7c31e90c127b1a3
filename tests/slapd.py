"""A real directory: OpenLDAP's slapd on the loopback interface, with people in it."""

import base64
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.certificates import Authority
from tests.ports import reserved_port, wait_until_listening

SUFFIX = "dc=example,dc=net"
PEOPLE = f"ou=people,{SUFFIX}"
READER, READER_PASSWORD = f"cn=reader,{SUFFIX}", "the reader's own"
PASSWORD = "correct horse battery"
OBJECT_SID = bytes.fromhex("010500000000000515000000a065cf7e784b9b5fe77c8770f4010000")
"""S-1-5-21-2127521184-1604012920-1887927527-500, as the documentation of Active Directory has it."""
OBJECT_GUID = bytes(range(16))
SCHEMAS = Path("/etc/ldap/schema")
MODULES = Path("/usr/lib/ldap")

Value = str | bytes | tuple[str, ...]
Person = Mapping[str, Value]

MANY = 250
"""In how many groups below ``MANY_GROUPS`` jane is: more than a search without pages tells ``READER``."""
UNPAGED = 60
GROUPS, MANY_GROUPS = f"ou=groups,{SUFFIX}", f"ou=many,{SUFFIX}"
JANE = "cn=Doe\\, Jane\\+x\\=1"
PERSONS: Mapping[str, Person] = {
    "uid=ada": {"uid": "ada", "givenName": "Ada", "sn": "Lovelace", "mail": "ada@example.net", "title": "TRUE"}
    | {"memberOf": f"cn=pioneers,ou=groups,{SUFFIX}"},
    "uid=grace": {"uid": "grace", "givenName": "Grace", "sn": "Hopper", "mail": "grace@example.net"},
    "cn=twin one": {"uid": "twin", "sn": "One"},
    "cn=twin two": {"uid": "twin", "sn": "Two"},
    "uid=\\2a(\\5c)": {"uid": "*(\\)", "sn": "Star"},
    JANE: {"uid": "jane", "sn": "Doe", "mail": "jane@example.net"},
    "uid=jörg müller": {"uid": "jörg müller", "givenName": "Jörg", "sn": "Müller", "mail": "joerg@example.net"},
    "uid=binary": {"uid": "binary", "sn": "Binary", "objectSid": OBJECT_SID, "objectGUID": OBJECT_GUID},
    "uid=silent": {"uid": "silent", "sn": "Silent", "noPassword": "yes"},
}
"""By what stands before the base; each has ``PASSWORD`` but the last, who has none."""
EXTRA_SCHEMA = """
attributetype ( 1.2.840.113556.1.4.146 NAME 'objectSid' SYNTAX 1.3.6.1.4.1.1466.115.121.1.40
  EQUALITY octetStringMatch SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.2 NAME 'objectGUID' SYNTAX 1.3.6.1.4.1.1466.115.121.1.40
  EQUALITY octetStringMatch SINGLE-VALUE )
objectclass ( 1.2.840.113556.1.5.9999 NAME 'windowsLike' AUXILIARY MAY ( objectSid $ objectGUID ) )
"""
"""Two attributes of Active Directory."""


@dataclass(frozen=True)
class Slapd:
    """A directory that runs."""

    ldap: str
    ldaps: str
    log: Path

    @property
    def settings(self) -> dict[str, object]:
        """Settings of a provider for it."""
        return {
            "servers": (self.ldaps,),
            "base_dn": PEOPLE,
            "bind_dn": READER,
            "bind_password": READER_PASSWORD,
        }


@contextmanager
def running_slapd(folder: Path, authority: Authority, *, encrypts: bool = True) -> Iterator[Slapd]:
    """A directory with ``PERSONS``; without ``encrypts`` it has no certificate. Skips where there is no slapd."""
    program = shutil.which("slapd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None or not (SCHEMAS / "inetorgperson.schema").exists():
        pytest.skip("slapd is not installed: apt-get install slapd")
    folder.mkdir()
    (folder / "data").mkdir()
    authority.issue(folder / "certificate.pem", folder / "key.pem")
    (folder / "extra.schema").write_text(EXTRA_SCHEMA)
    (folder / "slapd.conf").write_text(_configuration(folder, authority, encrypts=encrypts))
    (folder / "people.ldif").write_text(_ldif())
    conf = str(folder / "slapd.conf")
    added = [program, "-T", "add", "-f", conf, "-l", str(folder / "people.ldif")]
    subprocess.run(added, check=True, capture_output=True)
    log = folder / "log"
    with reserved_port() as plain, reserved_port() as secure, log.open("wb") as output:
        urls = [f"ldap://127.0.0.1:{plain}/", *([f"ldaps://127.0.0.1:{secure}/"] if encrypts else [])]
        process = subprocess.Popen([program, "-f", conf, "-h", " ".join(urls), "-d", "stats"], stderr=output)
        try:
            for port in (plain, secure)[: len(urls)]:
                wait_until_listening(port, process, lambda: log.read_text(errors="replace"))
            yield Slapd(f"ldap://127.0.0.1:{plain}", f"ldaps://localhost:{secure}", log)
        finally:
            process.terminate()
            process.wait()


def _configuration(folder: Path, authority: Authority, *, encrypts: bool) -> str:
    schemas = "\n".join(f"include {SCHEMAS / name}.schema" for name in ("core", "cosine", "nis", "inetorgperson"))
    tls = (
        f"TLSCACertificateFile {authority.certificate}\n"
        f"TLSCertificateFile {folder / 'certificate.pem'}\n"
        f"TLSCertificateKeyFile {folder / 'key.pem'}\n"
    )
    return f"""
{schemas}
include {folder / "extra.schema"}
modulepath {MODULES}
moduleload back_mdb
moduleload memberof
pidfile {folder / "pid"}
allow bind_anon_cred bind_anon_dn
{tls if encrypts else ""}
database mdb
suffix "{SUFFIX}"
directory {folder / "data"}
maxsize 10485760
overlay memberof
limits dn.exact="{READER}" size.soft={UNPAGED} size.hard={UNPAGED} size.prtotal=unlimited
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="{READER}" read by * none
"""


def _ldif() -> str:
    kinds = ("organizationalRole", "simpleSecurityObject")
    reader: Person = {"objectClass": kinds, "cn": "reader", "userPassword": READER_PASSWORD}
    entries = [
        _entry(SUFFIX, {"objectClass": ("top", "dcObject", "organization"), "dc": "example", "o": "Example"}),
        _entry(READER, reader),
        _entry(PEOPLE, {"objectClass": "organizationalUnit", "ou": "people"}),
        *(_entry(f"{name},{PEOPLE}", _person(facts)) for name, facts in PERSONS.items()),
        *_groups(),
    ]
    return "\n".join(entries)


def _groups() -> Iterator[str]:
    for name, base in (("groups", GROUPS), ("many", MANY_GROUPS)):
        yield _entry(base, {"objectClass": "organizationalUnit", "ou": name})
    ada, grace, star, jane = (f"{name},{PEOPLE}" for name in ("uid=ada", "uid=grace", "uid=\\2a(\\5c)", JANE))
    groups: dict[str, Person] = {
        "pioneers": {"objectClass": "groupOfNames", "member": ada},
        "stars": {"objectClass": "groupOfNames", "member": (star, grace)},
        "crew": {"objectClass": "groupOfUniqueNames", "uniqueMember": (ada, grace)},
        "staff": {"objectClass": "posixGroup", "gidNumber": "1000", "memberUid": ("ada", "*(\\)")},
    }
    for name, told in groups.items():
        yield _entry(f"cn={name},{GROUPS}", {"cn": name, **told})
    for number in range(MANY):
        named = {"objectClass": "groupOfNames", "cn": f"group {number}", "member": jane}
        yield _entry(f"cn=group {number},{MANY_GROUPS}", named)


def _person(facts: Person) -> Person:
    told = {name: value for name, value in facts.items() if name != "noPassword"}
    kinds = ("inetOrgPerson", "windowsLike") if "objectSid" in told else ("inetOrgPerson",)
    secret: Person = {} if "noPassword" in facts else {"userPassword": PASSWORD}
    return {"objectClass": kinds, "cn": _common_name(told), **told, **secret}


def _common_name(facts: Person) -> tuple[str, ...]:
    names = {"twin": "twin one" if facts["sn"] == "One" else "twin two", "jane": "Doe, Jane+x=1"}
    full = " ".join(str(facts[name]) for name in ("givenName", "sn") if name in facts)
    return (names.get(str(facts["uid"]), full),)


def _entry(name: str, attributes: Person) -> str:
    lines = [f"dn:: {base64.b64encode(name.encode()).decode()}"]
    for attribute, values in attributes.items():
        for value in values if isinstance(values, tuple) else (values,):
            octets = value if isinstance(value, bytes) else value.encode()
            lines.append(f"{attribute}:: {base64.b64encode(octets).decode()}")
    return "\n".join(lines) + "\n"
