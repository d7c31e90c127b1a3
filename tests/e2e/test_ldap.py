"""Sign-in by a real directory: OpenLDAP over TLS, and what people try on it."""

import asyncio
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from hexkeep.adapters.outbound.client import GuardedOutbound
from hexkeep.adapters.outbound.settings import OutboundSettings
from hexkeep.core.idp.settings import LdapSettings
from hexkeep.plugins.idp_ldap import LdapProvider
from hexkeep.ports.idp import Identity, IdpFailed, IdpMalformed, IdpRefused, IdpUnreachable, KnownAccount
from hexkeep.ports.outbound import Outbound
from hexkeep.testing.idp import StandingClock, surroundings
from tests.certificates import Authority
from tests.slapd import (
    GROUPS,
    MANY_GROUPS,
    PASSWORD,
    READER,
    READER_PASSWORD,
    SUFFIX,
    UNPAGED,
    Slapd,
    running_slapd,
)

SIZE_LIMIT_EXCEEDED = 4


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Whom we trust."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def slapd(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    """One directory for all of these tests: they change nothing in it."""
    with running_slapd(tmp_path_factory.mktemp("ldap") / "slapd", authority) as running:
        yield running


@pytest.fixture
def outbound(authority: Authority) -> Outbound:
    """The way out of an operator whose directory is nearby."""
    return GuardedOutbound(OutboundSettings(private_networks=True, certificates=str(authority.certificate)))


def provider(slapd: Slapd, outbound: Outbound, **settings: object) -> LdapProvider:
    """A provider for it."""
    around = surroundings(outbound, StandingClock())
    return LdapProvider(LdapSettings.model_validate({**slapd.settings, **settings}), around)


@pytest.mark.parametrize(
    ("login_name", "family_name"),
    [
        ("ada", "Lovelace"),
        ("ADA", "Lovelace"),
        ("ada@example.net", "Lovelace"),
        ("*(\\)", "Star"),
        ("jane", "Doe"),
        ("jörg müller", "Müller"),
    ],
)
async def test_people_are_found_by_their_names(
    slapd: Slapd, outbound: Outbound, login_name: str, family_name: str
) -> None:
    """Whatever characters stand in a name or in the DN of its entry, who has the password is told."""
    one = provider(slapd, outbound, user_filters=("uid", "mail"))
    identity = await one.check(login_name, PASSWORD)
    assert identity.family_name == family_name
    assert await one.account(login_name) == identity.external_id
    with pytest.raises(IdpRefused):
        await one.check(login_name, f"{PASSWORD}.")


@pytest.mark.parametrize(
    "login_name",
    [
        *("*", "ad*", "*)(uid=*", "ada)(|(uid=*", "*)(objectClass=*", "ada\0", "\\61da", "twin", "silent", "reader"),
        *(f"uid=ada,ou=people,{SUFFIX}", "", " ", "nobody", "a" * 250),
    ],
)
async def test_no_name_is_anybody_elses(slapd: Slapd, outbound: Outbound, login_name: str) -> None:
    """Patterns, filters and names of entries are names that nobody has; of two people it is neither."""
    with pytest.raises(IdpRefused):
        await provider(slapd, outbound).check(login_name, PASSWORD)


async def test_bind_without_a_password_proves_nothing(slapd: Slapd, outbound: Outbound) -> None:
    """This directory takes such a bind, as many do (RFC 4513 section 5.1.2)."""
    for name in ("ada", "nobody", ""):
        with pytest.raises(IdpRefused):
            await provider(slapd, outbound).check(name, "")


async def test_entry_tells_who_it_is(slapd: Slapd, outbound: Outbound) -> None:
    """Groups are those of the directory; an address is verified where an attribute says so."""
    one = provider(slapd, outbound, attributes={"email_verified": "title"})
    ada = await one.check("ada", PASSWORD)
    assert (ada.user_name, ada.given_name, ada.email, ada.email_verified) == ("ada", "Ada", "ada@example.net", True)
    assert ada.groups == (f"cn=pioneers,ou=groups,{SUFFIX}",)
    assert not (await one.check("grace", PASSWORD)).email_verified
    assert await one.refresh(KnownAccount(ada.external_id, "")) == ada


UNIQUE = {"group_object_classes": ("groupOfUniqueNames",), "group_member_attribute": "uniqueMember"}
POSIX = {"group_object_classes": ("posixGroup",), "group_member_attribute": "memberUid"}


@pytest.mark.parametrize(
    ("login_name", "settings", "groups"),
    [
        ("ada", {}, ("pioneers",)),
        ("*(\\)", {}, ("stars",)),
        ("jörg müller", {}, ()),
        ("ada", UNIQUE, ("crew",)),
        ("ada", POSIX, ("staff",)),
        ("*(\\)", POSIX, ("staff",)),
        ("ada", {"group_name_attribute": "description"}, ()),
    ],
)
async def test_groups_are_those_that_have_somebody_as_a_member(
    slapd: Slapd, outbound: Outbound, login_name: str, settings: dict[str, object], groups: tuple[str, ...]
) -> None:
    """By the DN of the entry, or by the user name, whatever characters stand in it; nobody else's."""
    one = provider(slapd, outbound, group_base_dn=GROUPS, **settings)
    assert (await one.check(login_name, PASSWORD)).groups == groups


