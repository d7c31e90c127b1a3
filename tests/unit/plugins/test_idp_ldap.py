"""Sign-in by a directory: the kit, and what is LDAP's own."""

import asyncio
import io
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from functools import reduce
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from sansldap import LDAPClient, LDAPMessage, LDAPResultCode, LDAPServer, PagedResultControl, SearchResultDone

from hexkeep.core.idp.settings import LdapSettings
from hexkeep.plugins.idp_ldap import LdapIdentityProviders, LdapProvider
from hexkeep.plugins.ldap_session import read_message
from hexkeep.ports.idp import (
    IdpFailed,
    IdpMalformed,
    IdpOffer,
    IdpRefused,
    IdpUnreachable,
    KnownAccount,
)
from hexkeep.testing.idp import Account, StandingClock, surroundings
from hexkeep.testing.idp_password import PASSWORD, PasswordIdpContract, PasswordMisbehaviour
from tests.fakes.directory import BASE, GROUPS, Directory, directory
from tests.slapd import OBJECT_SID as SID


class TestLdap(PasswordIdpContract):
    """The directory keeps the contract."""

    @pytest.fixture
    def offer(self) -> IdpOffer[Any]:
        """Our own."""
        (offer,) = LdapIdentityProviders().hexkeep_identity_providers()
        return offer

    @pytest.fixture
    async def upstream(self) -> AsyncIterator[Directory]:
        """A directory."""
        async with directory() as made:
            yield made

    @pytest.fixture
    def settings(self, upstream: Directory) -> Mapping[str, object]:
        """Those of that directory."""
        return upstream.settings


class TestLdapWithStartTls(PasswordIdpContract):
    """It does as well where the connection is encrypted later."""

    @pytest.fixture
    def offer(self) -> IdpOffer[Any]:
        """Our own."""
        (offer,) = LdapIdentityProviders().hexkeep_identity_providers()
        return offer

    @pytest.fixture
    async def upstream(self) -> AsyncIterator[Directory]:
        """A directory."""
        async with directory() as made:
            yield made

    @pytest.fixture
    def settings(self, upstream: Directory) -> Mapping[str, object]:
        """Those of that directory, in the other way."""
        return upstream.settings | {"servers": ("ldap://localhost",), "start_tls": True}


@pytest.fixture
async def upstream() -> AsyncIterator[Directory]:
    """A directory in which Ada is."""
    async with directory() as made:
        made.hold(Account(), PASSWORD)
        yield made


def provider(upstream: Directory, **settings: object) -> LdapProvider:
    """A provider for it with some other settings."""
    around = surroundings(upstream, StandingClock())
    return LdapProvider(LdapSettings.model_validate({**upstream.settings, **settings}), around)


async def test_next_server_is_asked_where_one_is_not_there(upstream: Directory) -> None:
    """Servers are tried in order; the first that takes part is the one."""
    upstream.dead.add("first.localhost")
    servers = ("ldaps://first.localhost", "ldaps://localhost", "ldaps://third.localhost")
    identity = await provider(upstream, servers=servers).check("ada", PASSWORD)
    assert identity.external_id == "account-1"
    assert upstream.hosts == ["first.localhost", "localhost"]


async def test_wrong_password_of_ours_is_tried_at_one_server(upstream: Directory) -> None:
    """Each server would count it, and lock the reader; the person is not told that a password was wrong."""
    servers = ("ldaps://localhost", "ldaps://localhost")
    with pytest.raises(IdpUnreachable) as failed:
        await provider(upstream, servers=servers, bind_password="wrong").check("ada", PASSWORD)
    assert failed.value.reason == "bind_dn_49"
    assert upstream.hosts == ["localhost"]


async def test_what_was_said_before_tls_counts_for_nothing(upstream: Directory) -> None:
    """Who sits in between can put messages behind the answer to StartTLS: they are in the way of the handshake."""
    client, forger = LDAPClient(), LDAPServer()
    forger.receive(client.data_to_send() if client.bind_simple("anybody", "whatever") else b"")
    forger.bind_response(1)
    upstream.injected = forger.data_to_send()
    with pytest.raises((IdpMalformed, IdpUnreachable)):
        await provider(upstream, servers=("ldap://localhost",), start_tls=True).check("ada", PASSWORD)
    assert PASSWORD not in upstream.tried