async def test_groups_come_by_pages(slapd: Slapd, outbound: Outbound, tmp_path: Path) -> None:
    """Where the server tells of fewer at once, all come that may be told: 200 of one person."""
    client = shutil.which("ldapsearch")
    if client is None:
        pytest.skip("ldapsearch is not installed: apt-get install ldap-utils")
    secret = tmp_path / "password"
    secret.write_text(READER_PASSWORD)
    who = ["-x", "-H", slapd.ldaps, "-D", READER, "-y", str(secret)]
    asked = [client, *who, "-LLL", "-b", MANY_GROUPS, "(cn=*)", "cn"]
    trust = {"LDAPTLS_REQCERT": "never"}  # it takes the machine's own name for localhost
    at_once = await asyncio.to_thread(subprocess.run, asked, env=trust, capture_output=True, text=True, check=False)
    assert (at_once.returncode, at_once.stdout.count("dn: ")) == (SIZE_LIMIT_EXCEEDED, UNPAGED)
    jane = await provider(slapd, outbound, group_base_dn=MANY_GROUPS).check("jane", PASSWORD)
    assert len(set(jane.groups)) == 200
    assert {name.rstrip("0123456789") for name in jane.groups} == {"group "}


@pytest.mark.parametrize(
    ("attribute", "external_id"),
    [
        ("objectSid", "S-1-5-21-2127521184-1604012920-1887927527-500"),
        ("objectGUID", "03020100-0504-0706-0809-0a0b0c0d0e0f"),
    ],
)
async def test_ids_in_octets_are_texts(slapd: Slapd, outbound: Outbound, attribute: str, external_id: str) -> None:
    """As of Active Directory; the entry is found again by what became of them."""
    one = provider(slapd, outbound, attributes={"id": attribute})
    identity = await one.check("binary", PASSWORD)
    assert identity.external_id == external_id
    assert await one.refresh(KnownAccount(identity.external_id, "")) == identity


async def test_connection_is_encrypted_by_start_tls(slapd: Slapd, outbound: Outbound) -> None:
    """Then the plain port will do, and sees no password."""
    identity = await provider(slapd, outbound, servers=(slapd.ldap,), start_tls=True).check("ada", PASSWORD)
    assert identity.family_name == "Lovelace"
    bound = [line for line in slapd.log.read_text().splitlines() if "mech=SIMPLE" in line]
    assert bound
    assert [line for line in bound if "ssf=256" not in line] == []


@pytest.mark.parametrize("start_tls", [True, False])
async def test_server_that_does_not_encrypt_gets_no_password(
    authority: Authority, outbound: Outbound, tmp_path_factory: pytest.TempPathFactory, *, start_tls: bool
) -> None:
    """Neither where it says so, nor where it has no idea what TLS is: nobody is bound there."""
    with running_slapd(tmp_path_factory.mktemp("plain") / "slapd", authority, encrypts=False) as plain:
        servers = (plain.ldap if start_tls else plain.ldap.replace("ldap:", "ldaps:"),)
        with pytest.raises(IdpFailed) as failed:
            await provider(plain, outbound, servers=servers, start_tls=start_tls).check("ada", PASSWORD)
        assert isinstance(failed.value, IdpMalformed | IdpUnreachable)
        assert "BIND" not in plain.log.read_text()


async def test_certificate_is_verified(slapd: Slapd) -> None:
    """Whom the machine does not trust, and whom the operator has not named, is no directory of ours."""
    outbound = GuardedOutbound(OutboundSettings(private_networks=True))
    with pytest.raises(IdpMalformed) as failed:
        await provider(slapd, outbound).check("ada", PASSWORD)
    assert failed.value.reason == "certificate"


async def test_certificate_is_that_of_the_name(slapd: Slapd, outbound: Outbound) -> None:
    """A certificate for another host proves nothing."""
    servers = (slapd.ldaps.replace("localhost", "other.localhost"),)
    with pytest.raises(IdpMalformed):
        await provider(slapd, outbound, servers=servers).check("ada", PASSWORD)


async def test_private_address_needs_the_operators_word(slapd: Slapd, authority: Authority) -> None:
    """Who sets up a provider of an organization cannot look around in the operator's own network."""
    outbound = GuardedOutbound(OutboundSettings(certificates=str(authority.certificate)))
    with pytest.raises(IdpUnreachable) as failed:
        await provider(slapd, outbound).check("ada", PASSWORD)
    assert failed.value.reason == "forbidden_address"


@pytest.mark.parametrize(
    ("settings", "failure", "reason"),
    [
        ({"bind_password": "wrong"}, IdpUnreachable, "bind_dn_49"),
        ({"bind_dn": "", "bind_password": ""}, IdpMalformed, "base_dn"),
        ({"base_dn": "ou=nowhere,dc=example,dc=net"}, IdpMalformed, "base_dn"),
        ({"base_dn": "no name at all"}, IdpMalformed, "base_dn"),
        ({"group_base_dn": "ou=nowhere,dc=example,dc=net"}, IdpMalformed, "group_base_dn"),
        ({"user_object_classes": ("posixAccount",)}, IdpRefused, "no_entry"),
        ({"attributes": {"id": "employeeNumber"}}, IdpMalformed, "id"),
    ],
    ids=["reader", "nobody_reads", "base", "malformed_base", "groups", "class", "id"],
)
async def test_operator_reads_what_is_wrong_with_the_settings(
    slapd: Slapd, outbound: Outbound, settings: dict[str, object], failure: type[IdpFailed], reason: str
) -> None:
    """One word in the log says where to look; people are told none of it."""
    with pytest.raises(failure) as failed:
        await provider(slapd, outbound, **settings).check("ada", PASSWORD)
    assert failed.value.reason == reason


async def test_directory_that_is_not_there_is_passed_over(slapd: Slapd, outbound: Outbound) -> None:
    """The next server is asked; where there is none, nobody answers."""
    gone = "ldaps://127.0.0.1:9"
    found: Identity = await provider(slapd, outbound, servers=(gone, slapd.ldaps)).check("ada", PASSWORD)
    assert found.user_name == "ada"
    with pytest.raises(IdpUnreachable):
        await provider(slapd, outbound, servers=(gone,)).check("ada", PASSWORD)