@pytest.mark.parametrize(
    ("code", "failure"),
    [
        (LDAPResultCode.INVALID_CREDENTIALS, IdpRefused),
        (LDAPResultCode.CONSTRAINT_VIOLATION, IdpRefused),
        (LDAPResultCode.UNWILLING_TO_PERFORM, IdpRefused),
        (LDAPResultCode.INAPPROPRIATE_AUTHENTICATION, IdpRefused),
        (LDAPResultCode.REFERRAL, IdpRefused),
        (LDAPResultCode.SASL_BIND_IN_PROGRESS, IdpRefused),
        (LDAPResultCode(4711), IdpRefused),
        (LDAPResultCode.BUSY, IdpUnreachable),
        (LDAPResultCode.UNAVAILABLE, IdpUnreachable),
    ],
)
async def test_success_alone_signs_in(upstream: Directory, code: LDAPResultCode, failure: type[IdpFailed]) -> None:
    """Accounts that are locked, switched off or elsewhere are refused as a wrong password is."""
    upstream.refusal = code
    with pytest.raises(failure) as failed:
        await provider(upstream).check("ada", "wrong")
    assert failed.value.reason == f"bind_{code.value}"


@pytest.mark.parametrize("password", ["\0", "\0secret", f"{PASSWORD}\0"])
async def test_password_with_a_nul_is_not_tried(upstream: Directory, password: str) -> None:
    """A directory that ends texts there would see an empty one, and let anybody be anybody."""
    with pytest.raises(IdpRefused):
        await provider(upstream).check("ada", password)
    assert not upstream.tried


async def test_one_of_several_is_nobody(upstream: Directory) -> None:
    """A directory may tell of fewer than there are, and says so: then nobody knows which one is meant."""
    upstream.hold(Account("account-2"), PASSWORD)
    upstream.limit = 1
    with pytest.raises(IdpRefused):
        await provider(upstream).check("ada", PASSWORD)


async def test_references_are_not_followed(upstream: Directory) -> None:
    """Those of Active Directory come with every answer, and lead to servers that nobody has configured."""
    upstream.references = 3
    assert (await provider(upstream).check("ada", PASSWORD)).external_id == "account-1"
    assert upstream.hosts == ["localhost"]
    upstream.references = 100
    with pytest.raises(IdpMalformed):
        await provider(upstream).check("ada", PASSWORD)


@pytest.mark.parametrize(
    "settings",
    [
        {"servers": ("ldap://localhost",)},
        {"servers": ("ldap://localhost", "ldaps://localhost")},
        {"start_tls": True},
        {"bind_password": ""},
        {"bind_dn": ""},
    ],
    ids=["plain", "one_is_plain", "twice_encrypted", "reader_without_password", "password_of_nobody"],
)
def test_settings_that_would_be_unsafe_are_none(upstream: Directory, settings: dict[str, object]) -> None:
    """There is no directory in plain, and no bind with a name alone (RFC 4513 section 5.1.2)."""
    with pytest.raises(ValidationError):
        provider(upstream, **settings)


@pytest.mark.parametrize(
    ("attribute", "value", "text"),
    [
        ("objectGUID", bytes(range(16)), "03020100-0504-0706-0809-0a0b0c0d0e0f"),
        ("objectSid", SID, "S-1-5-21-2127521184-1604012920-1887927527-500"),
        ("entryUUID", b"b7a6e9a8-0000-4000-8000-000000000000", "b7a6e9a8-0000-4000-8000-000000000000"),
        ("GUID", b"\xff\x00\x10", "ff0010"),
        ("uidNumber", b"1001", "1001"),
    ],
)
async def test_id_is_text_and_finds_its_entry(upstream: Directory, attribute: str, value: bytes, text: str) -> None:
    """Ids in octets have the form that people know of them, or hexadecimal digits; by it the entry is found again."""
    upstream.held["account-1"].attributes[attribute] = [value]
    one = provider(upstream, attributes={"id": attribute})
    identity = await one.check("ada", PASSWORD)
    assert identity.external_id == text
    assert await one.refresh(KnownAccount(identity.external_id, "")) == identity


@pytest.mark.parametrize(
    ("attribute", "values"),
    [
        ("objectGUID", [b"short"]),
        ("objectSid", [SID[:-1]]),
        ("objectSid", [b"\x01\x05\x00"]),
        ("uidNumber", [b"1", b"2"]),
        ("uidNumber", [b""]),
        ("uidNumber", [b"x" * 600]),
    ],
)
async def test_what_is_no_id_is_nobodys(upstream: Directory, attribute: str, values: list[bytes]) -> None:
    """An entry without an id, with two, or with one that cannot be one, signs nobody in."""
    upstream.held["account-1"].attributes[attribute] = values
    one = provider(upstream, attributes={"id": attribute})
    assert await one.account("ada") == ""
    with pytest.raises(IdpMalformed):
        await one.check("ada", PASSWORD)


async def test_refreshed_entry_is_the_same_or_none(upstream: Directory) -> None:
    """What is told of an account by now; one that is gone, or was never this directory's, is none."""
    one = provider(upstream)
    identity = await one.check("ada", PASSWORD)
    upstream.hold(Account(family_name="King"), PASSWORD)
    assert (await one.refresh(KnownAccount(identity.external_id, ""))).family_name == "King"
    for strange in ("another", "*", "objectGUID"):
        with pytest.raises(IdpRefused):
            await one.refresh(KnownAccount(strange, ""))
    with pytest.raises(IdpRefused):
        await provider(upstream, attributes={"id": "objectSid"}).refresh(KnownAccount(identity.external_id, ""))
    upstream.held.clear()
    with pytest.raises(IdpRefused):
        await one.refresh(KnownAccount(identity.external_id, ""))


async def test_what_is_no_text_is_not_told(upstream: Directory) -> None:
    """A picture in octets is none, and groups are names as the directory has them."""
    attributes = upstream.held["account-1"].attributes
    attributes["jpegPhoto"] = [b"\xff\xd8\xff\xe0\x00"]
    attributes["memberOf"] = [b"cn=pioneers,dc=example,dc=net", b"\x00\x01"]
    identity = await provider(upstream, attributes={"picture": "jpegPhoto"}).check("ada", PASSWORD)
    assert identity.picture == ""
    assert identity.groups == ("cn=pioneers,dc=example,dc=net",)
    assert "jpegphoto" not in identity.claims


ADA = f"entryUUID=account-1,{BASE}"


async def test_groups_are_sought_where_a_base_says_so(upstream: Directory) -> None:
    """Those that have the entry as a member, in place of what the entry tells; again when it is read anew."""
    upstream.held["account-1"].attributes["memberOf"] = [b"cn=told,dc=example,dc=net"]
    upstream.hold_group("pioneers", ADA, "cn=somebody")
    upstream.hold_group("others", "cn=somebody")
    one = provider(upstream, group_base_dn=GROUPS)
    identity = await one.check("ada", PASSWORD)
    assert identity.groups == ("pioneers",)
    assert await one.refresh(KnownAccount(identity.external_id, "")) == identity
    assert (await provider(upstream).check("ada", PASSWORD)).groups == ("cn=told,dc=example,dc=net",)


async def test_members_by_user_name(upstream: Directory) -> None:
    """RFC 2307 section 2.4: a ``posixGroup`` has no DNs."""
    attributes = {"objectClass": [b"posixGroup"], "cn": [b"staff", b"another name"], "memberUid": [b"ada"]}
    upstream.hold_group("staff")
    upstream.held["staff"].attributes.update(attributes)
    settings = {"group_base_dn": GROUPS, "group_object_classes": ["posixGroup"], "group_member_attribute": "memberUid"}
    assert (await provider(upstream, **settings).check("ada", PASSWORD)).groups == ("staff",)
    without = {**settings, "attributes": {"user_name": ""}}
    assert (await provider(upstream, **without).check("ada", PASSWORD)).groups == ()


async def test_wrong_password_has_nobodys_groups_sought(upstream: Directory) -> None:
    """Steps that follow a right password alone tell nobody more than the answer."""
    with pytest.raises(IdpRefused):
        await provider(upstream, group_base_dn=GROUPS).check("ada", "wrong")
    assert not upstream.asked


@pytest.mark.parametrize(("groups", "asked"), [(0, 300), (1, 150), (7, 29), (201, 1)])
async def test_pages_that_never_end(upstream: Directory, groups: int, asked: int) -> None:
    """Pages that are empty are too many; of pages that come again each group is one, until as many have come."""
    for number in range(groups):
        upstream.hold_group(f"group {number}", ADA)
    upstream.cookie = b"more"
    one = provider(upstream, group_base_dn=GROUPS, timeout="PT8S")
    if groups in {0, 1}:
        with pytest.raises(IdpMalformed) as failed:
            await one.check("ada", PASSWORD)
        assert failed.value.reason == "too_many"
    else:
        told = (await one.check("ada", PASSWORD)).groups
        assert told == tuple(f"group {number}" for number in range(min(groups, 200)))
    assert len(upstream.asked) == asked


async def test_cookie_comes_back_as_it_was(upstream: Directory) -> None:
    """RFC 2696 section 3; one that takes more than a place in a list does is none."""
    upstream.cookie = bytes(range(256)) * 16
    upstream.hold_group("pioneers", ADA)
    with pytest.raises(IdpFailed):
        await provider(upstream, group_base_dn=GROUPS, timeout="PT8S").check("ada", PASSWORD)
    controls = [one for search in upstream.asked[:3] for one in search.controls if isinstance(one, PagedResultControl)]
    assert [one.cookie for one in controls] == [b"", upstream.cookie, upstream.cookie]
    assert {(one.size, one.critical) for one in controls} == {(100, False)}
    upstream.cookie += b"."
    with pytest.raises(IdpMalformed) as failed:
        await provider(upstream, group_base_dn=GROUPS).check("ada", PASSWORD)
    assert failed.value.reason == "cookie"


async def test_some_of_the_groups_are_not_all(upstream: Directory) -> None:
    """Whoever had group rules would be taken out of the groups that were left out."""
    for name in ("pioneers", "others"):
        upstream.hold_group(name, ADA)
    upstream.limit = 1
    with pytest.raises(IdpUnreachable) as failed:
        await provider(upstream, group_base_dn=GROUPS).check("ada", PASSWORD)
    assert failed.value.reason == "size_limit"


@given(st.binary(max_size=60), st.booleans())
def test_no_octets_are_a_defect(body: bytes, framed: bool) -> None:  # noqa: FBT001 - as hypothesis calls it
    """Whatever a server sends, it is a message or a failure of the port."""
    octets = bytes((0x30, len(body))) + body if framed else body
    client = LDAPClient()
    client.search_request(BASE)
    stream = io.BytesIO(octets)

    async def exactly(count: int) -> bytes:
        read = stream.read(count)
        if len(read) < count:
            raise EOFError
        return read

    with suppress(IdpFailed, EOFError):
        asyncio.run(read_message(client, exactly))


def paged(*value: bytes, kind: bytes = b"1.2.840.113556.1.4.319") -> bytes:
    """A control."""
    return piece(0x30, piece(0x04, kind), *value)


def read(octets: bytes) -> LDAPMessage:
    """The message that they are, as an answer to a search."""
    client = LDAPClient()
    client.search_request(BASE)
    stream = io.BytesIO(octets)

    async def exactly(count: int) -> bytes:
        return stream.read(count)

    return asyncio.run(read_message(client, exactly))


def piece(tag: int, *inner: bytes) -> bytes:
    """A tag, a length and what is in it (X.690)."""
    content = b"".join(inner)
    return bytes((tag, 0x84)) + len(content).to_bytes(4) + content


def cookie(octets: bytes, size: bytes = b"\0") -> bytes:
    """The value of a control of RFC 2696."""
    return piece(0x04, piece(0x30, piece(0x02, size), piece(0x04, octets)))


DONE = (piece(0x0A, b"\0"), piece(0x04), piece(0x04))
LONG_NUMBER = piece(0x02, b"\x7f" * 200_000)
PAGES = piece(0x30, piece(0x04, b"1.2.840.113556.1.4.319"), piece(0x04, piece(0x30, LONG_NUMBER, piece(0x04))))
NESTED = reduce(lambda inner, _: piece(0xA2, inner), range(3000), piece(0x87, b"uid"))
SEARCH = (piece(0x04), *(piece(0x0A, b"\0") for _ in "ab"), *(piece(0x02, b"\0") for _ in "ab"), piece(0x01, b"\0"))
BOMBS = {
    "number of a message": piece(0x30, LONG_NUMBER, piece(0x65, *DONE)),
    "result code": piece(0x30, piece(0x02, b"\1"), piece(0x65, piece(0x0A, b"\x7f" * 200_000), *DONE[1:])),
    "control": piece(0x30, piece(0x02, b"\1"), piece(0x65, *DONE), piece(0xA0, PAGES)),
    "controls": piece(0x30, piece(0x02, b"\1"), piece(0x65, *DONE), piece(0xA0, *[paged(kind=b"1")] * 20_000)),
    "cookie": piece(0x30, piece(0x02, b"\1"), piece(0x65, *DONE), piece(0xA0, paged(cookie(b"x" * 200_000)))),
    "what a client says": piece(0x30, piece(0x02, b"\1"), piece(0x63, *SEARCH, NESTED, piece(0x30))),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_no_message_takes_long_to_read(bomb: str) -> None:
    """Whoever may set up a provider may run its directory, and everybody else waits meanwhile."""
    began = time.process_time()
    with suppress(IdpMalformed):
        assert isinstance(read(BOMBS[bomb]), SearchResultDone)
    assert time.process_time() - began < 1


OTHER = paged(cookie(b"other"), kind=b"1.2.3")
TRUE = b"\x01\x01\xff"


@pytest.mark.parametrize(
    ("controls", "found"),
    [
        ((), []),
        ((OTHER,), [b""]),
        ((paged(cookie(b"")),), [b""]),
        ((paged(cookie(b"next")),), [b"next"]),
        ((OTHER, paged(TRUE, cookie(b"next", b"\x7f" * 9)), OTHER), [b"next"]),
        ((paged(cookie(b"x" * 4096)),), [b"x" * 4096]),
        ((OTHER,) * 9 + (paged(cookie(b"next")),), [b"next"]),
    ],
)
def test_of_controls_the_cookie_alone_is_read(controls: tuple[bytes, ...], found: list[bytes]) -> None:
    """And of the end of a search alone: what else a server adds is not looked at."""
    behind = piece(0xA0, *controls) if controls else b""
    done = read(piece(0x30, piece(0x02, b"\1"), piece(0x65, *DONE), behind))
    assert [one.cookie for one in done.controls if isinstance(one, PagedResultControl)] == found
    assert len(done.controls) == len(found)
    entry = read(piece(0x30, piece(0x02, b"\1"), piece(0x64, piece(0x04, b"cn=a"), piece(0x30)), behind))
    assert entry.controls == []


@pytest.mark.parametrize(
    "controls",
    [
        paged(),
        paged(TRUE),
        paged(piece(0x04)),
        paged(piece(0x04, piece(0x30, piece(0x02, b"\0")))),
        paged(piece(0x04, piece(0x30, piece(0x04), piece(0x02)))),
        paged(b"\x01"),
        paged(cookie(b"x" * 4097)),
        paged(b"\x04\x7f\x30\x00"),
        OTHER * 10 + paged(cookie(b"next")),
        b"\x30",
        piece(0x04),
    ],
)
def test_page_that_has_no_end_is_malformed(controls: bytes) -> None:
    """Octets that lead out of what they are in, have no cookie, or too long a one."""
    with pytest.raises(IdpMalformed):
        read(piece(0x30, piece(0x02, b"\1"), piece(0x65, *DONE), piece(0xA0, controls)))


async def test_directory_that_talks_on_is_cut_off(upstream: Directory) -> None:
    """Entry by entry within bounds, and too much in all."""
    upstream.held["account-1"].attributes["description"] = [b"x" * 60_000] * 4
    settings = {"attributes": {"nick_name": "description"}, "timeout": "PT8S"}
    assert (await provider(upstream, **settings).check("ada", PASSWORD)).user_name == "ada"
    upstream.held["account-2"] = upstream.held["account-1"]
    upstream.misbehave(PasswordMisbehaviour.TWO_ACCOUNTS)
    with pytest.raises(IdpUnreachable) as failed:
        await provider(upstream, **settings).check("ada", PASSWORD)
    assert failed.value.reason == "too_large"


def test_directory_is_offered_where_its_library_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra there is no button that could only fail."""
    assert len(list(LdapIdentityProviders().hexkeep_identity_providers())) == 1
    monkeypatch.setattr("hexkeep.plugins.idp_ldap.find_spec", lambda _name: None)
    assert list(LdapIdentityProviders().hexkeep_identity_providers()) == []
